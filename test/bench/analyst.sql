--
-- analyst: an analyst's questions, each of the whole book, against a plain sum over the facts they stand on.
--
-- The limits are those times for 20,000 accounts and 2,000 agreements that an analyst does not wait for (half a second
-- to eight), divided by what the sum takes for as many; and thirty seconds for a scheme of a million accounts.
--
-- Must not know: how the accounts and agreements were loaded.
--

\set by_agreement 'SELECT e.agreement_id, sum(e.amount) FROM care.agreement_entry AS e GROUP BY e.agreement_id'
\set by_account 'SELECT b.account_id, sum(b.weekly_cost) FROM care.budget AS b GROUP BY b.account_id HAVING sum(b.weekly_cost) < 0'

CALL bench.compare('limits', 'owed by age band / sum BY agreement', $$
    SELECT p.authority, b.age_band, count(*), sum(p.balance)
    FROM care.agreement_position('2025-03-31') AS p JOIN care.agreement AS a ON a.agreement_id = p.agreement_id
        JOIN care.age_band AS b ON b.person_id = a.person_id AND b.as_at = '2025-03-31'
    GROUP BY p.authority, b.age_band $$, :'by_agreement', at_most => 3, repetitions => 3);
CALL bench.compare('limits', 'interest of a year / sum BY agreement', $$
    SELECT i.from_day, i.rate, count(*), sum(i.interest) FROM care.interest_by_period('2024-04-01', '2025-03-31') AS i
    GROUP BY i.from_day, i.rate $$, :'by_agreement', at_most => 6, repetitions => 3);
CALL bench.compare('limits', 'interest forgone / sum BY agreement', $$
    SELECT f.authority, sum(f.forgone) FROM care.interest_forgone('2025-03-31') AS f GROUP BY f.authority $$,
    :'by_agreement', at_most => 6, repetitions => 3);
CALL bench.compare('limits', 'a point on the rates / sum BY agreement', $$
    SELECT count(*), sum(p.projected_balance), min(p.limit_reached_on)
    FROM care.book_projection('2025-03-31', '2026-03-31', 1) AS p $$, :'by_agreement', at_most => 12, repetitions => 3);
CALL bench.compare('limits', 'security used / sum BY agreement', $$
    SELECT p.reference, p.percent_of_security, p.valued_on FROM care.agreement_position('2025-03-31') AS p
    WHERE p.percent_of_security > 70 OR p.valued_on < date '2023-03-31' $$, :'by_agreement', at_most => 3, repetitions => 3);
-- eight days of the book, each a sum of its own
CALL bench.compare('limits', 'a day of the book / sum BY agreement',
    $$SELECT * FROM care.book_curve(NULL, '2018-03-31', '2025-03-31', '1 year')$$, :'by_agreement', at_most => 1.3,
    a_share => 8, repetitions => 3);
CALL bench.compare('limits', 'cap within a year / sum BY account',
    $$SELECT count(*), sum(p.accrued) FROM care.approaching_cap('2025-03-31') AS p$$, :'by_account', at_most => 0.5,
    repetitions => 3);
CALL bench.compare('limits', 'accounts by progress / sum BY account',
    $$SELECT * FROM care.accounts_by_progress('2025-03-31')$$, :'by_account', at_most => 1, repetitions => 3);
CALL bench.compare('limits', 'cost after the cap, 60 months / sum',
    $$SELECT * FROM care.cost_after_cap_by_month('2025-03-31')$$, :'by_account', at_most => 15, repetitions => 1);
-- Once, and on disk where it does not fit: all accounts at once are more than the memory of the other comparisons.
INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
SELECT 'limits', 'another scheme, ten years / sum BY account', 9, 1, 1 RETURNING number \gset
CALL bench.measure(:number, 'A', $$SELECT * FROM care.scheme_model('2022', '2015', '2023-10-01', 10)$$);
CALL bench.measure(:number, 'B', :'by_account');

-- One adjustment of a hundred accounts each.
CALL bench.load('adjustments', $$
    INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by)
    SELECT a.account_id, a.counting_from + (a.account_id % 700)::integer, 100 + a.account_id % 900,
           CASE WHEN a.account_id % 3 = 0 THEN 'brought_forward' ELSE 'error_corrected' END, 'benchmark'
    FROM care.account AS a WHERE a.account_id % 100 = 0 ORDER BY a.account_id $$);
ANALYZE care.adjustment;
CALL bench.compare('limits', 'adjustments by reason / sum BY reason', $$
    SELECT j.authority, j.reason, count(*), sum(j.amount) FROM care.adjustment_in_force AS j
    WHERE j.effective_on BETWEEN '2024-04-01' AND '2025-03-31' GROUP BY j.authority, j.reason $$,
    $$SELECT j.reason, sum(j.amount) FROM care.adjustment AS j GROUP BY j.reason$$, at_most => 40, repetitions => 3);
