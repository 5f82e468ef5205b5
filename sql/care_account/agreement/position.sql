--
-- position: where each agreement stands, and its working.
--
-- Must not know: care accounts, statements.
--

CREATE TYPE care.agreement_position_row AS (
    agreement_id bigint,
    authority text,
    reference text,
    as_at date,
    rate numeric,
    deferred numeric,
    administration_charges numeric,
    interest numeric,
    payments numeric,
    balance numeric,
    held numeric,
    property_value numeric,
    equity_limit numeric,
    equity_remaining numeric,
    credited numeric,
    refunded numeric,
    written_off numeric,
    interest_separate numeric,
    missing text
);
COMMENT ON TYPE care.agreement_position_row IS 'A row of agreement_position; see the view.';
COMMENT ON COLUMN care.agreement_position_row.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_position_row.authority IS 'The authority that defers.';
COMMENT ON COLUMN care.agreement_position_row.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.agreement_position_row.as_at IS 'The day at whose close it stands so.';
COMMENT ON COLUMN care.agreement_position_row.rate IS
    'Rate of the interest added to the debt on the day, per cent a year.';
COMMENT ON COLUMN care.agreement_position_row.deferred IS 'Care fees deferred to date, and debt brought in, pounds.';
COMMENT ON COLUMN care.agreement_position_row.administration_charges IS
    'Administration charges deferred to date, pounds.';
COMMENT ON COLUMN care.agreement_position_row.interest IS
    'Interest added to the debt to date, capitalised or not, pounds.';
COMMENT ON COLUMN care.agreement_position_row.payments IS 'Payments to date, pounds.';
COMMENT ON COLUMN care.agreement_position_row.balance IS
    'Owed at the close of the day, pounds. Balance - held = deferred + administration charges + interest + refunded '
    '- payments - credited - written off.';
COMMENT ON COLUMN care.agreement_position_row.held IS
    'Money held for the person, pounds: to be refunded, or met by what is entered next; only while nothing is owed.';
COMMENT ON COLUMN care.agreement_position_row.property_value IS
    'Value of the person''s share of the property, by the last valuation, pounds.';
COMMENT ON COLUMN care.agreement_position_row.equity_limit IS 'Up to what balance care fees may be deferred, pounds.';
COMMENT ON COLUMN care.agreement_position_row.equity_remaining IS
    'Equity limit less balance, pounds; negative once interest and charges have gone past it.';
COMMENT ON COLUMN care.agreement_position_row.credited IS 'Credits and waivers to date, pounds.';
COMMENT ON COLUMN care.agreement_position_row.refunded IS 'Refunds of money held to date, pounds.';
COMMENT ON COLUMN care.agreement_position_row.written_off IS 'Written off to date, pounds.';
COMMENT ON COLUMN care.agreement_position_row.interest_separate IS
    'Interest to date that the person pays separately, pounds: no part of the balance.';
COMMENT ON COLUMN care.agreement_position_row.missing IS
    'What is not known, so that figures are null: which rate, and from which day; null: nothing.';

-- In one place for the function and the view of every day: where an agreement stands at the close of a day, by the
-- rates of its authority.  As a table it becomes part of the query that asks.
CREATE FUNCTION care_internal.agreement_stands(agreement care.agreement, rates care.schedule, as_at date,
                                               known_at timestamptz)
    RETURNS SETOF care.agreement_position_row LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT (agreement).agreement_id, (agreement).authority, (agreement).reference, as_at,
           t.rate,
           (l.totals).deferred,
           (l.totals).administration_charges,
           (l.totals).balance - (l.totals).held - (l.totals).entries,
           (l.totals).payments,
           (l.totals).balance,
           (l.totals).held,
           s.property_value,
           s.equity_limit,
           s.equity_limit - (l.totals).balance,
           (l.totals).credited,
           (l.totals).refunded,
           (l.totals).written_off,
           (l.totals).separate,
           CASE WHEN t.rate IS NULL OR (l.totals).balance IS NULL OR (l.totals).separate IS NULL
                THEN (SELECT m.missing FROM care_internal.missing_rate(agreement, as_at, known_at) AS m) END
    FROM (SELECT care.value_on(care_internal.rates_charged(coalesce(agreement_stands.rates, '{"-infinity": null}'),
                                                           (agreement).charged, (agreement).court_from,
                                                           (agreement).court_rate, as_at), as_at) OFFSET 0) AS t (rate)
        CROSS JOIN LATERAL care_internal.ledger_on(agreement, agreement_stands.rates, as_at, false, known_at) AS l
        LEFT JOIN LATERAL care_internal.security_on((agreement).agreement_id, as_at, known_at) AS s ON true;
END;
COMMENT ON FUNCTION care_internal.agreement_stands(care.agreement, care.schedule, date, timestamptz) IS
    'Where a signed agreement stands at the close of a day, by its authority''s rates (null: it has none), as it is '
    'known, or (known_at) was known at a moment; one row.';

CREATE FUNCTION care.agreement_position(as_at date)
    RETURNS SETOF care.agreement_position_row LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.*
    FROM care.agreement AS a
        LEFT JOIN care.effective_rate AS r ON r.authority = a.authority
        CROSS JOIN LATERAL care_internal.agreement_stands(a, r.rates, as_at, NULL) AS p
    WHERE a.signed_on <= care_internal.required_day(as_at);
END;
COMMENT ON FUNCTION care.agreement_position(date) IS
    'Where every signed agreement stands at the close of a day. Where a rate is not known, its figures are null and '
    'missing says which rate.';

CREATE FUNCTION care.agreement_position(as_at date, known_at timestamptz)
    RETURNS SETOF care.agreement_position_row LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.*
    FROM care_internal.agreements_known(ARRAY(SELECT a.agreement_id FROM care.agreement AS a), known_at) AS k
        LEFT JOIN care.effective_rate_known_at(known_at) AS r ON r.authority = k.authority
        CROSS JOIN LATERAL care_internal.agreement_stands(k, r.rates, as_at, known_at) AS p
    WHERE k.signed_on <= care_internal.required_day(as_at);
END;
COMMENT ON FUNCTION care.agreement_position(date, timestamptz) IS
    'Where every agreement that was signed stood at the close of a day, by what was recorded by a moment: steps, '
    'entries, valuations and rates.';

CREATE VIEW care.agreement_position AS SELECT p.* FROM care.agreement_position(care.today()) AS p;
COMMENT ON VIEW care.agreement_position IS 'Where every signed agreement stands at the close of today.';
SELECT care_internal.comment_columns('care.agreement_position', 'care.agreement_position_row');

-- As care.account_position_on.
CREATE VIEW care.agreement_position_on AS
    SELECT p.*
    FROM care.agreement AS a
        CROSS JOIN care.day AS d
        LEFT JOIN care.effective_rate AS r ON r.authority = a.authority
        CROSS JOIN LATERAL care_internal.agreement_stands(a, r.rates, d.day, NULL) AS p
    WHERE a.signed_on <= d.day;
COMMENT ON VIEW care.agreement_position_on IS
    'Where every signed agreement stands at the close of each day of a century: always asked with WHERE as_at = ... or '
    'a few days, and meant for foreign tables.';
SELECT care_internal.comment_columns('care.agreement_position_on', 'care.agreement_position_row');

CREATE TYPE care.interest_working_row AS (
    from_day date,
    to_day date,
    days integer,
    rate numeric,
    opening numeric,
    entries numeric,
    interest numeric,
    closing numeric
);
COMMENT ON TYPE care.interest_working_row IS
    'A line of interest_working: both days count; closing = opening + entries + interest. What is held for the person '
    'is owed to them: negative.';
COMMENT ON COLUMN care.interest_working_row.from_day IS 'First day.';
COMMENT ON COLUMN care.interest_working_row.to_day IS 'Last day.';
COMMENT ON COLUMN care.interest_working_row.days IS 'Days of interest.';
COMMENT ON COLUMN care.interest_working_row.rate IS 'Rate of interest, per cent a year.';
COMMENT ON COLUMN care.interest_working_row.opening IS
    'Owed before the first day, pounds; negative: held for the person.';
COMMENT ON COLUMN care.interest_working_row.entries IS
    'What was entered for its days, pounds; what lowers the debt is negative.';
COMMENT ON COLUMN care.interest_working_row.interest IS 'Interest of its days, pounds.';
COMMENT ON COLUMN care.interest_working_row.closing IS
    'Owed at the close of the last day, pounds; negative: held for the person.';

-- Each period of one rate from a day to another, with the totals at its end.  Its interest is the
-- difference of two rounded balances, so that the periods add up.  The entries are read once.
CREATE FUNCTION care_internal.rate_periods(agreement care.agreement, rates care.schedule, first_day date, last_day date,
                                           known_at timestamptz)
    RETURNS TABLE (from_day date, to_day date, days integer, rate numeric, opening numeric,
                   entries numeric, interest numeric, closing numeric, totals care_internal.running_totals)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT k.from_day, k.to_day, k.to_day - k.from_day + 1,
           care.value_on(care_internal.rates_charged(rates, (agreement).charged, (agreement).court_from,
                                                     (agreement).court_rate, k.to_day), k.from_day),
           k.opening, k.entries, k.closing - k.entries - k.opening, k.closing, k.totals
    FROM (SELECT lag(d.to_day + 1) OVER w AS from_day, d.to_day,
                 lag((l.totals).balance - (l.totals).held) OVER w AS opening,
                 (l.totals).balance - (l.totals).held AS closing,
                 (l.totals).entries - lag((l.totals).entries) OVER w AS entries,
                 l.totals
          FROM (SELECT care_internal.gathered(e.amount, e.on_day, e.kind)
                FROM care.agreement_entry AS e
                WHERE e.agreement_id = (agreement).agreement_id AND e.on_day <= last_day
                  AND (known_at IS NULL OR e.recorded_at <= known_at)) AS g (entries)
              CROSS JOIN LATERAL (
                SELECT first_day - 1
                UNION ALL
                SELECT (agreement).court_from - 1 WHERE (agreement).court_from > first_day
                  AND (agreement).court_from <= last_day
                UNION ALL
                SELECT s.valid_from - 1
                FROM care_internal.steps(care_internal.rates_charged(rates, (agreement).charged, NULL, NULL,
                                                                     last_day)) AS s
                WHERE s.valid_from > first_day AND s.valid_from <= last_day
                  AND ((agreement).court_from IS NULL OR s.valid_from < (agreement).court_from)
                UNION ALL
                SELECT last_day) AS d (to_day)
              CROSS JOIN LATERAL (
                SELECT care_internal.running_totals(g.entries, rates, (agreement).charged, (agreement).court_from,
                                                    (agreement).court_rate, (agreement).day_count,
                                                    (agreement).capitalised, d.to_day, false) OFFSET 0) AS l (totals)
          WHERE first_day IS NOT NULL
          WINDOW w AS (ORDER BY d.to_day)) AS k
    WHERE k.from_day IS NOT NULL
    ORDER BY k.from_day;
END;
COMMENT ON FUNCTION care_internal.rate_periods(care.agreement, care.schedule, date, date, timestamptz) IS
    'The periods of one rate from a day (null: no row) to another, both counted, in order: what was owed before and '
    'after each (null: not known; negative: held), what was entered and what interest came in it, and the totals at '
    'its end; pounds.';

CREATE FUNCTION care.interest_working(agreement_id bigint, from_day date, to_day date,
                                      known_at timestamptz DEFAULT NULL)
    RETURNS SETOF care.interest_working_row
        LANGUAGE plpgsql VOLATILE PARALLEL SAFE ROWS 10 SET search_path = pg_catalog,
        pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.agreement_known(agreement_id, known_at);
BEGIN
    IF from_day IS NULL OR to_day IS NULL OR NOT isfinite(from_day) OR NOT isfinite(to_day) OR from_day > to_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'period_is_one',
            MESSAGE = format('%s: the period %s to %s is not one', care_internal.agreement_label(agreement),
                             care_internal.day_text(from_day), care_internal.day_text(to_day)),
            HINT = 'Both days count: for a single day, give it twice.';
    END IF;
    RETURN QUERY
    SELECT k.from_day, k.to_day, k.days, k.rate,
           care_internal.known_figure(k.opening, agreement, k.from_day - 1, known_at), k.entries, k.interest,
           care_internal.known_figure(k.closing, agreement, k.to_day, known_at)
    FROM care_internal.rate_periods(agreement, care_internal.authority_rates(agreement.authority, known_at), from_day,
                                    to_day, known_at) AS k;
END
$$;
COMMENT ON FUNCTION care.interest_working(bigint, date, date, timestamptz) IS
    'The working of an agreement''s interest over a period, a line for each rate, in pounds, with what was recorded in '
    'the statement that asks; as it is known, or (known_at) was known at a moment. P0002 if there '
    'is no such agreement, 22023 if the period is not one, 55000 if a rate is '
    'not known.';

-- Nothing is ever charged above the national maximum; a court rate is not bound by it.
CREATE VIEW care.rate_above_maximum AS
    SELECT a.agreement_id, a.authority, a.reference, s.valid_from AS from_day, s.value AS rate,
           care.value_on(m.rates, s.valid_from) AS max_rate
    FROM (SELECT care.national_max_rates() OFFSET 0) AS m (rates),
        care.agreement AS a
        JOIN care.effective_rate AS r ON r.authority = a.authority
        CROSS JOIN LATERAL (
            SELECT d.valid_from, care.value_on(t.rates, d.valid_from) AS value
            FROM (SELECT care_internal.rates_charged(r.rates, a.charged, NULL, NULL, '9999-12-31') OFFSET 0)
                AS t (rates),
                LATERAL (SELECT x.valid_from FROM care_internal.steps(t.rates) AS x
                         UNION SELECT y.valid_from FROM care_internal.steps(m.rates) AS y) AS d
            WHERE d.valid_from >= '2015-04-01' AND (a.court_from IS NULL OR d.valid_from < a.court_from)) AS s
    WHERE s.value > coalesce(care.value_on(m.rates, s.valid_from), 0) AND s.value > 0;
COMMENT ON VIEW care.rate_above_maximum IS
    'Agreements and days on which more than the national maximum would be charged: always empty.';
COMMENT ON COLUMN care.rate_above_maximum.from_day IS 'The first such day.';
COMMENT ON COLUMN care.rate_above_maximum.rate IS 'The rate charged, per cent a year.';
COMMENT ON COLUMN care.rate_above_maximum.max_rate IS 'The national maximum, per cent a year.';
SELECT care_internal.comment_columns('care.rate_above_maximum', 'care.agreement_position_row');
