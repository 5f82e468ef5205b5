--
-- take_in: a document is received, and an account taken in from it.
--
-- Must not know: what the figures are worth.
--

-- For whom a document is: the authority it names, or one that followed it.
CREATE FUNCTION care_internal.receiver_of(d jsonb, authority text) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text := d -> 'to' ->> 'authority';
    moves_on date := (d -> 'move' ->> 'moves_on')::date;
    followed text[] := ARRAY(SELECT s.successor FROM care.authority_successors(named, care.today()) AS s);
BEGIN
    IF authority IS NULL AND cardinality(followed) = 1 THEN
        RETURN followed[1];
    ELSIF authority IS NULL OR authority <> named AND authority <> ALL (followed) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_for_authority',
            MESSAGE = format('the document is for %s%s', named,
                             CASE WHEN authority IS NOT NULL THEN format(', not for %s', authority) ELSE '' END),
            HINT = format('With authority => ... say who takes it in: %s.', array_to_string(followed, ' or '));
    END IF;
    RETURN care_internal.require_authority(authority, moves_on);
END
$$;
COMMENT ON FUNCTION care_internal.receiver_of(jsonb, text) IS
    'The authority that takes a document in: the one it names, or its successor; 22023 for another.';

-- Known on the day the document was made, or followed by one that is.
CREATE FUNCTION care_internal.require_sender(d jsonb) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    named text := d -> 'from' ->> 'authority';
BEGIN
    IF named = d -> 'to' ->> 'authority' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_destination',
            MESSAGE = format('the document is from %s to itself', named);
    ELSIF NOT EXISTS (SELECT FROM care.authority_successors(named, care.today()) AS s
                      WHERE s.successor <> named) THEN
        PERFORM care_internal.require_authority(named, (d -> 'move' ->> 'moves_on')::date);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_sender(jsonb) IS
    'Refuses a document of an authority that is not known (P0002), or had ended by the move and nobody followed '
    '(22023).';

-- Documents of one account are taken in in their order; one that was taken in is answered as at first.
CREATE FUNCTION care_internal.taken_in(d jsonb, digest text) RETURNS bigint
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('document %s of account %s of %s', d ->> 'sequence', d -> 'account' ->> 'reference',
                         d -> 'from' ->> 'authority');
    held care.transfer_status;
BEGIN
    SELECT t.* INTO held FROM care.transfer_status AS t
    WHERE t.from_authority = d -> 'from' ->> 'authority' AND t.from_reference = d -> 'account' ->> 'reference'
      AND t.direction = 'in' AND t.sequence >= (d ->> 'sequence')::integer
    ORDER BY t.sequence = (d ->> 'sequence')::integer DESC, t.sequence DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN NULL;
    ELSIF held.sequence > (d ->> 'sequence')::integer THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_in_sequence',
            MESSAGE = format('%s comes after document %s, which was taken in', label, held.sequence),
            HINT = 'care.transfer_receive() keeps it as it came.';
    ELSIF held.digest <> taken_in.digest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'transfer_sequence_key',
            MESSAGE = format('%s was taken in already, and was another: its digest is %s', label, held.digest);
    ELSIF held.status = 'cancelled' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_cancelled',
            MESSAGE = format('%s was taken in, and that was cancelled on %s', label,
                             care_internal.day_text(held.since)),
            HINT = 'Ask the first authority for a new document.';
    END IF;
    RETURN held.account_id;
END
$$;
COMMENT ON FUNCTION care_internal.taken_in(jsonb, text) IS
    'The account that was taken in from a document; null: not yet. 55000 for one that comes after a later one or was '
    'cancelled, 23505 for another document in its place.';

CREATE FUNCTION care.transfer_receive(document text, authority text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    text_digest text;
    found jsonb;
    d jsonb;
    digest text;
    state text;
    name text;
    words text;
    new_id int8;
BEGIN
    PERFORM care_internal.require_text('document', 'document', document),
            care_internal.require_authority(authority, NULL), care_internal.require_actor(authority);
    text_digest := encode(sha256(convert_to(document, 'UTF8')), 'hex');
    BEGIN
        digest := care.document_digest(document);
        d := care_internal.read_transfer(document);
        PERFORM care_internal.receiver_of(d, authority), care_internal.require_sender(d),
                care_internal.taken_in(d, digest);
        found := '{"accepted": true}';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, name = CONSTRAINT_NAME, words = MESSAGE_TEXT;
        IF state ~ '^(40|53|57|58|XX000)' THEN
            RAISE;                                           -- not the document's fault
        END IF;
        found := jsonb_build_object('accepted', false, 'sqlstate', state, 'name', name, 'message', words);
    END;
    INSERT INTO care.received_document (authority, reference, document, digest, checks)
    VALUES (transfer_receive.authority, text_digest, transfer_receive.document, digest, found)
    ON CONFLICT ON CONSTRAINT received_document_reference_key DO NOTHING
    RETURNING document_id INTO new_id;
    IF new_id IS NULL THEN
        SELECT r.document_id INTO new_id FROM care.received_document AS r
        WHERE r.authority = transfer_receive.authority AND r.reference = text_digest;
    END IF;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.transfer_receive(text, text) IS
    'Keeps a document as it came, with what was found in it, and returns the key: whether care.transfer_in() would '
    'refuse it, and why. The same text again writes nothing and returns the same key.';

-- The account that a document belongs to here: one that left, or one that was taken in and that was cancelled.
CREATE FUNCTION care_internal.held_account(d jsonb, receiver text) RETURNS bigint
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id
    FROM care.account AS a
        LEFT JOIN (SELECT u.part, u.place
                   FROM jsonb_array_elements(d -> 'responsible') WITH ORDINALITY AS u (part, place)) AS r
            ON r.part ->> 'authority' = a.authority AND r.part ->> 'reference' = a.reference
    WHERE a.authority = receiver
      AND (r.part IS NOT NULL
           OR a.account_id IN (SELECT t.account_id FROM care.transfer AS t
                               WHERE t.direction = 'in' AND t.from_authority = d -> 'from' ->> 'authority'
                                 AND t.from_reference = d -> 'account' ->> 'reference'))
    ORDER BY r.place DESC NULLS LAST, a.account_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.held_account(jsonb, text) IS
    'The account that the receiver of a document holds already, of which it is; null: none.';

-- No day is counted twice: not by an account of the person that is open here, nor by one that left later.
CREATE FUNCTION care_internal.require_not_counted(d jsonb, receiver text, person_reference text, held bigint)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    move_day date := (d -> 'move' ->> 'moves_on')::date;
    twice record;
BEGIN
    SELECT a.account_id, a.reference, move_day AS day INTO twice
    FROM care.account AS a WHERE a.account_id = held AND care_internal.transfer_state(a.account_id) = 'open'
    UNION ALL
    SELECT a.account_id, a.reference,
           (SELECT greatest(min(s.valid_from), a.counting_from, (d -> 'account' ->> 'counting_from')::date)
            FROM care_internal.steps(a.weekly_rate) AS s WHERE s.value > 0)
    FROM care.account AS a
    WHERE a.authority = receiver AND a.scheme = d ->> 'scheme'
      AND a.person_reference = require_not_counted.person_reference AND a.account_id IS DISTINCT FROM held
      AND care_internal.transfer_state(a.account_id) = 'open'
      AND EXISTS (SELECT FROM care_internal.steps(a.weekly_rate) AS s WHERE s.value > 0)
    UNION ALL
    SELECT a.account_id, a.reference, move_day
    FROM care.account AS a, LATERAL (SELECT t.* FROM care_internal.standing_transfers(a.account_id) AS t LIMIT 1) AS l
    WHERE a.account_id = held AND l.direction = 'out' AND l.moves_on > move_day
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_day_counted_once',
            MESSAGE = format('%s would be counted twice: account %s (%s) of %s counts it',
                             care_internal.day_text(twice.day), twice.account_id, twice.reference, receiver),
            HINT = 'If that account came by an earlier document, care.transfer_cancel() takes it back; if it was '
                   'opened here in error, correct its budgets so that it counts nothing.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_not_counted(jsonb, text, text, bigint) IS
    'Refuses (23514) a document whose days from the move on are counted by an account here already, naming the day.';

-- What comes back is what left: to whom it went and when, and whose it is.
CREATE FUNCTION care_internal.require_same_account(d jsonb, account care.account) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone care.transfer;
    next jsonb := (SELECT u.next
                   FROM (SELECT r.part, r.place, lead(r.part) OVER (ORDER BY r.place) AS next
                         FROM jsonb_array_elements(d -> 'responsible') WITH ORDINALITY AS r (part, place)) AS u
                   WHERE u.part ->> 'authority' = account.authority AND u.part ->> 'reference' = account.reference
                   ORDER BY u.place DESC LIMIT 1);
    born date := (SELECT p.date_of_birth FROM care.person_detail_known_at('infinity'::timestamptz) AS p
                  WHERE p.person_id = account.person_id);
BEGIN
    SELECT t.* INTO gone FROM care_internal.standing_transfers(account.account_id) AS t LIMIT 1;
    IF gone.direction = 'out' AND next IS NOT NULL
       AND ((next ->> 'from_day')::date <> gone.moves_on
            OR next ->> 'authority' <> gone.to_authority
               AND next ->> 'authority' NOT IN (SELECT s.successor
                                                FROM care.authority_successors(gone.to_authority, care.today()) AS s))
       OR (d -> 'person' ->> 'date_of_birth')::date <> born THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_same_account',
            MESSAGE = format('the document is not of account %s (%s), which went to %s on %s', account.account_id,
                             account.reference, gone.to_authority, care_internal.day_text(gone.moves_on)),
            DETAIL = format('It names an account that went to %s on %s.', next ->> 'authority', next ->> 'from_day'),
            HINT = 'Compare the references, the days and the date of birth with the authority that sent it.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_same_account(jsonb, care.account) IS
    'Refuses (23514) to open an account again by a document of another: one that went elsewhere, on another day, or is '
    'of somebody with another date of birth.';

CREATE FUNCTION care_internal.account_for(d jsonb, receiver text, reference text, person_reference text,
                                          date_of_birth date) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held bigint := care_internal.held_account(d, receiver);
    account care.account;
    label text := format('document %s of account %s of %s', d ->> 'sequence', d -> 'account' ->> 'reference',
                         d -> 'from' ->> 'authority');
BEGIN
    IF held IS NOT NULL THEN
        SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = held;
        person_reference := account.person_reference;
        PERFORM care_internal.require_same_account(d, account);
        IF account.scheme <> d ->> 'scheme' THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation', CONSTRAINT = 'transfer_scheme',
                MESSAGE = format('%s is of scheme %s, and account %s (%s) here of scheme %s', label, d ->> 'scheme',
                                 held, account.reference, account.scheme);
        END IF;
    END IF;
    person_reference := coalesce(person_reference, d -> 'person' ->> 'reference');
    IF person_reference IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'argument_not_null', COLUMN = 'person_reference',
            MESSAGE = format('%s: person_reference must not be null: the document has no reference of the person',
                             label);
    END IF;
    -- a person is locked before their accounts, by all who lock both
    PERFORM care_internal.lock_person(receiver, person_reference);
    IF held IS NOT NULL THEN
        PERFORM care_internal.lock_account(held);
    END IF;
    PERFORM care_internal.require_not_counted(d, receiver, person_reference, held);
    IF EXISTS (SELECT FROM care.person AS p
                   JOIN care.death_known_at('infinity'::timestamptz) AS x ON x.person_id = p.person_id
               WHERE p.authority = receiver AND p.reference = account_for.person_reference
                 AND x.died_on < (d -> 'move' ->> 'moves_on')::date) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_of_living',
            MESSAGE = format('%s: person %s died before the move', label, person_reference),
            HINT = 'The account stays with the first authority, which keeps it.';
    END IF;
    RETURN coalesce(held, care.open_account(receiver, coalesce(reference, d -> 'account' ->> 'reference'),
                                            person_reference,
                                            coalesce(date_of_birth, (d -> 'person' ->> 'date_of_birth')::date),
                                            d ->> 'scheme',
                                            care_internal.first_day(care_internal.document_facts(d)),
                                            (d -> 'account' ->> 'needs_began_on')::date));
END
$$;
COMMENT ON FUNCTION care_internal.account_for(jsonb, text, text, text, date) IS
    'Part of transfer_in(): the account a document is taken into, locked: one that is held, or a new one.';

CREATE FUNCTION care.transfer_in(document text, authority text DEFAULT NULL, reference text DEFAULT NULL,
                                 person_reference text DEFAULT NULL, date_of_birth date DEFAULT NULL,
                                 move_id bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d jsonb := care_internal.read_transfer(document);
    digest text := care.document_digest(document);
    receiver text := care_internal.receiver_of(d, authority);
    key bigint;
    new_id bigint;
BEGIN
    PERFORM care_internal.require_sender(d), care_internal.require_read_committed('a transfer'),
            care_internal.require_actor(receiver);
    -- two who take the same document in queue here, and the second finds what the first did
    PERFORM FROM care.local_authority AS a WHERE a.authority = receiver FOR NO KEY UPDATE;
    key := care_internal.taken_in(d, digest);
    IF key IS NOT NULL THEN
        RETURN key;
    END IF;
    key := care_internal.account_for(d, receiver, reference, person_reference, date_of_birth);
    INSERT INTO care.transfer (account_id, direction, document_id, from_authority, from_reference, to_authority,
                               sequence, trigger, purpose, moves_on, document, digest)
    VALUES (key, 'in', (d ->> 'transfer_id')::uuid, d -> 'from' ->> 'authority', d -> 'account' ->> 'reference',
            d -> 'to' ->> 'authority', (d ->> 'sequence')::integer, d -> 'move' ->> 'trigger', d ->> 'purpose',
            (d -> 'move' ->> 'moves_on')::date, transfer_in.document, digest)
    RETURNING transfer_id INTO new_id;
    PERFORM care_internal.adopt_facts(key, care_internal.document_facts(d),
                                      format('transferred from %s', d -> 'from' ->> 'authority')),
            care_internal.require_recomputed(key, d),
            care_internal.note_required(key, NULL, format('transferred from %s', d -> 'from' ->> 'authority'));
    INSERT INTO care.transfer_step (account_id, transfer_id, kind, on_day)
    VALUES (key, new_id, 'accepted', care.today());
    IF move_id IS NOT NULL THEN
        PERFORM care.record_move_step(move_id, 'documents_received', care.today(), d ->> 'transfer_id');
    END IF;
    RETURN key;
END
$$;
COMMENT ON FUNCTION care.transfer_in(text, text, text, text, date, bigint) IS
    'Takes an account in from a document and returns its key: a new account, or the one that left before, with all '
    'facts of both; every line is worked out anew and must be as stated. reference and person_reference are the '
    'second authority''s own (null: as in the document); date_of_birth where the document may not say it. The same '
    'document again returns the same key and writes nothing. Errors name what is wrong, and nothing is changed.';
