--
-- enquiry_rule: what must be true of an enquiry that is concluded, from the day it is and ever after.
--
-- Must not know: how anything is recorded, how the return counts.
--

SELECT care_internal.keep_setting('inconclusive_risk_outcome', '^(refused|accepted)$', 'refused',
           'whether an inconclusive risk assessment may have a risk outcome; known of one authority''s form alone',
           'care_casework'),
       care_internal.keep_setting('no_action_reason', '^(on|off)$', 'off',
           'whether a risk identified without action needs a local code that says why', 'care_casework');

CREATE FUNCTION casework_internal.enquiry_faults(of_enquiry bigint)
    RETURNS TABLE (enquiry_id bigint, rule text, fault text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT e.enquiry_id, f.rule, f.fault
    FROM casework.enquiry AS e
        CROSS JOIN LATERAL (SELECT x.* FROM casework.conclusion AS x WHERE x.enquiry_id = e.enquiry_id
                            ORDER BY x.conclusion_id DESC LIMIT 1) AS c
        CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE o.own_words IS NOT NULL) AS wanted,
                                   min(o.outcome_id) FILTER (WHERE o.own_words IS NOT NULL AND o.achieved IS NULL)
                                       AS unrated
                            FROM casework.outcome_rating_known_at('infinity') AS o
                            WHERE o.enquiry_id = e.enquiry_id) AS w
        CROSS JOIN LATERAL (SELECT min(q.caused_id) AS open FROM casework_internal.caused_known_at('infinity') AS q
                            WHERE q.enquiry_id = e.enquiry_id AND q.is_open) AS q
        LEFT JOIN casework.code AS a ON a.list = 'sac_risk_assessment_outcome' AND a.code = c.risk_assessment_outcome
        CROSS JOIN LATERAL (VALUES
            ('conclusion_after_start', e.concluded_on < e.started_on, 'it is concluded before it started'),
            ('conclusion_has_action', coalesce(c.action_taken, '') = '', 'the action taken is not recorded'),
            ('conclusion_expressed', (e.asked = 'expressed') IS TRUE AND w.wanted = 0,
             'it says that outcomes were expressed, and none is recorded'),
            ('conclusion_not_expressed', (e.asked = 'expressed') IS NOT TRUE AND w.wanted > 0,
             'outcomes are recorded, and it does not say that any were expressed'),
            ('conclusion_outcomes_rated', w.unrated IS NOT NULL,
             'it is not said how far outcome ' || w.unrated || ' was achieved'),
            ('conclusion_achieved', ((e.asked = 'expressed') IS TRUE) <> (c.achieved IS NOT NULL),
             CASE WHEN c.achieved IS NULL THEN 'it is not said how far what was wanted was achieved on the whole'
                  ELSE 'it says how far what was wanted was achieved, and nothing was expressed' END),
            ('conclusion_assessed', c.risk_assessment_outcome IS NULL,
             'the outcome of the risk assessment is not recorded'),
            ('conclusion_risk_outcome', a.details->>'risk_identified' = 'yes' AND c.risk_outcome IS NULL,
             'a risk was identified, and what became of it is not recorded'),
            ('conclusion_no_risk_outcome',
             c.risk_outcome IS NOT NULL
                 AND CASE WHEN a.details ? 'risk_identified' THEN a.details->>'risk_identified' = 'no'
                          ELSE care.setting_on(e.authority, 'inconclusive_risk_outcome', e.concluded_on)
                                    = 'refused' END,
             'no risk was identified, and it says what became of one'),
            ('conclusion_local_reason',
             c.risk_assessment_outcome = 'identified_no_action' AND c.local_outcome IS NULL
                 AND care.setting_on(e.authority, 'no_action_reason', e.concluded_on) = 'on',
             'a risk was identified and no action taken, and no local code says why'),
            ('conclusion_caused_closed', q.open IS NOT NULL AND coalesce(c.override_reason, '') = '',
             'another body still makes enquiry ' || q.open || ' for it')) AS f (rule, holds, fault)
    WHERE e.enquiry_id = of_enquiry AND e.concluded_on IS NOT NULL AND e.started_on IS NOT NULL AND f.holds;
END;
COMMENT ON FUNCTION casework_internal.enquiry_faults(bigint) IS
    'The rules that a concluded enquiry breaks; no row: none, or it goes on.';

-- Asked after everything that is recorded of an enquiry.
CREATE FUNCTION casework_internal.require_sound(enquiry_id bigint, label text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    fault record;
BEGIN
    SELECT f.* INTO fault FROM casework_internal.enquiry_faults(enquiry_id) AS f LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = fault.rule, SCHEMA = 'casework', TABLE = 'conclusion',
            MESSAGE = format('%s cannot be concluded so: %s', label, fault.fault),
            HINT = 'Record it first, or with the conclusion; for an enquiry of another body that is still open, give '
                   'override_reason.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_sound(bigint, text) IS
    'Refuses (23514) what would leave a concluded enquiry with a broken rule, which is the name of the error.';

CREATE FUNCTION casework_internal.verify_enquiries(authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (record_id bigint, difference text) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT f.enquiry_id, f.rule || ': ' || f.fault
    FROM casework.enquiry AS e CROSS JOIN LATERAL casework_internal.enquiry_faults(e.enquiry_id) AS f
    WHERE (verify_enquiries.authority IS NULL OR e.authority = verify_enquiries.authority)
      AND (from_key IS NULL OR e.enquiry_id >= from_key) AND (to_key IS NULL OR e.enquiry_id <= to_key);
END;
COMMENT ON FUNCTION casework_internal.verify_enquiries(text, bigint, bigint) IS
    'Concluded enquiries that break a rule; no row means that all is well. Called by care.verify().';
SELECT care_internal.keep_check('casework_internal.verify_enquiries', 'enquiry');
