--
-- code: the steps of a transfer from the Independent Living Fund.
--
-- Must not know: awards.
--

INSERT INTO casework.code (list, code, label, valid_from, valid_to, details, position, source, shipped, recorded_at,
                           recorded_by)
SELECT v.list, v.code, v.label, v.valid_from::date, v.valid_to::date, v.details::jsonb, v.position, v.source, true,
       '2026-11-26 00:00:00+00', 'care_casework'
FROM (VALUES
    ('ilf_status', 'notified', 'Data about the person received from the fund', NULL, NULL, '{}', 1, 'ours'),
    ('ilf_status', 'plan_received', 'Electronic support plan received', NULL, NULL, '{}', 2, 'ours'),
    ('ilf_status', 'contacted', 'Person contacted', NULL, NULL, '{}', 3, 'ours'),
    ('ilf_status', 'assessment_booked', 'Assessment booked', NULL, NULL, '{}', 4, 'ours'),
    ('ilf_status', 'assessed', 'Assessed', NULL, NULL, '{}', 5, 'ours'),
    ('ilf_status', 'decided', 'Needs decided and budget set', NULL, NULL, '{}', 6, 'ours'),
    ('ilf_status', 'maintained', 'Payment kept up until assessed', NULL, NULL, '{}', 7, 'ours'),
    ('ilf_status', 'refused', 'Assessment refused by the person', NULL, NULL, '{}', 8, 'ours'),
    ('ilf_status', 'moved', 'Moved to another authority', NULL, NULL, '{}', 9, 'ours'),
    ('ilf_status', 'died', 'Died', NULL, NULL, '{}', 10, 'ours')
)   AS v (list, code, label, valid_from, valid_to, details, position, source);
