--
-- setting: what each authority decides for itself.
--
-- Must not know: accounts, agreements.
--

-- What can be decided, and what holds where nothing is: declared by the room it belongs to.
CREATE TABLE care_internal.known_setting (
    name text NOT NULL
        CONSTRAINT known_setting_pkey PRIMARY KEY,
    allowed text NOT NULL,
    default_value text NOT NULL,
    meaning text NOT NULL,
    extension text NOT NULL
);
COMMENT ON TABLE care_internal.known_setting IS 'The settings there are; care.known_setting shows them.';
COMMENT ON COLUMN care_internal.known_setting.name IS 'Name.';
COMMENT ON COLUMN care_internal.known_setting.allowed IS 'Regular expression of its values.';
COMMENT ON COLUMN care_internal.known_setting.default_value IS 'What holds where an authority has decided nothing.';
COMMENT ON COLUMN care_internal.known_setting.meaning IS 'What it decides.';
COMMENT ON COLUMN care_internal.known_setting.extension IS 'The extension that declares it.';

CREATE FUNCTION care_internal.keep_setting(name text, allowed text, default_value text, meaning text,
                                           extension text DEFAULT 'care_account') RETURNS void
    LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO care_internal.known_setting (name, allowed, default_value, meaning, extension)
    VALUES (keep_setting.name, keep_setting.allowed, keep_setting.default_value, keep_setting.meaning,
            keep_setting.extension);
END;
COMMENT ON FUNCTION care_internal.keep_setting(text, text, text, text, text) IS
    'Declares a setting: its name, a regular expression of its values, the default and what it means. For the script '
    'of '
    'an extension.';

CREATE VIEW care.known_setting AS
    SELECT k.name, k.allowed, k.default_value, k.meaning FROM care_internal.known_setting AS k;
COMMENT ON VIEW care.known_setting IS 'What an authority may decide for itself, with care.record_setting().';
COMMENT ON COLUMN care.known_setting.name IS 'Name.';
COMMENT ON COLUMN care.known_setting.allowed IS 'Regular expression of its values.';
COMMENT ON COLUMN care.known_setting.default_value IS 'What holds where an authority has decided nothing.';
COMMENT ON COLUMN care.known_setting.meaning IS 'What it decides.';

SELECT care_internal.keep_setting('statement_month', '^(anniversary|[1-9]|1[0-2])$', 'anniversary',
           'the month of regular statements, 1 to 12 (of agreements that month and six months after it: 1 or 7 is by '
           'calendar half-years), or the anniversary of the day each account counts from or agreement was signed'),
       care_internal.keep_setting('show_projection', '^(within_18_months|always)$', 'within_18_months',
           'whether a statement shows the day the cap will be reached always, or within 18 months'),
       care_internal.keep_setting('four_eyes', '^(on|off)$', 'off',
           'whether a second person must approve an adjustment, and dispose of what was reviewed'),
       care_internal.keep_setting('trigger_base', '^(property_value|equity_limit)$', 'property_value',
           'what 50 and 70 per cent are of, at which a security is looked at'),
       care_internal.keep_setting('interest_after_death', '^(charged|waived_if_repaid)$', 'charged',
           'whether interest after a death is waived if the debt is repaid before it falls due'),
       care_internal.keep_setting('charge_release_days', '^[0-9]{1,4}$', '28',
           'by how many days after repayment a charge is released');

CREATE TABLE care.setting (
    authority text NOT NULL
        CONSTRAINT setting_authority_fkey REFERENCES care.local_authority,
    name text NOT NULL,
    valid_from date NOT NULL DEFAULT '0001-01-01'
        CONSTRAINT setting_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    value text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT setting_pkey PRIMARY KEY (authority, name, valid_from, recorded_at)
);
COMMENT ON TABLE care.setting IS
    'What each authority decides for itself, dated: for one day, the row recorded last holds.';
COMMENT ON COLUMN care.setting.authority IS 'The authority.';
COMMENT ON COLUMN care.setting.name IS 'Which setting; see care.known_setting.';
COMMENT ON COLUMN care.setting.valid_from IS 'The day it holds from; 0001-01-01: always.';
COMMENT ON COLUMN care.setting.value IS 'The value.';
COMMENT ON COLUMN care.setting.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.setting.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.setting', one_of => '{authority,name,valid_from}');
CREATE TRIGGER setting_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.setting
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_setting()');
COMMENT ON TRIGGER setting_refuse_change ON care.setting IS 'Settings are added to, never changed.';

-- What comes from a dump was known where it comes from.
CREATE FUNCTION care_internal.refuse_unknown_setting() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF care_internal.is_new(NEW.recorded_at)
       AND NOT EXISTS (SELECT FROM care_internal.known_setting AS k
                       WHERE k.name = NEW.name AND NEW.value ~ k.allowed) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: there is no setting %L with the value %L', NEW.authority, NEW.name, NEW.value),
            HINT = 'care.known_setting lists names and values.',
            CONSTRAINT = 'setting_known', TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_unknown_setting() IS
    'Trigger: refuses (22023) a setting that no extension declares, or a value that it does not allow.';
CREATE TRIGGER setting_refuse_unknown BEFORE INSERT ON care.setting
    FOR EACH ROW EXECUTE FUNCTION care_internal.refuse_unknown_setting();
COMMENT ON TRIGGER setting_refuse_unknown ON care.setting IS
    'A setting is one that is declared, with a value it allows.';

-- As a table it becomes part of the query that asks, and is not planned each time.
CREATE FUNCTION care_internal.setting_in_force(authority text, name text, on_day date,
                                               known_at timestamptz DEFAULT NULL)
    RETURNS TABLE (value text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT s.value FROM care.setting AS s
         WHERE s.authority = setting_in_force.authority AND s.name = setting_in_force.name AND s.valid_from <= on_day
           AND (known_at IS NULL OR s.recorded_at <= known_at)
         ORDER BY s.valid_from DESC, s.recorded_at DESC LIMIT 1),
        (SELECT k.default_value FROM care_internal.known_setting AS k WHERE k.name = setting_in_force.name));
END;
COMMENT ON FUNCTION care_internal.setting_in_force(text, text, date, timestamptz) IS
    'What an authority has decided, or (known_at) had decided by a moment, or the default, on a day, as a row; see '
    'care.known_setting for the names.';

CREATE FUNCTION care.setting_on(authority text, name text, on_day date, known_at timestamptz DEFAULT NULL)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.value FROM care_internal.setting_in_force(setting_on.authority, setting_on.name, on_day,
                                                         known_at) AS f;
END;
COMMENT ON FUNCTION care.setting_on(text, text, date, timestamptz) IS
    'What an authority has decided, or (known_at) had decided by a moment, or the default, on a day; see '
    'care.known_setting for the names.';

CREATE FUNCTION care.record_setting(authority text, name text, value text,
                                    valid_from date DEFAULT '0001-01-01')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    valid_from := CASE WHEN valid_from = '-infinity' THEN '0001-01-01' ELSE valid_from END;
    PERFORM care_internal.require_deciding_authority(authority, valid_from);
    PERFORM care_internal.require_text(authority, 'name', name), care_internal.require_text(authority, 'value', value),
            care_internal.require_day(authority, 'valid_from', valid_from);
    INSERT INTO care.setting (authority, name, valid_from, value)
    VALUES (record_setting.authority, record_setting.name, record_setting.valid_from, record_setting.value);
END
$$;
COMMENT ON FUNCTION care.record_setting(text, text, text, date) IS
    'Records what an authority decides from a day on; 22023 if there is no such setting or value.';
