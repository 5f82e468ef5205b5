--
-- 60_agreement: deferred payment agreements: rate, balance, working, equity limit, redemption, what is refused.
--
-- All of it is in one transaction, rolled back at the end.  R numbers are those of the specification's
-- requirements.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
-- where an agreement stands on some days
CREATE FUNCTION pg_temp.stand(agreement_reference text, VARIADIC days date[])
    RETURNS TABLE (as_at date, rate numeric, deferred numeric, charges numeric, interest numeric, payments numeric,
                   balance numeric, property numeric, equity_limit numeric, remaining numeric) LANGUAGE sql AS $$
    SELECT p.as_at, p.rate, p.deferred, p.administration_charges, p.interest, p.payments, p.balance, p.property_value,
           p.equity_limit, p.equity_remaining
    FROM unnest(days) AS d,
        LATERAL (SELECT q.* FROM care.agreement_position(d) AS q WHERE q.reference = agreement_reference) AS p
    ORDER BY 1
$$;
-- the balance by the day, in numeric: entries at the start of the day, then the day's interest on
-- all of it (daily capitalisation, act/act)
CREATE FUNCTION pg_temp.by_day(agreement bigint, as_at date) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    owed numeric := 0;
    rates care.schedule;
    day date := (SELECT min(on_day) FROM care.agreement_entry WHERE agreement_id = agreement);
    year_days int;
BEGIN
    SELECT r.rates INTO rates FROM care.effective_rate AS r JOIN care.agreement AS a ON a.authority = r.authority
    WHERE a.agreement_id = agreement;
    WHILE day <= as_at LOOP
        year_days := make_date(extract(year FROM day)::int, 12, 31) - make_date(extract(year FROM day)::int, 1, 1) + 1;
        owed := owed + coalesce((SELECT sum(amount) FROM care.agreement_entry
                                 WHERE agreement_id = agreement AND on_day = day), 0);
        owed := round(owed * (1 + care.value_on(rates, day) / (100 * year_days + 0e-40)), 40);
        day := day + 1;
    END LOOP;
    RETURN round(owed, 2);
END
$$;

--
-- An agreement of 535 a week (published example E6) from 2015 on a house of 165,000 (E1), at the national maximum.
--
SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'a decision of the test');
SELECT care.open_agreement('E06000061', 'A', 'person 1', '2015-04-01', '2015-04-06') AS a \gset
SELECT care.record_valuation(:a, '2015-03-20', 165000) > 0 AS valued;
SELECT * FROM pg_temp.stand('A', '2015-03-31', '2015-04-01');
SELECT care.defer(:a, '2015-04-06', 'administration_charge', 450, 'setting up') > 0 AS charged;
SELECT count(*) AS weeks, count(care.defer(:a, '2015-04-06'::date + 7 * w, 'care_fees',
    care.weekly_deferral(571, 180, 144, 0))) AS deferred FROM generate_series(0, 207) AS w;
SELECT * FROM pg_temp.stand('A', '2015-04-05', '2015-04-06', '2015-06-30', '2015-07-01', '2016-12-31', '2019-03-31');
SELECT d, balance, balance = pg_temp.by_day(:a, d) AS agrees,
       balance = deferred + charges + interest - payments AS adds_up, equity_limit = 134250 AS e1
FROM unnest('{2015-04-06, 2015-07-01, 2016-03-01, 2019-03-31}'::date[]) AS d, LATERAL pg_temp.stand('A', d);
-- the working, a line for each rate: each closes where the next opens, and all add up to the position
SELECT * FROM care.interest_working(:a, '2015-04-06', '2019-03-31');
SELECT bool_and(closing = opening + entries + interest) AS lines, bool_and(opening = earlier) AS joined,
       sum(interest) = (SELECT interest FROM pg_temp.stand('A', '2019-03-31')) AS interest,
       sum(entries) = 450 + 208 * 535 AS entries,
       sum(days) = '2019-03-31'::date - '2015-04-06'::date + 1 AS days,
       bool_and(rate = care.national_max_rate(from_day) AND rate = care.national_max_rate(to_day)) AS rates,
       bool_and(closing = (SELECT balance FROM pg_temp.stand('A', to_day))) AS as_positions
FROM (SELECT *, coalesce(lag(closing) OVER (ORDER BY from_day), 0) AS earlier
    FROM care.interest_working(:a, '2015-04-06', '2019-03-31')) AS w;
-- part of it; before anything was owed; a single day
SELECT * FROM care.interest_working(:a, '2016-12-28', '2017-01-02')
UNION ALL SELECT * FROM care.interest_working(:a, '2015-04-01', '2015-04-05')
UNION ALL SELECT * FROM care.interest_working(:a, '2019-02-18', '2019-02-18') ORDER BY 1;
-- a payment bears no interest on its day; the next day on the rest
SELECT care.record_payment(:a, '2019-04-01', 100000, 'sale of part') > 0 AS paid;
SELECT * FROM pg_temp.stand('A', '2019-03-31', '2019-04-01');
SELECT balance = pg_temp.by_day(:a, '2019-04-01') AS agrees,
       round(balance - b.before + 100000, 2) = round((b.before - 100000) * 1.65 / 36500, 2) AS interest_of_the_day
FROM pg_temp.stand('A', '2019-04-01'), (SELECT balance FROM pg_temp.stand('A', '2019-03-31')) AS b (before);
-- what repays it on a day: interest to the close of the day before; entries of the day bear none
SELECT care.redemption_figure(:a, '2019-04-02') = balance AS as_the_day_before FROM pg_temp.stand('A', '2019-04-01');
SELECT care.redemption_figure(:a, '2019-10-01') AS figure,
       care.redemption_figure(:a, '2019-10-01') = pg_temp.by_day(:a, '2019-09-30') AS agrees,
       care.redemption_figure(:a, '2015-04-06') AS on_the_first_day,
       care.redemption_figure(:a, '2015-04-05') AS before;
SELECT care.defer(:a, '2019-10-01', 'administration_charge', 35.5, 'closing') > 0 AS charged;
SELECT care.redemption_figure(:a, '2019-10-01') AS figure,
       care.redemption_figure(:a, '2019-10-01') = pg_temp.by_day(:a, '2019-09-30') + 35.5 AS with_the_charge;
SELECT care.record_payment(:a, '2019-10-01', care.redemption_figure(:a, '2019-10-01'), 'redeemed') > 0 AS redeemed;
SELECT * FROM pg_temp.stand('A', '2019-09-30', '2019-10-01', '2019-10-02', '2025-12-31');
SELECT care.redemption_figure(:a, '2019-10-02') AS nothing_more, care.redemption_figure(:a, '2025-12-31') AS nor_years_later;

-- Paid off in full, nothing is left and nothing comes back, whatever the capitalisation and the day count.
CREATE FUNCTION pg_temp.redeem(name text, capitalised text, day_count text, owed numeric)
    RETURNS TABLE (figure numeric, on_the_day numeric, year_end numeric, years_later numeric) LANGUAGE plpgsql AS $$
DECLARE
    agreement bigint;
BEGIN
    PERFORM care.record_interest_policy('E06000062', '2015-04-01', NULL, 'test', day_count, capitalised, corrects => true);
    agreement := care.open_agreement('E06000062', name, 'person of ' || name, '2015-04-01', '2015-04-01');
    PERFORM care.record_valuation(agreement, '2015-04-01', 165000), care.defer(agreement, '2015-04-01', 'care_fees', owed);
    figure := care.redemption_figure(agreement, '2016-11-17');
    PERFORM care.record_payment(agreement, '2016-11-17', figure);
    SELECT a.balance, b.balance, c.balance INTO on_the_day, year_end, years_later
    FROM pg_temp.stand(name, '2016-11-17') AS a, pg_temp.stand(name, '2016-12-31') AS b,
    pg_temp.stand(name, '2025-12-31') AS c;
    RETURN NEXT;
END
$$;
SELECT capitalised, day_count,
       figure = round(100000 * care.growth(rates, day_count, capitalised, '2015-04-01', '2016-11-16'), 2) AS agrees, r.*
FROM (SELECT care.national_max_rates() OFFSET 0) AS m (rates), unnest('{act/act, act/365f}'::text[]) AS day_count,
    unnest('{daily, weekly, monthly, quarterly, half_yearly, yearly, none}'::text[]) AS capitalised,
    pg_temp.redeem(capitalised || ' ' || day_count, capitalised, day_count, 100000) AS r
ORDER BY day_count, figure DESC;
SELECT owed, r.*
FROM unnest('{10000, 10007, 10018}'::int[]) AS owed, pg_temp.redeem('owed ' || owed, 'daily', 'act/act', owed) AS r;
-- each takes the terms of the policy on the day of signing, and keeps them
SELECT count(DISTINCT (day_count, capitalised)) FROM care.agreement WHERE authority = 'E06000062';

--
-- The rate (R2, R10 to R17): the authority's own, never above the national maximum.
--
SELECT care.record_interest_policy('E06000063', '2015-04-01', 2.40, 'test'),
       care.record_interest_policy('E06000063', '2015-09-15', 1.00, 'test'),
       care.record_interest_policy('E06000063', '2016-02-01', NULL, 'test'),
       care.record_interest_policy('E06000063', '2017-02-01', 0, 'test');
SELECT care.open_agreement('E06000063', 'R', 'person 2', '2015-04-01', '2015-04-01') AS r \gset
SELECT care.record_valuation(:r, '2015-04-01', 165000) > 0 AND care.defer(:r, '2015-04-01', 'care_fees', 10000) > 0 AS deferred;
-- 2.40 is within the maximum of 2.65; from July that is 2.25 and pulls it down; then a one-off
-- change; then the maximum; then none
SELECT from_day, to_day, days, rate, opening, entries, interest, closing
FROM care.interest_working(:r, '2015-04-01', '2017-12-31');
SELECT balance, balance = pg_temp.by_day(:r, '2017-12-31') AS agrees,
       balance = care.redemption_figure(:r, '2022-01-01') AS without_a_rate_nothing_grows
FROM pg_temp.stand('R', '2017-12-31');
SELECT * FROM pg_temp.stand('R', '2015-06-30', '2015-07-01', '2015-09-14', '2015-09-15', '2016-02-01', '2017-01-31',
    '2017-02-01');
-- equal to the maximum is within it; above it is refused, naming the half-year; for one day, the row recorded last holds
SELECT care.record_interest_policy('E06000064', '2015-07-01', 2.25, 'test');
SELECT care_test.refused($$SELECT care.record_interest_policy('E06000064', '2015-12-31', 2.2501, 'test')$$);
SELECT care_test.refused($$SELECT care.record_interest_policy('E06000064', '2015-07-01', 2.00, 'test')$$);
SELECT care.record_interest_policy('E06000064', '2015-07-01', 2.00, 'test', corrects => true);
SELECT valid_from, rate, day_count, capitalised FROM care.interest_policy_in_force
WHERE authority IN ('E06000063', 'E06000064') ORDER BY authority, valid_from;
SELECT care.value_on(rates, '2015-12-31') AS own, care.value_on(rates, '2016-07-01') AS pulled_down,
       care.value_on(rates, '2027-01-01') AS not_known FROM care.effective_rate WHERE authority = 'E06000064';
-- charged separately or deferred: a charge that is deferred bears interest from its day (R3), as fees do
SELECT care.open_agreement('E06000061', 'S', 'person 3', '2021-01-01', '2021-01-01') AS s \gset
SELECT care.defer(:s, '2021-01-01', 'administration_charge', 600) > 0 AS charged;
SELECT * FROM pg_temp.stand('S', '2021-06-30');

-- 2027: the rate is not known until it is entered; then it goes on.
SELECT balance, missing FROM care.agreement_position('2027-01-01') WHERE reference = 'S';
SELECT care_test.refused(format('SELECT care.redemption_figure(%s, %L)', :s, '2027-01-02'));
SELECT care.redemption_figure(:s, '2027-01-01') AS the_day_before_is_known;
SELECT care_test.refused(format('SELECT * FROM care.interest_working(%s, %L, %L)', :s, '2026-12-01', '2027-01-31'));
SELECT care.record_national_max_rate('2027-01-01', 4.6, 'report of a test', '2026-27', 'test');
SELECT from_day, to_day, days, rate, opening, entries, interest, closing
FROM care.interest_working(:s, '2026-12-01', '2027-01-31');
SELECT balance = pg_temp.by_day(:s, '2027-01-31') AS agrees FROM pg_temp.stand('S', '2027-01-31');

--
-- Equity (R7, R8, R19): the last valuation on or before the day; a share of a house; what ranks before.
--
SELECT care.open_agreement('E06000061', 'E', 'person 4', '2015-04-01', '2015-04-01') AS e \gset
SELECT care.record_valuation(:e, '2015-04-01', 200000, 0.5, 10000.55, 'half of it'),
       care.record_valuation(:e, '2016-04-01', 210000, 0.33333333) IS NOT NULL AS third,
       care.record_valuation(:e, '2017-04-01', 150000, note => 'mistaken') IS NOT NULL AS mistaken,
       care.record_valuation(:e, '2017-04-01', 140000) IS NOT NULL AS of_the_same_day,
       care.record_valuation(:e, '2018-04-01', 20000) IS NOT NULL AS fallen \gset valued_
SELECT d, property, equity_limit, by_hand, equity_limit = by_hand AS agrees
FROM (VALUES ('2015-03-31'::date, NULL), ('2015-04-01', 200000 * 0.5 * 0.9 - 14250 - 10000.55),
    ('2016-03-31', 200000 * 0.5 * 0.9 - 14250 - 10000.55),
    ('2016-04-01', round(210000 * 0.33333333 * 0.9, 2) - 14250), ('2017-04-01', 140000 * 0.9 - 14250),
    ('2018-04-01', 20000 * 0.9 - 14250)) AS v (d, by_hand)
    LEFT JOIN LATERAL pg_temp.stand('E', d) ON true;
-- up to the limit to the penny, and not a penny more; charges go on, interest goes on
SELECT care.open_agreement('E06000061', 'F', 'person 5', '2015-04-01', '2015-04-01') AS f \gset
SELECT care.record_valuation(:f, '2015-04-01', 16500) > 0 AND care.defer(:f, '2015-04-01', 'care_fees', 500) > 0 AS deferred;
SELECT equity_limit, remaining FROM pg_temp.stand('F', '2015-04-30');
SELECT care.redemption_figure(:f, '2015-05-01') AS owed, 600 - care.redemption_figure(:f, '2015-05-01') AS left \gset
SELECT regexp_replace(care_test.refused(format('SELECT care.defer(%s, %L, %L, %s)', :f, '2015-05-01', 'care_fees', :left + 0.01)),
                      'agreement \d+', 'agreement N');
SELECT care.defer(:f, '2015-05-01', 'care_fees', :left) > 0 AS to_the_limit, :owed + :left AS limit;
SELECT left(care_test.refused(format('SELECT care.defer(%s, %L, %L, 0.01)', :f, '2015-05-01', 'care_fees')), 5) AS not_a_penny;
SELECT care.defer(:f, '2015-05-01', 'administration_charge', 100) > 0 AS charged;
SELECT * FROM pg_temp.stand('F', '2015-05-01', '2016-05-01');
-- nor by way of an earlier day: what is deferred then is owed now as well
SELECT left(care_test.refused(format('SELECT care.defer(%s, %L, %L, 50)', :f, '2015-04-15', 'care_fees')), 5) AS refused;
-- nor is more paid than is owed by way of an earlier day
SELECT care.record_payment(:f, '2015-06-01', care.redemption_figure(:f, '2015-06-01')) > 0 AS redeemed;
SELECT left(care_test.refused(format('SELECT care.record_payment(%s, %L, 100)', :f, '2015-05-15')), 5) AS refused;

--
-- What is refused.
--
\pset format unaligned
\pset tuples_only on
SELECT count(*) AS entries FROM care.agreement_entry \gset
-- the policy
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_interest_policy('E07000001', '2015-04-01', NULL, 'test')$$,
    $$SELECT care.record_interest_policy(NULL, '2015-04-01', NULL, 'test')$$,
    $$SELECT care.record_interest_policy('E08000016', '2025-04-01', NULL, 'test')$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 2.66, 'test')$$,
    $$SELECT care.record_interest_policy('E06000065', 'infinity', 1, 'test')$$,
    $$SELECT care.record_interest_policy('E06000061', '2015-04-01', 1, 'test')$$]) AS s;
SELECT left(care_test.refused(s), 5), s FROM unnest(ARRAY[
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', -0.0001, 'test')$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 1.00001, 'test')$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 'NaN', 'test')$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 1, NULL)$$,
    $$SELECT care.record_interest_policy('E06000065', NULL, 1, 'test')$$]) AS s;
-- words that are not known are 22023 or a broken rule, and never taken
SELECT left(care_test.refused(s), 5) IN ('22023', '23514', '22004', '23502') FROM unnest(ARRAY[
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 1, 'test', 'act/360')$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 1, 'test', NULL)$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 1, 'test', 'act/act', 'hourly')$$,
    $$SELECT care.record_interest_policy('E06000065', '2015-04-01', 1, 'test', 'act/act', NULL)$$]) AS s;
SELECT count(*) FROM care.interest_policy WHERE authority = 'E06000065';
-- opening
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.open_agreement('E07000001', 'X', 'person 99', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement(NULL, 'X', 'person 99', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement('E08000016', 'X', 'person 99', '2025-04-01', '2025-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'A', 'person 99', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000065', 'X', 'person 99', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'X', 'person 99', '2015-03-31', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'X', 'person 99', NULL, '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'X', 'person 99', '2015-04-01', NULL)$$,
    $$SELECT care.open_agreement('E06000061', 'X', 'person 99', 'infinity', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'X', 'person 99', '2015-04-01', '-infinity')$$]) AS s;
SELECT left(care_test.refused(s), 5), s FROM unnest(ARRAY[
    $$SELECT care.open_agreement('E06000061', '', 'person 99', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', NULL, 'person 99', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'X', '', '2015-04-01', '2015-04-01')$$,
    $$SELECT care.open_agreement('E06000061', 'X', NULL, '2015-04-01', '2015-04-01')$$]) AS s;
SELECT count(*) FROM care.person WHERE reference = 'person 99';
-- valuations
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_valuation(999999, '2020-01-01', 1)$$,
    $$SELECT care.record_valuation(NULL, '2020-01-01', 1)$$, $$SELECT care.record_valuation(1, NULL, 1)$$,
    $$SELECT care.record_valuation(1, 'infinity', 1)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', NULL)$$, $$SELECT care.record_valuation(1, '2020-01-01', -0.01)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 0.001)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 10000000000)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 'NaN')$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, 0)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, 1.00000001)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, 50)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, NULL)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, 'NaN')$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, 1, -1)$$,
    $$SELECT care.record_valuation(1, '2020-01-01', 1, 1, NULL)$$]) AS s;
SELECT left(care_test.refused($$SELECT care.record_valuation(1, '2020-01-01', 1, 0.333333333)$$), 5);
-- deferring: an agreement, a kind, an amount, a day on which it is signed and secured, a valuation
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.defer(999999, '2020-01-01', 'care_fees', 1)$$,
    $$SELECT care.defer(NULL, '2020-01-01', 'care_fees', 1)$$, $$SELECT care.defer(1, '2020-01-01', 'payment', 1)$$,
    $$SELECT care.defer(1, '2020-01-01', 'interest', 1)$$, $$SELECT care.defer(1, '2020-01-01', NULL, 1)$$,
    $$SELECT care.defer(1, '2020-01-01', 'care_fees', NULL)$$, $$SELECT care.defer(1, '2020-01-01', 'care_fees', 0)$$,
    $$SELECT care.defer(1, '2020-01-01', 'care_fees', -535)$$,
    $$SELECT care.defer(1, '2020-01-01', 'care_fees', 0.005)$$,
    $$SELECT care.defer(1, '2020-01-01', 'care_fees', 0.015)$$,
    $$SELECT care.defer(1, '2020-01-01', 'care_fees', 'NaN')$$,
    $$SELECT care.defer(1, '2020-01-01', 'administration_charge', 'Infinity')$$,
    $$SELECT care.defer(1, '2020-01-01', 'administration_charge', 10000000000)$$,
    $$SELECT care.defer(1, '2015-04-05', 'care_fees', 1)$$,
    $$SELECT care.defer(1, '2015-04-05', 'administration_charge', 1)$$,
    $$SELECT care.defer(1, '2019-12-01', 'care_fees', 134250.01)$$]) AS s;
SELECT left(care_test.refused(s), 5) IN ('22004', '22023', '55000')
FROM unnest(ARRAY[$$SELECT care.defer(1, NULL, 'care_fees', 1)$$, $$SELECT care.defer(1, 'infinity', 'care_fees', 1)$$]) AS s;
SELECT regexp_replace(care_test.refused(format('SELECT care.defer(%s, %L, %L, 1)', :s, '2021-06-01', 'care_fees')),
    'agreement \d+', 'agreement N');
-- paying
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_payment(999999, '2018-01-01', 1)$$, $$SELECT care.record_payment(NULL, '2018-01-01', 1)$$,
    $$SELECT care.record_payment(1, '2018-01-01', NULL)$$, $$SELECT care.record_payment(1, '2018-01-01', 0)$$,
    $$SELECT care.record_payment(1, '2018-01-01', -1)$$,
    $$SELECT care.record_payment(1, '2018-01-01', 1.005)$$, $$SELECT care.record_payment(1, '2018-01-01', 'NaN')$$,
    $$SELECT care.record_payment(1, '2018-01-01', 'Infinity')$$, $$SELECT care.record_payment(1, '2015-04-05', 1)$$,
    $$SELECT care.record_payment(1, '2019-10-02', 0.01)$$]) AS s;
SELECT left(care_test.refused(s), 5) FROM unnest(ARRAY[$$SELECT care.record_payment(1, NULL, 1)$$,
    $$SELECT care.record_payment(1, 'infinity', 1)$$]) AS s;
-- asking
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.redemption_figure(999999, '2018-01-01')$$, $$SELECT care.redemption_figure(NULL, '2018-01-01')$$,
    $$SELECT care.redemption_figure(1, NULL)$$, $$SELECT care.redemption_figure(1, 'infinity')$$,
    $$SELECT * FROM care.interest_working(999999, '2018-01-01', '2018-01-02')$$,
    $$SELECT * FROM care.interest_working(1, '2018-01-02', '2018-01-01')$$,
    $$SELECT * FROM care.interest_working(1, NULL, '2018-01-01')$$,
    $$SELECT * FROM care.interest_working(1, '2018-01-01', NULL)$$,
    $$SELECT * FROM care.interest_working(1, '-infinity', '2018-01-01')$$,
    $$SELECT * FROM care.interest_working(1, '2018-01-01', 'infinity')$$,
    $$SELECT * FROM care.agreement_position('infinity')$$]) AS s;
SELECT left(care_test.refused('SELECT * FROM care.agreement_position(NULL)'), 5);
-- an entry that could not be worked out is not taken in, or does not stop the others: from before there were rates
SAVEPOINT one;
SELECT care.record_interest_policy('E06000065', '2014-01-01', 0, 'test');
SELECT care.open_agreement('E06000065', 'early', 'person 6', '2014-04-01', '2014-04-01') AS early \gset
SELECT care_test.refused(format('SELECT care.defer(%s, %L, %L, 100)', :early, '2014-06-01', 'administration_charge')) <> 'NOT REFUSED'
    OR care_test.refused('CREATE TEMP TABLE everyone AS SELECT * FROM care.agreement_position(''2016-12-31'')') = 'NOT REFUSED';
ROLLBACK TO one;
-- none of that left anything behind
SELECT count(*) = :entries FROM care.agreement_entry;
-- facts are never changed or removed
SET LOCAL client_min_messages = warning;
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE care.interest_policy SET rate = 0',
    'DELETE FROM care.interest_policy', 'TRUNCATE care.interest_policy',
    'UPDATE care.agreement SET secured_on = signed_on', 'DELETE FROM care.agreement',
    'TRUNCATE care.agreement CASCADE',
    'UPDATE care.valuation SET amount = 1', 'DELETE FROM care.valuation', 'TRUNCATE care.valuation',
    'UPDATE care.agreement_entry SET amount = 1', 'DELETE FROM care.agreement_entry',
    'TRUNCATE care.agreement_entry']) AS s;
ROLLBACK;
SELECT count(*) FROM care.agreement;
