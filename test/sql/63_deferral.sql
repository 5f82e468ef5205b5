--
-- 63_deferral: the weekly deferral: weeks and changes within them, corrections, the equity limit, stop, end
-- and death, and that nothing is posted twice (R8, R18, R20).
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.agreement_entry ALTER COLUMN entry_id RESTART WITH 1;
ALTER TABLE care.deferral ALTER COLUMN deferral_id RESTART WITH 1;
CREATE FUNCTION pg_temp.open(name text, value numeric DEFAULT 200000) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement('E06000061', name, 'person of ' || name, '2019-01-01', '2019-01-01', '1940-01-01');
BEGIN
    PERFORM care.record_valuation(id, '2019-01-01', value);
    RETURN id;
END
$$;
-- the ledger by week
CREATE FUNCTION pg_temp.weeks(agreement bigint) RETURNS TABLE (week_from date, on_days text, amounts text, net numeric) LANGUAGE sql AS $$
    SELECT e.week_from, string_agg(e.on_day::text, ', ' ORDER BY e.entry_id), string_agg(e.amount::numeric::text, ', ' ORDER BY e.entry_id), sum(e.amount)
    FROM care.agreement_entry AS e WHERE e.agreement_id = agreement GROUP BY e.week_from ORDER BY 1
$$;
CREATE FUNCTION pg_temp.owed(agreement bigint, day date) RETURNS numeric LANGUAGE sql AS $$
    SELECT balance FROM care.agreement_position(day) WHERE agreement_id = agreement
$$;
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(command), 'agreement \d+', 'agreement N', 'g')
$$;
SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'a decision of the test');

--
-- What is deferred a week: published example E6 and what is refused.
--
SELECT pg_temp.open('A') AS a \gset
SELECT pg_temp.refused(format(s, :a)) FROM unnest(ARRAY[
    $$SELECT care.record_deferral(%s, '2018-12-31', 571, 180)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', 571, 180, 144.01)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', -1, 180)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', 571, NULL)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', 571, 180, -1)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', 571, 180, 144, -1)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', 571, 180, 144, 0, 0.001)$$,
    $$SELECT care.record_deferral(%s, '2019-01-07', 571, 180, supersedes => 99)$$,
    $$SELECT care.record_deferral(%s, NULL, 571, 180)$$]) AS s;
SELECT care.record_deferral(:a, '2019-01-07', 571, 180) AS d \gset
SELECT weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount FROM care.deferral WHERE agreement_id = :a;
-- the allowance that may be kept is dated
SELECT care.record_parameter('deferred_payment', 'allowance_kept', '2019-02-01', 150, 'a figure of the test');
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-01-31', 571, 180, 150)$$, :a));
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-02-01', 571, 180, 150.01)$$, :a));
SELECT care.weekly_deferral(700, 250, 150, 30 + 70) AS by_hand;
SELECT care.record_deferral(:a, '2019-02-04', 700, 250, third_party => 30, rent => 70) > 0 AS with_rent_and_family;
SELECT allowance_kept, weekly_amount FROM care.deferral WHERE agreement_id = :a AND valid_from = '2019-02-04';
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-02-04', 1, 0)$$, :a));

--
-- Weeks: posted when they end, on their last day, each once.
--
SELECT d, care.post_deferral(:a, d) AS posted FROM unnest('{2019-01-12, 2019-01-13, 2019-01-13, 2019-01-19, 2019-02-03, 2019-02-16}'::date[]) AS d;
SELECT * FROM pg_temp.weeks(:a);
SELECT care.post_deferral(:a, '2019-01-20') AS earlier_again, care.post_deferral(:a, '2019-02-16') AS again;
SELECT count(*) AS postings, sum(due) AS due, sum(deferred) AS deferred FROM care.deferral_posting WHERE agreement_id = :a;
SELECT pg_temp.refused(format('SELECT care.post_deferral(%s, NULL)', :a));
SELECT pg_temp.refused(format('SELECT care.post_deferral(%s, care.today() + 1)', :a)) ~ '^22023 agreement N \(.*\): fees cannot be posted up to' AS not_a_day_to_come;
-- a change within a week counts by the day: 500 x 3/7 + 606 x 4/7, and all weeks add up to the whole
SELECT care.record_deferral(:a, '2019-02-21', 744, 288, 150) > 0 AS changed;
SELECT care.post_deferral(:a, '2019-03-03') AS posted;
SELECT week_from, net, round(500 * 3 / 7.0 + 606 * 4 / 7.0, 2) AS mid_week FROM pg_temp.weeks(:a) WHERE week_from = '2019-02-18';
SELECT sum(net) AS ledger, care.accrued(care_internal.weekly_deferred(a), '2019-01-07', '2019-03-03') AS whole
FROM pg_temp.weeks(:a), care.agreement AS a WHERE a.agreement_id = :a GROUP BY 2;
-- changes on odd days for a year: weeks add up to the penny
SELECT pg_temp.open('odd') AS odd \gset
SELECT count(care.record_deferral(:odd, '2019-01-09'::date + 11 * n, 400 + n * 3.33, 144)) AS changes FROM generate_series(0, 33) AS n;
SELECT care.post_deferral(:odd, '2019-12-31') AS posted;
SELECT sum(net) = care.accrued(care_internal.weekly_deferred(a), '2019-01-09', max(week_from) + 6) AS add_up FROM pg_temp.weeks(:odd), care.agreement AS a WHERE a.agreement_id = :odd GROUP BY a;

--
-- Corrections post the differences, and only those.
--
SELECT care.record_deferral(:a, '2019-01-07', 591, 180, supersedes => :d) AS d2 \gset
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-01-07', 601, 180, supersedes => %s)$$, :a, :d));
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-01-07', 601, 180)$$, :a));
SELECT pg_temp.owed(:a, '2019-12-31') AS before \gset
SELECT care.post_deferral(:a, '2019-03-03') AS posted;
SELECT * FROM pg_temp.weeks(:a);
-- as if it had been right from the beginning
SELECT pg_temp.open('right') AS right \gset
SELECT care.record_deferral(:right, '2019-01-07', 591, 180) > 0 AND care.record_deferral(:right, '2019-02-04', 700, 250, third_party => 30, rent => 70) > 0
       AND care.record_deferral(:right, '2019-02-21', 744, 288, 150) > 0 AS recorded;
SELECT care.post_deferral(:right, '2019-03-03') AS posted;
SELECT pg_temp.owed(:a, '2019-12-31') = pg_temp.owed(:right, '2019-12-31') AS as_if_right, pg_temp.owed(:a, '2019-12-31') - :before > 80 AS more;
-- down again, by the same way
SELECT care.record_deferral(:a, '2019-01-07', 571, 180, supersedes => :d2) > 0 AS corrected;
SELECT care.post_deferral(:a, '2019-03-03') AS posted, care.post_deferral(:a, '2019-03-03') AS again;
SELECT pg_temp.owed(:a, '2019-12-31') = :before AS as_before;
-- the first day is fixed once weeks are posted
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, %L, 571, 180)$$, :a, d)) FROM unnest('{2019-01-06, 2019-01-01}'::date[]) AS d;
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-01-08', 571, 180, supersedes => (SELECT max(deferral_id) FROM care.deferral_in_force(%1$s) WHERE valid_from = '2019-01-07'))$$, :a));
-- a week reversed by hand is not taken back a second time
SELECT care.reverse_entry(:a, (SELECT min(entry_id) FROM care.agreement_entry WHERE agreement_id = :a AND week_from = '2019-01-07'), 'hospital') > 0 AS reversed;
SELECT care.record_deferral(:a, '2019-01-07', 0, 0, supersedes => (SELECT deferral_id FROM care.deferral_in_force(:a) WHERE valid_from = '2019-01-07')) > 0 AS nought;
SELECT care.post_deferral(:a, '2019-03-03') AS posted;
SELECT week_from, net FROM pg_temp.weeks(:a) WHERE week_from < '2019-02-04';

--
-- Stop, resume and end.
--
SELECT pg_temp.open('S') AS s \gset
SELECT care.record_deferral(:s, '2019-01-07', 700, 144) > 0 AS weekly;
SELECT care.stop_deferring(:s, '2019-01-16', 'income is enough') > 0 AS stopped;
SELECT pg_temp.refused(format($$SELECT care.record_deferral(%s, '2019-01-20', 800, 144)$$, :s));
SELECT care.post_deferral(:s, '2019-02-10') AS posted;
SELECT care.resume_deferring(:s, '2019-02-01') > 0 AS resumed;
SELECT care.post_deferral(:s, '2019-02-10') AS posted;
SELECT care.end_agreement(:s, '2019-02-06', 'sold');
SELECT care.post_deferral(:s, '2019-06-30') AS posted;
-- 700: two days of the second week; three of the fourth; two, to the day before the end, of the fifth
SELECT week_from, on_days, amounts, net FROM pg_temp.weeks(:s);
SELECT care.post_deferral(:s, '2019-12-31') AS nothing_more;

--
-- Death within a week: the part to the day of death, dated that day; interest goes on (R18).
--
SELECT pg_temp.open('D') AS d, pg_temp.open('late') AS late \gset
SELECT care.record_deferral(x, '2019-01-07', 700, 144) > 0 AS weekly FROM unnest(ARRAY[:d, :late]) AS x;
SELECT care.post_deferral(:late, '2019-03-10') AS posted_before_it_was_known;
SELECT care.record_death('person of D', '2019-01-30', '2019-02-01'), care.record_death('person of late', '2019-01-30', '2019-03-10');
SELECT care.post_deferral(:d, '2019-02-02') AS before_the_week_ends;
SELECT care.post_deferral(:d, '2019-02-03') AS part_week;
SELECT * FROM pg_temp.weeks(:d) WHERE week_from > '2019-01-20';
SELECT care.post_deferral(:d, '2019-12-31') AS nothing_more;
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2019-01-31', 'care_fees', 1)$$, :d));
SELECT pg_temp.owed(:d, '2019-12-31') > pg_temp.owed(:d, '2019-01-30') AS interest_goes_on;
-- weeks posted before it was known are taken back where they were posted
SELECT care.post_deferral(:late, '2019-03-10') AS corrected;
SELECT * FROM pg_temp.weeks(:late) WHERE week_from > '2019-01-20';
SELECT sum(net) AS net FROM pg_temp.weeks(:late) UNION ALL SELECT sum(net) FROM pg_temp.weeks(:d);
SELECT pg_temp.owed(:d, '2019-12-31') - pg_temp.owed(:late, '2019-12-31') BETWEEN 0.05 AND 0.06 AS but_for_four_days_of_interest_on_300,
       round(300 * 4 * 1.65 / 36500, 3) AS by_hand;
-- a death recorded in error
SELECT care.record_death('person of late', NULL, '2019-03-12');
SELECT care.post_deferral(:late, '2019-03-10') AS posted;
SELECT sum(net) AS net FROM pg_temp.weeks(:late);
-- on the last day of a week, and on the first
SELECT pg_temp.open('last') AS last, pg_temp.open('first') AS first \gset
SELECT care.record_deferral(x, '2019-01-07', 700, 144) > 0 AS weekly FROM unnest(ARRAY[:last, :first]) AS x;
SELECT care.record_death('person of last', '2019-01-13', '2019-01-20'), care.record_death('person of first', '2019-01-14', '2019-01-20');
SELECT care.post_deferral(:last, '2019-01-31') AS last, care.post_deferral(:first, '2019-01-31') AS first;
SELECT * FROM pg_temp.weeks(:last) UNION ALL SELECT * FROM pg_temp.weeks(:first);

--
-- The equity limit cuts what is posted; the rest is for the person to pay.
--
-- 90 per cent of 18,000 less 14,250 is 1,950
SELECT pg_temp.open('E', 18000) AS e, pg_temp.open('weekly', 18000) AS weekly \gset
SELECT care.record_deferral(x, '2019-01-07', 700, 144) > 0 AS weekly FROM unnest(ARRAY[:e, :weekly]) AS x;
SELECT care.post_deferral(:e, '2019-02-10') AS posted;
SELECT * FROM pg_temp.weeks(:e);
SELECT equity_limit, care.redemption_figure(:e, '2019-01-27') AS owed_that_day, equity_remaining < 0 AS past_it_by_interest FROM care.agreement_position('2019-12-31') WHERE agreement_id = :e;
SELECT week_from, week_to, due, deferred, to_be_paid FROM care.deferral_shortfall WHERE agreement_id = :e ORDER BY 1;
SELECT care.post_deferral(:e, '2019-02-10') AS nothing_twice;
-- the same, posted week by week or long after
SELECT sum(care.post_deferral(:weekly, d::date)) AS one_by_one FROM generate_series('2019-01-13'::timestamp, '2019-02-10', '7 days') AS d;
SELECT count(*) FILTER (WHERE a.net IS DISTINCT FROM b.net) AS differing FROM pg_temp.weeks(:e) AS a FULL JOIN pg_temp.weeks(:weekly) AS b USING (week_from);
-- a payment makes room for the weeks that follow it
SELECT care.record_payment(:e, '2019-02-11', 1000) > 0 AS paid;
SELECT care.post_deferral(:e, '2019-02-24') AS posted;
SELECT week_from, due, deferred, to_be_paid FROM care.deferral_shortfall WHERE agreement_id = :e AND week_from > '2019-02-10';
-- a correction of a week that was cut: what is deferred stays within what is due
SELECT care.record_deferral(:e, '2019-01-07', 700, 144, supersedes => (SELECT deferral_id FROM care.deferral_in_force(:e))) AS again \gset
SELECT care.post_deferral(:e, '2019-02-24') AS unchanged;
SELECT care.record_deferral(:e, '2019-01-07', 600, 144, supersedes => :again) > 0 AS less;
SELECT care.post_deferral(:e, '2019-02-24') AS posted;
SELECT week_from, net FROM pg_temp.weeks(:e) WHERE week_from IS NOT NULL;
SELECT week_from, due, deferred, to_be_paid FROM care.deferral_shortfall WHERE agreement_id = :e ORDER BY 1;
SELECT max(care.redemption_figure(:e, week_from + 6)) <= 1950 AS never_past_the_limit FROM pg_temp.weeks(:e) WHERE net > 0;

--
-- Redeemed, and known only after that fees were posted too many: refused, and nothing changed.
--
SELECT pg_temp.open('P') AS p \gset
SELECT care.record_deferral(:p, '2019-01-07', 700, 144) > 0 AS weekly;
SELECT care.post_deferral(:p, '2019-02-10') AS posted;
SELECT care.record_payment(:p, '2019-02-11', care.redemption_figure(:p, '2019-02-11')) AS redeemed \gset
SELECT care.record_death('person of P', '2019-02-06', '2019-02-20');
SELECT pg_temp.refused(format('SELECT care.post_deferral(%s, %L)', :p, '2019-02-28'));
-- the run names it, posts what the others have, and finds it due again
SELECT pg_temp.open('other') AS other \gset
SELECT care.record_deferral(:other, '2019-02-04', 700, 144) > 0 AS weekly;
SELECT care_internal.begin_run('weekly deferrals', '2019-02-28', NULL, 100) AS run \gset
SELECT r.passed_over FROM care_internal.due_batches(:run, 100) AS b, care_internal.run_batch(:run, b.keys, b.due_dates, true) AS r;
SELECT count(*) FILTER (WHERE agreement_id = :p) AS of_it, count(*) FILTER (WHERE agreement_id = :other) AS of_another FROM care.deferral_posting WHERE week_from >= '2019-02-04';
SELECT count(*) AS still_due FROM care.deferral_due('2019-02-28') WHERE agreement_id = :p;
-- the way out: the payment is taken back, the weeks corrected, the payment taken with a credit
SELECT -amount AS paid FROM care.agreement_entry WHERE entry_id = :redeemed \gset
SELECT care.reverse_entry(:p, :redeemed, 'to correct the fees') > 0 AS reversed;
SELECT care.post_deferral(:p, '2019-02-28') AS corrected;
SELECT care.record_payment(:p, '2019-02-11', :paid, take_credit => true) > 0 AS paid;
SELECT held, balance FROM care.agreement_position('2019-02-28') WHERE agreement_id = :p;

--
-- The worklist and the facts.
--
SELECT a.reference FROM care.deferral_due('2019-01-12') AS d JOIN care.agreement AS a USING (agreement_id) ORDER BY a.reference COLLATE "C";
SELECT a.reference FROM care.deferral_due('2019-01-13') AS d JOIN care.agreement AS a USING (agreement_id) ORDER BY a.reference COLLATE "C";
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE care.deferral SET weekly_amount = 1', 'DELETE FROM care.deferral_posting']) AS s;
SELECT * FROM care.verify();
ROLLBACK;
