--
-- 73_row_security: policies of a council's own on our tables, by authority: whoever they hold for sees that authority
-- alone, and what follows from facts is worked out for all, by the owner's rights.
--
-- They are made before the first record: afterwards the guard refuses them.
--
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
-- who is cut to an authority says which by the name of the role
CREATE ROLE regress_e06000001;
CREATE ROLE regress_e06000002;
CREATE FUNCTION care_test.mine(authority text) RETURNS boolean LANGUAGE sql STABLE RETURN upper(substr(current_user, 9)) = authority;
GRANT USAGE ON SCHEMA care, care_internal, care_test TO regress_e06000001, regress_e06000002;
GRANT SELECT ON ALL TABLES IN SCHEMA care TO regress_e06000001, regress_e06000002;
GRANT SELECT ON care_internal.chain TO regress_e06000001, regress_e06000002;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA care, care_internal, care_test TO regress_e06000001, regress_e06000002;
SELECT format('ALTER TABLE care.%1$I ENABLE ROW LEVEL SECURITY', t), format('CREATE POLICY by_authority ON care.%1$I USING (care_test.mine(authority))', t)
FROM unnest('{person,account,agreement}'::text[]) AS t \gexec
SELECT format('ALTER TABLE care.%1$I ENABLE ROW LEVEL SECURITY', t),
       format('CREATE POLICY by_authority ON care.%1$I USING (EXISTS (SELECT FROM care.%2$I AS h WHERE h.%3$I = %1$I.%3$I))', t, h, h || '_id')
FROM (VALUES ('person', '{person_detail,death,channel_consent}'::text[]),
             ('account', '{budget,adjustment,adjustment_approval,account_event,statement_suspension,issued_statement}'),
             ('agreement', '{agreement_event,valuation,agreement_entry,agreement_invoice,deferral,deferral_posting}')) AS p (h, tables),
    unnest(p.tables) AS t \gexec

-- Both authorities record, each by its own login; the figures of the scheme are everybody's.
SELECT care.record_scheme('common', 'A scheme of all', 'draft', '2023-10-01', 'weekly_cost', 'test'),
       care.record_parameter('common', 'cap', '2023-10-01', 1000, 'test'),
       care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test'), care.record_interest_policy('E06000002', '2015-04-01', NULL, 'test') \g /dev/null
SET SESSION AUTHORIZATION regress_e06000001;
SELECT care.open_account('E06000001', 'A', 'P-1', NULL, 'common', '2023-10-01') AS a, care.open_agreement('E06000001', 'D', 'P-1', '2024-01-01', '2024-01-01') AS d \gset
SELECT care.record_budget(:a, '2023-10-01', 'personal_budget', 'community', 700) IS NOT NULL,
       care.record_valuation(:d, '2024-01-01', 165000) IS NOT NULL, care.defer(:d, '2024-02-01', 'care_fees', 500) IS NOT NULL;
SET SESSION AUTHORIZATION regress_e06000002;
SELECT care.open_account('E06000002', 'A', 'P-1', NULL, 'common', '2023-10-01') AS b, care.open_agreement('E06000002', 'D', 'P-1', '2024-01-01', '2024-01-01') AS e \gset
SELECT care.record_budget(:b, '2023-10-01', 'personal_budget', 'community', 70) IS NOT NULL,
       care.record_valuation(:e, '2024-01-01', 165000) IS NOT NULL, care.defer(:e, '2024-02-01', 'care_fees', 50) IS NOT NULL;

-- A cap recorded by one is the cap of the other's accounts too; and so with the budget and the death of its own.
SET SESSION AUTHORIZATION regress_e06000001;
SELECT care.record_parameter('common', 'cap', '2023-11-01', 500, 'test') IS NOT NULL;
SELECT care.record_budget(:a, '2023-10-06', 'personal_budget', 'community', 1400) IS NOT NULL;
SELECT care.record_death('P-1', '2023-10-20', '2023-10-21', 'E06000001');
-- each sees its own
SELECT authority, reference, cap, accrued, cap_reached_on FROM care.account_position('2023-11-30');
SELECT authority, accrued FROM care.account_position('2023-11-30', 'infinity');
SELECT authority, balance FROM care.agreement_position('2024-03-31');
SELECT count(*) FROM care.budget;
SELECT care_test.refused(format('SELECT care.redemption_figure(%s, ''2024-03-31'')', :e));
SELECT count(*) FROM care.person;
SET SESSION AUTHORIZATION regress_e06000002;
SELECT authority, reference, cap, accrued, cap_reached_on FROM care.account_position('2023-11-30');
SELECT authority, balance FROM care.agreement_position('2024-03-31');
SELECT care.redemption_figure(:e, '2024-03-31') > 50;
SELECT count(*) FROM care.budget;

-- A function that records has the owner's rights: who may call it may record for any authority whose keys they know.
SELECT care.record_budget(:a, '2024-06-01', 'personal_budget', 'community', 1) IS NOT NULL;

-- The owner sees all of it, and that it is right.
RESET SESSION AUTHORIZATION;
SELECT authority, cap, accrued, cap_reached_on FROM care.account_position('2023-11-30') ORDER BY authority;
SELECT authority, accrued FROM care.account_position('2023-11-30', 'infinity') ORDER BY authority;
SELECT * FROM care.verify();
SELECT * FROM care.verify_chain();

-- Now that there are records, the guard refuses another policy, and to do away with these; guard_state lists them.
SELECT left(care_test.refused(s), 100) FROM unnest(ARRAY['CREATE POLICY more ON care.budget USING (true)', 'DROP POLICY by_authority ON care.budget',
    'ALTER TABLE care.setting ENABLE ROW LEVEL SECURITY', 'ALTER TABLE care.budget DISABLE ROW LEVEL SECURITY']) AS s;
SELECT count(*) > 0 FROM care.guard_state;
ROLLBACK;
