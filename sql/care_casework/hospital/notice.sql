--
-- notice: a stay in hospital, the notices and answers about it, what was done about each, and how the stay ended.
--
-- One referral identifier runs through all messages of a stay: the stay is the record, and its messages are facts about
-- it, kept as they were sent.  How far each notice is, is the last step recorded of it.
--
-- Must not know: what a message must hold.
--

CREATE TABLE casework.hospital_stay (
    stay_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT hospital_stay_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT hospital_stay_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT hospital_stay_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT hospital_stay_has_reference CHECK (reference <> ''),
    hospital_site text NOT NULL
        CONSTRAINT hospital_stay_has_site CHECK (hospital_site <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT hospital_stay_reference_key UNIQUE (authority, reference)
);
CREATE INDEX hospital_stay_person_idx ON casework.hospital_stay (person_id);
COMMENT ON INDEX casework.hospital_stay_person_idx IS 'Finds the stays of a person.';
COMMENT ON TABLE casework.hospital_stay IS 'Stays in hospital about which notices came.';
COMMENT ON COLUMN casework.hospital_stay.stay_id IS 'Key.';
COMMENT ON COLUMN casework.hospital_stay.person_id IS 'The patient.';
COMMENT ON COLUMN casework.hospital_stay.authority IS 'The authority that was given notice.';
COMMENT ON COLUMN casework.hospital_stay.reference IS 'The referral identifier that all messages about the stay carry.';
COMMENT ON COLUMN casework.hospital_stay.hospital_site IS 'ODS code of the hospital site.';
COMMENT ON COLUMN casework.hospital_stay.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.hospital_stay.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_class('stay', 'casework.hospital_stay', 'casework.record_hospital_notice()',
    retained => 'casework_internal.stay_retained', events => '{last_updated,death_known,closed}');

CREATE TABLE casework.hospital_notice (
    stay_id bigint NOT NULL
        CONSTRAINT hospital_notice_stay_fkey REFERENCES casework.hospital_stay,
    notice_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    message_id uuid NOT NULL
        CONSTRAINT hospital_notice_message_key UNIQUE,
    kind text NOT NULL
        CONSTRAINT hospital_notice_known_kind CHECK (kind IN ('assessment', 'discharge', 'withdrawal', 'response')),
    event_code text NOT NULL,
    in_reply_to uuid,
    issued_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    given_on date NOT NULL
        CONSTRAINT hospital_notice_finite_given CHECK (given_on BETWEEN '0001-01-01' AND '9999-12-31'),
    proposed_on date
        CONSTRAINT hospital_notice_finite_proposed CHECK (proposed_on BETWEEN '0001-01-01' AND '9999-12-31'),
    payload jsonb NOT NULL,
    digest text NOT NULL
        CONSTRAINT hospital_notice_digest_form CHECK (digest ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT hospital_notice_pkey PRIMARY KEY (stay_id, notice_id),
    CONSTRAINT hospital_notice_id_key UNIQUE (notice_id)
);
COMMENT ON TABLE casework.hospital_notice IS 'Notices from hospitals, and answers to them, as they were sent.';
COMMENT ON COLUMN casework.hospital_notice.notice_id IS 'Key.';
COMMENT ON COLUMN casework.hospital_notice.message_id IS
    'The message''s own identifier: the same message is one notice.';
COMMENT ON COLUMN casework.hospital_notice.kind IS 'assessment, discharge or withdrawal; response: what was answered.';
COMMENT ON COLUMN casework.hospital_notice.event_code IS 'What the message is, by the list adw_message_event.';
COMMENT ON COLUMN casework.hospital_notice.in_reply_to IS 'For a response: the message that it answers.';
COMMENT ON COLUMN casework.hospital_notice.issued_at IS 'When it was issued, as it says.';
COMMENT ON COLUMN casework.hospital_notice.received_at IS 'When the authority received it.';
COMMENT ON COLUMN casework.hospital_notice.given_on IS
    'The day on which it counts as given, by the cut-off and the days in force when it was recorded.';
COMMENT ON COLUMN casework.hospital_notice.proposed_on IS 'The day of discharge it proposes, or expects.';
COMMENT ON COLUMN casework.hospital_notice.payload IS 'The message, with its schema, version and digest.';
COMMENT ON COLUMN casework.hospital_notice.digest IS 'SHA-256 of the message; see casework.message_digest().';
SELECT care_internal.keep('casework.hospital_notice', 'stay', 'casework.record_hospital_notice()');

CREATE TABLE casework.hospital_step (
    stay_id bigint NOT NULL,
    step_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    notice_id bigint NOT NULL,
    state text NOT NULL
        CONSTRAINT hospital_step_known_state CHECK (state IN ('received', 'acknowledged', 'rejected', 'assessing',
            'done',
                                                              'replaced', 'withdrawn', 'closed')),
    by_notice bigint,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT hospital_step_pkey PRIMARY KEY (stay_id, step_id),
    CONSTRAINT hospital_step_id_key UNIQUE (step_id),
    CONSTRAINT hospital_step_notice_fkey FOREIGN KEY (stay_id, notice_id) REFERENCES casework.hospital_notice,
    CONSTRAINT hospital_step_by_notice_fkey FOREIGN KEY (stay_id, by_notice) REFERENCES casework.hospital_notice
);
CREATE INDEX hospital_step_last_idx ON casework.hospital_step (notice_id, step_id);
COMMENT ON INDEX casework.hospital_step_last_idx IS 'Finds how far a notice is.';
COMMENT ON TABLE casework.hospital_step IS 'What was done about each notice; how far it is, is the last step.';
COMMENT ON COLUMN casework.hospital_step.step_id IS 'Key within the stay.';
COMMENT ON COLUMN casework.hospital_step.notice_id IS 'The notice.';
COMMENT ON COLUMN casework.hospital_step.state IS
    'received; acknowledged or rejected by an answer; assessing; done; replaced by a later notice of its kind; '
    'withdrawn; closed: the stay ended.';
COMMENT ON COLUMN casework.hospital_step.by_notice IS 'The message that brought it there.';
COMMENT ON COLUMN casework.hospital_step.note IS 'More.';
SELECT care_internal.keep('casework.hospital_step', 'stay', 'casework.record_hospital_step()');

CREATE TABLE casework.hospital_alert (
    stay_id bigint NOT NULL,
    alert_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    notice_id bigint NOT NULL,
    level integer NOT NULL
        CONSTRAINT hospital_alert_percent CHECK (level BETWEEN 0 AND 999),
    due_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT hospital_alert_pkey PRIMARY KEY (stay_id, alert_id),
    CONSTRAINT hospital_alert_id_key UNIQUE (alert_id),
    CONSTRAINT hospital_alert_once UNIQUE (notice_id, level),
    CONSTRAINT hospital_alert_notice_fkey FOREIGN KEY (stay_id, notice_id) REFERENCES casework.hospital_notice
);
COMMENT ON TABLE casework.hospital_alert IS 'Alerts that were raised about open notices, each level once.';
COMMENT ON COLUMN casework.hospital_alert.alert_id IS 'Key within the stay.';
COMMENT ON COLUMN casework.hospital_alert.notice_id IS 'The notice.';
COMMENT ON COLUMN casework.hospital_alert.level IS 'Per cent of the time from receipt to due_at that had passed.';
COMMENT ON COLUMN casework.hospital_alert.due_at IS 'When what the notice asks is due.';
SELECT care_internal.keep('casework.hospital_alert', 'stay', 'nothing: an alert was raised');

CREATE TABLE casework.hospital_outcome (
    stay_id bigint NOT NULL
        CONSTRAINT hospital_outcome_stay_fkey REFERENCES casework.hospital_stay,
    outcome_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    ended_on date
        CONSTRAINT hospital_outcome_finite_day CHECK (ended_on BETWEEN '0001-01-01' AND '9999-12-31'),
    ended_by text
        CONSTRAINT hospital_outcome_known_end CHECK (ended_by IN ('discharged', 'died', 'moved')),
    delay_cause text NOT NULL
        CONSTRAINT hospital_outcome_known_cause CHECK (delay_cause IN ('none', 'authority', 'nhs', 'both', 'other')),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT hospital_outcome_pkey PRIMARY KEY (stay_id, outcome_id),
    CONSTRAINT hospital_outcome_id_key UNIQUE (outcome_id),
    CONSTRAINT hospital_outcome_whole CHECK ((ended_on IS NULL) = (ended_by IS NULL))
);
COMMENT ON TABLE casework.hospital_outcome IS
    'How each stay ended, and whose failure a delay was; of several rows, the last holds.';
COMMENT ON COLUMN casework.hospital_outcome.outcome_id IS 'Key within the stay.';
COMMENT ON COLUMN casework.hospital_outcome.ended_on IS 'The last day of the stay; null: it goes on.';
COMMENT ON COLUMN casework.hospital_outcome.ended_by IS 'discharged, died or moved to another hospital.';
COMMENT ON COLUMN casework.hospital_outcome.delay_cause IS
    'Why care was not ready: none (no delay, or not known), authority alone, nhs, both, other. Days of delay are '
    'counted for the authority alone.';
COMMENT ON COLUMN casework.hospital_outcome.note IS 'More.';
SELECT care_internal.keep('casework.hospital_outcome', 'stay', 'casework.record_hospital_outcome()', part => 'event');

CREATE FUNCTION casework_internal.stay_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.stay_id, NULL, d.known_on, e.ended_on,
           CASE WHEN coalesce(e.ended_on, d.died_on) <= as_at THEN NULL ELSE 'the stay goes on' END
    FROM casework.hospital_stay AS s
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = s.person_id
            AND d.known_on <= as_at
        LEFT JOIN LATERAL (SELECT o.ended_on FROM casework.hospital_outcome AS o WHERE o.stay_id = s.stay_id
                           ORDER BY o.outcome_id DESC LIMIT 1) AS e ON true;
END;
COMMENT ON FUNCTION casework_internal.stay_retained(date) IS
    'What the retention of each stay rests on: its end, or the day the death was known.';

-- How far each notice is.
CREATE VIEW casework.hospital_notice_state WITH (security_barrier) AS
    SELECT n.notice_id, n.stay_id, s.authority, s.reference, s.person_id, s.hospital_site, n.message_id, n.kind,
           n.event_code, n.issued_at, n.received_at, n.given_on, n.proposed_on, t.state, t.recorded_at AS state_at,
           t.by_notice, t.state IN ('received', 'acknowledged', 'assessing') AS is_open
    FROM casework.hospital_notice AS n
        JOIN casework.hospital_stay AS s ON s.stay_id = n.stay_id
        JOIN casework.authority_seen AS a ON a.authority = s.authority
        CROSS JOIN LATERAL (SELECT x.state, x.recorded_at, x.by_notice FROM casework.hospital_step AS x
                            WHERE x.notice_id = n.notice_id ORDER BY x.step_id DESC LIMIT 1) AS t
    WHERE n.kind <> 'response';
COMMENT ON VIEW casework.hospital_notice_state IS 'Each notice, and how far it is.';
COMMENT ON COLUMN casework.hospital_notice_state.state_at IS 'When the step was recorded.';
COMMENT ON COLUMN casework.hospital_notice_state.is_open IS
    'Is something still to be done about it: received, acknowledged or assessing?';
SELECT care_internal.comment_columns('casework.hospital_notice_state', 'casework.hospital_notice',
                                     'casework.hospital_step', 'casework.hospital_stay');
