--
-- enquiry_write: recording an enquiry, what the adult wants, risks, actions.
--
-- Nothing here comes before anything else: an enquiry may be opened and concluded on one day with nothing between.
--
-- Must not know: how an enquiry is concluded, how the return counts.
--

SELECT care_internal.keep_setting('cqc_location_pattern', '^.{1,200}$', '^1-[0-9]{6,12}$',
           'regular expression of the ids of CQC locations; no official grammar was found', 'care_casework');

CREATE FUNCTION casework.add_concern(enquiry_id bigint, concern_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    concern record := casework_internal.lock_record('concern', concern_id);
BEGIN
    IF (SELECT (e.person_id, e.authority) <> (c.person_id, c.authority)
        FROM casework.enquiry AS e, casework.concern AS c
        WHERE e.enquiry_id = add_concern.enquiry_id AND c.concern_id = add_concern.concern_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'enquiry_of_one_person', SCHEMA = 'casework',
            TABLE = 'enquiry_concern', COLUMN = 'concern_id',
            MESSAGE = format('%s is not about the person of %s', held.label, concern.label),
            HINT = 'An enquiry is about one person of one authority: make one for each.';
    END IF;
    INSERT INTO casework.enquiry_concern (enquiry_id, concern_id)
    VALUES (add_concern.enquiry_id, add_concern.concern_id)
    ON CONFLICT ON CONSTRAINT enquiry_concern_pkey DO NOTHING;
END
$$;
COMMENT ON FUNCTION casework.add_concern(bigint, bigint) IS
    'Makes a concern about the same person part of an enquiry; 23514 for one about another.';

CREATE FUNCTION casework.open_enquiry(reference text, concern_ids bigint[], started_on date,
                                      type text DEFAULT 'section_42', pathway text DEFAULT NULL,
                                      led_by text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first casework.concern;
    label text := format('enquiry %s', reference);
    key int8;
    of_concern int8;
BEGIN
    SELECT c.* INTO first FROM casework.concern AS c
    WHERE c.concern_id = concern_ids[1] AND casework_internal.sees(c.authority);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'enquiry_has_concern', SCHEMA = 'casework',
            TABLE = 'enquiry_concern', COLUMN = 'concern_id',
            MESSAGE = format('%s: no such concern: %s', label, coalesce(concern_ids[1]::text, 'null')),
            HINT = 'An enquiry is about one concern or more of one person.';
    END IF;
    label := casework_internal.require_new('enquiry', first.authority, reference, started_on);
    PERFORM care_internal.require_day(label, 'started_on', started_on),
            casework_internal.require_code(label, 'type', 'sg_enquiry_type', type, NULL);
    INSERT INTO casework.enquiry (person_id, authority, reference)
    VALUES (first.person_id, first.authority, open_enquiry.reference)
    RETURNING enquiry_id INTO key;
    FOREACH of_concern IN ARRAY concern_ids LOOP
        PERFORM casework.add_concern(key, of_concern);
    END LOOP;
    INSERT INTO casework.enquiry_detail (enquiry_id, type, started_on, pathway, led_by)
    VALUES (key, open_enquiry.type, open_enquiry.started_on, open_enquiry.pathway, open_enquiry.led_by);
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework.open_enquiry(text, bigint[], date, text, text, text) IS
    'Opens an enquiry, section_42 or other, about one concern or more of one person, and returns the key. 23514 for '
    'concerns of several persons.';

-- What is recorded of an enquiry after its conclusion must agree with it.
CREATE FUNCTION casework.record_enquiry_detail(enquiry_id bigint, type text DEFAULT NULL, started_on date DEFAULT NULL,
                                               pathway text DEFAULT NULL, led_by text DEFAULT NULL,
                                               asked text DEFAULT NULL, asked_on date DEFAULT NULL,
                                               capacity text DEFAULT NULL, supported boolean DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    d casework.enquiry_detail;
BEGIN
    SELECT x.* INTO STRICT d FROM casework.enquiry_detail AS x
    WHERE x.enquiry_id = record_enquiry_detail.enquiry_id ORDER BY x.detail_id DESC LIMIT 1;
    d.type := coalesce(type, d.type);
    d.started_on := coalesce(started_on, d.started_on);
    d.pathway := coalesce(pathway, d.pathway);
    d.led_by := coalesce(led_by, d.led_by);
    d.asked := coalesce(asked, d.asked);
    d.asked_on := coalesce(asked_on, d.asked_on);
    d.capacity := coalesce(capacity, d.capacity);
    d.supported := CASE WHEN d.capacity = 'lacked' THEN coalesce(supported, d.supported) ELSE supported END;
    PERFORM care_internal.require_day(held.label, 'started_on', d.started_on),
            care_internal.require_day(held.label, 'asked_on', d.asked_on, nullable => true),
            casework_internal.require_code(held.label, 'type', 'sg_enquiry_type', d.type, NULL),
            casework_internal.require_code(held.label, 'asked', 'sac_outcomes_asked', d.asked, NULL, nullable => true),
            casework_internal.require_code(held.label, 'capacity', 'sac_capacity', nullif(d.capacity, 'supported'),
                                           NULL, nullable => d.capacity IS NULL);
    IF d.supported IS NOT NULL AND d.capacity IS DISTINCT FROM 'lacked' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'enquiry_detail_supported', SCHEMA = 'casework',
            TABLE = 'enquiry_detail', COLUMN = 'supported',
            MESSAGE = format('%s: support is recorded of an adult who lacked capacity', held.label),
            HINT = 'Say capacity => ''lacked'' too, or leave supported out.';
    END IF;
    INSERT INTO casework.enquiry_detail (enquiry_id, type, started_on, pathway, led_by, asked, asked_on, capacity,
                                         supported)
    VALUES (d.enquiry_id, d.type, d.started_on, d.pathway, d.led_by, d.asked, d.asked_on, d.capacity, d.supported);
    PERFORM casework_internal.require_sound(enquiry_id, held.label);
END
$$;
COMMENT ON FUNCTION casework.record_enquiry_detail(bigint, text, date, text, text, text, date, text, boolean) IS
    'Records how an enquiry stands: whether the adult was asked what they want, whether they lacked capacity and were '
    'supported, who leads it; what is null stays as it was.';

CREATE FUNCTION casework.withdraw_enquiry(enquiry_id bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.lock_record('enquiry', enquiry_id);
    INSERT INTO casework.enquiry_detail (enquiry_id, type, pathway, led_by, asked, asked_on, capacity, supported)
    SELECT d.enquiry_id, d.type, d.pathway, d.led_by, d.asked, d.asked_on, d.capacity, d.supported
    FROM casework.enquiry_detail AS d
    WHERE d.enquiry_id = withdraw_enquiry.enquiry_id ORDER BY d.detail_id DESC LIMIT 1;
END
$$;
COMMENT ON FUNCTION casework.withdraw_enquiry(bigint) IS
    'Says that an enquiry was recorded in error: it stays on the record and counts nowhere. '
    'casework.record_enquiry_detail() with its day brings it back.';

CREATE FUNCTION casework.record_wanted_outcome(enquiry_id bigint, own_words text, voiced_by text DEFAULT 'adult',
                                               representative text DEFAULT NULL, kinds text[] DEFAULT NULL,
                                               supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
    kind text;
    new_id int8;
BEGIN
    kinds := nullif(kinds, '{}');
    PERFORM casework_internal.require_code(held.label, 'voiced_by', 'sg_voice', voiced_by, NULL),
            care_internal.require_correctable(held.label, 'casework.wanted_outcome', 'enquiry_id', enquiry_id,
                                                  'outcome_id', supersedes);
    FOREACH kind IN ARRAY coalesce(kinds, '{}') LOOP
        PERFORM casework_internal.require_code(held.label, 'kinds', 'sg_wanted_outcome', kind, NULL);
    END LOOP;
    IF voiced_by <> 'adult' AND coalesce(representative, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'not_null_violation', CONSTRAINT = 'wanted_outcome_voice', SCHEMA = 'casework',
            TABLE = 'wanted_outcome', COLUMN = 'representative',
            MESSAGE = format('%s: who spoke for the adult must be named', held.label);
    ELSIF own_words = '' THEN
        PERFORM care_internal.require_text(held.label, 'own_words', own_words);
    ELSIF own_words IS NULL AND kinds IS NOT NULL
          AND (SELECT coalesce(e.asked, 'expressed') = 'expressed' FROM casework.enquiry AS e
               WHERE e.enquiry_id = record_wanted_outcome.enquiry_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'wanted_outcome_words', SCHEMA = 'casework',
            TABLE = 'wanted_outcome', COLUMN = 'own_words',
            MESSAGE = format('%s: an outcome has a kind and no words', held.label),
            HINT = 'Kinds stand beside the words, never instead, unless the record says that nothing was expressed.';
    ELSIF own_words IS NULL AND kinds IS NULL AND supersedes IS NULL THEN
        PERFORM care_internal.require_text(held.label, 'own_words', own_words);
    END IF;
    INSERT INTO casework.wanted_outcome (enquiry_id, own_words, voiced_by, representative, kinds, supersedes)
    VALUES (record_wanted_outcome.enquiry_id, record_wanted_outcome.own_words, record_wanted_outcome.voiced_by,
            record_wanted_outcome.representative, record_wanted_outcome.kinds, record_wanted_outcome.supersedes)
    RETURNING outcome_id INTO new_id;
    -- corrected words were achieved as far as those they correct
    INSERT INTO casework.outcome_rating (enquiry_id, outcome_id, achieved)
    SELECT r.enquiry_id, new_id, r.achieved FROM casework.outcome_rating AS r
    WHERE r.enquiry_id = record_wanted_outcome.enquiry_id AND r.outcome_id = record_wanted_outcome.supersedes
    ORDER BY r.rating_id DESC LIMIT 1;
    PERFORM casework_internal.require_sound(enquiry_id, held.label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_wanted_outcome(bigint, text, text, text, text[], bigint) IS
    'Records what the adult wants in their own words, or those of whoever speaks for them and is named, with kinds '
    'beside the words, and returns the key. supersedes corrects a row, or, without words and kinds, withdraws it.';

CREATE FUNCTION casework.rate_outcome(enquiry_id bigint, outcome_id bigint, achieved text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('enquiry', enquiry_id);
BEGIN
    PERFORM casework_internal.require_code(held.label, 'achieved', 'sac_outcomes_achieved', achieved, NULL),
            care_internal.require_correctable(held.label, 'casework.wanted_outcome', 'enquiry_id', enquiry_id,
                                                  'outcome_id', coalesce(outcome_id, -1));
    INSERT INTO casework.outcome_rating (enquiry_id, outcome_id, achieved)
    VALUES (rate_outcome.enquiry_id, rate_outcome.outcome_id, rate_outcome.achieved);
END
$$;
COMMENT ON FUNCTION casework.rate_outcome(bigint, bigint, text) IS
    'Says how far an outcome that the adult wants was achieved: fully, partially or not; said again, the last holds.';
