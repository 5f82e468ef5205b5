--
-- report: the market in figures.
--
-- Must not know: how files are read, how costs are worked out.
--

CREATE FUNCTION casework_internal.period_month(period_from date, period_to date)
    RETURNS TABLE (first_day date, begins date, ends date)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 12 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day('period', 'period_from', period_from),
            care_internal.require_day('period', 'period_to', period_to);
    IF period_to >= period_from + interval '100 years' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'report_years',
            MESSAGE = format('a report by month is of 100 years at most, and not from %s to %s',
                             care_internal.day_text(period_from), care_internal.day_text(period_to));
    END IF;
    RETURN QUERY
    SELECT m.first::date, greatest(m.first::date, period_from),
           least((m.first + interval '1 month')::date - 1, period_to)
    FROM generate_series(date_trunc('month', period_from::timestamp), period_to, interval '1 month') AS m (first);
END
$$;
COMMENT ON FUNCTION casework_internal.period_month(date, date) IS
    'The months of a period: the first day of each, and the days of the period in it, both counted; 22023 for more '
    'than 100 years.';

-- Months of a period, with its services in them; rows with null are sums over what is null.
CREATE FUNCTION casework.market_spend(period_from date, period_to date, authority text DEFAULT NULL)
    RETURNS TABLE (service_type text, area text, cqc_provider_id text, month date, people bigint, weekly_cost numeric,
                   total numeric, is_total boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.service_type, s.area, s.cqc_provider_id, m.first_day, count(DISTINCT s.person_id),
           coalesce(sum(s.weekly_cost), 0.00), coalesce(sum(s.total), 0.00), grouping(s.service_type) = 1
    FROM casework_internal.period_month(period_from, period_to) AS m
        CROSS JOIN LATERAL casework.contracted_service(m.begins, m.ends, market_spend.authority) AS s
    WHERE s.total IS NOT NULL
    GROUP BY GROUPING SETS ((s.service_type, s.area, s.cqc_provider_id, m.first_day), ())
    ORDER BY 8, 4, 1, 2, 3;
END;
COMMENT ON FUNCTION casework.market_spend(date, date, text) IS
    'What services cost by type, area, provider and month of a period, and all together in the row is_total: people '
    '(once in it), pounds a week, and pounds of the month. For casework: numbers are not hidden. 22023 for more than '
    '100 years.';

-- A row of fewer than five people is hidden; so that no sum tells of a single hidden row, the next one is hidden too.
CREATE FUNCTION casework.market_spend_disclosed(period_from date, period_to date, authority text DEFAULT NULL)
    RETURNS TABLE (service_type text, area text, cqc_provider_id text, month date, people text, weekly_cost text,
                   total text, is_total boolean)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH spent AS (
        SELECT s.*, row_number() OVER (PARTITION BY s.is_total ORDER BY s.people, s.month, s.service_type, s.area,
                                                                        s.cqc_provider_id) AS rank,
               count(*) FILTER (WHERE s.people < 5) OVER (PARTITION BY s.is_total) AS small
        FROM casework.market_spend(market_spend_disclosed.period_from, market_spend_disclosed.period_to,
                                   market_spend_disclosed.authority) AS s
    )
    SELECT s.service_type, s.area, s.cqc_provider_id, s.month, CASE WHEN h.hidden THEN '[c]' ELSE s.people::text END,
           CASE WHEN h.hidden THEN '[c]' ELSE s.weekly_cost::text END,
           CASE WHEN h.hidden THEN '[c]' ELSE s.total::text END, s.is_total
    FROM spent AS s CROSS JOIN LATERAL (SELECT s.people < 5 OR (s.small = 1 AND s.rank = 2)) AS h (hidden)
    ORDER BY s.is_total, s.month, s.service_type, s.area, s.cqc_provider_id;
END;
COMMENT ON FUNCTION casework.market_spend_disclosed(date, date, text) IS
    'The same for analysts: rows of fewer than five people are [c], and where there is one alone the next smallest '
    'too.';

CREATE FUNCTION casework.price_distribution(period_from date, period_to date, authority text DEFAULT NULL)
    RETURNS TABLE (service_type text, area text, cases text, lowest numeric, lower_quartile numeric, median numeric,
                   upper_quartile numeric, highest numeric)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT q.service_type, q.area, CASE WHEN q.n < 5 THEN '[c]' ELSE q.n::text END,
           CASE WHEN q.n >= 5 THEN q.p[1] END, CASE WHEN q.n >= 5 THEN q.p[2] END, CASE WHEN q.n >= 5 THEN q.p[3] END,
           CASE WHEN q.n >= 5 THEN q.p[4] END, CASE WHEN q.n >= 5 THEN q.p[5] END
    FROM (SELECT s.service_type, s.area, count(*) AS n,
                 percentile_disc('{0,0.25,0.5,0.75,1}'::float8[]) WITHIN GROUP (ORDER BY s.weekly_cost) AS p
          FROM casework.contracted_service(price_distribution.period_from, price_distribution.period_to,
                                           price_distribution.authority) AS s
          WHERE s.weekly_cost IS NOT NULL GROUP BY s.service_type, s.area) AS q
    ORDER BY q.service_type, q.area;
END;
COMMENT ON FUNCTION casework.price_distribution(date, date, text) IS
    'Weekly prices in pounds by service and area: how many, the lowest, quartiles and the highest, each a price that '
    'was paid; of fewer than five cases nothing is shown.';

CREATE FUNCTION casework.market_concentration(period_from date, period_to date, authority text DEFAULT NULL)
    RETURNS TABLE (service_type text, providers bigint, largest_1 numeric, largest_3 numeric, largest_5 numeric,
                   herfindahl numeric)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.service_type, count(*), round(100 * sum(r.total) FILTER (WHERE r.rank <= 1) / min(r.whole), 2),
           round(100 * sum(r.total) FILTER (WHERE r.rank <= 3) / min(r.whole), 2),
           round(100 * sum(r.total) FILTER (WHERE r.rank <= 5) / min(r.whole), 2),
           round(10000 * sum(r.total * r.total) / (min(r.whole) * min(r.whole)), 2)
    FROM (SELECT s.service_type, s.cqc_provider_id, sum(s.total) AS total,
                 sum(sum(s.total)) OVER (PARTITION BY s.service_type) AS whole,
                 row_number() OVER (PARTITION BY s.service_type ORDER BY sum(s.total) DESC) AS rank
          FROM casework.contracted_service(market_concentration.period_from, market_concentration.period_to,
                                           market_concentration.authority) AS s
          WHERE s.total > 0 AND s.cqc_provider_id IS NOT NULL
          GROUP BY s.service_type, s.cqc_provider_id) AS r
    GROUP BY r.service_type ORDER BY r.service_type;
END;
COMMENT ON FUNCTION casework.market_concentration(date, date, text) IS
    'Per cent of what a service costs in a period that goes to the largest provider, three and five, and the '
    'Herfindahl index: the sum of the squares of the shares in per cent, 10000 for one provider alone.';

CREATE VIEW casework.self_funder_share WITH (security_barrier) AS
    SELECT a.authority, count(*) AS accounts, count(*) FILTER (WHERE b.kind = 'independent_personal_budget')
        AS self_funders,
           round(100.0 * count(*) FILTER (WHERE b.kind = 'independent_personal_budget') / count(*), 2) AS percent
    FROM care.account AS a
        JOIN casework.authority_seen AS s ON s.authority = a.authority
        JOIN LATERAL (SELECT x.kind FROM care.budget_known_at('infinity'::timestamptz) AS x
                      WHERE x.account_id = a.account_id AND x.valid_from <= care.today()
                      ORDER BY x.valid_from DESC LIMIT 1) AS b ON b.kind <> 'ended'
    GROUP BY a.authority;
COMMENT ON VIEW casework.self_funder_share IS
    'Those with an independent personal budget among the accounts with a budget.';
COMMENT ON COLUMN casework.self_funder_share.authority IS 'The authority.';
COMMENT ON COLUMN casework.self_funder_share.accounts IS 'Accounts with a budget today.';
COMMENT ON COLUMN casework.self_funder_share.self_funders IS 'Of these, with an independent personal budget.';
COMMENT ON COLUMN casework.self_funder_share.percent IS 'Per cent.';

CREATE VIEW casework.place WITH (security_barrier) AS
    SELECT c.authority, c.cqc_location_id, l.name, l.local_authority, l.beds, l.overall_rating, l.is_open,
           c.service_type, c.places, c.vacant, c.as_at
    FROM (SELECT DISTINCT ON (x.authority, x.cqc_location_id, x.service_type) x.*
          FROM casework.location_capacity AS x JOIN casework.authority_seen AS s ON s.authority = x.authority
          ORDER BY x.authority, x.cqc_location_id, x.service_type, x.as_at DESC, x.capacity_id DESC) AS c
        JOIN casework.location AS l ON l.cqc_location_id = c.cqc_location_id;
COMMENT ON VIEW casework.place IS 'Places and vacancies last told of each location and service, with its rating.';
SELECT care_internal.comment_columns('casework.place', 'casework.location_capacity', 'casework.location');

-- When a provider fails: who is where on a day.
CREATE FUNCTION casework.people_at(cqc_id text, on_day date)
    RETURNS TABLE (authority text, person_id bigint, reference text, event_id bigint, service_type text,
                   cqc_location_id text, location text, from_day date, to_day date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.authority, s.person_id, p.reference, s.event_id, s.service_type, s.cqc_location_id, l.name, s.from_day,
           s.to_day
    FROM casework.contracted_service(on_day, on_day) AS s
        JOIN care.person AS p ON p.person_id = s.person_id
        LEFT JOIN casework.location AS l ON l.cqc_location_id = s.cqc_location_id
    WHERE people_at.cqc_id IN (s.cqc_location_id, s.cqc_provider_id)
    ORDER BY s.cqc_location_id, p.authority, p.reference;
END;
COMMENT ON FUNCTION casework.people_at(text, date) IS
    'Everybody with a service at a location, or at any of a provider, on a day; the last day of a service still '
    'counts.';

CREATE VIEW casework.demand_signal WITH (security_barrier) AS
    SELECT s.authority, s.term, s.area, date_trunc('month', s.on_day::timestamp)::date AS month, s.kind,
           CASE WHEN count(*) < 5 THEN '[c]' ELSE count(*)::text END AS signals
    FROM casework.market_signal AS s JOIN casework.authority_seen AS a ON a.authority = s.authority
    GROUP BY s.authority, s.term, s.area, date_trunc('month', s.on_day::timestamp),
        s.kind;
COMMENT ON VIEW casework.demand_signal IS 'What was looked for and bought, by area and month; fewer than five: [c].';
COMMENT ON COLUMN casework.demand_signal.month IS 'First day of the month.';
COMMENT ON COLUMN casework.demand_signal.signals IS 'How often.';
SELECT care_internal.comment_columns('casework.demand_signal', 'casework.market_signal');
