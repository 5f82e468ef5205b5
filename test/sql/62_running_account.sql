--
-- 62_running_account: an agreement is one running account: money held, settlements to the penny, corrections after
-- money has moved, after the end and after the release of the charge.
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
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.agreement_entry ALTER COLUMN entry_id RESTART WITH 1;
ALTER TABLE care.agreement_event ALTER COLUMN event_id RESTART WITH 1;
-- E06000061 charges no interest, E06000062 the national maximum
SELECT care_test.confirm_rates();
SELECT care.record_interest_policy('E06000061', '2015-04-01', 0, 'none'),
       care.record_interest_policy('E06000062', '2015-04-01', NULL, 'the maximum') \g /dev/null
-- an agreement signed and secured on a day, with a house of 500,000
CREATE FUNCTION pg_temp.open(name text, day date, authority text DEFAULT 'E06000061') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement(authority, name, 'person of ' || name, day, day);
BEGIN
    PERFORM care.record_valuation(id, day, 500000);
    RETURN id;
END
$$;
CREATE FUNCTION pg_temp.stands(agreement bigint, day date) RETURNS TABLE (interest numeric, balance numeric, held numeric) LANGUAGE sql AS $$
    SELECT interest, balance, held FROM care.agreement_position(day) WHERE agreement_id = agreement
$$;

--
-- Money that was never received cannot be refunded.
--
SELECT pg_temp.open('cheque', '2024-01-01') AS a \gset
SELECT care.bring_in_debt(:a, '2024-01-01', 8800, 'owed before') > 0 AS owed;
SELECT care.record_payment(:a, '2024-02-01', 9100, 'a cheque', take_credit => true) AS cheque \gset
SELECT * FROM pg_temp.stands(:a, '2024-02-01');
SELECT held FROM care.refund_due('2024-02-01') WHERE agreement_id = :a;
SELECT care.reverse_entry(:a, :cheque, 'the cheque bounced') > 0 AS reversed;
SELECT * FROM pg_temp.stands(:a, '2024-02-01');
SELECT care_test.refused(format('SELECT care.record_refund(%s, ''2024-02-02'', 300)', :a));
-- a refund of 100, the reversal and the payment recorded anew, in every order in which each can be
SELECT care.record_payment(:a, '2024-03-01', 9100, 'recorded anew', take_credit => true) > 0 AS anew;
SELECT care.record_refund(:a, '2024-03-02', 100) > 0 AS refunded;
SELECT * FROM pg_temp.stands(:a, '2024-03-02');
SELECT pg_temp.open('cheque 2', '2024-01-01') AS a \gset
SELECT care.bring_in_debt(:a, '2024-01-01', 8800, 'owed before') > 0 AS owed;
SELECT care.record_payment(:a, '2024-02-01', 9100, 'a cheque', take_credit => true) AS cheque \gset
SELECT care_test.refused(format('SELECT care.record_refund(%s, ''2024-02-02'', 300.01)', :a));
SELECT care_test.refused(format('SELECT care.record_refund(%s, ''2024-01-31'', 1)', :a));
SELECT care.record_refund(:a, '2024-02-02', 100) > 0 AS refunded;
SELECT care.reverse_entry(:a, :cheque, 'the cheque bounced') > 0 AS reversed;
SELECT * FROM pg_temp.stands(:a, '2024-02-02');
SELECT care.record_payment(:a, '2024-02-01', 9100, 'it was paid in again', take_credit => true) > 0 AS anew;
SELECT * FROM pg_temp.stands(:a, '2024-02-01');
SELECT * FROM pg_temp.stands(:a, '2024-02-02');
-- held, it meets the next fees
SELECT care.defer(:a, '2024-03-01', 'care_fees', 150) > 0 AS fees;
SELECT * FROM pg_temp.stands(:a, '2024-03-01');
SELECT care.defer(:a, '2024-03-02', 'care_fees', 150) > 0 AS fees;
SELECT * FROM pg_temp.stands(:a, '2024-03-02');

--
-- A rate that is corrected after the debt was repaid.
--
SELECT pg_temp.open('overcharged', '2022-01-01', 'E06000062') AS a \gset
SELECT care.bring_in_debt(:a, '2022-01-01', 100000, 'owed before') > 0 AS owed;
SELECT care.record_national_max_rate('2022-01-01', 0.8, 'test', '2021-22', 'too high', corrects => true),
       care.record_national_max_rate('2022-07-01', 1.4, 'test', '2022-23', 'of the test', corrects => true);
SELECT * FROM care.interest_working(:a, '2022-01-01', '2022-07-14');
SELECT care.record_payment(:a, '2022-07-15', care.redemption_figure(:a, '2022-07-15')) > 0 AS redeemed;
SELECT care.end_agreement(:a, '2022-07-15', 'repaid'), care.release_charge(:a, '2022-07-20');
SELECT balance, held FROM pg_temp.stands(:a, '2022-07-31');
SELECT clock_timestamp() AS before_correction \gset
SELECT care.record_national_max_rate('2022-01-01', 0.7, 'test', '2021-22', 'as the regulations say', corrects => true);
SELECT * FROM care.interest_working(:a, '2022-01-01', '2022-07-31');
SELECT held FROM care.refund_due('2022-07-31') WHERE agreement_id = :a;

--
-- A deferral that was too much for two years, corrected after lump sums had been paid.
--
SELECT pg_temp.open('too much', '2022-11-07', 'E06000062') AS a \gset
SELECT care.record_deferral(:a, '2022-11-07', 900, 100, 0) AS first \gset
SELECT care.post_deferral(:a, '2024-11-03');
SELECT care.record_payment(:a, '2023-05-15', 15000) > 0, care.record_payment(:a, '2024-05-13', 15000) > 0;
SELECT care.issue_agreement_statement(:a, '2024-11-03') > 0 AS issued;
SELECT care.record_deferral(:a, '2022-11-07', 300, 100, 0, supersedes => :first) > 0 AS superseded;
SELECT care.post_deferral(:a, '2024-11-03');
SELECT deferred, payments, interest, balance, held FROM care.agreement_position('2024-11-03') WHERE agreement_id = :a;
-- a statement says so in one line for all its weeks
SELECT care.issue_agreement_statement(:a, '2024-11-30') AS statement \gset
SELECT line, what, from_day, to_day, amount FROM care.agreement_statement_line WHERE statement_id = :statement ORDER BY line;
SELECT balance, held, redemption_figure FROM care.agreement_statement WHERE statement_id = :statement;

--
-- Part of a debt is credited, waived or written off.
--
SELECT pg_temp.open('remedy', '2024-01-01') AS a \gset
SELECT care.bring_in_debt(:a, '2024-01-01', 42345.27, 'owed before') > 0 AS owed;
SELECT care_test.refused(format(s, :a)) FROM unnest(ARRAY[
    $$SELECT care.record_credit(%s, '2024-02-01', 185, '', 'head of service')$$,
    $$SELECT care.record_credit(%s, '2024-02-01', 185, 'a remedy', NULL)$$,
    $$SELECT care.record_credit(%s, '2024-02-01', 0, 'a remedy', 'head of service')$$,
    $$SELECT care.record_credit(%s, '2023-12-31', 1, 'a remedy', 'head of service')$$,
    $$SELECT care.record_credit(%s, '2024-02-01', 1, 'a remedy', 'head of service', 'payment')$$,
    $$SELECT care.write_off(%s, '2024-02-01', 'attempted', 'too old', '', 1)$$,
    $$SELECT care.write_off(%s, '2024-02-01', 'attempted', 'too old', 'head of service', 42345.28)$$,
    $$SELECT care.write_off(%s, '2024-02-01', 'attempted', 'too old', 'head of service', 0)$$]) AS s;
SAVEPOINT before_part;
SELECT care.record_credit(:a, '2024-02-01', 185, 'a remedy', 'head of service') > 0 AS credited;
SELECT balance, payments, credited, written_off FROM care.agreement_position('2024-02-01') WHERE agreement_id = :a;
ROLLBACK TO before_part;
SELECT care.record_credit(:a, '2024-02-01', 185, 'a fee not due', 'head of service', 'waiver') > 0 AS waived;
SELECT balance, payments, credited, written_off FROM care.agreement_position('2024-02-01') WHERE agreement_id = :a;
ROLLBACK TO before_part;
SELECT care.write_off(:a, '2024-02-01', 'attempted', 'too old', 'head of service', 185) AS written_off;
SELECT balance, payments, credited, written_off FROM care.agreement_position('2024-02-01') WHERE agreement_id = :a;
-- the rest is paid: a part was written off, or no more than a small rest
SELECT care.record_payment(:a, '2024-03-01', 42160.27) > 0 AS paid;
SELECT closed_by, recovery, written_off FROM care.dpa_agreement('E06000061', '2023-04-01', '2024-03-31') WHERE agreement_id = :a;
SELECT care.record_setting('E06000061', 'small_rest', '184.99');
SELECT closed_by FROM care.dpa_agreement('E06000061', '2023-04-01', '2024-03-31') WHERE agreement_id = :a;
SELECT care.record_setting('E06000061', 'small_rest', '185');
SELECT closed_by FROM care.dpa_agreement('E06000061', '2023-04-01', '2024-03-31') WHERE agreement_id = :a;

--
-- The sale collapses; a day was typed wrongly.
--
SELECT pg_temp.open('sale', '2024-01-01') AS a \gset
SELECT care.record_deferral(:a, '2024-01-01', 571, 180) > 0 AS deferral;
SELECT care.end_agreement(:a, '2024-02-05', 'sold');
SELECT care.post_deferral(:a, '2024-02-11');
SELECT event_id AS sale FROM care.agreement_event_in_force WHERE agreement_id = :a AND kind = 'ended' \gset
SELECT care_test.refused(format(s, :a, :sale)) FROM unnest(ARRAY[
    $$SELECT care.withdraw_step(%s, 0, 'x')$$, $$SELECT care.withdraw_step(%s, %s, '')$$]) AS s;
SELECT clock_timestamp() AS before_withdrawal \gset
SELECT care.withdraw_step(:a, :sale, 'the sale collapsed') > 0 AS withdrawn;
SELECT care_test.refused(format('SELECT care.withdraw_step(%s, %s, ''again'')', :a, :sale));
SELECT ended_on FROM care.agreement WHERE agreement_id = :a;
SELECT care.post_deferral(:a, '2024-02-18');
SELECT deferred FROM care.agreement_position('2024-02-18') WHERE agreement_id = :a;
SELECT deferred FROM care.agreement_position('2024-02-18', :'before_withdrawal') WHERE agreement_id = :a;
SELECT state FROM care.agreement_state('2024-02-18') WHERE agreement_id = :a;
SELECT event_id AS signed FROM care.agreement_event_in_force WHERE agreement_id = :a AND kind = 'signed' \gset
SELECT due_on FROM care.agreement_statement_due('2024-07-02') WHERE agreement_id = :a;
SELECT care_test.refused(format($$SELECT care.correct_step(%s, %s, '2023-12-31', 'typed wrongly')$$, :a, :signed));
SELECT care.correct_step(:a, :signed, '2024-01-02', 'typed wrongly') > 0 AS corrected;
SELECT signed_on FROM care.agreement WHERE agreement_id = :a;
SELECT due_on FROM care.agreement_statement_due('2024-07-01') WHERE agreement_id = :a;
SELECT due_on FROM care.agreement_statement_due('2024-07-02') WHERE agreement_id = :a;
SELECT on_day, kind, because FROM care.agreement_step_to_check WHERE agreement_id = :a;
-- what no longer fits is listed
SELECT care.defer(:a, '2024-01-20', 'care_fees', 5) > 0 AS fees;
SELECT event_id AS signed FROM care.agreement_event_in_force WHERE agreement_id = :a AND kind = 'signed' \gset
SELECT event_id AS offered FROM care.agreement_event_in_force WHERE agreement_id = :a AND kind = 'offered' \gset
SELECT care.correct_step(:a, :signed, '2024-02-01', 'typed wrongly') > 0 AS corrected;
SELECT care.withdraw_step(:a, :offered, 'it was of another') > 0 AS withdrawn;
SELECT on_day, kind, because FROM care.agreement_step_to_check WHERE agreement_id = :a ORDER BY on_day, kind;

--
-- A released charge does not close the account.
--
SELECT pg_temp.open('released', '2020-01-01', 'E06000062') AS a \gset
SELECT care.defer(:a, '2020-01-01', 'administration_charge', 1000, 'never due') AS wrong \gset
SELECT care.bring_in_debt(:a, '2020-01-01', 20000, 'owed before') > 0 AS owed;
SELECT care.redemption_figure(:a, '2022-01-01') AS figure \gset
SELECT care.record_payment(:a, '2022-01-01', :figure) > 0 AS redeemed;
SELECT care.end_agreement(:a, '2022-01-01', 'repaid'), care.release_charge(:a, '2022-01-05');
SELECT state FROM care.agreement_state('2022-02-01') WHERE agreement_id = :a;
SELECT care.reverse_entry(:a, :wrong, 'never due') > 0 AS reversed;
SELECT balance, held, round(1000 * care.growth(r.rates, 'act/act', 'daily', '2020-01-01', '2021-12-31'), 2) - held AS less_than_a_penny
FROM pg_temp.stands(:a, '2022-02-01'), care.effective_rate AS r WHERE r.authority = 'E06000062';
SELECT held AS held FROM care.refund_due('2022-02-01') WHERE agreement_id = :a \gset
SELECT care_internal.agreement_obstacle(:a);
SELECT care.record_refund(:a, '2022-02-01', :held) > 0 AS refunded;
SELECT balance, held, refunded = :held AS refunded FROM care.agreement_position('2022-02-01') WHERE agreement_id = :a;
SELECT care_internal.agreement_obstacle(:a), (SELECT count(*) FROM care.refund_due('2022-02-01') WHERE agreement_id = :a) AS due;
-- and a fee of its days found to have been forgotten is owed again
SELECT care.defer(:a, '2021-12-31', 'care_fees', 10) > 0 AS forgotten;
SELECT care_test.refused(format($$SELECT care.defer(%s, '2022-01-05', 'care_fees', 10)$$, :a));
SELECT released_on, balance FROM care.owed_again('2021-12-31') WHERE agreement_id = :a;
SELECT released_on, balance FROM care.owed_again('2022-02-01') WHERE agreement_id = :a;
SELECT state FROM care.agreement_state('2022-02-01') WHERE agreement_id = :a;

--
-- The laws: paying the redemption figure, a penny more; the order of recording; a fact and its correction.
--
CREATE FUNCTION pg_temp.orders(seed integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    id bigint;
    entry record;
    key bigint;
    stood text;
    first text;
BEGIN
    FOR n IN 1 .. 4 LOOP
        id := pg_temp.open(format('order %s %s', seed, n), '2021-01-01', 'E06000062');
        FOR entry IN SELECT v.* FROM (VALUES ('2021-01-01'::date, 1000.00), ('2021-02-01', -1500.00), ('2021-02-01', 700.37), ('2021-06-01', 20.00),
                                             ('2021-09-01', -350.00), ('2022-03-01', 77.77)) AS v (day, amount)
                     ORDER BY md5(format('%s %s %s', seed, n, v)) LOOP
            IF entry.amount > 0 THEN
                PERFORM care.defer(id, entry.day, 'administration_charge', entry.amount);
            ELSE
                key := care.record_payment(id, entry.day, -entry.amount, 'x', take_credit => true);
            END IF;
            -- something else, and its correction
            IF n % 2 = 0 THEN
                PERFORM care.reverse_entry(id, care.defer(id, entry.day, 'administration_charge', 123.45), 'not so');
            END IF;
        END LOOP;
        SELECT string_agg(format('%s %s %s %s', d.day, p.interest, p.balance, p.held), '; ' ORDER BY d.day) INTO stood
        FROM unnest(ARRAY['2021-01-31', '2021-02-01', '2021-07-01', '2022-12-31']::date[]) AS d (day), pg_temp.stands(id, d.day) AS p;
        first := coalesce(first, stood);
        IF stood <> first THEN
            RETURN first || ' but ' || stood;
        END IF;
    END LOOP;
    RETURN first;
END
$$;
SELECT DISTINCT pg_temp.orders(n) FROM generate_series(1, 3) AS n;
SELECT bool_and(balance = 0 AND held = more) AS repaid
FROM (SELECT pg_temp.open(format('pay %s', n), '2021-01-01', 'E06000062') AS id, n * 0.01 AS more FROM generate_series(0, 3) AS n OFFSET 0) AS x,
    LATERAL (SELECT care.bring_in_debt(x.id, '2021-01-01', 31234.56, 'x') OFFSET 0) AS e (b),
    LATERAL (SELECT care.record_payment(x.id, '2021-11-11', care.redemption_figure(x.id, '2021-11-11') + x.more + 0 * e.b, take_credit => true) OFFSET 0) AS p (c),
    LATERAL pg_temp.stands(x.id, '2021-11-11') WHERE p.c > 0;
ROLLBACK;
