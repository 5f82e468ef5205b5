--
-- deferral: what each agreement defers a week, and what of it was posted to the ledger.
--
-- Must not know: statements.
--

CREATE TABLE care.deferral (
    agreement_id bigint NOT NULL
        CONSTRAINT deferral_agreement_fkey REFERENCES care.agreement,
    deferral_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    valid_from date NOT NULL
        CONSTRAINT deferral_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    weekly_cost care.pounds NOT NULL,
    weekly_income care.pounds NOT NULL,
    allowance_kept care.pounds NOT NULL,
    third_party care.pounds NOT NULL,
    rent care.pounds NOT NULL,
    weekly_amount care.pounds NOT NULL
        CONSTRAINT deferral_not_negative CHECK (weekly_amount >= 0),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT deferral_pkey PRIMARY KEY (deferral_id),
    CONSTRAINT deferral_key UNIQUE (agreement_id, deferral_id)
);
COMMENT ON TABLE care.deferral IS
    'What each agreement defers a week: each row holds from its day until the next. A correction is a new row that '
    'supersedes the wrong one.';
COMMENT ON COLUMN care.deferral.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.deferral.deferral_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.deferral.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.deferral.weekly_cost IS 'Cost of the care, agreed top-up included, pounds a week.';
COMMENT ON COLUMN care.deferral.weekly_income IS 'The person''s income, pounds a week.';
COMMENT ON COLUMN care.deferral.allowance_kept IS 'Of which kept (disposable income allowance), pounds a week.';
COMMENT ON COLUMN care.deferral.third_party IS 'Contributions of third parties, pounds a week.';
COMMENT ON COLUMN care.deferral.rent IS 'Rent of the property paid towards the fees, pounds a week.';
COMMENT ON COLUMN care.deferral.weekly_amount IS 'What is deferred, pounds a week.';
COMMENT ON COLUMN care.deferral.supersedes IS 'The deferral_id of the row this one corrects.';
COMMENT ON COLUMN care.deferral.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.deferral.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.deferral', 'agreement', 'care.record_deferral(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.deferral', 'deferral_id', 'agreement_id', 'true');

CREATE TABLE care.deferral_posting (
    agreement_id bigint NOT NULL,
    posting_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    week_from date NOT NULL,
    week_to date NOT NULL,
    due care.pounds NOT NULL,
    entry_id bigint,
    deferred care.pounds NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT deferral_posting_pkey PRIMARY KEY (posting_id),
    CONSTRAINT deferral_posting_key UNIQUE (agreement_id, posting_id),
    CONSTRAINT deferral_posting_agreement_fkey FOREIGN KEY (agreement_id) REFERENCES care.agreement,
    CONSTRAINT deferral_posting_entry_fkey FOREIGN KEY (agreement_id, entry_id)
        REFERENCES care.agreement_entry (agreement_id, entry_id)
);
COMMENT ON TABLE care.deferral_posting IS
    'Weeks of each deferral (or four weeks, or months, by the authority''s billing_cycle) that were posted: what was '
    'due, and what of it the equity limit let be deferred.';
COMMENT ON COLUMN care.deferral_posting.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.deferral_posting.posting_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.deferral_posting.week_from IS 'First day of the week, or other period.';
COMMENT ON COLUMN care.deferral_posting.week_to IS 'Last day of it.';
COMMENT ON COLUMN care.deferral_posting.due IS 'Pounds; of a later posting of the same period: the difference.';
COMMENT ON COLUMN care.deferral_posting.entry_id IS 'The entry of the ledger; null: nothing could be deferred.';
COMMENT ON COLUMN care.deferral_posting.deferred IS 'Pounds of it deferred; the rest is for the person to pay.';
COMMENT ON COLUMN care.deferral_posting.recorded_at IS 'When it was posted.';
COMMENT ON COLUMN care.deferral_posting.recorded_by IS 'Who posted it.';
SELECT care_internal.keep('care.deferral_posting', 'agreement', 'care.record_deferral(..., supersedes => ...)');

CREATE FUNCTION care.deferral_in_force(agreement_id bigint) RETURNS SETOF care.deferral
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 3
BEGIN ATOMIC
    SELECT d.* FROM care.deferral AS d
    WHERE d.agreement_id = deferral_in_force.agreement_id
      AND NOT EXISTS (SELECT FROM care.deferral AS later WHERE later.agreement_id = d.agreement_id
                        AND later.supersedes = d.deferral_id);
END;
COMMENT ON FUNCTION care.deferral_in_force(bigint) IS
    'The deferrals of an agreement that hold: those that no other supersedes.';

CREATE VIEW care.deferral_in_force AS
    SELECT d.agreement_id, a.authority, a.reference, d.deferral_id, d.valid_from,
           lead(d.valid_from) OVER (PARTITION BY d.agreement_id ORDER BY d.valid_from) - 1 AS valid_to,
           d.weekly_cost, d.weekly_income, d.allowance_kept, d.third_party, d.rent, d.weekly_amount, d.supersedes,
           d.recorded_at, d.recorded_by
    FROM care.agreement AS a
        CROSS JOIN LATERAL care.deferral_in_force(a.agreement_id) AS d;
COMMENT ON VIEW care.deferral_in_force IS
    'The weekly deferrals that hold now, each with its last day; without those that were corrected.';
COMMENT ON COLUMN care.deferral_in_force.valid_to IS 'Last day it holds; null: until further notice.';
SELECT care_internal.comment_columns('care.deferral_in_force', 'care.deferral', 'care.agreement');

-- The weekly amounts as they may be posted: nought after the death, a stop, a judgment or the end.  As a table it
-- becomes part of the query that asks, and is not planned for each agreement.
CREATE FUNCTION care_internal.deferral_schedule(agreement care.agreement)
    RETURNS TABLE (first_day date, weekly care.schedule, last_open date) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT d.first_day,
           d.weekly
               OPERATOR(care.*) (SELECT care.schedule_agg(s.day, s.open)
                                 FROM (SELECT DISTINCT ON (x.day) x.day, x.open
                                       FROM (SELECT '-infinity'::date AS day, 1 AS open, 0::bigint AS n
                                             UNION ALL
                                             SELECT e.on_day, (e.kind = 'deferring_resumed')::integer, e.event_id
                                             FROM care.agreement_event_in_force AS e
                                             WHERE e.agreement_id = (agreement).agreement_id
                                               AND e.kind IN ('deferring_stopped', 'deferring_resumed')) AS x
                                       ORDER BY x.day, x.n DESC) AS s)
               OPERATOR(care.*) (SELECT care.schedule_agg(f.day, f.open)
                                 FROM (VALUES ('-infinity'::date, 1), (o.over_from, 0)) AS f (day, open)
                                 WHERE f.day IS NOT NULL),
           o.last_open
    FROM (SELECT min(x.valid_from), care.schedule_agg(x.valid_from, x.weekly_amount)
          FROM care.deferral_in_force((agreement).agreement_id) AS x HAVING count(*) > 0) AS d (first_day, weekly)
        CROSS JOIN LATERAL (SELECT max(k.died_on) FROM care.death_known_at('infinity'::timestamptz) AS k
                            WHERE k.person_id = (agreement).person_id) AS x (died_on)
        CROSS JOIN LATERAL (SELECT least((agreement).ended_on, (agreement).released_on,
                                         (agreement).court_from, x.died_on + 1),
                                   least((agreement).ended_on - 1, (agreement).released_on - 1, x.died_on))
            AS o (over_from, last_open);
END;
COMMENT ON FUNCTION care_internal.deferral_schedule(care.agreement) IS
    'The first day of the deferral of an agreement; what it defers a week, as a schedule, pounds: nought while '
    'deferring is stopped and once it is over; and the last day before it ended or the person died (null: neither). No '
    'row if it has no deferral.';

CREATE FUNCTION care_internal.weekly_deferred(agreement care.agreement) RETURNS care.schedule
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.weekly FROM care_internal.deferral_schedule(agreement) AS d;
END;
COMMENT ON FUNCTION care_internal.weekly_deferred(care.agreement) IS
    'What an agreement defers a week, as a schedule, pounds: nought while deferring is stopped and once it is over; '
    'null if it has no deferral.';

CREATE FUNCTION care_internal.require_deferral_begun(agreement care.agreement, since timestamptz) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    first_day date := (SELECT min(d.valid_from) FROM care.deferral AS d
                       WHERE d.agreement_id = agreement.agreement_id AND d.recorded_at < since
                         AND NOT EXISTS (SELECT FROM care.deferral AS later
                                         WHERE later.agreement_id = d.agreement_id
                                           AND later.supersedes = d.deferral_id AND later.recorded_at < since));
BEGIN
    IF first_day <> (SELECT min(d.valid_from) FROM care.deferral_in_force(agreement.agreement_id) AS d)
       AND EXISTS (SELECT FROM care.deferral_posting AS p WHERE p.agreement_id = agreement.agreement_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'deferral_begun',
            MESSAGE = format('%s: its deferral began on %s and weeks are posted: that day cannot move',
                             care_internal.agreement_label(agreement), care_internal.day_text(first_day)),
            HINT = 'Correct the amount for its own day; fees of earlier days are deferred with care.defer().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_deferral_begun(care.agreement, timestamptz) IS
    'Refuses (55000) deferrals recorded since a moment that move the day the first one begins, once weeks are posted.';

CREATE FUNCTION care.record_deferral(agreement_id bigint, valid_from date, weekly_cost numeric,
                                     weekly_income numeric, allowance_kept numeric DEFAULT NULL,
                                     third_party numeric DEFAULT 0, rent numeric DEFAULT 0,
                                     supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    most_kept numeric;
    other int8;
    recorded timestamptz;
    new_id int8;
BEGIN
    PERFORM care_internal.require_deferrable(agreement, valid_from, 'care_fees');
    most_kept := care.parameter_on('deferred_payment', 'allowance_kept', valid_from);
    allowance_kept := coalesce(allowance_kept, most_kept);
    PERFORM care_internal.require_amount(label, 'weekly_cost', weekly_cost),
            care_internal.require_amount(label, 'weekly_income', weekly_income),
            care_internal.require_amount(label, 'allowance_kept', allowance_kept),
            care_internal.require_amount(label, 'third_party', third_party),
            care_internal.require_amount(label, 'rent', rent);
    IF allowance_kept > most_kept THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'deferral_allowance_kept',
            MESSAGE = format('%s: allowance_kept is at most %s on %s, not %s', label, most_kept,
                             care_internal.day_text(valid_from), allowance_kept);
    END IF;
    SELECT d.deferral_id INTO other FROM care.deferral_in_force(agreement_id) AS d
    WHERE d.valid_from = record_deferral.valid_from AND d.deferral_id <> coalesce(record_deferral.supersedes, 0);
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'deferral_one_a_day',
            MESSAGE = format('%s already has a deferral from %s', label, care_internal.day_text(valid_from)),
            HINT = format('To correct it, say supersedes => %s.', other);
    END IF;
    IF supersedes IS NOT NULL
       AND NOT EXISTS (SELECT FROM care.deferral_in_force(agreement_id) AS d
                       WHERE d.deferral_id = record_deferral.supersedes) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'deferral_exists', SCHEMA = 'care', TABLE = 'deferral', COLUMN = 'supersedes',
            MESSAGE = format('%s has no deferral %s to correct', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.deferral (agreement_id, valid_from, weekly_cost, weekly_income, allowance_kept, third_party, rent,
                               weekly_amount, supersedes)
    VALUES (agreement.agreement_id, record_deferral.valid_from, record_deferral.weekly_cost,
            record_deferral.weekly_income,
            record_deferral.allowance_kept, record_deferral.third_party, record_deferral.rent,
            care.weekly_deferral(record_deferral.weekly_cost, record_deferral.weekly_income,
                                 record_deferral.allowance_kept,
                                 record_deferral.third_party + record_deferral.rent),
            record_deferral.supersedes)
    RETURNING deferral_id, recorded_at INTO new_id, recorded;
    PERFORM care_internal.require_deferral_begun(agreement, recorded);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_deferral(bigint, date, numeric, numeric, numeric, numeric, numeric, bigint) IS
    'Records what an agreement defers a week from a day (pounds): cost, less income above the allowance kept (null: '
    'the most there may be), third parties and rent. A cost of nought ends it. To correct one, give its key in '
    'supersedes.';
