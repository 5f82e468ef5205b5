--
-- person: the people whom accounts and agreements are about.
--
-- A person is known by the case-management system's reference.  What else is known about them comes
-- as details, each a whole new row, and as the record of their death.
--
-- Must not know: accounts, agreements.
--

-- The check digit of an NHS number: weights 10 to 2, sum modulo 11; doc/calculations section 6.  Ten equal
-- digits pass the sum and are refused.
CREATE FUNCTION care.nhs_number_is_valid(nhs_number text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((11 - sum(substr(nhs_number, n, 1)::integer * (11 - n)) % 11) % 11
                    = CASE WHEN nhs_number ~ '^[0-9]{10}$' THEN substr(nhs_number, 10, 1)::integer END, false)
    FROM generate_series(1, 9) AS n
    WHERE nhs_number ~ '^[0-9]{10}$' AND nhs_number <> repeat(left(nhs_number, 1), 10);
END;
COMMENT ON FUNCTION care.nhs_number_is_valid(text) IS
    'Is it ten digits with the right check digit, and not ten equal ones?';

CREATE DOMAIN care.nhs_number AS text
    CONSTRAINT nhs_number_valid CHECK (care.nhs_number_is_valid(VALUE));
COMMENT ON DOMAIN care.nhs_number IS 'An NHS number: ten digits, checked.';
COMMENT ON CONSTRAINT nhs_number_valid ON DOMAIN care.nhs_number IS
    'Ten digits with the right check digit, not ten equal ones.';

CREATE TABLE care.person (
    person_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT person_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT person_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT person_has_reference CHECK (reference <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT person_reference_key UNIQUE (reference, authority)
);
COMMENT ON TABLE care.person IS 'People, by the case-management system''s own reference.';
COMMENT ON COLUMN care.person.person_id IS 'Key.';
COMMENT ON COLUMN care.person.authority IS 'The authority whose reference it is.';
COMMENT ON COLUMN care.person.reference IS
    'The case-management system''s identifier, unique within the authority, opaque to this product.';
COMMENT ON COLUMN care.person.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.person.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_class('person', 'care.person', 'care.record_person()',
    retained => 'care_internal.person_retained', events => '{last_updated,death_known}');

CREATE TABLE care.person_detail (
    person_id bigint NOT NULL
        CONSTRAINT person_detail_person_fkey REFERENCES care.person,
    detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    date_of_birth date
        CONSTRAINT person_detail_finite_birth CHECK (date_of_birth BETWEEN '0001-01-01' AND '9999-12-31'),
    needs_began_on date
        CONSTRAINT person_detail_finite_needs CHECK (needs_began_on BETWEEN '0001-01-01' AND '9999-12-31'),
    nhs_number care.nhs_number,
    nhs_number_status text
        CONSTRAINT person_detail_known_status CHECK (nhs_number_status ~ '^0[1-8]$'),
    nhs_number_traced_on date
        CONSTRAINT person_detail_finite_traced CHECK (nhs_number_traced_on BETWEEN '0001-01-01' AND '9999-12-31'),
    withdraws text[]
        CONSTRAINT person_detail_known_detail
            CHECK (withdraws <@ '{date_of_birth,needs_began_on,nhs_number}' AND withdraws <> '{}'),
    reason text
        CONSTRAINT person_detail_has_reason CHECK (reason <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT person_detail_pkey PRIMARY KEY (detail_id),
    CONSTRAINT person_detail_key UNIQUE (person_id, detail_id),
    CONSTRAINT person_detail_needs_after_birth CHECK (needs_began_on >= date_of_birth),
    CONSTRAINT person_detail_number_present CHECK (nhs_number_status NOT IN ('01', '02') OR nhs_number IS NOT NULL),
    CONSTRAINT person_detail_traced_after_birth CHECK (nhs_number_traced_on >= date_of_birth),
    CONSTRAINT person_detail_traced_with_status
        CHECK (nhs_number_traced_on IS NULL OR coalesce(nhs_number_status, '') IN ('01', '04', '05')),
    CONSTRAINT person_detail_withdrawn_for_reason CHECK ((withdraws IS NULL) = (reason IS NULL)),
    CONSTRAINT person_detail_withdrawn_is_unknown
        CHECK ((date_of_birth IS NULL OR 'date_of_birth' <> ALL (withdraws))
               AND (needs_began_on IS NULL OR 'needs_began_on' <> ALL (withdraws))
               AND (coalesce(nhs_number, nhs_number_status) IS NULL OR 'nhs_number' <> ALL (withdraws)))
);
COMMENT ON TABLE care.person_detail IS
    'What is known about each person, no more than a figure or a return needs; the last row holds.';
COMMENT ON COLUMN care.person_detail.person_id IS 'The person.';
COMMENT ON COLUMN care.person_detail.detail_id IS 'Key within the person.';
COMMENT ON COLUMN care.person_detail.date_of_birth IS 'Date of birth; needed where the cap depends on age.';
COMMENT ON COLUMN care.person_detail.needs_began_on IS
    'The day eligible needs began; needed where the cap depends on the age then.';
COMMENT ON COLUMN care.person_detail.nhs_number IS 'NHS number, if known.';
COMMENT ON COLUMN care.person_detail.nhs_number_status IS
    '01 present and verified; 02 present, not traced; 03 trace required; 04 no or several matches; 05 to be resolved; '
    '06 trace in progress; 07 not present and not required; 08 trace postponed.';
COMMENT ON COLUMN care.person_detail.nhs_number_traced_on IS
    'The day of the trace that the status tells the end of (01, 04, 05); null: not known, or there was none.';
COMMENT ON COLUMN care.person_detail.withdraws IS
    'What was known before the row and is taken back by it: date_of_birth, needs_began_on, nhs_number (with its '
    'status and the day it was traced); null: nothing.';
COMMENT ON COLUMN care.person_detail.reason IS 'Why it is taken back.';
COMMENT ON COLUMN care.person_detail.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.person_detail.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.person_detail', 'person', 'care.record_person() or care.withdraw_details()');

CREATE TABLE care.death (
    person_id bigint NOT NULL
        CONSTRAINT death_person_fkey REFERENCES care.person,
    death_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    died_on date
        CONSTRAINT death_finite_day CHECK (died_on BETWEEN '0001-01-01' AND '9999-12-31'),
    known_on date NOT NULL
        CONSTRAINT death_finite_known CHECK (known_on BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT death_pkey PRIMARY KEY (death_id),
    CONSTRAINT death_key UNIQUE (person_id, death_id),
    CONSTRAINT death_known_after CHECK (known_on >= died_on)
);
COMMENT ON TABLE care.death IS 'Deaths, and when the authority knew; of two rows about a person, the last holds.';
COMMENT ON COLUMN care.death.person_id IS 'The person.';
COMMENT ON COLUMN care.death.death_id IS 'Key within the person.';
COMMENT ON COLUMN care.death.died_on IS
    'Date of death, the last day that counts; null: the death was recorded in error.';
COMMENT ON COLUMN care.death.known_on IS 'The day the authority became aware.';
COMMENT ON COLUMN care.death.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.death.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.death', 'person', 'care.record_death()');

SELECT care_internal.ask_last_as_known('care.person_detail', 'detail_id', 'person_id'),
       care_internal.ask_last_of('care.person_detail', 'detail_id', 'person_id');
-- of a death: what had been said, which may be that there was none
SELECT care_internal.ask_last_as_known('care.death', 'death_id', 'person_id', 'care_internal.death_told_at'),
       care_internal.ask_last_of('care.death', 'death_id', 'person_id');

CREATE FUNCTION care.death_known_at(known_at timestamptz) RETURNS SETOF care.death
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.* FROM care_internal.death_told_at(known_at) AS d WHERE d.died_on IS NOT NULL;
END;
COMMENT ON FUNCTION care.death_known_at(timestamptz) IS 'The deaths that were known of at a moment.';

CREATE VIEW care.person_detail_in_force AS
    SELECT d.person_id, p.authority, p.reference, d.detail_id, d.date_of_birth, d.needs_began_on, d.nhs_number,
           d.nhs_number_status, d.nhs_number_traced_on, d.withdraws, d.reason, d.recorded_at, d.recorded_by
    FROM care.person_detail_known_at('infinity'::timestamptz) AS d
        JOIN care.person AS p ON p.person_id = d.person_id;
COMMENT ON VIEW care.person_detail_in_force IS 'What is known of each person now.';
SELECT care_internal.comment_columns('care.person_detail_in_force', 'care.person_detail', 'care.person');

CREATE VIEW care.death_in_force AS
    SELECT d.person_id, p.authority, p.reference, d.death_id, d.died_on, d.known_on, d.recorded_at, d.recorded_by
    FROM care.death_known_at('infinity'::timestamptz) AS d
        JOIN care.person AS p ON p.person_id = d.person_id;
COMMENT ON VIEW care.death_in_force IS 'The deaths that are known of now; without those recorded in error.';
SELECT care_internal.comment_columns('care.death_in_force', 'care.death', 'care.person');
