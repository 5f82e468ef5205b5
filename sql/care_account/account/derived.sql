--
-- derived: what follows from the facts of an account, rebuilt whole by trigger whenever one is added.
--
-- Must not know: agreements, who records.
--

CREATE FUNCTION care.adjustment_known_at(known_at timestamptz) RETURNS SETOF care.adjustment
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH counted AS NOT MATERIALIZED (
        SELECT j.* FROM care.adjustment AS j
        WHERE j.recorded_at <= known_at
          AND (NOT j.needs_approval
               OR EXISTS (SELECT FROM care.adjustment_approval AS p
                          WHERE p.account_id = j.account_id AND p.adjustment_id = j.adjustment_id
                            AND p.recorded_at <= known_at)))
    SELECT c.* FROM counted AS c
    WHERE NOT EXISTS (SELECT FROM counted AS later
                      WHERE later.account_id = c.account_id AND later.supersedes = c.adjustment_id);
END;
COMMENT ON FUNCTION care.adjustment_known_at(timestamptz) IS
    'Adjustments that counted at a moment: recorded by then, approved by then if need be, and not superseded by one '
    'that counted.';

-- The figures of each cap scheme as schedules, as they were known at a moment.
CREATE FUNCTION care_internal.scheme_figures(known_at timestamptz)
    RETURNS TABLE (scheme text, cap care.schedule, cap_scales care.schedule,
                   daily_living_cost care.schedule, figures_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
    SELECT p.scheme,
           care.schedule_agg(p.valid_from, p.amount) FILTER (WHERE p.name = 'cap'),
           care.schedule_agg(p.valid_from, p.scales_accrued::integer::numeric) FILTER (WHERE p.name = 'cap'),
           care.schedule_agg(p.valid_from, p.amount) FILTER (WHERE p.name = 'daily_living_cost'),
           max(p.recorded_at)
    FROM (SELECT k.scheme, k.name, k.valid_from, k.amount, k.scales_accrued, k.recorded_at
          FROM care.parameter_known_at(known_at) AS k
          WHERE k.name IN ('cap', 'daily_living_cost')
          UNION ALL
          SELECT s.scheme, 'daily_living_cost', '-infinity', 0, NULL, NULL FROM care.charging_scheme AS s) AS p
    GROUP BY p.scheme;
END;
COMMENT ON FUNCTION care_internal.scheme_figures(timestamptz) IS
    'The cap, which of its changes scale accrued costs, and the daily living costs of each scheme, as schedules; and '
    'when the last of them was recorded.';

-- doc/calculations section 2, "scheme": what follows from the scheme and from who the person is.
CREATE FUNCTION care_internal.account_cap(counts_from date, s care.charging_scheme, cap care.schedule,
                                          date_of_birth date, needs_began_on date)
    RETURNS care.schedule LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN coalesce(needs_began_on, counts_from)
                     < date_of_birth + make_interval(years => (s).zero_cap_before_age)
                THEN '{"-infinity": 0}'::care.schedule ELSE cap END;
COMMENT ON FUNCTION care_internal.account_cap(date, care.charging_scheme, care.schedule, date, date) IS
    'The cap of an account that was said to count from a day, by the cap of its scheme.';

-- What follows from the facts: doc/calculations section 2, "metered rate" and "scheme".  The day of a death is the last
-- that counts.  Each account's budgets and adjustments are found by its key and gone through once: of one account or
-- of all it is the same plan, which becomes part of the query that asks.
CREATE FUNCTION care_internal.account_worked(known_at timestamptz, unlike_now boolean) RETURNS SETOF care.account
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, a.person_id, a.counts_from, a.authority, a.reference, a.scheme, a.recorded_at, a.recorded_by,
           r.counting_from,
           -- while a dump is restored, a scheme may be there before its figures
           CASE WHEN r.cap IS NOT NULL
                THEN care.cap_reached_on(b.weekly_rate, r.cap, r.counting_from, j.adjusted, f.cap_scales, s.reach,
                                         '9999-12-31') END,
           p.reference, s.reach, b.weekly_rate, r.cap, f.cap_scales, j.adjusted, b.weekly_cost, b.weekly_counted,
           b.daily_living_cost, f.figures_at,
           greatest(a.recorded_at, f.figures_at, d.recorded_at, x.recorded_at, c.recorded_at, b.told_at, j.told_at)
    FROM care.account AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        JOIN care.charging_scheme AS s ON s.scheme = a.scheme
        JOIN care_internal.scheme_figures(known_at) AS f ON f.scheme = a.scheme
        LEFT JOIN LATERAL care_internal.person_detail_of(a.person_id, known_at) AS d ON true
        LEFT JOIN LATERAL care_internal.death_of(a.person_id, known_at) AS x ON true
        LEFT JOIN care.counting_correction_known_at(known_at) AS c ON c.account_id = a.account_id
        -- worked out once, however often it is asked for
        CROSS JOIN LATERAL (SELECT greatest(coalesce(c.counts_from, a.counts_from), s.starts_on) AS counting_from,
                                   care_internal.account_cap(coalesce(c.counts_from, a.counts_from), s, f.cap,
                                                             d.date_of_birth, d.needs_began_on) AS cap OFFSET 0) AS r
        CROSS JOIN LATERAL (
            SELECT w.weekly_cost, w.weekly_counted, w.daily_living_cost,
                   care.greatest(w.weekly_counted OPERATOR(care.-) w.daily_living_cost, 0) AS weekly_rate, w.told_at
            FROM (SELECT care.schedule_agg(h.valid_from, h.weekly_cost) FILTER (WHERE h.counts) AS weekly_cost,
                         care.schedule_agg(h.valid_from, h.weekly_counted) FILTER (WHERE h.counts) AS weekly_counted,
                         f.daily_living_cost
                             OPERATOR(care.*) care.schedule_agg(h.valid_from, h.in_care_home) FILTER (WHERE h.counts)
                             AS daily_living_cost,
                         max(h.recorded_at) AS told_at
                  FROM (SELECT '-infinity'::date, 0::numeric, 0::numeric, 0::numeric, true, NULL::timestamptz
                        UNION ALL
                        SELECT x.died_on + 1, 0, 0, 0, true, NULL WHERE x.died_on IS NOT NULL
                        UNION ALL
                        SELECT k.valid_from, k.weekly_cost,
                               CASE WHEN k.kind = 'personal_budget' AND s.personal_budget_counts = 'weekly_charge'
                                    THEN k.weekly_charge ELSE k.weekly_cost END,
                               CASE WHEN k.setting = 'care_home' THEN 1 ELSE 0 END,
                               k.kind <> 'withdrawn' AND (x.died_on IS NULL OR k.valid_from <= x.died_on),
                               k.recorded_at
                        FROM care_internal.budget_told_at(known_at) AS k
                        WHERE k.account_id = a.account_id)
                      AS h (valid_from, weekly_cost, weekly_counted, in_care_home, counts, recorded_at)
                  OFFSET 0) AS w) AS b
        -- few have any: the others cost one look-up
        LEFT JOIN LATERAL (
            SELECT (SELECT care.schedule_agg(t.effective_on, t.running)
                    FROM (SELECT k.effective_on, sum(sum(k.amount)) OVER (ORDER BY k.effective_on) AS running
                          FROM care.adjustment_known_at(known_at) AS k
                          WHERE k.account_id = a.account_id
                          GROUP BY k.effective_on) AS t) AS adjusted,
                   greatest((SELECT max(k.recorded_at) FROM care.adjustment AS k
                             WHERE k.account_id = a.account_id AND k.recorded_at <= known_at),
                            (SELECT max(k.recorded_at) FROM care.adjustment_approval AS k
                             WHERE k.account_id = a.account_id AND k.recorded_at <= known_at)) AS told_at
            WHERE EXISTS (SELECT FROM care.adjustment AS k WHERE k.account_id = a.account_id)
            OFFSET 0) AS j ON true
    WHERE a.recorded_at <= known_at
      AND (NOT unlike_now
           OR (a.told_at <= known_at
               AND (a.scheme, coalesce(a.figures_at, '-infinity')) IN (SELECT o.scheme, coalesce(o.figures_at, '-infinity')
                                                                       FROM care_internal.scheme_figures(known_at) AS o))
              IS NOT TRUE);
END;
COMMENT ON FUNCTION care_internal.account_worked(timestamptz, boolean) IS
    'Accounts with their derived columns, worked out from the facts as they were known at a moment: all, or those of '
    'which something was recorded since.';

CREATE FUNCTION care_internal.account_known_at(known_at timestamptz) RETURNS SETOF care.account
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT w.* FROM care_internal.account_worked(known_at, false) AS w;
END;
COMMENT ON FUNCTION care_internal.account_known_at(timestamptz) IS
    'Accounts with their derived columns, worked out from the facts as they were known at a moment; no derived column '
    'is read.';

CREATE FUNCTION care_internal.account_as_known(known_at timestamptz) RETURNS SETOF care.account
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.* FROM care.account AS a
    WHERE a.told_at <= known_at
      AND (a.scheme, coalesce(a.figures_at, '-infinity')) IN (SELECT o.scheme, coalesce(o.figures_at, '-infinity')
                                                              FROM care_internal.scheme_figures(known_at) AS o)
    UNION ALL
    SELECT w.* FROM care_internal.account_worked(known_at, true) AS w;
END;
COMMENT ON FUNCTION care_internal.account_as_known(timestamptz) IS
    'As account_known_at(), but an account of which nothing was recorded since the moment is read as it stands.';

CREATE FUNCTION care_internal.derived_account(account_ids bigint[], known_at timestamptz)
    RETURNS TABLE (account_id bigint, counting_from date, cap_on date,
                   person_reference text, reach text, weekly_rate care.schedule, cap care.schedule,
                   cap_scales care.schedule,
                   adjusted care.schedule, weekly_cost care.schedule, weekly_counted care.schedule,
                   daily_living_cost care.schedule, figures_at timestamptz, told_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, a.counting_from, a.cap_on, a.person_reference, a.reach, a.weekly_rate, a.cap, a.cap_scales,
           a.adjusted, a.weekly_cost, a.weekly_counted, a.daily_living_cost, a.figures_at, a.told_at
    FROM care_internal.account_known_at(known_at) AS a
    WHERE a.account_id = ANY (account_ids)
    OFFSET 0;                                                -- by itself, whatever query asks
END;
COMMENT ON FUNCTION care_internal.derived_account(bigint[], timestamptz) IS
    'The derived columns of some accounts, worked out from the facts as they were known at a moment.';

-- Lock first, then read: whoever waited for another writer sees that writer's facts too.  A thousand at a time, so
-- that a load of any size needs no more memory; in the order of keys, so that loads queue.
CREATE FUNCTION care_internal.rebuild_accounts(account_ids bigint[], locked boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    -- a plan takes longer to make than to run: it is made once, of index probes, for however much there will be; in
    -- the order of keys they find what the last one left in the cache, and no whole table is ever gone through
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_nestloop = on AS $$
DECLARE
    part int8[];
    twice record;
BEGIN
    PERFORM care_internal.plan_as_filled('care.account');
    FOR n IN 1 .. cardinality(account_ids) BY 1000 LOOP
        part := account_ids[n : n + 999];
        IF NOT locked THEN
            PERFORM FROM care.account AS a WHERE a.account_id = ANY (part) ORDER BY a.account_id FOR NO KEY UPDATE;
        END IF;
        PERFORM care_internal.write_derived('account', part);
    END LOOP;
EXCEPTION WHEN invalid_parameter_value THEN
    -- a schedule cannot have two values from one day: say whose budgets they are
    SELECT b.account_id, b.valid_from INTO twice FROM care.budget_known_at('infinity'::timestamptz) AS b
    WHERE b.account_id = ANY (account_ids) GROUP BY b.account_id, b.valid_from HAVING count(*) > 1 LIMIT 1;
    IF NOT FOUND THEN
        RAISE;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'unique_violation', CONSTRAINT = 'budget_one_a_day',
        MESSAGE = format('account %s has two budgets from %s', twice.account_id,
                         to_char(twice.valid_from, 'YYYY-MM-DD')),
        HINT = 'One that corrects the other must say so in supersedes.';
END
$$;
COMMENT ON FUNCTION care_internal.rebuild_accounts(bigint[], boolean) IS
    'Works out the derived columns of some accounts, whose keys come in order, anew, whole, from their facts. It locks '
    'them, unless the transaction has.';

-- Schemes are locked before accounts, by all who lock both.
CREATE FUNCTION care_internal.share_schemes() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM care.charging_scheme AS s ORDER BY s.scheme FOR SHARE;
END
$$;
COMMENT ON FUNCTION care_internal.share_schemes() IS
    'Keeps the figures of all schemes as they are until the transaction ends.';

-- Figures must not change between a new account's reading them and its being there to follow them.
CREATE FUNCTION care_internal.hold_figures() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.share_schemes();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.hold_figures() IS
    'Trigger: whoever records a figure of a scheme waits for the accounts that are being opened, or these for the '
    'figure.';
CREATE TRIGGER account_hold_figures BEFORE INSERT ON care.account
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.hold_figures();
COMMENT ON TRIGGER account_hold_figures ON care.account IS 'Keeps the figures of the schemes as they are.';

-- What holds for every account of a scheme: worked out once for all that a transaction opens.
CREATE TYPE care_internal.scheme_terms AS (
    s care.charging_scheme,
    cap care.schedule,
    cap_scales care.schedule,
    figures_at timestamptz
);
COMMENT ON TYPE care_internal.scheme_terms IS 'A scheme with its figures.';
COMMENT ON COLUMN care_internal.scheme_terms.s IS 'The scheme.';
COMMENT ON COLUMN care_internal.scheme_terms.cap IS 'The cap, a schedule, pounds; null: it has none.';
COMMENT ON COLUMN care_internal.scheme_terms.cap_scales IS 'Which of its changes scale accrued costs, a schedule.';
COMMENT ON COLUMN care_internal.scheme_terms.figures_at IS 'When the last of its figures was recorded.';

CREATE FUNCTION care_internal.scheme_terms(scheme text) RETURNS SETOF care_internal.scheme_terms
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s, f.cap, f.cap_scales, f.figures_at
    FROM care.charging_scheme AS s JOIN care_internal.scheme_figures('infinity') AS f ON f.scheme = s.scheme
    WHERE s.scheme = scheme_terms.scheme;
END;
COMMENT ON FUNCTION care_internal.scheme_terms(text) IS 'A scheme with its figures; no row if there is none.';

CREATE FUNCTION care_internal.held_terms(scheme text) RETURNS care_internal.scheme_terms
    LANGUAGE C VOLATILE STRICT AS 'MODULE_PATHNAME', 'care_held_terms';
COMMENT ON FUNCTION care_internal.held_terms(text) IS
    'scheme_terms(), asked once in a transaction that has locked the schemes; null if there is none.';

CREATE FUNCTION care_internal.forget_terms() RETURNS void
    LANGUAGE C VOLATILE AS 'MODULE_PATHNAME', 'care_forget_terms';
COMMENT ON FUNCTION care_internal.forget_terms() IS 'Has held_terms() ask again: the transaction changes a figure.';

-- There is no fact about a new account yet: what follows is worked out before its row is written, and nothing is
-- written twice.  Restoring loads accounts before their facts: each fact that follows works the account out anew.
CREATE FUNCTION care_internal.derive_new_account() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t care_internal.scheme_terms := care_internal.held_terms(NEW.scheme);
    nothing CONSTANT care.schedule := '{"-infinity": 0}'::care.schedule;
    detail record;
    death record;
BEGIN
    -- as its foreign key will: whoever records more of the person waits for this account, or is waited for
    SELECT p.reference INTO NEW.person_reference FROM care.person AS p
    WHERE p.person_id = NEW.person_id FOR KEY SHARE;
    IF (t.s).scheme IS NULL OR NEW.counts_from NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN
        RETURN NEW;                                          -- it will be refused
    END IF;
    -- the last row of each; not by person_detail_of() and death_of(), whose plans have a step more to begin
    SELECT d.date_of_birth, d.needs_began_on, d.recorded_at INTO detail FROM care.person_detail AS d
    WHERE d.person_id = NEW.person_id ORDER BY d.detail_id DESC LIMIT 1;
    SELECT x.recorded_at INTO death FROM care.death AS x
    WHERE x.person_id = NEW.person_id ORDER BY x.death_id DESC LIMIT 1;
    NEW.counting_from := greatest(NEW.counts_from, (t.s).starts_on);
    NEW.cap := care_internal.account_cap(NEW.counts_from, t.s, t.cap, detail.date_of_birth, detail.needs_began_on);
    NEW.cap_scales := t.cap_scales;
    NEW.reach := (t.s).reach;
    NEW.cap_on := CASE WHEN NEW.cap IS NOT NULL
                       THEN care.cap_reached_on(nothing, NEW.cap, NEW.counting_from, NULL, NEW.cap_scales, NEW.reach,
                                                '9999-12-31') END;
    NEW.adjusted := NULL;
    NEW.weekly_rate := nothing;
    NEW.weekly_cost := nothing;
    NEW.weekly_counted := nothing;
    NEW.daily_living_cost := nothing;
    NEW.figures_at := t.figures_at;
    NEW.told_at := greatest(NEW.recorded_at, t.figures_at, detail.recorded_at, death.recorded_at);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care_internal.derive_new_account() IS
    'Trigger: works out the derived columns of a new account, as account_known_at() has them where there is no fact '
    'about it.';
CREATE TRIGGER account_derive BEFORE INSERT ON care.account
    FOR EACH ROW EXECUTE FUNCTION care_internal.derive_new_account();
COMMENT ON TRIGGER account_derive ON care.account IS 'Works out the derived columns.';

CREATE FUNCTION care_internal.rebuild_accounts_of_rows() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.rebuild_accounts(ARRAY(SELECT DISTINCT n.account_id FROM new_rows AS n
                                                 ORDER BY n.account_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.rebuild_accounts_of_rows() IS 'Trigger: works out the accounts of new facts anew.';
CREATE TRIGGER counting_correction_rebuild AFTER INSERT ON care.counting_correction
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_rows();
COMMENT ON TRIGGER counting_correction_rebuild ON care.counting_correction IS 'Works out the accounts anew.';
CREATE TRIGGER budget_rebuild AFTER INSERT ON care.budget
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_rows();
COMMENT ON TRIGGER budget_rebuild ON care.budget IS 'Works out the accounts anew.';
CREATE TRIGGER adjustment_rebuild AFTER INSERT ON care.adjustment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_rows();
COMMENT ON TRIGGER adjustment_rebuild ON care.adjustment IS 'Works out the accounts anew.';
CREATE TRIGGER adjustment_approval_rebuild AFTER INSERT ON care.adjustment_approval
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_rows();
COMMENT ON TRIGGER adjustment_approval_rebuild ON care.adjustment_approval IS 'Works out the accounts anew.';

CREATE FUNCTION care_internal.rebuild_accounts_of_persons() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- an account that is being opened refers to its person: it is waited for, or waits and sees these rows
    PERFORM FROM care.person AS p WHERE p.person_id IN (SELECT n.person_id FROM new_rows AS n)
    ORDER BY p.person_id FOR UPDATE;
    PERFORM care_internal.rebuild_accounts(ARRAY(SELECT a.account_id FROM care.account AS a
                                        WHERE a.person_id IN (SELECT n.person_id FROM new_rows AS n)
                                        ORDER BY a.account_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.rebuild_accounts_of_persons() IS
    'Trigger: works out the accounts of persons anew when more is known of them.';
CREATE TRIGGER person_detail_rebuild AFTER INSERT ON care.person_detail
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_persons();
COMMENT ON TRIGGER person_detail_rebuild ON care.person_detail IS 'Works out the accounts of the persons anew.';
CREATE TRIGGER death_rebuild AFTER INSERT ON care.death
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_persons();
COMMENT ON TRIGGER death_rebuild ON care.death IS 'Works out the accounts of the persons anew.';
