--
-- ledger: the balance of an agreement, and what repays it: doc/calculations section 4.
--
-- Must not know: care accounts, who records.
--

-- The last settlement on or before a day.  The fraction of a penny that it rounded away, and interest
-- not yet capitalised that it paid, end with it.
CREATE FUNCTION care_internal.settlement(agreement_id bigint, as_at date, before_entry bigint DEFAULT NULL,
                                         OUT entry_id bigint, OUT on_day date)
    RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s.entry_id, s.on_day FROM care.agreement_entry AS s
    WHERE s.agreement_id = settlement.agreement_id AND s.settles AND s.on_day <= settlement.as_at
      AND (settlement.before_entry IS NULL OR s.entry_id < settlement.before_entry)
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = s.agreement_id
                        AND r.reverses = s.entry_id)
    ORDER BY s.entry_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.settlement(bigint, date, bigint) IS
    'The last settlement by a day (and before an entry): entries up to it in order and in day are paid.';

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
    SELECT coalesce((SELECT r.rates FROM care.effective_rate AS r WHERE r.authority = authority_rates.authority),
                    '{"-infinity": null}');
END;
COMMENT ON FUNCTION care_internal.authority_rates(text) IS
    'The rates an authority charges, see effective_rate; not known on any day if it has no policy.';

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
    'A day, and the totals of an agreement''s entries and its balance at its close, null where a rate that it needs is '
    'not known; one row.';

-- Why a figure of an agreement is not known: the first day with what is owed, or the day itself, whose rate is not.
-- First the rates that make the balance, then those that make the interest that is paid separately.
CREATE FUNCTION care_internal.missing_rate(agreement care.agreement, as_at date,
                                           OUT on_day date, OUT missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.day, CASE WHEN u.day >= '2015-04-01'
                            AND EXISTS (SELECT FROM care.interest_policy AS p
                                        WHERE p.authority = (agreement).authority AND p.valid_from <= u.day)
                       THEN 'the national maximum rate from '
                            || care_internal.day_text((care.half_year(u.day)).first_day)
                       ELSE 'the authority''s rate from ' || care_internal.day_text(u.day) END
    FROM (SELECT care_internal.authority_rates((agreement).authority) OFFSET 0) AS r (rates),
        LATERAL (VALUES (1, care_internal.rates_charged(r.rates, (agreement).charged, (agreement).court_from,
                                                        (agreement).court_rate, as_at)),
                        (2, r.rates)) AS t (place, rates),
        LATERAL (SELECT least(as_at, min(e.on_day)) FROM care.agreement_entry AS e
                     LEFT JOIN care_internal.settlement((agreement).agreement_id, as_at) AS z ON true
                 WHERE e.agreement_id = (agreement).agreement_id
                   AND (t.place = 2 OR z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day))
            AS f (first_day),
        LATERAL (SELECT greatest(f.first_day, s.valid_from), s.value,
                        lead(s.valid_from) OVER (ORDER BY s.valid_from) AS next_from
                 FROM (SELECT '-infinity'::date AS valid_from, NULL::numeric AS value
                       WHERE NOT EXISTS (SELECT FROM care_internal.steps(t.rates) AS x WHERE x.valid_from = '-infinity')
                       UNION ALL SELECT x.valid_from, x.value FROM care_internal.steps(t.rates) AS x) AS s)
            AS u (day, value, next_from)
    WHERE u.value IS NULL AND u.day <= as_at AND (u.next_from IS NULL OR u.next_from > f.first_day)
    ORDER BY t.place, u.day
    LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.missing_rate(care.agreement, date) IS
    'The first day whose rate of interest is not known, of those that the figures of an agreement at the close of a '
    'day follow from, and in words which rate it is; null if there is none.';

-- A function of one record says why it has no figure.
CREATE FUNCTION care_internal.report_missing_rate(agreement care.agreement, as_at date) RETURNS numeric
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missing record := care_internal.missing_rate(agreement, as_at);
    half record := care.half_year(missing.on_day);
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        SCHEMA = 'care', TABLE = 'agreement_entry',
        CONSTRAINT = 'interest_rate_known',
        MESSAGE = format('%s: the interest rate is not known on %s', care_internal.agreement_label(agreement),
                         care_internal.day_text(missing.on_day)),
        DETAIL = format('What is missing is %s.', missing.missing),
        HINT = CASE WHEN missing.missing LIKE 'the national%'
                    THEN format('If the national maximum rate for %s to %s has been published, enter it with '
                                'care.record_national_max_rate().',
                                care_internal.day_text(half.first_day), care_internal.day_text(half.last_day))
                    ELSE 'Enter it with care.record_interest_policy().' END;
END
$$;
COMMENT ON FUNCTION care_internal.report_missing_rate(care.agreement, date) IS
    'The error (55000) that a figure of an agreement is not known, for want of a rate of interest, saying which.';

CREATE FUNCTION care_internal.known_figure(figure numeric, agreement care.agreement, as_at date) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN figure IS NULL THEN care_internal.report_missing_rate(agreement, as_at) ELSE figure END;
COMMENT ON FUNCTION care_internal.known_figure(numeric, care.agreement, date) IS
    'A figure of an agreement as at a day; 55000 if it is null, for want of a rate of interest.';

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
CREATE FUNCTION care_internal.redemption_if_known(agreement_id bigint, pay_on date, before_entry bigint DEFAULT NULL)
    RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    free_from date := (SELECT c.free_from FROM care_internal.concession_from(agreement, pay_on) AS c (free_from));
BEGIN
    PERFORM care_internal.require_day(care_internal.agreement_label(agreement), 'pay_on', pay_on);
    RETURN (
        SELECT CASE WHEN count(*) FILTER (WHERE e.on_day < pay_on) = 0 THEN 0.00
                    ELSE care_internal.balance_if_known(e.amount, e.on_day, t.rates, agreement.day_count,
                                                        t.capitalised, pay_on - 1)
                             FILTER (WHERE e.on_day < pay_on) END
               + coalesce(sum(e.amount) FILTER (WHERE e.on_day = pay_on), 0.00)
        FROM (SELECT care_internal.rates_charged(coalesce((SELECT r.rates FROM care.effective_rate AS r
                                                           WHERE r.authority = agreement.authority),
                                                          '{"-infinity": null}'),
                                        CASE WHEN free_from IS NULL THEN agreement.charged
                                             ELSE care.least(coalesce(agreement.charged, '{"-infinity": 1}'),
                                                             format('{"-infinity": 1, "%s": 0}',
                                                                    care_internal.day_text(free_from))::care.schedule)
                                                                        END,
                                        agreement.court_from, agreement.court_rate, pay_on - 1),
                     care_internal.capitalised_on(agreement.capitalised, agreement.court_from, pay_on - 1) OFFSET 0)
                         AS t (rates, capitalised)
            LEFT JOIN care_internal.settlement(agreement.agreement_id, pay_on, before_entry) AS z ON true
            JOIN care.agreement_entry AS e
                ON e.agreement_id = agreement.agreement_id AND e.on_day <= pay_on
                   AND (before_entry IS NULL OR e.entry_id < before_entry)
                   AND (z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day));
END
$$;
COMMENT ON FUNCTION care_internal.redemption_if_known(bigint, date, bigint) IS
    'As redemption(), but null where a rate of interest that it needs is not known.';

CREATE FUNCTION care_internal.redemption(agreement_id bigint, pay_on date, before_entry bigint DEFAULT NULL)
    RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    figure numeric := care_internal.redemption_if_known(agreement_id, pay_on, before_entry);
BEGIN
    IF figure IS NULL THEN
        RETURN care_internal.report_missing_rate(care_internal.require_agreement(agreement_id), pay_on - 1);
    END IF;
    RETURN figure;
END
$$;
COMMENT ON FUNCTION care_internal.redemption(bigint, date, bigint) IS
    'Part of redemption_figure() and of statements: what repays an agreement in full on a day, as the statement that '
    'asks found it; with an entry, as it was before that one. 55000 if a rate of interest is not known.';

-- Volatile, as are all functions that give the figures of one record: one that is asked for in the statement that
-- records sees what was recorded.
CREATE FUNCTION care.redemption_figure(agreement_id bigint, pay_on date)
    RETURNS numeric LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN care_internal.redemption(agreement_id, pay_on);
END
$$;
COMMENT ON FUNCTION care.redemption_figure(bigint, date) IS
    'What repays an agreement in full on a day, pounds: interest to the close of the day before, and the day''s own '
    'entries, also those recorded in the statement that asks. P0002 if there is no such agreement, 55000 if a rate of '
    'interest is not known.';

-- Interest that is paid separately: simple, by the day, on what was owed when that began and on what was
-- entered since, for that day or later.  An entry that was backdated to before it counts with what it had
-- come to by then.  A judgment ends it, also one of the day it began; before bears_from there is none.
CREATE FUNCTION care_internal.separate_interest(agreement care.agreement, as_at date) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN bool_or(i.interest IS NULL) THEN NULL ELSE coalesce(sum(i.interest), 0.00) END
    FROM (SELECT care_internal.authority_rates((agreement).authority) OFFSET 0) AS r (rates),
        LATERAL (SELECT q.*
                 FROM (SELECT s.on_day AS first_day, s.recorded_at,
                              greatest(s.on_day, (agreement).bears_from) AS bears_from,
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
        LATERAL (SELECT CASE WHEN count(*) = 0 THEN 0.00 WHEN bool_or(o.amount IS NULL) THEN NULL
                             ELSE care_internal.balance_if_known(o.amount, o.on_day, t.rates, (agreement).day_count,
                                                                 'none', p.last_day) - sum(o.amount) END AS interest
                 FROM (SELECT e.amount, e.on_day
                       FROM care.agreement_entry AS e
                       WHERE e.agreement_id = (agreement).agreement_id AND e.on_day BETWEEN p.first_day AND p.last_day
                         AND (e.on_day > p.first_day OR (e.recorded_at > p.recorded_at
                                                         AND NOT (e.kind = 'carried' AND e.settles)))
                       UNION ALL
                       SELECT care_internal.balance_if_known(
                                  e.amount, e.on_day,
                                  care_internal.rates_charged(r.rates, (agreement).charged, NULL, NULL, p.first_day),
                                  (agreement).day_count, (agreement).capitalised, p.first_day - 1), p.first_day
                       FROM care.agreement_entry AS e
                       WHERE e.agreement_id = (agreement).agreement_id AND e.on_day < p.first_day
                         AND e.recorded_at > p.recorded_at
                       HAVING count(*) > 0) AS o) AS i;
END;
COMMENT ON FUNCTION care_internal.separate_interest(care.agreement, date) IS
    'Interest to the close of a day in the periods in which the person pays it separately, pounds, invoiced or not; '
    'null where a rate is not known.';
