--
-- statement_due: who is due a regular statement.
--
-- Must not know: what a statement says.
--

CREATE FUNCTION care.statement_due(as_at date)
    RETURNS TABLE (account_id bigint, authority text, reference text,
                   person_reference text, due_on date, last_statement_on date,
                   channel text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, a.authority, a.reference, a.person_reference, d.due_on, s.as_at, h.channel
    FROM care.account AS a
        LEFT JOIN (SELECT DISTINCT ON (v.authority) v.authority, nullif(v.value, 'anniversary')::integer
                   FROM care.setting AS v WHERE v.name = 'statement_month' AND v.valid_from <= statement_due.as_at
                   ORDER BY v.authority, v.valid_from DESC, v.recorded_at DESC) AS m (authority, month)
                       ON m.authority = a.authority
        CROSS JOIN LATERAL (SELECT CASE WHEN m.month IS NULL
                                THEN care_internal.last_due_date(a.counting_from, 12,
                                                                 care_internal.required_day(statement_due.as_at))
                                        ELSE care_internal.last_due_date(make_date(date_part('year',
                                                                                    a.counting_from)::integer - 1,
                                                                                    m.month, 1),
                                                                12, statement_due.as_at) END) AS d (due_on)
        LEFT JOIN LATERAL (SELECT max(i.as_at), max(i.due_on) FROM care.issued_statement AS i
                           WHERE i.account_id = a.account_id) AS s (as_at, due_on) ON true
        CROSS JOIN LATERAL care_internal.channel_on(a.person_id, statement_due.as_at) AS h
    WHERE d.due_on > a.counting_from
      AND (s.due_on IS NULL OR s.due_on < d.due_on)
      AND (s.as_at IS NULL OR s.as_at < statement_due.as_at)
      AND care.value_on(a.weekly_cost, statement_due.as_at) > 0
      AND NOT EXISTS (SELECT FROM care.death_known_at('infinity'::timestamptz) AS x WHERE x.person_id = a.person_id
                        AND x.known_on <= statement_due.as_at)
      AND NOT EXISTS (SELECT FROM care_internal.suspended_on(statement_due.as_at) AS x
                      WHERE x.account_id = a.account_id);
END;
COMMENT ON FUNCTION care.statement_due(date) IS
    'Accounts due a regular statement on a day: those with a budget whose last due date has not been answered, whose '
    'statements are not suspended, and whose person is not known to have died.';

SELECT care_internal.keep_task('account statements', 'account',
    due => 'SELECT s.account_id, s.authority, s.due_on FROM care.statement_due($1) AS s',
    prepare => 'SELECT care_internal.share_schemes()',
    work => 'SELECT count(*) FROM care_internal.keep_statements($1, $2, $3)');

CREATE PROCEDURE care.issue_due_statements(as_at date, authority text DEFAULT NULL,
                                           batch_size integer DEFAULT 1000)
    LANGUAGE plpgsql AS $$
BEGIN
    CALL care.run_task('account statements', as_at, authority, batch_size);
END
$$;
COMMENT ON PROCEDURE care.issue_due_statements(date, text, integer) IS
    'Issues every regular statement of accounts due on a day, batch by batch, each committed. It may be stopped '
    'anywhere and run again, also by two sessions at once: nobody is missed and nobody gets two.';

CREATE FUNCTION care.issue_due_statements_batch(as_at date, authority text DEFAULT NULL,
                                                batch_size integer DEFAULT 1000)
    RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT care.run_task_batch('account statements', as_at, authority, batch_size);
END;
COMMENT ON FUNCTION care.issue_due_statements_batch(date, text, integer) IS
    'One batch of issue_due_statements(), in the transaction of the caller; returns how many are left.';
