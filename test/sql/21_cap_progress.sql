--
-- 21_cap_progress: the type: its forms, its order by the exact fraction, indexes, accessors.
--
SET search_path = public, care;
SET jit = off;
\pset null '(null)'

--
-- Text, and what is read from it.
--
SELECT p, care.accrued(p), care.cap(p), care.remaining(p), care.percent(p), care.reached(p)
FROM unnest('{43120.50/86000.00, 0/86000, 86000/86000, 86000/86000 (not reached), 0/0, 0/0 (not reached),
              0.01/9999999999.99, 9999999999.99/9999999999.99, 1.5/3, 000001/000002.00}'::care.cap_progress[]) AS p;
-- per cent has 2 decimals, half a hundredth upwards
SELECT p, care.percent(p) FROM unnest('{1/3, 2/3, 1/20000, 0.99/20000, 85999.99/86000}'::care.cap_progress[]) AS p;
SELECT bool_and(p::text::care.cap_progress = p AND p::text::care.cap_progress::text = p::text) AS round_trip
FROM unnest('{43120.50/86000.00, 86000/86000 (not reached), 0/0, 9999999999.99/9999999999.99}'::care.cap_progress[]) AS p;

--
-- Binary: pence accrued, pence of the cap, a flag.  COPY out and in again.
--
SELECT care_internal.cap_progress_send('1.00/2.55'), care_internal.cap_progress_send('86000/86000 (not reached)');
BEGIN;
CREATE TABLE public.kept (p care.cap_progress);
CREATE TABLE public.read_back (p care.cap_progress);
INSERT INTO public.kept VALUES ('43120.50/86000.00'), (NULL), ('86000/86000 (not reached)'), ('0/0'),
    ('9999999999.99/9999999999.99');
COPY public.kept TO PROGRAM 'cat >care_account_test.bin' (FORMAT binary);
COPY public.read_back FROM PROGRAM 'cat care_account_test.bin; rm care_account_test.bin' (FORMAT binary);
SELECT count(*), count(r.p) FROM public.kept AS k JOIN public.read_back AS r ON r.p = k.p OR (r.p IS NULL AND k.p IS NULL);
ROLLBACK;

--
-- Order: the exact fraction, then not reached before reached, then the cap.
--
CREATE TEMP TABLE progress AS
    SELECT n, p::care.cap_progress AS p
    FROM unnest('{0/72000, 0/86000, 1/3, 33333.33/100000, 33333.34/100000, 43000/86000, 36000/72000,
                  3333333333.33/9999999999.99, 9999999999.98/9999999999.99, 85999.99/86000, 71999.99/72000, 72000/72000,
                  86000/86000, 86000/86000 (not reached), 0/0, 0/0 (not reached)}'::text[]) WITH ORDINALITY AS t (p, n);
SELECT p, care.percent(p) FROM progress ORDER BY p;
-- a third of 3 and a third of the largest cap there is are the same fraction; one penny in 9,999 million is not
SELECT '1/3'::care.cap_progress < '3333333333.33/9999999999.99',
       '1/3'::care.cap_progress = '3333333333.33/9999999999.99',
       '1/3'::care.cap_progress > '3333333333.32/9999999999.99',
       '9999999999.98/9999999999.99'::care.cap_progress < '9999999999.99/9999999999.99',
       '9999999999.97/9999999999.98'::care.cap_progress < '9999999999.98/9999999999.99';
-- the order is that of the fractions worked out by themselves; every operator says the same
SELECT count(*),
       bool_and((a.p < b.p) = (r < 0)), bool_and((a.p <= b.p) = (r <= 0)), bool_and((a.p = b.p) = (r = 0)),
       bool_and((a.p <> b.p) = (r <> 0)), bool_and((a.p >= b.p) = (r >= 0)), bool_and((a.p > b.p) = (r > 0)),
       bool_and(sign(care_internal.cap_progress_cmp(a.p, b.p)) = r), bool_and((a.p = b.p) = (a.n = b.n)),
       bool_and((a.p = b.p) = (care_internal.cap_progress_hash(a.p) = care_internal.cap_progress_hash(b.p)))
FROM progress AS a, progress AS b,
    -- a cap of nought is wholly reached: 1 of 1
    LATERAL (SELECT coalesce(nullif(care.cap(a.p), 0), 1), coalesce(nullif(care.cap(b.p), 0), 1),
                    CASE WHEN care.cap(a.p) = 0 THEN 1 ELSE care.accrued(a.p) END,
                    CASE WHEN care.cap(b.p) = 0 THEN 1 ELSE care.accrued(b.p) END) AS c (a_cap, b_cap, a_accrued, b_accrued),
    LATERAL (SELECT CASE WHEN a_accrued * b_cap <> b_accrued * a_cap THEN sign(a_accrued * b_cap - b_accrued * a_cap)
                         WHEN care.reached(a.p) AND NOT care.reached(b.p) THEN 1
                         WHEN care.reached(b.p) AND NOT care.reached(a.p) THEN -1
                         ELSE sign(care.cap(a.p) - care.cap(b.p)) END) AS s (r);
SELECT count(DISTINCT p), max(n) FILTER (WHERE p = '0/0'),
       (SELECT count(*) FROM (SELECT p FROM progress UNION SELECT p FROM progress) AS u) FROM progress;
SELECT care_internal.cap_progress_hash_extended('1/3', 0) <> care_internal.cap_progress_hash_extended('1/3', 1) AS seeded,
       (care_internal.cap_progress_hash_extended('1/3', 0) & 4294967295)
           = (care_internal.cap_progress_hash('1/3')::bigint & 4294967295) AS low_half;

-- the ends of the order, of all rows and of none, and of parts worked out side by side
SELECT care.min(p) = (SELECT p FROM progress ORDER BY p LIMIT 1) AS least, care.max(p) = (SELECT p FROM progress ORDER BY p DESC LIMIT 1) AS most,
       care.min(p) FILTER (WHERE n < 0) IS NULL AS of_none FROM progress;

-- btree and hash indexes, merge and hash joins
BEGIN;
CREATE TABLE public.far AS SELECT i AS n, format('%s/%s', i % 500, 500 + i % 7)::care.cap_progress AS p
FROM generate_series(0, 1999) AS i;
CREATE TEMP TABLE by_scan AS SELECT n FROM public.far WHERE p >= '1/2' AND p < '3/4';
CREATE INDEX far_btree ON public.far USING btree (p);
ANALYZE public.far;
SET LOCAL enable_seqscan = off;
SET LOCAL enable_bitmapscan = off;
SELECT count(*), count(*) FILTER (WHERE n IN (SELECT b.n FROM by_scan AS b)) FROM public.far WHERE p >= '1/2' AND p < '3/4';
SELECT count(*) FROM by_scan;
SELECT bool_and(earlier <= p) FROM (SELECT p, lag(p) OVER (ORDER BY p) AS earlier FROM public.far) AS l;
SELECT care.min(p), care.max(p) FROM public.far;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query; END $$;
SELECT trim(line, ' ->') AS plan FROM pg_temp.plan('SELECT care.max(p) FROM public.far') AS line WHERE line ~ 'Scan';
DROP INDEX public.far_btree;
CREATE INDEX far_hash ON public.far USING hash (p);
SELECT count(*) FROM public.far WHERE p = '250/501';
RESET enable_seqscan;
SELECT count(*) FROM public.far WHERE p = '250/501';
SET LOCAL enable_nestloop = off;
SET LOCAL enable_hashjoin = off;
SELECT count(*) FROM public.far AS a JOIN public.far AS b ON b.p = a.p;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = off;
SELECT count(*) FROM public.far AS a JOIN public.far AS b ON b.p = a.p;
SELECT sum(c * c) FROM (SELECT count(*) AS c FROM public.far GROUP BY n % 500, n % 7) AS g;
ROLLBACK;

--
-- What is refused.
--
\pset format unaligned
\pset tuples_only on
SELECT care_test.refused(format('SELECT %L::care.cap_progress', t))
FROM unnest(ARRAY['', '/', '1', '1/', '/1', '2/1', '86000.01/86000', '-1/2', '1/-2', '+1/2', '1.001/2', '1/2.001',
    '1/2/3', ' 1/2', '1/2 ', '1 / 2', '1,000/2,000', 'NaN/1', '1e2/2e2', 'a/b', '.5/1',
    '0/10000000000', '10000000000/10000000000', '99999999999999999999999999/99999999999999999999999999',
    '1/2 (not reached)', '2/2(not reached)', '2/2 (reached)', '2/2 (not reached) ']) AS t;
-- binary, in hexadecimal: accrued, cap, flag
CREATE TEMP TABLE received (p care.cap_progress);
CREATE FUNCTION pg_temp.receive(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    payload bytea := decode(array_to_string(parts, ''), 'hex');
    stream bytea := '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea -- signature, flags, no extension
        || '\x0001'::bytea || int4send(length(payload)) || payload || '\xffff'::bytea; -- one row of one field, the end
BEGIN
    DELETE FROM received;
    EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)',
        'echo ' || translate(encode(stream, 'base64'), E'\n', '') || ' | base64 -d');
    RETURN (SELECT r.p::text FROM received AS r);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
SELECT pg_temp.receive('0000000000000064', '00000000000000ff', '00000000');
-- above the cap; below nought; a cap out of range; not reached, and not at the cap; another flag; too short, too long
SELECT pg_temp.receive('0000000000000100', '00000000000000ff', '00000000');
SELECT pg_temp.receive('ffffffffffffffff', '00000000000000ff', '00000000');
SELECT pg_temp.receive('0000000000000001', '000000e8d4a50fff', '00000000');
SELECT pg_temp.receive('0000000000000001', '000000e8d4a51000', '00000000');
SELECT pg_temp.receive('0000000000000064', '00000000000000ff', '00000001');
SELECT pg_temp.receive('0000000000000064', '0000000000000064', '00000001');
SELECT pg_temp.receive('0000000000000064', '0000000000000064', '00000002');
SELECT pg_temp.receive('0000000000000064', '0000000000000064', '80000000');
SELECT pg_temp.receive('0000000000000064', '0000000000000064');
SELECT pg_temp.receive('0000000000000064', '0000000000000064', '00000000', '00');
