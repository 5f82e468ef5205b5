--
-- agreement_statement: statements of deferred payment agreements, issued once and never changed; who
-- is due one, and who asked for one.
--
-- Must not know: care accounts.
--

CREATE TYPE care.agreement_statement_line_part AS (
    what text,
    from_day date,
    to_day date,
    days integer,
    rate numeric,
    amount numeric
);
COMMENT ON TYPE care.agreement_statement_line_part IS 'A line of a statement; see the view agreement_statement_line.';
COMMENT ON COLUMN care.agreement_statement_line_part.what IS
    'on the last statement; backdated entries; correction of interest; care fees; each charge and payment; interest by '
    'rate period.';
COMMENT ON COLUMN care.agreement_statement_line_part.from_day IS 'First day, or the day of the entry.';
COMMENT ON COLUMN care.agreement_statement_line_part.to_day IS 'Last day.';
COMMENT ON COLUMN care.agreement_statement_line_part.days IS 'Days of interest.';
COMMENT ON COLUMN care.agreement_statement_line_part.rate IS 'Rate of interest, per cent a year.';
COMMENT ON COLUMN care.agreement_statement_line_part.amount IS 'Pounds.';

CREATE TABLE care.issued_agreement_statement (
    agreement_id bigint NOT NULL
        CONSTRAINT issued_agreement_statement_agreement_fkey REFERENCES care.agreement,
    statement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    as_at date NOT NULL,
    due_on date,
    previous_statement_id bigint,
    last_entry_id bigint,
    channel text NOT NULL,
    rate numeric,
    deferred numeric NOT NULL,
    administration_charges numeric NOT NULL,
    interest numeric NOT NULL,
    payments numeric NOT NULL,
    credited numeric NOT NULL,
    refunded numeric NOT NULL,
    written_off numeric NOT NULL,
    balance numeric NOT NULL,
    held numeric NOT NULL,
    interest_separate numeric NOT NULL,
    property_value numeric,
    equity_limit numeric,
    equity_remaining numeric,
    redemption_figure numeric NOT NULL,
    lines care.agreement_statement_line_part[] NOT NULL,
    texts text[] NOT NULL,
    rates_used care.schedule NOT NULL,
    chain_length integer NOT NULL,
    chain_head bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    digest bytea NOT NULL,
    CONSTRAINT issued_agreement_statement_pkey PRIMARY KEY (statement_id),
    CONSTRAINT issued_agreement_statement_key UNIQUE (agreement_id, statement_id)
);
CREATE UNIQUE INDEX issued_agreement_statement_one_a_due_date ON care.issued_agreement_statement (agreement_id, due_on)
    WHERE due_on IS NOT NULL;
CREATE UNIQUE INDEX issued_agreement_statement_one_after_another
    ON care.issued_agreement_statement (agreement_id, previous_statement_id) NULLS NOT DISTINCT;
COMMENT ON INDEX care.issued_agreement_statement_one_a_due_date IS 'Nobody gets a regular statement twice.';
COMMENT ON INDEX care.issued_agreement_statement_one_after_another IS
    'Each statement follows from one, and one only from each.';
COMMENT ON TABLE care.issued_agreement_statement IS
    'Statements as they were issued, never changed; read them through the views agreement_statement and '
    'agreement_statement_line.';
COMMENT ON COLUMN care.issued_agreement_statement.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.issued_agreement_statement.statement_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.issued_agreement_statement.as_at IS 'The day at whose close the figures stand.';
COMMENT ON COLUMN care.issued_agreement_statement.due_on IS 'The due date it answers; null: it was asked for.';
COMMENT ON COLUMN care.issued_agreement_statement.previous_statement_id IS 'The statement it follows from.';
COMMENT ON COLUMN care.issued_agreement_statement.last_entry_id IS
    'The last entry of the ledger when it was issued: what is entered later for an earlier day is backdated.';
COMMENT ON COLUMN care.issued_agreement_statement.channel IS 'post, or email or online where the person had agreed.';
COMMENT ON COLUMN care.issued_agreement_statement.rate IS
    'Rate of interest on the day, per cent a year; null: not yet known.';
COMMENT ON COLUMN care.issued_agreement_statement.deferred IS
    'Care fees deferred to date, and debt brought in, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.administration_charges IS
    'Administration charges deferred to date, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.interest IS 'Interest added to the debt to date, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.payments IS 'Payments to date, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.credited IS 'Credits and waivers to date, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.refunded IS 'Refunds of money held to date, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.written_off IS 'Written off to date, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.balance IS 'Owed at the close of the day, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.held IS 'Money held for the person then, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.interest_separate IS
    'Interest to date that the person pays separately, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.property_value IS
    'Value of the person''s share of the property, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.equity_limit IS
    'Up to what balance care fees may be deferred, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.equity_remaining IS 'Equity limit less balance, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.redemption_figure IS
    'What it would cost to repay on the next day, pounds.';
COMMENT ON COLUMN care.issued_agreement_statement.lines IS
    'The lines from the last statement to this one; they add up to the balance, or to what is held, negative.';
COMMENT ON COLUMN care.issued_agreement_statement.texts IS 'Information and advice of the authority.';
COMMENT ON COLUMN care.issued_agreement_statement.rates_used IS 'The rates as they were known, a schedule.';
COMMENT ON COLUMN care.issued_agreement_statement.chain_length IS
    'How many facts about the agreement were recorded before it.';
COMMENT ON COLUMN care.issued_agreement_statement.chain_head IS
    'The last link of the agreement''s chain then, to be printed on it.';
COMMENT ON COLUMN care.issued_agreement_statement.recorded_at IS 'When it was issued.';
COMMENT ON COLUMN care.issued_agreement_statement.recorded_by IS 'Who issued it.';
COMMENT ON COLUMN care.issued_agreement_statement.digest IS
    'SHA-256 of everything else in the row but its key, time, author and chain.';
SELECT care_internal.keep('care.issued_agreement_statement', 'agreement', 'care.issue_agreement_statement()',
    part => 'statement', linked => '{statement_id,recorded_at,recorded_by,digest}',
    digest => 'care_internal.agreement_statement_digest');
SELECT care_internal.refer_within('care.issued_agreement_statement', 'previous_statement_id', 'statement_id',
                                  'agreement_id');

CREATE FUNCTION care_internal.agreement_statement_digest(s care.issued_agreement_statement) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(care_internal.canonical(ROW(
        s.agreement_id, s.as_at, s.due_on, s.previous_statement_id, s.last_entry_id, s.channel, s.rate, s.deferred,
        s.administration_charges, s.interest, s.payments, s.credited, s.refunded, s.written_off, s.balance, s.held,
        s.interest_separate, s.property_value, s.equity_limit, s.equity_remaining, s.redemption_figure, s.lines, s.texts,
        s.rates_used)));
COMMENT ON FUNCTION care_internal.agreement_statement_digest(care.issued_agreement_statement) IS
    'The digest of a statement, worked out from its figures; it equals the one kept unless the row was tampered with.';

-- The entries as a statement names them.
CREATE FUNCTION care_internal.statement_entry(agreement_id bigint, OUT entry_id bigint, OUT on_day date,
                                              OUT what text, OUT week_from date, OUT amount numeric)
    RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e.entry_id, e.on_day,
           CASE WHEN e.kind = 'care_fees' AND e.reverses IS NULL THEN 'care fees'
                ELSE replace(e.kind, '_', ' ') || CASE WHEN e.reverses IS NOT NULL THEN ' reversed' ELSE '' END
                     || coalesce(': ' || coalesce(e.tariff, e.note), '') END,
           e.week_from,
           round(e.amount, 2)
    FROM care.agreement_entry AS e
    WHERE e.agreement_id = statement_entry.agreement_id;
END;
COMMENT ON FUNCTION care_internal.statement_entry(bigint) IS 'The entries of an agreement as its statements name them.';

-- What a statement of each agreement would say; doc/calculations section 4, "statement".  Entries made
-- since the last one for its day or earlier are backdated, each a line; with them, what that statement
-- would have said now, less what it said, is the correction of its interest.
CREATE FUNCTION care_internal.agreement_statement_draft(agreement_ids bigint[], due_dates date[], as_at date)
    RETURNS SETOF care.issued_agreement_statement LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, NULL::bigint, agreement_statement_draft.as_at, u.due_on, p.statement_id,
           n.last_entry_id, h.channel,
           care.value_on(t.rates, agreement_statement_draft.as_at),
           coalesce((l.totals).deferred, 0.00), coalesce((l.totals).administration_charges, 0.00),
           l.balance - coalesce((l.totals).held, 0.00) - coalesce((l.totals).entries, 0.00),
           coalesce((l.totals).payments, 0.00), coalesce((l.totals).credited, 0.00),
           coalesce((l.totals).refunded, 0.00), coalesce((l.totals).written_off, 0.00), l.balance,
           coalesce((l.totals).held, 0.00),
           CASE WHEN l.totals IS NULL THEN 0.00
                ELSE care_internal.known_figure((l.totals).separate, a, agreement_statement_draft.as_at) END,
           s.property_value, s.equity_limit, s.equity_limit - l.balance,
           -- the balance, unless the next day has entries or a concession
           CASE WHEN NOT n.on_next_day AND NOT EXISTS (SELECT
                                                       FROM care_internal.concession_from(a,
                                                                                 agreement_statement_draft.as_at + 1))
                THEN l.balance
                ELSE care_internal.redemption(a.agreement_id, agreement_statement_draft.as_at + 1) END,
           ARRAY(SELECT (x.what, x.from_day, x.to_day, x.days, x.rate, x.amount)::care.agreement_statement_line_part
                 FROM (SELECT 1 AS part, NULL::bigint AS n, 'on the last statement' AS what, NULL::date AS from_day,
                              p.as_at AS to_day,
                              NULL::integer AS days, NULL::numeric AS rate, p.balance - p.held AS amount
                       WHERE p.statement_id IS NOT NULL
                       UNION ALL
                       SELECT k.part, k.n,
                              CASE WHEN k.weekly AND k.part = 2
                                   THEN format('care fees from %s to %s, %s %s, corrected',
                                               care_internal.day_text(min(k.week_from)),
                                               care_internal.day_text(max(k.week_from) + 6),
                                               count(DISTINCT k.week_from),
                                               CASE WHEN count(DISTINCT k.week_from) = 1 THEN 'week' ELSE 'weeks' END)
                                   ELSE k.what END,
                              min(k.on_day), CASE WHEN k.part = 4 OR k.weekly THEN max(k.on_day) END, NULL,
                              NULL, sum(k.amount)
                       FROM (SELECT CASE WHEN e.on_day <= p.as_at THEN 2 WHEN e.what = 'care fees' THEN 4 ELSE 5
                                 END AS part,
                                    CASE WHEN (e.on_day <= p.as_at AND e.week_from IS NULL) OR e.what <> 'care fees'
                                         THEN e.entry_id END AS n,
                                    CASE WHEN e.on_day <= p.as_at THEN 'backdated ' ELSE '' END || e.what AS what,
                                    e.on_day <= p.as_at AND e.week_from IS NOT NULL AND e.what = 'care fees' AS weekly,
                                    e.on_day, e.week_from, e.amount
                             FROM unnest(n.since) AS i (entry_id)
                                 JOIN care_internal.statement_entry(a.agreement_id) AS e
                                     ON e.entry_id = i.entry_id) AS k
                       GROUP BY k.part, k.n, k.what, k.weekly
                       UNION ALL
                       SELECT k.part, NULL, k.what, k.from_day, k.to_day, k.days, k.rate, k.amount
                       FROM unnest(l.working) AS w,
                           LATERAL (SELECT 6 AS part, 'interest' AS what, w.from_day, w.to_day, w.days, w.rate,
                                           w.interest AS amount
                                    WHERE w.interest <> 0 OR w.opening <> 0 OR w.closing <> 0
                                    UNION ALL
                                    SELECT 3, 'correction of interest', NULL, p.as_at, NULL, NULL, c.amount
                                    FROM (SELECT w.opening - p.balance + p.held - n.backdated) AS c (amount)
                                    WHERE w.from_day = p.as_at + 1 AND c.amount <> 0) AS k) AS x
                 ORDER BY x.part, x.n, x.from_day),
           ARRAY(SELECT y.body
                 FROM (SELECT DISTINCT ON (x.name) x.name, x.shown_when, x.body FROM care.statement_text AS x
                       WHERE x.authority = a.authority AND x.subject = 'agreement'
                         AND x.valid_from <= agreement_statement_draft.as_at
                       ORDER BY x.name, x.valid_from DESC, x.recorded_at DESC) AS y
                 WHERE y.shown_when = 'always'
                 ORDER BY y.name),
           t.rates, NULL::integer, NULL::bytea, NULL::timestamptz, NULL::text, NULL::bytea
    FROM unnest(agreement_ids, due_dates) AS u (agreement_id, due_on)
        JOIN care.agreement AS a ON a.agreement_id = u.agreement_id
        CROSS JOIN LATERAL (SELECT x.rates FROM care.effective_rate AS x WHERE x.authority = a.authority OFFSET 0) AS r
        CROSS JOIN LATERAL (SELECT care_internal.rates_charged(r.rates, a.charged, a.court_from, a.court_rate,
                                                      agreement_statement_draft.as_at) OFFSET 0) AS t (rates)
        LEFT JOIN LATERAL (SELECT i.statement_id, i.as_at, i.balance, i.held, i.last_entry_id
                           FROM care.issued_agreement_statement AS i
                           WHERE i.agreement_id = a.agreement_id ORDER BY i.statement_id DESC LIMIT 1) AS p ON true
        CROSS JOIN LATERAL care_internal.channel_on(a.person_id, agreement_statement_draft.as_at) AS h
        LEFT JOIN LATERAL care_internal.security_on(a.agreement_id, agreement_statement_draft.as_at) AS s ON true
        CROSS JOIN LATERAL (
            SELECT max(e.entry_id) AS last_entry_id,
                   min(e.on_day) FILTER (WHERE e.on_day <= agreement_statement_draft.as_at) AS first_day,
                   coalesce(bool_or(e.on_day = agreement_statement_draft.as_at + 1), false) AS on_next_day,
                   array_agg(e.entry_id) FILTER (WHERE e.on_day <= agreement_statement_draft.as_at
                                                   AND (p.statement_id IS NULL OR e.on_day > p.as_at
                                                        OR e.entry_id > coalesce(p.last_entry_id, 0))) AS since,
                   coalesce(sum(e.amount) FILTER (WHERE e.on_day <= p.as_at
                                                    AND e.entry_id > coalesce(p.last_entry_id, 0)), 0) AS backdated
            FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id) AS n
        CROSS JOIN LATERAL (
            SELECT w.working, w.totals,
                   CASE WHEN w.working IS NULL THEN 0.00
                        ELSE care_internal.known_figure((w.totals).balance, a, agreement_statement_draft.as_at)
                            END AS balance
            FROM (SELECT array_agg((k.from_day, k.to_day, k.days, k.rate, k.opening, k.entries, k.interest,
                                    k.closing)::care.interest_working_row) AS working,
                         (array_agg(k.totals))[count(*)::integer] AS totals
                  FROM care_internal.rate_periods(a, r.rates, coalesce(p.as_at + 1, n.first_day),
                                                  agreement_statement_draft.as_at, NULL) AS k
                  OFFSET 0) AS w OFFSET 0) AS l
    WHERE a.signed_on <= agreement_statement_draft.as_at
      AND (p.as_at IS NULL OR p.as_at < agreement_statement_draft.as_at);
END;
COMMENT ON FUNCTION care_internal.agreement_statement_draft(bigint[], date[], date) IS
    'What statements of some agreements would say; none for one that is not signed, or has a statement of that day or '
    'later.';

-- A regular one (with a due date) was due when it was listed, and is kept if it still is.  That is asked here,
-- not in the draft as for accounts: it costs more, and a draft of one has no use for it.  LIMIT makes it a
-- question about the one agreement; without it all might be listed.
CREATE FUNCTION care_internal.keep_agreement_statements(agreement_ids bigint[], due_dates date[], as_at date)
    RETURNS SETOF bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    violated text;
BEGIN
    SELECT array_agg(u.agreement_id), array_agg(u.due_on) INTO agreement_ids, due_dates
    FROM unnest(agreement_ids, due_dates) AS u (agreement_id, due_on)
        LEFT JOIN LATERAL (SELECT w.due_on FROM care.agreement_statement_due(keep_agreement_statements.as_at) AS w
                           WHERE w.agreement_id = u.agreement_id LIMIT 1) AS d ON true
    WHERE (u.due_on IS NULL OR d.due_on = u.due_on)
      AND u.agreement_id <> ALL (ARRAY(SELECT c.agreement_id
                                       FROM care_internal.rates_to_confirm(agreement_ids,
                                                                           keep_agreement_statements.as_at) AS c));
    RETURN QUERY
    INSERT INTO care.issued_agreement_statement
        AS s (agreement_id, as_at, due_on, previous_statement_id, last_entry_id, channel,
                                                      rate, deferred, administration_charges, interest, payments,
                                                      credited, refunded, written_off,
                                                      balance, held, interest_separate, property_value, equity_limit,
                                                      equity_remaining,
                                                      redemption_figure, lines, texts, rates_used, chain_length,
                                                      chain_head, digest)
    SELECT d.agreement_id, d.as_at, d.due_on, d.previous_statement_id, d.last_entry_id, d.channel, d.rate, d.deferred,
           d.administration_charges, d.interest, d.payments, d.credited, d.refunded, d.written_off, d.balance, d.held,
           d.interest_separate, d.property_value,
           d.equity_limit, d.equity_remaining, d.redemption_figure, d.lines, d.texts, d.rates_used,
           c.length, c.head, care_internal.agreement_statement_digest(d)
    FROM (SELECT r.* FROM care_internal.agreement_statement_draft(agreement_ids, due_dates,
                                                                  keep_agreement_statements.as_at) AS r
          OFFSET 0) AS d
        LEFT JOIN LATERAL care_internal.chain_end('agreement', d.agreement_id) AS c ON true
    RETURNING s.statement_id;
EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS violated = PG_EXCEPTION_DETAIL;
    PERFORM care_internal.refuse_violation(violated);
END
$$;
COMMENT ON FUNCTION care_internal.keep_agreement_statements(bigint[], date[], date) IS
    'Part of issue_agreement_statement and issue_due_agreement_statements: keeps the drafts of locked agreements.';

CREATE FUNCTION care.issue_agreement_statement(agreement_id bigint, as_at date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    last_day date := (SELECT max(s.as_at) FROM care.issued_agreement_statement AS s
                      WHERE s.agreement_id = agreement.agreement_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'as_at', as_at);
    IF as_at > care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'statement_not_in_future',
            SCHEMA = 'care', TABLE = 'issued_agreement_statement', COLUMN = 'as_at',
            MESSAGE = format('%s: a statement cannot be as at %s', label, care_internal.day_text(as_at)),
            HINT = 'It shows what is owed, so its day is today or earlier.';
    END IF;
    IF (agreement.signed_on <= as_at) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_signed', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'signed_on',
            MESSAGE = format('%s was not signed by %s: there is no statement', label, care_internal.day_text(as_at));
    END IF;
    IF as_at <= last_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'statement_after_last',
            SCHEMA = 'care', TABLE = 'issued_agreement_statement', COLUMN = 'as_at',
            MESSAGE = format('%s already has a statement as at %s', label, care_internal.day_text(last_day)),
            HINT = 'The next one is as at a later day; it shows corrections of this one.';
    END IF;
    PERFORM care_internal.require_rates_confirmed(agreement, as_at);
    SELECT k INTO new_id FROM care_internal.keep_agreement_statements(ARRAY[agreement.agreement_id], ARRAY[NULL::date],
                                                             as_at) AS k;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.issue_agreement_statement(bigint, date) IS
    'Issues a statement on request and returns its key; the six-monthly cycle is not moved. 22023 for a day in the '
    'future or not after the last statement.';

CREATE VIEW care.agreement_statement AS
    SELECT s.agreement_id, s.statement_id, a.authority, a.reference, p.reference AS person_reference, s.as_at, s.due_on,
           s.previous_statement_id,
           s.channel, s.rate, s.deferred, s.administration_charges, s.interest, s.payments, s.credited, s.refunded,
           s.written_off, s.balance, s.held, s.interest_separate,
           s.property_value, s.equity_limit, s.equity_remaining, s.redemption_figure, s.texts, s.recorded_at,
           s.recorded_by, s.digest,
           s.chain_length, s.chain_head
    FROM care.issued_agreement_statement AS s
        JOIN care.agreement AS a ON a.agreement_id = s.agreement_id
        JOIN care.person AS p ON p.person_id = a.person_id;
COMMENT ON VIEW care.agreement_statement IS 'Statements of agreements as they were issued.';
COMMENT ON COLUMN care.agreement_statement.person_reference IS 'The case-management system''s reference of the person.';
SELECT care_internal.comment_columns('care.agreement_statement',
           'care.issued_agreement_statement', 'care.agreement_position_row');

CREATE VIEW care.agreement_statement_line AS
    SELECT s.agreement_id, s.statement_id, a.authority, a.reference, l.line::integer AS line, l.what, l.from_day,
           l.to_day, l.days, l.rate, l.amount
    FROM care.issued_agreement_statement AS s
        JOIN care.agreement AS a ON a.agreement_id = s.agreement_id,
        LATERAL unnest(s.lines) WITH ORDINALITY AS l (what, from_day, to_day, days, rate, amount, line);
COMMENT ON VIEW care.agreement_statement_line IS
    'The lines of each statement: from what the last one said to what this one says; they add up to its '
    'balance, or to what is held, negative.';
COMMENT ON COLUMN care.agreement_statement_line.statement_id IS 'The statement.';
COMMENT ON COLUMN care.agreement_statement_line.line IS 'Order.';
SELECT care_internal.comment_columns('care.agreement_statement_line',
           'care.agreement_statement_line_part', 'care.issued_agreement_statement', 'care.agreement_position_row');
