--
-- identity_write: recording names, pseudonyms and secure facts, and opening them.
--
-- Must not know: prisons.
--

-- The record that holds what is secret of a person, now if new, locked; the person is locked before it.
CREATE FUNCTION casework_internal.lock_secret(authority text, person_reference text)
    RETURNS casework_secure.secret LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := casework_internal.record_person(authority, person_reference);
    held casework_secure.secret;
BEGIN
    INSERT INTO casework_secure.secret (person_id, authority, reference)
    VALUES (key, lock_secret.authority, lock_secret.person_reference)
    ON CONFLICT ON CONSTRAINT secret_person_key DO NOTHING;
    SELECT s.* INTO STRICT held FROM casework_secure.secret AS s WHERE s.person_id = key FOR NO KEY UPDATE;
    RETURN held;
END
$$;
COMMENT ON FUNCTION casework_internal.lock_secret(text, text) IS
    'The record of what is secret of a person, now if new, locked against other writers.';

CREATE FUNCTION casework.record_name(authority text, person_reference text, name text, is_hidden boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held casework_secure.secret;
    label text := format('person %s', person_reference);
BEGIN
    PERFORM care_internal.require_text(label, 'name', name);
    held := casework_internal.lock_secret(authority, person_reference);
    IF (casework_internal.alias_on(held.person_id, care.today()) IS NOT NULL) <> coalesce(is_hidden, false) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'name_is_hidden', SCHEMA = 'casework_secure',
            TABLE = 'name', COLUMN = 'name',
            MESSAGE = format('%s: %s', label, CASE WHEN is_hidden THEN 'no pseudonym is in force'
                                                   ELSE 'a pseudonym is in force' END),
            HINT = 'While one is, a name is recorded with is_hidden => true, and not otherwise.';
    END IF;
    INSERT INTO casework_secure.name (secret_id, name) VALUES (held.secret_id, record_name.name);
END
$$;
COMMENT ON FUNCTION casework.record_name(text, text, text, boolean) IS
    'Records the name of a person; while a pseudonym is in force, with is_hidden (55000 otherwise), so that nobody '
    'records a hidden name unawares.';

CREATE FUNCTION casework.record_alias(authority text, person_reference text, alias text, from_day date,
                                      authorised_by text, reason text, to_day date DEFAULT NULL,
                                      supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    key int8;
    new_id int8;
BEGIN
    PERFORM care_internal.require_text(label, 'alias', alias),
            care_internal.require_text(label, 'authorised_by', authorised_by),
            care_internal.require_text(label, 'reason', reason), care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    key := casework_internal.record_person(authority, person_reference);
    PERFORM care_internal.require_correctable(label, 'casework.alias', 'person_id', key, 'alias_id', supersedes);
    IF to_day < from_day AND supersedes IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'alias_in_order',
            MESSAGE = format('%s: the pseudonym ends before it begins on %s', label, care_internal.day_text(from_day));
    ELSIF EXISTS (SELECT FROM string_to_table(lower(alias), ' ') AS a (word)
                      JOIN string_to_table(lower(casework_internal.name_of(key)), ' ') AS n (word)
                          ON n.word = a.word) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'alias_hides', SCHEMA = 'casework', TABLE = 'alias',
            COLUMN = 'alias', MESSAGE = format('%s: the pseudonym has a word of the name', label);
    END IF;
    INSERT INTO casework.alias (person_id, alias, from_day, to_day, authorised_by, reason, supersedes)
    VALUES (key, record_alias.alias, record_alias.from_day, record_alias.to_day, record_alias.authorised_by,
            record_alias.reason, record_alias.supersedes)
    RETURNING alias_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_alias(text, text, text, date, text, text, date, bigint) IS
    'Gives a person a pseudonym, which is shown in place of the name, and returns the key. casework.name_written() '
    'lists where the name was written before. supersedes corrects or ends one.';

CREATE FUNCTION casework.record_secure_fact(authority text, person_reference text, kind text, description text,
                                            from_day date, to_day date DEFAULT NULL, supersedes bigint DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('person %s', person_reference);
    held casework_secure.secret;
    new_id int8;
BEGIN
    PERFORM casework_internal.require_code(label, 'kind', 'prison_secret_kind', kind, NULL),
            care_internal.require_text(label, 'description', description),
            care_internal.require_day(label, 'from_day', from_day),
            care_internal.require_day(label, 'to_day', to_day, nullable => true);
    held := casework_internal.lock_secret(authority, person_reference);
    PERFORM care_internal.require_correctable(label, 'casework_secure.fact', 'secret_id', held.secret_id, 'fact_id',
                                                  supersedes);
    INSERT INTO casework_secure.fact (secret_id, kind, description, from_day, to_day, supersedes)
    VALUES (held.secret_id, record_secure_fact.kind, record_secure_fact.description, record_secure_fact.from_day,
            record_secure_fact.to_day, record_secure_fact.supersedes)
    RETURNING fact_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION casework.record_secure_fact(text, text, text, text, date, date, bigint) IS
    'Records an offence, a victim or a risk to security of a person, apart from everything else, and returns the key.';

-- Step one: who asks, and why; to be committed before step two.
CREATE FUNCTION casework.ask_secret(person_reference text, reason text, authority text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := casework_internal.known_person(person_reference, authority);
BEGIN
    RETURN care.log_read('secret', (SELECT s.secret_id FROM casework_secure.secret AS s WHERE s.person_id = key),
                         reason);
END
$$;
COMMENT ON FUNCTION casework.ask_secret(text, text, text) IS
    'Logs that what is secret of a person is asked for, and why, and returns the key for casework.identity() and '
    'casework.secret_fact(), which take it once it is committed. 22004 without a reason, P0002 where nothing is kept.';

-- Step two.
CREATE FUNCTION casework.identity(log_id bigint) RETURNS TABLE (person_id bigint, reference text, name text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 1 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    logged care.access_log := care_internal.require_logged_read(log_id, 'secret');
BEGIN
    RETURN QUERY SELECT s.person_id, s.reference, casework_internal.name_of(s.person_id)
                 FROM casework_secure.secret AS s WHERE s.secret_id = logged.record_id;
END
$$;
COMMENT ON FUNCTION casework.identity(bigint) IS
    'The real name of the person whose record was asked for in a row of the access log; 55000 (read_is_logged) unless '
    'that is committed, the caller''s own and of the last ten minutes.';

CREATE FUNCTION casework.secret_fact(log_id bigint)
    RETURNS TABLE (person_id bigint, fact_id bigint, kind text, description text, from_day date, to_day date)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 5 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    logged care.access_log := care_internal.require_logged_read(log_id, 'secret');
BEGIN
    RETURN QUERY SELECT s.person_id, f.fact_id, f.kind, f.description, f.from_day, f.to_day
                 FROM casework_secure.fact AS f JOIN casework_secure.secret AS s ON s.secret_id = f.secret_id
                 WHERE f.secret_id = logged.record_id AND (f.to_day >= f.from_day) IS NOT FALSE
                   AND NOT EXISTS (SELECT FROM casework_secure.fact AS c
                                   WHERE c.secret_id = f.secret_id AND c.supersedes = f.fact_id)
                 ORDER BY f.fact_id;
END
$$;
COMMENT ON FUNCTION casework.secret_fact(bigint) IS
    'The offences, victims and risks to security of the person whose record was asked for in a row of the access log; '
    '55000 (read_is_logged) as casework.identity().';

-- Words written while a pseudonym is in force must not hold the name.
CREATE FUNCTION casework_internal.refuse_hidden_name(label text, whose bigint, words text, schema text, relation text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF casework_internal.alias_on(whose, care.today()) IS NOT NULL
       AND strpos(lower(words), lower(casework_internal.name_of(whose))) > 0 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'name_not_written', SCHEMA = refuse_hidden_name.schema,
            TABLE = refuse_hidden_name.relation,
            MESSAGE = format('%s: what is to be recorded holds a name that a pseudonym hides', label),
            HINT = 'Write the pseudonym, which casework.person_shown shows.';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.refuse_hidden_name(text, bigint, text, text, text) IS
    'Refuses (23514) words with the real name of a person of whom a pseudonym is in force.';

CREATE FUNCTION casework_internal.refuse_name() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    c care_internal.record_class := (SELECT r FROM care_internal.record_class AS r WHERE r.class = TG_ARGV[0]);
    written jsonb := to_jsonb(NEW);
    whose int8;
BEGIN
    IF NOT care_internal.is_new(NEW.recorded_at) THEN
        RETURN NEW;                                          -- from elsewhere
    END IF;
    EXECUTE format('SELECT h.%I FROM %s AS h WHERE h.%I = $1', c.person, c.head, c.key)
    INTO whose USING (written->>c.key)::int8;
    PERFORM casework_internal.refuse_hidden_name(format('%s %s', c.class, written->>c.key), whose, written::text,
                                                 TG_TABLE_SCHEMA, TG_TABLE_NAME);
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION casework_internal.refuse_name() IS
    'Trigger: refuses (23514) words with the real name of a person of whom a pseudonym is in force; its argument is '
    'the class.';

CREATE FUNCTION casework_internal.refuse_name_in(class text, VARIADIC relations regclass[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    relation regclass;
    name text;
BEGIN
    FOREACH relation IN ARRAY relations LOOP
        name := (SELECT t.relname || '_refuse_name' FROM pg_class AS t WHERE t.oid = relation);
        EXECUTE format('CREATE TRIGGER %I BEFORE INSERT ON %s
                        FOR EACH ROW EXECUTE FUNCTION casework_internal.refuse_name(%L)', name, relation, class);
        EXECUTE format('COMMENT ON TRIGGER %I ON %s IS ''No name is written that a pseudonym hides.''', name, relation);
    END LOOP;
END
$$;
COMMENT ON FUNCTION casework_internal.refuse_name_in(text, regclass[]) IS
    'Part of installation: the triggers that refuse a hidden name in tables with words.';

CREATE FUNCTION casework.name_written(person_reference text, authority text DEFAULT NULL)
    RETURNS TABLE (class text, record_id bigint, recorded_in text, recorded_at timestamptz)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8 := casework_internal.known_person(person_reference, authority);
    name text := casework_internal.name_of(key);
    c record;
BEGIN
    FOR c IN SELECT r.class, r.head, r.key, r.person FROM care_internal.record_class AS r
             WHERE r.person IS NOT NULL AND r.class <> 'secret' ORDER BY r.n LOOP
        RETURN QUERY EXECUTE
            format('SELECT f.class, f.record_id, f.recorded_in, f.recorded_at
                    FROM %s AS h, care_internal.facts(%L, NULL, h.%I, h.%I) AS f
                    WHERE h.%I = $1 AND strpos(lower(f.fact::text), lower($2)) > 0 ORDER BY f.recorded_at',
                   c.head, c.class, c.key, c.key, c.person)
            USING key, name;
    END LOOP;
END
$$;
COMMENT ON FUNCTION casework.name_written(text, text) IS
    'The facts about a person in whose words their name stands: what was written before they had a pseudonym.';
