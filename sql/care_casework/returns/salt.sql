--
-- salt: the tables of Short and Long Term support, and measures of the outcomes framework, from unique events.
--
-- Every inequality is that of the published method.  What it counts as new, joined or chained is worked out in one
-- pass; subset and rest make the whole in every table.  prison_only: true, only those whose setting is prison; false,
-- the rest; null, all.
--
-- Must not know: how events are recorded.
--

-- Requests of new clients, joined where the next begins within 4 days of the end of the one before it.
CREATE FUNCTION casework.salt_request(submissions bigint[], period_from date, period_to date)
    RETURNS TABLE (person text, request_from date, request_to date, outcome text, route_of_access text,
                   date_of_birth date, joined bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH unique_event AS MATERIALIZED (
        SELECT u.* FROM casework.cld_unique(submissions) AS u WHERE u.client_type = 'service_user'
    ), ordered AS (
        SELECT r.*, r.from_day - lag(r.to_day) OVER w AS gap
        FROM unique_event AS r WHERE r.event_type = 'request'
        WINDOW w AS (PARTITION BY r.person ORDER BY r.from_day, r.to_day, r.event_id)
    ), grouped AS (
        SELECT o.*, count(*) FILTER (WHERE o.gap > 4 OR o.gap IS NULL)
                        OVER (PARTITION BY o.person ORDER BY o.from_day, o.to_day, o.event_id) AS n
        FROM ordered AS o
    ), joined AS (
        SELECT g.person, min(g.from_day) AS from_day, max(g.to_day) AS to_day,
               (array_agg(g.outcome ORDER BY g.from_day DESC, g.to_day DESC, g.event_id DESC))[1] AS outcome,
               (array_agg(g.route_of_access ORDER BY g.from_day, g.to_day, g.event_id))[1] AS route,
               min(g.date_of_birth) AS date_of_birth, count(*) AS joined
        FROM grouped AS g GROUP BY g.person, g.n
    )
    SELECT j.person, j.from_day, j.to_day, j.outcome, j.route, j.date_of_birth, j.joined
    FROM joined AS j
    WHERE j.to_day BETWEEN salt_request.period_from AND salt_request.period_to
      AND NOT EXISTS (SELECT FROM unique_event AS s
                      WHERE s.person = j.person AND s.event_type = 'service' AND starts_with(s.service_type, 'lt_')
                        AND s.from_day <= j.from_day AND (s.to_day IS NULL OR s.to_day >= j.from_day));
END;
COMMENT ON FUNCTION casework.salt_request(bigint[], date, date) IS
    'Requests for support of new clients that end in a period: without long term support open on the first day of the '
    'request. Requests of a person are one where the next begins at most 4 days after the end of the one before it.';

-- Codes of outcomes, as the sequels of a request without a service.
CREATE FUNCTION casework_internal.salt_no_service(outcome text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN outcome = 'nfa_nhs' THEN 'nhs' WHEN outcome = 'nfa_information' THEN 'universal'
                WHEN outcome = 'nfa_deceased' THEN 'none_deceased'
                WHEN outcome IN ('nfa_ended_other', 'nfa_other') THEN 'none_other' ELSE 'unmapped' END;
COMMENT ON FUNCTION casework_internal.salt_no_service(text) IS
    'The sequel of a request without a service, by its outcome; unmapped: counted in the total alone.';

-- What follows a request: the first event within 28 days of its end, or the first that is open; then whatever follows
-- each within 3 days, until another request.
CREATE FUNCTION casework.salt_sequel(submissions bigint[], period_from date, period_to date)
    RETURNS TABLE (person text, request_from date, request_to date, sequel text, date_of_birth date,
        route_of_access text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH unique_event AS MATERIALIZED (
        SELECT u.* FROM casework.cld_unique(submissions) AS u WHERE u.client_type = 'service_user'
    ), request AS MATERIALIZED (
        SELECT r.*, row_number() OVER (ORDER BY r.person, r.request_from) AS n
        FROM casework.salt_request(submissions, salt_sequel.period_from, salt_sequel.period_to) AS r
    ), following AS (
        SELECT r.n, r.request_to, e.event_type, e.from_day, e.to_day, e.outcome, e.service_type, e.event_id,
               lag(e.to_day, 1, r.request_to) OVER w AS before_to, row_number() OVER w AS place,
               count(*) FILTER (WHERE e.event_type = 'request') OVER w AS requests
        FROM request AS r JOIN unique_event AS e ON e.person = r.person AND e.from_day >= r.request_from
            AND (e.event_type <> 'request' OR e.from_day > r.request_to)
        WINDOW w AS (PARTITION BY r.n ORDER BY e.from_day, e.to_day NULLS LAST, e.event_id)
    ), broken AS (
        SELECT f.*, count(*) FILTER (
                   WHERE f.requests > 0
                      OR CASE WHEN f.place = 1 THEN f.to_day IS NOT NULL AND f.from_day - f.request_to > 28
                              ELSE f.from_day - f.before_to > 3 END)
                   OVER (PARTITION BY f.n ORDER BY f.place) AS breaks
        FROM following AS f
    ), chain AS (
        SELECT b.n, min(rank.rank) AS service_rank,
               count(*) FILTER (WHERE b.outcome LIKE 'nfa%') AS nfa,
               (array_agg(b.outcome ORDER BY b.place DESC) FILTER (WHERE b.outcome LIKE 'nfa%'))[1] AS last_nfa
        FROM broken AS b
            LEFT JOIN LATERAL (SELECT (c.details->>'sequel_rank')::integer FROM casework.code AS c
                               WHERE c.list = 'cld_service_type' AND c.code = b.service_type) AS rank (rank) ON true
        WHERE b.breaks = 0 GROUP BY b.n
    )
    SELECT r.person, r.request_from, r.request_to,
           coalesce((SELECT CASE t.code WHEN 'st_low' THEN 'low_level' ELSE t.code END FROM casework.code AS t
                     WHERE t.list = 'cld_service_type' AND (t.details->>'sequel_rank')::integer = c.service_rank),
                    casework_internal.salt_no_service(CASE WHEN c.nfa > 1 THEN 'nfa_other'
                                                           ELSE coalesce(c.last_nfa, r.outcome) END)),
           r.date_of_birth, r.route_of_access
    FROM request AS r LEFT JOIN chain AS c ON c.n = r.n;
END;
COMMENT ON FUNCTION casework.salt_sequel(bigint[], date, date) IS
    'What followed each request of a new client (table STS001): the highest ranking service of the chain of events '
    'after it, else what the chain or the request itself led to, as codes of list salt_sts001_sequel.';

CREATE FUNCTION casework.salt_sts001(submissions bigint[], period_from date, period_to date,
                                     prison_only boolean DEFAULT NULL)
    RETURNS TABLE (age_band text, sequel text, requests bigint) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN a.age IS NULL THEN 'unknown' WHEN a.age < 18 THEN '0-17' WHEN a.age < 65 THEN '18-64'
        ELSE '65+' END,
           s.sequel, count(*)
    FROM casework.salt_sequel(submissions, salt_sts001.period_from, salt_sts001.period_to) AS s
        CROSS JOIN LATERAL (SELECT casework.age_on(s.date_of_birth, s.request_to)) AS a (age)
    WHERE prison_only IS NULL OR prison_only = (s.sequel = 'lt_prison')
    GROUP BY 1, 2 ORDER BY 1, 2;
END;
COMMENT ON FUNCTION casework.salt_sts001(bigint[], date, date, boolean) IS
    'STS001: requests for support of new clients that end in a period by age on the last day of the request and what '
    'happened next.';

-- ST-Max spells: joined where the next begins at most a day after the end of the one before it.
CREATE FUNCTION casework.salt_st_max(submissions bigint[], period_from date, period_to date,
                                     prison_only boolean DEFAULT NULL)
    RETURNS TABLE (person text, spell_from date, spell_to date, new_client boolean, sequel text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH unique_event AS MATERIALIZED (
        SELECT u.* FROM casework.cld_unique(submissions) AS u WHERE u.client_type = 'service_user'
    ), ordered AS (
        SELECT s.*, s.from_day - lag(s.to_day) OVER w AS gap
        FROM unique_event AS s WHERE s.service_type = 'st_max'
        WINDOW w AS (PARTITION BY s.person ORDER BY s.from_day, s.to_day, s.event_id)
    ), spell AS (
        SELECT g.person, min(g.from_day) AS from_day, max(g.to_day) AS to_day,
               (array_agg(g.outcome ORDER BY g.from_day DESC, g.to_day DESC NULLS FIRST, g.event_id DESC))[1] AS outcome
        FROM (SELECT o.*, count(*) FILTER (WHERE o.gap > 1 OR o.gap IS NULL)
                              OVER (PARTITION BY o.person ORDER BY o.from_day, o.to_day, o.event_id) AS n
              FROM ordered AS o) AS g
        GROUP BY g.person, g.n HAVING bool_and(g.to_day IS NOT NULL)
    )
    SELECT s.person, s.from_day, s.to_day,
           NOT EXISTS (SELECT FROM unique_event AS l
                       WHERE l.person = s.person AND starts_with(l.service_type, 'lt_') AND l.from_day <= s.from_day
                         AND (l.to_day IS NULL OR l.to_day >= s.from_day)),
           coalesce(CASE WHEN starts_with(x.service_type, 'lt_') THEN 'lt'
                         WHEN x.service_type = 'st_low' THEN 'low_level'
                         WHEN x.service_type = 'st_other' THEN 'st_other' END,
                    CASE WHEN s.outcome IN ('nfa_nhs', 'nfa_deceased') THEN 'early_nhs_eol_deceased'
                         WHEN s.outcome = 'nfa_self_funded' THEN 'self_funding'
                         WHEN s.outcome = 'nfa_declined' THEN 'declined'
                         WHEN s.outcome IN ('nfa_information', 'nfa_planned') THEN 'universal' ELSE 'none_other' END)
    FROM spell AS s
        LEFT JOIN LATERAL (SELECT e.service_type FROM unique_event AS e
                           WHERE e.person = s.person AND e.event_type = 'service' AND e.service_type <> 'st_max'
                             AND e.from_day BETWEEN s.to_day AND s.to_day + 3
                           ORDER BY e.from_day, e.event_id LIMIT 1) AS x ON true
    WHERE s.to_day BETWEEN salt_st_max.period_from AND salt_st_max.period_to
      AND (prison_only IS NULL OR prison_only = (x.service_type IS NOT DISTINCT FROM 'lt_prison'));
END;
COMMENT ON FUNCTION casework.salt_st_max(bigint[], date, date, boolean) IS
    'STS002: spells of support to maximise independence that end in a period, whether of a new client (a) or an '
    'existing one (b), and what followed within 3 days, as codes of list salt_sts002a_sequel. prison_only: those whom '
    'support in prison followed.';
