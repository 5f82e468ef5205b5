--
-- steps: what it costs to open agreements with their steps, and to post what each defers a week.
--
-- In milliseconds for each of many; an agreement that is opened is a transaction of its own as far as
-- the functions go: none sees that another comes after it.
--
-- Must not know: how the other agreements were loaded.
--

CREATE FUNCTION bench.open_agreements(first int, last int) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(care.open_agreement('E10000028', 'N' || n, 'N' || n, date '2025-01-06', date '2025-01-13'))
    FROM generate_series(first, last) AS n
$$;

-- So many milliseconds for each of so many.
CREATE PROCEDURE bench.each(what text, statement text, count int, at_most numeric) LANGUAGE plpgsql AS $$
DECLARE
    number int;
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
    VALUES ('limits', what, at_most, count, 1) RETURNING comparison.number INTO number;
    CALL bench.measure(number, 'A', statement);
    INSERT INTO bench.timing VALUES (number, 'B', 0.001, 0.001);
END
$$;

SELECT bench.open_agreements(1, 100) \g /dev/null
CALL bench.each('opening an agreement, each / 1 ms', 'SELECT bench.open_agreements(101, 600)', 500, 3);
SELECT count(care.record_valuation(a.agreement_id, '2025-01-06', 300000)), count(care.record_deferral(a.agreement_id, '2025-01-13', 1200, 300))
FROM care.agreement AS a WHERE a.reference ~ '^N' \g /dev/null
ANALYZE care.agreement, care.agreement_event, care.valuation, care.deferral, care.agreement_entry, care.deferral_posting;
SELECT care.post_due_deferrals_batch('2025-01-19', 'E10000028', 1000) \g /dev/null
CALL bench.each('posting a week, each / 1 ms', $$SELECT care.post_due_deferrals_batch('2025-01-26', 'E10000028', 1000)$$, 600, 1);
CALL bench.require_same_rows('SELECT 1200::bigint', $$SELECT count(*) FROM care.deferral_posting AS p JOIN care.agreement AS a ON a.agreement_id = p.agreement_id WHERE a.reference ~ '^N'$$);
