--
-- report: the results in 80 columns.
--
-- Needs the variables verdict and explain (true or false): whether limits are judged, and whether
-- the plans are shown.
--
-- Must not know: what is compared.
--
\pset format unaligned
\pset tuples_only on

-- Three digits that count.
CREATE FUNCTION bench.digits(number float8) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN number >= 100 THEN round(number)::text
                ELSE round(number::numeric, 2 - floor(log(number))::int)::text END
$$;

-- Within the limit, past it, or without one (null).
CREATE FUNCTION bench.verdict(ratio float8, at_most numeric, at_least numeric) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN ratio > at_most THEN 'over' WHEN ratio < at_least THEN 'under'
                WHEN coalesce(at_most, at_least) IS NOT NULL THEN 'ok' END
$$;

CREATE FUNCTION bench.lines(section text, judged boolean) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT rtrim(format('%s %s %s %s  %s %s', rpad(r.what, 41), lpad(bench.digits(r.a_seconds), 9),
                        lpad(bench.digits(r.b_seconds), 9), lpad(bench.digits(r.ratio), 6),
                        rpad(coalesce('<= ' || r.at_most, '>= ' || r.at_least, ''), 7),
                        CASE WHEN judged THEN bench.verdict(r.ratio, r.at_most, r.at_least) END))
    FROM bench.result AS r
    WHERE r.section = lines.section
    ORDER BY r.number
$$;

SELECT format('PostgreSQL %s, one process. %s seconds, medians, A and B by turns.', split_part(current_setting('server_version'), ' ', 1),
              CASE WHEN position('schedstat' IN pg_get_functiondef('bench.seconds'::regproc)) > 0 THEN 'Processor' ELSE 'Clock' END);
SELECT format('%s agreements with %s entries; %s accounts with %s budgets.',
              (SELECT count(*) FROM care.agreement), (SELECT count(*) FROM care.agreement_entry),
              (SELECT count(*) FROM care.account), (SELECT count(*) FROM care.budget));
SELECT format('The clock ran %s times as long: that much other work was on the machine.',
              bench.digits(sum(t.clock_seconds) / sum(t.seconds)))
FROM bench.timing AS t HAVING sum(t.clock_seconds) > 1.1 * sum(t.seconds);
\echo
\echo 'A / B                                             A         B    A/B  limit'
\echo '-------------------------------------------------------------------------------'
SELECT bench.lines('limits', :'verdict');
\echo
\echo 'for information, with the limits of later releases'
\echo '-------------------------------------------------------------------------------'
SELECT bench.lines('information', :'verdict');
\echo
\echo 'the least there can be: read by key, written, nothing checked or worked out'
\echo '-------------------------------------------------------------------------------'
SELECT bench.lines('least', :'verdict');
\echo
\echo 'loaded                                         rows   seconds  rows a second'
\echo '-------------------------------------------------------------------------------'
SELECT format('%s %s %s %s', rpad(l.what, 41), lpad(sum(l.row_count)::text, 9), lpad(bench.digits(sum(l.seconds)), 9),
              lpad(round(sum(l.row_count) / sum(l.seconds))::text, 14))
FROM bench.load AS l GROUP BY l.what ORDER BY min(l.number);
\echo
\echo '[a] the closed form: one power() for each entry, over a table of rate periods'
\echo '[b] a table with the growth of every day, made beforehand, joined by day'
\echo 'The plain SQL gave every balance to the same penny.'

\if :explain
SELECT format(E'\n%s: %s\n%s\n\n%s', c.what, p.side, regexp_replace(p.statement, '\s*\n\s*', E'\n', 'g'), p.plan)
FROM bench.comparison AS c JOIN bench.plan AS p ON p.number = c.number ORDER BY c.number, p.side;
\endif

\if :verdict
SELECT format(E'\n%s of %s limits kept', count(*) FILTER (WHERE v.verdict = 'ok'), count(v.verdict))
FROM bench.result AS r, LATERAL (SELECT bench.verdict(r.ratio, r.at_most, r.at_least)) AS v (verdict)
WHERE r.section = 'limits';
\else
\echo
\echo 'no verdict: too little work to tell'
\endif
