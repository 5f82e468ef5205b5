--
-- retained: what the retention of a person rests on.
--
-- Must not know: how long anything is kept.
--

CREATE FUNCTION care_internal.person_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.person_id, NULL, d.known_on, NULL::date, NULL
    FROM care.person AS p
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = p.person_id
            AND d.known_on <= as_at;
END;
COMMENT ON FUNCTION care_internal.person_retained(date) IS
    'What the retention of each person rests on: the day their death was known; see keep_class().';
