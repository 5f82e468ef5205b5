--
-- table_code: the fields of Client Level Data, the scale of its checks, and the tables and measures made from it.
--
-- Must not know: events.
--

INSERT INTO casework.code (list, code, label, valid_from, valid_to, details, position, source, shipped, recorded_at,
                           recorded_by)
SELECT v.list, v.code, v.label, v.valid_from::date, v.valid_to::date, v.details::jsonb, v.position, v.source, true,
       '2026-11-26 00:00:00+00', 'care_casework'
FROM (VALUES
    ('cld_field', 'LA_Code', 'LA Code', '2023-04-01', NULL, '{"position": "1", "module": "Submission information", '
     '"type": "text", "applicable": "all rows", "release_1_rule": "mandatory"}', 1, 'CLD-DQ'),
    ('cld_field', 'Reporting_Period_Start_Date', 'Reporting Period Start Date', '2023-04-01', NULL, '{"position": '
     '"2", "module": "Submission information", "type": "date", "applicable": "all rows", "release_1_rule": '
     '"mandatory"}', 2, 'CLD-DQ'),
    ('cld_field', 'Reporting_Period_End_Date', 'Reporting Period End Date', '2023-04-01', NULL, '{"position": "3", '
     '"module": "Submission information", "type": "date", "applicable": "all rows", "release_1_rule": "mandatory"}',
     3, 'CLD-DQ'),
    ('cld_field', 'NHS_Number', 'NHS Number', '2023-04-01', NULL, '{"position": "4", "module": "Person details", '
     '"type": "text(10)", "applicable": "all rows", "release_1_rule": "mandatory"}', 4, 'CLD-DQ'),
    ('cld_field', 'LA_Person_Unique_Identifier', 'LA Person Unique Identifier', '2023-04-01', NULL, '{"position": '
     '"5", "module": "Person details", "type": "text", "applicable": "all rows", "release_1_rule": "mandatory"}', 5,
     'CLD-DQ'),
    ('cld_field', 'GP_Practice_Code', 'GP Practice Code', '2023-04-01', NULL, '{"position": "6", "module": "Person '
     'details", "type": "text", "applicable": "all rows", "release_1_rule": "optional"}', 6, 'CLD-DQ'),
    ('cld_field', 'GP_Practice_Name', 'GP Practice Name', '2023-04-01', NULL, '{"position": "7", "module": "Person '
     'details", "type": "text", "applicable": "all rows", "release_1_rule": "optional (release 1 only)"}', 7,
     'CLD-DQ'),
    ('cld_field', 'Gender', 'Gender', '2023-04-01', NULL, '{"position": "8", "module": "Person details", "type": '
     '"list", "applicable": "all rows", "release_1_rule": "mandatory"}', 8, 'CLD-DQ'),
    ('cld_field', 'Ethnicity', 'Ethnicity', '2023-04-01', NULL, '{"position": "9", "module": "Person details", '
     '"type": "list", "applicable": "all rows", "release_1_rule": "mandatory"}', 9, 'CLD-DQ'),
    ('cld_field', 'Date_of_Birth', 'Date of Birth', '2023-04-01', NULL, '{"position": "10", "module": "Person '
     'details", "type": "date", "applicable": "all rows", "release_1_rule": "mandatory"}', 10, 'CLD-DQ'),
    ('cld_field', 'Date_of_Death', 'Date of Death', '2023-04-01', NULL, '{"position": "11", "module": "Person '
     'details", "type": "date", "applicable": "all rows", "release_1_rule": "optional"}', 11, 'CLD-DQ'),
    ('cld_field', 'Client_Type', 'Client Type', '2023-04-01', NULL, '{"position": "12", "module": "Person details", '
     '"type": "list", "applicable": "all rows", "release_1_rule": "mandatory"}', 12, 'CLD-DQ'),
    ('cld_field', 'Primary_Support_Reason', 'Primary Support Reason', '2023-04-01', NULL, '{"position": "13", '
     '"module": "Person details", "type": "list", "applicable": "all rows", "release_1_rule": "mandatory unless a '
     'request"}', 13, 'CLD-DQ'),
    ('cld_field', 'Postcode', 'Postcode', '2023-04-01', NULL, '{"position": "14", "module": "Person details", '
     '"type": "text", "applicable": "all rows", "release_1_rule": "mandatory"}', 14, 'CLD-DQ'),
    ('cld_field', 'Accommodation_Status', 'Accommodation Status', '2023-04-01', NULL, '{"position": "15", "module": '
     '"Person details", "type": "list", "applicable": "all rows", "release_1_rule": "mandatory"}', 15, 'CLD-DQ'),
    ('cld_field', 'Employment_Status', 'Employment Status', '2023-04-01', NULL, '{"position": "16", "module": '
     '"Person details", "type": "list", "applicable": "all rows", "release_1_rule": "mandatory for service users '
     'aged 18 to 64 whose support reason is learning disability"}', 16, 'CLD-DQ'),
    ('cld_field', 'Has_Unpaid_Carer', 'Has Unpaid Carer', '2023-04-01', NULL, '{"position": "17", "module": "Person '
     'details", "type": "list", "applicable": "all rows", "release_1_rule": "mandatory"}', 17, 'CLD-DQ'),
    ('cld_field', 'Autism_Spectrum_Disorder_ASD', 'Autism Spectrum Disorder ASD', '2023-04-01', NULL, '{"position": '
     '"18", "module": "Person details", "type": "list", "applicable": "service users", "release_1_rule": "optional"}',
     18, 'CLD-DQ'),
    ('cld_field', 'Visual_Impairment', 'Visual Impairment', '2023-04-01', NULL, '{"position": "19", "module": '
     '"Person details", "type": "list", "applicable": "service users", "release_1_rule": "optional"}', 19, 'CLD-DQ'),
    ('cld_field', 'Hearing_Impairment', 'Hearing Impairment', '2023-04-01', NULL, '{"position": "20", "module": '
     '"Person details", "type": "list", "applicable": "service users", "release_1_rule": "optional"}', 20, 'CLD-DQ'),
    ('cld_field', 'Dementia', 'Dementia', '2023-04-01', NULL, '{"position": "21", "module": "Person details", '
     '"type": "list", "applicable": "service users", "release_1_rule": "optional"}', 21, 'CLD-DQ'),
    ('cld_field', 'Client_Funding_Status', 'Client Funding Status', '2023-04-01', NULL, '{"position": "22", '
     '"module": "Person details", "type": "list", "applicable": "service users", "release_1_rule": "mandatory for '
     'services, reviews and financial assessments of service users"}', 22, 'CLD-DQ'),
    ('cld_field', 'Event_Type', 'Event Type', '2023-04-01', NULL, '{"position": "23", "module": "Events (all)", '
     '"type": "list", "applicable": "not a carer known by association", "release_1_rule": "mandatory"}', 23, 'CLD-DQ'),
    ('cld_field', 'Event_Reference', 'Event Reference', '2023-04-01', NULL, '{"position": "24", "module": "Events '
     '(all)", "type": "text", "applicable": "not a carer known by association", "release_1_rule": "optional"}', 24,
     'CLD-DQ'),
    ('cld_field', 'Event_Start_Date', 'Event Start Date', '2023-04-01', NULL, '{"position": "25", "module": "Events '
     '(all)", "type": "date", "applicable": "not a carer known by association", "release_1_rule": "mandatory"}', 25,
     'CLD-DQ'),
    ('cld_field', 'Event_End_Date', 'Event End Date', '2023-04-01', NULL, '{"position": "26", "module": "Events '
     '(all)", "type": "date", "applicable": "not a carer known by association", "release_1_rule": "mandatory unless '
     'a service; mandatory for every row once there is a date of death"}', 26, 'CLD-DQ'),
    ('cld_field', 'Event_Description', 'Event Description', '2023-04-01', NULL, '{"position": "27", "module": '
     '"Events (all)", "type": "text", "applicable": "not a carer known by association", "release_1_rule": '
     '"optional"}', 27, 'CLD-DQ'),
    ('cld_field', 'Event_Outcome', 'Event Outcome', '2023-04-01', NULL, '{"position": "28", "module": "Events '
     '(all)", "type": "list", "applicable": "not a carer known by association", "release_1_rule": "mandatory unless '
     'a financial assessment"}', 28, 'CLD-DQ'),
    ('cld_field', 'Request_Route_of_Access', 'Request Route of Access', '2023-04-01', NULL, '{"position": "29", '
     '"module": "Events (requests only)", "type": "list", "applicable": "requests", "release_1_rule": "mandatory"}',
     29, 'CLD-DQ'),
    ('cld_field', 'Assessment_Type', 'Assessment Type', '2023-04-01', NULL, '{"position": "30", "module": "Events '
     '(assessments only)", "type": "list", "applicable": "assessments", "release_1_rule": "mandatory"}', 30, 'CLD-DQ'),
    ('cld_field', 'Eligible_Needs_Identified', 'Eligible Needs Identified', '2023-04-01', NULL, '{"position": "31", '
     '"module": "Events (assessments only)", "type": "list", "applicable": "assessments", "release_1_rule": '
     '"optional"}', 31, 'CLD-DQ'),
    ('cld_field', 'Method_of_Assessment', 'Method of Assessment', '2023-04-01', NULL, '{"position": "32", "module": '
     '"Events (assessments only)", "type": "list", "applicable": "assessments", "release_1_rule": "mandatory unless '
     'a financial assessment"}', 32, 'CLD-DQ'),
    ('cld_field', 'Total_Hrs_Caring_per_week', 'Total Hrs Caring per week', '2023-04-01', NULL, '{"position": "33", '
     '"module": "Carers and linked service users", "type": "list", "applicable": "carers", "release_1_rule": '
     '"optional"}', 33, 'CLD-DQ'),
    ('cld_field', 'No_of_adults_being_cared_for', 'No of adults being cared for', '2023-04-01', NULL, '{"position": '
     '"34", "module": "Carers and linked service users", "type": "integer", "applicable": "carers", '
     '"release_1_rule": "optional"}', 34, 'CLD-DQ'),
    ('cld_field', 'Adult_1_Linked_Person_ID', 'Adult 1 Linked Person ID', '2023-04-01', NULL, '{"position": "35", '
     '"module": "Carers and linked service users", "type": "text", "applicable": "carers", "release_1_rule": '
     '"optional"}', 35, 'CLD-DQ'),
    ('cld_field', 'Adult_2_Linked_Person_ID', 'Adult 2 Linked Person ID', '2023-04-01', NULL, '{"position": "36", '
     '"module": "Carers and linked service users", "type": "text", "applicable": "carers", "release_1_rule": '
     '"optional"}', 36, 'CLD-DQ'),
    ('cld_field', 'Adult_3_Linked_Person_ID', 'Adult 3 Linked Person ID', '2023-04-01', NULL, '{"position": "37", '
     '"module": "Carers and linked service users", "type": "text", "applicable": "carers", "release_1_rule": '
     '"optional"}', 37, 'CLD-DQ'),
    ('cld_field', 'Service_Type', 'Service Type', '2023-04-01', NULL, '{"position": "38", "module": "Events '
     '(services only)", "type": "list", "applicable": "services", "release_1_rule": "mandatory"}', 38, 'CLD-DQ'),
    ('cld_field', 'Service_Component', 'Service Component', '2023-04-01', NULL, '{"position": "39", "module": '
     '"Events (services only)", "type": "list", "applicable": "services", "release_1_rule": "mandatory"}', 39,
     'CLD-DQ'),
    ('cld_field', 'Delivery_Mechanism', 'Delivery Mechanism', '2023-04-01', NULL, '{"position": "40", "module": '
     '"Events (services only)", "type": "list", "applicable": "services", "release_1_rule": "optional"}', 40,
     'CLD-DQ'),
    ('cld_field', 'Provider_CQC_Location_ID', 'Provider CQC Location ID', '2023-04-01', NULL, '{"position": "41", '
     '"module": "Events (services only)", "type": "text", "applicable": "services", "release_1_rule": "optional"}',
     41, 'CLD-DQ'),
    ('cld_field', 'Provider_CQC_Location_Name', 'Provider CQC Location Name', '2023-04-01', NULL, '{"position": '
     '"42", "module": "Events (services only)", "type": "text", "applicable": "services", "release_1_rule": '
     '"optional (release 1 only)"}', 42, 'CLD-DQ'),
    ('cld_field', 'Review_Reason', 'Review Reason', '2023-04-01', NULL, '{"position": "43", "module": "Events '
     '(reviews only)", "type": "list", "applicable": "reviews", "release_1_rule": "mandatory"}', 43, 'CLD-DQ'),
    ('cld_field', 'Review_Outcomes_Achieved', 'Review Outcomes Achieved', '2023-04-01', NULL, '{"position": "44", '
     '"module": "Events (reviews only)", "type": "list", "applicable": "reviews", "release_1_rule": "mandatory if '
     'planned"}', 44, 'CLD-DQ'),
    ('cld_field', 'Method_of_Review', 'Method of Review', '2023-04-01', NULL, '{"position": "45", "module": "Events '
     '(reviews only)", "type": "list", "applicable": "reviews", "release_1_rule": "mandatory"}', 45, 'CLD-DQ'),
    ('cld_field', 'Unit_Cost', 'Unit Cost', '2023-04-01', NULL, '{"position": "46", "module": "Costs (services '
     'only)", "type": "numeric(18,2)", "applicable": "services", "release_1_rule": "mandatory for long term, short '
     'term residential or nursing, respite and carer support, unless commissioned"}', 46, 'CLD-DQ'),
    ('cld_field', 'Cost_Frequency_Unit_Type', 'Cost Frequency Unit Type', '2023-04-01', NULL, '{"position": "47", '
     '"module": "Costs (services only)", "type": "list", "applicable": "services", "release_1_rule": "as Unit_Cost"}',
     47, 'CLD-DQ'),
    ('cld_field', 'Planned_units_per_week', 'Planned units per week', '2023-04-01', NULL, '{"position": "48", '
     '"module": "Costs (services only)", "type": "numeric(18,2)", "applicable": "services", "release_1_rule": "not '
     'read to the end in release 1"}', 48, 'CLD-DQ'),
    ('cld_dq_check', '1', 'Passed: valid (1 or more)', NULL, NULL, '{}', 1, 'CLD-DQ'),
    ('cld_dq_check', '0', 'Passed: blank, not mandatory', NULL, NULL, '{}', 2, 'CLD-DQ'),
    ('cld_dq_check', '-1', 'Failed: blank, mandatory', NULL, NULL, '{}', 3, 'CLD-DQ'),
    ('cld_dq_check', '-2', 'Failed: invalid (-2 to -6)', NULL, NULL, '{}', 4, 'CLD-DQ'),
    ('cld_dq_check', '-7', 'Failed: release 1 value', NULL, NULL, '{}', 5, 'CLD-DQ'),
    ('cld_dq_condition', '2', 'Mandatory in this row', NULL, NULL, '{}', 1, 'CLD-DQ'),
    ('cld_dq_condition', '1', 'Applicable but not mandatory', NULL, NULL, '{}', 2, 'CLD-DQ'),
    ('cld_dq_condition', '0', 'Not applicable', NULL, NULL, '{}', 3, 'CLD-DQ'),
    ('cld_dq_condition', '-1', 'Undetermined', NULL, NULL, '{}', 4, 'CLD-DQ'),
    ('salt_table', 'STS001', 'Requests for support from new clients by what happened next', '2014-04-01',
     '2024-03-31', '{"note": "route of access, age band 18-64 and 65+; from CLD"}', 1, 'SALT-PDF'),
    ('salt_table', 'STS002a', 'What followed ST-Max, new clients', '2014-04-01', '2024-03-31',
     '{"note": "from the STS001 cohort whose sequel was ST-Max"}', 2, 'SALT-PDF'),
    ('salt_table', 'STS002b', 'What followed ST-Max, existing clients', '2014-04-01', '2024-03-31',
     '{"note": "totals only from CLD"}', 3, 'SALT-PDF'),
    ('salt_table', 'STS004', 'Aged 65 and over at home 91 days after discharge into reablement', '2014-04-01',
     '2024-03-31', '{"note": "not carried into CLD"}', 4, 'SALT-PDF'),
    ('salt_table', 'LTS001a', 'Long term support in the year', '2014-04-01', '2024-03-31',
     '{"note": "by support reason, age band, setting, mechanism"}', 5, 'SALT-PDF'),
    ('salt_table', 'LTS001b', 'Long term support on 31 March', '2014-04-01', '2024-03-31',
     '{"note": "also carer, gender, ethnicity"}', 6, 'SALT-PDF'),
    ('salt_table', 'LTS001c', 'Long term support for more than 12 months on 31 March', '2014-04-01', '2024-03-31',
     '{}', 7, 'SALT-PDF'),
    ('salt_table', 'LTS002a', 'Unplanned reviews, and planned reviews that led to a care home', '2014-04-01',
     '2024-03-31', '{"note": "approach only"}', 8, 'SALT-PDF'),
    ('salt_table', 'LTS002b', 'Reviews of those in LTS001c', '2014-04-01', '2024-03-31', '{"note": "approach only"}',
     9, 'SALT-PDF'),
    ('salt_table', 'LTS003', 'Carer support in the year', '2014-04-01', '2024-03-31',
     '{"note": "total only from CLD"}', 10, 'SALT-PDF'),
    ('salt_table', 'LTS004', 'Accommodation and employment, learning disability, 18-64', '2014-04-01', '2024-03-31',
     '{"note": "last known status"}', 11, 'SALT-PDF'),
    ('salt_sts001_sequel', 'st_max', 'Short Term Support to Maximise Independence', '2014-04-01', '2024-03-31',
     '{"service_type": "Short Term Support: ST-Max"}', 1, 'SALT-PDF'),
    ('salt_sts001_sequel', 'lt_nursing', 'Long Term Support: Nursing Care', '2014-04-01', '2024-03-31',
     '{"service_type": "Long Term Support: Nursing Care"}', 2, 'SALT-PDF'),
    ('salt_sts001_sequel', 'lt_residential', 'Long Term Support: Residential Care', '2014-04-01', '2024-03-31',
     '{"service_type": "Long Term Support: Residential Care"}', 3, 'SALT-PDF'),
    ('salt_sts001_sequel', 'lt_community', 'Long Term Support: Community', '2014-04-01', '2024-03-31',
     '{"service_type": "Long Term Support: Community"}', 4, 'SALT-PDF'),
    ('salt_sts001_sequel', 'lt_prison', 'Long Term Support: Prison', '2014-04-01', '2024-03-31',
     '{"service_type": "Long Term Support: Prison"}', 5, 'SALT-PDF'),
    ('salt_sts001_sequel', 'nhs', '100% NHS Funded Care', '2014-04-01', '2024-03-31',
     '{"event_outcome": "NFA - 100% NHS funded care"}', 6, 'SALT-PDF'),
    ('salt_sts001_sequel', 'end_of_life', 'End of Life', '2014-04-01', '2024-03-31',
     '{"event_outcome": "Progress to End of Life Care"}', 7, 'SALT-PDF'),
    ('salt_sts001_sequel', 'low_level', 'Ongoing Low Level Support', '2014-04-01', '2024-03-31',
     '{"service_type": "Short Term Support: Ongoing Low Level"}', 8, 'SALT-PDF'),
    ('salt_sts001_sequel', 'st_other', 'Short Term Support (other)', '2014-04-01', '2024-03-31',
     '{"service_type": "Short Term Support: Other Short Term"}', 9, 'SALT-PDF'),
    ('salt_sts001_sequel', 'universal', 'Universal Services / signposted to other services', '2014-04-01',
     '2024-03-31', '{"event_outcome": "NFA - Information & Advice / Signposting only"}', 10, 'SALT-PDF'),
    ('salt_sts001_sequel', 'none_deceased', 'No Services Provided - Deceased', '2014-04-01', '2024-03-31',
     '{"event_outcome": "NFA - Deceased"}', 11, 'SALT-PDF'),
    ('salt_sts001_sequel', 'none_other', 'No Services Provided - other reason', '2014-04-01', '2024-03-31',
     '{"event_outcome": "NFA - Support ended: Other reason; NFA- Other"}', 12, 'SALT-PDF'),
    ('salt_sts001_sequel', 'unmapped', 'Counted in the total, no sequel (category added in 2024)', '2014-04-01',
     '2024-03-31', '{"event_outcome": "any other"}', 13, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'early_nhs_eol_deceased',
     'Early cessation (not leading to long term support): 100% NHS, end of life, deceased', '2014-04-01',
     '2024-03-31', '{"event_outcome": "NFA - 100% NHS funded care; NFA - Deceased"}', 1, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'early_no_lt', 'Early cessation (not leading to long term support)', '2014-04-01',
     '2024-03-31', '{"event_outcome": "not derivable from CLD"}', 2, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'early_lt', 'Early cessation (leading to long term support)', '2014-04-01', '2024-03-31',
     '{"event_outcome": "not derivable from CLD"}', 3, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'lt', 'Long Term Support (any setting)', '2014-04-01', '2024-03-31',
     '{"service_type": "any Long Term Support"}', 4, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'self_funding', 'No services: needs identified but self-funding', '2014-04-01',
     '2024-03-31', '{"event_outcome": "NFA - Self-funded client (Inc. 12wk disregard)"}', 5, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'low_level', 'Ongoing Low Level Support', '2014-04-01', '2024-03-31',
     '{"service_type": "Short Term Support: Ongoing Low Level"}', 6, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'st_other', 'Short Term Support (other)', '2014-04-01', '2024-03-31',
     '{"service_type": "Short Term Support: Other Short Term"}', 7, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'declined', 'No services: needs identified but support declined', '2014-04-01',
     '2024-03-31', '{"event_outcome": "NFA - Support declined"}', 8, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'universal', 'No services: universal services / signposted', '2014-04-01', '2024-03-31', ''
     '{"event_outcome": "NFA - Information & Advice / Signposting only; Service Ended As Planned with nothing '
     'after"}', 9, 'SALT-PDF'),
    ('salt_sts002a_sequel', 'none_other', 'No services provided - other', '2014-04-01', '2024-03-31', ''
     '{"event_outcome": "NFA - Moved to another LA; NFA- Other; NFA - No services offered: Other reason; NFA - '
     'Support ended: Other reason"}', 10, 'SALT-PDF'),
    ('salt_lts_setting', 'nursing', 'Nursing', '2014-04-01', '2024-03-31', '{"rank": "1"}', 1, 'SALT-1A'),
    ('salt_lts_setting', 'residential', 'Residential', '2014-04-01', '2024-03-31', '{"rank": "2"}', 2, 'SALT-1A'),
    ('salt_lts_setting', 'community_dp', 'Community: Direct Payment', '2014-04-01', '2024-03-31', '{"rank": "3"}', 3,
     'SALT-1A'),
    ('salt_lts_setting', 'community_mpb', 'Community: CASSR Managed Personal Budget', '2014-04-01', '2024-03-31',
     '{"rank": "4"}', 4, 'SALT-1A'),
    ('salt_lts_setting', 'community_com', 'Community: CASSR Commissioned Support', '2014-04-01', '2024-03-31',
     '{"rank": "5"}', 5, 'SALT-1A'),
    ('salt_lts_setting', 'community_unk', 'Community: Unknown', '2014-04-01', '2024-03-31', '{"rank": "6"}', 6,
     'SALT-1A'),
    ('salt_lts_setting', 'prison_mpb', 'Prison: CASSR Managed Personal Budget', '2014-04-01', '2024-03-31',
     '{"rank": "7"}', 7, 'SALT-1A'),
    ('salt_lts_setting', 'prison_com', 'Prison: CASSR Commissioned Support', '2014-04-01', '2024-03-31',
     '{"rank": "8"}', 8, 'SALT-1A'),
    ('salt_lts_setting', 'prison_unk', 'Prison: Unknown', '2014-04-01', '2024-03-31', '{"rank": "9"}', 9, 'SALT-1A'),
    ('salt_lts003_support', 'dp', 'Direct Payment only', '2014-04-01', '2024-03-31', '{}', 1, 'SALT-3'),
    ('salt_lts003_support', 'mpb', 'CASSR Managed Personal Budget', '2014-04-01', '2024-03-31', '{}', 2, 'SALT-3'),
    ('salt_lts003_support', 'com', 'CASSR Commissioned Support only', '2014-04-01', '2024-03-31', '{}', 3, 'SALT-3'),
    ('salt_lts003_support', 'unk', 'Support Direct to Carer: Unknown Delivery Mech', '2014-04-01', '2024-03-31', '{}',
     4, 'SALT-3'),
    ('salt_lts003_support', 'info', 'Information, Advice and Other Universal Services / Signposting', '2014-04-01',
     '2024-03-31', '{}', 5, 'SALT-3'),
    ('salt_lts003_support', 'none', 'No Direct Support Provided to Carer', '2014-04-01', '2024-03-31', '{}', 6,
     'SALT-3'),
    ('salt_carer_age_band', '0-17', 'Carer aged under 18', '2014-04-01', '2024-03-31', '{}', 1, 'SALT-3'),
    ('salt_carer_age_band', '18-25', 'Carer aged 18-25', '2014-04-01', '2024-03-31', '{}', 2, 'SALT-3'),
    ('salt_carer_age_band', '26-64', 'Carer aged 26-64', '2014-04-01', '2024-03-31', '{}', 3, 'SALT-3'),
    ('salt_carer_age_band', '65-84', 'Carer aged 65-84', '2014-04-01', '2024-03-31', '{}', 4, 'SALT-3'),
    ('salt_carer_age_band', '85+', 'Carer aged 85+', '2014-04-01', '2024-03-31', '{}', 5, 'SALT-3'),
    ('salt_carer_age_band', 'unknown', 'Unknown', '2014-04-01', '2024-03-31', '{}', 6, 'SALT-3'),
    ('dhsc_activity_file', 'STS001', 'requests for support', '2024-04-01', NULL, '{}', 1, 'ACT-CSV'),
    ('dhsc_activity_file', 'STS002', 'short-term support to maximise independence (STS002a, STS002b)', '2024-04-01',
     NULL, '{}', 2, 'ACT-CSV'),
    ('dhsc_activity_file', 'LTS001', 'long-term support (LTS001a, LTS001b, LTS001c)', '2024-04-01', NULL, '{}', 3,
     'ACT-CSV'),
    ('dhsc_activity_file', 'LTS002', 'reviews of long-term plans (LTS002a, LTS002b)', '2024-04-01', NULL, '{}', 4,
     'ACT-CSV'),
    ('dhsc_activity_file', 'LTS004', 'accommodation and employment status of people receiving long-term support',
     '2024-04-01', NULL, '{}', 5, 'ACT-CSV'),
    ('return_calendar', 'SAC-2025-26/open', 'Submission window opens (SDCS)', '2026-04-01', NULL, '{}', 1, 'SAC2526'),
    ('return_calendar', 'SAC-2025-26/first', 'First submission due', '2026-06-03', NULL, '{}', 2, 'SAC2526'),
    ('return_calendar', 'SAC-2025-26/validation', 'Validation and data quality reports available', '2026-06-17', NULL,
     '{}', 3, 'SAC2526'),
    ('return_calendar', 'SAC-2025-26/final', 'Resubmission closes', '2026-07-01', NULL, '{}', 4, 'SAC2526'),
    ('return_calendar', 'SAC-2024-25/period', 'Reporting year 1 April 2024 to 31 March 2025', '2024-04-01',
     '2025-03-31', '{}', 5, 'SAC1'),
    ('return_calendar', 'CLD/cycle', 'Quarterly, each covering a rolling 12 months', '2023-04-01', NULL, '{}', 6,
     'CLD-DOC'),
    ('return_calendar', 'SALT/last', 'Last year of the SALT collection', '2023-04-01', '2024-03-31', '{}', 7,
     'SALT-PDF'),
    ('source', 'SAC2526', 'SAC 2025-26 guidance, DHSC, 29 January 2026', NULL, NULL, '{}', 106, 'ours'),
    ('source', 'CLD-COST', 'CLD costs, commit 9bee728', NULL, NULL, '{}', 114, 'ours'),
    ('source', 'SALT-1A', 'LTS001a replication code, commit d6ff762', NULL, NULL, '{}', 120, 'ours'),
    ('source', 'SALT-3', 'LTS003 replication code, commit d6ff762', NULL, NULL, '{}', 121, 'ours'),
    ('source', 'ACT-CSV', 'ASC activity report 2024 to 2025: how to use the CSV files', NULL, NULL, '{}', 122, 'ours'),
    ('source', 'SEPT25', 'Adult social care data collection, September 2025 notice', NULL, NULL, '{}', 123, 'ours'),
    ('source', 'DPA003', 'DPA003 guidance 2023-24', NULL, NULL, '{}', 124, 'ours')
)   AS v (list, code, label, valid_from, valid_to, details, position, source);
