--
-- registry: which tables are kept, and how a table, a class of record, a task or a check joins.
--
-- A class of record (an account, an agreement, a person) has a head row and tables of facts about it.  Each
-- joins by one call, whichever extension it belongs to, in the script of that extension:
--
--     SELECT care_internal.keep_class('visit', 'probe.visit', retained => 'probe.visit_retained', ...);
--     SELECT care_internal.keep('probe.visit_note', 'visit', 'probe.record_note()');
--     SELECT care_internal.note_installed('probe');            -- its last command
--
-- What is registered is not dumped: the scripts register it anew.
--
-- Must not know: any class, any table of facts.
--

CREATE TABLE care_internal.record_class (
    class text COLLATE "C" NOT NULL
        CONSTRAINT record_class_pkey PRIMARY KEY
        CONSTRAINT record_class_is_word CHECK (class ~ '^[a-z]+$' AND class <> 'authority'),
    n integer NOT NULL GENERATED ALWAYS AS IDENTITY,
    head regclass NOT NULL
        CONSTRAINT record_class_head_key UNIQUE,
    key text NOT NULL,
    person text,
    retained text NOT NULL,
    events text[] NOT NULL,
    decides boolean NOT NULL,
    derived text,
    obstacle text
);
COMMENT ON TABLE care_internal.record_class IS 'The classes of record that are kept.';
COMMENT ON COLUMN care_internal.record_class.class IS 'Name, in the singular.';
COMMENT ON COLUMN care_internal.record_class.n IS 'Order of joining: a class comes after those it refers to.';
COMMENT ON COLUMN care_internal.record_class.head IS
    'The table with a row for each record: it has columns authority and reference, and may end with derived columns.';
COMMENT ON COLUMN care_internal.record_class.key IS 'Its key, and the column of the tables of facts that refers to it.';
COMMENT ON COLUMN care_internal.record_class.person IS
    'The column of the head that says whose it is; the key itself for persons; null: it is about nobody.';
COMMENT ON COLUMN care_internal.record_class.retained IS
    'Function of a day that says of each record what its retention rests on; see keep_class().';
COMMENT ON COLUMN care_internal.record_class.events IS 'The events a retention schedule of it may wait for.';
COMMENT ON COLUMN care_internal.record_class.decides IS
    'Does the record itself say by which event its period is measured? If not, the event scheduled last is.';
COMMENT ON COLUMN care_internal.record_class.derived IS
    'Function of keys and a moment that works out the derived columns: those of the head after recorded_by.';
COMMENT ON COLUMN care_internal.record_class.obstacle IS
    'Function of a key that says why a record may not go though its time is over; null: nothing else holds it.';

CREATE TABLE care_internal.kept_table (
    relation regclass NOT NULL
        CONSTRAINT kept_table_pkey PRIMARY KEY,
    n integer NOT NULL GENERATED ALWAYS AS IDENTITY,
    class text COLLATE "C"
        CONSTRAINT kept_table_class_fkey REFERENCES care_internal.record_class,
    key text NOT NULL,
    linked text NOT NULL,
    part text
        CONSTRAINT kept_table_known_part CHECK (part IN ('statement', 'event')),
    digest text,
    extension text NOT NULL
);
COMMENT ON TABLE care_internal.kept_table IS 'The tables whose rows belong to records, parents first.';
COMMENT ON COLUMN care_internal.kept_table.relation IS 'The table.';
COMMENT ON COLUMN care_internal.kept_table.n IS 'Order of joining: a table comes after those it refers to.';
COMMENT ON COLUMN care_internal.kept_table.class IS
    'The class whose facts they are; null: no facts, and each row says itself to which class it belongs.';
COMMENT ON COLUMN care_internal.kept_table.key IS 'The column with the key of the record.';
COMMENT ON COLUMN care_internal.kept_table.linked IS 'What of a row n is linked into the chain of its record.';
COMMENT ON COLUMN care_internal.kept_table.part IS
    'statement or event: a part of the record for which a schedule of its own may be made.';
COMMENT ON COLUMN care_internal.kept_table.digest IS
    'For statements: function of a row that works out the digest it is kept with.';
COMMENT ON COLUMN care_internal.kept_table.extension IS 'The extension it belongs to.';

-- Only in the script of an extension that made the table, which it names.
CREATE FUNCTION care_internal.keeping_extension(relation regclass) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    extension pg_extension;
BEGIN
    SELECT x.* INTO extension FROM pg_depend AS d JOIN pg_extension AS x ON x.oid = d.refobjid
    WHERE d.classid = 'pg_class'::regclass AND d.objid = relation AND d.deptype = 'e'
      AND d.refclassid = 'pg_extension'::regclass;
    IF NOT FOUND OR extension.extrelocatable OR extension.extnamespace = 'public'::regnamespace THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s cannot be kept: it belongs to no extension with a schema of its own', relation),
            HINT = 'Declare it in the script of an extension that is not relocatable and names its schema.',
            CONSTRAINT = 'kept_by_extension';
    END IF;
    RETURN extension.extname;
END
$$;
COMMENT ON FUNCTION care_internal.keeping_extension(regclass) IS
    'The extension that a table to be kept belongs to; 55000 if there is none.';

-- The schema of what an extension is made of: beside that of its contract, or the same.
CREATE FUNCTION care_internal.internals_of(relation regclass) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce((SELECT i.nspname FROM pg_namespace AS i WHERE i.nspname = n.nspname || '_internal'), n.nspname)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation;
END;
COMMENT ON FUNCTION care_internal.internals_of(regclass) IS 'The schema in which what keeps a table is made.';

-- The columns of a table, in order: facts to recorded_by, and what is derived after it.
CREATE FUNCTION care_internal.columns_of(relation regclass, derived boolean) RETURNS text[]
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute AS a
    WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped
      AND derived = (a.attnum > (SELECT r.attnum FROM pg_attribute AS r
                                 WHERE r.attrelid = relation AND r.attname = 'recorded_by'));
END;
COMMENT ON FUNCTION care_internal.columns_of(regclass, boolean) IS
    'The columns of a kept table that hold facts, or those derived from facts; null: none.';

-- A table, and the keys it makes, as a dump takes them; what has no comment yet gets that of every kept table.
CREATE FUNCTION care_internal.mark_kept(relation regclass, class text, key text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made regclass;
    commented record;
BEGIN
    PERFORM pg_extension_config_dump(relation, '');
    FOR made IN SELECT d.objid FROM pg_depend AS d JOIN pg_class AS c ON c.oid = d.objid AND c.relkind = 'S'
                WHERE d.classid = 'pg_class'::regclass AND d.refobjid = relation AND d.deptype = 'i' ORDER BY 1 LOOP
        PERFORM pg_extension_config_dump(made, '');
    END LOOP;
    FOR commented IN
        SELECT a.attname, t.comment
        FROM (VALUES (key, format('The %s.', coalesce(class, 'record'))),
                     ('recorded_at', 'When the row was recorded.'), ('recorded_by', 'Who recorded the row.'),
                     ('supersedes', 'The key of the row this one corrects.')) AS t (name, comment)
            JOIN pg_attribute AS a ON a.attrelid = relation AND a.attname = t.name
        WHERE col_description(relation, a.attnum) IS NULL LOOP
        EXECUTE format('COMMENT ON COLUMN %s.%I IS %L', relation, commented.attname, commented.comment);
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.mark_kept(regclass, text, text) IS
    'Part of keep(): a dump takes the rows and the state of the keys; columns that every kept table has are commented.';

-- Rows are not changed, and go with their record only, in every session: also where rows come from elsewhere.
CREATE FUNCTION care_internal.protect(relation regclass, class text, key text, correction text, has_derived boolean)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := (SELECT c.relname FROM pg_class AS c WHERE c.oid = relation);
    removal text := format('care_internal.refuse_removal(%L, %L)', coalesce(class, ''), key);
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('_refuse_change', 'UPDATE', 'STATEMENT', format('care_internal.refuse_change(%L)', correction),
         'Facts are added to, never changed.', NOT has_derived),
        ('_refuse_update', 'UPDATE', 'ROW', format('care_internal.refuse_update(%L)', correction),
         'What was said at first is never changed; what follows from the facts, only by what works it out.',
         has_derived),
        ('_retained', 'DELETE', 'ROW', removal, 'Rows go only with their record, disposed of.', true),
        ('_retained_whole', 'TRUNCATE', 'STATEMENT', removal, 'Rows never go all at once.', true))
        AS v (suffix, command, level, function, comment, wanted) WHERE v.wanted LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE %s ON %s FOR EACH %s EXECUTE FUNCTION %s',
                       name || t.suffix, t.command, relation, t.level, t.function);
        EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', name || t.suffix, relation, t.comment);
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', relation, name || t.suffix);
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.protect(regclass, text, text, text, boolean) IS
    'Part of keep(): the triggers that refuse change and removal.';

-- One declaration, and a table is kept: dumped, never changed, linked into the chain of its record, shown in the
-- audit trail, verified, retained, held, disposed of and guarded.
CREATE FUNCTION care_internal.keep(relation regclass, class text, correction text, key text DEFAULT NULL,
                                   linked text[] DEFAULT NULL, part text DEFAULT NULL, digest text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    of_row text := coalesce((SELECT 'ROW(' || string_agg(format('n.%I', u.name), ', ' ORDER BY u.place) || ')'
                             FROM unnest(linked) WITH ORDINALITY AS u (name, place)), 'n');
    is_head boolean := EXISTS (SELECT FROM care_internal.record_class AS c WHERE c.head = relation);
BEGIN
    key := coalesce(key, class || '_id', 'record_id');
    INSERT INTO care_internal.kept_table (relation, class, key, linked, part, digest, extension)
    VALUES (keep.relation, keep.class, keep.key, of_row, keep.part, keep.digest,
            care_internal.keeping_extension(keep.relation));
    PERFORM care_internal.mark_kept(relation, class, key),
            care_internal.protect(relation, class, key, correction, is_head AND linked IS NOT NULL);
    IF class IS NOT NULL THEN
        PERFORM care_internal.link_rows(relation, class, key, of_row,
                                        CASE WHEN is_head THEN 'first' WHEN part = 'statement' THEN 'statement'
                                             ELSE 'next' END);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.keep(regclass, text, text, text, text[], text, text) IS
    'Declares a table of facts of a class (null: rows that say themselves to which record they belong, and are no '
    'facts); correction is the function that adds a fact which corrects another, for messages; key the column with the '
    'record''s key; linked the columns that are linked, where not all; part statement (it has columns as_at, '
    'statement_id, chain_length and chain_head, which show what they follow; digest is the function of a row that its '
    'column digest was taken with) or event. For the script of an extension.';

CREATE FUNCTION care_internal.keep_class(class text, head regclass, correction text, retained text, events text[],
                                         person text DEFAULT 'person_id', decides boolean DEFAULT false,
                                         derived text DEFAULT NULL, obstacle text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care_internal.record_class (class, head, key, person, retained, events, decides, derived, obstacle)
    VALUES (keep_class.class, keep_class.head, keep_class.class || '_id', keep_class.person, keep_class.retained,
            keep_class.events, keep_class.decides, keep_class.derived, keep_class.obstacle);
    PERFORM care_internal.keep(head, class, correction,
                               linked => CASE WHEN derived IS NOT NULL THEN care_internal.columns_of(head, false) END);
END
$$;
COMMENT ON FUNCTION care_internal.keep_class(text, regclass, text, text, text[], text, boolean, text, text) IS
    'Declares a class of record by its head table, with key <class>_id. retained: function (as_at date) with columns '
    'record_id, decided_by (the event that starts its period; null: that of its schedule), known_on (the day its '
    'person''s death was known), closed_on, and kept_because (why its clock is not running; null: it is). decides: '
    'decided_by is never null. derived: '
    'function (keys bigint[], known_at timestamptz) with the key and the derived columns of the head. obstacle: '
    'function (key bigint) that says why a record that is due may not go. For the script of an extension.';

-- The schemas of care_account and of every extension with kept tables: of its contract, and of what it is made of.
CREATE FUNCTION care_internal.guarded_schema() RETURNS TABLE (schema regnamespace, extension text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT n.oid::regnamespace, x.extname
    FROM pg_extension AS x
        JOIN pg_namespace AS n
            ON n.oid = x.extnamespace
               OR EXISTS (SELECT FROM pg_depend AS d
                          WHERE d.classid = 'pg_namespace'::regclass AND d.objid = n.oid AND d.deptype = 'e'
                            AND d.refclassid = 'pg_extension'::regclass AND d.refobjid = x.oid)
    WHERE x.extname = 'care_account' OR x.extname IN (SELECT k.extension FROM care_internal.kept_table AS k);
END;
COMMENT ON FUNCTION care_internal.guarded_schema() IS
    'The schemas of care_account and of every extension whose tables are kept.';

-- The records themselves.
CREATE FUNCTION care_internal.heads(of_class text DEFAULT NULL, from_key bigint DEFAULT NULL,
                                    to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, authority text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class;
BEGIN
    FOR c IN SELECT r.* FROM care_internal.record_class AS r WHERE of_class IS NULL OR r.class = of_class
        ORDER BY r.n LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, h.%I, h.authority FROM %s AS h', c.class, c.key, c.head)
                             || care_internal.part_of('h', c.head, c.key, NULL, from_key, to_key)
                     USING NULL::text, from_key, to_key;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.heads(text, bigint, bigint) IS
    'Every record, or those of one class and a range of keys, with the authority that keeps it.';

-- For a query over a kept table with the parameters $1 (authority), $2 and $3 (first and last key).
CREATE FUNCTION care_internal.part_of(alias text, head regclass, key text, authority text, from_key bigint,
                                      to_key bigint)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(' WHERE ' || nullif(concat_ws(' AND ',
        CASE WHEN authority IS NOT NULL
             THEN format('%1$I.%2$I IN (SELECT h.%2$I FROM %3$s AS h WHERE h.authority = $1)', alias, key, head) END,
        CASE WHEN from_key = to_key THEN format('%I.%I = $2', alias, key)
             WHEN from_key IS NOT NULL THEN format('%I.%I >= $2', alias, key) END,
        CASE WHEN to_key <> from_key OR from_key IS NULL AND to_key IS NOT NULL THEN format('%I.%I <= $3', alias, key)
             END), ''), '');
END;
COMMENT ON FUNCTION care_internal.part_of(text, regclass, text, text, bigint, bigint) IS
    'The condition of a query of a kept table that takes the rows of one authority or a range of keys; empty: all.';

CREATE FUNCTION care_internal.require_class(label text, class text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_word(label, 'class', class,
                                       ARRAY(SELECT r.class FROM care_internal.record_class AS r ORDER BY r.class));
END
$$;
COMMENT ON FUNCTION care_internal.require_class(text, text) IS
    'Refuses (22023) what is no class of record that is kept.';

-- The one command that writes derived columns: derived_sql.c runs it.
CREATE FUNCTION care_internal.derived_command(of_class text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('UPDATE %1$s AS h SET (%2$s) = ROW(%3$s) FROM %4$s($1, ''infinity'') AS d WHERE d.%5$I = h.%5$I',
                  c.head, string_agg(quote_ident(u.name), ', ' ORDER BY u.place),
                  string_agg('d.' || quote_ident(u.name), ', ' ORDER BY u.place), c.derived, c.key)
    FROM care_internal.record_class AS c,
        unnest(care_internal.columns_of(c.head, true)) WITH ORDINALITY AS u (name, place)
    WHERE c.class = of_class
    GROUP BY c.head, c.derived, c.key;      -- not by the primary key, or a dump grants it after the rows
END;
COMMENT ON FUNCTION care_internal.derived_command(text) IS
    'The UPDATE that writes the derived columns of the records of a class with the keys $1; null: it has none.';

--
-- Tasks: runs over many records.  Checks: what verify() calls.
--

CREATE TABLE care_internal.known_task (
    task text NOT NULL
        CONSTRAINT task_pkey PRIMARY KEY,
    class text COLLATE "C"
        CONSTRAINT task_class_fkey REFERENCES care_internal.record_class,
    due text,
    work text,
    prepare text
);
COMMENT ON TABLE care_internal.known_task IS 'What is done to many records in one run, batch by batch.';
COMMENT ON COLUMN care_internal.known_task.task IS 'Name, as care.batch_progress shows it.';
COMMENT ON COLUMN care_internal.known_task.class IS 'The class of its records; null: it has a procedure of its own.';
COMMENT ON COLUMN care_internal.known_task.due IS
    'Query of the records due on a day, $1: key, authority, due date or null.';
COMMENT ON COLUMN care_internal.known_task.work IS
    'Query that does a batch, of keys $1 with due dates $2 on day $3, whose records are locked, and counts what was '
    'done.';
COMMENT ON COLUMN care_internal.known_task.prepare IS 'Query that comes before the records of a batch are locked.';

CREATE FUNCTION care_internal.keep_task(task text, class text DEFAULT NULL, due text DEFAULT NULL,
                                        work text DEFAULT NULL,
                                        prepare text DEFAULT NULL)
    RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO care_internal.known_task (task, class, due, work, prepare)
    VALUES (keep_task.task, keep_task.class, keep_task.due, keep_task.work, keep_task.prepare);
END;
COMMENT ON FUNCTION care_internal.keep_task(text, text, text, text, text) IS
    'Declares a task; see care_internal.known_task. For the script of an extension.';

CREATE TABLE care_internal.check_function (
    name text NOT NULL
        CONSTRAINT check_function_pkey PRIMARY KEY,
    n integer NOT NULL GENERATED ALWAYS AS IDENTITY,
    class text COLLATE "C" NOT NULL
        CONSTRAINT check_function_class_fkey REFERENCES care_internal.record_class
);
COMMENT ON TABLE care_internal.check_function IS 'The functions that care.verify() calls.';
COMMENT ON COLUMN care_internal.check_function.name IS
    'Function of an authority and a range of keys, each of which may be null, with columns record_id and difference.';
COMMENT ON COLUMN care_internal.check_function.n IS 'Order.';
COMMENT ON COLUMN care_internal.check_function.class IS 'The class of the records it looks at.';

CREATE FUNCTION care_internal.keep_check(name text, class text) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO care_internal.check_function (name, class) VALUES (keep_check.name, keep_check.class);
END;
COMMENT ON FUNCTION care_internal.keep_check(text, text) IS
    'Declares a check; see care_internal.check_function. For the script of an extension.';

-- What is registered of an extension goes with its tables.
CREATE FUNCTION care_internal.forget_dropped() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone text[] := ARRAY(SELECT r.class FROM care_internal.record_class AS r
                         WHERE NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = r.head));
BEGIN
    DELETE FROM care_internal.check_function AS f WHERE f.class = ANY (gone);
    DELETE FROM care_internal.known_task AS t WHERE t.class = ANY (gone);
    DELETE FROM care_internal.own_reference AS o
    WHERE NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = o.relation);
    DELETE FROM care_internal.reference_table AS t
    WHERE NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.relation);
    DELETE FROM care_internal.kept_table AS t
    WHERE t.class = ANY (gone) OR NOT EXISTS (SELECT FROM pg_class AS c WHERE c.oid = t.relation);
    DELETE FROM care_internal.record_class AS r WHERE r.class = ANY (gone);
    DELETE FROM care_internal.known_setting AS s WHERE s.extension NOT IN (SELECT x.extname FROM pg_extension AS x);
END
$$;
COMMENT ON FUNCTION care_internal.forget_dropped() IS
    'Part of the guard: takes what is gone from the registry, after its extension was dropped.';
