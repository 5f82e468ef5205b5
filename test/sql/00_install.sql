--
-- 00_install: creates the extension, and checks what it says of itself in the catalogue.
--
-- It runs first.  Every other file needs it and no other file: what they write, they roll back.
--
-- What a statement is refused with: SQLSTATE, message, (detail), [hint].
CREATE SCHEMA care_test;
CREATE FUNCTION care_test.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text;
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN code || ' ' || message || CASE WHEN detail <> '' THEN ' (' || detail || ')' ELSE '' END
                || CASE WHEN hint <> '' THEN ' [' || hint || ']' ELSE '' END;
END
$$;
\pset format unaligned
\pset tuples_only on

-- The schema must be the extension's alone: what somebody put there first could be picked up by it.
CREATE SCHEMA care;
CREATE TABLE care.local_authority (planted text);
SELECT care_test.refused('CREATE EXTENSION care_account');
SELECT count(*) FROM pg_extension WHERE extname = 'care_account';
DROP TABLE care.local_authority;
DROP SCHEMA care;

CREATE EXTENSION care_account;
-- What is issued rests on rates that are confirmed: for tests of other things, as they were shipped.
CREATE FUNCTION care_test.confirm_rates() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'test'))
    FROM care.national_rate_to_confirm AS r
$$;
-- An account of which nothing was recorded since a moment is read as it stands.  At the moment of each fact and just before
-- it: accounts that are read differently from how they are worked out.  None, ever; and some are read, and some not.
CREATE FUNCTION care_test.read_as_known(OUT some_stand boolean, OUT some_do_not boolean, OUT differences bigint) LANGUAGE sql AS $$
    SELECT count(*) FILTER (WHERE a.stands) > 0, count(*) FILTER (WHERE NOT a.stands) > 0, count(*) FILTER (WHERE a.differs)
    FROM (SELECT DISTINCT f.recorded_at - e.before
          FROM (SELECT recorded_at FROM care.account UNION ALL SELECT recorded_at FROM care.budget UNION ALL SELECT recorded_at FROM care.adjustment
                UNION ALL SELECT recorded_at FROM care.adjustment_approval UNION ALL SELECT recorded_at FROM care.counting_correction
                UNION ALL SELECT recorded_at FROM care.person_detail UNION ALL SELECT recorded_at FROM care.death
                UNION ALL SELECT recorded_at FROM care.parameter) AS f,
               (VALUES (interval '0'), (interval '1 microsecond')) AS e (before)) AS m (moment),
        LATERAL (SELECT h.told_at <= m.moment AS stands, k IS DISTINCT FROM r AS differs
                 FROM care_internal.account_known_at(m.moment) AS k
                     FULL JOIN care_internal.account_as_known(m.moment) AS r ON r.account_id = k.account_id
                     JOIN care.account AS h ON h.account_id = coalesce(k.account_id, r.account_id)) AS a
$$;
SELECT e.extnamespace::regnamespace, e.extrelocatable FROM pg_extension AS e WHERE e.extname = 'care_account';

-- It stays where it was put.
SELECT care_test.refused('ALTER EXTENSION care_account SET SCHEMA public');

\getenv source PG_ABS_SRCDIR
\set catalogue :source '/catalogue.sql'
\set extension care_account
\set schema care
\i :catalogue

-- Take some away, and they are found.
BEGIN;
COMMENT ON FUNCTION care.uprate(numeric, numeric, numeric) IS NULL;
COMMENT ON COLUMN care.budget.setting IS NULL;
COMMENT ON COLUMN care.account_position.accrued IS NULL;
COMMENT ON COLUMN care.account_position_row.cap IS NULL;
COMMENT ON CONSTRAINT pounds_in_pence ON DOMAIN care.pounds IS NULL;
COMMENT ON TRIGGER budget_rebuild ON care.budget IS NULL;
COMMENT ON INDEX care.budget_superseded_once IS NULL;
COMMENT ON OPERATOR care.+ (care.schedule, care.schedule) IS NULL;
COMMENT ON CAST (care.schedule AS jsonb) IS NULL;
SELECT object COLLATE "C" FROM uncommented ORDER BY 1;
ROLLBACK;

-- What comments a view's columns refuses what nothing says.
BEGIN;
CREATE TEMP VIEW planted AS SELECT a.account_id, 1 AS nothing FROM care.account AS a;
SELECT care_test.refused($$SELECT care_internal.comment_columns('planted', 'care.account')$$);
ROLLBACK;

-- A member table cannot be dropped by itself, nor the extension while anything of the user's rests on it.
SELECT care_test.refused('DROP TABLE care.budget CASCADE');
BEGIN;
CREATE TABLE public.uses_it (weekly care.schedule);
SELECT care_test.refused('DROP EXTENSION care_account');
ROLLBACK;
