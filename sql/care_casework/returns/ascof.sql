--
-- ascof: measures of the Adult Social Care Outcomes Framework that follow from Client Level Data.
--
-- The published method was read of 2A, 2E and 3D.  That of 2B, 2C and 2D was not: they are worked out as they are
-- described, and the meaning of each says where the choice was ours.
--
-- Must not know: how events are recorded.
--

-- Into a care home: in none on the day before.
CREATE FUNCTION casework.ascof_admission(submissions bigint[], from_day date, to_day date)
    RETURNS TABLE (person text, admitted_on date, age integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH home AS MATERIALIZED (
        SELECT u.person, u.from_day, u.to_day, u.date_of_birth FROM casework.cld_unique(submissions) AS u
        WHERE u.event_type = 'service' AND u.client_type = 'service_user'
          AND u.service_type IN ('lt_nursing', 'lt_residential')
    )
    SELECT h.person, min(h.from_day), casework.age_on(min(h.date_of_birth), min(h.from_day))
    FROM home AS h
    WHERE h.from_day BETWEEN ascof_admission.from_day AND ascof_admission.to_day
      AND NOT EXISTS (SELECT FROM home AS o
                      WHERE o.person = h.person AND o.from_day < h.from_day
                        AND (o.to_day IS NULL OR o.to_day >= h.from_day - 1))
    GROUP BY h.person;
END;
COMMENT ON FUNCTION casework.ascof_admission(bigint[], date, date) IS
    'Those whose long term support in nursing or residential care begins in a period, without such support on the day '
    'before, once each, with their age on the first such day.';

-- Whoever began short term support to maximise independence within 28 days of a request from hospital.
CREATE FUNCTION casework.ascof_at_home(submissions bigint[], from_day date, to_day date)
    RETURNS TABLE (person text, began_on date, age integer, at_home boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH unique_event AS MATERIALIZED (
        SELECT u.* FROM casework.cld_unique(submissions) AS u WHERE u.client_type = 'service_user'
    ), began AS (
        SELECT s.person, min(s.from_day) AS began_on, min(s.date_of_birth) AS date_of_birth, min(s.died_on) AS died_on
        FROM unique_event AS s
        WHERE s.service_type = 'st_max'
          AND s.from_day BETWEEN ascof_at_home.from_day - 91 AND ascof_at_home.to_day - 91
          AND EXISTS (SELECT FROM unique_event AS r
                      WHERE r.person = s.person AND r.event_type = 'request'
                        AND r.route_of_access = 'discharge_from_hospital'
                        AND s.from_day BETWEEN r.from_day AND r.to_day + 28)
        GROUP BY s.person
    )
    SELECT b.person, b.began_on, casework.age_on(b.date_of_birth, b.began_on),
           (b.died_on <= b.began_on + 91) IS NOT TRUE
           AND NOT EXISTS (SELECT FROM unique_event AS l
                           WHERE l.person = b.person AND l.service_type IN ('lt_nursing', 'lt_residential')
                             AND l.from_day <= b.began_on + 91 AND (l.to_day IS NULL OR l.to_day >= b.began_on + 91))
    FROM began AS b;
END;
COMMENT ON FUNCTION casework.ascof_at_home(bigint[], date, date) IS
    'Those whose support to maximise independence after a hospital had its 91st day in a period, once each: the first '
    'such support that began within 28 days of a request by discharge from hospital. at_home: they lived on the 91st '
    'day, and not in nursing or residential care.';

CREATE FUNCTION casework.ascof(submissions bigint[], year_ending date, population jsonb DEFAULT '{}')
    RETURNS TABLE (measure text, meaning text, numerator bigint, denominator bigint, rate numeric, per integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH in_year AS MATERIALIZED (
        SELECT l.* FROM casework.salt_long_term(submissions, (year_ending - interval '1 year')::date + 1, year_ending)
            AS l
    ), on_day AS MATERIALIZED (
        SELECT l.* FROM casework.salt_long_term(submissions, year_ending, year_ending) AS l
    ), admitted AS MATERIALIZED (
        SELECT a.* FROM casework.ascof_admission(submissions, (year_ending - interval '1 year')::date + 1, year_ending)
            AS a
    ), counted AS (
        SELECT '2A', 'short term support of new clients after which no long term support followed',
               count(*) FILTER (WHERE s.sequel <> 'lt' AND s.sequel <> 'early_nhs_eol_deceased'),
               count(*) FILTER (WHERE s.sequel <> 'early_nhs_eol_deceased'), 100
        FROM casework.salt_st_max(submissions, (year_ending - interval '1 year')::date + 1, year_ending) AS s
        WHERE s.new_client
        UNION ALL
        SELECT '2B', 'people of 18 to 64 admitted to nursing or residential care, for each 100,000 of that age (age '
               'on admission: our choice)', count(*), (population->>'18-64')::bigint, 100000
        FROM admitted AS a WHERE a.age BETWEEN 18 AND 64
        UNION ALL
        SELECT '2C', 'people of 65 and over admitted to nursing or residential care, for each 100,000 of that age (age '
               'on admission: our choice)', count(*), (population->>'65+')::bigint, 100000
        FROM admitted AS a WHERE a.age >= 65
        UNION ALL
        SELECT '2D', 'people of 65 and over who are at home 91 days after support to maximise independence began '
               '(which support follows a hospital: our choice)', count(*) FILTER (WHERE h.at_home), count(*), 100
        FROM casework.ascof_at_home(submissions, (year_ending - interval '1 year')::date + 1, year_ending) AS h
        WHERE h.age >= 65
        UNION ALL
        SELECT '2E', 'people with learning disability support, 18 to 64, in settled accommodation',
               count(*) FILTER (WHERE c.details->>'settled' = 't'), count(*), 100
        FROM in_year AS l LEFT JOIN casework.code AS c
            ON c.list = 'cld_accommodation_status' AND c.code = l.accommodation_status
        WHERE l.support_reason = 'learning_disability' AND l.age BETWEEN 18 AND 64
        UNION ALL
        SELECT '3D', 'people with community support on the last day who have a direct payment or a managed budget',
               count(*) FILTER (WHERE l.setting IN ('community_dp', 'community_mpb')), count(*), 100
        FROM on_day AS l WHERE l.setting LIKE 'community%'
    )
    SELECT c.measure, c.meaning, c.numerator, c.denominator,
           round(c.per::numeric * c.numerator / nullif(c.denominator, 0), 1), c.per
    FROM counted AS c (measure, meaning, numerator, denominator, per) ORDER BY c.measure;
END;
COMMENT ON FUNCTION casework.ascof(bigint[], date, jsonb) IS
    'Measures 2A to 2E and 3D for a year that ends on 31 March: rate is numerator by denominator, of 100 or of '
    '100,000 as per says, null where nothing is divided by. 2B and 2C want population, as {"18-64": ..., "65+": ...}.';
