--
-- 11_schedule: care.schedule, its forms, equality, algebra, look-ups and schedule_agg.
--
-- Malformed input is in 12_schedule_errors.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset tuples_only on

--
-- Text.  There is one way to write each schedule: days in order, the shortest decimals, no step that
-- repeats the value before it.
--
SELECT '{"2015-04-01": 2.65, "2015-07-01": 2.25, "2026-01-01": null}'::care.schedule;
SELECT E' {\t"2015-04-01"\n:2.6500 ,"2015-07-01":2.25,\r\n"2026-01-01" :null } '::care.schedule;
SELECT '{"-infinity": 0, "2015-04-01": -0.5}'::care.schedule;
SELECT '{"2015-04-01": -0, "2015-04-02": 0.00, "2015-04-03": 0.0001000, "2015-04-04": -0.0001}'::care.schedule;
SELECT '{"0001-01-01": 9999999999.9999, "2000-02-29": -9999999999.9999, "9999-12-31": null}'::care.schedule;
SELECT '{"2015-01-01": 1, "2015-01-02": 1, "2015-01-03": 2, "2015-01-04": 1, "2015-01-05": null,
         "2015-01-06": null}'::care.schedule;
SELECT '{"-infinity": null}'::care.schedule;
-- what was written is read back as it was
SELECT bool_and(s::text = t AND s::text::care.schedule = s)
FROM unnest(ARRAY['{"-infinity": null, "2015-04-01": 0.0001}', '{"1600-02-29": -1, "2400-02-29": 10, "9999-12-31": 0}',
                  '{"2015-04-01": 1234567890.1234}',
                  '{"2015-04-01": 100, "2015-04-02": 99.9, "2015-04-03": 99.99, "2015-04-04": 99.999}']) AS t,
    LATERAL (SELECT t::care.schedule) AS c (s);

--
-- JSON: in any order, since jsonb keeps its own; numbers as jsonb writes them.
--
SELECT '{"2016-01-01": 2, "-infinity": 0, "2015-01-01": 1e2, "2026-01-01": null}'::jsonb::care.schedule;
SELECT '{"2015-04-01": 2.65, "2026-01-01": null}'::care.schedule::jsonb;
SELECT pg_typeof('{"2015-04-01": 2.65}'::care.schedule::jsonb),
       ('{"2015-04-01": 2.65}'::care.schedule::jsonb ->> '2015-04-01')::numeric;
SELECT s = s::jsonb::care.schedule
FROM (SELECT '{"-infinity": null, "2015-04-01": 0.0001, "2016-02-29": -7}'::care.schedule) AS c (s);

--
-- Binary.
--
SELECT care_internal.schedule_send('{"2000-01-01": 1, "2000-01-02": null, "2000-01-04": -0.0001}');
SELECT care_internal.schedule_send('{"-infinity": 9999999999.9999}');
-- COPY out and in again; the server keeps the file in its own folder meanwhile
BEGIN;
CREATE TABLE public.kept (n int, s care.schedule);
CREATE TABLE public.read_back (n int, s care.schedule);
INSERT INTO public.kept VALUES (1, '{"-infinity": null, "2015-04-01": 0.0001}'), (2, NULL),
    (3, '{"0001-01-01": 9999999999.9999, "9999-12-31": -9999999999.9999}'),
    (4, (SELECT care.schedule_agg('2000-01-01'::date + i, i % 97) FROM generate_series(1, 10000) AS i));
COPY public.kept TO PROGRAM 'cat >care_account_test.bin' (FORMAT binary);
COPY public.read_back FROM PROGRAM 'cat care_account_test.bin; rm care_account_test.bin' (FORMAT binary);
SELECT count(*), bool_and(k.s = r.s OR (k.s IS NULL AND r.s IS NULL)), bool_and(k.s::text = r.s::text OR k.s IS NULL),
       count(k.s), count(r.s)
FROM public.kept AS k JOIN public.read_back AS r ON r.n = k.n;
-- a long one is kept out of line, and read from there
SELECT pg_column_size(s) > 1000, length(s::text) > 100000, care.value_on(s, '2000-01-01'::date + 9999) = 9999 % 97
FROM public.read_back WHERE n = 4;

--
-- Equality is of what they say, and hashing agrees with it.
--
SELECT '{"2015-01-01": 1, "2015-01-02": 1.0000}'::care.schedule = '{"2015-01-01": 1}',
       '{"2015-01-01": 1}'::care.schedule <> '{"2015-01-01": 1}',
       '{"2015-01-01": 1}'::care.schedule = '{"2015-01-02": 1}',
       '{"2015-01-01": 1}'::care.schedule = '{"2015-01-01": 2}',
       '{"2015-01-01": null}'::care.schedule = '{"2015-01-01": 0}',
       '{"2015-01-01": 1}'::care.schedule = '{"2015-01-01": 1, "2015-01-02": 2}',
       '{"2015-01-01": 1}'::care.schedule <> '{"2015-01-02": 1}';
SELECT care_internal.schedule_hash('{"2015-01-01": 1, "2015-01-02": 1.0000}') = care_internal.schedule_hash('{"2015-01-01": 1}'),
       care_internal.schedule_hash('{"2015-01-01": 1}') <> care_internal.schedule_hash('{"2015-01-01": 2}'),
       care_internal.schedule_hash_extended('{"2015-01-01": 1}', 0) <> care_internal.schedule_hash_extended('{"2015-01-01": 1}', 1),
       -- the seeded hash agrees with the plain one at nought, in its low half
       (care_internal.schedule_hash_extended('{"2015-01-01": 1}', 0) & 4294967295)
           = (care_internal.schedule_hash('{"2015-01-01": 1}')::bigint & 4294967295);
-- the sides may be stored in different ways: short, with a long header, out of line
SELECT count(*) FROM public.kept AS k JOIN public.read_back AS r ON r.s = k.s;
SELECT (SELECT s FROM public.kept WHERE n = 1) = '{"-infinity": null, "2015-04-01": 0.0001}'::care.schedule;
SELECT s, count(*) FROM (VALUES ('{"2015-01-01": 1}'::care.schedule), ('{"2015-01-01": 1.0, "2016-01-01": 1}'),
    ('{"2015-01-01": 2}'), (NULL), (NULL)) AS v (s)
GROUP BY s ORDER BY s::text COLLATE "C";
SELECT count(DISTINCT s::text) FROM public.kept;
SELECT count(*) FROM (SELECT DISTINCT s FROM public.kept UNION SELECT s FROM public.read_back) AS d;
SET enable_nestloop = off;
SELECT count(*) FROM public.kept AS k JOIN public.read_back AS r ON r.s = k.s;
RESET enable_nestloop;
CREATE INDEX ON public.kept USING hash (s);
SET enable_seqscan = off;
SELECT n FROM public.kept WHERE s = '{"-infinity": null, "2015-04-01": 0.0001}';
RESET enable_seqscan;
-- sorted, and counted without repeats
SELECT count(DISTINCT s) = (SELECT count(DISTINCT k.s::text) FROM public.kept AS k) FROM (SELECT s FROM public.kept ORDER BY s) AS o;
ROLLBACK;

--
-- The value on a day, and the steps.
--
SELECT day, care.value_on('{"2015-04-01": 2.65, "2015-07-01": 2.2501, "2026-01-01": null, "2026-07-01": 100}', day)
FROM unnest('{2015-03-31, 2015-04-01, 2015-06-30, 2015-07-01, 2025-12-31, 2026-01-01, 2026-06-30, 2026-07-01,
              9999-12-31}'::date[]) AS day;
SELECT care.value_on('{"-infinity": 0.125, "2015-04-01": -1}', '0001-01-01'),
       care.value_on('{"-infinity": 0.125, "2015-04-01": -1}', '2015-04-01');
-- shown with 2 decimals, or as many as it has
SELECT value FROM care.steps('{"2015-01-01": 5, "2015-01-02": 5.1, "2015-01-03": 5.12, "2015-01-04": 5.123,
                               "2015-01-05": 5.1234, "2015-01-06": -0.0001}');
SELECT * FROM care.steps('{"-infinity": 1, "2015-04-01": null, "2016-02-29": 3}');
SELECT s.valid_from, s.value FROM unnest(ARRAY['{"2015-04-01": 1}',
    '{"2016-04-01": 2, "2017-04-01": 3}']::care.schedule[]) AS c, care.steps(c) AS s;

--
-- The algebra, first by example.
--
SELECT '{"2015-01-01": 1, "2015-03-01": 3}'::care.schedule
           + '{"2015-02-01": 10, "2015-03-01": null, "2015-04-01": 20}'::care.schedule;
SELECT '{"2015-01-01": 500, "2015-03-01": 700}'::care.schedule - '{"-infinity": 200, "2015-02-01": 230}'::care.schedule;
SELECT '{"2015-01-01": 12.5, "2015-03-01": -3}'::care.schedule * '{"2015-01-01": 0.08, "2015-04-01": 1.0001}'::care.schedule;
SELECT care.least('{"2015-04-01": 3}',
    '{"2015-04-01": 2.65, "2015-07-01": 2.25, "2018-01-01": 3.5, "2026-01-01": null}'::care.schedule);
SELECT care.greatest('{"2015-04-01": 700, "2015-05-01": 100}'::care.schedule - '{"-infinity": 230}'::care.schedule, 0);
-- numbers on either side; whole numbers too
SELECT s + 0.5, 0.5 + s, s - 0.5, 0.5 - s, s * 2, 2 * s, s + 1, 1 - s
FROM (SELECT '{"2015-01-01": 1, "2015-02-01": null, "2015-03-01": 4}'::care.schedule) AS c (s);
SELECT care.least(s, 2), care.greatest(s, 2)
FROM (SELECT '{"2015-01-01": 1, "2015-02-01": null, "2015-03-01": 4}'::care.schedule) AS c (s);
-- steps that become equal become one
SELECT '{"2015-01-01": 1, "2015-02-01": 2}'::care.schedule * 0, care.least('{"2015-01-01": 1, "2015-02-01": 2}', 1),
       '{"2015-01-01": 1, "2015-02-01": 2}'::care.schedule + '{"2015-01-01": 2, "2015-02-01": 1}'::care.schedule;
-- strict: nothing with nothing is nothing
SELECT '{"2015-01-01": 1}'::care.schedule + NULL::care.schedule, care.least('{"2015-01-01": 1}', NULL::care.schedule),
       care.value_on(NULL, '2015-01-01'), care.value_on('{"2015-01-01": 1}', NULL);

-- Then by its laws, on all pairs and triples of these.
CREATE TEMP TABLE sample AS
    SELECT row_number() OVER () AS n, s::care.schedule AS s
    FROM unnest(ARRAY['{"-infinity": 0}', '{"-infinity": 1.5}', '{"2015-01-01": 2.65, "2015-07-01": 2.25}',
                      '{"-infinity": -3, "2015-03-01": 4.25, "2015-07-01": null, "2016-01-01": 0.5}',
                      '{"2015-07-01": 100, "2015-07-02": -100, "2015-07-03": 7}', '{"2014-12-31": null}']) AS t (s);
CREATE TEMP TABLE probe AS SELECT '2014-12-30'::date + i AS day
FROM generate_series(0, 400) AS i UNION SELECT '0001-01-01' UNION SELECT '9999-12-31';

ANALYZE sample, probe;

-- each operator is the arithmetic of numbers, on every day, and not known where either is not
SELECT count(*),
       bool_and(care.value_on(a.s + b.s, day) IS NOT DISTINCT FROM x + y),
       bool_and(care.value_on(a.s - b.s, day) IS NOT DISTINCT FROM x - y),
       bool_and(care.value_on(a.s * b.s, day) IS NOT DISTINCT FROM x * y),
       bool_and(care.value_on(care.least(a.s, b.s), day) IS NOT DISTINCT FROM CASE WHEN x <= y THEN x WHEN y < x THEN y END),
       bool_and(care.value_on(care.greatest(a.s, b.s), day) IS NOT DISTINCT FROM CASE WHEN x >= y THEN x WHEN y > x THEN y END)
FROM sample AS a, sample AS b, probe, LATERAL (SELECT care.value_on(a.s, day), care.value_on(b.s, day)) AS v (x, y);
SELECT count(*),
       bool_and(care.value_on(a.s + 2.5, day) IS NOT DISTINCT FROM x + 2.5), bool_and(2.5 + a.s = a.s + 2.5),
       bool_and(care.value_on(a.s - 2.5, day) IS NOT DISTINCT FROM x - 2.5), bool_and(2.5 - a.s = 0 - (a.s - 2.5)),
       bool_and(care.value_on(a.s * 2.5, day) IS NOT DISTINCT FROM x * 2.5), bool_and(2.5 * a.s = a.s * 2.5),
       bool_and(care.value_on(care.least(a.s, 2.5), day) IS NOT DISTINCT FROM CASE WHEN x <= 2.5 THEN x WHEN x > 2.5 THEN 2.5 END),
       bool_and(care.value_on(care.greatest(a.s, 2.5), day) IS NOT DISTINCT FROM CASE WHEN x >= 2.5 THEN x WHEN x < 2.5 THEN 2.5 END)
FROM sample AS a, probe, LATERAL (SELECT care.value_on(a.s, day)) AS v (x);
-- commutative
SELECT count(*), bool_and(a.s + b.s = b.s + a.s), bool_and(a.s * b.s = b.s * a.s),
       bool_and(care.least(a.s, b.s) = care.least(b.s, a.s)), bool_and(care.greatest(a.s, b.s) = care.greatest(b.s, a.s))
FROM sample AS a, sample AS b;
-- associative and distributive
SELECT count(*), bool_and((a.s + b.s) + c.s = a.s + (b.s + c.s)), bool_and(a.s + b.s - c.s = a.s - (c.s - b.s)),
       bool_and(care.least(care.least(a.s, b.s), c.s) = care.least(a.s, care.least(b.s, c.s))),
       bool_and((a.s + b.s) * 3 = a.s * 3 + b.s * 3),
       bool_and(care.least(a.s, b.s) + c.s = care.least(a.s + c.s, b.s + c.s))
FROM sample AS a, sample AS b, sample AS c;
-- the lesser and the greater add up to the two; the greater is the lesser of the negatives
SELECT bool_and(care.least(a.s, b.s) + care.greatest(a.s, b.s) = a.s + b.s),
       bool_and(care.greatest(a.s, b.s) = 0 - care.least(0 - a.s, 0 - b.s))
FROM sample AS a, sample AS b;
-- neutral elements, and what is its own least and greatest
SELECT bool_and(s + 0 = s), bool_and(s - 0 = s), bool_and(s * 1 = s), bool_and(0 - (0 - s) = s),
       bool_and(care.least(s, s) = s), bool_and(care.greatest(s, s) = s)
FROM sample;
-- a schedule less itself is nought everywhere: one step wherever all of it is known
SELECT n, s - s FROM sample ORDER BY n;
SELECT bool_and(v.value = 0 OR v.value IS NULL) FROM sample, care.steps(s - s) AS v;
-- canonical, whatever made it
SELECT bool_and(r = r::text::care.schedule)
FROM sample AS a, sample AS b, LATERAL (VALUES (a.s + b.s), (a.s - b.s), (a.s * b.s), (care.least(a.s, b.s)),
    (care.greatest(a.s, b.s))) AS v (r);

-- Its limits.
SELECT '{"2015-01-01": 9999999999.9998}'::care.schedule + 0.0001, '{"2015-01-01": -9999999999.9998}'::care.schedule - 0.0001;
SELECT care_test.refused($$SELECT '{"2015-01-01": 1, "2015-02-01": 9999999999.9999}'::care.schedule + 0.0001$$);
SELECT care_test.refused($$SELECT '{"2015-01-01": -9999999999.9999}'::care.schedule - 0.0001$$);
SELECT '{"2015-01-01": 99999.9999}'::care.schedule * 100000, '{"2015-01-01": 0.01}'::care.schedule * 0.01;
SELECT care_test.refused($$SELECT '{"2015-01-01": 100000}'::care.schedule * 100000$$);
SELECT care_test.refused($$SELECT '{"2015-01-01": 0.01, "2015-02-01": 0.001}'::care.schedule * 0.01$$);
SELECT care_test.refused($$SELECT '{"2015-01-01": 1}'::care.schedule + 0.00001$$);
SELECT care_test.refused($$SELECT '{"2015-01-01": 1}'::care.schedule * 10000000000$$);
SELECT care_test.refused($$SELECT '{"2015-01-01": 1}'::care.schedule - 'NaN'::numeric$$);
SELECT care_test.refused($$SELECT 'Infinity'::numeric * '{"2015-01-01": 1}'::care.schedule$$);
SELECT care_test.refused($$SELECT care.least('{"2015-01-01": 1}', '-Infinity'::numeric)$$);
SELECT care_test.refused($$SELECT care.value_on('{"2015-01-01": 1}', 'infinity')$$);
SELECT care_test.refused($$SELECT care.value_on('{"-infinity": 1}', '-infinity')$$);
SELECT care_test.refused($$SELECT care.value_on('{"-infinity": 1}', '10000-01-01')$$);
SELECT care_test.refused($$SELECT care.value_on('{"-infinity": 1}', '0001-12-31 BC')$$);
-- 10,000 steps together, and one more: the sum begins where the later of the two does
SELECT count(*) FROM (SELECT care.schedule_agg('2000-01-01'::date + 2 * i, i) AS s FROM generate_series(0, 5000) AS i) AS a,
    (SELECT care.schedule_agg('2000-01-02'::date + 2 * i, i) AS s FROM generate_series(0, 4999) AS i) AS b,
    care.steps(a.s + b.s) AS v;
SELECT care_test.refused($$SELECT a.s + b.s
    FROM (SELECT care.schedule_agg('2000-01-01'::date + 2 * i, i) AS s FROM generate_series(0, 5001) AS i) AS a,
    (SELECT care.schedule_agg('2000-01-02'::date + 2 * i, i) AS s FROM generate_series(0, 4999) AS i) AS b$$);

--
-- schedule_agg.
--
SELECT care.schedule_agg(d, v) FROM (VALUES ('2016-01-01'::date, 2.15), ('2015-04-01', 2.65), ('2026-01-01', NULL),
    ('2015-07-01', 2.25)) AS r (d, v);
SELECT care.schedule_agg(d, v) FROM (VALUES ('2016-01-01'::date, 1.0), ('-infinity', 1), ('2017-01-01', 0)) AS r (d, v);
-- nothing comes of nothing
SELECT care.schedule_agg(d, v) FROM (VALUES ('2016-01-01'::date, 1.0)) AS r (d, v) WHERE false;
SELECT care.schedule_agg(d, v) FILTER (WHERE v > 5) FROM (VALUES ('2016-01-01'::date, 1.0)) AS r (d, v);
SELECT g, care.schedule_agg(d, v) FROM (VALUES (1, '2016-01-01'::date, 1.0), (2, '2016-01-01', 5),
    (1, '2017-01-01', NULL)) AS r (g, d, v) GROUP BY g ORDER BY g;
-- as a window function, more and more of it
SELECT care.schedule_agg(d, v) OVER (ORDER BY d DESC)
FROM (VALUES ('2016-01-01'::date, 1.0), ('2017-01-01', 2), ('2018-01-01', 3)) AS r (d, v);
-- and back into rows
SELECT bool_and(s = (SELECT care.schedule_agg(coalesce(v.valid_from, '-infinity'), v.value) FROM care.steps(s) AS v)) FROM sample;
SELECT care_test.refused(
    $$SELECT care.schedule_agg(d, 1) FROM (VALUES ('2016-01-01'::date), ('2017-01-01'), ('2016-01-01')) AS r (d)$$);
SELECT care_test.refused($$SELECT care.schedule_agg(d, 1) FROM (VALUES ('-infinity'::date), ('-infinity')) AS r (d)$$);
SELECT care_test.refused($$SELECT care.schedule_agg(NULL, 1)$$);
SELECT care_test.refused($$SELECT care.schedule_agg('infinity', 1)$$);
SELECT care_test.refused($$SELECT care.schedule_agg('10000-01-01', 1)$$);
SELECT care_test.refused($$SELECT care.schedule_agg('0001-12-31 BC', 1)$$);
SELECT care_test.refused($$SELECT care.schedule_agg('2016-01-01', 1.00001)$$);
SELECT care_test.refused($$SELECT care.schedule_agg('2016-01-01', 10000000000)$$);
SELECT care_test.refused($$SELECT care.schedule_agg('2016-01-01', 'NaN')$$);
SELECT care_test.refused($$SELECT care.schedule_agg('2016-01-01', 'Infinity')$$);
SELECT count(*) FROM (SELECT care.schedule_agg('2000-01-01'::date + i, i) AS s
    FROM generate_series(1, 10000) AS i) AS a, care.steps(a.s);
SELECT care_test.refused($$SELECT care.schedule_agg('2000-01-01'::date + i, i) FROM generate_series(1, 10001) AS i$$);

-- In parallel: the workers' parts are written, read and combined.
BEGIN;
CREATE TABLE public.points AS
    SELECT g, '2000-01-01'::date + i AS d, CASE WHEN i % 10 = 0 THEN NULL ELSE (i * g) % 7 + 0.25 END AS v
    FROM generate_series(1, 4) AS g, generate_series(1, 2500) AS i ORDER BY i % 50, g;
ANALYZE public.points;
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
CREATE TEMP TABLE serial AS SELECT g, care.schedule_agg(d, v) AS s FROM public.points GROUP BY g;
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
SET LOCAL min_parallel_table_scan_size = 0;
SET LOCAL max_parallel_workers_per_gather = 2;
SET LOCAL parallel_leader_participation = off;
SELECT pg_temp.plan_has('SELECT care.schedule_agg(d, v) FROM public.points WHERE g = 2', 'Partial Aggregate');
SELECT care.schedule_agg(d, v) = (SELECT s FROM serial WHERE g = 2) FROM public.points WHERE g = 2;
SELECT pg_temp.plan_has('SELECT g, care.schedule_agg(d, v) FROM public.points GROUP BY g', 'Partial HashAggregate')
    OR pg_temp.plan_has('SELECT g, care.schedule_agg(d, v) FROM public.points GROUP BY g', 'Partial GroupAggregate');
CREATE TEMP TABLE in_parallel AS SELECT g, care.schedule_agg(d, v) AS s FROM public.points GROUP BY g;
SELECT count(*), bool_and(a.s = b.s) FROM serial AS a JOIN in_parallel AS b ON b.g = a.g;
-- combining nothing with nothing, and nothing with something
SELECT care.schedule_agg(d, v) FROM public.points WHERE g > 4;
SELECT care.schedule_agg(d, v) FROM public.points WHERE g = 1 AND d = '2000-01-02';
-- a day that came to two workers
SELECT care_test.refused('SELECT care.schedule_agg(d, v) FROM public.points');
-- too many between them
INSERT INTO public.points SELECT 5, '2000-01-01'::date + i, i FROM generate_series(1, 10001) AS i;
SELECT care_test.refused('SELECT care.schedule_agg(d, v) FROM public.points WHERE g = 5');
SELECT care.schedule_agg(d, v) IS NOT NULL FROM public.points WHERE g = 5 AND d <> '2000-01-02';
ROLLBACK;

--
-- Order: the first day on which two differ decides; no value, then not known, then the values.  Against every day of
-- every schedule of four days, from the beginning on.
--
CREATE TEMP TABLE every AS
SELECT v.held, (SELECT care.schedule_agg(d.day, nullif(d.value, -1)) FILTER (WHERE d.value > -2)
                FROM unnest('{-infinity,2024-01-01,2024-01-02,2024-01-03}'::date[], v.held) AS d (day, value)) AS s
FROM (SELECT ARRAY[a, b, c, d] AS held FROM generate_series(-2, 1) AS a, generate_series(-2, 1) AS b, generate_series(-2, 1) AS c, generate_series(-2, 1) AS d
      -- once there is a value there always is
      WHERE (a = -2 OR b > -2) AND (b = -2 OR c > -2) AND (c = -2 OR d > -2) AND d > -2) AS v;
SELECT count(*), bool_and(care_internal.schedule_cmp(a.s, b.s) = CASE WHEN a.held < b.held THEN -1 WHEN a.held > b.held THEN 1 ELSE 0 END) AS cmp,
       bool_and(a.s OPERATOR(care.<) b.s = (a.held < b.held)) AS lt, bool_and(a.s OPERATOR(care.<=) b.s = (a.held <= b.held)) AS le,
       bool_and(a.s OPERATOR(care.>) b.s = (a.held > b.held)) AS gt, bool_and(a.s OPERATOR(care.>=) b.s = (a.held >= b.held)) AS ge,
       bool_and((care_internal.schedule_cmp(a.s, b.s) = 0) = (a.s OPERATOR(care.=) b.s)) AS eq
FROM every AS a, every AS b;
SELECT count(*), count(DISTINCT s), bool_and(n = m) AS sorted
FROM (SELECT s, row_number() OVER (ORDER BY s) AS n, row_number() OVER (ORDER BY held) AS m FROM every) AS o;
-- frozen: as it was at 1.0
SELECT string_agg(s::text, ' < ' ORDER BY s) FROM every WHERE held[2] IN (-2, held[1]) AND held[3] = held[2] AND held[4] <> -1;
-- a unique key, a search in it, a merge join
CREATE TABLE public.ordered (s care.schedule PRIMARY KEY);
INSERT INTO public.ordered SELECT s FROM every;
INSERT INTO public.ordered VALUES ('{"2024-01-03": 1}') ON CONFLICT DO NOTHING;
SET enable_seqscan = off;
SET enable_bitmapscan = off;
SELECT count(*) = (SELECT count(*) FROM every WHERE held >= '{-1,-1,-1,-1}') AS found FROM public.ordered WHERE s OPERATOR(care.>=) '{"-infinity": null}';
SET enable_nestloop = off;
SET enable_hashjoin = off;
SELECT count(*) FROM public.ordered AS a JOIN public.ordered AS b ON b.s OPERATOR(care.=) a.s;
RESET ALL;
DROP TABLE public.ordered;
