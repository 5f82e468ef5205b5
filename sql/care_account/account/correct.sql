--
-- correct: events of an account, and what can be corrected of what was said at its opening.
--
-- Must not know: agreements, statements.
--

-- An event that may be corrected or withdrawn: one that stands.
CREATE FUNCTION care_internal.event_that_stands(account care.account, event_id bigint) RETURNS care.account_event
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    event care.account_event;
BEGIN
    SELECT e.* INTO event FROM care.account_event_known_at('infinity'::timestamptz) AS e
    WHERE e.account_id = account.account_id AND e.event_id = event_that_stands.event_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'account_event_exists', SCHEMA = 'care', TABLE = 'account_event', COLUMN = 'event_id',
            MESSAGE = format('account %s (%s) has no event %s to correct', account.account_id, account.reference,
                             coalesce(event_id::text, 'null')),
            HINT = 'It may have been corrected or withdrawn already; care.account_event_in_force lists those that '
                   'stand.';
    END IF;
    RETURN event;
END
$$;
COMMENT ON FUNCTION care_internal.event_that_stands(care.account, bigint) IS
    'An event of an account; P0002 if there is none, or it was corrected or withdrawn.';

CREATE FUNCTION care.record_event(account_id bigint, on_day date, kind text,
                                  note text DEFAULT NULL, supersedes bigint DEFAULT NULL)
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
    IF supersedes IS NOT NULL THEN
        PERFORM care_internal.event_that_stands(account, supersedes);
    END IF;
    INSERT INTO care.account_event (account_id, on_day, kind, note, supersedes)
    VALUES (account.account_id, record_event.on_day, record_event.kind, record_event.note, record_event.supersedes)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_event(bigint, date, text, text, bigint) IS
    'Records that something happened to an account and returns its key: the cap notice was given, the authority took '
    'over, an early assessment, a request for a statement, or that it is no longer required, or required again '
    '(care.retention). To correct one, give its key in supersedes.';

CREATE FUNCTION care.withdraw_event(account_id bigint, event_id bigint, reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    event care.account_event := care_internal.event_that_stands(account, event_id);
BEGIN
    PERFORM care_internal.require_text(format('account %s (%s)', account.account_id, account.reference), 'reason',
                                       reason);
    INSERT INTO care.account_event (account_id, on_day, note, supersedes)
    VALUES (account.account_id, event.on_day, withdraw_event.reason, event.event_id);
END
$$;
COMMENT ON FUNCTION care.withdraw_event(bigint, bigint, text) IS
    'Withdraws an event that was recorded in error, for a reason: as if it had not been.';

-- The correction of the first day that holds is the one that may be corrected; without one, what was said at the
-- opening.
CREATE FUNCTION care_internal.require_last_correction(account care.account, supersedes bigint) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
    held care.counting_correction;
BEGIN
    SELECT c.* INTO held FROM care.counting_correction_known_at('infinity'::timestamptz) AS c
    WHERE c.account_id = account.account_id;
    IF supersedes IS NOT NULL AND supersedes IS DISTINCT FROM held.correction_id THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'counting_correction_exists',
            SCHEMA = 'care', TABLE = 'counting_correction', COLUMN = 'supersedes',
            MESSAGE = format('%s has no correction %s of the day it counts from', label, supersedes),
            HINT = 'It may have been corrected already: then correct the correction.';
    ELSIF supersedes IS NULL AND held.correction_id IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'counting_correction_one_after_another',
            SCHEMA = 'care', TABLE = 'counting_correction', COLUMN = 'supersedes',
            MESSAGE = format('%s: the day it counts from was corrected already, to %s', label,
                             care_internal.day_text(held.counts_from)),
            HINT = format('To correct that, say supersedes => %s.', held.correction_id);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_last_correction(care.account, bigint) IS
    'Part of correct_counting(): refuses to correct what does not hold any more (23505), or is not there (P0002).';

CREATE FUNCTION care.correct_counting(account_id bigint, counts_from date, reason text,
                                      supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    early care.adjustment;
    new_id int8;
BEGIN
    PERFORM care_internal.require_opening(account.authority, account.reference, account.scheme, counts_from,
                (SELECT d.date_of_birth FROM care.person_detail_known_at('infinity'::timestamptz) AS d
                 WHERE d.person_id = account.person_id)),
            care_internal.require_text(label, 'reason', reason),
            care_internal.require_last_correction(account, supersedes);
    -- one that waits for approval too; what is superseded only by one that waits, still counts
    SELECT j.* INTO early FROM care.adjustment AS j
    WHERE j.account_id = account.account_id AND j.effective_on < correct_counting.counts_from AND j.amount <> 0
      AND NOT EXISTS (SELECT FROM care.adjustment AS later
                      WHERE later.account_id = j.account_id AND later.supersedes = j.adjustment_id
                        AND (NOT later.needs_approval
                             OR EXISTS (SELECT FROM care.adjustment_approval AS p
                                        WHERE p.account_id = later.account_id
                                          AND p.adjustment_id = later.adjustment_id)))
    ORDER BY j.effective_on, j.adjustment_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'adjustment_when_counting',
            MESSAGE = format('%s cannot count from %s: it is adjusted on %s', label,
                             care_internal.day_text(counts_from), care_internal.day_text(early.effective_on)),
            HINT = format('Correct or withdraw that first: care.record_adjustment(..., supersedes => %s).',
                          early.adjustment_id);
    END IF;
    INSERT INTO care.counting_correction (account_id, counts_from, reason, supersedes)
    VALUES (account.account_id, correct_counting.counts_from, correct_counting.reason, correct_counting.supersedes)
    RETURNING correction_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.correct_counting(bigint, date, text, bigint) IS
    'Corrects the day from which an account counts, for a reason, and returns the key of the correction. To correct '
    'one, give its key in supersedes. The rules of care.open_account() hold; 22023 if the account is adjusted on a day '
    'before.';

-- Where the cap depends on age, the birth cannot become unknown; in a load neither.
CREATE FUNCTION care_internal.refuse_missing_birth() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.account_id, a.reference, a.scheme INTO wrong
    FROM new_rows AS n
        JOIN care.person_detail_known_at('infinity'::timestamptz) AS d ON d.person_id = n.person_id
            AND d.date_of_birth IS NULL
        JOIN care.account AS a ON a.person_id = n.person_id
        JOIN care.charging_scheme AS s ON s.scheme = a.scheme AND s.zero_cap_before_age IS NOT NULL
    WHERE care_internal.is_new(n.recorded_at)
    ORDER BY a.account_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'account_has_birth', TABLE = TG_TABLE_NAME,
            SCHEMA = TG_TABLE_SCHEMA, COLUMN = 'date_of_birth',
            MESSAGE = format('account %s (%s): the date of birth must be known: under scheme %s the cap depends on age',
                             wrong.account_id, wrong.reference, wrong.scheme),
            HINT = 'Record the right one with care.record_person().';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_missing_birth() IS
    'Trigger: refuses (22004) that the date of birth of a person becomes unknown, where the cap of an account of '
    'theirs depends on age.';
CREATE TRIGGER person_detail_refuse_missing_birth AFTER INSERT ON care.person_detail
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_missing_birth();
COMMENT ON TRIGGER person_detail_refuse_missing_birth ON care.person_detail IS
    'Where the cap depends on age, the date of birth stays known.';
