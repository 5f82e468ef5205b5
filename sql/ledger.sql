--
-- ledger: what is deferred and paid under an agreement, its balance with interest, its redemption
-- figure, and where every agreement stands.
--
-- Interest is not an entry: it follows from them.  A debt is crystallised, that is settled to nought
-- exactly and, if it goes on, carried on as one amount in pounds and pence, when it is redeemed or
-- written off, when the county court gives judgment, and when interest begins to be paid separately.
--
-- Must not know: care accounts.
--

CREATE TABLE care.agreement_entry (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_entry_agreement_fkey REFERENCES care.agreement,
    entry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_entry_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT agreement_entry_not_nought CHECK (amount <> 0),
    kind text NOT NULL
        CONSTRAINT agreement_entry_known_kind CHECK (kind IN (
            'care_fees', 'administration_charge', 'opening_balance', 'payment', 'write_off', 'carried')),
    settles boolean NOT NULL DEFAULT false
        CONSTRAINT agreement_entry_settles_kind CHECK (NOT settles OR kind IN ('payment', 'write_off', 'carried')),
    reverses bigint,
    week_from date,
    tariff text,
    evidence text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    -- with what a balance needs, so that it is worked out from the index alone
    CONSTRAINT agreement_entry_pkey PRIMARY KEY (agreement_id, entry_id) INCLUDE (on_day, amount, kind),
    CONSTRAINT agreement_entry_reverses_fkey FOREIGN KEY (agreement_id, reverses)
        REFERENCES care.agreement_entry (agreement_id, entry_id),
    CONSTRAINT agreement_entry_signed CHECK (reverses IS NOT NULL OR week_from IS NOT NULL OR kind = 'carried'
                                             OR (amount < 0) = (kind IN ('payment', 'write_off')))
);
CREATE INDEX agreement_entry_settles_idx ON care.agreement_entry (agreement_id, entry_id) WHERE settles;
COMMENT ON INDEX care.agreement_entry_settles_idx IS 'Finds what settled an agreement.';
CREATE UNIQUE INDEX agreement_entry_reversed_once ON care.agreement_entry (agreement_id, reverses)
    WHERE reverses IS NOT NULL;
COMMENT ON INDEX care.agreement_entry_reversed_once IS 'An entry is reversed once.';
COMMENT ON TABLE care.agreement_entry IS
    'The ledger of each agreement: what was deferred and what was paid. Interest is not an entry: it follows from '
    'them.';
COMMENT ON COLUMN care.agreement_entry.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_entry.entry_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_entry.on_day IS 'The day at whose start it takes effect.';
COMMENT ON COLUMN care.agreement_entry.amount IS 'Pounds owed; a payment is negative.';
COMMENT ON COLUMN care.agreement_entry.kind IS
    'care_fees, administration_charge, opening_balance (brought in), payment, write_off, or carried: what was owed, '
    'settled and carried on as one amount.';
COMMENT ON COLUMN care.agreement_entry.settles IS
    'It and what was entered before it, for its day or earlier, are settled, to nought exactly.';
COMMENT ON COLUMN care.agreement_entry.reverses IS 'The entry_id of the entry it takes back.';
COMMENT ON COLUMN care.agreement_entry.week_from IS 'For fees posted from the weekly deferral: first day of the week.';
COMMENT ON COLUMN care.agreement_entry.tariff IS 'For a charge: the line of the authority''s tariff.';
COMMENT ON COLUMN care.agreement_entry.evidence IS 'For a charge at cost: reference of the evidence.';
COMMENT ON COLUMN care.agreement_entry.note IS 'What it was for.';
COMMENT ON COLUMN care.agreement_entry.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_entry.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.agreement_entry', '');
SELECT pg_extension_config_dump('care.agreement_entry_entry_id_seq', '');
CREATE TRIGGER agreement_entry_refuse_change BEFORE UPDATE ON care.agreement_entry
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.reverse_entry()');
COMMENT ON TRIGGER agreement_entry_refuse_change ON care.agreement_entry IS 'Facts are added to, never changed.';

CREATE TABLE care.agreement_credit (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_credit_agreement_fkey REFERENCES care.agreement,
    credit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_credit_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT agreement_credit_not_nought CHECK (amount <> 0),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT agreement_credit_pkey PRIMARY KEY (agreement_id, credit_id)
);
COMMENT ON TABLE care.agreement_credit IS
    'Money received above what was owed, held to be refunded: no part of the debt, without interest.';
COMMENT ON COLUMN care.agreement_credit.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_credit.credit_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_credit.on_day IS 'The day it was received or refunded.';
COMMENT ON COLUMN care.agreement_credit.amount IS 'Pounds received; negative: refunded.';
COMMENT ON COLUMN care.agreement_credit.note IS 'More.';
COMMENT ON COLUMN care.agreement_credit.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_credit.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.agreement_credit', '');
SELECT pg_extension_config_dump('care.agreement_credit_credit_id_seq', '');
CREATE TRIGGER agreement_credit_refuse_change BEFORE UPDATE ON care.agreement_credit
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.refund_credit()');
COMMENT ON TRIGGER agreement_credit_refuse_change ON care.agreement_credit IS 'Facts are added to, never changed.';

CREATE TABLE care.agreement_invoice (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_invoice_agreement_fkey REFERENCES care.agreement,
    invoice_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_invoice_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT agreement_invoice_known_kind CHECK (kind IN ('interest', 'administration_charge')),
    amount care.pounds NOT NULL
        CONSTRAINT agreement_invoice_not_nought CHECK (amount <> 0),
    tariff text,
    evidence text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT agreement_invoice_pkey PRIMARY KEY (agreement_id, invoice_id)
);
COMMENT ON TABLE care.agreement_invoice IS
    'Interest and charges that the person pays separately: invoiced, not deferred, and without interest.';
COMMENT ON COLUMN care.agreement_invoice.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_invoice.invoice_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_invoice.on_day IS 'The day of a charge; for interest, the last day it covers.';
COMMENT ON COLUMN care.agreement_invoice.kind IS 'interest or administration_charge.';
COMMENT ON COLUMN care.agreement_invoice.amount IS 'Pounds; negative: a correction of earlier ones.';
COMMENT ON COLUMN care.agreement_invoice.tariff IS 'For a charge: the line of the authority''s tariff.';
COMMENT ON COLUMN care.agreement_invoice.evidence IS 'For a charge at cost: reference of the evidence.';
COMMENT ON COLUMN care.agreement_invoice.note IS 'More.';
COMMENT ON COLUMN care.agreement_invoice.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_invoice.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.agreement_invoice', '');
SELECT pg_extension_config_dump('care.agreement_invoice_invoice_id_seq', '');
CREATE TRIGGER agreement_invoice_refuse_change BEFORE UPDATE ON care.agreement_invoice
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.invoice_interest() or care.record_charge()');
COMMENT ON TRIGGER agreement_invoice_refuse_change ON care.agreement_invoice IS 'Facts are added to, never changed.';

--
-- The law: doc/calculations.md section 4.
--

-- The last settlement on or before a day.  The fraction of a penny that it rounded away, and interest
-- not yet capitalised that it paid, end with it.
CREATE FUNCTION care.settlement(agreement_id bigint, as_at date,
                                OUT entry_id bigint, OUT on_day date)
    RETURNS SETOF record LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT s.entry_id, s.on_day FROM care.agreement_entry AS s
    WHERE s.agreement_id = settlement.agreement_id AND s.settles AND s.on_day <= settlement.as_at
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = s.agreement_id
                        AND r.reverses = s.entry_id)
    ORDER BY s.entry_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care.settlement(bigint, date) IS
    'The last settlement by a day: entries up to it in order and in day are paid.';

-- From a judgment on the court rate holds in place of the contractual rate, never both.
CREATE FUNCTION care.rates_charged(rates care.schedule, charged care.schedule, court_from date,
                                   court_rate numeric, as_at date) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN court_from <= as_at THEN ('{"-infinity": ' || court_rate::text || '}')::care.schedule
                WHEN charged IS NULL THEN rates
                ELSE care.masked_rates(rates, charged) END;
COMMENT ON FUNCTION care.rates_charged(care.schedule, care.schedule, date, numeric, date) IS
    'The rates that make the balance of an agreement as at a day: the authority''s where interest is added to the '
    'debt; after a judgment the court rate.';

CREATE FUNCTION care.capitalised_on(capitalised text, court_from date, as_at date)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN court_from <= as_at THEN 'none' ELSE capitalised END;
COMMENT ON FUNCTION care.capitalised_on(text, date, date) IS
    'The capitalisation that makes the balance of an agreement as at a day: simple interest after a judgment.';

CREATE FUNCTION care.authority_rates(authority text) RETURNS care.schedule LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.rates FROM care.effective_rate AS r WHERE r.authority = authority_rates.authority;
END;
COMMENT ON FUNCTION care.authority_rates(text) IS 'The rates an authority charges; see effective_rate.';

-- What was entered by the close of a day, and what is owed then with interest, on the terms that hold as at
-- the day.  As a table it becomes part of the query that asks, and is not planned each time; of two columns,
-- as one that is a row would not.  The settlement comes first: it is looked for once.
CREATE FUNCTION care.ledger_on(agreement_id bigint, rates care.schedule, day_count text, capitalised text,
                               as_at date)
    RETURNS TABLE (on_day date, totals care.ledger_totals) LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT as_at,
           care.ledger(e.amount, e.on_day, rates, ledger_on.day_count, ledger_on.capitalised, as_at, e.kind,
                       z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day)
    FROM (SELECT OFFSET 0) AS one
        LEFT JOIN care.settlement(ledger_on.agreement_id, as_at) AS z ON true
        JOIN care.agreement_entry AS e ON e.agreement_id = ledger_on.agreement_id AND e.on_day <= as_at;
END;
COMMENT ON FUNCTION care.ledger_on(bigint, care.schedule, text, text, date) IS
    'A day, and the totals of an agreement''s entries and its balance at its close, null without entries; one row.';

-- Repaid within so many days of the death, without interest from the day after it, where the authority so decided;
-- a death before there was such a period has none.
CREATE FUNCTION care.concession_from(agreement care.agreement, pay_on date) RETURNS SETOF date
    LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT d.died_on + 1
    FROM care.death_known_at('infinity'::timestamptz) AS d
    WHERE d.person_id = (agreement).person_id AND pay_on > d.died_on
      AND care.setting_on((agreement).authority, 'interest_after_death', d.died_on) = 'waived_if_repaid'
      AND pay_on <= d.died_on + care.value_on(care.parameter_schedule('deferred_payment', 'repayment_days_after_death'),
                                              d.died_on)::integer
      AND (agreement).court_from IS NULL;
END;
COMMENT ON FUNCTION care.concession_from(care.agreement, date) IS
    'The day from which a debt repaid on a day bears no interest by the authority''s concession; no row: none.';

-- Entries of the day itself bear no interest if the debt is paid that day.
CREATE FUNCTION care.redemption_figure(agreement_id bigint, pay_on date)
    RETURNS numeric LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.require_agreement(agreement_id);
    free_from date := (SELECT c.free_from FROM care.concession_from(agreement, pay_on) AS c (free_from));
BEGIN
    PERFORM care.require_day(care.agreement_label(agreement), 'pay_on', pay_on);
    RETURN (
        SELECT coalesce(care.balance(e.amount, e.on_day, t.rates, agreement.day_count, t.capitalised, pay_on - 1)
                            FILTER (WHERE e.on_day < pay_on), 0.00)
               + coalesce(sum(e.amount) FILTER (WHERE e.on_day = pay_on), 0.00)
        FROM (SELECT care.rates_charged((SELECT r.rates FROM care.effective_rate AS r
                                         WHERE r.authority = agreement.authority),
                                        CASE WHEN free_from IS NULL THEN agreement.charged
                                             ELSE care.least(coalesce(agreement.charged, '{"-infinity": 1}'),
                                                             format('{"-infinity": 1, "%s": 0}',
                                                                    care.day_text(free_from))::care.schedule) END,
                                        agreement.court_from, agreement.court_rate, pay_on - 1),
                     care.capitalised_on(agreement.capitalised, agreement.court_from, pay_on - 1) OFFSET 0)
                         AS t (rates, capitalised)
            LEFT JOIN care.settlement(agreement.agreement_id, pay_on) AS z ON true
            JOIN care.agreement_entry AS e
                ON e.agreement_id = agreement.agreement_id AND e.on_day <= pay_on
                   AND (z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day));
END
$$;
COMMENT ON FUNCTION care.redemption_figure(bigint, date) IS
    'What repays an agreement in full on a day, pounds: interest to the close of the day before, and the day''s own '
    'entries. P0002 if there is no such agreement.';

-- Interest that is paid separately: simple, by the day, on what was owed when that began and on what was
-- entered since, for that day or later.  An entry that was backdated to before it counts with what it had
-- come to by then.  A judgment ends it, also one of the day it began; before interest_from there is none.
CREATE FUNCTION care.separate_interest(agreement care.agreement, as_at date) RETURNS numeric
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(sum(i.interest), 0.00)
    FROM (SELECT care.authority_rates((agreement).authority) OFFSET 0) AS r (rates),
        LATERAL (SELECT q.*
                 FROM (SELECT s.on_day AS first_day, s.recorded_at,
                              greatest(s.on_day, (agreement).interest_from) AS bears_from,
                              least(as_at, (agreement).court_from - 1,
                                    (SELECT min(n.on_day) - 1 FROM care.agreement_event AS n
                                     WHERE n.agreement_id = s.agreement_id AND n.kind = 'interest_deferred'
                                       AND n.on_day > s.on_day)) AS last_day
                       FROM care.agreement_event AS s
                       WHERE s.agreement_id = (agreement).agreement_id AND s.kind = 'interest_separate'
                         AND s.on_day <= as_at OFFSET 0) AS q
                 WHERE q.last_day >= q.bears_from) AS p,
        LATERAL (SELECT care.masked_rates(r.rates, care.schedule_agg(w.day, w.inside)) AS rates
                 FROM (VALUES ('-infinity'::date, 0), (p.bears_from, 1), (p.last_day + 1, 0)) AS w (day, inside)) AS t,
        LATERAL (SELECT care.balance(o.amount, o.on_day, t.rates, (agreement).day_count, 'none',
                                     p.last_day) - sum(o.amount) AS interest
                 FROM (SELECT e.amount, e.on_day
                       FROM care.agreement_entry AS e
                       WHERE e.agreement_id = (agreement).agreement_id AND e.on_day BETWEEN p.first_day AND p.last_day
                         AND (e.on_day > p.first_day OR (e.recorded_at > p.recorded_at
                                                         AND NOT (e.kind = 'carried' AND e.settles)))
                       UNION ALL
                       SELECT care.balance(e.amount, e.on_day,
                                           care.rates_charged(r.rates, (agreement).charged, NULL, NULL, p.first_day),
                                           (agreement).day_count, (agreement).capitalised, p.first_day - 1), p.first_day
                       FROM care.agreement_entry AS e
                       WHERE e.agreement_id = (agreement).agreement_id AND e.on_day < p.first_day
                         AND e.recorded_at > p.recorded_at) AS o) AS i;
END;
COMMENT ON FUNCTION care.separate_interest(care.agreement, date) IS
    'Interest to the close of a day in the periods in which the person pays it separately, pounds, invoiced or not.';

--
-- The read interface.
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
    property_value numeric,
    equity_limit numeric,
    equity_remaining numeric,
    written_off numeric,
    interest_separate numeric
);
COMMENT ON TYPE care.agreement_position_row IS 'A row of agreement_position; see the view.';

CREATE FUNCTION care.agreement_position(as_at date)
    RETURNS SETOF care.agreement_position_row LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, as_at,
           care.value_on(t.rates, as_at),
           coalesce((l.totals).deferred, 0.00),
           coalesce((l.totals).administration_charges, 0.00),
           coalesce((l.totals).balance - (l.totals).entries, 0.00),
           coalesce((l.totals).payments, 0.00),
           coalesce((l.totals).balance, 0.00),
           s.property_value,
           s.equity_limit,
           s.equity_limit - coalesce((l.totals).balance, 0.00),
           coalesce((l.totals).written_off, 0.00),
           CASE WHEN a.charged IS NULL THEN 0.00 ELSE care.separate_interest(a, as_at) END
    FROM care.agreement AS a
        CROSS JOIN LATERAL (SELECT x.rates FROM care.effective_rate AS x WHERE x.authority = a.authority) AS r
        CROSS JOIN LATERAL (SELECT care.rates_charged(r.rates, a.charged, a.court_from, a.court_rate, as_at),
                                   care.capitalised_on(a.capitalised, a.court_from, as_at) OFFSET 0)
                                       AS t (rates, capitalised)
        CROSS JOIN LATERAL care.ledger_on(a.agreement_id, t.rates, a.day_count, t.capitalised, as_at) AS l
        LEFT JOIN LATERAL care.security_on(a.agreement_id, as_at) AS s ON true
    WHERE a.signed_on <= care.required_day(as_at);
END;
COMMENT ON FUNCTION care.agreement_position(date) IS
    'Where every signed agreement stands at the close of a day.';

CREATE VIEW care.agreement_position AS SELECT p.* FROM care.agreement_position(current_date) AS p;
COMMENT ON VIEW care.agreement_position IS 'Where every signed agreement stands at the close of today.';
COMMENT ON COLUMN care.agreement_position.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_position.authority IS 'The authority that defers.';
COMMENT ON COLUMN care.agreement_position.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.agreement_position.as_at IS 'The day at whose close it stands so.';
COMMENT ON COLUMN care.agreement_position.rate IS 'Rate of the interest added to the debt on the day, per cent a year.';
COMMENT ON COLUMN care.agreement_position.deferred IS 'Care fees deferred to date, and debt brought in, pounds.';
COMMENT ON COLUMN care.agreement_position.administration_charges IS 'Administration charges deferred to date, pounds.';
COMMENT ON COLUMN care.agreement_position.interest IS 'Interest added to the debt to date, capitalised or not, pounds.';
COMMENT ON COLUMN care.agreement_position.payments IS 'Payments to date, pounds.';
COMMENT ON COLUMN care.agreement_position.balance IS
    'Owed at the close of the day, pounds: deferred + charges + interest - payments - written off.';
COMMENT ON COLUMN care.agreement_position.property_value IS
    'Value of the person''s share of the property, by the last valuation, pounds.';
COMMENT ON COLUMN care.agreement_position.equity_limit IS 'Up to what balance care fees may be deferred, pounds.';
COMMENT ON COLUMN care.agreement_position.equity_remaining IS
    'Equity limit less balance, pounds; negative once interest and charges have gone past it.';
COMMENT ON COLUMN care.agreement_position.written_off IS 'Written off to date, pounds.';
COMMENT ON COLUMN care.agreement_position.interest_separate IS
    'Interest to date that the person pays separately, pounds: no part of the balance.';

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
    'A line of interest_working: both days count; closing = opening + entries + interest.';

-- Each period of one rate from a day to another, with the totals at its end.  Its interest is the
-- difference of two rounded balances, so that the periods add up.
CREATE FUNCTION care.rate_periods(agreement care.agreement, rates care.schedule, first_day date, last_day date)
    RETURNS TABLE (from_day date, to_day date, days integer, rate numeric, opening numeric,
                   entries numeric, interest numeric, closing numeric, totals care.ledger_totals)
    LANGUAGE sql STABLE ROWS 3
BEGIN ATOMIC
    SELECT k.from_day, k.to_day, k.to_day - k.from_day + 1, care.value_on(k.rates, k.from_day),
           k.opening, k.entries, k.closing - k.entries - k.opening, k.closing, k.totals
    FROM (SELECT lag(d.to_day + 1) OVER w AS from_day, d.to_day, t.rates,
                 lag(coalesce((l.totals).balance, 0.00)) OVER w AS opening,
                 coalesce((l.totals).balance, 0.00) AS closing,
                 coalesce((l.totals).entries, 0.00) - lag(coalesce((l.totals).entries, 0.00)) OVER w AS entries,
                 l.totals
          FROM (SELECT first_day - 1
                UNION ALL
                SELECT (agreement).court_from - 1 WHERE (agreement).court_from > first_day
                  AND (agreement).court_from <= last_day
                UNION ALL
                SELECT s.valid_from - 1
                FROM care.steps(care.rates_charged(rates, (agreement).charged, NULL, NULL, last_day)) AS s
                WHERE s.valid_from > first_day AND s.valid_from <= last_day
                  AND ((agreement).court_from IS NULL OR s.valid_from < (agreement).court_from)
                UNION ALL
                SELECT last_day) AS d (to_day)
              CROSS JOIN LATERAL (SELECT care.rates_charged(rates, (agreement).charged, (agreement).court_from,
                                                            (agreement).court_rate, d.to_day),
                                         (agreement).day_count,
                                         care.capitalised_on((agreement).capitalised, (agreement).court_from, d.to_day)
                                             OFFSET 0) AS t (rates, day_count, capitalised)
              CROSS JOIN LATERAL care.ledger_on((agreement).agreement_id, t.rates, t.day_count, t.capitalised,
                                                d.to_day) AS l
          WHERE first_day IS NOT NULL
          WINDOW w AS (ORDER BY d.to_day)) AS k
    WHERE k.from_day IS NOT NULL
    ORDER BY k.from_day;
END;
COMMENT ON FUNCTION care.rate_periods(care.agreement, care.schedule, date, date) IS
    'The periods of one rate from a day (null: no row) to another, both counted, in order: what was owed before and '
    'after each, what was entered and what interest came in it, and the totals at its end; pounds.';

CREATE FUNCTION care.interest_working(agreement_id bigint, from_day date, to_day date)
    RETURNS SETOF care.interest_working_row LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.require_agreement(agreement_id);
BEGIN
    IF from_day IS NULL OR to_day IS NULL OR NOT isfinite(from_day) OR NOT isfinite(to_day) OR from_day > to_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: the period %s to %s is not one', care.agreement_label(agreement),
                             care.day_text(from_day), care.day_text(to_day)),
            HINT = 'Both days count: for a single day, give it twice.';
    END IF;
    RETURN QUERY
    SELECT k.from_day, k.to_day, k.days, k.rate, k.opening, k.entries, k.interest, k.closing
    FROM care.rate_periods(agreement, care.authority_rates(agreement.authority), from_day, to_day) AS k;
END
$$;
COMMENT ON FUNCTION care.interest_working(bigint, date, date) IS
    'The working of an agreement''s interest over a period, a line for each rate, in pounds. P0002 if there is no such '
    'agreement, 22023 if the period is not one.';

-- Nothing is ever charged above the national maximum; a court rate is not bound by it.
CREATE VIEW care.rate_above_maximum AS
    SELECT a.agreement_id, s.valid_from AS from_day, s.value AS rate, care.value_on(m.rates, s.valid_from) AS max_rate
    FROM (SELECT care.national_max_rates() OFFSET 0) AS m (rates),
        care.agreement AS a
        JOIN care.effective_rate AS r ON r.authority = a.authority
        CROSS JOIN LATERAL (
            SELECT d.valid_from, care.value_on(t.rates, d.valid_from) AS value
            FROM (SELECT care.rates_charged(r.rates, a.charged, NULL, NULL, '9999-12-31') OFFSET 0) AS t (rates),
                LATERAL (SELECT x.valid_from FROM care.steps(t.rates) AS x
                         UNION SELECT y.valid_from FROM care.steps(m.rates) AS y) AS d
            WHERE d.valid_from >= '2015-04-01' AND (a.court_from IS NULL OR d.valid_from < a.court_from)) AS s
    WHERE s.value > coalesce(care.value_on(m.rates, s.valid_from), 0) AND s.value > 0;
COMMENT ON VIEW care.rate_above_maximum IS
    'Agreements and days on which more than the national maximum would be charged: always empty.';
COMMENT ON COLUMN care.rate_above_maximum.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.rate_above_maximum.from_day IS 'The first such day.';
COMMENT ON COLUMN care.rate_above_maximum.rate IS 'The rate charged, per cent a year.';
COMMENT ON COLUMN care.rate_above_maximum.max_rate IS 'The national maximum, per cent a year.';

--
-- The write interface.
--

-- Care fees stop at the equity limit; charges never do.
CREATE FUNCTION care.require_equity(agreement care.agreement, on_day date, amount numeric)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care.agreement_label(agreement);
    limit_on_day numeric := care.equity_limit_on(agreement.agreement_id, on_day);
    owed numeric := care.redemption_figure(agreement.agreement_id, on_day);
BEGIN
    IF limit_on_day IS NULL THEN
        PERFORM care.parameter_on('deferred_payment', 'lower_capital_limit', on_day),
                care.parameter_on('deferred_payment', 'equity_margin_percent', on_day);
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no valuation on or before %s', label, care.day_text(on_day)),
            HINT = 'Record it with care.record_valuation(): care fees are deferred only up to the equity limit.';
    END IF;
    IF owed + amount > limit_on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: care fees of %s would pass the equity limit', label, amount),
            DETAIL = format('On %s the limit is %s and %s is owed: %s may still be deferred.', care.day_text(on_day),
                            limit_on_day, owed, greatest(limit_on_day - owed, 0));
    END IF;
    -- backdated: the fees deferred since were within the limit without these
    FOR on_day IN SELECT DISTINCT e.on_day FROM care.agreement_entry AS e
                  WHERE e.agreement_id = agreement.agreement_id AND e.on_day > require_equity.on_day
                    AND e.kind = 'care_fees'
                  ORDER BY e.on_day LOOP
        limit_on_day := care.equity_limit_on(agreement.agreement_id, on_day);
        owed := care.redemption_figure(agreement.agreement_id, on_day);
        IF owed + amount > limit_on_day THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation',
                MESSAGE = format('%s: care fees of %s would take those of %s past the equity limit', label, amount,
                                 care.day_text(on_day)),
                DETAIL = format('On that day the limit is %s and %s is owed.', limit_on_day, owed);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care.require_equity(care.agreement, date, numeric) IS
    'Refuses (23514) care fees that would take what is owed past the equity limit, saying how much may still be '
    'deferred.';

-- Crystallise what is owed on a day: settled, and carried on as one amount.
CREATE FUNCTION care.carry(agreement_id bigint, on_day date, note text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    figure numeric := care.redemption_figure(agreement_id, on_day);
BEGIN
    IF figure <> 0 THEN
        INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, settles, note)
        VALUES (carry.agreement_id, carry.on_day, 'carried', -figure, true, carry.note);
        INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, note)
        VALUES (carry.agreement_id, carry.on_day, 'carried', figure, carry.note);
    END IF;
END
$$;
COMMENT ON FUNCTION care.carry(bigint, date, text) IS
    'Crystallises what is owed under a locked agreement on a day.';

-- One more entry of a locked agreement, whatever its kind.
CREATE FUNCTION care.add_entry(agreement care.agreement, entry care.agreement_entry) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care.agreement_label(agreement);
    later_day date;
    figure numeric;
    new_id int8;
BEGIN
    PERFORM care.require_not_released(agreement);
    IF entry.on_day < agreement.court_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: nothing can be entered for %s', label, care.day_text(entry.on_day)),
            DETAIL = format('What was owed before is fixed by the judgment of %s.',
                            care.day_text(agreement.court_from));
    END IF;
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, settles, reverses, week_from, tariff,
                                      evidence, note)
    VALUES (agreement.agreement_id, entry.on_day, entry.kind, entry.amount, coalesce(entry.settles, false),
            entry.reverses, entry.week_from,
            entry.tariff, entry.evidence, entry.note)
    RETURNING entry_id INTO new_id;
    IF entry.amount < 0 THEN
        -- payments of that day or later may have paid this amount already
        FOR later_day, figure IN SELECT d.on_day, care.redemption_figure(agreement.agreement_id, d.on_day)
                                 FROM (SELECT DISTINCT e.on_day FROM care.agreement_entry AS e
                                       WHERE e.agreement_id = agreement.agreement_id AND e.kind = 'payment'
                                         AND e.on_day >= entry.on_day) AS d ORDER BY d.on_day LOOP
            IF figure < 0 THEN
                RAISE EXCEPTION USING
                    ERRCODE = 'check_violation',
                    MESSAGE = format('%s: a payment of %s on %s is more than is owed', label, -entry.amount,
                                     care.day_text(entry.on_day)),
                    DETAIL = format('With it, the payments to %s come to %s too much.', care.day_text(later_day),
                                    -figure);
            END IF;
        END LOOP;
    END IF;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.add_entry(care.agreement, care.agreement_entry) IS
    'Part of the functions that follow: adds an entry to a locked agreement.';

-- Only what is signed and secured may be drawn on, and care fees only while there is care to defer.
CREATE FUNCTION care.require_deferrable(agreement care.agreement, on_day date, kind text)
    RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care.agreement_label(agreement);
    stopped care.agreement_event;
    died date;
    because text;
BEGIN
    PERFORM care.require_day(label, 'on_day', on_day);
    PERFORM care.require_not_released(agreement);
    IF (on_day >= greatest(agreement.signed_on, agreement.secured_on) AND agreement.signed_on IS NOT NULL
        AND agreement.secured_on IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: nothing can be deferred on %s', label, care.day_text(on_day)),
            DETAIL = CASE WHEN agreement.signed_on IS NULL THEN 'It is not signed.'
                          WHEN agreement.secured_on IS NULL THEN format('It was signed on %s and is not secured.',
                                                                        care.day_text(agreement.signed_on))
                          ELSE format('It was signed on %s and secured on %s.', care.day_text(agreement.signed_on),
                                      care.day_text(agreement.secured_on)) END;
    END IF;
    IF care.value_on(care.rates_charged(care.authority_rates(agreement.authority), agreement.charged,
                                        agreement.court_from,
                                        agreement.court_rate, on_day), on_day) IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: the interest rate is not known on %s', label, care.day_text(on_day)),
            HINT = 'Enter the national maximum with care.record_national_max_rate(), or the authority''s rate with '
                   'care.record_interest_policy().';
    END IF;
    IF kind <> 'care_fees' THEN
        RETURN;
    END IF;
    SELECT e.* INTO stopped FROM care.agreement_event AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.kind IN ('deferring_stopped', 'deferring_resumed')
      AND e.on_day <= require_deferrable.on_day
    ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1;
    SELECT d.died_on INTO died FROM care.death_known_at('infinity'::timestamptz) AS d
    WHERE d.person_id = agreement.person_id;
    because := CASE WHEN on_day > died THEN format('The person died on %s.', care.day_text(died))
                    WHEN on_day >= agreement.court_from
                         THEN format('Judgment was given on %s.', care.day_text(agreement.court_from))
                    WHEN on_day >= agreement.ended_on THEN format('It ended on %s.', care.day_text(agreement.ended_on))
                    WHEN stopped.kind = 'deferring_stopped'
                    THEN format('Deferring was stopped on %s: %s.', care.day_text(stopped.on_day), stopped.reason) END;
    IF because IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: no care fees can be deferred on %s', label, care.day_text(on_day)),
            DETAIL = because;
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_deferrable(care.agreement, date, text) IS
    'Refuses (55000) to defer under an agreement that is not signed and secured or whose charge was released, on a day '
    'whose rate is not known; and care fees after a stop, the end, a judgment or the death.';

-- Are administration charges paid separately on a day?
CREATE FUNCTION care.charges_are_separate(agreement_id bigint, on_day date) RETURNS boolean
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce((SELECT e.kind = 'charges_separate' FROM care.agreement_event AS e
                     WHERE e.agreement_id = charges_are_separate.agreement_id
                       AND e.kind IN ('charges_separate', 'charges_deferred')
                       AND e.on_day <= charges_are_separate.on_day
                     ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1), false);
END;
COMMENT ON FUNCTION care.charges_are_separate(bigint, date) IS
    'Does the person pay administration charges separately on a day, instead of deferring them?';

-- A charge is by the tariff, or has evidence of its cost.
CREATE FUNCTION care.require_charge(agreement care.agreement, on_day date, amount numeric,
                                    tariff text, evidence text) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care.agreement_label(agreement);
    line care.fee_tariff;
BEGIN
    IF tariff IS NULL THEN
        IF coalesce(evidence, '') = '' AND EXISTS (SELECT FROM care.fee_tariff_on(agreement.authority, on_day)) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation',
                MESSAGE = format('%s: a charge names its line of the tariff, or the evidence of its cost', label),
                HINT = 'care.fee_tariff_on() lists the tariff of the day.';
        END IF;
        RETURN;
    END IF;
    SELECT t.* INTO line FROM care.fee_tariff_on(agreement.authority, on_day) AS t WHERE t.line = tariff;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: the tariff of %s has no line %L on %s', label, agreement.authority, tariff,
                             care.day_text(on_day)),
            HINT = 'care.fee_tariff_on() lists the tariff of the day.';
    END IF;
    IF line.basis = 'at_cost' AND coalesce(evidence, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: %L is charged at cost: give the evidence', label, tariff);
    END IF;
    IF line.amount = 0 OR (line.basis IN ('one_off', 'yearly') AND amount <> line.amount)
       OR (line.basis IN ('weekly', 'per_event') AND mod(amount, line.amount) <> 0) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: %s is not what the tariff says for %L', label, amount, tariff),
            DETAIL = format('On %s it is %s, %s.', care.day_text(on_day), line.amount, line.basis);
    END IF;
    IF line.basis IN ('one_off', 'yearly')
       AND EXISTS (SELECT FROM (SELECT e.on_day FROM care.agreement_entry AS e
                                WHERE e.agreement_id = agreement.agreement_id AND e.tariff = line.line
                                  AND e.reverses IS NULL
                                  AND NOT EXISTS (SELECT FROM care.agreement_entry AS r
                                                  WHERE r.agreement_id = e.agreement_id AND r.reverses = e.entry_id)
                                UNION ALL
                                SELECT i.on_day FROM care.agreement_invoice AS i
                                WHERE i.agreement_id = agreement.agreement_id AND i.tariff = line.line) AS c
                   WHERE line.basis = 'one_off'
                      OR (c.on_day > require_charge.on_day - interval '1 year'
                          AND c.on_day < require_charge.on_day + interval '1 year')) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s: %L has been charged already', label, tariff),
            DETAIL = format('It is charged %s.', CASE line.basis WHEN 'one_off' THEN 'once' ELSE 'once in twelve months'
                                END);
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_charge(care.agreement, date, numeric, text, text) IS
    'Refuses a charge that is not by the authority''s tariff of the day or has no evidence of its cost (23514), or was '
    'made already (23505).';

CREATE FUNCTION care.defer(agreement_id bigint, on_day date, kind text,
                           amount numeric, note text DEFAULT NULL,
                           tariff text DEFAULT NULL, evidence text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    entry care.agreement_entry;
BEGIN
    IF kind IS NULL OR kind NOT IN ('care_fees', 'administration_charge') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: unknown kind of entry: %L', label, kind),
            HINT = 'It is care_fees or administration_charge; payments are recorded with care.record_payment().';
    END IF;
    PERFORM care.require_amount(label, 'amount', amount, 0.01);
    PERFORM care.require_deferrable(agreement, on_day, kind);
    IF kind = 'care_fees' THEN
        PERFORM care.require_equity(agreement, on_day, amount);
    ELSE
        PERFORM care.require_charge(agreement, on_day, amount, tariff, evidence);
        IF care.charges_are_separate(agreement_id, on_day) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'object_not_in_prerequisite_state',
                MESSAGE = format('%s: on %s charges are paid separately, not deferred', label, care.day_text(on_day)),
                HINT = 'care.record_charge() invoices it.';
        END IF;
    END IF;
    entry.on_day := on_day;
    entry.kind := kind;
    entry.amount := amount;
    entry.tariff := tariff;
    entry.evidence := evidence;
    entry.note := note;
    RETURN care.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.defer(bigint, date, text, numeric, text, text, text) IS
    'Defers care fees or an administration charge (pounds) from the start of a day. Care fees past the equity limit '
    'are refused (23514); a charge names its line of the authority''s tariff, or the evidence of its cost.';

CREATE FUNCTION care.record_charge(agreement_id bigint, on_day date, tariff text,
                                   quantity integer DEFAULT 1, cost numeric DEFAULT NULL,
                                   evidence text DEFAULT NULL, note text DEFAULT NULL,
                                   OUT entry_id bigint, OUT invoice_id bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    amount numeric := coalesce(cost, quantity * (SELECT t.amount
                                                 FROM care.fee_tariff_on(agreement.authority, on_day) AS t
                                                 WHERE t.line = tariff));
BEGIN
    PERFORM care.require_day(label, 'on_day', on_day);
    PERFORM care.require_charge(agreement, on_day, amount, tariff, evidence);
    PERFORM care.require_amount(label, 'amount', amount, 0.01);
    IF care.charges_are_separate(agreement_id, on_day) THEN
        PERFORM care.require_deferrable(agreement, on_day, 'administration_charge');
        INSERT INTO care.agreement_invoice (agreement_id, on_day, kind, amount, tariff, evidence, note)
        VALUES (agreement.agreement_id, record_charge.on_day, 'administration_charge', amount, record_charge.tariff,
                record_charge.evidence, record_charge.note)
        RETURNING agreement_invoice.invoice_id INTO record_charge.invoice_id;
    ELSE
        entry_id := care.defer(agreement_id, on_day, 'administration_charge', amount, note, tariff, evidence);
    END IF;
END
$$;
COMMENT ON FUNCTION care.record_charge(bigint, date, text, integer, numeric, text, text) IS
    'Charges a line of the authority''s tariff so many times, or at cost with evidence (pounds): deferred, or invoiced '
    'where the person pays charges separately.';

CREATE FUNCTION care.bring_in_debt(agreement_id bigint, on_day date, amount numeric,
                                   note text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    entry care.agreement_entry;
BEGIN
    PERFORM care.require_amount(care.agreement_label(agreement), 'amount', amount, 0.01);
    PERFORM care.require_deferrable(agreement, on_day, 'opening_balance');
    entry.on_day := on_day;
    entry.kind := 'opening_balance';
    entry.amount := amount;
    entry.note := note;
    RETURN care.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.bring_in_debt(bigint, date, numeric, text) IS
    'Brings debt that accrued before into an agreement, as an opening balance (pounds); it bears interest from the '
    'day.';

CREATE FUNCTION care.record_payment(agreement_id bigint, on_day date, amount numeric,
                                    note text DEFAULT NULL, take_credit boolean DEFAULT false)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    entry care.agreement_entry;
    figure numeric;
BEGIN
    PERFORM care.require_day(label, 'on_day', on_day);
    PERFORM care.require_amount(label, 'amount', amount, 0.01);
    figure := greatest(care.redemption_figure(agreement_id, on_day), 0);
    IF amount > figure AND take_credit IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: a payment of %s is more than is owed', label, amount),
            DETAIL = format('The redemption figure on %s is %s.', care.day_text(on_day), figure),
            HINT = 'To hold what is too much as a credit to be refunded, say take_credit => true.';
    END IF;
    IF amount > figure THEN
        INSERT INTO care.agreement_credit (agreement_id, on_day, amount, note)
        VALUES (agreement.agreement_id, record_payment.on_day, record_payment.amount - figure, record_payment.note);
        amount := figure;
    END IF;
    IF amount = 0 THEN
        RETURN NULL;
    END IF;
    entry.on_day := on_day;
    entry.kind := 'payment';
    entry.amount := -amount;
    entry.settles := amount = figure;
    entry.note := note;
    RETURN care.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.record_payment(bigint, date, numeric, text, boolean) IS
    'Records a payment (pounds) at the start of a day. One above the redemption figure is refused (23514), naming it, '
    'unless take_credit: then what is too much is held to be refunded. Null: all of it.';

CREATE FUNCTION care.credit_held(agreement_id bigint) RETURNS numeric LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT coalesce(sum(c.amount), 0.00) FROM care.agreement_credit AS c
    WHERE c.agreement_id = credit_held.agreement_id;
END;
COMMENT ON FUNCTION care.credit_held(bigint) IS 'What was received above what was owed and not yet refunded, pounds.';

CREATE FUNCTION care.refund_credit(agreement_id bigint, on_day date, amount numeric,
                                   note text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    held numeric := care.credit_held(agreement_id);
    new_id int8;
BEGIN
    PERFORM care.require_day(label, 'on_day', on_day);
    PERFORM care.require_amount(label, 'amount', amount, 0.01);
    IF amount > held THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: a refund of %s is more than the credit held, %s', label, amount, held),
            HINT = 'A payment that should not have been taken is reversed with care.reverse_entry().';
    END IF;
    INSERT INTO care.agreement_credit (agreement_id, on_day, amount, note)
    VALUES (agreement.agreement_id, refund_credit.on_day, -refund_credit.amount, refund_credit.note)
    RETURNING credit_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.refund_credit(bigint, date, numeric, text) IS
    'Records that credit held was refunded (pounds); 23514 above what is held.';

CREATE FUNCTION care.reverse_entry(agreement_id bigint, entry_id bigint, reason text)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    original care.agreement_entry;
    entry care.agreement_entry;
    settled int8;
BEGIN
    SELECT e.* INTO original FROM care.agreement_entry AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.entry_id = reverse_entry.entry_id AND e.reverses IS NULL
      AND e.kind <> 'carried'
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = e.agreement_id
                        AND r.reverses = e.entry_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('%s has no entry %s to reverse', label, coalesce(reverse_entry.entry_id::text, 'null')),
            HINT = 'It may have been reversed already.';
    END IF;
    PERFORM care.require_text(label, 'reason', reason);
    SELECT s.entry_id INTO settled FROM care.agreement_entry AS s
    WHERE s.agreement_id = agreement.agreement_id AND s.settles AND s.kind <> 'carried'
      AND s.entry_id > original.entry_id AND s.on_day >= original.on_day
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = s.agreement_id
                        AND r.reverses = s.entry_id)
    ORDER BY s.entry_id DESC LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: entry %s was settled by entry %s', label, original.entry_id, settled),
            HINT = 'Reverse that one first; the debt is then open again.';
    END IF;
    entry.on_day := original.on_day;
    entry.kind := original.kind;
    entry.amount := -original.amount;
    entry.reverses := original.entry_id;
    entry.week_from := original.week_from;
    entry.note := reason;
    RETURN care.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.reverse_entry(bigint, bigint, text) IS
    'Takes an entry back from its own day, as if it had never been: interest follows. The reversal names it and says '
    'why. P0002 if there is no such entry or it is reversed.';

CREATE FUNCTION care.invoice_interest(agreement_id bigint, to_day date) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    due numeric;
    new_id int8;
BEGIN
    PERFORM care.require_not_before(label, 'to_day', to_day, (SELECT max(i.on_day) FROM care.agreement_invoice AS i
                                                              WHERE i.agreement_id = agreement.agreement_id
                                                                AND i.kind = 'interest'),
                                    'interest was last invoiced');
    due := care.separate_interest(agreement, to_day)
           - coalesce((SELECT sum(i.amount) FROM care.agreement_invoice AS i
                       WHERE i.agreement_id = agreement.agreement_id AND i.kind = 'interest'), 0);
    IF due <> 0 THEN
        INSERT INTO care.agreement_invoice (agreement_id, on_day, kind, amount)
        VALUES (agreement.agreement_id, invoice_interest.to_day, 'interest', due)
        RETURNING invoice_id INTO new_id;
    END IF;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.invoice_interest(bigint, date) IS
    'Invoices the interest to the close of a day that the person pays separately, less what was invoiced before, and '
    'returns its key; null if there is none.';
