--
-- 67_rate_confirmed: nothing is issued on a national maximum rate that is not confirmed, reading never fails, and what
-- confirming or correcting one changes is listed.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
\pset format unaligned
\pset footer off
\pset null (null)
\set ON_ERROR_ROLLBACK on
\set VERBOSITY terse
BEGIN;
CREATE FUNCTION pg_temp.refused(command text) RETURNS text LANGUAGE sql AS $$
    SELECT regexp_replace(care_test.refused(command), 'agreement \d+', 'agreement N', 'g')
$$;
-- the regular statements of a day, as the run issues them, batches of two
CREATE FUNCTION pg_temp.run(day date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    run bigint := care_internal.begin_run('agreement statements', day, NULL, 2);
    batch record;
BEGIN
    FOR batch IN SELECT * FROM care_internal.due_batches(run, 2) LOOP
        PERFORM care_internal.run_batch(run, batch.keys, batch.due_dates, false);
    END LOOP;
    PERFORM care_internal.end_run(run);
    RETURN (SELECT done FROM care_internal.batch_run WHERE run_id = run);
END
$$;
SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'test'),
       care.record_interest_policy('E06000062', '2015-04-01', 0, 'test'),
       care.record_interest_policy('E06000063', '2015-04-01', 1, 'test') \g /dev/null
-- at the maximum: from before the contested half-year, from its last day, from the day after it; one that charges
-- nothing, one by an own lower rate, one free of interest until a day, one without an entry, one after a judgment, one
-- repaid on the day before it
CREATE TEMP TABLE made AS
SELECT care.open_agreement(x.authority, x.name, x.name, x.day, x.day, interest_from => x.free) AS id, x.name, x.day
FROM (VALUES ('before', 'E06000061', date '2019-01-07', NULL::date), ('last day', 'E06000061', '2019-12-31', NULL),
             ('after', 'E06000061', '2020-01-01', NULL), ('nought', 'E06000062', '2019-01-07', NULL),
             ('own', 'E06000063', '2019-01-07', NULL), ('free', 'E06000061', '2019-01-07', '2020-01-01'),
             ('empty', 'E06000061', '2019-01-07', NULL), ('court', 'E06000061', '2019-01-07', NULL),
             ('separate', 'E06000061', '2019-01-07', NULL), ('repaid', 'E06000061', '2019-01-07', NULL)) AS x (name, authority, day, free);
SELECT count(care.record_valuation(id, day, 300000)) AS valued FROM made;
SELECT count(care.defer(id, day, 'care_fees', 100000)) AS owed FROM made WHERE name <> 'empty';
SELECT care.record_judgment(id, '2019-07-01', 'case 1') > 0 AS judged_while_it_is_confirmed FROM made WHERE name = 'court';
SELECT care.pay_interest_separately(id, '2019-06-01') > 0 AS separate FROM made WHERE name = 'separate';
SELECT care.record_payment(id, '2019-06-30', care.redemption_figure(id, '2019-06-30')) > 0 AS repaid FROM made WHERE name = 'repaid';
\pset format aligned
-- reading never fails; issuing is refused, naming the half-year
SELECT name, balance, missing FROM care.agreement_position('2020-06-30') AS p JOIN made ON id = agreement_id ORDER BY id;
\pset format unaligned
SELECT name, care.redemption_figure(id, '2020-07-01') > 0 AS read,
       pg_temp.refused(format('SELECT care.issue_agreement_statement(%s, %L)', id, '2020-06-30')) AS statement FROM made ORDER BY id;
-- the last day before, and the first of it
SELECT pg_temp.refused(format('SELECT care.issue_agreement_statement(%s, %L)', id, '2019-06-30')) AS to_its_eve FROM made WHERE name = 'before';
SELECT pg_temp.refused(format('SELECT care.issue_agreement_statement(%s, %L)', id, '2019-07-01')) AS its_first_day FROM made WHERE name = 'before';
-- an invoice of interest, and a judgment
SELECT pg_temp.refused(format('SELECT care.invoice_interest(%s, %L)', id, '2019-06-30')) AS to_its_eve,
       pg_temp.refused(format('SELECT care.invoice_interest(%s, %L)', id, '2019-07-01')) AS its_first_day FROM made WHERE name = 'separate';
SELECT pg_temp.refused(format('SELECT care.record_judgment(%s, %L, %L)', id, '2019-07-02', 'case 2')) AS judgment FROM made WHERE name = 'before';
-- a run passes over them, says so once, and can be run again
SELECT count(*) AS due FROM care.agreement_statement_due('2020-07-20');
SELECT pg_temp.run('2020-07-20') AS issued;
SELECT pg_temp.run('2020-07-20') AS issued_again;
SELECT count(*) AS still_due FROM care.agreement_statement_due('2020-07-20');
SELECT care.confirm_national_max_rate('2019-07-01', 1.65, 'what was charged');
SELECT pg_temp.run('2020-07-20') AS issued;
SELECT count(*) AS still_due FROM care.agreement_statement_due('2020-07-20');
SELECT pg_temp.refused(format('SELECT care.invoice_interest(%s, %L)', id, '2020-06-30')) AS invoice FROM made WHERE name = 'separate';
SELECT pg_temp.refused(format('SELECT care.record_judgment(%s, %L, %L)', id, '2020-07-21', 'case 2')) AS judgment FROM made WHERE name = 'before';
-- one that was confirmed and is derived again is not confirmed
SELECT care.record_national_max_rate('2019-07-01', 1.5, 'report', '2019-20', 'test', status => 'derived', corrects => true);
SELECT pg_temp.refused(format('SELECT care.issue_agreement_statement(%s, %L)', id, '2020-08-31')) AS statement FROM made WHERE name = 'last day';

--
-- What it changes: 1.65 was shipped for 1.45 once, and 0.95 for 0.85.  100,000 from July 2019 to 15 July 2022.
--
SELECT care.record_interest_policy('E06000064', '2015-04-01', NULL, 'test') \g /dev/null
SELECT care.open_agreement('E06000064', 'overcharged', 'o1', '2019-07-01', '2019-07-01') AS o,
       care.open_agreement('E06000064', 'since', 'o2', '2020-01-01', '2020-01-01') AS since \gset
SELECT count(care.record_valuation(x, '2019-07-01', 300000)) AS valued, count(care.defer(x, CASE x WHEN :o THEN date '2019-07-01' ELSE '2020-01-01' END, 'care_fees', 100000)) AS owed
FROM unnest(ARRAY[:o, :since]) AS x;
SELECT care.confirm_national_max_rate('2019-07-01', 1.45, 'as shipped', corrects => true) \g /dev/null
SELECT care.redemption_figure(:o, '2022-07-15') AS as_shipped, p.balance AS balance_as_shipped, p.rate AS rate_as_shipped,
       care_internal.moment() AS then
FROM care.agreement_position('2022-07-15') AS p WHERE p.agreement_id = :o \gset
SELECT care.confirm_national_max_rate('2019-07-01', 1.65, 'what was charged', corrects => true),
       care.confirm_national_max_rate('2022-01-01', 0.95, 'what was charged');
SELECT care.redemption_figure(:o, '2022-07-15') - :as_shipped AS overcharge;
-- as it was known, it is at the rates that were known; and against the valuation that was
SELECT care.record_valuation(:o, '2020-01-01', 150000) > 0 AS valued_anew;
SELECT p.balance - :balance_as_shipped AS then_less_shipped, n.balance - :balance_as_shipped AS now_less_shipped, p.rate = :rate_as_shipped AS rate,
       p.property_value AS value_then, n.property_value AS value_now, p.equity_limit AS limit_then, n.equity_limit AS limit_now,
       care.redemption_figure(:o, '2022-07-15', :'then') - :as_shipped AS redemption_then
FROM care.agreement_position('2022-07-15', :'then') AS p, care.agreement_position('2022-07-15') AS n WHERE p.agreement_id = :o AND n.agreement_id = :o;
SELECT sum(w.interest) FILTER (WHERE w.at = 'then') < sum(w.interest) FILTER (WHERE w.at = 'now') AS less_interest,
       sum(w.interest) FILTER (WHERE w.at = 'then') = :balance_as_shipped - 100000 AS the_interest_of_then
FROM (SELECT 'then' AS at, interest FROM care.interest_working(:o, '2019-07-01', '2022-07-15', :'then')
      UNION ALL SELECT 'now', interest FROM care.interest_working(:o, '2019-07-01', '2022-07-15')) AS w;
-- one that was repaid by then: what was paid too much is held, to be refunded
SELECT care.open_agreement('E06000064', 'redeemed', 'o3', '2022-01-01', '2022-01-01') AS r \gset
SELECT care.record_valuation(:r, '2022-01-01', 300000) > 0 AS valued, care.defer(:r, '2022-01-01', 'care_fees', 100000) > 0 AS owed;
SELECT care.record_payment(:r, '2022-07-15', care.redemption_figure(:r, '2022-07-15')) > 0 AS redeemed;
SELECT care.confirm_national_max_rate('2022-01-01', 0.85, 'by regulation 9(4)', corrects => true);
SELECT e.reference, e.max_before, e.max_now, e.interest_before, e.interest_now, e.difference, e.to_refund
FROM care.rate_effect('2022-01-01', '2022-07-15') AS e WHERE e.authority = 'E06000064';
SELECT reference, held FROM care.refund_due('2022-07-15') WHERE agreement_id = :r;
SELECT care.confirm_national_max_rate('2019-07-01', 1.45, 'by regulation 9(4)', corrects => true);
SELECT e.reference, e.max_before, e.max_now, e.interest_before, e.interest_now, e.difference, e.to_refund,
       e.interest_now = p.interest + p.interest_separate AS as_the_position
FROM care.rate_effect('2019-07-01', '2022-07-15') AS e JOIN care.agreement_position('2022-07-15') AS p USING (agreement_id)
ORDER BY e.reference;
SELECT care.redemption_figure(:o, '2022-07-15') = :as_shipped AS as_at_first;
-- the day before the half-year has no effect yet, nor has a half-year that nobody changed, or that was confirmed as it was
SELECT (SELECT count(*) FROM care.rate_effect('2019-07-01', '2019-06-30')) AS before, (SELECT count(*) FROM care.rate_effect('2019-07-01', '2019-07-01')) AS first_day,
       (SELECT count(*) FROM care.rate_effect('2018-07-01')) AS not_changed, care.confirm_national_max_rate('2023-01-01', 3.18, 'as shipped') AS as_it_was,
       (SELECT count(*) FROM care.rate_effect('2023-01-01')) AS nothing;
SELECT pg_temp.refused(s) FROM unnest(ARRAY['SELECT * FROM care.rate_effect(''2019-07-02'')', 'SELECT * FROM care.rate_effect(NULL)']) AS s;
SELECT * FROM care.verify();
ROLLBACK;
