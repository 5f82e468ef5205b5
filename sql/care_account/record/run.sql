--
-- batch: runs over many accounts or agreements, batch by batch, each committed: regular statements of
-- both kinds, and weekly deferrals.  Any run, disposals too, can be watched.
--
-- A run may be stopped or killed anywhere and run again, also by several sessions at once: what is to
-- be done is looked at again under the lock of its account or agreement, so nobody is missed and
-- nothing is done twice.
--
-- Must not know: what a statement says, what is deferred.
--

CREATE TABLE care_internal.batch_run (
    run_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT batch_run_pkey PRIMARY KEY,
    task text NOT NULL
        CONSTRAINT batch_run_known_task CHECK (task IN ('account statements', 'agreement statements',
                                                        'weekly deferrals', 'disposals')),
    authority text,
    as_at date NOT NULL,
    total bigint NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_batch_at timestamptz,
    finished_at timestamptz,
    started_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care_internal.batch_run IS 'Runs over many records, for watching them; no fact is kept here.';
COMMENT ON COLUMN care_internal.batch_run.run_id IS 'Key.';
COMMENT ON COLUMN care_internal.batch_run.task IS
    'account statements, agreement statements, weekly deferrals or disposals.';
COMMENT ON COLUMN care_internal.batch_run.authority IS 'The authority; null: all.';
COMMENT ON COLUMN care_internal.batch_run.as_at IS
    'The day of the statements, to which is posted, or on which is due what is disposed of.';
COMMENT ON COLUMN care_internal.batch_run.total IS 'Records that were due when it began.';
COMMENT ON COLUMN care_internal.batch_run.done IS 'Done by it so far.';
COMMENT ON COLUMN care_internal.batch_run.started_at IS 'When it began.';
COMMENT ON COLUMN care_internal.batch_run.last_batch_at IS 'When it last finished a batch.';
COMMENT ON COLUMN care_internal.batch_run.finished_at IS 'When it ended; null: running, or stopped on the way.';
COMMENT ON COLUMN care_internal.batch_run.started_by IS 'Who started it.';

CREATE VIEW care.batch_progress AS
    SELECT r.run_id, r.task, r.authority, r.as_at, r.total, r.done,
           round((r.done / nullif(date_part('epoch', coalesce(r.last_batch_at, r.started_at) - r.started_at),
                                  0))::numeric, 1) AS per_second,
           CASE WHEN r.finished_at IS NULL AND r.done > 0
                THEN r.last_batch_at + (r.last_batch_at - r.started_at) * (greatest(r.total - r.done,
                                                                                    0)::float8 / r.done)
                                                                                        END AS expected_end,
           r.started_at, r.finished_at
    FROM care_internal.batch_run AS r;
COMMENT ON VIEW care.batch_progress IS 'How far each run is, for another session to watch.';
COMMENT ON COLUMN care.batch_progress.run_id IS 'The run.';
COMMENT ON COLUMN care.batch_progress.task IS
    'account statements, agreement statements, weekly deferrals or disposals.';
COMMENT ON COLUMN care.batch_progress.authority IS 'The authority; null: all.';
COMMENT ON COLUMN care.batch_progress.as_at IS
    'The day of the statements, to which is posted, or on which is due what is disposed of.';
COMMENT ON COLUMN care.batch_progress.total IS 'Records that were due when it began.';
COMMENT ON COLUMN care.batch_progress.done IS 'Done by it so far.';
COMMENT ON COLUMN care.batch_progress.per_second IS 'Done a second.';
COMMENT ON COLUMN care.batch_progress.expected_end IS 'When it should end at this speed.';
COMMENT ON COLUMN care.batch_progress.started_at IS 'When it began.';
COMMENT ON COLUMN care.batch_progress.finished_at IS 'When it ended.';

CREATE FUNCTION care_internal.require_run(task text, as_at date, authority text, batch_size integer)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF as_at IS NULL OR as_at > current_date THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s cannot be as at %s', task, care_internal.day_text(as_at)),
            HINT = 'They are of what there is, so their day is today or earlier.';
    END IF;
    IF batch_size IS NULL OR batch_size < 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('batch_size must be 1 or more, not %s', coalesce(batch_size::text, 'null'));
    END IF;
    IF authority IS NOT NULL THEN
        PERFORM care_internal.require_authority(authority, NULL);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_run(text, date, text, integer) IS
    'Part of a run: 22023 for a day to come or null and for a batch_size below 1, P0002 for no such authority.';

CREATE FUNCTION care_internal.begin_run(task text, as_at date, authority text, batch_size integer)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    PERFORM care_internal.require_run(task, as_at, authority, batch_size);
    INSERT INTO care_internal.batch_run (task, authority, as_at, total)
    VALUES (begin_run.task, begin_run.authority, begin_run.as_at, 0)
    RETURNING run_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care_internal.begin_run(text, date, text, integer) IS 'Part of a run: registers it.';

CREATE FUNCTION care_internal.due_batches(run_id bigint, batch_size integer)
    RETURNS TABLE (keys bigint[], due_dates date[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run := (SELECT r FROM care_internal.batch_run AS r WHERE r.run_id = due_batches.run_id);
    counted int8 := 0;
BEGIN
    FOR keys, due_dates IN
        SELECT array_agg(b.key), array_agg(b.due_on)
        FROM (SELECT d.key, d.due_on, (row_number() OVER (ORDER BY d.key) - 1) / batch_size AS number
              FROM (SELECT s.account_id, s.authority, s.due_on FROM care.statement_due(run.as_at) AS s
                    WHERE run.task = 'account statements'
                    UNION ALL
                    SELECT s.agreement_id, s.authority, s.due_on FROM care.agreement_statement_due(run.as_at) AS s
                    WHERE run.task = 'agreement statements'
                    UNION ALL
                    SELECT w.agreement_id, w.authority, NULL FROM care.deferral_due(run.as_at) AS w
                    WHERE run.task = 'weekly deferrals') AS d (key, authority, due_on)
              WHERE run.authority IS NULL OR d.authority = run.authority) AS b
        GROUP BY b.number ORDER BY b.number LOOP
        counted := counted + cardinality(keys);
        RETURN NEXT;
    END LOOP;
    -- the second pass lists again what may still be due: the total is that of the first
    UPDATE care_internal.batch_run AS r SET total = greatest(r.total, counted) WHERE r.run_id = due_batches.run_id;
END
$$;
COMMENT ON FUNCTION care_internal.due_batches(bigint, integer) IS
    'Part of a run: the accounts or agreements that are due, in batches by their key; and their number, kept as the '
    'total of the run.';

-- One batch: its accounts or agreements are locked, and what is still due under the lock is done.  First
-- pass: what another writer holds is passed over, so that two runs share the work; second pass, if anything
-- was: it is waited for, so that nobody is missed.
CREATE FUNCTION care_internal.run_batch(run_id bigint, keys bigint[], due_dates date[], waiting boolean,
                                        OUT passed_over boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run := (SELECT r FROM care_internal.batch_run AS r WHERE r.run_id = run_batch.run_id);
    of_accounts bool := run.task = 'account statements';
    locked int8[];
    key int8;
    done_now int8 := 0;
BEGIN
    IF of_accounts THEN
        PERFORM care_internal.share_schemes();
    END IF;
    CASE
        WHEN of_accounts AND waiting THEN
            locked := ARRAY(SELECT a.account_id FROM care.account AS a WHERE a.account_id = ANY (keys)
                          ORDER BY a.account_id FOR NO KEY UPDATE);
        WHEN of_accounts THEN
            locked := ARRAY(SELECT a.account_id FROM care.account AS a WHERE a.account_id = ANY (keys)
                          ORDER BY a.account_id FOR NO KEY UPDATE SKIP LOCKED);
        WHEN waiting THEN
            locked := ARRAY(SELECT a.agreement_id FROM care.agreement AS a WHERE a.agreement_id = ANY (keys)
                          ORDER BY a.agreement_id FOR NO KEY UPDATE);
        ELSE
            locked := ARRAY(SELECT a.agreement_id FROM care.agreement AS a WHERE a.agreement_id = ANY (keys)
                          ORDER BY a.agreement_id FOR NO KEY UPDATE SKIP LOCKED);
    END CASE;
    passed_over := cardinality(locked) < cardinality(keys);
    IF passed_over THEN
        SELECT array_agg(d.key), array_agg(d.due_on) INTO keys, due_dates
        FROM unnest(keys, due_dates) AS d (key, due_on) WHERE d.key = ANY (locked);
    END IF;
    CASE run.task
        WHEN 'account statements' THEN
            SELECT count(*) INTO done_now FROM care_internal.keep_statements(keys, due_dates, run.as_at);
        WHEN 'agreement statements' THEN
            SELECT count(*) INTO done_now FROM care_internal.keep_agreement_statements(keys, due_dates, run.as_at);
        ELSE
            -- one that cannot take its weeks (a correction of fees that are paid already) does not hold up the others
            FOREACH key IN ARRAY locked LOOP
                BEGIN
                    done_now := done_now + (care.post_deferral(key, run.as_at) > 0)::int4;
                EXCEPTION WHEN check_violation THEN
                    RAISE WARNING USING MESSAGE = format('not posted: %s', SQLERRM), ERRCODE = 'check_violation';
                END;
            END LOOP;
    END CASE;
    UPDATE care_internal.batch_run AS r SET done = r.done + done_now, last_batch_at = clock_timestamp()
    WHERE r.run_id = run_batch.run_id;
END
$$;
COMMENT ON FUNCTION care_internal.run_batch(bigint, bigint[], date[], boolean) IS
    'Part of a run: one batch, committed by the caller.';

CREATE FUNCTION care_internal.end_run(run_id bigint) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    UPDATE care_internal.batch_run SET finished_at = clock_timestamp() WHERE batch_run.run_id = end_run.run_id;
END;
COMMENT ON FUNCTION care_internal.end_run(bigint) IS 'Part of a run: marks it as ended.';

-- A procedure that commits cannot pin its search_path: it holds no operator and names everything with
-- its schema.  What is due is listed once, and kept by the server until the loop is through with it.
CREATE PROCEDURE care_internal.run_batches(task text, as_at date, authority text, batch_size integer)
    LANGUAGE plpgsql AS $$
DECLARE
    run pg_catalog.int8 := care_internal.begin_run(task, as_at, authority, batch_size);
    keys pg_catalog.int8[];
    due_dates pg_catalog.date[];
    any_passed_over pg_catalog.bool := false;
    waiting pg_catalog.bool;
BEGIN
    FOREACH waiting IN ARRAY ARRAY[false, true] LOOP
        EXIT WHEN waiting AND NOT any_passed_over;
        FOR keys, due_dates IN SELECT b.keys, b.due_dates FROM care_internal.due_batches(run, batch_size) AS b LOOP
            COMMIT; -- the run with its total, or the batch before this one
            any_passed_over := care_internal.run_batch(run, keys, due_dates, waiting) OR any_passed_over;
        END LOOP;
        COMMIT;
    END LOOP;
    PERFORM care_internal.end_run(run);
    COMMIT;
END
$$;
COMMENT ON PROCEDURE care_internal.run_batches(text, date, text, integer) IS
    'Part of the procedures that follow: batch after batch, each committed.';

CREATE PROCEDURE care.issue_due_statements(as_at date, authority text DEFAULT NULL,
                                           batch_size integer DEFAULT 1000)
    LANGUAGE plpgsql AS $$
BEGIN
    CALL care_internal.run_batches('account statements', as_at, authority, batch_size);
END
$$;
COMMENT ON PROCEDURE care.issue_due_statements(date, text, integer) IS
    'Issues every regular statement of accounts due on a day, batch by batch, each committed. It may be stopped '
    'anywhere and run again, also by two sessions at once: nobody is missed and nobody gets two.';

CREATE PROCEDURE care.issue_due_agreement_statements(as_at date, authority text DEFAULT NULL,
                                                     batch_size integer DEFAULT 1000)
    LANGUAGE plpgsql AS $$
BEGIN
    CALL care_internal.run_batches('agreement statements', as_at, authority, batch_size);
END
$$;
COMMENT ON PROCEDURE care.issue_due_agreement_statements(date, text, integer) IS
    'Issues every six-monthly statement of agreements due on a day, as issue_due_statements() does for accounts.';

CREATE PROCEDURE care.post_due_deferrals(up_to date, authority text DEFAULT NULL,
                                         batch_size integer DEFAULT 100)
    LANGUAGE plpgsql AS $$
BEGIN
    CALL care_internal.run_batches('weekly deferrals', up_to, authority, batch_size);
END
$$;
COMMENT ON PROCEDURE care.post_due_deferrals(date, text, integer) IS
    'Posts the weekly deferrals of the weeks that end by a day, batch by batch, each committed: each week once, '
    'however often it is run.';
