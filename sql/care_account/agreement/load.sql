--
-- load: agreements, their events and weekly deferrals that are loaded keep what the functions ask for; see
-- account/load.sql.
--
-- Rows of one statement are seen together: the steps of an agreement may be loaded in any order within it.
--
-- Must not know: care accounts, statements.
--

CREATE FUNCTION care_internal.agreement_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM care_internal.require_authority(l.authority, l.applied_on)
    FROM (SELECT n.authority, max(n.applied_on) AS applied_on FROM new_rows AS n
          WHERE care_internal.is_new(n.recorded_at) GROUP BY n.authority ORDER BY n.authority) AS l;
    SELECT n.agreement_id, n.reference, n.authority, p.authority AS of_person INTO wrong
    FROM new_rows AS n JOIN care.person AS p ON p.person_id = n.person_id
    WHERE care_internal.is_new(n.recorded_at) AND p.authority <> n.authority
    ORDER BY n.agreement_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'agreement_of_authority', TABLE = TG_TABLE_NAME,
            SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('agreement %s (%s) of %s is with a person of %s', wrong.agreement_id, wrong.reference,
                             wrong.authority, wrong.of_person),
            HINT = 'An agreement is with a person of its authority: record the person for it too.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.agreement_rule() IS
    'Trigger: refuses agreements whose authority had ended (22023) and those with another authority''s person (23514).';

-- What is out of order in the events of some agreements since they were loaded, one line an event.
CREATE FUNCTION care_internal.event_out_of_order(keys bigint[], since timestamptz)
    RETURNS TABLE (agreement_id bigint, on_day date, kind text, because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT x.agreement_id, x.on_day, x.kind, x.because
    FROM (SELECT e.agreement_id, e.on_day, e.kind, CASE
              WHEN e.kind IN ('offered', 'refused', 'rate_notified', 'signed', 'reviewed', 'statement_requested')
                   AND e.on_day < a.applied_on
              THEN 'it was asked for on ' || care_internal.day_text(a.applied_on)
              WHEN e.kind IN ('offered', 'refused') AND (e.on_day > a.signed_on OR s.recorded_at < since)
              THEN 'it is signed'
              WHEN e.kind IN ('signed', 'secured') AND (d.kind = 'offered') IS NOT TRUE
              THEN 'it has not been offered'
              WHEN e.kind = 'signed' AND e.on_day < d.on_day
              THEN 'it was offered on ' || care_internal.day_text(d.on_day)
              WHEN e.kind = 'signed'
                   AND NOT EXISTS (SELECT FROM care.interest_policy_in_force AS p
                                   WHERE p.authority = a.authority AND p.valid_from <= e.on_day)
              THEN 'the authority has no interest policy on that day'
              WHEN e.kind = 'signed'
                   AND NOT EXISTS (SELECT FROM care.agreement_event_in_force AS r WHERE r.agreement_id = e.agreement_id
                                     AND r.kind = 'rate_notified' AND r.on_day <= e.on_day)
              THEN 'the adult had not been told the rate of interest by then'
              WHEN e.kind NOT IN ('offered', 'refused', 'rate_notified', 'signed', 'secured', 'value_below_debt')
                   AND (a.signed_on <= e.on_day OR e.kind IN ('reviewed', 'statement_requested', 'charge_released')
                            AND (a.signed_on IS NOT NULL OR e.kind = 'charge_released')) IS NOT TRUE
              THEN 'it is not signed by then'
              WHEN e.kind ~ '^(deferring|interest|charges)_' AND a.court_from <= e.on_day
              THEN 'judgment was given on ' || care_internal.day_text(a.court_from)
              WHEN e.kind ~ '^(deferring|interest|charges)_' AND a.released_on <= e.on_day
              THEN 'its charge was released on ' || care_internal.day_text(a.released_on)
              WHEN e.kind ~ '^(deferring|interest|charges)_'
                   AND (e.kind = lag(e.kind, 1, CASE split_part(e.kind, '_', 1)
                                                 WHEN 'deferring' THEN 'deferring_resumed'
                                                 ELSE split_part(e.kind, '_', 1) || '_deferred' END) OVER pair
                        OR e.on_day = lag(e.on_day) OVER pair)
              THEN 'it does not follow from what was before'
              WHEN e.kind = 'security_changed' AND (e.on_day >= a.secured_on) IS NOT TRUE
              THEN 'it is not secured by then'
              WHEN e.kind = 'security_changed' AND e.charge_type IS NULL THEN 'it has no charge_type'
              WHEN e.kind = 'bears_interest' AND a.interest_from IS NULL
              THEN 'its interest runs from the first entry'
              WHEN e.kind = 'deferring_stopped' AND coalesce(e.reason, '') = '' THEN 'it has no reason'
              WHEN e.kind = 'ended' AND coalesce(e.reason, '') NOT IN ('sold', 'died', 'repaid', 'other')
              THEN 'the reason is sold, died, repaid or other'
              WHEN e.kind = 'charge_released' AND (e.on_day >= c.on_day) IS NOT TRUE
              THEN 'it is not repaid by then'
              WHEN e.kind = 'written_off'
                   AND NOT EXISTS (SELECT FROM care.agreement_entry AS t
                                   WHERE t.agreement_id = e.agreement_id AND t.on_day = e.on_day
                                     AND t.kind = 'write_off')
              THEN 'no entry of that day writes anything off'
              WHEN e.kind IN ('signed', 'secured', 'judgment', 'ended', 'charge_released')
                   AND count(*) OVER (PARTITION BY e.agreement_id, e.kind) > 1
              THEN 'it happens once'
              END AS because, e.recorded_at, e.event_id
          FROM care.agreement AS a
              JOIN care.agreement_event_in_force AS e ON e.agreement_id = a.agreement_id
              LEFT JOIN LATERAL (SELECT k.kind, k.on_day FROM care.agreement_event_in_force AS k
                                 WHERE k.agreement_id = a.agreement_id AND k.kind IN ('offered', 'refused')
                                 ORDER BY k.on_day DESC, k.event_id DESC LIMIT 1) AS d
                  ON e.kind IN ('signed', 'secured')
              LEFT JOIN care.agreement_event_in_force AS s ON s.agreement_id = a.agreement_id AND s.kind = 'signed'
              -- of none but the agreement whose charge is released
              LEFT JOIN LATERAL care_internal.closed_by(CASE WHEN e.kind = 'charge_released' THEN a.agreement_id END,
                                                        'infinity') AS c ON true
          WHERE a.agreement_id = ANY (keys)
          WINDOW pair AS (PARTITION BY e.agreement_id, split_part(e.kind, '_', 1) ORDER BY e.on_day, e.event_id)) AS x
    WHERE x.because IS NOT NULL AND x.recorded_at >= since;
END;
COMMENT ON FUNCTION care_internal.event_out_of_order(bigint[], timestamptz) IS
    'Part of agreement_event_rule: events of some agreements recorded since a moment that are not in their order, and '
    'why.';

-- By a plan that is made once, of index probes: see rebuild_accounts().
CREATE FUNCTION care_internal.agreement_event_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off AS $$
DECLARE
    since timestamptz := (SELECT min(n.recorded_at) FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at));
    keys int8[] := ARRAY(SELECT DISTINCT n.agreement_id FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at)
                         ORDER BY n.agreement_id);
    wrong record;
BEGIN
    IF since IS NULL THEN
        RETURN NULL;
    END IF;
    FOR n IN 1 .. cardinality(keys) BY 1000 LOOP
        SELECT a AS agreement, x.on_day, x.kind, x.because INTO wrong
        FROM care_internal.event_out_of_order(keys[n : n + 999], since) AS x
            JOIN care.agreement AS a ON a.agreement_id = x.agreement_id
        ORDER BY x.agreement_id, x.on_day LIMIT 1;
        EXIT WHEN FOUND;
    END LOOP;
    IF wrong.because IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_event_in_order',
            TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('%s: %s on %s is not in order: %s', care_internal.agreement_label(wrong.agreement),
                             wrong.kind, care_internal.day_text(wrong.on_day), wrong.because);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.agreement_event_rule() IS
    'Trigger: refuses (55000) events of agreements out of their order, as the functions for the steps do.';

CREATE FUNCTION care_internal.deferral_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    -- an agreement has few, so each is asked
    PERFORM care_internal.require_deferrable((SELECT a FROM care.agreement AS a WHERE a.agreement_id = l.agreement_id),
                                             l.valid_from, 'care_fees')
    FROM (SELECT n.agreement_id, n.valid_from FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at)
          ORDER BY n.agreement_id, n.valid_from) AS l;
    SELECT a AS agreement, n.valid_from, n.allowance_kept, m.kept,
           CASE WHEN n.allowance_kept > m.kept THEN 'deferral_allowance_kept'
                WHEN n.weekly_amount <> w.amount THEN 'deferral_weekly_amount' ELSE 'deferral_one_a_day' END AS broken,
           w.amount INTO wrong
    FROM new_rows AS n
        JOIN care.agreement AS a ON a.agreement_id = n.agreement_id
        CROSS JOIN (SELECT care.parameter_schedule('deferred_payment', 'allowance_kept') OFFSET 0) AS k (kept)
        CROSS JOIN LATERAL (SELECT care.value_on(k.kept, n.valid_from)) AS m (kept)
        CROSS JOIN LATERAL (SELECT care.weekly_deferral(n.weekly_cost, n.weekly_income, n.allowance_kept,
                                                        n.third_party + n.rent)) AS w (amount)
        CROSS JOIN LATERAL (SELECT count(*) > 1 FROM care.deferral_in_force(n.agreement_id) AS f
                            WHERE f.valid_from = n.valid_from) AS t (twice)
    WHERE care_internal.is_new(n.recorded_at)
      AND ((n.allowance_kept <= m.kept) IS NOT TRUE OR n.weekly_amount <> w.amount OR t.twice)
    ORDER BY n.agreement_id, n.valid_from LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = CASE wrong.broken WHEN 'deferral_one_a_day' THEN '23505' ELSE '22023' END,
            CONSTRAINT = wrong.broken, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('%s: the deferral from %s %s', care_internal.agreement_label(wrong.agreement),
                             care_internal.day_text(wrong.valid_from),
                             CASE wrong.broken
                                 WHEN 'deferral_allowance_kept' THEN format('keeps more than %s', wrong.kept)
                                 WHEN 'deferral_weekly_amount' THEN format('comes to %s a week', wrong.amount)
                                 ELSE 'is not the only one' END);
    END IF;
    PERFORM care_internal.require_deferral_begun(l.agreement, l.since)
    FROM (SELECT a AS agreement, n.since
          FROM (SELECT m.agreement_id, min(m.recorded_at) AS since FROM new_rows AS m
                WHERE care_internal.is_new(m.recorded_at) GROUP BY m.agreement_id) AS n
              JOIN care.agreement AS a ON a.agreement_id = n.agreement_id ORDER BY a.agreement_id) AS l;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.deferral_rule() IS
    'Trigger: refuses weekly deferrals that care.record_deferral() would refuse, and those whose amount is not what '
    'cost, income and contributions come to (22023).';
