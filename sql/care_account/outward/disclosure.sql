--
-- disclosure: who asked for what is kept of a person, what was decided, what was handed over; and what the person
-- objects to.
--
-- What was asked and what was answered are both kept.  The answer is by rule where a rule has one: what a person can
-- be known from is not for research; what a person objects to is for somebody to decide; the rest is permitted, for
-- sharing is a duty too.  Nothing is handed over without a purpose, a basis and a permission; each disclosure is in the
-- access log.
--
-- Must not know: what is handed over.
--

CREATE TABLE care.objection (
    person_id bigint NOT NULL
        CONSTRAINT objection_person_fkey REFERENCES care.person,
    objection_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    purpose text NOT NULL,
    about text NOT NULL
        CONSTRAINT objection_is_about CHECK (about <> ''),
    from_day date NOT NULL
        CONSTRAINT objection_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT objection_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT objection_pkey PRIMARY KEY (objection_id),
    CONSTRAINT objection_key UNIQUE (person_id, objection_id)
);
COMMENT ON TABLE care.objection IS
    'What a person does not want their records shared for; rows that nothing corrects hold.';
COMMENT ON COLUMN care.objection.objection_id IS 'Key within the person.';
COMMENT ON COLUMN care.objection.purpose IS 'The purpose of disclosures, a code, that they object to.';
COMMENT ON COLUMN care.objection.about IS 'What they object to, in their words.';
COMMENT ON COLUMN care.objection.from_day IS 'First day.';
COMMENT ON COLUMN care.objection.to_day IS
    'Last day, counted; null: until further notice; before from_day: recorded in error.';
SELECT care_internal.keep('care.objection', 'person', 'care.record_objection(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.objection', 'objection_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE TABLE care.disclosure_request (
    person_id bigint NOT NULL
        CONSTRAINT disclosure_request_person_fkey REFERENCES care.person,
    request_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    requester text NOT NULL
        CONSTRAINT disclosure_request_by_somebody CHECK (requester <> ''),
    asked_on date NOT NULL
        CONSTRAINT disclosure_request_finite_day CHECK (asked_on BETWEEN '0001-01-01' AND '9999-12-31'),
    data_asked text NOT NULL
        CONSTRAINT disclosure_request_is_of CHECK (data_asked <> ''),
    identifiable boolean NOT NULL,
    purpose text NOT NULL,
    policy text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT disclosure_request_pkey PRIMARY KEY (request_id),
    CONSTRAINT disclosure_request_key UNIQUE (person_id, request_id)
);
COMMENT ON TABLE care.disclosure_request IS 'What was asked for of a person''s records, by whom and for what.';
COMMENT ON COLUMN care.disclosure_request.request_id IS 'Key within the person.';
COMMENT ON COLUMN care.disclosure_request.requester IS 'Organisation, person and system that asked.';
COMMENT ON COLUMN care.disclosure_request.asked_on IS 'The day it was asked.';
COMMENT ON COLUMN care.disclosure_request.data_asked IS 'What was asked for.';
COMMENT ON COLUMN care.disclosure_request.identifiable IS 'Could the person be known from it?';
COMMENT ON COLUMN care.disclosure_request.purpose IS 'For what, a code of care.access_log.';
COMMENT ON COLUMN care.disclosure_request.policy IS
    'Reference and version of the sharing policy it is asked under; null: none.';
SELECT care_internal.keep('care.disclosure_request', 'person', 'care.decide_disclosure()');

CREATE TABLE care.disclosure_decision (
    person_id bigint NOT NULL
        CONSTRAINT disclosure_decision_person_fkey REFERENCES care.person,
    decision_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    request_id bigint NOT NULL,
    decision text NOT NULL
        CONSTRAINT disclosure_decision_known CHECK (decision IN ('PERMIT', 'DENY', 'REVIEW')),
    decided_by text NOT NULL
        CONSTRAINT disclosure_decision_by CHECK (decided_by IN ('rule', 'person')),
    reason text NOT NULL
        CONSTRAINT disclosure_decision_has_reason CHECK (reason <> ''),
    overrides boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT disclosure_decision_pkey PRIMARY KEY (decision_id),
    CONSTRAINT disclosure_decision_key UNIQUE (person_id, decision_id),
    CONSTRAINT disclosure_decision_request_fkey FOREIGN KEY (person_id, request_id)
        REFERENCES care.disclosure_request (person_id, request_id)
);
COMMENT ON TABLE care.disclosure_decision IS 'What was decided of each request; the last row holds.';
COMMENT ON COLUMN care.disclosure_decision.decision_id IS 'Key within the person.';
COMMENT ON COLUMN care.disclosure_decision.request_id IS 'The request.';
COMMENT ON COLUMN care.disclosure_decision.decision IS 'PERMIT, DENY, or REVIEW: somebody is to decide.';
COMMENT ON COLUMN care.disclosure_decision.decided_by IS 'rule, or person: who recorded the row.';
COMMENT ON COLUMN care.disclosure_decision.reason IS 'Why.';
COMMENT ON COLUMN care.disclosure_decision.overrides IS 'Does it permit what the person objects to?';
SELECT care_internal.keep('care.disclosure_decision', 'person', 'care.decide_disclosure()');

CREATE TABLE care.disclosure (
    person_id bigint NOT NULL
        CONSTRAINT disclosure_person_fkey REFERENCES care.person,
    disclosure_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    request_id bigint NOT NULL,
    document_digest bytea NOT NULL
        CONSTRAINT disclosure_digest_is_sha256 CHECK (length(document_digest) = 32),
    recipients text NOT NULL
        CONSTRAINT disclosure_to_somebody CHECK (recipients <> ''),
    carrier text NOT NULL
        CONSTRAINT disclosure_has_carrier CHECK (carrier <> ''),
    encrypted boolean NOT NULL,
    basis text NOT NULL
        CONSTRAINT disclosure_known_basis CHECK (basis IN ('consent', 'direct_care', 'legal_duty', 'public_interest',
                                                           'best_interests', 'anonymised')),
    sent_on date NOT NULL
        CONSTRAINT disclosure_finite_day CHECK (sent_on BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT disclosure_pkey PRIMARY KEY (disclosure_id),
    CONSTRAINT disclosure_key UNIQUE (person_id, disclosure_id),
    CONSTRAINT disclosure_request_fkey FOREIGN KEY (person_id, request_id)
        REFERENCES care.disclosure_request (person_id, request_id)
);
COMMENT ON TABLE care.disclosure IS
    'What was handed over, to whom, how and on what basis; its digest, not its content.';
COMMENT ON COLUMN care.disclosure.disclosure_id IS 'Key within the person.';
COMMENT ON COLUMN care.disclosure.request_id IS 'The request it answers.';
COMMENT ON COLUMN care.disclosure.document_digest IS 'SHA-256 of the document, before encryption.';
COMMENT ON COLUMN care.disclosure.recipients IS 'To whom.';
COMMENT ON COLUMN care.disclosure.carrier IS 'How: secure mail, message, by hand ...';
COMMENT ON COLUMN care.disclosure.encrypted IS 'Was it encrypted on the way?';
COMMENT ON COLUMN care.disclosure.basis IS
    'consent, direct_care, legal_duty, public_interest, best_interests (of who cannot consent), anonymised.';
COMMENT ON COLUMN care.disclosure.sent_on IS 'The day it was handed over.';
SELECT care_internal.keep('care.disclosure', 'person', 'a further care.record_disclosure()');

CREATE FUNCTION care_internal.objects_to(person_id bigint, purpose text, on_day date) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN EXISTS (SELECT FROM care.objection_known_at('infinity'::timestamptz) AS o
                   WHERE o.person_id = objects_to.person_id
                     AND (objects_to.purpose IS NULL OR o.purpose = objects_to.purpose)
                     AND on_day >= o.from_day AND (o.to_day IS NULL OR on_day <= o.to_day));
COMMENT ON FUNCTION care_internal.objects_to(bigint, text, date) IS
    'Does a person object, on a day, to disclosures for a purpose, or (null) for any?';

CREATE FUNCTION care.record_objection(person_reference text, purpose text, about text, from_day date,
                                      to_day date DEFAULT NULL, authority text DEFAULT NULL,
                                      supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    label text := format('person %s', person_reference);
    new_id int8;
BEGIN
    PERFORM care_internal.require_purpose(label, purpose), care_internal.require_text(label, 'about', about),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true),
            care_internal.lock_known_person(key, person_reference),
            care_internal.require_correctable(label, 'care.objection', 'person_id', key, 'objection_id', supersedes);
    IF supersedes IS NULL AND to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'objection_in_order',
            MESSAGE = format('%s: the objection ends before it begins on %s', label, care_internal.day_text(from_day));
    END IF;
    INSERT INTO care.objection (person_id, purpose, about, from_day, to_day, supersedes)
    VALUES (key, record_objection.purpose, record_objection.about, record_objection.from_day, record_objection.to_day,
            record_objection.supersedes)
    RETURNING objection_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_objection(text, text, text, date, date, text, bigint) IS
    'Records that a person objects to disclosures for a purpose, from a day to a day (null: until further notice), and '
    'returns the key. With supersedes it corrects or ends one; a last day before the first withdraws it.';

-- What a rule has an answer for, it answers at once.
CREATE FUNCTION care.request_disclosure(person_reference text, requester text, data_asked text, purpose text,
                                        identifiable boolean DEFAULT true, policy text DEFAULT NULL,
                                        authority text DEFAULT NULL, OUT request_id bigint, OUT decision text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    label text := format('person %s', person_reference);
    why text;
BEGIN
    PERFORM care_internal.require_text(label, 'requester', requester),
            care_internal.require_text(label, 'data_asked', data_asked),
            care_internal.require_purpose(label, purpose), care_internal.lock_known_person(key, person_reference);
    identifiable := coalesce(identifiable, true);
    IF purpose = 'research' AND identifiable THEN
        decision := 'DENY';
        why := 'what a person can be known from is not for research';
    ELSIF care_internal.objects_to(key, purpose, care.today()) THEN
        decision := 'REVIEW';
        why := 'the person objects';
    ELSE
        decision := 'PERMIT';
        why := 'nothing is against it';
    END IF;
    INSERT INTO care.disclosure_request AS r (person_id, requester, asked_on, data_asked, identifiable, purpose, policy)
    VALUES (key, request_disclosure.requester, care.today(), request_disclosure.data_asked,
            request_disclosure.identifiable, request_disclosure.purpose, nullif(request_disclosure.policy, ''))
    RETURNING r.request_id INTO request_id;
    INSERT INTO care.disclosure_decision (person_id, request_id, decision, decided_by, reason, overrides)
    VALUES (key, request_disclosure.request_id, request_disclosure.decision, 'rule', why, false);
END
$$;
COMMENT ON FUNCTION care.request_disclosure(text, text, text, text, boolean, text, text) IS
    'Records that somebody asks for what is kept of a person, and for what, and what the rules say to it: PERMIT, DENY '
    '(research with what a person can be known from) or REVIEW (the person objects): care.decide_disclosure().';

CREATE FUNCTION care_internal.lock_request(request_id bigint) RETURNS care.disclosure_request
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked care.disclosure_request;
BEGIN
    SELECT r.* INTO asked FROM care.disclosure_request AS r WHERE r.request_id = lock_request.request_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'disclosure_request_exists',
            SCHEMA = 'care', TABLE = 'disclosure_request', COLUMN = 'request_id',
            MESSAGE = format('no such request: %s', coalesce(request_id::text, 'null')),
            HINT = 'care.request_disclosure() records one.';
    END IF;
    PERFORM care_internal.lock_known_person(asked.person_id, format('of request %s', request_id));
    RETURN asked;
END
$$;
COMMENT ON FUNCTION care_internal.lock_request(bigint) IS
    'A request for a disclosure, its person locked against other writers; P0002 if there is none.';

CREATE FUNCTION care.decide_disclosure(request_id bigint, decision text, reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked care.disclosure_request := care_internal.lock_request(request_id);
    label text := format('request %s', request_id);
BEGIN
    PERFORM care_internal.require_word(label, 'decision', decision, '{PERMIT,DENY}'),
            care_internal.require_text(label, 'reason', reason);
    IF decision = 'PERMIT' AND asked.purpose = 'research' AND asked.identifiable THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'disclosure_allowed',
            MESSAGE = format('%s: what a person can be known from is not for research', label);
    END IF;
    INSERT INTO care.disclosure_decision (person_id, request_id, decision, decided_by, reason, overrides)
    VALUES (asked.person_id, asked.request_id, decide_disclosure.decision, 'person', decide_disclosure.reason,
            decide_disclosure.decision = 'PERMIT'
            AND care_internal.objects_to(asked.person_id, asked.purpose, care.today()));
END
$$;
COMMENT ON FUNCTION care.decide_disclosure(bigint, text, text) IS
    'Records what a person decided of a request: PERMIT or DENY, and why; to permit what the person of the record '
    'objects to is an override. P0002 if there is no such request, 55000 for what no one may permit.';

CREATE FUNCTION care.record_disclosure(request_id bigint, document_digest bytea, recipients text, carrier text,
                                       encrypted boolean, basis text)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked care.disclosure_request := care_internal.lock_request(request_id);
    label text := format('request %s', request_id);
    decided care.disclosure_decision;
    new_id int8;
BEGIN
    PERFORM care_internal.require_text(label, 'recipients', recipients),
            care_internal.require_text(label, 'carrier', carrier),
            care_internal.require_text(label, 'encrypted', encrypted::text),
            care_internal.require_text(label, 'basis', basis),
            care_internal.require_word(label, 'basis', basis, '{consent,direct_care,legal_duty,public_interest,'
                                                              'best_interests,anonymised}');
    IF length(document_digest) = 32 IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'disclosure_digest_is_sha256',
            SCHEMA = 'care', TABLE = 'disclosure', COLUMN = 'document_digest',
            MESSAGE = format('%s: document_digest must be the 32 bytes of a SHA-256', label);
    END IF;
    SELECT d.* INTO decided FROM care.disclosure_decision AS d
    WHERE d.person_id = asked.person_id AND d.request_id = asked.request_id ORDER BY d.decision_id DESC LIMIT 1;
    IF decided.decision <> 'PERMIT'
       OR care_internal.objects_to(asked.person_id, asked.purpose, care.today()) AND NOT decided.overrides THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'disclosure_allowed',
            MESSAGE = format('%s: nothing may be handed over: %s', label,
                             CASE WHEN decided.decision = 'PERMIT' THEN 'the person objects since'
                                  ELSE 'it was decided ' || decided.decision END),
            HINT = 'A person decides: care.decide_disclosure().';
    END IF;
    PERFORM care.log_read('person', asked.person_id, asked.data_asked, 'disclosure', recipients,
                          purpose => asked.purpose);
    INSERT INTO care.disclosure (person_id, request_id, document_digest, recipients, carrier, encrypted, basis, sent_on)
    VALUES (asked.person_id, asked.request_id, record_disclosure.document_digest, record_disclosure.recipients,
            record_disclosure.carrier, record_disclosure.encrypted, record_disclosure.basis, care.today())
    RETURNING disclosure_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.record_disclosure(bigint, bytea, text, text, boolean, text) IS
    'Records that a document, known by its SHA-256, was handed over for a request that is permitted: to whom, how, on '
    'which basis; it is in the access log too. Returns the key. 22004 without basis, 55000 unless it is permitted.';

CREATE VIEW care.disclosure_to_decide AS
    SELECT r.person_id, p.authority, p.reference, r.request_id, r.requester, r.asked_on, r.data_asked, r.identifiable,
           r.purpose, r.policy, care.today() - r.asked_on AS days_waiting
    FROM care.disclosure_request AS r
        JOIN care.person AS p ON p.person_id = r.person_id
        CROSS JOIN LATERAL (SELECT d.decision FROM care.disclosure_decision AS d
                            WHERE d.person_id = r.person_id AND d.request_id = r.request_id
                            ORDER BY d.decision_id DESC LIMIT 1) AS last
    WHERE last.decision = 'REVIEW';
COMMENT ON VIEW care.disclosure_to_decide IS
    'Worklist: requests that somebody is to decide; care.decide_disclosure() takes one off.';
COMMENT ON COLUMN care.disclosure_to_decide.days_waiting IS 'Days since it was asked.';
SELECT care_internal.comment_columns('care.disclosure_to_decide', 'care.disclosure_request', 'care.person');
