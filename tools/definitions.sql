--
-- definitions.sql: what an extension is made of, in temporary tables; make_update.sql reads it in two databases.
-- Variable: extension.
--
--     print, object   of test/fingerprint.sql: all that is compared, of whichever extension
--     thing           what can be made of what the server prints: functions, aggregates, operators, casts, views and
--                     triggers; make is the command, shape what cannot be replaced but by more of it, closed says that
--                     not everybody may execute it
--     need            what hangs on a thing, be it a thing itself or not
--     note            comments, or null, on all that there is
--     kept            the rows of tables
--
-- Must not know: what any of it is for.
--
\o /dev/null
\ir ../test/fingerprint.sql
\o

CREATE TEMP TABLE member AS
SELECT o.*
FROM pg_temp.object AS o JOIN pg_depend AS d ON d.classid = o.classid AND d.objid = o.objid AND d.deptype = 'e'
    JOIN pg_extension AS x ON d.refclassid = 'pg_extension'::regclass AND x.oid = d.refobjid
WHERE x.extname = :'extension';
INSERT INTO member
SELECT 'pg_trigger'::regclass, t.oid, i.type, i.identity, false
FROM member AS m
    JOIN pg_trigger AS t ON m.classid = 'pg_class'::regclass AND t.tgrelid = m.objid AND NOT t.tgisinternal,
    LATERAL pg_identify_object('pg_trigger'::regclass, t.oid, 0) AS i;

CREATE FUNCTION pg_temp.operator_name(operator oid) RETURNS text LANGUAGE sql AS $$
    SELECT pg_catalog.format('%I.%s', o.oprnamespace::pg_catalog.regnamespace, o.oprname)
    FROM pg_catalog.pg_operator AS o WHERE o.oid = operator $$;

-- In the order in which the install script made them (n), so that each comes after what it needs.
CREATE TEMP TABLE thing (classid oid, objid oid, key text, type text, identity text, name text, n bigint, make text,
                         shape text[], closed boolean);

INSERT INTO thing
SELECT m.classid, m.objid, m.type || ' ' || m.identity, m.type, m.identity, p.oid::regproc, p.oid,
       pg_get_functiondef(p.oid),
       ARRAY[concat_ws(' ', p.prokind, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid))]
       || array_fill('a default'::text, ARRAY[p.pronargdefaults::integer]),
       NOT has_function_privilege('public', p.oid, 'EXECUTE')
FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
WHERE p.prokind <> 'a';

INSERT INTO thing
SELECT m.classid, m.objid, m.type || ' ' || m.identity, m.type, m.identity, a.aggfnoid, p.oid, v.make,
       ARRAY[concat_ws(' ', a.aggkind, pg_get_function_identity_arguments(p.oid), pg_get_function_result(p.oid))],
       NOT has_function_privilege('public', p.oid, 'EXECUTE')
FROM member AS m JOIN pg_proc AS p ON m.classid = 'pg_proc'::regclass AND p.oid = m.objid
    JOIN pg_aggregate AS a ON a.aggfnoid = p.oid,
    LATERAL (VALUES ('{r,s,w}'::"char"[], '{READ_ONLY,SHAREABLE,READ_WRITE}'::text[])) AS w (modifies, words),
    LATERAL (SELECT format(E'CREATE OR REPLACE AGGREGATE %s(%s) (\n    %s)', a.aggfnoid,
        pg_get_function_arguments(p.oid), concat_ws(E',\n    ',
        'SFUNC = ' || a.aggtransfn, 'STYPE = ' || a.aggtranstype::regtype, 'SSPACE = ' || nullif(a.aggtransspace, 0),
        'FINALFUNC = ' || nullif(a.aggfinalfn::text, '-'), CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
        'FINALFUNC_MODIFY = ' || w.words[array_position(w.modifies, a.aggfinalmodify)],
        'COMBINEFUNC = ' || nullif(a.aggcombinefn::text, '-'), 'SERIALFUNC = ' || nullif(a.aggserialfn::text, '-'),
        'DESERIALFUNC = ' || nullif(a.aggdeserialfn::text, '-'), 'INITCOND = ' || quote_literal(a.agginitval),
        'MSFUNC = ' || nullif(a.aggmtransfn::text, '-'), 'MINVFUNC = ' || nullif(a.aggminvtransfn::text, '-'),
        'MSTYPE = ' || nullif(a.aggmtranstype, 0)::regtype, 'MSSPACE = ' || nullif(a.aggmtransspace, 0),
        'MFINALFUNC = ' || nullif(a.aggmfinalfn::text, '-'), CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
        CASE WHEN a.aggmtransfn <> '-'::regproc
             THEN 'MFINALFUNC_MODIFY = ' || w.words[array_position(w.modifies, a.aggmfinalmodify)] END,
        'MINITCOND = ' || quote_literal(a.aggminitval),
        'SORTOP = OPERATOR(' || pg_temp.operator_name(a.aggsortop) || ')',
        'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END)) AS make
    ) AS v;

-- An operator may have its number from when another named it: it is made when its function is there.
INSERT INTO thing
SELECT m.classid, m.objid, m.type || ' ' || m.identity, m.type, m.identity, pg_temp.operator_name(o.oid),
       greatest(o.oid, o.oprcode::oid)::bigint, v.make, ARRAY[v.make], false
FROM member AS m JOIN pg_operator AS o ON m.classid = 'pg_operator'::regclass AND o.oid = m.objid,
    LATERAL (SELECT format(E'CREATE OPERATOR %s (\n    %s)', pg_temp.operator_name(o.oid), concat_ws(E',\n    ',
        'FUNCTION = ' || o.oprcode, 'LEFTARG = ' || nullif(o.oprleft, 0)::regtype,
        'RIGHTARG = ' || nullif(o.oprright, 0)::regtype,
        'COMMUTATOR = OPERATOR(' || pg_temp.operator_name(o.oprcom) || ')',
        'NEGATOR = OPERATOR(' || pg_temp.operator_name(o.oprnegate) || ')',
        'RESTRICT = ' || nullif(o.oprrest::text, '-'), 'JOIN = ' || nullif(o.oprjoin::text, '-'),
        CASE WHEN o.oprcanhash THEN 'HASHES' END, CASE WHEN o.oprcanmerge THEN 'MERGES' END)) AS make) AS v;

INSERT INTO thing
SELECT m.classid, m.objid, m.type || ' ' || m.identity, m.type, m.identity, NULL, c.oid, v.make, ARRAY[v.make], false
FROM member AS m JOIN pg_cast AS c ON m.classid = 'pg_cast'::regclass AND c.oid = m.objid,
    LATERAL (SELECT format('CREATE CAST %s %s%s', m.identity,
        CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure
                          WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END,
        CASE c.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' END) AS make) AS v;

INSERT INTO thing
SELECT m.classid, m.objid, m.type || ' ' || m.identity, m.type, m.identity, c.oid::regclass, c.oid,
       format(E'CREATE OR REPLACE VIEW %s%s AS\n%s', m.identity,
              ' WITH (' || array_to_string(c.reloptions, ', ') || ')', pg_get_viewdef(c.oid)),
       ARRAY(SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attcollation::regcollation)
             FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum), false
FROM member AS m JOIN pg_class AS c ON m.classid = 'pg_class'::regclass AND c.oid = m.objid
WHERE c.relkind = 'v';
-- none yet
INSERT INTO print
SELECT 'default of a view', t.identity || '.' || a.attname, pg_get_expr(d.adbin, d.adrelid)
FROM thing AS t JOIN pg_attrdef AS d ON t.classid = 'pg_class'::regclass AND d.adrelid = t.objid
    JOIN pg_attribute AS a ON a.attrelid = d.adrelid AND a.attnum = d.adnum;

-- One on a table that is made by hand may be there by then, as the table's class was declared.
INSERT INTO thing
SELECT m.classid, m.objid, m.type || ' ' || m.identity, m.type, m.identity, NULL, t.oid,
       concat(regexp_replace(pg_get_triggerdef(t.oid), '^CREATE TRIGGER', 'CREATE OR REPLACE TRIGGER'),
              CASE WHEN s.state IS NOT NULL
                   THEN format(E';\nALTER TABLE %s %s TRIGGER %I', t.tgrelid::regclass, s.state, t.tgname) END),
       CASE WHEN t.tgconstraint = 0 THEN ARRAY['plain'] ELSE ARRAY['constraint', pg_get_triggerdef(t.oid)] END, false
FROM member AS m JOIN pg_trigger AS t ON m.classid = 'pg_trigger'::regclass AND t.oid = m.objid
    LEFT JOIN (VALUES ('A', 'ENABLE ALWAYS'), ('R', 'ENABLE REPLICA'), ('D', 'DISABLE')) AS s (code, state)
        ON s.code = t.tgenabled::text;

-- A view is its rule and the type of its rows.
CREATE TEMP VIEW part AS
SELECT 'pg_rewrite'::regclass::oid AS classid, r.oid AS objid, r.ev_class AS relation FROM pg_rewrite AS r
UNION ALL SELECT 'pg_type'::regclass, t.oid, t.typrelid FROM pg_type AS t WHERE t.typrelid <> 0
UNION ALL SELECT 'pg_type'::regclass, t.typarray, t.typrelid FROM pg_type AS t
          WHERE t.typrelid <> 0 AND t.typarray <> 0;
CREATE TEMP TABLE need AS
SELECT DISTINCT i.type || ' ' || i.identity AS depender, t.key
FROM pg_depend AS d
    LEFT JOIN part AS f ON f.classid = d.classid AND f.objid = d.objid
    LEFT JOIN part AS o ON o.classid = d.refclassid AND o.objid = d.refobjid
    JOIN thing AS t ON t.classid = CASE WHEN o.objid IS NULL THEN d.refclassid ELSE 'pg_class'::regclass END
                   AND t.objid = coalesce(o.relation, d.refobjid),
    LATERAL pg_identify_object(CASE WHEN f.objid IS NULL THEN d.classid ELSE 'pg_class'::regclass END,
                               coalesce(f.relation, d.objid), 0) AS i
WHERE i.type || ' ' || i.identity <> t.key AND d.deptype <> 'i';

CREATE TEMP TABLE note AS
SELECT w.type || ' ' || w.identity AS key, i.type || ' ' || i.identity AS whole, o.n, o.objsubid,
       format('COMMENT ON %s %s IS %s',
              CASE WHEN w.type LIKE '%column' THEN 'COLUMN' WHEN w.type LIKE '%constraint' THEN 'CONSTRAINT'
                   ELSE upper(w.type) END,
              CASE WHEN w.type = 'domain constraint' THEN replace(w.identity, ' on ', ' on DOMAIN ')
                   ELSE w.identity END,
              coalesce(quote_literal(d.description), 'NULL')) AS make,
       d.description
FROM (SELECT m.classid, m.objid, 0 AS objsubid, m.objid AS n FROM member AS m
      UNION
      SELECT p.classid, p.objid, 0, p.objid
      FROM pg_depend AS p JOIN member AS m ON p.refclassid = m.classid AND p.refobjid = m.objid
      WHERE p.deptype IN ('a', 'i')
        AND p.classid IN ('pg_class'::regclass, 'pg_constraint'::regclass, 'pg_policy'::regclass)
      UNION
      SELECT c.tableoid, c.oid, a.attnum, c.oid
      FROM member AS m
          JOIN pg_class AS c ON (m.classid = 'pg_class'::regclass AND c.oid = m.objid AND c.relkind <> 'S')
                             OR (m.classid = 'pg_type'::regclass AND c.reltype = m.objid)
          JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS o
    LEFT JOIN pg_description AS d ON d.classoid = o.classid AND d.objoid = o.objid AND d.objsubid = o.objsubid,
    LATERAL pg_identify_object(o.classid, o.objid, 0) AS i,
    LATERAL pg_identify_object(o.classid, o.objid, o.objsubid) AS w;

-- What the guard wrote down is written anew.
CREATE TEMP TABLE kept (name text, content text);
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT r.oid FROM pg_temp.relation AS r WHERE r.relkind = 'r' AND r.name <> 'care_internal.guard_installed' LOOP
        EXECUTE format('INSERT INTO pg_temp.kept SELECT %L, to_jsonb(t) FROM %s AS t', relation, relation);
    END LOOP;
END
$$;
