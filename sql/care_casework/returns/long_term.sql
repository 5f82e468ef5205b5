--
-- long_term: the tables of long term support: in the year, on 31 March, for more than 12 months, reviewed, of carers,
-- and how people with a learning disability live and work.
--
-- A person counts once, in the setting that ranks highest.
--
-- Must not know: how events are recorded.
--

-- Setting and mechanism of a long term service, as a code of list salt_lts_setting.
CREATE FUNCTION casework_internal.lts_setting(service_type text, mechanism text, component text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE service_type
           WHEN 'lt_nursing' THEN 'nursing' WHEN 'lt_residential' THEN 'residential'
           WHEN 'lt_community' THEN 'community_' || CASE
               WHEN mechanism = 'direct_payment' OR component = 'direct_payment'
                                                         THEN 'dp' WHEN mechanism = 'managed_pb' THEN 'mpb'
                                                         WHEN mechanism = 'commissioned' THEN 'com' ELSE 'unk' END
           WHEN 'lt_prison' THEN 'prison_' || CASE mechanism WHEN 'managed_pb' THEN 'mpb' WHEN 'commissioned' THEN 'com'
                                                             ELSE 'unk' END END;
COMMENT ON FUNCTION casework_internal.lts_setting(text, text, text) IS
    'The setting of a long term service in the tables; null: it is none.';

-- One row a person: by rank of setting, then a known support reason, then the latest row; two reasons left: unknown.
CREATE FUNCTION casework.salt_long_term(submissions bigint[], from_day date, to_day date)
    RETURNS TABLE (person text, setting text, support_reason text, age integer, gender text, ethnicity text,
                   accommodation_status text, employment_status text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
    WITH served AS (
        SELECT u.*, t.setting, (k.details->>'rank')::integer AS rank,
               coalesce(u.support_reason, 'unknown') AS reason
        FROM casework.cld_unique(submissions) AS u
            CROSS JOIN LATERAL (SELECT casework_internal.lts_setting(u.service_type, u.delivery_mechanism,
                                                                     u.service_component)) AS t (setting)
            JOIN casework.code AS k ON k.list = 'salt_lts_setting' AND k.code = t.setting
        WHERE u.event_type = 'service' AND u.client_type = 'service_user' AND u.from_day <= salt_long_term.to_day
          AND (u.to_day IS NULL OR u.to_day >= salt_long_term.from_day)
    ), ranked AS (
        SELECT s.*, rank() OVER (PARTITION BY s.person ORDER BY s.rank, s.reason = 'unknown', s.from_day DESC) AS place
        FROM served AS s
    )
    SELECT r.person, min(r.setting), CASE WHEN count(DISTINCT r.reason) = 1 THEN min(r.reason) ELSE 'unknown' END,
           casework.age_on(min(r.date_of_birth), salt_long_term.to_day), min(r.gender), min(r.ethnicity),
           min(r.accommodation_status), min(r.employment_status)
    FROM ranked AS r WHERE r.place = 1 GROUP BY r.person;
END;
COMMENT ON FUNCTION casework.salt_long_term(bigint[], date, date) IS
    'Those with long term support on some day of a period (of one day: on that day), once each, by the setting that '
    'ranks highest (nursing first, prison last), with support reason, and age on its last day.';

-- In support on a day and without a gap of more than a day since the same day of the year before.
CREATE FUNCTION casework.salt_over_a_year(submissions bigint[], on_day date) RETURNS TABLE (person text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH served AS (
        SELECT u.person, u.from_day, coalesce(u.to_day, 'infinity') AS to_day
        FROM casework.cld_unique(submissions) AS u
        WHERE u.event_type = 'service' AND u.client_type = 'service_user' AND starts_with(u.service_type, 'lt_')
          AND u.from_day <= salt_over_a_year.on_day
    ), marked AS (
        SELECT s.*, s.from_day - max(s.to_day) OVER (PARTITION BY s.person ORDER BY s.from_day, s.to_day
                                                     ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS gap
        FROM (SELECT x.person, x.from_day, least(x.to_day, salt_over_a_year.on_day) AS to_day FROM served AS x) AS s
    ), spell AS (
        SELECT m.person, m.from_day, m.to_day,
               count(*) FILTER (WHERE m.gap > 1) OVER (PARTITION BY m.person ORDER BY m.from_day, m.to_day) AS n
        FROM marked AS m
    )
    SELECT s.person FROM spell AS s GROUP BY s.person, s.n
    HAVING max(s.to_day) >= salt_over_a_year.on_day
       AND min(s.from_day) <= (salt_over_a_year.on_day - interval '1 year')::date;
END;
COMMENT ON FUNCTION casework.salt_over_a_year(bigint[], date) IS
    'Those with long term support on a day (table LTS001c: 31 March) who had it for 12 months without a gap of more '
    'than a day between services.';

CREATE FUNCTION casework.salt_lts001(submissions bigint[], year_ending date, part text,
                                     prison_only boolean DEFAULT NULL)
    RETURNS TABLE (age_band text, setting text, support_reason text, people bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN l.age IS NULL THEN 'unknown' WHEN l.age < 18 THEN '0-17' WHEN l.age < 65 THEN '18-64'
        ELSE '65+' END,
           l.setting, l.support_reason, count(*)
    FROM casework.salt_long_term(submissions,
                                 CASE WHEN part = 'a' THEN (year_ending - interval '1 year')::date + 1
                                      ELSE year_ending END, year_ending) AS l
    WHERE (prison_only IS NULL OR prison_only = (l.setting LIKE 'prison%'))
      AND (part <> 'c' OR l.person IN (SELECT o.person FROM casework.salt_over_a_year(submissions, year_ending) AS o))
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION casework.salt_lts001(bigint[], date, text, boolean) IS
    'LTS001 for a year that ends on 31 March: part a, those with long term support in the year; b, on its last day; '
    'c, on its last day and for more than 12 months.';

-- Part a: every unplanned review, and the planned ones after which a care home began.  Part b: how those of LTS001c
-- were reviewed.  The approach was read, not its cells: the 28 days of part a are those of what follows a request.
CREATE FUNCTION casework.salt_lts002(submissions bigint[], year_ending date, part text,
                                     prison_only boolean DEFAULT NULL)
    RETURNS TABLE (age_band text, review text, setting text, number bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH unique_event AS MATERIALIZED (
        SELECT u.* FROM casework.cld_unique(submissions) AS u WHERE u.client_type = 'service_user'
    ), served AS (
        SELECT l.* FROM casework.salt_long_term(submissions,
            CASE WHEN part = 'a' THEN (year_ending - interval '1 year')::date + 1 ELSE year_ending END, year_ending)
            AS l
        WHERE prison_only IS NULL OR prison_only = (l.setting LIKE 'prison%')
    ), review AS (
        SELECT u.person, u.to_day, CASE WHEN u.review_reason LIKE 'unplanned%' THEN 'unplanned' ELSE 'planned' END
                   AS kind
        FROM unique_event AS u
        WHERE u.event_type = 'review' AND u.review_reason IS DISTINCT FROM 'short_term'
          AND u.to_day BETWEEN (year_ending - interval '1 year')::date + 1 AND year_ending
    ), followed AS (
        SELECT s.age, r.kind, x.service_type AS setting
        FROM served AS s JOIN review AS r ON r.person = s.person
            LEFT JOIN LATERAL (SELECT e.service_type FROM unique_event AS e
                               WHERE e.person = r.person AND starts_with(e.service_type, 'lt_')
                                 AND e.from_day BETWEEN r.to_day AND r.to_day + 28
                               ORDER BY e.from_day, e.event_id LIMIT 1) AS x ON true
        WHERE part = 'a' AND (r.kind = 'unplanned' OR x.service_type IN ('lt_nursing', 'lt_residential'))
    ), reviewed AS (
        SELECT s.age, coalesce((SELECT string_agg(DISTINCT r.kind, ' and ') FROM review AS r
                                WHERE r.person = s.person), 'none') AS kind, s.setting
        FROM served AS s
        WHERE part = 'b' AND s.person IN (SELECT o.person FROM casework.salt_over_a_year(submissions, year_ending)
                                              AS o)
    )
    SELECT CASE WHEN c.age IS NULL THEN 'unknown' WHEN c.age < 18 THEN '0-17' WHEN c.age < 65 THEN '18-64'
                ELSE '65+' END, c.kind, coalesce(c.setting, 'no change'), count(*)
    FROM (SELECT f.* FROM followed AS f UNION ALL SELECT r.* FROM reviewed AS r) AS c
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION casework.salt_lts002(bigint[], date, text, boolean) IS
    'LTS002 for a year that ends on 31 March. Part a, reviews in the year of those with long term support: the '
    'unplanned, and the planned after which care in a home began within 28 days, by the setting that began. Part b, '
    'people of LTS001c by the reviews they had: planned, unplanned, both or none, and their setting.';

CREATE FUNCTION casework.salt_lts003(submissions bigint[], year_ending date)
    RETURNS TABLE (age_band text, support text, carers bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN c.age IS NULL THEN 'unknown' WHEN c.age < 18 THEN '0-17' WHEN c.age < 26 THEN '18-25'
                WHEN c.age < 65 THEN '26-64' WHEN c.age < 85 THEN '65-84' ELSE '85+' END, c.support, count(*)
    FROM (SELECT DISTINCT ON (u.person) u.person, k.support, casework.age_on(u.date_of_birth, year_ending) AS age
          FROM casework.cld_unique(submissions) AS u
              CROSS JOIN LATERAL (
                  SELECT CASE WHEN u.service_type = 'uc_direct'
                      AND u.service_component = 'unpaid_carer_universal_services'
                              THEN 'info'
                              WHEN u.service_type = 'uc_direct'
                              THEN CASE WHEN u.delivery_mechanism = 'direct_payment'
                                             OR u.service_component = 'direct_payment' THEN 'dp'
                                        WHEN u.delivery_mechanism = 'managed_pb' THEN 'mpb'
                                        WHEN u.delivery_mechanism = 'commissioned' THEN 'com' ELSE 'unk' END
                              WHEN u.outcome = 'nfa_information' THEN 'info' ELSE 'none' END) AS k (support)
          WHERE starts_with(u.client_type, 'unpaid_carer') AND u.from_day <= year_ending
            AND (u.to_day IS NULL OR u.to_day > (year_ending - interval '1 year')::date)
          ORDER BY u.person, array_position('{dp,mpb,com,unk,info,none}', k.support), u.from_day DESC, u.event_id DESC)
        AS c
    GROUP BY 1, 2 ORDER BY 1, 2;
END;
COMMENT ON FUNCTION casework.salt_lts003(bigint[], date) IS
    'LTS003: carers with an event in the year, once each, by the support that ranks highest (direct by its mechanism, '
    'information, none) and age on 31 March.';

CREATE FUNCTION casework.salt_lts004(submissions bigint[], year_ending date)
    RETURNS TABLE (item text, status text, people bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT i.item, coalesce(i.status, 'unknown'), count(*)
    FROM casework.salt_long_term(submissions, (year_ending - interval '1 year')::date + 1, year_ending) AS l
        CROSS JOIN LATERAL (VALUES ('accommodation', l.accommodation_status), ('employment', l.employment_status))
            AS i (item, status)
    WHERE l.support_reason = 'learning_disability' AND l.age BETWEEN 18 AND 64 AND l.setting NOT LIKE 'prison%'
    GROUP BY 1, 2 ORDER BY 1, 2;
END;
COMMENT ON FUNCTION casework.salt_lts004(bigint[], date) IS
    'LTS004: accommodation and employment, as last known, of people of 18 to 64 with learning disability support in '
    'nursing, residential or community settings in the year.';
