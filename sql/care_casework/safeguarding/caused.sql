--
-- caused: enquiries made by another body for the authority, evidence and its custody, the conclusion.
--
-- Must not know: how the return counts.
--

CREATE TABLE casework.caused_enquiry (
    enquiry_id bigint NOT NULL
        CONSTRAINT caused_enquiry_enquiry_fkey REFERENCES casework.enquiry,
    caused_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    organisation text,
    asked_on date
        CONSTRAINT caused_enquiry_finite_asked_on CHECK (asked_on BETWEEN '0001-01-01' AND '9999-12-31'),
    due_on date
        CONSTRAINT caused_enquiry_finite_due_on CHECK (due_on BETWEEN '0001-01-01' AND '9999-12-31'),
    question text,
    contact text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT caused_enquiry_pkey PRIMARY KEY (caused_id),
    CONSTRAINT caused_enquiry_key UNIQUE (enquiry_id, caused_id)
);
COMMENT ON TABLE casework.caused_enquiry IS
    'Enquiries that another body makes for the authority; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.caused_enquiry.caused_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.caused_enquiry.organisation IS 'Who makes it; null: recorded in error.';
COMMENT ON COLUMN casework.caused_enquiry.asked_on IS 'The day they were asked.';
COMMENT ON COLUMN casework.caused_enquiry.due_on IS
    'The day by which it is due, counted as in time; null: no day was set.';
COMMENT ON COLUMN casework.caused_enquiry.question IS 'What is to be found out.';
COMMENT ON COLUMN casework.caused_enquiry.contact IS 'With whom it is there.';
SELECT care_internal.keep('casework.caused_enquiry', 'enquiry', 'casework.cause_enquiry(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.caused_enquiry', 'caused_id', 'enquiry_id', NULL);

CREATE TABLE casework.caused_enquiry_status (
    enquiry_id bigint NOT NULL
        CONSTRAINT caused_enquiry_status_enquiry_fkey REFERENCES casework.enquiry,
    status_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    caused_id bigint NOT NULL,
    on_day date NOT NULL
        CONSTRAINT caused_enquiry_status_finite_on_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    status text NOT NULL,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT caused_enquiry_status_pkey PRIMARY KEY (status_id),
    CONSTRAINT caused_enquiry_status_key UNIQUE (enquiry_id, status_id),
    CONSTRAINT caused_enquiry_status_caused_fkey FOREIGN KEY (enquiry_id, caused_id)
        REFERENCES casework.caused_enquiry (enquiry_id, caused_id)
);
COMMENT ON TABLE casework.caused_enquiry_status IS
    'How far each enquiry made by another body is; of the last day, the last row holds.';
COMMENT ON COLUMN casework.caused_enquiry_status.status_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.caused_enquiry_status.caused_id IS 'The enquiry made by another body.';
COMMENT ON COLUMN casework.caused_enquiry_status.on_day IS 'The day.';
COMMENT ON COLUMN casework.caused_enquiry_status.status IS
    'A code of list sg_caused_enquiry_status; adequate and taken_back close it.';
COMMENT ON COLUMN casework.caused_enquiry_status.note IS 'More.';
SELECT care_internal.keep('casework.caused_enquiry_status', 'enquiry', 'casework.record_caused_status()');

CREATE TABLE casework.evidence (
    enquiry_id bigint NOT NULL
        CONSTRAINT evidence_enquiry_fkey REFERENCES casework.enquiry,
    evidence_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    item text NOT NULL,
    digest bytea NOT NULL
        CONSTRAINT evidence_digest_sha256 CHECK (length(digest) = 32),
    held_by text NOT NULL,
    from_day date NOT NULL
        CONSTRAINT evidence_finite_from_day CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    follows bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT evidence_pkey PRIMARY KEY (evidence_id),
    CONSTRAINT evidence_key UNIQUE (enquiry_id, evidence_id)
);
COMMENT ON TABLE casework.evidence IS
    'Evidence that is relied on, and who holds it: a change of custody is a row that follows another.';
COMMENT ON COLUMN casework.evidence.evidence_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.evidence.item IS 'What it is.';
COMMENT ON COLUMN casework.evidence.digest IS 'SHA-256 of its content.';
COMMENT ON COLUMN casework.evidence.held_by IS 'Who holds it.';
COMMENT ON COLUMN casework.evidence.from_day IS 'The day from which they do.';
COMMENT ON COLUMN casework.evidence.follows IS
    'The row of the same item whose holder handed it over; null: the first.';
SELECT care_internal.keep('casework.evidence', 'enquiry', 'casework.hand_over_evidence()');
SELECT care_internal.refer_within('casework.evidence', 'follows', 'evidence_id', 'enquiry_id');
CREATE UNIQUE INDEX evidence_followed_once ON casework.evidence (enquiry_id, follows) WHERE follows IS NOT NULL;
COMMENT ON INDEX casework.evidence_followed_once IS 'One item is in one hand at a time.';

CREATE TABLE casework.conclusion (
    enquiry_id bigint NOT NULL
        CONSTRAINT conclusion_enquiry_fkey REFERENCES casework.enquiry,
    conclusion_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    concluded_on date
        CONSTRAINT conclusion_finite_concluded_on CHECK (concluded_on BETWEEN '0001-01-01' AND '9999-12-31'),
    action_taken text,
    risk_assessment_outcome text,
    local_outcome text,
    risk_outcome text,
    achieved text,
    override_reason text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT conclusion_pkey PRIMARY KEY (conclusion_id),
    CONSTRAINT conclusion_key UNIQUE (enquiry_id, conclusion_id)
);
COMMENT ON TABLE casework.conclusion IS 'How each enquiry was concluded; the last row holds.';
COMMENT ON COLUMN casework.conclusion.conclusion_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.conclusion.concluded_on IS
    'The day; null: the conclusion is taken back, and the enquiry goes on.';
COMMENT ON COLUMN casework.conclusion.action_taken IS 'What was done.';
COMMENT ON COLUMN casework.conclusion.risk_assessment_outcome IS 'A code of list sac_risk_assessment_outcome.';
COMMENT ON COLUMN casework.conclusion.local_outcome IS 'The authority''s own code beneath it; null: none.';
COMMENT ON COLUMN casework.conclusion.risk_outcome IS 'Where a risk was identified: a code of list sac_risk_outcome.';
COMMENT ON COLUMN casework.conclusion.achieved IS
    'How far what was wanted was achieved on the whole, a code of list sac_outcomes_achieved.';
COMMENT ON COLUMN casework.conclusion.override_reason IS
    'Why it was concluded although another body still makes an enquiry for it.';
SELECT care_internal.keep('casework.conclusion', 'enquiry', 'casework.conclude_enquiry()', part => 'event');

CREATE FUNCTION casework_internal.derived_enquiry(enquiry_ids bigint[], known_at timestamptz)
    RETURNS TABLE (enquiry_id bigint, type text, started_on date, asked text, capacity text, supported boolean,
                   concluded_on date, risk_assessment_outcome text, risk_outcome text, achieved text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.enquiry_id, d.type, d.started_on, d.asked, d.capacity, d.supported,
           c.concluded_on, c.risk_assessment_outcome, c.risk_outcome, c.achieved
    FROM unnest(enquiry_ids) AS u (enquiry_id)
        LEFT JOIN LATERAL (SELECT x.* FROM casework.enquiry_detail AS x
                           WHERE x.enquiry_id = u.enquiry_id AND x.recorded_at <= known_at
                           ORDER BY x.detail_id DESC LIMIT 1) AS d ON true
        LEFT JOIN LATERAL (SELECT x.* FROM casework.conclusion AS x
                           WHERE x.enquiry_id = u.enquiry_id AND x.recorded_at <= known_at
                           ORDER BY x.conclusion_id DESC LIMIT 1) AS c ON c.concluded_on IS NOT NULL;
END;
COMMENT ON FUNCTION casework_internal.derived_enquiry(bigint[], timestamptz) IS
    'The derived columns of some enquiries, worked out from the facts as they were known at a moment.';
SELECT casework_internal.rebuild_on('enquiry', 'casework.enquiry', 'casework.enquiry_detail', 'casework.conclusion');

-- Without what they were asked, and whom to reach: that is read one case at a time, for a reason.
CREATE FUNCTION casework_internal.caused_known_at(known_at timestamptz)
    RETURNS TABLE (enquiry_id bigint, caused_id bigint, organisation text, asked_on date, due_on date, status text,
                   status_on date, is_open boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT q.enquiry_id, q.caused_id, q.organisation, q.asked_on, q.due_on, coalesce(s.status, 'asked'),
           coalesce(s.on_day, q.asked_on), coalesce(s.status, 'asked') NOT IN ('adequate', 'taken_back')
    FROM casework.caused_enquiry AS q
        LEFT JOIN LATERAL (SELECT x.status, x.on_day FROM casework.caused_enquiry_status AS x
                           WHERE x.enquiry_id = q.enquiry_id AND x.caused_id = q.caused_id AND x.recorded_at <= known_at
                           ORDER BY x.on_day DESC, x.status_id DESC LIMIT 1) AS s ON true
    WHERE q.recorded_at <= known_at AND q.organisation IS NOT NULL
      AND NOT EXISTS (SELECT FROM casework.caused_enquiry AS c
                      WHERE c.enquiry_id = q.enquiry_id AND c.supersedes = q.caused_id AND c.recorded_at <= known_at);
END;
COMMENT ON FUNCTION casework_internal.caused_known_at(timestamptz) IS
    'The enquiries that other bodies make and how far each is, as known at a moment, without words.';

CREATE FUNCTION casework.caused_enquiry_known_at(known_at timestamptz)
    RETURNS TABLE (enquiry_id bigint, caused_id bigint, organisation text, asked_on date, due_on date, question text,
                   contact text, status text, status_on date, is_open boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT k.enquiry_id, k.caused_id, k.organisation, k.asked_on, k.due_on, q.question, q.contact, k.status,
           k.status_on, k.is_open
    FROM casework_internal.caused_known_at(known_at) AS k
        JOIN casework.caused_enquiry AS q ON q.enquiry_id = k.enquiry_id AND q.caused_id = k.caused_id;
END;
COMMENT ON FUNCTION casework.caused_enquiry_known_at(timestamptz) IS
    'The enquiries that other bodies make, how far each is and whether it is still open, as known at a moment.';

CREATE VIEW casework.evidence_custody WITH (security_barrier) AS
    SELECT v.enquiry_id, e.authority, v.evidence_id, v.item, v.digest, v.held_by, v.from_day,
           (SELECT n.from_day FROM casework.evidence AS n
            WHERE n.enquiry_id = v.enquiry_id AND n.follows = v.evidence_id) AS to_day,
           v.follows, v.recorded_at, v.recorded_by
    FROM casework.evidence AS v
        JOIN casework.enquiry AS e ON e.enquiry_id = v.enquiry_id
        JOIN casework.authority_seen AS a ON a.authority = e.authority;
COMMENT ON VIEW casework.evidence_custody IS 'Who held each item of evidence, and from and to which day.';
COMMENT ON COLUMN casework.evidence_custody.to_day IS 'The day they handed it over; null: they hold it.';
SELECT care_internal.comment_columns('casework.evidence_custody', 'casework.evidence', 'casework.enquiry');
