--
-- objection: what a person does not want shared, from and to which day.
--
-- While an objection is open nothing of the person is handed over, unless somebody decides otherwise and says why:
-- their care may need it, or the law.
--
-- Must not know: what is handed over.
--

CREATE TABLE casework.objection (
    person_id bigint NOT NULL
        CONSTRAINT objection_person_fkey REFERENCES care.person,
    objection_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    about text NOT NULL
        CONSTRAINT objection_says_what CHECK (about <> ''),
    from_day date NOT NULL
        CONSTRAINT objection_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT objection_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT objection_pkey PRIMARY KEY (objection_id),
    CONSTRAINT objection_key UNIQUE (person_id, objection_id)
);
COMMENT ON TABLE casework.objection IS 'What people object to being shared; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.objection.objection_id IS 'Key within the person.';
COMMENT ON COLUMN casework.objection.about IS 'What, and with whom, in their words.';
COMMENT ON COLUMN casework.objection.from_day IS 'First day.';
COMMENT ON COLUMN casework.objection.to_day IS
    'Last day, counted; null: until further notice; before from_day: recorded in error.';
SELECT care_internal.keep('casework.objection', 'person', 'casework.record_objection(..., supersedes => ...)');
SELECT casework_internal.correct_by_rows('casework.objection', 'objection_id', 'person_id');
SELECT casework_internal.refuse_name_in('person', 'casework.objection');

CREATE FUNCTION casework.objection_known_at(known_at timestamptz) RETURNS SETOF casework.objection
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.* FROM casework.objection AS o
    WHERE o.recorded_at <= known_at AND (o.to_day >= o.from_day) IS NOT FALSE
      AND NOT EXISTS (SELECT FROM casework.objection AS c
                      WHERE c.person_id = o.person_id AND c.supersedes = o.objection_id AND c.recorded_at <= known_at);
END;
COMMENT ON FUNCTION casework.objection_known_at(timestamptz) IS
    'Objections, as known at a moment: neither corrected nor recorded in error.';

CREATE FUNCTION casework.record_objection(authority text, person_reference text, about text, from_day date,
                                          to_day date DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8;
    new_id int8;
BEGIN
    PERFORM care_internal.require_text(label, 'about', about),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    key := care.record_person(authority, person_reference);
    PERFORM casework_internal.require_correctable(label, 'casework.objection', 'person_id', key, 'objection_id',
                                                  supersedes);
    INSERT INTO casework.objection (person_id, about, from_day, to_day, supersedes)
    VALUES (key, record_objection.about, record_objection.from_day, record_objection.to_day,
            record_objection.supersedes)
    RETURNING objection_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_objection(text, text, text, date, date, bigint) IS
    'Records that a person objects to something of them being shared, from and to which day, and returns the key. '
    'supersedes corrects or ends one; to_day before from_day: recorded in error.';

CREATE FUNCTION casework_internal.require_no_objection(label text, person_id bigint, on_day date, override_reason text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(override_reason, '') = ''
       AND EXISTS (SELECT FROM casework.objection_known_at('infinity') AS o
                   WHERE o.person_id = require_no_objection.person_id AND on_day >= o.from_day
                     AND (o.to_day IS NULL OR on_day <= o.to_day)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'objection_open',
            MESSAGE = format('%s objects on %s to something of them being shared', label,
                             care_internal.day_text(on_day)),
            HINT = 'casework.objection says to what. Where it is to be shared all the same, say why with '
                   'override_reason => ....';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_no_objection(text, bigint, date, text) IS
    'Refuses (55000) to share what is of a person who objects on a day, unless a reason is given.';
