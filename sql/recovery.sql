--
-- recovery: how an agreement changes and ends once it is signed, what of it needs somebody's attention,
-- and when its debt will reach the equity limit.
--
-- Must not know: statements.
--

-- Switches between deferring and not, each from a day on, the other way than the last.
CREATE FUNCTION care.switch_agreement(agreement care.agreement, on_day date, kind text,
                                      opposite text, reason text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := care.agreement_label(agreement);
    -- everything is deferred from the beginning
    at_first CONSTANT text := CASE WHEN kind IN ('deferring_resumed', 'interest_deferred', 'charges_deferred') THEN kind
        ELSE opposite END;
    last_switch care.agreement_event;
    new_id int8;
BEGIN
    PERFORM care.require_day(label, 'on_day', on_day);
    IF (agreement.signed_on <= on_day) IS NOT TRUE OR agreement.court_from <= on_day
       OR agreement.released_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is not running on %s: there is nothing to switch', label, care.day_text(on_day));
    END IF;
    SELECT e.* INTO last_switch FROM care.agreement_event AS e
    WHERE e.agreement_id = agreement.agreement_id AND e.kind IN (switch_agreement.kind, opposite)
    ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1;
    IF coalesce(last_switch.kind, at_first) = kind OR on_day <= last_switch.on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: %s on %s does not follow from what was before', label, kind, care.day_text(on_day)),
            DETAIL = CASE WHEN last_switch.kind IS NULL THEN format('It is %s from the beginning.', at_first)
                          ELSE format('The last such event is %s on %s.', last_switch.kind,
                                      care.day_text(last_switch.on_day)) END;
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
    VALUES (agreement.agreement_id, switch_agreement.on_day, switch_agreement.kind, switch_agreement.reason)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.switch_agreement(care.agreement, date, text, text, text) IS
    'Part of the functions that follow: records a switch of a locked agreement; 55000 unless it follows from the last.';

CREATE FUNCTION care.stop_deferring(agreement_id bigint, from_day date, reason text)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
BEGIN
    PERFORM care.require_text(care.agreement_label(agreement), 'reason', reason);
    RETURN care.switch_agreement(agreement, from_day, 'deferring_stopped', 'deferring_resumed', reason);
END
$$;
COMMENT ON FUNCTION care.stop_deferring(bigint, date, text) IS
    'Records that the authority defers no more care fees from a day; interest goes on.';

CREATE FUNCTION care.resume_deferring(agreement_id bigint, from_day date, reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN care.switch_agreement(care.lock_agreement(agreement_id), from_day, 'deferring_resumed', 'deferring_stopped',
                                 reason);
END
$$;
COMMENT ON FUNCTION care.resume_deferring(bigint, date, text) IS
    'Records that the authority defers care fees again from a day.';

CREATE FUNCTION care.pay_interest_separately(agreement_id bigint, from_day date, separately boolean DEFAULT true,
                                             reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    new_id int8;
BEGIN
    IF separately IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: separately must not be null', care.agreement_label(agreement));
    END IF;
    IF NOT separately THEN
        RETURN care.switch_agreement(agreement, from_day, 'interest_deferred', 'interest_separate', reason);
    END IF;
    PERFORM care.require_not_before(care.agreement_label(agreement), 'from_day', from_day,
                                    (SELECT z.on_day FROM care.settlement(agreement_id, 'infinity') AS z),
                             'it was settled');
    new_id := care.switch_agreement(agreement, from_day, 'interest_separate', 'interest_deferred', reason);
    PERFORM care.carry(agreement_id, from_day, 'interest paid separately from this day');
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.pay_interest_separately(bigint, date, boolean, text) IS
    'Records that the person pays interest separately from a day, or (false) defers it again. What is owed by then is '
    'carried on as one amount; invoice_interest() invoices what follows.';

CREATE FUNCTION care.pay_charges_separately(agreement_id bigint, from_day date, separately boolean DEFAULT true,
                                            reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
BEGIN
    IF separately IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: separately must not be null', care.agreement_label(agreement));
    END IF;
    IF separately THEN
        RETURN care.switch_agreement(agreement, from_day, 'charges_separate', 'charges_deferred', reason);
    END IF;
    RETURN care.switch_agreement(agreement, from_day, 'charges_deferred', 'charges_separate', reason);
END
$$;
COMMENT ON FUNCTION care.pay_charges_separately(bigint, date, boolean, text) IS
    'Records that the person pays administration charges separately from a day, or (false) defers them again.';

CREATE FUNCTION care.end_agreement(agreement_id bigint, on_day date, reason text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
BEGIN
    PERFORM care.require_not_before(label, 'on_day', on_day, agreement.signed_on, 'it was signed');
    PERFORM care.require_word(label, 'reason', reason, '{sold,died,repaid,other}'),
            care.require_not_released(agreement);
    IF agreement.signed_on IS NULL OR agreement.ended_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s %s', label, CASE WHEN agreement.signed_on IS NULL THEN 'is not signed: it cannot end'
                                                  ELSE format('ended on %s', care.day_text(agreement.ended_on)) END);
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
    VALUES (agreement.agreement_id, end_agreement.on_day, 'ended', end_agreement.reason);
END
$$;
COMMENT ON FUNCTION care.end_agreement(bigint, date, text) IS
    'Records that an agreement ended: sold, died, repaid or other. No care fees are deferred from that day; interest '
    'goes on until it is repaid.';

CREATE FUNCTION care.record_judgment(agreement_id bigint, on_day date, reference text)
    RETURNS numeric LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    last_entry date := (SELECT max(e.on_day) FROM care.agreement_entry AS e
                        WHERE e.agreement_id = agreement.agreement_id);
BEGIN
    PERFORM care.require_not_before(label, 'on_day', on_day, agreement.signed_on, 'it was signed');
    PERFORM care.require_not_before(label, 'on_day', on_day, last_entry, 'its last entry is');
    IF agreement.signed_on IS NULL OR agreement.court_from IS NOT NULL
       OR care.redemption_figure(agreement_id, on_day) <= 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: there is nothing for a judgment on %s', label, care.day_text(on_day));
    END IF;
    PERFORM care.require_text(label, 'reference', reference);
    -- nothing can be entered for the days before it afterwards
    PERFORM care.post_deferral(agreement_id, on_day - 1),
            care.carry(agreement_id, on_day, 'judgment ' || reference);
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

CREATE FUNCTION care.write_off(agreement_id bigint, on_day date, recovery text, reason text)
    RETURNS numeric LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    figure numeric;
    entry care.agreement_entry;
BEGIN
    PERFORM care.require_not_before(label, 'on_day', on_day, (SELECT max(e.on_day) FROM care.agreement_entry AS e
                                                       WHERE e.agreement_id = agreement.agreement_id),
                                                           'its last entry is');
    PERFORM care.require_word(label, 'recovery', recovery, '{not_attempted,attempted}');
    PERFORM care.require_text(label, 'reason', reason);
    figure := care.redemption_figure(agreement_id, on_day);
    IF figure <= 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: nothing is owed on %s', label, care.day_text(on_day));
    END IF;
    entry.on_day := on_day;
    entry.kind := 'write_off';
    entry.amount := -figure;
    entry.settles := true;
    entry.note := reason;
    PERFORM care.add_entry(agreement, entry);
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason, recovery)
    VALUES (agreement.agreement_id, write_off.on_day, 'written_off', write_off.reason, write_off.recovery);
    RETURN figure;
END
$$;
COMMENT ON FUNCTION care.write_off(bigint, date, text, text) IS
    'Writes off what is still owed on a day, once recovery has finished, and returns it (pounds).';

-- The day a debt was paid or written off, if nothing was entered since but what was reversed.
CREATE FUNCTION care.closed_by(agreement_id bigint, as_at date, OUT on_day date, OUT kind text)
    RETURNS SETOF record LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT z.on_day, e.kind
    FROM care.settlement(closed_by.agreement_id, closed_by.as_at) AS z
        JOIN care.agreement_entry AS e ON e.agreement_id = closed_by.agreement_id AND e.entry_id = z.entry_id
    WHERE e.kind <> 'carried'
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS later
                      WHERE later.agreement_id = closed_by.agreement_id AND later.on_day <= closed_by.as_at
                        AND (later.entry_id > z.entry_id OR later.on_day > z.on_day)
                        AND later.reverses IS NULL
                        AND NOT EXISTS (SELECT FROM care.agreement_entry AS r
                                        WHERE r.agreement_id = later.agreement_id AND r.reverses = later.entry_id))
    UNION ALL
    -- one that ended and never had a debt
    SELECT a.ended_on, 'payment'
    FROM care.agreement AS a
    WHERE a.agreement_id = closed_by.agreement_id AND a.ended_on <= closed_by.as_at
      AND NOT EXISTS (SELECT FROM care.agreement_entry AS e
                      WHERE e.agreement_id = a.agreement_id AND e.on_day <= closed_by.as_at AND e.reverses IS NULL
                        AND NOT EXISTS (SELECT FROM care.agreement_entry AS r
                                        WHERE r.agreement_id = e.agreement_id AND r.reverses = e.entry_id));
END;
COMMENT ON FUNCTION care.closed_by(bigint, date) IS
    'The day and kind (payment or write_off) of the entry that left an agreement at nought by a day, or the day one '
    'that never had a debt ended; no row while it is open.';

CREATE FUNCTION care.release_charge(agreement_id bigint, on_day date) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    closed_on date := (SELECT c.on_day FROM care.closed_by(agreement_id, 'infinity') AS c);
BEGIN
    IF closed_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is not repaid: its charge cannot be released', label),
            HINT = 'care.redemption_figure() says what repays it.';
    END IF;
    PERFORM care.require_not_before(label, 'on_day', on_day, closed_on, 'it was paid');
    IF agreement.released_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: the charge was released on %s', label, care.day_text(agreement.released_on));
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind)
    VALUES (agreement.agreement_id, release_charge.on_day, 'charge_released');
END
$$;
COMMENT ON FUNCTION care.release_charge(bigint, date) IS
    'Records that the charge on the property was released, once nothing is owed.';

CREATE FUNCTION care.record_agreement_event(agreement_id bigint, on_day date, kind text,
                                            note text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care.require_not_before(label, 'on_day', on_day, agreement.applied_on, 'it was asked for');
    PERFORM care.require_word(label, 'kind', kind, '{reviewed,statement_requested}');
    IF agreement.signed_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
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
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care.require_day(label, 'valued_on', valued_on);
    PERFORM care.require_amount(label, 'amount', amount);
    PERFORM care.require_amount(label, 'prior_charges', prior_charges);
    IF share IS NULL OR NOT (share > 0 AND share <= 1 AND min_scale(share) <= 8) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: share must be above 0 and at most 1, not %s', label, coalesce(share::text, 'null')),
            HINT = 'It is a fraction such as 0.5, with at most 8 decimals.';
    END IF;
    IF kind IS NOT NULL THEN
        PERFORM care.require_word(label, 'kind', kind, '{professional,desktop,estimate,sale_price}');
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

--
-- Where each agreement is on its way.
--

CREATE FUNCTION care.agreement_state(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text,
                   person_reference text, state text, since date, applied_on date,
                   signed_on date, secured_on date, ended_on date, closed_on date,
                   released_on date)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, p.reference, s.state, s.since, a.applied_on, a.signed_on,
           a.secured_on, a.ended_on,
           c.on_day, a.released_on
    FROM care.agreement AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        LEFT JOIN LATERAL care.closed_by(a.agreement_id, agreement_state.as_at) AS c ON true
        LEFT JOIN LATERAL (SELECT e.kind, e.on_day FROM care.agreement_event AS e
                           WHERE e.agreement_id = a.agreement_id AND e.kind IN ('offered', 'refused')
                             AND e.on_day <= agreement_state.as_at
                           ORDER BY e.event_id DESC LIMIT 1) AS d ON true
        LEFT JOIN LATERAL (SELECT e.kind, e.on_day FROM care.agreement_event AS e
                           WHERE e.agreement_id = a.agreement_id
                             AND e.kind IN ('deferring_stopped', 'deferring_resumed')
                             AND e.on_day <= agreement_state.as_at
                           ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1) AS t ON true
        CROSS JOIN LATERAL (
            SELECT v.state, v.since
            FROM (VALUES (1, 'charge released', a.released_on),
                         (2, CASE c.kind WHEN 'write_off' THEN 'written off' ELSE 'repaid' END, c.on_day),
                         (3, 'in recovery by the court', a.court_from),
                         (4, 'ended', a.ended_on),
                         (5, 'deferring stopped', CASE WHEN t.kind = 'deferring_stopped' THEN t.on_day END),
                         (6, 'secured', CASE WHEN a.signed_on IS NOT NULL
                              THEN greatest(a.signed_on, a.secured_on) + 0 * (a.secured_on - a.signed_on) END),
                         (7, 'signed', a.signed_on),
                         (8, d.kind, d.on_day),
                         (9, 'applied', a.applied_on)) AS v (rank, state, since)
            WHERE v.since <= agreement_state.as_at
            ORDER BY v.rank LIMIT 1) AS s;
END;
COMMENT ON FUNCTION care.agreement_state(date) IS
    'How far each agreement is at the close of a day: applied, offered, refused, signed, secured, deferring stopped, '
    'ended, in recovery by the court, repaid, written off, charge released.';
CREATE VIEW care.agreement_state AS SELECT s.* FROM care.agreement_state(current_date) AS s;
COMMENT ON VIEW care.agreement_state IS 'How far each agreement is today.';
COMMENT ON COLUMN care.agreement_state.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_state.authority IS 'The authority that defers.';
COMMENT ON COLUMN care.agreement_state.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.agreement_state.person_reference IS 'The case-management system''s reference of the person.';
COMMENT ON COLUMN care.agreement_state.state IS
    'applied, offered, refused, signed, secured, deferring stopped, ended, in recovery by the court, repaid, written '
    'off, charge released.';
COMMENT ON COLUMN care.agreement_state.since IS 'The day that began.';
COMMENT ON COLUMN care.agreement_state.applied_on IS 'The day it was asked for.';
COMMENT ON COLUMN care.agreement_state.signed_on IS 'The day it was signed.';
COMMENT ON COLUMN care.agreement_state.secured_on IS 'The day it was secured.';
COMMENT ON COLUMN care.agreement_state.ended_on IS 'The day it ended.';
COMMENT ON COLUMN care.agreement_state.closed_on IS 'The day the debt was paid or written off.';
COMMENT ON COLUMN care.agreement_state.released_on IS 'The day the charge was released.';

--
-- Worklists.
--

CREATE FUNCTION care.charge_release_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, closed_on date,
                   release_by date, overdue boolean)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, c.on_day, d.release_by, d.release_by < charge_release_due.as_at
    FROM care.agreement AS a
        CROSS JOIN LATERAL care.closed_by(a.agreement_id, charge_release_due.as_at) AS c
        CROSS JOIN LATERAL care.setting_in_force(a.authority, 'charge_release_days', c.on_day) AS f
        CROSS JOIN LATERAL (SELECT c.on_day + f.value::integer) AS d (release_by)
    WHERE a.released_on IS NULL OR a.released_on > charge_release_due.as_at;
END;
COMMENT ON FUNCTION care.charge_release_due(date) IS
    'Agreements at nought whose charge on the property is still to be released, with the day by which the authority '
    'has it done.';

CREATE FUNCTION care.repayment_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, person_reference text,
                   died_on date, due_on date, overdue boolean)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, p.reference, d.died_on, t.due_on, t.due_on < repayment_due.as_at
    FROM care.agreement AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
            AND d.known_on <= repayment_due.as_at
        CROSS JOIN (SELECT care.parameter_schedule('deferred_payment', 'repayment_days_after_death') OFFSET 0)
            AS y (days)
        CROSS JOIN LATERAL (SELECT d.died_on + care.value_on(y.days, d.died_on)::integer) AS t (due_on)
    WHERE a.signed_on IS NOT NULL
      AND NOT EXISTS (SELECT FROM care.closed_by(a.agreement_id, repayment_due.as_at))
      AND EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id);
END;
COMMENT ON FUNCTION care.repayment_due(date) IS
    'Debts of people who have died that are not yet paid, with the day they fall due. Recovery by the court begins '
    'with record_judgment(), never by itself.';

CREATE FUNCTION care.security_review(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, balance numeric,
                   base numeric, percent numeric, valued_on date, revaluation_due boolean,
                   review_due boolean, at_limit boolean, value_below_debt boolean)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH m AS MATERIALIZED (
        SELECT x.authority, care.setting_on(x.authority, 'trigger_base', security_review.as_at) AS base
        FROM care.authority AS x)
    SELECT r.agreement_id, r.authority, r.reference, r.balance, r.base, round(100 * r.balance / nullif(r.base, 0), 1),
           r.valued_on,
           coalesce(r.revalue, true), coalesce(r.review, false), r.equity_remaining <= 0, r.below_debt
    FROM (SELECT p.*, b.base, v.valued_on, p.balance > p.property_value - v.prior_charges AS below_debt,
                 2 * p.balance >= b.base AND NOT coalesce(2 * o.balance >= b.base, false) AS revalue,
                 10 * p.balance >= 7 * b.base
                 AND NOT EXISTS (SELECT FROM care.agreement_event AS e
                                 WHERE e.agreement_id = p.agreement_id AND e.kind = 'reviewed'
                                   AND e.on_day <= security_review.as_at
                                   AND 10 * care.redemption_figure(p.agreement_id, e.on_day) >= 7 * b.base) AS review
          FROM care.agreement_position(security_review.as_at) AS p
              JOIN m ON m.authority = p.authority
              CROSS JOIN LATERAL (SELECT CASE m.base WHEN 'equity_limit' THEN p.equity_limit ELSE p.property_value END)
                  AS b (base)
              LEFT JOIN LATERAL (SELECT w.valued_on, w.prior_charges FROM care.valuation AS w
                                 WHERE w.agreement_id = p.agreement_id AND w.valued_on <= security_review.as_at
                                 ORDER BY w.valued_on DESC, w.valuation_id DESC LIMIT 1) AS v ON true
              CROSS JOIN LATERAL (SELECT CASE WHEN 2 * p.balance >= b.base AND v.valued_on IS NOT NULL
                                              THEN care.redemption_figure(p.agreement_id, v.valued_on) END)
                                                  AS o (balance)
          WHERE p.balance > 0) AS r
    WHERE r.revalue OR r.review OR r.equity_remaining <= 0 OR r.below_debt OR r.valued_on IS NULL;
END;
COMMENT ON FUNCTION care.security_review(date) IS
    'Agreements whose security needs attention: revaluation at 50 per cent (until valued at such a balance), review at '
    '70 (until reviewed at such a balance), fees stopped at the equity limit, value below the debt. The base is the '
    'value of the share or the equity limit, by the authority''s setting.';

--
-- When the limit will be reached.
--

-- The last known rate carried on, so many points higher or lower: an assumption, never a balance.
CREATE FUNCTION care.assumed_rates(rates care.schedule, points numeric, from_day date) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT care.schedule_agg(s.valid_from, CASE WHEN s.valid_from < from_day THEN s.value
                                                ELSE least(greatest(s.value + points, 0), 100) END)
    FROM (SELECT x.valid_from, x.value FROM care.steps(rates) AS x WHERE x.value IS NOT NULL
            AND x.valid_from <> assumed_rates.from_day
          UNION ALL
          SELECT assumed_rates.from_day, (SELECT y.value FROM care.steps(rates) AS y
                                          WHERE y.value IS NOT NULL AND y.valid_from <= assumed_rates.from_day
                                          ORDER BY y.valid_from DESC LIMIT 1)) AS s;
END;
COMMENT ON FUNCTION care.assumed_rates(care.schedule, numeric, date) IS
    'Rates with the last known one carried on where none is known, and from a day on so many points more or less '
    '(within 0 and 100): for projections.';

CREATE FUNCTION care.equity_projection(agreement_id bigint, as_at date,
                                       yearly_charges numeric DEFAULT 0, rate_points numeric DEFAULT 0,
                                       value_percent numeric DEFAULT 0,
                                       OUT limit_reached_on date, OUT equity_limit numeric,
                                       OUT balance numeric, OUT weekly_amount numeric,
                                       OUT assumption text)
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.require_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    known care.schedule := care.authority_rates(agreement.authority);
    capitalised text := care.capitalised_on(agreement.capitalised, agreement.court_from, as_at);
    rates care.schedule;
    carried_from date;
    valuation care.valuation;
    years CONSTANT int4 := 100;
    low int4 := 1;
    high int4 := years * 366;
    middle int4;
BEGIN
    PERFORM care.require_day(label, 'as_at', as_at);
    PERFORM care.require_amount(label, 'yearly_charges', yearly_charges);
    IF rate_points IS NULL OR value_percent IS NULL OR NOT value_percent > -100 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: rate_points and value_percent must be given, value_percent above -100', label);
    END IF;
    SELECT v.* INTO valuation FROM care.valuation AS v
    WHERE v.agreement_id = agreement.agreement_id AND v.valued_on <= as_at ORDER BY v.valued_on DESC,
        v.valuation_id DESC LIMIT 1;
    IF NOT FOUND OR agreement.signed_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no valuation on or before %s, or is not signed', label, care.day_text(as_at));
    END IF;
    equity_limit := care.equity_limit(round(valuation.amount * (1 + value_percent / 100), 2), valuation.share,
                                      valuation.prior_charges,
                                      care.parameter_on('deferred_payment', 'lower_capital_limit', as_at),
                                      care.parameter_on('deferred_payment', 'equity_margin_percent', as_at));
    known := care.rates_charged(known, agreement.charged, agreement.court_from, agreement.court_rate, as_at);
    balance := (SELECT coalesce((l.totals).balance, 0.00)
                FROM care.ledger_on(agreement_id, known, agreement.day_count, capitalised, as_at) AS l);
    weekly_amount := coalesce(care.value_on(care.weekly_deferred(agreement), as_at + 1), 0.00);
    rates := care.assumed_rates(known, rate_points, as_at + 1);
    carried_from := CASE WHEN care.value_on(known, as_at + 1) IS NULL THEN as_at + 1
                         ELSE (SELECT min(s.valid_from) FROM care.steps(known) AS s WHERE s.value IS NULL
                                 AND s.valid_from > as_at) END;
    assumption := format('%s a week deferred, %s a year charged, rate from %s: %s per cent%s, value %s', weekly_amount,
                         yearly_charges,
                         care.day_text(as_at + 1), care.value_on(rates, as_at + 1),
                         CASE WHEN carried_from IS NOT NULL
                              THEN format(' (from %s the last known rate carried forward: %s)',
                                          care.day_text(carried_from), care.value_on(rates, carried_from))
                              ELSE '' END,
                         round(valuation.amount * (1 + value_percent / 100), 2));
    IF balance >= equity_limit THEN
        limit_reached_on := as_at;
        RETURN;
    END IF;
    -- what is owed grows from day to day, so the day is found by halving
    IF care.projected_balance(balance, weekly_amount, yearly_charges, rates, agreement.day_count, capitalised, as_at,
                              as_at + high) < equity_limit THEN
        RETURN;
    END IF;
    WHILE low < high LOOP
        middle := (low + high) / 2;
        IF care.projected_balance(balance, weekly_amount, yearly_charges, rates, agreement.day_count, capitalised,
                                  as_at, as_at + middle) >= equity_limit THEN
            high := middle;
        ELSE
            low := middle + 1;
        END IF;
    END LOOP;
    limit_reached_on := as_at + low;
END
$$;
COMMENT ON FUNCTION care.equity_projection(bigint, date, numeric, numeric, numeric) IS
    'The day the debt will reach the equity limit (null: not within 100 years), from the position of a day, the weekly '
    'deferral, yearly charges, a rate so many points above the last known and a value so many per cent above the last; '
    'the assumption says so in words.';

CREATE FUNCTION care.projected_balance(balance numeric, weekly_amount numeric, yearly_charges numeric,
                                       rates care.schedule, day_count text, capitalised text,
                                       as_at date, on_day date) RETURNS numeric
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT care.balance(e.amount, e.on_day, rates, day_count, capitalised, projected_balance.on_day)
    FROM (SELECT projected_balance.balance AS amount, projected_balance.as_at + 1 AS on_day
          UNION ALL
          SELECT weekly_amount, projected_balance.as_at + 7 * n
          FROM generate_series(1, (projected_balance.on_day - projected_balance.as_at) / 7) AS n
          UNION ALL
          SELECT yearly_charges, d::date
          FROM generate_series(projected_balance.as_at + '1 year'::interval, projected_balance.on_day,
                               '1 year') AS d) AS e;
END;
COMMENT ON FUNCTION care.projected_balance(numeric, numeric, numeric, care.schedule, text, text, date, date) IS
    'What a balance at the close of a day comes to at the close of another, with weekly fees and yearly charges added '
    'on the way, pounds.';

CREATE FUNCTION care.equity_sensitivity(agreement_id bigint, as_at date, yearly_charges numeric DEFAULT 0)
    RETURNS TABLE (variant text, limit_reached_on date, equity_limit numeric, assumption text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.variant, p.limit_reached_on, p.equity_limit, p.assumption
    FROM (VALUES (1, 'as it is', 0, 0), (2, 'rate 1 point higher', 1, 0), (3, 'rate 1 point lower', -1, 0),
                 (4, 'value 10 per cent higher', 0, 10), (5, 'value 10 per cent lower', 0, -10))
                     AS v (n, variant, points, percent),
        LATERAL care.equity_projection(equity_sensitivity.agreement_id, equity_sensitivity.as_at,
                                       equity_sensitivity.yearly_charges,
                                       v.points, v.percent) AS p
    ORDER BY v.n;
END;
COMMENT ON FUNCTION care.equity_sensitivity(bigint, date, numeric) IS
    'The projection of equity_projection(), and with the rate a point higher and lower, and the value ten per cent '
    'higher and lower.';
