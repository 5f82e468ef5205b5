--
-- retained: what the retention of incidents, concerns, enquiries and reviews rests on.
--
-- Must not know: how long anything is kept.
--

CREATE FUNCTION casework_internal.concern_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- an enquiry about it that is gone says no more
    SELECT c.concern_id, NULL, d.known_on,
           CASE WHEN NOT g.goes_on THEN coalesce(g.concluded_on, c.screened_on, c.raised_on) END,
           CASE WHEN g.goes_on THEN 'an enquiry about it goes on' END
    FROM casework.concern AS c
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = c.person_id AND d.known_on <= as_at
        CROSS JOIN LATERAL (SELECT max(e.concluded_on) AS concluded_on,
                                   coalesce(bool_or((e.concluded_on <= as_at) IS NOT TRUE), false) AS goes_on
                            FROM casework.enquiry_concern AS l JOIN casework.enquiry AS e ON e.enquiry_id = l.enquiry_id
                            WHERE l.concern_id = c.concern_id AND e.started_on IS NOT NULL) AS g;
END;
COMMENT ON FUNCTION casework_internal.concern_retained(date) IS
    'What the retention of each concern rests on: the day an enquiry about it was concluded, or it was screened, or '
    'raised; see keep_class().';

CREATE FUNCTION casework_internal.enquiry_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e.enquiry_id, NULL, d.known_on, e.concluded_on,
           CASE WHEN e.started_on IS NOT NULL AND (e.concluded_on <= as_at) IS NOT TRUE THEN 'the enquiry goes on' END
    FROM casework.enquiry AS e
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = e.person_id
            AND d.known_on <= as_at;
END;
COMMENT ON FUNCTION casework_internal.enquiry_retained(date) IS
    'What the retention of each enquiry rests on: the day it was concluded; see keep_class().';

CREATE FUNCTION casework_internal.incident_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT i.incident_id, NULL, NULL::date, coalesce(d.to_day, d.from_day), NULL
    FROM casework.incident AS i
        LEFT JOIN LATERAL (SELECT x.from_day, x.to_day FROM casework.incident_detail AS x
                           WHERE x.incident_id = i.incident_id ORDER BY x.detail_id DESC LIMIT 1) AS d ON true;
END;
COMMENT ON FUNCTION casework_internal.incident_retained(date) IS
    'What the retention of each incident rests on: its last day, or its first; see keep_class().';

CREATE FUNCTION casework_internal.review_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.review_id, NULL, NULL::date, r.concluded_on,
           CASE WHEN r.started_on IS NOT NULL AND (r.concluded_on <= as_at) IS NOT TRUE THEN 'the review goes on' END
    FROM casework.review AS r;
END;
COMMENT ON FUNCTION casework_internal.review_retained(date) IS
    'What the retention of each review rests on: the day it was concluded; see keep_class().';

-- What refers to a record is disposed of before it.
CREATE FUNCTION casework_internal.incident_obstacle(incident_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'concern ' || min(d.concern_id) || ' belongs to it' FROM casework.concern_detail AS d
    WHERE d.incident_id = incident_obstacle.incident_id;
END;
COMMENT ON FUNCTION casework_internal.incident_obstacle(bigint) IS
    'Why an incident may not go: a concern that belongs to it is kept; null: none.';

CREATE FUNCTION casework_internal.concern_obstacle(concern_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT 'enquiry ' || min(l.enquiry_id) || ' is about it' FROM casework.enquiry_concern AS l
    WHERE l.concern_id = concern_obstacle.concern_id;
END;
COMMENT ON FUNCTION casework_internal.concern_obstacle(bigint) IS
    'Why a concern may not go: an enquiry about it is kept; null: none.';
