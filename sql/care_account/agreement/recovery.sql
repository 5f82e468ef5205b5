--
-- recovery: how an agreement changes and ends once it is signed.
--
-- Must not know: statements.
--

-- Switches between deferring and not, each from a day on, the other way than the last.
CREATE FUNCTION care_internal.switch_agreement(agreement care.agreement, on_day date, kind text,
                                               opposite text, reason text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care_internal.agreement_label(agreement);
    -- everything is deferred from the beginning
    at_first CONSTANT text := CASE WHEN kind IN ('deferring_resumed', 'interest_deferred', 'charges_deferred') THEN kind
        ELSE opposite END;
    last_switch care.agreement_event_in_force;
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    IF (agreement.signed_on <= on_day) IS NOT TRUE OR agreement.court_from <= on_day
       OR agreement.released_on <= on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_running', SCHEMA = 'care', TABLE = 'agreement',
            MESSAGE = format('%s is not running on %s: there is nothing to switch', label,
                             care_internal.day_text(on_day));
    END IF;
    SELECT e.* INTO last_switch FROM care.agreement_event_in_force AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.kind IN (switch_agreement.kind, opposite)
    ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1;
    IF coalesce(last_switch.kind, at_first) = kind OR on_day <= last_switch.on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_switch_follows', SCHEMA = 'care', TABLE = 'agreement_event', COLUMN = 'kind',
            MESSAGE = format('%s: %s on %s does not follow from what was before', label, kind,
                             care_internal.day_text(on_day)),
            DETAIL = CASE WHEN last_switch.kind IS NULL THEN format('It is %s from the beginning.', at_first)
                          ELSE format('The last such event is %s on %s.', last_switch.kind,
                                      care_internal.day_text(last_switch.on_day)) END;
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
    VALUES (agreement.agreement_id, switch_agreement.on_day, switch_agreement.kind, switch_agreement.reason)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care_internal.switch_agreement(care.agreement, date, text, text, text) IS
    'Part of the functions that follow: records a switch of a locked agreement; 55000 unless it follows from the last.';

CREATE FUNCTION care.stop_deferring(agreement_id bigint, from_day date, reason text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
BEGIN
    PERFORM care_internal.require_text(care_internal.agreement_label(agreement), 'reason', reason);
    RETURN care_internal.switch_agreement(agreement, from_day, 'deferring_stopped', 'deferring_resumed', reason);
END
$$;
COMMENT ON FUNCTION care.stop_deferring(bigint, date, text) IS
    'Records that the authority defers no more care fees from a day; interest goes on.';

CREATE FUNCTION care.resume_deferring(agreement_id bigint, from_day date, reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN care_internal.switch_agreement(care_internal.lock_agreement(agreement_id), from_day, 'deferring_resumed',
                                          'deferring_stopped',
                                 reason);
END
$$;
COMMENT ON FUNCTION care.resume_deferring(bigint, date, text) IS
    'Records that the authority defers care fees again from a day.';

CREATE FUNCTION care.pay_interest_separately(agreement_id bigint, from_day date, separately boolean DEFAULT true,
                                             reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
BEGIN
    IF separately IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = 'separately',
            MESSAGE = format('%s: separately must not be null', care_internal.agreement_label(agreement));
    END IF;
    IF NOT separately THEN
        RETURN care_internal.switch_agreement(agreement, from_day, 'interest_deferred', 'interest_separate', reason);
    END IF;
    RETURN care_internal.switch_agreement(agreement, from_day, 'interest_separate', 'interest_deferred', reason);
END
$$;
COMMENT ON FUNCTION care.pay_interest_separately(bigint, date, boolean, text) IS
    'Records that the person pays interest separately from a day, or (false) defers it again. What is owed by then '
    'becomes one amount in whole pence; invoice_interest() invoices what follows.';

CREATE FUNCTION care.pay_charges_separately(agreement_id bigint, from_day date, separately boolean DEFAULT true,
                                            reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
BEGIN
    IF separately IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = 'separately',
            MESSAGE = format('%s: separately must not be null', care_internal.agreement_label(agreement));
    END IF;
    IF separately THEN
        RETURN care_internal.switch_agreement(agreement, from_day, 'charges_separate', 'charges_deferred', reason);
    END IF;
    RETURN care_internal.switch_agreement(agreement, from_day, 'charges_deferred', 'charges_separate', reason);
END
$$;
COMMENT ON FUNCTION care.pay_charges_separately(bigint, date, boolean, text) IS
    'Records that the person pays administration charges separately from a day, or (false) defers them again.';

CREATE FUNCTION care.end_agreement(agreement_id bigint, on_day date, reason text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
BEGIN
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, agreement.signed_on, 'it was signed');
    PERFORM care_internal.require_word(label, 'reason', reason, '{sold,died,repaid,other}');
    IF agreement.signed_on IS NULL OR agreement.ended_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_can_end', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'ended_on',
            MESSAGE = format('%s %s', label, CASE WHEN agreement.signed_on IS NULL THEN 'is not signed: it cannot end'
                                                  ELSE format('ended on %s', care_internal.day_text(agreement.ended_on))
                                                      END);
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
    VALUES (agreement.agreement_id, end_agreement.on_day, 'ended', end_agreement.reason);
END
$$;
COMMENT ON FUNCTION care.end_agreement(bigint, date, text) IS
    'Records that an agreement ended: sold, died, repaid or other. No care fees are deferred from that day; interest '
    'goes on until it is repaid.';

CREATE FUNCTION care.record_judgment(agreement_id bigint, on_day date, reference text)
    RETURNS numeric LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
BEGIN
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, agreement.signed_on, 'it was signed');
    PERFORM care_internal.require_not_before(label, 'on_day', on_day,
                                             (SELECT max(e.on_day) FROM care.agreement_entry AS e
                                              WHERE e.agreement_id = agreement.agreement_id AND e.kind = 'care_fees'
                                                AND e.reverses IS NULL
                                                AND NOT EXISTS (SELECT FROM care.agreement_entry AS r
                                                                WHERE r.agreement_id = e.agreement_id
                                                                  AND r.reverses = e.entry_id)),
                                             'its last care fees are');
    IF agreement.signed_on IS NULL OR agreement.court_from IS NOT NULL
       OR care.redemption_figure(agreement_id, on_day) <= 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_judgment', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'court_from',
            MESSAGE = format('%s: there is nothing for a judgment on %s', label, care_internal.day_text(on_day));
    END IF;
    PERFORM care_internal.require_text(label, 'reference', reference);
    PERFORM care_internal.require_rates_confirmed(agreement, on_day - 1);
    -- nothing is deferred afterwards
    PERFORM care.post_deferral(agreement_id, on_day - 1);
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason, rate)
    VALUES (agreement.agreement_id, record_judgment.on_day, 'judgment', record_judgment.reference,
            care.parameter_on('deferred_payment', 'court_rate', record_judgment.on_day));
    RETURN care.redemption_figure(agreement_id, on_day);
END
$$;
COMMENT ON FUNCTION care.record_judgment(bigint, date, text) IS
    'Records a judgment of the county court: what is owed that day becomes the judgment debt (returned, pounds), with '
    'simple interest at the court rate of the day from then on in place of the contractual interest. Weeks of its '
    'deferral that end before are posted with it.';

CREATE FUNCTION care.write_off(agreement_id bigint, on_day date, recovery text, reason text, authorised_by text,
                               amount numeric DEFAULT NULL)
    RETURNS numeric LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    figure numeric;
    entry care.agreement_entry;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day),
            care_internal.require_word(label, 'recovery', recovery, '{not_attempted,attempted}'),
            care_internal.require_text(label, 'reason', reason),
            care_internal.require_text(label, 'authorised_by', authorised_by);
    -- interest is waived for who repays in time, and this is no repayment
    figure := care_internal.known_figure(
        care_internal.redemption_if_known(agreement_id, on_day, with_concession => false), agreement, on_day - 1);
    IF amount IS NOT NULL THEN
        PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    END IF;
    IF figure = 0 OR amount > figure THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_owed', SCHEMA = 'care', TABLE = 'agreement_entry',
            MESSAGE = CASE WHEN figure = 0
                           THEN format('%s: nothing is owed on %s', label, care_internal.day_text(on_day))
                           ELSE format('%s: %s is owed on %s, less than the %s to be written off', label, figure,
                                       care_internal.day_text(on_day), amount) END;
    END IF;
    entry.on_day := on_day;
    entry.kind := 'write_off';
    entry.amount := -round(coalesce(amount, figure), 2);
    entry.note := reason;
    entry.authorised_by := authorised_by;
    PERFORM care_internal.add_entry(agreement, entry);
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason, recovery)
    VALUES (agreement.agreement_id, write_off.on_day, 'written_off', write_off.reason, write_off.recovery);
    RETURN -entry.amount;
END
$$;
COMMENT ON FUNCTION care.write_off(bigint, date, text, text, text, numeric) IS
    'Writes off an amount of what is owed on a day, or (null) all of it, and returns it (pounds), with the reason and '
    'who authorised it. 55000 if less is owed.';

SELECT FROM care_internal.keep_setting('small_rest', '^[0-9]{1,4}([.][0-9]{1,2})?$', '0',
    'up to how many pounds written off a debt counts as recovered in full');

-- Nothing is owed: paid or written off, or there never was a debt.
CREATE FUNCTION care_internal.closed_by(agreement_id bigint, as_at date, OUT on_day date, OUT kind text)
    RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT c.on_day, CASE WHEN (l.totals).written_off > f.value::numeric THEN 'write_off' ELSE 'payment' END
    FROM care.agreement AS a
        CROSS JOIN LATERAL (SELECT max(e.on_day) FROM care.agreement_entry AS e
                            WHERE e.agreement_id = a.agreement_id AND e.on_day <= closed_by.as_at) AS m (last_entry)
        -- at the start of the day of the last entry: what is owed then is owed until there is another
        CROSS JOIN LATERAL care_internal.ledger_on(a, care_internal.authority_rates(a.authority),
                                                   coalesce(m.last_entry, a.applied_on), true, NULL) AS l
        CROSS JOIN LATERAL (SELECT coalesce((l.totals).settled_on, CASE WHEN a.ended_on <= closed_by.as_at
                                                                        THEN a.ended_on END)) AS c (on_day)
        CROSS JOIN LATERAL care_internal.setting_in_force(a.authority, 'small_rest', c.on_day) AS f
    WHERE a.agreement_id = closed_by.agreement_id AND (l.totals).balance = 0 AND c.on_day IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.closed_by(bigint, date) IS
    'The day since which nothing is owed under an agreement, by a day, and whether it was paid (payment) or more of it '
    'than a small rest written off (write_off); of one that never had a debt, the day it ended; no row while it is '
    'open.';

CREATE FUNCTION care.release_charge(agreement_id bigint, on_day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    closed_on date := (SELECT c.on_day FROM care_internal.closed_by(agreement_id, 'infinity') AS c);
BEGIN
    IF closed_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_repaid', SCHEMA = 'care', TABLE = 'agreement_entry',
            MESSAGE = format('%s is not repaid: its charge cannot be released', label),
            HINT = 'care.redemption_figure() says what repays it.';
    END IF;
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, closed_on, 'it was paid');
    IF agreement.released_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_not_released', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'released_on',
            MESSAGE = format('%s: the charge was released on %s', label, care_internal.day_text(agreement.released_on));
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind)
    VALUES (agreement.agreement_id, release_charge.on_day, 'charge_released');
END
$$;
COMMENT ON FUNCTION care.release_charge(bigint, date) IS
    'Records that the charge on the property was released, once nothing is owed.';

CREATE FUNCTION care.record_agreement_event(agreement_id bigint, on_day date, kind text,
                                            note text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, agreement.applied_on, 'it was asked for');
    PERFORM care_internal.require_word(label, 'kind', kind, '{reviewed,statement_requested}');
    IF agreement.signed_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_signed', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'signed_on',
            MESSAGE = format('%s is not signed: there is nothing to review or to state', label);
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
    VALUES (agreement.agreement_id, record_agreement_event.on_day, record_agreement_event.kind,
            record_agreement_event.note)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_agreement_event(bigint, date, text, text) IS
    'Records that an agreement was reviewed, or that the person asked for a statement.';

CREATE FUNCTION care.record_valuation(agreement_id bigint, valued_on date, amount numeric,
                                      share numeric DEFAULT 1, prior_charges numeric DEFAULT 0,
                                      note text DEFAULT NULL, kind text DEFAULT NULL,
                                      valuer text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'valued_on', valued_on);
    PERFORM care_internal.require_amount(label, 'amount', amount);
    PERFORM care_internal.require_amount(label, 'prior_charges', prior_charges);
    IF share IS NULL OR NOT (share > 0 AND share <= 1 AND min_scale(share) <= 8) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'valuation_share_of_one', SCHEMA = 'care', TABLE = 'valuation', COLUMN = 'share',
            MESSAGE = format('%s: share must be above 0 and at most 1, not %s', label, coalesce(share::text, 'null')),
            HINT = 'It is a fraction such as 0.5, with at most 8 decimals.';
    END IF;
    IF kind IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'kind', kind, '{professional,desktop,estimate,sale_price}');
    END IF;
    INSERT INTO care.valuation (agreement_id, valued_on, amount, share, prior_charges, kind, valuer, note)
    VALUES (agreement.agreement_id, record_valuation.valued_on, record_valuation.amount, record_valuation.share,
            record_valuation.prior_charges, record_valuation.kind, record_valuation.valuer, record_valuation.note)
    RETURNING valuation_id INTO new_id;
    IF EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.agreement_id = agreement.agreement_id
                 AND e.on_day <= record_valuation.valued_on)
       AND round(amount * share, 2) - prior_charges < care.redemption_figure(agreement_id, valued_on) THEN
        INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
        VALUES (agreement.agreement_id, record_valuation.valued_on, 'value_below_debt',
                format('share worth %s less charges of %s', round(amount * share, 2), prior_charges));
    END IF;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_valuation(bigint, date, numeric, numeric, numeric, text, text, text) IS
    'Records a valuation of the security: the whole property in pounds, the person''s share of it, and the charges '
    'that rank first. Where that is less than what is owed, an event says so.';
