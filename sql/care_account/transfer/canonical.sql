--
-- canonical: one form of bytes for one content of JSON, its digest, and a place for a signature made outside.
--
-- The form is that of RFC 8785: no spaces, members in the order of the UTF-16 code units of their names, strings with
-- the shortest escapes.  Numbers are whole: what has a fraction is written as a string, so that nobody's floating
-- point comes near it.  It is worked out from the text, as it came: type jsonb would have dropped the earlier of two
-- members of one name without a word.
--
-- Must not know: what a document says.
--

-- UTF-8 puts what UTF-16 writes as a pair of surrogates after U+E000 to U+FFFF.  U+D7FF before each of those
-- characters puts them where their surrogates stand.
CREATE FUNCTION care_internal.utf16_order(name text) RETURNS bytea
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF name COLLATE "C" ~ E'[^\\x01-\\x7f]' AND getdatabaseencoding() = 'UTF8' THEN
        name := regexp_replace(name COLLATE "C", E'([\\U00010000-\\U0010ffff])', chr(55295) || E'\\1', 'g');
    END IF;
    RETURN convert_to(name, 'UTF8');
END
$$;
COMMENT ON FUNCTION care_internal.utf16_order(text) IS
    'Bytes whose order is that of the UTF-16 code units of a name.';

CREATE FUNCTION care_internal.canonical_part(part json, path text, only_ascii boolean) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    twice text;
    foreign_name text;
BEGIN
    CASE json_typeof(part)
    WHEN 'object' THEN
        SELECT min(e.key) FILTER (WHERE e.n > 1), min(e.key) FILTER (WHERE only_ascii AND e.key ~ E'[^\\x01-\\x7f]')
        INTO twice, foreign_name
        FROM (SELECT o.key COLLATE "C" AS key, count(*) AS n FROM json_each(part) AS o GROUP BY 1) AS e;
        IF twice IS NOT NULL THEN
            RAISE EXCEPTION USING
                ERRCODE = 'duplicate_json_object_key_value', CONSTRAINT = 'json_member_once',
                MESSAGE = format('the document has member %L twice', path || twice),
                HINT = 'Which of the two is meant cannot be known: send it again.';
        ELSIF foreign_name IS NOT NULL THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'json_member_ascii',
                MESSAGE = format('the name of member %L is not of ASCII letters', path || foreign_name);
        END IF;
        RETURN '{' || coalesce((SELECT string_agg(to_json(o.key)::text || ':'
                                                  || care_internal.canonical_part(o.value, path || o.key || '.',
                                                                                  only_ascii),
                                                  ',' ORDER BY care_internal.utf16_order(o.key))
                                FROM json_each(part) AS o), '') || '}';
    WHEN 'array' THEN
        RETURN '[' || coalesce((SELECT string_agg(care_internal.canonical_part(u.element, path || u.place || '.',
                                                                               only_ascii), ',' ORDER BY u.place)
                                FROM json_array_elements(part) WITH ORDINALITY AS u (element, place)), '') || ']';
    WHEN 'string' THEN
        RETURN to_json(part #>> '{}')::text;
    WHEN 'number' THEN
        IF part #>> '{}' !~ '^-?[0-9]{1,16}$' OR abs((part #>> '{}')::numeric) > 9007199254740991 THEN
            RAISE EXCEPTION USING
                ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'json_whole_number',
                MESSAGE = format('member %L is the number %s', rtrim(path, '.'), left(part #>> '{}', 40)),
                HINT = 'A number is whole, and at most 2^53 - 1; an amount of money is a string with two decimals: '
                       '"50.00".';
        END IF;
        RETURN ((part #>> '{}')::bigint)::text;
    ELSE
        RETURN btrim(part::text, E' \t\n\r');
    END CASE;
END
$$;
COMMENT ON FUNCTION care_internal.canonical_part(json, text, boolean) IS
    'Part of canonical_json(): a value at a path in canonical form.';

CREATE FUNCTION care.canonical_json(document text, only_ascii boolean DEFAULT false) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN care_internal.canonical_part(document::json, '', only_ascii);
EXCEPTION
    WHEN invalid_text_representation THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_text_representation', CONSTRAINT = 'json_is_valid',
            MESSAGE = 'the document is not JSON', DETAIL = SQLERRM || '.';
    WHEN untranslatable_character THEN
        RAISE EXCEPTION USING
            ERRCODE = 'untranslatable_character', CONSTRAINT = 'json_is_text',
            MESSAGE = 'the document has a character that cannot be kept here', DETAIL = SQLERRM || '.',
            HINT = 'The escape of the null character stands for no text; others need a database with encoding UTF8.';
END
$$;
COMMENT ON FUNCTION care.canonical_json(text, boolean) IS
    'A JSON text in the canonical form of RFC 8785, for which numbers must be whole (22023). Where only_ascii, names '
    'of members must be ASCII (22023). 22P02 for what is not JSON, 22030 for an object with a member twice, 22P05 for '
    'the null character.';

-- The digest is of everything but member integrity, which holds the digest and the signature.
CREATE FUNCTION care_internal.without_integrity(document text) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT '{' || coalesce(string_agg(to_json(o.key)::text || ':' || o.value::text, ','), '') || '}'
    FROM json_each(document::json) AS o WHERE o.key <> 'integrity';
END;
COMMENT ON FUNCTION care_internal.without_integrity(text) IS 'A document without its member integrity.';

CREATE FUNCTION care.document_payload(document text) RETURNS text
    LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.canonical_json(document, true);             -- a member that stands twice must be seen
    IF json_typeof(document::json) <> 'object' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'json_is_object',
            MESSAGE = format('the document is no JSON object: it is of type %s', json_typeof(document::json));
    END IF;
    RETURN care.canonical_json(care_internal.without_integrity(document), true);
END
$$;
COMMENT ON FUNCTION care.document_payload(text) IS
    'What of a document its digest is taken of and a signature signs: everything but member integrity, in canonical '
    'form. Errors as of canonical_json(), and 22023 for what is no object.';

CREATE FUNCTION care.document_digest(document text) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN encode(sha256(convert_to(care.document_payload(document), 'UTF8')), 'hex');
COMMENT ON FUNCTION care.document_digest(text) IS
    'SHA-256, in hexadecimal, of document_payload(): the same whatever the order of members and the spaces.';

CREATE FUNCTION care_internal.sealed_document(document jsonb) RETURNS text
    LANGUAGE sql STABLE STRICT PARALLEL SAFE
    RETURN care.canonical_json(((document - 'integrity') || jsonb_build_object('integrity', jsonb_build_object(
        'digest', jsonb_build_object('alg', 'SHA-256',
                                     'value', care.document_digest((document - 'integrity')::text)))))::text, true);
COMMENT ON FUNCTION care_internal.sealed_document(jsonb) IS 'A document with its digest, in canonical form.';

-- A JSON web signature whose payload is the document itself: header, nothing, signature.
CREATE FUNCTION care.signed_document(document text, signature text, key_id text) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_text('document', 'document', document),
            care_internal.require_text('document', 'key_id', key_id);
    IF signature ~ '^[A-Za-z0-9_-]+[.][.][A-Za-z0-9_-]+$' IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'signature_is_detached',
            MESSAGE = 'signature is no detached JSON web signature',
            HINT = 'It is header..signature, in base64url: what was signed stands between the two dots, and is left '
                   'out.';
    END IF;
    RETURN care.canonical_json(jsonb_set(care_internal.sealed_document(document::jsonb)::jsonb,
                                         '{integrity,signature}',
                                         jsonb_build_object('jws', signature, 'kid', key_id))::text, true)
    FROM care.document_payload(document);
END
$$;
COMMENT ON FUNCTION care.signed_document(text, text, text) IS
    'A document with a detached JSON web signature (RFC 7515, appendix F) that was made outside of its '
    'document_payload(), and the name of the key. 22023 for what has not the form of one; it is not checked here.';
