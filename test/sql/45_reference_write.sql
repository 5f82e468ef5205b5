--
-- 45_reference_write: authorities, texts and reasons of one's own, by the functions that record them.
--
SET datestyle = 'ISO, YMD';
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_ROLLBACK on
BEGIN;
-- With the constraint that an error names.
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    RETURN concat_ws(' ', SQLSTATE, nullif(broken, ''), SQLERRM);
END
$$;

-- An authority that takes another over: that one ends the day before.
SELECT care_internal.require_authority('E10000030', '2027-04-01');
SELECT care.record_authority('E06000900', 'West of it', 'an order', '2027-04-01', predecessor => 'E10000030'),
       care.record_authority('E06000901', 'East of it', 'an order', '2027-04-01', predecessor => 'E10000030');
SELECT authority, name, valid_from, valid_to, predecessor, source, shipped FROM care.local_authority WHERE NOT shipped ORDER BY 1;
SELECT care_internal.require_authority('E10000030', '2027-03-31'), care_internal.require_authority('E06000900', '2027-04-01');
SELECT care_test.refused($$SELECT care.open_account('E10000030', 'A', 'P', NULL, '2022', '2027-04-01')$$);
SELECT care.open_account('E06000901', 'A', 'P', NULL, '2022', '2027-04-01') IS NOT NULL;

-- One of one's own is put right, and ended; the row is dumped.
SELECT pg_temp.refused($$SELECT care.record_authority('E06000900', 'West', 'x', '2027-04-01')$$);
SELECT care.record_authority('E06000900', 'West', 'another order', '2027-04-01', '2030-03-31', 'E10000030', corrects => true);
SELECT name, valid_to, source FROM care.local_authority WHERE authority = 'E06000900';
SELECT care_test.refused($$SELECT care_internal.require_authority('E06000900', '2030-04-01')$$);

-- What is refused.
SELECT pg_temp.refused($$SELECT care.record_authority(NULL, 'Nowhere', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E07000001', 'A district', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', '', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', 'A', NULL)$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', 'A', 'x', '2027-04-01', '2027-03-31')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', 'A', 'x', 'infinity')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', 'A', 'x', '2027-04-01', predecessor => 'E06000999')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', 'A', 'x', predecessor => 'E10000030')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E06000902', 'A', 'x', '2027-04-01', predecessor => 'E06000902')$$);
SELECT pg_temp.refused($$SELECT care.record_authority('E10000028', 'Other', 'x', corrects => true)$$);

-- Texts.
SELECT care.record_statement_text('E06000001', 'advice', '2024-01-01', 'always', 'See our pages.'),
       care.record_statement_text('E06000001', 'advice', '2024-01-01', 'care_home', 'Of the debt.', 'agreement'),
       care.record_statement_text('E06000001', 'advice', '2025-01-01', 'never', NULL);
SELECT name, subject, valid_from, shown_when, body FROM care.statement_text ORDER BY subject, valid_from;
SELECT pg_temp.refused($$SELECT care.record_statement_text('nowhere', 'advice', '2024-01-01', 'always', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_statement_text('E06000001', '', '2024-01-01', 'always', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_statement_text('E06000001', 'advice', NULL, 'always', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_statement_text('E06000001', 'advice', '2024-01-01', 'sometimes', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_statement_text('E06000001', 'advice', '2024-01-01', 'always', '')$$);
SELECT pg_temp.refused($$SELECT care.record_statement_text('E06000001', 'advice', '2024-01-01', 'always', 'x', 'letter')$$);

-- Reasons.
SELECT care.record_adjustment_reason('goodwill', 'A gesture of the authority');
SELECT reason, description, shipped, recorded_by = session_user FROM care.adjustment_reason WHERE NOT shipped;
SELECT pg_temp.refused($$SELECT care.record_adjustment_reason('goodwill', 'Another')$$);
SELECT pg_temp.refused($$SELECT care.record_adjustment_reason('', 'x')$$);
SELECT pg_temp.refused($$SELECT care.record_adjustment_reason('more', NULL)$$);
ROLLBACK;
