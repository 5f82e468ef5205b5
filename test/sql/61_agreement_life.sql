--
-- 61_agreement_life: an agreement from the application to the released charge: every step in its order,
-- every step out of it, and the state on the days before, at and after each (R1, R3, R20, R21).
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
ALTER TABLE care.agreement_event ALTER COLUMN event_id RESTART WITH 1;
ALTER TABLE care.agreement_entry ALTER COLUMN entry_id RESTART WITH 1;
-- what a step is met with, taken or its SQLSTATE; it is undone
CREATE FUNCTION pg_temp.attempt(step text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE step;
    RAISE EXCEPTION USING ERRCODE = 'ZZZZZ';
EXCEPTION WHEN OTHERS THEN
    RETURN CASE SQLSTATE WHEN 'ZZZZZ' THEN 'taken' ELSE SQLSTATE END;
END
$$;
-- the state on the day before, the day, and the day after
CREATE FUNCTION pg_temp.around(agreement_reference text, day date) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(coalesce(s.state || ' since ' || s.since, 'nothing'), ', ' ORDER BY d)
    FROM generate_series(day - 1, day + 1, interval '1 day') AS d
        LEFT JOIN LATERAL (SELECT * FROM care.agreement_state(d::date) AS x WHERE x.reference = agreement_reference) AS s ON true
$$;

--
-- One life, step by step.
--
SELECT care.apply_for_agreement('E06000061', 'A', 'person 1', '2019-01-07', '1940-02-03') AS a \gset
SELECT pg_temp.around('A', '2019-01-07');
-- nothing is offered before it was asked for; one that meets the criteria is offered (R1)
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.decide_application(1, '2019-01-06', 'offered', true)$$,
    $$SELECT care.decide_application(1, '2019-01-14', 'refused', true, 'no money')$$,
    $$SELECT care.decide_application(1, '2019-01-14', 'refused', true, 'no money', '')$$,
    $$SELECT care.decide_application(1, '2019-01-14', 'refused', false)$$,
    $$SELECT care.decide_application(1, '2019-01-14', 'refused', NULL, 'capital')$$,
    $$SELECT care.decide_application(1, '2019-01-14', 'deferred', true)$$,
    $$SELECT care.decide_application(NULL, '2019-01-14', 'offered', true)$$]) AS s;
-- nor past the functions
SELECT regexp_replace(care_test.refused($$INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, reason) VALUES (1, '2019-01-14', 'refused', true, 'no money')$$), ' \(.*', '');
SELECT count(*) AS events FROM care.agreement_event;
-- refused with a lawful reason, and offered after all
SELECT care.decide_application(:a, '2019-01-14', 'refused', true, 'second home', 'regulation 3');
SELECT pg_temp.around('A', '2019-01-14');
SELECT care_test.refused($$SELECT care.sign_agreement(1, '2019-02-01')$$);
SELECT care_test.refused($$SELECT care.secure_agreement(1, '2019-02-01')$$);
SELECT care.decide_application(:a, '2019-01-21', 'offered', true);
SELECT pg_temp.around('A', '2019-01-21');
-- signing needs a policy of the day, a notice of the rate by then, and the offer
SELECT care_test.refused($$SELECT care.sign_agreement(1, '2019-02-01')$$);
SELECT care.record_interest_policy('E06000061', '2019-02-02', NULL, 'a decision of the test');
SELECT care_test.refused($$SELECT care.sign_agreement(1, '2019-02-01')$$);
SELECT care.record_interest_policy('E06000061', '2019-02-01', NULL, 'a decision of the test', 'act/365f', 'monthly');
SELECT care_test.refused($$SELECT care.sign_agreement(1, '2019-02-01')$$);
SELECT care.notify_rate(:a, '2019-02-02', 1.65);
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.sign_agreement(1, '2019-02-01')$$,
    $$SELECT care.sign_agreement(1, '2019-01-20')$$,
    $$SELECT care.sign_agreement(1, '2019-01-06')$$,
    $$SELECT care.notify_rate(1, '2019-01-06', 1.65)$$,
    $$SELECT care.notify_rate(1, '2019-02-02', -1)$$]) AS s;
SELECT care.notify_rate(:a, '2019-01-31', 1.65);
SELECT care.sign_agreement(:a, '2019-02-01');
SELECT pg_temp.around('A', '2019-02-01');
-- the terms are those of the policy of the day
SELECT day_count, capitalised FROM care.agreement WHERE agreement_id = :a;
-- signed is not enough
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.defer(1, '2019-02-01', 'administration_charge', 450)$$,
    $$SELECT care.bring_in_debt(1, '2019-02-01', 450, 'before')$$,
    $$SELECT care.record_deferral(1, '2019-02-01', 700, 200)$$,
    $$SELECT care.sign_agreement(1, '2019-02-02')$$,
    $$SELECT care.decide_application(1, '2019-02-02', 'refused', false, 'changed our mind')$$,
    $$SELECT care.secure_agreement(1, '2019-02-11', 'pledge')$$,
    $$SELECT care.secure_agreement(1, '2019-02-11', 'legal_charge', 0)$$,
    $$SELECT care.secure_agreement(1, 'infinity')$$]) AS s;
SELECT care.secure_agreement(:a, '2019-02-11', 'undertaking', 2, 'TT1234', 'by the solicitors');
SELECT pg_temp.around('A', '2019-02-11');
SELECT charge_type, charge_priority, title_reference, reason FROM care.agreement_event WHERE agreement_id = :a AND kind = 'secured';
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.secure_agreement(1, '2019-02-12')$$,
    $$SELECT care.defer(1, '2019-02-10', 'administration_charge', 450)$$,
    $$SELECT care.defer(1, '2019-02-11', 'care_fees', 450)$$]) AS s;
SELECT care.record_valuation(:a, '2019-02-11', 200000) > 0 AS valued, care.defer(:a, '2019-02-11', 'care_fees', 1000) AS fees;
-- stop and resume: each the other way than before, one a day, with a reason; charges and interest go on (R20)
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.resume_deferring(1, '2019-03-01')$$,
    $$SELECT care.stop_deferring(1, '2019-03-01', '')$$,
    $$SELECT care.stop_deferring(1, '2019-01-31', 'before signing')$$]) AS s;
SELECT care.stop_deferring(:a, '2019-03-01', 'income is enough');
SELECT pg_temp.around('A', '2019-03-01');
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.stop_deferring(1, '2019-03-02', 'again')$$,
    $$SELECT care.resume_deferring(1, '2019-03-01')$$,
    $$SELECT care.defer(1, '2019-03-01', 'care_fees', 10)$$]) AS s;
SELECT care.defer(:a, '2019-02-28', 'care_fees', 10) > 0 AS before, care.defer(:a, '2019-03-01', 'administration_charge', 10) > 0 AS charge;
SELECT interest > 0 AS interest_goes_on FROM care.interest_working(:a, '2019-03-01', '2019-03-31');
SELECT care.resume_deferring(:a, '2019-04-01', 'income fell');
SELECT pg_temp.around('A', '2019-04-01');
SELECT care.defer(:a, '2019-04-01', 'care_fees', 10) > 0 AS again;
-- the end: no more fees; charges and interest go on
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.end_agreement(1, '2019-01-31', 'sold')$$,
    $$SELECT care.end_agreement(1, '2019-05-01', 'moved')$$]) AS s;
SELECT care.end_agreement(:a, '2019-05-01', 'sold');
SELECT pg_temp.around('A', '2019-05-01');
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.end_agreement(1, '2019-05-02', 'sold')$$,
    $$SELECT care.defer(1, '2019-05-01', 'care_fees', 10)$$]) AS s;
SELECT care.defer(:a, '2019-05-01', 'administration_charge', 10) > 0 AS charge;
-- the charge stays until it is repaid
SELECT care_test.refused($$SELECT care.release_charge(1, '2019-06-01')$$);
SELECT care.record_payment(:a, '2019-06-01', care.redemption_figure(:a, '2019-06-01')) > 0 AS repaid;
SELECT pg_temp.around('A', '2019-06-01');
SELECT d, closed_on, release_by, overdue FROM unnest('{2019-05-31, 2019-06-01, 2019-06-29, 2019-06-30, 2019-07-15}'::date[]) AS d
    LEFT JOIN LATERAL care.charge_release_due(d) ON true;
SELECT care_test.refused($$SELECT care.release_charge(1, '2019-05-31')$$);
SELECT care.record_setting('E06000061', 'charge_release_days', '10', '2019-01-01');
SELECT release_by, overdue FROM care.charge_release_due('2019-06-12');
SELECT care.release_charge(:a, '2019-07-15');
SELECT pg_temp.around('A', '2019-07-15');
SELECT d, (SELECT count(*) FROM care.charge_release_due(d)) AS to_release FROM unnest('{2019-07-14, 2019-07-15}'::date[]) AS d;
-- after that nothing more
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.release_charge(1, '2019-07-16')$$,
    $$SELECT care.record_payment(1, '2019-08-01', 10)$$,
    $$SELECT care.defer(1, '2019-08-01', 'administration_charge', 10)$$,
    $$SELECT care.bring_in_debt(1, '2019-08-01', 10, 'late')$$,
    $$SELECT care.record_deferral(1, '2019-08-01', 100, 0)$$,
    $$SELECT care.reverse_entry(1, (SELECT max(entry_id) FROM care.agreement_entry WHERE agreement_id = 1), 'bounced')$$,
    $$SELECT care.write_off(1, '2019-08-01', 'attempted', 'late', 'head of service')$$,
    $$SELECT care.record_judgment(1, '2019-08-01', 'late')$$,
    $$SELECT care.stop_deferring(1, '2019-08-01', 'late')$$,
    $$SELECT care.pay_interest_separately(1, '2019-08-01')$$]) AS s;
SELECT * FROM care.verify();

--
-- Every step in every state.  One agreement in each; each step is tried and undone.
--
CREATE TEMP TABLE stage (n int, state text, id bigint);
INSERT INTO stage
SELECT n, state, care.apply_for_agreement('E06000062', state, 'person of ' || state, '2019-01-01', '1940-01-01')
FROM unnest('{applied, refused, offered, signed, secured, stopped, ended, judgment, repaid, written off, released}'::text[])
    WITH ORDINALITY AS s (state, n) ORDER BY n;
SELECT care.record_interest_policy('E06000062', '2015-04-01', NULL, 'test');
SELECT count(care.decide_application(id, '2019-01-02', CASE n WHEN 2 THEN 'refused' ELSE 'offered' END, false, 'because')) AS decided FROM stage WHERE n > 1;
SELECT count(care.notify_rate(id, '2019-01-03', NULL)) AS notified FROM stage WHERE n > 2;
SELECT count(care.sign_agreement(id, '2019-01-04')) AS signed FROM stage WHERE n > 3;
SELECT count(care.secure_agreement(id, '2019-01-05')) AS secured FROM stage WHERE n > 4;
SELECT count(care.record_valuation(id, '2019-01-05', 100000)) AS valued FROM stage WHERE n > 3;
SELECT count(care.defer(id, '2019-01-06', 'care_fees', 1000)) AS drawn FROM stage WHERE n > 4;
SELECT count(care.stop_deferring(id, '2019-02-01', 'test')) AS stopped FROM stage WHERE n = 6;
SELECT count(care.end_agreement(id, '2019-02-01', 'sold')) AS ended FROM stage WHERE n > 6;
SELECT count(care.record_judgment(id, '2019-03-01', 'case 1')) AS judgments FROM stage WHERE n = 8;
SELECT count(care.record_payment(id, '2019-03-01', care.redemption_figure(id, '2019-03-01'))) AS payments FROM stage WHERE n IN (9, 11);
SELECT count(care.write_off(id, '2019-03-01', 'attempted', 'nothing left', 'head of service')) AS written_off FROM stage WHERE n = 10;
SELECT count(care.release_charge(id, '2019-03-15')) AS released FROM stage WHERE n = 11;
SELECT g.n, s.state, s.since FROM stage AS g JOIN care.agreement_state('2019-03-31') AS s ON s.agreement_id = g.id ORDER BY g.n;
SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS facts FROM care.agreement_event AS t \gset before_
SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) AS facts FROM care.agreement_entry AS t \gset entries_before_
CREATE TEMP TABLE step (n int, step text, command text);
INSERT INTO step SELECT n, split_part(s, ' | ', 1), 'SELECT care.' || split_part(s, ' | ', 2)
FROM unnest(ARRAY['offer | decide_application(%s, ''2019-04-01'', ''offered'', true)',
    'refuse | decide_application(%s, ''2019-04-01'', ''refused'', false, ''test'')',
    'notify | notify_rate(%s, ''2019-04-01'', 1)', 'sign | sign_agreement(%s, ''2019-04-01'')',
    'secure | secure_agreement(%s, ''2019-04-01'')', 'fees | defer(%s, ''2019-04-01'', ''care_fees'', 100)',
    'charge | defer(%s, ''2019-04-01'', ''administration_charge'', 100)', 'bring in | bring_in_debt(%s, ''2019-04-01'', 100, ''test'')',
    'all the same | bring_in_debt(%s, ''2019-04-01'', 100, ''test'', ''late'', ''the director'')',
    'weekly | record_deferral(%s, ''2019-04-01'', 100, 0)', 'stop | stop_deferring(%s, ''2019-04-01'', ''test'')',
    'resume | resume_deferring(%s, ''2019-04-01'')', 'interest separate | pay_interest_separately(%s, ''2019-04-01'')',
    'charges separate | pay_charges_separately(%s, ''2019-04-01'')',
    'pay 1 | record_payment(%s, ''2019-04-01'', 1)',
    'pay 10,000 | record_payment(%s, ''2019-04-01'', 10000)', 'end | end_agreement(%s, ''2019-04-01'', ''other'')',
    'judgment | record_judgment(%s, ''2019-04-01'', ''case 2'')', 'write off | write_off(%s, ''2019-04-01'', ''attempted'', ''test'', ''head of service'')',
    'release | release_charge(%s, ''2019-04-01'')', 'statement | issue_agreement_statement(%s, ''2019-04-01'')']) WITH ORDINALITY AS x (s, n);
\pset format aligned
SELECT s.step, max(r) FILTER (WHERE g.n = 1) AS applied, max(r) FILTER (WHERE g.n = 2) AS refused, max(r) FILTER (WHERE g.n = 3) AS offered,
       max(r) FILTER (WHERE g.n = 4) AS signed, max(r) FILTER (WHERE g.n = 5) AS secured, max(r) FILTER (WHERE g.n = 6) AS stopped,
       max(r) FILTER (WHERE g.n = 7) AS ended, max(r) FILTER (WHERE g.n = 8) AS judgment, max(r) FILTER (WHERE g.n = 9) AS repaid,
       max(r) FILTER (WHERE g.n = 10) AS written_off, max(r) FILTER (WHERE g.n = 11) AS released
FROM step AS s, stage AS g, LATERAL pg_temp.attempt(format(s.command, g.id)) AS r
GROUP BY s.n, s.step ORDER BY s.n;
\pset format unaligned
SELECT (SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM care.agreement_event AS t) = :'before_facts' AS events_as_before,
       (SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM care.agreement_entry AS t) = :'entries_before_facts' AS entries_as_before;

--
-- Judgment, write-off, and what is undone.
--
-- a judgment is on or after the day of the last care fees, and posts the weeks that ended before it
SELECT care.open_agreement('E06000062', 'J', 'person J', '2019-01-01', '2019-01-01') AS j \gset
SELECT care.record_valuation(:j, '2019-01-01', 100000) > 0 AS valued, care.record_deferral(:j, '2019-01-07', 694, 144, 144) > 0 AS weekly;
SELECT care.post_deferral(:j, '2019-02-03') AS weeks;
SELECT regexp_replace(care_test.refused(format('SELECT care.record_judgment(%s, %L, %L)', :j, '2019-02-02', 'case J')), 'agreement \d+', 'agreement N');
SELECT care.record_judgment(:j, '2019-02-20', 'case J') AS debt;
SELECT on_day, amount, kind FROM care.agreement_entry WHERE agreement_id = :j ORDER BY entry_id;
SELECT care.post_deferral(:j, '2019-06-30') AS none_after, (SELECT count(*) FROM care.deferral_due('2019-06-30') WHERE agreement_id = :j) AS due;
-- a mistake found afterwards is corrected all the same, and what the judgment makes of it follows
SELECT care.redemption_figure(:j, '2019-06-30') AS before \gset
SELECT regexp_replace(care_test.refused(s), 'agreement \d+|entry \d+', 'N', 'g') FROM unnest(ARRAY[
    format('SELECT care.defer(%s, %L, %L, 1)', :j, '2019-02-20', 'care_fees'),
    format('SELECT care.record_judgment(%s, %L, %L)', :j, '2019-03-01', 'case K')]) AS s;
SELECT care.record_payment(:j, '2019-02-19', 1) > 0 AS paid, care.record_payment(:j, '2019-02-20', 1) AS payment \gset
SELECT care.redemption_figure(:j, '2019-02-20') AS less_two, care.redemption_figure(:j, '2019-06-30') < :before AS less;
SELECT care.reverse_entry(:j, :payment, 'x') > 0 AND care.reverse_entry(:j, :payment - 1, 'x') > 0 AS reversed;
SELECT care.redemption_figure(:j, '2019-06-30') = :before AS as_before;
-- a write-off of all that is owed, and its reversal opens the debt as if it had never been
SELECT care.open_agreement('E06000062', 'W', 'person W', '2019-01-01', '2019-01-01') AS w \gset
SELECT care.record_valuation(:w, '2019-01-01', 100000) > 0 AND care.defer(:w, '2019-01-02', 'care_fees', 20000) > 0 AS drawn;
SELECT care.redemption_figure(:w, '2020-05-05') AS later \gset w_
SELECT care_test.refused(s) FROM unnest(ARRAY[
    format('SELECT care.write_off(%s, %L, %L, %L, ''head of service'')', :w, '2019-06-01', 'tried', 'x'),
    format('SELECT care.write_off(%s, %L, %L, %L, ''head of service'')', :w, '2019-06-01', 'attempted', '')]) AS s;
SELECT regexp_replace(care_test.refused(format('SELECT care.write_off(%s, %L, %L, %L, ''head of service'')', :w, '2019-01-01', 'attempted', 'x')), 'agreement \d+', 'agreement N');
SELECT care.write_off(:w, '2019-06-01', 'not_attempted', 'lost', 'head of service') AS written_off;
SELECT pg_temp.around('W', '2019-06-01');
SELECT care.reverse_entry(:w, (SELECT max(entry_id) FROM care.agreement_entry WHERE agreement_id = :w), 'found') > 0 AS reversed;
SELECT state, care.redemption_figure(:w, '2020-05-05') = :w_later AS as_if_never FROM care.agreement_state('2019-06-02') WHERE agreement_id = :w;
SELECT care.write_off(:w, '2020-05-05', 'attempted', 'lost again', 'head of service') = :w_later AS written_off_again;
SELECT recovery, reason FROM care.agreement_event WHERE agreement_id = :w AND kind = 'written_off' ORDER BY event_id;
-- one that ended and never had a debt is released too; so is one whose only charge was a mistake
SELECT care.open_agreement('E06000062', 'N', 'person N', '2019-01-01', '2019-01-01') AS n \gset
SELECT care.defer(:n, '2019-02-01', 'administration_charge', 100) AS mistake \gset
SELECT care.end_agreement(:n, '2019-03-01', 'other');
SELECT left(care_test.refused(format('SELECT care.release_charge(%s, %L)', :n, '2019-03-15')), 5) AS not_yet;
SELECT care.reverse_entry(:n, :mistake, 'mistake') > 0 AS reversed;
SELECT pg_temp.around('N', '2019-03-01');
SELECT closed_on, release_by FROM care.charge_release_due('2019-03-15') WHERE agreement_id = :n;
SELECT care.release_charge(:n, '2019-03-15');
-- repaid, charged by mistake, and that reversed: still repaid
SELECT care.defer(id, '2019-03-05', 'administration_charge', 10) AS mistake FROM stage WHERE state = 'repaid' \gset
SELECT s.state FROM care.agreement_state('2019-04-01') AS s JOIN stage AS g ON g.id = s.agreement_id WHERE g.n = 9;
SELECT care.reverse_entry(id, :mistake, 'mistake') > 0 AS reversed FROM stage WHERE n = 9;
SELECT s.state, s.since FROM care.agreement_state('2019-04-01') AS s JOIN stage AS g ON g.id = s.agreement_id WHERE g.n = 9;

--
-- A decision holds by its day, whenever it was recorded or put right.
--
SELECT care.apply_for_agreement('E06000061', 'L', 'person L', '2019-01-07') AS l \gset
SELECT care.decide_application(:l, '2019-01-14', 'refused', true, 'second home', 'regulation 3') AS refusal,
       care.decide_application(:l, '2019-01-21', 'offered', true) AS offer \gset
SELECT care.correct_step(:l, :refusal, '2019-01-15', 'typed wrongly') > :offer AS corrected_later;
SELECT d, s.state, s.since FROM unnest('{2019-01-14, 2019-01-20, 2019-01-31}'::date[]) AS d, care.agreement_state(d) AS s WHERE s.agreement_id = :l ORDER BY d;
SELECT r.closed_on FROM care_internal.agreement_retained('2019-01-31') AS r WHERE r.record_id = :l;
SELECT care.notify_rate(:l, '2019-01-28', 1.65) > 0 AS told, care.sign_agreement(:l, '2019-02-02');
SELECT s.state, s.since FROM care.agreement_state('2019-02-02') AS s WHERE s.agreement_id = :l;
SELECT * FROM care.agreement_step_to_check WHERE agreement_id = :l;

--
-- Agreements made before April 2015, and of the loan style.
--
SELECT care.record_interest_policy('E06000063', '2013-01-01', 0, 'none then'), care.record_interest_policy('E06000063', '2015-04-01', NULL, 'since');
SELECT care.open_agreement('E06000063', 'free', 'person 7', '2013-05-01', '2013-05-01', interest_from => 'infinity') AS free,
       care.open_agreement('E06000063', 'from', 'person 8', '2013-05-01', '2013-05-01', interest_from => '2016-01-01', style => 'loan', term => 'until_sale') AS later,
       care.open_agreement('E06000063', 'at once', 'person 9', '2013-05-01', '2013-05-01') AS once \gset
SELECT count(care.record_valuation(x, '2015-04-01', 100000)) AS valued, count(care.bring_in_debt(x, '2013-05-01', 10000, 'deferred before')) AS brought_in
FROM unnest(ARRAY[:free, :later, :once]) AS x;
SELECT reference, d, balance FROM unnest('{2014-12-31, 2015-12-31, 2016-12-31}'::date[]) AS d, care.agreement_position(d)
WHERE authority = 'E06000063' ORDER BY reference, d;
SELECT round(10000 * care.growth(care.national_max_rates(), 'act/act', 'daily', '2016-01-01', '2016-12-31'), 2) AS by_hand;
SELECT style, term, interest_from FROM care.agreement WHERE agreement_id = :later;
SELECT * FROM care.rate_above_maximum;
SELECT * FROM care.verify();
ROLLBACK;
