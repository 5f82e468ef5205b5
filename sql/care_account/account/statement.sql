--
-- statement: statements of account, written once and kept as they were issued.
--
-- Must not know: agreements.
--

CREATE TYPE care.statement_line_part AS (
    what text,
    from_day date,
    to_day date,
    days integer,
    weekly_rate numeric,
    amount numeric
);
COMMENT ON TYPE care.statement_line_part IS 'A line of a statement; see the view statement_line.';
COMMENT ON COLUMN care.statement_line_part.what IS
    'on the last statement; correction of the last statement; metered; uprating; adjustment; held at the cap.';
COMMENT ON COLUMN care.statement_line_part.from_day IS 'First day.';
COMMENT ON COLUMN care.statement_line_part.to_day IS 'Last day.';
COMMENT ON COLUMN care.statement_line_part.days IS 'Days counted.';
COMMENT ON COLUMN care.statement_line_part.weekly_rate IS 'Metered rate, pounds a week.';
COMMENT ON COLUMN care.statement_line_part.amount IS 'Pounds.';

-- A statement is one row, lines and all: it is written once and read whole.
CREATE TABLE care.issued_statement (
    account_id bigint NOT NULL
        CONSTRAINT issued_statement_account_fkey REFERENCES care.account,
    statement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    as_at date NOT NULL,
    due_on date,
    previous_statement_id bigint,
    channel text NOT NULL,
    scheme text NOT NULL,
    cap numeric NOT NULL,
    weekly_cost numeric NOT NULL,
    weekly_counted numeric NOT NULL,
    daily_living_cost numeric NOT NULL,
    weekly_rate numeric NOT NULL,
    accrued numeric NOT NULL,
    remaining numeric NOT NULL,
    cap_reached_on date,
    projected_cap_on date,
    lines care.statement_line_part[] NOT NULL,
    texts text[] NOT NULL,
    cap_used care.schedule NOT NULL,
    weekly_rate_used care.schedule NOT NULL,
    chain_length integer NOT NULL,
    chain_head bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    digest bytea NOT NULL,
    CONSTRAINT issued_statement_pkey PRIMARY KEY (statement_id),
    CONSTRAINT issued_statement_key UNIQUE (account_id, statement_id)
);
CREATE UNIQUE INDEX issued_statement_one_a_due_date ON care.issued_statement (account_id, due_on)
    WHERE due_on IS NOT NULL;
CREATE UNIQUE INDEX issued_statement_one_after_another
    ON care.issued_statement (account_id, previous_statement_id) NULLS NOT DISTINCT;
COMMENT ON INDEX care.issued_statement_one_a_due_date IS 'Nobody gets a regular statement twice.';
COMMENT ON INDEX care.issued_statement_one_after_another IS 'Each statement follows from one, and one only from each.';
COMMENT ON TABLE care.issued_statement IS
    'Statements as they were issued, never changed; read them through the views statement and statement_line.';
COMMENT ON COLUMN care.issued_statement.account_id IS 'The account.';
COMMENT ON COLUMN care.issued_statement.statement_id IS 'Key within the account.';
COMMENT ON COLUMN care.issued_statement.as_at IS 'The day at whose close the figures stand.';
COMMENT ON COLUMN care.issued_statement.due_on IS 'The due date it answers; null: it was asked for.';
COMMENT ON COLUMN care.issued_statement.previous_statement_id IS 'The statement it follows from.';
COMMENT ON COLUMN care.issued_statement.channel IS 'post, or email or online where the person had agreed.';
COMMENT ON COLUMN care.issued_statement.scheme IS 'The scheme.';
COMMENT ON COLUMN care.issued_statement.cap IS 'The cap, pounds.';
COMMENT ON COLUMN care.issued_statement.weekly_cost IS 'Weekly cost of meeting the eligible needs, pounds.';
COMMENT ON COLUMN care.issued_statement.weekly_counted IS 'What the scheme counts of it, pounds a week.';
COMMENT ON COLUMN care.issued_statement.daily_living_cost IS 'Daily living costs left out of the rate, pounds a week.';
COMMENT ON COLUMN care.issued_statement.weekly_rate IS 'Rate of progress, pounds a week.';
COMMENT ON COLUMN care.issued_statement.accrued IS 'Costs accrued to date, pounds.';
COMMENT ON COLUMN care.issued_statement.remaining IS 'What is left to the cap, pounds.';
COMMENT ON COLUMN care.issued_statement.cap_reached_on IS 'The day the cap was reached.';
COMMENT ON COLUMN care.issued_statement.projected_cap_on IS
    'The day the cap was likely to be reached, if shown: within 18 months, or always by the authority''s setting.';
COMMENT ON COLUMN care.issued_statement.lines IS
    'The lines from the last statement to this one; they add up to the accrued costs.';
COMMENT ON COLUMN care.issued_statement.texts IS 'Information and advice of the authority.';
COMMENT ON COLUMN care.issued_statement.cap_used IS 'The cap as it was known, a schedule.';
COMMENT ON COLUMN care.issued_statement.weekly_rate_used IS 'The metered rate as it was known, a schedule.';
COMMENT ON COLUMN care.issued_statement.chain_length IS 'How many facts about the account were recorded before it.';
COMMENT ON COLUMN care.issued_statement.chain_head IS
    'The last link of the account''s chain then, to be printed on it.';
COMMENT ON COLUMN care.issued_statement.recorded_at IS 'When it was issued.';
COMMENT ON COLUMN care.issued_statement.recorded_by IS 'Who issued it.';
COMMENT ON COLUMN care.issued_statement.digest IS
    'SHA-256 of everything else in the row but its key, time, author and chain.';
SELECT care_internal.keep('care.issued_statement', 'account', 'care.issue_statement()',
    part => 'statement', linked => '{statement_id,recorded_at,recorded_by,digest}',
    digest => 'care_internal.statement_digest');
SELECT care_internal.refer_within('care.issued_statement', 'previous_statement_id', 'statement_id', 'account_id');

CREATE FUNCTION care_internal.statement_digest(s care.issued_statement) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(care_internal.canonical(ROW(
        s.account_id, s.as_at, s.due_on, s.previous_statement_id, s.channel, s.scheme, s.cap, s.weekly_cost,
        s.weekly_counted,
        s.daily_living_cost, s.weekly_rate, s.accrued, s.remaining, s.cap_reached_on, s.projected_cap_on, s.lines,
        s.texts,
        s.cap_used, s.weekly_rate_used)));
COMMENT ON FUNCTION care_internal.statement_digest(care.issued_statement) IS
    'The digest of a statement, worked out from its figures; it equals the one kept unless the row was tampered with.';

-- The working is cut after the last statement: what came before, against what that one said, is the correction.
CREATE FUNCTION care_internal.statement_lines(weekly care.schedule, cap care.schedule, from_day date, to_day date,
                                              adjusted care.schedule, scales care.schedule, reach text,
                                              last_on date, last_accrued numeric)
    RETURNS care.statement_line_part[]
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'care_statement_lines';
COMMENT ON FUNCTION care_internal.statement_lines(care.schedule, care.schedule, date, date, care.schedule,
                                                  care.schedule, text,
                                         date, numeric) IS
    'The lines of a statement as at to_day: what the last one, as at last_on, said (null: there is none), how that '
    'differs from what is known now, and the working since, as cap_working() gives it.';

-- What a statement of each account would say; doc/calculations section 2, "statement".
CREATE FUNCTION care_internal.statement_draft(account_ids bigint[], due_dates date[], as_at date)
    RETURNS SETOF care.issued_statement LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, NULL::bigint, statement_draft.as_at, u.due_on, p.statement_id,
           h.channel, a.scheme,
           care.cap(f.progress),
           care.value_on(a.weekly_cost, statement_draft.as_at),
           care.value_on(a.weekly_counted, statement_draft.as_at),
           care.value_on(a.daily_living_cost, statement_draft.as_at),
           care.value_on(a.weekly_rate, statement_draft.as_at),
           care.accrued(f.progress),
           care.remaining(f.progress),
           f.reached_on,
           g.shown_on,
           care_internal.statement_lines(a.weekly_rate, a.cap, a.counting_from, statement_draft.as_at, a.adjusted,
                                         a.cap_scales,
                                a.reach,
                                p.as_at, p.accrued),
           ARRAY(SELECT t.body FROM care.statement_text AS t
                 WHERE t.authority = a.authority AND t.subject = 'account' AND t.valid_from <= statement_draft.as_at
                   AND NOT EXISTS (SELECT FROM care.statement_text AS later
                                   WHERE later.authority = t.authority AND later.subject = t.subject
                                     AND later.name = t.name
                                     AND later.valid_from <= statement_draft.as_at
                                     AND (later.valid_from, later.recorded_at) > (t.valid_from, t.recorded_at))
                   AND (t.shown_when = 'always'
                        OR (t.shown_when = 'projection_shown' AND g.shown_on IS NOT NULL)
                        OR (t.shown_when = 'cap_reached' AND f.reached_on IS NOT NULL)
                        OR (t.shown_when = 'care_home' AND care.value_on(a.daily_living_cost,
                                                                         statement_draft.as_at) > 0))
                 ORDER BY t.name),
           a.cap, a.weekly_rate, NULL::integer, NULL::bytea, NULL::timestamptz, NULL::text, NULL::bytea
    FROM unnest(account_ids, due_dates) AS u (account_id, due_on)
        JOIN care.account AS a ON a.account_id = u.account_id
        LEFT JOIN LATERAL (SELECT s.statement_id, s.as_at, s.accrued FROM care.issued_statement AS s
                           WHERE s.account_id = a.account_id ORDER BY s.statement_id DESC LIMIT 1) AS p ON true
        CROSS JOIN LATERAL care_internal.channel_on(a.person_id, statement_draft.as_at) AS h
        CROSS JOIN LATERAL care_internal.setting_in_force(a.authority, 'show_projection', statement_draft.as_at)
            AS m (show_projection)
        CROSS JOIN LATERAL (SELECT care.cap_progress(a.weekly_rate, a.cap, a.counting_from, statement_draft.as_at,
                                                     a.adjusted, a.cap_scales, a.reach),
                                   care.cap_reached_on(a.weekly_rate, a.cap, a.counting_from, a.adjusted, a.cap_scales,
                                                       a.reach, statement_draft.as_at),
                                   care.cap_projected_on(a.weekly_rate, a.cap, a.counting_from, statement_draft.as_at,
                                                         a.adjusted, a.cap_scales, a.reach) OFFSET 0)
            AS f (progress, reached_on, projected_on)
        CROSS JOIN LATERAL (SELECT CASE WHEN f.projected_on <= (statement_draft.as_at + '18 months'::interval)::date
                                          OR m.show_projection = 'always'
                                        THEN f.projected_on END) AS g (shown_on)
    WHERE a.counting_from <= statement_draft.as_at AND (p.as_at IS NULL OR p.as_at < statement_draft.as_at);
END;
COMMENT ON FUNCTION care_internal.statement_draft(bigint[], date[], date) IS
    'What statements of some accounts would say; none for an account that has not begun to count, or has a statement '
    'of that day or later.';

-- A regular one (with a due date): as statement_due() has it, for what was due when it was listed.  That is not asked
-- in the draft: one that is only looked at has no use for it.
CREATE FUNCTION care_internal.due_statement_draft(account_ids bigint[], due_dates date[], as_at date)
    RETURNS SETOF care.issued_statement LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.*
    FROM care_internal.statement_draft(account_ids, due_dates, due_statement_draft.as_at) AS d
    WHERE d.due_on IS NULL
       OR (d.weekly_cost > 0
           AND (d.previous_statement_id IS NULL
                OR NOT EXISTS (SELECT FROM care.issued_statement AS i
                               WHERE i.account_id = d.account_id AND i.due_on >= d.due_on))
           AND NOT EXISTS (SELECT FROM care.account AS a
                               JOIN care.death_known_at('infinity'::timestamptz) AS x ON x.person_id = a.person_id
                           WHERE a.account_id = d.account_id AND x.known_on <= due_statement_draft.as_at)
           AND NOT EXISTS (SELECT FROM care_internal.suspended_on(due_statement_draft.as_at) AS x
                           WHERE x.account_id = d.account_id));
END;
COMMENT ON FUNCTION care_internal.due_statement_draft(bigint[], date[], date) IS
    'The drafts of statements that are asked for (no due date), or still due as the regular one of their due date.';

-- Keep drafts as issued.  In plpgsql, so that it is planned once, not once a batch: see rebuild_accounts().
CREATE FUNCTION care_internal.keep_statements(account_ids bigint[], due_dates date[], as_at date)
    RETURNS SETOF bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off SET enable_bitmapscan = off AS $$
DECLARE
    violated text;
BEGIN
    PERFORM care_internal.follow_figures(account_ids);
    RETURN QUERY
    INSERT INTO care.issued_statement AS s (account_id, as_at, due_on, previous_statement_id, channel, scheme, cap,
                                            weekly_cost,
                                            weekly_counted, daily_living_cost, weekly_rate, accrued, remaining,
                                            cap_reached_on,
                                            projected_cap_on, lines, texts, cap_used, weekly_rate_used, chain_length,
                                            chain_head, digest)
    SELECT d.account_id, d.as_at, d.due_on, d.previous_statement_id, d.channel, d.scheme, d.cap, d.weekly_cost,
           d.weekly_counted,
           d.daily_living_cost, d.weekly_rate, d.accrued, d.remaining, d.cap_reached_on, d.projected_cap_on, d.lines,
           d.texts,
           d.cap_used, d.weekly_rate_used, c.length, c.head, care_internal.statement_digest(d)
    FROM (SELECT r.* FROM care_internal.due_statement_draft(account_ids, due_dates, keep_statements.as_at) AS r
          OFFSET 0) AS d
        LEFT JOIN LATERAL care_internal.chain_end('account', d.account_id) AS c ON true
    RETURNING s.statement_id;
EXCEPTION WHEN unique_violation THEN
    GET STACKED DIAGNOSTICS violated = PG_EXCEPTION_DETAIL;
    PERFORM care_internal.refuse_violation(violated);
END
$$;
COMMENT ON FUNCTION care_internal.keep_statements(bigint[], date[], date) IS
    'Part of issue_statement and issue_due_statements: keeps the drafts of locked accounts.';

-- A fact about a person written as a bare row has its recorded_at before their accounts are locked.  A
-- statement issued between the two does not show the fact, but the position as known at its moment would.
-- Facts that are restored are older than the transaction.  Facts about the account itself: room audit.
CREATE FUNCTION care_internal.refuse_overtaken() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    overtaken int8;
BEGIN
    -- the least of them, not the first found: looking for one would go through the rows for every account
    SELECT min(a.account_id) INTO overtaken
    FROM new_rows AS n
        JOIN care.account AS a ON a.person_id = n.person_id
        CROSS JOIN LATERAL (SELECT s.recorded_at FROM care.issued_statement AS s WHERE s.account_id = a.account_id
                            ORDER BY s.statement_id DESC LIMIT 1) AS l
    WHERE care_internal.is_new(n.recorded_at) AND l.recorded_at > n.recorded_at;
    IF overtaken IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'serialization_failure',
            CONSTRAINT = 'statement_overtaken', SCHEMA = 'care', TABLE = 'issued_statement',
            MESSAGE = format('a statement of account %s (%s) was issued meanwhile', overtaken,
                             (SELECT a.reference FROM care.account AS a WHERE a.account_id = overtaken)),
            HINT = 'Run it again.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_overtaken() IS
    'Trigger: refuses (40001) facts about a person recorded earlier than a statement without them.';

-- They fire after the triggers that rebuild, which lock the accounts: in order of name.
CREATE TRIGGER person_detail_refuse_overtaken AFTER INSERT ON care.person_detail
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_overtaken();
COMMENT ON TRIGGER person_detail_refuse_overtaken ON care.person_detail IS
    'Refuses rows that a statement has overtaken.';
CREATE TRIGGER death_refuse_overtaken AFTER INSERT ON care.death
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_overtaken();
COMMENT ON TRIGGER death_refuse_overtaken ON care.death IS 'Refuses rows that a statement has overtaken.';

CREATE FUNCTION care.issue_statement(account_id bigint, as_at date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
    label text;
    last_day date;
    new_id int8;
BEGIN
    PERFORM care_internal.share_schemes();
    account := care_internal.lock_account(account_id);
    label := format('account %s (%s)', account.account_id, account.reference);
    IF as_at IS NULL OR as_at > care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'statement_not_in_future', SCHEMA = 'care', TABLE = 'issued_statement', COLUMN = 'as_at',
            MESSAGE = format('%s: a statement cannot be as at %s', label, care_internal.day_text(as_at)),
            HINT = 'It shows what has accrued, so its day is today or earlier.';
    END IF;
    IF as_at < account.counting_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'account_counting', SCHEMA = 'care', TABLE = 'account', COLUMN = 'counting_from',
            MESSAGE = format('%s counts from %s: there is no statement as at %s', label,
                             care_internal.day_text(account.counting_from), care_internal.day_text(as_at));
    END IF;
    SELECT max(s.as_at) INTO last_day FROM care.issued_statement AS s WHERE s.account_id = account.account_id;
    IF as_at <= last_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'statement_after_last', SCHEMA = 'care', TABLE = 'issued_statement', COLUMN = 'as_at',
            MESSAGE = format('%s already has a statement as at %s', label, care_internal.day_text(last_day)),
            HINT = 'The next one is as at a later day; it shows corrections of this one.';
    END IF;
    SELECT k INTO new_id FROM care_internal.keep_statements(ARRAY[account.account_id], ARRAY[NULL::date], as_at) AS k;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.issue_statement(bigint, date) IS
    'Issues a statement on request and returns its key; the yearly cycle is not moved. 22023 for a day in the future '
    'or not after the last statement.';

CREATE VIEW care.statement AS
    SELECT s.account_id, s.statement_id, a.authority, a.reference, a.person_reference, s.as_at, s.due_on,
           s.previous_statement_id,
           s.channel, s.scheme, s.cap, s.weekly_cost, s.weekly_counted, s.daily_living_cost, s.weekly_rate, s.accrued,
           s.remaining,
           s.cap_reached_on, s.projected_cap_on, s.texts, s.recorded_at, s.recorded_by, s.digest,
           s.chain_length, s.chain_head
    FROM care.issued_statement AS s
        JOIN care.account AS a ON a.account_id = s.account_id;
COMMENT ON VIEW care.statement IS 'Statements as they were issued.';
SELECT care_internal.comment_columns('care.statement', 'care.issued_statement', 'care.account_position_row');

CREATE VIEW care.statement_line AS
    SELECT s.account_id, s.statement_id, a.authority, a.reference, l.line::integer AS line, l.what, l.from_day,
           l.to_day,
           l.days, l.weekly_rate, l.amount
    FROM care.issued_statement AS s
        JOIN care.account AS a ON a.account_id = s.account_id,
        LATERAL unnest(s.lines) WITH ORDINALITY AS l (what, from_day, to_day, days, weekly_rate, amount, line);
COMMENT ON VIEW care.statement_line IS
    'The lines of each statement: from what the last one said to what this one says; they add up to its accrued costs.';
COMMENT ON COLUMN care.statement_line.statement_id IS 'The statement.';
COMMENT ON COLUMN care.statement_line.line IS 'Order.';
SELECT care_internal.comment_columns('care.statement_line',
           'care.statement_line_part', 'care.issued_statement', 'care.account_position_row');
