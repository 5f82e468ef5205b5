--
-- ledger: the balance of an agreement, and what repays it: doc/calculations section 4.
--
-- Must not know: care accounts, who records.
--

-- From a judgment on the court rate holds in place of the contractual rate, never both.
CREATE FUNCTION care_internal.rates_charged(rates care.schedule, charged care.schedule, court_from date,
                                            court_rate numeric, as_at date) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    -- charged is 1 where interest is added to the debt, 2 where it is paid separately: x (2 - x) is 1 and nought
    RETURN CASE WHEN court_from <= as_at THEN ('{"-infinity": ' || court_rate::text || '}')::care.schedule
                WHEN charged IS NULL THEN rates
                ELSE care_internal.masked_rates(rates, charged OPERATOR(care.*) (2 OPERATOR(care.-) charged)) END;
COMMENT ON FUNCTION care_internal.rates_charged(care.schedule, care.schedule, date, numeric, date) IS
    'The rates of the interest added to the debt of an agreement, as things are on a day: the authority''s where it '
    'is, nought where it is not; after a judgment the court rate.';

CREATE FUNCTION care_internal.capitalised_on(capitalised text, court_from date, as_at date)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN court_from <= as_at THEN 'none' ELSE capitalised END;
COMMENT ON FUNCTION care_internal.capitalised_on(text, date, date) IS
    'The capitalisation of an agreement as things are on a day: none after a judgment.';

CREATE FUNCTION care_internal.authority_rates(authority text, known_at timestamptz DEFAULT NULL) RETURNS care.schedule
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT r.rates
                     FROM care.effective_rate_known_at(coalesce(known_at, 'infinity'::timestamptz)) AS r
                     WHERE r.authority = authority_rates.authority), '{"-infinity": null}');
END;
COMMENT ON FUNCTION care_internal.authority_rates(text, timestamptz) IS
    'The rates an authority charges, see effective_rate, as they are known, or (known_at) were known at a moment; not '
    'known on any day if it has no policy.';

-- What was entered by a day and what it comes to then: the one reading of the running account.  As a table it becomes
-- part of the query that asks, and is not planned each time; of two columns, as one that is a row would not.
CREATE FUNCTION care_internal.ledger_on(agreement care.agreement, rates care.schedule, as_at date, at_start boolean,
                                        known_at timestamptz)
    RETURNS TABLE (on_day date, totals care_internal.running_totals) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT as_at,
           care_internal.running_totals(g.entries, rates, (agreement).charged, (agreement).court_from,
                                        (agreement).court_rate, (agreement).day_count, (agreement).capitalised, as_at,
                                        at_start)
    FROM (SELECT care_internal.gathered(e.amount, e.on_day, e.kind) AS entries
          FROM care.agreement_entry AS e
          WHERE e.agreement_id = (agreement).agreement_id AND e.on_day <= as_at
            AND (known_at IS NULL OR e.recorded_at <= known_at)) AS g
    OFFSET 0;
END;
COMMENT ON FUNCTION care_internal.ledger_on(care.agreement, care.schedule, date, boolean, timestamptz) IS
    'A day, and what the entries of an agreement come to at its close, or at its start, by its authority''s rates; as '
    'they are known, or (known_at) were known at a moment; one row.';

-- Why a figure of an agreement is not known: the first day on which something is owed, or the day itself, whose rate is
-- not.
CREATE FUNCTION care_internal.missing_rate(agreement care.agreement, as_at date, known_at timestamptz DEFAULT NULL,
                                           OUT on_day date, OUT missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.day, CASE WHEN u.day >= '2015-04-01'
                            AND EXISTS (SELECT FROM care.interest_policy AS p
                                        WHERE p.authority = (agreement).authority AND p.valid_from <= u.day
                                          AND (known_at IS NULL OR p.recorded_at <= known_at))
                       THEN 'the national maximum rate from '
                            || care_internal.day_text((care.half_year(u.day)).first_day)
                       ELSE 'the authority''s rate from ' || care_internal.day_text(u.day) END
    FROM (SELECT care_internal.authority_rates((agreement).authority, known_at) OFFSET 0) AS r (rates),
        LATERAL (SELECT care_internal.running_unknown(care_internal.gathered(e.amount, e.on_day, e.kind), r.rates,
                                                      (agreement).charged, (agreement).court_from,
                                                      (agreement).court_rate, (agreement).day_count,
                                                      (agreement).capitalised, as_at, false)
                 FROM care.agreement_entry AS e
                 WHERE e.agreement_id = (agreement).agreement_id AND e.on_day <= as_at
                   AND (known_at IS NULL OR e.recorded_at <= known_at)) AS w (day),
        LATERAL (SELECT coalesce(w.day, CASE WHEN care.value_on(r.rates, as_at) IS NULL THEN as_at END)) AS u (day)
    WHERE u.day IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.missing_rate(care.agreement, date, timestamptz) IS
    'The first day whose rate of interest is not known, or (known_at) was not known at a moment, of those that the '
    'figures of an agreement at the close of a day follow from, and in words which rate it is; null if there is none.';

-- A function of one record says why it has no figure.
CREATE FUNCTION care_internal.report_missing_rate(agreement care.agreement, as_at date,
                                                  known_at timestamptz DEFAULT NULL) RETURNS numeric
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    missing record := care_internal.missing_rate(agreement, as_at, known_at);
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
COMMENT ON FUNCTION care_internal.report_missing_rate(care.agreement, date, timestamptz) IS
    'The error (55000) that a figure of an agreement is not known, for want of a rate of interest, saying which.';

CREATE FUNCTION care_internal.known_figure(figure numeric, agreement care.agreement, as_at date,
                                           known_at timestamptz DEFAULT NULL) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN figure IS NULL THEN care_internal.report_missing_rate(agreement, as_at, known_at) ELSE figure END;
COMMENT ON FUNCTION care_internal.known_figure(numeric, care.agreement, date, timestamptz) IS
    'A figure of an agreement as at a day; 55000 if it is null, for want of a rate of interest.';

-- Repaid within so many days of the death, without interest from the day after it, where the authority so decided;
-- a death before there was such a period has none.
CREATE FUNCTION care_internal.concession_from(agreement care.agreement, pay_on date, known_at timestamptz DEFAULT NULL)
    RETURNS SETOF date
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT d.died_on + 1
    FROM care.death_known_at(coalesce(known_at, 'infinity'::timestamptz)) AS d
    WHERE d.person_id = (agreement).person_id AND pay_on > d.died_on
      AND care.setting_on((agreement).authority, 'interest_after_death', d.died_on, known_at) = 'waived_if_repaid'
      AND pay_on <= d.died_on + care.value_on(
              care.parameter_schedule('deferred_payment', 'repayment_days_after_death',
                                      coalesce(known_at, 'infinity'::timestamptz)), d.died_on)::integer
      AND (agreement).court_from IS NULL;
END;
COMMENT ON FUNCTION care_internal.concession_from(care.agreement, date, timestamptz) IS
    'The day from which a debt repaid on a day bears no interest by the authority''s concession; no row: none.';

-- The agreement as it is, or (known_at) as it was known at a moment; P0002 if there is none.
CREATE FUNCTION care_internal.agreement_known(agreement_id bigint, known_at timestamptz) RETURNS care.agreement
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
BEGIN
    IF known_at IS NOT NULL THEN
        SELECT k.* INTO agreement
        FROM care_internal.agreements_known(ARRAY[agreement_known.agreement_id], agreement_known.known_at) AS k;
    END IF;
    RETURN agreement;
END
$$;
COMMENT ON FUNCTION care_internal.agreement_known(bigint, timestamptz) IS
    'The agreement, with what follows from its steps as they are known, or were at a moment; P0002 if there is none.';

-- What is entered for the day itself bears no interest if the debt is paid that day.
CREATE FUNCTION care_internal.redemption_if_known(agreement_id bigint, pay_on date, known_at timestamptz DEFAULT NULL,
                                                  with_concession boolean DEFAULT true)
    RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.agreement_known(agreement_id, known_at);
    free_from date;
BEGIN
    PERFORM care_internal.require_day(care_internal.agreement_label(agreement), 'pay_on', pay_on);
    IF with_concession THEN
        free_from := (SELECT c.free_from
                      FROM care_internal.concession_from(agreement, pay_on, known_at) AS c (free_from));
    END IF;
    IF free_from IS NOT NULL THEN
        agreement.charged := care.least(coalesce(agreement.charged, '{"-infinity": 1}'),
                                        format('{"-infinity": 2, "%s": 0}',
                                               care_internal.day_text(free_from))::care.schedule);
    END IF;
    RETURN (SELECT (l.totals).balance
            FROM care_internal.ledger_on(agreement, care_internal.authority_rates(agreement.authority, known_at),
                                         pay_on, true, known_at) AS l);
END
$$;
COMMENT ON FUNCTION care_internal.redemption_if_known(bigint, date, timestamptz, boolean) IS
    'As redemption(), but null where a rate of interest that it needs is not known; or without the concession after a '
    'death.';

CREATE FUNCTION care_internal.redemption(agreement_id bigint, pay_on date, known_at timestamptz DEFAULT NULL)
    RETURNS numeric LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    figure numeric := care_internal.redemption_if_known(agreement_id, pay_on, known_at);
BEGIN
    IF figure IS NULL THEN
        RETURN care_internal.report_missing_rate(care_internal.require_agreement(agreement_id), pay_on - 1, known_at);
    END IF;
    RETURN figure;
END
$$;
COMMENT ON FUNCTION care_internal.redemption(bigint, date, timestamptz) IS
    'Part of redemption_figure() and of statements: what repays an agreement in full on a day, as the statement that '
    'asks found it. 55000 if a rate of interest is not known.';

-- Volatile, as are all functions that give the figures of one record: one that is asked for in the statement that
-- records sees what was recorded.
CREATE FUNCTION care.redemption_figure(agreement_id bigint, pay_on date, known_at timestamptz DEFAULT NULL)
    RETURNS numeric LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN care_internal.redemption(agreement_id, pay_on, known_at);
END
$$;
COMMENT ON FUNCTION care.redemption_figure(bigint, date, timestamptz) IS
    'What repays an agreement in full on a day, pounds: interest to the close of the day before, and the day''s own '
    'entries, also those recorded in the statement that asks; as it is known, or (known_at) was known at a moment. '
    'P0002 if there is no such agreement, 55000 if a rate of interest is not known.';

CREATE FUNCTION care_internal.held_on(agreement_id bigint, on_day date) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care_internal.known_figure((l.totals).held, a, on_day)
    FROM care.agreement AS a,
        LATERAL care_internal.ledger_on(a, care_internal.authority_rates(a.authority), on_day, true, NULL) AS l
    WHERE a.agreement_id = held_on.agreement_id;
END;
COMMENT ON FUNCTION care_internal.held_on(bigint, date) IS
    'Money held for the person at the start of a day, pounds, what is entered for it counted.';
