\echo Use "CREATE EXTENSION care_probe" to load this file. \quit
--
-- care_probe: a class of record with two tables of facts, and a table of facts about a person, kept by
-- care_account.  What keeps them is the calls of care_internal.keep...(); the rest is an extension like any other.
--
-- Must not know: how anything is kept.
--
SET LOCAL search_path = pg_catalog, pg_temp;

CREATE TABLE probe.visit (
    visit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES care.person,
    authority text NOT NULL REFERENCES care.local_authority,
    reference text NOT NULL,
    began_on date NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- what follows from the facts
    notes integer,
    ended_on date
);
SELECT care_internal.keep_class('visit', 'probe.visit', 'a function of probe', retained => 'probe.visit_retained',
    events => '{last_updated,closed}', derived => 'probe.derived_visit', obstacle => 'probe.visit_obstacle');

CREATE TABLE probe.visit_note (
    visit_id bigint NOT NULL REFERENCES probe.visit,
    note_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    note text NOT NULL,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    PRIMARY KEY (visit_id, note_id),
    FOREIGN KEY (visit_id, supersedes) REFERENCES probe.visit_note
);
SELECT care_internal.keep('probe.visit_note', 'visit', 'probe.record_note(..., supersedes => ...)');

CREATE TABLE probe.visit_event (
    visit_id bigint NOT NULL REFERENCES probe.visit,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL,
    kind text NOT NULL CHECK (kind IN ('ended', 'resumed')),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    PRIMARY KEY (visit_id, event_id)
);
SELECT care_internal.keep('probe.visit_event', 'visit', 'probe.record_event()', part => 'event');

CREATE TABLE probe.person_language (
    person_id bigint NOT NULL REFERENCES care.person,
    language_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    language text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    PRIMARY KEY (person_id, language_id)
);
SELECT care_internal.keep('probe.person_language', 'person', 'probe.record_language()');

CREATE FUNCTION probe.derived_visit(visit_ids bigint[], known_at timestamptz)
    RETURNS TABLE (visit_id bigint, notes integer, ended_on date) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.visit_id, (SELECT count(*)::integer FROM probe.visit_note AS n
                        WHERE n.visit_id = v.visit_id AND n.recorded_at <= known_at AND n.supersedes IS NULL),
           (SELECT CASE e.kind WHEN 'ended' THEN e.on_day END FROM probe.visit_event AS e
            WHERE e.visit_id = v.visit_id AND e.recorded_at <= known_at ORDER BY e.event_id DESC LIMIT 1)
    FROM probe.visit AS v WHERE v.visit_id = ANY (visit_ids);
END;

CREATE FUNCTION probe.visit_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.visit_id, NULL, NULL::date, v.ended_on, CASE WHEN v.ended_on <= as_at THEN NULL ELSE 'the visit goes on' END
    FROM probe.visit AS v;
END;

CREATE FUNCTION probe.visit_obstacle(visit_id bigint) RETURNS text LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT min('its note ' || n.note_id || ' says to keep it') FROM probe.visit_note AS n
    WHERE n.visit_id = visit_obstacle.visit_id AND n.note = 'keep';
END;

CREATE FUNCTION probe.rebuild_visits() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    keys int8[] := ARRAY(SELECT DISTINCT n.visit_id FROM new_rows AS n ORDER BY n.visit_id);
BEGIN
    PERFORM FROM probe.visit AS v WHERE v.visit_id = ANY (keys) ORDER BY v.visit_id FOR NO KEY UPDATE;
    PERFORM care_internal.write_derived('visit', keys);
    RETURN NULL;
END
$$;
CREATE TRIGGER visit_rebuild AFTER INSERT ON probe.visit
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION probe.rebuild_visits();
CREATE TRIGGER visit_note_rebuild AFTER INSERT ON probe.visit_note
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION probe.rebuild_visits();
CREATE TRIGGER visit_event_rebuild AFTER INSERT ON probe.visit_event
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION probe.rebuild_visits();

CREATE FUNCTION probe.open_visit(authority text, person_reference text, reference text, began_on date) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
BEGIN
    INSERT INTO probe.visit (person_id, authority, reference, began_on)
    VALUES (care.record_person(open_visit.authority, person_reference), open_visit.authority, open_visit.reference,
            open_visit.began_on)
    RETURNING visit_id INTO key;
    RETURN key;
END
$$;

CREATE FUNCTION probe.record_note(visit_id bigint, note text, supersedes bigint DEFAULT NULL) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    key int8;
BEGIN
    PERFORM FROM probe.visit AS v WHERE v.visit_id = record_note.visit_id FOR NO KEY UPDATE;
    INSERT INTO probe.visit_note (visit_id, note, supersedes)
    VALUES (record_note.visit_id, record_note.note, record_note.supersedes) RETURNING note_id INTO key;
    RETURN key;
END
$$;

CREATE FUNCTION probe.record_event(visit_id bigint, on_day date, kind text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM FROM probe.visit AS v WHERE v.visit_id = record_event.visit_id FOR NO KEY UPDATE;
    INSERT INTO probe.visit_event (visit_id, on_day, kind) VALUES (record_event.visit_id, record_event.on_day, record_event.kind);
END
$$;

CREATE FUNCTION probe.record_language(authority text, person_reference text, language text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO probe.person_language (person_id, language)
    VALUES (care.record_person(record_language.authority, person_reference), record_language.language);
END
$$;

-- A task, a setting and a check.
CREATE FUNCTION probe.note_visits(visit_ids bigint[], on_day date) RETURNS bigint LANGUAGE sql
BEGIN ATOMIC
    SELECT count(probe.record_note(u.visit_id, 'looked at on ' || to_char(on_day, 'YYYY-MM-DD')))
    FROM unnest(visit_ids) AS u (visit_id);
END;
CREATE FUNCTION probe.visit_due(as_at date) RETURNS TABLE (visit_id bigint, authority text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.visit_id, v.authority FROM probe.visit AS v
    WHERE v.began_on <= as_at AND v.ended_on IS NULL
      AND NOT EXISTS (SELECT FROM probe.visit_note AS n
                      WHERE n.visit_id = v.visit_id AND n.note = 'looked at on ' || to_char(as_at, 'YYYY-MM-DD'));
END;
SELECT care_internal.keep_task('looks at visits', 'visit',
           due => 'SELECT v.visit_id, v.authority, NULL::date FROM probe.visit_due($1) AS v',
           work => 'SELECT probe.note_visits($1, $3)'),
       care_internal.keep_setting('visit_colour', '^(red|blue)$', 'red', 'the colour of visits', 'care_probe');
CREATE FUNCTION probe.verify_visits(authority text, from_key bigint, to_key bigint)
    RETURNS TABLE (record_id bigint, difference text) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT v.visit_id, 'it ended before it began' FROM probe.visit AS v
    WHERE v.ended_on < v.began_on AND (verify_visits.authority IS NULL OR v.authority = verify_visits.authority)
      AND (from_key IS NULL OR v.visit_id >= from_key) AND (to_key IS NULL OR v.visit_id <= to_key);
END;
SELECT care_internal.keep_check('probe.verify_visits', 'visit');

SELECT care_internal.note_installed('care_probe');
