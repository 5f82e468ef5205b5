--
-- 68_load: agreements, their steps, valuations, deferrals and entries that are loaded keep what the functions ask
-- for, with the same SQLSTATE and constraint where the function says it.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_ROLLBACK on
\set VERBOSITY terse
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.agreement_entry ALTER COLUMN entry_id RESTART WITH 1;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    broken text;
    detail text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME, detail = PG_EXCEPTION_DETAIL;
    RETURN concat_ws(' ', SQLSTATE, nullif(broken, ''), SQLERRM, '(' || nullif(detail, '') || ')');
END
$$;
CREATE ROLE regress_care_loader;
GRANT USAGE ON SCHEMA care, care_internal TO regress_care_loader;
GRANT INSERT, SELECT ON ALL TABLES IN SCHEMA care TO regress_care_loader;
GRANT EXECUTE ON FUNCTION care_internal.moment, care_internal.recorder, care_internal.checked_actor, care_internal.is_capitalisation TO regress_care_loader;
CREATE FUNCTION pg_temp.load(load text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL SESSION AUTHORIZATION regress_care_loader;
    RETURN NEXT 'load     ' || pg_temp.refused(load);
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
END
$$;
CREATE FUNCTION pg_temp.both(function text, load text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN NEXT 'function ' || pg_temp.refused(function);
    RETURN QUERY SELECT pg_temp.load(load);
END
$$;
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test'),
       care.record_fee_tariff('E06000002', 'setting up', '2015-04-01', 'one_off', 450, 'test'),
       care.record_interest_policy('E06000002', '2015-04-01', NULL, 'test') \g /dev/null

-- A load as it should be; the steps of each agreement in one statement, in any order.
SET SESSION AUTHORIZATION regress_care_loader;
COPY care.person (authority, reference) FROM STDIN (FORMAT csv);
E06000001,P-1
E06000001,P-2
E06000002,P-3
E06000001,P-4
\.
COPY care.agreement (person_id, authority, reference, applied_on) FROM STDIN (FORMAT csv);
1,E06000001,D-1,2023-12-01
2,E06000001,D-2,2023-12-01
3,E06000002,D-3,2023-12-01
4,E06000001,D-4,2023-12-01
\.
COPY care.agreement_event (agreement_id, on_day, kind, meets_criteria, day_count, capitalised, reason) FROM STDIN (FORMAT csv);
1,2024-01-01,signed,,act/act,daily,
1,2024-01-08,secured,,,,
1,2023-12-15,offered,true,,,
1,2023-12-20,rate_notified,,,,
1,2024-09-02,deferring_stopped,,,,in hospital
1,2024-10-01,deferring_resumed,,,,
2,2023-12-15,offered,true,,,
2,2023-12-20,rate_notified,,,,
2,2024-01-01,signed,,act/act,daily,
2,2024-01-01,secured,,,,
3,2023-12-15,offered,true,,,
3,2023-12-20,rate_notified,,,,
3,2024-01-01,signed,,act/act,daily,
3,2024-01-01,secured,,,,
\.
COPY care.valuation (agreement_id, valued_on, amount, share, prior_charges) FROM STDIN (FORMAT csv);
1,2024-01-01,165000,1,0
2,2024-01-01,30000,1,0
3,2024-01-01,165000,1,0
\.
COPY care.agreement_entry (agreement_id, on_day, kind, amount, evidence) FROM STDIN (FORMAT csv);
1,2024-01-08,administration_charge,450,
1,2024-02-05,care_fees,535,
1,2024-02-12,care_fees,535,
1,2024-03-01,payment,-1000,
2,2024-02-05,care_fees,10000,
3,2024-02-05,administration_charge,300,INV-1
\.
COPY care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount) FROM STDIN (FORMAT csv);
1,2024-04-01,571,180,144,0,0,535
\.
RESET SESSION AUTHORIZATION;
SELECT agreement_id, deferred, administration_charges, payments, balance FROM care.agreement_position('2024-03-31') ORDER BY 1;
SELECT * FROM care.verify();

-- Past the equity limit: at once, and by fees that are backdated before others.
SELECT pg_temp.both($$SELECT care.defer(1, '2024-05-01', 'care_fees', 900000)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2024-05-01', 'care_fees', 900000)$$);
SELECT pg_temp.both($$SELECT care.defer(2, '2024-01-15', 'care_fees', 3000)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (2, '2024-01-15', 'care_fees', 3000)$$);
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) SELECT 2, date '2024-03-04' + 7 * n, 'care_fees', 100 FROM generate_series(0, 30) AS n$$);
-- within it though near it, what is owed by the day and the limit being all but the same
SELECT care.equity_limit_on(2, '2024-02-06') - care.redemption_figure(2, '2024-02-06') AS room \gset
SELECT pg_temp.load(format($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (2, '2024-02-06', 'care_fees', %s + 0.01)$$, :room));
SELECT pg_temp.load(format($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (2, '2024-02-06', 'care_fees', %s)$$, :room));

-- Before it is secured, before the valuation, while deferring is stopped, after the death.
SELECT pg_temp.both($$SELECT care.defer(1, '2024-01-07', 'care_fees', 5)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2024-05-01', 'care_fees', 5), (1, '2024-01-07', 'care_fees', 5)$$);
SELECT pg_temp.both($$SELECT care.bring_in_debt(4, '2024-01-07', 5, 'x')$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (4, '2024-01-07', 'opening_balance', 5)$$);
SELECT pg_temp.both($$SELECT care.defer(1, '2024-09-02', 'care_fees', 5)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2024-09-02', 'care_fees', 5)$$);
SELECT pg_temp.both($$SELECT care.defer(1, '2027-01-01', 'administration_charge', 5)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2027-01-01', 'administration_charge', 5)$$);
SELECT care.record_death('P-3', '2024-06-01', '2024-06-02');
SELECT pg_temp.both($$SELECT care.defer(3, '2024-06-02', 'care_fees', 5)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (3, '2024-06-02', 'care_fees', 5)$$);
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (3, '2024-06-01', 'care_fees', 5)$$);

-- Charges by the tariff.
SELECT pg_temp.both($$SELECT care.defer(3, '2024-02-01', 'administration_charge', 5)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (3, '2024-02-01', 'administration_charge', 5)$$);
SELECT pg_temp.both($$SELECT care.defer(3, '2024-02-01', 'administration_charge', 5, tariff => 'setting up')$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, tariff) VALUES (3, '2024-02-01', 'administration_charge', 5, 'setting up')$$);
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, tariff) VALUES (3, '2024-02-01', 'administration_charge', 450, 'setting up')$$);
SELECT pg_temp.both($$SELECT care.record_charge(3, '2024-02-02', 'setting up')$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, tariff) VALUES (3, '2024-02-02', 'administration_charge', 450, 'setting up')$$);

-- Paid more than is owed: held, as in the books it comes from.  Credits and write-offs have a reason and an authoriser.
SAVEPOINT paid;
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2024-03-31', 'payment', -600)$$);
SELECT balance, held > 0 AS held FROM care.agreement_position('2024-03-31') WHERE agreement_id = 1;
ROLLBACK TO paid;
SELECT left(pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, note) VALUES (1, '2024-03-31', 'credit', -100, 'x')$$), 40);
SELECT left(pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, authorised_by) VALUES (1, '2024-03-31', 'waiver', -100, 'x')$$), 40);
SELECT left(pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2024-03-31', 'write_off', -100)$$), 40);
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, week_from) VALUES (1, '2024-04-07', 'care_fees', 535, '2024-04-01')$$);
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, reverses) VALUES (1, '2024-02-05', 'care_fees', -530, 2)$$);
SAVEPOINT reversed;
SELECT pg_temp.load($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, reverses) VALUES (1, '2024-02-05', 'care_fees', -535, 2)$$);
ROLLBACK TO reversed;
SELECT care.redemption_figure(1, '2024-04-02') AS figure \gset
SELECT pg_temp.load(format($$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (1, '2024-04-02', 'payment', -%s)$$, :figure));
SELECT care.redemption_figure(1, '2024-12-31');

-- Weekly deferrals.
SELECT pg_temp.both($$SELECT care.record_deferral(1, '2024-05-01', 571, 180, 200)$$,
    $$INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount) VALUES (1, '2024-05-01', 571, 180, 200, 0, 0, 571)$$);
SELECT pg_temp.load($$INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount) VALUES (1, '2024-05-01', 571, 180, 144, 0, 0, 571)$$);
SELECT pg_temp.both($$SELECT care.record_deferral(1, '2024-04-01', 571, 180)$$,
    $$INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount) VALUES (1, '2024-04-01', 571, 180, 144, 0, 0, 535)$$);
SELECT pg_temp.both($$SELECT care.record_deferral(4, '2024-04-01', 571, 180)$$,
    $$INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount) VALUES (4, '2024-04-01', 571, 180, 144, 0, 0, 535)$$);
SELECT care.post_deferral(1, '2024-04-30') > 0;
SELECT pg_temp.both($$SELECT care.record_deferral(1, '2024-03-25', 571, 180)$$,
    $$INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent, weekly_amount) VALUES (1, '2024-03-25', 571, 180, 144, 0, 0, 535)$$);

-- Steps out of their order.
SELECT pg_temp.load(s) FROM unnest(ARRAY[
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, day_count, capitalised) VALUES (4, '2024-01-01', 'signed', 'act/act', 'daily')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (4, '2024-01-01', 'secured')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria) VALUES (4, '2023-11-30', 'offered', true)$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, day_count, capitalised) VALUES
      (4, '2023-12-15', 'offered', true, NULL, NULL), (4, '2024-01-01', 'signed', NULL, 'act/act', 'daily')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, reason) VALUES (1, '2024-02-01', 'refused', false, 'x')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (1, '2024-09-10', 'deferring_stopped')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (1, '2024-11-10', 'deferring_stopped')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (1, '2024-11-10', 'charges_deferred')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (1, '2024-11-10', 'interest_separate')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason) VALUES (4, '2024-11-10', 'ended', 'sold')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason) VALUES (1, '2024-11-10', 'ended', 'whim')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason, rate) VALUES (1, '2024-11-10', 'judgment', 'C-1', 8)$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason, recovery) VALUES (1, '2024-11-10', 'written_off', 'x', 'attempted')$$,
    $$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (1, '2024-11-10', 'charge_released')$$,
    $$INSERT INTO care.agreement (person_id, authority, reference, applied_on) VALUES (1, 'E06000002', 'D-9', '2024-01-01')$$]) AS s;

-- After the release nothing is deferred any more.
SELECT care.record_payment(2, '2024-12-01', care.redemption_figure(2, '2024-12-01')) > 0;
SELECT pg_temp.load($$INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (2, '2024-12-02', 'charge_released')$$);
SELECT pg_temp.both($$SELECT care.defer(2, '2025-01-01', 'administration_charge', 5)$$,
    $$INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount) VALUES (2, '2025-01-01', 'administration_charge', 5)$$);

-- A row of a dump was recorded before, and is not asked.
INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, recorded_at) VALUES (2, '2025-01-01', 'care_fees', 900000, '2024-01-01');
SELECT count(*) FROM care.agreement_entry WHERE amount = 900000;
ROLLBACK;
