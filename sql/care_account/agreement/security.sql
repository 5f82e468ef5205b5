--
-- security: what secures an agreement, and up to what balance care fees may be deferred.
--
-- Must not know: entries, balances.
--

CREATE TABLE care.valuation (
    agreement_id bigint NOT NULL
        CONSTRAINT valuation_agreement_fkey REFERENCES care.agreement,
    valuation_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    valued_on date NOT NULL
        CONSTRAINT valuation_finite_day CHECK (valued_on BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT valuation_not_negative CHECK (amount >= 0),
    share numeric NOT NULL
        CONSTRAINT valuation_share_of_one CHECK (share > 0 AND share <= 1 AND min_scale(share) <= 8),
    prior_charges care.pounds NOT NULL
        CONSTRAINT valuation_charges_not_negative CHECK (prior_charges >= 0),
    kind text
        CONSTRAINT valuation_known_kind CHECK (kind IN ('professional', 'desktop', 'estimate', 'sale_price')),
    valuer text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT valuation_pkey PRIMARY KEY (agreement_id, valuation_id)
);
CREATE INDEX valuation_last_idx ON care.valuation (agreement_id, valued_on, valuation_id);
COMMENT ON INDEX care.valuation_last_idx IS 'Finds the valuation that holds on a day.';
COMMENT ON TABLE care.valuation IS 'Valuations of the security; the last one on or before a day holds on it.';
COMMENT ON COLUMN care.valuation.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.valuation.valuation_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.valuation.valued_on IS 'The day of the valuation.';
COMMENT ON COLUMN care.valuation.amount IS 'Value of the whole property, pounds.';
COMMENT ON COLUMN care.valuation.share IS 'The person''s share of it, up to 1, at most 8 decimals.';
COMMENT ON COLUMN care.valuation.prior_charges IS 'Charges that rank before this one, pounds.';
COMMENT ON COLUMN care.valuation.kind IS 'professional, desktop, estimate or sale_price; null: not said.';
COMMENT ON COLUMN care.valuation.valuer IS 'Who valued it.';
COMMENT ON COLUMN care.valuation.note IS 'Evidence and more.';
COMMENT ON COLUMN care.valuation.recorded_at IS 'When the row was recorded; of two on one day, the last holds.';
COMMENT ON COLUMN care.valuation.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.valuation', 'agreement', 'care.record_valuation()');

CREATE VIEW care.valuation_in_force AS
    SELECT v.agreement_id, a.authority, a.reference, v.valuation_id, v.valued_on,
           lead(v.valued_on) OVER (PARTITION BY v.agreement_id ORDER BY v.valued_on) - 1 AS valid_to,
           v.amount, v.share, v.prior_charges, v.kind, v.valuer, v.note, v.recorded_at, v.recorded_by
    FROM (SELECT DISTINCT ON (w.agreement_id, w.valued_on) w.* FROM care.valuation AS w
          ORDER BY w.agreement_id, w.valued_on, w.valuation_id DESC) AS v
        JOIN care.agreement AS a ON a.agreement_id = v.agreement_id;
COMMENT ON VIEW care.valuation_in_force IS
    'The valuations that hold, each with its last day: of two of one day, the one recorded last.';
COMMENT ON COLUMN care.valuation_in_force.valid_to IS 'Last day it holds; null: until the next one.';
SELECT care_internal.comment_columns('care.valuation_in_force', 'care.valuation', 'care.agreement');

-- doc/calculations section 4, "equity limit".
CREATE FUNCTION care_internal.security_on(agreement_id bigint, on_day date,
                                          OUT property_value numeric, OUT equity_limit numeric, OUT valued_on date)
    RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT round(v.amount * v.share, 2),
           CASE WHEN m.lower_capital_limit IS NOT NULL AND m.margin_percent IS NOT NULL
                THEN care.equity_limit(v.amount, v.share, v.prior_charges, m.lower_capital_limit, m.margin_percent) END,
           v.valued_on
    FROM care.valuation AS v
        CROSS JOIN (SELECT (SELECT p.amount
                            FROM care_internal.parameter_value('deferred_payment', 'lower_capital_limit', on_day) AS p),
                           (SELECT p.amount FROM care_internal.parameter_value('deferred_payment',
                                                                               'equity_margin_percent',
                                                                      on_day) AS p) OFFSET 0)
            AS m (lower_capital_limit, margin_percent)
    WHERE v.agreement_id = security_on.agreement_id AND v.valued_on <= on_day
    ORDER BY v.valued_on DESC, v.valuation_id DESC
    LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.security_on(bigint, date) IS
    'Value of the person''s share, equity limit (pounds; null before there was one) and day of the valuation that '
    'holds on a day; no row before the first.';

CREATE FUNCTION care.equity_limit_on(agreement_id bigint, on_day date)
    RETURNS numeric LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.equity_limit FROM care_internal.security_on(agreement_id, on_day) AS s;
END;
COMMENT ON FUNCTION care.equity_limit_on(bigint, date) IS
    'The equity limit of an agreement on a day, pounds; null before its first valuation, and before there was a limit. '
    'It sees what was recorded in the statement that asks.';
