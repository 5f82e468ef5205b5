--
-- chart: pictures of amounts over days, as SVG that stands alone or within a letter.
--
-- Lines differ by their dashes and their width, not by colour alone; marks are rings on a line, and where something
-- changes a thin line goes up.  Whoever cannot see one is told its title and description; letters give its figures as a
-- table too.
--
-- Must not know: what the amounts are of.
--

CREATE TYPE care_internal.chart_line AS (
    label text,
    style text,
    days date[],
    amounts numeric[]
);
COMMENT ON TYPE care_internal.chart_line IS 'A line of a chart, or what is marked in it.';
COMMENT ON COLUMN care_internal.chart_line.label IS 'What it is, for the key below the chart; at most 45 characters.';
COMMENT ON COLUMN care_internal.chart_line.style IS
    'amount (a thick line), limit (long dashes), projected (dots), other (a thin line), mark (a ring at each point) or '
    'change (a line upwards on each day, with the per cent from then on).';
COMMENT ON COLUMN care_internal.chart_line.days IS 'The days of its points, in order; null: it has none.';
COMMENT ON COLUMN care_internal.chart_line.amounts IS 'Their amounts, pounds; of a change, per cent.';

CREATE TYPE care_internal.chart_frame AS (
    first_day date,
    last_day date,
    step numeric,
    top numeric,
    large boolean
);
COMMENT ON TYPE care_internal.chart_frame IS 'What a chart spans, and how large its letters are.';
COMMENT ON COLUMN care_internal.chart_frame.first_day IS 'The day at its left edge.';
COMMENT ON COLUMN care_internal.chart_frame.last_day IS 'The day at its right edge.';
COMMENT ON COLUMN care_internal.chart_frame.step IS 'From one line across to the next, pounds.';
COMMENT ON COLUMN care_internal.chart_frame.top IS 'The amount at its upper edge, pounds.';
COMMENT ON COLUMN care_internal.chart_frame.large IS 'Large print?';

-- The least of 1, 2, 5, 10, 20, 50 ... that divides an amount into five parts at most.
CREATE FUNCTION care_internal.chart_step(amount numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT min(s.step) FROM (SELECT (d || repeat('0', n))::numeric AS step FROM unnest('{1,2,5}'::text[]) AS d,
                                                                                generate_series(0, 11) AS n) AS s
    WHERE s.step * 5 >= amount;
END;
COMMENT ON FUNCTION care_internal.chart_step(numeric) IS
    'The round amount, 1, 2 or 5 with noughts, of which five or fewer reach another; pounds.';

CREATE FUNCTION care_internal.chart_frame(lines care_internal.chart_line[], large boolean)
    RETURNS care_internal.chart_frame
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(p.first_day, greatest(p.last_day, p.first_day + 1), s.step,
               ceil(greatest(p.highest, 1) / s.step) * s.step, chart_frame.large)::care_internal.chart_frame
    FROM (SELECT min(u.day) AS first_day, max(u.day) AS last_day,
                 max(u.amount) FILTER (WHERE l.style <> 'change') AS highest
          FROM unnest(lines) AS l, unnest(l.days, l.amounts) AS u (day, amount)) AS p
        CROSS JOIN LATERAL care_internal.chart_step(greatest(p.highest, 1)) AS s (step);
END;
COMMENT ON FUNCTION care_internal.chart_frame(care_internal.chart_line[], boolean) IS
    'The frame that holds all points of some lines.';

-- 640 units across; the picture is 250 high below 12 units of air.
CREATE FUNCTION care_internal.chart_x(frame care_internal.chart_frame, day date) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN round(CASE WHEN (frame).large THEN 140 ELSE 95 END
                 + (CASE WHEN (frame).large THEN 470 ELSE 525 END)::numeric * (day - (frame).first_day)
                   / ((frame).last_day - (frame).first_day), 1);
COMMENT ON FUNCTION care_internal.chart_x(care_internal.chart_frame, date) IS 'Where a day is across a chart.';

CREATE FUNCTION care_internal.chart_y(frame care_internal.chart_frame, amount numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN round(262 - 250 * amount / (frame).top, 1);
COMMENT ON FUNCTION care_internal.chart_y(care_internal.chart_frame, numeric) IS 'Where an amount is down a chart.';

-- Firsts of a month, far enough apart for their names.
CREATE FUNCTION care_internal.chart_days(frame care_internal.chart_frame) RETURNS TABLE (day date, label text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 6
BEGIN ATOMIC
    WITH month AS MATERIALIZED (
        SELECT m.day::date AS day, (date_part('year', m.day) * 12 + date_part('month', m.day) - 1)::integer AS n
        FROM generate_series(date_trunc('month', (frame).first_day::timestamp), (frame).last_day::timestamp,
                             '1 month') AS m (day)
        WHERE m.day::date BETWEEN (frame).first_day AND (frame).last_day
    ), apart AS (
        SELECT min(a.months) AS months FROM unnest('{1,3,6,12,24,60,120,240,600,1200}'::integer[]) AS a (months)
        WHERE (SELECT count(*) FROM month AS m WHERE m.n % a.months = 0) <= CASE WHEN (frame).large THEN 4 ELSE 7 END
    ), tick AS (
        SELECT m.day, CASE WHEN a.months < 12 THEN to_char(m.day::timestamp, 'Mon YYYY')
                           ELSE to_char(m.day::timestamp, 'YYYY') END AS label
        FROM month AS m, apart AS a WHERE m.n % a.months = 0
    )
    SELECT t.day, t.label FROM tick AS t
    UNION ALL
    SELECT (frame).first_day, to_char((frame).first_day::timestamp, 'FMDD Mon YYYY')
    WHERE NOT EXISTS (SELECT FROM tick);
END;
COMMENT ON FUNCTION care_internal.chart_days(care_internal.chart_frame) IS
    'The days that are named below a chart, with their names.';

CREATE FUNCTION care_internal.chart_stroke(style text, points text) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xmlelement(name polyline, xmlattributes(
        'none' AS fill,
        CASE style WHEN 'limit' THEN '#8a2c00' WHEN 'other' THEN '#4a4a4a' ELSE '#003e7e' END AS stroke,
        CASE style WHEN 'amount' THEN '4' WHEN 'projected' THEN '4' ELSE '2' END AS "stroke-width",
        CASE style WHEN 'limit' THEN '14 6' WHEN 'projected' THEN '1 8' END AS "stroke-dasharray",
        CASE style WHEN 'projected' THEN 'round' END AS "stroke-linecap",
        'round' AS "stroke-linejoin", points AS points));
COMMENT ON FUNCTION care_internal.chart_stroke(text, text) IS 'A line through some points, in its style.';

CREATE FUNCTION care_internal.chart_text(x numeric, y numeric, anchor text, words text) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xmlelement(name text, xmlattributes(x AS x, y AS y, anchor AS "text-anchor"), words);
COMMENT ON FUNCTION care_internal.chart_text(numeric, numeric, text, text) IS 'Words at a place of a chart.';

-- The line through some points of a line, at a day between them.
CREATE FUNCTION care_internal.chart_height(days date[], amounts numeric[], day date) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN b.day = a.day THEN a.amount
                ELSE a.amount + (b.amount - a.amount) * (chart_height.day - a.day) / (b.day - a.day) END
    FROM (SELECT u.day, u.amount FROM unnest(days, amounts) AS u (day, amount)
          WHERE u.day <= chart_height.day ORDER BY u.day DESC LIMIT 1) AS a,
        (SELECT u.day, u.amount FROM unnest(days, amounts) AS u (day, amount)
         WHERE u.day >= chart_height.day ORDER BY u.day LIMIT 1) AS b;
END;
COMMENT ON FUNCTION care_internal.chart_height(date[], numeric[], date) IS
    'How high a line of a chart is on a day: where a mark stands that has no point of its own; null outside the line.';

CREATE FUNCTION care_internal.chart_mark(x numeric, y numeric) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xmlelement(name circle, xmlattributes(x AS cx, y AS cy, 5 AS r, '#ffffff' AS fill, '#1a1a1a' AS stroke,
                                                 2 AS "stroke-width"));
COMMENT ON FUNCTION care_internal.chart_mark(numeric, numeric) IS 'A ring at a place of a chart.';

CREATE FUNCTION care_internal.chart_upright(x numeric, top numeric, bottom numeric) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xmlelement(name line, xmlattributes(x AS x1, top AS y1, x AS x2, bottom AS y2, '#5a5a5a' AS stroke,
                                               '3 3' AS "stroke-dasharray"));
COMMENT ON FUNCTION care_internal.chart_upright(numeric, numeric, numeric) IS 'A thin line upwards in a chart.';

-- A line upwards at each change, and what holds from then on where there is room for it before the next.
CREATE FUNCTION care_internal.chart_changes(frame care_internal.chart_frame, font integer,
                                            line care_internal.chart_line) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlagg(xmlconcat(
               care_internal.chart_upright(c.x, 12, 262),
               CASE WHEN c.room >= 3.4 * font
                    THEN xmlelement(name text, xmlattributes(c.x + 3 AS x, 256 AS y, '#ffffff' AS stroke,
                                                             4 AS "stroke-width", 'stroke' AS "paint-order"),
                                    c.percent || '%') END) ORDER BY c.x)
    FROM (SELECT u.percent, care_internal.chart_x(frame, u.day) AS x,
                 care_internal.chart_x(frame, lead(u.day, 1, (frame).last_day) OVER (ORDER BY u.day))
                 - care_internal.chart_x(frame, u.day) AS room
          FROM unnest((line).days, (line).amounts) AS u (day, percent)) AS c;
END;
COMMENT ON FUNCTION care_internal.chart_changes(care_internal.chart_frame, integer, care_internal.chart_line) IS
    'The changes of a chart, each with its per cent.';

CREATE FUNCTION care_internal.chart_drawn(frame care_internal.chart_frame, font integer,
                                          line care_internal.chart_line) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE (line).style
               WHEN 'change' THEN care_internal.chart_changes(frame, font, line)
               WHEN 'mark' THEN xmlagg(care_internal.chart_mark(p.x, p.y) ORDER BY p.place)
               ELSE care_internal.chart_stroke((line).style, string_agg(p.x || ',' || p.y, ' ' ORDER BY p.place)) END
    FROM (SELECT care_internal.chart_x(frame, u.day) AS x, care_internal.chart_y(frame, u.amount) AS y, u.place
          FROM unnest((line).days, (line).amounts) WITH ORDINALITY AS u (day, amount, place)) AS p;
END;
COMMENT ON FUNCTION care_internal.chart_drawn(care_internal.chart_frame, integer, care_internal.chart_line) IS
    'A line of a chart, or its marks.';

CREATE FUNCTION care_internal.chart_key(style text, label text, y numeric, font integer) RETURNS xml
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN xmlconcat(
        CASE style WHEN 'mark' THEN care_internal.chart_mark(35, y - font / 3)
                   WHEN 'change' THEN care_internal.chart_upright(35, y - font + 2, y + 2)
                   ELSE care_internal.chart_stroke(style, format('8,%s 62,%s', y - font / 3, y - font / 3)) END,
        care_internal.chart_text(76, y, 'start', label));
COMMENT ON FUNCTION care_internal.chart_key(text, text, numeric, integer) IS
    'What a line or mark of a chart looks like, and what it is.';

CREATE FUNCTION care_internal.chart_grid(frame care_internal.chart_frame, font integer) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlconcat(
        (SELECT xmlagg(xmlconcat(
                    xmlelement(name line, xmlattributes(
                        care_internal.chart_x(frame, (frame).first_day) AS x1, care_internal.chart_y(frame, v) AS y1,
                        care_internal.chart_x(frame, (frame).last_day) AS x2, care_internal.chart_y(frame, v) AS y2,
                        CASE WHEN v = 0 THEN '#1a1a1a' ELSE '#c4c4c4' END AS stroke)),
                    care_internal.chart_text(care_internal.chart_x(frame, (frame).first_day) - 8,
                                             care_internal.chart_y(frame, v) + font / 3, 'end',
                                             care_internal.pound_sign() || to_char(v, 'FM9,999,999,990'))) ORDER BY v)
         FROM generate_series(0, (frame).top, (frame).step) AS v),
        (SELECT xmlagg(xmlconcat(
                    xmlelement(name line, xmlattributes(
                        care_internal.chart_x(frame, d.day) AS x1, 262 AS y1, care_internal.chart_x(frame, d.day) AS x2,
                        269 AS y2, '#1a1a1a' AS stroke)),
                    care_internal.chart_text(least(care_internal.chart_x(frame, d.day), 640 - 2.4 * font), 272 + font,
                                             'middle', d.label)) ORDER BY d.day)
         FROM care_internal.chart_days(frame) AS d));
END;
COMMENT ON FUNCTION care_internal.chart_grid(care_internal.chart_frame, integer) IS
    'The lines across a chart with their amounts, and the days below it.';

-- What changes lies behind the lines, and marks before them.
CREATE FUNCTION care_internal.chart(id text, title text, description text, lines care_internal.chart_line[],
                                    large boolean) RETURNS xml
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT xmlelement(name svg,
        xmlattributes('http://www.w3.org/2000/svg' AS xmlns,
                      '0 0 640 ' || 280 + g.font + cardinality(k.lines) * (g.font + 8) AS "viewBox",
                      'img' AS role, id || '-title ' || id || '-description' AS "aria-labelledby",
                      'Arial, sans-serif' AS "font-family", g.font AS "font-size", '#1a1a1a' AS fill),
        xmlelement(name title, xmlattributes(id || '-title' AS id), chart.title),
        xmlelement(name desc, xmlattributes(id || '-description' AS id), chart.description),
        xmlelement(name rect, xmlattributes('100%' AS width, '100%' AS height, '#ffffff' AS fill)),
        care_internal.chart_grid(g.frame, g.font),
        (SELECT xmlagg(care_internal.chart_drawn(g.frame, g.font, l.line)
                       ORDER BY (l.line).style = 'change' DESC, (l.line).style = 'mark', l.n DESC)
         FROM (SELECT n, k.lines[n] AS line FROM generate_subscripts(k.lines, 1) AS n) AS l),
        (SELECT xmlagg(care_internal.chart_key(l.style, l.label, 272 + g.font + l.n * (g.font + 8), g.font)
                       ORDER BY l.n)
         FROM unnest(k.lines) WITH ORDINALITY AS l (label, style, days, amounts, n)))
    FROM (SELECT ARRAY(SELECT l FROM unnest(chart.lines) AS l WHERE l.days IS NOT NULL) AS lines OFFSET 0) AS k
        CROSS JOIN LATERAL (SELECT care_internal.chart_frame(k.lines, large) AS frame,
                                   CASE WHEN large THEN 24 ELSE 16 END AS font OFFSET 0) AS g;
END;
COMMENT ON FUNCTION care_internal.chart(text, text, text, care_internal.chart_line[], boolean) IS
    'A chart of lines over days, with its title, description and key; id is the beginning of the names of its parts, '
    'which must be the only ones of a document.';

-- A line of what holds from a day until the next step, between two days.
CREATE FUNCTION care_internal.chart_steps(label text, style text, s care.schedule, first_day date, last_day date)
    RETURNS care_internal.chart_line
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT ROW(label, style, array_agg(p.day ORDER BY p.day), array_agg(care.value_on(s, p.day) ORDER BY p.day))
               ::care_internal.chart_line
    FROM (SELECT first_day UNION SELECT last_day
          UNION SELECT t.valid_from - d.before FROM care.steps(s) AS t, (VALUES (0), (1)) AS d (before)
          WHERE t.valid_from > first_day AND t.valid_from <= last_day) AS p (day)
    WHERE care.value_on(s, p.day) IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.chart_steps(text, text, care.schedule, date, date) IS
    'A line of a chart that follows a schedule, from a day to another.';
