--
-- message: what every message has, whatever it says: a schema, a version, a digest; and days and moments written so
-- that they can be read in one way only.
--
-- Must not know: any schema.
--

-- The digest is of the whole message but itself, as PostgreSQL writes jsonb: one form for one content.
CREATE FUNCTION casework.message_digest(message jsonb) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN encode(sha256(convert_to((message - 'digest')::text, 'UTF8')), 'hex');
COMMENT ON FUNCTION casework.message_digest(jsonb) IS
    'SHA-256, in hexadecimal, of a message without its member digest, in the text form of jsonb and UTF-8.';

CREATE FUNCTION casework.sealed_message(message jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (message - 'digest') || jsonb_build_object('digest', casework.message_digest(message));
COMMENT ON FUNCTION casework.sealed_message(jsonb) IS 'A message with its digest.';

-- A schema and a version that is read here, and a digest, if there is one, that is of this message.
CREATE FUNCTION casework_internal.require_message(label text, message jsonb, schema text, versions text[])
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF message IS NULL OR jsonb_typeof(message) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = CASE WHEN message IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END,
            CONSTRAINT = 'message_is_object', MESSAGE = format('%s: a message is a JSON object', label);
    ELSIF message->>'schema' IS NULL OR message->>'version' IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'message_has_schema',
            MESSAGE = format('%s: the message does not say its schema and version', label),
            HINT = format('Here are read %s, %s.', schema, array_to_string(versions, ', '));
    ELSIF message->>'schema' <> schema OR message->>'version' <> ALL (versions) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'message_schema_known',
            MESSAGE = format('%s: a message of schema %s, version %s cannot be read', label, message->>'schema',
                             message->>'version'),
            HINT = format('Here are read %s, %s.', schema, array_to_string(versions, ', '));
    ELSIF message->>'digest' <> casework.message_digest(message) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'data_corrupted', CONSTRAINT = 'message_digest_checks',
            MESSAGE = format('%s: the message is not what its digest was taken of', label),
            HINT = 'It was changed on the way, or its digest was worked out otherwise: casework.message_digest().';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_message(text, jsonb, text, text[]) IS
    'Refuses a message that is null (22004) or no object, without or with another schema and version (22023), or '
    'with a digest that does not check (XX001).';

CREATE FUNCTION casework_internal.day_from(label text, name text, value text) RETURNS date
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
        RETURN make_date(substr(value, 1, 4)::integer, substr(value, 6, 2)::integer, substr(value, 9, 2)::integer);
    ELSIF value IS NULL THEN
        RETURN NULL;
    END IF;
    RAISE datetime_field_overflow;
EXCEPTION WHEN datetime_field_overflow THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'item_is_day', COLUMN = name,
        MESSAGE = format('%s: %s: %L is no day', label, name, value), HINT = 'A day is written YYYY-MM-DD.';
END
$$;
COMMENT ON FUNCTION casework_internal.day_from(text, text, text) IS
    'A day written YYYY-MM-DD; 22023 for what is none, such as 30 February.';

CREATE FUNCTION casework_internal.moment_from(label text, name text, value text) RETURNS timestamptz
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value ~ ('^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'
                '(Z|[+-][0-9]{2}:[0-9]{2})$') THEN
        RETURN value::timestamptz;
    ELSIF value IS NULL THEN
        RETURN NULL;
    END IF;
    RAISE datetime_field_overflow;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'item_is_moment', COLUMN = name,
        MESSAGE = format('%s: %s: %L is no moment', label, name, value),
        HINT = 'A moment is written as in 2015-05-22T10:00:00+01:00 or 2015-05-22T09:00:00Z.';
END
$$;
COMMENT ON FUNCTION casework_internal.moment_from(text, text, text) IS
    'A moment written with its distance to UTC; 22023 for what is none.';

-- Moments in messages: one form, whatever the session's time zone.
CREATE FUNCTION casework_internal.moment_text(moment timestamptz) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
COMMENT ON FUNCTION casework_internal.moment_text(timestamptz) IS 'A moment as messages show it, in UTC.';

-- For one recipient's eyes, where pgcrypto is installed.  A private key is never here: what is encrypted is opened
-- elsewhere, and its digest is that of the message it was made from.
CREATE FUNCTION casework.encrypted_message(message jsonb, public_key text) RETURNS text
    LANGUAGE plpgsql PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    pgcrypto text := (SELECT n.nspname FROM pg_extension AS x JOIN pg_namespace AS n ON n.oid = x.extnamespace
                      WHERE x.extname = 'pgcrypto');
    encrypted text;
BEGIN
    PERFORM care_internal.require_text('message', 'public_key', public_key);
    IF message IS NULL OR jsonb_typeof(message) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = CASE WHEN message IS NULL THEN 'null_value_not_allowed' ELSE 'invalid_parameter_value' END,
            CONSTRAINT = 'message_is_object', MESSAGE = 'a message is a JSON object';
    ELSIF pgcrypto IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'message_encryption_installed',
            MESSAGE = 'nothing is encrypted here: pgcrypto is not installed in this database',
            HINT = 'CREATE EXTENSION pgcrypto, or encrypt the message after it left.';
    END IF;
    EXECUTE format('SELECT %1$I.armor(%1$I.pgp_pub_encrypt($1, %1$I.dearmor($2)))', pgcrypto)
    INTO encrypted USING casework.sealed_message(message)::text, public_key;
    RETURN encrypted;
EXCEPTION WHEN external_routine_invocation_exception THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'message_key_usable', COLUMN = 'public_key',
        MESSAGE = 'message: the key of the recipient cannot be used: ' || SQLERRM,
        HINT = 'A public key of OpenPGP in armour is wanted, as gpg --armor --export writes it.';
END
$$;
COMMENT ON FUNCTION casework.encrypted_message(jsonb, text) IS
    'A message with its digest, encrypted by OpenPGP for the public key of a recipient, in armour. 55000 where '
    'pgcrypto is not installed, 22023 for what is no key.';
