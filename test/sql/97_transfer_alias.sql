--
-- 97_transfer_alias: while a pseudonym is in force, nothing of who somebody is leaves with a document, searched as bytes.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
-- the cap depends on age, so that the second must be told the birth otherwise
SELECT care.record_scheme('aged', 'Nought for the young', 'draft', '2016-01-01', 'weekly_cost', 'test', zero_cap_before_age => 25), care.record_parameter('aged', 'cap', '2016-01-01', 20000, 'test');
SELECT care.open_account('E06000001', 'Q-1', 'Q-P', '1971-08-09', 'aged', '2016-04-01') AS q \gset
SELECT care.record_person('E06000001', 'Q-P', nhs_number => '9434765919', nhs_number_status => '01', nhs_number_traced_on => '2016-01-02') > 0, care.record_budget(:q, '2016-04-01', 'personal_budget', 'community', 70) > 0;
SELECT casework.record_name('E06000001', 'Q-P', 'Marigold Thistledown');
CREATE FUNCTION pg_temp.shown(document text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(w, ' ' ORDER BY w) FROM unnest('{Marigold,Thistledown,1971-08-09,9434765919,Elm Row,Q-P,Hawk}'::text[]) AS w
    WHERE position(convert_to(w, 'UTF8') IN convert_to(document, 'UTF8')) > 0
$$;
-- without one, what is known and what is given goes along
SELECT pg_temp.shown(care.transfer_draft(:q, 'E06000002', '2017-01-01', '37(1)', person => '{"names":["Marigold Thistledown"],"address":"1 Elm Row"}'));
SELECT care.transfer_draft(:q, 'E06000002', '2017-01-01', '37(1)')::jsonb -> 'person' AS person;
-- with one, only that, whoever asks and whatever is given
SELECT casework.record_alias('E06000001', 'Q-P', 'Hawk', '2016-06-01', 'Director', 'threats') > 0;
SELECT pg_temp.shown(care.transfer_draft(:q, 'E06000002', '2017-01-01', '37(1)'));
SELECT care_test.refused(format($$SELECT care.transfer_out(%s, 'E06000002', '2017-01-01', '37(1)', person => '{"names":["Marigold Thistledown"]}')$$, :q)) ~ '^42501 account \d+ [(]Q-1[)]: a pseudonym is in force, and nothing else of the person goes with the document' AS refused;
SELECT care.transfer_out(:q, 'E06000002', '2017-01-01', '37(1)') AS document \gset
SELECT pg_temp.shown(:'document'), :'document'::jsonb -> 'person' AS person;
-- the second says who it is, and what the cap depends on
SELECT care_test.refused(format('SELECT care.transfer_in(%L)', :'document')), left(care_test.refused(format('SELECT care.transfer_in(%L, person_reference => ''R-P'')', :'document')), 80);
-- another birth would give other figures: it is found
SELECT left(care_test.refused(format('SELECT care.transfer_in(%L, person_reference => ''R-P'', date_of_birth => ''1995-08-09'')', :'document')), 60);
SELECT care.transfer_in(:'document', person_reference => 'R-P', date_of_birth => '1971-08-09') AS r \gset
SELECT reference, authority, person_reference FROM care.account WHERE account_id = :r;
-- names that came with a document go on, unless a pseudonym is in force there by then
SELECT care.transfer_in(care_internal.sealed_document(jsonb_set(care.transfer_out(:r, 'E06000003', '2017-02-01', '37(1)')::jsonb, '{person}', '{"reference":"Q-P","names":["Marigold Thistledown"],"date_of_birth":"1971-08-09"}')), person_reference => 'S-P') AS s \gset
SELECT pg_temp.shown(care.transfer_draft(:s, 'E06000004', '2017-03-01', '37(1)'));
SELECT casework.record_alias('E06000003', 'S-P', 'Hawk', '2017-03-01', 'Director', 'threats') > 0;
SELECT pg_temp.shown(care.transfer_draft(:s, 'E06000004', '2017-03-01', '37(1)'));
ROLLBACK;
