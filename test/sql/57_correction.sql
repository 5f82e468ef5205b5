--
-- 57_correction: what was said at an opening, events, consents, suspensions and details of persons are corrected or
-- withdrawn by another fact that names them, and are known as they were.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
\set QUIET on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.person_detail ALTER COLUMN detail_id RESTART WITH 1;
ALTER TABLE care.channel_consent ALTER COLUMN consent_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.counting_correction ALTER COLUMN correction_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
ALTER TABLE care.adjustment ALTER COLUMN adjustment_id RESTART WITH 1;
ALTER TABLE care.account_event ALTER COLUMN event_id RESTART WITH 1;
ALTER TABLE care.statement_suspension ALTER COLUMN suspension_id RESTART WITH 1;
CREATE FUNCTION pg_temp.accrued(account_reference text, day date, known timestamptz DEFAULT 'infinity') RETURNS numeric LANGUAGE sql AS $$
    SELECT p.accrued FROM care.account_position(day, known) AS p WHERE p.reference = account_reference
$$;
-- all that is kept of a record, to see that a refusal changes nothing
CREATE FUNCTION pg_temp.facts(of_class text, of_record bigint) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM care.audit_trail(of_class, of_record)
$$;

-- refused by a constraint, without the row
CREATE FUNCTION pg_temp.rule(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(statement), ' \(Failing row.*', '')
$$;

-- 10 a day; the scheme starts on 2024-01-01
SELECT care.record_scheme('even', 'Round figures', 'draft', '2024-01-01', 'weekly_cost', 'test');
SELECT care.record_parameter('even', 'cap', '2024-01-01', 1000, 'test');
SELECT care.record_scheme('late', 'Its cap is not known at first', 'draft', '2024-01-01', 'weekly_cost', 'test');
SELECT care.record_parameter('late', 'cap', '2024-03-01', 1000, 'test');
SELECT care.record_scheme('aged', 'Nought for the young', 'draft', '2024-01-01', 'weekly_cost', 'test', zero_cap_before_age => 25);
SELECT care.record_parameter('aged', 'cap', '2024-01-01', 1000, 'test');

--
-- The day an account counts from.
--
SELECT care.open_account('E06000001', 'A', 'person A', NULL, 'even', '2024-01-01') AS a \gset
SELECT care.open_account('E06000001', 'B', 'person B', NULL, 'even', '2024-01-01') AS b \gset
SELECT care.record_budget(:a, '2024-01-01', 'personal_budget', 'community', 70);
SELECT care.issue_statement(:a, '2024-01-20') AS first_statement \gset
SELECT clock_timestamp() AS opened \gset
-- later: the statement after it takes back what the first said
SELECT care.correct_counting(:a, '2024-02-01', 'the request was of February') AS correction \gset
SELECT counts_from, counting_from, cap_on FROM care.account WHERE account_id = :a;
SELECT day, pg_temp.accrued('A', day) FROM unnest('{2024-01-31,2024-02-01,2024-03-01}'::date[]) AS day;
SELECT care.issue_statement(:a, '2024-03-01') AS second_statement \gset
SELECT clock_timestamp() AS corrected \gset
SELECT what, from_day, to_day, days, amount FROM care.statement_line WHERE account_id = :a AND statement_id = :second_statement ORDER BY line;
-- earlier than the first statement: the correction is corrected
SELECT care.correct_counting(:a, '2024-01-11', 'of the eleventh of January', supersedes => :correction) AS again \gset
SELECT counts_from, counting_from, cap_on FROM care.account WHERE account_id = :a;
SELECT care.issue_statement(:a, '2024-03-11') AS third_statement \gset
SELECT what, from_day, to_day, days, amount FROM care.statement_line WHERE account_id = :a AND statement_id = :third_statement ORDER BY line;
-- as it was known: what each statement said
SELECT pg_temp.accrued('A', '2024-01-20', :'opened') AS first, pg_temp.accrued('A', '2024-03-01', :'corrected') AS second,
       pg_temp.accrued('A', '2024-03-11') AS third;
SELECT s.as_at, s.accrued, s.accrued = pg_temp.accrued('A', s.as_at, s.recorded_at) AS as_known FROM care.statement AS s WHERE s.account_id = :a ORDER BY s.as_at;
SELECT 'opened' AS known, counts_from, reason, supersedes FROM care.counting_correction_known_at(:'opened') WHERE account_id = :a
UNION ALL SELECT 'corrected', counts_from, reason, supersedes FROM care.counting_correction_known_at(:'corrected') WHERE account_id = :a;
SELECT account_id, reference, correction_id, counts_from, reason, supersedes FROM care.counting_correction_in_force;
SELECT recorded_in, fact ->> 'counts_from' AS counts_from, fact ->> 'reason' AS reason FROM care.audit_trail('account', :a)
WHERE recorded_in IN ('account', 'counting_correction') ORDER BY recorded_at;
-- the opening's own day again: every figure as if nothing had been corrected
SELECT care.correct_counting(:a, '2024-01-01', 'right at first', supersedes => :again) AS back \gset
SELECT care.record_budget(:b, '2024-01-01', 'personal_budget', 'community', 70);
SELECT count(*), count(DISTINCT (p.accrued, p.remaining, p.cap_reached_on, p.projected_cap_on, p.weekly_rate, p.weekly_cost))
FROM generate_series(date '2023-12-30', date '2024-05-01', interval '1 day') AS day, care.account_position(day::date) AS p
GROUP BY p.as_at HAVING count(DISTINCT (p.accrued, p.remaining, p.cap_reached_on, p.projected_cap_on, p.weekly_rate, p.weekly_cost)) <> 1;
-- before the scheme starts it is its first day that counts
SELECT care.correct_counting(:a, '2023-06-01', 'early', supersedes => :back) AS early \gset
SELECT counts_from, counting_from FROM care.account WHERE account_id = :a;
SELECT pg_temp.accrued('A', '2024-01-02');
-- who is due a regular statement goes by the day corrected
SELECT due_on FROM care.statement_due('2025-01-15') WHERE account_id = :a;
SELECT care.correct_counting(:a, '2024-01-16', 'later', supersedes => :early) AS later \gset
SELECT due_on FROM care.statement_due('2025-01-15') WHERE account_id = :a;
SELECT due_on FROM care.statement_due('2025-01-16') WHERE account_id = :a;

-- refused, and nothing changed
SELECT care.correct_counting(:b, '2024-01-05', 'another') AS of_b \gset
SELECT pg_temp.facts('account', :a) AS facts \gset
SELECT c, care_test.refused('SELECT care.correct_counting(' || c || ')') FROM unnest(ARRAY[
    '999, ''2024-02-01'', ''x''', 'NULL, ''2024-02-01'', ''x''',
    :a || ', NULL, ''x'', ' || :later, :a || ', ''infinity'', ''x'', ' || :later, :a || ', ''10000-01-01'', ''x'', ' || :later,
    :a || ', ''2024-02-01'', NULL, ' || :later, :a || ', ''2024-02-01'', '''', ' || :later,
    :a || ', ''2024-02-01'', ''x''',
    :a || ', ''2024-02-01'', ''x'', ' || :correction,
    :a || ', ''2024-02-01'', ''x'', ' || :of_b,
    :a || ', ''2024-02-01'', ''x'', 999']) AS c;
SELECT pg_temp.facts('account', :a) = :facts AS nothing_changed;
-- the rules of opening: the cap on the first day that counts
SELECT care.open_account('E06000001', 'L', 'person L', NULL, 'late', '2024-03-01') AS l \gset
SELECT care_test.refused(format('SELECT care.correct_counting(%s, ''2024-02-29'', ''x'')', :l));
-- an adjustment of a day that would not count any more: that which waits too, but not one that was withdrawn
SELECT care.record_adjustment(:l, '2024-03-05', 10, 'brought_forward', 'x') AS adjusted \gset
SELECT care_test.refused(format('SELECT care.correct_counting(%s, ''2024-03-06'', ''x'')', :l));
SELECT care.correct_counting(:l, '2024-03-05', 'x') AS on_its_day \gset
SELECT care.record_adjustment(:l, '2024-03-10', 0, 'withdrawn', 'x', supersedes => :adjusted);
SELECT care.record_setting('E06000001', 'four_eyes', 'on', '2020-01-01');
SELECT care.record_adjustment(:l, '2024-03-07', 10, 'brought_forward', 'x') AS waiting \gset
SELECT care_test.refused(format('SELECT care.correct_counting(%s, ''2024-03-08'', ''x'', supersedes => %s)', :l, :on_its_day));
SELECT care.record_adjustment(:l, '2024-03-09', 10, 'brought_forward', 'x', supersedes => :waiting) AS waiting_too \gset
-- its correction waits: it has not taken the place of the other
SELECT care_test.refused(format('SELECT care.correct_counting(%s, ''2024-03-08'', ''x'', supersedes => %s)', :l, :on_its_day));
INSERT INTO care.adjustment_approval (account_id, adjustment_id) VALUES (:l, :waiting_too);
SELECT care.correct_counting(:l, '2024-03-08', 'x', supersedes => :on_its_day) > 0 AS recorded;
SELECT care.record_setting('E06000001', 'four_eyes', 'off', '2020-01-01');
-- an authority that had ended by then
SELECT care.open_account('E08000016', 'Old', 'person Old', NULL, 'even', '2025-01-01') AS old \gset
SELECT care_test.refused(format('SELECT care.correct_counting(%s, ''2025-04-01'', ''x'')', :old));
SELECT care.correct_counting(:old, '2025-03-31', 'its last day') > 0 AS recorded;
-- needs that are not given began on the day corrected
SELECT care.open_account('E06000001', 'Y', 'young', '2000-01-10', 'aged', '2025-01-09') AS y \gset
SELECT account_id, cap FROM care.account_position('2025-02-01') WHERE reference = 'Y';
SELECT care.correct_counting(:y, '2025-01-10', 'on the birthday') > 0 AS recorded;
SELECT account_id, cap FROM care.account_position('2025-02-01') WHERE reference = 'Y';
SELECT * FROM care.verify();
SELECT * FROM care.verify_chain();
-- one account is found by its key, and so are its facts
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
END
$$;
SELECT bool_or(p LIKE '%Index Cond: (account_id = 1)%') AS by_key, bool_or(p ~ '(Index Scan using|Index Only Scan using|Bitmap Index Scan on) budget_') AS budgets_by_index,
       bool_or(p ~ 'Seq Scan on (account|budget|person) ') AS all_gone_through
FROM pg_temp.plan('SELECT * FROM care.account_position(''2024-02-01'', ''2025-01-01'') AS p WHERE p.account_id = 1') AS p;
RESET enable_seqscan;

--
-- Events.
--
SELECT care.record_event(:a, '2024-02-01', 'cap_notice_given', 'letter 1') AS notice, care.record_event(:a, '2024-02-02', 'statement_requested') AS request,
       care.record_event(:b, '2024-02-03', 'early_assessment') AS of_b \gset
SELECT clock_timestamp() AS told \gset
SELECT care.record_event(:a, '2024-02-05', 'cap_notice_given', 'letter 1, sent on the fifth', supersedes => :notice) AS moved \gset
SELECT clock_timestamp() AS moved_at \gset
SELECT care.withdraw_event(:a, :request, 'of another person');
SELECT event_id, on_day, kind, note, supersedes FROM care.account_event WHERE account_id = :a ORDER BY event_id;
SELECT event_id, on_day, kind FROM care.account_event_in_force WHERE account_id = :a ORDER BY event_id;
SELECT 'told' AS known, event_id, on_day, kind FROM care.account_event_known_at(:'told') WHERE account_id = :a
UNION ALL SELECT 'moved', event_id, on_day, kind FROM care.account_event_known_at(:'moved_at') WHERE account_id = :a ORDER BY 1 DESC, 2;
SELECT pg_temp.facts('account', :a) AS facts \gset
SELECT care_test.refused('SELECT care.' || c || ')') FROM unnest(ARRAY[
    'record_event(' || :a || ', ''2024-02-05'', ''cap_notice_given'', supersedes => ' || :notice,
    'record_event(' || :a || ', ''2024-02-05'', ''cap_notice_given'', supersedes => ' || :request,
    'record_event(' || :a || ', ''2024-02-05'', ''cap_notice_given'', supersedes => ' || :of_b,
    'record_event(' || :a || ', ''2024-02-05'', ''cap_notice_given'', supersedes => 999',
    'withdraw_event(' || :a || ', ' || :request || ', ''x''',
    'withdraw_event(' || :a || ', ' || :of_b || ', ''x''',
    'withdraw_event(' || :a || ', NULL, ''x''',
    'withdraw_event(999, ' || :moved || ', ''x''',
    'withdraw_event(' || :a || ', ' || :moved || ', NULL',
    'withdraw_event(' || :a || ', ' || :moved || ', ''''']) AS c;
SELECT pg_temp.rule(format('INSERT INTO care.account_event (account_id, on_day, note, supersedes) VALUES (%s, ''2024-02-01'', %L, %s)', :a, v.note, v.event))
FROM (VALUES ('x', 'NULL'), ('', :'moved'), ('x', :'notice')) AS v (note, event);
SELECT pg_temp.facts('account', :a) = :facts AS nothing_changed;
-- what rests on an event follows: the worklist, and how long the account is kept
SELECT care.record_adjustment(:a, '2024-02-02', 900, 'brought_forward', 'x') AS to_the_cap \gset
SELECT count(*) AS to_be_told FROM care.cap_notice_due WHERE account_id = :a;
SELECT cap_on FROM care.account WHERE account_id = :a;
SELECT care.withdraw_event(:a, :moved, 'it came back');
SELECT count(*) AS to_be_told FROM care.cap_notice_due WHERE account_id = :a;
SELECT care.record_event(:a, '2024-06-01', 'no_longer_required') AS over \gset
SELECT reason LIKE '99 years%' AS runs FROM care.retention WHERE class = 'account' AND record_id = :a;
SELECT care.withdraw_event(:a, :over, 'of another account');
SELECT reason FROM care.retention WHERE class = 'account' AND record_id = :a;

--
-- Consents: how a statement is sent.
--
SELECT care.record_consent('person B', 'email', '2024-02-01', 'form 1') AS email, care.record_consent('person B', 'online', '2024-03-01', 'form 2') AS online,
       care.record_consent('person A', 'online', '2024-03-01') AS of_a \gset
CREATE FUNCTION pg_temp.channels() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(h.channel, ' ' ORDER BY day)
    FROM unnest('{2024-01-31,2024-02-01,2024-02-10,2024-03-01}'::date[]) AS day, care_internal.channel_on((SELECT person_id FROM care.person WHERE reference = 'person B'), day) AS h
$$;
SELECT pg_temp.channels();
SELECT clock_timestamp() AS agreed \gset
SELECT care.record_consent('person B', 'email', '2024-02-10', 'form 1', supersedes => :email) AS from_the_tenth \gset
SELECT pg_temp.channels();
SELECT care.withdraw_consent('person B', :online, 'of another person');
SELECT pg_temp.channels();
SELECT consent_id, channel, from_day, evidence, reason, supersedes FROM care.channel_consent ORDER BY consent_id;
SELECT consent_id, channel, from_day, evidence FROM care.channel_consent_in_force ORDER BY consent_id;
SELECT consent_id, channel, from_day FROM care.channel_consent_known_at(:'agreed') ORDER BY consent_id;
SELECT pg_temp.facts('person', person_id) AS facts FROM care.person WHERE reference = 'person B' \gset
SELECT care_test.refused('SELECT care.' || c || ')') FROM unnest(ARRAY[
    'record_consent(''person B'', ''email'', ''2024-02-10'', supersedes => ' || :email,
    'record_consent(''person B'', ''email'', ''2024-02-10'', supersedes => ' || :online,
    'record_consent(''person B'', ''email'', ''2024-02-10'', supersedes => ' || :of_a,
    'record_consent(''person B'', ''email'', ''2024-02-10'', supersedes => 999',
    'withdraw_consent(''person B'', ' || :email || ', ''x''',
    'withdraw_consent(''person B'', ' || :of_a || ', ''x''',
    'withdraw_consent(''person B'', NULL, ''x''',
    'withdraw_consent(''nobody'', ' || :from_the_tenth || ', ''x''',
    'withdraw_consent(''person B'', ' || :from_the_tenth || ', NULL',
    'withdraw_consent(''person B'', ' || :from_the_tenth || ', ''''']) AS c;
SELECT pg_temp.facts('person', person_id) = :facts AS nothing_changed FROM care.person WHERE reference = 'person B';

--
-- Suspensions, as they were known.
--
SELECT care.suspend_statements(:b, '2024-02-01', NULL, 'in hospital') AS hospital, care.suspend_statements(:b, '2024-05-01', '2024-06-01', 'by mistake') AS mistaken \gset
SELECT clock_timestamp() AS suspended \gset
SELECT care.suspend_statements(:b, '2024-02-01', '2024-03-01', 'home again', supersedes => :hospital) AS shorter \gset
SELECT care.suspend_statements(:b, '2024-05-01', '2024-04-30', 'withdrawn', supersedes => :mistaken) AS none \gset
SELECT suspension_id, from_day, to_day FROM care.statement_suspension_in_force WHERE account_id = :b;
SELECT suspension_id, from_day, to_day FROM care.statement_suspension_known_at(:'suspended') WHERE account_id = :b ORDER BY 1;
SELECT day, (SELECT count(*) FROM care_internal.suspended_on(day)) AS suspended FROM unnest('{2024-02-01,2024-03-01,2024-03-02,2024-05-15}'::date[]) AS day;

--
-- Details of a person: taken back, they are unknown.
--
SELECT care.record_person('E06000001', 'C', '1940-05-01', '2020-01-01', '9434765919', '01', '2020-02-03') AS c \gset
SELECT clock_timestamp() AS recorded \gset
SELECT care.withdraw_details('C', '{nhs_number}', 'it is another person''s');
SELECT date_of_birth, needs_began_on, nhs_number, nhs_number_status, nhs_number_traced_on, withdraws, reason FROM care.person_detail_in_force WHERE person_id = :c;
SELECT clock_timestamp() AS taken_back \gset
SELECT care.record_person('E06000001', 'C', nhs_number_status => '07') = :c AS same_person;
SELECT date_of_birth, needs_began_on, nhs_number, nhs_number_status, nhs_number_traced_on, withdraws, reason FROM care.person_detail_in_force WHERE person_id = :c;
SELECT care.withdraw_details('C', '{nhs_number,needs_began_on,date_of_birth,nhs_number}', 'all of it is another''s', 'E06000001');
SELECT date_of_birth, needs_began_on, nhs_number, nhs_number_status, nhs_number_traced_on, withdraws, reason FROM care.person_detail_in_force WHERE person_id = :c;
SELECT 'recorded' AS known, date_of_birth, nhs_number, nhs_number_status, nhs_number_traced_on FROM care.person_detail_known_at(:'recorded') WHERE person_id = :c
UNION ALL SELECT 'taken back', date_of_birth, nhs_number, nhs_number_status, nhs_number_traced_on FROM care.person_detail_known_at(:'taken_back') WHERE person_id = :c;
SELECT care.record_person('E06000001', 'C', needs_began_on => '2019-01-01') = :c AS same_person;
SELECT pg_temp.facts('person', :c) AS facts \gset
SELECT c, care_test.refused('SELECT care.withdraw_details(' || c || ')') FROM unnest(ARRAY[
    '''C'', ''{date_of_birth}'', ''x''', '''C'', ''{needs_began_on,nhs_number}'', ''x''', '''C'', ''{reference}'', ''x''',
    '''C'', ''{}'', ''x''', '''C'', NULL, ''x''', '''C'', ''{NULL}'', ''x''', '''nobody'', ''{needs_began_on}'', ''x''',
    '''C'', ''{needs_began_on}'', NULL', '''C'', ''{needs_began_on}'', ''''']) AS c;
SELECT pg_temp.rule('INSERT INTO care.person_detail (person_id, ' || c || ')') FROM unnest(ARRAY[
    'withdraws, reason) VALUES (1, ''{}'', ''x''', 'withdraws, reason) VALUES (1, ''{reference}'', ''x''', 'withdraws) VALUES (1, ''{nhs_number}''',
    'reason) VALUES (1, ''x''', 'withdraws, reason) VALUES (1, ''{nhs_number}'', ''''',
    'date_of_birth, withdraws, reason) VALUES (1, ''1940-01-01'', ''{date_of_birth}'', ''x''',
    'needs_began_on, withdraws, reason) VALUES (1, ''1940-01-01'', ''{needs_began_on}'', ''x''',
    'nhs_number_status, withdraws, reason) VALUES (1, ''07'', ''{nhs_number}'', ''x''', 'nhs_number_traced_on) VALUES (1, ''2020-01-01''',
    'date_of_birth, nhs_number, nhs_number_status, nhs_number_traced_on) VALUES (1, ''1940-01-01'', ''9434765919'', ''01'', ''1939-12-31''',
    'nhs_number, nhs_number_status, nhs_number_traced_on) VALUES (1, ''9434765919'', ''01'', ''infinity''']) AS c;
SELECT pg_temp.facts('person', :c) = :facts AS nothing_changed;
-- needs taken back: the account's own first day decides the cap again
SELECT care.record_person('E06000001', 'young', needs_began_on => '2024-01-01') > 0 AS recorded;
SELECT cap FROM care.account_position('2025-02-01') WHERE reference = 'Y';
SELECT care.withdraw_details('young', '{needs_began_on}', 'not known');
SELECT cap FROM care.account_position('2025-02-01') WHERE reference = 'Y';
-- a birth on which the cap depends stays known, and is put right by another
SELECT care_test.refused($$SELECT care.withdraw_details('young', '{date_of_birth}', 'x')$$);
SELECT care_test.refused($$INSERT INTO care.person_detail (person_id) SELECT person_id FROM care.person WHERE reference = 'young'$$);
SELECT care.record_person('E06000001', 'young', '2000-01-11') > 0 AS recorded;
SELECT cap FROM care.account_position('2025-02-01') WHERE reference = 'Y';

SELECT * FROM care.verify();
SELECT * FROM care.verify_chain();
SELECT * FROM care_test.read_as_known();
ROLLBACK;
