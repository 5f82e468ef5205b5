--
-- submission: what a person, or who acts for them, sends in online: it waits, changes nothing, and a worker decides.
--
-- A submission is content of a known schema and version.  What is accepted is recorded by the functions that record
-- such a thing anyway, with the worker as recorder, and the decision names the facts that were made.
--
-- Must not know: accounts, agreements.
--

SELECT care_internal.keep_setting('submission_bytes', '^[1-9][0-9]{0,6}$', '1048576',
           'how many bytes the content of what is sent in online may have, as text');

CREATE TABLE care_internal.submission_schema (
    kind text NOT NULL
        CONSTRAINT submission_schema_pkey PRIMARY KEY,
    schema text NOT NULL,
    versions text[] NOT NULL,
    accepting text
);
COMMENT ON TABLE care_internal.submission_schema IS
    'What may be sent in, in which form, and what accepting it records.';
COMMENT ON COLUMN care_internal.submission_schema.kind IS 'Kind of submission.';
COMMENT ON COLUMN care_internal.submission_schema.schema IS 'What its content says in its member schema.';
COMMENT ON COLUMN care_internal.submission_schema.versions IS 'Which it may say in its member version.';
COMMENT ON COLUMN care_internal.submission_schema.accepting IS
    'Function of the person, the content and the name of the submission that records what is accepted and lists the '
    'facts made; null: the decision itself is what is kept of it.';
INSERT INTO care_internal.submission_schema (kind, schema, versions, accepting) VALUES
    ('needs', 'care_account/needs', '{1.0}', 'care_internal.accept_needs'),
    ('means', 'care_account/means', '{1.0}', NULL),
    ('contact', 'care_account/contact', '{1.0}', NULL),
    ('consent', 'care_account/consent', '{1.0}', 'care_internal.accept_consent');

CREATE TABLE care.submission (
    person_id bigint NOT NULL
        CONSTRAINT submission_person_fkey REFERENCES care.person,
    submission_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    subject text NOT NULL,
    capacity text NOT NULL,
    kind text NOT NULL,
    content jsonb NOT NULL
        CONSTRAINT submission_is_object CHECK (jsonb_typeof(content) = 'object'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT submission_pkey PRIMARY KEY (submission_id),
    CONSTRAINT submission_key UNIQUE (person_id, submission_id)
);
COMMENT ON TABLE care.submission IS 'What was sent in online, as it was sent; nothing follows from it by itself.';
COMMENT ON COLUMN care.submission.submission_id IS 'Key within the person.';
COMMENT ON COLUMN care.submission.subject IS 'Who sent it, as the claim sub said.';
COMMENT ON COLUMN care.submission.capacity IS 'self, or in which capacity they act for the person.';
COMMENT ON COLUMN care.submission.kind IS 'needs, means, contact or consent.';
COMMENT ON COLUMN care.submission.content IS 'What was sent, with its schema and version.';
SELECT care_internal.keep('care.submission', 'person', 'care_api.withdraw()');

CREATE TABLE care.submission_decision (
    person_id bigint NOT NULL
        CONSTRAINT submission_decision_person_fkey REFERENCES care.person,
    decision_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    submission_id bigint NOT NULL,
    decision text NOT NULL
        CONSTRAINT submission_decision_known CHECK (decision IN ('accepted', 'partly', 'refused', 'withdrawn')),
    reason text
        CONSTRAINT submission_decision_has_reason CHECK (reason <> ''),
    accepted jsonb,
    facts jsonb NOT NULL DEFAULT '[]',
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT submission_decision_pkey PRIMARY KEY (decision_id),
    CONSTRAINT submission_decision_key UNIQUE (person_id, decision_id),
    CONSTRAINT submission_decision_submission_fkey FOREIGN KEY (person_id, submission_id)
        REFERENCES care.submission (person_id, submission_id),
    CONSTRAINT submission_decision_once UNIQUE NULLS NOT DISTINCT (person_id, submission_id, supersedes),
    CONSTRAINT submission_decision_says_why CHECK (decision NOT IN ('partly', 'refused') OR reason IS NOT NULL)
);
COMMENT ON TABLE care.submission_decision IS
    'What was decided of each submission; one that was refused may be accepted by a row that supersedes it.';
COMMENT ON COLUMN care.submission_decision.decision_id IS 'Key within the person.';
COMMENT ON COLUMN care.submission_decision.submission_id IS 'The submission.';
COMMENT ON COLUMN care.submission_decision.decision IS 'accepted, partly, refused; withdrawn by who sent it.';
COMMENT ON COLUMN care.submission_decision.reason IS 'Why, where not all was accepted.';
COMMENT ON COLUMN care.submission_decision.accepted IS 'The content that was accepted; null: none.';
COMMENT ON COLUMN care.submission_decision.facts IS 'The facts that were made of it: table and key of each.';
SELECT care_internal.keep('care.submission_decision', 'person', 'care_api.accept_submission()');
SELECT care_internal.refer_within('care.submission_decision', 'supersedes', 'decision_id', 'person_id');
SELECT care_internal.ask_as_known('care.submission_decision', 'decision_id', 'person_id', 'true');

CREATE FUNCTION care_internal.decision_of(person_id bigint, submission_id bigint)
    RETURNS SETOF care.submission_decision LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT d.* FROM care.submission_decision AS d
    WHERE d.person_id = decision_of.person_id AND d.submission_id = decision_of.submission_id
    ORDER BY d.decision_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.decision_of(bigint, bigint) IS
    'What holds of a submission; no row: it waits.';

CREATE FUNCTION care_internal.require_content(kind text, content jsonb, largest integer) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known care_internal.submission_schema;
BEGIN
    SELECT s.* INTO known FROM care_internal.submission_schema AS s WHERE s.kind = require_content.kind;
    IF NOT FOUND THEN
        PERFORM care_internal.require_word('submission', 'kind', kind,
                                           ARRAY(SELECT s.kind FROM care_internal.submission_schema AS s
                                                 ORDER BY s.kind));
    ELSIF content IS NULL OR jsonb_typeof(content) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = CASE WHEN content IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END,
            CONSTRAINT = 'submission_is_object', SCHEMA = 'care', TABLE = 'submission', COLUMN = 'content',
            MESSAGE = format('submission of %s: the content is a JSON object', kind);
    ELSIF octet_length(content::text) > largest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'submission_fits',
            SCHEMA = 'care', TABLE = 'submission', COLUMN = 'content',
            MESSAGE = format('submission of %s: the content has %s bytes, more than %s', kind,
                             octet_length(content::text), largest);
    ELSIF (content->>'schema' = known.schema AND content->>'version' = ANY (known.versions)) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'submission_schema_known',
            SCHEMA = 'care', TABLE = 'submission', COLUMN = 'content',
            MESSAGE = format('submission of %s: its schema and version are not known here', kind),
            HINT = format('The content says "schema": "%s" and "version": one of %s.', known.schema,
                          array_to_string(known.versions, ', '));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_content(text, jsonb, integer) IS
    'What the content of a submission must be: an object that is not too large, of a schema and version known for its '
    'kind; 22004, 22023.';

CREATE FUNCTION care_api.submit(kind text, content jsonb, person uuid DEFAULT NULL)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET care.actor = '' AS $$
DECLARE
    today date := care.today();
    key int8 := care_internal.require_person('submissions', person);
    keeper text := (SELECT p.authority FROM care.person AS p WHERE p.person_id = key);
    new_id int8;
BEGIN
    PERFORM care_internal.require_content(kind, content,
                                          care.setting_on(keeper, 'submission_bytes', today)::integer),
            care_internal.act_as_subject(), care_internal.lock_known_person(key, 'you');
    INSERT INTO care.submission (person_id, subject, capacity, kind, content)
    SELECT key, care_internal.subject(), s.capacity, submit.kind, submit.content
    FROM care_internal.persons_seen(care_internal.subject(), 'submissions', today) AS s WHERE s.person_id = key
    RETURNING submission_id INTO new_id;
    RETURN care_internal.online_key(care_internal.online_secret(), 'submission', new_id);
END
$$;
COMMENT ON FUNCTION care_api.submit(text, jsonb, uuid) IS
    'Send something in
kind: needs, means, contact or consent; content: an object with schema (care_account/<kind>), version (1.0) and what '
    'you say; person: for whom, null: for yourself. It waits for a worker. Returns its key.';

CREATE FUNCTION care_api.withdraw(submission uuid, reason text DEFAULT NULL)
    RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET care.actor = '' AS $$
DECLARE
    today date := care.today();
    asking text := care_internal.subject();
    secret bytea := care_internal.online_secret();
    sent care.submission;
BEGIN
    SELECT s.* INTO sent FROM care_internal.persons_seen(asking, 'submissions', today) AS p
        JOIN care.submission AS s ON s.person_id = p.person_id
    WHERE care_internal.online_key(secret, 'submission', s.submission_id) = withdraw.submission
      AND (p.capacity = 'self' OR s.subject = asking);
    IF NOT FOUND THEN
        PERFORM care_internal.require_person('submissions', NULL) WHERE asking IS NULL;
        PERFORM care_internal.refuse_unseen('submission', submission);
    END IF;
    PERFORM care_internal.act_as_subject(), care_internal.lock_known_person(sent.person_id, 'you');
    IF EXISTS (SELECT FROM care_internal.decision_of(sent.person_id, sent.submission_id)) THEN
        PERFORM care_internal.refuse_decided(submission, sent);
    END IF;
    INSERT INTO care.submission_decision (person_id, submission_id, decision, reason)
    VALUES (sent.person_id, sent.submission_id, 'withdrawn', nullif(withdraw.reason, ''));
    RETURN submission;
END
$$;
COMMENT ON FUNCTION care_api.withdraw(uuid, text) IS
    'Take back what you sent in
As long as nothing was decided of it. Returns its key.';

CREATE FUNCTION care_internal.refuse_decided(key uuid, sent care.submission) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING
        ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'submission_waits',
        MESSAGE = format('submission %s waits no longer: it was %s', key,
                         (SELECT CASE d.decision WHEN 'partly' THEN 'accepted in part' ELSE d.decision END
                          FROM care_internal.decision_of(sent.person_id, sent.submission_id) AS d));
END
$$;
COMMENT ON FUNCTION care_internal.refuse_decided(uuid, care.submission) IS
    'Refuses (55000) to decide again what is accepted or withdrawn.';

--
-- What accepting records.
--

CREATE FUNCTION care_internal.accept_consent(person_id bigint, content jsonb, named text) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p care.person := (SELECT k FROM care.person AS k WHERE k.person_id = accept_consent.person_id);
BEGIN
    RETURN jsonb_build_array(jsonb_build_object('table', 'care.channel_consent', 'key',
        care.record_consent(p.reference, content->>'channel', care_internal.day_given('from_day', content->>'from_day'),
                            named, p.authority)));
END
$$;
COMMENT ON FUNCTION care_internal.accept_consent(bigint, jsonb, text) IS
    'Accepts a submission of consent: the members channel and from_day become a consent whose evidence is the '
    'submission.';

CREATE FUNCTION care_internal.accept_needs(person_id bigint, content jsonb, named text) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    p care.person := (SELECT k FROM care.person AS k WHERE k.person_id = accept_needs.person_id);
    began_on date := care_internal.day_given('needs_began_on', content->>'needs_began_on');
    last_id int8 := (SELECT max(d.detail_id) FROM care.person_detail AS d WHERE d.person_id = accept_needs.person_id);
BEGIN
    IF began_on IS NOT NULL THEN
        PERFORM care.record_person(p.authority, p.reference, needs_began_on => began_on);
    END IF;
    RETURN coalesce((SELECT jsonb_agg(jsonb_build_object('table', 'care.person_detail', 'key', d.detail_id))
                     FROM care.person_detail AS d
                     WHERE d.person_id = accept_needs.person_id AND d.detail_id > coalesce(last_id, 0)), '[]');
END
$$;
COMMENT ON FUNCTION care_internal.accept_needs(bigint, jsonb, text) IS
    'Accepts a submission of needs: the member needs_began_on, if there, becomes the day the person''s needs began.';

-- A day of a JSON text: one form only.
CREATE FUNCTION care_internal.day_given(name text, given text) RETURNS date
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF given ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        RETURN make_date(substr(given, 1, 4)::integer, substr(given, 6, 2)::integer, substr(given, 9, 2)::integer);
    ELSIF given IS NULL THEN
        RETURN NULL;
    END IF;
    RAISE datetime_field_overflow;
EXCEPTION WHEN datetime_field_overflow THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'submission_day', COLUMN = name,
        MESSAGE = format('submission: %s: %L is no day', name, given), HINT = 'A day is written YYYY-MM-DD.';
END
$$;
COMMENT ON FUNCTION care_internal.day_given(text, text) IS
    'A day written YYYY-MM-DD in what was sent in; 22023 for what is none.';
