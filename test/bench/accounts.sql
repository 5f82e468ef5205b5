--
-- accounts: the care accounts that are measured, loaded through the real tables.
--
-- 1,000,000 accounts under both schemes, spread over the authorities, with 5 budgets each.  The
-- budgets are copied in from five files, and by turns the same files into a bare table with the same
-- columns, defaults and keys but no rules.
--
-- Must not know: agreements.
--

CALL bench.load('persons with an account', format($$
    INSERT INTO care.person (authority, reference)
    SELECT a.codes[1 + n %% cardinality(a.codes)], 'C' || n
    FROM generate_series(1, %s) AS n,
         (SELECT array_agg(a.authority ORDER BY a.authority) FROM care.authority AS a WHERE a.valid_to = 'infinity') AS a (codes)
    $$, :accounts));
ANALYZE care.person;
CALL bench.load('details of persons', $$
    INSERT INTO care.person_detail (person_id, date_of_birth, needs_began_on)
    SELECT p.person_id, date '1925-01-01' + (p.person_id * 7919 % 15000)::int, date '2016-01-01' + (p.person_id * 31 % 3000)::int
    FROM care.person AS p WHERE p.reference LIKE 'C%' ORDER BY p.person_id
    $$);
ANALYZE care.person_detail;
CALL bench.load('accounts', $$
    INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
    SELECT p.person_id, date '2023-10-01' + (p.person_id * 104729 % 700)::int, p.authority, p.reference,
           CASE WHEN p.person_id % 5 = 0 THEN '2015' ELSE '2022' END
    FROM care.person AS p WHERE p.reference LIKE 'C%' ORDER BY p.person_id
    $$);
VACUUM (FREEZE, ANALYZE) care.person, care.person_detail, care.account;

CREATE TABLE bench.bare_budget (LIKE care.budget INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (account_id, budget_id));
CREATE PROCEDURE bench.copy_budgets(accounts int) LANGUAGE plpgsql AS $$
DECLARE
    file text;
    copying int;
    columns text := 'account_id, valid_from, kind, setting, weekly_cost, weekly_charge';
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
    VALUES ('information', format('COPY of %s budgets / bare table', to_char(accounts, 'FM9,999,999')), 3, 1, 1)
    RETURNING number INTO copying;
    FOR part IN 1 .. 5 LOOP
        file := format('%s/../budgets', current_setting('data_directory'));
        EXECUTE format($copy$COPY (
            SELECT a.account_id, a.counting_from + (200 * n + (n > 0)::int * (a.account_id * 31 %% 150))::int,
                   CASE WHEN (a.account_id + n) %% 3 = 0 THEN 'personal_budget' ELSE 'independent_personal_budget' END,
                   CASE WHEN (a.account_id + n) %% 4 < 2 THEN 'community' ELSE 'care_home' END,
                   round((30000 + (a.account_id * 104729 + n * 7919) %% 120000) / 100.0, 2),
                   round((10000 + (a.account_id * 7919 + n * 104729) %% 20000) / 100.0, 2)
            FROM care.account AS a, generate_series(0, 4) AS n
            WHERE a.account_id > %s AND a.account_id <= %s
            ORDER BY a.account_id, n) TO %L$copy$, accounts / 5 * (part - 1), accounts / 5 * part, file);
        CALL bench.measure(copying, 'A', format('COPY care.budget (%s) FROM %L', columns, file));
        CALL bench.measure(copying, 'B', format('COPY bench.bare_budget (%s) FROM %L', columns, file));
        COMMIT;
    END LOOP;
    INSERT INTO bench.load (what, row_count, seconds)
    SELECT 'budgets of accounts', 5 * accounts, sum(t.seconds) FROM bench.timing AS t
    WHERE t.number = copying AND t.side = 'A';
END
$$;
CALL bench.copy_budgets(:accounts);
VACUUM (FREEZE, ANALYZE) care.account, care.budget;
