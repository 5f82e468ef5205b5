--
-- subject_access: one document with every fact that is held about a person, whichever extension holds it.
--
-- Which tables there are, the registry says: a table that is kept is in the document.  It is made for a disclosure that
-- was logged and committed before (room access_log), and tells the person who looked at their records too.  What the
-- law lets an authority hold back, such as what a third party said in confidence, a person takes out.
--
-- Must not know: any class, what the facts mean.
--

SELECT care_internal.keep_setting('subject_access_names_staff', '^(on|off)$', 'off',
           'whether the document of subject access names who recorded and who looked');

-- The records of a person, of every class: their own and those about them.
CREATE FUNCTION care_internal.records_of_person(person_id bigint)
    RETURNS TABLE (class text, record_id bigint, authority text, reference text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class;
BEGIN
    FOR c IN SELECT r.* FROM care_internal.record_class AS r WHERE r.person IS NOT NULL ORDER BY r.n LOOP
        RETURN QUERY EXECUTE format('SELECT %L::text, h.%I, h.authority, h.reference FROM %s AS h WHERE h.%I = $1
                                     ORDER BY h.%I', c.class, c.key, c.head, c.person, c.key)
                     USING person_id;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.records_of_person(bigint) IS
    'Every record of a person, in the order in which the classes joined.';

-- With the owner's rights, as it reads what no role may read by itself; volatile, so that no role gets it with what
-- reads.
CREATE FUNCTION care.subject_access(log_id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    logged care.access_log := care_internal.require_logged_read(log_id, 'person');
    named boolean := care.setting_on(logged.authority, 'subject_access_names_staff', care.today()) = 'on';
    hidden text[] := CASE WHEN named THEN '{}'::text[] ELSE '{recorded_by}'::text[] END;
    document jsonb;
BEGIN
    IF logged.operation <> 'disclosure' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'subject_access_disclosed',
            MESSAGE = format('read %s was logged as %s: what a person is shown is a disclosure', log_id,
                logged.operation),
            HINT = 'care.log_read(''person'', ..., operation => ''disclosure'', recipients => ...) logs one.';
    END IF;
    SELECT jsonb_build_object(
        'schema', 'care_account/subject_access', 'version', '1.0', 'authority', logged.authority,
        'person', (SELECT p.reference FROM care.person AS p WHERE p.person_id = logged.record_id),
        'disclosed_at', to_char(logged.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'reason', logged.reason, 'recipients', logged.recipients,
        'records', coalesce((
            SELECT jsonb_agg(jsonb_build_object('class', r.class, 'authority', r.authority, 'reference', r.reference,
                       'facts', (SELECT jsonb_agg(jsonb_build_object('table', f.recorded_in, 'fact', f.fact - hidden)
                                                  ORDER BY f.recorded_at, f.recorded_in, f.canonical)
                                 FROM care.audit_trail(r.class, r.record_id) AS f)) ORDER BY r.place)
            FROM care_internal.records_of_person(logged.record_id)
                WITH ORDINALITY AS r (class, record_id, authority, reference, place)), '[]'),
        'looked_at', coalesce((
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'at', to_char(l.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                       'operation', l.operation, 'class', l.class, 'reason', l.reason, 'recipients', l.recipients,
                       'refused', l.refused, 'by', CASE WHEN named THEN l.recorded_by END)) ORDER BY l.log_id)
            FROM care.access_log AS l WHERE l.person_id = logged.record_id), '[]'))
    INTO document;
    RETURN document || jsonb_build_object('digest', encode(sha256(convert_to(document::text, 'UTF8')), 'hex'));
END
$$;
COMMENT ON FUNCTION care.subject_access(bigint) IS
    'Every fact held about a person, of every class of every extension, and who looked at them, as one JSON document '
    'with a digest of the rest of it, for a disclosure logged by care.log_read() and committed a moment ago. 42501 '
    'for a read that was not logged as a disclosure.';
