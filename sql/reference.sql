--
-- reference: authorities, schemes and their dated figures, the national maximum interest rate.
--
-- Every figure is a dated row with its status and its source.  Rows that came with the product are
-- marked `shipped`; what an authority enters is added beside them, wins over them, and is what a
-- dump carries.  Nothing is changed in place: for one day, the row recorded last holds.
--
-- Must not know: accounts, agreements.
--

-- Refuses to change or remove a fact.
CREATE FUNCTION care.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = format('rows of %I.%I are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME),
        HINT = format('Add the fact that corrects it with %s.', TG_ARGV[0]);
END
$$;
COMMENT ON FUNCTION care.refuse_change() IS
    'Trigger: refuses UPDATE, DELETE and TRUNCATE of a table of facts (55000), naming the function that adds a '
    'correction.';

-- Accounts and agreements carry what follows from their facts.
CREATE FUNCTION care.refuse_update() RETURNS trigger
    LANGUAGE C AS 'MODULE_PATHNAME', 'care_refuse_update';
COMMENT ON FUNCTION care.refuse_update() IS
    'Trigger: refuses (55000) an UPDATE that changes a row, but for the one that writes what was worked out from the '
    'facts.';

-- Under a lock, what was looked for and not found is not there; but a transaction above READ COMMITTED
-- may not see it.
CREATE FUNCTION care.refuse_violation(violated text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') = 'read committed' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = 'what is to be recorded is there already',
            DETAIL = violated;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'serialization_failure',
        MESSAGE = 'another transaction recorded meanwhile what this one does not see',
        DETAIL = violated,
        HINT = 'Run it again.';
END
$$;
COMMENT ON FUNCTION care.refuse_violation(text) IS
    'Part of what writes under a lock: refuses what violated a key, by 40001 where the transaction may have an older '
    'view, else by 23505.';

-- A day as messages show it.
CREATE FUNCTION care.day_text(day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN day IS NULL THEN 'null'
                WHEN day BETWEEN '0001-01-01' AND '9999-12-31' THEN to_char(day, 'YYYY-MM-DD')
                ELSE day::text END;
COMMENT ON FUNCTION care.day_text(date) IS
    'A day as YYYY-MM-DD; as PostgreSQL writes it outside the years 1 to 9999; or null.';

-- The checks that what is given to a function has, with whose it is in the message.
CREATE FUNCTION care.require_text(label text, name text, value text)
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF value = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: %s must not be empty', label, name);
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_text(text, text, text) IS
    'Refuses a text that is null (22004) or empty (22023), saying whose it is.';

CREATE FUNCTION care.require_word(label text, name text, value text, words text[])
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL OR value <> ALL (words) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: unknown %s: %L', label, name, value),
            HINT = format('It is %s or %s.', array_to_string(trim_array(words, 1), ', '), words[cardinality(words)]);
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_word(text, text, text, text[]) IS
    'Refuses (22023) a text that is not one of some words, saying whose it is.';

CREATE FUNCTION care.require_day(label text, name text, day date,
                                 nullable boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF day IS NULL AND NOT nullable THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF day NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: %s must be a day of the years 1 to 9999, not %s', label, name, care.day_text(day));
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_day(text, text, date, boolean) IS
    'Refuses a day that is null (22004) or not in the years 1 to 9999 (22023), saying whose it is.';

CREATE FUNCTION care.require_percent(label text, name text, value numeric)
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF value NOT BETWEEN 0 AND 100 OR min_scale(value) > 4 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: %s must be from 0 to 100 with at most 4 decimals, not %s', label, name, value);
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_percent(text, text, numeric) IS
    'Refuses a rate in per cent that is null (22004), or not from 0 to 100 or of more than 4 decimals (22023), saying '
    'whose it is.';

CREATE FUNCTION care.require_amount(label text, name text, amount numeric,
                                    lowest numeric DEFAULT 0)
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF amount IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF amount = 'NaN' OR amount < lowest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: %s must be %s or more, not %s', label, name, lowest, amount);
    ELSIF abs(amount) >= 10000000000 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'numeric_value_out_of_range',
            MESSAGE = format('%s: %s must be %s, not %s', label, name,
                             CASE WHEN amount > 0 THEN 'under 10000000000' ELSE 'above -10000000000' END, amount);
    ELSIF min_scale(amount) > 2 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: %s is not in whole pence: %s', label, name, amount),
            HINT = 'Round it first: nothing is rounded unasked.';
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_amount(text, text, numeric, numeric) IS
    'Refuses an amount in pounds that is null (22004), not a number or below the least (22023), too large (22003) or '
    'not in whole pence (22023), saying whose it is.';

CREATE TABLE care.authority (
    authority text NOT NULL
        CONSTRAINT authority_pkey PRIMARY KEY
        CONSTRAINT authority_is_gss_code CHECK (authority ~ '^E(06|08|09|10)[0-9]{6}$'),
    name text NOT NULL
        CONSTRAINT authority_has_name CHECK (name <> ''),
    valid_from date NOT NULL DEFAULT '-infinity',
    valid_to date NOT NULL DEFAULT 'infinity',
    predecessor text
        CONSTRAINT authority_predecessor_fkey REFERENCES care.authority,
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT authority_valid_period CHECK (valid_from <= valid_to)
);
COMMENT ON TABLE care.authority IS
    'The authorities with responsibility for adult social care in England, by GSS code, dated, with their '
    'predecessors.';
COMMENT ON COLUMN care.authority.authority IS
    'GSS code: E06 unitary, E08 metropolitan district, E09 London borough, E10 county.';
COMMENT ON COLUMN care.authority.name IS 'Name.';
COMMENT ON COLUMN care.authority.valid_from IS 'First day of the code; -infinity when it goes back before the list.';
COMMENT ON COLUMN care.authority.valid_to IS 'Last day of the code; infinity while it is in use.';
COMMENT ON COLUMN care.authority.predecessor IS 'The code whose area and people this one took over.';
COMMENT ON COLUMN care.authority.source IS 'Where the row came from.';
COMMENT ON COLUMN care.authority.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.authority.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.authority.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER authority_refuse_change BEFORE DELETE OR TRUNCATE ON care.authority
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('a row of your own');
COMMENT ON TRIGGER authority_refuse_change ON care.authority IS 'Authorities are added to, never removed.';
CREATE TRIGGER authority_refuse_update BEFORE UPDATE ON care.authority
    FOR EACH ROW WHEN (OLD.shipped AND OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION care.refuse_change('a row of your own');
COMMENT ON TRIGGER authority_refuse_update ON care.authority IS 'Rows that came with the product are never changed.';
CREATE INDEX authority_predecessor_idx ON care.authority (predecessor);
COMMENT ON INDEX care.authority_predecessor_idx IS 'Finds the successor of a code.';
SELECT pg_extension_config_dump('care.authority', 'WHERE NOT shipped');

-- The authority as text, if it is known and still in use on a day.
CREATE FUNCTION care.require_authority(authority text, on_day date) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_row care.authority;
BEGIN
    SELECT a.* INTO found_row FROM care.authority AS a WHERE a.authority = require_authority.authority;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such authority: %L', authority),
            HINT = 'An authority is named by its GSS code; care.authority lists them.';
    END IF;
    IF found_row.valid_to < on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('authority %s (%s) ended on %s', authority, found_row.name,
                             care.day_text(found_row.valid_to)),
            HINT = (SELECT format('Its successor is %s.', string_agg(a.authority, ', ' ORDER BY a.authority))
                    FROM care.authority AS a WHERE a.predecessor = require_authority.authority);
    END IF;
    RETURN found_row.authority;
END
$$;
COMMENT ON FUNCTION care.require_authority(text, date) IS
    'The authority, or an error: P0002 if there is none, 22023 if its code had ended by the day.';

CREATE TABLE care.scheme (
    scheme text NOT NULL
        CONSTRAINT scheme_pkey PRIMARY KEY,
    title text NOT NULL,
    status text NOT NULL
        CONSTRAINT scheme_known_status CHECK (status IN ('draft', 'enacted', 'withdrawn')),
    starts_on date NOT NULL,
    personal_budget_counts text
        CONSTRAINT scheme_known_counts CHECK (personal_budget_counts IN ('weekly_cost', 'weekly_charge')),
    zero_cap_before_age integer
        CONSTRAINT scheme_age_in_range CHECK (zero_cap_before_age BETWEEN 0 AND 150),
    reach text NOT NULL DEFAULT 'reach'
        CONSTRAINT scheme_known_reach CHECK (reach IN ('reach', 'exceed')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER
);
COMMENT ON TABLE care.scheme IS 'Named rule sets: the cap schemes, and the rules of deferred payment.';
COMMENT ON COLUMN care.scheme.scheme IS 'Name, such as 2015 or 2022.';
COMMENT ON COLUMN care.scheme.title IS 'What it is.';
COMMENT ON COLUMN care.scheme.status IS 'draft, enacted or withdrawn.';
COMMENT ON COLUMN care.scheme.starts_on IS 'First day; nothing counts before it.';
COMMENT ON COLUMN care.scheme.personal_budget_counts IS
    'What of a personal budget counts towards the cap: weekly_cost (whoever pays) or weekly_charge (what the person is '
    'charged). An independent personal budget always counts at cost. Null: not a cap scheme.';
COMMENT ON COLUMN care.scheme.zero_cap_before_age IS
    'The cap is nought for a person whose eligible needs began before this age; null: no such rule.';
COMMENT ON COLUMN care.scheme.reach IS
    'reach: the cap is reached when accrued costs are at it; exceed: only when they are above it.';
COMMENT ON COLUMN care.scheme.source IS 'Where the row came from.';
COMMENT ON COLUMN care.scheme.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.scheme.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.scheme.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.scheme', 'WHERE NOT shipped');

CREATE TRIGGER scheme_refuse_change BEFORE DELETE OR TRUNCATE ON care.scheme
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_scheme()');
COMMENT ON TRIGGER scheme_refuse_change ON care.scheme IS 'Schemes are added to, never removed.';
CREATE TRIGGER scheme_refuse_update BEFORE UPDATE ON care.scheme
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION care.refuse_change('care.record_scheme()');
COMMENT ON TRIGGER scheme_refuse_update ON care.scheme IS 'A scheme is never changed: a new one has a new name.';

CREATE TABLE care.parameter (
    scheme text NOT NULL
        CONSTRAINT parameter_scheme_fkey REFERENCES care.scheme,
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
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
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
SELECT pg_extension_config_dump('care.parameter', 'WHERE NOT shipped');
CREATE TRIGGER parameter_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.parameter
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_parameter()');
COMMENT ON TRIGGER parameter_refuse_change ON care.parameter IS 'Figures are added to, never changed.';

-- What was known at a moment: rows that came with the product always were.
CREATE FUNCTION care.parameter_known_at(known_at timestamptz) RETURNS SETOF care.parameter
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (p.scheme, p.name, p.valid_from) p.*
    FROM care.parameter AS p
    WHERE p.shipped OR p.recorded_at <= known_at
    ORDER BY p.scheme, p.name, p.valid_from, p.shipped, p.recorded_at DESC;
END;
COMMENT ON FUNCTION care.parameter_known_at(timestamptz) IS
    'The figures in force as they were known at a moment: for each day the row recorded last, an authority''s own '
    'before the shipped one.';

CREATE VIEW care.parameter_in_force AS
    SELECT p.scheme, p.name, p.valid_from,
           (lead(p.valid_from) OVER (PARTITION BY p.scheme, p.name ORDER BY p.valid_from) - 1) AS valid_to,
           p.amount, p.scales_accrued, p.status, p.source, p.shipped, p.recorded_at, p.recorded_by
    FROM care.parameter_known_at('infinity'::timestamptz) AS p;
COMMENT ON VIEW care.parameter_in_force IS
    'The dated figures of each scheme that hold now, each with its first and last day.';
COMMENT ON COLUMN care.parameter_in_force.scheme IS 'The scheme.';
COMMENT ON COLUMN care.parameter_in_force.name IS 'The figure; see care.parameter.';
COMMENT ON COLUMN care.parameter_in_force.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.parameter_in_force.valid_to IS 'Last day it holds; null: until further notice.';
COMMENT ON COLUMN care.parameter_in_force.amount IS 'Pounds, or per cent for a percentage.';
COMMENT ON COLUMN care.parameter_in_force.scales_accrued IS 'For a cap: does the change to it scale accrued costs?';
COMMENT ON COLUMN care.parameter_in_force.status IS 'draft, enacted or withdrawn.';
COMMENT ON COLUMN care.parameter_in_force.source IS 'Where the figure came from.';
COMMENT ON COLUMN care.parameter_in_force.shipped IS 'Came with the product.';
COMMENT ON COLUMN care.parameter_in_force.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.parameter_in_force.recorded_by IS 'Who recorded it.';

CREATE FUNCTION care.parameter_schedule(scheme text, name text,
                                        known_at timestamptz DEFAULT 'infinity')
    RETURNS care.schedule LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT care.schedule_agg(p.valid_from, p.amount)
    FROM care.parameter_known_at(known_at) AS p
    WHERE p.scheme = parameter_schedule.scheme AND p.name = parameter_schedule.name;
END;
COMMENT ON FUNCTION care.parameter_schedule(text, text, timestamptz) IS
    'A figure of a scheme as a schedule; null if it has none.';

CREATE FUNCTION care.parameter_value(scheme text, name text, on_day date)
    RETURNS TABLE (amount numeric) LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT p.amount FROM care.parameter AS p
    WHERE p.scheme = parameter_value.scheme AND p.name = parameter_value.name
      AND p.valid_from <= care.required_day(on_day)
    ORDER BY p.valid_from DESC, p.shipped, p.recorded_at DESC LIMIT 1;
END;
COMMENT ON FUNCTION care.parameter_value(text, text, date) IS
    'A figure of a scheme on a day, as parameter_schedule() has it, as a row; no row before its first. 22004 for null, '
    '22003 for a day outside the years 1 to 9999.';

CREATE FUNCTION care.require_scheme(scheme text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM care.scheme AS s WHERE s.scheme = require_scheme.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such scheme: %L', scheme),
            HINT = 'care.scheme lists them; care.record_scheme() adds one.';
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_scheme(text) IS 'An error (P0002) if there is no such scheme.';

CREATE FUNCTION care.parameter_on(scheme text, name text, on_day date)
    RETURNS numeric LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    amount numeric := care.value_on(care.parameter_schedule(scheme, name), on_day);
BEGIN
    IF amount IS NULL THEN
        PERFORM care.require_scheme(scheme);
        PERFORM care.require_day(format('scheme %s', scheme), 'on_day', on_day);
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s of scheme %s is not known on %s', name, scheme, care.day_text(on_day)),
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
    RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('scheme %s', scheme);
BEGIN
    PERFORM care.require_text('record_scheme', 'scheme', scheme);
    PERFORM care.require_text(label, 'title', title);
    PERFORM care.require_word(label, 'status', status, '{draft,enacted,withdrawn}');
    PERFORM care.require_day(label, 'starts_on', starts_on);
    IF personal_budget_counts IS NOT NULL THEN
        PERFORM care.require_word(label, 'personal_budget_counts', personal_budget_counts,
                                  '{weekly_cost,weekly_charge}');
    END IF;
    PERFORM care.require_text(label, 'source', source);
    IF zero_cap_before_age NOT BETWEEN 0 AND 150 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: zero_cap_before_age must be from 0 to 150, not %s', label, zero_cap_before_age);
    END IF;
    PERFORM care.require_word(label, 'reach', reach, '{reach,exceed}');
    IF EXISTS (SELECT FROM care.scheme AS s WHERE s.scheme = record_scheme.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s is already recorded', label),
            HINT = 'A scheme is never changed: a new one has a new name.';
    END IF;
    INSERT INTO care.scheme (scheme, title, status, starts_on, personal_budget_counts, source, zero_cap_before_age,
                             reach)
    VALUES (record_scheme.scheme, record_scheme.title, record_scheme.status, record_scheme.starts_on,
            record_scheme.personal_budget_counts, record_scheme.source, record_scheme.zero_cap_before_age,
            record_scheme.reach);
    RETURN scheme;
END
$$;
COMMENT ON FUNCTION care.record_scheme(text, text, text, date, text, text, integer, text) IS
    'Adds a rule set of an authority''s or planner''s own; its figures follow with record_parameter().';

-- A snapshot older than the lock does not show what was recorded before it.
CREATE FUNCTION care.require_read_committed(what text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'active_sql_transaction',
            MESSAGE = format('%s cannot be recorded under %s: an account opened meanwhile would miss it', what,
                             upper(current_setting('transaction_isolation'))),
            HINT = 'Record it in a READ COMMITTED transaction.';
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_read_committed(text) IS
    'Refuses (25001) to record something that other rows follow from, by a view that may be out of date.';

-- Whoever changes figures holds every scheme: a statement in hand, which shares its schemes, is waited for, and
-- the next one waits.  An older view of the accounts would leave out one that was opened since.
CREATE FUNCTION care.lock_schemes() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.require_read_committed('a figure of a scheme');
    PERFORM FROM care.scheme AS s ORDER BY s.scheme FOR NO KEY UPDATE;
END
$$;
COMMENT ON FUNCTION care.lock_schemes() IS
    'Locks the schemes against other writers of their figures and against statements; 25001 above READ COMMITTED.';

CREATE FUNCTION care.record_parameter(scheme text, name text, valid_from date,
                                      amount numeric, source text,
                                      status text DEFAULT 'enacted',
                                      scales_accrued boolean DEFAULT true,
                                      corrects boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('scheme %s', scheme);
BEGIN
    PERFORM care.lock_schemes();
    PERFORM care.require_scheme(scheme);
    PERFORM care.require_word(label, 'figure', name,
                              '{cap,daily_living_cost,lower_capital_limit,upper_capital_limit,upper_capital_limit_property,'
                              'equity_margin_percent,allowance_kept,court_rate,repayment_days_after_death,statement_request_days}');
    PERFORM care.require_day(label, 'valid_from', valid_from);
    PERFORM care.require_amount(label, name, amount);
    PERFORM care.require_text(label, 'source', source);
    PERFORM care.require_word(label, 'status', status, '{draft,enacted,withdrawn}');
    IF name = 'cap' AND scales_accrued IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: scales_accrued of a cap must not be null', label);
    END IF;
    IF NOT corrects AND EXISTS (SELECT FROM care.parameter AS p
                                WHERE p.scheme = record_parameter.scheme AND p.name = record_parameter.name
                                  AND p.valid_from = record_parameter.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s of scheme %s from %s is already recorded', name, scheme, care.day_text(valid_from)),
            HINT = 'To put another figure in its place, say corrects => true.';
    END IF;
    INSERT INTO care.parameter (scheme, name, valid_from, amount, scales_accrued, status, source)
    VALUES (record_parameter.scheme, record_parameter.name, record_parameter.valid_from, record_parameter.amount,
            CASE WHEN record_parameter.name = 'cap' THEN record_parameter.scales_accrued END,
            record_parameter.status, record_parameter.source);
END
$$;
COMMENT ON FUNCTION care.record_parameter(text, text, date, numeric, text, text, boolean, boolean) IS
    'Adds a dated figure of a scheme, such as the cap from a day. Every account on the scheme follows at once.';

--
-- The national maximum interest rate.
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
    confidence text NOT NULL
        CONSTRAINT national_rate_known_confidence CHECK (confidence IN ('high', 'medium', 'low', 'derived')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT national_rate_pkey PRIMARY KEY (valid_from, shipped, recorded_at)
);
COMMENT ON TABLE care.national_rate IS
    'The national maximum interest rate of deferred payment agreements, a row a half-year.';
COMMENT ON COLUMN care.national_rate.valid_from IS
    'First day of the half-year: 1 January or 1 July; the first was 2015-04-01.';
COMMENT ON COLUMN care.national_rate.gilt_percent IS
    'Weighted conventional gilt rate for the financial year in which the half-year starts, per cent.';
COMMENT ON COLUMN care.national_rate.margin_percent IS 'What is added to it, percentage points.';
COMMENT ON COLUMN care.national_rate.max_percent IS 'The national maximum, per cent a year.';
COMMENT ON COLUMN care.national_rate.obr_report IS
    'The latest report of the Office for Budget Responsibility published before the half-year started.';
COMMENT ON COLUMN care.national_rate.financial_year IS 'The financial year of the gilt rate, as in 2015-16.';
COMMENT ON COLUMN care.national_rate.confidence IS
    'high: several sources agree; medium, low: one source; derived: worked out from the gilt rate.';
COMMENT ON COLUMN care.national_rate.source IS 'Where the figure came from.';
COMMENT ON COLUMN care.national_rate.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.national_rate.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.national_rate.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.national_rate', 'WHERE NOT shipped');
CREATE TRIGGER national_rate_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.national_rate
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_national_max_rate()');
COMMENT ON TRIGGER national_rate_refuse_change ON care.national_rate IS 'Rates are added to, never changed.';

-- The half-year a day falls in; the first began on 2015-04-01.
CREATE FUNCTION care.half_year(on_day date, OUT first_day date, OUT last_day date)
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN on_day BETWEEN '2015-04-01'::date AND '2015-06-30'::date THEN '2015-04-01'::date
                ELSE make_date(y.year, CASE WHEN y.month <= 6 THEN 1 ELSE 7 END, 1) END,
           make_date(y.year, CASE WHEN y.month <= 6 THEN 6 ELSE 12 END, CASE WHEN y.month <= 6 THEN 30 ELSE 31 END)
    FROM (SELECT date_part('year', on_day)::integer, date_part('month', on_day)::integer) AS y (year, month);
END;
COMMENT ON FUNCTION care.half_year(date) IS
    'First and last day of the half-year of the national maximum rate that a day falls in.';

CREATE VIEW care.national_rate_in_force AS
    SELECT DISTINCT ON (n.valid_from)
           n.valid_from,
           make_date(date_part('year', n.valid_from)::integer,
                                CASE WHEN date_part('month', n.valid_from) = 7 THEN 12 ELSE 6 END,
                                CASE WHEN date_part('month', n.valid_from) = 7 THEN 31 ELSE 30 END) AS valid_to,
                                n.gilt_percent, n.margin_percent, n.max_percent,
           n.obr_report, n.financial_year, n.confidence, n.source, n.shipped, n.recorded_at, n.recorded_by
    FROM care.national_rate AS n
    ORDER BY n.valid_from, n.shipped, n.recorded_at DESC;
COMMENT ON VIEW care.national_rate_in_force IS
    'The national maximum of each half-year that holds now: an authority''s own row before the shipped one, the last '
    'recorded first.';
COMMENT ON COLUMN care.national_rate_in_force.valid_from IS 'First day of the half-year.';
COMMENT ON COLUMN care.national_rate_in_force.valid_to IS 'Last day of the half-year.';
COMMENT ON COLUMN care.national_rate_in_force.gilt_percent IS 'Weighted conventional gilt rate, per cent.';
COMMENT ON COLUMN care.national_rate_in_force.margin_percent IS 'What is added to it, percentage points.';
COMMENT ON COLUMN care.national_rate_in_force.max_percent IS 'The national maximum, per cent a year.';
COMMENT ON COLUMN care.national_rate_in_force.obr_report IS 'The report the gilt rate is from.';
COMMENT ON COLUMN care.national_rate_in_force.financial_year IS 'The financial year of the gilt rate.';
COMMENT ON COLUMN care.national_rate_in_force.confidence IS 'How well it is known; see care.national_rate.';
COMMENT ON COLUMN care.national_rate_in_force.source IS 'Where the figure came from.';
COMMENT ON COLUMN care.national_rate_in_force.shipped IS 'Came with the product.';
COMMENT ON COLUMN care.national_rate_in_force.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.national_rate_in_force.recorded_by IS 'Who recorded it.';

CREATE VIEW care.national_rate_gap AS
    SELECT h.first_day AS valid_from, h.last_day AS valid_to
    FROM (SELECT DISTINCT (care.half_year(d::date)).first_day, (care.half_year(d::date)).last_day
          FROM generate_series('2015-04-01'::timestamp,
                                          greatest(current_date, (SELECT max(n.valid_from)
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
CREATE FUNCTION care.national_max_steps() RETURNS TABLE (valid_from date, max_percent numeric)
    LANGUAGE sql STABLE ROWS 30
BEGIN ATOMIC
    SELECT s.day, s.percent
    FROM (SELECT r.valid_from, r.valid_to, r.max_percent, lead(r.valid_from) OVER (ORDER BY r.valid_from) AS next_from
          FROM care.national_rate_in_force AS r) AS n,
        LATERAL (VALUES (n.valid_from, n.max_percent),
                        (CASE WHEN n.next_from = n.valid_to + 1 THEN NULL ELSE n.valid_to + 1 END, NULL))
                            AS s (day, percent)
    WHERE s.day IS NOT NULL;
END;
COMMENT ON FUNCTION care.national_max_steps() IS 'The steps of national_max_rates().';

CREATE FUNCTION care.national_max_rates() RETURNS care.schedule LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT care.schedule_agg(r.valid_from, r.max_percent) FROM care.national_max_steps() AS r;
END;
COMMENT ON FUNCTION care.national_max_rates() IS
    'The national maximum rate as a schedule, in per cent a year; not known in a half-year that has not been entered.';

CREATE FUNCTION care.national_max_rate(on_day date) RETURNS numeric
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    max_percent numeric := care.value_on(care.national_max_rates(), on_day);
    half record;
BEGIN
    IF max_percent IS NOT NULL THEN
        RETURN max_percent;
    END IF;
    IF on_day IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', MESSAGE = 'on_day must not be null';
    END IF;
    IF on_day < '2015-04-01' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('there was no national maximum rate on %s: the first began on 2015-04-01',
                             care.day_text(on_day));
    END IF;
    SELECT h.first_day, h.last_day INTO half FROM care.half_year(on_day) AS h;
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = format('the national maximum rate is not known for the half-year %s to %s',
                         care.day_text(half.first_day), care.day_text(half.last_day)),
        HINT = format('Once it is published, enter it with care.record_national_max_rate(%L, ...).',
                      care.day_text(half.first_day));
END
$$;
COMMENT ON FUNCTION care.national_max_rate(date) IS
    'The national maximum rate on a day, per cent a year; an error (55000) naming the half-year if it has not been '
    'entered.';

CREATE FUNCTION care.record_national_max_rate(valid_from date, gilt_percent numeric,
                                              obr_report text, financial_year text,
                                              source text,
                                              margin_percent numeric DEFAULT 0.15,
                                              confidence text DEFAULT 'high',
                                              corrects boolean DEFAULT false)
    RETURNS numeric LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('national maximum rate from %s', care.day_text(valid_from));
    result numeric;
BEGIN
    PERFORM care.require_day(label, 'valid_from', valid_from);
    IF valid_from < '2015-04-01' OR valid_from <> (care.half_year(valid_from)).first_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: no half-year begins on that day', label),
            HINT = 'The first began on 2015-04-01, the others on 1 January and 1 July.';
    END IF;
    PERFORM care.require_percent(label, 'gilt_percent', gilt_percent);
    PERFORM care.require_percent(label, 'margin_percent', margin_percent);
    PERFORM care.require_percent(label, 'the sum of gilt and margin', gilt_percent + margin_percent);
    PERFORM care.require_text(label, 'obr_report', obr_report);
    PERFORM care.require_text(label, 'financial_year', financial_year);
    IF financial_year !~ '^[0-9]{4}-[0-9]{2}$' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: financial_year must be written as in 2015-16, not %L', label, financial_year);
    END IF;
    PERFORM care.require_text(label, 'source', source);
    PERFORM care.require_word(label, 'confidence', confidence, '{high,medium,low,derived}');
    LOCK TABLE care.national_rate IN SHARE ROW EXCLUSIVE MODE;
    IF NOT corrects AND EXISTS (SELECT FROM care.national_rate AS n
                                WHERE n.valid_from = record_national_max_rate.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('the national maximum rate from %s is already recorded', care.day_text(valid_from)),
            HINT = 'To put another figure in its place, say corrects => true.';
    END IF;
    INSERT INTO care.national_rate (valid_from, gilt_percent, margin_percent, obr_report, financial_year, confidence,
                                    source)
    VALUES (record_national_max_rate.valid_from, record_national_max_rate.gilt_percent,
            record_national_max_rate.margin_percent, record_national_max_rate.obr_report,
            record_national_max_rate.financial_year, record_national_max_rate.confidence,
            record_national_max_rate.source)
    RETURNING max_percent INTO result;
    RETURN result;
END
$$;
COMMENT ON FUNCTION care.record_national_max_rate(date, numeric, text, text, text, numeric, text, boolean) IS
    'Enters the national maximum rate of a half-year (gilt rate + margin) and returns it. To replace one that is '
    'there, say corrects => true.';

--
-- What each authority decides for itself.
--

CREATE TABLE care.setting (
    authority text NOT NULL
        CONSTRAINT setting_authority_fkey REFERENCES care.authority,
    name text NOT NULL,
    valid_from date NOT NULL DEFAULT '-infinity',
    value text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT setting_pkey PRIMARY KEY (authority, name, valid_from, recorded_at),
    CONSTRAINT setting_known CHECK (CASE name
        WHEN 'statement_month' THEN value ~ '^(anniversary|[1-9]|1[0-2])$'
        WHEN 'show_projection' THEN value IN ('within_18_months', 'always')
        WHEN 'four_eyes' THEN value IN ('on', 'off')
        WHEN 'trigger_base' THEN value IN ('property_value', 'equity_limit')
        WHEN 'interest_after_death' THEN value IN ('charged', 'waived_if_repaid')
        WHEN 'charge_release_days' THEN value ~ '^[0-9]{1,4}$'
        ELSE false END)
);
COMMENT ON TABLE care.setting IS
    'What each authority decides for itself, dated: for one day, the row recorded last holds.';
COMMENT ON COLUMN care.setting.authority IS 'The authority.';
COMMENT ON COLUMN care.setting.name IS
    'statement_month: the month of regular statements, 1 to 12, or anniversary (the default); show_projection: '
    'within_18_months (the default) or always; four_eyes: on, or off (the default), whether a second person must '
    'approve an adjustment; trigger_base: what 50 and 70 per cent are of, property_value (the default) or '
    'equity_limit; interest_after_death: charged (the default), or waived_if_repaid before the debt falls due; '
    'charge_release_days: by when a charge is released, 28 days by default.';
COMMENT ON COLUMN care.setting.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.setting.value IS 'The value.';
COMMENT ON COLUMN care.setting.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.setting.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.setting', '');
CREATE TRIGGER setting_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.setting
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_setting()');
COMMENT ON TRIGGER setting_refuse_change ON care.setting IS 'Settings are added to, never changed.';

-- As a table it becomes part of the query that asks, and is not planned each time.
CREATE FUNCTION care.setting_in_force(authority text, name text, on_day date)
    RETURNS TABLE (value text) LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT s.value FROM care.setting AS s
         WHERE s.authority = setting_in_force.authority AND s.name = setting_in_force.name AND s.valid_from <= on_day
         ORDER BY s.valid_from DESC, s.recorded_at DESC LIMIT 1),
        CASE setting_in_force.name WHEN 'statement_month' THEN 'anniversary'
                             WHEN 'show_projection' THEN 'within_18_months'
                             WHEN 'four_eyes' THEN 'off'
                             WHEN 'trigger_base' THEN 'property_value'
                             WHEN 'interest_after_death' THEN 'charged'
                             WHEN 'charge_release_days' THEN '28' END);
END;
COMMENT ON FUNCTION care.setting_in_force(text, text, date) IS
    'What an authority has decided, or the default, on a day, as a row; see care.setting for the names.';

CREATE FUNCTION care.setting_on(authority text, name text, on_day date)
    RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT f.value FROM care.setting_in_force(setting_on.authority, setting_on.name, on_day) AS f;
END;
COMMENT ON FUNCTION care.setting_on(text, text, date) IS
    'What an authority has decided, or the default, on a day; see care.setting for the names.';

CREATE FUNCTION care.record_setting(authority text, name text, value text,
                                    valid_from date DEFAULT '-infinity')
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.require_authority(authority, valid_from);
    PERFORM care.require_text(authority, 'name', name), care.require_text(authority, 'value', value);
    IF valid_from IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: valid_from must not be null', authority);
    END IF;
    INSERT INTO care.setting (authority, name, valid_from, value)
    VALUES (record_setting.authority, record_setting.name, record_setting.valid_from, record_setting.value);
EXCEPTION WHEN check_violation THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value',
        MESSAGE = format('%s: there is no setting %L with the value %L', authority, name, value),
        HINT = 'care.setting lists names and values in its comments.';
END
$$;
COMMENT ON FUNCTION care.record_setting(text, text, text, date) IS
    'Records what an authority decides from a day on; 22023 if there is no such setting or value.';
