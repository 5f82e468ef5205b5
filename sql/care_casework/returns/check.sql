--
-- check: the mandatory checks of Client Level Data, field by field, with the published codes of their results.
--
-- A field of a row is passed (1: valid, 0: blank and not mandatory) or failed (-1: blank and mandatory, -2: no value of
-- its list, -7: a value of release 1 in release 2).  Lists that were not read are not held against a value.
--
-- Must not know: how rows are made.
--

-- Which list a field has its words of; null: none that is known.
CREATE FUNCTION casework_internal.cld_field_list(field text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE field WHEN 'Ethnicity' THEN 'cld_ethnicity' WHEN 'Client_Type' THEN 'cld_client_type'
                      WHEN 'Primary_Support_Reason' THEN 'cld_primary_support_reason'
                      WHEN 'Accommodation_Status' THEN 'cld_accommodation_status'
                      WHEN 'Employment_Status' THEN 'cld_employment_status'
                      WHEN 'Visual_Impairment' THEN 'cld_visual_impairment'
                      WHEN 'Hearing_Impairment' THEN 'cld_hearing_impairment'
                      WHEN 'Client_Funding_Status' THEN 'cld_client_funding_status'
                      WHEN 'Event_Type' THEN 'cld_event_type' WHEN 'Event_Outcome' THEN 'cld_event_outcome'
                      WHEN 'Service_Type' THEN 'cld_service_type' WHEN 'Service_Component' THEN 'cld_service_component'
                      WHEN 'Cost_Frequency_Unit_Type' THEN 'cld_cost_frequency' END;
COMMENT ON FUNCTION casework_internal.cld_field_list(text) IS
    'The list of the words of a field; null: it has none, or one that was not read whole.';

-- 2 mandatory in this row, 1 applicable, 0 not applicable, -1 not determined.
CREATE FUNCTION casework.cld_condition(field text, r jsonb) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN field IN ('GP_Practice_Code', 'GP_Practice_Name', 'Date_of_Death') THEN 1
        WHEN field IN ('LA_Code', 'Reporting_Period_Start_Date', 'Reporting_Period_End_Date', 'NHS_Number',
                       'LA_Person_Unique_Identifier', 'Gender', 'Ethnicity', 'Date_of_Birth', 'Client_Type', 'Postcode',
                       'Accommodation_Status', 'Has_Unpaid_Carer') THEN 2
        WHEN field = 'Primary_Support_Reason' THEN CASE WHEN x.event = 'request' THEN 1 ELSE 2 END
        WHEN field = 'Employment_Status'
        THEN CASE WHEN x.client = 'service user' AND lower(r->>'Primary_Support_Reason') = 'learning disability support'
                       AND x.age BETWEEN 18 AND 64 THEN 2 ELSE 1 END
        WHEN field IN ('Autism_Spectrum_Disorder_ASD', 'Visual_Impairment', 'Hearing_Impairment', 'Dementia')
        THEN CASE WHEN x.client = 'service user' THEN 1 ELSE 0 END
        WHEN field = 'Client_Funding_Status'
        THEN CASE WHEN x.client <> 'service user' THEN 0
                  WHEN x.event IN ('service', 'review') OR x.financial THEN 2 ELSE 1 END
        WHEN x.client LIKE '%known by association' AND starts_with(field, 'Event_') THEN 0
        WHEN field IN ('Event_Type', 'Event_Start_Date') THEN 2
        WHEN field IN ('Event_Reference', 'Event_Description') THEN 1
        WHEN field = 'Event_End_Date' THEN CASE WHEN x.event = 'service' AND NOT x.died THEN 1 ELSE 2 END
        WHEN field = 'Event_Outcome' THEN CASE WHEN x.financial THEN 1 ELSE 2 END
        WHEN field = 'Request_Route_of_Access' THEN CASE WHEN x.event = 'request' THEN 2 ELSE 0 END
        WHEN field IN ('Assessment_Type', 'Eligible_Needs_Identified', 'Method_of_Assessment')
        THEN CASE WHEN x.event <> 'assessment' THEN 0 WHEN field = 'Assessment_Type' THEN 2
                  WHEN field = 'Method_of_Assessment' AND NOT x.financial THEN 2 ELSE 1 END
        WHEN field IN ('Total_Hrs_Caring_per_week', 'No_of_adults_being_cared_for') OR field ~ '^Adult_._'
        THEN CASE WHEN x.client LIKE '%carer%' THEN 1 ELSE 0 END
        WHEN starts_with(field, 'Review_') OR field = 'Method_of_Review'
        THEN CASE WHEN x.event <> 'review' THEN 0
                  WHEN field = 'Review_Outcomes_Achieved' AND lower(r->>'Review_Reason') NOT LIKE 'planned%' THEN 1
                  ELSE 2 END
        WHEN x.event <> 'service' THEN 0
        WHEN field IN ('Service_Type', 'Service_Component') THEN 2
        WHEN field IN ('Unit_Cost', 'Cost_Frequency_Unit_Type') AND x.costed AND NOT x.commissioned THEN 2
        WHEN field = 'Planned_units_per_week' THEN -1
        ELSE 1 END
    FROM (SELECT coalesce(lower(r->>'Event_Type'), ''), coalesce(lower(r->>'Client_Type'), ''),
                 lower(r->>'Assessment_Type') LIKE 'financial%' IS TRUE, r->>'Date_of_Death' IS NOT NULL,
                 casework.age_on((r->>'Date_of_Birth')::date, (r->>'Reporting_Period_End_Date')::date),
                 (lower(r->>'Service_Type') LIKE 'long term support%' OR lower(r->>'Service_Type') LIKE 'unpaid carer%'
                  OR lower(r->>'Service_Component') LIKE 'short term %care'
                  OR lower(r->>'Service_Component') LIKE '%respite%') IS TRUE,
                 lower(r->>'Delivery_Mechanism') = 'cassr commissioned support' IS TRUE)
        AS x (event, client, financial, died, age, costed, commissioned);
END;
COMMENT ON FUNCTION casework.cld_condition(text, jsonb) IS
    'Must a field be filled in a row, given as an object of its columns with dates as YYYY-MM-DD? 2 mandatory, 1 '
    'applicable, 0 not applicable, -1 not determined: the rule was not read to its end.';

CREATE FUNCTION casework.cld_result(field text, r jsonb) RETURNS integer LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN coalesce(r->>field, '') = ''
                THEN CASE casework.cld_condition(field, r) WHEN 2 THEN -1 ELSE 0 END
                WHEN k.list IS NULL THEN 1
                WHEN EXISTS (SELECT FROM casework.code AS c
                             WHERE c.list = k.list AND c.code <> '*' AND lower(c.label) = lower(r->>field)) THEN 1
                WHEN EXISTS (SELECT FROM casework.code AS c,
                                 LATERAL unnest(string_to_array(c.details->>'release_1_label', '; ')) AS old (label)
                             WHERE c.list = k.list AND lower(old.label) = lower(r->>field)) THEN -7
                ELSE -2 END
    FROM (SELECT casework_internal.cld_field_list(field)) AS k (list);
END;
COMMENT ON FUNCTION casework.cld_result(text, jsonb) IS
    'The result of the check of a field of a row: 1 valid, 0 blank and not mandatory, -1 blank and mandatory, -2 no '
    'value of its list, -7 a value of release 1. Words are compared without case.';

CREATE FUNCTION casework.cld_report(authority text, quarter_end date, release integer DEFAULT 2,
                                    known_at timestamptz DEFAULT 'infinity')
    RETURNS TABLE (field text, result integer, meaning text, rows bigint, example text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.code, x.result, min(m.label), count(*), min(j.r->>'LA_Person_Unique_Identifier')
    FROM (SELECT to_jsonb(r) AS r FROM casework.cld_export(cld_report.authority, cld_report.quarter_end,
        cld_report.release,
                                                           cld_report.known_at) AS r OFFSET 0) AS j
        CROSS JOIN (SELECT c.code FROM casework.code AS c WHERE c.list = 'cld_field') AS f
        CROSS JOIN LATERAL (SELECT casework.cld_result(f.code, j.r)) AS x (result)
        LEFT JOIN casework.code AS m ON m.list = 'cld_dq_check' AND m.code = x.result::text
    WHERE x.result < 0
    GROUP BY f.code, x.result ORDER BY f.code, x.result;
END;
COMMENT ON FUNCTION casework.cld_report(text, date, integer, timestamptz) IS
    'The fields of a quarter that fail a check, with how many rows and the first person''s reference: empty when all '
    'is well.';
