--
-- analyst_book: the questions an analyst asks of all deferred payment agreements at once.
--
-- Must not know: care accounts, what makes a balance.
--

CREATE FUNCTION care_internal.required_period(from_day date, to_day date) RETURNS date
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF from_day IS NULL OR to_day IS NULL OR from_day > to_day OR from_day < '0002-01-01' OR to_day > '9999-12-31' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'period_is_one',
            MESSAGE = format('the period %s to %s is not one', care_internal.day_text(from_day),
                             care_internal.day_text(to_day)),
            HINT = 'Both days count: for a single day, give it twice.';
    END IF;
    RETURN from_day;
END
$$;
COMMENT ON FUNCTION care_internal.required_period(date, date) IS
    'The first day of a period; 22023 if it is not one.';

-- Each period's interest is what the position at its end has beyond the one before it, so that periods add up.
CREATE FUNCTION care.interest_by_period(from_day date, to_day date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, from_day date, to_day date, rate numeric,
                   interest numeric, missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH cut AS MATERIALIZED (
        SELECT r.authority, d.day
        FROM care.effective_rate AS r
            CROSS JOIN LATERAL (SELECT care_internal.required_period($1, $2) - 1
                                UNION SELECT $2
                                UNION SELECT s.valid_from - 1 FROM care.steps(r.rates) AS s
                                WHERE s.valid_from > $1 AND s.valid_from <= $2) AS d (day)
    ), stood AS (
        SELECT p.agreement_id, p.authority, p.reference, p.as_at, p.rate, p.interest, p.missing,
               lag(p.as_at) OVER w AS before, lag(p.interest) OVER w AS interest_before
        FROM (SELECT DISTINCT c.day FROM cut AS c) AS d
            CROSS JOIN LATERAL care.agreement_position(d.day) AS p
            JOIN cut AS c ON c.authority = p.authority AND c.day = d.day
        WINDOW w AS (PARTITION BY p.agreement_id ORDER BY p.as_at)
    )
    SELECT s.agreement_id, s.authority, s.reference,
           coalesce(s.before + 1, (SELECT max(c.day) + 1 FROM cut AS c
                                   WHERE c.authority = s.authority AND c.day < s.as_at)),
           s.as_at, s.rate,
           s.interest - CASE WHEN s.before IS NULL THEN 0.00 ELSE s.interest_before END, s.missing
    FROM stood AS s
    WHERE s.as_at >= $1;
END;
COMMENT ON FUNCTION care.interest_by_period(date, date) IS
    'The interest added to the debt of every signed agreement in a period, both days in it, by the periods of one '
    'rate; it adds up to what the position has at the end beyond the day before the period. Pounds; null where a rate '
    'is not known, which missing names. 22023 if the period is not one.';

-- What is told apart is the rate alone: days that bear no interest by the agreement bear none either way, the court's
-- rate is the court's, and before the national maximum there was nothing to forgo.
CREATE FUNCTION care_internal.rates_at_maximum(rates care.schedule) RETURNS care.schedule
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(m.valid_from, m.percent)
    FROM (SELECT s.valid_from, s.value FROM care_internal.steps(rates) AS s WHERE s.valid_from < '2015-04-01'
          UNION ALL
          SELECT n.valid_from, n.max_percent FROM care_internal.national_max_steps() AS n
          WHERE n.valid_from >= '2015-04-01') AS m (valid_from, percent);
END;
COMMENT ON FUNCTION care_internal.rates_at_maximum(care.schedule) IS
    'The rates of an authority, and the national maximum in place of them from the day there was one.';

-- The same entries at the maximum, until what is owed is settled: then what was forgone stands.
CREATE FUNCTION care.interest_forgone(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, as_at date, interest numeric,
                   interest_at_maximum numeric, forgone numeric, missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH charged AS MATERIALIZED (
        SELECT r.authority, r.rates, care_internal.rates_at_maximum(r.rates) AS at_maximum
        FROM care.effective_rate AS r)
    SELECT a.agreement_id, a.authority, a.reference, $1, f.interest, f.at_maximum, f.at_maximum - f.interest,
           CASE WHEN f.interest IS NULL THEN (SELECT x.missing FROM care_internal.missing_rate(a, $1) AS x)
                WHEN f.at_maximum IS NULL
                THEN 'the national maximum rate from '
                     || care_internal.day_text((care.half_year(care_internal.running_unknown(
                            g.entries, r.at_maximum, a.charged, a.court_from, a.court_rate, a.day_count, a.capitalised,
                            t.to_day, t.is_settled))).first_day) END
    FROM care.agreement AS a
        LEFT JOIN charged AS r ON r.authority = a.authority
        CROSS JOIN LATERAL (SELECT care_internal.gathered(e.amount, e.on_day, e.kind)
                            FROM care.agreement_entry AS e
                            WHERE e.agreement_id = a.agreement_id AND e.on_day <= $1) AS g (entries)
        CROSS JOIN LATERAL (
            SELECT care_internal.running_totals(g.entries, r.rates, a.charged, a.court_from, a.court_rate, a.day_count,
                                                a.capitalised, $1, false) OFFSET 0) AS l (totals)
        CROSS JOIN LATERAL (SELECT coalesce((l.totals).settled_on, $1), (l.totals).settled_on IS NOT NULL)
            AS t (to_day, is_settled)
        CROSS JOIN LATERAL (
            SELECT care_internal.running_totals(g.entries, r.at_maximum, a.charged, a.court_from, a.court_rate,
                                                a.day_count, a.capitalised, t.to_day, t.is_settled) OFFSET 0)
            AS m (totals)
        CROSS JOIN LATERAL (
            SELECT (l.totals).balance - (l.totals).held - (l.totals).entries + (l.totals).separate,
                   (m.totals).balance - (m.totals).held - (m.totals).entries + (m.totals).separate OFFSET 0)
            AS f (interest, at_maximum)
    WHERE a.signed_on <= care_internal.required_day($1);
END;
COMMENT ON FUNCTION care.interest_forgone(date) IS
    'The interest of every signed agreement by the close of a day, added to the debt or paid separately, beside what '
    'the same entries would have borne at the national maximum, and the difference, which the authority forgoes by a '
    'rate of its own; of a debt that is settled, by the day it was. Pounds; null where a rate is not known, which '
    'missing names.';

CREATE FUNCTION care_internal.required_projection(as_at date, on_day date, rate_points numeric, value_percent numeric,
                                                  yearly_charges numeric) RETURNS date
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.required_day(as_at),
            care_internal.require_amount('the book', 'yearly_charges', yearly_charges);
    IF rate_points IS NULL OR value_percent IS NULL OR NOT value_percent > -100 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'projection_assumptions',
            MESSAGE = 'the book: rate_points and value_percent must be given, value_percent above -100';
    END IF;
    IF (on_day BETWEEN as_at AND care_internal.projection_end(as_at)) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'projection_day',
            MESSAGE = format('the book: it cannot be looked at on %s from %s', care_internal.day_text(on_day),
                             care_internal.day_text(as_at)),
            HINT = 'Give as_at, or a day within a hundred years after it.';
    END IF;
    RETURN as_at;
END
$$;
COMMENT ON FUNCTION care_internal.required_projection(date, date, numeric, numeric, numeric) IS
    'The day from which the book is projected; 22023 where another day or an assumption is none.';

-- As care.equity_projection() has it of one agreement.
CREATE FUNCTION care.book_projection(as_at date, on_day date, rate_points numeric DEFAULT 0,
                                     value_percent numeric DEFAULT 0, yearly_charges numeric DEFAULT 0)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, as_at date, balance numeric,
                   weekly_amount numeric, rate numeric, on_day date, projected_balance numeric, equity_limit numeric,
                   limit_reached_on date, missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH known AS MATERIALIZED (
        SELECT r.authority, r.rates, care_internal.assumed_rates(r.rates, $3, $1 + 1) AS assumed
        FROM care.effective_rate AS r)
    SELECT a.agreement_id, a.authority, a.reference, $1, (l.totals).balance, w.weekly_amount,
           care.value_on(t.rates, $1 + 1), $2,
           CASE WHEN $2 = $1 THEN (l.totals).balance
                WHEN (l.totals).balance IS NOT NULL AND care.value_on(t.rates, $1 + 1) IS NOT NULL
                THEN care_internal.projected_balance((l.totals).balance, w.weekly_amount, w.yearly_charges, t.rates,
                                                     a.day_count, t.capitalised, $1, $2) END,
           v.equity_limit,
           CASE WHEN (l.totals).balance IS NOT NULL AND care.value_on(t.rates, $1 + 1) IS NOT NULL
                     AND v.equity_limit IS NOT NULL
                THEN care_internal.limit_reached_on((l.totals).balance, w.weekly_amount, w.yearly_charges, t.rates,
                                                    a.day_count, t.capitalised, $1, care_internal.projection_end($1),
                                                    v.equity_limit) END,
           CASE WHEN (l.totals).balance IS NULL THEN (SELECT m.missing FROM care_internal.missing_rate(a, $1) AS m) END
    FROM care.agreement AS a
        LEFT JOIN known AS k ON k.authority = a.authority
        CROSS JOIN LATERAL care_internal.ledger_on(a, k.rates, $1, false, NULL) AS l
        CROSS JOIN LATERAL (
            SELECT care_internal.rates_charged(coalesce(k.assumed, '{"-infinity": null}'), a.charged, a.court_from,
                                               a.court_rate, $1),
                   care_internal.capitalised_on(a.capitalised, a.court_from, $1) OFFSET 0) AS t (rates, capitalised)
        CROSS JOIN LATERAL (
            SELECT coalesce(care.value_on(care_internal.weekly_deferred(a), $1 + 1), 0.00) OFFSET 0)
            AS d (weekly_amount)
        -- no charges of what is over
        CROSS JOIN LATERAL (
            SELECT d.weekly_amount, CASE WHEN (l.totals).balance = 0 AND d.weekly_amount = 0 THEN 0.00 ELSE $5 END)
            AS w (weekly_amount, yearly_charges)
        LEFT JOIN LATERAL (
            SELECT care.equity_limit(round(x.amount * (1 + $4 / 100), 2), x.share, x.prior_charges,
                                     s.lower_capital_limit, s.margin_percent)
            FROM (SELECT y.* FROM care.valuation AS y WHERE y.agreement_id = a.agreement_id AND y.valued_on <= $1
                  ORDER BY y.valued_on DESC, y.valuation_id DESC LIMIT 1) AS x,
                (SELECT (SELECT p.amount FROM care_internal.parameter_value('deferred_payment', 'lower_capital_limit',
                                                                            $1) AS p),
                        (SELECT p.amount FROM care_internal.parameter_value('deferred_payment',
                                                                            'equity_margin_percent', $1) AS p) OFFSET 0)
                    AS s (lower_capital_limit, margin_percent)
            WHERE s.lower_capital_limit IS NOT NULL AND s.margin_percent IS NOT NULL) AS v (equity_limit) ON true
    WHERE a.signed_on <= care_internal.required_projection($1, $2, $3, $4, $5);
END;
COMMENT ON FUNCTION care.book_projection(date, date, numeric, numeric, numeric) IS
    'What every signed agreement is likely to come to: its balance at the close of a day, and of a later one, and the '
    'day it reaches the equity limit (null: not within 100 years), with the weekly deferral of the first day, yearly '
    'charges, rates so many points above the last known and values so many per cent above the last; as '
    'equity_projection() has it of one. Pounds; null where a rate is not known, which missing names. 22023 for an '
    'assumption that is none.';

CREATE FUNCTION care.agreement_curve(agreement_id bigint, from_day date, to_day date, step interval DEFAULT '1 month')
    RETURNS TABLE (as_at date, rate numeric, deferred numeric, interest numeric, payments numeric, balance numeric,
                   equity_limit numeric, missing text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
BEGIN
    RETURN QUERY
    SELECT p.as_at, p.rate, p.deferred, p.interest, p.payments, p.balance, p.equity_limit, p.missing
    FROM care_internal.curve_days(label, from_day, to_day, step) AS d (day)
        CROSS JOIN LATERAL care.agreement_position(d.day) AS p
    WHERE p.agreement_id = agreement.agreement_id
    ORDER BY p.as_at;
END
$$;
COMMENT ON FUNCTION care.agreement_curve(bigint, date, date, interval) IS
    'Where an agreement stands at the close of a day, and step by step until another, both in it, from its signing on; '
    'pounds; null where a rate is not known, which missing names. P0002 if there is no such agreement, 22023 for a '
    'step that is not of whole days or more than 10,000 of them.';

CREATE FUNCTION care.book_curve(authority text, from_day date, to_day date, step interval DEFAULT '1 month')
    RETURNS TABLE (as_at date, agreements bigint, owing bigint, deferred numeric, administration_charges numeric,
                   interest numeric, payments numeric, written_off numeric, balance numeric, not_known bigint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_authority_or_all(authority);
    RETURN QUERY
    SELECT d.day, count(p.agreement_id), count(*) FILTER (WHERE p.balance > 0), coalesce(sum(p.deferred), 0.00),
           coalesce(sum(p.administration_charges), 0.00), coalesce(sum(p.interest), 0.00),
           coalesce(sum(p.payments), 0.00), coalesce(sum(p.written_off), 0.00), coalesce(sum(p.balance), 0.00),
           count(*) FILTER (WHERE p.agreement_id IS NOT NULL AND p.balance IS NULL)
    FROM care_internal.curve_days('the book', from_day, to_day, step) AS d (day)
        LEFT JOIN LATERAL care.agreement_position(d.day) AS p
            ON book_curve.authority IS NULL OR p.authority = book_curve.authority
    GROUP BY d.day ORDER BY d.day;
END
$$;
COMMENT ON FUNCTION care.book_curve(text, date, date, interval) IS
    'What all agreements of an authority, or (null) all, come to at the close of a day, and step by step until '
    'another, both in it: how many are signed, how many owe, and their totals to date, pounds. Sums leave out '
    'agreements whose rate is not known; not_known counts them. P0002 for no such authority, 22023 for a step that is '
    'not of whole days or more than 10,000 of them.';
