--
-- interest: the product integral, and the balance of a debt with interest.
--
-- day_count is 'act/act' (366 days in a leap year) or 'act/365f'; capitalised is 'daily', 'weekly'
-- (Sundays), 'monthly', 'quarterly', 'half_yearly', 'yearly' (calendar ends), 'monthly from 10' (a day of the
-- month), 'quarterly', 'half_yearly' or 'yearly from 15 January' (a day of the year), or 'none' (simple).
-- Rates are per cent a year.  Days are closed: the first and the last both bear interest.
--
-- Must not know: tables.
--

CREATE FUNCTION care.growth(rates care.schedule, day_count text, capitalised text, from_day date, to_day date)
    RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 AS 'MODULE_PATHNAME', 'care_growth';
COMMENT ON FUNCTION care.growth(care.schedule, text, text, date, date) IS
    'What 1 pound owed from the start of from_day has become at the close of to_day, to 20 decimals.';

CREATE FUNCTION care_internal.is_capitalisation(capitalised text) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_is_capitalisation';
COMMENT ON FUNCTION care_internal.is_capitalisation(text) IS
    'Does a text say when interest is capitalised? As growth() reads it.';

CREATE FUNCTION care_internal.balance_add(internal, numeric, date, care.schedule, text, text, date) RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_add';
COMMENT ON FUNCTION care_internal.balance_add(internal, numeric, date, care.schedule, text, text, date) IS
    'Part of balance: add a row.';

CREATE FUNCTION care_internal.balance_remove(internal, numeric, date, care.schedule, text, text, date) RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_remove';
COMMENT ON FUNCTION care_internal.balance_remove(internal, numeric, date, care.schedule, text, text, date) IS
    'Part of balance: take a row away, for a moving window.';

CREATE FUNCTION care_internal.balance_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_combine';
COMMENT ON FUNCTION care_internal.balance_combine(internal, internal) IS
    'Part of balance: combine two parallel states.';

CREATE FUNCTION care_internal.balance_serial(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_serial';
COMMENT ON FUNCTION care_internal.balance_serial(internal) IS
    'Part of balance: write a state.';

CREATE FUNCTION care_internal.balance_deserial(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_deserial';
COMMENT ON FUNCTION care_internal.balance_deserial(bytea, internal) IS
    'Part of balance: read a state.';

CREATE FUNCTION care_internal.balance_final(internal) RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_final';
COMMENT ON FUNCTION care_internal.balance_final(internal) IS
    'Part of balance: round the sum to the penny.';

CREATE AGGREGATE care.balance(amount numeric, on_day date, rates care.schedule,
                              day_count text, capitalised text, as_at date) (
    SFUNC = care_internal.balance_add,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = care_internal.balance_final,
    FINALFUNC_MODIFY = READ_ONLY,
    COMBINEFUNC = care_internal.balance_combine,
    SERIALFUNC = care_internal.balance_serial,
    DESERIALFUNC = care_internal.balance_deserial,
    MSFUNC = care_internal.balance_add,
    MINVFUNC = care_internal.balance_remove,
    MSTYPE = internal,
    MSSPACE = 64,
    MFINALFUNC = care_internal.balance_final,
    MFINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care.balance(numeric, date, care.schedule, text, text, date) IS
    'What amounts owed from their days (payments negative) come to with interest at the close of as_at, rounded once. '
    'Rows without an amount are passed over; one dated after as_at is an error.';

CREATE FUNCTION care_internal.balance_add_if_known(internal, numeric, date, care.schedule, text, text, date)
    RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_balance_add_if_known';
COMMENT ON FUNCTION care_internal.balance_add_if_known(internal, numeric, date, care.schedule, text, text, date) IS
    'Part of balance_if_known: add a row.';

CREATE AGGREGATE care_internal.balance_if_known(amount numeric, on_day date, rates care.schedule,
                                                day_count text, capitalised text, as_at date) (
    SFUNC = care_internal.balance_add_if_known,
    STYPE = internal,
    SSPACE = 64,
    FINALFUNC = care_internal.balance_final,
    FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care_internal.balance_if_known(numeric, date, care.schedule, text, text, date) IS
    'As balance(), but null, and no error, where a rate that it needs is not known.';

CREATE TYPE care_internal.ledger_totals AS (
    deferred numeric,
    administration_charges numeric,
    payments numeric,
    written_off numeric,
    entries numeric,
    balance numeric
);
COMMENT ON TYPE care_internal.ledger_totals IS
    'What the aggregate ledger makes of the entries of an agreement, pounds: care fees and opening balances, charges, '
    'payments, write-offs, all entries together, and the balance with interest (null: a rate it needs is not known).';
COMMENT ON COLUMN care_internal.ledger_totals.deferred IS 'Care fees and opening balances, pounds.';
COMMENT ON COLUMN care_internal.ledger_totals.administration_charges IS 'Administration charges, pounds.';
COMMENT ON COLUMN care_internal.ledger_totals.payments IS 'Payments, pounds.';
COMMENT ON COLUMN care_internal.ledger_totals.written_off IS 'Write-offs, pounds.';
COMMENT ON COLUMN care_internal.ledger_totals.entries IS 'All entries together, pounds.';
COMMENT ON COLUMN care_internal.ledger_totals.balance IS
    'Entries still owed, with interest, pounds; null: a rate it needs is not known.';

CREATE FUNCTION care_internal.ledger_add(internal, numeric, date, care.schedule, text, text, date, text, boolean)
    RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_ledger_add';
COMMENT ON FUNCTION care_internal.ledger_add(internal, numeric, date, care.schedule, text, text, date, text, boolean) IS
    'Part of ledger: add an entry.';

CREATE FUNCTION care_internal.ledger_final(internal) RETURNS care_internal.ledger_totals
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_ledger_final';
COMMENT ON FUNCTION care_internal.ledger_final(internal) IS
    'Part of ledger: the totals, the balance rounded once.';

CREATE AGGREGATE care_internal.ledger(amount numeric, on_day date, rates care.schedule,
                             day_count text, capitalised text, as_at date,
                             kind text, owed boolean) (
    SFUNC = care_internal.ledger_add,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = care_internal.ledger_final,
    FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care_internal.ledger(numeric, date, care.schedule, text, text, date, text, boolean) IS
    'The totals of an agreement''s entries by kind, and the balance of those still owed, in one pass; see balance(). '
    'All entries of a group have the terms (rates to as_at) of its first. Its balance is null where a rate that it '
    'needs is not known; without entries all is nought.';
