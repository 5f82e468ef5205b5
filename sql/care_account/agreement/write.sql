--
-- write: what is deferred, charged, paid, credited, refunded and invoiced.
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
    in_full numeric;
    held numeric;
    last_day date := greatest(on_day, (SELECT max(e.on_day) FROM care.agreement_entry AS e
                                       WHERE e.agreement_id = agreement.agreement_id));
    payment_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    figure := care.redemption_figure(agreement_id, on_day);
    IF amount > figure AND take_credit IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_not_overpaid',
            MESSAGE = format('%s: a payment of %s is more than is owed', label, amount),
            DETAIL = format('The redemption figure on %s is %s.', care_internal.day_text(on_day), figure),
            HINT = 'To hold what is too much for the person, say take_credit => true.';
    END IF;
    in_full := care_internal.redemption_if_known(agreement_id, on_day, with_concession => false);
    entry.on_day := on_day;
    entry.kind := 'payment';
    entry.amount := -amount;
    entry.note := note;
    held := care_internal.held_on(agreement_id, last_day);
    payment_id := care_internal.add_entry(agreement, entry);
    IF take_credit IS NOT TRUE AND care_internal.held_on(agreement_id, last_day) > held THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_not_overpaid',
            MESSAGE = format('%s: with a payment of %s more is paid by %s than is owed', label, amount,
                             care_internal.day_text(last_day)),
            DETAIL = format('Later payments leave %s too much.', care_internal.held_on(agreement_id, last_day)),
            HINT = 'To hold what is too much for the person, say take_credit => true.';
    END IF;
    IF amount >= figure AND in_full > figure THEN
        entry.kind := 'waiver';
        entry.amount := figure - in_full;
        entry.comes_with := payment_id;
        entry.note := 'interest after the death, repaid in time';
        entry.authorised_by := 'setting interest_after_death';
        PERFORM care_internal.add_entry(agreement, entry);
    END IF;
    RETURN payment_id;
END
$$;
COMMENT ON FUNCTION care.record_payment(bigint, date, numeric, text, boolean) IS
    'Records a payment (pounds) at the start of a day. One above the redemption figure is refused (23514), naming it, '
    'unless take_credit: then what is too much is held for the person. One that repays the debt in time after a death, '
    'where the authority then charges no interest, brings the waiver of that interest with it.';

CREATE FUNCTION care.record_credit(agreement_id bigint, on_day date, amount numeric, reason text, authorised_by text,
                                   kind text DEFAULT 'credit')
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    entry care.agreement_entry;
BEGIN
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, agreement.signed_on, 'it was signed'),
            care_internal.require_amount(label, 'amount', amount, 0.01),
            care_internal.require_text(label, 'reason', reason),
            care_internal.require_text(label, 'authorised_by', authorised_by),
            care_internal.require_word(label, 'kind', kind, '{credit,waiver}');
    entry.on_day := on_day;
    entry.kind := kind;
    entry.amount := -amount;
    entry.note := reason;
    entry.authorised_by := authorised_by;
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.record_credit(bigint, date, numeric, text, text, text) IS
    'Records a credit (such as a remedy) or a waiver (of what was charged), pounds, at the start of a day: it lowers '
    'the debt and is no payment. What is more than is owed is held for the person.';

CREATE FUNCTION care.record_refund(agreement_id bigint, on_day date, amount numeric,
                                   note text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    entry care.agreement_entry;
    held numeric;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    PERFORM care_internal.require_amount(label, 'amount', amount, 0.01);
    -- on that day, and still when all is counted that was entered for later ones
    held := least(care_internal.held_on(agreement_id, on_day),
                  care_internal.held_on(agreement_id,
                                        greatest(on_day, (SELECT max(e.on_day) FROM care.agreement_entry AS e
                                                          WHERE e.agreement_id = agreement.agreement_id))));
    IF amount > held THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'refund_within_held', SCHEMA = 'care', TABLE = 'agreement_entry', COLUMN = 'amount',
            MESSAGE = format('%s: a refund of %s is more than is held on %s, %s', label, amount,
                             care_internal.day_text(on_day), held),
            HINT = 'A payment that should not have been taken is reversed with care.reverse_entry().';
    END IF;
    entry.on_day := on_day;
    entry.kind := 'refund';
    entry.amount := amount;
    entry.note := note;
    RETURN care_internal.add_entry(agreement, entry);
END
$$;
COMMENT ON FUNCTION care.record_refund(bigint, date, numeric, text) IS
    'Records that money held was refunded (pounds); 23514 above what is held.';

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
    due := (SELECT care_internal.known_figure((l.totals).separate, agreement, to_day)
            FROM care_internal.ledger_on(agreement, care_internal.authority_rates(agreement.authority), to_day, false,
                                         NULL) AS l)
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
