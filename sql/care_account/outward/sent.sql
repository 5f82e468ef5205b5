--
-- sent: which statements were sent, how and when, and which wait to be sent.
--
-- Must not know: what a statement says, what a letter looks like.
--

SELECT care_internal.keep_setting('statement_send_days', '^[0-9]{1,3}$', '28',
           'by how many days after a statement was issued it is sent');

CREATE TABLE care.statement_sent (
    account_id bigint NOT NULL
        CONSTRAINT statement_sent_account_fkey REFERENCES care.account,
    sent_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    statement_id bigint NOT NULL,
    channel text NOT NULL
        CONSTRAINT statement_sent_known_channel CHECK (channel IN ('post', 'email', 'online')),
    sent_on date
        CONSTRAINT statement_sent_finite_day CHECK (sent_on BETWEEN '0001-01-01' AND '9999-12-31'),
    letter_digest bytea
        CONSTRAINT statement_sent_digest_is_sha256 CHECK (length(letter_digest) = 32),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT statement_sent_pkey PRIMARY KEY (sent_id),
    CONSTRAINT statement_sent_key UNIQUE (account_id, sent_id),
    CONSTRAINT statement_sent_statement_fkey FOREIGN KEY (account_id, statement_id)
        REFERENCES care.issued_statement (account_id, statement_id),
    CONSTRAINT statement_sent_nowhere_withdraws CHECK (sent_on IS NOT NULL OR supersedes IS NOT NULL)
);
COMMENT ON TABLE care.statement_sent IS
    'What statements of accounts were sent, how and when; a statement may be sent again. A correction is a new '
    'row that supersedes the wrong one.';
COMMENT ON COLUMN care.statement_sent.account_id IS 'The account.';
COMMENT ON COLUMN care.statement_sent.sent_id IS 'Key within the account.';
COMMENT ON COLUMN care.statement_sent.statement_id IS 'The statement.';
COMMENT ON COLUMN care.statement_sent.channel IS 'post, or email or online where the person had agreed.';
COMMENT ON COLUMN care.statement_sent.sent_on IS 'The day it was sent; null: it was not sent after all.';
COMMENT ON COLUMN care.statement_sent.letter_digest IS 'SHA-256 of the letter as it was sent; null: not kept.';
COMMENT ON COLUMN care.statement_sent.supersedes IS 'The sent_id of the row this one corrects.';
COMMENT ON COLUMN care.statement_sent.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.statement_sent.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.statement_sent', 'account', 'care.record_sent(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.statement_sent', 'sent_id', 'account_id', 'r.sent_on IS NOT NULL');

CREATE TABLE care.agreement_statement_sent (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_statement_sent_agreement_fkey REFERENCES care.agreement,
    sent_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    statement_id bigint NOT NULL,
    channel text NOT NULL
        CONSTRAINT agreement_statement_sent_known_channel CHECK (channel IN ('post', 'email', 'online')),
    sent_on date
        CONSTRAINT agreement_statement_sent_finite_day CHECK (sent_on BETWEEN '0001-01-01' AND '9999-12-31'),
    letter_digest bytea
        CONSTRAINT agreement_statement_sent_digest_is_sha256 CHECK (length(letter_digest) = 32),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT agreement_statement_sent_pkey PRIMARY KEY (sent_id),
    CONSTRAINT agreement_statement_sent_key UNIQUE (agreement_id, sent_id),
    CONSTRAINT agreement_statement_sent_statement_fkey FOREIGN KEY (agreement_id, statement_id)
        REFERENCES care.issued_agreement_statement (agreement_id, statement_id),
    CONSTRAINT agreement_statement_sent_nowhere_withdraws CHECK (sent_on IS NOT NULL OR supersedes IS NOT NULL)
);
COMMENT ON TABLE care.agreement_statement_sent IS
    'What statements of agreements were sent, how and when; a statement may be sent again. A correction is a new '
    'row that supersedes the wrong one.';
COMMENT ON COLUMN care.agreement_statement_sent.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_statement_sent.sent_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_statement_sent.statement_id IS 'The statement.';
COMMENT ON COLUMN care.agreement_statement_sent.channel IS 'post, or email or online where the person had agreed.';
COMMENT ON COLUMN care.agreement_statement_sent.sent_on IS 'The day it was sent; null: it was not sent after all.';
COMMENT ON COLUMN care.agreement_statement_sent.letter_digest IS
    'SHA-256 of the letter as it was sent; null: not kept.';
COMMENT ON COLUMN care.agreement_statement_sent.supersedes IS 'The sent_id of the row this one corrects.';
COMMENT ON COLUMN care.agreement_statement_sent.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_statement_sent.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_statement_sent', 'agreement',
                          'care.record_agreement_sent(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.agreement_statement_sent', 'sent_id', 'agreement_id',
                                     'r.sent_on IS NOT NULL');

CREATE FUNCTION care_internal.require_sent(label text, statement_id bigint, issued_on date, person_id bigint,
                                           channel text, sent_on date, letter_digest bytea, can_supersede boolean,
                                           supersedes bigint) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreed text := (SELECT h.channel FROM care_internal.channel_on(person_id, sent_on) AS h);
BEGIN
    IF issued_on IS NULL OR supersedes IS NOT NULL AND NOT can_supersede THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'sent_exists',
            MESSAGE = format(CASE WHEN issued_on IS NULL THEN '%s has no statement %s'
                                  ELSE '%s: no row %3$s to correct says that statement %2$s was sent' END, label,
                             coalesce(statement_id::text, 'null'), supersedes);
    END IF;
    PERFORM care_internal.require_word(label, 'channel', channel, '{post,email,online}'),
            care_internal.require_day(label, 'sent_on', sent_on, nullable => supersedes IS NOT NULL);
    -- where the clock went back, the day of issue is one that has been
    IF sent_on NOT BETWEEN issued_on AND greatest(care.today(), issued_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'sent_when_issued',
            MESSAGE = format('%s: statement %s, issued on %s, cannot have been sent on %s', label, statement_id,
                             care_internal.day_text(issued_on), care_internal.day_text(sent_on));
    END IF;
    IF channel <> 'post' AND channel <> agreed THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'sent_as_agreed',
            MESSAGE = format('%s: on %s the person had not agreed to %s', label, care_internal.day_text(sent_on),
                             channel),
            HINT = 'care.record_consent() records an agreement; without one, it is post.';
    END IF;
    IF length(letter_digest) <> 32 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'sent_digest',
            MESSAGE = format('%s: letter_digest must be the 32 bytes of a SHA-256, not %s', label,
                             length(letter_digest)),
            HINT = 'sha256(convert_to(letter, ''UTF8'')) is that of a letter.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_sent(text, bigint, date, bigint, text, date, bytea, boolean, bigint) IS
    'What the record of something sent must keep: the statement is there (P0002), the day is not before it was issued '
    'nor to come, and the person had agreed to the channel by then (22023).';

CREATE FUNCTION care.record_sent(account_id bigint, statement_id bigint, channel text, sent_on date,
                                 letter_digest bytea DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    issued_on date := (SELECT (s.recorded_at AT TIME ZONE 'Europe/London')::date FROM care.issued_statement AS s
                       WHERE s.account_id = account.account_id AND s.statement_id = record_sent.statement_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_sent(label, statement_id, issued_on, account.person_id, channel, sent_on,
                                       letter_digest,
                                       EXISTS (SELECT FROM care.statement_sent AS x
                                               WHERE x.account_id = account.account_id
                                                 AND x.statement_id = record_sent.statement_id
                                                 AND x.sent_id = record_sent.supersedes
                                                 AND NOT EXISTS (SELECT FROM care.statement_sent AS y
                                                                 WHERE y.account_id = x.account_id
                                                                   AND y.supersedes = x.sent_id)), supersedes);
    INSERT INTO care.statement_sent (account_id, statement_id, channel, sent_on, letter_digest, supersedes)
    VALUES (account.account_id, record_sent.statement_id, record_sent.channel, record_sent.sent_on,
            record_sent.letter_digest, record_sent.supersedes)
    RETURNING sent_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_sent(bigint, bigint, text, date, bytea, bigint) IS
    'Records that a statement of an account was sent: how, on which day, and the SHA-256 of the letter. With '
    'supersedes it corrects a row, and without a day says that the statement was not sent after all. P0002 if there is '
    'no such statement or row, 22023 for a day before it was issued or to come, or a way the person had not agreed to.';

CREATE FUNCTION care.record_agreement_sent(agreement_id bigint, statement_id bigint, channel text, sent_on date,
                                 letter_digest bytea DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care_internal.lock_agreement(agreement_id);
    label text := format('agreement %s (%s)', agreement.agreement_id, agreement.reference);
    issued_on date := (SELECT (s.recorded_at AT TIME ZONE 'Europe/London')::date
                       FROM care.issued_agreement_statement AS s
                       WHERE s.agreement_id = agreement.agreement_id
                         AND s.statement_id = record_agreement_sent.statement_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_sent(label, statement_id, issued_on, agreement.person_id, channel, sent_on,
                                       letter_digest,
                                       EXISTS (SELECT FROM care.agreement_statement_sent AS x
                                               WHERE x.agreement_id = agreement.agreement_id
                                                 AND x.statement_id = record_agreement_sent.statement_id
                                                 AND x.sent_id = record_agreement_sent.supersedes
                                                 AND NOT EXISTS (SELECT FROM care.agreement_statement_sent AS y
                                                                 WHERE y.agreement_id = x.agreement_id
                                                                   AND y.supersedes = x.sent_id)), supersedes);
    INSERT INTO care.agreement_statement_sent (agreement_id, statement_id, channel, sent_on, letter_digest, supersedes)
    VALUES (agreement.agreement_id, record_agreement_sent.statement_id, record_agreement_sent.channel,
            record_agreement_sent.sent_on,
            record_agreement_sent.letter_digest, record_agreement_sent.supersedes)
    RETURNING sent_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_agreement_sent(bigint, bigint, text, date, bytea, bigint) IS
    'Records that a statement of an agreement was sent: how, on which day, and the SHA-256 of the letter. With '
    'supersedes it corrects a row, and without a day says that the statement was not sent after all. P0002 if there is '
    'no such statement or row, 22023 for a day before it was issued or to come, or a way the person had not agreed to.';

CREATE FUNCTION care_internal.was_sent(class text, record_id bigint, statement_id bigint) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE class
        WHEN 'account' THEN EXISTS (
            SELECT FROM care.statement_sent_known_at('infinity'::timestamptz) AS x
            WHERE x.account_id = record_id AND x.statement_id = was_sent.statement_id)
        ELSE EXISTS (
            SELECT FROM care.agreement_statement_sent_known_at('infinity'::timestamptz) AS x
            WHERE x.agreement_id = record_id AND x.statement_id = was_sent.statement_id) END;
COMMENT ON FUNCTION care_internal.was_sent(text, bigint, bigint) IS
    'Was a statement of an account or agreement sent, by what holds now?';

CREATE VIEW care.statement_to_send AS
    SELECT s.class, s.record_id, s.authority, s.reference, p.reference AS person_reference, s.statement_id, s.as_at,
           s.due_on, d.issued_on, h.channel, care.today() - d.issued_on AS days_waiting,
           care.today() - d.issued_on
               > care.setting_on(s.authority, 'statement_send_days', care.today())::integer AS overdue
    FROM (SELECT 'account'::text AS class, a.account_id AS record_id, a.authority, a.reference, a.person_id,
                 i.statement_id, i.as_at, i.due_on, i.recorded_at
          FROM care.issued_statement AS i JOIN care.account AS a ON a.account_id = i.account_id
          UNION ALL
          SELECT 'agreement'::text, a.agreement_id, a.authority, a.reference, a.person_id, i.statement_id,
                 i.as_at, i.due_on, i.recorded_at
          FROM care.issued_agreement_statement AS i JOIN care.agreement AS a ON a.agreement_id = i.agreement_id) AS s
        JOIN care.person AS p ON p.person_id = s.person_id
        CROSS JOIN LATERAL (SELECT (s.recorded_at AT TIME ZONE 'Europe/London')::date) AS d (issued_on)
        CROSS JOIN LATERAL care_internal.channel_on(s.person_id, care.today()) AS h
    WHERE NOT care_internal.was_sent(s.class, s.record_id, s.statement_id);
COMMENT ON VIEW care.statement_to_send IS
    'Worklist: statements of accounts and agreements that were issued and not sent, each with the channel the person '
    'agrees to today; care.record_sent() and record_agreement_sent() take one off.';
COMMENT ON COLUMN care.statement_to_send.class IS 'account or agreement.';
COMMENT ON COLUMN care.statement_to_send.record_id IS 'Its key.';
COMMENT ON COLUMN care.statement_to_send.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.statement_to_send.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.statement_to_send.issued_on IS 'The day, in London, the statement was issued.';
COMMENT ON COLUMN care.statement_to_send.channel IS 'How the person is to receive it today: post, email or online.';
COMMENT ON COLUMN care.statement_to_send.days_waiting IS 'Days since then.';
COMMENT ON COLUMN care.statement_to_send.overdue IS
    'Has it waited longer than the authority''s setting statement_send_days?';
SELECT care_internal.comment_columns('care.statement_to_send', 'care.issued_statement', 'care.account_position_row');

-- Part of the query that asks, so that letters are made one by one as they are fetched.
CREATE FUNCTION care.account_letters(authority text DEFAULT NULL, by_channel text DEFAULT NULL,
                                     options jsonb DEFAULT NULL)
    RETURNS TABLE (account_id bigint, statement_id bigint, person_reference text, channel text, letter text)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
    SELECT s.record_id, s.statement_id, s.person_reference, s.channel,
           care.account_letter(s.record_id, s.statement_id, NULL, account_letters.options)
    FROM care.statement_to_send AS s
    WHERE care_internal.require_authority_or_all(account_letters.authority) AND s.class = 'account'
      AND (account_letters.authority IS NULL OR s.authority = account_letters.authority)
      AND (by_channel IS NULL OR s.channel = by_channel);
END;
COMMENT ON FUNCTION care.account_letters(text, text, jsonb) IS
    'A letter for each statement of account that waits to be sent, of an authority and a channel, or (null) all, with '
    'a place left for name and address. Rows come one by one, in no order: a run of any size needs no memory. To put '
    'addresses in, join care.statement_to_send with yours and call account_letter(). P0002 for what is no authority.';
