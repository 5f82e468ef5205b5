--
-- write: what is recorded of an account, and the rules it must keep.
--
-- Must not know: agreements, statements.
--

-- What an account that is opened must keep, whoever opens it.
CREATE FUNCTION care_internal.require_opening(authority text, reference text, scheme text, counts_from date,
                                              date_of_birth date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    rules care.charging_scheme;
BEGIN
    PERFORM care_internal.require_authority(authority, counts_from);
    PERFORM care_internal.require_text(authority, 'reference', reference);
    PERFORM care_internal.require_day(format('account %s of %s', reference, authority), 'counts_from', counts_from);
    SELECT s.* INTO rules FROM care.charging_scheme AS s WHERE s.scheme = require_opening.scheme;
    IF NOT FOUND OR rules.personal_budget_counts IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'account_scheme_fkey',
            MESSAGE = format('no such cap scheme: %L', scheme),
            HINT = 'care.charging_scheme lists them.';
    END IF;
    PERFORM care.parameter_on(rules.scheme, 'cap', greatest(counts_from, rules.starts_on));
    IF rules.zero_cap_before_age IS NOT NULL AND date_of_birth IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'account_has_birth',
            MESSAGE = format('date_of_birth must not be null: under scheme %s the cap depends on age', scheme),
            DETAIL = format('It is for account %s of %s.', reference, authority);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_opening(text, text, text, date, date) IS
    'What an account must keep to be opened or loaded: an authority of the day, a cap scheme whose cap is known, a '
    'date of birth where the cap depends on age.';

CREATE FUNCTION care.open_account(authority text, reference text,
                                  person_reference text, date_of_birth date,
                                  scheme text, counts_from date,
                                  needs_began_on date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    person int8;
    new_id int8;
BEGIN
    PERFORM care_internal.require_opening(authority, reference, scheme, counts_from, date_of_birth);
    IF EXISTS (SELECT FROM care.account AS a
               WHERE a.authority = open_account.authority AND a.reference = open_account.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'account_reference_key',
            MESSAGE = format('%s already has an account with reference %s', authority, reference);
    END IF;
    -- persons are locked before schemes
    person := care_internal.agree_person(authority, person_reference, date_of_birth, needs_began_on);
    INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
    VALUES (person, open_account.counts_from, open_account.authority, open_account.reference, open_account.scheme)
    RETURNING account_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.open_account(text, text, text, date, text, date, date) IS
    'Opens a care account and returns its key. needs_began_on decides a cap that depends on age; when not given, needs '
    'are taken to have begun on counts_from.';

CREATE FUNCTION care_internal.require_account(account_id bigint) RETURNS care.account
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
BEGIN
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = require_account.account_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'account_exists', SCHEMA = 'care', TABLE = 'account', COLUMN = 'account_id',
            MESSAGE = format('no such account: %s', coalesce(account_id::text, 'null')),
            HINT = 'care.open_account() opens one and returns its key.';
    END IF;
    RETURN account;
END
$$;
COMMENT ON FUNCTION care_internal.require_account(bigint) IS 'The account; P0002 if there is none.';

-- The account, locked: writers of one account queue here.
CREATE FUNCTION care_internal.lock_account(account_id bigint) RETURNS care.account
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    locked care.account;
BEGIN
    SELECT a.* INTO locked FROM care.account AS a WHERE a.account_id = lock_account.account_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM care_internal.require_account(account_id);
        RETURN care_internal.lock_account(account_id);       -- opened meanwhile
    END IF;
    PERFORM care_internal.require_actor(locked.authority);
    IF care_internal.follow_figures(ARRAY[locked.account_id]) > 0 THEN
        SELECT a.* INTO locked FROM care.account AS a WHERE a.account_id = lock_account.account_id;
    END IF;
    RETURN locked;
END
$$;
COMMENT ON FUNCTION care_internal.lock_account(bigint) IS
    'The account, locked against other writers, following the figures of its scheme; P0002 if there is none, 42501 if '
    'an actor must be named.';

-- What a budget must keep, whoever records or loads it.
CREATE FUNCTION care_internal.require_budget(account care.account, budget care.budget) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
BEGIN
    IF budget.kind = 'personal_budget' AND budget.weekly_charge IS NULL
       AND (SELECT s.personal_budget_counts = 'weekly_charge' FROM care.charging_scheme AS s
            WHERE s.scheme = account.scheme) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'budget_has_charge',
            MESSAGE = format('%s: weekly_charge must not be null: scheme %s counts what the person is charged', label,
                             account.scheme),
            DETAIL = format('It is for the budget from %s.', care_internal.day_text(budget.valid_from));
    END IF;
    IF budget.valid_from IS NULL OR budget.valid_from < account.counting_from OR budget.valid_from > '9999-12-31' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'budget_when_counting',
            MESSAGE = format('%s counts from %s: a budget cannot begin on %s', label,
                             care_internal.day_text(account.counting_from),
                             care_internal.day_text(budget.valid_from)),
            HINT = 'Record the budget from the day counting starts.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_budget(care.account, care.budget) IS
    'What a budget must keep to be recorded or loaded: a charge where the scheme counts charges (22004), no day before '
    'the account counts (22023).';

-- One more budget fact, whatever its kind.
CREATE FUNCTION care_internal.add_budget(account care.account, budget care.budget) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
    corrected int8;
    new_id int8;
BEGIN
    PERFORM care_internal.require_budget(account, budget);
    SELECT b.budget_id INTO corrected FROM care.budget_known_at('infinity'::timestamptz) AS b
    WHERE b.account_id = account.account_id AND b.valid_from = budget.valid_from
      AND b.budget_id <> coalesce(budget.supersedes, 0);
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'budget_one_a_day',
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
