--
-- confirmed: nothing is issued on a national maximum rate that is not confirmed.
--
-- Must not know: care accounts, statements.
--

-- What is issued holds the authority to its figures: doc/calculations section 4.1.
CREATE FUNCTION care_internal.rates_to_confirm(agreement_ids bigint[], as_at date)
    RETURNS TABLE (agreement_id bigint, half_year date)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT a.agreement_id, u.half_year
    FROM care_internal.charged_unconfirmed(ARRAY(SELECT DISTINCT x.authority FROM care.agreement AS x
                                                 WHERE x.agreement_id = ANY (agreement_ids))) AS u
        JOIN care.agreement AS a ON a.authority = u.authority
        CROSS JOIN LATERAL (SELECT least(u.to_day, rates_to_confirm.as_at, a.court_from - 1)) AS l (last_day)
    WHERE a.agreement_id = ANY (agreement_ids) AND u.from_day <= l.last_day
      AND (a.bears_from IS NULL OR a.bears_from <= l.last_day)
      AND EXISTS (SELECT FROM care.agreement_entry AS e
                  WHERE e.agreement_id = a.agreement_id AND e.on_day <= l.last_day);
END;
COMMENT ON FUNCTION care_internal.rates_to_confirm(bigint[], date) IS
    'The half-years whose national maximum is to be confirmed on which figures of some agreements at the close of a '
    'day rest: interest ran in them since the first entry, and before a judgment.';

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
