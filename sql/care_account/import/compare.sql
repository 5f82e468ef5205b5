--
-- compare: the balance that a spreadsheet states, beside ours, and how it was worked.
--
-- Every convention is tried that a spreadsheet is known to have: which days count, how long a year is, when interest is
-- capitalised, where it is rounded, and which rates there were.  What comes to the stated penny explains it.  Several
-- may: the one that explains most of a batch is named first, and of these the one that departs least from the law.
--
-- Must not know: how a cell is read, what is recorded.
--

-- Rates that were seen in use and are not those that hold; each with the half-years in which it differs.
CREATE VIEW care_internal.other_rate AS
    SELECT v.history, v.valid_from::date AS valid_from, v.max_percent, v.source
    FROM (VALUES
        ('contested', '2019-07-01', 1.65, 'the page of one council, see care.national_rate'),
        ('contested', '2022-01-01', 0.95, 'the page of one council, which took the figure of 2022-23'),
        ('one_decimal', '2023-01-01', 3.15, 'the gilt rate to one decimal, as in every other half-year'),
        ('one_decimal', '2023-07-01', 3.45, 'the gilt rate to one decimal, as in every other half-year'))
        AS v (history, valid_from, max_percent, source);
COMMENT ON VIEW care_internal.other_rate IS
    'National maximum rates that were seen in use and do not hold: no figure rests on one but to explain another''s.';
COMMENT ON COLUMN care_internal.other_rate.history IS 'Name of the history that has it.';
COMMENT ON COLUMN care_internal.other_rate.valid_from IS 'First day of the half-year.';
COMMENT ON COLUMN care_internal.other_rate.max_percent IS 'The rate, per cent a year.';
COMMENT ON COLUMN care_internal.other_rate.source IS 'Where it was seen, or why.';

-- fixed: as it was on the first day, for good.
CREATE FUNCTION care_internal.import_rates(authority text, first_day date, own care.schedule)
    RETURNS TABLE (n integer, name text, rates care.schedule)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 7
BEGIN ATOMIC
    WITH steps AS MATERIALIZED (
        SELECT s.valid_from, s.max_percent FROM care_internal.national_max_steps() AS s
    ), history AS (
        SELECT 1 AS n, 'law' AS name, care_internal.authority_rates(authority) AS rates
        UNION ALL
        SELECT 2, 'national', care.schedule_agg(s.valid_from, s.max_percent) FROM steps AS s
        UNION ALL
        SELECT CASE h.history WHEN 'contested' THEN 3 ELSE 4 END, h.history,
               care.schedule_agg(s.valid_from, coalesce(o.max_percent, s.max_percent))
        FROM (VALUES ('contested'), ('one_decimal')) AS h (history)
            CROSS JOIN steps AS s
            LEFT JOIN care_internal.other_rate AS o ON o.history = h.history AND o.valid_from = s.valid_from
        GROUP BY h.history
        UNION ALL
        SELECT 5, 'rounded', care.schedule_agg(s.valid_from, round(s.max_percent, 1)) FROM steps AS s
        UNION ALL
        SELECT 6, 'fixed', care.schedule_agg(first_day, care.value_on(care_internal.authority_rates(authority),
                                                                      first_day))
        WHERE first_day IS NOT NULL
        UNION ALL
        SELECT 7, 'own', own WHERE own IS NOT NULL
    )
    SELECT DISTINCT ON (h.rates::text) h.n, h.name, h.rates FROM history AS h ORDER BY h.rates::text, h.n;
END;
COMMENT ON FUNCTION care_internal.import_rates(text, date, care.schedule) IS
    'Histories of rates that a spreadsheet may have used, those that differ: what the law gives for the authority, the '
    'national maximum, contested values of it, the gilt rate to one decimal, the maximum to one decimal, the rate of '
    'the first day for good, and one of the caller''s own.';

CREATE FUNCTION care_internal.import_convention()
    RETURNS TABLE (ends text, day_count text, capitalised text, rounding text, place integer)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 189
BEGIN ATOMIC
    SELECT e.ends, y.day_count, c.capitalised, r.rounding,
           row_number() OVER (ORDER BY r.n, y.n, c.n, e.n)::integer
    FROM unnest('{both,last_left_out,first_left_out}'::text[]) WITH ORDINALITY AS e (ends, n)
        CROSS JOIN unnest('{act/act,act/365f,act/366f}'::text[]) WITH ORDINALITY AS y (day_count, n)
        CROSS JOIN unnest(ARRAY['daily', 'none', 'monthly', 'quarterly', 'half_yearly', 'yearly',
                                'yearly from 1 April']) WITH ORDINALITY AS c (capitalised, n)
        CROSS JOIN unnest('{at_the_end,daily,monthly}'::text[]) WITH ORDINALITY AS r (rounding, n);
END;
COMMENT ON FUNCTION care_internal.import_convention() IS
    'Every convention that is tried: which days count, how long a year is, when interest is capitalised, and where it '
    'is rounded; place: the plainest first.';

CREATE FUNCTION care_internal.worked_balance(days date[], amounts numeric[], rates care.schedule, ends text,
                                             day_count text, capitalised text, rounding text, as_at date)
    RETURNS numeric
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE COST 1000 AS 'MODULE_PATHNAME', 'care_worked_balance';
COMMENT ON FUNCTION care_internal.worked_balance(date[], numeric[], care.schedule, text, text, text, text, date) IS
    'What amounts of some days (in order, each day once; what lowers the debt below nought) come to at the close of a '
    'day, less what is then held, pounds, by one of many conventions; null where a rate is not known. ends: both, '
    'first_left_out (an amount bears interest from the day after), last_left_out (the day itself bears none). '
    'day_count: act/act, act/365f, act/366f. rounding: at_the_end, daily, monthly.';

CREATE FUNCTION care_internal.import_convention_text(ends text, day_count text, capitalised text, rounding text,
                                                     rates text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE ends WHEN 'both' THEN 'the first and the last day count'
                     WHEN 'last_left_out' THEN 'the last day does not count'
                     WHEN 'first_left_out' THEN 'the day of an entry does not count' END
        || CASE day_count WHEN 'act/act' THEN ', a leap year has 366 days'
                          WHEN 'act/365f' THEN ', every year has 365 days'
                          WHEN 'act/366f' THEN ', every year has 366 days' END
        || CASE capitalised WHEN 'none' THEN ', simple interest'
                            ELSE ', capitalised ' || replace(capitalised, '_', ' ') END
        || CASE rounding WHEN 'at_the_end' THEN ', rounded once'
                         WHEN 'daily' THEN ', the interest of each day rounded to the penny'
                         WHEN 'monthly' THEN ', rounded at the end of each month' END
        || CASE rates WHEN 'law' THEN ''
                      WHEN 'national' THEN ', at the national maximum instead of the authority''s rate'
                      WHEN 'contested' THEN ', at contested values of the national maximum'
                      WHEN 'one_decimal' THEN ', at gilt rates to one decimal'
                      WHEN 'rounded' THEN ', at the national maximum to one decimal'
                      WHEN 'fixed' THEN ', at the rate of the first day for good'
                      WHEN 'own' THEN ', at the rates given' END;
COMMENT ON FUNCTION care_internal.import_convention_text(text, text, text, text, text) IS 'A convention in words.';

-- The agreements whose balance is stated: what was entered day by day, by which terms, and what we make of it.
CREATE FUNCTION care_internal.import_stated(batch_id bigint)
    RETURNS TABLE (agreement text, authority text, stated_on date, stated numeric, day_count text, capitalised text,
                   days date[], amounts numeric[], ours numeric, missing text)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH stated AS MATERIALIZED (
        SELECT DISTINCT ON (a.agreement) a.agreement, b.authority, a.stated_on, a.stated_balance AS stated,
               coalesce(a.day_count, i.day_count) AS day_count, coalesce(a.capitalised, i.capitalised) AS capitalised,
               a.line
        FROM care_internal.import_agreements(batch_id) AS a
            JOIN care.import_batch AS b ON b.batch_id = import_stated.batch_id
            LEFT JOIN LATERAL (SELECT p.day_count, p.capitalised FROM care.interest_policy_in_force AS p
                               WHERE p.authority = b.authority AND p.valid_from <= a.signed_on
                               ORDER BY p.valid_from DESC LIMIT 1) AS i ON true
        WHERE a.stated_balance IS NOT NULL AND a.stated_on IS NOT NULL AND a.agreement IS NOT NULL
        ORDER BY a.agreement, a.line
    ), entered AS MATERIALIZED (
        SELECT s.agreement,
               care_internal.gathered(e.amount, e.on_day, e.kind)
                   FILTER (WHERE e.on_day <= s.stated_on AND e.amount IS NOT NULL AND e.kind IS NOT NULL) AS entries,
               bool_or(e.on_day IS NULL OR e.amount IS NULL OR e.kind IS NULL) AS unread
        FROM stated AS s JOIN care_internal.import_entries(batch_id) AS e ON e.agreement = s.agreement
        GROUP BY s.agreement
    ), daily AS MATERIALIZED (
        SELECT d.agreement, array_agg(d.on_day ORDER BY d.on_day) AS days,
               array_agg(d.amount ORDER BY d.on_day) AS amounts
        FROM (SELECT s.agreement, e.on_day, sum(e.amount) AS amount
              FROM stated AS s JOIN care_internal.import_entries(batch_id) AS e
                      ON e.agreement = s.agreement AND e.on_day <= s.stated_on
              WHERE e.amount IS NOT NULL AND e.kind IS NOT NULL GROUP BY s.agreement, e.on_day) AS d
        GROUP BY d.agreement
    )
    SELECT s.agreement, s.authority, s.stated_on, s.stated, s.day_count, s.capitalised, d.days, d.amounts,
           CASE WHEN m.missing IS NULL THEN (t.totals).balance - (t.totals).held END,
           CASE WHEN m.missing IS NULL AND (t.totals).balance IS NULL THEN 'a rate of interest is not known'
                ELSE m.missing END
    FROM stated AS s
        LEFT JOIN entered AS e ON e.agreement = s.agreement
        LEFT JOIN daily AS d ON d.agreement = s.agreement
        CROSS JOIN LATERAL (SELECT CASE
            WHEN d.days IS NULL THEN 'no entry is there'
            WHEN e.unread OR EXISTS (SELECT FROM care_internal.import_row AS r
                                     WHERE r.batch_id = import_stated.batch_id AND r.sheet = 'entries'
                                       AND r.record = s.agreement AND r.fault = 'wide')
            THEN 'an entry cannot be read: see import_check()'
            WHEN s.day_count IS NULL OR s.capitalised IS NULL
            THEN 'the authority had no interest policy when it was signed' END OFFSET 0) AS m (missing)
        CROSS JOIN LATERAL (SELECT CASE WHEN m.missing IS NULL
            THEN care_internal.running_totals(e.entries, care_internal.authority_rates(s.authority), NULL, NULL, NULL,
                                              s.day_count, s.capitalised, s.stated_on, false) END
                            OFFSET 0) AS t (totals);
END;
COMMENT ON FUNCTION care_internal.import_stated(bigint) IS
    'Part of import_compare(): the agreements of a batch whose balance is stated, what was entered for them by then, '
    'and what it comes to by the law, pounds, less what is held; or why that is not known.';

-- Every convention that explains the balance stated of an agreement; a row without one where none does.
CREATE FUNCTION care_internal.import_explained(batch_id bigint, own_rates care.schedule)
    RETURNS TABLE (agreement text, stated_on date, stated numeric, ours numeric, missing text, ends text,
                   day_count text, capitalised text, rounding text, rates text, departs integer, place integer)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT s.agreement, s.stated_on, s.stated, s.ours, s.missing, x.ends, x.day_count, x.capitalised, x.rounding,
           x.name, x.departs, x.place
    FROM care_internal.import_stated(batch_id) AS s
        LEFT JOIN LATERAL (
            SELECT c.*, r.name,
                   (c.ends <> 'both')::integer + (c.day_count <> s.day_count)::integer
                   + (c.capitalised <> s.capitalised)::integer + (c.rounding <> 'at_the_end')::integer
                   + (r.name <> 'law')::integer AS departs,
                   c.place + 1000 * r.n AS at
            FROM care_internal.import_rates(s.authority, s.days[1], own_rates) AS r
                CROSS JOIN care_internal.import_convention() AS c
            WHERE CASE WHEN s.missing IS NULL
                       THEN care_internal.worked_balance(s.days, s.amounts, r.rates, c.ends, c.day_count,
                                                         c.capitalised, c.rounding, s.stated_on) END = s.stated
        ) AS x ON true;
END;
COMMENT ON FUNCTION care_internal.import_explained(bigint, care.schedule) IS
    'Part of import_compare(): every convention that comes to the balance stated of an agreement, and in how much it '
    'departs from the law.';

CREATE FUNCTION care.import_compare(batch_id bigint, own_rates care.schedule DEFAULT NULL)
    RETURNS TABLE (agreement text, stated_on date, stated numeric, ours numeric, difference numeric, worked_as text,
                   ends text, day_count text, capitalised text, rounding text, rates text, others bigint, missing text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_staged(batch_id);
    RETURN QUERY
    WITH explained AS MATERIALIZED (
        SELECT e.*, CASE WHEN e.ends IS NOT NULL
                         THEN count(*) OVER (PARTITION BY e.ends, e.day_count, e.capitalised, e.rounding, e.rates) END
                        AS explains
        FROM care_internal.import_explained(batch_id, own_rates) AS e)
    SELECT DISTINCT ON (e.agreement) e.agreement, e.stated_on, e.stated, e.ours, e.stated - e.ours,
           CASE WHEN e.departs = 0 THEN 'as the law has it'
                ELSE care_internal.import_convention_text(e.ends, e.day_count, e.capitalised, e.rounding, e.rates) END,
           e.ends, e.day_count, e.capitalised, e.rounding, e.rates,
           CASE WHEN e.ends IS NOT NULL THEN count(*) OVER (PARTITION BY e.agreement) - 1 END, e.missing
    FROM explained AS e
    ORDER BY e.agreement, e.departs > 0, e.explains DESC, e.departs, e.place;
END
$$;
COMMENT ON FUNCTION care.import_compare(bigint, care.schedule) IS
    'The balance that a batch states of each agreement, beside ours by the law (pounds, less what is held), and how it '
    'was worked: in words and part by part, null where no convention that is tried comes to it; others: how many more '
    'do. own_rates: a history of rates to be tried too. missing: why nothing can be said. Nothing is recorded.';

CREATE FUNCTION care.import_conventions(batch_id bigint, own_rates care.schedule DEFAULT NULL)
    RETURNS TABLE (worked_as text, explains bigint, of_agreements bigint, ends text, day_count text, capitalised text,
                   rounding text, rates text)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_staged(batch_id);
    RETURN QUERY
    WITH explained AS MATERIALIZED (SELECT e.* FROM care_internal.import_explained(batch_id, own_rates) AS e)
    SELECT care_internal.import_convention_text(e.ends, e.day_count, e.capitalised, e.rounding, e.rates),
           count(*), (SELECT count(DISTINCT x.agreement) FROM explained AS x WHERE x.missing IS NULL),
           e.ends, e.day_count, e.capitalised, e.rounding, e.rates
    FROM explained AS e WHERE e.ends IS NOT NULL
    GROUP BY e.ends, e.day_count, e.capitalised, e.rounding, e.rates
    ORDER BY count(*) DESC, min(e.departs), min(e.place);
END
$$;
COMMENT ON FUNCTION care.import_conventions(bigint, care.schedule) IS
    'Every convention that explains a balance stated in a batch, and of how many agreements: the one that explains '
    'most is how the spreadsheet works.';
