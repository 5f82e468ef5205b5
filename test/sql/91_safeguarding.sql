--
-- 91_safeguarding: concerns, enquiries, what adults want, and every rule of them, both sides.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE casework.concern ALTER COLUMN concern_id RESTART WITH 1;
ALTER TABLE casework.enquiry ALTER COLUMN enquiry_id RESTART WITH 1;
ALTER TABLE casework.wanted_outcome ALTER COLUMN outcome_id RESTART WITH 1;
ALTER TABLE casework.caused_enquiry ALTER COLUMN caused_id RESTART WITH 1;
ALTER TABLE casework.evidence ALTER COLUMN evidence_id RESTART WITH 1;
ALTER TABLE casework.risk ALTER COLUMN risk_id RESTART WITH 1;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    code text;
    rule text;
    message text;
BEGIN
    EXECUTE statement;
    RETURN 'NOT REFUSED';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, rule = CONSTRAINT_NAME, message = MESSAGE_TEXT;
    RETURN concat_ws(' ', code, rule, message);
END
$$;

-- 1: a concern is about somebody.
SELECT pg_temp.refused($$SELECT casework.raise_concern('E06000001', NULL, 'C-0', '2015-05-01')$$);
SELECT casework.raise_concern('E06000001', 'P-1', 'C-1', '2015-05-01', 'Bruises on both arms', 'provider', 'own_home');
SELECT pg_temp.refused($$SELECT casework.raise_concern('E06000001', 'P-1', 'C-1', '2015-05-01')$$);
SELECT pg_temp.refused($$SELECT casework.raise_concern('E06000001', 'P-1', 'C-0', '2015-05-01', raised_by => 'nobody')$$);
SELECT pg_temp.refused($$SELECT casework.raise_concern('E06000001', 'P-1', 'C-0', '2015-05-01', incident_reference => 'none')$$);

-- 2: one incident, twelve residents (test 92 counts them).
SELECT casework.record_incident('E06000001', 'I-1', 'A night without staff', '2015-04-30') IS NOT NULL;
SELECT count(casework.raise_concern('E06000001', 'R-' || n, 'C-R' || n, '2015-05-01', incident_reference => 'I-1')) FROM generate_series(1, 12) AS n;
SELECT count(*), count(DISTINCT person_id), count(DISTINCT incident_id) FROM casework.concern WHERE incident_id IS NOT NULL;

-- 3: the duty.  All three tests met: no other decision; one of them not: another is accepted (5), section 42 is not.
SELECT pg_temp.refused($$SELECT casework.record_screening(1, '2015-05-02', true, true, true, true, 'none')$$);
SELECT pg_temp.refused($$SELECT casework.record_screening(1, '2015-05-02', true, true, true, true, 'other')$$);
SELECT pg_temp.refused($$SELECT casework.record_screening(1, '2015-05-02', true, true, true, false, 'section_42')$$);
SELECT pg_temp.refused($$INSERT INTO casework.screening (concern_id, decided_on, reasonable_cause, needs, risk, unable_to_protect, decision)
                         VALUES (1, '2015-05-02', true, true, true, true, 'none')$$);
SELECT casework.record_screening(2, '2015-05-02', true, true, true, false, 'other') IS NOT NULL AS other,
       casework.record_screening(3, '2015-05-02', true, NULL, true, true, 'section_42') IS NOT NULL AS not_known_yet,
       casework.record_screening(4, '2015-05-02', true, false, true, true, 'none') IS NOT NULL AS none;
-- 4: met, and no enquiry: listed from the day of the screening.
SELECT casework.record_screening(1, '2015-05-04', true, true, true, true) IS NOT NULL;
SELECT concern_id, tests_met_on, days FROM casework.concern_without_enquiry('2015-05-03');
SELECT concern_id, tests_met_on, days FROM casework.concern_without_enquiry('2015-05-04');
SELECT count(*) FROM casework.concern_undecided('2015-05-04');
-- the last screening of a day holds, and an earlier day's recorded later does not
SELECT casework.record_screening(1, '2015-05-04', true, true, true, false) IS NOT NULL;
SELECT tests_met_on, screened_on FROM casework.concern WHERE concern_id = 1;
SELECT casework.record_screening(1, '2015-05-05', true, true, true, true, 'section_42') IS NOT NULL,
       casework.record_screening(1, '2015-05-03', true, true, false, true, 'none') IS NOT NULL;
SELECT tests_met_on, screened_on, decision FROM casework.concern WHERE concern_id = 1;
SELECT d.* FROM casework_internal.derived_concern('{1}', '-infinity') AS d;

-- An enquiry, about concerns of one person.
SELECT casework.open_enquiry('E-1', '{1}', '2015-05-06', led_by => 'team 1');
SELECT pg_temp.refused($$SELECT casework.open_enquiry('E-0', '{1,2}', '2015-05-06')$$);
SELECT pg_temp.refused($$SELECT casework.open_enquiry('E-0', '{}', '2015-05-06')$$);
SELECT pg_temp.refused($$SELECT casework.open_enquiry('E-0', '{1}', '2015-05-06', 'third')$$);
SELECT concern_id FROM casework.concern_without_enquiry('2015-05-05');
SELECT concern_id FROM casework.concern_without_enquiry('2015-05-06');
-- one that is not a section 42 enquiry does not meet the duty
SELECT casework.record_enquiry_detail(1, type => 'other');
SELECT concern_id FROM casework.concern_without_enquiry('2015-05-06');
SELECT casework.record_enquiry_detail(1, type => 'section_42');

-- 6: concern, enquiry and conclusion on one day, nothing between.
SELECT casework.raise_concern('E06000001', 'P-6', 'C-6', '2015-05-06') AS c \gset
SELECT casework.open_enquiry('E-6', ARRAY[:c], '2015-05-06', 'other', 'fast track') AS e \gset
SELECT casework.conclude_enquiry(:e, '2015-05-06', 'Advice given', 'none_no_action') IS NOT NULL;
SELECT type, started_on, concluded_on, risk_assessment_outcome FROM casework.enquiry WHERE enquiry_id = :e;
SELECT pg_temp.refused(format($$SELECT casework.conclude_enquiry(%s, '2015-05-06', 'Again', 'none_no_action')$$, :e));
SELECT pg_temp.refused(format($$SELECT casework.conclude_enquiry(%s, '2015-05-05', 'Before it started', 'none_no_action', corrects => true)$$, :e));

-- 9: whose voice.
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'To go home', 'representative')$$);
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'To go home', 'advocate', '')$$);
SELECT casework.record_wanted_outcome(1, 'To go home', 'advocate', 'The advocate of the county', '{control}');
-- 10: a kind without words.
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, NULL, kinds => '{safer}')$$);
SELECT casework.record_enquiry_detail(1, asked => 'expressed', asked_on => '2015-05-07');
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, NULL, kinds => '{safer}')$$);
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, NULL)$$);
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'To go home', kinds => '{lottery}')$$);
SELECT casework.record_enquiry_detail(:e, asked => 'asked_none'), casework.record_wanted_outcome(:e, NULL, kinds => '{safer}') IS NOT NULL;

-- 12: an outcome that is not rated is named; 13: the action taken; 14, 15: what became of the risk.
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced', 'fully')$$);
SELECT pg_temp.refused($$SELECT casework.rate_outcome(1, 99, 'fully')$$), pg_temp.refused($$SELECT casework.rate_outcome(1, 1, 'rather')$$);
SELECT casework.rate_outcome(1, 1, 'partially');
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', NULL, 'identified_action', 'reduced', 'fully')$$),
       pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', '', 'identified_action', 'reduced', 'fully')$$);
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'none_action', 'removed', 'fully')$$);
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', NULL, 'fully')$$);
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'inconclusive_action', 'reduced', 'fully')$$);
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced')$$);
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', NULL, 'reduced', 'fully')$$);

-- 17 to 19: an enquiry of another body.
SELECT casework.cause_enquiry(1, 'The hospital', '2015-05-10', '2015-06-10', 'Who was on duty?');
SELECT organisation, due_on, status, days FROM casework.caused_enquiry_overdue('2015-06-10');
SELECT organisation, due_on, status, days FROM casework.caused_enquiry_overdue('2015-06-11');
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced', 'fully')$$);
SELECT casework.record_caused_status(1, 1, '2015-06-20', 'returned');
SELECT status, is_open FROM casework.caused_enquiry_known_at('infinity');
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced', 'fully')$$);
SAVEPOINT closed;
SELECT casework.record_caused_status(1, 1, '2015-06-21', 'adequate');
SELECT status, is_open FROM casework.caused_enquiry_known_at('infinity');
SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced', 'fully') IS NOT NULL;
SELECT count(*) FROM casework.caused_enquiry_overridden;
ROLLBACK TO closed;
SELECT casework.record_caused_status(1, 1, '2015-06-21', 'taken_back');
SELECT status, is_open FROM casework.caused_enquiry_known_at('infinity');
ROLLBACK TO closed;
SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced', 'fully', override_reason => 'It would change nothing') IS NOT NULL;
SELECT reference, organisation, status, override_reason FROM casework.caused_enquiry_overridden;

-- After the conclusion: 11, facts are not changed; a correction is a row, and both can be read.
SELECT pg_temp.refused($$UPDATE casework.wanted_outcome SET own_words = 'To stay' WHERE enquiry_id = 1$$);
SELECT casework.record_wanted_outcome(1, 'To go home to my cat', 'advocate', 'The advocate of the county', '{control}', 1);
SELECT outcome_id, own_words, achieved FROM casework.outcome_rating_known_at('infinity') WHERE enquiry_id = 1;
SELECT outcome_id, own_words FROM casework.wanted_outcome_known_at((SELECT max(recorded_at) - interval '1 microsecond' FROM casework.wanted_outcome)) WHERE enquiry_id = 1;
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'Twice', supersedes => 1)$$);
-- and what would break a rule is refused: 7, 8
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, NULL, supersedes => 3)$$);
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'One more')$$);
SELECT pg_temp.refused($$SELECT casework.record_enquiry_detail(1, asked => 'asked_none')$$);
SELECT pg_temp.refused($$SELECT casework.cause_enquiry(1, 'The police', '2015-07-01')$$) AS accepted_with_the_override;
SELECT casework.reopen_enquiry(1);
SELECT concluded_on, risk_outcome FROM casework.enquiry WHERE enquiry_id = 1;
SELECT casework.record_enquiry_detail(1, asked => 'asked_none');
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2015-06-30', 'Moved', 'identified_action', 'reduced')$$);

-- 16: local codes have a national one above them, and are used beneath no other.
SELECT pg_temp.refused($$SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', 'relative', NULL, 'Relative')$$);
SELECT pg_temp.refused($$SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', 'relative', 'family', 'Relative')$$);
SELECT casework.record_local_code('E06000001', 'sac_source_of_risk', 'relative', 'known', 'Relative, family or carer');
SELECT pg_temp.refused($$SELECT casework.record_risk(1, 'physical', 'unknown', local_source => 'relative')$$);
SELECT pg_temp.refused($$SELECT casework.record_risk(1, 'physical', 'known', local_source => 'neighbour')$$);
SELECT casework.record_risk(1, 'physical', 'known', 'own_home', local_source => 'relative');
SELECT casework.record_local_code('E06000001', 'sac_risk_assessment_outcome', 'wish', 'identified_no_action', 'The adult wanted none', '2015-01-01', '2015-12-31');
SELECT pg_temp.refused($$SELECT casework.conclude_enquiry(1, '2016-01-01', 'None', 'identified_no_action', 'remained', local_outcome => 'wish')$$);

-- 20, 21: the CQC location of a regulated provider.
SELECT casework.record_risk(1, 'neglect', 'service_provider', 'care_home_nursing', 'The Laurels', true),
       casework.record_risk(1, 'neglect', 'service_provider', 'own_home', 'A cleaner', false);
SELECT reference, risk_id, organisation FROM casework.cqc_id_to_find;
SELECT pg_temp.refused($$SELECT casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '12345678')$$);
SELECT pg_temp.refused($$SELECT casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '1-12345')$$);
SELECT pg_temp.refused($$SELECT casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '2-123456')$$);
SELECT casework.record_risk(1, 'neglect', 'service_provider', 'care_home_nursing', 'The Laurels', true, '1-12345678', supersedes => 2),
       casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '1-123456') IS NOT NULL AS shortest,
       casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '1-123456789012') IS NOT NULL AS longest;
SELECT pg_temp.refused($$SELECT casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '1-1234567890123')$$) AS longer;
SELECT count(*) FROM casework.cqc_id_to_find;
SELECT care.record_setting('E06000001', 'cqc_location_pattern', '^2-[0-9]+$');
SELECT casework.record_risk(1, 'neglect', 'service_provider', cqc_location_id => '2-123456') IS NOT NULL AS widened;

-- 22: evidence.
SELECT casework.record_evidence(1, 'Rota of 30 April', 'who was there'::bytea, 'team 1', '2015-05-08');
SELECT digest = sha256('who was there'::bytea) AS recomputes FROM casework.evidence;
SELECT pg_temp.refused($$UPDATE casework.evidence SET held_by = 'nobody'$$);
SELECT pg_temp.refused($$DELETE FROM casework.evidence$$) ~ '^55000 records_are_kept';
SELECT casework.hand_over_evidence(1, 1, 'the police', '2015-05-20');
SELECT pg_temp.refused($$SELECT casework.hand_over_evidence(1, 1, 'the court', '2015-05-21')$$);
SELECT pg_temp.refused($$SELECT casework.hand_over_evidence(1, 2, 'the court', '2015-05-19')$$);
SELECT item, held_by, from_day, to_day FROM casework.evidence_custody ORDER BY evidence_id;

-- Actions: any number, in any order, and not in words of ours; one is put right and one taken back.
SELECT casework.record_action(1, '2015-06-02', 'visit', 'With her advocate') IS NOT NULL AS second, casework.record_action(1, '2015-05-09', 'telephoned') AS first \gset
SELECT pg_temp.refused($$SELECT casework.record_action(1, '2015-06-03', '')$$), pg_temp.refused($$SELECT casework.record_action(1, NULL, 'visit')$$);
SELECT casework.record_action(1, '2015-05-08', 'telephoned', supersedes => :first) AS corrected \gset
SELECT on_day, kind, note FROM casework.action_known_at('infinity') WHERE enquiry_id = 1 ORDER BY on_day;
SELECT casework.record_action(1, NULL, 'telephoned', supersedes => :corrected) IS NOT NULL;
SELECT on_day, kind, note FROM casework.action_known_at('infinity') WHERE enquiry_id = 1 ORDER BY on_day;

-- Both sides of the rules of a conclusion, each with an enquiry of its own.
CREATE FUNCTION pg_temp.concluded(n text, assessed text DEFAULT 'none_no_action', became text DEFAULT NULL, asked text DEFAULT NULL, words text DEFAULT NULL,
                                  kinds text[] DEFAULT NULL, caused text DEFAULT NULL, override text DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    e bigint := casework.open_enquiry('B-' || n, ARRAY[casework.raise_concern('E06000001', 'B-' || n, 'B-' || n, '2015-05-01')], '2015-05-02', 'other');
    rule text;
BEGIN
    PERFORM casework.record_enquiry_detail(e, asked => asked);
    IF words IS NOT NULL OR kinds IS NOT NULL THEN
        PERFORM casework.rate_outcome(e, casework.record_wanted_outcome(e, words, kinds => kinds), 'fully');
    END IF;
    IF caused IS NOT NULL THEN
        PERFORM casework.record_caused_status(e, casework.cause_enquiry(e, 'The hospital', '2015-05-10', '2015-06-10'), '2015-06-01', caused);
    END IF;
    PERFORM casework.conclude_enquiry(e, '2015-06-30', 'Done', assessed, became, CASE WHEN asked = 'expressed' THEN 'fully' END, override_reason => override);
    RETURN 'accepted';
EXCEPTION WHEN check_violation THEN
    GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
    RETURN rule;
END
$$;
SAVEPOINT before;
-- 7, 8, 10: words, a kind without words, and what the record says was expressed
SELECT coalesce(a, 'not said') AS asked, pg_temp.concluded('7 ' || a, asked => a) AS "7: no outcome", pg_temp.concluded('8 ' || a, asked => a, words => 'To be safe') AS "7, 8: one outcome",
       pg_temp.concluded('10 ' || a, asked => a, kinds => '{safer}') AS "10: a kind alone", pg_temp.concluded('10b ' || a, asked => a, words => 'To be safe', kinds => '{safer}') AS "a kind beside words"
FROM unnest('{expressed,asked_none,not_asked,dont_know,not_recorded}'::text[]) WITH ORDINALITY AS u (a, n) ORDER BY n;
SELECT pg_temp.concluded('7') AS "7: not said, no outcome", pg_temp.concluded('8', words => 'To be safe') AS "8: one", pg_temp.concluded('10', kinds => '{safer}') AS "10: a kind alone";
-- 14, 15: each outcome of the risk assessment, without and with what became of the risk
SELECT a AS assessed, pg_temp.concluded('14 ' || a, a) AS "15: nothing", pg_temp.concluded('14a ' || a, a, 'remained') AS "14: remained", pg_temp.concluded('14b ' || a, a, 'reduced') AS reduced,
       pg_temp.concluded('14c ' || a, a, 'removed') AS removed
FROM (SELECT c.code, c.position FROM casework.code AS c WHERE c.list = 'sac_risk_assessment_outcome') AS c (a, n) ORDER BY n;
-- an inconclusive one may have an outcome where the authority says so: known of one form alone; where no risk was found, none may
SELECT care.record_setting('E06000001', 'inconclusive_risk_outcome', 'accepted');
SELECT pg_temp.concluded('14d ' || a, a, 'reduced') AS "14: accepted by the setting", a FROM unnest('{inconclusive_action,inconclusive_no_action,none_action,none_no_action}'::text[]) AS a;
ROLLBACK TO before;
-- 18, 19: what each status of an enquiry of another body leaves open
SELECT s AS status, pg_temp.concluded('18 ' || s, caused => s) AS "18: without a reason", pg_temp.concluded('18a ' || s, caused => s, override => '') AS "an empty one",
       pg_temp.concluded('18b ' || s, caused => s, override => 'It would change nothing') AS "with one"
FROM (SELECT c.code, c.position FROM casework.code AS c WHERE c.list = 'sg_caused_enquiry_status') AS c (s, n) ORDER BY n;
SELECT reference, status, override_reason FROM casework.caused_enquiry_overridden WHERE reference LIKE 'B-18%' ORDER BY 1;
ROLLBACK TO before;
-- 5: an enquiry about a concern that does not meet the tests is of type other, and the concern is on no list
SELECT casework.open_enquiry('B-5', '{2}', '2015-05-02', 'other') AS key \gset
SELECT e.type, c.decision, (SELECT count(*) FROM casework.concern_without_enquiry('2015-05-02') AS w WHERE w.concern_id = 2) AS listed FROM casework.enquiry AS e, casework.concern AS c WHERE e.enquiry_id = :key AND c.concern_id = 2;
ROLLBACK TO before;
-- 9: a representative who is named
SELECT pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'To go home', 'representative', 'Her daughter')$$), pg_temp.refused($$SELECT casework.record_wanted_outcome(1, 'To go home', 'advocate')$$);
ROLLBACK TO before;

-- Recorded in error.
SELECT casework.withdraw_enquiry(1), casework.withdraw_concern(2);
SELECT (SELECT started_on FROM casework.enquiry WHERE enquiry_id = 1), (SELECT raised_on FROM casework.concern WHERE concern_id = 2);
SELECT concern_id FROM casework.concern_without_enquiry('2015-05-06');
SELECT casework.record_enquiry_detail(1, started_on => '2015-05-06'), casework.correct_concern(2, '2015-05-01');
SELECT count(*) FROM casework.concern_without_enquiry('2015-05-06');

-- What the core promises.
SELECT count(*) FROM care.verify();
SELECT count(*) FROM care.verify_chain();
SELECT recorded_in, count(*) FROM care.audit_trail('enquiry', 1) GROUP BY 1 ORDER BY 1;
-- 23: nothing goes while it is held, and it goes whole afterwards
SELECT casework.conclude_enquiry(:e, '2015-05-06', 'Advice given', 'none_no_action', corrects => true) IS NOT NULL;
SELECT care.record_retention_schedule('E06000001', c, '2015-01-01', 'closed', '1 year', 'test') IS NOT NULL FROM unnest('{concern,enquiry}'::text[]) AS c;
SELECT care.record_retention_schedule('E06000001', 'person', '2015-01-01', 'last_updated', '0', 'test') IS NOT NULL;
SELECT class, reference, retain_until, reason FROM care.retention('2026-01-01') WHERE reference IN ('C-6', 'E-6', 'E-1', 'C-R3') ORDER BY 1, 2;
SELECT care.place_hold('enquiry', ARRAY[:e], 'Inquest', 'Head of law') AS hold \gset
SELECT regexp_replace(pg_temp.refused(format($$SELECT care.review_disposal('enquiry', %s, 'dispose', 'Records officer')$$, :e)), 'on hold \d+', 'on hold N');
SELECT care.release_hold(:hold, 'Head of law', 'over');
SELECT pg_temp.refused(format($$SELECT care.review_disposal('concern', %s, 'dispose', 'Records officer')$$, :c));
-- 23: nor when it was reviewed before it was held, and held with its person
SAVEPOINT before;
SELECT care.review_disposal('enquiry', :e, 'dispose', 'Records officer') IS NOT NULL AS reviewed, care.place_hold('person', ARRAY(SELECT person_id FROM care.person WHERE reference = 'P-6'), 'Inquest', 'Head of law') AS hold \gset
SELECT :'reviewed' AS reviewed, regexp_replace(pg_temp.refused(format($$SELECT care.dispose('enquiry', %s)$$, :e)), '\d+', 'N', 'g') AS disposed_of;
SELECT care.release_hold(:hold, 'Head of law', 'over'), pg_temp.refused(format($$SELECT care.dispose('enquiry', %s)$$, :e)) AS disposed_of;
ROLLBACK TO before;
SELECT care.review_disposal('enquiry', :e, 'dispose', 'Records officer') IS NOT NULL, care.dispose('enquiry', :e) IS NOT NULL;
SELECT care.review_disposal('concern', :c, 'dispose', 'Records officer') IS NOT NULL, care.dispose('concern', :c) IS NOT NULL;
SELECT class, removed - 'disposal_review' - 'chain' AS removed FROM care.disposal_certificate ORDER BY certificate_id;
SELECT count(*) FROM care.person WHERE reference = 'P-6';
SELECT count(*) FROM care.verify();

-- The Act's words only: in names of all kinds, in code, messages, comments, settings and lists.  A hospital's notice is another thing.
CREATE VIEW pg_temp.said AS
    SELECT n.nspname || '.' || p.proname AS name, pg_get_functiondef(p.oid) || coalesce(obj_description(p.oid), '') AS words FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname LIKE 'casework%'
    UNION ALL SELECT c.oid::regclass::text, concat_ws(' ', c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid), CASE WHEN c.relkind = 'v' THEN pg_get_viewdef(c.oid) END)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace LEFT JOIN pg_attribute AS a ON a.attrelid = c.oid WHERE n.nspname LIKE 'casework%'
    UNION ALL SELECT k.conrelid::regclass::text, k.conname || pg_get_constraintdef(k.oid) FROM pg_constraint AS k JOIN pg_namespace AS n ON n.oid = k.connamespace WHERE n.nspname LIKE 'casework%'
    UNION ALL SELECT t.tgrelid::regclass::text, t.tgname || coalesce(obj_description(t.oid), '') FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname LIKE 'casework%'
    UNION ALL SELECT 'setting ' || s.name, to_jsonb(s)::text FROM care.known_setting AS s
    UNION ALL SELECT c.list || ' ' || c.code, to_jsonb(c)::text FROM casework.code AS c;
SELECT count(*) > 3000 AS looked_at, count(*) FILTER (WHERE words ~* 'perpetrat|alleg|victimis') AS of_old, string_agg(DISTINCT name, ' ') FILTER (WHERE words ~* '\malert' AND name !~ 'hospital|next_alert') AS alerts FROM pg_temp.said;
SELECT 'an allegation' ~* 'alleg' AS found, 'the perpetrator' ~* 'perpetrat' AS found, 'an alert' ~* '\malert' AS found;
ROLLBACK;
