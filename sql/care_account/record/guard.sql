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

-- In the replica role rows come from elsewhere, with what is derived of them: what refuses holds there
-- too, what derives does not fire.
DO $do$
DECLARE
    refusing record;
BEGIN
    FOR refusing IN
        SELECT t.tgrelid::regclass AS relation, t.tgname
        FROM pg_trigger AS t
            JOIN pg_proc AS p ON p.oid = t.tgfoid
        WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
          AND p.proname ~ '^refuse_'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', refusing.relation, refusing.tgname);
    END LOOP;
END
$do$;

-- Deparsed under settings of its own, so that it is the same text in every session.
CREATE FUNCTION care_internal.guard_definition()
    RETURNS TABLE (type text, identity text, definition text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog,
        pg_temp SET datestyle = 'ISO, YMD' SET quote_all_identifiers = off AS $$
BEGIN
    RETURN QUERY
    WITH relation AS (
        SELECT c.* FROM pg_class AS c WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
          AND c.relkind <> 't'
    ), object AS (
        SELECT 'pg_class'::regclass AS class, r.oid AS object,
               CASE r.relkind
                   WHEN 'i' THEN pg_get_indexdef(r.oid)
                                 || (SELECT CASE WHEN i.indisvalid THEN '' ELSE ' not valid' END FROM pg_index AS i
                                     WHERE i.indexrelid = r.oid)
                   WHEN 'v' THEN md5(pg_get_viewdef(r.oid))
                   WHEN 'S' THEN (SELECT format('%s from %s to %s by %s', s.seqtypid::regtype, s.seqmin, s.seqmax,
                                                s.seqincrement)
                                  FROM pg_sequence AS s WHERE s.seqrelid = r.oid)
                   ELSE (SELECT string_agg(format('%s %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                                                  CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
                                                  CASE WHEN a.attidentity <> '' THEN ' identity ' || a.attidentity::text
                                                       ELSE '' END),
                                           ', ' ORDER BY a.attnum)
                         FROM pg_attribute AS a WHERE a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped)
                        || CASE r.relpersistence WHEN 'u' THEN '; unlogged' ELSE '' END
                        || CASE WHEN NOT r.relhastriggers AND EXISTS (SELECT FROM pg_trigger AS g
                                                                      WHERE g.tgrelid = r.oid)
                                                                          THEN '; triggers passed over' ELSE '' END
                        || CASE WHEN r.relrowsecurity THEN '; row security' ELSE '' END
                        || CASE WHEN EXISTS (SELECT FROM pg_inherits AS h WHERE r.oid IN (h.inhrelid, h.inhparent))
                            THEN '; inherits' ELSE '' END
               END AS definition
        FROM relation AS r
        UNION ALL
        SELECT 'pg_proc'::regclass, p.oid,
               CASE p.prokind
                   WHEN 'a' THEN (SELECT format('%s %s %s', g.aggtransfn, g.aggfinalfn, g.aggcombinefn)
                                  FROM pg_aggregate AS g WHERE g.aggfnoid = p.oid)
                   ELSE md5(pg_get_functiondef(p.oid)) END
        FROM pg_proc AS p WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
        UNION ALL
        SELECT 'pg_type'::regclass, t.oid,
               CASE t.typtype WHEN 'd' THEN format_type(t.typbasetype, t.typtypmod) || CASE WHEN t.typnotnull
                    THEN ' not null' ELSE '' END
                              ELSE format('%s %s', t.typinput, t.typoutput) END
        FROM pg_type AS t WHERE t.typnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
          AND t.typtype <> 'c' AND t.typcategory <> 'A'
        UNION ALL
        SELECT 'pg_operator'::regclass, o.oid, o.oprcode::text FROM pg_operator AS o
        WHERE o.oprnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
        UNION ALL
        -- with what enforces it: the triggers of a foreign key
        SELECT 'pg_constraint'::regclass, k.oid,
               pg_get_constraintdef(k.oid)
               || coalesce((SELECT '; triggers ' || string_agg(g.tgenabled::text, '' ORDER BY g.tgenabled)
                            FROM pg_trigger AS g WHERE g.tgconstraint = k.oid), '')
        FROM pg_constraint AS k
        WHERE k.conrelid IN (SELECT r.oid FROM relation AS r)
           OR k.contypid IN (SELECT t.oid FROM pg_type AS t
                             WHERE t.typnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace))
        UNION ALL
        SELECT 'pg_attrdef'::regclass, d.oid, pg_get_expr(d.adbin, d.adrelid)
        FROM pg_attrdef AS d WHERE d.adrelid IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_trigger'::regclass, g.oid,
               pg_get_triggerdef(g.oid) || CASE g.tgenabled WHEN 'D' THEN '; disabled' WHEN 'A' THEN '; always' WHEN 'R'
                   THEN '; replica' ELSE '' END
        FROM pg_trigger AS g WHERE NOT g.tgisinternal AND g.tgrelid IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_rewrite'::regclass, w.oid, pg_get_ruledef(w.oid)
        FROM pg_rewrite AS w WHERE w.rulename <> '_RETURN' AND w.ev_class IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_policy'::regclass, y.oid, pg_get_expr(y.polqual, y.polrelid)
        FROM pg_policy AS y WHERE y.polrelid IN (SELECT r.oid FROM relation AS r)
        UNION ALL
        SELECT 'pg_event_trigger'::regclass, e.oid,
               format('%s%s', e.evtevent, CASE e.evtenabled WHEN 'A' THEN '; always' ELSE '; ' || e.evtenabled::text
                          END)
        FROM pg_event_trigger AS e WHERE e.evtfoid = 'care_internal.guard'::regproc
        UNION ALL
        -- what a dump holds of it
        SELECT 'pg_extension'::regclass, x.oid,
               (SELECT string_agg(format('%s %s', u.relation::regclass, u.condition), ', '
                                  ORDER BY u.relation::regclass::text COLLATE "C")
                FROM unnest(x.extconfig, x.extcondition) AS u (relation, condition))
        FROM pg_extension AS x WHERE x.extname = 'care_account'
    )
    SELECT i.type, i.identity,
           CASE WHEN EXISTS (SELECT FROM pg_depend AS m
                             WHERE m.classid = o.class AND m.objid = o.object AND m.deptype = 'e') THEN 'member; '
                                 ELSE '' END
           || coalesce(o.definition, '')
    FROM object AS o, pg_identify_object(o.class, o.object, 0) AS i;
END
$$;
COMMENT ON FUNCTION care_internal.guard_definition() IS
    'What stands in schema care now: every object with its definition, or the MD5 of it.';

CREATE TABLE care_internal.guard_installed (
    type text NOT NULL,
    identity text NOT NULL,
    definition text NOT NULL,
    server integer NOT NULL DEFAULT current_setting('server_version_num')::integer / 10000,
    CONSTRAINT guard_installed_pkey PRIMARY KEY (type, identity)
);
COMMENT ON TABLE care_internal.guard_installed IS
    'What stood in schema care when this version was installed; no dump holds it.';
COMMENT ON COLUMN care_internal.guard_installed.type IS 'Kind of object.';
COMMENT ON COLUMN care_internal.guard_installed.identity IS 'Its name.';
COMMENT ON COLUMN care_internal.guard_installed.definition IS 'Its definition, or the MD5 of it.';
COMMENT ON COLUMN care_internal.guard_installed.server IS
    'Major version of the server that wrote the definition: another may write the same one differently.';
CREATE TRIGGER guard_installed_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care_internal.guard_installed
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('ALTER EXTENSION care_account UPDATE');
COMMENT ON TRIGGER guard_installed_refuse_change ON care_internal.guard_installed IS 'Written at installation only.';
ALTER TABLE care_internal.guard_installed ENABLE ALWAYS TRIGGER guard_installed_refuse_change;

-- The guard lets only a script of the extension do this, once anything is recorded.
CREATE FUNCTION care_internal.note_installed() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    ALTER TABLE care_internal.guard_installed DISABLE TRIGGER guard_installed_refuse_change;
    DELETE FROM care_internal.guard_installed;
    ALTER TABLE care_internal.guard_installed ENABLE ALWAYS TRIGGER guard_installed_refuse_change;
    INSERT INTO care_internal.guard_installed (type, identity, definition)
    SELECT d.type, d.identity, d.definition FROM care_internal.guard_definition() AS d;
END
$$;
COMMENT ON FUNCTION care_internal.note_installed() IS
    'Writes down what stands in schema care: the last command of the install script and of every update script.';

CREATE VIEW care.guard_state AS
    SELECT CASE WHEN n.identity IS NULL THEN 'missing' WHEN i.identity IS NULL THEN 'added' ELSE 'changed' END AS state,
           coalesce(n.type, i.type) AS type, coalesce(n.identity, i.identity) AS identity, n.definition
    FROM care_internal.guard_installed AS i
        FULL JOIN care_internal.guard_definition() AS n ON n.type = i.type AND n.identity = i.identity
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
    'What in schema care is no longer as it was installed: missing, changed or added (an index of your own is); and '
    'settings that put triggers aside.';
COMMENT ON COLUMN care.guard_state.state IS 'missing, changed or added.';
COMMENT ON COLUMN care.guard_state.type IS 'Kind of object.';
COMMENT ON COLUMN care.guard_state.identity IS 'Its name.';
COMMENT ON COLUMN care.guard_state.definition IS 'What stands there now, or the MD5 of it; null: nothing.';

CREATE EVENT TRIGGER care_account_guard ON ddl_command_start EXECUTE FUNCTION care_internal.guard();
COMMENT ON EVENT TRIGGER care_account_guard IS
    'Refuses commands that would take away or change what keeps the records.';
ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS;

-- Nobody may call anything until the roles are made: sql/roles.sql, which is installed with the documentation.
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA care, care_internal FROM PUBLIC;

-- At the very end.
SELECT care_internal.note_installed();
