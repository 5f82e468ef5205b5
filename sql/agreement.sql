--
-- agreement: what an authority charges on deferred payment agreements, and what happens to each, from
-- the application to the charge being secured.
--
-- The row of an agreement says what was asked for; everything after that is an event, and the columns
-- that follow from the events are rebuilt whole by trigger.
--
-- Must not know: care accounts, entries.
--

CREATE TABLE care.interest_policy (
    authority text NOT NULL
        CONSTRAINT interest_policy_authority_fkey REFERENCES care.authority,
    valid_from date NOT NULL
        CONSTRAINT interest_policy_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    rate care.percent,
    day_count text NOT NULL DEFAULT 'act/act'
        CONSTRAINT interest_policy_known_day_count CHECK (day_count IN ('act/act', 'act/365f')),
    capitalised text NOT NULL DEFAULT 'daily'
        CONSTRAINT interest_policy_known_capitalised
        CHECK (capitalised IN ('daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none')),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT interest_policy_pkey PRIMARY KEY (authority, valid_from, recorded_at)
);
COMMENT ON TABLE care.interest_policy IS
    'What each authority charges on its agreements, dated: one rate for all of them.';
COMMENT ON COLUMN care.interest_policy.authority IS 'The authority.';
COMMENT ON COLUMN care.interest_policy.valid_from IS
    'The day the rate holds from; and agreements signed from that day take the day count and capitalisation.';
COMMENT ON COLUMN care.interest_policy.rate IS
    'The authority''s own rate, per cent a year; null: the national maximum; nought: none. Never more than the '
    'national maximum is charged.';
COMMENT ON COLUMN care.interest_policy.day_count IS 'act/act (366 days in a leap year) or act/365f.';
COMMENT ON COLUMN care.interest_policy.capitalised IS
    'daily, weekly (Sundays), monthly, quarterly, half_yearly, yearly (calendar ends) or none (simple interest).';
COMMENT ON COLUMN care.interest_policy.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.interest_policy.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.interest_policy.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.interest_policy', '');
CREATE TRIGGER interest_policy_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.interest_policy
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_interest_policy()');
COMMENT ON TRIGGER interest_policy_refuse_change ON care.interest_policy IS 'Policies are added to, never changed.';

CREATE VIEW care.interest_policy_in_force AS
    SELECT DISTINCT ON (p.authority, p.valid_from)
           p.authority, p.valid_from, p.rate, p.day_count, p.capitalised, p.source, p.recorded_at, p.recorded_by
    FROM care.interest_policy AS p
    ORDER BY p.authority, p.valid_from, p.recorded_at DESC;
COMMENT ON VIEW care.interest_policy_in_force IS 'The policies that hold now: for each day the row recorded last.';
COMMENT ON COLUMN care.interest_policy_in_force.authority IS 'The authority.';
COMMENT ON COLUMN care.interest_policy_in_force.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.interest_policy_in_force.rate IS
    'The authority''s own rate, per cent a year; null: the national maximum.';
COMMENT ON COLUMN care.interest_policy_in_force.day_count IS 'Day count of agreements signed under it.';
COMMENT ON COLUMN care.interest_policy_in_force.capitalised IS 'Capitalisation of agreements signed under it.';
COMMENT ON COLUMN care.interest_policy_in_force.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.interest_policy_in_force.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.interest_policy_in_force.recorded_by IS 'Who recorded it.';

-- Rates where interest is charged, nought where it is not.
CREATE FUNCTION care.masked_rates(rates care.schedule, charged care.schedule) RETURNS care.schedule
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT care.schedule_agg(d.valid_from, CASE WHEN d.charged = 0 THEN 0 ELSE care.value_on(rates, d.valid_from) END)
    FROM (SELECT s.valid_from, s.value FROM care.steps(masked_rates.charged) AS s
          UNION
          SELECT s.valid_from, care.value_on(masked_rates.charged, s.valid_from) FROM care.steps(rates) AS s
          WHERE isfinite(s.valid_from)) AS d (valid_from, charged)
    WHERE d.charged = 0 OR d.valid_from >= (SELECT min(s.valid_from) FROM care.steps(rates) AS s);
END;
COMMENT ON FUNCTION care.masked_rates(care.schedule, care.schedule) IS
    'A schedule of rates, nought on the days on which the other is nought, known or not.';

-- doc/calculations.md section 4, "rate": on every day the lesser of the authority's rate and the maximum.
-- Before 2015-04-01 there was no maximum (an own rate holds, one at the maximum is not known), and an
-- authority that charges nothing needs none.
CREATE VIEW care.effective_rate AS
    SELECT o.authority,
           CASE WHEN o.has_nought THEN care.masked_rates(care.least(o.rates, m.rates), o.rates)
                ELSE care.least(o.rates, m.rates) END AS rates
    FROM (SELECT care.schedule_agg(x.valid_from, x.value)
          FROM (SELECT '-infinity'::date, 100
                UNION ALL SELECT s.valid_from, s.max_percent FROM care.national_max_steps() AS s)
                    AS x (valid_from, value) OFFSET 0) AS m (rates),
        (SELECT d.authority, care.schedule_agg(d.valid_from, d.rate) AS rates, bool_or(d.rate = 0) AS has_nought
         FROM (SELECT p.authority, x.day AS valid_from, x.rate
               FROM (SELECT q.authority, q.valid_from, q.rate,
                            lead(q.valid_from, 1, 'infinity') OVER (PARTITION BY q.authority
                                                                    ORDER BY q.valid_from) AS next_from
                     FROM care.interest_policy_in_force AS q) AS p,
                   LATERAL (VALUES (p.valid_from, CASE WHEN p.valid_from >= '2015-04-01' THEN coalesce(p.rate, 100)
                                        ELSE p.rate END),
                                   (CASE WHEN p.valid_from < '2015-04-01' AND p.next_from > '2015-04-01'
                                         THEN '2015-04-01'::date END,
                                    coalesce(p.rate, 100))) AS x (day, rate)
               WHERE x.day IS NOT NULL) AS d
         GROUP BY d.authority) AS o;
COMMENT ON VIEW care.effective_rate IS
    'The rate each authority charges, as a schedule: the lesser of its own and the national maximum.';
COMMENT ON COLUMN care.effective_rate.authority IS 'The authority.';
COMMENT ON COLUMN care.effective_rate.rates IS 'Per cent a year; not known where the national maximum is not.';

CREATE FUNCTION care.record_interest_policy(authority text, valid_from date,
                                            rate numeric, source text,
                                            day_count text DEFAULT 'act/act',
                                            capitalised text DEFAULT 'daily',
                                            corrects boolean DEFAULT false)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    half record;
    label text := format('interest policy of %s', authority);
    max_percent numeric;
BEGIN
    PERFORM care.require_authority(authority, valid_from);
    PERFORM care.require_day(label, 'valid_from', valid_from), care.require_text(label, 'source', source),
            care.require_word(label, 'day_count', day_count, '{act/act,act/365f}'),
            care.require_word(label, 'capitalised', capitalised,
                              '{daily,weekly,monthly,quarterly,half_yearly,yearly,none}');
    IF rate IS NOT NULL THEN
        PERFORM care.require_percent(label, 'rate', rate);
    END IF;
    max_percent := care.value_on(care.national_max_rates(), valid_from);
    IF rate > max_percent THEN
        SELECT h.first_day, h.last_day INTO half FROM care.half_year(valid_from) AS h;
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('a rate of %s is above the national maximum of %s for the half-year %s to %s', rate,
                             max_percent,
                             care.day_text(half.first_day), care.day_text(half.last_day)),
            HINT = 'Give a lower rate, or null for the maximum.';
    END IF;
    PERFORM FROM care.authority AS a WHERE a.authority = record_interest_policy.authority FOR NO KEY UPDATE;
    IF NOT corrects AND EXISTS (SELECT FROM care.interest_policy AS p
                                WHERE p.authority = record_interest_policy.authority
                                  AND p.valid_from = record_interest_policy.valid_from) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s already has an interest policy from %s', authority, care.day_text(valid_from)),
            HINT = 'To put another in its place, say corrects => true.';
    END IF;
    INSERT INTO care.interest_policy (authority, valid_from, rate, day_count, capitalised, source)
    VALUES (record_interest_policy.authority, record_interest_policy.valid_from, record_interest_policy.rate,
            record_interest_policy.day_count, record_interest_policy.capitalised, record_interest_policy.source);
END
$$;
COMMENT ON FUNCTION care.record_interest_policy(text, date, numeric, text, text, text, boolean) IS
    'Records what an authority charges from a day: its own rate, or null for the national maximum. A rate above the '
    'maximum is refused (23514).';

-- What may be charged for: doc/calculations.md section 4, "administration charges".
CREATE TABLE care.fee_tariff (
    authority text NOT NULL
        CONSTRAINT fee_tariff_authority_fkey REFERENCES care.authority,
    line text NOT NULL
        CONSTRAINT fee_tariff_has_line CHECK (line <> ''),
    valid_from date NOT NULL
        CONSTRAINT fee_tariff_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    basis text NOT NULL
        CONSTRAINT fee_tariff_known_basis CHECK (basis IN ('one_off', 'yearly', 'weekly', 'per_event', 'at_cost')),
    amount care.pounds
        CONSTRAINT fee_tariff_not_negative CHECK (amount >= 0),
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT fee_tariff_pkey PRIMARY KEY (authority, line, valid_from, recorded_at),
    CONSTRAINT fee_tariff_cost_has_no_amount CHECK ((basis = 'at_cost') = (amount IS NULL))
);
COMMENT ON TABLE care.fee_tariff IS 'The administration charges of each authority, dated, a line for each.';
COMMENT ON COLUMN care.fee_tariff.authority IS 'The authority.';
COMMENT ON COLUMN care.fee_tariff.line IS 'Name of the line, such as setting up.';
COMMENT ON COLUMN care.fee_tariff.valid_from IS 'The day it holds from.';
COMMENT ON COLUMN care.fee_tariff.basis IS
    'one_off: once an agreement; yearly: once in twelve months; weekly and per_event: for each; at_cost: what it cost, '
    'with evidence.';
COMMENT ON COLUMN care.fee_tariff.amount IS 'Pounds for each; null: at cost.';
COMMENT ON COLUMN care.fee_tariff.source IS 'The decision it rests on.';
COMMENT ON COLUMN care.fee_tariff.recorded_at IS 'When the row was recorded; for one day, the last row holds.';
COMMENT ON COLUMN care.fee_tariff.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.fee_tariff', '');
CREATE TRIGGER fee_tariff_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.fee_tariff
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('care.record_fee_tariff()');
COMMENT ON TRIGGER fee_tariff_refuse_change ON care.fee_tariff IS 'Tariffs are added to, never changed.';

CREATE FUNCTION care.fee_tariff_on(authority text, on_day date) RETURNS SETOF care.fee_tariff
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT DISTINCT ON (t.line) t.*
    FROM care.fee_tariff AS t
    WHERE t.authority = fee_tariff_on.authority AND t.valid_from <= on_day
    ORDER BY t.line, t.valid_from DESC, t.recorded_at DESC;
END;
COMMENT ON FUNCTION care.fee_tariff_on(text, date) IS 'The tariff of an authority on a day, a row for each line.';

CREATE FUNCTION care.record_fee_tariff(authority text, line text, valid_from date,
                                       basis text, amount numeric, source text)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('tariff %L of %s', line, authority);
BEGIN
    PERFORM care.require_authority(authority, valid_from);
    PERFORM care.require_text(label, 'line', line), care.require_day(label, 'valid_from', valid_from),
            care.require_text(label, 'source', source);
    PERFORM care.require_word(label, 'basis', basis, '{one_off,yearly,weekly,per_event,at_cost}');
    IF basis <> 'at_cost' THEN
        PERFORM care.require_amount(label, 'amount', amount);
    ELSIF amount IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: a line at cost has no amount of its own', label);
    END IF;
    INSERT INTO care.fee_tariff (authority, line, valid_from, basis, amount, source)
    VALUES (record_fee_tariff.authority, record_fee_tariff.line, record_fee_tariff.valid_from, record_fee_tariff.basis,
            record_fee_tariff.amount, record_fee_tariff.source);
END
$$;
COMMENT ON FUNCTION care.record_fee_tariff(text, text, date, text, numeric, text) IS
    'Records a line of an authority''s tariff of administration charges from a day. Once there is one, every charge '
    'names its line or the evidence of its cost.';

CREATE TABLE care.agreement (
    agreement_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT agreement_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT agreement_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT agreement_authority_fkey REFERENCES care.authority,
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
    interest_from date,
    signed_on date,
    secured_on date,
    ended_on date,
    released_on date,
    day_count text,
    capitalised text,
    charged care.schedule,
    court_from date,
    court_rate numeric,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
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
    'For one made before April 2015: the day its interest starts; infinity: never. Null: from the first entry.';
COMMENT ON COLUMN care.agreement.signed_on IS 'Derived: the day it was signed by all parties.';
COMMENT ON COLUMN care.agreement.secured_on IS 'Derived: the day the security was in place.';
COMMENT ON COLUMN care.agreement.ended_on IS 'Derived: the day it ended.';
COMMENT ON COLUMN care.agreement.released_on IS 'Derived: the day the charge was released.';
COMMENT ON COLUMN care.agreement.day_count IS 'Derived: day count, by the authority''s policy on the day of signing.';
COMMENT ON COLUMN care.agreement.capitalised IS
    'Derived: capitalisation, by the authority''s policy on the day of signing.';
COMMENT ON COLUMN care.agreement.charged IS
    'Derived: 1 while interest is added to the debt, 0 while it is not (before interest_from; while it is paid '
    'separately); null: always 1.';
COMMENT ON COLUMN care.agreement.court_from IS
    'Derived: the day of the county court''s judgment, from which the court rate holds instead.';
COMMENT ON COLUMN care.agreement.court_rate IS 'Derived: the court rate, per cent a year, simple.';
COMMENT ON COLUMN care.agreement.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.agreement', '');
SELECT pg_extension_config_dump('care.agreement_agreement_id_seq', '');
CREATE TRIGGER agreement_refuse_update BEFORE UPDATE ON care.agreement
    FOR EACH ROW EXECUTE FUNCTION care.refuse_update();
COMMENT ON TRIGGER agreement_refuse_update ON care.agreement IS
    'What was asked for is never changed; what follows from events, only by their trigger.';

CREATE TABLE care.agreement_event (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_event_agreement_fkey REFERENCES care.agreement,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_event_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT agreement_event_known_kind CHECK (kind IN (
            'offered', 'refused', 'rate_notified', 'signed', 'secured', 'deferring_stopped', 'deferring_resumed',
            'interest_separate', 'interest_deferred', 'charges_separate', 'charges_deferred', 'reviewed',
            'value_below_debt',
            'statement_requested', 'judgment', 'ended', 'written_off', 'charge_released')),
    reason text,
    meets_criteria boolean,
    override_reason text,
    rate care.percent,
    day_count text
        CONSTRAINT agreement_event_known_day_count CHECK (day_count IN ('act/act', 'act/365f')),
    capitalised text
        CONSTRAINT agreement_event_known_capitalised
        CHECK (capitalised IN ('daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none')),
    charge_type text
        CONSTRAINT agreement_event_known_charge CHECK (charge_type IN ('legal_charge', 'undertaking', 'other')),
    charge_priority integer
        CONSTRAINT agreement_event_priority CHECK (charge_priority > 0),
    title_reference text,
    recovery text
        CONSTRAINT agreement_event_known_recovery CHECK (recovery IN ('not_attempted', 'attempted')),
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    recorded_by text NOT NULL DEFAULT SESSION_USER,
    CONSTRAINT agreement_event_pkey PRIMARY KEY (agreement_id, event_id),
    CONSTRAINT agreement_event_decided CHECK (kind NOT IN ('offered', 'refused') OR meets_criteria IS NOT NULL),
    CONSTRAINT agreement_event_refused_with_reason CHECK (kind <> 'refused' OR coalesce(reason, '') <> ''),
    CONSTRAINT agreement_event_override
        CHECK (NOT (kind = 'refused' AND meets_criteria) OR coalesce(override_reason, '') <> ''),
    CONSTRAINT agreement_event_signed_on_terms
        CHECK ((kind = 'signed') = (day_count IS NOT NULL AND capitalised IS NOT NULL)),
    CONSTRAINT agreement_event_court_has_rate CHECK (kind <> 'judgment' OR rate IS NOT NULL),
    CONSTRAINT agreement_event_recovery CHECK ((kind = 'written_off') = (recovery IS NOT NULL))
);
CREATE UNIQUE INDEX agreement_event_once ON care.agreement_event (agreement_id, kind)
    WHERE kind IN ('signed', 'secured', 'judgment', 'ended', 'charge_released');
COMMENT ON INDEX care.agreement_event_once IS 'These happen to an agreement once.';
COMMENT ON TABLE care.agreement_event IS
    'What happened to each agreement, step by step; the functions of the write interface see to the order.';
COMMENT ON COLUMN care.agreement_event.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_event.event_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_event.on_day IS
    'The day it happened; what it changes, it changes from the start of that day.';
COMMENT ON COLUMN care.agreement_event.kind IS
    'offered, refused; rate_notified to the adult; signed; secured; deferring_stopped, deferring_resumed; '
    'interest_separate (paid, not deferred), interest_deferred; charges_separate, charges_deferred; reviewed (at 70 '
    'per cent); value_below_debt; statement_requested; judgment of the county court; ended; written_off; '
    'charge_released.';
COMMENT ON COLUMN care.agreement_event.reason IS 'Why, or more about it; for secured: the solicitor''s undertaking.';
COMMENT ON COLUMN care.agreement_event.meets_criteria IS 'For a decision: were the criteria of a mandatory offer met?';
COMMENT ON COLUMN care.agreement_event.override_reason IS 'Why one that meets the criteria was refused all the same.';
COMMENT ON COLUMN care.agreement_event.rate IS
    'For rate_notified: the rate the adult was told (null: the national maximum as it moves); for judgment: the court '
    'rate; per cent a year.';
COMMENT ON COLUMN care.agreement_event.day_count IS 'For signed: the day count agreed.';
COMMENT ON COLUMN care.agreement_event.capitalised IS 'For signed: the capitalisation agreed.';
COMMENT ON COLUMN care.agreement_event.charge_type IS 'For secured: legal_charge, undertaking or other.';
COMMENT ON COLUMN care.agreement_event.charge_priority IS 'For secured: 1 for a first charge, 2 for a second.';
COMMENT ON COLUMN care.agreement_event.title_reference IS 'For secured: title number of the property.';
COMMENT ON COLUMN care.agreement_event.recovery IS 'For written_off: was recovery attempted?';
COMMENT ON COLUMN care.agreement_event.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_event.recorded_by IS 'Who recorded the row.';
SELECT pg_extension_config_dump('care.agreement_event', '');
SELECT pg_extension_config_dump('care.agreement_event_event_id_seq', '');
CREATE TRIGGER agreement_event_refuse_change BEFORE UPDATE ON care.agreement_event
    FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_change('the function for what happened');
COMMENT ON TRIGGER agreement_event_refuse_change ON care.agreement_event IS 'Facts are added to, never changed.';

--
-- What follows from the events.
--

CREATE FUNCTION care.derived_agreement(agreement_ids bigint[])
    RETURNS TABLE (agreement_id bigint, signed_on date, secured_on date,
                   ended_on date, released_on date, day_count text,
                   capitalised text, charged care.schedule, court_from date, court_rate numeric)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    WITH chosen AS (
        SELECT a.agreement_id, a.interest_from FROM unnest(agreement_ids) AS u (agreement_id) JOIN care.agreement AS a
            ON a.agreement_id = u.agreement_id
    ), events AS (
        SELECT c.agreement_id,
               min(e.on_day) FILTER (WHERE e.kind = 'signed') AS signed_on,
               min(e.on_day) FILTER (WHERE e.kind = 'secured') AS secured_on,
               min(e.on_day) FILTER (WHERE e.kind = 'ended') AS ended_on,
               min(e.on_day) FILTER (WHERE e.kind = 'charge_released') AS released_on,
               min(e.day_count) AS day_count, min(e.capitalised) AS capitalised,
               -- interest is added to the debt from interest_from on, and not while it is paid separately
               CASE WHEN c.interest_from IS NOT NULL OR bool_or(e.kind = 'interest_separate')
                    THEN care.schedule_agg(e.on_day, (e.kind = 'interest_deferred')::integer)
                             FILTER (WHERE e.kind IN ('interest_separate', 'interest_deferred')) END AS deferred,
               min(e.on_day) FILTER (WHERE e.kind = 'judgment') AS court_from,
               min(e.rate) FILTER (WHERE e.kind = 'judgment') AS court_rate,
               c.interest_from
        FROM chosen AS c
            LEFT JOIN care.agreement_event AS e ON e.agreement_id = c.agreement_id
        GROUP BY c.agreement_id, c.interest_from
    )
    SELECT e.agreement_id, e.signed_on, e.secured_on, e.ended_on, e.released_on, e.day_count, e.capitalised,
           CASE WHEN e.interest_from IS NOT NULL OR e.deferred IS NOT NULL
                THEN (SELECT care.schedule_agg(d.day, CASE WHEN d.day < e.interest_from THEN 0 ELSE d.deferred END)
                      FROM (SELECT '-infinity'::date AS day, 1::numeric AS deferred
                            UNION ALL
                            SELECT s.valid_from, s.value FROM care.steps(e.deferred) AS s
                            WHERE s.valid_from <> e.interest_from OR e.interest_from IS NULL
                            UNION ALL
                            SELECT e.interest_from, coalesce(care.value_on(e.deferred, e.interest_from), 1)
                            WHERE isfinite(e.interest_from)) AS d) END,
           e.court_from, e.court_rate
    FROM events AS e;
END;
COMMENT ON FUNCTION care.derived_agreement(bigint[]) IS
    'The derived columns of some agreements, worked out from their events.';

CREATE FUNCTION care.write_agreements(agreement_ids bigint[]) RETURNS void
    LANGUAGE C STRICT SET search_path = pg_catalog, pg_temp AS 'MODULE_PATHNAME', 'care_write_agreements';
COMMENT ON FUNCTION care.write_agreements(bigint[]) IS
    'Part of rebuild_agreements: writes the derived columns of locked agreements, as they are worked out; nothing else '
    'can.';

CREATE FUNCTION care.rebuild_agreements() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    changed int8[] := ARRAY(SELECT DISTINCT n.agreement_id FROM new_rows AS n);
BEGIN
    PERFORM FROM care.agreement AS a WHERE a.agreement_id = ANY (changed) ORDER BY a.agreement_id FOR NO KEY UPDATE;
    PERFORM care.write_agreements(changed);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care.rebuild_agreements() IS
    'Trigger: works out the derived columns of agreements anew, whole, from their events.';
CREATE TRIGGER agreement_rebuild AFTER INSERT ON care.agreement
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_agreements();
COMMENT ON TRIGGER agreement_rebuild ON care.agreement IS 'Works out the derived columns.';
CREATE TRIGGER agreement_event_rebuild AFTER INSERT ON care.agreement_event
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care.rebuild_agreements();
COMMENT ON TRIGGER agreement_event_rebuild ON care.agreement_event IS 'Works out the agreements anew.';

CREATE FUNCTION care.verify_agreements() RETURNS TABLE (agreement_id bigint, difference text)
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT a.agreement_id, c.name || ': kept ' || coalesce(c.kept, 'null') || ', worked out '
        || coalesce(c.worked_out, 'null')
    FROM care.agreement AS a, care.derived_agreement(ARRAY[a.agreement_id]) AS d,
        LATERAL (VALUES ('signed_on', a.signed_on::text, d.signed_on::text),
                        ('secured_on', a.secured_on::text, d.secured_on::text),
                        ('ended_on', a.ended_on::text, d.ended_on::text),
                        ('released_on', a.released_on::text, d.released_on::text),
                        ('day_count', a.day_count, d.day_count),
                        ('capitalised', a.capitalised, d.capitalised),
                        ('charged', a.charged::text, d.charged::text),
                        ('court_from', a.court_from::text, d.court_from::text),
                        ('court_rate', a.court_rate::text, d.court_rate::text))
            AS c (name, kept, worked_out)
    WHERE c.kept IS DISTINCT FROM c.worked_out
    ORDER BY a.agreement_id;
END;
COMMENT ON FUNCTION care.verify_agreements() IS
    'Works out the derived columns of every agreement anew and lists what differs from what is kept; no row means that '
    'all is well.';

--
-- The write interface: what happens to an agreement, in its order.
--

-- The agreement, or P0002; locked, or not.
CREATE FUNCTION care.require_agreement(agreement_id bigint) RETURNS care.agreement
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    found_row care.agreement;
BEGIN
    SELECT a.* INTO found_row FROM care.agreement AS a WHERE a.agreement_id = require_agreement.agreement_id;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such agreement: %s', coalesce(agreement_id::text, 'null')),
            HINT = 'care.open_agreement() opens one and returns its key.';
    END IF;
    RETURN found_row;
END
$$;
COMMENT ON FUNCTION care.require_agreement(bigint) IS 'The agreement; P0002 if there is none.';

CREATE FUNCTION care.lock_agreement(agreement_id bigint) RETURNS care.agreement
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- a new version of the row, nothing changed: a writer with an older view gets 40001, not a wrong figure
    UPDATE care.agreement AS a SET day_count = a.day_count WHERE a.agreement_id = lock_agreement.agreement_id;
    RETURN care.require_agreement(agreement_id);
END
$$;
COMMENT ON FUNCTION care.lock_agreement(bigint) IS
    'The agreement, locked against other writers; P0002 if there is none.';

-- How an agreement is named in messages.
CREATE FUNCTION care.agreement_label(agreement care.agreement) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN format('agreement %s (%s)', (agreement).agreement_id, (agreement).reference);
COMMENT ON FUNCTION care.agreement_label(care.agreement) IS 'How an agreement is named in messages.';

CREATE FUNCTION care.require_not_released(agreement care.agreement) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF agreement.released_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is over: its charge was released on %s', care.agreement_label(agreement),
                             care.day_text(agreement.released_on));
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_not_released(care.agreement) IS
    'Refuses (55000) what can no longer happen once the charge was released.';

-- Steps follow one another.
CREATE FUNCTION care.require_not_before(label text, name text, day date,
                                        earliest date, because text)
    RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care.require_day(label, name, day);
    IF day < earliest THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: %s cannot be %s: %s on %s', label, name, care.day_text(day), because,
                             care.day_text(earliest));
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_not_before(text, text, date, date, text) IS
    'Refuses what is not a day, and (55000) one before another, saying whose it is and why.';

CREATE FUNCTION care.apply_for_agreement(authority text, reference text,
                                         person_reference text, applied_on date,
                                         date_of_birth date DEFAULT NULL,
                                         style text DEFAULT 'traditional', term text DEFAULT 'lifetime',
                                         with_top_up boolean DEFAULT false, property_use text DEFAULT NULL,
                                         interest_from date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('agreement %s of %s', coalesce(reference, 'null'), coalesce(authority, 'null'));
    new_id int8;
BEGIN
    PERFORM care.require_day(label, 'applied_on', applied_on);
    PERFORM care.require_authority(authority, applied_on);
    PERFORM care.require_text(label, 'reference', reference),
            care.require_text(label, 'person_reference', person_reference);
    PERFORM care.require_word(label, 'style', style, '{traditional,loan}');
    PERFORM care.require_word(label, 'term', term, '{until_sale,lifetime}');
    IF EXISTS (SELECT FROM care.agreement AS a
               WHERE a.authority = apply_for_agreement.authority AND a.reference = apply_for_agreement.reference) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'unique_violation',
            MESSAGE = format('%s already has an agreement with reference %s', authority, reference);
    END IF;
    INSERT INTO care.agreement (person_id, authority, reference, applied_on, style, term, with_top_up, property_use,
                                interest_from)
    VALUES (care.agree_person(apply_for_agreement.authority, apply_for_agreement.person_reference,
                              apply_for_agreement.date_of_birth, NULL),
            apply_for_agreement.authority, apply_for_agreement.reference, apply_for_agreement.applied_on,
            apply_for_agreement.style,
            apply_for_agreement.term, coalesce(apply_for_agreement.with_top_up, false),
            apply_for_agreement.property_use,
            apply_for_agreement.interest_from)
    RETURNING agreement_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.apply_for_agreement(text, text, text, date, date, text, text, boolean, text, date) IS
    'Records that a person asked for a deferred payment agreement and returns its key. Next: decide_application(), '
    'notify_rate(), sign_agreement(), secure_agreement().';

CREATE FUNCTION care.decide_application(agreement_id bigint, on_day date, decision text,
                                        meets_criteria boolean, reason text DEFAULT NULL,
                                        override_reason text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care.require_not_before(label, 'on_day', on_day, agreement.applied_on, 'it was asked for');
    PERFORM care.require_word(label, 'decision', decision, '{offered,refused}');
    IF meets_criteria IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'null_value_not_allowed',
            MESSAGE = format('%s: meets_criteria must not be null', label);
    END IF;
    IF agreement.signed_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is signed: there is nothing to decide', label);
    END IF;
    IF decision = 'refused' AND coalesce(reason, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: a refusal needs a reason', label);
    END IF;
    IF decision = 'refused' AND meets_criteria AND coalesce(override_reason, '') = '' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation',
            MESSAGE = format('%s: one that meets the criteria must be offered', label),
            HINT = 'If there is a lawful reason all the same, say it in override_reason.';
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, reason, override_reason)
    VALUES (agreement.agreement_id, decide_application.on_day, decision, decide_application.meets_criteria,
            decide_application.reason, decide_application.override_reason)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.decide_application(bigint, date, text, boolean, text, text) IS
    'Records that an agreement was offered or refused. Refusing one that meets the criteria needs an override reason '
    '(23514).';

CREATE FUNCTION care.last_decision(agreement_id bigint) RETURNS care.agreement_event
    LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT e FROM care.agreement_event AS e
    WHERE e.agreement_id = last_decision.agreement_id AND e.kind IN ('offered', 'refused')
    ORDER BY e.event_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care.last_decision(bigint) IS 'The last decision on an application, an event; null: none yet.';

CREATE FUNCTION care.require_offered(label text, decision care.agreement_event)
    RETURNS void LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF decision.kind IS DISTINCT FROM 'offered' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has not been offered', label),
            HINT = 'Record the decision with care.decide_application().';
    END IF;
END
$$;
COMMENT ON FUNCTION care.require_offered(text, care.agreement_event) IS
    'Refuses (55000) what needs an offer, unless that was the last decision.';

CREATE FUNCTION care.notify_rate(agreement_id bigint, on_day date, rate numeric)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    new_id int8;
BEGIN
    PERFORM care.require_not_before(label, 'on_day', on_day, agreement.applied_on, 'it was asked for');
    IF rate IS NOT NULL THEN
        PERFORM care.require_percent(label, 'rate', rate);
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, rate)
    VALUES (agreement.agreement_id, notify_rate.on_day, 'rate_notified', notify_rate.rate)
    RETURNING event_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.notify_rate(bigint, date, numeric) IS
    'Records that the adult was told the rate of interest (per cent a year; null: the national maximum as it moves).';

CREATE FUNCTION care.sign_agreement(agreement_id bigint, signed_on date)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
    policy care.interest_policy_in_force;
    decision care.agreement_event := care.last_decision(agreement_id);
BEGIN
    PERFORM care.require_not_before(label, 'signed_on', signed_on, agreement.applied_on, 'it was asked for');
    IF agreement.signed_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s was signed on %s', label, care.day_text(agreement.signed_on));
    END IF;
    PERFORM care.require_offered(label, decision),
            care.require_not_before(label, 'signed_on', signed_on, decision.on_day, 'it was offered');
    SELECT p.* INTO policy FROM care.interest_policy_in_force AS p
    WHERE p.authority = agreement.authority AND p.valid_from <= signed_on
    ORDER BY p.valid_from DESC LIMIT 1;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s has no interest policy on %s', agreement.authority, care.day_text(signed_on)),
            HINT = 'Record it with care.record_interest_policy(): no interest can be charged without one.';
    END IF;
    IF NOT EXISTS (SELECT FROM care.agreement_event AS e
                   WHERE e.agreement_id = agreement.agreement_id AND e.kind = 'rate_notified'
                     AND e.on_day <= sign_agreement.signed_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s: the adult had not been told the rate of interest by %s', label,
                             care.day_text(signed_on)),
            HINT = 'Record it with care.notify_rate(): no interest can be charged without.';
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, day_count, capitalised)
    VALUES (agreement.agreement_id, sign_agreement.signed_on, 'signed', policy.day_count, policy.capitalised);
END
$$;
COMMENT ON FUNCTION care.sign_agreement(bigint, date) IS
    'Records that an agreement was signed by all parties, on the day count and capitalisation of the authority''s '
    'policy that day. 55000 without an offer, a policy, or a notice of the rate.';

CREATE FUNCTION care.secure_agreement(agreement_id bigint, secured_on date,
                                      charge_type text DEFAULT 'legal_charge', charge_priority integer DEFAULT 1,
                                      title_reference text DEFAULT NULL, undertaking text DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agreement care.agreement := care.lock_agreement(agreement_id);
    label text := care.agreement_label(agreement);
BEGIN
    PERFORM care.require_day(label, 'secured_on', secured_on);
    IF agreement.secured_on IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s was secured on %s', label, care.day_text(agreement.secured_on));
    END IF;
    PERFORM care.require_offered(label, care.last_decision(agreement_id)),
            care.require_word(label, 'charge_type', charge_type, '{legal_charge,undertaking,other}');
    IF charge_priority < 1 THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = format('%s: charge_priority must be 1 or more, not %s', label, charge_priority),
            HINT = 'It is 1 for a first charge.';
    END IF;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, charge_type, charge_priority, title_reference, reason)
    VALUES (agreement.agreement_id, secure_agreement.secured_on, 'secured', secure_agreement.charge_type,
            secure_agreement.charge_priority, secure_agreement.title_reference, secure_agreement.undertaking);
END
$$;
COMMENT ON FUNCTION care.secure_agreement(bigint, date, text, integer, text, text) IS
    'Records that the security of an agreement is in place: its kind and priority, the title, the solicitor''s '
    'undertaking.';

CREATE FUNCTION care.open_agreement(authority text, reference text,
                                    person_reference text, signed_on date,
                                    secured_on date, date_of_birth date DEFAULT NULL,
                                    style text DEFAULT 'traditional', term text DEFAULT 'lifetime',
                                    with_top_up boolean DEFAULT false, property_use text DEFAULT NULL,
                                    interest_from date DEFAULT NULL,
                                    charge_type text DEFAULT 'legal_charge', charge_priority integer DEFAULT 1,
                                    title_reference text DEFAULT NULL, undertaking text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    new_id int8;
BEGIN
    IF signed_on IS NULL OR secured_on IS NULL OR NOT isfinite(signed_on) OR NOT isfinite(secured_on) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            MESSAGE = 'signed_on and secured_on must be days',
            HINT = 'One that is not yet signed and secured begins with care.apply_for_agreement().';
    END IF;
    new_id := care.apply_for_agreement(authority, reference, person_reference, signed_on, date_of_birth, style, term,
                                       with_top_up,
                                       property_use, interest_from);
    PERFORM care.decide_application(new_id, signed_on, 'offered', true),
            care.notify_rate(new_id, signed_on, (SELECT care.value_on(r.rates, open_agreement.signed_on)
                                                 FROM care.effective_rate AS r
                                                 WHERE r.authority = open_agreement.authority)),
            care.sign_agreement(new_id, signed_on),
            care.secure_agreement(new_id, secured_on, charge_type, charge_priority, title_reference, undertaking);
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.open_agreement(text, text, text, date, date, date, text, text, boolean, text, date, text,
                                        integer, text, text) IS
    'Records an agreement that is signed and secured already, every step at once, and returns its key: the signed '
    'agreement states the rate of that day. interest_from: for one made before April 2015.';
