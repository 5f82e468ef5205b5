--
-- rule: when a notice counts as given, the relevant day, days of delay, and what a hospital may claim for them.
--
-- The scheme held from 2015-04-01 to 2022-06-30.  Its regulations 4 to 11 could not be read: what is taken from other
-- sources is a parameter with its status, and what rests on one says so.
--
-- Must not know: notices.
--

INSERT INTO casework.parameter (name, valid_from, valid_to, value, status, meaning, source, shipped, recorded_at,
                                recorded_by)
SELECT v.name, '2015-04-01', '2022-06-30', v.value, v.status, v.meaning, v.source, true, '2026-11-26 00:00:00+00',
       'care_casework'
FROM (VALUES
    ('min_assessment_days', '2', 'verified',
     'days after the assessment notice is given that the relevant day may not precede', '2823-EN'),
    ('min_discharge_days', '1', 'verified',
     'days before the proposed discharge that a discharge notice must be given', '2823-EN'),
    ('max_days_before_admission', '7', 'verified',
     'days before expected admission from which an assessment notice may be given', 'SCH3-1'),
    ('daily_amount_london', '155.00', 'secondary source only', 'pounds a day of delay, London authority', 'BLAKE'),
    ('daily_amount_elsewhere', '130.00', 'secondary source only', 'pounds a day of delay, other authorities', 'BLAKE'),
    ('notice_cutoff', '14:00', 'secondary source only',
     'a notice given after this time counts as given on the next day', 'ABRIDGED'),
    ('ready_by', '11:00', 'secondary source only',
     'care must be ready by this time on the day after the proposed discharge', 'ABRIDGED'),
    ('working_days_only', NULL, 'not known: every day is counted',
     'whether Saturdays, Sundays and bank holidays are skipped', 'Annex G, heading only'),
    ('discharge_day_counts', 't', 'from the 2003 Act note; 2014 text not read',
     'whether the day of discharge is itself a day of delay', '2003-EN37'),
    ('reimbursement_mandatory', 'f', 'verified', 'whether the NHS body had to claim', 'MANC2'))
    AS v (name, value, status, meaning, source);

CREATE FUNCTION casework.given_on(at timestamp, cutoff time, skip_days boolean) RETURNS date
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN casework.days_later(at::date + CASE WHEN at::time > cutoff THEN 1 ELSE 0 END, 0, skip_days);
COMMENT ON FUNCTION casework.given_on(timestamp, time, boolean) IS
    'The day on which a notice counts as given, by the clock in England: the next day when it came after the cut-off; '
    'with skip_days, the first working day from there.';

CREATE FUNCTION casework.relevant_day(proposed date, given_on date, min_days integer, skip_days boolean DEFAULT false)
    RETURNS date LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN given_on IS NOT NULL AND min_days IS NOT NULL
                THEN greatest(proposed, casework.days_later(given_on, min_days, skip_days)) END;
COMMENT ON FUNCTION casework.relevant_day(date, date, integer, boolean) IS
    'The later of the proposed day of discharge (null: none proposed) and the end of the least time after the day on '
    'which the assessment notice was given.';

CREATE FUNCTION casework.delay_days(relevant_day date, ended_on date, discharge_day_counts boolean DEFAULT true)
    RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN greatest(0, ended_on - relevant_day - CASE WHEN discharge_day_counts THEN 0 ELSE 1 END);
COMMENT ON FUNCTION casework.delay_days(date, date, boolean) IS
    'Days of delay: from the day after the relevant day to the day the stay ended, which is counted or not.';

CREATE FUNCTION casework_internal.require_reimbursement_day(on_day date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day('reimbursement', 'on_day', on_day);
    IF on_day NOT BETWEEN '2015-04-01' AND '2022-06-30' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'reimbursement_in_force',
            MESSAGE = format('reimbursement: no scheme on that day: %s', care_internal.day_text(on_day)),
            HINT = 'Notices could lead to a claim from 2015-04-01 to 2022-06-30; they may be recorded on any day.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_reimbursement_day(date) IS
    'Refuses (22023) a day on which no law provided for reimbursement.';

CREATE FUNCTION casework.reimbursement(days integer, region text, on_day date, authority text DEFAULT NULL,
                                       OUT amount numeric, OUT daily_amount numeric, OUT rests_on text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    name text := 'daily_amount_' || coalesce(region, '');
BEGIN
    PERFORM care_internal.require_word('reimbursement', 'region', region, '{london,elsewhere}'),
            casework_internal.require_reimbursement_day(on_day);
    IF days < 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'argument_not_below', COLUMN = 'days',
            MESSAGE = format('reimbursement: days must be 0 or more, not %s', days);
    END IF;
    SELECT p.value::numeric, p.rests_on INTO daily_amount, rests_on
    FROM casework.parameter_on(name, authority, on_day) AS p;
    amount := days * daily_amount;
END
$$;
COMMENT ON FUNCTION casework.reimbursement(integer, text, date, text) IS
    'Pounds for days of delay by a notice of a day, in region london or elsewhere, with what is not sure about the '
    'daily amount. 22023 for a day without a scheme: it held from 2015-04-01 to 2022-06-30.';

-- One authority, one day: what is in force for its notices.  After the law ended, practice goes on by the last values;
-- only what it forbade and what it paid for are gone.
CREATE FUNCTION casework_internal.notice_rule(authority text, on_day date)
    RETURNS TABLE (in_law boolean, cutoff time, ready_by time, working_days boolean, min_assessment_days integer,
                   discharge_day_counts boolean, rests_on text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT on_day BETWEEN '2015-04-01'::date AND '2022-06-30'::date,
           casework_internal.parameter_value('notice_cutoff', notice_rule.authority, d.day)::time,
           casework_internal.parameter_value('ready_by', notice_rule.authority, d.day)::time,
           coalesce(casework_internal.parameter_value('working_days_only', notice_rule.authority, d.day) = 't', false),
           casework_internal.parameter_value('min_assessment_days', notice_rule.authority, d.day)::integer,
           casework_internal.parameter_value('discharge_day_counts', notice_rule.authority, d.day) = 't',
           casework_internal.rests_on('{notice_cutoff,working_days_only,discharge_day_counts}', notice_rule.authority,
                                      d.day)
    FROM (SELECT greatest(least(on_day, '2022-06-30'::date), '2015-04-01'::date) AS day) AS d;
END;
COMMENT ON FUNCTION casework_internal.notice_rule(text, date) IS
    'The rules for the notices of an authority on a day, and which of them are not sure; before and after the law, '
    'those of its first and last day.';
