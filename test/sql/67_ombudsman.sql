--
-- 67_ombudsman: faults that the Ombudsman upheld against real authorities, each shown to be impossible here.
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
CREATE FUNCTION pg_temp.open(name text, day date, value numeric DEFAULT 200000, share numeric DEFAULT 1) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement('E06000061', name, 'person of ' || name, day, day, '1940-01-01');
BEGIN
    PERFORM care.record_valuation(id, day, value, share);
    RETURN id;
END
$$;
-- what is refused, without the key of the agreement
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(command), 'agreement \d+', 'agreement N', 'g')
$$;

--
-- Fault: interest charged without a recorded policy.
--
-- nothing can be signed, so nothing deferred, so nothing bear interest, before the policy is recorded and
-- the adult told
SELECT care.apply_for_agreement('E06000061', 'policy', 'person of policy', '2019-01-01') AS p \gset
SELECT care.decide_application(:p, '2019-01-02', 'offered', true) > 0 AS offered;
SELECT pg_temp.refused(format('SELECT care.sign_agreement(%s, %L)', :p, '2019-02-01'));
SELECT care.record_interest_policy('E06000061', '2019-01-01', NULL, 'cabinet, minute 12');
SELECT care_test.confirm_rates() \g /dev/null
SELECT pg_temp.refused(format('SELECT care.sign_agreement(%s, %L)', :p, '2019-02-01'));
SELECT pg_temp.refused($$SELECT care.record_interest_policy('E06000061', '2019-03-01', NULL, '')$$);
SELECT pg_temp.refused($$SELECT care.record_interest_policy('E06000061', '2019-03-01', 1.66, 'above the maximum')$$);
SELECT care.notify_rate(:p, '2019-01-15', 1.65) > 0 AS told;
SELECT care.sign_agreement(:p, '2019-02-01');
SELECT count(*) AS signed_without FROM care.agreement AS a WHERE a.signed_on IS NOT NULL
    AND NOT (EXISTS (SELECT FROM care.interest_policy AS i WHERE i.authority = a.authority AND i.valid_from <= a.signed_on AND i.source <> '')
             AND EXISTS (SELECT FROM care.agreement_event AS e WHERE e.agreement_id = a.agreement_id AND e.kind = 'rate_notified' AND e.on_day <= a.signed_on));
-- nor more than the maximum, also when that falls afterwards
SELECT care.record_interest_policy('E06000062', '2019-01-01', 1.65, 'cabinet');
SELECT care.open_agreement('E06000062', 'fallen', 'person of fallen', '2019-02-01', '2019-02-01') AS f \gset
SELECT care.defer(:f, '2019-02-01', 'administration_charge', 1000) > 0 AS charged;
SELECT from_day, rate FROM care.interest_working(:f, '2019-02-01', '2021-12-31');
SELECT * FROM care.rate_above_maximum;

--
-- Fault: a wrong redemption figure.
--
-- it is what the ledger comes to by the day, and paying it leaves nothing: on the day, and years later
SELECT pg_temp.open('redeemed', '2019-02-01') AS r \gset
SELECT count(care.defer(:r, '2019-02-04'::date + 7 * w, 'care_fees', 535)) AS weeks FROM generate_series(0, 51) AS w;
SELECT care.record_payment(:r, '2019-08-15', 5000) > 0 AS paid;
CREATE FUNCTION pg_temp.by_day(agreement bigint, pay_on date) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    owed numeric := 0;
    day date := (SELECT min(on_day) FROM care.agreement_entry WHERE agreement_id = agreement);
    days_of_year int;
BEGIN
    LOOP
        owed := owed + coalesce((SELECT sum(amount) FROM care.agreement_entry WHERE agreement_id = agreement AND on_day = day), 0);
        EXIT WHEN day >= pay_on;
        days_of_year := make_date(extract(year FROM day)::int, 12, 31) - make_date(extract(year FROM day)::int, 1, 1) + 1;
        owed := round(owed * (1 + care.national_max_rate(day) / (100 * days_of_year + 0e-40)), 40);
        day := day + 1;
    END LOOP;
    RETURN round(owed, 2);
END
$$;
SELECT day, care.redemption_figure(:r, day) AS figure, care.redemption_figure(:r, day) = pg_temp.by_day(:r, day) AS by_day
FROM unnest('{2019-02-04, 2019-08-15, 2019-12-31, 2020-01-01, 2020-02-29, 2020-03-15}'::date[]) AS day;
SELECT pg_temp.refused(format('SELECT care.record_payment(%s, %L, %s)', :r, '2020-03-15', care.redemption_figure(:r, '2020-03-15') + 0.01));
SELECT care.record_payment(:r, '2020-03-15', care.redemption_figure(:r, '2020-03-15')) > 0 AS redeemed;
SELECT day, balance, care.redemption_figure(:r, day) AS to_pay FROM unnest('{2020-03-15, 2020-03-16, 2025-12-31}'::date[]) AS day, care.agreement_position(day) WHERE agreement_id = :r;
-- a figure that needs a rate nobody has entered is refused, not guessed
SELECT pg_temp.refused(format('SELECT care.redemption_figure(%s, %L)', :f, '2027-01-02'));

--
-- Fault: a set-up charge wrongly calculated.
--
-- it is the tariff's of the day, once, or has evidence of what it cost
SELECT care.record_fee_tariff('E06000061', 'setting up', '2019-01-01', 'one_off', 450, 'schedule of charges'),
       care.record_fee_tariff('E06000061', 'legal', '2019-01-01', 'at_cost', NULL, 'schedule of charges');
SELECT pg_temp.open('charged', '2019-02-01') AS c \gset
SELECT pg_temp.refused(format(s, :c)) FROM unnest(ARRAY[
    $$SELECT care.defer(%s, '2019-02-01', 'administration_charge', 495)$$,
    $$SELECT care.defer(%s, '2019-02-01', 'administration_charge', 495, tariff => 'setting up')$$,
    $$SELECT care.record_charge(%s, '2019-02-01', 'setting up', cost => 495)$$,
    $$SELECT care.record_charge(%s, '2019-02-01', 'legal', cost => 120)$$]) AS s;
SELECT entry_id > 0 AS setting_up FROM care.record_charge(:c, '2019-02-01', 'setting up');
SELECT pg_temp.refused(format($$SELECT care.record_charge(%s, '2020-02-01', 'setting up')$$, :c));
SELECT entry_id > 0 AS legal FROM care.record_charge(:c, '2019-02-01', 'legal', cost => 120, evidence => 'invoice 77');
SELECT amount, tariff, evidence FROM care.agreement_entry WHERE agreement_id = :c ORDER BY entry_id;

--
-- Fault: care fees deferred over the equity limit.
--
-- 90 per cent of 30,000 less 14,250 is 12,750: to the penny, singly, weekly, backdated, and after a fall in value
SELECT pg_temp.open('limit', '2019-02-01', 30000) AS l, pg_temp.open('weekly', '2019-02-01', 30000) AS w \gset
SELECT care.defer(:l, '2019-03-01', 'care_fees', 12000) > 0 AS below;
SELECT 12750 - care.redemption_figure(:l, '2019-06-01') AS room \gset
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2019-06-01', 'care_fees', %s)$$, :l, :room + 0.01));
SELECT care.defer(:l, '2019-06-01', 'care_fees', :room) > 0 AS to_the_penny;
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2019-04-01', 'care_fees', 0.01)$$, :l));
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2019-06-02', 'care_fees', 0.01)$$, :l));
SELECT care.record_deferral(:w, '2019-02-04', 1000, 144) > 0 AS weekly;
SELECT care.post_deferral(:w, '2019-12-29') AS posted;
SELECT max(care.redemption_figure(:w, on_day)) AS most_owed_when_fees_were_deferred, sum(amount) AS fees FROM care.agreement_entry WHERE agreement_id = :w;
SELECT count(*) AS weeks_to_be_paid, sum(to_be_paid) AS to_be_paid FROM care.deferral_shortfall WHERE agreement_id = :w;
SELECT sum(to_be_paid) + (SELECT sum(amount) FROM care.agreement_entry WHERE agreement_id = :w) = 47 * 1000 AS nothing_lost FROM care.deferral_shortfall WHERE agreement_id = :w;
SELECT care.record_valuation(:w, '2019-12-30', 250000) > 0 AS rose, care.record_valuation(:w, '2020-01-20', 20000) > 0 AS fell;
SELECT care.post_deferral(:w, '2020-01-26') AS posted;
SELECT on_day, amount FROM care.agreement_entry WHERE agreement_id = :w AND on_day > '2019-12-31' ORDER BY on_day;

--
-- Fault: a part-share valued as the whole.
--
-- the share is said with each valuation, and the limit is worked out from it; what is shown is the share's value
SELECT pg_temp.open('half', '2019-02-01', 200000, 0.5) AS h, pg_temp.open('whole', '2019-02-01', 200000) AS o \gset
SELECT reference, property_value, equity_limit FROM care.agreement_position('2019-02-01') WHERE agreement_id IN (:h, :o) ORDER BY reference;
SELECT 0.9 * 100000 - 14250 AS half, 0.9 * 200000 - 14250 AS whole;
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2019-03-01', 'care_fees', 75750.01)$$, :h));
SELECT care.defer(:h, '2019-03-01', 'care_fees', 75750) > 0 AS to_the_limit_of_half;
SELECT pg_temp.refused(format(s, :h)) FROM unnest(ARRAY[
    $$SELECT care.record_valuation(%s, '2019-04-01', 200000, NULL)$$,
    $$SELECT care.record_valuation(%s, '2019-04-01', 200000, 50)$$,
    $$SELECT care.record_valuation(%s, '2019-04-01', 200000, 0)$$]) AS s;

--
-- Fault: statements not sent.
--
-- every signed agreement is on the list six months on, stays on it until it has one, and the run leaves nobody
SELECT pg_temp.open('stated ' || n, '2019-02-01'::date + n) > 0 AS opened FROM generate_series(1, 3) AS n;
SELECT day, count(*) FILTER (WHERE s.reference LIKE 'stated%') AS due FROM unnest('{2019-08-01, 2019-08-02, 2019-08-03, 2019-08-04, 2019-12-31}'::date[]) AS day
    LEFT JOIN LATERAL care.agreement_statement_due(day) AS s ON true GROUP BY day ORDER BY day;
SELECT care_internal.begin_run('agreement statements', '2019-12-31', NULL, 100) AS run \gset
SELECT r.passed_over FROM care_internal.due_batches(:run, 100) AS b, care_internal.run_batch(:run, b.keys, b.due_dates, true) AS r;
SELECT care_internal.end_run(:run);
SELECT count(*) AS left_out FROM care.agreement_statement_due('2019-12-31');
SELECT a.reference FROM care.agreement AS a WHERE a.signed_on <= '2019-06-30' AND NOT EXISTS (SELECT FROM care.agreement_statement AS s WHERE s.agreement_id = a.agreement_id);
-- one that was asked for is on its own list, and overdue after 28 days
SELECT care.record_agreement_event(:h, '2020-01-02', 'statement_requested') > 0 AS asked;
SELECT day, reference, issue_by, overdue FROM unnest('{2020-01-30, 2020-01-31}'::date[]) AS day, care.statement_request_due(day);

--
-- Fault: the charge not released after payment.
--
-- it is on the list from the day of payment until it is released, and overdue after the authority's own time
SELECT day, reference, closed_on, release_by, overdue FROM unnest('{2020-03-14, 2020-03-15, 2020-04-12, 2020-04-13, 2025-12-31}'::date[]) AS day, care.charge_release_due(day) ORDER BY day;
SELECT care.release_charge(:r, '2020-04-14');
SELECT count(*) AS to_release FROM care.charge_release_due('2020-04-14');
-- and it is not released before
SELECT pg_temp.refused(format('SELECT care.release_charge(%s, %L)', :h, '2020-04-14'));
SELECT * FROM care.verify();
ROLLBACK;
