-- casework_records.sql: records of many kinds in care_casework, of authority E06000001, from an empty database on.
--
-- What reads text by a pattern has something to read: a name with the signs of patterns in it, a file with quoted fields.
SELECT casework.record_profile('E06000001', 'P-1', 'female', 'white_irish', 'memory', '{autism}');
SELECT casework.record_name('E06000001', 'P-1', 'Somebody');
SELECT casework.raise_concern('E06000001', 'P-1', 'C-1', '2025-05-01', 'Seen', 'family', 'own_home');
SELECT casework.open_enquiry('E-1', '{1}', '2025-05-02');
SELECT casework.record_risk(1, 'physical', 'known', 'own_home');
SELECT casework.record_risk(1, 'neglect', 'known', 'own_home', supersedes => 1);
SELECT casework.conclude_enquiry(1, '2025-06-10', 'Done', 'none_no_action');
SELECT casework.record_detention('E06000001', 'P-2', 'INST', '2025-05-01', 'ACI');
SELECT casework.record_care_event('E06000001', 'P-1', 'service', '2025-05-01', '{"service_type": "lt_community", "unit_cost": 20}');
SELECT casework.end_care_event('E06000001', 'P-1', 1, '2025-12-31', 'nfa_planned');
SELECT casework.record_care_event('E06000001', 'P-1', 'service', '2025-04-05', '{"service_type": "st_max", "to_day": "2025-04-25", "outcome": "planning"}');
SELECT casework.record_parameter('ready_by', '10:00', 'ours', 'us', '2025-04-01', NULL, 'E06000001');
SELECT casework.record_bank_holiday('2027-01-01', 'us');
SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', 'neighbour', 'known', 'A neighbour');
SELECT casework.record_code('sac_health_condition', 'stroke', 'Stroke', 'us');
SELECT casework.record_cld_submission('E06000001', '2026-03-31');
SELECT casework.record_market_signal('E06000001', 'day care', 'AB1 2', '2026-01-05', 'search');
SELECT casework.open_transition('E06000001', 'P-3', 'T-1', 'childs_needs', '2015-09-01');
INSERT INTO casework.directory_line (line) VALUES
    ('Name,Also known as,Address,Postcode,Service types,Specialisms/services,Provider name,Local authority,Region,CQC Location ID (for office use only),CQC Provider ID (for office use only)'),
    ('A,,1 Street,AB1 2CD,,,Care Ltd,Somewhere,South,1-100000001,1-200000001'),
    (E'"B, ""the Elms""",,"2 Street\\ Yard",AB1 3CD,Residential homes|Nursing homes ; Homecare agencies,"Dementia| Eating disorders",Care Ltd,Somewhere,South,1-100000002,1-200000001');
SELECT FROM casework.import_directory('week.csv', '2026-07-01');
SELECT casework.record_care_event('E06000001', 'P-1', 'request', '2025-04-20', '{"route_of_access": "community__other_route"}');
SELECT casework.record_name('E06000001', 'P-2', 'Some (Body) S. O''Else');
SELECT casework.hand_over('P-2', 'plan', '2025-06-01', '{"plan": ["Some (Body) S. O''Else likes tea"]}', 'ACI');
SELECT casework.record_alias('E06000001', 'P-2', E'Any "Body" \\1', '2025-06-02', 'Governor', 'threats');
SELECT casework.record_hospital_notice('E06000001', '{"schema": "care_casework/hospital_notice", "version": "1.0", "event": "975701000000106", "referral": "R1",
    "message_id": "00000000-0000-4000-8000-000000000001", "issued_at": "2025-05-22T09:00:00Z", "family_name": "Patient", "given_name": "First",
    "birth_date": "1930-02-03", "gender": "female", "address": {"line_1": "1 Street", "postcode": "AB1 2CD"}, "hospital_site": "RXX01", "liaison_name": "Liaison",
    "liaison_contact": {"email": "l@example.org"}, "authority": "998", "team": "Hospital team", "preferred_language": "en", "interpreter_required": "N",
    "patient_consulted": "Y", "carer_consulted": "Y", "patient_consent": "Y", "chc_considered": "N", "proposed_discharge_date": "2025-05-23"}', 'P-1', '2025-05-22 10:00+01');
