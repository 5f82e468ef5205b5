-- national_reader: what one council's database shows to a national or regional one.
--
-- Run it with psql in each council's database, as the extension's owner with CREATEROLE or as a superuser, after
-- CREATE EXTENSION and after every update; it may be run again at any time.
--
--   care_national_reader   a role without login: figures and keys of accounts and agreements, statements issued and
--                          what is to be kept until when; no person, and nothing it could write
--
-- It makes a schema export with views of plain types, each with the authority and, where a day is asked for, as_at:
-- always ask with WHERE as_at = ... or a few days, since a view has every day of a century.  Give the role to a
-- login of your own (sql/national.sql, the other side, says which settings it should have).
--
-- Must not know: who reads.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_national_reader') THEN
        CREATE ROLE care_national_reader;
    END IF;
END
$do$;

-- Made anew, with whatever was granted on it: nothing of a council's own belongs here.
DROP SCHEMA IF EXISTS export CASCADE;
CREATE SCHEMA export;
COMMENT ON SCHEMA export IS
    'What a national or regional database reads: figures and keys, no person. Made by national_reader.sql.';
REVOKE ALL ON SCHEMA export FROM PUBLIC;

-- The figures read tables that the role must not: by the owner's rights.
CREATE FUNCTION export.agreement_position_on(as_at date)
    RETURNS SETOF care.agreement_position_row LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.* FROM care.agreement_position(as_at) AS p;
END;
CREATE FUNCTION export.retention_on(as_at date)
    RETURNS SETOF care.retention_row LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.* FROM care.retention(as_at) AS p;
END;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA export FROM PUBLIC;

CREATE VIEW export.account_position AS
    SELECT p.account_id, p.authority, p.as_at, p.scheme, p.cap, p.weekly_rate, p.accrued, p.remaining, p.percent_of_cap,
           p.cap_reached_on, p.projected_cap_on
    FROM care.account_position_on AS p;
COMMENT ON VIEW export.account_position IS 'Where each account stands at the close of a day.';

CREATE VIEW export.agreement_position AS
    SELECT p.agreement_id, p.authority, d.day AS as_at, p.rate, p.deferred, p.administration_charges, p.interest,
           p.payments, p.balance, p.held, p.property_value, p.valued_on, p.equity_limit, p.equity_remaining,
           p.percent_of_security, p.written_off, p.missing
    FROM care.day AS d CROSS JOIN LATERAL export.agreement_position_on(d.day) AS p;
COMMENT ON VIEW export.agreement_position IS
    'Where each signed agreement stands at the close of a day; where a rate is not known, figures are null and missing '
    'says which.';

CREATE VIEW export.statement AS
    SELECT s.account_id, s.statement_id, s.authority, s.as_at, s.due_on, s.scheme, s.cap, s.accrued, s.remaining,
           s.cap_reached_on
    FROM care.statement AS s;
COMMENT ON VIEW export.statement IS 'Statements issued, without what was said to the person.';

CREATE VIEW export.retention AS
    SELECT r.class, r.record_id, r.authority, d.day AS as_at, r.retain_until, r.action, r.on_hold
    FROM care.day AS d CROSS JOIN LATERAL export.retention_on(d.day) AS r;
COMMENT ON VIEW export.retention IS 'Until when each record is kept, as it stands on a day.';

GRANT USAGE ON SCHEMA export TO care_national_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA export TO care_national_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA export TO care_national_reader;
-- Functions in a view run as whoever asks: those that write nothing and have nobody else's rights.
GRANT USAGE ON SCHEMA care, care_internal TO care_national_reader;
DO $do$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc AS p
             WHERE p.pronamespace = ANY ('{care,care_internal}'::regnamespace[]::oid[])
               AND p.provolatile <> 'v' AND NOT p.prosecdef LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO care_national_reader', f);
    END LOOP;
END
$do$;
COMMIT;
