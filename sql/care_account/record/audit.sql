--
-- audit: what was recorded about each person, account and agreement, by whom and when, linked into
-- chains, so that a fact that was changed, removed or slipped in is found.
--
-- Must not know: what the facts mean.
--

-- The facts of all classes or one, of all authorities or one, of all keys or some.
CREATE FUNCTION care_internal.facts(of_class text DEFAULT NULL, authority text DEFAULT NULL,
                                    from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, recorded_in text, recorded_at timestamptz, recorded_by text,
                   fact jsonb, canonical bytea)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 10000 SET search_path = pg_catalog, pg_temp
    SET timezone = 'UTC' SET bytea_output = 'hex' SET intervalstyle = 'postgres' AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT k.relation, k.class, k.key, k.linked, c.relname, r.head
             FROM care_internal.kept_table AS k
                 JOIN care_internal.record_class AS r ON r.class = k.class
                 JOIN pg_class AS c ON c.oid = k.relation
             WHERE of_class IS NULL OR k.class = of_class ORDER BY k.n LOOP
        RETURN QUERY EXECUTE
            format('SELECT %L::text, n.%I, %L::text, n.recorded_at, n.recorded_by, to_jsonb(n), care_internal.canonical(%s) FROM %s AS n',
                   t.class, t.key, t.relname, t.linked, t.relation)
            || care_internal.part_of('n', t.head, t.key, authority, from_key, to_key)
            USING authority, from_key, to_key;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.facts(text, text, bigint, bigint) IS
    'The facts of every table that is kept, or of one class, authority and range of keys, as care.audit_trail shows '
    'them.';

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
COMMENT ON FUNCTION care.audit_trail(text, bigint) IS 'Every fact about one record, found by its key.';

-- Each fact with its place in its chain.
CREATE FUNCTION care.chain_links(of_class text DEFAULT NULL, of_record bigint DEFAULT NULL, authority text DEFAULT NULL,
                                 from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, number bigint, recorded_at timestamptz,
                   recorded_by text, recorded_in text, link bytea)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.class, t.record_id, row_number() OVER chain, t.recorded_at, t.recorded_by, t.recorded_in,
           care_internal.chained(t.canonical) OVER chain
    FROM (SELECT f.* FROM care_internal.facts(of_class, authority, coalesce(of_record, from_key),
                                              coalesce(of_record, to_key)) AS f
          UNION ALL
          SELECT r.* FROM care_internal.reference_facts(of_class, authority, coalesce(of_record, from_key),
                                                        coalesce(of_record, to_key)) AS r) AS t
        LEFT JOIN (SELECT c.class, c.record_id, c.after, c.recorded_at, u.fact
                   FROM care_internal.chain AS c, unnest(c.late) AS u (fact)
                   WHERE c.late IS NOT NULL
                     AND (of_class IS NULL OR c.class = of_class)
                     AND (of_record IS NULL OR c.record_id = of_record)) AS late
            ON late.class = t.class AND late.record_id = t.record_id AND late.fact = sha256(t.canonical)
    WINDOW chain AS (PARTITION BY t.class, t.record_id
                     ORDER BY coalesce(late.recorded_at, t.recorded_at), coalesce(late.after, 0), t.recorded_at,
                              t.canonical
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
END;
COMMENT ON FUNCTION care.chain_links(text, bigint, text, bigint, bigint) IS
    'The chain of every record and table of reference, of one, or of those of an authority or a range of keys, link by '
    'link, worked out from the facts.';

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
             WHERE k.part = 'statement' AND (of_class IS NULL OR k.class = of_class) ORDER BY k.n LOOP
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

-- A chain with no fact left belongs to no authority, and is shown for whichever is asked for.
CREATE FUNCTION care.verify_chain(of_class text DEFAULT NULL, of_record bigint DEFAULT NULL,
                                  authority text DEFAULT NULL,
                                  from_key bigint DEFAULT NULL, to_key bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, difference text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH links AS MATERIALIZED (
        SELECT k.class, k.record_id, k.number, k.link
        FROM care.chain_links(of_class, of_record, authority, from_key, to_key) AS k
    ), elsewhere AS (
        SELECT h.class, h.record_id FROM care_internal.heads(of_class) AS h WHERE h.authority <> verify_chain.authority
    ), grown AS (
        SELECT c.class, c.record_id, c.after, c.length, c.recorded_at, c.head,
               lag(c.length, 1, 0) OVER chain AS length_before, lead(c.after) OVER chain IS NULL AS is_last
        FROM care_internal.chain AS c
        WHERE (of_class IS NULL OR c.class = of_class) AND (of_record IS NULL OR c.record_id = of_record)
          AND (from_key IS NULL OR c.record_id >= from_key) AND (to_key IS NULL OR c.record_id <= to_key)
          AND CASE WHEN verify_chain.authority IS NULL THEN true
                   WHEN c.class LIKE '%.%' THEN c.record_id = care_internal.code_number(verify_chain.authority)
                   ELSE (c.class, c.record_id) NOT IN (SELECT e.class, e.record_id FROM elsewhere AS e) END
        WINDOW chain AS (PARTITION BY c.class, c.record_id ORDER BY c.after)
    ), counted AS (
        SELECT k.class, k.record_id, count(*) AS facts FROM links AS k GROUP BY k.class, k.record_id
    )
    SELECT coalesce(g.class, n.class), coalesce(g.record_id, n.record_id),
           'a chain of ' || coalesce(g.length, 0) || ', and ' || coalesce(n.facts, 0) || ' facts are recorded'
    FROM (SELECT * FROM grown WHERE grown.is_last) AS g
        FULL JOIN counted AS n ON n.class = g.class AND n.record_id = g.record_id
    WHERE g.length IS DISTINCT FROM n.facts
    UNION ALL
    (SELECT DISTINCT ON (g.class, g.record_id) g.class, g.record_id,
           CASE WHEN g.after <> g.length_before THEN 'links ' || g.length_before + 1 || ' to ' || g.after
                || ' of its chain are missing'
                ELSE 'the facts recorded do not lead to link ' || g.length || ' of its chain, of '
                    || to_char(g.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US +00') END
    FROM grown AS g
        LEFT JOIN links AS k ON k.class = g.class AND k.record_id = g.record_id AND k.number = g.length
    WHERE g.after <> g.length_before OR k.link IS DISTINCT FROM g.head
    ORDER BY g.class, g.record_id, g.after)
    UNION ALL
    SELECT p.class, p.record_id, 'statement ' || p.statement_id || ' shows a chain of ' || p.chain_length
                                 || ', and the first ' || p.chain_length || ' facts do not lead to it'
    FROM care_internal.published_heads(of_class, authority, coalesce(of_record, from_key),
                                       coalesce(of_record, to_key)) AS p
        LEFT JOIN links AS k ON k.class = p.class AND k.record_id = p.record_id AND k.number = p.chain_length
    WHERE k.link IS DISTINCT FROM p.chain_head;
END;
COMMENT ON FUNCTION care.verify_chain(text, bigint, text, bigint, bigint) IS
    'Works out anew the chain of every person, account, agreement and table of reference, or of one, and lists where '
    'the facts do not lead to the head that is kept or to one that a statement shows; no row means that all is well.';

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
