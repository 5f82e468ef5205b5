--
-- successor: authorities are merged and recoded, and what one keeps goes to the one that follows it.
--
-- An account goes as one that moves does, on the day of the change, and stays with the old code as it was.  Deferred
-- payment agreements, people and what else is kept of them stay where they are recorded.
--
-- Must not know: what a document says.
--

-- Two authorities that are merged may have used one reference for different people or accounts.
CREATE FUNCTION care_internal.reference_after_merger(authority text, follows text, reference text, of_person boolean)
    RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN of_person AND EXISTS (
                         SELECT FROM care.person AS p
                         WHERE p.authority = follows AND p.reference = reference_after_merger.reference
                           AND NOT EXISTS (SELECT FROM care.account AS n
                                               JOIN care.transfer AS t ON t.account_id = n.account_id
                                                   AND t.direction = 'in' AND t.purpose = 'merger'
                                                   AND t.from_authority = reference_after_merger.authority
                                           WHERE n.person_id = p.person_id))
                  OR NOT of_person AND EXISTS (
                         SELECT FROM care.account AS a
                         WHERE a.authority = follows AND a.reference = reference_after_merger.reference)
                THEN authority || '/' || reference ELSE reference END;
COMMENT ON FUNCTION care_internal.reference_after_merger(text, text, text, boolean) IS
    'The reference of a person or account with the authority that follows: as it was, or with the old code before it '
    'where another has it there.';

CREATE FUNCTION care.successor(authority text, follows text, on_day date)
    RETURNS TABLE (account_id bigint, new_account_id bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    one record;
    document text;
BEGIN
    PERFORM care_internal.require_day(authority, 'on_day', on_day);
    IF NOT EXISTS (SELECT FROM care.local_authority AS a
                   WHERE a.authority = successor.follows AND a.predecessor = successor.authority
                     AND a.valid_from <= successor.on_day) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'successor_follows',
            MESSAGE = format('%s does not follow %s by %s', follows, authority, care_internal.day_text(on_day)),
            HINT = 'care.record_authority(..., predecessor => ...) says which authority follows another, and from '
                   'when.';
    END IF;
    FOR one IN SELECT a.account_id, a.reference, a.person_reference
               FROM care.account AS a
                   LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
               WHERE a.authority = successor.authority AND a.counting_from < successor.on_day
                 AND care_internal.transfer_state(a.account_id) = 'open'
                 AND (d.died_on >= successor.on_day) IS NOT FALSE
               ORDER BY a.account_id LOOP
        account_id := one.account_id;
        document := care.transfer_out(one.account_id, follows, on_day, NULL, 'merger');
        new_account_id := care.transfer_in(document, follows,
            care_internal.reference_after_merger(authority, follows, one.reference, false),
            care_internal.reference_after_merger(authority, follows, one.person_reference, true));
        PERFORM care.transfer_acknowledge(care.transfer_acknowledgement(new_account_id));
        RETURN NEXT;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care.successor(text, text, date) IS
    'Moves the accounts that an authority counts to the one that follows it, from a day, and returns the key of each '
    'before and after. Called again it goes on with those that are left. Accounts of who died before, or that do not '
    'count yet, stay; so do agreements for deferred payment. 22023 for an authority that does not follow it.';
