--
-- least: what the same work would take if nothing were checked and nothing worked out, beside what the limits compare
-- it with.
--
-- A position is at least a scan of its accounts, or the entries of each agreement found by key and added up.  Whoever
-- records a fact has to read, by key, the facts that its record has, and to write three kinds of rows: the fact, the
-- account as it then stands, the link of the chain.  Those rows are written here as they are, each kind by one
-- statement, and those facts are read by one; of a fifth of the accounts.
--
-- Must not know: how the accounts were loaded, what their rules are.
--

-- as if the sum that has accrued stood in the row
CALL bench.compare('least', 'account positions: a scan of them',
    'SELECT count(a.adjusted), sum(CASE WHEN a.counting_from IS NOT NULL THEN 43120.50 END), max(a.cap_on) FROM care.account AS a',
    'SELECT b.account_id, sum(b.weekly_cost) FROM care.budget AS b GROUP BY b.account_id HAVING sum(b.weekly_cost) < 0', repetitions => 5);
CALL bench.compare('least', 'agreement positions: their entries by key',
    'SELECT a.agreement_id, e.total FROM care.agreement AS a,
     LATERAL (SELECT sum(e.amount) AS total FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id) AS e',
    'SELECT e.agreement_id, sum(e.amount) FROM care.agreement_entry AS e GROUP BY e.agreement_id', repetitions => 5);

\set some 'WHERE a.account_id <= (SELECT max(m.account_id) FROM care.account AS m) / 5'
CREATE TABLE bench.some_account AS SELECT a.* FROM care.account AS a :some ORDER BY a.account_id;
CREATE TABLE bench.some_budget AS SELECT a.* FROM care.budget AS a :some ORDER BY a.budget_id;
CREATE TABLE bench.some_statement AS
    SELECT a.* FROM care.issued_statement AS a :some AND a.previous_statement_id IS NULL ORDER BY a.statement_id;
CREATE TABLE bench.some_link AS
    SELECT c.* FROM care_internal.chain AS c JOIN bench.some_account AS a ON a.account_id = c.record_id
    WHERE c.class = 'account' ORDER BY c.record_id, c.after;
ANALYZE bench.some_account, bench.some_budget, bench.some_statement, bench.some_link;

-- Written are the bare tables of the other comparisons, which are through with them, and two more.
CREATE TABLE bench.written_account (LIKE bench.keyed_account INCLUDING ALL,
    FOREIGN KEY (person_id) REFERENCES care.person,
    FOREIGN KEY (authority) REFERENCES care.local_authority,
    FOREIGN KEY (scheme) REFERENCES care.charging_scheme) WITH (fillfactor = 50);
CREATE TABLE bench.written_link (LIKE care_internal.chain INCLUDING INDEXES);

-- Facts are found as the product finds them: in the order of keys, by index.
CREATE PROCEDURE bench.read_persons() LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
BEGIN
    PERFORM p.reference, d.date_of_birth, x.died_on
    FROM bench.some_account AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        LEFT JOIN care.person_detail AS d ON d.person_id = p.person_id
        LEFT JOIN care.death AS x ON x.person_id = p.person_id
    FOR KEY SHARE OF p;
END
$$;
CREATE PROCEDURE bench.read_facts() LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
BEGIN
    PERFORM FROM bench.some_account AS s JOIN care.account AS a ON a.account_id = s.account_id FOR NO KEY UPDATE OF a;
    PERFORM p.reference, d.date_of_birth, x.died_on, b.weekly_cost
    FROM bench.some_account AS a
        JOIN care.person AS p ON p.person_id = a.person_id
        LEFT JOIN care.person_detail AS d ON d.person_id = a.person_id
        LEFT JOIN care.death AS x ON x.person_id = a.person_id
        LEFT JOIN care.budget AS b ON b.account_id = a.account_id;
END
$$;
CREATE PROCEDURE bench.read_last_statements() LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_bitmapscan = off SET enable_material = off AS $$
BEGIN
    PERFORM a.weekly_rate, a.cap
    FROM bench.some_account AS s JOIN care.account AS a ON a.account_id = s.account_id FOR NO KEY UPDATE OF a;
    PERFORM l.accrued, c.head
    FROM bench.some_account AS a
        LEFT JOIN LATERAL (SELECT i.accrued FROM care.issued_statement AS i WHERE i.account_id = a.account_id
                           ORDER BY i.statement_id DESC LIMIT 1) AS l ON true
        LEFT JOIN LATERAL (SELECT e.head FROM care_internal.chain AS e
                           WHERE e.record_id = a.account_id AND e.class = 'account'
                           ORDER BY e.after DESC LIMIT 1) AS c ON true;
END
$$;
-- The accounts as they stand, written anew.
CREATE PROCEDURE bench.write_accounts_anew() LANGUAGE sql AS $$
    UPDATE bench.written_account AS w
    SET (counting_from, cap_on, person_reference, reach, weekly_rate, cap, cap_scales, adjusted, weekly_cost, weekly_counted,
         daily_living_cost, figures_at, told_at)
      = ROW(a.counting_from, a.cap_on, a.person_reference, a.reach, a.weekly_rate, a.cap, a.cap_scales, a.adjusted,
            a.weekly_cost, a.weekly_counted, a.daily_living_cost, a.figures_at, a.told_at)
    FROM bench.some_account AS a WHERE a.account_id = w.account_id
$$;
-- A link of each account: the one before which so many facts were linked.
CREATE PROCEDURE bench.write_links(after int) LANGUAGE sql AS $$
    INSERT INTO bench.written_link SELECT l.* FROM bench.some_link AS l WHERE l.after = write_links.after
$$;

-- Side A reads and writes all of it; side B writes the bare rows; three times, into tables emptied before.
CREATE PROCEDURE bench.compare_least(what text, bare text, reading text, writing text, anew boolean) LANGUAGE plpgsql AS $$
DECLARE
    number int;
BEGIN
    INSERT INTO bench.comparison (section, what, a_share, b_share) VALUES ('least', what, 1, 1)
    RETURNING comparison.number INTO number;
    FOR repetition IN 1 .. 3 LOOP
        TRUNCATE bench.keyed_account, bench.written_account, bench.keyed_budget, bench.keyed_statement, bench.written_link;
        IF anew THEN
            INSERT INTO bench.written_account OVERRIDING SYSTEM VALUE SELECT a.* FROM bench.some_account AS a;
            INSERT INTO bench.keyed_account OVERRIDING SYSTEM VALUE SELECT a.* FROM bench.some_account AS a;
        END IF;
        COMMIT;
        CALL bench.measure(number, 'A', format('DO $do$ BEGIN %s; %s; END $do$', reading, writing));
        COMMIT;
        TRUNCATE bench.keyed_budget, bench.keyed_statement;
        COMMIT;
        CALL bench.measure(number, 'B', bare);
        COMMIT;
    END LOOP;
END
$$;
\set of_stated '(account_id, person_id, counts_from, authority, reference, scheme) OVERRIDING SYSTEM VALUE SELECT a.account_id, a.person_id, a.counts_from, a.authority, a.reference, a.scheme FROM bench.some_account AS a'
CALL bench.compare_least('COPY of accounts: rows, links', 'INSERT INTO bench.keyed_account ' || :'of_stated',
    'CALL bench.read_persons()',
    'INSERT INTO bench.written_account OVERRIDING SYSTEM VALUE SELECT a.* FROM bench.some_account AS a; CALL bench.write_links(0)', false);
CALL bench.compare_least('COPY of budgets: rows, accounts, links', 'INSERT INTO bench.keyed_budget OVERRIDING SYSTEM VALUE SELECT b.* FROM bench.some_budget AS b',
    'CALL bench.read_facts()',
    'INSERT INTO bench.keyed_budget OVERRIDING SYSTEM VALUE SELECT b.* FROM bench.some_budget AS b;
     CALL bench.write_accounts_anew(); CALL bench.write_links(1)', true);
CALL bench.compare_least('statement run: rows, links', 'INSERT INTO bench.keyed_statement SELECT s.* FROM bench.some_statement AS s',
    'CALL bench.read_last_statements()',
    'INSERT INTO bench.keyed_statement SELECT s.* FROM bench.some_statement AS s; CALL bench.write_links(1)', false);
CALL bench.compare_least('a new cap: accounts',
    $$UPDATE bench.keyed_account SET cap = '{"2023-10-01": 86000, "2028-10-01": 99000}'$$,
    'CALL bench.read_facts()', 'CALL bench.write_accounts_anew()', true);
