--
-- ledger: the balance of an agreement, and what repays it: doc/calculations section 4.
--
-- Must not know: care accounts, who records.
--

-- The last settlement on or before a day.  The fraction of a penny that it rounded away, and interest
-- not yet capitalised that it paid, end with it.
CREATE FUNCTION care_internal.settlement(agreement_id bigint, as_at date,
                                         OUT entry_id bigint, OUT on_day date)
    RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s.entry_id, s.on_day FROM care.agreement_entry AS s
    WHERE s.agreement_id = settlement.agreement_id AND s.settles AND s.on_day <= settlement.as_at
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = s.agreement_id
                        AND r.reverses = s.entry_id)
    ORDER BY s.entry_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.settlement(bigint, date) IS
    'The last settlement by a day: entries up to it in order and in day are paid.';

-- From a judgment on the court rate holds in place of the contractual rate, never both.
CREATE FUNCTION care_internal.rates_charged(rates care.schedule, charged care.schedule, court_from date,
                                            court_rate numeric, as_at date) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN court_from <= as_at THEN ('{"-infinity": ' || court_rate::text || '}')::care.schedule
                WHEN charged IS NULL THEN rates
                ELSE care_internal.masked_rates(rates, charged) END;
COMMENT ON FUNCTION care_internal.rates_charged(care.schedule, care.schedule, date, numeric, date) IS
    'The rates that make the balance of an agreement as at a day: the authority''s where interest is added to the '
    'debt; after a judgment the court rate.';

CREATE FUNCTION care_internal.capitalised_on(capitalised text, court_from date, as_at date)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN court_from <= as_at THEN 'none' ELSE capitalised END;
COMMENT ON FUNCTION care_internal.capitalised_on(text, date, date) IS
    'The capitalisation that makes the balance of an agreement as at a day: simple interest after a judgment.';

CREATE FUNCTION care_internal.authority_rates(authority text) RETURNS care.schedule LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.rates FROM care.effective_rate AS r WHERE r.authority = authority_rates.authority;
END;
COMMENT ON FUNCTION care_internal.authority_rates(text) IS 'The rates an authority charges; see effective_rate.';

-- What was entered by the close of a day, and what is owed then with interest, on the terms that hold as at
-- the day.  As a table it becomes part of the query that asks, and is not planned each time; of two columns,
-- as one that is a row would not.  The settlement comes first: it is looked for once.
CREATE FUNCTION care_internal.ledger_on(agreement_id bigint, rates care.schedule, day_count text, capitalised text,
                                        as_at date)
    RETURNS TABLE (on_day date, totals care_internal.ledger_totals) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT as_at,
           care_internal.ledger(e.amount, e.on_day, rates, ledger_on.day_count, ledger_on.capitalised, as_at, e.kind,
                       z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day)
    FROM (SELECT OFFSET 0) AS one
        LEFT JOIN care_internal.settlement(ledger_on.agreement_id, as_at) AS z ON true
        JOIN care.agreement_entry AS e ON e.agreement_id = ledger_on.agreement_id AND e.on_day <= as_at;
END;
COMMENT ON FUNCTION care_internal.ledger_on(bigint, care.schedule, text, text, date) IS
    'A day, and the totals of an agreement''s entries and its balance at its close, null without entries; one row.';

-- Repaid within so many days of the death, without interest from the day after it, where the authority so decided;
-- a death before there was such a period has none.
CREATE FUNCTION care_internal.concession_from(agreement care.agreement, pay_on date) RETURNS SETOF date
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT d.died_on + 1
    FROM care.death_known_at('infinity'::timestamptz) AS d
    WHERE d.person_id = (agreement).person_id AND pay_on > d.died_on
      AND care.setting_on((agreement).authority, 'interest_after_death', d.died_on) = 'waived_if_repaid'
      AND pay_on <= d.died_on + care.value_on(care.parameter_schedule('deferred_payment', 'repayment_days_after_death'),
                                              d.died_on)::integer
      AND (agreement).court_from IS NULL;
END;
COMMENT ON FUNCTION care_internal.concession_from(care.agreement, date) IS
    'The day from which a debt repaid on a day bears no interest by the authority''s concession; no row: none.';

-- Entries of the day itself bear no interest if the debt is paid that day.
CREATE FUNCTION care.redemption_figure(agreement_id bigint, pay_on date)
    RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    free_from date := (SELECT c.free_from FROM care_internal.concession_from(agreement, pay_on) AS c (free_from));
BEGIN
    PERFORM care_internal.require_day(care_internal.agreement_label(agreement), 'pay_on', pay_on);
    RETURN (
        SELECT coalesce(care.balance(e.amount, e.on_day, t.rates, agreement.day_count, t.capitalised, pay_on - 1)
                            FILTER (WHERE e.on_day < pay_on), 0.00)
               + coalesce(sum(e.amount) FILTER (WHERE e.on_day = pay_on), 0.00)
        FROM (SELECT care_internal.rates_charged((SELECT r.rates FROM care.effective_rate AS r
                                         WHERE r.authority = agreement.authority),
                                        CASE WHEN free_from IS NULL THEN agreement.charged
                                             ELSE care.least(coalesce(agreement.charged, '{"-infinity": 1}'),
                                                             format('{"-infinity": 1, "%s": 0}',
                                                                    care_internal.day_text(free_from))::care.schedule)
                                                                        END,
                                        agreement.court_from, agreement.court_rate, pay_on - 1),
                     care_internal.capitalised_on(agreement.capitalised, agreement.court_from, pay_on - 1) OFFSET 0)
                         AS t (rates, capitalised)
            LEFT JOIN care_internal.settlement(agreement.agreement_id, pay_on) AS z ON true
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
CREATE FUNCTION care_internal.separate_interest(agreement care.agreement, as_at date) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(sum(i.interest), 0.00)
    FROM (SELECT care_internal.authority_rates((agreement).authority) OFFSET 0) AS r (rates),
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
        LATERAL (SELECT care_internal.masked_rates(r.rates, care.schedule_agg(w.day, w.inside)) AS rates
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
                                           care_internal.rates_charged(r.rates, (agreement).charged, NULL, NULL,
                                                                       p.first_day),
                                           (agreement).day_count, (agreement).capitalised, p.first_day - 1), p.first_day
                       FROM care.agreement_entry AS e
                       WHERE e.agreement_id = (agreement).agreement_id AND e.on_day < p.first_day
                         AND e.recorded_at > p.recorded_at) AS o) AS i;
END;
COMMENT ON FUNCTION care_internal.separate_interest(care.agreement, date) IS
    'Interest to the close of a day in the periods in which the person pays it separately, pounds, invoiced or not.';
