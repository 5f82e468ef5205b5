--
-- 68_missing_rate: of many agreements none fails the others for want of a rate: its figures are null, and it says which
-- rate is missing.  A function of one agreement says the same in an error.
--
\pset format unaligned
\pset null (null)
SET datestyle = 'ISO, YMD';
BEGIN;

SELECT care.record_interest_policy('E06000061', '2015-04-01', NULL, 'test'),
       care.record_interest_policy('E06000062', '2015-04-01', 0, 'test'),
       care.record_interest_policy('E06000063', '2014-01-01', NULL, 'test') \g /dev/null
-- one at the maximum, one that charges nothing, one repaid in time, one after a judgment, one paid separately; one that
-- was signed before there was a maximum, and one whose authority has no policy at all, as a load may bring them
SELECT care.open_agreement('E06000061', 'maximum', 'p1', '2019-01-07', '2019-01-07') AS maximum,
       care.open_agreement('E06000062', 'nought', 'p2', '2019-01-07', '2019-01-07') AS nought,
       care.open_agreement('E06000061', 'repaid', 'p3', '2019-01-07', '2019-01-07') AS repaid,
       care.open_agreement('E06000061', 'court', 'p4', '2019-01-07', '2019-01-07') AS court,
       care.open_agreement('E06000061', 'separate', 'p5', '2019-01-07', '2019-01-07') AS separate,
       care.open_agreement('E06000063', 'early', 'p6', '2014-01-06', '2014-01-06') AS early,
       care.open_agreement('E06000061', 'empty', 'p7', '2019-01-07', '2019-01-07') AS empty \gset
SELECT care.record_valuation(a, '2019-01-07', 200000), care.defer(a, '2019-02-04', 'care_fees', 1000)
FROM unnest(ARRAY[:maximum, :nought, :repaid, :court, :separate]) AS a \g /dev/null
INSERT INTO care.agreement_entry (agreement_id, on_day, amount, kind, recorded_at) VALUES (:early, '2014-02-03', 1000, 'care_fees', '2020-01-01');
SELECT care.record_payment(:repaid, '2019-03-04', care.redemption_figure(:repaid, '2019-03-04')) > 0,
       care.record_judgment(:court, '2019-03-04', 'case 1') > 0,
       care.pay_interest_separately(:separate, '2019-03-04') > 0 \g /dev/null
SELECT care.apply_for_agreement('E06000064', 'no policy', 'p9', '2019-01-07') AS none \gset
INSERT INTO care.agreement_event (agreement_id, on_day, kind, day_count, capitalised, recorded_at) VALUES (:none, '2019-01-07', 'signed', 'act/act', 'daily', '2020-01-01');
INSERT INTO care.agreement_entry (agreement_id, on_day, amount, kind, recorded_at) VALUES (:none, '2019-02-04', 1000, 'care_fees', '2020-01-01');

-- while all is known, then past the last half-year that is entered
SELECT reference, rate, deferred, interest, payments, balance, interest_separate, missing
FROM care.agreement_position('2026-12-31') ORDER BY agreement_id;
SELECT reference, rate, deferred, interest, payments, balance, interest_separate, missing
FROM care.agreement_position('2027-02-01') ORDER BY agreement_id;

-- Each that has no figure says in an error what is missing, and no other has one.
SELECT p.reference, p.balance IS NULL AS unknown,
       regexp_replace(care_test.refused(format('SELECT care.redemption_figure(%s, %L)', p.agreement_id, '2027-02-02')), 'agreement [0-9]+', 'agreement N') AS redemption,
       care_test.refused(format('SELECT * FROM care.interest_working(%s, %L, %L)', p.agreement_id, '2019-01-07', '2027-02-01')) LIKE '55000%' AS working
FROM care.agreement_position('2027-02-01') AS p ORDER BY p.agreement_id;
SELECT regexp_replace(care_test.refused(format('SELECT care.invoice_interest(%s, %L)', :separate, '2027-02-01')), 'agreement [0-9]+', 'agreement N');
SELECT regexp_replace(care_test.refused(format('SELECT care.issue_agreement_statement(%s, %L)', :early, '2019-02-01')), 'agreement [0-9]+', 'agreement N');

-- The worklists and the return list them all the same.
SELECT reference, balance, revaluation_due, review_due, missing FROM care.security_review('2027-02-01') ORDER BY agreement_id;
SELECT count(*) FROM care.agreement_state('2027-02-01');
SELECT (SELECT count(*) FROM care.repayment_due('2027-02-01')), (SELECT count(*) FROM care.deferral_due('2027-02-01')),
       (SELECT count(*) FROM care.agreement_statement_due('2027-02-01')), (SELECT count(*) FROM care.charge_release_due('2027-02-01'));
SELECT item, pounds, missing FROM care.dpa_return('E06000061', '2027-03-31') WHERE return_table = 'DPA002';
SELECT item, pounds, missing FROM care.dpa_return('E06000062', '2027-03-31') WHERE return_table = 'DPA002' AND pounds > 0;

-- Once it is entered, nothing is missing but where it still is.
SELECT care.record_national_max_rate('2027-01-01', 4.6, 'report of a test', '2026-27', 'test');
SELECT reference, rate, balance, missing FROM care.agreement_position('2027-02-01') ORDER BY agreement_id;
-- a gap before what is owed is none
SELECT balance, missing FROM care.agreement_position('2027-08-01') WHERE agreement_id = :maximum;
SELECT care.record_national_max_rate('2028-01-01', 4.6, 'report of a test', '2027-28', 'test');
SELECT care.record_payment(:maximum, '2027-06-30', care.redemption_figure(:maximum, '2027-06-30')) > 0,
       care.defer(:maximum, '2028-01-04', 'care_fees', 500) > 0;
SELECT as_at, rate, balance, missing
FROM unnest('{2027-06-30, 2027-07-01, 2028-01-04}'::date[]) AS day, care.agreement_position(day) WHERE agreement_id = :maximum ORDER BY 1;
ROLLBACK;
