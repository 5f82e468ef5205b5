--
-- agreement: deferred payment agreements, what happened to each, and what follows from it.
--
-- Must not know: care accounts, entries.
--

CREATE TABLE care.agreement (
    agreement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT agreement_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT agreement_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT agreement_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT agreement_has_reference CHECK (reference <> ''),
    applied_on date NOT NULL
        CONSTRAINT agreement_finite_application CHECK (applied_on BETWEEN '0001-01-01' AND '9999-12-31'),
    style text NOT NULL DEFAULT 'traditional'
        CONSTRAINT agreement_known_style CHECK (style IN ('traditional', 'loan')),
    term text NOT NULL DEFAULT 'lifetime'
        CONSTRAINT agreement_known_term CHECK (term IN ('until_sale', 'lifetime')),
    with_top_up boolean NOT NULL DEFAULT false,
    property_use text,
    interest_from date
        CONSTRAINT agreement_finite_interest CHECK (interest_from BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- what follows from the facts
    signed_on date,
    secured_on date,
    ended_on date,
    released_on date,
    day_count text,
    capitalised text,
    bears_from date,
    charged care.schedule,
    court_from date,
    court_rate numeric,
    CONSTRAINT agreement_reference_key UNIQUE (authority, reference)
);
CREATE INDEX agreement_person_idx ON care.agreement (person_id);
COMMENT ON INDEX care.agreement_person_idx IS 'Finds the agreements of a person.';
COMMENT ON TABLE care.agreement IS
    'Deferred payment agreements: what was applied for, and what follows from the events of each (the derived columns, '
    'rebuilt whole by trigger, never patched).';
COMMENT ON COLUMN care.agreement.agreement_id IS 'Key.';
COMMENT ON COLUMN care.agreement.person_id IS 'The person.';
COMMENT ON COLUMN care.agreement.authority IS 'The authority that defers.';
COMMENT ON COLUMN care.agreement.reference IS 'The authority''s reference for the agreement.';
COMMENT ON COLUMN care.agreement.applied_on IS 'The day it was asked for.';
COMMENT ON COLUMN care.agreement.style IS
    'traditional: the authority pays for the care and defers the charge; loan: it lends the money.';
COMMENT ON COLUMN care.agreement.term IS 'until_sale of the home, or lifetime.';
COMMENT ON COLUMN care.agreement.with_top_up IS 'Does it cover a top-up?';
COMMENT ON COLUMN care.agreement.property_use IS 'Planned use of the property, such as let or occupied.';
COMMENT ON COLUMN care.agreement.interest_from IS
    'For one made before April 2015: the day its interest starts, as far as it was known at first; 9999-12-31: never, '
    'unless a day is recorded later. Null: from the first entry.';
COMMENT ON COLUMN care.agreement.signed_on IS 'Derived: the day it was signed by all parties.';
COMMENT ON COLUMN care.agreement.secured_on IS 'Derived: the day the security was in place.';
COMMENT ON COLUMN care.agreement.ended_on IS 'Derived: the day it ended.';
COMMENT ON COLUMN care.agreement.released_on IS 'Derived: the day the charge was released.';
COMMENT ON COLUMN care.agreement.day_count IS 'Derived: day count, by the authority''s policy on the day of signing.';
COMMENT ON COLUMN care.agreement.capitalised IS
    'Derived: capitalisation, by the authority''s policy on the day of signing.';
COMMENT ON COLUMN care.agreement.bears_from IS
    'Derived: the day its interest starts, by interest_from or what was recorded since; null: from the first entry.';
COMMENT ON COLUMN care.agreement.charged IS
    'Derived: 1 while interest is added to the debt, 2 while it is paid separately, 0 while there is none (before '
    'bears_from); null: always 1.';
COMMENT ON COLUMN care.agreement.court_from IS
    'Derived: the day of the county court''s judgment, from which the court rate holds instead.';
COMMENT ON COLUMN care.agreement.court_rate IS 'Derived: the court rate, per cent a year, simple.';
COMMENT ON COLUMN care.agreement.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_class('agreement', 'care.agreement', 'a function of care',
    retained => 'care_internal.agreement_retained', events => '{last_updated,death_known,closed}',
    derived => 'care_internal.derived_agreement', obstacle => 'care_internal.agreement_obstacle');

CREATE TABLE care.agreement_event (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_event_agreement_fkey REFERENCES care.agreement,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_event_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT agreement_event_known_kind CHECK (kind IN (
            'offered', 'refused', 'rate_notified', 'signed', 'secured', 'security_changed', 'bears_interest',
            'deferring_stopped', 'deferring_resumed',
            'interest_separate', 'interest_deferred', 'charges_separate', 'charges_deferred', 'reviewed',
            'value_below_debt',
            'statement_requested', 'judgment', 'ended', 'written_off', 'charge_released', 'withdrawn')),
    reason text,
    meets_criteria boolean,
    override_reason text,
    rate care.percent,
    day_count text
        CONSTRAINT agreement_event_known_day_count CHECK (day_count IN ('act/act', 'act/365f')),
    capitalised text
        CONSTRAINT agreement_event_known_capitalised CHECK (care_internal.is_capitalisation(capitalised)),
    charge_type text
        CONSTRAINT agreement_event_known_charge CHECK (charge_type IN ('legal_charge', 'undertaking', 'other')),
    charge_priority integer
        CONSTRAINT agreement_event_priority CHECK (charge_priority > 0),
    title_reference text,
    recovery text
        CONSTRAINT agreement_event_known_recovery CHECK (recovery IN ('not_attempted', 'attempted')),
    supersedes bigint,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT agreement_event_pkey PRIMARY KEY (event_id),
    CONSTRAINT agreement_event_key UNIQUE (agreement_id, event_id),
    CONSTRAINT agreement_event_corrected_with_reason
        CHECK ((supersedes IS NOT NULL) = (coalesce(correction_reason, '') <> '')),
    CONSTRAINT agreement_event_withdraws CHECK (kind <> 'withdrawn' OR supersedes IS NOT NULL),
    CONSTRAINT agreement_event_decided CHECK (kind NOT IN ('offered', 'refused') OR meets_criteria IS NOT NULL),
    CONSTRAINT agreement_event_refused_with_reason CHECK (kind <> 'refused' OR coalesce(reason, '') <> ''),
    CONSTRAINT agreement_event_override
        CHECK (NOT (kind = 'refused' AND meets_criteria) OR coalesce(override_reason, '') <> ''),
    CONSTRAINT agreement_event_signed_on_terms
        CHECK ((kind = 'signed') = (day_count IS NOT NULL AND capitalised IS NOT NULL)),
    CONSTRAINT agreement_event_court_has_rate CHECK (kind <> 'judgment' OR rate IS NOT NULL),
    CONSTRAINT agreement_event_recovery CHECK ((kind = 'written_off') = (recovery IS NOT NULL))
);
COMMENT ON TABLE care.agreement_event IS
    'What happened to each agreement, step by step; the functions of the write interface see to the order. A '
    'correction is a new row that supersedes the wrong one.';
COMMENT ON COLUMN care.agreement_event.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_event.event_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_event.on_day IS
    'The day it happened; what it changes, it changes from the start of that day.';
COMMENT ON COLUMN care.agreement_event.kind IS
    'offered, refused; rate_notified to the adult; signed; secured; security_changed; bears_interest (from that day, '
    'for one that was free of it); deferring_stopped, deferring_resumed; '
    'interest_separate (paid, not deferred), interest_deferred; charges_separate, charges_deferred; reviewed (at 70 '
    'per cent); value_below_debt; statement_requested; judgment of the county court; ended; written_off; '
    'charge_released; withdrawn: the step it supersedes never happened.';
COMMENT ON COLUMN care.agreement_event.reason IS
    'Why, or more about it; for secured and security_changed: the solicitor''s undertaking.';
COMMENT ON COLUMN care.agreement_event.meets_criteria IS 'For a decision: were the criteria of a mandatory offer met?';
COMMENT ON COLUMN care.agreement_event.override_reason IS 'Why one that meets the criteria was refused all the same.';
COMMENT ON COLUMN care.agreement_event.rate IS
    'For rate_notified: the rate the adult was told (null: the national maximum as it moves); for judgment: the court '
    'rate; per cent a year.';
COMMENT ON COLUMN care.agreement_event.day_count IS 'For signed: the day count agreed.';
COMMENT ON COLUMN care.agreement_event.capitalised IS 'For signed: the capitalisation agreed.';
COMMENT ON COLUMN care.agreement_event.charge_type IS
    'For secured and security_changed: legal_charge, undertaking or other.';
COMMENT ON COLUMN care.agreement_event.charge_priority IS
    'For secured and security_changed: 1 for a first charge, 2 for a second.';
COMMENT ON COLUMN care.agreement_event.title_reference IS
    'For secured and security_changed: title number of the property.';
COMMENT ON COLUMN care.agreement_event.recovery IS 'For written_off: was recovery attempted?';
COMMENT ON COLUMN care.agreement_event.supersedes IS 'The event_id of the step it corrects or withdraws.';
COMMENT ON COLUMN care.agreement_event.correction_reason IS 'Why that was corrected or withdrawn.';
COMMENT ON COLUMN care.agreement_event.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_event.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_event', 'agreement', 'care.correct_step() or care.withdraw_step()',
    part => 'event');
SELECT care_internal.correct_by_rows('care.agreement_event', 'event_id', 'agreement_id', 'r.kind <> ''withdrawn''');

CREATE VIEW care.agreement_event_in_force AS
    SELECT e.*
    FROM care.agreement_event AS e
    WHERE e.kind <> 'withdrawn'
      AND NOT EXISTS (SELECT FROM care.agreement_event AS later
                      WHERE later.agreement_id = e.agreement_id AND later.supersedes = e.event_id);
COMMENT ON VIEW care.agreement_event_in_force IS
    'The steps of agreements that hold: those that no other corrects or withdraws.';
SELECT care_internal.comment_columns('care.agreement_event_in_force', 'care.agreement_event');

--
-- What follows from the events.
--

CREATE FUNCTION care_internal.interest_charged(bears_from date, goes care.schedule) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(d.day, CASE WHEN d.day < interest_charged.bears_from THEN 0 ELSE d.goes END)
    FROM (SELECT '-infinity'::date AS day, 1::numeric AS goes
          UNION ALL
          SELECT s.valid_from, s.value FROM care_internal.steps(interest_charged.goes) AS s
          WHERE s.valid_from <> interest_charged.bears_from OR interest_charged.bears_from IS NULL
          UNION ALL
          SELECT interest_charged.bears_from,
                 coalesce(care.value_on(interest_charged.goes, interest_charged.bears_from), 1)
          WHERE interest_charged.bears_from < '9999-12-31') AS d;
END;
COMMENT ON FUNCTION care_internal.interest_charged(date, care.schedule) IS
    'Where interest goes: 1 to the debt, 2 is paid separately (as the schedule has it; null: always to the debt), 0 '
    'there is none, before bears_from (null: from the first entry).';

CREATE FUNCTION care_internal.derived_agreement(agreement_ids bigint[], known_at timestamptz)
    RETURNS TABLE (agreement_id bigint, signed_on date, secured_on date,
                   ended_on date, released_on date, day_count text,
                   capitalised text, bears_from date, charged care.schedule, court_from date, court_rate numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH chosen AS (
        SELECT a.agreement_id, a.interest_from
        FROM unnest(agreement_ids) AS u (agreement_id) JOIN care.agreement AS a ON a.agreement_id = u.agreement_id
    ), known AS (
        SELECT e.*, k.switches,
               row_number() OVER (PARTITION BY e.agreement_id, e.on_day, k.switches
                                  ORDER BY e.event_id DESC) AS from_last
        FROM chosen AS c
            JOIN care.agreement_event AS e ON e.agreement_id = c.agreement_id
            CROSS JOIN LATERAL (SELECT e.kind IN ('interest_separate', 'interest_deferred')) AS k (switches)
        WHERE e.recorded_at <= known_at AND e.kind <> 'withdrawn'
          AND NOT EXISTS (SELECT FROM care.agreement_event AS later
                          WHERE later.agreement_id = e.agreement_id AND later.supersedes = e.event_id
                            AND later.recorded_at <= known_at)
    ), events AS (
        SELECT c.agreement_id,
               min(e.on_day) FILTER (WHERE e.kind = 'signed') AS signed_on,
               min(e.on_day) FILTER (WHERE e.kind = 'secured') AS secured_on,
               min(e.on_day) FILTER (WHERE e.kind = 'ended') AS ended_on,
               min(e.on_day) FILTER (WHERE e.kind = 'charge_released') AS released_on,
               min(e.day_count) AS day_count, min(e.capitalised) AS capitalised,
               -- of two switches of one day, the one recorded last
               CASE WHEN bool_or(e.kind = 'interest_separate')
                    THEN care.schedule_agg(e.on_day, CASE WHEN e.kind = 'interest_separate' THEN 2 ELSE 1 END)
                             FILTER (WHERE e.switches AND e.from_last = 1) END AS interest_goes,
               min(e.on_day) FILTER (WHERE e.kind = 'judgment') AS court_from,
               min(e.rate) FILTER (WHERE e.kind = 'judgment') AS court_rate,
               coalesce((array_agg(e.on_day ORDER BY e.event_id DESC) FILTER (WHERE e.kind = 'bears_interest'))[1],
                        c.interest_from) AS bears_from
        FROM chosen AS c LEFT JOIN known AS e ON e.agreement_id = c.agreement_id
        GROUP BY c.agreement_id, c.interest_from
    )
    SELECT e.agreement_id, e.signed_on, e.secured_on, e.ended_on, e.released_on, e.day_count, e.capitalised,
           e.bears_from,
           CASE WHEN e.bears_from IS NOT NULL OR e.interest_goes IS NOT NULL
                THEN care_internal.interest_charged(e.bears_from, e.interest_goes) END,
           e.court_from, e.court_rate
    FROM events AS e;
END;
COMMENT ON FUNCTION care_internal.derived_agreement(bigint[], timestamptz) IS
    'The derived columns of some agreements, worked out from their events as they were known at a moment.';

CREATE FUNCTION care_internal.agreements_known(agreement_ids bigint[], known_at timestamptz)
    RETURNS SETOF care.agreement LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id, a.person_id, a.authority, a.reference, a.applied_on, a.style, a.term, a.with_top_up,
           a.property_use, a.interest_from, a.recorded_at, a.recorded_by, d.signed_on, d.secured_on, d.ended_on,
           d.released_on, d.day_count, d.capitalised, d.bears_from, d.charged, d.court_from, d.court_rate
    FROM care_internal.derived_agreement(agreement_ids, known_at) AS d
        JOIN care.agreement AS a ON a.agreement_id = d.agreement_id;
END;
COMMENT ON FUNCTION care_internal.agreements_known(bigint[], timestamptz) IS
    'Some agreements, with what followed from their steps as they were known at a moment.';

-- By a plan that is made once, of index probes: see rebuild_accounts().
CREATE FUNCTION care_internal.rebuild_agreements() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off SET enable_nestloop = on AS $$
DECLARE
    changed int8[] := ARRAY(SELECT DISTINCT n.agreement_id FROM new_rows AS n ORDER BY n.agreement_id);
    part int8[];
BEGIN
    PERFORM care_internal.plan_as_filled('care.agreement');
    FOR n IN 1 .. cardinality(changed) BY 1000 LOOP
        part := changed[n : n + 999];
        PERFORM FROM care.agreement AS a WHERE a.agreement_id = ANY (part) ORDER BY a.agreement_id FOR NO KEY UPDATE;
        PERFORM care_internal.write_derived('agreement', part);
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.rebuild_agreements() IS
    'Trigger: works out the derived columns of agreements anew, whole, from their events.';
CREATE TRIGGER agreement_event_rebuild AFTER INSERT ON care.agreement_event
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_agreements();
COMMENT ON TRIGGER agreement_event_rebuild ON care.agreement_event IS 'Works out the agreements anew.';

-- There is no event of a new agreement yet: see derive_new_account().
CREATE FUNCTION care_internal.derive_new_agreement() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    SELECT NULL::date, NULL::date, NULL::date, NULL::date, NULL::text, NULL::text, NEW.interest_from,
           CASE WHEN NEW.interest_from BETWEEN '0001-01-01' AND '9999-12-31'
                THEN care_internal.interest_charged(NEW.interest_from, NULL) END, NULL::date, NULL::numeric
    INTO NEW.signed_on, NEW.secured_on, NEW.ended_on, NEW.released_on, NEW.day_count, NEW.capitalised, NEW.bears_from,
         NEW.charged, NEW.court_from, NEW.court_rate;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION care_internal.derive_new_agreement() IS
    'Trigger: works out the derived columns of a new agreement, as derived_agreement() has them where there is no '
    'event.';
CREATE TRIGGER agreement_derive BEFORE INSERT ON care.agreement
    FOR EACH ROW EXECUTE FUNCTION care_internal.derive_new_agreement();
COMMENT ON TRIGGER agreement_derive ON care.agreement IS 'Works out the derived columns.';
