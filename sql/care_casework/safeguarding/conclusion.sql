--
-- conclusion: recording risks, actions, enquiries of other bodies, evidence, and how an enquiry was concluded.
--
-- Must not know: how the return counts.
--

CREATE FUNCTION casework.record_risk(enquiry_id bigint, risk_type text, source text DEFAULT NULL,
                                     location text DEFAULT NULL, organisation text DEFAULT NULL,
                                     is_regulated boolean DEFAULT NULL, cqc_location_id text DEFAULT NULL,
                                     local_source text DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(held.label, 'risk_type', 'sac_risk_type', risk_type, NULL,
                                           nullable => supersedes IS NOT NULL),
            casework_internal.require_code(held.label, 'source', 'sac_source_of_risk', source, NULL, nullable => true),
            casework_internal.require_code(held.label, 'location', 'sac_location', location, NULL, nullable => true),
            casework_internal.require_local_code(held.label, held.authority, 'sac_source_of_risk', source, local_source,
                                                 (SELECT coalesce(e.started_on, care.today()) FROM casework.enquiry AS e
                                                  WHERE e.enquiry_id = record_risk.enquiry_id)),
            care_internal.require_correctable(held.label, 'casework.risk', 'enquiry_id', enquiry_id, 'risk_id',
                                                  supersedes);
    IF cqc_location_id !~ care.setting_on(held.authority, 'cqc_location_pattern', care.today()) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'cqc_location_valid', SCHEMA = 'casework',
            TABLE = 'risk', COLUMN = 'cqc_location_id',
            MESSAGE = format('%s: %L is no id of a CQC location', held.label, cqc_location_id),
            HINT = 'It is 1- and 6 to 12 digits; the setting cqc_location_pattern may say otherwise.';
    END IF;
    INSERT INTO casework.risk (enquiry_id, risk_type, source, local_source, location, organisation, is_regulated,
                               cqc_location_id, supersedes)
    VALUES (record_risk.enquiry_id, record_risk.risk_type, record_risk.source, record_risk.local_source,
            record_risk.location, record_risk.organisation, record_risk.is_regulated, record_risk.cqc_location_id,
            record_risk.supersedes)
    RETURNING risk_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_risk(bigint, text, text, text, text, boolean, text, text, bigint) IS
    'Records a risk of an enquiry, its source and location, and the CQC location of a regulated provider, when known, '
    'and returns the key. supersedes corrects a row, or, with a null risk_type, says that it was recorded in error.';

CREATE FUNCTION casework.record_action(enquiry_id bigint, on_day date, kind text, note text DEFAULT NULL,
                                       supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(held.label, 'on_day', on_day, nullable => supersedes IS NOT NULL),
            care_internal.require_text(held.label, 'kind', kind),
            care_internal.require_correctable(held.label, 'casework.action', 'enquiry_id', enquiry_id, 'action_id',
                                                  supersedes);
    INSERT INTO casework.action (enquiry_id, on_day, kind, note, supersedes)
    VALUES (record_action.enquiry_id, record_action.on_day, record_action.kind, record_action.note,
            record_action.supersedes)
    RETURNING action_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_action(bigint, date, text, text, bigint) IS
    'Records what was done in an enquiry, in the authority''s words, in any order or not at all, and returns the key. '
    'supersedes corrects a row, or, without a day, says that it was recorded in error.';

CREATE FUNCTION casework.cause_enquiry(enquiry_id bigint, organisation text, asked_on date, due_on date DEFAULT NULL,
                                       question text DEFAULT NULL, contact text DEFAULT NULL,
                                       supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    new_id int8;
BEGIN
    IF organisation IS NOT NULL OR supersedes IS NULL THEN
        PERFORM care_internal.require_text(held.label, 'organisation', organisation),
                care_internal.require_day(held.label, 'asked_on', asked_on);
    END IF;
    PERFORM care_internal.require_day(held.label, 'due_on', due_on, nullable => true),
            care_internal.require_correctable(held.label, 'casework.caused_enquiry', 'enquiry_id', enquiry_id,
                                                  'caused_id', supersedes);
    INSERT INTO casework.caused_enquiry (enquiry_id, organisation, asked_on, due_on, question, contact, supersedes)
    VALUES (cause_enquiry.enquiry_id, cause_enquiry.organisation, cause_enquiry.asked_on, cause_enquiry.due_on,
            cause_enquiry.question, cause_enquiry.contact, cause_enquiry.supersedes)
    RETURNING caused_id INTO new_id;
    -- it is as far as what it corrects
    INSERT INTO casework.caused_enquiry_status (enquiry_id, caused_id, on_day, status, note)
    SELECT s.enquiry_id, new_id, s.on_day, s.status, s.note FROM casework.caused_enquiry_status AS s
    WHERE s.enquiry_id = cause_enquiry.enquiry_id AND s.caused_id = cause_enquiry.supersedes
    ORDER BY s.on_day DESC, s.status_id DESC LIMIT 1;
    PERFORM casework_internal.require_sound(enquiry_id, held.label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.cause_enquiry(bigint, text, date, date, text, text, bigint) IS
    'Records that another body was asked to make an enquiry, what it is to find out and by when, and returns the key. '
    'supersedes corrects a row, or, without an organisation, says that it was recorded in error.';

CREATE FUNCTION casework.record_caused_status(enquiry_id bigint, caused_id bigint, on_day date, status text,
                                              note text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
BEGIN
    PERFORM care_internal.require_day(held.label, 'on_day', on_day),
            casework_internal.require_code(held.label, 'status', 'sg_caused_enquiry_status', status, on_day),
            care_internal.require_correctable(held.label, 'casework.caused_enquiry', 'enquiry_id', enquiry_id,
                                                  'caused_id', coalesce(caused_id, -1));
    INSERT INTO casework.caused_enquiry_status (enquiry_id, caused_id, on_day, status, note)
    VALUES (record_caused_status.enquiry_id, record_caused_status.caused_id, record_caused_status.on_day,
            record_caused_status.status, record_caused_status.note);
    PERFORM casework_internal.require_sound(enquiry_id, held.label);
END
$$;
COMMENT ON FUNCTION casework.record_caused_status(bigint, bigint, date, text, text) IS
    'Records how far an enquiry of another body is; adequate and taken_back close it.';

CREATE FUNCTION casework.record_evidence(enquiry_id bigint, item text, content bytea, held_by text, from_day date)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_text(held.label, 'item', item),
            care_internal.require_text(held.label, 'held_by', held_by),
            care_internal.require_day(held.label, 'from_day', from_day),
            care_internal.require_text(held.label, 'content', CASE WHEN content IS NOT NULL THEN 'given' END);
    INSERT INTO casework.evidence (enquiry_id, item, digest, held_by, from_day)
    VALUES (record_evidence.enquiry_id, record_evidence.item, sha256(content), record_evidence.held_by,
            record_evidence.from_day)
    RETURNING evidence_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_evidence(bigint, text, bytea, text, date) IS
    'Records an item of evidence by the SHA-256 of its content, which is not kept, and who holds it; returns the key.';

CREATE FUNCTION casework.hand_over_evidence(enquiry_id bigint, evidence_id bigint, held_by text, from_day date)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    before casework.evidence;
    new_id int8;
BEGIN
    SELECT v.* INTO before FROM casework.evidence AS v
    WHERE v.enquiry_id = hand_over_evidence.enquiry_id AND v.evidence_id = hand_over_evidence.evidence_id
      AND NOT EXISTS (SELECT FROM casework.evidence AS n
                      WHERE n.enquiry_id = v.enquiry_id AND n.follows = v.evidence_id);
    IF NOT FOUND OR from_day < before.from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'evidence_in_order', SCHEMA = 'casework',
            TABLE = 'evidence', COLUMN = 'follows',
            MESSAGE = format('%s: evidence %s is not handed over on %s', held.label,
                             coalesce(evidence_id::text, 'null'), care_internal.day_text(from_day)),
            HINT = 'Name the row of whoever holds it now, and a day not before they did: casework.evidence_custody.';
    END IF;
    PERFORM care_internal.require_text(held.label, 'held_by', held_by),
            care_internal.require_day(held.label, 'from_day', from_day);
    INSERT INTO casework.evidence (enquiry_id, item, digest, held_by, from_day, follows)
    VALUES (before.enquiry_id, before.item, before.digest, hand_over_evidence.held_by, hand_over_evidence.from_day,
            before.evidence_id)
    RETURNING evidence.evidence_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.hand_over_evidence(bigint, bigint, text, date) IS
    'Records that an item of evidence passed into other hands, and returns the key of the new row; 22023 unless the '
    'row named is that of whoever holds it.';

CREATE FUNCTION casework.conclude_enquiry(enquiry_id bigint, concluded_on date, action_taken text,
                                          risk_assessment_outcome text, risk_outcome text DEFAULT NULL,
                                          achieved text DEFAULT NULL, local_outcome text DEFAULT NULL,
                                          override_reason text DEFAULT NULL, corrects boolean DEFAULT false)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(held.label, 'concluded_on', concluded_on),
            casework_internal.require_code(held.label, 'risk_assessment_outcome', 'sac_risk_assessment_outcome',
                                           risk_assessment_outcome, concluded_on),
            casework_internal.require_code(held.label, 'risk_outcome', 'sac_risk_outcome', risk_outcome, concluded_on,
                                           nullable => true),
            casework_internal.require_code(held.label, 'achieved', 'sac_outcomes_achieved', achieved, concluded_on,
                                           nullable => true),
            casework_internal.require_local_code(held.label, held.authority, 'sac_risk_assessment_outcome',
                                                 risk_assessment_outcome, local_outcome, concluded_on);
    IF (SELECT e.concluded_on IS NOT NULL OR e.started_on IS NULL FROM casework.enquiry AS e
        WHERE e.enquiry_id = conclude_enquiry.enquiry_id) AND corrects IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'enquiry_goes_on', SCHEMA = 'casework',
            TABLE = 'conclusion', MESSAGE = format('%s is concluded already, or was recorded in error', held.label),
            HINT = 'To put another conclusion in its place, say corrects => true.';
    END IF;
    INSERT INTO casework.conclusion (enquiry_id, concluded_on, action_taken, risk_assessment_outcome, local_outcome,
                                     risk_outcome, achieved, override_reason)
    VALUES (conclude_enquiry.enquiry_id, conclude_enquiry.concluded_on, conclude_enquiry.action_taken,
            conclude_enquiry.risk_assessment_outcome, conclude_enquiry.local_outcome, conclude_enquiry.risk_outcome,
            conclude_enquiry.achieved, conclude_enquiry.override_reason)
    RETURNING conclusion_id INTO new_id;
    PERFORM casework_internal.require_sound(enquiry_id, held.label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.conclude_enquiry(bigint, date, text, text, text, text, text, text, boolean) IS
    'Concludes an enquiry: the action taken, the outcomes of risk assessment and risk, and how far what was wanted was '
    'achieved on the whole. 23514, named after the rule, where it does not agree with what is recorded; with corrects, '
    'in place of an earlier conclusion.';

CREATE FUNCTION casework.reopen_enquiry(enquiry_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.lock_record('enquiry', enquiry_id);
    INSERT INTO casework.conclusion (enquiry_id) VALUES (reopen_enquiry.enquiry_id);
END
$$;
COMMENT ON FUNCTION casework.reopen_enquiry(bigint) IS 'Takes the conclusion of an enquiry back: it goes on.';

SELECT casework_internal.refuse_name_in('concern', 'casework.concern_detail', 'casework.screening'),
       casework_internal.refuse_name_in('enquiry', 'casework.enquiry_detail', 'casework.wanted_outcome',
                                        'casework.risk', 'casework.action', 'casework.caused_enquiry',
                                        'casework.evidence', 'casework.conclusion');
