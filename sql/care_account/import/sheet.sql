--
-- sheet: the lines of a file become the rows of a sheet: the heading is found, not counted, and the council's own
-- columns are known by what a mapping calls them.
--
-- The file is copied in whole lines, whatever they hold:
--     COPY care.import_line (line) FROM 'ledger.csv' WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')
-- COPY itself refuses bytes that are no text in the encoding (ENCODING '...'), naming the line.
--
-- Must not know: records, what a cell says.
--

-- A quoted field may hold commas, doubled quotes and ends of line.  Commas outside quotes become the byte 1F, doubled
-- quotes the byte 02.
CREATE FUNCTION care_internal.import_quoted(line text) RETURNS text[]
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (SELECT array_agg(CASE WHEN f.field ~ E'^\x02+$' THEN repeat('"', length(f.field) - 1)
                                  ELSE replace(f.field, E'\x02', '"') END ORDER BY f.n)
            FROM unnest(string_to_array(
                     (SELECT string_agg(CASE WHEN p.n % 2 = 1 THEN replace(p.part, ',', E'\x1f') ELSE p.part END, ''
                                        ORDER BY p.n)
                      FROM unnest(string_to_array(replace(line, '""', E'\x02'), '"'))
                          WITH ORDINALITY AS p (part, n)), E'\x1f')) WITH ORDINALITY AS f (field, n));
COMMENT ON FUNCTION care_internal.import_quoted(text) IS 'The fields of a line of CSV with quotes in it.';

-- A record is a line, or several where a quoted field holds ends of line; line is that of its beginning.
CREATE FUNCTION care_internal.import_records(most_lines bigint DEFAULT NULL)
    RETURNS TABLE (line bigint, fields text[])
    LANGUAGE sql VOLATILE ROWS 10000
BEGIN ATOMIC
    WITH own AS (
        SELECT l.n, rtrim(coalesce(l.line, ''), E'\r') AS text
        FROM care.import_line AS l
        WHERE l.session = pg_backend_pid()
        ORDER BY l.n LIMIT most_lines
    ), numbered AS (
        SELECT row_number() OVER (ORDER BY o.n) AS line, o.text,
               length(o.text) - length(replace(o.text, '"', '')) AS quotes
        FROM own AS o
    ), begun AS (
        SELECT b.line, b.text, count(*) FILTER (WHERE b.before % 2 = 0) OVER (ORDER BY b.line) AS record
        FROM (SELECT d.line, d.text,
                     sum(d.quotes) OVER (ORDER BY d.line) - d.quotes AS before FROM numbered AS d) AS b
    )
    SELECT r.line, CASE WHEN strpos(r.text, '"') = 0 THEN string_to_array(r.text, ',')
                        ELSE care_internal.import_quoted(r.text) END
    FROM (SELECT min(b.line) AS line, string_agg(b.text, E'\n' ORDER BY b.line) AS text
          FROM begun AS b GROUP BY b.record) AS r
    ORDER BY r.line;
END;
COMMENT ON FUNCTION care_internal.import_records(bigint) IS
    'The records of the lines that this session copied in, or of the first of them, each with the line it begins on.';

-- What a mapping says is a text for each field: a column, or a value for every row, after an equals sign.
CREATE FUNCTION care_internal.require_mapping(label text, sheet text, columns jsonb, words jsonb) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong text;
BEGIN
    IF jsonb_typeof(columns) IS DISTINCT FROM 'object' OR jsonb_typeof(words) IS DISTINCT FROM 'object'
       OR EXISTS (SELECT FROM jsonb_each(columns || words) AS c WHERE jsonb_typeof(c.value) <> 'string') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_mapping_form', COLUMN = 'columns',
            MESSAGE = format('%s: columns and words must be objects of texts', label),
            HINT = 'As in columns => ''{"agreement": "DPA ref"}'' and words => ''{"Fees": "care_fees"}''.';
    END IF;
    SELECT c.key INTO wrong FROM jsonb_each_text(columns) AS c
    WHERE c.key NOT IN (SELECT f.field FROM care_internal.import_field(sheet) AS f) ORDER BY c.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_field_known', COLUMN = 'columns',
            MESSAGE = format('%s: there is no field %L', label, wrong),
            HINT = format('There are %s.', (SELECT string_agg(f.field, ', ' ORDER BY f.n)
                                            FROM care_internal.import_field(sheet) AS f));
    END IF;
    SELECT f.field INTO wrong FROM care_internal.import_field(sheet) AS f
    WHERE f.required AND coalesce(columns ->> f.field, '') IN ('', '=') ORDER BY f.n LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_field_mapped', COLUMN = 'columns',
            MESSAGE = format('%s: columns does not say which is %s', label, wrong),
            HINT = 'Name its column, or after an equals sign a value for every row.';
    END IF;
    SELECT w.value INTO wrong FROM jsonb_each_text(words) AS w
    WHERE w.value NOT IN (SELECT u.word FROM care_internal.import_field(sheet) AS f, unnest(f.words) AS u (word))
    ORDER BY w.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_word_known', COLUMN = 'words',
            MESSAGE = format('%s: no field has the word %L', label, wrong);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_mapping(text, text, jsonb, jsonb) IS
    'Refuses (22023) a mapping that is none, one of a field or to a word that there is not, or without a field that '
    'must be there.';

-- The first of the first 50 records with all the columns that are named; else the one with most of them, to say what it
-- lacks.
CREATE FUNCTION care_internal.import_heading(label text, columns jsonb, OUT line bigint, OUT headings text[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wanted text[] := ARRAY(SELECT DISTINCT care_internal.import_folded(c.value) FROM jsonb_each_text(columns) AS c
                           WHERE c.value NOT LIKE '=%' AND c.value <> '');
    wrong text;
BEGIN
    SELECT r.line, h.headings INTO line, headings
    FROM care_internal.import_records(50) AS r
        CROSS JOIN LATERAL (SELECT array_agg(care_internal.import_folded(f.field) ORDER BY f.n) AS headings
                            FROM unnest(r.fields[1:1001]) WITH ORDINALITY AS f (field, n)) AS h
    ORDER BY (SELECT count(*) FROM unnest(wanted) AS w (heading) WHERE w.heading = ANY (h.headings)) DESC, r.line
    LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_file_empty',
            MESSAGE = format('%s: there is no line to take', label),
            HINT = 'Copy the lines of the file into care.import_line in this session first.';
    ELSIF cardinality(headings) > 1000 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'program_limit_exceeded', CONSTRAINT = 'import_columns_limit',
            MESSAGE = format('%s: line %s has more than 1000 columns', label, line);
    END IF;
    SELECT c.value INTO wrong FROM jsonb_each_text(columns) AS c
    WHERE care_internal.import_folded(c.value) = ANY (wanted)
      AND care_internal.import_folded(c.value) <> ALL (array_remove(headings, NULL)) ORDER BY c.key LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_column_exists', COLUMN = 'columns',
            MESSAGE = format('%s: there is no column %L', label, wrong),
            -- what may be no heading, but a row about a person, is not for the log
            DETAIL = CASE WHEN headings && wanted
                          THEN format('The heading, on line %s, is: %s.', line,
                                      left(array_to_string(headings, ', ', '(blank)'), 2000))
                          ELSE 'None of the first 50 lines has a column of the mapping.' END;
    END IF;
    SELECT w.heading INTO wrong FROM unnest(wanted) AS w (heading)
    WHERE cardinality(array_positions(headings, w.heading)) > 1 ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_column_once', COLUMN = 'columns',
            MESSAGE = format('%s: there are two columns %L', label, wrong),
            HINT = 'Call one of them otherwise in the file.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.import_heading(text, jsonb) IS
    'The heading of the lines that this session copied in, and where it is; 22023 where a column of the mapping is not '
    'in it, or twice, 54000 beyond 1,000 columns.';

-- What a field n of a row r says, as text of a query with the parameters $1 (dates) and $2 (words).
CREATE FUNCTION care_internal.import_says(n integer, reads text, words text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN format(CASE reads WHEN 'day' THEN 'to_char(care_internal.import_day(r.v[%1$s], $1), ''YYYY-MM-DD'')'
                             WHEN 'amount' THEN 'care_internal.import_amount(r.v[%1$s])::text'
                             WHEN 'share' THEN 'care_internal.import_share(r.v[%1$s])::text'
                             WHEN 'word' THEN 'care_internal.import_word(r.v[%1$s], %2$L, $2)'
                             ELSE 'r.v[%1$s]' END, n, words);
COMMENT ON FUNCTION care_internal.import_says(integer, text, text[]) IS
    'Part of a query that takes a sheet: what a field of a row r says, by what it reads.';

-- The places of the columns are written into the query, so that each cell is read once.
CREATE FUNCTION care_internal.import_take(batch_id bigint, sheet text, columns jsonb, dates text, words jsonb,
                                          heading_line bigint, headings text[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fields text;
    says text;
    taken int8;
BEGIN
    SELECT string_agg(CASE WHEN m.named LIKE '=%'
                           THEN quote_nullable(care_internal.import_trimmed(substr(m.named, 2)))
                           WHEN m.named <> ''
                           THEN format('care_internal.import_trimmed(x.fields[%s])',
                                       array_position(headings, care_internal.import_folded(m.named)))
                           ELSE 'NULL' END, ', ' ORDER BY f.n),
           string_agg(care_internal.import_says(f.n, f.reads, f.words), ', ' ORDER BY f.n)
    INTO fields, says
    FROM care_internal.import_field(sheet) AS f, LATERAL (SELECT columns ->> f.field) AS m (named);
    EXECUTE format('INSERT INTO care_internal.import_row (batch_id, sheet, line, record, fault, v, says)
                    SELECT $3, $4, r.line, r.v[1],
                           CASE WHEN r.whole ~* ''^(sub-?|grand )?totals?[[:>:]]'' THEN ''total''
                                WHEN r.beyond <> '''' THEN ''wide'' END, r.v, ARRAY[%2$s]::text[]
                    FROM (SELECT x.line, ARRAY[%1$s]::text[] AS v, ltrim(array_to_string(x.fields, '''')) AS whole,
                                 btrim(array_to_string(x.fields[$6 + 1:], '''')) AS beyond
                          FROM care_internal.import_records() AS x WHERE x.line > $5 OFFSET 0) AS r
                    WHERE r.whole <> ''''', fields, says)
    USING dates, words, batch_id, sheet, heading_line, cardinality(headings);
    GET DIAGNOSTICS taken = ROW_COUNT;
    RETURN taken;
END
$$;
COMMENT ON FUNCTION care_internal.import_take(bigint, text, jsonb, text, jsonb, bigint, text[]) IS
    'Part of import_sheet(): the fields that are read of each row below the heading, but for blank rows; how many.';

CREATE FUNCTION care.import_sheet(batch_id bigint, sheet text, columns jsonb, dates text DEFAULT NULL,
                                  words jsonb DEFAULT '{}')
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    batch care.import_batch := care_internal.require_batch(batch_id);
    label text := format('batch %s (%s), %s', batch_id, batch.name, sheet);
    heading record;
    folded jsonb;
    taken int8;
BEGIN
    PERFORM care_internal.require_word(format('batch %s (%s)', batch_id, batch.name), 'sheet', sheet,
                                       '{agreements,entries,valuations,accounts,budgets}'),
            care_internal.require_mapping(label, sheet, columns, words);
    IF dates IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'dates', dates, '{dmy,mdy}');
    END IF;
    IF EXISTS (SELECT FROM care_internal.import_sheet AS s
               WHERE s.batch_id = batch.batch_id AND s.sheet = import_sheet.sheet) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'import_sheet_once',
            MESSAGE = format('%s: it is there already', label),
            HINT = 'care.import_discard() removes what is staged of the batch, so that it can be taken anew.';
    END IF;
    PERFORM care_internal.forget_lines();
    heading := care_internal.import_heading(label, columns);
    folded := coalesce((SELECT jsonb_object_agg(care_internal.import_folded(w.key), w.value)
                        FROM jsonb_each_text(words) AS w WHERE care_internal.import_folded(w.key) IS NOT NULL), '{}');
    taken := care_internal.import_take(batch.batch_id, sheet, columns, dates, folded, heading.line, heading.headings);
    IF taken = 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'import_file_empty',
            MESSAGE = format('%s: nothing stands below the heading on line %s', label, heading.line);
    END IF;
    INSERT INTO care_internal.import_sheet (batch_id, sheet, headings, dates, words, digest)
    SELECT batch.batch_id, import_sheet.sheet,
           ARRAY(SELECT CASE WHEN columns ->> f.field NOT LIKE '=%' THEN columns ->> f.field END
                 FROM care_internal.import_field(import_sheet.sheet) AS f ORDER BY f.n),
           import_sheet.dates,
           folded,
           (SELECT care_internal.chained(convert_to(coalesce(l.line, ''), 'UTF8') ORDER BY l.n)
            FROM care.import_line AS l WHERE l.session = pg_backend_pid());
    DELETE FROM care.import_line AS l WHERE l.session = pg_backend_pid();
    RETURN taken;
END
$$;
COMMENT ON FUNCTION care.import_sheet(bigint, text, jsonb, text, jsonb) IS
    'Takes the lines that this session copied into care.import_line for a sheet of a batch and says how many rows '
    'there are. columns: the heading of the column of each field, or after an equals sign a value for every row. '
    'dates: how 03/04/2024 is read, dmy or mdy. words: what the authority''s own words stand for. 22023 for a mapping '
    'to a column that is not there, and a file without a row; 23505 for a sheet that is there already.';
