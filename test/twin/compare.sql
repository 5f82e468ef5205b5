--
-- compare.sql: the C and its twin (twin.sql), side by side on random cases.
--
--     createdb twin
--     psql -X -d twin -c 'CREATE EXTENSION care_account'
--     psql -X -d twin -v seed=123 -v cases=1000 -f test/twin/compare.sql
--
-- Runs `cases` cases of each integral and prints a line for each:
--
--     ok - accrued: 1000 cases agree (seed 123)
--
-- Where the two differ, the first failing cases are listed, each with the call that shows it, and
-- the script ends with an error.  All of them stay in the table compare.failure.
--
-- A case is made from the seed, the name of the integral and its number by md5, and from nothing
-- else: the same on every machine and in any order.  To run one again: -v first=4711 -v cases=1.
-- Further variables: shown (failing cases listed of each integral, 10) and only (one integral:
-- accrued, cap, growth or balance).  No time limit, no parallelism; 100,000 cases of each integral
-- take some 15 minutes.
--
-- The extension may refuse: a value that is not known, a figure out of range.  Then the twin must
-- have good cause to refuse as well, and the other way round.
--
-- Replaces the schemas twin and compare: for a database made for it.
--
-- Must not know: how either side works anything out.
--
\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\pset pager off
\if :{?seed} \else \set seed 1 \endif
\if :{?cases} \else \set cases 1000 \endif
\if :{?first} \else \set first 1 \endif
\if :{?shown} \else \set shown 10 \endif
\if :{?only} \else \set only '' \endif

\ir twin.sql

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS compare CASCADE;
RESET client_min_messages;
CREATE SCHEMA compare;

CREATE TABLE compare.failure (
    integral text,
    case_number bigint,
    what text,      -- what differs
    extension text, -- the extension's answer
    twin text,      -- the twin's
    statement text  -- what reproduces it
);

-- Making cases ------------------------------------------------------------------------------------

-- A whole number from 0 up to, and without, `below`: the same for the same key, always.
CREATE FUNCTION compare.draw(key text, below bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN ('x' || left(md5(key), 15))::bit(60)::bigint % below;

-- A period from one day to 30 years, most of them short, most of them in this century; near leap
-- days, around centuries that are not leap years, and anywhere from the year 1 to the year 9999.
CREATE FUNCTION compare.period(key text, OUT from_day date, OUT to_day date)
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    days int;
BEGIN
    days := 1 + CASE
        WHEN compare.draw(key || '/length', 100) < 45 THEN compare.draw(key || '/days', 40)
        WHEN compare.draw(key || '/length', 100) < 82 THEN compare.draw(key || '/days', 300)
        WHEN compare.draw(key || '/length', 100) < 99 THEN compare.draw(key || '/days', 800)
        ELSE compare.draw(key || '/days', 10957)
    END;
    CASE compare.draw(key || '/era', 10)
        WHEN 0 THEN
            from_day := make_date(1890 + 100 * compare.draw(key || '/century', 4)::int, 1, 1)
                        + compare.draw(key || '/from', 7300)::int;
        WHEN 1 THEN
            from_day := make_date(1904 + 4 * compare.draw(key || '/leap', 40)::int, 2, 29)
                        - compare.draw(key || '/from', days + 2)::int;
        WHEN 2 THEN
            from_day := make_date(2000 + compare.draw(key || '/year', 40)::int,
                                  1 + 3 * compare.draw(key || '/quarter', 4)::int, 1)
                        - compare.draw(key || '/from', 2)::int;
        WHEN 3 THEN
            from_day := date '0001-01-01' + compare.draw(key || '/from', 3640000)::int;
            IF compare.draw(key || '/end', 10) = 0 THEN
                from_day := date '9999-12-31' - days + 1;
            ELSIF compare.draw(key || '/end', 10) = 1 THEN
                from_day := date '0001-01-01';
            END IF;
        ELSE
            from_day := date '1990-01-01' + compare.draw(key || '/from', 25000)::int;
    END CASE;
    to_day := from_day + days - 1;
END
$$;

-- How large the amounts of a case are: 'usual'; 'round', so that caps and half pennies are met
-- exactly; 'tiny', a few pence altogether; 'huge', at the limits of money.
CREATE FUNCTION compare.size_of(key text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN compare.draw(key || '/size', 100) < 62 THEN 'usual'
                WHEN compare.draw(key || '/size', 100) < 85 THEN 'round'
                WHEN compare.draw(key || '/size', 100) < 97 THEN 'tiny'
                ELSE 'huge' END;

-- One value of a schedule.  `days` is the length of the period: caps and adjustments are of the
-- order of what accrues in it.
CREATE FUNCTION compare.value(kind text, size text, case_key text, key text, days int)
    RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    which bigint := compare.draw(key || '/which', 20);
    -- caps of one case stay close together: a level, and changes of a few per cent
    level bigint := compare.draw(case_key || '/level', 2000);
BEGIN
    CASE kind || ' ' || size
        WHEN 'weekly usual' THEN
            RETURN CASE WHEN which < 3 THEN 0
                        WHEN which = 3 THEN 0.0001
                        WHEN which = 4 THEN 0.0001 * compare.draw(key, 10000)
                        WHEN which < 9 THEN 0.0001 * compare.draw(key, 20000000)
                        WHEN which = 9 THEN 7 * compare.draw(key, 300)
                        ELSE 200 + 0.01 * compare.draw(key, 150000) END;
        WHEN 'weekly round' THEN
            RETURN CASE WHEN which < 3 THEN 0
                        WHEN which < 7 THEN 0.035 * compare.draw(key, 20000) -- 1/2 p a day
                        ELSE 7 * compare.draw(key, 100) END;
        WHEN 'weekly tiny' THEN
            RETURN 0.0001 * CASE WHEN which < 5 THEN which ELSE compare.draw(key, 700) END;
        WHEN 'weekly huge' THEN
            RETURN CASE WHEN which < 3 THEN 9999999999.9999
                        ELSE 0.0001 * compare.draw(key, 100000000000000) END;
        WHEN 'cap usual' THEN
            RETURN CASE WHEN which = 0 THEN 0
                        WHEN which = 1 THEN 0.01 * compare.draw(key, 3)
                        WHEN which = 2 THEN 72000
                        WHEN which = 3 THEN 86000
                        WHEN which < 9 THEN 0.01 * compare.draw(key, 20000::bigint * days)
                        ELSE round(0.1 * days * level * (95 + compare.draw(key, 16)) / 100, 2) END;
        WHEN 'cap round' THEN
            RETURN CASE WHEN which < 2 THEN 0
                        WHEN which < 10 THEN compare.draw(key, 100::bigint * days)
                        ELSE compare.draw(case_key || '/cap' || which % 3, 100::bigint * days) END;
        WHEN 'cap tiny' THEN
            RETURN 0.01 * compare.draw(key, 2 + days);
        WHEN 'cap huge' THEN
            RETURN CASE WHEN which < 5 THEN 9999999999.99
                        ELSE 0.01 * compare.draw(key, 1000000000000) END;
        WHEN 'adjusted usual' THEN
            RETURN CASE WHEN which < 4 THEN 0
                        WHEN which < 8 THEN 0.01 * (compare.draw(key, 5) - 2)
                        ELSE 0.01 * (compare.draw(key, 30000::bigint * days)
                                     - 15000::bigint * days) END;
        WHEN 'adjusted round' THEN
            RETURN compare.draw(key, 200::bigint * days) - 100::bigint * days;
        WHEN 'adjusted tiny' THEN
            RETURN 0.01 * (compare.draw(key, 21) - 10);
        WHEN 'adjusted huge' THEN
            RETURN CASE WHEN which < 3 THEN 9999999999.99
                        WHEN which < 6 THEN -9999999999.99
                        ELSE 0.01 * (compare.draw(key, 1999999999999) - 999999999999) END;
        WHEN 'rate usual' THEN
            RETURN CASE WHEN which = 0 THEN 0
                        WHEN which = 1 THEN 0.0001 * compare.draw(key, 10)
                        WHEN which < 4 THEN compare.draw(key, 11)
                        WHEN which < 8 THEN 0.05 * compare.draw(key, 200)
                        ELSE 0.0001 * compare.draw(key, 100001) END;
        WHEN 'rate huge' THEN
            RETURN CASE WHEN which < 4 THEN 100
                        ELSE 0.0001 * compare.draw(key, 1000001) END;
        ELSE -- scales, breaks
            RETURN CASE WHEN which < 8 THEN 0 WHEN which < 18 THEN 1 WHEN which = 18 THEN 0.0001
                        ELSE -1 END;
    END CASE;
END
$$;

-- A schedule for a period, in JSON: one step or hundreds, the first at -infinity, before the period
-- or on its first day, the others mostly within it.  Some days are the same for every schedule of a
-- case, so that things change together.  With `holes`, values may be missing, at the beginning too.
CREATE FUNCTION compare.schedule(kind text, size text, case_key text, from_day date, to_day date,
                                 holes boolean) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    key text := case_key || '/' || kind;
    step text;
    shared text;
    days int := to_day - from_day + 1;
    changes int;
    day date;
    steps jsonb := '{}';
BEGIN
    changes := CASE
        WHEN compare.draw(key || '/shape', 100) < 30 THEN 0
        WHEN compare.draw(key || '/shape', 100) < 75 THEN 1 + compare.draw(key || '/changes', 3)
        WHEN compare.draw(key || '/shape', 100) < 95 THEN 4 + compare.draw(key || '/changes', 9)
        WHEN compare.draw(key || '/shape', 100) < 99 THEN 12 + compare.draw(key || '/changes', 40)
        ELSE 50 + compare.draw(key || '/changes', 200)
    END;
    FOR n IN 0 .. changes LOOP
        step := key || '/' || n;
        IF n > 0 AND compare.draw(step || '/shared', 2) = 0 THEN
            shared := case_key || '/shared/' || compare.draw(step, 4);
            day := from_day + compare.draw(shared, days)::int;
        ELSIF n > 0 THEN
            day := from_day - 10 + compare.draw(step || '/day', days + 30)::int;
        ELSIF holes AND compare.draw(step || '/late', 3) = 0 THEN
            day := from_day + 1 + compare.draw(step || '/day', days)::int;
        ELSE
            day := CASE WHEN compare.draw(step || '/first', 3) = 0 THEN from_day
                        ELSE from_day - 10 - compare.draw(step || '/day', 3000)::int END;
        END IF;
        day := greatest(least(day, '9999-12-31'), '0001-01-01');
        steps := steps || jsonb_build_object(
            CASE WHEN n = 0 AND compare.draw(step || '/beginning', 2) = 0 THEN '-infinity'
                 ELSE day::text END,
            CASE WHEN NOT holes OR compare.draw(step || '/hole', 4) > 0
                 THEN compare.value(kind, size, case_key, step, days) END);
    END LOOP;
    RETURN steps;
END
$$;

-- A schedule as care.schedule reads it.
CREATE FUNCTION compare.s(steps jsonb) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE
    RETURN steps::text::care.schedule;

CREATE FUNCTION compare.case_key(seed text, integral text, case_number bigint) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN seed || '/' || integral || '/' || case_number;

CREATE FUNCTION compare.day_count(key text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (ARRAY['act/act', 'act/act', 'act/365f'])[1 + compare.draw(key || '/day_count', 3)];

CREATE FUNCTION compare.capitalised(key text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (ARRAY['daily', 'daily', 'weekly', 'weekly', 'monthly', 'quarterly', 'half_yearly',
                  'yearly', 'none'])[1 + compare.draw(key || '/capitalised', 9)];

CREATE FUNCTION compare.rate_size(key text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN compare.draw(key || '/rate_size', 10) = 0 THEN 'huge' ELSE 'usual' END;

-- One case in 12 is made so that it may well come to exactly half a penny: amounts that are whole
-- times £2.50, one whole and odd rate, and a period over which it adds whole fifths of a per cent.
CREATE FUNCTION compare.may_be_half(key text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN compare.draw(key || '/half', 12) = 0;

-- One case in 40 has values that are not known.
CREATE FUNCTION compare.has_holes(key text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN compare.draw(key || '/holes', 40) = 0;

-- Comparing ---------------------------------------------------------------------------------------

CREATE PROCEDURE compare.fail(integral text, case_number bigint, what text, extension text,
                              twin text, statement text)
    LANGUAGE sql
    BEGIN ATOMIC
        INSERT INTO compare.failure VALUES (integral, case_number, what, extension, twin,
                                            statement);
    END;

-- The extension refuses a figure beyond the limit of money: null.
CREATE FUNCTION compare.within_limit(pounds numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN abs(pounds) <= 9999999999.99 THEN pounds END;

-- accrued -----------------------------------------------------------------------------------------

CREATE PROCEDURE compare.accrued(seed text, case_number bigint)
    LANGUAGE plpgsql AS $$
DECLARE
    key text := compare.case_key(seed, 'accrued', case_number);
    period record := compare.period(key);
    weekly jsonb := compare.schedule('weekly', compare.size_of(key), key, period.from_day,
                                     period.to_day, compare.has_holes(key));
    extension_says numeric;
    refused text;
    twin_says numeric;
BEGIN
    BEGIN
        extension_says := care.accrued(compare.s(weekly), period.from_day, period.to_day);
    EXCEPTION WHEN data_exception OR object_not_in_prerequisite_state THEN
        refused := SQLERRM;
    END;
    BEGIN
        twin_says := compare.within_limit(
            twin.accrued(weekly, period.from_day, period.to_day));
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
        twin_says := NULL;
    END;
    IF extension_says IS DISTINCT FROM twin_says THEN
        CALL compare.fail('accrued', case_number, 'accrued',
                          coalesce(extension_says::text, refused), twin_says::text,
                          format('SELECT care.accrued(%L, %L, %L)', weekly, period.from_day,
                                 period.to_day));
    END IF;
END
$$;

-- The law of the care account ---------------------------------------------------------------------

-- Arguments; `breaks` for the working; `as_at` for the projection; `horizon`, up to which answers
-- without one are compared: usually soon after to_day, sometimes 12 years after from_day.
CREATE TYPE compare.cap_case AS (weekly jsonb, cap jsonb, from_day date, to_day date,
                                 adjusted jsonb, scales jsonb, reach text, breaks jsonb, as_at date,
                                 horizon date, holes boolean);

CREATE FUNCTION compare.cap_case(key text) RETURNS compare.cap_case
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    size text := compare.size_of(key);
    period record := compare.period(key);
    c compare.cap_case;
BEGIN
    c.from_day := period.from_day;
    c.to_day := period.to_day;
    c.holes := compare.has_holes(key);
    c.weekly := compare.schedule('weekly', size, key, c.from_day, c.to_day, c.holes);
    c.cap := compare.schedule('cap', size, key, c.from_day, c.to_day, c.holes);
    IF compare.draw(key || '/with_adjusted', 3) > 0 THEN
        c.adjusted := compare.schedule('adjusted', size, key, c.from_day, c.to_day, c.holes);
    END IF;
    IF compare.draw(key || '/with_scales', 2) > 0 THEN
        c.scales := compare.schedule('scales', size, key, c.from_day, c.to_day, c.holes);
    END IF;
    IF compare.draw(key || '/with_breaks', 3) = 0 THEN
        c.breaks := compare.schedule('breaks', size, key, c.from_day, c.to_day, false);
    END IF;
    c.reach := CASE WHEN compare.draw(key || '/reach', 2) = 0 THEN 'reach' ELSE 'exceed' END;
    c.horizon := CASE
        WHEN c.holes THEN c.to_day
        WHEN compare.draw(key || '/horizon', 200) = 0 THEN greatest(c.from_day + 4382, c.to_day)
        WHEN compare.draw(key || '/horizon', 200) < 20
        THEN c.to_day + compare.draw(key || '/beyond', 730)::int
        ELSE c.to_day + compare.draw(key || '/beyond', 50)::int
    END;
    c.horizon := least(c.horizon, '9999-12-31');
    c.as_at := c.from_day - 5 + compare.draw(key || '/as_at', c.to_day - c.from_day + 20)::int;
    c.as_at := greatest(least(c.as_at, c.horizon), '0001-01-01');
    RETURN c;
END
$$;

-- What the extension and the twin have to say about one case.
CREATE TYPE compare.cap_answer AS (accrued numeric, cap numeric, reached boolean, reached_on date,
                                   first_reached_on date, projected_on date, uprated numeric,
                                   closing numeric[]);

CREATE FUNCTION compare.shown(answer compare.cap_answer) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN format('accrued %s, cap %s, reached: %s', answer.accrued, trim_scale(answer.cap),
                  coalesce(answer.reached_on::text, answer.reached::text));

-- A day without a horizon, seen from one that ends at `horizon`.
CREATE FUNCTION compare.within(day date, horizon date) RETURNS date
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN day <= horizon THEN day END;

CREATE FUNCTION compare.cap_by_extension(c compare.cap_case) RETURNS compare.cap_answer
    LANGUAGE plpgsql AS $$
DECLARE
    weekly care.schedule := compare.s(c.weekly);
    cap care.schedule := compare.s(c.cap);
    adjusted care.schedule := compare.s(c.adjusted);
    scales care.schedule := compare.s(c.scales);
    progress care.cap_progress := care.cap_progress(weekly, cap, c.from_day, c.to_day, adjusted,
                                                    scales, c.reach);
    answer compare.cap_answer;
BEGIN
    answer.accrued := care.accrued(progress);
    answer.cap := care.cap(progress);
    answer.reached := care.reached(progress);
    answer.reached_on := care.cap_reached_on(weekly, cap, c.from_day, adjusted, scales, c.reach,
                                             c.to_day);
    -- without a horizon, a value that is not known may lie ahead
    IF NOT c.holes THEN
        answer.first_reached_on := compare.within(
            care.cap_reached_on(weekly, cap, c.from_day, adjusted, scales, c.reach), c.horizon);
        answer.projected_on := compare.within(
            care.cap_projected_on(weekly, cap, c.from_day, c.as_at, adjusted, scales, c.reach),
            c.horizon);
    END IF;
    RETURN answer;
END
$$;

-- One walk to the horizon tells everything.  Also: what all changes of the cap up to to_day came
-- to, as shown, and the accrued amount (in sevenths) at the close of each day.
CREATE FUNCTION compare.cap_by_twin(c compare.cap_case) RETURNS compare.cap_answer
    LANGUAGE plpgsql AS $$
DECLARE
    answer compare.cap_answer;
BEGIN
    WITH day AS MATERIALIZED (
        SELECT today.*, lag(sevenths, 1, 0) OVER (ORDER BY day) AS sevenths_0
        FROM twin.cap_days(c.weekly, c.cap, c.from_day, c.horizon, c.adjusted, c.scales, c.reach)
             AS today
    )
    SELECT twin.pounds_of_sevenths(today.sevenths), today.cap_today, today.reached,
           today.reached_on,
           CASE WHEN NOT c.holes THEN (SELECT min(day.reached_on) FROM day) END,
           CASE WHEN NOT c.holes
                     AND NOT EXISTS (SELECT FROM day WHERE day.day = c.as_at AND day.reached)
                THEN (SELECT min(day.reached_on) FROM day WHERE day.day > c.as_at) END,
           (SELECT coalesce(sum(twin.pounds_of_sevenths(day.sevenths_1)
                                - twin.pounds_of_sevenths(day.sevenths_0)), 0)
            FROM day
            WHERE day.day <= c.to_day AND day.sevenths_1 <> day.sevenths_0),
           (SELECT array_agg(day.sevenths ORDER BY day.day) FROM day)
    INTO answer
    FROM day AS today
    WHERE today.day = c.to_day;
    RETURN answer;
END
$$;

-- The working: lines follow each other day by day; each opens where the one before closed, and
-- closes where the twin closed the day; every break begins a line; amounts add up to what is
-- accrued, days to the period, upratings to the twin's.  Null, or what is wrong.
CREATE FUNCTION compare.fault_in_working(c compare.cap_case, answer compare.cap_answer) RETURNS text
    LANGUAGE sql
    BEGIN ATOMIC
        WITH line AS (
            SELECT w.*,
                   lag(w.accrued, 1, 0.00) OVER (ORDER BY n) AS opening,
                   sum(w.days) OVER (ORDER BY n) - w.days AS days_before
            FROM care.cap_working(compare.s(c.weekly), compare.s(c.cap), c.from_day, c.to_day,
                                  compare.s(c.adjusted), compare.s(c.scales), c.reach,
                                  compare.s(c.breaks))
                 WITH ORDINALITY AS w(from_day, to_day, days, what, weekly_rate, cap, amount,
                                      accrued, n)
        ), break AS (
            SELECT valid_from AS day
            FROM care.steps(compare.s(c.breaks))
            WHERE valid_from > c.from_day AND valid_from <= c.to_day
        )
        SELECT CASE
                   WHEN EXISTS (SELECT FROM break WHERE break.day NOT IN
                                    (SELECT begun.from_day FROM line AS begun WHERE begun.days > 0))
                   THEN
                       'a break is missing'
                   WHEN sum(line.amount) IS DISTINCT FROM answer.accrued THEN
                       'amounts add up to ' || sum(line.amount)
                   WHEN (array_agg(line.accrued ORDER BY n DESC))[1] <> answer.accrued THEN
                       'the last line closes at ' || (array_agg(line.accrued ORDER BY n DESC))[1]
                   WHEN sum(line.days) <> c.to_day - c.from_day + 1 THEN
                       'the days are ' || sum(line.days)
                   WHEN coalesce(sum(line.amount) FILTER (WHERE what = 'uprating'), 0)
                        <> answer.uprated THEN
                       'upratings add up to '
                       || coalesce(sum(line.amount) FILTER (WHERE what = 'uprating'), 0)
                   WHEN NOT bool_and(line.amount = line.accrued - line.opening) THEN
                       'a line does not open where the one before closed'
                   WHEN NOT bool_and(line.from_day = c.from_day + line.days_before::int) THEN
                       'a line does not begin where the one before ended'
                   WHEN NOT bool_and(line.days = CASE
                                         WHEN line.what IN ('uprating', 'adjustment') THEN 0
                                         ELSE line.to_day - line.from_day + 1 END) THEN
                       'the days of a line are not its days'
                   WHEN NOT bool_and(line.days = 0
                                     OR line.accrued = twin.pounds_of_sevenths(
                                            answer.closing[line.to_day - c.from_day + 1])) THEN
                       'a line closes at another amount than its last day'
               END
        FROM line;
    END;

CREATE PROCEDURE compare.cap(seed text, case_number bigint)
    LANGUAGE plpgsql AS $$
DECLARE
    c compare.cap_case := compare.cap_case(compare.case_key(seed, 'cap', case_number));
    arguments text := format('%L, %L, %L, %L, %L, %L, %L', c.weekly, c.cap, c.from_day, c.to_day,
                             c.adjusted, c.scales, c.reach);
    e compare.cap_answer;
    t compare.cap_answer;
    refused text;
    twin_refused text;
    working_fault text;
BEGIN
    BEGIN
        e := compare.cap_by_extension(c);
    EXCEPTION WHEN data_exception OR object_not_in_prerequisite_state THEN
        refused := SQLERRM;
    END;
    BEGIN
        t := compare.cap_by_twin(c);
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
        twin_refused := SQLERRM;
    END;
    IF refused IS NOT NULL AND twin_refused IS NOT NULL THEN
        RETURN;
    END IF;
    IF (e.accrued, e.cap, e.reached) IS DISTINCT FROM (t.accrued, t.cap, t.reached) THEN
        CALL compare.fail('cap', case_number, 'cap_progress', coalesce(refused, compare.shown(e)),
                          coalesce(twin_refused, compare.shown(t)),
                          format('SELECT care.cap_progress(%s)', arguments));
        RETURN;
    END IF;
    IF e.reached_on IS DISTINCT FROM t.reached_on THEN
        CALL compare.fail('cap', case_number, 'cap_reached_on with to_day', e.reached_on::text,
                          t.reached_on::text,
                          format('SELECT care.cap_reached_on(%L, %L, %L, %L, %L, %L, %L)',
                                 c.weekly, c.cap, c.from_day, c.adjusted, c.scales, c.reach,
                                 c.to_day));
    END IF;
    IF e.first_reached_on IS DISTINCT FROM t.first_reached_on THEN
        CALL compare.fail('cap', case_number, 'cap_reached_on, up to ' || c.horizon,
                          e.first_reached_on::text, t.first_reached_on::text,
                          format('SELECT care.cap_reached_on(%L, %L, %L, %L, %L, %L)', c.weekly,
                                 c.cap, c.from_day, c.adjusted, c.scales, c.reach));
    END IF;
    IF e.projected_on IS DISTINCT FROM t.projected_on THEN
        CALL compare.fail('cap', case_number, 'cap_projected_on, up to ' || c.horizon,
                          e.projected_on::text, t.projected_on::text,
                          format('SELECT care.cap_projected_on(%L, %L, %L, %L, %L, %L, %L)',
                                 c.weekly, c.cap, c.from_day, c.as_at, c.adjusted, c.scales,
                                 c.reach));
    END IF;
    working_fault := compare.fault_in_working(c, t);
    IF working_fault IS NOT NULL THEN
        CALL compare.fail('cap', case_number, 'cap_working', working_fault,
                          format('%s, upratings %s', compare.shown(t), t.uprated),
                          format('SELECT * FROM care.cap_working(%s, %L)', arguments, c.breaks));
    END IF;
END
$$;

-- growth ------------------------------------------------------------------------------------------

CREATE TYPE compare.growth_case AS (rates jsonb, day_count text, capitalised text, from_day date,
                                    to_day date, amount numeric);

CREATE FUNCTION compare.growth_case(key text) RETURNS compare.growth_case
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    period record := compare.period(key);
    digits int := 3 + compare.draw(key || '/digits', 7);
    c compare.growth_case;
BEGIN
    c.from_day := period.from_day;
    c.to_day := period.to_day;
    c.rates := compare.schedule('rate', compare.rate_size(key), key, c.from_day, c.to_day,
                                compare.has_holes(key));
    c.day_count := compare.day_count(key);
    c.capitalised := compare.capitalised(key);
    c.amount := 0.01 * (1 + compare.draw(key || '/amount', (10::numeric ^ digits)::bigint));
    IF compare.may_be_half(key) THEN
        -- fifths of a fixed year at simple interest, or whole calendar years
        c.amount := 2.50 * (1 + compare.draw(key || '/amount', 200000));
        c.rates := jsonb_build_object('-infinity', 1 + 2 * compare.draw(key || '/odd_rate', 6));
        c.from_day := make_date(2000 + compare.draw(key || '/from', 50)::int, 1, 1);
        IF compare.draw(key || '/simple', 2) = 0 THEN
            c.day_count := 'act/365f';
            c.capitalised := 'none';
            c.to_day := c.from_day + 73 * (1 + compare.draw(key || '/fifths', 20)::int) - 1;
        ELSE
            c.day_count := 'act/act';
            c.capitalised := (ARRAY['yearly', 'none'])[1 + compare.draw(key || '/compound', 2)];
            c.to_day := (c.from_day + compare.draw(key || '/years', 3)::int * interval '1 year'
                         + interval '1 year')::date - 1;
        END IF;
    END IF;
    RETURN c;
END
$$;

-- How far below the true growth the figure shown may be, and how far above, if the extension keeps
-- the promise of src/pure/interest.h: over n periods its growth G is short by less than 2n * 2^-96 of
-- itself, and never above; there are no more periods than days; and then it is rounded to 20
-- decimals, by which half of the last decimal may be lost or gained.  (For a G below 18,000 over 30
-- years, that is within one in the last decimal shown.)  The twin's own error, 1e-60 of G at most,
-- is allowed for.
CREATE FUNCTION compare.may_be_below(growth numeric, days int) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN 0.5e-20 + 1e-40 + growth * 2 * days / 79228162514264337593543950336;

CREATE FUNCTION compare.may_be_above() RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN 0.5e-20 + 1e-40;

-- growth to its 20 decimals; refused only where it is 2^32 or more, or a rate is not known.
CREATE PROCEDURE compare.growth(seed text, case_number bigint)
    LANGUAGE plpgsql AS $$
DECLARE
    c compare.growth_case := compare.growth_case(compare.case_key(seed, 'growth', case_number));
    extension_says numeric;
    refused text;
    twin_says numeric;
BEGIN
    BEGIN
        extension_says := care.growth(compare.s(c.rates), c.day_count, c.capitalised, c.from_day,
                                      c.to_day);
    EXCEPTION WHEN data_exception OR object_not_in_prerequisite_state THEN
        refused := SQLERRM;
    END;
    BEGIN
        twin_says := twin.growth(c.rates, c.day_count, c.capitalised, c.from_day, c.to_day);
    EXCEPTION WHEN object_not_in_prerequisite_state THEN
        twin_says := NULL;
    END;
    IF twin_says >= 4294967296 THEN
        twin_says := NULL;
    END IF;
    IF (extension_says IS NULL) <> (twin_says IS NULL)
       OR extension_says - twin_says > compare.may_be_above()
       OR twin_says - extension_says > compare.may_be_below(twin_says, c.to_day - c.from_day + 1)
    THEN
        CALL compare.fail('growth', case_number, 'growth', coalesce(extension_says::text, refused),
                          twin_says::text,
                          format('SELECT care.growth(%L, %L, %L, %L, %L)', c.rates, c.day_count,
                                 c.capitalised, c.from_day, c.to_day));
    ELSIF twin_says IS NOT NULL THEN
        CALL compare.penny(case_number, c, twin_says);
    END IF;
END
$$;

-- And the penny: one amount of up to £10,000,000 owed through the same period.
CREATE PROCEDURE compare.penny(case_number bigint, c compare.growth_case, twin_growth numeric)
    LANGUAGE plpgsql AS $$
DECLARE
    twin_says numeric := compare.within_limit(twin.rounded(c.amount * twin_growth));
    extension_says numeric;
    refused text;
BEGIN
    BEGIN
        SELECT care.balance(c.amount, c.from_day, compare.s(c.rates), c.day_count, c.capitalised,
                            c.to_day)
        INTO extension_says;
    EXCEPTION WHEN data_exception OR object_not_in_prerequisite_state THEN
        refused := SQLERRM;
    END;
    IF extension_says IS DISTINCT FROM twin_says THEN
        CALL compare.fail('growth', case_number, 'balance of one amount',
                          coalesce(extension_says::text, refused), twin_says::text,
                          format('SELECT care.balance(%s, %L, %L, %L, %L, %L)', c.amount,
                                 c.from_day, c.rates, c.day_count, c.capitalised, c.to_day));
    END IF;
END
$$;

-- balance -----------------------------------------------------------------------------------------

CREATE TYPE compare.ledger AS (amounts numeric[], days date[], rates jsonb, day_count text,
                               capitalised text, as_at date);

-- A ledger: up to 12 amounts, care fees and charges and payments, on any days of the period and
-- often several on one.  Four cases in a row share their rates and period.
CREATE FUNCTION compare.ledger(seed text, case_number bigint) RETURNS compare.ledger
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    shared_key text := compare.case_key(seed, 'balance', case_number / 4 * 4);
    key text := compare.case_key(seed, 'balance', case_number);
    period record := compare.period(shared_key);
    span int := period.to_day - period.from_day + 1;
    digits int := 2 + compare.draw(key || '/digits', 8);
    entry text;
    c compare.ledger;
BEGIN
    c.rates := compare.schedule('rate', compare.rate_size(shared_key), shared_key, period.from_day,
                                period.to_day, compare.has_holes(shared_key));
    c.day_count := compare.day_count(CASE WHEN compare.draw(key || '/own', 3) = 0 THEN key
                                          ELSE shared_key END);
    c.capitalised := compare.capitalised(CASE WHEN compare.draw(key || '/own', 3) = 1 THEN key
                                              ELSE shared_key END);
    IF compare.draw(key || '/earlier', 3) = 0 THEN
        span := 1 + compare.draw(key || '/span', span);
    END IF;
    c.as_at := period.from_day + span - 1;
    FOR n IN 1 .. 1 + compare.draw(key || '/entries', 12) LOOP
        entry := key || '/' || n;
        c.amounts[n] := 0.01 * (1 + compare.draw(entry || '/amount',
                                                 (10::numeric ^ digits)::bigint));
        IF compare.draw(entry || '/payment', 3) = 0 THEN
            c.amounts[n] := - c.amounts[n];
        END IF;
        c.days[n] := period.from_day
                     + compare.draw(CASE WHEN compare.draw(entry || '/same', 4) = 0
                                         THEN key || '/day' ELSE entry || '/day' END, span)::int;
    END LOOP;
    IF compare.may_be_half(key) THEN
        -- fifths of a fixed year at simple interest
        c.rates := jsonb_build_object('-infinity', 1 + 2 * compare.draw(key || '/odd_rate', 6));
        c.day_count := 'act/365f';
        c.capitalised := 'none';
        c.as_at := date '2030-12-31' + compare.draw(key || '/as_at', 2000)::int;
        FOR n IN 1 .. cardinality(c.amounts) LOOP
            c.amounts[n] := 2.50 * round(c.amounts[n]);
            c.days[n] := c.as_at + 1
                         - 73 * (1 + compare.draw(key || '/' || n || '/fifths', 20)::int);
        END LOOP;
    END IF;
    RETURN c;
END
$$;

-- Balances from the extension, by case number, from one query that mixes the terms; null if it is
-- refused.
CREATE FUNCTION compare.balances_together(seed text, first_case bigint, last_case bigint)
    RETURNS jsonb
    LANGUAGE plpgsql AS $$
BEGIN
    RETURN (
        SELECT jsonb_object_agg(answer.n, answer.balance)
        FROM (
            SELECT n, care.balance(entry.amount, entry.day, compare.s(c.rates), c.day_count,
                                   c.capitalised, c.as_at)
            FROM generate_series(first_case, last_case) AS n,
                 LATERAL (SELECT * FROM compare.ledger(seed, n) OFFSET 0) AS c,
                 unnest(c.amounts, c.days) AS entry(amount, day)
            GROUP BY n
        ) AS answer(n, balance)
    );
EXCEPTION WHEN data_exception OR object_not_in_prerequisite_state THEN
    RETURN NULL;
END
$$;

-- One balance from the extension; or null, and why it is refused.
CREATE FUNCTION compare.balance_alone(c compare.ledger, OUT balance numeric, OUT refused text)
    LANGUAGE plpgsql AS $$
BEGIN
    SELECT care.balance(entry.amount, entry.day, compare.s(c.rates), c.day_count, c.capitalised,
                        c.as_at)
    INTO balance
    FROM unnest(c.amounts, c.days) AS entry(amount, day);
EXCEPTION WHEN data_exception OR object_not_in_prerequisite_state THEN
    refused := SQLERRM;
END
$$;

-- The twin's; null where the extension must refuse: a rate is not known, the balance is beyond the
-- limit of money, or what one of its pounds becomes is beyond the limit of growth.
CREATE FUNCTION compare.balance_by_twin(c compare.ledger, refused boolean) RETURNS numeric
    LANGUAGE plpgsql AS $$
DECLARE
    balance numeric;
BEGIN
    balance := twin.balance(c.amounts, c.days, c.rates, c.day_count, c.capitalised, c.as_at);
    -- slow, so only where it matters
    IF refused AND twin.growth(c.rates, c.day_count, c.capitalised,
                               (SELECT min(day) FROM unnest(c.days) AS day), c.as_at) >= 4294967296
    THEN
        RETURN NULL;
    END IF;
    RETURN compare.within_limit(balance);
EXCEPTION WHEN object_not_in_prerequisite_state THEN
    RETURN NULL;
END
$$;

-- balance: equal to the penny.  Some ledgers are asked for together; if one of them is refused,
-- each on its own.
CREATE PROCEDURE compare.balances(seed text, first_case bigint, last_case bigint)
    LANGUAGE plpgsql AS $$
DECLARE
    together jsonb := compare.balances_together(seed, first_case, last_case);
    c compare.ledger;
    extension_says numeric;
    refused text;
    twin_says numeric;
BEGIN
    FOR n IN first_case .. last_case LOOP
        c := compare.ledger(seed, n);
        extension_says := (together ->> n::text)::numeric;
        refused := NULL;
        IF together IS NULL THEN
            SELECT alone.balance, alone.refused INTO extension_says, refused
            FROM compare.balance_alone(c) AS alone;
        END IF;
        twin_says := compare.balance_by_twin(c, refused IS NOT NULL);
        IF extension_says IS DISTINCT FROM twin_says THEN
            CALL compare.fail('balance', n, 'balance', coalesce(extension_says::text, refused),
                              twin_says::text,
                              format('SELECT care.balance(amount, day, %L, %L, %L, %L) FROM'
                                     ' unnest(%L::numeric[], %L::date[]) AS entry(amount, day)',
                                     c.rates, c.day_count, c.capitalised, c.as_at, c.amounts,
                                     c.days));
        END IF;
    END LOOP;
END
$$;

-- Running -----------------------------------------------------------------------------------------

-- Some cases of one integral, in a row.
CREATE PROCEDURE compare.some(integral text, seed text, first_case bigint, last_case bigint)
    LANGUAGE plpgsql AS $$
BEGIN
    IF integral = 'balance' THEN
        CALL compare.balances(seed, first_case, last_case);
        RETURN;
    END IF;
    FOR n IN first_case .. last_case LOOP
        CASE integral
            WHEN 'accrued' THEN CALL compare.accrued(seed, n);
            WHEN 'cap' THEN CALL compare.cap(seed, n);
            WHEN 'growth' THEN CALL compare.growth(seed, n);
        END CASE;
    END LOOP;
END
$$;

-- Run a range of cases of one integral, and say how it went.  An error that is neither side's
-- refusal fails the cases it came from, and the others go on.
CREATE FUNCTION compare.run(integral text, seed text, first_case bigint, last_case bigint)
    RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    at_a_time int := CASE integral WHEN 'balance' THEN 20 ELSE 1 END;
    last_of_some bigint;
    failures bigint;
BEGIN
    FOR n IN first_case .. last_case BY at_a_time LOOP
        last_of_some := least(n + at_a_time - 1, last_case);
        BEGIN
            CALL compare.some(integral, seed, n, last_of_some);
        EXCEPTION WHEN others THEN
            CALL compare.fail(integral, n, 'error', format('%s (%s)', SQLERRM, SQLSTATE), NULL,
                              format('CALL compare.some(%L, %L, %s, %s)', integral, seed, n,
                                     last_of_some));
        END;
    END LOOP;
    SELECT count(DISTINCT failure.case_number) INTO failures
    FROM compare.failure WHERE failure.integral = run.integral;
    IF failures > 0 THEN
        RETURN format('not ok - %s: %s of %s cases differ (seed %s)', integral, failures,
                      last_case - first_case + 1, seed);
    END IF;
    RETURN format('ok - %s: %s cases agree (seed %s)', integral, last_case - first_case + 1, seed);
END
$$;

SELECT format('SELECT compare.run(%L, %L, %s, %s)', integral, :'seed', :first,
              :first + :cases - 1)
FROM unnest(CASE :'only' WHEN '' THEN ARRAY['accrued', 'cap', 'growth', 'balance']
                         ELSE ARRAY[:'only'] END) WITH ORDINALITY AS i(integral, n)
ORDER BY n
\gexec

SELECT format(E'\n%s case %s (seed %s): %s\n    extension: %s\n    twin:      %s\n    %s;',
              integral, case_number, :'seed', what, coalesce(extension, 'null'),
              coalesce(twin, 'null, or refused'), statement)
FROM (SELECT *, row_number() OVER (PARTITION BY integral ORDER BY case_number) AS n
      FROM compare.failure) AS failure
WHERE n <= :shown
ORDER BY integral, case_number;

DO $$
DECLARE
    failures bigint := (SELECT count(*) FROM compare.failure);
BEGIN
    IF failures > 0 THEN
        RAISE EXCEPTION '% differences between the extension and its twin', failures
            USING HINT = 'All of them are in compare.failure.';
    END IF;
END
$$;
