--
-- letter_page: the page that all letters share: what may be asked of one, its head and its looks, and how money and
-- days are written in it.
--
-- A letter is one HTML document that needs nothing from outside: no script, no picture, no font.  The server's own XML
-- functions make it, so that whatever is put into it is text.  For the same options its bytes are the same for ever: a
-- change of the looks is a new version of the page, and the old one stays.
--
-- Must not know: what a letter says.
--

-- Every letter of this script is ASCII, whatever the database is written in.
CREATE FUNCTION care_internal.pound_sign() RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN convert_from(decode('c2a3', 'hex'), 'UTF8');
COMMENT ON FUNCTION care_internal.pound_sign() IS 'The pound sign, in the encoding of the database.';

CREATE FUNCTION care_internal.pounds_text(amount numeric) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN amount < 0 THEN '-' ELSE '' END || care_internal.pound_sign()
           || to_char(abs(amount), 'FM99,999,999,990.00');
COMMENT ON FUNCTION care_internal.pounds_text(numeric) IS 'Pounds as letters write them, with the sign.';

CREATE FUNCTION care_internal.long_day(day date) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN to_char(day::timestamp, 'FMDD FMMonth YYYY');
COMMENT ON FUNCTION care_internal.long_day(date) IS 'A day as letters write it: 1 April 2025.';

CREATE FUNCTION care_internal.days_text(from_day date, to_day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN from_day < to_day
                THEN to_char(from_day::timestamp, 'FMDD Mon YYYY') || ' to '
                     || to_char(to_day::timestamp, 'FMDD Mon YYYY')
                ELSE to_char(coalesce(to_day, from_day)::timestamp, 'FMDD Mon YYYY') END;
COMMENT ON FUNCTION care_internal.days_text(date, date) IS 'A day, or a first and last day, short, for a table.';

-- A digest, to be read aloud or typed in.
CREATE FUNCTION care_internal.digest_text(digest bytea) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN rtrim(regexp_replace(encode(digest, 'hex'), '(.{8})', E'\\1 ', 'g'));
COMMENT ON FUNCTION care_internal.digest_text(bytea) IS 'A digest as letters show it: in groups of eight digits.';

CREATE TYPE care_internal.letter_form AS (
    addressee text[],
    sender text[],
    day date,
    lang text,
    large boolean
);
COMMENT ON TYPE care_internal.letter_form IS 'How a letter is to look, and whom it is to: what a caller may choose.';
COMMENT ON COLUMN care_internal.letter_form.addressee IS 'Name, and the lines of the address.';
COMMENT ON COLUMN care_internal.letter_form.sender IS 'Who writes, line by line.';
COMMENT ON COLUMN care_internal.letter_form.day IS 'The day on the letter.';
COMMENT ON COLUMN care_internal.letter_form.lang IS 'The language that readers of the screen are told, a code.';
COMMENT ON COLUMN care_internal.letter_form.large IS 'Large print?';

-- Lines of text: an array of them, or one text with line ends.
CREATE FUNCTION care_internal.letter_lines(label text, name text, given jsonb) RETURNS text[]
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lines text[];
BEGIN
    IF given IS NULL OR jsonb_typeof(given) = 'null' THEN
        RETURN NULL;
    END IF;
    IF jsonb_typeof(given) = 'string' THEN
        lines := regexp_split_to_array(given #>> '{}', E'\r?\n');
    ELSIF jsonb_typeof(given) = 'array' AND NOT jsonb_path_exists(given, '$[*] ? (@.type() != "string")') THEN
        lines := ARRAY(SELECT t.line FROM jsonb_array_elements_text(given) WITH ORDINALITY AS t (line, n) ORDER BY t.n);
    END IF;
    lines := array_remove(ARRAY(SELECT btrim(u.line) FROM unnest(lines) WITH ORDINALITY AS u (line, n) ORDER BY u.n),
                          '');
    IF cardinality(lines) NOT BETWEEN 1 AND 12 OR lines IS NULL
       OR EXISTS (SELECT FROM unnest(lines) AS u (line) WHERE u.line ~ '[[:cntrl:]]' OR length(u.line) > 100) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'letter_lines',
            MESSAGE = format('%s: %s must be text of 1 to 12 lines, not %s', label, name, left(given::text, 100)),
            HINT = 'Give an array of texts, or one text with line ends; a line has at most 100 characters.';
    END IF;
    RETURN lines;
END
$$;
COMMENT ON FUNCTION care_internal.letter_lines(text, text, jsonb) IS
    'Lines of a name or an address; 22023 if it is not text, has more than 12 lines, or a line of more than 100 '
    'characters.';

-- Whether a text is a day as ISO 8601 writes it.
CREATE FUNCTION care_internal.is_day(given text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN given ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' AND left(given, 4) <> '0000'
                THEN substr(given, 9)::integer
                     <= date_part('day', make_date(left(given, 4)::integer, substr(given, 6, 2)::integer, 1)
                                         + '1 month - 1 day'::interval) ELSE false END;
COMMENT ON FUNCTION care_internal.is_day(text) IS 'Is a text a day that there is, written YYYY-MM-DD?';

-- What a caller may choose: no colour, no font, nothing that could make a letter hard to read.
CREATE FUNCTION care_internal.letter_form(label text, addressee jsonb, options jsonb, sender text, day date)
    RETURNS care_internal.letter_form
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given jsonb := coalesce(options, '{}');
    person jsonb := coalesce(addressee, '{}');
    form care_internal.letter_form;
    unknown text := (SELECT min(k) FROM jsonb_object_keys(CASE jsonb_typeof(given) WHEN 'object' THEN given END) AS k
                     WHERE k NOT IN ('large_print', 'lang', 'day', 'sender', 'template'));
    problem text := CASE WHEN jsonb_typeof(given) <> 'object' THEN 'options are one JSON object'
        WHEN unknown IS NOT NULL THEN format('there is no option %L', left(unknown, 63))
        WHEN jsonb_typeof(given -> 'large_print') <> 'boolean' THEN 'large_print is true or false'
        WHEN given ->> 'lang' !~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$' THEN 'lang is a code such as en-GB'
        WHEN NOT care_internal.is_day(given ->> 'day') THEN 'day is a day, written YYYY-MM-DD'
        WHEN given ->> 'template' <> '1' THEN format('there is no version %s of the page',
                                                     left(given ->> 'template', 20))
        WHEN jsonb_typeof(person) <> 'object'
             OR (person - 'name' - 'address') <> '{}' THEN 'the addressee is {"name": ..., "address": [...]}'
        END;
BEGIN
    IF problem IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'letter_options',
            MESSAGE = format('%s: %s', label, problem),
            HINT = 'Options are large_print, lang, day, sender and template; colours and fonts are those of the page.';
    END IF;
    form.addressee := coalesce(care_internal.letter_lines(label, 'name', person -> 'name'), '{[Name]}')
                      || coalesce(care_internal.letter_lines(label, 'address', person -> 'address'), '{[Address]}');
    form.sender := coalesce(care_internal.letter_lines(label, 'sender', given -> 'sender'), ARRAY[sender]);
    form.day := coalesce((given ->> 'day')::date, day);
    form.lang := coalesce(given ->> 'lang', 'en-GB');
    form.large := coalesce((given ->> 'large_print')::boolean, false);
    RETURN form;
END
$$;
COMMENT ON FUNCTION care_internal.letter_form(text, jsonb, jsonb, text, date) IS
    'How a letter is to look, by what the caller chose; sender and day are what stands there unless the caller says '
    'otherwise. 22023 for an option there is not, or one that is not as it must be.';

-- Not a sign of it may be one that XML has a meaning for: a browser reads it as it stands.
CREATE FUNCTION care_internal.letter_looks(large boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN '@page { size: A4; margin: 14mm 18mm }
body { margin: 0 auto; max-width: 174mm; color: #1a1a1a; background: #ffffff;
  font: ' || CASE WHEN large THEN '18pt' ELSE '12pt' END || '/1.25 Arial, "Liberation Sans", "DejaVu Sans", sans-serif }
@media screen { body { padding: 1em } }
h1 { clear: both; font-size: 1.4em; line-height: 1.2; margin: 0.6em 0 0.3em }
h2 { font-size: 1.15em; line-height: 1.2; margin: 0.9em 0 0.3em; break-after: avoid }
p { margin: 0.3em 0 }
.from { float: right; text-align: right }
address { font-style: normal; margin: 0.6em 0 }
.line { display: block }
table { border-collapse: collapse; width: 100%; margin: 0.4em 0; line-height: 1.2 }
caption { text-align: left; font-weight: bold; padding: 0.2em 0 }
th, td { text-align: left; vertical-align: top; padding: 0.15em 0.5em 0.15em 0; border-bottom: 1px solid #767676 }
th { font-weight: normal }
thead th { font-weight: bold }
.sum th, .sum td { font-weight: bold }
.n { text-align: right; white-space: nowrap; padding-right: 0; padding-left: 0.3em }
thead .n { white-space: normal }
tbody tr:first-child { break-before: avoid }
thead { display: table-header-group }
tr, figure { break-inside: avoid }
figure { margin: 0.4em 0 }
svg { display: block; width: 100%; height: auto }
code { font-family: "Liberation Mono", "DejaVu Sans Mono", monospace; font-size: 0.8em; overflow-wrap: anywhere }
';
COMMENT ON FUNCTION care_internal.letter_looks(boolean) IS 'The style sheet of a letter, in ordinary or large print.';

CREATE FUNCTION care_internal.letter_block(lines text[]) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlagg(xmlelement(name span, xmlattributes('line' AS class), u.line) ORDER BY u.n)
    FROM unnest(lines) WITH ORDINALITY AS u (line, n);
END;
COMMENT ON FUNCTION care_internal.letter_block(text[]) IS 'Lines of text, each on a line of its own.';

-- Rows of cells: the first of a row is its heading; columns in numeric stand at the right.
CREATE FUNCTION care_internal.letter_cells(cells text[], heading text, numeric_from integer) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlagg(CASE WHEN u.n = 1 OR heading = 'col'
                       THEN xmlelement(name th, xmlattributes(heading AS scope,
                                                              CASE WHEN u.n >= numeric_from THEN 'n' END AS class),
                                       coalesce(nullif(u.cell, ''), '-'))
                       ELSE xmlelement(name td, xmlattributes(CASE WHEN u.n >= numeric_from THEN 'n' END AS class),
                                       coalesce(nullif(u.cell, ''), '-')) END ORDER BY u.n)
    FROM unnest(cells) WITH ORDINALITY AS u (cell, n);
END;
COMMENT ON FUNCTION care_internal.letter_cells(text[], text, integer) IS
    'The cells of a row of a table: headings of columns (col), or a row with its heading first.';

CREATE FUNCTION care_internal.letter_table(caption text, columns text[], rows xml, numeric_from integer) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xmlelement(name table, xmlelement(name caption, caption),
        xmlelement(name thead, xmlelement(name tr, care_internal.letter_cells(columns, 'col', numeric_from))),
        xmlelement(name tbody, rows));
COMMENT ON FUNCTION care_internal.letter_table(text, text[], xml, integer) IS
    'A table with a caption and headings; its columns from a number on are figures.';

CREATE FUNCTION care_internal.letter_section(heading text, body xml) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN body IS NOT NULL
                THEN xmlelement(name section, xmlelement(name h2, heading), body) END;
COMMENT ON FUNCTION care_internal.letter_section(text, xml) IS 'A part of a letter under its heading; null if empty.';

CREATE FUNCTION care_internal.letter_paragraphs(paragraphs text[]) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlagg(xmlelement(name p, u.paragraph) ORDER BY u.n)
    FROM unnest(paragraphs) WITH ORDINALITY AS u (paragraph, n) WHERE u.paragraph <> '';
END;
COMMENT ON FUNCTION care_internal.letter_paragraphs(text[]) IS 'Paragraphs of text, without those that are null.';

-- What a person can hold against the council's records.
CREATE FUNCTION care_internal.letter_proof(digest bytea, chain_length integer, chain_head bytea) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN care_internal.letter_section('Proof of this letter', xmlconcat(
        xmlelement(name p, 'Keep this letter. With the three figures below we can show at any time that we issued it '
                   'with these amounts, and that nothing recorded before it has been altered since.'),
        xmlelement(name p, 'Digest: ', xmlelement(name code, care_internal.digest_text(digest))),
        xmlelement(name p, 'Facts recorded before it: ' || chain_length || '. Last link: ',
                   xmlelement(name code, care_internal.digest_text(chain_head)), '. Page layout 1.')));
COMMENT ON FUNCTION care_internal.letter_proof(bytea, integer, bytea) IS
    'The part of a letter that says how it can be verified: its digest and the end of the chain before it.';

CREATE FUNCTION care_internal.letter_page(form care_internal.letter_form, title text, reference text, body xml)
    RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN '<!DOCTYPE html>' || chr(10)
        || xmlserialize(CONTENT xmlelement(name html, xmlattributes((form).lang AS lang),
        xmlelement(name head,
            xmlelement(name meta, xmlattributes('utf-8' AS charset)),
            xmlelement(name meta, xmlattributes('viewport' AS name, 'width=device-width, initial-scale=1' AS content)),
            xmlelement(name title, title),
            xmlelement(name style, care_internal.letter_looks((form).large))),
        xmlelement(name body, xmlelement(name main,
            xmlelement(name p, xmlattributes('from' AS class), care_internal.letter_block((form).sender)),
            xmlelement(name address, care_internal.letter_block((form).addressee)),
            xmlelement(name p, care_internal.letter_block(ARRAY[care_internal.long_day((form).day),
                                                                'Our reference: ' || reference])),
            xmlelement(name h1, title),
            body)))
        AS text) || chr(10);
COMMENT ON FUNCTION care_internal.letter_page(care_internal.letter_form, text, text, xml) IS
    'A letter as a whole HTML document.';
