--
-- write: notices come in, answers go out, steps are taken, stays end.
--
-- Writers of one stay queue on its row.
--
-- Must not know: alerts, days of delay.
--

-- Whose notice it is: the person named, or the one person of the authority with the NHS number.
CREATE FUNCTION casework_internal.patient(whose text, authority text, m jsonb, person_reference text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys bigint[];
BEGIN
    IF person_reference IS NOT NULL THEN
        RETURN care_internal.lock_person(authority, person_reference);
    END IF;
    keys := ARRAY(SELECT d.person_id FROM care.person_detail_in_force AS d
                  WHERE d.authority = patient.authority AND d.nhs_number = m->>'nhs_number');
    IF cardinality(keys) <> 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'person_exists',
            MESSAGE = format('%s: %s persons of %s are known with its NHS number', whose, cardinality(keys), authority),
            HINT = 'Say who it is with person_reference => ....';
    END IF;
    PERFORM care_internal.lock_known_person(keys[1], whose);
    RETURN keys[1];
END
$$;
COMMENT ON FUNCTION casework_internal.patient(text, text, jsonb, text) IS
    'The person a notice is about, locked, recorded now if named and new; P0002 where it is not plain who it is.';

CREATE FUNCTION casework_internal.lock_stay(stay_id bigint) RETURNS casework.hospital_stay
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stay casework.hospital_stay;
BEGIN
    SELECT s.* INTO stay FROM casework.hospital_stay AS s
    WHERE s.stay_id = lock_stay.stay_id AND casework_internal.sees(s.authority) FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'stay_exists',
            MESSAGE = format('no such stay: %s', coalesce(stay_id::text, 'null'));
    END IF;
    PERFORM care_internal.require_actor(stay.authority);
    RETURN stay;
END
$$;
COMMENT ON FUNCTION casework_internal.lock_stay(bigint) IS
    'A stay, locked against other writers; P0002 if there is none.';

-- The open notices of a stay of some kinds go to a state, by a message.
CREATE FUNCTION casework_internal.end_notices(stay_id bigint, kinds text[], state text, by_notice bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed bigint;
BEGIN
    INSERT INTO casework.hospital_step (stay_id, notice_id, state, by_notice)
    SELECT n.stay_id, n.notice_id, end_notices.state, end_notices.by_notice
    FROM casework.hospital_notice_state AS n
    WHERE n.stay_id = end_notices.stay_id AND n.kind = ANY (end_notices.kinds) AND n.notice_id IS DISTINCT
        FROM end_notices.by_notice
      AND (n.is_open OR n.state IN ('done', 'rejected'));
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
COMMENT ON FUNCTION casework_internal.end_notices(bigint, text[], text, bigint) IS
    'Records that the notices of a stay of some kinds that are not at an end were replaced, withdrawn or closed, and '
    'returns how many.';

-- The same message twice is one notice; another message under its identifier is none.
CREATE FUNCTION casework_internal.known_message(whose text, authority text, m jsonb) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known casework.hospital_notice;
    whom text;
BEGIN
    IF m->>'message_id' !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' IS NOT FALSE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_message_id', COLUMN = 'message_id',
            MESSAGE = format('%s: message_id: %L is no UUID', whose, m->>'message_id');
    END IF;
    -- who records the same message meanwhile is waited for
    PERFORM pg_advisory_xact_lock(hashtextextended('casework.hospital_notice ' || lower(m->>'message_id'), 0));
    SELECT n.* INTO known FROM casework.hospital_notice AS n WHERE n.message_id = (m->>'message_id')::uuid;
    whom := (SELECT s.authority FROM casework.hospital_stay AS s WHERE s.stay_id = known.stay_id);
    IF known.digest <> casework.message_digest(m) OR whom <> authority OR NOT casework_internal.sees(whom) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'hospital_notice_message_key', COLUMN = 'message_id',
            MESSAGE = format('%s: another message, or one to another authority, has this message_id', whose),
            HINT = 'A notice is corrected by a new one, with a message_id of its own.';
    END IF;
    RETURN known.notice_id;
END
$$;
COMMENT ON FUNCTION casework_internal.known_message(text, text, jsonb) IS
    'The notice that a message was recorded as already; null: none. 23505 for another message with its message_id, or '
    'for one to another authority.';

-- The stay a message belongs to, locked, recorded now for an assessment or discharge notice of a new referral.
CREATE FUNCTION casework_internal.stay_of(whose text, authority text, m jsonb, kind text, person_reference text)
    RETURNS casework.hospital_stay LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stay casework.hospital_stay;
    patient bigint;
BEGIN
    PERFORM care_internal.require_text(whose, 'referral', m->>'referral');
    SELECT s.* INTO stay FROM casework.hospital_stay AS s
    WHERE s.authority = stay_of.authority AND s.reference = m->>'referral';
    IF FOUND THEN
        stay := casework_internal.lock_stay(stay.stay_id);
        IF person_reference IS NOT NULL
           AND casework_internal.known_person(person_reference, authority) <> stay.person_id THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'stay_is_theirs',
                MESSAGE = format('%s: referral %s is of another person', whose, stay.reference);
        END IF;
        RETURN stay;
    ELSIF kind = 'withdrawal' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'notice_to_withdraw',
            MESSAGE = format('%s: there is no notice to withdraw: referral %s is not known', whose, m->>'referral');
    END IF;
    patient := casework_internal.patient(whose, authority, m, person_reference);
    INSERT INTO casework.hospital_stay (person_id, authority, reference, hospital_site)
    VALUES (patient, stay_of.authority, m->>'referral', m->>'hospital_site')
    ON CONFLICT ON CONSTRAINT hospital_stay_reference_key DO NOTHING;
    SELECT s.* INTO STRICT stay FROM casework.hospital_stay AS s
    WHERE s.authority = stay_of.authority AND s.reference = m->>'referral' FOR NO KEY UPDATE;
    RETURN stay;
END
$$;
COMMENT ON FUNCTION casework_internal.stay_of(text, text, jsonb, text, text) IS
    'The stay a message is about, locked; P0002 for a withdrawal of what is not known.';

CREATE FUNCTION casework.record_hospital_notice(authority text, message jsonb, person_reference text DEFAULT NULL,
                                                received_at timestamptz DEFAULT clock_timestamp())
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text := format('notice %s', coalesce(message->>'message_id', 'without message_id'));
    kind text := casework_internal.notice_kind(message->>'event');
    letter text := upper(left(kind, 1));
    stay casework.hospital_stay;
    given date;
    new_id bigint;
    withdrawn text[];
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority),
            care_internal.require_read_committed('a notice'),
            casework_internal.require_message(whose, message, casework_internal.notice_schema(), '{1.0}');
    IF kind IS NULL OR kind = 'response' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'notice_event_known', COLUMN = 'event',
            MESSAGE = format('%s: event %L is no notice that is read here', whose, message->>'event'),
            HINT = 'Assessment, discharge and withdrawal notices are; answers are made by casework.answer_notice().';
    END IF;
    new_id := casework_internal.known_message(whose, authority, message);
    IF new_id IS NOT NULL THEN
        RETURN new_id;
    END IF;
    PERFORM casework_internal.require_notice(whose, message, letter);
    received_at := coalesce(received_at, clock_timestamp());
    given := (SELECT casework.given_on(received_at AT TIME ZONE 'Europe/London', r.cutoff, r.working_days)
              FROM casework_internal.notice_rule(authority, (received_at AT TIME ZONE 'Europe/London')::date) AS r);
    PERFORM casework_internal.require_notice_days(whose, message, letter, given, authority);
    stay := casework_internal.stay_of(whose, authority, message, kind, person_reference);
    INSERT INTO casework.hospital_notice (stay_id, message_id, kind, event_code, issued_at, received_at, given_on,
                                          proposed_on, payload, digest)
    VALUES (stay.stay_id, (message->>'message_id')::uuid, kind, message->>'event',
            casework_internal.moment_from(whose, 'issued_at', message->>'issued_at'),
                record_hospital_notice.received_at,
            given, casework_internal.day_from(whose, 'proposed_discharge_date', message->>'proposed_discharge_date'),
            casework.sealed_message(message), casework.message_digest(message))
    RETURNING notice_id INTO new_id;
    IF kind <> 'withdrawal' THEN
        PERFORM casework_internal.end_notices(stay.stay_id, ARRAY[kind], 'replaced', new_id);
    ELSE
        withdrawn := (SELECT string_to_array(c.details->>'acts_on', ' ') FROM casework.code AS c
                      WHERE c.list = 'adw_message_event' AND c.code = message->>'event');
        IF casework_internal.end_notices(stay.stay_id, withdrawn, 'withdrawn', new_id) = 0 THEN
            RAISE EXCEPTION USING
                ERRCODE = 'no_data_found', CONSTRAINT = 'notice_to_withdraw',
                MESSAGE = format('%s: there is no notice to withdraw: no %s notice of referral %s is open', whose,
                                 array_to_string(withdrawn, ' or '), stay.reference);
        END IF;
    END IF;
    INSERT INTO casework.hospital_step (stay_id, notice_id, state, by_notice)
    VALUES (stay.stay_id, new_id, 'received', new_id);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_hospital_notice(text, jsonb, text, timestamptz) IS
    'Records an assessment, discharge or withdrawal notice, as JSON, and returns its key. The same message again '
    'returns the same key. A later notice of its kind replaces the one before; a withdrawal ends what it withdraws, '
    'P0002 where nothing is open. The person is found by NHS number, or named by person_reference.';

CREATE FUNCTION casework.record_hospital_step(notice_id bigint, state text, note text DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text := format('notice %s', coalesce(notice_id::text, 'null'));
    known casework.hospital_notice_state;
    stay bigint := (SELECT n.stay_id FROM casework.hospital_notice_state AS n
                    WHERE n.notice_id = record_hospital_step.notice_id);
BEGIN
    PERFORM care_internal.require_word(whose, 'state', state, '{assessing,done}');
    IF stay IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'no_data_found', CONSTRAINT = 'notice_exists',
            MESSAGE = format('no such %s', whose);
    END IF;
    PERFORM casework_internal.lock_stay(stay);
    SELECT n.* INTO known FROM casework.hospital_notice_state AS n WHERE n.notice_id = record_hospital_step.notice_id;
    IF NOT known.is_open THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'notice_open',
            MESSAGE = format('%s is %s', whose, known.state);
    END IF;
    INSERT INTO casework.hospital_step (stay_id, notice_id, state, note)
    VALUES (stay, record_hospital_step.notice_id, record_hospital_step.state, record_hospital_step.note);
END
$$;
COMMENT ON FUNCTION casework.record_hospital_step(bigint, text, text) IS
    'Records that what a notice asks is being done (assessing) or is done. 55000 for a notice that is not open.';

CREATE FUNCTION casework.record_hospital_outcome(stay_id bigint, ended_on date, ended_by text,
                                                 delay_cause text DEFAULT 'none', note text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text := format('stay %s', coalesce(stay_id::text, 'null'));
BEGIN
    PERFORM casework_internal.lock_stay(stay_id),
            care_internal.require_day(whose, 'ended_on', ended_on, nullable => true),
            care_internal.require_word(whose, 'delay_cause', delay_cause, '{none,authority,nhs,both,other}');
    IF ended_on IS NOT NULL THEN
        PERFORM care_internal.require_word(whose, 'ended_by', ended_by, '{discharged,died,moved}');
    END IF;
    INSERT INTO casework.hospital_outcome (stay_id, ended_on, ended_by, delay_cause, note)
    VALUES (record_hospital_outcome.stay_id, record_hospital_outcome.ended_on,
            CASE WHEN record_hospital_outcome.ended_on IS NOT NULL THEN record_hospital_outcome.ended_by END,
            record_hospital_outcome.delay_cause, record_hospital_outcome.note);
    IF ended_on IS NOT NULL THEN
        PERFORM casework_internal.end_notices(stay_id, '{assessment,discharge}', 'closed', NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION casework.record_hospital_outcome(bigint, date, text, text, text) IS
    'Records how a stay ended (ended_on null: it goes on), and whose failure a delay was; the last record holds.';
