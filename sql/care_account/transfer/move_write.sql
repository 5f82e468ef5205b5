--
-- move_write: what is recorded of a move, and the rules it must keep.
--
-- Must not know: documents.
--

CREATE FUNCTION care.record_move(authority text, reference text, person_reference text, trigger text,
                                 first_authority text, second_authority text, told_on date, told_by text,
                                 planned_on date DEFAULT NULL, carer_moves boolean DEFAULT false,
                                 into_specified boolean DEFAULT false)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('move %s of %s', reference, authority);
    key int8;
    new_id int8;
BEGIN
    PERFORM care_internal.require_text(authority, 'reference', reference),
            care_internal.require_day(label, 'told_on', told_on),
            care_internal.require_day(label, 'planned_on', planned_on, nullable => true),
            care_internal.require_authority(first_authority, told_on),
            care_internal.require_authority(second_authority, told_on),
            care_internal.require_word(label, 'trigger', trigger, '{37(1),37(2),37(3)}'),
            care_internal.require_text(label, 'told_by', told_by);
    IF first_authority = second_authority OR (authority IN (first_authority, second_authority)) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'move_between_two',
            MESSAGE = format('%s is from %s to %s', label, first_authority, second_authority),
            HINT = 'It is between two authorities, and one of them keeps the record.';
    ELSIF into_specified THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'move_into_specified',
            MESSAGE = format('%s: a person placed in specified accommodation stays with the authority that placed them',
                             label),
            HINT = 'That is a care home, shared lives or supported living; no transfer is due. Who leaves it for a '
                   'home of their own in that area moves by 37(3).';
    END IF;
    key := care_internal.lock_person(authority, person_reference);
    IF trigger = '37(2)' AND authority = first_authority
       AND NOT EXISTS (SELECT FROM care.account AS a WHERE a.person_id = key) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'move_has_account',
            MESSAGE = format('%s: no care account is kept of person %s, and by 37(2) only an account moves', label,
                             person_reference),
            HINT = 'Where needs are met, it is 37(1).';
    ELSIF EXISTS (SELECT FROM care.move AS m
                  WHERE m.authority = record_move.authority AND m.reference = record_move.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'move_reference_key',
            MESSAGE = format('%s is recorded already', label);
    END IF;
    INSERT INTO care.move (person_id, authority, reference, trigger, first_authority, second_authority, told_on,
                           told_by, planned_on, carer_moves)
    VALUES (key, record_move.authority, record_move.reference, record_move.trigger, record_move.first_authority,
            record_move.second_authority, record_move.told_on, record_move.told_by, record_move.planned_on,
            coalesce(record_move.carer_moves, false))
    RETURNING move_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_move(text, text, text, text, text, text, date, text, date, boolean, boolean) IS
    'Records that a person means to move, as the first or the second authority keeps it, and returns the key. 22023 '
    'for a move into specified accommodation: the authority that places somebody stays responsible. 55000 by 37(2) '
    'where no account is kept.';

CREATE FUNCTION care_internal.lock_move(move_id bigint) RETURNS care.move
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    locked care.move;
BEGIN
    SELECT m.* INTO locked FROM care.move AS m WHERE m.move_id = lock_move.move_id FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'move_exists',
            MESSAGE = format('no such move: %s', coalesce(move_id::text, 'null')),
            HINT = 'care.record_move() records one and returns its key.';
    END IF;
    PERFORM care_internal.require_actor(locked.authority);
    RETURN locked;
END
$$;
COMMENT ON FUNCTION care_internal.lock_move(bigint) IS
    'The move, locked against other writers; P0002 if there is none, 42501 if an actor must be named.';

CREATE FUNCTION care.record_move_step(move_id bigint, kind text, on_day date, note text DEFAULT NULL,
                                      supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    move care.move := care_internal.lock_move(move_id);
    label text := format('move %s (%s)', move.move_id, move.reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_correctable(label, 'care.move_step', 'move_id', move.move_id, 'step_id', supersedes),
            care_internal.require_day(label, 'on_day', on_day);
    IF kind IS NOT NULL OR supersedes IS NULL THEN
        PERFORM care_internal.require_word(label, 'kind of step', kind, '{informed,satisfied_told,not_satisfied,'
                                           'documents_sent,documents_received,contact,assessed,explained,moved,'
                                           'cancelled}');
    END IF;
    IF kind IN ('not_satisfied', 'cancelled') OR kind IS NULL THEN
        PERFORM care_internal.require_text(label, 'note, which says why,', note);
    END IF;
    INSERT INTO care.move_step (move_id, kind, on_day, note, supersedes)
    VALUES (move.move_id, record_move_step.kind, record_move_step.on_day, record_move_step.note,
            record_move_step.supersedes)
    RETURNING step_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_move_step(bigint, text, date, text, bigint) IS
    'Records a step of a move and returns its key; with supersedes it corrects one, and without a kind withdraws it. '
    'not_satisfied and cancelled say why in note.';

CREATE FUNCTION care.record_move_difference(move_id bigint, need text, first_view text, second_view text,
                                            explained_on date DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    move care.move := care_internal.lock_move(move_id);
    label text := format('move %s (%s)', move.move_id, move.reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_correctable(label, 'care.move_difference', 'move_id', move.move_id,
                                              'difference_id', supersedes),
            care_internal.require_text(label, 'need', need),
            care_internal.require_text(label, 'first_view', first_view),
            care_internal.require_text(label, 'second_view', second_view),
            care_internal.require_day(label, 'explained_on', explained_on, nullable => true);
    INSERT INTO care.move_difference (move_id, need, first_view, second_view, explained_on, supersedes)
    VALUES (move.move_id, record_move_difference.need, record_move_difference.first_view,
            record_move_difference.second_view, record_move_difference.explained_on, record_move_difference.supersedes)
    RETURNING difference_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_move_difference(bigint, text, text, text, date, bigint) IS
    'Records a need that the second authority sees otherwise than the first, and when it explained that in writing; '
    'returns the key. With supersedes it corrects one.';

CREATE FUNCTION care.record_recovery_claim(move_id bigint, from_day date, to_day date, amount numeric, reason text,
                                           decided_on date DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    move care.move := care_internal.lock_move(move_id);
    label text := format('move %s (%s)', move.move_id, move.reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_correctable(label, 'care.recovery_claim', 'move_id', move.move_id, 'claim_id',
                                              supersedes),
            care_internal.require_day(label, 'from_day', from_day), care_internal.require_day(label, 'to_day', to_day),
            care_internal.require_amount(label, 'amount', amount), care_internal.require_text(label, 'reason', reason),
            care_internal.require_day(label, 'decided_on', decided_on, nullable => true);
    IF to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'recovery_claim_in_order',
            MESSAGE = format('%s: a claim cannot be from %s to %s', label, care_internal.day_text(from_day),
                             care_internal.day_text(to_day));
    END IF;
    INSERT INTO care.recovery_claim (move_id, from_day, to_day, amount, reason, decided_on, supersedes)
    VALUES (move.move_id, record_recovery_claim.from_day, record_recovery_claim.to_day, record_recovery_claim.amount,
            record_recovery_claim.reason, record_recovery_claim.decided_on, record_recovery_claim.supersedes)
    RETURNING claim_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_recovery_claim(bigint, date, date, numeric, text, date, bigint) IS
    'Records what the second authority asks the first to pay back (pounds, both days count), because residence never '
    'changed; returns the key. The accrual itself goes back by care.transfer_cancel() on both sides. With supersedes '
    'it corrects one; an amount of nought withdraws it.';
