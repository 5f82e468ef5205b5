--
-- 98_disclosure: who asked for what is kept of a person, what the rules and people decided, what was handed over.
--
SET datestyle = 'ISO, YMD';
\pset null '(null)'
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '
\set ON_ERROR_ROLLBACK on
BEGIN;
SELECT care.record_person('E06000001', 'P-1') AS p \gset
-- what must be said
SELECT care_test.refused(format('SELECT care.request_disclosure(%L, %L, %L, %L)', v.reference, v.requester, v.data, v.purpose))
FROM (VALUES ('P-1', NULL, 'plan', 'direct_care'), ('P-1', 'GP', '', 'direct_care'), ('P-1', 'GP', 'plan', NULL), ('P-1', 'GP', 'plan', 'curiosity'), ('P-9', 'GP', 'plan', 'direct_care')) AS v (reference, requester, data, purpose);
-- by rule: shared; a person objects, from a day to a day; research
SELECT request_id AS gp, decision FROM care.request_disclosure('P-1', 'GP surgery', 'care plan', 'direct_care', policy => 'Sharing 3.1') \gset
SELECT :'decision';
SELECT (care.request_disclosure('P-1', 'University', 'accounts', 'research')).decision, (care.request_disclosure('P-1', 'University', 'accounts', 'research', identifiable => false)).decision;
SELECT care.record_objection('P-1', 'continuity', 'Do not tell them', care.today() - 9, care.today() - 1) IS NOT NULL, care.record_objection('P-1', 'continuity', 'Do not tell them', care.today() + 1) IS NOT NULL;
SELECT (care.request_disclosure('P-1', 'Next authority', 'care plan', 'continuity')).decision;
SELECT care.record_objection('P-1', 'direct_care', 'Not my GP', care.today(), care.today()) AS objection \gset
SELECT request_id AS again, decision FROM care.request_disclosure('P-1', 'GP surgery', 'care plan', 'direct_care') \gset
SELECT :'decision';
SELECT requester, purpose, policy, identifiable, days_waiting FROM care.disclosure_to_decide;
SELECT care_test.refused($$SELECT care.record_objection('P-1', 'direct_care', NULL, care.today())$$), care_test.refused($$SELECT care.record_objection('P-1', 'none', 'x', care.today())$$);
SELECT care_test.refused($$SELECT care.record_objection('P-1', 'direct_care', 'x', '2020-01-02', '2020-01-01')$$), care_test.refused($$SELECT care.record_objection('P-1', 'direct_care', 'x', '2020-01-02', supersedes => 0)$$);
-- nothing is handed over that is not permitted, or is objected to since
SELECT regexp_replace(care_test.refused(format($$SELECT care.record_disclosure(%s, sha256('x'), 'GP', 'secure mail', true, 'direct_care')$$, k)), 'request \d+', 'request N') FROM unnest(ARRAY[:gp, :again]) AS k;
SELECT care_test.refused($$SELECT care.record_disclosure(0, sha256('x'), 'GP', 'secure mail', true, 'direct_care')$$), care_test.refused($$SELECT care.decide_disclosure(NULL, 'PERMIT', 'x')$$);
SELECT regexp_replace(care_test.refused(format('SELECT care.decide_disclosure(%s, %L, %L)', :again, v.decision, v.reason)), 'request \d+', 'request N') FROM (VALUES ('REVIEW', 'x'), (NULL, 'x'), ('PERMIT', NULL), ('DENY', '')) AS v (decision, reason);
SELECT care.decide_disclosure(:again, 'PERMIT', 'In danger without it');
SELECT count(*) FROM care.disclosure_to_decide;
-- without basis, recipient, carrier or digest: refused
SELECT regexp_replace(care_test.refused(format('SELECT care.record_disclosure(%s, %s, %L, %L, %s, %L)', :again, v.d, v.r, v.c, v.e, v.b)), 'request \d+', 'request N')
FROM (VALUES ('sha256(''x'')', 'GP', 'mail', 'true', NULL), ('sha256(''x'')', 'GP', 'mail', 'true', 'because'), ('sha256(''x'')', NULL, 'mail', 'true', 'consent'), ('sha256(''x'')', 'GP', '', 'true', 'consent'),
             ('sha256(''x'')', 'GP', 'mail', 'NULL', 'consent'), ('''\x00''', 'GP', 'mail', 'true', 'consent'), ('NULL', 'GP', 'mail', 'true', 'consent')) AS v (d, r, c, e, b);
-- also of a row that is loaded
SELECT regexp_replace(care_test.refused(format('INSERT INTO care.disclosure (person_id, request_id, document_digest, recipients, carrier, encrypted, basis) VALUES (%s, %s, sha256(''x''), ''GP'', ''mail'', true, NULL)', :p, :again)), ' \(Failing.*', '');
SELECT care.record_disclosure(:again, sha256('x'), 'GP surgery', 'secure mail', true, 'direct_care') IS NOT NULL;
SELECT decision, decided_by, reason, overrides FROM care.disclosure_decision WHERE request_id = :again ORDER BY decision_id;
SELECT operation, purpose, reason, recipients FROM care.access_log;
-- past the functions the tables refuse a disclosure without basis or purpose, too
SELECT substring(care_test.refused(c) FROM '^23502 null value in column "\w+"') FROM unnest(ARRAY[
    $$INSERT INTO care.disclosure (person_id, request_id, document_digest, recipients, carrier, encrypted, sent_on) SELECT person_id, request_id, sha256('x'), 'GP', 'mail', true, care.today() FROM care.disclosure_request$$,
    $$INSERT INTO care.disclosure_request (person_id, requester, asked_on, data_asked, identifiable) SELECT person_id, 'GP', care.today(), 'plan', true FROM care.person WHERE reference = 'P-1'$$]) AS c;
-- research with what a person can be known from: nobody may permit it
SELECT request_id AS study FROM care.request_disclosure('P-1', 'University', 'accounts', 'research') \gset
SELECT regexp_replace(care_test.refused(format('SELECT care.decide_disclosure(%s, ''PERMIT'', ''please'')', :study)), 'request \d+', 'request N');
-- an objection that is withdrawn
SELECT care.record_objection('P-1', 'direct_care', 'Not my GP', care.today(), care.today() - 1, supersedes => :objection) IS NOT NULL, (care.request_disclosure('P-1', 'GP surgery', 'care plan', 'direct_care')).decision;
SELECT care.record_disclosure(:gp, sha256('y'), 'GP surgery', 'by hand', false, 'consent') IS NOT NULL;
SELECT regexp_replace(care_test.refused(c), 'person \d+', 'person N') FROM unnest(ARRAY['UPDATE care.disclosure SET recipients = ''x''', 'DELETE FROM care.objection', 'TRUNCATE care.disclosure_request CASCADE']) AS c;
SELECT count(*) FROM care.verify(), care.verify_chain();
SELECT string_agg(DISTINCT recorded_in, ' ' ORDER BY recorded_in) FROM care.audit_trail('person', :p);
ROLLBACK;
