--
-- scheme: the cap schemes and their dated figures.
--
-- Every figure is a dated row with its status and its source.  Rows that came with the product are
-- marked `shipped`; what an authority enters is added beside them, wins over them, and is what a
-- dump carries.  Nothing is changed in place: for one day, the row recorded last holds.
--
-- Must not know: accounts, agreements.
--

CREATE TABLE care.charging_scheme (
    scheme text NOT NULL
        CONSTRAINT charging_scheme_pkey PRIMARY KEY,
    title text NOT NULL,
    status text NOT NULL
        CONSTRAINT charging_scheme_known_status CHECK (status IN ('draft', 'enacted', 'withdrawn')),
    starts_on date NOT NULL
        CONSTRAINT charging_scheme_finite_day CHECK (starts_on BETWEEN '0001-01-01' AND '9999-12-31'),
    personal_budget_counts text
        CONSTRAINT charging_scheme_known_counts CHECK (personal_budget_counts IN ('weekly_cost', 'weekly_charge')),
    zero_cap_before_age integer
        CONSTRAINT charging_scheme_age_in_range CHECK (zero_cap_before_age BETWEEN 0 AND 150),
    reach text NOT NULL DEFAULT 'reach'
        CONSTRAINT charging_scheme_known_reach CHECK (reach IN ('reach', 'exceed')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.charging_scheme IS 'Named rule sets: the cap schemes, and the rules of deferred payment.';
COMMENT ON COLUMN care.charging_scheme.scheme IS 'Name, such as 2015 or 2022.';
COMMENT ON COLUMN care.charging_scheme.title IS 'What it is.';
COMMENT ON COLUMN care.charging_scheme.status IS 'draft, enacted or withdrawn.';
COMMENT ON COLUMN care.charging_scheme.starts_on IS 'First day; nothing counts before it.';
COMMENT ON COLUMN care.charging_scheme.personal_budget_counts IS
    'What of a personal budget counts towards the cap: weekly_cost (whoever pays) or weekly_charge (what the person is '
    'charged). An independent personal budget always counts at cost. Null: not a cap scheme.';
COMMENT ON COLUMN care.charging_scheme.zero_cap_before_age IS
    'The cap is nought for a person whose eligible needs began before this age; null: no such rule.';
COMMENT ON COLUMN care.charging_scheme.reach IS
    'reach: the cap is reached when accrued costs are at it; exceed: only when they are above it.';
COMMENT ON COLUMN care.charging_scheme.source IS 'Where the row came from.';
COMMENT ON COLUMN care.charging_scheme.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.charging_scheme.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.charging_scheme.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.charging_scheme');
-- Its rows are updated, if to no effect: a publication of those WHERE (NOT shipped) must know which they are.
CREATE UNIQUE INDEX charging_scheme_published ON care.charging_scheme (scheme, shipped);
COMMENT ON INDEX care.charging_scheme_published IS 'Replica identity, with what a publication leaves out.';
ALTER TABLE care.charging_scheme REPLICA IDENTITY USING INDEX charging_scheme_published;

CREATE TRIGGER charging_scheme_refuse_change BEFORE DELETE OR TRUNCATE ON care.charging_scheme
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_scheme()');
COMMENT ON TRIGGER charging_scheme_refuse_change ON care.charging_scheme IS 'Schemes are added to, never removed.';
CREATE TRIGGER charging_scheme_refuse_update BEFORE UPDATE ON care.charging_scheme
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION care_internal.refuse_change('care.record_scheme()');
COMMENT ON TRIGGER charging_scheme_refuse_update ON care.charging_scheme IS
    'A scheme is never changed: a new one has a new name.';

CREATE TABLE care.parameter (
    scheme text NOT NULL
        CONSTRAINT parameter_scheme_fkey REFERENCES care.charging_scheme,
    name text NOT NULL
        CONSTRAINT parameter_known_name CHECK (name IN (
            'cap', 'daily_living_cost', 'lower_capital_limit', 'upper_capital_limit',
            'upper_capital_limit_property', 'equity_margin_percent', 'allowance_kept', 'court_rate',
            'repayment_days_after_death', 'statement_request_days')),
    valid_from date NOT NULL
        CONSTRAINT parameter_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT parameter_not_negative CHECK (amount >= 0),
    scales_accrued boolean
        CONSTRAINT parameter_scales_cap CHECK ((scales_accrued IS NOT NULL) = (name = 'cap')),
    status text NOT NULL
        CONSTRAINT parameter_known_status CHECK (status IN ('draft', 'enacted', 'withdrawn')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT parameter_is_percent CHECK (name NOT IN ('equity_margin_percent', 'court_rate') OR amount <= 100),
    CONSTRAINT parameter_whole_days CHECK (name NOT IN ('repayment_days_after_death', 'statement_request_days')
                                           OR (amount <= 3650 AND min_scale(amount) = 0)),
    CONSTRAINT parameter_pkey PRIMARY KEY (scheme, name, valid_from, shipped, recorded_at)
);
COMMENT ON TABLE care.parameter IS 'The dated figures of each scheme: each holds from its day until the next.';
COMMENT ON COLUMN care.parameter.scheme IS 'The scheme.';
COMMENT ON COLUMN care.parameter.name IS
    'cap; daily_living_cost (a week, in a care home); lower_capital_limit; upper_capital_limit_property (in a care '
    'home, the home counted) and upper_capital_limit (otherwise); for deferred payment: lower_capital_limit, '
    'equity_margin_percent, allowance_kept (a week), court_rate (per cent a year), repayment_days_after_death, '
    'statement_request_days.';
COMMENT ON COLUMN care.parameter.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.parameter.amount IS 'Pounds, or per cent for a percentage.';
COMMENT ON COLUMN care.parameter.scales_accrued IS
    'For a cap: does the change to it scale accrued costs? The annual adjustment does; a change under the general '
    'power need not.';
COMMENT ON COLUMN care.parameter.status IS 'draft, enacted or withdrawn.';
COMMENT ON COLUMN care.parameter.source IS 'Where the figure came from.';
COMMENT ON COLUMN care.parameter.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.parameter.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.parameter.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.parameter', one_of => '{scheme,name,valid_from}');
CREATE TRIGGER parameter_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.parameter
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_parameter()');
COMMENT ON TRIGGER parameter_refuse_change ON care.parameter IS 'Figures are added to, never changed.';

CREATE VIEW care.parameter_in_force AS
    SELECT p.scheme, p.name, p.valid_from,
           (lead(p.valid_from) OVER (PARTITION BY p.scheme, p.name ORDER BY p.valid_from) - 1) AS valid_to,
           p.amount, p.scales_accrued, p.status, p.source, p.shipped, p.recorded_at, p.recorded_by
    FROM care.parameter_known_at('infinity'::timestamptz) AS p;
COMMENT ON VIEW care.parameter_in_force IS
    'The dated figures of each scheme that hold now, each with its first and last day.';
COMMENT ON COLUMN care.parameter_in_force.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.parameter_in_force.valid_to IS 'Last day it holds; null: until further notice.';
SELECT care_internal.comment_columns('care.parameter_in_force', 'care.parameter');

CREATE FUNCTION care.parameter_schedule(scheme text, name text,
                                        known_at timestamptz DEFAULT 'infinity')
    RETURNS care.schedule LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(p.valid_from, p.amount)
    FROM care.parameter_known_at(known_at) AS p
    WHERE p.scheme = parameter_schedule.scheme AND p.name = parameter_schedule.name;
END;
COMMENT ON FUNCTION care.parameter_schedule(text, text, timestamptz) IS
    'A figure of a scheme as a schedule; null if it has none.';

CREATE FUNCTION care_internal.parameter_value(scheme text, name text, on_day date,
                                              known_at timestamptz DEFAULT NULL)
    RETURNS TABLE (amount numeric) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.amount FROM care.parameter AS p
    WHERE p.scheme = parameter_value.scheme AND p.name = parameter_value.name
      AND p.valid_from <= care_internal.required_day(on_day)
      AND (known_at IS NULL OR p.shipped OR p.recorded_at <= known_at)
    ORDER BY p.valid_from DESC, p.shipped, p.recorded_at DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.parameter_value(text, text, date, timestamptz) IS
    'A figure of a scheme on a day, as parameter_schedule() has it, or (known_at) would have had it at a moment, as a '
    'row; no row before its first. 22004 for null, 22003 for a day outside the years 1 to 9999.';

CREATE FUNCTION care_internal.require_scheme(scheme text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM care.charging_scheme AS s WHERE s.scheme = require_scheme.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'scheme_exists', SCHEMA = 'care', TABLE = 'charging_scheme', COLUMN = 'scheme',
            MESSAGE = format('no such scheme: %L', scheme),
            HINT = 'care.charging_scheme lists them; care.record_scheme() adds one.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_scheme(text) IS 'An error (P0002) if there is no such scheme.';

CREATE FUNCTION care.parameter_on(scheme text, name text, on_day date)
    RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    amount numeric := care.value_on(care.parameter_schedule(scheme, name), on_day);
BEGIN
    IF amount IS NULL THEN
        PERFORM care_internal.require_scheme(scheme);
        PERFORM care_internal.require_day(format('scheme %s', scheme), 'on_day', on_day);
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'parameter_known', SCHEMA = 'care', TABLE = 'parameter', COLUMN = 'amount',
            MESSAGE = format('%s of scheme %s is not known on %s', name, scheme, care_internal.day_text(on_day)),
            HINT = 'Enter it with care.record_parameter().';
    END IF;
    RETURN amount;
END
$$;
COMMENT ON FUNCTION care.parameter_on(text, text, date) IS
    'A figure of a scheme on a day, or an error: P0002 for no such scheme, 55000 that says which figure is missing.';

CREATE FUNCTION care.record_scheme(scheme text, title text, status text,
                                   starts_on date, personal_budget_counts text,
                                   source text, zero_cap_before_age integer DEFAULT NULL,
                                   reach text DEFAULT 'reach')
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('scheme %s', scheme);
BEGIN
    PERFORM care_internal.require_text('record_scheme', 'scheme', scheme);
    PERFORM care_internal.require_text(label, 'title', title);
    PERFORM care_internal.require_word(label, 'status', status, '{draft,enacted,withdrawn}');
    PERFORM care_internal.require_day(label, 'starts_on', starts_on);
    IF personal_budget_counts IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'personal_budget_counts', personal_budget_counts,
                                  '{weekly_cost,weekly_charge}');
    END IF;
    PERFORM care_internal.require_text(label, 'source', source);
    IF zero_cap_before_age NOT BETWEEN 0 AND 150 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'charging_scheme_age_in_range',
            SCHEMA = 'care', TABLE = 'charging_scheme', COLUMN = 'zero_cap_before_age',
            MESSAGE = format('%s: zero_cap_before_age must be from 0 to 150, not %s', label, zero_cap_before_age);
    END IF;
    PERFORM care_internal.require_word(label, 'reach', reach, '{reach,exceed}');
    IF EXISTS (SELECT FROM care.charging_scheme AS s WHERE s.scheme = record_scheme.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'scheme_once', SCHEMA = 'care', TABLE = 'charging_scheme', COLUMN = 'scheme',
            MESSAGE = format('%s is already recorded', label),
            HINT = 'A scheme is never changed: a new one has a new name.';
    END IF;
    INSERT INTO care.charging_scheme (scheme, title, status, starts_on, personal_budget_counts, source,
                                      zero_cap_before_age, reach)
    VALUES (record_scheme.scheme, record_scheme.title, record_scheme.status, record_scheme.starts_on,
            record_scheme.personal_budget_counts, record_scheme.source, record_scheme.zero_cap_before_age,
            record_scheme.reach);
    RETURN scheme;
END
$$;
COMMENT ON FUNCTION care.record_scheme(text, text, text, date, text, text, integer, text) IS
    'Adds a rule set of an authority''s or planner''s own; its figures follow with record_parameter().';

-- Whoever changes figures holds every scheme: a statement in hand, which shares its schemes, is waited for, and
-- the next one waits.  An older view of the accounts would leave out one that was opened since.
CREATE FUNCTION care_internal.lock_schemes() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM care.charging_scheme AS s ORDER BY s.scheme FOR NO KEY UPDATE;
END
$$;
COMMENT ON FUNCTION care_internal.lock_schemes() IS
    'Locks the schemes against other writers of their figures and against statements.';

CREATE FUNCTION care.record_parameter(scheme text, name text, valid_from date,
                                      amount numeric, source text,
                                      status text DEFAULT 'enacted',
                                      scales_accrued boolean DEFAULT true,
                                      corrects boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('scheme %s', scheme);
BEGIN
    PERFORM care_internal.require_read_committed('a figure of a scheme');
    PERFORM care_internal.lock_schemes();
    PERFORM care_internal.require_scheme(scheme);
    PERFORM care_internal.require_word(
        label, 'figure', name,
        '{cap,daily_living_cost,lower_capital_limit,upper_capital_limit,upper_capital_limit_property,'
        'equity_margin_percent,allowance_kept,court_rate,repayment_days_after_death,statement_request_days}');
    PERFORM care_internal.require_day(label, 'valid_from', valid_from);
    PERFORM care_internal.require_amount(label, name, amount);
    IF name IN ('equity_margin_percent', 'court_rate') THEN
        PERFORM care_internal.require_percent(label, name, amount);
    ELSIF name IN ('repayment_days_after_death', 'statement_request_days')
          AND (amount > 3650 OR min_scale(amount) > 0) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'parameter_whole_days', SCHEMA = 'care', TABLE = 'parameter', COLUMN = 'amount',
            MESSAGE = format('%s: %s must be from 0 to 3650 whole days, not %s', label, name, amount);
    END IF;
    PERFORM care_internal.require_text(label, 'source', source);
    PERFORM care_internal.require_word(label, 'status', status, '{draft,enacted,withdrawn}');
    IF name = 'cap' AND scales_accrued IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', SCHEMA = 'care', TABLE = 'parameter', COLUMN = 'scales_accrued',
            MESSAGE = format('%s: scales_accrued of a cap must not be null', label);
    END IF;
    IF NOT corrects AND EXISTS (SELECT FROM care.parameter AS p
                                WHERE p.scheme = record_parameter.scheme AND p.name = record_parameter.name
                                  AND p.valid_from = record_parameter.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'parameter_once', SCHEMA = 'care', TABLE = 'parameter',
            MESSAGE = format('%s of scheme %s from %s is already recorded', name, scheme,
                             care_internal.day_text(valid_from)),
            HINT = 'To put another figure in its place, say corrects => true.';
    END IF;
    INSERT INTO care.parameter (scheme, name, valid_from, amount, scales_accrued, status, source)
    VALUES (record_parameter.scheme, record_parameter.name, record_parameter.valid_from, record_parameter.amount,
            CASE WHEN record_parameter.name = 'cap' THEN record_parameter.scales_accrued END,
            record_parameter.status, record_parameter.source);
END
$$;
COMMENT ON FUNCTION care.record_parameter(text, text, date, numeric, text, text, boolean, boolean) IS
    'Adds a dated figure of a scheme, such as the cap from a day. Every account on the scheme follows at once. 22023 '
    'for a percentage above 100, and for days that are not whole or more than 3650.';
