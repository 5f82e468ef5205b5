--
-- dispose: a record goes whole, and in no other way is anything removed.
--
-- Must not know: what a figure is worth.
--

-- Whoever adds a row to disposal_permit, by function or by hand, meets this.
CREATE FUNCTION care_internal.grant_disposal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('%s %s', NEW.class, NEW.record_id);
    keeper text;
    kept care.retention_row;
    review care.disposal_review;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'active_sql_transaction',
            MESSAGE = format('nothing can be disposed of under %s: a hold placed meanwhile would not be seen',
                             upper(current_setting('transaction_isolation'))),
            HINT = 'Dispose of it in a READ COMMITTED transaction.';
    END IF;
    EXECUTE format('SELECT r.person_id, r.authority FROM care.%I AS r WHERE r.%I = $1', NEW.class, NEW.class || '_id')
    INTO NEW.person_id, keeper USING NEW.record_id;
    NEW.xid := pg_current_xact_id();
    -- lock first, then look: whoever placed a hold or recorded a fact is waited for, later ones wait
    PERFORM FROM care.authority AS a WHERE a.authority = keeper FOR SHARE;
    PERFORM FROM care.person AS p WHERE p.person_id = NEW.person_id FOR UPDATE;
    EXECUTE format('SELECT FROM care.%I AS r WHERE r.%I = $1 FOR UPDATE', NEW.class, NEW.class
                       || '_id') USING NEW.record_id;
    IF NEW.class = 'person'
       AND EXISTS (SELECT FROM care_internal.disposal_permit AS p WHERE p.person_id = NEW.record_id AND p.xid = NEW.xid)
       AND NOT EXISTS (SELECT FROM care.account AS a WHERE a.person_id = NEW.record_id)
       AND NOT EXISTS (SELECT FROM care.agreement AS a WHERE a.person_id = NEW.record_id) THEN
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
            HINT = 'A person decides: care.review_disposal().';
    ELSIF review.decision = 'keep' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept, as was decided on its review', label),
            HINT = 'To decide otherwise: care.review_disposal().';
    ELSIF care_internal.is_same_recorder(review.recorded_by, care_internal.recorder()) AND care.setting_on(kept.authority, 'four_eyes', current_date) = 'on' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
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
    FOR t IN SELECT x.schema, x.name, x.class, x.key FROM care_internal.retained_table() AS x WHERE x.class = NEW.class
        OR x.class IS NULL LOOP
        EXIT WHEN left_over;
        EXECUTE format('SELECT EXISTS (SELECT FROM %I.%I AS r WHERE r.%I = $1%s)', t.schema, t.name, t.key,
                       CASE WHEN t.class IS NULL THEN ' AND r.class = $2' ELSE '' END)
        INTO left_over USING NEW.record_id, NEW.class;
    END LOOP;
    IF left_over THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s %s would be half disposed of', NEW.class, NEW.record_id),
            HINT = 'care.dispose() removes a record whole, and leaves its certificate.';
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

CREATE FUNCTION care.dispose(class text, record_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept care.retention_row;
    review care.disposal_review;
    permit care_internal.disposal_permit;
    t record;
    gone int8;
    digest bytea;
    counts jsonb := jsonb_build_object();
    digests bytea := ''::bytea;
BEGIN
    PERFORM care_internal.require_word('disposal', 'class', class, '{account,agreement,person}');
    INSERT INTO care_internal.disposal_permit AS p (class, record_id) VALUES (dispose.class, dispose.record_id)
    RETURNING p.* INTO permit;
    kept := care_internal.retention_of(class, record_id);
    SELECT v.* INTO review FROM care.disposal_review AS v
    WHERE v.class = dispose.class AND v.record_id = dispose.record_id ORDER BY v.review_id DESC LIMIT 1;
    FOR t IN SELECT x.schema, x.name, x.class, x.key FROM care_internal.retained_table() AS x
             WHERE x.class = dispose.class OR x.class IS NULL ORDER BY x.n DESC LOOP
        EXECUTE format('WITH gone AS (DELETE FROM %I.%I AS t WHERE t.%I = $1%s RETURNING care_internal.canonical(t) AS bytes)
                        SELECT count(*), sha256(string_agg(g.bytes, '''' ORDER BY g.bytes)) FROM gone AS g',
                       t.schema, t.name, t.key, CASE WHEN t.class IS NULL THEN ' AND t.class = $2' ELSE '' END)
        INTO gone, digest USING record_id, class;
        IF gone > 0 THEN
            counts := counts || jsonb_build_object(t.name, gone);
            digests := digests || convert_to(t.name, 'UTF8') || digest;
        END IF;
    END LOOP;
    INSERT INTO care.disposal_certificate (certificate_id, class, authority, rule, removed, digest, decision,
                                           reviewed_by)
    VALUES (permit.certificate_id, dispose.class, kept.authority, coalesce(kept.rule, 'with their last record'), counts,
            sha256(digests), coalesce(review.decision, 'dispose'),
            coalesce(review.reviewed_by, 'nobody: with their last record'));
    IF class <> 'person' AND NOT EXISTS (SELECT FROM care.account AS a WHERE a.person_id = permit.person_id)
       AND NOT EXISTS (SELECT FROM care.agreement AS a WHERE a.person_id = permit.person_id) THEN
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
CREATE FUNCTION care_internal.begin_disposal(as_at date, authority text, batch_size integer,
                                             OUT run_id bigint, OUT classes text[], OUT record_ids bigint[])
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_run('disposals', as_at, authority, batch_size);
    SELECT coalesce(array_agg(d.class ORDER BY d.person_id, d.class, d.record_id), '{}'),
           coalesce(array_agg(d.record_id ORDER BY d.person_id, d.class, d.record_id), '{}')
    INTO classes, record_ids
    FROM care.disposal_due(as_at) AS d
    WHERE d.decision IN ('dispose', 'transfer')
      AND (begin_disposal.authority IS NULL OR d.authority = begin_disposal.authority);
    INSERT INTO care_internal.batch_run AS r (task, authority, as_at, total)
    VALUES ('disposals', begin_disposal.authority, begin_disposal.as_at, cardinality(record_ids))
    RETURNING r.run_id INTO run_id;
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
    EXECUTE (SELECT 'ANALYZE ' || string_agg(format('%I.%I', t.schema, t.name), ', ' ORDER BY t.n)
             FROM care_internal.retained_table() AS t);
END
$$;
COMMENT ON FUNCTION care.analyze_retained() IS
    'Part of dispose_due(): gathers the planner''s statistics anew, without what is gone; a warning for all but the '
    'tables'' owner.';

CREATE PROCEDURE care.dispose_due(as_at date, authority text DEFAULT NULL, batch_size integer DEFAULT 100)
    LANGUAGE plpgsql AS $$
DECLARE
    run_id pg_catalog.int8;
    classes pg_catalog.text[];
    record_ids pg_catalog.int8[];
BEGIN
    SELECT b.run_id, b.classes, b.record_ids INTO run_id, classes, record_ids
    FROM care_internal.begin_disposal(as_at, authority, batch_size) AS b;
    COMMIT;
    FOR batch IN 1 .. pg_catalog.cardinality(record_ids) BY batch_size LOOP
        PERFORM care_internal.dispose_batch(run_id, classes, record_ids, batch, batch_size);
        COMMIT;
    END LOOP;
    PERFORM care_internal.end_run(run_id);
    COMMIT;
    PERFORM care.analyze_retained();
    COMMIT;
END
$$;
COMMENT ON PROCEDURE care.dispose_due(date, text, integer) IS
    'Disposes of every record that is due on a day and was reviewed for it, batch by batch, each committed. It may be '
    'stopped anywhere and run again, also by two sessions at once.';

--
-- Nothing is removed in any other way.
--

CREATE FUNCTION care_internal.refuse_removal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_class text;
    of_record int8;
    kept care.retention_row;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('the rows of %I.%I are never removed all at once', TG_TABLE_SCHEMA, TG_TABLE_NAME),
            HINT = 'care.retention says until when each record is kept and why; care.dispose() removes one that is '
                   'due.';
    END IF;
    EXECUTE format('SELECT %s, $1.%I', CASE TG_ARGV[0] WHEN '' THEN '$1.class' ELSE quote_literal(TG_ARGV[0]) END,
                   TG_ARGV[1])
    INTO of_class, of_record USING OLD;
    IF EXISTS (SELECT FROM care_internal.disposal_permit AS p
               WHERE (p.class, p.record_id, p.xid) = (of_class, of_record, pg_current_xact_id())) THEN
        RETURN OLD;
    END IF;
    kept := care_internal.retention_of(of_class, of_record);
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = format('rows of %I.%I are not removed: %s %s is kept%s: %s', TG_TABLE_SCHEMA, TG_TABLE_NAME, of_class,
                         of_record,
                         ' until ' || to_char(kept.retain_until, 'YYYY-MM-DD'),
                         CASE WHEN kept.on_hold THEN 'on hold; ' ELSE '' END
                              || coalesce(kept.reason, 'it belongs to no single record')),
        HINT = 'What is due, reviewed and free of holds is removed, whole, by care.dispose(). To correct a fact, '
               'record another.';
END
$$;
COMMENT ON FUNCTION care_internal.refuse_removal() IS
    'Trigger: refuses (55000) to remove a row unless its record is being disposed of, saying until when it is kept and '
    'why.';
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT x.schema, x.name, coalesce(x.class, '') AS class, x.key FROM care_internal.retained_table() AS x
        ORDER BY x.n LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON %I.%I FOR EACH ROW EXECUTE FUNCTION care_internal.refuse_removal(%L, %L)',
                       t.name || '_retained', t.schema, t.name, t.class, t.key);
        EXECUTE format('COMMENT ON TRIGGER %I ON %I.%I IS %L', t.name || '_retained', t.schema, t.name,
                       'Rows go only with their record, disposed of.');
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON %I.%I FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_removal(%L, %L)',
                       t.name || '_retained_whole', t.schema, t.name, t.class, t.key);
        EXECUTE format('COMMENT ON TRIGGER %I ON %I.%I IS %L', t.name || '_retained_whole', t.schema, t.name,
                       'Rows never go all at once.');
    END LOOP;
END
$$;
