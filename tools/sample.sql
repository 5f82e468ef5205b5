-- What tools/demo --keep leaves: 2,000 accounts and 200 agreements of two made-up councils, with a few years behind
-- them, up to yesterday (or the last day whose interest rate is known).  psql runs it in an empty database.  The
-- numbers are drawn, the same each time; they say nothing about any place.
\set ON_ERROR_STOP on
\set QUIET 1
\o /dev/null
SET client_min_messages = warning;
SET jit = off;
CREATE EXTENSION care_account;
SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'a sample')) FROM care.national_rate_to_confirm AS r;
SELECT least(care.today() - 1, (SELECT max(r.valid_to) FROM care.national_rate_in_force AS r)) AS yesterday \gset
-- a number from 0 to under 1, the same each time
CREATE FUNCTION pg_temp.share(n bigint, what text) RETURNS numeric LANGUAGE sql IMMUTABLE
    RETURN care_internal.made_up_share(7, n::integer, what);

-- Accounts under the plan of 2022, as if it had begun to count.
SELECT care.make_up_accounts('E10000016', '2022', 1200, '2023-10-01', '2026-03-31', care_home_cost => 1150, home_cost => 420),
       care.make_up_accounts('E10000011', '2022', 800, '2023-10-01', '2026-03-31', care_home_cost => 1250, home_cost => 460, seed => 2);
-- some move into a care home; fees go up each April; some budgets are put right
SELECT care.record_budget(a.account_id, a.counting_from + 250 + (5000 * pg_temp.share(a.account_id, 'moves'))::integer, 'independent_personal_budget', 'care_home',
                          1000 + round(400 * pg_temp.share(a.account_id, 'home'), 2))
FROM care.account AS a WHERE pg_temp.share(a.account_id, 'moves') < 0.06;
SELECT care.record_budget(b.account_id, '2024-04-01', b.kind, b.setting, round(b.weekly_cost * 1.045, 2), round(b.weekly_charge * 1.03, 2))
FROM care.budget_in_force AS b
WHERE b.valid_from < '2024-04-01' AND (b.valid_to >= '2024-04-01' OR b.valid_to IS NULL) AND pg_temp.share(b.account_id, '2024') < 0.8;
SELECT care.record_budget(b.account_id, '2025-04-01', b.kind, b.setting, round(b.weekly_cost * 1.05, 2), round(b.weekly_charge * 1.04, 2))
FROM care.budget_in_force AS b
WHERE b.valid_from < '2025-04-01' AND (b.valid_to >= '2025-04-01' OR b.valid_to IS NULL) AND pg_temp.share(b.account_id, '2025') < 0.8;
SELECT care.record_budget(b.account_id, b.valid_from, b.kind, b.setting, b.weekly_cost - 20, b.weekly_charge, supersedes => b.budget_id)
FROM care.budget_in_force AS b WHERE pg_temp.share(b.budget_id, 'wrong') < 0.02;
SELECT care.record_adjustment(a.account_id, a.counting_from + 30, round(500 + 8000 * pg_temp.share(a.account_id, 'amount'), 2),
                              CASE WHEN pg_temp.share(a.account_id, 'why') < 0.6 THEN 'brought_forward' ELSE 'error_corrected' END, 'Head of finance')
FROM care.account AS a WHERE pg_temp.share(a.account_id, 'adjusted') < 0.08;
SELECT care.record_death(p.reference, d.died_on, d.died_on + 9, p.authority)
FROM care.person AS p, LATERAL (SELECT date '2024-01-01' + (800 * pg_temp.share(p.person_id, 'day'))::integer) AS d (died_on)
WHERE pg_temp.share(p.person_id, 'death') < 0.12 AND d.died_on + 9 <= :'yesterday';
SELECT care.record_consent(p.reference, 'email', '2024-01-15', 'form', p.authority) FROM care.person AS p WHERE pg_temp.share(p.person_id, 'email') < 0.15;

-- Agreements: one council at the national maximum, the other at a rate of its own.
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'at the national maximum'),
       care.record_interest_policy('E10000011', '2015-04-01', 2.00, 'cabinet decision'),
       care.record_setting('E10000016', 'billing_cycle', 'four_weekly', '2015-04-01'),
       care.record_setting('E10000011', 'billing_cycle', 'monthly', '2015-04-01'),
       care.record_fee_tariff('E10000016', 'setting up', '2015-04-01', 'one_off', 650, 'charges'),
       care.record_fee_tariff('E10000016', 'each year', '2015-04-01', 'yearly', 60, 'charges'),
       care.record_fee_tariff('E10000011', 'setting up', '2015-04-01', 'one_off', 780, 'charges');
CREATE TEMP TABLE made_up AS
SELECT n, CASE WHEN n % 5 < 3 THEN 'E10000016' ELSE 'E10000011' END AS authority, 'DPA-' || 1000 + n AS reference,
       date '2021-01-04' + 7 * floor(210 * pg_temp.share(n, 'signed'))::integer AS signed_on FROM generate_series(1, 200) AS n;
SELECT care.open_agreement(m.authority, m.reference, 'MADE UP DPA ' || m.n, m.signed_on, m.signed_on,
                           date '1928-01-01' + (6500 * pg_temp.share(m.n, 'born'))::integer) FROM made_up AS m;
CREATE TEMP TABLE made_up_agreement AS SELECT m.*, a.agreement_id AS id FROM made_up AS m JOIN care.agreement AS a ON a.reference = m.reference;
SELECT care.record_valuation(id, signed_on, 1000 * round(140 + 260 * pg_temp.share(n, 'value')), CASE WHEN n % 7 = 0 THEN 0.5 ELSE 1 END, kind => 'professional'),
       care.record_charge(id, signed_on, 'setting up'),
       care.record_deferral(id, signed_on, 700 + round(500 * pg_temp.share(n, 'cost')), 160 + round(200 * pg_temp.share(n, 'income')))
FROM made_up_agreement;
SELECT care.record_valuation(id, signed_on + 1100, 1000 * round(150 + 280 * pg_temp.share(n, 'value')), CASE WHEN n % 7 = 0 THEN 0.5 ELSE 1 END, kind => 'desktop')
FROM made_up_agreement WHERE n % 3 = 0 AND signed_on + 1100 < :'yesterday';
-- some of the older ones have ended: the home is sold, and all is repaid
SELECT care.stop_deferring(id, '2024-07-01', 'the home is sold') FROM made_up_agreement WHERE signed_on < '2022-06-01' AND n % 2 = 0;
CALL care.post_due_deferrals('2024-08-04');
SELECT care.record_payment(id, '2022-09-12', 1500 + n * 10, 'from savings') FROM made_up_agreement WHERE n % 6 = 1 AND signed_on < '2022-03-01';
SELECT care.record_payment(id, '2024-08-05', care.redemption_figure(id, '2024-08-05'), 'from the sale')
FROM made_up_agreement WHERE signed_on < '2022-06-01' AND n % 2 = 0;
SELECT care.release_charge(id, '2024-08-26') FROM made_up_agreement WHERE signed_on < '2022-06-01' AND n % 4 = 0;
CALL care.post_due_deferrals(:'yesterday');

-- Statements, year by year.
CALL care.issue_due_statements('2024-12-31');
CALL care.issue_due_statements('2025-12-31');
CALL care.issue_due_agreement_statements('2024-12-31');
CALL care.issue_due_agreement_statements('2025-12-31');
SELECT CASE s.class WHEN 'account' THEN care.record_sent(s.record_id, s.statement_id, 'post', s.issued_on)
                    ELSE care.record_agreement_sent(s.record_id, s.statement_id, 'post', s.issued_on) END
FROM care.statement_to_send AS s WHERE s.record_id % 10 > 0;
SELECT care.record_event(n.account_id, n.cap_reached_on + 14, 'cap_notice_given') FROM care.cap_notice_due(:'yesterday'::date - 60) AS n WHERE n.account_id % 5 > 0;
ANALYZE;
