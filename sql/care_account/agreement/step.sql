--
-- step: what happens to an agreement until it can be drawn on, in its order.
--
-- Must not know: care accounts, entries.
--

-- The agreement, or P0002; locked, or not.
CREATE FUNCTION care_internal.require_agreement(agreement_id bigint) RETURNS care.agreement
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_row care.agreement;
BEGIN
    SELECT a.* INTO found_row FROM care.agreement AS a WHERE a.agreement_id = require_agreement.agreement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'agreement_exists', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'agreement_id',
            MESSAGE = format('no such agreement: %s', coalesce(agreement_id::text, 'null')),
            HINT = 'care.open_agreement() opens one and returns its key.';
    END IF;
    RETURN found_row;
END
$$;
COMMENT ON FUNCTION care_internal.require_agreement(bigint) IS 'The agreement; P0002 if there is none.';

CREATE FUNCTION care_internal.lock_agreement(agreement_id bigint) RETURNS care.agreement
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    locked care.agreement;
BEGIN
    -- a new version of the row, nothing changed: a writer with an older view gets 40001, not a wrong figure
    UPDATE care.agreement AS a SET day_count = a.day_count WHERE a.agreement_id = lock_agreement.agreement_id;
    locked := care_internal.require_agreement(agreement_id);
    PERFORM care_internal.require_actor(locked.authority);
    RETURN locked;
END
$$;
COMMENT ON FUNCTION care_internal.lock_agreement(bigint) IS
    'The agreement, locked against other writers; P0002 if there is none, 42501 if an actor must be named.';

-- How an agreement is named in messages.
CREATE FUNCTION care_internal.agreement_label(agreement care.agreement) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN format('agreement %s (%s)', (agreement).agreement_id, (agreement).reference);
COMMENT ON FUNCTION care_internal.agreement_label(care.agreement) IS 'How an agreement is named in messages.';

CREATE FUNCTION care_internal.require_not_released(agreement care.agreement) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF agreement.released_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'agreement_not_released',
            MESSAGE = format('%s is over: its charge was released on %s', care_internal.agreement_label(agreement),
                             care_internal.day_text(agreement.released_on));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_not_released(care.agreement) IS
    'Refuses (55000) what can no longer happen once the charge was released.';

-- Steps follow one another.
CREATE FUNCTION care_internal.require_not_before(label text, name text, day date,
                                                 earliest date, because text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day(label, name, day);
    IF day < earliest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_steps_in_order', COLUMN = name,
            MESSAGE = format('%s: %s cannot be %s: %s on %s', label, name, care_internal.day_text(day), because,
                             care_internal.day_text(earliest));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_not_before(text, text, date, date, text) IS
    'Refuses what is not a day, and (55000) one before another, saying whose it is and why.';

CREATE FUNCTION care.apply_for_agreement(authority text, reference text,
                                         person_reference text, applied_on date,
                                         date_of_birth date DEFAULT NULL,
                                         style text DEFAULT 'traditional', term text DEFAULT 'lifetime',
                                         with_top_up boolean DEFAULT false, property_use text DEFAULT NULL,
                                         interest_from date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('agreement %s of %s', coalesce(reference, 'null'), coalesce(authority, 'null'));
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'applied_on', applied_on);
    PERFORM care_internal.require_authority(authority, applied_on);
    PERFORM care_internal.require_text(label, 'reference', reference),
            care_internal.require_text(label, 'person_reference', person_reference);
    PERFORM care_internal.require_word(label, 'style', style, '{traditional,loan}');
    PERFORM care_internal.require_word(label, 'term', term, '{until_sale,lifetime}');
    PERFORM care_internal.require_day(label, 'interest_from',
                                      nullif(nullif(interest_from, 'infinity'), '-infinity'), nullable => true);
    IF EXISTS (SELECT FROM care.agreement AS a
               WHERE a.authority = apply_for_agreement.authority AND a.reference = apply_for_agreement.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            CONSTRAINT = 'agreement_reference_once', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'reference',
            MESSAGE = format('%s already has an agreement with reference %s', authority, reference);
    END IF;
    INSERT INTO care.agreement (person_id, authority, reference, applied_on, style, term, with_top_up, property_use,
                                interest_from)
    VALUES (care_internal.agree_person(apply_for_agreement.authority, apply_for_agreement.person_reference,
                              apply_for_agreement.date_of_birth, NULL),
            apply_for_agreement.authority, apply_for_agreement.reference, apply_for_agreement.applied_on,
            apply_for_agreement.style,
            apply_for_agreement.term, coalesce(apply_for_agreement.with_top_up, false),
            apply_for_agreement.property_use,
            CASE WHEN apply_for_agreement.interest_from = 'infinity' THEN '9999-12-31'
                 WHEN isfinite(apply_for_agreement.interest_from) THEN apply_for_agreement.interest_from END)
    RETURNING agreement_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.apply_for_agreement(text, text, text, date, date, text, text, boolean, text, date) IS
    'Records that a person asked for a deferred payment agreement and returns its key. Next: decide_application(), '
    'notify_rate(), sign_agreement(), secure_agreement().';

CREATE FUNCTION care.decide_application(agreement_id bigint, on_day date, decision text,
                                        meets_criteria boolean, reason text DEFAULT NULL,
                                        override_reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, agreement.applied_on, 'it was asked for');
    PERFORM care_internal.require_word(label, 'decision', decision, '{offered,refused}');
    IF meets_criteria IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = 'meets_criteria',
            MESSAGE = format('%s: meets_criteria must not be null', label);
    END IF;
    IF agreement.signed_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_not_signed', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'signed_on',
            MESSAGE = format('%s is signed: there is nothing to decide', label);
    END IF;
    IF decision = 'refused' AND coalesce(reason, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'agreement_refused_with_reason', SCHEMA = 'care', TABLE = 'agreement_event', COLUMN = 'reason',
            MESSAGE = format('%s: a refusal needs a reason', label);
    END IF;
    IF decision = 'refused' AND meets_criteria AND coalesce(override_reason, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'agreement_override', SCHEMA = 'care', TABLE = 'agreement_event', COLUMN = 'override_reason',
            MESSAGE = format('%s: one that meets the criteria must be offered', label),
            HINT = 'If there is a lawful reason all the same, say it in override_reason.';
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, reason, override_reason)
    VALUES (agreement.agreement_id, decide_application.on_day, decision, decide_application.meets_criteria,
            decide_application.reason, decide_application.override_reason)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.decide_application(bigint, date, text, boolean, text, text) IS
    'Records that an agreement was offered or refused. Refusing one that meets the criteria needs an override reason '
    '(23514).';

CREATE FUNCTION care_internal.last_decision(agreement_id bigint) RETURNS care.agreement_event_in_force
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e FROM care.agreement_event_in_force AS e
    WHERE e.agreement_id = last_decision.agreement_id AND e.kind IN ('offered', 'refused')
    ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.last_decision(bigint) IS
    'The decision on an application of the last day, whenever it was recorded, an event; null: none yet.';

CREATE FUNCTION care_internal.require_offered(label text, decision care.agreement_event_in_force)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF decision.kind IS DISTINCT FROM 'offered' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_offered', SCHEMA = 'care', TABLE = 'agreement_event',
            MESSAGE = format('%s has not been offered', label),
            HINT = 'Record the decision with care.decide_application().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_offered(text, care.agreement_event_in_force) IS
    'Refuses (55000) what needs an offer, unless that was the last decision.';

CREATE FUNCTION care.notify_rate(agreement_id bigint, on_day date, rate numeric)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care_internal.require_not_before(label, 'on_day', on_day, agreement.applied_on, 'it was asked for');
    IF rate IS NOT NULL THEN
        PERFORM care_internal.require_percent(label, 'rate', rate);
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, rate)
    VALUES (agreement.agreement_id, notify_rate.on_day, 'rate_notified', notify_rate.rate)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.notify_rate(bigint, date, numeric) IS
    'Records that the adult was told the rate of interest (per cent a year; null: the national maximum as it moves).';

CREATE FUNCTION care.sign_agreement(agreement_id bigint, signed_on date)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
    policy care.interest_policy_in_force;
    decision care.agreement_event_in_force := care_internal.last_decision(agreement_id);
BEGIN
    PERFORM care_internal.require_not_before(label, 'signed_on', signed_on, agreement.applied_on, 'it was asked for');
    IF agreement.signed_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_not_signed', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'signed_on',
            MESSAGE = format('%s was signed on %s', label, care_internal.day_text(agreement.signed_on));
    END IF;
    PERFORM care_internal.require_offered(label, decision),
            care_internal.require_not_before(label, 'signed_on', signed_on, decision.on_day, 'it was offered');
    policy := care_internal.require_policy(agreement.authority, signed_on);
    IF NOT EXISTS (SELECT FROM care.agreement_event_in_force AS e
                   WHERE e.agreement_id = agreement.agreement_id AND e.kind = 'rate_notified'
                     AND e.on_day <= sign_agreement.signed_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_rate_notified', SCHEMA = 'care', TABLE = 'agreement_event', COLUMN = 'rate',
            MESSAGE = format('%s: the adult had not been told the rate of interest by %s', label,
                             care_internal.day_text(signed_on)),
            HINT = 'Record it with care.notify_rate(): no interest can be charged without.';
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, day_count, capitalised)
    VALUES (agreement.agreement_id, sign_agreement.signed_on, 'signed', policy.day_count, policy.capitalised);
END
$$;
COMMENT ON FUNCTION care.sign_agreement(bigint, date) IS
    'Records that an agreement was signed by all parties, on the day count and capitalisation of the authority''s '
    'policy that day. 55000 without an offer, a policy, or a notice of the rate.';

CREATE FUNCTION care_internal.require_security(label text, charge_type text, charge_priority integer) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_word(label, 'charge_type', charge_type, '{legal_charge,undertaking,other}');
    IF charge_priority < 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'agreement_charge_priority',
            SCHEMA = 'care', TABLE = 'agreement_event', COLUMN = 'charge_priority',
            MESSAGE = format('%s: charge_priority must be 1 or more, not %s', label, charge_priority),
            HINT = 'It is 1 for a first charge.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_security(text, text, integer) IS
    'Refuses (22023) a security of an unknown kind, or of a priority below 1.';

CREATE FUNCTION care.secure_agreement(agreement_id bigint, secured_on date,
                                      charge_type text DEFAULT 'legal_charge', charge_priority integer DEFAULT 1,
                                      title_reference text DEFAULT NULL, undertaking text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := care_internal.agreement_label(agreement);
BEGIN
    PERFORM care_internal.require_day(label, 'secured_on', secured_on);
    IF agreement.secured_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'agreement_not_secured', SCHEMA = 'care', TABLE = 'agreement', COLUMN = 'secured_on',
            MESSAGE = format('%s was secured on %s', label, care_internal.day_text(agreement.secured_on));
    END IF;
    PERFORM care_internal.require_offered(label, care_internal.last_decision(agreement_id)),
            care_internal.require_security(label, charge_type, charge_priority);
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, charge_type, charge_priority, title_reference, reason)
    VALUES (agreement.agreement_id, secure_agreement.secured_on, 'secured', secure_agreement.charge_type,
            secure_agreement.charge_priority, secure_agreement.title_reference, secure_agreement.undertaking);
END
$$;
COMMENT ON FUNCTION care.secure_agreement(bigint, date, text, integer, text, text) IS
    'Records that the security of an agreement is in place: its kind and priority, the title, the solicitor''s '
    'undertaking.';

CREATE FUNCTION care.open_agreement(authority text, reference text,
                                    person_reference text, signed_on date,
                                    secured_on date, date_of_birth date DEFAULT NULL,
                                    style text DEFAULT 'traditional', term text DEFAULT 'lifetime',
                                    with_top_up boolean DEFAULT false, property_use text DEFAULT NULL,
                                    interest_from date DEFAULT NULL,
                                    charge_type text DEFAULT 'legal_charge', charge_priority integer DEFAULT 1,
                                    title_reference text DEFAULT NULL, undertaking text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
    label text;
    policy care.interest_policy_in_force;
BEGIN
    IF signed_on IS NULL OR secured_on IS NULL OR NOT isfinite(signed_on) OR NOT isfinite(secured_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'agreement_signed_and_secured', SCHEMA = 'care', TABLE = 'agreement',
            MESSAGE = 'signed_on and secured_on must be days',
            HINT = 'One that is not yet signed and secured begins with care.apply_for_agreement().';
    END IF;
    new_id := care.apply_for_agreement(authority, reference, person_reference, signed_on, date_of_birth, style, term,
                                       with_top_up,
                                       property_use, interest_from);
    label := format('agreement %s (%s)', new_id, reference);
    policy := care_internal.require_policy(authority, signed_on);
    PERFORM care_internal.require_day(label, 'secured_on', secured_on),
            care_internal.require_security(label, charge_type, charge_priority);
    -- as the functions of the steps do, and together: their order is held to as that of a load
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, rate, day_count, capitalised,
                                      charge_type, charge_priority, title_reference, reason)
    VALUES (new_id, signed_on, 'offered', true, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
           (new_id, signed_on, 'rate_notified', NULL, (SELECT care.value_on(r.rates, open_agreement.signed_on)
                                                       FROM care.effective_rate AS r
                                                       WHERE r.authority = open_agreement.authority),
            NULL, NULL, NULL, NULL, NULL, NULL),
           (new_id, signed_on, 'signed', NULL, NULL, policy.day_count, policy.capitalised, NULL, NULL, NULL, NULL),
           (new_id, secured_on, 'secured', NULL, NULL, NULL, NULL, open_agreement.charge_type,
            open_agreement.charge_priority, open_agreement.title_reference, open_agreement.undertaking);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.open_agreement(text, text, text, date, date, date, text, text, boolean, text, date, text,
                                        integer, text, text) IS
    'Records an agreement that is signed and secured already, every step at once, and returns its key: the signed '
    'agreement states the rate of that day. interest_from: for one made before April 2015 (infinity: never).';
