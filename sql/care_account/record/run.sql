--
-- run: what is done to many records, batch by batch, each committed, so that it may be stopped anywhere and begun
-- again.  What there is to do is a task, declared by the room it belongs to.
--
-- Must not know: any task.
--

CREATE TABLE care_internal.batch_run (
    run_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT batch_run_pkey PRIMARY KEY,
    task text NOT NULL
        CONSTRAINT batch_run_task_fkey REFERENCES care_internal.known_task ON DELETE CASCADE,
    authority text,
    as_at date NOT NULL,
    total bigint NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_batch_at timestamptz,
    finished_at timestamptz,
    tried text[],
    started_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care_internal.batch_run IS 'Runs over many records, for watching them; no fact is kept here.';
COMMENT ON COLUMN care_internal.batch_run.run_id IS 'Key.';
COMMENT ON COLUMN care_internal.batch_run.task IS
    'The task: account statements, agreement statements, weekly deferrals, figures of schemes, disposals ...';
COMMENT ON COLUMN care_internal.batch_run.authority IS 'The authority; null: all.';
COMMENT ON COLUMN care_internal.batch_run.as_at IS
    'The day of the statements, to which is posted, or on which is due what is disposed of.';
COMMENT ON COLUMN care_internal.batch_run.total IS 'Records that were due when it began.';
COMMENT ON COLUMN care_internal.batch_run.done IS 'Done by it so far.';
COMMENT ON COLUMN care_internal.batch_run.started_at IS 'When it began.';
COMMENT ON COLUMN care_internal.batch_run.last_batch_at IS 'When it last finished a batch.';
COMMENT ON COLUMN care_internal.batch_run.finished_at IS 'When it ended; null: running, or stopped on the way.';
COMMENT ON COLUMN care_internal.batch_run.tried IS
    'Of a run made of single batches, the last record that was tried: its key; of disposals the person, class and key. '
    'Empty: none yet; null: the run is a procedure''s.';
COMMENT ON COLUMN care_internal.batch_run.started_by IS 'Who started it.';

CREATE VIEW care.batch_progress AS
    SELECT r.run_id, r.task, r.authority, r.as_at, r.total, r.done,
           -- not known while the clock is behind that of the start
           CASE WHEN r.last_batch_at > r.started_at
                THEN round((r.done / date_part('epoch', r.last_batch_at - r.started_at))::numeric, 1) END AS per_second,
           CASE WHEN r.finished_at IS NULL AND r.done > 0 AND r.last_batch_at > r.started_at
                THEN r.last_batch_at + (r.last_batch_at - r.started_at) * (greatest(r.total - r.done,
                                                                                    0)::float8 / r.done)
                                                                                        END AS expected_end,
           r.started_at, r.finished_at
    FROM care_internal.batch_run AS r;
COMMENT ON VIEW care.batch_progress IS 'How far each run is, for another session to watch.';
COMMENT ON COLUMN care.batch_progress.run_id IS 'The run.';
COMMENT ON COLUMN care.batch_progress.task IS
    'The task: account statements, agreement statements, weekly deferrals, disposals ...';
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
    IF NOT EXISTS (SELECT FROM care_internal.known_task AS t WHERE t.task = require_run.task) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such task: %L', task),
            HINT = (SELECT format('There are %s.', string_agg(t.task, ', ' ORDER BY t.task))
                    FROM care_internal.known_task AS t),
            CONSTRAINT = 'task_known';
    END IF;
    IF as_at IS NULL OR as_at > care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'run_not_in_future',
            MESSAGE = format('%s cannot be as at %s', task, care_internal.day_text(as_at)),
            HINT = 'They are of what there is, so their day is today or earlier.';
    END IF;
    IF batch_size IS NULL OR batch_size < 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'batch_size_positive',
            MESSAGE = format('batch_size must be 1 or more, not %s', coalesce(batch_size::text, 'null'));
    END IF;
    PERFORM care_internal.require_authority_or_all(authority);
END
$$;
COMMENT ON FUNCTION care_internal.require_run(text, date, text, integer) IS
    'Part of a run: 22023 for a day to come or null and for a batch_size below 1, P0002 for no such task or authority.';

-- Disposals go through all classes at once.
CREATE FUNCTION care_internal.require_general_run(task text, as_at date, authority text, batch_size integer)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_run(task, as_at, authority, batch_size);
    IF NOT EXISTS (SELECT FROM care_internal.known_task AS t
                   WHERE t.task = require_general_run.task AND t.due IS NOT NULL) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'task_run_by_itself',
            MESSAGE = format('%s have a procedure of their own', task),
            HINT = 'Disposals are run by care.dispose_due(), or by care.dispose_due_batch().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_general_run(text, date, text, integer) IS
    'Part of a run: require_run(), and 22023 for a task that is not run in the general way.';

CREATE FUNCTION care_internal.begin_run(task text, as_at date, authority text, batch_size integer)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    PERFORM care_internal.require_general_run(task, as_at, authority, batch_size);
    INSERT INTO care_internal.batch_run (task, authority, as_at, total)
    VALUES (begin_run.task, begin_run.authority, begin_run.as_at, 0)
    RETURNING run_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care_internal.begin_run(text, date, text, integer) IS 'Part of a run: registers it.';

CREATE TYPE care_internal.due_batch AS (
    keys bigint[],
    due_dates date[]
);
COMMENT ON TYPE care_internal.due_batch IS 'Records that are due.';
COMMENT ON COLUMN care_internal.due_batch.keys IS 'Their keys.';
COMMENT ON COLUMN care_internal.due_batch.due_dates IS 'The day of each; null: it has none.';

CREATE FUNCTION care_internal.due_batches(run_id bigint, batch_size integer) RETURNS SETOF care_internal.due_batch
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run := (SELECT r FROM care_internal.batch_run AS r WHERE r.run_id = due_batches.run_id);
    batch care_internal.due_batch;
    counted int8 := 0;
BEGIN
    FOR batch.keys, batch.due_dates IN EXECUTE format(
        'SELECT array_agg(b.key), array_agg(b.due_on)
         FROM (SELECT d.key, d.due_on, (row_number() OVER (ORDER BY d.key) - 1) / $3 AS number
               FROM (%s) AS d (key, authority, due_on) WHERE $2 IS NULL OR d.authority = $2) AS b
         GROUP BY b.number ORDER BY b.number',
        (SELECT t.due FROM care_internal.known_task AS t WHERE t.task = run.task))
        USING run.as_at, run.authority, batch_size LOOP
        counted := counted + cardinality(batch.keys);
        RETURN NEXT batch;
    END LOOP;
    -- the second pass lists again what may still be due: the total is that of the first
    UPDATE care_internal.batch_run AS r SET total = greatest(r.total, counted) WHERE r.run_id = due_batches.run_id;
END
$$;
COMMENT ON FUNCTION care_internal.due_batches(bigint, integer) IS
    'Part of a run: the records that are due, in batches by their key; and their number, kept as the '
    'total of the run.';

-- One batch: its records are locked, and what is still due under the lock is done.  First pass: what another writer
-- holds is passed over, so that two runs share the work; second pass, if anything was: it is waited for, so that
-- nobody is missed.
CREATE FUNCTION care_internal.run_batch(run_id bigint, keys bigint[], due_dates date[], waiting boolean,
                                        OUT passed_over boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run := (SELECT r FROM care_internal.batch_run AS r WHERE r.run_id = run_batch.run_id);
    task care_internal.known_task := (SELECT t FROM care_internal.known_task AS t WHERE t.task = run.task);
    records care_internal.record_class := (SELECT c FROM care_internal.record_class AS c WHERE c.class = task.class);
    locked int8[];
    done_now int8;
BEGIN
    IF task.prepare IS NOT NULL THEN
        EXECUTE task.prepare;
    END IF;
    EXECUTE format('SELECT ARRAY(SELECT h.%1$I FROM %2$s AS h WHERE h.%1$I = ANY ($1) ORDER BY h.%1$I
                                 FOR NO KEY UPDATE%3$s)',
                   records.key, records.head, CASE WHEN waiting THEN '' ELSE ' SKIP LOCKED' END)
    INTO locked USING keys;
    passed_over := cardinality(locked) < cardinality(keys);
    IF passed_over THEN
        SELECT coalesce(array_agg(d.key), '{}'), coalesce(array_agg(d.due_on), '{}') INTO keys, due_dates
        FROM unnest(keys, due_dates) AS d (key, due_on) WHERE d.key = ANY (locked);
    END IF;
    EXECUTE task.work INTO done_now USING keys, due_dates, run.as_at;
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

-- A procedure that commits cannot pin its search_path: it holds no operator, and no name but with its schema or of the
-- grammar (bigint and boolean are).  What is due is listed once, and kept by the server until the loop is through with
-- it.
CREATE PROCEDURE care.run_task(task text, as_at date, authority text DEFAULT NULL, batch_size integer DEFAULT 1000)
    LANGUAGE plpgsql AS $$
DECLARE
    run bigint := care_internal.begin_run(task, as_at, authority, batch_size);
    batch care_internal.due_batch;
    any_passed_over boolean := false;
    waiting boolean;
BEGIN
    FOREACH waiting IN ARRAY ARRAY[false, true] LOOP
        EXIT WHEN waiting AND NOT any_passed_over;
        FOR batch IN SELECT b.keys, b.due_dates FROM care_internal.due_batches(run, batch_size) AS b LOOP
            COMMIT; -- the run with its total, or the batch before this one
            any_passed_over := care_internal.run_batch(run, batch.keys, batch.due_dates, waiting) OR any_passed_over;
        END LOOP;
        COMMIT;
    END LOOP;
    PERFORM care_internal.end_run(run);
    COMMIT;
END
$$;
COMMENT ON PROCEDURE care.run_task(text, date, text, integer) IS
    'Does a task to every record that is due on a day, of one authority or all, batch by batch, each committed. It may '
    'be stopped anywhere and run again, also by two sessions at once.';

--
-- The same batch by batch, for whoever cannot call a procedure that commits: each call does one batch in the caller's
-- transaction and says how many are left.  A run of such calls tries each record once, so a loop ends, whatever cannot
-- be done; where it stands is kept with the run, and whoever calls next goes on from there.
--
CREATE FUNCTION care_internal.resume_run(task text, as_at date, authority text) RETURNS care_internal.batch_run
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run;
BEGIN
    -- whoever does a batch of the same run is waited for
    SELECT r.* INTO run FROM care_internal.batch_run AS r
    WHERE r.task = resume_run.task AND r.as_at = resume_run.as_at AND r.tried IS NOT NULL AND r.finished_at IS NULL
      AND r.authority IS NOT DISTINCT FROM resume_run.authority
    ORDER BY r.run_id LIMIT 1 FOR UPDATE;
    IF run.run_id IS NULL THEN
        INSERT INTO care_internal.batch_run AS r (task, authority, as_at, total, tried)
        VALUES (resume_run.task, resume_run.authority, resume_run.as_at, 0, '{}') RETURNING r.* INTO run;
    END IF;
    RETURN run;
END
$$;
COMMENT ON FUNCTION care_internal.resume_run(text, date, text) IS
    'Part of a batch: the run of single batches that is under way, locked, or a new one.';

-- The run is over with its last record.
CREATE FUNCTION care_internal.note_batch(run care_internal.batch_run, due bigint, count bigint, tried text[])
    RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    UPDATE care_internal.batch_run AS r
    SET total = CASE WHEN run.tried = '{}' THEN due ELSE r.total END, tried = coalesce(note_batch.tried, r.tried),
        finished_at = CASE WHEN due <= count THEN clock_timestamp() END
    WHERE r.run_id = run.run_id
    RETURNING due - count;
END;
COMMENT ON FUNCTION care_internal.note_batch(care_internal.batch_run, bigint, bigint, text[]) IS
    'Part of a batch: notes that so many of those due were tried, up to a record, and returns how many are left.';

CREATE FUNCTION care.run_task_batch(task text, as_at date, authority text DEFAULT NULL,
                                    batch_size integer DEFAULT 1000)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run;
    keys int8[];
    due_dates date[];
    due int8;
BEGIN
    PERFORM care_internal.require_general_run(task, as_at, authority, batch_size);
    run := care_internal.resume_run(task, as_at, authority);
    EXECUTE format(
        'SELECT array_agg(b.key ORDER BY b.key), array_agg(b.due_on ORDER BY b.key), coalesce(max(b.due), 0)
         FROM (SELECT d.key, d.due_on, count(*) OVER () AS due
               FROM (%s) AS d (key, authority, due_on)
               WHERE ($2 IS NULL OR d.authority = $2) AND ($3 IS NULL OR d.key > $3)
               ORDER BY d.key LIMIT $4) AS b',
        (SELECT t.due FROM care_internal.known_task AS t WHERE t.task = run.task))
    INTO keys, due_dates, due USING run.as_at, run.authority, run.tried[1]::int8, batch_size;
    IF keys IS NOT NULL THEN
        PERFORM care_internal.run_batch(run.run_id, keys, due_dates, waiting => true);
    END IF;
    RETURN care_internal.note_batch(run, due, coalesce(cardinality(keys), 0),
                                    CASE WHEN keys IS NOT NULL THEN ARRAY[keys[cardinality(keys)]::text] END);
END
$$;
COMMENT ON FUNCTION care.run_task_batch(text, date, text, integer) IS
    'Does a task to the next batch of records that are due on a day, of one authority or all, in the transaction of '
    'the caller, and returns how many are left: to be called, and committed, until that is 0.';
