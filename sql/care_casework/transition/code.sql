--
-- code: the lists of the transition from children's to adults' services.
--
-- Must not know: cases.
--

INSERT INTO casework.code (list, code, label, valid_from, valid_to, details, position, source, shipped, recorded_at,
                           recorded_by)
SELECT v.list, v.code, v.label, v.valid_from::date, v.valid_to::date, v.details::jsonb, v.position, v.source, true,
       '2026-11-26 00:00:00+00', 'care_casework'
FROM (VALUES
    ('transition_assessment_kind', 'childs_needs', 'Child''s needs assessment (section 58)', '2015-04-01', NULL, '{}',
     1, 'CA58'),
    ('transition_assessment_kind', 'childs_carer', 'Child''s carer''s assessment (section 60)', '2015-04-01', NULL,
     '{}', 2, 'TRIX'),
    ('transition_assessment_kind', 'young_carer', 'Young carer''s assessment (section 63)', '2015-04-01', NULL, '{}',
     3, 'TRIX'),
    ('transition_requester', 'child', 'The child', '2015-04-01', NULL, '{}', 1, 'CA58'),
    ('transition_requester', 'parent', 'A parent (with or without parental responsibility)', '2015-04-01', NULL, '{}',
     2, 'CA58'),
    ('transition_requester', 'carer', 'A carer of the child', '2015-04-01', NULL, '{}', 3, 'CA58'),
    ('transition_requester', 'authority', 'No request: it appears to the authority', '2015-04-01', NULL, '{}', 4,
     'CA58'),
    ('transition_consent', 'consents', 'The child has capacity or is competent, and consents', '2015-04-01', NULL,
     '{}', 1, 'CA58'),
    ('transition_consent', 'best_interests',
     'The child lacks capacity or is not competent; in the child''s best interests', '2015-04-01', NULL, '{}', 2,
     'CA58'),
    ('transition_consent', 'refuses', 'The child refuses', '2015-04-01', NULL, '{}', 3, 'CA58'),
    ('transition_decision', 'assess', 'Assess', '2015-04-01', NULL, '{}', 1, 'CA58'),
    ('transition_decision', 'assess_despite_refusal',
     'Assess although refused: experiencing or at risk of abuse or neglect', '2015-04-01', NULL, '{}', 2, 'CA58'),
    ('transition_decision', 'not_yet', 'Not yet of significant benefit: reasons, advice, a day to look again',
     '2015-04-01', NULL, '{}', 3, 'CA58 TRANS-WA'),
    ('transition_decision', 'refuse', 'Not assess: reasons and advice', '2015-04-01', NULL, '{}', 4, 'CA58'),
    ('transition_timing_factor', 'school', 'Stage reached at school and any exams', NULL, NULL, '{}', 1, 'TRIX'),
    ('transition_timing_factor', 'time_to_assess', 'Time the assessment may take', NULL, NULL, '{}', 2, 'TRIX'),
    ('transition_timing_factor', 'time_to_plan', 'Time to plan and put in place adult support', NULL, NULL, '{}', 3,
     'TRIX'),
    ('transition_timing_factor', 'family', 'Family circumstances', NULL, NULL, '{}', 4, 'TRIX'),
    ('transition_timing_factor', 'medical', 'Planned medical treatment', NULL, NULL, '{}', 5, 'TRIX'),
    ('childhood_record_component', 'identity', 'Demographics, identifiers, contact information', NULL, NULL, '{}', 1,
     'SCD-UC07'),
    ('childhood_record_component', 'social_care',
     'Children''s social care: current plan, key risks, safeguarding history, agencies involved', NULL, NULL, '{}', 2,
     'SCD-UC07'),
    ('childhood_record_component', 'education', 'Education, EHC plan', NULL, NULL, '{}', 3, 'SCD-UC07'),
    ('childhood_record_component', 'health', 'Health: diagnoses, therapy, long-term conditions, mental health', NULL,
     NULL, '{}', 4, 'SCD-UC07'),
    ('childhood_record_component', 'adulthood', 'Preparing for adulthood indicators', NULL, NULL, '{}', 5, 'SCD-UC07'),
    ('childhood_record_component', 'transition',
     'Transition planning: panel decisions, next steps, agencies, times, contacts', NULL, NULL, '{}', 6, 'SCD-UC07'),
    ('childhood_record_component', 'care_act', 'Care Act assessment and planning data', NULL, NULL, '{}', 7,
     'SCD-UC07'),
    ('childhood_record_component', 'finance', 'Finance and funding', NULL, NULL, '{}', 8, 'SCD-UC07')
)   AS v (list, code, label, valid_from, valid_to, details, position, source);
