--
-- chain: the canonical form of a row, and the chain of each person, account and agreement.
--
-- The facts are their own audit trail.  Each fact is a link: the SHA-256 of the link before it and of
-- the fact in its canonical form.  Here is kept how far each chain had grown whenever facts were recorded; the links
-- are
-- worked out from the facts (room audit).
--
-- Must not know: the facts.
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
    'How the chain of each person, account and agreement grew: a row for the facts of each that one statement '
    'recorded. care.verify_chain() compares it with the facts.';
COMMENT ON COLUMN care_internal.chain.record_id IS 'Key of the person, account or agreement.';
COMMENT ON COLUMN care_internal.chain.class IS 'person, account or agreement.';
COMMENT ON COLUMN care_internal.chain.after IS 'How many facts were linked before.';
COMMENT ON COLUMN care_internal.chain.length IS 'How many facts are linked with these.';
COMMENT ON COLUMN care_internal.chain.recorded_at IS
    'When the last of them was recorded, and not before the row it follows.';
COMMENT ON COLUMN care_internal.chain.head IS 'The link of the last of them.';
COMMENT ON COLUMN care_internal.chain.late IS
    'Where another fact, recorded later, came before them: the SHA-256 of each.';
SELECT pg_extension_config_dump('care_internal.chain', '');
CREATE TRIGGER chain_refuse_change BEFORE UPDATE ON care_internal.chain
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('a function of care');
COMMENT ON TRIGGER chain_refuse_change ON care_internal.chain IS 'A chain grows as facts are recorded.';

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
