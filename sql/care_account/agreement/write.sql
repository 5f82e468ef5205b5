--
-- write: what is deferred, charged, paid, refunded and taken back.
--
-- Must not know: care accounts, statements.
--

CREATE FUNCTION care.defer(agreement_id bigint, on_day date, kind text,
                           amount numeric, note text DEFAULT NULL,
                           tariff text DEFAULT NULL, evidence text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    entry care.agreement_entry;
BEGIN
    IF kind IS NULL OR kind NOT IN ('care_fees', 'administration_charge') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_is_known_word', SCHEMA = 'care', TABLE = 'agreement_entry', COLUMN = 'kind',
            MESSAGE = format('%s: unknown kind of entry: %L', label, kind),
            HINT = 'It is care_fees or administration_charge; payments are recorded with care.record_payment().';
    END IF;
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    PERFORM care_internal.require_deferrable(agreement, on_day, kind);
    IF kind = 'care_fees' THEN
        PERFORM care_internal.require_equity(agreement, on_day, amount);
    ELSE
        PERFORM care_internal.require_charge(agreement, on_day, amount, tariff, evidence),
                care_internal.require_charges_deferred(agreement, on_day);
    END IF;
    entry.on_day := on_day;
    entry.kind := kind;
    entry.amount := amount;
    entry.tariff := tariff;
    entry.evidence := evidence;
    entry.note := note;
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.defer(bigint, date, text, numeric, text, text, text) IS
    'Defers care fees or an administration charge (pounds) from the start of a day. Care fees past the equity limit '
    'are refused (23514); a charge names its line of the authority''s tariff, or the evidence of its cost.';

CREATE FUNCTION care.record_charge(agreement_id bigint, on_day date, tariff text,
                                   quantity integer DEFAULT 1, cost numeric DEFAULT NULL,
                                   evidence text DEFAULT NULL, note text DEFAULT NULL,
                                   OUT entry_id bigint, OUT invoice_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    amount numeric := coalesce(cost, quantity * (SELECT t.amount
                                                 FROM care.fee_tariff_on(agreement.authority, on_day) AS t
                                                 WHERE t.line = tariff));
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    PERFORM care_internal.require_charge(agreement, on_day, amount, tariff, evidence);
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    IF care_internal.charges_are_separate(agreement_id, on_day) THEN
        PERFORM care_internal.require_deferrable(agreement, on_day, 'administration_charge');
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
                                   note text, override_reason text DEFAULT NULL, authorised_by text DEFAULT NULL)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    entry care.agreement_entry;
BEGIN
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    PERFORM care_internal.require_deferrable(agreement, on_day, 'opening_balance');
    IF override_reason IS NULL AND authorised_by IS NULL THEN
        PERFORM care_internal.require_brought_in(agreement, on_day, amount);
    ELSE
        PERFORM care_internal.require_text(label, 'override_reason', override_reason),
                care_internal.require_text(label, 'authorised_by', authorised_by);
    END IF;
    entry.on_day := on_day;
    entry.kind := 'opening_balance';
    entry.amount := amount;
    entry.note := note;
    entry.override_reason := override_reason;
    entry.authorised_by := authorised_by;
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.bring_in_debt(bigint, date, numeric, text, text, text) IS
    'Brings debt that accrued before into an agreement at its start, as an opening balance (pounds); it bears interest '
    'from the day. Past the equity limit (23514), after deferring stopped, or later than other entries (55000) it is '
    'refused without an override: a reason and who authorised it; care.debt_override lists those.';

CREATE VIEW care.debt_override AS
    SELECT e.agreement_id, a.authority, a.reference, e.entry_id, e.on_day, e.amount, e.note, e.override_reason,
           e.authorised_by, e.recorded_at, e.recorded_by
    FROM care.agreement_entry AS e JOIN care.agreement AS a ON a.agreement_id = e.agreement_id
    WHERE e.override_reason IS NOT NULL;
COMMENT ON VIEW care.debt_override IS
    'Debt that was brought in by an override: past the equity limit, after deferring stopped, or not at the start.';
SELECT care_internal.comment_columns('care.debt_override', 'care.agreement_entry', 'care.agreement');

CREATE FUNCTION care.record_payment(agreement_id bigint, on_day date, amount numeric,
                                    note text DEFAULT NULL, take_credit boolean DEFAULT false)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    entry care.agreement_entry;
    figure numeric;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    figure := greatest(care.redemption_figure(agreement_id, on_day), 0);
    IF amount > figure AND take_credit IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_not_overpaid',
            MESSAGE = format('%s: a payment of %s is more than is owed', label, amount),
            DETAIL = format('The redemption figure on %s is %s.', care_internal.day_text(on_day), figure),
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
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.record_payment(bigint, date, numeric, text, boolean) IS
    'Records a payment (pounds) at the start of a day. One above the redemption figure is refused (23514), naming it, '
    'unless take_credit: then what is too much is held to be refunded. Null: all of it.';

CREATE FUNCTION care.credit_held(agreement_id bigint) RETURNS numeric LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(sum(c.amount), 0.00) FROM care.agreement_credit AS c
    WHERE c.agreement_id = credit_held.agreement_id;
END;
COMMENT ON FUNCTION care.credit_held(bigint) IS
    'What was received above what was owed and not yet refunded, pounds, with what was recorded in the statement that '
    'asks.';

CREATE FUNCTION care.refund_credit(agreement_id bigint, on_day date, amount numeric,
                                   note text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    held numeric := care.credit_held(agreement_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    IF amount > held THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'credit_refund_within_held', SCHEMA = 'care', TABLE = 'agreement_credit', COLUMN = 'amount',
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
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
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
            CONSTRAINT = 'entry_exists', SCHEMA = 'care', TABLE = 'agreement_entry', COLUMN = 'entry_id',
            MESSAGE = format('%s has no entry %s to reverse', label, coalesce(reverse_entry.entry_id::text, 'null')),
            HINT = 'It may have been reversed already.';
    END IF;
    PERFORM care_internal.require_text(label, 'reason', reason);
    SELECT s.entry_id INTO settled FROM care.agreement_entry AS s
    WHERE s.agreement_id = agreement.agreement_id AND s.settles AND s.kind <> 'carried'
      AND s.entry_id > original.entry_id AND s.on_day >= original.on_day
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = s.agreement_id
                        AND r.reverses = s.entry_id)
    ORDER BY s.entry_id DESC LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'entry_not_settled', SCHEMA = 'care', TABLE = 'agreement_entry', COLUMN = 'settles',
            MESSAGE = format('%s: entry %s was settled by entry %s', label, original.entry_id, settled),
            HINT = 'Reverse that one first; the debt is then open again.';
    END IF;
    entry.on_day := original.on_day;
    entry.kind := original.kind;
    entry.amount := -original.amount;
    entry.reverses := original.entry_id;
    entry.week_from := original.week_from;
    entry.note := reason;
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.reverse_entry(bigint, bigint, text) IS
    'Takes an entry back from its own day, as if it had never been: interest follows. The reversal names it and says '
    'why. P0002 if there is no such entry or it is reversed.';

CREATE FUNCTION care.invoice_interest(agreement_id bigint, to_day date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    due numeric;
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_before(label, 'to_day', to_day,
                                             (SELECT max(i.on_day) FROM care.agreement_invoice AS i
                                                              WHERE i.agreement_id = agreement.agreement_id
                                                                AND i.kind = 'interest'),
                                    'interest was last invoiced');
    due := care_internal.known_figure(care_internal.separate_interest(agreement, to_day), agreement, to_day)
           - coalesce((SELECT sum(i.amount) FROM care.agreement_invoice AS i
                       WHERE i.agreement_id = agreement.agreement_id AND i.kind = 'interest'), 0);
    PERFORM care_internal.require_rates_confirmed(agreement, to_day);
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
