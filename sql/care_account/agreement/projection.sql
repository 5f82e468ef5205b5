--
-- projection: when the equity limit will be reached, by assumptions that it shows.
--
-- Must not know: care accounts, statements.
--

-- The last known rate carried on, so many points higher or lower: an assumption, never a balance.  It is of the
-- authority's rates: an agreement that bears none, or the court's, is not changed by it.
CREATE FUNCTION care_internal.assumed_rates(rates care.schedule, points numeric, from_day date) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(s.valid_from, CASE WHEN s.valid_from < from_day THEN s.value
                                                ELSE least(greatest(s.value + points, 0), 100) END)
    FROM (SELECT x.valid_from, x.value FROM care_internal.steps(rates) AS x WHERE x.value IS NOT NULL
            AND x.valid_from <> assumed_rates.from_day
          UNION ALL
          SELECT assumed_rates.from_day, (SELECT y.value FROM care_internal.steps(rates) AS y
                                          WHERE y.value IS NOT NULL AND y.valid_from <= assumed_rates.from_day
                                          ORDER BY y.valid_from DESC LIMIT 1)) AS s;
END;
COMMENT ON FUNCTION care_internal.assumed_rates(care.schedule, numeric, date) IS
    'Rates with the last known one carried on where none is known, and from a day on so many points more or less '
    '(within 0 and 100): for projections.';

CREATE FUNCTION care_internal.projection_end(as_at date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN least(as_at + 36600, '9999-12-31');
COMMENT ON FUNCTION care_internal.projection_end(date) IS 'The last day a projection looks at: a hundred years on.';

CREATE FUNCTION care.equity_projection(agreement_id bigint, as_at date,
                                       yearly_charges numeric DEFAULT 0, rate_points numeric DEFAULT 0,
                                       value_percent numeric DEFAULT 0,
                                       OUT limit_reached_on date, OUT equity_limit numeric,
                                       OUT balance numeric, OUT weekly_amount numeric,
                                       OUT assumption text)
    LANGUAGE plpgsql VOLATILE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.require_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    known care.schedule := care_internal.authority_rates(agreement.authority);
    rates care.schedule;
    carried_from date;
    valuation care.valuation;
BEGIN
    PERFORM care_internal.require_day(label, 'as_at', as_at);
    PERFORM care_internal.require_amount(label, 'yearly_charges', yearly_charges);
    IF rate_points IS NULL OR value_percent IS NULL OR NOT value_percent > -100 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'projection_assumptions',
            MESSAGE = format('%s: rate_points and value_percent must be given, value_percent above -100', label);
    END IF;
    SELECT v.* INTO valuation FROM care.valuation AS v
    WHERE v.agreement_id = agreement.agreement_id AND v.valued_on <= as_at ORDER BY v.valued_on DESC,
        v.valuation_id DESC LIMIT 1;
    IF NOT FOUND OR agreement.signed_on IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'valuation_exists', SCHEMA = 'care', TABLE = 'valuation',
            MESSAGE = format('%s has no valuation on or before %s, or is not signed', label,
                             care_internal.day_text(as_at));
    END IF;
    equity_limit := care.equity_limit(round(valuation.amount * (1 + value_percent / 100), 2), valuation.share,
                                      valuation.prior_charges,
                                      care.parameter_on('deferred_payment', 'lower_capital_limit', as_at),
                                      care.parameter_on('deferred_payment', 'equity_margin_percent', as_at));
    rates := care_internal.rates_charged(care_internal.assumed_rates(known, rate_points, as_at + 1), agreement.charged,
                                         agreement.court_from, agreement.court_rate, as_at);
    known := care_internal.rates_charged(known, agreement.charged, agreement.court_from, agreement.court_rate, as_at);
    balance := (SELECT care_internal.known_figure((l.totals).balance, agreement, as_at)
                FROM care_internal.ledger_on(agreement, care_internal.authority_rates(agreement.authority), as_at,
                                             false, NULL) AS l);
    weekly_amount := coalesce(care.value_on(care_internal.weekly_deferred(agreement), as_at + 1), 0.00);
    carried_from := CASE WHEN care.value_on(known, as_at + 1) IS NULL THEN as_at + 1
                         ELSE (SELECT min(s.valid_from) FROM care_internal.steps(known) AS s WHERE s.value IS NULL
                                 AND s.valid_from > as_at) END;
    assumption := format('%s a week deferred, %s a year charged, rate from %s: %s per cent%s, value %s', weekly_amount,
                         yearly_charges,
                         care_internal.day_text(as_at + 1), care.value_on(rates, as_at + 1),
                         CASE WHEN carried_from IS NOT NULL
                              THEN format(' (from %s the last known rate carried forward: %s)',
                                          care_internal.day_text(carried_from), care.value_on(rates, carried_from))
                              ELSE '' END,
                         round(valuation.amount * (1 + value_percent / 100), 2));
    limit_reached_on := care_internal.limit_reached_on(balance, weekly_amount, yearly_charges, rates,
                                                       agreement.day_count,
                                                       care_internal.capitalised_on(agreement.capitalised,
                                                                                    agreement.court_from, as_at),
                                                       as_at, care_internal.projection_end(as_at), equity_limit);
END
$$;
COMMENT ON FUNCTION care.equity_projection(bigint, date, numeric, numeric, numeric) IS
    'The day the debt will reach the equity limit (null: not within 100 years), from the position of a day, the weekly '
    'deferral, yearly charges, a rate so many points above the last known and a value so many per cent above the last; '
    'the assumption says so in words. It sees what was recorded in the statement that asks.';

CREATE FUNCTION care_internal.projected_balance(balance numeric, weekly_amount numeric, yearly_charges numeric,
                                                rates care.schedule, day_count text, capitalised text,
                                                as_at date, on_day date) RETURNS numeric
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.balance(e.amount, e.on_day, rates, day_count, capitalised, projected_balance.on_day)
    FROM (SELECT projected_balance.balance AS amount, projected_balance.as_at + 1 AS on_day
          UNION ALL
          SELECT weekly_amount, projected_balance.as_at + 7 * n
          FROM generate_series(1, (projected_balance.on_day - projected_balance.as_at) / 7) AS n
          UNION ALL
          SELECT yearly_charges, d::date
          FROM generate_series(projected_balance.as_at + '1 year'::interval, projected_balance.on_day,
                               '1 year') AS d) AS e;
END;
COMMENT ON FUNCTION care_internal.projected_balance(numeric, numeric, numeric, care.schedule, text, text, date, date) IS
    'What a balance at the close of a day comes to at the close of another, with weekly fees and yearly charges added '
    'on the way, pounds.';

CREATE FUNCTION care.equity_sensitivity(agreement_id bigint, as_at date, yearly_charges numeric DEFAULT 0)
    RETURNS TABLE (variant text, limit_reached_on date, equity_limit numeric, assumption text)
    LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT v.variant, p.limit_reached_on, p.equity_limit, p.assumption
    FROM (VALUES (1, 'as it is', 0, 0), (2, 'rate 1 point higher', 1, 0), (3, 'rate 1 point lower', -1, 0),
                 (4, 'value 10 per cent higher', 0, 10), (5, 'value 10 per cent lower', 0, -10))
                     AS v (n, variant, points, percent),
        LATERAL care.equity_projection(equity_sensitivity.agreement_id, equity_sensitivity.as_at,
                                       equity_sensitivity.yearly_charges,
                                       v.points, v.percent) AS p
    ORDER BY v.n;
END;
COMMENT ON FUNCTION care.equity_sensitivity(bigint, date, numeric) IS
    'The projection of equity_projection(), and with the rate a point higher and lower, and the value ten per cent '
    'higher and lower, with what was recorded in the statement that asks.';
