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
