-- casework_roles: who may do what with care_casework, as roles to be granted to logins, beside those of roles.sql.
--
-- Run it with psql after roles.sql in each database that has care_casework, as its owner with CREATEROLE or as a
-- superuser, after CREATE EXTENSION and after every update; it may be run again at any time.  It grants only, and
-- takes nothing from anybody.
--
--   care_worker         casework of an authority
--   care_analyst        figures, small numbers hidden; no person
--   care_auditor        the access log; no casework
--
-- Code lists are care_steward's.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;
DO $do$
DECLARE
    wanted text;
    f regprocedure;
BEGIN
    FOREACH wanted IN ARRAY '{care_worker,care_analyst,care_auditor}'::pg_catalog.text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) wanted) THEN
            EXECUTE pg_catalog.format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
    -- what reads has the caller's rights: it may be executed by whoever reads anything
    FOR f IN SELECT p.oid FROM pg_catalog.pg_proc AS p
             WHERE p.pronamespace OPERATOR(pg_catalog.=) ANY (
                       '{casework,casework_internal}'::pg_catalog.regnamespace[]::pg_catalog.oid[])
               AND p.provolatile OPERATOR(pg_catalog.<>) 'v' LOOP
        EXECUTE pg_catalog.format('GRANT EXECUTE ON FUNCTION %s TO care_worker, care_analyst, care_steward', f);
    END LOOP;
END
$do$;
GRANT USAGE ON SCHEMA casework, casework_internal TO care_worker, care_analyst, care_auditor, care_steward,
    care_historian;
GRANT care_reader TO care_worker;
GRANT SELECT ON casework.code, casework.local_code, casework.local_code_in_force
TO care_worker, care_analyst, care_steward, care_historian;
GRANT EXECUTE ON FUNCTION casework.record_code, casework.record_local_code TO care_steward;
COMMIT;
