--
-- statement_due: which agreements are due a statement.
--
-- Must not know: care accounts, what a statement says.
--

CREATE FUNCTION care.agreement_statement_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text,
                   due_on date, last_statement_on date, channel text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, d.due_on, s.as_at, h.channel
    FROM care.agreement AS a
        LEFT JOIN (SELECT DISTINCT ON (v.authority) v.authority, nullif(v.value, 'anniversary')::integer
                   FROM care.setting AS v
                   WHERE v.name = 'statement_month' AND v.valid_from <= agreement_statement_due.as_at
                   ORDER BY v.authority, v.valid_from DESC, v.recorded_at DESC) AS m (authority, month)
                       ON m.authority = a.authority
        CROSS JOIN LATERAL (SELECT care_internal.last_due_date(
                                       CASE WHEN m.month IS NULL THEN a.signed_on
                                            ELSE make_date(date_part('year', a.signed_on)::integer - 1, m.month, 1) END,
                                       6, care_internal.required_day(agreement_statement_due.as_at))) AS d (due_on)
        LEFT JOIN LATERAL (SELECT max(i.as_at), max(i.due_on) FROM care.issued_agreement_statement AS i
                           WHERE i.agreement_id = a.agreement_id) AS s (as_at, due_on) ON true
        CROSS JOIN LATERAL care_internal.channel_on(a.person_id, agreement_statement_due.as_at) AS h
    WHERE a.signed_on <= agreement_statement_due.as_at
      AND d.due_on > a.signed_on
      AND (s.due_on IS NULL OR s.due_on < d.due_on)
      AND (s.as_at IS NULL OR s.as_at < agreement_statement_due.as_at)
      -- one that was closed gets the statement that shows it, and no more
      AND NOT EXISTS (SELECT FROM care_internal.closed_by(a.agreement_id, agreement_statement_due.as_at) AS c
                      WHERE c.on_day <= s.as_at);
END;
COMMENT ON FUNCTION care.agreement_statement_due(date) IS
    'Agreements due a regular statement on a day: every six months from the day of signing, or on the first day of the '
    'authority''s statement_month and six months after it, until one shows that nothing is owed any more.';

CREATE FUNCTION care.statement_request_due(as_at date)
    RETURNS TABLE (agreement_id bigint, authority text, reference text,
                   requested_on date, issue_by date, overdue boolean)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, e.on_day, t.issue_by, t.issue_by < statement_request_due.as_at
    FROM care.agreement_event_in_force AS e
        JOIN care.agreement AS a ON a.agreement_id = e.agreement_id
        CROSS JOIN (SELECT care.parameter_schedule('deferred_payment', 'statement_request_days') OFFSET 0) AS d (days)
        CROSS JOIN LATERAL (SELECT e.on_day + care.value_on(d.days, e.on_day)::integer) AS t (issue_by)
    WHERE e.kind = 'statement_requested' AND e.on_day <= statement_request_due.as_at
      AND NOT EXISTS (SELECT FROM care.issued_agreement_statement AS s
                      WHERE s.agreement_id = e.agreement_id AND s.as_at >= e.on_day - 1
                        AND s.recorded_at > e.recorded_at);
END;
COMMENT ON FUNCTION care.statement_request_due(date) IS
    'Requests for a statement not yet answered, with the day by which one is to be issued.';

-- Those that may be issued.  It is said once for the run, not for each, why the others are passed over.
CREATE FUNCTION care_internal.agreement_statement_issuable(as_at date, authority text)
    RETURNS TABLE (agreement_id bigint, of_authority text, due_on date)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys int8[];
    authorities text[];
    due_dates date[];
    waiting int8[];
    half_years text;
BEGIN
    SELECT array_agg(s.agreement_id), array_agg(s.authority), array_agg(s.due_on) INTO keys, authorities, due_dates
    FROM care.agreement_statement_due(agreement_statement_issuable.as_at) AS s
    WHERE agreement_statement_issuable.authority IS NULL OR s.authority = agreement_statement_issuable.authority;
    SELECT array_agg(DISTINCT c.agreement_id),
           string_agg(DISTINCT care_internal.day_text(c.half_year), ', ' ORDER BY care_internal.day_text(c.half_year))
    INTO waiting, half_years
    FROM care_internal.rates_to_confirm(keys, agreement_statement_issuable.as_at) AS c;
    IF waiting IS NOT NULL THEN
        RAISE WARNING USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'national_rate_confirmed',
            MESSAGE = format('%s of %s statements are not issued: a national maximum rate is not confirmed',
                             cardinality(waiting), cardinality(keys)),
            DETAIL = format('They rest on the half-years from %s.', half_years),
            HINT = 'Confirm them with care.confirm_national_max_rate(), then run it again.';
    END IF;
    RETURN QUERY
    SELECT u.agreement_id, u.of_authority, u.due_on
    FROM unnest(keys, authorities, due_dates) AS u (agreement_id, of_authority, due_on)
    WHERE NOT EXISTS (SELECT FROM unnest(waiting) AS w (agreement_id) WHERE w.agreement_id = u.agreement_id);
END
$$;
COMMENT ON FUNCTION care_internal.agreement_statement_issuable(date, text) IS
    'Part of issue_due_agreement_statements(): the agreements due a statement whose figures rest on confirmed rates '
    'alone; one warning for all the others.';

SELECT care_internal.keep_task('agreement statements', 'agreement',
    due => 'SELECT s.agreement_id, s.of_authority, s.due_on '
           'FROM care_internal.agreement_statement_issuable($1, $2) AS s',
    work => 'SELECT count(*) FROM care_internal.keep_agreement_statements($1, $2, $3)');

CREATE PROCEDURE care.issue_due_agreement_statements(as_at date, authority text DEFAULT NULL,
                                                     batch_size integer DEFAULT 1000)
    LANGUAGE plpgsql AS $$
BEGIN
    CALL care.run_task('agreement statements', as_at, authority, batch_size);
END
$$;
COMMENT ON PROCEDURE care.issue_due_agreement_statements(date, text, integer) IS
    'Issues every six-monthly statement of agreements due on a day, as issue_due_statements() does for accounts.';

CREATE FUNCTION care.issue_due_agreement_statements_batch(as_at date, authority text DEFAULT NULL,
                                                          batch_size integer DEFAULT 1000)
    RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT care.run_task_batch('agreement statements', as_at, authority, batch_size);
END;
COMMENT ON FUNCTION care.issue_due_agreement_statements_batch(date, text, integer) IS
    'One batch of issue_due_agreement_statements(), in the transaction of the caller; returns how many are left.';
