--
-- rule: what an entry must keep: what may be deferred, and the tariff.
--
-- Must not know: care accounts, statements.
--

-- One more entry of a locked agreement, whatever its kind and day: what follows, follows.
CREATE FUNCTION care_internal.add_entry(agreement care.agreement, entry care.agreement_entry) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, reverses, comes_with, week_from, tariff,
                                      evidence, note, override_reason, authorised_by)
    VALUES (agreement.agreement_id, entry.on_day, entry.kind, entry.amount, entry.reverses, entry.comes_with,
            entry.week_from, entry.tariff, entry.evidence, entry.note, entry.override_reason,
            entry.authorised_by)
    RETURNING entry_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care_internal.add_entry(care.agreement, care.agreement_entry) IS
    'Part of the functions that follow: adds an entry to a locked agreement.';

-- Fees since the signing may be brought in once there is a security, where the authority so decided.
SELECT care_internal.keep_setting('fees_before_securing', '^(left_out|brought_in)$', 'left_out',
           'whether fees since the signing are deferred too, from their own days, once an agreement is secured');

CREATE FUNCTION care_internal.drawn_from(agreement care.agreement) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN (agreement).secured_on IS NULL OR (agreement).signed_on IS NULL THEN NULL
                WHEN (agreement).secured_on > (agreement).signed_on
                     AND care.setting_on((agreement).authority, 'fees_before_securing',
                                         (agreement).signed_on) = 'left_out' THEN (agreement).secured_on
                ELSE (agreement).signed_on END;
COMMENT ON FUNCTION care_internal.drawn_from(care.agreement) IS
    'The first day for which anything may be deferred: once an agreement is signed and secured, the later of the two, '
    'or the signing where its authority brings in the fees since, by its setting of that day; null before.';

-- Why no care fees can be deferred on a day.
CREATE FUNCTION care_internal.not_deferring(agreement care.agreement, on_day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN not_deferring.on_day > d.died_on
                THEN format('The person died on %s.', care_internal.day_text(d.died_on))
                WHEN not_deferring.on_day >= (agreement).court_from
                THEN format('Judgment was given on %s.', care_internal.day_text((agreement).court_from))
                WHEN not_deferring.on_day >= (agreement).ended_on
                THEN format('It ended on %s.', care_internal.day_text((agreement).ended_on))
                WHEN s.kind = 'deferring_stopped'
                THEN format('Deferring was stopped on %s: %s.', care_internal.day_text(s.on_day), s.reason) END
    FROM (SELECT OFFSET 0) AS one
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = (agreement).person_id
        LEFT JOIN LATERAL (SELECT e.kind, e.on_day, e.reason FROM care.agreement_event_in_force AS e
                           WHERE e.agreement_id = (agreement).agreement_id
                             AND e.kind IN ('deferring_stopped', 'deferring_resumed')
                             AND e.on_day <= not_deferring.on_day
                           ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1) AS s ON true;
END;
COMMENT ON FUNCTION care_internal.not_deferring(care.agreement, date) IS
    'Why no care fees can be deferred on a day, a sentence: the death, a judgment, the end or a stop; null: they can.';

-- Only what is signed and secured may be drawn on, and care fees only while there is care to defer.
CREATE FUNCTION care_internal.require_deferrable(agreement care.agreement, on_day date, kind text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care_internal.agreement_label(agreement);
    because text;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    IF on_day >= agreement.released_on THEN
        PERFORM care_internal.require_not_released(agreement);
    END IF;
    IF (on_day >= care_internal.drawn_from(agreement)) IS NOT TRUE THEN
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
    because := care_internal.not_deferring(agreement, on_day);
    IF because IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_deferring',
            MESSAGE = format('%s: no care fees can be deferred on %s', label, care_internal.day_text(on_day)),
            DETAIL = because;
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_deferrable(care.agreement, date, text) IS
    'Refuses (55000) to defer under an agreement that is not signed and secured, from the release of its charge on, or '
    'on a day whose rate is not known; and care fees after a stop, the end, a judgment or the death.';

-- Are administration charges paid separately on a day?
CREATE FUNCTION care_internal.charges_are_separate(agreement_id bigint, on_day date) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT e.kind = 'charges_separate' FROM care.agreement_event_in_force AS e
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
                                WHERE i.agreement_id = agreement.agreement_id AND i.tariff = line.line
                                  AND i.reverses IS NULL
                                  AND NOT EXISTS (SELECT FROM care.agreement_invoice AS r
                                                  WHERE r.agreement_id = i.agreement_id
                                                    AND r.reverses = i.invoice_id)) AS c
                   WHERE line.basis = 'one_off'
                      OR CASE WHEN line.year_begins IS NULL
                              THEN c.on_day > require_charge.on_day - interval '1 year'
                                   AND c.on_day < require_charge.on_day + interval '1 year'
                              ELSE date_trunc('year', c.on_day - make_interval(months => line.year_begins - 1))
                                   = date_trunc('year', require_charge.on_day
                                                        - make_interval(months => line.year_begins - 1)) END) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'agreement_entry_by_tariff',
            MESSAGE = format('%s: %L has been charged already', label, tariff),
            DETAIL = format('It is charged %s.',
                            CASE WHEN line.basis = 'one_off' THEN 'once'
                                 WHEN line.year_begins IS NULL THEN 'once in twelve months'
                                 ELSE format('once in each year that begins with month %s', line.year_begins) END);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_charge(care.agreement, date, numeric, text, text, bigint) IS
    'Refuses a charge that is not by the authority''s tariff of the day or has no evidence of its cost (23514), or was '
    'made already (23505); its own entry, if it is there, is no other.';
