--
-- 93_agreement_letter: letters about agreements: what a statement says, what repays, a change of the rate; and the chart.
-- In a transaction, rolled back.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset format unaligned
\pset tuples_only on
\pset null '(null)'
BEGIN;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.issued_agreement_statement ALTER COLUMN statement_id RESTART WITH 1;
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'test') \g /dev/null
SELECT care.confirm_national_max_rate('2022-01-01', 0.85, 'test'), care.confirm_national_max_rate('2023-01-01', 3.18, 'test') \g /dev/null
SELECT care.open_agreement('E10000016', 'D-1', 'P-1', '2022-01-10', '2022-01-10') AS d, care.open_agreement('E10000016', 'D-2', 'P-2', '2024-01-10', '2024-01-10') AS e \gset
SELECT care.record_valuation(:d, '2022-01-10', 40000) \g /dev/null
SELECT count(care.defer(:d, date '2022-01-10' + 28 * n, 'care_fees', 1500)) FROM generate_series(1, 13) AS n \g /dev/null
SELECT care.record_statement_text('E10000016', 'advice', '2022-01-01', 'always', 'A & B', 'agreement') \g /dev/null
SELECT care.issue_agreement_statement(:d, '2022-07-10') AS s1 \gset
SELECT care.record_payment(:d, '2022-08-01', 500.50, 'by <cheque>') \g /dev/null
SELECT care.issue_agreement_statement(:d, '2023-01-10') AS s2 \gset
CREATE FUNCTION pg_temp.doc(letter text) RETURNS xml LANGUAGE sql AS $$ SELECT xmlparse(DOCUMENT substr(letter, strpos(letter, '<html'))) $$;
CREATE FUNCTION pg_temp.rows(letter text, caption text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT array_to_string(xpath('./*//text()', r)::text[], '|') FROM unnest(xpath('//table[caption="' || caption || '"]//tr', pg_temp.doc(letter))) AS r
$$;
CREATE FUNCTION pg_temp.says(letter text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT unnest(xpath('//h1/text()|//main/p[not(@class)]/text()|//h2/text()', pg_temp.doc(letter)))::text
$$;
CREATE TEMP TABLE kept AS SELECT care.agreement_letter(:d, :s2, NULL, '{"day": "2023-01-20"}') AS letter;

-- what the statement says
SELECT pg_temp.says(letter) FROM kept;
SELECT pg_temp.rows(letter, 'At the close of 10 January 2023') FROM kept;
SELECT pg_temp.rows(letter, 'From the last statement to this one') FROM kept;
SELECT pg_temp.rows(letter, 'The same figures') FROM kept;
SELECT count(*) FROM care.agreement_statement AS s, LATERAL unnest(ARRAY[s.deferred, s.interest, -s.payments, s.balance, s.property_value]
        || ARRAY(SELECT l.amount FROM care.agreement_statement_line AS l WHERE l.agreement_id = s.agreement_id AND l.statement_id = s.statement_id)) AS f (amount)
WHERE s.agreement_id = :d AND strpos(care.agreement_letter(s.agreement_id, s.statement_id), '<td class="n">' || care_internal.pounds_text(f.amount) || '</td>') = 0;
SELECT cardinality(xpath('//th[not(@scope)]|//th[not(text())]|//td[not(text())]|//table[not(caption)]|//script|//img|//@href|//@src', pg_temp.doc(letter))) FROM kept;
-- past the limit
SELECT care.record_valuation(:d, '2023-01-15', 30000) \g /dev/null
SELECT care.issue_agreement_statement(:d, '2023-02-01') AS s3 \gset
SELECT w.line FROM pg_temp.says(care.agreement_letter(:d, :s3)) AS w (line) WHERE w.line LIKE '%equity limit%';

-- the same bytes, whatever is recorded later and whatever the session's settings
SELECT care.record_payment(:d, '2022-08-02', 10, 'found later') IS NOT NULL;
SET LOCAL datestyle = 'German'; SET LOCAL timezone = 'Pacific/Kiritimati'; SET LOCAL xmloption = 'document';
SELECT care.agreement_letter(:d, :s2, NULL, '{"day": "2023-01-20"}') = letter FROM kept;
SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = DEFAULT; SET LOCAL xmloption = DEFAULT;
SELECT care_test.refused(format('SELECT care.agreement_letter(%s)', a.given)) FROM unnest('{"1, 99","1, NULL","0, 1","1, 1, NULL, ''{\"colour\": 1}''"}'::text[]) AS a (given);

-- what repays it is the redemption figure, and a payment made before it is asked for counts
SELECT pg_temp.says(care.redemption_letter(:d, '2023-03-01', NULL, '{"day": "2023-02-20"}'));
SELECT pg_temp.rows(care.redemption_letter(:d, '2023-03-01'), 'At the close of 28 February 2023');
SELECT strpos(care.redemption_letter(:d, '2023-03-01'), care_internal.pounds_text(care.redemption_figure(:d, '2023-03-01')) || '.') > 0;
SELECT care_test.refused(format('SELECT care.redemption_letter(%s)', a.given)) FROM unnest('{"0, ''2023-03-01''","1, NULL","1, ''2027-02-01''","1, ''2023-03-01'', ''3''"}'::text[]) AS a (given);

-- on a rate that is not confirmed nothing is told
SELECT care_test.refused(f.call) FROM unnest(ARRAY['SELECT care.redemption_letter(1, ''2023-07-02'')', 'SELECT care.rate_notice(1, ''2023-07-01'')']) AS f (call);
SELECT length(care.redemption_letter(:d, '2023-07-01')) > 1000, length(care.rate_notice(:d, '2023-06-30')) > 1000;

-- the rate, on the day it changes and on the next
SELECT w.line FROM unnest('{2022-12-31,2023-01-01,2023-01-02}'::date[]) AS day, pg_temp.says(care.rate_notice(:d, day)) AS w (line) WHERE w.line ~ 'rate of interest|owed';
SELECT w.line FROM pg_temp.says(care.rate_notice(:e, '2024-01-10')) AS w (line) WHERE w.line ~ 'rate of interest';
SELECT care_test.refused(format('SELECT care.rate_notice(%s)', a.given)) FROM unnest('{"1, ''2027-02-01''","2, ''2024-01-09''","0, ''2024-01-09''","1, NULL"}'::text[]) AS a (given);

-- the chart
SELECT unnest(xpath('/*/*[local-name() = "desc"]/text()|/*/*[local-name() = "polyline"]/@points', care.agreement_chart(:d, '2022-05-01')::xml));
SELECT care.agreement_chart(:d, '2027-03-01', true) LIKE '%10 December 2026%';
-- payments are rings, as high as what is owed at the close of the day: none before the first, one on its day, two of three days that leave something paid;
-- where each rate begins is a line upwards, named where there is room
CREATE FUNCTION pg_temp.drawn(chart text, what text) RETURNS text LANGUAGE sql AS $$ SELECT array_to_string(xpath(what, chart::xml)::text[], ' ') $$;
SELECT d, pg_temp.drawn(c, '//*[local-name() = "circle"][@cx != "35"]/@cx') AS across, pg_temp.drawn(c, '//*[local-name() = "circle"][@cx != "35"]/@cy') AS down,
       pg_temp.drawn(c, '//*[local-name() = "line"][@stroke-dasharray][@x1 != "35"]/@x1') AS changes, pg_temp.drawn(c, '//*[local-name() = "text"][@paint-order]/text()') AS rates
FROM unnest('{2022-07-31,2022-08-01,2022-08-02,2023-01-01}'::date[]) AS d, care.agreement_chart(:d, d) AS c;
SELECT pg_temp.drawn(care.agreement_chart(:d, '2022-08-02'), '/*/*[local-name() = "desc"]/text()');
SELECT bool_and(m.y = round(262 - 250 * p.balance / 25000, 1)) FROM unnest(xpath('//*[local-name() = "circle"][@cx != "35"]/@cy', care.agreement_chart(:d, '2023-01-01')::xml)::text[]::numeric[]) WITH ORDINALITY AS m (y, n)
    JOIN LATERAL care.agreement_position(date '2022-07-31' + m.n::integer) AS p ON p.agreement_id = :d;
-- one that is paid back the same day is no payment; no valuation, no payment, no empty line in the key
SELECT care.open_agreement('E10000016', 'D-4', 'P-4', '2024-01-10', '2024-01-10') AS f \gset
SELECT care.bring_in_debt(:f, '2024-01-10', 800, 'owed before'), care.record_payment(:f, '2024-03-01', 100) AS cheque \gset
SELECT care.reverse_entry(:f, :cheque, 'the cheque bounced') \g /dev/null
SELECT pg_temp.drawn(c, '//*[local-name() = "text"][@x = "76"]/text()') AS key, pg_temp.drawn(c, '//*[local-name() = "circle"]/@cx') AS marks FROM care.agreement_chart(:f, '2024-06-01') AS c;
-- the letter's chart has what its statement and those before it said: the payment found later is in the next one
SELECT pg_temp.drawn(l, '//*[local-name() = "circle"]/@cx') FROM (SELECT substr(care.agreement_letter(:d, s), strpos(care.agreement_letter(:d, s), '<html')) FROM unnest(ARRAY[:s1, :s2, :s3]) AS s) AS x (l);
SELECT care.issue_agreement_statement(:d, '2023-03-01') AS s4 \gset
SELECT pg_temp.rows(care.agreement_letter(:d, :s4), 'The same figures');
SELECT care_test.refused(format('SELECT care.agreement_chart(%s)', a.given)) FROM unnest('{"2, ''2024-01-09''","0, ''2024-01-09''","1, NULL"}'::text[]) AS a (given);
ROLLBACK;
