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
    IF authority IS NOT NULL THEN
        PERFORM care_internal.require_authority(authority, NULL);
    END IF;
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
