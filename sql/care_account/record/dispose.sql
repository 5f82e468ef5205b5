--
-- dispose: a record goes whole, and in no other way is anything removed.
--
-- Must not know: what a figure is worth.
--

CREATE FUNCTION care_internal.has_records(person_id bigint) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    why text;
BEGIN
    EXECUTE format('SELECT %s FROM care.person AS p WHERE p.person_id = $1', care_internal.still_kept('p'))
    INTO why USING person_id;
    RETURN why IS NOT NULL;
END
$$;
COMMENT ON FUNCTION care_internal.has_records(bigint) IS 'Is there a record of a person, of whichever class?';

-- Whoever adds a row to disposal_permit, by function or by hand, meets this.
CREATE FUNCTION care_internal.grant_disposal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('%s %s', NEW.class, NEW.record_id);
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = NEW.class);
    keeper text;
    kept care.retention_row;
    review care.disposal_review;
BEGIN
    NEW.xid := pg_current_xact_id();
    IF care_internal.is_replaying() THEN
        RETURN NEW;                                          -- it was granted where it comes from
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'active_sql_transaction',
            CONSTRAINT = 'disposal_read_committed',
            MESSAGE = format('nothing can be disposed of under %s: a hold placed meanwhile would not be seen',
                             upper(current_setting('transaction_isolation'))),
            HINT = 'Dispose of it in a READ COMMITTED transaction.';
    END IF;
    EXECUTE format('SELECT %s, h.authority FROM %s AS h WHERE h.%I = $1',
                   coalesce('h.' || quote_ident(c.person), 'NULL::bigint'), c.head, c.key)
    INTO NEW.person_id, keeper USING NEW.record_id;
    -- lock first, then look: whoever placed a hold or recorded a fact is waited for, later ones wait
    PERFORM FROM care.local_authority AS a WHERE a.authority = keeper FOR SHARE;
    PERFORM FROM care.person AS p WHERE p.person_id = NEW.person_id FOR UPDATE;
    EXECUTE format('SELECT FROM %s AS h WHERE h.%I = $1 FOR UPDATE', c.head, c.key) USING NEW.record_id;
    IF c.person = c.key AND NOT care_internal.has_records(NEW.record_id)
       AND EXISTS (SELECT FROM care_internal.disposal_permit AS p
                   WHERE p.person_id = NEW.record_id AND p.xid = NEW.xid) THEN
        RETURN NEW;                                          -- goes with their last record
    END IF;
    kept := care_internal.require_due(NEW.class, NEW.record_id);
    SELECT v.* INTO review FROM care.disposal_review AS v
    WHERE v.class = NEW.class AND v.record_id = NEW.record_id ORDER BY v.review_id DESC LIMIT 1;
    IF review.decision IS NULL OR review.recorded_at <= kept.updated_at THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has not been reviewed%s', label,
                             CASE WHEN review.decision IS NOT NULL THEN ' since something was recorded of it' ELSE ''
                                  END),
            HINT = 'A person decides: care.review_disposal().',
            CONSTRAINT = 'disposal_reviewed';
    ELSIF review.decision = 'keep' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept, as was decided on its review', label),
            HINT = 'To decide otherwise: care.review_disposal().',
            CONSTRAINT = 'disposal_decided';
    ELSIF care_internal.is_recorded_by_caller(review.recorded_by)
          AND care.setting_on(kept.authority, 'four_eyes', care.today()) = 'on' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            CONSTRAINT = 'four_eyes',
            MESSAGE = format('%s must be disposed of by somebody else than %s, who recorded its review', label,
                             care_internal.recorder());
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care_internal.grant_disposal() IS
    'Trigger: locks a record and lets it be removed in this transaction, if it is due, reviewed and free of holds.';
CREATE TRIGGER disposal_permit_grant BEFORE INSERT OR UPDATE ON care_internal.disposal_permit
    FOR EACH ROW EXECUTE FUNCTION care_internal.grant_disposal();
COMMENT ON TRIGGER disposal_permit_grant ON care_internal.disposal_permit IS
    'Due, reviewed and free of holds, or no permit.';
ALTER TABLE care_internal.disposal_permit ENABLE ALWAYS TRIGGER disposal_permit_grant;

-- Not some of its rows, and not without a certificate.
CREATE FUNCTION care_internal.refuse_half_disposed() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    left_over bool := NOT EXISTS (SELECT FROM care.disposal_certificate AS c
                                  WHERE c.certificate_id = NEW.certificate_id);
BEGIN
    IF care_internal.is_replaying() THEN
        RETURN NULL;                                         -- it was whole where it comes from
    END IF;
    FOR t IN SELECT k.relation, k.class, k.key FROM care_internal.kept_table AS k
             WHERE k.class = NEW.class OR k.class IS NULL LOOP
        EXIT WHEN left_over;
        EXECUTE format('SELECT EXISTS (SELECT FROM %s AS r WHERE r.%I = $1%s)', t.relation, t.key,
                       CASE WHEN t.class IS NULL THEN ' AND r.class = $2' ELSE '' END)
        INTO left_over USING NEW.record_id, NEW.class;
    END LOOP;
    IF left_over THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s %s would be half disposed of', NEW.class, NEW.record_id),
            HINT = 'care.dispose() removes a record whole, and leaves its certificate.',
            CONSTRAINT = 'disposal_whole';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_half_disposed() IS
    'Trigger, when a transaction ends: a record that may be removed is removed whole, with a certificate, or not at '
    'all.';
CREATE CONSTRAINT TRIGGER disposal_permit_whole AFTER INSERT OR UPDATE ON care_internal.disposal_permit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION care_internal.refuse_half_disposed();
COMMENT ON TRIGGER disposal_permit_whole ON care_internal.disposal_permit IS 'A record goes whole, or stays.';
ALTER TABLE care_internal.disposal_permit ENABLE ALWAYS TRIGGER disposal_permit_whole;

-- Foreign keys of tables that are not ours would be looked at when the transaction ends: look now, so that one that
-- still points at the record keeps it, and no other with it.
CREATE FUNCTION care_internal.check_deferred() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    k record;
BEGIN
    FOR k IN SELECT format('%I.%I', n.nspname, f.conname) AS name, f.condeferred
             FROM pg_constraint AS f JOIN pg_namespace AS n ON n.oid = f.connamespace
             WHERE f.contype = 'f' AND f.condeferrable
               AND f.confrelid IN (SELECT t.relation FROM care_internal.kept_table AS t)
               AND f.conrelid NOT IN (SELECT t.relation FROM care_internal.kept_table AS t) LOOP
        EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', k.name);
        IF k.condeferred THEN
            EXECUTE format('SET CONSTRAINTS %s DEFERRED', k.name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.check_deferred() IS
    'Part of dispose(): looks now at foreign keys of other tables that would be looked at later.';

-- The rows of a record with a permit, children first; how many of each table, and one digest of them all.
CREATE FUNCTION care_internal.remove_rows(of_class text, of_record bigint, OUT removed jsonb, OUT digest bytea)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    gone int8;
    of_table bytea;
    digests bytea := ''::bytea;
    pointing text;
    foreign_key text;
BEGIN
    removed := jsonb_build_object();
    FOR t IN SELECT k.relation, k.class, k.key, c.relname
             FROM care_internal.kept_table AS k JOIN pg_class AS c ON c.oid = k.relation
             WHERE k.class = of_class OR k.class IS NULL ORDER BY k.n DESC LOOP
        EXECUTE format('WITH gone AS (DELETE FROM %s AS t WHERE t.%I = $1%s
                                      RETURNING care_internal.canonical(t) AS bytes)
                        SELECT count(*), sha256(string_agg(g.bytes, '''' ORDER BY g.bytes)) FROM gone AS g',
                       t.relation, t.key, CASE WHEN t.class IS NULL THEN ' AND t.class = $2' ELSE '' END)
        INTO gone, of_table USING of_record, of_class;
        IF gone > 0 THEN
            removed := removed || jsonb_build_object(t.relname, gone);
            digests := digests || convert_to(t.relname, 'UTF8') || of_table;
        END IF;
    END LOOP;
    digest := sha256(digests);
    PERFORM care_internal.check_deferred();
EXCEPTION WHEN foreign_key_violation THEN
    GET STACKED DIAGNOSTICS pointing = TABLE_NAME, foreign_key = CONSTRAINT_NAME;
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = format('%s %s is kept: a row of table %s still points at it', of_class, of_record, pointing),
        DETAIL = format('The foreign key is %s.', foreign_key),
        HINT = 'Remove that row, or let the foreign key do so (ON DELETE), then try again.',
        CONSTRAINT = 'disposal_not_referenced';
END
$$;
COMMENT ON FUNCTION care_internal.remove_rows(text, bigint) IS
    'Part of dispose(): removes the rows of a record that has a permit; 55000 where another table still points at one.';

CREATE FUNCTION care.dispose(class text, record_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept care.retention_row;
    review care.disposal_review;
    permit care_internal.disposal_permit;
    gone record;
BEGIN
    PERFORM care_internal.require_class('disposal', class);
    -- looked at when all of it is gone, whatever the caller has said of its constraints
    SET CONSTRAINTS care_internal.disposal_permit_whole DEFERRED;
    INSERT INTO care_internal.disposal_permit AS p (class, record_id) VALUES (dispose.class, dispose.record_id)
    RETURNING p.* INTO permit;
    kept := care_internal.retention_of(class, record_id);
    SELECT v.* INTO review FROM care.disposal_review AS v
    WHERE v.class = dispose.class AND v.record_id = dispose.record_id ORDER BY v.review_id DESC LIMIT 1;
    SELECT r.* INTO gone FROM care_internal.remove_rows(class, record_id) AS r;
    INSERT INTO care.disposal_certificate (certificate_id, class, authority, rule, removed, digest, decision,
                                           reviewed_by)
    VALUES (permit.certificate_id, dispose.class, kept.authority, coalesce(kept.rule, 'with their last record'),
            gone.removed, gone.digest, coalesce(review.decision, 'dispose'),
            coalesce(review.reviewed_by, 'nobody: with their last record'));
    IF class <> 'person' AND permit.person_id IS NOT NULL AND NOT care_internal.has_records(permit.person_id) THEN
        PERFORM care.dispose('person', permit.person_id);
    END IF;
    DELETE FROM care_internal.disposal_permit AS p WHERE p.class = dispose.class AND p.record_id = dispose.record_id;
    RETURN permit.certificate_id;
END
$$;
COMMENT ON FUNCTION care.dispose(text, bigint) IS
    'Removes a record that is due, reviewed and free of holds, with all that is recorded of it, and the person with '
    'their last one; returns the certificate. 55000 if it must be kept, saying why.';

-- By person, so that runs side by side lock in one order.
CREATE TYPE care_internal.disposal_run AS (
    run_id bigint,
    classes text[],
    record_ids bigint[]
);
COMMENT ON TYPE care_internal.disposal_run IS 'A run of disposals.';
COMMENT ON COLUMN care_internal.disposal_run.run_id IS 'Its key.';
COMMENT ON COLUMN care_internal.disposal_run.classes IS 'The classes of the records to go.';
COMMENT ON COLUMN care_internal.disposal_run.record_ids IS 'Their keys.';

CREATE FUNCTION care_internal.begin_disposal(as_at date, authority text, batch_size integer)
    RETURNS care_internal.disposal_run
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun care_internal.disposal_run;
BEGIN
    PERFORM care_internal.require_run('disposals', as_at, authority, batch_size);
    SELECT coalesce(array_agg(d.class ORDER BY d.person_id, d.class, d.record_id), '{}'),
           coalesce(array_agg(d.record_id ORDER BY d.person_id, d.class, d.record_id), '{}')
    INTO begun.classes, begun.record_ids
    FROM care.disposal_due(as_at) AS d
    WHERE d.decision IN ('dispose', 'transfer')
      AND (begin_disposal.authority IS NULL OR d.authority = begin_disposal.authority);
    INSERT INTO care_internal.batch_run AS r (task, authority, as_at, total)
    VALUES ('disposals', begin_disposal.authority, begin_disposal.as_at, cardinality(begun.record_ids))
    RETURNING r.run_id INTO begun.run_id;
    RETURN begun;
END
$$;
COMMENT ON FUNCTION care_internal.begin_disposal(date, text, integer) IS
    'Part of dispose_due(): registers the run, and the records to go.';

-- What another session has removed meanwhile is passed over; what must be kept after all, with a warning.
CREATE FUNCTION care_internal.dispose_batch(run_id bigint, classes text[], record_ids bigint[],
                                            first integer, batch_size integer)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    done_now int8 := 0;
BEGIN
    FOR n IN first .. least(first + batch_size::int8 - 1, cardinality(record_ids)) LOOP
        BEGIN
            PERFORM care.dispose(classes[n], record_ids[n]);
            done_now := done_now + 1;
        EXCEPTION
            WHEN no_data_found THEN
                NULL;
            WHEN object_not_in_prerequisite_state THEN
                RAISE WARNING USING MESSAGE = format('not disposed of: %s', SQLERRM),
                    ERRCODE = 'object_not_in_prerequisite_state';
        END;
    END LOOP;
    UPDATE care_internal.batch_run AS r SET done = r.done + done_now, last_batch_at = clock_timestamp()
    WHERE r.run_id = dispose_batch.run_id;
END
$$;
COMMENT ON FUNCTION care_internal.dispose_batch(bigint, text[], bigint[], integer, integer) IS
    'Part of dispose_due(): one batch, committed by the caller.';

-- The planner remembers common values of what it saw.
CREATE FUNCTION care.analyze_retained() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_has_role((SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'care.person'::regclass), 'USAGE') THEN
        RAISE WARNING USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = 'the planner''s statistics may still hold values of what is gone',
            HINT = 'The owner of the tables gathers them anew with care.analyze_retained().';
        RETURN;
    END IF;
    EXECUTE (SELECT 'ANALYZE ' || string_agg(t.relation::text, ', ' ORDER BY t.n)
             FROM care_internal.kept_table AS t);
END
$$;
COMMENT ON FUNCTION care.analyze_retained() IS
    'Part of dispose_due(): gathers the planner''s statistics anew, without what is gone; a warning for all but the '
    'tables'' owner.';

SELECT care_internal.keep_task('disposals');

CREATE PROCEDURE care.dispose_due(as_at date, authority text DEFAULT NULL, batch_size integer DEFAULT 100)
    LANGUAGE plpgsql AS $$
DECLARE
    run care_internal.disposal_run := care_internal.begin_disposal(as_at, authority, batch_size);
BEGIN
    COMMIT;
    FOR batch IN 1 .. pg_catalog.cardinality(run.record_ids) BY batch_size LOOP
        PERFORM care_internal.dispose_batch(run.run_id, run.classes, run.record_ids, batch, batch_size);
        COMMIT;
    END LOOP;
    PERFORM care_internal.end_run(run.run_id);
    COMMIT;
    PERFORM care.analyze_retained();
    COMMIT;
END
$$;
COMMENT ON PROCEDURE care.dispose_due(date, text, integer) IS
    'Disposes of every record that is due on a day and was reviewed for it, batch by batch, each committed. It may be '
    'stopped anywhere and run again, also by two sessions at once.';

-- By person too, so that runs side by side lock in one order.
CREATE FUNCTION care.dispose_due_batch(as_at date, authority text DEFAULT NULL, batch_size integer DEFAULT 100)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    run care_internal.batch_run;
    batch record;
    left_over int8;
BEGIN
    PERFORM care_internal.require_run('disposals', as_at, authority, batch_size);
    run := care_internal.resume_run('disposals', as_at, authority);
    SELECT array_agg(b.class ORDER BY b.n) AS classes, array_agg(b.record_id ORDER BY b.n) AS record_ids,
           (array_agg(ARRAY[b.person::text, b.class, b.record_id::text] ORDER BY b.n DESC))[1:1] AS last,
           coalesce(max(b.due), 0) AS due
    INTO batch
    FROM (SELECT d.class, d.record_id, k.person, count(*) OVER () AS due,
                 row_number() OVER (ORDER BY k.person, d.class, d.record_id) AS n
          FROM care.disposal_due(as_at) AS d, LATERAL (SELECT coalesce(d.person_id, 0)) AS k (person)
          WHERE d.decision IN ('dispose', 'transfer')
            AND (dispose_due_batch.authority IS NULL OR d.authority = dispose_due_batch.authority)
            AND (run.tried = '{}' OR (k.person, d.class, d.record_id)
                                     > (run.tried[1]::int8, run.tried[2], run.tried[3]::int8))
          ORDER BY n LIMIT batch_size) AS b;
    IF batch.classes IS NOT NULL THEN
        PERFORM care_internal.dispose_batch(run.run_id, batch.classes, batch.record_ids, 1, batch_size);
    END IF;
    left_over := care_internal.note_batch(run, batch.due, coalesce(cardinality(batch.classes), 0),
                                          ARRAY(SELECT t FROM unnest(batch.last) AS t));
    IF left_over = 0 THEN
        PERFORM care.analyze_retained();
    END IF;
    RETURN left_over;
END
$$;
COMMENT ON FUNCTION care.dispose_due_batch(date, text, integer) IS
    'One batch of dispose_due(), in the transaction of the caller; returns how many are left.';
