--
-- setting: what each authority decides for itself.
--
-- Must not know: accounts, agreements.
--

CREATE TABLE care.setting (
    authority text NOT NULL
        CONSTRAINT setting_authority_fkey REFERENCES care.authority,
    name text NOT NULL,
    valid_from date NOT NULL DEFAULT '-infinity',
    value text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT setting_pkey PRIMARY KEY (authority, name, valid_from, recorded_at),
    CONSTRAINT setting_known CHECK (CASE name
        WHEN 'statement_month' THEN value ~ '^(anniversary|[1-9]|1[0-2])$'
        WHEN 'show_projection' THEN value IN ('within_18_months', 'always')
        WHEN 'four_eyes' THEN value IN ('on', 'off')
        WHEN 'actor_required' THEN value IN ('on', 'off')
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
    'approve an adjustment; actor_required: on, or off (the default), whether SET care.actor must name the person '
    'behind the login; trigger_base: what 50 and 70 per cent are of, property_value (the default) or '
    'equity_limit; interest_after_death: charged (the default), or waived_if_repaid before the debt falls due; '
    'charge_release_days: by when a charge is released, 28 days by default.';
COMMENT ON COLUMN care.setting.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.setting.value IS 'The value.';
COMMENT ON COLUMN care.setting.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.setting.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.setting', '');
CREATE TRIGGER setting_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.setting
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_setting()');
COMMENT ON TRIGGER setting_refuse_change ON care.setting IS 'Settings are added to, never changed.';

-- As a table it becomes part of the query that asks, and is not planned each time.
CREATE FUNCTION care_internal.setting_in_force(authority text, name text, on_day date)
    RETURNS TABLE (value text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce(
        (SELECT s.value FROM care.setting AS s
         WHERE s.authority = setting_in_force.authority AND s.name = setting_in_force.name AND s.valid_from <= on_day
         ORDER BY s.valid_from DESC, s.recorded_at DESC LIMIT 1),
        CASE setting_in_force.name WHEN 'statement_month' THEN 'anniversary'
                             WHEN 'show_projection' THEN 'within_18_months'
                             WHEN 'four_eyes' THEN 'off'
                             WHEN 'actor_required' THEN 'off'
                             WHEN 'trigger_base' THEN 'property_value'
                             WHEN 'interest_after_death' THEN 'charged'
                             WHEN 'charge_release_days' THEN '28' END);
END;
COMMENT ON FUNCTION care_internal.setting_in_force(text, text, date) IS
    'What an authority has decided, or the default, on a day, as a row; see care.setting for the names.';

CREATE FUNCTION care.setting_on(authority text, name text, on_day date)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.value FROM care_internal.setting_in_force(setting_on.authority, setting_on.name, on_day) AS f;
END;
COMMENT ON FUNCTION care.setting_on(text, text, date) IS
    'What an authority has decided, or the default, on a day; see care.setting for the names.';

CREATE FUNCTION care.record_setting(authority text, name text, value text,
                                    valid_from date DEFAULT '-infinity')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_authority(authority, valid_from);
    PERFORM care_internal.require_text(authority, 'name', name), care_internal.require_text(authority, 'value', value);
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
