--
-- person: the people whom accounts and agreements are about.
--
-- Must not know: accounts, agreements.
--

CREATE TABLE care.person (
    person_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT person_pkey PRIMARY KEY,
    authority pg_catalog.text NOT NULL
        CONSTRAINT person_authority_fkey REFERENCES care.authority,
    reference pg_catalog.text NOT NULL
        CONSTRAINT person_has_reference CHECK (reference <> ''),
    date_of_birth pg_catalog.date
        CONSTRAINT person_finite_birth CHECK (pg_catalog.isfinite(date_of_birth)),
    needs_began_on pg_catalog.date
        CONSTRAINT person_finite_needs CHECK (pg_catalog.isfinite(needs_began_on)),
    recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    recorded_by pg_catalog.text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT person_reference_key UNIQUE (authority, reference),
    CONSTRAINT person_needs_after_birth CHECK (needs_began_on >= date_of_birth)
);
COMMENT ON TABLE care.person IS 'People, by the case-management system''s own reference; no more is kept than a figure needs.';
COMMENT ON COLUMN care.person.person_id IS 'Key.';
COMMENT ON COLUMN care.person.authority IS 'The authority whose reference it is.';
COMMENT ON COLUMN care.person.reference IS 'The case-management system''s identifier, unique within the authority, opaque to this product.';
COMMENT ON COLUMN care.person.date_of_birth IS 'Date of birth; needed where the cap depends on age.';
COMMENT ON COLUMN care.person.needs_began_on IS 'The day eligible needs began; needed where the cap depends on the age then.';
COMMENT ON COLUMN care.person.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.person.recorded_by IS 'Who recorded the row.';
SELECT pg_catalog.pg_extension_config_dump('care.person', '');
SELECT pg_catalog.pg_extension_config_dump('care.person_person_id_seq', '');
CREATE TRIGGER person_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.person
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.open_account()');
COMMENT ON TRIGGER person_refuse_change ON care.person IS 'Facts are added to, never changed.';

-- Find a person by reference, or record one.  What is given must agree with what is known.
CREATE FUNCTION care.person(authority pg_catalog.text, reference pg_catalog.text,
                            date_of_birth pg_catalog.date, needs_began_on pg_catalog.date)
    RETURNS pg_catalog.int8 LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known care.person;
BEGIN
    INSERT INTO care.person (authority, reference, date_of_birth, needs_began_on)
    VALUES (person.authority, person.reference, person.date_of_birth, person.needs_began_on)
    ON CONFLICT ON CONSTRAINT person_reference_key DO NOTHING
    RETURNING * INTO known;
    IF FOUND THEN
        RETURN known.person_id;
    END IF;
    SELECT p.* INTO STRICT known FROM care.person AS p
    WHERE p.authority = person.authority AND p.reference = person.reference;
    IF known.date_of_birth <> person.date_of_birth OR known.needs_began_on <> person.needs_began_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('person %s of %s is recorded with another date of birth or first day of needs', reference, authority),
            DETAIL = format('Recorded: born %s, needs began on %s.',
                            coalesce(to_char(known.date_of_birth, 'YYYY-MM-DD'), 'not given'),
                            coalesce(to_char(known.needs_began_on, 'YYYY-MM-DD'), 'not given')),
            HINT = 'Check that it is the same person.';
    END IF;
    RETURN known.person_id;
END
$$;
COMMENT ON FUNCTION care.person(pg_catalog.text, pg_catalog.text, pg_catalog.date, pg_catalog.date) IS
    'The key of a person, recorded now if new; 22023 if what is given differs from what is recorded.';
