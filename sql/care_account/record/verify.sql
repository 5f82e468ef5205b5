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
        AND c.connamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
        ORDER BY c.conname
    LOOP
        SELECT string_agg(format('r.%I', f.attname), ', ' ORDER BY u.n),
             string_agg(format('k.%I', t.attname), ', ' ORDER BY u.n)
        INTO from_columns, to_columns
        FROM unnest(k.conkey, k.confkey) WITH ORDINALITY AS u (from_column, to_column, n)
            JOIN pg_attribute AS f ON f.attrelid = k.conrelid AND f.attnum = u.from_column
            JOIN pg_attribute AS t ON t.attrelid = k.confrelid AND t.attnum = u.to_column;
        EXECUTE format('SELECT count(*) FROM %s AS r WHERE (%s) IS NOT NULL AND NOT EXISTS (SELECT FROM %s AS k WHERE (%s) = (%s))',
                       k.conrelid::regclass, from_columns, k.confrelid::regclass, to_columns, from_columns)
        INTO orphans;
        IF orphans > 0 THEN
            reference := k.conname;
            difference := format('%s rows of %s refer to no row of %s', orphans, k.conrelid::regclass,
                                 k.confrelid::regclass);
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.verify_references() IS
    'Rows that refer to what is not there, counted for each foreign key; no row means that all is well.';

CREATE FUNCTION care.verify() RETURNS TABLE (account_id bigint, agreement_id bigint, difference text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.account_id, NULL::bigint, v.difference FROM care_internal.verify_accounts() AS v
    UNION ALL
    SELECT NULL, v.agreement_id, v.difference FROM care_internal.verify_agreements() AS v
    UNION ALL
    SELECT s.account_id, NULL, 'statement ' || s.statement_id || ': not what its digest was taken of'
    FROM care.issued_statement AS s WHERE care_internal.statement_digest(s) <> s.digest
    UNION ALL
    SELECT NULL, s.agreement_id, 'statement ' || s.statement_id || ': not what its digest was taken of'
    FROM care.issued_agreement_statement AS s WHERE care_internal.agreement_statement_digest(s) <> s.digest
    UNION ALL
    SELECT NULL, NULL, r.difference FROM care_internal.verify_references() AS r;
END;
COMMENT ON FUNCTION care.verify() IS
    'Works out anew what is derived of every account and agreement, the digest of every statement and what refers to '
    'what, and lists what differs from what is kept; no row means that all is well.';
