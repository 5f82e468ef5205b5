--
-- enquiry: what the authority does, or causes others to do, about one or more concerns about one person.
--
-- The centre of it is what the adult wants.  What follows from the facts is on the head row.
--
-- Must not know: how the return counts.
--

CREATE TABLE casework.enquiry (
    enquiry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT enquiry_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT enquiry_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT enquiry_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT enquiry_has_reference CHECK (reference <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- what follows from the facts
    type text,
    started_on date,
    asked text,
    capacity text,
    supported boolean,
    concluded_on date,
    risk_assessment_outcome text,
    risk_outcome text,
    achieved text,
    CONSTRAINT enquiry_reference_key UNIQUE (authority, reference)
);
CREATE INDEX enquiry_person_idx ON casework.enquiry (person_id);
COMMENT ON INDEX casework.enquiry_person_idx IS 'Finds the enquiries about a person.';
CREATE INDEX enquiry_started_on_idx ON casework.enquiry (started_on);
COMMENT ON INDEX casework.enquiry_started_on_idx IS 'Serves the return of a year.';
CREATE INDEX enquiry_concluded_on_idx ON casework.enquiry (concluded_on);
COMMENT ON INDEX casework.enquiry_concluded_on_idx IS 'Serves the return of a year.';
COMMENT ON TABLE casework.enquiry IS
    'Enquiries, each about one person, with what follows from their facts (the derived columns, rebuilt whole by '
    'trigger, never patched).';
COMMENT ON COLUMN casework.enquiry.enquiry_id IS 'Key.';
COMMENT ON COLUMN casework.enquiry.person_id IS 'The adult at risk.';
COMMENT ON COLUMN casework.enquiry.authority IS 'The authority whose enquiry it is.';
COMMENT ON COLUMN casework.enquiry.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN casework.enquiry.type IS 'Derived: section_42 or other.';
COMMENT ON COLUMN casework.enquiry.started_on IS 'Derived: the day it started; null: it was recorded in error.';
COMMENT ON COLUMN casework.enquiry.asked IS 'Derived: was the adult asked what they want? Null: not recorded.';
COMMENT ON COLUMN casework.enquiry.capacity IS 'Derived: did they lack capacity for it? Null: not recorded.';
COMMENT ON COLUMN casework.enquiry.supported IS 'Derived: did an advocate, family or friend support them?';
COMMENT ON COLUMN casework.enquiry.concluded_on IS 'Derived: the day it was concluded; null: it goes on.';
COMMENT ON COLUMN casework.enquiry.risk_assessment_outcome IS 'Derived: as the conclusion that holds says.';
COMMENT ON COLUMN casework.enquiry.risk_outcome IS 'Derived: as the conclusion that holds says.';
COMMENT ON COLUMN casework.enquiry.achieved IS
    'Derived: how far what was wanted was achieved, as the conclusion that holds says.';
SELECT care_internal.keep_class('enquiry', 'casework.enquiry', 'a function of casework',
    retained => 'casework_internal.enquiry_retained', events => '{last_updated,death_known,closed}',
    derived => 'casework_internal.derived_enquiry');

CREATE TABLE casework.enquiry_concern (
    enquiry_id bigint NOT NULL
        CONSTRAINT enquiry_concern_enquiry_fkey REFERENCES casework.enquiry,
    concern_id bigint NOT NULL
        CONSTRAINT enquiry_concern_concern_fkey REFERENCES casework.concern,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT enquiry_concern_pkey PRIMARY KEY (enquiry_id, concern_id)
);
CREATE INDEX enquiry_concern_concern_idx ON casework.enquiry_concern (concern_id);
COMMENT ON INDEX casework.enquiry_concern_concern_idx IS 'Finds the enquiries about a concern.';
COMMENT ON TABLE casework.enquiry_concern IS 'The concerns that each enquiry is about.';
COMMENT ON COLUMN casework.enquiry_concern.concern_id IS 'The concern, about the same person.';
SELECT care_internal.keep('casework.enquiry_concern', 'enquiry', 'casework.add_concern()');

CREATE TABLE casework.enquiry_detail (
    enquiry_id bigint NOT NULL
        CONSTRAINT enquiry_detail_enquiry_fkey REFERENCES casework.enquiry,
    detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    type text
        CONSTRAINT enquiry_detail_known_type CHECK (type IN ('section_42', 'other')),
    started_on date
        CONSTRAINT enquiry_detail_finite_started_on CHECK (started_on BETWEEN '0001-01-01' AND '9999-12-31'),
    pathway text,
    led_by text,
    asked text,
    asked_on date
        CONSTRAINT enquiry_detail_finite_asked_on CHECK (asked_on BETWEEN '0001-01-01' AND '9999-12-31'),
    capacity text,
    supported boolean,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT enquiry_detail_pkey PRIMARY KEY (detail_id),
    CONSTRAINT enquiry_detail_key UNIQUE (enquiry_id, detail_id)
);
COMMENT ON TABLE casework.enquiry_detail IS 'How each enquiry stands; the last row holds.';
COMMENT ON COLUMN casework.enquiry_detail.detail_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.enquiry_detail.type IS 'section_42 or other.';
COMMENT ON COLUMN casework.enquiry_detail.started_on IS
    'The day it started; null: the enquiry was recorded in error.';
COMMENT ON COLUMN casework.enquiry_detail.pathway IS
    'How it is done, in the authority''s words: fast track, formal ...';
COMMENT ON COLUMN casework.enquiry_detail.led_by IS 'Who leads it.';
COMMENT ON COLUMN casework.enquiry_detail.asked IS
    'Was the adult, or who speaks for them, asked what they want? A code of list sac_outcomes_asked.';
COMMENT ON COLUMN casework.enquiry_detail.asked_on IS 'The day they were asked.';
COMMENT ON COLUMN casework.enquiry_detail.capacity IS
    'Did they lack capacity for the matter of the enquiry? A code of list sac_capacity.';
COMMENT ON COLUMN casework.enquiry_detail.supported IS 'If they did: did an advocate, family or friend support them?';
SELECT care_internal.keep('casework.enquiry_detail', 'enquiry', 'casework.record_enquiry_detail()');

CREATE TABLE casework.wanted_outcome (
    enquiry_id bigint NOT NULL
        CONSTRAINT wanted_outcome_enquiry_fkey REFERENCES casework.enquiry,
    outcome_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    own_words text,
    voiced_by text,
    representative text,
    kinds text[],
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT wanted_outcome_pkey PRIMARY KEY (outcome_id),
    CONSTRAINT wanted_outcome_key UNIQUE (enquiry_id, outcome_id)
);
COMMENT ON TABLE casework.wanted_outcome IS 'What the adult wants to come of it; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.wanted_outcome.outcome_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.wanted_outcome.own_words IS
    'In the words of whoever said it; null with kinds: a kind without words; null without: withdrawn.';
COMMENT ON COLUMN casework.wanted_outcome.voiced_by IS 'Whose voice it is, a code of list sg_voice.';
COMMENT ON COLUMN casework.wanted_outcome.representative IS 'Who spoke, when not the adult.';
COMMENT ON COLUMN casework.wanted_outcome.kinds IS
    'Kinds of outcome, codes of list sg_wanted_outcome, beside the words; null: none.';
SELECT care_internal.keep('casework.wanted_outcome', 'enquiry',
                          'casework.record_wanted_outcome(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.wanted_outcome', 'outcome_id', 'enquiry_id',
                                     'r.own_words IS NOT NULL OR r.kinds IS NOT NULL');

CREATE TABLE casework.outcome_rating (
    enquiry_id bigint NOT NULL
        CONSTRAINT outcome_rating_enquiry_fkey REFERENCES casework.enquiry,
    rating_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    outcome_id bigint NOT NULL,
    achieved text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT outcome_rating_pkey PRIMARY KEY (rating_id),
    CONSTRAINT outcome_rating_key UNIQUE (enquiry_id, rating_id),
    CONSTRAINT outcome_rating_outcome_fkey FOREIGN KEY (enquiry_id, outcome_id)
        REFERENCES casework.wanted_outcome (enquiry_id, outcome_id)
);
COMMENT ON TABLE casework.outcome_rating IS 'How far an outcome was achieved; the last row of each holds.';
COMMENT ON COLUMN casework.outcome_rating.rating_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.outcome_rating.outcome_id IS 'The outcome wanted.';
COMMENT ON COLUMN casework.outcome_rating.achieved IS 'A code of list sac_outcomes_achieved.';
SELECT care_internal.keep('casework.outcome_rating', 'enquiry', 'casework.rate_outcome()');

CREATE TABLE casework.risk (
    enquiry_id bigint NOT NULL
        CONSTRAINT risk_enquiry_fkey REFERENCES casework.enquiry,
    risk_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    risk_type text,
    source text,
    local_source text,
    location text,
    organisation text,
    is_regulated boolean,
    cqc_location_id text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT risk_pkey PRIMARY KEY (risk_id),
    CONSTRAINT risk_key UNIQUE (enquiry_id, risk_id)
);
COMMENT ON TABLE casework.risk IS 'Each risk: of what, from whom, where; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.risk.risk_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.risk.risk_type IS 'A code of list sac_risk_type; null: recorded in error.';
COMMENT ON COLUMN casework.risk.source IS
    'The source of risk, a code of list sac_source_of_risk; null: not known yet.';
COMMENT ON COLUMN casework.risk.local_source IS 'The authority''s own code beneath it; null: none.';
COMMENT ON COLUMN casework.risk.location IS 'A code of list sac_location; null: not known yet.';
COMMENT ON COLUMN casework.risk.organisation IS 'The organisation that is the source, or for whom they work.';
COMMENT ON COLUMN casework.risk.is_regulated IS
    'Is it a provider regulated by the CQC? Null: not known, or no provider.';
COMMENT ON COLUMN casework.risk.cqc_location_id IS 'The CQC location of a regulated provider; null: not known yet.';
SELECT care_internal.keep('casework.risk', 'enquiry', 'casework.record_risk(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.risk', 'risk_id', 'enquiry_id', 'r.risk_type IS NOT NULL');

CREATE TABLE casework.action (
    enquiry_id bigint NOT NULL
        CONSTRAINT action_enquiry_fkey REFERENCES casework.enquiry,
    action_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date
        CONSTRAINT action_finite_on_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text,
    note text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT action_pkey PRIMARY KEY (action_id),
    CONSTRAINT action_key UNIQUE (enquiry_id, action_id)
);
COMMENT ON TABLE casework.action IS 'What was done, in any order or not at all; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.action.action_id IS 'Key within the enquiry.';
COMMENT ON COLUMN casework.action.on_day IS 'The day; null: recorded in error.';
COMMENT ON COLUMN casework.action.kind IS 'What it was, in the authority''s words.';
COMMENT ON COLUMN casework.action.note IS 'More.';
SELECT care_internal.keep('casework.action', 'enquiry', 'casework.record_action(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.action', 'action_id', 'enquiry_id', 'r.on_day IS NOT NULL');

-- A rating goes with its outcome when the words of that are corrected.
CREATE FUNCTION casework.outcome_rating_known_at(known_at timestamptz)
    RETURNS TABLE (enquiry_id bigint, outcome_id bigint, own_words text, kinds text[], achieved text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT w.enquiry_id, w.outcome_id, w.own_words, w.kinds,
           (SELECT r.achieved FROM casework.outcome_rating AS r
            WHERE r.enquiry_id = w.enquiry_id AND r.outcome_id = w.outcome_id AND r.recorded_at <= known_at
            ORDER BY r.rating_id DESC LIMIT 1)
    FROM casework.wanted_outcome_known_at(known_at) AS w;
END;
COMMENT ON FUNCTION casework.outcome_rating_known_at(timestamptz) IS
    'What adults want and how far each was achieved, as known at a moment; null: not rated.';

