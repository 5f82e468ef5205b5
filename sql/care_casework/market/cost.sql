--
-- cost: what a contracted service costs a week and in a period, exact until it is shown.
--
-- A service is an event of type service.  The frequency beats the planned units where they disagree; a negative amount
-- counts as it would without its sign; without a cost, or without units, a service is left out.
--
-- Must not know: who provides it.
--

-- Units a week as a fraction, so that nothing is rounded on the way: a month is 12/52 of a year's weeks.
CREATE FUNCTION casework_internal.units_a_week(frequency text, planned_units numeric, OUT numerator numeric,
                                               OUT denominator numeric)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN f.n IS NOT NULL THEN f.n ELSE nullif(abs(planned_units), 0) END, coalesce(f.d, 1)
    FROM (VALUES (1)) AS one (x)
        LEFT JOIN (VALUES ('weekly', 1, 1), ('fortnightly', 1, 2), ('4_weekly', 1, 4), ('monthly', 12, 52),
                          ('quarterly', 4, 52), ('annually', 1, 52)) AS f (frequency, n, d)
            ON f.frequency = units_a_week.frequency;
END;
COMMENT ON FUNCTION casework_internal.units_a_week(text, numeric) IS
    'Units a week by a frequency of list cld_cost_frequency, as a fraction; the planned units for what is no period.';

CREATE FUNCTION casework.weekly_cost(unit_cost numeric, frequency text, planned_units numeric DEFAULT NULL)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN frequency <> 'one_off' THEN round(nullif(abs(unit_cost), 0) * u.numerator / u.denominator, 2) END
    FROM casework_internal.units_a_week(frequency, planned_units) AS u;
END;
COMMENT ON FUNCTION casework.weekly_cost(numeric, text, numeric) IS
    'Pounds a week of a service, to the penny; null: it is one-off, or has no cost or no units.';

CREATE FUNCTION casework.period_cost(unit_cost numeric, frequency text, planned_units numeric, from_day date,
                                     to_day date, period_from date, period_to date)
    RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN d.days > 0
                THEN CASE WHEN frequency = 'one_off' THEN round(nullif(abs(unit_cost), 0), 2)
                          ELSE round(nullif(abs(unit_cost), 0) * u.numerator * d.days / (u.denominator * 7), 2) END END
    FROM casework_internal.units_a_week(frequency, planned_units) AS u,
        (SELECT least(coalesce(to_day, period_to), period_to) - greatest(from_day, period_from) + 1) AS d (days);
END;
COMMENT ON FUNCTION casework.period_cost(numeric, text, numeric, date, date, date, date) IS
    'Pounds of a service in a period, rounded once: first and last days count; one-off, its cost once. Null: it is not '
    'in the period, or has no cost or no units.';

-- The services of an authority in a period, with what they cost; to_day is that of the death where it came first.
CREATE FUNCTION casework.contracted_service(period_from date, period_to date, authority text DEFAULT NULL)
    RETURNS TABLE (authority text, person_id bigint, event_id bigint, service_type text, service_component text,
                   delivery_mechanism text, cqc_location_id text, cqc_provider_id text, area text, from_day date,
                   to_day date, days integer, weekly_cost numeric, total numeric)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 10000
BEGIN ATOMIC
    SELECT p.authority, e.person_id, e.event_id, e.service_type, e.service_component, e.delivery_mechanism,
           e.cqc_location_id, l.cqc_provider_id, l.local_authority, e.from_day, x.to_day,
           least(coalesce(x.to_day, period_to), period_to) - greatest(e.from_day, period_from) + 1,
           casework.weekly_cost(e.unit_cost, e.cost_frequency, e.planned_units),
           casework.period_cost(e.unit_cost, e.cost_frequency, e.planned_units, e.from_day, x.to_day, period_from,
                                period_to)
    FROM casework.care_event_known_at('infinity') AS e
        JOIN care.person AS p ON p.person_id = e.person_id
        LEFT JOIN care.death_known_at('infinity') AS d ON d.person_id = e.person_id
        CROSS JOIN LATERAL (SELECT least(e.to_day, CASE WHEN d.died_on >= e.from_day THEN d.died_on END)) AS x (to_day)
        LEFT JOIN casework.location AS l ON l.cqc_location_id = e.cqc_location_id
    WHERE casework_internal.require_authority_or_all(contracted_service.authority)
      AND e.event_type = 'service' AND e.from_day <= period_to AND (x.to_day IS NULL OR x.to_day >= period_from)
      AND (contracted_service.authority IS NULL OR p.authority = contracted_service.authority);
END;
COMMENT ON FUNCTION casework.contracted_service(date, date, text) IS
    'The services in a period, of one authority or all, with where they are, their weekly cost and their cost in the '
    'period in pounds; null where there is no cost or no units. P0002 for what is no authority.';
