--
-- positions: what the positions of accounts and agreements cost.
--
-- All of them against a plain sum over the facts they stand on.  HAVING keeps the sums, but no rows,
-- of a million groups.
--

CALL bench.compare('limits', 'account positions / sum BY account',
    'SELECT count(*), sum(p.accrued), max(p.projected_cap_on) FROM care.account_position AS p',
    'SELECT b.account_id, sum(b.weekly_cost) FROM care.budget AS b GROUP BY b.account_id HAVING sum(b.weekly_cost) < 0',
    at_most => 0.5);

SELECT format('SELECT p.agreement_id, p.balance FROM care.agreement_position(%L) AS p', d.last_day) AS balances,
       format('SELECT p.* FROM care.agreement_position(%L) AS p', d.last_day) AS positions,
       format('SELECT e.agreement_id, care.balance(e.amount, e.on_day, %L, ''act/act'', ''daily'', %L) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
              care.national_max_rates(), d.last_day) AS by_entries
FROM (SELECT max(n.valid_to) FROM care.national_rate_in_force AS n) AS d (last_day) \gset
CALL bench.require_same_rows(:'balances', :'by_entries');
CALL bench.compare('information', 'agreement positions / sum BY agreement',
    :'positions', 'SELECT e.agreement_id, sum(e.amount) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
    at_most => 1.5);
