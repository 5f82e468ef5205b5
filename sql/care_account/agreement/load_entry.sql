--
-- load_entry: entries of agreements that are loaded keep what the functions ask for; see account/load.sql.
--
-- An upper bound of what is owed passes nearly all agreements at once; the others are worked out day by day.
--
-- Must not know: care accounts, statements.
--

-- What is deferred is so under an agreement that is signed, secured, deferring and not over.
CREATE FUNCTION care_internal.entries_not_deferrable(keys bigint[], since timestamptz)
    RETURNS TABLE (agreement_id bigint, on_day date, kind text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH touched AS (
        SELECT a.agreement_id, a.released_on, a.court_from, a.ended_on,
               care_internal.drawn_from(a) AS ready_on,
               CASE WHEN a.charged IS NULL THEN r.rates
                    ELSE care_internal.rates_charged(r.rates, a.charged, NULL, NULL, NULL) END AS rates,
               d.died_on,
               EXISTS (SELECT FROM care.agreement_event_in_force AS s
                       WHERE s.agreement_id = a.agreement_id AND s.kind = 'deferring_stopped') AS stops
        FROM care.agreement AS a
            LEFT JOIN (SELECT x.authority, x.rates FROM care.effective_rate AS x OFFSET 0) AS r
                ON r.authority = a.authority
            LEFT JOIN care.death_known_at('infinity') AS d ON d.person_id = a.person_id
        WHERE a.agreement_id = ANY (keys) OFFSET 0)
    SELECT e.agreement_id, e.on_day, e.kind
    FROM touched AS t
        -- an agreement at a time, whatever is known of tables that are being loaded
        CROSS JOIN LATERAL (SELECT x.agreement_id, x.on_day, x.kind
                            FROM care.agreement_entry AS x
                            WHERE x.agreement_id = t.agreement_id AND x.recorded_at >= since
                              AND x.kind IN ('care_fees', 'administration_charge', 'opening_balance')
                              AND x.reverses IS NULL AND x.week_from IS NULL OFFSET 0) AS e
    WHERE (e.on_day >= t.ready_on) IS NOT TRUE OR e.on_day >= t.released_on
       OR ((e.on_day >= t.court_from) IS NOT TRUE AND care.value_on(t.rates, e.on_day) IS NULL)
       OR (e.kind = 'care_fees'
           AND (e.on_day > t.died_on OR e.on_day >= t.court_from OR e.on_day >= t.ended_on OR t.stops));
END;
COMMENT ON FUNCTION care_internal.entries_not_deferrable(bigint[], timestamptz) IS
    'Part of agreement_entry_rule: entries recorded since a moment that require_deferrable() and its like must judge; '
    'all that break one of their rules are among them.';

-- Agreements whose fees, with all that was ever owed and nothing paid, might pass the least limit they ever had.
CREATE FUNCTION care_internal.near_limit(keys bigint[], since timestamptz)
    RETURNS TABLE (agreement_id bigint, first_day date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.agreement_id, f.first_day
    FROM (SELECT e.agreement_id, min(e.on_day) AS first_day
          FROM care.agreement_entry AS e
          WHERE e.agreement_id = ANY (keys) AND e.recorded_at >= since AND e.kind = 'care_fees'
            AND e.reverses IS NULL AND e.week_from IS NULL
          GROUP BY e.agreement_id) AS f
        JOIN care.agreement AS a ON a.agreement_id = f.agreement_id
        CROSS JOIN (SELECT (SELECT max(s.value)
                            FROM care_internal.steps(care.parameter_schedule('deferred_payment',
                                                                             'lower_capital_limit')) AS s),
                           (SELECT max(s.value)
                            FROM care_internal.steps(care.parameter_schedule('deferred_payment',
                                                                             'equity_margin_percent')) AS s)
                    OFFSET 0) AS m (capital, margin)
        LEFT JOIN (SELECT x.authority, x.rates FROM care.effective_rate AS x OFFSET 0) AS r ON r.authority = a.authority
        CROSS JOIN LATERAL (SELECT max(e.on_day) FROM care.agreement_entry AS e
                            WHERE e.agreement_id = f.agreement_id AND e.kind = 'care_fees') AS l (last_day)
        CROSS JOIN LATERAL (SELECT care_internal.balance_if_known(e.amount, e.on_day,
                                                               care_internal.rates_charged(r.rates, a.charged, NULL,
                                                                                           NULL, l.last_day),
                                                               a.day_count, a.capitalised, l.last_day)
                            FROM care.agreement_entry AS e
                            WHERE e.agreement_id = f.agreement_id AND e.on_day <= l.last_day
                              AND e.amount > 0) AS b (most)
        CROSS JOIN LATERAL (SELECT min(care.equity_limit(v.amount, v.share, v.prior_charges, m.capital, m.margin))
                            FROM care.valuation AS v
                            WHERE v.agreement_id = f.agreement_id
                              AND EXISTS (SELECT FROM care.valuation AS w
                                          WHERE w.agreement_id = v.agreement_id AND w.valued_on <= f.first_day))
            AS v (least)
    -- a judgment and the beginning of separate interest round up to half a penny each
    WHERE (b.most + 1 <= v.least AND f.first_day >= '2015-04-01') IS NOT TRUE;
END;
COMMENT ON FUNCTION care_internal.near_limit(bigint[], timestamptz) IS
    'Part of agreement_entry_rule: agreements with fees recorded since a moment that must be worked out day by day, '
    'from the first of those fees; the others cannot have passed a limit.';

CREATE FUNCTION care_internal.require_fees_within_limit(agreement_id bigint, first_day date, since timestamptz)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    fees record;
    limit_on_day numeric;
    owed numeric;
BEGIN
    FOR fees IN SELECT e.on_day, coalesce(sum(e.amount) FILTER (WHERE e.recorded_at >= since AND e.reverses IS NULL
                                                                  AND e.week_from IS NULL), 0) AS loaded
                FROM care.agreement_entry AS e
                WHERE e.agreement_id = require_fees_within_limit.agreement_id AND e.kind = 'care_fees'
                  AND e.on_day >= first_day
                GROUP BY e.on_day ORDER BY e.on_day LOOP
        SELECT s.equity_limit INTO limit_on_day FROM care_internal.security_on(agreement_id, fees.on_day) AS s;
        IF limit_on_day IS NULL AND fees.loaded <> 0 THEN
            RAISE EXCEPTION USING
                ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_entry_has_valuation',
                MESSAGE = format('%s has no valuation on or before %s', care_internal.agreement_label(agreement),
                                 care_internal.day_text(fees.on_day)),
                HINT = 'Load valuations first: care fees are deferred only up to the equity limit.';
        END IF;
        owed := care_internal.redemption(agreement_id, fees.on_day);
        IF fees.loaded = 0 THEN
            -- what was backdated passes the limit of later fees by itself, not by its interest
            owed := owed - (SELECT coalesce(care.balance(e.amount, e.on_day, care_internal.rates_charged(
                                                care_internal.authority_rates(agreement.authority), agreement.charged,
                                                agreement.court_from, agreement.court_rate, fees.on_day - 1),
                                                agreement.day_count, agreement.capitalised, fees.on_day - 1)
                                            - sum(e.amount), 0)
                            FROM care.agreement_entry AS e
                            WHERE e.agreement_id = require_fees_within_limit.agreement_id AND e.recorded_at >= since
                              AND e.on_day < fees.on_day AND e.kind = 'care_fees');
        END IF;
        IF owed > limit_on_day THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation', CONSTRAINT = 'agreement_entry_equity_limit',
                MESSAGE = format('%s: care fees of %s pass the equity limit', care_internal.agreement_label(agreement),
                                 care_internal.day_text(fees.on_day)),
                DETAIL = format('On that day the limit is %s, and %s would be owed.', limit_on_day, owed);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.require_fees_within_limit(bigint, date, timestamptz) IS
    'Refuses (23514) care fees recorded since a moment that take what is owed past the equity limit on their day or on '
    'that of later fees; 55000 without a valuation.';

-- What takes back, and what only functions enter.
CREATE FUNCTION care_internal.entry_out_of_order(keys bigint[], since timestamptz, by_function boolean)
    RETURNS TABLE (agreement_id bigint, on_day date, kind text, because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT x.agreement_id, x.on_day, x.kind, x.because
    FROM (SELECT e.agreement_id, e.on_day, e.kind, CASE
              WHEN o.entry_id IS NOT NULL
                   AND (o.kind, o.on_day, -o.amount) IS DISTINCT FROM (e.kind, e.on_day, e.amount)
              THEN 'it does not take back what it names, on its day'
              WHEN o.reverses IS NOT NULL THEN 'what it names cannot be taken back'
              WHEN e.week_from IS NOT NULL AND e.reverses IS NULL AND NOT by_function
              THEN 'care.post_deferral() enters the fees of weeks'
              END AS because
          FROM care.agreement_entry AS e
              LEFT JOIN care.agreement_entry AS o ON o.agreement_id = e.agreement_id AND o.entry_id = e.reverses
          WHERE e.agreement_id = ANY (keys) AND e.recorded_at >= since
            AND (e.reverses IS NOT NULL OR e.week_from IS NOT NULL)) AS x
    WHERE x.because IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.entry_out_of_order(bigint[], timestamptz, boolean) IS
    'Part of agreement_entry_rule: entries since a moment that take back what is not there, or that only a '
    'function may enter, and why.';

CREATE FUNCTION care_internal.agreement_entry_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    since timestamptz := (SELECT min(n.recorded_at) FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at));
    keys int8[] := ARRAY(SELECT DISTINCT n.agreement_id FROM new_rows AS n
                         WHERE care_internal.is_new(n.recorded_at) ORDER BY 1);
    wrong record;
BEGIN
    IF since IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM care_internal.require_deferrable(x.agreement, x.on_day, x.kind)
    FROM (SELECT a AS agreement, n.on_day, n.kind
          FROM care_internal.entries_not_deferrable(keys, since) AS n
              JOIN care.agreement AS a ON a.agreement_id = n.agreement_id
          ORDER BY n.agreement_id, n.on_day) AS x;
    SELECT a AS agreement, x.on_day, x.kind, x.because INTO wrong
    FROM care_internal.entry_out_of_order(keys, since,
             has_table_privilege(SESSION_USER, TG_RELID, 'INSERT WITH GRANT OPTION')) AS x
        JOIN care.agreement AS a ON a.agreement_id = x.agreement_id
    ORDER BY x.agreement_id, x.on_day LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_entry_in_order',
            TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('%s: %s of %s is not in order: %s', care_internal.agreement_label(wrong.agreement),
                             wrong.kind, care_internal.day_text(wrong.on_day), wrong.because);
    END IF;
    -- an agreement has few charges, and only those by a tariff are asked one by one
    PERFORM care_internal.require_charge(c.agreement, c.on_day, c.amount, c.tariff, c.evidence, c.entry_id),
            care_internal.require_charges_deferred(c.agreement, c.on_day)
    FROM (SELECT a AS agreement, n.on_day, n.amount, n.tariff, n.evidence, n.entry_id
          FROM new_rows AS n JOIN care.agreement AS a ON a.agreement_id = n.agreement_id
          WHERE care_internal.is_new(n.recorded_at) AND n.kind = 'administration_charge' AND n.reverses IS NULL
            AND (n.tariff IS NOT NULL
                 OR (coalesce(n.evidence, '') = ''
                     AND EXISTS (SELECT FROM care.fee_tariff AS t WHERE t.authority = a.authority))
                 OR EXISTS (SELECT FROM care.agreement_event_in_force AS e
                            WHERE e.agreement_id = a.agreement_id AND e.kind = 'charges_separate'))
          ORDER BY n.agreement_id, n.on_day) AS c;
    PERFORM care_internal.require_fees_within_limit(l.agreement_id, l.first_day, since)
    FROM (SELECT x.agreement_id, x.first_day FROM care_internal.near_limit(keys, since) AS x
          ORDER BY x.agreement_id) AS l;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.agreement_entry_rule() IS
    'Trigger: refuses entries that care.defer(), care.record_payment() and the other functions would refuse.';

SELECT FROM care_internal.hold_to_rules();
