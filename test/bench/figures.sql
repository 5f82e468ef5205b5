--
-- figures: what a new cap costs, which every account of its scheme follows.
--
-- It is recorded and followed in committed parts.  Compared with an UPDATE of one column of as many rows of a
-- table with the same keys, which hold what the accounts hold.
--
-- Must not know: how the accounts were loaded.
--

TRUNCATE bench.keyed_account;
INSERT INTO bench.keyed_account OVERRIDING SYSTEM VALUE SELECT a.* FROM care.account AS a ORDER BY a.account_id;
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) bench.keyed_account, care.account;
INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
SELECT 'limits', 'a new cap / UPDATE of the same rows', 2, 1, 1 RETURNING number \gset
SELECT bench.clock_seconds() AS clock_started, bench.seconds() AS started \gset
CALL care.record_parameter_in_batches('2022', 'cap', '2028-10-01', 99000, 'planning');
INSERT INTO bench.timing
SELECT :number, 'A', bench.seconds() - :started, bench.clock_seconds() - :clock_started;
CALL bench.measure(:number, 'B', $$UPDATE bench.keyed_account SET cap = '{"2023-10-01": 86000, "2028-10-01": 99000}' WHERE scheme = '2022'$$);
CALL bench.require_same_rows($$SELECT count(*) FROM care.account AS a WHERE a.scheme = '2022'$$,
                             $$SELECT count(*) FROM care.account AS a WHERE care.value_on(a.cap, '2028-10-01') = 99000$$);
