--
-- verify: everything derived, worked out anew.
--
-- Must not know: how it is worked out.
--

-- The server checks a foreign key when a row comes in, but not in the replica role.
CREATE FUNCTION care_internal.verify_references() RETURNS TABLE (reference text, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    orphans int8;
    to_columns text;
    from_columns text;
    k record;
BEGIN
    FOR k IN SELECT c.* FROM pg_constraint AS c WHERE c.contype = 'f'
        AND c.connamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g)
        AND has_table_privilege(c.conrelid, 'SELECT') AND has_table_privilege(c.confrelid, 'SELECT')
        ORDER BY c.conname
    LOOP
        SELECT string_agg(format('r.%I', f.attname), ', ' ORDER BY u.n),
             string_agg(format('k.%I', t.attname), ', ' ORDER BY u.n)
        INTO from_columns, to_columns
        FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (from_column, to_column, n)
            JOIN pg_attribute AS f ON f.attrelid = k.conrelid AND f.attnum = u.from_column
            JOIN pg_attribute AS t ON t.attrelid = k.confrelid AND t.attnum = u.to_column;
        EXECUTE format('SELECT count(*) FROM %s AS r
                        WHERE (%s) IS NOT NULL AND NOT EXISTS (SELECT FROM %s AS k WHERE (%s) = (%s))',
                       k.conrelid::regclass, from_columns, k.confrelid::regclass, to_columns, from_columns)
        INTO orphans;
        IF orphans > 0 THEN
            reference := k.conname;
            difference := format('%s rows of %s refer to no row of %s', orphans, k.conrelid::regclass,
                                 k.confrelid::regclass);
            RETURN NEXT;
        END IF;
    END LOOP;
    FOR k IN SELECT care_internal.own_reference_name(o) AS name, o.relation, o.refers,
                    care_internal.refers_to_none(o) AS condition
             FROM care_internal.own_reference AS o
             WHERE has_table_privilege(o.relation, 'SELECT') ORDER BY 1 LOOP
        EXECUTE format('SELECT count(*) FROM %s AS n WHERE %s', k.relation, k.condition) INTO orphans;
        IF orphans > 0 THEN
            reference := k.name;
            difference := format('%s rows of %s refer in %s to no row of it', orphans, k.relation, k.refers);
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.verify_references() IS
    'Rows that refer to what is not there, counted for each foreign key and each reference of a table to itself; no '
    'row means that all is well.';

-- The derived columns of the head of each record, against what follows from its facts.  They are compared as they are
-- stored; only where they differ are they written out.
CREATE FUNCTION care_internal.verify_derived(of_class text, authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (record_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SET search_path = pg_catalog, pg_temp
    SET datestyle = 'ISO, YMD' AS $$
DECLARE
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = of_class);
    columns text[] := care_internal.columns_of(c.head, true);
BEGIN
    IF c.derived IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE
        format('SELECT h.%1$I, x.name || '': kept '' || coalesce(x.kept, ''null'')
                              || '', worked out '' || coalesce(x.worked_out, ''null'')
                FROM %3$s(ARRAY(SELECT h.%1$I FROM %2$s AS h%4$s), ''infinity'') AS d
                    JOIN %2$s AS h ON h.%1$I = d.%1$I,
                    LATERAL (VALUES %5$s) AS x (name, kept, worked_out)
                WHERE ROW(%6$s)::record *<> ROW(%7$s)::record AND x.kept IS DISTINCT FROM x.worked_out ORDER BY h.%1$I',
               c.key, c.head, c.derived,
               care_internal.part_of('h', c.head, c.key, authority, from_key, to_key),
               (SELECT string_agg(format('(%1$L, h.%1$I::text, d.%1$I::text)', u.name), ', ' ORDER BY u.place)
                FROM unnest(columns) WITH ORDINALITY AS u (name, place)),
               (SELECT string_agg(format('h.%I', u.name), ', ' ORDER BY u.place)
                FROM unnest(columns) WITH ORDINALITY AS u (name, place)),
               (SELECT string_agg(format('d.%I', u.name), ', ' ORDER BY u.place)
                FROM unnest(columns) WITH ORDINALITY AS u (name, place)))
        USING authority, from_key, to_key;
END
$$;
COMMENT ON FUNCTION care_internal.verify_derived(text, text, bigint, bigint) IS
    'Works out the derived columns of every record of a class anew and lists what differs from what is kept; no row '
    'means that all is well.';

-- The digest of each statement of a class, against what it says.
CREATE FUNCTION care_internal.verify_statements(of_class text, authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (record_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT k.relation, k.key, k.digest, r.head
             FROM care_internal.kept_table AS k JOIN care_internal.record_class AS r ON r.class = k.class
             WHERE k.class = of_class AND k.digest IS NOT NULL ORDER BY k.n LOOP
        RETURN QUERY EXECUTE
            format('SELECT s.%I, ''statement '' || s.statement_id || '': not what its digest was taken of''
                    FROM %s AS s', t.key, t.relation)
            || coalesce(nullif(care_internal.part_of('s', t.head, t.key, authority, from_key, to_key), '') || ' AND ',
                        ' WHERE ')
            || format('%s(s) <> s.digest', t.digest)
            USING authority, from_key, to_key;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.verify_statements(text, text, bigint, bigint) IS
    'Statements of a class that are not what their digest was taken of; no row means that all is well.';

-- A subscriber's keys lag as long as it is one.
CREATE FUNCTION care_internal.verify_keys() RETURNS TABLE (difference text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('%s stands at %s and rows hold up to %s: care.restart_keys() moves it on', k.sequence, k.given,
                  k.held)
    FROM care_internal.lagging_keys() AS k
    WHERE NOT EXISTS (SELECT FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
                      WHERE d.datname = current_database());
END;
COMMENT ON FUNCTION care_internal.verify_keys() IS
    'Sequences that lag behind the rows, unless the database has a subscription; no row means that all is well.';

-- What refers to what is looked at of all at once only.
CREATE FUNCTION care.verify(authority text DEFAULT NULL, of_class text DEFAULT NULL, from_key bigint DEFAULT NULL,
                            to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
    SET quote_all_identifiers = off AS $$
DECLARE
    c record;
BEGIN
    PERFORM care_internal.require_scope('verify', authority, of_class,
        ARRAY(SELECT x.class FROM care_internal.readable_class() AS x
                  JOIN care_internal.record_class AS r ON r.class = x.class ORDER BY r.class));
    FOR c IN SELECT r.class FROM care_internal.record_class AS r
             WHERE r.class IN (SELECT x.class FROM care_internal.readable_class() AS x)
               AND (of_class IS NULL OR r.class = of_class) ORDER BY r.n LOOP
        RETURN QUERY SELECT c.class, v.record_id, v.difference
                     FROM care_internal.in_parts('care_internal.verify_derived', c.class, authority, from_key,
                                                 to_key) AS v;
        RETURN QUERY SELECT c.class, v.record_id, v.difference
                     FROM care_internal.in_parts('care_internal.verify_statements', c.class, authority, from_key,
                                                 to_key) AS v;
    END LOOP;
    FOR c IN SELECT f.class, f.name FROM care_internal.check_function AS f
             WHERE f.class IN (SELECT x.class FROM care_internal.readable_class() AS x)
               AND (of_class IS NULL OR f.class = of_class) ORDER BY f.n LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, v.record_id, v.difference FROM %s($1, $2, $3) AS v', c.class,
                                    c.name)
                     USING authority, from_key, to_key;
    END LOOP;
    IF coalesce(authority, of_class, from_key::text, to_key::text) IS NULL THEN
        RETURN QUERY SELECT NULL, NULL::int8, r.difference FROM care_internal.verify_references() AS r;
        RETURN QUERY SELECT v.class, v.record_id, v.difference
                     FROM care_internal.reference_table AS t, care.verify_chain(t.class) AS v ORDER BY t.n, v.record_id;
        RETURN QUERY SELECT NULL, NULL::int8, k.difference FROM care_internal.verify_keys() AS k;
    END IF;
END
$$;
COMMENT ON FUNCTION care.verify(text, text, bigint, bigint) IS
    'Works out anew what is derived of every record, the digest of every statement, what refers to what, the chains of '
    'the tables of reference and whether keys lag, and lists what differs from what is kept; no row means that all is '
    'well. With an authority, a class or a range of keys, of the records of those alone: a nation can be verified in '
    'parts. 22023 for what is no class of record (that the caller may read), P0002 for no authority.';
