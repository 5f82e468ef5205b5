--
-- rule: what an entry must keep: the equity limit, what may be deferred, the tariff.
--
-- Must not know: care accounts, statements.
--

-- Care fees stop at the equity limit; charges never do.
CREATE FUNCTION care_internal.require_equity(agreement care.agreement, on_day date, amount numeric)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care_internal.agreement_label(agreement);
    limit_on_day numeric := care.equity_limit_on(agreement.agreement_id, on_day);
    owed numeric := care.redemption_figure(agreement.agreement_id, on_day);
BEGIN
    IF limit_on_day IS NULL THEN
        PERFORM care.parameter_on('deferred_payment', 'lower_capital_limit', on_day),
                care.parameter_on('deferred_payment', 'equity_margin_percent', on_day);
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_entry_has_valuation',
            MESSAGE = format('%s has no valuation on or before %s', label, care_internal.day_text(on_day)),
            HINT = 'Record it with care.record_valuation(): care fees are deferred only up to the equity limit.';
    END IF;
    IF owed + amount > limit_on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_equity_limit',
            MESSAGE = format('%s: care fees of %s would pass the equity limit', label, amount),
            DETAIL = format('On %s the limit is %s and %s is owed: %s may still be deferred.',
                            care_internal.day_text(on_day),
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
                ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_equity_limit',
                MESSAGE = format('%s: care fees of %s would take those of %s past the equity limit', label, amount,
                                 care_internal.day_text(on_day)),
                DETAIL = format('On that day the limit is %s and %s is owed.', limit_on_day, owed);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.require_equity(care.agreement, date, numeric) IS
    'Refuses (23514) care fees that would take what is owed past the equity limit, saying how much may still be '
    'deferred.';

-- Crystallise what is owed on a day: settled, and carried on as one amount.
CREATE FUNCTION care_internal.carry(agreement_id bigint, on_day date, note text) RETURNS void
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
COMMENT ON FUNCTION care_internal.carry(bigint, date, text) IS
    'Crystallises what is owed under a locked agreement on a day.';

CREATE FUNCTION care_internal.require_no_judgment(agreement care.agreement, on_day date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF on_day < agreement.court_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_entry_after_judgment',
            MESSAGE = format('%s: nothing can be entered for %s', care_internal.agreement_label(agreement),
                             care_internal.day_text(on_day)),
            DETAIL = format('What was owed before is fixed by the judgment of %s.',
                            care_internal.day_text(agreement.court_from));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_no_judgment(care.agreement, date) IS
    'Refuses (55000) an entry for a day before a judgment.';

-- More paid than owed on a day of payments; running totals without interest pass most of them.
CREATE FUNCTION care_internal.overpaid(keys bigint[], since timestamptz)
    RETURNS TABLE (agreement_id bigint, on_day date, too_much numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.agreement_id, d.on_day, -o.owed
    FROM (SELECT e.agreement_id, e.on_day, bool_or(e.kind = 'payment') AS pays,
                 sum(sum(e.amount)) OVER (PARTITION BY e.agreement_id ORDER BY e.on_day) AS running,
                 min(min(e.on_day) FILTER (WHERE e.amount < 0 AND e.kind <> 'carried' AND e.recorded_at >= since))
                     OVER (PARTITION BY e.agreement_id) AS first_day
          FROM care.agreement_entry AS e
          WHERE e.agreement_id = ANY (keys)
          GROUP BY e.agreement_id, e.on_day OFFSET 0) AS d
        CROSS JOIN LATERAL (SELECT CASE WHEN d.running < 0
                                        THEN care_internal.redemption(d.agreement_id, d.on_day) END) AS o (owed)
    WHERE d.pays AND d.on_day >= d.first_day AND d.running < 0 AND o.owed < 0;
END;
COMMENT ON FUNCTION care_internal.overpaid(bigint[], timestamptz) IS
    'Part of require_not_overpaid: days on which more is paid than is owed, from the first entry since a moment that '
    'takes away.';

CREATE FUNCTION care_internal.require_not_overpaid(keys bigint[], since timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a AS agreement, x.on_day, x.too_much INTO wrong
    FROM care_internal.overpaid(keys, since) AS x JOIN care.agreement AS a ON a.agreement_id = x.agreement_id
    ORDER BY x.agreement_id, x.on_day LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_not_overpaid',
            MESSAGE = format('%s: more is paid by %s than is owed', care_internal.agreement_label(wrong.agreement),
                             care_internal.day_text(wrong.on_day)),
            DETAIL = format('The payments to that day come to %s too much.', wrong.too_much);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_not_overpaid(bigint[], timestamptz) IS
    'Refuses (23514) entries recorded since a moment that leave more paid than owed on a day of payments.';

-- One more entry of a locked agreement, whatever its kind.
CREATE FUNCTION care_internal.add_entry(agreement care.agreement, entry care.agreement_entry) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    recorded timestamptz;
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_released(agreement),
            care_internal.require_no_judgment(agreement, entry.on_day);
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, settles, reverses, week_from, tariff,
                                      evidence, note)
    VALUES (agreement.agreement_id, entry.on_day, entry.kind, entry.amount, coalesce(entry.settles, false),
            entry.reverses, entry.week_from,
            entry.tariff, entry.evidence, entry.note)
    RETURNING entry_id, recorded_at INTO new_id, recorded;
    -- payments of that day or later may have paid this amount already
    IF entry.amount < 0 THEN
        PERFORM care_internal.require_not_overpaid(ARRAY[agreement.agreement_id], recorded);
    END IF;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care_internal.add_entry(care.agreement, care.agreement_entry) IS
    'Part of the functions that follow: adds an entry to a locked agreement.';

-- Only what is signed and secured may be drawn on, and care fees only while there is care to defer.
CREATE FUNCTION care_internal.require_deferrable(agreement care.agreement, on_day date, kind text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care_internal.agreement_label(agreement);
    stopped care.agreement_event;
    died date;
    because text;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    PERFORM care_internal.require_not_released(agreement);
    IF (on_day >= greatest(agreement.signed_on, agreement.secured_on) AND agreement.signed_on IS NOT NULL
        AND agreement.secured_on IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_secured',
            MESSAGE = format('%s: nothing can be deferred on %s', label, care_internal.day_text(on_day)),
            DETAIL = CASE WHEN agreement.signed_on IS NULL THEN 'It is not signed.'
                          WHEN agreement.secured_on IS NULL THEN format('It was signed on %s and is not secured.',
                                                                        care_internal.day_text(agreement.signed_on))
                          ELSE format('It was signed on %s and secured on %s.',
                                      care_internal.day_text(agreement.signed_on),
                                      care_internal.day_text(agreement.secured_on)) END;
    END IF;
    IF care.value_on(care_internal.rates_charged(care_internal.authority_rates(agreement.authority), agreement.charged,
                                        agreement.court_from,
                                        agreement.court_rate, on_day), on_day) IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_rate_known',
            MESSAGE = format('%s: the interest rate is not known on %s', label, care_internal.day_text(on_day)),
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
    because := CASE WHEN on_day > died THEN format('The person died on %s.', care_internal.day_text(died))
                    WHEN on_day >= agreement.court_from
                         THEN format('Judgment was given on %s.', care_internal.day_text(agreement.court_from))
                    WHEN on_day >= agreement.ended_on THEN format('It ended on %s.',
                                                                  care_internal.day_text(agreement.ended_on))
                    WHEN stopped.kind = 'deferring_stopped'
                    THEN format('Deferring was stopped on %s: %s.', care_internal.day_text(stopped.on_day),
                                stopped.reason) END;
    IF because IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_deferring',
            MESSAGE = format('%s: no care fees can be deferred on %s', label, care_internal.day_text(on_day)),
            DETAIL = because;
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_deferrable(care.agreement, date, text) IS
    'Refuses (55000) to defer under an agreement that is not signed and secured or whose charge was released, on a day '
    'whose rate is not known; and care fees after a stop, the end, a judgment or the death.';

-- Are administration charges paid separately on a day?
CREATE FUNCTION care_internal.charges_are_separate(agreement_id bigint, on_day date) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT e.kind = 'charges_separate' FROM care.agreement_event AS e
                     WHERE e.agreement_id = charges_are_separate.agreement_id
                       AND e.kind IN ('charges_separate', 'charges_deferred')
                       AND e.on_day <= charges_are_separate.on_day
                     ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1), false);
END;
COMMENT ON FUNCTION care_internal.charges_are_separate(bigint, date) IS
    'Does the person pay administration charges separately on a day, instead of deferring them?';

CREATE FUNCTION care_internal.require_charges_deferred(agreement care.agreement, on_day date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF care_internal.charges_are_separate(agreement.agreement_id, on_day) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_charges_deferred',
            MESSAGE = format('%s: on %s charges are paid separately, not deferred',
                             care_internal.agreement_label(agreement), care_internal.day_text(on_day)),
            HINT = 'care.record_charge() invoices it.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_charges_deferred(care.agreement, date) IS
    'Refuses (55000) to defer a charge while the person pays charges separately.';

-- A charge is by the tariff, or has evidence of its cost.
CREATE FUNCTION care_internal.require_charge(agreement care.agreement, on_day date, amount numeric,
                                             tariff text, evidence text, own_entry bigint DEFAULT NULL)
    RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care_internal.agreement_label(agreement);
    line care.fee_tariff;
BEGIN
    IF tariff IS NULL THEN
        IF coalesce(evidence, '') = '' AND EXISTS (SELECT FROM care.fee_tariff_on(agreement.authority, on_day)) THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_by_tariff',
                MESSAGE = format('%s: a charge names its line of the tariff, or the evidence of its cost', label),
                HINT = 'care.fee_tariff_on() lists the tariff of the day.';
        END IF;
        RETURN;
    END IF;
    SELECT t.* INTO line FROM care.fee_tariff_on(agreement.authority, on_day) AS t WHERE t.line = tariff;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'agreement_entry_by_tariff',
            MESSAGE = format('%s: the tariff of %s has no line %L on %s', label, agreement.authority, tariff,
                             care_internal.day_text(on_day)),
            HINT = 'care.fee_tariff_on() lists the tariff of the day.';
    END IF;
    IF line.basis = 'at_cost' AND coalesce(evidence, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_by_tariff',
            MESSAGE = format('%s: %L is charged at cost: give the evidence', label, tariff);
    END IF;
    IF line.amount = 0 OR (line.basis IN ('one_off', 'yearly') AND amount <> line.amount)
       OR (line.basis IN ('weekly', 'per_event') AND mod(amount, line.amount) <> 0) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_by_tariff',
            MESSAGE = format('%s: %s is not what the tariff says for %L', label, amount, tariff),
            DETAIL = format('On %s it is %s, %s.', care_internal.day_text(on_day), line.amount, line.basis);
    END IF;
    IF line.basis IN ('one_off', 'yearly')
       AND EXISTS (SELECT FROM (SELECT e.on_day FROM care.agreement_entry AS e
                                WHERE e.agreement_id = agreement.agreement_id AND e.tariff = line.line
                                  AND e.reverses IS NULL AND e.entry_id IS DISTINCT FROM own_entry
                                  AND NOT EXISTS (SELECT FROM care.agreement_entry AS r
                                                  WHERE r.agreement_id = e.agreement_id AND r.reverses = e.entry_id)
                                UNION ALL
                                SELECT i.on_day FROM care.agreement_invoice AS i
                                WHERE i.agreement_id = agreement.agreement_id AND i.tariff = line.line) AS c
                   WHERE line.basis = 'one_off'
                      OR (c.on_day > require_charge.on_day - interval '1 year'
                          AND c.on_day < require_charge.on_day + interval '1 year')) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'agreement_entry_by_tariff',
            MESSAGE = format('%s: %L has been charged already', label, tariff),
            DETAIL = format('It is charged %s.', CASE line.basis WHEN 'one_off' THEN 'once' ELSE 'once in twelve months'
                                END);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_charge(care.agreement, date, numeric, text, text, bigint) IS
    'Refuses a charge that is not by the authority''s tariff of the day or has no evidence of its cost (23514), or was '
    'made already (23505); its own entry, if it is there, is no other.';

-- What is issued holds the authority to its figures: doc/calculations section 4.1.
CREATE FUNCTION care_internal.rates_to_confirm(agreement_ids bigint[], as_at date)
    RETURNS TABLE (agreement_id bigint, half_year date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT a.agreement_id, u.half_year
    FROM care_internal.charged_unconfirmed(ARRAY(SELECT DISTINCT x.authority FROM care.agreement AS x
                                                 WHERE x.agreement_id = ANY (agreement_ids))) AS u
        JOIN care.agreement AS a ON a.authority = u.authority
        CROSS JOIN LATERAL (SELECT least(u.to_day, rates_to_confirm.as_at, a.court_from - 1)) AS l (last_day)
    WHERE a.agreement_id = ANY (agreement_ids) AND u.from_day <= l.last_day
      AND (a.interest_from IS NULL OR a.interest_from <= l.last_day)
      AND EXISTS (SELECT FROM care.agreement_entry AS e
                  WHERE e.agreement_id = a.agreement_id AND e.on_day <= l.last_day);
END;
COMMENT ON FUNCTION care_internal.rates_to_confirm(bigint[], date) IS
    'The half-years whose national maximum is to be confirmed on which figures of some agreements at the close of a '
    'day rest: interest ran in them since the first entry, and before a judgment.';

CREATE FUNCTION care_internal.require_rates_confirmed(agreement care.agreement, as_at date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    half_years text := (SELECT string_agg(care_internal.day_text(c.half_year), ', ' ORDER BY c.half_year)
                        FROM care_internal.rates_to_confirm(ARRAY[agreement.agreement_id], as_at) AS c);
BEGIN
    IF half_years IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'national_rate_confirmed', SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'status',
            MESSAGE = format('%s: nothing is issued on a national maximum rate that is not confirmed',
                             care_internal.agreement_label(agreement)),
            DETAIL = format('Its figures as at %s rest on the half-years from %s.', care_internal.day_text(as_at),
                            half_years),
            HINT = 'care.national_rate_to_confirm lists them: say what is charged by with '
                   'care.confirm_national_max_rate().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_rates_confirmed(care.agreement, date) IS
    'Refuses (55000, national_rate_confirmed) to issue figures of an agreement as at a day that rest on a national '
    'maximum rate that is not confirmed.';
