--
-- change: how an agreement changes after it was signed: its security, and the day its interest starts.
--
-- Must not know: entries, balances.
--

CREATE FUNCTION care.change_security(agreement_id bigint, on_day date, charge_type text,
                                     charge_priority integer DEFAULT 1, title_reference text DEFAULT NULL,
                                     reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    held care.agreement_event_in_force := care_internal.security_held(agreement_id, on_day);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'on_day', on_day);
    IF held IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_is_secured', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'secured_on',
            MESSAGE = format('%s is not secured on %s: there is nothing to change', label,
                             care_internal.day_text(on_day)),
            HINT = 'The first security is recorded with care.secure_agreement().';
    END IF;
    PERFORM care_internal.require_not_released(agreement),
            care_internal.require_security(label, charge_type, charge_priority);
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, charge_type, charge_priority, title_reference, reason)
    VALUES (agreement.agreement_id, change_security.on_day, 'security_changed', change_security.charge_type,
            change_security.charge_priority, coalesce(change_security.title_reference, held.title_reference),
            change_security.reason)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.change_security(bigint, date, text, integer, text, text) IS
    'Records that the security of an agreement is another from a day on, such as a legal charge in place of a '
    'solicitor''s undertaking; without a title the one before stays. 55000 before it was secured. Of two of one day, '
    'the one recorded last holds.';

CREATE FUNCTION care.begin_interest(agreement_id bigint, from_day date, reason text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_before(label, 'from_day', from_day, agreement.applied_on, 'it was asked for'),
            care_internal.require_text(label, 'reason', reason),
            care_internal.require_not_released(agreement);
    IF agreement.interest_from IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_free_of_interest', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'interest_from',
            MESSAGE = format('%s was never free of interest: it runs from the first entry', label),
            HINT = 'One made before April 2015 is opened with interest_from: the day, or infinity for one to come.';
    END IF;
    IF from_day >= agreement.court_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_running', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'court_from',
            MESSAGE = format('%s: no interest starts on %s', label, care_internal.day_text(from_day)),
            DETAIL = format('The court rate holds from the judgment of %s.',
                            care_internal.day_text(agreement.court_from));
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, reason)
    VALUES (agreement.agreement_id, begin_interest.from_day, 'bears_interest', begin_interest.reason)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.begin_interest(bigint, date, text) IS
    'Records the day from which an agreement that was free of interest bears it, such as 56 days after the death; what '
    'was recorded before it, by this or at first, holds no more. 55000 for one that was never free of interest.';
