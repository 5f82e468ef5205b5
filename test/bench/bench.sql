--
-- bench: builds its data, compares, and prints the table of ratios.
--
-- tools/bench runs it in a cluster of its own, with the variables agreements, accounts, growths, lookups
-- and concerns (how many of each), verdict and explain (see report.sql).
--
-- A checkpoint before each VACUUM (FREEZE): commits are asynchronous, and until one is on disk, VACUUM
-- cannot mark its pages as visible to all.
--
\set ON_ERROR_STOP on
CREATE EXTENSION care_account;
\ir measure.sql
\ir agreements.sql
\ir interest.sql
\ir accounts.sql

-- With few accounts, which have a statement each.
CALL bench.record_persons(1, 1000);
SELECT format('COPY care.account %s', bench.write_accounts(1, 1000)) \gexec
SELECT format('COPY care.budget %s', bench.write_budgets(1, 1000)) \gexec
SELECT count(care.issue_statement(a.account_id, '2025-09-01')) FROM care.account AS a \g /dev/null
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.person, care.person_detail, care.account, care.budget, care.issued_statement, care_internal.chain;
\set held 1,000
\ir lookups.sql

-- With many.
CALL bench.record_persons(1001, :accounts);
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.person, care.person_detail;
CALL bench.copy_accounts(1001, :accounts);
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.person, care.person_detail, care.account, care_internal.chain;
CALL bench.copy_budgets(1001, :accounts);
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.account, care.budget, care_internal.chain;
\ir positions.sql
\ir statements.sql
\ir checks.sql
SELECT to_char(:accounts, 'FM9,999,999') AS held \gset
\ir lookups.sql
\ir online.sql
\ir figures.sql
\ir least.sql
\ir steps.sql
\ir analyst.sql
\ir casework.sql
\ir report.sql
