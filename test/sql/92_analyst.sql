--
-- 92_analyst: an analyst's questions, each against the same worked out another way.  In a transaction, rolled back.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
BEGIN;
SELECT care.make_up_accounts('E10000016', '2022', 150, '2023-10-01', '2025-09-30', care_home_cost => 1500) + care.make_up_accounts('E10000011', '2015', 60, '2023-10-01', '2024-09-30', seed => 2);

-- Who is approaching, how many are how far: the positions, in bands that leave nobody out.
SELECT (SELECT count(*) FROM care.approaching_cap('2025-12-31')) AS within_a_year,
       (SELECT count(*) FROM care.account_position('2025-12-31') AS p WHERE p.projected_cap_on BETWEEN '2026-01-01' AND '2026-12-31') AS counted,
       (SELECT max(days_left) FROM care.approaching_cap('2025-12-31', '30 days')) <= 30 AS within_30,
       (SELECT bool_and((a.scheme, a.accrued, a.percent_of_cap) = (p.scheme, p.accrued, p.percent_of_cap)) FROM care.approaching_cap('2025-12-31') AS a JOIN care.account_position('2025-12-31') AS p USING (account_id)) AS same;
SELECT * FROM care.accounts_by_progress('2025-12-31') ORDER BY authority, scheme, band_order;
SELECT sum(b.accounts) = (SELECT count(*) FROM care.account), sum(b.accrued) = (SELECT sum(accrued) FROM care.account_position('2025-12-31')) FROM care.accounts_by_progress('2025-12-31') AS b;
-- each view is the function of today
SELECT r.name, query_to_xml(format('SELECT count(*) AS n FROM ((SELECT * FROM care.%1$s EXCEPT ALL SELECT * FROM care.%1$s(%2$s)) UNION ALL (SELECT * FROM care.%1$s(%2$s) EXCEPT ALL SELECT * FROM care.%1$s)) AS x', r.name,
                                   'care.today()' || r.more), false, true, '')::text LIKE '%<n>0</n>%' AS same
FROM (VALUES ('accounts_by_progress', ''), ('approaching_cap', ', ''18 months'''), ('cap_notice_due', ''), ('cap_reached_by_month', ''), ('cost_after_cap', ''), ('cost_after_cap_by_month', ''),
             ('metered_rate_by_setting', '')) AS r (name, more) ORDER BY 1;
-- no view has another name for the day of the cap
SELECT attrelid::regclass, attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid AND c.relkind = 'v' AND c.relnamespace = 'care'::regnamespace
WHERE attname ~ 'cap' AND atttypid = 'date'::regtype AND attname NOT IN ('cap_reached_on', 'projected_cap_on');
SELECT * FROM care.metered_rate_by_setting('2024-06-30') ORDER BY 1, 2, 3;

-- By month, empty months too.
SELECT authority, count(*), min(month), max(month), count(*) FILTER (WHERE accounts = 0) > 0 AS some_empty, sum(accounts) = (SELECT count(*) FROM care.account AS a WHERE a.authority = r.authority AND a.cap_on > '2025-12-31' AND a.cap_on < '2030-12-01') AS all_there
FROM care.cap_reached_by_month('2025-12-31') AS r GROUP BY authority ORDER BY 1;
-- what it costs after the cap, day by day
SELECT bool_and(m.cost = d.cost AND m.accounts = d.accounts), count(*), sum(m.cost) > 0, min(m.accounts)
FROM care.cost_after_cap_by_month('2024-01-15', 2) AS m,
    LATERAL (SELECT coalesce(sum(round(x.week / 7, 2)), 0) AS cost, count(x.account_id) AS accounts
             FROM (SELECT a.account_id, sum(greatest(care.value_on(a.weekly_cost, n::date) - care.value_on(a.daily_living_cost, n::date), 0)) AS week
                   FROM care.account AS a, generate_series(greatest(a.cap_on + 1, m.month)::timestamp, (m.month + interval '1 month')::date - 1, '1 day') AS n
                   WHERE a.authority = m.authority AND a.scheme = m.scheme AND a.cap_on IS NOT NULL GROUP BY 1) AS x) AS d;
-- the day after the cap is the first that costs: cap reached on the last day but one of a month, and on the last
SELECT count(care.open_account('E06000001', 'L' || n, 'L' || n, NULL, '2022', date '2024-06-30' - 171 - n)) FROM generate_series(0, 1) AS n;
SELECT count(care.record_budget(account_id, counting_from, 'independent_personal_budget', 'community', 3500)) FROM care.account WHERE authority = 'E06000001';
SELECT reference, cap_on FROM care.account WHERE authority = 'E06000001' ORDER BY 1;
SELECT month, accounts, cost FROM care.cost_after_cap_by_month('2024-06-01', 1) WHERE authority = 'E06000001' AND month < '2024-08-01' ORDER BY 1;
SELECT care_test.refused(format('SELECT count(*) FROM care.%s', f.call)) FROM unnest('{"cost_after_cap_by_month(''2024-01-01'', 0)","cap_reached_by_month(''2024-01-01'', 101)","cap_reached_by_month(NULL)","approaching_cap(NULL)","accounts_by_progress(''infinity'')","cap_reached_by_month(''9900-01-01'')"}'::text[]) AS f (call);

-- of a day: those who had reached it before, at their cost of that day
SELECT bool_and(c.weekly_cost = d.cost AND c.accounts = d.accounts), count(*)
FROM care.cost_after_cap('2025-03-31') AS c,
    LATERAL (SELECT sum(p.weekly_cost - p.daily_living_cost) AS cost, count(*) AS accounts FROM care.account_position('2025-03-31') AS p
             WHERE p.authority = c.authority AND p.scheme = c.scheme AND p.cap_reached_on < '2025-03-31') AS d;
SELECT d, (SELECT count(*) FROM care.cost_after_cap(d) AS c WHERE c.authority = 'E06000001') FROM unnest('{2024-06-28,2024-06-29,2024-06-30}'::date[]) AS d;
SELECT d, (SELECT array_agg(n.reference ORDER BY 1) FROM care.cap_notice_due(d) AS n WHERE n.authority = 'E06000001') FROM unnest('{2024-06-27,2024-06-28,2024-06-29,2024-06-30}'::date[]) AS d;
-- until they are told, as at the day
SELECT care.record_event(account_id, '2024-07-05', 'cap_notice_given') > 0 AS told FROM care.account WHERE authority = 'E06000001' AND reference = 'L0';
SELECT d, (SELECT array_agg(n.reference ORDER BY 1) FROM care.cap_notice_due(d) AS n WHERE n.authority = 'E06000001') FROM unnest('{2024-07-04,2024-07-05}'::date[]) AS d;
SELECT care_test.refused(format('SELECT count(*) FROM care.%s', f.call)) FROM unnest('{"cost_after_cap(NULL)","cap_notice_due(''infinity'')"}'::text[]) AS f (call);

-- Age bands, on the last day before a birthday and on it; of what was recorded last.
SELECT count(care.record_person('E06000002', r.reference, r.born)) FROM (VALUES ('b18', date '2006-04-01'), ('b18x', '2006-03-31'), ('b65', '1959-03-31'), ('b64', '1959-04-01'), ('b75', '1949-03-31'), ('b85', '1939-03-31'), ('leap', '1940-02-29'), ('none', NULL)) AS r (reference, born);
SELECT p.reference, b.age_band FROM care.age_band AS b JOIN care.person AS p USING (person_id) WHERE b.as_at = '2024-03-31' AND b.authority = 'E06000002' ORDER BY 1;
SELECT care.record_person('E06000002', 'b64', '1939-01-01') IS NOT NULL;
SELECT b.age_band FROM care.age_band AS b JOIN care.person AS p USING (person_id) WHERE b.as_at = '2024-03-31' AND p.reference = 'b64';
SELECT count(*) FROM care.age_band WHERE as_at = '2024-04-01';
SELECT attname FROM pg_attribute WHERE attrelid = 'care.age_band'::regclass AND attnum > 0;

-- Agreements: some that are paid, one signed in the period, one without a rate; a rate of its own authority that changes on another day.
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'test'), care.record_interest_policy('E10000011', '2015-04-01', 2.00, 'test'), care.record_interest_policy('E10000011', '2023-05-10', 2.50, 'test');
SELECT count(care.open_agreement(CASE WHEN n % 2 = 0 THEN 'E10000016' ELSE 'E10000011' END, 'D' || n, 'D' || n, date '2022-01-01' + 97 * n, date '2022-01-01' + 97 * n)) FROM generate_series(1, 6) AS n;
SELECT count(care.record_valuation(a.agreement_id, a.signed_on, 150000 + substr(a.reference, 2)::int * 10, 0.5)) FROM care.agreement AS a;
SELECT count(care.defer(a.agreement_id, a.signed_on + 10 * w, 'care_fees', 500 + w)) FROM care.agreement AS a, generate_series(1, 20) AS w;
SELECT count(care.record_payment(a.agreement_id, '2023-09-15', 1000.55)) FROM care.agreement AS a WHERE a.reference IN ('D1', 'D4');
SELECT reference, from_day, to_day, rate, interest, missing FROM care.interest_by_period('2023-04-01', '2024-03-31') WHERE reference IN ('D1', 'D2', 'D6') ORDER BY 1, 2;
-- it is the working of each, and adds up to the positions
SELECT bool_and(i.interest = (SELECT sum(w.interest) FROM care.interest_working(i.agreement_id, '2023-04-01', '2024-03-31') AS w)), bool_and(i.interest = e.interest - coalesce(b.interest, 0)), count(*)
FROM (SELECT agreement_id, sum(interest) AS interest FROM care.interest_by_period('2023-04-01', '2024-03-31') GROUP BY 1) AS i
    JOIN care.agreement_position('2024-03-31') AS e USING (agreement_id) LEFT JOIN care.agreement_position('2023-03-31') AS b USING (agreement_id);
SELECT reference, from_day, to_day, rate, interest, missing FROM care.interest_by_period('2026-12-01', '2027-03-31') WHERE reference = 'D2' ORDER BY 2;
SELECT care_test.refused(format('SELECT count(*) FROM care.interest_by_period(%s)', f.given)) FROM unnest('{"''2024-01-02'', ''2024-01-01''","NULL, ''2024-01-01''","''2024-01-01'', ''infinity''"}'::text[]) AS f (given);
-- the security
SELECT s.reference, s.balance, s.percent_of_security, s.valued_on FROM care.agreement_position('2024-03-31') AS s ORDER BY 1 LIMIT 2;
SELECT bool_and(s.percent_of_security = round(100 * s.balance / (v.amount * v.share), 2) AND s.valued_on = v.valued_on), count(*)
FROM care.agreement_position('2024-03-31') AS s JOIN care.valuation AS v USING (agreement_id);
SELECT care.record_valuation(agreement_id, '2024-02-01', 99000, 0.5) IS NOT NULL FROM care.agreement WHERE reference = 'D1';
SELECT as_at, property_value, valued_on FROM care.agreement AS a, unnest('{2024-01-31,2024-02-01}'::date[]) AS d, care.agreement_position(d) AS s WHERE a.agreement_id = s.agreement_id AND a.reference = 'D1' ORDER BY 1;
-- What a rate of its own costs an authority: at the maximum nothing; else what the same entries would have borne.
SELECT f.reference, f.interest, f.interest_at_maximum, f.forgone FROM care.interest_forgone('2024-03-31') AS f ORDER BY 1;
SELECT bool_and(f.interest = p.interest), bool_and(f.interest_at_maximum = (SELECT care.balance(e.amount, e.on_day, care.national_max_rates(), 'act/act', 'daily', f.as_at) - sum(e.amount)
                                           FROM care.agreement_entry AS e WHERE e.agreement_id = f.agreement_id AND e.on_day <= f.as_at)), count(*) FILTER (WHERE f.forgone > 0)
FROM care.interest_forgone('2024-03-31') AS f JOIN care.agreement_position('2024-03-31') AS p USING (agreement_id);
-- paid off on a day: what would have repaid it at the maximum, less what did; the same ever after
SELECT agreement_id AS d3 FROM care.agreement WHERE reference = 'D3' \gset
SELECT care.redemption_figure(:d3, '2023-12-01') AS figure \gset
SELECT care.balance(e.amount, e.on_day, care.national_max_rates(), 'act/act', 'daily', '2023-11-30') - :figure AS more FROM care.agreement_entry AS e WHERE e.agreement_id = :d3 \gset
SELECT care.record_payment(:d3, '2023-12-01', :figure) > 0 AS paid, :more > 0 AS more;
SELECT d, (SELECT f.forgone = :more FROM care.interest_forgone(d) AS f WHERE f.agreement_id = :d3) FROM unnest('{2023-11-30,2023-12-01,2025-12-31}'::date[]) AS d;
-- where the maximum is not known; and where the rate that is charged is not, too
SELECT care.record_interest_policy('E06000003', '2015-04-01', 0, 'none'), care.open_agreement('E06000003', 'free', 'free', '2024-01-01', '2024-01-01') AS free \gset
SELECT care.record_valuation(:free, '2024-01-01', 150000), care.defer(:free, '2024-01-08', 'care_fees', 5000) \g /dev/null
SELECT f.reference, f.interest, f.interest_at_maximum, f.forgone, f.missing FROM care.interest_forgone('2027-03-31') AS f WHERE f.reference IN ('free', 'D1') ORDER BY 1;
SELECT f.interest, f.interest_at_maximum FROM care.interest_forgone('2024-06-30') AS f WHERE f.reference = 'free';
SELECT care_test.refused('SELECT count(*) FROM care.interest_forgone(NULL)');

-- A point on the rates for all at once: what is said of each alone, and the days around the limit; one that bears no interest stays so.
SELECT care.open_agreement('E10000016', 'unborne', 'unborne', '2024-01-01', '2024-01-01', interest_from => 'infinity') AS unborne \gset
SELECT care.record_valuation(:unborne, '2024-01-01', 150000), care.defer(:unborne, '2024-01-08', 'care_fees', 5000) \g /dev/null
SELECT care.record_deferral(a.agreement_id, '2024-02-05', 900, 200) > 0 AS weekly FROM care.agreement AS a WHERE a.reference = 'D4';
SELECT p.reference, p.balance, p.weekly_amount, p.rate, p.projected_balance, p.equity_limit, p.limit_reached_on FROM care.book_projection('2024-03-31', '2026-03-31', 1) AS p ORDER BY 1;
SELECT count(*), bool_and((p.balance, p.weekly_amount, p.equity_limit) = (e.balance, e.weekly_amount, e.equity_limit)), bool_and(p.limit_reached_on IS NOT DISTINCT FROM e.limit_reached_on),
       count(e.limit_reached_on) > 0 AS some
FROM (VALUES (0, 0, 0), (1, 0, 0), (-1, 10, 60), (0.25, -50, 0)) AS v (points, percent, charges),
    LATERAL care.book_projection('2024-03-31', '2030-03-31', v.points, v.percent, v.charges) AS p,
    LATERAL care.equity_projection(p.agreement_id, '2024-03-31', CASE WHEN p.balance = 0 THEN 0 ELSE v.charges END, v.points, v.percent) AS e;
SELECT bool_and(l.projected_balance >= l.equity_limit), bool_and(b.projected_balance < b.equity_limit), count(*)
FROM care.book_projection('2024-03-31', '2024-04-30', 1, -50, 60) AS p, LATERAL care.book_projection('2024-03-31', p.limit_reached_on, 1, -50, 60) AS l, LATERAL care.book_projection('2024-03-31', p.limit_reached_on - 1, 1, -50, 60) AS b
WHERE p.limit_reached_on > '2024-04-01' AND l.agreement_id = p.agreement_id AND b.agreement_id = p.agreement_id;
-- nothing changed: the position of the later day, where nothing is added
SELECT bool_and(p.projected_balance = q.balance), count(*) FROM care.book_projection('2024-03-31', '2025-03-31') AS p JOIN care.agreement_position('2025-03-31') AS q USING (agreement_id) WHERE p.weekly_amount = 0;
SELECT p.reference, points, p.rate, p.limit_reached_on, p.projected_balance FROM unnest('{0,1}'::numeric[]) AS points, care.book_projection('2024-03-31', '2030-03-31', points, -75) AS p WHERE p.reference IN ('free', 'unborne') ORDER BY 1, 2;
SELECT reference, balance, projected_balance, limit_reached_on, missing FROM care.book_projection('2027-03-31', '2027-04-30') WHERE reference IN ('D3', 'D4', 'free') ORDER BY 1;
SELECT care_test.refused(format('SELECT count(*) FROM care.book_projection(%s)', f.given)) FROM unnest('{"NULL, ''2025-01-01''","''2024-01-01'', ''2023-12-31''","''2024-01-01'', ''2124-03-18''","''2024-01-01'', NULL","''2024-01-01'', ''2025-01-01'', NULL","''2024-01-01'', ''2025-01-01'', 1, -100","''2024-01-01'', ''2025-01-01'', 1, 1, -1"}'::text[]) AS f (given);
SELECT count(*), (SELECT bool_and(projected_balance = balance) FROM care.book_projection('2024-01-01', '2024-01-01', 5)) FROM care.book_projection('2024-01-01', '2124-03-17') WHERE projected_balance > 0;

-- the book over time, and one of it
SELECT * FROM care.book_curve(NULL, '2021-12-31', '2024-03-31', '9 months');
SELECT bool_and((c.agreements, c.balance, c.interest) = (SELECT count(*), coalesce(sum(p.balance), 0), coalesce(sum(p.interest), 0) FROM care.agreement_position(c.as_at) AS p WHERE p.authority = 'E10000011')) FROM care.book_curve('E10000011', '2021-12-31', '2024-03-31') AS c;
SELECT not_known FROM care.book_curve('E10000016', '2027-02-01', '2027-02-01');
SELECT c.as_at, c.rate, c.balance, c.equity_limit FROM care.agreement AS a, care.agreement_curve(a.agreement_id, '2022-01-01', '2023-12-31', '6 months') AS c WHERE a.reference = 'D1';
SELECT care_test.refused(s.call) FROM unnest(ARRAY['SELECT care.agreement_curve(0, ''2024-01-01'', ''2024-02-01'')', 'SELECT care.book_curve(''X'', ''2024-01-01'', ''2024-02-01'')', 'SELECT care.book_curve(NULL, ''2024-01-01'', ''2024-02-01'', ''1 hour'')']) AS s (call);

-- A reader gets the band, and not the date of birth.
CREATE ROLE regress_reader;
GRANT USAGE ON SCHEMA care, care_test TO regress_reader;
GRANT SELECT ON care.age_band, care.person TO regress_reader;
GRANT EXECUTE ON FUNCTION care_test.refused TO regress_reader;
SET ROLE regress_reader;
SELECT age_band, count(*) FROM care.age_band WHERE as_at = '2024-03-31' AND authority = 'E06000002' GROUP BY 1 ORDER BY 1;
SELECT care_test.refused('SELECT date_of_birth FROM care.person_detail');
RESET ROLE;
ROLLBACK;
