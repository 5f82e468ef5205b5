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

--
-- The running account of an agreement: a debt with interest, a floor at nought and a memory for money held.
--

CREATE TYPE care_internal.running_totals AS (
    deferred numeric,
    administration_charges numeric,
    payments numeric,
    credited numeric,
    refunded numeric,
    written_off numeric,
    entries numeric,
    balance numeric,
    held numeric,
    separate numeric,
    settled_on date
);
COMMENT ON TYPE care_internal.running_totals IS
    'What the entries of an agreement come to on a day, by kind and with interest, in pounds; balance, held and '
    'separate are null where a rate that they need is not known.';
COMMENT ON COLUMN care_internal.running_totals.deferred IS 'Care fees and opening balances, pounds.';
COMMENT ON COLUMN care_internal.running_totals.administration_charges IS 'Administration charges, pounds.';
COMMENT ON COLUMN care_internal.running_totals.payments IS 'Payments, pounds.';
COMMENT ON COLUMN care_internal.running_totals.credited IS 'Credits and waivers, pounds.';
COMMENT ON COLUMN care_internal.running_totals.refunded IS 'Refunds, pounds.';
COMMENT ON COLUMN care_internal.running_totals.written_off IS 'Write-offs, pounds.';
COMMENT ON COLUMN care_internal.running_totals.entries IS 'All entries together, pounds.';
COMMENT ON COLUMN care_internal.running_totals.balance IS 'What is owed, with interest, pounds.';
COMMENT ON COLUMN care_internal.running_totals.held IS 'Money held for the person, pounds.';
COMMENT ON COLUMN care_internal.running_totals.separate IS 'Interest that is paid separately, pounds.';
COMMENT ON COLUMN care_internal.running_totals.settled_on IS
    'The day since which nothing is owed; null: something is, or nothing ever was.';

CREATE FUNCTION care_internal.gather_add(internal, numeric, date, text) RETURNS internal
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_gather_add';
COMMENT ON FUNCTION care_internal.gather_add(internal, numeric, date, text) IS 'Part of gathered: add an entry.';

CREATE FUNCTION care_internal.gather_final(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_gather_final';
COMMENT ON FUNCTION care_internal.gather_final(internal) IS 'Part of gathered: the entries in the order of their days.';

CREATE AGGREGATE care_internal.gathered(amount numeric, on_day date, kind text) (
    SFUNC = care_internal.gather_add,
    STYPE = internal,
    SSPACE = 2048,
    FINALFUNC = care_internal.gather_final,
    FINALFUNC_MODIFY = READ_ONLY,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care_internal.gathered(numeric, date, text) IS
    'The entries of an agreement, packed for running_totals(): read once, however many days are asked about.';

CREATE FUNCTION care_internal.running_totals(entries bytea, rates care.schedule, charged care.schedule,
                                             court_from date, court_rate numeric, day_count text, capitalised text,
                                             as_at date, at_start boolean)
    RETURNS care_internal.running_totals
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'care_running_totals';
COMMENT ON FUNCTION care_internal.running_totals(bytea, care.schedule, care.schedule, date, numeric, text, text, date,
                                                 boolean) IS
    'What gathered entries come to at the close of a day, or at its start (what is entered for it counts, its interest '
    'does not). charged: 1 where interest is added to the debt, 2 where it is paid separately, 0 where there is none '
    '(null: always 1); from court_from on simple interest at the court rate.';

CREATE FUNCTION care_internal.running_unknown(entries bytea, rates care.schedule, charged care.schedule,
                                              court_from date, court_rate numeric, day_count text, capitalised text,
                                              as_at date, at_start boolean)
    RETURNS date
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 100 AS 'MODULE_PATHNAME', 'care_running_unknown';
COMMENT ON FUNCTION care_internal.running_unknown(bytea, care.schedule, care.schedule, date, numeric, text, text, date,
                                                  boolean) IS
    'The first day whose rate running_totals() needs and does not know; null if there is none.';

CREATE FUNCTION care_internal.limit_reached_on(balance numeric, weekly_amount numeric, yearly_charges numeric,
                                               rates care.schedule, day_count text, capitalised text, as_at date,
                                               last_day date, equity_limit numeric)
    RETURNS date
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'care_limit_reached_on';
COMMENT ON FUNCTION care_internal.limit_reached_on(numeric, numeric, numeric, care.schedule, text, text, date, date,
                                                   numeric) IS
    'The first day at whose close a balance has come to a limit: what stands at the close of as_at, with interest, an '
    'amount on each seventh day after it and charges on its day in each later year; as_at if it has by then, null if '
    'not by last_day.';
