--
-- 70_search_path: the main job with an empty search path, and behind a hostile one.
--
SET search_path = '';
SET datestyle = 'ISO, YMD';
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;

--
-- An account: opened, budgeted, corrected; where it stands and why.
--
SELECT care.open_account('E06000001', 'A', 'person 1', NULL, '2022', '2023-10-01') AS a \gset
SELECT care.record_budget(:a, '2023-10-01', 'independent_personal_budget', 'care_home', 650) AS wrong \gset
SELECT care.record_budget(:a, '2023-10-01', 'independent_personal_budget', 'care_home', 700,
    supersedes => :wrong) IS NOT NULL AS corrected;
SELECT care.record_budget(:a, '2024-01-01', 'personal_budget', 'community', 500, 450) IS NOT NULL AS second,
       care.end_budget(:a, '2024-02-01', 'test') IS NOT NULL AS ended;
SELECT cap, weekly_cost, weekly_counted, daily_living_cost, weekly_rate, accrued, remaining, percent_of_cap,
       cap_reached_on, projected_cap_on FROM care.account_position('2024-01-31');
SELECT cap, weekly_cost, accrued FROM care.account_position('2024-01-31', 'infinity');
SELECT * FROM care.account_explain(:a, '2024-02-29');
SELECT count(*) FROM care.account_position;
SELECT care_test.refused('SELECT care.record_budget(999999, ''2024-01-01'', ''personal_budget'', ''community'', 1, 1)');
SELECT care_test.refused('UPDATE care.budget SET weekly_cost = 0');

--
-- Reference data.
--
SELECT care.national_max_rate('2015-06-01'), care.parameter_on('2022', 'cap', '2024-01-01');
SELECT care_test.refused('SELECT care.national_max_rate(''2027-01-01'')');
SELECT care.record_national_max_rate('2027-01-01', 4.6, 'report of a test', '2026-27', 'test');
SELECT care.record_scheme('plan', 'A plan', 'draft', '2030-04-01', 'weekly_cost', 'test'),
       care.record_parameter('plan', 'cap', '2030-04-01', 100000, 'test', 'draft'),
       care.record_parameter('2022', 'cap', '2024-01-16', 90000, 'test');
SELECT cap, accrued FROM care.account_position('2024-01-31');
SELECT count(*) FROM care.parameter_in_force WHERE NOT shipped;
SELECT valid_from, max_percent FROM care.national_rate_in_force WHERE NOT shipped;
SELECT count(*) FROM care.national_rate_gap WHERE valid_from < '2027-07-01';

--
-- An agreement: policy, security, deferral, payment, working, redemption.
--
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test');
SELECT care.open_agreement('E06000001', 'D', 'person 1', '2015-04-01', '2015-04-01') AS d \gset
SELECT care.record_valuation(:d, '2015-04-01', 165000) IS NOT NULL AS valued;
SELECT care.defer(:d, '2015-04-06', 'care_fees', 535) IS NOT NULL AS deferred,
       care.defer(:d, '2015-04-06', 'administration_charge', 450) IS NOT NULL AS charged,
       care.record_payment(:d, '2015-07-01', 100) IS NOT NULL AS paid;
SELECT rate, deferred, administration_charges, interest, payments, balance, property_value, equity_limit,
       equity_remaining FROM care.agreement_position('2015-12-31');
SELECT from_day, to_day, days, rate, opening, entries, interest, closing
FROM care.interest_working(:d, '2015-04-06', '2016-03-31');
SELECT care.redemption_figure(:d, '2016-01-01');
SELECT authority, care.value_on(rates, '2016-01-01') FROM care.effective_rate;
SELECT care_test.refused(pg_catalog.format('SELECT care.defer(%s, ''2016-01-01'', ''care_fees'', 200000)',
    :d)) LIKE '23514 agreement % (D): care fees of 200000 would pass the equity limit%' AS refused;
SELECT care.record_payment(:d, '2016-01-01', care.redemption_figure(:d, '2016-01-01')) IS NOT NULL AS redeemed;
SELECT balance FROM care.agreement_position('2016-01-01');

--
-- Types and operators, named in full.
--
SELECT '{"2015-04-01": 3}'::care.schedule OPERATOR(care.+) 1 AS plus,
       '{"2015-04-01": 3}'::care.schedule OPERATOR(care.=) '{"2015-04-01": 3.0}' AS equal,
       care.least('{"2015-04-01": 3}', care.national_max_rates()) OPERATOR(care.<>) '{"2015-04-01": 3}' AS differs,
       '1/2'::care.cap_progress OPERATOR(care.<) '2/3' AS less, '1.23'::care.pounds AS pounds,
       '{"2015-04-01": 3}'::care.schedule::pg_catalog.jsonb AS jsonb;
SELECT s, count(*) FROM (VALUES ('{"2015-04-01": 3}'::care.schedule), ('{"2015-04-01": 3.00}')) AS v (s) GROUP BY s;
SELECT care.schedule_agg(v.valid_from, v.value) FROM care.steps('{"2015-04-01": 3, "2016-04-01": null}') AS v;
SELECT care.balance(600, '2021-01-01', '{"2021-01-01": 0.45}', 'act/act', 'daily', '2021-06-30'),
       care.growth('{"2021-01-01": 3.65}', 'act/act', 'none', '2021-01-01', '2021-01-10'),
       care.cap_progress('{"2023-10-01": 500}', '{"2023-10-01": 86000}', '2023-10-01', '2027-01-16'),
       care.equity_limit(165000, 1, 0, 14250, 10), care.uprate(43000, 86000, 90000);
SELECT weeks_to_cap FROM care.means_tested_outcome(700, 200, 307.69, 24.90, 100000, 20000, 100000, 86000);

--
-- Behind a hostile path.  Whoever picks one of these up instead of PostgreSQL's own meets an error.
--
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.planted() RETURNS pg_catalog.int4
    LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a planted object was used'; END $$;
CREATE FUNCTION hostile.round(numeric, int) RETURNS numeric LANGUAGE sql AS 'SELECT hostile.planted(); SELECT $1';
CREATE FUNCTION hostile.isfinite(date) RETURNS bool LANGUAGE sql AS 'SELECT hostile.planted(); SELECT true';
CREATE FUNCTION hostile.min_scale(numeric) RETURNS int LANGUAGE sql AS 'SELECT hostile.planted(); SELECT 0';
CREATE FUNCTION hostile.clock_timestamp() RETURNS timestamptz
    LANGUAGE sql AS 'SELECT hostile.planted(); SELECT ''epoch''::timestamptz';
CREATE FUNCTION hostile.to_char(timestamptz, text) RETURNS text LANGUAGE sql AS 'SELECT hostile.planted(); SELECT ''''';
CREATE FUNCTION hostile.to_char(date, text) RETURNS text LANGUAGE sql AS 'SELECT hostile.planted(); SELECT ''''';
CREATE FUNCTION hostile.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS 'SELECT hostile.planted(); SELECT ''''';
CREATE FUNCTION hostile.same(text, text) RETURNS bool LANGUAGE sql AS 'SELECT hostile.planted(); SELECT true';
CREATE OPERATOR hostile.= (FUNCTION = hostile.same, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION hostile.above(numeric, numeric) RETURNS bool LANGUAGE sql AS 'SELECT hostile.planted(); SELECT false';
CREATE OPERATOR hostile.> (FUNCTION = hostile.above, LEFTARG = numeric, RIGHTARG = numeric);
CREATE OPERATOR hostile.>= (FUNCTION = hostile.above, LEFTARG = numeric, RIGHTARG = numeric);
CREATE FUNCTION hostile.before(date, date) RETURNS bool LANGUAGE sql AS 'SELECT hostile.planted(); SELECT false';
CREATE OPERATOR hostile.< (FUNCTION = hostile.before, LEFTARG = date, RIGHTARG = date);
CREATE OPERATOR hostile.<= (FUNCTION = hostile.before, LEFTARG = date, RIGHTARG = date);
CREATE FUNCTION hostile.less(numeric, numeric) RETURNS numeric LANGUAGE sql AS 'SELECT hostile.planted(); SELECT 0';
CREATE OPERATOR hostile.- (FUNCTION = hostile.less, LEFTARG = numeric, RIGHTARG = numeric);
CREATE VIEW hostile.account AS SELECT hostile.planted();
CREATE VIEW hostile.budget AS SELECT hostile.planted();
CREATE VIEW hostile.numeric AS SELECT hostile.planted();
SET LOCAL search_path = hostile, pg_catalog, care;
-- they are in the way of whoever does not look out
SELECT care_test.refused('SELECT round(1.5, 0)') AS round, care_test.refused('SELECT 1 FROM account') AS account,
       care_test.refused('SELECT ''a''::text = ''b''::text') AS equal;
SELECT care.open_account('E06000002', 'B', 'person 2', '1990-01-01', '2015', '2016-04-01') AS b \gset
SELECT care.record_budget(:b, '2016-04-01', 'personal_budget', 'care_home', 700) AS first \gset
SELECT care.record_budget(:b, '2016-04-01', 'personal_budget', 'care_home', 930,
    supersedes => :first) IS NOT NULL AS corrected, care.end_budget(:b, '2017-04-01', 'test') IS NOT NULL AS ended;
SELECT cap, weekly_rate, accrued, projected_cap_on FROM care.account_position('2016-12-31') WHERE reference LIKE 'B';
SELECT accrued FROM care.account_position('2016-12-31', 'infinity') WHERE reference LIKE 'B';
SELECT * FROM care.account_explain(:b, '2016-12-31');
SELECT care.record_interest_policy('E06000002', '2015-04-01', 2.25, 'test');
SELECT care.open_agreement('E06000002', 'G', 'person 2', '2015-04-01', '2015-04-01') AS g \gset
SELECT care.record_valuation(:g, '2015-04-01', 165000) IS NOT NULL AS valued;
SELECT care.defer(:g, '2015-04-06', 'care_fees', 535) IS NOT NULL AS deferred,
       care.record_payment(:g, '2015-04-06', 35) IS NOT NULL AS paid;
SELECT balance, equity_limit FROM care.agreement_position('2015-12-31') WHERE reference LIKE 'G';
SELECT from_day, to_day, days, rate, opening, entries, interest, closing
FROM care.interest_working(:g, '2015-04-06', '2015-12-31');
SELECT care.redemption_figure(:g, '2016-01-01'), care.national_max_rate('2015-06-01');
SELECT weeks_to_cap, charged FROM care.means_tested_outcome(700, 200, 307.69, 24.90, 100000, 20000, 100000, 86000);
SELECT '{"2015-04-01": 3}'::care.schedule + 1 AS plus, '1.23'::care.pounds AS pounds, '2.5'::care.percent AS percent,
       care.value_on(care.national_max_rates(), '2016-01-01') AS rate;
ROLLBACK;
