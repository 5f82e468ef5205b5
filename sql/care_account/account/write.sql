--
-- write: what is recorded of an account, and the rules it must keep.
--
-- Must not know: agreements, statements.
--

CREATE FUNCTION care.open_account(authority text, reference text,
                                  person_reference text, date_of_birth date,
                                  scheme text, counts_from date,
                                  needs_began_on date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rules care.scheme;
    new_id int8;
BEGIN
    PERFORM care_internal.require_authority(authority, counts_from);
    PERFORM care_internal.require_text(authority, 'reference', reference);
    PERFORM care_internal.require_day(format('account %s of %s', reference, authority), 'counts_from', counts_from);
    SELECT s.* INTO rules FROM care.scheme AS s WHERE s.scheme = open_account.scheme;
    IF NOT FOUND OR rules.personal_budget_counts IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'cap_scheme_exists', SCHEMA = 'care', TABLE = 'scheme', COLUMN = 'scheme',
            MESSAGE = format('no such cap scheme: %L', scheme),
            HINT = 'care.scheme lists them.';
    END IF;
    PERFORM care.parameter_on(rules.scheme, 'cap', greatest(counts_from, rules.starts_on));
    IF rules.zero_cap_before_age IS NOT NULL AND date_of_birth IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'account_needs_birth', SCHEMA = 'care', TABLE = 'person_detail', COLUMN = 'date_of_birth',
            MESSAGE = format('date_of_birth must not be null: under scheme %s the cap depends on age', scheme);
    END IF;
    IF EXISTS (SELECT FROM care.account AS a
               WHERE a.authority = open_account.authority AND a.reference = open_account.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'account_reference_once', SCHEMA = 'care', TABLE = 'account', COLUMN = 'reference',
            MESSAGE = format('%s already has an account with reference %s', authority, reference);
    END IF;
    INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
    VALUES (care_internal.agree_person(open_account.authority, open_account.person_reference,
                                       open_account.date_of_birth,
                              open_account.needs_began_on,
                              CASE WHEN rules.zero_cap_before_age IS NOT NULL THEN open_account.counts_from END),
            open_account.counts_from, open_account.authority, open_account.reference, open_account.scheme)
    RETURNING account_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.open_account(text, text, text, date, text, date, date) IS
    'Opens a care account and returns its key. needs_began_on decides a cap that depends on age; when not given, needs '
    'are taken to have begun on counts_from.';

-- The account, locked: writers of one account queue here.
CREATE FUNCTION care_internal.lock_account(account_id bigint) RETURNS care.account
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    locked care.account;
BEGIN
    SELECT a.* INTO locked FROM care.account AS a WHERE a.account_id = lock_account.account_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'account_exists', SCHEMA = 'care', TABLE = 'account', COLUMN = 'account_id',
            MESSAGE = format('no such account: %s', coalesce(account_id::text, 'null')),
            HINT = 'care.open_account() opens one and returns its key.';
    END IF;
    RETURN locked;
END
$$;
COMMENT ON FUNCTION care_internal.lock_account(bigint) IS
    'The account, locked against other writers; P0002 if there is none.';

-- One more budget fact, whatever its kind.
CREATE FUNCTION care_internal.add_budget(account care.account, budget care.budget) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
    corrected int8;
    new_id int8;
BEGIN
    IF budget.valid_from IS NULL OR budget.valid_from < account.counting_from OR budget.valid_from > '9999-12-31' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'budget_after_counting', SCHEMA = 'care', TABLE = 'budget', COLUMN = 'valid_from',
            MESSAGE = format('%s counts from %s: a budget cannot begin on %s', label,
                             care_internal.day_text(account.counting_from),
                             care_internal.day_text(budget.valid_from)),
            HINT = 'Record the budget from the day counting starts.';
    END IF;
    SELECT b.budget_id INTO corrected FROM care.budget_known_at('infinity'::timestamptz) AS b
    WHERE b.account_id = account.account_id AND b.valid_from = budget.valid_from
      AND b.budget_id <> coalesce(budget.supersedes, 0);
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'budget_one_a_day', SCHEMA = 'care', TABLE = 'budget', COLUMN = 'valid_from',
            MESSAGE = format('%s already has a budget from %s', label, care_internal.day_text(budget.valid_from)),
            HINT = format('To correct it, say supersedes => %s.', corrected);
    END IF;
    IF budget.supersedes IS NOT NULL
       AND NOT EXISTS (SELECT FROM care.budget_known_at('infinity'::timestamptz) AS b
                       WHERE b.account_id = account.account_id AND b.budget_id = budget.supersedes) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'budget_exists', SCHEMA = 'care', TABLE = 'budget', COLUMN = 'supersedes',
            MESSAGE = format('%s has no budget %s to correct', label, budget.supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge, plan_reference, reason,
                             supersedes)
    VALUES (account.account_id, budget.valid_from, budget.kind, budget.setting, budget.weekly_cost,
            budget.weekly_charge,
            budget.plan_reference, budget.reason, budget.supersedes)
    RETURNING budget_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care_internal.add_budget(care.account, care.budget) IS
    'Part of record_budget and end_budget: adds the row to a locked account.';

CREATE FUNCTION care.record_budget(account_id bigint, valid_from date, kind text,
                                   setting text, weekly_cost numeric,
                                   weekly_charge numeric DEFAULT NULL,
                                   plan_reference text DEFAULT NULL,
                                   supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    budget care.budget;
BEGIN
    PERFORM care_internal.require_word(label, 'kind of budget', kind, '{personal_budget,independent_personal_budget}');
    PERFORM care_internal.require_word(label, 'setting', setting, '{care_home,community}');
    PERFORM care_internal.require_amount(label, 'weekly_cost', weekly_cost);
    IF weekly_charge IS NOT NULL THEN
        PERFORM care_internal.require_amount(label, 'weekly_charge', weekly_charge);
    END IF;
    IF weekly_charge > weekly_cost THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'budget_charge_within_cost', SCHEMA = 'care', TABLE = 'budget', COLUMN = 'weekly_charge',
            MESSAGE = format('%s: weekly_charge %s is above the weekly cost %s', label, weekly_charge, weekly_cost);
    END IF;
    IF kind = 'personal_budget' AND weekly_charge IS NULL
       AND (SELECT s.personal_budget_counts = 'weekly_charge' FROM care.scheme AS s
            WHERE s.scheme = account.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'budget_needs_charge', SCHEMA = 'care', TABLE = 'budget', COLUMN = 'weekly_charge',
            MESSAGE = format('%s: weekly_charge must not be null: scheme %s counts what the person is charged', label,
                             account.scheme);
    END IF;
    budget.valid_from := valid_from;
    budget.kind := kind;
    budget.setting := setting;
    budget.weekly_cost := weekly_cost;
    budget.weekly_charge := weekly_charge;
    budget.plan_reference := plan_reference;
    budget.supersedes := supersedes;
    RETURN care_internal.add_budget(account, budget);
END
$$;
COMMENT ON FUNCTION care.record_budget(bigint, date, text, text, numeric, numeric, text, bigint) IS
    'Records the budget of an account from a day (pounds a week) and returns its key. To correct one, give its key in '
    'supersedes.';

CREATE FUNCTION care.end_budget(account_id bigint, from_day date, reason text,
                                supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    budget care.budget;
BEGIN
    budget.valid_from := from_day;
    budget.kind := 'ended';
    budget.weekly_cost := 0;
    budget.reason := reason;
    budget.supersedes := supersedes;
    RETURN care_internal.add_budget(account, budget);
END
$$;
COMMENT ON FUNCTION care.end_budget(bigint, date, text, bigint) IS
    'Records that an account has no budget from a day on: that day no longer counts.';

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
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'adjustment_nought_withdraws', SCHEMA = 'care', TABLE = 'adjustment', COLUMN = 'amount',
            MESSAGE = format('%s: an adjustment of nought changes nothing', label),
            HINT = 'Nought is for withdrawing one: name it in supersedes.';
    END IF;
    PERFORM care_internal.require_day(label, 'effective_on', effective_on);
    IF effective_on < account.counting_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'adjustment_after_counting', SCHEMA = 'care', TABLE = 'adjustment', COLUMN = 'effective_on',
            MESSAGE = format('%s counts from %s: it cannot be adjusted on %s', label,
                             care_internal.day_text(account.counting_from),
                             care_internal.day_text(effective_on));
    END IF;
    IF NOT EXISTS (SELECT FROM care.adjustment_reason AS r WHERE r.reason = record_adjustment.reason) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'adjustment_reason_exists', SCHEMA = 'care', TABLE = 'adjustment_reason', COLUMN = 'reason',
            MESSAGE = format('%s: unknown reason for an adjustment: %L', label, reason),
            HINT = 'care.adjustment_reason lists them; an authority may add rows of its own.';
    END IF;
    PERFORM care_internal.require_text(label, 'authorised_by', authorised_by);
    IF supersedes IS NOT NULL
       AND (NOT EXISTS (SELECT FROM care.adjustment AS j
                        WHERE j.account_id = account.account_id AND j.adjustment_id = record_adjustment.supersedes)
            OR EXISTS (SELECT FROM care.adjustment AS j
                       WHERE j.account_id = account.account_id AND j.supersedes = record_adjustment.supersedes)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'adjustment_exists', SCHEMA = 'care', TABLE = 'adjustment', COLUMN = 'supersedes',
            MESSAGE = format('%s has no adjustment %s to correct', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    END IF;
    INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, evidence, needs_approval,
                                 supersedes)
    VALUES (account.account_id, record_adjustment.effective_on, record_adjustment.amount, record_adjustment.reason,
            record_adjustment.authorised_by, record_adjustment.evidence,
            care.setting_on(account.authority, 'four_eyes', current_date) = 'on', record_adjustment.supersedes)
    RETURNING adjustment_id INTO new_id;
    PERFORM care_internal.require_above_nought(account.account_id, label);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_adjustment(bigint, date, numeric, text, text, text, bigint) IS
    'Adjusts accrued costs (pounds, negative to take away) on a day and returns the key; nought with supersedes '
    'withdraws one. Where the authority''s setting four_eyes is on it counts once approved.';

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
            ERRCODE = 'check_violation',
            CONSTRAINT = 'adjustment_above_nought', SCHEMA = 'care', TABLE = 'adjustment', COLUMN = 'amount',
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
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'adjustment_waits', SCHEMA = 'care', TABLE = 'adjustment', COLUMN = 'adjustment_id',
            MESSAGE = format('%s has no adjustment %s that waits for approval', label,
                             coalesce(adjustment_id::text, 'null'));
    END IF;
    IF care_internal.is_same_recorder(adjustment.recorded_by, care_internal.recorder()) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege',
            CONSTRAINT = 'adjustment_four_eyes', SCHEMA = 'care', TABLE = 'adjustment_approval', COLUMN = 'recorded_by',
            MESSAGE = format('%s: adjustment %s must be approved by somebody else than %s, who recorded it', label,
                             adjustment_id, care_internal.recorder());
    END IF;
    INSERT INTO care.adjustment_approval (account_id, adjustment_id)
    VALUES (account.account_id, approve_adjustment.adjustment_id);
    PERFORM care_internal.require_above_nought(account.account_id, label);
END
$$;
COMMENT ON FUNCTION care.approve_adjustment(bigint, bigint) IS
    'Approves an adjustment that waits for a second person; 42501 for the one who recorded it.';

CREATE FUNCTION care.record_event(account_id bigint, on_day date, kind text,
                                  note text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_word(label, 'kind of event', kind,
                              '{cap_notice_given,authority_meets_needs,early_assessment,statement_requested,'
                              'no_longer_required,required_again}');
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    INSERT INTO care.account_event (account_id, on_day, kind, note)
    VALUES (account.account_id, record_event.on_day, record_event.kind, record_event.note)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_event(bigint, date, text, text) IS
    'Records that something happened to an account: the cap notice was given, the authority took over, an early '
    'assessment, a request for a statement, or that it is no longer required, or required again (care.retention).';
