--
-- letter_cap: the certificate that the cap is reached, and the notice that tells the person.
--
-- After the cap the account is the proof that the authority meets the eligible needs.  A certificate is a fact of the
-- account: it is linked into its chain, so that every statement after it covers it, and is never changed.  One that
-- turns out wrong is replaced by another, which may say that the cap has not been reached after all.
--
-- Must not know: agreements, statements.
--

CREATE TABLE care.cap_certificate (
    account_id bigint NOT NULL
        CONSTRAINT cap_certificate_account_fkey REFERENCES care.account,
    statement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    as_at date NOT NULL,
    scheme text NOT NULL,
    cap numeric NOT NULL,
    accrued numeric NOT NULL,
    cap_reached_on date,
    weekly_cost numeric NOT NULL,
    daily_living_cost numeric NOT NULL,
    supersedes bigint,
    chain_length integer NOT NULL,
    chain_head bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    digest bytea NOT NULL,
    CONSTRAINT cap_certificate_pkey PRIMARY KEY (statement_id),
    CONSTRAINT cap_certificate_key UNIQUE (account_id, statement_id),
    CONSTRAINT cap_certificate_finite_day CHECK (as_at BETWEEN '0001-01-01' AND '9999-12-31'),
    CONSTRAINT cap_certificate_finite_cap_day CHECK (cap_reached_on BETWEEN '0001-01-01' AND '9999-12-31'),
    CONSTRAINT cap_certificate_says_something CHECK (cap_reached_on <= as_at OR supersedes IS NOT NULL)
);
CREATE UNIQUE INDEX cap_certificate_one_after_another
    ON care.cap_certificate (account_id, supersedes) NULLS NOT DISTINCT;
COMMENT ON INDEX care.cap_certificate_one_after_another IS
    'An account has one first certificate, and each is replaced once.';
COMMENT ON TABLE care.cap_certificate IS
    'Certificates that an account has reached the cap, never changed; the last of an account holds.';
COMMENT ON COLUMN care.cap_certificate.account_id IS 'The account.';
COMMENT ON COLUMN care.cap_certificate.statement_id IS 'Key within the account.';
COMMENT ON COLUMN care.cap_certificate.as_at IS 'The day at whose close the figures stand.';
COMMENT ON COLUMN care.cap_certificate.scheme IS 'The scheme.';
COMMENT ON COLUMN care.cap_certificate.cap IS
    'The cap on the day it was reached, or on as_at if it was not, pounds.';
COMMENT ON COLUMN care.cap_certificate.accrued IS 'Costs accrued by the close of that day, pounds.';
COMMENT ON COLUMN care.cap_certificate.cap_reached_on IS
    'The day the cap was reached: the authority meets the eligible needs from the next day. Null: it has not been '
    'reached after all.';
COMMENT ON COLUMN care.cap_certificate.weekly_cost IS 'Weekly cost of meeting the eligible needs, pounds.';
COMMENT ON COLUMN care.cap_certificate.daily_living_cost IS
    'Daily living costs of it, which the person still pays, pounds a week.';
COMMENT ON COLUMN care.cap_certificate.supersedes IS 'The statement_id of the certificate this one replaces.';
COMMENT ON COLUMN care.cap_certificate.chain_length IS 'How many facts about the account were recorded before it.';
COMMENT ON COLUMN care.cap_certificate.chain_head IS 'The last link of the account''s chain then, to be printed on it.';
COMMENT ON COLUMN care.cap_certificate.recorded_at IS 'When it was issued.';
COMMENT ON COLUMN care.cap_certificate.recorded_by IS 'Who issued it.';
COMMENT ON COLUMN care.cap_certificate.digest IS
    'SHA-256 of everything else in the row but its key, time, author and chain.';
SELECT care_internal.keep('care.cap_certificate', 'account', 'care.certify_cap()',
    part => 'statement', linked => '{statement_id,recorded_at,recorded_by,digest}',
    digest => 'care_internal.cap_certificate_digest');
SELECT care_internal.refer_within('care.cap_certificate', 'supersedes', 'statement_id', 'account_id');
SELECT care_internal.ask_as_known('care.cap_certificate', 'statement_id', 'account_id', 'r.cap_reached_on IS NOT NULL');

CREATE FUNCTION care_internal.cap_certificate_digest(c care.cap_certificate) RETURNS bytea
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN sha256(care_internal.canonical(ROW(c.account_id, c.as_at, c.scheme, c.cap, c.accrued, c.cap_reached_on,
                                              c.weekly_cost, c.daily_living_cost, c.supersedes)));
COMMENT ON FUNCTION care_internal.cap_certificate_digest(care.cap_certificate) IS
    'The digest of a certificate, worked out from its row; it equals the one kept unless the row was tampered with.';

CREATE VIEW care.cap_certificate_in_force AS
    SELECT c.account_id, a.authority, a.reference, a.person_reference, c.statement_id, c.as_at, c.scheme, c.cap,
           c.cap_reached_on, c.weekly_cost, c.daily_living_cost, c.supersedes, c.recorded_at, c.recorded_by
    FROM care.cap_certificate_known_at('infinity'::timestamptz) AS c
        JOIN care.account AS a ON a.account_id = c.account_id;
COMMENT ON VIEW care.cap_certificate_in_force IS
    'The certificates that hold: whose eligible needs the authority meets, and from when.';
SELECT care_internal.comment_columns('care.cap_certificate_in_force', 'care.cap_certificate', 'care.account',
                                     'care.account_position_row');

CREATE VIEW care.cap_certificate_due AS
    SELECT a.account_id, a.authority, a.reference, a.person_reference, a.cap_on AS cap_reached_on,
           c.cap_reached_on AS certified_on
    FROM (SELECT x.account_id, x.authority, x.reference, x.person_reference,
                 CASE WHEN x.cap_on <= care.today() THEN x.cap_on END AS cap_on
          FROM care.account AS x) AS a
        LEFT JOIN care.cap_certificate_in_force AS c ON c.account_id = a.account_id
    WHERE a.cap_on IS DISTINCT FROM c.cap_reached_on;
COMMENT ON VIEW care.cap_certificate_due IS
    'Worklist: accounts at the cap without a certificate, and those whose certificate names another day than is so by '
    'what is recorded now; care.certify_cap() takes one off.';
COMMENT ON COLUMN care.cap_certificate_due.cap_reached_on IS
    'The day the cap was reached by what is recorded now; null: it has not been.';
COMMENT ON COLUMN care.cap_certificate_due.certified_on IS 'The day its certificate names; null: it has none.';
SELECT care_internal.comment_columns('care.cap_certificate_due', 'care.account', 'care.account_position_row');

CREATE FUNCTION care.certify_cap(account_id bigint, as_at date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account;
    label text;
    p care.account_position_row;
    last care.cap_certificate;
    c care.cap_certificate;
BEGIN
    PERFORM care_internal.share_schemes();
    account := care_internal.lock_account(account_id);
    label := format('account %s (%s)', account.account_id, account.reference);
    PERFORM care_internal.require_day(label, 'as_at', as_at);
    SELECT q.* INTO p FROM care.account_position(as_at) AS q WHERE q.account_id = account.account_id;
    SELECT x.* INTO last FROM care.cap_certificate AS x WHERE x.account_id = account.account_id
    ORDER BY x.statement_id DESC LIMIT 1;
    IF as_at > care.today() OR p.cap_reached_on IS NULL AND (as_at >= last.cap_reached_on) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'cap_is_reached',
            MESSAGE = format('%s: nothing can be certified: %s', label,
                             CASE WHEN as_at > care.today()
                                  THEN care_internal.day_text(as_at) || ' is in the future'
                                  ELSE 'the cap was not reached by ' || care_internal.day_text(as_at) END);
    END IF;
    IF p.cap_reached_on = last.cap_reached_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'cap_certified_once',
            SCHEMA = 'care', TABLE = 'cap_certificate', COLUMN = 'cap_reached_on',
            MESSAGE = format('%s: certificate %s says already that the cap was reached on %s', label,
                             last.statement_id, care_internal.day_text(last.cap_reached_on)),
            HINT = 'A new one is for another day, when what is recorded has changed.';
    END IF;
    c.account_id := account.account_id;
    c.as_at := as_at;
    c.scheme := account.scheme;
    SELECT q.cap, q.accrued INTO c.cap, c.accrued FROM care.account_position(coalesce(p.cap_reached_on, as_at)) AS q
    WHERE q.account_id = account.account_id;
    c.cap_reached_on := p.cap_reached_on;
    c.weekly_cost := p.weekly_cost;
    c.daily_living_cost := p.daily_living_cost;
    c.supersedes := last.statement_id;
    INSERT INTO care.cap_certificate AS n (account_id, as_at, scheme, cap, accrued, cap_reached_on, weekly_cost,
                                           daily_living_cost, supersedes, chain_length, chain_head, digest)
    SELECT c.account_id, c.as_at, c.scheme, c.cap, c.accrued, c.cap_reached_on, c.weekly_cost, c.daily_living_cost,
           c.supersedes, e.length, e.head, care_internal.cap_certificate_digest(c)
    FROM care_internal.chain_end('account', account.account_id) AS e
    RETURNING n.statement_id INTO c.statement_id;
    RETURN c.statement_id;
END
$$;
COMMENT ON FUNCTION care.certify_cap(bigint, date) IS
    'Certifies that an account had reached the cap by the close of a day, and returns the key of the certificate; '
    'where its last certificate says otherwise, the new one replaces it, and may say that the cap has not been reached '
    'after all. P0002 if there is no such account, 55000 if the cap was not reached by the day and nothing says it '
    'was, 23505 if it is certified already.';

CREATE FUNCTION care.cap_notice(account_id bigint, statement_id bigint, addressee jsonb DEFAULT NULL,
                                options jsonb DEFAULT NULL) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 10000 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    account care.account := care_internal.require_account(account_id);
    label text := format('account %s (%s)', account.account_id, account.reference);
    form care_internal.letter_form;
    c care.cap_certificate;
    earlier date;
    says text[];
BEGIN
    SELECT x.* INTO c FROM care.cap_certificate AS x
    WHERE x.account_id = account.account_id AND x.statement_id = cap_notice.statement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            CONSTRAINT = 'cap_certificate_exists', SCHEMA = 'care', TABLE = 'cap_certificate',
            COLUMN = 'statement_id',
            MESSAGE = format('%s has no certificate %s', label, coalesce(statement_id::text, 'null')),
            HINT = 'care.certify_cap() issues one.';
    END IF;
    SELECT x.cap_reached_on INTO earlier FROM care.cap_certificate AS x
    WHERE x.account_id = account.account_id AND x.statement_id = c.supersedes;
    form := care_internal.letter_form(label, addressee, options,
                                      (SELECT u.name FROM care.local_authority AS u
                                       WHERE u.authority = account.authority),
                                      (c.recorded_at AT TIME ZONE 'Europe/London')::date);
    says := ARRAY[
        CASE WHEN earlier IS NOT NULL
             THEN format('This replaces what we told you before, that you had reached the cap on %s. What is recorded '
                         'about your care has been corrected since.', care_internal.long_day(earlier)) END,
        CASE WHEN c.cap_reached_on IS NULL
             THEN format('By the close of %s, %s had counted towards the cap of %s. You have not reached it yet.',
                         care_internal.long_day(c.as_at), care_internal.pounds_text(c.accrued),
                         care_internal.pounds_text(c.cap))
             ELSE format('On %s you reached the cap of %s on what you pay for care.',
                         care_internal.long_day(c.cap_reached_on), care_internal.pounds_text(c.cap)) END,
        CASE WHEN c.cap_reached_on IS NOT NULL
             THEN format('From %s we pay for the care that meets your eligible needs. You do not have to apply: this '
                         'letter is the proof.', care_internal.long_day(c.cap_reached_on + 1)) END,
        CASE WHEN c.cap_reached_on IS NOT NULL AND c.daily_living_cost > 0
             THEN format('You still pay daily living costs, %s a week, and any top-up you have chosen.',
                         care_internal.pounds_text(c.daily_living_cost))
             WHEN c.cap_reached_on IS NOT NULL
             THEN 'You still pay any top-up you have chosen, and daily living costs if you move to a care home.' END];
    RETURN care_internal.letter_page(form,
        CASE WHEN c.cap_reached_on IS NULL THEN 'You have not reached the cap on care costs'
             ELSE 'You have reached the cap on care costs' END,
        account.reference || ', certificate ' || c.statement_id,
        xmlconcat(care_internal.letter_paragraphs(says),
                  care_internal.letter_section('If something is wrong', care_internal.letter_paragraphs(ARRAY[
                      'Tell us, and give our reference. If we put anything right, we write to you again.'])),
                  care_internal.letter_proof(c.digest, c.chain_length, c.chain_head)));
END
$$;
COMMENT ON FUNCTION care.cap_notice(bigint, bigint, jsonb, jsonb) IS
    'The letter that tells a person that the cap is reached, from the certificate that says so: a whole HTML document, '
    'the same for ever. addressee and options: as for account_letter(). P0002 if the account has no such certificate.';
