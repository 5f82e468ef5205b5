--
-- actor: whether the person behind a login must be named before anything is recorded, and which names a login has had.
--
-- Must not know: accounts, agreements.
--

SELECT care_internal.keep_setting('actor_required', '^(on|off)$', 'off',
           'whether SET care.actor must name the person behind a login before anything is recorded');

-- An application with one login for all its users says whom it acts for: SET care.actor, or SET LOCAL where
-- connections are pooled.
CREATE FUNCTION care_internal.require_actor(authority text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(current_setting('care.actor', true), '') <> '' THEN
        RETURN;
    END IF;
    IF care.setting_on(authority, 'actor_required', care.today()) = 'on' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'actor_required',
            MESSAGE = format('%s wants to know who records: login %s must name the person behind it', authority,
                             SESSION_USER),
            HINT = 'Say SET care.actor = ''...'' first, or SET LOCAL in each transaction where connections are pooled.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_actor(text) IS
    'Refuses (42501, actor_required) to record for an authority whose setting actor_required is on, while care.actor '
    'names nobody.';

-- A login may be renamed, and is the same one.  So where two must not be one person, the role is kept with the name
-- that it recorded under.  The number of a role means something in its own cluster only: it stands with the cluster's.
-- Where a dump is restored, the names that were one login there are so here too; a login that is renamed between the
-- dump and its first record here is not known again.
CREATE TABLE care_internal.login (
    name text COLLATE "C" NOT NULL,
    cluster bigint NOT NULL,
    role oid NOT NULL,
    CONSTRAINT login_pkey PRIMARY KEY (name, cluster, role)
);
COMMENT ON TABLE care_internal.login IS
    'Under which names a login has recorded what a second person must approve: two of one role are one login.';
COMMENT ON COLUMN care_internal.login.name IS 'The login, as recorded_by has it.';
COMMENT ON COLUMN care_internal.login.cluster IS 'The system identifier of the database cluster.';
COMMENT ON COLUMN care_internal.login.role IS 'The OID of the role in that cluster.';
SELECT pg_extension_config_dump('care_internal.login', '');
CREATE TRIGGER login_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care_internal.login
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: a name that was used stays');
COMMENT ON TRIGGER login_refuse_change ON care_internal.login IS 'Names are added to, never changed.';

CREATE FUNCTION care_internal.caller_login() RETURNS SETOF care_internal.login
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT replace(r.rolname, '/', '|'), (pg_control_system()).system_identifier, r.oid
    FROM pg_roles AS r WHERE r.rolname = SESSION_USER;
END;
COMMENT ON FUNCTION care_internal.caller_login() IS 'The login of the session, as it would be kept.';

-- Rows of a dump bring what was kept with them.
CREATE FUNCTION care_internal.note_login() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care_internal.login (name, cluster, role)
    SELECT c.name, c.cluster, c.role FROM care_internal.caller_login() AS c
    WHERE EXISTS (SELECT FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at))
      AND NOT EXISTS (SELECT FROM care_internal.login AS l
                      WHERE (l.name, l.cluster, l.role) = (c.name, c.cluster, c.role))
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.note_login() IS
    'Trigger: keeps the role of whoever recorded something that a second person must approve.';

CREATE FUNCTION care_internal.is_recorded_by_caller(recorded_by text) RETURNS boolean
    LANGUAGE sql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT bool_or(care_internal.is_same_recorder(recorded_by,
                                                  n.name || coalesce(substring(c.recorder FROM '/.*$'), '')))
    FROM (SELECT care_internal.recorder()) AS c (recorder),
        LATERAL (SELECT split_part(c.recorder, '/', 1)
                 UNION ALL
                 SELECT other.name
                 FROM (SELECT x.name, x.cluster, x.role FROM care_internal.caller_login() AS x
                       UNION ALL
                       SELECT l.name, l.cluster, l.role FROM care_internal.login AS l
                       WHERE l.name = split_part(c.recorder, '/', 1)) AS known
                     JOIN care_internal.login AS other ON (other.cluster, other.role) = (known.cluster, known.role))
            AS n (name);
END;
COMMENT ON FUNCTION care_internal.is_recorded_by_caller(text) IS
    'May whoever recorded something be the caller? As is_same_recorder() says of two, by every name that the caller''s '
    'login has had.';
