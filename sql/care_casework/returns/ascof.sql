--
-- ascof: measures of the Adult Social Care Outcomes Framework that follow from Client Level Data.
--
-- Must not know: how events are recorded.
--

CREATE FUNCTION casework.ascof(submissions bigint[], year_ending date)
    RETURNS TABLE (measure text, meaning text, numerator bigint, denominator bigint, percent numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH in_year AS MATERIALIZED (
        SELECT l.* FROM casework.salt_long_term(submissions, (year_ending - interval '1 year')::date + 1, year_ending)
            AS l
    ), on_day AS MATERIALIZED (
        SELECT l.* FROM casework.salt_long_term(submissions, year_ending, year_ending) AS l
    ), st_max AS (
        SELECT s.sequel FROM casework.salt_st_max(submissions, (year_ending - interval '1 year')::date + 1,
            year_ending) AS s
        WHERE s.new_client
    ), counted AS (
        SELECT '2A', 'short term support of new clients after which no long term support followed',
               count(*) FILTER (WHERE s.sequel <> 'lt' AND s.sequel <> 'early_nhs_eol_deceased'),
               count(*) FILTER (WHERE s.sequel <> 'early_nhs_eol_deceased')
        FROM st_max AS s
        UNION ALL
        SELECT '2E', 'people with learning disability support, 18 to 64, in settled accommodation',
               count(*) FILTER (WHERE c.details->>'settled' = 't'), count(*)
        FROM in_year AS l LEFT JOIN casework.code AS c
            ON c.list = 'cld_accommodation_status' AND c.code = l.accommodation_status
        WHERE l.support_reason = 'learning_disability' AND l.age BETWEEN 18 AND 64
        UNION ALL
        SELECT '3D', 'people with community support on the last day who have a direct payment or a managed budget',
               count(*) FILTER (WHERE l.setting IN ('community_dp', 'community_mpb')), count(*)
        FROM on_day AS l WHERE l.setting LIKE 'community%'
    )
    SELECT c.measure, c.meaning, c.numerator, c.denominator, round(100.0 * c.numerator / nullif(c.denominator, 0), 1)
    FROM counted AS c (measure, meaning, numerator, denominator) ORDER BY c.measure;
END;
COMMENT ON FUNCTION casework.ascof(bigint[], date) IS
    'Measures 2A, 2E and 3D for a year that ends on 31 March, in per cent of the denominator. 2B, 2C and 2D ask for a '
    'population or for what was not read, and are not worked out.';
