--
-- event: what was asked for, assessed, provided and reviewed: the events of Client Level Data, and what it asks of a
-- person beside their profile.
--
-- One row an event, as codes; a correction, or the end of a service that was open, is a new row that supersedes.  The
-- same rules hold for rows that are loaded.
--
-- Must not know: any return.
--

CREATE TABLE casework.care_event (
    person_id bigint NOT NULL
        CONSTRAINT care_event_person_fkey REFERENCES care.person,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    event_type text NOT NULL,
    client_type text NOT NULL DEFAULT 'service_user',
    reference text,
    from_day date NOT NULL
        CONSTRAINT care_event_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT care_event_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    description text,
    outcome text,
    support_reason text,
    funding_status text,
    route_of_access text,
    assessment_type text,
    eligible_needs text,
    assessment_method text,
    service_type text,
    service_component text,
    delivery_mechanism text,
    cqc_location_id text,
    unit_cost numeric(18,2),
    cost_frequency text,
    planned_units numeric(18,2),
    review_reason text,
    outcomes_achieved text,
    review_method text,
    is_void boolean NOT NULL DEFAULT false,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT care_event_pkey PRIMARY KEY (person_id, event_id),
    CONSTRAINT care_event_id_key UNIQUE (event_id),
    CONSTRAINT care_event_in_order CHECK (to_day >= from_day),
    CONSTRAINT care_event_void_corrects CHECK (NOT is_void OR supersedes IS NOT NULL),
    CONSTRAINT care_event_no_direct_payment_in_prison
        CHECK (service_type IS DISTINCT FROM 'lt_prison' OR delivery_mechanism IS DISTINCT FROM 'direct_payment'
               AND service_component IS DISTINCT FROM 'direct_payment'),
    CONSTRAINT care_event_of_request CHECK (event_type = 'request' OR route_of_access IS NULL),
    CONSTRAINT care_event_of_assessment
        CHECK (event_type = 'assessment' OR num_nonnulls(assessment_type, eligible_needs, assessment_method) = 0),
    CONSTRAINT care_event_of_service
        CHECK (event_type = 'service' OR num_nonnulls(service_type, service_component, delivery_mechanism,
                                                      cqc_location_id, unit_cost, cost_frequency, planned_units) = 0),
    CONSTRAINT care_event_of_review
        CHECK (event_type = 'review' OR num_nonnulls(review_reason, outcomes_achieved, review_method) = 0)
);
CREATE INDEX care_event_location_idx ON casework.care_event (cqc_location_id) WHERE cqc_location_id IS NOT NULL;
COMMENT ON INDEX casework.care_event_location_idx IS 'Finds who is at a location.';
COMMENT ON TABLE casework.care_event IS
    'Requests, assessments, services and reviews of each person. A correction, and the end of a service, is a new row '
    'that supersedes the earlier one.';
COMMENT ON COLUMN casework.care_event.event_id IS 'Key within the person.';
COMMENT ON COLUMN casework.care_event.event_type IS 'request, assessment, service or review.';
COMMENT ON COLUMN casework.care_event.client_type IS 'As whom: a code of list cld_client_type.';
COMMENT ON COLUMN casework.care_event.reference IS 'The case-management system''s reference of the event.';
COMMENT ON COLUMN casework.care_event.from_day IS 'First day.';
COMMENT ON COLUMN casework.care_event.to_day IS 'Last day, counted; null: it goes on.';
COMMENT ON COLUMN casework.care_event.description IS 'In words.';
COMMENT ON COLUMN casework.care_event.outcome IS 'What it led to: a code of list cld_event_outcome.';
COMMENT ON COLUMN casework.care_event.support_reason IS
    'The primary support reason of this event: a code of list cld_primary_support_reason; null: that of the person.';
COMMENT ON COLUMN casework.care_event.funding_status IS 'A code of list cld_client_funding_status.';
COMMENT ON COLUMN casework.care_event.route_of_access IS 'Of a request: a code of list cld_route_of_access.';
COMMENT ON COLUMN casework.care_event.assessment_type IS 'Of an assessment: a code of list cld_assessment_type.';
COMMENT ON COLUMN casework.care_event.eligible_needs IS 'Of an assessment: what it found, in the words of the return.';
COMMENT ON COLUMN casework.care_event.assessment_method IS 'Of an assessment: how, in the words of the return.';
COMMENT ON COLUMN casework.care_event.service_type IS 'Of a service: a code of list cld_service_type.';
COMMENT ON COLUMN casework.care_event.service_component IS 'Of a service: a code of list cld_service_component.';
COMMENT ON COLUMN casework.care_event.delivery_mechanism IS 'Of a service: a code of list cld_delivery_mechanism.';
COMMENT ON COLUMN casework.care_event.cqc_location_id IS 'Of a service: where, by the Care Quality Commission''s id.';
COMMENT ON COLUMN casework.care_event.unit_cost IS 'Of a service: pounds a unit.';
COMMENT ON COLUMN casework.care_event.cost_frequency IS 'Of a service: the unit, a code of list cld_cost_frequency.';
COMMENT ON COLUMN casework.care_event.planned_units IS 'Of a service: units a week.';
COMMENT ON COLUMN casework.care_event.review_reason IS 'Of a review: a code of list cld_review_reason.';
COMMENT ON COLUMN casework.care_event.outcomes_achieved IS 'Of a review: in the words of the return.';
COMMENT ON COLUMN casework.care_event.review_method IS 'Of a review: a code of list cld_review_method.';
COMMENT ON COLUMN casework.care_event.is_void IS 'The event that this row supersedes never happened.';
SELECT care_internal.keep('casework.care_event', 'person', 'casework.record_care_event(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.care_event', 'event_id', 'person_id', 'NOT r.is_void');
ALTER FUNCTION casework.care_event_known_at(timestamptz) ROWS 100000;

CREATE TABLE casework.client_detail (
    person_id bigint NOT NULL
        CONSTRAINT client_detail_person_fkey REFERENCES care.person,
    client_detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    postcode text,
    accommodation_status text,
    employment_status text,
    has_unpaid_carer text,
    autism text,
    visual_impairment text,
    hearing_impairment text,
    dementia text,
    gp_practice_code text,
    gp_practice_name text,
    hours_caring text,
    adults_cared_for integer
        CONSTRAINT client_detail_adults CHECK (adults_cared_for BETWEEN 0 AND 99),
    linked_persons text[]
        CONSTRAINT client_detail_three_linked CHECK (cardinality(linked_persons) <= 3),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT client_detail_pkey PRIMARY KEY (person_id, client_detail_id),
    CONSTRAINT client_detail_id_key UNIQUE (client_detail_id)
);
COMMENT ON TABLE casework.client_detail IS
    'What Client Level Data asks of each person beside casework.profile; the last row holds.';
COMMENT ON COLUMN casework.client_detail.client_detail_id IS 'Key within the person.';
COMMENT ON COLUMN casework.client_detail.postcode IS 'Postcode.';
COMMENT ON COLUMN casework.client_detail.accommodation_status IS 'A code of list cld_accommodation_status.';
COMMENT ON COLUMN casework.client_detail.employment_status IS 'A code of list cld_employment_status.';
COMMENT ON COLUMN casework.client_detail.has_unpaid_carer IS 'In the words of the return: Yes, No, Unknown.';
COMMENT ON COLUMN casework.client_detail.autism IS 'In the words of the return.';
COMMENT ON COLUMN casework.client_detail.visual_impairment IS 'A code of list cld_visual_impairment.';
COMMENT ON COLUMN casework.client_detail.hearing_impairment IS 'A code of list cld_hearing_impairment.';
COMMENT ON COLUMN casework.client_detail.dementia IS 'In the words of the return.';
COMMENT ON COLUMN casework.client_detail.gp_practice_code IS 'ODS code of the practice.';
COMMENT ON COLUMN casework.client_detail.gp_practice_name IS 'Name of the practice: release 1 alone asks for it.';
COMMENT ON COLUMN casework.client_detail.hours_caring IS 'Of a carer: hours a week, in the words of the return.';
COMMENT ON COLUMN casework.client_detail.adults_cared_for IS 'Of a carer: how many adults.';
COMMENT ON COLUMN casework.client_detail.linked_persons IS 'Of a carer: references of up to three adults cared for.';
SELECT care_internal.keep('casework.client_detail', 'person', 'casework.record_client_detail()');

-- Which columns hold codes, and of which lists.
CREATE FUNCTION casework_internal.event_codes(e casework.care_event) RETURNS TABLE (item text, list text, value text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 14
BEGIN ATOMIC
    SELECT v.item, v.list, v.value
    FROM (VALUES ('event_type', 'cld_event_type', (e).event_type), ('client_type', 'cld_client_type', (e).client_type),
                 ('outcome', 'cld_event_outcome', (e).outcome),
                 ('support_reason', 'cld_primary_support_reason', (e).support_reason),
                 ('funding_status', 'cld_client_funding_status', (e).funding_status),
                 ('route_of_access', 'cld_route_of_access', (e).route_of_access),
                 ('assessment_type', 'cld_assessment_type', (e).assessment_type),
                 ('service_type', 'cld_service_type', (e).service_type),
                 ('service_component', 'cld_service_component', (e).service_component),
                 ('delivery_mechanism', 'cld_delivery_mechanism', (e).delivery_mechanism),
                 ('cost_frequency', 'cld_cost_frequency', (e).cost_frequency),
                 ('review_reason', 'cld_review_reason', (e).review_reason),
                 ('review_method', 'cld_review_method', (e).review_method)) AS v (item, list, value)
    WHERE v.value IS NOT NULL;
END;
COMMENT ON FUNCTION casework_internal.event_codes(casework.care_event) IS
    'The codes of an event, each with its column and its list.';

-- In one pass, whether by function or loaded; what comes from a dump was looked at when it was recorded.
CREATE FUNCTION casework_internal.care_event_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT n.person_id, c.item, c.list, c.value INTO wrong
    FROM new_rows AS n, LATERAL casework_internal.event_codes(n) AS c
    WHERE care_internal.is_new(n.recorded_at)
      AND NOT EXISTS (SELECT FROM casework.code AS k WHERE k.list = c.list AND k.code = c.value AND k.code <> '*')
    ORDER BY n.person_id, n.event_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'code_known', SCHEMA = 'casework', TABLE = 'care_event',
            COLUMN = wrong.item,
            MESSAGE = format('event of person %s: %s: %L is no code of list %s', wrong.person_id, wrong.item,
                             wrong.value, wrong.list),
            HINT = format('SELECT code, label FROM casework.code WHERE list = %L lists them.', wrong.list);
    END IF;
    SELECT n.person_id, n.cqc_location_id INTO wrong FROM new_rows AS n
    WHERE care_internal.is_new(n.recorded_at) AND n.cqc_location_id !~ (
        SELECT p.value FROM casework.parameter_on('cqc_id_pattern', NULL, care.today()) AS p)
    ORDER BY n.person_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'cqc_id_form', SCHEMA = 'casework', TABLE = 'care_event',
            COLUMN = 'cqc_location_id',
            MESSAGE = format('event of person %s: %L is no id of a location', wrong.person_id, wrong.cqc_location_id);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION casework_internal.care_event_rule() IS
    'Trigger: refuses (22023) events with what is no code of its list, or no id of a location.';
CREATE TRIGGER care_event_rule AFTER INSERT ON casework.care_event
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION casework_internal.care_event_rule();
COMMENT ON TRIGGER care_event_rule ON casework.care_event IS 'Codes are codes of their lists.';
INSERT INTO casework.parameter (name, valid_from, value, status, meaning, source, shipped, recorded_at, recorded_by)
VALUES ('cqc_id_pattern', '0001-01-01', '^1-[0-9]{6,12}$', 'no official grammar was found',
        'regular expression of the ids of providers and locations', 'ids seen in published files', true,
        '2026-11-26 00:00:00+00', 'care_casework');

SELECT care_internal.ask_last_as_known('casework.client_detail', 'client_detail_id', 'person_id');
