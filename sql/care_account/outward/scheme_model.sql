--
-- scheme_model: what another scheme would mean for the accounts there are: its cap, what it counts, its daily living
-- costs and its upratings, walked from their budgets by the law of the care account.  Nothing is written.
--
-- Must not know: agreements.
--

CREATE FUNCTION care_internal.model_scheme(name text, scheme text) RETURNS care.charging_scheme
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known care.charging_scheme;
BEGIN
    SELECT s.* INTO known FROM care.charging_scheme AS s WHERE s.scheme = model_scheme.scheme;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'model_scheme_exists', SCHEMA = 'care', TABLE = 'charging_scheme', COLUMN = 'scheme',
            MESSAGE = format('%s: no such scheme: %L', name, scheme),
            HINT = 'care.charging_scheme lists them; care.record_scheme() and care.record_parameter() make one up.';
    END IF;
    RETURN known;
END
$$;
COMMENT ON FUNCTION care_internal.model_scheme(text, text) IS 'A scheme of a model; P0002 if there is none.';

-- Each account under another scheme, with what it counts each week, and what its eligible needs cost the authority
-- beyond daily living costs.  What the person would be charged may not be recorded: then nothing is known of it.
CREATE FUNCTION care_internal.modelled_account(of_scheme text, s care.charging_scheme, cap care.schedule,
                                               daily_living_cost care.schedule, from_day date,
                                               of_authority text)
    RETURNS TABLE (authority text, counting_from date, cap care.schedule, weekly_rate care.schedule,
                   weekly_net care.schedule)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
    WITH chosen AS (
        SELECT a.account_id, a.authority, a.counts_from,
               greatest(a.counts_from, (s).starts_on, modelled_account.from_day) AS counting_from, x.died_on,
               coalesce(d.needs_began_on, a.counts_from)
                   < d.date_of_birth + make_interval(years => (s).zero_cap_before_age) AS zero_cap
        FROM care.account AS a
            LEFT JOIN care.person_detail_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
            LEFT JOIN care.death_known_at('infinity'::timestamptz) AS x ON x.person_id = a.person_id
        WHERE a.scheme = of_scheme
          AND (of_authority IS NULL OR a.authority = of_authority)
    )
    SELECT c.authority, c.counting_from,
           CASE WHEN c.zero_cap THEN '{"-infinity": 0}'::care.schedule ELSE modelled_account.cap END,
           CASE WHEN b.is_known
                THEN care.greatest(b.weekly_counted OPERATOR(care.-) (modelled_account.daily_living_cost
                                                                      OPERATOR(care.*) b.in_care_home), 0) END,
           care.greatest(b.weekly_cost OPERATOR(care.-) (modelled_account.daily_living_cost
                                                         OPERATOR(care.*) b.in_care_home), 0)
    FROM chosen AS c
        -- account by account: the budgets of all at once would be held in memory
        CROSS JOIN LATERAL (
            SELECT care.schedule_agg(h.valid_from, h.weekly_cost), care.schedule_agg(h.valid_from, h.weekly_counted),
                   care.schedule_agg(h.valid_from, h.in_care_home), bool_and(h.weekly_counted IS NOT NULL)
            FROM (SELECT '-infinity'::date, 0::numeric, 0::numeric, 0
                  UNION ALL
                  SELECT c.died_on + 1, 0, 0, 0 WHERE c.died_on IS NOT NULL
                  UNION ALL
                  SELECT k.valid_from, k.weekly_cost,
                         CASE WHEN k.kind = 'personal_budget' AND (s).personal_budget_counts = 'weekly_charge'
                              THEN k.weekly_charge ELSE k.weekly_cost END,
                         CASE WHEN k.setting = 'care_home' THEN 1 ELSE 0 END
                  FROM care.budget_known_at('infinity'::timestamptz) AS k
                  WHERE k.account_id = c.account_id AND (c.died_on IS NULL OR k.valid_from <= c.died_on))
                AS h (valid_from, weekly_cost, weekly_counted, in_care_home))
            AS b (weekly_cost, weekly_counted, in_care_home, is_known);
END;
COMMENT ON FUNCTION care_internal.modelled_account(text, care.charging_scheme, care.schedule, care.schedule, date,
                                                   text) IS
    'The accounts of a scheme, or of one authority of it, under another: from which day they count, the cap, what '
    'counts each week (null: what the person is charged is not recorded), and what the eligible needs cost the '
    'authority each week beyond daily living costs.';

-- Hashed, not sorted: a million accounts over ten years are ten million rows, but few groups.
CREATE FUNCTION care_internal.modelled_years(of_scheme text, as_scheme text, first_day date, years integer,
                                             of_authority text)
    RETURNS TABLE (authority text, year integer, from_day date, to_day date, accounts bigint, at_the_cap bigint,
                   reached_in_year bigint, accrued numeric, cost_after_cap numeric, median_weeks_to_cap integer,
                   left_out bigint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp
    SET jit = off SET enable_sort = off AS $$
DECLARE
    s care.charging_scheme := care_internal.model_scheme('as_scheme', as_scheme);
    f record;
BEGIN
    PERFORM care_internal.model_scheme('of_scheme', of_scheme), care_internal.require_authority_or_all(of_authority);
    IF care_internal.required_day(first_day) > date '9899-12-31' OR years IS NULL OR years NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'model_years',
            MESSAGE = format('a model is of 1 to 100 years, and not of %s years from %s',
                             coalesce(years::text, 'null'), care_internal.day_text(first_day));
    END IF;
    SELECT x.* INTO f FROM care_internal.scheme_figures('infinity') AS x WHERE x.scheme = as_scheme;
    IF s.personal_budget_counts IS NULL OR care.value_on(f.cap, greatest(first_day, s.starts_on)) IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'model_scheme_has_cap',
            MESSAGE = format('scheme %s has no cap on %s', as_scheme,
                             care_internal.day_text(greatest(first_day, s.starts_on))),
            HINT = 'care.record_parameter() records one.';
    END IF;
    RETURN QUERY
    WITH span AS MATERIALIZED (
        SELECT n AS year, (first_day + make_interval(years => n - 1))::date AS from_day,
               (first_day + make_interval(years => n))::date - 1 AS to_day
        FROM generate_series(1, years) AS n
    ), walked AS (
        SELECT m.*, CASE WHEN m.weekly_rate IS NOT NULL
                         THEN care.cap_reached_on(m.weekly_rate, m.cap, m.counting_from, NULL, f.cap_scales, s.reach,
                                                  (first_day + make_interval(years => years))::date - 1)
                         END AS reached_on
        FROM care_internal.modelled_account(of_scheme, s, f.cap, f.daily_living_cost, first_day, of_authority) AS m
        WHERE m.counting_from < first_day + make_interval(years => years)
        OFFSET 0        -- once an account, not once a year
    ), told AS (
        -- people who took equally long are told together, in the year they reach the cap: few groups, and the median
        -- needs no sorting of all
        SELECT w.authority, y.year,
               CASE WHEN w.reached_on BETWEEN y.from_day AND y.to_day
                    THEN (w.reached_on - w.counting_from) / 7 + 1 END AS weeks,
               count(w.weekly_rate) AS accounts, count(*) - count(w.weekly_rate) AS left_out,
               -- once the cap is reached, what has accrued is the cap
               sum(CASE WHEN w.reached_on <= y.to_day THEN care.value_on(w.cap, y.to_day)
                        WHEN w.weekly_rate IS NOT NULL
                        THEN care.accrued(care.cap_progress(w.weekly_rate, w.cap, w.counting_from, y.to_day, NULL,
                                                            f.cap_scales, s.reach)) ELSE 0.00 END) AS accrued,
               sum(CASE WHEN w.reached_on < y.to_day
                        THEN care.accrued(w.weekly_net, greatest(w.reached_on + 1, y.from_day), y.to_day)
                        ELSE 0.00 END) AS cost
        -- the years of an account, not the accounts of a year: none has to be held
        FROM walked AS w CROSS JOIN LATERAL (SELECT x.* FROM span AS x WHERE w.counting_from <= x.to_day OFFSET 0) AS y
        GROUP BY w.authority, y.year, 3
    ), at_cap AS (
        SELECT t.authority, y.year, t.weeks, sum(t.accounts) AS accounts,
               sum(t.accounts) FILTER (WHERE t.year = y.year) AS in_year,
               sum(sum(t.accounts)) OVER (by_year ORDER BY t.weeks) AS so_far,
               sum(sum(t.accounts)) OVER by_year AS of_all
        FROM told AS t JOIN span AS y ON t.year <= y.year
        WHERE t.weeks IS NOT NULL
        GROUP BY t.authority, y.year, t.weeks
        WINDOW by_year AS (PARTITION BY t.authority, y.year)
    ), reached AS (
        SELECT c.authority, c.year, sum(c.accounts) AS accounts, sum(c.in_year) AS in_year,
               min(c.weeks) FILTER (WHERE 2 * c.so_far >= c.of_all) AS median
        FROM at_cap AS c GROUP BY c.authority, c.year
    )
    SELECT t.authority, y.year, y.from_day, y.to_day, sum(t.accounts)::bigint, coalesce(max(r.accounts), 0)::bigint,
           coalesce(max(r.in_year), 0)::bigint, sum(t.accrued), sum(t.cost), max(r.median), sum(t.left_out)::bigint
    FROM told AS t
        JOIN span AS y ON y.year = t.year
        LEFT JOIN reached AS r ON r.authority = t.authority AND r.year = t.year
    GROUP BY t.authority, y.year, y.from_day, y.to_day
    ORDER BY t.authority, y.year;
END
$$;
COMMENT ON FUNCTION care_internal.modelled_years(text, text, date, integer, text) IS
    'The rows of care.scheme_model().';

CREATE FUNCTION care.scheme_model(of_scheme text, as_scheme text, from_day date, years integer DEFAULT 10,
                                  authority text DEFAULT NULL)
    RETURNS TABLE (authority text, year integer, from_day date, to_day date, accounts bigint, at_the_cap bigint,
                   reached_in_year bigint, accrued numeric, cost_after_cap numeric, median_weeks_to_cap integer,
                   left_out bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT m.* FROM care_internal.modelled_years($1, $2, $3, $4, $5) AS m;
END;
COMMENT ON FUNCTION care.scheme_model(text, text, date, integer, text) IS
    'What as_scheme would mean for the accounts of of_scheme, of an authority or (null) all, had it begun to count on '
    'a day (not before it starts): a row for each authority and year from then on: accounts that count; people at the '
    'cap at the end, and those who reached it in the year; accrued costs at the end; what eligible needs cost the '
    'authority in the year after the cap, beyond daily living costs; the median weeks from counting to the cap of '
    'those at it; accounts left out, as what the person is charged is not recorded. Pounds. Manual adjustments are '
    'left out, the last budget goes on. P0002 for no such scheme or authority, 55000 for one without a cap, 22023 for '
    'years other than 1 to 100. Nothing is written.';
