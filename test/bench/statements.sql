--
-- statements: what a statement run costs, and how much memory it takes.
--
-- The run has a session of its own, whose own memory (not what it shares) is read at the end of every
-- batch.  It is compared with writing the same rows, bytes and all, into a bare table with the same
-- keys, primary, unique and foreign: three times, of which the median counts.  Each starts from a
-- checkpoint, after which the first change of a page logs all of it.
--
-- Must not know: how the accounts were loaded.
--

CREATE TABLE bench.memory (done bigint NOT NULL, gigabytes float8 NOT NULL);
CREATE FUNCTION bench.note_memory() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO bench.memory
    SELECT NEW.done, (regexp_match(pg_read_file('/proc/self/status'), 'RssAnon:\s+(\d+)'))[1]::float8 / 1024 / 1024;
    RETURN NULL;
END
$$;
-- a trigger of ours on their table: the guard put aside
ALTER EVENT TRIGGER care_account_guard DISABLE;
CREATE TRIGGER bench_note_memory AFTER UPDATE ON care.batch_run FOR EACH ROW EXECUTE FUNCTION bench.note_memory();
ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS;

-- A day by which every account has an anniversary behind it.
\set all_due 2026-09-15

\connect
INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
SELECT 'limits', 'statement run / INSERT of the same rows', 4, 1, 1 RETURNING number \gset
CHECKPOINT;
SELECT bench.clock_seconds() AS clock_started, bench.seconds() AS started \gset
CALL care.issue_due_statements(:'all_due');
INSERT INTO bench.timing
SELECT :number, 'A', bench.seconds() - :started, bench.clock_seconds() - :clock_started;
INSERT INTO bench.load (what, row_count, seconds)
SELECT 'statements', r.done, t.seconds FROM care.batch_run AS r, bench.timing AS t
WHERE r.as_at = :'all_due' AND t.number = :number;

CREATE TABLE bench.keyed_statement (LIKE care.issued_statement INCLUDING DEFAULTS INCLUDING INDEXES,
    FOREIGN KEY (account_id) REFERENCES care.account,
    FOREIGN KEY (account_id, previous_statement_id) REFERENCES bench.keyed_statement (account_id, statement_id));
CREATE PROCEDURE bench.insert_statements(number int, as_at date) LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE bench.keyed_statement;
    INSERT INTO bench.keyed_statement SELECT s.* FROM care.issued_statement AS s WHERE s.as_at <> insert_statements.as_at;
    CHECKPOINT;
    CALL bench.measure(number, 'B', format('INSERT INTO bench.keyed_statement
        SELECT s.* FROM care.issued_statement AS s WHERE s.as_at = %L', as_at));
END
$$;
CALL bench.insert_statements(:number, :'all_due');
CALL bench.insert_statements(:number, :'all_due');
CALL bench.insert_statements(:number, :'all_due');

INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
SELECT 'limits', 'memory of the run, GB: all / first tenth', 1.2, 1, 1 RETURNING number \gset
INSERT INTO bench.timing
SELECT :number, t.side, t.gigabytes, t.gigabytes
FROM (SELECT max(m.gigabytes), max(m.gigabytes) FILTER (WHERE m.done <= :accounts / 10) FROM bench.memory AS m) AS m (whole, tenth),
     LATERAL (VALUES ('A', m.whole), ('B', m.tenth)) AS t (side, gigabytes);
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.issued_statement;
