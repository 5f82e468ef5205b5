--
-- objection: what a person does not want shared, when casework hands over something of theirs.
--
-- While an objection is open nothing of the person is handed over, unless somebody decides otherwise and says why:
-- their care may need it, or the law.  Objections are facts of the core (care.objection), whoever records them.
--
-- Must not know: what is handed over.
--

CREATE VIEW casework.objection WITH (security_barrier) AS
    SELECT o.person_id, p.authority, o.objection_id, o.purpose, o.about, o.from_day, o.to_day, o.recorded_at,
           o.recorded_by
    FROM care.objection AS o
        JOIN care.person AS p ON p.person_id = o.person_id
        JOIN casework.authority_seen AS a ON a.authority = p.authority
    WHERE (o.to_day >= o.from_day) IS NOT FALSE
      AND NOT EXISTS (SELECT FROM care.objection AS c
                      WHERE c.person_id = o.person_id AND c.supersedes = o.objection_id);
COMMENT ON VIEW casework.objection IS 'What people object to being shared: the rows of care.objection that hold.';
SELECT care_internal.comment_columns('casework.objection', 'care.objection', 'care.person');

CREATE FUNCTION casework.record_objection(authority text, person_reference text, about text, from_day date,
                                          to_day date DEFAULT NULL, supersedes bigint DEFAULT NULL,
                                          purpose text DEFAULT 'continuity')
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.refuse_hidden_name(format('person %s', person_reference),
                                                 casework_internal.record_person(authority, person_reference), about,
                                                 'care', 'objection');
    RETURN care.record_objection(person_reference, purpose, about, from_day, to_day, authority, supersedes);
END
$$;
COMMENT ON FUNCTION casework.record_objection(text, text, text, date, date, bigint, text) IS
    'Records by care.record_objection() that a person objects to something of them being shared, in words that hold '
    'no name that a pseudonym hides (23514). Returns the key.';

CREATE FUNCTION casework_internal.require_no_objection(label text, person_id bigint, on_day date, override_reason text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF coalesce(override_reason, '') = '' AND care_internal.objects_to(person_id, NULL, on_day) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'objection_open',
            MESSAGE = format('%s objects on %s to something of them being shared', label,
                             care_internal.day_text(on_day)),
            HINT = 'casework.objection says to what. Where it is to be shared all the same, say why with '
                   'override_reason => ....';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_no_objection(text, bigint, date, text) IS
    'Refuses (55000) to share what is of a person who objects on a day, for whatever purpose, unless a reason is '
    'given.';
