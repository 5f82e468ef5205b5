--
-- retained: what the retention of an agreement rests on.
--
-- Must not know: how long anything is kept.
--

CREATE FUNCTION care_internal.agreement_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, NULL, d.known_on, l.closed_on,
           CASE WHEN l.closed_on <= as_at THEN NULL
                ELSE 'the agreement is not closed: its charge released, its debt written off, or its application '
                     'refused' END
    FROM care.agreement AS a
        LEFT JOIN (SELECT e.agreement_id, max(e.on_day) FILTER (WHERE e.kind = 'written_off') AS written_off_on,
                          CASE WHEN (array_agg(e.kind ORDER BY e.on_day DESC, e.event_id DESC)
                                     FILTER (WHERE e.kind <> 'written_off'))[1] = 'refused'
                               THEN max(e.on_day) FILTER (WHERE e.kind = 'refused') END AS refused_on
                   FROM care.agreement_event_in_force AS e WHERE e.kind IN ('written_off', 'refused', 'offered')
                   GROUP BY e.agreement_id) AS w ON w.agreement_id = a.agreement_id
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id AND d.known_on <= as_at
        CROSS JOIN LATERAL (SELECT coalesce(a.released_on, w.written_off_on,
                                            CASE WHEN a.secured_on IS NULL THEN coalesce(a.ended_on, w.refused_on) END))
            AS l (closed_on);
END;
COMMENT ON FUNCTION care_internal.agreement_retained(date) IS
    'What the retention of each agreement rests on: when it was closed, and when the death was known; see '
    'keep_class().';

-- What is owed, or held, when all is counted that was ever entered.
CREATE FUNCTION care_internal.left_over(agreement_id bigint, OUT owed boolean, OUT held boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT (l.totals).balance > 0 OR (l.totals).balance IS NULL, (l.totals).held > 0
    FROM care.agreement AS a
        CROSS JOIN LATERAL (SELECT max(e.on_day) FROM care.agreement_entry AS e
                            WHERE e.agreement_id = a.agreement_id) AS m (last_entry)
        CROSS JOIN LATERAL care_internal.ledger_on(a, care_internal.authority_rates(a.authority),
                                                   coalesce(m.last_entry, a.applied_on), true, NULL) AS l
    WHERE a.agreement_id = left_over.agreement_id;
END;
COMMENT ON FUNCTION care_internal.left_over(bigint) IS
    'Is anything owed under an agreement, or held for the person, after its last entry?';

CREATE FUNCTION care_internal.agreement_obstacle(agreement_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN l.owed THEN 'its debt was neither paid nor written off'
                WHEN l.held THEN 'money is held for the person' END
    FROM care_internal.left_over(agreement_obstacle.agreement_id) AS l;
END;
COMMENT ON FUNCTION care_internal.agreement_obstacle(bigint) IS
    'Why an agreement may not go though its time is over: its debt is owed, or money is held; null: nothing holds it.';
