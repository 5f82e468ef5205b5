--
-- load: a batch is checked whole, and what has no problem is recorded.
--
-- Who checks and loads does so with their own rights: see room put.
--
-- Must not know: how a cell is read, which tables a record is of.
--

-- The accounts and agreements of a batch, each with the first of the problems that keep it from being loaded.
CREATE FUNCTION care_internal.import_candidates(batch_id bigint)
    RETURNS TABLE (class text, record text, line bigint, because text)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH wrong AS MATERIALIZED (
        SELECT DISTINCT ON (w.class, w.record) w.class, w.record, w.sheet, w.line, w.problem,
               care_internal.import_column(w.sheet, w.n, s.headings) AS heading,
               count(*) OVER (PARTITION BY w.class, w.record) AS problems
        FROM (SELECT CASE WHEN p.sheet IN ('accounts', 'budgets') THEN 'account' ELSE 'agreement' END AS class, p.*
              FROM care_internal.import_problems(batch_id) AS p WHERE p.stops) AS w
            JOIN care_internal.import_sheet AS s
                ON s.batch_id = import_candidates.batch_id AND s.sheet = w.sheet
        ORDER BY w.class, w.record, w.sheet, w.line, w.n
    )
    SELECT c.class, c.record, c.line,
           CASE WHEN w.record IS NOT NULL
                THEN format('line %s of %s%s %s%s', w.line, w.sheet, coalesce(', ' || w.heading, '') || ':', w.problem,
                            CASE WHEN w.problems > 1 THEN format('; and %s more', w.problems - 1) ELSE '' END) END
    FROM (SELECT rtrim(r.sheet, 's') AS class, r.record, min(r.line) AS line
          FROM care_internal.import_row AS r
          WHERE r.batch_id = import_candidates.batch_id AND r.sheet IN ('accounts', 'agreements')
            AND r.record IS NOT NULL AND r.fault IS DISTINCT FROM 'total'
          GROUP BY r.sheet, r.record) AS c
        LEFT JOIN wrong AS w ON w.class = c.class AND w.record = c.record;
END;
COMMENT ON FUNCTION care_internal.import_candidates(bigint) IS
    'Part of a load: the accounts and agreements of a batch, and why each is not loaded; null: it may be.';

CREATE FUNCTION care_internal.import_took(batch_id bigint, class text, records text[]) RETURNS void
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    DELETE FROM care_internal.import_row AS r
    WHERE r.batch_id = import_took.batch_id AND r.record = ANY (records)
      AND (r.sheet IN ('accounts', 'budgets')) = (import_took.class = 'account');
END;
COMMENT ON FUNCTION care_internal.import_took(bigint, text, text[]) IS
    'Part of a load: removes what was staged of accounts or agreements that are recorded.';

CREATE FUNCTION care_internal.import_finish(batch_id bigint, left_out bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care.import_done (batch_id, loaded, left_out, digest)
    SELECT import_finish.batch_id,
           (SELECT count(*) FROM care.import_loaded AS l WHERE l.batch_id = import_finish.batch_id),
           import_finish.left_out, sha256(string_agg(s.digest, '' ORDER BY s.sheet COLLATE "C"))
    FROM care_internal.import_sheet AS s WHERE s.batch_id = import_finish.batch_id
    HAVING count(*) > 0;
    DELETE FROM care_internal.import_row AS r WHERE r.batch_id = import_finish.batch_id;
    DELETE FROM care_internal.import_sheet AS s WHERE s.batch_id = import_finish.batch_id;
END
$$;
COMMENT ON FUNCTION care_internal.import_finish(bigint, bigint) IS
    'Part of a load: notes that a batch was loaded, and removes what is left of it.';

CREATE FUNCTION care_internal.require_staged(batch_id bigint) RETURNS care.import_batch
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    batch care.import_batch := care_internal.require_batch(batch_id);
BEGIN
    IF NOT EXISTS (SELECT FROM care_internal.import_sheet AS s WHERE s.batch_id = batch.batch_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'import_staged',
            MESSAGE = format('batch %s (%s) has no sheet', batch.batch_id, batch.name),
            HINT = 'Copy each file to care.import_line and take it with care.import_sheet().';
    END IF;
    PERFORM care_internal.require_actor(batch.authority);
    RETURN batch;
END
$$;
COMMENT ON FUNCTION care_internal.require_staged(bigint) IS
    'The batch; P0002 if there is none, 55000 if it was loaded or has no sheet, 42501 if an actor must be named.';

-- As many at once as a call records, so that it holds no more in memory of a batch of any size.
CREATE FUNCTION care_internal.import_parts(batch_id bigint)
    RETURNS TABLE (class text, records text[], lines bigint[])
    LANGUAGE sql VOLATILE ROWS 1000
BEGIN ATOMIC
    SELECT p.class, array_agg(p.record ORDER BY p.record), array_agg(p.line ORDER BY p.record)
    FROM (SELECT c.class, c.record, c.line,
                 (row_number() OVER (PARTITION BY c.class ORDER BY c.record) - 1) / 100 AS number
          FROM care_internal.import_candidates(batch_id) AS c WHERE c.because IS NULL) AS p
    GROUP BY p.class, p.number ORDER BY p.class, p.number;
END;
COMMENT ON FUNCTION care_internal.import_parts(bigint) IS
    'Part of a load: what may be loaded of a batch, 100 accounts or agreements at a time, each with its line.';

-- All that has no other problem is loaded, and taken back: what the rules refuse, they say.  What is returned is not
-- taken back.
CREATE FUNCTION care_internal.import_trial(batch_id bigint)
    RETURNS TABLE (class text, record text, line bigint, because text)
    LANGUAGE plpgsql ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    part record;
BEGIN
    FOR part IN SELECT p.* FROM care_internal.import_parts(batch_id) AS p LOOP
        RETURN QUERY
        SELECT part.class, t.record, u.line, t.because
        FROM care_internal.import_try(batch_id, part.class, part.records) AS t
            JOIN unnest(part.records, part.lines) AS u (record, line) ON u.record = t.record
        WHERE t.because IS NOT NULL;
    END LOOP;
    RAISE EXCEPTION USING
        ERRCODE = 'triggered_action_exception', CONSTRAINT = 'import_taken_back', MESSAGE = 'taken back';
EXCEPTION WHEN triggered_action_exception THEN
    RETURN;
END
$$;
COMMENT ON FUNCTION care_internal.import_trial(bigint) IS
    'Part of import_check(): what a load would refuse of what has no other problem, and why; nothing is recorded.';

CREATE FUNCTION care_internal.import_listed(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, heading text, value text, problem text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 500 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.sheet, p.line, p.n, care_internal.import_column(p.sheet, p.n, s.headings), r.v[p.n], p.problem, p.stops
    FROM care_internal.import_problems(batch_id) AS p
        JOIN care_internal.import_sheet AS s ON s.batch_id = import_listed.batch_id AND s.sheet = p.sheet
        JOIN care_internal.import_row AS r
            ON r.batch_id = import_listed.batch_id AND r.sheet = p.sheet AND r.line = p.line;
END;
COMMENT ON FUNCTION care_internal.import_listed(bigint) IS
    'Part of import_check(): the problems of a batch, each with its column and what stands there.';

CREATE FUNCTION care.import_check(batch_id bigint, by_rules boolean DEFAULT true)
    RETURNS TABLE (sheet text, line bigint, heading text, value text, problem text, stops boolean)
    LANGUAGE plpgsql ROWS 500 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_staged(batch_id);
    RETURN QUERY
    SELECT x.sheet, x.line, x.heading, x.value, x.problem, x.stops
    FROM (SELECT l.* FROM care_internal.import_listed(batch_id) AS l
          UNION ALL
          SELECT t.class || 's', t.line, NULL, NULL, t.record, t.because, true
          FROM care_internal.import_trial(CASE WHEN by_rules THEN batch_id END) AS t)
        AS x (sheet, line, n, heading, value, problem, stops)
    ORDER BY x.sheet, x.line, x.n NULLS LAST, x.problem;
END
$$;
COMMENT ON FUNCTION care.import_check(bigint, boolean) IS
    'Every problem of what is staged of a batch: the line of the file, the heading of the column (null: the row), what '
    'stands there, what is wrong with it, and whether it keeps its account or agreement from being loaded. by_rules: '
    'also what the rules of the facts refuse of the rest, which is loaded for it and taken back.';

CREATE FUNCTION care_internal.import_part(batch_id bigint, of_class text, records text[])
    RETURNS TABLE (class text, reference text, record_id bigint, lines bigint, because text)
    LANGUAGE plpgsql ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tried text[] := ARRAY(SELECT ARRAY[t.record, t.because]
                          FROM care_internal.import_try(batch_id, of_class, records) AS t);
    recorded text[] := ARRAY(SELECT tried[n][1] FROM generate_subscripts(tried, 1) AS n WHERE tried[n][2] IS NULL);
BEGIN
    RETURN QUERY
    SELECT of_class, tried[n][1], h.record_id, l.lines, tried[n][2]
    FROM generate_subscripts(tried, 1) AS n
        LEFT JOIN care_internal.import_head(batch_id, of_class, recorded) AS h ON h.record = tried[n][1]
        JOIN care_internal.import_lines(batch_id, of_class, records) AS l ON l.record = tried[n][1]
    ORDER BY n;
    PERFORM care_internal.import_took(batch_id, of_class, recorded);
END
$$;
COMMENT ON FUNCTION care_internal.import_part(bigint, text, text[]) IS
    'Part of import_load(): records some accounts or agreements, and removes what was staged of those that are '
    'recorded.';

CREATE FUNCTION care.import_load(batch_id bigint, at_most integer DEFAULT NULL)
    RETURNS TABLE (class text, reference text, record_id bigint, lines bigint, because text)
    LANGUAGE plpgsql ROWS 1000 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    counted int8 := 0;
    left_out int8 := 0;
    waiting int8 := 0;
    size int4;
    candidate record;
BEGIN
    PERFORM care_internal.require_staged(batch_id);
    IF at_most < 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'batch_size_positive', COLUMN = 'at_most',
            MESSAGE = format('at_most must be 1 or more, not %s', at_most);
    END IF;
    -- of two sessions one waits, and finds what the other has left
    PERFORM pg_advisory_xact_lock(hashtextextended('care.import_batch', batch_id));
    PERFORM care_internal.require_staged(batch_id);
    FOR candidate IN SELECT p.class, p.records FROM care_internal.import_parts(batch_id) AS p LOOP
        WHILE cardinality(candidate.records) > 0 AND (counted >= at_most) IS NOT TRUE LOOP
            size := least(cardinality(candidate.records), at_most - counted);
            FOR class, reference, record_id, lines, because IN
                SELECT p.* FROM care_internal.import_part(batch_id, candidate.class, candidate.records[:size]) AS p LOOP
                counted := counted + (because IS NULL)::int4;
                left_out := left_out + (because IS NOT NULL)::int4;
                RETURN NEXT;
            END LOOP;
            candidate.records := candidate.records[size + 1:];
        END LOOP;
        waiting := waiting + cardinality(candidate.records);
    END LOOP;
    IF waiting > 0 THEN
        RETURN;
    END IF;
    FOR class, reference, record_id, lines, because IN
        SELECT c.class, c.record, NULL::bigint, NULL::bigint, c.because
        FROM care_internal.import_candidates(batch_id) AS c WHERE c.because IS NOT NULL ORDER BY c.class, c.record LOOP
        left_out := left_out + 1;
        RETURN NEXT;
    END LOOP;
    PERFORM care_internal.import_finish(batch_id, left_out);
END
$$;
COMMENT ON FUNCTION care.import_load(bigint, integer) IS
    'Records the accounts and agreements of a batch that have no problem, each whole or not at all, by the rules that '
    'every fact is held to; a row for each: its key and how many lines made it up, or why it was left out. at_most: so '
    'many, in committed steps, each call going on from the last, until the batch is closed and what is left of it is '
    'removed. P0002 for no such batch, 55000 for one that was loaded or has no sheet.';
