--
-- calls.sql: calls every function and procedure of the extensions with arguments at random.
--
--     psql -X -d populated -v seed=1 -v calls=50 -f test/fuzz/calls.sql
--
-- An argument is a value of a column of its name, or some value or word of its type, or an odd one of
-- its type: an end of a range, something malformed, null.  Each call is a statement of its own, and
-- what it changes stays, so later calls meet what earlier ones made.  Errors are to be expected, and
-- are judged by who reads the server's log (014_random_calls.pl).
--
-- For a database made for it, with accounts and agreements in it.
--
\set QUIET 1
\set ON_ERROR_STOP on
\pset pager off
SET jit = off;
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';

CREATE TEMPORARY TABLE value (argument text, type regtype NOT NULL, literal text NOT NULL);

-- Values in the tables, by the name of their column; a row of each table, whole.
SELECT format('INSERT INTO value SELECT DISTINCT %L, %L::regtype, quote_literal(t.%I) FROM (SELECT * FROM %s LIMIT 1000) AS t '
              'WHERE t.%3$I IS NOT NULL ORDER BY 3 LIMIT 30',
              a.attname, coalesce(nullif(y.typbasetype, 0), y.oid)::regtype, a.attname, c.oid::regclass)
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid JOIN pg_type AS y ON y.oid = a.atttypid
WHERE c.relnamespace::regnamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum \gexec
SELECT format('INSERT INTO value SELECT NULL, %L, format(%L, i) FROM generate_series(0, 20) AS i', c.reltype::regtype,
              format('(SELECT t FROM %s AS t OFFSET %%s LIMIT 1)', c.oid::regclass))
FROM pg_class AS c WHERE c.relnamespace::regnamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g) AND c.relkind = 'r'
ORDER BY c.relname \gexec

-- The words that the tables know.
INSERT INTO value
SELECT DISTINCT NULL, regtype 'text', w.word[1]
FROM pg_constraint AS k, regexp_matches(pg_get_constraintdef(k.oid), '(''[^'']+'')::text', 'g') AS w (word)
WHERE k.connamespace::regnamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g) AND k.contype = 'c'
ORDER BY 3;

CREATE TEMPORARY TABLE odd (type regtype, literal text);
INSERT INTO odd
SELECT o.type, l.literal
FROM (VALUES
    (regtype 'text', $$'' | ' ' | repeat('x', 100000) | E'a\n\t''quoted'' \\ %s %I $1' | U&'\00E9\4E2D\+01F600' | 'E06000001' | 'NaN' | 'null' | '-infinity'$$),
    ('date', $$'infinity' | '-infinity' | '0001-01-01' | '9999-12-31' | '4713-01-01 BC' | '5874897-12-31' | '10000-01-01' | '2016-02-29' | '2000-01-01'$$),
    ('numeric', $$'NaN' | 'Infinity' | '-Infinity' | 0 | -1 | 0.01 | -0.01 | 0.001 | 100 | 99999999.99 | 9999999999.99 | 10000000000 | 1e30 | -1e30 | 1e-30 | 1e10000 | 123456789.123456789$$),
    ('bigint', '0 | -1 | 1 | 9223372036854775807 | -9223372036854775808'),
    ('integer', '0 | -1 | 1 | 7 | 2147483647 | -2147483648'),
    ('smallint', '0 | 32767'),
    ('boolean', 'true | false'),
    ('timestamptz', $$'infinity' | '-infinity' | '4713-01-01 BC' | '294276-12-31' | '2020-06-30 12:00Z'$$),
    ('bytea', $$'' | '\x00' | decode(repeat('ff', 5000), 'hex')$$),
    ('bytea[]', $$'{}' | '{NULL}' | '{"\\x00","\\xff"}' | '{{a},{b}}'$$),
    ('text[]', $$'{}' | '{a,NULL,b}' | '{{a},{b}}'$$),
    ('bigint[]', $$'{}' | '{1,2,3}' | '{1,1,NULL,-1}' | '{{1},{2}}' | '[5:6]={1,2}'$$),
    ('date[]', $$'{}' | '{2020-01-01,2021-06-30,2024-02-29}' | '{infinity,NULL,-infinity,2020-01-01}'$$),
    ('record', $$ROW() | ROW(1, 'x', NULL, 2.50, date '2020-01-01') | ROW(ROW(NULL), '{1,2}'::int[], 'x'::bytea)$$),
    ('jsonb', $$'{}' | '[]' | 'null' | '1e400' | '{"2020-01-01": "1"}' | '{"2020-01-01": 1, "-infinity": null}'$$),
    ('cstring', $$'' | '{}' | '{"2020-01-01": 1e5}' | '{"2020-02-30": 1}' | repeat('{', 100000) | '1/2' | '0.00/0.00' | '43120.50/86000.00' | '-1.00/1.00' | 'NaN/1'$$),
    ('care.schedule', $$'{"-infinity": 0}' | '{"-infinity": null}' | '{"-infinity": 9999999999.9999}' | '{"-infinity": -9999999999.9999}' | '{"9999-12-31": 1}'
        | '{"-infinity": 500, "2016-04-01": 700.35, "2020-02-29": 0, "2024-04-01": null}' | '{"2000-01-01": 86000, "2019-04-01": 90000}'
        | '{"-infinity": 2.65, "2015-07-01": 100, "2030-01-01": 0}' | '{"2020-01-01": 1, "2019-01-01": 2}'
        | SELECT care.schedule_agg(date '2010-01-01' + i, i % 7) FROM generate_series(1, 10000) AS i$$),
    ('care.cap_progress', $$'0.00/0.00' | '0.00/86000.00' | '43120.50/86000.00' | '9999999999.99/9999999999.99' | '2.00/1.00'$$)) AS o (type, literals),
    LATERAL regexp_split_to_table(o.literals, '\s+\|\s') AS l (literal);
INSERT INTO odd SELECT o.type, 'NULL' FROM odd AS o UNION SELECT v.type, 'NULL' FROM value AS v;

CREATE INDEX ON value (type, argument);
ANALYZE value;

CREATE FUNCTION pg_temp.pick(name text, kind regtype) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    chance float8 := random();
    picked text;
BEGIN
    IF chance < 0.6 THEN
        SELECT v.literal INTO picked FROM value AS v WHERE v.type = kind AND v.argument = name ORDER BY random() LIMIT 1;
    END IF;
    IF picked IS NULL AND chance < 0.85 THEN
        SELECT v.literal INTO picked FROM value AS v WHERE v.type = kind ORDER BY random() LIMIT 1;
    END IF;
    IF picked IS NULL THEN
        SELECT o.literal INTO picked FROM odd AS o WHERE o.type = kind ORDER BY random() LIMIT 1;
    END IF;
    RETURN format('(%s)::%s', coalesce(picked, 'NULL'), kind); -- of some types there is no value
END
$$;

CREATE FUNCTION pg_temp.call(function pg_proc) RETURNS text LANGUAGE sql AS $$
    SELECT format(CASE WHEN function.prokind = 'p' THEN 'CALL %s.%I(%s)' WHEN function.proretset THEN 'SELECT count(*) FROM %s.%I(%s)'
                       ELSE 'SELECT %s.%I(%s)' END, function.pronamespace::regnamespace, function.proname, string_agg(pg_temp.pick(a.name, a.type), ', ' ORDER BY a.place))
    FROM (SELECT function.pronargs - trunc(random() * (function.pronargdefaults + 1)) AS arguments) AS g,
        LATERAL (SELECT u.place, u.type::regtype, function.proargnames[u.place] AS name
                 FROM unnest(function.proargtypes::oid[]) WITH ORDINALITY AS u (type, place) WHERE u.place <= g.arguments) AS a
$$;

CREATE TEMPORARY TABLE statement (place int GENERATED ALWAYS AS IDENTITY, statement text);
SELECT setseed((:seed % 1000000) / 1000000.0) \g /dev/null
INSERT INTO statement (statement)
SELECT pg_temp.call(p)
FROM generate_series(1, :calls) AS round, (
    SELECT * FROM pg_proc AS q
    WHERE q.pronamespace::regnamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g)
      AND q.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
      AND NOT 'internal'::regtype = ANY (q.proargtypes::oid[])
      -- what only the scripts and the triggers of an extension call, of which there are no values here
      AND NOT q.proargtypes::oid[] && ARRAY['pg_class'::regtype, 'regclass'::regtype, 'regclass[]'::regtype, 'timestamptz[]'::regtype]::oid[]
    ORDER BY q.oid::regprocedure::text) AS p;
SELECT count(*) || ' calls of ' || count(DISTINCT substring(s.statement FROM 'ca[rs]e[a-z_]*\.[a-z_"]+')) || ' functions' FROM statement AS s;

\set ON_ERROR_STOP off
\o /dev/null
-- One that has no end is an error too; of what is internal, what takes long with values that its callers refuse is left.
SELECT format('SET statement_timeout = %L', CASE WHEN s.statement LIKE '%\_internal.%' THEN '5s' ELSE '1min' END), s.statement
FROM statement AS s ORDER BY random() \gexec
