--
-- 69_same_statement: a figure of one record that is asked for in the statement that records is the new one.
--
SET datestyle = 'ISO, YMD';
\pset format unaligned
\pset tuples_only on
BEGIN;
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test');
SELECT care.open_agreement('E06000001', 'D', 'P-1', '2024-01-01', '2024-01-01') AS d \gset
SELECT care.open_account('E06000001', 'A', 'P-1', NULL, '2022', '2023-10-01') AS a \gset

-- Valued, and the limit of it.
SELECT care.record_valuation(:d, '2024-01-01', 165000) IS NOT NULL, care.equity_limit_on(:d, '2024-01-01');
-- Deferred, and what repays it; before and after.
SELECT care.redemption_figure(:d, '2024-06-01'), care.defer(:d, '2024-02-01', 'care_fees', 1000) IS NOT NULL,
       care.redemption_figure(:d, '2024-06-01');
SELECT care.defer(:d, '2024-03-01', 'care_fees', 500) IS NOT NULL, care.redemption_figure(:d, '2024-06-01'),
       (SELECT sum(w.entries) FROM care.interest_working(:d, '2024-02-01', '2024-05-31') AS w);
-- Whatever comes of a row of another query.
SELECT care.redemption_figure(:d, '2024-06-01') - x.before AS more
FROM (SELECT care.redemption_figure(:d, '2024-06-01') AS before OFFSET 0) AS x,
    LATERAL (SELECT care.defer(:d, '2024-06-01', 'administration_charge', 10 + 0 * x.before) OFFSET 0) AS y (entry)
WHERE y.entry IS NOT NULL;
-- Paid too much, and what is held; projected.
SELECT care.record_payment(:d, '2024-07-01', 2000, take_credit => true) IS NOT NULL, (SELECT care.redemption_figure(:d, '2024-07-01')) = 0;
SELECT care.record_deferral(:d, '2024-08-05', 571, 180) IS NOT NULL,
       (care.equity_projection(:d, '2024-08-05')).weekly_amount > 0,
       (SELECT count(DISTINCT s.limit_reached_on) > 1 FROM care.equity_sensitivity(:d, '2024-08-05') AS s);

-- An account.
SELECT care.record_budget(:a, '2023-10-01', 'independent_personal_budget', 'care_home', 700) IS NOT NULL,
       care.cap_projection(:a, '2023-12-31'),
       (SELECT accrued FROM care.account_explain(:a, '2023-10-07') ORDER BY to_day DESC LIMIT 1);

-- All of them may still be asked by parallel workers.
SELECT set_config(name, 'on', true) FROM pg_settings WHERE name IN ('force_parallel_mode', 'debug_parallel_query');
SET LOCAL parallel_setup_cost = 0;
SELECT care.redemption_figure(g.agreement_id, '2024-06-01'), care.redemption_figure(g.agreement_id, '2024-07-01'),
       care.equity_limit_on(g.agreement_id, '2024-06-01'), (SELECT count(*) FROM care.interest_working(g.agreement_id, '2024-02-01', '2024-05-31'))
FROM care.agreement AS g;
SELECT care.cap_projection(c.account_id, '2023-12-31'), (SELECT count(*) FROM care.account_explain(c.account_id, '2023-10-07'))
FROM care.account AS c;
ROLLBACK;
