--
-- statements: what a statement run costs, and how much memory it takes.
--
-- The run has a session of its own, whose own memory (not what it shares) is read at the end of every
-- batch.  It is compared with writing the same rows, bytes and all, into a bare table with the same
-- keys, primary, unique and foreign.  The two by turns: after every twenty batches a trigger writes the
-- rows that the run has added, and what it takes is not the run's.
--
-- Must not know: how the accounts were loaded.
--

CREATE TABLE bench.memory (done bigint NOT NULL, gigabytes float8 NOT NULL);
CREATE TABLE bench.keyed_statement (LIKE care.issued_statement INCLUDING DEFAULTS INCLUDING INDEXES,
    FOREIGN KEY (account_id) REFERENCES care.account,
    FOREIGN KEY (account_id, previous_statement_id) REFERENCES bench.keyed_statement (account_id, statement_id));
INSERT INTO bench.keyed_statement SELECT s.* FROM care.issued_statement AS s;
CREATE TABLE bench.turn (
    account_id bigint NOT NULL,    -- the last one written
    seconds float8 NOT NULL,
    clock_seconds float8 NOT NULL,
    all_seconds float8 NOT NULL,   -- of the trigger
    all_clock_seconds float8 NOT NULL
);
CREATE FUNCTION bench.watch_run() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    all_clock_started float8 := bench.clock_seconds();
    all_started float8;
    turn bench.turn;
    last_account bigint;
BEGIN
    INSERT INTO bench.memory
    SELECT NEW.done, (regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\s+(\d+)'))[1]::float8 / 1024 / 1024;
    IF (SELECT count(*) % 20 FROM bench.memory) = 0 OR NEW.done = NEW.total THEN
        all_started := bench.seconds();
        last_account := coalesce((SELECT max(t.account_id) FROM bench.turn AS t), 0);
        turn.clock_seconds := bench.clock_seconds();
        turn.seconds := bench.seconds();
        INSERT INTO bench.keyed_statement
        SELECT s.* FROM care.issued_statement AS s WHERE s.account_id > last_account AND s.as_at = NEW.as_at;
        turn.seconds := bench.seconds() - turn.seconds;
        turn.clock_seconds := bench.clock_seconds() - turn.clock_seconds;
        SELECT max(s.account_id) INTO turn.account_id FROM bench.keyed_statement AS s WHERE s.as_at = NEW.as_at;
        turn.all_seconds := bench.seconds() - all_started;
        turn.all_clock_seconds := bench.clock_seconds() - all_clock_started;
        INSERT INTO bench.turn VALUES (turn.*);
    END IF;
    RETURN NULL;
END
$$;
-- a trigger of ours on their table: the guard put aside
ALTER EVENT TRIGGER care_account_guard DISABLE;
CREATE TRIGGER bench_watch_run AFTER UPDATE OF done ON care_internal.batch_run FOR EACH ROW EXECUTE FUNCTION bench.watch_run();
ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS;

-- A day by which every account has an anniversary behind it.
\set all_due 2026-09-15

\connect
INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
SELECT 'limits', 'statement run / INSERT of the same rows', 3.2, 1, 1 RETURNING number \gset
CHECKPOINT;
SELECT bench.clock_seconds() AS clock_started, bench.seconds() AS started \gset
CALL care.issue_due_statements(:'all_due');
SELECT bench.clock_seconds() - :clock_started AS clock_seconds, bench.seconds() - :started AS seconds \gset
INSERT INTO bench.timing
SELECT :number, 'A', :seconds - sum(t.all_seconds), :clock_seconds - sum(t.all_clock_seconds) FROM bench.turn AS t
UNION ALL
SELECT :number, 'B', sum(t.seconds), sum(t.clock_seconds) FROM bench.turn AS t;
CALL bench.require_same_rows('SELECT s.account_id, s.statement_id, s.digest FROM care.issued_statement AS s',
                             'SELECT s.account_id, s.statement_id, s.digest FROM bench.keyed_statement AS s');
INSERT INTO bench.load (what, row_count, seconds)
SELECT 'statements', r.done, t.seconds FROM care_internal.batch_run AS r, bench.timing AS t
WHERE r.as_at = :'all_due' AND t.number = :number AND t.side = 'A';

ALTER EVENT TRIGGER care_account_guard DISABLE;
DROP TRIGGER bench_watch_run ON care_internal.batch_run;
ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS;
INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
SELECT 'limits', 'memory of the run, GB: all / first tenth', 1.2, 1, 1 RETURNING number \gset
INSERT INTO bench.timing
SELECT :number, t.side, t.gigabytes, t.gigabytes
FROM (SELECT max(m.gigabytes), max(m.gigabytes) FILTER (WHERE m.done <= :accounts / 10) FROM bench.memory AS m) AS m (whole, tenth),
     LATERAL (VALUES ('A', m.whole), ('B', m.tenth)) AS t (side, gigabytes);
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.issued_statement;
