--
-- move: recording detentions, moves and releases; who answers for a person, and the banner.
--
-- A fact is not refused because another came late: what does not apply while somebody is detained and was arranged
-- before goes on a list.
--
-- Must not know: real names behind a pseudonym.
--

CREATE TABLE casework.establishment_authority (
    establishment text NOT NULL,
    authority text NOT NULL
        CONSTRAINT establishment_authority_authority_fkey REFERENCES care.local_authority,
    valid_from date NOT NULL DEFAULT '0001-01-01'
        CONSTRAINT establishment_authority_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT establishment_authority_pkey PRIMARY KEY (establishment, valid_from, recorded_at)
);
COMMENT ON TABLE casework.establishment_authority IS
    'The authority in which each establishment lies, from a day on; for one day, the row recorded last holds.';
COMMENT ON COLUMN casework.establishment_authority.establishment IS 'A code of list prison_establishment.';
COMMENT ON COLUMN casework.establishment_authority.authority IS 'The authority.';
COMMENT ON COLUMN casework.establishment_authority.valid_from IS 'The day it holds from; 0001-01-01: always.';
COMMENT ON COLUMN casework.establishment_authority.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.establishment_authority.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER establishment_authority_refuse_change
    BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.establishment_authority
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_establishment_authority()');
COMMENT ON TRIGGER establishment_authority_refuse_change ON casework.establishment_authority IS
    'Rows are added to, never changed.';
SELECT care_internal.keep_reference('casework.establishment_authority', one_of => '{establishment,valid_from}');

CREATE FUNCTION casework.record_establishment_authority(establishment text, authority text,
                                                        valid_from date DEFAULT '0001-01-01')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.require_code('establishment', 'establishment', 'prison_establishment', establishment,
                                           NULL),
            casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority),
            care_internal.require_day(establishment, 'valid_from', valid_from);
    INSERT INTO casework.establishment_authority (establishment, authority, valid_from)
    VALUES (record_establishment_authority.establishment, record_establishment_authority.authority,
            record_establishment_authority.valid_from);
END
$$;
COMMENT ON FUNCTION casework.record_establishment_authority(text, text, date) IS
    'Records in which authority an establishment lies, from a day on.';

CREATE FUNCTION casework_internal.authority_of_place(establishment text, place_authority text, on_day date)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(place_authority,
                    (SELECT a.authority FROM casework.establishment_authority AS a
                     WHERE a.establishment = authority_of_place.establishment AND a.valid_from <= on_day
                     ORDER BY a.valid_from DESC, a.recorded_at DESC LIMIT 1));
END;
COMMENT ON FUNCTION casework_internal.authority_of_place(text, text, date) IS
    'The authority in which an establishment or place lies on a day; null: not recorded.';

CREATE FUNCTION casework.responsible_authority(person_id bigint, on_day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN d.person_id IS NULL THEN p.authority
                ELSE casework_internal.authority_of_place(d.establishment, d.place_authority, on_day) END
    FROM care.person AS p
        LEFT JOIN casework.detention_known_at('infinity') AS d ON d.person_id = p.person_id AND on_day >= d.from_day
            AND (d.to_day IS NULL OR on_day <= d.to_day)
    WHERE p.person_id = responsible_authority.person_id;
END;
COMMENT ON FUNCTION casework.responsible_authority(bigint, date) IS
    'The authority that answers for a person on a day: the one where they are detained, wherever they lived before or '
    'will live (null: where that lies is not recorded), else the one that keeps their record.';

CREATE FUNCTION casework_internal.require_no_overlap(person_id bigint, label text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_two record;
BEGIN
    SELECT a.from_day, b.from_day AS other_day INTO found_two
    FROM casework.detention_known_at('infinity') AS a
        JOIN casework.detention_known_at('infinity') AS b ON b.person_id = a.person_id
            AND b.detention_id <> a.detention_id AND b.from_day >= a.from_day
            AND (a.to_day IS NULL OR b.from_day <= a.to_day)
    WHERE a.person_id = require_no_overlap.person_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'exclusion_violation', CONSTRAINT = 'detention_no_overlap', SCHEMA = 'casework',
            TABLE = 'detention', COLUMN = 'from_day',
            MESSAGE = format('%s: a detention from %s would overlap the one from %s', label,
                             care_internal.day_text(found_two.other_day), care_internal.day_text(found_two.from_day)),
            HINT = 'Move the person with casework.move_detention(), or correct the other with supersedes.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_no_overlap(bigint, text) IS
    'Refuses (23P01) detentions of a person that overlap.';

CREATE FUNCTION casework.record_detention(authority text, person_reference text, kind text, from_day date,
                                          establishment text DEFAULT NULL, place text DEFAULT NULL,
                                          place_authority text DEFAULT NULL, to_day date DEFAULT NULL,
                                          note text DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8;
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'kind', 'prison_agency_type', kind, NULL),
            casework_internal.require_code(label, 'establishment', 'prison_establishment', establishment, NULL,
                                           nullable => place IS NOT NULL),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    IF place_authority IS NOT NULL THEN
        PERFORM care_internal.require_authority(place_authority, NULL);
    END IF;
    IF to_day < from_day AND supersedes IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'detention_in_order',
            MESSAGE = format('%s: the detention ends before it begins on %s', label, care_internal.day_text(from_day));
    END IF;
    key := casework_internal.record_person(authority, person_reference);
    PERFORM care_internal.require_correctable(label, 'casework.detention', 'person_id', key, 'detention_id',
                                                  supersedes);
    INSERT INTO casework.detention (person_id, kind, establishment, place, place_authority, from_day, to_day, note,
                                    supersedes)
    VALUES (key, record_detention.kind, record_detention.establishment, record_detention.place,
            record_detention.place_authority, record_detention.from_day, record_detention.to_day, record_detention.note,
            record_detention.supersedes)
    RETURNING detention_id INTO new_id;
    PERFORM casework_internal.require_no_overlap(key, label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_detention(text, text, text, date, text, text, text, date, text, bigint) IS
    'Records where a person is detained, by the code of an establishment or a place in words, from and to which day '
    '(null: still), and returns the key. 23P01 if it overlaps another. supersedes corrects a row; a last day before '
    'the first says that it was recorded in error.';

-- The detention that holds on a day, under the lock of the person.
CREATE FUNCTION casework_internal.lock_detention(person_reference text, authority text, on_day date, what text)
    RETURNS casework.detention LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := casework_internal.known_person(person_reference, authority);
    held casework.detention;
BEGIN
    PERFORM care_internal.lock_known_person(key, person_reference),
            care_internal.require_day(format('person %s', person_reference), what, on_day);
    SELECT d.* INTO held FROM casework.detention_known_at('infinity') AS d
    WHERE d.person_id = key AND on_day >= d.from_day AND (d.to_day IS NULL OR on_day <= d.to_day);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'person_is_detained',
            MESSAGE = format('person %s is not detained on %s', person_reference, care_internal.day_text(on_day)),
            HINT = 'casework.record_detention() says where they are.';
    END IF;
    RETURN held;
END
$$;
COMMENT ON FUNCTION casework_internal.lock_detention(text, text, date, text) IS
    'The detention of a person that holds on a day, the person locked against other writers; 55000 if there is none.';

CREATE FUNCTION casework.move_detention(person_reference text, on_day date, establishment text DEFAULT NULL,
                                        place text DEFAULT NULL, place_authority text DEFAULT NULL,
                                        kind text DEFAULT NULL, authority text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    held casework.detention := casework_internal.lock_detention(person_reference, authority, on_day, 'on_day');
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'establishment', 'prison_establishment', establishment, NULL,
                                           nullable => place IS NOT NULL),
            casework_internal.require_code(label, 'kind', 'prison_agency_type', kind, NULL, nullable => true);
    IF held.from_day = on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'move_after_arrival',
            MESSAGE = format('%s came on %s: there is no move on that day', label, care_internal.day_text(on_day)),
            HINT = 'To correct where they came to, use casework.record_detention(..., supersedes => ...).';
    END IF;
    INSERT INTO casework.detention (person_id, kind, establishment, place, place_authority, from_day, to_day, note,
                                    supersedes)
    VALUES (held.person_id, held.kind, held.establishment, held.place, held.place_authority, held.from_day, on_day - 1,
            held.note, held.detention_id);
    INSERT INTO casework.detention (person_id, kind, establishment, place, place_authority, from_day, to_day)
    VALUES (held.person_id, coalesce(move_detention.kind, held.kind), move_detention.establishment,
            move_detention.place, move_detention.place_authority, on_day, held.to_day)
    RETURNING detention_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.move_detention(text, date, text, text, text, text, text) IS
    'Moves a detained person on a day, also a past one, to another establishment or place: the last day of the one is '
    'the day before the first of the other. Returns the key of the new detention; 55000 if they are not detained then.';
