--
-- projection: the day the cap is likely to be reached, by an assumption.
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
    account care.account := care_internal.require_account(account_id);
BEGIN
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
