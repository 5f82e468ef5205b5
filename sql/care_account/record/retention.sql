--
-- retention: until when each record is kept, and why: doc/calculations section 3.
--
-- Must not know: what a figure is worth.
--

CREATE TYPE care.retention_row AS (
    class text,
    record_id bigint,
    authority text,
    reference text,
    person_id bigint,
    last_updated date,
    updated_at timestamptz,
    trigger_event text,
    retain_until date,
    action text,
    reason text,
    rule text,
    on_hold boolean
);
COMMENT ON TYPE care.retention_row IS 'A row of retention; see the view.';

-- What the retention of each record rests on, class by class: whose it is, when it and its parts were last updated (the
-- chain says so; what is recorded of a person updates their records too), and what its class says of it.
-- In the order of their keys, so that no class is held in memory.
CREATE FUNCTION care_internal.state_of_records(as_at date, of_class text DEFAULT NULL, of_record bigint DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, authority text, reference text, person_id bigint,
                   updated_at timestamptz,
                   statement_at timestamptz, event_at timestamptz, decided_by text, known_on date, closed_on date,
                   kept_because text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 1000 SET search_path = pg_catalog, pg_temp
    SET enable_hashjoin = off SET enable_hashagg = off SET random_page_cost = 1.1 AS $$
DECLARE
    c care_internal.record_class;
BEGIN
    FOR c IN SELECT r.* FROM care_internal.record_class AS r WHERE of_class IS NULL OR r.class = of_class
        ORDER BY r.n LOOP
        RETURN QUERY EXECUTE care_internal.state_query(c, of_record IS NOT NULL) USING as_at, of_record;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.state_of_records(date, text, bigint) IS
    'What the retention of each record rests on, or of those of one class, or of one record.';

-- When the last fact of each record of a class was recorded.
CREATE FUNCTION care_internal.updated_query(class text, condition text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN format('(SELECT u.record_id, max(u.recorded_at) AS recorded_at FROM care_internal.chain AS u
                    WHERE u.class = %L%s GROUP BY u.record_id)', class, condition);
COMMENT ON FUNCTION care_internal.updated_query(text, text) IS
    'Part of state_query(): when the last fact of each record of a class was recorded.';

-- When the last row of a part of each record was recorded; looked for where a schedule of it has been made.
CREATE FUNCTION care_internal.part_query(of_class text, of_part text, key text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce('(SELECT max(x.recorded_at) FROM ('
                    || string_agg(format('SELECT max(p.recorded_at) FROM %s AS p WHERE p.%I = h.%I', t.relation, t.key,
                                         key),
                                  ' UNION ALL ') || ') AS x (recorded_at))', 'NULL::timestamptz')
    FROM care_internal.kept_table AS t
    WHERE t.class = of_class AND t.part = of_part
      AND EXISTS (SELECT FROM care.retention_schedule AS s WHERE s.class = of_class || '_' || of_part);
END;
COMMENT ON FUNCTION care_internal.part_query(text, text, text) IS
    'Part of state_query(): when the last row of a part of a record h was recorded; NULL where no schedule asks for '
    'it.';

-- A person is kept while a record of theirs is, of whichever class.
CREATE FUNCTION care_internal.still_kept(alias text) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('CASE WHEN %s THEN ''a record of theirs is kept'' END',
                  string_agg(format('EXISTS (SELECT FROM %s AS r WHERE r.%I = %I.%I)', c.head, c.person, alias,
                                    c.person), ' OR ' ORDER BY c.n))
    FROM care_internal.record_class AS c WHERE c.person <> c.key;
END;
COMMENT ON FUNCTION care_internal.still_kept(text) IS
    'Part of state_query(): why a person is kept, in a query of theirs; null: no record of theirs is.';

-- $1 is the day, $2 the key of the one record that is asked for.
CREATE FUNCTION care_internal.state_query(c care_internal.record_class, one boolean) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT format('SELECT %1$L::text, h.%2$I, h.authority, h.reference, %3$s,
                          greatest(coalesce(u.recorded_at, h.recorded_at)%4$s), %5$s, %6$s,
                          k.decided_by, k.known_on, k.closed_on, coalesce(k.kept_because%7$s)
                   FROM %8$s AS h
                       JOIN %9$s($1) AS k ON k.record_id = h.%2$I
                       LEFT JOIN %10$s AS u ON u.record_id = h.%2$I%11$s%12$s',
        c.class, c.key, coalesce('h.' || quote_ident(c.person), 'NULL::bigint'),
        CASE WHEN c.person <> c.key THEN ', o.recorded_at' ELSE '' END,
        care_internal.part_query(c.class, 'statement', c.key), care_internal.part_query(c.class, 'event', c.key),
        CASE WHEN c.person = c.key THEN ', ' || care_internal.still_kept('h') ELSE '' END,
        c.head, c.retained,
        care_internal.updated_query(c.class, CASE WHEN one THEN ' AND u.record_id = $2' ELSE '' END),
        CASE WHEN c.person <> c.key THEN format(' LEFT JOIN %s AS o ON o.record_id = h.%I',
            care_internal.updated_query((SELECT p.class FROM care_internal.record_class AS p WHERE p.person = p.key
                                           AND p.key = c.person),
                CASE WHEN one THEN format(' AND u.record_id = (SELECT x.%I FROM %s AS x WHERE x.%I = $2)', c.person,
                                          c.head, c.key)
                     ELSE '' END), c.person) ELSE '' END,
        CASE WHEN one THEN format(' WHERE h.%I = $2', c.key) ELSE '' END);
END;
COMMENT ON FUNCTION care_internal.state_query(care_internal.record_class, boolean) IS
    'Part of state_of_records(): the query of one class, of all its records or one.';

CREATE FUNCTION care_internal.retention_words(event text, part text, words text, at_once boolean, starts_on date)
    RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN part IS NOT NULL
                THEN words || ' beginning with ' || care_internal.day_text(starts_on) || ', the day of its last '
                    || part
                WHEN event = 'last_updated'
                THEN words || ' beginning with ' || care_internal.day_text(starts_on) || ', the day it was last updated'
                ELSE CASE WHEN at_once THEN 'until ' || CASE event WHEN 'closed' THEN 'it was closed'
                    ELSE 'the death was known' END
                                            || ', ' || care_internal.day_text(starts_on - 1)
                          ELSE words || ' from ' || care_internal.day_text(starts_on - 1) || ', when '
                               || CASE event WHEN 'closed' THEN 'it was closed' ELSE 'the death was known' END END END;
COMMENT ON FUNCTION care_internal.retention_words(text, text, text, boolean, date) IS
    'Why a record is kept until a day, in words.';

-- Of the schedules that hold, the one that ends last decides: the authority's own, the law, those of parts.
CREATE FUNCTION care_internal.retention_of_states(as_at date, of_class text DEFAULT NULL, of_record bigint DEFAULT NULL)
    RETURNS SETOF care.retention_row LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    WITH rule AS MATERIALIZED (
        SELECT r.authority, r.class, r.trigger_event, r.period, r AS said
        FROM care_internal.retention_rule(care_internal.required_day(as_at)) AS r
    ), measured AS (
        SELECT s.*, care_internal.day_of(s.updated_at) AS updated_on,
               care_internal.day_of(s.statement_at) AS statement_on,
               care_internal.day_of(s.event_at) AS event_on,
               CASE WHEN s.kept_because IS NULL THEN coalesce(s.decided_by, own.trigger_event) END AS event,
               own.class IS NOT NULL AS has_own, own.said AS own, law.said AS law, statements.said AS statements,
               events.said AS events, own.period AS own_period, law.period AS law_period,
               statements.period AS statement_period, events.period AS event_period
        FROM care_internal.state_of_records(as_at, of_class, of_record) AS s
            LEFT JOIN rule AS law ON law.authority IS NULL AND law.class = s.class AND law.trigger_event = s.decided_by
            LEFT JOIN rule AS own ON own.authority = s.authority AND own.class = s.class
                AND own.trigger_event = coalesce(s.decided_by, own.trigger_event)
            LEFT JOIN rule AS statements ON statements.authority = s.authority
                AND statements.class = s.class || '_statement'
            LEFT JOIN rule AS events ON events.authority = s.authority AND events.class = s.class || '_event'
        OFFSET 0
    ), started AS (
        SELECT m.*, CASE m.event WHEN 'last_updated' THEN m.updated_on WHEN 'closed' THEN m.closed_on + 1
                                 WHEN 'death_known' THEN m.known_on + 1 END AS starts_on
        FROM measured AS m OFFSET 0
    ), ended AS (
        SELECT m.*, care_internal.period_end(m.starts_on, m.own_period) AS own_until,
               care_internal.period_end(m.starts_on, m.law_period) AS law_until,
               CASE WHEN m.starts_on IS NOT NULL THEN care_internal.period_end(m.statement_on, m.statement_period)
                   END AS statement_until,
               CASE WHEN m.starts_on IS NOT NULL THEN care_internal.period_end(m.event_on, m.event_period)
                   END AS event_until
        FROM started AS m OFFSET 0
    ), decided AS (
        SELECT e.*, greatest(e.own_until, e.law_until, e.statement_until, e.event_until) AS until
        FROM ended AS e OFFSET 0
    ), chosen AS (
        SELECT c.*, CASE WHEN c.own_until = c.until THEN c.own WHEN c.law_until = c.until THEN c.law
                         WHEN c.statement_until = c.until THEN c.statements WHEN c.event_until = c.until THEN c.events
                             END AS by,
               CASE WHEN c.own_until = c.until OR c.law_until = c.until THEN NULL
                    WHEN c.statement_until = c.until THEN 'statement' ELSE 'event' END AS part
        FROM decided AS c OFFSET 0
    )
    SELECT c.class, c.record_id, c.authority, c.reference, c.person_id, c.updated_on, c.updated_at, c.event, c.until,
           (c.by).action,
           CASE WHEN c.kept_because IS NOT NULL THEN c.kept_because
                WHEN c.until IS NOT NULL
                THEN care_internal.retention_words(c.event, c.part, (c.by).words, (c.by).period = '0',
                                                   CASE c.part WHEN 'statement' THEN c.statement_on WHEN 'event'
                                                        THEN c.event_on
                                                               ELSE c.starts_on END) || ' (' || (c.by).source || ')'
                WHEN NOT c.has_own THEN 'no schedule is recorded: care.record_retention_schedule() records one'
                ELSE 'what its schedule waits for has not happened: ' || c.event END,
           (c.by).words || ' from ' || coalesce('the last ' || c.part, c.event) || ' (' || (c.by).source || ')',
           (c.class, c.record_id) IN (SELECT h.class, h.record_id FROM care.active_hold AS h)
           OR (c.person_id IS NOT NULL
               AND c.person_id IN (SELECT h.record_id FROM care.active_hold AS h WHERE h.class = 'person'))
           OR c.authority IN (SELECT h.authority FROM care.active_hold AS h WHERE h.class = 'authority')
    FROM chosen AS c;
END;
COMMENT ON FUNCTION care_internal.retention_of_states(date, text, bigint) IS
    'Until when each record is kept, and why, or those of one class, or one record.';

CREATE FUNCTION care.retention(as_at date) RETURNS SETOF care.retention_row
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1000
BEGIN ATOMIC
    SELECT r.* FROM care_internal.retention_of_states(as_at) AS r;
END;
COMMENT ON FUNCTION care.retention(date) IS
    'Until when each record is kept, and why, by what is recorded and the schedules that hold on a day.';

CREATE VIEW care.retention AS SELECT r.* FROM care.retention(care.today()) AS r;
COMMENT ON VIEW care.retention IS
    'Until when each account, agreement and person is kept, and why, as things stand today.';
COMMENT ON COLUMN care.retention.class IS 'The class of the record: account, agreement, person ...';
COMMENT ON COLUMN care.retention.record_id IS 'Its key.';
COMMENT ON COLUMN care.retention.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.retention.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.retention.person_id IS 'The person.';
COMMENT ON COLUMN care.retention.last_updated IS 'The day, in London, something was last recorded about it.';
COMMENT ON COLUMN care.retention.updated_at IS 'The moment.';
COMMENT ON COLUMN care.retention.trigger_event IS
    'What starts the period: last_updated, death_known or closed; null: the clock is not running, or there is no '
    'schedule.';
COMMENT ON COLUMN care.retention.retain_until IS 'The last day it must be kept; null: no end is known.';
COMMENT ON COLUMN care.retention.action IS 'What the schedule proposes then: review, dispose or transfer.';
COMMENT ON COLUMN care.retention.reason IS 'Why.';
COMMENT ON COLUMN care.retention.rule IS 'The schedule it follows, without a day.';
COMMENT ON COLUMN care.retention.on_hold IS
    'Is there a hold on it, its person or its authority? Then it is kept whatever the day.';

-- Planned once a session, for any record.
CREATE FUNCTION care_internal.retention_of(class text, record_id bigint) RETURNS care.retention_row
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    kept care.retention_row;
BEGIN
    IF class IS NOT NULL AND record_id IS NOT NULL THEN
        SELECT r.* INTO kept FROM care_internal.retention_of_states(care.today(), class, record_id) AS r;
    END IF;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION care_internal.retention_of(text, bigint) IS
    'The row of care.retention of one record; null: there is none.';
