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
-- what reads asks for a row: not of this transaction
SELECT care_test.refused(format($$SELECT care_internal.require_logged_read(%s, 'person')$$, min(log_id))) FROM care.access_log;
SELECT care_test.refused($$SELECT care_internal.require_logged_read(0, 'person')$$);
-- it stays
SELECT regexp_replace(care_test.refused(c), '\d{4}-\d\d-\d\d', 'N') FROM unnest(ARRAY['UPDATE care.access_log SET reason = ''x''', 'DELETE FROM care.access_log', 'TRUNCATE care.access_log']) AS c;
SET session_replication_role = replica;
SELECT regexp_replace(care_test.refused('DELETE FROM care.access_log'), '\d{4}-\d\d-\d\d', 'N');
RESET session_replication_role;
-- and a change past the triggers is found; an end cut off by the digest alone
SELECT * FROM care.verify_access_log();
SELECT number, digest AS before FROM care.access_log_digest('infinity') \gset
SAVEPOINT before;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.access_log DISABLE TRIGGER ALL;
UPDATE care.access_log SET reason = 'Forged' WHERE operation = 'disclosure';
SELECT log_id - min(log_id) OVER () AS nth, difference FROM care.verify_access_log('E06000001');
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
-- how long: at least six months; not while there is a hold; disclosures as long as the record, and what follows them
SELECT care_test.refused($$SELECT care.record_setting('E06000001', 'access_log_months', '5')$$);
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '24 months')::date);
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '24 months 1 day')::date);
SELECT care.record_setting('E06000001', 'access_log_months', '6');
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '6 months')::date);
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '6 months 1 day')::date);
SELECT care.place_hold('person', ARRAY[:p]::bigint[], 'Inquest', 'Head of law') IS NOT NULL;
SELECT count(*) FROM care.access_log_due((now() AT TIME ZONE 'Europe/London' + interval '6 months 1 day')::date);

-- What is due goes, from the beginning of the rows of a record, and by nobody anything else.
SELECT care.record_setting('E06000002', 'access_log_months', '6');
SELECT care.record_person('E06000002', 'P-' || n) > 0 AS recorded FROM generate_series(1, 2) AS n;
-- of the first: two reads, a disclosure, a read; of the second one that is due, and one that is not yet
INSERT INTO care.access_log (operation, class, record_id, person_id, authority, reason, recipients, refused, recorded_at)
SELECT o, 'person', person_id, person_id, 'E06000002', 'Why', CASE o WHEN 'disclosure' THEN 'the court' END, false,
       (care.today() - make_interval(months => 6) - make_interval(days => d) + make_interval(secs => n))::timestamp AT TIME ZONE 'Europe/London'
FROM (VALUES (1, 'P-1', 'consultation', 7), (2, 'P-1', 'consultation', 6), (3, 'P-1', 'disclosure', 5), (4, 'P-1', 'consultation', 4), (5, 'P-2', 'consultation', 4), (6, 'P-2', 'consultation', -4)) AS v (n, p, o, d)
    JOIN care.person ON authority = 'E06000002' AND reference = p ORDER BY n;
SELECT p.reference, count(*) FROM care.access_log_due(care.today()) AS d JOIN care.person AS p ON p.person_id = d.record_id WHERE d.authority = 'E06000002' GROUP BY 1 ORDER BY 1;
SELECT care_test.refused('SELECT care.remove_access_log(care.today() + 1)') ~ '^22023 nothing of the access log is removed before its day' AS early, care_test.refused('SELECT care.remove_access_log(NULL)');
SELECT regexp_replace(care_test.refused('DELETE FROM care.access_log AS l WHERE authority = ''E06000002'' AND ' || c), '\d\d\d\d-\d\d-\d\d|(?<=row )\d+', 'N', 'g')
FROM unnest(ARRAY['true', 'operation = ''disclosure''', 'log_id = (SELECT max(d.log_id) FROM care.access_log_due(care.today()) AS d JOIN care.person AS p ON p.person_id = d.record_id WHERE p.reference = ''P-1'')',
                  'recorded_at > now() - interval ''6 months''']) AS c;
SELECT care.place_hold('person', ARRAY[(SELECT person_id FROM care.person WHERE authority = 'E06000002' AND reference = 'P-2')], 'Inquest', 'Head of law') IS NOT NULL AS held;
SELECT care.remove_access_log() AS removed, care.remove_access_log() AS again;
SELECT p.reference, count(*), min(l.operation) FROM care.access_log AS l JOIN care.person AS p ON p.person_id = l.person_id WHERE l.authority = 'E06000002' GROUP BY 1 ORDER BY 1;
SELECT * FROM care.verify_access_log();
-- the next row follows what is left
SELECT care.log_read('person', person_id, 'Again') > 0 AS logged FROM care.person WHERE authority = 'E06000002';
SELECT * FROM care.verify_access_log();
ROLLBACK;

-- Under another isolation a row might not see the one it follows.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT care_test.refused($$SELECT care.log_read('person', 1, 'Why')$$);
ROLLBACK;
