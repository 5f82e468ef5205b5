--
-- reference: what is recorded about no person: figures, policies, settings.  It is kept as facts about a record are.
--
-- A table of reference joins by one declaration, whichever extension it belongs to, in the script of that extension:
--
--     SELECT care_internal.keep_reference('probe.tariff');
--
-- Then a dump takes its rows but for those that came with the product, and its new rows are linked: into a chain for
-- each authority where it has a column authority, else into one.  So a copy that lost rows on the way is found.
-- Where rows are put right by rows, it is said of which columns the row recorded last holds, and ..._known_at(known_at)
-- has the rows that held by what was known at a moment:
--
--     SELECT care_internal.keep_reference('probe.price', one_of => '{item,valid_from}');
--
-- What is registered is not dumped: the scripts register it anew.
--
-- Must not know: any table of reference.
--

CREATE TABLE care_internal.reference_table (
    relation regclass NOT NULL
        CONSTRAINT reference_table_pkey PRIMARY KEY,
    n integer NOT NULL GENERATED ALWAYS AS IDENTITY,
    class text COLLATE "C" NOT NULL
        CONSTRAINT reference_table_class_key UNIQUE,
    subject text NOT NULL,
    linked text NOT NULL,
    condition text NOT NULL,
    extension text NOT NULL
);
COMMENT ON TABLE care_internal.reference_table IS 'The tables of reference: their rows belong to no record.';
COMMENT ON COLUMN care_internal.reference_table.relation IS 'The table.';
COMMENT ON COLUMN care_internal.reference_table.n IS 'Order of joining.';
COMMENT ON COLUMN care_internal.reference_table.class IS 'Its name with its schema: the class of its chains.';
COMMENT ON COLUMN care_internal.reference_table.subject IS 'Expression of a row n: which chain it is linked into.';
COMMENT ON COLUMN care_internal.reference_table.linked IS 'What of a row n is linked.';
COMMENT ON COLUMN care_internal.reference_table.condition IS
    'WHERE of the rows n that were recorded, and did not come with the product; empty: all.';
COMMENT ON COLUMN care_internal.reference_table.extension IS 'The extension it belongs to.';

CREATE FUNCTION care_internal.code_number(authority text) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN substr(authority, 2)::bigint;
COMMENT ON FUNCTION care_internal.code_number(text) IS
    'The digits of an authority''s code: the key of its chain in a table of reference.';

-- Before the new rows take their moments, so that they are linked in the order of recording.
CREATE FUNCTION care_internal.queue_reference() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM care_internal.reference_table AS t WHERE t.relation = TG_RELID FOR NO KEY UPDATE;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.queue_reference() IS 'Trigger: writers of one table of reference queue here.';

CREATE FUNCTION care_internal.link_reference() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t care_internal.reference_table := (SELECT r FROM care_internal.reference_table AS r WHERE r.relation = TG_RELID);
    belated bool;
BEGIN
    EXECUTE format(
        'WITH link AS (
             INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
             SELECT %1$L, a.record_id, coalesce(c.length, 0), coalesce(c.length, 0) + cardinality(a.forms), a.last,
                    care_internal.chain_extended(coalesce(c.head, ''''), a.forms)
             FROM (SELECT %2$s AS record_id, max(n.recorded_at) AS last,
                          array_agg(care_internal.canonical(%3$s) ORDER BY n.recorded_at) AS forms
                   FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at) GROUP BY 1) AS a
                 LEFT JOIN LATERAL care_internal.chain_end(%1$L, a.record_id) AS c ON true
             RETURNING record_id, after, recorded_at)
         SELECT bool_or(c.recorded_at >= l.recorded_at)
         FROM link AS l
             JOIN care_internal.chain AS c ON c.class = %1$L AND c.record_id = l.record_id AND c.length = l.after',
        t.class, t.subject, t.linked)
    INTO belated;
    IF belated THEN
        PERFORM care_internal.require_keys();
    END IF;
    RETURN NULL;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION USING
        ERRCODE = 'serialization_failure', CONSTRAINT = 'chain_in_order',
        MESSAGE = format('%s: something was recorded meanwhile', t.class),
        HINT = 'Run it again.';
END
$$;
COMMENT ON FUNCTION care_internal.link_reference() IS 'Trigger: links new rows of a table of reference.';

-- Rows that came with the product were known always, and give way to those that were recorded.
CREATE FUNCTION care_internal.ask_reference_as_known(relation regclass, one_of text[], with_shipped boolean)
    RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    name text := care_internal.as_known_name(relation);
    key text := (SELECT string_agg(format('r.%I', u.name), ', ' ORDER BY u.place)
                 FROM unnest(one_of) WITH ORDINALITY AS u (name, place));
BEGIN
    EXECUTE format('CREATE FUNCTION %1$s(known_at timestamptz) RETURNS SETOF %2$s LANGUAGE sql STABLE PARALLEL SAFE
                    BEGIN ATOMIC
                        SELECT DISTINCT ON (%3$s) r.* FROM %2$s AS r
                        WHERE %4$s r.recorded_at <= known_at
                        ORDER BY %3$s, %5$s r.recorded_at DESC;
                    END',
                   name, relation, key, CASE WHEN with_shipped THEN 'r.shipped OR' ELSE '' END,
                   CASE WHEN with_shipped THEN 'r.shipped,' ELSE '' END);
    EXECUTE format('COMMENT ON FUNCTION %s(timestamptz) IS %L', name,
                   format('Rows of %s that held as they were known at a moment: for each %s the row recorded last by '
                          'then%s.', relation, array_to_string(one_of, ', '),
                          CASE WHEN with_shipped THEN ', or else the shipped one' ELSE '' END));
END
$$;
COMMENT ON FUNCTION care_internal.ask_reference_as_known(regclass, text[], boolean) IS
    'Part of keep_reference(): makes the function ..._known_at(known_at) of a table of reference.';

CREATE FUNCTION care_internal.keep_reference(relation regclass, linked text[] DEFAULT NULL,
                                             one_of text[] DEFAULT NULL) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_variable
DECLARE
    name text;
    class text;
    columns text[];
    t record;
BEGIN
    SELECT c.relname, n.nspname || '.' || c.relname,
           ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                 WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped)
    INTO name, class, columns
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = relation;
    INSERT INTO care_internal.reference_table (relation, class, subject, linked, condition, extension)
    VALUES (relation, class,
            CASE WHEN 'authority' = ANY (columns) THEN 'coalesce(care_internal.code_number(n.authority), 0)'
                 ELSE '0::bigint' END,
            coalesce((SELECT 'ROW(' || string_agg(format('n.%I', u.name), ', ' ORDER BY u.place) || ')'
                      FROM unnest(linked) WITH ORDINALITY AS u (name, place)), 'n'),
            CASE WHEN 'shipped' = ANY (columns) THEN 'WHERE NOT n.shipped' ELSE '' END,
            care_internal.keeping_extension(relation));
    PERFORM pg_extension_config_dump(relation,
                                     CASE WHEN 'shipped' = ANY (columns) THEN 'WHERE NOT shipped' ELSE '' END);
    FOR t IN SELECT * FROM (VALUES
        ('_queue', 'BEFORE INSERT', '', 'queue_reference', 'Writers queue, and take their moments in order.'),
        ('_seal', 'AFTER INSERT', ' REFERENCING NEW TABLE AS new_rows', 'link_reference', 'Links new rows.'))
        AS v (suffix, fires, seen, function, comment) LOOP
        EXECUTE format('CREATE TRIGGER %I %s ON %s%s FOR EACH STATEMENT EXECUTE FUNCTION care_internal.%I()',
                       name || t.suffix, t.fires, relation, t.seen, t.function);
        EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', name || t.suffix, relation, t.comment);
    END LOOP;
    IF one_of IS NOT NULL THEN
        PERFORM care_internal.ask_reference_as_known(relation, one_of, 'shipped' = ANY (columns));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.keep_reference(regclass, text[], text[]) IS
    'Declares a table of reference, whose rows are added and belong to no record: dumped (but for those marked '
    'shipped, if it has that column) and linked, whole or the columns named. one_of: for each combination of these '
    'columns the row recorded last holds (its function ..._known_at is made); null: rows hold by another rule. It has '
    'recorded_at and recorded_by, and triggers of its own that refuse change. For the script of an extension.';

CREATE FUNCTION care_internal.reference_facts(of_class text DEFAULT NULL, authority text DEFAULT NULL,
                                              from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL,
                                              with_row boolean DEFAULT true)
    RETURNS TABLE (class text, record_id bigint, recorded_in text, recorded_at timestamptz, recorded_by text,
                   fact jsonb, canonical bytea)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000 SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC' SET bytea_output = 'hex' SET intervalstyle = 'postgres' AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT r.*, c.relname FROM care_internal.reference_table AS r JOIN pg_class AS c ON c.oid = r.relation
             WHERE has_table_privilege(r.relation, 'SELECT')
               AND (of_class IS NULL OR r.class = of_class) ORDER BY r.n LOOP
        RETURN QUERY EXECUTE
            format('SELECT f.* FROM (SELECT %L::text, %s, %L::text, n.recorded_at, n.recorded_by, %s,
                                            care_internal.canonical(%s)
                                     FROM %s AS n %s) AS f (class, record_id)
                    WHERE f.record_id = coalesce($1, f.record_id)
                      AND f.record_id BETWEEN coalesce($2, f.record_id) AND coalesce($3, f.record_id)',
                   t.class, t.subject, t.relname, CASE WHEN with_row THEN 'to_jsonb(n)' ELSE 'NULL::jsonb' END,
                   t.linked, t.relation, t.condition)
            USING care_internal.code_number(authority), from_key, to_key;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.reference_facts(text, text, bigint, bigint, boolean) IS
    'What was recorded in the tables of reference, as care_internal.facts() has facts about records.';
