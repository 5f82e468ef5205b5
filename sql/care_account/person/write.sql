--
-- write: what is recorded of a person, and the rules it must keep.
--
-- Must not know: accounts, agreements.
--

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

-- The day of a trace goes with the number and the status that the trace ended in.
CREATE FUNCTION care_internal.require_trace(label text, traced_on date, status text, date_of_birth date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    broken text;
    why text;
BEGIN
    SELECT v.broken, v.why INTO broken, why
    FROM (VALUES
        ('person_traced_with_status', coalesce(status NOT IN ('01', '04', '05'), true),
         'goes with a status that a trace ended in: 01, 04 or 05'),
        ('person_traced_after_birth', coalesce(traced_on < date_of_birth, false), 'is before the birth'),
        ('person_traced_by_today', traced_on > care.today(), 'is a day to come')) AS v (broken, is_broken, why)
    WHERE v.is_broken LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = broken,
            SCHEMA = 'care', TABLE = 'person_detail', COLUMN = 'nhs_number_traced_on',
            MESSAGE = format('%s: nhs_number_traced_on, %s, %s', label, care_internal.day_text(traced_on), why);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_trace(text, date, text, date) IS
    'Refuses (22023) a day on which an NHS number was traced that is before birth, to come, or with a status that is '
    'not the end of a trace.';

CREATE FUNCTION care.record_person(authority text, reference text,
                                   date_of_birth date DEFAULT NULL, needs_began_on date DEFAULT NULL,
                                   nhs_number text DEFAULT NULL, nhs_number_status text DEFAULT NULL,
                                   nhs_number_traced_on date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
    label text := format('person %s of %s', reference, authority);
    known care.person_detail;
    death date;
BEGIN
    PERFORM care_internal.require_day(label, 'date_of_birth', date_of_birth, nullable => true);
    PERFORM care_internal.require_day(label, 'needs_began_on', needs_began_on, nullable => true);
    PERFORM care_internal.require_day(label, 'nhs_number_traced_on', nhs_number_traced_on, nullable => true);
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
    IF (nhs_number, nhs_number_status) IS NOT DISTINCT FROM (known.nhs_number::text, known.nhs_number_status) THEN
        nhs_number_traced_on := coalesce(nhs_number_traced_on, known.nhs_number_traced_on);
    END IF;
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
    IF nhs_number_traced_on IS NOT NULL THEN
        PERFORM care_internal.require_trace(label, nhs_number_traced_on, nhs_number_status, date_of_birth);
    END IF;
    IF (date_of_birth, needs_began_on, nhs_number, nhs_number_status, nhs_number_traced_on)
       IS DISTINCT FROM (known.date_of_birth, known.needs_began_on, known.nhs_number::text,
                         known.nhs_number_status, known.nhs_number_traced_on) THEN
        INSERT INTO care.person_detail (person_id, date_of_birth, needs_began_on, nhs_number, nhs_number_status,
                                        nhs_number_traced_on)
        VALUES (key, record_person.date_of_birth, record_person.needs_began_on, record_person.nhs_number,
                record_person.nhs_number_status, record_person.nhs_number_traced_on);
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION care.record_person(text, text, date, date, text, text, date) IS
    'Records what is known of a person and returns the key; what is null stays as it was, but that the day of a trace '
    'goes with its number and status. 22023 for a number that is no NHS number and for dates out of order.';

-- A person for a new account or agreement: what is given must agree with what is known.
CREATE FUNCTION care_internal.agree_person(authority text, reference text,
                                           date_of_birth date, needs_began_on date)
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
            DETAIL = format('Recorded: born %s, first day of needs %s.',
                            coalesce(to_char(known.date_of_birth, 'YYYY-MM-DD'), 'not given'),
                            coalesce(to_char(known.needs_began_on, 'YYYY-MM-DD'), 'not given')),
            HINT = 'Check that it is the same person; to correct it, use care.record_person().';
    END IF;
    RETURN care.record_person(authority, reference, date_of_birth, needs_began_on);
END
$$;
COMMENT ON FUNCTION care_internal.agree_person(text, text, date, date) IS
    'The key of a person, recorded now if new; 22023 if what is given differs from what is recorded.';

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

-- The row that takes back repeats the rest of what is known.
CREATE FUNCTION care.withdraw_details(person_reference text, details text[], reason text,
                                      authority text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    label text := format('person %s', person_reference);
    known care.person_detail;
    unknown text;
BEGIN
    IF coalesce(cardinality(details), 0) = 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'argument_not_null', COLUMN = 'details',
            MESSAGE = format('%s: details must name one or more', label),
            HINT = 'They are date_of_birth, needs_began_on and nhs_number.';
    END IF;
    PERFORM care_internal.require_word(label, 'detail', d.name, '{date_of_birth,needs_began_on,nhs_number}')
    FROM unnest(details) AS d (name);
    PERFORM care_internal.require_text(label, 'reason', reason),
            care_internal.require_read_committed('a person'),
            care_internal.lock_known_person(key, person_reference);
    SELECT d.* INTO known FROM care.person_detail_known_at('infinity'::timestamptz) AS d WHERE d.person_id = key;
    SELECT d.name INTO unknown FROM unnest(details) AS d (name)
    WHERE CASE d.name WHEN 'date_of_birth' THEN known.date_of_birth IS NULL
                      WHEN 'needs_began_on' THEN known.needs_began_on IS NULL
                      ELSE coalesce(known.nhs_number, known.nhs_number_status) IS NULL END
    ORDER BY d.name LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'person_detail_known',
            SCHEMA = 'care', TABLE = 'person_detail', COLUMN = unknown,
            MESSAGE = format('%s: no %s is known that could be withdrawn', label, unknown),
            HINT = 'It may have been withdrawn already; care.person_detail_in_force shows what is known.';
    END IF;
    INSERT INTO care.person_detail (person_id, date_of_birth, needs_began_on, nhs_number, nhs_number_status,
                                    nhs_number_traced_on, withdraws, reason)
    SELECT key, CASE WHEN 'date_of_birth' <> ALL (details) THEN known.date_of_birth END,
           CASE WHEN 'needs_began_on' <> ALL (details) THEN known.needs_began_on END,
           CASE WHEN 'nhs_number' <> ALL (details) THEN known.nhs_number END,
           CASE WHEN 'nhs_number' <> ALL (details) THEN known.nhs_number_status END,
           CASE WHEN 'nhs_number' <> ALL (details) THEN known.nhs_number_traced_on END,
           ARRAY(SELECT DISTINCT d.name FROM unnest(details) AS d (name) ORDER BY d.name), withdraw_details.reason;
END
$$;
COMMENT ON FUNCTION care.withdraw_details(text, text[], text, text) IS
    'Takes back details of a person that were recorded in error, for a reason: date_of_birth, needs_began_on, '
    'nhs_number (with its status and the day it was traced). They are unknown then; to put another value in their '
    'place, use care.record_person().';
