--
-- delegate: who may act for a person online, in which capacity, for what and when; and so whose records a caller sees.
--
-- A person lets a carer, an advocate or an attorney act for them.  A deputy, an appointee and an executor act by an
-- order, an appointment or a grant that the authority has seen: it records them.
--
-- Once a death is known, nobody sees the records of the person but their executor.
--
-- Must not know: accounts, agreements.
--

CREATE TABLE care.delegation (
    person_id bigint NOT NULL
        CONSTRAINT delegation_person_fkey REFERENCES care.person,
    delegation_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    delegate text NOT NULL
        CONSTRAINT delegation_to_somebody CHECK (delegate <> ''),
    capacity text NOT NULL
        CONSTRAINT delegation_known_capacity
            CHECK (capacity IN ('carer', 'advocate', 'attorney', 'deputy', 'appointee', 'executor')),
    scopes text[] NOT NULL
        CONSTRAINT delegation_known_scopes
            CHECK (scopes <@ '{account,statements,agreement,submissions}' AND scopes <> '{}'),
    from_day date NOT NULL
        CONSTRAINT delegation_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT delegation_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    evidence text
        CONSTRAINT delegation_has_evidence CHECK (evidence <> ''),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT delegation_pkey PRIMARY KEY (delegation_id),
    CONSTRAINT delegation_key UNIQUE (person_id, delegation_id)
);
CREATE INDEX delegation_delegate_idx ON care.delegation (delegate);
COMMENT ON INDEX care.delegation_delegate_idx IS 'Finds the persons for whom a subject acts.';
COMMENT ON TABLE care.delegation IS
    'Who acts for a person online, for what and when; rows that nothing corrects hold.';
COMMENT ON COLUMN care.delegation.delegation_id IS 'Key within the person.';
COMMENT ON COLUMN care.delegation.delegate IS 'The subject of the identity provider that may act.';
COMMENT ON COLUMN care.delegation.capacity IS
    'carer, advocate, attorney; deputy of the Court of Protection, appointee for benefits, executor.';
COMMENT ON COLUMN care.delegation.scopes IS 'What it sees or does: account, statements, agreement, submissions.';
COMMENT ON COLUMN care.delegation.from_day IS 'First day.';
COMMENT ON COLUMN care.delegation.to_day IS
    'Last day, counted; null: until further notice; before from_day: it never held.';
COMMENT ON COLUMN care.delegation.evidence IS 'What the authority has seen; null: the person''s own word online.';
SELECT care_internal.keep('care.delegation', 'person', 'care.record_delegation(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.delegation', 'delegation_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE FUNCTION care_internal.delegation_that_holds(person_id bigint) RETURNS SETOF care.delegation
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT d.* FROM care.delegation AS d
    WHERE d.person_id = delegation_that_holds.person_id
      AND NOT EXISTS (SELECT FROM care.delegation AS c
                      WHERE c.person_id = d.person_id AND c.supersedes = d.delegation_id);
END;
COMMENT ON FUNCTION care_internal.delegation_that_holds(bigint) IS
    'Whom a person lets act for them, past, now and to come: the rows that nothing corrects.';

-- This and persons_seen() become part of the query that asks.
CREATE FUNCTION care_internal.known_death(person_id bigint, on_day date) RETURNS TABLE (died_on date)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT d.died_on FROM care.death_known_at('infinity'::timestamptz) AS d
    WHERE d.person_id = known_death.person_id AND d.known_on <= on_day;
END;
COMMENT ON FUNCTION care_internal.known_death(bigint, date) IS
    'The death of a person that is known on a day; no row: none is.';

CREATE FUNCTION care_internal.persons_seen(subject text, scope text, on_day date)
    RETURNS TABLE (person_id bigint, capacity text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
    SELECT k.person_id, CASE WHEN bool_or(k.capacity = 'self') THEN 'self' ELSE min(k.capacity) END
    FROM (SELECT s.person_id, 'self' AS capacity FROM care_internal.person_of(subject, on_day) AS s
          UNION ALL
          SELECT d.person_id, d.capacity FROM care.delegation_known_at('infinity'::timestamptz) AS d
          WHERE d.delegate = persons_seen.subject AND d.scopes @> ARRAY[scope]
            AND on_day >= d.from_day AND (d.to_day IS NULL OR on_day <= d.to_day)) AS k
        LEFT JOIN LATERAL care_internal.known_death(k.person_id, on_day) AS x ON true
        -- the dead are spoken for by executors, the living by all others
        CROSS JOIN LATERAL (SELECT (k.capacity = 'executor') = (x.died_on IS NOT NULL)) AS f (fits)
    WHERE f.fits OR k.capacity = 'self'
    GROUP BY k.person_id
    -- a subject whose own death is known sees nothing of themselves, as their executor neither
    HAVING bool_and(f.fits);
END;
COMMENT ON FUNCTION care_internal.persons_seen(text, text, date) IS
    'Whose records a subject sees on a day, for a scope: their own (self), and those for whom it acts; each person '
    'once.';

-- Who speaks, for themselves or for another; what is not theirs is not there.
CREATE FUNCTION care_internal.require_person(scope text, person uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    subject text := care_internal.subject();
    secret bytea := care_internal.online_secret();
    key int8;
BEGIN
    IF subject IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'identity_required', MESSAGE = 'nobody is signed in',
            HINT = 'The gateway hands over the claim sub of a token that has not run out.';
    END IF;
    SELECT s.person_id INTO key FROM care_internal.persons_seen(subject, scope, care.today()) AS s
    WHERE CASE WHEN person IS NULL THEN s.capacity = 'self'
               ELSE care_internal.online_key(secret, 'person', s.person_id) = person END;
    IF key IS NULL THEN
        PERFORM care_internal.refuse_unseen('person', person);
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION care_internal.require_person(text, uuid) IS
    'The key of a person whose records the caller may touch for a scope (null: themselves; scope self: nobody acts for '
    'another). 42501 if nobody is signed in, P0002 for whoever is not theirs or not there.';

-- One answer for what is somebody else's and what is nobody's.
CREATE FUNCTION care_internal.refuse_unseen(what text, key uuid) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'no_data_found', CONSTRAINT = 'online_exists',
        MESSAGE = CASE WHEN key IS NULL THEN format('there is no %s for you', what)
                       ELSE format('there is no %s %s for you', what, key) END;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_unseen(text, uuid) IS
    'Refuses (P0002) what is not there, and what is somebody else''s, alike.';

-- What is recorded online is recorded by whoever the token names.
CREATE FUNCTION care_internal.subject_actor() RETURNS text
    LANGUAGE sql STABLE PARALLEL UNSAFE
    RETURN left(btrim(regexp_replace(care_internal.subject(), '[/[:cntrl:]]', '|', 'g')), 200);
COMMENT ON FUNCTION care_internal.subject_actor() IS 'The caller''s subject as the name of an actor.';

CREATE FUNCTION care_internal.act_as_subject() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('care.actor', care_internal.subject_actor(), true);
END
$$;
COMMENT ON FUNCTION care_internal.act_as_subject() IS
    'Part of what writes online: names the caller''s subject as the actor until the function that calls it ends.';

CREATE FUNCTION care_internal.require_delegation(label text, delegate text, capacity text, capacities text[],
                                                 scopes text[], from_day date, to_day date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_text(label, 'delegate', delegate),
            care_internal.require_word(label, 'capacity', capacity, capacities),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    IF coalesce(cardinality(scopes), 0) = 0 THEN
        PERFORM care_internal.require_text(label, 'scopes', NULL);
    END IF;
    PERFORM care_internal.require_word(label, 'scope', s.scope, '{account,statements,agreement,submissions}')
    FROM unnest(scopes) AS s (scope);
END
$$;
COMMENT ON FUNCTION care_internal.require_delegation(text, text, text, text[], text[], date, date) IS
    'What a delegation must say: to whom, in which of these capacities, for what, from when; 22004, 22023.';

CREATE FUNCTION care.record_delegation(person_reference text, delegate text, capacity text, scopes text[],
                                       from_day date, to_day date DEFAULT NULL, evidence text DEFAULT NULL,
                                       authority text DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    label text := format('person %s', person_reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_delegation(label, delegate, capacity,
                                             '{carer,advocate,attorney,deputy,appointee,executor}', scopes, from_day,
                                             to_day),
            care_internal.require_text(label, 'evidence', evidence),
            care_internal.lock_known_person(key, person_reference),
            care_internal.require_correctable(label, 'care.delegation', 'person_id', key, 'delegation_id', supersedes),
            care_internal.make_online_secret();
    IF supersedes IS NULL AND to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'delegation_in_order',
            MESSAGE = format('%s: the delegation ends before it begins on %s', label, care_internal.day_text(from_day));
    END IF;
    INSERT INTO care.delegation (person_id, delegate, capacity, scopes, from_day, to_day, evidence, supersedes)
    VALUES (key, record_delegation.delegate, record_delegation.capacity, record_delegation.scopes,
            record_delegation.from_day, record_delegation.to_day, record_delegation.evidence,
            record_delegation.supersedes)
    RETURNING delegation_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_delegation(text, text, text, text[], date, date, text, text, bigint) IS
    'Records, on evidence, that a subject acts for a person online: carer, advocate, attorney, deputy, appointee, or '
    'executor, who sees what nobody else does once the death is known; scopes: account, statements, agreement, '
    'submissions. Returns the key. With supersedes it corrects or ends one; a last day before the first withdraws it.';

--
-- The person's own hand.
--

CREATE FUNCTION care_api.grant_delegate(delegate text, capacity text, scopes text[], from_day date DEFAULT NULL,
                                        to_day date DEFAULT NULL)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET care.actor = '' AS $$
DECLARE
    key int8 := care_internal.require_person('self', NULL);
    new_id int8;
BEGIN
    from_day := coalesce(from_day, care.today());
    PERFORM care_internal.require_delegation('delegate', delegate, capacity, '{carer,advocate,attorney}', scopes,
                                             from_day, to_day),
            care_internal.act_as_subject(), care_internal.lock_known_person(key, 'you');
    IF to_day < from_day OR from_day < care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'delegation_in_order',
            MESSAGE = format('delegate: from %s to %s is not a time to come', care_internal.day_text(from_day),
                             CASE WHEN to_day IS NULL THEN 'further notice' ELSE care_internal.day_text(to_day) END),
            HINT = 'It begins today or later, and ends no sooner than it begins.';
    ELSIF delegate = care_internal.subject() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'delegation_to_another',
            MESSAGE = 'delegate: nobody is their own delegate';
    END IF;
    INSERT INTO care.delegation (person_id, delegate, capacity, scopes, from_day, to_day)
    VALUES (key, grant_delegate.delegate, grant_delegate.capacity, grant_delegate.scopes, grant_delegate.from_day,
            grant_delegate.to_day)
    RETURNING delegation_id INTO new_id;
    RETURN care_internal.online_key(care_internal.online_secret(), 'delegation', new_id);
END
$$;
COMMENT ON FUNCTION care_api.grant_delegate(text, text, text[], date, date) IS
    'Let somebody act for you
delegate is their subject with the identity provider; capacity: carer, advocate or attorney; scopes: account, '
    'statements, agreement, submissions; from_day null: today; to_day null: until you revoke it. Returns its key.';

CREATE FUNCTION care_api.revoke_delegate(delegation uuid)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET care.actor = '' AS $$
DECLARE
    key int8 := care_internal.require_person('self', NULL);
    secret bytea := care_internal.online_secret();
    held care.delegation;
BEGIN
    PERFORM care_internal.act_as_subject(), care_internal.lock_known_person(key, 'you');
    SELECT d.* INTO held FROM care_internal.delegation_that_holds(key) AS d
    WHERE care_internal.online_key(secret, 'delegation', d.delegation_id) = revoke_delegate.delegation
      AND (d.to_day IS NULL OR d.to_day >= care.today());
    IF NOT FOUND THEN
        PERFORM care_internal.refuse_unseen('delegation', delegation);
    END IF;
    INSERT INTO care.delegation (person_id, delegate, capacity, scopes, from_day, to_day, evidence, supersedes)
    VALUES (key, held.delegate, held.capacity, held.scopes, held.from_day, care.today() - 1, held.evidence,
            held.delegation_id)
    RETURNING * INTO held;
    RETURN care_internal.online_key(secret, 'delegation', held.delegation_id);
END
$$;
COMMENT ON FUNCTION care_api.revoke_delegate(uuid) IS
    'Let them act for you no longer
From today on they see nothing. Returns the key of the row that says so.';
