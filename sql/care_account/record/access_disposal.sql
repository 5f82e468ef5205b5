--
-- access_disposal: for how long it is kept who looked, what goes when it is over, and whether the log is whole.
--
-- A row goes by the schedule of its authority, whatever becomes of the record that was looked at.  What is left of it
-- is its place in the chain, so that the rows after it can still be verified: neither who nor why.
--
-- The log is one table, not one for each month.  A partition that is made later is no member of the extension: a dump
-- would hold it as a table of the user's, made before what guards it, and the guard refuses a table in our schemas.  An
-- index finds what is due.
--
-- Must not know: what is sensitive.
--

SELECT care_internal.keep_setting('access_log_months', '^([6-9]|[1-9][0-9]{1,2})$', '24',
           'for how many months it is kept who read a sensitive record, 6 at least');

CREATE FUNCTION care.access_log_due(as_at date)
    RETURNS TABLE (log_id bigint, authority text, class text, record_id bigint, kept_until date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT l.log_id, l.authority, l.class, l.record_id, k.until
    FROM care.access_log AS l
        CROSS JOIN LATERAL (SELECT ((l.recorded_at AT TIME ZONE 'Europe/London')::date
                                    + make_interval(months => f.value::integer))::date AS until
                            FROM care_internal.setting_in_force(l.authority, 'access_log_months', as_at) AS f) AS k
    WHERE k.until < as_at
      -- a disclosure as long as its record
      AND (l.operation <> 'disclosure'
           OR NOT EXISTS (SELECT FROM care_internal.heads(l.class) AS h WHERE h.record_id = l.record_id))
      AND NOT EXISTS (SELECT FROM care.active_hold AS h
                      WHERE (h.class = l.class AND h.record_id = l.record_id)
                         OR (h.class = 'person' AND h.record_id = l.person_id)
                         OR (h.class = 'authority' AND h.authority = l.authority));
END;
COMMENT ON FUNCTION care.access_log_due(date) IS
    'The rows of the access log that need not be kept any longer on a day, by the authority''s setting '
    'access_log_months: not those of a record, person or authority on hold, nor disclosures of a record still kept.';

-- Whoever removes a row, by function or by hand, meets this.
CREATE FUNCTION care_internal.refuse_log_removal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF care_internal.is_replaying()
       OR EXISTS (SELECT FROM care.access_log_disposed AS d WHERE d.log_id = OLD.log_id AND d.link = OLD.link)
          AND EXISTS (SELECT FROM care.access_log_due(care.today()) AS d WHERE d.log_id = OLD.log_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'facts_are_added',
        MESSAGE = format('row %s of the access log is not removed', OLD.log_id),
        HINT = 'What need not be kept any longer, care.dispose_access_log() removes.';
END
$$;
COMMENT ON FUNCTION care_internal.refuse_log_removal() IS
    'Trigger: refuses (55000) to remove a row of the access log, unless it is due and its place in the chain is kept.';
CREATE TRIGGER access_log_refuse_removal BEFORE DELETE ON care.access_log
    FOR EACH ROW EXECUTE FUNCTION care_internal.refuse_log_removal();
COMMENT ON TRIGGER access_log_refuse_removal ON care.access_log IS 'What was logged stays until it is due.';

CREATE FUNCTION care.dispose_access_log(authority text DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone int8;
BEGIN
    PERFORM care_internal.require_authority_or_all(authority),
            care_internal.require_read_committed('what is due'), care_internal.require_actor(authority);
    -- a hold that is placed meanwhile waits, or is waited for
    LOCK TABLE care.legal_hold IN SHARE MODE;
    INSERT INTO care.access_log_disposed (log_id, class, record_id, authority, follows, link, logged_at)
    SELECT l.log_id, l.class, l.record_id, l.authority, l.follows, l.link, l.recorded_at
    FROM care.access_log_due(care.today()) AS d JOIN care.access_log AS l ON l.log_id = d.log_id
    WHERE dispose_access_log.authority IS NULL OR l.authority = dispose_access_log.authority;
    DELETE FROM care.access_log AS l USING care.access_log_disposed AS d WHERE d.log_id = l.log_id;
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;
COMMENT ON FUNCTION care.dispose_access_log(text) IS
    'Disposes of the rows of the access log that are due today by care.access_log_due(), of an authority or (null) of '
    'all, and returns how many; of each, its place in the chain is left. P0002 for what is no authority.';

CREATE FUNCTION care.verify_access_log(authority text DEFAULT NULL) RETURNS TABLE (log_id bigint, difference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_authority_or_all(authority);
    RETURN QUERY
    SELECT x.log_id, CASE WHEN x.link <> x.worked_out THEN 'not what its link was taken of'
                          ELSE 'it does not follow the row before it of ' || x.class || ' ' || x.record_id END
    FROM (SELECT k.*, lag(k.link) OVER (PARTITION BY k.class, k.record_id ORDER BY k.log_id) AS link_before
          FROM (SELECT l.log_id, l.class, l.record_id, l.authority, l.follows, l.link,
                       care_internal.access_log_link(l) AS worked_out
                FROM care.access_log AS l
                UNION ALL
                SELECT d.log_id, d.class, d.record_id, d.authority, d.follows, d.link, d.link
                FROM care.access_log_disposed AS d) AS k
          WHERE verify_access_log.authority IS NULL OR k.authority = verify_access_log.authority) AS x
    WHERE x.link <> x.worked_out OR x.follows IS DISTINCT FROM x.link_before
    ORDER BY x.log_id;
END
$$;
COMMENT ON FUNCTION care.verify_access_log(text) IS
    'Works out the links of the access log anew and lists where they do not hold; no row means that all is well. A '
    'row that was removed at the end of a record is seen by care.access_log_digest() alone. P0002 for what '
    'is no authority.';

CREATE FUNCTION care.access_log_digest(known_at timestamptz)
    RETURNS TABLE (number bigint, digest bytea) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT count(*), care_internal.chained(k.link ORDER BY k.log_id)
    FROM (SELECT l.log_id, l.link FROM care.access_log AS l WHERE l.recorded_at <= known_at
          UNION ALL
          SELECT d.log_id, d.link FROM care.access_log_disposed AS d WHERE d.logged_at <= known_at) AS k;
END;
COMMENT ON FUNCTION care.access_log_digest(timestamptz) IS
    'How many rows the access log had at a moment, and one digest of them all: noted elsewhere from time to time, it '
    'tells of an end cut off. Disposal does not change it.';
