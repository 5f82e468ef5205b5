--
-- 54_report: projections with a yearly uprating, worklists, and the views for the analyst.
--
-- The views are of today, so the accounts are laid out around today, and what is shown does not depend
-- on the date.  All of it is in one transaction, in which today is one day, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;

-- 10,000 is reached on the thousandth day of 10 a day
SELECT care.record_scheme('flat', 'Round figures', 'draft', '2000-01-01', 'weekly_cost', 'test'),
       care.record_parameter('flat', 'cap', '2000-01-01', 10000, 'test'),
       care.record_parameter('flat', 'daily_living_cost', '2000-01-01', 140, 'test');
-- an account that reaches the cap on a day, at so much a week (140 of it daily living costs in a care home)
CREATE FUNCTION pg_temp.reaching(account_reference text, cap_on date, weekly numeric DEFAULT 70, setting text DEFAULT 'community',
                                 authority text DEFAULT 'E06000001') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    days int := ceil(10000 * 7 / (weekly - CASE setting WHEN 'care_home' THEN 140 ELSE 0 END));
    key bigint := care.open_account(authority, account_reference, 'person ' || account_reference, NULL, 'flat', cap_on - days + 1);
BEGIN
    PERFORM care.record_budget(key, cap_on - days + 1, 'personal_budget', setting, weekly);
    RETURN key;
END
$$;
-- so many days from today
SELECT count(pg_temp.reaching('day ' || n, care.today() + n)) FROM unnest('{900,751,750,749,501,500,499,251,250,249,100,1,0,-1,-100}'::int[]) AS n;
-- the ends of the two periods
SELECT pg_temp.reaching('18 months', (care.today() + interval '18 months')::date) > 0 AND
       pg_temp.reaching('18 months and a day', (care.today() + interval '18 months')::date + 1) > 0 AND
       pg_temp.reaching('5 years', (care.today() + interval '5 years')::date, authority => 'E06000002') > 0 AND
       pg_temp.reaching('5 years and a day', (care.today() + interval '5 years')::date + 1, authority => 'E06000002') > 0 AND
       pg_temp.reaching('past it in a care home', care.today() - 10, 280, 'care_home', 'E06000002') > 0 AND
       pg_temp.reaching('on its way in a care home', care.today() + 10, 350, 'care_home', 'E06000002') > 0 AS opened;
-- never: nothing counts
SELECT care.open_account('E06000002', 'never', 'person never', NULL, 'flat', '2020-01-01') AS never \gset
SELECT care.record_budget(:never, '2020-01-01', 'personal_budget', 'care_home', 140) > 0 AS recorded;
SELECT * FROM care.verify();

--
-- Worklists.
--
SELECT reference, person_reference, authority, days_left, weekly_rate, projected_cap_on - care.today() = days_left AS agrees
FROM care.approaching_cap WHERE reference NOT LIKE '18%' ORDER BY days_left;
SELECT reference, projected_cap_on = (care.today() + interval '18 months')::date AS to_the_day FROM care.approaching_cap WHERE reference LIKE '18%';
-- it is what the positions say
SELECT (SELECT array_agg(reference ORDER BY reference) FROM care.approaching_cap)
       = (SELECT array_agg(reference ORDER BY reference) FROM care.account_position
          WHERE projected_cap_on <= (care.today() + interval '18 months')::date) AS agrees;

-- who is to be told: all that are at the cap today, until the notice is recorded; one given before the day is no notice
SELECT reference, person_reference, authority, days_since, cap_reached_on = care.today() - days_since AS agrees FROM care.cap_notice_due ORDER BY days_since;
SELECT count(care.record_event(account_id, cap_reached_on - 1, 'cap_notice_given')) FROM care.cap_notice_due;
SELECT count(care.record_event(account_id, care.today(), 'authority_meets_needs')) FROM care.cap_notice_due;
SELECT count(*) FROM care.cap_notice_due;
SELECT count(care.record_event(account_id, cap_reached_on, 'cap_notice_given')) FROM care.cap_notice_due WHERE reference = 'day 0';
SELECT reference FROM care.cap_notice_due ORDER BY days_since;
SELECT count(care.record_event(account_id, cap_reached_on, 'cap_notice_given', 'letter')) FROM care.cap_notice_due;
SELECT reference FROM care.cap_notice_due;
-- as at another day: tomorrow one more is at the cap
SELECT d, (SELECT array_agg(n.reference ORDER BY n.reference) FROM care.cap_notice_due(care.today() + d) AS n) FROM unnest('{-101,-100,-1,0,1}'::int[]) AS d;
-- a correction makes it a day later: the notice was too early, another is due; one that undoes it: none is due any more
SELECT account_id AS undone, counting_from AS undone_from FROM care.account WHERE reference = 'day -100' \gset
SELECT care.record_adjustment(:undone, :'undone_from'::date + 1, -10, 'error_corrected', 'x') > 0 AS adjusted;
SELECT cap_on - care.today() AS days FROM care.account WHERE account_id = :undone;
SELECT reference FROM care.cap_notice_due;
SELECT care.record_adjustment(:undone, :'undone_from'::date + 900, -1000, 'error_corrected', 'x') > 0 AS adjusted;
SELECT cap_on - care.today() AS days FROM care.account WHERE account_id = :undone;
SELECT reference, days_left FROM care.approaching_cap WHERE days_left <= 1 ORDER BY days_left, reference;
SELECT * FROM care.verify();

--
-- Views for the analyst.
--
-- by progress: an edge belongs to the band above it; who is 750 days from the cap has a quarter of it
SELECT * FROM care.accounts_by_progress ORDER BY authority, scheme, band_order;
SELECT p.authority, sum(accounts) = (SELECT count(*) FROM care.account AS a WHERE a.authority = p.authority) AS all_of_them
FROM care.accounts_by_progress AS p GROUP BY authority ORDER BY 1;
SELECT reference, percent_of_cap FROM care.account_position WHERE reference IN ('day 750', 'day 751', 'day 749', 'day 501', 'day 500', 'day 251', 'day 250') ORDER BY percent_of_cap;

-- by month: sixty months from this one on, from tomorrow
SELECT authority, count(*) AS months, bool_and(month = date_trunc('month', month)::date) AS first_days,
       min(month) = date_trunc('month', care.today())::date AS from_this_one
FROM care.cap_reached_by_month GROUP BY authority ORDER BY 1;
SELECT bool_and(m.accounts = x.n) AS agrees, count(*) = count(m.month) AND count(*) = count(x.month) AS same_months
FROM (SELECT * FROM care.cap_reached_by_month WHERE accounts > 0) AS m FULL JOIN (
    SELECT authority, to_char(d, 'YYYY-MM') AS month, count(*) AS n
    FROM (SELECT 'E06000001' AS authority, care.today() + n AS d FROM unnest('{900,751,750,749,501,500,499,251,250,249,100,1}'::int[]) AS n
          UNION ALL SELECT 'E06000001', care.today() + 1 -- the adjusted one
          UNION ALL SELECT 'E06000001', (care.today() + interval '18 months')::date
          UNION ALL SELECT 'E06000001', (care.today() + interval '18 months')::date + 1
          UNION ALL SELECT 'E06000002', care.today() + 10) AS e GROUP BY 1, 2) AS x
    ON x.authority = m.authority AND x.month = to_char(m.month, 'YYYY-MM');

-- average rate by setting, of those that count today and have a budget
SELECT pg_temp.reaching('s1', care.today() + 1, 70, authority => 'E06000003') AS s1,
       pg_temp.reaching('s2', care.today() + 5, 105.10, authority => 'E06000003') AS s2,
       pg_temp.reaching('s3', care.today() + 5, 140, authority => 'E06000003') AS s3,
       pg_temp.reaching('s4', care.today() + 5, 240, 'care_home', authority => 'E06000003') AS s4,
       pg_temp.reaching('s5', care.today() + 1000, 7000, authority => 'E06000003') AS s5 \gset
SELECT authority, setting, accounts, average_weekly_rate FROM care.metered_rate_by_setting WHERE authority = 'E06000003' ORDER BY setting;
-- one ends today, one goes into a care home today, one does tomorrow; a correction counts, what it corrects does not
SELECT care.end_budget(:s3, care.today(), 'moved away') > 0 AND
       care.record_budget(:s1, care.today(), 'personal_budget', 'care_home', 200) > 0 AND
       care.record_budget(:s2, care.today() + 1, 'personal_budget', 'care_home', 900) > 0 AND
       care.record_budget(:s4, (SELECT valid_from FROM care.budget WHERE account_id = :s4), 'personal_budget', 'care_home', 241.01,
           supersedes => (SELECT budget_id FROM care.budget WHERE account_id = :s4)) > 0 AS changed;
SELECT authority, setting, accounts, average_weekly_rate, round((60 + 101.01) / 2, 2) AS in_homes
FROM care.metered_rate_by_setting WHERE authority = 'E06000003' ORDER BY setting;

-- cost after the cap: of those that reached it before today, as today's budget is: one at 70, as the
-- other was undone; 280 less 140; and the one that the correction took past it
SELECT * FROM care.cost_after_cap ORDER BY authority;
SELECT count(care.record_budget(account_id, care.today(), 'personal_budget', 'community', 77.07)) FROM care.account WHERE reference = 'day -1';
SELECT count(care.record_budget(account_id, care.today(), 'personal_budget', 'care_home', 300)) FROM care.account WHERE reference = 'past it in a care home';
SELECT * FROM care.cost_after_cap ORDER BY authority;
SELECT * FROM care.verify();

--
-- Projections: as recorded, and with cap and rate put up each 1 April; against a walk day by day.
--
CREATE FUNCTION pg_temp.walk(from_day date, cap0 numeric, rates numeric[], from_days date[], as_at date, percent numeric) RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    day date := from_day; sevenths numeric := 0; cap numeric := cap0; new_cap numeric; rate numeric; aprils int := 0;
BEGIN
    LOOP
        IF day > as_at AND to_char(day, 'MM-DD') = '04-01' THEN
            aprils := aprils + 1;
            new_cap := round(cap0 * (1 + percent / 100) ^ aprils, 2);
            IF new_cap <> cap THEN
                sevenths := 7 * round(sevenths * new_cap / cap / 7, 2);
                cap := new_cap;
            END IF;
        END IF;
        rate := 0;
        FOR i IN 1 .. cardinality(rates) LOOP
            IF from_days[i] <= day THEN
                rate := round(rates[i] * (1 + percent / 100) ^ aprils, 2);
            END IF;
        END LOOP;
        sevenths := sevenths + rate;
        IF sevenths >= 7 * cap THEN
            RETURN CASE WHEN day > as_at THEN day END;
        END IF;
        day := day + 1;
        IF day > from_day + 9000 THEN
            RETURN NULL;
        END IF;
    END LOOP;
END
$$;
-- where amounts are small, pennies show
SELECT care.record_scheme('small', 'Small figures', 'draft', '2000-01-01', 'weekly_cost', 'test'),
       care.record_parameter('small', 'cap', '2000-01-01', 100, 'test');
CREATE TEMP TABLE planned AS
    SELECT care.open_account('E06000004', 'plan ' || n, 'plan ' || n, NULL, CASE WHEN n < 8 THEN 'flat' ELSE 'small' END, from_day) AS account_id,
           n, CASE WHEN n < 8 THEN 10000 ELSE 100 END AS cap, from_day, rates, from_days
    FROM (VALUES (1, '2020-05-17'::date, '{70}'::numeric[], '{2020-05-17}'::date[]),
                 (2, '2020-04-01', '{35.01}', '{2020-04-01}'),
                 (3, '2019-03-31', '{20.03,0,11.11}', '{2019-03-31,2022-04-01,2023-03-31}'),
                 (4, '2020-02-29', '{700}', '{2020-02-29}'),
                 (5, '2020-01-01', '{0}', '{2020-01-01}'),
                 (6, '2020-01-01', '{70,0}', '{2020-01-01,2022-01-01}'),
                 (7, '2020-01-01', '{3.33,999.99}', '{2020-01-01,2029-04-01}'),
                 (8, '2020-01-01', '{0.51}', '{2020-01-01}'),
                 (9, '2020-01-01', '{0.32,0.27}', '{2020-01-01,2024-05-05}')) AS v (n, from_day, rates, from_days);
SELECT count(care.record_budget(account_id, from_days[i], 'personal_budget', 'community', rates[i])) FROM planned, generate_subscripts(rates, 1) AS i;
SELECT n, care.cap_projection(account_id, '2020-06-30') AS as_recorded, care.cap_projection(account_id, '2020-06-30', 2) AS two_per_cent,
       care.cap_projection(account_id, '2020-06-30', 10) AS ten_per_cent
FROM planned ORDER BY n;
SELECT count(*), bool_and(care.cap_projection(account_id, as_at, percent) IS NOT DISTINCT FROM
                          pg_temp.walk(from_day, cap, rates, from_days, as_at, percent)) AS agrees
FROM planned, unnest('{2020-06-30,2021-03-31,2021-04-01}'::date[]) AS as_at, unnest('{0,2,10,3.75,-1}'::numeric[]) AS percent;
-- and the position's is the first of them
SELECT bool_and(p.projected_cap_on IS NOT DISTINCT FROM care.cap_projection(p.account_id, '2020-06-30')) AS agrees
FROM care.account_position('2020-06-30') AS p JOIN planned USING (account_id);
SELECT regexp_replace(care_test.refused(format('SELECT care.cap_projection(%s)', c)), 'account [0-9]+ [(].*[)]', 'account N')
FROM (SELECT account_id FROM planned LIMIT 1) AS p,
    unnest(ARRAY['-1, ''2020-06-30''', '-1, ''2020-06-30'', 2', 'NULL, ''2020-06-30''', p.account_id || ', NULL',
                 p.account_id || ', ''infinity'', 2', p.account_id || ', ''2020-06-30'', NULL']) AS c;

--
-- The means-tested projection: the published example, and a top-up that never counts.
--
SELECT * FROM care.means_tested_outcome(weekly_cost => 700, daily_living_cost => 200, weekly_income => round(16000 / 52.0, 2), allowance_kept => 24.90,
    capital => 100000, lower_limit => 20000, upper_limit => 100000, cap => 86000);
-- it takes capital away, which lowers the charge: never sooner at the cap for it
SELECT top_up, weeks_to_cap, weeks_to_cap >= 330 AS no_sooner, accrued, capital_left
FROM unnest('{0,0.01,50,200}'::numeric[]) AS top_up, LATERAL care.means_tested_outcome(700, 200, 307.69, 24.90, 100000, 20000, 100000, 86000, top_up);
-- above the upper limit throughout, where the charge does not depend on capital, it changes neither the charge nor the day
SELECT top_up, weeks_to_cap, charged, accrued FROM unnest('{0,50,200}'::numeric[]) AS top_up,
    LATERAL care.means_tested_outcome(700, 200, 307.69, 24.90, 10000000, 20000, 100000, 86000, top_up);
SELECT bool_and(a.accrued <= b.accrued AND a.charge <= b.charge) AS never_counts
FROM care.means_tested_projection(700, 200, 307.69, 24.90, 100000, 20000, 100000, 86000, 50) AS a
    JOIN care.means_tested_projection(700, 200, 307.69, 24.90, 100000, 20000, 100000, 86000, 0) AS b USING (week);
ROLLBACK;
