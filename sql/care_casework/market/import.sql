--
-- import: a file is checked whole, compared with the one before it of its kind, and what differs is added, in one pass.
--
-- A file that changes too much is refused: it may be half a file, or another one.
--
-- Must not know: who is where.
--

INSERT INTO casework.parameter (name, valid_from, value, status, meaning, source, shipped, recorded_at, recorded_by)
SELECT v.name, '0001-01-01', v.value, 'seen in a loader; no rule was found', v.meaning, 'CQC-ODS', true,
       '2026-11-26 00:00:00+00', 'care_casework'
FROM (VALUES ('directory_change_percent', '2',
              'per cent by which a file may have fewer or more locations than the one before it'),
             ('directory_new_rows', '1000', 'locations that may be new, or gone, in one file'))
    AS v (name, value, meaning);

CREATE UNLOGGED TABLE casework_internal.directory_row (
    session integer NOT NULL,
    line bigint NOT NULL,
    width integer NOT NULL,
    v text[] NOT NULL,
    service_types text[],
    regulated_activities text[],
    service_user_bands text[],
    CONSTRAINT directory_row_pkey PRIMARY KEY (session, line)
);
COMMENT ON TABLE casework_internal.directory_row IS 'Part of an import: the rows of a file before they are checked.';
COMMENT ON COLUMN casework_internal.directory_row.session IS 'The session.';
COMMENT ON COLUMN casework_internal.directory_row.line IS 'The line of the file.';
COMMENT ON COLUMN casework_internal.directory_row.width IS 'How many fields it has.';
COMMENT ON COLUMN casework_internal.directory_row.v IS
    'The fields that are read, as casework_internal.directory_column() numbers them; null: blank.';
COMMENT ON COLUMN casework_internal.directory_row.service_types IS 'Codes of the columns that say Y.';
COMMENT ON COLUMN casework_internal.directory_row.regulated_activities IS 'Codes of the columns that say Y.';
COMMENT ON COLUMN casework_internal.directory_row.service_user_bands IS 'Codes of the columns that say Y.';

-- A day as files write it, 2026-07-24 or 24/07/2026; null: none.  Not strict, so that it is written into its callers.
CREATE FUNCTION casework_internal.file_day(value text) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN value ~ '^[1-9][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                THEN CASE WHEN right(value, 2)::integer <= date_part('day', make_date(left(value, 4)::integer,
                                  substr(value, 6, 2)::integer, 1) + interval '1 month' - interval '1 day')
                          THEN make_date(left(value, 4)::integer, substr(value, 6, 2)::integer,
                                         right(value, 2)::integer) END
                WHEN value ~ '^(0[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2])/[1-9][0-9]{3}$'
                THEN CASE WHEN left(value, 2)::integer <= date_part('day', make_date(right(value, 4)::integer,
                                  substr(value, 4, 2)::integer, 1) + interval '1 month' - interval '1 day')
                          THEN make_date(right(value, 4)::integer, substr(value, 4, 2)::integer,
                                         left(value, 2)::integer) END END;
COMMENT ON FUNCTION casework_internal.file_day(text) IS
    'A day of a published file, YYYY-MM-DD or DD/MM/YYYY; null for what is no day.';

-- In PL/pgSQL an array is taken to pieces once, and not for each of its fields.
CREATE FUNCTION casework_internal.picked_fields(fields text[], places integer[]) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    picked text[] := '{}'::text[];
    place integer;
BEGIN
    FOREACH place IN ARRAY places LOOP
        picked := picked || nullif(btrim(fields[place]), '');
    END LOOP;
    RETURN picked;
END
$$;
COMMENT ON FUNCTION casework_internal.picked_fields(text[], integer[]) IS
    'The fields at some places of a record, without blanks around them; null: blank, or place 0.';

CREATE FUNCTION casework_internal.marked_codes(places integer[], codes text[]) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    marked text[] := '{}'::text[];
    place integer;
BEGIN
    FOREACH place IN ARRAY places LOOP
        IF codes[place] IS NOT NULL THEN
            marked := marked || codes[place];
        END IF;
    END LOOP;
    RETURN marked;
END
$$;
COMMENT ON FUNCTION casework_internal.marked_codes(integer[], text[]) IS
    'The codes at some places; a place with none is passed over.';

CREATE FUNCTION casework_internal.heading_codes(headings text[], prefix text, list text) RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(c.code ORDER BY h.n)
    FROM unnest(headings) WITH ORDINALITY AS h (heading, n)
        LEFT JOIN casework.code AS c ON c.list = heading_codes.list AND lower(prefix || ' - ' || c.label) = h.heading;
END;
COMMENT ON FUNCTION casework_internal.heading_codes(text[], text, text) IS
    'Part of an import: the code of a list that each column stands for; null: none of the list.';

CREATE FUNCTION casework_internal.stage_directory(kind text, heading_line bigint, headings text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    places integer[] := ARRAY(SELECT coalesce(array_position(headings, lower(c.heading)), 0)
                              FROM casework_internal.directory_column(kind) AS c ORDER BY c.n);
    services text[] := casework_internal.heading_codes(headings, 'Service type', 'cqc_service_type');
    activities text[] := casework_internal.heading_codes(headings, 'Regulated activity', 'cqc_regulated_activity');
    bands text[] := casework_internal.heading_codes(headings, 'Service user band', 'cqc_service_user_band');
BEGIN
    INSERT INTO casework_internal.directory_row (session, line, width, v, service_types, regulated_activities,
                                                 service_user_bands)
    SELECT pg_backend_pid(), r.line, cardinality(r.fields), casework_internal.picked_fields(r.fields, places),
           casework_internal.marked_codes(r.marks, services), casework_internal.marked_codes(r.marks, activities),
           casework_internal.marked_codes(r.marks, bands)
    -- OFFSET: worked out once for each record
    FROM (SELECT x.line, x.fields, array_positions(array_replace(x.fields, 'y', 'Y'), 'Y') AS marks
          FROM casework_internal.file_records() AS x WHERE x.line > heading_line OFFSET 0) AS r
    WHERE array_to_string(r.fields, '') <> '';
    ANALYZE casework_internal.directory_row;
END
$$;
COMMENT ON FUNCTION casework_internal.stage_directory(text, bigint, text[]) IS
    'Part of an import: the fields that are read of each row of the copied file.';

-- The first thing that is wrong, by line and column, and how many there are.
CREATE FUNCTION casework_internal.require_directory_rows(headings text[], kind text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pattern text := casework_internal.parameter_value('cqc_id_pattern', NULL, care.today());
    columns integer := cardinality(headings);
    wrong record;
BEGIN
    -- most files have no fault: one look at each row
    IF NOT EXISTS (SELECT FROM casework_internal.directory_row AS r
                   WHERE r.session = pg_backend_pid()
                     AND (r.width <> columns OR (r.v[1] ~ pattern AND r.v[2] ~ pattern) IS NOT TRUE
                          OR r.v[14] NOT IN ('Y', 'N') OR r.v[16] NOT IN ('Y', 'N')
                          OR r.v[15] !~ '^[0-9]{1,5}([.]0+)?$'
                          OR r.v[18] IS NOT NULL AND casework_internal.file_day(r.v[18]) IS NULL
                          OR r.v[19] IS NOT NULL AND casework_internal.file_day(r.v[19]) IS NULL))
       AND NOT EXISTS (SELECT FROM casework_internal.directory_row AS r
                       WHERE r.session = pg_backend_pid() GROUP BY r.v[1] HAVING count(*) > 1) THEN
        RETURN;
    END IF;
    SELECT x.line, x.name, x.heading, x.value, x.why, count(*) OVER () AS others INTO wrong
    FROM (SELECT r.line, c.name, h.heading, c.value, c.why
          FROM casework_internal.directory_row AS r
              CROSS JOIN LATERAL (VALUES
                  ('directory_row_width', NULL, r.width::text, r.width <> cardinality(headings),
                   'fields, and the heading has ' || cardinality(headings)),
                  ('directory_id_form', 1, r.v[1], (r.v[1] ~ pattern) IS NOT TRUE, 'is no id'),
                  ('directory_id_form', 2, r.v[2], (r.v[2] ~ pattern) IS NOT TRUE, 'is no id'),
                  ('directory_flag_form', 14, r.v[14], upper(r.v[14]) NOT IN ('Y', 'N'), 'is neither Y nor N'),
                  ('directory_number_form', 15, r.v[15], r.v[15] !~ '^[0-9]{1,5}([.]0+)?$', 'is no number of beds'),
                  ('directory_flag_form', 16, r.v[16], upper(r.v[16]) NOT IN ('Y', 'N'), 'is neither Y nor N'),
                  ('directory_day_form', 18, r.v[18], casework_internal.file_day(r.v[18]) IS NULL AND r.v[18]
                      IS NOT NULL,
                   'is no day'),
                  ('directory_day_form', 19, r.v[19], casework_internal.file_day(r.v[19]) IS NULL AND r.v[19]
                      IS NOT NULL,
                   'is no day'))
                  AS c (name, n, value, is_wrong, why)
              LEFT JOIN casework_internal.directory_column(require_directory_rows.kind) AS h ON h.n = c.n
          WHERE r.session = pg_backend_pid() AND c.is_wrong AND (c.n IS NULL OR r.width = cardinality(headings))
            AND (c.n IS NULL OR h.heading IS NOT NULL)
          UNION ALL
          SELECT max(r.line), 'directory_id_once', min(h.heading), r.v[1], 'is there already, on line ' || min(r.line)
          FROM casework_internal.directory_row AS r
              JOIN casework_internal.directory_column(require_directory_rows.kind) AS h ON h.n = 1
          WHERE r.session = pg_backend_pid() GROUP BY r.v[1] HAVING count(*) > 1) AS x
    ORDER BY x.line, x.heading LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = wrong.name, COLUMN = coalesce(wrong.heading, ''),
            MESSAGE = format('line %s%s: %s %s', wrong.line, ', column ' || wrong.heading,
                             CASE WHEN wrong.heading IS NULL THEN wrong.value ELSE quote_nullable(wrong.value) END,
                             wrong.why),
            DETAIL = format('Faults in the file: %s.', wrong.others),
            HINT = 'Nothing of the file was taken.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_directory_rows(text[], text) IS
    'Refuses (22023) a file with a row of another width, a field of another form or an id twice, naming line and '
    'column.';

-- What the rows of the copied file say, as facts are kept.  A provider who is a person has no name here.
CREATE FUNCTION casework_internal.directory_rows_read(kind text) RETURNS SETOF casework.location_fact
    LANGUAGE sql ROWS 60000
BEGIN ATOMIC
    SELECT directory_rows_read.kind, r.v[1], 0::bigint, care.today(), false, r.v[2], r.v[3], r.v[4],
           nullif(concat_ws(', ', r.v[5], r.v[6], r.v[7], r.v[8]), ''), r.v[9], r.v[10], r.v[11], r.v[12], r.v[13],
           upper(r.v[14]) = 'Y', split_part(r.v[15], '.', 1)::integer, upper(r.v[16]) = 'Y', r.v[17],
           casework_internal.file_day(r.v[18]), casework_internal.file_day(r.v[19]), r.v[20],
           CASE WHEN r.v[22] ~* '^individual' OR r.v[21] ~* '^(mr|mrs|ms|miss|mx|dr|sir|dame|lady|rev|reverend)[. ]'
                THEN NULL ELSE r.v[21] END,
           r.v[22], nullif(r.v[23], '-'), nullif(r.v[24], '-'), r.v[25],
           CASE directory_rows_read.kind
                WHEN 'directory' THEN regexp_split_to_array(r.v[26], '[[:space:]]*[|;][[:space:]]*')
                ELSE r.service_types END,
           r.regulated_activities, r.service_user_bands, regexp_split_to_array(r.v[27], '[[:space:]]*[|;][[:space:]]*'),
           now(), ''::text
    FROM casework_internal.directory_row AS r WHERE r.session = pg_backend_pid();
END;
COMMENT ON FUNCTION casework_internal.directory_rows_read(text) IS
    'Part of an import: the rows of the copied file as facts, without their import.';

-- A fact but for the file it came from.
CREATE FUNCTION casework_internal.location_content(f casework.location_fact) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN sha256(care_internal.canonical(ROW((f).cqc_provider_id, (f).name, (f).also_known_as, (f).address,
        (f).postcode, (f).local_authority, (f).region, (f).uprn, (f).ods_code, (f).care_home, (f).beds, (f).dormant,
        (f).overall_rating, (f).rating_published_on, (f).registered_from, (f).dual_primary_id, (f).provider_name,
        (f).ownership, (f).brand_id, (f).brand_name, (f).companies_house_number, (f).service_types,
        (f).regulated_activities, (f).service_user_bands, (f).specialisms)));
COMMENT ON FUNCTION casework_internal.location_content(casework.location_fact) IS
    'Digest of what a fact says of a location.';

-- What differs from the last file of the kind.
CREATE FUNCTION casework_internal.directory_difference(kind text)
    RETURNS TABLE (change text, fact casework.location_fact) LANGUAGE sql ROWS 60000
BEGIN ATOMIC
    WITH known AS (
        SELECT DISTINCT ON (f.cqc_location_id) f.* FROM casework.location_fact AS f
        WHERE f.kind = directory_difference.kind ORDER BY f.cqc_location_id, f.import_id DESC
    ), given AS MATERIALIZED (
        SELECT r.* FROM casework_internal.directory_rows_read(directory_difference.kind) AS r
    )
    SELECT CASE WHEN k.cqc_location_id IS NULL THEN 'new' WHEN g.cqc_location_id IS NULL THEN 'gone'
                WHEN k.is_gone THEN 'back' ELSE 'changed' END,
           CASE WHEN g.cqc_location_id IS NULL THEN k::casework.location_fact ELSE g::casework.location_fact END
    FROM given AS g FULL JOIN known AS k ON k.cqc_location_id = g.cqc_location_id
    WHERE (g.cqc_location_id IS NOT NULL OR NOT k.is_gone)
      AND (k.cqc_location_id IS NULL OR g.cqc_location_id IS NULL OR k.is_gone
           OR casework_internal.location_content(g::casework.location_fact)
              <> casework_internal.location_content(k::casework.location_fact));
END;
COMMENT ON FUNCTION casework_internal.directory_difference(text) IS
    'Part of an import: what the copied file changes: new, changed, gone or back, each with its fact.';

CREATE UNLOGGED TABLE casework_internal.directory_change (
    session integer NOT NULL DEFAULT pg_backend_pid(),
    n bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    change text NOT NULL,
    fact casework.location_fact NOT NULL,
    CONSTRAINT directory_change_pkey PRIMARY KEY (session, n)
);
COMMENT ON TABLE casework_internal.directory_change IS
    'Part of an import: what a file changes, before it is added to casework.location_fact.';
COMMENT ON COLUMN casework_internal.directory_change.session IS 'The session.';
COMMENT ON COLUMN casework_internal.directory_change.n IS 'Order.';
COMMENT ON COLUMN casework_internal.directory_change.change IS 'new, changed, gone or back.';
COMMENT ON COLUMN casework_internal.directory_change.fact IS
    'What the file says, or of what is gone, the last one did.';

CREATE FUNCTION casework_internal.stage_difference(kind text) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO casework_internal.directory_change (change, fact)
    SELECT d.change, d.fact FROM casework_internal.directory_difference(stage_difference.kind) AS d;
END;
COMMENT ON FUNCTION casework_internal.stage_difference(text) IS
    'Part of an import: puts what the copied file changes into casework_internal.directory_change.';
