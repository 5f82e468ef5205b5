--
-- letter_account: a statement of account as a letter.
--
-- It shows what the statement says and works nothing out: whatever is recorded later, the letter stays the same.
--
-- Must not know: agreements; what is recorded now.
--

-- What the statements up to one said, step by step: of earlier ones where they ended, of itself each line.
CREATE FUNCTION care_internal.statement_points(account_id bigint, statement_id bigint)
    RETURNS TABLE (n bigint, day date, what text, accrued numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    WITH RECURSIVE told AS (
        SELECT s.statement_id, s.previous_statement_id, s.as_at, s.accrued, 0 AS back FROM care.statement AS s
        WHERE s.account_id = statement_points.account_id AND s.statement_id = statement_points.statement_id
        UNION ALL
        SELECT s.statement_id, s.previous_statement_id, s.as_at, s.accrued, t.back + 1
        FROM told AS t JOIN care.statement AS s
            ON s.account_id = statement_points.account_id AND s.statement_id = t.previous_statement_id
    ), point AS (
        -- the first statement says from which day the account counts
        SELECT 1 AS part, 0 AS place, min(l.from_day) - 1 AS day, 'counting began' AS what, 0.00 AS accrued
        FROM told AS t JOIN care.statement_line AS l
            ON l.account_id = statement_points.account_id AND l.statement_id = t.statement_id
        WHERE t.previous_statement_id IS NULL
        UNION ALL
        SELECT 2, -t.back, t.as_at, 'statement', t.accrued FROM told AS t WHERE t.back > 0
        UNION ALL
        SELECT 3, l.line, coalesce(l.to_day, l.from_day, p.as_at), l.what, sum(l.amount) OVER (ORDER BY l.line)
        FROM care.statement_line AS l
            LEFT JOIN told AS p ON p.back = 1
        WHERE l.account_id = statement_points.account_id AND l.statement_id = statement_points.statement_id
    )
    SELECT row_number() OVER (ORDER BY x.part, x.place), x.day, x.what, x.accrued
    FROM point AS x WHERE x.day IS NOT NULL AND x.what <> 'on the last statement';
END;
COMMENT ON FUNCTION care_internal.statement_points(bigint, bigint) IS
    'How costs accrued as a statement and those before it told it: the day, and what had accrued then, pounds.';

CREATE FUNCTION care_internal.statement_picture(s care.issued_statement, large boolean) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlconcat(
        xmlelement(name figure, care_internal.chart('progress',
            'Your progress to the cap', format('From nothing on %s to %s on %s, below a cap of %s.%s',
                care_internal.long_day(p.days[1]), care_internal.pounds_text((s).accrued),
                care_internal.long_day((s).as_at), care_internal.pounds_text((s).cap),
                coalesce(' If nothing changes, the cap is reached on '
                         || care_internal.long_day((s).projected_cap_on) || '.', '')),
            ARRAY[ROW('Counted towards the cap', 'amount', p.days, p.amounts)::care_internal.chart_line,
                  care_internal.chart_steps('The cap', 'limit', (s).cap_used, p.days[1] + 1,
                                            coalesce((s).projected_cap_on, (s).as_at))]
            || CASE WHEN (s).projected_cap_on IS NOT NULL
                    THEN ROW('What is likely, if nothing changes', 'projected', ARRAY[(s).as_at, (s).projected_cap_on],
                             ARRAY[(s).accrued, care.value_on((s).cap_used, (s).projected_cap_on)])
                             ::care_internal.chart_line END,
            large)),
        care_internal.letter_table('The same figures', '{At the close of,Counted so far,The cap}', p.rows, 2))
    FROM (SELECT array_agg(x.day ORDER BY x.n) AS days, array_agg(x.accrued ORDER BY x.n) AS amounts,
                 xmlconcat(xmlagg(xmlelement(name tr, care_internal.letter_cells(
                            ARRAY[care_internal.long_day(x.day), care_internal.pounds_text(x.accrued),
                                  care_internal.pounds_text(care.value_on((s).cap_used, greatest(x.day, f.first + 1)))],
                            'row', 2)) ORDER BY x.n),
                     CASE WHEN (s).projected_cap_on IS NOT NULL
                          THEN xmlelement(name tr, care_internal.letter_cells(
                            ARRAY[care_internal.long_day((s).projected_cap_on) || ' (likely)',
                                  care_internal.pounds_text(care.value_on((s).cap_used, (s).projected_cap_on)),
                                  care_internal.pounds_text(care.value_on((s).cap_used, (s).projected_cap_on))],
                            'row', 2)) END) AS rows
          FROM care_internal.statement_points((s).account_id, (s).statement_id) AS x,
              (SELECT min(y.day) AS first
               FROM care_internal.statement_points((s).account_id, (s).statement_id) AS y) AS f) AS p;
END;
COMMENT ON FUNCTION care_internal.statement_picture(care.issued_statement, boolean) IS
    'The chart of a statement, and its figures as a table.';

CREATE FUNCTION care_internal.statement_summary(s care.issued_statement) RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ARRAY[
        format('By the close of %s, %s had counted towards your cap of %s.', care_internal.long_day((s).as_at),
               care_internal.pounds_text((s).accrued), care_internal.pounds_text((s).cap)),
        CASE WHEN (s).cap_reached_on IS NOT NULL
             THEN format('You reached the cap on %s. From %s we pay for the care that meets your eligible needs. You '
                         'still pay daily living costs and any top-up.', care_internal.long_day((s).cap_reached_on),
                         care_internal.long_day((s).cap_reached_on + 1))
             ELSE format('%s is left until you reach it. %s a week counts now.',
                         care_internal.pounds_text((s).remaining), care_internal.pounds_text((s).weekly_rate)) END,
        CASE WHEN (s).projected_cap_on IS NOT NULL
             THEN format('If nothing changes, you are likely to reach the cap on %s.',
                         care_internal.long_day((s).projected_cap_on)) END];
COMMENT ON FUNCTION care_internal.statement_summary(care.issued_statement) IS
    'What a statement says, in two or three sentences.';

CREATE FUNCTION care_internal.statement_tables(s care.issued_statement) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlconcat(
        care_internal.letter_section('Your figures', care_internal.letter_table(
            'At the close of ' || care_internal.long_day((s).as_at), '{What,Amount}',
            (SELECT xmlagg(xmlelement(name tr, care_internal.letter_cells(
                        ARRAY[f.what, care_internal.pounds_text(f.amount)], 'row', 2)) ORDER BY f.n)
             FROM (VALUES (1, 'Cap on what you pay for care', (s).cap),
                          (2, 'Cost of meeting your eligible needs, each week', (s).weekly_cost),
                          (3, 'Of that, counted under the scheme, each week', (s).weekly_counted),
                          (4, 'Daily living costs left out, each week', (s).daily_living_cost),
                          (5, 'Counts towards the cap, each week', (s).weekly_rate),
                          (6, 'Counted so far', (s).accrued), (7, 'Left until the cap', (s).remaining))
                 AS f (n, what, amount)), 2)),
        care_internal.letter_section('What changed', care_internal.letter_table(
            'From the last statement to this one', '{What,Days,A week,Amount}',
            xmlconcat(
                (SELECT xmlagg(xmlelement(name tr, care_internal.letter_cells(
                    ARRAY[CASE l.what WHEN 'on the last statement' THEN 'On the last statement'
                                      WHEN 'correction of the last statement' THEN 'Correction of the last statement'
                                      WHEN 'metered' THEN 'Care counted'
                                      WHEN 'uprating' THEN 'Change because the cap changed'
                                      WHEN 'adjustment' THEN 'Other adjustment'
                                      WHEN 'held at the cap' THEN 'The cap is reached' ELSE l.what END,
                          care_internal.days_text(l.from_day, l.to_day),
                          CASE WHEN l.what = 'metered' THEN care_internal.pounds_text(l.weekly_rate) END,
                          care_internal.pounds_text(l.amount)], 'row', 3))
                        ORDER BY l.n)
                 FROM unnest((s).lines)
                     WITH ORDINALITY AS l (what, from_day, to_day, days, weekly_rate, amount, n)),
                xmlelement(name tr, xmlattributes('sum' AS class), care_internal.letter_cells(
                    ARRAY['Counted so far', NULL, NULL, care_internal.pounds_text((s).accrued)],
                    'row', 3))), 3)));
END;
COMMENT ON FUNCTION care_internal.statement_tables(care.issued_statement) IS
    'The figures of a statement, and its lines from the last one.';

CREATE FUNCTION care.account_letter(account_id bigint, statement_id bigint, addressee jsonb DEFAULT NULL,
                                    options jsonb DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.require_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    form care_internal.letter_form;
    s care.issued_statement;
BEGIN
    SELECT i.* INTO s FROM care.issued_statement AS i
    WHERE i.account_id = account.account_id AND i.statement_id = account_letter.statement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'statement_exists', SCHEMA = 'care', TABLE = 'issued_statement', COLUMN = 'statement_id',
            MESSAGE = format('%s has no statement %s', label, coalesce(statement_id::text, 'null')),
            HINT = 'care.statement lists those of each account.';
    END IF;
    form := care_internal.letter_form(label, addressee, options,
                                      (SELECT u.name FROM care.local_authority AS u
                                       WHERE u.authority = account.authority),
                                      (s.recorded_at AT TIME ZONE 'Europe/London')::date);
    RETURN care_internal.letter_page(form, 'Your care account at ' || care_internal.long_day(s.as_at),
        account.reference || ', statement ' || s.statement_id,
        xmlconcat(care_internal.letter_paragraphs(care_internal.statement_summary(s)),
                  care_internal.statement_tables(s),
                  care_internal.letter_section('Your progress', care_internal.statement_picture(s, form.large)),
                  care_internal.letter_section('Information and advice', care_internal.letter_paragraphs(s.texts)),
                  care_internal.letter_section('If something is wrong', care_internal.letter_paragraphs(ARRAY[
                      'Tell us, and give our reference. Whatever we put right, your next statement will show.'])),
                  care_internal.letter_proof(s.digest, s.chain_length, s.chain_head)));
END
$$;
COMMENT ON FUNCTION care.account_letter(bigint, bigint, jsonb, jsonb) IS
    'A statement of account as a letter: a whole HTML document, the same for ever. addressee: {"name": ..., "address": '
    '[...]}, kept nowhere (null: a place is left for them). options: large_print, lang, day, sender, template. P0002 '
    'if the account has no such statement, 22023 for an option there is not.';
