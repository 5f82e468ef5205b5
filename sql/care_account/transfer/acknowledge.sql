--
-- acknowledge: the first authority is told that the second took an account in.
--
-- Must not know: what the figures are worth.
--

CREATE FUNCTION care.transfer_acknowledgement(account_id bigint) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    last care.transfer;
BEGIN
    SELECT t.* INTO last FROM care_internal.standing_transfers(account.account_id) AS t
    WHERE t.direction = 'in' LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'transfer_exists',
            MESSAGE = format('account %s (%s) was not taken in from another authority', account.account_id,
                             account.reference);
    END IF;
    RETURN care_internal.sealed_document(jsonb_build_object(
        'schema', 'care-account-transfer-acknowledgement', 'version', 1, 'transfer_id', last.document_id,
        'from', jsonb_build_object('authority', account.authority, 'reference', account.reference),
        'to', jsonb_build_object('authority', last.from_authority, 'reference', last.from_reference),
        'sequence', last.sequence, 'digest', last.digest,
        'accepted_on', (SELECT care_internal.day_text(s.on_day) FROM care.transfer_step AS s
                        WHERE s.transfer_id = last.transfer_id AND s.kind = 'accepted')));
END
$$;
COMMENT ON FUNCTION care.transfer_acknowledgement(bigint) IS
    'What the second authority sends back for the last document it took an account in from: its digest, and its own '
    'reference. The same bytes each time. P0002 for an account that did not come from elsewhere.';

CREATE FUNCTION care.transfer_acknowledge(acknowledgement text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d jsonb := care_internal.read_sealed(acknowledgement, 'care-account-transfer-acknowledgement');
    label text;
    sent care.transfer_status;
    account care.account;
BEGIN
    PERFORM care_internal.require_items('acknowledgement', d,
                '{transfer_id text,sequence count,digest text,accepted_on day}'),
            care_internal.require_items('from', d -> 'from', '{authority text,reference text}'),
            care_internal.require_items('to', d -> 'to', '{authority text,reference text}');
    label := format('document %s of account %s of %s', d ->> 'sequence', d -> 'to' ->> 'reference',
                    d -> 'to' ->> 'authority');
    SELECT t.* INTO sent FROM care.transfer_status AS t
    WHERE t.direction = 'out' AND t.from_authority = d -> 'to' ->> 'authority'
      AND t.from_reference = d -> 'to' ->> 'reference' AND t.sequence = (d ->> 'sequence')::integer;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'transfer_exists', MESSAGE = format('%s was never sent', label);
    END IF;
    account := care_internal.lock_account(sent.account_id);
    SELECT t.* INTO sent FROM care.transfer_status AS t WHERE t.transfer_id = sent.transfer_id;
    IF sent.digest <> d ->> 'digest' OR sent.document_id::text <> d ->> 'transfer_id' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'data_corrupted', CONSTRAINT = 'transfer_digest',
            MESSAGE = format('%s: what was acknowledged is not what was sent', label),
            DETAIL = format('Sent was a document of digest %s, acknowledged one of %s.', sent.digest,
                            left(d ->> 'digest', 64));
    ELSIF sent.status = 'cancelled' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_cancelled',
            MESSAGE = format('%s was cancelled on %s', label, care_internal.day_text(sent.since)),
            HINT = 'Tell the second authority to cancel it too.';
    ELSIF sent.status = 'sent' THEN
        INSERT INTO care.transfer_step (account_id, transfer_id, kind, on_day, note)
        VALUES (account.account_id, sent.transfer_id, 'accepted', (d ->> 'accepted_on')::date, acknowledgement);
        IF sent.transfer_id = (SELECT t.transfer_id FROM care_internal.standing_transfers(account.account_id) AS t
                               LIMIT 1) THEN
            PERFORM care_internal.note_required(account.account_id, sent.moves_on, 'to ' || sent.to_authority);
        END IF;
    END IF;
    RETURN account.account_id;
END
$$;
COMMENT ON FUNCTION care.transfer_acknowledge(text) IS
    'Records that the second authority took a document in, and returns the account that left. The same '
    'acknowledgement again writes nothing. XX001 where its digest is not that of what was sent; P0002 where nothing '
    'was.';
