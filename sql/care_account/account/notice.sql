--
-- notice: how and whether a person is written to: suspensions, consents to a channel, an authority's texts.
--
-- Must not know: agreements, what a statement says.
--

CREATE TABLE care.statement_suspension (
    account_id bigint NOT NULL
        CONSTRAINT statement_suspension_account_fkey REFERENCES care.account,
    suspension_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    from_day date NOT NULL
        CONSTRAINT statement_suspension_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT statement_suspension_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    reason text NOT NULL
        CONSTRAINT statement_suspension_has_reason CHECK (reason <> ''),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT statement_suspension_pkey PRIMARY KEY (suspension_id),
    CONSTRAINT statement_suspension_key UNIQUE (account_id, suspension_id)
);
COMMENT ON TABLE care.statement_suspension IS
    'Periods in which an account gets no regular statements. Ending one early is a new row that supersedes it.';
COMMENT ON COLUMN care.statement_suspension.account_id IS 'The account.';
COMMENT ON COLUMN care.statement_suspension.suspension_id IS 'Key within the account.';
COMMENT ON COLUMN care.statement_suspension.from_day IS 'First day.';
COMMENT ON COLUMN care.statement_suspension.to_day IS
    'Last day; null: until further notice; before from_day: withdrawn.';
COMMENT ON COLUMN care.statement_suspension.reason IS 'Why.';
COMMENT ON COLUMN care.statement_suspension.supersedes IS 'The suspension_id of the row this one replaces.';
COMMENT ON COLUMN care.statement_suspension.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.statement_suspension.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.statement_suspension', 'account', 'care.suspend_statements(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.statement_suspension', 'suspension_id', 'account_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE FUNCTION care_internal.suspended_on(on_day date) RETURNS TABLE (account_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.account_id
    FROM care.statement_suspension_known_at('infinity'::timestamptz) AS u
    WHERE on_day >= u.from_day AND (u.to_day IS NULL OR on_day <= u.to_day);
END;
COMMENT ON FUNCTION care_internal.suspended_on(date) IS 'Accounts that get no regular statements on a day.';

CREATE VIEW care.statement_suspension_in_force AS
    SELECT u.account_id, a.authority, a.reference, u.suspension_id, u.from_day, u.to_day, u.reason, u.supersedes,
           u.recorded_at, u.recorded_by
    FROM care.statement_suspension_known_at('infinity'::timestamptz) AS u
        JOIN care.account AS a ON a.account_id = u.account_id;
COMMENT ON VIEW care.statement_suspension_in_force IS
    'The periods without regular statements that hold: neither replaced nor withdrawn.';
SELECT care_internal.comment_columns('care.statement_suspension_in_force', 'care.statement_suspension', 'care.account');

CREATE TABLE care.channel_consent (
    person_id bigint NOT NULL
        CONSTRAINT channel_consent_person_fkey REFERENCES care.person,
    consent_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    channel text
        CONSTRAINT channel_consent_known_channel CHECK (channel IN ('post', 'email', 'online')),
    from_day date NOT NULL
        CONSTRAINT channel_consent_finite_day CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    evidence text,
    reason text
        CONSTRAINT channel_consent_has_reason CHECK (reason <> ''),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT channel_consent_pkey PRIMARY KEY (consent_id),
    CONSTRAINT channel_consent_key UNIQUE (person_id, from_day, consent_id),
    CONSTRAINT channel_consent_withdraws_one
        CHECK (channel IS NOT NULL OR (supersedes IS NOT NULL AND reason IS NOT NULL))
);
COMMENT ON TABLE care.channel_consent IS
    'How each person has agreed to receive statements; without agreement, by post. A correction is a new row that '
    'supersedes the wrong one.';
COMMENT ON COLUMN care.channel_consent.person_id IS 'The person.';
COMMENT ON COLUMN care.channel_consent.consent_id IS 'Key within the person.';
COMMENT ON COLUMN care.channel_consent.channel IS
    'email or online, from that day; post: the person agrees no longer. Null: the consent that the row supersedes was '
    'recorded in error.';
COMMENT ON COLUMN care.channel_consent.from_day IS 'The day it holds from.';
COMMENT ON COLUMN care.channel_consent.evidence IS 'Reference of the recorded agreement.';
COMMENT ON COLUMN care.channel_consent.reason IS 'Why a consent is withdrawn from the record.';
COMMENT ON COLUMN care.channel_consent.supersedes IS 'The consent_id of the row this one corrects or withdraws.';
COMMENT ON COLUMN care.channel_consent.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.channel_consent.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.channel_consent', 'person', 'care.record_consent(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.channel_consent', 'consent_id', 'person_id', 'r.channel IS NOT NULL');
COMMENT ON FUNCTION care.channel_consent_known_at(timestamptz) IS
    'Rows of care.channel_consent as they were known at a moment: recorded by then, and neither corrected nor '
    'withdrawn by then. Of two from one day the last holds.';

CREATE VIEW care.channel_consent_in_force AS
    SELECT c.person_id, p.authority, p.reference, c.consent_id, c.channel, c.from_day, c.evidence, c.supersedes,
           c.recorded_at, c.recorded_by
    FROM care.channel_consent_known_at('infinity'::timestamptz) AS c
        JOIN care.person AS p ON p.person_id = c.person_id;
COMMENT ON VIEW care.channel_consent_in_force IS 'The consents that stand: neither corrected nor withdrawn.';
SELECT care_internal.comment_columns('care.channel_consent_in_force', 'care.channel_consent', 'care.person');

CREATE FUNCTION care_internal.channel_on(person_id bigint, on_day date)
    RETURNS TABLE (channel text) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT coalesce((SELECT c.channel FROM care.channel_consent_known_at('infinity'::timestamptz) AS c
                     WHERE c.person_id = channel_on.person_id AND c.from_day <= on_day
                     ORDER BY c.from_day DESC, c.consent_id DESC LIMIT 1), 'post');
END;
COMMENT ON FUNCTION care_internal.channel_on(bigint, date) IS
    'How a person receives statements on a day: as agreed, or else by post; one row.';

CREATE TABLE care.statement_text (
    authority text NOT NULL
        CONSTRAINT statement_text_authority_fkey REFERENCES care.local_authority,
    name text NOT NULL,
    subject text NOT NULL DEFAULT 'account'
        CONSTRAINT statement_text_known_subject CHECK (subject IN ('account', 'agreement')),
    valid_from date NOT NULL
        CONSTRAINT statement_text_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    shown_when text NOT NULL
        CONSTRAINT statement_text_known_rule
            CHECK (shown_when IN ('always', 'projection_shown', 'cap_reached', 'care_home', 'never')),
    body text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT statement_text_pkey PRIMARY KEY (authority, subject, name, valid_from, recorded_at)
);
COMMENT ON TABLE care.statement_text IS
    'Information and advice that an authority adds to its statements, by rule; for one name and day, the last row '
    'holds.';
COMMENT ON COLUMN care.statement_text.authority IS 'The authority.';
COMMENT ON COLUMN care.statement_text.name IS 'Name of the block.';
COMMENT ON COLUMN care.statement_text.subject IS 'account or agreement: whose statements it is for.';
COMMENT ON COLUMN care.statement_text.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.statement_text.shown_when IS
    'always; projection_shown; cap_reached; care_home; never (from that day no more).';
COMMENT ON COLUMN care.statement_text.body IS 'The text.';
COMMENT ON COLUMN care.statement_text.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.statement_text.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.statement_text', one_of => '{authority,subject,name,valid_from}');
CREATE TRIGGER statement_text_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.statement_text
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_statement_text()');
COMMENT ON TRIGGER statement_text_refuse_change ON care.statement_text IS 'Texts are added to, never changed.';

CREATE FUNCTION care.record_statement_text(authority text, name text, valid_from date, shown_when text,
                                           body text, subject text DEFAULT 'account')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('text %L of %s', name, coalesce(authority, 'null'));
BEGIN
    PERFORM care_internal.require_deciding_authority(authority, valid_from);
    PERFORM care_internal.require_text(label, 'name', name),
            care_internal.require_day(label, 'valid_from', valid_from),
            care_internal.require_word(label, 'rule', shown_when,
                                       '{always,projection_shown,cap_reached,care_home,never}'),
            care_internal.require_word(label, 'subject', subject, '{account,agreement}');
    IF shown_when <> 'never' THEN
        PERFORM care_internal.require_text(label, 'body', body);
    END IF;
    INSERT INTO care.statement_text (authority, name, subject, valid_from, shown_when, body)
    VALUES (record_statement_text.authority, record_statement_text.name, record_statement_text.subject,
            record_statement_text.valid_from, record_statement_text.shown_when,
            coalesce(record_statement_text.body, ''));
END
$$;
COMMENT ON FUNCTION care.record_statement_text(text, text, date, text, text, text) IS
    'Records a text that an authority adds to its statements of accounts (or of agreements) from a day, and when it is '
    'shown: always, projection_shown, cap_reached, care_home, or never, which ends it.';

CREATE FUNCTION care.suspend_statements(account_id bigint, from_day date, to_day date,
                                        reason text, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.lock_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_day(label, 'from_day', from_day);
    PERFORM care_internal.require_day(label, 'to_day', nullif(to_day, 'infinity'), nullable => true);
    PERFORM care_internal.require_text(label, 'reason', reason);
    IF supersedes IS NOT NULL
       AND (NOT EXISTS (SELECT FROM care.statement_suspension AS u
                        WHERE u.account_id = account.account_id AND u.suspension_id = suspend_statements.supersedes)
            OR EXISTS (SELECT FROM care.statement_suspension AS u
                       WHERE u.account_id = account.account_id AND u.supersedes = suspend_statements.supersedes)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'suspension_exists', SCHEMA = 'care', TABLE = 'statement_suspension', COLUMN = 'supersedes',
            MESSAGE = format('%s has no suspension %s to replace', label, supersedes),
            HINT = 'It may have been replaced already: then replace the replacement.';
    END IF;
    IF supersedes IS NULL AND to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'statement_suspension_in_order',
            MESSAGE = format('%s: the suspension ends before it begins on %s', label, care_internal.day_text(from_day));
    END IF;
    INSERT INTO care.statement_suspension (account_id, from_day, to_day, reason, supersedes)
    VALUES (account.account_id, suspend_statements.from_day, nullif(suspend_statements.to_day, 'infinity'),
            suspend_statements.reason, suspend_statements.supersedes)
    RETURNING suspension_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.suspend_statements(bigint, date, date, text, bigint) IS
    'Suspends the regular statements of an account for a reason and a period (null: until further notice). To change '
    'or withdraw one, give its key in supersedes; a last day before the first withdraws it.';

-- A consent that may be corrected or withdrawn: one that stands.
CREATE FUNCTION care_internal.consent_that_stands(person_id bigint, person_reference text, consent_id bigint)
    RETURNS care.channel_consent LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    consent care.channel_consent;
BEGIN
    SELECT c.* INTO consent FROM care.channel_consent_known_at('infinity'::timestamptz) AS c
    WHERE c.person_id = consent_that_stands.person_id AND c.consent_id = consent_that_stands.consent_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'channel_consent_exists', SCHEMA = 'care', TABLE = 'channel_consent', COLUMN = 'consent_id',
            MESSAGE = format('person %s has no consent %s to correct', person_reference,
                             coalesce(consent_id::text, 'null')),
            HINT = 'It may have been corrected or withdrawn already; care.channel_consent_in_force lists those that '
                   'stand.';
    END IF;
    RETURN consent;
END
$$;
COMMENT ON FUNCTION care_internal.consent_that_stands(bigint, text, bigint) IS
    'A consent of a person; P0002 if there is none, or it was corrected or withdrawn.';

CREATE FUNCTION care.record_consent(person_reference text, channel text, from_day date,
                                    evidence text DEFAULT NULL, authority text DEFAULT NULL,
                                    supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    new_id int8;
BEGIN
    IF channel IS NULL OR channel NOT IN ('post', 'email', 'online') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'channel_known', SCHEMA = 'care', TABLE = 'channel_consent', COLUMN = 'channel',
            MESSAGE = format('person %s: unknown channel: %L', person_reference, channel),
            HINT = 'It is email or online, or post to withdraw an agreement.';
    END IF;
    PERFORM care_internal.require_day(format('person %s', person_reference), 'from_day', from_day);
    PERFORM care_internal.lock_known_person(key, person_reference);
    IF supersedes IS NOT NULL THEN
        PERFORM care_internal.consent_that_stands(key, person_reference, supersedes);
    END IF;
    INSERT INTO care.channel_consent (person_id, channel, from_day, evidence, supersedes)
    VALUES (key, record_consent.channel, record_consent.from_day, record_consent.evidence, record_consent.supersedes)
    RETURNING consent_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_consent(text, text, date, text, text, bigint) IS
    'Records that a person agreed to statements by email or online from a day, or (post) agrees no longer, and returns '
    'its key. To correct one, give its key in supersedes.';

CREATE FUNCTION care.withdraw_consent(person_reference text, consent_id bigint, reason text,
                                      authority text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    consent care.channel_consent;
BEGIN
    PERFORM care_internal.require_text(format('person %s', person_reference), 'reason', reason),
            care_internal.lock_known_person(key, person_reference);
    consent := care_internal.consent_that_stands(key, person_reference, consent_id);
    INSERT INTO care.channel_consent (person_id, from_day, reason, supersedes)
    VALUES (key, consent.from_day, withdraw_consent.reason, consent.consent_id);
END
$$;
COMMENT ON FUNCTION care.withdraw_consent(text, bigint, text, text) IS
    'Withdraws a consent that was recorded in error, for a reason: as if it had not been. A person who agrees no '
    'longer is recorded with channel post.';
