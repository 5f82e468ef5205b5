--
-- read: a document that came, and what it must keep to be taken in: its form, its digest, its totals, its days.
--
-- Must not know: what is done with it.
--

-- One item: its kind is text, word, day, money, count, object, array or flag.
CREATE FUNCTION care_internal.require_item(place text, kind text, item jsonb) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    type text := jsonb_typeof(item);
    value text := item #>> '{}';
BEGIN
    IF kind = 'money' AND type = 'number' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_money_is_string',
            MESSAGE = format('%s is the number %s: an amount of money is a string', place, value),
            HINT = 'With two decimals, as in "50.00".';
    ELSIF type IS DISTINCT FROM (CASE kind WHEN 'object' THEN 'object' WHEN 'array' THEN 'array'
                                           WHEN 'count' THEN 'number' WHEN 'flag' THEN 'boolean' ELSE 'string' END)
          OR kind = 'money' AND value !~ '^-?[0-9]{1,10}[.][0-9]{2}$'
          OR kind = 'count' AND value !~ '^[0-9]{1,9}$'
          OR kind = 'text' AND value = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_item',
            MESSAGE = format('%s must be %s, not %s', place,
                             CASE kind WHEN 'money' THEN 'pounds with two decimals, as a string' WHEN 'count'
                                  THEN 'a whole number' WHEN 'day' THEN 'a day, YYYY-MM-DD' WHEN 'flag'
                                  THEN 'true or false' WHEN 'text' THEN 'text' WHEN 'object' THEN 'an object'
                                  ELSE 'an array' END, coalesce(left(item::text, 60), 'left out'));
    ELSIF kind = 'day' THEN
        IF value !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' THEN
            RAISE datetime_field_overflow;
        END IF;
        PERFORM make_date(substr(value, 1, 4)::integer, substr(value, 6, 2)::integer, substr(value, 9, 2)::integer);
    END IF;
EXCEPTION WHEN datetime_field_overflow THEN
    RAISE EXCEPTION USING
        ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_item',
        MESSAGE = format('%s must be a day, YYYY-MM-DD, not %s', place, left(item::text, 60));
END
$$;
COMMENT ON FUNCTION care_internal.require_item(text, text, jsonb) IS
    'Refuses (22023) an item of a document that is not of its kind, saying where it stands.';

-- What the items of an object are, as in '{reference text,cap money?}': with ? it may be left out.
CREATE FUNCTION care_internal.require_items(place text, object jsonb, items text[]) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    item text;
    name text;
    kind text;
BEGIN
    PERFORM care_internal.require_item(place, 'object', object);
    FOREACH item IN ARRAY items LOOP
        name := split_part(item, ' ', 1);
        kind := rtrim(split_part(item, ' ', 2), '?');
        IF object ? name OR right(item, 1) <> '?' THEN
            PERFORM care_internal.require_item(place || '.' || name, kind, object -> name);
        END IF;
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.require_items(text, jsonb, text[]) IS
    'Refuses (22023) an object of a document whose items are not of their kinds.';

CREATE FUNCTION care_internal.require_rows(place text, rows jsonb, items text[]) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_item(place, 'array', rows);
    PERFORM care_internal.require_items(format('%s[%s]', place, u.n), u.object, items)
    FROM jsonb_array_elements(rows) WITH ORDINALITY AS u (object, n);
END
$$;
COMMENT ON FUNCTION care_internal.require_rows(text, jsonb, text[]) IS
    'Refuses (22023) an array of a document whose objects have items that are not of their kinds.';

CREATE FUNCTION care_internal.require_transfer_items(d jsonb) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_items('document', d,
                '{transfer_id text,sequence count,created_at text,purpose text,status text,scheme text}'),
            care_internal.require_items('from', d -> 'from', '{authority text}'),
            care_internal.require_items('to', d -> 'to', '{authority text}'),
            care_internal.require_items('move', d -> 'move', '{moves_on day,trigger text?,carer_moves flag?}'),
            care_internal.require_items('person', d -> 'person', '{alias text?,reference text?,date_of_birth day?}'),
            care_internal.require_items('account', d -> 'account',
                '{reference text,counts_from day,counting_from day,counted_to day,needs_began_on day?,'
                'accrued money,cap money?}'::text[]),
            care_internal.require_items('retention', d -> 'retention',
                '{last_updated day?,died_on day?,death_known_on day?}'),
            care_internal.require_rows('budgets', d -> 'budgets',
                '{from_day day,kind text,setting text?,weekly_cost money,weekly_charge money?,plan_reference text?}'),
            care_internal.require_rows('adjustments', d -> 'adjustments',
                '{on_day day,amount money,reason text,authorised_by text,description text,evidence text?}'),
            care_internal.require_rows('events', d -> 'events', '{on_day day,kind text}'),
            care_internal.require_rows('responsible', d -> 'responsible',
                '{authority text,reference text,from_day day}'),
            care_internal.require_rows('lines', d -> 'lines',
                '{from_day day,to_day day,days count?,what text,amount money,accrued money,authority text}'),
            care_internal.require_items('totals', d -> 'totals', '{lines count,amount money,by_authority array}'),
            care_internal.require_rows('totals.by_authority', d -> 'totals' -> 'by_authority',
                '{authority text,amount money}'),
            care_internal.require_word('document', 'purpose', d ->> 'purpose',
                '{move,release,prison_move,merger,request}');
    IF d ->> 'purpose' <> 'merger' THEN
        PERFORM care_internal.require_word('document', 'trigger', d -> 'move' ->> 'trigger', '{37(1),37(2),37(3)}');
    END IF;
    IF d ->> 'transfer_id' !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_item',
            MESSAGE = format('transfer_id must be a UUID, not %L', left(d ->> 'transfer_id', 60));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_transfer_items(jsonb) IS
    'Refuses (22023) a document of a transfer in which an item is left out or of another kind.';

-- The lines are added up, by all and by each authority, and compared with what is stated: both figures are named.
CREATE FUNCTION care_internal.require_totals(d jsonb) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    added jsonb := care_internal.totals_of(d -> 'lines');
    wrong record;
BEGIN
    SELECT c.* INTO wrong
    FROM (VALUES (1, 'the number of lines', d -> 'totals' ->> 'lines', added ->> 'lines'),
                 (2, 'the amounts of the lines', d -> 'totals' ->> 'amount', added ->> 'amount'),
                 (3, 'accrued costs', d -> 'account' ->> 'accrued', added ->> 'amount'),
                 (4, 'the amounts by authority', (d -> 'totals' -> 'by_authority')::text,
                  (added -> 'by_authority')::text))
        AS c (place, what, stated, found)
    WHERE c.stated <> c.found ORDER BY c.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_totals',
            MESSAGE = format('the document states %s as %s, and its lines give %s', wrong.what, wrong.stated,
                             wrong.found),
            HINT = 'Ask the first authority for a document that adds up.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_totals(jsonb) IS
    'Refuses (23514) a document whose totals are not those of its lines, naming both figures.';

-- The last day of the first authority is the one before the move: none is counted twice, and none by nobody.
CREATE FUNCTION care_internal.require_days(d jsonb) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    moves_on date := (d -> 'move' ->> 'moves_on')::date;
    counted_to date := greatest((d -> 'account' ->> 'counted_to')::date,
                                (SELECT max((l.line ->> 'to_day')::date)
                                 FROM jsonb_array_elements(d -> 'lines') AS l (line)));
    last record;
    late record;
BEGIN
    IF counted_to >= moves_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_day_counted_once',
            MESSAGE = format('%s would be counted twice: the first authority counted to %s, and the move is on %s',
                             care_internal.day_text(moves_on), care_internal.day_text(counted_to),
                             care_internal.day_text(moves_on)),
            HINT = 'The day of the move belongs to the second authority: ask the first for a document that ends the '
                   'day before.';
    ELSIF (d -> 'account' ->> 'counted_to')::date < moves_on - 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_day_counted',
            MESSAGE = format('nobody would count %s: the first authority counted to %s, and the move is on %s',
                             care_internal.day_text(counted_to + 1), care_internal.day_text(counted_to),
                             care_internal.day_text(moves_on)),
            HINT = 'Ask the first authority for a document that goes to the day before the move.';
    ELSIF (d -> 'account' ->> 'counting_from')::date >= moves_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_when_counting',
            MESSAGE = format('the account counts from %s: there is nothing to take over on %s',
                             d -> 'account' ->> 'counting_from', care_internal.day_text(moves_on));
    ELSIF (d -> 'retention' ->> 'died_on')::date < moves_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_of_living',
            MESSAGE = format('the person died on %s, before the move on %s', d -> 'retention' ->> 'died_on',
                             care_internal.day_text(moves_on)),
            HINT = 'The account stays with the first authority, which keeps it.';
    END IF;
    SELECT u.part, u.place INTO last FROM jsonb_array_elements(d -> 'responsible') WITH ORDINALITY AS u (part, place)
    ORDER BY u.place DESC LIMIT 1;
    SELECT u.part INTO late
    FROM (SELECT v.part, lag((v.part ->> 'from_day')::date) OVER (ORDER BY v.place) AS before
          FROM jsonb_array_elements(d -> 'responsible') WITH ORDINALITY AS v (part, place)) AS u
    WHERE u.before >= (u.part ->> 'from_day')::date OR (u.part ->> 'from_day')::date >= moves_on LIMIT 1;
    IF late.part IS NOT NULL OR last.part ->> 'authority' IS DISTINCT FROM d -> 'from' ->> 'authority'
       OR last.part ->> 'reference' <> d -> 'account' ->> 'reference' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'transfer_responsible',
            MESSAGE = 'member responsible does not say which authorities counted the account, one after another',
            HINT = 'The last is the one that sends the document, under its reference for the account.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_days(jsonb) IS
    'Refuses (23514) a document by which a day would be counted twice or by nobody, of a move before the account '
    'counts or after the death, or whose authorities are not in order.';

CREATE FUNCTION care_internal.read_sealed(document text, schema text) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d jsonb;
    worked_out text;
BEGIN
    PERFORM care_internal.require_text('document', 'document', document);
    worked_out := care.document_digest(document);
    d := document::jsonb;
    IF d ->> 'schema' IS DISTINCT FROM schema OR (d -> 'version') IS DISTINCT FROM '1'::jsonb THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_schema_known',
            MESSAGE = format('a document of schema %s, version %s cannot be read', coalesce(d ->> 'schema', 'none'),
                             coalesce(d ->> 'version', 'none')),
            HINT = format('Here is read schema %s, version 1.', schema);
    ELSIF d #>> '{integrity,digest,alg}' IS DISTINCT FROM 'SHA-256'
          OR d #>> '{integrity,digest,value}' IS DISTINCT FROM worked_out THEN
        RAISE EXCEPTION USING
            ERRCODE = 'data_corrupted', CONSTRAINT = 'transfer_digest',
            MESSAGE = 'the document is not what its digest was taken of',
            DETAIL = format('It states %s %s; worked out is SHA-256 %s.',
                            coalesce(left(d #>> '{integrity,digest,alg}', 20), 'none'),
                            coalesce(left(d #>> '{integrity,digest,value}', 64), 'none'), worked_out),
            HINT = 'It was changed on the way: ask for it again. The order of members and spaces change nothing.';
    END IF;
    RETURN d;
END
$$;
COMMENT ON FUNCTION care_internal.read_sealed(text, text) IS
    'A document of a schema, read; 22023 for another schema or version, XX001 where the digest does not check.';

CREATE FUNCTION care_internal.read_transfer(document text) RETURNS jsonb
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d jsonb := care_internal.read_sealed(document, 'care-account-transfer');
BEGIN
    PERFORM care_internal.require_transfer_items(d), care_internal.require_totals(d), care_internal.require_days(d);
    IF d ->> 'status' <> 'sent' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'transfer_was_sent',
            MESSAGE = format('the document is %s, and no account goes by it', d ->> 'status'),
            HINT = 'One that was sent comes from care.transfer_out().';
    END IF;
    RETURN d;
END
$$;
COMMENT ON FUNCTION care_internal.read_transfer(text) IS
    'A document of a transfer that keeps the rules of its form, its digest, its totals and its days.';
