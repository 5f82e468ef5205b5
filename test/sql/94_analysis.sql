--
-- 94_analysis: what adults want, by kind and in which words; risks in institutions: no person, no small number.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
-- Nine enquiries in each of which the adult wants two things.
CREATE FUNCTION pg_temp.want(n integer, words text, kinds text[], achieved text, location text DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    key bigint := casework.open_enquiry('E-' || n, ARRAY[casework.raise_concern('E06000001', 'P-' || n, 'C-' || n, '2015-05-01')], '2015-05-02');
BEGIN
    PERFORM casework.record_enquiry_detail(key, asked => 'expressed'),
            casework.rate_outcome(key, casework.record_wanted_outcome(key, words, kinds => kinds), achieved),
            casework.record_risk(key, 'neglect', 'service_provider', 'care_home_nursing', 'The Laurels', true, location),
            casework.conclude_enquiry(key, '2015-06-01', 'Done', 'none_no_action', achieved => achieved);
END
$$;
SELECT casework.record_name('E06000001', 'P-1', 'Horatio Tamworth');
SELECT pg_temp.want(n, CASE WHEN n <= 5 THEN 'I want to feel safe at home. Horatio feels safer' ELSE 'Wanting an apology' END,
                    CASE WHEN n <= 5 THEN '{safer,control}'::text[] ELSE '{justice}' END, CASE WHEN n <= 3 THEN 'fully' ELSE 'not' END,
                    CASE WHEN n <= 5 THEN '1-12345678' ELSE '1-999999' END) FROM generate_series(1, 9) AS n;
-- kinds: true counts, and as published
SELECT * FROM casework.wanted_outcome_kind('E06000001', '2016-03-31') WHERE wanted > 0;
SELECT * FROM casework.wanted_outcome_published('E06000001', '2016-03-31') WHERE kind IN ('safer', 'justice', 'recovery');
-- words: five cases or more, and no word of a name
SELECT * FROM casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31');
SELECT * FROM casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31', least_cases => 6);
SELECT * FROM casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31', 2) LIMIT 4;
SELECT count(*), count(*) FILTER (WHERE phrase ~* 'horatio') FROM casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31', 3);
SELECT count(*) FROM casework.wanted_phrase('E06000002', '2015-04-01', '2016-03-31');
SELECT care_test.refused($$SELECT casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31', 1, 4)$$);
SELECT care_test.refused($$SELECT casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31', 4)$$);
SELECT care_test.refused($$SELECT casework.wanted_phrase('E06000001', '2015-04-01', '2016-03-31', NULL)$$);
-- nothing of the caller's is run as text
SELECT count(*) FROM casework.wanted_phrase('E06000001''); DROP TABLE care.person; --', '2015-04-01', '2016-03-31');
-- institutions: without a person
SELECT * FROM casework.institutional_risk ORDER BY cqc_location_id;
SELECT attname FROM pg_attribute WHERE attrelid = 'casework.institutional_risk'::regclass AND attnum > 0 AND attname ~ 'person|reference|name';
ROLLBACK;
