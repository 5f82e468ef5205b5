--
-- spec: which return asks for what, from which year to which, and whether it must be given.
--
-- A return changes with a letter in the September before its year.  Its layout is its lists: a table, row or column
-- that is new is entered with casework.record_code() and the days it is for, and the returns of other years are as they
-- were.  Here stands what must be given, by item; what was not read says so, and is entered in the same way.
--
-- Must not know: how anything is counted.
--

SELECT casework_internal.ship_codes('return_item', 'SAC1', valid_from => '2015-04-01',
    named => '{collection,sheet,item,status}', rows => $${
    {"SAC SG1a section_42", "Individuals in section 42 enquiries", SAC, SG1a, section_42, mandatory},
    {"SAC SG1a concern", "Individuals in concerns", SAC, SG1a, concern, voluntary},
    {"SAC SG1a other", "Individuals in other enquiries", SAC, SG1a, other, voluntary},
    {"SAC rest", "Every other cell of SG1 to SG5", SAC, "", "", "not read"}}$$);
INSERT INTO casework.code (list, code, label, valid_from, valid_to, details, position, source, shipped, recorded_at,
                           recorded_by)
SELECT 'return_item', v.code, v.label, v.valid_from::date, v.valid_to::date,
       jsonb_strip_nulls(jsonb_build_object('collection', split_part(v.code, ' ', 1), 'sheet', v.sheet,
                                            'release', v.release, 'status', v.status)),
       100 + row_number() OVER (), v.source, true, '2026-11-26 00:00:00+00', 'care_casework'
FROM (VALUES
    ('SAR all', 'Safeguarding adults return: its layout was not found', '2013-04-01', '2015-03-31', NULL, NULL,
     'not read', 'SAC1819'),
    ('SALT STS001', 'Requests of new clients', '2014-04-01', '2024-03-31', 'STS001', NULL, 'mandatory', 'SALT-PDF'),
    ('SALT STS002', 'Support to maximise independence', '2014-04-01', '2024-03-31', 'STS002', NULL, 'mandatory',
     'SALT-PDF'),
    ('SALT LTS001', 'Long term support', '2014-04-01', '2024-03-31', 'LTS001', NULL, 'mandatory', 'SALT-PDF'),
    ('SALT LTS002', 'Reviews', '2014-04-01', '2024-03-31', 'LTS002', NULL, 'mandatory', 'SALT-PDF'),
    ('SALT LTS003', 'Carers', '2014-04-01', '2024-03-31', 'LTS003', NULL, 'mandatory', 'SALT-PDF'),
    ('SALT LTS004', 'Accommodation and employment', '2014-04-01', '2024-03-31', 'LTS004', NULL, 'mandatory',
     'SALT-PDF'),
    ('CLD release 1', 'Events, each quarter with the nine months before it', '2023-04-01', NULL, NULL, '1',
     'mandatory', 'CLD-DOC'),
    ('CLD release 2', 'The same in release 2; its first day was not read', '2023-04-01', NULL, NULL, '2', 'not read',
     'CLD-DOC'),
    ('DPA voluntary', 'Deferred payments, the first years', '2015-04-01', '2017-03-31', NULL, NULL, 'voluntary',
     'DPA003'),
    ('DPA', 'Deferred payments', '2017-04-01', NULL, NULL, NULL, 'mandatory', 'DPA003'))
    AS v (code, label, valid_from, valid_to, sheet, release, status, source);

CREATE VIEW casework.return_spec AS
    SELECT c.details->>'collection' AS collection, c.details->>'release' AS release, c.details->>'sheet' AS sheet,
           c.details->>'item' AS item, c.details->>'status' AS status, c.valid_from, c.valid_to, c.label, c.source
    FROM casework.code AS c WHERE c.list = 'return_item';
COMMENT ON VIEW casework.return_spec IS
    'What each national return asks for, by item and year. A row is added with casework.record_code(''return_item'', '
    '...), its parts as members of details.';
COMMENT ON COLUMN casework.return_spec.collection IS 'SAR, SAC, SALT, CLD or DPA.';
COMMENT ON COLUMN casework.return_spec.release IS 'Release of its specification; null: it has none.';
COMMENT ON COLUMN casework.return_spec.sheet IS 'Its table; null: all that no other row names.';
COMMENT ON COLUMN casework.return_spec.item IS 'Measure, row or field; null: the whole table.';
COMMENT ON COLUMN casework.return_spec.status IS 'mandatory, voluntary, or not read.';
COMMENT ON COLUMN casework.return_spec.valid_from IS 'First day of the first year it is asked for.';
COMMENT ON COLUMN casework.return_spec.valid_to IS 'Last day of the last year; null: it goes on.';
COMMENT ON COLUMN casework.return_spec.label IS 'What it is.';
COMMENT ON COLUMN casework.return_spec.source IS 'A row of the list source.';
