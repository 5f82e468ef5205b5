--
-- cld_export: the rows of Client Level Data as they are sent: 48 columns, in the order of the national checks.
--
-- Release 2 asks for 46 of them: those that it dropped are null.
--
-- Must not know: checks, tables made from it.
--

CREATE FUNCTION casework.cld_rows(period_from date, period_to date, authority text, release integer DEFAULT 2,
                                  known_at timestamptz DEFAULT 'infinity')
    RETURNS TABLE ("LA_Code" text, "Reporting_Period_Start_Date" text, "Reporting_Period_End_Date" text,
                   "NHS_Number" text, "LA_Person_Unique_Identifier" text, "GP_Practice_Code" text,
                   "GP_Practice_Name" text, "Gender" text, "Ethnicity" text, "Date_of_Birth" text,
                   "Date_of_Death" text, "Client_Type" text, "Primary_Support_Reason" text, "Postcode" text,
                   "Accommodation_Status" text, "Employment_Status" text, "Has_Unpaid_Carer" text,
                   "Autism_Spectrum_Disorder_ASD" text, "Visual_Impairment" text, "Hearing_Impairment" text,
                   "Dementia" text, "Client_Funding_Status" text, "Event_Type" text, "Event_Reference" text,
                   "Event_Start_Date" text, "Event_End_Date" text, "Event_Description" text, "Event_Outcome" text,
                   "Request_Route_of_Access" text, "Assessment_Type" text, "Eligible_Needs_Identified" text,
                   "Method_of_Assessment" text, "Total_Hrs_Caring_per_week" text, "No_of_adults_being_cared_for" text,
                   "Adult_1_Linked_Person_ID" text, "Adult_2_Linked_Person_ID" text, "Adult_3_Linked_Person_ID" text,
                   "Service_Type" text, "Service_Component" text, "Delivery_Mechanism" text,
                   "Provider_CQC_Location_ID" text, "Provider_CQC_Location_Name" text, "Review_Reason" text,
                   "Review_Outcomes_Achieved" text, "Method_of_Review" text, "Unit_Cost" text,
                   "Cost_Frequency_Unit_Type" text, "Planned_units_per_week" text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000
BEGIN ATOMIC
    -- worked out once, whatever the planner thinks of the number of rows
    WITH w AS MATERIALIZED (
        SELECT f.format, to_char(cld_rows.period_from, f.format) AS first_text,
               to_char(cld_rows.period_to, f.format) AS last_text
        FROM (SELECT CASE WHEN casework_internal.parameter_value('cld_iso_dates', cld_rows.authority,
                                                                 cld_rows.period_to)
                               = 'f' THEN 'DD/MM/YYYY' ELSE 'YYYY-MM-DD' END) AS f (format)
    ), l AS MATERIALIZED (
        SELECT casework_internal.labels('sac_gender') AS gender,
               casework_internal.labels('cld_ethnicity') AS ethnicity,
               casework_internal.labels('cld_client_type') AS client,
               casework_internal.labels('cld_primary_support_reason') AS reason,
               casework_internal.labels('cld_accommodation_status') AS accommodation,
               casework_internal.labels('cld_employment_status') AS employment,
               casework_internal.labels('cld_visual_impairment') AS visual,
               casework_internal.labels('cld_hearing_impairment') AS hearing,
               casework_internal.labels('cld_client_funding_status') AS funding,
               casework_internal.labels('cld_event_type') AS event,
               casework_internal.labels('cld_event_outcome') AS outcome,
               casework_internal.labels('cld_route_of_access') AS route,
               casework_internal.labels('cld_assessment_type') AS assessment,
               casework_internal.labels('cld_service_type') AS service,
               casework_internal.labels('cld_service_component') AS component,
               casework_internal.labels('cld_delivery_mechanism') AS mechanism,
               casework_internal.labels('cld_review_reason') AS review,
               casework_internal.labels('cld_review_method') AS method,
               casework_internal.labels('cld_cost_frequency') AS frequency
    )
    SELECT e.authority, w.first_text, w.last_text, e.nhs_number, e.person_reference, d.gp_practice_code,
           CASE WHEN cld_rows.release = 1 THEN d.gp_practice_name END, l.gender->>e.gender, l.ethnicity->>e.ethnicity,
           to_char(e.date_of_birth, w.format), to_char(e.died_on, w.format), l.client->>e.client_type,
           l.reason->>e.support_reason, d.postcode, l.accommodation->>e.accommodation_status,
           l.employment->>e.employment_status, d.has_unpaid_carer, d.autism, l.visual->>d.visual_impairment,
           l.hearing->>d.hearing_impairment, d.dementia, l.funding->>e.funding_status, l.event->>e.event_type,
           e.reference, to_char(e.from_day, w.format), to_char(e.to_day, w.format), e.description,
           l.outcome->>e.outcome, l.route->>e.route_of_access, l.assessment->>e.assessment_type, e.eligible_needs,
           e.assessment_method, d.hours_caring, d.adults_cared_for::text, d.linked_persons[1], d.linked_persons[2],
           d.linked_persons[3], l.service->>e.service_type, l.component->>e.service_component,
           l.mechanism->>e.delivery_mechanism, e.cqc_location_id, CASE WHEN cld_rows.release = 1 THEN o.name END,
           l.review->>e.review_reason, e.outcomes_achieved, l.method->>e.review_method, e.unit_cost::text,
           l.frequency->>e.cost_frequency, e.planned_units::text
    FROM casework.cld_event(cld_rows.period_from, cld_rows.period_to, cld_rows.known_at, cld_rows.authority) AS e
        LEFT JOIN casework.client_detail_known_at(cld_rows.known_at) AS d ON d.person_id = e.person_id
        LEFT JOIN casework.location AS o ON cld_rows.release = 1 AND o.cqc_location_id = e.cqc_location_id
        CROSS JOIN w CROSS JOIN l;
END;
COMMENT ON FUNCTION casework.cld_rows(date, date, text, integer, timestamptz) IS
    'The rows of a period as they are sent by an authority in release 1 or 2, as text in the words of the national '
    'lists, as they were known at a moment. Not sure is the form of dates and of the code of the authority: see '
    'casework.parameter, cld_iso_dates and cld_gss_code.';

CREATE FUNCTION casework_internal.require_cld(authority text, quarter_end date, release integer) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), casework_internal.require_quarter(quarter_end);
    IF release NOT IN (1, 2) IS NOT FALSE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'cld_release', COLUMN = 'release',
            MESSAGE = format('there is no release %s of Client Level Data here', coalesce(release::text, 'null')),
            HINT = 'There are 1 and 2.';
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION casework_internal.require_cld(text, date, integer) IS
    'Refuses (22023) what is no authority, quarter or release of the collection; else true.';

-- Each quarter is sent with the nine months before it: a rolling year.
CREATE FUNCTION casework.cld_export(authority text, quarter_end date, release integer DEFAULT 2,
                                    known_at timestamptz DEFAULT 'infinity')
    RETURNS TABLE ("LA_Code" text, "Reporting_Period_Start_Date" text, "Reporting_Period_End_Date" text,
                   "NHS_Number" text, "LA_Person_Unique_Identifier" text, "GP_Practice_Code" text,
                   "GP_Practice_Name" text, "Gender" text, "Ethnicity" text, "Date_of_Birth" text,
                   "Date_of_Death" text, "Client_Type" text, "Primary_Support_Reason" text, "Postcode" text,
                   "Accommodation_Status" text, "Employment_Status" text, "Has_Unpaid_Carer" text,
                   "Autism_Spectrum_Disorder_ASD" text, "Visual_Impairment" text, "Hearing_Impairment" text,
                   "Dementia" text, "Client_Funding_Status" text, "Event_Type" text, "Event_Reference" text,
                   "Event_Start_Date" text, "Event_End_Date" text, "Event_Description" text, "Event_Outcome" text,
                   "Request_Route_of_Access" text, "Assessment_Type" text, "Eligible_Needs_Identified" text,
                   "Method_of_Assessment" text, "Total_Hrs_Caring_per_week" text, "No_of_adults_being_cared_for" text,
                   "Adult_1_Linked_Person_ID" text, "Adult_2_Linked_Person_ID" text, "Adult_3_Linked_Person_ID" text,
                   "Service_Type" text, "Service_Component" text, "Delivery_Mechanism" text,
                   "Provider_CQC_Location_ID" text, "Provider_CQC_Location_Name" text, "Review_Reason" text,
                   "Review_Outcomes_Achieved" text, "Method_of_Review" text, "Unit_Cost" text,
                   "Cost_Frequency_Unit_Type" text, "Planned_units_per_week" text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000
BEGIN ATOMIC
    -- written into the query of the caller: no copy of the rows is made on the way
    SELECT r.* FROM casework.cld_rows((quarter_end + 1 - interval '1 year')::date, quarter_end, cld_export.authority,
                                      cld_export.release, cld_export.known_at) AS r
    WHERE casework_internal.require_cld(cld_export.authority, quarter_end, cld_export.release);
END;
COMMENT ON FUNCTION casework.cld_export(text, date, integer, timestamptz) IS
    'The rows an authority sends for a quarter: of the year that ends with it. 22023 for what is no quarter of the '
    'collection, or no release.';
