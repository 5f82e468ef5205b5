--
-- dpa_return: the yearly national return on deferred payment agreements, and its disclosure control.
--
-- Only agreements that are signed and secured count.  doc/calculations section 4, "the return".
--
-- Must not know: care accounts.
--

-- Each agreement that counts, and its part in a year.
CREATE FUNCTION care.dpa_agreement(authority text, from_day date, to_day date)
    RETURNS TABLE (agreement_id bigint, age_band text, style text,
                   opening boolean, new boolean, closing boolean, closed_by text,
                   recovery text, balance numeric, gross numeric,
                   written_off numeric, paid_in_year numeric, recovered numeric,
                   died boolean, days integer, missing text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.agreement_id,
           CASE WHEN d.date_of_birth IS NULL THEN 'not known'
                WHEN a.signed_on < d.date_of_birth + '65 years'::interval THEN '18-64' ELSE '65 and over' END,
           a.style,
           s.counted_from < dpa_agreement.from_day AND o.on_day IS NULL,
           s.counted_from >= dpa_agreement.from_day
               OR (o.on_day IS NOT NULL AND (c.on_day IS NULL OR c.on_day >= dpa_agreement.from_day)),
           c.on_day IS NULL,
           CASE WHEN c.on_day >= dpa_agreement.from_day THEN c.kind END,
           CASE WHEN w.recovery = 'not_attempted' THEN 'not attempted'
                WHEN w.recovery = 'attempted' AND v.recovered > 0 THEN 'attempted, part recovered'
                WHEN w.recovery = 'attempted' THEN 'attempted, nothing recovered' END,
           p.balance, p.deferred + p.administration_charges + p.interest - p.credited, p.written_off, v.paid_in_year,
           greatest(v.recovered - coalesce(p.held, 0), 0.00),
           x.died_on IS NOT NULL, c.on_day - s.counted_from,
           CASE WHEN p.balance IS NULL
                THEN (SELECT m.missing FROM care_internal.missing_rate(a, dpa_agreement.to_day) AS m) END
    FROM care.agreement AS a
        CROSS JOIN LATERAL (SELECT CASE WHEN a.signed_on IS NOT NULL AND a.secured_on IS NOT NULL
                                        THEN greatest(a.signed_on, a.secured_on) END) AS s (counted_from)
        JOIN care.agreement_position(dpa_agreement.to_day) AS p ON p.agreement_id = a.agreement_id
        LEFT JOIN care.person_detail_known_at('infinity'::timestamptz) AS d ON d.person_id = a.person_id
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS x ON x.person_id = a.person_id
            AND x.died_on <= dpa_agreement.to_day
        LEFT JOIN LATERAL care_internal.closed_by(a.agreement_id, dpa_agreement.from_day - 1) AS o ON true
        LEFT JOIN LATERAL care_internal.closed_by(a.agreement_id, dpa_agreement.to_day) AS c ON true
        LEFT JOIN LATERAL (SELECT e.recovery FROM care.agreement_event_in_force AS e
                           WHERE e.agreement_id = a.agreement_id AND e.kind = 'written_off'
                             AND e.on_day <= dpa_agreement.to_day
                           ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1) AS w ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(-sum(e.amount) FILTER (WHERE e.on_day >= dpa_agreement.from_day), 0.00) AS paid_in_year,
                   -- what came in once the debt was to be recovered, at the latest what closed it
                   coalesce(-sum(e.amount) FILTER (WHERE e.on_day >= least(a.ended_on, a.court_from, x.died_on + 1,
                                                                           c.on_day)), 0.00) AS recovered
            FROM care.agreement_entry AS e
            WHERE e.agreement_id = a.agreement_id AND e.kind IN ('payment', 'refund')
              AND e.on_day <= dpa_agreement.to_day) AS v
    WHERE care_internal.require_authority_or_all(dpa_agreement.authority)
      AND (dpa_agreement.authority IS NULL OR a.authority = dpa_agreement.authority)
      AND s.counted_from <= dpa_agreement.to_day;
END;
COMMENT ON FUNCTION care.dpa_agreement(text, date, date) IS
    'Each agreement that counts in the national return of a period, with its part in it: open at the beginning, new, '
    'open at the end, closed by a payment or a write-off; pounds at the end, null where missing says which rate is not '
    'known. P0002 for what is no authority.';

CREATE FUNCTION care.dpa_return(authority text, year_ending date)
    RETURNS TABLE (return_table text, item text, age_band text, number bigint,
                   pounds numeric, missing text)
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    from_day date := care_internal.require_year(year_ending);
BEGIN
    RETURN QUERY
        WITH counted AS MATERIALIZED (
            SELECT x.* FROM care.dpa_agreement(authority, from_day, year_ending) AS x
        ), bands (age_band) AS (VALUES ('18-64'), ('65 and over'), ('not known')),
        activity AS (
            SELECT i.n, i.item, b.age_band, count(c.agreement_id) AS number
            FROM bands AS b
                CROSS JOIN (VALUES (1, 'outstanding at the start'), (2, 'new in the year'),
                                   (3, 'new in the year, loan style'),
                                   (4, 'written off: recovery attempted, nothing recovered'),
                                   (5, 'written off: recovery attempted, part recovered'),
                                   (6, 'written off: recovery not attempted'), (7, 'recovered in full'),
                                   (8, 'outstanding at 31 March')) AS i (n, item)
                LEFT JOIN counted AS c
                    ON c.age_band = b.age_band
                       AND CASE i.n WHEN 1 THEN c.opening WHEN 2 THEN c.new WHEN 3 THEN c.new AND c.style = 'loan'
                                    WHEN 4 THEN c.closed_by = 'write_off'
                                        AND c.recovery = 'attempted, nothing recovered'
                                    WHEN 5 THEN c.closed_by = 'write_off' AND c.recovery = 'attempted, part recovered'
                                    WHEN 6 THEN c.closed_by = 'write_off' AND c.recovery = 'not attempted'
                                    WHEN 7 THEN c.closed_by = 'payment' WHEN 8 THEN c.closing END
            GROUP BY i.n, i.item, b.age_band
        ), finance AS (
            -- a sum without one of its figures is not known either
            SELECT i.n, i.item,
                   CASE WHEN i.n <= 3 AND count(c.missing) > 0 THEN NULL
                        ELSE coalesce(sum(CASE i.n WHEN 1 THEN c.balance WHEN 2 THEN c.gross WHEN 3 THEN c.gross
                                                   WHEN 7 THEN c.recovered WHEN 8 THEN c.recovered
                                                   WHEN 9 THEN c.paid_in_year ELSE c.written_off END), 0.00)
                            END AS pounds,
                   CASE WHEN i.n <= 3 THEN string_agg(DISTINCT c.missing, ', ') END AS missing
            FROM (VALUES (1, 'outstanding at 31 March'), (2, 'new agreements, before payments'),
                         (3, 'new agreements, loan style'),
                         (4, 'written off: recovery attempted, nothing recovered'),
                         (5, 'written off: recovery attempted, part recovered'),
                         (6, 'written off: recovery not attempted'),
                         (7, 'part recovered of those written off'), (8, 'recovered in full'),
                         (9, 'lump-sum payments against existing agreements')) AS i (n, item)
                LEFT JOIN counted AS c
                    ON CASE i.n WHEN 1 THEN c.closing WHEN 2 THEN c.new WHEN 3 THEN c.new AND c.style = 'loan'
                                WHEN 4 THEN c.closed_by = 'write_off' AND c.recovery = 'attempted, nothing recovered'
                                WHEN 5 THEN c.closed_by = 'write_off' AND c.recovery = 'attempted, part recovered'
                                WHEN 6 THEN c.closed_by = 'write_off' AND c.recovery = 'not attempted'
                                WHEN 7 THEN c.closed_by = 'write_off' WHEN 8 THEN c.closed_by = 'payment' WHEN 9
                                     THEN c.closing END
            GROUP BY i.n, i.item
        ), request AS (
            SELECT CASE e.kind WHEN 'refused' THEN 'not provided' WHEN 'offered' THEN 'provided' || CASE
                WHEN a.with_top_up THEN ' with top-up' ELSE ' without top-up' END
                               ELSE 'not decided' END AS decision,
                   a.term, coalesce(a.property_use, 'use not recorded') AS property_use,
                   CASE WHEN q.charge_type IS NULL THEN 'not secured' WHEN q.charge_type = 'legal_charge'
                        AND q.charge_priority = 1 THEN 'first charge'
                        WHEN q.charge_type = 'legal_charge' AND q.charge_priority = 2 THEN 'second charge'
                             ELSE 'other security' END AS security
            FROM care.agreement AS a
                LEFT JOIN LATERAL (SELECT x.kind FROM care.agreement_event_in_force AS x
                                   WHERE x.agreement_id = a.agreement_id AND x.kind IN ('offered', 'refused')
                                     AND x.on_day <= year_ending
                                   ORDER BY x.on_day DESC, x.event_id DESC LIMIT 1) AS e ON true
                LEFT JOIN care.agreement_event_in_force AS q ON q.agreement_id = a.agreement_id AND q.kind = 'secured'
                    AND q.on_day <= year_ending
            WHERE (dpa_return.authority IS NULL OR a.authority = dpa_return.authority)
              AND a.applied_on BETWEEN from_day AND year_ending
        ), nature AS (
            SELECT d.weekly_amount, d.weekly_cost, d.weekly_income - d.allowance_kept > 0 AS contributing
            FROM counted AS c
                CROSS JOIN LATERAL (SELECT x.* FROM care.deferral_in_force(c.agreement_id) AS x
                                    WHERE x.valid_from <= year_ending ORDER BY x.valid_from DESC LIMIT 1) AS d
            WHERE c.closing AND d.weekly_cost > 0
        )
        SELECT r.return_table, r.item, r.age_band, r.number, r.pounds, r.missing
        FROM (SELECT 1 AS t, a.n, 'DPA001' AS return_table, a.item, a.age_band, a.number, NULL::numeric AS pounds,
                     CASE WHEN a.age_band = 'not known' AND a.number > 0 THEN 'dates of birth' END AS missing
              FROM activity AS a WHERE a.age_band <> 'not known' OR a.number > 0
              UNION ALL
              SELECT 2, f.n, 'DPA002', f.item, NULL, NULL, f.pounds, f.missing FROM finance AS f
              UNION ALL
              SELECT 3, 1, 'DPA003', 'requests ' || q.decision, NULL, count(*), NULL,
                     'the categories of reasons for refusal'
              FROM request AS q GROUP BY q.decision
              UNION ALL
              SELECT 3, 2, 'DPA003', v.item, NULL, count(*), NULL, NULL
              FROM request AS q, LATERAL (VALUES ('term: ' || replace(q.term, '_', ' ')),
                                                 ('property: ' || q.property_use), ('security: ' || q.security))
                                                     AS v (item)
              WHERE q.decision LIKE 'provided%' GROUP BY v.item
              UNION ALL
              SELECT 4, 1, 'DPA004', CASE WHEN m.contributing THEN 'contributing from income'
                                          WHEN m.weekly_amount = m.weekly_cost THEN 'full cost deferred'
                                               ELSE 'others contributing' END, NULL, count(*), NULL,
                     'whether the authority itself contributes is not recorded'
              FROM nature AS m GROUP BY 4
              UNION ALL
              SELECT 4, 2, 'DPA004',
                     'weekly deferral ' || CASE WHEN m.weekly_amount < 300 THEN 'under 300 pounds'
                                                WHEN m.weekly_amount <= 400 THEN '300 to 400 pounds'
                                                WHEN m.weekly_amount <= 500 THEN '400 to 500 pounds'
                                                ELSE 'over 500 pounds' END, NULL, count(*), NULL, NULL
              FROM nature AS m GROUP BY 4
              UNION ALL
              SELECT 5, 1, 'DPA005', 'recovered in full, ' || CASE WHEN c.died THEN 'after death' ELSE 'in life' END,
                     NULL, count(*), NULL,
                     format('the bands of duration; on average %s days', round(avg(c.days), 0))
              FROM counted AS c WHERE c.closed_by = 'payment' GROUP BY c.died) AS r
        ORDER BY r.t, r.n, r.item, r.age_band;
END
$$;
COMMENT ON FUNCTION care.dpa_return(text, date) IS
    'The national return on deferred payment agreements for the year to a 31 March, of an authority or (null) all: '
    'DPA001 activity and DPA002 finance whole; of DPA003 to DPA005 what is certain, and in missing what is not.';

-- A separate step: what may be published.
CREATE FUNCTION care.dpa_return_disclosed(authority text, year_ending date)
    RETURNS TABLE (return_table text, item text, age_band text, shown text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.return_table, r.item, r.age_band,
           CASE WHEN r.number < 5 OR abs(r.pounds) < 10000 THEN '[c]'
                WHEN r.number IS NOT NULL THEN (5 * round(r.number / 5.0))::bigint::text
                ELSE r.pounds::text END
    FROM care.dpa_return(authority, year_ending) AS r;
END;
COMMENT ON FUNCTION care.dpa_return_disclosed(text, date) IS
    'The return under the disclosure control of its publication: counts to the nearest 5, 0 to 4 and money under '
    '10,000 pounds as [c].';
