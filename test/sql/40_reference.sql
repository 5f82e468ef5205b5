--
-- 40_reference: authorities, schemes and their figures, the national maximum interest rate.
--
-- What is written here is rolled back.  Nothing printed depends on today.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on

--
-- Authorities: 153 responsible for adult social care, before and after two of them changed code.
--
SELECT day, count(*)
FROM care.local_authority JOIN unnest('{2015-04-01, 2025-03-31, 2025-04-01, 2026-04-01}'::date[]) AS day ON day >= coalesce(valid_from, day) AND day <= coalesce(valid_to, day)
GROUP BY day ORDER BY day;
SELECT left(authority, 3) AS class, count(*) FROM care.local_authority WHERE valid_to IS NULL GROUP BY 1 ORDER BY 1;
SELECT authority, name, valid_from, valid_to, predecessor FROM care.local_authority
WHERE name IN ('Barnsley', 'Sheffield') ORDER BY 1;
-- the whole list is that of the source, in which a code ends on the day its successor begins (the
-- digest was made from the source by other means)
SELECT count(*), encode(sha256(convert_to(string_agg(
           concat_ws('|', authority, name, coalesce(valid_from::text, '-infinity'), coalesce(valid_to::text, 'infinity'), coalesce(predecessor, '')),
           E'\n' ORDER BY authority COLLATE "C"), 'UTF8')), 'hex')
           = 'e2f68630efbdbfbfe0773a05ce54b994322a6e027459c4b7af485f64ddb940fa' AS as_the_source,
       bool_and(shipped) AS shipped FROM care.local_authority;

--
-- Schemes and their figures.
--
SELECT scheme, status, starts_on, personal_budget_counts, zero_cap_before_age, reach, shipped FROM care.charging_scheme ORDER BY scheme;
SELECT scheme, name, valid_from, valid_to, amount, scales_accrued, status, shipped
FROM care.parameter_in_force ORDER BY scheme, name, valid_from;
SELECT care.parameter_on('2015', 'cap', '2016-04-01') AS cap_2015,
       care.parameter_on('2022', 'cap', '2023-10-01') AS cap_2022,
       care.parameter_on('2022', 'daily_living_cost', '2030-01-01') AS living,
       care.parameter_on('2015', 'upper_capital_limit', '2016-04-01') AS r104,
       care.parameter_on('2015', 'upper_capital_limit_property', '2016-04-01') AS r103,
       care.parameter_on('2015', 'lower_capital_limit', '2016-04-01') AS r105;
SELECT care.parameter_schedule('2022', 'cap') AS cap, care.parameter_schedule('2022', 'nothing of the kind') AS none;

-- An authority's or planner's own figure stands beside the shipped one and wins; the one recorded last holds.
BEGIN;
SELECT care.record_parameter('2022', 'cap', '2024-04-01', 88000, 'test');
SELECT care.record_parameter('2022', 'cap', '2025-04-01', 90000, 'test', 'draft', scales_accrued => false);
SELECT clock_timestamp() AS before \gset
SELECT care.record_parameter('2022', 'cap', '2024-04-01', 89000.01, 'test', corrects => true);
SELECT care.record_parameter('2022', 'daily_living_cost', '2023-10-01', 210, 'test', corrects => true);
SELECT care.parameter_schedule('2022', 'cap') AS now, care.parameter_schedule('2022', 'cap', :'before') AS before,
       care.parameter_schedule('2022', 'cap', '-infinity') AS as_shipped;
SELECT name, valid_from, valid_to, amount, scales_accrued, status, shipped FROM care.parameter_in_force
WHERE scheme = '2022' AND name IN ('cap', 'daily_living_cost') ORDER BY name, valid_from;
-- only what was added is dumped: the condition that pg_dump uses, on the rows it is used on
SELECT format('SELECT name, valid_from, amount FROM care.parameter %s ORDER BY name, valid_from, recorded_at', u.condition)
FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition)
WHERE e.extname = 'care_account' AND u.oid = 'care.parameter'::regclass \gexec
SELECT bool_and(recorded_by = session_user AND recorded_at >= now()) AS stamped FROM care.parameter WHERE NOT shipped;
-- a scheme of one's own
SELECT care.record_scheme('plan', 'A plan', 'draft', '2030-04-01', 'weekly_cost', 'test', reach => 'exceed');
SELECT care.record_parameter('plan', 'cap', '2030-04-01', 0, 'test', 'draft');
SELECT scheme, starts_on, zero_cap_before_age, reach, shipped, care.parameter_schedule(scheme, 'cap') FROM care.charging_scheme
WHERE NOT shipped;

-- What is refused.
\pset format unaligned
\pset tuples_only on
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.parameter_on('2022', 'cap', '2023-09-30')$$,
    $$SELECT care.parameter_on('2022', 'allowance_kept', '2024-01-01')$$,
    $$SELECT care.parameter_on('1948', 'cap', '2024-01-01')$$,
    $$SELECT care.parameter_on('2022', 'cap', 'infinity')$$,
    $$SELECT care.parameter_on('2022', 'cap', NULL)$$,
    $$SELECT care.parameter_on(NULL, 'cap', '2024-01-01')$$,
    $$SELECT care.record_parameter('1948', 'cap', '2024-01-01', 1, 'test')$$,
    $$SELECT care.record_parameter(NULL, 'cap', '2024-01-01', 1, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-04-01', 1, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2023-10-01', 1, 'test')$$]) AS s;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_parameter('2022', 'ceiling', '2024-01-01', 1, 'test')$$,
    $$SELECT care.record_parameter('2022', NULL, '2024-01-01', 1, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', NULL, 1, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', 'infinity', 1, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '-infinity', 1, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', -0.01, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 0.001, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 'NaN', 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 10000000000, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', NULL, 'test')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 1, NULL)$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 1, '')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 1, 'test', NULL)$$,
    $$SELECT care.record_parameter('2022', 'daily_living_cost', 'infinity', 1, 'test', corrects => true)$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 1, 'test', 'final')$$,
    $$SELECT care.record_parameter('2022', 'cap', '2024-01-01', 1, 'test', scales_accrued => NULL)$$,
    $$SELECT care.record_scheme('2022', 'Again', 'draft', '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', 'final', '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '2030-04-01', 'everything', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '2030-04-01', 'weekly_cost', 'test', zero_cap_before_age => -1)$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '2030-04-01', 'weekly_cost', 'test', reach => 'touch')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '2030-04-01', 'weekly_cost', 'test', reach => NULL)$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', NULL, 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', 'infinity', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '-infinity', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('', 'New', 'draft', '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme(NULL, 'New', 'draft', '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', '', 'draft', '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', NULL, 'draft', '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', NULL, '2030-04-01', 'weekly_cost', 'test')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '2030-04-01', 'weekly_cost', '')$$,
    $$SELECT care.record_scheme('new', 'New', 'draft', '2030-04-01', 'weekly_cost', NULL)$$]) AS s;
-- a day outside the calendar would make the figure unreadable for good
SELECT scheme, day,
       care_test.refused(format('SELECT care.record_parameter(%L, %L, %L, 1, %L)', scheme, name, day, 'test')) <> 'NOT REFUSED'
FROM (VALUES ('2022', 'cap'), ('deferred_payment', 'lower_capital_limit')) AS p (scheme, name),
    unnest('{10000-01-01, 0001-12-31 BC}'::text[]) AS day ORDER BY 1, 2;
-- percentages, and days that are whole
SELECT name, amount, care_test.refused(format('SELECT care.record_parameter(%L, %L, %L, %s, %L)', 'deferred_payment', name, '2031-04-01', amount, 'test'))
FROM unnest('{equity_margin_percent,court_rate,repayment_days_after_death,statement_request_days}'::text[]) AS name, unnest('{100.01,3650.50,3651}'::numeric[]) AS amount ORDER BY 1, 2;
SELECT care.record_parameter('deferred_payment', 'court_rate', '2031-04-01', 100, 'test'), care.record_parameter('deferred_payment', 'statement_request_days', '2031-04-01', 3650.00, 'test');
-- the figure of one day is that of the schedule: an own row before the shipped one, of two the last
SELECT care.record_parameter('2022', 'daily_living_cost', '2023-10-01', 211, 'test', corrects => true);
SELECT count(*) > 50 AS some, bool_and((SELECT v.amount FROM care_internal.parameter_value(p.scheme, p.name, d.day) AS v)
                                       IS NOT DISTINCT FROM care.value_on(care.parameter_schedule(p.scheme, p.name), d.day)) AS all_same
FROM (SELECT DISTINCT scheme, name FROM care.parameter) AS p, (SELECT DISTINCT valid_from + n AS day FROM care.parameter, generate_series(-1, 1) AS n) AS d;
SELECT day, care_test.refused(format('SELECT v.amount FROM care_internal.parameter_value(%L, %L, %L) AS v', '2022', 'cap', day))
FROM unnest('{infinity, -infinity, 10000-01-01, NULL}'::text[]) AS day;
-- nothing is changed or removed, in whatever way
SELECT care_test.refused(s) FROM unnest(ARRAY[
    'UPDATE care.parameter SET amount = 1', 'UPDATE care.parameter SET amount = 1 WHERE false',
    'DELETE FROM care.parameter WHERE NOT shipped', 'TRUNCATE care.parameter',
    $$INSERT INTO care.parameter (scheme, name, valid_from, amount, scales_accrued, status, source) VALUES ('2022',
        'cap', '2026-04-01', 1, true, 'draft', 'test')
      ON CONFLICT ON CONSTRAINT parameter_pkey DO UPDATE SET amount = 1$$,
    $$MERGE INTO care.parameter AS p USING (SELECT 1) AS s ON p.scheme = '2022' WHEN MATCHED THEN DELETE$$]) AS s;
ROLLBACK;
SELECT count(*) FROM care.parameter WHERE NOT shipped;
-- nor by way of a table it refers to
SET client_min_messages = warning;
SELECT care_test.refused('TRUNCATE care.charging_scheme CASCADE');
RESET client_min_messages;

--
-- The national maximum rate.
--
\pset format aligned
\pset tuples_only off
SELECT valid_from, valid_to, gilt_percent, margin_percent, max_percent, obr_report, financial_year, obr_value, status, source
FROM care.national_rate_in_force ORDER BY valid_from;
-- the whole list is that of the source (the digest was made from it by other means)
SELECT count(*), encode(sha256(convert_to(string_agg(
           concat_ws('|', valid_from::text, gilt_percent, max_percent, obr_report, financial_year, coalesce(obr_value::text, ''),
                     status, source),
           E'\n' ORDER BY valid_from), 'UTF8')), 'hex')
           = '8b6c78652c92167b1646db993d913e993320e7591b9976dedc6c0e2062e0ab7f' AS as_the_source FROM care.national_rate;
SELECT day, care.national_max_rate(day)
FROM unnest('{2015-04-01, 2015-06-01, 2015-06-30, 2015-07-01, 2015-12-31, 2016-01-01, 2019-12-31, 2020-02-29, 2022-01-01,
             2026-12-31}'::date[]) AS day;
SELECT h.*
FROM unnest('{2015-04-01, 2015-06-30, 2015-07-01, 2016-01-01, 2016-06-30, 2024-02-29, 2024-12-31, 2026-01-01}'::date[]) AS day,
    care.half_year(day) AS h;
-- no half-year that was published is missing
SELECT * FROM care.national_rate_gap WHERE valid_from < '2027-01-01';
-- to one decimal of the Office's value, but for 2023, where it is two: contested
SELECT valid_from, gilt_percent, obr_value, status FROM care.national_rate_in_force WHERE gilt_percent <> round(obr_value, 1);
SELECT valid_from, max_percent, obr_value, status, financial_year FROM care.national_rate_to_confirm;

-- A day in 2027 is an error that names the half-year, until its row is entered.
BEGIN;
SELECT care_test.refused($$SELECT care.national_max_rate('2027-01-01')$$);
SELECT care_test.refused($$SELECT care.national_max_rate('2027-08-31')$$);
SELECT care.record_national_max_rate('2027-01-01', 4.6, 'report of a test', '2026-27', 'test');
SELECT care.national_max_rate('2027-01-01') AS first, care.national_max_rate('2027-06-30') AS last,
       care.national_max_rates() = (SELECT care.schedule_agg(r.v, r.m)
                                    FROM (SELECT valid_from, max_percent FROM care.national_rate
                                          UNION SELECT '2027-07-01', NULL) AS r (v, m)) AS agrees;
SELECT left(care_test.refused($$SELECT care.national_max_rate('2027-07-01')$$), 90);
-- the one after the next: the half-year between stays a gap, and is not filled by the one before it
SELECT care.record_national_max_rate('2028-01-01', 1.0, 'report of a test', '2027-28', 'test', margin_percent => 0.2);
SELECT * FROM care.national_rate_gap WHERE valid_from <= '2028-01-01';
SELECT left(care_test.refused($$SELECT care.national_max_rate('2027-12-31')$$), 90) AS gap,
       care.national_max_rate('2028-01-01') AS after_it;
SELECT * FROM care.steps(care.national_max_rates()) WHERE valid_from >= '2026-07-01';
-- entered once; replaced only on request, the last one holds, also over a shipped one
SELECT care_test.refused($$SELECT care.record_national_max_rate('2027-01-01', 4.7, 'report of a test', '2026-27', 'test')$$);
SELECT care.record_national_max_rate('2027-01-01', 4.7, 'report of a test', '2026-27', 'test', corrects => true) AS replaced;
SELECT care.national_max_rate('2027-03-01') AS now;
SELECT care.record_national_max_rate('2023-01-01', 3.00, 'report of a test', '2022-23', 'test', corrects => true);
SELECT care.national_max_rate('2022-12-31') AS before, care.national_max_rate('2023-01-01') AS corrected,
       care.national_max_rate('2023-07-01') AS after;
SELECT valid_from, max_percent, shipped FROM care.national_rate_in_force
WHERE valid_from BETWEEN '2022-07-01' AND '2023-07-01' OR NOT shipped ORDER BY valid_from;
-- all that was added, and nothing else, is dumped
SELECT format('SELECT valid_from, max_percent FROM care.national_rate %s ORDER BY valid_from, recorded_at', u.condition)
FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition)
WHERE e.extname = 'care_account' AND u.oid = 'care.national_rate'::regclass \gexec

-- What is refused.
\pset format unaligned
\pset tuples_only on
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.national_max_rate('2015-03-31')$$, $$SELECT care.national_max_rate('1900-01-01')$$,
    $$SELECT care.national_max_rate(NULL)$$, $$SELECT care.national_max_rate('infinity')$$,
    $$SELECT care.national_max_rate('-infinity')$$]) AS s;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_national_max_rate('2029-06-01', 1, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-02', 1, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2015-01-01', 1, 'report', '2014-15', 'test')$$,
    $$SELECT care.record_national_max_rate('-infinity', 1, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate(NULL, 1, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', -0.01, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1.00001, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 'NaN', 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', NULL, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 99.86, 'report', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, NULL, '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, '', '2028-29', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, 'report', NULL, 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, 'report', '2027', 'test')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, 'report', '2028-29', NULL)$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, 'report', '2028-29', 'test', status => 'certain')$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, 'report', '2028-29', 'test', obr_value => 100.0001)$$,
    $$SELECT care.record_national_max_rate('2029-01-01', 1, 'report', '2028-29', 'test', margin_percent => -0.15)$$]) AS s;
SELECT care.record_national_max_rate('2029-01-01', 99.85, 'report of a test', '2028-29', 'test');
-- a day outside the calendar would make every rate unreadable for good
SELECT day, care_test.refused(format('SELECT care.record_national_max_rate(%L, 1, %L, %L, %L)', day, 'report',
    '2028-29', 'test')) <> 'NOT REFUSED' FROM unnest('{infinity, 10000-01-01}'::text[]) AS day;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    'UPDATE care.national_rate SET gilt_percent = 1', 'DELETE FROM care.national_rate', 'TRUNCATE care.national_rate',
    $$INSERT INTO care.national_rate (valid_from, gilt_percent, obr_report, financial_year, status,
        source) VALUES ('2029-01-01', 1, 'report', '2028-29', 'confirmed', 'test')
      ON CONFLICT ON CONSTRAINT national_rate_pkey DO UPDATE SET gilt_percent = 1$$,
    $$MERGE INTO care.national_rate AS n USING (SELECT 1) AS s ON n.shipped WHEN MATCHED THEN UPDATE SET gilt_percent = 1$$]) AS s;
ROLLBACK;
SELECT count(*) FROM care.national_rate WHERE NOT shipped;

--
-- Confirming: once for each half-year that is contested or derived, then corrected by another.
--
BEGIN;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.confirm_national_max_rate('2018-01-01', 1.45, 'test')$$,
    $$SELECT care.confirm_national_max_rate('2027-01-01', 4.65, 'test')$$,
    $$SELECT care.confirm_national_max_rate('2019-07-02', 1.45, 'test')$$,
    $$SELECT care.confirm_national_max_rate(NULL, 1.45, 'test')$$,
    $$SELECT care.confirm_national_max_rate('2019-07-01', NULL, 'test')$$,
    $$SELECT care.confirm_national_max_rate('2019-07-01', 100.01, 'test')$$,
    $$SELECT care.confirm_national_max_rate('2019-07-01', 0.14, 'test')$$,
    $$SELECT care.confirm_national_max_rate('2019-07-01', 1.45, '')$$,
    $$SELECT care.confirm_national_max_rate('2019-07-01', 1.45, NULL)$$]) AS s;
SELECT care.confirm_national_max_rate('2019-07-01', 1.45, 'treasurer, 3 May 2026');
SELECT valid_from, max_percent, obr_value, obr_report, status, source, shipped FROM care.national_rate_in_force
WHERE valid_from = '2019-07-01';
SELECT string_agg(valid_from::text, ' ' ORDER BY valid_from) FROM care.national_rate_to_confirm;
SELECT care_test.refused($$SELECT care.confirm_national_max_rate('2019-07-01', 1.45, 'again')$$);
SELECT care_test.refused($$SELECT care.confirm_national_max_rate('2019-07-01', 1.65, 'other', corrects => NULL)$$);
SELECT care.confirm_national_max_rate('2019-07-01', 1.65, 'what was charged', corrects => true);
SELECT care.national_max_rate('2019-06-30') AS before, care.national_max_rate('2019-07-01') AS first,
       care.national_max_rate('2019-12-31') AS last, care.national_max_rate('2020-01-01') AS after;
-- one that an authority enters as derived is to be confirmed too; the least there may be is the margin alone
SELECT care.record_national_max_rate('2027-01-01', 4.6, 'report of a test', '2026-27', 'test', status => 'derived');
SELECT valid_from, max_percent, status FROM care.national_rate_to_confirm WHERE valid_from > '2026-07-01';
SELECT care.confirm_national_max_rate('2027-01-01', 0.15, 'test');
ROLLBACK;

--
-- Which authority may open an account or agreement on a day.
--
SELECT care_internal.require_authority('E08000016', '2025-03-31'), care_internal.require_authority('E08000038', '2025-04-01');
SELECT care_test.refused($$SELECT care_internal.require_authority('E08000016', '2025-04-01')$$);
SELECT care_test.refused($$SELECT care_internal.require_authority('E08000019', '2030-01-01')$$);
SELECT care_test.refused($$SELECT care_internal.require_authority('E07000001', '2024-01-01')$$);
SELECT care_test.refused($$SELECT care_internal.require_authority(NULL, '2024-01-01')$$);
