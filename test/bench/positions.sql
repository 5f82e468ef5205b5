--
-- positions: what the positions of accounts and agreements cost.
--
-- All of them against a plain sum over the facts they stand on; as they were known at a moment, against
-- as they are; of all, against of a tenth.  HAVING keeps the sums, but no rows, of a million groups.
--

CALL bench.compare('limits', 'account positions / sum BY account',
    'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p',
    'SELECT b.account_id, sum(b.weekly_cost) FROM care.budget AS b GROUP BY b.account_id HAVING sum(b.weekly_cost) < 0',
    at_most => 0.35);

-- By key, so that the plan is the same for a tenth of them.
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT format('SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p WHERE p.account_id <= %s', :accounts) AS of_all,
       format('SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p WHERE p.account_id <= %s', :accounts / 10) AS of_tenth \gset
CALL bench.compare('limits', 'account position: all / a tenth, each one', :'of_all', :'of_tenth', at_most => 1.05, a_share => 10, same_plan => true);
RESET enable_seqscan; RESET enable_bitmapscan;
CALL bench.compare('limits', 'account positions: known at / now',
    'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position(care.today(), statement_timestamp()) AS p',
    'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p', at_most => 6, repetitions => 3);
-- as they were before the last half of the accounts had budgets
SELECT max(b.recorded_at) AS half_known FROM care.budget AS b WHERE b.account_id = :accounts / 2 \gset
CALL bench.compare('limits', 'account positions: half changed / now',
    format('SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position(care.today(), %L) AS p', :'half_known'),
    'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p', at_most => 15, repetitions => 3);
CALL bench.compare_processes('account positions: one process / two', at_least => 1.7,
    statement => 'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p');

SELECT format('SELECT p.agreement_id, p.balance FROM care.agreement_position(%L) AS p', d.last_day) AS balances,
       format('SELECT p.* FROM care.agreement_position(%L) AS p', d.last_day) AS positions,
       format('SELECT e.agreement_id, care.balance(e.amount, e.on_day, %L, ''act/act'', ''daily'', %L) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
              care.national_max_rates(), d.last_day) AS by_entries
FROM (SELECT max(n.valid_to) FROM care.national_rate_in_force AS n) AS d (last_day) \gset
CALL bench.require_same_rows(:'balances', :'by_entries');
CALL bench.compare('limits', 'agreement positions / sum BY agreement',
    :'positions', 'SELECT e.agreement_id, sum(e.amount) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
    at_most => 1.2);
SELECT format('SELECT p.* FROM care.agreement_position(%L, statement_timestamp()) AS p', max(n.valid_to)) AS positions_known
FROM care.national_rate_in_force AS n \gset
CALL bench.compare('limits', 'agreement positions: known at / now', :'positions_known', :'positions', at_most => 3);
CALL bench.compare_processes('balances by agreement: one process / two', :'by_entries', at_least => 1.7);

-- What the next six-monthly statement of one agreement would say, against the sum of its entries, many
-- times over, in the same loop.
CREATE TABLE bench.wanted_agreement AS
    SELECT a.agreement_id FROM generate_series(1, least(:lookups, 2000)) AS n
        JOIN care.agreement AS a ON a.agreement_id = 1 + n::bigint * 7919 % :agreements
    ORDER BY n;
VACUUM (ANALYZE) bench.wanted_agreement;
CREATE FUNCTION bench.draft_statements(as_at date) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    wanted bench.wanted_agreement;
    statement care.issued_agreement_statement;
    total numeric := 0;
BEGIN
    FOR wanted IN SELECT w.* FROM bench.wanted_agreement AS w LOOP
        SELECT d.* INTO STRICT statement
        FROM care_internal.agreement_statement_draft(ARRAY[wanted.agreement_id], ARRAY[NULL::date], as_at) AS d;
        total := total + statement.deferred + statement.administration_charges - statement.payments;
    END LOOP;
    RETURN total;
END
$$;
CREATE FUNCTION bench.sum_entries() RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    wanted bench.wanted_agreement;
    total numeric := 0;
BEGIN
    FOR wanted IN SELECT w.* FROM bench.wanted_agreement AS w LOOP
        total := total + (SELECT sum(e.amount) FROM care.agreement_entry AS e WHERE e.agreement_id = wanted.agreement_id);
    END LOOP;
    RETURN total;
END
$$;
SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'planning')) FROM care.national_rate_to_confirm AS r \g /dev/null
SELECT count(care.issue_agreement_statement(w.agreement_id, n.last_day - 184))
FROM bench.wanted_agreement AS w, (SELECT max(r.valid_to) FROM care.national_rate_in_force AS r) AS n (last_day) \g /dev/null
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.issued_agreement_statement;
SELECT format('SELECT bench.draft_statements(%L)', max(n.valid_to)) AS drafts FROM care.national_rate_in_force AS n \gset
CALL bench.require_same_rows(:'drafts', 'SELECT bench.sum_entries()');
CALL bench.compare('limits', 'one agreement: statement / sum(amount)', :'drafts', 'SELECT bench.sum_entries()', at_most => 12);
