--
-- write: what every function that records does: lock the record, look at what is corrected, rebuild what is derived.
--
-- Must not know: any class of record.
--

-- Writers of one record queue on its head row.
CREATE FUNCTION casework_internal.lock_record(class text, record_id bigint, OUT authority text, OUT reference text,
                                              OUT label text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = lock_record.class);
BEGIN
    EXECUTE format('SELECT h.authority, h.reference FROM %s AS h WHERE h.%I = $1 AND casework_internal.sees(h.authority)
                    FOR NO KEY UPDATE', c.head, c.key)
    INTO authority, reference USING record_id;
    IF authority IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'record_exists',
            MESSAGE = format('no such %s: %s', class, coalesce(record_id::text, 'null'));
    END IF;
    label := format('%s %s (%s)', class, record_id, reference);
    PERFORM care_internal.require_actor(authority);
END
$$;
COMMENT ON FUNCTION casework_internal.lock_record(text, bigint) IS
    'Locks a record of a class against other writers; P0002 if there is none that the caller sees. '
    'label names it in messages.';

-- A new record has a reference of its own within the authority.
CREATE FUNCTION casework_internal.require_new(class text, authority text, reference text, on_day date) RETURNS text
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    head regclass := (SELECT r.head FROM care_internal.record_class AS r WHERE r.class = require_new.class);
    taken boolean;
BEGIN
    PERFORM casework_internal.require_authority(authority, on_day), care_internal.require_actor(authority),
            care_internal.require_text(format('%s of %s', class, authority), 'reference', reference);
    EXECUTE format('SELECT EXISTS (SELECT FROM %s AS h WHERE h.authority = $1 AND h.reference = $2)', head)
    INTO taken USING authority, reference;
    IF taken THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'record_reference_key',
            MESSAGE = format('%s has a %s %s already', authority, class, reference);
    END IF;
    RETURN format('%s %s', class, reference);
END
$$;
COMMENT ON FUNCTION casework_internal.require_new(text, text, text, date) IS
    'Refuses a new record without an authority in use or a reference, or with one that is taken (23505); its name in '
    'messages.';

CREATE FUNCTION casework_internal.rebuild() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = TG_ARGV[0]);
    keys int8[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT n.%1$I ORDER BY n.%1$I) FROM new_rows AS n', c.key) INTO keys;
    IF keys IS NOT NULL THEN
        EXECUTE format('SELECT FROM %1$s AS h WHERE h.%2$I = ANY ($1) ORDER BY h.%2$I FOR NO KEY UPDATE', c.head, c.key)
        USING keys;
        PERFORM care_internal.write_derived(c.class, keys);
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION casework_internal.rebuild() IS
    'Trigger: works out the derived columns of the records of new rows anew; its argument is the class.';

CREATE FUNCTION casework_internal.rebuild_on(class text, VARIADIC relations regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relation regclass;
    name text;
BEGIN
    FOREACH relation IN ARRAY relations LOOP
        name := (SELECT t.relname || '_rebuild' FROM pg_class AS t WHERE t.oid = relation);
        EXECUTE format('CREATE TRIGGER %I AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows
                        FOR EACH STATEMENT EXECUTE FUNCTION casework_internal.rebuild(%L)', name, relation, class);
        EXECUTE format('COMMENT ON TRIGGER %I ON %s IS ''Works out the derived columns.''', name, relation);
    END LOOP;
END
$$;
COMMENT ON FUNCTION casework_internal.rebuild_on(text, regclass[]) IS
    'Part of installation: the triggers that work out the derived columns of the records of a class.';
