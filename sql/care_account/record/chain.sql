--
-- chain: the canonical form of a row, and the chain of each person, account and agreement.
--
-- The facts are their own audit trail.  Each fact is a link: the SHA-256 of the link before it and of
-- the fact in its canonical form.  Here is kept how far each chain had grown whenever facts were recorded; the links
-- are
-- worked out from the facts (room audit).
--
-- Must not know: any class, any table of facts.
--

CREATE FUNCTION care_internal.canonical(of_row record) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_canonical';
COMMENT ON FUNCTION care_internal.canonical(record) IS
    'A row as bytes that depend on its values and on no setting; 0A000 for types whose text follows a setting.';

CREATE FUNCTION care_internal.chain_link(link bytea, fact bytea) RETURNS bytea
    LANGUAGE C IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_chain_link';
COMMENT ON FUNCTION care_internal.chain_link(bytea, bytea) IS
    'The next link of a chain: SHA-256 of the link before it (null: none) followed by a fact in its canonical form.';

CREATE AGGREGATE care_internal.chained(fact bytea) (sfunc = care_internal.chain_link, stype = bytea, parallel = safe);
COMMENT ON AGGREGATE care_internal.chained(bytea) IS 'The last link of a chain of facts, in the order given.';

CREATE FUNCTION care_internal.chain_extended(head bytea, facts bytea[]) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_chain_extended';
COMMENT ON FUNCTION care_internal.chain_extended(bytea, bytea[]) IS
    'The last link when a chain goes on from its head with some facts.';

-- Few constraints and triggers: a row is written with every fact.
CREATE TABLE care_internal.chain (
    record_id bigint NOT NULL,
    class text COLLATE "C" NOT NULL,
    after integer NOT NULL,
    length integer NOT NULL,
    recorded_at timestamptz NOT NULL,
    head bytea NOT NULL,
    late bytea[],
    CONSTRAINT chain_pkey PRIMARY KEY (record_id, class, after)
);
COMMENT ON TABLE care_internal.chain IS
    'How the chain of each person, account and agreement grew, and that of each table of reference: a row for the '
    'facts of each that one statement recorded. care.verify_chain() compares it with the facts.';
COMMENT ON COLUMN care_internal.chain.record_id IS
    'Key of the person, account or agreement; of a table of reference the digits of the authority''s code, or nought.';
COMMENT ON COLUMN care_internal.chain.class IS 'person, account or agreement; or the name of a table of reference.';
COMMENT ON COLUMN care_internal.chain.after IS 'How many facts were linked before.';
COMMENT ON COLUMN care_internal.chain.length IS 'How many facts are linked with these.';
COMMENT ON COLUMN care_internal.chain.recorded_at IS
    'When the last of them was recorded, and not before the row it follows.';
COMMENT ON COLUMN care_internal.chain.head IS 'The link of the last of them.';
COMMENT ON COLUMN care_internal.chain.late IS
    'Where another fact, recorded later, came before them: the SHA-256 of each.';
SELECT care_internal.keep('care_internal.chain', NULL, 'a function of care');

CREATE FUNCTION care_internal.chain_end(class text, record_id bigint)
    RETURNS TABLE (length integer, head bytea, recorded_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT c.length, c.head, c.recorded_at FROM care_internal.chain AS c
    WHERE c.class = chain_end.class AND c.record_id = chain_end.record_id
    ORDER BY c.after DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.chain_end(text, bigint) IS
    'The end of the chain of a person, account or agreement: how many facts it links, the last link, and when its fact '
    'was recorded; one row.';

-- Part of the triggers that link, when new facts cannot be links.
CREATE FUNCTION care_internal.refuse_link(class text, record_id bigint, recorded_in text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM care_internal.chain_end(class, record_id)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'chain_exists',
            MESSAGE = format('%s %s has no chain for a new row of %s', class, record_id, recorded_in),
            HINT = 'If it was loaded from elsewhere, the owner begins it with care.begin_chains(); otherwise restore '
                   'its rows of care_internal.chain.';
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'serialization_failure', CONSTRAINT = 'chain_in_order',
        MESSAGE = format('%s %s: a statement was issued or something recorded meanwhile, before this row of %s', class,
                         record_id, recorded_in),
        HINT = 'Run it again.';
END
$$;
COMMENT ON FUNCTION care_internal.refuse_link(text, bigint, text) IS
    'Refuses (40001) a new fact that cannot be the last link of its chain; 55000 where there is none.';

-- A fact recorded before a statement that was issued meanwhile: the statement would not show what it should by its
-- own time.
CREATE FUNCTION care_internal.refuse_overtaken_links(class text, record_ids bigint[], recorded_at timestamptz[],
                                                     recorded_in text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t care_internal.kept_table;
    overtaken int8;
BEGIN
    FOR t IN SELECT k.* FROM care_internal.kept_table AS k
             WHERE k.class = refuse_overtaken_links.class AND k.part = 'statement' ORDER BY k.n LOOP
        EXECUTE format('SELECT min(n.record_id) FROM unnest($1, $2) AS n (record_id, recorded_at)
                        WHERE n.recorded_at < (SELECT s.recorded_at FROM %1$s AS s WHERE s.%2$I = n.record_id
                                               ORDER BY s.statement_id DESC LIMIT 1)', t.relation, t.key)
        INTO overtaken USING record_ids, recorded_at;
        IF overtaken IS NOT NULL THEN
            PERFORM care_internal.refuse_link(class, overtaken, recorded_in);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_overtaken_links(text, bigint[], timestamptz[], text) IS
    'Part of the triggers that link: refuses (40001) facts recorded before a statement of their record without them.';

-- What links new rows, by what they are: the first fact of their records (the head), a statement, which shows the
-- link that it follows, or the next facts.
--
-- New facts go on the chain of their record, in the order of recorded_at.  One that brought its recorded_at comes from
-- a dump or a publisher, which bring the chain too.  A new one that is not later than the last link had to wait while
-- another was linked: it is linked as late; but not where the last link is later than every moment given here.
CREATE FUNCTION care_internal.linking_body(kind text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE kind
        WHEN 'first' THEN $first$
BEGIN
    INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
    SELECT %1$L, n.%2$I, 0, 1, n.recorded_at, care_internal.chain_link(NULL, care_internal.canonical(%3$s))
    FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at);
    RETURN NULL;
END
$first$ WHEN 'statement' THEN $statement$
BEGIN
    INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
    SELECT %1$L, n.%2$I, n.chain_length, n.chain_length + 1, n.recorded_at,
           care_internal.chain_link(n.chain_head, care_internal.canonical(%3$s))
    FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at);
    RETURN NULL;
EXCEPTION WHEN unique_violation THEN
    PERFORM care_internal.refuse_link(%1$L, (SELECT min(n.%2$I) FROM new_rows AS n), TG_TABLE_NAME);
    RETURN NULL;
END
$statement$ ELSE $next$
DECLARE
    linked int8;
    belated int8;
BEGIN
    WITH link AS (
        INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head, late)
        SELECT %1$L, a.record_id, c.length, c.length + cardinality(a.forms), greatest(a.last, c.recorded_at),
               care_internal.chain_extended(c.head, a.forms),
               CASE WHEN a.first <= c.recorded_at THEN ARRAY(SELECT sha256(f) FROM unnest(a.forms) AS f) END
        FROM (SELECT f.record_id, min(f.recorded_at) AS first, max(f.recorded_at) AS last,
                     array_agg(f.form) AS forms
              -- sorted once, not each record's by themselves
              FROM (SELECT n.%2$I AS record_id, n.recorded_at, care_internal.canonical(%3$s) AS form
                    FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at) ORDER BY 1, 2, 3) AS f
              GROUP BY f.record_id OFFSET 0) AS a
            CROSS JOIN LATERAL care_internal.chain_end(%1$L, a.record_id) AS c
        ON CONFLICT DO NOTHING
        RETURNING length - after AS facts, late)
    SELECT coalesce(sum(facts), 0), count(late) INTO linked, belated FROM link;
    IF linked < (SELECT count(*) FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at)) THEN
        PERFORM care_internal.refuse_link(%1$L, (SELECT min(n.%2$I) FROM new_rows AS n), TG_TABLE_NAME);
    ELSIF belated > 0 THEN
        PERFORM care_internal.require_keys();
        PERFORM care_internal.refuse_overtaken_links(%1$L, array_agg(n.%2$I), array_agg(n.recorded_at), TG_TABLE_NAME)
        FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at);
    END IF;
    RETURN NULL;
END
$next$ END;
COMMENT ON FUNCTION care_internal.linking_body(text) IS
    'Body of the trigger that links new rows: for format(), with class, key and what of a row n is linked.';

-- The trigger has the owner's rights, so that who may record need not be let near a chain.  Called _seal, it comes
-- after the others of its table, and so after the lock of the record.
CREATE FUNCTION care_internal.link_rows(relation regclass, class text, key text, linked text, kind text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := (SELECT c.relname || '_seal' FROM pg_class AS c WHERE c.oid = relation);
    seal text := format('%I.%I', care_internal.internals_of(relation), name);
BEGIN
    EXECUTE format('CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql
                    SECURITY DEFINER SET search_path = pg_catalog, pg_temp%s AS %L',
                   seal, CASE kind WHEN 'next' THEN ' SET enable_seqscan = off' ELSE '' END,
                   format(care_internal.linking_body(kind), class, key, linked));
    EXECUTE format('REVOKE EXECUTE ON FUNCTION %s() FROM PUBLIC', seal);
    EXECUTE format('COMMENT ON FUNCTION %s() IS %L', seal,
                   format('Trigger: links new rows of %s into the chain of their %s.', relation, class));
    EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                    FOR EACH STATEMENT EXECUTE FUNCTION %s()',
                   name, relation, seal);
    EXECUTE format('COMMENT ON TRIGGER %I ON %s IS %L', name, relation,
                   format('Links new rows into the chain of their %s.', class));
END
$$;
COMMENT ON FUNCTION care_internal.link_rows(regclass, text, text, text, text) IS
    'Part of keep(): the trigger that links new rows into the chain of their record.';
