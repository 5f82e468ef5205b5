-- api_roles: who may do what online, in schema care_api, as roles that a gateway sets for each request.
--
-- Run it with psql in each database whose accounts are online, as the owner of the extension with CREATEROLE or as a
-- superuser, after CREATE EXTENSION and after every update; it may be run again at any time.  It grants to these roles
-- only, and takes nothing from anybody.
--
--   care_anonymous      nothing but to ask what it claims: the gateway's role for who is not signed in
--   care_citizen        a person, and whoever acts for them: what is theirs
--   care_web_worker     staff of an authority: its accounts, what was sent in to it, one record at a time for a reason
--   care_web_analyst    staff of an authority: numbers, small ones hidden
--   care_web_auditor    staff of an authority: its access log, and nothing else
--   care_gateway        may set each of them, and has no right of its own: grant it to the gateway's login, which is
--                       best made with LOGIN NOINHERIT and no other attribute
--
-- None of them has a right to a table, or to anything in care or care_internal but the functions whose rows the views
-- show.  Who somebody is, the gateway says in request.jwt.claims, or in jwt.claims.sub and jwt.claims.authority: the
-- claims sub, exp and, for staff, authority.  Whoever can set them and these roles is the gateway: hand its login to
-- nobody else.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
DO $do$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY '{care_anonymous,care_citizen,care_web_worker,care_web_analyst,care_web_auditor,
                              care_gateway}'::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I NOINHERIT', wanted);
        END IF;
    END LOOP;
END
$do$;
GRANT care_anonymous, care_citizen, care_web_worker, care_web_analyst, care_web_auditor TO care_gateway;

GRANT USAGE ON SCHEMA care_api TO care_anonymous, care_citizen, care_web_worker, care_web_analyst, care_web_auditor;
GRANT EXECUTE ON FUNCTION care_api.claim, care_api.claims
TO care_anonymous, care_citizen, care_web_worker, care_web_analyst, care_web_auditor;

GRANT SELECT ON care_api.my_account, care_api.my_statements, care_api.my_statement_lines, care_api.my_projection,
    care_api.my_progress, care_api.my_agreement, care_api.my_delegates, care_api.my_submissions, care_api.my_channel,
    care_api.who_looked
TO care_citizen;
GRANT EXECUTE ON FUNCTION
    care_internal.my_account, care_internal.my_statements, care_internal.my_statement_lines,
    care_internal.my_projection, care_internal.my_progress, care_internal.my_agreement, care_internal.my_delegates,
    care_internal.my_submissions, care_internal.my_channel, care_internal.who_looked,
    care_api.my_letter, care_api.my_redemption, care_api.submit, care_api.withdraw, care_api.grant_delegate,
    care_api.revoke_delegate, care_api.agree_channel
TO care_citizen;

GRANT SELECT ON care_api.worker_account, care_api.worker_submission TO care_web_worker;
GRANT EXECUTE ON FUNCTION
    care_internal.worker_account, care_internal.worker_submission, care_api.accept_submission, care_api.open_record,
    care_api.read_record
TO care_web_worker;

GRANT SELECT ON care_api.analyst_account, care_api.analyst_agreement TO care_web_analyst;
GRANT EXECUTE ON FUNCTION care_internal.analyst_account, care_internal.analyst_agreement TO care_web_analyst;

GRANT SELECT ON care_api.auditor_log TO care_web_auditor;
GRANT EXECUTE ON FUNCTION care_internal.auditor_log TO care_web_auditor;
COMMIT;
