--
-- letter_agreement: letters about a deferred payment agreement: a statement, what repays it, and a change of the rate;
-- and its balance as a picture.
--
-- The statement's letter shows what the statement says, and stays the same; the other two are worked out when they are
-- asked for.
--
-- Must not know: care accounts, what makes a balance.
--

CREATE FUNCTION care_internal.agreement_form(agreement care.agreement, addressee jsonb, options jsonb, day date)
    RETURNS care_internal.letter_form
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care_internal.letter_form(format('agreement %s (%s)', (agreement).agreement_id, (agreement).reference),
                                     addressee, options, u.name, day)
    FROM care.local_authority AS u WHERE u.authority = (agreement).authority;
END;
COMMENT ON FUNCTION care_internal.agreement_form(care.agreement, jsonb, jsonb, date) IS
    'How a letter about an agreement is to look, by what the caller chose.';

CREATE FUNCTION care_internal.figure_table(caption text, what text[], amounts numeric[]) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care_internal.letter_table(caption, '{What,Amount}',
               xmlagg(xmlelement(name tr, care_internal.letter_cells(
                   ARRAY[u.what, care_internal.pounds_text(u.amount)], 'row', 2)) ORDER BY u.n), 2)
    FROM unnest(what, amounts) WITH ORDINALITY AS u (what, amount, n) WHERE u.amount IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.figure_table(text, text[], numeric[]) IS
    'A table of amounts, without those that are null.';

-- What a statement and those before it said: what was owed, what was paid, and at which rate interest came.
CREATE FUNCTION care_internal.agreement_statement_points(s care.agreement_statement)
    RETURNS TABLE (day date, balance numeric, equity_limit numeric, paid numeric, rate numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    WITH RECURSIVE told AS (
        SELECT x.statement_id, x.previous_statement_id, x.as_at, x.balance, x.equity_limit
        FROM care.agreement_statement AS x
        WHERE x.agreement_id = (s).agreement_id AND x.statement_id = (s).statement_id
        UNION ALL
        SELECT x.statement_id, x.previous_statement_id, x.as_at, x.balance, x.equity_limit
        FROM told AS t JOIN care.agreement_statement AS x
            ON x.agreement_id = (s).agreement_id AND x.statement_id = t.previous_statement_id
    ), line AS (
        SELECT l.what, l.from_day, l.rate, l.amount
        FROM told AS t JOIN care.agreement_statement_line AS l
            ON l.agreement_id = (s).agreement_id AND l.statement_id = t.statement_id
    ), first AS (
        SELECT least((SELECT min(l.from_day) FROM line AS l), min(t.as_at)) - 1 AS day FROM told AS t
    ), period AS (
        SELECT l.from_day, l.rate, lag(l.rate) OVER (ORDER BY l.from_day) AS before
        FROM line AS l WHERE l.what = 'interest'
    )
    SELECT x.day, max(x.balance), max(x.equity_limit), nullif(sum(x.paid), 0), max(x.rate)
    FROM (SELECT f.day, 0.00 AS balance, NULL::numeric AS equity_limit, 0.00 AS paid, NULL::numeric AS rate
          FROM first AS f
          UNION ALL
          SELECT t.as_at, t.balance, t.equity_limit, 0.00, NULL FROM told AS t
          UNION ALL
          SELECT l.from_day, NULL, NULL, -l.amount, NULL
          FROM line AS l WHERE l.what ~ '^(backdated )?payment( reversed)?(:|$)'
          UNION ALL
          SELECT p.from_day, NULL, NULL, 0.00, p.rate FROM period AS p WHERE p.rate = p.before IS NOT TRUE) AS x
    GROUP BY x.day
    HAVING count(x.balance) > 0 OR sum(x.paid) <> 0 OR count(x.rate) > 0;
END;
COMMENT ON FUNCTION care_internal.agreement_statement_points(care.agreement_statement) IS
    'The days of the chart of a statement of an agreement: what was owed at its close and the equity limit, by this '
    'statement and those before it, what was paid on it, and the rate of interest that began with it.';

CREATE FUNCTION care_internal.agreement_statement_picture(s care.agreement_statement, large boolean) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH point AS MATERIALIZED (
        SELECT p.* FROM care_internal.agreement_statement_points(s) AS p
    ), owed AS (
        SELECT array_agg(p.day ORDER BY p.day) AS days, array_agg(p.balance ORDER BY p.day) AS balances
        FROM point AS p WHERE p.balance IS NOT NULL
    ), drawn AS (
        SELECT array_agg(p.day ORDER BY p.day) FILTER (WHERE p.equity_limit IS NOT NULL) AS limit_days,
               array_agg(p.equity_limit ORDER BY p.day) FILTER (WHERE p.equity_limit IS NOT NULL) AS limits,
               array_agg(p.day ORDER BY p.day) FILTER (WHERE p.rate IS NOT NULL) AS rate_days,
               array_agg(p.rate ORDER BY p.day) FILTER (WHERE p.rate IS NOT NULL) AS rates,
               array_agg(p.day ORDER BY p.day) FILTER (WHERE p.paid IS NOT NULL AND h.height IS NOT NULL) AS paid_days,
               array_agg(h.height ORDER BY p.day) FILTER (WHERE p.paid IS NOT NULL AND h.height IS NOT NULL) AS heights,
               xmlagg(xmlelement(name tr, care_internal.letter_cells(
                   ARRAY[care_internal.days_text(p.day, p.day), care_internal.pounds_text(p.balance),
                         care_internal.pounds_text(p.equity_limit), care_internal.pounds_text(p.paid), p.rate || '%'],
                   'row', 2)) ORDER BY p.day) AS rows
        FROM point AS p, owed AS o,
            LATERAL care_internal.chart_height(o.days, o.balances, p.day) AS h (height)
    )
    SELECT xmlconcat(
        xmlelement(name figure, care_internal.chart('owed', 'What you owe',
            format('From nothing on %s to %s on %s.%s%s%s', care_internal.long_day(o.days[1]),
                   care_internal.pounds_text((s).balance), care_internal.long_day((s).as_at),
                   coalesce(' The equity limit is ' || care_internal.pounds_text((s).equity_limit) || '.', ''),
                   CASE WHEN d.paid_days IS NOT NULL THEN ' Payments are marked.' END,
                   CASE WHEN d.rate_days IS NOT NULL
                        THEN ' Lines upwards show where a rate of interest begins.' END),
            ARRAY[ROW('What you owe', 'amount', o.days, o.balances)::care_internal.chart_line,
                  ROW('The equity limit', 'limit', CASE WHEN d.limits IS NOT NULL THEN o.days[1] || d.limit_days END,
                      d.limits[1] || d.limits)::care_internal.chart_line,
                  ROW('A payment', 'mark', d.paid_days, d.heights)::care_internal.chart_line,
                  ROW('A rate of interest begins', 'change', d.rate_days, d.rates)::care_internal.chart_line],
            large)),
        care_internal.letter_table('The same figures',
            '{Day,"You owe","Equity limit","You paid","New rate"}', d.rows, 2))
    FROM owed AS o, drawn AS d;
END;
COMMENT ON FUNCTION care_internal.agreement_statement_picture(care.agreement_statement, boolean) IS
    'The chart of a statement of an agreement, and its figures as a table.';

CREATE FUNCTION care_internal.agreement_statement_body(s care.agreement_statement, large boolean) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlconcat(
        care_internal.letter_paragraphs(ARRAY[
            format('By the close of %s you owed %s.', care_internal.long_day((s).as_at),
                   care_internal.pounds_text((s).balance)),
            format('Repaying all of it on %s would cost %s.', care_internal.long_day((s).as_at + 1),
                   care_internal.pounds_text((s).redemption_figure)),
            'Interest is charged at ' || (s).rate || ' per cent a year now.',
            CASE WHEN (s).equity_remaining >= 0
                 THEN format('Care fees can be deferred until you owe %s, the equity limit: %s is left.',
                             care_internal.pounds_text((s).equity_limit),
                             care_internal.pounds_text((s).equity_remaining))
                 WHEN (s).equity_remaining < 0
                 THEN format('You owe %s more than the equity limit, %s: no more care fees can be deferred.',
                             care_internal.pounds_text(-(s).equity_remaining),
                             care_internal.pounds_text((s).equity_limit)) END]),
        care_internal.letter_section('Your figures', care_internal.figure_table(
            'At the close of ' || care_internal.long_day((s).as_at),
            '{Care fees deferred,Administration charges,Interest,Payments,Written off,"What you owe",'
            '"Interest you pay separately","Value of your share of the property"}',
            ARRAY[(s).deferred, (s).administration_charges, (s).interest, -(s).payments,
                  CASE WHEN (s).written_off <> 0 THEN -(s).written_off END, (s).balance,
                  CASE WHEN (s).interest_separate <> 0 THEN (s).interest_separate END, (s).property_value])),
        care_internal.letter_section('What changed', care_internal.letter_table(
            'From the last statement to this one', '{What,Days,Rate,Amount}',
            xmlconcat(
                (SELECT xmlagg(xmlelement(name tr, care_internal.letter_cells(
                    ARRAY[upper(left(l.what, 1)) || substr(l.what, 2), care_internal.days_text(l.from_day, l.to_day),
                          l.rate || '%', care_internal.pounds_text(l.amount)], 'row', 3)) ORDER BY l.line)
                 FROM care.agreement_statement_line AS l
                 WHERE l.agreement_id = (s).agreement_id AND l.statement_id = (s).statement_id),
                xmlelement(name tr, xmlattributes('sum' AS class), care_internal.letter_cells(
                    ARRAY['What you owe', NULL, NULL, care_internal.pounds_text((s).balance)], 'row', 3))), 3)),
        care_internal.letter_section('What you owe over time',
                                     care_internal.agreement_statement_picture(s, large)));
END;
COMMENT ON FUNCTION care_internal.agreement_statement_body(care.agreement_statement, boolean) IS
    'What the letter of a statement of an agreement says.';

CREATE FUNCTION care.agreement_letter(agreement_id bigint, statement_id bigint, addressee jsonb DEFAULT NULL,
                                      options jsonb DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    form care_internal.letter_form;
    s care.agreement_statement;
BEGIN
    SELECT i.* INTO s FROM care.agreement_statement AS i
    WHERE i.agreement_id = agreement.agreement_id AND i.statement_id = agreement_letter.statement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'statement_exists', SCHEMA = 'care', TABLE = 'issued_agreement_statement',
            COLUMN = 'statement_id',
            MESSAGE = format('agreement %s (%s) has no statement %s', agreement.agreement_id, agreement.reference,
                             coalesce(statement_id::text, 'null')),
            HINT = 'care.agreement_statement lists those of each agreement.';
    END IF;
    form := care_internal.agreement_form(agreement, addressee, options,
                                         (s.recorded_at AT TIME ZONE 'Europe/London')::date);
    RETURN care_internal.letter_page(form,
        'Your deferred payment agreement at ' || care_internal.long_day(s.as_at),
        agreement.reference || ', statement ' || s.statement_id,
        xmlconcat(care_internal.agreement_statement_body(s, form.large),
                  care_internal.letter_section('Information and advice', care_internal.letter_paragraphs(s.texts)),
                  care_internal.letter_section('If something is wrong', care_internal.letter_paragraphs(ARRAY[
                      'Tell us, and give our reference. Whatever we put right, your next statement will show.'])),
                  care_internal.letter_proof(s.digest, s.chain_length, s.chain_head)));
END
$$;
COMMENT ON FUNCTION care.agreement_letter(bigint, bigint, jsonb, jsonb) IS
    'A statement of a deferred payment agreement as a letter: a whole HTML document, the same for ever. addressee and '
    'options: as for account_letter(). P0002 if the agreement has no such statement, 22023 for an option there is not.';

CREATE FUNCTION care.redemption_letter(agreement_id bigint, pay_on date, addressee jsonb DEFAULT NULL,
                                       options jsonb DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    figure numeric := care.redemption_figure(agreement_id, pay_on);
    form care_internal.letter_form := care_internal.agreement_form(agreement, addressee, options,
                                                                   care.today());
    p care.agreement_position_row;
BEGIN
    PERFORM care_internal.require_rates_confirmed(agreement, pay_on - 1);
    SELECT q.* INTO p FROM care.agreement_position(pay_on - 1) AS q WHERE q.agreement_id = agreement.agreement_id;
    RETURN care_internal.letter_page(form, 'What repays your deferred payment agreement', agreement.reference,
        xmlconcat(
            care_internal.letter_paragraphs(ARRAY[
                format('On %s you can repay all you owe with %s.', care_internal.long_day(pay_on),
                       care_internal.pounds_text(figure)),
                'This figure is for that day alone: interest is added each day, and whatever is paid or charged before '
                'then changes it. If you mean to pay on another day, ask us for the figure of that day.']),
            care_internal.letter_section('How it comes about', care_internal.figure_table(
                'At the close of ' || care_internal.long_day(pay_on - 1),
                '{Care fees deferred,Administration charges,Interest,Payments,Written off,"What you owe"}',
                ARRAY[p.deferred, p.administration_charges, p.interest, -p.payments,
                      CASE WHEN p.written_off <> 0 THEN -p.written_off END, p.balance])),
            care_internal.letter_section('When it is repaid', care_internal.letter_paragraphs(ARRAY[
                'We release the charge on the property, and tell you when it is done.']))));
END
$$;
COMMENT ON FUNCTION care.redemption_letter(bigint, date, jsonb, jsonb) IS
    'A letter that says what repays an agreement on a day, worked out now from what is recorded. addressee and '
    'options: as for account_letter(). Errors are those of redemption_figure().';

CREATE FUNCTION care.rate_notice(agreement_id bigint, from_day date, addressee jsonb DEFAULT NULL,
                                 options jsonb DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    form care_internal.letter_form := care_internal.agreement_form(agreement, addressee, options,
                                                                   care.today());
    before care.agreement_position_row;
    after care.agreement_position_row;
BEGIN
    PERFORM care_internal.require_day(label, 'from_day', from_day);
    SELECT q.* INTO before FROM care.agreement_position(from_day - 1) AS q
    WHERE q.agreement_id = agreement.agreement_id;
    SELECT q.* INTO after FROM care.agreement_position(from_day) AS q WHERE q.agreement_id = agreement.agreement_id;
    IF after.rate IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'rate_notice_rate',
            MESSAGE = format('%s: there is no rate to tell of on %s', label, care_internal.day_text(from_day)),
            DETAIL = coalesce('Not known: ' || after.missing || '.', 'It is not signed by then.');
    END IF;
    PERFORM care_internal.require_rates_confirmed(agreement, from_day);
    RETURN care_internal.letter_page(form, 'Interest on your deferred payment agreement', agreement.reference,
        xmlconcat(
            care_internal.letter_paragraphs(ARRAY[
                CASE WHEN before.rate <> after.rate
                     THEN format('From %s the rate of interest changes from %s to %s per cent a year.',
                                 care_internal.long_day(from_day), before.rate, after.rate)
                     WHEN before.rate = after.rate
                     THEN format('From %s the rate of interest stays at %s per cent a year.',
                                 care_internal.long_day(from_day), after.rate)
                     ELSE format('From %s the rate of interest is %s per cent a year.',
                                 care_internal.long_day(from_day), after.rate) END,
                'By the close of ' || care_internal.long_day(from_day - 1) || ' you owed '
                || care_internal.pounds_text(before.balance) || '.',
                'You need not do anything. Your next statement shows the interest at each rate.'])));
END
$$;
COMMENT ON FUNCTION care.rate_notice(bigint, date, jsonb, jsonb) IS
    'A letter that says what rate of interest an agreement bears from a day, and bore before, by what is recorded now. '
    'addressee and options: as for account_letter(). P0002 if there is no such agreement, 55000 if the rate is not '
    'known or the agreement is not signed by then.';

CREATE FUNCTION care.agreement_chart(agreement_id bigint, as_at date, large_print boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    d record;
BEGIN
    PERFORM care_internal.require_day(label, 'as_at', as_at);
    IF agreement.signed_on <= as_at IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_chart_signed',
            MESSAGE = format('%s is not signed on %s: there is nothing to show', label, care_internal.day_text(as_at));
    END IF;
    WITH paid AS MATERIALIZED (
        SELECT e.on_day AS day FROM care.agreement_entry AS e
        WHERE e.agreement_id = agreement.agreement_id AND e.kind = 'payment'
          AND e.on_day BETWEEN agreement.signed_on AND agreement_chart.as_at
        GROUP BY e.on_day HAVING sum(e.amount) < 0
    ), point AS (
        -- what is paid shows as a step down
        SELECT p.as_at AS day, p.balance, p.equity_limit
        FROM (SELECT c.day FROM care_internal.curve_days(label, agreement.signed_on, agreement_chart.as_at, '1 month')
                  AS c (day)
              UNION SELECT q.day - n FROM paid AS q, generate_series(0, 1) AS n) AS x
            CROSS JOIN LATERAL care.agreement_position(x.day) AS p
        WHERE p.agreement_id = agreement.agreement_id AND p.balance IS NOT NULL
    ), period AS (
        SELECT k.from_day AS day, k.rate
        FROM care_internal.rate_periods(agreement, care_internal.authority_rates(agreement.authority),
                                        agreement.signed_on, agreement_chart.as_at, NULL) AS k
        WHERE k.rate IS NOT NULL
    )
    SELECT o.days, o.balances, o.limit_days, o.limits, m.days AS paid_days, m.heights, r.days AS rate_days, r.rates
    INTO d
    FROM (SELECT array_agg(p.day ORDER BY p.day) AS days, array_agg(p.balance ORDER BY p.day) AS balances,
                 array_agg(p.day ORDER BY p.day) FILTER (WHERE p.equity_limit IS NOT NULL) AS limit_days,
                 array_agg(p.equity_limit ORDER BY p.day) FILTER (WHERE p.equity_limit IS NOT NULL) AS limits
          FROM point AS p) AS o,
        (SELECT array_agg(p.day ORDER BY p.day) AS days, array_agg(p.balance ORDER BY p.day) AS heights
         FROM point AS p JOIN paid AS q ON q.day = p.day) AS m,
        (SELECT array_agg(k.day ORDER BY k.day) AS days, array_agg(k.rate ORDER BY k.day) AS rates
         FROM period AS k) AS r;
    RETURN xmlserialize(CONTENT care_internal.chart('agreement-' || agreement.agreement_id,
        format('What is owed under agreement %s', agreement.reference),
        format('On %s %s was owed.%s%s', care_internal.long_day(d.days[cardinality(d.days)]),
               care_internal.pounds_text(d.balances[cardinality(d.balances)]),
               CASE WHEN d.paid_days IS NOT NULL
                    THEN format(' Payments are marked: %s.', cardinality(d.paid_days)) END,
               CASE WHEN d.rate_days IS NOT NULL
                    THEN ' Lines upwards show where a rate of interest begins.' END),
        ARRAY[ROW('Owed', 'amount', d.days, d.balances)::care_internal.chart_line,
              ROW('The equity limit', 'limit', d.limit_days, d.limits)::care_internal.chart_line,
              ROW('A payment', 'mark', d.paid_days, d.heights)::care_internal.chart_line,
              ROW('A rate of interest begins', 'change', d.rate_days, d.rates)::care_internal.chart_line],
        coalesce(large_print, false)) AS text);
END
$$;
COMMENT ON FUNCTION care.agreement_chart(bigint, date, boolean) IS
    'What is owed under an agreement, month by month from its signing to the close of a day, beside the equity limit, '
    'with its payments and where each rate of interest begins, as a picture (SVG), by what is recorded now; it ends '
    'where a rate is not known. P0002 if there is no such '
    'agreement, 55000 if it is not signed by then.';
