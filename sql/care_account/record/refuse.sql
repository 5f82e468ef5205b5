--
-- refuse: facts are added to, never changed.
--
-- Must not know: what the facts mean.
--

-- Refuses to change or remove a fact.
CREATE FUNCTION care_internal.refuse_change() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = format('rows of %I.%I are never changed or removed', TG_TABLE_SCHEMA, TG_TABLE_NAME),
        HINT = format('Add the fact that corrects it with %s.', TG_ARGV[0]);
END
$$;
COMMENT ON FUNCTION care_internal.refuse_change() IS
    'Trigger: refuses UPDATE, DELETE and TRUNCATE of a table of facts (55000), naming the function that adds a '
    'correction.';

-- Accounts and agreements carry what follows from their facts.
CREATE FUNCTION care_internal.refuse_update() RETURNS trigger
    LANGUAGE C AS 'MODULE_PATHNAME', 'care_refuse_update';
COMMENT ON FUNCTION care_internal.refuse_update() IS
    'Trigger: refuses (55000) an UPDATE that changes a row, but for the one that writes what was worked out from the '
    'facts.';
