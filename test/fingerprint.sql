--
-- fingerprint.sql: what a database keeps for care_account, and for care_casework where it is installed, as one
-- line for each thing that can be compared with another database: kind, name and digest.
--
--     psql -X -d one -f test/fingerprint.sql > one
--     psql -X -d other -f test/fingerprint.sql > other
--     diff one other
--
-- With -v whole=true the lines hold what is compared in place of its digest.
--
-- Two groups of kinds:
--
--     rows, sequence          the rows of each table and the last value of each sequence, in any order
--                             on disk: the same on every major version of PostgreSQL.  Those that are
--                             not dumped have the kinds "rows not dumped", "sequence not dumped"
--     all others              the catalogue: of everything in our schemas, or made by our extensions
--
-- The catalogue of one major version is compared with that of a fresh installation of the same.  What
-- differs between majors and is none of ours is left out: the constraints that 18 makes of NOT NULL
-- (the column says it), the privilege MAINTAIN of 17, and the types that come with a table or type.
-- Definitions of views and functions are printed by the server, which each major does in its own way.
--
-- Must not know: what the product's objects are for.
--
\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\pset pager off
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET timezone = 'UTC';
SET bytea_output = 'hex';
SET extra_float_digits = 1;
SET quote_all_identifiers = off;
SET standard_conforming_strings = on;
-- every name is printed with its schema
SET search_path = pg_catalog;

CREATE TEMP TABLE print (kind text, name text, content text);
CREATE TEMP TABLE ours AS SELECT x.* FROM pg_extension AS x WHERE x.extname IN ('care_account', 'care_casework');
CREATE TEMP TABLE our_schema AS
SELECT n.* FROM pg_namespace AS n WHERE n.nspname IN ('care', 'care_internal', 'care_api', 'casework', 'casework_internal', 'casework_secure');

-- Rows and sequences.
DO $$
DECLARE
    relation record;
BEGIN
    FOR relation IN
        SELECT c.oid::regclass AS name, c.relkind,
               CASE WHEN EXISTS (SELECT FROM pg_temp.ours AS x WHERE c.oid = ANY (x.extconfig)) THEN '' ELSE ' not dumped' END AS note
        FROM pg_class AS c WHERE c.relnamespace IN (SELECT n.oid FROM pg_temp.our_schema AS n) AND c.relkind IN ('r', 'S') LOOP
        IF relation.relkind = 'r' THEN
            EXECUTE format($query$INSERT INTO pg_temp.print
                SELECT 'rows%2$s', %1$L, format('%%s rows ', count(*)) || coalesce(string_agg(r.digest, '' ORDER BY r.digest COLLATE "C"), '')
                FROM (SELECT md5(t::text) AS digest FROM %1$s AS t) AS r$query$, relation.name, relation.note);
        ELSE
            EXECUTE format($query$INSERT INTO pg_temp.print
                SELECT 'sequence%2$s', %1$L, concat_ws(' ', s.last_value, s.is_called) FROM %1$s AS s$query$, relation.name, relation.note);
        END IF;
    END LOOP;
END
$$;

-- The objects of the extension, and those that hang on its tables and schema, by whatever way they came.
CREATE TEMP TABLE object AS
SELECT o.classid, o.objid, i.type, i.identity, o.member
FROM (SELECT d.classid, d.objid, bool_or(d.deptype = 'e') AS member
      FROM (SELECT d.classid, d.objid, d.deptype::text FROM pg_depend AS d JOIN ours AS x ON x.oid = d.refobjid
            WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
            UNION ALL SELECT 'pg_class'::regclass, c.oid, NULL FROM pg_class AS c 
                WHERE c.relnamespace IN (SELECT n.oid FROM our_schema AS n) AND c.relkind NOT IN ('i', 't')
            UNION ALL SELECT 'pg_proc'::regclass, p.oid, NULL FROM pg_proc AS p WHERE p.pronamespace IN (SELECT n.oid FROM our_schema AS n)
            UNION ALL SELECT 'pg_type'::regclass, t.oid, NULL FROM pg_type AS t WHERE t.typnamespace IN (SELECT n.oid FROM our_schema AS n)
            UNION ALL SELECT 'pg_namespace'::regclass, n.oid, NULL FROM our_schema AS n
            UNION ALL SELECT 'pg_event_trigger'::regclass, e.oid, NULL FROM pg_event_trigger AS e) AS d
      GROUP BY d.classid, d.objid) AS o,
    LATERAL pg_identify_object(o.classid, o.objid, 0) AS i
-- a type that comes with a table, a view or another type is made and shown with it
WHERE NOT (o.classid = 'pg_type'::regclass
           AND EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = o.classid AND d.objid = o.objid AND d.deptype = 'i'));
CREATE TEMP TABLE relation AS
SELECT o.objid AS oid, o.identity AS name, c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relreplident, c.reloptions, c.relowner
FROM object AS o JOIN pg_class AS c ON o.classid = 'pg_class'::regclass AND c.oid = o.objid;

INSERT INTO print SELECT 'extension', x.extname, concat_ws(' ', x.extversion, x.extrelocatable, x.extnamespace::regnamespace)
FROM ours AS x;
INSERT INTO print SELECT 'member', o.type || ' ' || o.identity, '' FROM object AS o WHERE o.member;
INSERT INTO print SELECT 'not a member', o.type || ' ' || o.identity, '' FROM object AS o WHERE NOT o.member AND o.type <> 'schema';
INSERT INTO print SELECT 'dumped', d.name::regclass::text, d.condition
FROM ours AS x, unnest(x.extconfig, x.extcondition) AS d (name, condition);

INSERT INTO print
SELECT 'relation', r.name, concat_ws(' ', r.relkind, r.relpersistence, r.relrowsecurity, r.relforcerowsecurity, r.relreplident, r.reloptions, r.relowner::regrole)
FROM relation AS r;
INSERT INTO print
SELECT 'column', r.name || '.' || a.attname,
       concat_ws(' ', row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated,
                 a.attstorage, a.attcompression, a.attcollation::regcollation, nullif(a.attstattarget, -1),
                 (SELECT string_agg(o, ' ' ORDER BY o) FROM unnest(a.attoptions) AS o WHERE o LIKE 'n\_distinct%'), pg_get_expr(d.adbin, d.adrelid))
FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE r.relkind <> 'S';
INSERT INTO print
SELECT 'sequence rules', r.name, concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       (SELECT concat_ws(' ', d.refobjid::regclass, d.deptype) FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = r.oid AND d.deptype IN ('a', 'i')))
FROM relation AS r JOIN pg_sequence AS s ON s.seqrelid = r.oid;
INSERT INTO print
SELECT 'constraint', coalesce(nullif(c.conrelid, 0)::regclass::text, c.contypid::regtype::text) || ' ' || c.conname,
       concat_ws(' ', c.contype, c.convalidated, pg_get_constraintdef(c.oid))
FROM pg_constraint AS c
WHERE c.contype <> 'n' AND (c.conrelid IN (SELECT r.oid FROM relation AS r)
                            OR c.contypid IN (SELECT o.objid FROM object AS o WHERE o.classid = 'pg_type'::regclass));
INSERT INTO print
SELECT 'index', i.indexrelid::regclass::text, concat_ws(' ', i.indisvalid, i.indisclustered, i.indisreplident, pg_get_indexdef(i.indexrelid))
FROM pg_index AS i WHERE i.indrelid IN (SELECT r.oid FROM relation AS r);
-- those of foreign keys have a number for a name
INSERT INTO print
SELECT 'trigger', g.tgrelid::regclass || ' ' || CASE WHEN g.tgisinternal THEN 'of ' || c.conname || ' ' || g.tgfoid::regproc ELSE g.tgname::text END,
       concat_ws(' ', g.tgenabled, CASE WHEN NOT g.tgisinternal THEN pg_get_triggerdef(g.oid) END)
FROM pg_trigger AS g LEFT JOIN pg_constraint AS c ON c.oid = g.tgconstraint WHERE g.tgrelid IN (SELECT r.oid FROM relation AS r);
INSERT INTO print
SELECT 'rule', r.ev_class::regclass || ' ' || r.rulename, concat_ws(' ', r.ev_enabled, pg_get_ruledef(r.oid))
FROM pg_rewrite AS r WHERE r.ev_class IN (SELECT x.oid FROM relation AS x);
INSERT INTO print
SELECT 'policy', p.polrelid::regclass || ' ' || p.polname,
       concat_ws(' ', p.polcmd, p.polpermissive, p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy AS p WHERE p.polrelid IN (SELECT r.oid FROM relation AS r);
INSERT INTO print
SELECT 'event trigger', e.evtname, concat_ws(' ', e.evtevent, e.evtenabled, e.evttags, e.evtfoid::regprocedure, e.evtowner::regrole)
FROM pg_event_trigger AS e;

INSERT INTO print
SELECT 'function', o.identity,
       concat_ws(' ', p.proowner::regrole, p.procost, p.prosupport::regproc,
                 CASE WHEN p.prokind <> 'a' THEN pg_get_functiondef(p.oid)
                      ELSE concat_ws(' ', p.proparallel, p.provolatile, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn,
                                     a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggfinalmodify, a.aggtranstype::regtype, a.aggtransspace, a.agginitval)
                 END)
FROM object AS o JOIN pg_proc AS p ON p.oid = o.objid LEFT JOIN pg_aggregate AS a ON a.aggfnoid = p.oid
WHERE o.classid = 'pg_proc'::regclass;
INSERT INTO print
SELECT 'type', o.identity,
       concat_ws(' ', t.typowner::regrole, t.typtype, t.typlen, t.typbyval, t.typcategory, t.typispreferred, t.typdelim, t.typalign, t.typstorage, t.typnotnull,
                 t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typsubscript,
                 format_type(t.typbasetype, t.typtypmod), t.typdefault)
FROM object AS o JOIN pg_type AS t ON t.oid = o.objid WHERE o.classid = 'pg_type'::regclass;
INSERT INTO print
SELECT 'operator', o.identity, concat_ws(' ', p.oprcode, p.oprresult::regtype, p.oprcanmerge, p.oprcanhash, p.oprcom::regoperator, p.oprnegate::regoperator, p.oprrest, p.oprjoin)
FROM object AS o JOIN pg_operator AS p ON p.oid = o.objid WHERE o.classid = 'pg_operator'::regclass;
INSERT INTO print
SELECT 'cast', o.identity, concat_ws(' ', c.castfunc::regprocedure, c.castcontext, c.castmethod)
FROM object AS o JOIN pg_cast AS c ON c.oid = o.objid WHERE o.classid = 'pg_cast'::regclass;
INSERT INTO print
SELECT 'operator class', o.identity,
       concat_ws(' ', c.opcintype::regtype, c.opcdefault, c.opckeytype::regtype,
                 (SELECT string_agg(concat_ws(' ', m.amopstrategy, m.amopopr::regoperator), ', ' ORDER BY m.amopstrategy, m.amopopr::regoperator::text)
                  FROM pg_amop AS m WHERE m.amopfamily = c.opcfamily),
                 (SELECT string_agg(concat_ws(' ', m.amprocnum, m.amproc), ', ' ORDER BY m.amprocnum, m.amproc::text) FROM pg_amproc AS m WHERE m.amprocfamily = c.opcfamily))
FROM object AS o JOIN pg_opclass AS c ON c.oid = o.objid WHERE o.classid = 'pg_opclass'::regclass;

-- Comments, on the objects and on what belongs to them.
INSERT INTO print
SELECT 'comment', i.type || ' ' || i.identity, d.description
FROM pg_description AS d, LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) AS i
WHERE EXISTS (SELECT FROM object AS o WHERE o.classid = d.classoid AND o.objid = d.objoid)
   OR EXISTS (SELECT FROM pg_depend AS p JOIN object AS o ON o.classid = p.refclassid AND o.objid = p.refobjid
              WHERE p.classid = d.classoid AND p.objid = d.objoid AND p.deptype IN ('a', 'i'));

-- Privileges, those an owner has from the start included.
INSERT INTO print
SELECT 'privilege', o.name, string_agg(concat_ws(' ', a.grantor::regrole, 'to', CASE WHEN a.grantee = 0 THEN 'public' ELSE a.grantee::regrole::text END,
                                                 a.privilege_type, a.is_grantable), ', '
                                       ORDER BY a.grantor::regrole::text COLLATE "C", a.grantee::regrole::text COLLATE "C", a.privilege_type COLLATE "C", a.is_grantable)
FROM (SELECT 'table ' || r.name, coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))
      FROM relation AS r JOIN pg_class AS c ON c.oid = r.oid WHERE r.relkind <> 'c'
      UNION ALL
      SELECT format('column %s.%s', r.name, a.attname), a.attacl FROM relation AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
      UNION ALL
      SELECT 'function ' || x.identity, coalesce(p.proacl, acldefault('f', p.proowner))
      FROM object AS x JOIN pg_proc AS p ON p.oid = x.objid WHERE x.classid = 'pg_proc'::regclass
      UNION ALL
      SELECT 'type ' || x.identity, coalesce(t.typacl, acldefault('T', t.typowner))
      FROM object AS x JOIN pg_type AS t ON t.oid = x.objid WHERE x.classid = 'pg_type'::regclass
      UNION ALL
      SELECT 'schema ' || n.nspname, coalesce(n.nspacl, acldefault('n', n.nspowner)) FROM our_schema AS n
      UNION ALL
      SELECT format('to come in %s: %s of %s', d.defaclnamespace::regnamespace, d.defaclobjtype, d.defaclrole::regrole), d.defaclacl
      FROM pg_default_acl AS d WHERE d.defaclnamespace IN (SELECT n.oid FROM our_schema AS n)) AS o (name, acl),
    LATERAL aclexplode(o.acl) AS a
WHERE a.privilege_type <> 'MAINTAIN'
GROUP BY o.name;

\if :{?whole} \else \set whole false \endif
SELECT format('%s | %s | %s', p.kind, p.name, CASE WHEN :'whole'::boolean THEN regexp_replace(p.content, '\s+', ' ', 'g') ELSE md5(p.content) END)
FROM pg_temp.print AS p ORDER BY p.kind COLLATE "C", p.name COLLATE "C";
