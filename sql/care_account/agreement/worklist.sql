--
-- worklist: where each agreement is on its way, and what is to be done.
--
-- Must not know: care accounts, statements.
--

--
-- Where each agreement is on its way.
--

CREATE FUNCTION care.agreement_state(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text,
                   person_reference text, state text, since date, applied_on date,
                   signed_on date, secured_on date, ended_on date, closed_on date,
                   released_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, p.reference, s.state, s.since, a.applied_on, a.signed_on,
           a.secured_on, a.ended_on,
           c.on_day, a.released_on
    FROM care.agreement AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        LEFT JOIN LATERAL care_internal.closed_by(a.agreement_id, agreement_state.as_at) AS c ON true
        LEFT JOIN LATERAL (SELECT e.kind, e.on_day FROM care.agreement_event_in_force AS e
                           WHERE e.agreement_id = a.agreement_id AND e.kind IN ('offered', 'refused')
                             AND e.on_day <= agreement_state.as_at
                           ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1) AS d ON true
        LEFT JOIN LATERAL (SELECT e.kind, e.on_day FROM care.agreement_event_in_force AS e
                           WHERE e.agreement_id = a.agreement_id
                             AND e.kind IN ('deferring_stopped', 'deferring_resumed')
                             AND e.on_day <= agreement_state.as_at
                           ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1) AS t ON true
        CROSS JOIN LATERAL (
            SELECT v.state, v.since
            FROM (VALUES (1, 'charge released', CASE WHEN c.on_day IS NOT NULL THEN a.released_on END),
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
CREATE VIEW care.agreement_state AS SELECT s.* FROM care.agreement_state(care.today()) AS s;
COMMENT ON VIEW care.agreement_state IS 'How far each agreement is today.';
COMMENT ON COLUMN care.agreement_state.person_reference IS 'The case-management system''s reference of the person.';
COMMENT ON COLUMN care.agreement_state.state IS
    'applied, offered, refused, signed, secured, deferring stopped, ended, in recovery by the court, repaid, written '
    'off, charge released.';
COMMENT ON COLUMN care.agreement_state.since IS 'The day that began.';
COMMENT ON COLUMN care.agreement_state.closed_on IS 'The day the debt was paid or written off.';
SELECT care_internal.comment_columns('care.agreement_state', 'care.agreement_position_row', 'care.agreement');

--
-- Worklists.
--

CREATE FUNCTION care.charge_release_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, closed_on date,
                   release_by date, overdue boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, c.on_day, d.release_by, d.release_by < charge_release_due.as_at
    FROM care.agreement AS a
        CROSS JOIN LATERAL care_internal.closed_by(a.agreement_id, charge_release_due.as_at) AS c
        CROSS JOIN LATERAL care_internal.setting_in_force(a.authority, 'charge_release_days', c.on_day) AS f
        CROSS JOIN LATERAL (SELECT c.on_day + f.value::integer) AS d (release_by)
    WHERE a.released_on IS NULL OR a.released_on > charge_release_due.as_at;
END;
COMMENT ON FUNCTION care.charge_release_due(date) IS
    'Agreements at nought whose charge on the property is still to be released, with the day by which the authority '
    'has it done.';

-- What the running account says is to be done.
CREATE FUNCTION care.refund_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, person_reference text, held numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, p.reference, (l.totals).held
    FROM care.agreement AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        LEFT JOIN care.effective_rate AS r ON r.authority = a.authority
        CROSS JOIN LATERAL care_internal.ledger_on(a, r.rates, care_internal.required_day(refund_due.as_at), false,
                                                   NULL) AS l
    WHERE (l.totals).held > 0;
END;
COMMENT ON FUNCTION care.refund_due(date) IS
    'Agreements under which money is held for the person at the close of a day: to be refunded with record_refund(), '
    'or met by later fees.';

CREATE FUNCTION care.owed_again(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, person_reference text, released_on date,
                   balance numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, p.reference, a.released_on, (l.totals).balance
    FROM care.agreement AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        LEFT JOIN care.effective_rate AS r ON r.authority = a.authority
        CROSS JOIN LATERAL care_internal.ledger_on(a, r.rates, care_internal.required_day(owed_again.as_at), false,
                                                   NULL) AS l
    WHERE a.released_on <= owed_again.as_at AND ((l.totals).balance > 0 OR (l.totals).balance IS NULL);
END;
COMMENT ON FUNCTION care.owed_again(date) IS
    'Agreements whose charge was released and under which something is owed again at the close of a day, after a '
    'correction; balance null where a rate is not known.';

CREATE FUNCTION care.repayment_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, person_reference text,
                   died_on date, due_on date, overdue boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
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
      AND NOT EXISTS (SELECT FROM care_internal.closed_by(a.agreement_id, repayment_due.as_at))
      AND EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id);
END;
COMMENT ON FUNCTION care.repayment_due(date) IS
    'Debts of people who have died that are not yet paid, with the day they fall due. Recovery by the court begins '
    'with record_judgment(), never by itself.';

CREATE FUNCTION care.security_review(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text, balance numeric,
                   base numeric, percent numeric, valued_on date, revaluation_due boolean,
                   review_due boolean, at_limit boolean, value_below_debt boolean, shared_with text, missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH m AS MATERIALIZED (
        SELECT x.authority, care.setting_on(x.authority, 'trigger_base', security_review.as_at) AS base
        FROM care.local_authority AS x)
    SELECT r.agreement_id, r.authority, r.reference, r.balance, r.base, round(100 * r.balance / nullif(r.base, 0), 1),
           r.valued_on,
           CASE WHEN r.balance IS NULL THEN r.revalue ELSE coalesce(r.revalue, true) END,
           CASE WHEN r.balance IS NULL THEN r.review ELSE coalesce(r.review, false) END,
           least(r.equity_remaining, r.room) <= 0, r.below_debt, r.others,
           CASE WHEN r.balance IS NULL
                THEN (SELECT m.missing
                      FROM care.agreement AS a, LATERAL care_internal.missing_rate(a, security_review.as_at) AS m
                      WHERE a.agreement_id = r.agreement_id) END
    FROM (SELECT p.*, b.base, t.room, t.others,
                 p.balance > p.property_value - v.prior_charges AS below_debt,
                 2 * p.balance >= b.base AND NOT coalesce(2 * o.balance >= b.base, false) AS revalue,
                 10 * p.balance >= 7 * b.base
                 AND NOT EXISTS (SELECT FROM care.agreement_event_in_force AS e
                                 WHERE e.agreement_id = p.agreement_id AND e.kind = 'reviewed'
                                   AND e.on_day <= security_review.as_at
                                   AND 10 * care_internal.redemption_if_known(p.agreement_id, e.on_day)
                                       >= 7 * b.base) AS review
          FROM care.agreement_position(security_review.as_at) AS p
              JOIN m ON m.authority = p.authority
              CROSS JOIN LATERAL (SELECT CASE m.base WHEN 'equity_limit' THEN p.equity_limit ELSE p.property_value END)
                  AS b (base)
              LEFT JOIN LATERAL (SELECT w.prior_charges FROM care.valuation AS w
                                 WHERE w.agreement_id = p.agreement_id AND w.valued_on <= security_review.as_at
                                 ORDER BY w.valued_on DESC, w.valuation_id DESC LIMIT 1) AS v ON true
              CROSS JOIN LATERAL (SELECT CASE WHEN 2 * p.balance >= b.base AND p.valued_on IS NOT NULL
                                              THEN care_internal.redemption_if_known(p.agreement_id, p.valued_on) END)
                                                  AS o (balance)
              LEFT JOIN LATERAL care_internal.title_room(p.agreement_id, security_review.as_at) AS t ON true
          WHERE p.balance > 0 OR p.balance IS NULL) AS r
    WHERE r.revalue OR r.review OR least(r.equity_remaining, r.room) <= 0 OR r.below_debt OR r.valued_on IS NULL
       OR r.balance IS NULL;
END;
COMMENT ON FUNCTION care.security_review(date) IS
    'Agreements whose security needs attention: revaluation at 50 per cent (until valued at such a balance), review at '
    '70 (until reviewed at such a balance), fees stopped at the equity limit, value below the debt. The base is the '
    'value of the share or the equity limit, by the authority''s setting. Agreements on one title are at the limit '
    'together; shared_with names the others. One whose balance is not known, for want of a rate, is listed with what '
    'is missing.';

CREATE VIEW care.agreement_step_to_check AS
    SELECT x.agreement_id, a.authority, a.reference, x.on_day, x.kind, x.because
    FROM care_internal.event_out_of_order(ARRAY(SELECT g.agreement_id FROM care.agreement AS g), '-infinity') AS x
        JOIN care.agreement AS a ON a.agreement_id = x.agreement_id
    UNION ALL
    SELECT x.agreement_id, a.authority, a.reference, x.on_day, x.kind, 'nothing could be deferred on that day'
    FROM care_internal.entries_not_deferrable(ARRAY(SELECT g.agreement_id FROM care.agreement AS g), '-infinity') AS x
        JOIN care.agreement AS a ON a.agreement_id = x.agreement_id;
COMMENT ON VIEW care.agreement_step_to_check IS
    'Steps and entries of agreements that do not fit the steps that hold, after one was corrected or withdrawn.';
COMMENT ON COLUMN care.agreement_step_to_check.on_day IS 'The day of the step or entry.';
COMMENT ON COLUMN care.agreement_step_to_check.kind IS 'What it is.';
COMMENT ON COLUMN care.agreement_step_to_check.because IS 'Why it does not fit.';
SELECT care_internal.comment_columns('care.agreement_step_to_check', 'care.agreement_position_row');
