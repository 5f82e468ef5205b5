--
-- posting: the care fees that are deferred period by period, posted to the ledger once.
--
-- Periods (weeks, four weeks or calendar months, by the authority's billing cycle) run from the day the first deferral
-- begins.  What is due for one is the difference of two running totals of the weekly amounts by the day, so periods add
-- up to their total whatever changes within them; what is posted is what is due less what was posted, so a run may be
-- repeated, and a backdated change posts its difference for each period.
--
-- Must not know: statements.
--

SELECT care_internal.keep_setting('billing_cycle', '^(weekly|four_weekly|monthly)$', 'weekly',
           'how care fees are deferred: by the week, four weeks or calendar month, dated by its end; a change holds '
           'from the first period that begins on its day or later');

CREATE FUNCTION care_internal.billing_days(authority text) RETURNS TABLE (days care.schedule)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT care.schedule_agg(c.valid_from, CASE WHEN c.value = 'weekly' THEN 7 WHEN c.value = 'four_weekly' THEN 28
                                                ELSE 0 END)
    FROM (SELECT '-infinity'::date AS valid_from, k.default_value AS value
          FROM care_internal.known_setting AS k WHERE k.name = 'billing_cycle'
          UNION ALL
          SELECT s.valid_from, s.value
          FROM (SELECT DISTINCT ON (x.valid_from) x.valid_from, x.value FROM care.setting AS x
                WHERE x.authority = billing_days.authority AND x.name = 'billing_cycle'
                ORDER BY x.valid_from, x.recorded_at DESC) AS s) AS c;
END;
COMMENT ON FUNCTION care_internal.billing_days(text) IS
    'The billing cycle of an authority as a schedule: days of a period that begins on a day, nought for a calendar '
    'month.';

CREATE FUNCTION care_internal.billing_periods(days care.schedule, first_day date, up_to date)
    RETURNS TABLE (from_day date, to_day date)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    length int4;
    changes_on date;
    last_day date := first_day - 1;
BEGIN
    LOOP
        from_day := last_day + 1;
        length := care.value_on(days, from_day);
        SELECT min(s.valid_from) INTO changes_on FROM care_internal.steps(days) AS s WHERE s.valid_from > from_day;
        -- the periods that begin before the next change, and end in time
        IF length > 0 THEN
            RETURN QUERY
            SELECT billing_periods.from_day + n, billing_periods.from_day + n + length - 1
            FROM generate_series(0, least(up_to + 1 - length, changes_on - 1) - billing_periods.from_day, length) AS n;
            last_day := from_day - 1 + length * greatest(0,
                            (least(up_to + 1 - length, changes_on - 1) - from_day + length) / length);
        ELSE
            RETURN QUERY
            SELECT greatest(billing_periods.from_day, m::date), (m + interval '1 month')::date - 1
            FROM generate_series(date_trunc('month', billing_periods.from_day::timestamp), up_to, '1 month') AS m
            WHERE (m + interval '1 month')::date - 1 <= up_to
              AND (greatest(billing_periods.from_day, m::date) < changes_on) IS NOT FALSE;
            last_day := greatest(from_day - 1,
                                 (date_trunc('month', (least(up_to + 1,
                                                             (date_trunc('month', changes_on - interval '1 day')
                                                              + interval '1 month')::date))::timestamp))::date - 1);
        END IF;
        EXIT WHEN changes_on IS NULL OR last_day + 1 < changes_on;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.billing_periods(care.schedule, date, date) IS
    'The periods of a billing cycle from a day on that end by another, each as long as the cycle says on its first '
    'day.';

-- What is to be posted under some agreements, a row for each period whose due is not what was posted for it; also for
-- one that is no period any more.  After a judgment nothing is deferred.
CREATE FUNCTION care_internal.posting_due(agreement_ids bigint[], up_to date)
    RETURNS TABLE (agreement_id bigint, week_from date, week_to date, on_day date, whole numeric, due numeric,
                   deferred numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.agreement_id, p.week_from, p.week_to,
           -- at the end of the period, or of what was deferred of it; a correction, where the fees are
           coalesce(l.on_day, least(p.week_to, p.last_open)), p.whole, p.due, coalesce(l.deferred, 0)
    FROM (SELECT a.agreement_id, k.week_from, k.week_to, d.last_open, k.whole, k.due
          FROM care.agreement AS a
              -- most bill by the week, and always have
              JOIN (SELECT c.authority, b.days, b.days OPERATOR(care.=) '{"-infinity": 7}' AS weekly
                    FROM (SELECT DISTINCT x.authority FROM care.agreement AS x
                          WHERE x.agreement_id = ANY (agreement_ids)) AS c
                        CROSS JOIN LATERAL care_internal.billing_days(c.authority) AS b OFFSET 0) AS c
                  ON c.authority = a.authority
              CROSS JOIN LATERAL (SELECT s.* FROM care_internal.deferral_schedule(a) AS s OFFSET 0) AS d
              CROSS JOIN LATERAL (
                  SELECT coalesce(w.week_from, q.week_from) AS week_from, coalesce(w.week_to, q.week_to) AS week_to,
                         coalesce(w.due, 0) AS whole, coalesce(w.due, 0) - coalesce(q.due, 0) AS due
                  FROM (SELECT t.week_from, t.week_to, t.total - lag(t.total, 1, 0) OVER (ORDER BY t.week_from) AS due
                        FROM (SELECT b.from_day AS week_from, b.to_day AS week_to,
                                     care.accrued(d.weekly, d.first_day, b.to_day) AS total
                              FROM (SELECT d.first_day + n AS from_day, d.first_day + n + 6 AS to_day
                                    FROM generate_series(0, CASE WHEN c.weekly THEN posting_due.up_to - d.first_day - 6
                                                                 ELSE -1 END, 7) AS n
                                    UNION ALL
                                    SELECT x.from_day, x.to_day
                                    FROM care_internal.billing_periods(c.days, d.first_day, posting_due.up_to) AS x
                                    WHERE NOT c.weekly) AS b) AS t) AS w
                      FULL JOIN (SELECT x.week_from, x.week_to, sum(x.due) AS due FROM care.deferral_posting AS x
                                 WHERE x.agreement_id = a.agreement_id AND x.week_to <= posting_due.up_to
                                 GROUP BY x.week_from, x.week_to) AS q
                          ON q.week_from = w.week_from AND q.week_to = w.week_to) AS k
          WHERE a.agreement_id = ANY (agreement_ids) AND a.court_from IS NULL
            AND k.due <> 0 OFFSET 0) AS p
        -- by the ledger: an entry may have been reversed since
        CROSS JOIN LATERAL (SELECT max(e.on_day) AS on_day, sum(e.amount + coalesce(r.amount, 0)) AS deferred
                            FROM care.deferral_posting AS x
                                JOIN care.agreement_entry AS e
                                    ON e.agreement_id = x.agreement_id AND e.entry_id = x.entry_id
                                LEFT JOIN care.agreement_entry AS r
                                    ON r.agreement_id = e.agreement_id AND r.reverses = e.entry_id
                            WHERE x.agreement_id = p.agreement_id AND x.week_from = p.week_from
                              AND x.week_to = p.week_to) AS l;
END;
COMMENT ON FUNCTION care_internal.posting_due(bigint[], date) IS
    'What is to be posted under some agreements for the periods that end by a day: what is due for each, and due less '
    'what was posted, pounds; what the ledger has of it, and the day of the entry.';

-- Nearly all agreements have fees to add and are far from their limit: those are posted together.  That they are is an
-- upper bound: all that was ever owed, with interest, nothing paid, and the least limit there ever was.
CREATE FUNCTION care_internal.post_within_limit(agreement_ids bigint[], up_to date,
                                                OUT posted bigint[], OUT others bigint[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    -- one plan a session, of index probes, and not compiled: a batch takes less than either would
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
BEGIN
    WITH due AS MATERIALIZED (
        SELECT d.* FROM care_internal.posting_due(agreement_ids, up_to) AS d
    ), within AS (
        SELECT c.agreement_id
        FROM (SELECT d.agreement_id, min(d.on_day) AS first_day, max(d.on_day) AS last_day, sum(d.due) AS due
              FROM due AS d GROUP BY d.agreement_id HAVING bool_and(d.due > 0)) AS c
            JOIN care.agreement AS a ON a.agreement_id = c.agreement_id
            JOIN (SELECT x.authority, x.rates FROM care.effective_rate AS x
                  WHERE x.authority = ANY (ARRAY(SELECT y.authority FROM care.agreement AS y
                                                 WHERE y.agreement_id = ANY (agreement_ids))) OFFSET 0) AS r
                ON r.authority = a.authority
            CROSS JOIN (SELECT (SELECT max(s.value)
                                FROM care_internal.steps(care.parameter_schedule('deferred_payment',
                                                                                 'lower_capital_limit')) AS s),
                               (SELECT max(s.value)
                                FROM care_internal.steps(care.parameter_schedule('deferred_payment',
                                                                                 'equity_margin_percent')) AS s)
                        OFFSET 0) AS m (capital, margin)
            CROSS JOIN LATERAL (SELECT greatest(c.last_day, max(e.on_day) FILTER (WHERE e.kind = 'care_fees'))
                                FROM care.agreement_entry AS e WHERE e.agreement_id = c.agreement_id)
                AS l (last_day)
            CROSS JOIN LATERAL (SELECT care_internal.balance_if_known(
                                           e.amount, e.on_day, care_internal.rates_charged(r.rates, a.charged, NULL,
                                                                                           NULL, l.last_day),
                                           a.day_count, a.capitalised, l.last_day)
                                FROM (SELECT x.amount, x.on_day FROM care.agreement_entry AS x
                                      WHERE x.agreement_id = c.agreement_id AND x.on_day <= l.last_day
                                        AND x.amount > 0
                                      UNION ALL SELECT c.due, c.first_day) AS e) AS b (most)
            CROSS JOIN LATERAL (SELECT min(care.equity_limit(v.amount, v.share, v.prior_charges, m.capital, m.margin))
                                           FILTER (WHERE v.valued_on <= l.last_day), min(v.valued_on)
                                FROM care.valuation AS v WHERE v.agreement_id = c.agreement_id) AS v (least, first_day)
        WHERE c.first_day >= '2015-04-01' AND v.first_day <= c.first_day
          -- where interest begins to be paid separately, half a penny may be added
          AND b.most + 1 <= v.least
          -- one whose title another has had is looked at by itself
          AND NOT EXISTS (SELECT FROM care.agreement_event AS t
                              JOIN care.agreement_event AS o
                                  ON care_internal.title_key(o.title_reference)
                                     = care_internal.title_key(t.title_reference)
                                     AND o.title_reference IS NOT NULL AND o.agreement_id <> t.agreement_id
                          WHERE t.agreement_id = c.agreement_id AND t.title_reference IS NOT NULL)
    ), written AS (
        INSERT INTO care.agreement_entry AS e (agreement_id, on_day, kind, amount, week_from, note)
        SELECT d.agreement_id, d.on_day, 'care_fees', d.due, d.week_from, 'weekly deferral'
        FROM due AS d JOIN within AS w ON w.agreement_id = d.agreement_id
        ORDER BY d.agreement_id, d.week_from
        RETURNING e.agreement_id, e.entry_id, e.week_from
    ), kept AS (
        INSERT INTO care.deferral_posting AS p (agreement_id, week_from, week_to, due, entry_id, deferred)
        SELECT d.agreement_id, d.week_from, d.week_to, d.due, w.entry_id, d.due
        FROM due AS d JOIN written AS w ON w.agreement_id = d.agreement_id AND w.week_from = d.week_from
        ORDER BY d.agreement_id, d.week_from
        RETURNING p.agreement_id
    )
    SELECT coalesce(array_agg(k.agreement_id), '{}'),
           ARRAY(SELECT DISTINCT d.agreement_id FROM due AS d
                 WHERE d.agreement_id NOT IN (SELECT w.agreement_id FROM within AS w) ORDER BY 1)
    INTO posted, others
    FROM kept AS k;
END
$$;
COMMENT ON FUNCTION care_internal.post_within_limit(bigint[], date) IS
    'Part of posting: posts what is due under those of some locked agreements that cannot pass their limit by it, and '
    'returns their keys, one for each posting, and the keys of the others that have something due.';

-- The others, each by itself, in the order of the periods; what is taken back comes first.
CREATE FUNCTION care_internal.post_one(agreement care.agreement, up_to date) RETURNS integer
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off AS $$
DECLARE
    period record;
    room numeric;
    entry care.agreement_entry;
    entry_key int8;
    posted int4 := 0;
BEGIN
    FOR period IN SELECT d.* FROM care_internal.posting_due(ARRAY[agreement.agreement_id], up_to) AS d
                  ORDER BY d.due > 0, d.week_from LOOP
        entry := NULL;
        entry_key := NULL;
        entry.on_day := period.on_day;
        entry.kind := 'care_fees';
        entry.week_from := period.week_from;
        entry.note := 'weekly deferral';
        IF period.due > 0 THEN
            -- on its day, and on that of the last fees: what is backdated may not push those past the limit
            SELECT min(least(care.equity_limit_on(agreement.agreement_id, d)
                             - care.redemption_figure(agreement.agreement_id, d),
                             (SELECT t.room FROM care_internal.title_room(agreement.agreement_id, d) AS t))) INTO room
            FROM unnest(ARRAY[entry.on_day, greatest(entry.on_day, (SELECT max(e.on_day) FROM care.agreement_entry AS e
                                                                    WHERE e.agreement_id = agreement.agreement_id
                                                                      AND e.kind = 'care_fees'))]) AS d;
            entry.amount := least(period.due, greatest(room, 0));
        ELSE
            entry.amount := -greatest(period.deferred - period.whole, 0);
        END IF;
        IF entry.amount <> 0 THEN
            entry_key := care_internal.add_entry(agreement, entry);
        END IF;
        INSERT INTO care.deferral_posting (agreement_id, week_from, week_to, due, entry_id, deferred)
        VALUES (agreement.agreement_id, period.week_from, period.week_to, period.due, entry_key,
                coalesce(entry.amount, 0));
        posted := posted + 1;
    END LOOP;
    RETURN posted;
END
$$;
COMMENT ON FUNCTION care_internal.post_one(care.agreement, date) IS
    'Part of posting: posts what is due under a locked agreement, each period up to the equity limit, and returns how '
    'many periods.';

CREATE FUNCTION care.post_deferral(agreement_id bigint, up_to date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    done record;
BEGIN
    PERFORM care_internal.require_day(label, 'up_to', up_to);
    -- what is posted stays: a year mistyped may not enter a lifetime of fees
    IF up_to > care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'posting_not_in_future', SCHEMA = 'care', TABLE = 'deferral_posting', COLUMN = 'week_to',
            MESSAGE = format('%s: fees cannot be posted up to %s', label, care_internal.day_text(up_to)),
            HINT = 'They are posted once their period has ended, so the day is today or earlier.';
    END IF;
    done := care_internal.post_within_limit(ARRAY[agreement.agreement_id], up_to);
    RETURN CASE WHEN done.others = '{}' THEN cardinality(done.posted)
                ELSE care_internal.post_one(agreement, up_to) END;
END
$$;
COMMENT ON FUNCTION care.post_deferral(bigint, date) IS
    'Posts the weekly deferral of an agreement for the periods that end by a day (weeks, four weeks or months, by the '
    'authority''s billing_cycle) and returns how many: each period once, each change its difference, and never past '
    'the equity limit. 22023 for a day to come.';

-- Who may have a period to post.
CREATE FUNCTION care.deferral_due(as_at date) RETURNS TABLE (agreement_id bigint, authority text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority
    FROM care.agreement AS a
    WHERE a.court_from IS NULL
      AND EXISTS (SELECT FROM care.deferral_in_force(a.agreement_id) AS d WHERE d.valid_from + 6 <= as_at);
END;
COMMENT ON FUNCTION care.deferral_due(date) IS 'Agreements with a weekly deferral that has begun by a day.';

CREATE VIEW care.deferral_shortfall AS
    SELECT p.agreement_id, a.authority, a.reference, p.week_from, p.week_to, sum(p.due) AS due,
           sum(p.deferred) AS deferred,
           sum(p.due) - sum(p.deferred) AS to_be_paid
    FROM care.deferral_posting AS p
        JOIN care.agreement AS a ON a.agreement_id = p.agreement_id
    GROUP BY p.agreement_id, a.authority, a.reference, p.week_from, p.week_to
    HAVING sum(p.due) <> sum(p.deferred);
COMMENT ON VIEW care.deferral_shortfall IS
    'Weeks whose fees could not all be deferred, at the equity limit: what the person is to pay otherwise.';
COMMENT ON COLUMN care.deferral_shortfall.due IS 'Due for the week, pounds.';
COMMENT ON COLUMN care.deferral_shortfall.deferred IS 'Deferred of it, pounds.';
COMMENT ON COLUMN care.deferral_shortfall.to_be_paid IS 'The rest, pounds.';
SELECT care_internal.comment_columns('care.deferral_shortfall', 'care.agreement_position_row', 'care.deferral_posting');

-- One that cannot take its weeks does not hold up the others.
CREATE FUNCTION care_internal.post_deferrals(agreement_ids bigint[], up_to date) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    done record := care_internal.post_within_limit(agreement_ids, up_to);
    key int8;
    posted int8 := (SELECT count(DISTINCT d.key) FROM unnest(done.posted) AS d (key));
BEGIN
    FOREACH key IN ARRAY done.others LOOP
        BEGIN
            posted := posted + (care_internal.post_one(care_internal.lock_agreement(key), up_to) > 0)::int4;
        EXCEPTION WHEN check_violation THEN
            RAISE WARNING USING MESSAGE = format('not posted: %s', SQLERRM), ERRCODE = 'check_violation';
        END;
    END LOOP;
    RETURN posted;
END
$$;
COMMENT ON FUNCTION care_internal.post_deferrals(bigint[], date) IS
    'Part of post_due_deferrals(): posts the periods of some agreements and returns how many had any; a warning for '
    'each that cannot take them.';

SELECT care_internal.keep_task('weekly deferrals', 'agreement',
    due => 'SELECT w.agreement_id, w.authority, NULL::date FROM care.deferral_due($1) AS w',
    work => 'SELECT care_internal.post_deferrals($1, $3)');

CREATE PROCEDURE care.post_due_deferrals(up_to date, authority text DEFAULT NULL,
                                         batch_size integer DEFAULT 100)
    LANGUAGE plpgsql AS $$
BEGIN
    CALL care.run_task('weekly deferrals', up_to, authority, batch_size);
END
$$;
COMMENT ON PROCEDURE care.post_due_deferrals(date, text, integer) IS
    'Posts the weekly deferrals of the weeks that end by a day, batch by batch, each committed: each week once, '
    'however often it is run.';

CREATE FUNCTION care.post_due_deferrals_batch(up_to date, authority text DEFAULT NULL,
                                              batch_size integer DEFAULT 100)
    RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT care.run_task_batch('weekly deferrals', up_to, authority, batch_size);
END;
COMMENT ON FUNCTION care.post_due_deferrals_batch(date, text, integer) IS
    'One batch of post_due_deferrals(), in the transaction of the caller; returns how many are left.';
