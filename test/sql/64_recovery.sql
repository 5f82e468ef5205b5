--
-- 64_recovery: the security and what needs attention, the day the equity limit will be reached, death, the
-- concession, and the court (R7, R8, R18, R19, R21).
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
CREATE FUNCTION pg_temp.open(name text, value numeric DEFAULT 200000, share numeric DEFAULT 1, prior numeric DEFAULT 0, authority text DEFAULT 'E06000061')
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement(authority, name, 'person of ' || name, '2019-01-01', '2019-01-01', '1940-01-01');
BEGIN
    PERFORM care.record_valuation(id, '2019-01-01', value, share, prior, 'test', 'professional', 'Valuers');
    RETURN id;
END
$$;
CREATE FUNCTION pg_temp.owed(agreement bigint, day date) RETURNS numeric LANGUAGE sql AS $$
    SELECT balance FROM care.agreement_position(day) WHERE agreement_id = agreement
$$;
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(command), 'agreement \d+', 'agreement N', 'g')
$$;
SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'a decision of the test');
SELECT care_test.confirm_rates() \g /dev/null

--
-- What each triggers.  An authority without interest, so that a balance is what was deferred.
--
SELECT care.record_interest_policy('E06000062', '2015-04-01', 0, 'test');
-- half of 200,000 less 10,000 that ranks first: the limit is 65,750; 50 per cent of the share is 50,000, 70 is 70,000
SELECT pg_temp.open('half below', 200000, 0.5, 10000, 'E06000062') AS b, pg_temp.open('half', 200000, 0.5, 10000, 'E06000062') AS h,
       pg_temp.open('limit', 200000, 0.5, 10000, 'E06000062') AS l, pg_temp.open('seventy below', 200000, 0.5, 10000, 'E06000062') AS sb,
       pg_temp.open('seventy', 200000, 0.5, 10000, 'E06000062') AS s, pg_temp.open('over', 200000, 0.5, 10000, 'E06000062') AS o \gset
SELECT care.defer(:b, '2019-02-01', 'care_fees', 49999.99) > 0 AND care.defer(:h, '2019-02-01', 'care_fees', 50000) > 0
       AND care.defer(:l, '2019-02-01', 'care_fees', 65750) > 0
       AND care.bring_in_debt(:sb, '2019-02-01', 69999.99, 'test', 'past the limit', 'the director') > 0 AND care.bring_in_debt(:s, '2019-02-01', 70000, 'test', 'past the limit', 'the director') > 0
       AND care.bring_in_debt(:o, '2019-02-01', 100000.01, 'test', 'past the limit', 'the director') > 0 AS drawn;
SELECT * FROM (SELECT reference, balance, base, percent, valued_on, revaluation_due, review_due, at_limit, value_below_debt
               FROM care.security_review('2019-03-01')) AS r ORDER BY balance;
-- the other base: of the limit 50 per cent is 32,875 and 70 is 46,025
SELECT care.record_setting('E06000062', 'trigger_base', 'equity_limit', '2019-04-01');
SELECT pg_temp.open('limit half below', 200000, 0.5, 10000, 'E06000062') AS x1, pg_temp.open('limit half', 200000, 0.5, 10000, 'E06000062') AS x2,
       pg_temp.open('limit seventy below', 200000, 0.5, 10000, 'E06000062') AS x3, pg_temp.open('limit seventy', 200000, 0.5, 10000, 'E06000062') AS x4 \gset
SELECT care.defer(:x1, '2019-04-01', 'care_fees', 32874.99) > 0 AND care.defer(:x2, '2019-04-01', 'care_fees', 32875) > 0
       AND care.defer(:x3, '2019-04-01', 'care_fees', 46024.99) > 0 AND care.defer(:x4, '2019-04-01', 'care_fees', 46025) > 0 AS drawn;
SELECT d, reference, balance, base, percent, revaluation_due, review_due
FROM unnest('{2019-03-31, 2019-04-01}'::date[]) AS d, care.security_review(d) WHERE reference LIKE 'limit _%' ORDER BY d, balance;
-- emptied by a revaluation, and by a review
SELECT care.record_setting('E06000062', 'trigger_base', 'property_value', '2019-05-01');
SELECT care.record_valuation(:h, '2019-05-02', 200000, 0.5, 10000) > 0 AS revalued, care.record_agreement_event(:s, '2019-05-02', 'reviewed') > 0 AS reviewed;
SELECT d, reference, revaluation_due, review_due, at_limit FROM unnest('{2019-05-01, 2019-05-02}'::date[]) AS d, care.security_review(d)
WHERE reference IN ('half', 'seventy') ORDER BY d, reference;
SELECT care.record_valuation(:s, '2019-05-03', 300000, 0.5, 10000) > 0 AS rose;
SELECT reference, balance, base FROM care.security_review('2019-05-03') WHERE reference = 'seventy';
-- a review or valuation made before the debt had come so far does not count
SELECT care.record_valuation(:b, '2019-05-02', 200000, 0.5, 10000) > 0 AS valued, care.record_agreement_event(:sb, '2019-05-02', 'reviewed') > 0 AS reviewed;
SELECT care.defer(:b, '2019-05-10', 'administration_charge', 0.01) > 0 AND care.defer(:sb, '2019-05-10', 'administration_charge', 0.01) > 0 AS a_penny;
SELECT d, reference, balance, revaluation_due, review_due FROM unnest('{2019-05-09, 2019-05-10}'::date[]) AS d, care.security_review(d)
WHERE reference IN ('half below', 'seventy below') ORDER BY d, reference;
SELECT pg_temp.refused(format($$SELECT care.record_agreement_event(%s, '2019-05-02', 'rereviewed')$$, :s));
-- one that is repaid is on no list
SELECT care.record_payment(:o, '2019-06-01', 100000.01) > 0 AS repaid;
SELECT count(*) FROM care.security_review('2019-06-01') WHERE agreement_id = :o;

--
-- A valuation below what is owed makes an event (R8); none is overwritten.
--
SELECT pg_temp.open('V', 100000, 0.5, 0, 'E06000062') AS v \gset
SELECT care.defer(:v, '2019-02-01', 'care_fees', 30000) > 0 AS drawn;
-- 30,000 is owed: worth 30,000.00, then 29,999.99, then 40,000 with 10,000.01 ranking first
SELECT care.record_valuation(:v, '2019-03-01', 60000, 0.5) > 0 AND care.record_valuation(:v, '2019-04-01', 59999.98, 0.5) > 0
       AND care.record_valuation(:v, '2019-05-01', 80000, 0.5, 10000.01) > 0 AS valued;
SELECT on_day, kind, reason FROM care.agreement_event WHERE agreement_id = :v AND kind = 'value_below_debt' ORDER BY event_id;
-- nor one before anything was owed
SELECT care.record_valuation(:v, '2019-01-31', 1) > 0 AS valued;
SELECT count(*) AS events FROM care.agreement_event WHERE agreement_id = :v AND kind = 'value_below_debt';
SELECT d, property_value, equity_limit, equity_remaining
FROM unnest('{2019-01-30, 2019-01-31, 2019-03-01, 2019-04-01, 2019-05-01}'::date[]) AS d, care.agreement_position(d) WHERE agreement_id = :v;
SELECT valued_on, amount, share, prior_charges, kind, valuer, note FROM care.valuation WHERE agreement_id = :v ORDER BY valuation_id;
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE care.valuation SET amount = 1', 'DELETE FROM care.valuation']) AS s;
SELECT pg_temp.refused(format($$SELECT care.record_valuation(%s, '2019-06-01', 1, kind => 'guess')$$, :v));
-- no more fees when the value falls below: interest and charges go on (R19)
SELECT pg_temp.refused(format($$SELECT care.defer(%s, '2019-06-01', 'care_fees', 0.01)$$, :v));
SELECT care.defer(:v, '2019-06-01', 'administration_charge', 100) > 0 AS charged;

--
-- When the limit will be reached: the first day that a plain day-by-day sum is at it.
--
CREATE FUNCTION pg_temp.day_by_day(owed numeric, equity numeric, weekly numeric, yearly numeric, rates care.schedule, points numeric, as_at date)
RETURNS date LANGUAGE plpgsql AS $$
DECLARE
    day date := as_at;
    rate numeric := NULL;
    exact numeric := owed;
    year_days int;
    anniversary int := 1;
BEGIN
    WHILE day < as_at + 36600 LOOP
        day := day + 1;
        IF (day - as_at) % 7 = 0 THEN
            exact := exact + weekly;
        END IF;
        IF day = (as_at + anniversary * interval '1 year')::date THEN
            exact := exact + yearly;
            anniversary := anniversary + 1;
        END IF;
        -- the last rate that is known
        SELECT s.value INTO rate FROM care.steps(rates) AS s WHERE s.valid_from <= day AND s.value IS NOT NULL ORDER BY s.valid_from DESC LIMIT 1;
        year_days := make_date(extract(year FROM day)::int, 12, 31) - make_date(extract(year FROM day)::int, 1, 1) + 1;
        exact := round(exact * (1 + greatest(rate + points, 0) / (100 * year_days + 0e-30)), 30);
        IF round(exact, 2) >= equity THEN
            RETURN day;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
SELECT pg_temp.open('P', 165000) AS p \gset
SELECT care.record_deferral(:p, '2019-01-07', 571, 180) > 0 AS weekly;
SELECT care.post_deferral(:p, '2019-12-29') AS posted;
SELECT d, p.* FROM unnest('{2019-12-31, 2025-12-31}'::date[]) AS d, care.equity_projection(:p, d) AS p;
SELECT v.as_at, v.points, v.percent, v.yearly, p.limit_reached_on,
       p.limit_reached_on = pg_temp.day_by_day(p.balance, p.equity_limit, p.weekly_amount, v.yearly, care_internal.authority_rates('E06000061'), v.points, v.as_at) AS as_day_by_day
FROM (VALUES ('2019-12-31'::date, 0, 0, 0), ('2019-12-31', 1, 0, 0), ('2019-12-31', -1, 0, 0), ('2019-12-31', 0, 10, 0), ('2019-12-31', 0, -10, 0),
             ('2019-12-31', 0, 0, 250.5), ('2020-02-29', 0, 0, 1000), ('2021-06-30', -0.5, 3.5, 60), ('2025-12-31', 2, -5, 75)) AS v (as_at, points, percent, yearly),
     LATERAL care.equity_projection(:p, v.as_at, v.yearly, v.points, v.percent) AS p;
-- the five of the sensitivity, in words: the rate is an assumption from the day it is not known; a balance never rests on one
SELECT variant, limit_reached_on, equity_limit, assumption FROM care.equity_sensitivity(:p, '2019-12-31', 60);
SELECT variant, limit_reached_on, assumption FROM care.equity_sensitivity(:p, '2025-12-31');
SELECT pg_temp.refused(format('SELECT * FROM care.equity_sensitivity(%s, %L)', :p, '2027-01-31'));
-- at the limit already; never; not without a valuation
SELECT pg_temp.open('at it', 165000) AS at_it, pg_temp.open('never', 165000, 1, 0, 'E06000062') AS never \gset
SELECT care.defer(:at_it, '2019-02-01', 'care_fees', 134250) > 0 AND care.defer(:never, '2019-02-01', 'care_fees', 134249.99) > 0 AS drawn;
SELECT limit_reached_on, balance FROM care.equity_projection(:at_it, '2019-02-01');
SELECT limit_reached_on, balance, assumption FROM care.equity_projection(:never, '2019-02-01');
SELECT limit_reached_on FROM care.equity_projection(:never, '2019-02-01', 0.01);
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
    format('SELECT care.equity_projection(%s, %L)', :p, '2018-12-31'), format('SELECT care.equity_projection(%s, NULL)', :p),
    format('SELECT care.equity_projection(%s, %L, -1)', :p, '2019-12-31'), format('SELECT care.equity_projection(%s, %L, 0, 0, -100)', :p, '2019-12-31'),
    format('SELECT care.equity_projection(%s, %L, 0, NULL)', :p, '2019-12-31'), 'SELECT care.equity_projection(99, ''2019-12-31'')']) AS s;

--
-- Death: interest goes on (R18), and the debt falls due 90 days after.
--
SELECT pg_temp.open('D') AS d \gset
SELECT care.defer(:d, '2019-02-01', 'care_fees', 10000) > 0 AS drawn;
SELECT care.record_death('person of D', '2019-03-01', '2019-03-05');
SELECT as_at, reference, died_on, due_on, overdue FROM unnest('{2019-03-04, 2019-03-05, 2019-05-29, 2019-05-30, 2019-05-31}'::date[]) AS as_at
    LEFT JOIN LATERAL care.repayment_due(as_at) ON true;
SELECT care.redemption_figure(:d, '2019-05-30') AS day_90, round(10000 * (1 + 1.65 / 36500) ^ 118, 2) AS by_hand,
       care.redemption_figure(:d, '2019-05-31') AS day_91, round(10000 * (1 + 1.65 / 36500) ^ 119, 2) AS by_hand_91;
-- the days are a dated figure, by the day of death
INSERT INTO care.parameter (scheme, name, valid_from, amount, status, source) VALUES ('deferred_payment', 'repayment_days_after_death', '2019-03-02', 60, 'enacted', 'test');
SELECT pg_temp.open('D2') AS d2 \gset
SELECT care.defer(:d2, '2019-02-01', 'care_fees', 10000) > 0 AS drawn;
SELECT care.record_death('person of D2', '2019-03-02', '2019-03-05');
SELECT reference, due_on FROM care.repayment_due('2019-05-01') ORDER BY reference;
SELECT care.record_payment(:d2, '2019-05-30', care.redemption_figure(:d2, '2019-05-30')) > 0 AS repaid;
SELECT care.record_payment(:d, '2019-05-31', care.redemption_figure(:d, '2019-05-31')) > 0 AS repaid;
SELECT as_at, count(r.*) AS due FROM unnest('{2019-05-30, 2019-05-31}'::date[]) AS as_at LEFT JOIN LATERAL care.repayment_due(as_at) AS r ON true GROUP BY 1 ORDER BY 1;
-- the concession: no interest after the death if repaid by day 90; from day 91 all of it
SELECT care.record_setting('E06000063', 'interest_after_death', 'waived_if_repaid', '2019-01-01');
SELECT care.record_interest_policy('E06000063', '2015-04-01', NULL, 'test');
SELECT pg_temp.open('C1', 200000, 1, 0, 'E06000063') AS c1, pg_temp.open('C2', 200000, 1, 0, 'E06000063') AS c2, pg_temp.open('C3', 200000, 1, 0, 'E06000063') AS c3 \gset
SELECT count(care.defer(x, '2019-02-01', 'care_fees', 10000)) AS drawn FROM unnest(ARRAY[:c1, :c2, :c3]) AS x;
SELECT count(care.record_death('person of ' || x, '2019-03-01', '2019-03-05')) AS deaths FROM unnest('{C1, C2, C3}'::text[]) AS x;
SELECT day, care.redemption_figure(:c1, day) AS figure
FROM unnest('{2019-03-01, 2019-03-02, 2019-04-01, 2019-05-29, 2019-05-30, 2019-05-31}'::date[]) AS day;
SELECT round(10000 * (1 + 1.65 / 36500) ^ 28, 2) AS to_the_day_before_death, round(10000 * (1 + 1.65 / 36500) ^ 29, 2) AS to_the_death,
       round(10000 * (1 + 1.65 / 36500) ^ 119, 2) AS all_of_it;
SELECT care.record_payment(:c1, '2019-05-30', care.redemption_figure(:c1, '2019-05-30')) > 0 AS within,
       care.record_payment(:c2, '2019-05-31', care.redemption_figure(:c2, '2019-05-31')) > 0 AS after;
SELECT reference, payments, interest, balance FROM care.agreement_position('2019-12-31') WHERE agreement_id IN (:c1, :c2) ORDER BY reference;
-- not repaid, it owes all of it; a penny less than the figure is not repaid
SELECT care.record_payment(:c3, '2019-05-30', care.redemption_figure(:c3, '2019-05-30') - 0.01) > 0 AS nearly;
SELECT care.redemption_figure(:c3, '2019-05-30') AS a_penny, care.redemption_figure(:c3, '2019-05-31') AS and_the_interest;
-- written off in that time, it is no repayment: all of it is written off, with the interest
SELECT pg_temp.open('C7', 200000, 1, 0, 'E06000063') AS c7 \gset
SELECT care.defer(:c7, '2019-02-01', 'care_fees', 10000) > 0 AS drawn, care.record_death('person of C7', '2019-03-01', '2019-03-05');
SELECT care.redemption_figure(:c7, '2019-04-01') AS to_repay, care.write_off(:c7, '2019-04-01', 'attempted', 'nothing left', 'head of service') AS written_off;
SELECT balance, written_off FROM care.agreement_position('2019-12-31') WHERE agreement_id = :c7;
-- what the authority had decided by a moment, and the days allowed then, are what a figure as known then follows from
SELECT pg_temp.open('C5', 200000, 1, 0, 'E06000063') AS c5 \gset
SELECT care.defer(:c5, '2019-02-01', 'care_fees', 10000) > 0 AS drawn;
SELECT care.record_death('person of C5', '2019-03-01', '2019-03-05');
SELECT clock_timestamp() AS waived \gset
SELECT care.record_setting('E06000063', 'interest_after_death', 'charged', '2019-01-01');
SELECT clock_timestamp() AS charged \gset
SELECT care.record_setting('E06000063', 'interest_after_death', 'waived_if_repaid', '2019-01-01');
INSERT INTO care.parameter (scheme, name, valid_from, amount, status, source) VALUES ('deferred_payment', 'repayment_days_after_death', '2019-03-01', 30, 'enacted', 'test');
SELECT care.redemption_figure(:c5, '2019-05-30', :'waived') AS waived, care.redemption_figure(:c5, '2019-05-30', :'charged') AS charged,
       care.redemption_figure(:c5, '2019-05-30') AS fewer_days, care.redemption_figure(:c5, '2019-03-31') AS within_them;
SELECT value, recorded_at < :'charged' AS before_it FROM care.setting_known_at(:'charged') WHERE authority = 'E06000063'
UNION ALL SELECT value, recorded_at < :'charged' FROM care.setting_known_at('infinity') WHERE authority = 'E06000063';
SELECT care.setting_on('E06000063', 'interest_after_death', '2019-03-01', :'charged') AS charged, care.setting_on('E06000063', 'interest_after_death', '2019-03-01') AS now,
       care.setting_on('E06000063', 'interest_after_death', '2019-03-01', '2000-01-01') AS the_default;
-- not from a judgment on
SELECT pg_temp.open('C4', 200000, 1, 0, 'E06000063') AS c4 \gset
SELECT care.defer(:c4, '2019-02-01', 'care_fees', 10000) > 0 AS drawn;
SELECT care.record_death('person of C4', '2019-03-01', '2019-03-05');
SELECT care.record_judgment(:c4, '2019-04-01', 'case 4') AS debt;
SELECT care.redemption_figure(:c4, '2019-04-11') AS figure;

--
-- The court: simple interest at the court rate in place of the contractual, never both (R21).
--
SELECT pg_temp.open('J') AS j \gset
SELECT care.defer(:j, '2019-02-01', 'care_fees', 10000) > 0 AS drawn;
SELECT care.record_death('person of J', '2019-03-10', '2019-03-12');
-- nothing by itself: years after the death it is still the contractual rate
SELECT pg_temp.owed(:j, '2021-06-30') = round(10000 * care.growth(care_internal.authority_rates('E06000061'), 'act/act', 'daily', '2019-02-01', '2021-06-30'), 2) AS contractual;
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
    format('SELECT care.record_judgment(%s, %L, %L)', :j, '2019-01-31', 'early'), format('SELECT care.record_judgment(%s, %L, %L)', :j, '2019-09-02', '')]) AS s;
SELECT care.record_judgment(:j, '2019-09-02', 'case 7') AS debt \gset
SELECT :debt AS debt, round(10000 * (1 + 1.65 / 36500) ^ 150 * (1 + 1.45 / 36500) ^ 63, 2) AS by_hand;
SELECT day, rate, balance, CASE WHEN day < '2020-01-01' THEN round(:debt * (1 + 8 * (day - '2019-09-01') / 36500.0), 2)
                                ELSE round(:debt * (1 + 8 * 121 / 36500.0 + 8 * (day - '2019-12-31') / 36600.0), 2) END AS by_hand
FROM unnest('{2019-09-02, 2019-09-30, 2019-12-31, 2020-02-29, 2020-12-31}'::date[]) AS day, care.agreement_position(day) WHERE agreement_id = :j;
SELECT from_day, to_day, rate, opening, entries, interest, closing FROM care.interest_working(:j, '2019-08-01', '2020-12-31');
-- a payment reduces what bears it; the court rate is not held to the national maximum
SELECT care.record_payment(:j, '2019-10-02', 5000) > 0 AS paid;
SELECT pg_temp.owed(:j, '2019-10-31') AS owed, round(:debt * (1 + 8 * 60 / 36500.0) - 5000 * (1 + 8 * 30 / 36500.0), 2) AS by_hand;
SELECT count(*) AS above_maximum FROM care.rate_above_maximum;
SELECT care.record_payment(:j, '2019-11-01', care.redemption_figure(:j, '2019-11-01')) > 0 AS repaid;
SELECT pg_temp.owed(:j, '2025-11-01') AS owed;
-- the rate is that of the day of judgment
SELECT care.record_parameter('deferred_payment', 'court_rate', '2020-01-01', 4, 'test');
SELECT pg_temp.open('K') AS k \gset
SELECT care.defer(:k, '2019-02-01', 'care_fees', 10000) > 0 AS drawn;
SELECT care.record_judgment(:k, '2020-03-01', 'case 8') > 10000 AS judgment;
SELECT rate FROM care.agreement_position('2020-03-01') WHERE agreement_id = :k;
-- one with a debt and no valuation is on the list; the others are judged all the same
SELECT care.open_agreement('E06000061', 'without a valuation', 'person without', '2019-01-07', '2019-01-14') AS w \gset
SELECT care.bring_in_debt(:w, '2019-02-01', 500, 'from before') > 0 AS brought_in;
SELECT reference, base, revaluation_due, review_due, at_limit FROM care.security_review('2019-12-31') WHERE agreement_id = :w;
-- charges that rank first are not there for this debt
SELECT care.record_valuation(:w, '2019-02-01', 3000, 1, 2600) > 0 AS valued;
SELECT reference, base, value_below_debt FROM care.security_review('2019-12-31') WHERE agreement_id = :w;
-- before there was an equity limit, debt is brought in and not deferred
SELECT care.record_interest_policy('E06000063', '2012-01-01', 1, 'test');
SELECT care.open_agreement('E06000063', 'of 2012', 'person of 2012', '2012-02-01', '2012-02-01', interest_from => '2015-04-01') AS o \gset
SELECT care.record_valuation(:o, '2012-02-01', 150000) > 0 AS valued, care.bring_in_debt(:o, '2012-03-01', 700, 'from before') > 0 AS brought_in;
SELECT care_test.refused(format('SELECT care.defer(%s, ''2012-03-01'', ''care_fees'', 100)', :o));
SELECT balance, property_value, equity_limit FROM care.agreement_position('2013-01-01') WHERE agreement_id = :o;
-- what is said must be sayable
SELECT care_test.refused(format('SELECT care.pay_interest_separately(%s, ''2019-06-01'', NULL)', :w));
SELECT care_test.refused(format('SELECT care.pay_charges_separately(%s, ''2019-06-01'', NULL)', :w));
SELECT care.apply_for_agreement('E06000061', 'asked for', 'person asking', '2019-01-07') AS q \gset
SELECT care_test.refused(format('SELECT care.record_agreement_event(%s, ''2019-06-01'', ''statement_requested'')', :q));
SELECT * FROM care.verify();
ROLLBACK;
