--
-- catalogue.sql: what an extension says of itself in the catalogue, read by the test that installs it, with the
-- variables extension and schema (that of its contract).
--
-- Must not know: which extension it is.
--
--
-- The members, and what belongs to them.
--
CREATE TEMP VIEW member AS
    SELECT d.classid, d.objid
    FROM pg_depend AS d
    WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      AND d.refobjid = (SELECT e.oid FROM pg_extension AS e WHERE e.extname = :'extension')
      -- a type that comes with a table, a view or another type is a member from PostgreSQL 17 on
      AND NOT (d.classid = 'pg_type'::regclass
               AND EXISTS (SELECT FROM pg_depend AS i WHERE i.classid = d.classid AND i.objid = d.objid AND i.deptype = 'i'));

-- All that should have a comment.  A sequence here is part of its identity column.
CREATE TEMP VIEW commentable AS
    SELECT m.classid, m.objid, 0 AS objsubid
    FROM member AS m LEFT JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
    WHERE c.relkind IS DISTINCT FROM 'S'
    UNION ALL
    SELECT m.classid, m.objid, a.attnum
    FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
        AND c.relkind IN ('r', 'v', 'm', 'p')
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'pg_class'::regclass, t.typrelid, a.attnum
    FROM member AS m JOIN pg_type AS t ON m.classid = 'pg_type'::regclass AND t.oid = m.objid
        JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
        JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'pg_constraint'::regclass, k.oid, 0
    FROM member AS m JOIN pg_constraint AS k ON m.classid = 'pg_type'::regclass AND k.contypid = m.objid
    UNION ALL
    SELECT 'pg_trigger'::regclass, t.oid, 0
    FROM member AS m JOIN pg_trigger AS t ON m.classid = 'pg_class'::regclass AND t.tgrelid = m.objid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'pg_class'::regclass, i.indexrelid, 0
    FROM member AS m JOIN pg_index AS i ON m.classid = 'pg_class'::regclass AND i.indrelid = m.objid
    WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = i.indexrelid);

CREATE TEMP VIEW uncommented AS
    SELECT pg_describe_object(o.classid, o.objid, o.objsubid) AS object
    FROM commentable AS o
    WHERE NOT EXISTS (SELECT FROM pg_description AS d
                      WHERE d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = o.objsubid AND d.description <> '');

-- The kinds of object that are looked at.
SELECT DISTINCT o.type COLLATE "C" FROM commentable AS c, pg_identify_object(c.classid, c.objid, c.objsubid) AS o ORDER BY 1;

-- Without a comment: none.
SELECT count(*) FROM uncommented;
SELECT object COLLATE "C" FROM uncommented ORDER BY 1;

--
-- Keys, as tools that read the catalogue want them: every table has a primary key; the key that a table makes is one by
-- itself (a hold is a row for each record that it is on); and no column that refers to a table is called as the table,
-- but for those of the contract, which every view carries.
--
CREATE TEMP VIEW own_table AS SELECT c.* FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'r';
SELECT t.oid::regclass FROM own_table AS t WHERE NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = t.oid AND k.contype = 'p') ORDER BY 1;
SELECT t.oid::regclass, a.attname FROM own_table AS t JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attidentity <> '' AND a.attname LIKE '%\_id'
WHERE NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = t.oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indnkeyatts = 1 AND i.indkey[0] = a.attnum)
ORDER BY 1;
SELECT a.attname, count(*) > 0 AS refers FROM pg_constraint AS k JOIN own_table AS t ON t.oid = k.confrelid JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
WHERE k.contype = 'f' AND a.attname = t.relname GROUP BY a.attname ORDER BY 1;

--
-- Functions: what each says of itself.
--
CREATE TEMP VIEW function AS
    SELECT p.*, l.lanname FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
        JOIN pg_language AS l ON l.oid = p.prolang;

SELECT DISTINCT lanname FROM function ORDER BY 1;

-- Nothing that reads runs with its owner's rights, but for what the views of care_api show; in the contract, all that writes does, but for what is the owner's own work
-- and the procedures, which commit. None may be executed by everybody but for what row security asks, none claims to be leakproof.
SELECT oid::regprocedure FROM function WHERE prosecdef AND provolatile <> 'v' ORDER BY 1;
SELECT oid::regprocedure FROM function WHERE NOT prosecdef AND provolatile = 'v' AND pronamespace = :'schema'::regnamespace AND proparallel = 'u' ORDER BY 1;

-- What gives the figures of one record is volatile, so that it sees what the statement that asks has recorded; it may still be run
-- by parallel workers.
SELECT oid::regprocedure FROM function WHERE provolatile = 'v' AND proparallel = 's' ORDER BY 1;
SELECT oid::regprocedure FROM function WHERE NOT prosecdef AND prorettype = 'trigger'::regtype AND lanname = 'plpgsql' ORDER BY 1;
SELECT oid::regprocedure FROM function WHERE proleakproof OR has_function_privilege('public', oid, 'EXECUTE') ORDER BY 1;

-- What reads may be run by parallel workers, but for what asks for a claim: it catches an error.
SELECT oid::regprocedure FROM function WHERE provolatile <> 'v' AND proparallel <> 's' ORDER BY 1;

-- plpgsql looks names up in a pinned path, and so does what has its owner's rights; a procedure that commits cannot, and
-- names everything in full.
SELECT oid::regprocedure FROM function
WHERE (lanname = 'plpgsql' OR prosecdef) AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false) ORDER BY 1;

-- Of what is corrected by rows, what was known at a moment can be asked; of what is secret, only by a read that is logged.
SELECT o.relation FROM care_internal.own_reference AS o JOIN pg_class AS c ON c.oid = o.relation
WHERE o.refers = 'supersedes' AND c.relnamespace::regnamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g WHERE g.extension = :'extension')
  AND to_regprocedure(o.relation || '_known_at(timestamptz)') IS NULL ORDER BY o.relation::text;

-- SQL was bound to its objects when the extension was made.
SELECT oid::regprocedure FROM function WHERE lanname = 'sql' AND prosqlbody IS NULL ORDER BY 1;

-- What is written in C is pure mathematics, but for the guard and the clock.
SELECT oid::regprocedure FROM function WHERE lanname = 'c' AND (provolatile <> 'i' OR proparallel <> 's') ORDER BY 1;
SELECT oid::regprocedure FROM function WHERE prokind = 'a' AND (provolatile <> 'i' OR proparallel <> 's') ORDER BY 1;
SELECT oid::regprocedure FROM function WHERE lanname = 'c' AND probin <> '$libdir/care_account' ORDER BY 1;

-- Nothing immutable reads a moment, which the session's time zone could change.
SELECT oid::regprocedure FROM function
WHERE provolatile = 'i' AND ('timestamptz'::regtype = ANY (proargtypes) OR prorettype = 'timestamptz'::regtype) ORDER BY 1;

-- A function that writes is volatile and not run by parallel workers.
SELECT oid::regprocedure FROM function
WHERE proname ~ '^(record|open|apply|decide|notify|sign|secure|stop|resume|pay|defer|bring|post|reverse|reinstate|correct|withdraw|invoice|write|release|end|add|switch|issue|keep|approve|suspend|rebuild|refuse|lock|note)(_|$)' AND proname !~ '_known_at$' AND (provolatile <> 'v' OR proparallel <> 'u') ORDER BY 1;

-- Every error has a name that a program can tell it by.
SELECT f.oid::regprocedure, count(*)
FROM function AS f, regexp_matches(f.prosrc, 'RAISE EXCEPTION[^;]*;', 'g') AS r (raise)
WHERE f.lanname = 'plpgsql' AND r.raise[1] !~ 'CONSTRAINT = ' GROUP BY 1 ORDER BY 1;
-- and names a table and column that there are
SELECT f.oid::regprocedure, r.named
FROM function AS f, regexp_matches(f.prosrc, 'TABLE = ''(\w+)''(?:,\s+COLUMN = ''(\w+)'')?', 'g') AS r (named)
WHERE NOT EXISTS (SELECT FROM pg_class AS c JOIN member AS m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid WHERE c.relname = r.named[1]
                    AND (r.named[2] IS NULL OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = r.named[2])))
ORDER BY 1;

--
-- Every view with the key of a record says which authority keeps it, for partitions by authority.
--
SELECT c.oid::regclass
FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'v'
WHERE c.relnamespace = :'schema'::regnamespace
  AND EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname IN ('account_id', 'agreement_id', 'person_id', 'record_id'))
  AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'authority')
ORDER BY c.oid::regclass::text COLLATE "C";

--
-- No day that anybody can store is infinite, which some drivers cannot read: of every column that is not derived or
-- written by a function alone, a constraint says so.
--
SELECT c.oid::regclass, a.attname
FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind = 'r'
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.atttypid = 'date'::regtype
WHERE c.relnamespace = :'schema'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'c' AND a.attnum = ANY (k.conkey)
                    AND pg_get_constraintdef(k.oid) ~ '9999|2099')
ORDER BY c.oid::regclass::text COLLATE "C", a.attnum;

--
-- Dumps: every table and sequence is marked (but the progress of runs, which is no fact, and what the guard wrote down at installation), those with shipped rows for the rows that were added.
--
CREATE TEMP VIEW dumped AS
    SELECT c.oid::regclass AS relation, x.condition,
           EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'shipped') AS has_shipped
    FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind IN ('r', 'p', 'S')
        LEFT JOIN (SELECT u.oid, u.condition FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition)
                   WHERE e.extname = :'extension') AS x ON x.oid = c.oid;

SELECT relation FROM dumped WHERE has_shipped ORDER BY relation::text COLLATE "C";
SELECT relation, condition FROM dumped
WHERE condition IS NULL OR condition <> CASE WHEN has_shipped THEN 'WHERE NOT shipped' ELSE '' END ORDER BY 1;

-- every row takes its moment from the one clock of the database; a chain says the moments of others
SELECT a.attrelid::regclass AS of_another_clock
FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace IN (:'schema'::regnamespace, (:'schema' || '_internal')::regnamespace) AND c.relkind = 'r' AND a.attname = 'recorded_at'
  AND pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM 'care_internal.moment()';
-- and no function tells new rows from others by a clock
SELECT p.oid::regprocedure AS by_a_clock FROM pg_proc AS p
WHERE p.pronamespace IN (:'schema'::regnamespace, (:'schema' || '_internal')::regnamespace) AND p.prosrc ~ 'recorded_at\s*(<|>=)\s*(now|transaction_timestamp|statement_timestamp|clock_timestamp)\M';
