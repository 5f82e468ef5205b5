--
-- 63_terms: what an authority decides of its agreements, and how they change: the day interest starts, the security,
-- a title that two share, debt brought in, a yearly charge, statements by half-years, fees before the security.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
\pset format unaligned
\pset footer off
\pset null (null)
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.agreement_entry ALTER COLUMN entry_id RESTART WITH 1;
SELECT care.record_interest_policy(a, '2012-01-01', 0, 'test'), care.record_interest_policy(a, '2015-04-01', NULL, 'test')
FROM unnest('{E06000061, E06000062}'::text[]) AS a \g /dev/null

--
-- Free of interest until a day that is recorded later.
--
SELECT care.open_agreement('E06000061', 'free', 'p1', '2012-03-05', '2012-03-05', interest_from => 'infinity') AS free,
       care.open_agreement('E06000061', 'plain', 'p2', '2018-01-01', '2018-01-01') AS plain \gset
SELECT care.record_valuation(x, '2018-01-01', 300000), care.bring_in_debt(x, '2018-01-01', 10000, 'before')
FROM unnest(ARRAY[:free, :plain]) AS x \g /dev/null
SELECT interest_from, bears_from, charged FROM care.agreement WHERE agreement_id = :free;
SELECT balance FROM care.agreement_position('2019-12-31') WHERE agreement_id = :free;
-- 56 days after a death of 6 May 2018: the day itself bears interest, the day before does not
SELECT care.begin_interest(:free, '2018-07-01', '56 days after the death') > 0 AS recorded;
SELECT interest_from, bears_from, charged FROM care.agreement WHERE agreement_id = :free;
SELECT as_at, rate, balance, round(10000 * care.growth(care_internal.authority_rates('E06000061'), 'act/act', 'daily', '2018-07-01', as_at), 2) AS by_hand
FROM unnest('{2018-07-01, 2019-12-31}'::date[]) AS d, care.agreement_position(d) WHERE agreement_id = :free;
SELECT rate, balance FROM care.agreement_position('2018-06-30') WHERE agreement_id = :free;
-- another in its place, and one that never comes again; what holds is the one recorded last
SELECT care.begin_interest(:free, '2018-06-25', 'the death was six days before') > 0 AS corrected;
SELECT bears_from, charged FROM care.agreement WHERE agreement_id = :free;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    format('SELECT care.begin_interest(%s, %L, %L)', :plain, '2018-07-01', 'why'),
    format('SELECT care.begin_interest(%s, %L, %L)', :free, '2012-03-04', 'why'),
    format('SELECT care.begin_interest(%s, %L, %L)', :free, 'infinity', 'why'),
    format('SELECT care.begin_interest(%s, NULL, %L)', :free, 'why'),
    format('SELECT care.begin_interest(%s, %L, %L)', :free, '2018-07-01', ''),
    'SELECT care.begin_interest(999999, ''2018-07-01'', ''why'')']) AS s;
-- a load is held to the same
SELECT care_test.refused(format('INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason) VALUES (%s, %L, %L, %L)', :plain, '2018-07-01', 'bears_interest', 'why'));

--
-- The security changes: an undertaking, then a legal charge.
--
SELECT care.apply_for_agreement('E06000061', 'changed', 'p3', '2019-01-01') AS changed \gset
SELECT care_test.refused(format('SELECT care.change_security(%s, %L, %L)', :changed, '2019-02-01', 'legal_charge'));
SELECT care.decide_application(:changed, '2019-01-02', 'offered', true), care.notify_rate(:changed, '2019-01-02', NULL),
       care.sign_agreement(:changed, '2019-01-03'), care.secure_agreement(:changed, '2019-01-10', 'undertaking', 1, ' tt 1') \g /dev/null
SELECT care_test.refused(s) FROM unnest(ARRAY[
    format('SELECT care.change_security(%s, %L, %L)', :changed, '2019-01-09', 'legal_charge'),
    format('SELECT care.change_security(%s, %L, %L)', :changed, 'infinity', 'legal_charge'),
    format('SELECT care.change_security(%s, NULL, %L)', :changed, 'legal_charge'),
    format('SELECT care.change_security(%s, %L, %L)', :changed, '2019-02-01', 'promise'),
    format('SELECT care.change_security(%s, %L, %L, 0)', :changed, '2019-02-01', 'legal_charge')]) AS s;
SELECT care.change_security(:changed, '2019-03-04', 'legal_charge', 2, NULL, 'registered') > 0 AS changed;
SELECT valid_from, valid_to, charge_type, charge_priority, title_reference, reason FROM care.security_in_force
WHERE agreement_id = :changed ORDER BY valid_from;
SELECT care_test.refused(format('INSERT INTO care.agreement_event (agreement_id, on_day, kind, charge_type) VALUES (%s, %L, %L, %L)', :changed, '2019-01-09', 'security_changed', 'other')),
       care_test.refused(format('INSERT INTO care.agreement_event (agreement_id, on_day, kind) VALUES (%s, %L, %L)', :changed, '2019-01-10', 'security_changed'));

--
-- Two agreements on one title share its value.
--
SELECT care.open_agreement('E06000061', 'one', 'p4', '2019-01-07', '2019-01-07', title_reference => 'AB 123') AS one,
       care.open_agreement('E06000061', 'two', 'p5', '2019-01-07', '2019-01-07', title_reference => 'ab123') AS two,
       care.open_agreement('E06000061', 'three', 'p6', '2019-01-07', '2019-01-07', title_reference => 'AB124') AS three,
       care.open_agreement('E06000062', 'elsewhere', 'p7', '2019-01-07', '2019-01-07', title_reference => 'AB123') AS elsewhere \gset
SELECT care.record_valuation(:one, '2019-01-07', 300000) > 0 AS whole, care.defer(:one, '2019-02-04', 'care_fees', 250000) > 0 AS deferred;
SELECT care_test.refused(format('SELECT care.record_valuation(%s, %L, 300000)', :two, '2019-01-07'));
-- another title, or another authority, is another matter
SELECT count(care.record_valuation(x, '2019-01-07', 300000)) AS others FROM unnest(ARRAY[:three, :elsewhere]) AS x;
-- both sides of one, and any day on which it would be passed
SELECT care.record_valuation(:one, '2019-01-07', 300000, 0.6) > 0 AS corrected;
SELECT care_test.refused(format('SELECT care.record_valuation(%s, %L, 300000, 0.40000001)', :two, '2019-01-07'));
SELECT care.record_valuation(:two, '2019-01-07', 300000, 0.4) > 0 AS taken;
SELECT care_test.refused(format('SELECT care.record_valuation(%s, %L, 300000, 0.7)', :one, '2020-01-07'));
SELECT care_test.refused(format('SELECT care.change_security(%s, %L, %L, 1, %L)', :three, '2020-02-01', 'legal_charge', 'AB123'));
SELECT care_test.refused(format('SELECT care.change_security(%s, %L, %L, 1, %L)', :two, '2020-02-01', 'legal_charge', 'AB124'));
-- what is owed past one share leaves the less for the other: 90 per cent of 300,000 less twice 14,250 is 241,500
SELECT care.redemption_figure(:one, '2019-03-04') AS owed_by_one, care.equity_limit_on(:two, '2019-03-04') AS limit_of_two, r.*
FROM care_internal.title_room(:two, '2019-03-04') AS r;
SELECT care_test.refused(format('SELECT care.defer(%s, %L, %L, 0.01)', :two, '2019-03-04', 'care_fees'));
SELECT care.record_payment(:one, '2019-03-03', 100000) > 0 AS paid;
SELECT room, others FROM care_internal.title_room(:two, '2019-03-04') \gset
SELECT :room AS together, care_test.refused(format('SELECT care.defer(%s, %L, %L, %s)', :two, '2019-03-04', 'care_fees', :room + 0.01)) AS more;
SELECT care.defer(:two, '2019-03-04', 'care_fees', :room) > 0 AS all_of_it;
-- a lower valuation of the property, recorded for one, counts for both
SELECT care.record_valuation(:one, '2019-06-03', 250000, 0.6) > 0 AS lower;
SELECT a.reference, t.room < 0 AS past, t.others FROM care.agreement AS a, care_internal.title_room(a.agreement_id, '2019-06-03') AS t
WHERE a.agreement_id IN (:one, :two, :three) ORDER BY a.agreement_id;
-- the worklist says so
SELECT reference, at_limit, shared_with FROM care.security_review('2019-06-03') WHERE agreement_id IN (:one, :two, :three) ORDER BY agreement_id;
-- a load is held to it; once the charge of one is released its share is free
SELECT care_test.refused(format('INSERT INTO care.valuation (agreement_id, valued_on, amount, share, prior_charges) VALUES (%s, %L, 1, 1, 0)', :two, '2020-03-02'));
SELECT care.record_payment(:one, '2020-01-06', care.redemption_figure(:one, '2020-01-06')) > 0 AS repaid;
SELECT care.release_charge(:one, '2020-02-03');
SELECT care_test.refused(format('SELECT care.record_valuation(%s, %L, 300000)', :two, '2020-02-02')) LIKE '23514%' AS before,
       care.record_valuation(:two, '2020-02-03', 300000) > 0 AS after;

--
-- Debt brought in: at the start; otherwise by an override that is listed.
--
SELECT care.open_agreement('E06000062', 'debt', 'p8', '2019-01-07', '2019-01-07') AS debt \gset
SELECT care.record_valuation(:debt, '2019-01-07', 100000) > 0 AS valued, care.equity_limit_on(:debt, '2019-01-07') AS "limit";
SELECT care_test.refused(format('SELECT care.bring_in_debt(%s, %L, 75750.01, %L)', :debt, '2019-01-07', 'before'));
SELECT care.bring_in_debt(:debt, '2019-01-07', 75000, 'before') > 0 AS at_the_start, care.bring_in_debt(:debt, '2019-01-07', 750, 'more') > 0 AS and_more;
SELECT care.record_payment(:debt, '2019-01-14', 20000) > 0 AS paid;
SELECT care_test.refused(format('SELECT care.bring_in_debt(%s, %L, 10, %L)', :debt, '2019-01-14', 'before')) AS same_day,
       care_test.refused(format('SELECT care.bring_in_debt(%s, %L, 10, %L)', :debt, '2019-01-15', 'late')) AS later;
SELECT care.stop_deferring(:debt, '2019-02-04', 'income is enough') > 0 AS stopped;
SELECT care_test.refused(format('SELECT care.bring_in_debt(%s, %L, 10, %L)', :debt, '2019-02-04', 'late'));
SELECT care_test.refused(format('SELECT care.bring_in_debt(%s, %L, 10, %L, %L)', :debt, '2019-02-04', 'late', 'found late')),
       care_test.refused(format('SELECT care.bring_in_debt(%s, %L, 10, %L, NULL, %L)', :debt, '2019-02-04', 'late', 'the director'));
SELECT care.bring_in_debt(:debt, '2019-02-04', 90000, 'a bill of December', 'found late', 'the director') > 0 AS overridden;
SELECT reference, on_day, amount, note, override_reason, authorised_by FROM care.debt_override;

--
-- A charge billed each 1 April: once in each year.
--
SELECT care.record_fee_tariff('E06000062', 'yearly', '2015-04-01', 'yearly', 60, 'test', 4),
       care.record_fee_tariff('E06000062', 'review', '2015-04-01', 'yearly', 70, 'test') \g /dev/null
SELECT care.open_agreement('E06000062', 'charged', 'p9', '2018-10-15', '2018-10-15') AS charged \gset
SELECT count(care.record_charge(:charged, day, 'yearly')) AS once_a_year FROM unnest('{2018-10-15, 2019-04-01, 2021-03-31}'::date[]) AS day;
SELECT day, care_test.refused(format('SELECT care.record_charge(%s, %L, %L)', :charged, day, 'yearly')) AS again
FROM unnest('{2019-03-31, 2019-04-02, 2020-03-31, 2020-04-01}'::date[]) AS day;
SELECT count(care.record_charge(:charged, day, 'yearly')) AS next FROM unnest('{2021-04-01, 2022-04-01}'::date[]) AS day;
-- without a month, twelve months go by
SELECT count(care.record_charge(:charged, day, 'review')) AS a_year_later FROM unnest('{2018-10-15, 2019-10-15}'::date[]) AS day;
SELECT care_test.refused(format('SELECT care.record_charge(%s, %L, %L)', :charged, '2020-10-14', 'review'));
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_fee_tariff('E06000062', 'x', '2015-04-01', 'one_off', 60, 'test', 4)$$,
    $$SELECT care.record_fee_tariff('E06000062', 'x', '2015-04-01', 'yearly', 60, 'test', 0)$$,
    $$SELECT care.record_fee_tariff('E06000062', 'x', '2015-04-01', 'yearly', 60, 'test', 13)$$]) AS s;
SELECT line, basis, amount, year_begins FROM care.fee_tariff_on('E06000062', '2019-01-01') ORDER BY line;

--
-- Statements by calendar half-years.
--
SELECT care.open_agreement('E06000061', 'halves', 'p10', '2019-03-11', '2019-03-11') AS halves,
       care.open_agreement('E06000061', 'first day', 'p11', '2019-07-01', '2019-07-01') AS first_day \gset
SELECT d, reference, due_on FROM unnest('{2019-06-30, 2019-07-01, 2019-09-11, 2020-01-01}'::date[]) AS d,
    care.agreement_statement_due(d) WHERE agreement_id IN (:halves, :first_day) ORDER BY d, reference;
SELECT care.record_setting('E06000061', 'statement_month', '7');
SELECT d, reference, due_on FROM unnest('{2019-06-30, 2019-07-01, 2019-09-11, 2019-12-31, 2020-01-01}'::date[]) AS d,
    care.agreement_statement_due(d) WHERE agreement_id IN (:halves, :first_day) ORDER BY d, reference;

--
-- Fees since the signing, brought in once there is a security where the authority so decided by then.
--
SELECT care.record_setting('E06000062', 'fees_before_securing', 'brought_in', '2019-05-01');
SELECT care.apply_for_agreement('E06000062', x.name, x.name, '2019-04-01') AS id, x.name, x.signed INTO TEMP drawn
FROM (VALUES ('left out', date '2019-04-30'), ('brought in', '2019-05-01')) AS x (name, signed);
SELECT care.decide_application(id, '2019-04-02', 'offered', true), care.notify_rate(id, '2019-04-02', NULL),
       care.sign_agreement(id, signed), care.record_valuation(id, '2019-04-02', 200000) FROM drawn \g /dev/null
SELECT name, care_test.refused(format('SELECT care.defer(%s, %L, %L, 500)', id, '2019-05-06', 'care_fees')) AS unsecured FROM drawn ORDER BY id;
SELECT count(care.secure_agreement(id, '2019-06-03')) AS secured FROM drawn;
SELECT name, care_test.refused(format('SELECT care.defer(%s, %L, %L, 500)', id, '2019-05-06', 'care_fees')) AS since_signing,
       care_test.refused(format('SELECT care.defer(%s, %L, %L, 500)', id, signed - 1, 'care_fees')) AS before FROM drawn ORDER BY id;
SELECT count(care.record_deferral(id, signed, 571, 180)) AS weekly FROM drawn WHERE name = 'brought in';
SELECT * FROM care.verify();
ROLLBACK;
