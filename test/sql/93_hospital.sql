--
-- 93_hospital: notices from hospitals, what is refused of them, relevant day, delay, alerts, JSON.
--
-- The numbers are those of the examples in doc/reference/casework_hospital.md.
--
SET datestyle = 'ISO, YMD';
SET timezone = 'Europe/London';
SET search_path = public, care, casework;
SET jit = off;
SET client_min_messages = warning;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
CREATE EXTENSION IF NOT EXISTS care_casework CASCADE;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE casework.hospital_stay ALTER COLUMN stay_id RESTART WITH 1;
ALTER TABLE casework.hospital_notice ALTER COLUMN notice_id RESTART WITH 1;

--
-- The rules by themselves: 1 to 4, 7, 8.
--
SELECT n, casework.given_on(at, '14:00', skip) AS given_on, casework.relevant_day(proposed, casework.given_on(at, '14:00', skip), 2, skip) AS relevant_day
FROM (VALUES (1, timestamp '2015-05-22 10:00', date '2015-05-23', false), (2, '2015-05-22 14:00', '2015-05-23', false), (2, '2015-05-22 14:01', '2015-05-23', false),
             (3, '2015-05-22 10:00', '2015-05-26', false), (4, '2015-05-22 14:01', '2015-05-23', true)) AS v (n, at, proposed, skip);
SELECT ended_on, casework.delay_days('2015-06-10', ended_on), casework.delay_days('2015-06-10', ended_on, false) AS without_last
FROM unnest('{2015-06-10,2015-06-11,2015-06-14}'::date[]) AS ended_on;
SELECT region, r.* FROM unnest('{elsewhere,london}'::text[]) AS region, casework.reimbursement(4, region, '2015-06-14') AS r;
SELECT casework.is_working_day(d), d FROM unnest('{2015-05-22,2015-05-23,2015-05-25,2022-09-19,2026-12-28}'::date[]) AS d;
-- an authority that read the regulation says so, and the figure rests on nothing
SELECT casework.record_parameter('daily_amount_elsewhere', '131.50', 'verified', 'SI 2014/2823 regulation 10', '2015-04-01', '2022-06-30', 'E10000028');
SELECT r.* FROM casework.reimbursement(2, 'elsewhere', '2016-01-01', 'E10000028') AS r;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT casework.record_parameter('daily_amount_elsewhere', '131.505', 'verified', 'x', '2015-04-01')$$,
    $$SELECT casework.record_parameter('notice_cutoff', '24:00', 'verified', 'x', '2015-04-01')$$,
    $$SELECT casework.record_parameter('notice_cut', '14:00', 'verified', 'x', '2015-04-01')$$,
    $$SELECT casework.record_parameter('ready_by', NULL, 'verified', 'x', '2015-04-01')$$,
    $$SELECT casework.record_parameter('ready_by', '10:00', 'verified', 'x', '2015-04-01', '2015-03-31')$$,
    $$SELECT casework.reimbursement(1, 'wales', '2016-01-01')$$, $$SELECT casework.reimbursement(-1, 'london', '2016-01-01')$$,
    $$UPDATE casework.parameter SET value = '15:00'$$, $$DELETE FROM casework.bank_holiday$$]) AS s;

--
-- Messages.  m() makes one that is whole; what is given changes its items, null takes one away.
--
CREATE FUNCTION pg_temp.m(n int, event text, changed jsonb DEFAULT '{}', referral text DEFAULT 'R1') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('schema', 'care_casework/hospital_notice', 'version', '1.0', 'event', event, 'referral', referral,
        'message_id', ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))) ||
        '{"issued_at": "2015-05-22T09:00:00Z", "family_name": "Patient", "given_name": "First", "birth_date": "1930-02-03", "gender": "female",
          "address": {"line_1": "1 Street", "postcode": "AB1 2CD"}, "hospital_site": "RXX01", "liaison_name": "Liaison", "liaison_contact": {"email": "l@example.org"},
          "authority": "998", "team": "Hospital team"}'
        || CASE WHEN event = '975701000000106' THEN '{"preferred_language": "en", "interpreter_required": "N", "patient_consulted": "Y", "carer_consulted": "Y",
                     "patient_consent": "Y", "chc_considered": "N", "proposed_discharge_date": "2015-05-23"}'::jsonb
                WHEN event = '975731000000100' THEN '{"patient_consulted": "Y", "carer_consulted": "Y", "proposed_discharge_date": "2015-06-10"}'
                ELSE jsonb_build_object('withdrawal_type', event, 'withdrawal_reason', '12') END
        || changed)
$$;
CREATE FUNCTION pg_temp.take(message jsonb, at timestamptz DEFAULT '2015-05-22 10:00', person text DEFAULT 'P1', authority text DEFAULT 'E10000028') RETURNS bigint LANGUAGE sql AS
    $$SELECT casework.record_hospital_notice(authority, message, person, at)$$;
\set assessment '975701000000106'
\set discharge '975731000000100'
\set withdraw_all '975841000000102'
SELECT pg_temp.take(pg_temp.m(1, :'assessment')) AS a1, pg_temp.take(pg_temp.m(2, :'discharge'), '2015-06-09 10:00') AS d1;
-- 19: the same message is one notice; another under its identifier is none
SELECT pg_temp.take(pg_temp.m(1, :'assessment'), '2015-05-30 10:00') AS again, count(*) FROM casework.hospital_notice WHERE kind = 'assessment';
SELECT care_test.refused($$SELECT pg_temp.take(pg_temp.m(1, '975701000000106', '{"given_name": "Other"}'))$$);
-- 23: what went out, with its digest, comes in as the notice it is; another authority has none of it
SELECT pg_temp.take(casework.hospital_message(1)) AS "23", count(*) FROM casework.hospital_notice WHERE kind = 'assessment';
SELECT care_test.refused($$SELECT pg_temp.take(casework.hospital_message(1), authority => 'E09000002')$$);
SELECT notice_id, kind, given_on, proposed_on, state, is_open FROM casework.hospital_notice_state ORDER BY 1;
-- 23: out and in again, in another authority, is the same
SELECT pg_temp.take(casework.hospital_message(1) - 'digest'::text || '{"message_id": "00000000-0000-4000-8000-00000000000f"}', authority => 'E09000002') AS other \gset
SELECT casework.hospital_message(1) - 'digest'::text - 'message_id'::text = casework.hospital_message(:other) - 'digest'::text - 'message_id'::text AS same,
       bool_and(casework.hospital_message(n)->>'digest' = casework.message_digest(casework.hospital_message(n))) AS digest_checks FROM unnest(ARRAY[1, :other]) AS n;
SELECT care_test.refused(format($$SELECT pg_temp.take(%L)$$, casework.hospital_message(1) || '{"ward": "7"}'));

-- what is refused of a message: its envelope, each mandatory item, 5, 6, 14 to 18
SELECT x.what, care_test.refused(format('SELECT pg_temp.take(%L)', x.message)) FROM (VALUES
    ('no object', '[]'::jsonb), ('no schema', pg_temp.m(9, :'assessment') - 'schema'), ('future version', pg_temp.m(9, :'assessment', '{"version": "2.0"}')),
    ('no message_id', pg_temp.m(9, :'assessment') - 'message_id'), ('no UUID', pg_temp.m(9, :'assessment', '{"message_id": "x"}')),
    ('admission notification', pg_temp.m(9, '895571000000108')), ('unknown event', pg_temp.m(9, '1')), ('unknown item', pg_temp.m(9, :'assessment', '{"nickname": "x"}')),
    ('30 February', pg_temp.m(9, :'assessment', '{"birth_date": "1930-02-30"}')), ('a day in words', pg_temp.m(9, :'assessment', '{"birth_date": "3 May 1930"}')),
    ('no moment', pg_temp.m(9, :'assessment', '{"issued_at": "2015-05-22 10:00"}')), ('a number', pg_temp.m(9, :'assessment', '{"gender": 1}')),
    ('empty', pg_temp.m(9, :'assessment', '{"ward": ""}')), ('of another notice', pg_temp.m(9, :'discharge', '{"language": "en"}')),
    ('not on the list', pg_temp.m(9, :'assessment', '{"patient_consent": "Z"}')), ('no NHS number', pg_temp.m(9, :'assessment', '{"nhs_number": "9434765918"}')),
    ('status without number', pg_temp.m(9, :'assessment', '{"nhs_number_status": "01"}')),
    ('no referral', pg_temp.m(9, :'assessment') - 'referral'),
    ('15: consent L, no source', pg_temp.m(9, :'assessment', '{"patient_consent": "L"}')), ('15: N/A is none', pg_temp.m(9, :'assessment', '{"patient_consent": "L", "third_party_consent": "N/A"}')),
    ('16: NKC and a carer', pg_temp.m(9, :'assessment', '{"carer_consulted": "NKC", "carer": {"name": "C"}}')), ('17: status 08', pg_temp.m(9, :'assessment', '{"nhs_number_status": "08"}')),
    ('18: liaison without contact', pg_temp.m(9, :'assessment', '{"liaison_contact": {}}')), ('healthcare without result', pg_temp.m(9, :'assessment', '{"chc_considered": "Y"}')),
    ('14: reason 13 without text', pg_temp.m(9, :'withdraw_all', '{"withdrawal_reason": "13"}')), ('another withdrawal', pg_temp.m(9, :'withdraw_all', '{"withdrawal_type": "975851000000104"}')),
    ('discharge before admission', pg_temp.m(9, :'assessment', '{"admission_date": "2015-05-24"}')),
    ('6: 8 days before admission', pg_temp.m(9, :'assessment', '{"admission_date": "2015-05-30", "proposed_discharge_date": "2015-06-30"}'))) AS x (what, message);
-- every mandatory item of each kind, taken away one by one
SELECT event, string_agg(c.code || ' ' || left(care_test.refused(format('SELECT pg_temp.take(%L)', pg_temp.m(9, event) - c.code)), 5), ', ' ORDER BY c.position) AS refused
FROM unnest(ARRAY[:'assessment', :'discharge', :'withdraw_all']) AS event, casework.code AS c
WHERE c.list = 'adw_item' AND upper(left(casework_internal.notice_kind(event), 1)) = ANY (string_to_array(c.details->>'required_in', ' ')) GROUP BY event ORDER BY event;
-- 5: on the proposed day, and the day before; 6: 7 days; 15: B; 18: one of both
SELECT care_test.refused($$SELECT pg_temp.take(pg_temp.m(10, '975731000000100'), '2015-06-10 09:00')$$) AS on_the_day,
       pg_temp.take(pg_temp.m(10, :'discharge'), '2015-06-09 09:00') > 0 AS the_day_before;
SELECT care_test.refused($$SELECT pg_temp.take(pg_temp.m(11, '975731000000100'), '2015-06-09 14:01')$$) AS after_the_cut_off;
SELECT care_test.refused(format('SELECT pg_temp.take(%L, ''2015-06-02 09:00'')', pg_temp.m(12, :'assessment', '{"admission_date": "2015-06-10", "proposed_discharge_date": "2015-06-20"}', 'R6'))) AS "6: eight days";
SELECT pg_temp.take(pg_temp.m(12, :'assessment', '{"admission_date": "2015-06-10", "proposed_discharge_date": "2015-06-20"}', 'R6'), '2015-06-03 09:00') > 0 AS seven_days;
SELECT pg_temp.take(pg_temp.m(13, :'assessment', '{"patient_consent": "L", "third_party_consent": "B", "liaison_contact": {"telephone": "1"}}', 'R7')) > 0 AS accepted;
-- 16: no known carer and none named, a carer and their name; 17: another status
SELECT pg_temp.take(pg_temp.m(16, :'assessment', '{"carer_consulted": "NKC"}', 'R9')) > 0 AS "16: no carer", pg_temp.take(pg_temp.m(17, :'assessment', '{"carer": {"name": "C"}}', 'R10')) > 0 AS "16: a carer",
       pg_temp.take(pg_temp.m(18, :'assessment', '{"nhs_number_status": "07"}', 'R11')) > 0 AS "17: 07";
-- who it is
SELECT care_test.refused($$SELECT pg_temp.take(pg_temp.m(14, '975701000000106', '{"nhs_number": "9434765919"}', 'R8'), person => NULL)$$);
SELECT care.record_person('E10000028', 'P2', '1930-02-03', nhs_number => '9434765919', nhs_number_status => '01') > 0 AS recorded;
SELECT pg_temp.take(pg_temp.m(14, :'assessment', '{"nhs_number": "9434765919"}', 'R8'), person => NULL) > 0 AS found;
SELECT p.reference AS whose FROM casework.hospital_stay AS s JOIN care.person AS p ON p.person_id = s.person_id WHERE s.reference = 'R8';
SELECT care_test.refused($$SELECT pg_temp.take(pg_temp.m(15, '975701000000106', '{}', 'R8'), person => 'P1')$$);

--
-- Withdrawals: 10 to 13.
--
SELECT care_test.refused(format('SELECT pg_temp.take(%L)', pg_temp.m(20, :'withdraw_all', '{}', 'never'))) AS "13";
CREATE FUNCTION pg_temp.stand(r text) RETURNS TABLE (kind text, states text) LANGUAGE sql AS
    $$SELECT n.kind, string_agg(n.state, ', ' ORDER BY n.notice_id) FROM casework.hospital_notice_state AS n WHERE n.reference = r AND n.authority = 'E10000028' GROUP BY n.kind ORDER BY 1$$;
SELECT count(pg_temp.take(pg_temp.m(100 + n, e, '{}', 'W' || n / 10), '2015-06-01 10:00')) FROM (VALUES (10, :'assessment'), (11, :'discharge'), (20, :'assessment'), (21, :'discharge'), (30, :'assessment'), (31, :'discharge')) AS v (n, e);
SAVEPOINT raised;
-- an assessment in 48 hours; care for a discharge on the day after the proposed one, at 11:00
SELECT level, due_at, alert_at FROM casework.hospital_notice_due WHERE reference = 'W1' ORDER BY due_at, level;
SELECT casework.raise_hospital_alerts('2015-06-30 10:00', 'E10000028') > 0 AS raised; SELECT count(*) AS alerts FROM casework.hospital_alert_open WHERE reference = 'W1';
SELECT pg_temp.take(pg_temp.m(119, :'withdraw_all', '{}', 'W1')) > 0 AS withdrawn;
SELECT count(*) AS "10: alerts", (SELECT count(*) FROM casework.hospital_notice_due WHERE reference = 'W1') AS due FROM casework.hospital_alert_open WHERE reference = 'W1';
ROLLBACK TO raised;
SELECT pg_temp.take(pg_temp.m(119, :'withdraw_all', '{"withdrawal_reason": "13", "withdrawal_other": "a text"}', 'W1')) > 0 AS "10, 14"; SELECT * FROM pg_temp.stand('W1');
SELECT pg_temp.take(pg_temp.m(129, '975851000000104', '{}', 'W2')) > 0 AS "11"; SELECT * FROM pg_temp.stand('W2');
SELECT pg_temp.take(pg_temp.m(139, '1078011000000107', '{}', 'W3')) > 0 AS "12"; SELECT * FROM pg_temp.stand('W3');
SELECT reference, why FROM casework.hospital_to_check ORDER BY 1;
-- a withdrawal of what is withdrawn, and nothing is half done
SELECT care_test.refused(format('SELECT pg_temp.take(%L)', pg_temp.m(149, :'withdraw_all', '{}', 'W1')));
SELECT care_test.refused(format('SELECT pg_temp.take(%L)', pg_temp.m(150, '1078011000000107', '{}', 'W3')));
-- a discharge notice without an assessment notice is taken, and looked at; a later one replaces it
SELECT count(pg_temp.take(pg_temp.m(150 + n, :'discharge', '{}', 'W4'), '2015-06-01 10:00')) FROM generate_series(1, 2) AS n; SELECT * FROM pg_temp.stand('W4');
SELECT reference, why FROM casework.hospital_to_check ORDER BY 1;

--
-- Answers.
--
SELECT notice_id AS w2 FROM casework.hospital_notice_state WHERE reference = 'W2' AND kind = 'assessment' \gset
SELECT kind, must_be_answered FROM casework.hospital_answer_due WHERE reference = 'W2' ORDER BY 1;
SELECT casework.answer_notice(:w2, true, 'will do', '{"name": "Duty"}', '2015-06-02 10:00') AS answer \gset
SELECT casework.hospital_message(:answer) - 'message_id' - 'digest';
SELECT casework.answer_notice((SELECT notice_id FROM casework.hospital_notice_state WHERE reference = 'W2' AND kind = 'withdrawal'), false) > 0 AS rejected;
SELECT * FROM pg_temp.stand('W2'); SELECT count(*) FROM casework.hospital_answer_due WHERE reference = 'W2';
SELECT care_test.refused(s) FROM unnest(ARRAY[format('SELECT casework.answer_notice(%s, true)', :w2), format('SELECT casework.answer_notice(%s, true)', :answer),
    'SELECT casework.answer_notice(NULL, true)', format('SELECT casework.record_hospital_step(%s, ''received'')', :w2), 'SELECT casework.record_hospital_step(0, ''done'')']) AS s;
SELECT casework.record_hospital_step(:w2, 'assessing'); SELECT casework.record_hospital_step(:w2, 'done'); SELECT * FROM pg_temp.stand('W2');
SELECT care_test.refused(format('SELECT casework.record_hospital_step(%s, ''assessing'')', :w2));

--
-- Alerts: 20, and what ends them.
--
SELECT pg_temp.take(pg_temp.m(200, :'assessment', '{}', 'L1'), '2015-06-02 10:00') AS l1, pg_temp.take(pg_temp.m(201, :'assessment', '{}', 'L2'), '2015-06-06 10:00') AS l2 \gset
SELECT reference, level, due_at, alert_at FROM casework.hospital_notice_due WHERE reference LIKE 'L%' ORDER BY 1, 2;
SELECT x.* FROM casework.next_alert(:l1) AS x;
CREATE FUNCTION pg_temp.raised() RETURNS TABLE (reference text, levels text) LANGUAGE sql AS
    $$SELECT a.reference, string_agg(a.level::text, ', ' ORDER BY a.level) FROM casework.hospital_alert_open AS a WHERE a.reference LIKE 'L%' GROUP BY a.reference ORDER BY 1$$;
SELECT casework.raise_hospital_alerts('2015-06-03 09:59:59', 'E10000028') > 0 AS older_ones; SELECT * FROM pg_temp.raised();
SELECT casework.raise_hospital_alerts('2015-06-03 10:00', 'E10000028') FROM generate_series(1, 3); SELECT * FROM pg_temp.raised();
SELECT casework.raise_hospital_alerts('2015-06-08 10:00', 'E10000028'); SELECT * FROM pg_temp.raised();
SELECT casework.record_hospital_step(:l1, 'done'); SELECT * FROM pg_temp.raised();
SELECT pg_temp.take(pg_temp.m(202, :'withdraw_all', '{}', 'L2')) > 0 AS withdrawn; SELECT * FROM pg_temp.raised();
SELECT care.record_setting('E10000028', 'hospital_assess_hours', '72'), care.record_setting('E10000028', 'hospital_alert_percent', '25');
SELECT pg_temp.take(pg_temp.m(203, :'assessment', '{}', 'L3'), '2015-06-02 10:00') AS l3 \gset
SELECT x.* FROM casework.next_alert(:l3) AS x;

--
-- Days of delay, and what they cost: 7, 9, 21, 22.
--
CREATE FUNCTION pg_temp.stay(r text, issued text, at timestamptz, person text, authority text DEFAULT 'E10000029') RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.take(pg_temp.m((random() * 1e9)::int, '975701000000106', jsonb_build_object('issued_at', issued, 'proposed_discharge_date', ((at AT TIME ZONE 'Europe/London')::date + 3)::text), r), at, person, authority);
    SELECT pg_temp.take(pg_temp.m((random() * 1e9)::int, '975731000000100', jsonb_build_object('issued_at', issued, 'proposed_discharge_date', ((at AT TIME ZONE 'Europe/London')::date + 3)::text), r), at, person, authority);
    SELECT s.stay_id FROM casework.hospital_stay AS s WHERE s.reference = r AND s.authority = stay.authority
$$;
SELECT casework.record_hospital_outcome(pg_temp.stay('D' || n, issued, at::timestamptz, 'D' || n, authority), ended, how, cause)
FROM (VALUES (1, '2015-06-07T09:00:00Z', '2015-06-07 10:00', date '2015-06-10', 'discharged', 'authority', 'E10000029'), (2, '2015-06-07T09:00:00Z', '2015-06-07 10:00', '2015-06-14', 'discharged', 'authority', 'E10000029'),
             (3, '2015-06-07T09:00:00Z', '2015-06-07 10:00', '2015-06-14', 'discharged', 'authority', 'E09000002'), (4, '2015-06-07T09:00:00Z', '2015-06-07 10:00', '2015-06-14', 'discharged', 'both', 'E10000029'),
             (5, '2015-06-07T09:00:00Z', '2015-06-07 10:00', '2015-06-14', 'discharged', 'nhs', 'E10000029'), (6, '2022-06-30T09:00:00Z', '2022-06-30 10:00', '2022-07-07', 'discharged', 'authority', 'E10000029'),
             (7, '2022-07-01T09:00:00Z', '2022-07-01 10:00', '2022-07-08', 'discharged', 'authority', 'E10000029'), (8, '2015-06-07T09:00:00Z', '2015-06-07 10:00', NULL, NULL, 'authority', 'E10000029'))
    AS v (n, issued, at, ended, how, cause, authority);
SELECT reference, relevant_day, ended_on, ended_by, delay_cause, days, amount, rests_on FROM casework.hospital_delay('2022-12-31') WHERE reference ~ '^D[1-7]' ORDER BY 1;
SELECT d, x.ended_on, x.days, x.amount FROM unnest('{2015-06-06,2015-06-10,2015-06-12}'::date[]) AS d, casework.hospital_delay(d) AS x WHERE x.reference = 'D8';
SELECT care.record_death('D8', '2015-06-13', '2015-06-15');
SELECT d, x.ended_on, x.ended_by, x.days FROM unnest('{2015-06-12,2015-06-13,2015-06-20}'::date[]) AS d, casework.hospital_delay(d) AS x WHERE x.reference = 'D8';
SELECT count(*) AS open_for_the_dead FROM casework.hospital_notice_due WHERE reference = 'D8';
SELECT care_test.refused('SELECT casework.reimbursement(1, ''london'', ''2022-07-01'')') AS "21", (casework.reimbursement(1, 'london', '2022-06-30')).amount;
SELECT * FROM pg_temp.stand('D1') UNION ALL SELECT n.kind, n.state FROM casework.hospital_notice_state AS n WHERE n.reference = 'D1';
SELECT care_test.refused(s) FROM unnest(ARRAY['SELECT casework.record_hospital_outcome(0, ''2015-01-01'', ''died'')', 'SELECT casework.record_hospital_outcome(1, ''2015-01-01'', NULL)',
    'SELECT casework.record_hospital_outcome(1, NULL, NULL, ''weather'')']) AS s;
-- the authority sees to working days, or does not count the day of discharge
SELECT casework.record_parameter('discharge_day_counts', 'f', 'verified', 'counsel', '2015-04-01', '2022-06-30', 'E10000029'), casework.record_parameter('working_days_only', 't', 'verified', 'counsel', '2015-04-01', '2022-06-30', 'E10000029');
SELECT reference, relevant_day, days, rests_on FROM casework.hospital_delay('2022-12-31') WHERE reference = 'D2';

-- kept as everything is
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE casework.hospital_notice SET payload = ''{}''', 'DELETE FROM casework.hospital_alert', 'TRUNCATE casework.hospital_outcome']) AS s;
SELECT count(*) FROM care.verify(); SELECT count(*) FROM care.verify_chain();
SELECT class, reason FROM care.retention WHERE reference IN ('D1', 'W4') ORDER BY reference;
SELECT recorded_in, count(*) FROM care.audit_trail('stay', 1) GROUP BY 1 ORDER BY 1;
ROLLBACK;
