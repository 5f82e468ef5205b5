--
-- prisoner_write: recording what room prisoner keeps; what does not apply while a person is detained is refused.
--
-- Must not know: how a detention is recorded.
--

CREATE FUNCTION casework.record_restriction(person_reference text, kind text, description text, from_day date,
                                            to_day date DEFAULT NULL, supersedes bigint DEFAULT NULL,
                                            authority text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8 := casework_internal.known_person(person_reference, authority);
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'kind', 'prison_restriction_kind', kind, NULL),
            care_internal.require_text(label, 'description', description),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true),
            care_internal.lock_known_person(key, person_reference),
            care_internal.require_correctable(label, 'casework.restriction', 'person_id', key, 'restriction_id',
                                                  supersedes);
    INSERT INTO casework.restriction (person_id, kind, description, from_day, to_day, supersedes)
    VALUES (key, record_restriction.kind, record_restriction.description, record_restriction.from_day,
            record_restriction.to_day, record_restriction.supersedes)
    RETURNING restriction_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_restriction(text, text, text, date, date, bigint, text) IS
    'Records a limit on what a detained person may have or do, and returns the key. supersedes corrects or ends one.';

CREATE FUNCTION casework.record_referral(authority text, person_reference text, source text, referred_on date,
                                         received_at timestamptz DEFAULT NULL, transcribed_by text DEFAULT NULL,
                                         note text DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8;
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'source', 'prison_referral_source', source, NULL),
            care_internal.require_day(label, 'referred_on', referred_on, nullable => supersedes IS NOT NULL);
    IF received_at > clock_timestamp() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'referral_received', SCHEMA = 'casework',
            TABLE = 'referral', COLUMN = 'received_at',
            MESSAGE = format('%s: a referral cannot have been received in the future', label);
    END IF;
    key := casework_internal.record_person(authority, person_reference);
    PERFORM care_internal.require_correctable(label, 'casework.referral', 'person_id', key, 'referral_id',
                                                  supersedes);
    INSERT INTO casework.referral (person_id, source, referred_on, received_at, transcribed_by, note, supersedes)
    VALUES (key, record_referral.source, record_referral.referred_on, record_referral.received_at,
            record_referral.transcribed_by, record_referral.note, record_referral.supersedes)
    RETURNING referral_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_referral(text, text, text, date, timestamptz, text, text, bigint) IS
    'Records a referral of a person who is detained and who made it, and returns the key. What was written on paper '
    'first keeps both times: received_at, and when it was recorded. supersedes corrects one.';

-- What does not apply is refused for a day of detention; what began before is on a list.
CREATE FUNCTION casework.record_arrangement(authority text, person_reference text, kind text, from_day date,
                                            to_day date DEFAULT NULL, purpose text DEFAULT NULL,
                                            supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8;
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'kind', 'prison_disapplied', kind, NULL),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    IF purpose IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'purpose', purpose, '{"in detention",release}');
    END IF;
    key := casework_internal.record_person(authority, person_reference);
    PERFORM care_internal.require_correctable(label, 'casework.arrangement', 'person_id', key, 'arrangement_id',
                                                  supersedes);
    IF casework_internal.is_detained(key, from_day) AND (to_day < from_day) IS NOT TRUE
       AND (kind = 'choice_of_accommodation' AND purpose = 'release') IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'not_while_detained', SCHEMA = 'casework', TABLE = 'arrangement',
            COLUMN = 'kind',
            MESSAGE = format('%s is detained on %s: %s does not apply', label, care_internal.day_text(from_day), kind),
            HINT = 'It may begin the day after the release; accommodation for then is chosen with purpose release.';
    END IF;
    INSERT INTO casework.arrangement (person_id, kind, purpose, from_day, to_day, supersedes)
    VALUES (key, record_arrangement.kind, record_arrangement.purpose, record_arrangement.from_day,
            record_arrangement.to_day, record_arrangement.supersedes)
    RETURNING arrangement_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_arrangement(text, text, text, date, date, text, bigint) IS
    'Records a direct payment, a carer''s assessment of the person as a carer, a choice of accommodation or the '
    'protection of property, from and to which day. 23514 (not_while_detained) where it begins while they are '
    'detained, but for accommodation after the release. supersedes corrects or ends one.';

CREATE FUNCTION casework.hand_over(person_reference text, purpose text, on_day date, content jsonb,
                                   recipient text DEFAULT NULL, is_draft boolean DEFAULT false,
                                   supersedes bigint DEFAULT NULL, authority text DEFAULT NULL,
                                   override_reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8 := casework_internal.known_person(person_reference, authority);
    document jsonb;
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'purpose', 'handover_purpose', purpose, NULL),
            care_internal.require_day(label, 'on_day', on_day),
            care_internal.require_text(label, 'content', content::text),
            care_internal.lock_known_person(key, person_reference),
            care_internal.require_correctable(label, 'casework.handover', 'person_id', key, 'handover_id',
                                                  supersedes);
    IF is_draft IS NOT TRUE THEN
        PERFORM casework_internal.require_no_objection(label, key, on_day, override_reason);
    END IF;
    document := jsonb_build_object('schema', 'care_casework/handover', 'version', 1, 'purpose', purpose,
                                   'on_day', to_char(on_day, 'YYYY-MM-DD'), 'person_reference', person_reference,
                                   'recipient', recipient, 'content', content);
    INSERT INTO casework.handover (person_id, purpose, on_day, recipient, is_draft, override_reason, document, digest,
                                   supersedes)
    VALUES (key, hand_over.purpose, hand_over.on_day, hand_over.recipient, coalesce(hand_over.is_draft, false),
            nullif(hand_over.override_reason, ''), document, sha256(convert_to(document::text, 'UTF8')),
            hand_over.supersedes)
    RETURNING handover_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.hand_over(text, text, date, jsonb, text, boolean, bigint, text, text) IS
    'Keeps a document for another authority or a prison, such as a plan, or a draft of one, and returns the key; '
    'casework.handover_document() gives it out. supersedes puts it in the place of another. 55000 (objection_open) '
    'where the person objects on the day, unless it is a draft or override_reason says why.';

-- The name is put in when the document is given out: the pseudonym where one is in force, there and in the words.
CREATE FUNCTION casework.handover_document(person_id bigint, handover_id bigint, OUT document jsonb, OUT digest bytea)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shown casework.person_shown;
    name text := casework_internal.name_of(person_id);
BEGIN
    SELECT h.document INTO document
    FROM casework.handover AS h
        JOIN care.person AS p ON p.person_id = h.person_id AND casework_internal.sees(p.authority)
    WHERE h.person_id = handover_document.person_id AND h.handover_id = handover_document.handover_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'handover_exists', SCHEMA = 'casework', TABLE = 'handover',
            MESSAGE = format('person %s has no document %s', coalesce(person_id::text, 'null'),
                             coalesce(handover_id::text, 'null'));
    END IF;
    SELECT s.* INTO shown FROM casework.person_shown AS s WHERE s.person_id = handover_document.person_id;
    IF shown.is_alias AND name IS NOT NULL THEN
        document := regexp_replace(document::text, regexp_replace(name, '([^[:alnum:][:space:]])', E'\\\\\\1', 'g'),
                                   replace(trim(BOTH '"' FROM to_json(shown.name)::text), E'\\', E'\\\\'), 'gi')::jsonb;
    END IF;
    document := document || jsonb_build_object('name', shown.name);
    digest := sha256(convert_to(document::text, 'UTF8'));
END
$$;
COMMENT ON FUNCTION casework.handover_document(bigint, bigint) IS
    'A document as it is given out, with the name that is shown of the person, and its SHA-256.';

CREATE FUNCTION casework.read_handover(document jsonb, digest bytea) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (document->>'schema' = 'care_casework/handover' AND document->>'version' = '1') IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'handover_version',
            MESSAGE = 'the document does not say that it is a handover of version 1';
    ELSIF (sha256(convert_to(document::text, 'UTF8')) = digest) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'handover_digest',
            MESSAGE = 'the document is not what its digest was taken of';
    END IF;
    RETURN document->'content';
END
$$;
COMMENT ON FUNCTION casework.read_handover(jsonb, bytea) IS
    'What a document holds, once its version and digest are checked; 22023 where one is wrong.';

-- A release is recorded whether or not the account can move.
CREATE FUNCTION casework_internal.release_transfer(person_id bigint, going_to text, released_on date) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one care.account;
BEGIN
    SELECT a.* INTO one FROM care.account AS a
    WHERE a.person_id = release_transfer.person_id AND a.authority <> going_to
      AND care_internal.transfer_state(a.account_id) = 'open'
    ORDER BY a.account_id LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    RETURN care.transfer_draft(one.account_id, going_to, released_on, '37(1)', 'release')::jsonb;
EXCEPTION WHEN invalid_parameter_value OR object_not_in_prerequisite_state THEN
    RETURN jsonb_build_object('account', jsonb_build_object('reference', one.reference), 'not_drafted', SQLERRM);
END
$$;
COMMENT ON FUNCTION casework_internal.release_transfer(bigint, text, date) IS
    'A draft of the document with which the care account of a person goes to the authority they are released to, from '
    'the day of the release; or why there is none: not_drafted. Null: no account of theirs would move.';

CREATE FUNCTION casework.record_release(person_reference text, released_on date, going_to text DEFAULT NULL,
                                        planned_on date DEFAULT NULL, supersedes bigint DEFAULT NULL,
                                        authority text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8 := casework_internal.known_person(person_reference, authority);
    held casework.detention;
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'planned_on', planned_on, nullable => released_on IS NOT NULL),
            care_internal.lock_known_person(key, person_reference),
            care_internal.require_correctable(label, 'casework.release', 'person_id', key, 'release_id',
                                                  supersedes);
    IF going_to IS NOT NULL THEN
        PERFORM care_internal.require_authority(going_to, coalesce(released_on, planned_on));
    END IF;
    IF released_on IS NOT NULL THEN
        held := casework_internal.lock_detention(person_reference, authority, released_on, 'released_on');
        INSERT INTO casework.detention (person_id, kind, establishment, place, place_authority, from_day, to_day, note,
                                        supersedes)
        VALUES (held.person_id, held.kind, held.establishment, held.place, held.place_authority, held.from_day,
                record_release.released_on, held.note, held.detention_id);
        PERFORM casework.hand_over(person_reference, 'release', released_on,
                    jsonb_build_object('detained_from', to_char(held.from_day, 'YYYY-MM-DD'),
                                       'released_on', to_char(released_on, 'YYYY-MM-DD'),
                                       'responsible_before', casework.responsible_authority(key, released_on))
                    || jsonb_strip_nulls(jsonb_build_object(
                           'transfer', casework_internal.release_transfer(key, going_to, released_on))),
                    going_to, true, NULL, authority);
    END IF;
    INSERT INTO casework.release (person_id, planned_on, released_on, going_to, supersedes)
    VALUES (key, record_release.planned_on, record_release.released_on, record_release.going_to,
            record_release.supersedes)
    RETURNING release_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_release(text, date, text, date, bigint, text) IS
    'Records a release, or a plan of one (no released_on): the day is the last of the detention, and a draft of the '
    'document for the authority they go to is kept, or for nobody yet, which is on a list. It holds the draft with '
    'which their care account goes there from that day, or why there is none. 55000 if they are not detained then.';
SELECT casework_internal.refuse_name_in('person', 'casework.detention', 'casework.restriction', 'casework.referral',
                                        'casework.handover');
