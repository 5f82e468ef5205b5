--
-- agreement: deferred payment agreements, their security, ledger, balance and redemption figure.
--
-- Must not know: care accounts.
--

CREATE TABLE care.interest_policy (
    authority pg_catalog.text NOT NULL
        CONSTRAINT interest_policy_authority_fkey REFERENCES care.authority,
    valid_from pg_catalog.date NOT NULL
        CONSTRAINT interest_policy_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    rate care.percent,
    day_count pg_catalog.text NOT NULL DEFAULT 'act/act'
        CONSTRAINT interest_policy_known_day_count CHECK (day_count IN ('act/act', 'act/365f')),
    capitalised pg_catalog.text NOT NULL DEFAULT 'daily'
        CONSTRAINT interest_policy_known_capitalised
        CHECK (capitalised IN ('daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none')),
    source pg_catalog.text NOT NULL,
    recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    recorded_by pg_catalog.text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT interest_policy_pkey PRIMARY KEY (authority, valid_from, recorded_at)
);
COMMENT ON TABLE care.interest_policy IS 'What each authority charges on its agreements, dated: one rate for all of them.';
COMMENT ON COLUMN care.interest_policy.authority IS 'The authority.';
COMMENT ON COLUMN care.interest_policy.valid_from IS 'The day the rate holds from; and agreements signed from that day take the day count and capitalisation.';
COMMENT ON COLUMN care.interest_policy.rate IS 'The authority''s own rate, per cent a year; null: the national maximum; nought: none. Never more than the national maximum is charged.';
COMMENT ON COLUMN care.interest_policy.day_count IS 'act/act (366 days in a leap year) or act/365f.';
COMMENT ON COLUMN care.interest_policy.capitalised IS 'daily, weekly (Sundays), monthly, quarterly, half_yearly, yearly (calendar ends) or none (simple interest).';
COMMENT ON COLUMN care.interest_policy.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.interest_policy.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.interest_policy.recorded_by IS 'Who recorded the row.';
SELECT pg_catalog.pg_extension_config_dump('care.interest_policy', '');
CREATE TRIGGER interest_policy_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.interest_policy
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_interest_policy()');
COMMENT ON TRIGGER interest_policy_refuse_change ON care.interest_policy IS 'Policies are added to, never changed.';

CREATE VIEW care.interest_policy_in_force AS
    SELECT DISTINCT ON (p.authority, p.valid_from)
           p.authority, p.valid_from, p.rate, p.day_count, p.capitalised, p.source, p.recorded_at, p.recorded_by
    FROM care.interest_policy AS p
    ORDER BY p.authority, p.valid_from, p.recorded_at DESC;
COMMENT ON VIEW care.interest_policy_in_force IS 'The policies that hold now: for each day the row recorded last.';
COMMENT ON COLUMN care.interest_policy_in_force.authority IS 'The authority.';
COMMENT ON COLUMN care.interest_policy_in_force.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.interest_policy_in_force.rate IS 'The authority''s own rate, per cent a year; null: the national maximum.';
COMMENT ON COLUMN care.interest_policy_in_force.day_count IS 'Day count of agreements signed under it.';
COMMENT ON COLUMN care.interest_policy_in_force.capitalised IS 'Capitalisation of agreements signed under it.';
COMMENT ON COLUMN care.interest_policy_in_force.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.interest_policy_in_force.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.interest_policy_in_force.recorded_by IS 'Who recorded it.';

-- doc/calculations.md section 4, "rate": on every day the lesser of the authority's rate and the maximum.
-- Before 2015-04-01 there was no maximum, and an authority that charges nothing needs none.
CREATE VIEW care.effective_rate AS
    SELECT d.authority,
           care.schedule_agg(d.day, CASE WHEN d.day < '2015-04-01' OR d.own_rate = 0 THEN d.own_rate
                                         WHEN d.max_rate IS NOT NULL THEN least(d.own_rate, d.max_rate) END) AS rates
    FROM (SELECT t.authority, t.day,
                 -- the policy in force on the day; one at the maximum has none of its own
                 (SELECT p.rate FROM care.interest_policy AS p
                  WHERE p.authority = t.authority AND p.valid_from <= t.day
                  ORDER BY p.valid_from DESC, p.recorded_at DESC LIMIT 1) AS own_rate,
                 care.value_on(n.rates, t.day) AS max_rate
          FROM (SELECT care.national_max_rates() OFFSET 0) AS n (rates),
              LATERAL (SELECT p.authority, p.valid_from AS day FROM care.interest_policy AS p
                       UNION
                       SELECT a.authority, s.valid_from
                       FROM (SELECT p.authority, min(p.valid_from) AS first_day FROM care.interest_policy AS p GROUP BY p.authority) AS a,
                           care.steps(n.rates) AS s
                       WHERE s.valid_from > a.first_day) AS t) AS d
    GROUP BY d.authority;
COMMENT ON VIEW care.effective_rate IS 'The rate each authority charges, as a schedule: the lesser of its own and the national maximum.';
COMMENT ON COLUMN care.effective_rate.authority IS 'The authority.';
COMMENT ON COLUMN care.effective_rate.rates IS 'Per cent a year; not known where the national maximum is not.';

CREATE FUNCTION care.record_interest_policy(authority pg_catalog.text, valid_from pg_catalog.date,
                                            rate pg_catalog.numeric, source pg_catalog.text,
                                            day_count pg_catalog.text DEFAULT 'act/act',
                                            capitalised pg_catalog.text DEFAULT 'daily',
                                            corrects pg_catalog.bool DEFAULT false)
    RETURNS pg_catalog.void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    half record;
    max_percent numeric := care.value_on(care.national_max_rates(), valid_from);
BEGIN
    PERFORM care.require_authority(authority, valid_from);
    IF rate > max_percent THEN
        SELECT h.first_day, h.last_day INTO half FROM care.half_year(valid_from) AS h;
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('a rate of %s is above the national maximum of %s for the half-year %s to %s', rate, max_percent,
                             to_char(half.first_day, 'YYYY-MM-DD'), to_char(half.last_day, 'YYYY-MM-DD')),
            HINT = 'Give a lower rate, or null for the maximum.';
    END IF;
    PERFORM FROM care.authority AS a WHERE a.authority = record_interest_policy.authority FOR NO KEY UPDATE;
    IF NOT corrects AND EXISTS (SELECT FROM care.interest_policy AS p
                                WHERE p.authority = record_interest_policy.authority
                                  AND p.valid_from = record_interest_policy.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s already has an interest policy from %s', authority, to_char(valid_from, 'YYYY-MM-DD')),
            HINT = 'To put another in its place, say corrects => true.';
    END IF;
    INSERT INTO care.interest_policy (authority, valid_from, rate, day_count, capitalised, source)
    VALUES (record_interest_policy.authority, record_interest_policy.valid_from, record_interest_policy.rate,
            record_interest_policy.day_count, record_interest_policy.capitalised, record_interest_policy.source);
END
$$;
COMMENT ON FUNCTION care.record_interest_policy(pg_catalog.text, pg_catalog.date, pg_catalog.numeric, pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.bool) IS
    'Records what an authority charges from a day: its own rate, or null for the national maximum. A rate above the maximum is refused (23514).';

CREATE TABLE care.agreement (
    agreement_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT agreement_pkey PRIMARY KEY,
    person_id pg_catalog.int8 NOT NULL
        CONSTRAINT agreement_person_fkey REFERENCES care.person,
    authority pg_catalog.text NOT NULL
        CONSTRAINT agreement_authority_fkey REFERENCES care.authority,
    reference pg_catalog.text NOT NULL
        CONSTRAINT agreement_has_reference CHECK (reference <> ''),
    signed_on pg_catalog.date NOT NULL
        CONSTRAINT agreement_finite_signing CHECK (signed_on BETWEEN '0001-01-01' AND '9999-12-31'),
    secured_on pg_catalog.date NOT NULL
        CONSTRAINT agreement_finite_security CHECK (secured_on BETWEEN '0001-01-01' AND '9999-12-31'),
    day_count pg_catalog.text NOT NULL
        CONSTRAINT agreement_known_day_count CHECK (day_count IN ('act/act', 'act/365f')),
    capitalised pg_catalog.text NOT NULL
        CONSTRAINT agreement_known_capitalised
        CHECK (capitalised IN ('daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none')),
    recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    recorded_by pg_catalog.text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT agreement_reference_key UNIQUE (authority, reference)
);
CREATE INDEX agreement_person_idx ON care.agreement (person_id);
COMMENT ON INDEX care.agreement_person_idx IS 'Finds the agreements of a person.';
COMMENT ON TABLE care.agreement IS 'Deferred payment agreements.';
COMMENT ON COLUMN care.agreement.agreement_id IS 'Key.';
COMMENT ON COLUMN care.agreement.person_id IS 'The person.';
COMMENT ON COLUMN care.agreement.authority IS 'The authority that defers.';
COMMENT ON COLUMN care.agreement.reference IS 'The authority''s reference for the agreement.';
COMMENT ON COLUMN care.agreement.signed_on IS 'The day it was signed by all parties.';
COMMENT ON COLUMN care.agreement.secured_on IS 'The day the security was in place.';
COMMENT ON COLUMN care.agreement.day_count IS 'Day count, by the authority''s policy on the day of signing.';
COMMENT ON COLUMN care.agreement.capitalised IS 'Capitalisation, by the authority''s policy on the day of signing.';
COMMENT ON COLUMN care.agreement.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement.recorded_by IS 'Who recorded the row.';
SELECT pg_catalog.pg_extension_config_dump('care.agreement', '');
SELECT pg_catalog.pg_extension_config_dump('care.agreement_agreement_id_seq', '');
CREATE TRIGGER agreement_refuse_change BEFORE DELETE OR TRUNCATE ON care.agreement
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('a function of care');
CREATE TRIGGER agreement_refuse_update BEFORE UPDATE ON care.agreement
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION care.refuse_change('a function of care');
COMMENT ON TRIGGER agreement_refuse_update ON care.agreement IS 'Facts are added to, never changed.';
COMMENT ON TRIGGER agreement_refuse_change ON care.agreement IS 'Facts are added to, never changed.';

CREATE TABLE care.valuation (
    agreement_id pg_catalog.int8 NOT NULL
        CONSTRAINT valuation_agreement_fkey REFERENCES care.agreement,
    valuation_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY,
    valued_on pg_catalog.date NOT NULL
        CONSTRAINT valuation_finite_day CHECK (valued_on BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT valuation_not_negative CHECK (amount >= 0),
    share pg_catalog.numeric NOT NULL
        CONSTRAINT valuation_share_of_one CHECK (share > 0 AND share <= 1 AND pg_catalog.min_scale(share) <= 8),
    prior_charges care.pounds NOT NULL
        CONSTRAINT valuation_charges_not_negative CHECK (prior_charges >= 0),
    note pg_catalog.text,
    recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    recorded_by pg_catalog.text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT valuation_pkey PRIMARY KEY (agreement_id, valuation_id)
);
COMMENT ON TABLE care.valuation IS 'Valuations of the security; the last one on or before a day holds on it.';
COMMENT ON COLUMN care.valuation.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.valuation.valuation_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.valuation.valued_on IS 'The day of the valuation.';
COMMENT ON COLUMN care.valuation.amount IS 'Value of the whole property, pounds.';
COMMENT ON COLUMN care.valuation.share IS 'The person''s share of it, up to 1, at most 8 decimals.';
COMMENT ON COLUMN care.valuation.prior_charges IS 'Charges that rank before this one, pounds.';
COMMENT ON COLUMN care.valuation.note IS 'Kind of valuation, valuer, evidence.';
COMMENT ON COLUMN care.valuation.recorded_at IS 'When the row was recorded; of two on one day, the last holds.';
COMMENT ON COLUMN care.valuation.recorded_by IS 'Who recorded the row.';
SELECT pg_catalog.pg_extension_config_dump('care.valuation', '');
SELECT pg_catalog.pg_extension_config_dump('care.valuation_valuation_id_seq', '');
CREATE TRIGGER valuation_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.valuation
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_valuation()');
COMMENT ON TRIGGER valuation_refuse_change ON care.valuation IS 'Facts are added to, never changed.';

CREATE TABLE care.agreement_entry (
    agreement_id pg_catalog.int8 NOT NULL
        CONSTRAINT agreement_entry_agreement_fkey REFERENCES care.agreement,
    entry_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day pg_catalog.date NOT NULL
        CONSTRAINT agreement_entry_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL,
    kind pg_catalog.text NOT NULL
        CONSTRAINT agreement_entry_known_kind CHECK (kind IN ('care_fees', 'administration_charge', 'payment')),
    settles pg_catalog.bool NOT NULL DEFAULT false
        CONSTRAINT agreement_entry_payment_settles CHECK (NOT settles OR kind = 'payment'),
    note pg_catalog.text,
    recorded_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    recorded_by pg_catalog.text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT agreement_entry_pkey PRIMARY KEY (agreement_id, entry_id),
    CONSTRAINT agreement_entry_signed CHECK (amount <> 0 AND (amount < 0) = (kind = 'payment'))
);
CREATE INDEX agreement_entry_settles_idx ON care.agreement_entry (agreement_id, entry_id) WHERE settles;
COMMENT ON INDEX care.agreement_entry_settles_idx IS 'Finds the payment that settled an agreement.';
COMMENT ON TABLE care.agreement_entry IS 'The ledger of each agreement: what was deferred and what was paid. Interest is not an entry: it follows from them.';
COMMENT ON COLUMN care.agreement_entry.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_entry.entry_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_entry.on_day IS 'The day at whose start it takes effect.';
COMMENT ON COLUMN care.agreement_entry.amount IS 'Pounds owed; a payment is negative.';
COMMENT ON COLUMN care.agreement_entry.kind IS 'care_fees, administration_charge or payment.';
COMMENT ON COLUMN care.agreement_entry.settles IS 'A payment of the redemption figure: it and what was entered before it, for its day or earlier, are paid, to nought exactly.';
COMMENT ON COLUMN care.agreement_entry.note IS 'What it was for.';
COMMENT ON COLUMN care.agreement_entry.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_entry.recorded_by IS 'Who recorded the row.';
SELECT pg_catalog.pg_extension_config_dump('care.agreement_entry', '');
SELECT pg_catalog.pg_extension_config_dump('care.agreement_entry_entry_id_seq', '');
CREATE TRIGGER agreement_entry_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.agreement_entry
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.defer() or care.record_payment()');
COMMENT ON TRIGGER agreement_entry_refuse_change ON care.agreement_entry IS 'Facts are added to, never changed.';

-- The last payment of the redemption figure on or before a day.  The fraction of a penny that it
-- rounded away, and interest not yet capitalised that it paid, end with it.
CREATE FUNCTION care.settlement(agreement_id pg_catalog.int8, as_at pg_catalog.date,
                                OUT entry_id pg_catalog.int8, OUT on_day pg_catalog.date)
    RETURNS SETOF record LANGUAGE sql STABLE ROWS 1
BEGIN ATOMIC
    SELECT s.entry_id, s.on_day FROM care.agreement_entry AS s
    WHERE s.agreement_id = settlement.agreement_id AND s.settles AND s.on_day <= settlement.as_at
    ORDER BY s.entry_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care.settlement(pg_catalog.int8, pg_catalog.date) IS
    'The last payment of the redemption figure by a day: entries up to it in order and in day are paid.';

--
-- The read interface.
--

CREATE TYPE care.agreement_position_row AS (
    agreement_id pg_catalog.int8,
    authority pg_catalog.text,
    reference pg_catalog.text,
    as_at pg_catalog.date,
    rate pg_catalog.numeric,
    deferred pg_catalog.numeric,
    administration_charges pg_catalog.numeric,
    interest pg_catalog.numeric,
    payments pg_catalog.numeric,
    balance pg_catalog.numeric,
    property_value pg_catalog.numeric,
    equity_limit pg_catalog.numeric,
    equity_remaining pg_catalog.numeric
);
COMMENT ON TYPE care.agreement_position_row IS 'A row of agreement_position; see the view.';

CREATE FUNCTION care.agreement_position(as_at pg_catalog.date)
    RETURNS SETOF care.agreement_position_row LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.agreement_id, a.authority, a.reference, as_at,
           care.value_on(r.rates, as_at),
           round(coalesce(l.deferred, 0), 2),
           round(coalesce(l.administration_charges, 0), 2),
           round(coalesce(l.balance - l.entries, 0), 2),
           round(coalesce(l.payments, 0), 2),
           coalesce(l.balance, 0.00),
           round(v.amount * v.share, 2),
           v.equity_limit,
           v.equity_limit - coalesce(l.balance, 0.00)
    FROM care.agreement AS a
        JOIN care.effective_rate AS r ON r.authority = a.authority
        LEFT JOIN LATERAL care.settlement(a.agreement_id, as_at) AS z ON true
        LEFT JOIN LATERAL (
            SELECT sum(e.amount) FILTER (WHERE e.kind = 'care_fees') AS deferred,
                   sum(e.amount) FILTER (WHERE e.kind = 'administration_charge') AS administration_charges,
                   -sum(e.amount) FILTER (WHERE e.kind = 'payment') AS payments,
                   sum(e.amount) AS entries,
                   coalesce(care.balance(e.amount, e.on_day, r.rates, a.day_count, a.capitalised, as_at)
                                FILTER (WHERE z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day), 0.00) AS balance
            FROM care.agreement_entry AS e
            WHERE e.agreement_id = a.agreement_id AND e.on_day <= as_at) AS l ON true
        LEFT JOIN LATERAL (
            SELECT w.amount, w.share,
                   care.equity_limit(w.amount, w.share, w.prior_charges,
                                     care.value_on(p.lower_capital_limit, as_at),
                                     care.value_on(p.margin, as_at)) AS equity_limit
            FROM care.valuation AS w,
                (SELECT care.parameter_schedule('deferred_payment', 'lower_capital_limit'),
                        care.parameter_schedule('deferred_payment', 'equity_margin_percent') OFFSET 0) AS p (lower_capital_limit, margin)
            WHERE w.agreement_id = a.agreement_id AND w.valued_on <= as_at
            ORDER BY w.valued_on DESC, w.valuation_id DESC
            LIMIT 1) AS v ON true
    WHERE a.signed_on <= care.required_day(as_at);
END;
COMMENT ON FUNCTION care.agreement_position(pg_catalog.date) IS
    'Where every agreement stands at the close of a day.';

CREATE VIEW care.agreement_position AS SELECT p.* FROM care.agreement_position(current_date) AS p;
COMMENT ON VIEW care.agreement_position IS 'Where every agreement stands at the close of today.';
COMMENT ON COLUMN care.agreement_position.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_position.authority IS 'The authority that defers.';
COMMENT ON COLUMN care.agreement_position.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.agreement_position.as_at IS 'The day at whose close it stands so.';
COMMENT ON COLUMN care.agreement_position.rate IS 'Interest rate on the day, per cent a year.';
COMMENT ON COLUMN care.agreement_position.deferred IS 'Care fees deferred to date, pounds.';
COMMENT ON COLUMN care.agreement_position.administration_charges IS 'Administration charges deferred to date, pounds.';
COMMENT ON COLUMN care.agreement_position.interest IS 'Interest charged to date, capitalised or not, pounds.';
COMMENT ON COLUMN care.agreement_position.payments IS 'Payments to date, pounds.';
COMMENT ON COLUMN care.agreement_position.balance IS 'Owed at the close of the day, pounds: deferred + charges + interest - payments.';
COMMENT ON COLUMN care.agreement_position.property_value IS 'Value of the person''s share of the property, by the last valuation, pounds.';
COMMENT ON COLUMN care.agreement_position.equity_limit IS 'Up to what balance care fees may be deferred, pounds.';
COMMENT ON COLUMN care.agreement_position.equity_remaining IS 'Equity limit less balance, pounds; negative once interest and charges have gone past it.';

-- The agreement, locked or not, or P0002.
CREATE FUNCTION care.require_agreement(agreement_id pg_catalog.int8) RETURNS care.agreement
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_row care.agreement;
BEGIN
    SELECT a.* INTO found_row FROM care.agreement AS a WHERE a.agreement_id = require_agreement.agreement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such agreement: %s', coalesce(agreement_id::text, 'null')),
            HINT = 'care.open_agreement() opens one and returns its key.';
    END IF;
    RETURN found_row;
END
$$;
COMMENT ON FUNCTION care.require_agreement(pg_catalog.int8) IS 'The agreement; P0002 if there is none.';

CREATE FUNCTION care.lock_agreement(agreement_id pg_catalog.int8) RETURNS care.agreement
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- a new version of the row, nothing changed: a writer with an older view gets 40001, not a wrong figure
    UPDATE care.agreement AS a SET day_count = a.day_count WHERE a.agreement_id = lock_agreement.agreement_id;
    RETURN care.require_agreement(agreement_id);
END
$$;
COMMENT ON FUNCTION care.lock_agreement(pg_catalog.int8) IS 'The agreement, locked against other writers; P0002 if there is none.';

-- doc/calculations.md section 4: entries of the day itself bear no interest if the debt is paid that day.
CREATE FUNCTION care.redemption_figure(agreement_id pg_catalog.int8, pay_on pg_catalog.date)
    RETURNS pg_catalog.numeric LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.require_agreement(agreement_id);
    rates care.schedule := (SELECT r.rates FROM care.effective_rate AS r WHERE r.authority = agreement.authority);
    figure numeric;
BEGIN
    IF pay_on IS NULL OR NOT isfinite(pay_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('agreement %s (%s): pay_on must be a day', agreement_id, agreement.reference);
    END IF;
    SELECT coalesce(care.balance(e.amount, e.on_day, rates, agreement.day_count, agreement.capitalised, pay_on - 1)
                        FILTER (WHERE e.on_day < pay_on), 0.00)
           + coalesce(sum(e.amount) FILTER (WHERE e.on_day = pay_on), 0.00)
    INTO figure
    FROM care.agreement_entry AS e
        LEFT JOIN care.settlement(agreement.agreement_id, pay_on) AS z ON true
    WHERE e.agreement_id = agreement.agreement_id AND e.on_day <= pay_on
      AND (z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day);
    RETURN coalesce(figure, 0.00);
END
$$;
COMMENT ON FUNCTION care.redemption_figure(pg_catalog.int8, pg_catalog.date) IS
    'What repays an agreement in full on a day, pounds: interest to the close of the day before, and the day''s own entries. P0002 if there is no such agreement.';

CREATE TYPE care.interest_working_row AS (
    from_day pg_catalog.date,
    to_day pg_catalog.date,
    days pg_catalog.int4,
    rate pg_catalog.numeric,
    opening pg_catalog.numeric,
    entries pg_catalog.numeric,
    interest pg_catalog.numeric,
    closing pg_catalog.numeric
);
COMMENT ON TYPE care.interest_working_row IS 'A line of interest_working: both days count; closing = opening + entries + interest.';

-- A line for each rate; its interest is the difference of two rounded balances, so lines add up.
CREATE FUNCTION care.interest_working(agreement_id pg_catalog.int8, from_day pg_catalog.date, to_day pg_catalog.date)
    RETURNS SETOF care.interest_working_row LANGUAGE plpgsql STABLE ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.require_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    first_day date := from_day;
    last_day date := to_day;
    rates care.schedule;
BEGIN
    IF first_day IS NULL OR last_day IS NULL OR NOT isfinite(first_day) OR NOT isfinite(last_day) OR first_day > last_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: the period %s to %s is not one', label,
                             coalesce(to_char(first_day, 'YYYY-MM-DD'), 'null'), coalesce(to_char(last_day, 'YYYY-MM-DD'), 'null')),
            HINT = 'Both days count: for a single day, give it twice.';
    END IF;
    SELECT r.rates INTO STRICT rates FROM care.effective_rate AS r WHERE r.authority = agreement.authority;
    RETURN QUERY
        SELECT p.starts, p.ends, p.ends - p.starts + 1, care.value_on(rates, p.starts),
               lag(l.balance, 1, b.balance) OVER w, l.entries,
               l.balance - l.entries - lag(l.balance, 1, b.balance) OVER w, l.balance
        FROM (SELECT d.starts, lead(d.starts - 1, 1, last_day) OVER (ORDER BY d.starts) AS ends
              FROM (SELECT first_day
                    UNION
                    SELECT s.valid_from FROM care.steps(rates) AS s
                    WHERE s.valid_from > first_day AND s.valid_from <= last_day) AS d (starts)) AS p,
            LATERAL (SELECT coalesce(care.balance(e.amount, e.on_day, rates, agreement.day_count, agreement.capitalised, p.ends)
                                         FILTER (WHERE z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day), 0.00) AS balance,
                            round(coalesce(sum(e.amount) FILTER (WHERE e.on_day >= p.starts), 0), 2) AS entries
                     FROM care.agreement_entry AS e
                         LEFT JOIN care.settlement(agreement.agreement_id, p.ends) AS z ON true
                     WHERE e.agreement_id = agreement.agreement_id AND e.on_day <= p.ends) AS l,
            (SELECT coalesce(care.balance(e.amount, e.on_day, rates, agreement.day_count, agreement.capitalised, first_day - 1), 0.00) AS balance
             FROM care.agreement_entry AS e
                 LEFT JOIN care.settlement(agreement.agreement_id, first_day - 1) AS z ON true
             WHERE e.agreement_id = agreement.agreement_id AND e.on_day < first_day
               AND (z.entry_id IS NULL OR e.entry_id > z.entry_id OR e.on_day > z.on_day)) AS b
        WINDOW w AS (ORDER BY p.starts)
        ORDER BY p.starts;
END
$$;
COMMENT ON FUNCTION care.interest_working(pg_catalog.int8, pg_catalog.date, pg_catalog.date) IS
    'The working of an agreement''s interest over a period, a line for each rate, in pounds. P0002 if there is no such agreement, 22023 if the period is not one.';

--
-- The write interface.
--

CREATE FUNCTION care.open_agreement(authority pg_catalog.text, reference pg_catalog.text,
                                    person_reference pg_catalog.text, signed_on pg_catalog.date,
                                    secured_on pg_catalog.date, date_of_birth pg_catalog.date DEFAULT NULL)
    RETURNS pg_catalog.int8 LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    policy care.interest_policy_in_force;
    new_id int8;
BEGIN
    IF signed_on IS NULL OR secured_on IS NULL OR NOT isfinite(signed_on) OR NOT isfinite(secured_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'signed_on and secured_on must be days',
            HINT = 'An agreement is opened once it is signed by all parties and secured.';
    END IF;
    PERFORM care.require_authority(authority, signed_on);
    IF EXISTS (SELECT FROM care.agreement AS a
               WHERE a.authority = open_agreement.authority AND a.reference = open_agreement.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s already has an agreement with reference %s', authority, reference);
    END IF;
    SELECT p.* INTO policy FROM care.interest_policy_in_force AS p
    WHERE p.authority = open_agreement.authority AND p.valid_from <= signed_on
    ORDER BY p.valid_from DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no interest policy on %s', authority, to_char(signed_on, 'YYYY-MM-DD')),
            HINT = 'Record it with care.record_interest_policy(): no interest can be charged without one.';
    END IF;
    INSERT INTO care.agreement (person_id, authority, reference, signed_on, secured_on, day_count, capitalised)
    VALUES (care.agree_person(open_agreement.authority, open_agreement.person_reference, open_agreement.date_of_birth, NULL),
            open_agreement.authority, open_agreement.reference, open_agreement.signed_on, open_agreement.secured_on,
            policy.day_count, policy.capitalised)
    RETURNING agreement_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.open_agreement(pg_catalog.text, pg_catalog.text, pg_catalog.text, pg_catalog.date, pg_catalog.date, pg_catalog.date) IS
    'Opens a signed and secured agreement, on the day count and capitalisation of the authority''s policy that day, and returns its key.';

CREATE FUNCTION care.record_valuation(agreement_id pg_catalog.int8, valued_on pg_catalog.date, amount pg_catalog.numeric,
                                      share pg_catalog.numeric DEFAULT 1, prior_charges pg_catalog.numeric DEFAULT 0,
                                      note pg_catalog.text DEFAULT NULL)
    RETURNS pg_catalog.int8 LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    new_id int8;
BEGIN
    IF valued_on IS NULL OR NOT isfinite(valued_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: valued_on must be a day', label);
    END IF;
    PERFORM care.require_amount(label, 'amount', amount);
    PERFORM care.require_amount(label, 'prior_charges', prior_charges);
    IF share IS NULL OR NOT (share > 0 AND share <= 1) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: share must be above 0 and at most 1, not %s', label, coalesce(share::text, 'null'));
    END IF;
    INSERT INTO care.valuation (agreement_id, valued_on, amount, share, prior_charges, note)
    VALUES (agreement.agreement_id, record_valuation.valued_on, record_valuation.amount, record_valuation.share,
            record_valuation.prior_charges, record_valuation.note)
    RETURNING valuation_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_valuation(pg_catalog.int8, pg_catalog.date, pg_catalog.numeric, pg_catalog.numeric, pg_catalog.numeric, pg_catalog.text) IS
    'Records a valuation of the security: the whole property in pounds, the person''s share of it, and the charges that rank first.';

-- Up to what balance care fees may be deferred on a day: doc/calculations.md section 4, "equity limit".
CREATE FUNCTION care.equity_limit_on(agreement_id pg_catalog.int8, on_day pg_catalog.date)
    RETURNS pg_catalog.numeric LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT care.equity_limit(v.amount, v.share, v.prior_charges,
                             care.parameter_on('deferred_payment', 'lower_capital_limit', on_day),
                             care.parameter_on('deferred_payment', 'equity_margin_percent', on_day))
    FROM care.valuation AS v
    WHERE v.agreement_id = equity_limit_on.agreement_id AND v.valued_on <= on_day
    ORDER BY v.valued_on DESC, v.valuation_id DESC
    LIMIT 1;
END;
COMMENT ON FUNCTION care.equity_limit_on(pg_catalog.int8, pg_catalog.date) IS
    'The equity limit of an agreement on a day, pounds; null before its first valuation.';

-- Care fees stop at the equity limit; charges never do.
CREATE FUNCTION care.require_equity(agreement care.agreement, on_day pg_catalog.date, amount pg_catalog.numeric)
    RETURNS pg_catalog.void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    limit_on_day numeric := care.equity_limit_on(agreement.agreement_id, on_day);
    owed numeric := care.redemption_figure(agreement.agreement_id, on_day);
BEGIN
    IF limit_on_day IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no valuation on or before %s', label, to_char(on_day, 'YYYY-MM-DD')),
            HINT = 'Record it with care.record_valuation(): care fees are deferred only up to the equity limit.';
    END IF;
    IF owed + amount > limit_on_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: care fees of %s would pass the equity limit', label, amount),
            DETAIL = format('On %s the limit is %s and %s is owed: %s may still be deferred.', to_char(on_day, 'YYYY-MM-DD'),
                            limit_on_day, owed, greatest(limit_on_day - owed, 0));
    END IF;
    -- backdated: the fees deferred since were within the limit without these
    FOR on_day IN SELECT DISTINCT e.on_day FROM care.agreement_entry AS e
                  WHERE e.agreement_id = agreement.agreement_id AND e.on_day > require_equity.on_day AND e.kind = 'care_fees'
                  ORDER BY e.on_day LOOP
        limit_on_day := care.equity_limit_on(agreement.agreement_id, on_day);
        owed := care.redemption_figure(agreement.agreement_id, on_day);
        IF owed + amount > limit_on_day THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation',
                MESSAGE = format('%s: care fees of %s would take those of %s past the equity limit', label, amount, to_char(on_day, 'YYYY-MM-DD')),
                DETAIL = format('On that day the limit is %s and %s is owed.', limit_on_day, owed);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care.require_equity(care.agreement, pg_catalog.date, pg_catalog.numeric) IS
    'Refuses (23514) care fees that would take what is owed past the equity limit, saying how much may still be deferred.';

CREATE FUNCTION care.defer(agreement_id pg_catalog.int8, on_day pg_catalog.date, kind pg_catalog.text,
                           amount pg_catalog.numeric, note pg_catalog.text DEFAULT NULL)
    RETURNS pg_catalog.int8 LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    new_id int8;
BEGIN
    IF kind IS NULL OR kind NOT IN ('care_fees', 'administration_charge') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: unknown kind of entry: %L', label, kind),
            HINT = 'It is care_fees or administration_charge; payments are recorded with care.record_payment().';
    END IF;
    PERFORM care.require_amount(label, 'amount', amount, 0.01);
    IF on_day IS NULL OR on_day < greatest(agreement.signed_on, agreement.secured_on) OR NOT isfinite(on_day) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: nothing can be deferred on %s', label, coalesce(to_char(on_day, 'YYYY-MM-DD'), 'null')),
            DETAIL = format('It was signed on %s and secured on %s.', to_char(agreement.signed_on, 'YYYY-MM-DD'),
                            to_char(agreement.secured_on, 'YYYY-MM-DD'));
    END IF;
    IF care.value_on((SELECT r.rates FROM care.effective_rate AS r WHERE r.authority = agreement.authority), on_day) IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: the interest rate is not known on %s', label, to_char(on_day, 'YYYY-MM-DD')),
            HINT = 'Enter the national maximum with care.record_national_max_rate(), or the authority''s rate with care.record_interest_policy().';
    END IF;
    IF kind = 'care_fees' THEN
        PERFORM care.require_equity(agreement, on_day, amount);
    END IF;
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, note)
    VALUES (agreement.agreement_id, defer.on_day, defer.kind, defer.amount, defer.note)
    RETURNING entry_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.defer(pg_catalog.int8, pg_catalog.date, pg_catalog.text, pg_catalog.numeric, pg_catalog.text) IS
    'Defers care fees or an administration charge (pounds) from the start of a day. Care fees past the equity limit are refused (23514).';

CREATE FUNCTION care.record_payment(agreement_id pg_catalog.int8, on_day pg_catalog.date, amount pg_catalog.numeric,
                                    note pg_catalog.text DEFAULT NULL)
    RETURNS pg_catalog.int8 LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    figure numeric;
    later_day date;
    new_id int8;
BEGIN
    IF on_day IS NULL OR NOT isfinite(on_day) THEN
        RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('%s: on_day must be a day', label);
    END IF;
    PERFORM care.require_amount(label, 'amount', amount, 0.01);
    figure := care.redemption_figure(agreement_id, on_day);
    IF amount > figure THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: a payment of %s is more than is owed', label, amount),
            DETAIL = format('The redemption figure on %s is %s.', to_char(on_day, 'YYYY-MM-DD'), figure);
    END IF;
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, settles, note)
    VALUES (agreement.agreement_id, record_payment.on_day, 'payment', -record_payment.amount,
            record_payment.amount = figure, record_payment.note)
    RETURNING entry_id INTO new_id;
    -- backdated: later payments may have paid this amount already
    FOR later_day, figure IN SELECT d.on_day, care.redemption_figure(agreement.agreement_id, d.on_day)
                             FROM (SELECT DISTINCT e.on_day FROM care.agreement_entry AS e
                                   WHERE e.agreement_id = agreement.agreement_id AND e.kind = 'payment'
                                     AND e.on_day > record_payment.on_day) AS d ORDER BY d.on_day LOOP
        IF figure < 0 THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation',
                MESSAGE = format('%s: a payment of %s on %s is more than is owed', label, amount, to_char(record_payment.on_day, 'YYYY-MM-DD')),
                DETAIL = format('With it, the payments to %s come to %s too much.', to_char(later_day, 'YYYY-MM-DD'), -figure);
        END IF;
    END LOOP;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_payment(pg_catalog.int8, pg_catalog.date, pg_catalog.numeric, pg_catalog.text) IS
    'Records a payment (pounds) at the start of a day. One above the redemption figure is refused (23514), naming it.';
