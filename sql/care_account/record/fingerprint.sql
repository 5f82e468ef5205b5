--
-- fingerprint: all that a dump holds, as one line a table, to compare a copy with its original.
--
-- Must not know: what the rows mean.
--

CREATE FUNCTION care.fingerprint() RETURNS TABLE (kind text, name text, number bigint, digest bytea)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
    SET datestyle = 'ISO, YMD' SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1 AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT c.oid::regclass AS relation, c.relkind
             FROM pg_extension AS x, unnest(x.extconfig) AS u (oid) JOIN pg_class AS c ON c.oid = u.oid
             WHERE x.extname IN (SELECT g.extension FROM care_internal.guarded_schema() AS g)
             ORDER BY c.relkind, c.oid::regclass::text COLLATE "C" LOOP
        CONTINUE WHEN NOT has_table_privilege(t.relation, 'SELECT');
        name := t.relation;
        IF t.relkind = 'S' THEN
            kind := 'key';
            number := pg_sequence_last_value(t.relation);
            digest := NULL;
        ELSE
            kind := 'rows';
            EXECUTE format('SELECT count(*), care_internal.chained(r.digest ORDER BY r.digest)
                            FROM (SELECT sha256(convert_to(n::text, ''UTF8'')) AS digest FROM %s AS n) AS r',
                           t.relation)
            INTO number, digest;
        END IF;
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care.fingerprint() IS
    'What a dump holds, a line for each table (rows: how many, and a digest of them in any order) and each sequence of '
    'keys (key: the last one given). Of two databases with the same lines one is a true copy of the other, whatever '
    'their settings, encodings and versions of PostgreSQL. What the caller may not read has no line.';
