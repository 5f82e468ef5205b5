--
-- start: what the script needs before its first object: a server, two empty schemas, a safe path, a way to comment.
--
-- Must not know: anything else.
--

-- Built-in names below are written plainly: they are PostgreSQL's own, whatever schema care may hold.
--
-- Nothing below depends on a setting of the session or the database, nor on its encoding: a backslash stands in E''
-- only, every letter is ASCII, days are written as ISO writes them, and what is written down of what was installed is
-- printed under settings of its own (room guard).
SET LOCAL search_path = pg_catalog, pg_temp;

-- Everything below lands in two schemas: nobody else may have put objects there, or be able to.
DO $do$
BEGIN
    IF current_setting('server_version_num')::integer < 150000 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'feature_not_supported',
            CONSTRAINT = 'server_version',
            MESSAGE = 'care_account needs PostgreSQL 15 or later';
    END IF;
    IF EXISTS (SELECT FROM pg_depend AS d
               WHERE d.refclassid = 'pg_namespace'::regclass
                 AND d.refobjid = 'care'::regnamespace
                 AND d.classid <> 'pg_extension'::regclass) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema',
            CONSTRAINT = 'schema_is_empty',
            MESSAGE = 'schema care already holds objects',
            HINT = 'care_account needs the schema for itself: rename the other one, then try again.';
    END IF;
    IF to_regnamespace('care_internal') IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema', CONSTRAINT = 'schema_is_new',
            MESSAGE = 'there is a schema care_internal already',
            HINT = 'care_account needs the schema for itself: rename the other one, then try again.';
    END IF;
    IF EXISTS (SELECT FROM pg_namespace AS n, aclexplode(n.nspacl) AS x
               WHERE n.nspname = 'care' AND x.privilege_type = 'CREATE' AND x.grantee <> n.nspowner) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            CONSTRAINT = 'schema_is_safe',
            MESSAGE = 'somebody else than its owner may create objects in schema care',
            HINT = 'Drop the empty schema, then try again.';
    END IF;
    -- a dump makes the schema first, and gives it to who owned it: that may be no superuser, and no superuser need
    -- trust it
    ALTER SCHEMA care OWNER TO CURRENT_USER;
END
$do$;

CREATE SCHEMA care_internal;
COMMENT ON SCHEMA care_internal IS 'What care_account is made of: no contract, for nobody to call.';

-- A view's columns say what those of its tables, or of its row's type, say: in one statement, after what is said of the
-- view alone.
CREATE FUNCTION care_internal.comment_columns(view regclass, VARIADIC sources regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missing record;
BEGIN
    FOR missing IN
        SELECT a.attname,
               (SELECT col_description(u.source, s.attnum)
                FROM unnest(sources) WITH ORDINALITY AS u (source, n)
                    JOIN pg_attribute AS s ON s.attrelid = u.source AND s.attname = a.attname
                WHERE col_description(u.source, s.attnum) IS NOT NULL
                ORDER BY u.n LIMIT 1) AS comment
        FROM pg_attribute AS a
        WHERE a.attrelid = view AND a.attnum > 0 AND NOT a.attisdropped AND col_description(view, a.attnum) IS NULL LOOP
        IF missing.comment IS NULL THEN
            RAISE EXCEPTION USING
                ERRCODE = 'undefined_object',
                CONSTRAINT = 'columns_commented',
                MESSAGE = format('nothing says what column %s of %s is', missing.attname, view);
        END IF;
        -- what is derived for a table is not for a view
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', view, missing.attname,
                       regexp_replace(missing.comment, '^Derived: (.)', upper(substr(missing.comment, 10, 1))));
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.comment_columns(regclass, regclass[]) IS
    'Part of installation: comments the columns of a view that have no comment as the first of the sources with a '
    'column of that name does.';
