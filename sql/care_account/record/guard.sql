--
-- guard: nothing that is recorded is lost or changed past the triggers.
--
-- An event trigger refuses the commands that would take away or change what keeps the records; the
-- triggers that refuse changes fire in every session; and a list says what of this is no longer as
-- it was installed, which is how the doings of a superuser are noticed.
--
-- Must not know: what the facts mean.
--

CREATE FUNCTION care_internal.guard() RETURNS event_trigger
    LANGUAGE C AS 'MODULE_PATHNAME', 'care_guard';
COMMENT ON FUNCTION care_internal.guard() IS
    'Event trigger: refuses (55000) commands that would take away, change or shadow what the extension is made of, '
    'while anything is recorded.';

CREATE FUNCTION care_internal.relation_definition(r pg_class) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE r.relkind
        WHEN 'i' THEN pg_get_indexdef(r.oid)
                      || (SELECT CASE WHEN i.indisvalid THEN '' ELSE ' not valid' END FROM pg_index AS i
                          WHERE i.indexrelid = r.oid)
        WHEN 'v' THEN md5(pg_get_viewdef(r.oid))
        WHEN 'S' THEN (SELECT format('%s from %s to %s by %s', s.seqtypid::regtype, s.seqmin, s.seqmax, s.seqincrement)
                       FROM pg_sequence AS s WHERE s.seqrelid = r.oid)
        ELSE (SELECT string_agg(format('%s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                       CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                                       CASE WHEN a.attidentity <> '' THEN ' identity ' || a.attidentity::text
                                            ELSE '' END),
                                ', ' ORDER BY a.attnum)
              FROM pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)
             || CASE r.relpersistence WHEN 'u' THEN '; unlogged' ELSE '' END
             || CASE WHEN NOT r.relhastriggers AND EXISTS (SELECT FROM pg_trigger AS g WHERE g.tgrelid = r.oid)
                     THEN '; triggers passed over' ELSE '' END
             || CASE WHEN r.relrowsecurity THEN '; row security' ELSE '' END
             || CASE WHEN EXISTS (SELECT FROM pg_inherits AS h WHERE r.oid IN (h.inhrelid, h.inhparent))
                     THEN '; inherits' ELSE '' END
        END;
END
$$;
COMMENT ON FUNCTION care_internal.relation_definition(pg_class) IS
    'A table, view, index or sequence as text, or the MD5 of it.';

-- What a dump holds of an extension, and what is registered of its tables.
CREATE FUNCTION care_internal.extension_definition(of_extension text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT concat_ws('; ',
        (SELECT string_agg(format('%s %s', u.relation::regclass, u.condition), ', '
                           ORDER BY u.relation::regclass::text COLLATE "C")
         FROM unnest(x.extconfig, x.extcondition) AS u (relation, condition)),
        (SELECT md5(string_agg(concat_ws('|', k.relation, k.class, k.key, k.linked, k.part, k.digest), E'\n'
                               ORDER BY k.n))
         FROM care_internal.kept_table AS k WHERE k.extension = of_extension),
        (SELECT md5(string_agg(concat_ws('|', t.relation, t.class, t.subject, t.linked, t.condition), E'\n'
                               ORDER BY t.n))
         FROM care_internal.reference_table AS t WHERE t.extension = of_extension),
        (SELECT md5(string_agg(concat_ws('|', r.class, r.head, r.key, r.person, r.retained, r.events, r.decides,
                                         r.derived,
                                         r.obstacle), E'\n' ORDER BY r.n))
         FROM care_internal.record_class AS r JOIN care_internal.kept_table AS k ON k.relation = r.head
         WHERE k.extension = of_extension))
    FROM pg_extension AS x WHERE x.extname = of_extension;
END;
COMMENT ON FUNCTION care_internal.extension_definition(text) IS
    'What a dump holds of an extension, and what is registered of its tables, as text.';

-- What the server finds a type's operators by, and whatever else of a kind not named in guard_definition() stands in a
-- schema: that it is there.
CREATE FUNCTION care_internal.lookup_definition()
    RETURNS TABLE (class regclass, object oid, schema oid, definition text)
    LANGUAGE sql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT 'pg_opclass'::regclass, o.oid, o.opcnamespace,
           format('%s%s in %s', o.opcintype::regtype, CASE WHEN o.opcdefault THEN ' default' END,
                  (SELECT f.opfname FROM pg_opfamily AS f WHERE f.oid = o.opcfamily))
    FROM pg_opclass AS o
    UNION ALL
    SELECT 'pg_opfamily'::regclass, f.oid, f.opfnamespace,
           concat_ws('; ', (SELECT string_agg(format('%s %s', m.amopstrategy, m.amopopr::regoperator), ', '
                                              ORDER BY m.amopstrategy, m.amopopr::regoperator::text COLLATE "C")
                            FROM pg_amop AS m WHERE m.amopfamily = f.oid),
                     (SELECT string_agg(format('%s %s', m.amprocnum, m.amproc::regprocedure), ', '
                                        ORDER BY m.amprocnum, m.amproc::regprocedure::text COLLATE "C")
                      FROM pg_amproc AS m WHERE m.amprocfamily = f.oid))
    FROM pg_opfamily AS f
    UNION ALL
    SELECT 'pg_cast'::regclass, k.oid, t.typnamespace,
           format('%s %s %s', k.castfunc::regprocedure, k.castcontext, k.castmethod)
    FROM pg_cast AS k JOIN pg_type AS t ON t.oid = k.castsource OR t.oid = k.casttarget
    GROUP BY k.oid, t.typnamespace
    UNION ALL
    SELECT d.classid::regclass, d.objid, d.refobjid, ''
    FROM pg_depend AS d
    WHERE d.refclassid = 'pg_namespace'::regclass
      AND d.classid NOT IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass,
                            'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_constraint'::regclass,
                            'pg_extension'::regclass, 'pg_default_acl'::regclass);
END;
COMMENT ON FUNCTION care_internal.lookup_definition() IS
    'Part of guard_definition(): classes and families of operators, casts, and objects of kinds that hold nothing.';

-- Printed under settings of its own, every one that what prints goes by, so that it is the same text in every session.
CREATE FUNCTION care_internal.guard_definition(of_extension text DEFAULT 'care_account')
    RETURNS TABLE (type text, identity text, definition text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' SET timezone = 'UTC' SET extra_float_digits = 1
    SET bytea_output = 'hex' SET quote_all_identifiers = off SET standard_conforming_strings = on AS $$
BEGIN
    RETURN QUERY
    WITH ours AS MATERIALIZED (
        SELECT s.schema::oid AS schema FROM care_internal.guarded_schema() AS s WHERE s.extension = of_extension
    ), relation AS MATERIALIZED (
        SELECT c.* FROM pg_class AS c WHERE c.relnamespace IN (SELECT s.schema FROM ours AS s) AND c.relkind <> 't'
    ), object AS (
        SELECT 'pg_class'::regclass AS class, r.oid AS object, care_internal.relation_definition(r) AS definition
        FROM relation AS r
        UNION ALL
        SELECT 'pg_proc'::regclass, p.oid,
               CASE p.prokind
                   WHEN 'a' THEN (SELECT format('%s %s %s', g.aggtransfn, g.aggfinalfn, g.aggcombinefn)
                                  FROM pg_aggregate AS g WHERE g.aggfnoid = p.oid)
                   ELSE md5(pg_get_functiondef(p.oid)) END
        FROM pg_proc AS p WHERE p.pronamespace IN (SELECT s.schema FROM ours AS s)
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid,
               CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod)
                                            || CASE WHEN t.typnotnull THEN ' not null' ELSE '' END
                              ELSE format('%s %s', t.typinput, t.typoutput) END
        FROM pg_type AS t
        WHERE t.typnamespace IN (SELECT s.schema FROM ours AS s) AND t.typtype <> 'c' AND t.typcategory <> 'A'
        UNION ALL
        SELECT 'pg_operator'::regclass, o.oid, o.oprcode::text FROM pg_operator AS o
        WHERE o.oprnamespace IN (SELECT s.schema FROM ours AS s)
        UNION ALL
        SELECT l.class, l.object, l.definition FROM care_internal.lookup_definition() AS l
        WHERE l.schema IN (SELECT s.schema FROM ours AS s)
        UNION ALL
        -- with what enforces it: the triggers of a foreign key
        SELECT 'pg_constraint'::regclass, k.oid,
               pg_get_constraintdef(k.oid)
               || coalesce((SELECT '; triggers ' || string_agg(g.tgenabled::text, '' ORDER BY g.tgenabled)
                            FROM pg_trigger AS g WHERE g.tgconstraint = k.oid), '')
        FROM pg_constraint AS k
        WHERE k.conrelid IN (SELECT r.oid FROM relation AS r)
           OR k.contypid IN (SELECT t.oid FROM pg_type AS t WHERE t.typnamespace IN (SELECT s.schema FROM ours AS s))
        UNION ALL
        SELECT 'pg_attrdef'::regclass, d.oid, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attrdef AS d WHERE d.adrelid IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_trigger'::regclass, g.oid,
               pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'D' THEN '; disabled' WHEN 'A' THEN '; always'
                                                            WHEN 'R' THEN '; replica' ELSE '' END
        FROM pg_trigger AS g WHERE NOT g.tgisinternal AND g.tgrelid IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_rewrite'::regclass, w.oid, pg_get_ruledef(w.oid)
        FROM pg_rewrite AS w WHERE w.rulename <> '_RETURN' AND w.ev_class IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_policy'::regclass, y.oid, pg_get_expr(y.polqual, y.polrelid)
        FROM pg_policy AS y WHERE y.polrelid IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_event_trigger'::regclass, e.oid,
               format('%s; %s', e.evtevent, CASE e.evtenabled WHEN 'A' THEN 'always' ELSE e.evtenabled::text END)
        FROM pg_event_trigger AS e
        WHERE e.evtfoid IN (SELECT p.oid FROM pg_proc AS p WHERE p.pronamespace IN (SELECT s.schema FROM ours AS s))
        UNION ALL
        SELECT 'pg_extension'::regclass, x.oid, care_internal.extension_definition(of_extension)
        FROM pg_extension AS x WHERE x.extname = of_extension
    )
    SELECT i.type, i.identity,
           CASE WHEN EXISTS (SELECT FROM pg_depend AS m
                             WHERE m.classid = o.class AND m.objid = o.object AND m.deptype = 'e')
                THEN 'member; ' ELSE '' END || coalesce(o.definition, '')
    FROM object AS o, pg_identify_object(o.class, o.object, 0) AS i;
END
$$;
COMMENT ON FUNCTION care_internal.guard_definition(text) IS
    'What stands in the schemas of an extension now: every object with its definition, or the MD5 of it.';

CREATE TABLE care_internal.guard_installed (
    type text NOT NULL,
    identity text NOT NULL,
    definition text NOT NULL,
    extension text NOT NULL,
    server integer NOT NULL DEFAULT current_setting('server_version_num')::integer / 10000,
    CONSTRAINT guard_installed_pkey PRIMARY KEY (type, identity)
);
COMMENT ON TABLE care_internal.guard_installed IS
    'What stood in the schemas of each extension whose tables are kept when its version was installed; no dump holds '
    'it.';
COMMENT ON COLUMN care_internal.guard_installed.type IS 'Kind of object.';
COMMENT ON COLUMN care_internal.guard_installed.identity IS 'Its name.';
COMMENT ON COLUMN care_internal.guard_installed.definition IS 'Its definition, or the MD5 of it.';
COMMENT ON COLUMN care_internal.guard_installed.extension IS 'The extension.';
COMMENT ON COLUMN care_internal.guard_installed.server IS
    'Major version of the server that wrote the definition: another may write the same one differently.';

-- What is registered and what was installed is written by scripts of extensions only.
CREATE FUNCTION care_internal.refuse_unscripted() RETURNS trigger
    LANGUAGE C AS 'MODULE_PATHNAME', 'care_refuse_unscripted';
COMMENT ON FUNCTION care_internal.refuse_unscripted() IS
    'Trigger: refuses (55000) every change outside the script of an extension.';
DO $do$
DECLARE
    written text;
BEGIN
    FOREACH written IN ARRAY ARRAY['record_class', 'kept_table', 'reference_table', 'own_reference', 'known_task',
                                   'check_function', 'known_setting',
                                   'submission_schema', 'guard_installed'] LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON care_internal.%I
                        FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_unscripted()',
                       written || '_refuse_unscripted', written);
        EXECUTE format('COMMENT ON TRIGGER %I ON care_internal.%I IS %L', written || '_refuse_unscripted', written,
                       'Written by scripts of extensions only.');
    END LOOP;
END
$do$;

-- What is gone, its extension dropped, is forgotten too.
CREATE FUNCTION care_internal.note_installed(of_extension text DEFAULT 'care_account') RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM care_internal.guard_installed AS i
    WHERE i.extension = of_extension OR i.extension NOT IN (SELECT x.extname FROM pg_extension AS x);
    INSERT INTO care_internal.guard_installed (type, identity, definition, extension)
    SELECT d.type, d.identity, d.definition, of_extension FROM care_internal.guard_definition(of_extension) AS d;
END
$$;
COMMENT ON FUNCTION care_internal.note_installed(text) IS
    'Writes down what stands in the schemas of an extension: the last command of its install script and of every '
    'update '
    'script.';

CREATE VIEW care.guard_state AS
    SELECT CASE WHEN n.identity IS NULL THEN 'missing' WHEN i.identity IS NULL THEN 'added' ELSE 'changed' END AS state,
           coalesce(n.type, i.type) AS type, coalesce(n.identity, i.identity) AS identity, n.definition
    FROM (SELECT g.* FROM care_internal.guard_installed AS g JOIN pg_extension AS x ON x.extname = g.extension) AS i
        FULL JOIN (SELECT d.* FROM (SELECT DISTINCT s.extension FROM care_internal.guarded_schema() AS s) AS e,
                       LATERAL care_internal.guard_definition(e.extension) AS d) AS n
            ON n.type = i.type AND n.identity = i.identity
    WHERE i.identity IS NULL OR n.identity IS NULL
       OR (i.definition <> n.definition AND i.server = current_setting('server_version_num')::integer / 10000)
    UNION ALL
    SELECT 'changed', 'setting', s.name, s.setting
    FROM pg_settings AS s
    WHERE (s.name = 'event_triggers' AND s.setting <> 'on')
      OR (s.name = 'session_replication_role' AND s.setting <> 'origin')
    UNION ALL
    SELECT 'added', 'setting', coalesce(r.rolname, 'all roles'), o.setting
    FROM pg_db_role_setting AS s LEFT JOIN pg_roles AS r ON r.oid = s.setrole, unnest(s.setconfig) AS o (setting)
    WHERE o.setting ~ '^(event_triggers|session_replication_role)=';
COMMENT ON VIEW care.guard_state IS
    'What in the schemas of care_account and of extensions whose tables are kept is no longer as it was installed: '
    'missing, changed or added (an index of your own is); and settings that put triggers aside.';
COMMENT ON COLUMN care.guard_state.state IS 'missing, changed or added.';
COMMENT ON COLUMN care.guard_state.type IS 'Kind of object.';
COMMENT ON COLUMN care.guard_state.identity IS 'Its name.';
COMMENT ON COLUMN care.guard_state.definition IS 'What stands there now, or the MD5 of it; null: nothing.';

CREATE FUNCTION care_internal.forget() RETURNS event_trigger
    LANGUAGE C SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'care_forget';
COMMENT ON FUNCTION care_internal.forget() IS
    'Event trigger: takes from the registry what went with an extension that was dropped.';
CREATE EVENT TRIGGER care_account_forget ON sql_drop WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
    EXECUTE FUNCTION care_internal.forget();
COMMENT ON EVENT TRIGGER care_account_forget IS 'The registry holds what is there.';
ALTER EVENT TRIGGER care_account_forget ENABLE ALWAYS;

-- In the replica role rows come from elsewhere, with what is derived of them: what refuses holds there too, what
-- derives
-- does not fire.
DO $do$
DECLARE
    refusing record;
BEGIN
    FOR refusing IN
        SELECT t.tgrelid::regclass AS relation, t.tgname
        FROM pg_trigger AS t
            JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE p.pronamespace = 'care_internal'::regnamespace AND p.proname ~ '^refuse_' AND t.tgenabled <> 'A'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', refusing.relation, refusing.tgname);
    END LOOP;
END
$do$;

CREATE EVENT TRIGGER care_account_guard ON ddl_command_start EXECUTE FUNCTION care_internal.guard();
COMMENT ON EVENT TRIGGER care_account_guard IS
    'Refuses commands that would take away or change what keeps the records.';
ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS;

-- Nobody may call anything until the roles are made: sql/roles.sql, which is installed with the documentation.
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA care, care_internal, care_api FROM PUBLIC;

-- At the very end.
SELECT care_internal.note_installed();
