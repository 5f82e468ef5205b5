-- Whose accounts the tests of the gateway look at: psql runs it in an empty database.  Whatever is of a person has a
-- mark in it, MARK-A to MARK-C, which nobody else may see.
\set ON_ERROR_STOP on
\set QUIET 1
SET client_min_messages = warning;
CREATE EXTENSION care_account;
\o /dev/null
\ir portal/roles.sql
\ir portal/api_roles.sql
-- A and B are of one authority, C of another
SELECT care.open_account('E10000016', 'MARK-A-account', 'MARK-A-person', '1938-07-04', '2022', '2023-10-01') AS a,
       care.open_account('E10000016', 'MARK-B-account', 'MARK-B-person', '1941-02-11', '2022', '2023-10-01') AS b,
       care.open_account('E10000028', 'MARK-C-account', 'MARK-C-person', '1943-03-01', '2022', '2023-10-01') AS c \gset
SELECT care.record_budget(:a, '2023-10-01', 'personal_budget', 'community', 420, 300),
       care.record_budget(:b, '2023-10-01', 'independent_personal_budget', 'care_home', 1500),
       care.record_budget(:c, '2023-10-01', 'personal_budget', 'community', 600, 500);
SELECT care.issue_statement(x, day) FROM unnest(ARRAY[:a, :b, :c]::bigint[]) AS x,
                                         unnest('{2024-10-01,2025-10-01}'::date[]) AS day;
SELECT care.record_interest_policy('E10000016', '2015-04-01', NULL, 'at the national maximum');
SELECT care.confirm_national_max_rate(n.valid_from, n.max_percent, 'an example') FROM care.national_rate_to_confirm AS n;
SELECT care.open_agreement('E10000016', 'MARK-A-agreement', 'MARK-A-person', '2022-01-10', '2022-01-10') AS dpa \gset
SELECT care.record_valuation(:dpa, '2022-01-10', 165000), care.defer(:dpa, '2022-02-10', 'care_fees', 1900);
SELECT care.issue_agreement_statement(:dpa, '2022-07-10');
SELECT care.link_subject('MARK-A-person', 'subject-a', 'seen in person'),
       care.link_subject('MARK-B-person', 'subject-b', 'seen in person'),
       care.link_subject('MARK-C-person', 'subject-c', 'seen in person', authority => 'E10000028');
-- who acts for A: from tomorrow, today alone, until yesterday; and for what
SELECT care.record_delegation('MARK-A-person', d.delegate, 'carer', d.scopes, d.from_day, d.to_day, 'a letter')
FROM (VALUES ('carer-to-come', '{account,statements,agreement,submissions}'::text[], care.today() + 1, NULL),
             ('carer-today', '{account,submissions}', care.today(), care.today()),
             ('carer-before', '{account,statements,agreement,submissions}', care.today() - 30, care.today() - 1))
     AS d (delegate, scopes, from_day, to_day);
-- the gateway's login
CREATE ROLE gateway LOGIN NOINHERIT;
GRANT care_gateway TO gateway;
