--
-- 74_batch: the runs as functions: one batch a call, in the caller's transaction, for clients that cannot call a
-- procedure that commits.
--
SET datestyle = 'ISO, YMD';
\pset format unaligned
\pset tuples_only on
BEGIN;
SELECT care_test.confirm_rates() \g /dev/null
SELECT count(care.open_account(CASE WHEN n > 5 THEN 'E06000002' ELSE 'E06000001' END, 'A' || n, 'P' || n, NULL, '2022', '2023-10-01')) FROM generate_series(1, 7) AS n;
SELECT count(care.record_budget(a.account_id, '2023-10-01', 'independent_personal_budget', 'community', 100)) FROM care.account AS a WHERE a.reference ~ '^A[1-7]$';

-- In batches, each by its own call, until none is left; all due once.
SELECT care.issue_due_statements_batch('2024-10-01', batch_size => 3) AS "left";
SELECT count(*) FROM care.issued_statement WHERE as_at = '2024-10-01';
SELECT task, total, done, finished_at IS NULL AS under_way FROM care.batch_progress ORDER BY run_id DESC LIMIT 1;
-- another day or another authority is another run
SELECT care.issue_due_statements_batch('2024-10-02', 'E06000002', 1) AS "left";
SELECT care.issue_due_statements_batch('2024-10-01', batch_size => 3) AS "left";
SELECT care.issue_due_statements_batch('2024-10-01', batch_size => 3) AS "left";
SELECT count(*), count(DISTINCT s.account_id) FROM care.issued_statement AS s JOIN care.account AS a ON a.account_id = s.account_id WHERE a.reference ~ '^A[1-7]$';
SELECT task, authority, as_at, total, done, finished_at IS NULL AS under_way FROM care.batch_progress ORDER BY run_id DESC LIMIT 2;
-- one more call, when all is done: nothing is, and it says so
SELECT care.issue_due_statements_batch('2024-10-01') AS "left";
SELECT care.run_task_batch('account statements', '2025-10-01', 'E06000002', 1) AS "left";
SELECT care.run_task_batch('account statements', '2025-10-01', 'E06000002', 1) AS "left";
-- what came to be due behind the place where a run stands is for the next
SELECT care.run_task_batch('account statements', '2025-10-01', 'E06000001', 4) AS "left";
SELECT care.record_budget(care.open_account('E06000001', 'B', 'Q', NULL, '2022', '2023-10-01'), '2023-10-01', 'independent_personal_budget', 'community', 100) > 0 AS one_more;
SELECT care.run_task_batch('account statements', '2025-10-01', 'E06000001', 1) AS "left";
SELECT care.run_task_batch('account statements', '2025-10-01', 'E06000001', 1) AS "left";

-- Agreements.
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'policy');
SELECT count(care.record_valuation(d, '2019-01-07', 165000)), count(care.record_deferral(d, '2019-01-07', 500, 144))
FROM (SELECT care.open_agreement('E06000001', 'D' || n, 'P' || n, '2019-01-01', '2019-01-02') AS d FROM generate_series(1, 3) AS n OFFSET 0) AS o;
SELECT care.post_due_deferrals_batch('2019-02-28', batch_size => 2) AS "left";
SELECT care.post_due_deferrals_batch('2019-02-28', batch_size => 2) AS "left";
SELECT count(DISTINCT agreement_id) FROM care.deferral_posting;
SELECT care.issue_due_agreement_statements_batch('2019-07-31', batch_size => 2) AS "left";
SELECT care.issue_due_agreement_statements_batch('2019-07-31', batch_size => 2) AS "left";
SELECT count(DISTINCT agreement_id) FROM care.issued_agreement_statement;
SELECT count(*) FROM care.verify();

-- A batch that is rolled back is a batch that was not done.
SAVEPOINT again;
SELECT care.issue_due_agreement_statements_batch('2020-01-31', batch_size => 2) AS "left";
ROLLBACK TO again;
SELECT care.issue_due_agreement_statements_batch('2020-01-31', batch_size => 2) AS "left";

SELECT replace(care_test.refused(s), (care.today() + 1)::text, 'tomorrow') FROM unnest(ARRAY[
    'SELECT care.issue_due_statements_batch(care.today() + 1)', 'SELECT care.issue_due_statements_batch(NULL)',
    'SELECT care.issue_due_agreement_statements_batch(''2019-01-01'', batch_size => 0)', 'SELECT care.post_due_deferrals_batch(''2019-01-01'', ''E06999999'')',
    'SELECT care.dispose_due_batch(NULL)', 'SELECT care.run_task_batch(''letters'', ''2019-01-01'')', 'SELECT care.run_task_batch(''disposals'', ''2019-01-01'')']) AS s;
ROLLBACK;
