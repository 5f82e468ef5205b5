-- What tools/demo shows: psql runs it in an empty database.
\set ON_ERROR_STOP on
\set SHOW_CONTEXT never
\pset footer off
\pset null '-'
CREATE EXTENSION care_account;

\echo '(a) A care home at £700 a week, an independent personal budget under the scheme'
\echo '    of 2022: £200 of it is daily living costs, so £500 a week counts.'
\echo
SELECT care.open_account('E10000016', 'CA-1001', 'P-1001', '1941-05-17', '2022', '2023-10-01') AS account \gset
SELECT care.record_budget(:account, '2023-10-01', 'independent_personal_budget', 'care_home', 700) \g /dev/null
SELECT as_at, weekly_rate, accrued, remaining, percent_of_cap AS percent, projected_cap_on
FROM care.account_position('2026-06-30') WHERE account_id = :account;
\echo 'The working, up to the day it is reached (£86,000 at £500 a week: 1,204 days):'
\echo
SELECT from_day, to_day, days, what, amount, accrued
FROM care.account_explain(:account, '2027-01-31');

\echo '(b) The same person, had the cap gone up by 4% on 1 April 2025. Whoever is half'
\echo '    way to the cap stays half way: accrued costs go up with it.'
\echo
SELECT care.record_scheme('2022 uprated', 'The scheme of 2022 with an uprated cap', 'withdrawn', '2023-10-01',
                          'weekly_charge', 'what if') \g /dev/null
SELECT care.record_parameter('2022 uprated', 'cap', '2023-10-01', 86000, 'as planned', 'withdrawn'),
       care.record_parameter('2022 uprated', 'cap', '2025-04-01', 89440, 'what if', 'withdrawn'),
       care.record_parameter('2022 uprated', 'daily_living_cost', '2023-10-01', 200, 'as planned', 'withdrawn') \g /dev/null
SELECT care.open_account('E10000016', 'CA-1002', 'P-1001', '1941-05-17', '2022 uprated', '2023-10-01') AS uprated \gset
SELECT care.record_budget(:uprated, '2023-10-01', 'independent_personal_budget', 'care_home', 700) \g /dev/null
SELECT from_day, to_day, days, what, cap, amount, accrued
FROM care.account_explain(:uprated, '2027-01-31');

\echo '(c) Ten more people at home, charged £60 to £600 a week. One run issues all'
\echo '    statements. Then a charge of £540 is corrected to £480, and the next'
\echo '    statement says so:'
\echo
SELECT count(care.record_budget(
           care.open_account('E10000016', 'CA-' || 2000 + n, 'P-' || 2000 + n, NULL, '2022', '2023-10-01'),
           '2023-10-01', 'personal_budget', 'community', 800, 60 * n))
FROM generate_series(1, 10) AS n \g /dev/null
CALL care.issue_due_statements('2024-10-01');
SELECT as_at, count(*) AS statements, sum(accrued) AS accrued FROM care.statement GROUP BY as_at;
SELECT budget_id, account_id AS corrected FROM care.budget JOIN care.account USING (account_id) WHERE reference = 'CA-2009' \gset
SELECT care.record_budget(:corrected, '2023-10-01', 'personal_budget', 'community', 800, 480,
                          supersedes => :budget_id) \g /dev/null
CALL care.issue_due_statements('2025-10-01');
SELECT what, from_day, to_day, amount FROM care.statement_line
WHERE account_id = :corrected AND statement_id > (SELECT min(statement_id) FROM care.statement WHERE account_id = :corrected);
\echo 'Who reaches the cap within a year of 30 June 2026:'
\echo
SELECT reference, weekly_rate, accrued, percent_of_cap, projected_cap_on
FROM care.account_position('2026-06-30')
WHERE projected_cap_on <= date '2026-06-30' + interval '1 year'
ORDER BY projected_cap_on;

\echo '(d) A deferred payment agreement from April 2015: £535 a week against a house'
\echo '    worth £165,000, at the national maximum rate, compounded daily. On'
\echo '    1 October 2018:'
\echo
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'charging policy') \g /dev/null
SELECT care.open_agreement('E10000016', 'DPA-501', 'P-3001', '2015-04-01', '2015-04-10') AS agreement \gset
SELECT care.record_valuation(:agreement, '2015-03-20', 165000) \g /dev/null
SELECT care.record_deferral(:agreement, '2015-04-13', 571, 180) \g /dev/null
SELECT care.post_deferral(:agreement, '2018-10-01') \g /dev/null
SELECT rate, deferred, interest, balance, equity_limit, equity_remaining
FROM care.agreement_position('2018-10-01') WHERE agreement_id = :agreement;
\echo 'Then £300 for August comes in late. The next statement says so:'
\echo
CALL care.issue_due_agreement_statements('2018-10-01');
SELECT care.defer(:agreement, '2018-08-20', 'care_fees', 300) \g /dev/null
SELECT care.post_deferral(:agreement, '2019-04-01') \g /dev/null
CALL care.issue_due_agreement_statements('2019-04-01');
SELECT what, from_day, to_day, rate, amount FROM care.agreement_statement_line
WHERE agreement_id = :agreement AND statement_id > (SELECT min(statement_id) FROM care.agreement_statement);
\echo 'Care fees stop at the equity limit:'
\echo
\set ON_ERROR_STOP off
SELECT care.defer(:agreement, '2019-04-02', 'care_fees', 25000);
\set ON_ERROR_STOP on
\echo
\echo 'Sold, and repaid on 15 July 2019: the last interest, and the end.'
\echo
SELECT care.post_deferral(:agreement, '2019-06-30') \g /dev/null
SELECT care.stop_deferring(:agreement, '2019-07-01', 'the home is sold') \g /dev/null
SELECT from_day, to_day, rate, opening, entries, interest, closing
FROM care.interest_working(:agreement, '2019-04-02', '2019-07-14');
SELECT care.record_payment(:agreement, '2019-07-15', care.redemption_figure(:agreement, '2019-07-15')) \g /dev/null
SELECT care.release_charge(:agreement, '2019-07-22') \g /dev/null
SELECT deferred, interest, payments, balance, state, since
FROM care.agreement_position('2019-07-31') JOIN care.agreement_state('2019-07-31') USING (agreement_id)
WHERE agreement_id = :agreement;

\echo '(e) What bad input gets.'
\set ON_ERROR_STOP off
\echo
\echo '> 30 February'
SELECT '{"2024-02-30": 500}'::care.schedule;
\echo '> SQLSTATE' :SQLSTATE
\echo
\echo '> a rate that nobody has entered yet'
SELECT care.national_max_rate('2027-02-14');
\echo '> SQLSTATE' :SQLSTATE
\echo
\echo '> changing a fact'
UPDATE care.budget SET weekly_cost = 0;
\echo '> SQLSTATE' :SQLSTATE
