--
-- limit: what the equity limit lets be deferred, or brought in.
--
-- Must not know: care accounts, statements.
--

-- Agreements on one title share its value: together they may owe what all of it secures, by its last valuation,
-- whoever's agreement that was for.
CREATE FUNCTION care_internal.title_room(agreement_id bigint, on_day date)
    RETURNS TABLE (room numeric, others text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT sum(care.equity_limit(t.amount, (t.valued).share, (t.valued).prior_charges, t.lower_capital_limit,
                                 t.margin_percent)
               - care_internal.redemption_if_known((t.sharer).agreement_id, title_room.on_day)),
           string_agg(care_internal.agreement_label(t.sharer), ', ' ORDER BY (t.sharer).agreement_id)
               FILTER (WHERE (t.sharer).agreement_id <> title_room.agreement_id)
    FROM (SELECT s.sharer, s.valued,
                 first_value((s.valued).amount) OVER (ORDER BY (s.valued).valued_on DESC,
                                                               (s.valued).valuation_id DESC) AS amount,
                 (SELECT p.amount FROM care_internal.parameter_value('deferred_payment', 'lower_capital_limit',
                                                                     title_room.on_day) AS p) AS lower_capital_limit,
                 (SELECT p.amount FROM care_internal.parameter_value('deferred_payment', 'equity_margin_percent',
                                                                     title_room.on_day) AS p) AS margin_percent
          FROM care_internal.title_shares(title_room.agreement_id, title_room.on_day) AS s) AS t
    HAVING count(*) > 1;
END;
COMMENT ON FUNCTION care_internal.title_room(bigint, date) IS
    'What the agreements on the title of one may still defer together on a day, pounds, and which the others are; no '
    'row where no other shares it.';

CREATE FUNCTION care_internal.require_title_room(agreement care.agreement, on_day date, amount numeric)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    shared record;
BEGIN
    SELECT t.room, t.others INTO shared FROM care_internal.title_room(agreement.agreement_id, on_day) AS t;
    IF amount > shared.room THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_equity_limit',
            MESSAGE = format('%s: %s would pass the equity limit of the title it shares with %s',
                             care_internal.agreement_label(agreement), amount, shared.others),
            DETAIL = format('Together they may still defer %s on %s.', greatest(shared.room, 0),
                            care_internal.day_text(on_day));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_title_room(care.agreement, date, numeric) IS
    'Refuses (23514) what would take all that is owed on a shared title past what it secures.';

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
    PERFORM care_internal.require_title_room(agreement, on_day, amount);
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

-- Debt of before is brought in at the start; later, past the limit, or once no more is deferred, somebody answers
-- for it.
CREATE FUNCTION care_internal.require_brought_in(agreement care.agreement, on_day date, amount numeric)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care_internal.agreement_label(agreement);
    answer CONSTANT text := 'If it is to be brought in all the same, say override_reason and authorised_by.';
    because text := care_internal.not_deferring(agreement, on_day);
    earlier date := (SELECT min(e.on_day) FROM care.agreement_entry AS e
                     WHERE e.agreement_id = agreement.agreement_id AND e.on_day < require_brought_in.on_day
                       AND e.kind <> 'opening_balance');
    room numeric;
BEGIN
    IF because IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_deferring',
            MESSAGE = format('%s: no debt is brought in on %s', label, care_internal.day_text(on_day)),
            DETAIL = because, HINT = answer;
    ELSIF earlier IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_debt_at_start',
            MESSAGE = format('%s: debt is brought in at the start, and its first entry is of %s', label,
                             care_internal.day_text(earlier)),
            HINT = answer;
    END IF;
    SELECT least(s.equity_limit - care_internal.redemption(agreement.agreement_id, on_day),
                 (SELECT t.room FROM care_internal.title_room(agreement.agreement_id, on_day) AS t)) INTO room
    FROM care_internal.security_on(agreement.agreement_id, on_day) AS s;
    IF amount > room THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_equity_limit',
            MESSAGE = format('%s: debt of %s would pass the equity limit', label, amount),
            DETAIL = format('On %s %s may still be deferred.', care_internal.day_text(on_day), greatest(room, 0)),
            HINT = answer;
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_brought_in(care.agreement, date, numeric) IS
    'Refuses to bring in debt without an override: past the equity limit (23514), after deferring stopped, or when '
    'entries of earlier days are there (55000).';
