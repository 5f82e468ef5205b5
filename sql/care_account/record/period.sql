--
-- period: how long each class of record is kept: what the law says, and what each authority decides.
--
-- Must not know: what a figure is worth.
--

-- The tables whose rows go with a record, parents first: triggers, clock and disposal follow this list.
-- Class null: the row says itself whose it is.
CREATE FUNCTION care_internal.retained_table()
    RETURNS TABLE (n integer, name text, class text, key text, part text, schema text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 24
BEGIN ATOMIC
    SELECT t.n, t.name, t.class, t.key,
           CASE WHEN t.name IN ('account_event', 'agreement_event') THEN 'event'
                WHEN t.name IN ('issued_statement', 'issued_agreement_statement') THEN 'statement' END, 'care'
    FROM care_internal.fact_table() AS t
    UNION ALL
    VALUES (21, 'chain', NULL, 'record_id', NULL, 'care_internal'),
           (22, 'legal_hold', NULL, 'record_id', NULL, 'care'),
           (23, 'legal_hold_release', NULL, 'record_id', NULL, 'care'),
           (24, 'disposal_review', NULL, 'record_id', NULL, 'care');
END;
COMMENT ON FUNCTION care_internal.retained_table() IS
    'The tables whose rows belong to a record: class of record (null: the row''s own column class), key column, and '
    'which part of it they are.';

CREATE TABLE care.retention_schedule (
    authority text
        CONSTRAINT retention_schedule_authority_fkey REFERENCES care.authority,
    class text NOT NULL
        CONSTRAINT retention_schedule_known_class CHECK (class IN (
            'account', 'account_statement', 'account_event', 'agreement', 'agreement_statement', 'agreement_event',
            'person')),
    valid_from date NOT NULL,
    trigger_event text NOT NULL,
    period interval NOT NULL
        CONSTRAINT retention_schedule_whole_days
            CHECK (period >= '0' AND period <= '1000 years' AND date_trunc('day', period) = period),
    action text NOT NULL
        CONSTRAINT retention_schedule_known_action CHECK (action IN ('review', 'dispose', 'transfer')),
    source text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT retention_schedule_key UNIQUE NULLS NOT DISTINCT (authority, class, trigger_event, valid_from,
                                                                 recorded_at),
    CONSTRAINT retention_schedule_law_is_shipped CHECK (shipped = (authority IS NULL)),
    CONSTRAINT retention_schedule_known_event CHECK (CASE class
        WHEN 'account' THEN trigger_event IN ('last_updated', 'death_known')
        WHEN 'agreement' THEN trigger_event IN ('last_updated', 'death_known', 'closed')
        WHEN 'person' THEN trigger_event IN ('last_updated', 'death_known')
        ELSE trigger_event = 'last_updated' END)
);
COMMENT ON TABLE care.retention_schedule IS
    'How long records of each class are kept: what the law says, and what each authority decides, dated.';
COMMENT ON COLUMN care.retention_schedule.authority IS 'The authority; null: the law.';
COMMENT ON COLUMN care.retention_schedule.class IS
    'account, agreement or person (one without account or agreement); account_statement, account_event, '
    'agreement_statement, agreement_event: a part, which may keep its record longer.';
COMMENT ON COLUMN care.retention_schedule.valid_from IS 'The day it holds from.';
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
SELECT pg_extension_config_dump('care.retention_schedule', 'WHERE NOT shipped');
CREATE TRIGGER retention_schedule_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.retention_schedule
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_retention_schedule()');
COMMENT ON TRIGGER retention_schedule_refuse_change ON care.retention_schedule IS
    'Schedules are added to, never changed.';
INSERT INTO care.retention_schedule (class, valid_from, trigger_event, period, action, source, shipped, recorded_at,
                                     recorded_by) VALUES
    ('account', '-infinity', 'last_updated', '99 years', 'review', 'Care Act 2014 s.29(2)', true,
     '2026-11-22 00:00:00+00', 'care_account'),
    ('account', '-infinity', 'death_known', '0', 'review', 'Care Act 2014 s.29(2)', true, '2026-11-22 00:00:00+00',
     'care_account');

CREATE FUNCTION care_internal.period_text(period interval) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT coalesce(string_agg(u.n || ' ' || u.unit || CASE WHEN u.n > 1 THEN 's' ELSE '' END, ' ' ORDER BY u.place),
                    'no time')
    FROM (VALUES (1, date_part('year', period), 'year'), (2, date_part('month', period), 'month'),
                 (3, date_part('day', period), 'day'))
         AS u (place, n, unit)
    WHERE u.n > 0;
END;
COMMENT ON FUNCTION care_internal.period_text(interval) IS 'A period as words, whatever the session''s settings.';

-- An agreement, a part and a person follow one event, the one scheduled last; an account both.
CREATE FUNCTION care_internal.retention_rule(as_at date)
    RETURNS TABLE (authority text, class text, trigger_event text, period interval,
                   words text, action text, source text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT ON (s.authority, s.class, CASE WHEN s.class = 'account' THEN s.trigger_event END)
           s.authority, s.class, s.trigger_event, s.period, care_internal.period_text(s.period), s.action, s.source
    FROM care.retention_schedule AS s
    WHERE s.valid_from <= as_at
    ORDER BY s.authority, s.class, CASE WHEN s.class = 'account' THEN s.trigger_event END, s.valid_from DESC,
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

-- When each record and its parts changed.  What is recorded of a person changes their records too.
DO $$
DECLARE
    arms text;
BEGIN
    SELECT string_agg(arm, ' UNION ALL ' ORDER BY n, place) INTO arms
    FROM (SELECT t.n, 0,
                 format('SELECT %L::text AS class, t.%I AS record_id, %L::text AS part, t.recorded_at FROM care.%I AS t',
                                t.class, t.key, t.part, t.name)
          FROM care_internal.retained_table() AS t WHERE t.class IS NOT NULL
          UNION ALL
          SELECT t.n, x.place,
                 format('SELECT %L, r.%I, NULL, t.recorded_at FROM care.%I AS t JOIN care.%I AS r ON r.person_id = t.person_id',
                                      x.class, x.class || '_id', t.name, x.class)
          FROM care_internal.retained_table() AS t, (VALUES (1, 'account'), (2, 'agreement')) AS x (place, class)
          WHERE t.class = 'person' AND t.name <> 'person') AS a (n, place, arm);
    EXECUTE 'CREATE VIEW care_internal.record_change AS ' || arms;
END
$$;
COMMENT ON VIEW care_internal.record_change IS 'When something was recorded about each account, agreement and person.';
COMMENT ON COLUMN care_internal.record_change.class IS 'account, agreement or person.';
COMMENT ON COLUMN care_internal.record_change.record_id IS 'Its key.';
COMMENT ON COLUMN care_internal.record_change.part IS 'statement or event; null: neither.';
COMMENT ON COLUMN care_internal.record_change.recorded_at IS 'When it was recorded.';

CREATE FUNCTION care.record_retention_schedule(authority text, class text, valid_from date,
                                               trigger_event text, period interval, source text,
                                               action text DEFAULT 'review')
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('retention schedule of %s', authority);
    law record;
BEGIN
    PERFORM care_internal.require_authority(authority, valid_from);
    PERFORM care_internal.require_word(label, 'class', class,
                              '{account,account_statement,account_event,agreement,agreement_statement,agreement_event,'
                              'person}'),
            care_internal.require_day(label, 'valid_from', valid_from),
            care_internal.require_word(label, 'trigger_event', trigger_event,
                              CASE class WHEN 'account' THEN '{last_updated,death_known}'::text[] WHEN 'person'
                                   THEN '{last_updated,death_known}'
                                         ELSE '{last_updated,death_known,closed}' END),
            care_internal.require_text(label, 'source', source),
            care_internal.require_word(label, 'action', action, '{review,dispose,transfer}');
    IF class LIKE '%\_%' AND trigger_event <> 'last_updated' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: the period of %s begins when one was last recorded: trigger_event must be last_updated', label, class);
    ELSIF period IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: period must not be null', label);
    ELSIF period NOT BETWEEN '0' AND '1000 years' OR date_trunc('day', period) <> period THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: period must be years, months and days, from none to 1000 years', label);
    END IF;
    SELECT r.period, r.source INTO law FROM care_internal.retention_rule('infinity') AS r
    WHERE r.authority IS NULL AND r.class = record_retention_schedule.class
      AND r.trigger_event = record_retention_schedule.trigger_event;
    IF date_trunc('month', period) < law.period THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: the law keeps an %s for %s from that event: %s is too short', label, class,
                             care_internal.period_text(law.period), care_internal.period_text(period)),
            DETAIL = law.source || '.',
            HINT = 'Give that or more, in years and months.';
    END IF;
    -- a disposal in hand goes by the schedules there were
    PERFORM FROM care.authority AS a WHERE a.authority = record_retention_schedule.authority FOR NO KEY UPDATE;
    INSERT INTO care.retention_schedule (authority, class, valid_from, trigger_event, period, action, source)
    VALUES (record_retention_schedule.authority, record_retention_schedule.class, record_retention_schedule.valid_from,
            record_retention_schedule.trigger_event, record_retention_schedule.period, record_retention_schedule.action,
            record_retention_schedule.source);
END
$$;
COMMENT ON FUNCTION care.record_retention_schedule(text, text, date, text, interval, text, text) IS
    'Records how long an authority keeps a class of record, from a day; 23514 for less than the law.';
