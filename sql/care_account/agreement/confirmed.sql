--
-- confirmed: nothing is issued on a national maximum rate that is not confirmed; what confirming or correcting one
-- changes.
--
-- Must not know: care accounts, statements.
--

CREATE FUNCTION care_internal.interest_by(agreement care.agreement, rates care.schedule, as_at date)
    RETURNS TABLE (interest numeric, balance numeric) LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT p.interest + p.interest_separate, p.balance
    FROM care_internal.agreement_stands(agreement, interest_by.rates, as_at, NULL) AS p;
END;
COMMENT ON FUNCTION care_internal.interest_by(care.agreement, care.schedule, date) IS
    'Interest of an agreement to the close of a day by some rates, added to the debt or paid separately, and what is '
    'owed then; pounds, null where a rate is not known.';

-- What is issued holds the authority to its figures: doc/calculations section 4.1.  They rest on a half-year if they
-- would be others without its interest; most have none in it, as can be seen at once.
CREATE FUNCTION care_internal.rates_to_confirm(agreement_ids bigint[], as_at date)
    RETURNS TABLE (agreement_id bigint, half_year date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT c.agreement_id, c.half_year
    FROM (SELECT DISTINCT a.agreement_id, u.half_year
          FROM care_internal.charged_unconfirmed(ARRAY(SELECT DISTINCT x.authority FROM care.agreement AS x
                                                       WHERE x.agreement_id = ANY (agreement_ids))) AS u
              JOIN care.agreement AS a ON a.authority = u.authority
              CROSS JOIN LATERAL (SELECT least(u.to_day, rates_to_confirm.as_at, a.court_from - 1)) AS l (last_day)
          WHERE a.agreement_id = ANY (agreement_ids) AND u.from_day <= l.last_day
            AND (a.bears_from IS NULL OR a.bears_from <= l.last_day)
            AND EXISTS (SELECT FROM care.agreement_entry AS e
                        WHERE e.agreement_id = a.agreement_id AND e.on_day <= l.last_day) OFFSET 0) AS c
        JOIN care.agreement AS a ON a.agreement_id = c.agreement_id
        CROSS JOIN LATERAL (SELECT r.rates FROM care.effective_rate AS r WHERE r.authority = a.authority OFFSET 0) AS r
        CROSS JOIN LATERAL (SELECT care_internal.masked_rates(r.rates, care.schedule_agg(m.day, m.charged)) AS rates
                            FROM (VALUES ('-infinity'::date, 1), (c.half_year, 0),
                                         ((care.half_year(c.half_year)).last_day + 1, 1)) AS m (day, charged)) AS w
        CROSS JOIN LATERAL care_internal.interest_by(a, r.rates, rates_to_confirm.as_at) AS n
        CROSS JOIN LATERAL care_internal.interest_by(a, w.rates, rates_to_confirm.as_at) AS o
    WHERE n.interest IS DISTINCT FROM o.interest;
END;
COMMENT ON FUNCTION care_internal.rates_to_confirm(bigint[], date) IS
    'The half-years whose national maximum is to be confirmed on which figures of some agreements at the close of a '
    'day rest: without the interest of one they would be others.';

CREATE FUNCTION care_internal.require_rates_confirmed(agreement care.agreement, as_at date) RETURNS void
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    half_years text := (SELECT string_agg(care_internal.day_text(c.half_year), ', ' ORDER BY c.half_year)
                        FROM care_internal.rates_to_confirm(ARRAY[agreement.agreement_id], as_at) AS c);
BEGIN
    IF half_years IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            CONSTRAINT = 'national_rate_confirmed', SCHEMA = 'care', TABLE = 'national_rate', COLUMN = 'status',
            MESSAGE = format('%s: nothing is issued on a national maximum rate that is not confirmed',
                             care_internal.agreement_label(agreement)),
            DETAIL = format('Its figures as at %s rest on the half-years from %s.', care_internal.day_text(as_at),
                            half_years),
            HINT = 'care.national_rate_to_confirm lists them: say what is charged by with '
                   'care.confirm_national_max_rate().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_rates_confirmed(care.agreement, date) IS
    'Refuses (55000, national_rate_confirmed) to issue figures of an agreement as at a day that rest on a national '
    'maximum rate that is not confirmed.';

-- What each authority would charge by, had the row before it stayed in force for a half-year.
CREATE FUNCTION care_internal.rates_before(half_year date)
    RETURNS TABLE (authority text, rates care.schedule, max_before numeric, max_now numeric)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT o.authority,
           CASE WHEN o.has_nought THEN care_internal.masked_rates(care.least(o.rates, m.rates), o.rates)
                ELSE care.least(o.rates, m.rates) END,
           m.max_before, m.max_now
    FROM (SELECT h.max_before, h.max_now,
                 (SELECT care.schedule_agg(x.valid_from, x.value)
                  FROM (SELECT '-infinity'::date, 100
                        UNION ALL
                        SELECT s.valid_from, CASE WHEN s.valid_from = rates_before.half_year THEN h.max_before
                                                  ELSE s.max_percent END
                        FROM care_internal.national_max_steps() AS s) AS x (valid_from, value)) AS rates
          FROM (SELECT n.max_percent AS max_now,
                       lead(n.max_percent) OVER (ORDER BY n.shipped, n.recorded_at DESC) AS max_before,
                       row_number() OVER (ORDER BY n.shipped, n.recorded_at DESC) AS place
                FROM care.national_rate AS n WHERE n.valid_from = rates_before.half_year) AS h
          WHERE h.place = 1 AND h.max_before <> h.max_now OFFSET 0) AS m
        CROSS JOIN care_internal.own_rate('infinity'::timestamptz) AS o;
END;
COMMENT ON FUNCTION care_internal.rates_before(date) IS
    'Part of rate_effect(): the rates of each authority as they were before the national maximum of a half-year was '
    'last confirmed or corrected, with it before and now; no row where that changed nothing.';

CREATE FUNCTION care.rate_effect(half_year date, as_at date DEFAULT care.today())
    RETURNS TABLE (agreement_id bigint, authority text, reference text, max_before numeric, max_now numeric,
                   interest_before numeric, interest_now numeric, difference numeric, to_refund numeric)
    LANGUAGE plpgsql STABLE PARALLEL SAFE ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_half_year('rate_effect()', 'half_year', half_year);
    RETURN QUERY
    SELECT x.agreement_id, x.authority, x.reference, x.max_before, x.max_now, x.interest_before, x.interest_now,
           x.interest_now - x.interest_before, x.interest_before - x.interest_now - x.less_owed
    FROM (SELECT a.agreement_id, a.authority, a.reference, r.max_before, r.max_now,
                 b.interest AS interest_before, n.interest AS interest_now, b.balance - n.balance AS less_owed
          FROM care_internal.rates_before(rate_effect.half_year) AS r
              JOIN care.agreement AS a ON a.authority = r.authority
              JOIN care.effective_rate AS e ON e.authority = a.authority
              CROSS JOIN LATERAL care_internal.interest_by(a, r.rates, rate_effect.as_at) AS b
              CROSS JOIN LATERAL care_internal.interest_by(a, e.rates, rate_effect.as_at) AS n
          WHERE a.signed_on <= (care.half_year(rate_effect.half_year)).last_day
            AND rate_effect.half_year <= rate_effect.as_at AND a.signed_on <= rate_effect.as_at) AS x
    WHERE x.interest_now <> x.interest_before
    ORDER BY x.agreement_id;
END
$$;
COMMENT ON FUNCTION care.rate_effect(date, date) IS
    'What it changed that the national maximum of a half-year was last confirmed or corrected, agreement by agreement '
    'at the close of a day, pounds: interest by the maximum before and by the one now (added to the debt or paid '
    'separately), the difference, and what of a fall does not lower the debt: paid already, and to be refunded.';
