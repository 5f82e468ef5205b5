--
-- schedule: the domains for money and rates, and care.schedule, a value that holds from a day until
-- the next step.
--
-- Must not know: what a value means, integrals, tables.
--

CREATE DOMAIN care.pounds AS numeric
    CONSTRAINT pounds_in_range CHECK (VALUE > -10000000000
                                      AND VALUE < 10000000000)
    CONSTRAINT pounds_in_pence CHECK (min_scale(VALUE) <= 2);
COMMENT ON DOMAIN care.pounds IS
    'An amount of money in pounds: finite, under 10,000 million either way, at most 2 decimals; more are an error, '
    'never rounded away.';
COMMENT ON CONSTRAINT pounds_in_range ON DOMAIN care.pounds IS 'Finite and under 10,000 million either way.';
COMMENT ON CONSTRAINT pounds_in_pence ON DOMAIN care.pounds IS 'Whole pence.';

CREATE DOMAIN care.percent AS numeric
    CONSTRAINT percent_in_range CHECK (VALUE >= 0 AND VALUE <= 100)
    CONSTRAINT percent_decimals CHECK (min_scale(VALUE) <= 4);
COMMENT ON DOMAIN care.percent IS 'An annual rate in per cent: 0 to 100, at most 4 decimals.';
COMMENT ON CONSTRAINT percent_in_range ON DOMAIN care.percent IS '0 to 100.';
COMMENT ON CONSTRAINT percent_decimals ON DOMAIN care.percent IS 'At most 4 decimals.';

CREATE TYPE care.schedule;

CREATE FUNCTION care_internal.schedule_in(cstring) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_in';
COMMENT ON FUNCTION care_internal.schedule_in(cstring) IS
    'Text to schedule.';

CREATE FUNCTION care_internal.schedule_out(care.schedule) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_out';
COMMENT ON FUNCTION care_internal.schedule_out(care.schedule) IS
    'Schedule to text.';

CREATE FUNCTION care_internal.schedule_recv(internal) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_recv';
COMMENT ON FUNCTION care_internal.schedule_recv(internal) IS
    'Binary form to schedule.';

CREATE FUNCTION care_internal.schedule_send(care.schedule) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_send';
COMMENT ON FUNCTION care_internal.schedule_send(care.schedule) IS
    'Schedule to binary form.';

CREATE TYPE care.schedule (
    INPUT = care_internal.schedule_in,
    OUTPUT = care_internal.schedule_out,
    RECEIVE = care_internal.schedule_recv,
    SEND = care_internal.schedule_send,
    INTERNALLENGTH = VARIABLE,
    ALIGNMENT = int4,
    STORAGE = extended
);
COMMENT ON TYPE care.schedule IS
    'A value that holds from a day until the next step, as in {"2015-04-01": 2.65, "2015-07-01": 2.25, "2026-01-01": '
    'null}. Values have at most 4 decimals; null is not known, which is not nought. The first day may be -infinity; '
    'before it there is no value. At most 10,000 steps.';

CREATE FUNCTION care.schedule(jsonb) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_from_jsonb';
COMMENT ON FUNCTION care.schedule(jsonb) IS
    'A schedule from its JSON form.';

CREATE FUNCTION care.jsonb(care.schedule) RETURNS jsonb
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_to_jsonb';
COMMENT ON FUNCTION care.jsonb(care.schedule) IS
    'A schedule as JSON.';

CREATE CAST (jsonb AS care.schedule) WITH FUNCTION care.schedule(jsonb);
COMMENT ON CAST (jsonb AS care.schedule) IS 'A schedule from its JSON form.';
CREATE CAST (care.schedule AS jsonb) WITH FUNCTION care.jsonb(care.schedule);
COMMENT ON CAST (care.schedule AS jsonb) IS 'A schedule as JSON.';

CREATE FUNCTION care_internal.schedule_eq(care.schedule, care.schedule) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_eq';
COMMENT ON FUNCTION care_internal.schedule_eq(care.schedule, care.schedule) IS
    'The same value on every day.';

CREATE FUNCTION care_internal.schedule_ne(care.schedule, care.schedule) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_ne';
COMMENT ON FUNCTION care_internal.schedule_ne(care.schedule, care.schedule) IS
    'A different value on some day.';

-- The order is for indexes, sorts and DISTINCT: the first day on which two differ decides; no value comes before not
-- known, and that before every value.  It is frozen: indexes rest on it.
CREATE FUNCTION care_internal.schedule_lt(care.schedule, care.schedule) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_lt';
COMMENT ON FUNCTION care_internal.schedule_lt(care.schedule, care.schedule) IS
    'Before, in the order of schedules.';

CREATE FUNCTION care_internal.schedule_le(care.schedule, care.schedule) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_le';
COMMENT ON FUNCTION care_internal.schedule_le(care.schedule, care.schedule) IS
    'Before, or the same.';

CREATE FUNCTION care_internal.schedule_gt(care.schedule, care.schedule) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_gt';
COMMENT ON FUNCTION care_internal.schedule_gt(care.schedule, care.schedule) IS
    'After, in the order of schedules.';

CREATE FUNCTION care_internal.schedule_ge(care.schedule, care.schedule) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_ge';
COMMENT ON FUNCTION care_internal.schedule_ge(care.schedule, care.schedule) IS
    'After, or the same.';

CREATE FUNCTION care_internal.schedule_cmp(care.schedule, care.schedule) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_cmp';
COMMENT ON FUNCTION care_internal.schedule_cmp(care.schedule, care.schedule) IS
    'Order of two: by what they hold on the first day on which they differ.';

CREATE FUNCTION care_internal.schedule_hash(care.schedule) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_hash';
COMMENT ON FUNCTION care_internal.schedule_hash(care.schedule) IS
    'Hash of a schedule.';

CREATE FUNCTION care_internal.schedule_hash_extended(care.schedule, bigint) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_hash_extended';
COMMENT ON FUNCTION care_internal.schedule_hash_extended(care.schedule, bigint) IS
    'Seeded hash of a schedule.';

CREATE OPERATOR care.= (
    FUNCTION = care_internal.schedule_eq, LEFTARG = care.schedule, RIGHTARG = care.schedule,
    COMMUTATOR = OPERATOR(care.=), NEGATOR = OPERATOR(care.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES,
    MERGES
);
COMMENT ON OPERATOR care.= (care.schedule, care.schedule) IS 'The same value on every day.';
CREATE OPERATOR care.<> (
    FUNCTION = care_internal.schedule_ne, LEFTARG = care.schedule, RIGHTARG = care.schedule,
    COMMUTATOR = OPERATOR(care.<>), NEGATOR = OPERATOR(care.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR care.<> (care.schedule, care.schedule) IS 'A different value on some day.';
CREATE OPERATOR care.< (
    FUNCTION = care_internal.schedule_lt, LEFTARG = care.schedule, RIGHTARG = care.schedule,
    COMMUTATOR = OPERATOR(care.>), NEGATOR = OPERATOR(care.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR care.< (care.schedule, care.schedule) IS 'Before, in the order of schedules.';
CREATE OPERATOR care.<= (
    FUNCTION = care_internal.schedule_le, LEFTARG = care.schedule, RIGHTARG = care.schedule,
    COMMUTATOR = OPERATOR(care.>=), NEGATOR = OPERATOR(care.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR care.<= (care.schedule, care.schedule) IS 'Before, or the same.';
CREATE OPERATOR care.> (
    FUNCTION = care_internal.schedule_gt, LEFTARG = care.schedule, RIGHTARG = care.schedule,
    COMMUTATOR = OPERATOR(care.<), NEGATOR = OPERATOR(care.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR care.> (care.schedule, care.schedule) IS 'After, in the order of schedules.';
CREATE OPERATOR care.>= (
    FUNCTION = care_internal.schedule_ge, LEFTARG = care.schedule, RIGHTARG = care.schedule,
    COMMUTATOR = OPERATOR(care.<=), NEGATOR = OPERATOR(care.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR care.>= (care.schedule, care.schedule) IS 'After, or the same.';
CREATE OPERATOR CLASS care.schedule_ops DEFAULT FOR TYPE care.schedule USING btree AS
    OPERATOR 1 care.< (care.schedule, care.schedule),
    OPERATOR 2 care.<= (care.schedule, care.schedule),
    OPERATOR 3 care.= (care.schedule, care.schedule),
    OPERATOR 4 care.>= (care.schedule, care.schedule),
    OPERATOR 5 care.> (care.schedule, care.schedule),
    FUNCTION 1 (care.schedule, care.schedule) care_internal.schedule_cmp(care.schedule, care.schedule);
COMMENT ON OPERATOR CLASS care.schedule_ops USING btree IS
    'Order of schedules, for ORDER BY, DISTINCT, count(DISTINCT ...) and unique keys.';
COMMENT ON OPERATOR FAMILY care.schedule_ops USING btree IS 'Order of schedules.';
CREATE OPERATOR CLASS care.schedule_ops DEFAULT FOR TYPE care.schedule USING hash AS
    OPERATOR 1 care.= (care.schedule, care.schedule),
    FUNCTION 1 (care.schedule, care.schedule) care_internal.schedule_hash(care.schedule),
    FUNCTION 2 (care.schedule, care.schedule) care_internal.schedule_hash_extended(care.schedule, bigint);
COMMENT ON OPERATOR CLASS care.schedule_ops USING hash IS 'Hashing of schedules, for DISTINCT, GROUP BY and joins.';
COMMENT ON OPERATOR FAMILY care.schedule_ops USING hash IS 'Hashing of schedules.';

CREATE FUNCTION care_internal.schedule_add(care.schedule, care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_add';
COMMENT ON FUNCTION care_internal.schedule_add(care.schedule, care.schedule) IS
    'The sum, day by day; not known where either is not.';

CREATE FUNCTION care_internal.schedule_add_number(care.schedule, numeric) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_add_number';
COMMENT ON FUNCTION care_internal.schedule_add_number(care.schedule, numeric) IS
    'The sum, day by day.';

CREATE FUNCTION care_internal.number_add_schedule(numeric, care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_number_add_schedule';
COMMENT ON FUNCTION care_internal.number_add_schedule(numeric, care.schedule) IS
    'The sum, day by day.';

CREATE OPERATOR care.+ (FUNCTION = care_internal.schedule_add, LEFTARG = care.schedule, RIGHTARG = care.schedule,
                        COMMUTATOR = OPERATOR(care.+));
COMMENT ON OPERATOR care.+ (care.schedule, care.schedule) IS 'The sum, day by day.';

CREATE OPERATOR care.+ (FUNCTION = care_internal.schedule_add_number, LEFTARG = care.schedule, RIGHTARG = numeric,
                        COMMUTATOR = OPERATOR(care.+));
COMMENT ON OPERATOR care.+ (care.schedule, numeric) IS 'The sum, day by day.';

CREATE OPERATOR care.+ (FUNCTION = care_internal.number_add_schedule, LEFTARG = numeric, RIGHTARG = care.schedule,
                        COMMUTATOR = OPERATOR(care.+));
COMMENT ON OPERATOR care.+ (numeric, care.schedule) IS 'The sum, day by day.';

CREATE FUNCTION care_internal.schedule_subtract(care.schedule, care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_subtract';
COMMENT ON FUNCTION care_internal.schedule_subtract(care.schedule, care.schedule) IS
    'The difference, day by day; not known where either is not.';

CREATE FUNCTION care_internal.schedule_subtract_number(care.schedule, numeric) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_subtract_number';
COMMENT ON FUNCTION care_internal.schedule_subtract_number(care.schedule, numeric) IS
    'The difference, day by day.';

CREATE FUNCTION care_internal.number_subtract_schedule(numeric, care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_number_subtract_schedule';
COMMENT ON FUNCTION care_internal.number_subtract_schedule(numeric, care.schedule) IS
    'The difference, day by day.';

CREATE OPERATOR care.- (FUNCTION = care_internal.schedule_subtract, LEFTARG = care.schedule, RIGHTARG = care.schedule);
COMMENT ON OPERATOR care.- (care.schedule, care.schedule) IS 'The difference, day by day.';

CREATE OPERATOR care.- (FUNCTION = care_internal.schedule_subtract_number, LEFTARG = care.schedule, RIGHTARG = numeric);
COMMENT ON OPERATOR care.- (care.schedule, numeric) IS 'The difference, day by day.';

CREATE OPERATOR care.- (FUNCTION = care_internal.number_subtract_schedule, LEFTARG = numeric, RIGHTARG = care.schedule);
COMMENT ON OPERATOR care.- (numeric, care.schedule) IS 'The difference, day by day.';

CREATE FUNCTION care_internal.schedule_multiply(care.schedule, care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_multiply';
COMMENT ON FUNCTION care_internal.schedule_multiply(care.schedule, care.schedule) IS
    'The product, day by day; one that needs more than 4 decimals is an error; not known where either is not.';

CREATE FUNCTION care_internal.schedule_multiply_number(care.schedule, numeric) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_multiply_number';
COMMENT ON FUNCTION care_internal.schedule_multiply_number(care.schedule, numeric) IS
    'The product, day by day; one that needs more than 4 decimals is an error.';

CREATE FUNCTION care_internal.number_multiply_schedule(numeric, care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_number_multiply_schedule';
COMMENT ON FUNCTION care_internal.number_multiply_schedule(numeric, care.schedule) IS
    'The product, day by day; one that needs more than 4 decimals is an error.';

CREATE OPERATOR care.* (FUNCTION = care_internal.schedule_multiply, LEFTARG = care.schedule, RIGHTARG = care.schedule,
                        COMMUTATOR = OPERATOR(care.*));
COMMENT ON OPERATOR care.* (care.schedule, care.schedule) IS
    'The product, day by day; one that needs more than 4 decimals is an error.';

CREATE OPERATOR care.* (FUNCTION = care_internal.schedule_multiply_number, LEFTARG = care.schedule, RIGHTARG = numeric,
                        COMMUTATOR = OPERATOR(care.*));
COMMENT ON OPERATOR care.* (care.schedule, numeric) IS
    'The product, day by day; one that needs more than 4 decimals is an error.';

CREATE OPERATOR care.* (FUNCTION = care_internal.number_multiply_schedule, LEFTARG = numeric, RIGHTARG = care.schedule,
                        COMMUTATOR = OPERATOR(care.*));
COMMENT ON OPERATOR care.* (numeric, care.schedule) IS
    'The product, day by day; one that needs more than 4 decimals is an error.';

CREATE FUNCTION care.least(a care.schedule, b care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_least';
COMMENT ON FUNCTION care.least(care.schedule, care.schedule) IS
    'The lesser of two schedules, day by day; not known where either is not. Always written with its schema: bare, the '
    'word is SQL grammar.';

CREATE FUNCTION care.least(a care.schedule, b numeric) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_least_number';
COMMENT ON FUNCTION care.least(care.schedule, numeric) IS
    'The lesser of a schedule and a number, day by day.';

CREATE FUNCTION care.greatest(a care.schedule, b care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_greatest';
COMMENT ON FUNCTION care.greatest(care.schedule, care.schedule) IS
    'The greater of two schedules, day by day; not known where either is not. Always written with its schema: bare, '
    'the word is SQL grammar.';

CREATE FUNCTION care.greatest(a care.schedule, b numeric) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_greatest_number';
COMMENT ON FUNCTION care.greatest(care.schedule, numeric) IS
    'The greater of a schedule and a number, day by day.';

CREATE FUNCTION care_internal.changes(a care.schedule, b care.schedule) RETURNS care.schedule
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_changes';
COMMENT ON FUNCTION care_internal.changes(care.schedule, care.schedule) IS
    'A schedule with a step (0, 0.0001 ...) on each day on which either has one.';

CREATE FUNCTION care.value_on(s care.schedule, day date) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_value_on';
COMMENT ON FUNCTION care.value_on(care.schedule, date) IS
    'The value on a day; null where it is not known, and before the first step.';

CREATE FUNCTION care_internal.required_day(as_at date) RETURNS date
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_required_day';
COMMENT ON FUNCTION care_internal.required_day(date) IS
    'The day itself; 22004 when it is null, 22003 outside the years 1 to 9999.';

CREATE FUNCTION care_internal.last_due_date(starts_on date, months integer, as_at date) RETURNS date
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_last_due_date';
COMMENT ON FUNCTION care_internal.last_due_date(date, integer, date) IS
    'The last day on or before as_at on which something that recurs every so many months after starts_on falls due; '
    'null before the first. A month too short ends it on its last day.';

CREATE FUNCTION care_internal.steps(s care.schedule)
    RETURNS TABLE (valid_from date, value numeric)
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE ROWS 5 AS 'MODULE_PATHNAME', 'care_steps';
COMMENT ON FUNCTION care_internal.steps(care.schedule) IS
    'The steps as rows, to be gathered again: the first day may be -infinity.';

-- No driver is handed an infinite day: some cannot read it, some read another.  Not STRICT, so that it becomes part
-- of the query.
CREATE FUNCTION care.steps(s care.schedule)
    RETURNS TABLE (valid_from date, value numeric) LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 5
BEGIN ATOMIC
    SELECT CASE WHEN isfinite(t.valid_from) THEN t.valid_from END, t.value FROM care_internal.steps(s) AS t;
END;
COMMENT ON FUNCTION care.steps(care.schedule) IS
    'The steps as rows, in order: the day each value holds from (null: from the beginning), and the value (null: not '
    'known). To gather them again: schedule_agg(coalesce(valid_from, ''-infinity''), value).';

CREATE FUNCTION care_internal.schedule_agg_add(internal, date, numeric) RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_agg_add';
COMMENT ON FUNCTION care_internal.schedule_agg_add(internal, date, numeric) IS
    'Part of schedule_agg: add a step.';

CREATE FUNCTION care_internal.schedule_agg_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_agg_combine';
COMMENT ON FUNCTION care_internal.schedule_agg_combine(internal, internal) IS
    'Part of schedule_agg: combine two parallel states.';

CREATE FUNCTION care_internal.schedule_agg_serial(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_agg_serial';
COMMENT ON FUNCTION care_internal.schedule_agg_serial(internal) IS
    'Part of schedule_agg: write a state.';

CREATE FUNCTION care_internal.schedule_agg_deserial(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_agg_deserial';
COMMENT ON FUNCTION care_internal.schedule_agg_deserial(bytea, internal) IS
    'Part of schedule_agg: read a state.';

CREATE FUNCTION care_internal.schedule_agg_final(internal) RETURNS care.schedule
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_schedule_agg_final';
COMMENT ON FUNCTION care_internal.schedule_agg_final(internal) IS
    'Part of schedule_agg: sort the steps into a schedule.';

CREATE AGGREGATE care.schedule_agg(valid_from date, value numeric) (
    SFUNC = care_internal.schedule_agg_add,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = care_internal.schedule_agg_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = care_internal.schedule_agg_combine,
    SERIALFUNC = care_internal.schedule_agg_serial,
    DESERIALFUNC = care_internal.schedule_agg_deserial,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care.schedule_agg(date, numeric) IS
    'A schedule from rows in any order: each value holds from its day. A null value is not known; a day that comes '
    'twice is an error.';
