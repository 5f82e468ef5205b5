--
-- 66_dpa_detail: DPA003 to DPA005 in detail, and the checks between the tables of the return (R112).
--
-- The year is 1 April 2019 to 31 March 2020.  All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT care.record_interest_policy(a, '2015-04-01', 0, 'none') FROM unnest('{E06000061,E06000062}'::text[]) AS a;
SELECT care.record_setting('E06000061', 'dpa_refusal_reasons', 'insufficient equity,no security'), care.record_setting('E06000061', 'dpa_property_uses', 'let,occupied');
CREATE FUNCTION pg_temp.made(name text, born date, signed date, charge text, priority int, top_up boolean DEFAULT false, term text DEFAULT 'lifetime', use text DEFAULT 'let', authority text DEFAULT 'E06000061')
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.apply_for_agreement(authority, name, 'person of ' || name, signed, born, 'traditional', term, top_up, use);
BEGIN
    PERFORM care.decide_application(id, signed, 'offered', true), care.notify_rate(id, signed, 0), care.sign_agreement(id, signed), care.secure_agreement(id, signed, charge, priority);
    RETURN id;
END
$$;
-- five new: 4 first charges and a second; one of the year before
SELECT count(pg_temp.made('n' || n, CASE n WHEN 1 THEN '1970-01-01' ELSE '1940-01-01' END::date, '2019-06-01', 'legal_charge', CASE n WHEN 5 THEN 2 ELSE 1 END, n = 2, CASE n WHEN 3 THEN 'until_sale' ELSE 'lifetime' END,
    CASE n WHEN 4 THEN 'museum' WHEN 5 THEN NULL ELSE 'let' END)) FROM generate_series(1, 5) AS n;
SELECT pg_temp.made('older', '1940-01-01', '2019-03-31', 'other', NULL) > 0 AS older;
-- 33: not decided; refused at last; refused, then offered; refused after the year
SELECT care.apply_for_agreement('E06000061', r, 'person of ' || r, '2019-06-01', '1940-01-01') AS id, r INTO TEMP asked FROM unnest('{undecided,refused,turned,late,other}'::text[]) AS r;
SELECT count(care.decide_application(id, '2019-07-01', 'refused', false, CASE r WHEN 'other' THEN 'the moon' ELSE 'No security' END)) FROM asked WHERE r IN ('refused', 'turned', 'other');
SELECT count(care.decide_application(id, '2019-08-01', 'offered', true)) FROM asked WHERE r = 'turned';
SELECT count(care.decide_application(id, '2020-04-01', 'refused', false, 'no security')) FROM asked WHERE r = 'late';
SELECT * FROM care.dpa003('E06000061', '2020-03-31');
-- what is no authority, and what is no year, have no return of nothing
SELECT f, care_test.refused(format('SELECT * FROM care.%s(%L, %L)', f, 'E06999999', '2020-03-31')), care_test.refused(format('SELECT * FROM care.%s(%L, %L)', f, 'E06000061', '2020-03-30'))
FROM unnest('{dpa_return,dpa003,dpa004,dpa005,dpa_check}'::text[]) AS f;
SELECT care_test.refused($$SELECT * FROM care.dpa_agreement('E06999999', '2019-04-01', '2020-03-31')$$), care_test.refused($$SELECT * FROM care.account_letters('E06999999')$$),
       care_test.refused($$SELECT care.dispose_access_log('E06999999')$$);
-- 34: 3d = 4 + 1 + 0 passes
SELECT * FROM care.dpa_check('E06000061', '2020-03-31');
SELECT care_test.refused($$SELECT care.record_dpa_explanation('E06000061', '2020-03-31', '3d', 'none')$$);
-- 34: 4 + 0 + 0 of the five is a breach; 35: there is one security, by which it counts once, and no second beside it
SELECT care_test.refused(format('SELECT care.secure_agreement(%s, ''2019-06-02'', ''legal_charge'', 2)', agreement_id)) ~ '^55000 .* was secured on 2019-06-01$' AS "35: refused" FROM care.agreement WHERE reference = 'n1';
SAVEPOINT second;
SELECT care.withdraw_step(e.agreement_id, e.event_id, 'not known which') > 0 AS charge FROM care.agreement_event AS e JOIN care.agreement AS a ON a.agreement_id = e.agreement_id WHERE a.reference = 'n5' AND e.kind = 'secured';
SELECT care.secure_agreement(agreement_id, '2019-06-01', 'legal_charge', NULL) FROM care.agreement WHERE reference = 'n5';
SELECT rule AS "34", number, expected, breach, reason FROM care.dpa_check('E06000061', '2020-03-31') WHERE breach;
ROLLBACK TO second;
SELECT care_test.refused(format($$INSERT INTO care.agreement_event (agreement_id, on_day, kind, charge_type, charge_priority) VALUES (%s, '2019-06-02', 'secured', 'legal_charge', 2)$$, agreement_id)) AS "35: loaded" FROM care.agreement WHERE reference = 'n1';
SELECT part, item, number FROM care.dpa003('E06000061', '2020-03-31') WHERE part = '3d';
SELECT number AS "35: new" FROM care.dpa_check('E06000061', '2020-03-31') WHERE rule = '3d';
-- a charge whose priority is not known is in none of them: a breach, and a reason is asked
SELECT pg_temp.made('n6', '1940-01-01', '2019-06-01', 'legal_charge', NULL) > 0 AS sixth;
SELECT rule, number, expected, breach, reason FROM care.dpa_check('E06000061', '2020-03-31') WHERE breach;
SELECT care.record_dpa_explanation('E06000061', '2020-03-31', '3d', 'the priority of one charge is asked of the registry');
SELECT rule, breach, reason FROM care.dpa_check('E06000061', '2020-03-31') WHERE breach;
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT care.record_dpa_explanation('E06000061', '2020-03-31', '3e', 'x')$$, $$SELECT care.record_dpa_explanation('E06000061', '2020-03-31', '3d', '')$$,
    $$DELETE FROM care.dpa_explanation$$]) AS s;
-- what was withdrawn or put right: a refusal that was none, a first charge that is a second, a decision of which another day is recorded late
SAVEPOINT steps;
SELECT care.withdraw_step(e.agreement_id, e.event_id, 'of another') > 0 AS refusal FROM care.agreement_event AS e JOIN care.agreement AS a ON a.agreement_id = e.agreement_id WHERE a.reference = 'refused' AND e.kind = 'refused';
SELECT care.correct_step(e.agreement_id, e.event_id, '2019-07-02', 'a day later') > 0 AS decision FROM care.agreement_event AS e JOIN care.agreement AS a ON a.agreement_id = e.agreement_id WHERE a.reference = 'turned' AND e.kind = 'refused';
SELECT care.withdraw_step(e.agreement_id, e.event_id, 'registered second') > 0 AS charge FROM care.agreement_event AS e JOIN care.agreement AS a ON a.agreement_id = e.agreement_id WHERE a.reference = 'n1' AND e.kind = 'secured';
SELECT care.secure_agreement(agreement_id, '2019-06-01', 'legal_charge', 2) FROM care.agreement WHERE reference = 'n1';
SELECT part, item, age_band, number FROM care.dpa003('E06000061', '2020-03-31') WHERE part = '3d' OR item LIKE 'not provided%';
SELECT item, number FROM care.dpa_return('E06000061', '2020-03-31') WHERE item LIKE 'requests%';
ROLLBACK TO steps;
-- DPA004: who pays what is left, and bands on both sides
SELECT count(care.record_deferral(a.agreement_id, '2019-06-01', v.cost, v.income)) FROM (VALUES ('n1', 299.99, 0), ('n2', 300, 0), ('n3', 700, 300), ('n4', 400.01, 0), ('n5', 500.01, 0)) AS v (r, cost, income)
    JOIN care.agreement AS a ON a.reference = v.r AND a.authority = 'E06000061';
SELECT * FROM care.dpa004('E06000061', '2020-03-31');
-- DPA005: bands by anniversaries; total = recovered
CREATE FUNCTION pg_temp.repaid(name text, signed date, paid date, died date DEFAULT NULL) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    id bigint := pg_temp.made(name, '1940-01-01', signed, 'legal_charge', 1, authority => 'E06000062');
    owed numeric;
BEGIN
    PERFORM care.record_valuation(id, signed, 5000000), care.defer(id, signed, 'care_fees', 1000);
    IF died IS NOT NULL THEN PERFORM care.record_death('person of ' || name, died, died); END IF;
    owed := care.redemption_figure(id, paid);
    PERFORM care.record_payment(id, paid, owed);
    RETURN owed;
END
$$;
SELECT count(pg_temp.repaid(n, s, p, d)) FROM (VALUES ('a', '2018-06-01'::date, '2019-05-31'::date, NULL::date), ('b', '2018-06-01', '2019-06-01', NULL), ('c', '2016-02-29', '2020-02-28', '2019-12-01'), ('d', '2015-04-01', '2020-03-31', NULL), ('e', '2015-04-01', '2020-04-01', NULL)) AS v (n, s, p, d);
SELECT * FROM care.dpa005('E06000062', '2020-03-31');
SELECT rule, number, expected, breach FROM care.dpa_check('E06000062', '2020-03-31') WHERE rule = '5';
SELECT care.record_setting('E06000062', 'dpa_duration_years', '4'); SELECT item, duration, number FROM care.dpa005('E06000062', '2020-03-31');
ROLLBACK;
