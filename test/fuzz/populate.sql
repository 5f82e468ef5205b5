--
-- populate.sql: thirty accounts and thirty agreements, in a database that has the extension, for the
-- random calls and for sqlsmith to meet.
--
-- Every third account is under the scheme of 2015; some have died, are suspended, or are adjusted.
-- Agreements are applied for, signed, secured, deferring, stopped, repaid or written off.
--
\set ON_ERROR_STOP on
\set QUIET 1
SET client_min_messages = warning;
SET jit = off;
\o /dev/null
SELECT care.record_setting('E06000001', 'four_eyes', 'on');
SELECT care.open_account(CASE WHEN n % 5 = 0 THEN 'E06000001' ELSE 'E06000002' END, 'A' || n, 'P' || n, date '1930-01-01' + n * 400,
                         CASE WHEN n % 3 = 0 THEN '2015' ELSE '2022' END, date '2016-04-01' + n * 90)
FROM generate_series(1, 30) AS n;
SELECT care.record_budget(a.account_id, a.counting_from + 500 * k, CASE WHEN a.account_id % 2 = 0 THEN 'personal_budget' ELSE 'independent_personal_budget' END,
                          CASE WHEN k = 0 THEN 'community' ELSE 'care_home' END, 300 + 40 * a.account_id + 50 * k, 150.25 + 10 * k)
FROM care.account AS a, generate_series(0, 2) AS k;
SELECT care.end_budget(a.account_id, a.counting_from + 1500, 'moved away') FROM care.account AS a WHERE a.account_id % 7 = 0;
SELECT care.record_adjustment(a.account_id, a.counting_from + 300, 1234.56, 'error_corrected', 'manager') FROM care.account AS a WHERE a.account_id % 6 = 1;
SELECT care.suspend_statements(a.account_id, '2024-01-01', '2024-12-31', 'in hospital') FROM care.account AS a WHERE a.account_id % 9 = 0;
SELECT care.record_death('P' || n, '2025-03-05', '2025-04-01', NULL) FROM generate_series(4, 30, 10) AS n;
CALL care.issue_due_statements('2024-06-30');
CALL care.issue_due_statements('2025-06-30');

SELECT care.record_interest_policy(a.authority, '2015-04-01', NULL, 'charging policy', a.day_count, a.capitalised)
FROM (VALUES ('E06000001', 'act/act', 'daily'), ('E06000002', 'act/365f', 'monthly'), ('E06000003', 'act/act', 'none')) AS a (authority, day_count, capitalised);
SELECT care.record_fee_tariff(a, 'visit', '2015-04-01', 'per_event', 35.55, 'tariff') FROM unnest('{E06000001,E06000002,E06000003}'::text[]) AS a;
SELECT care.apply_for_agreement('E06000001', 'D' || n, 'P' || n, '2020-01-06') FROM generate_series(1, 3) AS n;
SELECT care.open_agreement('E0600000' || 1 + n % 3, 'D' || n, 'P' || n, date '2016-01-04' + n * 50, date '2016-01-20' + n * 50)
FROM generate_series(4, 30) AS n;
SELECT care.record_valuation(a.agreement_id, date '2015-12-01', 150000 + 10000 * a.agreement_id)
FROM care.agreement AS a WHERE a.secured_on IS NOT NULL;
SELECT care.record_deferral(a.agreement_id, a.signed_on + 30, 500 + 10 * a.agreement_id, 150, 144)
FROM care.agreement AS a WHERE a.agreement_id % 2 = 0 AND a.secured_on IS NOT NULL;
CALL care.post_due_deferrals('2019-12-31');
SELECT care.defer(a.agreement_id, a.signed_on + 40 + 28 * k, 'care_fees', 1000 + a.agreement_id)
FROM care.agreement AS a, generate_series(0, 5) AS k WHERE a.agreement_id % 2 = 1 AND a.secured_on IS NOT NULL;
SELECT care.record_charge(a.agreement_id, a.signed_on + 100, 'visit') FROM care.agreement AS a WHERE a.agreement_id % 3 = 0 AND a.secured_on IS NOT NULL;
SELECT care.record_payment(a.agreement_id, '2020-02-03', 250) FROM care.agreement AS a WHERE a.agreement_id % 4 = 0 AND a.secured_on IS NOT NULL;
CALL care.issue_due_agreement_statements('2020-03-31');
SELECT care.stop_deferring(a.agreement_id, '2020-06-01', 'moved home') FROM care.agreement AS a WHERE a.agreement_id % 5 = 0;
SELECT care.record_payment(a.agreement_id, '2020-09-01', care.redemption_figure(a.agreement_id, '2020-09-01')) FROM care.agreement AS a WHERE a.agreement_id % 10 = 0;
SELECT care.release_charge(a.agreement_id, '2020-09-20') FROM care.agreement AS a WHERE a.agreement_id = 10;
SELECT care.write_off(a.agreement_id, '2020-12-01', 'attempted', 'nothing left', 'head of service') FROM care.agreement AS a WHERE a.agreement_id = 15;
CALL care.issue_due_agreement_statements('2021-03-31');
\o
