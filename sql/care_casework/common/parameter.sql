--
-- parameter: figures and rules of the law and of practice, dated, each with how sure it is, and days that are not
-- worked.
--
-- What was not read in the law itself is here and nowhere else: a figure that rests on it says so.  An authority that
-- has read it, or does otherwise, records its own row, which goes before the one that came with the product.
--
-- Must not know: what a parameter is used for.
--

CREATE TABLE casework.parameter (
    name text NOT NULL
        CONSTRAINT parameter_is_word CHECK (name ~ '^[a-z][a-z0-9_]*$'),
    authority text
        CONSTRAINT parameter_authority_fkey REFERENCES care.local_authority,
    valid_from date NOT NULL
        CONSTRAINT parameter_finite_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    valid_to date
        CONSTRAINT parameter_finite_to CHECK (valid_to BETWEEN '0001-01-01' AND '9999-12-31'),
    value text,
    status text NOT NULL
        CONSTRAINT parameter_has_status CHECK (status <> ''),
    meaning text NOT NULL,
    source text NOT NULL
        CONSTRAINT parameter_has_source CHECK (source <> ''),
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT parameter_pkey PRIMARY KEY (name, valid_from, shipped, recorded_at),
    CONSTRAINT parameter_valid_period CHECK (valid_from <= valid_to),
    CONSTRAINT parameter_unknown_says_so CHECK (value IS NOT NULL OR status <> 'verified'),
    CONSTRAINT parameter_shipped_is_national CHECK (NOT shipped OR authority IS NULL)
);
COMMENT ON TABLE casework.parameter IS
    'Figures and rules of the law and of practice, dated, each with how sure it is. An authority''s own row goes '
    'before a national one, the one recorded last before the others.';
COMMENT ON COLUMN casework.parameter.name IS 'Name.';
COMMENT ON COLUMN casework.parameter.authority IS 'The authority whose own it is; null: national.';
COMMENT ON COLUMN casework.parameter.valid_from IS 'First day it holds.';
COMMENT ON COLUMN casework.parameter.valid_to IS 'Last day it holds; null: it goes on.';
COMMENT ON COLUMN casework.parameter.value IS 'The value; null: not known.';
COMMENT ON COLUMN casework.parameter.status IS
    'verified, or what is not sure about it: figures that rest on it say so.';
COMMENT ON COLUMN casework.parameter.meaning IS 'What it decides, and its unit.';
COMMENT ON COLUMN casework.parameter.source IS 'Where it came from.';
COMMENT ON COLUMN casework.parameter.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN casework.parameter.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.parameter.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER parameter_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.parameter
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_parameter()');
COMMENT ON TRIGGER parameter_refuse_change ON casework.parameter IS 'Parameters are added to, never changed.';
SELECT care_internal.keep_reference('casework.parameter');

-- The row of a parameter that holds on a day; none: it is not in force then.
CREATE FUNCTION casework.parameter_on(name text, authority text, on_day date)
    RETURNS TABLE (value text, status text, rests_on text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.value, p.status, CASE WHEN p.status <> 'verified' THEN p.name || ': ' || p.status END
    FROM casework.parameter AS p
    WHERE p.name = parameter_on.name AND (p.authority IS NULL OR p.authority = parameter_on.authority)
      AND on_day >= p.valid_from AND (p.valid_to IS NULL OR on_day <= p.valid_to)
    ORDER BY p.authority IS NULL, p.shipped, p.recorded_at DESC LIMIT 1;
END;
COMMENT ON FUNCTION casework.parameter_on(text, text, date) IS
    'A parameter as it holds for an authority (null: nationally) on a day, with how sure it is; rests_on names it '
    'where it is not verified. No row: it is not in force on that day.';

CREATE FUNCTION casework_internal.parameter_value(name text, authority text, on_day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.value FROM casework.parameter_on(parameter_value.name, parameter_value.authority, on_day) AS p;
END;
COMMENT ON FUNCTION casework_internal.parameter_value(text, text, date) IS
    'The value of a parameter on a day; null: not known, or not in force.';

-- Which of some parameters are not sure, for a figure that rests on them.
CREATE FUNCTION casework_internal.rests_on(names text[], authority text, on_day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT string_agg(p.rests_on, '; ' ORDER BY u.n)
    FROM unnest(names) WITH ORDINALITY AS u (name, n),
        LATERAL casework.parameter_on(u.name, rests_on.authority, on_day) AS p;
END;
COMMENT ON FUNCTION casework_internal.rests_on(text[], text, date) IS
    'Those of some parameters that are not verified on a day, each with its status; null: all are.';

CREATE FUNCTION casework.record_parameter(name text, value text, status text, source text, valid_from date,
                                          valid_to date DEFAULT NULL, authority text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('parameter %s', coalesce(name, 'null'));
    known casework.parameter := (SELECT p FROM casework.parameter AS p
                                 WHERE p.shipped AND p.name = record_parameter.name LIMIT 1);
    probe text;
BEGIN
    PERFORM care_internal.require_text(label, 'name', name), care_internal.require_text(label, 'status', status),
            care_internal.require_text(label, 'source', source),
            care_internal.require_day(label, 'valid_from', valid_from),
            care_internal.require_day(label, 'valid_to', valid_to, nullable => true);
    IF authority IS NOT NULL THEN
        PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority);
    END IF;
    IF known.name IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'parameter_known', MESSAGE = format('no such %s', label),
            HINT = 'casework.parameter lists them.';
    ELSIF valid_from > valid_to THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'parameter_valid_period',
            MESSAGE = format('%s cannot end on %s, before it begins on %s', label, care_internal.day_text(valid_to),
                             care_internal.day_text(valid_from));
    ELSIF value IS NULL AND status = 'verified' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'argument_not_null', COLUMN = 'value',
            MESSAGE = format('%s: value must not be null', label),
            HINT = 'What is not known has another status than verified.';
    END IF;
    probe := casework_internal.form_of_parameter(name);
    IF value !~ probe THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'parameter_form', COLUMN = 'value',
            MESSAGE = format('%s cannot be %L', label, value), HINT = format('Its form is %s.', probe);
    END IF;
    INSERT INTO casework.parameter (name, authority, valid_from, valid_to, value, status, meaning, source)
    VALUES (record_parameter.name, record_parameter.authority, record_parameter.valid_from, record_parameter.valid_to,
            record_parameter.value, record_parameter.status, known.meaning, record_parameter.source);
END
$$;
COMMENT ON FUNCTION casework.record_parameter(text, text, text, text, date, date, text) IS
    'Records a parameter for some days, nationally or of one authority, with how sure it is and where it came from. '
    'P0002 if there is no such parameter, 22023 for a value of another form.';

-- Amounts, days and switches are not free text.
CREATE FUNCTION casework_internal.form_of_parameter(name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN name ~ '_amount_' THEN '^[0-9]{1,7}([.][0-9]{1,2})?$'
                WHEN name IN ('notice_cutoff', 'ready_by') THEN '^([01][0-9]|2[0-3]):[0-5][0-9]$'
                WHEN name ~ '_days$|_percent$|_rows$|_days_before_admission$|_least$' THEN '^[0-9]{1,6}([.][0-9]+)?$'
                WHEN name ~ '_id_pattern$' THEN E'^\\^.*\\$$'
                ELSE '^(t|f)$' END;
COMMENT ON FUNCTION casework_internal.form_of_parameter(text) IS 'Regular expression of the values of a parameter.';

CREATE TABLE casework.bank_holiday (
    day date NOT NULL
        CONSTRAINT bank_holiday_finite CHECK (day BETWEEN '0001-01-01' AND '9999-12-31'),
    is_holiday boolean NOT NULL DEFAULT true,
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT bank_holiday_pkey PRIMARY KEY (day, shipped, recorded_at)
);
COMMENT ON TABLE casework.bank_holiday IS
    'Bank holidays in England; of two rows of a day, the one recorded last holds.';
COMMENT ON COLUMN casework.bank_holiday.day IS 'The day.';
COMMENT ON COLUMN casework.bank_holiday.is_holiday IS 'False: the day is none after all.';
COMMENT ON COLUMN casework.bank_holiday.source IS 'Where it came from.';
COMMENT ON COLUMN casework.bank_holiday.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN casework.bank_holiday.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.bank_holiday.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER bank_holiday_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.bank_holiday
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_bank_holiday()');
COMMENT ON TRIGGER bank_holiday_refuse_change ON casework.bank_holiday IS 'Days are added to, never changed.';
SELECT care_internal.keep_reference('casework.bank_holiday', one_of => '{day}');
INSERT INTO casework.bank_holiday (day, source, shipped, recorded_at, recorded_by)
SELECT h.day::date, 'Banking and Financial Dealings Act 1971 and proclamations, worked out', true,
       '2026-11-26 00:00:00+00', 'care_casework'
FROM unnest('{2015-01-01,2015-04-03,2015-04-06,2015-05-04,2015-05-25,2015-08-31,2015-12-25,2015-12-28,
    2016-01-01,2016-03-25,2016-03-28,2016-05-02,2016-05-30,2016-08-29,2016-12-26,2016-12-27,
    2017-01-02,2017-04-14,2017-04-17,2017-05-01,2017-05-29,2017-08-28,2017-12-25,2017-12-26,
    2018-01-01,2018-03-30,2018-04-02,2018-05-07,2018-05-28,2018-08-27,2018-12-25,2018-12-26,
    2019-01-01,2019-04-19,2019-04-22,2019-05-06,2019-05-27,2019-08-26,2019-12-25,2019-12-26,
    2020-01-01,2020-04-10,2020-04-13,2020-05-08,2020-05-25,2020-08-31,2020-12-25,2020-12-28,
    2021-01-01,2021-04-02,2021-04-05,2021-05-03,2021-05-31,2021-08-30,2021-12-27,2021-12-28,
    2022-01-03,2022-04-15,2022-04-18,2022-05-02,2022-06-02,2022-06-03,2022-08-29,2022-09-19,2022-12-26,2022-12-27,
    2023-01-02,2023-04-07,2023-04-10,2023-05-01,2023-05-08,2023-05-29,2023-08-28,2023-12-25,2023-12-26,
    2024-01-01,2024-03-29,2024-04-01,2024-05-06,2024-05-27,2024-08-26,2024-12-25,2024-12-26,
    2025-01-01,2025-04-18,2025-04-21,2025-05-05,2025-05-26,2025-08-25,2025-12-25,2025-12-26,
    2026-01-01,2026-04-03,2026-04-06,2026-05-04,2026-05-25,2026-08-31,2026-12-25,2026-12-28}'::text[]) AS h (day);

CREATE FUNCTION casework.is_working_day(day date) RETURNS boolean LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT date_part('isodow', is_working_day.day) < 6
       AND coalesce((SELECT NOT b.is_holiday FROM casework.bank_holiday AS b WHERE b.day = is_working_day.day
                     ORDER BY b.shipped, b.recorded_at DESC LIMIT 1), true);
END;
COMMENT ON FUNCTION casework.is_working_day(date) IS
    'Is it a weekday that is no bank holiday in England? The calendar that came with the product is of 2015 to 2026.';

-- A day, or a number of days later; with working_days the days between that are not worked are not counted.
CREATE FUNCTION casework.days_later(day date, days integer, working_days boolean) RETURNS date
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day('working days', 'day', day);
    IF days NOT BETWEEN 0 AND 3660 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'days_in_range', COLUMN = 'days',
            MESSAGE = format('days must be 0 to 3660, not %s', days);
    ELSIF NOT working_days THEN
        RETURN day + days;
    END IF;
    WHILE NOT casework.is_working_day(day) LOOP
        day := day + 1;
    END LOOP;
    FOR n IN 1 .. days LOOP
        LOOP
            day := day + 1;
            EXIT WHEN casework.is_working_day(day);
        END LOOP;
    END LOOP;
    RETURN day;
END
$$;
COMMENT ON FUNCTION casework.days_later(date, integer, boolean) IS
    'The day a number of days later, 0 to 3660; with working_days, the first working day from the day on, and as many '
    'working days later.';

CREATE FUNCTION casework.record_bank_holiday(day date, source text, is_holiday boolean DEFAULT true) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day('bank holiday', 'day', day),
            care_internal.require_text('bank holiday', 'source', source);
    INSERT INTO casework.bank_holiday (day, source, is_holiday)
    VALUES (record_bank_holiday.day, record_bank_holiday.source, coalesce(record_bank_holiday.is_holiday, true));
END
$$;
COMMENT ON FUNCTION casework.record_bank_holiday(date, text, boolean) IS
    'Records a bank holiday in England, or that a day is none after all.';
