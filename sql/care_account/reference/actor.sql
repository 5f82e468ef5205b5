--
-- actor: whether the person behind a login must be named before anything is recorded.
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
