--
-- 13_damaged: stored values that a disk gave back with other bytes.
--
-- Whatever they say, a function refuses them with an error of its own or works with what they say; it never
-- ends the server, runs on without end or fails inside.  test/callers makes such values.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\getenv directory PG_ABS_SRCDIR
\set library :directory '/callers/callers'
BEGIN;
CREATE FUNCTION pg_temp.stored_bytes(anyelement) RETURNS bytea LANGUAGE C STRICT AS :'library', 'stored_bytes';
CREATE FUNCTION pg_temp.stored_as(bytes bytea, of_type anyelement) RETURNS anyelement LANGUAGE C AS :'library', 'stored_as';
CREATE FUNCTION pg_temp.schedule(bytes bytea) RETURNS care.schedule LANGUAGE sql RETURN pg_temp.stored_as(bytes, NULL::care.schedule);
CREATE FUNCTION pg_temp.progress(bytes bytea) RETURNS care.cap_progress LANGUAGE sql RETURN pg_temp.stored_as(bytes, NULL::care.cap_progress);
CREATE FUNCTION pg_temp.sqlstate(statement text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
    RETURN '00000';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;

-- 16 bits of flags and the number of steps in 16, then 4 bytes of day and 8 of value a step, as this machine has them
CREATE TEMPORARY TABLE sound AS
SELECT pg_temp.stored_bytes('{"2000-01-02": 0.0001, "2000-01-03": 0.0002, "2000-01-04": 0.0003}'::care.schedule) AS bytes;
SELECT length(bytes), pg_temp.schedule(bytes) FROM sound;
CREATE FUNCTION pg_temp.swapped(bytes bytea, one int, other int) RETURNS bytea LANGUAGE sql
    RETURN overlay(overlay(bytes PLACING substr(bytes, 5 + 12 * other, 12) FROM 5 + 12 * one) PLACING substr(bytes, 5 + 12 * one, 12) FROM 5 + 12 * other);
SELECT damage, care_test.refused(format('SELECT %L::bytea AS bytes, care.value_on(pg_temp.schedule(%1$L), ''2000-01-03'')', d.bytes)) AS value_on,
       pg_temp.sqlstate(format('SELECT pg_temp.schedule(%L) OPERATOR(care.+) 1.0', d.bytes)) AS sum,
       pg_temp.sqlstate(format('SELECT care.balance(1, ''2000-01-02'', pg_temp.schedule(%L), ''act/act'', ''daily'', ''2000-01-05'')', d.bytes)) AS balance,
       pg_temp.sqlstate(format('SELECT pg_temp.schedule(%L)::text', d.bytes)) AS text
FROM sound AS s, LATERAL (VALUES
    ('nothing', ''::bytea), ('half a header', substr(s.bytes, 1, 3)), ('a flag', set_byte(s.bytes, 0, 1)), ('no step', '\x00000000'),
    ('cut', substr(s.bytes, 1, length(s.bytes) - 1)), ('longer', s.bytes || '\x00'::bytea), ('another number', set_byte(s.bytes, 2, get_byte(s.bytes, 2) # 1)),
    ('another order', pg_temp.swapped(s.bytes, 0, 1)), ('a day twice', overlay(s.bytes PLACING substr(s.bytes, 5, 4) FROM 17)),
    ('a value twice', overlay(s.bytes PLACING substr(s.bytes, 9, 8) FROM 21)),
    ('a day past the last', overlay(s.bytes PLACING '\x7f7f7f7f' FROM 29)), ('-infinity, not first', overlay(s.bytes PLACING '\x80000080' FROM 17)),
    ('a value past the limit', overlay(s.bytes PLACING '\x7f7f7f7f7f7f7f7f' FROM 9)),
    ('a value under the limit', overlay(s.bytes PLACING '\x8f8f8f8f8f8f8f8f' FROM 9))) AS d (damage, bytes);
-- where it is kept, and where it is compared
CREATE TEMPORARY TABLE kept (n int, s care.schedule);
INSERT INTO kept SELECT n, pg_temp.schedule(CASE n WHEN 2 THEN pg_temp.swapped(bytes, 0, 1) ELSE bytes END) FROM sound, generate_series(1, 3) AS n;
SELECT count(*) FROM kept;
SELECT care_test.refused('SELECT DISTINCT s FROM kept');
SELECT care_test.refused('SELECT count(*) FROM kept AS a JOIN kept AS b ON a.s OPERATOR(care.=) b.s');
SELECT care_test.refused('SELECT care_internal.canonical(k) FROM kept AS k WHERE n = 2');
SELECT n, s FROM kept WHERE n <> 2 ORDER BY n;

-- 8 bytes of accrued pence, 8 of the cap, 4 of flags, 4 reserved
SELECT damage, care_test.refused(format('SELECT pg_temp.progress(%L)::text', d.bytes)) AS text,
       pg_temp.sqlstate(format('SELECT pg_temp.progress(%L) OPERATOR(care.<) ''1.00/2.00''', d.bytes)) AS less,
       pg_temp.sqlstate(format('SELECT care.percent(pg_temp.progress(%L))', d.bytes)) AS percent
FROM (SELECT pg_temp.stored_bytes('43120.50/86000.00'::care.cap_progress)) AS s (bytes), LATERAL (VALUES
    ('above the cap', overlay(s.bytes PLACING '\x7f7f7f7f7f000000' FROM 1)), ('negative', overlay(s.bytes PLACING '\xffffffffffffffff' FROM 1)),
    ('past the limit', overlay(s.bytes PLACING '\x7f7f7f7f7f7f7f7f' FROM 9)), ('flags', set_byte(s.bytes, 16, 1)), ('reserved', set_byte(s.bytes, 20, 1))) AS d (damage, bytes);

-- the state of an aggregate, as a worker sends it: of schedule_agg its points in any order, of balance 40 bytes
CREATE FUNCTION pg_temp.relay_read(internal, aggregate regprocedure, state bytea) RETURNS internal LANGUAGE C AS :'library', 'relay_read';
CREATE FUNCTION pg_temp.relay_final(internal) RETURNS text LANGUAGE C AS :'library', 'relay_final';
CREATE AGGREGATE pg_temp.result_of(aggregate regprocedure, state bytea) (SFUNC = pg_temp.relay_read, STYPE = internal, FINALFUNC = pg_temp.relay_final);
SELECT state, care_test.refused(format('SELECT pg_temp.result_of(''care.schedule_agg(date, numeric)'', %L)', d.bytes)) AS result
FROM (SELECT substr(pg_temp.swapped(bytes, 0, 2), 5) FROM sound) AS s (bytes), LATERAL (VALUES
    ('sound', s.bytes), ('cut', substr(s.bytes, 1, 13)), ('a day past the last', overlay(s.bytes PLACING '\x7f7f7f7f' FROM 1)),
    ('a value past the limit', overlay(s.bytes PLACING '\x7f7f7f7f7f7f7f7f' FROM 17)), ('too many', decode(repeat('00', 120012), 'hex'))) AS d (state, bytes);
SELECT state, care_test.refused(format('SELECT pg_temp.result_of(''care.balance(numeric, date, care.schedule, text, text, date)'', %L)', d.bytes)) AS result
FROM (VALUES ('sound', decode(repeat('00', 39) || '0100', 'hex')), ('cut', decode(repeat('00', 40), 'hex')), ('longer', decode(repeat('00', 42), 'hex')),
             ('too large', decode(repeat('7f', 40) || '00', 'hex'))) AS d (state, bytes);

-- Bytes changed at random, for every function and operator that takes a schedule or a progress.
CREATE TEMPORARY TABLE argument (type regtype, literal text);
INSERT INTO argument VALUES
    ('date', '2020-01-01'), ('date', '2000-01-03'), ('date', '-infinity'), ('date', '9999-12-31'), ('date', '0001-01-01'), ('date', '2024-02-29'),
    ('numeric', '0'), ('numeric', '-1.5'), ('numeric', '9999999999.99'), ('numeric', '0.0001'),
    ('text', 'act/act'), ('text', 'act/365f'), ('text', 'daily'), ('text', 'weekly'), ('text', 'monthly'), ('text', 'none'), ('text', 'reach'), ('text', 'exceed'), ('text', 'care_fees'), ('text', 'payment'),
    ('boolean', 'true'), ('boolean', 'false'), ('integer', '12'), ('bigint', '1'), ('record', '(1,2)'), ('jsonb', '{"2020-01-01": 1}');
CREATE TEMPORARY TABLE whole AS
SELECT regtype 'care.schedule' AS type, pg_temp.stored_bytes(s::care.schedule) AS bytes
FROM unnest('{"{\"2000-01-01\": 1}", "{\"-infinity\": 2.5, \"2000-01-02\": 4, \"2020-02-29\": null}", "{\"-infinity\": 86000, \"2019-04-01\": 90000, \"2023-04-01\": 0, \"2024-04-01\": 5}"}'::text[]) AS s
UNION ALL
SELECT 'care.schedule', pg_temp.stored_bytes(care.schedule_agg(date '2010-01-01' + i * 50, i % 7)) FROM generate_series(1, 100) AS i
UNION ALL
SELECT 'care.cap_progress', pg_temp.stored_bytes(p::care.cap_progress) FROM unnest('{0.00/0.00, 43120.50/86000.00, 86000.00/86000.00}'::text[]) AS p;
CREATE FUNCTION pg_temp.damaged(bytes bytea, fixed boolean) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    odd CONSTANT bytea[] := '{"\\x00000080", "\\xffffff7f", "\\x00000000", "\\xffffffff", "\\x0000000000000080", "\\xffffffffffffff7f", "\\xd3952c00", "\\x00407a10f35a0000"}';
    put bytea;
BEGIN
    FOR i IN 1 .. 1 + (random() * 2)::int LOOP
        put := CASE WHEN random() < 0.5 THEN odd[1 + trunc(random() * cardinality(odd))]
                    WHEN random() < 0.5 THEN set_byte('\x00', 0, (random() * 255)::int)
                    ELSE substr(bytes, 1 + trunc(random() * length(bytes))::int, CASE WHEN random() < 0.5 THEN 12 ELSE 4 END) END;
        bytes := overlay(bytes PLACING put FROM CASE WHEN random() < 0.7 THEN 5 + 4 * trunc(random() * greatest(length(bytes) / 4 - 1, 1))::int
                                                     ELSE 1 + trunc(random() * length(bytes))::int END);
    END LOOP;
    RETURN CASE WHEN fixed THEN substr(bytes || decode(repeat('00', 24), 'hex'), 1, 24)
                WHEN random() < 0.1 THEN substr(bytes, 1, trunc(random() * length(bytes))::int) ELSE bytes END;
END
$$;
-- an argument as SQL: a schedule or progress, damaged in some of them, or any value of its type
CREATE FUNCTION pg_temp.pick(kind regtype) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN kind IN ('care.schedule'::regtype, 'care.cap_progress'::regtype) THEN
        (SELECT format('pg_temp.stored_as(%L, NULL::%s)', CASE WHEN random() < 0.7 THEN pg_temp.damaged(w.bytes, kind = 'care.cap_progress'::regtype) ELSE w.bytes END, kind)
         FROM whole AS w WHERE w.type = kind ORDER BY random() LIMIT 1)
    ELSE coalesce((SELECT format('%L::%s', a.literal, kind) FROM argument AS a WHERE a.type = kind ORDER BY random() LIMIT 1), format('NULL::%s', kind)) END
$$;
CREATE FUNCTION pg_temp.call(function regprocedure, arguments regtype[]) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT %s(%s)', function::regproc, string_agg(pg_temp.pick(u.type), ', ' ORDER BY u.place)) FROM unnest(arguments) WITH ORDINALITY AS u (type, place)
$$;
SELECT setseed(0.25);
SET LOCAL statement_timeout = '300s';
CREATE TEMPORARY TABLE outcome AS
SELECT f.function, s.sqlstate
FROM (SELECT p.oid::regprocedure AS function, p.proargtypes::oid[]::regtype[] AS arguments FROM pg_proc AS p
      WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND p.prokind IN ('f', 'a') AND NOT 'internal'::regtype = ANY (p.proargtypes::oid[])
        AND (p.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c') OR p.prokind = 'a')
        AND p.proargtypes::oid[] && ARRAY['care.schedule'::regtype, 'care.cap_progress'::regtype]::oid[]) AS f, generate_series(1, 100) AS i,
    LATERAL (SELECT pg_temp.sqlstate(pg_temp.call(f.function, f.arguments)) AS sqlstate WHERE i > 0) AS s;
SELECT count(DISTINCT function) > 40 AS functions, count(*) FILTER (WHERE sqlstate = 'XX001') > 2000 AS damaged, count(*) FILTER (WHERE sqlstate = '00000') > 200 AS worked FROM outcome;
-- each of them has met damage
SELECT function FROM outcome GROUP BY 1 HAVING NOT bool_or(sqlstate = 'XX001') ORDER BY function::text;
SELECT function, sqlstate, count(*) FROM outcome WHERE sqlstate NOT IN ('00000', 'XX001', '22003', '22004', '22023', '54000', '55000') GROUP BY 1, 2 ORDER BY function::text, 2;
ROLLBACK;
