--
-- verify_letter: is this letter ours, and has anything before it been altered?
--
-- Must not know: what a letter says.
--

CREATE FUNCTION care_internal.digest_given(name text, given text) RETURNS bytea
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    digits text := lower(regexp_replace(given, E'^\\s*\\\\x|\\s', '', 'g'));
BEGIN
    IF digits ~ '^[0-9a-f]{64}$' IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'digest_is_hex', COLUMN = name,
            MESSAGE = format('%s must be 64 digits from 0 to f, as the letter shows them', name),
            DETAIL = format('It is %L.', left(given, 100));
    END IF;
    RETURN decode(digits, 'hex');
END
$$;
COMMENT ON FUNCTION care_internal.digest_given(text, text) IS
    'A digest as a person types it in, with blanks or without; 22023 if it is none.';

-- The statement of any class with a digest.
CREATE FUNCTION care_internal.published_with(of_digest bytea)
    RETURNS TABLE (class text, record_id bigint, authority text, reference text, statement_id bigint, as_at date,
                   chain_length integer, chain_head bytea, is_intact boolean)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT k.relation, k.class, k.key, k.digest, c.head
             FROM care_internal.kept_table AS k JOIN care_internal.record_class AS c ON c.class = k.class
             WHERE k.part = 'statement' AND k.digest IS NOT NULL ORDER BY k.n LOOP
        RETURN QUERY EXECUTE format(
            'SELECT %1$L::text, s.%2$I, h.authority, h.reference, s.statement_id, s.as_at, s.chain_length, s.chain_head,
                    %3$s(s) = s.digest
             FROM %4$s AS s JOIN %5$s AS h ON h.%2$I = s.%2$I WHERE s.digest = $1',
            t.class, t.key, t.digest, t.relation, t.head) USING of_digest;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.published_with(bytea) IS
    'What was issued with a digest, of whichever class, and whether it still is what its digest was taken of.';

CREATE FUNCTION care.verify_letter(digest text, chain_length integer, chain_head text)
    RETURNS TABLE (answer text, class text, record_id bigint, authority text, reference text, statement_id bigint,
                   as_at date)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_digest bytea := care_internal.digest_given('digest', digest);
    of_head bytea := care_internal.digest_given('chain_head', chain_head);
BEGIN
    RETURN QUERY
    SELECT CASE WHEN p.statement_id IS NULL THEN 'nothing was issued with this digest'
                WHEN NOT p.is_intact THEN 'it was issued, but what is kept of it has been altered since'
                WHEN (p.chain_length, p.chain_head) IS DISTINCT FROM (verify_letter.chain_length, of_head)
                THEN 'it was issued, but with another chain than this'
                WHEN NOT EXISTS (SELECT FROM care.chain_links(p.class, p.record_id) AS k
                                 WHERE k.number = p.chain_length AND k.link = p.chain_head)
                THEN 'it was issued, but what was recorded before it has been altered since'
                ELSE 'it was issued, and nothing recorded before it has been altered since' END,
           p.class, p.record_id, p.authority, p.reference, p.statement_id, p.as_at
    FROM (VALUES (1)) AS one (n)
        LEFT JOIN care_internal.published_with(of_digest) AS p ON true;
END
$$;
COMMENT ON FUNCTION care.verify_letter(text, integer, text) IS
    'What can be said of a letter from the three figures printed on it: whether a statement or certificate was issued '
    'with this digest, and whether it, or anything recorded before it, has been altered since; one row. Digests may be '
    'typed with blanks. 22023 if one is none.';
