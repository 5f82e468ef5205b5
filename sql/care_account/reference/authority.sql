--
-- authority: who keeps the records.
--
-- Rows that came with the product are marked `shipped`; what an authority enters is added beside them.
--
-- Must not know: accounts, agreements.
--

CREATE TABLE care.local_authority (
    authority text NOT NULL
        CONSTRAINT local_authority_pkey PRIMARY KEY
        CONSTRAINT local_authority_is_gss_code CHECK (authority ~ '^E(06|08|09|10)[0-9]{6}$'),
    name text NOT NULL
        CONSTRAINT local_authority_has_name CHECK (name <> ''),
    valid_from date
        CONSTRAINT local_authority_finite_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    valid_to date
        CONSTRAINT local_authority_finite_to CHECK (valid_to BETWEEN '0001-01-01' AND '9999-12-31'),
    predecessor text,
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT local_authority_valid_period CHECK (valid_from <= valid_to)
);
COMMENT ON TABLE care.local_authority IS
    'The authorities with responsibility for adult social care in England, by GSS code, dated, with their '
    'predecessors.';
COMMENT ON COLUMN care.local_authority.authority IS
    'GSS code: E06 unitary, E08 metropolitan district, E09 London borough, E10 county.';
COMMENT ON COLUMN care.local_authority.name IS 'Name.';
COMMENT ON COLUMN care.local_authority.valid_from IS 'First day of the code; null: from before the list.';
COMMENT ON COLUMN care.local_authority.valid_to IS
    'Last day of the code; null: in use, or until a row names it as its predecessor.';
COMMENT ON COLUMN care.local_authority.predecessor IS 'The code whose area and people this one took over.';
COMMENT ON COLUMN care.local_authority.source IS 'Where the row came from.';
COMMENT ON COLUMN care.local_authority.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.local_authority.recorded_at IS 'When the code was first recorded.';
COMMENT ON COLUMN care.local_authority.recorded_by IS 'Who recorded the row as it stands.';
CREATE TRIGGER local_authority_refuse_change BEFORE DELETE OR TRUNCATE ON care.local_authority
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_authority()');
COMMENT ON TRIGGER local_authority_refuse_change ON care.local_authority IS 'Authorities are added to, never removed.';
CREATE TRIGGER local_authority_refuse_update BEFORE UPDATE ON care.local_authority
    FOR EACH ROW WHEN (OLD.shipped AND OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION care_internal.refuse_change('care.record_authority()');
COMMENT ON TRIGGER local_authority_refuse_update ON care.local_authority IS
    'Rows that came with the product are never changed.';
CREATE INDEX local_authority_predecessor_idx ON care.local_authority (predecessor);
COMMENT ON INDEX care.local_authority_predecessor_idx IS 'Finds the successor of a code.';
SELECT care_internal.keep_reference('care.local_authority', '{authority}'),
       care_internal.refer_within('care.local_authority', 'predecessor', 'authority');
-- Its rows are put right in place: a publication of those WHERE (NOT shipped) must know which they are.
CREATE UNIQUE INDEX local_authority_published ON care.local_authority (authority, shipped);
COMMENT ON INDEX care.local_authority_published IS 'Replica identity, with what a publication leaves out.';
ALTER TABLE care.local_authority REPLICA IDENTITY USING INDEX local_authority_published;

-- The authority as text, if it is known and still in use on a day.
CREATE FUNCTION care_internal.require_authority(authority text, on_day date) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_row care.local_authority;
    last_day date;
BEGIN
    SELECT a.* INTO found_row FROM care.local_authority AS a WHERE a.authority = require_authority.authority;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'authority_exists', SCHEMA = 'care', TABLE = 'local_authority', COLUMN = 'authority',
            MESSAGE = format('no such authority: %L', authority),
            HINT = 'An authority is named by its GSS code; care.local_authority lists them.';
    END IF;
    -- who takes a code over ends it: rows that came with the product are never changed, and not dumped
    last_day := least(found_row.valid_to, (SELECT min(a.valid_from) - 1 FROM care.local_authority AS a
                                           WHERE a.predecessor = require_authority.authority));
    IF last_day < on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'authority_in_use', SCHEMA = 'care', TABLE = 'local_authority', COLUMN = 'valid_to',
            MESSAGE = format('authority %s (%s) ended on %s', authority, found_row.name,
                             care_internal.day_text(last_day)),
            HINT = (SELECT coalesce('Its successor is ' || string_agg(a.authority, ', ' ORDER BY a.authority) || '.',
                                    'If another took it over, care.record_authority() says so.')
                    FROM care.local_authority AS a WHERE a.predecessor = require_authority.authority);
    END IF;
    RETURN found_row.authority;
END
$$;
COMMENT ON FUNCTION care_internal.require_authority(text, date) IS
    'The authority, or an error: P0002 if there is none, 22023 if its code had ended by the day.';

-- Records that stay under a code that ended go on, as agreements do: who follows decides for them under that code.
CREATE FUNCTION care_internal.require_deciding_authority(authority text, on_day date) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    goes_on boolean := EXISTS (SELECT FROM care.local_authority AS a
                               WHERE a.predecessor = require_deciding_authority.authority AND a.valid_from <= on_day)
                       AND EXISTS (SELECT FROM care_internal.heads() AS h
                                   WHERE h.authority = require_deciding_authority.authority);
BEGIN
    RETURN care_internal.require_authority(authority, CASE WHEN NOT goes_on THEN on_day END);
END
$$;
COMMENT ON FUNCTION care_internal.require_deciding_authority(text, date) IS
    'The authority for which something is decided from a day, or an error: P0002 if there is none, 22023 if its code '
    'had ended by the day and nothing is kept under it, or none follows it.';

-- As a condition it is tried once, also where there are no rows.
CREATE FUNCTION care_internal.require_authority_or_all(authority text) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF authority IS NOT NULL THEN
        PERFORM care_internal.require_authority(authority, NULL);
    END IF;
    RETURN true;
END
$$;
COMMENT ON FUNCTION care_internal.require_authority_or_all(text) IS
    'True; refuses (P0002) what is no authority. Null stands for all of them.';

-- Rows of one's own may be put right in place: who an authority is changes no figure.
CREATE FUNCTION care.record_authority(authority text, name text, source text,
                                      valid_from date DEFAULT NULL, valid_to date DEFAULT NULL,
                                      predecessor text DEFAULT NULL, corrects boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('authority %s', coalesce(authority, 'null'));
    known care.local_authority;
BEGIN
    IF authority !~ '^E(06|08|09|10)[0-9]{6}$' IS NOT FALSE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'local_authority_is_gss_code',
            MESSAGE = format('%s: that is no GSS code of an authority with responsibility for social care', label),
            HINT = 'It is E06, E08, E09 or E10 and six digits.';
    END IF;
    PERFORM care_internal.require_text(label, 'name', name), care_internal.require_text(label, 'source', source),
            care_internal.require_day(label, 'valid_from', valid_from, nullable => true),
            care_internal.require_day(label, 'valid_to', valid_to, nullable => true);
    IF valid_from > valid_to THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'local_authority_valid_period',
            MESSAGE = format('%s cannot end on %s, before it begins on %s', label, care_internal.day_text(valid_to),
                             care_internal.day_text(valid_from));
    END IF;
    IF predecessor IS NOT NULL
       AND (predecessor = authority OR valid_from IS NULL
            OR NOT EXISTS (SELECT FROM care.local_authority AS a WHERE a.authority = record_authority.predecessor)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'local_authority_predecessor_fkey',
            MESSAGE = format('%s cannot follow %s', label, predecessor),
            HINT = 'The predecessor is another code of care.local_authority; it ends the day before valid_from, which '
                   'is needed then.';
    END IF;
    LOCK TABLE care.local_authority IN SHARE ROW EXCLUSIVE MODE;
    SELECT a.* INTO known FROM care.local_authority AS a WHERE a.authority = record_authority.authority;
    IF FOUND AND (known.shipped OR corrects IS NOT TRUE) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'local_authority_pkey',
            MESSAGE = format('%s (%s) is already recorded', label, known.name),
            HINT = CASE WHEN known.shipped THEN 'It came with the product: record its successor, with predecessor => '
                                                '..., and it ends the day before.'
                        ELSE 'To put another row in its place, say corrects => true.' END;
    END IF;
    INSERT INTO care.local_authority AS a (authority, name, valid_from, valid_to, predecessor, source)
    VALUES (record_authority.authority, record_authority.name, record_authority.valid_from,
            record_authority.valid_to, record_authority.predecessor, record_authority.source)
    ON CONFLICT ON CONSTRAINT local_authority_pkey DO UPDATE
        SET (name, valid_from, valid_to, predecessor, source, recorded_by)
            = ROW (EXCLUDED.name, EXCLUDED.valid_from, EXCLUDED.valid_to, EXCLUDED.predecessor, EXCLUDED.source,
                   EXCLUDED.recorded_by);
END
$$;
COMMENT ON FUNCTION care.record_authority(text, text, text, date, date, text, boolean) IS
    'Records an authority of one''s own by its GSS code: from and to which day (null: open), and the code whose area '
    'and people it takes over, which ends the day before. To put one of one''s own right, or to end it, give it whole '
    'with corrects => true; 23505 for one that came with the product.';
