-- national: a national or regional database over the databases of councils, by postgres_fdw.
--
-- Run it with psql as a superuser in a database of its own, which needs neither extension of ours; it may be run again
-- at any time.  Every table is a list partition by authority: a question about one authority goes to its server only,
-- a sum is worked out by each server and added up here, and several are asked at once.
--
--   CALL national.add_authority('E10000016', 'db.example', 5432, 'care', 'national_login', 'a password')
--   CALL national.collect('2026-03-31')     copy the positions of a day here, authority by authority
--
--   care_national_analyst   a role without login: reads all of it, writes nothing
--
-- The other side is national_reader.sql.  Must not know: what a position is.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;
DO $do$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'care_national_analyst') THEN
        CREATE ROLE care_national_analyst;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'postgres_fdw') THEN
        CREATE EXTENSION postgres_fdw;
    END IF;
    -- sums by authority are handed to each server, not its rows
    EXECUTE format('ALTER DATABASE %I SET enable_partitionwise_aggregate = on', current_database());
    -- what was collected stays
    IF to_regnamespace('national') IS NOT NULL THEN
        RETURN;
    END IF;

    CREATE SCHEMA national;
    COMMENT ON SCHEMA national IS 'Figures of many authorities, each in its own database. Made by national.sql.';
    CREATE TABLE national.account_position (
        account_id bigint, authority text, as_at date, scheme text, cap numeric, weekly_rate numeric, accrued numeric,
        remaining numeric, percent_of_cap numeric, cap_reached_on date, projected_cap_on date
    ) PARTITION BY LIST (authority);
    CREATE TABLE national.agreement_position (
        agreement_id bigint, authority text, as_at date, rate numeric, deferred numeric,
        administration_charges numeric, interest numeric, payments numeric, balance numeric, held numeric,
        property_value numeric, valued_on date, equity_limit numeric, equity_remaining numeric,
        percent_of_security numeric, written_off numeric, missing text
    ) PARTITION BY LIST (authority);
    CREATE TABLE national.statement (
        account_id bigint, statement_id bigint, authority text, as_at date, due_on date, scheme text, cap numeric,
        accrued numeric, remaining numeric, cap_reached_on date
    ) PARTITION BY LIST (authority);
    CREATE TABLE national.retention (
        class text, record_id bigint, authority text, as_at date, retain_until date, action text, on_hold boolean
    ) PARTITION BY LIST (authority);

    -- what collect() has copied, and how each copy went
    CREATE TABLE national.kept_account_position (
        LIKE national.account_position, PRIMARY KEY (authority, as_at, account_id));
    CREATE TABLE national.kept_agreement_position (
        LIKE national.agreement_position, PRIMARY KEY (authority, as_at, agreement_id));
    CREATE TABLE national.collected (
        collected_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        authority text NOT NULL, what text NOT NULL, as_at date NOT NULL, "rows" bigint, failure text,
        collected_at timestamptz NOT NULL DEFAULT clock_timestamp());
    COMMENT ON TABLE national.collected IS
        'Each copy of a day: how many rows, or why there is none; then the copy made before stays.';
END
$do$;

-- An authority's server and its foreign tables; called again, with other options.  The password goes into the user
-- mapping, which only its owner and superusers see; leave it out where the server here has a password file.
DROP PROCEDURE IF EXISTS national.add_authority, national.collect;
CREATE PROCEDURE national.add_authority(authority text, host text, port integer, dbname text, login text,
                                        password text DEFAULT NULL)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    server name := lower(authority);
    wanted text;
BEGIN
    IF (authority ~ '^[A-Z][0-9]{8}$') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s is not a code of an authority, which is a letter and eight digits',
                             coalesce(authority, 'null'));
    END IF;
    EXECUTE format('DROP SERVER IF EXISTS %I CASCADE', server);
    EXECUTE format('CREATE SERVER %I FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L, '
                   'async_capable ''true'', fetch_size ''10000'', updatable ''false'', truncatable ''false'', '
                   'connect_timeout ''10'', '
                   'options ''-c default_transaction_read_only=on -c statement_timeout=15min'')',
                   server, host, port, dbname);
    EXECUTE format('CREATE USER MAPPING FOR PUBLIC SERVER %I OPTIONS (user %L%s)', server, login,
                   CASE WHEN password IS NULL THEN ', password_required ''false'''
                        ELSE format(', password %L', password) END);
    FOREACH wanted IN ARRAY '{account_position,agreement_position,statement,retention}'::text[] LOOP
        EXECUTE format('CREATE FOREIGN TABLE national.%I PARTITION OF national.%I FOR VALUES IN (%L) SERVER %I '
                       'OPTIONS (schema_name ''export'', table_name %L)', wanted || '_' || server, wanted, authority,
                       server, wanted);
    END LOOP;
END
$$;

-- One authority after the other, each in a transaction of its own: one whose server is down keeps its last copy of the
-- day, and the others go on.
CREATE PROCEDURE national.collect(day date) LANGUAGE plpgsql AS $$
DECLARE
    part record;
    copied bigint;
    said text;
BEGIN
    FOR part IN SELECT i.inhrelid::regclass AS foreign_table, p.relname AS what,
                       substring(pg_get_expr(c.relpartbound, c.oid) FROM '''(.+)''') AS authority
                FROM pg_inherits AS i
                    JOIN pg_class AS c ON c.oid = i.inhrelid
                    JOIN pg_class AS p ON p.oid = i.inhparent
                WHERE i.inhparent IN ('national.account_position'::regclass, 'national.agreement_position'::regclass)
                ORDER BY 3, 2 LOOP
        copied := NULL;
        said := NULL;
        BEGIN
            EXECUTE format('DELETE FROM national.%I WHERE authority = $1 AND as_at = $2', 'kept_' || part.what)
                USING part.authority, day;
            EXECUTE format('INSERT INTO national.%I SELECT * FROM %s WHERE as_at = $1', 'kept_' || part.what,
                           part.foreign_table) USING day;
            GET DIAGNOSTICS copied = ROW_COUNT;
        EXCEPTION WHEN OTHERS THEN
            copied := NULL;
            said := format('%s: %s', SQLSTATE, SQLERRM);
        END;
        INSERT INTO national.collected (authority, what, as_at, "rows", failure)
        VALUES (part.authority, part.what, day, copied, said);
        COMMIT;
    END LOOP;
END
$$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA national FROM PUBLIC;
GRANT USAGE ON SCHEMA national TO care_national_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA national TO care_national_analyst;
COMMIT;
