--
-- 53_statement: statements: what they say, that they add up, whom they are due to, and the run that
-- issues them.
--
-- The first part is a transaction, rolled back.  The second calls a procedure that commits, and clears
-- up after itself.  Random histories are in test/twin/accounts.sql.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on

-- A statement of an account by its day, and its lines.
CREATE FUNCTION care_test.lines(account_reference text, day date)
    RETURNS TABLE (what text, from_day date, to_day date, days int, weekly_rate numeric, amount numeric) LANGUAGE sql AS $$
    SELECT l.what, l.from_day, l.to_day, l.days, l.weekly_rate, l.amount
    FROM care.statement AS s JOIN care.statement_line AS l USING (account_id, statement_id)
    WHERE s.reference = account_reference AND s.as_at = day ORDER BY l.line
$$;
-- What is wrong with any statement: lines that do not add up to what it says, a first line that is not
-- what the last one said, a digest that is not of its content.  Nothing, ever.
CREATE FUNCTION care_test.wrong_statements() RETURNS TABLE (reference text, as_at date, fault text) LANGUAGE sql AS $$
    SELECT a.reference, s.as_at, f.fault
    FROM care.issued_statement AS s JOIN care.account AS a USING (account_id)
        LEFT JOIN care.issued_statement AS p ON p.account_id = s.account_id AND p.statement_id = s.previous_statement_id,
        LATERAL (SELECT sum(l.amount) AS total,
                        min(l.amount) FILTER (WHERE l.line = 1 AND l.what = 'on the last statement') AS brought,
                        count(*) FILTER (WHERE l.what = 'on the last statement') AS openings,
                        count(*) FILTER (WHERE l.what = 'correction of the last statement') AS corrections,
                        coalesce(bool_and(l.from_day > coalesce(p.as_at, '-infinity') AND l.to_day <= s.as_at)
                                     FILTER (WHERE l.from_day IS NOT NULL), true) AS in_time,
                        coalesce(sum(l.days), 0) AS days
                 FROM care.statement_line AS l WHERE l.account_id = s.account_id AND l.statement_id = s.statement_id) AS l,
        LATERAL (VALUES ('lines do not add up', coalesce(l.total, 0) <> s.accrued),
                        ('first line is not what the last one said', l.brought IS DISTINCT FROM p.accrued),
                        ('opened more than once', l.openings <> (p.statement_id IS NOT NULL)::int OR l.corrections > 1),
                        ('lines of other days', NOT l.in_time),
                        ('days left out', l.days <> s.as_at - coalesce(p.as_at, a.counting_from - 1)),
                        ('remaining', s.accrued + s.remaining <> s.cap),
                        ('previous is another', p.statement_id IS DISTINCT FROM
                             (SELECT x.statement_id FROM care.issued_statement AS x WHERE x.account_id = s.account_id AND x.as_at < s.as_at
                              ORDER BY x.as_at DESC LIMIT 1)),
                        ('digest', s.digest IS DISTINCT FROM care_internal.statement_digest(s))) AS f (fault, is_so)
    WHERE f.is_so
$$;

--
-- What they say.
--
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.channel_consent ALTER COLUMN consent_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
CREATE FUNCTION pg_temp.open(account_reference text, counts_from date, weekly numeric DEFAULT 70, setting text DEFAULT 'community',
                             authority text DEFAULT 'E06000001', scheme text DEFAULT 'flat') RETURNS bigint LANGUAGE sql AS $$
    SELECT a FROM (SELECT care.open_account(authority, account_reference, 'person ' || account_reference, NULL, scheme, counts_from) AS a OFFSET 0) AS o,
        LATERAL care.record_budget(a, counts_from, 'personal_budget', setting, weekly)
$$;
SELECT care.record_scheme('flat', 'Round figures', 'draft', '2020-01-01', 'weekly_cost', 'test'),
       care.record_parameter('flat', 'cap', '2020-01-01', 10000, 'test'),
       care.record_parameter('flat', 'daily_living_cost', '2020-01-01', 140, 'test');

-- the first: 10 a day; a second, after the budget has been corrected to 11 a day from the beginning
SELECT pg_temp.open('A', '2020-01-01') AS a \gset
SELECT care.issue_statement(:a, '2020-12-31') AS first_statement \gset
SELECT as_at, due_on, previous_statement_id, channel, scheme, cap, weekly_cost, weekly_counted, daily_living_cost, weekly_rate, accrued,
       remaining, cap_reached_on, projected_cap_on, texts
FROM care.statement WHERE account_id = :a;
SELECT * FROM care_test.lines('A', '2020-12-31');
SELECT row_to_json(s)::text AS as_issued FROM care.issued_statement AS s WHERE account_id = :a \gset
SELECT care.record_budget(:a, '2020-01-01', 'personal_budget', 'community', 77,
    supersedes => (SELECT budget_id FROM care.budget WHERE account_id = :a)) > 0 AS corrected;
SELECT care.issue_statement(:a, '2021-12-31') AS second_statement \gset
SELECT * FROM care_test.lines('A', '2021-12-31');
SELECT accrued, remaining, previous_statement_id = :first_statement AS follows, projected_cap_on FROM care.statement WHERE statement_id = :second_statement;
-- the first still says what it said
SELECT row_to_json(s)::text = :'as_issued' AS unchanged FROM care.issued_statement AS s WHERE statement_id = :first_statement;
SELECT statement_id = :first_statement AS first, cap_used, weekly_rate_used FROM care.issued_statement WHERE account_id = :a ORDER BY as_at;
-- a change from within the time of the last one: its days are told apart; an adjustment before and one since
SELECT care.record_budget(:a, '2021-12-01', 'personal_budget', 'care_home', 147) > 0 AS changed,
       care.record_adjustment(:a, '2021-06-01', 5.05, 'error_corrected', 'x') > 0 AS earlier,
       care.record_adjustment(:a, '2022-01-11', -6.06, 'error_corrected', 'x') > 0 AS since;
SELECT care.issue_statement(:a, '2022-01-20') AS third_statement \gset
SELECT * FROM care_test.lines('A', '2022-01-20');
SELECT accrued, weekly_cost, daily_living_cost, weekly_rate FROM care.statement WHERE statement_id = :third_statement;
SELECT * FROM care_test.wrong_statements();

-- the cap reached, held, and a correction that undoes it
SELECT pg_temp.open('B', '2020-01-01', 700) AS b \gset
SELECT care.issue_statement(:b, '2020-04-30') AS b1 \gset
SELECT care.issue_statement(:b, '2020-05-31') AS b2 \gset
SELECT care.record_budget(:b, '2020-01-01', 'personal_budget', 'community', 7,
    supersedes => (SELECT budget_id FROM care.budget WHERE account_id = :b)) > 0 AS corrected;
SELECT care.issue_statement(:b, '2020-06-30') AS b3 \gset
SELECT s.as_at, l.* FROM care.statement AS s, LATERAL care_test.lines('B', s.as_at) WITH ORDINALITY AS l (what, from_day, to_day, days, weekly_rate, amount, line)
WHERE s.account_id = :b ORDER BY s.as_at, l.line;
SELECT as_at, accrued, remaining, cap_reached_on, projected_cap_on FROM care.statement WHERE account_id = :b ORDER BY as_at;
SELECT * FROM care_test.wrong_statements();

-- the cap is put up between two statements, then also from a day before the last of them
SELECT care.record_scheme('up', 'Put up', 'draft', '2020-01-01', 'weekly_cost', 'test'),
       care.record_parameter('up', 'cap', '2020-01-01', 10000, 'test');
SELECT pg_temp.open('C', '2020-01-01', scheme => 'up') AS c \gset
SELECT care.issue_statement(:c, '2020-12-31') AS c1 \gset
SELECT care.record_parameter('up', 'cap', '2021-04-01', 11000, 'test');
SELECT care.issue_statement(:c, '2021-12-31') AS c2 \gset
SELECT * FROM care_test.lines('C', '2021-12-31');
SELECT care.record_parameter('up', 'cap', '2020-01-11', 20000, 'test'), care.record_parameter('up', 'cap', '2021-04-01', 22000, 'test', corrects => true);
SELECT care.issue_statement(:c, '2022-01-01') AS c3 \gset
SELECT * FROM care_test.lines('C', '2022-01-01');
SELECT as_at, cap, accrued FROM care.statement WHERE account_id = :c ORDER BY as_at;
SELECT * FROM care_test.wrong_statements();

--
-- The projected day: within 18 months to the day, or always where the authority says so.
--
-- 10,000 at 10 a day is reached on the thousandth day
SELECT pg_temp.open('P1', '2020-01-01') AS p1, pg_temp.open('P2', '2020-01-01') AS p2,
       pg_temp.open('P3', '2023-02-28'::date - 999) AS p3, pg_temp.open('P4', '2023-03-01'::date - 999) AS p4,
       pg_temp.open('P5', '2020-01-01', authority => 'E06000002') AS p5, pg_temp.open('P6', '2020-01-01', 0, authority => 'E06000002') AS p6 \gset
SELECT care.record_setting('E06000002', 'show_projection', 'always', '2020-06-01');
SELECT d, '2020-01-01'::date + 999 = (d + interval '18 months')::date AS eighteen_months FROM unnest('{2021-03-25,2021-03-26}'::date[]) AS d;
SELECT count(care.issue_statement(a, d)) FROM (VALUES (:p1, '2021-03-25'::date), (:p2, '2021-03-26'), (:p3, '2021-08-31'), (:p4, '2021-08-31'),
    (:p5, '2020-05-31'), (:p6, '2020-06-30')) AS v (a, d);
SELECT care.issue_statement(:p5, '2020-06-01') > 0 AS issued;
SELECT reference, as_at, projected_cap_on, weekly_rate FROM care.statement WHERE reference LIKE 'P%' ORDER BY reference, as_at;

--
-- By post, unless a consent covers the day.
--
SELECT pg_temp.open('K', '2020-01-01') AS k \gset
SELECT care.record_consent('person K', 'email', '2020-03-01', 'form 1'),
       care.record_consent('person K', 'post', '2020-06-01', 'letter'),
       care.record_consent('person K', 'online', '2020-09-01');
-- for one day, the last holds
SELECT care.record_consent('person K', 'email', '2020-12-01'), care.record_consent('person K', 'post', '2020-12-01');
SELECT count(care.issue_statement(:k, d)) FROM unnest('{2020-02-29,2020-03-01,2020-05-31,2020-06-01,2020-08-31,2020-09-01,2020-11-30,2020-12-01}'::date[]) AS d;
SELECT as_at, channel FROM care.statement WHERE account_id = :k ORDER BY as_at;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.record_consent('person K', 'fax', '2020-03-01')$$,
    $$SELECT care.record_consent('person K', NULL, '2020-03-01')$$,
    $$SELECT care.record_consent('nobody', 'email', '2020-03-01')$$,
    $$SELECT care.record_consent('person K', 'email', NULL)$$,
    $$SELECT care.record_consent('person K', 'email', 'infinity')$$,
    $$SELECT care.record_consent('person K', 'email', '-infinity')$$]) AS c;

--
-- Texts of the authority, by rule and day.
--
INSERT INTO care.statement_text (authority, name, valid_from, shown_when, body) VALUES
    ('E06000003', 'a', '2020-01-01', 'always', 'Where to ask'), ('E06000003', 'b', '2020-01-01', 'projection_shown', 'Soon at the cap'),
    ('E06000003', 'c', '2020-01-01', 'cap_reached', 'At the cap'), ('E06000003', 'd', '2020-01-01', 'care_home', 'Daily living costs'),
    ('E06000003', 'a', '2020-03-01', 'always', 'Where else to ask'), ('E06000003', 'd', '2020-04-01', 'never', '');
SELECT pg_temp.open('T1', '2020-01-01', authority => 'E06000003') AS t1,
       pg_temp.open('T2', '2020-01-01', 280, 'care_home', authority => 'E06000003') AS t2,
       pg_temp.open('T3', '2020-01-01', 7000, authority => 'E06000003') AS t3 \gset
SELECT count(care.issue_statement(o.a, o.d))
FROM (SELECT a, d FROM unnest('{2020-01-05,2020-02-29,2020-03-01,2020-04-01}'::date[]) AS d, unnest(ARRAY[:t1, :t2, :t3]) AS a ORDER BY d, a OFFSET 0) AS o;
SELECT reference, as_at, texts FROM care.statement WHERE authority = 'E06000003' ORDER BY reference, as_at;
SELECT * FROM care_test.wrong_statements();

--
-- The digest is of the content, whatever a session's settings; and tells of tampering.
--
SET LOCAL datestyle = 'SQL, DMY';
SET LOCAL timezone = 'Pacific/Chatham';
SET LOCAL extra_float_digits = 0;
SET LOCAL lc_numeric = 'C';
SELECT count(*) > 20 AS some, bool_and(digest = care_internal.statement_digest(s)) AS all_agree FROM care.issued_statement AS s;
SET LOCAL datestyle = 'ISO, YMD';
SAVEPOINT tampering;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.issued_statement DISABLE TRIGGER issued_statement_refuse_change;
UPDATE care.issued_statement SET accrued = accrued + 0.01 WHERE statement_id = :first_statement;
UPDATE care.issued_statement SET lines[1].amount = 0 WHERE statement_id = :second_statement;
SELECT * FROM care_test.wrong_statements() ORDER BY as_at, fault;
ROLLBACK TO tampering;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    'UPDATE care.issued_statement SET accrued = 0', 'DELETE FROM care.issued_statement', 'TRUNCATE care.issued_statement',
    'UPDATE care.statement SET accrued = 0', 'DELETE FROM care.statement_line',
    'UPDATE care.statement_suspension SET reason = ''x''', 'DELETE FROM care.channel_consent', 'DELETE FROM care.statement_text']) AS c;

--
-- Refused, and nothing issued.
--
SELECT count(*) AS statements_before FROM care.issued_statement \gset
SELECT care_test.refused(format('SELECT care.issue_statement(%s)', c)) FROM unnest(ARRAY[
    '999, ''2021-01-01''', 'NULL, ''2021-01-01''',
    :a || ', ''2022-01-20''', :a || ', ''2021-01-01''', :a || ', ''2019-12-31''', :a || ', NULL']) AS c;
SELECT left(care_test.refused(format('SELECT care.issue_statement(%s, care.today() + 1)', :a)), 5);
SELECT care_test.refused(format('SELECT care.issue_statement(%s, %L)', :a, d)) FROM unnest('{infinity,-infinity}'::text[]) AS d;
SELECT count(*) = :statements_before AS none_issued FROM care.issued_statement;
-- today is not too late
SELECT care.issue_statement(:a, care.today()) > 0 AS issued;

--
-- Who is due one: on the anniversary of the day counting began, until it has been answered.
--
CREATE FUNCTION pg_temp.due(day date) RETURNS TABLE (reference text, due_on date, last_statement_on date, channel text) LANGUAGE sql AS $$
    SELECT d.reference, d.due_on, d.last_statement_on, d.channel FROM care.statement_due(day) AS d WHERE d.reference LIKE 'D%' ORDER BY 1
$$;
SELECT pg_temp.open('D1', '2020-03-15') AS d1, pg_temp.open('D2', '2020-02-29') AS d2 \gset
SELECT day, d.* FROM unnest('{2020-03-15,2021-02-27,2021-02-28,2021-03-14,2021-03-15,2021-12-31,2022-03-15}'::date[]) AS day,
    LATERAL pg_temp.due(day) AS d ORDER BY 1, 2;
-- one that was asked for does not move the cycle; on that day itself there is no second one
SELECT care.issue_statement(:d1, '2021-03-15') > 0 AS asked_for;
SELECT day, d.* FROM unnest('{2021-03-15,2021-03-16}'::date[]) AS day, LATERAL pg_temp.due(day) AS d ORDER BY 1, 2;
SELECT count(*) FROM care_internal.keep_statements(ARRAY[:d1], ARRAY['2021-03-15'::date], '2021-03-20');
SELECT day, d.* FROM unnest('{2021-03-20,2021-03-21,2022-03-14,2022-03-15}'::date[]) AS day, LATERAL pg_temp.due(day) AS d ORDER BY 1, 2;
-- a key violated under READ COMMITTED is no older view
SELECT left(care_test.refused(format('SELECT care_internal.keep_statements(ARRAY[%1$s, %1$s], ARRAY[NULL, NULL]::date[], ''2021-04-20'')', :d1)), 5) AS at_once;
-- a second one of a due date: no draft, and no row past the functions
SELECT count(*) AS again FROM care_internal.keep_statements(ARRAY[:d1], ARRAY['2021-03-15'::date], '2021-04-20');
SELECT left(care_test.refused(format('INSERT INTO care.issued_statement (account_id, as_at, due_on, previous_statement_id, channel, scheme, cap, weekly_cost,
    weekly_counted, daily_living_cost, weekly_rate, accrued, remaining, lines, texts, cap_used, weekly_rate_used, chain_length, chain_head, digest)
    SELECT account_id, as_at + 1, due_on, statement_id, channel, scheme, cap, weekly_cost, weekly_counted, daily_living_cost, weekly_rate, accrued,
           remaining, lines, texts, cap_used, weekly_rate_used, chain_length, chain_head, digest
    FROM care.issued_statement WHERE account_id = %s AND due_on = ''2021-03-15''', :d1)), 5) AS twice;
-- what a run lists: all that is due, in full batches by key; listed again, its total stays
SELECT count(*) AS due FROM care.statement_due('2022-03-15');
SELECT care_internal.begin_run('account statements', '2022-03-15', NULL, 2) AS run \gset
SELECT array_agg(cardinality(b.keys) ORDER BY b.keys) AS sizes, bool_and(cardinality(b.keys) = cardinality(b.due_dates)) AS with_dates FROM care_internal.due_batches(:run, 2) AS b;
SELECT care_internal.begin_run('account statements', '2022-03-15', 'E06000001', 3) AS of_authority \gset
SELECT count(*) AS batches FROM care_internal.due_batches(:of_authority, 3);
SELECT care.suspend_statements(:d1, '2022-03-01', '2022-03-31', 'for a list') > 0 AS suspended;
SELECT sum(cardinality(b.keys)) AS listed FROM care_internal.due_batches(:run, 2) AS b;
SELECT run_id = :run AS of_all, total FROM care.batch_progress WHERE run_id IN (:run, :of_authority) ORDER BY run_id;
-- suspended: for a period, then until further notice, then no more
SELECT care.suspend_statements(:d2, '2021-03-01', '2021-03-31', 'abroad') AS suspended \gset
SELECT day, d.due_on FROM unnest('{2021-02-28,2021-03-01,2021-03-31,2021-04-01}'::date[]) AS day, LATERAL pg_temp.due(day) AS d
WHERE d.reference = 'D2' ORDER BY 1;
SELECT care.suspend_statements(:d2, '2021-03-01', NULL, 'not wanted', supersedes => :suspended) AS suspended \gset
SELECT day, d.due_on FROM unnest('{2021-02-28,2021-03-01,2021-04-01,2023-01-01}'::date[]) AS day, LATERAL pg_temp.due(day) AS d
WHERE d.reference = 'D2' ORDER BY 1;
-- what was listed as due before that is not issued any more; one can still be asked for
SELECT count(*) FROM care_internal.keep_statements(ARRAY[:d2], ARRAY['2021-02-28'::date], '2021-03-02');
SELECT care.issue_statement(:d2, '2021-03-10') > 0 AS asked_for;
SELECT care.suspend_statements(:d2, '2021-03-01', '2021-02-28', 'a mistake', supersedes => :suspended) > 0 AS withdrawn;
SELECT day, d.* FROM unnest('{2021-03-01,2021-03-11}'::date[]) AS day, LATERAL pg_temp.due(day) AS d WHERE d.reference = 'D2' ORDER BY 1;
SELECT care_test.refused(format('SELECT care.suspend_statements(%s)', c)) FROM unnest(ARRAY[
    '999, ''2021-03-01'', NULL, ''x''', :d2 || ', NULL, NULL, ''x''', :d2 || ', ''2021-03-01'', NULL, ''''', :d2 || ', ''2021-03-01'', ''2021-02-28'', ''x''',
    :d2 || ', ''infinity'', NULL, ''x''', :d2 || ', ''-infinity'', NULL, ''x''', :d2 || ', ''2021-03-01'', ''-infinity'', ''x''',
    :d2 || ', ''2021-03-01'', NULL, NULL', :d2 || ', ''2021-03-01'', NULL, ''x'', 999',
    :d2 || ', ''2021-03-01'', NULL, ''x'', ' || :suspended, :d1 || ', ''2021-03-01'', NULL, ''x'', ' || :suspended]) AS c;
SELECT care_test.refused(format('SELECT * FROM care.statement_due(%L)', d)) FROM unnest('{NULL,infinity,-infinity}'::text[]) AS d;
-- nobody without a budget that day, nobody known to have died
SELECT pg_temp.open('D3', '2020-03-15') AS d3, pg_temp.open('D4', '2020-03-15') AS d4 \gset
SELECT care.end_budget(:d3, '2021-03-20', 'moved away') > 0 AS ended;
SELECT care.record_death('person D4', '2021-03-25', '2021-04-05');
SELECT day, d.reference FROM unnest('{2021-03-19,2021-03-20,2021-03-25,2021-03-26,2021-04-05}'::date[]) AS day, LATERAL pg_temp.due(day) AS d
WHERE d.reference IN ('D3', 'D4') ORDER BY 1, 2;
-- nor what was listed as due before it was known
SELECT pg_temp.open('D8', '2020-03-15') AS d8 \gset
SELECT care.record_death('person D8', '2021-03-25', '2021-03-25');
SELECT care.value_on(weekly_cost, '2021-03-25') > 0 AS on_the_day_of_death FROM care.account WHERE account_id = :d8;
SELECT day, (SELECT count(*) FROM care_internal.due_statement_draft(ARRAY[k], ARRAY['2021-03-15'::date], day)) AS due,
       (SELECT count(*) FROM care_internal.due_statement_draft(ARRAY[k], ARRAY[NULL::date], day)) AS asked_for
FROM (VALUES (1, :d3, '2021-03-19'::date), (2, :d3, '2021-03-20'), (3, :d8, '2021-03-24'), (4, :d8, '2021-03-25')) AS c (n, k, day) ORDER BY n;
-- one month for all of an authority, from a day on: not before an account has begun
SELECT pg_temp.open('D5', '2020-04-01', authority => 'E06000004') AS d5, pg_temp.open('D6', '2020-03-31', authority => 'E06000004') AS d6,
       pg_temp.open('D7', '2020-09-01', authority => 'E06000004') AS d7 \gset
SELECT care.record_setting('E06000004', 'statement_month', '4');
SELECT day, d.* FROM unnest('{2020-03-31,2020-04-01,2021-03-31,2021-04-01}'::date[]) AS day, LATERAL pg_temp.due(day) AS d
WHERE d.reference IN ('D5', 'D6', 'D7') ORDER BY 1, 2;
SELECT * FROM care_test.wrong_statements();
SELECT * FROM care.verify();
ROLLBACK;

--
-- The run: everybody due gets one, nobody two.
--
SELECT care.record_scheme('run', 'For the run', 'draft', '2020-01-01', 'weekly_cost', 'test'),
       care.record_parameter('run', 'cap', '2020-01-01', 10000, 'test');
SELECT count(a) FROM (SELECT care.open_account('E0600000' || 1 + n % 3, 'run ' || n, 'run ' || n, NULL, 'run', '2020-01-01'::date + n) AS a
                      FROM generate_series(1, 60) AS n) AS o;
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost)
SELECT account_id, counting_from, 'personal_budget', 'community', 70 FROM care.account;
SELECT count(*) FROM care.statement_due('2021-01-31');
-- of one authority first, then of all, in batches that do not divide the number
CALL care.issue_due_statements('2021-01-31', 'E06000002', 3);
SELECT authority, count(*) FROM care.statement GROUP BY authority;
SELECT authority, count(*) FROM care.statement_due('2021-01-31') GROUP BY authority ORDER BY 1;
CALL care.issue_due_statements('2021-01-31', batch_size => 7);
SELECT count(*) FROM care.statement_due('2021-01-31');
SELECT authority, count(*), count(DISTINCT account_id) AS accounts, bool_and(due_on = '2021-01-01'::date + substr(reference, 5)::int) AS of_their_day
FROM care.statement GROUP BY authority ORDER BY 1;
-- again: nothing more; later: those whose day has come since, and in the next year everybody
CALL care.issue_due_statements('2021-01-31');
SELECT count(*), count(DISTINCT account_id) AS accounts FROM care.statement;
CALL care.issue_due_statements('2021-12-31', batch_size => 1);
SELECT count(*), count(DISTINCT account_id) AS accounts FROM care.statement;
CALL care.issue_due_statements('2022-12-31', batch_size => 1000000);
SELECT count(*), count(DISTINCT account_id) AS accounts, count(DISTINCT (account_id, due_on)) AS days FROM care.statement;
SELECT authority, as_at, total, done, finished_at IS NOT NULL AS finished, expected_end
FROM care.batch_progress ORDER BY run_id;
SELECT * FROM care_test.wrong_statements();
SELECT * FROM care.verify();
-- not of days to come, by batches of nobody or of no authority; and not within a transaction, as it commits
\set VERBOSITY sqlstate
CALL care.issue_due_statements(care.today() + 1);
CALL care.issue_due_statements(NULL);
CALL care.issue_due_statements('2022-12-31', batch_size => 0);
CALL care.issue_due_statements('2022-12-31', 'E06999999');
BEGIN;
CALL care.issue_due_statements('2022-12-31');
ROLLBACK;
\set VERBOSITY default
SELECT count(*) FROM care_internal.batch_run;

-- Clear up: the guard put aside, everything goes with the extension.
DROP FUNCTION care_test.lines(text, date), care_test.wrong_statements();
ALTER EVENT TRIGGER care_account_guard DISABLE;
DROP EXTENSION care_account;
CREATE EXTENSION care_account;
--
-- What digests are taken of: bytes that follow the values and no setting.
--
SELECT care_internal.canonical(ROW(1, NULL::text, 'one', date '2024-02-29', 12.50, true, ARRAY[ROW(date '0001-01-01', '-infinity'::date)]));
SELECT care_internal.canonical(ROW('{"-infinity": 0, "2024-10-01": 1.5}'::care.schedule, '{}'::text[], 7::care.pounds));
SELECT care_internal.canonical(ROW('infinity'::date, timestamptz '2000-01-01 00:00:01+00', '\xff00'::bytea, 'é', 'name'::name));
SELECT n, substr(care_internal.canonical(ROW(repeat('x', n))), 3, 7) AS text, substr(care_internal.canonical(ROW(array_fill(true, ARRAY[n]))), 3, 7) AS array
FROM unnest('{254,255,256}'::int[]) AS n;
CREATE TEMP TABLE digested AS SELECT care_internal.canonical(ROW(date '2024-02-01', ARRAY[ROW(date '2024-02-01', 1.5)])) AS bytes;
SET datestyle = 'SQL, DMY';
SELECT bytes = care_internal.canonical(ROW(date '2024-02-01', ARRAY[ROW(date '2024-02-01', 1.5)])) AS same,
       bytes = care_internal.canonical(ROW(date '2024-01-02', ARRAY[ROW(date '2024-02-01', 1.5)])) AS other_day,
       bytes = care_internal.canonical(ROW(date '2024-02-01', ARRAY[ROW(date '2024-02-01', 1.50)])) AS other_scale,
       bytes = care_internal.canonical(ROW(date '2024-02-01', date '2024-02-01', 1.5)) AS flat FROM digested;
RESET datestyle;
-- other types of one's own follow no setting either
CREATE TYPE pg_temp.word AS ENUM ('é');
CREATE TEMP TABLE worded AS SELECT care_internal.canonical(ROW('é'::pg_temp.word, '100.00/200.00'::care.cap_progress)) AS bytes;
SET client_encoding = 'LATIN1';
SELECT bytes, bytes = care_internal.canonical(ROW((enum_range(NULL::pg_temp.word))[1], '100.00/200.00'::care.cap_progress)) AS same FROM worded;
RESET client_encoding;
-- and one that may follow a setting, the search path or the client has no such bytes
SELECT v AS value, care_test.refused(format('SELECT care_internal.canonical(ROW(%s))', v)) AS refused
FROM unnest(ARRAY['1::float8', '1::float4', 'localtime', 'localtimestamp', 'current_time', 'int4range(1, 3)', 'daterange(''2024-01-02'', NULL)',
                  'int4multirange(int4range(1, 3))', '''pg_class''::regclass', '''int4''::regtype', '1::oid', '''<a/>''::xml', '1::money', 'inet ''10.0.0.1''',
                  'json ''{}''', 'B''1''', 'point(1, 2)', 'ARRAY[int4range(1, 3)]', 'ROW(1, 1::money)', 'ARRAY[ROW(''pg_class''::regclass)]']) AS v;
CREATE DOMAIN pg_temp.span AS daterange;
SELECT care_test.refused('SELECT care_internal.canonical(ROW(NULL::pg_temp.span))') LIKE '0A000 type %span has no canonical form%' AS refused;
-- those that have one
SELECT care_internal.canonical(ROW(1::int2, 2::int8, 'v'::varchar(3), 'c'::char(2), '{"b": 1, "a": [null, 1.50]}'::jsonb, '00000000-0000-0000-0000-0000000000ff'::uuid, '12'::xid8, interval '1 year 2 months -3 days 4 seconds', ''));
-- a fact with a column of another type could not be linked
SELECT a.attrelid::regclass AS of_table, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'care'::regnamespace AND c.relkind = 'r'
  AND care_test.refused(format('SELECT care_internal.canonical(ROW(NULL::%s))', a.atttypid::regtype)) <> 'NOT REFUSED';
