--
-- 32_callers: the aggregates called by another aggregate, and growth on many terms.
--
-- Another extension's aggregate has arguments of its own, hands ours on to the transition function, and may
-- look that up anew for each row: test/callers does.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
SET max_parallel_workers_per_gather = 0;
\pset null '(null)'
\pset format unaligned
\pset footer off
\getenv directory PG_ABS_SRCDIR
\set library :directory '/callers/callers'
-- the library has a function called schedule_find, as ours has: each calls its own
LOAD :'library';
SELECT care.value_on('{"2000-01-01": 1}', '2020-01-01') AS one;
BEGIN;
CREATE FUNCTION pg_temp.relay_add(internal, aggregate regprocedure, arguments record) RETURNS internal LANGUAGE C AS :'library', 'relay_add';
CREATE FUNCTION pg_temp.relay_add_anew(internal, aggregate regprocedure, arguments record) RETURNS internal LANGUAGE C AS :'library', 'relay_add_anew';
CREATE FUNCTION pg_temp.relay_final(internal) RETURNS text LANGUAGE C AS :'library', 'relay_final';
CREATE AGGREGATE pg_temp.relay(aggregate regprocedure, arguments record) (SFUNC = pg_temp.relay_add, STYPE = internal, FINALFUNC = pg_temp.relay_final);
CREATE AGGREGATE pg_temp.relay_anew(aggregate regprocedure, arguments record) (SFUNC = pg_temp.relay_add_anew, STYPE = internal, FINALFUNC = pg_temp.relay_final);
SELECT 'care.balance(numeric, date, care.schedule, text, text, date)'::regprocedure AS balance,
       'care_internal.gathered(numeric, date, text)'::regprocedure AS gathered,
       'care.schedule_agg(date, numeric)'::regprocedure AS schedule_agg \gset

-- Entries of 40 agreements, the terms other from row to row within each.
CREATE TEMPORARY TABLE entry AS
SELECT i % 40 AS agreement, 100.25 + i % 7 AS amount, date '2016-01-01' + (i * 7919) % 3001 AS on_day,
       (ARRAY['{"-infinity": 2.5}', '{"-infinity": 1, "2018-07-01": 4.65, "2021-01-01": 0.4}', '{"2000-01-01": 100}']::care.schedule[])[1 + i % 3] AS rates,
       (ARRAY['act/act', 'act/365f'])[1 + i / 40 % 2] AS day_count, (ARRAY['daily', 'none', 'monthly', 'weekly'])[1 + i / 80 % 4] AS capitalised,
       date '2024-06-30' + i % 5 AS as_at, (ARRAY['care_fees', 'payment', 'write_off'])[1 + i % 3] AS kind
FROM generate_series(1, 4000) AS i;
ANALYZE entry;

CREATE TEMPORARY VIEW compared AS
SELECT agreement,
       care.balance(amount, on_day, rates, day_count, capitalised, as_at)::text AS balance,
       pg_temp.relay(:'balance', ROW(amount, on_day, rates, day_count, capitalised, as_at)) AS relayed_balance,
       pg_temp.relay_anew(:'balance', ROW(amount, on_day, rates, day_count, capitalised, as_at)) AS anew_balance,
       care_internal.gathered(amount, on_day, kind)::text AS gathered,
       pg_temp.relay(:'gathered', ROW(amount, on_day, kind)) AS relayed_gathered,
       pg_temp.relay_anew(:'gathered', ROW(amount, on_day, kind)) AS anew_gathered,
       care.schedule_agg(on_day, amount)::text AS schedule,
       pg_temp.relay_anew(:'schedule_agg', ROW(on_day, amount)) AS anew_schedule
FROM entry
GROUP BY agreement;
-- sorted groups, then hashed: the memory of a group's state ends with it, or with the last
SET enable_hashagg = off;
SELECT count(*) AS agreements, count(DISTINCT balance) AS balances,
       count(*) FILTER (WHERE balance IS DISTINCT FROM relayed_balance) AS other, count(*) FILTER (WHERE balance IS DISTINCT FROM anew_balance) AS other_anew,
       count(DISTINCT gathered) AS gathered,
       count(*) FILTER (WHERE gathered IS DISTINCT FROM relayed_gathered) AS other, count(*) FILTER (WHERE gathered IS DISTINCT FROM anew_gathered) AS other_anew,
       count(*) FILTER (WHERE schedule IS DISTINCT FROM anew_schedule) AS other_schedules
FROM compared;
SET enable_hashagg = on;
SET enable_sort = off;
SELECT count(*) AS agreements, count(DISTINCT balance) AS balances,
       count(*) FILTER (WHERE balance IS DISTINCT FROM relayed_balance) AS other, count(*) FILTER (WHERE balance IS DISTINCT FROM anew_balance) AS other_anew,
       count(DISTINCT gathered) AS gathered,
       count(*) FILTER (WHERE gathered IS DISTINCT FROM relayed_gathered) AS other, count(*) FILTER (WHERE gathered IS DISTINCT FROM anew_gathered) AS other_anew,
       count(*) FILTER (WHERE schedule IS DISTINCT FROM anew_schedule) AS other_schedules
FROM compared;
RESET enable_sort;
-- each is what its rows come to alone, but for rounding each of the 100
SELECT count(*) AS agreements, count(*) FILTER (WHERE abs(c.balance::numeric - s.balance) > 0.5) AS far_off
FROM compared AS c JOIN (
    SELECT agreement, sum(balance) AS balance
    FROM (SELECT agreement, care.balance(amount, on_day, rates, day_count, capitalised, as_at) AS balance FROM entry GROUP BY agreement, ctid) AS r
    GROUP BY agreement) AS s USING (agreement);
-- in a window
SELECT count(*) AS rows, count(*) FILTER (WHERE balance::text IS DISTINCT FROM relayed) AS other
FROM (SELECT care.balance(amount, on_day, rates, day_count, capitalised, as_at) OVER w AS balance,
             pg_temp.relay_anew(:'balance', ROW(amount, on_day, rates, day_count, capitalised, as_at)) OVER w AS relayed
      FROM entry WINDOW w AS (PARTITION BY agreement ORDER BY on_day, ctid)) AS r;

-- Growth is kept for whoever asks next, also after an error: what could not be worked out is not there.
CREATE FUNCTION pg_temp.attempt(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    answer text;
BEGIN
    EXECUTE statement INTO answer;
    RETURN answer;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END
$$;
SELECT pg_temp.attempt(format($$SELECT care.balance(1, %L, '{"2015-04-01": 2.65, "2016-04-01": null, "2017-04-01": 3}', 'act/act', 'daily', '2020-12-31')$$, d))
FROM unnest('{2016-03-31, 2017-04-01, 2016-04-01, 2017-04-01, 2015-03-31, 2018-04-01, 2021-01-01, 2020-12-31}'::date[]) AS d;
SELECT pg_temp.attempt(format($$SELECT care.balance(0.01, %L, '{"-infinity": 100}', 'act/365f', 'daily', '2023-01-01')$$, d))
FROM unnest('{2000-01-01, 2000-12-31, 2000-01-01, 2003-01-01, 2000-12-31, 2022-12-31}'::date[]) AS d;

-- As many terms as there are days: growth takes no more memory than its bound, and is the same when it is worked
-- out again.  The memory is looked at while the query runs.
SELECT count(*) AS days, count(DISTINCT balance) AS balances, max(bytes) < 40000000 AS bounded
FROM (SELECT as_at, balance, CASE WHEN as_at = date '1950-01-01' + 32000 THEN
                 (SELECT sum(total_bytes) FROM pg_backend_memory_contexts WHERE balance > 0) END AS bytes
      FROM (SELECT as_at, care.balance(1000000, '1950-01-01', '{"-infinity": 2.5}', 'act/act', 'daily', as_at) AS balance
            FROM (SELECT date '1950-01-01' + i AS as_at FROM generate_series(1, 32000) AS i OFFSET 0) AS d
            GROUP BY as_at) AS b) AS m;
\set rates '\'{"-infinity": 2.5, "1980-02-01": 3}\''
-- groups that are open while the growth on their terms is thrown away
SELECT count(*) AS days, count(*) FILTER (WHERE balance <> round(expected, 2)) AS other
FROM (SELECT as_at, care.balance(amount, on_day, :rates, 'act/act', 'weekly', as_at) AS balance,
             sum(amount * care.growth(:rates, 'act/act', 'weekly', on_day, as_at)) AS expected
      FROM (SELECT * FROM (VALUES (100.00, date '1950-01-01'), (200.00, '1975-02-03')) AS e (amount, on_day),
                (SELECT date '1975-03-01' + i AS as_at FROM generate_series(1, 10000) AS i) AS d ORDER BY on_day, as_at OFFSET 0) AS r
      GROUP BY as_at) AS b;

-- What sorts, indexes and hash tables call many times leaves nothing behind, also of arguments that are stored compressed.
CREATE FUNCTION pg_temp.kept(function regproc, times int, VARIADIC "any") RETURNS bigint LANGUAGE C AS :'library', 'kept';
CREATE TEMPORARY TABLE long AS SELECT care.schedule_agg(date '2000-01-01' + n, n % 2) AS s FROM generate_series(1, 1000) AS n;
SELECT pg_column_size(s) < 8000 AS compressed, pg_temp.kept('care_internal.schedule_hash', 1000, s) AS hash, pg_temp.kept('care_internal.schedule_hash_extended', 1000, s, 1::bigint) AS extended,
       pg_temp.kept('care_internal.schedule_eq', 1000, s, s) AS eq, pg_temp.kept('care_internal.schedule_ne', 1000, s, s) AS ne,
       pg_temp.kept('care_internal.schedule_lt', 1000, s, s) AS lt, pg_temp.kept('care_internal.schedule_le', 1000, s, s) AS le,
       pg_temp.kept('care_internal.schedule_gt', 1000, s, s) AS gt, pg_temp.kept('care_internal.schedule_ge', 1000, s, s) AS ge,
       pg_temp.kept('care_internal.schedule_cmp', 1000, s, s) AS cmp FROM long;
-- A function that returns rows leaves nothing behind but them, however often a query calls it.
CREATE FUNCTION pg_temp.used() RETURNS numeric LANGUAGE sql VOLATILE RETURN (SELECT sum(used_bytes) FROM pg_backend_memory_contexts);
CREATE FUNCTION pg_temp.bytes_a_call(call text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    bytes numeric;
BEGIN
    EXECUTE format('SELECT (max(used) FILTER (WHERE i = 5000) - max(used) FILTER (WHERE i = 1000)) / 4000 '
                   'FROM (SELECT i, CASE WHEN i IN (1000, 5000) AND c.n > 0 THEN pg_temp.used() END AS used '
                   'FROM generate_series(1, 5000) AS i, LATERAL (SELECT count(*) AS n FROM %s) AS c OFFSET 0) AS r', call) INTO bytes;
    RETURN bytes;
END
$$;
SELECT left(c, strpos(c, '(') - 1) AS function, pg_temp.bytes_a_call(c) < 20 AS bounded
FROM unnest(ARRAY[$$care.steps(CASE WHEN i > 0 THEN '{"2000-01-01": 1, "2001-01-01": 2}'::care.schedule END)$$,
                  $$care.cap_working('{"2000-01-01": 1}', '{"2000-01-01": 100}', '2000-01-01', date '2001-01-01' + i)$$,
                  $$care.means_tested_projection(500 + i % 2, 200, 100, 30, 20000, 14250, 23250, 1000, 0)$$]) AS c;
-- the same in a list of columns
SELECT (max(used) FILTER (WHERE i = 5000) - max(used) FILTER (WHERE i = 1000)) / 4000 < 20 AS bounded
FROM (SELECT i, CASE WHEN i IN (1000, 5000) AND valid_from IS NOT NULL THEN pg_temp.used() END AS used
      FROM (SELECT i, (care.steps(CASE WHEN i > 0 THEN '{"2000-01-01": 1}'::care.schedule END)).valid_from FROM generate_series(1, 5000) AS i OFFSET 0) AS s OFFSET 0) AS r;
-- those are all there are in C
SELECT p.oid::regproc FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND p.proretset AND l.lanname = 'c' ORDER BY p.oid::regproc::text COLLATE "C";

-- An aggregate keeps its state and no more, however many rows it takes: a schedule its steps, the others nothing that
-- grows. Asked twice: the first may work out growth that is kept for whoever asks next.
CREATE FUNCTION pg_temp.bytes_a_row(call text) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    bytes numeric;
BEGIN
    EXECUTE format('SELECT (max(used) FILTER (WHERE i = 9000) - max(used) FILTER (WHERE i = 1000)) / 8000, %s '
                   'FROM (SELECT i, CASE WHEN i IN (1000, 9000) THEN pg_temp.used() END AS used '
                   'FROM generate_series(1, 9000) AS i OFFSET 0) AS r', call) INTO bytes;
    RETURN bytes;
END
$$;
SELECT left(c, strpos(c, '(') - 1) AS aggregate, least(pg_temp.bytes_a_row(c), pg_temp.bytes_a_row(c)) < CASE WHEN c LIKE 'care.schedule_agg%' THEN 30 ELSE 2 END AS bounded
FROM unnest(ARRAY[$$care.schedule_agg(date '2000-01-01' + i, i % 100)$$,
                  $$care.balance(i, date '2000-01-01' + i, '{"-infinity": 2.5}', 'act/act', 'daily', '2030-01-01')$$,
                  $$care_internal.balance_if_known(i, date '2000-01-01' + i, '{"-infinity": 2.5}', 'act/act', 'daily', '2030-01-01')$$,
                  $$care_internal.chained(sha256(i::text::bytea))$$,
                  $$care.min(format('%s/9999', i % 9999)::care.cap_progress)$$,
                  $$care.max(format('%s/9999', i % 9999)::care.cap_progress)$$]) AS t (c);
-- and those are all but the ledger, which keeps each entry
SELECT a.aggfnoid::regproc FROM pg_aggregate AS a JOIN pg_proc AS p ON p.oid = a.aggfnoid
WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) ORDER BY a.aggfnoid::regproc::text COLLATE "C";
ROLLBACK;
