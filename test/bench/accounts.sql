--
-- accounts: the care accounts that are measured, loaded through the real tables.
--
-- Accounts under both schemes, spread over the authorities, with 5 budgets each.  Both are copied in
-- from files.  The bare tables they are compared with have the same columns, defaults and keys, primary,
-- unique and foreign, but no rules; budgets without foreign keys are shown for information.
--
-- Must not know: agreements.
--

CREATE PROCEDURE bench.record_persons(first int, last int) LANGUAGE plpgsql AS $$
BEGIN
    CALL bench.load('persons with an account', format($load$
        INSERT INTO care.person (authority, reference)
        SELECT a.codes[1 + n %% cardinality(a.codes)], 'C' || n
        FROM generate_series(%s, %s) AS n,
             (SELECT array_agg(a.authority ORDER BY a.authority) FROM care.local_authority AS a WHERE a.valid_to IS NULL) AS a (codes)
        $load$, first, last));
    ANALYZE care.person;
    CALL bench.load('details of persons', format($load$
        INSERT INTO care.person_detail (person_id, date_of_birth, needs_began_on)
        SELECT p.person_id, date '1925-01-01' + (p.person_id * 7919 %% 15000)::int, date '2016-01-01' + (p.person_id * 31 %% 3000)::int
        FROM generate_series(%s, %s) AS n JOIN care.person AS p ON p.reference = 'C' || n ORDER BY p.person_id
        $load$, first, last));
    ANALYZE care.person_detail;
END
$$;

-- The accounts of some persons, in a file: what to copy from it.
CREATE FUNCTION bench.write_accounts(first int, last int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := format('%s/../accounts', current_setting('data_directory'));
BEGIN
    EXECUTE format($copy$COPY (
        SELECT p.person_id, date '2023-10-01' + (p.person_id * 104729 %% 700)::int, p.authority, p.reference,
               CASE WHEN p.person_id %% 5 = 0 THEN '2015' ELSE '2022' END
        FROM generate_series(%s, %s) AS n JOIN care.person AS p ON p.reference = 'C' || n
        ORDER BY p.person_id) TO %L$copy$, first, last, file);
    RETURN format('(person_id, counts_from, authority, reference, scheme) FROM %L', file);
END
$$;

CREATE TABLE bench.keyed_account (LIKE care.account INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING INDEXES,
    FOREIGN KEY (person_id) REFERENCES care.person,
    FOREIGN KEY (authority) REFERENCES care.local_authority,
    FOREIGN KEY (scheme) REFERENCES care.charging_scheme);

-- By turns, in five files.
CREATE PROCEDURE bench.copy_accounts(first int, last int) LANGUAGE plpgsql AS $$
DECLARE
    source text;
    keyed int;
    part_size int := (last - first + 5) / 5;
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
    VALUES ('limits', 'COPY of accounts / the same keys, no rules', 2.5, 1, 1) RETURNING number INTO keyed;
    FOR part IN 0 .. 4 LOOP
        source := bench.write_accounts(first + part * part_size, least(last, first + (part + 1) * part_size - 1));
        CALL bench.measure(keyed, 'A', 'COPY care.account ' || source);
        CALL bench.measure(keyed, 'B', 'COPY bench.keyed_account ' || source);
        COMMIT;
    END LOOP;
    INSERT INTO bench.load (what, row_count, seconds)
    SELECT 'accounts', last - first + 1, sum(t.seconds) FROM bench.timing AS t WHERE t.number = keyed AND t.side = 'A';
END
$$;

-- The budgets of some accounts, in a file: what to copy from it.
CREATE FUNCTION bench.write_budgets(first int, last int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    file text := format('%s/../budgets', current_setting('data_directory'));
BEGIN
    EXECUTE format($copy$COPY (
        SELECT a.account_id, a.counting_from + (200 * n + (n > 0)::int * (a.account_id * 31 %% 150))::int,
               CASE WHEN (a.account_id + n) %% 3 = 0 THEN 'personal_budget' ELSE 'independent_personal_budget' END,
               CASE WHEN (a.account_id + n) %% 4 < 2 THEN 'community' ELSE 'care_home' END,
               round((30000 + (a.account_id * 104729 + n * 7919) %% 120000) / 100.0, 2),
               round((10000 + (a.account_id * 7919 + n * 104729) %% 20000) / 100.0, 2)
        FROM care.account AS a, generate_series(0, 4) AS n
        WHERE a.account_id BETWEEN %s AND %s
        ORDER BY a.account_id, n) TO %L$copy$, first, last, file);
    RETURN format('(account_id, valid_from, kind, setting, weekly_cost, weekly_charge) FROM %L', file);
END
$$;

CREATE TABLE bench.bare_budget (LIKE care.budget INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (account_id, budget_id));
CREATE TABLE bench.keyed_budget (LIKE bench.bare_budget INCLUDING ALL,
    FOREIGN KEY (account_id) REFERENCES care.account,
    FOREIGN KEY (account_id, supersedes) REFERENCES bench.keyed_budget);

-- By turns, in five files.
CREATE PROCEDURE bench.copy_budgets(first int, last int) LANGUAGE plpgsql AS $$
DECLARE
    source text;
    keyed int;
    bare int;
    part_size int := (last - first + 5) / 5;
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
    VALUES ('limits', 'COPY of budgets / the same keys, no rules', 2.5, 1, 1) RETURNING number INTO keyed;
    INSERT INTO bench.comparison (section, what, a_share, b_share)
    VALUES ('information', 'COPY of budgets / without foreign keys', 1, 1) RETURNING number INTO bare;
    FOR part IN 0 .. 4 LOOP
        source := bench.write_budgets(first + part * part_size, least(last, first + (part + 1) * part_size - 1));
        CALL bench.measure(keyed, 'A', 'COPY care.budget ' || source);
        CALL bench.measure(keyed, 'B', 'COPY bench.keyed_budget ' || source);
        CALL bench.measure(bare, 'B', 'COPY bench.bare_budget ' || source);
        COMMIT;
    END LOOP;
    INSERT INTO bench.timing SELECT bare, t.side, t.seconds, t.clock_seconds FROM bench.timing AS t
    WHERE t.number = keyed AND t.side = 'A';
    INSERT INTO bench.load (what, row_count, seconds)
    SELECT 'budgets', 5 * (last - first + 1), sum(t.seconds) FROM bench.timing AS t WHERE t.number = bare AND t.side = 'A';
END
$$;
