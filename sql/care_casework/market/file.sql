--
-- file: a published file, line by line, becomes rows: the heading is found, not counted, and columns are known by name.
--
-- The file is copied in whole lines, whatever they hold:
--     COPY casework.directory_line (line) FROM STDIN WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
-- COPY itself refuses bytes that are no text in the encoding (ENCODING '...'), naming the line.
--
-- Must not know: what is done with the rows.
--

CREATE UNLOGGED TABLE casework.directory_line (
    n bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT directory_line_pkey PRIMARY KEY,
    line text,
    session integer NOT NULL DEFAULT pg_backend_pid()
);
COMMENT ON TABLE casework.directory_line IS
    'Where the lines of a file are copied to; casework.import_directory() takes those of its own session and leaves '
    'none.';
COMMENT ON COLUMN casework.directory_line.n IS 'Order.';
COMMENT ON COLUMN casework.directory_line.line IS 'The line, as it is in the file.';
COMMENT ON COLUMN casework.directory_line.session IS 'The session that copied it.';

-- A quoted field may hold commas, doubled quotes and ends of line.  Commas outside quotes become the character 1f
-- (hexadecimal), doubled quotes 02, of which a field that holds nothing else has one too many: its own quotes.  The
-- record is handled whole, and its fields only cut at the end.  In PL/pgSQL, as it is called for every record: no
-- query is begun for it.
CREATE FUNCTION casework_internal.quoted_fields(line text) RETURNS text[]
    LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parts text[] := string_to_array(replace(line, '""', E'\x02'), '"');
    record text;
BEGIN
    FOR n IN 1 .. cardinality(parts) BY 2 LOOP
        parts[n] := replace(parts[n], ',', E'\x1f');
    END LOOP;
    record := array_to_string(parts, '');
    IF strpos(record, E'\x02') > 0 THEN
        record := replace(regexp_replace(record, E'(^|\x1f)\x02(\x02*)(?=\x1f|$)', E'\\1\\2', 'g'), E'\x02', '"');
    END IF;
    RETURN string_to_array(record, E'\x1f');
END
$$;
COMMENT ON FUNCTION casework_internal.quoted_fields(text) IS
    'The fields of a record of comma-separated values with quotes in it.';

-- A record is a line, or several where a quoted field holds ends of line; line is that of its beginning.
CREATE FUNCTION casework_internal.file_records(first_lines integer DEFAULT NULL)
    RETURNS TABLE (line bigint, fields text[])
    LANGUAGE sql ROWS 60000
BEGIN ATOMIC
    WITH numbered AS (
        SELECT row_number() OVER (ORDER BY l.n) AS line, rtrim(coalesce(l.line, ''), E'\r') AS text,
               sum(length(l.line) - length(replace(l.line, '"', ''))) OVER (ORDER BY l.n) AS quotes,
               (length(l.line) - length(replace(l.line, '"', ''))) % 2 AS odd
        FROM casework.directory_line AS l
        WHERE l.session = pg_backend_pid()
          AND (first_lines IS NULL
               OR l.n < first_lines + (SELECT min(x.n) FROM casework.directory_line AS x
                                       WHERE x.session = pg_backend_pid()))
    ), begun AS (
        SELECT d.line, d.text,
               count(*) FILTER (WHERE coalesce((d.quotes - d.odd) % 2, 0) = 0) OVER (ORDER BY d.line) AS record
        FROM numbered AS d
    )
    SELECT r.line, CASE WHEN strpos(r.text, '"') = 0 THEN string_to_array(r.text, ',')
                        ELSE casework_internal.quoted_fields(r.text) END
    FROM (SELECT min(b.line) AS line, string_agg(b.text, E'\n' ORDER BY b.line) AS text
          FROM begun AS b GROUP BY b.record) AS r;
END;
COMMENT ON FUNCTION casework_internal.file_records(integer) IS
    'The records of the lines that this session copied in, or of the first of them, each with the line it begins on.';

-- What is read of each kind of file, in the order of casework_internal.directory_row; nothing else is.
CREATE FUNCTION casework_internal.directory_column(kind text)
    RETURNS TABLE (n integer, field text, heading text) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 25
BEGIN ATOMIC
    SELECT v.n, v.field, CASE directory_column.kind WHEN 'directory' THEN v.directory ELSE v.active END
    FROM (VALUES
        (1, 'cqc_location_id', 'CQC Location ID (for office use only)', 'Location ID'),
        (2, 'cqc_provider_id', 'CQC Provider ID (for office use only)', 'Provider ID'),
        (3, 'name', 'Name', 'Location Name'), (4, 'also_known_as', 'Also known as', NULL),
        (5, 'address', 'Address', 'Location Street Address'), (6, 'address_2', NULL, 'Location Address Line 2'),
        (7, 'city', NULL, 'Location City'), (8, 'county', NULL, 'Location County'),
        (9, 'postcode', 'Postcode', 'Location Postal Code'),
        (10, 'local_authority', 'Local authority', 'Location Local Authority'), (11, 'region', 'Region',
            'Location Region'),
        (12, 'uprn', NULL, 'Location UPRN ID'), (13, 'ods_code', NULL, 'Location ODS Code'),
        (14, 'care_home', NULL, 'Care home?'), (15, 'beds', NULL, 'Care homes beds'),
        (16, 'dormant', NULL, 'Dormant (Y/N)'), (17, 'overall_rating', NULL, 'Location Latest Overall Rating'),
        (18, 'rating_published_on', NULL, 'Publication Date'),
        (19, 'registered_from', NULL, 'Location HSCA start date'),
        (20, 'dual_primary_id', NULL, 'Primary ID (Dual registration locations)'),
        (21, 'provider_name', 'Provider name', 'Provider Name'),
        (22, 'ownership', NULL, 'Provider Ownership Type'), (23, 'brand_id', NULL, 'Brand ID'),
        (24, 'brand_name', NULL, 'Brand Name'),
        (25, 'companies_house_number', NULL, 'Provider Companies House Number'),
        (26, 'service_types', 'Service types', NULL), (27, 'specialisms', 'Specialisms/services', NULL))
        AS v (n, field, directory, active);
END;
COMMENT ON FUNCTION casework_internal.directory_column(text) IS
    'The columns that are read of a kind of file, by their headings; null: that kind has none.';

-- A byte order mark is three bytes, whatever the encoding of the database makes of them.
CREATE FUNCTION casework_internal.without_mark(field text) RETURNS text LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN substr(convert_to(field, getdatabaseencoding()), 1, 3) = E'\\xefbbbf'
                THEN convert_from(substr(convert_to(field, getdatabaseencoding()), 4), getdatabaseencoding())
                ELSE field END;
COMMENT ON FUNCTION casework_internal.without_mark(text) IS 'The first field of a file without its byte order mark.';

-- A file says what it is by its heading, in whichever order and case its columns are.
CREATE FUNCTION casework_internal.find_heading(OUT kind text, OUT line bigint, OUT headings text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT r.line, h.headings, h.found INTO line, headings, kind
    FROM casework_internal.file_records(50) AS r
        CROSS JOIN LATERAL (
            SELECT array_agg(x.heading ORDER BY x.n),
                   CASE WHEN bool_or(x.heading = 'cqc location id (for office use only)') THEN 'directory'
                        WHEN bool_or(x.heading = 'location id') THEN 'active_locations' END
            FROM (SELECT lower(btrim(casework_internal.without_mark(f.field), E' \t\r\n')), f.n
                  FROM unnest(r.fields) WITH ORDINALITY AS f (field, n)) AS x (heading, n)) AS h (headings, found)
    WHERE h.found IS NOT NULL ORDER BY r.line LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'directory_has_heading',
            MESSAGE = 'the first 50 lines hold no heading of a directory or of active locations',
            DETAIL = 'A heading has a column CQC Location ID (for office use only), or Location ID.',
            HINT = 'Copy the lines of the file into casework.directory_line in this session first.';
    END IF;
    SELECT c.heading, count(x.heading) AS times INTO wrong
    FROM casework_internal.directory_column(kind) AS c LEFT JOIN unnest(headings) AS x (heading)
        ON x.heading = lower(c.heading)
    WHERE c.heading IS NOT NULL GROUP BY c.n, c.heading HAVING count(x.heading) <> 1 ORDER BY c.n LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'directory_heading_whole', COLUMN = wrong.heading,
            MESSAGE = format('line %s: heading %s is %s', line, wrong.heading,
                             CASE wrong.times WHEN 0 THEN 'missing' ELSE 'there more than once' END);
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.find_heading() IS
    'What kind of file the copied lines are, and on which line its heading is; 22023 where there is none, or a column '
    'that is read is missing or there twice.';
