--
-- lookups: one person's position, explanation, statement or preview, and the position as it was known at a
-- moment, against fetching the row of the account by its key, many times over, in the same loop.
--
-- Needs the variable held: how many accounts there are, as shown.  Read once with few and once with
-- many.
--
-- Must not know: how the accounts were loaded.
--

SET client_min_messages = warning;
DROP TABLE IF EXISTS bench.lookup;
CREATE TABLE bench.lookup AS
    SELECT n, a.account_id, a.authority, a.person_reference
    FROM generate_series(1, :lookups) AS n
        JOIN care.account AS a ON a.account_id = 1 + n::bigint * 7919 % (SELECT max(m.account_id) FROM care.account AS m)
    ORDER BY n;
VACUUM (ANALYZE) bench.lookup;

-- A function that carries out a query for each wanted row of a table and counts those that were found; before: a
-- statement that is carried out first.
CREATE OR REPLACE PROCEDURE bench.define_lookup(name text, query text, wanted text DEFAULT 'lookup', before text DEFAULT '')
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format($define$
        CREATE OR REPLACE FUNCTION bench.%I() RETURNS bigint LANGUAGE plpgsql AS $lookup$
        DECLARE
            wanted bench.%I;
            total bigint := 0;
        BEGIN
            FOR wanted IN SELECT l.* FROM bench.%2$I AS l LOOP
                %4$s
                PERFORM %3$s;
                total := total + FOUND::int;
            END LOOP;
            RETURN total;
        END
        $lookup$ $define$, name, wanted, query, before);
END
$$;
\set of_account 'WHERE a.person_reference = wanted.person_reference AND a.authority = wanted.authority'
CALL bench.define_lookup('look_up_row', 'a.* FROM care.account AS a WHERE a.account_id = wanted.account_id');
CALL bench.define_lookup('look_up_position', 'a.* FROM care.account_position AS a ' || :'of_account');
CALL bench.define_lookup('look_up_known', 'a.* FROM care.account_position(care.today(), statement_timestamp()) AS a ' || :'of_account');
CALL bench.define_lookup('look_up_explanation',
    'e.* FROM care.account AS a, care.account_explain(a.account_id, care.today()) AS e ' || :'of_account');
CALL bench.define_lookup('look_up_statement',
    'a.*, ARRAY(SELECT l FROM care.statement_line AS l WHERE l.account_id = a.account_id AND l.statement_id = a.statement_id)
     FROM care.statement AS a ' || :'of_account' || ' ORDER BY a.statement_id DESC LIMIT 1');
CALL bench.define_lookup('look_up_preview',
    'd.* FROM care.account AS a, care_internal.statement_draft(ARRAY[a.account_id], ARRAY[NULL::date], care.today()) AS d ' || :'of_account');
-- The least that a function can take: one query, a search path of its own.
CREATE OR REPLACE FUNCTION bench.called_row(account_id bigint) RETURNS SETOF care.account
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT a.* FROM care.account AS a WHERE a.account_id = called_row.account_id;
END
$$;
CALL bench.define_lookup('look_up_called', 'a.* FROM bench.called_row(wanted.account_id) AS a');

CALL bench.require_same_rows('SELECT bench.look_up_called()', 'SELECT count(*) FROM bench.lookup');
CALL bench.require_same_rows('SELECT bench.look_up_row()', 'SELECT count(*) FROM bench.lookup');
CALL bench.require_same_rows('SELECT bench.look_up_position()', 'SELECT count(*) FROM bench.lookup');
CALL bench.require_same_rows('SELECT bench.look_up_known()', 'SELECT count(*) FROM bench.lookup');
CALL bench.require_same_rows('SELECT bench.look_up_explanation()', 'SELECT count(*) FROM bench.lookup');
CALL bench.require_same_rows('SELECT bench.look_up_statement()', 'SELECT count(*) FROM bench.lookup');
CALL bench.require_same_rows('SELECT bench.look_up_preview()', 'SELECT count(*) FROM bench.lookup');

CALL bench.compare('limits', 'one position / its row, of ' || :'held',
    'SELECT bench.look_up_position()', 'SELECT bench.look_up_row()', at_most => 10, repetitions => 5);
CALL bench.compare('limits', 'one explanation / its row, of ' || :'held',
    'SELECT bench.look_up_explanation()', 'SELECT bench.look_up_row()', at_most => 10, repetitions => 5);
CALL bench.compare('limits', 'one statement / its row, of ' || :'held',
    'SELECT bench.look_up_statement()', 'SELECT bench.look_up_row()', at_most => 10, repetitions => 5);
CALL bench.compare('limits', 'one preview / its row, of ' || :'held',
    'SELECT bench.look_up_preview()', 'SELECT bench.look_up_row()', at_most => 20, repetitions => 5);
CALL bench.compare('limits', 'position known at / its row, of ' || :'held',
    'SELECT bench.look_up_known()', 'SELECT bench.look_up_row()', at_most => 60, repetitions => 5);
CALL bench.compare('least', 'a function / its row, of ' || :'held',
    'SELECT bench.look_up_called()', 'SELECT bench.look_up_row()', repetitions => 5);
