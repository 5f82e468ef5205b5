--
-- retained: what the retention of an account rests on.
--
-- Must not know: how long anything is kept.
--

-- A death ends the need of an account, unless somebody has said since that it is required.
CREATE FUNCTION care_internal.account_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, CASE WHEN d.known_on IS NULL THEN 'last_updated' ELSE 'death_known' END, d.known_on,
           NULL::date,
           CASE WHEN d.known_on IS NULL AND s.kind IS DISTINCT FROM 'no_longer_required'
                THEN 'the account is still required: care.record_event() says when it no longer is' END
    FROM care.account AS a
        LEFT JOIN (SELECT DISTINCT ON (e.account_id) e.account_id, e.kind, e.recorded_at
                   FROM care.account_event_known_at('infinity'::timestamptz) AS e
                   WHERE e.kind IN ('no_longer_required', 'required_again') AND e.on_day <= as_at
                   ORDER BY e.account_id, e.on_day DESC, e.event_id DESC) AS s ON s.account_id = a.account_id
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id AND d.known_on <= as_at
            AND (s.kind = 'required_again' AND s.recorded_at > d.recorded_at) IS NOT TRUE;
END;
COMMENT ON FUNCTION care_internal.account_retained(date) IS
    'What the retention of each account rests on: whether it is still required, and when the death was known; see '
    'keep_class().';
