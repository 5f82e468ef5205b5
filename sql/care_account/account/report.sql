--
-- report: projections with an assumption, worklists, and views for the reporting analyst.
--
-- Must not know: agreements.
--

-- doc/calculations section 2, "projection": the recorded schedules, with cap and metered rate both put up by a
-- percentage on each 1 April after the day, to the penny.
CREATE FUNCTION care_internal.uprated_schedule(s care.schedule, as_at date, percent numeric)
    RETURNS care.schedule LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(u.day, round(care.value_on(s, u.day) * (1 + percent / 100) ^ u.times, 2))
    FROM (SELECT d.day,
                 greatest(0, date_part('year', d.day) - date_part('year', as_at)
                             + CASE WHEN to_char(d.day, 'MMDD') >= '0401' THEN 1 ELSE 0 END
                             - CASE WHEN to_char(as_at, 'MMDD') >= '0401' THEN 1 ELSE 0 END)::numeric AS times
          FROM (SELECT greatest(t.valid_from, '0001-01-01') FROM care_internal.steps(s) AS t
                UNION
                SELECT make_date(date_part('year', as_at)::integer + y, 4, 1)
                FROM generate_series(0, 60) AS y) AS d (day)
          WHERE care.value_on(s, d.day) IS NOT NULL) AS u;
END;
COMMENT ON FUNCTION care_internal.uprated_schedule(care.schedule, date, numeric) IS
    'A schedule of pounds put up by a percentage on each 1 April after a day, for sixty years, to the penny.';

CREATE FUNCTION care.cap_projection(account_id bigint, as_at date,
                                    uprating_percent numeric DEFAULT 0)
    RETURNS date LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
BEGIN
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = cap_projection.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'account_exists', SCHEMA = 'care', TABLE = 'account', COLUMN = 'account_id',
            MESSAGE = format('no such account: %s', coalesce(account_id::text, 'null'));
    END IF;
    IF uprating_percent IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = 'uprating_percent',
            MESSAGE = format('account %s (%s): uprating_percent must not be null', account.account_id,
                             account.reference),
            HINT = 'Without uprating it is 0.';
    END IF;
    PERFORM care_internal.required_day(as_at);
    IF uprating_percent <> 0 THEN
        account.weekly_rate := care_internal.uprated_schedule(account.weekly_rate, as_at, uprating_percent);
        account.cap := care_internal.uprated_schedule(account.cap, as_at, uprating_percent);
        -- what has been scaled, or not, stays so; what is assumed scales
        SELECT care.schedule_agg(s.valid_from, s.value) INTO account.cap_scales
        FROM (SELECT t.valid_from, t.value FROM care_internal.steps(account.cap_scales) AS t WHERE t.valid_from <= as_at
              UNION ALL SELECT as_at + 1, 1) AS s;
    END IF;
    RETURN care.cap_projected_on(account.weekly_rate, account.cap, account.counting_from, as_at, account.adjusted,
                                 account.cap_scales, account.reach);
END
$$;
COMMENT ON FUNCTION care.cap_projection(bigint, date, numeric) IS
    'The day an account is likely to reach the cap, seen from a day: at the rates recorded, or with cap and rate put '
    'up by a percentage each 1 April. Null: it has been reached, or never will be. It sees what was recorded in the '
    'statement that asks.';

CREATE VIEW care.approaching_cap AS
    SELECT a.account_id, a.authority, a.reference, a.person_reference, a.cap_on,
           a.cap_on - care.today() AS days_left, care.value_on(a.weekly_rate, care.today()) AS weekly_rate
    FROM care.account AS a
    WHERE a.cap_on > care.today() AND a.cap_on <= (care.today() + '18 months'::interval)::date;
COMMENT ON VIEW care.approaching_cap IS 'Worklist: accounts that will reach the cap within 18 months of today.';
COMMENT ON COLUMN care.approaching_cap.cap_on IS 'The day the cap will be reached.';
COMMENT ON COLUMN care.approaching_cap.days_left IS 'Days until then.';
SELECT care_internal.comment_columns('care.approaching_cap', 'care.account_position_row');

CREATE VIEW care.cap_notice_due AS
    SELECT a.account_id, a.authority, a.reference, a.person_reference, a.cap_on, care.today() - a.cap_on AS days_since
    FROM care.account AS a
    WHERE a.cap_on <= care.today()
      AND NOT EXISTS (SELECT FROM care.account_event_known_at('infinity'::timestamptz) AS e
                      WHERE e.account_id = a.account_id AND e.kind = 'cap_notice_given' AND e.on_day >= a.cap_on);
COMMENT ON VIEW care.cap_notice_due IS
    'Worklist: accounts at the cap whose person has not been told; record_event(..., ''cap_notice_given'') takes one '
    'off.';
COMMENT ON COLUMN care.cap_notice_due.cap_on IS 'The day the cap was reached.';
COMMENT ON COLUMN care.cap_notice_due.days_since IS 'Days since then.';
SELECT care_internal.comment_columns('care.cap_notice_due', 'care.account_position_row');

CREATE VIEW care.accounts_by_progress AS
    SELECT p.authority, p.scheme,
           CASE WHEN p.cap_reached_on IS NOT NULL THEN 'at the cap'
                WHEN p.percent_of_cap < 25 THEN 'under 25%'
                WHEN p.percent_of_cap < 50 THEN '25% to 50%'
                WHEN p.percent_of_cap < 75 THEN '50% to 75%'
                ELSE '75% to the cap' END AS band,
           count(*) AS accounts
    FROM care.account_position AS p
    GROUP BY 1, 2, 3;
COMMENT ON VIEW care.accounts_by_progress IS 'Accounts by how far along they are today.';
COMMENT ON COLUMN care.accounts_by_progress.authority IS 'The authority.';
COMMENT ON COLUMN care.accounts_by_progress.scheme IS 'The scheme.';
COMMENT ON COLUMN care.accounts_by_progress.band IS 'under 25%; 25% to 50%; 50% to 75%; 75% to the cap; at the cap.';
COMMENT ON COLUMN care.accounts_by_progress.accounts IS 'How many.';

CREATE VIEW care.cap_reached_by_month AS
    SELECT a.authority, date_trunc('month', a.cap_on)::date AS month, count(*) AS accounts
    FROM care.account AS a
    WHERE a.cap_on > care.today() AND a.cap_on <= (care.today() + '5 years'::interval)::date
    GROUP BY 1, 2;
COMMENT ON VIEW care.cap_reached_by_month IS
    'Accounts expected to reach the cap, a row a month for the next five years.';
COMMENT ON COLUMN care.cap_reached_by_month.authority IS 'The authority.';
COMMENT ON COLUMN care.cap_reached_by_month.month IS 'First day of the month.';
COMMENT ON COLUMN care.cap_reached_by_month.accounts IS 'How many reach it in the month.';

CREATE VIEW care.metered_rate_by_setting AS
    SELECT a.authority, a.scheme, b.setting, count(*) AS accounts,
           round(avg(care.value_on(a.weekly_rate, care.today())), 2) AS average_weekly_rate
    FROM care.account AS a
        CROSS JOIN LATERAL (SELECT k.setting FROM care.budget_known_at('infinity'::timestamptz) AS k
                            WHERE k.account_id = a.account_id AND k.valid_from <= care.today()
                            ORDER BY k.valid_from DESC LIMIT 1) AS b
    WHERE a.counting_from <= care.today() AND care.value_on(a.weekly_cost, care.today()) > 0
    GROUP BY 1, 2, 3;
COMMENT ON VIEW care.metered_rate_by_setting IS 'Average metered rate today by setting, of accounts with a budget.';
COMMENT ON COLUMN care.metered_rate_by_setting.authority IS 'The authority.';
COMMENT ON COLUMN care.metered_rate_by_setting.scheme IS 'The scheme.';
COMMENT ON COLUMN care.metered_rate_by_setting.setting IS 'care_home or community.';
COMMENT ON COLUMN care.metered_rate_by_setting.accounts IS 'How many.';
COMMENT ON COLUMN care.metered_rate_by_setting.average_weekly_rate IS
    'Average metered rate, pounds a week, to the penny.';

CREATE VIEW care.cost_after_cap AS
    SELECT a.authority, a.scheme, count(*) AS accounts,
           sum(care.value_on(a.weekly_cost, care.today()) - care.value_on(a.daily_living_cost,
                                                                          care.today())) AS weekly_cost
    FROM care.account AS a
    WHERE a.cap_on < care.today()
    GROUP BY 1, 2;
COMMENT ON VIEW care.cost_after_cap IS 'What the eligible needs of people past the cap cost the authority today.';
COMMENT ON COLUMN care.cost_after_cap.authority IS 'The authority.';
COMMENT ON COLUMN care.cost_after_cap.scheme IS 'The scheme.';
COMMENT ON COLUMN care.cost_after_cap.accounts IS 'Accounts whose cap was reached before today.';
COMMENT ON COLUMN care.cost_after_cap.weekly_cost IS
    'Weekly cost of their eligible needs less daily living costs, pounds.';
