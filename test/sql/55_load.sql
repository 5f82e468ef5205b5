--
-- 55_load: rows of persons and accounts that are loaded keep what the functions ask for: with the same SQLSTATE and
-- constraint, and silently while a dump is restored.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_ROLLBACK on
\set VERBOSITY terse
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
ALTER TABLE care.adjustment ALTER COLUMN adjustment_id RESTART WITH 1;
-- SQLSTATE, constraint and message of the function and of the load beside each other
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    broken text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
    RETURN concat_ws(' ', SQLSTATE, nullif(broken, ''), SQLERRM);
END
$$;
CREATE ROLE regress_care_loader;
GRANT USAGE ON SCHEMA care, care_internal TO regress_care_loader;
GRANT INSERT, SELECT ON ALL TABLES IN SCHEMA care TO regress_care_loader;
GRANT EXECUTE ON FUNCTION care_internal.moment, care_internal.recorder, care_internal.checked_actor, care.nhs_number_is_valid TO regress_care_loader;
CREATE FUNCTION pg_temp.both(function text, load text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT 'function ' || pg_temp.refused(function);
    SET LOCAL SESSION AUTHORIZATION regress_care_loader;
    RETURN NEXT 'load     ' || pg_temp.refused(load);
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
END
$$;
SELECT care.record_scheme('charges', 'What the person is charged counts', 'draft', '2024-01-01', 'weekly_charge', 'test'),
       care.record_parameter('charges', 'cap', '2024-01-01', 5000, 'test'),
       care.record_scheme('later', 'Its cap is not known', 'draft', '2024-01-01', 'weekly_cost', 'test') \g /dev/null

-- A load as it should be, by COPY.
SET SESSION AUTHORIZATION regress_care_loader;
COPY care.person (authority, reference) FROM STDIN (FORMAT csv);
E06000001,P-1
E06000001,P-2
E06000002,P-3
\.
COPY care.person_detail (person_id, date_of_birth, needs_began_on) FROM STDIN (FORMAT csv);
1,1940-01-01,
2,1990-01-01,2020-01-01
\.
COPY care.account (person_id, counts_from, authority, reference, scheme) FROM STDIN (FORMAT csv);
1,2023-10-01,E06000001,A,2022
2,2016-04-01,E06000001,B,2015
3,2024-01-01,E06000002,C,charges
\.
COPY care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge) FROM STDIN (FORMAT csv);
1,2023-10-01,independent_personal_budget,care_home,700,
1,2024-04-01,independent_personal_budget,care_home,735,
2,2016-04-01,independent_personal_budget,community,300,
3,2024-01-01,personal_budget,community,300,70
3,2024-02-01,independent_personal_budget,community,300,
\.
COPY care.adjustment (account_id, effective_on, amount, reason, authorised_by) FROM STDIN (FORMAT csv);
1,2023-11-01,-100,error_corrected,head
3,2024-01-11,100,brought_forward,head
\.
RESET SESSION AUTHORIZATION;
SELECT account_id, accrued FROM care.account_position('2024-02-10') ORDER BY account_id;
SELECT * FROM care.verify();
SELECT count(*) FROM care.verify_chain() WHERE class = 'account';

-- Budgets.
SELECT pg_temp.both($$SELECT care.record_budget(1, '2023-09-30', 'independent_personal_budget', 'care_home', 700)$$,
    $$INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) VALUES
      (1, '2025-01-01', 'independent_personal_budget', 'care_home', 700), (1, '2023-09-30', 'independent_personal_budget', 'care_home', 700)$$);
SELECT pg_temp.both($$SELECT care.record_budget(3, '2024-05-01', 'personal_budget', 'care_home', 700)$$,
    $$INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) VALUES (3, '2024-05-01', 'personal_budget', 'care_home', 700)$$);
SELECT pg_temp.both($$SELECT care.end_budget(3, '2023-12-31', 'x')$$,
    $$INSERT INTO care.budget (account_id, valid_from, kind, weekly_cost) VALUES (3, '2023-12-31', 'ended', 0)$$);
SELECT pg_temp.both($$SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 1)$$,
    $$INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) VALUES (1, '2023-10-01', 'independent_personal_budget', 'care_home', 1)$$);
-- the first in the order of accounts and days is named, by COPY too, and nothing of it stays
SET SESSION AUTHORIZATION regress_care_loader;
COPY care.budget (account_id, valid_from, kind, setting, weekly_cost) FROM STDIN (FORMAT csv);
3,2023-11-01,independent_personal_budget,community,300
2,2016-03-01,independent_personal_budget,community,300
2,2016-02-01,independent_personal_budget,community,300
2,2018-02-01,independent_personal_budget,community,300
\.
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM care.budget;

-- Adjustments.
SELECT pg_temp.both($$SELECT care.record_adjustment(1, '2023-09-30', 5, 'brought_forward', 'head')$$,
    $$INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by) VALUES (1, '2023-09-30', 5, 'brought_forward', 'head')$$);
SELECT pg_temp.both($$SELECT care.record_adjustment(1, '2023-10-07', -900, 'error_corrected', 'head')$$,
    $$INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by) VALUES (1, '2023-10-07', -900, 'error_corrected', 'head')$$);
-- withdrawing what another took away from
SELECT care.record_adjustment(1, '2023-10-03', 5000, 'brought_forward', 'head') AS up, care.record_adjustment(1, '2023-10-04', -4000, 'error_corrected', 'head') AS down \gset
SELECT pg_temp.both(format($$SELECT care.record_adjustment(1, '2023-10-03', 0, 'withdrawn', 'head', supersedes => %s)$$, :up),
    format($$INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, supersedes) VALUES (1, '2023-10-03', 0, 'withdrawn', 'head', %s)$$, :up));
SELECT care.record_setting('E06000001', 'four_eyes', 'on');
SET SESSION AUTHORIZATION regress_care_loader;
SELECT pg_temp.refused($$INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by) VALUES (1, '2024-01-01', 5, 'brought_forward', 'head')$$);
SELECT pg_temp.refused($$INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, needs_approval) VALUES (1, '2024-01-01', 5, 'brought_forward', 'head', true)$$);
RESET SESSION AUTHORIZATION;

-- Persons and accounts.
SELECT pg_temp.both($$SELECT care.record_death('P-2', '1989-12-31', '2024-01-01')$$,
    $$INSERT INTO care.death (person_id, died_on, known_on) VALUES (2, '1989-12-31', '2024-01-01')$$);
SELECT care.record_death('P-3', '2024-08-01', '2024-08-02');
SELECT pg_temp.both($$SELECT care.record_person('E06000002', 'P-3', '2024-08-02')$$,
    $$INSERT INTO care.person_detail (person_id, date_of_birth) VALUES (3, '2024-08-02')$$);
SELECT pg_temp.both($$SELECT care.open_account('E06000002', 'N', 'P-3', NULL, '2015', '2016-04-01')$$,
    $$INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) VALUES (3, '2016-04-01', 'E06000002', 'N', '2015')$$);
SELECT pg_temp.both($$SELECT care.open_account('E06000002', 'N', 'P-3', NULL, 'later', '2024-04-01')$$,
    $$INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) VALUES (3, '2024-04-01', 'E06000002', 'N', 'later')$$);
SELECT pg_temp.both($$SELECT care.open_account('E06000002', 'N', 'P-3', NULL, 'deferred_payment', '2024-04-01')$$,
    $$INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) VALUES (3, '2024-04-01', 'E06000002', 'N', 'deferred_payment')$$);
INSERT INTO care.person (authority, reference) VALUES ('E08000019', 'P-4');
SELECT pg_temp.both($$SELECT care.open_account('E08000019', 'N', 'P-4', NULL, '2022', '2025-04-01')$$,
    $$INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) SELECT person_id, '2025-04-01', authority, 'N', '2022' FROM care.person WHERE reference = 'P-4'$$);
SELECT pg_temp.both($$SELECT care.open_account('E06000001', 'A', 'P-1', NULL, '2022', '2023-10-01')$$,
    $$INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) VALUES (1, '2023-10-01', 'E06000001', 'A', '2022')$$);
SELECT pg_temp.refused($$INSERT INTO care.account (person_id, counts_from, authority, reference, scheme) VALUES (1, '2023-10-01', 'E06000002', 'N', '2022')$$);
SELECT pg_temp.both($$SELECT care.suspend_statements(1, '2024-02-02', '2024-02-01', 'x')$$,
    $$INSERT INTO care.statement_suspension (account_id, from_day, to_day, reason) VALUES (1, '2024-02-02', '2024-02-01', 'x')$$);
SELECT pg_temp.both($$SELECT care.suspend_statements(1, '-infinity', NULL, 'x')$$,
    $$INSERT INTO care.statement_suspension (account_id, from_day, to_day, reason) VALUES (1, '-infinity', 'infinity', 'x')$$);
SELECT pg_temp.both($$SELECT care.record_consent('P-1', 'email', 'infinity')$$,
    $$INSERT INTO care.channel_consent (person_id, channel, from_day) VALUES (1, 'email', 'infinity')$$);

-- The owner's own rows are held to them too; those that a function inserts for a login that may not insert are not
-- looked at twice.
SELECT pg_temp.refused($$INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) VALUES (1, '2023-09-30', 'independent_personal_budget', 'care_home', 700)$$);
CREATE ROLE regress_care_clerk;
GRANT USAGE ON SCHEMA care TO regress_care_clerk;
GRANT EXECUTE ON FUNCTION care.record_budget TO regress_care_clerk;
SET SESSION AUTHORIZATION regress_care_clerk;
SELECT care.record_budget(1, '2024-06-01', 'independent_personal_budget', 'care_home', 700) IS NOT NULL;
RESET SESSION AUTHORIZATION;

-- SET ROLE to who may insert is held to them.
GRANT regress_care_loader TO regress_care_clerk;
ALTER ROLE regress_care_clerk NOINHERIT;
SET SESSION AUTHORIZATION regress_care_clerk;
SET ROLE regress_care_loader;
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) VALUES (1, '2023-09-30', 'independent_personal_budget', 'care_home', 700);
RESET ROLE;
RESET SESSION AUTHORIZATION;

-- What is derived is worked out, whatever a row brings for it, and follows what is known of the person, who may have been
-- told of since the account was recorded.
INSERT INTO care.person (authority, reference) VALUES ('E06000002', 'P-4') RETURNING person_id AS dead \gset
INSERT INTO care.person_detail (person_id, date_of_birth) VALUES (:dead, '1940-01-01');
INSERT INTO care.death (person_id, died_on, known_on) VALUES (:dead, '2024-05-01', '2024-05-02');
INSERT INTO care.account (person_id, counts_from, authority, reference, scheme, counting_from, cap_on, person_reference,
                          reach, weekly_rate, cap, cap_scales, adjusted, weekly_cost, weekly_counted, daily_living_cost,
                          figures_at, told_at, recorded_at)
    VALUES (:dead, '2024-01-01', 'E06000002', 'D', '2022', '2020-01-01', '2021-01-01', 'X', 'exceed', '{"-infinity": 1}',
            '{"-infinity": 1}', '{"-infinity": 1}', '{"-infinity": 1}', '{"-infinity": 1}', '{"-infinity": 1}',
            '{"-infinity": 1}', '2020-01-01', '2020-01-01', '2024-01-01');
SELECT a.person_reference, a.reach, a.adjusted IS NULL, a.told_at = x.recorded_at
FROM care.account AS a JOIN care.death AS x ON x.person_id = a.person_id WHERE a.reference = 'D';
SELECT count(*) FROM care.verify(of_class => 'account');

-- A row of a dump was recorded before, and is not asked.
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, recorded_at)
    VALUES (3, '2023-09-30', 'independent_personal_budget', 'care_home', 700, '2024-01-01');
SELECT count(*) FROM care.budget WHERE valid_from = '2023-09-30';
ROLLBACK;
--
-- Tables that were vacuumed while they held nothing but what had been rolled back: the server takes them for empty, and
-- what is loaded then is worked out all the same, in less than the hour that index probes without a key would take.
--
BEGIN;
UPDATE pg_class SET reltuples = 0, relpages = 10 WHERE oid IN ('care.account'::regclass, 'care.person'::regclass, 'care.person_detail'::regclass, 'care.budget'::regclass);
SET LOCAL statement_timeout = '2min';
SELECT care.make_up_accounts('E10000016', '2022', 300, '2023-10-01', '2025-09-30');
SELECT current_setting('enable_nestloop') AS as_before;
SELECT count(*) FROM care.verify();
ROLLBACK;
