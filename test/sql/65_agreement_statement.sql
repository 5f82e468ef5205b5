--
-- 65_agreement_statement: when a statement of an agreement is due, what it says, and that it is never
-- changed (R4, R5, R6).
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
ALTER TABLE care.agreement_entry ALTER COLUMN entry_id RESTART WITH 1;
ALTER TABLE care.issued_agreement_statement ALTER COLUMN statement_id RESTART WITH 1;
CREATE FUNCTION pg_temp.open(name text, day date, authority text DEFAULT 'E06000061') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement(authority, name, 'person of ' || name, day, day, '1940-01-01');
BEGIN
    PERFORM care.record_valuation(id, day, 200000);
    RETURN id;
END
$$;
-- the regular statements of a day, as the run issues them
CREATE FUNCTION pg_temp.run(day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    run bigint := care_internal.begin_run('agreement statements', day, NULL, 1000);
BEGIN
    PERFORM care_internal.run_batch(run, b.keys, b.due_dates, true) FROM care_internal.due_batches(run, 1000) AS b;
    PERFORM care_internal.end_run(run);
    RETURN (SELECT done FROM care_internal.batch_run WHERE run_id = run);
END
$$;
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(command), 'agreement \d+', 'agreement N', 'g')
$$;
SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'a decision of the test');
SELECT care_test.confirm_rates() \g /dev/null

--
-- When: every six months from the day of signing (R4); one of 31 August in February on its last day.
--
SELECT pg_temp.open('A', '2018-08-31') AS a \gset
SELECT day, due_on, last_statement_on, channel
FROM unnest('{2018-08-31, 2019-02-27, 2019-02-28, 2019-03-01, 2019-08-30, 2019-08-31, 2020-02-28, 2020-02-29}'::date[]) AS day
    LEFT JOIN LATERAL care.agreement_statement_due(day) ON true;
SELECT care.defer(:a, '2018-09-01', 'care_fees', 10000) > 0 AS fees;
-- the run of each day issues what is due, once
SELECT day, pg_temp.run(day) AS issued, pg_temp.run(day) AS again FROM unnest('{2019-02-27, 2019-02-28, 2019-03-01}'::date[]) AS day;
-- asked for in between: it does not move the cycle (R5)
SELECT care.issue_agreement_statement(:a, '2019-05-15') > 0 AS asked_for;
SELECT day, due_on, last_statement_on FROM unnest('{2019-05-15, 2019-08-30, 2019-08-31}'::date[]) AS day LEFT JOIN LATERAL care.agreement_statement_due(day) ON true;
SELECT day, pg_temp.run(day) AS issued FROM unnest('{2019-08-30, 2019-09-03, 2020-02-29}'::date[]) AS day;
SELECT as_at, due_on, previous_statement_id FROM care.agreement_statement WHERE agreement_id = :a ORDER BY statement_id;
-- none of a day that has one, or before it; none of the future; none before signing, nor of one that is not signed
SELECT care.apply_for_agreement('E06000061', 'unsigned', 'person of unsigned', '2019-01-01') AS unsigned \gset
SELECT pg_temp.refused(s) FROM unnest(ARRAY[
    format('SELECT care.issue_agreement_statement(%s, %L)', :a, '2020-02-29'), format('SELECT care.issue_agreement_statement(%s, %L)', :a, '2019-01-01'),
    format('SELECT care.issue_agreement_statement(%s, %L)', :unsigned, '2019-06-01'), format('SELECT care.issue_agreement_statement(%s, NULL)', :a),
    format('SELECT care.issue_agreement_statement(%s, %L)', :a, 'infinity'), 'SELECT care.issue_agreement_statement(99, ''2019-06-01'')']) AS s;
SELECT left(pg_temp.refused(format('SELECT care.issue_agreement_statement(%s, %L)', :a, care.today() + 1)), 5) AS tomorrow;
-- asked for on the due date, or after it and before the run: the regular one is still to come
SELECT pg_temp.open('E', '2018-07-15') AS e \gset
SELECT pg_temp.run('2019-01-15') AS issued;
SELECT care.issue_agreement_statement(:e, '2019-07-15') > 0 AS on_the_day, care.issue_agreement_statement(:e, '2019-07-20') > 0 AS after_it;
SELECT day, due_on FROM unnest('{2019-07-20, 2019-07-21}'::date[]) AS day LEFT JOIN LATERAL (SELECT * FROM care.agreement_statement_due(day) AS x WHERE x.agreement_id = :e) AS d ON true;
-- a key violated under READ COMMITTED is no older view
SELECT left(pg_temp.refused(format('SELECT care_internal.keep_agreement_statements(ARRAY[%1$s, %1$s], ARRAY[NULL, NULL]::date[], ''2019-07-21'')', :e)), 5) AS at_once;
-- requests: 28 days, on both sides; answered by a statement issued after it
SELECT care.record_agreement_event(:a, '2020-06-01', 'statement_requested', 'by telephone') > 0 AS requested;
SELECT day, requested_on, issue_by, overdue FROM unnest('{2020-05-31, 2020-06-01, 2020-06-28, 2020-06-29, 2020-06-30}'::date[]) AS day
    LEFT JOIN LATERAL care.statement_request_due(day) ON true;
SELECT care.issue_agreement_statement(:a, '2020-05-30') > 0 AS of_an_earlier_day;
SELECT count(*) AS still_due FROM care.statement_request_due('2020-06-10');
SELECT care.issue_agreement_statement(:a, '2020-05-31') > 0 AS of_the_close_of_the_day_before;
SELECT count(*) AS still_due FROM care.statement_request_due('2020-06-10');
SELECT care.record_agreement_event(:a, '2020-05-31', 'statement_requested', 'a second') > 0 AS another;
SELECT count(*) AS due FROM care.statement_request_due('2020-06-10');

--
-- What: deferred to date, interest with its working, charges, payments, balance, equity, the cost of repaying (R6).
--
SELECT pg_temp.open('B', '2019-01-10') AS b \gset
SELECT care.defer(:b, '2019-01-10', 'administration_charge', 450, 'setting up') > 0 AND care.bring_in_debt(:b, '2019-01-10', 2000, 'owed before') > 0
       AND care.defer(:b, '2019-02-01', 'care_fees', 700) > 0 AND care.defer(:b, '2019-03-01', 'care_fees', 710.5) > 0
       AND care.record_payment(:b, '2019-04-01', 500, 'from savings') > 0 AS entered;
SELECT care.issue_agreement_statement(:b, '2019-07-10') AS first \gset
SELECT line, what, from_day, to_day, days, rate, amount FROM care.agreement_statement_line WHERE agreement_id = :b AND statement_id = :first ORDER BY line;
SELECT reference, person_reference, as_at, due_on, channel, rate, deferred, administration_charges, interest, payments, written_off, balance, interest_separate,
       property_value, equity_limit, equity_remaining, redemption_figure FROM care.agreement_statement WHERE agreement_id = :b;
SELECT s.balance = s.deferred + s.administration_charges + s.interest - s.payments - s.written_off AS adds_up,
       s.redemption_figure = care.redemption_figure(:b, '2019-07-11') AS to_repay,
       (s.rate, s.deferred, s.administration_charges, s.interest, s.payments, s.balance, s.equity_limit, s.equity_remaining)
       = (p.rate, p.deferred, p.administration_charges, p.interest, p.payments, p.balance, p.equity_limit, p.equity_remaining) AS as_the_position,
       s.digest = care_internal.agreement_statement_digest(i) AS digest
FROM care.agreement_statement AS s JOIN care.issued_agreement_statement AS i USING (agreement_id, statement_id), care.agreement_position('2019-07-10') AS p
WHERE s.agreement_id = :b AND p.agreement_id = :b;
-- backdated entries are lines of their own, and so is the interest they change
SELECT care.defer(:b, '2019-02-10', 'administration_charge', 85, 'valuation') > 0 AND care.record_payment(:b, '2019-05-05', 100, 'found') > 0
       AND care.reverse_entry(:b, (SELECT entry_id FROM care.agreement_entry WHERE agreement_id = :b AND amount = 710.5), 'wrong week') > 0
       AND care.defer(:b, '2019-07-10', 'care_fees', 300) > 0 AND care.defer(:b, '2019-07-11', 'care_fees', 20) > 0
       AND care.defer(:b, '2019-12-01', 'administration_charge', 60, 'yearly') > 0 AS entered;
SELECT care.issue_agreement_statement(:b, '2020-01-10') AS second \gset
SELECT line, what, from_day, to_day, days, rate, amount FROM care.agreement_statement_line WHERE agreement_id = :b AND statement_id = :second ORDER BY line;
-- the correction by hand: the interest to 10 July as it is now, less as it was said to be
SELECT p.interest - s.interest AS correction FROM care.agreement_position('2019-07-10') AS p, care.agreement_statement AS s
WHERE p.agreement_id = :b AND s.agreement_id = :b AND s.statement_id = :first;
-- every statement reconciles with the one before
CREATE FUNCTION pg_temp.not_reconciled() RETURNS TABLE (agreement_id bigint, statement_id bigint, balance numeric, lines numeric) LANGUAGE sql AS $$
    SELECT s.agreement_id, s.statement_id, s.balance, l.total
    FROM care.agreement_statement AS s
        LEFT JOIN care.agreement_statement AS p ON p.agreement_id = s.agreement_id AND p.statement_id = s.previous_statement_id
        LEFT JOIN LATERAL (SELECT coalesce(sum(x.amount), 0) AS total, max(x.amount) FILTER (WHERE x.line = 1) AS first FROM care.agreement_statement_line AS x
                           WHERE x.agreement_id = s.agreement_id AND x.statement_id = s.statement_id) AS l ON true
    WHERE s.balance <> l.total OR (p.balance IS NOT NULL AND p.balance <> l.first)
$$;
SELECT * FROM pg_temp.not_reconciled();
-- a rate changed for the past corrects the next statement, not the last
SELECT to_jsonb(i) AS kept FROM care.issued_agreement_statement AS i WHERE agreement_id = :b AND statement_id = :second \gset
SELECT care.record_interest_policy('E06000061', '2019-10-01', 1.00, 'an earlier decision, found');
SELECT care.issue_agreement_statement(:b, '2020-02-10') AS third \gset
SELECT line, what, from_day, to_day, days, rate, amount FROM care.agreement_statement_line WHERE agreement_id = :b AND statement_id = :third ORDER BY line;
SELECT p.interest - s.interest AS correction FROM care.agreement_position('2020-01-10') AS p, care.agreement_statement AS s
WHERE p.agreement_id = :b AND s.agreement_id = :b AND s.statement_id = :second;
SELECT to_jsonb(i) = :'kept' AS as_issued FROM care.issued_agreement_statement AS i WHERE agreement_id = :b AND statement_id = :second;
SELECT * FROM pg_temp.not_reconciled();

--
-- Never changed, and the digest covers all that it says.
--
SELECT care_test.refused(s) FROM unnest(ARRAY['UPDATE care.issued_agreement_statement SET balance = 0', 'DELETE FROM care.issued_agreement_statement']) AS s;
SELECT string_agg(c.attname, ' ' ORDER BY c.attnum) AS figures_outside_the_digest
FROM care.issued_agreement_statement AS s, pg_attribute AS c,
     LATERAL (SELECT CASE
                  WHEN c.attname = 'lines' THEN to_jsonb(ARRAY(SELECT jsonb_set(l, '{amount}', '0.01') FROM jsonb_array_elements(to_jsonb(s.lines)) AS l))
                  WHEN c.attname = 'texts' THEN '["another"]'
                  WHEN c.attname = 'rates_used' THEN to_jsonb('{"2015-04-01": 9}'::text)
                  WHEN c.attname = 'channel' THEN '"email"'
                  WHEN c.atttypid = 'date'::regtype THEN '"2001-02-03"'
                  WHEN c.atttypid IN ('timestamptz'::regtype, 'text'::regtype) THEN '"2001-02-03"'
                  WHEN c.atttypid = 'bytea'::regtype THEN '"\\x00"'
                  ELSE '12345' END) AS v (changed)
WHERE s.agreement_id = :b AND s.statement_id = :third AND c.attrelid = 'care.issued_agreement_statement'::regclass AND c.attnum > 0
  AND care_internal.agreement_statement_digest(jsonb_populate_record(s, jsonb_build_object(c.attname, v.changed))) = s.digest;
SELECT * FROM care.verify();
-- past the guard, verify() tells
SAVEPOINT tampering;
ALTER EVENT TRIGGER care_account_guard DISABLE;
ALTER TABLE care.issued_agreement_statement DISABLE TRIGGER issued_agreement_statement_refuse_change;
UPDATE care.issued_agreement_statement SET payments = payments + 1 WHERE agreement_id = :b AND statement_id = :first;
SELECT record_id = :b AS of_it, difference FROM care.verify();
ROLLBACK TO tampering;
SELECT count(*) FROM care.verify();

--
-- By which channel, with which texts.
--
SELECT pg_temp.open('C', '2019-01-10') AS c \gset
SELECT care.record_consent('person of C', 'email', '2019-03-01', 'form 12') > 0 AS email, care.record_consent('person of C', 'post', '2019-05-01', 'withdrawn') > 0 AS post;
INSERT INTO care.statement_text (authority, subject, name, valid_from, shown_when, body) VALUES
    ('E06000061', 'agreement', 'advice', '2019-01-01', 'always', 'Take advice.'), ('E06000061', 'agreement', 'advice', '2019-04-01', 'always', 'Take independent advice.'),
    ('E06000061', 'agreement', 'old', '2019-01-01', 'always', 'Old.'), ('E06000061', 'agreement', 'old', '2019-04-01', 'never', 'Old.'),
    ('E06000061', 'account', 'cap', '2019-01-01', 'always', 'About the cap.'), ('E06000062', 'agreement', 'advice', '2019-01-01', 'always', 'Of another authority.');
SELECT count(care.issue_agreement_statement(:c, day)) AS issued FROM unnest('{2019-02-28, 2019-03-01, 2019-04-30, 2019-05-01}'::date[]) AS day;
SELECT as_at, channel, texts FROM care.agreement_statement WHERE agreement_id = :c ORDER BY statement_id;
SELECT day, channel FROM unnest('{2019-07-10}'::date[]) AS day, care.agreement_statement_due(day) WHERE agreement_id = :c;

--
-- Repaid: one statement shows it, and no more; reopened, they go on.
--
SELECT pg_temp.open('D', '2019-01-10') AS d \gset
SELECT care.defer(:d, '2019-02-01', 'care_fees', 5000) > 0 AS fees;
SELECT care.record_payment(:d, '2019-09-01', care.redemption_figure(:d, '2019-09-01')) AS redeemed \gset
SELECT pg_temp.run('2019-07-10') > 0 AS before_it;
SELECT day, count(d.*) AS due FROM unnest('{2020-01-09, 2020-01-10}'::date[]) AS day
    LEFT JOIN LATERAL (SELECT * FROM care.agreement_statement_due(day) AS x WHERE x.agreement_id = :d) AS d ON true GROUP BY day ORDER BY day;
SELECT pg_temp.run('2020-01-10') > 0 AS after_it;
SELECT day, count(d.*) AS due FROM unnest('{2020-01-10, 2020-07-10, 2021-01-10}'::date[]) AS day
    LEFT JOIN LATERAL (SELECT * FROM care.agreement_statement_due(day) AS x WHERE x.agreement_id = :d) AS d ON true GROUP BY day ORDER BY day;
-- nor is one kept of what was listed as due before: of the due date that has one, of one that was closed
SELECT due_on AS due_on_a FROM care.agreement_statement_due('2021-02-01') WHERE agreement_id = :a \gset
SAVEPOINT keeping;
SELECT a.name, a.due_on, (SELECT count(*) FROM care_internal.keep_agreement_statements(ARRAY[a.id], ARRAY[a.due_on], '2021-02-01')) AS kept
FROM (VALUES ('a', :a, '2020-02-29'), ('a', :a, :'due_on_a'::date), ('d', :d, '2020-02-29'), ('d', :d, '2021-01-10'), ('d', :d, NULL)) AS a (name, id, due_on);
ROLLBACK TO keeping;
SELECT as_at, payments, balance, redemption_figure FROM care.agreement_statement WHERE agreement_id = :d ORDER BY statement_id;
SELECT care.reverse_entry(:d, :redeemed, 'cheque returned') > 0 AS reversed;
SELECT count(*) AS due_again FROM care.agreement_statement_due('2021-01-10') WHERE agreement_id = :d;
SELECT care.issue_agreement_statement(:d, '2021-01-10') AS reopened \gset
SELECT line, what, from_day, to_day, rate, amount FROM care.agreement_statement_line WHERE agreement_id = :d AND statement_id = :reopened ORDER BY line;
SELECT * FROM pg_temp.not_reconciled();

--
-- Interest paid separately, the concession, a judgment and a write-off: every statement adds up.
--
SELECT care.record_setting('E06000062', 'interest_after_death', 'waived_if_repaid', '2019-01-01');
SELECT care.record_interest_policy('E06000062', '2015-04-01', NULL, 'test', 'act/365f', 'monthly');
SELECT pg_temp.open('separate', '2019-01-10') AS s, pg_temp.open('conceded', '2019-01-10', 'E06000062') AS k, pg_temp.open('judged', '2019-01-10', 'E06000062') AS j,
       pg_temp.open('lost', '2019-01-10') AS l \gset
SELECT count(care.defer(x, '2019-02-01', 'care_fees', 12345.67)) AS drawn FROM unnest(ARRAY[:s, :k, :j, :l]) AS x;
SELECT care.pay_interest_separately(:s, '2019-04-01') > 0 AS separate;
SELECT care.record_death('person of conceded', '2019-04-15', '2019-04-20');
SELECT care.record_payment(:k, '2019-06-01', care.redemption_figure(:k, '2019-06-01')) > 0 AS repaid;
SELECT care.record_judgment(:j, '2019-05-05', 'case 1') > 0 AS judgment, care.write_off(:l, '2019-06-06', 'attempted', 'nothing left', 'head of service') > 0 AS written_off;
SELECT pg_temp.run('2019-07-10') AS issued;
SELECT care.pay_interest_separately(:s, '2019-10-01', false) > 0 AS deferred_again;
SELECT pg_temp.run('2020-01-10') AS issued;
SELECT reference, as_at, rate, interest, payments, written_off, balance, interest_separate FROM care.agreement_statement
WHERE agreement_id IN (:s, :k, :j, :l) ORDER BY reference, statement_id;
SELECT a.reference, l.statement_id - min(l.statement_id) OVER (PARTITION BY a.reference) = 0 AS first, line, what, from_day, to_day, rate, amount
FROM care.agreement_statement_line AS l JOIN care.agreement AS a USING (agreement_id) WHERE agreement_id IN (:s, :k, :j, :l) ORDER BY a.reference, l.statement_id, line;
-- the working from the day of a judgment, and over it
SELECT w.* FROM unnest('{2019-05-04, 2019-05-05, 2019-05-06}'::date[]) AS day, care.interest_working(:j, day, '2019-05-20') AS w;

--
-- The redemption figure is that of the next day: with what is entered for it, and by the concession.
--
SELECT pg_temp.open('next', '2019-01-10') AS n, pg_temp.open('waived', '2019-01-10', 'E06000062') AS w, pg_temp.open('early', '2019-01-10') AS e \gset
SELECT count(care.defer(x, '2019-02-01', 'care_fees', 10000)) AS drawn FROM unnest(ARRAY[:n, :w]) AS x;
SELECT care.record_payment(:n, '2019-07-11', 100) > 0 AS paid_next_day;
SELECT care.record_death('person of waived', '2019-06-01', '2019-06-02');
-- and one whose first entry is of a later day: nothing is owed, no line
SELECT care.defer(:e, '2019-08-01', 'care_fees', 500) > 0 AS later;
SELECT a.reference, d.balance, d.redemption_figure, d.redemption_figure = care.redemption_figure(a.agreement_id, '2019-07-11') AS same,
       cardinality(d.lines) AS lines, d.last_entry_id = (SELECT max(entry_id) FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id) AS last
FROM care.agreement AS a, care_internal.agreement_statement_draft(ARRAY[a.agreement_id], ARRAY[NULL::date], '2019-07-10') AS d
WHERE a.agreement_id IN (:n, :w, :e) ORDER BY a.reference;
-- no equity limit of a day outside the calendar
SELECT day, care_test.refused(format('SELECT care.equity_limit_on(%s, %L)', :n, day)) FROM unnest('{infinity, 10000-01-01}'::text[]) AS day;
SELECT * FROM pg_temp.not_reconciled();
SELECT * FROM care.verify();
ROLLBACK;
