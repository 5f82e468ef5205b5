--
-- 98_casework_roles: what each role of sql/casework_roles.sql may read and call, derived from the catalogue after the
-- script ran twice; and that a manager has the figures, and no words past the log.
--
-- Roles are of the cluster: those that were not there before are dropped at the end.
--
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
\pset null '(null)'
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '
\getenv source PG_ABS_SRCDIR
\set roles :source '/../sql/roles.sql'
\set casework_roles :source '/../sql/casework_roles.sql'
SELECT count(*) = 0 AS all_new FROM pg_roles WHERE rolname ~ '^care_(worker|sg_manager|prison_worker|prison_secure|analyst|auditor|reader|historian|writer|approver|runner|steward|archivist|loader)$' \gset
\set ECHO none
\i :roles
\i :casework_roles
\i :casework_roles
\set ECHO all
\set ON_ERROR_STOP off

CREATE TEMP VIEW role AS
    SELECT u.place, u.name::regrole AS oid, replace(u.name, 'care_', '') AS name
    FROM unnest('{care_worker,care_sg_manager,care_prison_worker,care_prison_secure,care_analyst,care_auditor,care_steward,care_historian}'::text[])
        WITH ORDINALITY AS u (name, place);
CREATE TEMP VIEW relation AS
    SELECT c.oid, c.oid::regclass::text AS name FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname ~ '^casework' AND c.relkind IN ('r', 'v');
-- None of them can log in, or do anything else by itself.
SELECT count(*) FROM role AS r JOIN pg_roles AS g ON g.oid = r.oid
WHERE g.rolcanlogin OR g.rolsuper OR g.rolcreaterole OR g.rolcreatedb OR g.rolreplication OR g.rolbypassrls;
SELECT m.roleid::regrole, m.member::regrole FROM pg_auth_members AS m WHERE m.member IN (SELECT oid FROM role WHERE name NOT IN ('historian', 'steward')) ORDER BY m.roleid::regrole::text, m.member::regrole::text;

-- Tables and views: who reads them whole.
SELECT w.readers, string_agg(w.name, ' ' ORDER BY w.name COLLATE "C")
FROM (SELECT t.name, coalesce(string_agg(r.name, ' ' ORDER BY r.place) FILTER (WHERE has_table_privilege(r.oid, t.oid, 'SELECT')), 'nobody') AS readers
      FROM relation AS t, role AS r GROUP BY t.name) AS w
GROUP BY w.readers ORDER BY count(*) DESC, w.readers COLLATE "C";
-- Any other right to one, or to a column of one.
SELECT t.name, r.name, p.privilege FROM relation AS t, role AS r, unnest('{INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS p (privilege)
WHERE has_table_privilege(r.oid, t.oid, p.privilege) ORDER BY 1, 2, 3;
SELECT t.name, r.name, x.privilege_type, string_agg(a.attname, ' ' ORDER BY a.attnum)
FROM relation AS t JOIN pg_attribute AS a ON a.attrelid = t.oid, LATERAL aclexplode(a.attacl) AS x JOIN role AS r ON r.oid = x.grantee
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
-- Functions that write, or read with their owner's rights: who calls them.
SELECT w.executors, string_agg(w.name, ' ' ORDER BY w.name COLLATE "C")
FROM (SELECT p.proname AS name, coalesce(string_agg(r.name, ' ' ORDER BY r.place) FILTER (WHERE has_function_privilege(r.oid, p.oid, 'EXECUTE')), 'nobody') AS executors
      FROM pg_proc AS p, role AS r WHERE p.pronamespace = 'casework'::regnamespace AND (p.provolatile = 'v' OR p.prosecdef) GROUP BY p.oid) AS w
GROUP BY w.executors ORDER BY count(*) DESC, w.executors COLLATE "C";
-- Who reads names and secure facts by themselves, whatever they are granted: nobody, for no policy shows a row.
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, (SELECT count(*) FROM pg_policy AS p WHERE p.polrelid = c.oid) FROM pg_class AS c WHERE c.relnamespace = 'casework_secure'::regnamespace AND c.relkind = 'r' ORDER BY 1;

-- A manager: the figures of a year, and the words of a case for a reason that stays in the log.
\set ON_ERROR_ROLLBACK on
BEGIN;
GRANT USAGE ON SCHEMA care_test TO care_sg_manager;
GRANT EXECUTE ON FUNCTION care_test.refused TO care_sg_manager;
SELECT casework.open_enquiry('E-1', ARRAY[casework.raise_concern('E06000001', 'P-1', 'C-1', '2015-05-01')], '2015-05-02') AS e \gset
SELECT casework.record_enquiry_detail(:e, asked => 'expressed'), casework.rate_outcome(:e, casework.record_wanted_outcome(:e, 'To go home', kinds => '{control}'), 'fully'), casework.record_risk(:e, 'neglect', 'known', 'own_home') IS NOT NULL,
       casework.conclude_enquiry(:e, '2015-06-30', 'Moved', 'identified_action', 'reduced', 'fully') IS NOT NULL;
SET LOCAL ROLE care_sg_manager;
SELECT care_test.refused('SELECT own_words FROM casework.wanted_outcome'), care_test.refused('SELECT action_taken FROM casework.conclusion'), care_test.refused('SELECT count(*) FROM casework.wanted_outcome_known_at(''infinity'')'),
       care_test.refused('SELECT summary FROM casework.concern_detail'), care_test.refused('SELECT note FROM casework.action');
SELECT kind, enquiries, wanted, fully FROM casework.wanted_outcome_kind('E06000001', '2016-03-31') WHERE wanted > 0;
SELECT f, care_test.refused(format('SELECT count(*) FROM casework.%s', f)) FROM unnest(ARRAY['sac_return(NULL, ''2016-03-31'')', 'sac_return(''E06000001'', ''2016-03-31'', true)', 'sac_check(NULL, ''2016-03-31'')', 'sac_case(NULL, ''2016-03-31'')',
    'sac_rate(NULL, ''2016-03-31'')', 'sac_roll_up(NULL, ''2016-03-31'')', 'sac_published(NULL, ''2016-03-31'')', 'wanted_outcome_published(NULL, ''2016-03-31'')', 'wanted_phrase(NULL, ''2015-04-01'', ''2016-03-31'')',
    'enquiry_open(''2015-05-03'')', 'concern_without_enquiry(''2015-05-03'')', 'concern_undecided(''2015-05-03'')', 'caused_enquiry_overdue(''2015-05-03'')', 'caused_enquiry_overridden', 'cqc_id_to_find', 'institutional_risk']) AS f;
SELECT national_code, enquiries FROM casework.sac_roll_up('E06000001', '2016-03-31') WHERE local_code IS NULL;
SELECT risk_assessment_outcome, achieved FROM casework.conclusion WHERE enquiry_id = :e;
-- a message can be encrypted by whoever works: what is refused is that pgcrypto is not here
SELECT left(care_test.refused('SELECT casework.encrypted_message(''{}'', ''x'')'), 36);
-- who was given one authority is shown the figures of that one
RESET ROLE;
SELECT casework.record_role_authority('care_sg_manager', 'E06000001', '2015-01-01', 'Works for them');
SET LOCAL ROLE care_sg_manager;
SELECT a, left(care_test.refused(format('SELECT count(*) FROM casework.wanted_outcome_kind(%L, ''2016-03-31'')', a)), 11) FROM unnest('{E06000001,E06000002,NULL}'::text[]) AS a;
RESET ROLE;
ROLLBACK;

\if :all_new
DROP OWNED BY care_worker, care_sg_manager, care_prison_worker, care_prison_secure, care_analyst, care_auditor, care_reader, care_historian, care_writer, care_approver, care_runner, care_steward, care_archivist, care_loader;
DROP ROLE care_worker, care_sg_manager, care_prison_worker, care_prison_secure, care_analyst, care_auditor, care_reader, care_historian, care_writer, care_approver, care_runner, care_steward, care_archivist, care_loader;
\endif
