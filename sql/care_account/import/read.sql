--
-- read: which fields a sheet has, and how what stands in a cell is read: days, amounts, shares, words.
--
-- Nothing is guessed.  What may mean two things means neither until the mapping has said which: 03/04/2024, the year
-- 24, 1.234,56.
--
-- Must not know: batches, records.
--

CREATE FUNCTION care_internal.import_field(sheet text)
    RETURNS TABLE (n integer, field text, reads text, required boolean, words text[])
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT v.n, v.field, v.reads, v.required, v.words::text[]
    FROM (VALUES
        ('agreements', 1, 'agreement', 'text', true, NULL), ('agreements', 2, 'person', 'text', true, NULL),
        ('agreements', 3, 'date_of_birth', 'day', false, NULL), ('agreements', 4, 'applied_on', 'day', false, NULL),
        ('agreements', 5, 'signed_on', 'day', true, NULL), ('agreements', 6, 'secured_on', 'day', true, NULL),
        ('agreements', 7, 'style', 'word', false, '{traditional,loan}'),
        ('agreements', 8, 'term', 'word', false, '{until_sale,lifetime}'),
        ('agreements', 9, 'day_count', 'word', false, '{act/act,act/365f}'),
        ('agreements', 10, 'capitalised', 'word', false,
         '{daily,weekly,monthly,quarterly,half_yearly,yearly,none}'),
        ('agreements', 11, 'charge_type', 'word', false, '{legal_charge,undertaking,other}'),
        ('agreements', 12, 'title_reference', 'text', false, NULL),
        ('agreements', 13, 'stated_balance', 'amount', false, NULL),
        ('agreements', 14, 'stated_on', 'day', false, NULL),
        ('entries', 1, 'agreement', 'text', true, NULL), ('entries', 2, 'on_day', 'day', true, NULL),
        ('entries', 3, 'kind', 'word', true,
         '{care_fees,administration_charge,opening_balance,payment,credit,waiver,refund,write_off}'),
        ('entries', 4, 'amount', 'amount', true, NULL), ('entries', 5, 'note', 'text', false, NULL),
        ('entries', 6, 'evidence', 'text', false, NULL), ('entries', 7, 'tariff', 'text', false, NULL),
        ('entries', 8, 'authorised_by', 'text', false, NULL),
        ('valuations', 1, 'agreement', 'text', true, NULL), ('valuations', 2, 'valued_on', 'day', true, NULL),
        ('valuations', 3, 'amount', 'amount', true, NULL), ('valuations', 4, 'share', 'share', false, NULL),
        ('valuations', 5, 'prior_charges', 'amount', false, NULL),
        ('valuations', 6, 'kind', 'word', false, '{professional,desktop,estimate,sale_price}'),
        ('valuations', 7, 'valuer', 'text', false, NULL),
        ('accounts', 1, 'account', 'text', true, NULL), ('accounts', 2, 'person', 'text', true, NULL),
        ('accounts', 3, 'date_of_birth', 'day', false, NULL), ('accounts', 4, 'scheme', 'text', true, NULL),
        ('accounts', 5, 'counts_from', 'day', true, NULL),
        ('budgets', 1, 'account', 'text', true, NULL), ('budgets', 2, 'valid_from', 'day', true, NULL),
        ('budgets', 3, 'kind', 'word', true, '{personal_budget,independent_personal_budget,ended}'),
        ('budgets', 4, 'setting', 'word', false, '{care_home,community}'),
        ('budgets', 5, 'weekly_cost', 'amount', true, NULL), ('budgets', 6, 'weekly_charge', 'amount', false, NULL),
        ('budgets', 7, 'reason', 'text', false, NULL))
        AS v (sheet, n, field, reads, required, words)
    WHERE v.sheet = import_field.sheet ORDER BY v.n;
END;
COMMENT ON FUNCTION care_internal.import_field(text) IS
    'The fields of a sheet: what each reads (text, day, amount, share or word), whether it must be there, and the '
    'words there are.';

CREATE FUNCTION care_internal.import_column(sheet text, n integer, headings text[]) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(headings[n], (SELECT f.field FROM care_internal.import_field(sheet) AS f
                                  WHERE f.n = import_column.n));
COMMENT ON FUNCTION care_internal.import_column(text, integer, text[]) IS
    'What the column of a field is called: its heading, or where it has none the field; null: no field.';

-- Blanks and ends of line around, the mark some programs begin a file with, and blanks that do not break.
CREATE FUNCTION care_internal.import_trimmed(value text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    -- the number is chosen, not the character: chr() would be asked beforehand for what an encoding does not have
    RETURN nullif(btrim(value, E' \t\r\n' || chr(CASE getdatabaseencoding() WHEN 'UTF8' THEN 65279 ELSE 32 END)
                               || chr(CASE getdatabaseencoding() WHEN 'UTF8' THEN 160 ELSE 32 END)), '');
COMMENT ON FUNCTION care_internal.import_trimmed(text) IS 'What stands in a cell, without blanks around; null: blank.';

-- A heading, or a word of the authority's own, as it is compared.
CREATE FUNCTION care_internal.import_folded(value text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN lower(regexp_replace(care_internal.import_trimmed(value), '[[:space:]]+', ' ', 'g'));
COMMENT ON FUNCTION care_internal.import_folded(text) IS 'A heading or a word as it is compared.';

CREATE FUNCTION care_internal.import_month(name text) RETURNS integer
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT m.n::integer
    FROM unnest('{january,february,march,april,may,june,july,august,september,october,november,december}'::text[])
        WITH ORDINALITY AS m (name, n)
    WHERE starts_with(m.name, lower(import_month.name)) AND length(import_month.name) >= 3;
END;
COMMENT ON FUNCTION care_internal.import_month(text) IS
    'The month of a name, or of the beginning of one with three letters or more; null: none.';

-- A day of three numbers; null where there is no such day, and before 1900, where no record is of.
CREATE FUNCTION care_internal.import_calendar_day(year integer, month integer, day integer) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN year BETWEEN 1900 AND 9998 AND month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31
                THEN CASE WHEN make_date(year, month, 1) + day - 1 < make_date(year, month, 1) + interval '1 month'
                          THEN make_date(year, month, 1) + day - 1 END END;
COMMENT ON FUNCTION care_internal.import_calendar_day(integer, integer, integer) IS
    'The day of a year, month and day of the month; null: there is none, or it is before 1900.';

CREATE FUNCTION care_internal.import_day(value text, dates text) RETURNS date
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text[];
BEGIN
    value := regexp_replace(value, '[T ]00:00(:00([.]0+)?)?$', '');
    part := regexp_match(value, '^([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})$');
    IF part IS NOT NULL THEN
        RETURN care_internal.import_calendar_day(part[1]::int4, part[2]::int4, part[3]::int4);
    END IF;
    part := regexp_match(value, '^([0-9]{1,2})[-/. ]([0-9]{1,2})[-/. ]([0-9]{4})$');
    IF part IS NOT NULL THEN
        RETURN CASE WHEN dates = 'dmy' OR dates IS NULL AND (part[1]::int4 > 12 OR part[1]::int4 = part[2]::int4)
                    THEN care_internal.import_calendar_day(part[3]::int4, part[2]::int4, part[1]::int4)
                    WHEN dates = 'mdy' OR part[2]::int4 > 12
                    THEN care_internal.import_calendar_day(part[3]::int4, part[1]::int4, part[2]::int4) END;
    END IF;
    part := regexp_match(value, '^([0-9]{1,2})(?:st|nd|rd|th)?[-/. ]+([A-Za-z]{3,9})[-/., ]+([0-9]{4})$');
    RETURN care_internal.import_calendar_day(part[3]::int4, care_internal.import_month(part[2]), part[1]::int4);
END
$$;
COMMENT ON FUNCTION care_internal.import_day(text, text) IS
    'The day that a cell says: 2024-04-03, 03/04/2024 (dates: dmy or mdy; null: only where it can be but one), 3 April '
    '2024, 3-Apr-2024; null: none.';

CREATE FUNCTION care_internal.import_day_problem(value text, dates text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN dates IS NULL AND value ~ '^(0?[1-9]|1[0-2])[-/. ](0?[1-9]|1[0-2])[-/. ][0-9]{4}$'
        THEN format('may be %s %s or %s %s: say with dates, dmy or mdy, which it is', p.one,
                    to_char(make_date(2000, p.other, 1), 'FMMonth'), p.other,
                    to_char(make_date(2000, p.one, 1), 'FMMonth'))
        WHEN value ~ '^[0-9]{1,2}(st|nd|rd|th)?[-/. ]+([0-9]{1,2}|[A-Za-z]{3,9})[-/., ]+''?[0-9]{2}$'
        THEN 'has a year of two digits: write all four'
        WHEN value ~ '^[1-9][0-9]{4}([.][0-9]+)?$'
        THEN format('is a number of days, as a spreadsheet keeps %s: format the column as a date',
                    care_internal.day_text('1899-12-30'::date + split_part(value, '.', 1)::integer))
        WHEN value ~ '^[0-9]{1,4}(st|nd|rd|th)?[-/. ]+([0-9]{1,2}|[A-Za-z]{3,9})[-/., ]+[0-9]{1,4}( .*|T.*)?$'
        THEN 'is no day of the calendar since 1900' ELSE 'is no day' END
    FROM (SELECT nullif((regexp_match(value, '^([0-9]{1,2})[-/. ]'))[1], '')::integer,
                 nullif((regexp_match(value, '^[0-9]{1,2}[-/. ]([0-9]{1,2})[-/. ]'))[1], '')::integer)
        AS p (one, other);
END;
COMMENT ON FUNCTION care_internal.import_day_problem(text, text) IS 'Why a cell says no day, in words.';

CREATE FUNCTION care_internal.import_pound() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN chr(CASE WHEN getdatabaseencoding() IN ('UTF8', 'LATIN1', 'LATIN9', 'WIN1252') THEN 163 ELSE 32 END);
COMMENT ON FUNCTION care_internal.import_pound() IS 'The sign of the pound, in an encoding that has it.';

-- An amount as text: its sign, and digits with at most one point; null: it is none.  A dash alone is how accountants
-- write nought.
CREATE FUNCTION care_internal.import_digits(value text) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part text[];
BEGIN
    -- most are plain
    IF value ~ '^[0-9]+([.][0-9]{1,2})?$' AND length(value) <= 30 THEN
        RETURN value;
    END IF;
    value := btrim(replace(value, care_internal.import_pound(), ''));
    IF value = '-' THEN
        RETURN '0';
    END IF;
    part := regexp_match(value, '^([(]?)[[:space:]]*([-+]?)[[:space:]]*([0-9]{1,3}([, ][0-9]{3})+|[0-9]*)([.][0-9]*)?'
                                '[[:space:]]*(-?)([)]?)$');
    IF part IS NULL OR (part[1] = '(') <> (part[7] = ')') OR length(concat(part[3], part[5])) > 30
       OR concat(part[3], part[5]) !~ '[0-9]'
       OR (part[1] = '(')::int4 + (part[2] <> '')::int4 + (part[6] = '-')::int4 > 1 THEN
        RETURN NULL;
    END IF;
    RETURN CASE WHEN part[1] = '(' OR part[2] = '-' OR part[6] = '-' THEN '-' ELSE '' END
           || '0' || translate(part[3], ', ', '') || coalesce(nullif(part[5], '.'), '');
END
$$;
COMMENT ON FUNCTION care_internal.import_digits(text) IS
    'An amount that a cell says, in digits: without the sign of the pound, commas and blanks between thousands; '
    'brackets, and a dash on either side, make it negative. Null: it says none.';

CREATE FUNCTION care_internal.import_amount(value text) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN min_scale(d.amount) <= 2 AND abs(d.amount) < 10000000000 THEN d.amount END
    FROM (SELECT care_internal.import_digits(value)::numeric OFFSET 0) AS d (amount);
END;
COMMENT ON FUNCTION care_internal.import_amount(text) IS
    'The amount that a cell says, pounds; null: none, not in whole pence, or ten thousand million or more.';

CREATE FUNCTION care_internal.import_amount_problem(value text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN min_scale(care_internal.import_digits(value)::numeric) > 2 THEN 'is not in whole pence'
                WHEN care_internal.import_digits(value) IS NOT NULL THEN 'is ten thousand million pounds or more'
                WHEN value ~ '^#' THEN 'is an error of the spreadsheet'
                WHEN value ~* '[0-9] *(cr|dr)$' THEN 'is marked CR or DR: write a sign'
                WHEN value ~ '^[0-9.,]+$' THEN 'marks thousands or pence in a way that may be read twice'
                ELSE 'is no amount in pounds' END;
COMMENT ON FUNCTION care_internal.import_amount_problem(text) IS 'Why a cell says no amount, in words.';

CREATE FUNCTION care_internal.import_share(value text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN s.share > 0 AND s.share <= 1 AND min_scale(s.share) <= 8 THEN s.share END
    FROM (SELECT CASE WHEN value ~ '^[0-9]{1,3}([.][0-9]{1,6})? *%$' THEN rtrim(value, ' %')::numeric / 100
                      WHEN value ~ '^[1-9][0-9]{0,2} */ *[1-9][0-9]{0,2}$'
                      THEN trunc(split_part(value, '/', 1)::numeric / split_part(value, '/', 2)::numeric, 8)
                      WHEN value ~ '^([01]([.][0-9]{1,20})?|[.][0-9]{1,20})$' THEN value::numeric END OFFSET 0)
        AS s (share);
END;
COMMENT ON FUNCTION care_internal.import_share(text) IS
    'The share that a cell says: 50%, 1/2 (rounded down to 8 decimals, so that shares never pass 1) or 0.5; null: '
    'none.';

CREATE FUNCTION care_internal.import_word(value text, words text[], own jsonb) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN w.word = ANY (words) THEN w.word END
    FROM (SELECT coalesce(own ->> care_internal.import_folded(value),
                          replace(care_internal.import_folded(value), ' ', '_')) OFFSET 0) AS w (word);
END;
COMMENT ON FUNCTION care_internal.import_word(text, text[], jsonb) IS
    'The word that a cell says: what stands for the authority''s own, or one of ours, blanks for its lines below; '
    'null: none.';

-- Why a cell is not read, for every kind of field.
CREATE FUNCTION care_internal.import_cell_problem(value text, reads text, words text[], dates text)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE reads WHEN 'day' THEN care_internal.import_day_problem(value, dates)
                      WHEN 'amount' THEN care_internal.import_amount_problem(value)
                      WHEN 'share' THEN 'is no share: write 50%, 1/2 or 0.5'
                      WHEN 'word' THEN 'is not one of ' || array_to_string(words, ', ')
                                       || ': say with words what it stands for' END;
COMMENT ON FUNCTION care_internal.import_cell_problem(text, text, text[], text) IS
    'Why a cell that is not blank cannot be read, in words.';
