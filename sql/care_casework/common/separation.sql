--
-- separation: whose casework a login sees, where several authorities share one database.
--
-- Which roles are given which authorities is recorded, so that a dump has it and a restored database keeps it.  Whoever
-- was given none, itself or by a role that it is a member of, sees all.  A login is cut whatever role it sets; what
-- comes through a gateway by the role that is set.
--
-- Row security does not bind the owner: so what has its owner's rights asks here by itself.
--
-- Must not know: any table but its own.
--

CREATE TABLE casework.role_authority (
    role text COLLATE "C" NOT NULL
        CONSTRAINT role_authority_has_role CHECK (role <> ''),
    authority text
        CONSTRAINT role_authority_authority_fkey REFERENCES care.local_authority,
    from_day date NOT NULL
        CONSTRAINT role_authority_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT role_authority_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    reason text NOT NULL
        CONSTRAINT role_authority_has_reason CHECK (reason <> ''),
    cluster bigint,
    role_number bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT role_authority_pkey PRIMARY KEY (role, recorded_at)
);
COMMENT ON TABLE casework.role_authority IS
    'Which authorities'' casework a role sees; of two rows of a role and an authority, the one recorded last holds.';
COMMENT ON COLUMN casework.role_authority.role IS 'The role, a login or a group; public: everybody.';
COMMENT ON COLUMN casework.role_authority.authority IS 'The authority whose casework it sees; null: every one.';
COMMENT ON COLUMN casework.role_authority.from_day IS 'First day.';
COMMENT ON COLUMN casework.role_authority.to_day IS
    'Last day, counted; null: until further notice; before from_day: recorded in error.';
COMMENT ON COLUMN casework.role_authority.reason IS 'Why, or who decided it.';
COMMENT ON COLUMN casework.role_authority.cluster IS
    'The system identifier of the database cluster it was recorded in; null: the role is public.';
COMMENT ON COLUMN casework.role_authority.role_number IS
    'The OID of the role in that cluster, by which it is known there when it is renamed.';
COMMENT ON COLUMN casework.role_authority.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.role_authority.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER role_authority_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.role_authority
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_role_authority()');
COMMENT ON TRIGGER role_authority_refuse_change ON casework.role_authority IS 'What a role saw, it saw.';
SELECT care_internal.keep_reference('casework.role_authority', one_of => '{role,authority}');

-- A superuser is a member of every role: so who is not bound by row security is asked for first.
CREATE FUNCTION casework_internal.given_to(who name) RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given record;
BEGIN
    IF EXISTS (SELECT FROM pg_roles AS r WHERE r.rolname = who AND (r.rolsuper OR r.rolbypassrls))
       OR pg_has_role(who, (SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'casework.role_authority'::regclass),
                      'USAGE') THEN
        RETURN NULL;
    END IF;
    SELECT count(*) > 0 AS is_cut, coalesce(bool_or(g.authority IS NULL) FILTER (WHERE g.holds), false) AS every_one,
           array_agg(g.authority) FILTER (WHERE g.holds AND g.authority IS NOT NULL) AS authorities
    INTO given
    FROM (SELECT x.*, (care.today() <= x.to_day) IS NOT FALSE AS holds
          FROM casework.role_authority_known_at('infinity') AS x
          WHERE x.from_day <= care.today() AND (x.to_day >= x.from_day) IS NOT FALSE) AS g
    WHERE g.role = 'public'
       OR EXISTS (SELECT FROM pg_roles AS r
                  WHERE (r.rolname = g.role
                         OR r.oid = g.role_number AND g.cluster = (SELECT s.system_identifier
                                                                   FROM pg_control_system() AS s))
                    AND pg_has_role(who, r.oid, 'MEMBER'));
    RETURN CASE WHEN given.is_cut AND NOT given.every_one THEN coalesce(given.authorities, '{}') END;
END
$$;
COMMENT ON FUNCTION casework_internal.given_to(name) IS
    'The authorities that a role was given, itself or by those it is a member of, and that it has today; none left: '
    'an empty list. Null: it sees all, as it was given none or every one, or is not bound by row security.';

-- Within a function with its owner's rights, the session and the role it set still say who calls.
CREATE FUNCTION casework_internal.seen() RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    set_role text := nullif(current_setting('role'), 'none');
    of_session text[];
    of_role text[];
BEGIN
    IF NOT EXISTS (SELECT FROM casework.role_authority) THEN
        RETURN NULL;
    END IF;
    of_session := casework_internal.given_to(SESSION_USER);
    of_role := CASE WHEN set_role IS NOT NULL THEN casework_internal.given_to(set_role::name) END;
    RETURN CASE WHEN of_session IS NULL THEN of_role WHEN of_role IS NULL THEN of_session
                ELSE ARRAY(SELECT unnest(of_session) INTERSECT SELECT unnest(of_role)) END;
END
$$;
COMMENT ON FUNCTION casework_internal.seen() IS
    'The authorities whose casework the caller sees: those of the login that are those of the role it has set too. '
    'Null: all.';

CREATE FUNCTION casework_internal.sees_all() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN casework_internal.seen() IS NULL;
COMMENT ON FUNCTION casework_internal.sees_all() IS 'Does the caller see the casework of every authority?';

-- care_account asks it by this name: see care_internal.is_seen().
CREATE FUNCTION casework_internal.sees(authority text) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen text[] := casework_internal.seen();
BEGIN
    RETURN seen IS NULL OR authority = ANY (seen);
END
$$;
COMMENT ON FUNCTION casework_internal.sees(text) IS 'Does the caller see the casework of an authority?';

-- For views with their owner's rights: a join, asked once a query.  They are barriers, or a function in a condition
-- would be handed the rows that are left out.
CREATE VIEW casework.authority_seen AS
    SELECT a.authority FROM care.local_authority AS a
    WHERE (SELECT casework_internal.sees_all()) OR a.authority = ANY ((SELECT casework_internal.seen())::text[]);
COMMENT ON VIEW casework.authority_seen IS 'The authorities whose casework the caller sees.';
SELECT care_internal.comment_columns('casework.authority_seen', 'care.local_authority');

--
-- What functions with their owner's rights ask.
--

CREATE FUNCTION casework_internal.require_seen(authority text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF authority IS NOT NULL AND NOT casework_internal.sees(authority) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'authority_is_seen', SCHEMA = 'casework',
            TABLE = 'role_authority', COLUMN = 'authority',
            MESSAGE = format('login %s was not given the casework of authority %L', SESSION_USER, authority),
            HINT = 'casework.authority_seen lists those it sees; casework.record_role_authority() gives another.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_seen(text) IS
    'Refuses (42501) an authority whose casework the caller does not see.';

CREATE FUNCTION casework_internal.require_authority(authority text, on_day date) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.require_seen(authority);
    RETURN care_internal.require_authority(authority, on_day);
END
$$;
COMMENT ON FUNCTION casework_internal.require_authority(text, date) IS
    'As care_internal.require_authority(), and refuses (42501) one whose casework the caller does not see.';

-- What reads by the caller's rights adds up the rows they see; what reads by its owner's would add up all.
CREATE FUNCTION casework_internal.require_authority_or_all(authority text) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.require_seen(authority);
    IF authority IS NULL AND NOT row_security_active('casework.role_authority')
       AND NOT casework_internal.sees_all() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'authority_is_seen', SCHEMA = 'casework',
            TABLE = 'role_authority', COLUMN = 'authority',
            MESSAGE = format('login %s was not given the casework of every authority', SESSION_USER),
            HINT = 'Say which with authority => ...; casework.authority_seen lists those it sees.';
    END IF;
    RETURN care_internal.require_authority_or_all(authority);
END
$$;
COMMENT ON FUNCTION casework_internal.require_authority_or_all(text) IS
    'As care_internal.require_authority_or_all(), and refuses (42501) an authority whose casework the caller does not '
    'see, and all of them where they would be read by the owner''s rights.';

-- Somebody else's is not there: one reference of several authorities is one person to who sees one of them.
CREATE FUNCTION casework_internal.known_person(person_reference text, authority text) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    seen text[] := casework_internal.seen();
    found_in text[];
BEGIN
    PERFORM casework_internal.require_seen(authority);
    IF seen IS NULL OR authority IS NOT NULL THEN
        RETURN care.person_id(person_reference, authority);
    END IF;
    found_in := ARRAY(SELECT p.authority FROM care.person AS p
                      WHERE p.reference = person_reference AND p.authority = ANY (seen));
    RETURN care.person_id(person_reference, CASE cardinality(found_in) WHEN 0 THEN '' WHEN 1 THEN found_in[1] END);
END
$$;
COMMENT ON FUNCTION casework_internal.known_person(text, text) IS
    'As care.person_id(), among the persons of the authorities whose casework the caller sees; 42501 for another.';

CREATE FUNCTION casework_internal.record_person(authority text, person_reference text, date_of_birth date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.require_seen(authority);
    RETURN care.record_person(authority, person_reference, date_of_birth);
END
$$;
COMMENT ON FUNCTION casework_internal.record_person(text, text, date) IS
    'As care.record_person(), and refuses (42501) an authority whose casework the caller does not see.';

-- Who is cut cuts nobody, and lets nobody further than themselves.
CREATE FUNCTION casework.record_role_authority(role text, authority text, from_day date, reason text,
                                               to_day date DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('role %s', coalesce(role, 'null'));
    number bigint := (SELECT r.oid::bigint FROM pg_roles AS r WHERE r.rolname = role);
BEGIN
    PERFORM care_internal.require_text(label, 'role', role), care_internal.require_text(label, 'reason', reason),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    IF NOT casework_internal.sees_all() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'authority_is_seen', SCHEMA = 'casework',
            TABLE = 'role_authority', MESSAGE = format('%s: login %s does not see all casework itself', label,
                                                       SESSION_USER),
            HINT = 'Whoever sees the casework of every authority says what others see.';
    ELSIF number IS NULL AND role <> 'public' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'role_exists', SCHEMA = 'casework', TABLE = 'role_authority',
            COLUMN = 'role', MESSAGE = format('there is no %s', label);
    END IF;
    IF authority IS NOT NULL THEN
        PERFORM care_internal.require_authority(authority, NULL);
    END IF;
    PERFORM care_internal.require_actor(authority);
    INSERT INTO casework.role_authority (role, authority, from_day, to_day, reason, cluster, role_number)
    VALUES (record_role_authority.role, record_role_authority.authority, record_role_authority.from_day,
            record_role_authority.to_day, record_role_authority.reason,
            CASE WHEN number IS NOT NULL THEN (SELECT s.system_identifier FROM pg_control_system() AS s) END, number);
END
$$;
COMMENT ON FUNCTION casework.record_role_authority(text, text, date, text, date) IS
    'Records whose casework a role sees from a day on: of one authority, or (null) of every one, to to_day, counted. '
    'Recorded again it is corrected or ended; a last day before the first: it never held. public stands for everybody. '
    '42501 for who does not see all, P0002 for no role.';

--
-- Row security.  Who sees what is asked once a query.  For whoever sees all, what stands before the OR is true, and
-- nothing more is tried.  The keys of facts are looked for with IN: the planner takes EXISTS for a search of its own
-- for each row, and chooses worse plans because of it.
--

CREATE FUNCTION casework_internal.separate(VARIADIC open regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    seen text := 'ANY ((SELECT casework_internal.seen())::text[])';
    t record;
BEGIN
    FOR t IN
        SELECT c.oid::regclass AS relation, r.head, r.key,
               EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'authority') AS says_whose
        FROM pg_class AS c
            LEFT JOIN care_internal.kept_table AS k ON k.relation = c.oid
            LEFT JOIN care_internal.record_class AS r ON r.class = k.class
        WHERE c.relnamespace IN (SELECT s.schema::oid FROM care_internal.guarded_schema() AS s
                                 WHERE s.extension = 'care_casework')
          AND c.relkind = 'r' AND NOT c.relrowsecurity AND c.oid <> ALL (open)
        ORDER BY c.oid
    LOOP
        CONTINUE WHEN t.head IS NULL AND NOT t.says_whose;
        EXECUTE format('CREATE POLICY by_authority ON %s USING ((SELECT casework_internal.sees_all()) OR %s)',
                       t.relation,
                       CASE WHEN t.says_whose THEN 'authority = ' || seen
                            ELSE format('%I IN (SELECT h.%I FROM %s AS h WHERE h.authority = %s)',
                                        t.key, t.key, t.head, seen) END);
        EXECUTE format('COMMENT ON POLICY by_authority ON %s IS %L', t.relation,
                       'Who was given authorities sees the rows of those.');
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.relation);
    END LOOP;
END
$$;
COMMENT ON FUNCTION casework_internal.separate(regclass[]) IS
    'Part of installation: row security by authority on every table of casework that says whose a row is, or holds '
    'facts of a record that does, but for those named, which are open to all.';
