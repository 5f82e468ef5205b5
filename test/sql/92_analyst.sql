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
-- today's view is the function of today
SELECT count(*) FROM ((SELECT authority, scheme, band, accounts FROM care.accounts_by_progress EXCEPT SELECT authority, scheme, band, accounts FROM care.accounts_by_progress(current_date))
                      UNION ALL (SELECT authority, scheme, band, accounts FROM care.accounts_by_progress(current_date) EXCEPT SELECT authority, scheme, band, accounts FROM care.accounts_by_progress)) AS x;
SELECT count(*) FROM ((SELECT authority, scheme, setting, accounts, average_weekly_rate FROM care.metered_rate_by_setting EXCEPT SELECT * FROM care.metered_rate_by_setting(current_date))
                      UNION ALL (SELECT * FROM care.metered_rate_by_setting(current_date) EXCEPT SELECT authority, scheme, setting, accounts, average_weekly_rate FROM care.metered_rate_by_setting)) AS x;
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
