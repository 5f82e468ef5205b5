--
-- 91_scheme_model: what another scheme would mean for the accounts there are, against their positions where it is their
-- own, and against a walk of each day; the made-up population.  In a transaction, rolled back.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
BEGIN;
SELECT count(*), count(*) FILTER (WHERE setting = 'care_home'), count(*) FILTER (WHERE kind = 'personal_budget'), min(counts_from), max(counts_from), min(weekly_cost), max(weekly_cost),
       bool_and(weekly_charge BETWEEN 0 AND weekly_cost) FILTER (WHERE kind = 'personal_budget'), count(weekly_charge) FILTER (WHERE kind <> 'personal_budget'),
       min((counts_from - date_of_birth) / 365.25) > 64, max((counts_from - date_of_birth) / 365.25) < 97
FROM care.made_up_account(2000, '2023-10-01', '2026-09-30');
SELECT care.make_up_accounts('E10000016', '2022', 300, '2023-10-01', '2026-09-30'), care.make_up_accounts('E10000011', '2022', 200, '2023-10-01', '2024-09-30', seed => 2);
SELECT authority, count(*), min(reference), min(person_reference), sum(care.value_on(weekly_cost, '2027-01-01')) FROM care.account GROUP BY 1 ORDER BY 1;
SELECT care_test.refused($$SELECT care.make_up_accounts('E10000016', '2022', 1, '2023-10-01', '2026-09-30')$$), care_test.refused($$SELECT care.make_up_accounts('E10000017', 'x', 1, '2023-10-01', '2026-09-30')$$),
       care_test.refused($$SELECT care.make_up_accounts('X', '2022', 1, '2023-10-01', '2026-09-30')$$);
SELECT care_test.refused(format('SELECT count(*) FROM care.made_up_account(%s)', a.given)) FROM unnest('{"0, ''2023-10-01'', ''2023-10-01''","10000001, ''2023-10-01'', ''2023-10-01''","1, ''2023-10-02'', ''2023-10-01''","1, ''2023-10-01'', ''infinity''",
    "1, ''2023-10-01'', ''2023-10-01'', 101","1, ''2023-10-01'', ''2023-10-01'', home_cost => 0","1, ''2023-10-01'', ''2023-10-01'', seed => NULL"}'::text[]) AS a (given);

-- Their own scheme: what the positions say.
SELECT m.year, m.to_day, p.authority, (m.accounts, m.at_the_cap, m.accrued) = (p.accounts, p.at_the_cap, p.accrued) AS same, m.accounts, m.at_the_cap, m.reached_in_year, m.accrued, m.cost_after_cap, m.median_weeks_to_cap, m.left_out
FROM care.scheme_model('2022', '2022', '2023-10-01', 6) AS m,
    LATERAL (SELECT x.authority, count(*) AS accounts, count(x.cap_reached_on) AS at_the_cap, sum(x.accrued) AS accrued FROM care.account_position(m.to_day) AS x JOIN care.account AS a USING (account_id)
             WHERE x.authority = m.authority AND a.counting_from <= m.to_day GROUP BY 1) AS p ORDER BY p.authority, m.year;
-- those at the cap, how long they took, and what their care costs after it: day by day
SELECT m.to_day, m.reached_in_year = d.reached AND m.median_weeks_to_cap IS NOT DISTINCT FROM d.median AND m.cost_after_cap = d.cost AS same
FROM care.scheme_model('2022', '2022', '2023-10-01', 6, 'E10000011') AS m,
    LATERAL (SELECT count(*) FILTER (WHERE a.cap_on >= m.from_day) AS reached, percentile_disc(0.5) WITHIN GROUP (ORDER BY (a.cap_on - a.counting_from) / 7 + 1) AS median,
                    coalesce(sum((SELECT round(sum(greatest(care.value_on(a.weekly_cost, n) - care.value_on(a.daily_living_cost, n), 0)) / 7, 2)
                                  FROM (SELECT g::date AS n FROM generate_series(greatest(m.from_day, a.cap_on + 1)::timestamp, m.to_day, '1 day') AS g) AS g)), 0) AS cost
             FROM care.account AS a WHERE a.authority = 'E10000011' AND a.cap_on <= m.to_day) AS d ORDER BY 1;

-- Another: the whole cost counts, the cap is lower; daily living costs are dearer.
SELECT year, at_the_cap, accrued, cost_after_cap, median_weeks_to_cap FROM care.scheme_model('2022', '2015', '2023-10-01', 3, 'E10000016');
SELECT care.record_scheme('planned', 'A plan', 'draft', '2025-04-01', 'weekly_charge', 'test', reach => 'exceed') \g /dev/null
SELECT care.record_parameter('planned', 'cap', '2025-04-01', 50000, 'test'), care.record_parameter('planned', 'cap', '2026-04-01', 52000, 'test'),
       care.record_parameter('planned', 'daily_living_cost', '2025-04-01', 240, 'test') \g /dev/null
-- two in one query, from a day before the second starts
SELECT year, a.from_day, a.accounts, b.accounts, a.at_the_cap, b.at_the_cap, a.accrued, b.accrued
FROM care.scheme_model('2022', '2022', '2024-04-01', 4, 'E10000016') AS a LEFT JOIN care.scheme_model('2022', 'planned', '2024-04-01', 4, 'E10000016') AS b USING (authority, year) ORDER BY year;
-- an account under both, walked by hand: £700 in a care home, 460 a week count; the cap goes up with what has accrued
SELECT care.open_account('E06000001', 'H', 'P-H', NULL, '2022', '2023-10-01') AS h \gset
SELECT care.record_budget(:h, '2023-10-01', 'independent_personal_budget', 'care_home', 700) \g /dev/null
SELECT year, accrued, at_the_cap FROM care.scheme_model('2022', 'planned', '2025-04-01', 3, 'E06000001');
SELECT accrued(p), accrued(p) = round(460 * 365 / 7.0 * 52000 / 50000, 2) + round(460 * 365 / 7.0, 2) FROM care.cap_progress('{"2025-04-01": 460}', '{"2025-04-01": 50000, "2026-04-01": 52000}', '2025-04-01', '2027-03-31') AS p;
-- where charges count and one is not recorded, the account is left out, and says so; a death ends it; an adjustment is left out
SELECT care.open_account('E06000002', 'N', 'P-N', '1940-01-01', '2015', '2016-04-01') AS n \gset
SELECT care.record_budget(:n, '2016-04-01', 'personal_budget', 'community', 500) \g /dev/null
SELECT year, accounts, accrued, left_out FROM care.scheme_model('2015', '2022', '2023-10-01', 2, 'E06000002');
SELECT care.record_death('P-H', '2023-10-07', '2023-10-08', 'E06000001') \g /dev/null
SELECT care.record_adjustment(:h, '2023-10-02', 5000, 'brought_forward', 'Head') \g /dev/null
SELECT year, accounts, accrued FROM care.scheme_model('2022', '2022', '2023-10-01', 2, 'E06000001');
-- the cap of nought for the young, where the scheme has it
SELECT care.open_account('E06000003', 'Y', 'P-Y', '1999-01-01', '2022', '2023-10-01') AS y \gset
SELECT care.record_person('E06000003', 'P-Y', '1999-01-01', '2023-10-01') \g /dev/null
SELECT care.record_budget(:y, '2023-10-01', 'independent_personal_budget', 'community', 700) \g /dev/null
SELECT year, at_the_cap, accrued, cost_after_cap, median_weeks_to_cap FROM care.scheme_model('2022', '2015', '2023-10-01', 1, 'E06000003');
SELECT count(*), max(year), max(to_day) FROM care.scheme_model('2022', '2015', '2023-10-01', 100, 'E06000003');
SELECT count(*) FROM care.scheme_model('2022', '2022', '2023-10-01', 1, 'E06000009');

SELECT care_test.refused(format('SELECT * FROM care.scheme_model(%s)', a.given)) FROM unnest('{"''2022'', ''x'', ''2023-10-01''","NULL, ''2022'', ''2023-10-01''","''2022'', NULL, ''2023-10-01''","''2022'', ''2022'', NULL","''2022'', ''2022'', ''infinity''",
    "''2022'', ''2022'', ''2023-10-01'', 0","''2022'', ''2022'', ''2023-10-01'', 101","''2022'', ''2022'', ''2023-10-01'', NULL","''2022'', ''2022'', ''9900-01-01''","''2022'', ''deferred_payment'', ''2023-10-01''","''2022'', ''2022'', ''2023-10-01'', 1, ''X''"}'::text[]) AS a (given);
SELECT care.record_scheme('bare', 'No cap yet', 'draft', '2025-04-01', 'weekly_cost', 'test') \g /dev/null
SELECT care_test.refused($$SELECT * FROM care.scheme_model('2022', 'bare', '2025-04-01')$$);
ROLLBACK;
