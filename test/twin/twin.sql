--
-- twin.sql: the integrals a second time, slowly: plain SQL, numeric, one day after another.
--
-- Every figure of the extension is checked against an implementation that shares nothing with it
-- but the rules: no C, no whole runs of days at once, no fixed point, no closed formula.  It is
-- written to be read beside doc/calculations, sections 1, 2 and 4, one statement for one
-- sentence, and to be seen to be right rather than to be quick.  compare.sql puts the two side by
-- side.
--
-- Schedules come as jsonb, in the same JSON form that care.schedule reads, so a call can be copied
-- from one implementation to the other as it stands:
--
--     SELECT twin.accrued('{"-infinity": 700}', '2024-01-01', '2024-01-31');
--     SELECT care.accrued('{"-infinity": 700}', '2024-01-01', '2024-01-31');
--
-- A value that is needed but not known is an error (55000).
--
-- Must not know: anything of the extension, not even its types; this file loads into a database
-- that does not have it.
--
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS twin CASCADE;
RESET client_min_messages;
CREATE SCHEMA twin;

-- Section 1: days and rounding --------------------------------------------------------------------

-- A fraction rounded to a whole number, half away from nought; neither part is negative.  Whole
-- numbers only: a quotient cut off after so many decimals might hide a half.
CREATE FUNCTION twin.half_away(numerator numeric, denominator numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN div(numerator, denominator)
           + CASE WHEN 2 * mod(numerator, denominator) >= denominator THEN 1 ELSE 0 END;

-- Sevenths of 1/10,000 of a pound (700 to the penny) as pounds and pence.
CREATE FUNCTION twin.pounds_of_sevenths(sevenths numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN round(twin.half_away(sevenths, 700) / 100, 2);

-- What a schedule says on each day of a period: element 1 is from_day.  A value holds from its day
-- until the next step; on days before the first step stands `before`.  Null is not known.
CREATE FUNCTION twin.daily(steps jsonb, from_day date, to_day date, before numeric DEFAULT NULL)
    RETURNS numeric[]
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    on_day numeric[] := '{}';
    held numeric := before;
    held_from date := from_day;
    step record;
BEGIN
    FOR step IN
        SELECT least(greatest(key::date, from_day), to_day + 1) AS day, value::numeric AS value
        FROM jsonb_each_text(steps)
        ORDER BY key::date
    LOOP
        on_day := on_day || array_fill(held, ARRAY[step.day - held_from]);
        held := step.value;
        held_from := step.day;
    END LOOP;
    on_day := on_day || array_fill(held, ARRAY[to_day + 1 - held_from]);
    RETURN on_day;
END
$$;

-- The same, where every day has to be known.
CREATE FUNCTION twin.known_daily(steps jsonb, from_day date, to_day date,
                                 before numeric DEFAULT NULL) RETURNS numeric[]
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    on_day numeric[] := twin.daily(steps, from_day, to_day, before);
BEGIN
    IF array_position(on_day, NULL) IS NOT NULL THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('not known on %s', from_day + array_position(on_day, NULL) - 1);
    END IF;
    RETURN on_day;
END
$$;

-- Section 2: care costs ---------------------------------------------------------------------------

-- Care costs from from_day to to_day, both counted, with no cap: a seventh of the weekly amount for
-- every day, rounded once.  A whole number of sevenths of 1/10,000 of a pound, so exact until then.
CREATE FUNCTION twin.accrued(weekly jsonb, from_day date, to_day date) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    weekly_on numeric[] := twin.known_daily(weekly, from_day, to_day);
    sevenths numeric := 0;
BEGIN
    FOR n IN 1 .. to_day - from_day + 1 LOOP
        sevenths := sevenths + weekly_on[n] * 10000;
    END LOOP;
    RETURN twin.pounds_of_sevenths(sevenths);
END
$$;

-- The law of the care account: one row a day.
--
--   sevenths     accrued costs A at the close of the day, exact, in sevenths of 1/10,000 of a pound
--   sevenths_1   the same after step 1 of the day
--   sevenths_2   and after step 2
--   reached      has the cap been reached, as things stand at the close of the day?
--   reached_on   and if so, when
--
-- `adjusted` is the running total of the manual adjustments: what it rises by on a day takes effect
-- on that day, and all it has come to by from_day on from_day.  `scales` is 0 on the day of a cap
-- change that does not scale accrued costs, and need not be known on any other.  `reach` is 'reach'
-- (A >= cap) or 'exceed' (A > cap).
--
-- Where the sources are silent:
--   - "reached" is undone by an adjustment that brings A below the cap, and by nothing else: one
--     that takes nothing away, because A is nought already, undoes nothing;
--   - "held at the cap from then on" is at the cap of the day, whether the change of it scales or
--     not: people past the cap stay past it;
--   - a cap that rises from nought and scales finds A at nought, and leaves it there.
CREATE FUNCTION twin.cap_days(weekly jsonb, cap jsonb, from_day date, to_day date,
                              adjusted jsonb DEFAULT NULL, scales jsonb DEFAULT NULL,
                              reach text DEFAULT 'reach',
                              OUT day date, OUT sevenths numeric, OUT sevenths_1 numeric,
                              OUT sevenths_2 numeric, OUT cap_today numeric, OUT reached boolean,
                              OUT reached_on date)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    weekly_on numeric[] := twin.known_daily(weekly, from_day, to_day);
    cap_on numeric[] := twin.known_daily(cap, from_day, to_day);
    adjusted_on numeric[] := twin.known_daily(adjusted, from_day, to_day, 0);
    scales_on numeric[] := twin.daily(scales, from_day, to_day, 1);
    cap_yesterday numeric;
    adjusted_yesterday numeric := 0;
BEGIN
    sevenths := 0;
    reached := false;
    FOR n IN 1 .. to_day - from_day + 1 LOOP
        day := from_day + n - 1;
        cap_today := cap_on[n];

        -- 1: the cap changes
        IF cap_today <> cap_yesterday THEN
            IF scales_on[n] IS NULL THEN
                RAISE object_not_in_prerequisite_state USING
                    MESSAGE = format('not known whether it scales on %s', day);
            ELSIF reached THEN
                sevenths := cap_today * 70000;
            ELSIF scales_on[n] <> 0 AND cap_yesterday > 0 THEN
                -- A * new / old in pence, then back to 1/700 of a penny
                sevenths := 700 * twin.half_away(sevenths * cap_today, cap_yesterday * 700);
            END IF;
        END IF;
        sevenths_1 := sevenths;

        -- 2: adjustments, never below nought
        sevenths := greatest(sevenths + (adjusted_on[n] - adjusted_yesterday) * 70000, 0);
        IF reached AND sevenths < cap_today * 70000 THEN
            reached := false;
            reached_on := NULL;
        END IF;
        sevenths_2 := sevenths;

        -- 3: a seventh of the weekly rate
        sevenths := sevenths + weekly_on[n] * 10000;

        -- 4: the cap
        IF NOT reached AND (sevenths > cap_today * 70000
                            OR reach = 'reach' AND sevenths = cap_today * 70000) THEN
            reached := true;
            reached_on := day;
        END IF;
        IF reached THEN
            sevenths := cap_today * 70000;
        END IF;

        cap_yesterday := cap_today;
        adjusted_yesterday := adjusted_on[n];
        RETURN NEXT;
    END LOOP;
END
$$;

-- Where the account stands at the close of to_day.
CREATE FUNCTION twin.cap_law(weekly jsonb, cap jsonb, from_day date, to_day date,
                             adjusted jsonb DEFAULT NULL, scales jsonb DEFAULT NULL,
                             reach text DEFAULT 'reach',
                             OUT accrued numeric, OUT cap_today numeric, OUT reached boolean,
                             OUT reached_on date)
    LANGUAGE sql IMMUTABLE
    BEGIN ATOMIC
        SELECT twin.pounds_of_sevenths(today.sevenths), today.cap_today, today.reached,
               today.reached_on
        FROM twin.cap_days(weekly, cap, from_day, to_day, adjusted, scales, reach) AS today
        WHERE today.day = to_day;
    END;

-- Section 4: a debt with interest -----------------------------------------------------------------

-- The days in a day's year.
CREATE FUNCTION twin.year_days(day_count text, day date) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN CASE day_count
               WHEN 'act/365f' THEN 365
               WHEN 'act/act' THEN make_date(extract(year FROM day)::int + 1, 1, 1)
                                   - make_date(extract(year FROM day)::int, 1, 1)
           END;

-- Is interest capitalised at the close of this day?  Calendar ends: the day after is the first of a
-- month, of a quarter, of a half-year, of a year.
CREATE FUNCTION twin.capitalises(capitalised text, day date) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    RETURN CASE capitalised
               WHEN 'daily' THEN true
               WHEN 'weekly' THEN extract(isodow FROM day) = 7
               WHEN 'monthly' THEN extract(day FROM day + 1) = 1
               WHEN 'quarterly' THEN extract(day FROM day + 1) = 1
                                     AND extract(month FROM day + 1) IN (1, 4, 7, 10)
               WHEN 'half_yearly' THEN extract(day FROM day + 1) = 1
                                       AND extract(month FROM day + 1) IN (1, 7)
               WHEN 'yearly' THEN extract(doy FROM day + 1) = 1
               WHEN 'none' THEN false
           END;

-- What a debt comes to at the close of each day, not rounded: amounts[i] is owed from the start of
-- days[i], payments are negative; rate_on[n] is the rate of the nth day from the first of them.  Kept
-- to 70 decimals, so that after 11,000 days of rounding the first 60 are still right for any debt of
-- money.
CREATE FUNCTION twin.debt_days(amounts numeric[], days date[], rate_on numeric[], day_count text,
                               capitalised text, OUT day date, OUT owed numeric)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    first_day date := (SELECT min(d) FROM unnest(days) AS d);
    entered_on numeric[] := array_fill(0::numeric, ARRAY[cardinality(rate_on)]);
    capitalised_balance numeric := round(0, 70);
    uncapitalised_interest numeric := round(0, 70);
BEGIN
    rate_on := rate_on || '{}'; -- a copy that is quick to read by number
    FOR i IN 1 .. cardinality(amounts) LOOP
        IF days[i] - first_day < cardinality(rate_on) THEN
            entered_on[days[i] - first_day + 1] := entered_on[days[i] - first_day + 1] + amounts[i];
        END IF;
    END LOOP;
    FOR n IN 1 .. cardinality(rate_on) LOOP
        day := first_day + n - 1;
        -- entries take effect at the start of the day
        capitalised_balance := capitalised_balance + entered_on[n];
        -- that day's interest
        uncapitalised_interest := uncapitalised_interest
            + round(capitalised_balance * rate_on[n] / (100 * twin.year_days(day_count, day)), 70);
        IF twin.capitalises(capitalised, day) THEN
            capitalised_balance := capitalised_balance + uncapitalised_interest;
            uncapitalised_interest := round(0, 70);
        END IF;
        -- interest not yet capitalised is still owed
        owed := capitalised_balance + uncapitalised_interest;
        RETURN NEXT;
    END LOOP;
END
$$;

-- The running account of an agreement, day by day: what raises the debt and what lowers it, a floor at nought and a
-- memory for what is over.  amounts[i] is entered for days[i]; on the nth day from the first of them rate_on[n] holds and
-- interest goes where goes_on[n] says: to the debt, to what is paid separately, nowhere, or (by the court) to the debt
-- without being capitalised.
--
--   due, due_held, due_separate    at the start of the day, what is entered for it counted: pounds and pence
--   owed, held, separate           at its close, owed not rounded
CREATE FUNCTION twin.running_days(amounts numeric[], days date[], rate_on numeric[], goes_on text[], day_count text,
                                  capitalised text, OUT day date, OUT due numeric, OUT due_held numeric, OUT owed numeric,
                                  OUT held numeric, OUT separate numeric)
    RETURNS SETOF record
    LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    first_day date := (SELECT min(d) FROM unnest(days) AS d);
    rises numeric[] := array_fill(0::numeric, ARRAY[cardinality(rate_on)]);
    falls numeric[] := array_fill(0::numeric, ARRAY[cardinality(rate_on)]);
    principal numeric := round(0, 70);
    interest numeric := round(0, 70);
    before text;
    total numeric;
    earned numeric;
BEGIN
    rate_on := rate_on || '{}';
    goes_on := goes_on || '{}';
    held := 0;
    separate := round(0, 70);
    FOR i IN 1 .. cardinality(amounts) LOOP
        IF days[i] - first_day < cardinality(rate_on) THEN
            IF amounts[i] > 0 THEN
                rises[days[i] - first_day + 1] := rises[days[i] - first_day + 1] + amounts[i];
            ELSE
                falls[days[i] - first_day + 1] := falls[days[i] - first_day + 1] - amounts[i];
            END IF;
        END IF;
    END LOOP;
    FOR n IN 1 .. cardinality(rate_on) LOOP
        day := first_day + n - 1;
        -- a judgment, or interest that is paid separately from this day: one amount in whole pence
        IF goes_on[n] IN ('court', 'separate') AND goes_on[n] IS DISTINCT FROM before THEN
            principal := twin.rounded(principal + interest);
            interest := round(0, 70);
        END IF;
        before := goes_on[n];
        -- what is entered takes effect together
        total := twin.rounded(principal + interest + rises[n]);
        IF falls[n] + held >= total THEN
            held := held + falls[n] - total;
            principal := round(0, 70);
            interest := round(0, 70);
        ELSE
            principal := principal + rises[n] - falls[n] - held;
            IF principal < 0 THEN
                interest := interest + principal;
                principal := round(0, 70);
            END IF;
            held := 0;
        END IF;
        due := twin.rounded(principal + interest);
        due_held := held;
        -- that day's interest
        earned := round(principal * rate_on[n] / (100 * twin.year_days(day_count, day)), 70);
        IF goes_on[n] = 'separate' THEN
            separate := separate + earned;
        ELSIF goes_on[n] IN ('debt', 'court') THEN
            interest := interest + earned;
        END IF;
        IF goes_on[n] <> 'court' AND twin.capitalises(capitalised, day) THEN
            principal := principal + interest;
            interest := round(0, 70);
        END IF;
        owed := principal + interest;
        RETURN NEXT;
    END LOOP;
END
$$;

-- What it comes to at the close of as_at.
CREATE FUNCTION twin.debt(amounts numeric[], days date[], rates jsonb, day_count text,
                          capitalised text, as_at date) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    BEGIN ATOMIC
        SELECT d.owed
        FROM twin.debt_days(amounts, days,
                            twin.known_daily(rates, (SELECT min(x.day) FROM unnest(days) AS x (day)), as_at),
                            day_count, capitalised) AS d
        WHERE d.day = as_at;
    END;

-- What £1 owed from the start of from_day has become at the close of to_day, to 70 decimals.
CREATE FUNCTION twin.growth(rates jsonb, day_count text, capitalised text, from_day date,
                            to_day date) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN twin.debt(ARRAY[1], ARRAY[from_day], rates, day_count, capitalised, to_day);

-- A debt in pounds and pence, half away from nought.  First to the 40th decimal of a penny, so that
-- a half which the 70th decimal of some division missed by a hair is still a half.
CREATE FUNCTION twin.rounded(pounds numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN round(round(round(pounds * 100, 40)) / 100, 2);

-- The balance of a set of entries at the close of as_at.
CREATE FUNCTION twin.balance(amounts numeric[], days date[], rates jsonb, day_count text,
                             capitalised text, as_at date) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    RETURN twin.rounded(twin.debt(amounts, days, rates, day_count, capitalised, as_at));
