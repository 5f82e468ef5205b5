--
-- write: an account leaves, arrives, is acknowledged; a move is cancelled.
--
-- Every call may be made twice: what was done is answered as at first, and nothing is written.
--
-- Must not know: what the figures are worth.
--

-- Who has an authority's area and people on a day: itself, or those that followed it.
CREATE FUNCTION care.authority_successors(authority text, on_day date)
    RETURNS TABLE (successor text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    WITH RECURSIVE line AS (
        SELECT a.authority FROM care.local_authority AS a WHERE a.authority = authority_successors.authority
        UNION
        SELECT s.authority FROM line AS l JOIN care.local_authority AS s ON s.predecessor = l.authority
        WHERE s.valid_from <= on_day
    )
    SELECT l.authority FROM line AS l
    WHERE NOT EXISTS (SELECT FROM care.local_authority AS s
                      WHERE s.predecessor = l.authority AND s.valid_from <= on_day)
    ORDER BY l.authority COLLATE "C";
END;
COMMENT ON FUNCTION care.authority_successors(text, date) IS
    'Who has the area and people of an authority on a day: itself, or the one or more that took them over since.';

CREATE FUNCTION care_internal.require_movable(account care.account, moves_on date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
    died date := (SELECT d.died_on FROM care.death_known_at('infinity'::timestamptz) AS d
                  WHERE d.person_id = account.person_id);
    came date := (SELECT t.moves_on FROM care_internal.standing_transfers(account.account_id) AS t
                  WHERE t.direction = 'in' LIMIT 1);
    waiting bigint;
BEGIN
    IF moves_on <= greatest(account.counting_from, came) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_when_counting',
            MESSAGE = format('%s is counted here from %s: it cannot move on %s', label,
                             care_internal.day_text(greatest(account.counting_from, came)),
                             care_internal.day_text(moves_on)),
            HINT = 'Where nothing is counted yet, the second authority opens the account.';
    ELSIF died < moves_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_of_living',
            MESSAGE = format('%s: the person died on %s, before the move on %s', label, care_internal.day_text(died),
                             care_internal.day_text(moves_on)),
            HINT = 'The account stays; care.retention says until when.';
    END IF;
    SELECT j.adjustment_id INTO waiting FROM care.adjustment AS j
    WHERE j.account_id = account.account_id AND j.needs_approval
      AND NOT EXISTS (SELECT FROM care.adjustment_approval AS p WHERE p.adjustment_id = j.adjustment_id)
      AND NOT EXISTS (SELECT FROM care.adjustment AS l
                      WHERE l.account_id = j.account_id AND l.supersedes = j.adjustment_id)
    ORDER BY j.adjustment_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_nothing_waits',
            MESSAGE = format('%s: adjustment %s waits for approval', label, waiting),
            HINT = 'Have it approved, or withdraw it, before the account leaves: nothing is lost on the way.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_movable(care.account, date) IS
    'Refuses a move before the account is counted here (22023), after the death, or while an adjustment waits (55000).';

CREATE FUNCTION care_internal.require_move(move_id bigint, account care.account, to_authority text, trigger text)
    RETURNS care.move LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    move care.move;
    label text := format('account %s (%s)', account.account_id, account.reference);
BEGIN
    IF move_id IS NULL THEN
        RETURN NULL;
    END IF;
    move := care_internal.lock_move(move_id);
    IF (move.person_id, move.first_authority, move.second_authority, move.trigger)
       IS DISTINCT FROM (account.person_id, account.authority, to_authority, trigger) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_of_move',
            MESSAGE = format('%s: move %s (%s) is of another person, or between other authorities, or by another '
                             'trigger', label, move.move_id, move.reference);
    ELSIF care_internal.satisfied(move.move_id) IS DISTINCT FROM 'satisfied_told' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_when_satisfied',
            MESSAGE = format('%s: %s has not said that it is satisfied of move %s (%s): no documents are due', label,
                             to_authority, move.move_id, move.reference),
            HINT = 'When it has, care.record_move_step(..., ''satisfied_told'', ...) says so.';
    END IF;
    RETURN move;
END
$$;
COMMENT ON FUNCTION care_internal.require_move(bigint, care.account, text, text) IS
    'The move a transfer is of, locked; refuses one that is of something else (22023), or of which the second '
    'authority is not satisfied (55000).';

-- What is given of a person, when they have a pseudonym: nothing that shows who they are.
CREATE FUNCTION care_internal.require_person_part(label text, person jsonb, alias text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF person IS NOT NULL AND jsonb_typeof(person) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_person_is_object',
            MESSAGE = format('%s: person must be a JSON object', label);
    ELSIF alias IS NOT NULL AND person <> '{}' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'transfer_alias_only',
            MESSAGE = format('%s: a pseudonym is in force, and nothing else of the person goes with the document',
                             label),
            HINT = 'Leave person out; who they are is told otherwise.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_person_part(text, jsonb, text) IS
    'Refuses what is given of a person if it is no object (22023), or a pseudonym is in force (42501).';

CREATE FUNCTION care_internal.transfer_header(account care.account, to_authority text, moves_on date, trigger text,
                                              purpose text, carer_moves boolean, status text) RETURNS jsonb
    LANGUAGE sql VOLATILE
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'transfer_id', gen_random_uuid(), 'sequence', coalesce(max(t.sequence), 0) + 1,
        'supersedes', max(t.sequence) FILTER (WHERE t.transfer_id NOT IN (
                          SELECT s.transfer_id FROM care_internal.standing_transfers((account).account_id) AS s)),
        'created_at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'purpose', transfer_header.purpose,
        'status', transfer_header.status,
        'from', (SELECT jsonb_build_object('authority', a.authority, 'name', a.name) FROM care.local_authority AS a
                 WHERE a.authority = (account).authority),
        'to', (SELECT jsonb_build_object('authority', a.authority, 'name', a.name) FROM care.local_authority AS a
               WHERE a.authority = transfer_header.to_authority),
        'move', jsonb_build_object('moves_on', care_internal.day_text(transfer_header.moves_on),
                                   'trigger', transfer_header.trigger,
                                   'carer_moves', carer_moves)))
    FROM care.transfer AS t WHERE t.account_id = (account).account_id AND t.direction = 'out';
END;
COMMENT ON FUNCTION care_internal.transfer_header(care.account, text, date, text, text, boolean, text) IS
    'Who sends a document, to whom and why; a sequence of its own for each document of an account.';

CREATE FUNCTION care_internal.require_destination(account care.account, to_authority text, moves_on date, trigger text,
                                                  purpose text) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('account %s (%s)', account.account_id, account.reference);
BEGIN
    PERFORM care_internal.require_day(label, 'moves_on', moves_on),
            care_internal.require_authority(to_authority, moves_on),
            care_internal.require_word(label, 'purpose', purpose, '{move,release,prison_move,merger,request}');
    IF purpose <> 'merger' OR trigger IS NOT NULL THEN
        PERFORM care_internal.require_word(label, 'trigger', trigger, '{37(1),37(2),37(3)}');
    END IF;
    IF to_authority = account.authority OR (purpose = 'merger') <> (trigger IS NULL) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_destination',
            MESSAGE = CASE WHEN to_authority = account.authority
                           THEN format('%s is kept by %s: it cannot move there', label, to_authority)
                           ELSE format('%s: a merger has no trigger: nobody moves', label) END;
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_destination(care.account, text, date, text, text) IS
    'Refuses (22023) a transfer to an authority that is not in use on the day, or keeps the account itself, or of an '
    'unknown kind.';

-- A copy to look at, or to send beforehand: nothing is written and nothing freezes.
CREATE FUNCTION care.transfer_draft(account_id bigint, to_authority text, moves_on date, trigger text,
                                    purpose text DEFAULT 'move', person jsonb DEFAULT NULL,
                                    attachments jsonb DEFAULT NULL)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
BEGIN
    PERFORM care_internal.require_destination(account, to_authority, moves_on, trigger, purpose),
            care_internal.require_movable(account, moves_on),
            care_internal.require_person_part(format('account %s (%s)', account.account_id, account.reference), person,
                                              care_internal.alias_of(account.person_id, moves_on));
    RETURN care_internal.sealed_document(care_internal.transfer_document(account, moves_on,
        care_internal.transfer_header(account, to_authority, moves_on, trigger, purpose, NULL, 'draft'), person,
        attachments));
END
$$;
COMMENT ON FUNCTION care.transfer_draft(bigint, text, date, text, text, jsonb, jsonb) IS
    'The document as care.transfer_out() would make it, with status draft: nothing is recorded, and nobody can take it '
    'in.';

CREATE FUNCTION care.transfer_out(account_id bigint, to_authority text, moves_on date, trigger text,
                                  purpose text DEFAULT 'move', person jsonb DEFAULT NULL,
                                  attachments jsonb DEFAULT NULL, move_id bigint DEFAULT NULL)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    last care.transfer;
    move care.move;
    d jsonb;
    sealed text;
BEGIN
    SELECT t.* INTO last FROM care_internal.standing_transfers(account.account_id) AS t LIMIT 1;
    IF last.direction = 'out' AND last.to_authority = transfer_out.to_authority
       AND last.moves_on = transfer_out.moves_on THEN
        RETURN last.document;
    END IF;
    PERFORM care_internal.require_open(account),
            care_internal.require_destination(account, to_authority, moves_on, trigger, purpose),
            care_internal.require_movable(account, moves_on),
            care_internal.require_person_part(label, person, care_internal.alias_of(account.person_id, moves_on));
    move := care_internal.require_move(move_id, account, to_authority, trigger);
    d := care_internal.transfer_document(account, moves_on,
             care_internal.transfer_header(account, to_authority, moves_on, trigger, purpose, move.carer_moves, 'sent'),
             person, attachments);
    sealed := care_internal.sealed_document(d);
    PERFORM care_internal.adopt_facts(account.account_id,
                care_internal.facts_before(care_internal.document_facts(d), moves_on,
                                           format('transferred to %s', to_authority)),
                format('transferred to %s', to_authority));
    INSERT INTO care.transfer (account_id, direction, document_id, from_authority, from_reference, to_authority,
                               sequence, trigger, purpose, moves_on, document, digest)
    VALUES (account.account_id, 'out', (d ->> 'transfer_id')::uuid, account.authority, account.reference,
            transfer_out.to_authority, (d ->> 'sequence')::integer, transfer_out.trigger, transfer_out.purpose,
            transfer_out.moves_on, sealed, care.document_digest(sealed));
    IF move.move_id IS NOT NULL THEN
        PERFORM care.record_move_step(move.move_id, 'documents_sent', care.today(), d ->> 'transfer_id');
    END IF;
    RETURN sealed;
END
$$;
COMMENT ON FUNCTION care.transfer_out(bigint, text, date, text, text, jsonb, jsonb, bigint) IS
    'Sends an account to another authority from the day of a move, and returns the document: the account is counted '
    'here to the day before, and is read only. Called again it returns the same document. person and attachments are '
    'JSON that goes with it; move_id names the move, whose second authority must be satisfied.';

CREATE FUNCTION care_internal.require_open(account care.account) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    state text := care_internal.transfer_state(account.account_id);
BEGIN
    IF state <> 'open' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_account_open',
            MESSAGE = format('account %s (%s) is not counted here: %s', account.account_id, account.reference,
                             CASE state WHEN 'gone' THEN 'it was transferred to another authority'
                                        ELSE 'it came from another authority, and that was cancelled' END),
            HINT = CASE state WHEN 'gone' THEN 'If that was wrong, care.transfer_cancel() opens it again.'
                              ELSE 'A new document from that authority opens it again.' END;
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_open(care.account) IS
    'Refuses (55000) an account that another authority counts.';

-- With the first authority an account that was taken over need only be retained, by its own clock.
CREATE FUNCTION care_internal.note_required(account_id bigint, from_day date, note text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care.account_event (account_id, on_day, note, supersedes)
    SELECT e.account_id, e.on_day, note_required.note, e.event_id
    FROM care.account_event_known_at('infinity'::timestamptz) AS e
    WHERE e.account_id = note_required.account_id AND e.kind = 'no_longer_required' AND e.note LIKE 'transferred %'
    ORDER BY e.event_id;
    IF from_day IS NOT NULL THEN
        INSERT INTO care.account_event (account_id, on_day, kind, note)
        VALUES (note_required.account_id, from_day, 'no_longer_required', 'transferred ' || note_required.note);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.note_required(bigint, date, text) IS
    'Records that an account that was transferred is no longer required here from a day; null: that it is again.';

-- Undoes the last transfer that stands: what the account had before it, it has again.
CREATE FUNCTION care.transfer_cancel(account_id bigint, reason text, on_day date DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    last care.transfer;
    before care.transfer;
    facts jsonb;
BEGIN
    PERFORM care_internal.require_text(label, 'reason', reason),
            care_internal.require_day(label, 'on_day', on_day, nullable => true);
    SELECT t.* INTO last FROM care_internal.standing_transfers(account.account_id) AS t LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'transfer_exists',
            MESSAGE = format('%s has no transfer to cancel', label),
            HINT = 'It may have been cancelled already; care.transfer_status lists them.';
    END IF;
    facts := care_internal.document_facts(last.document::jsonb);
    IF last.direction = 'in' THEN
        SELECT t.* INTO before FROM care_internal.standing_transfers(account.account_id) AS t OFFSET 1 LIMIT 1;
        PERFORM care_internal.adopt_facts(account.account_id,
            CASE WHEN before.transfer_id IS NULL
                 THEN facts || '{"budgets": [], "adjustments": [], "events": []}'
                 ELSE care_internal.facts_before(care_internal.document_facts(before.document::jsonb), before.moves_on,
                                                 format('transferred to %s', before.to_authority)) END, reason);
        PERFORM care_internal.note_required(account.account_id, coalesce(before.moves_on, on_day, care.today()),
                                            coalesce('to ' || before.to_authority, 'back: ' || reason));
    END IF;
    INSERT INTO care.transfer_step (account_id, transfer_id, kind, on_day, note)
    VALUES (account.account_id, last.transfer_id, 'cancelled', coalesce(on_day, care.today()), reason);
    IF last.direction = 'out' THEN
        PERFORM care_internal.adopt_facts(account.account_id, facts, reason),
                care_internal.note_required(account.account_id, NULL, reason);
    END IF;
END
$$;
COMMENT ON FUNCTION care.transfer_cancel(bigint, text, date) IS
    'Cancels the last transfer of an account that stands, for a reason: the first authority''s account goes on as if '
    'it had not been sent, the second one''s counts nothing. Each side calls it. P0002 if no transfer stands.';
