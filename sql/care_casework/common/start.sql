--
-- start: what the script needs before its first object: a safe path, two empty schemas.
--
-- care_casework stands on care_account: it keeps its records by the core's declarations (keep_class, keep, keep_task,
-- keep_check, keep_setting), and has no keeping of its own.
--
-- Must not know: anything else.
--

SET LOCAL search_path = pg_catalog, pg_temp;

DO $do$
BEGIN
    IF EXISTS (SELECT FROM pg_depend AS d
               WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'casework'::regnamespace
                 AND d.classid <> 'pg_extension'::regclass) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema', CONSTRAINT = 'schema_is_empty',
            MESSAGE = 'schema casework already holds objects',
            HINT = 'care_casework needs the schema for itself: rename the other one, then try again.';
    END IF;
    IF coalesce(to_regnamespace('casework_internal'), to_regnamespace('casework_secure')) IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema', CONSTRAINT = 'schema_is_new',
            MESSAGE = 'there is a schema casework_internal or casework_secure already',
            HINT = 'care_casework needs both for itself: rename the other one, then try again.';
    END IF;
    IF EXISTS (SELECT FROM pg_namespace AS n JOIN pg_roles AS r ON r.oid = n.nspowner
               WHERE n.nspname = 'casework'
                 AND ((NOT r.rolsuper AND r.rolname <> CURRENT_USER)
                      OR EXISTS (SELECT FROM aclexplode(n.nspacl) AS x
                                 WHERE x.privilege_type = 'CREATE' AND x.grantee <> n.nspowner))) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'schema_is_safe',
            MESSAGE = 'schema casework belongs to somebody else, or somebody else may create objects in it',
            HINT = 'Drop the empty schema, then try again.';
    END IF;
END
$do$;

CREATE SCHEMA casework_internal;
COMMENT ON SCHEMA casework_internal IS 'What care_casework is made of: no contract, for nobody to call.';
