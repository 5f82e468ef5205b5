--
-- refuse: facts are added to, never changed, and go only with their record.
--
-- Must not know: what the facts mean.
--

-- Refuses to change or remove a fact.
CREATE FUNCTION care_internal.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'facts_are_added',
        MESSAGE = format('rows of %I.%I are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME),
        HINT = format('Add the fact that corrects it with %s.', TG_ARGV[0]);
END
$$;
COMMENT ON FUNCTION care_internal.refuse_change() IS
    'Trigger: refuses UPDATE, DELETE and TRUNCATE of a table of facts (55000), naming the function that adds a '
    'correction.';

-- The head of a record carries what follows from its facts.
CREATE FUNCTION care_internal.refuse_update() RETURNS trigger
    LANGUAGE C AS 'MODULE_PATHNAME', 'care_refuse_update';
COMMENT ON FUNCTION care_internal.refuse_update() IS
    'Trigger: refuses (55000) an UPDATE that changes a row, but for the one that writes what was worked out from the '
    'facts.';

-- A table that was vacuumed while it held nothing but what had been rolled back is taken for empty until it is
-- analysed, however much is loaded into it since; a plan of index probes then goes through all rows for each.
CREATE FUNCTION care_internal.plan_as_filled(head regclass) RETURNS void LANGUAGE sql
BEGIN ATOMIC
    SELECT set_config('enable_hashjoin', 'on', true), set_config('enable_nestloop', 'off', true)
    FROM pg_class AS c WHERE c.oid = head AND c.reltuples = 0 AND c.relpages > 0;
END;
COMMENT ON FUNCTION care_internal.plan_as_filled(regclass) IS
    'While the server takes a table for empty that may not be, joins by hashing, until the function that asks ends: it '
    'sets enable_hashjoin and enable_nestloop itself.';

CREATE FUNCTION care_internal.write_derived(class text, keys bigint[]) RETURNS void
    LANGUAGE C STRICT SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'care_write_derived';
COMMENT ON FUNCTION care_internal.write_derived(text, bigint[]) IS
    'Writes the derived columns of locked records of a class, as its function works them out from what is known now; '
    'nothing else can.';

CREATE FUNCTION care_internal.refuse_removal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET quote_all_identifiers = off AS $$
DECLARE
    of_class text;
    of_record int8;
    kept record;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'records_are_kept',
            MESSAGE = format('the rows of %I.%I are never removed all at once', TG_TABLE_SCHEMA, TG_TABLE_NAME),
            HINT = 'care.retention says until when each record is kept and why; care.dispose() removes one that is '
                   'due.';
    ELSIF care_internal.is_replaying() THEN
        RETURN OLD;                                          -- it was disposed of where it comes from
    END IF;
    EXECUTE format('SELECT %s, $1.%I', CASE TG_ARGV[0] WHEN '' THEN '$1.class' ELSE quote_literal(TG_ARGV[0]) END,
                   TG_ARGV[1])
    INTO of_class, of_record USING OLD;
    IF EXISTS (SELECT FROM care_internal.disposal_permit AS p
               WHERE (p.class, p.record_id, p.xid) = (of_class, of_record, pg_current_xact_id())) THEN
        RETURN OLD;
    END IF;
    SELECT r.* INTO kept FROM care_internal.retention_of(of_class, of_record) AS r;
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'records_are_kept',
        MESSAGE = format('rows of %I.%I are not removed: %s %s is kept%s: %s', TG_TABLE_SCHEMA, TG_TABLE_NAME, of_class,
                         of_record,
                         ' until ' || to_char(kept.retain_until, 'YYYY-MM-DD'),
                         CASE WHEN kept.on_hold THEN 'on hold; ' ELSE '' END
                              || coalesce(kept.reason, 'it belongs to no single record')),
        HINT = 'What is due, reviewed and free of holds is removed, whole, by care.dispose(). To correct a fact, '
               'record another.';
END
$$;
COMMENT ON FUNCTION care_internal.refuse_removal() IS
    'Trigger: refuses (55000) to remove a row unless its record is being disposed of, saying until when it is kept and '
    'why.';
