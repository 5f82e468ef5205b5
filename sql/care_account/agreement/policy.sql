--
-- policy: the rate of interest each authority charges, and its tariff of charges.
--
-- Must not know: agreements.
--

CREATE TABLE care.interest_policy (
    authority text NOT NULL
        CONSTRAINT interest_policy_authority_fkey REFERENCES care.local_authority,
    valid_from date NOT NULL
        CONSTRAINT interest_policy_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    rate care.percent,
    day_count text NOT NULL DEFAULT 'act/act'
        CONSTRAINT interest_policy_known_day_count CHECK (day_count IN ('act/act', 'act/365f')),
    capitalised text NOT NULL DEFAULT 'daily'
        CONSTRAINT interest_policy_known_capitalised CHECK (care_internal.is_capitalisation(capitalised)),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT interest_policy_pkey PRIMARY KEY (authority, valid_from, recorded_at)
);
COMMENT ON TABLE care.interest_policy IS
    'What each authority charges on its agreements, dated: one rate for all of them.';
COMMENT ON COLUMN care.interest_policy.authority IS 'The authority.';
COMMENT ON COLUMN care.interest_policy.valid_from IS
    'The day the rate holds from; and agreements signed from that day take the day count and capitalisation.';
COMMENT ON COLUMN care.interest_policy.rate IS
    'The authority''s own rate, per cent a year; null: the national maximum; nought: none. Never more than the '
    'national maximum is charged.';
COMMENT ON COLUMN care.interest_policy.day_count IS 'act/act (366 days in a leap year) or act/365f.';
COMMENT ON COLUMN care.interest_policy.capitalised IS
    'daily, weekly (Sundays), monthly, quarterly, half_yearly, yearly (calendar ends), monthly from 10 (a day of the '
    'month), quarterly, half_yearly or yearly from 15 January (a day of the year), or none (simple interest).';
COMMENT ON COLUMN care.interest_policy.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.interest_policy.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.interest_policy.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.interest_policy', one_of => '{authority,valid_from}');
CREATE TRIGGER interest_policy_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.interest_policy
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_interest_policy()');
COMMENT ON TRIGGER interest_policy_refuse_change ON care.interest_policy IS 'Policies are added to, never changed.';

CREATE VIEW care.interest_policy_in_force AS
    SELECT p.authority, p.valid_from, p.rate, p.day_count, p.capitalised, p.source, p.recorded_at, p.recorded_by
    FROM care.interest_policy_known_at('infinity'::timestamptz) AS p;
COMMENT ON VIEW care.interest_policy_in_force IS 'The policies that hold now: for each day the row recorded last.';
SELECT care_internal.comment_columns('care.interest_policy_in_force', 'care.interest_policy');

CREATE FUNCTION care_internal.require_policy(authority text, on_day date) RETURNS care.interest_policy_in_force
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    policy care.interest_policy_in_force;
BEGIN
    SELECT p.* INTO policy FROM care.interest_policy_in_force AS p
    WHERE p.authority = require_policy.authority AND p.valid_from <= on_day
    ORDER BY p.valid_from DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'interest_policy_exists', SCHEMA = 'care', TABLE = 'interest_policy',
            MESSAGE = format('%s has no interest policy on %s', authority, care_internal.day_text(on_day)),
            HINT = 'Record it with care.record_interest_policy(): no interest can be charged without one.';
    END IF;
    RETURN policy;
END
$$;
COMMENT ON FUNCTION care_internal.require_policy(text, date) IS
    'The interest policy of an authority on a day; 55000 if it has none.';

-- Rates where interest is charged, nought where it is not.
CREATE FUNCTION care_internal.masked_rates(rates care.schedule, charged care.schedule) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(d.valid_from, CASE WHEN d.charged = 0 THEN 0 ELSE care.value_on(rates, d.valid_from) END)
    FROM (SELECT s.valid_from, s.value FROM care_internal.steps(masked_rates.charged) AS s
          UNION
          SELECT s.valid_from, care.value_on(masked_rates.charged, s.valid_from) FROM care_internal.steps(rates) AS s
          WHERE isfinite(s.valid_from)) AS d (valid_from, charged)
    WHERE d.charged = 0 OR d.valid_from >= (SELECT min(s.valid_from) FROM care_internal.steps(rates) AS s);
END;
COMMENT ON FUNCTION care_internal.masked_rates(care.schedule, care.schedule) IS
    'A schedule of rates, nought on the days on which the other is nought, known or not.';

-- What each authority asks, whatever the maximum: at the maximum, 100 per cent, which it pulls down.
CREATE FUNCTION care_internal.own_rate(known_at timestamptz)
    RETURNS TABLE (authority text, rates care.schedule, has_nought boolean) LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT d.authority, care.schedule_agg(d.valid_from, d.rate), bool_or(d.rate = 0)
    FROM (SELECT p.authority, x.day AS valid_from, x.rate
          FROM (SELECT q.authority, q.valid_from, q.rate,
                       lead(q.valid_from, 1, 'infinity') OVER (PARTITION BY q.authority
                                                               ORDER BY q.valid_from) AS next_from
                FROM care.interest_policy_known_at(known_at) AS q) AS p,
              LATERAL (VALUES (p.valid_from, CASE WHEN p.valid_from >= '2015-04-01' THEN coalesce(p.rate, 100)
                                   ELSE p.rate END),
                              (CASE WHEN p.valid_from < '2015-04-01' AND p.next_from > '2015-04-01'
                                    THEN '2015-04-01'::date END,
                               coalesce(p.rate, 100))) AS x (day, rate)
          WHERE x.day IS NOT NULL) AS d
    GROUP BY d.authority;
END;
COMMENT ON FUNCTION care_internal.own_rate(timestamptz) IS
    'The rate of each authority before the national maximum pulls it down, as it was known at a moment: a schedule, '
    'per cent a year (100: the maximum; not known before it); and whether it ever charges nothing.';

-- doc/calculations section 4, "rate": on every day the lesser of the authority's rate and the maximum.
-- Before 2015-04-01 there was no maximum (an own rate holds, one at the maximum is not known), and an
-- authority that charges nothing needs none.
CREATE FUNCTION care.effective_rate_known_at(known_at timestamptz)
    RETURNS TABLE (authority text, rates care.schedule) LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT o.authority,
           CASE WHEN o.has_nought THEN care_internal.masked_rates(care.least(o.rates, m.rates), o.rates)
                ELSE care.least(o.rates, m.rates) END AS rates
    FROM (SELECT care.schedule_agg(x.valid_from, x.value)
          FROM (SELECT '-infinity'::date, 100
                UNION ALL SELECT s.valid_from, s.max_percent FROM care_internal.national_max_steps(known_at) AS s)
                    AS x (valid_from, value) OFFSET 0) AS m (rates),
        care_internal.own_rate(known_at) AS o;
END;
COMMENT ON FUNCTION care.effective_rate_known_at(timestamptz) IS
    'The rate each authority charges, as care.effective_rate has it, by what was known at a moment.';

CREATE VIEW care.effective_rate AS
    SELECT r.authority, r.rates FROM care.effective_rate_known_at('infinity'::timestamptz) AS r;
COMMENT ON VIEW care.effective_rate IS
    'The rate each authority charges, as a schedule: the lesser of its own and the national maximum.';
COMMENT ON COLUMN care.effective_rate.authority IS 'The authority.';
COMMENT ON COLUMN care.effective_rate.rates IS 'Per cent a year; not known where the national maximum is not.';

CREATE FUNCTION care_internal.charged_unconfirmed(authorities text[])
    RETURNS TABLE (authority text, half_year date, from_day date, to_day date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.authority, n.valid_from, greatest(n.valid_from, s.valid_from), least(n.valid_to, s.next_from - 1)
    FROM care.national_rate_to_confirm AS n
        CROSS JOIN care.effective_rate AS r
        CROSS JOIN LATERAL (SELECT x.valid_from, x.value,
                                   lead(x.valid_from, 1, '9999-12-31') OVER (ORDER BY x.valid_from) AS next_from
                            FROM care_internal.steps(r.rates) AS x) AS s
    WHERE r.authority = ANY (authorities)
      AND s.value > 0 AND s.valid_from <= n.valid_to AND s.next_from > n.valid_from;
END;
COMMENT ON FUNCTION care_internal.charged_unconfirmed(text[]) IS
    'The days of half-years whose national maximum is to be confirmed on which some authorities charge interest, also '
    'at a rate of its own that is lower: whether it is lower is not confirmed either.';

CREATE FUNCTION care.record_interest_policy(authority text, valid_from date,
                                            rate numeric, source text,
                                            day_count text DEFAULT 'act/act',
                                            capitalised text DEFAULT 'daily',
                                            corrects boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    half record;
    label text := format('interest policy of %s', authority);
    max_percent numeric;
BEGIN
    PERFORM care_internal.require_deciding_authority(authority, valid_from);
    PERFORM care_internal.require_day(label, 'valid_from', valid_from),
            care_internal.require_text(label, 'source', source),
            care_internal.require_word(label, 'day_count', day_count, '{act/act,act/365f}'),
            care_internal.require_text(label, 'capitalised', capitalised);
    IF NOT care_internal.is_capitalisation(capitalised) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_is_known_word', COLUMN = 'capitalised',
            MESSAGE = format('%s: unknown capitalised: %L', label, capitalised),
            HINT = 'It is daily, weekly, monthly, quarterly, half_yearly, yearly or none; also monthly from a day of '
                   'the month (monthly from 10), and quarterly, half_yearly or yearly from a day of the year (yearly '
                   'from 15 January).';
    END IF;
    IF rate IS NOT NULL THEN
        PERFORM care_internal.require_percent(label, 'rate', rate);
    END IF;
    max_percent := care.value_on(care.national_max_rates(), valid_from);
    IF rate > max_percent THEN
        SELECT h.first_day, h.last_day INTO half FROM care.half_year(valid_from) AS h;
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'interest_policy_within_maximum', SCHEMA = 'care', TABLE = 'interest_policy', COLUMN = 'rate',
            MESSAGE = format('a rate of %s is above the national maximum of %s for the half-year %s to %s', rate,
                             max_percent,
                             care_internal.day_text(half.first_day), care_internal.day_text(half.last_day)),
            HINT = 'Give a lower rate, or null for the maximum.';
    END IF;
    PERFORM FROM care.local_authority AS a WHERE a.authority = record_interest_policy.authority FOR NO KEY UPDATE;
    IF NOT corrects AND EXISTS (SELECT FROM care.interest_policy AS p
                                WHERE p.authority = record_interest_policy.authority
                                  AND p.valid_from = record_interest_policy.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'interest_policy_once', SCHEMA = 'care', TABLE = 'interest_policy',
            MESSAGE = format('%s already has an interest policy from %s', authority,
                             care_internal.day_text(valid_from)),
            HINT = 'To put another in its place, say corrects => true.';
    END IF;
    INSERT INTO care.interest_policy (authority, valid_from, rate, day_count, capitalised, source)
    VALUES (record_interest_policy.authority, record_interest_policy.valid_from, record_interest_policy.rate,
            record_interest_policy.day_count, record_interest_policy.capitalised, record_interest_policy.source);
END
$$;
COMMENT ON FUNCTION care.record_interest_policy(text, date, numeric, text, text, text, boolean) IS
    'Records what an authority charges from a day: its own rate, or null for the national maximum. A rate above the '
    'maximum is refused (23514).';

-- What may be charged for: doc/calculations section 4, "administration charges".
CREATE TABLE care.fee_tariff (
    authority text NOT NULL
        CONSTRAINT fee_tariff_authority_fkey REFERENCES care.local_authority,
    line text NOT NULL
        CONSTRAINT fee_tariff_has_line CHECK (line <> ''),
    valid_from date NOT NULL
        CONSTRAINT fee_tariff_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    basis text NOT NULL
        CONSTRAINT fee_tariff_known_basis CHECK (basis IN ('one_off', 'yearly', 'weekly', 'per_event', 'at_cost')),
    amount care.pounds
        CONSTRAINT fee_tariff_not_negative CHECK (amount >= 0),
    year_begins integer
        CONSTRAINT fee_tariff_year_begins
        CHECK (year_begins IS NULL OR (basis = 'yearly' AND year_begins BETWEEN 1 AND 12)),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT fee_tariff_pkey PRIMARY KEY (authority, line, valid_from, recorded_at),
    CONSTRAINT fee_tariff_cost_has_no_amount CHECK ((basis = 'at_cost') = (amount IS NULL))
);
COMMENT ON TABLE care.fee_tariff IS 'The administration charges of each authority, dated, a line for each.';
COMMENT ON COLUMN care.fee_tariff.authority IS 'The authority.';
COMMENT ON COLUMN care.fee_tariff.line IS 'Name of the line, such as setting up.';
COMMENT ON COLUMN care.fee_tariff.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.fee_tariff.basis IS
    'one_off: once an agreement; yearly: once in each year; weekly and per_event: for each; at_cost: what it cost, '
    'with evidence.';
COMMENT ON COLUMN care.fee_tariff.amount IS 'Pounds for each; null: at cost.';
COMMENT ON COLUMN care.fee_tariff.year_begins IS
    'For a yearly line: the month on whose first day each year begins, 1 to 12; null: no two in twelve months.';
COMMENT ON COLUMN care.fee_tariff.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.fee_tariff.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.fee_tariff.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.fee_tariff', one_of => '{authority,line,valid_from}');
CREATE TRIGGER fee_tariff_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.fee_tariff
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_fee_tariff()');
COMMENT ON TRIGGER fee_tariff_refuse_change ON care.fee_tariff IS 'Tariffs are added to, never changed.';

CREATE VIEW care.fee_tariff_in_force AS
    SELECT t.authority, t.line, t.valid_from, t.basis, t.amount, t.year_begins, t.source, t.recorded_at, t.recorded_by
    FROM care.fee_tariff_known_at('infinity'::timestamptz) AS t;
COMMENT ON VIEW care.fee_tariff_in_force IS 'The tariffs that hold: for each line and day the row recorded last.';
SELECT care_internal.comment_columns('care.fee_tariff_in_force', 'care.fee_tariff');

CREATE FUNCTION care.fee_tariff_on(authority text, on_day date) RETURNS SETOF care.fee_tariff
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (t.line) t.*
    FROM care.fee_tariff AS t
    WHERE t.authority = fee_tariff_on.authority AND t.valid_from <= on_day
    ORDER BY t.line, t.valid_from DESC, t.recorded_at DESC;
END;
COMMENT ON FUNCTION care.fee_tariff_on(text, date) IS 'The tariff of an authority on a day, a row for each line.';

CREATE FUNCTION care.record_fee_tariff(authority text, line text, valid_from date,
                                       basis text, amount numeric, source text,
                                       year_begins integer DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('tariff %L of %s', line, authority);
BEGIN
    PERFORM care_internal.require_deciding_authority(authority, valid_from);
    PERFORM care_internal.require_text(label, 'line', line), care_internal.require_day(label, 'valid_from', valid_from),
            care_internal.require_text(label, 'source', source);
    PERFORM care_internal.require_word(label, 'basis', basis, '{one_off,yearly,weekly,per_event,at_cost}');
    IF basis <> 'at_cost' THEN
        PERFORM care_internal.require_amount(label, 'amount', amount);
    ELSIF amount IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'fee_tariff_cost_has_no_amount', SCHEMA = 'care', TABLE = 'fee_tariff', COLUMN = 'amount',
            MESSAGE = format('%s: a line at cost has no amount of its own', label);
    END IF;
    IF year_begins IS NOT NULL AND NOT (basis = 'yearly' AND year_begins BETWEEN 1 AND 12) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'fee_tariff_year_begins', SCHEMA = 'care', TABLE = 'fee_tariff', COLUMN = 'year_begins',
            MESSAGE = format('%s: year_begins is the month of a yearly line, 1 to 12, not %s', label, year_begins);
    END IF;
    INSERT INTO care.fee_tariff (authority, line, valid_from, basis, amount, year_begins, source)
    VALUES (record_fee_tariff.authority, record_fee_tariff.line, record_fee_tariff.valid_from, record_fee_tariff.basis,
            record_fee_tariff.amount, record_fee_tariff.year_begins, record_fee_tariff.source);
END
$$;
COMMENT ON FUNCTION care.record_fee_tariff(text, text, date, text, numeric, text, integer) IS
    'Records a line of an authority''s tariff of administration charges from a day. Once there is one, every charge '
    'names its line or the evidence of its cost. A yearly line is charged once in each year: of twelve months since '
    'the last, or of those that begin in the month year_begins.';
