--
-- 99_import_cells: what a cell says, both sides of every limit; what is refused of batches, files and mappings;
-- and a debt by every convention, against one that is worked with numeric, day by day.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
\set VERBOSITY terse

-- Days: 2024-04-03 in every form, and what is none.
SELECT v.value, care_internal.import_day(v.value, NULL) AS unsaid, care_internal.import_day(v.value, 'dmy') AS dmy, care_internal.import_day(v.value, 'mdy') AS mdy,
       CASE WHEN care_internal.import_day(v.value, NULL) IS NULL THEN care_internal.import_day_problem(v.value, NULL) END AS problem
FROM unnest('{2024-04-03,2024/4/3,2024-04-03 00:00:00,03/04/2024,3.4.2024,03-04-2024,25/04/2024,04/25/2024,04/04/2024,3 April 2024,3rd Apr 2024,3-apr-2024,
    "3 April, 2024",29 February 2024,29/02/2024,29/02/2023,29/02/1900,29/02/2000,31/04/2024,32/01/2024,00/01/2024,2024-13-01,2024-00-10,03/04/24,3-Apr-24,45385,45385.5,
    1899-12-31,1900-01-01,9998-12-31,9999-01-01,03/04/0024,2024-04-03 12:30,April 2024,3 Avril 2024,3 Ma 2024,soon,2024-4,"3  4  2024",infinity}'::text[]) AS v (value);
-- Amounts.
SELECT v.value, care_internal.import_amount(care_internal.import_trimmed(v.value)) AS amount,
       CASE WHEN care_internal.import_amount(v.value) IS NULL THEN care_internal.import_amount_problem(v.value) END AS problem
FROM unnest(ARRAY['1234.56', '£1,234.56', ' £ 1,234.56 ', '(1,234.56)', '(£1,234.56)', '£(1,234.56)', '-£1,234.56', '£-1234.56', '1234.56-', '- 1234.56', '+5', '1 234.56', '12,345,678',
    '0', '-', '.5', '5.', '0.10', '0.100', '0.101', '9999999999.99', '10000000000', '-9999999999.99', '-10000000000.00', '1,23', '1,2345', '12,34.5', '1.234,56', '1.234.567', '$5', '5 CR', '5DR', '#N/A',
    '(5', '5)', '-(5)', '(-5)', '-5-', '5.5.5', '', '£', '()', '.', '5p', '1e5', 'NaN', 'Infinity', repeat('9', 31), E'5\t', U&'\00A05\00A0', '٣']) AS v (value);
-- Shares and words.
SELECT v.value, care_internal.import_share(v.value)
FROM unnest('{50%,50 %,33.333333%,100%,0%,101%,1/2,1/3,2/3,3/2,0/2,1/0,0.5,.5,1,0,1.0,1.1,0.33333333,0.333333333,50,half,-0.5}'::text[]) AS v (value);
SELECT v.value, care_internal.import_word(v.value, '{care_fees,payment}', '{"fees": "care_fees", "odd": "refund"}') FROM unnest('{care_fees,Care Fees,FEES,"  fees  ",payment,odd,other}'::text[]) AS v (value);
-- Lines of CSV.
SELECT care_internal.import_quoted(v.line) FROM unnest(ARRAY['a,"b,c",d', '"say ""no""",""', '"two' || E'\n' || 'lines",x', '"""",', ',,']) AS v (line);

--
-- Batches, files and mappings.
--
BEGIN;
ALTER TABLE care.import_batch ALTER COLUMN batch_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    broken text;
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, nullif(broken, ''), replace(SQLERRM, to_char(care.today(), 'YYYY-MM-DD'), 'today'), '(' || nullif(detail, '') || ')');
END
$$;
CREATE FUNCTION pg_temp.copied(file text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO care.import_line (line) SELECT l.line FROM regexp_split_to_table(file, E'\n') WITH ORDINALITY AS l (line, n) ORDER BY l.n
$$;
SELECT pg_temp.refused(q.q) FROM unnest(ARRAY[
    $$SELECT care.import_begin('E99999999', 'x')$$, $$SELECT care.import_begin('E10000016', '')$$, $$SELECT care.import_begin('E10000016', NULL)$$,
    $$SELECT care.import_sheet(1, 'entries', '{}')$$, $$SELECT care.import_check(NULL)$$, $$SELECT care.import_load(1)$$, $$SELECT care.import_compare(1)$$, $$SELECT care.import_discard(1)$$]) AS q (q);
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'test'), care.import_begin('E10000016', 'one') AS batch \gset
SELECT pg_temp.refused(q.q) FROM unnest(ARRAY[
    $$SELECT care.import_check(1)$$, $$SELECT care.import_load(1)$$, $$SELECT care.import_compare(1)$$,
    $$SELECT care.import_sheet(1, 'ledger', '{}')$$, $$SELECT care.import_sheet(1, 'entries', NULL)$$, $$SELECT care.import_sheet(1, 'entries', '[]')$$, $$SELECT care.import_sheet(1, 'entries', '{"agreement": 1}')$$,
    $$SELECT care.import_sheet(1, 'entries', '{"agrement": "Ref"}')$$, $$SELECT care.import_sheet(1, 'entries', '{"agreement": "Ref", "kind": ""}')$$, $$SELECT care.import_sheet(1, 'entries', '{"agreement": "="}')$$,
    $$SELECT care.import_sheet(1, 'entries', '{"agreement": "Ref", "on_day": "Day", "kind": "=care_fees", "amount": "Amount"}', 'ymd')$$,
    $$SELECT care.import_sheet(1, 'entries', '{"agreement": "Ref", "on_day": "Day", "kind": "=care_fees", "amount": "Amount"}', 'dmy', '{"Fees": "fees"}')$$,
    $$SELECT care.import_sheet(1, 'entries', '{"agreement": "Ref", "on_day": "Day", "kind": "=care_fees", "amount": "Amount"}')$$]) AS q (q);
-- no heading; one without a column, with one twice; nothing below it; a thousand columns, and one more
\set mapping '''{"agreement": "Ref", "on_day": "Day", "kind": "=care_fees", "amount": "Amount"}'''
\set sheet 'SELECT care.import_sheet(1, ''entries'', ''{"agreement": "Ref", "on_day": "Day", "kind": "=care_fees", "amount": "Amount"}'')'
SAVEPOINT s;
SELECT pg_temp.copied(E'Smith,3 April 2024,5.00'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
SELECT pg_temp.copied(E'Register\nREF , Day,Sum'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
SELECT pg_temp.copied(E'Ref,Day,Amount,amount\nA,3 April 2024,5,6'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
SELECT pg_temp.copied(E'Ref,Day,Amount\n,,\n   \n'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
SELECT pg_temp.copied('Ref,Day,Amount' || repeat(',', 997) || E'\nA,3 April 2024,5'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
SELECT pg_temp.copied('Ref,Day,Amount' || repeat(',x', 998) || E'\nA,3 April 2024,5'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
SELECT pg_temp.copied('Ref,Day,Amount' || repeat(',', 1000000) || E'\nA,3 April 2024,5'), pg_temp.refused(:'sheet');
ROLLBACK TO s;
-- a sheet twice; 03/04/2024 where nobody said which; a line of another session is nobody's here
SELECT pg_temp.copied(E'Ref,Day,Amount\r\nA,03/04/2024,5\r\n"A",2024-04-03,"5"\r');
INSERT INTO care.import_line (line, session) VALUES ('B,2024-04-03,5', 0);
SELECT care.import_sheet(1, 'entries', :mapping);
SELECT pg_temp.copied(E'Ref,Day,Amount\nA,2024-04-03,5'), pg_temp.refused(:'sheet');
SELECT sheet, line, heading, value, problem, stops FROM care.import_check(1);
SELECT sheet, lines FROM care.import_waiting();
SELECT care.import_discard(1);
SELECT (SELECT count(*) FROM care.import_line), (SELECT count(*) FROM care.import_waiting());
SELECT pg_temp.refused('SELECT care.import_load(1)');

-- What a file is written in: bytes that are no text are refused with their line, another encoding is read by its name;
-- a byte order mark, CRLF, columns in another order and case; 30 February by line and column.
CREATE FUNCTION pg_temp.copy_bytes(bytes text, encoding text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    context text;
BEGIN
    EXECUTE format($c$COPY care.import_line (line) FROM PROGRAM %L WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING %L)$c$, 'printf ''' || bytes || '''', encoding);
    RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(' ', SQLSTATE, SQLERRM, split_part(context, E'\n', 1));
END
$$;
SELECT pg_temp.copy_bytes('Ref,Day,Amount\nCaf\351,2024-04-03,5\n', 'UTF8'), (SELECT count(*) FROM care.import_line);
SELECT pg_temp.copy_bytes('AMOUNT,ref,Day\r\n5,Caf\351,2024-04-03\r\n', 'WIN1252');
SELECT care.import_sheet(1, 'entries', :mapping);
SELECT v[1] = E'Caf\u00e9' AS read, says[2], says[4] FROM care_internal.import_row WHERE batch_id = 1;
SELECT care.import_discard(1);
SELECT pg_temp.copy_bytes('\357\273\277AMOUNT,Ref,Day\r\n5,A,30/02/2024\r\n5,A,2024-02-30\r\n', 'UTF8');
SELECT care.import_sheet(1, 'entries', :mapping, 'dmy');
SELECT sheet, line, heading, value, problem, stops FROM care.import_check(1) WHERE heading = 'Day';
SELECT care.import_discard(1);

-- An account and an agreement of one person: what is staged about them, loaded one by one, not twice.
SELECT pg_temp.copied(E'A,P,S\nL-1,P-1,2024-01-01\nL-2,P-2,2024-01-01'), care.import_sheet(1, 'agreements', '{"agreement": "A", "person": "P", "signed_on": "S", "secured_on": "S"}');
SELECT pg_temp.copied(E'A,D\nL-1,2024-02-01\nL-2,2024-02-01'), care.import_sheet(1, 'entries', '{"agreement": "A", "on_day": "D", "kind": "=administration_charge", "amount": "=450"}');
SELECT pg_temp.copied(E'A,P\nL-1,P-1'), care.import_sheet(1, 'accounts', '{"account": "A", "person": "P", "scheme": "=2022", "counts_from": "=2023-10-01"}');
SELECT * FROM care.import_about('E10000016', 'P-1');
SELECT count(*) FROM care.import_about('E10000016', 'P-9');
SELECT pg_temp.refused(q.q) FROM unnest(ARRAY[$$SELECT care.import_about('E10000016', '')$$, $$SELECT care.import_load(1, 0)$$, $$SELECT care.import_load(1, -1)$$]) AS q (q);
SELECT * FROM care.import_check(1);
SELECT class, reference, lines, because FROM care.import_load(1, 2);
SELECT sheet, lines FROM care.import_waiting();
SELECT class, reference, lines, because FROM care.import_load(1, 1);
SELECT sheet, lines FROM care.import_waiting();
SELECT loaded, left_out FROM care.import_done WHERE batch_id = 1;
SELECT pg_temp.refused(q.q) FROM unnest(ARRAY[$$SELECT care.import_load(1)$$, $$SELECT care.import_check(1)$$, $$SELECT care.import_discard(1)$$, $$SELECT care.import_sheet(1, 'entries', '{}')$$]) AS q (q);
-- and by another batch each is recorded already
SELECT care.import_begin('E10000016', 'two'), pg_temp.copied(E'A,P,S\nL-1,P-1,2024-01-01'), care.import_sheet(2, 'agreements', '{"agreement": "A", "person": "P", "signed_on": "S", "secured_on": "S"}');
SELECT sheet, line, heading, value, regexp_replace(problem, '[0-9]+$', 'n') FROM care.import_check(2);
SELECT reference, record_id, regexp_replace(because, '[0-9]+$', 'n') FROM care.import_load(2);
SELECT pg_temp.refused(q.q) FROM unnest(ARRAY['UPDATE care.import_batch SET name = ''x''', 'DELETE FROM care.import_done', 'DELETE FROM care.import_loaded', 'TRUNCATE care.import_loaded']) AS q (q);
SELECT * FROM care.verify();
ROLLBACK;

--
-- By every convention: days from the first to the last of many years, against numeric.
--
CREATE FUNCTION pg_temp.twin(days date[], amounts numeric[], rates care.schedule, ends text, day_count text, capitalised text, rounding text, as_at date) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    principal numeric := 0;
    interest numeric := 0;
    held numeric := 0;
    change numeric;
    due numeric;
    earned numeric;
    taken numeric;
    length numeric;
    next_day date;
    day date;
    interval_ends boolean;
BEGIN
    FOR day IN SELECT days[1] + i FROM generate_series(0, as_at - days[1]) AS i LOOP
        next_day := day + 1;
        length := CASE day_count WHEN 'act/365f' THEN 365 WHEN 'act/366f' THEN 366 ELSE make_date(extract(year FROM day)::int + 1, 1, 1) - make_date(extract(year FROM day)::int, 1, 1) END;
        FOR pass IN 1 .. 2 LOOP
            IF (ends = 'first_left_out') = (pass = 2) AND array_position(days, day) IS NOT NULL THEN
                change := amounts[array_position(days, day)] - held;
                due := round(principal + interest, 2) + change;
                IF due <= 0 THEN
                    principal := 0; interest := 0; held := -due;
                ELSE
                    held := 0;
                    taken := least(greatest(-change, 0), principal);
                    interest := interest - (greatest(-change, 0) - taken);
                    principal := principal - taken + greatest(change, 0);
                END IF;
            END IF;
            CONTINUE WHEN pass = 2;
            IF NOT (ends = 'last_left_out' AND day = as_at) THEN
                earned := principal * care.value_on(rates, day) / 100 / length;
                interest := interest + CASE rounding WHEN 'daily' THEN round(earned, 2) ELSE round(earned, 40) END;
            END IF;
            interval_ends := CASE capitalised WHEN 'daily' THEN true WHEN 'none' THEN false
                    WHEN 'monthly' THEN extract(day FROM next_day) = 1
                    WHEN 'quarterly' THEN to_char(next_day, 'MM-DD') IN ('01-01', '04-01', '07-01', '10-01')
                    WHEN 'half_yearly' THEN to_char(next_day, 'MM-DD') IN ('01-01', '07-01')
                    WHEN 'yearly' THEN to_char(next_day, 'MM-DD') = '01-01' ELSE to_char(next_day, 'MM-DD') = '04-01' END;
            IF interval_ends THEN
                principal := principal + interest; interest := 0;
            END IF;
            IF rounding = 'monthly' AND extract(day FROM next_day) = 1 THEN
                principal := round(principal, 2); interest := round(interest, 2);
            END IF;
        END LOOP;
    END LOOP;
    RETURN round(principal + interest, 2) - held;
END
$$;
SELECT count(*) AS conventions, count(*) FILTER (WHERE w.ours IS DISTINCT FROM w.theirs) AS differ, count(DISTINCT w.ours) > 100 AS told_apart
FROM (SELECT care_internal.worked_balance(a.days, a.amounts, a.rates, c.ends, c.day_count, c.capitalised, c.rounding, '2021-03-31') AS ours,
             pg_temp.twin(a.days, a.amounts, a.rates, c.ends, c.day_count, c.capitalised, c.rounding, '2021-03-31') AS theirs
      FROM care_internal.import_convention() AS c,
           (VALUES ('{2019-11-05,2020-02-28,2020-02-29,2020-07-01,2021-03-31}'::date[], '{1234.56,5000,-700.01,20000,333.33}'::numeric[],
                    '{"2015-04-01": 1.65, "2020-01-01": 3.18, "2020-07-01": 4.65}'::care.schedule),
                   -- paid off and more, then owed again
                   ('{2019-12-31,2020-03-01,2020-12-31,2021-01-01}', '{900,-950.55,400.07,-300}', '{"2015-04-01": 7.3}')) AS a (days, amounts, rates)) AS w;
SELECT care_internal.worked_balance('{}', '{}', '{"2015-04-01": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01') AS nothing,
       care_internal.worked_balance('{2020-01-01}', '{5}', '{"2020-01-02": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01') AS not_known;
BEGIN;
SELECT care_internal.worked_balance('{2020-01-01}', '{}', '{"2015-04-01": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{2020-01-01,2020-01-01}', '{1,2}', '{"2015-04-01": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{2020-01-01,NULL}', '{1,2}', '{"2015-04-01": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{{2020-01-01},{2020-01-02}}', '{1,2}', '{"2015-04-01": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{2020-01-01}', '{1}', '{"2015-04-01": 1}', 'neither', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{2020-01-01}', '{1}', '{"2015-04-01": 101}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{2020-01-01}', '{9999999999.99}', '{"2015-04-01": 100}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
SELECT care_internal.worked_balance('{2020-01-01}', NULL, '{"2015-04-01": 1}', 'both', 'act/act', 'none', 'at_the_end', '2020-01-01');
ROLLBACK;
