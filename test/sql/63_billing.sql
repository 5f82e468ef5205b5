--
-- 63_billing: fees are deferred by the week, four weeks or calendar month, dated by the end of each.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset format unaligned
\pset footer off
\pset null (null)
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
SELECT care.record_interest_policy(a, '2015-04-01', NULL, 'test') FROM unnest('{E06000061, E06000062, E06000063, E06000064}'::text[]) AS a \g /dev/null
SELECT care.record_setting('E06000062', 'billing_cycle', 'four_weekly'), care.record_setting('E06000063', 'billing_cycle', 'monthly') \g /dev/null
SELECT care_test.refused($$SELECT care.record_setting('E06000062', 'billing_cycle', 'fortnightly')$$) AS unknown_cycle;
CREATE FUNCTION pg_temp.open(authority text, name text, day date, weekly numeric, value numeric DEFAULT 300000) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement(authority, name, 'person of ' || name, day, day);
BEGIN
    PERFORM care.record_valuation(id, day, value), care.record_deferral(id, day, weekly, 144);
    RETURN id;
END
$$;
CREATE FUNCTION pg_temp.posted(agreement bigint) RETURNS TABLE (week_from date, week_to date, on_day date, due numeric, net numeric) LANGUAGE sql AS $$
    SELECT p.week_from, p.week_to, max(e.on_day), sum(p.due), sum(p.deferred)
    FROM care.deferral_posting AS p LEFT JOIN care.agreement_entry AS e ON e.agreement_id = p.agreement_id AND e.entry_id = p.entry_id
    WHERE p.agreement_id = agreement GROUP BY p.week_from, p.week_to HAVING sum(p.due) <> 0 OR sum(p.deferred) <> 0 ORDER BY 1, 2
$$;

--
-- 800 a week for 52 weeks, and 100 a day for twelve months, worked out again from what each period comes to and the
-- growth of 1 pound from its end.
--
SELECT pg_temp.open('E06000061', 'weekly', '2024-01-08', 800) AS w, pg_temp.open('E06000062', 'four-weekly', '2024-01-08', 800) AS f,
       pg_temp.open('E06000063', 'monthly', '2024-01-01', 700) AS m \gset
SELECT care.post_deferral(:w, '2025-01-05') AS weeks, care.post_deferral(:f, '2025-01-05') AS four_weeks, care.post_deferral(:m, '2024-12-31') AS months;
SELECT reference, deferred, interest FROM care.agreement_position('2025-01-05') WHERE agreement_id IN (:w, :f) ORDER BY agreement_id;
SELECT deferred, interest FROM care.agreement_position('2024-12-31') WHERE agreement_id = :m;
SELECT round(sum(800 * care.growth(r, 'act/act', 'daily', '2024-01-14'::date + 7 * n, '2025-01-05')), 2) - 52 * 800 AS weekly FROM care.national_max_rates() AS r, generate_series(0, 51) AS n;
SELECT round(sum(3200 * care.growth(r, 'act/act', 'daily', '2024-02-04'::date + 28 * n, '2025-01-05')), 2) - 52 * 800 AS four_weekly FROM care.national_max_rates() AS r, generate_series(0, 12) AS n;
SELECT round(sum(100 * extract(day FROM e) * care.growth(r, 'act/act', 'daily', e, '2024-12-31')), 2) - 36600 AS monthly
FROM care.national_max_rates() AS r, LATERAL (SELECT (date '2024-02-01' + make_interval(months => n))::date - 1 FROM generate_series(0, 11) AS n) AS m (e);
-- not before its end, and once
SELECT care.post_deferral(x.id, x.day) AS nothing FROM (VALUES (:f, date '2025-02-01'), (:m, '2025-01-30'), (:f, '2024-12-31')) AS x (id, day);
SELECT care.post_deferral(:f, '2025-02-02') AS four_weeks, care.post_deferral(:m, '2025-01-31') AS a_month;
-- a month that begins in its middle; a change posts its difference for the month, on its day
SELECT pg_temp.open('E06000063', 'middle', '2024-01-15', 700) AS mid \gset
SELECT care.post_deferral(:mid, '2024-02-29') AS months;
SELECT * FROM pg_temp.posted(:mid);
SELECT care.record_deferral(:mid, '2024-01-29', 630, 144) > 0 AS cheaper, care.post_deferral(:mid, '2024-02-29') AS again;
SELECT * FROM pg_temp.posted(:mid);
-- the end of what was deferred of it dates a period that is not whole
SELECT care.record_death('person of middle', '2024-03-10', '2024-03-12') \g /dev/null
SELECT care.post_deferral(:mid, '2024-03-31') AS last;
SELECT * FROM pg_temp.posted(:mid) WHERE week_from = '2024-03-01';

--
-- A cycle that changes holds from the first period that begins on its day or later.
--
SELECT care.record_setting('E06000064', 'billing_cycle', 'four_weekly', '2024-02-01'), care.record_setting('E06000064', 'billing_cycle', 'monthly', '2024-05-01') \g /dev/null
SELECT pg_temp.open('E06000064', 'changes', '2024-01-15', 700) AS c \gset
SELECT care.post_deferral(:c, '2024-06-30') AS periods;
SELECT * FROM pg_temp.posted(:c);
SELECT sum(net) = care.accrued('{"2024-01-15": 700}', '2024-01-15', '2024-06-30') AS add_up FROM pg_temp.posted(:c);
-- a change that is backdated takes back the periods that are none, and what is owed is that of the new cycle
SELECT care.record_setting('E06000064', 'billing_cycle', 'weekly', '2024-05-01');
SELECT care.post_deferral(:c, '2024-06-30') AS periods;
SELECT week_from, week_to, on_day, net FROM pg_temp.posted(:c) WHERE week_to > '2024-05-01';
SELECT sum(net) = care.accrued('{"2024-01-15": 700}', '2024-01-15', max(week_to)) AS add_up FROM pg_temp.posted(:c);
SELECT care.post_deferral(:c, '2024-06-30') AS nothing;
-- the periods themselves: a change on the very first day of one, one that never comes to hold, none that ends in time
SELECT p.* FROM care_internal.billing_periods('{"-infinity": 7, "2024-01-15": 28, "2024-01-20": 0, "2024-02-12": 7}', '2024-01-08', '2024-02-25') AS p;
SELECT p.* FROM care_internal.billing_periods('{"-infinity": 0, "2024-02-29": 7, "2024-03-01": 28}', '2024-01-31', '2024-03-28') AS p;
SELECT count(*) AS none FROM care_internal.billing_periods('{"-infinity": 0}', '2024-01-31', '2024-01-30');

--
-- Many at once: most by one plan, those that come near their limit each by itself, one that fails does not stop them.
--
SELECT pg_temp.open('E06000061', 'limit', '2024-01-01', 800, 17500) AS l, pg_temp.open('E06000061', 'far', '2024-01-01', 800) AS far,
       pg_temp.open('E06000061', 'shared 1', '2024-01-01', 800, 300000) AS s1, pg_temp.open('E06000061', 'stopped', '2024-01-01', 800) AS st \gset
SELECT care.stop_deferring(:st, '2024-01-08', 'income is enough') > 0 AS stopped, care.change_security(:s1, '2024-01-01', 'legal_charge', 1, 'T 1') > 0 AS titled;
SELECT care_internal.post_within_limit(ARRAY[:l, :far, :s1, :st], '2024-01-21');
SELECT care_internal.post_deferrals(ARRAY[:l, :far, :s1, :st], '2024-01-21') AS posted_since;
SELECT a.reference, count(*) AS weeks, sum(p.due) AS due, sum(p.deferred) AS deferred
FROM care.deferral_posting AS p JOIN care.agreement AS a USING (agreement_id) WHERE a.agreement_id IN (:l, :far, :s1, :st) GROUP BY a.agreement_id ORDER BY a.agreement_id;
SELECT week_from, due, deferred, to_be_paid FROM care.deferral_shortfall WHERE agreement_id = :l;
SELECT * FROM care.verify();
ROLLBACK;
