--
-- 98_api: online access: who sees and does what through care_api, as a gateway calls it: a role set, claims in settings,
-- what reads in a READ ONLY transaction.
--
-- Roles are of the cluster: those that were not there before are dropped at the end.
--
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '
\pset null '(null)'
\getenv source PG_ABS_SRCDIR
\set roles :source '/../sql/roles.sql'
\set api_roles :source '/../sql/api_roles.sql'
SELECT count(*) = 0 AS all_new FROM pg_roles WHERE rolname ~ '^care_(reader|historian|writer|approver|runner|steward|archivist|loader)$' \gset
\set ECHO none
\i :roles
\i :api_roles
\i :api_roles
\set ECHO all
\set ON_ERROR_STOP off

-- None can log in or do anything else by itself, and but for the gateway none is a member of another.
SELECT count(*) FROM pg_roles AS r WHERE r.rolname ~ '^care_(anonymous|citizen|web_|gateway)' AND (r.rolcanlogin OR r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls OR r.rolinherit);
SELECT m.roleid::regrole, m.member::regrole FROM pg_auth_members AS m WHERE m.roleid::regrole::text ~ '^care_(anonymous|citizen|web_|gateway)' ORDER BY m.roleid::regrole::text COLLATE "C", m.member::regrole::text COLLATE "C";
-- Every right that each has: in care_api, and to run the functions whose rows the views show; to tables none.
CREATE TEMP VIEW web_role AS SELECT r.oid, r.rolname AS name FROM pg_roles AS r WHERE r.rolname ~ '^care_(anonymous|citizen|web_|gateway)';
SELECT r.name, string_agg(c.oid::regclass::text, ' ' ORDER BY c.relname COLLATE "C") FROM web_role AS r, pg_class AS c
WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace, 'care_api'::regnamespace) AND c.relkind IN ('r', 'v')
  AND has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES') GROUP BY r.name ORDER BY r.name COLLATE "C";
SELECT r.name, string_agg(p.oid::regproc::text, ' ' ORDER BY p.oid::regproc::text COLLATE "C") FROM web_role AS r, pg_proc AS p
WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace, 'care_api'::regnamespace) AND has_function_privilege(r.oid, p.oid, 'EXECUTE')
GROUP BY r.name ORDER BY r.name COLLATE "C";
SELECT r.name, n.nspname FROM web_role AS r, pg_namespace AS n WHERE n.nspname ~ '^care' AND has_schema_privilege(r.oid, n.oid, 'USAGE') ORDER BY 1, 2;
SELECT count(*) FROM web_role AS r, pg_namespace AS n WHERE n.nspname ~ '^care' AND has_schema_privilege(r.oid, n.oid, 'CREATE');
-- PUBLIC may run nothing; what has the owner's rights has a pinned path; every view is a barrier; everything has a comment
SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = 'care_api'::regnamespace AND has_function_privilege('public', p.oid, 'EXECUTE');
SELECT p.oid::regprocedure FROM pg_proc AS p WHERE p.pronamespace = 'care_api'::regnamespace AND NOT coalesce(p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false);
SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace = 'care_api'::regnamespace AND coalesce(c.reloptions, '{}') <> '{security_barrier=true}';
SELECT count(*) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'care_api'::regnamespace AND col_description(c.oid, a.attnum) IS NULL;
SELECT count(*) FROM pg_proc AS p WHERE p.pronamespace = 'care_api'::regnamespace AND obj_description(p.oid, 'pg_proc') IS NULL;

-- Two people of one authority, one of another; a delegate; accounts, an agreement, statements.
BEGIN;
GRANT USAGE ON SCHEMA care_test TO care_citizen, care_anonymous, care_web_worker, care_web_analyst, care_web_auditor;
GRANT EXECUTE ON FUNCTION care_test.refused TO care_citizen, care_anonymous, care_web_worker, care_web_analyst, care_web_auditor;
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test'), care.record_interest_policy('E06000002', '2015-04-01', NULL, 'test') \g /dev/null
SELECT care.open_account('E06000001', 'ACC-A', 'P-A', NULL, '2022', '2023-10-01') AS a, care.open_account('E06000001', 'ACC-B', 'P-B', NULL, '2022', '2023-10-01') AS b,
       care.open_account('E06000002', 'ACC-C', 'P-C', NULL, '2022', '2023-10-01') AS c, care.open_agreement('E06000001', 'DPA-A', 'P-A', '2024-01-01', '2024-01-01') AS d,
       care.open_agreement('E06000001', 'DPA-B', 'P-B', '2024-01-01', '2024-01-01') AS e \gset
SELECT count(care.record_budget(k, '2023-10-01', 'personal_budget', 'community', w, w)) FROM unnest(ARRAY[:a, :b, :c]::bigint[], ARRAY[101, 102, 3]) AS u (k, w);
SELECT count(care.record_valuation(k, '2024-01-01', 165000)), count(care.defer(k, '2024-02-01', 'care_fees', 500 + n)) FROM unnest(ARRAY[:d, :e]::bigint[]) WITH ORDINALITY AS u (k, n);
SELECT care.issue_statement(:a, '2024-04-01') AS sa, care.issue_statement(:b, '2024-04-01') AS sb, care.issue_agreement_statement(:d, '2024-06-01') AS sd \gset
SELECT care.link_subject('P-A', 'subject-a', 'passport seen', care.today() - 400), care.link_subject('P-B', 'subject-b', 'passport seen', care.today() - 400) \g /dev/null
-- what a gateway does at the start of a request
CREATE FUNCTION care_test.sign_in(role text, claims text) RETURNS void LANGUAGE sql
    RETURN (set_config('request.jwt.claims', claims, true) || set_config('role', role, true)) IS NULL;
CREATE FUNCTION care_test.citizen(subject text) RETURNS void LANGUAGE sql RETURN care_test.sign_in('care_citizen', jsonb_build_object('role', 'care_citizen', 'sub', subject)::text);
CREATE FUNCTION care_test.staff(role text, authority text) RETURNS void LANGUAGE sql
    RETURN care_test.sign_in(role, jsonb_build_object('role', role, 'sub', 'staff-1', 'authority', authority)::text);
CREATE FUNCTION care_test.everything() RETURNS TABLE (view name, rows bigint) LANGUAGE plpgsql AS $$
BEGIN
    FOR view IN SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'care_api'::regnamespace AND c.relkind = 'v'
                AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*) FROM care_api.%I', view) INTO rows;
        RETURN NEXT;
    END LOOP;
END
$$;
-- what a citizen with these claims sees rows of
CREATE FUNCTION care_test.seen(claims text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    seen text;
BEGIN
    PERFORM care_test.sign_in('care_citizen', claims);
    seen := (SELECT string_agg(e.view || ' ' || e.rows, ', ') FROM care_test.everything() AS e WHERE e.rows > 0 AND e.view <> 'my_progress');
    PERFORM set_config('role', 'none', true);
    RETURN seen;
END
$$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA care_test TO care_citizen, care_anonymous, care_web_worker, care_web_analyst, care_web_auditor;

-- The secret of the keys outside is nobody's to read.
SAVEPOINT s;
SET LOCAL ROLE care_historian;
SELECT has_table_privilege('care_internal.online_secret', 'SELECT'), (SELECT count(*) > 50 FROM care.fingerprint()), (SELECT count(*) FROM care.fingerprint() WHERE name ~ 'secret');
ROLLBACK TO s;
SELECT count(*), min(length(secret)) FROM care_internal.online_secret;
SELECT care_test.refused('UPDATE care_internal.online_secret SET secret = sha256(secret)'), care_test.refused('DELETE FROM care_internal.online_secret');

-- Nobody: no rows, whatever is left of a transaction before, and nothing may be done.
SET LOCAL ROLE care_citizen;
SELECT * FROM care_test.everything() WHERE rows > 0;
SELECT set_config('request.jwt.claims', '', true) || set_config('jwt.claims.sub', '', true) AS left_over;
SELECT sum(rows) FROM care_test.everything();
SELECT count(*) FROM care_api.my_redemption(current_date);
SELECT care_test.refused(c) FROM unnest(ARRAY['SELECT care_api.submit(''means'', ''{}'')', 'SELECT care_api.withdraw(gen_random_uuid())', 'SELECT care_api.agree_channel(''email'')',
    'SELECT care_api.grant_delegate(''x'', ''carer'', ''{account}'')', 'SELECT care_api.revoke_delegate(gen_random_uuid())']) AS c;
ROLLBACK TO s;
SET LOCAL ROLE care_anonymous;
SELECT care_api.claim('sub'), (SELECT count(*) FROM care_test.everything());
SELECT care_test.refused('SELECT FROM care_api.my_account'), care_test.refused('SELECT care_api.my_letter(gen_random_uuid())');
ROLLBACK TO s;
-- Claims: of either gateway; not JSON; no object; one that has run out, or is no time.
SELECT c, care_test.seen(c) FROM unnest(ARRAY['{"sub": "subject-a"}', '{"sub": "subject-a", "exp": 4102444800}', '{"sub": "subject-a", "exp": 4102444800.5}', '{"sub": null}', '{"sub": ""}', '{"role": "x"}',
                  '{"sub": "subject-a", "exp": 1000000000}', '{"sub": "subject-a", "exp": "soon"}', '{"sub": "nobody"}']) AS c;
SELECT c, care_test.refused(format('SELECT care_test.sign_in(''care_citizen'', %L), (SELECT count(*) FROM care_api.my_account)', c))
FROM unnest(ARRAY['not json', '{"sub": ', '[1]', '"subject-a"', '{"sub": "\u0000"}', '{"sub": "subject-a", "exp": 1e999999}']) AS c;
RESET ROLE;
SELECT set_config('request.jwt.claims', '', true), set_config('jwt.claims.sub', 'subject-a', true), care_api.claim('sub'), care_api.claim('authority'), care_api.claim(NULL) IS NULL AS null_is_null,
       care_api.claims('{authority,sub}') AS several;
SET LOCAL ROLE care_citizen;
SELECT count(*), min(reference) FROM care_api.my_account;
ROLLBACK TO s;

-- A sees what is A's; and it is what the authority sees.
SELECT care_test.citizen('subject-a');
SELECT view, CASE view WHEN 'my_progress' THEN 'some' ELSE rows::text END FROM care_test.everything();
SELECT bool_and(account::text ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$') AS of_version_4 FROM care_api.my_account;
SELECT reference, capacity, authority_name, scheme, as_at = (now() AT TIME ZONE 'Europe/London')::date AS today, cap, weekly_rate, accrued > 0 AS some FROM care_api.my_account;
SELECT reference, capacity, signed_on, deferred, missing, balance >= 501 AS owing FROM care_api.my_agreement;
SELECT reference, account IS NOT NULL AS of_account, agreement IS NOT NULL AS of_agreement, as_at, accrued, balance, length(digest) FROM care_api.my_statements ORDER BY as_at;
SELECT count(*), sum(amount) FROM care_api.my_statement_lines JOIN care_api.my_statements USING (statement) WHERE account IS NOT NULL;
SELECT uprating_percent, projected_cap_on > as_at, days_left = projected_cap_on - as_at FROM care_api.my_projection ORDER BY 1;
SELECT count(*) > 20, count(*) FILTER (WHERE is_projected) > 0, bool_and(accrued BETWEEN 0 AND cap) FROM care_api.my_progress;
SELECT (SELECT accrued FROM care_api.my_progress WHERE day = as_at) = accrued AS same_today FROM care_api.my_account;
SELECT count(*), bool_and(pay_on = '2024-03-01'), min(redemption_figure) > 501 FROM care_api.my_redemption('2024-03-01');
SELECT care_test.refused('SELECT care_api.my_redemption(NULL)'), care_test.refused('SELECT care_api.my_redemption(''infinity'')');
SELECT count(*) FILTER (WHERE l ~ '^<!DOCTYPE html>|^<html'), count(*) FILTER (WHERE l ~ reference), count(*) FILTER (WHERE l ~ 'ACC-B|DPA-B') FROM (SELECT reference, care_api.my_letter(statement) AS l FROM care_api.my_statements) AS m;
SELECT * FROM care_api.my_channel WHERE person = (SELECT person FROM care_api.my_account) AND channel = 'post' \gset mine_
SELECT account AS a_key, person AS a_person FROM care_api.my_account \gset
SELECT statement AS a_statement FROM care_api.my_statements WHERE account IS NOT NULL \gset
-- the letter is the one that was sent
RESET ROLE;
SELECT care_test.citizen('subject-b');
SELECT account AS b_key, person AS b_person FROM care_api.my_account \gset
SELECT statement AS b_statement FROM care_api.my_statements \gset
SELECT replace(care_test.refused(format('SELECT care_api.my_letter(%L)', k)), k, '...') AS answer, count(*) FROM unnest(ARRAY[:'a_statement', gen_random_uuid()::text, :'a_key']) AS k GROUP BY 1;
SELECT care_test.refused('SELECT care_api.my_letter(NULL)');
RESET ROLE;
SELECT md5(care.account_letter(:a, :sa)) = (SELECT md5(care_api.my_letter(:'a_statement')) FROM care_test.citizen('subject-a')) AS same_letter;
RESET ROLE;
SELECT :'a_key' ~ '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$', :'a_key' <> :'b_key';
SELECT care_test.staff('care_web_worker', 'E06000001');
SELECT account = :'a_key' AS same_key, reference, accrued > 0 FROM care_api.worker_account WHERE person_reference = 'P-A';
SELECT count(*), min(authority), max(authority) FROM care_api.worker_account;
RESET ROLE;
SELECT care_test.staff('care_web_worker', 'E06000002');
SELECT count(*), min(reference) FROM care_api.worker_account;
SELECT care_test.refused('SELECT FROM care_api.my_account'), care_test.refused('SELECT FROM care_api.auditor_log');
ROLLBACK TO s;

-- Delegates: by capacity, scope and dates.
SELECT care_test.citizen('subject-a');
SELECT regexp_replace(care_test.refused(format('SELECT care_api.grant_delegate(%L, %L, %L, %s)', d.who, d.capacity, d.scopes, d.days)), '\d{4}-\d\d-\d\d', 'DAY')
FROM (VALUES (NULL, 'carer', '{account}', 'NULL'), ('', 'carer', '{account}', 'NULL'), ('subject-d', 'deputy', '{account}', 'NULL'), ('subject-d', 'friend', '{account}', 'NULL'),
             ('subject-d', 'carer', '{}', 'NULL'), ('subject-d', 'carer', '{everything}', 'NULL'), ('subject-d', 'carer', '{account,NULL}', 'NULL'), ('subject-d', 'carer', '{account}', '(now() AT TIME ZONE ''Europe/London'')::date - 1'),
             ('subject-a', 'carer', '{account}', 'NULL'), ('subject-d', 'carer', '{account}', '''infinity''')) AS d (who, capacity, scopes, days);
SELECT care_api.grant_delegate('subject-d', 'carer', '{account}') AS delegation \gset
SELECT care_api.grant_delegate('subject-e', 'advocate', '{account,statements,agreement,submissions}', (now() AT TIME ZONE 'Europe/London')::date + 1) AS to_come \gset
SELECT delegate, capacity, scopes, to_day, evidence, in_force FROM care_api.my_delegates ORDER BY delegate;
RESET ROLE;
SELECT recorded_by ~ '/subject-a$' AS by_her FROM care.delegation;
SELECT current_setting('care.actor', true) AS actor_left;
SELECT care_test.citizen('subject-d');
SELECT view FROM care_test.everything() WHERE rows > 0;
SELECT reference, capacity, account = :'a_key' FROM care_api.my_account;
SELECT replace(care_test.refused(format('SELECT care_api.submit(''means'', ''{"schema": "care_account/means", "version": "1.0"}'', %L)', :'a_person')), :'a_person', '...');
SELECT care_test.refused(format('SELECT care_api.revoke_delegate(%L)', :'delegation')), care_test.refused('SELECT care_api.grant_delegate(''x'', ''carer'', ''{account}'')');
RESET ROLE;
SELECT care_test.citizen('subject-e');
SELECT sum(rows) FROM care_test.everything();
RESET ROLE;
-- before, on the first and last day, and after
SELECT care.record_delegation('P-B', 'subject-' || n, 'attorney', '{statements,submissions}', care.today() + f, care.today() + t, 'LPA seen', supersedes => NULL) IS NOT NULL
FROM (VALUES ('f1', 1, 9), ('f2', 0, 9), ('f3', -9, 0), ('f4', -9, -1)) AS v (n, f, t);
SELECT n, care_test.seen(format('{"sub": "subject-%s"}', n)) FROM unnest(ARRAY['f1', 'f2', 'f3', 'f4']) AS n;
SELECT care_test.refused($$SELECT care.record_delegation('P-B', 'x', 'deputy', '{account}', care.today())$$), care_test.refused($$SELECT care.record_delegation('P-X', 'x', 'deputy', '{account}', care.today(), evidence => 'order')$$);
SELECT regexp_replace(care_test.refused($$SELECT care.record_delegation('P-B', 'x', 'deputy', '{account}', care.today(), care.today() - 1, 'order')$$), '\d{4}-\d\d-\d\d', 'DAY'), care_test.refused($$SELECT care.record_delegation('P-B', 'x', 'deputy', '{account}', care.today(), evidence => 'order', supersedes => 0)$$);
-- revoked: from that day on, and once only; the other is there still
SELECT care_test.citizen('subject-a');
SELECT care_api.revoke_delegate(:'delegation') IS NOT NULL;
SELECT replace(care_test.refused(format('SELECT care_api.revoke_delegate(%L)', k)), k, '...') AS answer, count(*) FROM unnest(ARRAY[:'delegation', gen_random_uuid()::text]) AS k GROUP BY 1;
SELECT delegate, to_day IS NOT NULL, in_force FROM care_api.my_delegates ORDER BY delegate;
RESET ROLE;
SELECT care_test.citizen('subject-d');
SELECT sum(rows) FROM care_test.everything();
RESET ROLE;
-- a death that is known: nobody but the executor; and one that was recorded in error
SELECT care.record_death('P-B', care.today() - 10, care.today()), care.record_delegation('P-B', 'subject-x', 'executor', '{account,agreement}', care.today() - 5, evidence => 'grant of probate') IS NOT NULL;
SELECT n, care_test.seen(format('{"sub": "subject-%s"}', n)) FROM unnest(ARRAY['b', 'f2', 'f3', 'x']) AS n;
SELECT care.record_death('P-B', NULL, care.today());
SELECT n, care_test.seen(format('{"sub": "subject-%s"}', n)) IS NOT NULL FROM unnest(ARRAY['b', 'f2', 'x']) AS n;
ROLLBACK TO s;

-- A subject is one person at a time.
SELECT care_test.refused($$SELECT care.link_subject('P-B', 'subject-a', 'letter')$$), care_test.refused($$SELECT care.link_subject('P-A', 'subject-a', 'letter')$$);
SELECT care_test.refused($$SELECT care.link_subject('P-B', NULL, 'letter')$$), care_test.refused($$SELECT care.link_subject('P-B', 'z', '')$$), care_test.refused($$SELECT care.link_subject('P-X', 'z', 'letter')$$);
SELECT regexp_replace(care_test.refused($$SELECT care.link_subject('P-B', 'z', 'letter', care.today(), care.today() - 1)$$), '\d{4}-\d\d-\d\d', 'DAY');
SELECT care.link_subject('P-A', 'subject-a', 'asked to be taken off', care.today() - 400, care.today() - 1, supersedes => link_id) IS NOT NULL FROM care.online_subject WHERE subject = 'subject-a';
SELECT sum(e.rows) FROM care_test.citizen('subject-a'), care_test.everything() AS e;
RESET ROLE;
SELECT care_test.refused($$SELECT care.link_subject('P-B', 'subject-a', 'letter', care.today() - 1)$$);
SELECT care.link_subject('P-B', 'subject-a', 'letter', care.today()) IS NOT NULL;
SELECT min(reference) FROM care_test.citizen('subject-a'), care_api.my_account;
RESET ROLE;
SELECT count(*) FROM care.verify(), care.verify_chain();
ROLLBACK TO s;

-- What is sent in: staged, bounded, of a known schema, and nobody else's.
SELECT care_test.citizen('subject-a');
SELECT care_test.refused(format('SELECT care_api.submit(%L, %L)', v.kind, v.content))
FROM (VALUES ('means', NULL), ('means', '[]'), ('means', '{}'), ('means', '{"schema": "care_account/means"}'), ('means', '{"schema": "care_account/means", "version": "2.0"}'),
             ('means', '{"schema": "care_account/needs", "version": "1.0"}'), ('wishes', '{}'), (NULL, '{}'), ('means', '{"schema": "care_account/means", "version": "1.0", "a": "\u0000"}')) AS v (kind, content);
SELECT replace(care_test.refused(format('SELECT care_api.submit(''means'', ''{"schema": "care_account/means", "version": "1.0"}'', %L)', k)), k, '...') AS answer, count(*) FROM unnest(ARRAY[:'b_person', gen_random_uuid()::text]) AS k GROUP BY 1;
-- 1 MB, and a byte more
SELECT octet_length(content::text), left(care_test.refused(format('SELECT care_api.submit(''means'', %L)', content)), 90)
FROM generate_series(0, 1) AS n, LATERAL (SELECT jsonb_build_object('schema', 'care_account/means', 'version', '1.0', 'note', repeat('x', 1048576 - 62 + n)) AS content) AS c;
SELECT care_api.submit('consent', '{"schema": "care_account/consent", "version": "1.0", "channel": "email", "from_day": "2024-01-01"}') AS consent,
       care_api.submit('needs', '{"schema": "care_account/needs", "version": "1.0", "needs_began_on": "2023-09-01"}') AS needs,
       care_api.submit('means', '{"schema": "care_account/means", "version": "1.0", "capital": "12000.00"}') AS means,
       care_api.submit('contact', '{"schema": "care_account/contact", "version": "1.0", "telephone": "01632 960000"}') AS contact \gset
SELECT kind, capacity, state, reason FROM care_api.my_submissions WHERE kind <> 'means' OR length(content::text) < 1000 ORDER BY kind;
RESET ROLE;
SELECT count(*) FROM care.channel_consent;
SELECT care_test.citizen('subject-b');
SELECT count(*) FROM care_api.my_submissions;
SELECT replace(care_test.refused(format('SELECT care_api.withdraw(%L)', k)), k, '...') AS answer, count(*) FROM unnest(ARRAY[:'consent', gen_random_uuid()::text]) AS k GROUP BY 1;
RESET ROLE;
SELECT care_test.citizen('subject-a');
SELECT care_api.withdraw(:'contact') = :'contact';
SELECT replace(care_test.refused(format('SELECT care_api.withdraw(%L)', :'contact')), :'contact', '...');
RESET ROLE;
-- the worker of another authority does not find it; their own decides
SELECT care_test.staff('care_web_worker', 'E06000002');
SELECT count(*) FROM care_api.worker_submission;
SELECT replace(care_test.refused(format('SELECT care_api.accept_submission(%L)', k)), k, '...') AS answer, count(*) FROM unnest(ARRAY[:'consent', gen_random_uuid()::text]) AS k GROUP BY 1;
RESET ROLE;
SELECT care_test.staff('care_web_worker', 'E06000001');
SELECT person_reference, kind, state, count(*) FROM care_api.worker_submission GROUP BY 1, 2, 3 ORDER BY 2, 3;
SELECT care_test.refused(format('SELECT care_api.accept_submission(%L, ''perhaps'')', :'consent')), care_test.refused(format('SELECT care_api.accept_submission(%L, ''refused'')', :'consent'));
SELECT care_api.accept_submission(:'consent') = :'consent', care_api.accept_submission(:'needs', 'partly', 'one day later', '{"schema": "care_account/needs", "version": "1.0", "needs_began_on": "2023-09-02"}') = :'needs',
       care_api.accept_submission(:'means', 'refused', 'No proof') = :'means';
SELECT replace(care_test.refused(format('SELECT care_api.accept_submission(%L)', k)), k, '...') FROM unnest(ARRAY[:'consent', :'needs', :'contact']) AS k;
SELECT replace(care_test.refused(format('SELECT care_api.accept_submission(%L, ''refused'', ''again'')', :'means')), :'means', '...');
SELECT care_api.accept_submission(:'means', reason => 'Proof came') = :'means';
RESET ROLE;
SELECT channel, from_day, replace(evidence, :'consent', '...') AS evidence, recorded_by ~ '/staff-1$' AS by_worker FROM care.channel_consent;
SELECT needs_began_on, recorded_by ~ '/staff-1$' AS by_worker FROM care.person_detail ORDER BY detail_id;
SELECT decision, reason, accepted IS NOT NULL AS accepted, regexp_replace(facts::text, '\d+', 'N'), supersedes IS NOT NULL AS corrects, regexp_replace(recorded_by, '^.*/', '') FROM care.submission_decision ORDER BY decision_id;
SELECT care_test.citizen('subject-a');
SELECT kind, state, reason FROM care_api.my_submissions WHERE length(content::text) < 1000 ORDER BY kind;
-- a day that is none, when it is accepted: nothing is decided
SELECT care_api.submit('consent', '{"schema": "care_account/consent", "version": "1.0", "channel": "online", "from_day": "2024-02-30"}') AS bad \gset
RESET ROLE;
SELECT care_test.staff('care_web_worker', 'E06000001');
SELECT care_test.refused(format('SELECT care_api.accept_submission(%L)', :'bad'));
RESET ROLE;
SELECT count(*) FROM care.verify(), care.verify_chain();
-- the channel, by the person's own hand; being online takes nobody off the list of statements that are due
SELECT care_test.citizen('subject-a');
SELECT care_api.agree_channel('online'), (SELECT channel FROM care_api.my_channel);
SELECT channel FROM care_api.my_channel;
SELECT care_test.refused($$SELECT care_api.agree_channel('pigeon')$$), care_test.refused($$SELECT care_api.agree_channel('email', '2020-01-01')$$);
RESET ROLE;
SELECT count(*) FROM care.statement_due(care.today()) WHERE reference = 'ACC-A';
ROLLBACK TO s;

-- One person's record: for a purpose and a reason, logged; then read, once that is committed (t/022_access).
SELECT care_test.staff('care_web_worker', 'E06000001');
SELECT care_test.refused(format('SELECT care_api.open_record(%L, %L, %L)', v.reference, v.purpose, v.reason))
FROM (VALUES ('P-A', NULL, 'Call'), ('P-A', 'curiosity', 'Call'), ('P-A', 'direct_care', NULL), ('P-A', 'direct_care', ''), ('P-C', 'direct_care', 'Call'), ('P-X', 'direct_care', 'Call'), (NULL, 'direct_care', 'Call')) AS v (reference, purpose, reason);
SET LOCAL care.request = 'r-1';
SELECT care_api.open_record('P-A', 'direct_care', 'She telephoned') AS opened \gset
SELECT replace(care_test.refused(format('SELECT care_api.read_record(%L)', k)), k, '...') AS answer, count(*) FROM unnest(ARRAY[:'opened', gen_random_uuid()::text]) AS k GROUP BY 1;
RESET ROLE;
SELECT operation, class, purpose, reason, role, request, regexp_replace(recorded_by, '^.*/', '') FROM care.access_log;
SELECT * FROM care.verify_access_log();
-- she sees who looked; the other does not, nor does who acts for her
SELECT care.record_delegation('P-A', 'subject-d', 'attorney', '{account,statements,agreement,submissions}', care.today(), evidence => 'LPA') IS NOT NULL;
SELECT care_test.citizen('subject-a');
SELECT operation, record, role, purpose, reason, refused, by_whom, at <= clock_timestamp() FROM care_api.who_looked;
RESET ROLE;
SELECT n, care_test.seen(format('{"sub": "subject-%s"}', n)) ~ 'who_looked' FROM unnest(ARRAY['b', 'd']) AS n;
SELECT care.record_setting('E06000001', 'who_looked_names_staff', 'on');
SELECT care_test.citizen('subject-a');
SELECT regexp_replace(by_whom, '^.*/', '') FROM care_api.who_looked;
RESET ROLE;
-- the auditor: the log of their authority, and nothing else
SELECT care_test.staff('care_web_auditor', 'E06000001');
SELECT operation, record, person = record_key AS of_person, purpose, reason, refused, role, request, length(link) FROM care_api.auditor_log;
SELECT * FROM care_test.everything();
RESET ROLE;
SELECT care_test.staff('care_web_auditor', 'E06000002');
SELECT count(*) FROM care_api.auditor_log;
RESET ROLE;
-- the analyst: small numbers hidden, on both sides of the limit
SELECT count(care.open_account('E06000002', 'ACC-' || n, 'P-' || n, NULL, '2022', '2023-10-01')) FROM generate_series(1, 3) AS n;
SELECT care_test.staff('care_web_analyst', 'E06000002');
SELECT authority, scheme, sum(CASE accounts WHEN '[c]' THEN 0 ELSE accounts::int END), count(accrued) FROM care_api.analyst_account WHERE band = 'under 25%' GROUP BY 1, 2;
RESET ROLE;
SELECT count(care.open_account('E06000002', 'ACC-' || n, 'P-' || n, NULL, '2022', '2023-10-01')) FROM generate_series(4, 4) AS n;
SELECT care_test.staff('care_web_analyst', 'E06000002');
SELECT authority, scheme, accounts, accrued IS NOT NULL FROM care_api.analyst_account WHERE band = 'under 25%';
RESET ROLE;
SELECT care_test.staff('care_web_analyst', 'E06000001');
SELECT authority, state, agreements, balance FROM care_api.analyst_agreement;
RESET ROLE;

-- What reads, reads in a READ ONLY transaction, as GET is; what writes is refused there.
SELECT care_test.citizen('subject-a');
SET TRANSACTION READ ONLY;
SELECT count(*), sum(rows) > 0 FROM care_test.everything();
SELECT count(care_api.my_letter(statement)) FROM care_api.my_statements;
SELECT count(*) FROM care_api.my_redemption('2024-03-01');
SELECT care_test.refused(c) FROM unnest(ARRAY['SELECT care_api.submit(''means'', ''{"schema": "care_account/means", "version": "1.0"}'')', 'SELECT care_api.agree_channel(''email'')',
    'SELECT care_api.grant_delegate(''x'', ''carer'', ''{account}'')']) AS c;
RESET ROLE;
SELECT care_test.staff('care_web_worker', 'E06000001');
SELECT care_test.refused($$SELECT care_api.open_record('P-A', 'direct_care', 'Review')$$), (SELECT count(*) FROM care_api.worker_account);
ROLLBACK;
\if :all_new
DROP OWNED BY care_reader, care_historian, care_writer, care_approver, care_runner, care_steward, care_archivist, care_loader, care_anonymous, care_citizen, care_web_worker, care_web_analyst, care_web_auditor, care_gateway;
DROP ROLE care_reader, care_historian, care_writer, care_approver, care_runner, care_steward, care_archivist, care_loader, care_anonymous, care_citizen, care_web_worker, care_web_analyst, care_web_auditor, care_gateway;
\endif
