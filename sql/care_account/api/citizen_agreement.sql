--
-- citizen_agreement: what a person sees online of a deferred payment agreement, of whom they let act for them, of what
-- they sent in, and of who looked at their records.
--
-- Must not know: staff.
--

CREATE FUNCTION care_internal.my_agreement()
    RETURNS TABLE (agreement uuid, person uuid, capacity text, authority text, authority_name text, reference text,
                   signed_on date, ended_on date, as_at date, rate numeric, deferred numeric,
                   administration_charges numeric, interest numeric, payments numeric, balance numeric, held numeric,
                   property_value numeric, equity_limit numeric, equity_remaining numeric, credited numeric,
                   refunded numeric, written_off numeric, interest_separate numeric, missing text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'agreement', a.agreement_id),
           care_internal.online_key(k.secret, 'person', s.person_id), s.capacity, p.authority, u.name, p.reference,
           a.signed_on, a.ended_on, p.as_at, p.rate, p.deferred, p.administration_charges, p.interest, p.payments,
           p.balance, p.held, p.property_value, p.equity_limit, p.equity_remaining, p.credited, p.refunded,
           p.written_off, p.interest_separate, p.missing
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'agreement', today) AS s
        JOIN care.agreement AS a ON a.person_id = s.person_id AND a.signed_on <= today
        JOIN care.local_authority AS u ON u.authority = a.authority
        CROSS JOIN LATERAL care_internal.agreement_stands(a, care_internal.authority_rates(a.authority), today,
                                                          NULL) AS p;
END
$$;
COMMENT ON FUNCTION care_internal.my_agreement() IS 'Rows of care_api.my_agreement.';
SELECT care_internal.show_online('my_agreement', 'my_agreement');
COMMENT ON VIEW care_api.my_agreement IS
    'Your deferred payment agreement
Where it stands at the close of today; and those of the people you act for.';
COMMENT ON COLUMN care_api.my_agreement.agreement IS 'Key.';
COMMENT ON COLUMN care_api.my_agreement.person IS 'Whose it is.';
COMMENT ON COLUMN care_api.my_agreement.capacity IS 'self, or in which capacity you act for them.';
COMMENT ON COLUMN care_api.my_agreement.authority_name IS 'The name of the authority.';
SELECT care_internal.comment_columns('care_api.my_agreement', 'care.agreement_position_row', 'care.agreement');

CREATE FUNCTION care_api.my_redemption(on_day date)
    RETURNS TABLE (agreement uuid, pay_on date, redemption_figure numeric)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    PERFORM care_internal.required_day(on_day);
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'agreement', a.agreement_id), on_day,
           care_internal.redemption_if_known(a.agreement_id, on_day)
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'agreement', today) AS s
        JOIN care.agreement AS a ON a.person_id = s.person_id AND a.signed_on <= on_day;
END
$$;
COMMENT ON FUNCTION care_api.my_redemption(date) IS
    'What repays your agreement on a day
A row for each agreement that was signed by then: key, day, and pounds; null where a rate of interest is not known '
    'yet.';

CREATE FUNCTION care_internal.my_delegates()
    RETURNS TABLE (delegation uuid, person uuid, delegate text, capacity text, scopes text[], from_day date,
                   to_day date, evidence text, in_force boolean)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 3 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'delegation', d.delegation_id),
           care_internal.online_key(k.secret, 'person', s.person_id), d.delegate, d.capacity, d.scopes, d.from_day,
           d.to_day, d.evidence, care_internal.term(d.from_day, d.to_day) @> today
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'self', today) AS s
        CROSS JOIN LATERAL care_internal.delegation_that_holds(s.person_id) AS d;
END
$$;
COMMENT ON FUNCTION care_internal.my_delegates() IS 'Rows of care_api.my_delegates.';
SELECT care_internal.show_online('my_delegates', 'my_delegates');
COMMENT ON VIEW care_api.my_delegates IS
    'Who acts for you
Now, before and later. Only you see them.';
COMMENT ON COLUMN care_api.my_delegates.delegation IS 'Key.';
COMMENT ON COLUMN care_api.my_delegates.person IS 'You.';
COMMENT ON COLUMN care_api.my_delegates.in_force IS 'May they act today?';
SELECT care_internal.comment_columns('care_api.my_delegates', 'care.delegation');

CREATE FUNCTION care_internal.my_submissions()
    RETURNS TABLE (submission uuid, person uuid, capacity text, kind text, content jsonb, sent_at timestamptz,
                   state text, reason text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'submission', m.submission_id),
           care_internal.online_key(k.secret, 'person', s.person_id), m.capacity, m.kind, m.content, m.recorded_at,
           coalesce(d.decision, 'waiting'), d.reason
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'submissions', today) AS s
        JOIN care.submission AS m ON m.person_id = s.person_id
        LEFT JOIN LATERAL care_internal.decision_of(m.person_id, m.submission_id) AS d ON true;
END
$$;
COMMENT ON FUNCTION care_internal.my_submissions() IS 'Rows of care_api.my_submissions.';
SELECT care_internal.show_online('my_submissions', 'my_submissions');
COMMENT ON VIEW care_api.my_submissions IS
    'What you sent in
And what was decided of it; and what was sent in for the people you act for.';
COMMENT ON COLUMN care_api.my_submissions.submission IS 'Key.';
COMMENT ON COLUMN care_api.my_submissions.person IS 'Whom it is about.';
COMMENT ON COLUMN care_api.my_submissions.sent_at IS 'When it was sent in.';
COMMENT ON COLUMN care_api.my_submissions.state IS
    'waiting, accepted, partly (accepted in part), refused or withdrawn.';
COMMENT ON COLUMN care_api.my_submissions.reason IS 'Why, where not all was accepted.';
SELECT care_internal.comment_columns('care_api.my_submissions', 'care.submission');

CREATE FUNCTION care_internal.my_channel()
    RETURNS TABLE (person uuid, channel text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'person', s.person_id), h.channel
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'self', today) AS s
        CROSS JOIN LATERAL care_internal.channel_on(s.person_id, today) AS h;
END
$$;
COMMENT ON FUNCTION care_internal.my_channel() IS 'Rows of care_api.my_channel.';
SELECT care_internal.show_online('my_channel', 'my_channel');
COMMENT ON VIEW care_api.my_channel IS
    'How you receive statements
By post, unless you have agreed to another way with agree_channel().';
COMMENT ON COLUMN care_api.my_channel.person IS 'You.';
COMMENT ON COLUMN care_api.my_channel.channel IS 'post, email or online.';

CREATE FUNCTION care_api.agree_channel(channel text, from_day date DEFAULT NULL)
    RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET care.actor = '' AS $$
DECLARE
    me int8 := care_internal.require_person('self', NULL);
    p care.person;
BEGIN
    SELECT k.* INTO p FROM care.person AS k WHERE k.person_id = me;
    from_day := coalesce(from_day, care.today());
    IF from_day < care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'channel_to_come',
            MESSAGE = format('channel: %s is over', care_internal.day_text(from_day)),
            HINT = 'It can be agreed from today on, or from a later day.';
    END IF;
    PERFORM care_internal.act_as_subject(),
            care.record_consent(p.reference, channel, from_day, 'agreed online', p.authority);
    RETURN channel;
END
$$;
COMMENT ON FUNCTION care_api.agree_channel(text, date) IS
    'Say how you want your statements
email or online, from a day (null: today); post: you agree to that no longer. Being online changes nothing by itself: '
    'your statements go on.';

CREATE FUNCTION care_internal.who_looked()
    RETURNS TABLE (look uuid, person uuid, at timestamptz, operation text, record text, role text, purpose text,
                   reason text, recipients text, refused boolean, by_whom text)
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SECURITY DEFINER ROWS 10 SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    today date := care.today();
    subject text := care_internal.subject();
BEGIN
    RETURN QUERY
    SELECT care_internal.online_key(k.secret, 'access', l.log_id),
           care_internal.online_key(k.secret, 'person', s.person_id), l.recorded_at, l.operation, l.class, l.role,
           l.purpose, l.reason, l.recipients, l.refused,
           CASE WHEN care.setting_on(l.authority, 'who_looked_names_staff', today) = 'on' THEN l.recorded_by END
    FROM care_internal.online_secret_in_force() AS k
        CROSS JOIN care_internal.persons_seen(subject, 'self', today) AS s
        JOIN care.access_log AS l ON l.person_id = s.person_id;
END
$$;
COMMENT ON FUNCTION care_internal.who_looked() IS 'Rows of care_api.who_looked.';
SELECT care_internal.show_online('who_looked', 'who_looked');
COMMENT ON VIEW care_api.who_looked IS
    'Who looked at your record
When, in which role, for what purpose and why. Only you see it.';
COMMENT ON COLUMN care_api.who_looked.look IS 'Key.';
COMMENT ON COLUMN care_api.who_looked.person IS 'You.';
COMMENT ON COLUMN care_api.who_looked.at IS 'When.';
COMMENT ON COLUMN care_api.who_looked.record IS 'What was looked at: person, account, agreement and others.';
COMMENT ON COLUMN care_api.who_looked.by_whom IS 'Who; null: the authority does not name its staff.';
SELECT care_internal.comment_columns('care_api.who_looked', 'care.access_log');
SELECT care_internal.keep_setting('who_looked_names_staff', '^(on|off)$', 'off',
           'whether a person who asks online who looked at their record is told the names of staff');
