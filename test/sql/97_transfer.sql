--
-- 97_transfer: an account moves to another authority and back; the documents, byte for byte; what is refused.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
\set QUIET on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
ALTER TABLE care.adjustment ALTER COLUMN adjustment_id RESTART WITH 1;
ALTER TABLE care.transfer ALTER COLUMN transfer_id RESTART WITH 1;
ALTER TABLE care.move ALTER COLUMN move_id RESTART WITH 1;
ALTER TABLE care.move_step ALTER COLUMN step_id RESTART WITH 1;

--
-- The canonical form: its published vectors, and one of amounts.
--
CREATE TEMP TABLE vector (name text, input text, canonical text, sha256 text);
INSERT INTO vector VALUES
    ('arrays', E'[56,{"d":true,"10":null,"1":[]}]',
     E'[56,{"1":[],"10":null,"d":true}]',
     '099601b171cafed97c333f8878d68e7f8c8f795412adb34b2fdcf0e7c7beac42'),
    ('structures', E'{"1":{"f":{"f":"hi","F":5},"\\n":56},"10":{},"":"empty","a":{},"111":[{"e":"yes","E":"no"}],"A":{}}',
     E'{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{"E":"no","e":"yes"}],"A":{},"a":{}}',
     '605f65004ec2db7692522a0852c22f1c989e036d547e88963d1a3143cf3195d5'),
    ('utf16', E'{"\\ufb33":1,"\\ud83d\\ude02":2,"1":3,"\\u20ac":4}',
     E'{"1":3,"\U000020ac":4,"\U0001f602":2,"\U0000fb33":1}',
     '1615016d55843b77d4e53afef9e63f42a4c34a65fd6dd807d0ac7991762c8c9a'),
    ('control', E'{"a":"\\u0001\\u000f\\n\\t\\u007f\\/"}',
     E'{"a":"\\u0001\\u000f\\n\\t\x7f/"}',
     '412eb2cdfe930f48cf829a62fd52ded91b1b6b37ed16cd6796208275bfda4deb'),
    ('money', E'{"b":"1.10","a":["x",true,null]}',
     E'{"a":["x",true,null],"b":"1.10"}',
     '5a725434fc62ca780d4e3cd621a47c6cc2d793b07fb8ebdb804137278b1f429d');
SELECT v.name, care.canonical_json(v.input) = v.canonical AS as_published,
       encode(sha256(convert_to(care.canonical_json(v.input), 'UTF8')), 'hex') = v.sha256 AS digest_too
FROM vector AS v ORDER BY v.name;
-- and once more what is canonical already, with spaces, or with members in the other order
SELECT count(*) FROM vector AS v WHERE care.canonical_json(v.canonical) <> v.canonical
    OR care.canonical_json(E' \n\t' || replace(v.input, ',"', E' ,\r\n"') || ' ') <> v.canonical;
-- members in the order of UTF-16 code units, where it is not that of code points, and names that begin alike
SELECT care.canonical_json('{"\ue000":1,"\ud83d\ude02":2,"\ud7ff\ue000":3,"\ud7ff":4,"\ud83d\ude02a":5,"b":6,"a":7,"":8,"aa":9}')
       = E'{"":8,"a":7,"aa":9,"b":6,"\uD7FF":4,"\uD7FF\uE000":3,"\U0001F602":2,"\U0001F602a":5,"\uE000":1}' AS in_order;
SELECT care_test.refused(format('SELECT care.canonical_json(%L)', d))
FROM unnest(ARRAY['{"a":1,"b":{"c":1,"c":2}}', '[{"x":1},{"x":1,"x":1}]', '{"a":"\u0000"}', '{"\u0000":1}', '{"a":1', '', '{"a":"\ud83d"}',
                  '{"a":50.00}', '{"a":[1,2.5]}', '{"a":1e2}', '{"a":9007199254740992}', '01']) AS d;
SELECT care.canonical_json('{"a":9007199254740991,"b":-0,"c":-9007199254740991}'), care.canonical_json(NULL);
SELECT care_test.refused($$SELECT care.canonical_json('{"\u00e9":1}', only_ascii => true)$$), care.canonical_json('{"e":"\u00e9"}', true) = U&'{"e":"\00e9"}' AS values_may;

--
-- The digest is of everything but integrity; a signature made outside goes there.
--
SELECT care.document_digest('{"b":"1.10","a":["x",true,null]}') = (SELECT v.sha256 FROM vector AS v WHERE v.name = 'money') AS of_the_content,
       care.document_digest('{"integrity":{"any":1},"a":["x",true,null], "b":"1.10"}') = care.document_digest('{"b":"1.10","a":["x",true,null]}') AS not_of_integrity;
SELECT care.document_payload('{"integrity":{"any":1},"b":"2","a":1}');
SELECT care.signed_document('{"b":"2","a":1}', 'eyJhbGciOiJFUzI1NiJ9..c2lnbmVk', 'key 1');
SELECT care.document_digest(care.signed_document('{"b":"2","a":1}', 'h..s', 'k')) = care.document_digest('{"b":"2","a":1}') AS signed_or_not;
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT care.signed_document('{"a":1}', 'header.payload.signature', 'k')$$,
    $$SELECT care.signed_document('{"a":1}', 'h..s', '')$$, $$SELECT care.signed_document('[1]', 'h..s', 'k')$$,
    $$SELECT care.document_digest('{"a":1,"a":2}')$$]) AS s;

--
-- One account moves, and one does not.  Scheme: 350 a week is 50 a day; the cap rises on 2017-01-01.
--
SELECT care.record_scheme('even', 'Round figures', 'draft', '2016-01-01', 'weekly_cost', 'test');
SELECT care.record_parameter('even', 'cap', '2016-01-01', 20000, 'test');
SELECT care.record_parameter('even', 'cap', '2017-01-01', 22000, 'test');
SELECT care.record_parameter('even', 'daily_living_cost', '2016-01-01', 100, 'test');
CREATE FUNCTION pg_temp.accrued(of_account bigint, day date, known timestamptz DEFAULT 'infinity') RETURNS numeric LANGUAGE sql AS $$
    SELECT p.accrued FROM care.account_position(day, known) AS p WHERE p.account_id = of_account
$$;
-- on how many of some days two accounts differ in a figure
CREATE FUNCTION pg_temp.differing_days(one bigint, other bigint, from_day date, to_day date) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM generate_series(0, to_day - from_day) AS n,
        care.account AS a, care.account AS b, care_internal.account_stands(a, from_day + n) AS p, care_internal.account_stands(b, from_day + n) AS q
    WHERE a.account_id = one AND b.account_id = other
      AND ROW(p.cap, p.weekly_cost, p.weekly_counted, p.daily_living_cost, p.weekly_rate, p.accrued, p.remaining, p.percent_of_cap, p.cap_reached_on, p.projected_cap_on)
          IS DISTINCT FROM ROW(q.cap, q.weekly_cost, q.weekly_counted, q.daily_living_cost, q.weekly_rate, q.accrued, q.remaining, q.percent_of_cap, q.cap_reached_on, q.projected_cap_on)
$$;
-- a document with something changed, sealed anew: what only its sender could do
CREATE FUNCTION pg_temp.changed(document text, path text[], value jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT care_internal.sealed_document(jsonb_set(document::jsonb, path, value))
$$;
-- how many facts there are of accounts, transfers and people
CREATE FUNCTION pg_temp.facts() RETURNS bigint LANGUAGE sql AS $$
    SELECT (SELECT count(*) FROM care.budget) + (SELECT count(*) FROM care.adjustment) + (SELECT count(*) FROM care.account)
         + (SELECT count(*) FROM care.transfer) + (SELECT count(*) FROM care.transfer_step) + (SELECT count(*) FROM care.person)
$$;

SELECT care.open_account('E06000001', 'A-1', 'P-1', '1940-02-03', 'even', '2016-04-01') AS a \gset
SELECT care.open_account('E06000001', 'T-1', 'P-2', '1940-02-03', 'even', '2016-04-01') AS twin \gset
SELECT care.record_budget(i, '2016-04-01', 'personal_budget', 'community', 350, plan_reference => 'plan 1') > 0 FROM unnest(ARRAY[:a, :twin]::bigint[]) AS i;
SELECT care.record_adjustment(i, '2016-05-01', 100.50, 'brought_forward', 'Head of finance', 'file 7') > 0 FROM unnest(ARRAY[:a, :twin]::bigint[]) AS i;

-- The section 37 record of the first authority.
SELECT care.record_move('E06000001', 'M-1', 'P-1', '37(1)', 'E06000001', 'E06000002', '2016-08-01', 'daughter', '2016-09-15', true) AS move \gset
SELECT care_test.refused(format($$SELECT care.transfer_out(%s, 'E06000002', '2016-09-15', '37(1)', move_id => %s)$$, :a, :move));
SELECT care.record_move_step(:move, 'not_satisfied', '2016-08-05', 'only a visit, it seems') > 0;
-- example 7: not satisfied: nothing is due, and the reason is kept
SELECT count(*) FROM care.move_document_due;
SELECT care_test.refused(format($$SELECT care.transfer_out(%s, 'E06000002', '2016-09-15', '37(1)', move_id => %s)$$, :a, :move));
SELECT kind, on_day, note FROM care.move_step_in_force WHERE move_id = :move;
SELECT care.record_move_step(:move, 'satisfied_told', '2016-08-20') > 0;
SELECT document, because, sent_on FROM care.move_document_due WHERE move_id = :move;

-- Example 1: the first accrues to the day before, the second begins with 50 for the day of the move.
SELECT care.transfer_out(:a, 'E06000002', '2016-09-15', '37(1)', move_id => :move,
    attachments => '[{"kind":"plan","media_type":"application/pdf","digest":"00"}]') AS document \gset
SELECT care.canonical_json(:'document', true) = :'document' AS canonical, care.document_digest(:'document') = :'document'::jsonb #>> '{integrity,digest,value}' AS digest;
SELECT jsonb_pretty((:'document'::jsonb #- '{account,opened_on}') - '{transfer_id,created_at,integrity,retention}'::text[]);
SELECT document, sent_on = care.today() AS sent FROM care.move_document_due WHERE move_id = :move;
SELECT pg_temp.accrued(:a, '2016-09-14'), pg_temp.accrued(:a, '2016-09-15'), pg_temp.accrued(:a, '2016-12-31');
-- sent twice is sent once
SELECT pg_temp.facts() AS before \gset
SELECT care.transfer_out(:a, 'E06000002', '2016-09-15', '37(1)') = :'document' AS same, pg_temp.facts() - :before AS written;
-- read only: from whichever side it is written
SELECT care_test.refused(s) FROM unnest(ARRAY[format($$SELECT care.record_budget(%s, '2016-10-01', 'personal_budget', 'community', 70)$$, :a),
    format($$SELECT care.record_adjustment(%s, '2016-05-02', 1, 'court_order', 'X')$$, :a), format($$SELECT care.correct_counting(%s, '2016-04-02', 'why')$$, :a),
    format($$INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) VALUES (%s, '2016-10-01', 'personal_budget', 'community', 70)$$, :a),
    format($$SELECT care.transfer_out(%s, 'E06000003', '2016-09-15', '37(1)')$$, :a), format($$SELECT care.transfer_out(%s, 'E06000002', '2016-09-16', '37(1)')$$, :a),
    format($$SELECT care.transfer_acknowledgement(%s)$$, :a)]) AS s;
-- what changes no figure may still be said
SELECT care.record_event(:a, '2016-09-01', 'early_assessment') > 0;

SELECT care.transfer_in(:'document', person_reference => 'B-P', reference => 'B-1') AS b \gset
SELECT pg_temp.accrued(:b, '2016-09-15') - pg_temp.accrued(:b, '2016-09-14') AS of_the_day, pg_temp.accrued(:a, '2016-09-14') = pg_temp.accrued(:b, '2016-09-14') AS continues,
       pg_temp.differing_days(:b, :twin, '2016-03-25', '2018-12-31') AS differing;
-- example 12: the same document again, in any order and with any spaces
SELECT pg_temp.facts() AS before \gset
SELECT care.transfer_in(:'document') = :b AS same, care.transfer_in(jsonb_pretty(:'document'::jsonb)) = :b AS spaced, pg_temp.facts() - :before AS written;
SELECT direction, from_authority, from_reference, to_authority, sequence, trigger, purpose, moves_on, status FROM care.transfer_status ORDER BY transfer_id;
SELECT care.transfer_acknowledgement(:b) AS acknowledgement \gset
SELECT jsonb_pretty(:'acknowledgement'::jsonb - '{transfer_id,digest,accepted_on,integrity}'::text[]);
SELECT care.transfer_acknowledge(:'acknowledgement') = :a, care.transfer_acknowledge(:'acknowledgement') = :a AS twice;
SELECT direction, status, count(*) FROM care.transfer_status GROUP BY 1, 2 ORDER BY 1;
SELECT regexp_replace(care_test.refused(format('SELECT care.transfer_acknowledge(%L)', d)), '[0-9a-f]{64}', 'DIGEST', 'g') AS refused FROM unnest(ARRAY[
    pg_temp.changed(:'acknowledgement', '{digest}', to_jsonb(repeat('0', 64))), pg_temp.changed(:'acknowledgement', '{sequence}', '7'),
    pg_temp.changed(:'acknowledgement', '{to,reference}', '"none"'), pg_temp.changed(:'acknowledgement', '{accepted_on}', '"soon"'),
    replace(:'acknowledgement', '"B-1"', '"B-2"'), :'document']) AS d;

-- Example 4: the first's rate goes on until the second's own budget.
SELECT authority, from_authority, from_day, to_day, weekly_cost, weekly_rate, kind, needs_met FROM care.transfer_interim;
SELECT care.record_budget(:b, '2016-10-03', 'personal_budget', 'care_home', 800), care.record_budget(:twin, '2016-10-03', 'personal_budget', 'care_home', 800) \gset
SELECT authority, from_authority, from_day, to_day, weekly_cost, weekly_rate, kind, needs_met FROM care.transfer_interim;
SELECT pg_temp.differing_days(:b, :twin, '2016-03-25', '2018-12-31') AS differing;

-- Example 16: A to B to A: the held account opens again, lines of both in order, no day twice; example 20: member x is kept.
SELECT care.transfer_out(:b, 'E06000001', '2017-03-01', '37(1)') AS back \gset
-- not another account that left, nor one of somebody born on another day, nor one that left on another day
SELECT care.open_account('E06000001', 'A-2', 'P-3', '1940-02-03', 'even', '2016-04-01') AS a2 \gset
SELECT care.record_budget(:a2, '2016-04-01', 'personal_budget', 'community', 350) > 0, care.transfer_out(:a2, 'E06000002', '2016-10-01', '37(1)') IS NOT NULL;
SELECT care_test.refused(format('SELECT care.transfer_in(%L)', d)) FROM unnest(ARRAY[pg_temp.changed(:'back', '{responsible,0,reference}', '"A-2"'),
    pg_temp.changed(:'back', '{person,date_of_birth}', '"1940-02-04"'), pg_temp.changed(:'back', '{responsible,1,from_day}', '"2016-09-16"')]) AS d;
SELECT care.transfer_in(pg_temp.changed(:'back', '{x}', '{"y":["kept",1]}')) = :a AS the_held_account;
SELECT pg_temp.differing_days(:a, :twin, '2016-03-25', '2018-12-31') AS differing, care_internal.transfer_state(:a), care_internal.transfer_state(:b);
SELECT authority, reference, to_authority, moves_on FROM care.account_elsewhere ORDER BY account_id;
SELECT care.transfer_out(:a, 'E06000003', '2017-06-01', '37(3)') AS third \gset
SELECT :'third'::jsonb -> 'x' AS kept, :'third'::jsonb -> 'responsible' AS responsible, :'third'::jsonb -> 'totals' AS totals, :'third'::jsonb -> 'sequence' AS sequence;
SELECT l ->> 'from_day' AS from_day, l ->> 'to_day' AS to_day, l ->> 'what' AS what, l ->> 'amount' AS amount, l ->> 'accrued' AS accrued, l ->> 'authority' AS authority
FROM jsonb_array_elements(:'third'::jsonb -> 'lines') AS l;
SELECT sum((l ->> 'days')::int) FILTER (WHERE l ->> 'what' = 'metered') AS days, date '2017-06-01' - date '2016-04-01' AS between FROM jsonb_array_elements(:'third'::jsonb -> 'lines') AS l;

--
-- What is refused, and changes nothing.  Each document but the first is sealed by its sender.
--
SELECT pg_temp.facts() AS before \gset
CREATE TEMP TABLE bad (n int GENERATED ALWAYS AS IDENTITY, what text, document text);
INSERT INTO bad (what, document) VALUES
    ('one byte changed', replace(:'third', '"E06000003"', '"E06000004"')),
    ('no digest', (:'third'::jsonb - 'integrity')::text),
    ('a member twice', regexp_replace(:'third', '^{', '{"version":1,')),
    ('not JSON', 'PDF'),
    ('no object', '[1]'),
    ('a name that is not ASCII', replace(:'third', '"x"', U&'"\00e9"')),
    ('a total wrong by a penny', pg_temp.changed(:'third', '{totals,amount}', to_jsonb(((:'third'::jsonb #>> '{totals,amount}')::numeric + 0.01)::text))),
    ('accrued wrong by a penny', pg_temp.changed(:'third', '{account,accrued}', to_jsonb(((:'third'::jsonb #>> '{account,accrued}')::numeric - 0.01)::text))),
    ('a line wrong by a penny, its totals too', pg_temp.changed(pg_temp.changed(pg_temp.changed(pg_temp.changed(:'third', '{lines,0,amount}', '"1500.01"'), '{totals}',
        care_internal.totals_of(jsonb_set(:'third'::jsonb, '{lines,0,amount}', '"1500.01"') -> 'lines')), '{account,accrued}',
        care_internal.totals_of(jsonb_set(:'third'::jsonb, '{lines,0,amount}', '"1500.01"') -> 'lines') -> 'amount'), '{x}', '1')),
    ('a number for an amount', pg_temp.changed(:'third', '{budgets,0,weekly_cost}', '50')),
    ('a number with decimals', replace(:'third', '"350.00"', '350.00')),
    ('three decimals', pg_temp.changed(:'third', '{budgets,0,weekly_cost}', '"50.000"')),
    ('30 February', pg_temp.changed(:'third', '{move,moves_on}', '"2017-02-30"')),
    ('an unknown version', pg_temp.changed(:'third', '{version}', '2')),
    ('an unknown schema', pg_temp.changed(:'third', '{schema}', '"letter"')),
    ('a draft', pg_temp.changed(:'third', '{status}', '"draft"')),
    ('example 2: both count the day', pg_temp.changed(:'third', '{move,moves_on}', '"2017-05-31"')),
    ('example 3: neither does', pg_temp.changed(:'third', '{move,moves_on}', '"2017-06-03"')),
    ('before it counts', pg_temp.changed(:'third', '{account,counting_from}', '"2017-06-01"')),
    ('example 18: dead before', pg_temp.changed(:'third', '{retention,died_on}', '"2017-05-31"')),
    ('authorities out of order', pg_temp.changed(:'third', '{responsible,1,from_day}', '"2016-04-01"')),
    ('the last of them is not the sender', pg_temp.changed(:'third', '{responsible,2,authority}', '"E06000009"')),
    ('from an unknown authority', pg_temp.changed(pg_temp.changed(:'third', '{responsible,2,authority}', '"E06999999"'), '{from,authority}', '"E06999999"')),
    ('a budget left out', pg_temp.changed(:'third', '{budgets}', jsonb_path_query_array(:'third'::jsonb, '$.budgets[0]'))),
    ('a trigger left out', care_internal.sealed_document(:'third'::jsonb #- '{move,trigger}')),
    ('a scheme that is not known', pg_temp.changed(:'third', '{scheme}', '"none"')),
    ('null', NULL);
SELECT b.n, b.what, regexp_replace(care_test.refused(format('SELECT care.transfer_in(%L)', b.document)), '[0-9a-f]{64}', 'DIGEST', 'g') AS refused FROM bad AS b ORDER BY b.n;
SELECT care_test.refused(format($$SELECT care.transfer_in(%L, 'E06000004')$$, :'third'));
SELECT pg_temp.facts() - :before AS written;
-- what was refused is kept as it came, where it is received first
CREATE TEMP TABLE kept AS SELECT b.n, care.transfer_receive(b.document, 'E06000003') AS key FROM bad AS b WHERE b.n IN (1, 3, 4, 6, 7, 14, 17, 23);
SELECT b.n, r.checks ->> 'accepted' AS accepted, r.checks ->> 'sqlstate' AS sqlstate, r.checks ->> 'name' AS name, r.digest IS NULL AS unreadable, r.document = b.document AS as_it_came
FROM kept AS k JOIN bad AS b ON b.n = k.n JOIN care.received_document AS r ON r.document_id = k.key ORDER BY b.n;
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT care.transfer_receive(NULL, 'E06000003')$$, $$SELECT care.transfer_receive('{}', 'E99')$$,
    $$UPDATE care.received_document SET document = 'x'$$, $$DELETE FROM care.transfer$$]) AS s;
SELECT care.transfer_receive(:'third', 'E06000003') AS kept \gset
SELECT care.transfer_receive(:'third', 'E06000003') = :kept AS same, checks FROM care.received_document WHERE document_id = :kept;

-- Example 13: an earlier document after a later one.
SELECT care.transfer_in(:'third', reference => 'C-1', person_reference => 'C-P') AS c \gset
SELECT pg_temp.differing_days(:c, :twin, '2016-03-25', '2018-12-31') AS differing;
SELECT care_test.refused(format('SELECT care.transfer_in(%L)', pg_temp.changed(:'third', '{sequence}', '3')));
SELECT regexp_replace(care_test.refused(format('SELECT care.transfer_in(%L)', pg_temp.changed(:'third', '{x}', '2'))), '[0-9a-f]{64}', 'DIGEST');
SELECT care.transfer_cancel(:c, 'a later one is on its way', '2017-06-05');
SELECT care.transfer_in(pg_temp.changed(:'third', '{sequence}', '4')) = :c AS the_same_account, pg_temp.differing_days(:c, :twin, '2016-03-25', '2018-12-31') AS differing;
SELECT care_test.refused(format('SELECT care.transfer_in(%L)', d)) FROM unnest(ARRAY[pg_temp.changed(:'third', '{sequence}', '3'), :'third']) AS d;
SELECT care.transfer_receive(pg_temp.changed(:'third', '{sequence}', '3'), 'E06000003') AS early \gset
SELECT checks FROM care.received_document WHERE document_id = :early;
-- a day that an account of the second's own counts
SELECT care.open_account('E06000004', 'own', 'D-P', '1940-02-03', 'even', '2016-06-01') AS own \gset
SELECT care.record_budget(:own, '2016-07-01', 'personal_budget', 'community', 70) AS own_budget \gset
SELECT care.transfer_out(:c, 'E06000004', '2017-09-01', '37(2)') AS fourth \gset
SELECT care_test.refused(format($$SELECT care.transfer_in(%L, person_reference => 'D-P')$$, :'fourth'));
-- which counts nothing after all
SELECT care.end_budget(:own, '2016-07-01', 'opened in error', :own_budget) > 0;
SAVEPOINT own_account;
SELECT care.transfer_in(:'fourth', person_reference => 'D-P') > 0 AS taken_in;
ROLLBACK TO own_account;
-- the receiver knows of a death before the move
SELECT care.record_person('E06000004', 'D-Q', '1940-02-03') > 0, care.record_death('D-Q', '2017-08-31', '2017-09-02', 'E06000004');
SELECT care_test.refused(format($$SELECT care.transfer_in(%L, person_reference => 'D-Q')$$, :'fourth'));
-- another date of birth than is recorded of the person here
SELECT care.record_person('E06000004', 'D-R', '1941-02-03') > 0;
SELECT care_test.refused(format($$SELECT care.transfer_in(%L, person_reference => 'D-R')$$, :'fourth'));
ROLLBACK;
