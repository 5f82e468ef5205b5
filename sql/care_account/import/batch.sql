--
-- batch: a spreadsheet that is brought in, from the lines of its files to what was loaded.
--
-- What is staged is no fact: it may be wrong, and is nobody's record yet.  So it is not dumped, not linked, and not
-- in the write-ahead log, which no backup and no standby then has (its tables are UNLOGGED: a crash empties them).
-- What is loaded leaves it at once, the rest when the batch is closed or given up.  What stays of a batch is its name,
-- a digest of its files, and for each record loaded from it a row that says so and goes with the record.
--
-- Must not know: what is in a file.
--

CREATE TABLE care.import_batch (
    batch_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT import_batch_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT import_batch_authority_fkey REFERENCES care.local_authority,
    name text NOT NULL
        CONSTRAINT import_batch_has_name CHECK (name <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.import_batch IS 'The spreadsheets that were brought in, each a batch of up to five sheets.';
COMMENT ON COLUMN care.import_batch.batch_id IS 'Key.';
COMMENT ON COLUMN care.import_batch.authority IS 'The authority whose records they are.';
COMMENT ON COLUMN care.import_batch.name IS 'What the spreadsheet is called; nothing about a person.';
COMMENT ON COLUMN care.import_batch.recorded_at IS 'When it was begun.';
COMMENT ON COLUMN care.import_batch.recorded_by IS 'Who began it.';
SELECT care_internal.keep_reference('care.import_batch'),
       pg_extension_config_dump('care.import_batch_batch_id_seq', '');
CREATE TRIGGER import_batch_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.import_batch
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.import_begin()');
COMMENT ON TRIGGER import_batch_refuse_change ON care.import_batch IS 'Batches are added to, never changed.';

CREATE TABLE care.import_done (
    batch_id bigint NOT NULL
        CONSTRAINT import_done_pkey PRIMARY KEY
        CONSTRAINT import_done_batch_fkey REFERENCES care.import_batch,
    loaded bigint NOT NULL,
    left_out bigint NOT NULL,
    digest bytea NOT NULL
        CONSTRAINT import_done_digest_is_sha256 CHECK (length(digest) = 32),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.import_done IS 'The batches that were loaded, once each.';
COMMENT ON COLUMN care.import_done.batch_id IS 'The batch.';
COMMENT ON COLUMN care.import_done.loaded IS 'How many accounts and agreements were loaded.';
COMMENT ON COLUMN care.import_done.left_out IS 'How many were not, for a problem or against a rule.';
COMMENT ON COLUMN care.import_done.digest IS
    'SHA-256 of the last link of a chain of the lines of each of its files, by name of the sheet: so that a file found '
    'later can be known for it.';
COMMENT ON COLUMN care.import_done.recorded_at IS 'When the load was complete.';
COMMENT ON COLUMN care.import_done.recorded_by IS 'Who completed it.';
SELECT care_internal.keep_reference('care.import_done');
CREATE TRIGGER import_done_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.import_done
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: a batch is loaded once');
COMMENT ON TRIGGER import_done_refuse_change ON care.import_done IS 'A batch is loaded once.';

CREATE TABLE care.import_loaded (
    class text COLLATE "C" NOT NULL
        CONSTRAINT import_loaded_class_fkey REFERENCES care_internal.record_class,
    record_id bigint NOT NULL,
    loaded_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    batch_id bigint NOT NULL
        CONSTRAINT import_loaded_batch_fkey REFERENCES care.import_batch,
    lines bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT import_loaded_pkey PRIMARY KEY (loaded_id),
    CONSTRAINT import_loaded_key UNIQUE (class, record_id, loaded_id)
);
COMMENT ON TABLE care.import_loaded IS
    'From which batch each record came that was loaded from one: the row goes with the record.';
COMMENT ON COLUMN care.import_loaded.class IS 'account or agreement.';
COMMENT ON COLUMN care.import_loaded.record_id IS 'Key of the record.';
COMMENT ON COLUMN care.import_loaded.loaded_id IS 'Key within the record.';
COMMENT ON COLUMN care.import_loaded.batch_id IS 'The batch.';
COMMENT ON COLUMN care.import_loaded.lines IS 'How many lines of its files make up the record.';
COMMENT ON COLUMN care.import_loaded.recorded_at IS 'When it was loaded.';
COMMENT ON COLUMN care.import_loaded.recorded_by IS 'Who loaded it.';
SELECT care_internal.keep('care.import_loaded', NULL, 'nothing: where a record came from stays');

--
-- What is staged.
--

CREATE UNLOGGED TABLE care.import_line (
    n bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT import_line_pkey PRIMARY KEY,
    line text,
    session integer NOT NULL DEFAULT pg_backend_pid(),
    copied_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE care.import_line IS
    'Where the lines of a file are copied to; care.import_sheet() takes those of its own session and leaves none.';
COMMENT ON COLUMN care.import_line.n IS 'Order.';
COMMENT ON COLUMN care.import_line.line IS 'The line, as it is in the file.';
COMMENT ON COLUMN care.import_line.session IS 'The session that copied it.';
COMMENT ON COLUMN care.import_line.copied_at IS 'When: a session that ended may have had the same number.';

CREATE UNLOGGED TABLE care_internal.import_sheet (
    batch_id bigint NOT NULL,
    sheet text NOT NULL
        CONSTRAINT import_sheet_known CHECK (sheet IN ('agreements', 'entries', 'valuations', 'accounts', 'budgets')),
    headings text[] NOT NULL,
    dates text
        CONSTRAINT import_sheet_known_dates CHECK (dates IN ('dmy', 'mdy')),
    words jsonb NOT NULL,
    digest bytea NOT NULL,
    CONSTRAINT import_sheet_pkey PRIMARY KEY (batch_id, sheet)
);
COMMENT ON TABLE care_internal.import_sheet IS 'The sheets that are staged, and how each is read.';
COMMENT ON COLUMN care_internal.import_sheet.batch_id IS 'The batch.';
COMMENT ON COLUMN care_internal.import_sheet.sheet IS 'agreements, entries, valuations, accounts or budgets.';
COMMENT ON COLUMN care_internal.import_sheet.headings IS
    'The heading of the column of each field, as care_internal.import_field numbers them; null: none.';
COMMENT ON COLUMN care_internal.import_sheet.dates IS
    'How 03/04/2024 is read: dmy, 3 April; mdy, 4 March; null: it was not said.';
COMMENT ON COLUMN care_internal.import_sheet.words IS 'What stands for words of the authority''s own.';
COMMENT ON COLUMN care_internal.import_sheet.digest IS 'Last link of a chain of the lines of the file.';

CREATE UNLOGGED TABLE care_internal.import_row (
    batch_id bigint NOT NULL,
    sheet text NOT NULL,
    line bigint NOT NULL,
    record text,
    fault text,
    v text[] NOT NULL,
    says text[] NOT NULL,
    CONSTRAINT import_row_pkey PRIMARY KEY (batch_id, sheet, line)
);
CREATE INDEX import_row_record_idx ON care_internal.import_row (batch_id, sheet, record);
COMMENT ON INDEX care_internal.import_row_record_idx IS 'Finds the rows of a record.';
COMMENT ON TABLE care_internal.import_row IS 'The rows that are staged, all text.';
COMMENT ON COLUMN care_internal.import_row.batch_id IS 'The batch.';
COMMENT ON COLUMN care_internal.import_row.sheet IS 'The sheet.';
COMMENT ON COLUMN care_internal.import_row.line IS 'The line of the file it begins on, from 1.';
COMMENT ON COLUMN care_internal.import_row.record IS 'The reference of its account or agreement; null: it has none.';
COMMENT ON COLUMN care_internal.import_row.fault IS
    'Why the row is not read: total, for one of totals; wide, for one with more fields than the heading; null: it is.';
COMMENT ON COLUMN care_internal.import_row.v IS
    'The fields, as care_internal.import_field numbers them, without blanks around; null: blank.';
COMMENT ON COLUMN care_internal.import_row.says IS
    'What each says: a day as ISO writes it, an amount in digits, a word of ours; null: blank, or it cannot be read.';

-- A batch that may still be filled and loaded.
CREATE FUNCTION care_internal.require_batch(batch_id bigint) RETURNS care.import_batch
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    batch care.import_batch;
    done care.import_done;
BEGIN
    SELECT b.* INTO batch FROM care.import_batch AS b WHERE b.batch_id = require_batch.batch_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'import_batch_exists',
            SCHEMA = 'care', TABLE = 'import_batch', COLUMN = 'batch_id',
            MESSAGE = format('no such batch: %s', coalesce(batch_id::text, 'null')),
            HINT = 'care.import_begin() begins one and returns its key.';
    END IF;
    SELECT d.* INTO done FROM care.import_done AS d WHERE d.batch_id = batch.batch_id;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'import_loaded_once',
            SCHEMA = 'care', TABLE = 'import_done', COLUMN = 'batch_id',
            MESSAGE = format('batch %s (%s) was loaded on %s', batch.batch_id, batch.name,
                             care_internal.day_text(care_internal.day_of(done.recorded_at))),
            HINT = 'What it left out is brought in, put right, with another batch.';
    END IF;
    RETURN batch;
END
$$;
COMMENT ON FUNCTION care_internal.require_batch(bigint) IS
    'The batch; P0002 if there is none, 55000 if it was loaded.';

-- Lines that another session copied and ended without taking are nobody's.
CREATE FUNCTION care_internal.forget_lines() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    DELETE FROM care.import_line AS l
    WHERE NOT EXISTS (SELECT FROM pg_stat_activity AS s
                      WHERE s.pid = l.session AND (s.backend_start > l.copied_at) IS NOT TRUE);
END
$$;
COMMENT ON FUNCTION care_internal.forget_lines() IS
    'Removes the lines whose session has ended, also those of an earlier one with the number of this.';

CREATE FUNCTION care.import_begin(authority text, name text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    PERFORM care_internal.require_authority(authority, NULL),
            care_internal.require_text(format('batch of %s', authority), 'name', name),
            care_internal.require_actor(authority),
            care_internal.forget_lines();
    INSERT INTO care.import_batch AS b (authority, name) VALUES (import_begin.authority, import_begin.name)
    RETURNING b.batch_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.import_begin(text, text) IS
    'Begins to bring in a spreadsheet of an authority, by its name, and returns the key of the batch. Next: copy each '
    'file to care.import_line and take it with import_sheet().';

CREATE FUNCTION care.import_discard(batch_id bigint) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone int8;
BEGIN
    PERFORM care_internal.require_batch(batch_id), care_internal.forget_lines();
    DELETE FROM care_internal.import_row AS r WHERE r.batch_id = import_discard.batch_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    DELETE FROM care_internal.import_sheet AS s WHERE s.batch_id = import_discard.batch_id;
    DELETE FROM care.import_line AS l WHERE l.session = pg_backend_pid();
    RETURN gone;
END
$$;
COMMENT ON FUNCTION care.import_discard(bigint) IS
    'Removes all that is staged of a batch, and the lines that this session copied, and says how many rows; its sheets '
    'may be taken anew.';

CREATE FUNCTION care.import_waiting()
    RETURNS TABLE (batch_id bigint, authority text, name text, sheet text, lines bigint, begun_at timestamptz,
                   begun_by text)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT b.batch_id, b.authority, b.name, s.sheet,
           (SELECT count(*) FROM care_internal.import_row AS r WHERE r.batch_id = s.batch_id AND r.sheet = s.sheet),
           b.recorded_at, b.recorded_by
    FROM care_internal.import_sheet AS s JOIN care.import_batch AS b ON b.batch_id = s.batch_id
    ORDER BY b.batch_id, s.sheet;
END;
COMMENT ON FUNCTION care.import_waiting() IS
    'What is staged, a row a sheet: to be loaded with import_load(), or removed with import_discard().';
