--
-- parts: a check of many records, done part by part, by several processes where the server lets a query have them.
--
-- A part is small enough to be sorted in memory, so that the time goes with the number of records.  The server shares
-- out the arms of a UNION ALL among the processes of a query.
--
-- Must not know: what is checked.
--

-- A table of reference has few chains: one part.
CREATE FUNCTION care_internal.parts_of(of_class text, authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (n bigint, first_key bigint, last_key bigint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 500 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = of_class);
    ends int8[];
BEGIN
    IF c.class IS NOT NULL AND (parts_of.from_key = parts_of.to_key) IS NOT TRUE THEN
        EXECUTE format('SELECT array_agg(k.key ORDER BY k.key)
                        FROM (SELECT h.%1$I AS key, row_number() OVER (ORDER BY h.%1$I) AS n FROM %2$s AS h',
                       c.key, c.head)
                || care_internal.part_of('h', c.head, c.key, authority, parts_of.from_key, parts_of.to_key)
                || ') AS k WHERE k.n % 2000 = 0'
        INTO ends USING authority, parts_of.from_key, parts_of.to_key;
    END IF;
    RETURN QUERY
    SELECT u.n, coalesce(lag(u.key) OVER (ORDER BY u.n) + 1, parts_of.from_key), u.key
    FROM unnest(array_append(ends, parts_of.to_key)) WITH ORDINALITY AS u (key, n);
END
$$;
COMMENT ON FUNCTION care_internal.parts_of(text, text, bigint, bigint) IS
    'The keys of a class from one to another (null: without an end), in parts of 2,000 records, of an authority or '
    'all: together they are every key, with or without a record.';

CREATE FUNCTION care_internal.in_parts(function text, of_class text, authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (record_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    calls text;
BEGIN
    FOR calls IN SELECT string_agg(format('SELECT v.* FROM %s($1, $2, %L, %L) AS v', function, p.first_key, p.last_key),
                                   ' UNION ALL ' ORDER BY p.n)
                 FROM care_internal.parts_of(of_class, in_parts.authority, in_parts.from_key, in_parts.to_key) AS p
                 GROUP BY (p.n - 1) / 64 ORDER BY min(p.n) LOOP
        RETURN QUERY EXECUTE calls USING of_class, authority;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.in_parts(text, text, text, bigint, bigint) IS
    'What a function of a class, an authority, a first and a last key lists, part by part; several processes share the '
    'parts where the server may.';
