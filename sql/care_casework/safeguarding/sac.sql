--
-- sac: the Safeguarding Adults Collection, SG1 to SG5, of a year.
--
-- A year runs from 1 April to 31 March.  SG1 counts concerns raised and enquiries started in it, SG2 to SG4 enquiries
-- concluded.  Its layout is that of the year: a table, row or column is in it that may be used on some day of the year.
-- The return holds true counts; what is published is a step of its own (room sac_check).
--
-- Must not know: how anything is recorded.
--

SELECT care_internal.keep_setting('sac_review_counted', '^(started|concluded)$', 'concluded',
           'in which year the Safeguarding Adults Collection counts a review; not read in any guidance',
           'care_casework');

-- On the last day of the year, or at death.
CREATE FUNCTION casework_internal.sac_age_band(date_of_birth date, on_day date) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN date_of_birth IS NULL THEN 'not_known'
                WHEN on_day < date_of_birth + interval '65 years' THEN '18-64'
                WHEN on_day < date_of_birth + interval '75 years' THEN '65-74'
                WHEN on_day < date_of_birth + interval '85 years' THEN '75-84'
                WHEN on_day < date_of_birth + interval '95 years' THEN '85-94' ELSE '95+' END;
COMMENT ON FUNCTION casework_internal.sac_age_band(date, date) IS 'The age band of a person on a day.';

-- Who was not eighteen on the day of the case is no adult at risk: kept apart.
CREATE FUNCTION casework_internal.sac_counted(authority text, year_ending date, concluded boolean)
    RETURNS TABLE (measure text, case_id bigint, person_id bigint, on_day date, date_of_birth date, is_adult boolean,
                   in_prison boolean)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000
BEGIN ATOMIC
    SELECT k.measure, k.case_id, k.person_id, k.on_day, d.date_of_birth,
           (k.on_day < d.date_of_birth + interval '18 years') IS NOT TRUE, coalesce(t.days @> k.on_day, false)
    FROM (SELECT 'concern' AS measure, c.concern_id AS case_id, c.person_id, c.raised_on AS on_day
          FROM casework.concern AS c
          WHERE NOT sac_counted.concluded
            AND c.raised_on BETWEEN care_internal.require_year(year_ending) AND year_ending
            AND (sac_counted.authority IS NULL OR c.authority = sac_counted.authority)
          UNION ALL
          SELECT e.type, e.enquiry_id, e.person_id, e.started_on
          FROM casework.enquiry AS e
          WHERE NOT sac_counted.concluded
            AND e.started_on BETWEEN care_internal.require_year(year_ending) AND year_ending
            AND (sac_counted.authority IS NULL OR e.authority = sac_counted.authority)
          UNION ALL
          SELECT 'concluded_' || e.type, e.enquiry_id, e.person_id, e.started_on
          FROM casework.enquiry AS e
          WHERE sac_counted.concluded
            AND e.concluded_on BETWEEN care_internal.require_year(year_ending) AND year_ending
            AND e.started_on IS NOT NULL
            AND (sac_counted.authority IS NULL OR e.authority = sac_counted.authority)) AS k
        LEFT JOIN care.person_detail_known_at('infinity') AS d ON d.person_id = k.person_id
        LEFT JOIN casework_internal.detained_days('infinity') AS t ON t.person_id = k.person_id
    WHERE casework_internal.require_authority_or_all(sac_counted.authority);
END;
COMMENT ON FUNCTION casework_internal.sac_counted(text, date, boolean) IS
    'The cases of a year: concerns raised and enquiries started, or the enquiries concluded.';

CREATE FUNCTION casework_internal.sac_profile()
    RETURNS TABLE (person_id bigint, gender text, ethnicity text, support_reason text, health_conditions text[])
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
    SELECT p.person_id, p.gender, n.details->>'sac_ethnicity',
           CASE WHEN p.support_reason = 'none' THEN 'none' ELSE r.details->>'sac_support_reason' END,
           p.health_conditions
    FROM casework.profile_known_at('infinity') AS p
        LEFT JOIN casework.code AS n ON n.list = 'cld_ethnicity' AND n.code = p.ethnicity
        LEFT JOIN casework.code AS r ON r.list = 'cld_primary_support_reason' AND r.code = p.support_reason;
END;
COMMENT ON FUNCTION casework_internal.sac_profile() IS
    'What is known of people, in the codes of the collection; null: not known.';

CREATE FUNCTION casework.sac_case(authority text, year_ending date)
    RETURNS TABLE (measure text, case_id bigint, person_id bigint, on_day date, is_adult boolean, in_prison boolean,
                   age_band text, gender text, ethnicity text, support_reason text, health_conditions text[])
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
    SELECT k.measure, k.case_id, k.person_id, k.on_day, k.is_adult, k.in_prison,
           casework_internal.sac_age_band(k.date_of_birth, least(year_ending, x.died_on)),
           coalesce(p.gender, 'not_known'), coalesce(p.ethnicity, 'not_known'),
           coalesce(p.support_reason, 'not_known'), coalesce(p.health_conditions, '{}')
    FROM (SELECT s.* FROM casework_internal.sac_counted(authority, year_ending, false) AS s
          UNION ALL SELECT c.* FROM casework_internal.sac_counted(authority, year_ending, true) AS c) AS k
        LEFT JOIN care.death_known_at('infinity') AS x ON x.person_id = k.person_id
        LEFT JOIN casework_internal.sac_profile() AS p ON p.person_id = k.person_id;
END;
COMMENT ON FUNCTION casework.sac_case(text, date) IS
    'Every case that the collection looks at in the year that ends on a 31 March, with what it is counted by: concerns '
    'raised, enquiries started, enquiries concluded (concluded_...). on_day is the day it was raised or started; those '
    'of people under 18 then (is_adult false) are not counted.';

CREATE FUNCTION casework_internal.sac_review_case(authority text, year_ending date)
    RETURNS TABLE (review_id bigint, person_id bigint, serious_harm boolean, died boolean, in_prison boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.review_id, s.person_id, s.serious_harm, s.died,
           coalesce(casework_internal.is_detained(s.person_id, r.started_on), false)
    FROM casework.review AS r
        LEFT JOIN casework.review_subject_known_at('infinity') AS s ON s.review_id = r.review_id
    WHERE r.started_on IS NOT NULL AND (sac_review_case.authority IS NULL OR r.authority = sac_review_case.authority)
      AND CASE care.setting_on(r.authority, 'sac_review_counted', year_ending) WHEN 'started' THEN r.started_on
               ELSE r.concluded_on END
          BETWEEN care_internal.require_year(year_ending) AND year_ending;
END;
COMMENT ON FUNCTION casework_internal.sac_review_case(text, date) IS
    'The reviews that count in a year, a row for each of their subjects.';

-- SG2 to SG4 of the enquiries concluded: an enquiry counts once in each different pair.  Those with one risk are put
-- together before they are counted: of these no pair can come twice.
CREATE FUNCTION casework_internal.sac_concluded(authority text, year_ending date, prison_only boolean)
    RETURNS TABLE (sac_table text, measure text, row_item text, column_item text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH concluded AS MATERIALIZED (
        SELECT c.measure, e.enquiry_id, e.risk_assessment_outcome, e.risk_outcome, e.capacity, e.supported, e.asked,
               e.achieved
        FROM casework_internal.sac_counted(authority, year_ending, true) AS c
            JOIN casework.enquiry AS e ON e.enquiry_id = c.case_id
        WHERE c.is_adult AND (prison_only IS NULL OR c.in_prison = prison_only)
    ), risk AS (
        SELECT c.measure, r.enquiry_id, r.risk_type, r.source, r.location,
               count(*) OVER (PARTITION BY r.enquiry_id) AS risks
        FROM concluded AS c JOIN casework.risk_known_at('infinity') AS r ON r.enquiry_id = c.enquiry_id
    ), alike AS (
        SELECT r.measure, NULL::bigint AS enquiry_id, r.risk_type, r.source, r.location, count(*) AS enquiries
        FROM risk AS r WHERE r.risks = 1 GROUP BY r.measure, r.risk_type, r.source, r.location
        UNION ALL
        SELECT r.measure, r.enquiry_id, r.risk_type, r.source, r.location, 1 FROM risk AS r WHERE r.risks > 1
    ), pair AS (
        SELECT p.sac_table, a.measure, p.row_item, p.column_item,
               CASE WHEN a.enquiry_id IS NULL THEN sum(a.enquiries) ELSE 1 END AS enquiries
        FROM alike AS a
            CROSS JOIN LATERAL (VALUES ('SG2a', a.risk_type, a.source), ('SG2a_b1', a.risk_type, a.location),
                                       ('SG2b', a.location, a.source)) AS p (sac_table, row_item, column_item)
        WHERE p.row_item IS NOT NULL AND p.column_item IS NOT NULL
        GROUP BY 1, 2, 3, 4, a.enquiry_id
    ), answer AS (
        SELECT c.measure, c.risk_assessment_outcome, c.risk_outcome, c.capacity, c.supported, c.asked, c.achieved,
               count(*) AS enquiries
        FROM concluded AS c GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), single AS (
        SELECT s.sac_table, c.measure, s.row_item, c.enquiries
        FROM answer AS c
            LEFT JOIN casework.code AS a ON a.list = 'sac_risk_assessment_outcome'
                AND a.code = c.risk_assessment_outcome
            CROSS JOIN LATERAL (VALUES ('SG2c', c.risk_assessment_outcome),
                ('SG2e', CASE WHEN a.details->>'risk_identified' = 'yes' THEN c.risk_outcome END),
                ('SG3a', coalesce(c.capacity, 'not_recorded')),
                ('SG3a', CASE WHEN c.capacity = 'lacked' AND c.supported THEN 'supported' END),
                ('SG4a', coalesce(c.asked, 'not_recorded')),
                ('SG4a', CASE WHEN c.asked = 'expressed' THEN c.achieved END)) AS s (sac_table, row_item)
        WHERE s.row_item IS NOT NULL
    )
    SELECT p.sac_table, p.measure, p.row_item, p.column_item, sum(p.enquiries)::bigint FROM pair AS p
    GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT s.sac_table, s.measure, s.row_item, '', sum(s.enquiries)::bigint FROM single AS s GROUP BY 1, 2, 3;
END;
COMMENT ON FUNCTION casework_internal.sac_concluded(text, date, boolean) IS
    'Part of sac_return(): the cells of SG2 to SG4 that are not nought.';

-- SG1: an individual once in each measure, a case once; an individual is in prison if they were for any case of it.
-- Cases are put together by person first; then all tables are counted in one pass.
CREATE FUNCTION casework_internal.sac_started(authority text, year_ending date, prison_only boolean)
    RETURNS TABLE (sac_table text, measure text, row_item text, column_item text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH individual AS (
        SELECT c.measure, c.person_id, min(c.date_of_birth) AS date_of_birth,
               count(*) FILTER (WHERE prison_only IS NULL OR c.in_prison = prison_only) AS cases,
               prison_only IS NULL OR bool_or(c.in_prison) = prison_only AS counts
        FROM casework_internal.sac_counted(authority, year_ending, false) AS c
        WHERE c.is_adult GROUP BY c.measure, c.person_id
    ), grouped AS MATERIALIZED (
        SELECT g.measure, g.age_band, g.gender, g.ethnicity, g.support_reason, g.health_conditions,
               GROUPING(g.age_band, g.gender, g.ethnicity, g.support_reason, g.health_conditions) AS others,
               count(*) FILTER (WHERE g.counts) AS people, sum(g.cases)::bigint AS cases
        FROM (SELECT i.measure, i.cases, i.counts, p.health_conditions,
                     casework_internal.sac_age_band(i.date_of_birth, least(year_ending, x.died_on)) AS age_band,
                     coalesce(p.gender, 'not_known') AS gender, coalesce(p.ethnicity, 'not_known') AS ethnicity,
                     coalesce(p.support_reason, 'not_known') AS support_reason
              FROM individual AS i
                  LEFT JOIN care.death_known_at('infinity') AS x ON x.person_id = i.person_id
                  LEFT JOIN casework_internal.sac_profile() AS p ON p.person_id = i.person_id) AS g
        GROUP BY g.measure, GROUPING SETS ((g.age_band), (g.gender), (g.ethnicity), (g.support_reason),
                                           (g.health_conditions))
    )
    SELECT t.sac_table, g.measure, coalesce(g.age_band, g.gender, g.ethnicity, g.support_reason), '',
           CASE WHEN t.of_people THEN g.people ELSE g.cases END
    FROM grouped AS g
        JOIN (VALUES (15, 'SG1a', true), (23, 'SG1b', true), (27, 'SG1c', true), (29, 'SG1d', false))
            AS t (others, sac_table, of_people) ON t.others = g.others
    UNION ALL
    SELECT 'SG1f', g.measure, '', '', sum(g.cases)::bigint FROM grouped AS g WHERE g.others = 29 GROUP BY g.measure
    UNION ALL
    SELECT 'SG1e', g.measure, h.condition, '', sum(g.cases)::bigint
    FROM grouped AS g
        CROSS JOIN LATERAL (SELECT DISTINCT u.condition FROM unnest(g.health_conditions) AS u (condition)) AS h
    WHERE g.others = 30 GROUP BY g.measure, h.condition;
END;
COMMENT ON FUNCTION casework_internal.sac_started(text, date, boolean) IS
    'Part of sac_return(): the cells of SG1; others are nought.';

CREATE FUNCTION casework_internal.sac_reviewed(authority text, year_ending date, prison_only boolean)
    RETURNS TABLE (sac_table text, measure text, row_item text, column_item text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH subject AS MATERIALIZED (
        SELECT s.* FROM casework_internal.sac_review_case(authority, year_ending) AS s
    ), review AS (
        SELECT s.review_id, coalesce(bool_or(s.died), false) AS died
        FROM subject AS s GROUP BY s.review_id
        HAVING prison_only IS NULL OR bool_or(s.in_prison) = prison_only
    )
    SELECT 'SG5a', 'review', CASE WHEN r.died THEN 'died' ELSE 'none_died' END, '', count(*)
    FROM review AS r GROUP BY r.died
    UNION ALL
    SELECT 'SG5b', 'review', CASE WHEN i.died THEN 'harm_died' ELSE 'harm_survived' END, '', count(*)
    FROM (SELECT s.person_id, coalesce(bool_or(s.died), false) AS died
          FROM subject AS s WHERE s.serious_harm GROUP BY s.person_id
          HAVING prison_only IS NULL OR bool_or(s.in_prison) = prison_only) AS i
    GROUP BY i.died;
END;
COMMENT ON FUNCTION casework_internal.sac_reviewed(text, date, boolean) IS
    'Part of sac_return(): the cells of SG5 that are not nought.';

CREATE FUNCTION casework_internal.sac_layout(year_ending date) RETURNS SETOF casework.code
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.* FROM casework.code AS c
    WHERE starts_with(c.list, 'sac_') AND c.code <> '*' AND (c.valid_from <= year_ending) IS NOT FALSE
      AND (c.valid_to >= care_internal.require_year(year_ending)) IS NOT FALSE;
END;
COMMENT ON FUNCTION casework_internal.sac_layout(date) IS
    'The tables, measures, rows and columns of the collection of a year.';

CREATE FUNCTION casework.sac_return(authority text, year_ending date, prison_only boolean DEFAULT NULL)
    RETURNS TABLE (sac_table text, measure text, row_item text, column_item text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 500
BEGIN ATOMIC
    WITH counted AS MATERIALIZED (
        SELECT s.* FROM casework_internal.sac_started(authority, year_ending, prison_only) AS s
        UNION ALL SELECT c.* FROM casework_internal.sac_concluded(authority, year_ending, prison_only) AS c
        UNION ALL SELECT r.* FROM casework_internal.sac_reviewed(authority, year_ending, prison_only) AS r
    ), layout AS MATERIALIZED (
        SELECT l.* FROM casework_internal.sac_layout(year_ending) AS l
    ), cell AS (
        SELECT t.code AS sac_table, m.code AS measure, coalesce(r.code, '') AS row_item,
               coalesce(c.code, '') AS column_item,
               row_number() OVER (ORDER BY t.position, m.position, r.list DESC, r.position, c.position) AS place
        FROM layout AS t
            JOIN layout AS m ON m.list = 'sac_measure' AND m.details->>'of' = t.details->>'measures'
            LEFT JOIN layout AS r ON r.list = ANY (string_to_array(t.details->>'rows', ' '))
                AND coalesce(r.details->>'table', t.code) = t.code
            LEFT JOIN layout AS c ON c.list = t.details->>'columns'
        WHERE t.list = 'sac_table'
    )
    SELECT l.sac_table, l.measure, nullif(l.row_item, ''), nullif(l.column_item, ''), coalesce(n.number, 0)
    FROM cell AS l
        LEFT JOIN counted AS n ON n.sac_table = l.sac_table AND n.measure = l.measure AND n.row_item = l.row_item
            AND n.column_item = l.column_item
    ORDER BY l.place;
END;
COMMENT ON FUNCTION casework.sac_return(text, date, boolean) IS
    'The Safeguarding Adults Collection of the year that ends on a 31 March, of one authority or all, every cell, '
    'with true counts: tables SG1 to SG5, measures, rows and columns by the codes of casework.code. prison_only: true, '
    'the cases of people who were detained on the day the case began; false, the others; both are the whole. 22023 for '
    'another day, P0002 for what is no authority.';
