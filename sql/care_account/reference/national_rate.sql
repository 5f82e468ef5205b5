--
-- national_rate: the national maximum interest rate of each half-year.
--
-- Must not know: agreements, what an authority charges.
--

CREATE TABLE care.national_rate (
    valid_from date NOT NULL
        CONSTRAINT national_rate_begins_half_year
        CHECK (valid_from = '2015-04-01'
               OR (valid_from > '2015-04-01' AND valid_from <= '9999-12-31'
                   AND to_char(valid_from, 'MM-DD') IN ('01-01', '07-01'))),
    gilt_percent care.percent NOT NULL,
    margin_percent care.percent NOT NULL DEFAULT 0.15,
    max_percent numeric NOT NULL GENERATED ALWAYS AS (gilt_percent + margin_percent) STORED
        CONSTRAINT national_rate_max_in_range CHECK (max_percent <= 100),
    obr_report text NOT NULL,
    financial_year text NOT NULL
        CONSTRAINT national_rate_financial_year CHECK (financial_year ~ '^[0-9]{4}-[0-9]{2}$'),
    obr_value care.percent,
    status text NOT NULL
        CONSTRAINT national_rate_known_status CHECK (status IN ('confirmed', 'contested', 'derived')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT national_rate_pkey PRIMARY KEY (valid_from, shipped, recorded_at)
);
COMMENT ON TABLE care.national_rate IS
    'The national maximum interest rate of deferred payment agreements, a row a half-year.';
COMMENT ON COLUMN care.national_rate.valid_from IS
    'First day of the half-year: 1 January or 1 July; the first was 2015-04-01.';
COMMENT ON COLUMN care.national_rate.gilt_percent IS
    'Weighted conventional gilt rate for the financial year in which the half-year starts, per cent, as it counts: to '
    'one decimal, but for 2023.';
COMMENT ON COLUMN care.national_rate.margin_percent IS 'What is added to it, percentage points.';
COMMENT ON COLUMN care.national_rate.max_percent IS 'The national maximum, per cent a year.';
COMMENT ON COLUMN care.national_rate.obr_report IS
    'The latest report of the Office for Budget Responsibility published before the half-year started.';
COMMENT ON COLUMN care.national_rate.financial_year IS 'The financial year of the gilt rate, as in 2015-16.';
COMMENT ON COLUMN care.national_rate.obr_value IS
    'The gilt rate in the Office''s own series of forecasts, per cent; null: not found there.';
COMMENT ON COLUMN care.national_rate.status IS
    'confirmed: the Office''s series and a council''s page agree, or an authority has said that it charges by it; '
    'contested: they do not agree; derived: worked out from the report, no page found.';
COMMENT ON COLUMN care.national_rate.source IS 'Where the figure came from.';
COMMENT ON COLUMN care.national_rate.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.national_rate.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.national_rate.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.national_rate', one_of => '{valid_from}');
CREATE TRIGGER national_rate_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.national_rate
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_national_max_rate()');
COMMENT ON TRIGGER national_rate_refuse_change ON care.national_rate IS 'Rates are added to, never changed.';

-- The half-year a day falls in; the first began on 2015-04-01.
-- An expression, which becomes part of the query that asks.
CREATE FUNCTION care_internal.half_year_end(first_day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN make_date(date_part('year', first_day)::integer,
                     CASE WHEN date_part('month', first_day) = 7 THEN 12 ELSE 6 END,
                     CASE WHEN date_part('month', first_day) = 7 THEN 31 ELSE 30 END);
COMMENT ON FUNCTION care_internal.half_year_end(date) IS
    'The last day of the half-year of the national maximum rate that begins on a day.';

CREATE FUNCTION care.half_year(on_day date, OUT first_day date, OUT last_day date)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.first_day, care_internal.half_year_end(f.first_day)
    FROM (SELECT CASE WHEN on_day BETWEEN '2015-04-01'::date AND '2015-06-30'::date THEN '2015-04-01'::date
                      ELSE make_date(date_part('year', on_day)::integer,
                                     CASE WHEN date_part('month', on_day) <= 6 THEN 1 ELSE 7 END, 1) END)
        AS f (first_day);
END;
COMMENT ON FUNCTION care.half_year(date) IS
    'First and last day of the half-year of the national maximum rate that a day falls in.';

CREATE VIEW care.national_rate_in_force AS
    SELECT n.valid_from, care_internal.half_year_end(n.valid_from) AS valid_to, n.gilt_percent, n.margin_percent,
           n.max_percent, n.obr_report, n.financial_year, n.obr_value, n.status, n.source, n.shipped, n.recorded_at,
           n.recorded_by
    FROM care.national_rate_known_at('infinity'::timestamptz) AS n;
COMMENT ON VIEW care.national_rate_in_force IS
    'The national maximum of each half-year that holds now: an authority''s own row before the shipped one, the last '
    'recorded first.';
COMMENT ON COLUMN care.national_rate_in_force.valid_to IS 'Last day of the half-year.';
SELECT care_internal.comment_columns('care.national_rate_in_force', 'care.national_rate');

-- Read and calculated with as any other; nothing is issued on one.
CREATE VIEW care.national_rate_to_confirm AS
    SELECT r.valid_from, r.valid_to, r.max_percent, r.gilt_percent, r.margin_percent, r.obr_value, r.obr_report,
           r.financial_year, r.status, r.source
    FROM care.national_rate_in_force AS r
    WHERE r.status <> 'confirmed'
    ORDER BY r.valid_from;
COMMENT ON VIEW care.national_rate_to_confirm IS
    'Half-years whose national maximum is contested or derived: no statement, invoice or judgment is issued on one '
    'until an authority has said what it charges by, with care.confirm_national_max_rate().';
COMMENT ON COLUMN care.national_rate_to_confirm.valid_to IS 'Last day of the half-year.';
SELECT care_internal.comment_columns('care.national_rate_to_confirm', 'care.national_rate');

CREATE VIEW care.national_rate_gap AS
    SELECT h.first_day AS valid_from, h.last_day AS valid_to
    FROM (SELECT DISTINCT (care.half_year(d::date)).first_day, (care.half_year(d::date)).last_day
          FROM generate_series('2015-04-01'::timestamp,
                                          greatest(care.today(), (SELECT max(n.valid_from)
                                                                  FROM care.national_rate AS n))::timestamp,
                                          '3 months') AS d) AS h
    WHERE NOT EXISTS (SELECT FROM care.national_rate AS n WHERE n.valid_from = h.first_day)
    ORDER BY h.first_day;
COMMENT ON VIEW care.national_rate_gap IS
    'Half-years up to today, or to the last one entered, whose national maximum has not been entered: empty when all '
    'is well.';
COMMENT ON COLUMN care.national_rate_gap.valid_from IS 'First day of the half-year.';
COMMENT ON COLUMN care.national_rate_gap.valid_to IS 'Last day of the half-year.';

-- Each half-year that is known, and after it "not known" unless the next is known too: a gap is never
-- filled by what came before it.
CREATE FUNCTION care_internal.national_max_steps(known_at timestamptz DEFAULT 'infinity')
    RETURNS TABLE (valid_from date, max_percent numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 30
BEGIN ATOMIC
    SELECT s.day, s.percent
    FROM (SELECT r.valid_from, care_internal.half_year_end(r.valid_from) AS valid_to, r.max_percent,
                 lead(r.valid_from) OVER (ORDER BY r.valid_from) AS next_from
          FROM care.national_rate_known_at(known_at) AS r) AS n,
        LATERAL (VALUES (n.valid_from, n.max_percent),
                        (CASE WHEN n.next_from = n.valid_to + 1 THEN NULL ELSE n.valid_to + 1 END, NULL))
                            AS s (day, percent)
    WHERE s.day IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.national_max_steps(timestamptz) IS
    'The steps of national_max_rates(), as they were known at a moment.';

CREATE FUNCTION care.national_max_rates() RETURNS care.schedule LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(r.valid_from, r.max_percent) FROM care_internal.national_max_steps() AS r;
END;
COMMENT ON FUNCTION care.national_max_rates() IS
    'The national maximum rate as a schedule, in per cent a year; not known in a half-year that has not been entered.';

CREATE FUNCTION care.national_max_rate(on_day date) RETURNS numeric
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    max_percent numeric := care.value_on(care.national_max_rates(), on_day);
    half record;
BEGIN
    IF max_percent IS NOT NULL THEN
        RETURN max_percent;
    END IF;
    IF on_day IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = 'on_day', MESSAGE = 'on_day must not be null';
    END IF;
    IF on_day < '2015-04-01' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'national_rate_begun', SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'valid_from',
            MESSAGE = format('there was no national maximum rate on %s: the first began on 2015-04-01',
                             care_internal.day_text(on_day));
    END IF;
    SELECT h.first_day, h.last_day INTO half FROM care.half_year(on_day) AS h;
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        CONSTRAINT = 'national_rate_known', SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'max_percent',
        MESSAGE = format('the national maximum rate is not known for the half-year %s to %s',
                         care_internal.day_text(half.first_day), care_internal.day_text(half.last_day)),
        HINT = format('Once it is published, enter it with care.record_national_max_rate(%L, ...).',
                      care_internal.day_text(half.first_day));
END
$$;
COMMENT ON FUNCTION care.national_max_rate(date) IS
    'The national maximum rate on a day, per cent a year; an error (55000) naming the half-year if it has not been '
    'entered.';

CREATE FUNCTION care_internal.require_half_year(label text, name text, day date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day(label, name, day);
    IF day < '2015-04-01' OR day <> (care.half_year(day)).first_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'national_rate_begins_half_year',
            SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'valid_from',
            MESSAGE = format('%s: no half-year begins on that day', label),
            HINT = 'The first began on 2015-04-01, the others on 1 January and 1 July.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_half_year(text, text, date) IS
    'Refuses (22023) a day on which no half-year of the national maximum rate begins.';

CREATE FUNCTION care.record_national_max_rate(valid_from date, gilt_percent numeric,
                                              obr_report text, financial_year text,
                                              source text,
                                              margin_percent numeric DEFAULT 0.15,
                                              status text DEFAULT 'confirmed',
                                              corrects boolean DEFAULT false,
                                              obr_value numeric DEFAULT NULL)
    RETURNS numeric LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('national maximum rate from %s', care_internal.day_text(valid_from));
    result numeric;
BEGIN
    PERFORM care_internal.require_half_year(label, 'valid_from', valid_from);
    PERFORM care_internal.require_percent(label, 'gilt_percent', gilt_percent);
    PERFORM care_internal.require_percent(label, 'margin_percent', margin_percent);
    PERFORM care_internal.require_percent(label, 'the sum of gilt and margin', gilt_percent + margin_percent);
    PERFORM care_internal.require_text(label, 'obr_report', obr_report);
    PERFORM care_internal.require_text(label, 'financial_year', financial_year);
    IF financial_year !~ '^[0-9]{4}-[0-9]{2}$' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'national_rate_financial_year',
            SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'financial_year',
            MESSAGE = format('%s: financial_year must be written as in 2015-16, not %L', label, financial_year);
    END IF;
    PERFORM care_internal.require_text(label, 'source', source);
    PERFORM care_internal.require_word(label, 'status', status, '{confirmed,contested,derived}');
    IF obr_value IS NOT NULL THEN
        PERFORM care_internal.require_percent(label, 'obr_value', obr_value);
    END IF;
    LOCK TABLE care.national_rate IN SHARE ROW EXCLUSIVE MODE;
    IF NOT corrects AND EXISTS (SELECT FROM care.national_rate AS n
                                WHERE n.valid_from = record_national_max_rate.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'national_rate_once', SCHEMA = 'care', TABLE = 'national_rate',
            MESSAGE = format('the national maximum rate from %s is already recorded',
                             care_internal.day_text(valid_from)),
            HINT = 'To put another figure in its place, say corrects => true.';
    END IF;
    INSERT INTO care.national_rate (valid_from, gilt_percent, margin_percent, obr_report, financial_year, obr_value,
                                    status, source)
    VALUES (record_national_max_rate.valid_from, record_national_max_rate.gilt_percent,
            record_national_max_rate.margin_percent, record_national_max_rate.obr_report,
            record_national_max_rate.financial_year, record_national_max_rate.obr_value,
            record_national_max_rate.status, record_national_max_rate.source)
    RETURNING max_percent INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION care.record_national_max_rate(date, numeric, text, text, text, numeric, text, boolean, numeric) IS
    'Enters the national maximum rate of a half-year (gilt rate + margin) and returns it. To replace one that is '
    'there, say corrects => true.';

CREATE FUNCTION care.confirm_national_max_rate(half_year date, rate numeric, source text,
                                               corrects boolean DEFAULT false)
    RETURNS numeric LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('national maximum rate from %s', care_internal.day_text(half_year));
    held care.national_rate_in_force;
BEGIN
    PERFORM care_internal.require_half_year(label, 'half_year', half_year),
            care_internal.require_percent(label, 'rate', rate),
            care_internal.require_text(label, 'source', source);
    LOCK TABLE care.national_rate IN SHARE ROW EXCLUSIVE MODE;
    SELECT r.* INTO held FROM care.national_rate_in_force AS r WHERE r.valid_from = half_year;
    IF NOT FOUND THEN
        -- it says so
        PERFORM care.national_max_rate(half_year);
    END IF;
    IF held.status = 'confirmed' AND corrects IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'national_rate_once', SCHEMA = 'care', TABLE = 'national_rate',
            MESSAGE = format('the national maximum rate from %s is confirmed already, as %s',
                             care_internal.day_text(half_year), held.max_percent),
            HINT = 'To put another figure in its place, say corrects => true.';
    END IF;
    IF rate < held.margin_percent THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'national_rate_above_margin',
            SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'max_percent',
            MESSAGE = format('%s: a rate of %s is less than its margin of %s', label, rate, held.margin_percent);
    END IF;
    INSERT INTO care.national_rate (valid_from, gilt_percent, margin_percent, obr_report, financial_year, obr_value,
                                    status, source)
    VALUES (held.valid_from, rate - held.margin_percent, held.margin_percent, held.obr_report, held.financial_year,
            held.obr_value, 'confirmed', confirm_national_max_rate.source);
    RETURN rate;
END
$$;
COMMENT ON FUNCTION care.confirm_national_max_rate(date, numeric, text, boolean) IS
    'Says by which national maximum rate (per cent a year) interest is charged in a half-year that is contested or '
    'derived, for every authority of the database, and returns it. Once: 23505 if it is confirmed already; to put '
    'another in its place, say corrects => true. What it changes: care.rate_effect().';
