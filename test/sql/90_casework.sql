--
-- 90_casework: creates care_casework, and checks what it says of itself in the catalogue, as 00_install does of the core.
--
-- The files numbered 91 and on need it and no other file: what they write, they roll back.
--
\pset format unaligned
\pset tuples_only on
-- The schemas must be the extension's alone.
CREATE SCHEMA casework;
CREATE TABLE casework.code (planted text);
SELECT care_test.refused('CREATE EXTENSION care_casework');
DROP SCHEMA casework CASCADE;
CREATE SCHEMA casework_secure;
SELECT care_test.refused('CREATE EXTENSION care_casework');
DROP SCHEMA casework_secure;

CREATE EXTENSION care_casework;
SELECT e.extnamespace::regnamespace, e.extrelocatable FROM pg_extension AS e WHERE e.extname = 'care_casework';
SELECT * FROM care.guard_state;
SELECT string_agg(class, ' ' ORDER BY n) FROM care_internal.record_class WHERE head::text LIKE 'casework%';
-- every code that a rule names is there, and every source of a list
SELECT DISTINCT c.source FROM casework.code AS c WHERE NOT EXISTS (SELECT FROM casework.code AS s WHERE s.list = 'source' AND s.code = c.source) ORDER BY 1;
SELECT list, count(*) FROM casework.code WHERE list ~ '^(sac|sg|prison)_' GROUP BY 1 ORDER BY 1;

\getenv source PG_ABS_SRCDIR
\set catalogue :source '/catalogue.sql'
\set extension care_casework
\set schema casework
\i :catalogue

-- Lists: a row is added, put right, and not beneath the product's own.
BEGIN;
SELECT care_test.refused($$SELECT casework.record_code('sac_gender', 'male', 'Man', 'test')$$);
SELECT care_test.refused($$SELECT casework.record_code('no_list', 'x', 'X', 'test')$$);
SELECT care_test.refused($$SELECT casework.record_code('sac_health_condition', '*', 'X', 'test')$$);
SELECT care_test.refused($$SELECT casework.record_code('sac_health_condition', 'mental', 'Mental health', 'test', '2015-04-02', '2015-04-01')$$);
SELECT care_test.refused($$SELECT casework.record_code('sac_health_condition', 'mental', 'Mental health', 'test', details => '[]')$$);
SELECT casework.record_code('sac_health_condition', 'mental', 'Mental helth', 'test', '2015-04-01', '2016-03-31'), casework.record_code('sac_health_condition', 'mental', 'Mental health', 'test', '2015-04-01', '2016-03-31');
SELECT code, label, shipped FROM casework.code WHERE list = 'sac_health_condition' ORDER BY position, code;
SELECT casework_internal.require_code('x', 'y', 'sac_health_condition', 'mental', d) FROM unnest('{2015-04-01,2016-03-31}'::date[]) AS d;
SELECT care_test.refused(format($$SELECT casework_internal.require_code('x', 'y', 'sac_health_condition', 'mental', %L)$$, d)) FROM unnest('{2015-03-31,2016-04-01}'::date[]) AS d;
SELECT care_test.refused($$UPDATE casework.code SET label = 'x'$$), care_test.refused($$DELETE FROM casework.code$$), care_test.refused($$UPDATE casework.local_code SET label = 'x'$$);
SELECT count(*) FROM care.verify();
ROLLBACK;

-- Of what the row recorded last holds, the rows that held at a moment: one recorded after all those that were shipped.
BEGIN;
SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', 'neighbour', 'known', 'A neigbour');
SELECT clock_timestamp() AS before \gset
SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', 'neighbour', 'known', 'A neighbour'),
       casework.record_local_code('E06000002', 'sac_source_of_risk', 'neighbour', 'known', 'Somebody near'),
       casework.record_bank_holiday('2026-12-25', 'a day of work', false);
SELECT 'before', l.authority, l.label FROM casework.local_code_known_at(:'before') AS l
UNION ALL SELECT 'now', l.authority, l.label FROM casework.local_code_known_at('infinity') AS l ORDER BY 1, 2;
SELECT (SELECT b.is_holiday FROM casework.bank_holiday_known_at(:'before') AS b WHERE b.day = '2026-12-25') AS before,
       (SELECT b.is_holiday FROM casework.bank_holiday_known_at('infinity') AS b WHERE b.day = '2026-12-25') AS now,
       count(*) = count(DISTINCT b.day) AS each_once FROM casework.bank_holiday_known_at('infinity') AS b;
ROLLBACK;
-- a parameter's rows hold by their days and by whose they are: nothing asks for the last of each
SELECT to_regprocedure('casework.parameter_known_at(timestamptz)') IS NULL, to_regprocedure('care.retention_schedule_known_at(timestamptz)') IS NULL;
