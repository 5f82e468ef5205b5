--
-- authority: who keeps the records.
--
-- Rows that came with the product are marked `shipped`; what an authority enters is added beside them.
--
-- Must not know: accounts, agreements.
--

CREATE TABLE care.authority (
    authority text NOT NULL
        CONSTRAINT authority_pkey PRIMARY KEY
        CONSTRAINT authority_is_gss_code CHECK (authority ~ '^E(06|08|09|10)[0-9]{6}$'),
    name text NOT NULL
        CONSTRAINT authority_has_name CHECK (name <> ''),
    valid_from date
        CONSTRAINT authority_finite_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    valid_to date
        CONSTRAINT authority_finite_to CHECK (valid_to BETWEEN '0001-01-01' AND '9999-12-31'),
    predecessor text
        CONSTRAINT authority_predecessor_fkey REFERENCES care.authority,
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT authority_valid_period CHECK (valid_from <= valid_to)
);
COMMENT ON TABLE care.authority IS
    'The authorities with responsibility for adult social care in England, by GSS code, dated, with their '
    'predecessors.';
COMMENT ON COLUMN care.authority.authority IS
    'GSS code: E06 unitary, E08 metropolitan district, E09 London borough, E10 county.';
COMMENT ON COLUMN care.authority.name IS 'Name.';
COMMENT ON COLUMN care.authority.valid_from IS 'First day of the code; null: from before the list.';
COMMENT ON COLUMN care.authority.valid_to IS 'Last day of the code; null: in use.';
COMMENT ON COLUMN care.authority.predecessor IS 'The code whose area and people this one took over.';
COMMENT ON COLUMN care.authority.source IS 'Where the row came from.';
COMMENT ON COLUMN care.authority.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.authority.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.authority.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER authority_refuse_change BEFORE DELETE OR TRUNCATE ON care.authority
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('a row of your own');
COMMENT ON TRIGGER authority_refuse_change ON care.authority IS 'Authorities are added to, never removed.';
CREATE TRIGGER authority_refuse_update BEFORE UPDATE ON care.authority
    FOR EACH ROW WHEN (OLD.shipped AND OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION care_internal.refuse_change('a row of your own');
COMMENT ON TRIGGER authority_refuse_update ON care.authority IS 'Rows that came with the product are never changed.';
CREATE INDEX authority_predecessor_idx ON care.authority (predecessor);
COMMENT ON INDEX care.authority_predecessor_idx IS 'Finds the successor of a code.';
SELECT pg_extension_config_dump('care.authority', 'WHERE NOT shipped');

-- The authority as text, if it is known and still in use on a day.
CREATE FUNCTION care_internal.require_authority(authority text, on_day date) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_row care.authority;
BEGIN
    SELECT a.* INTO found_row FROM care.authority AS a WHERE a.authority = require_authority.authority;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'authority_exists', SCHEMA = 'care', TABLE = 'authority', COLUMN = 'authority',
            MESSAGE = format('no such authority: %L', authority),
            HINT = 'An authority is named by its GSS code; care.authority lists them.';
    END IF;
    IF found_row.valid_to < on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'authority_in_use', SCHEMA = 'care', TABLE = 'authority', COLUMN = 'valid_to',
            MESSAGE = format('authority %s (%s) ended on %s', authority, found_row.name,
                             care_internal.day_text(found_row.valid_to)),
            HINT = (SELECT format('Its successor is %s.', string_agg(a.authority, ', ' ORDER BY a.authority))
                    FROM care.authority AS a WHERE a.predecessor = require_authority.authority);
    END IF;
    RETURN found_row.authority;
END
$$;
COMMENT ON FUNCTION care_internal.require_authority(text, date) IS
    'The authority, or an error: P0002 if there is none, 22023 if its code had ended by the day.';
