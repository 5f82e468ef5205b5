--
-- make_update.sql: prints the function half of the script that updates an extension from how it is in the database of
-- the session to how it is in another.  Both are fresh: nothing is recorded in either.
--
--     psql -X -q -d OLD -v new=CONNECTION -v extension=care_account -f tools/make_update.sql
--
-- What differs and is no function, aggregate, operator, cast, view, trigger, comment or right to execute stands at the
-- top, "by hand", object by object, from the same list that the tests compare (test/fingerprint.sql).  The rest:
--
--     1.  what changes in a way that cannot be replaced goes, with what hangs on it; what goes for good and shares its
--         name with what stays; triggers that go
--     2.  what is new or changed is made, in the order of the new install script, and what hung on what went
--     3.  what else went for good goes, when nothing hangs on it any more
--     4.  comments
--
-- A function is as the server prints it; where it would print what it has read in another way, as the install script
-- has it.  What is made anew loses the rights that were granted on it; other rights are left alone, for a right that a
-- script of an extension gives or takes is no longer dumped.
--
-- Must not know: what any of it is for.
--
\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\ir definitions.sql
SELECT (SELECT json_agg(p) FROM print AS p) AS print, (SELECT json_agg(t) FROM thing AS t) AS thing,
       (SELECT json_agg(n) FROM need AS n) AS need, (SELECT json_agg(e) FROM note AS e) AS note,
       (SELECT json_agg(k) FROM kept AS k) AS kept \gset old_
\connect :new
\ir definitions.sql
SET client_min_messages = error;
CREATE TEMP TABLE old_print AS SELECT * FROM json_populate_recordset(NULL::pg_temp.print, :'old_print');
CREATE TEMP TABLE old_thing AS SELECT * FROM json_populate_recordset(NULL::pg_temp.thing, :'old_thing');
CREATE TEMP TABLE old_need AS SELECT * FROM json_populate_recordset(NULL::pg_temp.need, :'old_need');
CREATE TEMP TABLE old_note AS SELECT * FROM json_populate_recordset(NULL::pg_temp.note, :'old_note');
CREATE TEMP TABLE old_kept AS SELECT * FROM json_populate_recordset(NULL::pg_temp.kept, :'old_kept');
ANALYZE;

-- What must go before anything is made, and on what it hung.
CREATE TEMP TABLE dropped AS
WITH RECURSIVE dropped AS (
    SELECT o.key, NULL::text AS hung_on
    FROM old_thing AS o LEFT JOIN thing AS n USING (key)
    WHERE n.shape[:cardinality(o.shape)] <> o.shape
       OR (n.key IS NULL AND (o.type = 'trigger' OR EXISTS (SELECT FROM thing AS s WHERE s.name = o.name)))
    UNION
    SELECT d.depender, d.key FROM dropped AS g JOIN old_need AS d ON d.key = g.key
)
SELECT * FROM dropped;
CREATE TEMP TABLE made AS
SELECT t.*, o.key IS NULL OR d.key IS NOT NULL AS anew
FROM thing AS t LEFT JOIN old_thing AS o USING (key)
    LEFT JOIN (SELECT DISTINCT g.key FROM dropped AS g) AS d USING (key)
WHERE o.key IS NULL OR d.key IS NOT NULL OR o.make <> t.make;

-- A function that the server would print in another way when it has read what it prints is made as the install script
-- makes it, the nth of its name.
CREATE FUNCTION pg_temp.makes(command text, key oid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    definition text := pg_get_functiondef(key);
    same boolean;
BEGIN
    BEGIN
        EXECUTE command;
        same := pg_get_functiondef(key) = definition;
        RAISE EXCEPTION 'leave it as it was';
    EXCEPTION WHEN others THEN
        RETURN coalesce(same, false);
    END;
END
$$;
UPDATE made SET make = NULL
WHERE classid = 'pg_proc'::regclass AND type <> 'aggregate' AND NOT pg_temp.makes(make, objid);
CREATE TEMP TABLE unlike AS
SELECT p.*
FROM (SELECT t.*, row_number() OVER (PARTITION BY t.name ORDER BY t.n) AS nth
      FROM thing AS t WHERE t.classid = 'pg_proc'::regclass AND t.type <> 'aggregate') AS p
WHERE p.key IN (SELECT m.key FROM made AS m WHERE m.make IS NULL);
UPDATE made AS m
SET make = s.source
FROM unlike AS u, pg_extension AS x, pg_config AS c,
    LATERAL (SELECT regexp_replace(r.source[1], '^CREATE', 'CREATE OR REPLACE') AS source
             FROM regexp_matches(pg_read_file(format('%s/extension/%s--%s.sql', c.setting, x.extname, x.extversion)),
                                 format('^(CREATE [A-Z]+? %s\(.*?);\n(?=[\nC-])', replace(u.name, '.', '\.')),
                                 'gw') WITH ORDINALITY AS r (source, nth)
             WHERE r.nth = u.nth) AS s
WHERE u.key = m.key AND x.extname = :'extension' AND c.name = 'SHAREDIR' AND pg_temp.makes(s.source, u.objid);

-- All that differs and is not made below: of the list that the tests compare, of rows, and what hangs on what goes.
CREATE TEMP TABLE differing AS
SELECT p.kind, p.name, o.content AS was, n.content AS is
FROM (SELECT kind, name FROM old_print UNION SELECT kind, name FROM print) AS p
    LEFT JOIN old_print AS o USING (kind, name) LEFT JOIN print AS n USING (kind, name)
WHERE o.content IS DISTINCT FROM n.content AND p.kind NOT LIKE 'rows%';
CREATE TEMP VIEW any_thing AS
SELECT t.key, t.identity FROM thing AS t UNION SELECT t.key, t.identity FROM old_thing AS t;
CREATE TEMP TABLE by_hand AS
SELECT d.kind, d.name, d.was, d.is
FROM (SELECT d.*, CASE d.kind WHEN 'column' THEN regexp_replace(d.name, '\.[^.]*$', '')
                              WHEN 'rule' THEN regexp_replace(d.name, ' _RETURN$', '')
                              WHEN 'constraint' THEN regexp_replace(d.name, '^(\S+) (.*)$', '\2 on \1')
                              WHEN 'trigger' THEN regexp_replace(d.name, '^(\S+) (.*)$', '\2 on \1')
                              ELSE d.name END AS identity
      FROM differing AS d) AS d
WHERE CASE d.kind
    WHEN 'comment' THEN d.name NOT IN (SELECT e.key FROM note AS e UNION SELECT e.key FROM old_note AS e)
    WHEN 'member' THEN d.name NOT IN (SELECT t.key FROM any_thing AS t)
    ELSE d.identity NOT IN (SELECT t.identity FROM any_thing AS t) END
  AND CASE d.kind
    -- the line of the member says it
    WHEN 'relation' THEN d.was IS NOT NULL AND d.is IS NOT NULL
    WHEN 'sequence' THEN d.was IS NOT NULL AND d.is IS NOT NULL
    WHEN 'sequence not dumped' THEN d.was IS NOT NULL AND d.is IS NOT NULL
    -- those that enforce a foreign key come and go with it
    WHEN 'trigger' THEN NOT EXISTS (SELECT FROM differing AS k
                                    WHERE k.kind = 'constraint' AND (k.was IS NULL OR k.is IS NULL)
                                      AND split_part(d.name, ' of ', 2) LIKE split_part(k.name, ' ', 2) || ' %')
    WHEN 'extension' THEN regexp_replace(d.was, '^\S+', '') IS DISTINCT FROM regexp_replace(d.is, '^\S+', '')
    -- of what comes or goes, those of its owner, and everybody's to execute
    WHEN 'privilege' THEN d.was IS NOT NULL AND d.is IS NOT NULL
        OR EXISTS (SELECT FROM regexp_split_to_table(concat(d.was, d.is), ', ') AS r
                   WHERE r !~ '^(\S+) to \1 ' AND r !~ ' to public (EXECUTE|USAGE) f$')
    ELSE true END;
INSERT INTO by_hand
SELECT 'row', coalesce(o.name, n.name), o.content, n.content
FROM (SELECT k.*, row_number() OVER (PARTITION BY k.name, k.content) AS nth FROM old_kept AS k) AS o
    FULL JOIN (SELECT k.*, row_number() OVER (PARTITION BY k.name, k.content) AS nth FROM kept AS k) AS n
        ON n.name = o.name AND n.content = o.content AND n.nth = o.nth
WHERE (o.name IS NULL AND n.name IN (SELECT p.name FROM old_print AS p WHERE p.kind = 'relation'))
   OR (n.name IS NULL AND o.name IN (SELECT p.name FROM print AS p WHERE p.kind = 'relation'));
INSERT INTO by_hand
SELECT 'rows', n.name, NULL, count(*) || ', as the install script has them'
FROM kept AS n WHERE n.name NOT IN (SELECT p.name FROM old_print AS p WHERE p.kind = 'relation') GROUP BY n.name;
INSERT INTO by_hand
SELECT m.type, m.identity, NULL, 'as the install script has it: the server prints it in another way'
FROM made AS m WHERE m.make IS NULL;

-- The script.
SELECT format('\echo Use "ALTER EXTENSION %s UPDATE" to load this file. \quit', :'extension');
SELECT format(E'--\n-- The functions of %s, from version %s to %s; made by tools/make-update.\n--',
              x.extname, split_part(p.content, ' ', 1), x.extversion)
FROM pg_extension AS x JOIN old_print AS p ON p.kind = 'extension' AND p.name = x.extname
WHERE x.extname = :'extension';
-- each is of one of the two extensions, by its name; rows by what they say
SELECT '-- by hand: ' || regexp_replace(
           concat_ws(' ', h.kind, h.name, CASE WHEN h.was IS NULL THEN 'comes: ' || h.is
                                               WHEN h.is IS NULL THEN 'goes: ' || h.was
                                               ELSE format('was: %s; is: %s', h.was, h.is) END), '\s+', ' ', 'g')
FROM by_hand AS h
WHERE (CASE h.kind WHEN 'row' THEN concat(h.name, h.was, h.is) ELSE h.name END ~ '\mcasework|care_casework')
      = (:'extension' = 'care_casework')
ORDER BY substring(h.name FROM '\w+\.\w+') COLLATE "C", h.kind COLLATE "C", h.name COLLATE "C", h.was, h.is;
SELECT DISTINCT '-- by hand: ' || d.key || ' hangs on ' || d.hung_on || ', which goes or is made anew'
FROM dropped AS d WHERE d.key NOT IN (SELECT o.key FROM old_thing AS o) ORDER BY 1;
SELECT E'SET LOCAL search_path = pg_catalog, pg_temp;\n';

CREATE TEMP VIEW goes AS
SELECT o.n, format('DROP %s %s;', upper(o.type), o.identity) AS command, d.key IS NOT NULL AS first
FROM old_thing AS o LEFT JOIN (SELECT DISTINCT g.key FROM dropped AS g) AS d USING (key)
    LEFT JOIN thing AS n USING (key)
WHERE d.key IS NOT NULL OR n.key IS NULL;
SELECT '-- What cannot be replaced, and what hangs on it.' WHERE EXISTS (SELECT FROM goes AS g WHERE g.first);
SELECT g.command FROM goes AS g WHERE g.first ORDER BY g.n DESC;
SELECT E'\n-- Here by hand: what comes and what changes.';
SELECT E'\n' || rtrim(m.make, E';\n') || ';'
       || CASE WHEN m.anew AND m.closed
               THEN format(E'\nREVOKE EXECUTE ON ROUTINE %s FROM PUBLIC;', m.identity) ELSE '' END
FROM made AS m WHERE m.make IS NOT NULL ORDER BY m.n;
SELECT E'\n-- What went.' WHERE EXISTS (SELECT FROM goes AS g WHERE NOT g.first);
SELECT g.command FROM goes AS g WHERE NOT g.first ORDER BY g.n DESC;
SELECT E'\n-- Here by hand: what goes.\n';
SELECT n.make || ';'
FROM note AS n LEFT JOIN old_note AS o USING (key)
WHERE n.description IS DISTINCT FROM o.description
   OR (n.description IS NOT NULL AND n.whole IN (SELECT d.key FROM dropped AS d))
ORDER BY n.n, n.objsubid;
SELECT format(E'\nSELECT care_internal.note_installed(%L);', :'extension');
