--
-- hold: legal holds, which beat everything until they are released.
--
-- Must not know: how long a record is kept.
--

CREATE TABLE care.legal_hold (
    hold_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL,
    record_id bigint NOT NULL,
    authority text NOT NULL
        CONSTRAINT legal_hold_authority_fkey REFERENCES care.local_authority,
    reason text NOT NULL
        CONSTRAINT legal_hold_has_reason CHECK (reason <> ''),
    placed_by text NOT NULL
        CONSTRAINT legal_hold_placed_by_somebody CHECK (placed_by <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT legal_hold_pkey PRIMARY KEY (hold_id, class, record_id),
    CONSTRAINT legal_hold_whole_authority CHECK ((class = 'authority') = (record_id = 0))
);
CREATE INDEX legal_hold_record_idx ON care.legal_hold (class, record_id);
COMMENT ON INDEX care.legal_hold_record_idx IS 'Finds the holds on a record.';
COMMENT ON TABLE care.legal_hold IS
    'Legal holds, a row for each record held: while one is not released, nothing of the record goes.';
COMMENT ON COLUMN care.legal_hold.hold_id IS 'The hold.';
COMMENT ON COLUMN care.legal_hold.class IS
    'account, agreement, person (with every account and agreement of theirs), or authority (with every record it '
    'keeps).';
COMMENT ON COLUMN care.legal_hold.record_id IS 'Key of the record; 0 for a whole authority.';
COMMENT ON COLUMN care.legal_hold.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.legal_hold.reason IS 'Why.';
COMMENT ON COLUMN care.legal_hold.placed_by IS 'The person who decided it.';
COMMENT ON COLUMN care.legal_hold.recorded_at IS 'When it was placed.';
COMMENT ON COLUMN care.legal_hold.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.legal_hold', NULL, 'care.release_hold()');
CREATE TRIGGER legal_hold_refuse_unknown_class BEFORE INSERT ON care.legal_hold
    FOR EACH ROW EXECUTE FUNCTION care_internal.refuse_unknown_class();
COMMENT ON TRIGGER legal_hold_refuse_unknown_class ON care.legal_hold IS
    'A hold is on a record of a class that is kept, or an authority.';

CREATE TABLE care.legal_hold_release (
    hold_id bigint NOT NULL,
    class text NOT NULL,
    record_id bigint NOT NULL,
    reason text NOT NULL
        CONSTRAINT legal_hold_release_has_reason CHECK (reason <> ''),
    released_by text NOT NULL
        CONSTRAINT legal_hold_release_by_somebody CHECK (released_by <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT legal_hold_release_pkey PRIMARY KEY (hold_id, class, record_id),
    CONSTRAINT legal_hold_release_hold_fkey FOREIGN KEY (hold_id, class, record_id) REFERENCES care.legal_hold
);
COMMENT ON TABLE care.legal_hold_release IS 'The end of each hold.';
COMMENT ON COLUMN care.legal_hold_release.hold_id IS 'The hold.';
COMMENT ON COLUMN care.legal_hold_release.class IS 'The class of the record held.';
COMMENT ON COLUMN care.legal_hold_release.record_id IS 'Its key.';
COMMENT ON COLUMN care.legal_hold_release.reason IS 'Why it was released.';
COMMENT ON COLUMN care.legal_hold_release.released_by IS 'The person who decided it.';
COMMENT ON COLUMN care.legal_hold_release.recorded_at IS 'When it was released.';
COMMENT ON COLUMN care.legal_hold_release.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.legal_hold_release', NULL, 'care.place_hold()');

CREATE VIEW care.active_hold AS
    SELECT h.hold_id, h.class, h.record_id, h.authority, h.reason, h.placed_by, h.recorded_at, h.recorded_by
    FROM care.legal_hold AS h
    WHERE NOT EXISTS (SELECT FROM care.legal_hold_release AS r
                      WHERE r.hold_id = h.hold_id AND r.class = h.class AND r.record_id = h.record_id);
COMMENT ON VIEW care.active_hold IS 'The holds that are not released.';
COMMENT ON COLUMN care.active_hold.hold_id IS 'The hold.';
COMMENT ON COLUMN care.active_hold.class IS 'account, agreement, person or authority.';
COMMENT ON COLUMN care.active_hold.record_id IS 'Key of the record; 0 for a whole authority.';
COMMENT ON COLUMN care.active_hold.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.active_hold.reason IS 'Why.';
COMMENT ON COLUMN care.active_hold.placed_by IS 'The person who decided it.';
COMMENT ON COLUMN care.active_hold.recorded_at IS 'When it was placed.';
COMMENT ON COLUMN care.active_hold.recorded_by IS 'Who recorded the row.';

-- A disposal in hand is waited for; a later one waits, and sees what was recorded.
CREATE FUNCTION care_internal.share_records(class text, keys bigint[])
    RETURNS TABLE (key bigint, authority text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY EXECUTE
        (SELECT format('SELECT h.%1$I, h.authority FROM %2$s AS h WHERE h.%1$I = ANY ($1)
                         ORDER BY h.%1$I FOR KEY SHARE', c.key, c.head)
         FROM care_internal.record_class AS c WHERE c.class = share_records.class)
        USING keys;
END
$$;
COMMENT ON FUNCTION care_internal.share_records(text, bigint[]) IS
    'Keeps records from being disposed of until the transaction ends; those there are.';

CREATE FUNCTION care.place_hold(class text, record_ids bigint[], reason text, placed_by text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys int8[] := ARRAY(SELECT DISTINCT u.key FROM unnest(record_ids) AS u (key) ORDER BY u.key);
    authorities text[];
    found_keys int8[];
    new_id int8;
BEGIN
    PERFORM care_internal.require_class('legal hold', class),
            care_internal.require_text('legal hold', 'reason', reason),
            care_internal.require_text('legal hold', 'placed_by', placed_by);
    IF cardinality(keys) = 0 OR array_position(keys, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'legal_hold_has_records',
            MESSAGE = 'legal hold: record_ids must name one record or more, and none of them null';
    END IF;
    SELECT array_agg(r.key ORDER BY r.key), array_agg(r.authority ORDER BY r.key) INTO found_keys, authorities
    FROM care_internal.share_records(class, keys) AS r;
    IF cardinality(keys) > coalesce(cardinality(found_keys), 0) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'record_exists',
            MESSAGE = format('no such %s: %s', class,
                             (SELECT min(u.key) FROM unnest(keys) AS u (key)
                              WHERE u.key <> ALL (coalesce(found_keys, '{}')))),
            HINT = 'No hold was placed.';
    END IF;
    INSERT INTO care.legal_hold (class, record_id, authority, reason, placed_by)
    VALUES (place_hold.class, found_keys[1], authorities[1], place_hold.reason, place_hold.placed_by)
    RETURNING hold_id INTO new_id;
    INSERT INTO care.legal_hold (hold_id, class, record_id, authority, reason, placed_by)
    OVERRIDING SYSTEM VALUE
    SELECT new_id, place_hold.class, u.key, u.authority, place_hold.reason, place_hold.placed_by
    FROM unnest(found_keys[2:], authorities[2:]) AS u (key, authority);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.place_hold(text, bigint[], text, text) IS
    'Places a legal hold on records of a class, by their keys (those a query gave, as an array), and '
    'returns it.';

CREATE FUNCTION care.place_hold_on_authority(authority text, reason text, placed_by text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    PERFORM care_internal.require_text('legal hold', 'reason', reason),
            care_internal.require_text('legal hold', 'placed_by', placed_by),
            care_internal.require_authority(authority, NULL);
    PERFORM FROM care.local_authority AS a WHERE a.authority = place_hold_on_authority.authority FOR NO KEY UPDATE;
    INSERT INTO care.legal_hold (class, record_id, authority, reason, placed_by)
    VALUES ('authority', 0, place_hold_on_authority.authority, place_hold_on_authority.reason,
            place_hold_on_authority.placed_by)
    RETURNING hold_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.place_hold_on_authority(text, text, text) IS
    'Places a legal hold on every record of an authority, also those to come, and returns it.';

CREATE FUNCTION care.release_hold(hold_id bigint, released_by text, reason text,
                                  record_id bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    released int8;
BEGIN
    PERFORM care_internal.require_text('legal hold', 'released_by', released_by),
            care_internal.require_text('legal hold', 'reason', reason);
    INSERT INTO care.legal_hold_release (hold_id, class, record_id, reason, released_by)
    SELECT h.hold_id, h.class, h.record_id, release_hold.reason, release_hold.released_by
    FROM care.active_hold AS h
    WHERE h.hold_id = release_hold.hold_id AND (release_hold.record_id IS NULL OR h.record_id = release_hold.record_id);
    GET DIAGNOSTICS released = ROW_COUNT;
    IF released = 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'legal_hold_exists',
            MESSAGE = format('no such hold: %s%s', coalesce(hold_id::text, 'null'), ' on record ' || record_id),
            HINT = 'care.active_hold lists those that are not released.';
    END IF;
    RETURN released;
END
$$;
COMMENT ON FUNCTION care.release_hold(bigint, text, text, bigint) IS
    'Releases a hold, or one record of it, and returns how many records; P0002 if there is none.';
