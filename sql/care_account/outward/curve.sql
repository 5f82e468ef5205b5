--
-- curve: an account's way to the cap, as rows and as a picture, from what is recorded now.
--
-- Must not know: agreements, what a statement said.
--

-- The n-th step from the first day, not a step from the day before: months keep their day.
CREATE FUNCTION care_internal.curve_days(label text, from_day date, to_day date, step interval)
    RETURNS SETOF date
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most CONSTANT int4 := 10000;
    steps int4;
BEGIN
    PERFORM care_internal.require_day(label, 'from_day', from_day), care_internal.require_day(label, 'to_day', to_day);
    IF step IS NULL OR step < interval '1 day' OR step <> date_trunc('day', step) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'curve_step',
            MESSAGE = format('%s: a step must be of whole days, months or years, not %s', label,
                             coalesce(step::text, 'null'));
    END IF;
    -- as many as there could be if all months were of 28 days
    steps := least(most - 1, ceil((to_day - from_day) * 86400 / extract(epoch FROM step) * 31 / 28));
    IF from_day > to_day OR (from_day + steps * step)::date < to_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'curve_days',
            MESSAGE = format('%s: there are not 1 to %s points from %s to %s', label, most,
                             care_internal.day_text(from_day), care_internal.day_text(to_day)),
            HINT = 'The first day comes before the last; take a longer step for more years.';
    END IF;
    RETURN QUERY
    SELECT c.day FROM (SELECT (from_day + n * step)::date AS day FROM generate_series(0, steps) AS n
                       UNION SELECT to_day) AS c
    WHERE c.day <= to_day ORDER BY c.day;
END
$$;
COMMENT ON FUNCTION care_internal.curve_days(text, date, date, interval) IS
    'The days of a curve: the first, each a step later, and the last; 22023 if there are none or more than 10,000.';

CREATE FUNCTION care.account_curve(account_id bigint, from_day date, to_day date, step interval DEFAULT '1 month')
    RETURNS TABLE (as_at date, cap numeric, weekly_rate numeric, accrued numeric, remaining numeric,
                   percent_of_cap numeric, cap_reached_on date)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.require_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
BEGIN
    RETURN QUERY
    SELECT p.as_at, p.cap, p.weekly_rate, p.accrued, p.remaining, p.percent_of_cap, p.cap_reached_on
    FROM care_internal.curve_days(label, from_day, to_day, step) AS d (day)
        CROSS JOIN LATERAL care.account_position(d.day) AS p
    WHERE p.account_id = account.account_id
    ORDER BY p.as_at;
END
$$;
COMMENT ON FUNCTION care.account_curve(bigint, date, date, interval) IS
    'Where an account stands at the close of a day, and step by step until another, both in it: pounds, by what is '
    'recorded now. Days to come are as projected: at the rates recorded. P0002 if there is no such account, 22023 for '
    'a step that is not of whole days or more than 10,000 of them.';

CREATE FUNCTION care.account_chart(account_id bigint, as_at date, large_print boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.require_account(account_id);
    p care.account_position_row;
    last_day date;
    lines care_internal.chart_line[];
BEGIN
    PERFORM care.account_explain(account.account_id, as_at);      -- refuses a day before it counts
    SELECT q.* INTO p FROM care.account_position(care_internal.required_day(as_at)) AS q
    WHERE q.account_id = account.account_id;
    last_day := coalesce(p.projected_cap_on, as_at);
    WITH point AS MATERIALIZED (
        SELECT account.counting_from - 1 AS day, 0 AS n, 0.00 AS accrued
        UNION ALL
        SELECT w.to_day, w.n::integer, w.accrued
        FROM care.account_explain(account.account_id, last_day)
            WITH ORDINALITY AS w (from_day, to_day, days, what, weekly_cost, daily_living_cost, weekly_rate, cap,
                                  amount, accrued, n)
        UNION ALL
        SELECT as_at, 1000000, p.accrued      -- after what comes before it on the day
    ), drawn AS (
        SELECT t.part, t.label, t.style, array_agg(t.day ORDER BY t.day, t.n) AS days,
               array_agg(t.accrued ORDER BY t.day, t.n) AS amounts
        FROM (SELECT 1 AS part, 'Counted towards the cap' AS label, 'amount' AS style, x.* FROM point AS x
              WHERE x.day <= as_at
              UNION ALL
              SELECT 2, 'Projected, at the rates recorded', 'projected', x.* FROM point AS x
              WHERE x.day > as_at OR x.n = 1000000) AS t
        GROUP BY t.part, t.label, t.style)
    SELECT array_agg(ROW(d.label, d.style, d.days, d.amounts)::care_internal.chart_line ORDER BY d.part)
           || care_internal.chart_steps('The cap', 'limit', account.cap, account.counting_from, last_day)
    INTO lines FROM drawn AS d WHERE d.part = 1 OR p.projected_cap_on IS NOT NULL;
    RETURN xmlserialize(CONTENT care_internal.chart('account-' || account.account_id,
        format('Progress of account %s to the cap', account.reference),
        format('On %s %s of %s had counted towards the cap.%s', care_internal.long_day(as_at),
               care_internal.pounds_text(p.accrued), care_internal.pounds_text(p.cap),
               CASE WHEN p.cap_reached_on IS NOT NULL
                    THEN format(' The cap was reached on %s.', care_internal.long_day(p.cap_reached_on))
                    WHEN p.projected_cap_on IS NOT NULL
                    THEN format(' It is projected to be reached on %s.', care_internal.long_day(p.projected_cap_on))
                    ELSE ' At the rates recorded it will not be reached.' END),
        lines, coalesce(large_print, false)) AS text);
END
$$;
COMMENT ON FUNCTION care.account_chart(bigint, date, boolean) IS
    'An account''s way to the cap up to the close of a day, and as projected, as a picture (SVG), by what is recorded '
    'now. P0002 if there is no such account, 22023 before it counts.';
