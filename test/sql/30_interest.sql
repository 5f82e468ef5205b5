--
-- 30_interest: growth() and the aggregate balance(), the product integral.
--
-- Every figure is worked out again in numeric arithmetic, by hand or day by day; t says that they agree.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'

--
-- The capitalisations by hand.  Rates such that a day bears 0.01 per cent to the end of January 2024
-- (3.65 / 365, 3.66 / 366) and 0.02 per cent from February (7.32 / 366).  2023-11-20 is a Monday.
-- Days: November 11, December 31, January 31, February 29, March 31, April 30, May 31, June 30, July 5.
-- Adding 0e-40 makes power() and division work to 40 decimals.
--
SELECT capitalised, growth, growth = round(by_hand, 20) AS agrees
FROM (VALUES ('daily', power(1.0001 + 0e-40, 73) * power(1.0002 + 0e-40, 156)),
             -- 10 weeks, the week of the change (3 days and 4), 21 weeks, 5 days
             ('weekly', power(1.0007 + 0e-40, 10) * 1.0011 * power(1.0014 + 0e-40, 21) * 1.0010),
             ('monthly', 1.0011 * 1.0031 * 1.0031 * 1.0058 * 1.0062 * 1.0060 * 1.0062 * 1.0060 * 1.0010),
             ('quarterly', 1.0042 * (1 + 0.0031 + 0.0120) * 1.0182 * 1.0010),
             ('half_yearly', 1.0042 * (1 + 0.0031 + 0.0302) * 1.0010),
             ('yearly', 1.0042 * (1 + 0.0031 + 0.0302 + 0.0010)),
             ('none', 1 + 0.0042 + 0.0031 + 0.0302 + 0.0010),
             -- from a day of the month or year: 20 days to 9 December, 31 to 9 January, 22 of January and 9 of
             -- February, 29, 31, 30, 31, 30 to 9 June, 26
             ('monthly from 10', 1.0020 * 1.0031 * (1 + 0.0022 + 0.0018) * 1.0058 * 1.0062 * 1.0060 * 1.0062 * 1.0052),
             -- from the last day: 10 days to 29 November, 31 to 30 December, 31 to 30 January, 1 and 28, 31, 30, ...
             ('monthly from 31', 1.0010 * 1.0031 * 1.0031 * (1 + 0.0001 + 0.0056) * 1.0062 * 1.0060 * 1.0062 * 1.0060
                 * 1.0012),
             -- 56 days to 14 January, 17 and 74 to 14 April, 82
             ('quarterly from 15 January', 1.0056 * (1 + 0.0017 + 0.0148) * 1.0164),
             ('half_yearly from 1 April', (1 + 0.0073 + 0.0120) * 1.0192),
             ('yearly from 15 January', 1.0056 * (1 + 0.0017 + 0.0312)),
             ('yearly from 29 February', (1 + 0.0073 + 0.0056) * 1.0256)) AS h (capitalised, by_hand),
    LATERAL (SELECT care.growth('{"2023-01-01": 3.65, "2024-01-01": 3.66, "2024-02-01": 7.32}', 'act/act',
        capitalised, '2023-11-20', '2024-07-05')) AS g (growth);
-- the day counts: 366 days in a leap year, or 365 in every year; 5 days of 2023, all of 2024, 3 days of 2025
SELECT day_count, growth, growth = round(by_hand, 20) AS agrees
FROM (VALUES ('act/act', power(1 + 5 / (36500 + 0e-40), 5) * power(1 + 5 / (36600 + 0e-40), 366)
    * power(1 + 5 / (36500 + 0e-40), 3)),
             ('act/365f', power(1 + 5 / (36500 + 0e-40), 374))) AS h (day_count, by_hand),
    LATERAL (SELECT care.growth('{"2023-01-01": 5}', day_count, 'daily', '2023-12-27', '2025-01-03')) AS g (growth);
-- leap years: 2000 and 2400 are, 1900 and 2100 are not
SELECT year, care.growth('{"-infinity": 36.5}', 'act/act', 'none', make_date(year, 12, 31), make_date(year, 12, 31)) AS a_day
FROM unnest('{1900, 2000, 2023, 2024, 2100, 2400}'::int[]) AS year;

--
-- The same day by day: within a capitalisation period interest is simple, at the end of it, it compounds.
--
CREATE FUNCTION pg_temp.multiply(a numeric, b numeric) RETURNS numeric LANGUAGE sql IMMUTABLE RETURN round(a * b, 60);
CREATE AGGREGATE pg_temp.product(numeric) (SFUNC = pg_temp.multiply, STYPE = numeric, INITCOND = '1');
CREATE FUNCTION pg_temp.year_days(d date, day_count text) RETURNS int LANGUAGE sql AS $$
    SELECT CASE WHEN day_count = 'act/act'
                THEN make_date(extract(year FROM d)::int, 12, 31) - make_date(extract(year FROM d)::int, 1, 1) + 1
                ELSE 365 END
$$;
-- the first day of the period that a day is in
CREATE FUNCTION pg_temp.period(d date, capitalised text) RETURNS date LANGUAGE sql AS $$
    SELECT CASE capitalised
               WHEN 'daily' THEN d
               WHEN 'weekly' THEN date_trunc('week', d)
               WHEN 'monthly' THEN date_trunc('month', d)
               WHEN 'quarterly' THEN date_trunc('quarter', d)
               WHEN 'half_yearly' THEN make_date(extract(year FROM d)::int,
                   CASE WHEN extract(month FROM d) <= 6 THEN 1 ELSE 7 END, 1)
               WHEN 'yearly' THEN date_trunc('year', d)
               WHEN 'monthly from 10' THEN date_trunc('month', d - 9) + interval '9 days'
               WHEN 'quarterly from 1 February' THEN date_trunc('quarter', d - interval '1 month') + interval '1 month'
               WHEN 'yearly from 15 January' THEN date_trunc('year', d - 14) + interval '14 days'
               WHEN 'none' THEN '-infinity'
           END::date
$$;
CREATE FUNCTION pg_temp.growth_by_day(rates care.schedule, day_count text, capitalised text, from_day date,
    to_day date) RETURNS numeric LANGUAGE sql AS $$
    SELECT pg_temp.product(1 + p.interest)
    FROM (SELECT sum(care.value_on(rates, d) / (100 * pg_temp.year_days(d, day_count) + 0e-60))
          FROM (SELECT from_day + i FROM generate_series(0, to_day - from_day) AS i) AS days (d)
          GROUP BY pg_temp.period(d, capitalised)) AS p (interest)
$$;
CREATE TEMP TABLE terms AS
    SELECT r::care.schedule AS rates, day_count, capitalised
    FROM unnest(ARRAY['{"-infinity": 4.05}', '{"2015-01-01": 2.65, "2019-12-30": 100, "2020-01-01": 0,
                       "2020-02-29": 3.1234, "2020-03-01": 0.0001, "2020-07-01": 2.25, "2024-02-14": 8}']) AS r,
        unnest('{act/act, act/365f}'::text[]) AS day_count,
        unnest('{daily, weekly, monthly, quarterly, half_yearly, yearly, none, monthly from 10, quarterly from 1 February,
                 yearly from 15 January}'::text[]) AS capitalised;
SELECT count(*), bool_and(care.growth(rates, day_count, capitalised, f, t)
           = round(pg_temp.growth_by_day(rates, day_count, capitalised, f, t), 20)) AS agrees
FROM terms, (VALUES ('2019-12-28'::date, '2019-12-28'::date), ('2019-12-28', '2020-01-02'),
    ('2019-12-31', '2021-01-01'), ('2020-02-28', '2020-03-02'), ('2020-01-01', '2020-12-31'),
    ('2020-06-30', '2020-07-01'), ('2020-07-05', '2020-07-06'), ('2019-09-11', '2024-03-17')) AS p (f, t);
-- a rate for every day: 2,000 changes of rate
SELECT count(*), bool_and(care.growth(r, day_count, capitalised, f, t)
           = round(pg_temp.growth_by_day(r, day_count, capitalised, f, t), 20)) AS agrees
FROM (SELECT DISTINCT day_count, capitalised FROM terms) AS m,
    (SELECT care.schedule_agg('2015-01-01'::date + i, i % 97 * 0.0301) FROM generate_series(0, 1999) AS i) AS c (r),
    (VALUES ('2015-01-01'::date, '2020-06-22'::date), ('2016-02-10', '2016-03-01')) AS p (f, t);
-- without interest nothing grows; every day more, never less; adjoining periods multiply where both meet at a capitalisation
SELECT bool_and(care.growth('{"-infinity": 0}', day_count, capitalised, '2015-01-01', '2024-12-31') = 1) AS no_rate,
       bool_and(care.growth('{"-infinity": 5}', day_count, capitalised, '2020-02-28', d)
           < care.growth('{"-infinity": 5}', day_count, capitalised, '2020-02-28', d + 1)) AS grows,
       bool_and(abs(care.growth('{"-infinity": 5}', day_count, capitalised, '2020-01-01', '2023-12-31')
           * care.growth('{"-infinity": 5}', day_count, capitalised, '2024-01-01', d + 2000)
           - care.growth('{"-infinity": 5}', day_count, capitalised, '2020-01-01', d + 2000)) < 1e-19)
           FILTER (WHERE capitalised NOT IN ('none', 'weekly') AND capitalised NOT LIKE '% from %') AS multiplies
FROM (SELECT DISTINCT day_count, capitalised FROM terms) AS t,
    (SELECT '2020-02-28'::date + i FROM generate_series(0, 60) AS i) AS g (d);

--
-- Published and required figures.
--
-- 600 at 0.45 per cent for the first half of 2021; rounding each day to the penny would make it 601.81
SELECT care.balance(600, '2021-01-01', '{"2021-01-01": 0.45}', 'act/act', 'daily', '2021-06-30') AS owed,
       round(600 * power(1 + 0.45 / (36500 + 0e-40), 181), 2) AS by_hand,
       care.balance(600, '2021-01-01', care.national_max_rates(), 'act/act', 'daily', '2021-06-30') AS at_the_maximum;
WITH RECURSIVE rounded_daily (day, owed) AS (
    SELECT '2020-12-31'::date, 600.00
    UNION ALL
    SELECT day + 1, owed + round(owed * 0.45 / 36500, 2) FROM rounded_daily WHERE day < '2021-06-30')
SELECT owed AS rounded_daily FROM rounded_daily ORDER BY day DESC LIMIT 1;
-- 10,000 over 2024 at the maximum: 4.65 for 182 days, 4.05 for 184
SELECT day_count, care.balance(10000, '2024-01-01', care.national_max_rates(), day_count, 'daily', '2024-12-31') AS owed,
       round(10000 * power(1 + 4.65 / (year_days * 100 + 0e-40), 182)
           * power(1 + 4.05 / (year_days * 100 + 0e-40), 184), 2) AS by_hand
FROM (VALUES ('act/act', 366), ('act/365f', 365)) AS d (day_count, year_days) GROUP BY day_count, year_days;
-- E8a and E8b: a gilt rate of 2.5 makes a maximum of 2.65, one of 1.0 a maximum of 1.15
SELECT gilt_percent, margin_percent, max_percent FROM care.national_rate_in_force WHERE valid_from = '2015-04-01';
BEGIN;
SELECT care.record_national_max_rate('2199-01-01', 1.0, 'report of a test', '2198-99', 'test') AS e8b;
ROLLBACK;
-- Q1: the fraction of the year from 2011-08-29 to the day before 2012-08-29, at 100 per cent
SELECT day_count, round(care.growth('{"-infinity": 100}', day_count, 'none', '2011-08-29', '2012-08-28') - 1, 14) AS years
FROM unnest('{act/act, act/365f}'::text[]) AS day_count;

--
-- balance: amounts from their days, payments negative, rounded once.
--
-- 0.01 per cent a day: a day's interest on 10,000 is 1; the day itself counts; a payment bears none on the amount paid
SELECT as_at, care.balance(amount, on_day, '{"2023-01-01": 3.65}', 'act/act', 'none', as_at)
    FILTER (WHERE on_day <= as_at) AS owed
FROM (VALUES (10000, '2023-03-01'::date), (20000, '2023-03-03'), (-15000, '2023-03-05')) AS e (amount, on_day),
    unnest('{2023-02-28, 2023-03-01, 2023-03-02, 2023-03-03, 2023-03-04, 2023-03-05, 2023-03-06}'::date[]) AS as_at
GROUP BY as_at ORDER BY as_at;
-- it is the sum of the amounts times their growth, rounded once: 30,000 small ones round to what they come to together
SELECT care.balance(amount, on_day, rates, 'act/act', 'daily', '2024-12-31') AS balance,
       round(sum(amount * growth), 2) AS by_hand, sum(round(amount * growth, 2)) AS each_rounded
FROM (SELECT (i % 7) * 0.01 - 0.01, '2024-12-31'::date - i % 3000 FROM generate_series(1, 30000) AS i) AS e (amount, on_day),
    (SELECT care.national_max_rates() OFFSET 0) AS r (rates),
    LATERAL (SELECT care.growth(rates, 'act/act', 'daily', on_day, '2024-12-31')) AS g (growth);
-- half a penny goes away from nought: at 0.01 per cent, a day's interest on 50, 150, 350 and 49.99
SELECT amount, care.balance(amount, '2023-01-01', '{"-infinity": 3.65}', day_count, capitalised, '2023-01-01') AS owed
FROM unnest('{50, 150, 350, 49.99, -50, -150, -49.99}'::numeric[]) AS amount,
    (VALUES ('act/act', 'daily'), ('act/365f', 'none')) AS t (day_count, capitalised)
GROUP BY amount, t.day_count, t.capitalised ORDER BY day_count, amount;
-- halves made together of quarters; halves after many days of simple interest; a twentieth of a penny short is short
SELECT care.balance(25, '2023-01-01', '{"-infinity": 3.65}', 'act/act', 'daily', '2023-01-01') AS quarter,
       care.balance(amount, '2023-01-01', '{"-infinity": 3.65}', 'act/act', 'daily', '2023-01-01') AS two_quarters
FROM (VALUES (25), (25)) AS e (amount);
SELECT care.balance(10, '2023-01-01', '{"-infinity": 3.65}', 'act/act', 'none', '2023-01-05') AS half,
       care.balance(9.9, '2023-01-01', '{"-infinity": 3.65}', 'act/act', 'none', '2023-01-05') AS under,
       care.balance(100, '2024-01-01', '{"-infinity": 1.83}', 'act/act', 'none', '2024-01-01') AS leap_half,
       care.balance(73, '2023-01-01', '{"-infinity": 5}', 'act/365f', 'yearly', '2023-02-19') AS fifty_days;
-- an amount that is not known is passed over; none is nothing; a debt paid off is nought, not nothing
SELECT care.balance(amount, on_day, '{"2023-01-01": 3.65}', 'act/act', 'daily', '2023-12-31') AS nothing
FROM (VALUES (1.00, '2023-01-01'::date)) AS e (amount, on_day) WHERE false;
SELECT care.balance(amount, on_day, '{"2023-01-01": 3.65}', 'act/act', 'daily', '2023-12-31') AS nothing
FROM (VALUES (NULL::numeric, '2023-01-01'::date), (NULL, NULL)) AS e (amount, on_day);
SELECT care.balance(amount, on_day, '{"2023-01-01": 3.65}', 'act/act', 'daily', '2023-12-31') AS one,
       care.balance(100, '2023-01-01', '{"2023-01-01": 3.65}', 'act/act', 'daily', '2023-12-31') AS two
FROM (VALUES (NULL::numeric, NULL::date), (100, '2023-01-01')) AS e (amount, on_day);
SELECT care.balance(NULL, NULL, NULL, NULL, NULL, NULL) AS nothing;
SELECT care.balance(amount, on_day, '{"2023-01-01": 3.65}', 'act/act', 'daily', '2023-12-31') AS nought
FROM (VALUES (100, '2023-01-01'::date), (-100, '2023-01-01')) AS e (amount, on_day);

-- Many terms in one query, and even in one sum.
CREATE TEMP TABLE entry AS
    SELECT n, ((n * 7919) % 200003 - 60000) / 100.0 AS amount, '2019-09-01'::date + (n * 131) % 1600 AS on_day
    FROM generate_series(1, 200) AS n;
SELECT count(*), bool_and(balance = round(total, 2)) AS agrees
FROM (SELECT care.balance(amount, on_day, rates, day_count, capitalised, as_at),
             sum(amount * care.growth(rates, day_count, capitalised, on_day, as_at))
      FROM entry, terms, unnest('{2024-02-29, 2024-06-30, 2024-12-31}'::date[]) AS as_at
      GROUP BY rates::text, day_count, capitalised, as_at) AS b (balance, total);
SELECT care.balance(amount, on_day, rates, day_count, capitalised, as_at)
           = round(sum(amount * care.growth(rates, day_count, capitalised, on_day, as_at)), 2) AS agrees
FROM entry, terms, unnest('{2024-02-29, 2024-06-30, 2024-12-31}'::date[]) AS as_at;
-- days that come in any order, each earlier than those before it
SELECT bool_and(balance = round(total, 2)) AS agrees
FROM (SELECT care.balance(100, d, '{"-infinity": 2, "1950-01-01": 3}', 'act/act', 'daily', '2024-12-31') OVER w,
             sum(100 * care.growth('{"-infinity": 2, "1950-01-01": 3}', 'act/act', 'daily', d, '2024-12-31')) OVER w
      FROM (SELECT '2024-12-31'::date - 350 * i FROM generate_series(0, 99) AS i) AS g (d)
      WINDOW w AS (ORDER BY d DESC)) AS b (balance, total);

-- A moving window takes rows away again, exactly.
SELECT count(*), bool_and(moving IS NOT DISTINCT FROM plain) AS agrees, count(*) FILTER (WHERE moving IS NULL) AS empty
FROM (SELECT e.n, t.rates, t.day_count, t.capitalised,
             care.balance(e.amount, e.on_day, t.rates, t.day_count, t.capitalised, '2024-12-31') OVER w AS moving
      FROM (SELECT n, CASE WHEN n % 5 > 0 THEN amount END AS amount, on_day FROM entry WHERE n <= 40) AS e, terms AS t
      WINDOW w AS (PARTITION BY t.rates::text, t.day_count, t.capitalised ORDER BY e.n
                   ROWS BETWEEN 2 FOLLOWING AND 9 FOLLOWING)) AS w,
    LATERAL (SELECT care.balance(amount, on_day, w.rates, w.day_count, w.capitalised, '2024-12-31') AS plain
             FROM entry WHERE n BETWEEN w.n + 2 AND least(w.n + 9, 40) AND n % 5 > 0) AS p;
-- with another date for every row, as a statement would have it
SELECT n, care.balance(1000, '2023-01-01'::date + n, '{"-infinity": 3.65}', 'act/act', 'none', '2023-06-30') OVER w
FROM generate_series(1, 4) AS n
WINDOW w AS (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);

-- In parallel: the workers' sums are written, read and combined, to the last bit.
BEGIN;
CREATE TABLE public.ledger AS
    SELECT i % 10 AS agreement, CASE WHEN i % 13 > 0 THEN ((i * 7919) % 2000003 - 900000) / 100.0 END AS amount,
           '2015-04-01'::date + (i * 131) % 3500 AS on_day FROM generate_series(1, 20000) AS i;
ANALYZE public.ledger;
CREATE FUNCTION pg_temp.plan_has(statement text, wanted text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || statement LOOP
        IF line LIKE '%' || wanted || '%' THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;
\set terms '\'{"2015-04-01": 2.65, "2019-01-01": 4.05}\', \'act/act\', \'daily\', \'2024-12-31\''
PREPARE total AS SELECT care.balance(amount, on_day, :terms) FROM public.ledger;
PREPARE by_agreement AS SELECT agreement, care.balance(amount, on_day, :terms) FROM public.ledger GROUP BY agreement;
CREATE TEMP TABLE serial AS EXECUTE by_agreement;
CREATE TEMP TABLE serial_total AS EXECUTE total;
SELECT balance = round(by_hand, 2) AS agrees
FROM serial_total, (SELECT sum(amount * care.growth('{"2015-04-01": 2.65, "2019-01-01": 4.05}', 'act/act', 'daily', on_day,
                                                    '2024-12-31')) FROM public.ledger) AS h (by_hand);
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_leader_participation = off;
DEALLOCATE total;
DEALLOCATE by_agreement;
PREPARE total AS SELECT care.balance(amount, on_day, :terms) FROM public.ledger;
PREPARE by_agreement AS SELECT agreement, care.balance(amount, on_day, :terms) FROM public.ledger GROUP BY agreement;
SELECT pg_temp.plan_has('EXECUTE total', 'Partial Aggregate') AS parallel,
       pg_temp.plan_has('EXECUTE by_agreement', 'Partial HashAggregate') AS groups;
CREATE TEMP TABLE in_parallel AS EXECUTE by_agreement;
CREATE TEMP TABLE in_parallel_total AS EXECUTE total;
SELECT s.balance = p.balance AS agrees FROM serial_total AS s, in_parallel_total AS p;
SELECT count(*), bool_and(s.balance = p.balance) AS agrees FROM serial AS s JOIN in_parallel AS p USING (agreement);
-- half a penny that only all the workers' parts together make: 20,002 times 25.0025
CREATE TABLE public.quarter AS SELECT 25 AS amount FROM generate_series(1, 20002);
SELECT care.balance(amount, '2023-01-01', '{"-infinity": 3.65}', 'act/act', 'daily', '2023-01-01') AS owed,
       20002 * 25.0025 AS by_hand
FROM public.quarter;
-- combining nothing with nothing, rows without an amount with the like, and a row with nothing
SELECT care.balance(amount, on_day, '{"2015-04-01": 2.65}', 'act/act', 'daily', '2024-12-31') AS nothing
FROM public.ledger WHERE agreement > 10;
SELECT care.balance(amount, on_day, '{"2015-04-01": 2.65}', 'act/act', 'daily', '2024-12-31') AS nothing
FROM public.ledger WHERE amount IS NULL;
SELECT care.balance(10000, on_day, '{"2015-04-01": 3.65}', 'act/365f', 'none', '2015-04-10') AS some, count(*)
FROM public.ledger WHERE on_day = '2015-04-01';
-- an error in a worker is the error of the query
SELECT care_test.refused($$
    SELECT care.balance(amount, on_day, '{"2015-04-02": 2.65}', 'act/act', 'daily', '2024-12-31')
    FROM public.ledger$$) AS refused;
ROLLBACK;

--
-- What is refused, and both sides of what is.
--
\pset format unaligned
\pset tuples_only on
-- the words
SELECT care_test.refused(format($$SELECT care.growth('{"-infinity": 1}', %L, 'daily', '2024-01-01', '2024-01-01')$$, w))
FROM unnest(ARRAY['act/360', 'ACT/ACT', 'act/act ', 'act/365', '']) AS w;
SELECT care_test.refused(format($$SELECT care.growth('{"-infinity": 1}', 'act/act', %L, '2024-01-01', '2024-01-01')$$, w))
FROM unnest(ARRAY['hourly', 'Daily', 'annually', 'half-yearly', 'simple', '']) AS w;
SELECT split_part(care_test.refused(format($$SELECT care.growth('{"-infinity": 1}', 'act/act', %L, '2024-01-01', '2024-01-01')$$,
    w)), ' [', 1)
FROM unnest(ARRAY['monthly from 0', 'monthly from 32', 'monthly from 09', 'monthly from 3 ', 'monthly from 15 May',
                  'monthly from ', 'yearly from 15', 'yearly from 15 may', 'yearly from 30 February',
                  'quarterly from 31 April', 'daily from 1', 'weekly from 1', 'none from 1']) AS w;
SELECT care_test.refused($$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1}', 'act/366', 'daily', '2024-01-01')$$);
SELECT care_test.refused($$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1}', 'act/act', 'continuously', '2024-01-01')$$);
-- the period
SELECT care_test.refused($$SELECT care.growth('{"-infinity": 1}', 'act/act', 'daily', '2024-01-02', '2024-01-01')$$);
SELECT care_test.refused($$SELECT care.balance(1, '2024-01-02', '{"-infinity": 1}', 'act/act', 'daily', '2024-01-01')$$);
SELECT care_test.refused(format($$SELECT care.growth('{"-infinity": 1}', 'act/act', 'daily', %L, '2024-01-01')$$, d))
FROM unnest('{-infinity, 0001-12-31 BC}'::text[]) AS d;
SELECT care_test.refused(format($$SELECT care.growth('{"-infinity": 1}', 'act/act', 'daily', '2024-01-01', %L)$$, d))
FROM unnest('{infinity, 10000-01-01}'::text[]) AS d;
SELECT care_test.refused($$SELECT care.balance(1, '-infinity', '{"-infinity": 1}', 'act/act', 'daily', '2024-01-01')$$);
SELECT care_test.refused($$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1}', 'act/act', 'daily', 'infinity')$$);
SELECT care.growth('{"-infinity": 0.1}', day_count, capitalised, '0001-01-01', '9999-12-31') > 10 FROM terms
WHERE rates = '{"-infinity": 4.05}';
-- before the first rate
SELECT care_test.refused($$SELECT care.growth('{"2015-04-01": 2.65}', 'act/act', 'daily', '2015-03-31', '2015-04-01')$$);
SELECT care_test.refused($$SELECT care.balance(1, '2015-03-31', '{"2015-04-01": 2.65}', 'act/act', 'daily', '2015-04-01')$$);
SELECT care_test.refused($$SELECT care.growth('{"2015-04-01": 2.65}', 'act/act', 'none', '2015-03-31', '2015-04-01')$$);
-- a rate that is not known, inside the period: the message names the day, the hint the half-year
SELECT care_test.refused(
    $$SELECT care.growth('{"2025-07-01": 4.65, "2026-01-01": null}', 'act/act', 'daily', '2025-12-31', '2026-01-01')$$);
SELECT care_test.refused(
    $$SELECT care.growth('{"2025-01-01": 4.65, "2025-08-01": null}', 'act/act', 'yearly', '2025-06-01', '2026-01-01')$$);
SELECT left(care_test.refused(
    $$SELECT care.balance(1, '2026-02-01', '{"2025-07-01": 4.65, "2026-01-01": null, "2026-07-01": 4}', 'act/act', 'monthly', '2026-08-01')$$), 39);
SELECT care.growth(r, 'act/act', 'none', '2025-07-01', '2025-12-31'),
       care.balance(1000, '2025-07-01', r, 'act/act', 'none', '2025-12-31')
FROM (SELECT '{"2025-01-01": null, "2025-07-01": 3.65, "2026-01-01": null}'::care.schedule) AS c (r) GROUP BY r;
-- rates: 0 and 100 are, beyond them not
SELECT care.growth('{"-infinity": 100, "2023-01-02": 0}', 'act/365f', 'none', '2023-01-01', '2023-01-02');
SELECT care_test.refused(
    $$SELECT care.growth('{"-infinity": 1, "2024-01-15": 100.0001}', 'act/act', 'daily', '2024-01-01', '2024-01-31')$$);
SELECT care_test.refused(
    $$SELECT care.growth('{"-infinity": 1, "2024-01-15": -0.0001}', 'act/act', 'monthly', '2024-01-01', '2024-01-31')$$);
SELECT care_test.refused(
    $$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1, "2024-01-15": 101}', 'act/act', 'daily', '2024-01-31')$$);
SELECT left(care_test.refused(
    $$SELECT care.balance(1, '2024-01-01', '{"-infinity": -1}', 'act/act', 'daily', '2024-01-31')$$), 36);
-- what the rate was before the first amount does not matter, nor how much would have grown from then
SELECT care.balance(100, on_day, rates, 'act/act', 'daily', '2013-01-01')
           = round(100 * care.growth(rates, 'act/act', 'daily', on_day, '2013-01-01'), 2)
FROM (SELECT '2012-01-01'::date, '{"2000-01-01": -1, "2010-01-01": 5}'::care.schedule) AS c (on_day, rates)
GROUP BY on_day, rates;
SELECT care.balance(100, on_day, rates, 'act/act', 'daily', '2013-01-01')
           = round(100 * care.growth(rates, 'act/act', 'daily', on_day, '2013-01-01'), 2)
FROM (SELECT '2012-01-01'::date, '{"2000-01-01": 150, "2010-01-01": 5}'::care.schedule) AS c (on_day, rates)
GROUP BY on_day, rates;
SELECT care.balance(100, on_day, rates, 'act/act', 'daily', '2013-01-01')
           = round(100 * care.growth(rates, 'act/act', 'daily', on_day, '2013-01-01'), 2)
FROM (SELECT '2001-01-01'::date, '{"-infinity": 100}'::care.schedule) AS c (on_day, rates) GROUP BY on_day, rates;
-- how far growth goes: below 2 to the 32nd; at 100 per cent that is 8,107 days, and not one more
SELECT 8107 = floor(32 * ln(2 + 0e-40) / ln(1 + 1 / (365 + 0e-40)));
SELECT round(growth, 2), abs(growth - by_hand) < by_hand * 1e-24
FROM (SELECT care.growth('{"-infinity": 100}', 'act/365f', 'daily', '2000-01-01', '2000-01-01'::date + 8106),
    power(1 + 1 / (365 + 0e-60), 8107)) AS g (growth, by_hand);
SELECT care_test.refused(
    $$SELECT care.growth('{"-infinity": 100}', 'act/365f', 'daily', '2000-01-01', '2000-01-01'::date + 8107)$$);
SELECT care.balance(0.01, '2000-01-01', '{"-infinity": 0, "2000-01-01": 100}', 'act/365f', 'daily', '2000-01-01'::date + 8106);
SELECT left(care_test.refused(
    $$SELECT care.balance(0.01, '2000-01-01', '{"-infinity": 100}', 'act/365f', 'daily', '2023-01-01')$$), 5);
-- amounts: whole pence, under 10,000 million, finite; and what they come to
SELECT care.balance(9999999999.99, '2024-01-01', '{"-infinity": 0}', 'act/act', 'daily', '2024-01-01'),
       care.balance(-9999999999.99, '2024-01-01', '{"-infinity": 0}', 'act/act', 'daily', '2024-01-01');
SELECT care_test.refused(format(
    $$SELECT care.balance(%L, '2024-01-01', '{"-infinity": 1}', 'act/act', 'daily', '2024-01-01')$$, a))
FROM unnest('{10000000000, -10000000000, 0.001, NaN, Infinity, -Infinity}'::text[]) AS a;
SELECT care_test.refused(
    $$SELECT care.balance(9999999999.99, '2024-01-01', '{"-infinity": 3.66}', 'act/act', 'daily', '2024-01-01')$$);
SELECT care_test.refused(
    $$SELECT care.balance(a, '2024-01-01', '{"-infinity": 0}', 'act/act', 'daily', '2024-01-01') FROM unnest('{9999999999.99, 0.01}'::numeric[]) AS a$$);
SELECT care_test.refused(
    $$SELECT care.balance(a, '2024-01-01', '{"-infinity": 0}', 'act/act', 'daily', '2024-01-01') FROM unnest('{-9999999999.99, -0.01}'::numeric[]) AS a$$);
SELECT care.balance(a, '2024-01-01', '{"-infinity": 0}', 'act/act', 'daily', '2024-01-01')
FROM unnest('{9999999999.99, 9999999999.99, -9999999999.99}'::numeric[]) AS a;
-- nothing may be missing but the amount
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.growth(NULL, 'act/act', 'daily', '2024-01-01', '2024-01-01')$$,
    $$SELECT care.growth('{"-infinity": 1}', NULL, 'daily', '2024-01-01', '2024-01-01')$$,
    $$SELECT care.growth('{"-infinity": 1}', 'act/act', NULL, '2024-01-01', '2024-01-01')$$,
    $$SELECT care.growth('{"-infinity": 1}', 'act/act', 'daily', NULL, '2024-01-01')$$,
    $$SELECT care.growth('{"-infinity": 1}', 'act/act', 'daily', '2024-01-01', NULL)$$,
    $$SELECT care.balance(1, NULL, '{"-infinity": 1}', 'act/act', 'daily', '2024-01-01')$$,
    $$SELECT care.balance(1, '2024-01-01', NULL, 'act/act', 'daily', '2024-01-01')$$,
    $$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1}', NULL, 'daily', '2024-01-01')$$,
    $$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1}', 'act/act', NULL, '2024-01-01')$$,
    $$SELECT care.balance(1, '2024-01-01', '{"-infinity": 1}', 'act/act', 'daily', NULL)$$]) AS s;
