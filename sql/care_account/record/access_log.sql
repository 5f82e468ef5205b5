--
-- access_log: who looked at a sensitive record, when and why.
--
-- A row that is written in the transaction that reads goes when that is rolled back, and the reader has seen what it
-- was to tell of.  So what is sensitive is read in two steps: care.log_read() writes the row and returns its key, the
-- caller commits, and the function that reads asks for the key: it refuses one that is not committed, not the
-- caller's own, or not of a moment ago.
--
-- Each row is linked to the one before it of the same record, so that one that was changed or removed is found.
--
-- Must not know: what is sensitive.
--

CREATE TABLE care.access_log (
    log_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT access_log_pkey PRIMARY KEY,
    operation text NOT NULL
        CONSTRAINT access_log_known_operation CHECK (operation IN ('collection', 'alteration', 'consultation',
                                                                   'disclosure', 'combination', 'erasure')),
    class text COLLATE "C" NOT NULL,
    record_id bigint NOT NULL,
    person_id bigint,
    authority text NOT NULL
        CONSTRAINT access_log_authority_fkey REFERENCES care.local_authority,
    reason text NOT NULL
        CONSTRAINT access_log_has_reason CHECK (reason <> ''),
    recipients text,
    refused boolean NOT NULL,
    application text,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    follows bytea,
    link bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    purpose text
        CONSTRAINT access_log_known_purpose
            CHECK (purpose IN ('direct_care', 'safeguarding', 'continuity', 'discharge', 'statutory_return', 'subject',
                               'legal', 'research')),
    role text,
    request text,
    CONSTRAINT access_log_disclosed_to CHECK (operation <> 'disclosure' OR recipients <> '')
);
COMMENT ON TABLE care.access_log IS 'Who looked at which sensitive record, when and why; keys only, nothing they saw.';
COMMENT ON COLUMN care.access_log.log_id IS 'Key.';
COMMENT ON COLUMN care.access_log.operation IS
    'consultation (a read), disclosure, collection, alteration, combination or erasure.';
COMMENT ON COLUMN care.access_log.class IS 'The class of the record.';
COMMENT ON COLUMN care.access_log.record_id IS 'Its key.';
COMMENT ON COLUMN care.access_log.person_id IS 'The person it is about; null: nobody, or several.';
COMMENT ON COLUMN care.access_log.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.access_log.reason IS 'Why, in the words of who looked.';
COMMENT ON COLUMN care.access_log.recipients IS 'To whom it was disclosed.';
COMMENT ON COLUMN care.access_log.refused IS 'It was asked for and not shown.';
COMMENT ON COLUMN care.access_log.application IS 'The application_name of the session; null: none.';
COMMENT ON COLUMN care.access_log.transaction IS 'The transaction that wrote the row.';
COMMENT ON COLUMN care.access_log.follows IS 'The link of the row before it of the same record; null: the first.';
COMMENT ON COLUMN care.access_log.link IS 'SHA-256 of follows and the row in canonical form.';
COMMENT ON COLUMN care.access_log.recorded_at IS 'When.';
COMMENT ON COLUMN care.access_log.recorded_by IS 'Who: the login, or login/actor.';
COMMENT ON COLUMN care.access_log.purpose IS
    'For what: direct_care, safeguarding, continuity (of care on a move), discharge (from hospital), statutory_return, '
    'subject (to the person or who acts for them), legal, research; null: not said.';
COMMENT ON COLUMN care.access_log.role IS 'The role that was set, as a gateway sets it; null: none.';
COMMENT ON COLUMN care.access_log.request IS
    'The request that it was part of, as the setting care.request named it, to find what belongs together; null: none.';
CREATE INDEX access_log_record_idx ON care.access_log (record_id, class, log_id);
COMMENT ON INDEX care.access_log_record_idx IS 'Finds who looked at a record, and the last link of it.';
CREATE INDEX access_log_person_idx ON care.access_log (person_id);
COMMENT ON INDEX care.access_log_person_idx IS 'Finds who looked at the records of a person.';
CREATE INDEX access_log_recorded_idx ON care.access_log (recorded_at);
COMMENT ON INDEX care.access_log_recorded_idx IS 'Finds what was logged a moment ago, and what was long ago.';
SELECT pg_extension_config_dump('care.access_log', '');
SELECT pg_extension_config_dump('care.access_log_log_id_seq', '');
CREATE TRIGGER access_log_refuse_change BEFORE UPDATE OR TRUNCATE ON care.access_log
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: what was logged stays');
COMMENT ON TRIGGER access_log_refuse_change ON care.access_log IS 'What was logged stays as it is.';

CREATE TABLE care.access_log_disposed (
    log_id bigint NOT NULL
        CONSTRAINT access_log_disposed_pkey PRIMARY KEY,
    class text COLLATE "C" NOT NULL,
    record_id bigint NOT NULL,
    authority text NOT NULL
        CONSTRAINT access_log_disposed_authority_fkey REFERENCES care.local_authority,
    follows bytea,
    link bytea NOT NULL,
    logged_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.access_log_disposed IS
    'What is left of rows of the access log that were disposed of: their place in the chain.';
COMMENT ON COLUMN care.access_log_disposed.log_id IS 'Key the row had.';
COMMENT ON COLUMN care.access_log_disposed.class IS 'The class of the record that was looked at.';
COMMENT ON COLUMN care.access_log_disposed.record_id IS 'Its key.';
COMMENT ON COLUMN care.access_log_disposed.authority IS 'The authority that kept it.';
COMMENT ON COLUMN care.access_log_disposed.follows IS
    'The link of the row before it of the same record; null: the first.';
COMMENT ON COLUMN care.access_log_disposed.link IS 'Its link.';
COMMENT ON COLUMN care.access_log_disposed.logged_at IS 'When it was logged.';
COMMENT ON COLUMN care.access_log_disposed.recorded_at IS 'When it was disposed of.';
COMMENT ON COLUMN care.access_log_disposed.recorded_by IS 'By whom.';
CREATE INDEX access_log_disposed_record_idx ON care.access_log_disposed (record_id, class, log_id);
COMMENT ON INDEX care.access_log_disposed_record_idx IS 'Finds the last link of a record.';
SELECT pg_extension_config_dump('care.access_log_disposed', '');
CREATE TRIGGER access_log_disposed_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.access_log_disposed
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: what was disposed of is gone');
COMMENT ON TRIGGER access_log_disposed_refuse_change ON care.access_log_disposed IS 'It stays as it is.';

-- The link of a row, from what it follows.
CREATE FUNCTION care_internal.access_log_link(l care.access_log) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN care_internal.chain_link(l.follows, care_internal.canonical(
        ROW(l.log_id, l.operation, l.class, l.record_id, l.person_id, l.authority, l.reason, l.recipients, l.refused,
            l.application, l.recorded_at, l.recorded_by, l.purpose, l.role, l.request)));
COMMENT ON FUNCTION care_internal.access_log_link(care.access_log) IS
    'The link of a row of the access log, worked out anew.';

-- Written by the owner's rights alone; linked here, for a row that comes from a dump has its link.
CREATE FUNCTION care_internal.link_access() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.link IS NULL THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(NEW.class || ' ' || NEW.record_id, 0));
        SELECT k.link INTO NEW.follows
        FROM ((SELECT l.log_id, l.link FROM care.access_log AS l
               WHERE l.record_id = NEW.record_id AND l.class = NEW.class ORDER BY l.log_id DESC LIMIT 1)
              UNION ALL
              (SELECT d.log_id, d.link FROM care.access_log_disposed AS d
               WHERE d.record_id = NEW.record_id AND d.class = NEW.class ORDER BY d.log_id DESC LIMIT 1)) AS k
        ORDER BY k.log_id DESC LIMIT 1;
        NEW.link := care_internal.access_log_link(NEW);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care_internal.link_access() IS
    'Trigger: links a new row of the access log to the one before it of the same record.';
CREATE TRIGGER access_log_link BEFORE INSERT ON care.access_log
    FOR EACH ROW EXECUTE FUNCTION care_internal.link_access();
COMMENT ON TRIGGER access_log_link ON care.access_log IS 'Each row is linked to the one before it of the same record.';

CREATE FUNCTION care_internal.require_purpose(label text, purpose text) RETURNS void
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_text(label, 'purpose', purpose),
            care_internal.require_word(label, 'purpose', purpose,
                                       '{direct_care,safeguarding,continuity,discharge,statutory_return,subject,legal,'
                                       'research}');
END
$$;
COMMENT ON FUNCTION care_internal.require_purpose(text, text) IS
    'Refuses what is no purpose of a read or disclosure (22023), and none (22004).';

-- An extension whose records are not everybody's has a function sees(authority) beside what it is made of.
CREATE FUNCTION care_internal.is_seen(authority text) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked regproc;
    seen boolean;
BEGIN
    FOR asked IN SELECT p.oid FROM pg_proc AS p
                 WHERE p.proname = 'sees' AND p.proargtypes = ARRAY['text'::regtype]::oidvector
                   AND p.pronamespace IN (SELECT s.schema::oid FROM care_internal.guarded_schema() AS s) LOOP
        EXECUTE format('SELECT %s($1)', asked) INTO seen USING authority;
        IF NOT seen THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;
COMMENT ON FUNCTION care_internal.is_seen(text) IS
    'Does every extension with kept tables let the caller read records of an authority? It says so by a function '
    'sees(text) in its schemas; one that has none lets all.';

CREATE FUNCTION care.log_read(class text, record_id bigint, reason text, operation text DEFAULT 'consultation',
                              recipients text DEFAULT NULL, refused boolean DEFAULT false,
                              purpose text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = log_read.class);
    label text := format('%s %s', class, record_id);
    keeper text;
    whose int8;
    new_id int8;
BEGIN
    PERFORM care_internal.require_class('a read', class), care_internal.require_text(label, 'reason', reason),
            care_internal.require_word(label, 'operation', operation,
                                       '{collection,alteration,consultation,disclosure,combination,erasure}');
    IF purpose IS NOT NULL THEN
        PERFORM care_internal.require_purpose(label, purpose);
    END IF;
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'active_sql_transaction', CONSTRAINT = 'read_committed',
            MESSAGE = format('no read is logged under %s: the row before it might not be seen',
                             upper(current_setting('transaction_isolation'))),
            HINT = 'Log it in a READ COMMITTED transaction.';
    END IF;
    IF operation = 'disclosure' THEN
        PERFORM care_internal.require_text(label, 'recipients', recipients);
    END IF;
    EXECUTE format('SELECT h.authority, %s AS person_id FROM %s AS h WHERE h.%I = $1',
                   coalesce('h.' || quote_ident(c.person), 'NULL::bigint'), c.head, c.key)
    INTO keeper, whose USING record_id;
    IF keeper IS NULL OR NOT care_internal.is_seen(keeper) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'record_exists',
            MESSAGE = format('no such %s: %s', class, coalesce(record_id::text, 'null'));
    END IF;
    PERFORM care_internal.require_actor(keeper);
    INSERT INTO care.access_log (operation, class, record_id, person_id, authority, reason, recipients, refused,
                                 application, purpose, role, request)
    VALUES (log_read.operation, log_read.class, log_read.record_id, whose, keeper, log_read.reason,
            log_read.recipients, coalesce(log_read.refused, false),
            nullif(current_setting('application_name', true), ''), log_read.purpose,
            nullif(current_setting('role'), 'none'), nullif(current_setting('care.request', true), ''))
    RETURNING log_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.log_read(text, bigint, text, text, text, boolean, text) IS
    'Logs that a sensitive record is looked at, and why, and returns the key of the row. Commit; for ten minutes the '
    'functions that read it take the key from the same login and actor.';

-- Asked by every function that shows what is sensitive.
CREATE FUNCTION care_internal.require_logged_read(log_id bigint, class text) RETURNS care.access_log
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    logged care.access_log;
    wrong text;
BEGIN
    SELECT l.* INTO logged FROM care.access_log AS l
    WHERE l.log_id = require_logged_read.log_id AND l.class = require_logged_read.class;
    wrong := CASE WHEN logged.log_id IS NULL OR NOT care_internal.is_seen(logged.authority)
                  THEN 'there is no such row'
                  WHEN logged.transaction = pg_current_xact_id_if_assigned() THEN 'it is not committed yet'
                  WHEN logged.refused THEN 'it says that it was refused'
                  WHEN logged.recorded_by <> care_internal.recorder() THEN 'it is somebody else''s'
                  WHEN clock_timestamp() - logged.recorded_at > interval '10 minutes'
                  THEN 'it is more than ten minutes old' END;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'read_is_logged',
            MESSAGE = format('no %s is shown for row %s of the access log: %s', class,
                             coalesce(log_id::text, 'null'), wrong),
            HINT = 'Call care.log_read() with the reason, commit, then read with the key it returned.';
    END IF;
    RETURN logged;
END
$$;
COMMENT ON FUNCTION care_internal.require_logged_read(bigint, text) IS
    'The row of the access log for a read of a record of a class; 55000 (read_is_logged) unless it is committed, the '
    'caller''s own and at most ten minutes old.';
