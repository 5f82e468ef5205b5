--
-- readers.sql: every table and view of schemas care and casework, and every function that reads and returns days or
-- rows, read once;
-- for tests of what a client is handed.  pg_temp.infinite_days() lists what hands out an infinite day or moment, and
-- what could not be read at all.
--
-- Must not know: what the figures are worth.
--

-- An argument by its name, or by its type; a key of an account or agreement is that of the record in hand.
CREATE FUNCTION pg_temp.argument(name text, type regtype, record_id bigint) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(CASE name WHEN 'account_id' THEN record_id::text WHEN 'agreement_id' THEN record_id::text
                              WHEN 'from_day' THEN 'date ''2019-04-01''' WHEN 'to_day' THEN 'date ''2020-03-31'''
                              WHEN 'year_ending' THEN 'date ''2020-03-31''' WHEN 'authority' THEN '''E09000001'''
                              WHEN 'known_at' THEN '''infinity''::timestamptz' WHEN 'reach' THEN '''reach'''
                              WHEN 'uprating_percent' THEN '2' WHEN 'rate_points' THEN '1' WHEN 'value_percent' THEN '1'
                              WHEN 'cap' THEN CASE type::text WHEN 'numeric' THEN '2000' END
                              WHEN 'upper_limit' THEN '500' WHEN 'words' THEN '1' WHEN 'least_cases' THEN '5'
                              WHEN 'step' THEN '''1 month''' WHEN 'of_scheme' THEN '''2022''' WHEN 'as_scheme' THEN '''2015'''
                              WHEN 'half_year' THEN 'date ''2020-01-01''' WHEN 'quarter_end' THEN 'date ''2024-06-30'''
                              WHEN 'release' THEN '2' WHEN 'region' THEN '''london'''
                              WHEN 'years' THEN '3' WHEN 'accounts' THEN '10' WHEN 'seed' THEN '1'
                              WHEN 'digest' THEN 'repeat(''0'', 64)' WHEN 'chain_head' THEN 'repeat(''0'', 64)' END,
                    CASE type::text WHEN 'date' THEN 'date ''2020-06-30''' WHEN 'numeric' THEN '100'
                                    WHEN 'care.schedule' THEN '''{"-infinity": 100, "2020-01-01": 200}'''
                                    ELSE 'NULL' END)
$$;

-- What a client is handed, as JSON: a day that is infinite is a whole string of it; within a schedule it is not.
CREATE FUNCTION pg_temp.count_infinite(source text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    found bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM (SELECT * FROM %s) AS r WHERE to_jsonb(r)::text ~ ''"-?infinity"''', source) INTO found;
    RETURN found;
EXCEPTION WHEN OTHERS THEN
    RETURN NULL;
END
$$;

CREATE FUNCTION pg_temp.infinite_days() RETURNS TABLE (object text, problem text) LANGUAGE plpgsql AS $$
DECLARE
    f record;
    key bigint;
    counted bigint;
    was_read bigint;
BEGIN
    RETURN QUERY
    SELECT r.name, CASE WHEN r.counted > 0 THEN 'infinite' ELSE 'not read' END
    FROM (SELECT c.oid::regclass::text AS name,
                 -- a view of every day is asked for one
                 pg_temp.count_infinite(c.oid::regclass || CASE WHEN c.relname LIKE '%\_on' THEN ' AS v WHERE v.as_at = ''2020-06-30''' ELSE '' END) AS counted
          FROM pg_class AS c
          WHERE c.relnamespace IN ('care'::regnamespace, to_regnamespace('casework')) AND c.relkind IN ('r', 'v') OFFSET 0) AS r
    WHERE coalesce(r.counted, 1) > 0;
    FOR f IN SELECT p.oid, p.pronamespace::regnamespace AS schema, p.proname, p.proargtypes, p.proargnames,
                    coalesce(p.proargnames, '{}') && '{account_id}' AS of_account, coalesce(p.proargnames, '{}') && '{agreement_id}' AS of_agreement
             FROM pg_proc AS p
             WHERE p.pronamespace IN ('care'::regnamespace, to_regnamespace('casework')) AND p.provolatile <> 'v'
               -- what asks for a row of the access log is for who wrote it
               AND NOT coalesce(p.proargnames, '{}') && '{log_id,handover_id,person_reference}' AND p.prokind = 'f'
               AND (p.proretset OR p.prorettype IN ('date'::regtype, 'record'::regtype)) LOOP
        counted := 0;
        was_read := 0;
        FOR key IN SELECT a.account_id FROM care.account AS a WHERE f.of_account AND 'account_id' = f.proargnames[1]
                   UNION ALL SELECT a.agreement_id FROM care.agreement AS a WHERE f.of_agreement AND 'agreement_id' = f.proargnames[1]
                   UNION ALL SELECT NULL WHERE coalesce(f.proargnames[1], '') NOT IN ('account_id', 'agreement_id') LOOP
            SELECT counted + coalesce(c, 0), was_read + (c IS NOT NULL)::int INTO counted, was_read
            FROM pg_temp.count_infinite(format('%s.%I(%s)', f.schema, f.proname,
                     (SELECT string_agg(pg_temp.argument(f.proargnames[u.n], u.type, key), ', ' ORDER BY u.n)
                      FROM unnest(f.proargtypes) WITH ORDINALITY AS u (type, n)))) AS c;
        END LOOP;
        IF counted > 0 OR was_read = 0 THEN
            object := f.oid::regprocedure::text;
            problem := CASE WHEN counted > 0 THEN 'infinite' ELSE 'not read' END;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;
