--
-- interest: the product integral, and the balance of a debt with interest.
--
-- day_count is 'act/act' (366 days in a leap year) or 'act/365f'; capitalised is 'daily', 'weekly'
-- (Sundays), 'monthly', 'quarterly', 'half_yearly', 'yearly' (calendar ends) or 'none' (simple).
-- Rates are per cent a year.  Days are closed: the first and the last both bear interest.
--
-- Must not know: tables.
--

CREATE FUNCTION care.growth(rates care.schedule, day_count pg_catalog.text, capitalised pg_catalog.text, from_day pg_catalog.date, to_day pg_catalog.date) RETURNS pg_catalog.numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'care_growth';
COMMENT ON FUNCTION care.growth(care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date, pg_catalog.date) IS
    'What 1 pound owed from the start of from_day has become at the close of to_day, to 20 decimals.';

CREATE FUNCTION care.balance_add(pg_catalog.internal, pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date) RETURNS pg_catalog.internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_add';
COMMENT ON FUNCTION care.balance_add(pg_catalog.internal, pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date) IS
    'Part of balance: add a row.';

CREATE FUNCTION care.balance_remove(pg_catalog.internal, pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date) RETURNS pg_catalog.internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_remove';
COMMENT ON FUNCTION care.balance_remove(pg_catalog.internal, pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date) IS
    'Part of balance: take a row away, for a moving window.';

CREATE FUNCTION care.balance_combine(pg_catalog.internal, pg_catalog.internal) RETURNS pg_catalog.internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_combine';
COMMENT ON FUNCTION care.balance_combine(pg_catalog.internal, pg_catalog.internal) IS
    'Part of balance: combine two parallel states.';

CREATE FUNCTION care.balance_serial(pg_catalog.internal) RETURNS pg_catalog.bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_serial';
COMMENT ON FUNCTION care.balance_serial(pg_catalog.internal) IS
    'Part of balance: write a state.';

CREATE FUNCTION care.balance_deserial(pg_catalog.bytea, pg_catalog.internal) RETURNS pg_catalog.internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_deserial';
COMMENT ON FUNCTION care.balance_deserial(pg_catalog.bytea, pg_catalog.internal) IS
    'Part of balance: read a state.';

CREATE FUNCTION care.balance_final(pg_catalog.internal) RETURNS pg_catalog.numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_final';
COMMENT ON FUNCTION care.balance_final(pg_catalog.internal) IS
    'Part of balance: round the sum to the penny.';

CREATE AGGREGATE care.balance(amount pg_catalog.numeric, on_day pg_catalog.date, rates care.schedule,
                              day_count pg_catalog.text, capitalised pg_catalog.text, as_at pg_catalog.date) (
    SFUNC = care.balance_add,
    STYPE = pg_catalog.internal,
    SSPACE = 64,
    FINALFUNC = care.balance_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = care.balance_combine,
    SERIALFUNC = care.balance_serial,
    DESERIALFUNC = care.balance_deserial,
    MSFUNC = care.balance_add,
    MINVFUNC = care.balance_remove,
    MSTYPE = pg_catalog.internal,
    MSSPACE = 64,
    MFINALFUNC = care.balance_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care.balance(pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date) IS
    'What amounts owed from their days (payments negative) come to with interest at the close of as_at, rounded once. Rows without an amount are passed over; one dated after as_at is an error.';

CREATE TYPE care.ledger_totals AS (
    deferred pg_catalog.numeric,
    administration_charges pg_catalog.numeric,
    payments pg_catalog.numeric,
    written_off pg_catalog.numeric,
    entries pg_catalog.numeric,
    balance pg_catalog.numeric
);
COMMENT ON TYPE care.ledger_totals IS 'What the aggregate ledger makes of the entries of an agreement, pounds: care fees and opening balances, charges, payments, write-offs, all entries together, and the balance with interest.';

CREATE FUNCTION care.ledger_add(pg_catalog.internal, pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date, pg_catalog.text, pg_catalog.bool) RETURNS pg_catalog.internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_ledger_add';
COMMENT ON FUNCTION care.ledger_add(pg_catalog.internal, pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date, pg_catalog.text, pg_catalog.bool) IS
    'Part of ledger: add an entry.';

CREATE FUNCTION care.ledger_final(pg_catalog.internal) RETURNS care.ledger_totals
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_ledger_final';
COMMENT ON FUNCTION care.ledger_final(pg_catalog.internal) IS
    'Part of ledger: the totals, the balance rounded once.';

CREATE AGGREGATE care.ledger(amount pg_catalog.numeric, on_day pg_catalog.date, rates care.schedule,
                             day_count pg_catalog.text, capitalised pg_catalog.text, as_at pg_catalog.date,
                             kind pg_catalog.text, owed pg_catalog.bool) (
    SFUNC = care.ledger_add,
    STYPE = pg_catalog.internal,
    SSPACE = 128,
    FINALFUNC = care.ledger_final,
    FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care.ledger(pg_catalog.numeric, pg_catalog.date, care.schedule, pg_catalog.text, pg_catalog.text, pg_catalog.date, pg_catalog.text, pg_catalog.bool) IS
    'The totals of an agreement''s entries by kind, and the balance of those still owed, in one pass; see balance(). All entries of a group have the terms (rates to as_at) of its first.';
