--
-- answer: what the authority answers, and notices as JSON.
--
-- Must not know: alerts, days of delay.
--

-- Accepting and rejecting each kind of notice are events of their own.
CREATE FUNCTION casework_internal.answer_event(kind text, accepts boolean) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE kind WHEN 'assessment' THEN CASE WHEN accepts THEN '975711000000108' ELSE '975721000000102' END
                     WHEN 'discharge' THEN CASE WHEN accepts THEN '975821000000109' ELSE '975831000000106' END
                     WHEN 'withdrawal' THEN CASE WHEN accepts THEN '1025651000000109' ELSE '1025641000000106' END END;
COMMENT ON FUNCTION casework_internal.answer_event(text, boolean) IS 'The event of an answer to a kind of notice.';

CREATE FUNCTION casework.answer_notice(notice_id bigint, accepts boolean, details text DEFAULT NULL,
                                       contact jsonb DEFAULT NULL, issued_at timestamptz DEFAULT clock_timestamp())
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text := format('notice %s', coalesce(notice_id::text, 'null'));
    asked casework.hospital_notice := (SELECT n FROM casework.hospital_notice AS n
                                       WHERE n.notice_id = answer_notice.notice_id AND n.kind <> 'response'
                                         AND EXISTS (SELECT FROM casework.hospital_notice_state AS s
                                                     WHERE s.notice_id = n.notice_id));
    known casework.hospital_notice_state;
    message jsonb;
    new_id bigint;
BEGIN
    IF asked.notice_id IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'no_data_found', CONSTRAINT = 'notice_exists',
            MESSAGE = format('no such %s', whose);
    ELSIF accepts IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'argument_not_null', COLUMN = 'accepts',
            MESSAGE = format('%s: accepts must not be null', whose);
    END IF;
    PERFORM casework_internal.lock_stay(asked.stay_id);
    SELECT n.* INTO known FROM casework.hospital_notice_state AS n WHERE n.notice_id = answer_notice.notice_id;
    IF known.state <> 'received' AND asked.kind <> 'withdrawal' OR known.state IN ('acknowledged', 'rejected') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'notice_unanswered',
            MESSAGE = format('%s is %s and cannot be answered', whose, known.state);
    END IF;
    message := jsonb_strip_nulls(jsonb_build_object(
        'schema', casework_internal.notice_schema(), 'version', '1.0', 'message_id', gen_random_uuid(),
        'event', casework_internal.answer_event(asked.kind, accepts), 'referral', known.reference,
        'in_reply_to', asked.message_id, 'issued_at', casework_internal.moment_text(issued_at),
        'response_type', CASE WHEN accepts THEN 'accepted' ELSE 'rejected' END, 'response_details', details,
        'authority_contact', contact));
    PERFORM casework_internal.require_notice(whose, message, 'R');
    INSERT INTO casework.hospital_notice (stay_id, message_id, kind, event_code, in_reply_to, issued_at, received_at,
                                          given_on, payload, digest)
    VALUES (asked.stay_id, (message->>'message_id')::uuid, 'response', message->>'event', asked.message_id,
            answer_notice.issued_at, answer_notice.issued_at,
            (answer_notice.issued_at AT TIME ZONE 'Europe/London')::date, casework.sealed_message(message),
            casework.message_digest(message))
    RETURNING hospital_notice.notice_id INTO new_id;
    INSERT INTO casework.hospital_step (stay_id, notice_id, state, by_notice)
    VALUES (asked.stay_id, answer_notice.notice_id, CASE WHEN accepts THEN 'acknowledged' ELSE 'rejected' END, new_id);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.answer_notice(bigint, boolean, text, jsonb, timestamptz) IS
    'Accepts or rejects a notice: records the answer and returns its key, for casework.hospital_message(). 55000 for a '
    'notice that was answered or is at an end.';

CREATE FUNCTION casework.hospital_message(notice_id bigint) RETURNS jsonb LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT n.payload FROM casework.hospital_notice AS n WHERE n.notice_id = hospital_message.notice_id;
END;
COMMENT ON FUNCTION casework.hospital_message(bigint) IS
    'A notice or an answer as JSON, with its schema, version and digest: read by casework.record_hospital_notice() '
    'elsewhere, it is the same notice.';

CREATE VIEW casework.hospital_answer_due WITH (security_barrier) AS
    SELECT n.authority, n.reference, n.notice_id, n.message_id, n.kind, n.received_at,
           n.kind <> 'withdrawal' AS must_be_answered
    FROM casework.hospital_notice_state AS n
    WHERE (n.state = 'received' OR n.state = 'assessing')
      AND NOT EXISTS (SELECT FROM casework.hospital_notice AS r
                      WHERE r.stay_id = n.stay_id AND r.kind = 'response' AND r.in_reply_to = n.message_id);
COMMENT ON VIEW casework.hospital_answer_due IS 'Notices that wait for an answer.';
COMMENT ON COLUMN casework.hospital_answer_due.must_be_answered IS
    'An assessment or discharge notice must be answered, a withdrawal should be.';
SELECT care_internal.comment_columns('casework.hospital_answer_due', 'casework.hospital_notice_state');
