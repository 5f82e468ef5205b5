--
-- 90_letter: letters of accounts, their charts, the certificate of the cap, what was sent, and what a letter in hand
-- proves.  In a transaction, rolled back.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;
ALTER TABLE care.issued_statement ALTER COLUMN statement_id RESTART WITH 1;
ALTER TABLE care.cap_certificate ALTER COLUMN statement_id RESTART WITH 1;
ALTER TABLE care.statement_sent ALTER COLUMN sent_id RESTART WITH 1;
SELECT care.record_scheme('uprated', 'An uprated cap', 'withdrawn', '2023-10-01', 'weekly_charge', 'test') \g /dev/null
SELECT care.record_parameter('uprated', 'cap', '2023-10-01', 86000, 'test', 'withdrawn'),
       care.record_parameter('uprated', 'cap', '2025-04-01', 89440, 'test', 'withdrawn'),
       care.record_parameter('uprated', 'daily_living_cost', '2023-10-01', 200, 'test', 'withdrawn') \g /dev/null
SELECT care.record_statement_text('E10000016', 'advice', '2023-10-01', 'always', 'Advice is <free> & independent.') \g /dev/null
-- at home, then in a care home; a mistake put right; the cap goes up on the way
SELECT care.open_account('E10000016', 'CA-1', 'P-1', NULL, 'uprated', '2023-10-01') AS a,
       care.open_account('E10000016', 'CA-2', 'P-2', NULL, 'uprated', '2023-10-01') AS b \gset
SELECT care.record_budget(:a, '2023-10-01', 'personal_budget', 'community', 420, 300),
       care.record_budget(:a, '2024-02-01', 'independent_personal_budget', 'care_home', 900),
       care.record_budget(:b, '2023-10-01', 'independent_personal_budget', 'care_home', 1500) \g /dev/null
SELECT care.issue_statement(:a, '2024-10-01') AS a1 \gset
SELECT care.record_adjustment(:a, '2024-11-01', -250, 'error_corrected', 'Head of finance') \g /dev/null
SELECT care.issue_statement(:a, '2025-10-01') AS a2, care.issue_statement(:b, '2025-10-01') AS b1 \gset

-- A letter without what differs from run to run: the day it was issued and what is linked.
CREATE FUNCTION pg_temp.plain(letter text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(regexp_replace(letter, '<code>[0-9a-f ]{71}</code>', '<code>DIGEST</code>', 'g'), '<style>.*</style>', '')
$$;
-- As XML it can be looked into; a browser reads the same.
CREATE FUNCTION pg_temp.doc(letter text) RETURNS xml LANGUAGE sql AS $$
    SELECT xmlparse(DOCUMENT substr(letter, strpos(letter, '<html')))
$$;
CREATE FUNCTION pg_temp.rows(letter text, caption text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT array_to_string(xpath('./*//text()', r)::text[], '|') FROM unnest(xpath('//table[caption="' || caption || '"]//tr', pg_temp.doc(letter))) AS r
$$;
CREATE TEMP TABLE kept AS
SELECT n.name, n.letter FROM (VALUES
    ('first', care.account_letter(:a, :a1)), ('second', care.account_letter(:a, :a2, '{"name": "Mrs Example", "address": ["1 High Street", "Anytown"]}', '{"day": "2025-10-07"}')),
    ('large', care.account_letter(:a, :a2, NULL, '{"large_print": true, "day": "2025-10-07"}')), ('capped', care.account_letter(:b, :b1))) AS n (name, letter);

--
-- What it says: what the statement says.
--
SELECT pg_temp.plain(letter) FROM kept WHERE name = 'second';
SELECT pg_temp.rows(letter, 'From the last statement to this one') FROM kept WHERE name = 'second';
SELECT pg_temp.rows(letter, 'The same figures') FROM kept WHERE name = 'second';
SELECT pg_temp.rows(letter, 'The same figures') FROM kept WHERE name = 'first';
SELECT unnest(xpath('//main/p[not(@class)]/text()', pg_temp.doc(letter))) FROM kept WHERE name = 'capped';
-- every amount of the statement and of its lines stands in its letter
SELECT count(*) FROM care.statement AS s, LATERAL unnest(ARRAY[s.cap, s.weekly_cost, s.weekly_counted, s.daily_living_cost, s.weekly_rate, s.accrued, s.remaining]
        || ARRAY(SELECT l.amount FROM care.statement_line AS l WHERE l.account_id = s.account_id AND l.statement_id = s.statement_id)) AS f (amount)
WHERE s.account_id IN (:a, :b) AND strpos(care.account_letter(s.account_id, s.statement_id), '<td class="n">' || care_internal.pounds_text(f.amount) || '</td>') = 0;
-- the digest and the head of the chain are those of the statement
SELECT count(*) FROM care.statement AS s WHERE s.account_id = :a
  AND care.account_letter(s.account_id, s.statement_id) LIKE '%' || care_internal.digest_text(s.digest) || '%' || care_internal.digest_text(s.chain_head) || '%';

--
-- How it is made: headings in order, each table with a caption and headings that say of what, no script, nothing from outside.
--
SELECT name, (xpath('string(/html/@lang)', d))[1] AS lang, xpath('//h1|//h2', d)::text <> '' AS headed,
       cardinality(xpath('//h1', d)) AS h1, cardinality(xpath('//h3', d)) AS h3,
       cardinality(xpath('//table', d)) = cardinality(xpath('//table[caption]', d)) AS captioned,
       cardinality(xpath('//th[not(@scope)]', d)) AS unscoped, cardinality(xpath('//th[not(text())]|//td[not(text())]', d)) AS empty,
       cardinality(xpath('//script|//img|//link|//iframe|//object|//@onclick|//@href|//@src', d)) AS outside,
       letter ~ 'url\(|@import|javascript' AS fetches
FROM kept, pg_temp.doc(letter) AS d ORDER BY name;
SELECT name, substring(letter FROM 'font: (\d+pt)') AS font, substring(letter FROM 'font-size="(\d+)"') AS in_chart FROM kept ORDER BY name;

--
-- The same bytes: again, whatever the session's settings, and whatever is recorded later.
--
SET LOCAL datestyle = 'German'; SET LOCAL timezone = 'Pacific/Kiritimati'; SET LOCAL xmloption = 'document'; SET LOCAL intervalstyle = 'iso_8601';
SET LOCAL bytea_output = 'escape'; SET LOCAL search_path = pg_temp; SET LOCAL quote_all_identifiers = on;
SELECT care.account_letter(:a, :a2, '{"name": "Mrs Example", "address": ["1 High Street", "Anytown"]}', '{"day": "2025-10-07"}') = letter FROM pg_temp.kept WHERE name = 'second';
SELECT care.account_letter(:b, :b1) = letter FROM pg_temp.kept WHERE name = 'capped';
SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = DEFAULT; SET LOCAL xmloption = DEFAULT; SET LOCAL search_path = public, care;
SET LOCAL bytea_output = DEFAULT; SET LOCAL quote_all_identifiers = DEFAULT; SET LOCAL intervalstyle = DEFAULT;
SELECT care.record_budget(:a, '2023-10-01', 'personal_budget', 'community', 420, 400, supersedes => 1) \g /dev/null
SELECT care.record_parameter('uprated', 'cap', '2025-04-01', 90000, 'test', 'withdrawn', corrects => true) \g /dev/null
SELECT care.issue_statement(:a, '2026-01-01') \g /dev/null
SELECT count(*) FROM kept WHERE letter = CASE name WHEN 'first' THEN care.account_letter(:a, :a1) WHEN 'capped' THEN care.account_letter(:b, :b1)
    WHEN 'large' THEN care.account_letter(:a, :a2, NULL, '{"large_print": true, "day": "2025-10-07"}')
    ELSE care.account_letter(:a, :a2, '{"name": "Mrs Example", "address": ["1 High Street", "Anytown"]}', '{"day": "2025-10-07", "template": 1}') END;
-- the next one shows what was put right
SELECT pg_temp.rows(care.account_letter(:a, statement_id), 'The same figures') FROM care.statement WHERE account_id = :a AND as_at = '2026-01-01';

--
-- Whom it is to, and what may be chosen.
--
SELECT unnest(xpath('//address/span/text()', pg_temp.doc(care.account_letter(:a, :a1, '{"name": "<script>alert(1)</script> & Co", "address": "1 \"High\" Street\r\n\nAnytown "}')))) AS line;
SELECT unnest(xpath('//address/span/text()|//p[@class="from"]/span/text()', pg_temp.doc(care.account_letter(:a, :a1, options => '{"sender": ["Council", "01632 960000"], "lang": "en"}')))) AS line;
SELECT o.options, care_test.refused(format('SELECT care.account_letter(%s, %s, NULL, %L)', :a, :a1, o.options))
FROM (VALUES ('{"colour": "red"}'), ('{"font": "Comic"}'), ('{"large_print": "yes"}'), ('{"large_print": null}'), ('{"lang": "x\"><script>"}'), ('{"lang": "en_GB"}'), ('{"template": 2}'),
             ('{"day": "1 May"}'), ('{"day": "2025-02-30"}'), ('[]'), ('3'), ('{"sender": []}'), ('{"sender": [1]}'), ('{"sender": "a\u0001b"}'),
             ('{"sender": "' || repeat('x', 101) || '"}'), ('{"sender": "' || repeat('x\n', 13) || '"}')) AS o (options);
SELECT o.addressee, care_test.refused(format('SELECT care.account_letter(%s, %s, %L)', :a, :a1, o.addressee))
FROM (VALUES ('{"nhs": "9434765919"}'), ('"Mrs Example"'), ('{"name": {}}'), ('{"name": " "}')) AS o (addressee);
SELECT length(care.account_letter(:a, :a1, ('{"name": "' || repeat('x', 100) || '", "address": "' || repeat('x\n', 12) || '"}')::jsonb)) > 0;
SELECT care_test.refused(format('SELECT care.account_letter(%s, %s)', k.a, k.s)) FROM (VALUES (:a, :b1::text), (:a, '-1'), (:a, 'NULL'), (0, '1')) AS k (a, s);

--
-- Charts: where points are, what is named, and that lines differ without colour.
--
SELECT s.amount, care_internal.chart_step(s.amount) FROM unnest('{0.01,1,5,5.01,10,10.01,25,25.01,86000,100000,100000.01,9999999999}'::numeric[]) AS s (amount);
SELECT f.* FROM care_internal.chart_frame(ARRAY[ROW('x', 'amount', '{2024-01-01,2024-12-31}', '{0,400}')::care_internal.chart_line], false) AS f;
SELECT f.* FROM care_internal.chart_frame(ARRAY[ROW('x', 'amount', '{2024-01-01}', '{0}')::care_internal.chart_line], true) AS f;
SELECT care_internal.chart_x(f, '2024-01-01'), care_internal.chart_x(f, '2024-12-31'), care_internal.chart_y(f, 0), care_internal.chart_y(f, 500), care_internal.chart_y(f, 125)
FROM care_internal.chart_frame(ARRAY[ROW('x', 'amount', '{2024-01-01,2024-12-31}', '{0,401}')::care_internal.chart_line], false) AS f;
SELECT l.last_day, l.large, (SELECT string_agg(d.label, ', ' ORDER BY d.day) FROM care_internal.chart_days(ROW('2024-01-02', l.last_day, 1, 1, l.large)) AS d)
FROM (VALUES (date '2024-01-20', false), ('2024-02-01', false), ('2024-08-01', false), ('2024-09-01', false), ('2031-01-01', false), ('2031-01-01', true), ('2040-01-01', false), ('2123-01-01', false)) AS l (last_day, large);
SELECT count(DISTINCT (xpath('/polyline/@stroke-dasharray', x)::text, xpath('/polyline/@stroke-width', x)::text)) FROM unnest('{amount,limit,projected,other}'::text[]) AS s (style), care_internal.chart_stroke(s.style, '0,0 1,1') AS x;
SELECT care_internal.chart_steps('cap', 'limit', '{"2023-10-01": 10, "2024-04-01": 12, "2025-01-01": 9}', '2024-01-01', '2024-12-31');
SELECT care.account_chart(:a, '2025-10-01');
SELECT care.account_chart(:b, '2025-10-01', true) LIKE '%The cap was reached on%';
SELECT care_test.refused(format('SELECT care.account_chart(%s, %L)', c.a, c.day)) FROM (VALUES (:a, '2023-09-30'), (0, '2025-01-01'), (:a, NULL)) AS c (a, day);
-- the rows behind it are positions
SELECT * FROM care.account_curve(:a, '2023-10-31', '2024-03-15', '1 month');
SELECT count(*), bool_and((c.accrued, c.cap, c.weekly_rate) = (p.accrued, p.cap, p.weekly_rate)) FROM care.account_curve(:a, '2023-09-01', '2027-01-01', '10 days') AS c, care.account_position(c.as_at) AS p WHERE p.account_id = :a;
SELECT count(*) FROM care.account_curve(:a, '2000-01-01', date '2000-01-01' + 9999, '1 day');
SELECT care_test.refused(format('SELECT * FROM care.account_curve(%s, %L, %L, %L)', c.a, c.f, c.t, c.s))
FROM (VALUES (:a, '2000-01-01', '2027-05-19', '1 day'), (:a, '2025-01-02', '2025-01-01', '1 day'), (:a, '2025-01-01', '2025-01-02', '12 hours'), (:a, '2025-01-01', '2025-01-02', '0'),
             (:a, '2025-01-01', '2025-01-02', '-1 day'), (:a, '2025-01-01', '2025-01-02', NULL), (:a, 'infinity', '2025-01-02', '1 day'), (:a, NULL, '2025-01-02', '1 day'), (0, '2025-01-01', '2025-01-02', '1 day')) AS c (a, f, t, s);

--
-- The certificate: once, replaced when what is recorded says otherwise, covered by the chain of what follows.
--
SELECT reference, cap_reached_on, certified_on FROM care.cap_certificate_due WHERE account_id = :b;
SELECT care_test.refused(format('SELECT care.certify_cap(%s, %L)', c.a, c.day)) FROM (VALUES (:b, '2025-01-05'), (:a, '2025-01-01'), (0, '2025-01-01'), (:b, NULL), (:b, '9999-01-01')) AS c (a, day);
SELECT care.certify_cap(:b, '2025-01-06') AS c1 \gset
SELECT care_test.refused(format('SELECT care.certify_cap(%s, %L)', :b, '2025-12-02'));
SELECT reference, statement_id, cap_reached_on, cap, weekly_cost, daily_living_cost FROM care.cap_certificate_in_force WHERE account_id = :b;
SELECT count(*) FROM care.cap_certificate_due WHERE account_id = :b;
SELECT pg_temp.plain(care.cap_notice(:b, :c1, '{"name": "A & B"}', '{"day": "2025-12-02"}')) AS notice \gset
SELECT :'notice';
SELECT care_test.refused(format('SELECT care.cap_notice(%s, %s)', n.a, n.c)) FROM (VALUES (:a, :'c1'), (:b, '99'), (:b, 'NULL'), (0, '1')) AS n (a, c);
SELECT budget_id AS wrong FROM care.budget WHERE account_id = :b \gset
SELECT care.record_budget(:b, '2023-10-01', 'independent_personal_budget', 'care_home', 700, supersedes => :wrong) AS wrong \gset
SELECT reference, cap_reached_on, certified_on FROM care.cap_certificate_due WHERE account_id = :b;
-- of a day before, the last one says nothing
SELECT care_test.refused(format('SELECT care.certify_cap(%s, %L)', :b, d)) FROM unnest('{0001-01-01,2023-09-30,2025-01-05}'::date[]) AS d;
SELECT care.certify_cap(:b, '2025-12-05') AS c2 \gset
SELECT unnest(xpath('//h1/text()|//main/p[not(@class)]/text()', pg_temp.doc(care.cap_notice(:b, :c2, NULL, '{"day": "2025-12-06"}'))));
SELECT count(*) FROM care.cap_certificate_in_force WHERE account_id = :b;
SELECT care_test.refused(format('SELECT care.certify_cap(%s, %L)', :b, '2025-12-05'));
SELECT care.record_budget(:b, '2023-10-01', 'independent_personal_budget', 'care_home', 1400, supersedes => :wrong) \g /dev/null
SELECT care.certify_cap(:b, '2025-12-06') AS c3 \gset
SELECT statement_id = :c3, supersedes = :c2, cap_reached_on FROM care.cap_certificate_in_force WHERE account_id = :b;
SELECT pg_temp.plain(care.cap_notice(:b, :c1, '{"name": "A & B"}', '{"day": "2025-12-02"}')) = :'notice';
SELECT care_test.refused('UPDATE care.cap_certificate SET cap = 0'), care_test.refused('DELETE FROM care.cap_certificate');
SELECT recorded_in FROM care.chain_links('account', :b) ORDER BY number DESC LIMIT 2;

--
-- What was sent.
--
SELECT class, reference, person_reference, as_at, channel, days_waiting, overdue FROM care.statement_to_send WHERE authority = 'E10000016' ORDER BY reference, as_at;
SELECT care.record_sent(:a, :a1, 'post', care.today(), sha256(convert_to(letter, 'UTF8'))) AS sent FROM kept WHERE name = 'first' \gset
SELECT reference, as_at FROM care.statement_to_send WHERE authority = 'E10000016' ORDER BY reference, as_at;
SELECT replace(replace(care_test.refused(format('SELECT care.record_sent(%s, %s, %L, %s)', r.a, r.s, r.channel, r.rest)),
                       care.today()::text, 'TODAY'), (care.today() + 1)::text, 'TOMORROW')
FROM (VALUES (:a, :'a2', 'email', 'care.today()'), (:a, :'a2', 'pigeon', 'care.today()'), (:a, :'b1', 'post', 'care.today()'), (:a, :'a2', 'post', '''2024-01-01'''), (:a, :'a2', 'post', 'care.today() + 1'),
             (:a, :'a2', 'post', 'NULL'), (:a, :'a2', 'post', 'care.today(), ''\x00'''), (:a, :'a2', 'post', 'NULL, NULL, ' || :sent), (0, '1', 'post', 'care.today()')) AS r (a, s, channel, rest);
-- not sent after all; then by e-mail, as agreed since
SELECT care.record_sent(:a, :a1, 'post', NULL, supersedes => :sent) AS sent2 \gset
SELECT care_test.refused(format('SELECT care.record_sent(%s, %s, %L, NULL, supersedes => %s)', :a, :a1, 'post', :sent));
SELECT count(*) FROM care.statement_to_send WHERE record_id = :a AND statement_id = :a1 AND class = 'account';
SELECT care.record_consent('P-1', 'email', care.today(), 'form', 'E10000016') \g /dev/null
SELECT care.record_sent(:a, :a1, 'email', care.today()) > 0;
SELECT statement_id, channel, count(*) FROM care.statement_to_send WHERE record_id = :a AND class = 'account' GROUP BY 1, 2 ORDER BY 1;
-- a run: one by one, of a channel
SELECT person_reference, statement_id, channel, letter = care.account_letter(account_id, statement_id, NULL, '{"large_print": true}') FROM care.account_letters('E10000016', 'post', '{"large_print": true}') ORDER BY 1, 2;
SELECT count(*) FROM care.account_letters('E10000016', 'email');
CREATE TEMP TABLE plan (line text);
DO $do$ DECLARE l text; BEGIN FOR l IN EXPLAIN (COSTS OFF) SELECT * FROM care.account_letters('E10000016', 'post') LOOP INSERT INTO plan VALUES (l); END LOOP; END $do$;
SELECT count(*) FILTER (WHERE line ~ 'Function Scan') AS gathered, count(*) FILTER (WHERE line ~ 'issued_statement') > 0 AS streamed FROM plan;
-- late once the authority's days are over: 28 of them, or as it decides
SELECT care.record_setting('E10000016', 'statement_send_days', '0', '2020-01-01') \g /dev/null
SELECT bool_or(overdue) FROM care.statement_to_send WHERE authority = 'E10000016';

--
-- What a letter in hand proves.
--
CREATE TEMP TABLE printed AS
SELECT 'statement' AS what, care_internal.digest_text(digest) AS digest, chain_length, care_internal.digest_text(chain_head) AS head FROM care.statement WHERE account_id = :a AND statement_id = :a2
UNION ALL SELECT 'certificate', upper(encode(digest, 'hex')), chain_length, '\x' || encode(chain_head, 'hex') FROM care.cap_certificate WHERE statement_id = :c1;
SELECT p.what, v.answer, v.class, v.reference, v.statement_id, v.as_at FROM printed AS p, care.verify_letter(p.digest, p.chain_length, p.head) AS v ORDER BY 1;
SELECT v.answer, v.reference FROM printed AS p, care.verify_letter(p.digest, p.chain_length - 1, p.head) AS v WHERE p.what = 'statement';
SELECT v.answer, v.reference FROM printed AS p, care.verify_letter(p.digest, p.chain_length, repeat('0', 64)) AS v WHERE p.what = 'statement';
SELECT v.answer, v.reference FROM printed AS p, care.verify_letter(p.head, p.chain_length, p.head) AS v WHERE p.what = 'statement';
SELECT care_test.refused(format('SELECT care.verify_letter(%L, 1, %L)', v.d, v.h)) FROM (VALUES ('12', repeat('0', 64)), (repeat('g', 64), repeat('0', 64)), (NULL, repeat('0', 64)), (repeat('0', 64), repeat('0', 65))) AS v (d, h);
SELECT * FROM care.verify(of_class => 'account');
-- a statement altered, a fact altered: both are found, each as what it is
SAVEPOINT s;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.budget DISABLE TRIGGER ALL;
ALTER TABLE care.issued_statement DISABLE TRIGGER ALL;
UPDATE care.budget SET plan_reference = 'slipped in' WHERE account_id = :a AND valid_from = '2024-02-01';
SELECT p.what, v.answer FROM printed AS p, care.verify_letter(p.digest, p.chain_length, p.head) AS v ORDER BY 1;
UPDATE care.issued_statement SET accrued = accrued - 1 WHERE statement_id = :a2;
SELECT v.answer FROM printed AS p, care.verify_letter(p.digest, p.chain_length, p.head) AS v WHERE p.what = 'statement';
ROLLBACK TO s;
ROLLBACK;
