--
-- 62_ledger: the tariff of charges, corrections by reversal, credits, backdated entries, and interest that
-- is paid separately (R2, R3, R9).
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
ALTER TABLE care.agreement_invoice ALTER COLUMN invoice_id RESTART WITH 1;
-- an agreement signed and secured on a day, with a house of 200,000
CREATE FUNCTION pg_temp.open(name text, day date, authority text DEFAULT 'E06000061') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement(authority, name, 'person of ' || name, day, day);
BEGIN
    PERFORM care.record_valuation(id, day, 200000);
    RETURN id;
END
$$;
-- what is owed at the close of a day
CREATE FUNCTION pg_temp.owed(agreement bigint, day date) RETURNS numeric LANGUAGE sql AS $$
    SELECT balance FROM care.agreement_position(day) WHERE agreement_id = agreement
$$;
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(command), '(agreement|entry) \d+', '\1 N', 'g')
$$;

--
-- The tariff (R3).
--
SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'a decision of the test');
SELECT pg_temp.open('T', '2019-01-01') AS t \gset
-- without a tariff a charge is what it is said to be; with one it names its line or has evidence
SELECT care.defer(:t, '2019-01-01', 'administration_charge', 1) > 0 AS free;
SELECT count(*) AS tariff FROM care.fee_tariff_on('E06000061', '2019-01-01');
SELECT count(care.record_fee_tariff('E06000061', line, valid_from, basis, amount, 'fees of the test')) AS recorded
FROM (VALUES ('setting up', '2019-01-01'::date, 'one_off', 450), ('setting up', '2020-01-01', 'one_off', 500), ('yearly', '2019-01-01', 'yearly', 60),
             ('weekly', '2019-01-01', 'weekly', 2.5), ('letter', '2019-01-01', 'per_event', 12.50), ('valuation', '2019-01-01', 'at_cost', NULL),
             ('free', '2019-01-01', 'per_event', 0)) AS v (line, valid_from, basis, amount);
SELECT line, basis, amount FROM care.fee_tariff_on('E06000061', '2019-12-31') ORDER BY line;
SELECT amount AS from_2020 FROM care.fee_tariff_on('E06000061', '2020-01-01') WHERE line = 'setting up';
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_fee_tariff('E06000061', 'x', '2019-01-01', 'monthly', 1, 'test')$$,
    $$SELECT care.record_fee_tariff('E06000061', 'x', '2019-01-01', 'at_cost', 1, 'test')$$,
    $$SELECT care.record_fee_tariff('E06000061', 'x', '2019-01-01', 'one_off', NULL, 'test')$$,
    $$SELECT care.record_fee_tariff('E06000061', 'x', '2019-01-01', 'one_off', -1, 'test')$$,
    $$SELECT care.record_fee_tariff('E06000061', '', '2019-01-01', 'one_off', 1, 'test')$$,
    $$SELECT care.record_fee_tariff('E06000061', 'x', '2019-01-01', 'one_off', 1, '')$$,
    $$SELECT care.record_fee_tariff('E99999999', 'x', '2019-01-01', 'one_off', 1, 'test')$$,
    $$UPDATE care.fee_tariff SET amount = 1$$, $$DELETE FROM care.fee_tariff$$]) AS s;
SELECT pg_temp.refused(format(s, :t)) FROM unnest(ARRAY[
    $$SELECT care.defer(%s, '2019-01-02', 'administration_charge', 10)$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'survey')$$,
    $$SELECT care.record_charge(%s, '2018-12-31', 'setting up')$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'setting up', 2)$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'setting up', cost => 449.99)$$,
    $$SELECT care.defer(%s, '2019-01-02', 'administration_charge', 500, tariff => 'setting up')$$,
    $$SELECT care.defer(%s, '2019-01-02', 'administration_charge', 12.51, tariff => 'letter')$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'letter', 0)$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'letter', -1)$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'letter', NULL)$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'valuation', cost => 85.5)$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'valuation', cost => 85.5, evidence => '')$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'valuation', evidence => 'invoice 7')$$,
    $$SELECT care.record_charge(%s, '2019-01-02', 'free')$$,
    $$SELECT care.record_charge(%s, NULL, 'letter')$$]) AS s;
SELECT entry_id > 0 AS deferred, invoice_id FROM care.record_charge(:t, '2019-01-02', 'setting up');
SELECT entry_id > 0 AS three_letters FROM care.record_charge(:t, '2019-01-02', 'letter', 3);
SELECT entry_id > 0 AS at_cost FROM care.record_charge(:t, '2019-01-02', 'valuation', cost => 85.5, evidence => 'invoice 7');
SELECT care.defer(:t, '2019-01-02', 'administration_charge', 33, 'one by itself', evidence => 'invoice 8') > 0 AS with_evidence;
SELECT entry_id > 0 AS yearly FROM care.record_charge(:t, '2019-03-01', 'yearly');
-- once, and once in twelve months, on both sides
SELECT pg_temp.refused(format(s, :t)) FROM unnest(ARRAY[
    $$SELECT care.record_charge(%s, '2020-06-01', 'setting up')$$,
    $$SELECT care.record_charge(%s, '2019-03-01', 'yearly')$$,
    $$SELECT care.record_charge(%s, '2020-02-29', 'yearly')$$]) AS s;
SELECT entry_id AS next_year FROM care.record_charge(:t, '2020-03-01', 'yearly') \gset
SELECT left(pg_temp.refused(format($$SELECT care.record_charge(%s, '2019-03-02', 'yearly')$$, :t)), 5) AS between;
-- one that was reversed may be made again
SELECT care.reverse_entry(:t, :next_year, 'wrong day') > 0 AS reversed;
SELECT entry_id > 0 AS again FROM care.record_charge(:t, '2020-03-05', 'yearly');
SELECT on_day, amount, tariff, evidence, note, reverses IS NOT NULL AS reversal FROM care.agreement_entry WHERE agreement_id = :t ORDER BY entry_id;
-- charges that the person pays separately are invoiced and bear no interest
SELECT care.pay_charges_separately(:t, '2020-06-01') > 0 AS separate;
SELECT entry_id IS NOT NULL AS deferred, invoice_id IS NOT NULL AS invoiced FROM unnest('{2020-05-31, 2020-06-01}'::date[]) AS d, care.record_charge(:t, d, 'letter');
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2020-06-01', 'administration_charge', 12.50, tariff => 'letter')$$, :t));
SELECT on_day, kind, amount, tariff FROM care.agreement_invoice WHERE agreement_id = :t;
-- the year and the one time count over both
SELECT invoice_id > 0 AS invoiced FROM care.record_charge(:t, '2021-03-05', 'yearly');
SELECT left(pg_temp.refused(format($$SELECT care.record_charge(%s, %L, 'yearly')$$, :t, d)), 5) FROM unnest('{2021-03-04, 2021-03-06, 2022-03-04}'::date[]) AS d;
SELECT left(pg_temp.refused(format($$SELECT care.record_charge(%s, '2021-06-01', 'setting up')$$, :t)), 5) AS setting_up;
SELECT care.pay_charges_separately(:t, '2022-01-01', false) > 0 AS deferred_again;
SELECT entry_id IS NOT NULL AS deferred FROM care.record_charge(:t, '2022-03-05', 'yearly');
-- twelve months after one and before another, to the day
SELECT entry_id IS NOT NULL AS later FROM care.record_charge(:t, '2024-03-05', 'yearly');
SELECT entry_id IS NOT NULL AS between FROM care.record_charge(:t, '2023-03-05', 'yearly');
SELECT pg_temp.refused(format($$SELECT care.pay_charges_separately(%s, '2022-06-01', false)$$, :t));

--
-- Entries and their reversal: as if each had never been, to the penny, whatever the terms.
--
SELECT care.record_interest_policy('E06000062', '2015-04-01', NULL, 'test', 'act/365f', 'quarterly');
SELECT pg_temp.open('R', '2019-01-01') AS r, pg_temp.open('Q', '2019-01-01', 'E06000062') AS q \gset
SELECT care.bring_in_debt(x, '2019-01-10', 5000, 'deferred before') > 0 AS opening, care.defer(x, '2019-02-01', 'care_fees', 3000.33) > 0 AS fees
FROM unnest(ARRAY[:r, :q]) AS x;
SELECT x, pg_temp.owed(x, '2019-12-31') AS close, pg_temp.owed(x, '2020-06-15') AS later, care.redemption_figure(x, '2020-01-15') AS figure
INTO TEMP plain FROM unnest(ARRAY[:r, :q]) AS x;
SELECT close, later, figure FROM plain ORDER BY x;
SELECT round(5000 * care.growth(n, 'act/act', 'daily', '2019-01-10', '2020-06-15') + 3000.33 * care.growth(n, 'act/act', 'daily', '2019-02-01', '2020-06-15'), 2)
       = pg_temp.owed(:r, '2020-06-15') AS daily_by_hand,
       round(5000 * care.growth(n, 'act/365f', 'quarterly', '2019-01-10', '2020-06-15') + 3000.33 * care.growth(n, 'act/365f', 'quarterly', '2019-02-01', '2020-06-15'), 2)
       = pg_temp.owed(:q, '2020-06-15') AS quarterly_by_hand
FROM care.national_max_rates() AS n;
-- each kind of entry, made and taken back, also when it is backdated
CREATE FUNCTION pg_temp.there_and_back(agreement bigint, command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    key bigint;
    moved boolean;
BEGIN
    EXECUTE format(command, agreement);
    SELECT max(entry_id) INTO key FROM care.agreement_entry WHERE agreement_id = agreement;
    moved := pg_temp.owed(agreement, '2019-12-31') <> (SELECT close FROM plain WHERE x = agreement);
    PERFORM care.reverse_entry(agreement, key, 'test');
    RETURN format('moved %s, back %s', moved,
                  (SELECT (p.close, p.later, p.figure) = (pg_temp.owed(agreement, '2019-12-31'), pg_temp.owed(agreement, '2020-06-15'),
                                                          care.redemption_figure(agreement, '2020-01-15'))
                   FROM plain AS p WHERE p.x = agreement));
END
$$;
SELECT what, pg_temp.there_and_back(:r, command) AS daily, pg_temp.there_and_back(:q, command) AS quarterly
FROM (VALUES (1, 'care fees', $$SELECT care.defer(%s, '2019-03-03', 'care_fees', 700.07)$$),
    (2, 'charge', $$SELECT care.defer(%s, '2019-03-04', 'administration_charge', 77.77, evidence => 'e')$$),
    (3, 'opening balance', $$SELECT care.bring_in_debt(%s, '2019-01-02', 1234.56, 'more')$$),
    (4, 'payment', $$SELECT care.record_payment(%s, '2019-05-05', 4444.44)$$),
    (5, 'write-off', $$SELECT care.write_off(%s, '2019-09-09', 'attempted', 'test', 'head of service')$$),
    (6, 'redemption', $$SELECT care.record_payment(%s, '2019-08-08', care.redemption_figure(%1$s, '2019-08-08'))$$),
    (7, 'redemption, backdated', $$SELECT care.record_payment(%s, '2019-03-01', care.redemption_figure(%1$s, '2019-03-01'))$$)) AS v (n, what, command)
ORDER BY n;
-- each reversal names what it takes back, is on its day, and says why
SELECT bool_and(e.on_day = o.on_day AND e.amount = -o.amount AND e.kind = o.kind AND e.note = 'test') AS as_the_original, count(*)
FROM care.agreement_entry AS e JOIN care.agreement_entry AS o ON o.agreement_id = e.agreement_id AND o.entry_id = e.reverses WHERE e.agreement_id IN (:r, :q);
-- once; not a reversal; not another's; with a reason
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
    format('SELECT care.reverse_entry(%s, %s, %L)', :r, (SELECT max(reverses) FROM care.agreement_entry WHERE agreement_id = :r), 'again'),
    format('SELECT care.reverse_entry(%s, %s, %L)', :r, (SELECT max(entry_id) FROM care.agreement_entry WHERE agreement_id = :r), 'back'),
    format('SELECT care.reverse_entry(%s, %s, %L)', :r, (SELECT min(entry_id) FROM care.agreement_entry WHERE agreement_id = :q), 'other'),
    format('SELECT care.reverse_entry(%s, %s, %L)', :r, (SELECT min(entry_id) FROM care.agreement_entry WHERE agreement_id = :r), ''),
    format('SELECT care.reverse_entry(%s, NULL, %L)', :r, 'none')]) AS s;
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE care.agreement_entry SET amount = 1', 'DELETE FROM care.agreement_entry',
    'DELETE FROM care.agreement_invoice']) AS s;
-- what a redemption paid for is reversed before it or after it
SELECT care.record_payment(:r, '2019-08-08', care.redemption_figure(:r, '2019-08-08')) AS redeemed \gset
SAVEPOINT redeemed;
SELECT care.reverse_entry(:r, (SELECT min(entry_id) FROM care.agreement_entry WHERE agreement_id = :r), 'test') > 0 AS reversed;
SELECT balance, held > 0 AS held FROM care.agreement_position('2019-12-31') WHERE agreement_id = :r;
ROLLBACK TO redeemed;
SELECT care.reverse_entry(:r, :redeemed, 'cheque returned') > 0 AS reversed;
SELECT pg_temp.owed(:r, '2019-12-31') = close AS as_if_never_paid FROM plain WHERE x = :r;
-- fees that a payment of the same day has paid are taken back: what was paid is held; and they are due after all
SELECT pg_temp.open('S', '2019-01-01') AS s \gset
SELECT care.defer(:s, '2019-02-01', 'care_fees', 1000) AS first, care.defer(:s, '2019-02-01', 'care_fees', 500) AS second \gset
SELECT care.record_payment(:s, '2019-02-01', 1200) > 0 AS paid;
SELECT pg_temp.refused(format('SELECT care.reinstate_entry(%s, %s, %L)', :s, :first, 'test'));
SELECT care.reverse_entry(:s, :first, 'test') > 0 AS reversed;
SELECT balance, held FROM care.agreement_position('2019-02-01') WHERE agreement_id = :s;
SELECT care.reverse_entry(:s, :second, 'test') > 0 AS reversed;
SELECT balance, held FROM care.agreement_position('2019-02-01') WHERE agreement_id = :s;
SELECT pg_temp.refused(format('SELECT care.reinstate_entry(%s, %s, %L)', :s, :first, ''));
SELECT care.reinstate_entry(:s, :first, 'due after all') > 0 AND care.reinstate_entry(:s, :second, 'due after all') > 0 AS reinstated;
SELECT pg_temp.owed(:s, '2019-02-01') AS owed;

--
-- A payment above the figure, and its refund.
--
SELECT pg_temp.open('C', '2019-01-01') AS c \gset
SELECT care.defer(:c, '2019-02-01', 'care_fees', 1000) > 0 AS fees;
SELECT care.redemption_figure(:c, '2019-05-01') AS figure \gset
SELECT :figure AS figure;
SELECT pg_temp.refused(format('SELECT care.record_payment(%s, %L, %s)', :c, '2019-05-01', :figure + 0.01));
SELECT pg_temp.refused(format('SELECT care.record_payment(%s, %L, %s, take_credit => NULL)', :c, '2019-05-01', :figure + 0.01));
SELECT held, balance FROM care.agreement_position('2019-05-01') WHERE agreement_id = :c;
SELECT care.record_payment(:c, '2019-05-01', :figure + 25.01, 'from the sale', take_credit => true) > 0 AS paid;
SELECT held, balance, pg_temp.owed(:c, '2025-05-01') AS years_later, payments
FROM care.agreement_position('2019-05-01') WHERE agreement_id = :c;
-- what comes in after is held too
SELECT care.record_payment(:c, '2019-05-08', 10, 'standing order', take_credit => true) > 0 AS paid;
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
    format('SELECT care.record_refund(%s, %L, 35.02)', :c, '2019-06-01'), format('SELECT care.record_refund(%s, %L, 0)', :c, '2019-06-01'),
    format('SELECT care.record_refund(%s, %L, -5)', :c, '2019-06-01'), format('SELECT care.record_refund(%s, NULL, 5)', :c)]) AS s;
SELECT care.record_refund(:c, '2019-06-01', 30) > 0 AS refunded;
SELECT held FROM care.refund_due('2019-06-01') WHERE agreement_id = :c;
SELECT pg_temp.refused(format('SELECT care.record_refund(%s, %L, 5.02)', :c, '2019-06-01'));
SELECT care.record_refund(:c, '2019-06-02', 5.01) > 0 AS refunded;
SELECT held, refunded FROM care.agreement_position('2019-06-02') WHERE agreement_id = :c;
SELECT on_day, kind, amount, note FROM care.agreement_entry WHERE agreement_id = :c ORDER BY entry_id;

--
-- Backdated entries recompute: in whatever order entries are made, they come to the same.
--
SELECT pg_temp.open('forward', '2019-01-01') AS f, pg_temp.open('backward', '2019-01-01') AS b \gset
CREATE TEMP TABLE made AS SELECT n, '2019-01-05'::date + 7 * n AS on_day, 100 + n * 1.37 AS amount FROM generate_series(1, 60) AS n;
SELECT count(care.defer(:f, on_day, 'administration_charge', amount, evidence => 'e')) AS forward FROM (SELECT * FROM made ORDER BY n) AS m;
SELECT count(care.defer(:b, on_day, 'administration_charge', amount, evidence => 'e')) AS backward FROM (SELECT * FROM made ORDER BY n DESC) AS m;
SELECT care.record_payment(x, '2019-10-01', 500) > 0 FROM unnest(ARRAY[:f, :b]) AS x;
SELECT bool_and(pg_temp.owed(:f, d) = pg_temp.owed(:b, d)) AS as_one FROM (SELECT '2019-01-01'::date + 30 * n FROM generate_series(0, 40) AS n) AS g (d);

--
-- Interest paid separately.
--
-- 100,000 from 1 February 2019 at 1.65 per cent, act/act, daily
SELECT pg_temp.open('I', '2019-01-01') AS i \gset
SELECT care.defer(:i, '2019-02-01', 'care_fees', 100000) > 0 AS fees;
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
    format('SELECT care.pay_interest_separately(%s, %L, false)', :i, '2019-03-01'),
    format('SELECT care.pay_interest_separately(%s, %L)', :i, '2018-12-31')]) AS s;
SELECT care.pay_interest_separately(:i, '2019-03-01') > 0 AS separate;
-- 28 days compounded become one amount; no entry carries it
SELECT on_day, kind, amount, note FROM care.agreement_entry WHERE agreement_id = :i ORDER BY entry_id;
SELECT balance FROM care.agreement_position('2019-03-01') WHERE agreement_id = :i;
SELECT round(100000 * (1 + 1.65 / 36500) ^ 28, 2) AS by_hand;
SELECT rate, deferred, interest, balance, interest_separate FROM care.agreement_position('2019-03-31') WHERE agreement_id = :i;
SELECT round(100126.65 * 31 * 1.65 / 36500, 2) AS by_hand;
-- fees and a payment on the way: from their own days, none on the interest itself
SELECT care.defer(:i, '2019-04-11', 'care_fees', 7000) > 0 AS fees, care.record_payment(:i, '2019-04-21', 17000) > 0 AS payment;
SELECT balance, interest_separate,
       round(100126.65 * 61 * 1.65 / 36500 + 7000 * 20 * 1.65 / 36500 - 17000 * 10 * 1.65 / 36500, 2) AS by_hand
FROM care.agreement_position('2019-04-30') WHERE agreement_id = :i;
-- invoiced to a day, then the rest; nothing twice, nor to an earlier day
SELECT care.invoice_interest(:i, '2019-03-31') > 0 AS march;
SELECT care.invoice_interest(:i, '2019-03-31') AS nothing_more;
SELECT pg_temp.refused(format('SELECT care.invoice_interest(%s, %L)', :i, '2019-03-30'));
SELECT care.invoice_interest(:i, '2019-04-30') > 0 AS april;
SELECT on_day, amount, sum(amount) OVER (ORDER BY invoice_id) AS to_date FROM care.agreement_invoice WHERE agreement_id = :i ORDER BY invoice_id;
-- a backdated correction is invoiced as the difference of the totals: 1,000 less from 11 April is 20 days at 1.65
SELECT care.reverse_entry(:i, (SELECT entry_id FROM care.agreement_entry WHERE agreement_id = :i AND amount = 7000), 'wrong amount') > 0 AS reversed,
       care.defer(:i, '2019-04-11', 'care_fees', 6000) > 0 AS corrected;
SELECT care.invoice_interest(:i, '2019-04-30') > 0 AS credited;
SELECT amount, sum(amount) OVER (ORDER BY invoice_id) AS to_date,
       round(100126.65 * 61 * 1.65 / 36500 + 6000 * 20 * 1.65 / 36500 - 17000 * 10 * 1.65 / 36500, 2) AS by_hand
FROM care.agreement_invoice WHERE agreement_id = :i ORDER BY invoice_id DESC LIMIT 1;
-- deferred again: interest from that day on what is owed, and none on what was paid separately
SELECT care.pay_interest_separately(:i, '2019-05-01', false) > 0 AS deferred_again;
SELECT balance, interest_separate, round(89126.65 * (1 + 1.65 / 36500) ^ 31, 2) AS by_hand FROM care.agreement_position('2019-05-31') WHERE agreement_id = :i;
SELECT care.redemption_figure(:i, '2019-05-01') AS on_the_day;
SELECT from_day, to_day, rate, opening, entries, interest, closing FROM care.interest_working(:i, '2019-02-01', '2019-05-31');
-- recorded late: fees entered meanwhile for days after it bear separate interest as well
SELECT pg_temp.open('L', '2019-01-01') AS l \gset
SELECT care.defer(:l, '2019-02-01', 'care_fees', 100000) > 0 AND care.defer(:l, '2019-03-15', 'care_fees', 30000) > 0 AS fees;
SELECT care.pay_interest_separately(:l, '2019-03-01') > 0 AS separate;
SELECT interest_separate, round(100126.65 * 31 * 1.65 / 36500 + 30000 * 17 * 1.65 / 36500, 2) AS by_hand FROM care.agreement_position('2019-03-31') WHERE agreement_id = :l;
-- backdated to before it: the interest until then is owed, from then on paid separately
SELECT care.defer(:l, '2019-02-15', 'care_fees', 10000) > 0 AS backdated;
SELECT interest_separate, round(100126.65 * 31 * 1.65 / 36500 + 30000 * 17 * 1.65 / 36500 + 10000 * (1 + 1.65 / 36500) ^ 14 * 31 * 1.65 / 36500, 2) AS by_hand,
       balance, round(100126.65 + 30000 + 10000 * (1 + 1.65 / 36500) ^ 14, 2) AS balance_by_hand
FROM care.agreement_position('2019-03-31') WHERE agreement_id = :l;
-- each capitalisation: what is owed by then is the same, and from then on the interest is simple
CREATE FUNCTION pg_temp.separate(capitalised text) RETURNS TABLE (carried numeric, by_hand numeric, separate numeric, simple numeric, after numeric, resumed numeric)
LANGUAGE plpgsql AS $$
DECLARE
    id bigint;
    n care.schedule := care.national_max_rates();
BEGIN
    PERFORM care.record_interest_policy('E06000063', '2015-04-01', NULL, 'test', 'act/act', separate.capitalised, corrects => true);
    id := pg_temp.open('separate ' || separate.capitalised, '2018-01-10', 'E06000063');
    PERFORM care.defer(id, '2018-01-10', 'care_fees', 54321.09);
    by_hand := round(54321.09 * care.growth(n, 'act/act', separate.capitalised, '2018-01-10', '2018-11-14'), 2);
    PERFORM care.pay_interest_separately(id, '2018-11-15');
    SELECT balance, interest_separate INTO carried, separate.separate FROM care.agreement_position('2019-02-14') WHERE agreement_id = id;
    simple := round(carried * (47 * 1.85 + 45 * 1.65) / 36500, 2);
    PERFORM care.pay_interest_separately(id, '2019-02-15', false);
    SELECT balance INTO after FROM care.agreement_position('2019-08-31') WHERE agreement_id = id;
    resumed := round(carried * care.growth(n, 'act/act', separate.capitalised, '2019-02-15', '2019-08-31'), 2);
    RETURN NEXT;
END
$$;
SELECT c AS capitalised, s.*, carried = by_hand AND separate = simple AND after = resumed AS agrees
FROM unnest('{daily, weekly, monthly, quarterly, half_yearly, yearly, none}'::text[]) AS c, pg_temp.separate(c) AS s;
-- a judgment ends it: simple interest at the court rate is added, and none is paid separately
SELECT pg_temp.open('J', '2019-01-01') AS j \gset
SELECT care.defer(:j, '2019-02-01', 'care_fees', 10000) > 0 AS fees, care.pay_interest_separately(:j, '2019-03-01') > 0 AS separate;
SELECT care.record_judgment(:j, '2019-04-01', 'case 1') AS debt;
SELECT d, balance, interest_separate FROM unnest('{2019-03-31, 2019-04-01, 2019-04-30}'::date[]) AS d, care.agreement_position(d) WHERE agreement_id = :j;
SELECT care.redemption_figure(:j, '2019-04-01') AS debt, round(10012.67 * 31 * 1.65 / 36500, 2) AS separate, round(10012.67 * (1 + 30 * 8 / 36500.0), 2) AS court;
SELECT * FROM care.rate_above_maximum;
SELECT * FROM care.verify();
ROLLBACK;
