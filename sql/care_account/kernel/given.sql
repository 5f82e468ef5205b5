--
-- given: who records, and the checks that what is given to a function has, with whose it is in the message.
--
-- Must not know: tables.
--

-- An actor is shown after a login and a slash, and two are compared: it must be plain to see where it begins.
CREATE FUNCTION care_internal.checked_actor(actor text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF actor ~ '[/[:cntrl:]]|^[[:space:]]|[[:space:]]$' OR length(actor) > 200 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'actor_is_plain',
            MESSAGE = format('care.actor cannot be %L', left(actor, 200)),
            HINT = 'It names a person: at most 200 characters, no slash or control character, no blank at either end.';
    END IF;
    RETURN actor;
END
$$;
COMMENT ON FUNCTION care_internal.checked_actor(text) IS
    'The name of an actor; 22023 for one that is too long, has a slash or a control character, or blanks at its ends.';

-- The login, and the person behind it where the application says so: SET care.actor = '...'.  A slash in the
-- name of a login must not look like the one before an actor.
CREATE FUNCTION care_internal.recorder() RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN replace(SESSION_USER, '/', '|') || CASE WHEN coalesce(current_setting('care.actor', true), '') = '' THEN ''
        ELSE '/' || care_internal.checked_actor(current_setting('care.actor', true)) END;
COMMENT ON FUNCTION care_internal.recorder() IS
    'Who records: the login, or login/actor where the setting care.actor names the person behind it.';

-- One application's login may stand for many persons, and one person may have two logins.
CREATE FUNCTION care_internal.is_same_recorder(one text, other text) RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(o.actor = t.actor, o.login = t.login)
    FROM (SELECT split_part(one, '/', 1), substring(one FROM '/(.*)$')) AS o (login, actor),
        (SELECT split_part(other, '/', 1), substring(other FROM '/(.*)$')) AS t (login, actor);
END;
COMMENT ON FUNCTION care_internal.is_same_recorder(text, text) IS
    'May two recorders be one person? Yes where both name the same actor; where one of them names none, where the '
    'logins are the same.';

-- Days are London's, whatever the zone of the session.
CREATE FUNCTION care_internal.day_of(moment timestamptz) RETURNS date
    LANGUAGE C STABLE STRICT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_day_of';
COMMENT ON FUNCTION care_internal.day_of(timestamptz) IS 'The day it is in London at a moment.';

CREATE FUNCTION care.today() RETURNS date
    LANGUAGE C STABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_today';
COMMENT ON FUNCTION care.today() IS
    'Today in London, when the transaction began: the day that decides wherever one does, whatever the zone of the '
    'session.';

-- A day as messages show it.
CREATE FUNCTION care_internal.day_text(day date) RETURNS text
    LANGUAGE C IMMUTABLE CALLED ON NULL INPUT PARALLEL SAFE AS 'MODULE_PATHNAME', 'care_day_text';
COMMENT ON FUNCTION care_internal.day_text(date) IS
    'A day as ISO writes it, YYYY-MM-DD, whatever the session''s settings; or null.';

-- The checks that what is given to a function has, with whose it is in the message.
CREATE FUNCTION care_internal.require_text(label text, name text, value text)
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = name,
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF value = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_not_empty', COLUMN = name,
            MESSAGE = format('%s: %s must not be empty', label, name);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_text(text, text, text) IS
    'Refuses a text that is null (22004) or empty (22023), saying whose it is.';

CREATE FUNCTION care_internal.require_word(label text, name text, value text, words text[])
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL OR value <> ALL (words) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_is_known_word', COLUMN = name,
            MESSAGE = format('%s: unknown %s: %L', label, name, value),
            HINT = format('It is %s or %s.', array_to_string(words[: cardinality(words) - 1], ', '),
                          words[cardinality(words)]);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_word(text, text, text, text[]) IS
    'Refuses (22023) a text that is not one of some words, saying whose it is.';

CREATE FUNCTION care_internal.require_day(label text, name text, day date,
                                          nullable boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF day IS NULL AND NOT nullable THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = name,
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF day NOT BETWEEN '0001-01-01' AND '9999-12-31' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_is_day', COLUMN = name,
            MESSAGE = format('%s: %s must be a day of the years 1 to 9999, not %s', label, name,
                             care_internal.day_text(day));
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_day(text, text, date, boolean) IS
    'Refuses a day that is null (22004) or not in the years 1 to 9999 (22023), saying whose it is.';

-- Immutable, so that the planner knows the days.
CREATE FUNCTION care_internal.require_year(year_ending date) RETURNS date
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (year_ending BETWEEN '0001-01-01' AND '9999-12-31' AND date_part('month', year_ending) = 3
        AND date_part('day', year_ending) = 31) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'year_ends_in_march',
            MESSAGE = format('year_ending must be a 31 March, not %s', care_internal.day_text(year_ending));
    END IF;
    RETURN (year_ending - interval '1 year')::date + 1;
END
$$;
COMMENT ON FUNCTION care_internal.require_year(date) IS
    'The first day of the year that ends on a 31 March; 22023 for another day.';

CREATE FUNCTION care_internal.require_percent(label text, name text, value numeric)
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF value IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = name,
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF value NOT BETWEEN 0 AND 100 OR min_scale(value) > 4 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_is_percent', COLUMN = name,
            MESSAGE = format('%s: %s must be from 0 to 100 with at most 4 decimals, not %s', label, name, value);
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_percent(text, text, numeric) IS
    'Refuses a rate in per cent that is null (22004), or not from 0 to 100 or of more than 4 decimals (22023), saying '
    'whose it is.';

CREATE FUNCTION care_internal.require_amount(label text, name text, amount numeric,
                                             lowest numeric DEFAULT 0)
    RETURNS void LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF amount IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            CONSTRAINT = 'argument_not_null', COLUMN = name,
            MESSAGE = format('%s: %s must not be null', label, name);
    ELSIF amount = 'NaN' OR amount < lowest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_not_below', COLUMN = name,
            MESSAGE = format('%s: %s must be %s or more, not %s', label, name, lowest, amount);
    ELSIF abs(amount) >= 10000000000 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'numeric_value_out_of_range',
            CONSTRAINT = 'argument_in_range', COLUMN = name,
            MESSAGE = format('%s: %s must be %s, not %s', label, name,
                             CASE WHEN amount > 0 THEN 'under 10000000000' ELSE 'above -10000000000' END, amount);
    ELSIF min_scale(amount) > 2 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'argument_in_pence', COLUMN = name,
            MESSAGE = format('%s: %s is not in whole pence: %s', label, name, amount),
            HINT = 'Round it first: nothing is rounded unasked.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_amount(text, text, numeric, numeric) IS
    'Refuses an amount in pounds that is null (22004), not a number or below the least (22023), too large (22003) or '
    'not in whole pence (22023), saying whose it is.';

-- A snapshot older than the lock does not show what was recorded before it.
CREATE FUNCTION care_internal.require_read_committed(what text) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION USING
            ERRCODE = 'active_sql_transaction',
            CONSTRAINT = 'read_committed',
            MESSAGE = format('%s cannot be recorded under %s: an account opened meanwhile would miss it', what,
                             upper(current_setting('transaction_isolation'))),
            HINT = 'Record it in a READ COMMITTED transaction.';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_read_committed(text) IS
    'Refuses (25001) to record something that other rows follow from, by a view that may be out of date.';
