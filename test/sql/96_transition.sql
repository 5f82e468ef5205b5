--
-- 96_transition: from children's to adults' services, and the transfer of the Independent Living Fund.
--
-- The numbers are those of the examples in doc/reference/casework_transition.md.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care, casework;
SET jit = off;
SET client_min_messages = warning;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
CREATE EXTENSION IF NOT EXISTS care_casework CASCADE;
ALTER TABLE casework.transition ALTER COLUMN transition_id RESTART WITH 1;
ALTER TABLE casework.transition_event ALTER COLUMN event_id RESTART WITH 1;
ALTER TABLE casework.ilf_award ALTER COLUMN award_id RESTART WITH 1;

SELECT casework.open_transition('E10000028', 'C1', 'T1', 'childs_needs', '2015-09-01', '1998-06-15') AS t1, casework.open_transition('E10000028', 'C2', 'T2', 'childs_needs', '2015-09-01', '2000-02-29') AS t2 \gset
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT casework.open_transition('E10000028', 'C1', 'T9', 'childs_needs', '2015-09-02')$$, $$SELECT casework.open_transition('E10000028', 'C9', 'T1', 'childs_needs', '2015-09-02')$$,
    $$SELECT casework.open_transition('E10000028', 'C9', 'T9', 'needs', '2015-09-02')$$]) AS s;
-- 1: a parent asks, and is refused without reasons; 2, 3: reasons, then advice
SELECT casework.record_transition_event(:t1, 'request', '2015-09-02', 'parent', who => 'The mother') > 0 AS asked;
SELECT care_test.refused(format('SELECT casework.record_transition_event(%s, ''decision'', ''2015-10-01'', ''refuse'')', :t1)) AS "1",
       care_test.refused(format('SELECT casework.record_transition_event(%s, ''decision'', ''2015-10-01'', ''refuse'', '''')', :t1)) AS "1: empty";
SELECT casework.record_transition_event(:t1, 'decision', '2015-10-01', 'refuse', 'Needs as an adult cannot be foreseen', significant_benefit => false) AS d1 \gset
SELECT decision, asked_by, reasons_sent_on, advice_sent_on FROM casework.transition_owed;
SELECT casework.record_transition_event(:t1, 'reasons_sent', '2015-10-02', decision_id => :d1) > 0 AS sent; SELECT reasons_sent_on, advice_sent_on FROM casework.transition_owed;
SELECT casework.record_transition_event(:t1, 'advice_sent', '2015-10-03', decision_id => :d1) > 0 AS sent; SELECT count(*) AS "3" FROM casework.transition_owed;
SELECT care_test.refused(format('SELECT casework.record_transition_event(%s, ''advice_sent'', ''2015-10-03'', decision_id => 0)', :t1));
-- 4: not yet
SELECT care_test.refused(format('SELECT casework.record_transition_event(%s, ''decision'', ''2015-10-01'', ''not_yet'', ''too early'')', :t1)) AS "4";
SELECT casework.record_transition_event(:t1, 'decision', '2015-10-05', 'not_yet', 'too early', factors => '{school}', look_again_on => '2016-09-01') > 0 AS not_yet;
SELECT d, w.* FROM unnest('{2016-08-31,2016-09-01}'::date[]) AS d, casework.transition_work(d) AS w;
SELECT care_test.refused(format('SELECT casework.record_transition_event(%s, ''decision'', ''2015-10-05'', ''not_yet'', ''x'', factors => ''{weather}'', look_again_on => ''2016-09-01'')', :t1));
-- a decision recorded late, of a day before: the last is still the one of the last day
SELECT casework.record_transition_event(:t1, 'decision', '2015-10-04', 'not_yet', 'too early', factors => '{school}', look_again_on => '2017-09-01') > 0 AS late;
SELECT d, w.* FROM unnest('{2016-08-31,2016-09-01}'::date[]) AS d, casework.transition_work(d) AS w;
-- 5 to 7: refusal, abuse, best interests, no request
SELECT casework.record_transition_event(:t2, 'consent', '2015-09-03', 'refuses') > 0 AS refuses;
SELECT care_test.refused(format(s, :t2)) FROM unnest(ARRAY['SELECT casework.record_transition_event(%s, ''decision'', ''2015-10-01'', ''assess'')',
    'SELECT casework.record_transition_event(%s, ''decision'', ''2015-10-01'', ''assess_despite_refusal'', abuse_risk => false)']) AS s;
SELECT casework.record_transition_event(:t2, 'decision', '2015-10-01', 'assess_despite_refusal', abuse_risk => true) > 0 AS "5";
SELECT casework.record_transition_event(:t2, 'consent', '2015-10-02', 'best_interests') > 0 AND casework.record_transition_event(:t2, 'decision', '2015-10-02', 'assess') > 0 AS "6";
SELECT casework.record_transition_event(:t2, 'decision', '2015-10-03', 'refuse') > 0 AS "7", (SELECT count(*) FROM casework.transition_owed) AS owed;
SELECT count(*) AS still_owed FROM casework.transition_owed WHERE transition_id = :t2;
-- 8, 9: 18
SELECT d, d < casework.adult_on('1998-06-15') AS "8: a child" FROM unnest('{2016-06-14,2016-06-15}'::date[]) AS d;
SELECT casework.adult_on('1998-06-15') AS "8", casework.adult_on('2000-02-29') AS "9", casework.adult_on('2000-02-29', '28_february') AS by_setting, casework.adult_on('2002-02-28') AS plain;
SELECT care.record_setting('E10000028', 'leap_birthday', '28_february'); SELECT reference, adult_on, is_child FROM casework.transition_still_child ORDER BY 1;
-- 10 to 12: a part of a record, twice, with its own dates
SELECT casework.record_childhood_record(:t1, 'identity', '{"name": "C1"}', 'children', '2012-03-01', '2016-01-10 12:00Z') AS one, casework.record_childhood_record(:t1, 'identity', '{"name": "C1"}', 'children', '2012-03-01', '2016-02-20 12:00Z') AS again \gset
SELECT :one = :again AS "11", count(*) FROM casework.childhood_record;
SELECT component FROM casework.childhood_record_missing WHERE transition_id = :t1 ORDER BY 1;
SELECT casework.record_childhood_record(:t1, 'health', '{"gp": "known"}', 'hospital', '2011-05-01', '2016-03-01 12:00Z') > 0 AS later_of_earlier;
SELECT component AS "12", source_system, source_created_on, received_at AT TIME ZONE 'UTC' AS received FROM casework.childhood_record ORDER BY source_created_on;
SELECT care_test.refused(format(s, :t1)) FROM unnest(ARRAY['SELECT casework.record_childhood_record(%s, ''toys'', ''{}'', ''x'', ''2012-01-01'')', 'SELECT casework.record_childhood_record(%s, ''health'', ''[]'', ''x'', ''2012-01-01'')']) AS s;
-- 13 to 17: the cap follows from when needs began, at once; in the scheme of 15 the age is 18
CREATE FUNCTION pg_temp.account(name text, scheme text, born date, began date) RETURNS text LANGUAGE sql AS $$
    SELECT casework.open_transition('E10000029', name, name, 'childs_needs', '2016-01-01', born);
    SELECT care.open_account('E10000029', name, name, born, scheme, CASE scheme WHEN '2022' THEN '2023-10-01'::date ELSE '2016-04-01' END);
    SELECT casework.record_onset(t.transition_id, began, 'assessment') FROM casework.transition AS t WHERE t.reference = name;
    SELECT format('cap %s, accrued %s, reached %s', p.cap, p.accrued, p.cap_reached_on) FROM care.account_position(CASE scheme WHEN '2022' THEN '2023-10-01'::date ELSE '2016-04-01' END) AS p WHERE p.reference = name
$$;
SELECT care.record_scheme('2015_18', 'As 2015, nought before 18', 'draft', '2016-04-01', 'weekly_cost', 'test', zero_cap_before_age => 18), care.record_parameter('2015_18', 'cap', '2016-04-01', 72000, 'test'),
       care.record_parameter('2015_18', 'daily_living_cost', '2016-04-01', 230, 'test');
SELECT n, pg_temp.account('A' || n, scheme, born, began) FROM (VALUES ('13', '2015', '1980-01-01'::date, '2000-01-01'::date), ('14, the day before', '2015', '1980-01-01', '2004-12-31'), ('14, on it', '2015', '1980-01-01', '2005-01-01'),
    ('15', '2015_18', '1980-01-01', '2000-01-01'), ('15, the day before', '2015_18', '1980-01-01', '1997-12-31'), ('15, on it', '2015_18', '1980-01-01', '1998-01-01'), ('16', '2022', '1980-01-01', '2000-01-01'), ('17', '2015', '1980-01-01', '2004-01-01')) AS v (n, scheme, born, began);
-- 13: nothing is charged against a cap of nought; 17: what was reached, and said so, is undone, and all is worked out anew
SELECT count(care.record_budget(account_id, '2016-04-01', 'personal_budget', 'community', 500, 400)) AS budgets FROM care.account WHERE reference IN ('A13', 'A14, on it', 'A17');
CREATE FUNCTION pg_temp.stands(r text) RETURNS text LANGUAGE sql AS
    $$SELECT format('cap %s, accrued %s, reached %s', p.cap, p.accrued, p.cap_reached_on) FROM care.account_position('2016-04-28') AS p WHERE p.reference = r$$;
SELECT pg_temp.stands('A13') AS "13", pg_temp.stands('A14, on it') AS "14", pg_temp.stands('A17') AS "17 before";
SELECT care.certify_cap(account_id, '2016-04-28') IS NOT NULL AS certified FROM care.account WHERE reference = 'A17';
SELECT casework.record_onset(t.transition_id, '2006-01-01', 'corrected') FROM casework.transition AS t WHERE t.reference = 'A17';
SELECT pg_temp.stands('A17') AS "17", d.cap_reached_on, d.certified_on FROM care.cap_certificate_due AS d WHERE d.reference = 'A17';
-- closed, and another may be opened
SELECT casework.record_transition_event(:t1, 'closed', '2017-01-01') > 0 AS closed, casework.open_transition('E10000028', 'C1', 'T3', 'childs_needs', '2017-01-02') > 0 AS again;
SELECT count(*) FROM casework.transition_work('2020-01-01') WHERE transition_id = :t1;

--
-- The Independent Living Fund: 1 to 10.
--
SELECT casework.record_ilf_award('E10000028', 'I1', 'I1', 312.50, '2015-06-30', true, 1) AS i1, casework.record_ilf_award('E10000028', 'I2', 'I2', 200, '2015-06-30', true) AS i2,
       casework.record_ilf_award('E10000028', 'I3', 'I3', 200, '2015-06-30', false, 2) AS i3, casework.record_ilf_award('E10000028', 'I4', 'I4', 200, '2015-06-30', true) AS i4 \gset
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT casework.record_ilf_award('E10000028', 'I9', 'I9', 1, '2015-07-01', true)$$, $$SELECT casework.record_ilf_award('E10000028', 'I9', 'I9', 312.505, '2015-06-30', true)$$,
    $$SELECT casework.record_ilf_award('E10000028', 'I1', 'I9', 1, '2015-06-30', true)$$, $$SELECT casework.record_ilf_award('E10000028', 'I9', 'I9', 1, '2015-06-30', true, 3)$$,
    format('SELECT casework.record_ilf_event(%s, ''maintained'', ''2015-06-30'', 200)', :i2), format('SELECT casework.record_ilf_event(%s, ''decided'', ''2015-09-14'', 200)', :i2),
    format('SELECT casework.record_ilf_event(%s, ''decided'', ''2015-09-14'', eligible => true)', :i2), format('SELECT casework.record_ilf_event(%s, ''lost'', ''2015-09-14'')', :i2)]) AS s;
SELECT casework.record_ilf_event(:i1, 'assessed', '2015-06-30'), casework.record_ilf_event(:i2, 'assessed', '2015-07-01'), casework.record_ilf_event(:i2, 'maintained', '2015-07-01', 200);
SELECT reference AS "2" FROM casework.ilf_unassessed('2015-06-30');
SELECT casework.record_ilf_event(:i2, 'decided', '2015-09-14', 210, true), casework.record_ilf_event(:i1, 'decided', '2015-07-01', 290, true);
SELECT reference, decided_on, kept_up_from, kept_up_to, gap_from, change_weekly, change FROM casework.ilf_position('2015-12-31') ORDER BY 1;
-- what is recorded late, of a day before, changes neither the decision nor the payment that hold
SELECT casework.record_ilf_event(:i2, 'decided', '2015-09-01', 205, true);
SELECT decided_on, eligible, budget_weekly, change_weekly FROM casework.ilf_position('2015-12-31') WHERE award_id = :i2;
SELECT care.record_setting('E10000028', 'ilf_ends_on_decision_day', 'on'); SELECT kept_up_to AS "4" FROM casework.ilf_position('2015-12-31') WHERE reference = 'I2';
SELECT care.record_death('I4', '2015-06-12', '2015-06-12');
SELECT d, string_agg(u.reference, ' ') AS "6" FROM unnest('{2015-06-11,2015-06-12}'::date[]) AS d, casework.ilf_unassessed(d) AS u GROUP BY d ORDER BY d;
SELECT casework.record_ilf_event(:i3, 'moved', '2015-08-01', moved_to => 'E10000029');
SELECT d, u.authority AS "7", u.reference FROM unnest('{2015-07-31,2015-08-01}'::date[]) AS d, casework.ilf_unassessed(d) AS u WHERE u.reference = 'I3' ORDER BY d;
SELECT count(casework.record_ilf_award('E10000030', 'N' || n, 'N' || n, 100, '2015-06-30', true)) FROM generate_series(1, 100) AS n;
SELECT count(casework.record_ilf_event(a.award_id, CASE WHEN substr(a.reference, 2)::int <= 60 THEN 'assessed' ELSE 'maintained' END, CASE WHEN substr(a.reference, 2)::int <= 60 THEN '2015-06-30'::date ELSE '2015-07-01' END,
    CASE WHEN substr(a.reference, 2)::int > 60 THEN 100 END)) FROM casework.ilf_award AS a WHERE a.authority = 'E10000030';
SELECT p.* FROM unnest('{2015-06-30,2015-07-01}'::date[]) AS d, casework.ilf_progress(d) AS p WHERE p.authority = 'E10000030';
SELECT p.* FROM casework.ilf_progress('2015-12-31') AS p WHERE p.authority = 'E10000028';
-- 4: the person refused, the payment kept up a day late, from the first day, and neither
SELECT count(casework.record_ilf_award('E10000031', r, r, 100, '2015-06-30', true)) FROM unnest('{refused,late,at once,neither}'::text[]) AS r;
SELECT casework.record_ilf_event(a.award_id, v.status, v.on_day, v.weekly) FROM (VALUES ('refused', 'refused', '2015-07-10'::date, NULL::numeric), ('late', 'maintained', '2015-07-02', 100), ('at once', 'maintained', '2015-07-01', 100)) AS v (r, status, on_day, weekly)
    JOIN casework.ilf_award AS a ON a.reference = v.r AND a.authority = 'E10000031';
SELECT reference AS "4", kept_up_from, gap_from FROM casework.ilf_position('2015-12-31') WHERE authority = 'E10000031' ORDER BY 1;
-- 10: a payment kept up counts toward the cap where a budget has it, and the award never
SELECT care.open_account('E10000031', 'at once', 'at once', '1960-01-01', '2015', '2016-04-01') AS kept \gset
SELECT p.accrued AS "10: no budget" FROM care.account_position('2016-04-28') AS p WHERE p.account_id = :kept;
SELECT care.record_budget(:kept, '2016-04-01', 'personal_budget', 'community', 100, 0) > 0 AS budget;
SELECT p.accrued AS "10: in the budget" FROM care.account_position('2016-04-28') AS p WHERE p.account_id = :kept;
SELECT count(*) FROM care.verify(); SELECT count(*) FROM care.verify_chain();
ROLLBACK;
