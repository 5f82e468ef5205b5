--
-- 50_account: care accounts: what counts, where each stands, how it is worked out, what is refused.
--
-- All of it is in one transaction, rolled back at the end.  R numbers are those of the specification's
-- requirements.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
-- where accounts stand on some days, in the columns that are not keys
CREATE FUNCTION pg_temp.stand(account_reference text, VARIADIC days date[])
    RETURNS TABLE (as_at date, cap numeric, cost numeric, counted numeric, living numeric, rate numeric,
                   accrued numeric, remaining numeric, percent numeric, reached date, projected date) LANGUAGE sql AS $$
    SELECT p.as_at, p.cap, p.weekly_cost, p.weekly_counted, p.daily_living_cost, p.weekly_rate, p.accrued,
           p.remaining, p.percent_of_cap, p.cap_reached_on, p.projected_cap_on
    FROM unnest(days) AS d,
        LATERAL (SELECT q.* FROM care.account_position(d) AS q WHERE q.reference = account_reference) AS p
    ORDER BY 1
$$;

--
-- The account of the published example: 700 a week in a care home, 500 of it metered, 86,000 reached on 2027-01-16.
--
SELECT care.open_account('E06000001', 'A', 'person 1', NULL, '2022', '2023-10-01') AS a \gset
SELECT * FROM pg_temp.stand('A', '2023-10-01');
SELECT care.record_budget(:a, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT * FROM pg_temp.stand('A', '2023-09-30', '2023-10-01', '2024-09-30', '2027-01-15', '2027-01-16', '2027-01-17',
    '2040-01-01');
SELECT accrued = round(500 * 366 / 7.0, 2) AS agrees FROM pg_temp.stand('A', '2024-09-30');
SELECT * FROM care.account_explain(:a, '2027-12-31');
SELECT authority, reference, scheme, person_reference FROM care.account_position('2024-01-01');

--
-- What counts (R76 to R81).
--
-- 2022, personal budget: what the person is charged. Community, then a care home (less 200), then a
-- charge below it; then an independent one, at cost
SELECT care.open_account('E06000001', 'B', 'person 2', NULL, '2022', '2023-10-01') AS b \gset
SELECT care.record_budget(:b, '2023-10-01', 'personal_budget', 'community', 700, 450),
       care.record_budget(:b, '2024-01-01', 'personal_budget', 'care_home', 900, 650.50),
       care.record_budget(:b, '2024-02-01', 'personal_budget', 'care_home', 900, 199.99),
       care.record_budget(:b, '2024-03-01', 'independent_personal_budget', 'community', 900, 0),
       care.record_budget(:b, '2024-04-01', 'independent_personal_budget', 'care_home', 150);
SELECT * FROM pg_temp.stand('B', '2023-12-31', '2024-01-01', '2024-01-31', '2024-02-01', '2024-02-29', '2024-03-01',
    '2024-04-01');
SELECT accrued = round((450 * 92 + 450.50 * 31 + 0 * 29 + 900 * 31 + 0 * 30) / 7.0, 2) AS agrees
FROM pg_temp.stand('B', '2024-04-30');
-- each rate begins on the day of its budget, within the week: the working breaks where anything
-- shown changes, and adds up to the penny
SELECT * FROM care.account_explain(:b, '2024-04-30');
SELECT bool_and(e.amount = p.accrued AND e.days = d - '2023-10-01' + 1 AND e.accrued = p.accrued) AS adds_up
FROM (SELECT '2023-10-01'::date + i * 5 FROM generate_series(0, 50) AS i) AS g (d),
    LATERAL (SELECT sum(amount), sum(days), (array_agg(x.accrued))[count(*)]
             FROM care.account_explain(:b, d) AS x) AS e (amount, days, accrued),
    LATERAL pg_temp.stand('B', d) AS p;

-- 2015: the whole cost, whoever pays: a charge of nothing and of everything accrue the same (R81);
-- 230 in a care home only (R78)
SELECT care.open_account('E06000001', 'C0', 'person 3', '1940-05-01', '2015', '2016-04-01', '2016-04-01') AS c0,
       care.open_account('E06000001', 'C1', 'person 4', '1940-05-01', '2015', '2016-04-01') AS c1 \gset
SELECT care.record_budget(:c0, '2016-04-01', 'personal_budget', 'care_home', 700, 0),
       care.record_budget(:c1, '2016-04-01', 'personal_budget', 'care_home', 700, 700);
SELECT a.*, a = b AS the_same FROM pg_temp.stand('C0', '2016-04-01', '2018-12-31', '2019-04-01') AS a
    JOIN pg_temp.stand('C1', '2016-04-01', '2018-12-31', '2019-04-01') AS b USING (as_at) ORDER BY 1;
-- 470 a week reaches 72,000 on day 72000 * 7 / 470, rounded up
SELECT reached, reached = '2016-04-01'::date + ceil(72000 * 7 / 470.0)::int - 1 AS agrees
FROM pg_temp.stand('C0', '2030-01-01');

-- Nothing counts before the scheme starts, even if it was prepared earlier (R72), nor before the account's own day.
SELECT care.open_account('E06000001', 'D', 'person 5', '1940-05-01', '2015', '2015-10-15') AS d \gset
SELECT care.record_budget(:d, '2016-04-01', 'personal_budget', 'community', 70);
SELECT care.open_account('E06000001', 'E', 'person 6', '1940-05-01', '2015', '2016-04-11') AS e \gset
SELECT care.record_budget(:e, '2016-04-11', 'personal_budget', 'community', 70);
SELECT 'D' AS account, p.* FROM pg_temp.stand('D', '2015-12-31', '2016-03-31', '2016-04-01', '2016-04-11') AS p
UNION ALL SELECT 'E', p.* FROM pg_temp.stand('E', '2016-04-10', '2016-04-11') AS p ORDER BY 1, 2;

-- A cap of nought for a person whose needs began before 25, reached on the first counted day (R67):
-- the day before the birthday, and the day.
SELECT care.open_account('E06000001', 'F' || n, 'young ' || n, born, '2015', '2018-06-01', began)
FROM (VALUES (1, '1993-06-02'::date, '2018-06-01'::date), (2, '1993-06-01', '2018-06-01'), (3, '1993-06-02', NULL),
    (4, '1993-06-01', NULL), (5, '1950-01-01', '1974-12-31'), (6, '1950-01-01', '1975-01-01'),
    (7, '1992-02-29', '2017-02-27'), (8, '1992-02-29', '2017-02-28')) AS y (n, born, began);
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost)
SELECT account_id, '2018-06-01', 'personal_budget', 'community', 700 FROM care.account WHERE reference LIKE 'F%';
SELECT reference, cap, weekly_rate, accrued, remaining, percent_of_cap, cap_reached_on, projected_cap_on
FROM care.account_position('2018-06-02') WHERE reference LIKE 'F%' ORDER BY reference;

--
-- A scheme of one's own: the cap is raised, every account on it follows at once (R79, R82).
--
SELECT care.record_scheme('plan', 'A plan', 'draft', '2023-10-01', 'weekly_cost', 'test');
SELECT care.record_parameter('plan', 'cap', '2023-10-01', 86000, 'test');
SELECT care.open_account('E06000001', 'G', 'person 7', NULL, 'plan', '2023-10-01') AS g,
       care.open_account('E06000001', 'H', 'person 8', NULL, 'plan', '2023-10-01') AS h \gset
SELECT care.record_budget(:g, '2023-10-01', 'personal_budget', 'care_home', 500),
       care.record_budget(:h, '2023-10-01', 'personal_budget', 'care_home', 35000);
SELECT 'G' AS account, p.* FROM pg_temp.stand('G', '2024-03-31', '2024-04-01') AS p
UNION ALL SELECT 'H', p.* FROM pg_temp.stand('H', '2024-03-31', '2024-04-01') AS p ORDER BY 1, 2;
SELECT clock_timestamp() AS before_uprating \gset
SELECT care.record_parameter('plan', 'cap', '2024-04-01', 90000, 'test');
SELECT care.record_parameter('plan', 'daily_living_cost', '2024-07-01', 150, 'test');
SELECT 'G' AS account, p.* FROM pg_temp.stand('G', '2024-03-31', '2024-04-01', '2024-07-01') AS p
UNION ALL SELECT 'H', p.* FROM pg_temp.stand('H', '2024-03-31', '2024-04-01', '2024-07-01') AS p ORDER BY 1, 2;
SELECT accrued = round(round(500 * 183 / 7.0 * 90000 / 86000, 2) + (500 * 91 + 350) / 7.0, 2) AS agrees
FROM pg_temp.stand('G', '2024-07-01');
SELECT * FROM care.account_explain(:g, '2024-07-31');
SELECT * FROM care.account_explain(:h, '2024-04-01');
SELECT bool_and(e.amount = p.accrued) AS adds_up
FROM (SELECT '2023-10-01'::date + i * 7 FROM generate_series(0, 60) AS i) AS g (d),
    LATERAL (SELECT sum(amount) FROM care.account_explain(:g, d)) AS e (amount), LATERAL pg_temp.stand('G', d) AS p;
-- by what was known before, the cap had not been raised
SELECT as_at, cap, daily_living_cost, accrued FROM care.account_position('2024-07-01', :'before_uprating')
WHERE reference = 'G';
-- a change that does not scale, in place of the other
SELECT care.record_parameter('plan', 'cap', '2024-04-01', 90000, 'test', scales_accrued => false, corrects => true);
SELECT p.*, accrued = round(500 * 184 / 7.0, 2) AS agrees FROM pg_temp.stand('G', '2024-04-01') AS p;
-- reached by exceeding
SELECT care.record_scheme('above', 'Above', 'draft', '2023-10-01', 'weekly_cost', 'test', reach => 'exceed'),
       care.record_parameter('above', 'cap', '2023-10-01', 300, 'test');
SELECT care.open_account('E06000001', 'I', 'person 9', NULL, 'above', '2023-10-01') AS i \gset
SELECT care.record_budget(:i, '2023-10-01', 'personal_budget', 'community', 700);
SELECT * FROM pg_temp.stand('I', '2023-10-02', '2023-10-03', '2023-10-04');

--
-- Corrections: a new row takes the place of the wrong one; what was known stays known.
--
SELECT care.open_account('E06000001', 'J', 'person 10', NULL, 'plan', '2023-10-01') AS j \gset
SELECT care.record_budget(:j, '2023-10-01', 'personal_budget', 'community', 100) AS first \gset
SELECT care.record_budget(:j, '2023-10-11', 'personal_budget', 'community', 200) AS second \gset
SELECT clock_timestamp() AS known_first \gset
SELECT care.record_budget(:j, '2023-10-01', 'personal_budget', 'community', 140, supersedes => :first) AS corrected \gset
SELECT clock_timestamp() AS known_second \gset
-- also the day; and a correction of a correction
SELECT care.record_budget(:j, '2023-10-06', 'personal_budget', 'community', 210, supersedes => :second) AS moved \gset
SELECT care.record_budget(:j, '2023-10-01', 'personal_budget', 'community', 70, supersedes => :corrected) AS again \gset
SELECT 'first' AS known, weekly_rate, accrued, accrued = round((100 * 10 + 200 * 4) / 7.0, 2) AS agrees
FROM care.account_position('2023-10-14', :'known_first') WHERE reference = 'J'
UNION ALL SELECT 'second', weekly_rate, accrued, accrued = round((140 * 10 + 200 * 4) / 7.0, 2)
FROM care.account_position('2023-10-14', :'known_second') WHERE reference = 'J'
UNION ALL SELECT 'now', weekly_rate, accrued, accrued = round((70 * 5 + 210 * 9) / 7.0, 2)
FROM care.account_position('2023-10-14') WHERE reference = 'J'
UNION ALL SELECT 'at last', weekly_rate, accrued, accrued = round((70 * 5 + 210 * 9) / 7.0, 2)
FROM care.account_position('2023-10-14', 'infinity') WHERE reference = 'J';
SELECT * FROM care.account_explain(:j, '2023-10-14');
-- before an account was opened, it was not known of
SELECT count(*) FROM care.account_position('2023-10-14', '-infinity');
-- a correction undoes "reached": an account that was at its cap is not any more
SELECT care.open_account('E06000001', 'K', 'person 11', NULL, 'plan', '2023-10-01') AS k \gset
SELECT care.record_budget(:k, '2023-10-01', 'personal_budget', 'community', 86000) AS wrong \gset
SELECT * FROM pg_temp.stand('K', '2023-10-07', '2023-10-08');
SELECT care.record_budget(:k, '2023-10-01', 'personal_budget', 'community', 860, supersedes => :wrong) > 0 AS corrected;
SELECT * FROM pg_temp.stand('K', '2023-10-07', '2023-10-08');
-- the day from which a budget was moved away is free again
SELECT care.record_budget(:j, '2023-10-11', 'personal_budget', 'community', 300) > 0 AS free_again;
SELECT weekly_rate FROM care.account_position('2023-10-11') WHERE reference = 'J';

-- The end of a budget: that day no longer counts; it may begin again, and its end may be corrected.
SELECT care.open_account('E06000001', 'L', 'person 12', NULL, 'plan', '2023-10-01') AS l \gset
SELECT care.record_budget(:l, '2023-10-01', 'personal_budget', 'community', 70) AS begun \gset
SELECT care.end_budget(:l, '2023-10-11', 'reviewed: needs met by family') AS ended \gset
SELECT care.record_budget(:l, '2023-10-21', 'personal_budget', 'community', 140) AS resumed \gset
SELECT * FROM care.account_explain(:l, '2023-10-31');
SELECT care.end_budget(:l, '2023-10-12', 'reviewed: a day later', supersedes => :ended) AS corrected \gset
SELECT * FROM pg_temp.stand('L', '2023-10-11', '2023-10-12', '2023-10-31');
SELECT valid_from, kind, setting, weekly_cost, weekly_charge, reason, supersedes = :ended AS corrects FROM care.budget
WHERE account_id = :l ORDER BY budget_id;

--
-- Many at once: one statement, whole; and COPY.  What is derived is what the facts say, for every account.
--
INSERT INTO care.person (authority, reference) SELECT 'E06000002', 'bulk ' || i FROM generate_series(1, 200) AS i;
INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
SELECT person_id, '2023-10-01', authority, reference, '2022' FROM care.person WHERE authority = 'E06000002';
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost)
SELECT account_id, '2023-10-01'::date + 30 * b, 'independent_personal_budget',
       CASE WHEN b % 2 = 0 THEN 'care_home' ELSE 'community' END, 200 + 10 * b + account_id % 7
FROM care.account, generate_series(0, 4) AS b WHERE authority = 'E06000002';
SELECT count(*), count(DISTINCT weekly_rate::text),
       bool_and(weekly_rate = (SELECT care.schedule_agg(v, w)
                               FROM (SELECT '-infinity'::date, 0
                                     UNION ALL
                                     SELECT '2023-10-01'::date + 30 * b,
                                            200 + 10 * b + account_id % 7 - CASE WHEN b % 2 = 0 THEN 200 ELSE 0 END
                                     FROM generate_series(0, 4) AS b) AS r (v, w))) AS agrees
FROM care.account WHERE authority = 'E06000002';
SELECT min(p.accrued), max(p.accrued), count(*) FROM care.account_position('2024-06-30') AS p WHERE authority = 'E06000002';
COPY care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge) FROM STDIN;
1	2024-10-01	personal_budget	community	70	7
2	2024-10-01	personal_budget	community	80	8
\.
SELECT reference, weekly_rate FROM care.account_position('2024-10-01') WHERE account_id IN (1, 2) ORDER BY 1;
SELECT count(*), bool_and((d.counting_from, d.person_reference, d.reach) = (a.counting_from, a.person_reference, a.reach)
                          AND d.weekly_rate = a.weekly_rate AND d.cap = a.cap AND d.cap_scales = a.cap_scales
                          AND d.weekly_cost = a.weekly_cost AND d.weekly_counted = a.weekly_counted
                          AND d.daily_living_cost = a.daily_living_cost) AS derived_from_the_facts
FROM care_internal.derived_account(ARRAY(SELECT account_id FROM care.account), 'infinity') AS d
    JOIN care.account AS a USING (account_id);
SELECT count(*) FROM care.account;
CREATE TEMP TABLE as_it_stands AS SELECT * FROM care.account_position('2026-05-05');
CREATE TEMP TABLE as_known AS SELECT * FROM care.account_position('2026-05-05', 'infinity');
SELECT count(*) AS differences FROM ((TABLE as_it_stands EXCEPT ALL TABLE as_known)
    UNION ALL (TABLE as_known EXCEPT ALL TABLE as_it_stands)) AS d;
-- an insert of many that holds a wrong one changes nothing
SELECT left(care_test.refused($$
    INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost)
    SELECT account_id, '2030-01-01', 'personal_budget', 'community', 100 - account_id FROM care.account$$), 5) AS refused;
SELECT count(*) AS differences FROM (SELECT * FROM care.account_position('2026-05-05') EXCEPT ALL TABLE as_it_stands) AS d;

--
-- What is refused.
--
\pset format unaligned
\pset tuples_only on
-- opening an account
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.open_account('E07000001', 'X', 'person 99', NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account(NULL, 'X', 'person 99', NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E08000016', 'X', 'person 99', NULL, '2022', '2025-04-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '1948', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, NULL, '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, 'deferred_payment', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '2022', NULL)$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '2022', 'infinity')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '2022', '-infinity')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '2015', '2016-04-01')$$,
    $$SELECT care.open_account('E06000001', 'A', 'person 99', NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 3', '1940-05-02', '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 3', '1940-05-01', '2015', '2016-04-01', '2016-03-01')$$]) AS s;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.open_account('E06000001', '', 'person 99', NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', NULL, 'person 99', NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', '', NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', NULL, NULL, '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', '1990-01-01', '2015', '2016-04-01', '1989-12-31')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', 'infinity', '2022', '2023-10-01')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '2022', '2023-10-01', '-infinity')$$,
    $$SELECT care.open_account('E06000001', 'X', 'person 99', NULL, '2022', '10000-01-01')$$]) AS s;
SELECT count(*) FROM care.person WHERE reference = 'person 99';
-- recording a budget
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_budget(999999, '2023-10-01', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(NULL, '2023-10-01', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'direct_payment', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', NULL, 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'ended', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'hospital', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', NULL, 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', NULL, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', -0.01, 0)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 'NaN', 0)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100, -0.01)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100, 100.01)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100, 'NaN')$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100)$$,
    $$SELECT care.record_budget(1, '2023-09-30', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, NULL, 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '-infinity', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, 'infinity', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '10000-01-01', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-10-01', 'personal_budget', 'community', 100, 50)$$,
    $$SELECT care.record_budget(1, '2023-10-01', 'personal_budget', 'community', 100, 50, supersedes => 2)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100, 50, supersedes => 2)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100, 50, supersedes => 999999)$$]) AS s;
SELECT left(care_test.refused(s), 5), s FROM unnest(ARRAY[
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100.001, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 10000000000, 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 'Infinity', 50)$$,
    $$SELECT care.record_budget(1, '2023-11-01', 'personal_budget', 'community', 100, 50.001)$$]) AS s;
-- what has been corrected is not corrected again; one row is corrected once
SELECT regexp_replace(care_test.refused(format('SELECT care.record_budget(%s, %L, %L, %L, 1, supersedes => %s)',
                                               :j, day, 'personal_budget', 'community', :first)),
                      '\m(account|budget|supersedes =>) \d+', '\1 N', 'g')
FROM unnest('{2023-10-01, 2023-12-01}'::text[]) AS day;
-- ending one
SELECT regexp_replace(care_test.refused(s), '\m(account|budget|supersedes =>) \d+', '\1 N', 'g') FROM unnest(ARRAY[
    $$SELECT care.end_budget(999999, '2023-10-01', 'test')$$,
    format('SELECT care.end_budget(%s, NULL, %L)', :l, 'test'),
    format('SELECT care.end_budget(%s, %L, %L)', :l, '2023-09-30', 'test'),
    format('SELECT care.end_budget(%s, %L, %L)', :l, 'infinity', 'test'),
    format('SELECT care.end_budget(%s, %L, %L)', :l, '2023-10-21', 'test'),
    format('SELECT care.end_budget(%s, %L, %L, 999999)', :l, '2023-12-01', 'test')]) AS s;
-- asking
SELECT care_test.refused('SELECT * FROM care.account_position(NULL)');
SELECT care_test.refused($$SELECT * FROM care.account_position('infinity')$$);
SELECT care_test.refused('SELECT * FROM care.account_explain(1, NULL)');
SELECT care_test.refused($$SELECT * FROM care.account_explain(1, '2023-09-30')$$);
SELECT care_test.refused($$SELECT * FROM care.account_explain(1, '-infinity')$$);
SELECT care_test.refused($$SELECT * FROM care.account_explain(999999, '2024-01-01')$$);
-- facts are never changed or removed
SET LOCAL client_min_messages = warning;
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE care.budget SET weekly_cost = 0', 'DELETE FROM care.budget',
    'TRUNCATE care.budget', 'UPDATE care.person SET reference = NULL', 'DELETE FROM care.person',
    'TRUNCATE care.person CASCADE']) AS s;
-- an account that could not be worked out is not taken in, or does not stop the others
SAVEPOINT one;
SELECT care_test.refused($$SELECT care.open_account('E06000001', 'far', 'person 98', NULL, '2022', '10000-01-01')$$) <> 'NOT REFUSED'
    OR care_test.refused($$CREATE TEMP TABLE everyone AS SELECT * FROM care.account_position('2023-10-01')$$) = 'NOT REFUSED';
ROLLBACK TO one;
SELECT care.record_scheme('bare', 'Without a cap', 'draft', '2023-10-01', 'weekly_cost', 'test');
SELECT care_test.refused($$SELECT care.open_account('E06000001', 'bare', 'person 98', NULL, 'bare', '2023-10-01')$$) <> 'NOT REFUSED'
    OR care_test.refused($$CREATE TEMP TABLE everyone AS SELECT * FROM care.account_position('2023-10-01')$$) = 'NOT REFUSED';
ROLLBACK TO one;
-- a date of birth that was not known before is not lost: the cap that depends on it is right, or the account is refused
SELECT care_test.refused(
    $$SELECT care.open_account('E06000001', 'young', 'person 1', '2000-01-01', '2015', '2016-04-01')$$) AS outcome \gset
SELECT :'outcome' <> 'NOT REFUSED' OR (SELECT cap = 0 FROM care.account_position('2016-04-01') WHERE reference = 'young');
SELECT * FROM care_test.read_as_known();
ROLLBACK;
SELECT count(*) FROM care.account;
