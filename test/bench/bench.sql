--
-- bench: builds its data, compares, and prints the table of ratios.
--
-- tools/bench runs it in a cluster of its own, with the variables agreements, accounts, growths and
-- lookups (how many of each), verdict and explain (see report.sql).
--
\set ON_ERROR_STOP on
CREATE EXTENSION care_account;
\ir measure.sql
\ir agreements.sql
\ir interest.sql
\ir accounts.sql
\ir positions.sql
\ir report.sql
