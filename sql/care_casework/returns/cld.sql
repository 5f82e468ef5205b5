--
-- cld: Client Level Data: which events a period has, and the rows that are sent.
--
-- A row follows from the events as they were known at a moment, so that what was sent can be worked out again: no
-- copy of it is kept.  The layout of the file that is sent, its dates and the national code of an authority were not
-- read: they are parameters.
--
-- Must not know: checks, tables made from it.
--

INSERT INTO casework.parameter (name, valid_from, value, status, meaning, source, shipped, recorded_at, recorded_by)
VALUES ('cld_iso_dates', '2023-04-01', 't', 'not read: dates are written YYYY-MM-DD',
        'whether dates of the file are written YYYY-MM-DD, or else DD/MM/YYYY', 'CLD-DQ', true,
            '2026-11-26 00:00:00+00',
        'care_casework'),
       ('cld_gss_code', '2023-04-01', 't', 'not read: the GSS code is taken',
        'whether the code of an authority in the file is its GSS code', 'CLD-DQ', true, '2026-11-26 00:00:00+00',
        'care_casework');

-- The end that counts: that of the event, or the death, as the published code has it.  A death on the very day an open
-- event begins does not end it.
CREATE FUNCTION casework.derived_end(from_day date, to_day date, died_on date) RETURNS date
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN died_on >= from_day AND died_on <= to_day OR to_day IS NULL AND died_on > from_day THEN died_on
                ELSE to_day END;
COMMENT ON FUNCTION casework.derived_end(date, date, date) IS
    'The end of an event: the death, if it lies between start and end, both counted, or if there is no end and it is '
    'after the start; else the end.';

CREATE FUNCTION casework.is_in_period(event_type text, from_day date, derived_end date, died_on date, period_from date,
                                      period_to date) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(from_day <= period_to
                    AND CASE WHEN event_type = 'service' THEN derived_end IS NULL OR derived_end >= period_from
                             ELSE derived_end BETWEEN period_from AND period_to END
                    AND (died_on IS NULL OR died_on >= period_from AND died_on >= from_day), false);
COMMENT ON FUNCTION casework.is_in_period(text, date, date, date, date, date) IS
    'Does an event belong to a period? A service that is open in it; another that ends in it. Not without a start, nor '
    'after a death.';

-- True ages; the published figures take whole 365.25 days from the first of the birth month.
CREATE FUNCTION casework.age_on(date_of_birth date, on_day date) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN date_part('year', age(on_day::timestamp, date_of_birth::timestamp))::integer;
COMMENT ON FUNCTION casework.age_on(date, date) IS 'Age in years; a year begins with the birthday.';

CREATE FUNCTION casework.published_age_on(date_of_birth date, on_day date) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN trunc((on_day - date_trunc('month', date_of_birth::timestamp)::date) / 365.25)::integer;
COMMENT ON FUNCTION casework.published_age_on(date, date) IS
    'Age as published figures have it: whole 365.25 days since the first of the month of birth, which may be a year '
    'less on a birthday.';

-- The events of a period, as codes, with the person.
CREATE FUNCTION casework.cld_event(period_from date, period_to date, known_at timestamptz DEFAULT 'infinity',
                                   authority text DEFAULT NULL)
    RETURNS TABLE (authority text, person_id bigint, person_reference text, nhs_number text, nhs_traced boolean,
                   date_of_birth date, died_on date, gender text, ethnicity text, support_reason text,
                   accommodation_status text, employment_status text, event_id bigint, event_type text,
                   client_type text, reference text, from_day date, to_day date, derived_end date, description text,
                   outcome text, funding_status text, route_of_access text, assessment_type text, eligible_needs text,
                   assessment_method text, service_type text, service_component text, delivery_mechanism text,
                   cqc_location_id text, unit_cost numeric, cost_frequency text, planned_units numeric,
                   review_reason text, outcomes_achieved text, review_method text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000
BEGIN ATOMIC
    SELECT p.authority, p.person_id, p.reference, b.nhs_number::text, coalesce(b.nhs_number_status = '01', false),
           b.date_of_birth, x.died_on, f.gender, f.ethnicity, coalesce(e.support_reason, f.support_reason),
           d.accommodation_status, d.employment_status, e.event_id, e.event_type, e.client_type, e.reference,
           e.from_day, e.to_day, casework.derived_end(e.from_day, e.to_day, x.died_on), e.description, e.outcome,
           e.funding_status, e.route_of_access, e.assessment_type, e.eligible_needs, e.assessment_method,
           e.service_type, e.service_component, e.delivery_mechanism, e.cqc_location_id, e.unit_cost, e.cost_frequency,
           e.planned_units, e.review_reason, e.outcomes_achieved, e.review_method
    FROM casework.care_event_known_at(cld_event.known_at) AS e
        JOIN care.person AS p ON p.person_id = e.person_id
        LEFT JOIN care.person_detail_known_at(cld_event.known_at) AS b ON b.person_id = e.person_id
        LEFT JOIN care.death_known_at(cld_event.known_at) AS x ON x.person_id = e.person_id
        LEFT JOIN casework.profile_known_at(cld_event.known_at) AS f ON f.person_id = e.person_id
        LEFT JOIN casework.client_detail_known_at(cld_event.known_at) AS d ON d.person_id = e.person_id
    WHERE casework_internal.require_authority_or_all(cld_event.authority)
      AND (cld_event.authority IS NULL OR p.authority = cld_event.authority)
      AND casework.is_in_period(e.event_type, e.from_day, casework.derived_end(e.from_day, e.to_day, x.died_on),
                                x.died_on, cld_event.period_from, cld_event.period_to);
END;
COMMENT ON FUNCTION casework.cld_event(date, date, timestamptz, text) IS
    'The events that belong to a period, as they were known at a moment, as codes, with what is known of the person; '
    'derived_end is the end that counts. P0002 for what is no authority.';

-- Labels are looked up as one object a list, once a query.
CREATE FUNCTION casework_internal.labels(list text) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(jsonb_object_agg(c.code, c.label), '{}') FROM casework.code AS c
    WHERE c.list = labels.list AND c.code <> '*';
END;
COMMENT ON FUNCTION casework_internal.labels(text) IS 'The labels of a list by its codes.';

CREATE FUNCTION casework_internal.require_quarter(quarter_end date) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (quarter_end BETWEEN '0001-01-01' AND '9999-12-31'
        AND to_char(quarter_end, 'MM-DD') IN ('03-31', '06-30', '09-30', '12-31')) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'quarter_end', COLUMN = 'quarter_end',
            MESSAGE = format('a quarter cannot end on %s', care_internal.day_text(quarter_end)),
            HINT = 'It ends on 31 March, 30 June, 30 September or 31 December.';
    ELSIF quarter_end < '2023-06-30' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'cld_in_force', COLUMN = 'quarter_end',
            MESSAGE = format('there was no Client Level Data for the quarter to %s',
                             care_internal.day_text(quarter_end)),
            HINT = 'It is collected from 2023-04-01.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_quarter(date) IS
    'Refuses (22023) what is no last day of a quarter of the collection.';
