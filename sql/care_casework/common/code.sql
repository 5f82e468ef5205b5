--
-- code: lists of codes, national ones and an authority's own beneath them.
--
-- A list is rows, shipped by the room that uses it.  A national list that could not be read whole says so in the label
-- of a row '*', which is no code; its other rows are entered with casework.record_code().
--
-- Must not know: what a code is used for.
--

CREATE TABLE casework.code (
    list text NOT NULL
        CONSTRAINT code_list_is_word CHECK (list ~ '^[a-z][a-z0-9_]*$'),
    code text NOT NULL
        CONSTRAINT code_is_given CHECK (code <> ''),
    label text NOT NULL
        CONSTRAINT code_has_label CHECK (label <> ''),
    valid_from date
        CONSTRAINT code_finite_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    valid_to date
        CONSTRAINT code_finite_to CHECK (valid_to BETWEEN '0001-01-01' AND '9999-12-31'),
    details jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT code_details_object CHECK (jsonb_typeof(details) = 'object'),
    position smallint NOT NULL DEFAULT 1000,
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT code_pkey PRIMARY KEY (list, code),
    CONSTRAINT code_valid_period CHECK (valid_from <= valid_to)
);
COMMENT ON TABLE casework.code IS 'National lists of codes: those that came with the product, and those entered since.';
COMMENT ON COLUMN casework.code.list IS 'The list.';
COMMENT ON COLUMN casework.code.code IS 'The code; *: not one, but a note that rows of the list are not known yet.';
COMMENT ON COLUMN casework.code.label IS 'What it stands for, in the words of the source.';
COMMENT ON COLUMN casework.code.valid_from IS 'First day it may be used for; null: from before what the source says.';
COMMENT ON COLUMN casework.code.valid_to IS 'Last day it may be used for; null: in use.';
COMMENT ON COLUMN casework.code.details IS 'What the list says of each of its codes besides, by name.';
COMMENT ON COLUMN casework.code.position IS 'Order within the list, as the source has it.';
COMMENT ON COLUMN casework.code.source IS 'Where the row came from: a row of the list source, or in words.';
COMMENT ON COLUMN casework.code.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN casework.code.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.code.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER code_refuse_change BEFORE DELETE OR TRUNCATE ON casework.code
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_code()');
COMMENT ON TRIGGER code_refuse_change ON casework.code IS 'Codes are added to, never removed.';
CREATE TRIGGER code_refuse_update BEFORE UPDATE ON casework.code
    FOR EACH ROW WHEN (OLD.shipped AND OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION care_internal.refuse_change('casework.record_code()');
COMMENT ON TRIGGER code_refuse_update ON casework.code IS 'Rows that came with the product are never changed.';
SELECT care_internal.keep_reference('casework.code', '{list,code}');
-- Its rows are put right in place: a publication of those WHERE (NOT shipped) must know which they are.
CREATE UNIQUE INDEX code_published ON casework.code (list, code, shipped);
COMMENT ON INDEX casework.code_published IS 'Replica identity, with what a publication leaves out.';
ALTER TABLE casework.code REPLICA IDENTITY USING INDEX code_published;

CREATE TABLE casework.local_code (
    authority text NOT NULL
        CONSTRAINT local_code_authority_fkey REFERENCES care.local_authority,
    list text NOT NULL,
    code text NOT NULL
        CONSTRAINT local_code_is_given CHECK (code <> ''),
    valid_from date NOT NULL DEFAULT '0001-01-01'
        CONSTRAINT local_code_finite_from CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    valid_to date
        CONSTRAINT local_code_finite_to CHECK (valid_to BETWEEN '0001-01-01' AND '9999-12-31'),
    parent text NOT NULL,
    label text NOT NULL
        CONSTRAINT local_code_has_label CHECK (label <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT local_code_pkey PRIMARY KEY (authority, list, code, recorded_at),
    CONSTRAINT local_code_parent_fkey FOREIGN KEY (list, parent) REFERENCES casework.code (list, code)
);
COMMENT ON TABLE casework.local_code IS
    'An authority''s own finer codes, each beneath a national one; of two rows of a code, the one recorded last holds.';
COMMENT ON COLUMN casework.local_code.authority IS 'The authority.';
COMMENT ON COLUMN casework.local_code.list IS 'The national list it belongs to.';
COMMENT ON COLUMN casework.local_code.code IS 'The code.';
COMMENT ON COLUMN casework.local_code.valid_from IS 'First day it may be used for; 0001-01-01: always.';
COMMENT ON COLUMN casework.local_code.valid_to IS
    'Last day it may be used for; null: in use; before valid_from: never.';
COMMENT ON COLUMN casework.local_code.parent IS 'The national code it counts as.';
COMMENT ON COLUMN casework.local_code.label IS 'What it stands for.';
COMMENT ON COLUMN casework.local_code.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.local_code.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER local_code_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.local_code
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_local_code()');
COMMENT ON TRIGGER local_code_refuse_change ON casework.local_code IS 'Codes are added to, never changed.';
SELECT care_internal.keep_reference('casework.local_code', one_of => '{authority,list,code}');

CREATE VIEW casework.local_code_in_force AS
    SELECT l.authority, l.list, l.code, l.valid_from, l.valid_to, l.parent, l.label, l.recorded_at, l.recorded_by
    FROM casework.local_code_known_at('infinity'::timestamptz) AS l;
COMMENT ON VIEW casework.local_code_in_force IS 'The local codes as they stand now.';
SELECT care_internal.comment_columns('casework.local_code_in_force', 'casework.local_code');

-- Only in the script: the rows of a list, each its code, its label and what else is named.
CREATE FUNCTION casework_internal.ship_codes(list text, source text, rows text[], named text[] DEFAULT '{}',
                                             valid_from date DEFAULT NULL)
    RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO casework.code (list, code, label, valid_from, details, position, source, shipped, recorded_at,
                               recorded_by)
    SELECT ship_codes.list, rows[n][1], rows[n][2], ship_codes.valid_from,
           coalesce((SELECT jsonb_object_agg(u.name, rows[n][u.place + 2])
                     FROM unnest(named) WITH ORDINALITY AS u (name, place) WHERE rows[n][u.place + 2] <> ''), '{}'),
           n + (SELECT count(*) FROM casework.code AS c WHERE c.list = ship_codes.list), ship_codes.source, true,
           '2026-11-26 00:00:00+00', 'care_casework'
    FROM generate_subscripts(rows, 1) AS n;
END;
COMMENT ON FUNCTION casework_internal.ship_codes(text, text, text[], text[], date) IS
    'Part of installation: the rows of a list that comes with the product.';

-- What may be said of a day: a code of the list that is in use then.
CREATE FUNCTION casework_internal.require_code(label text, name text, list text, value text, on_day date,
                                               nullable boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known casework.code;
BEGIN
    IF value IS NULL AND nullable THEN
        RETURN;
    END IF;
    PERFORM care_internal.require_text(label, name, value);
    SELECT c.* INTO known FROM casework.code AS c WHERE c.list = require_code.list AND c.code = value AND value <> '*';
    IF NOT FOUND OR on_day < known.valid_from OR on_day > known.valid_to THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'code_known', SCHEMA = 'casework', TABLE = 'code',
            COLUMN = name,
            MESSAGE = format('%s: %s: %L is no code of list %s%s', label, name, value, list,
                             CASE WHEN known.code IS NOT NULL
                                  THEN ' on ' || care_internal.day_text(on_day) ELSE '' END),
            HINT = format('casework.code lists them: SELECT code, label FROM casework.code WHERE list = %L.', list);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_code(text, text, text, text, date, boolean) IS
    'Refuses what is no code of a list on a day: 22004 null (where it may not be), 22023 unknown or out of use, saying '
    'whose it is.';

-- A local code may stand beside its national one, and beside no other.
CREATE FUNCTION casework_internal.require_local_code(label text, authority text, list text, parent text, value text,
                                                     on_day date)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NOT NULL
       AND NOT EXISTS (SELECT FROM casework.local_code_in_force AS l
                       WHERE l.authority = require_local_code.authority AND l.list = require_local_code.list
                         AND l.code = value AND l.parent = require_local_code.parent
                         AND on_day >= l.valid_from AND (l.valid_to IS NULL OR on_day <= l.valid_to)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'local_code_known', SCHEMA = 'casework',
            TABLE = 'local_code', COLUMN = 'code',
            MESSAGE = format('%s: %L is no code of %s beneath %L of list %s on %s', label, value, authority, parent,
                             list, care_internal.day_text(on_day)),
            HINT = 'casework.local_code_in_force lists them; casework.record_local_code() adds one.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_local_code(text, text, text, text, text, date) IS
    'Refuses (22023) a local code that an authority has not recorded beneath the national one for a day; null: none is '
    'given.';

CREATE FUNCTION casework.record_code(list text, code text, label text, source text, valid_from date DEFAULT NULL,
                                     valid_to date DEFAULT NULL, details jsonb DEFAULT '{}')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text := format('code %s of list %s', coalesce(code, 'null'), coalesce(list, 'null'));
BEGIN
    PERFORM care_internal.require_text(whose, 'list', list), care_internal.require_text(whose, 'code', code),
            care_internal.require_text(whose, 'label', label), care_internal.require_text(whose, 'source', source),
            care_internal.require_day(whose, 'valid_from', valid_from, nullable => true),
            care_internal.require_day(whose, 'valid_to', valid_to, nullable => true);
    IF NOT EXISTS (SELECT FROM casework.code AS c WHERE c.list = record_code.list AND c.shipped) OR code = '*' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'code_list_exists', SCHEMA = 'casework', TABLE = 'code',
            COLUMN = 'list', MESSAGE = format('%s: there is no such list or code', whose),
            HINT = 'casework.code shows the lists.';
    ELSIF valid_from > valid_to THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'code_valid_period',
            MESSAGE = format('%s cannot end on %s, before it begins on %s', whose, care_internal.day_text(valid_to),
                             care_internal.day_text(valid_from));
    ELSIF jsonb_typeof(details) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'code_details_object', COLUMN = 'details',
            MESSAGE = format('%s: details must be one JSON object', whose);
    END IF;
    INSERT INTO casework.code AS c (list, code, label, valid_from, valid_to, details, source)
    VALUES (record_code.list, record_code.code, record_code.label, record_code.valid_from, record_code.valid_to,
            coalesce(record_code.details, '{}'), record_code.source)
    ON CONFLICT ON CONSTRAINT code_pkey DO UPDATE
        SET (label, valid_from, valid_to, details, source, recorded_by)
            = ROW (EXCLUDED.label, EXCLUDED.valid_from, EXCLUDED.valid_to, EXCLUDED.details, EXCLUDED.source,
                   EXCLUDED.recorded_by)
        WHERE NOT c.shipped;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'code_pkey',
            MESSAGE = format('%s came with the product', whose);
    END IF;
END
$$;
COMMENT ON FUNCTION casework.record_code(text, text, text, text, date, date, jsonb) IS
    'Adds a code to a national list, or puts one that was added right. P0002 if there is no such list, 23505 for a '
    'code that came with the product.';

CREATE FUNCTION casework.record_local_code(authority text, list text, code text, parent text, label text,
                                           valid_from date DEFAULT '0001-01-01', valid_to date DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    whose text := format('local code %s of %s', coalesce(code, 'null'), coalesce(authority, 'null'));
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority);
    PERFORM care_internal.require_text(whose, 'code', code), care_internal.require_text(whose, 'label', label),
            care_internal.require_day(whose, 'valid_from', valid_from),
            care_internal.require_day(whose, 'valid_to', valid_to, nullable => true),
            casework_internal.require_code(whose, 'parent', list, parent, NULL);
    INSERT INTO casework.local_code (authority, list, code, valid_from, valid_to, parent, label)
    VALUES (record_local_code.authority, record_local_code.list, record_local_code.code, record_local_code.valid_from,
            record_local_code.valid_to, record_local_code.parent, record_local_code.label);
END
$$;
COMMENT ON FUNCTION casework.record_local_code(text, text, text, text, text, date, date) IS
    'Records an authority''s own code beneath a national one, from and to which day it may be used; recorded again, it '
    'is put right or ended. 22004 or 22023 where there is no such national code.';
