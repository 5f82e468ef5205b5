--
-- 93_prison: people who are detained: ranges, moves, who answers for them, what does not apply, releases, documents.
--
SET datestyle = 'ISO, YMD';
SET timezone = 'Europe/London';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE casework.detention ALTER COLUMN detention_id RESTART WITH 1;
ALTER TABLE casework.handover ALTER COLUMN handover_id RESTART WITH 1;
ALTER TABLE casework.arrangement ALTER COLUMN arrangement_id RESTART WITH 1;
-- the register
SELECT count(*), count(*) FILTER (WHERE details->>'active' = 'yes'), count(*) FILTER (WHERE details->>'country' = 'England' AND details->>'active' = 'yes') FROM casework.code WHERE list = 'prison_establishment';
SELECT care_test.refused($$SELECT casework.record_establishment_authority('XXX', 'E06000001')$$);
SELECT casework.record_establishment_authority('ACI', 'E06000002'), casework.record_establishment_authority('ASI', 'E06000004'), casework.record_establishment_authority('ASI', 'E06000005', '2020-01-01');

-- 1: the banner, on both sides of both ends.
SELECT casework.record_detention('E06000001', 'D-1', 'INST', '2015-05-01', 'ACI', to_day => '2015-06-10');
SELECT d::date AS day, (SELECT count(*) FROM casework.detention_banner(d::date)) AS detained FROM unnest('{2015-04-30,2015-05-01,2015-06-10,2015-06-11}'::date[]) AS d;
SELECT reference, kind, establishment, place, from_day, responsible_authority, restrictions, is_adult FROM casework.detention_banner('2015-05-01');
SELECT person_id AS d1 FROM care.person WHERE reference = 'D-1' \gset
SELECT d, casework.responsible_authority(:d1, d) FROM unnest('{2015-04-30,2015-05-01,2015-06-10,2015-06-11}'::date[]) AS d;

-- 2: a direct payment begins the day after the release, not before.
SELECT care_test.refused($$SELECT casework.record_arrangement('E06000001', 'D-1', 'direct_payment', '2015-06-10')$$);
SELECT casework.record_arrangement('E06000001', 'D-1', 'direct_payment', '2015-06-11') IS NOT NULL AS accepted;
SELECT care_test.refused($$SELECT casework.record_arrangement('E06000001', 'D-1', 'direct_payment', '2015-05-01')$$) ~ '^23514' AS refused,
       casework.record_arrangement('E06000001', 'D-1', 'direct_payment', '2015-04-30', '2015-04-30') IS NOT NULL AS accepted;
-- 3: one that was there before is listed, not refused.
SELECT casework.record_arrangement('E06000001', 'D-3', 'direct_payment', '2015-03-01') AS dp \gset
SELECT casework.record_detention('E06000001', 'D-3', 'INST', '2015-05-01', 'ACI') IS NOT NULL;
SELECT reference, kind, from_day, detained_from FROM casework.arrangement_to_end('2015-04-30');
SELECT reference, kind, from_day, detained_from FROM casework.arrangement_to_end('2015-05-01');
SELECT casework.record_arrangement('E06000001', 'D-3', 'direct_payment', '2015-03-01', '2015-04-30', supersedes => :dp) IS NOT NULL;
SELECT count(*) FROM casework.arrangement_to_end('2015-05-01');
-- 4, 5
SELECT care_test.refused($$SELECT casework.record_arrangement('E06000001', 'D-3', 'carer_assessment', '2015-05-02')$$);
SELECT care_test.refused($$SELECT casework.record_arrangement('E06000001', 'D-3', 'property_protection', '2015-05-02')$$) ~ '^23514' AS refused,
       care_test.refused($$SELECT casework.record_arrangement('E06000001', 'D-3', 'choice_of_accommodation', '2015-05-02')$$) ~ '^23514' AS refused,
       care_test.refused($$SELECT casework.record_arrangement('E06000001', 'D-3', 'choice_of_accommodation', '2015-05-02', purpose => 'in detention')$$) ~ '^23514' AS refused,
       casework.record_arrangement('E06000001', 'D-3', 'choice_of_accommodation', '2015-05-02', purpose => 'release') IS NOT NULL AS accepted;
SELECT count(*) FROM casework.arrangement_to_end('2015-05-10');
SELECT day, left(care_test.refused(format('SELECT casework.record_arrangement(''E06000001'', ''D-1'', ''carer_assessment'', %1$L, %1$L)', day)), 11) AS "4",
       left(care_test.refused(format('SELECT casework.record_arrangement(''E06000001'', ''D-1'', ''choice_of_accommodation'', %1$L, %1$L)', day)), 11) AS "5: for now",
       left(care_test.refused(format('SELECT casework.record_arrangement(''E06000001'', ''D-1'', ''choice_of_accommodation'', %1$L, %1$L, ''release'')', day)), 11) AS "5: for after the release"
FROM unnest('{2015-04-30,2015-05-01,2015-06-10,2015-06-11}'::date[]) AS day;

-- 6: no overlap: the last day of the one, and the day after.
SELECT care_test.refused($$SELECT casework.record_detention('E06000001', 'D-1', 'INST', '2015-06-10', 'ASI')$$);
SELECT care_test.refused($$SELECT casework.record_detention('E06000001', 'D-1', 'INST', '2015-01-01', 'ASI')$$) ~ '^23P01' AS refused,
       care_test.refused($$SELECT casework.record_detention('E06000001', 'D-1', 'INST', '2015-01-01', 'ASI', to_day => '2015-05-01')$$) ~ '^23P01' AS refused,
       casework.record_detention('E06000001', 'D-1', 'INST', '2015-01-01', 'ASI', to_day => '2015-04-30') IS NOT NULL AS before,
       casework.record_detention('E06000001', 'D-1', 'APPR', '2015-06-11', place => 'Approved premises', place_authority => 'E06000003', to_day => '2015-07-01') IS NOT NULL AS after;
SELECT casework.responsible_authority(:d1, '2015-06-11');
SELECT care_test.refused($$SELECT casework.record_detention('E06000001', 'D-0', 'INST', '2015-06-10')$$);
SELECT care_test.refused($$SELECT casework.record_detention('E06000001', 'D-0', 'INST', '2015-06-10', 'ASI', to_day => '2015-06-09')$$);

-- 7, 8: a move, also back-dated: no gap, no overlap, and the authority changes that day.
SELECT person_id AS d3 FROM care.person WHERE reference = 'D-3' \gset
SELECT clock_timestamp() AS before_move \gset
SELECT casework.move_detention('D-3', '2015-05-20', 'ASI') IS NOT NULL;
SELECT establishment, from_day, to_day FROM casework.detention_known_at('infinity') WHERE person_id = :d3 ORDER BY from_day;
SELECT d, casework.responsible_authority(:d3, d) FROM unnest('{2015-05-19,2015-05-20,2019-12-31,2020-01-01}'::date[]) AS d;
SELECT establishment, from_day, to_day FROM casework.detention_known_at(:'before_move') WHERE person_id = :d3 ORDER BY from_day;
SELECT count(*), count(DISTINCT recorded_at) FROM casework.detention WHERE person_id = :d3;
SELECT care_test.refused($$SELECT casework.move_detention('D-3', '2015-05-20', 'ACI')$$);
SELECT care_test.refused($$SELECT casework.move_detention('D-3', '2015-04-30', 'ACI')$$);
SELECT casework.move_detention('D-3', '2015-05-17', 'ALI') IS NOT NULL;
SELECT establishment, from_day, to_day FROM casework.detention_known_at('infinity') WHERE person_id = :d3 ORDER BY from_day;
-- 8: recorded three days late; what was known before the move, and when each row was recorded, stay
SELECT casework.record_detention('E06000001', 'D-8', 'INST', care.today() - 30, 'ACI') IS NOT NULL;
SELECT person_id AS d8 FROM care.person WHERE reference = 'D-8' \gset
SELECT clock_timestamp() AS before_move \gset
SELECT casework.move_detention('D-8', care.today() - 3, 'ASI') IS NOT NULL;
SELECT 'now' AS known, establishment, care.today() - from_day AS from_days_ago, care.today() - to_day AS to_days_ago, recorded_at < :'before_move' AS recorded_before FROM casework.detention_known_at('infinity') WHERE person_id = :d8
UNION ALL SELECT 'before', establishment, care.today() - from_day, care.today() - to_day, recorded_at < :'before_move' FROM casework.detention_known_at(:'before_move') WHERE person_id = :d8 ORDER BY 1, 3 DESC;
SELECT ago, casework.responsible_authority(:d8, care.today() - ago) FROM unnest('{31,30,4,3,0}'::int[]) AS ago;

-- 9: release to another authority, and to nowhere known.
SELECT care_test.refused($$SELECT casework.record_release('D-3', '2015-04-30', 'E06000002')$$);
SELECT casework.record_release('D-3', NULL, planned_on => '2015-09-01') IS NOT NULL AS planned;
SELECT casework.record_release('D-3', '2015-09-01', 'E06000003') IS NOT NULL;
SELECT recipient, on_day, is_draft, document->'content' AS content FROM casework.handover WHERE person_id = :d3;
SELECT count(*) FROM casework.detention_banner('2015-09-02') WHERE person_id = :d3;
SELECT casework.record_detention('E06000001', 'D-9', 'INST', '2015-01-01', 'ACI') IS NOT NULL, casework.record_release('D-9', '2015-02-01') IS NOT NULL;
SELECT reference, purpose, on_day FROM casework.handover_unaddressed;
SELECT casework.hand_over('D-9', 'release', '2015-02-01', '{"to": "his sister"}', 'E06000002', true, 2) IS NOT NULL;
SELECT count(*) FROM casework.handover_unaddressed;

-- with a care account, the draft of the document it goes with from that day; or why there is none
SELECT care.open_account('E06000001', 'CA-D', 'D-A', '1980-01-01', '2015', '2016-04-01') AS its \gset
SELECT care.record_budget(:its, '2016-04-01', 'personal_budget', 'community', 70) IS NOT NULL, casework.record_detention('E06000001', 'D-A', 'INST', '2016-05-01', 'ACI') IS NOT NULL, casework.record_release('D-A', '2016-06-10', 'E06000003') IS NOT NULL;
SELECT t ->> 'purpose' AS purpose, t ->> 'status' AS status, t #>> '{to,authority}' AS "to", t #>> '{move,moves_on}' AS moves_on, t #>> '{account,reference}' AS reference, t #>> '{account,accrued}' AS accrued
FROM (SELECT h.document #> '{content,transfer}' FROM casework.handover AS h WHERE h.recipient = 'E06000003' AND h.on_day = '2016-06-10') AS h (t);
SELECT care_test.refused(format('SELECT care.transfer_in(%L)', h.document #>> '{content,transfer}')) FROM casework.handover AS h WHERE h.on_day = '2016-06-10';
SELECT casework.record_detention('E06000001', 'D-A', 'INST', '2016-07-01', 'ACI') IS NOT NULL, care.record_death('D-A', '2016-07-20', '2016-07-21', 'E06000001');
SELECT casework.record_release('D-A', '2016-07-21', 'E06000003') IS NOT NULL;
SELECT h.document #> '{content,transfer,account}' AS account, regexp_replace(h.document #>> '{content,transfer,not_drafted}', '\d+', 'n') AS not_drafted FROM casework.handover AS h WHERE h.on_day = '2016-07-21';

-- 11: seventeen, in a young offender institution.
SELECT care.record_person('E06000001', 'D-11', '1998-05-02') IS NOT NULL, casework.record_detention('E06000001', 'D-11', 'INST', '2016-01-01', 'ACI') IS NOT NULL;
SELECT is_adult FROM casework.detention_banner('2016-05-01') WHERE reference = 'D-11';
SELECT is_adult FROM casework.detention_banner('2016-05-02') WHERE reference = 'D-11';

-- 10: the return of those in prison and of the others is the whole, in every cell.
CREATE FUNCTION pg_temp.enquire(reference text, person text, on_day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    key bigint := casework.open_enquiry('E-' || reference, ARRAY[casework.raise_concern('E06000001', person, 'C-' || reference, on_day)], on_day);
BEGIN
    PERFORM casework.record_risk(key, 'neglect', 'known', 'own_home'), casework.conclude_enquiry(key, on_day, 'Done', 'identified_action', 'reduced');
    RETURN key;
END
$$;
SELECT count(casework.record_profile('E06000001', p, 'male', 'white_irish', 'memory', '{autism}')) FROM unnest('{D-1,D-3}'::text[]) AS p;
SELECT count(pg_temp.enquire(p || d, p, d::date)) FROM unnest('{D-1,D-3,D-9}'::text[]) AS p, unnest('{2015-04-15,2015-06-05,2016-01-01}'::text[]) AS d;
SELECT casework.record_review_subject(casework.record_review('E06000001', 'S-1', '2015-06-01', '2015-12-01'), 'D-1', true, false),
       casework.record_review_subject(casework.record_review('E06000001', 'S-1', '2015-06-01', '2015-12-01'), 'D-9', true, true);
SELECT w.sac_table, sum(w.number) AS whole, sum(p.number) AS prison, sum(r.number) AS rest, count(*) FILTER (WHERE w.number <> p.number + r.number) AS wrong
FROM casework.sac_return('E06000001', '2016-03-31') WITH ORDINALITY AS w (sac_table, measure, row_item, column_item, number, place)
    JOIN casework.sac_return('E06000001', '2016-03-31', true) WITH ORDINALITY AS p (sac_table, measure, row_item, column_item, number, place) ON p.place = w.place
    JOIN casework.sac_return('E06000001', '2016-03-31', false) WITH ORDINALITY AS r (sac_table, measure, row_item, column_item, number, place) ON r.place = w.place
GROUP BY 1 HAVING sum(w.number) > 0 ORDER BY 1;

-- Restrictions; 15: what was written on paper keeps both times.
SELECT casework.record_restriction('D-11', 'possessions', 'No razor', '2016-01-01') AS r \gset
SELECT restrictions FROM casework.detention_banner('2016-01-01') WHERE reference = 'D-11';
SELECT casework.record_restriction('D-11', 'possessions', 'No razor', '2016-01-01', '2016-01-31', :r) IS NOT NULL;
SELECT restrictions FROM casework.detention_banner('2016-02-01') WHERE reference = 'D-11';
SELECT care_test.refused($$SELECT casework.record_referral('E06000001', 'D-11', 'prison_officer', '2015-05-04', clock_timestamp() + interval '1 minute')$$);
SELECT care_test.refused($$SELECT casework.record_referral('E06000001', 'D-11', 'governor', '2015-05-04')$$);
SELECT casework.record_referral('E06000001', 'D-11', 'prison_officer', '2015-05-04', '2015-05-04 10:00', 'J. in the office') IS NOT NULL;
SELECT received_at, recorded_at > received_at AS recorded_later, transcribed_by FROM casework.referral_known_at('infinity');
SELECT count(*) FROM casework.referral_known_at('2015-05-05');
-- 15: the day it was recorded, as it would have been on 6 May 2015 at nine
SAVEPOINT before;
INSERT INTO casework.referral (person_id, source, referred_on, received_at, recorded_at) SELECT person_id, 'self', '2015-05-04', '2015-05-04 10:00', '2015-05-06 09:00' FROM care.person WHERE reference = 'D-11';
SELECT k AS known_at, (SELECT count(*) FROM casework.referral_known_at(k)) AS held, (SELECT max(r.received_at) FROM casework.referral_known_at(k) AS r) AS received_at
FROM unnest('{2015-05-04 10:00,2015-05-05 23:59,2015-05-06 08:59:59.999999,2015-05-06 09:00}'::timestamptz[]) AS k;
ROLLBACK TO before;

-- 16: a plan handed over is the plan that is read, with the name that is shown; given out, for a reason that is logged.
SELECT casework.record_name('E06000001', 'D-11', 'Edmund Q. Fitch');
SELECT casework.hand_over('D-11', 'plan', '2016-02-01', '{"plan": ["help with washing", "Mr Edmund Q. Fitch likes tea"]}', 'ACI') AS plan \gset
SELECT person_id AS d11 FROM care.person WHERE reference = 'D-11' \gset
SELECT d.document->'name' AS name, casework.read_handover(d.document, d.digest) AS content FROM casework_internal.handover_shown(:d11, :plan) AS d;
SELECT care_test.refused(format($$SELECT casework.read_handover(d.document || '{"name": "Else"}', d.digest) FROM casework_internal.handover_shown(%s, %s) AS d$$, :d11, :plan));
SELECT care_test.refused(format($$SELECT casework.read_handover(d.document - 'version', d.digest) FROM casework_internal.handover_shown(%s, %s) AS d$$, :d11, :plan));
SELECT casework.record_alias('E06000001', 'D-11', 'John Smith', '2016-01-01', 'Governor', 'Known from the newspapers') IS NOT NULL;
SELECT d.document->'name' AS name, casework.read_handover(d.document, d.digest) AS content FROM casework_internal.handover_shown(:d11, :plan) AS d;
SELECT care_test.refused(format('SELECT casework.handover_document(care.log_read(''person'', %s, ''Sent to the prison''), %s)', :d11, :plan)) AS not_yet_committed;
SELECT class, recorded_in FROM casework.name_written('D-11');

SELECT count(*) FROM care.verify();
SELECT count(*) FROM care.verify_chain();

-- An objection: nothing is handed over while it is open, unless somebody says why; to its last day, and not the day after.
SELECT casework.record_objection('E06000002', 'O-1', 'The prison must not know of my illness', '2016-03-01', '2016-03-31') AS objection \gset
SELECT day, care_test.refused(format('SELECT casework.hand_over(''O-1'', ''plan'', %L, ''{}'', ''ACI'', authority => ''E06000002'')', day)) AS handed_over FROM unnest('{2016-02-29,2016-03-01,2016-03-31,2016-04-01}'::date[]) AS day;
SELECT casework.hand_over('O-1', 'plan', '2016-03-15', '{}', 'ACI', true, authority => 'E06000002') IS NOT NULL AS draft,
       casework.hand_over('O-1', 'plan', '2016-03-15', '{}', 'ACI', authority => 'E06000002', override_reason => 'His medicine') IS NOT NULL AS overridden;
-- one that the core was told of counts as much
SELECT care.record_objection('O-1', 'direct_care', 'Not my GP', '2016-05-01', '2016-05-31', authority => 'E06000002') IS NOT NULL AS recorded, care_test.refused($$SELECT casework.hand_over('O-1', 'plan', '2016-05-02', '{}', 'ACI', authority => 'E06000002')$$) AS handed_over;
SELECT count(*), string_agg(override_reason, ', ') FROM casework.handover WHERE document->>'person_reference' = 'O-1';
SELECT casework.record_objection('E06000002', 'O-1', 'Withdrawn', '2016-03-01', '2016-02-28', :objection) IS NOT NULL AS in_error;
SELECT casework.hand_over('O-1', 'plan', '2016-03-15', '{}', 'ACI', authority => 'E06000002') IS NOT NULL AS handed_over, (SELECT count(*) FROM casework.objection) AS open;
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT casework.record_objection('E06000002', 'O-1', '', '2016-03-01')$$, $$SELECT casework.record_objection('E06000002', 'O-1', 'x', NULL)$$, $$SELECT casework.record_objection('E06000002', 'O-1', 'x', '2016-03-01', NULL, 0)$$]) AS s;
ROLLBACK;
