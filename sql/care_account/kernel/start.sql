--
-- start: what the script needs before its first object: a server, two empty schemas, a safe path.
--
-- Must not know: anything else.
--

-- Built-in names below are written plainly: they are PostgreSQL's own, whatever schema care may hold.
SET LOCAL search_path = pg_catalog, pg_temp;

-- Everything below lands in two schemas: nobody else may have put objects there, or be able to.
DO $do$
BEGIN
    IF current_setting('server_version_num')::integer < 150000 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'feature_not_supported',
            MESSAGE = 'care_account needs PostgreSQL 15 or later';
    END IF;
    IF EXISTS (SELECT FROM pg_depend AS d
               WHERE d.refclassid = 'pg_namespace'::regclass
                 AND d.refobjid = 'care'::regnamespace
                 AND d.classid <> 'pg_extension'::regclass) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema',
            MESSAGE = 'schema care already holds objects',
            HINT = 'care_account needs the schema for itself: rename the other one, then try again.';
    END IF;
    IF to_regnamespace('care_internal') IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema',
            MESSAGE = 'there is a schema care_internal already',
            HINT = 'care_account needs the schema for itself: rename the other one, then try again.';
    END IF;
    IF EXISTS (SELECT FROM pg_namespace AS n JOIN pg_roles AS r ON r.oid = n.nspowner
               WHERE n.nspname = 'care'
                 AND ((NOT r.rolsuper AND r.rolname <> CURRENT_USER)
                      OR EXISTS (SELECT FROM aclexplode(n.nspacl) AS x
                                 WHERE x.privilege_type = 'CREATE'
                                   AND x.grantee <> n.nspowner))) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = 'schema care belongs to somebody else, or somebody else may create objects in it',
            HINT = 'Drop the empty schema, then try again.';
    END IF;
END
$do$;

CREATE SCHEMA care_internal;
COMMENT ON SCHEMA care_internal IS 'What care_account is made of: no contract, for nobody to call.';
