--
-- adjustment: accrued costs put up or down by hand, for a reason, with a second person's approval where asked for.
--
-- Must not know: agreements, statements.
--

CREATE FUNCTION care_internal.require_counting(account care.account, effective_on date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF effective_on < account.counting_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'adjustment_when_counting',
            MESSAGE = format('account %s (%s) counts from %s: it cannot be adjusted on %s', account.account_id,
                             account.reference, care_internal.day_text(account.counting_from),
                             care_internal.day_text(effective_on));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_counting(care.account, date) IS
    'Refuses (22023) an adjustment of a day before the account counts.';

CREATE FUNCTION care.record_adjustment(account_id bigint, effective_on date, amount numeric,
                                       reason text, authorised_by text,
                                       evidence text DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_amount(label, 'amount', amount, -10000000000);
    IF amount = 0 AND supersedes IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'adjustment_nought_withdraws',
            MESSAGE = format('%s: an adjustment of nought changes nothing', label),
            HINT = 'Nought is for withdrawing one: name it in supersedes.';
    END IF;
    PERFORM care_internal.require_day(label, 'effective_on', effective_on);
    PERFORM care_internal.require_counting(account, effective_on);
    IF NOT EXISTS (SELECT FROM care.adjustment_reason AS r WHERE r.reason = record_adjustment.reason) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'adjustment_reason_exists',
            MESSAGE = format('%s: unknown reason for an adjustment: %L', label, reason),
            HINT = 'care.adjustment_reason lists them; care.record_adjustment_reason() adds one.';
    END IF;
    PERFORM care_internal.require_text(label, 'authorised_by', authorised_by);
    IF supersedes IS NOT NULL
       AND (NOT EXISTS (SELECT FROM care.adjustment AS j
                        WHERE j.account_id = account.account_id AND j.adjustment_id = record_adjustment.supersedes)
            OR EXISTS (SELECT FROM care.adjustment AS j
                       WHERE j.account_id = account.account_id AND j.supersedes = record_adjustment.supersedes)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'adjustment_exists',
            MESSAGE = format('%s has no adjustment %s to correct', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, evidence, needs_approval,
                                 supersedes)
    VALUES (account.account_id, record_adjustment.effective_on, record_adjustment.amount, record_adjustment.reason,
            record_adjustment.authorised_by, record_adjustment.evidence,
            care.setting_on(account.authority, 'four_eyes', care.today()) = 'on', record_adjustment.supersedes)
    RETURNING adjustment_id INTO new_id;
    PERFORM care_internal.require_above_nought(account.account_id, label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_adjustment(bigint, date, numeric, text, text, text, bigint) IS
    'Adjusts accrued costs (pounds, negative to take away) on a day and returns the key; nought with supersedes '
    'withdraws one. Where the authority''s setting four_eyes is on it counts once approved.';

CREATE FUNCTION care.record_adjustment_reason(reason text, description text)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_text('a reason for adjustments', 'reason', reason),
            care_internal.require_text(reason, 'description', description);
    INSERT INTO care.adjustment_reason (reason, description)
    VALUES (record_adjustment_reason.reason, record_adjustment_reason.description)
    ON CONFLICT ON CONSTRAINT adjustment_reason_pkey DO NOTHING;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'adjustment_reason_pkey',
            MESSAGE = format('there is a reason for adjustments %L already', reason),
            HINT = 'A reason is never changed: a new one has a new name.';
    END IF;
END
$$;
COMMENT ON FUNCTION care.record_adjustment_reason(text, text) IS
    'Records one more reason for which adjustments may be made; 23505 if there is one of the name.';

-- An adjustment that takes away more than there is would be cut off at nought: refuse it instead.
CREATE FUNCTION care_internal.require_above_nought(account_id bigint, label text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    short record;
BEGIN
    SELECT w.from_day, w.amount, t.asked INTO short
    FROM care.account AS a,
        LATERAL (SELECT s.valid_from, s.value - lag(s.value, 1, 0) OVER (ORDER BY s.valid_from) AS asked
                 FROM care_internal.steps(a.adjusted) AS s) AS t,
        LATERAL care.cap_working(a.weekly_rate, a.cap, a.counting_from, t.valid_from, a.adjusted, a.cap_scales,
                                 a.reach) AS w
    WHERE a.account_id = require_above_nought.account_id
      AND w.what = 'adjustment' AND w.from_day = t.valid_from AND t.asked < 0 AND w.accrued = 0 AND w.amount > t.asked
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_above_nought',
            MESSAGE = format('%s: an adjustment of %s on %s would take accrued costs below nought', label, short.asked,
                             care_internal.day_text(short.from_day)),
            DETAIL = format('Only %s has accrued by then.', -short.amount);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_above_nought(bigint, text) IS
    'Refuses (23514) adjustments that would take accrued costs below nought.';

CREATE FUNCTION care.approve_adjustment(account_id bigint, adjustment_id bigint)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    adjustment care.adjustment;
BEGIN
    SELECT j.* INTO adjustment FROM care.adjustment AS j
    WHERE j.account_id = account.account_id AND j.adjustment_id = approve_adjustment.adjustment_id AND j.needs_approval
      AND NOT EXISTS (SELECT FROM care.adjustment_approval AS p
                      WHERE p.account_id = j.account_id AND p.adjustment_id = j.adjustment_id);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'adjustment_waits',
            MESSAGE = format('%s has no adjustment %s that waits for approval', label,
                             coalesce(adjustment_id::text, 'null'));
    END IF;
    IF care_internal.is_recorded_by_caller(adjustment.recorded_by) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'adjustment_four_eyes',
            MESSAGE = format('%s: adjustment %s must be approved by somebody else than %s, who recorded it', label,
                             adjustment_id, adjustment.recorded_by);
    END IF;
    INSERT INTO care.adjustment_approval (account_id, adjustment_id)
    VALUES (account.account_id, approve_adjustment.adjustment_id);
    PERFORM care_internal.require_above_nought(account.account_id, label);
END
$$;
COMMENT ON FUNCTION care.approve_adjustment(bigint, bigint) IS
    'Approves an adjustment that waits for a second person; 42501 for the one who recorded it.';
