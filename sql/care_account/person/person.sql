--
-- person: the people whom accounts and agreements are about.
--
-- A person is known by the case-management system's reference.  What else is known about them comes
-- as details, each a whole new row, and as the record of their death.
--
-- Must not know: accounts, agreements.
--

-- The check digit of an NHS number: weights 10 to 2, sum modulo 11; doc/calculations section 6.  Ten equal
-- digits pass the sum and are refused.
CREATE FUNCTION care.nhs_number_is_valid(nhs_number text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((11 - sum(substr(nhs_number, n, 1)::integer * (11 - n)) % 11) % 11
                    = CASE WHEN nhs_number ~ '^[0-9]{10}$' THEN substr(nhs_number, 10, 1)::integer END, false)
    FROM generate_series(1, 9) AS n
    WHERE nhs_number ~ '^[0-9]{10}$' AND nhs_number <> repeat(left(nhs_number, 1), 10);
END;
COMMENT ON FUNCTION care.nhs_number_is_valid(text) IS
    'Is it ten digits with the right check digit, and not ten equal ones?';

CREATE DOMAIN care.nhs_number AS text
    CONSTRAINT nhs_number_valid CHECK (care.nhs_number_is_valid(VALUE));
COMMENT ON DOMAIN care.nhs_number IS 'An NHS number: ten digits, checked.';
COMMENT ON CONSTRAINT nhs_number_valid ON DOMAIN care.nhs_number IS
    'Ten digits with the right check digit, not ten equal ones.';

CREATE TABLE care.person (
    person_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT person_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT person_authority_fkey REFERENCES care.authority,
    reference text NOT NULL
        CONSTRAINT person_has_reference CHECK (reference <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT person_reference_key UNIQUE (reference, authority)
);
COMMENT ON TABLE care.person IS 'People, by the case-management system''s own reference.';
COMMENT ON COLUMN care.person.person_id IS 'Key.';
COMMENT ON COLUMN care.person.authority IS 'The authority whose reference it is.';
COMMENT ON COLUMN care.person.reference IS
    'The case-management system''s identifier, unique within the authority, opaque to this product.';
COMMENT ON COLUMN care.person.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.person.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_class('person', 'care.person', 'care.record_person()',
    retained => 'care_internal.person_retained', events => '{last_updated,death_known}');

CREATE TABLE care.person_detail (
    person_id bigint NOT NULL
        CONSTRAINT person_detail_person_fkey REFERENCES care.person,
    detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    date_of_birth date
        CONSTRAINT person_detail_finite_birth CHECK (date_of_birth BETWEEN '0001-01-01' AND '9999-12-31'),
    needs_began_on date
        CONSTRAINT person_detail_finite_needs CHECK (needs_began_on BETWEEN '0001-01-01' AND '9999-12-31'),
    nhs_number care.nhs_number,
    nhs_number_status text
        CONSTRAINT person_detail_known_status CHECK (nhs_number_status ~ '^0[1-8]$'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT person_detail_pkey PRIMARY KEY (detail_id),
    CONSTRAINT person_detail_key UNIQUE (person_id, detail_id),
    CONSTRAINT person_detail_needs_after_birth CHECK (needs_began_on >= date_of_birth),
    CONSTRAINT person_detail_number_present CHECK (nhs_number_status NOT IN ('01', '02') OR nhs_number IS NOT NULL)
);
COMMENT ON TABLE care.person_detail IS
    'What is known about each person, no more than a figure or a return needs; the last row holds.';
COMMENT ON COLUMN care.person_detail.person_id IS 'The person.';
COMMENT ON COLUMN care.person_detail.detail_id IS 'Key within the person.';
COMMENT ON COLUMN care.person_detail.date_of_birth IS 'Date of birth; needed where the cap depends on age.';
COMMENT ON COLUMN care.person_detail.needs_began_on IS
    'The day eligible needs began; needed where the cap depends on the age then.';
COMMENT ON COLUMN care.person_detail.nhs_number IS 'NHS number, if known.';
COMMENT ON COLUMN care.person_detail.nhs_number_status IS
    '01 present and verified; 02 present, not traced; 03 trace required; 04 no or several matches; 05 to be resolved; '
    '06 trace in progress; 07 not present and not required; 08 trace postponed.';
COMMENT ON COLUMN care.person_detail.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.person_detail.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.person_detail', 'person', 'care.record_person()');

CREATE TABLE care.death (
    person_id bigint NOT NULL
        CONSTRAINT death_person_fkey REFERENCES care.person,
    death_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    died_on date
        CONSTRAINT death_finite_day CHECK (died_on BETWEEN '0001-01-01' AND '9999-12-31'),
    known_on date NOT NULL
        CONSTRAINT death_finite_known CHECK (known_on BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT death_pkey PRIMARY KEY (death_id),
    CONSTRAINT death_key UNIQUE (person_id, death_id),
    CONSTRAINT death_known_after CHECK (known_on >= died_on)
);
COMMENT ON TABLE care.death IS 'Deaths, and when the authority knew; of two rows about a person, the last holds.';
COMMENT ON COLUMN care.death.person_id IS 'The person.';
COMMENT ON COLUMN care.death.death_id IS 'Key within the person.';
COMMENT ON COLUMN care.death.died_on IS
    'Date of death, the last day that counts; null: the death was recorded in error.';
COMMENT ON COLUMN care.death.known_on IS 'The day the authority became aware.';
COMMENT ON COLUMN care.death.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.death.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.death', 'person', 'care.record_death()');

CREATE FUNCTION care.person_detail_known_at(known_at timestamptz) RETURNS SETOF care.person_detail
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.* FROM care.person_detail AS d
    WHERE d.recorded_at <= known_at
      AND NOT EXISTS (SELECT FROM care.person_detail AS later
                      WHERE later.person_id = d.person_id AND later.detail_id > d.detail_id
                        AND later.recorded_at <= known_at);
END;
COMMENT ON FUNCTION care.person_detail_known_at(timestamptz) IS
    'What was known of each person at a moment: the last row by then.';

CREATE FUNCTION care.death_known_at(known_at timestamptz) RETURNS SETOF care.death
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.* FROM care.death AS d
    WHERE d.recorded_at <= known_at AND d.died_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM care.death AS later
                      WHERE later.person_id = d.person_id AND later.death_id > d.death_id
                        AND later.recorded_at <= known_at);
END;
COMMENT ON FUNCTION care.death_known_at(timestamptz) IS 'The deaths that were known of at a moment.';

-- Writers of one person queue here.
CREATE FUNCTION care_internal.lock_known_person(person_id bigint, reference text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner text;
BEGIN
    SELECT p.authority INTO owner FROM care.person AS p
    WHERE p.person_id = lock_known_person.person_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN                                        -- disposed of while the lock was waited for
        RAISE EXCEPTION USING ERRCODE = 'no_data_found', CONSTRAINT = 'person_exists',
            MESSAGE = format('no such person: %L', reference);
    END IF;
    PERFORM care_internal.require_actor(owner);
END
$$;
COMMENT ON FUNCTION care_internal.lock_known_person(bigint, text) IS
    'Locks a person against other writers; P0002 if they are there no more, 42501 if an actor must be named.';

CREATE VIEW care.person_detail_in_force AS
    SELECT d.person_id, p.authority, p.reference, d.detail_id, d.date_of_birth, d.needs_began_on, d.nhs_number,
           d.nhs_number_status, d.recorded_at, d.recorded_by
    FROM care.person_detail_known_at('infinity'::timestamptz) AS d
        JOIN care.person AS p ON p.person_id = d.person_id;
COMMENT ON VIEW care.person_detail_in_force IS 'What is known of each person now.';
SELECT care_internal.comment_columns('care.person_detail_in_force', 'care.person_detail', 'care.person');

CREATE VIEW care.death_in_force AS
    SELECT d.person_id, p.authority, p.reference, d.death_id, d.died_on, d.known_on, d.recorded_at, d.recorded_by
    FROM care.death_known_at('infinity'::timestamptz) AS d
        JOIN care.person AS p ON p.person_id = d.person_id;
COMMENT ON VIEW care.death_in_force IS 'The deaths that are known of now; without those recorded in error.';
SELECT care_internal.comment_columns('care.death_in_force', 'care.death', 'care.person');

-- The key of a person, recorded now if new, locked: writers of one person queue here.
CREATE FUNCTION care_internal.lock_person(authority text, reference text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
BEGIN
    PERFORM care_internal.require_text(authority, 'the person''s reference', reference),
            care_internal.require_read_committed('a person'),
            care_internal.require_actor(authority);
    INSERT INTO care.person (authority, reference) VALUES (lock_person.authority, lock_person.reference)
    ON CONFLICT ON CONSTRAINT person_reference_key DO NOTHING;
    SELECT p.person_id INTO STRICT key FROM care.person AS p
    WHERE p.authority = lock_person.authority AND p.reference = lock_person.reference FOR NO KEY UPDATE;
    RETURN key;
END
$$;
COMMENT ON FUNCTION care_internal.lock_person(text, text) IS
    'The key of a person, recorded now if new, locked against other writers.';

CREATE FUNCTION care.record_person(authority text, reference text,
                                   date_of_birth date DEFAULT NULL, needs_began_on date DEFAULT NULL,
                                   nhs_number text DEFAULT NULL, nhs_number_status text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
    label text := format('person %s of %s', reference, authority);
    known care.person_detail;
    death date;
BEGIN
    PERFORM care_internal.require_day(label, 'date_of_birth', date_of_birth, nullable => true);
    PERFORM care_internal.require_day(label, 'needs_began_on', needs_began_on, nullable => true);
    IF nhs_number_status IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'status of an NHS number', nhs_number_status,
                                           '{01,02,03,04,05,06,07,08}');
    END IF;
    IF nhs_number IS NOT NULL AND NOT care.nhs_number_is_valid(nhs_number) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'nhs_number_valid', SCHEMA = 'care', TABLE = 'person_detail', COLUMN = 'nhs_number',
            MESSAGE = format('%s: %L is not an NHS number', label, nhs_number),
            HINT = 'It has ten digits, the last of which checks the others.';
    END IF;
    PERFORM care_internal.require_authority(authority, NULL);
    key := care_internal.lock_person(authority, reference);
    SELECT d.* INTO known FROM care.person_detail_known_at('infinity'::timestamptz) AS d WHERE d.person_id = key;
    date_of_birth := coalesce(date_of_birth, known.date_of_birth);
    needs_began_on := coalesce(needs_began_on, known.needs_began_on);
    nhs_number := coalesce(nhs_number, known.nhs_number);
    nhs_number_status := coalesce(nhs_number_status, known.nhs_number_status);
    SELECT d.died_on INTO death FROM care.death_known_at('infinity'::timestamptz) AS d WHERE d.person_id = key;
    IF date_of_birth > death THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'death_after_birth',
            MESSAGE = format('%s died on %s, before that date of birth', label, care_internal.day_text(death));
    END IF;
    IF needs_began_on < date_of_birth THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'person_needs_after_birth',
            SCHEMA = 'care', TABLE = 'person_detail', COLUMN = 'needs_began_on',
            MESSAGE = format('%s: needs cannot have begun before birth', label);
    END IF;
    IF nhs_number_status IN ('01', '02') AND nhs_number IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'person_number_present', SCHEMA = 'care', TABLE = 'person_detail', COLUMN = 'nhs_number',
            MESSAGE = format('%s: status %s says that there is an NHS number, and none is recorded', label,
                             nhs_number_status),
            HINT = 'Give nhs_number too.';
    END IF;
    IF (date_of_birth, needs_began_on, nhs_number, nhs_number_status)
       IS DISTINCT FROM (known.date_of_birth, known.needs_began_on, known.nhs_number::text,
                         known.nhs_number_status) THEN
        INSERT INTO care.person_detail (person_id, date_of_birth, needs_began_on, nhs_number, nhs_number_status)
        VALUES (key, record_person.date_of_birth, record_person.needs_began_on, record_person.nhs_number,
                record_person.nhs_number_status);
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION care.record_person(text, text, date, date, text, text) IS
    'Records what is known of a person and returns the key; what is null stays as it was. 22023 for a number that is '
    'no NHS number and for dates out of order.';

-- A person for a new account or agreement: what is given must agree with what is known.
CREATE FUNCTION care_internal.agree_person(authority text, reference text,
                                           date_of_birth date, needs_began_on date,
                                           needs_otherwise date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care_internal.lock_person(authority, reference);
    known care.person_detail;
BEGIN
    SELECT d.* INTO known FROM care.person_detail_known_at('infinity'::timestamptz) AS d WHERE d.person_id = key;
    IF known.date_of_birth <> agree_person.date_of_birth OR known.needs_began_on <> agree_person.needs_began_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'person_agrees', SCHEMA = 'care', TABLE = 'person_detail',
            MESSAGE = format('person %s of %s is recorded with another date of birth or first day of needs', reference,
                             authority),
            DETAIL = format('Recorded: born %s, needs began on %s.',
                            coalesce(to_char(known.date_of_birth, 'YYYY-MM-DD'), 'not given'),
                            coalesce(to_char(known.needs_began_on, 'YYYY-MM-DD'), 'not given')),
            HINT = 'Check that it is the same person; to correct it, use care.record_person().';
    END IF;
    RETURN care.record_person(authority, reference, date_of_birth,
                              coalesce(needs_began_on, known.needs_began_on, needs_otherwise));
END
$$;
COMMENT ON FUNCTION care_internal.agree_person(text, text, date, date, date) IS
    'The key of a person, recorded now if new; 22023 if what is given differs from what is recorded. needs_otherwise '
    'is taken where the day needs began is neither given nor recorded.';

-- Find a person by reference; without an authority the reference must be one person's only.
CREATE FUNCTION care.person_id(person_reference text, authority text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys int8[] := ARRAY(SELECT p.person_id FROM care.person AS p
                         WHERE p.reference = person_reference
                           AND (person_id.authority IS NULL OR p.authority = person_id.authority));
BEGIN
    IF cardinality(keys) = 0 THEN
        RAISE EXCEPTION USING ERRCODE = 'no_data_found',
            CONSTRAINT = 'person_exists',
            SCHEMA = 'care', TABLE = 'person', COLUMN = 'reference',
            MESSAGE = format('no such person: %L', person_reference);
    ELSIF cardinality(keys) > 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'person_is_one', SCHEMA = 'care', TABLE = 'person', COLUMN = 'reference',
            MESSAGE = format('several authorities have a person %L', person_reference),
            HINT = 'Say which with authority => ....';
    END IF;
    RETURN keys[1];
END
$$;
COMMENT ON FUNCTION care.person_id(text, text) IS
    'The key of a person; P0002 if there is none, 22023 if several authorities use the reference.';

CREATE FUNCTION care.record_death(person_reference text, died_on date, known_on date,
                                  authority text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    birth date;
BEGIN
    PERFORM care_internal.require_day(format('person %s', person_reference), 'died_on', died_on, nullable => true);
    PERFORM care_internal.require_day(format('person %s', person_reference), 'known_on', known_on);
    PERFORM care_internal.require_read_committed('a death');
    PERFORM care_internal.lock_known_person(key, person_reference);
    SELECT d.date_of_birth INTO birth FROM care.person_detail_known_at('infinity'::timestamptz) AS d
    WHERE d.person_id = key;
    IF died_on > known_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'death_known_after', SCHEMA = 'care', TABLE = 'death', COLUMN = 'known_on',
            MESSAGE = format('person %s: known_on cannot be before the death', person_reference);
    END IF;
    IF died_on < birth THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'death_after_birth',
            MESSAGE = format('person %s was born on %s and cannot have died on %s', person_reference,
                             care_internal.day_text(birth), care_internal.day_text(died_on));
    END IF;
    INSERT INTO care.death (person_id, died_on, known_on) VALUES (key, record_death.died_on, record_death.known_on);
END
$$;
COMMENT ON FUNCTION care.record_death(text, date, date, text) IS
    'Records a death (null: one recorded in error) and when it was known. The day of death is the last that counts; '
    'interest on a deferred payment goes on.';
