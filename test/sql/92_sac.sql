--
-- 92_sac: the Safeguarding Adults Collection of a year: what counts where, its checks, its publication.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE casework.concern ALTER COLUMN concern_id RESTART WITH 1;
ALTER TABLE casework.enquiry ALTER COLUMN enquiry_id RESTART WITH 1;

-- A concern with its enquiry, started and perhaps concluded; the key of the enquiry.
CREATE FUNCTION pg_temp.enquire(reference text, person text, raised date, started date, concluded date DEFAULT NULL, type text DEFAULT 'section_42')
    RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    key bigint := casework.open_enquiry('E-' || reference, ARRAY[casework.raise_concern('E06000001', person, 'C-' || reference, raised)], started, type);
BEGIN
    IF concluded IS NOT NULL THEN
        PERFORM casework.conclude_enquiry(key, concluded, 'Done', 'none_no_action');
    END IF;
    RETURN key;
END
$$;
CREATE FUNCTION pg_temp.cells(tables text, year date, prison boolean DEFAULT NULL) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT concat_ws(' ', sac_table, measure, row_item, column_item, number) FROM casework.sac_return('E06000001', year, prison)
    WHERE sac_table ~ tables AND number > 0
$$;
SELECT care_test.refused($$SELECT casework.sac_return('E06000001', '2026-03-30')$$);
-- every cell is there, in each of the tables
SELECT sac_table, count(*), sum(number) FROM casework.sac_return('E06000001', '2026-03-31') GROUP BY 1 ORDER BY 1;

-- 2: twelve residents of one incident.
SELECT casework.record_incident('E06000001', 'I-1', 'A night without staff', '2012-06-01') IS NOT NULL;
SELECT count(casework.raise_concern('E06000001', 'R-' || n, 'C-R' || n, '2012-06-02', incident_reference => 'I-1')) FROM generate_series(1, 12) AS n;
SELECT pg_temp.cells('SG1[af]', '2013-03-31');
-- each authority counts its own, where the abuse was, and all of them together each once
SELECT casework.raise_concern('E06000002', 'R-1', 'C-R1', '2012-06-02') IS NOT NULL;
SELECT a AS authority, (SELECT number FROM casework.sac_return(a, '2013-03-31') WHERE sac_table = 'SG1f' AND measure = 'concern') FROM unnest('{E06000001,E06000002,NULL}'::text[]) AS a;

-- 24 to 26: age on 31 March, or at death; 36: who is not an adult on the day of the case.
SELECT care.record_person('E06000001', 'A-24', '1961-03-31') IS NOT NULL, care.record_person('E06000001', 'A-25', '1961-04-01') IS NOT NULL,
       care.record_person('E06000001', 'A-26', '1950-12-02') IS NOT NULL, care.record_person('E06000001', 'A-36', '2008-03-31') IS NOT NULL;
SELECT care.record_death('A-26', '2025-12-01', '2025-12-02');
SELECT count(casework.raise_concern('E06000001', p, 'C-' || p, '2025-11-01')) FROM unnest('{A-24,A-25,A-26,A-36,A-none}'::text[]) AS p;
SELECT pg_temp.cells('SG1a', '2026-03-31');
SELECT p.reference, c.age_band FROM casework.sac_case('E06000001', '2026-03-31') AS c JOIN care.person AS p ON p.person_id = c.person_id ORDER BY 1;
SELECT p.reference, c.on_day FROM casework.sac_case('E06000001', '2026-03-31') AS c JOIN care.person AS p ON p.person_id = c.person_id WHERE NOT c.is_adult;
-- 26: who died a day later was 75
SAVEPOINT before;
SELECT care.record_person('E06000001', 'A-26b', '1950-12-02') IS NOT NULL, care.record_death('A-26b', '2025-12-02', '2025-12-03'), casework.raise_concern('E06000001', 'A-26b', 'C-A-26b', '2025-11-01') IS NOT NULL;
SELECT c.age_band FROM casework.sac_case('E06000001', '2026-03-31') AS c JOIN care.person AS p ON p.person_id = c.person_id WHERE p.reference = 'A-26b';
ROLLBACK TO before;
-- the bands, on the last day of the one and the first of the next
SELECT years, casework_internal.sac_age_band((date '2026-04-01' - make_interval(years => years))::date, '2026-03-31') AS younger, casework_internal.sac_age_band((date '2026-03-31' - make_interval(years => years))::date, '2026-03-31') AS older
FROM unnest('{65,75,85,95}'::int[]) AS years;
-- eighteen on the day itself
SELECT casework.raise_concern('E06000001', 'A-36', 'C-A-36 again', '2026-03-31') IS NOT NULL;
SELECT pg_temp.cells('SG1[af]', '2026-03-31');

-- 27: the last day of a year and the first.
SELECT casework.raise_concern('E06000001', 'Y', 'C-Y1', '2025-03-31') IS NOT NULL, casework.raise_concern('E06000001', 'Y', 'C-Y2', '2025-04-01') IS NOT NULL;
SELECT pg_temp.cells('SG1f', '2025-03-31');
-- 28: started in one year, concluded in the next
SELECT pg_temp.enquire('28', 'Y', '2025-03-19', '2025-03-20', '2025-04-02') IS NOT NULL;
SELECT pg_temp.cells('SG1f|SG2c', '2025-03-31');
SELECT pg_temp.cells('SG1f|SG2c', '2026-03-31');
-- concluded on the last day of a year, and on the first of the next
SAVEPOINT before;
SELECT count(pg_temp.enquire('end ' || d, 'Y', '2025-03-20', '2025-03-20', d)) FROM unnest('{2025-03-31,2025-04-01}'::date[]) AS d;
SELECT year, pg_temp.cells('SG1f|SG2c', year) FROM unnest('{2025-03-31,2026-03-31}'::date[]) AS year;
ROLLBACK TO before;

-- Individuals once, cases each: three enquiries of one man.
SELECT casework.record_profile('E06000001', 'M', 'male', 'white_irish', 'memory', '{autism}') IS NOT NULL;
SELECT count(pg_temp.enquire('M' || n, 'M', '2011-05-01', '2011-05-02')) FROM generate_series(1, 3) AS n;
SELECT pg_temp.cells('SG1', '2012-03-31');

-- 29 to 32: each enquiry once in every different pair.
CREATE FUNCTION pg_temp.pairs(VARIADIC risks text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    key bigint := pg_temp.enquire('pairs', 'Q', '2010-05-01', '2010-05-02', '2010-05-03');
    risk text;
BEGIN
    FOREACH risk IN ARRAY risks LOOP
        PERFORM casework.record_risk(key, split_part(risk, ' ', 1), split_part(risk, ' ', 2), split_part(risk, ' ', 3));
    END LOOP;
    RETURN QUERY SELECT * FROM pg_temp.cells('SG2[ab]', '2011-03-31');
END
$$;
SAVEPOINT before;
SELECT * FROM pg_temp.pairs('physical unknown community', 'physical unknown community');
ROLLBACK TO before;
SELECT * FROM pg_temp.pairs('neglect unknown own_home', 'neglect service_provider own_home');
ROLLBACK TO before;
SELECT * FROM pg_temp.pairs('neglect known own_home');
ROLLBACK TO before;
SELECT * FROM pg_temp.pairs('physical known own_home', 'financial known own_home');
ROLLBACK TO before;

-- Every table, and its checks.
SELECT pg_temp.enquire('X', 'X', '2014-05-01', '2014-05-02') AS x \gset
SELECT casework.record_enquiry_detail(:x, asked => 'expressed', capacity => 'lacked', supported => true);
SELECT casework.rate_outcome(:x, casework.record_wanted_outcome(:x, 'To be safe'), 'fully');
SELECT casework.conclude_enquiry(:x, '2014-06-01', 'Moved', 'identified_action', 'reduced', 'fully') IS NOT NULL;
SELECT pg_temp.enquire('W', 'W', '2014-05-01', '2014-05-02', '2014-06-01', 'other') IS NOT NULL;
SELECT casework.record_review_subject(casework.record_review('E06000001', 'S-1', '2014-01-01', '2014-07-01'), 'X', true, false);
SELECT casework.record_review_subject(casework.record_review('E06000001', 'S-1', '2014-01-01', '2014-07-01'), 'W', true, true);
SELECT pg_temp.cells('SG[2-5]', '2015-03-31');
SELECT * FROM casework.sac_check('E06000001', '2015-03-31');
SELECT * FROM casework.sac_check('E06000001', '2026-03-31');
-- what goes round the functions is found
SAVEPOINT before;
INSERT INTO casework.enquiry_detail (enquiry_id, type, started_on, asked) VALUES (:x, 'section_42', '2014-05-02', 'not_asked');
INSERT INTO casework.conclusion (enquiry_id, concluded_on, action_taken, risk_assessment_outcome) VALUES (:x, '2014-06-01', 'x', 'identified_action');
SELECT rule, severity, measure, found, expected FROM casework.sac_check('E06000001', '2015-03-31');
SELECT difference FROM care.verify();
ROLLBACK TO before;
INSERT INTO casework.conclusion (enquiry_id, concluded_on, action_taken) VALUES (:x, '2014-06-01', 'x');
SELECT rule, severity, measure, found, expected FROM casework.sac_check('E06000001', '2015-03-31');
ROLLBACK TO before;
-- capacity that is no answer: the four answers are not as many as the enquiries, and who was supported did not lack it
SAVEPOINT before;
INSERT INTO casework.enquiry_detail (enquiry_id, type, started_on, asked, capacity) VALUES (:x, 'section_42', '2014-05-02', 'expressed', 'supported');
SELECT rule, severity, measure, found, expected FROM casework.sac_check('E06000001', '2015-03-31');
ROLLBACK TO before;
-- not asked in a way that the list has, where another enquiry was
SELECT pg_temp.enquire('Z', 'Z', '2014-05-01', '2014-05-02', '2014-06-01') AS z \gset
SELECT * FROM casework.sac_check('E06000001', '2015-03-31');
INSERT INTO casework.enquiry_detail (enquiry_id, type, started_on, asked) VALUES (:z, 'section_42', '2014-05-02', 'by letter');
SELECT rule, severity, measure, found, expected FROM casework.sac_check('E06000001', '2015-03-31');
ROLLBACK TO before;
-- a review counts in the year in which it was concluded, or started, as the authority says: no guidance was read
SELECT year, pg_temp.cells('SG5', year) AS concluded FROM unnest('{2014-03-31,2015-03-31}'::date[]) AS year;
SELECT care.record_setting('E06000001', 'sac_review_counted', 'started');
SELECT year, pg_temp.cells('SG5', year) AS started FROM unnest('{2014-03-31,2015-03-31}'::date[]) AS year;
ROLLBACK TO before;
-- in the year after, with enquiries about concerns of the year before: a warning
SELECT pg_temp.enquire('V', 'V', '2015-03-31', '2015-04-01') IS NOT NULL;
SELECT rule, severity, measure, found, expected FROM casework.sac_check('E06000001', '2016-03-31');

-- 33: rates.
SELECT count(casework.raise_concern('E06000001', 'T-' || n, 'C-T' || n, '2009-05-01')) FROM generate_series(1, 130) AS n;
SELECT count(pg_temp.enquire('T' || n, 'T-' || n, '2009-05-01', '2009-05-02', NULL, CASE WHEN n <= 190 THEN 'section_42' ELSE 'other' END)) FROM generate_series(131, 200) AS n;
SELECT *, round(conversion_percent), round(section_42_percent) FROM casework.sac_rate('E06000001', '2010-03-31', 400000);
SELECT conversion_percent, section_42_percent, concerns_per_100000 FROM casework.sac_rate('E06000002', '2010-03-31');
SELECT casework.age_standardised_rate('{"18-64": 10, "65+": 30}', '{"18-64": 10000, "65+": 3000}', '{"18-64": 80, "65+": 20}');
-- 34, 35: publication
SELECT n, casework.published_number(n) FROM unnest('{0,4,5,7,8,12,13}'::bigint[]) AS n;
SELECT measure, row_item, published FROM casework.sac_published('E06000001', '2010-03-31') WHERE sac_table IN ('SG1f', 'SG4a');
SELECT DISTINCT published FROM casework.sac_published('E06000001', '2015-03-31') WHERE sac_table = 'SG4a' ORDER BY 1;

-- 16: local codes roll up to the national count.
SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', c, 'known', 'Local ' || c) FROM unnest('{relative,neighbour}'::text[]) AS c;
SELECT casework.record_risk(:x, 'physical', 'known', local_source => 'relative') IS NOT NULL, casework.record_risk(:x, 'physical', 'known', local_source => 'neighbour') IS NOT NULL;
SELECT pg_temp.cells('SG2', '2015-03-31') AS "16: two local codes, one national";
SELECT casework.record_local_code('E06000001', 'sac_risk_assessment_outcome', 'wish', 'identified_no_action', 'The adult wanted none'),
       care.record_setting('E06000001', 'no_action_reason', 'on');
SELECT care_test.refused($$SELECT pg_temp.enquire('U0', 'U', '2014-05-01', '2014-05-02'), casework.conclude_enquiry(currval('casework.enquiry_enquiry_id_seq'), '2014-06-01', 'None', 'identified_no_action', 'remained')$$)
       ~ 'no local code says why' AS refused;
SELECT casework.conclude_enquiry(pg_temp.enquire('U1', 'U', '2014-05-01', '2014-05-02'), '2014-06-01', 'None', 'identified_no_action', 'remained', local_outcome => 'wish') IS NOT NULL;
SELECT * FROM casework.sac_roll_up('E06000001', '2015-03-31');
SELECT r.national_code, r.enquiries, s.number FROM casework.sac_roll_up('E06000001', '2015-03-31') AS r
    JOIN (SELECT row_item, sum(number) AS number FROM casework.sac_return('E06000001', '2015-03-31') WHERE sac_table = 'SG2c' GROUP BY 1) AS s ON s.row_item = r.national_code
WHERE r.local_code IS NULL AND r.enquiries IS DISTINCT FROM s.number;

-- The layout of a year: a row that is asked for from the next year on, and one that was asked for to the year before.
SELECT casework.record_code('sac_risk_type', 'cuckooing', 'Home taken over', 'a letter', '2026-04-01'), casework.record_code('sac_location', 'asylum', 'Asylum', 'a letter', NULL, '2025-03-31');
SELECT year, count(*) AS cells, count(*) FILTER (WHERE row_item = 'cuckooing') AS cuckooing, count(*) FILTER (WHERE 'asylum' IN (row_item, column_item)) AS asylum
FROM unnest('{2025-03-31,2026-03-31,2027-03-31}'::date[]) AS year, casework.sac_return('E06000001', year) GROUP BY 1 ORDER BY 1;
SELECT casework.record_code('return_item', 'SAC SG2a cuckooing', 'The new row', 'a letter', '2026-04-01', details => '{"collection": "SAC", "sheet": "SG2a", "item": "cuckooing", "status": "voluntary"}');
SELECT collection, sheet, item, status, valid_from, valid_to FROM casework.return_spec WHERE collection IN ('SAC', 'DPA') ORDER BY 1, 6, 2, 3;
ROLLBACK;
