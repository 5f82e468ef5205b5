--
-- ilf: the transfer of the Independent Living Fund, which closed on 2015-06-30: a cohort of that day, its steps,
-- payments that were kept up, and what was decided.
--
-- Nobody joins the cohort later; what is recorded stays as history.
--
-- Must not know: budgets, returns.
--

SELECT care_internal.keep_setting('ilf_ends_on_decision_day', '^(on|off)$', 'off',
           'whether a payment that is kept up still runs on the day of the decision, or ends the day before',
           'care_casework');

CREATE TABLE casework.ilf_award (
    award_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT ilf_award_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT ilf_award_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT ilf_award_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT ilf_award_has_reference CHECK (reference <> ''),
    award_weekly care.pounds NOT NULL
        CONSTRAINT ilf_award_not_negative CHECK (award_weekly >= 0),
    award_group integer
        CONSTRAINT ilf_award_known_group CHECK (award_group IN (1, 2)),
    available_income_weekly care.pounds
        CONSTRAINT ilf_award_income_not_negative CHECK (available_income_weekly >= 0),
    paid_to date NOT NULL
        CONSTRAINT ilf_award_paid_by_fund CHECK (paid_to BETWEEN '1988-01-01' AND '2015-06-30'),
    plan_digest text,
    known_before boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT ilf_award_reference_key UNIQUE (authority, reference),
    CONSTRAINT ilf_award_once UNIQUE (person_id)
);
COMMENT ON TABLE casework.ilf_award IS
    'The awards of the Independent Living Fund that passed to authorities, one a person.';
COMMENT ON COLUMN casework.ilf_award.award_id IS 'Key.';
COMMENT ON COLUMN casework.ilf_award.person_id IS 'The person.';
COMMENT ON COLUMN casework.ilf_award.authority IS 'The authority that it passed to.';
COMMENT ON COLUMN casework.ilf_award.reference IS 'The fund''s or the authority''s reference.';
COMMENT ON COLUMN casework.ilf_award.award_weekly IS 'Pounds a week that the fund paid.';
COMMENT ON COLUMN casework.ilf_award.award_group IS '1: awarded before 1993; 2: after; null: not known.';
COMMENT ON COLUMN casework.ilf_award.available_income_weekly IS 'Pounds a week that the person paid towards it.';
COMMENT ON COLUMN casework.ilf_award.paid_to IS 'Last day that the fund paid for: 2015-06-30 at the latest.';
COMMENT ON COLUMN casework.ilf_award.plan_digest IS 'Digest of the support plan that was received.';
COMMENT ON COLUMN casework.ilf_award.known_before IS 'Was the person known to the authority before?';
COMMENT ON COLUMN casework.ilf_award.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.ilf_award.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_class('award', 'casework.ilf_award', 'a function of casework',
    retained => 'casework_internal.ilf_retained', events => '{last_updated,death_known,closed}');

CREATE TABLE casework.ilf_event (
    award_id bigint NOT NULL
        CONSTRAINT ilf_event_award_fkey REFERENCES casework.ilf_award,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT ilf_event_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    status text NOT NULL,
    weekly care.pounds
        CONSTRAINT ilf_event_not_negative CHECK (weekly >= 0),
    eligible boolean,
    moved_to text
        CONSTRAINT ilf_event_moved_to_fkey REFERENCES care.local_authority,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT ilf_event_pkey PRIMARY KEY (award_id, event_id),
    CONSTRAINT ilf_event_id_key UNIQUE (event_id),
    CONSTRAINT ilf_event_amounts CHECK ((status IN ('maintained', 'decided')) = (weekly IS NOT NULL)),
    CONSTRAINT ilf_event_decides CHECK ((status = 'decided') = (eligible IS NOT NULL)),
    CONSTRAINT ilf_event_moves CHECK ((status = 'moved') = (moved_to IS NOT NULL)),
    CONSTRAINT ilf_event_kept_up_from CHECK (status <> 'maintained' OR on_day >= '2015-07-01')
);
COMMENT ON TABLE casework.ilf_event IS 'The steps of each transfer; the last one holds.';
COMMENT ON COLUMN casework.ilf_event.event_id IS 'Key within the award.';
COMMENT ON COLUMN casework.ilf_event.on_day IS 'The day; of a payment that is kept up, from which it runs.';
COMMENT ON COLUMN casework.ilf_event.status IS 'A code of list ilf_status.';
COMMENT ON COLUMN casework.ilf_event.weekly IS
    'Pounds a week: of a payment that is kept up, or of the budget that was set.';
COMMENT ON COLUMN casework.ilf_event.eligible IS 'Of a decision: are there eligible needs?';
COMMENT ON COLUMN casework.ilf_event.moved_to IS 'Of a move: the authority that has the person from that day.';
COMMENT ON COLUMN casework.ilf_event.note IS 'More.';
SELECT care_internal.keep('casework.ilf_event', 'award', 'casework.record_ilf_event()', part => 'event');

CREATE FUNCTION casework_internal.ilf_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.award_id, NULL, d.known_on, e.on_day,
           CASE WHEN e.on_day <= as_at OR d.died_on IS NOT NULL THEN NULL ELSE 'its transfer goes on' END
    FROM casework.ilf_award AS a
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
            AND d.known_on <= as_at
        LEFT JOIN LATERAL (SELECT min(x.on_day) AS on_day FROM casework.ilf_event AS x
                           WHERE x.award_id = a.award_id AND x.status IN ('decided', 'refused')) AS e ON true;
END;
COMMENT ON FUNCTION casework_internal.ilf_retained(date) IS
    'What the retention of each award rests on: the decision, a refusal, or the day a death was known.';

CREATE FUNCTION casework.record_ilf_award(authority text, person_reference text, reference text, award_weekly numeric,
    paid_to date, known_before boolean, award_group integer DEFAULT NULL, available_income_weekly numeric DEFAULT NULL,
    plan_digest text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := casework_internal.require_new('award', authority, reference, NULL);
    key bigint;
    new_id bigint;
BEGIN
    PERFORM care_internal.require_amount(label, 'award_weekly', award_weekly),
            care_internal.require_day(label, 'paid_to', paid_to);
    IF available_income_weekly IS NOT NULL THEN
        PERFORM care_internal.require_amount(label, 'available_income_weekly', available_income_weekly);
    END IF;
    IF paid_to NOT BETWEEN '1988-01-01' AND '2015-06-30' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'ilf_award_paid_by_fund', COLUMN = 'paid_to',
            MESSAGE = format('%s: the fund did not pay for %s', label, care_internal.day_text(paid_to)),
            HINT = 'It closed on 2015-06-30.';
    ELSIF known_before IS NULL OR award_group NOT IN (1, 2) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'ilf_award_known_group', COLUMN = 'award_group',
            MESSAGE = format('%s: known_before must be given, and award_group be 1, 2 or null', label);
    END IF;
    key := care_internal.lock_person(authority, person_reference);
    IF EXISTS (SELECT FROM casework.ilf_award AS a WHERE a.person_id = key) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'ilf_award_once',
            MESSAGE = format('%s: person %s has an award already', label, person_reference);
    END IF;
    INSERT INTO casework.ilf_award (person_id, authority, reference, award_weekly, award_group, available_income_weekly,
                                    paid_to, plan_digest, known_before)
    VALUES (key, record_ilf_award.authority, record_ilf_award.reference, record_ilf_award.award_weekly,
            record_ilf_award.award_group, record_ilf_award.available_income_weekly, record_ilf_award.paid_to,
            record_ilf_award.plan_digest, record_ilf_award.known_before)
    RETURNING award_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_ilf_award(text, text, text, numeric, date, boolean, integer, numeric, text) IS
    'Records an award of the fund that passed to an authority and returns its key; pounds a week. 22023 for a day that '
    'the fund did not pay for, 23505 for a person who has one.';

CREATE FUNCTION casework.record_ilf_event(award_id bigint, status text, on_day date, weekly numeric DEFAULT NULL,
                                          eligible boolean DEFAULT NULL, moved_to text DEFAULT NULL,
                                          note text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := (SELECT l.label FROM casework_internal.lock_record('award', award_id) AS l);
BEGIN
    PERFORM casework_internal.require_code(label, 'status', 'ilf_status', status, NULL),
            care_internal.require_day(label, 'on_day', on_day);
    IF status IN ('maintained', 'decided') THEN
        PERFORM care_internal.require_amount(label, 'weekly', weekly);
    END IF;
    IF status = 'decided' AND eligible IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'argument_not_null', COLUMN = 'eligible',
            MESSAGE = format('%s: a decision says whether there are eligible needs', label);
    ELSIF status = 'moved' THEN
        PERFORM care_internal.require_authority(moved_to, on_day);
    ELSIF status = 'maintained' AND on_day < '2015-07-01' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'ilf_event_kept_up_from', COLUMN = 'on_day',
            MESSAGE = format('%s: until 2015-06-30 the fund itself pays', label);
    END IF;
    INSERT INTO casework.ilf_event (award_id, on_day, status, weekly, eligible, moved_to, note)
    VALUES (record_ilf_event.award_id, record_ilf_event.on_day, record_ilf_event.status,
            CASE WHEN record_ilf_event.status IN ('maintained', 'decided') THEN record_ilf_event.weekly END,
            CASE WHEN record_ilf_event.status = 'decided' THEN record_ilf_event.eligible END,
            CASE WHEN record_ilf_event.status = 'moved' THEN record_ilf_event.moved_to END, record_ilf_event.note);
END
$$;
COMMENT ON FUNCTION casework.record_ilf_event(bigint, text, date, numeric, boolean, text, text) IS
    'Records a step of a transfer: a code of list ilf_status; maintained and decided with pounds a week, moved with '
    'the authority. 22023 for a payment kept up before 2015-07-01.';

-- Each of the cohort as it stands on a day.  A payment kept up ends with the decision; a death takes the person out.
CREATE FUNCTION casework.ilf_position(as_at date)
    RETURNS TABLE (award_id bigint, authority text, reference text, person_id bigint, award_weekly numeric,
                   known_before boolean, plan_received boolean, assessed_on date, refused_on date, decided_on date,
                   eligible boolean, budget_weekly numeric, change_weekly numeric, change text, kept_up_from date,
                   kept_up_to date, kept_up_weekly numeric, gap_from date, died_on date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.award_id, coalesce(m.moved_to, a.authority), a.reference, a.person_id, a.award_weekly, a.known_before,
           a.plan_digest IS NOT NULL OR coalesce(e.plan, false), e.assessed_on, e.refused_on, e.decided_on, e.eligible,
           e.budget, e.budget - a.award_weekly,
           CASE WHEN e.budget < a.award_weekly THEN 'down' WHEN e.budget > a.award_weekly THEN 'up'
                WHEN e.budget IS NOT NULL THEN 'same' END,
           k.on_day, least(x.last_day, d.died_on), k.weekly,
           CASE WHEN e.decided_on IS NULL AND e.refused_on IS NULL AND k.on_day IS NULL AND d.died_on IS NULL
                     AND as_at > a.paid_to THEN a.paid_to + 1
                WHEN k.on_day > a.paid_to + 1 AND coalesce(e.decided_on, k.on_day) >= k.on_day THEN a.paid_to + 1
                WHEN k.on_day IS NULL AND e.decided_on > a.paid_to + 1 THEN a.paid_to + 1 END,
           d.died_on
    FROM casework.ilf_award AS a
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id AND d.died_on <= as_at
        LEFT JOIN LATERAL (SELECT x.moved_to FROM casework.ilf_event AS x
                           WHERE x.award_id = a.award_id AND x.status = 'moved' AND x.on_day <= as_at
                           ORDER BY x.on_day DESC, x.event_id DESC LIMIT 1) AS m ON true
        LEFT JOIN LATERAL (
            SELECT min(x.on_day) FILTER (WHERE x.status IN ('assessed', 'decided')) AS assessed_on,
                   min(x.on_day) FILTER (WHERE x.status = 'refused') AS refused_on,
                   max(x.on_day) FILTER (WHERE x.status = 'decided') AS decided_on,
                   (array_agg(x.eligible ORDER BY x.on_day DESC, x.event_id DESC)
                        FILTER (WHERE x.status = 'decided'))[1] AS eligible,
                   (array_agg(x.weekly::numeric ORDER BY x.on_day DESC, x.event_id DESC)
                        FILTER (WHERE x.status = 'decided'))[1] AS budget,
                   bool_or(x.status = 'plan_received') AS plan
            FROM casework.ilf_event AS x WHERE x.award_id = a.award_id AND x.on_day <= as_at) AS e ON true
        LEFT JOIN LATERAL (SELECT x.on_day, x.weekly FROM casework.ilf_event AS x
                           WHERE x.award_id = a.award_id AND x.status = 'maintained' AND x.on_day <= as_at
                           ORDER BY x.on_day DESC, x.event_id DESC LIMIT 1) AS k ON true
        CROSS JOIN LATERAL (SELECT CASE WHEN k.on_day IS NOT NULL
                                        THEN e.decided_on - CASE care.setting_on(a.authority,
                                            'ilf_ends_on_decision_day',
                                                                                 e.decided_on)
                                                                 WHEN 'on' THEN 0 ELSE 1 END END) AS x (last_day);
END;
COMMENT ON FUNCTION casework.ilf_position(date) IS
    'Each award as it stands on a day: assessed, refused, decided; the budget and its change from the award in '
    'pounds a week, up, down or same; the payment kept up, which ends with the decision; gap_from: the first day '
    'without either. The authority is the one that has the person on that day.';

CREATE FUNCTION casework.ilf_unassessed(as_at date)
    RETURNS TABLE (authority text, reference text, person_id bigint, award_weekly numeric, kept_up_weekly numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.authority, p.reference, p.person_id, p.award_weekly,
           CASE WHEN p.kept_up_to IS NULL OR p.kept_up_to >= as_at THEN p.kept_up_weekly END
    FROM casework.ilf_position(as_at) AS p
    WHERE p.assessed_on IS NULL AND p.refused_on IS NULL AND p.died_on IS NULL
    ORDER BY p.authority, p.reference;
END;
COMMENT ON FUNCTION casework.ilf_unassessed(date) IS
    'Those of the cohort who were not assessed by a day: without those who refused or died.';

CREATE FUNCTION casework.ilf_progress(as_at date)
    RETURNS TABLE (authority text, cohort bigint, known_before bigint, plan_received bigint, assessed bigint,
                   not_assessed bigint, percent_assessed numeric, kept_up bigint, kept_up_weekly numeric,
                   support_up bigint, support_down bigint, support_same bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.authority, count(*), count(*) FILTER (WHERE p.known_before), count(*) FILTER (WHERE p.plan_received),
           count(p.assessed_on),
           count(*) FILTER (WHERE p.assessed_on IS NULL AND p.refused_on IS NULL AND p.died_on IS NULL),
           round(100.0 * count(p.assessed_on) / count(*), 1), count(*) FILTER (WHERE k.runs),
           coalesce(sum(p.kept_up_weekly) FILTER (WHERE k.runs), 0.00), count(*) FILTER (WHERE p.change = 'up'),
           count(*) FILTER (WHERE p.change = 'down'), count(*) FILTER (WHERE p.change = 'same')
    FROM casework.ilf_position(as_at) AS p
        CROSS JOIN LATERAL (SELECT p.kept_up_from IS NOT NULL
                                   AND (p.kept_up_to IS NULL OR p.kept_up_to >= as_at)) AS k (runs)
    GROUP BY p.authority ORDER BY p.authority;
END;
COMMENT ON FUNCTION casework.ilf_progress(date) IS
    'How far each authority is with its cohort on a day, payments kept up and their sum in pounds a week, and for how '
    'many support went up, down or stayed the same.';
