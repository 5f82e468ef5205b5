-- Checks every plpgsql function and trigger of both extensions with plpgsql_check, a line each.
\pset format unaligned
\pset tuples_only on
-- the one temporary table that a function makes for itself, and drops
CREATE TEMPORARY TABLE made_up AS
SELECT m.*, '' AS reference FROM care.made_up_account(1, '2023-10-01', '2024-10-01') AS m;
CREATE TEMPORARY TABLE finding AS
SELECT p.oid::regprocedure::text AS name, string_agg(m.message, '; ') AS messages
FROM pg_proc AS p
    JOIN pg_language AS l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
    JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
        AND d.refobjid IN (SELECT oid FROM pg_extension WHERE extname IN ('care_account', 'care_casework'))
    LEFT JOIN pg_trigger AS t ON t.tgfoid = p.oid AND NOT t.tgisinternal
    LEFT JOIN LATERAL plpgsql_check_function(p.oid, coalesce(t.tgrelid, 0), newtable => t.tgnewtable,
                                             extra_warnings => true, performance_warnings => false) AS m (message)
        ON (p.prorettype <> 'trigger'::regtype OR t.oid IS NOT NULL)
           -- what RETURN QUERY EXECUTE returns it cannot know
           -- nor that what is called by its name in a table has the arguments of its kind
           AND m.message !~ '^warning extra:00000:unused parameter "named"$'
           AND m.message !~ 'OUT variable ".*" is maybe unmodified|^Detail: cannot to determine result of dynamic SQL'
GROUP BY p.oid;
SELECT CASE WHEN messages IS NULL THEN 'ok - ' || name ELSE 'not ok - ' || name || ': ' || messages END
FROM finding ORDER BY name;
DO $$
BEGIN
    IF EXISTS (SELECT FROM finding WHERE messages IS NOT NULL) OR NOT EXISTS (SELECT FROM finding) THEN
        RAISE EXCEPTION 'plpgsql_check has findings';
    END IF;
END
$$;
