--
-- worklist: what is owed to whom, what is to be looked at again, what of a child's record is missing.
--
-- Must not know: how a step is recorded.
--

CREATE VIEW casework.transition_owed WITH (security_barrier) AS
    SELECT t.authority, t.reference, t.transition_id, d.event_id AS decision_id, d.on_day AS decided_on, d.code
        AS decision,
           r.who AS asked_by, r.code AS requester, s.reasons_sent_on, s.advice_sent_on
    FROM casework.transition_event AS d
        JOIN casework.transition AS t ON t.transition_id = d.transition_id
        JOIN casework.authority_seen AS a ON a.authority = t.authority
        JOIN LATERAL (SELECT x.who, x.code FROM casework.transition_event AS x
                      WHERE x.transition_id = d.transition_id AND x.kind = 'request' AND x.code <> 'authority'
                        AND (x.on_day, x.event_id) < (d.on_day, d.event_id)
                      ORDER BY x.on_day DESC, x.event_id DESC LIMIT 1) AS r ON true
        CROSS JOIN LATERAL (SELECT min(x.on_day) FILTER (WHERE x.kind = 'reasons_sent') AS reasons_sent_on,
                                   min(x.on_day) FILTER (WHERE x.kind = 'advice_sent') AS advice_sent_on
                            FROM casework.transition_event AS x
                            WHERE x.transition_id = d.transition_id AND x.decision_id = d.event_id) AS s
    WHERE d.kind = 'decision' AND d.code IN ('refuse', 'not_yet')
      AND (s.reasons_sent_on IS NULL OR s.advice_sent_on IS NULL);
COMMENT ON VIEW casework.transition_owed IS
    'Decisions not to assess, or not yet, whose reasons or advice were not yet sent to who asked.';
COMMENT ON COLUMN casework.transition_owed.decision_id IS 'The decision.';
COMMENT ON COLUMN casework.transition_owed.decided_on IS 'Its day.';
COMMENT ON COLUMN casework.transition_owed.decision IS 'What was decided.';
COMMENT ON COLUMN casework.transition_owed.asked_by IS 'Who asked, by name.';
COMMENT ON COLUMN casework.transition_owed.requester IS 'Who asked: a code of list transition_requester.';
COMMENT ON COLUMN casework.transition_owed.reasons_sent_on IS 'When the reasons were sent; null: they are owed.';
COMMENT ON COLUMN casework.transition_owed.advice_sent_on IS
    'When information and advice were sent; null: they are owed.';
SELECT care_internal.comment_columns('casework.transition_owed', 'casework.transition');

CREATE FUNCTION casework.transition_work(as_at date)
    RETURNS TABLE (authority text, reference text, transition_id bigint, work text, due_on date, note text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT t.authority, t.reference, t.transition_id, w.work, w.due_on, w.note
    FROM casework.transition AS t
        CROSS JOIN LATERAL (
            SELECT 'look again', d.look_again_on, d.note
            FROM (SELECT x.* FROM casework.transition_event AS x
                  WHERE x.transition_id = t.transition_id AND x.kind = 'decision'
                  ORDER BY x.on_day DESC, x.event_id DESC LIMIT 1) AS d
            WHERE d.code = 'not_yet' AND d.look_again_on <= as_at
            UNION ALL
            SELECT 'step of the plan', p.due_on, p.note FROM casework.transition_event AS p
            WHERE p.transition_id = t.transition_id AND p.kind = 'plan_step' AND p.due_on <= as_at
              AND NOT EXISTS (SELECT FROM casework.transition_event AS x
                              WHERE x.transition_id = t.transition_id AND x.kind = 'plan_step_done'
                                AND x.decision_id = p.event_id)) AS w (work, due_on, note)
    WHERE NOT EXISTS (SELECT FROM casework.transition_event AS c
                      WHERE c.transition_id = t.transition_id AND c.kind = 'closed')
    ORDER BY w.due_on, t.transition_id;
END;
COMMENT ON FUNCTION casework.transition_work(date) IS
    'What is due in open cases on a day: decisions to be looked at again, steps of plans not done.';

CREATE VIEW casework.transition_still_child WITH (security_barrier) AS
    SELECT t.authority, t.reference, t.transition_id, t.kind, a.adult_on, care.today() < a.adult_on AS is_child
    FROM casework.transition AS t
        JOIN casework.authority_seen AS s ON s.authority = t.authority
        LEFT JOIN care.person_detail_in_force AS d ON d.person_id = t.person_id
        CROSS JOIN LATERAL (SELECT casework.adult_on(d.date_of_birth, care.setting_on(t.authority, 'leap_birthday',
                                                                                      care.today()))) AS a (adult_on);
COMMENT ON VIEW casework.transition_still_child IS 'When the person of each case is 18.';
COMMENT ON COLUMN casework.transition_still_child.adult_on IS 'The day they are 18; null: no date of birth is known.';
COMMENT ON COLUMN casework.transition_still_child.is_child IS 'Are they a child today?';
SELECT care_internal.comment_columns('casework.transition_still_child', 'casework.transition');

CREATE VIEW casework.childhood_record_missing WITH (security_barrier) AS
    SELECT t.authority, t.reference, t.transition_id, c.code AS component, c.label
    FROM casework.transition AS t
        JOIN casework.authority_seen AS s ON s.authority = t.authority
        JOIN casework.code AS c ON c.list = 'childhood_record_component'
    WHERE NOT EXISTS (SELECT FROM casework.childhood_record AS r
                      WHERE r.transition_id = t.transition_id AND r.component = c.code);
COMMENT ON VIEW casework.childhood_record_missing IS 'Components of a child''s record that did not come.';
COMMENT ON COLUMN casework.childhood_record_missing.component IS 'The component.';
COMMENT ON COLUMN casework.childhood_record_missing.label IS 'What it is.';
SELECT care_internal.comment_columns('casework.childhood_record_missing', 'casework.transition');
