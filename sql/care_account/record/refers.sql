--
-- refers: rows that refer to another row of their own table: what they supersede, reverse or follow.
--
-- A dump holds the rows of a table in no order, and written as INSERT commands each is a transaction of its own: a
-- foreign key would refuse a row that stands before the one it refers to, and the row would be lost.  So such a
-- reference is looked at where a row is recorded, and by care.verify(); a row that comes from elsewhere is taken.
--
-- Must not know: what the rows mean.
--

CREATE TABLE care_internal.own_reference (
    relation regclass NOT NULL,
    refers text NOT NULL,
    key text NOT NULL,
    record text,
    CONSTRAINT own_reference_pkey PRIMARY KEY (relation, refers)
);
COMMENT ON TABLE care_internal.own_reference IS 'References of tables to themselves.';
COMMENT ON COLUMN care_internal.own_reference.relation IS 'The table.';
COMMENT ON COLUMN care_internal.own_reference.refers IS 'The column that refers; its name ends that of the reference.';
COMMENT ON COLUMN care_internal.own_reference.key IS 'The column it refers to.';
COMMENT ON COLUMN care_internal.own_reference.record IS
    'The column with the key of the record, which both rows share; null: any row.';

CREATE FUNCTION care_internal.own_reference_name(reference care_internal.own_reference) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.relname || '_' || regexp_replace((reference).refers, '_statement_id$', '') || '_fkey'
    FROM pg_class AS c WHERE c.oid = (reference).relation;
END;
COMMENT ON FUNCTION care_internal.own_reference_name(care_internal.own_reference) IS
    'How a reference is called in errors and by care.verify().';

-- The condition of a row n that refers to no row.
CREATE FUNCTION care_internal.refers_to_none(reference care_internal.own_reference) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN format('n.%1$I IS NOT NULL AND NOT EXISTS (SELECT FROM %2$s AS k WHERE k.%3$I = n.%1$I%4$s)',
                  (reference).refers, (reference).relation, (reference).key,
                  CASE WHEN (reference).record IS NULL THEN ''
                       ELSE format(' AND k.%1$I = n.%1$I', (reference).record) END);
COMMENT ON FUNCTION care_internal.refers_to_none(care_internal.own_reference) IS
    'The condition of a row n of its table that refers to a row which is not there.';

-- In the script of an extension, after keep() or keep_reference().
CREATE FUNCTION care_internal.refer_within(relation regclass, refers text, key text, record text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    reference care_internal.own_reference;
    name text;
    function text;
BEGIN
    INSERT INTO care_internal.own_reference AS o (relation, refers, key, record)
    VALUES (refer_within.relation, refer_within.refers, refer_within.key, refer_within.record)
    RETURNING o.* INTO reference;
    name := care_internal.own_reference_name(reference);
    function := format('%I.%I', care_internal.internals_of(relation), name);
    EXECUTE format('CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql
                    SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L',
                   function, format($body$
BEGIN
    IF EXISTS (SELECT FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at) AND %s) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'foreign_key_violation', CONSTRAINT = %L, TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA,
            COLUMN = %L,
            MESSAGE = format('a new row of %%I.%%I refers in %s to a row that is not there', TG_TABLE_SCHEMA,
                             TG_TABLE_NAME);
    END IF;
    RETURN NULL;
END
$body$, care_internal.refers_to_none(reference), name, refers, refers));
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s() FROM PUBLIC', function);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', function,
                   format('Trigger: refuses (23503) new rows of %s that refer in %s to a row which is not there.',
                          relation, refers));
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                   name, relation, function);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', name, relation, 'What a new row refers to is there.');
END
$$;
COMMENT ON FUNCTION care_internal.refer_within(regclass, text, text, text) IS
    'Declares that a column refers to the key of another row of the same table, and of the same record where a column '
    'for it is named. For the script of an extension.';

CREATE FUNCTION care_internal.as_known_name(relation regclass) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%I.%I', n.nspname, c.relname || '_known_at')
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation;
END;
COMMENT ON FUNCTION care_internal.as_known_name(regclass) IS
    'The name of the function that has the rows of a table that held by what was known at a moment.';

-- The rows that held, by what was known at a moment; holds: which rows hold anything at all, as a condition on r.
CREATE FUNCTION care_internal.ask_as_known(relation regclass, key text, record text, holds text,
                                           name text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
    name := coalesce(name, care_internal.as_known_name(relation));
    EXECUTE format('CREATE FUNCTION %1$s(known_at timestamptz) RETURNS SETOF %2$s LANGUAGE sql STABLE PARALLEL SAFE
                    BEGIN ATOMIC
                        SELECT r.* FROM %2$s AS r
                        WHERE r.recorded_at <= known_at AND (%5$s)
                          AND NOT EXISTS (SELECT FROM %2$s AS later
                                          WHERE later.%4$I = r.%4$I AND later.supersedes = r.%3$I
                                            AND later.recorded_at <= known_at);
                    END', name, relation, key, record, holds);
    EXECUTE format('COMMENT ON FUNCTION %s(timestamptz) IS %L', name,
                   format('Rows of %s as they were known at a moment: recorded by then, and %s by then.', relation,
                          CASE WHEN holds = 'true' THEN 'not corrected' ELSE 'neither corrected nor withdrawn' END));
END
$$;
COMMENT ON FUNCTION care_internal.ask_as_known(regclass, text, text, text, text) IS
    'Makes the function ..._known_at(known_at), or one of another name, of a table whose rows are corrected by rows. For '
    'the script of an extension.';

-- Rows of which the last about a record holds: the last of each record.
CREATE FUNCTION care_internal.ask_last_as_known(relation regclass, key text, record text, name text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
    name := coalesce(name, care_internal.as_known_name(relation));
    EXECUTE format('CREATE FUNCTION %1$s(known_at timestamptz) RETURNS SETOF %2$s LANGUAGE sql STABLE PARALLEL SAFE
                    BEGIN ATOMIC
                        SELECT r.* FROM %2$s AS r
                        WHERE r.recorded_at <= known_at
                          AND NOT EXISTS (SELECT FROM %2$s AS later
                                          WHERE later.%4$I = r.%4$I AND later.%3$I > r.%3$I
                                            AND later.recorded_at <= known_at);
                    END', name, relation, key, record);
    EXECUTE format('COMMENT ON FUNCTION %s(timestamptz) IS %L', name,
                   format('Rows of %s as they were known at a moment: the last of each %s recorded by then.', relation,
                          substring(record FROM '^(.*)_id$')));
END
$$;
COMMENT ON FUNCTION care_internal.ask_last_as_known(regclass, text, text, text) IS
    'Makes the function ..._known_at(known_at), or one of another name, of a table whose last row about a record holds. '
    'For the script of an extension.';

-- The same of one record: one probe of an index, where the function above has two.
CREATE FUNCTION care_internal.ask_last_of(relation regclass, key text, record text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    name text := (SELECT format('%s.%I', care_internal.internals_of(relation), c.relname || '_of')
                  FROM pg_class AS c WHERE c.oid = relation);
BEGIN
    EXECUTE format('CREATE FUNCTION %1$s(record_id bigint, known_at timestamptz) RETURNS SETOF %2$s
                        LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
                    BEGIN ATOMIC
                        SELECT r.* FROM %2$s AS r WHERE r.%4$I = record_id AND r.recorded_at <= known_at
                        ORDER BY r.%3$I DESC LIMIT 1;
                    END', name, relation, key, record);
    EXECUTE format('COMMENT ON FUNCTION %s(bigint, timestamptz) IS %L', name,
                   format('The last row of %s about one %s that was recorded by a moment; no row if there is none.',
                          relation, substring(record FROM '^(.*)_id$')));
END
$$;
COMMENT ON FUNCTION care_internal.ask_last_of(regclass, text, text) IS
    'Makes the function ..._of(record_id, known_at) of a table whose last row about a record holds. For the script of an '
    'extension.';

-- Rows corrected by rows: supersedes names a row of the same record, and a row is named once.  Without holds the script
-- says itself what was known at a moment.
CREATE FUNCTION care_internal.correct_by_rows(relation regclass, key text, record text, holds text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text;
    schema text;
BEGIN
    SELECT c.relname || '_superseded_once', n.nspname INTO name, schema
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation;
    PERFORM care_internal.refer_within(relation, 'supersedes', key, record);
    EXECUTE format('CREATE UNIQUE INDEX %I ON %s (%I, supersedes) WHERE supersedes IS NOT NULL', name, relation,
                   record);
    EXECUTE format('COMMENT ON INDEX %I.%I IS %L', schema, name,
                   'A row is corrected once; then its correction is corrected.');
    IF holds IS NOT NULL THEN
        PERFORM care_internal.ask_as_known(relation, key, record, holds);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.correct_by_rows(regclass, text, text, text) IS
    'Declares that the rows of a table are corrected by rows: the column supersedes names a row of the same record by '
    'its key; and makes its function ..._known_at, of the rows that meet a condition on r (null: none is made). For '
    'the script of an extension.';

-- What a correction names is a row of the record that nothing corrects yet.
CREATE FUNCTION care_internal.require_correctable(label text, relation regclass, record_key text, record_id bigint,
                                                  row_key text, supersedes bigint)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    there boolean;
BEGIN
    IF supersedes IS NULL THEN
        RETURN;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %1$s AS t WHERE t.%2$I = $1 AND t.%3$I = $2
                                     AND NOT EXISTS (SELECT FROM %1$s AS l WHERE l.%2$I = $1 AND l.supersedes = $2))',
                   relation, record_key, row_key)
    INTO there USING record_id, supersedes;
    IF NOT there THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'correctable_exists', COLUMN = 'supersedes',
            MESSAGE = format('%s: there is no row %s of %s to correct', label, supersedes, relation),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_correctable(text, regclass, text, bigint, text, bigint) IS
    'Refuses (P0002) to correct what is no row of the record, or has been corrected already; null corrects nothing.';
