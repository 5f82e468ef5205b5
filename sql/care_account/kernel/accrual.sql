--
-- accrual: the sum integral, the law of the care account, and the charging sums.
--
-- Must not know: tables.
--

CREATE TYPE care.cap_progress;

CREATE FUNCTION care_internal.cap_progress_in(cstring) RETURNS care.cap_progress
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_in';
COMMENT ON FUNCTION care_internal.cap_progress_in(cstring) IS
    'Text to cap_progress.';

CREATE FUNCTION care_internal.cap_progress_out(care.cap_progress) RETURNS cstring
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_out';
COMMENT ON FUNCTION care_internal.cap_progress_out(care.cap_progress) IS
    'cap_progress to text.';

CREATE FUNCTION care_internal.cap_progress_recv(internal) RETURNS care.cap_progress
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_recv';
COMMENT ON FUNCTION care_internal.cap_progress_recv(internal) IS
    'Binary form to cap_progress.';

CREATE FUNCTION care_internal.cap_progress_send(care.cap_progress) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_send';
COMMENT ON FUNCTION care_internal.cap_progress_send(care.cap_progress) IS
    'cap_progress to binary form.';

CREATE TYPE care.cap_progress (
    INPUT = care_internal.cap_progress_in,
    OUTPUT = care_internal.cap_progress_out,
    RECEIVE = care_internal.cap_progress_recv,
    SEND = care_internal.cap_progress_send,
    INTERNALLENGTH = 24,
    ALIGNMENT = double
);
COMMENT ON TYPE care.cap_progress IS
    'Accrued costs and the cap, as in 43120.50/86000.00; ordered by the exact fraction. The cap is reached when the '
    'two are equal, unless "(not reached)" says that only rounding made them so.';

CREATE FUNCTION care.accrued(progress care.cap_progress) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_accrued';
COMMENT ON FUNCTION care.accrued(care.cap_progress) IS
    'Accrued costs, in pounds; the cap itself once it is reached.';

CREATE FUNCTION care.cap(progress care.cap_progress) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_cap';
COMMENT ON FUNCTION care.cap(care.cap_progress) IS
    'The cap, in pounds.';

CREATE FUNCTION care.remaining(progress care.cap_progress) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_remaining';
COMMENT ON FUNCTION care.remaining(care.cap_progress) IS
    'What is left to the cap, in pounds.';

CREATE FUNCTION care.percent(progress care.cap_progress) RETURNS numeric
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_percent';
COMMENT ON FUNCTION care.percent(care.cap_progress) IS
    'Accrued costs in per cent of the cap, to 2 decimals.';

CREATE FUNCTION care.reached(progress care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_reached';
COMMENT ON FUNCTION care.reached(care.cap_progress) IS
    'Has the cap been reached?';

CREATE FUNCTION care_internal.cap_progress_eq(care.cap_progress, care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_eq';
COMMENT ON FUNCTION care_internal.cap_progress_eq(care.cap_progress, care.cap_progress) IS
    'Identical.';

CREATE FUNCTION care_internal.cap_progress_ne(care.cap_progress, care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_ne';
COMMENT ON FUNCTION care_internal.cap_progress_ne(care.cap_progress, care.cap_progress) IS
    'Not identical.';

CREATE FUNCTION care_internal.cap_progress_lt(care.cap_progress, care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_lt';
COMMENT ON FUNCTION care_internal.cap_progress_lt(care.cap_progress, care.cap_progress) IS
    'Less far along.';

CREATE FUNCTION care_internal.cap_progress_le(care.cap_progress, care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_le';
COMMENT ON FUNCTION care_internal.cap_progress_le(care.cap_progress, care.cap_progress) IS
    'Less far along, or identical.';

CREATE FUNCTION care_internal.cap_progress_gt(care.cap_progress, care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_gt';
COMMENT ON FUNCTION care_internal.cap_progress_gt(care.cap_progress, care.cap_progress) IS
    'Further along.';

CREATE FUNCTION care_internal.cap_progress_ge(care.cap_progress, care.cap_progress) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_ge';
COMMENT ON FUNCTION care_internal.cap_progress_ge(care.cap_progress, care.cap_progress) IS
    'Further along, or identical.';

CREATE FUNCTION care_internal.cap_progress_cmp(care.cap_progress, care.cap_progress) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_cmp';
COMMENT ON FUNCTION care_internal.cap_progress_cmp(care.cap_progress, care.cap_progress) IS
    'Order of two: by the exact fraction, then not reached before reached, then the cap.';

CREATE FUNCTION care_internal.cap_progress_hash(care.cap_progress) RETURNS integer
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_hash';
COMMENT ON FUNCTION care_internal.cap_progress_hash(care.cap_progress) IS
    'Hash of a cap_progress.';

CREATE FUNCTION care_internal.cap_progress_hash_extended(care.cap_progress, bigint) RETURNS bigint
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_hash_extended';
COMMENT ON FUNCTION care_internal.cap_progress_hash_extended(care.cap_progress, bigint) IS
    'Seeded hash of a cap_progress.';

CREATE OPERATOR care.= (
    FUNCTION = care_internal.cap_progress_eq, LEFTARG = care.cap_progress, RIGHTARG = care.cap_progress,
    COMMUTATOR = OPERATOR(care.=), NEGATOR = OPERATOR(care.<>), RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR care.= (care.cap_progress, care.cap_progress) IS 'Identical.';

CREATE OPERATOR care.<> (
    FUNCTION = care_internal.cap_progress_ne, LEFTARG = care.cap_progress, RIGHTARG = care.cap_progress,
    COMMUTATOR = OPERATOR(care.<>), NEGATOR = OPERATOR(care.=), RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR care.<> (care.cap_progress, care.cap_progress) IS 'Not identical.';

CREATE OPERATOR care.< (
    FUNCTION = care_internal.cap_progress_lt, LEFTARG = care.cap_progress, RIGHTARG = care.cap_progress,
    COMMUTATOR = OPERATOR(care.>), NEGATOR = OPERATOR(care.>=), RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR care.< (care.cap_progress, care.cap_progress) IS 'Less far along.';

CREATE OPERATOR care.<= (
    FUNCTION = care_internal.cap_progress_le, LEFTARG = care.cap_progress, RIGHTARG = care.cap_progress,
    COMMUTATOR = OPERATOR(care.>=), NEGATOR = OPERATOR(care.>), RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR care.<= (care.cap_progress, care.cap_progress) IS 'Less far along, or identical.';

CREATE OPERATOR care.> (
    FUNCTION = care_internal.cap_progress_gt, LEFTARG = care.cap_progress, RIGHTARG = care.cap_progress,
    COMMUTATOR = OPERATOR(care.<), NEGATOR = OPERATOR(care.<=), RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR care.> (care.cap_progress, care.cap_progress) IS 'Further along.';

CREATE OPERATOR care.>= (
    FUNCTION = care_internal.cap_progress_ge, LEFTARG = care.cap_progress, RIGHTARG = care.cap_progress,
    COMMUTATOR = OPERATOR(care.<=), NEGATOR = OPERATOR(care.<), RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR care.>= (care.cap_progress, care.cap_progress) IS 'Further along, or identical.';

CREATE OPERATOR CLASS care.cap_progress_ops DEFAULT FOR TYPE care.cap_progress USING btree AS
    OPERATOR 1 care.< (care.cap_progress, care.cap_progress),
    OPERATOR 2 care.<= (care.cap_progress, care.cap_progress),
    OPERATOR 3 care.= (care.cap_progress, care.cap_progress),
    OPERATOR 4 care.>= (care.cap_progress, care.cap_progress),
    OPERATOR 5 care.> (care.cap_progress, care.cap_progress),
    FUNCTION 1 (care.cap_progress, care.cap_progress) care_internal.cap_progress_cmp(care.cap_progress,
                                                                                     care.cap_progress);
COMMENT ON OPERATOR CLASS care.cap_progress_ops USING btree IS 'Order by the exact fraction of the cap.';
COMMENT ON OPERATOR FAMILY care.cap_progress_ops USING btree IS 'Order by the exact fraction of the cap.';
CREATE OPERATOR CLASS care.cap_progress_ops DEFAULT FOR TYPE care.cap_progress USING hash AS
    OPERATOR 1 care.= (care.cap_progress, care.cap_progress),
    FUNCTION 1 (care.cap_progress, care.cap_progress) care_internal.cap_progress_hash(care.cap_progress),
    FUNCTION 2 (care.cap_progress, care.cap_progress) care_internal.cap_progress_hash_extended(care.cap_progress,
                                                                                               bigint);
COMMENT ON OPERATOR CLASS care.cap_progress_ops USING hash IS 'Hashing of cap_progress.';
COMMENT ON OPERATOR FAMILY care.cap_progress_ops USING hash IS 'Hashing of cap_progress.';

CREATE FUNCTION care_internal.cap_progress_smaller(care.cap_progress, care.cap_progress) RETURNS care.cap_progress
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_smaller';
COMMENT ON FUNCTION care_internal.cap_progress_smaller(care.cap_progress, care.cap_progress) IS
    'Part of min: the less far along of two.';

CREATE AGGREGATE care.min(care.cap_progress) (
    SFUNC = care_internal.cap_progress_smaller,
    STYPE = care.cap_progress,
    COMBINEFUNC = care_internal.cap_progress_smaller,
    SORTOP = OPERATOR(care.<),
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care.min(care.cap_progress) IS 'The least far along; null of no rows.';

CREATE FUNCTION care_internal.cap_progress_larger(care.cap_progress, care.cap_progress) RETURNS care.cap_progress
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_cap_progress_larger';
COMMENT ON FUNCTION care_internal.cap_progress_larger(care.cap_progress, care.cap_progress) IS
    'Part of max: the further along of two.';

CREATE AGGREGATE care.max(care.cap_progress) (
    SFUNC = care_internal.cap_progress_larger,
    STYPE = care.cap_progress,
    COMBINEFUNC = care_internal.cap_progress_larger,
    SORTOP = OPERATOR(care.>),
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE care.max(care.cap_progress) IS 'The furthest along; null of no rows.';

--
-- The integral and the law.  Weekly amounts and caps are pounds; days are closed, the first and the
-- last both count.  A null argument is an error (22004), except where it is the default.
--

CREATE FUNCTION care.accrued(weekly care.schedule, from_day date, to_day date) RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'care_accrued';
COMMENT ON FUNCTION care.accrued(care.schedule, date, date) IS
    'Care costs from from_day to to_day, both counted, at a seventh of the weekly amount a day; rounded once, to the '
    'penny; no cap.';

CREATE FUNCTION care.cap_progress(weekly care.schedule, cap care.schedule, from_day date, to_day date,
                                  adjusted care.schedule DEFAULT NULL, scales care.schedule DEFAULT NULL,
                                  reach text DEFAULT 'reach') RETURNS care.cap_progress
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'care_cap_progress';
COMMENT ON FUNCTION care.cap_progress(care.schedule, care.schedule, date, date, care.schedule, care.schedule, text) IS
    'Accrued costs and the cap at the close of to_day, counting from from_day: the law of the care account. adjusted '
    'is the running total of manual adjustments; scales is 0 on the day of a cap change that does not scale accrued '
    'costs; reach is reach (accrued >= cap) or exceed (accrued > cap).';

CREATE FUNCTION care.cap_reached_on(weekly care.schedule, cap care.schedule, from_day date,
                                    adjusted care.schedule DEFAULT NULL, scales care.schedule DEFAULT NULL,
                                    reach text DEFAULT 'reach', to_day date DEFAULT NULL) RETURNS date
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'care_cap_reached_on';
COMMENT ON FUNCTION care.cap_reached_on(care.schedule, care.schedule, date, care.schedule, care.schedule, text, date) IS
    'The day on which the cap is reached, counting from from_day; null when never. With to_day, as things stand at its '
    'close. adjusted is the running total of manual adjustments; scales is 0 on the day of a cap change that does not '
    'scale accrued costs; reach is reach (accrued >= cap) or exceed (accrued > cap).';

CREATE FUNCTION care.cap_projected_on(weekly care.schedule, cap care.schedule, from_day date, as_at date,
                                      adjusted care.schedule DEFAULT NULL, scales care.schedule DEFAULT NULL,
                                      reach text DEFAULT 'reach') RETURNS date
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 5 AS 'MODULE_PATHNAME', 'care_cap_projected_on';
COMMENT ON FUNCTION care.cap_projected_on(care.schedule, care.schedule, date, date, care.schedule, care.schedule,
                                          text) IS
    'The first day after as_at on which the cap will be reached, through the changes already in the schedules; null '
    'when it has been reached, or never will be. adjusted is the running total of manual adjustments; scales is 0 on '
    'the day of a cap change that does not scale accrued costs; reach is reach (accrued >= cap) or exceed (accrued > '
    'cap).';

CREATE FUNCTION care.cap_working(weekly care.schedule, cap care.schedule, from_day date, to_day date,
                                 adjusted care.schedule DEFAULT NULL, scales care.schedule DEFAULT NULL,
                                 reach text DEFAULT 'reach', breaks care.schedule DEFAULT NULL)
    RETURNS TABLE (from_day date, to_day date, days integer, what text,
                   weekly_rate numeric, cap numeric, amount numeric, accrued numeric)
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 20 ROWS 5 AS 'MODULE_PATHNAME', 'care_cap_working';
COMMENT ON FUNCTION care.cap_working(care.schedule, care.schedule, date, date, care.schedule, care.schedule, text,
                                     care.schedule) IS
    'The working of cap_progress, line by line: metered days, upratings, adjustments, days held at the cap. Amounts '
    'add up to the accrued figure exactly. Each step of breaks begins a new line.';

CREATE FUNCTION care.uprate(accrued numeric, old_cap numeric, new_cap numeric) RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_uprate';
COMMENT ON FUNCTION care.uprate(numeric, numeric, numeric) IS
    'Accrued costs after a change of the cap that scales them: the same fraction of the new cap, rounded to the penny.';

--
-- Charging: amounts in pounds a week unless said otherwise.
--

CREATE FUNCTION care.tariff_income(capital numeric, lower_limit numeric, upper_limit numeric) RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_tariff_income';
COMMENT ON FUNCTION care.tariff_income(numeric, numeric, numeric) IS
    'Weekly income counted on capital between the limits: 1 pound for each 250 or part of it. Null above the upper '
    'limit, where the person pays in full.';

CREATE FUNCTION care.weekly_deferral(weekly_cost numeric, weekly_income numeric, allowance_kept numeric,
                                     third_party numeric) RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_weekly_deferral';
COMMENT ON FUNCTION care.weekly_deferral(numeric, numeric, numeric, numeric) IS
    'Weekly amount deferred: the cost with agreed top-up, less income above the allowance kept, less third-party '
    'contributions.';

CREATE FUNCTION care.equity_limit(value numeric, share numeric, prior_charges numeric, lower_capital_limit numeric,
                                  margin_percent numeric) RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_equity_limit';
COMMENT ON FUNCTION care.equity_limit(numeric, numeric, numeric, numeric, numeric) IS
    'What may be secured: the persons share (0 to 1) of the value less the margin, less the lower capital limit and '
    'prior charges; never negative.';

CREATE FUNCTION care.means_tested_projection(weekly_cost numeric, daily_living_cost numeric,
                                             weekly_income numeric, allowance_kept numeric,
                                             capital numeric, lower_limit numeric,
                                             upper_limit numeric, cap numeric,
                                             top_up numeric DEFAULT 0)
    RETURNS TABLE (week integer, tariff_income numeric, charge numeric,
                   capital numeric, accrued numeric)
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 ROWS 300 AS 'MODULE_PATHNAME',
        'care_means_tested_projection';
COMMENT ON FUNCTION care.means_tested_projection(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric,
                                                 numeric) IS
    'A planning projection under a scheme that counts charges, a row a week until the cap is reached (a hundred years '
    'at most): what the person is charged, what capital is left and what has accrued. A top-up is paid but never '
    'counts.';

CREATE FUNCTION care.means_tested_outcome(weekly_cost numeric, daily_living_cost numeric,
                                          weekly_income numeric, allowance_kept numeric,
                                          capital numeric, lower_limit numeric,
                                          upper_limit numeric, cap numeric,
                                          top_up numeric DEFAULT 0,
                                          OUT weeks_to_cap integer, OUT charged numeric,
                                          OUT capital_left numeric, OUT accrued numeric)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT max(p.week) FILTER (WHERE p.accrued = means_tested_outcome.cap), sum(p.charge),
           (array_agg(p.capital ORDER BY p.week DESC))[1], max(p.accrued)
    FROM care.means_tested_projection(means_tested_outcome.weekly_cost, means_tested_outcome.daily_living_cost,
                                      means_tested_outcome.weekly_income, means_tested_outcome.allowance_kept,
                                      means_tested_outcome.capital, means_tested_outcome.lower_limit,
                                      means_tested_outcome.upper_limit, means_tested_outcome.cap,
                                      means_tested_outcome.top_up) AS p;
END;
COMMENT ON FUNCTION care.means_tested_outcome(numeric, numeric, numeric, numeric, numeric, numeric, numeric, numeric,
                                              numeric) IS
    'The outcome of means_tested_projection: weeks until the cap is reached (null: not within a hundred years), total '
    'charged, capital left and accrued costs.';
