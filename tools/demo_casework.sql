-- What tools/demo --casework shows: psql runs it in an empty database.
\set ON_ERROR_STOP on
\set SHOW_CONTEXT never
\pset footer off
\pset null '-'
SET client_min_messages = warning;
CREATE EXTENSION care_casework CASCADE;

\echo '(a) A concern, from the first call to the return. The same day it is screened:'
\echo '    all three tests of section 42 are met, so it cannot be closed as it is.'
\echo
SELECT casework.raise_concern('E10000016', 'P-1', 'C-1', '2025-05-01', 'Bruises', 'family', 'own_home') AS concern \gset
\set ON_ERROR_STOP off
SELECT casework.record_screening(:concern, '2025-05-01', true, true, true, true, 'none');
\set ON_ERROR_STOP on
SELECT casework.record_screening(:concern, '2025-05-01', true, true, true, true, 'section_42') \g /dev/null
SELECT reference, tests_met_on, days FROM casework.concern_without_enquiry('2025-05-02');
SELECT casework.open_enquiry('E-1', ARRAY[:concern], '2025-05-02') AS enquiry \gset
SELECT casework.record_enquiry_detail(:enquiry, asked => 'expressed', capacity => 'had'),
       casework.record_wanted_outcome(:enquiry, 'My son should not come when I am alone', kinds => '{safer}') AS wanted,
       casework.record_risk(:enquiry, 'physical', 'known', 'own_home'),
       casework.cause_enquiry(:enquiry, 'The GP', '2025-05-03', '2025-05-20', 'How old are the bruises?') AS caused \gset
\echo 'What is still open when it is concluded is said:'
\echo
\set ON_ERROR_STOP off
SELECT casework.conclude_enquiry(:enquiry, '2025-06-10', 'A key safe; he calls first', 'identified_action', 'reduced', 'fully');
SELECT casework.rate_outcome(:enquiry, :wanted, 'fully') \g /dev/null
SELECT casework.conclude_enquiry(:enquiry, '2025-06-10', 'A key safe; he calls first', 'identified_action', 'reduced', 'fully');
\set ON_ERROR_STOP on
SELECT casework.record_caused_status(:enquiry, :caused, '2025-06-05', 'adequate') \g /dev/null
SELECT casework.conclude_enquiry(:enquiry, '2025-06-10', 'A key safe; he calls first', 'identified_action', 'reduced', 'fully') \g /dev/null
\echo
\echo 'The Safeguarding Adults Collection of the year, cells that are not nought:'
\echo
SELECT sac_table, measure, row_item, column_item, number FROM casework.sac_return('E10000016', '2026-03-31') WHERE number > 0;

\echo '(b) A prisoner is moved on 20 May, and the authority that answers for him changes.'
\echo
SELECT casework.record_establishment_authority('ACI', 'E08000012'), casework.record_establishment_authority('ASI', 'E06000025') \g /dev/null
SELECT casework.record_detention('E10000016', 'P-2', 'INST', '2025-05-01', 'ACI') \g /dev/null
SELECT casework.move_detention('P-2', '2025-05-20', 'ASI') \g /dev/null
SELECT as_at, place, from_day, responsible_authority
FROM unnest('{2025-05-19,2025-05-20}'::date[]) AS as_at, casework.detention_banner(as_at);

\echo '(c) A hospital asks for an assessment at 10:00 on Friday; half of the 48 hours'
\echo '    later an alert is raised, once however often the run is made.'
\echo
SET timezone = 'Europe/London';
SELECT casework.record_hospital_notice('E10000016', jsonb_build_object('schema', 'care_casework/hospital_notice',
    'version', '1.0', 'event', '975701000000106', 'referral', 'R-1', 'message_id', '00000000-0000-4000-8000-000000000001',
    'issued_at', '2026-05-15T09:00:00Z', 'family_name', 'Patient', 'given_name', 'First', 'birth_date', '1940-02-03',
    'gender', 'female', 'address', '{"line_1": "1 Street", "postcode": "AB1 2CD"}'::jsonb, 'hospital_site', 'RXX01',
    'liaison_name', 'Liaison', 'liaison_contact', '{"telephone": "1"}'::jsonb, 'authority', '998', 'team', 'Hospital team',
    'preferred_language', 'en', 'interpreter_required', 'N', 'patient_consulted', 'Y', 'carer_consulted', 'Y',
    'patient_consent', 'Y', 'chc_considered', 'N', 'proposed_discharge_date', '2026-05-19'), 'P-3', '2026-05-15 10:00') \g /dev/null
LISTEN casework_hospital_alert;
SELECT at, casework.raise_hospital_alerts(at) AS raised
FROM unnest('{2026-05-16 09:59,2026-05-16 10:00,2026-05-16 10:00}'::timestamptz[]) AS at;
SELECT reference, kind, state, level, due_at FROM casework.hospital_alert_open;

\echo '(d) The directory of providers: two homes are new; a week later one differs and'
\echo '    the other is gone.'
\echo
\set heading 'Name,Also known as,Address,Postcode,Phone number,Service''s website (if available),Service types,Date of latest check,Specialisms/services,Provider name,Local authority,Region,Location URL,CQC Location ID (for office use only),CQC Provider ID (for office use only)'
INSERT INTO casework.directory_line (line) VALUES (:'heading'),
    ('"Elm House, Town",,1 Street,AB1 2CD,,,Nursing homes,,,Care Ltd,Somewhere,South,,1-100000001,1-200000001'),
    ('Oak House,,2 Street,AB1 2CE,,,Nursing homes,,,Care Ltd,Somewhere,South,,1-100000002,1-200000001');
SELECT as_at, row_count, new_count, changed_count, gone_count FROM casework.import_directory('week 29.csv', '2026-07-17');
INSERT INTO casework.directory_line (line) VALUES (:'heading'),
    ('"Elm House, New Town",,1 Street,AB1 2CD,,,Nursing homes,,,Care Ltd,Somewhere,South,,1-100000001,1-200000001');
SELECT as_at, row_count, new_count, changed_count, gone_count
FROM casework.import_directory('week 30.csv', '2026-07-24', 'a home has closed');

\echo '(e) Client Level Data: a service, as the row that is sent, and what is still'
\echo '    missing from it.'
\echo
SELECT casework.record_care_event('E10000016', 'P-1', 'service', '2025-07-01', '{"service_type": "lt_nursing", "cqc_location_id": "1-100000001",
    "delivery_mechanism": "commissioned", "unit_cost": 900, "cost_frequency": "weekly", "funding_status": "unknown"}') \g /dev/null
SELECT key AS field, value FROM casework.cld_export('E10000016', '2026-03-31') AS r, jsonb_each_text(jsonb_strip_nulls(to_jsonb(r))) ORDER BY 1;
SELECT field, meaning FROM casework.cld_report('E10000016', '2026-03-31') LIMIT 4;
