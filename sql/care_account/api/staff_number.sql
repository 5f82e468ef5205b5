--
-- staff_number: what analysts and auditors see online: numbers with small ones hidden, and the access log.
--
-- Must not know: a person.
--

CREATE FUNCTION care_internal.shown_number(number bigint) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN CASE WHEN number BETWEEN 1 AND 4 THEN '[c]' ELSE number::text END;
COMMENT ON FUNCTION care_internal.shown_number(bigint) IS 'A number as it may be shown: 1 to 4 are [c], hidden.';

CREATE FUNCTION care_internal.analyst_account()
    RETURNS TABLE (authority text, scheme text, band text, accounts text, accrued numeric)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine text := care_internal.staff_authority();
BEGIN
    RETURN QUERY
    SELECT b.authority, b.scheme, b.band, care_internal.shown_number(b.accounts),
           CASE WHEN b.accounts >= 5 THEN round(b.accrued, -2) END
    FROM care.accounts_by_progress(care.today()) AS b WHERE b.authority = mine;
END
$$;
COMMENT ON FUNCTION care_internal.analyst_account() IS 'Rows of care_api.analyst_account.';
SELECT care_internal.show_online('analyst_account', 'analyst_account');
COMMENT ON VIEW care_api.analyst_account IS
    'Accounts of your authority by how far along they are today
Numbers under five are hidden.';
COMMENT ON COLUMN care_api.analyst_account.authority IS 'Your authority.';
COMMENT ON COLUMN care_api.analyst_account.scheme IS 'The scheme.';
COMMENT ON COLUMN care_api.analyst_account.band IS 'under 25%; 25% to 50%; 50% to 75%; 75% to the cap; at the cap.';
COMMENT ON COLUMN care_api.analyst_account.accounts IS 'How many; [c]: one to four.';
COMMENT ON COLUMN care_api.analyst_account.accrued IS
    'What has accrued in them, to the nearest hundred pounds; null: of fewer than five.';

CREATE FUNCTION care_internal.analyst_agreement()
    RETURNS TABLE (authority text, state text, agreements text, balance numeric)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    mine text := care_internal.staff_authority();
BEGIN
    RETURN QUERY
    SELECT x.authority, x.state, care_internal.shown_number(count(*)),
           CASE WHEN count(*) >= 5 THEN round(sum(x.balance), -2) END
    FROM (SELECT p.authority, p.balance,
                 CASE WHEN a.ended_on IS NOT NULL THEN 'ended' WHEN p.balance > 0 THEN 'owing'
                      ELSE 'nothing owed' END AS state
          FROM care.agreement_position AS p JOIN care.agreement AS a ON a.agreement_id = p.agreement_id
          WHERE p.authority = mine) AS x
    GROUP BY x.authority, x.state;
END
$$;
COMMENT ON FUNCTION care_internal.analyst_agreement() IS 'Rows of care_api.analyst_agreement.';
SELECT care_internal.show_online('analyst_agreement', 'analyst_agreement');
COMMENT ON VIEW care_api.analyst_agreement IS
    'Deferred payment agreements of your authority by state
Numbers under five are hidden.';
COMMENT ON COLUMN care_api.analyst_agreement.authority IS 'Your authority.';
COMMENT ON COLUMN care_api.analyst_agreement.state IS 'owing, nothing owed or ended.';
COMMENT ON COLUMN care_api.analyst_agreement.agreements IS 'How many; [c]: one to four.';
COMMENT ON COLUMN care_api.analyst_agreement.balance IS
    'What they owe, to the nearest hundred pounds; null: of fewer than five.';

CREATE FUNCTION care_internal.auditor_log()
    RETURNS TABLE (look uuid, at timestamptz, operation text, record text, record_key uuid, person uuid,
                   authority text, purpose text, reason text, recipients text, refused boolean, role text,
                   recorded_by text, application text, request text, link text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    mine text := care_internal.staff_authority();
    secret bytea := care_internal.online_secret();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(secret, 'access', l.log_id), l.recorded_at, l.operation, l.class,
           care_internal.online_key(secret, l.class, l.record_id),
           care_internal.online_key(secret, 'person', l.person_id), l.authority, l.purpose, l.reason, l.recipients,
           l.refused, l.role, l.recorded_by, l.application, l.request, encode(l.link, 'hex')
    FROM care.access_log AS l WHERE l.authority = mine;
END
$$;
COMMENT ON FUNCTION care_internal.auditor_log() IS 'Rows of care_api.auditor_log.';
SELECT care_internal.show_online('auditor_log', 'auditor_log');
COMMENT ON VIEW care_api.auditor_log IS
    'The access log of your authority
Who looked at whose record, when, for what purpose and why. It is all that an auditor sees.';
COMMENT ON COLUMN care_api.auditor_log.look IS 'Key.';
COMMENT ON COLUMN care_api.auditor_log.at IS 'When.';
COMMENT ON COLUMN care_api.auditor_log.record IS 'What was looked at: person, account, agreement and others.';
COMMENT ON COLUMN care_api.auditor_log.record_key IS 'Its key.';
COMMENT ON COLUMN care_api.auditor_log.person IS 'Whom it is about; null: nobody, or several.';
COMMENT ON COLUMN care_api.auditor_log.link IS 'The link of the row in the chain of the log.';
SELECT care_internal.comment_columns('care_api.auditor_log', 'care.access_log');
