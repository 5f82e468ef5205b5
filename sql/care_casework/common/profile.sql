--
-- profile: what the national collections ask of a person beside age: gender, ethnicity, support reason, conditions.
--
-- Must not know: what a person needs or wants.
--

CREATE TABLE casework.profile (
    person_id bigint NOT NULL
        CONSTRAINT profile_person_fkey REFERENCES care.person,
    profile_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    gender text,
    ethnicity text,
    support_reason text,
    health_conditions text[],
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT profile_pkey PRIMARY KEY (profile_id),
    CONSTRAINT profile_key UNIQUE (person_id, profile_id)
);
COMMENT ON TABLE casework.profile IS 'What the national collections ask of each person; the last row holds.';
COMMENT ON COLUMN casework.profile.profile_id IS 'Key within the person.';
COMMENT ON COLUMN casework.profile.gender IS 'A code of list sac_gender; null: not known.';
COMMENT ON COLUMN casework.profile.ethnicity IS 'A code of list cld_ethnicity; null: not known.';
COMMENT ON COLUMN casework.profile.support_reason IS
    'The primary reason for support, a code of list cld_primary_support_reason, or none; null: not known.';
COMMENT ON COLUMN casework.profile.health_conditions IS 'Codes of list sac_health_condition; null: not recorded.';
SELECT care_internal.keep('casework.profile', 'person', 'casework.record_profile()');

SELECT care_internal.ask_last_as_known('casework.profile', 'profile_id', 'person_id');

CREATE FUNCTION casework.record_profile(authority text, person_reference text, gender text DEFAULT NULL,
                                        ethnicity text DEFAULT NULL, support_reason text DEFAULT NULL,
                                        health_conditions text[] DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8;
    known casework.profile;
    condition text;
BEGIN
    PERFORM casework_internal.require_code(label, 'gender', 'sac_gender', gender, NULL, nullable => true),
            casework_internal.require_code(label, 'ethnicity', 'cld_ethnicity', ethnicity, NULL, nullable => true),
            casework_internal.require_code(label, 'support_reason', 'cld_primary_support_reason',
                                           nullif(support_reason, 'none'), NULL, nullable => true);
    FOREACH condition IN ARRAY coalesce(health_conditions, '{}') LOOP
        PERFORM casework_internal.require_code(label, 'health_conditions', 'sac_health_condition', condition, NULL);
    END LOOP;
    key := casework_internal.record_person(authority, person_reference);
    SELECT p.* INTO known FROM casework.profile_known_at('infinity') AS p WHERE p.person_id = key;
    INSERT INTO casework.profile (person_id, gender, ethnicity, support_reason, health_conditions)
    VALUES (key, coalesce(record_profile.gender, known.gender), coalesce(record_profile.ethnicity, known.ethnicity),
            coalesce(record_profile.support_reason, known.support_reason),
            coalesce(record_profile.health_conditions, known.health_conditions));
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework.record_profile(text, text, text, text, text, text[]) IS
    'Records what the national collections ask of a person, by the codes of casework.code, and returns the key; what '
    'is null stays as it was. 22023 for an unknown code.';
