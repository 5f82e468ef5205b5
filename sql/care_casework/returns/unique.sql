--
-- unique: from rows that were sent to events that are counted: persons, unique events, joined submissions, and the
-- period that the data support.
--
-- Must not know: tables made from it.
--

-- What was sent and when: the rows follow from it.
CREATE TABLE casework.cld_submission (
    submission_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT cld_submission_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT cld_submission_authority_fkey REFERENCES care.local_authority,
    period_from date NOT NULL
        CONSTRAINT cld_submission_finite_from CHECK (period_from BETWEEN '0001-01-01' AND '9999-12-31'),
    period_to date NOT NULL
        CONSTRAINT cld_submission_finite_to CHECK (period_to BETWEEN '0001-01-01' AND '9999-12-31'),
    release integer NOT NULL
        CONSTRAINT cld_submission_release CHECK (release IN (1, 2)),
    known_at timestamptz NOT NULL,
    row_count bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT cld_submission_in_order CHECK (period_from <= period_to)
);
COMMENT ON TABLE casework.cld_submission IS 'Which rows of Client Level Data were sent, and when.';
COMMENT ON COLUMN casework.cld_submission.submission_id IS 'Key.';
COMMENT ON COLUMN casework.cld_submission.authority IS 'The authority.';
COMMENT ON COLUMN casework.cld_submission.period_from IS 'First day of the period.';
COMMENT ON COLUMN casework.cld_submission.period_to IS 'Last day of the period.';
COMMENT ON COLUMN casework.cld_submission.release IS 'Release of the specification.';
COMMENT ON COLUMN casework.cld_submission.known_at IS 'The rows are those that were known then.';
COMMENT ON COLUMN casework.cld_submission.row_count IS 'How many rows there were.';
COMMENT ON COLUMN casework.cld_submission.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.cld_submission.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER cld_submission_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.cld_submission
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_cld_submission()');
COMMENT ON TRIGGER cld_submission_refuse_change ON casework.cld_submission IS 'What was sent, was sent.';
SELECT care_internal.keep_reference('casework.cld_submission');
SELECT pg_extension_config_dump('casework.cld_submission_submission_id_seq', '');

CREATE FUNCTION casework.record_cld_submission(authority text, quarter_end date, release integer DEFAULT 2,
                                               known_at timestamptz DEFAULT clock_timestamp())
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id bigint;
BEGIN
    PERFORM care_internal.require_actor(authority);
    INSERT INTO casework.cld_submission (authority, period_from, period_to, release, known_at, row_count)
    SELECT record_cld_submission.authority, (quarter_end + 1 - interval '1 year')::date, quarter_end,
           record_cld_submission.release, coalesce(record_cld_submission.known_at, clock_timestamp()), count(*)
    FROM casework.cld_export(record_cld_submission.authority, quarter_end, record_cld_submission.release,
                             coalesce(record_cld_submission.known_at, clock_timestamp()))
    RETURNING submission_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_cld_submission(text, date, integer, timestamptz) IS
    'Records that the rows of a quarter, as known at a moment, were sent, and returns the key.';

-- A person is counted by the traced NHS number, else the one given, else the authority's own reference.
CREATE FUNCTION casework_internal.cld_person(nhs_number text, authority text, person_reference text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(nhs_number, authority || '/' || person_reference);
COMMENT ON FUNCTION casework_internal.cld_person(text, text, text) IS 'By what a person is counted.';

-- Of several rows of one event, that of the latest submission; then one without an end, or with the latest; then that
-- with the best outcome; then the latest record.  Alone, a submission tells services apart by mechanism and cost too.
-- A row without an NHS number of somebody whom another row has with one is dropped: they are counted by the number.
CREATE FUNCTION casework.cld_unique(submissions bigint[])
    RETURNS TABLE (person text, authority text, person_id bigint, event_id bigint, event_type text, client_type text,
                   from_day date, to_day date, outcome text, outcome_rank integer, route_of_access text,
                   assessment_type text, service_type text, service_component text, delivery_mechanism text,
                   support_reason text, review_reason text, gender text, ethnicity text, date_of_birth date,
                   accommodation_status text, employment_status text, submission_id bigint, died_on date)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100000
BEGIN ATOMIC
    WITH sent AS (
        SELECT s.submission_id, s.period_to, max(s.period_to) OVER () AS last_to, s.period_from, s.authority, s.known_at
        FROM casework.cld_submission AS s WHERE s.submission_id = ANY (submissions)
    ), rows AS (
        SELECT casework_internal.cld_person(e.nhs_number, e.authority, e.person_reference) AS person, s.submission_id,
               s.period_to, s.last_to, e.*, coalesce((o.details->>'rank')::integer, 99) AS outcome_rank,
               CASE WHEN cardinality(submissions) = 1 AND e.event_type = 'service'
                    THEN concat_ws('|', coalesce(e.delivery_mechanism, '-'), coalesce(e.unit_cost::text, '-'),
                                   coalesce(e.cost_frequency, '-'), coalesce(e.planned_units::text, '-')) END AS cost
        FROM sent AS s
            CROSS JOIN LATERAL casework.cld_event(s.period_from, s.period_to, s.known_at, s.authority) AS e
            LEFT JOIN casework.code AS o ON o.list = 'cld_event_outcome' AND o.code = e.outcome
    )
    SELECT DISTINCT ON (r.authority, r.person, r.from_day, CASE WHEN r.event_type <> 'service' THEN r.derived_end END,
                        r.client_type, r.event_type, r.route_of_access, r.assessment_type, r.review_reason,
                        r.service_type, r.service_component, r.cost)
           r.person, r.authority, r.person_id, r.event_id, r.event_type, r.client_type, r.from_day,
           -- open, and not found in a later submission: closed with its own period
           CASE WHEN r.event_type = 'service' AND r.derived_end IS NULL AND r.period_to < r.last_to THEN r.period_to
                ELSE r.derived_end END,
           r.outcome, r.outcome_rank, r.route_of_access, r.assessment_type, r.service_type, r.service_component,
           r.delivery_mechanism, r.support_reason, r.review_reason, r.gender, r.ethnicity, r.date_of_birth,
           r.accommodation_status, r.employment_status, r.submission_id, r.died_on
    FROM rows AS r
    WHERE cardinality(submissions) = 1 OR r.nhs_number IS NOT NULL
       OR r.person_id NOT IN (SELECT n.person_id FROM rows AS n WHERE n.nhs_number IS NOT NULL)
    ORDER BY r.authority, r.person, r.from_day, CASE WHEN r.event_type <> 'service' THEN r.derived_end END,
             r.client_type, r.event_type, r.route_of_access, r.assessment_type, r.review_reason, r.service_type,
             r.service_component, r.cost, r.period_to DESC, r.derived_end DESC NULLS FIRST, r.outcome_rank,
             r.event_id DESC;
END;
COMMENT ON FUNCTION casework.cld_unique(bigint[]) IS
    'The unique events of a submission, or of several joined: one row an event, with the end that counts. Joined, a '
    'service that is open and not in the last submission ends with the last day of its own, costs are not told apart, '
    'and a row without the NHS number that another row of the person has is dropped.';

-- The months whose events are enough, from ends and types of events of a file imported on a day.
CREATE FUNCTION casework.cld_data_period(ends date[], types text[], imported_on date, stated_from date, stated_to date,
                                         OUT period_from date, OUT period_to date)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN cardinality(ends) < 100 THEN stated_from ELSE min(m.month) END,
           CASE WHEN cardinality(ends) < 100 THEN stated_to
                ELSE (max(m.month) + interval '1 month' - interval '1 day')::date END
    FROM (SELECT date_trunc('month', e.ends_on::timestamp)::date AS month
          FROM unnest(ends, types) AS e (ends_on, type)
          WHERE e.ends_on < date_trunc('month', imported_on::timestamp)
          GROUP BY 1
          HAVING count(*) * 100 >= 2 * cardinality(ends)
             AND count(DISTINCT e.type) >= least(3, (SELECT count(DISTINCT t) FROM unnest(types) AS t))) AS m;
END;
COMMENT ON FUNCTION casework.cld_data_period(date[], text[], date, date, date) IS
    'The period that a file supports: the months before that of its import in which at least 2 per cent of its events '
    'end, of at least 3 types (or as many as the file has); the stated period for fewer than 100 events.';
