--
-- 12_schedule_errors: every class of malformed schedule, with its SQLSTATE.
--
-- 22P02 malformed, 22P03 malformed binary, 22003 out of range, 54000 too many steps.
--
SET datestyle = 'ISO, YMD';
\pset null '(null)'
\pset format unaligned
\pset tuples_only on

--
-- Not JSON, or not the JSON of a schedule.
--
SELECT care_test.refused(format('SELECT %L::care.schedule', t))
FROM unnest(ARRAY['', ' ', '{', '}', '[]', 'null', '5', '"2015-04-01"', '{}', '{ }', '{"2015-04-01"}',
    '{"2015-04-01":}', '{"2015-04-01": 1',
    '{"2015-04-01": 1,}', '{,"2015-04-01": 1}', '{"2015-04-01": 1 "2015-04-02": 2}', '{"2015-04-01" 1}',
    '{"2015-04-01": 1};', '{"2015-04-01": 1}{"2015-04-02": 1}',
    '{2015-04-01: 1}', $q${'2015-04-01': 1}$q$, '{"2015-04-01: 1}', '{"2015-04-01 ": 1}', '{" 2015-04-01": 1}',
    '{"": 1}', '[{"2015-04-01": 1}]', '{"2015-04-01": {}}',
    '{"2015-04-01": []}']) AS t;

--
-- Numbers: plain decimals and null, nothing else.
--
SELECT care_test.refused(format('SELECT ''{"2015-04-01": %s}''::care.schedule', n))
FROM unnest(ARRAY['NaN', 'Infinity', '-Infinity', 'infinity', 'inf', '"2.65"', 'true', 'NULL', 'nul', 'nulls', '+1',
    '--1', '-', '- 1', '01', '00', '-01', '.5', '1.', '1.x', '1,5',
    '1 000', '1e2', '1E2', '0x10', '1_000', '$1']) AS n;
-- 5 decimals; noughts beyond the fourth say nothing and are let through
SELECT care_test.refused(format('SELECT ''{"2015-04-01": %s}''::care.schedule', n))
FROM unnest(ARRAY['2.65001', '0.00001', '-0.00001', '1.00000000000000000001']) AS n;
SELECT '{"2015-04-01": 2.65000, "2015-04-02": 0.00010000000000000000000000000000}'::care.schedule;
-- both sides of the largest value
SELECT '{"2015-04-01": 9999999999.9999, "2015-04-02": -9999999999.9999}'::care.schedule;
SELECT care_test.refused(format('SELECT ''{"2015-04-01": %s}''::care.schedule', n))
FROM unnest(ARRAY['10000000000', '-10000000000', '9999999999.99991', '10000000000.0000',
    '99999999999999999999999999999999999999999999999999']) AS n;

--
-- Days.
--
SELECT care_test.refused(format('SELECT ''{"%s": 1}''::care.schedule', d))
FROM unnest(ARRAY['2015-02-30', '2015-02-29', '1900-02-29', '2100-02-29', '2015-04-31', '2015-13-01', '2015-00-10',
    '2015-01-00', '2015-01-32', '0000-01-01', '0000-12-31', '10000-01-01',
    '-0001-01-01', '0044-03-15 BC', 'infinity', '+infinity', '-INFINITY', 'today', 'epoch', '2015-4-1', '15-04-01',
    '01/04/2015', '2015/04/01', '20150401', '2015-04-01T00:00', '2015-04-0x']) AS d;
SELECT '{"2000-02-29": 1, "2016-02-29": 2}'::care.schedule, '{"0001-01-01": 1, "9999-12-31": 2}'::care.schedule;
-- duplicate, even when both say the same; unsorted; the beginning anywhere but first
SELECT care_test.refused(format('SELECT %L::care.schedule', t))
FROM unnest(ARRAY['{"2015-04-01": 1, "2015-04-01": 2}', '{"2015-04-01": 1, "2015-04-01": 1}',
    '{"2015-04-02": 1, "2015-04-01": 2}', '{"2015-04-01": 1, "2016-04-01": 1, "2015-06-01": 1}',
    '{"2015-04-01": 1, "-infinity": 2}', '{"-infinity": 1, "-infinity": 2}']) AS t;

--
-- The number of steps.  A step that repeats the one before is none; long input is not repeated in the message.
--
CREATE FUNCTION pg_temp.long_text(steps int, different bool) RETURNS text LANGUAGE sql AS $$
    SELECT '{' || string_agg(format('"%s": %s', '2000-01-01'::date + i, CASE WHEN different THEN i ELSE 5 END),
        ', ' ORDER BY i) || '}'
    FROM generate_series(1, steps) AS i
$$;
SELECT count(*) FROM care.steps(pg_temp.long_text(10000, true)::care.schedule);
SELECT care_test.refused(format('SELECT %L::care.schedule', pg_temp.long_text(10001, true)));
SELECT pg_temp.long_text(10001, false)::care.schedule;
SELECT care_test.refused(format('SELECT %L::jsonb::care.schedule', pg_temp.long_text(10001, true)));
SELECT care_test.refused(format('SELECT %L::care.schedule', pg_temp.long_text(4, true) || 'x'));

--
-- From jsonb.
--
SELECT care_test.refused(format('SELECT %L::jsonb::care.schedule', t))
FROM unnest(ARRAY['null', '[]', '{}', '5', '"x"', '{"2015-04-01": "1"}', '{"2015-04-01": true}',
    '{"2015-04-01": {"a": 1}}', '{"2015-02-30": 1}', '{"2015-04-01": 1e-5}', '{"2015-04-01": 1e10}',
    '{"2015-04-01": 1e1000}', '{"infinity": 1}', '{"a": 1, "2015-04-01": 1}']) AS t;

--
-- Binary: what COPY reads, byte by byte, in hexadecimal.  Nothing that no version wrote is taken.
--
CREATE TEMP TABLE received (s care.schedule);
-- what COPY reads for one row of one field
CREATE FUNCTION pg_temp.stream(payload bytea) RETURNS text LANGUAGE sql AS $$
    SELECT translate(encode('\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea -- signature, flags, no extension
        || '\x0001'::bytea || int4send(length(payload)) || payload || '\xffff'::bytea, 'base64'), E'\n', '')
$$;
CREATE FUNCTION pg_temp.receive(VARIADIC parts text[]) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM received;
    EXECUTE format('COPY received FROM PROGRAM %L (FORMAT binary)',
                   'echo ' || pg_temp.stream(decode(array_to_string(parts, ''), 'hex')) || ' | base64 -d');
    RETURN (SELECT r.s::text FROM received AS r);
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END
$$;
CREATE FUNCTION pg_temp.hex(day date) RETURNS text LANGUAGE sql AS $$ SELECT encode(int4send(day - '2000-01-01'), 'hex') $$;
CREATE FUNCTION pg_temp.hex(value bigint) RETURNS text LANGUAGE sql AS $$ SELECT encode(int8send(value), 'hex') $$;
-- the form, 01; the number of steps; a day and a value for each
SELECT pg_temp.receive('01', '00000001', '00000000', '0000000000002710');
SELECT pg_temp.receive(encode(care_internal.schedule_send('{"-infinity": 1, "2000-01-02": null, "9999-12-31": -9999999999.9999}'), 'hex'));
-- no bytes; cut short in the number, after it, in a step
SELECT pg_temp.receive('');
SELECT pg_temp.receive('01', '0000');
SELECT pg_temp.receive('01', '00000001');
SELECT pg_temp.receive('01', '00000001', '00000000', '00000000000027');
-- another form
SELECT pg_temp.receive('00', '00000001', '00000000', '0000000000002710');
SELECT pg_temp.receive('02', '00000001', '00000000', '0000000000002710');
-- more steps than it says, fewer; none; less than none
SELECT pg_temp.receive('01', '00000001', '00000000', '0000000000002710', '00000001', '0000000000002711');
SELECT pg_temp.receive('01', '00000002', '00000000', '0000000000002710');
SELECT pg_temp.receive('01', '00000000');
SELECT pg_temp.receive('01', 'ffffffff', '00000000', '0000000000002710');
SELECT pg_temp.receive('01', '7fffffff', '00000000', '0000000000002710');
-- 10,000 steps, and one more; too long for a command line, so by way of a file
CREATE FUNCTION pg_temp.many(steps int) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.stream('\x01'::bytea || int4send(steps) || decode(string_agg(pg_temp.hex('2000-01-01'::date
               + i) || pg_temp.hex(i::bigint), '' ORDER BY i), 'hex'))
    FROM generate_series(1, steps) AS i
$$;
DELETE FROM received;
COPY (SELECT pg_temp.many(10000)) TO PROGRAM 'base64 -d >care_account_test.bin';
COPY received FROM PROGRAM 'cat care_account_test.bin; rm care_account_test.bin' (FORMAT binary);
SELECT count(*) FROM received, care.steps(s);
COPY (SELECT pg_temp.many(10001)) TO PROGRAM 'base64 -d >care_account_test.bin';
COPY received FROM PROGRAM 'cat care_account_test.bin; rm care_account_test.bin' (FORMAT binary);
\echo :SQLSTATE
-- a day twice; days in disorder; a step that repeats a value
SELECT pg_temp.receive('01', '00000002', '00000000', '0000000000002710', '00000000', '0000000000002711');
SELECT pg_temp.receive('01', '00000002', '00000001', '0000000000002710', '00000000', '0000000000002711');
SELECT pg_temp.receive('01', '00000002', '00000000', '0000000000002710', '00000001', '0000000000002710');
-- the last day and the one after it; the first and the one before it
SELECT pg_temp.receive('01', '00000001', pg_temp.hex('9999-12-31'::date), '0000000000002710');
SELECT pg_temp.receive('01', '00000001', pg_temp.hex('10000-01-01'::date), '0000000000002710');
SELECT pg_temp.receive('01', '00000001', pg_temp.hex('0001-01-01'::date), '0000000000002710');
SELECT pg_temp.receive('01', '00000001', pg_temp.hex('0001-12-31 BC'::date), '0000000000002710');
-- infinity; -infinity first and second
SELECT pg_temp.receive('01', '00000001', '7fffffff', '0000000000002710');
SELECT pg_temp.receive('01', '00000001', '80000000', '0000000000002710');
SELECT pg_temp.receive('01', '00000002', '00000000', '0000000000002710', '80000000', '0000000000002711');
-- the largest value and the one above it; the smallest and the one below it; not known, and the one beside it
SELECT pg_temp.receive('01', '00000001', '00000000', pg_temp.hex(99999999999999));
SELECT pg_temp.receive('01', '00000001', '00000000', pg_temp.hex(100000000000000));
SELECT pg_temp.receive('01', '00000001', '00000000', pg_temp.hex(-99999999999999));
SELECT pg_temp.receive('01', '00000001', '00000000', pg_temp.hex(-100000000000000));
SELECT pg_temp.receive('01', '00000001', '00000000', '8000000000000000');
SELECT pg_temp.receive('01', '00000001', '00000000', '8000000000000001');
-- Every bit of a short one turned over, one at a time: what is taken means what it says, and is
-- written the same way again; what is not is 22P03.
WITH whole AS (SELECT care_internal.schedule_send('{"2000-01-01": 1, "2000-01-03": 2}') AS bytes),
    damaged AS (SELECT set_bit(w.bytes, bit, 1 - get_bit(w.bytes, bit)) AS bytes
        FROM whole AS w, generate_series(0, 8 * length(w.bytes) - 1) AS bit),
    result AS MATERIALIZED (SELECT d.bytes, pg_temp.receive(encode(d.bytes, 'hex')) AS said FROM damaged AS d)
SELECT count(*), bool_and(CASE WHEN said LIKE '{%' THEN care_internal.schedule_send(said::care.schedule)
           = bytes ELSE said LIKE '22P03 %' END),
       count(*) FILTER (WHERE said LIKE '{%') BETWEEN 1 AND 231
FROM result;
