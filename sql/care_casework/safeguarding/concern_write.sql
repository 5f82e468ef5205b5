--
-- concern_write: recording incidents, concerns and their screening.
--
-- Must not know: enquiries.
--

CREATE FUNCTION casework.record_incident(authority text, reference text, name text DEFAULT NULL,
                                         from_day date DEFAULT NULL, to_day date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('incident %s of %s', reference, authority);
    key int8;
    known casework.incident_detail;
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority),
            care_internal.require_text(label, 'reference', reference);
    INSERT INTO casework.incident (authority, reference)
    VALUES (record_incident.authority, record_incident.reference)
    ON CONFLICT ON CONSTRAINT incident_reference_key DO NOTHING;
    SELECT i.incident_id INTO STRICT key FROM casework.incident AS i
    WHERE i.authority = record_incident.authority AND i.reference = record_incident.reference FOR NO KEY UPDATE;
    SELECT d.* INTO known FROM casework.incident_detail AS d WHERE d.incident_id = key
    ORDER BY d.detail_id DESC LIMIT 1;
    name := coalesce(name, known.name, reference);
    from_day := coalesce(from_day, known.from_day);
    to_day := coalesce(to_day, known.to_day);
    PERFORM care_internal.require_text(label, 'name', name), care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    IF to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'incident_detail_in_order',
            MESSAGE = format('%s cannot end on %s, before it began on %s', label, care_internal.day_text(to_day),
                             care_internal.day_text(from_day));
    END IF;
    INSERT INTO casework.incident_detail (incident_id, name, from_day, to_day)
    VALUES (key, record_incident.name, record_incident.from_day, record_incident.to_day);
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework.record_incident(text, text, text, date, date) IS
    'Records an incident by its reference, now if new, and returns the key; what is null stays as it was.';

CREATE FUNCTION casework_internal.incident_key(label text, authority text, reference text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
BEGIN
    IF reference IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT i.incident_id INTO key FROM casework.incident AS i
    WHERE i.authority = incident_key.authority AND i.reference = incident_key.reference FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'incident_exists', SCHEMA = 'casework', TABLE = 'incident',
            COLUMN = 'reference', MESSAGE = format('%s: %s has no incident %L', label, authority, reference),
            HINT = 'Record it first: casework.record_incident().';
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework_internal.incident_key(text, text, text) IS
    'The key of an incident of an authority, kept from being disposed of meanwhile; P0002 if there is none.';

CREATE FUNCTION casework.raise_concern(authority text, person_reference text, reference text, raised_on date,
                                       summary text DEFAULT NULL, raised_by text DEFAULT NULL,
                                       location text DEFAULT NULL, incident_reference text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := casework_internal.require_new('concern', authority, reference, raised_on);
    of_incident int8 := casework_internal.incident_key(label, authority, incident_reference);
    key int8;
BEGIN
    IF coalesce(person_reference, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'not_null_violation', CONSTRAINT = 'concern_has_person', SCHEMA = 'casework', TABLE = 'concern',
            COLUMN = 'person_id', MESSAGE = format('%s is about nobody', label),
            HINT = 'A concern is about one adult at risk: one concern for each, joined by an incident.';
    END IF;
    PERFORM care_internal.require_day(label, 'raised_on', raised_on),
            casework_internal.require_code(label, 'raised_by', 'sg_raised_by', raised_by, raised_on, nullable => true),
            casework_internal.require_code(label, 'location', 'sac_location', location, raised_on, nullable => true);
    INSERT INTO casework.concern (person_id, authority, reference)
    VALUES (casework_internal.record_person(raise_concern.authority, person_reference), raise_concern.authority,
            raise_concern.reference)
    RETURNING concern_id INTO key;
    INSERT INTO casework.concern_detail (concern_id, raised_on, raised_by, summary, location, incident_id)
    VALUES (key, raise_concern.raised_on, raise_concern.raised_by, raise_concern.summary, raise_concern.location,
            of_incident);
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework.raise_concern(text, text, text, date, text, text, text, text) IS
    'Records a concern about one adult at risk and returns the key. 23502 without a person, 22023 for an unknown code, '
    'P0002 for an unknown incident.';

CREATE FUNCTION casework.correct_concern(concern_id bigint, raised_on date DEFAULT NULL, summary text DEFAULT NULL,
                                         raised_by text DEFAULT NULL, location text DEFAULT NULL,
                                         incident_reference text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('concern', concern_id);
    known casework.concern_detail;
    on_day date;
BEGIN
    SELECT d.* INTO STRICT known FROM casework.concern_detail AS d
    WHERE d.concern_id = correct_concern.concern_id ORDER BY d.detail_id DESC LIMIT 1;
    on_day := coalesce(raised_on, known.raised_on);
    PERFORM care_internal.require_day(held.label, 'raised_on', on_day),
            casework_internal.require_code(held.label, 'raised_by', 'sg_raised_by', raised_by, on_day,
                                           nullable => true),
            casework_internal.require_code(held.label, 'location', 'sac_location', location, on_day, nullable => true);
    INSERT INTO casework.concern_detail (concern_id, raised_on, raised_by, summary, location, incident_id)
    VALUES (known.concern_id, on_day, coalesce(correct_concern.raised_by, known.raised_by),
            coalesce(correct_concern.summary, known.summary), coalesce(correct_concern.location, known.location),
            coalesce(casework_internal.incident_key(held.label, held.authority, incident_reference),
                     known.incident_id));
END
$$;
COMMENT ON FUNCTION casework.correct_concern(bigint, date, text, text, text, text) IS
    'Corrects what was recorded of a concern by another row; what is null stays as it was.';

CREATE FUNCTION casework.withdraw_concern(concern_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.lock_record('concern', concern_id);
    INSERT INTO casework.concern_detail (concern_id, raised_by, summary, location, incident_id)
    SELECT d.concern_id, d.raised_by, d.summary, d.location, d.incident_id FROM casework.concern_detail AS d
    WHERE d.concern_id = withdraw_concern.concern_id ORDER BY d.detail_id DESC LIMIT 1;
END
$$;
COMMENT ON FUNCTION casework.withdraw_concern(bigint) IS
    'Says that a concern was recorded in error: it stays on the record and counts nowhere. casework.correct_concern() '
    'with its day brings it back.';

CREATE FUNCTION casework.record_screening(concern_id bigint, decided_on date, reasonable_cause boolean, needs boolean,
                                          risk boolean, unable_to_protect boolean, decision text DEFAULT NULL,
                                          reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('concern', concern_id);
    met boolean := reasonable_cause AND needs AND risk AND unable_to_protect;
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(held.label, 'decided_on', decided_on);
    IF decision IS NOT NULL THEN
        PERFORM care_internal.require_word(held.label, 'decision', decision, '{section_42,other,none}');
    END IF;
    IF met AND decision <> 'section_42' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'screening_duty', SCHEMA = 'casework', TABLE = 'screening',
            COLUMN = 'decision',
            MESSAGE = format('%s: there is reasonable cause and all three tests are met: the decision cannot be %s',
                             held.label, decision),
            HINT = 'The authority must make enquiries, or cause them to be made: the decision is section_42.';
    ELSIF NOT met AND decision = 'section_42' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'screening_tests', SCHEMA = 'casework', TABLE = 'screening',
            COLUMN = 'decision',
            MESSAGE = format('%s: not all three tests are met: the decision cannot be section_42', held.label),
            HINT = 'An enquiry that is made although they are not met is other.';
    END IF;
    INSERT INTO casework.screening (concern_id, decided_on, reasonable_cause, needs, risk, unable_to_protect, decision,
                                    reason)
    VALUES (record_screening.concern_id, record_screening.decided_on, record_screening.reasonable_cause,
            record_screening.needs, record_screening.risk, record_screening.unable_to_protect,
            record_screening.decision, record_screening.reason)
    RETURNING screening_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_screening(bigint, date, boolean, boolean, boolean, boolean, text, text) IS
    'Records what the authority made of a concern against the tests of section 42 (null: not known yet), and the '
    'decision, section_42, other or none (null: not yet). 23514 where the tests are met and the decision is another.';
