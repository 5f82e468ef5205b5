--
-- analyst: the questions a reporting analyst asks, each as at any day: who is how far, what the cap will cost, what
-- interest came in which period, how much of the security is used.
--
-- Must not know: who records, what a letter says.
--

-- Only on 31 March: whoever could ask for every day would learn the day of birth.
CREATE VIEW care.age_band AS
    SELECT p.person_id, p.authority, y.day AS as_at,
           CASE WHEN d.date_of_birth IS NULL THEN 'not known'
                WHEN y.day < d.date_of_birth + '18 years'::interval THEN 'under 18'
                WHEN y.day < d.date_of_birth + '65 years'::interval THEN '18 to 64'
                WHEN y.day < d.date_of_birth + '75 years'::interval THEN '65 to 74'
                WHEN y.day < d.date_of_birth + '85 years'::interval THEN '75 to 84'
                ELSE '85 and over' END AS age_band
    FROM care.person AS p
        CROSS JOIN care.day AS y
        LEFT JOIN LATERAL (SELECT x.date_of_birth FROM care.person_detail AS x
                           WHERE x.person_id = p.person_id ORDER BY x.detail_id DESC LIMIT 1) AS d ON true
    WHERE extract(month FROM y.day) = 3 AND extract(day FROM y.day) = 31;
COMMENT ON VIEW care.age_band IS
    'The age band of every person on each 31 March of a century, without the date of birth: asked with WHERE as_at = '
    'a 31 March.';
COMMENT ON COLUMN care.age_band.as_at IS 'A 31 March.';
COMMENT ON COLUMN care.age_band.age_band IS
    'under 18; 18 to 64; 65 to 74; 75 to 84; 85 and over; or not known.';
SELECT care_internal.comment_columns('care.age_band', 'care.person');

CREATE FUNCTION care.approaching_cap(as_at date, within interval DEFAULT '1 year')
    RETURNS TABLE (account_id bigint, authority text, reference text, person_reference text, scheme text,
                   accrued numeric, remaining numeric, percent_of_cap numeric, weekly_rate numeric,
                   projected_cap_on date, days_left integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.account_id, p.authority, p.reference, p.person_reference, p.scheme, p.accrued, p.remaining,
           p.percent_of_cap, p.weekly_rate, p.projected_cap_on, p.projected_cap_on - p.as_at
    FROM care.account_position(care_internal.required_day($1)) AS p
    WHERE p.projected_cap_on <= p.as_at + within;
END;
COMMENT ON FUNCTION care.approaching_cap(date, interval) IS
    'Accounts that had not reached the cap by the close of a day and will within some time of it, at the rates '
    'recorded, with how far they were then; pounds.';

CREATE FUNCTION care.accounts_by_progress(as_at date)
    RETURNS TABLE (authority text, scheme text, band_order integer, band text, accounts bigint, accrued numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.authority, p.scheme, b.n, b.band, count(*), sum(p.accrued)
    FROM care.account_position(care_internal.required_day($1)) AS p
        JOIN (VALUES (1, 'under 25%', 0, 25), (2, '25% to 50%', 25, 50), (3, '50% to 75%', 50, 75),
                     (4, '75% to the cap', 75, 101), (5, 'at the cap', NULL, NULL)) AS b (n, band, low, high)
            ON CASE WHEN p.cap_reached_on IS NOT NULL THEN b.n = 5
                    ELSE p.percent_of_cap >= b.low AND p.percent_of_cap < b.high END
    GROUP BY p.authority, p.scheme, b.n, b.band;
END;
COMMENT ON FUNCTION care.accounts_by_progress(date) IS
    'Accounts by how far along they were at the close of a day, with what had accrued, pounds; band_order sorts the '
    'bands.';

-- The months that a report has a row for, though nothing happens in one.
CREATE FUNCTION care_internal.report_month(as_at date, years integer)
    RETURNS TABLE (month date, month_end date)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 60 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF care_internal.required_day(as_at) > date '9899-12-31' OR years IS NULL OR years NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'report_years',
            MESSAGE = format('a report by month is of 1 to 100 years, and not of %s years from %s',
                             coalesce(years::text, 'null'), care_internal.day_text(as_at));
    END IF;
    RETURN QUERY
    SELECT m.first::date, (m.first + interval '1 month')::date - 1
    FROM generate_series(date_trunc('month', as_at::timestamp),
                         date_trunc('month', as_at::timestamp) + make_interval(months => 12 * years - 1),
                         interval '1 month') AS m (first);
END
$$;
COMMENT ON FUNCTION care_internal.report_month(date, integer) IS
    'The months of a report, from that of a day on: first and last day of each; 22023 for years other than 1 to 100.';

CREATE FUNCTION care.cap_reached_by_month(as_at date, years integer DEFAULT 5)
    RETURNS TABLE (authority text, scheme text, month date, accounts bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT g.authority, g.scheme, m.month, coalesce(r.accounts, 0)
    FROM (SELECT DISTINCT a.authority, a.scheme FROM care.account AS a) AS g
        CROSS JOIN care_internal.report_month($1, years) AS m
        LEFT JOIN (SELECT a.authority, a.scheme, date_trunc('month', a.cap_on::timestamp)::date AS month,
                          count(*) AS accounts
                   FROM care.account AS a WHERE a.cap_on > $1 GROUP BY 1, 2, 3) AS r
            ON r.authority = g.authority AND r.scheme = g.scheme AND r.month = m.month;
END;
COMMENT ON FUNCTION care.cap_reached_by_month(date, integer) IS
    'How many accounts reach the cap after a day, by authority, scheme and month, from the month of that day on; '
    'months without any too.';

CREATE FUNCTION care.cost_after_cap_by_month(as_at date, years integer DEFAULT 5)
    RETURNS TABLE (authority text, scheme text, month date, accounts bigint, cost numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT g.authority, g.scheme, m.month, count(c.account_id),
           coalesce(sum(CASE WHEN c.account_id IS NOT NULL
                             THEN care.accrued(c.weekly_net, greatest(c.cap_on + 1, m.month), m.month_end) END), 0.00)
    FROM (SELECT DISTINCT a.authority, a.scheme FROM care.account AS a) AS g
        CROSS JOIN care_internal.report_month($1, years) AS m
        LEFT JOIN (SELECT a.account_id, a.authority, a.scheme, a.cap_on,
                          care.greatest(a.weekly_cost OPERATOR(care.-) a.daily_living_cost, 0) AS weekly_net
                   FROM care.account AS a WHERE a.cap_on IS NOT NULL OFFSET 0) AS c
            ON c.authority = g.authority AND c.scheme = g.scheme AND c.cap_on < m.month_end
    GROUP BY g.authority, g.scheme, m.month;
END;
COMMENT ON FUNCTION care.cost_after_cap_by_month(date, integer) IS
    'What the eligible needs of people past the cap cost the authority in each month, from that of a day on, beyond '
    'daily living costs, pounds: each person from the day after the cap was reached, each sum rounded to the penny; '
    'and how many people. By authority and scheme; months without any too.';

CREATE FUNCTION care.metered_rate_by_setting(as_at date)
    RETURNS TABLE (authority text, scheme text, setting text, accounts bigint, average_weekly_rate numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.authority, a.scheme, b.setting, count(*), round(avg(care.value_on(a.weekly_rate, $1)), 2)
    FROM care.account AS a
        JOIN care.budget_in_force AS b
            ON b.account_id = a.account_id AND b.valid_from <= care_internal.required_day($1)
               AND (b.valid_to IS NULL OR b.valid_to >= $1)
    WHERE a.counting_from <= $1 AND care.value_on(a.weekly_cost, $1) > 0
    GROUP BY a.authority, a.scheme, b.setting;
END;
COMMENT ON FUNCTION care.metered_rate_by_setting(date) IS
    'Average metered rate on a day by setting, pounds a week, of accounts with a budget then.';
