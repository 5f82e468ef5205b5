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

CREATE FUNCTION care.retention(as_at date) RETURNS SETOF care.retention_row
    LANGUAGE sql STABLE PARALLEL SAFE
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
                          FROM care_internal.record_change AS x WHERE x.class = 'account' GROUP BY x.record_id) AS u
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
                          FROM care_internal.record_change AS x WHERE x.class = 'agreement' GROUP BY x.record_id) AS u
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
                          FROM care_internal.record_change AS x WHERE x.class = 'person' GROUP BY x.record_id) AS u
                              ON u.record_id = p.person_id
                    LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = p.person_id
                        AND d.known_on <= as_at
               ) AS r) AS c
        LEFT JOIN care_internal.retention_rule(care_internal.required_day(as_at)) AS law
            ON law.authority IS NULL AND law.class = c.class AND law.trigger_event = c.decided_by
        LEFT JOIN care_internal.retention_rule(as_at) AS own
            ON own.authority = c.authority AND own.class = c.class
                AND own.trigger_event = coalesce(c.decided_by, own.trigger_event)
        LEFT JOIN care_internal.retention_rule(as_at) AS statements
            ON statements.authority = c.authority AND statements.class = c.class || '_statement'
        LEFT JOIN care_internal.retention_rule(as_at) AS events
            ON events.authority = c.authority AND events.class = c.class || '_event'
        LEFT JOIN LATERAL (
            SELECT v.until, v.action, v.what || ' (' || v.source || ')' AS what,
                   v.words || ' from ' || v.event || ' (' || v.source || ')' AS rule
            FROM (SELECT y.place, care_internal.period_end(x.starts_on, y.period) AS until, y.action, y.source, y.words,
                         x.decided_by AS event,
                         CASE WHEN x.decided_by = 'last_updated'
                              THEN y.words || ' beginning with ' || care_internal.day_text(c.updated_on)
                                  || ', the day it was last updated'
                              WHEN y.period = '0' THEN 'until ' || x.happened || ', '
                                  || care_internal.day_text(x.starts_on - 1)
                              ELSE y.words || ' from ' || care_internal.day_text(x.starts_on - 1) || ', when '
                                  || x.happened
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
                  SELECT 3, care_internal.period_end(y.starts_on, y.period), y.action, y.source, y.words, 'the last '
                      || y.part,
                         y.words || ' beginning with ' || care_internal.day_text(y.starts_on)
                             || ', the day of its last '
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
CREATE FUNCTION care_internal.retention_of(class text, record_id bigint) RETURNS care.retention_row
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog,
        pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    kept care.retention_row;
BEGIN
    SELECT r.* INTO kept FROM care.retention(current_date) AS r
    WHERE r.class = retention_of.class AND r.record_id = retention_of.record_id;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION care_internal.retention_of(text, bigint) IS
    'The row of care.retention of one record; null: there is none.';
