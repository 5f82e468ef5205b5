\echo Use "ALTER EXTENSION care_probe UPDATE" to load this file. \quit
-- One more table of facts: the table, and the line that has it kept.
CREATE TABLE probe.visit_place (
    visit_id bigint NOT NULL REFERENCES probe.visit,
    place_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    place text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    PRIMARY KEY (visit_id, place_id)
);
SELECT care_internal.keep('probe.visit_place', 'visit', 'probe.record_place()');
SELECT care_internal.note_installed('care_probe');
