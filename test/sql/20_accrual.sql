--
-- 20_accrual: the sum integral, the law of the care account (rules: care account), uprate().
--
-- Figures that are not plain are worked out again beside it in SQL, and t says that the two agree.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
\pset null '(null)'

--
-- accrued: a seventh of the weekly amount a day, both days counted, rounded once.
--
SELECT care.accrued('{"2023-10-01": 700}', '2023-10-01', '2023-10-01') AS a_day,
       care.accrued('{"2023-10-01": 700}', '2023-10-01', '2023-10-07') AS a_week,
       care.accrued('{"2023-10-01": 0.01}', '2023-10-01', '2023-10-03') AS under_half_a_penny,
       care.accrued('{"2023-10-01": 0.01}', '2023-10-01', '2023-10-04') AS over_half_a_penny,
       care.accrued('{"2023-10-01": 0.035}', '2023-10-01', '2023-10-01') AS half_a_penny_exactly,
       care.accrued('{"2023-10-01": 0}', '2023-10-01', '9999-12-31') AS nought;
-- over a change, by day: 10 days at 500 and 4 at 333.33
SELECT a, a = round((500 * 10 + 333.33 * 4) / 7, 2) AS agrees
FROM (SELECT care.accrued('{"2023-10-01": 500, "2023-10-11": 333.33}', '2023-10-01', '2023-10-14')) AS c (a);
-- the same, day by day, over a leap year and several changes
SELECT care.accrued(w, '2023-12-20', '2025-02-03') AS accrued,
       care.accrued(w, '2023-12-20', '2025-02-03') = (SELECT round(sum(care.value_on(w, d::date)) / 7, 2)
           FROM generate_series('2023-12-20'::date, '2025-02-03', '1 day') AS d) AS agrees
FROM (SELECT '{"-infinity": 123.45, "2024-02-29": 0.0001, "2024-03-01": 987.6543, "2024-08-11": 0, "2025-01-01": 7}'::care.schedule) AS c (w);
-- linear in the amounts; and it adds up over adjoining periods, to within the rounding of each
SELECT bool_and(care.accrued(w * 7, '2024-01-01', d) = 7 * care.accrued(w, '2024-01-01', d)) AS linear,
       bool_and(abs(care.accrued(w, '2024-01-01', d) + care.accrued(w, d + 1, '2024-12-31')
           - care.accrued(w, '2024-01-01', '2024-12-31')) <= 0.01) AS adds_up,
       bool_and(care.accrued(w, '2024-01-01', d) <= care.accrued(w, '2024-01-01', d + 1)) AS never_falls
FROM (SELECT '{"2024-01-01": 70, "2024-02-10": 140.07, "2024-06-01": 0}'::care.schedule) AS c (w),
    (SELECT '2024-01-01'::date + i FROM generate_series(0, 364) AS i) AS g (d);
-- the whole of the calendar: 3,652,059 days
SELECT care.accrued('{"-infinity": 7}', '0001-01-01', '9999-12-31');

--
-- Published examples (care_cap_examples.csv).  Authors round times up to whole months.
--
-- months, rounded up: the first monthly anniversary after the last day
CREATE FUNCTION pg_temp.months_rounded_up(from_day date, to_day date) RETURNS int LANGUAGE sql
RETURN (SELECT min(n) FROM generate_series(0, 1200) AS n WHERE from_day + make_interval(months => n) > to_day);
SELECT id, rate, reached, reached - day + 1 AS days, ceil((reached - day + 1) / 7.0) AS weeks, months / 12 AS years,
       months % 12 AS months
FROM (VALUES ('A1', 700 - 200, 86000), ('A4', 780 - 275, 86000), ('A12', 500, 72000)) AS e (id, rate, cap),
    (VALUES ('2023-10-01'::date)) AS s (day),
    LATERAL (SELECT care.cap_reached_on(jsonb_build_object(day, rate)::care.schedule,
        jsonb_build_object(day, cap)::care.schedule, day)) AS r (reached),
    LATERAL (SELECT pg_temp.months_rounded_up(day, reached)) AS m (months);
-- A4: 133,000 has been paid by then, to the nearest thousand
SELECT round(care.accrued('{"2023-10-01": 780}', '2023-10-01',
    care.cap_reached_on('{"2023-10-01": 505}', '{"2023-10-01": 86000}', '2023-10-01')), -3) AS a4_paid;
-- A6: 350 a week counts.  A10: 30 a day, 210 a week.  A11: 10,400 is left out in a year of 52 weeks.
SELECT care.greatest('{"2023-10-01": 600}'::care.schedule - 250, 0) AS a6,
       care.accrued('{"2023-10-01": 210}', '2023-10-01', '2023-10-01') AS a10_day,
       care.accrued('{"2023-10-01": 210}', '2023-10-01', '2023-10-07') AS a10_week,
       care.accrued('{"2023-10-01": 200}', '2023-10-01', '2023-10-01'::date + 52 * 7 - 1) AS a11;
-- C1: half way stays half way
SELECT care.uprate(43000, 86000, 90000) AS c1;
SELECT day, p AS c1, care.percent(p) AS percent
FROM unnest('{2024-01-31, 2024-02-01}'::date[]) AS day,
    LATERAL (SELECT care.cap_progress('{"2024-01-01": 301000, "2024-01-02": 0}',
        '{"2024-01-01": 86000, "2024-02-01": 90000}', '2024-01-01', day)) AS c (p);

--
-- The day the cap is reached, to the day.  700 a week is 100 a day.
--
-- reach: when accrued costs are at the cap; exceed: when they are above it
SELECT day, care.cap_progress(w, c, '2024-01-01', day) AS reach,
       care.reached(care.cap_progress(w, c, '2024-01-01', day)) AS reached,
       care.cap_progress(w, c, '2024-01-01', day, reach => 'exceed') AS exceed,
       care.reached(care.cap_progress(w, c, '2024-01-01', day, reach => 'exceed')) AS exceeded
FROM (SELECT '{"2024-01-01": 700}'::care.schedule, '{"2024-01-01": 300}'::care.schedule) AS s (w, c),
    (SELECT '2024-01-01'::date + i FROM generate_series(0, 4) AS i) AS g (day);
SELECT care.cap_reached_on(w, '{"2024-01-01": 300}', '2024-01-01') AS reach,
       care.cap_reached_on(w, '{"2024-01-01": 300}', '2024-01-01', reach => 'exceed') AS exceed,
       care.cap_reached_on(w, '{"2024-01-01": 299.99}', '2024-01-01', reach => 'exceed') AS just_under,
       care.cap_reached_on(w, '{"2024-01-01": 300.01}', '2024-01-01') AS just_over
FROM (SELECT '{"2024-01-01": 700}'::care.schedule) AS s (w);
-- a ten-thousandth of a pound a week is enough to exceed, the next day
SELECT care.cap_reached_on('{"2024-01-01": 700, "2024-01-04": 0.0001}', '{"2024-01-01": 300}', '2024-01-01',
    reach => 'exceed') AS exceeded_on,
       care.cap_reached_on('{"2024-01-01": 700, "2024-01-04": 0}', '{"2024-01-01": 300}', '2024-01-01',
           reach => 'exceed') AS never;
-- rounding alone does not reach it: 699.9999 / 7 shows as 100.00 and is not
SELECT p, care.reached(p) AS reached, care.remaining(p) AS remaining, care.percent(p) AS percent,
       care.cap_reached_on('{"2024-01-01": 699.9999}', '{"2024-01-01": 100}', '2024-01-01') AS reached_on
FROM (SELECT care.cap_progress('{"2024-01-01": 699.9999}', '{"2024-01-01": 100}', '2024-01-01', '2024-01-01')) AS c (p);
-- held at the cap from then on; never, if the rate stops short
SELECT care.cap_progress('{"2024-01-01": 700}', '{"2024-01-01": 300}', '2024-01-01', '2124-01-01') AS held,
       care.cap_reached_on('{"2024-01-01": 700, "2024-01-03": 0}', '{"2024-01-01": 300}', '2024-01-01') AS never;
-- the account of the published example, around its day
SELECT day, care.cap_progress('{"2023-10-01": 500}', '{"2023-10-01": 86000}', '2023-10-01', day)
FROM unnest('{2023-10-01, 2027-01-15, 2027-01-16, 2027-01-17}'::date[]) AS day;

-- A cap of nought is reached on the first counted day, whatever the rate; exceeding it takes a rate.
SELECT care.cap_progress('{"2024-01-01": 700}', '{"2024-01-01": 0}', '2024-01-01', '2024-01-01') AS progress,
       care.reached(care.cap_progress('{"2024-01-01": 0}', '{"2024-01-01": 0}', '2024-01-01', '2024-01-01')) AS reached,
       care.cap_reached_on('{"2024-01-01": 0}', '{"-infinity": 0}', '2024-01-01') AS reached_on,
       care.cap_reached_on('{"2024-01-01": 0, "2024-01-05": 1}', '{"-infinity": 0}', '2024-01-01',
           reach => 'exceed') AS exceeded_on,
       care.cap_progress('{"2024-01-01": 0}', '{"2024-01-01": 0}', '2024-01-01', '2024-01-01',
           reach => 'exceed') AS not_exceeded;

--
-- Uprating.  At 500 a week, 183 days to 2024-03-31; the cap rises on 2024-04-01.
--
SELECT before, before = round(500 * 183 / 7.0, 2) AS agrees, opening,
       opening = round(500 * 183 / 7.0 * 90000 / 86000, 2) AS scaled,
       after = round(round(500 * 183 / 7.0 * 90000 / 86000, 2) + 500 * 10 / 7.0, 2) AS then_metered
FROM (SELECT '{"2023-10-01": 500}'::care.schedule, '{"2023-10-01": 500, "2024-04-01": 0}'::care.schedule,
    '{"2023-10-01": 86000, "2024-04-01": 90000}'::care.schedule) AS s (w, stopped, c),
    LATERAL (SELECT care.accrued(care.cap_progress(w, c, '2023-10-01', '2024-03-31')),
        care.accrued(care.cap_progress(stopped, c, '2023-10-01', '2024-04-01')),
                    care.accrued(care.cap_progress(w, c, '2023-10-01', '2024-04-10'))) AS f (before, opening, after);
-- a change that does not scale: scales is nought on its day
SELECT care.cap_progress(w, c, '2023-10-01', '2024-04-01', scales => '{"2024-04-01": 0}') AS not_scaled,
       care.accrued(care.cap_progress(w, c, '2023-10-01', '2024-04-01', scales => '{"2024-04-01": 0}'))
           = round(500 * 184 / 7.0, 2) AS agrees,
       care.cap_progress(w, c, '2023-10-01', '2025-04-01', scales => '{"-infinity": 0, "2025-04-01": 1}') AS second_one_scaled,
       care.accrued(care.cap_progress(w, c, '2023-10-01', '2025-04-01', scales => '{"-infinity": 0, "2025-04-01": 1}'))
           = round(round(500 * (184 + 365 - 1) / 7.0 * 99000 / 90000, 2) + 500 / 7.0, 2) AS second_agrees
FROM (SELECT '{"2023-10-01": 500}'::care.schedule,
    '{"2023-10-01": 86000, "2024-04-01": 90000, "2025-04-01": 99000}'::care.schedule) AS s (w, c);
-- a cap change on the first day: nothing has accrued, nothing is scaled
SELECT care.cap_progress('{"2023-10-01": 700}', '{"2023-09-01": 1000, "2023-10-01": 2000}', '2023-10-01', '2023-10-01');
-- at the cap, one stays at the cap, scaled or not, up or down, and the day it was reached stays
SELECT day, care.cap_progress(w, c, '2024-01-01', day) AS scaled,
       care.cap_progress(w, c, '2024-01-01', day, scales => '{"-infinity": 0}') AS not_scaled,
       care.cap_reached_on(w, c, '2024-01-01', to_day => day) AS reached_on
FROM (SELECT '{"2024-01-01": 700}'::care.schedule,
    '{"2024-01-01": 300, "2024-02-01": 400, "2024-03-01": 200}'::care.schedule) AS s (w, c),
    unnest('{2024-01-02, 2024-01-03, 2024-02-01, 2024-03-01}'::date[]) AS day;
-- a fall that is not scaled can carry one to the cap: on the day of the fall
SELECT care.cap_progress(w, c, '2024-01-01', '2024-01-31') AS before,
       care.cap_progress(w, c, '2024-01-01', '2024-02-01', scales => '{"-infinity": 0}') AS not_scaled,
       care.cap_reached_on(w, c, '2024-01-01', scales => '{"-infinity": 0}') AS reached_on,
       care.cap_progress(w, c, '2024-01-01', '2024-02-01') AS scaled
FROM (SELECT '{"2024-01-01": 700, "2024-02-01": 0}'::care.schedule,
    '{"2024-01-01": 10000, "2024-02-01": 3000}'::care.schedule) AS s (w, c);
-- from a cap of nought, where nothing had accrued; to a cap of nought
SELECT care.cap_progress(w, '{"2024-01-01": 0, "2024-02-01": 1000}', '2024-01-01', '2024-02-01') AS was_reached,
       care.cap_progress(w, '{"2024-01-01": 0, "2024-02-01": 1000}', '2024-01-01', '2024-02-01', reach => 'exceed') AS was_not,
       care.cap_progress(w, '{"2024-01-01": 1000, "2024-02-01": 0}', '2024-01-01', '2024-02-01') AS to_nought,
       care.cap_reached_on(w, '{"2024-01-01": 1000, "2024-02-01": 0}', '2024-01-01') AS reached_on
FROM (SELECT '{"2024-01-01": 0, "2024-02-01": 7}'::care.schedule) AS s (w);

-- uprate() is the same sum on its own
SELECT care.uprate(0, 86000, 90000) AS nothing, care.uprate(86000, 86000, 90000) AS at_the_cap,
       care.uprate(13071.43, 86000, 90000) AS some,
       care.uprate(13071.43, 86000, 90000) = round(13071.43 * 90000 / 86000, 2) AS agrees,
       care.uprate(0.01, 2, 1) AS half_a_penny, care.uprate(0, 0, 86000) AS from_nought,
       care.uprate(5, 10, 0) AS to_nought, care.uprate(9999999999.99, 9999999999.99, 9999999999.99) AS largest;
SELECT bool_and(care.uprate(a, 72000, 75301.55) = round(a * 75301.55 / 72000, 2)) AS agrees,
       bool_and(care.uprate(a, 72000, 72000) = a) AS unchanged
FROM (SELECT i * 100.01 FROM generate_series(0, 719) AS i) AS g (a);

--
-- Adjustments: a running total, effective before the day is metered.
--
SELECT day, care.accrued(care.cap_progress('{"2024-01-01": 70}', '{"2024-01-01": 1000}', '2024-01-01', day,
    adjusted => '{"2024-01-03": 100, "2024-01-05": 60, "2024-01-07": -940}')) AS accrued
FROM (SELECT '2024-01-01'::date + i FROM generate_series(0, 7) AS i) AS g (day);
-- those dated before the first day take effect on it
SELECT care.cap_progress('{"2024-01-01": 70}', '{"2024-01-01": 1000}', '2024-01-01', '2024-01-01',
    adjusted => '{"2023-06-01": 500, "2023-07-01": 250}');
-- one that carries past the cap reaches it that day; one that takes away undoes it; the day is then another
SELECT day, care.cap_progress(w, c, '2024-01-01', day, a) AS progress,
       care.reached(care.cap_progress(w, c, '2024-01-01', day, a)) AS reached,
       care.cap_reached_on(w, c, '2024-01-01', a, to_day => day) AS reached_on
FROM (SELECT '{"2024-01-01": 70}'::care.schedule, '{"2024-01-01": 100}'::care.schedule,
    '{"2024-01-03": 500, "2024-01-05": 485, "2024-01-09": 600}'::care.schedule) AS s (w, c, a),
    (SELECT '2024-01-01'::date + i FROM generate_series(0, 9) AS i) AS g (day);
-- without to_day it is the first day it is reached at all
SELECT care.cap_reached_on('{"2024-01-01": 70}', '{"2024-01-01": 100}', '2024-01-01', '{"2024-01-03": 500, "2024-01-05": 485}');
-- scaled first, then adjusted, then metered: 10 days of 10, halved with the cap to 50, 7 more, 10 for the day
SELECT care.cap_progress('{"2024-01-01": 70}', '{"2024-01-01": 1000, "2024-01-11": 500}', '2024-01-01', '2024-01-11',
    adjusted => '{"2024-01-11": 7}');

--
-- Projection: the first day after as_at, through the changes already known.
--
SELECT as_at, care.cap_projected_on(w, c, '2024-01-01', as_at) AS projected,
       care.cap_reached_on(w, c, '2024-01-01', to_day => as_at) AS reached
FROM (SELECT '{"2024-01-01": 700}'::care.schedule, '{"2024-01-01": 300}'::care.schedule) AS s (w, c),
    unnest('{2024-01-01, 2024-01-02, 2024-01-03, 2025-01-01}'::date[]) AS as_at;
SELECT care.cap_projected_on('{"2024-01-01": 700}', '{"2024-01-01": 300}', '2024-01-01', '2023-01-01') AS before_it_counts,
       care.cap_projected_on('{"2024-01-01": 700, "2024-01-02": 0}', '{"2024-01-01": 300}', '2024-01-01',
           '2024-01-01') AS never,
       care.cap_projected_on('{"2024-01-01": 700, "2024-01-02": 350}', '{"2024-01-01": 300}', '2024-01-01',
           '2024-01-01') AS slower,
       care.cap_projected_on('{"2024-01-01": 700, "2024-01-02": 350}', '{"2024-01-01": 300, "2024-01-03": 600}',
           '2024-01-01', '2024-01-01') AS cap_rises,
       care.cap_projected_on('{"2024-01-01": 70}', '{"2024-01-01": 100}', '2024-01-01', '2024-01-04',
           '{"2024-01-03": 500, "2024-01-05": 485}') AS reached_now,
       care.cap_projected_on('{"2024-01-01": 70}', '{"2024-01-01": 100}', '2024-01-01', '2024-01-05',
           '{"2024-01-03": 500, "2024-01-05": 485}') AS undone;
-- what was projected before comes true
SELECT bool_and(care.cap_projected_on(w, c, '2024-01-01', d) = care.cap_reached_on(w, c, '2024-01-01')
           OR d >= care.cap_reached_on(w, c, '2024-01-01')) AS comes_true,
       bool_and(care.reached(care.cap_progress(w, c, '2024-01-01', d))
           = (d >= care.cap_reached_on(w, c, '2024-01-01'))) AS agrees,
       bool_and((care.cap_reached_on(w, c, '2024-01-01', to_day => d) IS NULL)
           = (d < care.cap_reached_on(w, c, '2024-01-01'))) AS with_to_day
FROM (SELECT '{"2024-01-01": 500, "2024-05-05": 123.45}'::care.schedule,
    '{"2024-01-01": 9000, "2024-04-01": 9500}'::care.schedule) AS s (w, c),
    (SELECT '2024-01-01'::date + i FROM generate_series(0, 400) AS i) AS g (d);

--
-- The working: its lines follow one another, and its amounts add up to the figure.
--
SELECT * FROM care.cap_working('{"2024-01-01": 70, "2024-01-08": 700}', '{"2024-01-01": 500, "2024-01-11": 1000}',
    '2024-01-01', '2024-02-10', adjusted => '{"2024-01-09": -20, "2024-01-12": 30, "2024-02-01": -35}');
SELECT * FROM care.cap_working('{"2024-01-01": 100}', '{"2024-01-01": 1000}', '2024-01-01', '2024-01-10',
    breaks => '{"2024-01-03": 1, "2024-01-06": 2, "2024-03-01": 3}');
-- a fall of the cap that is not scaled takes away what is above it
SELECT * FROM care.cap_working('{"2024-01-01": 700}', '{"2024-01-01": 10000, "2024-02-01": 3000}', '2024-01-01',
    '2024-02-03', scales => '{"-infinity": 0}');
SELECT * FROM care.cap_working('{"2024-01-01": 700}', '{"2024-01-01": 0}', '2024-01-01', '2024-01-02');
SELECT bool_and(total = care.accrued(p) AND last = care.accrued(p) AND days = d - '2024-01-01' + 1
           AND starts = '2024-01-01' AND ends = d) AS adds_up
FROM (SELECT '{"2024-01-01": 71.11, "2024-01-08": 500.03}'::care.schedule,
    '{"2024-01-01": 500, "2024-01-11": 1000, "2024-03-01": 900}'::care.schedule,
    '{"2024-01-09": -20, "2024-01-12": 30, "2024-02-01": -35}'::care.schedule) AS s (w, c, a),
    (SELECT '2024-01-01'::date + i FROM generate_series(0, 99) AS i) AS g (d),
    LATERAL (SELECT sum(l.amount), (array_agg(l.accrued))[count(*)], sum(l.days), min(l.from_day), max(l.to_day)
        FROM care.cap_working(w, c, '2024-01-01', d, adjusted => a) AS l) AS l (total, last, days, starts, ends),
    LATERAL (SELECT care.cap_progress(w, c, '2024-01-01', d, a)) AS x (p);

--
-- What is refused.
--
\pset format unaligned
\pset tuples_only on
-- a period that ends before it begins; one day is a period
SELECT care_test.refused($$SELECT care.accrued('{"2024-01-01": 1}', '2024-01-02', '2024-01-01')$$);
SELECT care_test.refused($$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 1}', '2024-01-02', '2024-01-01')$$);
SELECT care_test.refused(
    $$SELECT care.cap_reached_on('{"2024-01-01": 1}', '{"2024-01-01": 1}', '2024-01-02', to_day => '2024-01-01')$$);
SELECT care_test.refused(
    $$SELECT * FROM care.cap_working('{"2024-01-01": 1}', '{"2024-01-01": 1}', '2024-01-02', '2024-01-01')$$);
-- days outside the calendar
SELECT care_test.refused(format('SELECT care.accrued(''{"-infinity": 1}'', %L, ''2024-01-01'')', d))
FROM unnest('{-infinity, 0001-12-31 BC, infinity, 10000-01-01}'::text[]) AS d;
SELECT care_test.refused(format('SELECT care.accrued(''{"-infinity": 1}'', ''2024-01-01'', %L)', d))
FROM unnest('{infinity, 10000-01-01}'::text[]) AS d;
SELECT care_test.refused($$SELECT care.cap_progress('{"-infinity": 1}', '{"-infinity": 1}', '-infinity', '2024-01-01')$$);
SELECT care_test.refused(
    $$SELECT care.cap_reached_on('{"-infinity": 1}', '{"-infinity": 1}', '2024-01-01', to_day => 'infinity')$$);
SELECT care_test.refused($$SELECT care.cap_projected_on('{"-infinity": 1}', '{"-infinity": 1}', '2024-01-01', 'infinity')$$);
-- before the first step: the message names the first day
SELECT care_test.refused($$SELECT care.accrued('{"2024-02-01": 1}', '2024-01-01', '2024-03-01')$$);
SELECT care_test.refused($$SELECT care.cap_progress('{"2024-02-01": 1}', '{"2024-01-01": 1}', '2024-01-01', '2024-03-01')$$);
SELECT care_test.refused($$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-02-01": 1}', '2024-01-01', '2024-03-01')$$);
-- not known inside the period: it names the first such day of the period; outside it, nobody asks
SELECT care_test.refused($$SELECT care.accrued('{"2024-01-01": 1, "2024-02-01": null}', '2024-01-01', '2024-02-01')$$);
SELECT care_test.refused($$SELECT care.accrued('{"2024-01-01": 1, "2024-02-01": null}', '2024-03-01', '2024-04-01')$$);
SELECT care.accrued('{"2023-01-01": null, "2024-01-01": 7, "2024-02-01": null}', '2024-01-01', '2024-01-31');
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1, "2024-02-01": null}', '{"2024-01-01": 100}', '2024-01-01', '2024-02-01')$$);
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100, "2024-02-01": null}', '2024-01-01', '2024-02-01')$$);
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100}', '2024-01-01', '2024-02-01', adjusted => '{"2024-01-05": null}')$$);
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100, "2024-01-06": 200}', '2024-01-01', '2024-02-01', scales => '{"2024-01-05": null}')$$);
SELECT care_test.refused(
    $$SELECT care.cap_reached_on('{"2024-01-01": 1, "2025-01-01": null}', '{"2024-01-01": 100}', '2024-01-01')$$);
SELECT care.cap_reached_on('{"2024-01-01": 700, "2025-01-01": null}', '{"2024-01-01": 100}', '2024-01-01');
-- negative rates and caps
SELECT care_test.refused($$SELECT care.accrued('{"2024-01-01": 1, "2024-01-15": -0.0001}', '2024-01-01', '2024-01-31')$$);
SELECT care.accrued('{"2024-01-01": 7, "2024-01-15": -0.0001}', '2024-01-01', '2024-01-14');
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1, "2024-01-15": -7}', '{"2024-01-01": 100}', '2024-01-01', '2024-01-31')$$);
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100, "2024-01-15": -0.01}', '2024-01-01', '2024-01-31')$$);
-- caps and adjustments are whole pence
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100, "2024-01-15": 100.005}', '2024-01-01', '2024-01-31')$$);
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100}', '2024-01-01', '2024-01-31', adjusted => '{"2024-01-15": 0.001}')$$);
-- both sides of the largest amount: seven days of it
SELECT care.accrued('{"2024-01-01": 9999999999.99}', '2024-01-01', '2024-01-07');
-- and less than half a penny more; half a penny makes it one too many
SELECT care.accrued('{"2024-01-01": 9999999999.99, "2024-01-08": 0.0349}', '2024-01-01', '2024-01-08');
SELECT care_test.refused(
    $$SELECT care.accrued('{"2024-01-01": 9999999999.99, "2024-01-08": 0.035}', '2024-01-01', '2024-01-08')$$);
SELECT care_test.refused($$SELECT care.accrued('{"-infinity": 9999999999.9999}', '0001-01-01', '9999-12-31')$$);
SELECT care.cap_progress('{"-infinity": 9999999999.9999}', '{"-infinity": 9999999999.99}', '0001-01-01', '9999-12-31');
SELECT care.cap_reached_on('{"-infinity": 9999999999.99}', '{"-infinity": 9999999999.99}', '2024-01-01');
SELECT care.cap_progress('{"-infinity": 1}', '{"-infinity": 9999999999.99}', '2024-01-01', '2024-01-01',
    adjusted => '{"-infinity": 9999999999.99}');
SELECT care.cap_progress('{"-infinity": 0}', '{"-infinity": 9999999999.99}', '2024-01-01', '2024-01-01',
    adjusted => '{"-infinity": -9999999999.99}');
SELECT care.accrued(care.cap_progress('{"-infinity": 0, "2024-01-02": 0.07}', '{"-infinity": 9999999999.99}',
    '2024-01-01', '2024-01-03', adjusted => '{"-infinity": -9999999999.99, "2024-01-02": 9999999999.99, "2024-01-03": -9999999999.99}'));
-- the word for reaching
SELECT care_test.refused(
    $$SELECT care.cap_progress('{"2024-01-01": 1}', '{"2024-01-01": 100}', '2024-01-01', '2024-01-31', reach => 'Reach')$$);
SELECT care_test.refused(
    $$SELECT care.cap_reached_on('{"2024-01-01": 1}', '{"2024-01-01": 100}', '2024-01-01', reach => NULL)$$);
-- nothing may be missing, except what has a default
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.accrued(NULL, '2024-01-01', '2024-01-01')$$,
    $$SELECT care.accrued('{"-infinity": 1}', NULL, '2024-01-01')$$,
    $$SELECT care.accrued('{"-infinity": 1}', '2024-01-01', NULL)$$,
    $$SELECT care.cap_progress(NULL, '{"-infinity": 1}', '2024-01-01', '2024-01-01')$$,
    $$SELECT care.cap_progress('{"-infinity": 1}', NULL, '2024-01-01', '2024-01-01')$$,
    $$SELECT care.cap_progress('{"-infinity": 1}', '{"-infinity": 1}', NULL, '2024-01-01')$$,
    $$SELECT care.cap_progress('{"-infinity": 1}', '{"-infinity": 1}', '2024-01-01', NULL)$$,
    $$SELECT care.cap_reached_on(NULL, '{"-infinity": 1}', '2024-01-01')$$,
    $$SELECT care.cap_reached_on('{"-infinity": 1}', NULL, '2024-01-01')$$,
    $$SELECT care.cap_reached_on('{"-infinity": 1}', '{"-infinity": 1}', NULL)$$,
    $$SELECT care.cap_projected_on(NULL, '{"-infinity": 1}', '2024-01-01', '2024-01-01')$$,
    $$SELECT care.cap_projected_on('{"-infinity": 1}', '{"-infinity": 1}', '2024-01-01', NULL)$$,
    $$SELECT * FROM care.cap_working(NULL, '{"-infinity": 1}', '2024-01-01', '2024-01-01')$$,
    $$SELECT * FROM care.cap_working('{"-infinity": 1}', '{"-infinity": 1}', '2024-01-01', NULL)$$,
    $$SELECT care.uprate(NULL, 1, 1)$$, $$SELECT care.uprate(1, NULL, 1)$$, $$SELECT care.uprate(1, 1, NULL)$$]) AS s;
SELECT care.cap_progress('{"-infinity": 1}', '{"-infinity": 1}', '2024-01-01', '2024-01-01', NULL, NULL),
       care.cap_reached_on('{"-infinity": 7}', '{"-infinity": 1}', '2024-01-01', NULL, NULL, 'reach', NULL);
-- uprate
SELECT care_test.refused(s) FROM unnest(ARRAY[
    'SELECT care.uprate(86000.01, 86000, 90000)', 'SELECT care.uprate(0.01, 0, 90000)',
    'SELECT care.uprate(-0.01, 86000, 90000)', 'SELECT care.uprate(1, -1, 1)', 'SELECT care.uprate(1, 1, -1)',
    'SELECT care.uprate(0.001, 86000, 90000)', 'SELECT care.uprate(1, 1.005, 1)',
    'SELECT care.uprate(1, 1, 10000000000)', $$SELECT care.uprate('NaN', 1, 1)$$,
    $$SELECT care.uprate(1, 'Infinity', 1)$$]) AS s;
