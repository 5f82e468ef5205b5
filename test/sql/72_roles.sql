--
-- 72_roles: what each role of sql/roles.sql may do, derived from the catalogue after the script ran twice; that nobody
-- but care_loader gets at a table past the functions; and the same in a second database of the cluster.
--
-- Roles are of the cluster: those that were not there before are dropped at the end.
--
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '
\getenv source PG_ABS_SRCDIR
\set roles :source '/../sql/roles.sql'
SELECT count(*) = 0 AS all_new, current_database() AS first_database FROM pg_roles WHERE rolname ~ '^care_(reader|historian|writer|approver|runner|steward|archivist|loader)$' \gset
\set ECHO none
\i :roles
\i :roles
\set ECHO all
\set ON_ERROR_STOP off

CREATE TEMP VIEW role AS
    SELECT u.place, u.name::regrole AS oid, replace(u.name, 'care_', '') AS name
    FROM unnest('{care_reader,care_historian,care_writer,care_approver,care_runner,care_steward,care_archivist,care_loader}'::text[])
        WITH ORDINALITY AS u (name, place);
CREATE TEMP VIEW relation AS
    SELECT c.oid, c.oid::regclass AS name, c.relkind FROM pg_class AS c
    WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind IN ('r', 'v', 'S');
CREATE TEMP VIEW function AS
    SELECT p.oid, p.oid::regprocedure AS name, p.provolatile, p.pronamespace, p.prorettype, p.prosecdef FROM pg_proc AS p
    WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace);

-- None of them can log in, or do anything else by itself.
SELECT count(*) FROM role AS r JOIN pg_roles AS g ON g.oid = r.oid
WHERE g.rolcanlogin OR g.rolsuper OR g.rolcreaterole OR g.rolcreatedb OR g.rolreplication OR g.rolbypassrls;
SELECT m.roleid::regrole, m.member::regrole FROM pg_auth_members AS m JOIN role AS r ON r.oid = m.roleid
WHERE m.member IN (SELECT oid FROM role) ORDER BY m.roleid::regrole::text, m.member::regrole::text;

-- Tables and views: who reads them.
SELECT w.readers, string_agg(w.name, ' ' ORDER BY w.name COLLATE "C")
FROM (SELECT t.name::text, coalesce(string_agg(r.name, ' ' ORDER BY r.place) FILTER (WHERE has_table_privilege(r.oid, t.oid, 'SELECT')), 'nobody') AS readers
      FROM relation AS t, role AS r WHERE t.relkind <> 'S' GROUP BY t.name) AS w
GROUP BY w.readers ORDER BY count(*) DESC, w.readers;
-- Any other right to one, to a column of one, or to a sequence.
SELECT t.name, r.name, p.privilege FROM relation AS t, role AS r, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
WHERE t.relkind <> 'S' AND has_table_privilege(r.oid, t.oid, p.privilege) ORDER BY 1, 2, 3;
SELECT t.name, r.name, x.privilege_type, string_agg(a.attname, ' ' ORDER BY a.attnum)
FROM relation AS t JOIN pg_attribute AS a ON a.attrelid = t.oid, LATERAL aclexplode(a.attacl) AS x JOIN role AS r ON r.oid = x.grantee
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT r.name, p.privilege, string_agg(t.name::text, ' ' ORDER BY t.name::text COLLATE "C")
FROM relation AS t, role AS r, unnest('{USAGE,SELECT,UPDATE}'::text[]) AS p (privilege)
WHERE t.relkind = 'S' AND has_sequence_privilege(r.oid, t.oid, p.privilege) GROUP BY 1, 2 ORDER BY 1, 2;

-- What reads may be executed by all of them, whichever schema it is in: but for what has its owner's rights, which is for
-- the roles of api_roles.sql.
SELECT f.name, r.name FROM function AS f, role AS r WHERE f.provolatile <> 'v' AND f.prosecdef AND has_function_privilege(r.oid, f.oid, 'EXECUTE');
SELECT f.name, r.name FROM function AS f, role AS r WHERE f.provolatile <> 'v' AND NOT f.prosecdef AND NOT has_function_privilege(r.oid, f.oid, 'EXECUTE');
-- Each function that is volatile, and who may execute it.
SELECT w.name, w.executors
FROM (SELECT f.name::text, string_agg(r.name, ' ' ORDER BY r.place) FILTER (WHERE has_function_privilege(r.oid, f.oid, 'EXECUTE')) AS executors, f.pronamespace
      FROM function AS f, role AS r WHERE f.provolatile = 'v' AND f.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) GROUP BY f.name, f.pronamespace) AS w
WHERE w.executors IS NOT NULL OR w.pronamespace = 'care'::regnamespace ORDER BY w.name COLLATE "C";
SELECT f.name, r.name FROM function AS f, role AS r
WHERE f.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype) AND has_function_privilege(r.oid, f.oid, 'EXECUTE');

-- The schemas; and everybody, who may do nothing.
SELECT n.name, r.name, has_schema_privilege(r.oid, n.name, 'USAGE') AS usage, has_schema_privilege(r.oid, n.name, 'CREATE') AS create
FROM unnest('{care,care_internal}'::text[]) AS n (name), role AS r ORDER BY n.name, r.place;
SELECT count(*) FILTER (WHERE has_function_privilege('public', f.oid, 'EXECUTE')) FROM function AS f;
SELECT count(*) FROM relation AS t WHERE CASE WHEN t.relkind = 'S' THEN has_sequence_privilege('public', t.oid, 'USAGE, SELECT, UPDATE')
                                         ELSE has_any_column_privilege('public', t.oid, 'SELECT, INSERT, UPDATE, REFERENCES') END;
CREATE TEMP TABLE found AS
SELECT md5(string_agg(o.name || coalesce(o.acl::text, ''), ' ' ORDER BY o.name COLLATE "C", o.acl::text COLLATE "C")) AS digest
FROM (SELECT t.name::text, c.relacl FROM relation AS t JOIN pg_class AS c ON c.oid = t.oid
      UNION ALL SELECT t.name || '.' || a.attname, a.attacl FROM relation AS t JOIN pg_attribute AS a ON a.attrelid = t.oid WHERE a.attnum > 0
      UNION ALL SELECT f.name::text, p.proacl FROM function AS f JOIN pg_proc AS p ON p.oid = f.oid
      UNION ALL SELECT n.nspname, n.nspacl FROM pg_namespace AS n WHERE n.nspname IN ('care', 'care_internal')) AS o (name, acl);
SELECT digest AS first_digest FROM found \gset

--
-- A login of the case system gets at no table past the functions.
--
BEGIN;
CREATE ROLE regress_case_system IN ROLE care_writer;
CREATE ROLE regress_steward IN ROLE care_steward;
CREATE ROLE regress_loader IN ROLE care_loader;
GRANT USAGE ON SCHEMA care_test TO regress_case_system, regress_loader;
GRANT EXECUTE ON FUNCTION care_test.refused TO regress_case_system, regress_loader;
GRANT SELECT ON relation TO regress_case_system;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
SET SESSION AUTHORIZATION regress_steward;
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test');
SET SESSION AUTHORIZATION regress_case_system;
SELECT care.open_account('E06000001', 'A', 'P-1', NULL, '2022', '2023-10-01') AS a, care.open_agreement('E06000001', 'D', 'P-1', '2024-01-01', '2024-01-01') AS d \gset
SELECT care.record_valuation(:d, '2024-01-01', 165000) IS NOT NULL, care.defer(:d, '2024-02-01', 'care_fees', 535) IS NOT NULL;
SELECT care_test.refused(format('SELECT care.defer(%s, ''2024-02-02'', ''care_fees'', 900000)', :d));
SELECT care_test.refused(format('INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (%s, ''2024-02-02'', ''care_fees'', 900000)', :d));
-- every way, for every table
SELECT w.way, count(*) AS tables, string_agg(DISTINCT left(care_test.refused(format(w.way, t.name, a.attname)), 5), ' ') AS refused_with
FROM relation AS t
    JOIN LATERAL (SELECT c.attname FROM pg_attribute AS c WHERE c.attrelid = t.oid AND c.attnum > 0 AND c.attidentity = '' AND c.attgenerated = ''
                  ORDER BY c.attnum LIMIT 1) AS a ON true,
    unnest(ARRAY['INSERT INTO %1$s DEFAULT VALUES', 'INSERT INTO %1$s (%2$I) SELECT %2$I FROM %1$s', 'INSERT INTO %1$s DEFAULT VALUES ON CONFLICT DO NOTHING',
                 'UPDATE %1$s SET %2$I = %2$I', 'DELETE FROM %1$s', 'TRUNCATE %1$s CASCADE',
                 'MERGE INTO %1$s AS t USING (SELECT 1) AS s ON false WHEN NOT MATCHED THEN INSERT DEFAULT VALUES',
                 'MERGE INTO %1$s AS t USING (SELECT 1) AS s ON true WHEN MATCHED THEN DELETE',
                 'SELECT FROM %1$s FOR UPDATE', 'LOCK TABLE %1$s IN ROW EXCLUSIVE MODE', 'LOCK TABLE %1$s IN ACCESS EXCLUSIVE MODE',
                 'WITH gone AS (DELETE FROM %1$s RETURNING 1) SELECT FROM gone', 'ALTER TABLE %1$s DISABLE TRIGGER ALL',
                 'CREATE TRIGGER mine BEFORE INSERT ON %1$s EXECUTE FUNCTION suppress_redundant_updates_trigger()']) WITH ORDINALITY AS w (way, place)
WHERE t.relkind = 'r' GROUP BY w.way, w.place ORDER BY w.place;
RESET SESSION AUTHORIZATION;
ROLLBACK;
-- COPY is no statement of a function
CREATE ROLE regress_case_system IN ROLE care_writer;
SET SESSION AUTHORIZATION regress_case_system;
COPY care.agreement_entry (agreement_id, on_day, kind, amount) FROM STDIN;
\.
COPY care.budget FROM STDIN;
\.
RESET SESSION AUTHORIZATION;
DROP ROLE regress_case_system;

-- Who loads says neither when nor by whom a row was recorded, nor what follows from facts.
BEGIN;
CREATE ROLE regress_loader IN ROLE care_loader;
SET SESSION AUTHORIZATION regress_loader;
INSERT INTO care.person (authority, reference) VALUES ('E06000001', 'P-9') RETURNING recorded_by;
INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
SELECT person_id, '2023-10-01', authority, 'L', '2022' FROM care.person WHERE reference = 'P-9' RETURNING recorded_by;
SAVEPOINT s;
INSERT INTO care.person (authority, reference, recorded_at) VALUES ('E06000001', 'P-8', '2020-01-01');
ROLLBACK TO s;
INSERT INTO care.person (authority, reference, recorded_by) VALUES ('E06000001', 'P-8', 'somebody else');
ROLLBACK TO s;
UPDATE care.account SET reference = 'M';
ROLLBACK TO s;
INSERT INTO care.issued_statement DEFAULT VALUES;
ROLLBACK TO s;
SELECT care.record_event(1, '2024-01-01', 'statement_requested');
ROLLBACK;

-- And brings in a spreadsheet by the functions alone, held to the rules; what is staged nobody reads past them.
BEGIN;
CREATE ROLE regress_loader IN ROLE care_loader;
CREATE ROLE regress_reader IN ROLE care_reader;
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test'), care.record_person('E06000001', 'P-3', '1940-01-01') \g /dev/null
SET SESSION AUTHORIZATION regress_loader;
SELECT care.import_begin('E06000001', 'of a loader') AS batch \gset
COPY care.import_line (line) FROM STDIN (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
Ref,Person,Born,Signed
I-1,P-1,1941-02-03,2024-01-01
I-2,P-2,,2024-01-01
I-3,P-3,1940-01-02,2024-01-01
\.
SELECT care.import_sheet(:batch, 'agreements', '{"agreement": "Ref", "person": "Person", "date_of_birth": "Born", "signed_on": "Signed", "secured_on": "Signed", "stated_balance": "=1", "stated_on": "=2024-06-30"}');
COPY care.import_line (line) FROM STDIN (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
Ref,Day,Amount
I-1,2024-02-01,500
I-2,2024-02-01,900000
\.
SELECT care.import_sheet(:batch, 'entries', '{"agreement": "Ref", "on_day": "Day", "kind": "=care_fees", "amount": "Amount"}');
COPY care.import_line (line) FROM STDIN (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02');
Ref,Value
I-1,165000
I-2,165000
\.
SELECT care.import_sheet(:batch, 'valuations', '{"agreement": "Ref", "valued_on": "=2024-01-01", "amount": "Value"}');
SELECT sheet, line, heading, problem FROM care.import_check(:batch);
SELECT agreement, ours FROM care.import_compare(:batch);
SELECT count(*) FROM care.import_conventions(:batch);
SELECT sheet, lines FROM care.import_waiting() WHERE batch_id = :batch;
SELECT reference, lines, because FROM care.import_load(:batch);
SELECT reference, recorded_by FROM care.agreement WHERE authority = 'E06000001' AND reference LIKE 'I-_';
SELECT class, lines, recorded_by FROM care.import_loaded WHERE batch_id = :batch;
SAVEPOINT s;
SELECT * FROM care.import_line;
ROLLBACK TO s;
SELECT * FROM care_internal.import_row;
ROLLBACK TO s;
INSERT INTO care.import_batch (authority, name) VALUES ('E06000001', 'x');
ROLLBACK TO s;
SET SESSION AUTHORIZATION regress_reader;
SELECT * FROM care.import_waiting();
ROLLBACK TO s;
SELECT * FROM care_internal.import_agreements(1);
ROLLBACK;

--
-- A second database of the cluster: the same.
--
CREATE DATABASE regression_care_roles;
\c regression_care_roles
SET client_min_messages = warning;
CREATE EXTENSION care_account;
\set ECHO none
\i :roles
\set ECHO all
\set ON_ERROR_STOP off
CREATE TEMP VIEW relation AS
    SELECT c.oid, c.oid::regclass AS name, c.relkind FROM pg_class AS c
    WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind IN ('r', 'v', 'S');
SELECT md5(string_agg(o.name || coalesce(o.acl::text, ''), ' ' ORDER BY o.name COLLATE "C", o.acl::text COLLATE "C")) = :'first_digest'
FROM (SELECT t.name::text, c.relacl FROM relation AS t JOIN pg_class AS c ON c.oid = t.oid
      UNION ALL SELECT t.name || '.' || a.attname, a.attacl FROM relation AS t JOIN pg_attribute AS a ON a.attrelid = t.oid WHERE a.attnum > 0
      UNION ALL SELECT p.oid::regprocedure::text, p.proacl FROM pg_proc AS p WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
      UNION ALL SELECT n.nspname, n.nspacl FROM pg_namespace AS n WHERE n.nspname IN ('care', 'care_internal')) AS o (name, acl);
\c :first_database
SET client_min_messages = warning;
DROP DATABASE regression_care_roles;

\if :all_new
DROP OWNED BY care_reader, care_historian, care_writer, care_approver, care_runner, care_steward, care_archivist, care_loader;
DROP ROLE care_reader, care_historian, care_writer, care_approver, care_runner, care_steward, care_archivist, care_loader;
\endif
