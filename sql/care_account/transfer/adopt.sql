--
-- adopt: the facts of an account made what a document says, by new facts: what differs is corrected, nothing is lost.
--
-- One thing serves four: an account that is taken in, one that comes back, the first authority's account when it is
-- sent (cut at the day of the move), and both when a move is cancelled.
--
-- Must not know: who sends a document, and why.
--

CREATE FUNCTION care_internal.document_facts(d jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN jsonb_build_object('counts_from', d -> 'account' -> 'counts_from', 'budgets', d -> 'budgets',
                              'adjustments', d -> 'adjustments', 'events', d -> 'events');
COMMENT ON FUNCTION care_internal.document_facts(jsonb) IS 'The facts of an account that a document holds.';

-- The first authority's part: nothing from the day of the move on.
CREATE FUNCTION care_internal.facts_before(facts jsonb, moves_on date, reason text) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT facts || jsonb_build_object(
        'budgets', coalesce((SELECT jsonb_agg(b.budget ORDER BY b.place)
                             FROM jsonb_array_elements(facts -> 'budgets') WITH ORDINALITY AS b (budget, place)
                             WHERE (b.budget ->> 'from_day')::date < moves_on), '[]')
                   || jsonb_build_object('from_day', care_internal.day_text(moves_on), 'kind', 'ended',
                                         'weekly_cost', '0.00', 'reason', reason),
        'adjustments', coalesce((SELECT jsonb_agg(j.adjustment ORDER BY j.place)
                                 FROM jsonb_array_elements(facts -> 'adjustments')
                                     WITH ORDINALITY AS j (adjustment, place)
                                 WHERE (j.adjustment ->> 'on_day')::date < moves_on), '[]'));
END;
COMMENT ON FUNCTION care_internal.facts_before(jsonb, date, text) IS
    'Of the facts of a document, what counts before the day of the move; for a reason, there is no budget from then.';

CREATE FUNCTION care_internal.adopt_counting(account care.account, wanted date, reason text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held care.counting_correction;
BEGIN
    SELECT c.* INTO held FROM care.counting_correction_known_at('infinity'::timestamptz) AS c
    WHERE c.account_id = account.account_id;
    IF wanted <> coalesce(held.counts_from, account.counts_from) THEN
        INSERT INTO care.counting_correction (account_id, counts_from, reason, supersedes)
        VALUES (account.account_id, wanted, adopt_counting.reason, held.correction_id);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.adopt_counting(care.account, date, text) IS
    'Part of adopt_facts(): the day the account counts from.';

-- A budget here that is not there is withdrawn; one from a day on which another begins there is corrected by it.
CREATE FUNCTION care_internal.adopt_budgets(account care.account, facts jsonb, reason text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge, plan_reference, reason,
                             supersedes)
    WITH wanted AS (
        SELECT (b.budget ->> 'from_day')::date AS valid_from, b.budget ->> 'kind' AS kind,
               b.budget ->> 'setting' AS setting, (b.budget ->> 'weekly_cost')::numeric AS weekly_cost,
               (b.budget ->> 'weekly_charge')::numeric AS weekly_charge,
               b.budget ->> 'plan_reference' AS plan_reference, b.budget ->> 'reason' AS reason
        FROM jsonb_array_elements(facts -> 'budgets') AS b (budget)
    ), held AS (
        SELECT k.* FROM care.budget_known_at('infinity'::timestamptz) AS k
        WHERE k.account_id = account.account_id
    )
    SELECT account.account_id, coalesce(w.valid_from, h.valid_from), coalesce(w.kind, 'withdrawn'), w.setting,
           coalesce(w.weekly_cost, 0), w.weekly_charge, w.plan_reference,
           CASE WHEN w.kind IS NULL THEN adopt_budgets.reason ELSE w.reason END, h.budget_id
    FROM wanted AS w FULL JOIN held AS h ON h.valid_from = w.valid_from
    WHERE (h.kind, h.setting, h.weekly_cost::numeric, h.weekly_charge::numeric, h.plan_reference)
          IS DISTINCT FROM (w.kind, w.setting, w.weekly_cost, w.weekly_charge, w.plan_reference)
    ORDER BY 2;
END
$$;
COMMENT ON FUNCTION care_internal.adopt_budgets(care.account, jsonb, text) IS 'Part of adopt_facts(): the budgets.';

CREATE FUNCTION care_internal.adopt_reasons(facts jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    unknown record;
BEGIN
    FOR unknown IN SELECT DISTINCT ON (1) j.adjustment ->> 'reason' AS reason, j.adjustment ->> 'description' AS says
                   FROM jsonb_array_elements(facts -> 'adjustments') AS j (adjustment)
                   WHERE NOT EXISTS (SELECT FROM care.adjustment_reason AS r
                                     WHERE r.reason = j.adjustment ->> 'reason') ORDER BY 1 LOOP
        INSERT INTO care.adjustment_reason (reason, description) VALUES (unknown.reason, unknown.says)
        ON CONFLICT ON CONSTRAINT adjustment_reason_pkey DO NOTHING;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.adopt_reasons(jsonb) IS
    'Part of adopt_facts(): reasons for adjustments that are known to the first authority only.';

-- Of equal adjustments as many as there: what is too many is withdrawn, what is missing is added.
CREATE FUNCTION care_internal.adopt_adjustments(account care.account, facts jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    two_eyes_more boolean := care.setting_on(account.authority, 'four_eyes', care.today()) = 'on';
    added bigint[];
BEGIN
    PERFORM care_internal.adopt_reasons(facts);
    WITH wanted AS (
        SELECT w.*, row_number() OVER (PARTITION BY w.effective_on, w.amount, w.reason, w.authorised_by, w.evidence
                                       ORDER BY w.place) AS n
        FROM (SELECT (j.adjustment ->> 'on_day')::date AS effective_on, (j.adjustment ->> 'amount')::numeric AS amount,
                     j.adjustment ->> 'reason' AS reason, j.adjustment ->> 'authorised_by' AS authorised_by,
                     j.adjustment ->> 'evidence' AS evidence, j.place
              FROM jsonb_array_elements(facts -> 'adjustments') WITH ORDINALITY AS j (adjustment, place)) AS w
    ), held AS (
        SELECT k.adjustment_id, k.effective_on, k.amount::numeric AS amount, k.reason, k.authorised_by, k.evidence,
               row_number() OVER (PARTITION BY k.effective_on, k.amount::numeric, k.reason, k.authorised_by, k.evidence
                                  ORDER BY k.adjustment_id) AS n
        FROM care.adjustment_known_at('infinity'::timestamptz) AS k
        WHERE k.account_id = account.account_id AND k.amount <> 0
    ), made AS (
        INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, evidence,
                                     needs_approval, supersedes)
        SELECT account.account_id, greatest(coalesce(w.effective_on, h.effective_on), account.counting_from),
               coalesce(w.amount, 0), coalesce(w.reason, 'withdrawn'), coalesce(w.authorised_by, h.authorised_by),
               coalesce(w.evidence, h.evidence), two_eyes_more, h.adjustment_id
        FROM wanted AS w
            FULL JOIN held AS h
                ON (h.effective_on, h.amount, h.reason, h.authorised_by, coalesce(h.evidence, ''), h.n)
                   = (w.effective_on, w.amount, w.reason, w.authorised_by, coalesce(w.evidence, ''), w.n)
        WHERE w.n IS NULL OR h.n IS NULL
        ORDER BY h.adjustment_id NULLS LAST, w.place
        RETURNING adjustment_id
    )
    SELECT array_agg(m.adjustment_id) INTO added FROM made AS m WHERE two_eyes_more;
    -- the first authority authorised them, or the whole move was cancelled
    INSERT INTO care.adjustment_approval (account_id, adjustment_id)
    SELECT account.account_id, u.adjustment_id FROM unnest(added) AS u (adjustment_id);
END
$$;
COMMENT ON FUNCTION care_internal.adopt_adjustments(care.account, jsonb) IS
    'Part of adopt_facts(): the adjustments.';

-- What changes no figure is added and never taken away; a request for a statement was the first authority's to answer.
CREATE FUNCTION care_internal.adopt_events(account care.account, facts jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care.account_event (account_id, on_day, kind, note)
    SELECT account.account_id, (e.event ->> 'on_day')::date, e.event ->> 'kind', e.event ->> 'note'
    FROM jsonb_array_elements(facts -> 'events') WITH ORDINALITY AS e (event, place)
    WHERE e.event ->> 'kind' <> 'statement_requested'
      AND NOT EXISTS (SELECT FROM care.account_event AS x
                      WHERE x.account_id = account.account_id AND x.on_day = (e.event ->> 'on_day')::date
                        AND x.kind = e.event ->> 'kind')
    ORDER BY e.place;
END
$$;
COMMENT ON FUNCTION care_internal.adopt_events(care.account, jsonb) IS 'Part of adopt_facts(): the events.';

-- The first day of any fact, here or there.
CREATE FUNCTION care_internal.first_day(facts jsonb, account_id bigint DEFAULT NULL) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN least((facts ->> 'counts_from')::date,
                 (SELECT min((b.budget ->> 'from_day')::date)
                  FROM jsonb_array_elements(facts -> 'budgets') AS b (budget)),
                 (SELECT min(k.valid_from) FROM care.budget_known_at('infinity'::timestamptz) AS k
                  WHERE k.account_id = first_day.account_id));
COMMENT ON FUNCTION care_internal.first_day(jsonb, bigint) IS
    'The first day that facts are of: that the account counts, or a budget begins, by a document or here.';

-- No budget is recorded of a day before the account counts: it counts from the first of them, until all are there.
CREATE FUNCTION care_internal.adopt_facts(account_id bigint, facts jsonb, reason text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
    first date := care_internal.first_day(facts, adopt_facts.account_id);
BEGIN
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = adopt_facts.account_id;
    IF first < account.counting_from THEN
        PERFORM care_internal.adopt_counting(account, first, reason);
    END IF;
    PERFORM care_internal.adopt_budgets(account, facts, reason),
            care_internal.adopt_counting(account, (facts ->> 'counts_from')::date, reason);
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = adopt_facts.account_id;
    -- one that takes away more than there is by now was recorded when there was more
    INSERT INTO care_internal.adoption (account_id) VALUES (account.account_id);
    PERFORM care_internal.adopt_adjustments(account, facts);
    DELETE FROM care_internal.adoption AS x WHERE x.account_id = account.account_id;
    PERFORM care_internal.adopt_events(account, facts);
END
$$;
COMMENT ON FUNCTION care_internal.adopt_facts(bigint, jsonb, text) IS
    'Makes the facts of an account that hold those of a document, by new facts that correct what differs.';

-- Every line is worked out anew from the facts that were taken in, and must be what the first authority counted.
CREATE FUNCTION care_internal.require_recomputed(account_id bigint, d jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
    wrong record;
BEGIN
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = require_recomputed.account_id;
    SELECT coalesce(s.place, o.place) AS place, s.line AS stated, o.line AS own INTO wrong
    FROM jsonb_array_elements(d -> 'lines') WITH ORDINALITY AS s (line, place)
        FULL JOIN jsonb_array_elements(care_internal.lines_of(account, (d -> 'move' ->> 'moves_on')::date - 1,
                                                              d -> 'responsible'))
                      WITH ORDINALITY AS o (line, place) ON o.place = s.place
    WHERE (s.line @> o.line) IS NOT TRUE ORDER BY 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_recomputed',
            MESSAGE = format('line %s of the document states %s, and its facts give %s here', wrong.place,
                             care_internal.line_text(wrong.stated), care_internal.line_text(wrong.own)),
            HINT = format('Scheme %s may have other figures here than with the first authority: compare '
                          'care.parameter.', account.scheme);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_recomputed(bigint, jsonb) IS
    'Refuses (23514) a document whose lines are not what its facts give here, naming the first that differs.';

CREATE FUNCTION care_internal.line_text(line jsonb) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(format('%s from %s to %s: %s, %s in all, at %s a week by %s', line ->> 'what', line ->> 'from_day',
                           line ->> 'to_day', line ->> 'amount', line ->> 'accrued',
                           coalesce(line ->> 'weekly_rate', 'none'), line ->> 'authority'), 'no line');
COMMENT ON FUNCTION care_internal.line_text(jsonb) IS 'A line of a document as messages show it.';
