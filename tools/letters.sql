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
\o account_chart.svg
SELECT care.account_chart(:account, '2025-10-01');
\o
-- what a reader of each must find in it
\o expected.txt
SELECT 'account.html|' || care_internal.pounds_text(l.amount) FROM care.statement_line AS l WHERE l.account_id = :account AND l.statement_id = :second
UNION ALL SELECT 'account_large.html|' || care_internal.pounds_text(l.amount) FROM care.statement_line AS l WHERE l.account_id = :account AND l.statement_id = :second
UNION ALL SELECT 'account_capped.html|You reached the cap on 6 January 2025' UNION ALL SELECT 'cap_notice.html|From 7 January 2025 we pay'
UNION ALL SELECT 'account.html|Page layout 1' UNION ALL SELECT 'account_large.html|Page layout 1' UNION ALL SELECT 'account.html|What is likely, if nothing changes'
UNION ALL SELECT 'cap_notice_large.html|You have reached the cap on care costs';
\o
