--
-- positions: what the positions of accounts and agreements cost.
--
-- All of them against a plain sum over the facts they stand on; one of them against fetching its
-- row.  HAVING keeps the sums, but no rows, of a million groups.
--

CALL bench.compare('information', 'account positions / sum BY account',
    'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p',
    'SELECT b.account_id, sum(b.weekly_cost) FROM care.budget AS b GROUP BY b.account_id HAVING sum(b.weekly_cost) < 0',
    at_most => 0.5);

-- One position, by the person's reference, many times over.  The loop is the same on both sides.
CREATE TABLE bench.lookup AS
    SELECT n, a.account_id, a.authority, a.person_reference
    FROM generate_series(1, :lookups) AS n JOIN care.account AS a ON a.account_id = 1 + n * 7919 % :accounts
    ORDER BY n;
VACUUM (ANALYZE) bench.lookup;

CREATE FUNCTION bench.look_up_positions() RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    wanted bench.lookup;
    found_row care.account_position;
    total numeric := 0;
BEGIN
    FOR wanted IN SELECT l.* FROM bench.lookup AS l LOOP
        SELECT p.* INTO STRICT found_row FROM care.account_position AS p
        WHERE p.person_reference = wanted.person_reference AND p.authority = wanted.authority;
        total := total + found_row.account_id;
    END LOOP;
    RETURN total;
END
$$;
CREATE FUNCTION bench.look_up_accounts() RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    wanted bench.lookup;
    found_row care.account;
    total numeric := 0;
BEGIN
    FOR wanted IN SELECT l.* FROM bench.lookup AS l LOOP
        SELECT a.* INTO STRICT found_row FROM care.account AS a WHERE a.account_id = wanted.account_id;
        total := total + found_row.account_id;
    END LOOP;
    RETURN total;
END
$$;
CALL bench.require_same_rows('SELECT bench.look_up_positions()', 'SELECT bench.look_up_accounts()');
CALL bench.compare('information', 'one position by person / SELECT its row',
    'SELECT bench.look_up_positions()', 'SELECT bench.look_up_accounts()', at_most => 10,
    a_shown => $$SELECT p.* FROM care.account_position AS p WHERE p.person_reference = 'C1' AND p.authority = 'E06000002'$$,
    b_shown => 'SELECT a.* FROM care.account AS a WHERE a.account_id = 1');

SELECT format('SELECT p.agreement_id, p.balance FROM care.agreement_position(%L) AS p', d.last_day) AS balances,
       format('SELECT p.* FROM care.agreement_position(%L) AS p', d.last_day) AS positions,
       format('SELECT e.agreement_id, care.balance(e.amount, e.on_day, %L, ''act/act'', ''daily'', %L) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
              care.national_max_rates(), d.last_day) AS by_entries
FROM (SELECT max(n.valid_to) FROM care.national_rate_in_force AS n) AS d (last_day) \gset
CALL bench.require_same_rows(:'balances', :'by_entries');
CALL bench.compare('information', 'agreement positions / sum BY agreement',
    :'positions', 'SELECT e.agreement_id, sum(e.amount) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
    at_most => 1.5);
