--
-- account: care accounts, their budgets, adjustments and events, and where each account stands.
--
-- The facts are rows that are only ever added to.  The account row carries the schedules that follow
-- from them, rebuilt whole by trigger whenever a fact is added, so that a position is worked out from
-- one row.
--
-- Must not know: agreements.
--

CREATE TABLE care.account (
    account_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT account_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT account_person_fkey REFERENCES care.person,
    counts_from date NOT NULL
        CONSTRAINT account_finite_day CHECK (counts_from BETWEEN '0001-01-01' AND '9999-12-31'),
    counting_from date,
    cap_on date,
    authority text NOT NULL
        CONSTRAINT account_authority_fkey REFERENCES care.authority,
    reference text NOT NULL
        CONSTRAINT account_has_reference CHECK (reference <> ''),
    scheme text NOT NULL
        CONSTRAINT account_scheme_fkey REFERENCES care.scheme,
    person_reference text,
    reach text,
    weekly_rate care.schedule,
    cap care.schedule,
    cap_scales care.schedule,
    adjusted care.schedule,
    weekly_cost care.schedule,
    weekly_counted care.schedule,
    daily_living_cost care.schedule,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT account_reference_key UNIQUE (authority, reference)
);
CREATE INDEX account_person_idx ON care.account (person_id);
CREATE INDEX account_person_reference_idx ON care.account (person_reference, authority);
CREATE INDEX account_cap_on_idx ON care.account (cap_on);
COMMENT ON INDEX care.account_cap_on_idx IS 'Serves the worklists of accounts at and approaching the cap.';
COMMENT ON INDEX care.account_person_idx IS 'Finds the accounts of a person.';
COMMENT ON INDEX care.account_person_reference_idx IS 'Finds an account by the case-management system''s reference.';
COMMENT ON TABLE care.account IS
    'Care accounts: what was said when each was opened, and what follows from its facts (the derived columns, rebuilt '
    'whole by trigger, never patched).';
COMMENT ON COLUMN care.account.account_id IS 'Key.';
COMMENT ON COLUMN care.account.person_id IS 'The person.';
COMMENT ON COLUMN care.account.counts_from IS 'The day from which this account counts, by its scheme''s rule.';
COMMENT ON COLUMN care.account.counting_from IS
    'Derived: the day counting really starts, counts_from but not before the scheme.';
COMMENT ON COLUMN care.account.cap_on IS
    'Derived: the day the cap was or will be reached by the facts recorded; null: never.';
COMMENT ON COLUMN care.account.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.account.reference IS 'The authority''s reference for the account.';
COMMENT ON COLUMN care.account.scheme IS 'The scheme whose rules it follows.';
COMMENT ON COLUMN care.account.person_reference IS 'Derived: the person''s reference, as in care.person.';
COMMENT ON COLUMN care.account.reach IS 'Derived: when the cap counts as reached; see care.scheme.';
COMMENT ON COLUMN care.account.weekly_rate IS 'Derived: metered rate, pounds a week.';
COMMENT ON COLUMN care.account.cap IS 'Derived: the cap, pounds.';
COMMENT ON COLUMN care.account.cap_scales IS
    'Derived: nought on the day of a cap change that does not scale accrued costs.';
COMMENT ON COLUMN care.account.adjusted IS 'Derived: running total of the manual adjustments, pounds; null: none.';
COMMENT ON COLUMN care.account.weekly_cost IS 'Derived: weekly cost to the authority of the eligible needs, pounds.';
COMMENT ON COLUMN care.account.weekly_counted IS
    'Derived: what the scheme counts of it, before daily living costs, pounds a week.';
COMMENT ON COLUMN care.account.daily_living_cost IS
    'Derived: daily living costs left out, pounds a week; nought outside a care home.';
COMMENT ON COLUMN care.account.recorded_at IS 'When the account was opened.';
COMMENT ON COLUMN care.account.recorded_by IS 'Who opened it.';
SELECT pg_extension_config_dump('care.account', '');
SELECT pg_extension_config_dump('care.account_account_id_seq', '');

-- The derived columns are for the triggers; what was said at the opening stays.
CREATE TRIGGER account_refuse_update BEFORE UPDATE ON care.account
    FOR EACH ROW EXECUTE FUNCTION care.refuse_update();
COMMENT ON TRIGGER account_refuse_update ON care.account IS
    'What was said when an account was opened is never changed; what follows from the facts, only by their triggers.';

CREATE TABLE care.budget (
    account_id bigint NOT NULL
        CONSTRAINT budget_account_fkey REFERENCES care.account,
    budget_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    valid_from date NOT NULL
        CONSTRAINT budget_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT budget_known_kind CHECK (kind IN ('personal_budget', 'independent_personal_budget', 'ended')),
    setting text
        CONSTRAINT budget_known_setting CHECK (setting IN ('care_home', 'community')),
    weekly_cost care.pounds NOT NULL
        CONSTRAINT budget_cost_not_negative CHECK (weekly_cost >= 0),
    weekly_charge care.pounds
        CONSTRAINT budget_charge_within_cost CHECK (weekly_charge BETWEEN 0 AND weekly_cost),
    plan_reference text,
    reason text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT budget_pkey PRIMARY KEY (account_id, budget_id),
    CONSTRAINT budget_supersedes_fkey FOREIGN KEY (account_id, supersedes)
        REFERENCES care.budget (account_id, budget_id),
    CONSTRAINT budget_ended_is_bare CHECK ((kind = 'ended') = (setting IS NULL)
                                           AND (kind <> 'ended' OR (weekly_cost = 0 AND weekly_charge IS NULL)))
);
CREATE UNIQUE INDEX budget_superseded_once ON care.budget (account_id, supersedes) WHERE supersedes IS NOT NULL;
COMMENT ON INDEX care.budget_superseded_once IS 'A row is corrected once; then its correction is corrected.';
COMMENT ON TABLE care.budget IS
    'Budgets of each account: each holds from its day until the next one. A correction is a new row that supersedes '
    'the wrong one.';
COMMENT ON COLUMN care.budget.account_id IS 'The account.';
COMMENT ON COLUMN care.budget.budget_id IS 'Key within the account.';
COMMENT ON COLUMN care.budget.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.budget.kind IS
    'personal_budget, independent_personal_budget, or ended: no budget from this day.';
COMMENT ON COLUMN care.budget.setting IS 'care_home or community.';
COMMENT ON COLUMN care.budget.weekly_cost IS
    'Weekly cost to the authority of meeting the eligible needs (what it would cost, for an independent personal '
    'budget): the eligible, counted part, without top-ups; pounds.';
COMMENT ON COLUMN care.budget.weekly_charge IS
    'What the person is charged of it, pounds a week; needed where the scheme counts charges.';
COMMENT ON COLUMN care.budget.plan_reference IS 'The case-management system''s reference of the plan.';
COMMENT ON COLUMN care.budget.reason IS 'Why the budget ended.';
COMMENT ON COLUMN care.budget.supersedes IS 'The budget_id of the row this one corrects.';
COMMENT ON COLUMN care.budget.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.budget.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.budget', '');
SELECT pg_extension_config_dump('care.budget_budget_id_seq', '');
CREATE TRIGGER budget_refuse_change BEFORE UPDATE ON care.budget
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_budget(..., supersedes => ...)');
COMMENT ON TRIGGER budget_refuse_change ON care.budget IS 'Facts are added to, never changed.';

CREATE TABLE care.adjustment_reason (
    reason text NOT NULL
        CONSTRAINT adjustment_reason_pkey PRIMARY KEY,
    description text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER
);
COMMENT ON TABLE care.adjustment_reason IS 'Why an adjustment may be made; an authority adds its own rows.';
COMMENT ON COLUMN care.adjustment_reason.reason IS 'Short name.';
COMMENT ON COLUMN care.adjustment_reason.description IS 'What it means.';
COMMENT ON COLUMN care.adjustment_reason.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.adjustment_reason.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.adjustment_reason.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.adjustment_reason', 'WHERE NOT shipped');
CREATE TRIGGER adjustment_reason_refuse_change BEFORE DELETE OR TRUNCATE ON care.adjustment_reason
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('a row of your own');
COMMENT ON TRIGGER adjustment_reason_refuse_change ON care.adjustment_reason IS 'Reasons are added to, never removed.';
CREATE TRIGGER adjustment_reason_refuse_update BEFORE UPDATE ON care.adjustment_reason
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION care.refuse_change('a row of your own');
COMMENT ON TRIGGER adjustment_reason_refuse_update ON care.adjustment_reason IS
    'A reason is never changed: a new one has a new name.';
INSERT INTO care.adjustment_reason (reason, description, shipped, recorded_at, recorded_by) VALUES
    ('brought_forward', 'Costs accrued with another authority or in an earlier record', true, '2026-11-21 00:00:00+00',
     'care_account'),
    ('error_corrected', 'An error in what was counted', true, '2026-11-21 00:00:00+00', 'care_account'),
    ('complaint_upheld', 'A complaint, or a finding of the Ombudsman', true, '2026-11-21 00:00:00+00', 'care_account'),
    ('court_order', 'An order of a court or tribunal', true, '2026-11-21 00:00:00+00', 'care_account'),
    ('withdrawn', 'An adjustment that should not have been made', true, '2026-11-21 00:00:00+00', 'care_account');

CREATE TABLE care.adjustment (
    account_id bigint NOT NULL
        CONSTRAINT adjustment_account_fkey REFERENCES care.account,
    adjustment_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    effective_on date NOT NULL
        CONSTRAINT adjustment_finite_day CHECK (effective_on BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL,
    reason text NOT NULL
        CONSTRAINT adjustment_reason_fkey REFERENCES care.adjustment_reason,
    authorised_by text NOT NULL
        CONSTRAINT adjustment_has_authority CHECK (authorised_by <> ''),
    evidence text,
    needs_approval boolean NOT NULL DEFAULT false,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT adjustment_pkey PRIMARY KEY (account_id, adjustment_id),
    CONSTRAINT adjustment_supersedes_fkey FOREIGN KEY (account_id, supersedes)
        REFERENCES care.adjustment (account_id, adjustment_id),
    CONSTRAINT adjustment_nought_withdraws CHECK (amount <> 0 OR supersedes IS NOT NULL)
);
CREATE UNIQUE INDEX adjustment_superseded_once ON care.adjustment (account_id, supersedes) WHERE supersedes IS NOT NULL;
COMMENT ON INDEX care.adjustment_superseded_once IS 'A row is corrected once; then its correction is corrected.';
COMMENT ON TABLE care.adjustment IS
    'Manual adjustments of accrued costs. A correction is a new row that supersedes the wrong one; its amount may be '
    'nought.';
COMMENT ON COLUMN care.adjustment.account_id IS 'The account.';
COMMENT ON COLUMN care.adjustment.adjustment_id IS 'Key within the account.';
COMMENT ON COLUMN care.adjustment.effective_on IS 'The day it takes effect.';
COMMENT ON COLUMN care.adjustment.amount IS 'Pounds added to accrued costs; negative: taken away.';
COMMENT ON COLUMN care.adjustment.reason IS 'Why; see care.adjustment_reason.';
COMMENT ON COLUMN care.adjustment.authorised_by IS 'Who authorised it.';
COMMENT ON COLUMN care.adjustment.evidence IS 'Reference of the evidence.';
COMMENT ON COLUMN care.adjustment.needs_approval IS
    'A second person must approve it before it counts: the authority''s setting when it was recorded.';
COMMENT ON COLUMN care.adjustment.supersedes IS 'The adjustment_id of the row this one corrects.';
COMMENT ON COLUMN care.adjustment.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.adjustment.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.adjustment', '');
SELECT pg_extension_config_dump('care.adjustment_adjustment_id_seq', '');
CREATE TRIGGER adjustment_refuse_change BEFORE UPDATE ON care.adjustment
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_adjustment(..., supersedes => ...)');
COMMENT ON TRIGGER adjustment_refuse_change ON care.adjustment IS 'Facts are added to, never changed.';

CREATE TABLE care.adjustment_approval (
    account_id bigint NOT NULL,
    adjustment_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT adjustment_approval_pkey PRIMARY KEY (account_id, adjustment_id),
    CONSTRAINT adjustment_approval_adjustment_fkey FOREIGN KEY (account_id, adjustment_id) REFERENCES care.adjustment
);
COMMENT ON TABLE care.adjustment_approval IS 'The second person''s approval of an adjustment that needs one.';
COMMENT ON COLUMN care.adjustment_approval.account_id IS 'The account.';
COMMENT ON COLUMN care.adjustment_approval.adjustment_id IS 'The adjustment.';
COMMENT ON COLUMN care.adjustment_approval.recorded_at IS 'When it was approved.';
COMMENT ON COLUMN care.adjustment_approval.recorded_by IS 'Who approved it: not who recorded the adjustment.';
SELECT pg_extension_config_dump('care.adjustment_approval', '');
CREATE TRIGGER adjustment_approval_refuse_change BEFORE UPDATE ON care.adjustment_approval
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_adjustment(..., supersedes => ...)');
COMMENT ON TRIGGER adjustment_approval_refuse_change ON care.adjustment_approval IS
    'Facts are added to, never changed.';

CREATE TABLE care.account_event (
    account_id bigint NOT NULL
        CONSTRAINT account_event_account_fkey REFERENCES care.account,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT account_event_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT account_event_known_kind
            CHECK (kind IN ('cap_notice_given', 'authority_meets_needs', 'early_assessment', 'statement_requested',
                                                            'no_longer_required', 'required_again')),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT account_event_pkey PRIMARY KEY (account_id, event_id)
);
COMMENT ON TABLE care.account_event IS 'What happened to an account that changes no figure.';
COMMENT ON COLUMN care.account_event.account_id IS 'The account.';
COMMENT ON COLUMN care.account_event.event_id IS 'Key within the account.';
COMMENT ON COLUMN care.account_event.on_day IS 'The day it happened.';
COMMENT ON COLUMN care.account_event.kind IS
    'cap_notice_given: the person was told that the cap is reached; authority_meets_needs: the authority took over; '
    'early_assessment: assessed before the scheme; statement_requested: the person asked for one; no_longer_required: '
    'from that day the account need only be retained; required_again: that was undone.';
COMMENT ON COLUMN care.account_event.note IS 'More.';
COMMENT ON COLUMN care.account_event.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.account_event.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.account_event', '');
SELECT pg_extension_config_dump('care.account_event_event_id_seq', '');
CREATE TRIGGER account_event_refuse_change BEFORE UPDATE ON care.account_event
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_event()');
COMMENT ON TRIGGER account_event_refuse_change ON care.account_event IS 'Facts are added to, never changed.';

--
-- Derived schedules.
--

-- The budgets that held, by what was known at a moment: recorded by then and not superseded by then.
CREATE FUNCTION care.budget_known_at(known_at timestamptz) RETURNS SETOF care.budget
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT b.* FROM care.budget AS b
    WHERE b.recorded_at <= known_at
      AND NOT EXISTS (SELECT FROM care.budget AS later
                      WHERE later.account_id = b.account_id AND later.supersedes = b.budget_id
                        AND later.recorded_at <= known_at);
END;
COMMENT ON FUNCTION care.budget_known_at(timestamptz) IS
    'Budgets as they were known at a moment: recorded by then, and not superseded by then.';

CREATE FUNCTION care.adjustment_known_at(known_at timestamptz) RETURNS SETOF care.adjustment
    LANGUAGE sql STABLE
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
CREATE FUNCTION care.scheme_figures(known_at timestamptz)
    RETURNS TABLE (scheme text, cap care.schedule, cap_scales care.schedule,
                   daily_living_cost care.schedule)
    LANGUAGE sql STABLE ROWS 2
BEGIN ATOMIC
    SELECT p.scheme,
           care.schedule_agg(p.valid_from, p.amount) FILTER (WHERE p.name = 'cap'),
           care.schedule_agg(p.valid_from, p.scales_accrued::integer::numeric) FILTER (WHERE p.name = 'cap'),
           care.schedule_agg(p.valid_from, p.amount) FILTER (WHERE p.name = 'daily_living_cost')
    FROM (SELECT k.scheme, k.name, k.valid_from, k.amount, k.scales_accrued FROM care.parameter_known_at(known_at) AS k
          UNION ALL
          SELECT s.scheme, 'daily_living_cost', '-infinity', 0, NULL FROM care.scheme AS s) AS p
    GROUP BY p.scheme;
END;
COMMENT ON FUNCTION care.scheme_figures(timestamptz) IS
    'The cap, which of its changes scale accrued costs, and the daily living costs of each scheme, as schedules.';

-- What follows from the facts of some accounts: doc/calculations.md section 2, "metered rate" and "scheme".  The
-- day of a death is the last that counts.
CREATE FUNCTION care.derived_account(account_ids bigint[], known_at timestamptz)
    RETURNS TABLE (account_id bigint, counting_from date, cap_on date,
                   person_reference text, reach text, weekly_rate care.schedule, cap care.schedule,
                   cap_scales care.schedule,
                   adjusted care.schedule, weekly_cost care.schedule, weekly_counted care.schedule,
                   daily_living_cost care.schedule)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH chosen AS (
        SELECT a.account_id, a.counts_from, p.reference, s.starts_on, s.reach, s.personal_budget_counts,
               f.cap, f.cap_scales, f.daily_living_cost, x.died_on,
               coalesce(d.needs_began_on, a.counts_from)
                   < d.date_of_birth + make_interval(years => s.zero_cap_before_age) AS zero_cap
        FROM care.account AS a
            JOIN care.person AS p ON p.person_id = a.person_id
            JOIN care.scheme AS s ON s.scheme = a.scheme
            JOIN care.scheme_figures(known_at) AS f ON f.scheme = a.scheme
            LEFT JOIN care.person_detail_known_at(known_at) AS d ON d.person_id = a.person_id
            LEFT JOIN care.death_known_at(known_at) AS x ON x.person_id = a.person_id
        WHERE a.account_id = ANY (account_ids)
    ), held AS (
        SELECT c.account_id, '-infinity'::date AS valid_from, 0::numeric AS weekly_cost,
               0::numeric AS weekly_counted, 0::numeric AS in_care_home
        FROM chosen AS c
        UNION ALL
        SELECT c.account_id, c.died_on + 1, 0, 0, 0 FROM chosen AS c WHERE c.died_on IS NOT NULL
        UNION ALL
        SELECT b.account_id, b.valid_from, b.weekly_cost,
               CASE WHEN b.kind = 'personal_budget' AND c.personal_budget_counts = 'weekly_charge'
                    THEN b.weekly_charge ELSE b.weekly_cost END,
               CASE WHEN b.setting = 'care_home' THEN 1 ELSE 0 END
        -- OFFSET: one search for all the keys, not one search for each of them with all the keys again
        FROM (SELECT k.* FROM care.budget_known_at(known_at) AS k WHERE k.account_id = ANY (account_ids) OFFSET 0) AS b
            JOIN chosen AS c ON c.account_id = b.account_id
        WHERE c.died_on IS NULL OR b.valid_from <= c.died_on
    ), budgets AS (
        SELECT h.account_id,
               care.schedule_agg(h.valid_from, h.weekly_cost) AS weekly_cost,
               care.schedule_agg(h.valid_from, h.weekly_counted) AS weekly_counted,
               care.schedule_agg(h.valid_from, h.in_care_home) AS in_care_home
        FROM held AS h
        GROUP BY h.account_id
    ), adjustments AS (
        SELECT t.account_id, care.schedule_agg(t.effective_on, t.running) AS adjusted
        FROM (SELECT j.account_id, j.effective_on,
                     sum(sum(j.amount)) OVER (PARTITION BY j.account_id ORDER BY j.effective_on) AS running
              FROM care.adjustment_known_at(known_at) AS j
              WHERE j.account_id = ANY (account_ids)
              GROUP BY j.account_id, j.effective_on) AS t
        GROUP BY t.account_id
    )
    SELECT r.account_id, r.counting_from,
           -- while a dump is restored, a scheme may be there before its figures
           CASE WHEN r.cap IS NOT NULL
                THEN care.cap_reached_on(r.weekly_rate, r.cap, r.counting_from, r.adjusted, r.cap_scales, r.reach,
                                         '9999-12-31') END,
           r.reference, r.reach, r.weekly_rate, r.cap, r.cap_scales, r.adjusted, r.weekly_cost, r.weekly_counted,
           r.daily_living_cost
    FROM (SELECT c.account_id, c.reference, c.reach, c.cap_scales, j.adjusted, b.weekly_cost, b.weekly_counted,
                 greatest(c.counts_from, c.starts_on) AS counting_from,
                 care.greatest(b.weekly_counted OPERATOR(care.-) (c.daily_living_cost OPERATOR(care.*) b.in_care_home),
                               0) AS weekly_rate,
                 CASE WHEN c.zero_cap THEN '{"-infinity": 0}'::care.schedule ELSE c.cap END AS cap,
                 c.daily_living_cost OPERATOR(care.*) b.in_care_home AS daily_living_cost
          FROM chosen AS c
              JOIN budgets AS b ON b.account_id = c.account_id
              LEFT JOIN adjustments AS j ON j.account_id = c.account_id) AS r;
END;
COMMENT ON FUNCTION care.derived_account(bigint[], timestamptz) IS
    'The derived columns of some accounts, worked out from the facts as they were known at a moment.';

CREATE FUNCTION care.write_accounts(account_ids bigint[]) RETURNS void
    LANGUAGE C STRICT SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'care_write_accounts';
COMMENT ON FUNCTION care.write_accounts(bigint[]) IS
    'Part of rebuild_accounts: writes the derived columns of locked accounts, as they are worked out; nothing else '
    'can.';

-- Lock first, then read: whoever waited for another writer sees that writer's facts too.  A hundred
-- thousand at a time, so that a load of any size needs no more memory; in the order of keys, so that
-- loads queue.
CREATE FUNCTION care.rebuild_accounts(account_ids bigint[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    -- the plan for a few takes longer to make than to run: it is made once, of index probes, for however much there
    -- will be
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
DECLARE
    part int8[];
    twice record;
BEGIN
    IF cardinality(account_ids) > 100 THEN
        SET LOCAL plan_cache_mode = force_custom_plan;
        SET LOCAL enable_seqscan = on;
    END IF;
    FOR n IN 1 .. cardinality(account_ids) BY 100000 LOOP
        part := account_ids[n : n + 99999];
        PERFORM FROM care.account AS a WHERE a.account_id = ANY (part)
        ORDER BY a.account_id FOR NO KEY UPDATE;
        PERFORM care.write_accounts(part);
    END LOOP;
EXCEPTION WHEN invalid_parameter_value THEN
    -- a schedule cannot have two values from one day: say whose budgets they are
    SELECT b.account_id, b.valid_from INTO twice FROM care.budget_known_at('infinity'::timestamptz) AS b
    WHERE b.account_id = ANY (account_ids) GROUP BY b.account_id, b.valid_from HAVING count(*) > 1 LIMIT 1;
    IF NOT FOUND THEN
        RAISE;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'unique_violation',
        MESSAGE = format('account %s has two budgets from %s', twice.account_id,
                         to_char(twice.valid_from, 'YYYY-MM-DD')),
        HINT = 'One that corrects the other must say so in supersedes.';
END
$$;
COMMENT ON FUNCTION care.rebuild_accounts(bigint[]) IS
    'Works out the derived columns of some accounts, whose keys come in order, anew, whole, from their facts.';

-- Schemes are locked before accounts, by all who lock both.
CREATE FUNCTION care.share_schemes() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM care.scheme AS s ORDER BY s.scheme FOR SHARE;
END
$$;
COMMENT ON FUNCTION care.share_schemes() IS
    'Keeps the figures of all schemes as they are until the transaction ends.';

-- Restoring loads accounts before their facts: each fact that follows works the account out anew.
CREATE FUNCTION care.rebuild_new_accounts() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- whoever records a figure of the scheme waits for this account, or this account for the figure
    PERFORM FROM care.scheme AS s WHERE s.scheme IN (SELECT n.scheme FROM new_rows AS n) ORDER BY s.scheme FOR SHARE;
    PERFORM care.rebuild_accounts(ARRAY(SELECT n.account_id FROM new_rows AS n ORDER BY n.account_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.rebuild_new_accounts() IS 'Trigger: works out the derived columns of new accounts.';
CREATE TRIGGER account_rebuild AFTER INSERT ON care.account
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_new_accounts();
COMMENT ON TRIGGER account_rebuild ON care.account IS 'Works out the derived columns.';

CREATE FUNCTION care.rebuild_accounts_of_rows() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.rebuild_accounts(ARRAY(SELECT DISTINCT n.account_id FROM new_rows AS n ORDER BY n.account_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.rebuild_accounts_of_rows() IS 'Trigger: works out the accounts of new facts anew.';
CREATE TRIGGER budget_rebuild AFTER INSERT ON care.budget
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_accounts_of_rows();
COMMENT ON TRIGGER budget_rebuild ON care.budget IS 'Works out the accounts anew.';
CREATE TRIGGER adjustment_rebuild AFTER INSERT ON care.adjustment
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_accounts_of_rows();
COMMENT ON TRIGGER adjustment_rebuild ON care.adjustment IS 'Works out the accounts anew.';
CREATE TRIGGER adjustment_approval_rebuild AFTER INSERT ON care.adjustment_approval
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_accounts_of_rows();
COMMENT ON TRIGGER adjustment_approval_rebuild ON care.adjustment_approval IS 'Works out the accounts anew.';

CREATE FUNCTION care.rebuild_accounts_of_persons() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- an account that is being opened refers to its person: it is waited for, or waits and sees these rows
    PERFORM FROM care.person AS p WHERE p.person_id IN (SELECT n.person_id FROM new_rows AS n)
    ORDER BY p.person_id FOR UPDATE;
    PERFORM care.rebuild_accounts(ARRAY(SELECT a.account_id FROM care.account AS a
                                        WHERE a.person_id IN (SELECT n.person_id FROM new_rows AS n)
                                        ORDER BY a.account_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.rebuild_accounts_of_persons() IS
    'Trigger: works out the accounts of persons anew when more is known of them.';
CREATE TRIGGER person_detail_rebuild AFTER INSERT ON care.person_detail
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_accounts_of_persons();
COMMENT ON TRIGGER person_detail_rebuild ON care.person_detail IS 'Works out the accounts of the persons anew.';
CREATE TRIGGER death_rebuild AFTER INSERT ON care.death
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_accounts_of_persons();
COMMENT ON TRIGGER death_rebuild ON care.death IS 'Works out the accounts of the persons anew.';

-- Before the defaults of the new rows are worked out, recorded_at among them.
CREATE FUNCTION care.await_statements() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.lock_schemes();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.await_statements() IS
    'Trigger: locks the schemes before figures are recorded, so that none is recorded earlier than a statement without '
    'it.';
CREATE TRIGGER parameter_await_statements BEFORE INSERT ON care.parameter
    FOR EACH STATEMENT EXECUTE FUNCTION care.await_statements();
COMMENT ON TRIGGER parameter_await_statements ON care.parameter IS 'Waits for statements in hand; later ones wait.';

CREATE FUNCTION care.rebuild_accounts_of_schemes() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- a new version of the row, nothing changed: one with an older view who opens an account gets 40001
    UPDATE care.scheme AS s SET source = s.source WHERE s.scheme IN (SELECT n.scheme FROM new_rows AS n);
    PERFORM care.rebuild_accounts(ARRAY(SELECT a.account_id FROM care.account AS a
                                        WHERE a.scheme IN (SELECT n.scheme FROM new_rows AS n)
                                        ORDER BY a.account_id));
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.rebuild_accounts_of_schemes() IS
    'Trigger: works out the accounts of a scheme anew when its figures change.';
CREATE TRIGGER parameter_rebuild AFTER INSERT ON care.parameter
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_accounts_of_schemes();
COMMENT ON TRIGGER parameter_rebuild ON care.parameter IS 'Works out the accounts of the scheme anew.';

--
-- The write interface.
--

CREATE FUNCTION care.open_account(authority text, reference text,
                                  person_reference text, date_of_birth date,
                                  scheme text, counts_from date,
                                  needs_began_on date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rules care.scheme;
    new_id int8;
BEGIN
    PERFORM care.require_authority(authority, counts_from);
    PERFORM care.require_text(authority, 'reference', reference);
    PERFORM care.require_day(format('account %s of %s', reference, authority), 'counts_from', counts_from);
    SELECT s.* INTO rules FROM care.scheme AS s WHERE s.scheme = open_account.scheme;
    IF NOT FOUND OR rules.personal_budget_counts IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such cap scheme: %L', scheme),
            HINT = 'care.scheme lists them.';
    END IF;
    PERFORM care.parameter_on(rules.scheme, 'cap', greatest(counts_from, rules.starts_on));
    IF rules.zero_cap_before_age IS NOT NULL AND date_of_birth IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('date_of_birth must not be null: under scheme %s the cap depends on age', scheme);
    END IF;
    IF EXISTS (SELECT FROM care.account AS a
               WHERE a.authority = open_account.authority AND a.reference = open_account.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s already has an account with reference %s', authority, reference);
    END IF;
    INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
    VALUES (care.agree_person(open_account.authority, open_account.person_reference, open_account.date_of_birth,
                              open_account.needs_began_on,
                              CASE WHEN rules.zero_cap_before_age IS NOT NULL THEN open_account.counts_from END),
            open_account.counts_from, open_account.authority, open_account.reference, open_account.scheme)
    RETURNING account_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.open_account(text, text, text, date, text, date, date) IS
    'Opens a care account and returns its key. needs_began_on decides a cap that depends on age; when not given, needs '
    'are taken to have begun on counts_from.';

-- The account, locked: writers of one account queue here.
CREATE FUNCTION care.lock_account(account_id bigint) RETURNS care.account
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    locked care.account;
BEGIN
    SELECT a.* INTO locked FROM care.account AS a WHERE a.account_id = lock_account.account_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such account: %s', coalesce(account_id::text, 'null')),
            HINT = 'care.open_account() opens one and returns its key.';
    END IF;
    RETURN locked;
END
$$;
COMMENT ON FUNCTION care.lock_account(bigint) IS 'The account, locked against other writers; P0002 if there is none.';

-- One more budget fact, whatever its kind.
CREATE FUNCTION care.add_budget(account care.account, budget care.budget) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
    corrected int8;
    new_id int8;
BEGIN
    IF budget.valid_from IS NULL OR budget.valid_from < account.counting_from OR budget.valid_from > '9999-12-31' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s counts from %s: a budget cannot begin on %s', label,
                             care.day_text(account.counting_from),
                             care.day_text(budget.valid_from)),
            HINT = 'Record the budget from the day counting starts.';
    END IF;
    SELECT b.budget_id INTO corrected FROM care.budget_known_at('infinity'::timestamptz) AS b
    WHERE b.account_id = account.account_id AND b.valid_from = budget.valid_from
      AND b.budget_id <> coalesce(budget.supersedes, 0);
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s already has a budget from %s', label, care.day_text(budget.valid_from)),
            HINT = format('To correct it, say supersedes => %s.', corrected);
    END IF;
    IF budget.supersedes IS NOT NULL
       AND NOT EXISTS (SELECT FROM care.budget_known_at('infinity'::timestamptz) AS b
                       WHERE b.account_id = account.account_id AND b.budget_id = budget.supersedes) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('%s has no budget %s to correct', label, budget.supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge, plan_reference, reason,
                             supersedes)
    VALUES (account.account_id, budget.valid_from, budget.kind, budget.setting, budget.weekly_cost,
            budget.weekly_charge,
            budget.plan_reference, budget.reason, budget.supersedes)
    RETURNING budget_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.add_budget(care.account, care.budget) IS
    'Part of record_budget and end_budget: adds the row to a locked account.';

CREATE FUNCTION care.record_budget(account_id bigint, valid_from date, kind text,
                                   setting text, weekly_cost numeric,
                                   weekly_charge numeric DEFAULT NULL,
                                   plan_reference text DEFAULT NULL,
                                   supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    budget care.budget;
BEGIN
    PERFORM care.require_word(label, 'kind of budget', kind, '{personal_budget,independent_personal_budget}');
    PERFORM care.require_word(label, 'setting', setting, '{care_home,community}');
    PERFORM care.require_amount(label, 'weekly_cost', weekly_cost);
    IF weekly_charge IS NOT NULL THEN
        PERFORM care.require_amount(label, 'weekly_charge', weekly_charge);
    END IF;
    IF weekly_charge > weekly_cost THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: weekly_charge %s is above the weekly cost %s', label, weekly_charge, weekly_cost);
    END IF;
    IF kind = 'personal_budget' AND weekly_charge IS NULL
       AND (SELECT s.personal_budget_counts = 'weekly_charge' FROM care.scheme AS s
            WHERE s.scheme = account.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: weekly_charge must not be null: scheme %s counts what the person is charged', label,
                             account.scheme);
    END IF;
    budget.valid_from := valid_from;
    budget.kind := kind;
    budget.setting := setting;
    budget.weekly_cost := weekly_cost;
    budget.weekly_charge := weekly_charge;
    budget.plan_reference := plan_reference;
    budget.supersedes := supersedes;
    RETURN care.add_budget(account, budget);
END
$$;
COMMENT ON FUNCTION care.record_budget(bigint, date, text, text, numeric, numeric, text, bigint) IS
    'Records the budget of an account from a day (pounds a week) and returns its key. To correct one, give its key in '
    'supersedes.';

CREATE FUNCTION care.end_budget(account_id bigint, from_day date, reason text,
                                supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care.lock_account(account_id);
    budget care.budget;
BEGIN
    budget.valid_from := from_day;
    budget.kind := 'ended';
    budget.weekly_cost := 0;
    budget.reason := reason;
    budget.supersedes := supersedes;
    RETURN care.add_budget(account, budget);
END
$$;
COMMENT ON FUNCTION care.end_budget(bigint, date, text, bigint) IS
    'Records that an account has no budget from a day on: that day no longer counts.';

CREATE FUNCTION care.record_adjustment(account_id bigint, effective_on date, amount numeric,
                                       reason text, authorised_by text,
                                       evidence text DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    new_id int8;
BEGIN
    PERFORM care.require_amount(label, 'amount', amount, -10000000000);
    IF amount = 0 AND supersedes IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: an adjustment of nought changes nothing', label),
            HINT = 'Nought is for withdrawing one: name it in supersedes.';
    END IF;
    PERFORM care.require_day(label, 'effective_on', effective_on);
    IF effective_on < account.counting_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s counts from %s: it cannot be adjusted on %s', label,
                             care.day_text(account.counting_from),
                             care.day_text(effective_on));
    END IF;
    IF NOT EXISTS (SELECT FROM care.adjustment_reason AS r WHERE r.reason = record_adjustment.reason) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: unknown reason for an adjustment: %L', label, reason),
            HINT = 'care.adjustment_reason lists them; an authority may add rows of its own.';
    END IF;
    PERFORM care.require_text(label, 'authorised_by', authorised_by);
    IF supersedes IS NOT NULL
       AND (NOT EXISTS (SELECT FROM care.adjustment AS j
                        WHERE j.account_id = account.account_id AND j.adjustment_id = record_adjustment.supersedes)
            OR EXISTS (SELECT FROM care.adjustment AS j
                       WHERE j.account_id = account.account_id AND j.supersedes = record_adjustment.supersedes)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('%s has no adjustment %s to correct', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, evidence, needs_approval,
                                 supersedes)
    VALUES (account.account_id, record_adjustment.effective_on, record_adjustment.amount, record_adjustment.reason,
            record_adjustment.authorised_by, record_adjustment.evidence,
            care.setting_on(account.authority, 'four_eyes', current_date) = 'on', record_adjustment.supersedes)
    RETURNING adjustment_id INTO new_id;
    PERFORM care.require_above_nought(account.account_id, label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_adjustment(bigint, date, numeric, text, text, text, bigint) IS
    'Adjusts accrued costs (pounds, negative to take away) on a day and returns the key; nought with supersedes '
    'withdraws one. Where the authority''s setting four_eyes is on it counts once approved.';

-- An adjustment that takes away more than there is would be cut off at nought: refuse it instead.
CREATE FUNCTION care.require_above_nought(account_id bigint, label text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    short record;
BEGIN
    SELECT w.from_day, w.amount, t.asked INTO short
    FROM care.account AS a,
        LATERAL (SELECT s.valid_from, s.value - lag(s.value, 1, 0) OVER (ORDER BY s.valid_from) AS asked
                 FROM care.steps(a.adjusted) AS s) AS t,
        LATERAL care.cap_working(a.weekly_rate, a.cap, a.counting_from, t.valid_from, a.adjusted, a.cap_scales,
                                 a.reach) AS w
    WHERE a.account_id = require_above_nought.account_id
      AND w.what = 'adjustment' AND w.from_day = t.valid_from AND t.asked < 0 AND w.accrued = 0 AND w.amount > t.asked
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: an adjustment of %s on %s would take accrued costs below nought', label, short.asked,
                             care.day_text(short.from_day)),
            DETAIL = format('Only %s has accrued by then.', -short.amount);
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_above_nought(bigint, text) IS
    'Refuses (23514) adjustments that would take accrued costs below nought.';

CREATE FUNCTION care.approve_adjustment(account_id bigint, adjustment_id bigint)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    adjustment care.adjustment;
BEGIN
    SELECT j.* INTO adjustment FROM care.adjustment AS j
    WHERE j.account_id = account.account_id AND j.adjustment_id = approve_adjustment.adjustment_id AND j.needs_approval
      AND NOT EXISTS (SELECT FROM care.adjustment_approval AS p
                      WHERE p.account_id = j.account_id AND p.adjustment_id = j.adjustment_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('%s has no adjustment %s that waits for approval', label,
                             coalesce(adjustment_id::text, 'null'));
    END IF;
    IF adjustment.recorded_by = SESSION_USER THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%s: adjustment %s must be approved by somebody else than %s, who recorded it', label,
                             adjustment_id, SESSION_USER);
    END IF;
    INSERT INTO care.adjustment_approval (account_id, adjustment_id)
    VALUES (account.account_id, approve_adjustment.adjustment_id);
    PERFORM care.require_above_nought(account.account_id, label);
END
$$;
COMMENT ON FUNCTION care.approve_adjustment(bigint, bigint) IS
    'Approves an adjustment that waits for a second person; 42501 for the one who recorded it.';

CREATE FUNCTION care.record_event(account_id bigint, on_day date, kind text,
                                  note text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    new_id int8;
BEGIN
    PERFORM care.require_word(label, 'kind of event', kind,
                              '{cap_notice_given,authority_meets_needs,early_assessment,statement_requested,'
                              'no_longer_required,required_again}');
    PERFORM care.require_day(label, 'on_day', on_day);
    INSERT INTO care.account_event (account_id, on_day, kind, note)
    VALUES (account.account_id, record_event.on_day, record_event.kind, record_event.note)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_event(bigint, date, text, text) IS
    'Records that something happened to an account: the cap notice was given, the authority took over, an early '
    'assessment, a request for a statement, or that it is no longer required, or required again (care.retention).';

--
-- The read interface.
--

CREATE TYPE care.account_position_row AS (
    account_id bigint,
    authority text,
    reference text,
    scheme text,
    as_at date,
    cap numeric,
    weekly_cost numeric,
    weekly_counted numeric,
    daily_living_cost numeric,
    weekly_rate numeric,
    accrued numeric,
    remaining numeric,
    percent_of_cap numeric,
    cap_reached_on date,
    projected_cap_on date,
    person_reference text
);
COMMENT ON TYPE care.account_position_row IS 'A row of account_position; see the view.';

-- In plpgsql, so that whoever asks for what is known now needs no rights to what this reads, and so that its plan is
-- kept.
CREATE FUNCTION care.account_as_known(account_id bigint, known_at timestamptz) RETURNS SETOF care.account
    LANGUAGE plpgsql STABLE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT a.account_id, a.person_id, a.counts_from, d.counting_from, d.cap_on, a.authority, a.reference, a.scheme,
           d.person_reference, d.reach, d.weekly_rate, d.cap, d.cap_scales, d.adjusted, d.weekly_cost, d.weekly_counted,
           d.daily_living_cost, a.recorded_at, a.recorded_by
    FROM care.account AS a, care.derived_account(ARRAY[a.account_id], known_at) AS d
    WHERE a.account_id = account_as_known.account_id;
END
$$;
COMMENT ON FUNCTION care.account_as_known(bigint, timestamptz) IS
    'Part of account_known_at(): one account, worked out from what was known at a moment.';

-- The accounts with their derived columns; with known_at, as they were known then: each by itself, since to look for
-- every fact's account among all would take the square of their number.
CREATE FUNCTION care.account_known_at(known_at timestamptz) RETURNS SETOF care.account
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.* FROM care.account AS a WHERE known_at IS NULL
    UNION ALL
    SELECT a.account_id, a.person_id, a.counts_from, k.counting_from, k.cap_on, a.authority, a.reference, a.scheme,
           a.person_reference, k.reach, k.weekly_rate, k.cap, k.cap_scales, k.adjusted, k.weekly_cost, k.weekly_counted,
           k.daily_living_cost, a.recorded_at, a.recorded_by
    FROM care.account AS a, care.account_as_known(a.account_id, known_at) AS k
    WHERE known_at IS NOT NULL AND a.recorded_at <= known_at;
END;
COMMENT ON FUNCTION care.account_known_at(timestamptz) IS
    'Accounts with their derived columns: as they stand (null), or worked out from what was known at a moment.';

CREATE FUNCTION care.account_position(as_at date, known_at timestamptz DEFAULT NULL)
    RETURNS SETOF care.account_position_row LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.account_id, a.authority, a.reference, a.scheme, as_at,
           care.value_on(a.cap, as_at),
           care.value_on(a.weekly_cost, as_at),
           care.value_on(a.weekly_counted, as_at),
           care.value_on(a.daily_living_cost, as_at),
           CASE WHEN as_at >= a.counting_from THEN care.value_on(a.weekly_rate, as_at) ELSE 0.00 END,
           CASE WHEN as_at >= a.counting_from
                THEN care.accrued(care.cap_progress(a.weekly_rate, a.cap, a.counting_from, as_at, a.adjusted,
                                                    a.cap_scales, a.reach))
                ELSE 0.00 END,
           CASE WHEN as_at >= a.counting_from
                THEN care.remaining(care.cap_progress(a.weekly_rate, a.cap, a.counting_from, as_at, a.adjusted,
                                                      a.cap_scales, a.reach))
                ELSE care.value_on(a.cap, a.counting_from) END,
           CASE WHEN as_at >= a.counting_from
                THEN care.percent(care.cap_progress(a.weekly_rate, a.cap, a.counting_from, as_at, a.adjusted,
                                                    a.cap_scales, a.reach))
                ELSE 0.00 END,
           CASE WHEN as_at >= a.counting_from
                THEN care.cap_reached_on(a.weekly_rate, a.cap, a.counting_from, a.adjusted, a.cap_scales, a.reach,
                                         as_at) END,
           care.cap_projected_on(a.weekly_rate, a.cap, a.counting_from, as_at, a.adjusted, a.cap_scales, a.reach),
           a.person_reference
    FROM care.account_known_at(known_at) AS a;
END;
COMMENT ON FUNCTION care.account_position(date, timestamptz) IS
    'Where every account stands at the close of a day; with known_at, by what was known at that moment.';

CREATE VIEW care.account_position AS SELECT p.* FROM care.account_position(current_date) AS p;
COMMENT ON VIEW care.account_position IS 'Where every account stands at the close of today.';
COMMENT ON COLUMN care.account_position.account_id IS 'The account.';
COMMENT ON COLUMN care.account_position.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.account_position.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.account_position.scheme IS 'The scheme whose rules it follows.';
COMMENT ON COLUMN care.account_position.as_at IS 'The day at whose close it stands so.';
COMMENT ON COLUMN care.account_position.cap IS 'The cap, pounds; null before the scheme has one.';
COMMENT ON COLUMN care.account_position.weekly_cost IS
    'Weekly cost to the authority of meeting the eligible needs, pounds.';
COMMENT ON COLUMN care.account_position.weekly_counted IS
    'What the scheme counts of it, before daily living costs, pounds a week.';
COMMENT ON COLUMN care.account_position.daily_living_cost IS 'Daily living costs left out of the rate, pounds a week.';
COMMENT ON COLUMN care.account_position.weekly_rate IS 'Metered rate (rate of progress), pounds a week.';
COMMENT ON COLUMN care.account_position.accrued IS 'Costs accrued to date, pounds; the cap itself once it is reached.';
COMMENT ON COLUMN care.account_position.remaining IS 'What is left to the cap, pounds.';
COMMENT ON COLUMN care.account_position.percent_of_cap IS 'Accrued costs in per cent of the cap.';
COMMENT ON COLUMN care.account_position.cap_reached_on IS 'The day the cap was reached; null if it has not been.';
COMMENT ON COLUMN care.account_position.projected_cap_on IS
    'The day the cap will be reached at the rates recorded; null if it has been, or never will be.';
COMMENT ON COLUMN care.account_position.person_reference IS 'The case-management system''s reference of the person.';

CREATE TYPE care.account_explain_row AS (
    from_day date,
    to_day date,
    days integer,
    what text,
    weekly_cost numeric,
    daily_living_cost numeric,
    weekly_rate numeric,
    cap numeric,
    amount numeric,
    accrued numeric
);
COMMENT ON TYPE care.account_explain_row IS 'A line of account_explain: both days count; amounts add up to accrued.';

CREATE FUNCTION care.account_explain(account_id bigint, as_at date)
    RETURNS SETOF care.account_explain_row LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
BEGIN
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = account_explain.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such account: %s', coalesce(account_id::text, 'null'));
    END IF;
    IF care.required_day(as_at) < account.counting_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('account %s (%s) counts from %s: there is nothing to explain as at %s', account.account_id,
                             account.reference,
                             care.day_text(account.counting_from), care.day_text(as_at));
    END IF;
    RETURN QUERY
        SELECT w.from_day, w.to_day, w.days, w.what, care.value_on(account.weekly_cost, w.from_day),
               care.value_on(account.daily_living_cost, w.from_day), w.weekly_rate, w.cap, w.amount, w.accrued
        FROM care.cap_working(account.weekly_rate, account.cap, account.counting_from, as_at, account.adjusted,
                              account.cap_scales, account.reach,
                              care.changes(account.weekly_cost, account.daily_living_cost)) AS w;
END
$$;
COMMENT ON FUNCTION care.account_explain(bigint, date) IS
    'The working of an account''s accrued figure, line by line, up to the close of a day; the amounts add up to it '
    'exactly.';

-- Works everything out anew and lists what differs from what is kept: nothing, ever.
CREATE FUNCTION care.verify_accounts() RETURNS TABLE (account_id bigint, difference text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.account_id, c.name || ': kept ' || coalesce(c.kept, 'null') || ', worked out '
        || coalesce(c.worked_out, 'null')
    FROM care.account AS a, care.derived_account(ARRAY[a.account_id], 'infinity'::timestamptz) AS d,
        LATERAL (VALUES ('counting_from', a.counting_from::text, d.counting_from::text),
                        ('cap_on', a.cap_on::text, d.cap_on::text),
                        ('person_reference', a.person_reference, d.person_reference),
                        ('reach', a.reach, d.reach),
                        ('weekly_rate', a.weekly_rate::text, d.weekly_rate::text),
                        ('cap', a.cap::text, d.cap::text),
                        ('cap_scales', a.cap_scales::text, d.cap_scales::text),
                        ('adjusted', a.adjusted::text, d.adjusted::text),
                        ('weekly_cost', a.weekly_cost::text, d.weekly_cost::text),
                        ('weekly_counted', a.weekly_counted::text, d.weekly_counted::text),
                        ('daily_living_cost', a.daily_living_cost::text, d.daily_living_cost::text))
            AS c (name, kept, worked_out)
    WHERE c.kept IS DISTINCT FROM c.worked_out
    ORDER BY a.account_id;
END;
COMMENT ON FUNCTION care.verify_accounts() IS
    'Works out the derived columns of every account anew and lists what differs from what is kept; no row means that '
    'all is well.';
