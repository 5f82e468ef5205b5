--
-- prisoner: what is kept of people who are detained: restrictions, referrals, releases, what does not apply to them,
-- and documents handed over.
--
-- Must not know: how anything is recorded.
--

CREATE TABLE casework.restriction (
    person_id bigint NOT NULL
        CONSTRAINT restriction_person_fkey REFERENCES care.person,
    restriction_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    description text NOT NULL,
    from_day date NOT NULL
        CONSTRAINT restriction_finite_from_day CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT restriction_finite_to_day CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT restriction_pkey PRIMARY KEY (restriction_id),
    CONSTRAINT restriction_key UNIQUE (person_id, restriction_id)
);
COMMENT ON TABLE casework.restriction IS
    'Limits on what a detained person may have or do; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.restriction.restriction_id IS 'Key within the person.';
COMMENT ON COLUMN casework.restriction.kind IS 'A code of list prison_restriction_kind.';
COMMENT ON COLUMN casework.restriction.description IS 'What it is.';
COMMENT ON COLUMN casework.restriction.from_day IS 'First day.';
COMMENT ON COLUMN casework.restriction.to_day IS
    'Last day, counted; null: until further notice; before from_day: recorded in error.';
SELECT care_internal.keep('casework.restriction', 'person', 'casework.record_restriction(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.restriction', 'restriction_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE TABLE casework.referral (
    person_id bigint NOT NULL
        CONSTRAINT referral_person_fkey REFERENCES care.person,
    referral_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL,
    referred_on date
        CONSTRAINT referral_finite_referred_on CHECK (referred_on BETWEEN '0001-01-01' AND '9999-12-31'),
    received_at timestamptz,
    transcribed_by text,
    note text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT referral_pkey PRIMARY KEY (referral_id),
    CONSTRAINT referral_key UNIQUE (person_id, referral_id)
);
COMMENT ON TABLE casework.referral IS 'Referrals of people who are detained; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.referral.referral_id IS 'Key within the person.';
COMMENT ON COLUMN casework.referral.source IS 'A code of list prison_referral_source.';
COMMENT ON COLUMN casework.referral.referred_on IS 'The day; null: recorded in error.';
COMMENT ON COLUMN casework.referral.received_at IS
    'When it was received, where that is known: on paper, before it was recorded.';
COMMENT ON COLUMN casework.referral.transcribed_by IS 'Who keyed it in from paper; null: it was recorded at once.';
COMMENT ON COLUMN casework.referral.note IS 'More.';
SELECT care_internal.keep('casework.referral', 'person', 'casework.record_referral(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.referral', 'referral_id', 'person_id', 'r.referred_on IS NOT NULL');

CREATE TABLE casework.release (
    person_id bigint NOT NULL
        CONSTRAINT release_person_fkey REFERENCES care.person,
    release_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    planned_on date
        CONSTRAINT release_finite_planned_on CHECK (planned_on BETWEEN '0001-01-01' AND '9999-12-31'),
    released_on date
        CONSTRAINT release_finite_released_on CHECK (released_on BETWEEN '0001-01-01' AND '9999-12-31'),
    going_to text
        CONSTRAINT release_going_to_fkey REFERENCES care.local_authority,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT release_pkey PRIMARY KEY (release_id),
    CONSTRAINT release_key UNIQUE (person_id, release_id)
);
COMMENT ON TABLE casework.release IS 'Releases planned and done; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.release.release_id IS 'Key within the person.';
COMMENT ON COLUMN casework.release.planned_on IS 'The day it is planned for.';
COMMENT ON COLUMN casework.release.released_on IS
    'The day of release, the last of the detention; null: not released yet.';
COMMENT ON COLUMN casework.release.going_to IS 'The authority they go to; null: not known.';
SELECT care_internal.keep('casework.release', 'person', 'casework.record_release(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.release', 'release_id', 'person_id', 'true');

CREATE TABLE casework.arrangement (
    person_id bigint NOT NULL
        CONSTRAINT arrangement_person_fkey REFERENCES care.person,
    arrangement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    purpose text,
    from_day date NOT NULL
        CONSTRAINT arrangement_finite_from_day CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT arrangement_finite_to_day CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT arrangement_pkey PRIMARY KEY (arrangement_id),
    CONSTRAINT arrangement_key UNIQUE (person_id, arrangement_id)
);
COMMENT ON TABLE casework.arrangement IS
    'What does not apply to people who are detained; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.arrangement.arrangement_id IS 'Key within the person.';
COMMENT ON COLUMN casework.arrangement.kind IS 'A code of list prison_disapplied.';
COMMENT ON COLUMN casework.arrangement.purpose IS 'release: accommodation for after the release; null: nothing said.';
COMMENT ON COLUMN casework.arrangement.from_day IS 'First day.';
COMMENT ON COLUMN casework.arrangement.to_day IS
    'Last day, counted; null: it goes on; before from_day: recorded in error.';
SELECT care_internal.keep('casework.arrangement', 'person', 'casework.record_arrangement(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.arrangement', 'arrangement_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE TABLE casework.handover (
    person_id bigint NOT NULL
        CONSTRAINT handover_person_fkey REFERENCES care.person,
    handover_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    purpose text NOT NULL,
    on_day date NOT NULL
        CONSTRAINT handover_finite_on_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    recipient text,
    is_draft boolean NOT NULL,
    override_reason text,
    document jsonb NOT NULL,
    digest bytea NOT NULL,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT handover_pkey PRIMARY KEY (handover_id),
    CONSTRAINT handover_key UNIQUE (person_id, handover_id)
);
COMMENT ON TABLE casework.handover IS 'Documents for another authority or a prison, and drafts of them.';
COMMENT ON COLUMN casework.handover.handover_id IS 'Key within the person.';
COMMENT ON COLUMN casework.handover.purpose IS 'A code of list handover_purpose.';
COMMENT ON COLUMN casework.handover.on_day IS 'The day it is dated.';
COMMENT ON COLUMN casework.handover.recipient IS 'The authority or establishment it is for; null: not known yet.';
COMMENT ON COLUMN casework.handover.is_draft IS 'It waits for somebody to complete and send it.';
COMMENT ON COLUMN casework.handover.override_reason IS
    'Why it is handed over although the person objects; null: nobody asked.';
COMMENT ON COLUMN casework.handover.document IS 'The document.';
COMMENT ON COLUMN casework.handover.digest IS 'SHA-256 of the document as text.';
SELECT care_internal.keep('casework.handover', 'person', 'casework.hand_over(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.handover', 'handover_id', 'person_id', 'true');

