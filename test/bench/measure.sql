--
-- measure: how two statements are compared, and how the results are kept.
--
-- They run by turns, A B A B, after one unmeasured run of each; what counts is the median of each
-- side.  Measured is the processor time of this session, where the system tells it, so that other
-- work on the machine disturbs little; otherwise the time on the clock.  Both are kept.
--
-- Must not know: what is compared.
--

CREATE SCHEMA bench;

CREATE TABLE bench.comparison (
    number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    section text NOT NULL,
    what text NOT NULL,
    at_most numeric,
    at_least numeric,
    a_share numeric NOT NULL,  -- side A does this many times the work it is compared for
    b_share numeric NOT NULL
);

CREATE TABLE bench.timing (
    number int NOT NULL REFERENCES bench.comparison,
    side text NOT NULL,
    seconds float8 NOT NULL,
    clock_seconds float8 NOT NULL
);

CREATE TABLE bench.plan (
    number int NOT NULL REFERENCES bench.comparison,
    side text NOT NULL,
    statement text NOT NULL,
    plan text NOT NULL
);

CREATE TABLE bench.load (
    number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    what text NOT NULL,
    row_count bigint NOT NULL,
    seconds float8 NOT NULL
);

CREATE FUNCTION bench.clock_seconds() RETURNS float8 LANGUAGE sql AS $$
    SELECT extract(epoch FROM clock_timestamp())::float8
$$;

-- The short sleep makes the kernel bring its count up to date.
CREATE FUNCTION bench.seconds() RETURNS float8 LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_sleep(0.001);
    RETURN split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::float8 / 1e9;
END
$$;

DO $$
BEGIN
    PERFORM bench.seconds();
EXCEPTION WHEN OTHERS THEN
    CREATE OR REPLACE FUNCTION bench.seconds() RETURNS float8 LANGUAGE sql AS 'SELECT bench.clock_seconds()';
END
$$;

CREATE PROCEDURE bench.measure(number int, side text, statement text) LANGUAGE plpgsql AS $$
DECLARE
    clock_started float8 := bench.clock_seconds();
    started float8 := bench.seconds();
BEGIN
    EXECUTE statement;
    INSERT INTO bench.timing VALUES (number, side, bench.seconds() - started, bench.clock_seconds() - clock_started);
END
$$;

-- The unmeasured run.  It warms the cache, keeps the plan, and sees that nothing spills to disk.
CREATE FUNCTION bench.first_run(number int, side text, statement text, shown text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
    line text;
    lines text;
BEGIN
    EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || statement INTO plan;
    IF (plan #>> '{0,Plan,Temp Written Blocks}')::bigint > 0 THEN
        RAISE EXCEPTION 'this spills to disk, give it more work_mem: %', statement;
    END IF;
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || shown LOOP
        lines := concat_ws(E'\n', lines, line);
    END LOOP;
    INSERT INTO bench.plan VALUES (number, side, shown, lines);
    RETURN plan;
END
$$;

-- The nodes of a plan from the top down, each with its strategy and the table it reads.
CREATE FUNCTION bench.plan_nodes(plan jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(m.word[1], ' ')
    FROM regexp_matches(plan::text, '"(?:Node Type|Strategy|Relation Name)": "([^"]+)"', 'g') AS m (word)
$$;

-- With same_plan, plans of other nodes are an error: the ratio would not be that of the functions.
-- Where a statement hides another (in a loop), a_shown and b_shown are the ones to explain.
CREATE PROCEDURE bench.compare(section text, what text, a text, b text, at_most numeric DEFAULT NULL,
                               at_least numeric DEFAULT NULL, a_share numeric DEFAULT 1, b_share numeric DEFAULT 1,
                               same_plan boolean DEFAULT false, a_shown text DEFAULT NULL, b_shown text DEFAULT NULL,
                               repetitions int DEFAULT 7)
    LANGUAGE plpgsql AS $$
DECLARE
    number int;
    a_nodes text;
    b_nodes text;
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, at_least, a_share, b_share)
    VALUES (section, what, at_most, at_least, a_share, b_share) RETURNING comparison.number INTO number;
    a_nodes := bench.plan_nodes(bench.first_run(number, 'A', a, coalesce(a_shown, a)));
    b_nodes := bench.plan_nodes(bench.first_run(number, 'B', b, coalesce(b_shown, b)));
    IF same_plan AND a_nodes <> b_nodes THEN
        RAISE EXCEPTION 'the plans differ for %: % and %', what, a_nodes, b_nodes;
    END IF;
    FOR repetition IN 1 .. repetitions LOOP
        CALL bench.measure(number, 'A', a);
        CALL bench.measure(number, 'B', b);
    END LOOP;
END
$$;

-- One process against two, by the clock: only on a quiet machine with two cores.
CREATE PROCEDURE bench.compare_processes(what text, statement text, at_least numeric) LANGUAGE plpgsql AS $$
DECLARE
    number int;
    started float8;
BEGIN
    INSERT INTO bench.comparison (section, what, at_least, a_share, b_share)
    VALUES ('limits', what, at_least, 1, 1) RETURNING comparison.number INTO number;
    FOR repetition IN 0 .. 5 LOOP
        FOR workers IN 0 .. 1 LOOP
            PERFORM set_config('max_parallel_workers_per_gather', workers::text, false);
            started := bench.clock_seconds();
            EXECUTE statement;
            IF repetition > 0 THEN
                INSERT INTO bench.timing VALUES (number, CASE workers WHEN 0 THEN 'A' ELSE 'B' END,
                                                 bench.clock_seconds() - started, bench.clock_seconds() - started);
            END IF;
        END LOOP;
    END LOOP;
    PERFORM set_config('max_parallel_workers_per_gather', '0', false);
END
$$;

-- So many microseconds for each of so many rows, as a ratio of the time taken to the time allowed.
CREATE PROCEDURE bench.allow(what text, statement text, row_count bigint, microseconds numeric) LANGUAGE plpgsql AS $$
DECLARE
    number int;
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
    VALUES ('limits', what, 1, 1, 1) RETURNING comparison.number INTO number;
    CALL bench.measure(number, 'A', statement);
    INSERT INTO bench.timing
    SELECT number, 'B', row_count * microseconds / 1e6, row_count * microseconds / 1e6;
END
$$;

-- A comparison of statements that do not say the same would be worth nothing.
CREATE PROCEDURE bench.require_same_rows(a text, b text) LANGUAGE plpgsql AS $$
DECLARE
    differing bigint;
BEGIN
    EXECUTE format('WITH a AS (%s), b AS (%s)
                    SELECT count(*) FROM ((TABLE a EXCEPT TABLE b) UNION ALL (TABLE b EXCEPT TABLE a)) AS d', a, b)
    INTO differing;
    IF differing > 0 THEN
        RAISE EXCEPTION '% rows differ between % and %', differing, a, b;
    END IF;
END
$$;

CREATE PROCEDURE bench.load(what text, statement text) LANGUAGE plpgsql AS $$
DECLARE
    started float8 := bench.seconds();
    row_count bigint;
BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS row_count = ROW_COUNT;
    INSERT INTO bench.load (what, row_count, seconds) VALUES (what, row_count, bench.seconds() - started);
END
$$;

CREATE VIEW bench.result AS
    SELECT c.number, c.section, c.what, m.a_seconds, m.b_seconds, m.a_seconds / m.b_seconds AS ratio, c.at_most, c.at_least
    FROM bench.comparison AS c,
         LATERAL (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY t.seconds / c.a_share) FILTER (WHERE t.side = 'A') AS a_seconds,
                         percentile_cont(0.5) WITHIN GROUP (ORDER BY t.seconds / c.b_share) FILTER (WHERE t.side = 'B') AS b_seconds
                  FROM bench.timing AS t WHERE t.number = c.number) AS m;
