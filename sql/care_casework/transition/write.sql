--
-- write: the steps of a case are recorded, and what a step needs is asked for.
--
-- Must not know: worklists.
--

CREATE FUNCTION casework.open_transition(authority text, person_reference text, reference text, kind text,
                                         opened_on date, date_of_birth date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := casework_internal.require_new('transition', authority, reference, opened_on);
    key bigint;
    new_id bigint;
BEGIN
    PERFORM care_internal.require_day(label, 'opened_on', opened_on),
            casework_internal.require_code(label, 'kind', 'transition_assessment_kind', kind, NULL);
    key := casework_internal.record_person(authority, person_reference, date_of_birth);
    IF EXISTS (SELECT FROM casework.transition AS t
               WHERE t.person_id = key AND t.kind = open_transition.kind
                 AND NOT EXISTS (SELECT FROM casework.transition_event AS e
                                 WHERE e.transition_id = t.transition_id AND e.kind = 'closed')) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'transition_open_once',
            MESSAGE = format('%s: person %s has an open case of this kind already', label, person_reference);
    END IF;
    INSERT INTO casework.transition (person_id, authority, reference, kind, opened_on)
    VALUES (key, open_transition.authority, open_transition.reference, open_transition.kind, open_transition.opened_on)
    RETURNING transition_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.open_transition(text, text, text, text, date, date) IS
    'Opens a case of transition and returns its key; 23505 where one of the kind is open already.';

-- What a decision needs: a refusal reasons; an assessment consent, or a risk of abuse.
CREATE FUNCTION casework_internal.require_decision(label text, transition_id bigint, decision text, reasons text,
                                                   look_again_on date, abuse_risk boolean)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked boolean := EXISTS (SELECT FROM casework.transition_event AS e
                             WHERE e.transition_id = require_decision.transition_id AND e.kind = 'request'
                               AND e.code <> 'authority');
    consent text := (SELECT e.code FROM casework.transition_event AS e
                     WHERE e.transition_id = require_decision.transition_id AND e.kind = 'consent'
                     ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1);
BEGIN
    IF decision IN ('refuse', 'not_yet') AND asked AND coalesce(reasons, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transition_refused_with_reasons', COLUMN = 'note',
            MESSAGE = format('%s: who asked must get reasons, and none are given', label);
    ELSIF decision = 'not_yet' AND look_again_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transition_event_not_yet_has_day', COLUMN = 'look_again_on',
            MESSAGE = format('%s: not yet needs a day to look again', label);
    ELSIF decision = 'assess' AND coalesce(consent, 'refuses') NOT IN ('consents', 'best_interests') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transition_with_consent', COLUMN = 'code',
            MESSAGE = format('%s: an assessment needs consent, or best interests', label),
            HINT = 'Where the child is at risk of abuse or neglect, assess_despite_refusal with abuse_risk => true.';
    ELSIF decision = 'assess_despite_refusal' AND abuse_risk IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transition_despite_refusal', COLUMN = 'abuse_risk',
            MESSAGE = format('%s: a refusal is overruled only for a risk of abuse or neglect', label);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_decision(text, bigint, text, text, date, boolean) IS
    'Refuses (23514) a decision without the reasons, the day to look again, or the consent that it needs.';

CREATE FUNCTION casework.record_transition_event(transition_id bigint, kind text, on_day date, code text DEFAULT NULL,
    note text DEFAULT NULL, who text DEFAULT NULL, significant_benefit boolean DEFAULT NULL,
    abuse_risk boolean DEFAULT NULL, factors text[] DEFAULT NULL, look_again_on date DEFAULT NULL,
    due_on date DEFAULT NULL, decision_id bigint DEFAULT NULL, needs_at_18 text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := (SELECT l.label FROM casework_internal.lock_record('transition', transition_id) AS l);
    list text := CASE kind WHEN 'request' THEN 'transition_requester' WHEN 'consent' THEN 'transition_consent'
                           WHEN 'decision' THEN 'transition_decision' END;
    new_id bigint;
BEGIN
    PERFORM care_internal.require_word(label, 'kind', kind, '{request,consent,decision,reasons_sent,advice_sent,'
                'assessment_started,assessment_finished,plan_step,plan_step_done,closed}'),
            care_internal.require_day(label, 'on_day', on_day),
            care_internal.require_day(label, 'look_again_on', look_again_on, nullable => true),
            care_internal.require_day(label, 'due_on', due_on, nullable => true);
    IF list IS NOT NULL THEN
        PERFORM casework_internal.require_code(label, 'code', list, code, NULL);
    END IF;
    PERFORM casework_internal.require_code(label, 'factors', 'transition_timing_factor', f, NULL)
    FROM unnest(factors) AS f;
    IF kind = 'decision' THEN
        PERFORM casework_internal.require_decision(label, transition_id, code, note, look_again_on, abuse_risk);
    ELSIF kind IN ('reasons_sent', 'advice_sent', 'plan_step_done')
          AND NOT EXISTS (SELECT FROM casework.transition_event AS e
                          WHERE e.transition_id = record_transition_event.transition_id
                            AND e.event_id = record_transition_event.decision_id
                            AND e.kind = CASE WHEN record_transition_event.kind = 'plan_step_done' THEN 'plan_step'
                                              ELSE 'decision' END) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'transition_decision_exists', COLUMN = 'decision_id',
            MESSAGE = format('%s: there is no decision or step %s', label, coalesce(decision_id::text, 'null'));
    END IF;
    INSERT INTO casework.transition_event (transition_id, on_day, kind, code, significant_benefit, abuse_risk, factors,
                                           look_again_on, due_on, decision_id, who, note, needs_at_18)
    VALUES (record_transition_event.transition_id, record_transition_event.on_day, record_transition_event.kind,
            CASE WHEN list IS NOT NULL THEN record_transition_event.code END,
            record_transition_event.significant_benefit, record_transition_event.abuse_risk,
            record_transition_event.factors, record_transition_event.look_again_on, record_transition_event.due_on,
            CASE WHEN record_transition_event.kind IN ('reasons_sent', 'advice_sent', 'plan_step_done')
                 THEN record_transition_event.decision_id END,
            record_transition_event.who, record_transition_event.note, record_transition_event.needs_at_18)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_transition_event(bigint, text, date, text, text, text, boolean, boolean, text[],
    date,
                                                     date, bigint, text) IS
    'Records a step of a case of transition and returns its key. 23514 for a decision without the reasons, the day to '
    'look again or the consent that it needs; P0002 for what answers no decision.';

CREATE FUNCTION casework.record_childhood_record(transition_id bigint, component text, content jsonb,
                                                 source_system text, source_created_on date,
                                                 received_at timestamptz DEFAULT clock_timestamp())
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := (SELECT l.label FROM casework_internal.lock_record('transition', transition_id) AS l);
    taken text := casework.message_digest(jsonb_build_object('component', component, 'source', source_system,
                                          'created', to_char(source_created_on, 'YYYY-MM-DD'), 'content', content));
    key bigint;
BEGIN
    PERFORM casework_internal.require_code(label, 'component', 'childhood_record_component', component, NULL),
            care_internal.require_text(label, 'source_system', source_system),
            care_internal.require_day(label, 'source_created_on', source_created_on);
    IF content IS NULL OR jsonb_typeof(content) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'childhood_record_is_object', COLUMN = 'content',
            MESSAGE = format('%s: content must be a JSON object', label);
    END IF;
    SELECT c.childhood_record_id INTO key FROM casework.childhood_record AS c
    WHERE c.transition_id = record_childhood_record.transition_id AND c.digest = taken;
    IF NOT FOUND THEN
        INSERT INTO casework.childhood_record (transition_id, component, content, source_system, source_created_on,
                                               received_at, digest)
        VALUES (record_childhood_record.transition_id, record_childhood_record.component,
                record_childhood_record.content, record_childhood_record.source_system,
                record_childhood_record.source_created_on,
                coalesce(record_childhood_record.received_at, clock_timestamp()), taken)
        RETURNING childhood_record_id INTO key;
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework.record_childhood_record(bigint, text, jsonb, text, date, timestamptz) IS
    'Takes a part of a child''s record, as JSON, with the day it was made at its source, and returns its key; the same '
    'again is the same.';

-- When needs began, with the evidence; the cap of an account that depends on it is worked out anew at once.
CREATE FUNCTION casework.record_onset(transition_id bigint, needs_began_on date, evidence text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c record := casework_internal.lock_record('transition', transition_id);
    person text;
BEGIN
    PERFORM care_internal.require_day(c.label, 'needs_began_on', needs_began_on),
            care_internal.require_text(c.label, 'evidence', evidence);
    SELECT p.reference INTO STRICT person
    FROM casework.transition AS t JOIN care.person AS p ON p.person_id = t.person_id
    WHERE t.transition_id = record_onset.transition_id;
    PERFORM casework.record_childhood_record(record_onset.transition_id, 'care_act',
        jsonb_build_object('needs_began_on', to_char(record_onset.needs_began_on, 'YYYY-MM-DD'), 'evidence', evidence),
        'care_casework', care.today());
    PERFORM care.record_person(c.authority, person, needs_began_on => record_onset.needs_began_on);
END
$$;
COMMENT ON FUNCTION casework.record_onset(bigint, date, text) IS
    'Records when the needs of the person of a case began, and by which evidence: their account has its cap by it at '
    'once. Recorded again, it is corrected.';
