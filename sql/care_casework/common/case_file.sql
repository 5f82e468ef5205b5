--
-- case_file: the words of one record, read for a reason that is logged.
--
-- Lists and figures hold codes and days.  What was said, seen and done is in the facts of the record: whoever works on
-- it asks with care.log_read(class, key, reason), commits, and reads with the key that it returned.
--
-- Must not know: any class of record.
--

CREATE FUNCTION casework.case_file(log_id bigint)
    RETURNS TABLE (recorded_in text, recorded_at timestamptz, recorded_by text, fact jsonb)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    logged care.access_log;
    of_class text := (SELECT l.class FROM care.access_log AS l JOIN care_internal.record_class AS r ON r.class = l.class
                      JOIN care_internal.kept_table AS k ON k.relation = r.head AND k.extension = 'care_casework'
                      WHERE l.log_id = case_file.log_id AND l.class <> 'secret');
BEGIN
    logged := care_internal.require_logged_read(log_id, of_class);
    RETURN QUERY SELECT f.recorded_in, f.recorded_at, f.recorded_by, f.fact
                 FROM care_internal.facts(logged.class, NULL, logged.record_id, logged.record_id) AS f
                 ORDER BY f.recorded_at;
END
$$;
COMMENT ON FUNCTION casework.case_file(bigint) IS
    'Every fact of the record that was asked for in a row of the access log, in the order of recording: a concern, an '
    'enquiry, an incident, a review; 55000 (read_is_logged) unless that is committed, the caller''s own and of the '
    'last ten minutes.';
