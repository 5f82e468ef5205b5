--
-- identity: who asks, online: what a gateway says of the caller, which person that is, and by which keys records are
-- known outside.
--
-- A gateway verifies a token, sets a role of sql/api_roles.sql and says in settings of the transaction what the token
-- claims.  care_api.claim() reads them, in the form of either gateway; nothing else does.  Whoever has no identity
-- meets no row.
--
-- Outside, a record is known by a random uuid: a digest of its key under a secret of this database.  No row says which
-- uuid is whose: a key that is asked for is looked for among the caller's own records and nowhere else, so that one of
-- somebody else's and one of nobody's are the same to the server, in time too.  Functions that hold the secret plan for
-- any value of it (plan_cache_mode): in a plan made for one, whoever may have plans printed would read it.
--
-- Must not know: accounts, agreements.
--

DO $do$
BEGIN
    IF to_regnamespace('care_api') IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'duplicate_schema', CONSTRAINT = 'schema_is_new',
            MESSAGE = 'there is a schema care_api already',
            HINT = 'care_account needs it for itself: rename the other one, then try again.';
    END IF;
END
$do$;
CREATE SCHEMA care_api;
COMMENT ON SCHEMA care_api IS
    'Care accounts online
What a person, those they let act for them, and staff see and do through a gateway. The keys are random uuids; without '
    'an identity there are no rows; what is somebody else''s and what is not there are answered alike.';

-- Parallel unsafe: the server starts no subtransaction in a parallel query.
CREATE FUNCTION care_api.claims(names text[]) RETURNS text[]
    LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    given text := nullif(current_setting('request.jwt.claims', true), '');
    token jsonb;
    name text;
    claimed text[];
BEGIN
    IF given IS NOT NULL THEN
        BEGIN
            token := given::jsonb;
            IF jsonb_typeof(token) <> 'object' THEN
                RAISE invalid_text_representation;
            END IF;
        EXCEPTION WHEN invalid_text_representation OR untranslatable_character OR numeric_value_out_of_range THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'claims_are_json',
                MESSAGE = 'what request.jwt.claims says is no JSON object',
                HINT = 'The gateway sets it to the claims of a token that it has verified.';
        END;
    END IF;
    FOREACH name IN ARRAY names LOOP
        claimed := array_append(claimed, coalesce(nullif(token->>name, ''),
                                                  nullif(current_setting('jwt.claims.' || name, true), '')));
    END LOOP;
    RETURN claimed;
END
$$;
COMMENT ON FUNCTION care_api.claims(text[]) IS
    'Claims of the caller''s token
Each as claim() gives it, in the order of the names.';

CREATE FUNCTION care_api.claim(name text) RETURNS text
    LANGUAGE sql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp
    RETURN (care_api.claims(ARRAY[name]))[1];
COMMENT ON FUNCTION care_api.claim(text) IS
    'A claim of the caller''s token
As the gateway hands it over: the member of request.jwt.claims, or the setting jwt.claims.<name>. Null: it is not '
    'claimed. 22023 if request.jwt.claims is no JSON object.';

-- A token that has run out says nothing; the gateway refuses it before.
CREATE FUNCTION care_internal.subject() RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL UNSAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    claimed text[] := care_api.claims('{sub,exp}');
    expires text := claimed[2];
BEGIN
    RETURN CASE WHEN expires IS NULL THEN claimed[1]
                WHEN expires ~ '^[0-9]{1,12}([.][0-9]{1,9})?$'
                     AND expires::numeric > extract(epoch FROM clock_timestamp()) THEN claimed[1] END;
END
$$;
COMMENT ON FUNCTION care_internal.subject() IS
    'Who asks: the claim sub of a token that has not run out; null: nobody.';

CREATE TABLE care_internal.online_secret (
    secret bytea NOT NULL
        CONSTRAINT online_secret_pkey PRIMARY KEY
        CONSTRAINT online_secret_is_long CHECK (length(secret) = 32),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment()
);
COMMENT ON TABLE care_internal.online_secret IS
    'The secret under which keys outside are made; of several the first holds, so that a restored database keeps them.';
COMMENT ON COLUMN care_internal.online_secret.secret IS 'Thirty-two bytes nobody knows.';
COMMENT ON COLUMN care_internal.online_secret.recorded_at IS 'When it was made.';
SELECT pg_extension_config_dump('care_internal.online_secret', '');
-- granted to nobody; the functions have their owner's rights.  Row security would stop dumps and restores of those who
-- are no superusers.
CREATE TRIGGER online_secret_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care_internal.online_secret
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: what hangs on it stays known');
COMMENT ON TRIGGER online_secret_refuse_change ON care_internal.online_secret IS 'The secret stays.';

-- Becomes part of a query that makes keys, whose plan holds no value of it then.  No view: it is nobody's to read.
CREATE FUNCTION care_internal.online_secret_in_force() RETURNS TABLE (secret bytea)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s.secret FROM care_internal.online_secret AS s ORDER BY s.recorded_at, s.secret LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.online_secret_in_force() IS
    'Part of what makes keys outside; no row: nothing is online yet, and there are none.';

-- In PL/pgSQL, which keeps its plan.
CREATE FUNCTION care_internal.online_secret() RETURNS bytea
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT s.secret FROM care_internal.online_secret_in_force() AS s);
END
$$;
COMMENT ON FUNCTION care_internal.online_secret() IS
    'Part of what makes keys outside, where a key is looked for: null: nothing is online yet, and there are none.';

CREATE FUNCTION care_internal.make_online_secret() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('care_internal.online_secret', 0));
    INSERT INTO care_internal.online_secret (secret)
    SELECT sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))
    WHERE NOT EXISTS (SELECT FROM care_internal.online_secret);
END
$$;
COMMENT ON FUNCTION care_internal.make_online_secret() IS
    'Makes the secret of the keys outside, if there is none: when the first person is let online.';

-- STABLE, as convert_to() is: declared otherwise it would not become part of the query that asks.  Two bytes say that
-- it is random: version 4, variant 1.
CREATE FUNCTION care_internal.online_key(secret bytea, class text, record_id bigint) RETURNS uuid
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN encode(set_byte(set_byte(substr(sha256(secret || convert_to(class || ' ' || record_id, 'UTF8')), 1, 16),
                                    6, 64), 8, 128), 'hex')::uuid;
COMMENT ON FUNCTION care_internal.online_key(bytea, text, bigint) IS
    'The key by which a record of a class is known outside: a uuid that looks random to whoever has not the secret.';

--
-- Which person it is: said by the authority, on evidence, of a subject of the identity provider.
--

CREATE TABLE care.online_subject (
    person_id bigint NOT NULL
        CONSTRAINT online_subject_person_fkey REFERENCES care.person,
    link_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    subject text NOT NULL
        CONSTRAINT online_subject_is_given CHECK (subject <> ''),
    from_day date NOT NULL
        CONSTRAINT online_subject_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT online_subject_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    evidence text NOT NULL
        CONSTRAINT online_subject_has_evidence CHECK (evidence <> ''),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT online_subject_pkey PRIMARY KEY (link_id),
    CONSTRAINT online_subject_key UNIQUE (person_id, link_id)
);
CREATE INDEX online_subject_subject_idx ON care.online_subject (subject);
COMMENT ON INDEX care.online_subject_subject_idx IS 'Finds the person whom a subject is.';
COMMENT ON TABLE care.online_subject IS
    'Which person a subject of the identity provider is, and on what evidence; rows that nothing corrects hold.';
COMMENT ON COLUMN care.online_subject.link_id IS 'Key within the person.';
COMMENT ON COLUMN care.online_subject.subject IS 'The subject, as the claim sub of its tokens says it.';
COMMENT ON COLUMN care.online_subject.from_day IS 'First day on which it is let in.';
COMMENT ON COLUMN care.online_subject.to_day IS
    'Last day, counted; null: until further notice; before from_day: linked in error.';
COMMENT ON COLUMN care.online_subject.evidence IS 'How the authority knew that it is this person.';
SELECT care_internal.keep('care.online_subject', 'person', 'care.link_subject(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.online_subject', 'link_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE FUNCTION care_internal.person_of(subject text, on_day date) RETURNS TABLE (person_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s.person_id FROM care.online_subject_known_at('infinity'::timestamptz) AS s
    WHERE s.subject = person_of.subject AND on_day >= s.from_day AND (s.to_day IS NULL OR on_day <= s.to_day);
END;
COMMENT ON FUNCTION care_internal.person_of(text, date) IS 'The person whom a subject is on a day; no row: nobody.';

-- A row that was withdrawn holds on no day.
CREATE FUNCTION care_internal.term(from_day date, to_day date) RETURNS daterange
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN to_day < from_day THEN 'empty'::daterange ELSE daterange(from_day, to_day, '[]') END;
COMMENT ON FUNCTION care_internal.term(date, date) IS
    'The days from one to another, both counted; to null: further notice; to before from: none.';

CREATE FUNCTION care.link_subject(person_reference text, subject text, evidence text, from_day date DEFAULT NULL,
                                  to_day date DEFAULT NULL, authority text DEFAULT NULL,
                                  supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := care.person_id(person_reference, authority);
    label text := format('person %s', person_reference);
    new_id int8;
BEGIN
    from_day := coalesce(from_day, care.today());
    PERFORM care_internal.require_text(label, 'subject', subject),
            care_internal.require_text(label, 'evidence', evidence),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true),
            care_internal.require_read_committed('a link'), care_internal.lock_known_person(key, person_reference),
            care_internal.require_correctable(label, 'care.online_subject', 'person_id', key, 'link_id', supersedes),
            care_internal.make_online_secret();
    IF supersedes IS NULL AND to_day < from_day THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'link_in_order',
            MESSAGE = format('%s: the link ends before it begins on %s', label, care_internal.day_text(from_day));
    END IF;
    -- whoever links the same subject waits
    PERFORM pg_advisory_xact_lock(hashtextextended('online_subject ' || subject, 0));
    IF EXISTS (SELECT FROM care.online_subject_known_at('infinity') AS s
               WHERE s.subject = link_subject.subject AND s.link_id IS DISTINCT FROM link_subject.supersedes
                 AND care_internal.term(s.from_day, s.to_day)
                     && care_internal.term(link_subject.from_day, link_subject.to_day)) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation', CONSTRAINT = 'subject_linked_once',
            SCHEMA = 'care', TABLE = 'online_subject', COLUMN = 'subject',
            MESSAGE = format('%s: the subject is linked already on a day of this period', label),
            HINT = 'A subject is one person. End the other link first: supersedes with its last day.';
    END IF;
    INSERT INTO care.online_subject (person_id, subject, from_day, to_day, evidence, supersedes)
    VALUES (key, link_subject.subject, link_subject.from_day, link_subject.to_day, link_subject.evidence,
            link_subject.supersedes)
    RETURNING link_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.link_subject(text, text, text, date, date, text, bigint) IS
    'Lets a subject of the identity provider in as a person, on evidence, from a day (null: today) to a day (null: '
    'until further notice), and returns the key. With supersedes it corrects or ends a link; a last day before the '
    'first withdraws it. 23505 if the subject is linked already, to whomever.';
