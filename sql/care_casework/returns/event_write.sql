--
-- event_write: events and details of a person are recorded by their names, as JSON, and corrected.
--
-- Must not know: any return.
--

-- Names that are not columns of facts are refused, as a misspelt one would be lost.
CREATE FUNCTION casework_internal.require_items(label text, items jsonb, relation regclass, besides text[])
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    unknown text;
BEGIN
    IF items IS NULL OR jsonb_typeof(items) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'items_are_object', COLUMN = 'items',
            MESSAGE = format('%s: items must be a JSON object', label);
    END IF;
    SELECT k INTO unknown FROM jsonb_object_keys(items) AS k
    WHERE k <> ALL (care_internal.columns_of(relation, false)) OR k = ANY (besides) ORDER BY k LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'item_known', COLUMN = unknown,
            MESSAGE = format('%s: there is no item %s', label, unknown),
            HINT = format('They are columns of %s.', relation);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_items(text, jsonb, regclass, text[]) IS
    'Refuses (22023) items that are no object, or are named as no column that may be given.';

CREATE FUNCTION casework.record_care_event(authority text, person_reference text, event_type text, from_day date,
                                           items jsonb DEFAULT '{}', supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('event of person %s', person_reference);
    key bigint;
    given casework.care_event;
    misplaced record;
    new_id bigint;
BEGIN
    PERFORM care_internal.require_day(label, 'from_day', from_day),
            casework_internal.require_code(label, 'event_type', 'cld_event_type', event_type, NULL),
            casework_internal.require_items(label, items, 'casework.care_event',
                '{person_id,event_id,event_type,from_day,supersedes,recorded_at,recorded_by}'),
            casework_internal.day_from(label, 'to_day', items->>'to_day');
    given := jsonb_populate_record(NULL::casework.care_event, items || '{"person_id": null}');
    PERFORM care_internal.require_day(label, 'to_day', given.to_day, nullable => true);
    SELECT v.item, v.of_type INTO misplaced
    FROM (VALUES ('route_of_access', 'request'), ('assessment_type', 'assessment'), ('eligible_needs', 'assessment'),
                 ('assessment_method', 'assessment'), ('service_type', 'service'), ('service_component', 'service'),
                 ('delivery_mechanism', 'service'), ('cqc_location_id', 'service'), ('unit_cost', 'service'),
                 ('cost_frequency', 'service'), ('planned_units', 'service'), ('review_reason', 'review'),
                 ('outcomes_achieved', 'review'), ('review_method', 'review')) AS v (item, of_type)
    WHERE items->>v.item IS NOT NULL AND v.of_type <> event_type LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'care_event_of_' || misplaced.of_type, COLUMN = misplaced.item,
            MESSAGE = format('%s: %s goes with %s, not with %s', label, misplaced.item, misplaced.of_type, event_type);
    ELSIF given.to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'care_event_in_order', COLUMN = 'to_day',
            MESSAGE = format('%s: it cannot end on %s, before it begins on %s', label,
                             care_internal.day_text(given.to_day), care_internal.day_text(from_day));
    ELSIF given.service_type = 'lt_prison' AND 'direct_payment' IN (given.delivery_mechanism,
        given.service_component) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'care_event_no_direct_payment_in_prison',
            COLUMN = 'delivery_mechanism', MESSAGE = format('%s: there is no direct payment in prison', label);
    END IF;
    PERFORM casework_internal.require_authority(authority, NULL);
    key := care_internal.lock_person(authority, person_reference);
    IF supersedes IS NOT NULL
       AND NOT EXISTS (SELECT FROM casework.care_event_known_at('infinity') AS e
                       WHERE e.person_id = key AND e.event_id = record_care_event.supersedes) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'correctable_exists', COLUMN = 'supersedes',
            MESSAGE = format('%s: there is no event %s to correct', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO casework.care_event (person_id, event_type, client_type, reference, from_day, to_day, description,
        outcome, support_reason, funding_status, route_of_access, assessment_type, eligible_needs, assessment_method,
        service_type, service_component, delivery_mechanism, cqc_location_id, unit_cost, cost_frequency, planned_units,
        review_reason, outcomes_achieved, review_method, is_void, supersedes)
    VALUES (key, record_care_event.event_type, coalesce(given.client_type, 'service_user'), given.reference,
        record_care_event.from_day, given.to_day, given.description, given.outcome, given.support_reason,
        given.funding_status, given.route_of_access, given.assessment_type, given.eligible_needs,
        given.assessment_method, given.service_type, given.service_component, given.delivery_mechanism,
        given.cqc_location_id, given.unit_cost, given.cost_frequency, given.planned_units, given.review_reason,
        given.outcomes_achieved, given.review_method, coalesce(given.is_void, false), record_care_event.supersedes)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_care_event(text, text, text, date, jsonb, bigint) IS
    'Records a request, assessment, service or review of a person and returns its key; items are columns of '
    'casework.care_event by name. supersedes: the whole event anew, as it should be; with is_void, it never happened. '
    '22023 for an unknown item or code, 23514 for what does not go together.';

CREATE FUNCTION casework.end_care_event(authority text, person_reference text, event_id bigint, to_day date,
                                        outcome text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known casework.care_event;
BEGIN
    PERFORM care_internal.require_day(format('event %s', event_id), 'to_day', to_day);
    SELECT e.* INTO known FROM casework.care_event_known_at('infinity') AS e
    WHERE e.person_id = casework_internal.known_person(end_care_event.person_reference, end_care_event.authority)
      AND e.event_id = end_care_event.event_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'correctable_exists', COLUMN = 'event_id',
            MESSAGE = format('person %s has no event %s that could end', person_reference, event_id);
    END IF;
    RETURN casework.record_care_event(authority, person_reference, known.event_type, known.from_day,
        jsonb_strip_nulls((to_jsonb(known) - ('{person_id,event_id,event_type,from_day,supersedes,recorded_at,'
                                              'recorded_by}')::text[])
            || jsonb_build_object('to_day', to_char(end_care_event.to_day, 'YYYY-MM-DD'),
                                  'outcome', coalesce(end_care_event.outcome, known.outcome))),
        supersedes => known.event_id);
END
$$;
COMMENT ON FUNCTION casework.end_care_event(text, text, bigint, date, text) IS
    'Records the last day of an event, and what it led to, and returns the key of the row that supersedes it.';

CREATE FUNCTION casework.record_client_detail(authority text, person_reference text, items jsonb) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key bigint;
    known casework.client_detail;
    new_id bigint;
BEGIN
    PERFORM casework_internal.require_items(label, items, 'casework.client_detail',
                                            '{person_id,client_detail_id,recorded_at,recorded_by}');
    PERFORM casework_internal.require_code(label, v.item, v.list, items->>v.item, NULL, nullable => true)
    FROM (VALUES ('accommodation_status', 'cld_accommodation_status'), ('employment_status', 'cld_employment_status'),
                 ('visual_impairment', 'cld_visual_impairment'), ('hearing_impairment', 'cld_hearing_impairment'))
        AS v (item, list);
    PERFORM casework_internal.require_authority(authority, NULL);
    key := care_internal.lock_person(authority, person_reference);
    SELECT d.* INTO known FROM casework.client_detail_known_at('infinity') AS d WHERE d.person_id = key;
    known := jsonb_populate_record(known, items);
    INSERT INTO casework.client_detail (person_id, postcode, accommodation_status, employment_status, has_unpaid_carer,
        autism, visual_impairment, hearing_impairment, dementia, gp_practice_code, gp_practice_name, hours_caring,
        adults_cared_for, linked_persons)
    VALUES (key, known.postcode, known.accommodation_status, known.employment_status, known.has_unpaid_carer,
        known.autism, known.visual_impairment, known.hearing_impairment, known.dementia, known.gp_practice_code,
        known.gp_practice_name, known.hours_caring, known.adults_cared_for, known.linked_persons)
    RETURNING client_detail_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_client_detail(text, text, jsonb) IS
    'Records what Client Level Data asks of a person, as columns of casework.client_detail by name; what is not given '
    'stays as it was, and null clears it.';
