--
-- period: how long each class of record is kept: what the law says, and what each authority decides.
--
-- Must not know: what a figure is worth.
--

-- What a schedule may be of: a class, or a part of its records.
CREATE FUNCTION care_internal.scheduled_class()
    RETURNS TABLE (name text, class text, part text, events text[])
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.class, r.class, NULL, r.events FROM care_internal.record_class AS r
    UNION ALL
    SELECT DISTINCT k.class || '_' || k.part, k.class, k.part, ARRAY['last_updated']
    FROM care_internal.kept_table AS k WHERE k.part IS NOT NULL
    ORDER BY 2, 3 DESC NULLS FIRST;
END;
COMMENT ON FUNCTION care_internal.scheduled_class() IS
    'The classes of record and their parts that a retention schedule may be of, with the events it may wait for.';

-- The classes there are depend on the extensions there are.
CREATE FUNCTION care_internal.refuse_unknown_class() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    known bool;
BEGIN
    IF NOT care_internal.is_new(NEW.recorded_at) THEN
        RETURN NEW;                                          -- from a dump: it was known where it comes from
    ELSIF TG_TABLE_NAME = 'legal_hold' THEN
        known := NEW.class = 'authority' OR EXISTS (SELECT FROM care_internal.record_class AS r
                                                    WHERE r.class = NEW.class);
    ELSE
        known := EXISTS (SELECT FROM care_internal.scheduled_class() AS s
                         WHERE s.name = NEW.class AND to_jsonb(NEW) ->> 'trigger_event' = ANY (s.events));
    END IF;
    IF NOT known THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('new row for relation "%s" violates check constraint "%s_known_class"', TG_TABLE_NAME,
                             TG_TABLE_NAME),
            DETAIL = format('No extension keeps records of class %L.', NEW.class),
            CONSTRAINT = TG_TABLE_NAME || '_known_class',
            TABLE = TG_TABLE_NAME, SCHEMA = TG_TABLE_SCHEMA, COLUMN = 'class';
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_unknown_class() IS
    'Trigger: refuses (23514) a row about a class of record that no extension keeps, or an event that it does not '
    'know.';

CREATE TABLE care.retention_schedule (
    schedule_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT retention_schedule_pkey PRIMARY KEY,
    authority text
        CONSTRAINT retention_schedule_authority_fkey REFERENCES care.local_authority,
    class text NOT NULL,
    valid_from date NOT NULL,
    trigger_event text NOT NULL,
    period interval NOT NULL
        CONSTRAINT retention_schedule_whole_days
            CHECK (period >= '0' AND period <= '1000 years' AND date_trunc('day', period) = period),
    action text NOT NULL
        CONSTRAINT retention_schedule_known_action CHECK (action IN ('review', 'dispose', 'transfer')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT retention_schedule_key UNIQUE NULLS NOT DISTINCT (authority, class, trigger_event, valid_from,
                                                                 recorded_at),
    CONSTRAINT retention_schedule_law_is_shipped CHECK (shipped = (authority IS NULL))
);
COMMENT ON TABLE care.retention_schedule IS
    'How long records of each class are kept: what the law says, and what each authority decides, dated.';
COMMENT ON COLUMN care.retention_schedule.schedule_id IS 'Key; below 0: came with the product.';
COMMENT ON COLUMN care.retention_schedule.authority IS 'The authority; null: the law.';
COMMENT ON COLUMN care.retention_schedule.class IS
    'account, agreement or person (one without account or agreement); account_statement, account_event, '
    'agreement_statement, agreement_event: a part, which may keep its record longer.';
COMMENT ON COLUMN care.retention_schedule.valid_from IS 'The day it holds from; 0001-01-01: always.';
COMMENT ON COLUMN care.retention_schedule.trigger_event IS
    'What starts the period: last_updated (it begins with that day), death_known or closed (it begins with the day '
    'after).';
COMMENT ON COLUMN care.retention_schedule.period IS 'How long: years, months and days.';
COMMENT ON COLUMN care.retention_schedule.action IS
    'What is proposed then: review, dispose, or transfer to an archive. Always a person decides.';
COMMENT ON COLUMN care.retention_schedule.source IS 'The law or decision it rests on.';
COMMENT ON COLUMN care.retention_schedule.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.retention_schedule.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.retention_schedule.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.retention_schedule');
SELECT pg_extension_config_dump('care.retention_schedule_schedule_id_seq', '');
CREATE TRIGGER retention_schedule_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.retention_schedule
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_retention_schedule()');
COMMENT ON TRIGGER retention_schedule_refuse_change ON care.retention_schedule IS
    'Schedules are added to, never changed.';
CREATE TRIGGER retention_schedule_refuse_unknown_class BEFORE INSERT ON care.retention_schedule
    FOR EACH ROW EXECUTE FUNCTION care_internal.refuse_unknown_class();
COMMENT ON TRIGGER retention_schedule_refuse_unknown_class ON care.retention_schedule IS
    'A schedule is of a class that is kept, and waits for an event that it knows.';
INSERT INTO care.retention_schedule (schedule_id, class, valid_from, trigger_event, period, action, source, shipped,
                                     recorded_at, recorded_by) OVERRIDING SYSTEM VALUE VALUES
    (-1, 'account', '0001-01-01', 'last_updated', '99 years', 'review', 'Care Act 2014 s.29(2)', true,
     '2026-11-22 00:00:00+00', 'care_account'),
    (-2, 'account', '0001-01-01', 'death_known', '0', 'review', 'Care Act 2014 s.29(2)', true, '2026-11-22 00:00:00+00',
     'care_account');

CREATE FUNCTION care_internal.period_text(period interval) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(string_agg(u.n || ' ' || u.unit || CASE WHEN u.n > 1 THEN 's' ELSE '' END, ' ' ORDER BY u.place),
                    'no time')
    FROM (VALUES (1, date_part('year', period)::integer, 'year'), (2, date_part('month', period)::integer, 'month'),
                 (3, date_part('day', period)::integer, 'day'))
         AS u (place, n, unit)
    WHERE u.n > 0;
END;
COMMENT ON FUNCTION care_internal.period_text(interval) IS 'A period as words, whatever the session''s settings.';

CREATE TYPE care_internal.rule AS (authority text, class text, trigger_event text, period interval, words text,
                                   action text, source text);
COMMENT ON TYPE care_internal.rule IS 'A retention schedule that holds on a day; authority null: the law.';
COMMENT ON COLUMN care_internal.rule.words IS 'The period, in words.';
SELECT care_internal.comment_columns('care_internal.rule', 'care.retention_schedule');

-- A class whose records do not say themselves by which event they are measured follows one: the one scheduled last.
CREATE FUNCTION care_internal.retention_rule(as_at date) RETURNS SETOF care_internal.rule
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10
BEGIN ATOMIC
    SELECT DISTINCT ON (s.authority, s.class, CASE WHEN r.decides THEN s.trigger_event END)
           s.authority, s.class, s.trigger_event, s.period, care_internal.period_text(s.period), s.action, s.source
    FROM care.retention_schedule AS s
        LEFT JOIN care_internal.record_class AS r ON r.class = s.class
    WHERE s.valid_from <= as_at
    ORDER BY s.authority, s.class, CASE WHEN r.decides THEN s.trigger_event END, s.valid_from DESC,
             s.recorded_at DESC;
END;
COMMENT ON FUNCTION care_internal.retention_rule(date) IS 'The schedules that hold on a day; authority null: the law.';

-- 99 years beginning with 29 February end with 28 February, as those beginning with 1 March do.
CREATE FUNCTION care_internal.period_end(from_day date, period interval) RETURNS date
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN (from_day + period)::date
           - (date_part('day', from_day + date_trunc('month', period)) = date_part('day', from_day))::integer;
COMMENT ON FUNCTION care_internal.period_end(date, interval) IS
    'The last day of a period that begins with a day; where the month has no such day to end before, its last day.';

CREATE FUNCTION care.record_retention_schedule(authority text, class text, valid_from date,
                                               trigger_event text, period interval, source text,
                                               action text DEFAULT 'review')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('retention schedule of %s', authority);
    law record;
BEGIN
    PERFORM care_internal.require_deciding_authority(authority, valid_from);
    PERFORM care_internal.require_word(label, 'class', class,
                                       ARRAY(SELECT s.name FROM care_internal.scheduled_class() AS s)),
            care_internal.require_day(label, 'valid_from', valid_from),
            care_internal.require_word(label, 'trigger_event', trigger_event,
                                       (SELECT array_agg(DISTINCT e.name ORDER BY e.name DESC)
                                        FROM care_internal.scheduled_class() AS s
                                            JOIN care_internal.record_class AS r ON r.class = s.class, unnest(r.events)
                                                AS e (name)
                                        WHERE s.name = record_retention_schedule.class)),
            care_internal.require_text(label, 'source', source),
            care_internal.require_word(label, 'action', action, '{review,dispose,transfer}');
    IF strpos(class, '_') > 0 AND trigger_event <> 'last_updated' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'retention_schedule_event',
            MESSAGE = format('%s: the period of %s begins when one was last recorded: trigger_event must be '
                             'last_updated', label, class);
    ELSIF period IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed', CONSTRAINT = 'argument_not_null',
            MESSAGE = format('%s: period must not be null', label);
    ELSIF period NOT BETWEEN '0' AND '1000 years' OR date_trunc('day', period) <> period THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'retention_schedule_whole_days',
            MESSAGE = format('%s: period must be years, months and days, from none to 1000 years', label);
    END IF;
    SELECT r.period, r.source INTO law FROM care_internal.retention_rule('infinity') AS r
    WHERE r.authority IS NULL AND r.class = record_retention_schedule.class
      AND r.trigger_event = record_retention_schedule.trigger_event;
    IF date_trunc('month', period) < law.period THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'retention_schedule_law',
            MESSAGE = format('%s: the law keeps an %s for %s from that event: %s is too short', label, class,
                             care_internal.period_text(law.period), care_internal.period_text(period)),
            DETAIL = law.source || '.',
            HINT = 'Give that or more, in years and months.';
    END IF;
    -- a disposal in hand goes by the schedules there were
    PERFORM FROM care.local_authority AS a WHERE a.authority = record_retention_schedule.authority FOR NO KEY UPDATE;
    INSERT INTO care.retention_schedule (authority, class, valid_from, trigger_event, period, action, source)
    VALUES (record_retention_schedule.authority, record_retention_schedule.class, record_retention_schedule.valid_from,
            record_retention_schedule.trigger_event, record_retention_schedule.period, record_retention_schedule.action,
            record_retention_schedule.source);
END
$$;
COMMENT ON FUNCTION care.record_retention_schedule(text, text, date, text, interval, text, text) IS
    'Records how long an authority keeps a class of record, from a day; 23514 for less than the law.';
