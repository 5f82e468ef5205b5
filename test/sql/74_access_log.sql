--
-- 74_access_log: who looked at a sensitive record: rows that stay, that are linked, and that a read asks for.
--
SET datestyle = 'ISO, YMD';
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE care.access_log ALTER COLUMN log_id RESTART WITH 1;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
SET application_name = 'test';
SET care.actor = 'jane';
SELECT care.record_person('E06000001', 'P-1') AS p \gset
SELECT care.log_read('person', :p, 'She telephoned');
SELECT operation, class, authority, reason, recipients, refused, application, recorded_by ~ '/jane$' AS by_jane, person_id = :p AS hers FROM care.access_log;
SELECT care_test.refused(format($$SELECT care.log_read('person', %s, NULL)$$, :p)), care_test.refused(format($$SELECT care.log_read('person', %s, '')$$, :p));
SELECT care_test.refused($$SELECT care.log_read('person', 0, 'No reason')$$), care_test.refused($$SELECT care.log_read('dragon', 1, 'No reason')$$);
SELECT care_test.refused(format($$SELECT care.log_read('person', %s, 'Why', 'peeping')$$, :p));
SELECT care_test.refused(format($$SELECT care.log_read('person', %s, 'Asked', 'disclosure')$$, :p));
SELECT care.log_read('person', :p, 'Asked', 'disclosure', 'the court') IS NOT NULL, care.log_read('person', :p, 'Wanted to see', refused => true) IS NOT NULL;
SELECT operation, reason, recipients, refused FROM care.access_log ORDER BY log_id;
-- what reads asks for a row: not of this transaction
SELECT care_test.refused(format($$SELECT care_internal.require_logged_read(%s, 'person')$$, min(log_id))) FROM care.access_log;
SELECT care_test.refused($$SELECT care_internal.require_logged_read(0, 'person')$$);
-- it stays
SELECT care_test.refused(c) FROM unnest(ARRAY['UPDATE care.access_log SET reason = ''x''', 'DELETE FROM care.access_log', 'TRUNCATE care.access_log']) AS c;
SET session_replication_role = replica;
SELECT care_test.refused('DELETE FROM care.access_log');
RESET session_replication_role;
-- and a change past the triggers is found; an end cut off by the digest alone
SELECT * FROM care.verify_access_log();
SELECT number, digest AS before FROM care.access_log_digest('infinity') \gset
SAVEPOINT before;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.access_log DISABLE TRIGGER ALL;
UPDATE care.access_log SET reason = 'Forged' WHERE operation = 'disclosure';
SELECT v.log_id = (SELECT l.log_id FROM care.access_log AS l WHERE l.reason = 'Forged') AS names_it, v.difference FROM care.verify_access_log('E06000001') AS v;
SELECT count(*) FROM care.verify_access_log('E06000002');
ROLLBACK TO before;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.access_log DISABLE TRIGGER ALL;
DELETE FROM care.access_log WHERE operation = 'disclosure';
SELECT regexp_replace(difference, '\d+$', '...') FROM care.verify_access_log();
ROLLBACK TO before;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.access_log DISABLE TRIGGER ALL;
DELETE FROM care.access_log WHERE refused;
SELECT count(*) FROM care.verify_access_log();
SELECT number = :number AS as_many, digest = :'before' AS same FROM care.access_log_digest('infinity');
ROLLBACK TO before;
-- how long: at least six months; not while there is a hold; disclosures as long as the record
SELECT care_test.refused($$SELECT care.record_setting('E06000001', 'access_log_months', '5')$$);
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '24 months')::date);
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '24 months 1 day')::date);
SELECT care.record_setting('E06000001', 'access_log_months', '6');
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '6 months')::date);
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '6 months 1 day')::date);
SELECT care.place_hold('person', ARRAY[:p]::bigint[], 'Inquest', 'Head of law') IS NOT NULL;
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '6 months 1 day')::date);
-- what is due goes, but for what is on hold, and its place in the chain stays; by hand nothing goes
SELECT care.record_person('E06000001', 'P-2') AS q \gset
INSERT INTO care.access_log (operation, class, record_id, person_id, authority, reason, refused, recorded_at)
SELECT 'consultation', 'person', k, k, 'E06000001', 'Long ago', false, now() - interval '7 months' FROM unnest(ARRAY[:p, :q]) AS k;
SELECT care.log_read('person', :q, 'Today') IS NOT NULL;
SELECT number, digest AS before FROM care.access_log_digest('infinity') \gset
SELECT regexp_replace(care_test.refused('DELETE FROM care.access_log WHERE reason = ''Long ago'''), 'row \d+', 'row N');
SELECT care.dispose_access_log('E06000002'), care.dispose_access_log('E06000001'), care.dispose_access_log();
SELECT reason, person_id = :p AS on_hold FROM care.access_log WHERE reason IN ('Long ago', 'Today') ORDER BY log_id;
SELECT * FROM care.verify_access_log();
SELECT number = :number AS as_many, digest = :'before' AS same FROM care.access_log_digest('infinity');
SELECT care.log_read('person', :q, 'Afterwards') IS NOT NULL, (SELECT count(*) FROM care.verify_access_log());
SELECT care_test.refused(c) FROM unnest(ARRAY['UPDATE care.access_log_disposed SET record_id = 0', 'DELETE FROM care.access_log_disposed', 'TRUNCATE care.access_log_disposed']) AS c;
-- a place in the chain that is forged lets no row go
INSERT INTO care.access_log_disposed (log_id, class, record_id, authority, follows, link, logged_at) SELECT l.log_id, l.class, l.record_id, l.authority, l.follows, l.link, l.recorded_at FROM care.access_log AS l WHERE l.reason = 'Today';
SELECT regexp_replace(care_test.refused('DELETE FROM care.access_log WHERE reason = ''Today'''), 'row \d+', 'row N');
-- purposes are coded
SELECT care_test.refused(format($$SELECT care.log_read('person', %s, 'Why', purpose => 'curiosity')$$, :q)), care.log_read('person', :q, 'Review', purpose => 'direct_care') IS NOT NULL;
ROLLBACK;

-- Under another isolation a row might not see the one it follows.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT care_test.refused($$SELECT care.log_read('person', 1, 'Why')$$);
ROLLBACK;
