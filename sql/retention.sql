--
-- retention: how long each record is kept, legal holds, and disposal.
--
-- A record is an account, an agreement or a person, with all that is recorded about it.  It goes whole,
-- once its time is over, a named person has decided it and no hold is on it; a certificate stays.  The
-- rules are in doc/calculations.md section 3.
--
-- Must not know: what a figure is worth.
--

-- The tables whose rows go with a record, parents first: triggers, clock and disposal follow this list.
-- Class null: the row says itself whose it is.
CREATE FUNCTION care.retained_table()
    RETURNS TABLE (n integer, name text, class text, key text, part text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 24
BEGIN ATOMIC
    SELECT t.n, t.name, t.class, t.key,
           CASE WHEN t.name IN ('account_event', 'agreement_event') THEN 'event'
                WHEN t.name IN ('issued_statement', 'issued_agreement_statement') THEN 'statement' END
    FROM care.fact_table() AS t
    UNION ALL
    VALUES (21, 'chain', NULL, 'record_id', NULL),
           (22, 'legal_hold', NULL, 'record_id', NULL),
           (23, 'legal_hold_release', NULL, 'record_id', NULL),
           (24, 'disposal_review', NULL, 'record_id', NULL);
END;
COMMENT ON FUNCTION care.retained_table() IS
    'The tables whose rows belong to a record: class of record (null: the row''s own column class), key column, and '
    'which part of it they are.';

--
-- The clock.
--

CREATE TABLE care.retention_schedule (
    authority text
        CONSTRAINT retention_schedule_authority_fkey REFERENCES care.authority,
    class text NOT NULL
        CONSTRAINT retention_schedule_known_class CHECK (class IN (
            'account', 'account_statement', 'account_event', 'agreement', 'agreement_statement', 'agreement_event',
            'person')),
    valid_from date NOT NULL,
    trigger_event text NOT NULL,
    period interval NOT NULL
        CONSTRAINT retention_schedule_whole_days
            CHECK (period >= '0' AND period <= '1000 years' AND date_trunc('day', period) = period),
    action text NOT NULL
        CONSTRAINT retention_schedule_known_action CHECK (action IN ('review', 'dispose', 'transfer')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT retention_schedule_key UNIQUE NULLS NOT DISTINCT (authority, class, trigger_event, valid_from,
                                                                 recorded_at),
    CONSTRAINT retention_schedule_law_is_shipped CHECK (shipped = (authority IS NULL)),
    CONSTRAINT retention_schedule_known_event CHECK (CASE class
        WHEN 'account' THEN trigger_event IN ('last_updated', 'death_known')
        WHEN 'agreement' THEN trigger_event IN ('last_updated', 'death_known', 'closed')
        WHEN 'person' THEN trigger_event IN ('last_updated', 'death_known')
        ELSE trigger_event = 'last_updated' END)
);
COMMENT ON TABLE care.retention_schedule IS
    'How long records of each class are kept: what the law says, and what each authority decides, dated.';
COMMENT ON COLUMN care.retention_schedule.authority IS 'The authority; null: the law.';
COMMENT ON COLUMN care.retention_schedule.class IS
    'account, agreement or person (one without account or agreement); account_statement, account_event, '
    'agreement_statement, agreement_event: a part, which may keep its record longer.';
COMMENT ON COLUMN care.retention_schedule.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.retention_schedule.trigger_event IS
    'What starts the period: last_updated (it begins with that day), death_known or closed (it begins with the day '
    'after).';
COMMENT ON COLUMN care.retention_schedule.period IS 'How long: years, months and days.';
COMMENT ON COLUMN care.retention_schedule.action IS
    'What is proposed then: review, dispose, or transfer to an archive. Always a person decides.';
COMMENT ON COLUMN care.retention_schedule.source IS 'The law or decision it rests on.';
COMMENT ON COLUMN care.retention_schedule.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.retention_schedule.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.retention_schedule.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.retention_schedule', 'WHERE NOT shipped');
CREATE TRIGGER retention_schedule_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.retention_schedule
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_retention_schedule()');
COMMENT ON TRIGGER retention_schedule_refuse_change ON care.retention_schedule IS
    'Schedules are added to, never changed.';
INSERT INTO care.retention_schedule (class, valid_from, trigger_event, period, action, source, shipped, recorded_at,
                                     recorded_by) VALUES
    ('account', '-infinity', 'last_updated', '99 years', 'review', 'Care Act 2014 s.29(2)', true,
     '2026-11-22 00:00:00+00', 'care_account'),
    ('account', '-infinity', 'death_known', '0', 'review', 'Care Act 2014 s.29(2)', true, '2026-11-22 00:00:00+00',
     'care_account');

CREATE FUNCTION care.period_text(period interval) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(string_agg(u.n || ' ' || u.unit || CASE WHEN u.n > 1 THEN 's' ELSE '' END, ' ' ORDER BY u.place),
                    'no time')
    FROM (VALUES (1, date_part('year', period), 'year'), (2, date_part('month', period), 'month'),
                 (3, date_part('day', period), 'day'))
         AS u (place, n, unit)
    WHERE u.n > 0;
END;
COMMENT ON FUNCTION care.period_text(interval) IS 'A period as words, whatever the session''s settings.';

-- An agreement, a part and a person follow one event, the one scheduled last; an account both.
CREATE FUNCTION care.retention_rule(as_at date)
    RETURNS TABLE (authority text, class text, trigger_event text, period interval,
                   words text, action text, source text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (s.authority, s.class, CASE WHEN s.class = 'account' THEN s.trigger_event END)
           s.authority, s.class, s.trigger_event, s.period, care.period_text(s.period), s.action, s.source
    FROM care.retention_schedule AS s
    WHERE s.valid_from <= as_at
    ORDER BY s.authority, s.class, CASE WHEN s.class = 'account' THEN s.trigger_event END, s.valid_from DESC,
             s.recorded_at DESC;
END;
COMMENT ON FUNCTION care.retention_rule(date) IS 'The schedules that hold on a day; authority null: the law.';

-- 99 years beginning with 29 February end with 28 February, as those beginning with 1 March do.
CREATE FUNCTION care.period_end(from_day date, period interval) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (from_day + period)::date
           - (date_part('day', from_day + date_trunc('month', period)) = date_part('day', from_day))::integer;
COMMENT ON FUNCTION care.period_end(date, interval) IS
    'The last day of a period that begins with a day; where the month has no such day to end before, its last day.';

-- When each record and its parts changed.  What is recorded of a person changes their records too.
DO $$
DECLARE
    arms text;
BEGIN
    SELECT string_agg(arm, ' UNION ALL ' ORDER BY n, place) INTO arms
    FROM (SELECT t.n, 0,
                 format('SELECT %L::text AS class, t.%I AS record_id, %L::text AS part, t.recorded_at FROM care.%I AS t',
                                t.class, t.key, t.part, t.name)
          FROM care.retained_table() AS t WHERE t.class IS NOT NULL
          UNION ALL
          SELECT t.n, x.place,
                 format('SELECT %L, r.%I, NULL, t.recorded_at FROM care.%I AS t JOIN care.%I AS r ON r.person_id = t.person_id',
                                      x.class, x.class || '_id', t.name, x.class)
          FROM care.retained_table() AS t, (VALUES (1, 'account'), (2, 'agreement')) AS x (place, class)
          WHERE t.class = 'person' AND t.name <> 'person') AS a (n, place, arm);
    EXECUTE 'CREATE VIEW care.record_change AS ' || arms;
END
$$;
COMMENT ON VIEW care.record_change IS 'When something was recorded about each account, agreement and person.';
COMMENT ON COLUMN care.record_change.class IS 'account, agreement or person.';
COMMENT ON COLUMN care.record_change.record_id IS 'Its key.';
COMMENT ON COLUMN care.record_change.part IS 'statement or event; null: neither.';
COMMENT ON COLUMN care.record_change.recorded_at IS 'When it was recorded.';

--
-- Holds.
--

CREATE TABLE care.legal_hold (
    hold_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    class text NOT NULL
        CONSTRAINT legal_hold_known_class CHECK (class IN ('account', 'agreement', 'person', 'authority')),
    record_id bigint NOT NULL,
    authority text NOT NULL
        CONSTRAINT legal_hold_authority_fkey REFERENCES care.authority,
    reason text NOT NULL
        CONSTRAINT legal_hold_has_reason CHECK (reason <> ''),
    placed_by text NOT NULL
        CONSTRAINT legal_hold_placed_by_somebody CHECK (placed_by <> ''),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT legal_hold_pkey PRIMARY KEY (hold_id, class, record_id),
    CONSTRAINT legal_hold_whole_authority CHECK ((class = 'authority') = (record_id = 0))
);
CREATE INDEX legal_hold_record_idx ON care.legal_hold (class, record_id);
COMMENT ON INDEX care.legal_hold_record_idx IS 'Finds the holds on a record.';
COMMENT ON TABLE care.legal_hold IS
    'Legal holds, a row for each record held: while one is not released, nothing of the record goes.';
COMMENT ON COLUMN care.legal_hold.hold_id IS 'The hold.';
COMMENT ON COLUMN care.legal_hold.class IS
    'account, agreement, person (with every account and agreement of theirs), or authority (with every record it '
    'keeps).';
COMMENT ON COLUMN care.legal_hold.record_id IS 'Key of the record; 0 for a whole authority.';
COMMENT ON COLUMN care.legal_hold.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.legal_hold.reason IS 'Why.';
COMMENT ON COLUMN care.legal_hold.placed_by IS 'The person who decided it.';
COMMENT ON COLUMN care.legal_hold.recorded_at IS 'When it was placed.';
COMMENT ON COLUMN care.legal_hold.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.legal_hold', '');
SELECT pg_extension_config_dump('care.legal_hold_hold_id_seq', '');
CREATE TRIGGER legal_hold_refuse_change BEFORE UPDATE ON care.legal_hold
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.release_hold()');
COMMENT ON TRIGGER legal_hold_refuse_change ON care.legal_hold IS 'Holds are released, never changed.';

CREATE TABLE care.legal_hold_release (
    hold_id bigint NOT NULL,
    class text NOT NULL,
    record_id bigint NOT NULL,
    reason text NOT NULL
        CONSTRAINT legal_hold_release_has_reason CHECK (reason <> ''),
    released_by text NOT NULL
        CONSTRAINT legal_hold_release_by_somebody CHECK (released_by <> ''),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT legal_hold_release_pkey PRIMARY KEY (hold_id, class, record_id),
    CONSTRAINT legal_hold_release_hold_fkey FOREIGN KEY (hold_id, class, record_id) REFERENCES care.legal_hold
);
COMMENT ON TABLE care.legal_hold_release IS 'The end of each hold.';
COMMENT ON COLUMN care.legal_hold_release.hold_id IS 'The hold.';
COMMENT ON COLUMN care.legal_hold_release.class IS 'The class of the record held.';
COMMENT ON COLUMN care.legal_hold_release.record_id IS 'Its key.';
COMMENT ON COLUMN care.legal_hold_release.reason IS 'Why it was released.';
COMMENT ON COLUMN care.legal_hold_release.released_by IS 'The person who decided it.';
COMMENT ON COLUMN care.legal_hold_release.recorded_at IS 'When it was released.';
COMMENT ON COLUMN care.legal_hold_release.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.legal_hold_release', '');
CREATE TRIGGER legal_hold_release_refuse_change BEFORE UPDATE ON care.legal_hold_release
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.place_hold()');
COMMENT ON TRIGGER legal_hold_release_refuse_change ON care.legal_hold_release IS
    'A release is never undone: a new hold is placed.';

CREATE VIEW care.active_hold AS
    SELECT h.hold_id, h.class, h.record_id, h.authority, h.reason, h.placed_by, h.recorded_at, h.recorded_by
    FROM care.legal_hold AS h
    WHERE NOT EXISTS (SELECT FROM care.legal_hold_release AS r
                      WHERE r.hold_id = h.hold_id AND r.class = h.class AND r.record_id = h.record_id);
COMMENT ON VIEW care.active_hold IS 'The holds that are not released.';
COMMENT ON COLUMN care.active_hold.hold_id IS 'The hold.';
COMMENT ON COLUMN care.active_hold.class IS 'account, agreement, person or authority.';
COMMENT ON COLUMN care.active_hold.record_id IS 'Key of the record; 0 for a whole authority.';
COMMENT ON COLUMN care.active_hold.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.active_hold.reason IS 'Why.';
COMMENT ON COLUMN care.active_hold.placed_by IS 'The person who decided it.';
COMMENT ON COLUMN care.active_hold.recorded_at IS 'When it was placed.';
COMMENT ON COLUMN care.active_hold.recorded_by IS 'Who recorded the row.';

--
-- Until when, and why.
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

CREATE FUNCTION care.retention(as_at date) RETURNS SETOF care.retention_row
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT c.class, c.record_id, c.authority, c.reference, c.person_id, c.updated_on, c.updated_at,
           CASE WHEN c.kept_because IS NULL THEN coalesce(c.decided_by, own.trigger_event) END,
           k.until, k.action,
           coalesce(c.kept_because, k.what,
                    CASE WHEN own.class IS NULL
                         THEN 'no schedule is recorded: care.record_retention_schedule() records one'
                         ELSE 'what its schedule waits for has not happened: ' || own.trigger_event END),
           k.rule,
           EXISTS (SELECT FROM care.active_hold AS h WHERE h.class = c.class AND h.record_id = c.record_id)
           OR EXISTS (SELECT FROM care.active_hold AS h WHERE h.class = 'person' AND h.record_id = c.person_id)
           OR EXISTS (SELECT FROM care.active_hold AS h WHERE h.class = 'authority' AND h.record_id = 0
                        AND h.authority = c.authority)
    FROM (SELECT r.class, r.record_id, r.authority, r.reference, r.person_id, r.updated_at, r.decided_by, r.known_on,
                 r.closed_on, r.kept_because,
                 (r.updated_at AT TIME ZONE 'Europe/London')::date AS updated_on,
                 (r.statement_at AT TIME ZONE 'Europe/London')::date AS statement_on,
                 (r.event_at AT TIME ZONE 'Europe/London')::date AS event_on
          FROM (SELECT 'account'::text AS class, a.account_id AS record_id, a.authority, a.reference, a.person_id,
                       u.updated_at, u.statement_at, u.event_at,
                       CASE WHEN d.known_on IS NULL THEN 'last_updated' ELSE 'death_known' END AS decided_by,
                       d.known_on, NULL::date AS closed_on,
                       CASE WHEN d.known_on IS NULL AND s.kind IS DISTINCT FROM 'no_longer_required'
                            THEN 'the account is still required: care.record_event() says when it no longer is'
                                END AS kept_because
                FROM care.account AS a
                    JOIN (SELECT x.record_id, max(x.recorded_at) AS updated_at,
                                 max(x.recorded_at) FILTER (WHERE x.part = 'statement') AS statement_at,
                                 max(x.recorded_at) FILTER (WHERE x.part = 'event') AS event_at
                          FROM care.record_change AS x WHERE x.class = 'account' GROUP BY x.record_id) AS u
                              ON u.record_id = a.account_id
                    LEFT JOIN (SELECT DISTINCT ON (e.account_id) e.account_id, e.kind, e.recorded_at
                               FROM care.account_event AS e
                               WHERE e.kind IN ('no_longer_required', 'required_again') AND e.on_day <= as_at
                               ORDER BY e.account_id, e.on_day DESC, e.event_id DESC) AS s
                                   ON s.account_id = a.account_id
                    -- a death ends the need of an account, unless somebody has said since that it is required
                    LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
                        AND d.known_on <= as_at
                        AND (s.kind = 'required_again' AND s.recorded_at > d.recorded_at) IS NOT TRUE
                UNION ALL
                SELECT 'agreement', a.agreement_id, a.authority, a.reference, a.person_id, u.updated_at, u.statement_at,
                       u.event_at,
                       NULL, d.known_on, l.closed_on,
                       CASE WHEN l.closed_on <= as_at THEN NULL
                            ELSE 'the agreement is not closed: its charge released, its debt written off, or its application refused' END
                FROM care.agreement AS a
                    JOIN (SELECT x.record_id, max(x.recorded_at) AS updated_at,
                                 max(x.recorded_at) FILTER (WHERE x.part = 'statement') AS statement_at,
                                 max(x.recorded_at) FILTER (WHERE x.part = 'event') AS event_at
                          FROM care.record_change AS x WHERE x.class = 'agreement' GROUP BY x.record_id) AS u
                              ON u.record_id = a.agreement_id
                    JOIN (SELECT e.agreement_id, max(e.on_day) FILTER (WHERE e.kind = 'written_off') AS written_off_on,
                                 CASE WHEN max(e.event_id) FILTER (WHERE e.kind = 'refused')
                                           > coalesce(max(e.event_id) FILTER (WHERE e.kind = 'offered'), 0)
                                      THEN max(e.on_day) FILTER (WHERE e.kind = 'refused') END AS refused_on
                          FROM (SELECT v.agreement_id, v.kind, v.on_day, v.event_id FROM care.agreement_event AS v
                                UNION ALL SELECT o.agreement_id, NULL, NULL, NULL FROM care.agreement AS o) AS e
                          GROUP BY e.agreement_id) AS w ON w.agreement_id = a.agreement_id
                    LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
                        AND d.known_on <= as_at
                    CROSS JOIN LATERAL (SELECT coalesce(a.released_on, w.written_off_on,
                                                        CASE WHEN a.secured_on IS NULL THEN coalesce(a.ended_on,
                                                                                                     w.refused_on) END))
                        AS l (closed_on)
                UNION ALL
                SELECT 'person', p.person_id, p.authority, p.reference, p.person_id, u.updated_at, NULL, NULL, NULL,
                       d.known_on, NULL,
                       CASE WHEN EXISTS (SELECT FROM care.account AS o WHERE o.person_id = p.person_id)
                              OR EXISTS (SELECT FROM care.agreement AS o WHERE o.person_id = p.person_id)
                            THEN 'an account or agreement of theirs is kept' END
                FROM care.person AS p
                    JOIN (SELECT x.record_id, max(x.recorded_at) AS updated_at
                          FROM care.record_change AS x WHERE x.class = 'person' GROUP BY x.record_id) AS u
                              ON u.record_id = p.person_id
                    LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = p.person_id
                        AND d.known_on <= as_at
               ) AS r) AS c
        LEFT JOIN care.retention_rule(care.required_day(as_at)) AS law
            ON law.authority IS NULL AND law.class = c.class AND law.trigger_event = c.decided_by
        LEFT JOIN care.retention_rule(as_at) AS own
            ON own.authority = c.authority AND own.class = c.class
                AND own.trigger_event = coalesce(c.decided_by, own.trigger_event)
        LEFT JOIN care.retention_rule(as_at) AS statements
            ON statements.authority = c.authority AND statements.class = c.class || '_statement'
        LEFT JOIN care.retention_rule(as_at) AS events
            ON events.authority = c.authority AND events.class = c.class || '_event'
        LEFT JOIN LATERAL (
            SELECT v.until, v.action, v.what || ' (' || v.source || ')' AS what,
                   v.words || ' from ' || v.event || ' (' || v.source || ')' AS rule
            FROM (SELECT y.place, care.period_end(x.starts_on, y.period) AS until, y.action, y.source, y.words,
                         x.decided_by AS event,
                         CASE WHEN x.decided_by = 'last_updated'
                              THEN y.words || ' beginning with ' || care.day_text(c.updated_on)
                                  || ', the day it was last updated'
                              WHEN y.period = '0' THEN 'until ' || x.happened || ', ' || care.day_text(x.starts_on - 1)
                              ELSE y.words || ' from ' || care.day_text(x.starts_on - 1) || ', when ' || x.happened
                                  END AS what
                  FROM (SELECT z.decided_by,
                               CASE z.decided_by WHEN 'last_updated' THEN c.updated_on WHEN 'closed'
                                    THEN c.closed_on + 1 ELSE c.known_on + 1 END AS starts_on,
                               CASE z.decided_by WHEN 'closed' THEN 'it was closed' ELSE 'the death was known'
                                    END AS happened
                        FROM (SELECT coalesce(c.decided_by, own.trigger_event) AS decided_by) AS z) AS x,
                       (VALUES (1, own.period, own.words, own.action, own.source),
                               (2, law.period, law.words, law.action, law.source))
                           AS y (place, period, words, action, source)
                  WHERE x.starts_on IS NOT NULL AND y.period IS NOT NULL
                  UNION ALL
                  SELECT 3, care.period_end(y.starts_on, y.period), y.action, y.source, y.words, 'the last ' || y.part,
                         y.words || ' beginning with ' || care.day_text(y.starts_on) || ', the day of its last '
                             || y.part
                  FROM (VALUES (c.statement_on, statements.period, statements.words, statements.action,
                                statements.source, 'statement'),
                               (c.event_on, events.period, events.words, events.action, events.source, 'event'))
                           AS y (starts_on, period, words, action, source, part)
                  WHERE y.starts_on IS NOT NULL AND y.period IS NOT NULL
                    AND (law.period IS NOT NULL OR own.period IS NOT NULL)
                    AND CASE coalesce(c.decided_by, own.trigger_event) WHEN 'closed' THEN c.closed_on WHEN 'death_known'
                        THEN c.known_on ELSE c.updated_on END IS NOT NULL) AS v
            ORDER BY v.until DESC, v.place LIMIT 1) AS k ON c.kept_because IS NULL;
END;
COMMENT ON FUNCTION care.retention(date) IS
    'Until when each account, agreement and person is kept, and why, by what is recorded and the schedules that hold '
    'on a day.';

CREATE VIEW care.retention AS SELECT r.* FROM care.retention(current_date) AS r;
COMMENT ON VIEW care.retention IS
    'Until when each account, agreement and person is kept, and why, as things stand today.';
COMMENT ON COLUMN care.retention.class IS 'account, agreement or person.';
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
CREATE FUNCTION care.retention_of(class text, record_id bigint) RETURNS care.retention_row
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    kept care.retention_row;
BEGIN
    SELECT r.* INTO kept FROM care.retention(current_date) AS r
    WHERE r.class = retention_of.class AND r.record_id = retention_of.record_id;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION care.retention_of(text, bigint) IS 'The row of care.retention of one record; null: there is none.';

CREATE FUNCTION care.record_retention_schedule(authority text, class text, valid_from date,
                                               trigger_event text, period interval, source text,
                                               action text DEFAULT 'review')
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('retention schedule of %s', authority);
    law record;
BEGIN
    PERFORM care.require_authority(authority, valid_from);
    PERFORM care.require_word(label, 'class', class,
                              '{account,account_statement,account_event,agreement,agreement_statement,agreement_event,'
                              'person}'),
            care.require_day(label, 'valid_from', valid_from),
            care.require_word(label, 'trigger_event', trigger_event,
                              CASE class WHEN 'account' THEN '{last_updated,death_known}'::text[] WHEN 'person'
                                   THEN '{last_updated,death_known}'
                                         ELSE '{last_updated,death_known,closed}' END),
            care.require_text(label, 'source', source),
            care.require_word(label, 'action', action, '{review,dispose,transfer}');
    IF class LIKE '%\_%' AND trigger_event <> 'last_updated' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: the period of %s begins when one was last recorded: trigger_event must be last_updated', label, class);
    ELSIF period IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: period must not be null', label);
    ELSIF period NOT BETWEEN '0' AND '1000 years' OR date_trunc('day', period) <> period THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: period must be years, months and days, from none to 1000 years', label);
    END IF;
    SELECT r.period, r.source INTO law FROM care.retention_rule('infinity') AS r
    WHERE r.authority IS NULL AND r.class = record_retention_schedule.class
      AND r.trigger_event = record_retention_schedule.trigger_event;
    IF date_trunc('month', period) < law.period THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: the law keeps an %s for %s from that event: %s is too short', label, class,
                             care.period_text(law.period), care.period_text(period)),
            DETAIL = law.source || '.',
            HINT = 'Give that or more, in years and months.';
    END IF;
    -- a disposal in hand goes by the schedules there were
    PERFORM FROM care.authority AS a WHERE a.authority = record_retention_schedule.authority FOR NO KEY UPDATE;
    INSERT INTO care.retention_schedule (authority, class, valid_from, trigger_event, period, action, source)
    VALUES (record_retention_schedule.authority, record_retention_schedule.class, record_retention_schedule.valid_from,
            record_retention_schedule.trigger_event, record_retention_schedule.period, record_retention_schedule.action,
            record_retention_schedule.source);
END
$$;
COMMENT ON FUNCTION care.record_retention_schedule(text, text, date, text, interval, text, text) IS
    'Records how long an authority keeps a class of record, from a day; 23514 for less than the law.';


--
-- Holds: the write interface.
--

-- A disposal in hand is waited for; a later one waits, and sees what was recorded.
CREATE FUNCTION care.share_records(class text, keys bigint[])
    RETURNS TABLE (key bigint, authority text)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    CASE class
        WHEN 'account' THEN
            RETURN QUERY SELECT r.account_id, r.authority FROM care.account AS r WHERE r.account_id = ANY (keys)
                         ORDER BY r.account_id FOR KEY SHARE;
        WHEN 'agreement' THEN
            RETURN QUERY SELECT r.agreement_id, r.authority FROM care.agreement AS r WHERE r.agreement_id = ANY (keys)
                         ORDER BY r.agreement_id FOR KEY SHARE;
        ELSE
            RETURN QUERY SELECT r.person_id, r.authority FROM care.person AS r WHERE r.person_id = ANY (keys)
                         ORDER BY r.person_id FOR KEY SHARE;
    END CASE;
END
$$;
COMMENT ON FUNCTION care.share_records(text, bigint[]) IS
    'Keeps accounts, agreements or persons from being disposed of until the transaction ends; those there are.';

CREATE FUNCTION care.place_hold(class text, record_ids bigint[], reason text, placed_by text)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys int8[] := ARRAY(SELECT DISTINCT u.key FROM unnest(record_ids) AS u (key) ORDER BY u.key);
    authorities text[];
    found_keys int8[];
    new_id int8;
BEGIN
    PERFORM care.require_word('legal hold', 'class', class, '{account,agreement,person}'),
            care.require_text('legal hold', 'reason', reason), care.require_text('legal hold', 'placed_by', placed_by);
    IF cardinality(keys) = 0 OR array_position(keys, NULL) IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = 'legal hold: record_ids must name one record or more, and none of them null';
    END IF;
    SELECT array_agg(r.key ORDER BY r.key), array_agg(r.authority ORDER BY r.key) INTO found_keys, authorities
    FROM care.share_records(class, keys) AS r;
    IF cardinality(keys) > coalesce(cardinality(found_keys), 0) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such %s: %s', class,
                             (SELECT min(u.key) FROM unnest(keys) AS u (key)
                              WHERE u.key <> ALL (coalesce(found_keys, '{}')))),
            HINT = 'No hold was placed.';
    END IF;
    INSERT INTO care.legal_hold (class, record_id, authority, reason, placed_by)
    VALUES (place_hold.class, found_keys[1], authorities[1], place_hold.reason, place_hold.placed_by)
    RETURNING hold_id INTO new_id;
    INSERT INTO care.legal_hold (hold_id, class, record_id, authority, reason, placed_by)
    OVERRIDING SYSTEM VALUE
    SELECT new_id, place_hold.class, u.key, u.authority, place_hold.reason, place_hold.placed_by
    FROM unnest(found_keys[2:], authorities[2:]) AS u (key, authority);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.place_hold(text, bigint[], text, text) IS
    'Places a legal hold on accounts, agreements or persons, by their keys (those a query gave, as an array), and '
    'returns it.';

CREATE FUNCTION care.place_hold_on_authority(authority text, reason text, placed_by text)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    PERFORM care.require_text('legal hold', 'reason', reason), care.require_text('legal hold', 'placed_by', placed_by),
            care.require_authority(authority, NULL);
    PERFORM FROM care.authority AS a WHERE a.authority = place_hold_on_authority.authority FOR NO KEY UPDATE;
    INSERT INTO care.legal_hold (class, record_id, authority, reason, placed_by)
    VALUES ('authority', 0, place_hold_on_authority.authority, place_hold_on_authority.reason,
            place_hold_on_authority.placed_by)
    RETURNING hold_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.place_hold_on_authority(text, text, text) IS
    'Places a legal hold on every record of an authority, also those to come, and returns it.';

CREATE FUNCTION care.release_hold(hold_id bigint, released_by text, reason text,
                                  record_id bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    released int8;
BEGIN
    PERFORM care.require_text('legal hold', 'released_by', released_by),
            care.require_text('legal hold', 'reason', reason);
    INSERT INTO care.legal_hold_release (hold_id, class, record_id, reason, released_by)
    SELECT h.hold_id, h.class, h.record_id, release_hold.reason, release_hold.released_by
    FROM care.active_hold AS h
    WHERE h.hold_id = release_hold.hold_id AND (release_hold.record_id IS NULL OR h.record_id = release_hold.record_id);
    GET DIAGNOSTICS released = ROW_COUNT;
    IF released = 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such hold: %s%s', coalesce(hold_id::text, 'null'), ' on record ' || record_id),
            HINT = 'care.active_hold lists those that are not released.';
    END IF;
    RETURN released;
END
$$;
COMMENT ON FUNCTION care.release_hold(bigint, text, text, bigint) IS
    'Releases a hold, or one record of it, and returns how many records; P0002 if there is none.';

--
-- Disposal.
--

CREATE TABLE care.disposal_review (
    class text NOT NULL
        CONSTRAINT disposal_review_known_class CHECK (class IN ('account', 'agreement', 'person')),
    record_id bigint NOT NULL,
    review_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    decision text NOT NULL
        CONSTRAINT disposal_review_known_decision CHECK (decision IN ('dispose', 'transfer', 'keep')),
    reviewed_by text NOT NULL
        CONSTRAINT disposal_review_by_somebody CHECK (reviewed_by <> ''),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT disposal_review_pkey PRIMARY KEY (class, record_id, review_id)
);
COMMENT ON TABLE care.disposal_review IS
    'What a person decided of a record whose time is over; the last row holds, until something new is recorded of the '
    'record.';
COMMENT ON COLUMN care.disposal_review.class IS 'account, agreement or person.';
COMMENT ON COLUMN care.disposal_review.record_id IS 'Key of the record.';
COMMENT ON COLUMN care.disposal_review.review_id IS 'Key within the record.';
COMMENT ON COLUMN care.disposal_review.decision IS 'dispose; transfer: it was handed to an archive and may go; keep.';
COMMENT ON COLUMN care.disposal_review.reviewed_by IS 'The person who decided.';
COMMENT ON COLUMN care.disposal_review.note IS 'More.';
COMMENT ON COLUMN care.disposal_review.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.disposal_review.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.disposal_review', '');
SELECT pg_extension_config_dump('care.disposal_review_review_id_seq', '');
CREATE TRIGGER disposal_review_refuse_change BEFORE UPDATE ON care.disposal_review
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.review_disposal()');
COMMENT ON TRIGGER disposal_review_refuse_change ON care.disposal_review IS
    'A decision is never changed: another follows it.';

CREATE TABLE care.disposal_certificate (
    certificate_id bigint NOT NULL
        CONSTRAINT disposal_certificate_pkey PRIMARY KEY,
    class text NOT NULL,
    authority text NOT NULL
        CONSTRAINT disposal_certificate_authority_fkey REFERENCES care.authority,
    rule text NOT NULL,
    removed jsonb NOT NULL,
    digest bytea NOT NULL,
    decision text NOT NULL,
    reviewed_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER
);
COMMENT ON TABLE care.disposal_certificate IS 'What stays of a record that was disposed of: nothing about the person.';
COMMENT ON COLUMN care.disposal_certificate.certificate_id IS 'Key.';
COMMENT ON COLUMN care.disposal_certificate.class IS 'What it was: account, agreement or person.';
COMMENT ON COLUMN care.disposal_certificate.authority IS 'The authority that kept it.';
COMMENT ON COLUMN care.disposal_certificate.rule IS 'The schedule whose time was over.';
COMMENT ON COLUMN care.disposal_certificate.removed IS 'How many rows of each table.';
COMMENT ON COLUMN care.disposal_certificate.digest IS
    'SHA-256 of the rows in canonical form, so that a copy found later can be known for the one that should be gone.';
COMMENT ON COLUMN care.disposal_certificate.decision IS 'dispose or transfer.';
COMMENT ON COLUMN care.disposal_certificate.reviewed_by IS 'The person who decided.';
COMMENT ON COLUMN care.disposal_certificate.recorded_at IS 'When it was disposed of.';
COMMENT ON COLUMN care.disposal_certificate.recorded_by IS 'Who disposed of it.';
SELECT pg_extension_config_dump('care.disposal_certificate', '');
CREATE TRIGGER disposal_certificate_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.disposal_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('nothing: a certificate stays');
COMMENT ON TRIGGER disposal_certificate_refuse_change ON care.disposal_certificate IS 'Certificates stay as they are.';

-- Good in its own transaction alone, so there is nothing in it to dump but the next key.
CREATE TABLE care.disposal_permit (
    class text NOT NULL
        CONSTRAINT disposal_permit_known_class CHECK (class IN ('account', 'agreement', 'person')),
    record_id bigint NOT NULL,
    certificate_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    person_id bigint NOT NULL,
    xid xid8 NOT NULL,
    CONSTRAINT disposal_permit_pkey PRIMARY KEY (class, record_id)
);
COMMENT ON TABLE care.disposal_permit IS
    'Leave to remove a record, granted by trigger to what is due, reviewed and free of holds, for one transaction.';
COMMENT ON COLUMN care.disposal_permit.class IS 'account, agreement or person.';
COMMENT ON COLUMN care.disposal_permit.record_id IS 'Key of the record.';
COMMENT ON COLUMN care.disposal_permit.certificate_id IS 'Key of the certificate to come.';
COMMENT ON COLUMN care.disposal_permit.person_id IS 'The person.';
COMMENT ON COLUMN care.disposal_permit.xid IS 'The transaction.';
SELECT pg_extension_config_dump('care.disposal_permit_certificate_id_seq', '');

CREATE FUNCTION care.is_owed(agreement_id bigint) RETURNS boolean
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.agreement_id = is_owed.agreement_id)
           AND NOT EXISTS (SELECT FROM care.closed_by(is_owed.agreement_id, 'infinity') AS c);
END;
COMMENT ON FUNCTION care.is_owed(bigint) IS 'Was the debt of an agreement neither paid nor written off?';

CREATE FUNCTION care.disposal_due(as_at date)
    RETURNS TABLE (class text, record_id bigint, authority text, reference text,
                   person_id bigint, retain_until date, action text, reason text,
                   decision text, reviewed_by text, reviewed_at timestamptz)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT r.class, r.record_id, r.authority, r.reference, r.person_id, r.retain_until, r.action, r.reason,
           v.decision, v.reviewed_by, v.recorded_at
    FROM care.retention(as_at) AS r
        LEFT JOIN (SELECT DISTINCT ON (x.class, x.record_id) x.class, x.record_id, x.decision, x.reviewed_by,
                          x.recorded_at
                   FROM care.disposal_review AS x ORDER BY x.class, x.record_id, x.review_id DESC) AS v
            ON v.class = r.class AND v.record_id = r.record_id AND v.recorded_at > r.updated_at
    WHERE r.retain_until < as_at AND NOT r.on_hold
      AND CASE WHEN r.class = 'agreement' AND r.retain_until < as_at THEN NOT care.is_owed(r.record_id) ELSE true END;
END;
COMMENT ON FUNCTION care.disposal_due(date) IS
    'The records whose time is over on a day and on which there is no hold, with what was decided of each; no '
    'decision: to be reviewed.';

CREATE FUNCTION care.require_due(class text, record_id bigint) RETURNS care.retention_row
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept care.retention_row := care.retention_of(class, record_id);
    held care.active_hold;
    label text := format('%s %s', class, record_id);
BEGIN
    IF kept.record_id IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such %s: %s', class, coalesce(record_id::text, 'null')),
            HINT = 'It may have been disposed of already.';
    ELSIF kept.on_hold THEN
        SELECT h.* INTO STRICT held FROM care.active_hold AS h
        WHERE (h.class, h.record_id) IN ((kept.class, kept.record_id), ('person', kept.person_id))
           OR (h.class = 'authority' AND h.authority = kept.authority)
        ORDER BY h.hold_id LIMIT 1;
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is on hold %s, placed on its %s', label, held.hold_id, held.class),
            HINT = 'care.active_hold says why; once care.release_hold() has released it, try again.';
    ELSIF (kept.retain_until < current_date) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept%s: %s', label, ' until ' || to_char(kept.retain_until, 'YYYY-MM-DD'),
                             kept.reason),
            HINT = 'care.disposal_due() lists what may go.';
    ELSIF class = 'agreement' AND care.is_owed(record_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept: its debt was neither paid nor written off', label);
    END IF;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION care.require_due(text, bigint) IS
    'How long a record was kept, if its time is over and no hold is on it; else 55000, saying until when and why, or '
    'P0002.';

CREATE FUNCTION care.review_disposal(class text, record_id bigint, decision text,
                                     reviewed_by text, note text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('disposal of %s %s', class, record_id);
    new_id int8;
BEGIN
    PERFORM care.require_word('disposal', 'class', class, '{account,agreement,person}'),
            care.require_word(label, 'decision', decision, '{dispose,transfer,keep}'),
            care.require_text(label, 'reviewed_by', reviewed_by);
    PERFORM care.share_records(class, ARRAY[record_id]);
    -- a statement of its own, which sees what the lock was waited for
    PERFORM care.require_due(class, record_id);
    INSERT INTO care.disposal_review (class, record_id, decision, reviewed_by, note)
    VALUES (review_disposal.class, review_disposal.record_id, review_disposal.decision, review_disposal.reviewed_by,
            review_disposal.note)
    RETURNING review_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.review_disposal(text, bigint, text, text, text) IS
    'Records what a person decided of a record whose time is over: dispose, transfer (handed to an archive, may go) or '
    'keep. 55000 while it must be kept.';

-- Whoever adds a row to disposal_permit, by function or by hand, meets this.
CREATE FUNCTION care.grant_disposal() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('%s %s', NEW.class, NEW.record_id);
    keeper text;
    kept care.retention_row;
    review care.disposal_review;
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'active_sql_transaction',
            MESSAGE = format('nothing can be disposed of under %s: a hold placed meanwhile would not be seen',
                             upper(current_setting('transaction_isolation'))),
            HINT = 'Dispose of it in a READ COMMITTED transaction.';
    END IF;
    EXECUTE format('SELECT r.person_id, r.authority FROM care.%I AS r WHERE r.%I = $1', NEW.class, NEW.class || '_id')
    INTO NEW.person_id, keeper USING NEW.record_id;
    NEW.xid := pg_current_xact_id();
    -- lock first, then look: whoever placed a hold or recorded a fact is waited for, later ones wait
    PERFORM FROM care.authority AS a WHERE a.authority = keeper FOR SHARE;
    PERFORM FROM care.person AS p WHERE p.person_id = NEW.person_id FOR UPDATE;
    EXECUTE format('SELECT FROM care.%I AS r WHERE r.%I = $1 FOR UPDATE', NEW.class, NEW.class
                       || '_id') USING NEW.record_id;
    IF NEW.class = 'person'
       AND EXISTS (SELECT FROM care.disposal_permit AS p WHERE p.person_id = NEW.record_id AND p.xid = NEW.xid)
       AND NOT EXISTS (SELECT FROM care.account AS a WHERE a.person_id = NEW.record_id)
       AND NOT EXISTS (SELECT FROM care.agreement AS a WHERE a.person_id = NEW.record_id) THEN
        RETURN NEW;                                          -- goes with their last record
    END IF;
    kept := care.require_due(NEW.class, NEW.record_id);
    SELECT v.* INTO review FROM care.disposal_review AS v
    WHERE v.class = NEW.class AND v.record_id = NEW.record_id ORDER BY v.review_id DESC LIMIT 1;
    IF review.decision IS NULL OR review.recorded_at <= kept.updated_at THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has not been reviewed%s', label,
                             CASE WHEN review.decision IS NOT NULL THEN ' since something was recorded of it' ELSE ''
                                  END),
            HINT = 'A person decides: care.review_disposal().';
    ELSIF review.decision = 'keep' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept, as was decided on its review', label),
            HINT = 'To decide otherwise: care.review_disposal().';
    ELSIF review.recorded_by = SESSION_USER AND care.setting_on(kept.authority, 'four_eyes', current_date) = 'on' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = format('%s must be disposed of by somebody else than %s, who recorded its review', label,
                             SESSION_USER);
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care.grant_disposal() IS
    'Trigger: locks a record and lets it be removed in this transaction, if it is due, reviewed and free of holds.';
CREATE TRIGGER disposal_permit_grant BEFORE INSERT OR UPDATE ON care.disposal_permit
    FOR EACH ROW EXECUTE FUNCTION care.grant_disposal();
COMMENT ON TRIGGER disposal_permit_grant ON care.disposal_permit IS 'Due, reviewed and free of holds, or no permit.';
ALTER TABLE care.disposal_permit ENABLE ALWAYS TRIGGER disposal_permit_grant;

-- Not some of its rows, and not without a certificate.
CREATE FUNCTION care.refuse_half_disposed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    t record;
    left_over bool := NOT EXISTS (SELECT FROM care.disposal_certificate AS c
                                  WHERE c.certificate_id = NEW.certificate_id);
BEGIN
    FOR t IN SELECT x.name, x.class, x.key FROM care.retained_table() AS x WHERE x.class = NEW.class
        OR x.class IS NULL LOOP
        EXIT WHEN left_over;
        EXECUTE format('SELECT EXISTS (SELECT FROM care.%I AS r WHERE r.%I = $1%s)', t.name, t.key,
                       CASE WHEN t.class IS NULL THEN ' AND r.class = $2' ELSE '' END)
        INTO left_over USING NEW.record_id, NEW.class;
    END LOOP;
    IF left_over THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s %s would be half disposed of', NEW.class, NEW.record_id),
            HINT = 'care.dispose() removes a record whole, and leaves its certificate.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.refuse_half_disposed() IS
    'Trigger, when a transaction ends: a record that may be removed is removed whole, with a certificate, or not at '
    'all.';
CREATE CONSTRAINT TRIGGER disposal_permit_whole AFTER INSERT OR UPDATE ON care.disposal_permit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION care.refuse_half_disposed();
COMMENT ON TRIGGER disposal_permit_whole ON care.disposal_permit IS 'A record goes whole, or stays.';
ALTER TABLE care.disposal_permit ENABLE ALWAYS TRIGGER disposal_permit_whole;

CREATE FUNCTION care.dispose(class text, record_id bigint) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept care.retention_row;
    review care.disposal_review;
    permit care.disposal_permit;
    t record;
    gone int8;
    digest bytea;
    counts jsonb := jsonb_build_object();
    digests bytea := ''::bytea;
BEGIN
    PERFORM care.require_word('disposal', 'class', class, '{account,agreement,person}');
    INSERT INTO care.disposal_permit AS p (class, record_id) VALUES (dispose.class, dispose.record_id)
    RETURNING p.* INTO permit;
    kept := care.retention_of(class, record_id);
    SELECT v.* INTO review FROM care.disposal_review AS v
    WHERE v.class = dispose.class AND v.record_id = dispose.record_id ORDER BY v.review_id DESC LIMIT 1;
    FOR t IN SELECT x.name, x.class, x.key FROM care.retained_table() AS x
             WHERE x.class = dispose.class OR x.class IS NULL ORDER BY x.n DESC LOOP
        EXECUTE format('WITH gone AS (DELETE FROM care.%I AS t WHERE t.%I = $1%s RETURNING care.canonical(t) AS bytes)
                        SELECT count(*), sha256(string_agg(g.bytes, '''' ORDER BY g.bytes)) FROM gone AS g',
                       t.name, t.key, CASE WHEN t.class IS NULL THEN ' AND t.class = $2' ELSE '' END)
        INTO gone, digest USING record_id, class;
        IF gone > 0 THEN
            counts := counts || jsonb_build_object(t.name, gone);
            digests := digests || convert_to(t.name, 'UTF8') || digest;
        END IF;
    END LOOP;
    INSERT INTO care.disposal_certificate (certificate_id, class, authority, rule, removed, digest, decision,
                                           reviewed_by)
    VALUES (permit.certificate_id, dispose.class, kept.authority, coalesce(kept.rule, 'with their last record'), counts,
            sha256(digests), coalesce(review.decision, 'dispose'),
            coalesce(review.reviewed_by, 'nobody: with their last record'));
    IF class <> 'person' AND NOT EXISTS (SELECT FROM care.account AS a WHERE a.person_id = permit.person_id)
       AND NOT EXISTS (SELECT FROM care.agreement AS a WHERE a.person_id = permit.person_id) THEN
        PERFORM care.dispose('person', permit.person_id);
    END IF;
    DELETE FROM care.disposal_permit AS p WHERE p.class = dispose.class AND p.record_id = dispose.record_id;
    RETURN permit.certificate_id;
END
$$;
COMMENT ON FUNCTION care.dispose(text, bigint) IS
    'Removes a record that is due, reviewed and free of holds, with all that is recorded of it, and the person with '
    'their last one; returns the certificate. 55000 if it must be kept, saying why.';

-- By person, so that runs side by side lock in one order.
CREATE FUNCTION care.begin_disposal(as_at date, authority text, batch_size integer,
                                    OUT run_id bigint, OUT classes text[], OUT record_ids bigint[])
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.require_run('disposals', as_at, authority, batch_size);
    SELECT coalesce(array_agg(d.class ORDER BY d.person_id, d.class, d.record_id), '{}'),
           coalesce(array_agg(d.record_id ORDER BY d.person_id, d.class, d.record_id), '{}')
    INTO classes, record_ids
    FROM care.disposal_due(as_at) AS d
    WHERE d.decision IN ('dispose', 'transfer')
      AND (begin_disposal.authority IS NULL OR d.authority = begin_disposal.authority);
    INSERT INTO care.batch_run AS r (task, authority, as_at, total)
    VALUES ('disposals', begin_disposal.authority, begin_disposal.as_at, cardinality(record_ids))
    RETURNING r.run_id INTO run_id;
END
$$;
COMMENT ON FUNCTION care.begin_disposal(date, text, integer) IS
    'Part of dispose_due(): registers the run, and the records to go.';

-- What another session has removed meanwhile is passed over; what must be kept after all, with a warning.
CREATE FUNCTION care.dispose_batch(run_id bigint, classes text[], record_ids bigint[],
                                   first integer, batch_size integer)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    done_now int8 := 0;
BEGIN
    FOR n IN first .. least(first + batch_size::int8 - 1, cardinality(record_ids)) LOOP
        BEGIN
            PERFORM care.dispose(classes[n], record_ids[n]);
            done_now := done_now + 1;
        EXCEPTION
            WHEN no_data_found THEN
                NULL;
            WHEN object_not_in_prerequisite_state THEN
                RAISE WARNING USING MESSAGE = format('not disposed of: %s', SQLERRM),
                    ERRCODE = 'object_not_in_prerequisite_state';
        END;
    END LOOP;
    UPDATE care.batch_run AS r SET done = r.done + done_now, last_batch_at = clock_timestamp()
    WHERE r.run_id = dispose_batch.run_id;
END
$$;
COMMENT ON FUNCTION care.dispose_batch(bigint, text[], bigint[], integer, integer) IS
    'Part of dispose_due(): one batch, committed by the caller.';

-- The planner remembers common values of what it saw.
CREATE FUNCTION care.analyze_retained() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NOT pg_has_role((SELECT c.relowner FROM pg_class AS c WHERE c.oid = 'care.person'::regclass), 'USAGE') THEN
        RAISE WARNING USING
            ERRCODE = 'insufficient_privilege',
            MESSAGE = 'the planner''s statistics may still hold values of what is gone',
            HINT = 'The owner of the tables gathers them anew with care.analyze_retained().';
        RETURN;
    END IF;
    EXECUTE (SELECT 'ANALYZE ' || string_agg(format('care.%I', t.name), ', ' ORDER BY t.n)
             FROM care.retained_table() AS t);
END
$$;
COMMENT ON FUNCTION care.analyze_retained() IS
    'Part of dispose_due(): gathers the planner''s statistics anew, without what is gone; a warning for all but the '
    'tables'' owner.';

CREATE PROCEDURE care.dispose_due(as_at date, authority text DEFAULT NULL, batch_size integer DEFAULT 100)
    LANGUAGE plpgsql AS $$
DECLARE
    run_id pg_catalog.int8;
    classes pg_catalog.text[];
    record_ids pg_catalog.int8[];
BEGIN
    SELECT b.run_id, b.classes, b.record_ids INTO run_id, classes, record_ids
    FROM care.begin_disposal(as_at, authority, batch_size) AS b;
    COMMIT;
    FOR batch IN 1 .. pg_catalog.cardinality(record_ids) BY batch_size LOOP
        PERFORM care.dispose_batch(run_id, classes, record_ids, batch, batch_size);
        COMMIT;
    END LOOP;
    PERFORM care.end_run(run_id);
    COMMIT;
    PERFORM care.analyze_retained();
    COMMIT;
END
$$;
COMMENT ON PROCEDURE care.dispose_due(date, text, integer) IS
    'Disposes of every record that is due on a day and was reviewed for it, batch by batch, each committed. It may be '
    'stopped anywhere and run again, also by two sessions at once.';

--
-- Nothing is removed in any other way.
--

CREATE FUNCTION care.refuse_removal() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_class text;
    of_record int8;
    kept care.retention_row;
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('the rows of %I.%I are never removed all at once', TG_TABLE_SCHEMA, TG_TABLE_NAME),
            HINT = 'care.retention says until when each record is kept and why; care.dispose() removes one that is '
                   'due.';
    END IF;
    EXECUTE format('SELECT %s, $1.%I', CASE TG_ARGV[0] WHEN '' THEN '$1.class' ELSE quote_literal(TG_ARGV[0]) END,
                   TG_ARGV[1])
    INTO of_class, of_record USING OLD;
    IF EXISTS (SELECT FROM care.disposal_permit AS p
               WHERE (p.class, p.record_id, p.xid) = (of_class, of_record, pg_current_xact_id())) THEN
        RETURN OLD;
    END IF;
    kept := care.retention_of(of_class, of_record);
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state',
        MESSAGE = format('rows of %I.%I are not removed: %s %s is kept%s: %s', TG_TABLE_SCHEMA, TG_TABLE_NAME, of_class,
                         of_record,
                         ' until ' || to_char(kept.retain_until, 'YYYY-MM-DD'),
                         CASE WHEN kept.on_hold THEN 'on hold; ' ELSE '' END
                              || coalesce(kept.reason, 'it belongs to no single record')),
        HINT = 'What is due, reviewed and free of holds is removed, whole, by care.dispose(). To correct a fact, '
               'record another.';
END
$$;
COMMENT ON FUNCTION care.refuse_removal() IS
    'Trigger: refuses (55000) to remove a row unless its record is being disposed of, saying until when it is kept and '
    'why.';
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT x.name, coalesce(x.class, '') AS class, x.key FROM care.retained_table() AS x ORDER BY x.n LOOP
        EXECUTE format('CREATE TRIGGER %I BEFORE DELETE ON care.%I FOR EACH ROW EXECUTE FUNCTION care.refuse_removal(%L, %L)',
                       t.name || '_retained', t.name, t.class, t.key);
        EXECUTE format('COMMENT ON TRIGGER %I ON care.%I IS %L', t.name || '_retained', t.name,
                       'Rows go only with their record, disposed of.');
        EXECUTE format('CREATE TRIGGER %I BEFORE TRUNCATE ON care.%I FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_removal(%L, %L)',
                       t.name || '_retained_whole', t.name, t.class, t.key);
        EXECUTE format('COMMENT ON TRIGGER %I ON care.%I IS %L', t.name || '_retained_whole', t.name,
                       'Rows never go all at once.');
    END LOOP;
END
$$;
