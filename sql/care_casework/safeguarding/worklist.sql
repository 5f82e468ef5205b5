--
-- worklist: what somebody has to do, and what must not be.
--
-- Must not know: how anything is recorded.
--

-- A duty is met by an enquiry that is a section 42 enquiry, whoever makes it.
CREATE FUNCTION casework.concern_without_enquiry(as_at date)
    RETURNS TABLE (concern_id bigint, authority text, reference text, raised_on date, tests_met_on date, days integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.concern_id, c.authority, c.reference, c.raised_on, c.tests_met_on, as_at - c.tests_met_on
    FROM casework.concern AS c
    WHERE c.raised_on IS NOT NULL AND c.tests_met_on <= as_at
      AND NOT EXISTS (SELECT FROM casework.enquiry_concern AS l
                          JOIN casework.enquiry AS e ON e.enquiry_id = l.enquiry_id
                      WHERE l.concern_id = c.concern_id AND e.started_on <= as_at AND e.type = 'section_42');
END;
COMMENT ON FUNCTION casework.concern_without_enquiry(date) IS
    'Concerns where all three tests are met and no section 42 enquiry has started by the close of a day, from the day '
    'of the screening; days since.';

CREATE FUNCTION casework.concern_undecided(as_at date)
    RETURNS TABLE (concern_id bigint, authority text, reference text, raised_on date, screened_on date, days integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.concern_id, c.authority, c.reference, c.raised_on, c.screened_on, as_at - c.raised_on
    FROM casework.concern AS c
    WHERE c.raised_on <= as_at AND (c.decision IS NULL OR c.screened_on > as_at)
      AND NOT EXISTS (SELECT FROM casework.enquiry_concern AS l
                          JOIN casework.enquiry AS e ON e.enquiry_id = l.enquiry_id
                      WHERE l.concern_id = c.concern_id AND e.started_on <= as_at);
END;
COMMENT ON FUNCTION casework.concern_undecided(date) IS
    'Concerns that are neither decided nor the subject of an enquiry at the close of a day; days since they were '
    'raised.';

CREATE FUNCTION casework.enquiry_open(as_at date)
    RETURNS TABLE (enquiry_id bigint, authority text, reference text, type text, started_on date, days integer,
                   asked text, caused_open bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e.enquiry_id, e.authority, e.reference, e.type, e.started_on, as_at - e.started_on, e.asked,
           (SELECT count(*) FROM casework_internal.caused_known_at('infinity') AS q
            WHERE q.enquiry_id = e.enquiry_id AND q.is_open)
    FROM casework.enquiry AS e
    WHERE e.started_on <= as_at AND (e.concluded_on <= as_at) IS NOT TRUE;
END;
COMMENT ON FUNCTION casework.enquiry_open(date) IS
    'Enquiries that go on at the close of a day: for how many days, whether the adult was asked what they want, and '
    'how many enquiries of other bodies are open now.';

CREATE FUNCTION casework.caused_enquiry_overdue(as_at date)
    RETURNS TABLE (enquiry_id bigint, caused_id bigint, authority text, reference text, organisation text, due_on date,
                   status text, days integer)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT q.enquiry_id, q.caused_id, e.authority, e.reference, q.organisation, q.due_on, q.status, as_at - q.due_on
    FROM casework_internal.caused_known_at('infinity') AS q JOIN casework.enquiry AS e ON e.enquiry_id = q.enquiry_id
    WHERE e.started_on IS NOT NULL AND q.due_on < as_at AND (q.is_open OR q.status_on > as_at);
END;
COMMENT ON FUNCTION casework.caused_enquiry_overdue(date) IS
    'Enquiries of other bodies that were due before a day and are open at its close; days since.';

CREATE VIEW casework.caused_enquiry_overridden WITH (security_barrier) AS
    SELECT e.enquiry_id, e.authority, e.reference, e.concluded_on, q.caused_id, q.organisation, q.due_on, q.status,
           c.override_reason, c.recorded_by
    FROM casework.enquiry AS e
        JOIN casework.authority_seen AS a ON a.authority = e.authority
        CROSS JOIN LATERAL (SELECT x.override_reason, x.recorded_by FROM casework.conclusion AS x
                            WHERE x.enquiry_id = e.enquiry_id ORDER BY x.conclusion_id DESC LIMIT 1) AS c
        JOIN casework_internal.caused_known_at('infinity'::timestamptz) AS q ON q.enquiry_id = e.enquiry_id
            AND q.is_open
    WHERE e.started_on IS NOT NULL AND e.concluded_on IS NOT NULL;
COMMENT ON VIEW casework.caused_enquiry_overridden IS
    'Enquiries that were concluded although another body still makes one for them, and why.';
COMMENT ON COLUMN casework.caused_enquiry_overridden.status IS 'How far the other body is.';
SELECT care_internal.comment_columns('casework.caused_enquiry_overridden', 'casework.enquiry',
                                     'casework.caused_enquiry', 'casework.conclusion');

CREATE VIEW casework.cqc_id_to_find WITH (security_barrier) AS
    SELECT r.enquiry_id, e.authority, e.reference, r.risk_id, r.organisation, r.recorded_at
    FROM casework.risk AS r
        JOIN casework.enquiry AS e ON e.enquiry_id = r.enquiry_id
        JOIN casework.authority_seen AS a ON a.authority = e.authority
    WHERE r.risk_type IS NOT NULL
      AND NOT EXISTS (SELECT FROM casework.risk AS c WHERE c.enquiry_id = r.enquiry_id AND c.supersedes = r.risk_id)
      AND e.started_on IS NOT NULL AND r.source = 'service_provider' AND r.is_regulated AND r.cqc_location_id IS NULL;
COMMENT ON VIEW casework.cqc_id_to_find IS
    'Regulated providers that are a source of risk and whose CQC location is not recorded yet.';
SELECT care_internal.comment_columns('casework.cqc_id_to_find', 'casework.risk', 'casework.enquiry');
