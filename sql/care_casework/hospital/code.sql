--
-- code: the lists of hospital notices: message events, reasons, consents, and the 40 items of a notice.
--
-- Of an item, details say in which notices it may be (A assessment, D discharge, W withdrawal, R response), in which
-- it must be, its form, its list of codes, where a FHIR message has it, and what was read about it.
--
-- Must not know: who sends notices.
--

INSERT INTO casework.code (list, code, label, valid_from, valid_to, details, position, source, shipped, recorded_at,
                           recorded_by)
SELECT v.list, v.code, v.label, v.valid_from::date, v.valid_to::date, v.details::jsonb, v.position, v.source, true,
       '2026-11-26 00:00:00+00', 'care_casework'
FROM (VALUES
    ('adw_message_event', '895571000000108', 'Admission notification', '2020-03-30', NULL, '{"kind": "notice"}', 1,
     'ADW-EVENT'),
    ('adw_message_event', '975701000000106', 'Assessment Notice', '2020-03-30', NULL,
     '{"kind": "notice", "acts_on": "assessment"}', 2, 'ADW-EVENT'),
    ('adw_message_event', '975711000000108', 'Assessment Notice Accept Response', '2020-03-30', NULL,
     '{"kind": "response", "acts_on": "assessment"}', 3, 'ADW-EVENT'),
    ('adw_message_event', '975721000000102', 'Assessment Notice Reject Response', '2020-03-30', NULL,
     '{"kind": "response", "acts_on": "assessment"}', 4, 'ADW-EVENT'),
    ('adw_message_event', '975731000000100', 'Discharge Notice', '2020-03-30', NULL,
     '{"kind": "notice", "acts_on": "discharge"}', 5, 'ADW-EVENT'),
    ('adw_message_event', '975821000000109', 'Discharge Notice Agreement', '2020-03-30', NULL,
     '{"kind": "response", "acts_on": "discharge"}', 6, 'ADW-EVENT'),
    ('adw_message_event', '975831000000106', 'Discharge Notice Disagreement', '2020-03-30', NULL,
     '{"kind": "response", "acts_on": "discharge"}', 7, 'ADW-EVENT'),
    ('adw_message_event', '975841000000102', 'Withdraw All Notices', '2020-03-30', NULL,
     '{"kind": "notice", "acts_on": "assessment discharge"}', 8, 'ADW-EVENT'),
    ('adw_message_event', '1078011000000107', 'Withdraw Assessment Notice Only', '2020-03-30', NULL,
     '{"kind": "notice", "acts_on": "assessment"}', 9, 'ADW-EVENT'),
    ('adw_message_event', '975851000000104', 'Withdraw Discharge Notice Only', '2020-03-30', NULL,
     '{"kind": "notice", "acts_on": "discharge"}', 10, 'ADW-EVENT'),
    ('adw_message_event', '1025651000000109', 'Withdraw Notice Accept', '2020-03-30', NULL,
     '{"kind": "response", "acts_on": "withdrawal"}', 11, 'ADW-EVENT'),
    ('adw_message_event', '1025641000000106', 'Withdraw Notice Reject', '2020-03-30', NULL,
     '{"kind": "response", "acts_on": "withdrawal"}', 12, 'ADW-EVENT'),
    ('adw_withdrawal_reason', '01', 'Patient is safe to discharge without a needs assessment', '2017-06-05', NULL,
     '{}', 1, 'ADW-VS'),
    ('adw_withdrawal_reason', '02', 'Patient is eligible for NHS Continuing Health Care', '2017-06-05', NULL, '{}', 2,
     'ADW-VS'),
    ('adw_withdrawal_reason', '03', 'Proposed care package is inadequate', '2017-06-05', NULL, '{}', 3, 'ADW-VS'),
    ('adw_withdrawal_reason', '04', 'Patient''s proposed treatment has been cancelled or postponed', '2017-06-05',
     NULL, '{}', 4, 'ADW-VS'),
    ('adw_withdrawal_reason', '05', 'Patient has refused a needs assessment', '2017-06-05', NULL, '{}', 5, 'ADW-VS'),
    ('adw_withdrawal_reason', '06', 'Patient is resident in another local authority', '2017-06-05', NULL, '{}', 6,
     'ADW-VS'),
    ('adw_withdrawal_reason', '07', 'Patient''s condition has deteriorated', '2017-06-05', NULL, '{}', 7, 'ADW-VS'),
    ('adw_withdrawal_reason', '08', 'Patient has died', '2017-06-05', NULL, '{}', 8, 'ADW-VS'),
    ('adw_withdrawal_reason', '09', 'Patient has transferred to intermediate care', '2017-06-05', NULL, '{}', 9,
     'ADW-VS'),
    ('adw_withdrawal_reason', '10', 'Patient has self-discharged', '2017-06-05', NULL, '{}', 10, 'ADW-VS'),
    ('adw_withdrawal_reason', '11', 'Patient is making their own arrangements', '2017-06-05', NULL, '{}', 11,
     'ADW-VS'),
    ('adw_withdrawal_reason', '12', 'Notice sent in error', '2017-06-05', NULL, '{}', 12, 'ADW-VS'),
    ('adw_withdrawal_reason', '13', 'Other (free text needed)', '2017-06-05', NULL, '{}', 13, 'ADW-VS'),
    ('adw_patient_consent', 'Y', 'Yes', '2017-06-05', NULL, '{}', 1, 'ADW-VS'),
    ('adw_patient_consent', 'N', 'No', '2017-06-05', NULL, '{}', 2, 'ADW-VS'),
    ('adw_patient_consent', 'L', 'Lacks Mental Capacity', '2017-06-05', NULL, '{}', 3, 'ADW-VS'),
    ('adw_third_party_consent_source', 'C', 'Legal Representative (Carer)', '2017-06-05', NULL, '{}', 1, 'ADW-VS'),
    ('adw_third_party_consent_source', 'O', 'Legal Representative (Other)', '2017-06-05', NULL, '{}', 2, 'ADW-VS'),
    ('adw_third_party_consent_source', 'B', 'Best Interest Decision', '2017-06-05', NULL, '{}', 3, 'ADW-VS'),
    ('adw_third_party_consent_source', 'N/A', 'Not Applicable', '2017-06-05', NULL, '{}', 4, 'ADW-VS'),
    ('adw_carer_consultation', 'Y', 'Yes', '2017-06-05', NULL, '{}', 1, 'ADW-VS'),
    ('adw_carer_consultation', 'N', 'No', '2017-06-05', NULL, '{}', 2, 'ADW-VS'),
    ('adw_carer_consultation', 'NKC', 'No Known Carer', '2017-06-05', NULL, '{}', 3, 'ADW-VS'),
    ('adw_patient_consultation', 'Y', 'Yes', '2016-07-03', NULL, '{}', 1, 'ADW-VS'),
    ('adw_patient_consultation', 'N', 'No', '2016-07-03', NULL, '{}', 2, 'ADW-VS'),
    ('adw_admission_type', 'P', 'Elective', '2017-06-05', NULL, '{}', 1, 'ADW-VS'),
    ('adw_admission_type', 'E', 'Emergency', '2017-06-05', NULL, '{}', 2, 'ADW-VS'),
    ('adw_admission_type', 'X', 'Other', '2017-06-05', NULL, '{}', 3, 'ADW-VS'),
    ('adw_response_reason', 'OFT', 'Other - Free Text (the only value, for accept and for reject)', '2017-06-05',
     NULL, '{}', 1, 'ADW-VS'),
    ('adw_response_rule', 'assessment', 'The authority must send accept or reject', '2017-06-05', NULL, '{}', 1,
     'ADW-ARCH'),
    ('adw_response_rule', 'discharge', 'The authority must send agreement or disagreement', '2017-06-05', NULL, '{}',
     2, 'ADW-ARCH'),
    ('adw_response_rule', 'withdrawal', 'The authority should send accept or reject', '2017-06-05', NULL, '{}', 3,
     'ADW-ARCH'),
    ('nhs_number_status', '01', 'Number present and verified', NULL, NULL, '{}', 1, 'NHS-STAT'),
    ('nhs_number_status', '02', 'Number present but not traced', NULL, NULL, '{}', 2, 'NHS-STAT'),
    ('nhs_number_status', '03', 'Trace required', NULL, NULL, '{}', 3, 'NHS-STAT'),
    ('nhs_number_status', '04', 'Trace attempted - no match or multiple match found', NULL, NULL, '{}', 4, 'NHS-STAT'),
    ('nhs_number_status', '05', 'Trace needs to be resolved', NULL, NULL, '{}', 5, 'NHS-STAT'),
    ('nhs_number_status', '06', 'Trace in progress', NULL, NULL, '{}', 6, 'NHS-STAT'),
    ('nhs_number_status', '07', 'Number not present and trace not required', NULL, NULL, '{}', 7, 'NHS-STAT'),
    ('nhs_number_status', '08', 'Trace postponed (baby under six weeks old)', NULL, NULL, '{}', 8, 'NHS-STAT'),
    ('adw_item', 'issued_at', 'Notice issued date and time', '2017-06-05', NULL, '{"notices": "A D W R", '
     '"fhir_path": "MessageHeader.timestamp", "presence": "must", "form": "moment", "required_in": "A D W R"}', 1,
     'ADW-LOG'),
    ('adw_item', 'nhs_number', 'Patient NHS number', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Patient.identifier (system nhs-number)", "presence": "optional since RC3", "form": "text"}', 2, 'ADW-LOG'),
    ('adw_item', 'nhs_number_status', 'NHS number status indicator', '2017-06-05', NULL, '{"notices": "A D W", '
     '"fhir_path": "Patient.identifier extension NHSNumberVerificationStatus", "presence": "optional; 08 not used", '
     '"form": "text", "list": "nhs_number_status"}', 3, 'ADW-LOG'),
    ('adw_item', 'hospital_patient_id', 'Hospital patient identifier', '2017-06-05', NULL, '{"notices": "A D W", '
     '"fhir_path": "Patient.identifier (system local-patient-identifier)", "presence": "not read", "form": "text"}',
     4, 'ADW-LOG'),
    ('adw_item', 'family_name', 'Family name', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Patient.name.family", "presence": "must", "form": "text", "required_in": "A D W"}', 5, 'ADW-LOG'),
    ('adw_item', 'given_name', 'First given name', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Patient.name.given", "presence": "must", "form": "text", "required_in": "A D W"}', 6, 'ADW-LOG'),
    ('adw_item', 'birth_date', 'Birth date', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Patient.birthDate", "presence": "must", "form": "day", "required_in": "A D W"}', 7, 'ADW-LOG'),
    ('adw_item', 'gender', 'Stated gender', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Patient.gender", "presence": "must", "form": "text", "required_in": "A D W"}', 8, 'ADW-LOG'),
    ('adw_item', 'address', 'Address lines 1 to 5 and postcode', '2017-06-05', NULL, '{"notices": "A D W", '
     '"fhir_path": "Patient.address line line line city district postalCode", "presence": "must in notices, '
     'optional in responses", "form": "object", "required_in": "A D W"}', 9, 'ADW-LOG'),
    ('adw_item', 'patient_email', 'Patient email', '2017-06-05', NULL,
     '{"notices": "A", "fhir_path": "Patient.telecom", "presence": "optional", "form": "text"}', 10, 'ADW-LOG'),
    ('adw_item', 'patient_phone', 'Patient telephone', '2017-06-05', NULL,
     '{"notices": "A", "fhir_path": "Patient.telecom", "presence": "optional", "form": "text"}', 11, 'ADW-LOG'),
    ('adw_item', 'language', 'Patient language', '2017-06-05', NULL, '{"notices": "A", "fhir_path": "Patient '
     'extension NHSCommunication language", "presence": "not read", "form": "text"}', 12, 'ADW-LOG'),
    ('adw_item', 'preferred_language', 'Preferred language', '2017-06-05', NULL, '{"notices": "A", "fhir_path": '
     '"NHSCommunication preferred", "presence": "must", "form": "text", "required_in": "A"}', 13, 'ADW-LOG'),
    ('adw_item', 'interpreter_required', 'Interpreter required', '2017-06-05', NULL, '{"notices": "A", "fhir_path": '
     '"NHSCommunication interpreterRequired", "presence": "must", "form": "text", "required_in": "A", "list": '
     '"adw_patient_consultation"}', 14, 'ADW-LOG'),
    ('adw_item', 'hospital_site', 'Hospital site code (ODS)', '2017-06-05', NULL, '{"notices": "A D W", '
     '"fhir_path": "Organization.identifier (ods-site-code)", "presence": "must", "form": "text", "required_in": "A '
     'D W"}', 15, 'ADW-LOG'),
    ('adw_item', 'hospital_name', 'Hospital name', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Organization.name", "presence": "derived from the code where it can be", "form": "text"}', 16, 'ADW-LOG'),
    ('adw_item', 'ward', 'Ward', '2017-06-05', NULL,
     '{"notices": "A D W", "fhir_path": "Location.name", "presence": "not read", "form": "text"}', 17, 'ADW-LOG'),
    ('adw_item', 'admission_date', 'Admission date (date only)', '2017-06-05', NULL,
     '{"notices": "A", "fhir_path": "Encounter.period.start", "presence": "must if admitted", "form": "day"}', 18,
     'ADW-LOG'),
    ('adw_item', 'admission_reason', 'Reason for admission', '2017-06-05', NULL,
     '{"notices": "A", "fhir_path": "Condition.code.text", "presence": "not read", "form": "text"}', 19, 'ADW-LOG'),
    ('adw_item', 'admission_type', 'Admission type', '2017-06-05', NULL, '{"notices": "A", "fhir_path": '
     '"Encounter.priority", "presence": "not read", "form": "text", "list": "adw_admission_type"}', 20, 'ADW-LOG'),
    ('adw_item', 'proposed_discharge_date', 'Proposed discharge date (date only)', '2017-06-05', NULL, '{"notices": '
     '"A D", "fhir_path": "Encounter.period.end", "presence": "must in D", "form": "day", "required_in": "D"}', 21,
     'ADW-LOG'),
    ('adw_item', 'lead_clinician', 'Lead clinician name', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"MessageHeader.responsible -> Practitioner.name", "presence": "not read", "form": "text"}', 22, 'ADW-LOG'),
    ('adw_item', 'liaison_name', 'Hospital liaison name', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"MessageHeader.author -> Practitioner.name", "presence": "must (regulation 3)", "form": "text", '
     '"required_in": "A D W"}', 23, 'ADW-LOG'),
    ('adw_item', 'liaison_contact', 'Hospital liaison email and telephone', '2017-06-05', NULL, '{"notices": "A D '
     'W", "fhir_path": "Practitioner.telecom", "presence": "must: at least one (regulation 3)", "form": "object", '
     '"required_in": "A D W"}', 24, 'ADW-LOG'),
    ('adw_item', 'carer', 'Carer name, email, telephone', '2017-06-05', NULL,
     '{"notices": "A D", "fhir_path": "Patient.contact", "presence": "optional", "form": "object"}', 25, 'ADW-LOG'),
    ('adw_item', 'patient_consulted', 'Patient consulted', '2017-06-05', NULL, '{"notices": "A D", "fhir_path": '
     '"QuestionnaireResponse Patient Consultation", "presence": "must", "form": "text", "required_in": "A D", '
     '"list": "adw_patient_consultation"}', 26, 'ADW-LOG'),
    ('adw_item', 'carer_consulted', 'Carer consulted', '2017-06-05', NULL, '{"notices": "A D", "fhir_path": '
     '"QuestionnaireResponse Carer Consultation", "presence": "must", "form": "text", "required_in": "A D", "list": '
     '"adw_carer_consultation"}', 27, 'ADW-LOG'),
    ('adw_item', 'patient_consent', 'Patient consent', '2017-06-05', NULL, '{"notices": "A", "fhir_path": '
     '"QuestionnaireResponse Patient Consent", "presence": "must", "form": "text", "required_in": "A", "list": '
     '"adw_patient_consent"}', 28, 'ADW-LOG'),
    ('adw_item', 'third_party_consent', 'Third party consent source', '2017-06-05', NULL, '{"notices": "A", '
     '"fhir_path": "QuestionnaireResponse Third Party Consent", "presence": "must if consent is L", "form": "text", '
     '"list": "adw_third_party_consent_source"}', 29, 'ADW-LOG'),
    ('adw_item', 'chc_considered', 'NHS CHC considered', '2017-06-05', NULL, '{"notices": "A", "fhir_path": '
     '"QuestionnaireResponse", "presence": "must (regulation 3)", "form": "text", "required_in": "A", "list": '
     '"adw_patient_consultation"}', 30, 'ADW-LOG'),
    ('adw_item', 'chc_result', 'NHS CHC result', '2017-06-05', NULL,
     '{"notices": "A", "fhir_path": "QuestionnaireResponse", "presence": "must if considered", "form": "text"}', 31,
     'ADW-LOG'),
    ('adw_item', 'safeguarding', 'Safeguarding concerns, and details', '2017-06-05', NULL, '{"notices": "A", '
     '"fhir_path": "QuestionnaireResponse Safeguarding Concerns", "presence": "optional", "form": "object"}', 32,
     'ADW-LOG'),
    ('adw_item', 'withdrawal_type', 'What is withdrawn', '2017-06-05', NULL, '{"notices": "W", "fhir_path": '
     '"MessageHeader.event.code", "presence": "must", "form": "text", "required_in": "W", "list": '
     '"adw_message_event"}', 33, 'ADW-LOG'),
    ('adw_item', 'withdrawal_reason', 'Reason for withdrawal', '2017-06-05', NULL, '{"notices": "W", "fhir_path": '
     '"MessageHeader.reason.coding", "presence": "must", "form": "text", "required_in": "W", "list": '
     '"adw_withdrawal_reason"}', 34, 'ADW-LOG'),
    ('adw_item', 'withdrawal_other', 'Reason: other', '2017-06-05', NULL,
     '{"notices": "W", "fhir_path": "MessageHeader.reason.text", "presence": "must if reason 13", "form": "text"}',
     35, 'ADW-LOG'),
    ('adw_item', 'authority', 'Local authority ODS code and name', '2017-06-05', NULL, '{"notices": "A D W", '
     '"fhir_path": "Organization (ods-organization-code)", "presence": "must", "form": "text", "required_in": "A D '
     'W"}', 36, 'ADW-LOG'),
    ('adw_item', 'team', 'Social services team', '2017-06-05', NULL, '{"notices": "A D W", "fhir_path": '
     '"Organization partOf authority", "presence": "must (RC2)", "form": "text", "required_in": "A D W"}', 37,
     'ADW-LOG'),
    ('adw_item', 'response_type', 'Accept or reject', '2017-06-05', NULL, '{"notices": "R", "fhir_path": '
     '"ReferralRequest.status (accepted, rejected, cancelled)", "presence": "must", "form": "text", "required_in": '
     '"R"}', 38, 'ADW-LOG'),
    ('adw_item', 'response_details', 'Response details', '2017-06-05', NULL,
     '{"notices": "R", "fhir_path": "MessageHeader.reason.text", "presence": "optional", "form": "text"}', 39,
     'ADW-LOG'),
    ('adw_item', 'authority_contact', 'Authority contact name, email, telephone', '2017-06-05', NULL,
     '{"notices": "R", "fhir_path": "Practitioner", "presence": "not read", "form": "object"}', 40, 'ADW-LOG'),
    ('source', 'ADW-VS', 'ADW value sets (05/06/2017)', NULL, NULL, '{}', 125, 'ours'),
    ('source', 'ADW-EVENT', 'ADW Message Event value set 1.0.0 (30/03/2020)', NULL, NULL, '{}', 126, 'ours'),
    ('source', 'ADW-ARCH', 'ADW architecture: interactions and responses', NULL, NULL, '{}', 127, 'ours'),
    ('source', 'ADW-LOG', 'ADW change history', NULL, NULL, '{}', 128, 'ours'),
    ('source', 'NHS-STAT', 'NHS number verification status, HL7 UK CareConnect', NULL, NULL, '{}', 133, 'ours'),
    ('source', '2823-EN', 'SI 2014/2823 explanatory note', NULL, NULL, '{}', 134, 'ours'),
    ('source', '2823-R3', 'SI 2014/2823 regulation 3', NULL, NULL, '{}', 135, 'ours'),
    ('source', 'SCH3-1', 'Care Act 2014 Schedule 3 paragraph 1, as enacted', NULL, NULL, '{}', 136, 'ours'),
    ('source', 'SCH3-EN', 'Care Act 2014 explanatory notes 427 to 437 (Schedule 3)', NULL, NULL, '{}', 137, 'ours'),
    ('source', 'SCH3-OM', 'Schedule 3 omitted 1 July 2022', NULL, NULL, '{}', 138, 'ours'),
    ('source', '2003-EN37', 'Community Care (Delayed Discharges etc.) Act 2003, explanatory note 37', NULL, NULL,
     '{}', 139, 'ours'),
    ('source', 'BLAKE', 'Delayed transfers of care, a law firm''s article', NULL, NULL, '{}', 140, 'ours'),
    ('source', 'ABRIDGED', 'Abridged guide to the Care Act and delayed transfers of care (unnamed NHS body)', NULL,
     NULL, '{}', 141, 'ours'),
    ('source', 'MANC2', 'Manchester: hospital discharge planning and delayed discharge process', NULL, NULL, '{}',
     142, 'ours')
)   AS v (list, code, label, valid_from, valid_to, details, position, source);
