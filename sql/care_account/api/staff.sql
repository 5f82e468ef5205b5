--
-- staff: what workers of an authority, analysts and auditors see and do online.
--
-- Of which authority somebody is, the claim authority of their token says.  A worker sees what waits and where
-- accounts stand; what is kept of one person is read for a purpose and a reason, which are logged and committed first:
-- open, then read.  An analyst sees numbers, small ones hidden; an auditor the access log, and nothing else.
--
-- Must not know: what a citizen sees.
--

CREATE FUNCTION care_internal.staff_authority() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN CASE WHEN care_internal.subject() IS NOT NULL THEN care_api.claim('authority') END;
END
$$;
COMMENT ON FUNCTION care_internal.staff_authority() IS
    'The authority of a member of staff who is signed in: the claim authority; null: none.';

CREATE FUNCTION care_internal.require_staff() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    authority text := care_internal.staff_authority();
BEGIN
    IF authority IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'insufficient_privilege', CONSTRAINT = 'identity_required',
            MESSAGE = 'nobody of an authority is signed in',
            HINT = 'The gateway hands over the claims sub and authority of a token that has not run out.';
    END IF;
    RETURN authority;
END
$$;
COMMENT ON FUNCTION care_internal.require_staff() IS
    'The authority of the member of staff who is signed in; 42501 if nobody is.';

CREATE FUNCTION care_internal.worker_account()
    RETURNS TABLE (account uuid, person uuid, person_reference text, authority text, reference text, scheme text,
                   as_at date, cap numeric, weekly_cost numeric, weekly_counted numeric, daily_living_cost numeric,
                   weekly_rate numeric, accrued numeric, remaining numeric, percent_of_cap numeric,
                   cap_reached_on date, projected_cap_on date)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    mine text := care_internal.staff_authority();
    secret bytea := care_internal.online_secret();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(secret, 'account', a.account_id),
           care_internal.online_key(secret, 'person', a.person_id), p.person_reference, p.authority, p.reference,
           p.scheme, p.as_at, p.cap, p.weekly_cost, p.weekly_counted, p.daily_living_cost, p.weekly_rate, p.accrued,
           p.remaining, p.percent_of_cap, p.cap_reached_on, p.projected_cap_on
    FROM care.account AS a, care_internal.account_stands(a, care.today()) AS p
    WHERE a.authority = mine;
END
$$;
COMMENT ON FUNCTION care_internal.worker_account() IS 'Rows of care_api.worker_account.';
SELECT care_internal.show_online('worker_account', 'worker_account');
COMMENT ON VIEW care_api.worker_account IS
    'Accounts of your authority
Where each stands at the close of today.';
COMMENT ON COLUMN care_api.worker_account.account IS 'Key.';
COMMENT ON COLUMN care_api.worker_account.person IS 'The person.';
SELECT care_internal.comment_columns('care_api.worker_account', 'care.account_position_row');

CREATE FUNCTION care_internal.worker_submission()
    RETURNS TABLE (submission uuid, person uuid, person_reference text, authority text, capacity text, kind text,
                   sent_at timestamptz, state text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    mine text := care_internal.staff_authority();
    secret bytea := care_internal.online_secret();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(secret, 'submission', m.submission_id),
           care_internal.online_key(secret, 'person', m.person_id), p.reference, p.authority, m.capacity, m.kind,
           m.recorded_at, coalesce(d.decision, 'waiting')
    FROM care.submission AS m
        JOIN care.person AS p ON p.person_id = m.person_id
        LEFT JOIN LATERAL care_internal.decision_of(m.person_id, m.submission_id) AS d ON true
    WHERE p.authority = mine;
END
$$;
COMMENT ON FUNCTION care_internal.worker_submission() IS 'Rows of care_api.worker_submission.';
SELECT care_internal.show_online('worker_submission', 'worker_submission');
COMMENT ON VIEW care_api.worker_submission IS
    'What was sent in to your authority
And whether it waits. Its content is read with open_record() and read_record().';
COMMENT ON COLUMN care_api.worker_submission.submission IS 'Key.';
COMMENT ON COLUMN care_api.worker_submission.person IS 'Whom it is about.';
COMMENT ON COLUMN care_api.worker_submission.person_reference IS
    'The case-management system''s reference of the person.';
COMMENT ON COLUMN care_api.worker_submission.authority IS 'Your authority.';
COMMENT ON COLUMN care_api.worker_submission.sent_at IS 'When it was sent in.';
COMMENT ON COLUMN care_api.worker_submission.state IS
    'waiting, accepted, partly (accepted in part), refused or withdrawn.';
SELECT care_internal.comment_columns('care_api.worker_submission', 'care.submission');

CREATE FUNCTION care_api.accept_submission(submission uuid, decision text DEFAULT 'accepted', reason text DEFAULT NULL,
                                           content jsonb DEFAULT NULL)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET care.actor = '' AS $$
DECLARE
    mine text := care_internal.require_staff();
    secret bytea := care_internal.online_secret();
    sent care.submission;
    before care.submission_decision;
    accepting text;
    made jsonb := '[]'::jsonb;
BEGIN
    SELECT m.* INTO sent FROM care.submission AS m JOIN care.person AS p ON p.person_id = m.person_id
    WHERE p.authority = mine
      AND care_internal.online_key(secret, 'submission', m.submission_id) = accept_submission.submission;
    IF NOT FOUND THEN
        PERFORM care_internal.refuse_unseen('submission', submission);
    END IF;
    PERFORM care_internal.require_word('submission', 'decision', decision, '{accepted,partly,refused}'),
            care_internal.act_as_subject(), care_internal.lock_known_person(sent.person_id, 'of the submission');
    IF decision <> 'accepted' THEN
        PERFORM care_internal.require_text('submission', 'reason', reason);
    END IF;
    SELECT d.* INTO before FROM care_internal.decision_of(sent.person_id, sent.submission_id) AS d;
    IF before.decision <> 'refused' OR decision = 'refused' AND before.decision IS NOT NULL THEN
        PERFORM care_internal.refuse_decided(submission, sent);
    END IF;
    IF decision <> 'refused' THEN
        content := coalesce(content, sent.content);
        PERFORM care_internal.require_content(sent.kind, content,
                                              care.setting_on(mine, 'submission_bytes', care.today())::integer);
        SELECT s.accepting INTO accepting FROM care_internal.submission_schema AS s WHERE s.kind = sent.kind;
        IF accepting IS NOT NULL THEN
            EXECUTE format('SELECT %s($1, $2, $3)', accepting) INTO made
            USING sent.person_id, content, format('submission %s', submission);
        END IF;
    END IF;
    INSERT INTO care.submission_decision (person_id, submission_id, decision, reason, accepted, facts, supersedes)
    VALUES (sent.person_id, sent.submission_id, accept_submission.decision, nullif(accept_submission.reason, ''),
            CASE WHEN accept_submission.decision <> 'refused' THEN accept_submission.content END, made,
            before.decision_id);
    RETURN submission;
END
$$;
COMMENT ON FUNCTION care_api.accept_submission(uuid, text, text, jsonb) IS
    'Decide what was sent in
decision: accepted, partly or refused, the last two with a reason; content: what is accepted of it, null: all. What is '
    'accepted is recorded in your name. One that was refused may be accepted later. Returns its key.';

--
-- One person's record: opened for a purpose and a reason, then read.
--

CREATE FUNCTION care_api.open_record(person_reference text, purpose text, reason text)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET care.actor = '' AS $$
DECLARE
    mine text := care_internal.require_staff();
    key int8;
BEGIN
    SELECT p.person_id INTO key FROM care.person AS p
    WHERE p.reference = open_record.person_reference AND p.authority = mine;
    IF NOT FOUND THEN
        PERFORM care_internal.refuse_unseen('person of this reference', NULL);
    END IF;
    PERFORM care_internal.require_purpose('record', purpose), care_internal.require_text('record', 'reason', reason),
            care_internal.act_as_subject(), care_internal.make_online_secret();
    RETURN care_internal.online_key(care_internal.online_secret(), 'access',
                                    care.log_read('person', key, reason, purpose => purpose));
END
$$;
COMMENT ON FUNCTION care_api.open_record(text, text, text) IS
    'Ask to read a person''s record
Logs who asks, for what purpose (a code of disclosures) and why, and returns the key that read_record() takes, once '
    'this is committed, for ten minutes. P0002 for whoever is not of your authority.';

CREATE FUNCTION care_api.read_record(opened uuid)
    RETURNS TABLE (record text, key uuid, recorded_in text, recorded_at timestamptz, fact jsonb)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 20 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan
    SET care.actor = '' AS $$
DECLARE
    mine text := care_internal.require_staff();
    secret bytea := care_internal.online_secret();
    logged care.access_log;
BEGIN
    PERFORM set_config('care.actor', care_internal.subject_actor(), true);
    SELECT l.* INTO logged FROM care.access_log AS l
    WHERE l.recorded_at > clock_timestamp() - interval '10 minutes' AND l.authority = mine
      AND l.recorded_by = care_internal.recorder() AND l.class = 'person' AND NOT l.refused
      AND (l.transaction = pg_current_xact_id_if_assigned()) IS NOT TRUE
      AND care_internal.online_key(secret, 'access', l.log_id) = read_record.opened;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'read_is_logged',
            MESSAGE = format('no record is opened by %s', coalesce(opened::text, 'null')),
            HINT = 'open_record() opens one for ten minutes, for who called it and once it is committed.';
    END IF;
    RETURN QUERY
    SELECT r.class, care_internal.online_key(secret, r.class, r.record_id), f.recorded_in, f.recorded_at,
           f.fact - ARRAY(SELECT k FROM jsonb_object_keys(f.fact) AS k WHERE k ~ '_id$|^supersedes$|^recorded_by$')
    FROM care_internal.records_of_person(logged.record_id) AS r
        CROSS JOIN LATERAL care.audit_trail(r.class, r.record_id) AS f
    WHERE r.authority = mine
    ORDER BY f.recorded_at;
END
$$;
COMMENT ON FUNCTION care_api.read_record(uuid) IS
    'Read a person''s record
Every fact that your authority keeps of the person of an opened record: what it is of, its key, where and when it was '
    'recorded. 55000 unless open_record() was called by you, is committed and no more than ten minutes ago.';
