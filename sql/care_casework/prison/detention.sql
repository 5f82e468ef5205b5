--
-- detention: who was in prison, approved premises or bail accommodation, where and when.
--
-- While they are, the authority where the establishment is answers for them (Care Act 2014 s.76).
--
-- Must not know: what does not apply to them meanwhile.
--

CREATE TABLE casework.detention (
    person_id bigint NOT NULL
        CONSTRAINT detention_person_fkey REFERENCES care.person,
    detention_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    establishment text,
    place text,
    place_authority text
        CONSTRAINT detention_place_authority_fkey REFERENCES care.local_authority,
    from_day date NOT NULL
        CONSTRAINT detention_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT detention_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    note text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT detention_pkey PRIMARY KEY (detention_id),
    CONSTRAINT detention_key UNIQUE (person_id, detention_id),
    CONSTRAINT detention_somewhere CHECK (establishment IS NOT NULL OR place <> '')
);
COMMENT ON TABLE casework.detention IS 'Where people are detained; rows that nothing corrects hold, and never overlap.';
COMMENT ON COLUMN casework.detention.detention_id IS 'Key within the person.';
COMMENT ON COLUMN casework.detention.kind IS 'A code of list prison_agency_type.';
COMMENT ON COLUMN casework.detention.establishment IS 'A code of list prison_establishment; null: see place.';
COMMENT ON COLUMN casework.detention.place IS 'In words, where there is no code.';
COMMENT ON COLUMN casework.detention.place_authority IS
    'The authority where that place is; null: not known, or the establishment says.';
COMMENT ON COLUMN casework.detention.from_day IS 'First day.';
COMMENT ON COLUMN casework.detention.to_day IS
    'Last day, counted; null: they are still there; before from_day: recorded in error.';
COMMENT ON COLUMN casework.detention.note IS 'More.';
SELECT care_internal.keep('casework.detention', 'person', 'casework.record_detention(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.detention', 'detention_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE FUNCTION casework_internal.is_detained(person_id bigint, on_day date) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM casework.detention_known_at('infinity') AS d
                   WHERE d.person_id = is_detained.person_id AND on_day >= d.from_day
                     AND (d.to_day IS NULL OR on_day <= d.to_day));
END;
COMMENT ON FUNCTION casework_internal.is_detained(bigint, date) IS 'Is a person detained on a day?';

CREATE FUNCTION casework_internal.detained_days(known_at timestamptz)
    RETURNS TABLE (person_id bigint, days datemultirange) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.person_id, range_agg(daterange(d.from_day, d.to_day, '[]'))
    FROM casework.detention_known_at(detained_days.known_at) AS d GROUP BY d.person_id;
END;
COMMENT ON FUNCTION casework_internal.detained_days(timestamptz) IS
    'The days on which each person is detained, as known at a moment, for many at once; who never was has no row.';
