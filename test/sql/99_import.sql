--
-- 99_import: a spreadsheet is brought in: a messy one (test/data/import) is checked, compared and loaded.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset format unaligned
\pset fieldsep ' | '
\pset footer off
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
\set VERBOSITY terse
\getenv source PG_ABS_SRCDIR
\set agreements :source '/data/import/agreements.csv'
\set entries :source '/data/import/entries.csv'
\set valuations :source '/data/import/valuations.csv'
\set accounts :source '/data/import/accounts.csv'
\set budgets :source '/data/import/budgets.csv'
BEGIN;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.import_batch ALTER COLUMN batch_id RESTART WITH 1;
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'test'), care.record_person('E10000016', 'C1015', '1945-05-06') AS p \g /dev/null

SELECT care.import_begin('E10000016', 'Register of deferred payments') AS batch \gset
COPY care.import_line (line) FROM :'agreements' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING 'UTF8');
SELECT care.import_sheet(:batch, 'agreements', '{"agreement": "DPA Ref", "person": "client no", "date_of_birth": "D.O.B.", "signed_on": "Signed",
    "secured_on": "Charge registered", "stated_balance": "Balance 30.06.2024", "stated_on": "=30/06/2024"}', 'dmy') AS agreements;
COPY care.import_line (line) FROM :'entries' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING 'UTF8');
SELECT care.import_sheet(:batch, 'entries', '{"agreement": "Ref", "on_day": "Date", "kind": "What", "amount": "Amount", "note": "Comment"}', 'dmy',
    '{"Care home fees": "care_fees", "SET-UP  FEE": "administration_charge", "Receipt": "payment", "Remedy": "credit"}') AS entries;
COPY care.import_line (line) FROM :'valuations' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING 'UTF8');
SELECT care.import_sheet(:batch, 'valuations', '{"agreement": "Ref", "valued_on": "Valued", "amount": "Value", "share": "Share", "prior_charges": "Mortgage", "kind": "=desktop"}', 'dmy') AS valuations;
COPY care.import_line (line) FROM :'accounts' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING 'UTF8');
SELECT care.import_sheet(:batch, 'accounts', '{"account": "Account", "person": "Client", "date_of_birth": "Born", "scheme": "Scheme", "counts_from": "From"}', 'dmy') AS accounts;
COPY care.import_line (line) FROM :'budgets' (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING 'UTF8');
SELECT care.import_sheet(:batch, 'budgets', '{"account": "Account", "valid_from": "From", "kind": "Budget", "setting": "Where", "weekly_cost": "A week", "weekly_charge": "Charge"}', 'dmy',
    '{"IPB": "independent_personal_budget", "PB": "personal_budget", "Residential": "care_home", "Home": "community"}') AS budgets;
SELECT count(*) AS lines_left FROM care.import_line;

-- Every problem, all at once.
SELECT * FROM care.import_check(:batch);
-- How each balance was worked.
SELECT agreement, stated, ours, difference, worked_as, others, missing FROM care.import_compare(:batch);
SELECT worked_as, explains, of_agreements FROM care.import_conventions(:batch) ORDER BY explains DESC, worked_as LIMIT 12;

-- Nothing was recorded by looking.
SELECT (SELECT count(*) FROM care.agreement WHERE authority = 'E10000016') AS agreements, (SELECT count(*) FROM care.person WHERE reference LIKE 'C_00_' OR reference LIKE 'C_01_') AS persons;

-- The good rest.
SELECT class, reference, lines, because FROM care.import_load(:batch, 3);
SELECT class, reference, lines, because FROM care.import_load(:batch);
SELECT * FROM care.verify();
SELECT reference, deferred, administration_charges, payments, balance FROM care.agreement_position('2024-06-30') WHERE authority = 'E10000016' ORDER BY 1;
SELECT reference, weekly_rate, accrued FROM care.account_position('2024-06-30') WHERE authority = 'E10000016' ORDER BY 1;
SELECT class, count(*), sum(lines) AS lines FROM care.import_loaded WHERE batch_id = :batch GROUP BY class ORDER BY class;
SELECT loaded, left_out, length(digest) FROM care.import_done WHERE batch_id = :batch;
SELECT count(*) AS waiting FROM care.import_waiting();
ROLLBACK;
