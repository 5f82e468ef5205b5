--
-- transition: cases of children who are likely to have needs as adults: who asked, consent, decisions with their
-- reasons, what was sent, assessments, plans, and what came from children's services with its own dates.
--
-- When needs began is a fact about the person (care.record_person), from which their account has its cap at once.
--
-- Must not know: accounts.
--

CREATE TABLE casework.transition (
    transition_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT transition_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT transition_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT transition_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT transition_has_reference CHECK (reference <> ''),
    kind text NOT NULL,
    opened_on date NOT NULL
        CONSTRAINT transition_finite_day CHECK (opened_on BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT transition_reference_key UNIQUE (authority, reference)
);
CREATE INDEX transition_person_idx ON casework.transition (person_id, kind);
COMMENT ON INDEX casework.transition_person_idx IS 'Finds the cases of a person.';
COMMENT ON TABLE casework.transition IS 'Cases of transition from children''s to adults'' services.';
COMMENT ON COLUMN casework.transition.transition_id IS 'Key.';
COMMENT ON COLUMN casework.transition.person_id IS 'The child, or the carer whom it is about.';
COMMENT ON COLUMN casework.transition.authority IS 'The authority.';
COMMENT ON COLUMN casework.transition.reference IS 'The authority''s reference for the case.';
COMMENT ON COLUMN casework.transition.kind IS 'A code of list transition_assessment_kind.';
COMMENT ON COLUMN casework.transition.opened_on IS 'The day it was opened.';
COMMENT ON COLUMN casework.transition.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.transition.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_class('transition', 'casework.transition', 'a function of casework',
    retained => 'casework_internal.transition_retained', events => '{last_updated,death_known,closed}');

CREATE TABLE casework.transition_event (
    transition_id bigint NOT NULL
        CONSTRAINT transition_event_transition_fkey REFERENCES casework.transition,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT transition_event_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT transition_event_known_kind CHECK (kind IN ('request', 'consent', 'decision', 'reasons_sent',
            'advice_sent', 'assessment_started', 'assessment_finished', 'plan_step', 'plan_step_done', 'closed')),
    code text,
    significant_benefit boolean,
    abuse_risk boolean,
    factors text[],
    look_again_on date
        CONSTRAINT transition_event_finite_look CHECK (look_again_on BETWEEN '0001-01-01' AND '9999-12-31'),
    due_on date
        CONSTRAINT transition_event_finite_due CHECK (due_on BETWEEN '0001-01-01' AND '9999-12-31'),
    decision_id bigint,
    who text,
    note text,
    needs_at_18 text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT transition_event_pkey PRIMARY KEY (transition_id, event_id),
    CONSTRAINT transition_event_id_key UNIQUE (event_id),
    CONSTRAINT transition_event_coded
        CHECK ((kind IN ('request', 'consent', 'decision')) = (code IS NOT NULL)),
    CONSTRAINT transition_event_not_yet_has_day
        CHECK (kind <> 'decision' OR code <> 'not_yet' OR look_again_on IS NOT NULL),
    CONSTRAINT transition_event_answers CHECK ((kind IN ('reasons_sent', 'advice_sent', 'plan_step_done'))
                                               = (decision_id IS NOT NULL))
);
COMMENT ON TABLE casework.transition_event IS 'What happened in each case, step by step.';
COMMENT ON COLUMN casework.transition_event.event_id IS 'Key within the case.';
COMMENT ON COLUMN casework.transition_event.on_day IS 'The day it happened.';
COMMENT ON COLUMN casework.transition_event.kind IS
    'request; consent; decision; reasons_sent and advice_sent about a decision; assessment_started, '
    'assessment_finished; plan_step, plan_step_done; closed.';
COMMENT ON COLUMN casework.transition_event.code IS
    'Of a request who asked (list transition_requester), of consent its state (transition_consent), of a decision what '
    'was decided (transition_decision).';
COMMENT ON COLUMN casework.transition_event.significant_benefit IS 'Of a decision: would an assessment be of it now?';
COMMENT ON COLUMN casework.transition_event.abuse_risk IS
    'Of a decision: is the child experiencing, or at risk of, abuse?';
COMMENT ON COLUMN casework.transition_event.factors IS 'Of a decision: codes of list transition_timing_factor.';
COMMENT ON COLUMN casework.transition_event.look_again_on IS 'Of a decision not yet: the day to look again.';
COMMENT ON COLUMN casework.transition_event.due_on IS 'Of a step of the plan: by when.';
COMMENT ON COLUMN casework.transition_event.decision_id IS 'The decision or the step of the plan that it is about.';
COMMENT ON COLUMN casework.transition_event.who IS 'Who asked, was sent something, or does the step.';
COMMENT ON COLUMN casework.transition_event.note IS 'Reasons, needs now, or the step, in words.';
COMMENT ON COLUMN casework.transition_event.needs_at_18 IS 'Of a finished assessment: what needs are likely at 18.';
SELECT care_internal.keep('casework.transition_event', 'transition', 'casework.record_transition_event()',
                          part => 'event');
SELECT care_internal.refer_within('casework.transition_event', 'decision_id', 'event_id', 'transition_id');

CREATE TABLE casework.childhood_record (
    transition_id bigint NOT NULL
        CONSTRAINT childhood_record_transition_fkey REFERENCES casework.transition,
    childhood_record_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    component text NOT NULL,
    content jsonb NOT NULL,
    source_system text NOT NULL
        CONSTRAINT childhood_record_has_source CHECK (source_system <> ''),
    source_created_on date NOT NULL
        CONSTRAINT childhood_record_finite_day CHECK (source_created_on BETWEEN '0001-01-01' AND '9999-12-31'),
    received_at timestamptz NOT NULL,
    digest text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT childhood_record_pkey PRIMARY KEY (transition_id, childhood_record_id),
    CONSTRAINT childhood_record_id_key UNIQUE (childhood_record_id),
    CONSTRAINT childhood_record_once UNIQUE (transition_id, digest)
);
COMMENT ON TABLE casework.childhood_record IS
    'What came from children''s services, in whole or in part, component by component, with the source''s own dates.';
COMMENT ON COLUMN casework.childhood_record.childhood_record_id IS 'Key within the case.';
COMMENT ON COLUMN casework.childhood_record.component IS 'A code of list childhood_record_component.';
COMMENT ON COLUMN casework.childhood_record.content IS 'What it says.';
COMMENT ON COLUMN casework.childhood_record.source_system IS 'The system it came from.';
COMMENT ON COLUMN casework.childhood_record.source_created_on IS 'The day it was made there: history goes by this.';
COMMENT ON COLUMN casework.childhood_record.received_at IS 'When it was received.';
COMMENT ON COLUMN casework.childhood_record.digest IS
    'SHA-256 of component, source, day and content: it is taken once.';
SELECT care_internal.keep('casework.childhood_record', 'transition', 'casework.record_childhood_record()');

CREATE FUNCTION casework_internal.transition_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.transition_id, NULL, d.known_on, c.on_day,
           CASE WHEN c.on_day <= as_at OR d.died_on IS NOT NULL THEN NULL ELSE 'the case is open' END
    FROM casework.transition AS t
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = t.person_id
            AND d.known_on <= as_at
        LEFT JOIN LATERAL (SELECT min(e.on_day) AS on_day FROM casework.transition_event AS e
                           WHERE e.transition_id = t.transition_id AND e.kind = 'closed') AS c ON true;
END;
COMMENT ON FUNCTION casework_internal.transition_retained(date) IS
    'What the retention of each case rests on: the day it was closed, or a death was known.';

-- The law takes the start of the birthday; for 29 February in a common year 1 March, or 28 February by the setting.
SELECT care_internal.keep_setting('leap_birthday', '^(1_march|28_february)$', '1_march',
           'the birthday in a common year of somebody born on 29 February', 'care_casework');
CREATE FUNCTION casework.adult_on(date_of_birth date, leap_birthday text DEFAULT '1_march') RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN leap_birthday = '1_march' AND to_char(date_of_birth, 'MM-DD') = '02-29'
                THEN make_date(date_part('year', date_of_birth)::integer + 18, 3, 1)
                ELSE (date_of_birth + interval '18 years')::date END;
COMMENT ON FUNCTION casework.adult_on(date, text) IS
    'The day somebody is 18, from its start; born on 29 February: 1_march or 28_february, as the setting '
    'leap_birthday.';
