--
-- dpa_detail: tables DPA003 to DPA005 of the yearly return in detail, and the checks between its tables.
--
-- What is provided is what is new in DPA001: its parts, by top-up, term, use of the property and security, must each
-- add up to that.  What does not is a breach, for which the return asks a reason.  Lists and bands that were not
-- published are settings.
--
-- Must not know: care accounts.
--

SELECT care_internal.keep_setting('dpa_refusal_reasons', '^[^,]+(,[^,]+)*$', 'other',
           'the reasons for refusal of DPA003, in the words of the return: its list was not published'),
       care_internal.keep_setting('dpa_property_uses', '^[^,]+(,[^,]+)*$', 'other',
           'the uses of the property of DPA003, in the words of the return: its list was not published'),
       care_internal.keep_setting('dpa_duration_years', '^[0-9]{1,2}(,[0-9]{1,2})*$', '1,2,3,5',
           'the years at which the bands of DPA005 part: they were not published');

-- One that a list has, or other.
CREATE FUNCTION care_internal.listed(value text, list text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN lower(value) = ANY (string_to_array(lower(list), ',')) THEN lower(value)
                WHEN value IS NULL THEN 'not recorded' ELSE 'other' END;
COMMENT ON FUNCTION care_internal.listed(text, text) IS
    'A value that a comma-separated list has, other for one that it has not, not recorded for none.';

-- The parts of each agreement that is new in the year.
CREATE FUNCTION care_internal.dpa_new(authority text, from_day date, to_day date)
    RETURNS TABLE (agreement_id bigint, age_band text, with_top_up boolean, term text, property_use text, security text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT x.agreement_id, x.age_band, a.with_top_up, a.term,
           care_internal.listed(a.property_use, care.setting_on(a.authority, 'dpa_property_uses', dpa_new.to_day)),
           q.security
    FROM care.dpa_agreement(dpa_new.authority, dpa_new.from_day, dpa_new.to_day) AS x
        JOIN care.agreement AS a ON a.agreement_id = x.agreement_id
        LEFT JOIN LATERAL (
            -- by the best charge, once
            SELECT CASE WHEN e.charge_type IS NULL OR e.charge_type = 'legal_charge' AND e.charge_priority IS NULL
                THEN NULL
                        WHEN e.charge_type = 'legal_charge' AND e.charge_priority = 1 THEN 'first charge'
                        WHEN e.charge_type = 'legal_charge' AND e.charge_priority = 2 THEN 'second charge'
                        ELSE 'other security' END
            FROM care.agreement_event_in_force AS e
            WHERE e.agreement_id = x.agreement_id AND e.kind = 'secured' AND e.on_day <= dpa_new.to_day
            ORDER BY e.charge_type <> 'legal_charge', e.charge_priority LIMIT 1) AS q (security) ON true
    WHERE x.new;
END;
COMMENT ON FUNCTION care_internal.dpa_new(text, date, date) IS
    'Each agreement that is new in a year, with what DPA003 tells of it; security null: which charge is not recorded.';

CREATE FUNCTION care.dpa003(authority text, year_ending date)
    RETURNS TABLE (part text, item text, age_band text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.part, p.item, n.age_band, count(*)
    FROM care_internal.dpa_new(dpa003.authority, care_internal.require_year(year_ending), year_ending) AS n
        CROSS JOIN LATERAL (VALUES
            ('3a', 'provided, ' || CASE WHEN n.with_top_up THEN 'with top-up' ELSE 'no top-up' END),
            ('3b', CASE n.term WHEN 'until_sale' THEN 'until sale' ELSE 'lifetime' END),
            ('3c', n.property_use), ('3d', n.security)) AS p (part, item)
    WHERE p.item IS NOT NULL
    GROUP BY p.part, p.item, n.age_band
    UNION ALL
    -- refused at last: nobody decided otherwise since
    SELECT '3a', 'not provided: ' || care_internal.listed(e.reason, care.setting_on(a.authority, 'dpa_refusal_reasons',
                                                                                    year_ending)),
           CASE WHEN d.date_of_birth IS NULL THEN 'not known'
                WHEN e.on_day < d.date_of_birth + interval '65 years' THEN '18-64' ELSE '65 and over' END, count(*)
    FROM care.agreement AS a
        JOIN LATERAL (SELECT x.kind, x.on_day, x.reason FROM care.agreement_event_in_force AS x
                      WHERE x.agreement_id = a.agreement_id AND x.kind IN ('offered', 'refused')
                        AND x.on_day <= year_ending
                      ORDER BY x.on_day DESC, x.event_id DESC LIMIT 1) AS e ON e.kind = 'refused'
        LEFT JOIN care.person_detail_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
    WHERE (dpa003.authority IS NULL OR a.authority = dpa003.authority)
      AND e.on_day >= care_internal.require_year(year_ending)
    GROUP BY 2, 3
    ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION care.dpa003(text, date) IS
    'DPA003 for the year to a 31 March, by age band: 3a what was provided or finally refused, by reason; 3b for how '
    'long; 3c planned use of the property; 3d security. An application that is not decided is in none of them. '
    '22023 for another day, P0002 for what is no authority.';

-- What is left of the cost when the person, third parties and the deferral have paid their parts is the authority's.
CREATE FUNCTION care.dpa004(authority text, year_ending date)
    RETURNS TABLE (part text, item text, age_band text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.part, p.item, x.age_band, count(*)
    FROM care.dpa_agreement(dpa004.authority, care_internal.require_year(year_ending), year_ending) AS x
        CROSS JOIN LATERAL (SELECT d.* FROM care.deferral_in_force(x.agreement_id) AS d
                            WHERE d.valid_from <= year_ending ORDER BY d.valid_from DESC LIMIT 1) AS d
        CROSS JOIN LATERAL (VALUES
            ('4a', CASE WHEN d.weekly_amount >= d.weekly_cost THEN 'full cost deferred' END),
            ('4a', CASE WHEN d.weekly_income - d.allowance_kept + d.rent > 0 THEN 'contributing from income' END),
            ('4a', CASE WHEN d.weekly_cost - d.weekly_amount - d.third_party - d.rent
                             - greatest(d.weekly_income - d.allowance_kept, 0) > 0 THEN 'authority contributing' END),
            ('4b', CASE WHEN d.weekly_amount < 300 THEN 'under 300 pounds'
                        WHEN d.weekly_amount <= 400 THEN '300 to 400 pounds'
                        WHEN d.weekly_amount <= 500 THEN '400 to 500 pounds'
                        ELSE 'over 500 pounds' END)) AS p (part, item)
    WHERE x.closing AND d.weekly_cost > 0 AND p.item IS NOT NULL
    GROUP BY p.part, p.item, x.age_band ORDER BY 1, 2, 3;
END;
COMMENT ON FUNCTION care.dpa004(text, date) IS
    'DPA004 on a 31 March, by age band: 4a the full cost deferred, contributing from income, the authority '
    'contributing (one agreement may be in two); 4b bands of pounds a week. 22023 and P0002 as for care.dpa003().';

CREATE FUNCTION care.dpa005(authority text, year_ending date)
    RETURNS TABLE (item text, duration text, age_band text, number bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN x.died THEN 'by death' ELSE 'in life' END,
           CASE WHEN b.upper IS NULL THEN b.lower || ' years and over' ELSE b.lower || ' to under ' || b.upper
               || ' years' END,
           x.age_band, count(*)
    FROM care.dpa_agreement(dpa005.authority, care_internal.require_year(year_ending), year_ending) AS x
        JOIN care.agreement AS a ON a.agreement_id = x.agreement_id
        CROSS JOIN LATERAL (SELECT greatest(a.signed_on, a.secured_on)) AS s (counted_from)
        CROSS JOIN LATERAL (
            SELECT u.year AS lower, lead(u.year) OVER (ORDER BY u.year) AS upper
            FROM (SELECT 0 AS year UNION
                  SELECT y::integer FROM unnest(string_to_array(care.setting_on(a.authority, 'dpa_duration_years',
                                                                                year_ending), ',')) AS y) AS u) AS b
    WHERE x.closed_by = 'payment'
      AND s.counted_from + x.days >= s.counted_from + make_interval(years => b.lower)
      AND (b.upper IS NULL OR s.counted_from + x.days < s.counted_from + make_interval(years => b.upper))
    GROUP BY 1, 2, 3, b.lower ORDER BY 1, b.lower, 3;
END;
COMMENT ON FUNCTION care.dpa005(text, date) IS
    'DPA005 for the year to a 31 March: agreements recovered in full, by death or in life, by how long they ran, in '
    'the bands of the setting dpa_duration_years. 22023 and P0002 as for care.dpa003().';

CREATE TABLE care.dpa_explanation (
    explanation_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT dpa_explanation_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT dpa_explanation_authority_fkey REFERENCES care.local_authority,
    year_ending date NOT NULL
        CONSTRAINT dpa_explanation_finite_year CHECK (year_ending BETWEEN '0001-01-01' AND '9999-12-31'),
    rule text NOT NULL
        CONSTRAINT dpa_explanation_known_rule CHECK (rule IN ('3a', '3b', '3c', '3d', '5')),
    reason text NOT NULL
        CONSTRAINT dpa_explanation_has_reason CHECK (reason <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.dpa_explanation IS 'Why a check of the return is not met; the last one holds.';
COMMENT ON COLUMN care.dpa_explanation.explanation_id IS 'Key.';
COMMENT ON COLUMN care.dpa_explanation.authority IS 'The authority.';
COMMENT ON COLUMN care.dpa_explanation.year_ending IS 'The return: the year to that 31 March.';
COMMENT ON COLUMN care.dpa_explanation.rule IS 'The part that does not add up to DPA001: 3a to 3d, or 5.';
COMMENT ON COLUMN care.dpa_explanation.reason IS 'Why.';
COMMENT ON COLUMN care.dpa_explanation.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.dpa_explanation.recorded_by IS 'Who recorded the row.';
CREATE TRIGGER dpa_explanation_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.dpa_explanation
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_dpa_explanation()');
COMMENT ON TRIGGER dpa_explanation_refuse_change ON care.dpa_explanation IS 'Reasons are added to, never changed.';
SELECT care_internal.keep_reference('care.dpa_explanation');
SELECT pg_extension_config_dump('care.dpa_explanation_explanation_id_seq', '');

CREATE FUNCTION care.dpa_check(authority text, year_ending date)
    RETURNS TABLE (rule text, meaning text, number bigint, expected bigint, breach boolean, reason text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH counted AS MATERIALIZED (
        SELECT count(*) FILTER (WHERE x.new) AS new, count(*) FILTER (WHERE x.closed_by = 'payment') AS recovered
        FROM care.dpa_agreement(dpa_check.authority, care_internal.require_year(year_ending), year_ending) AS x
    ), parts AS MATERIALIZED (
        SELECT r.part, sum(r.number) FILTER (WHERE r.item NOT LIKE 'not provided%') AS number
        FROM care.dpa003(dpa_check.authority, dpa_check.year_ending) AS r GROUP BY r.part
    ), checked AS (
        SELECT v.rule, v.meaning, coalesce(p.number, 0)::bigint AS number, c.new AS expected
        FROM (VALUES ('3a', 'provided = new in DPA001'), ('3b', 'by duration = new in DPA001'),
                     ('3c', 'by use of the property = new in DPA001'), ('3d', 'by security = new in DPA001'))
            AS v (rule, meaning) CROSS JOIN counted AS c LEFT JOIN parts AS p ON p.part = v.rule
        UNION ALL
        SELECT '5', 'by duration = recovered in DPA001',
               coalesce((SELECT sum(f.number) FROM care.dpa005(dpa_check.authority, dpa_check.year_ending) AS f),
                   0)::bigint,
               c.recovered FROM counted AS c
    )
    SELECT k.rule, k.meaning, k.number, k.expected, k.number <> k.expected,
           CASE WHEN k.number <> k.expected
                THEN (SELECT e.reason FROM care.dpa_explanation AS e
                      WHERE e.authority = dpa_check.authority AND e.year_ending = dpa_check.year_ending
                        AND e.rule = k.rule
                      ORDER BY e.explanation_id DESC LIMIT 1) END
    FROM checked AS k ORDER BY k.rule;
END;
COMMENT ON FUNCTION care.dpa_check(text, date) IS
    'The checks of the return for the year to a 31 March: each part against DPA001. A breach without a reason is to be '
    'explained with care.record_dpa_explanation().';

CREATE FUNCTION care.record_dpa_explanation(authority text, year_ending date, rule text, reason text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('return of %s to %s', authority, care_internal.day_text(year_ending));
BEGIN
    PERFORM care_internal.require_authority(authority, NULL), care_internal.require_actor(authority),
            care_internal.require_day(label, 'year_ending', year_ending),
            care_internal.require_word(label, 'rule', rule, '{3a,3b,3c,3d,5}'),
            care_internal.require_text(label, 'reason', reason);
    IF NOT EXISTS (SELECT FROM care.dpa_check(record_dpa_explanation.authority, record_dpa_explanation.year_ending) AS c
                   WHERE c.rule = record_dpa_explanation.rule AND c.breach) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'dpa_rule_breached',
            MESSAGE = format('%s: rule %s is met, and needs no reason', label, rule);
    END IF;
    INSERT INTO care.dpa_explanation (authority, year_ending, rule, reason)
    VALUES (record_dpa_explanation.authority, record_dpa_explanation.year_ending, record_dpa_explanation.rule,
            record_dpa_explanation.reason);
END
$$;
COMMENT ON FUNCTION care.record_dpa_explanation(text, date, text, text) IS
    'Records why a check of the return is not met; 55000 for one that is.';
