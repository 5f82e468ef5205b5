--
-- 56_actor: the person behind a login: shown in what is recorded, compared where two must agree, and required
-- where the authority says so.
--
SET datestyle = 'ISO, YMD';
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_ROLLBACK on

-- With connections that are pooled, the next transaction knows nothing of it.
BEGIN;
SET LOCAL care.actor = 'alice';
SELECT care_internal.recorder() = session_user || '/alice';
COMMIT;
SELECT care_internal.recorder() = session_user;

BEGIN;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    broken text;
    advice text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME, advice = PG_EXCEPTION_HINT;
    RETURN concat_ws(' ', SQLSTATE, nullif(broken, ''), SQLERRM, '[' || nullif(advice, '') || ']');
END
$$;
ALTER TABLE care.adjustment ALTER COLUMN adjustment_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
CREATE ROLE regress_care_app;
CREATE ROLE regress_care_phone;
GRANT USAGE ON SCHEMA care TO regress_care_app, regress_care_phone;
GRANT EXECUTE ON FUNCTION care.record_adjustment, care.approve_adjustment, care.record_budget, care.record_death, care.record_consent,
    care.record_person, care.open_account, care.apply_for_agreement, care.notify_rate TO regress_care_app, regress_care_phone;
SELECT care.record_setting('E06000001', 'four_eyes', 'on');
SELECT care.open_account('E06000001', 'A', 'P-1', NULL, '2022', '2023-10-01') AS a \gset
SELECT care.open_account('E06000002', 'B', 'P-2', NULL, '2022', '2023-10-01') AS b \gset
SELECT care.apply_for_agreement('E06000001', 'D', 'P-1', '2024-01-01') AS d \gset

-- One login, two persons: shown as login/actor, and each is one of the four eyes.
SET SESSION AUTHORIZATION regress_care_app;
SET LOCAL care.actor = 'alice';
SELECT care.record_adjustment(:a, '2024-01-11', 100, 'brought_forward', 'head') AS first \gset
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :first));
SET LOCAL care.actor = 'bob';
SELECT care.approve_adjustment(:a, :first);
SELECT care.record_adjustment(:a, '2024-01-12', 50, 'brought_forward', 'head') AS second \gset
-- not named: the login is the same, so it may be the same person
SET LOCAL care.actor = '';
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :second));
-- another login, the same person
SET SESSION AUTHORIZATION regress_care_phone;
SET LOCAL care.actor = 'bob';
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :second));
-- another login that names nobody
SET LOCAL care.actor = '';
SELECT care.approve_adjustment(:a, :second);
RESET SESSION AUTHORIZATION;

-- A login is the same one by another name, once or twice renamed; a name is another's where another login has it.
SET SESSION AUTHORIZATION regress_care_app;
SELECT care.record_adjustment(:a, '2024-01-13', 25, 'brought_forward', 'head') AS third \gset
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_care_app RENAME TO regress_care_web;
SET SESSION AUTHORIZATION regress_care_web;
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :third));
SELECT care.record_adjustment(:a, '2024-01-14', 25, 'brought_forward', 'head') AS fourth \gset
RESET SESSION AUTHORIZATION;
ALTER ROLE regress_care_web RENAME TO regress_care_net;
SET SESSION AUTHORIZATION regress_care_net;
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :third));
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :fourth));
-- a person who is named now may be the one who was not then
SET LOCAL care.actor = 'carol';
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :third));
SET LOCAL care.actor = '';
RESET SESSION AUTHORIZATION;
SELECT name, count(*) FROM care_internal.login WHERE name LIKE 'regress%' GROUP BY name ORDER BY name;
-- restored in another cluster: the number of a role there is another role's here; two names of one login there are one
-- login's here
SAVEPOINT elsewhere;
INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, needs_approval, recorded_by)
VALUES (:a, '2024-01-15', 10, 'brought_forward', 'head', true, 'phone_there') RETURNING adjustment_id AS fifth \gset
INSERT INTO care_internal.login VALUES ('phone_there', 1, 'regress_care_phone'::regrole);
SET SESSION AUTHORIZATION regress_care_phone;
SAVEPOINT approved;
SELECT care.approve_adjustment(:a, :fifth);
ROLLBACK TO approved;
RESET SESSION AUTHORIZATION;
INSERT INTO care_internal.login VALUES ('regress_care_phone', 1, 'regress_care_phone'::regrole);
SET SESSION AUTHORIZATION regress_care_phone;
SELECT pg_temp.refused(format('SELECT care.approve_adjustment(%s, %s)', :a, :fifth));
RESET SESSION AUTHORIZATION;
ROLLBACK TO elsewhere;
ALTER ROLE regress_care_net RENAME TO regress_care_app;
SELECT j.recorded_by, p.recorded_by FROM care.adjustment AS j JOIN care.adjustment_approval AS p USING (account_id, adjustment_id)
WHERE account_id = :a ORDER BY adjustment_id;
-- SET ROLE is not who one is
SET LOCAL care.actor = 'carol';
SET ROLE regress_care_app;
SELECT care.record_adjustment(:a, '2024-01-13', 1, 'brought_forward', 'head') AS third \gset
RESET ROLE;
SELECT recorded_by = session_user || '/carol' FROM care.adjustment WHERE adjustment_id = :third;

-- Not every text is a name.
SELECT left(pg_temp.refused(format('SET LOCAL care.actor = %L; SELECT care.record_event(%s, ''2024-01-01'', ''statement_requested'')', n, :a)), 100)
FROM unnest(ARRAY['a/b', '/', ' alice', 'alice ', ' ', E'a\nb', repeat('x', 201)]) AS n;
SELECT pg_temp.refused(format('SET LOCAL care.actor = %L; SELECT care.record_event(%s, ''2024-01-01'', ''statement_requested'')', n, :a))
FROM unnest(ARRAY['O''Neill, Zoe (team 3)', repeat('x', 200)]) AS n;
-- nor does the name of a login look like a login and an actor
CREATE ROLE "regress_care_app/alice";
GRANT USAGE ON SCHEMA care_internal TO "regress_care_app/alice";
GRANT EXECUTE ON FUNCTION care_internal.recorder, care_internal.checked_actor TO "regress_care_app/alice";
SET SESSION AUTHORIZATION "regress_care_app/alice";
SET LOCAL care.actor = '';
SELECT care_internal.recorder();
RESET SESSION AUTHORIZATION;
SELECT r FROM care_internal.is_same_recorder('regress_care_app|alice', 'regress_care_app/alice') AS r;

-- Required: every function that records about a person, an account or an agreement of the authority asks.
SELECT care.record_setting('E06000001', 'actor_required', 'on', '2020-01-01');
SELECT pg_temp.refused($$SELECT care.record_setting('E06000001', 'actor_required', 'perhaps')$$);
SET LOCAL care.actor = '';
SET SESSION AUTHORIZATION regress_care_app;
SELECT pg_temp.refused(c) FROM unnest(ARRAY[
    format('SELECT care.record_budget(%s, ''2023-10-01'', ''independent_personal_budget'', ''care_home'', 700)', :a),
    format('SELECT care.notify_rate(%s, ''2024-01-02'', 2)', :d),
    'SELECT care.record_person(''E06000001'', ''P-1'', ''1940-01-01'')',
    'SELECT care.record_death(''P-1'', ''2026-01-01'', ''2026-01-02'')',
    'SELECT care.record_consent(''P-1'', ''email'', ''2026-01-01'')',
    'SELECT care.open_account(''E06000001'', ''N'', ''P-9'', NULL, ''2022'', ''2023-10-01'')',
    'SELECT care.apply_for_agreement(''E06000001'', ''N'', ''P-9'', ''2024-01-01'')']) AS c;
SELECT care.record_budget(:b, '2023-10-01', 'independent_personal_budget', 'care_home', 700) IS NOT NULL AS another_authority;
SET LOCAL care.actor = 'alice';
SELECT care.record_budget(:a, '2023-10-01', 'independent_personal_budget', 'care_home', 700) IS NOT NULL,
       care.notify_rate(:d, '2024-01-02', 2) IS NOT NULL, care.record_death('P-1', '2026-01-01', '2026-01-02');
RESET SESSION AUTHORIZATION;
SELECT DISTINCT recorded_by FROM care.budget WHERE account_id = :a;
ROLLBACK;
