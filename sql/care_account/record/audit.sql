--
-- audit: what was recorded about each person, account and agreement, by whom and when, linked into
-- chains, so that a fact that was changed, removed or slipped in is found.
--
-- Must not know: what the facts mean.
--

-- Another extension may keep what not everybody who verifies may see.
CREATE FUNCTION care_internal.readable_class() RETURNS TABLE (class text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.class FROM care_internal.record_class AS r
    WHERE NOT EXISTS (SELECT FROM care_internal.kept_table AS k
                      WHERE k.class = r.class AND NOT has_table_privilege(k.relation, 'SELECT'))
    UNION ALL
    SELECT t.class FROM care_internal.reference_table AS t WHERE has_table_privilege(t.relation, 'SELECT');
END;
COMMENT ON FUNCTION care_internal.readable_class() IS
    'The classes of record, and of tables of reference, whose tables the caller may read, all of them; the others are '
    'neither shown nor verified.';

-- "All well", or "nothing is recorded", is said of what there is only.
CREATE FUNCTION care_internal.require_scope(label text, authority text, of_class text, classes text[]) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF of_class IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'class', of_class, classes);
    END IF;
    PERFORM care_internal.require_authority_or_all(authority);
END
$$;
COMMENT ON FUNCTION care_internal.require_scope(text, text, text, text[]) IS
    'Refuses to verify or show what there is not: 22023 for what is none of the classes, P0002 for what is no '
    'authority.';

-- The facts of all classes or one, of all authorities or one, of all keys or some.
CREATE FUNCTION care_internal.facts(of_class text DEFAULT NULL, authority text DEFAULT NULL,
                                    from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL,
                                    with_row boolean DEFAULT true)
    RETURNS TABLE (class text, record_id bigint, recorded_in text, recorded_at timestamptz, recorded_by text,
                   fact jsonb, canonical bytea)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000 SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC' SET bytea_output = 'hex' SET intervalstyle = 'postgres' AS $$
DECLARE
    t record;
BEGIN
    PERFORM care_internal.require_scope('records', authority, of_class,
                                        ARRAY(SELECT r.class FROM care_internal.record_class AS r
                                              UNION SELECT x.class FROM care_internal.reference_table AS x
                                              ORDER BY 1));
    FOR t IN SELECT k.relation, k.class, k.key, k.linked, c.relname, r.head
             FROM care_internal.kept_table AS k
                 JOIN care_internal.record_class AS r ON r.class = k.class
                 JOIN pg_class AS c ON c.oid = k.relation
             WHERE k.class IN (SELECT x.class FROM care_internal.readable_class() AS x)
               AND (of_class IS NULL OR k.class = of_class) ORDER BY k.n LOOP
        RETURN QUERY EXECUTE
            format('SELECT %L::text, n.%I, %L::text, n.recorded_at, n.recorded_by, %s, care_internal.canonical(%s)
                    FROM %s AS n',
                   t.class, t.key, t.relname, CASE WHEN with_row THEN 'to_jsonb(n)' ELSE 'NULL::jsonb' END, t.linked,
                   t.relation)
            || care_internal.part_of('n', t.head, t.key, authority, from_key, to_key)
            USING authority, from_key, to_key;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.facts(text, text, bigint, bigint, boolean) IS
    'The facts of every table that is kept, or of one class, authority and range of keys, as care.audit_trail shows '
    'them; the row itself, which takes most of the time, only where it is asked for.';

CREATE VIEW care.audit_trail AS SELECT f.* FROM care_internal.facts() AS f;
COMMENT ON VIEW care.audit_trail IS
    'Every fact about a record: who recorded what and when. care.chain_links() gives their order; for one record ask '
    'the function care.audit_trail(class, key).';
COMMENT ON COLUMN care.audit_trail.class IS 'The class of the record: person, account, agreement ...';
COMMENT ON COLUMN care.audit_trail.record_id IS 'Its key.';
COMMENT ON COLUMN care.audit_trail.recorded_in IS 'The table.';
COMMENT ON COLUMN care.audit_trail.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.audit_trail.recorded_by IS 'Who recorded it.';
COMMENT ON COLUMN care.audit_trail.fact IS 'The row.';
COMMENT ON COLUMN care.audit_trail.canonical IS 'What of it is linked, in its canonical form.';

CREATE FUNCTION care.audit_trail(of_class text, of_record bigint) RETURNS SETOF care.audit_trail
    LANGUAGE sql STABLE STRICT PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT f.* FROM care_internal.facts(of_class, NULL, of_record, of_record) AS f;
END;
COMMENT ON FUNCTION care.audit_trail(text, bigint) IS
    'Every fact about one record, found by its key; 22023 for what is no class.';

-- Each fact with its place in its chain.
CREATE FUNCTION care.chain_links(of_class text DEFAULT NULL, of_record bigint DEFAULT NULL, authority text DEFAULT NULL,
                                 from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, number bigint, recorded_at timestamptz,
                   recorded_by text, recorded_in text, link bytea)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.class, t.record_id, row_number() OVER chain, t.recorded_at, t.recorded_by, t.recorded_in,
           care_internal.chained(t.canonical) OVER chain
    FROM (SELECT f.*, CASE WHEN l.facts IS NOT NULL THEN array_position(l.facts, sha256(f.canonical)) END AS place,
                 l.moments, l.afters
          FROM (SELECT n.* FROM care_internal.facts(of_class, authority, coalesce(of_record, from_key),
                                                    coalesce(of_record, to_key), false) AS n
                UNION ALL
                SELECT r.* FROM care_internal.reference_facts(of_class, authority, coalesce(of_record, from_key),
                                                              coalesce(of_record, to_key), false) AS r) AS f
              LEFT JOIN (SELECT c.class, c.record_id, array_agg(u.fact) AS facts, array_agg(c.recorded_at) AS moments,
                                array_agg(c.after) AS afters
                         FROM care_internal.chain AS c, unnest(c.late) AS u (fact)
                         WHERE c.late IS NOT NULL
                           AND (of_class IS NULL OR c.class = of_class)
                           AND c.record_id BETWEEN coalesce(of_record, from_key, -9223372036854775808)
                               AND coalesce(of_record, to_key, 9223372036854775807)
                         GROUP BY c.class, c.record_id) AS l
                  ON l.class = f.class AND l.record_id = f.record_id) AS t
    WINDOW chain AS (PARTITION BY t.class, t.record_id
                     ORDER BY coalesce(t.moments[t.place], t.recorded_at), coalesce(t.afters[t.place], 0),
                              t.recorded_at, t.canonical
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
END;
COMMENT ON FUNCTION care.chain_links(text, bigint, text, bigint, bigint) IS
    'The chain of every record and table of reference, of one, or of those of an authority or a range of keys, link by '
    'link, worked out from the facts. 22023 for what is no class, P0002 for what is no authority.';

-- Each statement shows the head that its chain had when it was issued: the person holds a copy.
CREATE FUNCTION care_internal.published_heads(of_class text DEFAULT NULL, authority text DEFAULT NULL,
                                              from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, statement_id bigint, as_at date, chain_length integer,
                   chain_head bytea)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT k.relation, k.class, k.key, r.head
             FROM care_internal.kept_table AS k JOIN care_internal.record_class AS r ON r.class = k.class
             WHERE k.part = 'statement' AND k.class IN (SELECT x.class FROM care_internal.readable_class() AS x)
               AND (of_class IS NULL OR k.class = of_class) ORDER BY k.n LOOP
        RETURN QUERY EXECUTE
            format('SELECT %L::text, s.%I, s.statement_id, s.as_at, s.chain_length, s.chain_head FROM %s AS s',
                   t.class, t.key, t.relation)
            || care_internal.part_of('s', t.head, t.key, authority, from_key, to_key)
            USING authority, from_key, to_key;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.published_heads(text, text, bigint, bigint) IS
    'The head of the chain that each statement shows, of all or of one class, authority and range of keys.';

CREATE VIEW care.published_head AS SELECT p.* FROM care_internal.published_heads() AS p;
COMMENT ON VIEW care.published_head IS 'The head of the chain that each statement shows.';
COMMENT ON COLUMN care.published_head.class IS 'The class of the record: account, agreement ...';
COMMENT ON COLUMN care.published_head.record_id IS 'Its key.';
COMMENT ON COLUMN care.published_head.statement_id IS 'The statement.';
COMMENT ON COLUMN care.published_head.as_at IS 'The day of the statement.';
COMMENT ON COLUMN care.published_head.chain_length IS 'How many facts the chain linked when it was issued.';
COMMENT ON COLUMN care.published_head.chain_head IS 'The last link then.';

-- Part of verify_chain(): what the chains of a class and a range of keys (null: without an end) are worked out to.  A
-- chain with no fact left belongs to no authority, and is shown for whichever is asked for.
CREATE FUNCTION care_internal.verify_links(of_class text, authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (record_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000000 ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first_key int8 := coalesce(from_key, -9223372036854775808);
    last_key int8 := coalesce(to_key, 9223372036854775807);
BEGIN
    RETURN QUERY
    WITH links AS MATERIALIZED (
        SELECT k.record_id, k.number, k.link
        FROM care.chain_links(of_class, NULL, verify_links.authority, from_key, to_key) AS k
    ), elsewhere AS (
        SELECT h.record_id FROM care_internal.heads(of_class, from_key, to_key) AS h
        WHERE h.authority <> verify_links.authority
    ), grown AS (
        SELECT c.record_id, c.after, c.length, c.recorded_at, c.head,
               lag(c.length, 1, 0) OVER chain AS length_before, lead(c.after) OVER chain IS NULL AS is_last
        FROM care_internal.chain AS c
        WHERE c.class = of_class AND c.record_id BETWEEN first_key AND last_key
          AND CASE WHEN verify_links.authority IS NULL THEN true
                   WHEN of_class LIKE '%.%' THEN c.record_id = care_internal.code_number(verify_links.authority)
                   ELSE c.record_id NOT IN (SELECT e.record_id FROM elsewhere AS e) END
        WINDOW chain AS (PARTITION BY c.record_id ORDER BY c.after)
    ), counted AS (
        SELECT k.record_id, count(*) AS facts FROM links AS k GROUP BY k.record_id
    )
    SELECT coalesce(g.record_id, n.record_id),
           'a chain of ' || coalesce(g.length, 0) || ', and ' || coalesce(n.facts, 0) || ' facts are recorded'
    FROM (SELECT * FROM grown WHERE grown.is_last) AS g FULL JOIN counted AS n ON n.record_id = g.record_id
    WHERE g.length IS DISTINCT FROM n.facts
    UNION ALL
    (SELECT DISTINCT ON (g.record_id) g.record_id,
           CASE WHEN g.after <> g.length_before THEN 'links ' || g.length_before + 1 || ' to ' || g.after
                || ' of its chain are missing'
                ELSE 'the facts recorded do not lead to link ' || g.length || ' of its chain, of '
                    || to_char(g.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US +00') END
    FROM grown AS g LEFT JOIN links AS k ON k.record_id = g.record_id AND k.number = g.length
    WHERE g.after <> g.length_before OR k.link IS DISTINCT FROM g.head
    ORDER BY g.record_id, g.after)
    UNION ALL
    SELECT p.record_id, 'statement ' || p.statement_id || ' shows a chain of ' || p.chain_length
                        || ', and the first ' || p.chain_length || ' facts do not lead to it'
    FROM care_internal.published_heads(of_class, authority, from_key, to_key) AS p
        LEFT JOIN links AS k ON k.record_id = p.record_id AND k.number = p.chain_length
    WHERE k.link IS DISTINCT FROM p.chain_head;
END
$$;
COMMENT ON FUNCTION care_internal.verify_links(text, text, bigint, bigint) IS
    'Works out anew the chains of a class, of an authority or all, from one key to another (null: without an end), and '
    'lists what differs; see verify_chain().';

CREATE FUNCTION care.verify_chain(of_class text DEFAULT NULL, of_record bigint DEFAULT NULL,
                                  authority text DEFAULT NULL,
                                  from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c text;
BEGIN
    PERFORM care_internal.require_scope('verify_chain', authority, of_class,
                                        ARRAY(SELECT x.class FROM care_internal.readable_class() AS x ORDER BY 1));
    FOR c IN SELECT x.class FROM care_internal.readable_class() AS x WHERE of_class IS NULL OR x.class = of_class LOOP
        RETURN QUERY
        SELECT c, v.record_id, v.difference
        FROM care_internal.in_parts('care_internal.verify_links', c, verify_chain.authority,
                                    coalesce(of_record, from_key), coalesce(of_record, to_key)) AS v;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care.verify_chain(text, bigint, text, bigint, bigint) IS
    'Works out anew the chain of every person, account, agreement and table of reference, or of one, and lists where '
    'the facts do not lead to the head that is kept or to one that a statement shows; no row means that all is well. '
    'Several processes share the work where the server lets a query have them. 22023 for what is no '
    'class (that the caller may read), P0002 for what is no authority.';

-- What is loaded with another system's times of recording is not linked, as what is restored is not: its chains begin
-- here.
CREATE FUNCTION care.begin_chains() RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    begun int8;
BEGIN
    INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
    SELECT DISTINCT ON (k.class, k.record_id) k.class, k.record_id, 0, k.number, k.recorded_at, k.link
    FROM care.chain_links() AS k
    WHERE NOT EXISTS (SELECT FROM care_internal.chain AS c WHERE c.class = k.class AND c.record_id = k.record_id)
    ORDER BY k.class, k.record_id, k.number DESC;
    GET DIAGNOSTICS begun = ROW_COUNT;
    RETURN begun;
END
$$;
COMMENT ON FUNCTION care.begin_chains() IS
    'Begins the chain of every person, account, agreement and table of reference that has none, with all that is '
    'recorded of it, and returns how many: once, after a load with other times of recording.';

-- Noted outside the database from time to time, it also tells of an end cut off with all its links.
CREATE FUNCTION care.chain_digest(known_at timestamptz)
    RETURNS TABLE (chains bigint, links bigint, digest bytea) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT count(*), sum(e.length), care_internal.chained(e.head ORDER BY e.class, e.record_id)
    FROM (SELECT DISTINCT ON (c.class, c.record_id) c.class, c.record_id, c.length, c.head
          FROM care_internal.chain AS c WHERE c.recorded_at <= known_at
          ORDER BY c.class, c.record_id, c.after DESC) AS e;
END;
COMMENT ON FUNCTION care.chain_digest(timestamptz) IS
    'All chains as they were at a moment, as one digest. Of a moment before every transaction still open it is the '
    'same whenever it is worked out, until something is disposed of or a chain is begun for what was loaded.';
