--
-- sac_check: the return of safeguarding checked, put in rates, and made ready to be published.
--
-- Must not know: how a cell is counted.
--

CREATE FUNCTION casework.sac_check(authority text, year_ending date)
    RETURNS TABLE (rule text, severity text, measure text, found bigint, expected bigint, says text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH cell AS MATERIALIZED (
        SELECT r.* FROM casework.sac_return(authority, year_ending) AS r
    ), concluded AS (
        SELECT c.measure, count(*) AS number
        FROM unnest('{f,t}'::boolean[]) AS u (concluded),
            LATERAL casework_internal.sac_counted(authority, year_ending, u.concluded) AS c
        WHERE c.is_adult GROUP BY c.measure
    ), total AS (
        SELECT m.code AS measure, coalesce(c.number, 0) AS cases,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG2c') AS assessed,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG2c' AND l.row_item LIKE 'identified%') AS identified,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG2e') AS became,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG3a' AND l.row_item <> 'supported') AS capacity,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG3a' AND l.row_item = 'lacked') AS lacked,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG3a' AND l.row_item = 'supported') AS supported,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG4a' AND a.code IS NOT NULL) AS asked,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG4a' AND l.row_item = 'expressed') AS expressed,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG4a' AND a.code IS NULL) AS achieved,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG1a') AS individuals,
               sum(l.number) FILTER (WHERE l.sac_table = 'SG1f') AS started
        FROM casework.code AS m
            LEFT JOIN concluded AS c ON c.measure = m.code
            LEFT JOIN cell AS l ON l.measure = m.code
            LEFT JOIN casework.code AS a ON a.list = 'sac_outcomes_asked' AND a.code = l.row_item
        WHERE m.list = 'sac_measure'
        GROUP BY m.code, c.number
    )
    SELECT f.rule, f.severity, t.measure, f.found::bigint, f.expected::bigint, f.says
    FROM total AS t
        CROSS JOIN LATERAL (VALUES
            ('SG2c_concluded', 'error', t.assessed <> t.cases, t.assessed, t.cases,
             'the risk assessment outcomes are not as many as the enquiries concluded'),
            ('SG2e_identified', 'error', t.became <> t.identified, t.became, t.identified,
             'the risk outcomes are not as many as the risks identified'),
            ('SG3a_concluded', 'error', t.capacity <> t.cases, t.capacity, t.cases,
             'capacity is not counted for each enquiry concluded'),
            ('SG3a_supported', 'error', t.supported > t.lacked, t.supported, t.lacked,
             'more were supported than lacked capacity'),
            ('SG4a_concluded', 'error', t.asked > 0 AND t.asked <> t.cases, t.asked, t.cases,
             'whether outcomes were asked for is not counted for each enquiry concluded'),
            ('SG4a_achieved', 'error', t.achieved <> t.expressed, t.achieved, t.expressed,
             'how far outcomes were achieved is not counted for each enquiry where some were expressed'),
            ('SG1_individuals', 'error', t.individuals > t.started, t.individuals, t.started,
             'there are more individuals than cases'),
            ('SG1_enquiries', 'warning',
             t.measure = 'section_42' AND t.started > (SELECT c.started FROM total AS c WHERE c.measure = 'concern'),
             t.started, (SELECT c.started FROM total AS c WHERE c.measure = 'concern'),
             'more section 42 enquiries started than concerns were raised: some are about those of another year'))
            AS f (rule, severity, fails, found, expected, says)
    WHERE f.fails;
END;
COMMENT ON FUNCTION casework.sac_check(text, date) IS
    'The rules that hold between the cells of the return of a year, where one does not; no row means that all is well. '
    'severity error, or warning: it may be so.';

-- Below five hidden, nought included; others to the nearest five.
CREATE FUNCTION casework.published_number(number bigint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN number < 5 THEN '[c]' ELSE ((number + 2) / 5 * 5)::text END;
COMMENT ON FUNCTION casework.published_number(bigint) IS
    'A count as it is published: [c] below 5, nought included, else to the nearest 5.';

CREATE FUNCTION casework.sac_published(authority text, year_ending date, prison_only boolean DEFAULT NULL)
    RETURNS TABLE (sac_table text, measure text, row_item text, column_item text, published text)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 500 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.sac_table, r.measure, r.row_item, r.column_item,
           CASE WHEN r.sac_table = 'SG4a' AND a.code IS NOT NULL
                     AND sum(r.number) FILTER (WHERE a.code IS NOT NULL) OVER (PARTITION BY r.sac_table, r.measure) = 0
                THEN '[x]' ELSE casework.published_number(r.number) END
    FROM casework.sac_return(authority, year_ending, prison_only) WITH ORDINALITY
            AS r (sac_table, measure, row_item, column_item, number, place)
        LEFT JOIN casework.code AS a ON a.list = 'sac_outcomes_asked' AND a.code = r.row_item
    ORDER BY r.place;
END;
COMMENT ON FUNCTION casework.sac_published(text, date, boolean) IS
    'The return of a year as it is published: small counts hidden, others to the nearest 5; [x] where nobody was asked '
    'in any way: SG4a was not supplied.';

CREATE FUNCTION casework.sac_rate(authority text, year_ending date, population numeric DEFAULT NULL)
    RETURNS TABLE (concerns bigint, section_42 bigint, other bigint, conversion_percent numeric,
                   section_42_percent numeric, concerns_per_100000 numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT t.concerns, t.section_42, t.other, round(100.0 * (t.section_42 + t.other) / nullif(t.concerns, 0), 2),
           round(100.0 * t.section_42 / nullif(t.section_42 + t.other, 0), 2),
           round(t.concerns * 100000 / nullif(population, 0), 2)
    FROM (SELECT sum(r.number) FILTER (WHERE r.measure = 'concern')::bigint AS concerns,
                 sum(r.number) FILTER (WHERE r.measure = 'section_42')::bigint AS section_42,
                 sum(r.number) FILTER (WHERE r.measure = 'other')::bigint AS other
          FROM casework.sac_return(authority, year_ending) AS r WHERE r.sac_table = 'SG1f') AS t;
END;
COMMENT ON FUNCTION casework.sac_rate(text, date, numeric) IS
    'Concerns and enquiries of a year, enquiries as a percentage of concerns, section 42 as one of enquiries, and '
    'concerns for each 100,000 of a population; to two decimals, null where divided by nothing.';

CREATE FUNCTION casework.age_standardised_rate(numbers jsonb, population jsonb, england jsonb) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT round(sum((n.value)::numeric * 100000 / (p.value)::numeric * (e.value)::numeric
                     / (SELECT sum((w.value)::numeric) FROM jsonb_each_text(england) AS w)), 2)
    FROM jsonb_each_text(england) AS e
        LEFT JOIN jsonb_each_text(population) AS p ON p.key = e.key
        LEFT JOIN jsonb_each_text(numbers) AS n ON n.key = e.key;
END;
COMMENT ON FUNCTION casework.age_standardised_rate(jsonb, jsonb, jsonb) IS
    'A rate for each 100,000, standardised by age: the rate of each band (numbers and population by band) weighted by '
    'England''s people in the band; to two decimals.';

-- Finer codes beneath the national ones; an enquiry once under each.
CREATE FUNCTION casework.sac_roll_up(authority text, year_ending date)
    RETURNS TABLE (list text, national_code text, local_code text, enquiries bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH coded AS (
        SELECT x.list, x.national_code, x.local_code, c.case_id
        FROM casework_internal.sac_counted(authority, year_ending, true) AS c
            CROSS JOIN LATERAL (
                SELECT 'sac_source_of_risk' AS list, r.source AS national_code, r.local_source AS local_code
                FROM casework.risk_known_at('infinity') AS r WHERE r.enquiry_id = c.case_id
                UNION ALL
                (SELECT 'sac_risk_assessment_outcome', k.risk_assessment_outcome, k.local_outcome
                 FROM casework.conclusion AS k WHERE k.enquiry_id = c.case_id
                 ORDER BY k.conclusion_id DESC LIMIT 1)) AS x
        WHERE c.is_adult AND x.national_code IS NOT NULL
    )
    SELECT d.list, d.national_code, CASE WHEN GROUPING(d.local_code) = 0 THEN coalesce(d.local_code, '') END,
           count(DISTINCT d.case_id)
    FROM coded AS d GROUP BY GROUPING SETS ((d.list, d.national_code), (d.list, d.national_code, d.local_code))
    ORDER BY d.list, d.national_code, GROUPING(d.local_code) DESC, d.local_code;
END;
COMMENT ON FUNCTION casework.sac_roll_up(text, date) IS
    'Enquiries concluded in a year by national code and by the local codes beneath it (empty: none was given); a null '
    'local code is the national total, in which an enquiry with two local codes counts once.';
