--
-- analyst: the questions a reporting analyst asks of care accounts, each a function of a day, and a view of today: who
-- is how far, who is to be told, what the cap will cost.
--
-- A day on which the cap was reached, by the day that is asked about, is cap_reached_on; one on which it will be, at
-- the rates recorded, projected_cap_on.  The account itself has one column for both, cap_on, which an index serves.
--
-- Must not know: who records, what a letter says, agreements.
--

-- Only on 31 March: whoever could ask for every day would learn the day of birth.
CREATE VIEW care.age_band AS
    -- looked up for those that are asked for: a join would take everybody's first
    SELECT p.person_id, p.authority, y.day AS as_at,
           coalesce((SELECT CASE WHEN d.date_of_birth IS NULL THEN 'not known'
                                 WHEN y.day < d.date_of_birth + '18 years'::interval THEN 'under 18'
                                 WHEN y.day < d.date_of_birth + '65 years'::interval THEN '18 to 64'
                                 WHEN y.day < d.date_of_birth + '75 years'::interval THEN '65 to 74'
                                 WHEN y.day < d.date_of_birth + '85 years'::interval THEN '75 to 84'
                                 ELSE '85 and over' END
                     FROM care.person_detail AS d
                     WHERE d.person_id = p.person_id ORDER BY d.detail_id DESC LIMIT 1), 'not known') AS age_band
    FROM care.person AS p
        CROSS JOIN care.day AS y
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
           p.percent_of_cap, p.weekly_rate, a.cap_on, a.cap_on - $1
    FROM care.account AS a, care_internal.account_stands(a, $1) AS p
    WHERE a.cap_on > care_internal.required_day($1) AND a.cap_on <= ($1 + within)::date;
END;
COMMENT ON FUNCTION care.approaching_cap(date, interval) IS
    'Accounts that had not reached the cap by the close of a day and will within some time of it, at the rates '
    'recorded, with how far they were then; pounds.';

CREATE VIEW care.approaching_cap AS SELECT p.* FROM care.approaching_cap(care.today(), '18 months') AS p;
COMMENT ON VIEW care.approaching_cap IS 'Worklist: accounts that will reach the cap within 18 months of today.';
COMMENT ON COLUMN care.approaching_cap.days_left IS 'Days until then.';
SELECT care_internal.comment_columns('care.approaching_cap', 'care.account_position_row');

CREATE FUNCTION care.cap_notice_due(as_at date)
    RETURNS TABLE (account_id bigint, authority text, reference text, person_reference text, cap_reached_on date,
                   days_since integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, a.authority, a.reference, a.person_reference, a.cap_on, $1 - a.cap_on
    FROM care.account AS a
    WHERE a.cap_on <= care_internal.required_day($1)
      AND NOT EXISTS (SELECT FROM care.account_event_known_at('infinity'::timestamptz) AS e
                      WHERE e.account_id = a.account_id AND e.kind = 'cap_notice_given'
                        AND e.on_day BETWEEN a.cap_on AND $1);
END;
COMMENT ON FUNCTION care.cap_notice_due(date) IS
    'Accounts that had reached the cap by the close of a day, whose person had not been told by then.';

CREATE VIEW care.cap_notice_due AS SELECT n.* FROM care.cap_notice_due(care.today()) AS n;
COMMENT ON VIEW care.cap_notice_due IS
    'Worklist: accounts at the cap whose person has not been told; record_event(..., ''cap_notice_given'') takes one '
    'off.';
COMMENT ON COLUMN care.cap_notice_due.days_since IS 'Days since then.';
SELECT care_internal.comment_columns('care.cap_notice_due', 'care.account_position_row');

CREATE FUNCTION care.accounts_by_progress(as_at date)
    RETURNS TABLE (authority text, scheme text, band_order integer, band text, accounts bigint, accrued numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT k.authority, k.scheme, b.n, b.band, k.accounts, k.accrued
    FROM (SELECT p.authority, p.scheme,
                 CASE WHEN p.cap_reached_on IS NOT NULL THEN 5
                      ELSE 1 + width_bucket(p.percent_of_cap, '{25,50,75}'::numeric[]) END,
                 count(*), sum(p.accrued)
          FROM care.account_position(care_internal.required_day($1)) AS p
          GROUP BY 1, 2, 3) AS k (authority, scheme, n, accounts, accrued)
        JOIN (VALUES (1, 'under 25%'), (2, '25% to 50%'), (3, '50% to 75%'), (4, '75% to the cap'),
                     (5, 'at the cap')) AS b (n, band) ON b.n = k.n;
END;
COMMENT ON FUNCTION care.accounts_by_progress(date) IS
    'Accounts by how far along they were at the close of a day, with what had accrued, pounds; band_order sorts the '
    'bands.';

CREATE VIEW care.accounts_by_progress AS SELECT b.* FROM care.accounts_by_progress(care.today()) AS b;
COMMENT ON VIEW care.accounts_by_progress IS 'Accounts by how far along they are today.';
COMMENT ON COLUMN care.accounts_by_progress.band_order IS '1 to 5: sorts the bands.';
COMMENT ON COLUMN care.accounts_by_progress.band IS 'under 25%; 25% to 50%; 50% to 75%; 75% to the cap; at the cap.';
COMMENT ON COLUMN care.accounts_by_progress.accounts IS 'How many.';
SELECT care_internal.comment_columns('care.accounts_by_progress', 'care.account_position_row');

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

CREATE VIEW care.cap_reached_by_month AS SELECT m.* FROM care.cap_reached_by_month(care.today()) AS m;
COMMENT ON VIEW care.cap_reached_by_month IS
    'Accounts that will reach the cap after today, a row for each month of five years from this one on.';
COMMENT ON COLUMN care.cap_reached_by_month.month IS 'First day of the month.';
COMMENT ON COLUMN care.cap_reached_by_month.accounts IS 'How many reach it in the month.';
SELECT care_internal.comment_columns('care.cap_reached_by_month', 'care.account_position_row');

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

CREATE VIEW care.cost_after_cap_by_month AS SELECT m.* FROM care.cost_after_cap_by_month(care.today()) AS m;
COMMENT ON VIEW care.cost_after_cap_by_month IS
    'What the cap costs the authority, a row for each month of five years from this one on.';
COMMENT ON COLUMN care.cost_after_cap_by_month.month IS 'First day of the month.';
COMMENT ON COLUMN care.cost_after_cap_by_month.accounts IS 'Accounts past the cap in the month.';
COMMENT ON COLUMN care.cost_after_cap_by_month.cost IS
    'Cost of their eligible needs less daily living costs, in the month, pounds.';
SELECT care_internal.comment_columns('care.cost_after_cap_by_month', 'care.account_position_row');

CREATE FUNCTION care.cost_after_cap(as_at date)
    RETURNS TABLE (authority text, scheme text, accounts bigint, weekly_cost numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.authority, a.scheme, count(*),
           sum(greatest(care.value_on(a.weekly_cost, $1) - care.value_on(a.daily_living_cost, $1), 0.00))
    FROM care.account AS a
    WHERE a.cap_on < care_internal.required_day($1)
    GROUP BY a.authority, a.scheme;
END;
COMMENT ON FUNCTION care.cost_after_cap(date) IS
    'What the eligible needs of people past the cap cost the authority on a day, beyond daily living costs, pounds a '
    'week, and how many people: those who had reached it before the day.';

CREATE VIEW care.cost_after_cap AS SELECT c.* FROM care.cost_after_cap(care.today()) AS c;
COMMENT ON VIEW care.cost_after_cap IS 'What the eligible needs of people past the cap cost the authority today.';
COMMENT ON COLUMN care.cost_after_cap.accounts IS 'Accounts whose cap was reached before today.';
COMMENT ON COLUMN care.cost_after_cap.weekly_cost IS
    'Weekly cost of their eligible needs less daily living costs, pounds.';
SELECT care_internal.comment_columns('care.cost_after_cap', 'care.account_position_row');

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

CREATE VIEW care.metered_rate_by_setting AS SELECT r.* FROM care.metered_rate_by_setting(care.today()) AS r;
COMMENT ON VIEW care.metered_rate_by_setting IS 'Average metered rate today by setting, of accounts with a budget.';
COMMENT ON COLUMN care.metered_rate_by_setting.setting IS 'care_home or community.';
COMMENT ON COLUMN care.metered_rate_by_setting.accounts IS 'How many.';
COMMENT ON COLUMN care.metered_rate_by_setting.average_weekly_rate IS
    'Average metered rate, pounds a week, to the penny.';
SELECT care_internal.comment_columns('care.metered_rate_by_setting', 'care.account_position_row');
