--
-- citizen: what a person, and whoever acts for them, sees online: accounts, statements and letters, projections,
-- agreements, delegates, what was sent in, and who looked.
--
-- Each view shows the rows of a function that has its owner's rights and finds, from the caller's claims, the persons
-- whose records they see.  So a plan shows no more than the rows do: no table, no estimate, no row that was passed
-- over; and whatever a caller's own conditions do, they do to rows of theirs.
--
-- Must not know: staff.
--

-- The view of a function, for the columns it returns.
CREATE FUNCTION care_internal.show_online(name text, function text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('CREATE VIEW care_api.%I WITH (security_barrier = true) AS SELECT m.* FROM care_internal.%I() AS m',
                   name, function);
END
$$;
COMMENT ON FUNCTION care_internal.show_online(text, text) IS
    'Part of installation: a view of care_api with the rows of a function.';

CREATE FUNCTION care_internal.my_account()
    RETURNS TABLE (account uuid, person uuid, capacity text, authority text, authority_name text, reference text,
                   scheme text, as_at date, cap numeric, weekly_cost numeric, weekly_counted numeric,
                   daily_living_cost numeric, weekly_rate numeric, accrued numeric, remaining numeric,
                   percent_of_cap numeric, cap_reached_on date, projected_cap_on date)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'account', a.account_id),
           care_internal.online_key(k.secret, 'person', s.person_id), s.capacity, p.authority, u.name, p.reference,
           p.scheme, p.as_at, p.cap, p.weekly_cost, p.weekly_counted, p.daily_living_cost, p.weekly_rate, p.accrued,
           p.remaining, p.percent_of_cap, p.cap_reached_on, p.projected_cap_on
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'account', today) AS s
        JOIN care.account AS a ON a.person_id = s.person_id
        JOIN care.local_authority AS u ON u.authority = a.authority
        CROSS JOIN LATERAL care_internal.account_stands(a, today) AS p;
END
$$;
COMMENT ON FUNCTION care_internal.my_account() IS 'Rows of care_api.my_account.';
SELECT care_internal.show_online('my_account', 'my_account');
COMMENT ON VIEW care_api.my_account IS
    'Your care account
Where it stands at the close of today; and those of the people you act for.';
COMMENT ON COLUMN care_api.my_account.account IS 'Key.';
COMMENT ON COLUMN care_api.my_account.person IS 'Whose it is.';
COMMENT ON COLUMN care_api.my_account.capacity IS 'self, or in which capacity you act for them.';
COMMENT ON COLUMN care_api.my_account.authority_name IS 'The name of the authority.';
SELECT care_internal.comment_columns('care_api.my_account', 'care.account_position_row');

CREATE FUNCTION care_internal.my_statements()
    RETURNS TABLE (statement uuid, account uuid, agreement uuid, person uuid, capacity text, authority text,
                   reference text, as_at date, due_on date, issued_on date, channel text, cap numeric,
                   weekly_rate numeric, accrued numeric, remaining numeric, cap_reached_on date, projected_cap_on date,
                   rate numeric, deferred numeric, interest numeric, payments numeric, balance numeric,
                   equity_limit numeric, redemption_figure numeric, texts text[], digest text, chain_length integer,
                   chain_head text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'account statement', i.statement_id),
           care_internal.online_key(k.secret, 'account', a.account_id), NULL::uuid,
           care_internal.online_key(k.secret, 'person', s.person_id), s.capacity, a.authority, a.reference, i.as_at,
           i.due_on, care_internal.day_of(i.recorded_at), i.channel, i.cap, i.weekly_rate, i.accrued, i.remaining,
           i.cap_reached_on, i.projected_cap_on, NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric,
           NULL::numeric, NULL::numeric, NULL::numeric, i.texts, encode(i.digest, 'hex'), i.chain_length,
           encode(i.chain_head, 'hex')
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'statements', today) AS s
        JOIN care.account AS a ON a.person_id = s.person_id
        JOIN care.issued_statement AS i ON i.account_id = a.account_id
    UNION ALL
    SELECT care_internal.online_key(k.secret, 'agreement statement', i.statement_id), NULL::uuid,
           care_internal.online_key(k.secret, 'agreement', a.agreement_id),
           care_internal.online_key(k.secret, 'person', s.person_id), s.capacity, a.authority, a.reference, i.as_at,
           i.due_on, care_internal.day_of(i.recorded_at), i.channel, NULL::numeric, NULL::numeric, NULL::numeric,
           NULL::numeric, NULL::date, NULL::date, i.rate, i.deferred, i.interest, i.payments, i.balance,
           i.equity_limit, i.redemption_figure, i.texts, encode(i.digest, 'hex'), i.chain_length,
           encode(i.chain_head, 'hex')
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'statements', today) AS s
        JOIN care.agreement AS a ON a.person_id = s.person_id
        JOIN care.issued_agreement_statement AS i ON i.agreement_id = a.agreement_id;
END
$$;
COMMENT ON FUNCTION care_internal.my_statements() IS 'Rows of care_api.my_statements.';
SELECT care_internal.show_online('my_statements', 'my_statements');
COMMENT ON VIEW care_api.my_statements IS
    'Your statements
Of accounts and of deferred payment agreements, as they were issued; my_letter() is the letter of one.';
COMMENT ON COLUMN care_api.my_statements.statement IS 'Key.';
COMMENT ON COLUMN care_api.my_statements.account IS 'The account it is of; null: it is of an agreement.';
COMMENT ON COLUMN care_api.my_statements.agreement IS 'The agreement it is of; null: it is of an account.';
COMMENT ON COLUMN care_api.my_statements.person IS 'Whose it is.';
COMMENT ON COLUMN care_api.my_statements.capacity IS 'self, or in which capacity you act for them.';
COMMENT ON COLUMN care_api.my_statements.authority IS 'The authority.';
COMMENT ON COLUMN care_api.my_statements.reference IS 'The authority''s reference for the account or agreement.';
COMMENT ON COLUMN care_api.my_statements.issued_on IS 'The day it was issued.';
COMMENT ON COLUMN care_api.my_statements.digest IS 'The digest that is printed on the letter.';
COMMENT ON COLUMN care_api.my_statements.chain_length IS 'How many facts were recorded before it; on the letter too.';
COMMENT ON COLUMN care_api.my_statements.chain_head IS 'The last link of their chain; on the letter too.';
SELECT care_internal.comment_columns('care_api.my_statements', 'care.issued_statement',
                                     'care.issued_agreement_statement');

CREATE FUNCTION care_internal.my_statement_lines()
    RETURNS TABLE (statement uuid, line integer, what text, from_day date, to_day date, days integer,
                   weekly_rate numeric, rate numeric, amount numeric)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 50 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'account statement', l.statement_id), l.line, l.what, l.from_day,
           l.to_day, l.days, l.weekly_rate, NULL::numeric, l.amount
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'statements', today) AS s
        JOIN care.account AS a ON a.person_id = s.person_id
        JOIN care.statement_line AS l ON l.account_id = a.account_id
    UNION ALL
    SELECT care_internal.online_key(k.secret, 'agreement statement', l.statement_id), l.line, l.what, l.from_day,
           l.to_day, l.days, NULL::numeric, l.rate, l.amount
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'statements', today) AS s
        JOIN care.agreement AS a ON a.person_id = s.person_id
        JOIN care.agreement_statement_line AS l ON l.agreement_id = a.agreement_id;
END
$$;
COMMENT ON FUNCTION care_internal.my_statement_lines() IS 'Rows of care_api.my_statement_lines.';
SELECT care_internal.show_online('my_statement_lines', 'my_statement_lines');
COMMENT ON VIEW care_api.my_statement_lines IS
    'The lines of your statements
From what the last one said to what this one says; they add up to its costs accrued, or to its balance.';
COMMENT ON COLUMN care_api.my_statement_lines.statement IS 'The statement.';
SELECT care_internal.comment_columns('care_api.my_statement_lines', 'care.statement_line',
                                     'care.agreement_statement_line');

CREATE FUNCTION care_api.my_letter(statement uuid) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
    secret bytea := care_internal.online_secret();
    held record;
BEGIN
    SELECT a.account_id AS of_record, i.statement_id, true AS is_account INTO held
    FROM care_internal.persons_seen(subject, 'statements', today) AS s
        JOIN care.account AS a ON a.person_id = s.person_id
        JOIN care.issued_statement AS i ON i.account_id = a.account_id
    WHERE care_internal.online_key(secret, 'account statement', i.statement_id) = my_letter.statement
    UNION ALL
    SELECT a.agreement_id, i.statement_id, false
    FROM care_internal.persons_seen(subject, 'statements', today) AS s
        JOIN care.agreement AS a ON a.person_id = s.person_id
        JOIN care.issued_agreement_statement AS i ON i.agreement_id = a.agreement_id
    WHERE care_internal.online_key(secret, 'agreement statement', i.statement_id) = my_letter.statement;
    IF NOT FOUND THEN
        PERFORM care_internal.refuse_unseen('statement', statement);
    END IF;
    RETURN CASE WHEN held.is_account THEN care.account_letter(held.of_record, held.statement_id)
                ELSE care.agreement_letter(held.of_record, held.statement_id) END;
END
$$;
COMMENT ON FUNCTION care_api.my_letter(uuid) IS
    'The letter of a statement
A whole HTML document, the same that was sent but for name and address. P0002 for what is no statement of yours.';

CREATE FUNCTION care_internal.my_projection()
    RETURNS TABLE (account uuid, person uuid, capacity text, as_at date, uprating_percent numeric,
                   projected_cap_on date, days_left integer)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 3 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'account', a.account_id),
           care_internal.online_key(k.secret, 'person', s.person_id), s.capacity, today, x.percent, x.cap_on,
           x.cap_on - today
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'account', today) AS s
        JOIN care.account AS a ON a.person_id = s.person_id
        CROSS JOIN LATERAL (SELECT v.percent, care.cap_projection(a.account_id, today, v.percent)
                            FROM (VALUES (0.0), (2.0), (4.0)) AS v (percent)) AS x (percent, cap_on);
END
$$;
COMMENT ON FUNCTION care_internal.my_projection() IS 'Rows of care_api.my_projection.';
SELECT care_internal.show_online('my_projection', 'my_projection');
COMMENT ON VIEW care_api.my_projection IS
    'When you may reach the cap
A row for each assumption of what cap and metered rate go up by on each 1 April.';
COMMENT ON COLUMN care_api.my_projection.account IS 'The account.';
COMMENT ON COLUMN care_api.my_projection.person IS 'Whose it is.';
COMMENT ON COLUMN care_api.my_projection.capacity IS 'self, or in which capacity you act for them.';
COMMENT ON COLUMN care_api.my_projection.as_at IS 'The day it is seen from.';
COMMENT ON COLUMN care_api.my_projection.uprating_percent IS 'What both go up by each year, per cent.';
COMMENT ON COLUMN care_api.my_projection.projected_cap_on IS
    'The day the cap would be reached; null: it has been, or never will be.';
COMMENT ON COLUMN care_api.my_projection.days_left IS 'Days until then.';

CREATE FUNCTION care_internal.my_progress()
    RETURNS TABLE (account uuid, day date, accrued numeric, cap numeric, is_projected boolean)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 60 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'account', a.account_id), d.day,
           care.accrued(care.cap_progress(a.weekly_rate, a.cap, a.counting_from, d.day, a.adjusted, a.cap_scales,
                                          a.reach)),
           care.value_on(a.cap, d.day), d.day > today
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'account', today) AS s
        JOIN care.account AS a ON a.person_id = s.person_id
        CROSS JOIN LATERAL (
            SELECT (m.first + interval '1 month')::date - 1
            FROM generate_series(date_trunc('month', greatest(a.counting_from, today - 7305)::timestamp),
                                 date_trunc('month', greatest(today,
                                                              least(a.cap_on, today + 3652))::timestamp),
                                 interval '1 month') AS m (first)
            UNION
            SELECT today) AS d (day)
    WHERE d.day >= a.counting_from;
END
$$;
COMMENT ON FUNCTION care_internal.my_progress() IS 'Rows of care_api.my_progress.';
SELECT care_internal.show_online('my_progress', 'my_progress');
COMMENT ON VIEW care_api.my_progress IS
    'Your progress towards the cap
At the end of each month, for a chart: of the last twenty years, today, and at the rates recorded until the cap is '
    'reached, ten years at most.';
COMMENT ON COLUMN care_api.my_progress.account IS 'The account.';
COMMENT ON COLUMN care_api.my_progress.day IS 'The day at whose close it is so.';
COMMENT ON COLUMN care_api.my_progress.accrued IS 'Costs accrued, pounds.';
COMMENT ON COLUMN care_api.my_progress.cap IS 'The cap, pounds.';
COMMENT ON COLUMN care_api.my_progress.is_projected IS 'Is the day to come?';
