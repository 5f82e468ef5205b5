--
-- concern: signs of abuse or neglect, each about one adult at risk, and what the authority makes of them.
--
-- Care Act 2014 s.42(1): reasonable cause to suspect that an adult has needs, is at risk, and because of the needs
-- cannot protect themself.  Where all of it holds there is an enquiry; nothing else is forced.
--
-- Must not know: enquiries.
--

CREATE TABLE casework.incident (
    incident_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT incident_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT incident_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT incident_has_reference CHECK (reference <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT incident_reference_key UNIQUE (authority, reference)
);
COMMENT ON TABLE casework.incident IS 'What joins the concerns about several people.';
COMMENT ON COLUMN casework.incident.incident_id IS 'Key.';
COMMENT ON COLUMN casework.incident.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN casework.incident.reference IS 'The authority''s reference for it.';
SELECT care_internal.keep_class('incident', 'casework.incident', 'casework.record_incident()', person => NULL,
    retained => 'casework_internal.incident_retained', events => '{last_updated,closed}',
    obstacle => 'casework_internal.incident_obstacle');

CREATE TABLE casework.incident_detail (
    incident_id bigint NOT NULL
        CONSTRAINT incident_detail_incident_fkey REFERENCES casework.incident,
    detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL
        CONSTRAINT incident_detail_has_name CHECK (name <> ''),
    from_day date NOT NULL
        CONSTRAINT incident_detail_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT incident_detail_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT incident_detail_pkey PRIMARY KEY (detail_id),
    CONSTRAINT incident_detail_key UNIQUE (incident_id, detail_id),
    CONSTRAINT incident_detail_in_order CHECK (from_day <= to_day)
);
COMMENT ON TABLE casework.incident_detail IS 'What each incident was; the last row holds.';
COMMENT ON COLUMN casework.incident_detail.detail_id IS 'Key within the incident.';
COMMENT ON COLUMN casework.incident_detail.name IS 'What it is called, without a person''s name.';
COMMENT ON COLUMN casework.incident_detail.from_day IS 'First day.';
COMMENT ON COLUMN casework.incident_detail.to_day IS 'Last day; null: it goes on, or is not known.';
SELECT care_internal.keep('casework.incident_detail', 'incident', 'casework.record_incident()');

CREATE TABLE casework.concern (
    concern_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT concern_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT concern_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT concern_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT concern_has_reference CHECK (reference <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- what follows from the facts
    raised_on date,
    incident_id bigint,
    screened_on date,
    tests_met_on date,
    decision text,
    CONSTRAINT concern_reference_key UNIQUE (authority, reference)
);
CREATE INDEX concern_person_idx ON casework.concern (person_id);
COMMENT ON INDEX casework.concern_person_idx IS 'Finds the concerns about a person.';
CREATE INDEX concern_raised_on_idx ON casework.concern (raised_on);
COMMENT ON INDEX casework.concern_raised_on_idx IS 'Serves the return of a year.';
COMMENT ON TABLE casework.concern IS
    'Concerns, each about one person, with what follows from their facts (the derived columns, rebuilt whole by '
    'trigger, never patched).';
COMMENT ON COLUMN casework.concern.concern_id IS 'Key.';
COMMENT ON COLUMN casework.concern.person_id IS 'The adult at risk.';
COMMENT ON COLUMN casework.concern.authority IS 'The authority where the abuse or neglect is thought to have happened.';
COMMENT ON COLUMN casework.concern.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN casework.concern.raised_on IS 'Derived: the day it was raised; null: it was recorded in error.';
COMMENT ON COLUMN casework.concern.incident_id IS 'Derived: the incident it belongs to; null: none.';
COMMENT ON COLUMN casework.concern.screened_on IS 'Derived: the day of the screening that holds; null: none.';
COMMENT ON COLUMN casework.concern.tests_met_on IS
    'Derived: the day from which there was reasonable cause and all three tests were met; null: they are not.';
COMMENT ON COLUMN casework.concern.decision IS
    'Derived: section_42, other or none; null: not decided yet.';
SELECT care_internal.keep_class('concern', 'casework.concern', 'a function of casework',
    retained => 'casework_internal.concern_retained', events => '{last_updated,death_known,closed}',
    derived => 'casework_internal.derived_concern', obstacle => 'casework_internal.concern_obstacle');

CREATE TABLE casework.concern_detail (
    concern_id bigint NOT NULL
        CONSTRAINT concern_detail_concern_fkey REFERENCES casework.concern,
    detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    raised_on date
        CONSTRAINT concern_detail_finite_day CHECK (raised_on BETWEEN '0001-01-01' AND '9999-12-31'),
    raised_by text,
    summary text,
    location text,
    incident_id bigint
        CONSTRAINT concern_detail_incident_fkey REFERENCES casework.incident,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT concern_detail_pkey PRIMARY KEY (detail_id),
    CONSTRAINT concern_detail_key UNIQUE (concern_id, detail_id)
);
CREATE INDEX concern_detail_incident_idx ON casework.concern_detail (incident_id);
COMMENT ON INDEX casework.concern_detail_incident_idx IS 'Finds the concerns of an incident.';
COMMENT ON TABLE casework.concern_detail IS 'What was raised; the last row of each concern holds.';
COMMENT ON COLUMN casework.concern_detail.detail_id IS 'Key within the concern.';
COMMENT ON COLUMN casework.concern_detail.raised_on IS
    'The day it was raised with the authority, or the authority found it; null: the concern was recorded in error.';
COMMENT ON COLUMN casework.concern_detail.raised_by IS 'Who raised it, a code of list sg_raised_by.';
COMMENT ON COLUMN casework.concern_detail.summary IS 'What was said or seen.';
COMMENT ON COLUMN casework.concern_detail.location IS 'Where, a code of list sac_location; null: not known.';
COMMENT ON COLUMN casework.concern_detail.incident_id IS 'The incident it belongs to; null: none.';
SELECT care_internal.keep('casework.concern_detail', 'concern', 'casework.correct_concern()');

CREATE TABLE casework.screening (
    concern_id bigint NOT NULL
        CONSTRAINT screening_concern_fkey REFERENCES casework.concern,
    screening_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    decided_on date NOT NULL
        CONSTRAINT screening_finite_day CHECK (decided_on BETWEEN '0001-01-01' AND '9999-12-31'),
    reasonable_cause boolean,
    needs boolean,
    risk boolean,
    unable_to_protect boolean,
    decision text
        CONSTRAINT screening_known_decision CHECK (decision IN ('section_42', 'other', 'none')),
    reason text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT screening_pkey PRIMARY KEY (screening_id),
    CONSTRAINT screening_key UNIQUE (concern_id, screening_id),
    CONSTRAINT screening_duty CHECK ((reasonable_cause AND needs AND risk AND unable_to_protect) IS NOT TRUE
                                     OR decision IS NULL OR decision = 'section_42'),
    CONSTRAINT screening_tests CHECK (decision <> 'section_42'
                                      OR (reasonable_cause AND needs AND risk AND unable_to_protect) IS NOT FALSE)
);
COMMENT ON TABLE casework.screening IS
    'What the authority made of a concern, against the tests of section 42; of the last day, the last row holds.';
COMMENT ON COLUMN casework.screening.screening_id IS 'Key within the concern.';
COMMENT ON COLUMN casework.screening.decided_on IS 'The day.';
COMMENT ON COLUMN casework.screening.reasonable_cause IS
    'Is there reasonable cause to suspect what the tests say? Null: not known yet.';
COMMENT ON COLUMN casework.screening.needs IS '(a) The adult has needs for care and support, met or not.';
COMMENT ON COLUMN casework.screening.risk IS '(b) The adult is experiencing, or at risk of, abuse or neglect.';
COMMENT ON COLUMN casework.screening.unable_to_protect IS
    '(c) Because of the needs, the adult cannot protect themself.';
COMMENT ON COLUMN casework.screening.decision IS
    'section_42, other (an enquiry although not all tests are met) or none; null: not decided yet.';
COMMENT ON COLUMN casework.screening.reason IS 'Why.';
SELECT care_internal.keep('casework.screening', 'concern', 'casework.record_screening()');

CREATE FUNCTION casework_internal.derived_concern(concern_ids bigint[], known_at timestamptz)
    RETURNS TABLE (concern_id bigint, raised_on date, incident_id bigint, screened_on date, tests_met_on date,
                   decision text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.concern_id, d.raised_on, d.incident_id, s.decided_on,
           -- from the first day of those met since it last was not
           CASE WHEN s.met THEN
               (SELECT min(m.decided_on) FROM casework.screening AS m
                WHERE m.concern_id = u.concern_id AND m.recorded_at <= known_at
                  AND m.reasonable_cause AND m.needs AND m.risk AND m.unable_to_protect
                  AND NOT EXISTS (SELECT FROM casework.screening AS n
                                  WHERE n.concern_id = u.concern_id AND n.recorded_at <= known_at
                                    AND (n.decided_on, n.screening_id) > (m.decided_on, m.screening_id)
                                    AND (n.reasonable_cause AND n.needs AND n.risk AND n.unable_to_protect)
                                        IS NOT TRUE)) END,
           s.decision
    FROM unnest(concern_ids) AS u (concern_id)
        LEFT JOIN LATERAL (SELECT x.raised_on, x.incident_id FROM casework.concern_detail AS x
                           WHERE x.concern_id = u.concern_id AND x.recorded_at <= known_at
                           ORDER BY x.detail_id DESC LIMIT 1) AS d ON true
        LEFT JOIN LATERAL (SELECT x.decided_on, x.decision,
                                  x.reasonable_cause AND x.needs AND x.risk AND x.unable_to_protect AS met
                           FROM casework.screening AS x
                           WHERE x.concern_id = u.concern_id AND x.recorded_at <= known_at
                           ORDER BY x.decided_on DESC, x.screening_id DESC LIMIT 1) AS s ON true;
END;
COMMENT ON FUNCTION casework_internal.derived_concern(bigint[], timestamptz) IS
    'The derived columns of some concerns, worked out from the facts as they were known at a moment.';
SELECT casework_internal.rebuild_on('concern', 'casework.concern', 'casework.concern_detail', 'casework.screening');
