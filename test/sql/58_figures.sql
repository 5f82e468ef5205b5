--
-- 58_figures: a figure that the accounts of its scheme follow batch by batch, and what is true of them until then; new
-- accounts, whose derived columns are worked out before their row is written.
--
SET datestyle = 'ISO, YMD';
\set SHOW_CONTEXT never
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '
SELECT care.record_scheme('slow', 'Followed in batches', 'draft', '2020-01-01', 'weekly_cost', 'test', zero_cap_before_age => 25),
       care.record_parameter('slow', 'cap', '2020-01-01', 10000, 'test'),
       care.record_parameter('slow', 'daily_living_cost', '2020-01-01', 140, 'test') \g /dev/null
SELECT count(care.record_budget(care.open_account('E06000001', 'SLOW-' || n, 'SLOW-' || n, '1950-01-01', 'slow', '2020-01-01'),
                                '2020-01-01', 'independent_personal_budget', 'care_home', 500)) FROM generate_series(1, 7) AS n;
CREATE TEMP VIEW slow AS SELECT a.*, care.value_on(a.cap, '2021-01-01') AS cap_then FROM care.account AS a WHERE a.scheme = 'slow' AND a.reference ~ '^SLOW';

-- All of it: recorded, followed in four batches, and shown as a run.
CALL care.record_parameter_in_batches('slow', 'cap', '2021-01-01', 12000, 'test', batch_size => 2);
SELECT cap_then, count(*) FROM slow GROUP BY 1;
SELECT task, authority, total, done, finished_at IS NOT NULL AS finished FROM care.batch_progress ORDER BY run_id DESC LIMIT 1;
SELECT count(*) FROM care.verify(of_class => 'account');
-- nobody is behind: nothing is done
CALL care.run_task('figures of schemes', care.today());
SELECT total, done, finished_at IS NOT NULL AS finished FROM care.batch_progress ORDER BY run_id DESC LIMIT 1;

-- Refused before anything is recorded; and inside a transaction, where nothing can be committed.
CALL care.record_parameter_in_batches('slow', 'cap', '2022-01-01', 13000, 'test', batch_size => 0);
CALL care.record_parameter_in_batches('slow', 'cap', '2021-01-01', 13000, 'test');
CALL care.record_parameter_in_batches('none', 'cap', '2022-01-01', 13000, 'test');
BEGIN;
CALL care.record_parameter_in_batches('slow', 'cap', '2022-01-01', 13000, 'test');
ROLLBACK;
SELECT count(*) FROM care.parameter WHERE scheme = 'slow';

-- Stopped after the figure was recorded: every account stands by the figures before, and is listed.
SELECT care_internal.record_parameter_ahead('slow', 'cap', '2021-01-01', 15000, 'test', 'enacted', true, true, 2);
SELECT cap_then, count(*) FROM slow GROUP BY 1;
SELECT split_part(v.difference, ':', 1), count(*) FROM care.verify(of_class => 'account') AS v JOIN slow AS a ON a.account_id = v.record_id GROUP BY 1 ORDER BY 1;
SELECT * FROM care_test.read_as_known();
-- what is written to one of them brings it up first: a fact, a statement, also of a run, a death
SELECT care.record_budget(account_id, '2021-01-01', 'independent_personal_budget', 'care_home', 600) > 0 FROM slow WHERE reference = 'SLOW-1';
SELECT care.issue_statement(account_id, '2021-06-30') > 0 FROM slow WHERE reference = 'SLOW-2';
SELECT care.record_death('SLOW-3', '2021-05-01', '2021-05-02', 'E06000001');
SELECT care.record_event(account_id, '2021-05-01', 'statement_requested') > 0 FROM slow WHERE reference = 'SLOW-4';
SELECT count(*) FROM care_internal.keep_statements(ARRAY(SELECT account_id FROM slow WHERE reference = 'SLOW-5'), ARRAY[NULL::date], '2021-06-30');
SELECT reference, cap_then FROM slow ORDER BY 1;
SELECT s.reference, s.cap, p.cap, s.accrued = p.accrued FROM care.statement AS s, LATERAL (SELECT q.* FROM care.account_position(s.as_at, s.recorded_at) AS q WHERE q.account_id = s.account_id) AS p
WHERE s.scheme = 'slow' ORDER BY 1;
-- a new account follows from the start
SELECT care.open_account('E06000001', 'SLOW-8', 'SLOW-8', '1950-01-01', 'slow', '2020-01-01') > 0;
SELECT cap_then FROM slow WHERE reference = 'SLOW-8';
-- begun again, one batch a call: the two that are left
SELECT care.run_task_batch('figures of schemes', care.today(), batch_size => 1) AS "left";
SELECT care.run_task_batch('figures of schemes', care.today(), batch_size => 1) AS "left";
SELECT cap_then, count(*) FROM slow GROUP BY 1;
SELECT count(*) FROM care.verify(of_class => 'account');
SELECT * FROM care_test.read_as_known();
-- another figure of the scheme touches no account
SELECT care_internal.record_parameter_ahead('slow', 'lower_capital_limit', '2021-01-01', 14250, 'test', 'enacted', NULL, false, 2);
SELECT count(*) FROM care.verify(of_class => 'account');

-- New accounts by the row, whatever is said of their derived columns: with a death and with a cap of nought by age.
BEGIN;
SELECT care.record_death('SLOW-8', '2020-06-30', '2020-07-01', 'E06000001'), care.record_person('E06000001', 'SLOW-9', '2000-01-01', '2020-01-01') > 0;
INSERT INTO care.account (person_id, counts_from, authority, reference, scheme, cap, weekly_rate, reach, figures_at)
SELECT p.person_id, '2019-06-01', p.authority, p.reference || 'b', 'slow', '{"2020-01-01": 1}', '{"2020-01-01": 1}', 'exceed', now()
FROM care.person AS p WHERE p.reference IN ('SLOW-8', 'SLOW-9');
SELECT reference, counting_from, cap_on, person_reference, reach, weekly_rate, cap, cap_scales, adjusted IS NULL, weekly_cost, weekly_counted, daily_living_cost
FROM slow WHERE reference ~ 'b$' ORDER BY 1;
SELECT count(*) FROM care.verify(of_class => 'account');
-- of no person, under no scheme, from no day: as the tables say
SELECT regexp_replace(care_test.refused(format('INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) VALUES (%s)', v)), ' \(Failing.*', '') FROM unnest(ARRAY[
    '0, ''2020-01-01'', ''E06000001'', ''x'', ''slow''', 'NULL, ''2020-01-01'', ''E06000001'', ''x'', ''slow''', '(SELECT min(person_id) FROM care.person), ''2020-01-01'', ''E06000001'', ''x'', ''none''',
    '1, ''2020-01-01'', ''E06000001'', ''x'', NULL', '1, ''infinity'', ''E06000001'', ''x'', ''slow''', '1, NULL, ''E06000001'', ''x'', ''slow''']) AS v;
ROLLBACK;

-- Clear up: the guard put aside, everything goes with the extension.
DROP VIEW slow;
ALTER EVENT TRIGGER care_account_guard DISABLE;
DROP EXTENSION care_account;
CREATE EXTENSION care_account;
