--
-- 10_domains: care.pounds and care.percent, on both sides of every limit.
--
\pset format unaligned
\pset tuples_only on

-- pounds: the largest and smallest, nought, pence; a trailing nought is no third decimal.
SELECT p::care.pounds FROM unnest('{9999999999.99, -9999999999.99, 0, -0.01, 0.01, 1.100, 86000, 1e2}'::numeric[]) AS p;
SELECT NULL::care.pounds IS NULL;
SELECT care_test.refused($$SELECT '10000000000'::care.pounds$$);
SELECT care_test.refused($$SELECT '9999999999.995'::care.pounds$$);
SELECT care_test.refused($$SELECT '-10000000000'::care.pounds$$);
SELECT care_test.refused($$SELECT '0.001'::care.pounds$$);
SELECT care_test.refused($$SELECT '-0.001'::care.pounds$$);
SELECT care_test.refused($$SELECT '1e-3'::care.pounds$$);
SELECT care_test.refused($$SELECT 'NaN'::care.pounds$$);
SELECT care_test.refused($$SELECT 'Infinity'::care.pounds$$);
SELECT care_test.refused($$SELECT '-Infinity'::care.pounds$$);
SELECT care_test.refused($$SELECT 'six hundred'::care.pounds$$);
SELECT care_test.refused($$SELECT ''::care.pounds$$);
-- nothing is rounded on the way in
SELECT care_test.refused($$SELECT (100 / 3.0)::care.pounds$$);

-- percent
SELECT p::care.percent FROM unnest('{0, 0.0001, 2.65, 99.9999, 100, 2.65000}'::numeric[]) AS p;
SELECT NULL::care.percent IS NULL;
SELECT care_test.refused($$SELECT '-0.0001'::care.percent$$);
SELECT care_test.refused($$SELECT '100.0001'::care.percent$$);
SELECT care_test.refused($$SELECT '0.00001'::care.percent$$);
SELECT care_test.refused($$SELECT 'NaN'::care.percent$$);
SELECT care_test.refused($$SELECT 'Infinity'::care.percent$$);
SELECT care_test.refused($$SELECT '-Infinity'::care.percent$$);

-- They are numerics to everything else: arithmetic, and whatever reads a column of them.
SELECT pg_typeof('600'::care.pounds * '0.45'::care.percent / 100), '600'::care.pounds * '0.45'::care.percent / 100;
BEGIN;
CREATE TABLE public.amounts (amount care.pounds, rate care.percent);
INSERT INTO public.amounts VALUES (0.10, 2.65), (0.20, 4.05), (NULL, NULL);
SELECT sum(amount), max(rate), count(*) FROM public.amounts;
SELECT care_test.refused('INSERT INTO public.amounts VALUES (0.105, 0)');
SELECT care_test.refused('UPDATE public.amounts SET rate = 101');
SELECT sum(amount), max(rate), count(*) FROM public.amounts;
ROLLBACK;
