-- What tools/demo --letters and tools/check --clients write: an example of each letter, in ordinary and in large print,
-- and of each chart.  psql runs it in an empty database, in the folder they go to.
\set ON_ERROR_STOP on
\set QUIET 1
\pset format unaligned
\pset tuples_only on
SET client_min_messages = warning;
SET datestyle = 'ISO, YMD';
CREATE EXTENSION care_account;

-- A person at home, then in a care home, half way to a cap that goes up; an error put right on the way.
SELECT care.record_scheme('2022 uprated', 'The scheme of 2022 with an uprated cap', 'withdrawn', '2023-10-01', 'weekly_charge',
                          'an example') \g /dev/null
SELECT care.record_parameter('2022 uprated', 'cap', '2023-10-01', 86000, 'as planned', 'withdrawn'),
       care.record_parameter('2022 uprated', 'cap', '2025-04-01', 89440, 'an example', 'withdrawn'),
       care.record_parameter('2022 uprated', 'daily_living_cost', '2023-10-01', 200, 'as planned', 'withdrawn') \g /dev/null
SELECT care.record_statement_text('E10000016', 'advice', '2023-10-01', 'always',
           'You can get free and independent advice about paying for care. Ask us for a list of advisers.') \g /dev/null
SELECT care.open_account('E10000016', 'CA-3001', 'P-4001', '1938-07-04', '2022 uprated', '2023-10-01') AS account,
       care.open_account('E10000016', 'CA-3002', 'P-4002', '1941-02-11', '2022 uprated', '2023-10-01') AS capped \gset
SELECT care.record_budget(:account, '2023-10-01', 'personal_budget', 'community', 420, 300),
       care.record_budget(:account, '2024-02-01', 'independent_personal_budget', 'care_home', 900),
       care.record_budget(:capped, '2023-10-01', 'independent_personal_budget', 'care_home', 1500) \g /dev/null
SELECT care.issue_statement(:account, '2024-10-01') AS first, care.issue_statement(:capped, '2024-10-01') AS reached \gset
SELECT care.record_adjustment(:account, '2024-11-01', -250, 'error_corrected', 'Head of finance') \g /dev/null
SELECT care.issue_statement(:account, '2025-10-01') AS second, care.issue_statement(:capped, '2025-10-01') AS reached \gset
SELECT care.certify_cap(:capped, '2025-10-01') AS certificate \gset

-- An agreement whose fees grow towards the equity limit, with a payment on the way.
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'at the national maximum') \g /dev/null
SELECT count(care.confirm_national_max_rate(n.valid_from, n.max_percent, 'an example'))
FROM care.national_rate_to_confirm AS n \g /dev/null
SELECT care.open_agreement('E10000016', 'DPA-501', 'P-5001', '2022-01-10', '2022-01-10') AS agreement \gset
SELECT care.record_valuation(:agreement, '2022-01-10', 165000), care.record_deferral(:agreement, '2022-01-10', 571, 180) \g /dev/null
SELECT care.post_deferral(:agreement, '2023-01-09') \g /dev/null
SELECT care.issue_agreement_statement(:agreement, '2022-07-10') \g /dev/null
SELECT care.issue_agreement_statement(:agreement, '2023-01-10') \g /dev/null
SELECT care.post_deferral(:agreement, '2023-07-10'), care.record_payment(:agreement, '2023-04-14', 2500, 'from savings') \g /dev/null
SELECT care.issue_agreement_statement(:agreement, '2023-07-10') AS dpa \gset

\set to '{"name": "[Name]", "address": ["[House and street]", "[Town]", "[Postcode]"]}'
\set plain '{"sender": ["Adult Social Care", "[Council]", "[Telephone]"]}'
\set large '{"sender": ["Adult Social Care", "[Council]", "[Telephone]"], "large_print": true}'
\o account_first.html
SELECT care.account_letter(:account, :first, :'to', :'plain');
\o account.html
SELECT care.account_letter(:account, :second, :'to', :'plain');
\o account_large.html
SELECT care.account_letter(:account, :second, :'to', :'large');
\o account_capped.html
SELECT care.account_letter(:capped, :reached, :'to', :'plain');
\o cap_notice.html
SELECT care.cap_notice(:capped, :certificate, :'to', :'plain');
\o cap_notice_large.html
SELECT care.cap_notice(:capped, :certificate, :'to', :'large');
\o agreement.html
SELECT care.agreement_letter(:agreement, :dpa, :'to', :'plain');
\o agreement_large.html
SELECT care.agreement_letter(:agreement, :dpa, :'to', :'large');
\o redemption.html
SELECT care.redemption_letter(:agreement, '2023-08-01', :'to', :'plain');
\o redemption_large.html
SELECT care.redemption_letter(:agreement, '2023-08-01', :'to', :'large');
\o rate_notice.html
SELECT care.rate_notice(:agreement, '2023-07-01', :'to', :'plain');
\o rate_notice_large.html
SELECT care.rate_notice(:agreement, '2023-07-01', :'to', :'large');
\o agreement_chart.svg
SELECT care.agreement_chart(:agreement, '2023-07-10');
\o account_chart.svg
SELECT care.account_chart(:account, '2025-10-01');
\o
-- what a reader of each must find in it
\o expected.txt
SELECT 'account.html|' || care_internal.pounds_text(l.amount) FROM care.statement_line AS l WHERE l.account_id = :account AND l.statement_id = :second
UNION ALL SELECT 'account_large.html|' || care_internal.pounds_text(l.amount) FROM care.statement_line AS l WHERE l.account_id = :account AND l.statement_id = :second
UNION ALL SELECT 'account_capped.html|You reached the cap on 6 January 2025' UNION ALL SELECT 'cap_notice.html|From 7 January 2025 we pay'
UNION ALL SELECT 'account.html|Page layout 1' UNION ALL SELECT 'account_large.html|Page layout 1' UNION ALL SELECT 'account.html|What is likely, if nothing changes'
UNION ALL SELECT 'agreement.html|' || care_internal.pounds_text(l.amount) FROM care.agreement_statement_line AS l WHERE l.agreement_id = :agreement AND l.statement_id = :dpa
UNION ALL SELECT 'agreement_large.html|Page layout 1' UNION ALL SELECT 'agreement.html|Page layout 1'
UNION ALL SELECT 'redemption.html|' || care_internal.pounds_text(care.redemption_figure(:agreement, '2023-08-01'))
UNION ALL SELECT 'rate_notice.html|from 3.18 to 3.43 per cent a year'
UNION ALL SELECT 'cap_notice_large.html|You have reached the cap on care costs';
\o
