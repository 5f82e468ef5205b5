--
-- correct: every entry, invoice and step of an agreement can be taken back or corrected by another fact, at any time.
--
-- Must not know: care accounts, statements, what follows.
--

CREATE FUNCTION care.reverse_entry(agreement_id bigint, entry_id bigint, reason text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    original care.agreement_entry;
    entry care.agreement_entry;
    new_id int8;
BEGIN
    SELECT e.* INTO original FROM care.agreement_entry AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.entry_id = reverse_entry.entry_id AND e.reverses IS NULL
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = e.agreement_id
                        AND r.reverses = e.entry_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'entry_exists', SCHEMA = 'care', TABLE = 'agreement_entry', COLUMN = 'entry_id',
            MESSAGE = format('%s has no entry %s to reverse', label, coalesce(reverse_entry.entry_id::text, 'null')),
            HINT = 'It may have been reversed already.';
    END IF;
    PERFORM care_internal.require_text(label, 'reason', reason);
    entry.on_day := original.on_day;
    entry.kind := original.kind;
    entry.amount := -original.amount;
    entry.reverses := original.entry_id;
    entry.week_from := original.week_from;
    entry.note := reason;
    new_id := care_internal.add_entry(agreement, entry);
    PERFORM care.reverse_entry(agreement.agreement_id, e.entry_id, reason)
    FROM care.agreement_entry AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.comes_with = original.entry_id
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = e.agreement_id
                        AND r.reverses = e.entry_id);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.reverse_entry(bigint, bigint, text) IS
    'Takes an entry back from its own day, as if it had never been, at any time: interest, what is owed and what is '
    'held follow. The reversal names it and says why; a waiver of interest goes with its payment. P0002 if there is no '
    'such entry or it is reversed.';

CREATE FUNCTION care.reinstate_entry(agreement_id bigint, entry_id bigint, reason text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    entry care.agreement_entry;
BEGIN
    SELECT e.* INTO entry FROM care.agreement_entry AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.entry_id = reinstate_entry.entry_id
      AND EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = e.agreement_id
                    AND r.reverses = e.entry_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'entry_exists', SCHEMA = 'care', TABLE = 'agreement_entry', COLUMN = 'entry_id',
            MESSAGE = format('%s has no reversed entry %s', label, coalesce(reinstate_entry.entry_id::text, 'null')),
            HINT = 'Only an entry that was reversed is entered once more.';
    END IF;
    PERFORM care_internal.require_text(label, 'reason', reason);
    entry.comes_with := NULL;
    entry.note := concat_ws('; ', entry.note, reason);
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.reinstate_entry(bigint, bigint, text) IS
    'Enters once more what was reversed, from its own day: it was due after all. P0002 if there is no such entry or it '
    'is not reversed.';

CREATE FUNCTION care.reverse_invoice(agreement_id bigint, invoice_id bigint, reason text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    original care.agreement_invoice;
    new_id int8;
BEGIN
    SELECT i.* INTO original FROM care.agreement_invoice AS i
    WHERE i.agreement_id = agreement.agreement_id AND i.invoice_id = reverse_invoice.invoice_id AND i.reverses IS NULL
      AND NOT EXISTS (SELECT FROM care.agreement_invoice AS r WHERE r.agreement_id = i.agreement_id
                        AND r.reverses = i.invoice_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'invoice_exists', SCHEMA = 'care', TABLE = 'agreement_invoice', COLUMN = 'invoice_id',
            MESSAGE = format('%s has no invoice %s to take back', label,
                             coalesce(reverse_invoice.invoice_id::text, 'null')),
            HINT = 'It may have been taken back already.';
    END IF;
    PERFORM care_internal.require_text(label, 'reason', reason);
    INSERT INTO care.agreement_invoice (agreement_id, on_day, kind, amount, reverses, note)
    VALUES (agreement.agreement_id, original.on_day, original.kind, -original.amount, original.invoice_id,
            reverse_invoice.reason)
    RETURNING agreement_invoice.invoice_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.reverse_invoice(bigint, bigint, text) IS
    'Takes an invoice back, as if it had never been: a charge may be made again, interest is invoiced with the next. '
    'P0002 if there is no such invoice or it was taken back.';

CREATE FUNCTION care_internal.require_step(agreement care.agreement, event_id bigint, reason text)
    RETURNS care.agreement_event_in_force
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    step care.agreement_event_in_force;
BEGIN
    SELECT e.* INTO step FROM care.agreement_event_in_force AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.event_id = require_step.event_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'step_exists', SCHEMA = 'care', TABLE = 'agreement_event', COLUMN = 'event_id',
            MESSAGE = format('%s has no step %s to correct', care_internal.agreement_label(agreement),
                             coalesce(event_id::text, 'null')),
            HINT = 'It may have been corrected already: then correct the correction. care.agreement_event_in_force '
                   'lists the steps that hold.';
    END IF;
    PERFORM care_internal.require_text(care_internal.agreement_label(agreement), 'reason', reason);
    RETURN step;
END
$$;
COMMENT ON FUNCTION care_internal.require_step(care.agreement, bigint, text) IS
    'A step of a locked agreement that holds, to be corrected for a reason; P0002 if there is none.';

CREATE FUNCTION care.correct_step(agreement_id bigint, event_id bigint, on_day date, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    step care.agreement_event_in_force := care_internal.require_step(agreement, event_id, reason);
    policy care.interest_policy_in_force;
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_before(care_internal.agreement_label(agreement), 'on_day', on_day,
                                             agreement.applied_on, 'it was asked for');
    IF step.kind = 'signed' THEN
        -- on the terms of the day it was signed on
        policy := care_internal.require_policy(agreement.authority, on_day);
        step.day_count := policy.day_count;
        step.capitalised := policy.capitalised;
    ELSIF step.kind = 'judgment' THEN
        step.rate := care.parameter_on('deferred_payment', 'court_rate', on_day);
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason, meets_criteria, override_reason, rate,
                                      day_count, capitalised, charge_type, charge_priority, title_reference, recovery,
                                      supersedes, correction_reason)
    VALUES (agreement.agreement_id, correct_step.on_day, step.kind, step.reason, step.meets_criteria,
            step.override_reason, step.rate, step.day_count, step.capitalised, step.charge_type, step.charge_priority,
            step.title_reference, step.recovery, step.event_id, correct_step.reason)
    RETURNING agreement_event.event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.correct_step(bigint, bigint, date, text) IS
    'Records that a step of an agreement happened on another day, and why that was recorded wrongly; deadlines, terms '
    'and figures follow, and what no longer fits is listed by agreement_step_to_check. P0002 if there is no such step, '
    'or it was corrected already.';

CREATE FUNCTION care.withdraw_step(agreement_id bigint, event_id bigint, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    step care.agreement_event_in_force := care_internal.require_step(agreement, event_id, reason);
    new_id int8;
BEGIN
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, supersedes, correction_reason)
    VALUES (agreement.agreement_id, step.on_day, 'withdrawn', step.event_id, withdraw_step.reason)
    RETURNING agreement_event.event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.withdraw_step(bigint, bigint, text) IS
    'Records that a step of an agreement never happened, and why it was recorded: one that ended by a sale that '
    'collapsed goes on. What no longer fits is listed by agreement_step_to_check. P0002 if there is no such step, or '
    'it was corrected already.';
