--
-- keys: the keys that sequences give, which lag behind the rows where rows came without them.
--
-- A dump brings the state of each sequence.  A publisher does not: when a subscriber takes over, its sequences stand
-- where they were made, and what they give next is there already.  The moments of recording come from a sequence too.
--
-- Must not know: what the keys are of.
--

CREATE FUNCTION care_internal.lagging_keys() RETURNS TABLE (sequence regclass, given bigint, held bigint)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    s record;
BEGIN
    FOR s IN SELECT d.objid::regclass AS sequence, d.refobjid::regclass AS relation, a.attname
             FROM pg_extension AS x, unnest(x.extconfig) AS u (oid)
                 JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = u.oid AND d.deptype = 'i'
                     AND d.refclassid = 'pg_class'::regclass
                 -- asked about anything but a sequence, has_sequence_privilege() fails
                 JOIN pg_sequence AS q ON q.seqrelid = d.objid
                 JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
             WHERE x.extname IN (SELECT g.extension FROM care_internal.guarded_schema() AS g)
               AND has_table_privilege(d.refobjid, 'SELECT') AND has_sequence_privilege(q.seqrelid, 'SELECT')
             ORDER BY 1::text COLLATE "C" LOOP
        sequence := s.sequence;
        given := coalesce(pg_sequence_last_value(s.sequence), 0);
        EXECUTE CASE WHEN s.relation = 'care_internal.disposal_permit'::regclass
                     THEN 'SELECT max(c.certificate_id) FROM care.disposal_certificate AS c'
                     ELSE format('SELECT max(n.%I) FROM %s AS n', s.attname, s.relation) END
        INTO held;
        IF given < held THEN
            RETURN NEXT;
        END IF;
    END LOOP;
    sequence := 'care_internal.moment';
    given := pg_sequence_last_value(sequence);
    held := (SELECT (extract(epoch FROM max(c.recorded_at) - '2000-01-01 00:00:00+00') * 1000000)::bigint
             FROM care_internal.chain AS c);
    IF given < held THEN
        RETURN NEXT;
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.lagging_keys() IS
    'Sequences whose last value given is below one that a row holds: what they give next may be there already.';

CREATE FUNCTION care_internal.require_keys() RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    lagging text := (SELECT string_agg(l.sequence::text, ', ') FROM care_internal.lagging_keys() AS l);
BEGIN
    IF lagging IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'keys_lag',
            MESSAGE = 'the keys of this database lag behind its rows',
            DETAIL = format('What these give next is there already, or earlier than what is there: %s.', lagging),
            HINT = 'Rows came without the state of the sequences, as to a subscriber. Once it takes over, its owner '
                   'calls care.restart_keys().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_keys() IS 'Refuses (55000) to go on while keys lag, naming the sequences.';

CREATE FUNCTION care.restart_keys() RETURNS TABLE (sequence text, given bigint, held bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept record;
    l record;
BEGIN
    -- whoever records is waited for, and no sequence is set below what it gave meanwhile
    FOR kept IN SELECT k.relation FROM care_internal.kept_table AS k ORDER BY k.n LOOP
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', kept.relation);
    END LOOP;
    FOR l IN SELECT k.* FROM care_internal.lagging_keys() AS k LOOP
        PERFORM setval(l.sequence, l.held);
        sequence := l.sequence;
        given := l.given;
        held := l.held;
        RETURN NEXT;
    END LOOP;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'keys_lag',
            MESSAGE = 'no key lags behind the rows of this database',
            HINT = 'There is nothing to do: no sequence is ever set back.';
    END IF;
END
$$;
COMMENT ON FUNCTION care.restart_keys() IS
    'Once a database that was a subscriber takes over: moves each sequence that lags behind the rows to the last key '
    'there is, and the clock of recording to the last moment; returns what was moved. 55000 if nothing lags. None is '
    'ever moved back.';

-- Under a lock, what was looked for and not found is not there; but a transaction above READ COMMITTED
-- may not see it, and a key that lags is there though nobody looked for it.
CREATE FUNCTION care_internal.refuse_violation(violated text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_keys();
    IF current_setting('transaction_isolation') = 'read committed' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'recorded_once',
            MESSAGE = 'what is to be recorded is there already',
            DETAIL = violated;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'serialization_failure',
        CONSTRAINT = 'recorded_meanwhile',
        MESSAGE = 'another transaction recorded meanwhile what this one does not see',
        DETAIL = violated,
        HINT = 'Run it again.';
END
$$;
COMMENT ON FUNCTION care_internal.refuse_violation(text) IS
    'Part of what writes under a lock: refuses what violated a key, by 40001 where the transaction may have an older '
    'view, else by 23505; 55000 where keys lag.';
