--
-- audit: what was recorded about each person, account and agreement, by whom and when, linked into
-- chains, so that a fact that was changed, removed or slipped in is found.
--
-- Must not know: what the facts mean.
--

-- Part of the triggers that follow, when new facts cannot be links.
CREATE FUNCTION care_internal.refuse_link(class text, record_id bigint, recorded_in text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM care_internal.chain_end(class, record_id)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s %s has no chain for a new row of %s', class, record_id, recorded_in),
            HINT = 'If it was loaded from elsewhere, the owner begins it with care.begin_chains(); otherwise restore '
                   'its rows of care_internal.chain.';
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'serialization_failure',
        MESSAGE = format('%s %s: a statement was issued or something recorded meanwhile, before this row of %s', class,
                         record_id, recorded_in),
        HINT = 'Run it again.';
END
$$;
COMMENT ON FUNCTION care_internal.refuse_link(text, bigint, text) IS
    'Refuses (40001) a new fact that cannot be the last link of its chain; 55000 where there is none.';

-- The tables of facts about a person, an account or an agreement, parents first; and of each what is
-- linked, of a row n: all of it, but of accounts and agreements what is not derived, and of statements,
-- whose digest covers what they say, the digest.
CREATE FUNCTION care_internal.fact_table()
    RETURNS TABLE (n integer, name text, class text, key text, linked text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 20
BEGIN ATOMIC
    VALUES (1, 'person', 'person', 'person_id', 'n'),
           (2, 'person_detail', 'person', 'person_id', 'n'),
           (3, 'death', 'person', 'person_id', 'n'),
           (4, 'channel_consent', 'person', 'person_id', 'n'),
           (5, 'account', 'account', 'account_id',
            'ROW(n.account_id, n.person_id, n.counts_from, n.authority, n.reference, n.scheme, n.recorded_at, '
            'n.recorded_by)'),
           (6, 'budget', 'account', 'account_id', 'n'),
           (7, 'adjustment', 'account', 'account_id', 'n'),
           (8, 'adjustment_approval', 'account', 'account_id', 'n'),
           (9, 'account_event', 'account', 'account_id', 'n'),
           (10, 'statement_suspension', 'account', 'account_id', 'n'),
           (11, 'issued_statement', 'account', 'account_id',
            'ROW(n.statement_id, n.recorded_at, n.recorded_by, n.digest)'),
           (12, 'agreement', 'agreement', 'agreement_id',
            'ROW(n.agreement_id, n.person_id, n.authority, n.reference, n.applied_on, n.style, n.term, n.with_top_up, '
            'n.property_use, n.interest_from, n.recorded_at, n.recorded_by)'),
           (13, 'agreement_event', 'agreement', 'agreement_id', 'n'),
           (14, 'valuation', 'agreement', 'agreement_id', 'n'),
           (15, 'agreement_entry', 'agreement', 'agreement_id', 'n'),
           (16, 'agreement_credit', 'agreement', 'agreement_id', 'n'),
           (17, 'agreement_invoice', 'agreement', 'agreement_id', 'n'),
           (18, 'deferral', 'agreement', 'agreement_id', 'n'),
           (19, 'deferral_posting', 'agreement', 'agreement_id', 'n'),
           (20, 'issued_agreement_statement', 'agreement', 'agreement_id',
            'ROW(n.statement_id, n.recorded_at, n.recorded_by, n.digest)');
END;
COMMENT ON FUNCTION care_internal.fact_table() IS
    'The tables of facts: whose facts they are, the column that says so, and what of a row n is linked into the chain.';

-- New facts go on the chain of their record, in the order of recorded_at.  One that is not later than
-- the last link comes from a dump, which brings the chain too; or, if it is of this transaction, it had
-- to wait while another was linked: then it is linked as late, unless a statement was issued between
-- the two, which would not show what it should by its own time.
--
-- A trigger for each table has the owner's rights, so that who may record need not be let near a chain.
-- Called _seal, it comes after the others of its table, and so after the lock of the record.
DO $do$
DECLARE
    linked record;
    parts text := '';
BEGIN
    FOR linked IN SELECT t.name, t.class, t.key, t.linked AS of_row, t.name || '_seal' AS trigger
        FROM care_internal.fact_table() AS t ORDER BY t.n LOOP
        EXECUTE format(CASE WHEN linked.name = linked.class THEN $first$
            CREATE FUNCTION care_internal.%2$I() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            BEGIN
                INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
                SELECT %1$L, n.%3$I, 0, 1, n.recorded_at, care_internal.chain_link(NULL, care_internal.canonical(%4$s))
                FROM new_rows AS n WHERE n.recorded_at >= now();
                RETURN NULL;
            END
            $$ $first$ WHEN linked.name LIKE 'issued\_%' THEN $statement$
            CREATE FUNCTION care_internal.%2$I() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
            BEGIN
                -- a statement shows the link that it follows
                INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
                SELECT %1$L, n.%3$I, n.chain_length, n.chain_length + 1, n.recorded_at,
                       care_internal.chain_link(n.chain_head, care_internal.canonical(%4$s))
                FROM new_rows AS n WHERE n.recorded_at >= now();
                RETURN NULL;
            EXCEPTION WHEN unique_violation THEN
                PERFORM care_internal.refuse_link(%1$L, (SELECT min(n.%3$I) FROM new_rows AS n), TG_TABLE_NAME);
                RETURN NULL;
            END
            $$ $statement$ ELSE $next$
            CREATE FUNCTION care_internal.%2$I() RETURNS trigger
                LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
            DECLARE
                linked int8;
                belated int8;
            BEGIN
                WITH link AS (
                    INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head, late)
                    SELECT %1$L, a.record_id, c.length, c.length + cardinality(a.forms),
                           greatest(a.last, c.recorded_at),
                           care_internal.chain_extended(c.head, a.forms),
                           CASE WHEN a.first <= c.recorded_at THEN ARRAY(SELECT sha256(f) FROM unnest(a.forms) AS f) END
                    FROM (SELECT n.%3$I AS record_id, min(n.recorded_at) AS first, max(n.recorded_at) AS last,
                                 array_agg(care_internal.canonical(%4$s) ORDER BY n.recorded_at,
                                           care_internal.canonical(%4$s)) AS forms
                          FROM new_rows AS n GROUP BY 1 OFFSET 0) AS a
                        CROSS JOIN LATERAL care_internal.chain_end(%1$L, a.record_id) AS c
                    WHERE a.first > c.recorded_at OR a.last >= now()
                    ON CONFLICT DO NOTHING
                    RETURNING length - after AS facts, late)
                SELECT coalesce(sum(facts), 0), count(late) INTO linked, belated FROM link;
                IF linked < (SELECT count(*) FROM new_rows AS n WHERE n.recorded_at >= now()) THEN
                    PERFORM care_internal.refuse_link(%1$L, (SELECT min(n.%3$I) FROM new_rows AS n), TG_TABLE_NAME);
                ELSIF belated > 0 AND %1$L = 'account' THEN
                    PERFORM care_internal.refuse_link(%1$L, min(n.%3$I), TG_TABLE_NAME)
                    FROM new_rows AS n
                        CROSS JOIN LATERAL (SELECT s.recorded_at FROM care.issued_statement AS s
                                            WHERE s.account_id = n.%3$I
                                            ORDER BY s.statement_id DESC LIMIT 1) AS l
                    WHERE n.recorded_at >= now() AND l.recorded_at > n.recorded_at
                    HAVING count(*) > 0;
                END IF;
                RETURN NULL;
            END
            $$ $next$ END, linked.class, linked.trigger, linked.key, linked.of_row);
        EXECUTE format('REVOKE EXECUTE ON FUNCTION care_internal.%I() FROM PUBLIC', linked.trigger);
        EXECUTE format('COMMENT ON FUNCTION care_internal.%I() IS %L', linked.trigger,
                       format('Trigger: links new rows of %s into the chain of their %s.', linked.name, linked.class));
        EXECUTE format('CREATE TRIGGER %1$I AFTER INSERT ON care.%2$I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT EXECUTE FUNCTION care_internal.%1$I()', linked.trigger, linked.name);
        EXECUTE format('COMMENT ON TRIGGER %I ON care.%I IS %L', linked.trigger, linked.name,
                       format('Links new rows into the chain of their %s.', linked.class));
        parts := concat_ws(' UNION ALL ', nullif(parts, ''),
            format('SELECT %L::text AS class, n.%I AS record_id, %L::text AS recorded_in, n.recorded_at, n.recorded_by, '
                   'pg_catalog.to_jsonb(n) AS fact, care_internal.canonical(%s) AS canonical FROM care.%I AS n',
                   linked.class, linked.key, linked.name, linked.of_row, linked.name));
    END LOOP;
    EXECUTE 'CREATE VIEW care.audit_trail AS ' || parts;
END
$do$;
COMMENT ON VIEW care.audit_trail IS
    'Every fact about a person, account or agreement: who recorded what and when. care.chain_links() gives their '
    'order.';
COMMENT ON COLUMN care.audit_trail.class IS 'person, account or agreement.';
COMMENT ON COLUMN care.audit_trail.record_id IS 'Key of the person, account or agreement.';
COMMENT ON COLUMN care.audit_trail.recorded_in IS 'The table.';
COMMENT ON COLUMN care.audit_trail.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.audit_trail.recorded_by IS 'Who recorded it.';
COMMENT ON COLUMN care.audit_trail.fact IS 'The row.';
COMMENT ON COLUMN care.audit_trail.canonical IS 'What of it is linked, in its canonical form.';

-- Each fact with its place in its chain; with a class and a key, of one record.
CREATE FUNCTION care.chain_links(of_class text DEFAULT NULL, of_record bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, number bigint, recorded_at timestamptz,
                   recorded_by text, recorded_in text, link bytea)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.class, t.record_id, row_number() OVER chain, t.recorded_at, t.recorded_by, t.recorded_in,
           care_internal.chained(t.canonical) OVER chain
    FROM care.audit_trail AS t
        LEFT JOIN (SELECT c.class, c.record_id, c.after, c.recorded_at, u.fact
                   FROM care_internal.chain AS c, unnest(c.late) AS u (fact)
                   WHERE c.late IS NOT NULL
                     AND (of_class IS NULL OR c.class = of_class)
                     AND (of_record IS NULL OR c.record_id = of_record)) AS late
            ON late.class = t.class AND late.record_id = t.record_id AND late.fact = sha256(t.canonical)
    WHERE (of_class IS NULL OR t.class = of_class) AND (of_record IS NULL OR t.record_id = of_record)
    WINDOW chain AS (PARTITION BY t.class, t.record_id
                     ORDER BY coalesce(late.recorded_at, t.recorded_at), coalesce(late.after, 0), t.recorded_at,
                              t.canonical
                     ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW);
END;
COMMENT ON FUNCTION care.chain_links(text, bigint) IS
    'The chain of every person, account and agreement, or of one, link by link, worked out from the facts.';

-- Each statement shows the head that its chain had when it was issued: the person holds a copy.
CREATE VIEW care.published_head AS
    SELECT 'account'::text AS class, s.account_id AS record_id, s.statement_id, s.as_at, s.chain_length, s.chain_head
    FROM care.issued_statement AS s
    UNION ALL
    SELECT 'agreement', s.agreement_id, s.statement_id, s.as_at, s.chain_length, s.chain_head
    FROM care.issued_agreement_statement AS s;
COMMENT ON VIEW care.published_head IS 'The head of the chain that each statement shows.';
COMMENT ON COLUMN care.published_head.class IS 'account or agreement.';
COMMENT ON COLUMN care.published_head.record_id IS 'Key of the account or agreement.';
COMMENT ON COLUMN care.published_head.statement_id IS 'The statement.';
COMMENT ON COLUMN care.published_head.as_at IS 'The day of the statement.';
COMMENT ON COLUMN care.published_head.chain_length IS 'How many facts the chain linked when it was issued.';
COMMENT ON COLUMN care.published_head.chain_head IS 'The last link then.';

CREATE FUNCTION care.verify_chain(of_class text DEFAULT NULL, of_record bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, difference text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH links AS MATERIALIZED (
        SELECT k.class, k.record_id, k.number, k.link FROM care.chain_links(of_class, of_record) AS k
    ), grown AS (
        SELECT c.class, c.record_id, c.after, c.length, c.recorded_at, c.head,
               lag(c.length, 1, 0) OVER chain AS length_before, lead(c.after) OVER chain IS NULL AS is_last
        FROM care_internal.chain AS c
        WHERE (of_class IS NULL OR c.class = of_class) AND (of_record IS NULL OR c.record_id = of_record)
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
                    || to_char(g.recorded_at, 'YYYY-MM-DD HH24:MI:SS.US TZH') END
    FROM grown AS g
        LEFT JOIN links AS k ON k.class = g.class AND k.record_id = g.record_id AND k.number = g.length
    WHERE g.after <> g.length_before OR k.link IS DISTINCT FROM g.head
    ORDER BY g.class, g.record_id, g.after)
    UNION ALL
    SELECT p.class, p.record_id, 'statement ' || p.statement_id || ' shows a chain of ' || p.chain_length
                                 || ', and the first ' || p.chain_length || ' facts do not lead to it'
    FROM care.published_head AS p
        LEFT JOIN links AS k ON k.class = p.class AND k.record_id = p.record_id AND k.number = p.chain_length
    WHERE (of_class IS NULL OR p.class = of_class) AND (of_record IS NULL OR p.record_id = of_record)
      AND k.link IS DISTINCT FROM p.chain_head;
END;
COMMENT ON FUNCTION care.verify_chain(text, bigint) IS
    'Works out anew the chain of every person, account and agreement, or of one, and lists where the facts do not lead '
    'to the head that is kept or to one that a statement shows; no row means that all is well.';

-- What is loaded with another system's times of recording is older than the transaction, as what is
-- restored is: its chains begin here.
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
    'Begins the chain of every person, account and agreement that has none, with all that is recorded of it, and '
    'returns how many: once, after a load with other times of recording.';

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
