--
-- 31_charging: tariff_income, weekly_deferral, equity_limit and the means-tested projection.
--
SET search_path = public, care;
\pset null '(null)'

--
-- tariff_income: 1 pound a week for each 250 of capital between the limits, or part of it.
--
-- published examples D1 and D4
SELECT care.tariff_income(15750, 14250, 23250) AS d1, care.tariff_income(28500, 21500, 50000) AS d4;
-- both sides of the lower limit, of a step, of the upper limit: above it the person pays in full
SELECT capital, care.tariff_income(capital, 14250, 23250)
FROM unnest('{0, 14249.99, 14250, 14250.01, 14500, 14500.01, 23000, 23000.01, 23249.99, 23250, 23250.01,
              9999999999.99}'::numeric[]) AS capital;
-- the limits of each scheme: at its upper limit, counted from its lower one
SELECT care.tariff_income(27000, 17000, 27000) AS scheme_2015,
       care.tariff_income(118000, 17000, 118000) AS scheme_2015_home,
       care.tariff_income(100000, 20000, 100000) AS scheme_2022,
       care.tariff_income(100, 100, 100) AS no_room, care.tariff_income(0, 0, 0) AS nothing,
       care.tariff_income(9999999999.99, 0, 9999999999.99) AS most;
SELECT bool_and(care.tariff_income(c, 14250, 23250) = ceil((c - 14250) / 250)) AS agrees
FROM (SELECT 14250 + i * 0.37 FROM generate_series(0, 24324) AS i) AS g (c);

--
-- weekly_deferral: the cost with agreed top-up, less income above the allowance kept, less third parties.
--
-- published example E6
SELECT care.weekly_deferral(571, 180, 144, 0) AS e6;
-- income at the allowance, a penny above, below; third parties; never less than nought
SELECT care.weekly_deferral(571, 144, 144, 0) AS at, care.weekly_deferral(571, 144.01, 144, 0) AS above,
       care.weekly_deferral(571, 143.99, 144, 0) AS below, care.weekly_deferral(571, 0, 144, 0) AS no_income,
       care.weekly_deferral(571, 180, 144, 65) AS third_party, care.weekly_deferral(571, 180, 144, 534.99) AS a_penny,
       care.weekly_deferral(571, 180, 144, 535) AS nought, care.weekly_deferral(571, 180, 144, 600) AS still_nought,
       care.weekly_deferral(9999999999.99, 0, 0, 0) AS most, care.weekly_deferral(0, 9999999999.99, 0, 9999999999.99) AS least;

--
-- equity_limit: the margin off the value of the person's share, less the lower capital limit and prior charges.
--
-- published examples E1 and E3
SELECT care.equity_limit(165000, 1, 0, 14250, 10) AS e1, care.equity_limit(100000, 1, 0, 14250, 10) AS e3;
-- shares, prior charges, margins
SELECT care.equity_limit(165000, 0.5, 0, 14250, 10) AS half, care.equity_limit(165000, 0.33333333, 0, 14250, 10) AS third,
       care.equity_limit(165000, 0.33333333, 0, 14250, 10) = round(165000 * 0.33333333 * 0.9, 2) - 14250 AS agrees,
       care.equity_limit(165000, 1, 20000.01, 14250, 10) AS charged,
       care.equity_limit(165000, 1, 0, 14250, 0) AS no_margin,
       care.equity_limit(165000, 1, 0, 14250, 100) AS all_margin,
       care.equity_limit(165000, 1, 0, 14250, 12.5) AS eighth, care.equity_limit(165000, 0, 0, 0, 10) AS no_share,
       care.equity_limit(165000, 1, 0, 0, 0.00000001) AS smallest_margin,
       care.equity_limit(9999999999.99, 0.00000001, 0, 0, 0) AS smallest_share;
-- never less than nought: a penny either side
SELECT care.equity_limit(16000, 1, 149.99, 14250, 10) AS a_penny,
       care.equity_limit(16000, 1, 150, 14250, 10) AS nought,
       care.equity_limit(16000, 1, 150.01, 14250, 10) AS still_nought,
       care.equity_limit(0, 1, 0, 14250, 10) AS no_value;
-- half a penny of the share is rounded up, before the penny amounts come off
SELECT care.equity_limit(0.01, 0.5, 0, 0, 0) AS half, care.equity_limit(0.01, 0.49999999, 0, 0, 0) AS less,
       care.equity_limit(0.05, 1, 0, 0, 10) AS nine_tenths, care.equity_limit(1.15, 1, 0, 0, 10) AS more;
SELECT care.equity_limit(9999999999.99, 1, 0, 0, 0) AS most,
       care.equity_limit(9999999999.99, 0.99999999, 0, 0, 0.00000001) AS nearly,
       round(9999999999.99 * 0.99999999 * 0.9999999999, 2) AS by_hand;
SELECT count(*), bool_and(care.equity_limit(v, s, 5000.55, 14250, m)
           = greatest(round(v * s * (100 - m) / 100, 2) - 14250 - 5000.55, 0)) AS agrees
FROM unnest('{0, 14250, 99999.99, 165000, 1234567.89}'::numeric[]) AS v,
    unnest('{0, 0.12345678, 0.33333333, 0.5, 0.66666667, 1}'::numeric[]) AS s,
    unnest('{0, 7.5, 10, 33.33333333, 100}'::numeric[]) AS m;

--
-- The means-tested projection, a planning aid: week by week, charge, capital and accrued costs.
--
-- published example A2: almost six and a half years, at 700 a week, income 16,000 a year, assets 100,000
SELECT weeks_to_cap, round(weeks_to_cap / 52.0, 2) AS years, accrued
FROM care.means_tested_outcome(700, 200, round(16000 / 52.0, 2), 24.90, 100000, 20000, 100000, 86000);
-- the same week by week in SQL: the charge is income above the allowance and the tariff, at most
-- the cost, or all of it above the upper limit;
-- capital falls by what income does not cover; what is charged above daily living costs accrues
CREATE FUNCTION pg_temp.by_week(cost numeric, living numeric, income numeric, kept numeric, capital numeric,
    lower_limit numeric, upper_limit numeric, cap numeric, top_up numeric)
    RETURNS TABLE (week int, tariff_income numeric, charge numeric, capital_left numeric, accrued numeric) LANGUAGE sql AS $$
    WITH RECURSIVE w AS (
        SELECT 0 AS week, 0.00 AS tariff, 0.00 AS charge, capital AS c, 0.00 AS a
        UNION ALL
        SELECT w.week + 1, t.tariff, t.charge, greatest(w.c - (t.charge + top_up - (income - kept)), 0),
               least(w.a + greatest(t.charge - living, 0), cap)
        FROM w,
            LATERAL (SELECT CASE WHEN w.c BETWEEN lower_limit AND upper_limit THEN ceil((w.c - lower_limit) / 250)
                                 ELSE 0 END) AS i (tariff),
            LATERAL (SELECT i.tariff,
                            CASE WHEN w.c > upper_limit THEN cost
                                 ELSE least(greatest(income - kept + i.tariff, 0), cost) END) AS t (tariff, charge)
        WHERE (w.a < cap OR w.week = 0) AND w.week < 5218)
    SELECT week, tariff, charge, c, a FROM w WHERE week > 0
$$;
CREATE TEMP TABLE means AS
    SELECT row_number() OVER () AS n, m.* FROM (VALUES
        (700, 200, 307.69, 24.90, 100000, 20000, 100000, 86000, 0),
        (700, 200, 307.69, 24.90, 100000.01, 20000, 100000, 86000, 0),
        (700, 200, 307.69, 24.90, 20000, 20000, 100000, 86000, 0),
        (700, 200, 10, 24.90, 500000, 20000, 100000, 86000, 50.55),
        (300, 200, 900, 24.90, 0, 20000, 100000, 86000, 0),
        (150, 200, 900, 24.90, 150000, 20000, 100000, 86000, 0),
        (700, 200, 100, 24.90, 30000, 20000, 100000, 0, 0))
        AS m (cost, living, income, kept, capital, lower_limit, upper_limit, cap, top_up);
SELECT n, count(*) AS weeks,
       bool_and((p.tariff_income, p.charge, p.capital, p.accrued) = (b.tariff_income, b.charge, b.capital_left, b.accrued)) AS agrees,
       (array_agg(p.capital ORDER BY week DESC))[1] AS capital_left, max(p.accrued) AS accrued
FROM means AS m,
    LATERAL care.means_tested_projection(cost, living, income, kept, m.capital, lower_limit, upper_limit, cap, top_up) AS p
    FULL JOIN LATERAL pg_temp.by_week(cost, living, income, kept, m.capital, lower_limit, upper_limit, cap, top_up) AS b USING (week)
GROUP BY n ORDER BY n;
SELECT * FROM care.means_tested_projection(700, 200, 307.69, 24.90, 100300, 20000, 100000, 86000) LIMIT 3;
SELECT n, o.*
FROM means, LATERAL care.means_tested_outcome(cost, living, income, kept, capital, lower_limit, upper_limit, cap, top_up) AS o
ORDER BY n;

--
-- What is refused.
--
\pset format unaligned
\pset tuples_only on
SELECT care_test.refused(s) FROM unnest(ARRAY[
    'SELECT care.tariff_income(-0.01, 14250, 23250)', 'SELECT care.tariff_income(1, -1, 23250)',
    'SELECT care.tariff_income(1, 1, -1)', 'SELECT care.tariff_income(1, 23250, 14250)',
    'SELECT care.tariff_income(1, 0.02, 0.01)',
    'SELECT care.tariff_income(0.001, 14250, 23250)', 'SELECT care.tariff_income(10000000000, 14250, 23250)',
    $$SELECT care.tariff_income('NaN', 14250, 23250)$$, $$SELECT care.tariff_income(1, 14250, 'Infinity')$$,
    'SELECT care.tariff_income(NULL, 14250, 23250)', 'SELECT care.tariff_income(1, NULL, 23250)',
    'SELECT care.tariff_income(1, 14250, NULL)',
    'SELECT care.weekly_deferral(-1, 180, 144, 0)', 'SELECT care.weekly_deferral(571, -1, 144, 0)',
    'SELECT care.weekly_deferral(571, 180, -1, 0)', 'SELECT care.weekly_deferral(571, 180, 144, -0.01)',
    'SELECT care.weekly_deferral(571.005, 180, 144, 0)', 'SELECT care.weekly_deferral(10000000000, 180, 144, 0)',
    $$SELECT care.weekly_deferral(571, 'NaN', 144, 0)$$, $$SELECT care.weekly_deferral(571, 180, '-Infinity', 0)$$,
    'SELECT care.weekly_deferral(NULL, 180, 144, 0)', 'SELECT care.weekly_deferral(571, NULL, 144, 0)',
    'SELECT care.weekly_deferral(571, 180, NULL, 0)', 'SELECT care.weekly_deferral(571, 180, 144, NULL)',
    'SELECT care.equity_limit(-0.01, 1, 0, 14250, 10)', 'SELECT care.equity_limit(165000, 1, -0.01, 14250, 10)',
    'SELECT care.equity_limit(165000, 1, 0, -0.01, 10)',
    'SELECT care.equity_limit(165000, 1.00000001, 0, 14250, 10)',
    'SELECT care.equity_limit(165000, -0.00000001, 0, 14250, 10)',
    'SELECT care.equity_limit(165000, 50, 0, 14250, 10)', 'SELECT care.equity_limit(165000, 1e12, 0, 14250, 10)',
    'SELECT care.equity_limit(165000, 0.333333333, 0, 14250, 10)',
    'SELECT care.equity_limit(165000, 1, 0, 14250, 100.00000001)',
    'SELECT care.equity_limit(165000, 1, 0, 14250, -1)', 'SELECT care.equity_limit(165000, 1, 0, 14250, 1e-9)',
    'SELECT care.equity_limit(165000.001, 1, 0, 14250, 10)', 'SELECT care.equity_limit(10000000000, 1, 0, 14250, 10)',
    $$SELECT care.equity_limit('NaN', 1, 0, 14250, 10)$$, $$SELECT care.equity_limit(165000, 'NaN', 0, 14250, 10)$$,
    $$SELECT care.equity_limit(165000, 1, 0, 14250, 'Infinity')$$, 'SELECT care.equity_limit(NULL, 1, 0, 14250, 10)',
    'SELECT care.equity_limit(165000, NULL, 0, 14250, 10)', 'SELECT care.equity_limit(165000, 1, NULL, 14250, 10)',
    'SELECT care.equity_limit(165000, 1, 0, NULL, 10)', 'SELECT care.equity_limit(165000, 1, 0, 14250, NULL)']) AS s;
SELECT care_test.refused(format('SELECT * FROM care.means_tested_projection(%s)', a)) FROM unnest(ARRAY[
    '-1, 200, 300, 25, 0, 1, 2, 86000', '700, -1, 300, 25, 0, 1, 2, 86000', '700, 200, 300, 25, 0, 2, 1, 86000',
    '700, 200, 300, 25, 0, 1, 2, 10000000000', '700, 200, 300, 25, 0.001, 1, 2, 86000',
    '700, 200, 300, 25, 0, 1, 2, 86000, -0.01', $$'NaN', 200, 300, 25, 0, 1, 2, 86000$$,
    'NULL, 200, 300, 25, 0, 1, 2, 86000', '700, NULL, 300, 25, 0, 1, 2, 86000', '700, 200, NULL, 25, 0, 1, 2, 86000',
    '700, 200, 300, NULL, 0, 1, 2, 86000', '700, 200, 300, 25, NULL, 1, 2, 86000',
    '700, 200, 300, 25, 0, NULL, 2, 86000', '700, 200, 300, 25, 0, 1, NULL, 86000',
    '700, 200, 300, 25, 0, 1, 2, NULL', '700, 200, 300, 25, 0, 1, 2, 86000, NULL']) AS a;
SELECT care_test.refused('SELECT care.means_tested_outcome(700, 200, 300, 25, 0, 1, 2, NULL)');
