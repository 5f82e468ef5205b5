--
-- deferral: the care fees that are deferred week by week, posted to the ledger once.
--
-- Weeks run from the day the first deferral begins.  What is due for a week is the difference of two
-- running totals of the weekly amounts by the day, so weeks add up to their total whatever changes
-- within them; what is posted is what is due less what was posted, so a run may be repeated, and a
-- backdated change posts its difference for each week.
--
-- Must not know: statements.
--

CREATE TABLE care.deferral (
    agreement_id bigint NOT NULL
        CONSTRAINT deferral_agreement_fkey REFERENCES care.agreement,
    deferral_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    valid_from date NOT NULL
        CONSTRAINT deferral_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    weekly_cost care.pounds NOT NULL,
    weekly_income care.pounds NOT NULL,
    allowance_kept care.pounds NOT NULL,
    third_party care.pounds NOT NULL,
    rent care.pounds NOT NULL,
    weekly_amount care.pounds NOT NULL
        CONSTRAINT deferral_not_negative CHECK (weekly_amount >= 0),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT deferral_pkey PRIMARY KEY (agreement_id, deferral_id)
);
CREATE UNIQUE INDEX deferral_superseded_once ON care.deferral (agreement_id, supersedes) WHERE supersedes IS NOT NULL;
COMMENT ON INDEX care.deferral_superseded_once IS 'A row is corrected once; then its correction is corrected.';
COMMENT ON TABLE care.deferral IS
    'What each agreement defers a week: each row holds from its day until the next. A correction is a new row that '
    'supersedes the wrong one.';
COMMENT ON COLUMN care.deferral.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.deferral.deferral_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.deferral.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.deferral.weekly_cost IS 'Cost of the care, agreed top-up included, pounds a week.';
COMMENT ON COLUMN care.deferral.weekly_income IS 'The person''s income, pounds a week.';
COMMENT ON COLUMN care.deferral.allowance_kept IS 'Of which kept (disposable income allowance), pounds a week.';
COMMENT ON COLUMN care.deferral.third_party IS 'Contributions of third parties, pounds a week.';
COMMENT ON COLUMN care.deferral.rent IS 'Rent of the property paid towards the fees, pounds a week.';
COMMENT ON COLUMN care.deferral.weekly_amount IS 'What is deferred, pounds a week.';
COMMENT ON COLUMN care.deferral.supersedes IS 'The deferral_id of the row this one corrects.';
COMMENT ON COLUMN care.deferral.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.deferral.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.deferral', 'agreement', 'care.record_deferral(..., supersedes => ...)');
SELECT care_internal.refer_within('care.deferral', 'supersedes', 'deferral_id', 'agreement_id');

CREATE TABLE care.deferral_posting (
    agreement_id bigint NOT NULL,
    posting_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    week_from date NOT NULL,
    week_to date NOT NULL,
    due care.pounds NOT NULL,
    entry_id bigint,
    deferred care.pounds NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT deferral_posting_pkey PRIMARY KEY (agreement_id, posting_id),
    CONSTRAINT deferral_posting_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES care.agreement,
    CONSTRAINT deferral_posting_entry_fkey FOREIGN KEY (agreement_id, entry_id)
        REFERENCES care.agreement_entry (agreement_id, entry_id)
);
COMMENT ON TABLE care.deferral_posting IS
    'Weeks of each deferral that were posted: what was due, and what of it the equity limit let be deferred.';
COMMENT ON COLUMN care.deferral_posting.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.deferral_posting.posting_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.deferral_posting.week_from IS 'First day of the week.';
COMMENT ON COLUMN care.deferral_posting.week_to IS 'Last day of the week.';
COMMENT ON COLUMN care.deferral_posting.due IS 'Pounds; of a later posting of the same week: the difference.';
COMMENT ON COLUMN care.deferral_posting.entry_id IS 'The entry of the ledger; null: nothing could be deferred.';
COMMENT ON COLUMN care.deferral_posting.deferred IS 'Pounds of it deferred; the rest is for the person to pay.';
COMMENT ON COLUMN care.deferral_posting.recorded_at IS 'When it was posted.';
COMMENT ON COLUMN care.deferral_posting.recorded_by IS 'Who posted it.';
SELECT care_internal.keep('care.deferral_posting', 'agreement', 'care.record_deferral(..., supersedes => ...)');

CREATE FUNCTION care.deferral_in_force(agreement_id bigint) RETURNS SETOF care.deferral
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT d.* FROM care.deferral AS d
    WHERE d.agreement_id = deferral_in_force.agreement_id
      AND NOT EXISTS (SELECT FROM care.deferral AS later WHERE later.agreement_id = d.agreement_id
                        AND later.supersedes = d.deferral_id);
END;
COMMENT ON FUNCTION care.deferral_in_force(bigint) IS
    'The deferrals of an agreement that hold: those that no other supersedes.';

CREATE VIEW care.deferral_in_force AS
    SELECT d.agreement_id, a.authority, a.reference, d.deferral_id, d.valid_from,
           lead(d.valid_from) OVER (PARTITION BY d.agreement_id ORDER BY d.valid_from) - 1 AS valid_to,
           d.weekly_cost, d.weekly_income, d.allowance_kept, d.third_party, d.rent, d.weekly_amount, d.supersedes,
           d.recorded_at, d.recorded_by
    FROM care.agreement AS a
        CROSS JOIN LATERAL care.deferral_in_force(a.agreement_id) AS d;
COMMENT ON VIEW care.deferral_in_force IS
    'The weekly deferrals that hold now, each with its last day; without those that were corrected.';
COMMENT ON COLUMN care.deferral_in_force.valid_to IS 'Last day it holds; null: until further notice.';
SELECT care_internal.comment_columns('care.deferral_in_force', 'care.deferral', 'care.agreement');

-- The weekly amounts as they may be posted: nought after the death, a stop, a judgment or the end.
CREATE FUNCTION care_internal.weekly_deferred(agreement care.agreement) RETURNS care.schedule
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(d.valid_from, d.weekly_amount)
               OPERATOR(care.*) (SELECT care.schedule_agg(s.day, s.open)
                                 FROM (SELECT DISTINCT ON (x.day) x.day, x.open
                                       FROM (SELECT '-infinity'::date AS day, 1 AS open, 0::bigint AS n
                                             UNION ALL
                                             SELECT e.on_day, (e.kind = 'deferring_resumed')::integer, e.event_id
                                             FROM care.agreement_event AS e
                                             WHERE e.agreement_id = (agreement).agreement_id
                                               AND e.kind IN ('deferring_stopped', 'deferring_resumed')) AS x
                                       ORDER BY x.day, x.n DESC) AS s)
               OPERATOR(care.*) (SELECT care.schedule_agg(f.day, f.open)
                                 FROM (SELECT '-infinity'::date AS day, 1 AS open
                                       UNION ALL
                                       SELECT least((agreement).ended_on, (agreement).court_from, x.died_on + 1), 0
                                       FROM (SELECT (SELECT k.died_on
                                                     FROM care.death_known_at('infinity'::timestamptz) AS k
                                                     WHERE k.person_id = (agreement).person_id)) AS x (died_on)
                                       WHERE least((agreement).ended_on, (agreement).court_from,
                                                   x.died_on + 1) IS NOT NULL) AS f)
    FROM care.deferral_in_force((agreement).agreement_id) AS d;
END;
COMMENT ON FUNCTION care_internal.weekly_deferred(care.agreement) IS
    'What an agreement defers a week, as a schedule, pounds: nought while deferring is stopped and once it is over; '
    'null if it has no deferral.';

CREATE FUNCTION care_internal.require_deferral_begun(agreement care.agreement, since timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first_day date := (SELECT min(d.valid_from) FROM care.deferral AS d
                       WHERE d.agreement_id = agreement.agreement_id AND d.recorded_at < since
                         AND NOT EXISTS (SELECT FROM care.deferral AS later
                                         WHERE later.agreement_id = d.agreement_id
                                           AND later.supersedes = d.deferral_id AND later.recorded_at < since));
BEGIN
    IF first_day <> (SELECT min(d.valid_from) FROM care.deferral_in_force(agreement.agreement_id) AS d)
       AND EXISTS (SELECT FROM care.deferral_posting AS p WHERE p.agreement_id = agreement.agreement_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'deferral_begun',
            MESSAGE = format('%s: its deferral began on %s and weeks are posted: that day cannot move',
                             care_internal.agreement_label(agreement), care_internal.day_text(first_day)),
            HINT = 'Correct the amount for its own day; fees of earlier days are deferred with care.defer().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_deferral_begun(care.agreement, timestamptz) IS
    'Refuses (55000) deferrals recorded since a moment that move the day the first one begins, once weeks are posted.';

CREATE FUNCTION care.record_deferral(agreement_id bigint, valid_from date, weekly_cost numeric,
                                     weekly_income numeric, allowance_kept numeric DEFAULT NULL,
                                     third_party numeric DEFAULT 0, rent numeric DEFAULT 0,
                                     supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    most_kept numeric;
    other int8;
    recorded timestamptz;
    new_id int8;
BEGIN
    PERFORM care_internal.require_deferrable(agreement, valid_from, 'care_fees');
    most_kept := care.parameter_on('deferred_payment', 'allowance_kept', valid_from);
    allowance_kept := coalesce(allowance_kept, most_kept);
    PERFORM care_internal.require_amount(label, 'weekly_cost', weekly_cost),
            care_internal.require_amount(label, 'weekly_income', weekly_income),
            care_internal.require_amount(label, 'allowance_kept', allowance_kept),
            care_internal.require_amount(label, 'third_party', third_party),
            care_internal.require_amount(label, 'rent', rent);
    IF allowance_kept > most_kept THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'deferral_allowance_kept',
            MESSAGE = format('%s: allowance_kept is at most %s on %s, not %s', label, most_kept,
                             care_internal.day_text(valid_from), allowance_kept);
    END IF;
    SELECT d.deferral_id INTO other FROM care.deferral_in_force(agreement_id) AS d
    WHERE d.valid_from = record_deferral.valid_from AND d.deferral_id <> coalesce(record_deferral.supersedes, 0);
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'deferral_one_a_day',
            MESSAGE = format('%s already has a deferral from %s', label, care_internal.day_text(valid_from)),
            HINT = format('To correct it, say supersedes => %s.', other);
    END IF;
    IF supersedes IS NOT NULL
       AND NOT EXISTS (SELECT FROM care.deferral_in_force(agreement_id) AS d
                       WHERE d.deferral_id = record_deferral.supersedes) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'deferral_exists', SCHEMA = 'care', TABLE = 'deferral', COLUMN = 'supersedes',
            MESSAGE = format('%s has no deferral %s to correct', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent,
                               weekly_amount, supersedes)
    VALUES (agreement.agreement_id, record_deferral.valid_from, record_deferral.weekly_cost,
            record_deferral.weekly_income,
            record_deferral.allowance_kept, record_deferral.third_party, record_deferral.rent,
            care.weekly_deferral(record_deferral.weekly_cost, record_deferral.weekly_income,
                                 record_deferral.allowance_kept,
                                 record_deferral.third_party + record_deferral.rent),
            record_deferral.supersedes)
    RETURNING deferral_id, recorded_at INTO new_id, recorded;
    PERFORM care_internal.require_deferral_begun(agreement, recorded);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_deferral(bigint, date, numeric, numeric, numeric, numeric, numeric, bigint) IS
    'Records what an agreement defers a week from a day (pounds): cost, less income above the allowance kept (null: '
    'the most there may be), third parties and rent. A cost of nought ends it. To correct one, give its key in '
    'supersedes.';

-- Post the whole weeks of one agreement up to a day, or what changed in those posted before.
CREATE FUNCTION care.post_deferral(agreement_id bigint, up_to date) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    weekly care.schedule := care_internal.weekly_deferred(agreement);
    first_day date;
    last_open date := least(agreement.ended_on - 1,
                            (SELECT d.died_on FROM care.death_known_at('infinity'::timestamptz) AS d
                             WHERE d.person_id = agreement.person_id));
    week record;
    room numeric;
    entry care.agreement_entry;
    entry_key int8;
    posted int4 := 0;
BEGIN
    PERFORM care_internal.require_day(care_internal.agreement_label(agreement), 'up_to', up_to);
    -- after a judgment nothing is entered for the days before it, and nothing is deferred from it on
    IF weekly IS NULL OR agreement.released_on IS NOT NULL OR agreement.court_from IS NOT NULL THEN
        RETURN 0;
    END IF;
    SELECT min(d.valid_from) INTO first_day FROM care.deferral_in_force(agreement_id) AS d;
    FOR week IN
        SELECT w.week_from, w.week_to, w.due AS whole, w.due - coalesce(p.due, 0) AS due,
               coalesce(p.deferred, 0) AS deferred, p.posted_on
        FROM (SELECT k.week_from, k.week_from + 6 AS week_to,
                     care.accrued(weekly, first_day, k.week_from + 6)
                     - CASE WHEN k.week_from > first_day THEN care.accrued(weekly, first_day, k.week_from - 1) ELSE 0
                         END AS due
              FROM (SELECT first_day + 7 * n AS week_from
                    FROM generate_series(0, (up_to - first_day + 1) / 7 - 1) AS n) AS k) AS w
            LEFT JOIN (SELECT q.week_from, sum(q.due) AS due, max(e.on_day) AS posted_on,
                              -- by the ledger: an entry may have been reversed since
                              (SELECT sum(x.amount) FROM care.agreement_entry AS x
                               WHERE x.agreement_id = agreement.agreement_id AND x.week_from = q.week_from) AS deferred
                       FROM care.deferral_posting AS q
                           LEFT JOIN care.agreement_entry AS e ON e.agreement_id = q.agreement_id
                               AND e.entry_id = q.entry_id
                       WHERE q.agreement_id = agreement.agreement_id GROUP BY q.week_from) AS p
                           ON p.week_from = w.week_from
        WHERE w.due <> coalesce(p.due, 0)
        ORDER BY w.week_from LOOP
        entry := NULL;
        entry_key := NULL;
        -- dated at the end of the week, or of what was deferred of it; a correction, where the fees it takes back are
        entry.on_day := coalesce(week.posted_on, least(week.week_to, last_open));
        entry.kind := 'care_fees';
        entry.week_from := week.week_from;
        entry.note := 'weekly deferral';
        IF week.due > 0 THEN
            -- on its day, and on that of the last fees: what is backdated may not push those past the limit
            SELECT min(care.equity_limit_on(agreement.agreement_id, d) - care.redemption_figure(agreement.agreement_id,
                                                                                                d)) INTO room
            FROM unnest(ARRAY[entry.on_day, greatest(entry.on_day, (SELECT max(e.on_day) FROM care.agreement_entry AS e
                                                                    WHERE e.agreement_id = agreement.agreement_id
                                                                      AND e.kind = 'care_fees'))]) AS d;
            entry.amount := least(week.due, greatest(room, 0));
        ELSE
            entry.amount := -greatest(week.deferred - week.whole, 0);
        END IF;
        IF entry.amount <> 0 THEN
            entry_key := care_internal.add_entry(agreement, entry);
        END IF;
        INSERT INTO care.deferral_posting (agreement_id, week_from, week_to, due, entry_id, deferred)
        VALUES (agreement.agreement_id, week.week_from, week.week_to, week.due, entry_key, coalesce(entry.amount, 0));
        posted := posted + 1;
    END LOOP;
    RETURN posted;
END
$$;
COMMENT ON FUNCTION care.post_deferral(bigint, date) IS
    'Posts the weekly deferral of an agreement for the weeks that end by a day and returns how many: each week once, '
    'each change its difference, and never past the equity limit.';

-- Who has a week to post.
CREATE FUNCTION care.deferral_due(as_at date) RETURNS TABLE (agreement_id bigint, authority text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority
    FROM care.agreement AS a
    WHERE a.released_on IS NULL AND a.court_from IS NULL
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

-- One that cannot take its weeks (a correction of fees that are paid already) does not hold up the others.
CREATE FUNCTION care_internal.post_deferrals(agreement_ids bigint[], up_to date) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
    posted int8 := 0;
BEGIN
    FOREACH key IN ARRAY agreement_ids LOOP
        BEGIN
            posted := posted + (care.post_deferral(key, up_to) > 0)::int4;
        EXCEPTION WHEN check_violation THEN
            RAISE WARNING USING MESSAGE = format('not posted: %s', SQLERRM), ERRCODE = 'check_violation';
        END;
    END LOOP;
    RETURN posted;
END
$$;
COMMENT ON FUNCTION care_internal.post_deferrals(bigint[], date) IS
    'Part of post_due_deferrals(): posts the weeks of some agreements and returns how many had any; a warning for each '
    'that cannot take them.';

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
