--
-- worklist: when what a notice asks is due, alerts that are raised once, days of delay, and what a person must look at.
--
-- Must not know: how a notice is read.
--

SELECT care_internal.keep_setting('hospital_assess_hours', '^[0-9]{1,3}$', '48',
           'hours from an assessment notice until the assessment should be done', 'care_casework'),
       care_internal.keep_setting('hospital_assess_hours_weekend', '^[0-9]{1,3}$', '72',
           'the same for a notice received on a Saturday or Sunday', 'care_casework'),
       care_internal.keep_setting('hospital_alert_percent', '^[0-9]{1,3}(,[0-9]{1,3}){0,9}$', '50,100',
           'after how many per cent of that time an alert is raised', 'care_casework');

-- Care must be ready by a time on the day after the proposed discharge; an assessment within some hours.
CREATE FUNCTION casework_internal.due_at(authority text, kind text, received_at timestamptz, proposed_on date)
    RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE due_at.kind
           WHEN 'assessment' THEN received_at + make_interval(hours => care.setting_on(due_at.authority,
                CASE WHEN date_part('isodow', l.at) > 5 THEN 'hospital_assess_hours_weekend'
                     ELSE 'hospital_assess_hours' END, l.at::date)::integer)
           WHEN 'discharge' THEN ((proposed_on + 1) + (SELECT r.ready_by
                                      FROM casework_internal.notice_rule(due_at.authority, proposed_on) AS r))
                                 AT TIME ZONE 'Europe/London' END
    FROM (SELECT received_at AT TIME ZONE 'Europe/London') AS l (at);
END;
COMMENT ON FUNCTION casework_internal.due_at(text, text, timestamptz, date) IS
    'When what a notice asks is due, by the settings of the authority and the parameters of the day.';

CREATE VIEW casework.hospital_notice_due WITH (security_barrier) AS
    SELECT n.notice_id, n.stay_id, n.authority, n.reference, n.person_id, n.hospital_site, n.kind, n.received_at,
           n.given_on, n.proposed_on, n.state, d.due_at, l.level,
           n.received_at + (d.due_at - n.received_at) * (l.level / 100.0)::float8 AS alert_at
    FROM casework.hospital_notice_state AS n
        CROSS JOIN LATERAL (SELECT casework_internal.due_at(n.authority, n.kind, n.received_at, n.proposed_on))
            AS d (due_at)
        CROSS JOIN LATERAL (SELECT x::integer AS level
                            FROM unnest(string_to_array(care.setting_on(n.authority, 'hospital_alert_percent',
                                                                        n.given_on), ',')) AS x) AS l
    WHERE n.is_open AND n.kind <> 'withdrawal'
      AND NOT EXISTS (SELECT FROM casework.hospital_alert AS a
                      WHERE a.notice_id = n.notice_id AND a.level = l.level)
      AND NOT EXISTS (SELECT FROM care.death_in_force AS x WHERE x.person_id = n.person_id);
COMMENT ON VIEW casework.hospital_notice_due IS
    'The alerts still to come about each open notice: one row a level. None for a patient who died.';
COMMENT ON COLUMN casework.hospital_notice_due.due_at IS 'When what it asks is due.';
COMMENT ON COLUMN casework.hospital_notice_due.level IS 'Per cent of the time until then.';
COMMENT ON COLUMN casework.hospital_notice_due.alert_at IS 'When the alert is to be raised.';
SELECT care_internal.comment_columns('casework.hospital_notice_due', 'casework.hospital_notice_state');

CREATE FUNCTION casework.next_alert(notice_id bigint, at timestamptz DEFAULT now(), OUT level integer,
                                    OUT alert_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.level, d.alert_at FROM casework.hospital_notice_due AS d
    WHERE d.notice_id = next_alert.notice_id ORDER BY d.alert_at, d.level LIMIT 1;
END;
COMMENT ON FUNCTION casework.next_alert(bigint, timestamptz) IS
    'The next alert about a notice: its level and when it is to be raised; nulls: none is to come.';

-- Twice at once, or run again, it raises nothing twice.
CREATE FUNCTION casework.raise_hospital_alerts(at timestamptz DEFAULT clock_timestamp(), authority text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    raised bigint;
BEGIN
    PERFORM casework_internal.require_seen(authority), care_internal.require_authority_or_all(authority);
    PERFORM FROM casework.hospital_stay AS s
    WHERE s.stay_id IN (SELECT d.stay_id FROM casework.hospital_notice_due AS d
                        WHERE d.alert_at <= at AND (raise_hospital_alerts.authority IS NULL
                                                    OR d.authority = raise_hospital_alerts.authority))
    ORDER BY s.stay_id FOR NO KEY UPDATE;
    WITH added AS (
        INSERT INTO casework.hospital_alert (stay_id, notice_id, level, due_at)
        SELECT d.stay_id, d.notice_id, d.level, d.due_at FROM casework.hospital_notice_due AS d
        WHERE d.alert_at <= at AND (raise_hospital_alerts.authority IS NULL
                                    OR d.authority = raise_hospital_alerts.authority)
        ON CONFLICT ON CONSTRAINT hospital_alert_once DO NOTHING
        RETURNING alert_id, notice_id, level
    )
    SELECT count(*) INTO raised
    FROM (SELECT pg_notify('casework_hospital_alert', format('notice %s, %s per cent', a.notice_id, a.level))
          FROM added AS a OFFSET 0) AS x;
    RETURN raised;
END
$$;
COMMENT ON FUNCTION casework.raise_hospital_alerts(timestamptz, text) IS
    'Raises the alerts that are due by a moment, of one authority or all, each once: as a row of '
    'casework.hospital_alert_open and by NOTIFY casework_hospital_alert with the keys alone; returns how many. P0002 '
    'for what is no authority.';

CREATE VIEW casework.hospital_alert_open WITH (security_barrier) AS
    SELECT n.authority, n.reference, n.person_id, n.hospital_site, a.notice_id, n.kind, n.state, a.level, a.due_at,
           a.recorded_at AS raised_at, a.due_at < now() AS overdue
    FROM casework.hospital_alert AS a JOIN casework.hospital_notice_state AS n ON n.notice_id = a.notice_id
    WHERE n.is_open AND NOT EXISTS (SELECT FROM care.death_in_force AS x WHERE x.person_id = n.person_id);
COMMENT ON VIEW casework.hospital_alert_open IS 'The alerts about notices that are still open.';
COMMENT ON COLUMN casework.hospital_alert_open.raised_at IS 'When it was raised.';
COMMENT ON COLUMN casework.hospital_alert_open.overdue IS 'Is what the notice asks overdue now?';
SELECT care_internal.comment_columns('casework.hospital_alert_open', 'casework.hospital_alert',
                                     'casework.hospital_notice_state');

-- Where each stay stands on a day.
CREATE FUNCTION casework.hospital_delay(as_at date)
    RETURNS TABLE (stay_id bigint, authority text, reference text, person_id bigint, given_on date, proposed_on date,
                   relevant_day date, ended_on date, ended_by text, delay_cause text, days integer, amount numeric,
                   rests_on text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.stay_id, s.authority, s.reference, s.person_id, a.given_on, d.proposed_on, v.relevant_day, e.ended_on,
           e.ended_by, coalesce(o.delay_cause, 'none'), w.days,
           CASE WHEN d.issued_on BETWEEN '2015-04-01' AND '2022-06-30' THEN w.days * p.value::numeric END,
           CASE WHEN w.days > 0 THEN concat_ws('; ', r.rests_on, p.rests_on) END
    FROM casework.hospital_stay AS s
        JOIN LATERAL (SELECT n.given_on FROM casework.hospital_notice_state AS n
                      WHERE n.stay_id = s.stay_id AND n.kind = 'assessment' AND n.state NOT IN ('replaced', 'withdrawn')
                        AND n.given_on <= as_at
                      ORDER BY n.notice_id DESC LIMIT 1) AS a ON true
        LEFT JOIN LATERAL (SELECT n.proposed_on, (n.issued_at AT TIME ZONE 'Europe/London')::date AS issued_on
                           FROM casework.hospital_notice_state AS n
                           WHERE n.stay_id = s.stay_id AND n.kind = 'discharge'
                             AND n.state NOT IN ('replaced', 'withdrawn') AND n.given_on <= as_at
                           ORDER BY n.notice_id DESC LIMIT 1) AS d ON true
        LEFT JOIN LATERAL (SELECT x.ended_on, x.ended_by, x.delay_cause FROM casework.hospital_outcome AS x
                           WHERE x.stay_id = s.stay_id ORDER BY x.outcome_id DESC LIMIT 1) AS o ON true
        LEFT JOIN care.death_in_force AS y ON y.person_id = s.person_id
        CROSS JOIN LATERAL (SELECT CASE WHEN least(o.ended_on, y.died_on) <= as_at THEN least(o.ended_on,
            y.died_on) END,
                                   CASE WHEN least(o.ended_on, y.died_on) <= as_at
                                        THEN CASE WHEN y.died_on <= coalesce(o.ended_on, y.died_on) THEN 'died'
                                                  ELSE o.ended_by END END) AS e (ended_on, ended_by)
        CROSS JOIN LATERAL casework_internal.notice_rule(s.authority, a.given_on) AS r
        CROSS JOIN LATERAL (SELECT casework.relevant_day(d.proposed_on, a.given_on, r.min_assessment_days,
                                                         r.working_days)) AS v (relevant_day)
        CROSS JOIN LATERAL (SELECT CASE WHEN o.delay_cause = 'authority' AND d.proposed_on IS NOT NULL
                                        THEN casework.delay_days(v.relevant_day, coalesce(e.ended_on, as_at),
                                                                 r.discharge_day_counts OR e.ended_on IS NULL)
                                        ELSE 0 END) AS w (days)
        LEFT JOIN LATERAL casework.parameter_on('daily_amount_' || CASE WHEN s.authority LIKE 'E09%' THEN 'london'
                                                                        ELSE 'elsewhere' END,
                                                s.authority, d.issued_on) AS p ON true;
END;
COMMENT ON FUNCTION casework.hospital_delay(date) IS
    'Each stay with an assessment notice as it stands on a day: its relevant day, the days of delay that were the '
    'authority''s alone, what could be claimed for them in pounds (null: no scheme on the day of the discharge '
    'notice), and which rules and amounts these rest on that are not sure.';

CREATE VIEW casework.hospital_to_check WITH (security_barrier) AS
    SELECT s.authority, s.reference, s.stay_id, d.notice_id,
           CASE WHEN a.withdrawn THEN 'its assessment notice was withdrawn' ELSE 'it has no assessment notice' END
               AS why
    FROM casework.hospital_notice_state AS d
        JOIN casework.hospital_stay AS s ON s.stay_id = d.stay_id
        CROSS JOIN LATERAL (SELECT bool_or(n.state = 'withdrawn') AS withdrawn,
                                   coalesce(bool_or(n.state NOT IN ('withdrawn', 'replaced')), false) AS stands
                            FROM casework.hospital_notice_state AS n
                            WHERE n.stay_id = d.stay_id AND n.kind = 'assessment') AS a
    WHERE d.kind = 'discharge' AND d.is_open AND NOT a.stands;
COMMENT ON VIEW casework.hospital_to_check IS
    'Discharge notices that are open without an assessment notice, for a person to look at.';
COMMENT ON COLUMN casework.hospital_to_check.why IS 'Why it is to be looked at.';
SELECT care_internal.comment_columns('casework.hospital_to_check', 'casework.hospital_notice_state');
