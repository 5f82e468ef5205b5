--
-- 52_adjustment: adjustments of accrued costs, the second person's approval, events and settings.
--
-- All of it is in one transaction, rolled back at the end, the two roles with it.  What is worked out
-- anew must be what is kept, whatever was recorded: care.verify() stays empty.
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
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
ALTER TABLE care.adjustment ALTER COLUMN adjustment_id RESTART WITH 1;
ALTER TABLE care.account_event ALTER COLUMN event_id RESTART WITH 1;
CREATE FUNCTION pg_temp.accrued(account_reference text, day date, known timestamptz DEFAULT NULL) RETURNS numeric LANGUAGE sql AS $$
    SELECT p.accrued FROM care.account_position(day, known) AS p WHERE p.reference = account_reference
$$;

-- 10 a day from 2024-01-01
SELECT care.record_scheme('even', 'Round figures', 'draft', '2024-01-01', 'weekly_cost', 'test');
SELECT care.record_parameter('even', 'cap', '2024-01-01', 1000, 'test');
SELECT care.open_account('E06000001', 'A', 'person 1', NULL, 'even', '2024-01-01') AS a \gset
SELECT care.record_budget(:a, '2024-01-01', 'personal_budget', 'community', 70);
SELECT clock_timestamp() AS at_first \gset

--
-- Up and down, from their day on; for one day they add up.
--
SELECT care.record_adjustment(:a, '2024-01-11', 50.25, 'brought_forward', 'head of service', 'file 1') AS up \gset
SELECT day, pg_temp.accrued('A', day) FROM unnest('{2024-01-10,2024-01-11,2024-01-12}'::date[]) AS day;
SELECT care.record_adjustment(:a, '2024-01-21', -100.30, 'error_corrected', 'head of service') AS down \gset
SELECT care.record_adjustment(:a, '2024-01-21', 0.05, 'complaint_upheld', 'head of service') AS same_day \gset
SELECT day, pg_temp.accrued('A', day) FROM unnest('{2024-01-20,2024-01-21,2024-01-22}'::date[]) AS day;
SELECT from_day, to_day, days, what, amount, accrued FROM care.account_explain(:a, '2024-01-22');
SELECT adjustment_id, effective_on, amount, reason, authorised_by, evidence, needs_approval, supersedes
FROM care.adjustment WHERE account_id = :a ORDER BY adjustment_id;
SELECT * FROM care.verify();
-- on the day counting starts; and one that reaches the cap
SELECT care.open_account('E06000001', 'B', 'person 2', NULL, 'even', '2024-01-01') AS b \gset
SELECT care.record_budget(:b, '2024-01-01', 'personal_budget', 'community', 70);
SELECT care.record_adjustment(:b, '2024-01-01', 400, 'brought_forward', 'head of service') AS first_day \gset
SELECT care.record_adjustment(:b, '2024-01-31', 300, 'court_order', 'head of service') AS to_the_cap \gset
SELECT as_at, accrued, remaining, cap_reached_on, projected_cap_on
FROM unnest('{2024-01-01,2024-01-30,2024-01-31,2024-03-01}'::date[]) AS day, LATERAL care.account_position(day) WHERE reference = 'B';
-- a correction undoes it: then the account says so
SELECT care.record_adjustment(:b, '2024-01-31', 100, 'court_order', 'head of service', supersedes => :to_the_cap) AS less \gset
SELECT as_at, accrued, remaining, cap_reached_on, projected_cap_on
FROM unnest('{2024-01-31,2024-03-01}'::date[]) AS day, LATERAL care.account_position(day) WHERE reference = 'B';
SELECT * FROM care.verify();

--
-- Reasons: from a list that an authority can extend.
--
SELECT reason, shipped FROM care.adjustment_reason ORDER BY reason COLLATE "C";
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, ''2024-02-01'', 1, ''goodwill'', ''head of service'')', :a));
INSERT INTO care.adjustment_reason (reason, description) VALUES ('goodwill', 'A gesture of the authority');
SELECT care.record_adjustment(:a, '2024-02-01', 1, 'goodwill', 'head of service') AS gesture \gset
SELECT pg_temp.accrued('A', '2024-02-01');

--
-- Refused, and nothing changed.
--
SELECT care_test.refused('SELECT care.record_adjustment(' || c || ')')
FROM unnest(ARRAY[
    '999, ''2024-02-01'', 1, ''goodwill'', ''x''',
    'NULL, ''2024-02-01'', 1, ''goodwill'', ''x''',
    :a || ', ''2023-12-31'', 1, ''goodwill'', ''x''',
    :a || ', NULL, 1, ''goodwill'', ''x''',
    :a || ', ''2024-02-01'', 0, ''goodwill'', ''x''',
    :a || ', ''2024-02-01'', NULL, ''goodwill'', ''x''',
    :a || ', ''2024-02-01'', 1.005, ''goodwill'', ''x''',
    :a || ', ''2024-02-01'', 10000000000, ''goodwill'', ''x''',
    :a || ', ''2024-02-01'', 1, NULL, ''x''',
    :a || ', ''2024-02-01'', 1, ''goodwill'', NULL',
    :a || ', ''2024-02-01'', 1, ''goodwill'', ''''',
    :a || ', ''2024-02-01'', 1, ''goodwill'', ''x'', supersedes => 999',
    :a || ', ''2024-02-01'', 1, ''goodwill'', ''x'', supersedes => ' || :first_day,
    :b || ', ''2024-02-01'', 1, ''goodwill'', ''x'', supersedes => ' || :to_the_cap]) AS c;
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, %s, ''goodwill'', ''x'')', :a, c))
FROM unnest(ARRAY['''infinity'', 1', '''10000-01-01'', 1', '''2024-02-01'', ''NaN''', '''2024-02-01'', ''-Infinity''', '''2024-02-01'', -10000000000']) AS c;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    'UPDATE care.adjustment SET amount = 0', 'DELETE FROM care.adjustment', 'TRUNCATE care.adjustment_approval',
    'UPDATE care.adjustment_approval SET adjustment_id = 1', 'UPDATE care.account_event SET note = NULL', 'TRUNCATE care.account_event']) AS c;
SELECT count(*) FROM care.adjustment;

--
-- Never below nought: not by the whole of what has accrued and a penny, but by all of it.
--
SELECT care.open_account('E06000001', 'C', 'person 3', NULL, 'even', '2024-01-01') AS c \gset
SELECT care.record_budget(:c, '2024-01-01', 'personal_budget', 'community', 70);
-- on 2024-01-11, 100 has accrued by the day before
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, ''2024-01-11'', -100.01, ''error_corrected'', ''x'')', :c));
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, ''2024-01-01'', -0.01, ''error_corrected'', ''x'')', :c));
SELECT care.record_adjustment(:c, '2024-01-11', -100, 'error_corrected', 'x') AS all_of_it \gset
SELECT day, pg_temp.accrued('C', day) FROM unnest('{2024-01-10,2024-01-11,2024-01-21}'::date[]) AS day;
-- one before it would now leave too little for it, and so would taking away what it rests on
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, ''2024-01-05'', -1, ''error_corrected'', ''x'')', :c));
SELECT care.record_adjustment(:c, '2024-01-21', 500, 'brought_forward', 'x') AS support \gset
SELECT care.record_adjustment(:c, '2024-01-31', -690, 'error_corrected', 'x') AS resting \gset
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, ''2024-01-21'', 0, ''withdrawn'', ''x'', supersedes => %s)', :c, :support));
SELECT day, pg_temp.accrued('C', day) FROM unnest('{2024-01-30,2024-01-31}'::date[]) AS day;
SELECT * FROM care.verify();

--
-- Withdrawn by nought: as if it had never been, but what was known stays known.
--
SELECT clock_timestamp() AS before_withdrawal \gset
SELECT care.record_adjustment(:a, '2024-01-11', 0, 'withdrawn', 'head of service', supersedes => :up) AS withdrawal \gset
SELECT pg_temp.accrued('A', '2024-01-22', :'at_first') AS at_first, pg_temp.accrued('A', '2024-01-22', :'before_withdrawal') AS before,
       pg_temp.accrued('A', '2024-01-22') AS now;
SELECT adjustment_id, effective_on, amount FROM care.adjustment_known_at('infinity') WHERE account_id = :a ORDER BY adjustment_id;
SELECT care_test.refused(format('SELECT care.record_adjustment(%s, ''2024-01-11'', 0, ''withdrawn'', ''x'', supersedes => %s)', :a, :up));
SELECT * FROM care.verify();

--
-- Four eyes: it counts once a second person has approved it, and was not known before.
--
SELECT care.record_setting('E06000001', 'four_eyes', 'on', '2020-01-01');
CREATE ROLE regress_care_clerk;
CREATE ROLE regress_care_head;
GRANT USAGE ON SCHEMA care, care_test TO regress_care_clerk, regress_care_head;
GRANT EXECUTE ON FUNCTION care.record_adjustment, care.approve_adjustment, care_test.refused TO regress_care_clerk, regress_care_head;
SELECT care.open_account('E06000001', 'E', 'person 4', NULL, 'even', '2024-01-01') AS e \gset
SELECT care.record_budget(:e, '2024-01-01', 'personal_budget', 'community', 70);
-- the name in the message is the role's own, so that it can be shown
SET SESSION AUTHORIZATION regress_care_clerk;
SELECT care.record_adjustment(:e, '2024-01-11', 200, 'brought_forward', 'head of service') AS waiting \gset
SELECT care_test.refused(format('SELECT care.approve_adjustment(%s, %s)', :e, :waiting));
RESET SESSION AUTHORIZATION;
SELECT pg_temp.accrued('E', '2024-01-11') AS not_yet;
SELECT * FROM care.verify();
SELECT clock_timestamp() AS before_approval \gset
SELECT care_test.refused(c) FROM unnest(ARRAY[
    format('SELECT care.approve_adjustment(%s, 999)', :e),
    format('SELECT care.approve_adjustment(%s, NULL)', :e),
    format('SELECT care.approve_adjustment(%s, %s)', :a, :waiting),
    format('SELECT care.approve_adjustment(%s, %s)', :a, :down),
    format('SELECT care.approve_adjustment(999, %s)', :waiting)]) AS c;
SET SESSION AUTHORIZATION regress_care_head;
SELECT care.approve_adjustment(:e, :waiting);
SELECT care_test.refused(format('SELECT care.approve_adjustment(%s, %s)', :e, :waiting));
RESET SESSION AUTHORIZATION;
SELECT clock_timestamp() AS after_approval \gset
SELECT pg_temp.accrued('E', '2024-01-11') AS now, pg_temp.accrued('E', '2024-01-11', :'before_approval') AS before,
       pg_temp.accrued('E', '2024-01-11', :'after_approval') AS after;
SELECT j.recorded_by AS recorded, p.recorded_by AS approved FROM care.adjustment AS j JOIN care.adjustment_approval AS p USING (account_id, adjustment_id)
WHERE account_id = :e;
SELECT * FROM care.verify();
-- a withdrawal waits too: until it is approved, what it withdraws counts
SET SESSION AUTHORIZATION regress_care_head;
SELECT care.record_adjustment(:e, '2024-01-11', 0, 'withdrawn', 'director', supersedes => :waiting) AS taking_back \gset
RESET SESSION AUTHORIZATION;
SELECT pg_temp.accrued('E', '2024-01-11') AS still;
SET SESSION AUTHORIZATION regress_care_clerk;
SELECT care.approve_adjustment(:e, :taking_back);
RESET SESSION AUTHORIZATION;
SELECT pg_temp.accrued('E', '2024-01-11') AS no_more;
SELECT * FROM care.verify();
-- one below nought may wait, but is refused when it would begin to count
SET SESSION AUTHORIZATION regress_care_clerk;
SELECT care.record_adjustment(:e, '2024-01-11', -150, 'error_corrected', 'head of service') AS too_much \gset
SET SESSION AUTHORIZATION regress_care_head;
SELECT care_test.refused(format('SELECT care.approve_adjustment(%s, %s)', :e, :too_much));
RESET SESSION AUTHORIZATION;
SELECT pg_temp.accrued('E', '2024-01-11') AS as_before;
-- what was recorded while it took no second person counts as it did; off again, the next counts at once
SELECT pg_temp.accrued('B', '2024-01-31') AS b;
SELECT care.record_setting('E06000001', 'four_eyes', 'off', '2020-01-01');
SELECT care.record_adjustment(:e, '2024-01-12', 1.50, 'goodwill', 'head of service') AS at_once \gset
SELECT pg_temp.accrued('E', '2024-01-12') AS e;
SELECT needs_approval FROM care.adjustment WHERE account_id = :e ORDER BY adjustment_id;
SELECT * FROM care.verify();
-- what is no class of record is not "all well"
SELECT care_test.refused('SELECT * FROM care.' || c) FROM unnest(ARRAY['verify(of_class => ''acount'')', 'verify(''E06999999'')',
    'verify_chain(''acount'')', 'verify_chain(authority => ''E06999999'')', 'verify_access_log(''E06999999'')',
    'audit_trail(''acount'', 1)', 'chain_links(''acount'')', 'chain_links(authority => ''E06999999'')']) AS c;

--
-- Events change no figure.
--
SELECT pg_temp.accrued('A', '2024-03-01') AS accrued_before \gset
SELECT kind, care.record_event(:a, '2024-02-01', kind, 'note of ' || kind) > 0 AS recorded
FROM unnest('{cap_notice_given,authority_meets_needs,early_assessment,statement_requested}'::text[]) AS kind;
SELECT on_day, kind, note FROM care.account_event WHERE account_id = :a ORDER BY event_id;
SELECT pg_temp.accrued('A', '2024-03-01') = :accrued_before AS unchanged;
SELECT care_test.refused('SELECT care.record_event(' || c || ')') FROM unnest(ARRAY[
    '999, ''2024-02-01'', ''cap_notice_given''',
    :a || ', ''2024-02-01'', ''birthday''',
    :a || ', ''2024-02-01'', NULL',
    :a || ', NULL, ''cap_notice_given''',
    :a || ', ''infinity'', ''cap_notice_given''',
    :a || ', ''-infinity'', ''cap_notice_given''']) AS c;
SELECT count(*) FROM care.account_event;

--
-- Settings: dated; for one day the last holds; unknown ones are refused.
--
SELECT name, care.setting_on('E06000002', name, '2024-01-01') FROM unnest('{statement_month,show_projection,four_eyes,colour}'::text[]) AS name;
SELECT care.record_setting('E06000002', 'statement_month', '4', '2024-01-01'),
       care.record_setting('E06000002', 'statement_month', '9', '2025-01-01');
SELECT care.record_setting('E06000002', 'statement_month', '5', '2024-01-01');
SELECT day, care.setting_on('E06000002', 'statement_month', day), care.setting_on('E06000003', 'statement_month', day) AS elsewhere
FROM unnest('{2023-12-31,2024-01-01,2024-12-31,2025-01-01}'::date[]) AS day;
SELECT care_test.refused('SELECT care.record_setting(' || c || ')') FROM unnest(ARRAY[
    '''E06000002'', ''colour'', ''blue''',
    '''E06000002'', ''statement_month'', ''13''',
    '''E06000002'', ''statement_month'', ''0''',
    '''E06000002'', ''statement_month'', ''April''',
    '''E06000002'', ''four_eyes'', ''yes''',
    '''E06000002'', ''show_projection'', ''never''',
    '''E06999999'', ''four_eyes'', ''on''',
    'NULL, ''four_eyes'', ''on''',
    '''E08000016'', ''four_eyes'', ''on'', ''2025-04-01''']) AS c;
SELECT care_test.refused('SELECT care.record_setting(' || c || ')') FROM unnest(ARRAY[
    '''E06000002'', NULL, ''on''', '''E06000002'', ''four_eyes'', NULL', '''E06000002'', ''four_eyes'', ''on'', NULL']) AS c;
SELECT care_test.refused(c) FROM unnest(ARRAY['UPDATE care.setting SET value = ''1''', 'DELETE FROM care.setting', 'TRUNCATE care.setting']) AS c;
SELECT count(*) FROM care.setting WHERE authority = 'E06000002';
SELECT * FROM care_test.read_as_known();
ROLLBACK;
-- the roles went with it
SELECT count(*) FROM pg_roles WHERE rolname LIKE 'regress\_care\_%';
