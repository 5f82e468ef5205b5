--
-- report: the banner of people who are detained, and what is to be done about them.
--
-- A place is not shown of a person of whom a pseudonym is in force.
--
-- Must not know: how anything is recorded.
--

CREATE FUNCTION casework.detention_banner(as_at date)
    RETURNS TABLE (person_id bigint, authority text, reference text, kind text, establishment text, place text,
                   from_day date, responsible_authority text, restrictions bigint, is_adult boolean)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT d.person_id, p.authority, p.reference, d.kind, CASE WHEN NOT h.hidden THEN d.establishment END,
           CASE WHEN NOT h.hidden THEN coalesce(d.place, c.label) END, d.from_day,
           CASE WHEN NOT h.hidden THEN casework.responsible_authority(d.person_id, as_at) END,
           (SELECT count(*) FROM casework.restriction_known_at('infinity') AS r
            WHERE r.person_id = d.person_id AND as_at >= r.from_day AND (r.to_day IS NULL OR as_at <= r.to_day)),
           (as_at < b.date_of_birth + interval '18 years') IS NOT TRUE
    FROM casework.detention_known_at('infinity') AS d
        JOIN care.person AS p ON p.person_id = d.person_id
        JOIN casework.authority_seen AS s ON s.authority = p.authority
        LEFT JOIN care.person_detail_known_at('infinity') AS b ON b.person_id = d.person_id
        LEFT JOIN casework.code AS c ON c.list = 'prison_establishment' AND c.code = d.establishment
        CROSS JOIN LATERAL (SELECT casework_internal.alias_on(d.person_id, as_at) IS NOT NULL
                                   OR casework_internal.alias_on(d.person_id, care.today()) IS NOT NULL) AS h (hidden)
    WHERE as_at >= d.from_day AND (d.to_day IS NULL OR as_at <= d.to_day);
END;
COMMENT ON FUNCTION casework.detention_banner(date) IS
    'Who is detained on a day, where and since when, who answers for them, and how many limits are on what they may '
    'have or do; null places: hidden by a pseudonym. is_adult false: under 18, kept apart.';

CREATE FUNCTION casework.arrangement_to_end(as_at date)
    RETURNS TABLE (person_id bigint, authority text, reference text, arrangement_id bigint, kind text, from_day date,
                   detained_from date)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.person_id, p.authority, p.reference, a.arrangement_id, a.kind, a.from_day, d.from_day
    FROM casework.arrangement_known_at('infinity') AS a
        JOIN casework.detention_known_at('infinity') AS d ON d.person_id = a.person_id AND d.from_day >= a.from_day
            AND (a.to_day IS NULL OR d.from_day <= a.to_day)
        JOIN care.person AS p ON p.person_id = a.person_id
        JOIN casework.authority_seen AS s ON s.authority = p.authority
    WHERE d.from_day <= as_at AND (a.kind = 'choice_of_accommodation' AND a.purpose = 'release') IS NOT TRUE;
END;
COMMENT ON FUNCTION casework.arrangement_to_end(date) IS
    'What was arranged before a detention and goes on in it, though it does not apply: to be ended the day before '
    'detained_from.';

CREATE VIEW casework.handover_unaddressed WITH (security_barrier) AS
    SELECT h.person_id, p.authority, p.reference, h.handover_id, h.purpose, h.on_day, h.recorded_at
    FROM casework.handover AS h
        JOIN care.person AS p ON p.person_id = h.person_id
        JOIN casework.authority_seen AS s ON s.authority = p.authority
    WHERE NOT EXISTS (SELECT FROM casework.handover AS c
                      WHERE c.person_id = h.person_id AND c.supersedes = h.handover_id)
      AND h.is_draft AND h.recipient IS NULL;
COMMENT ON VIEW casework.handover_unaddressed IS 'Drafts of documents that nobody is known to receive.';
SELECT care_internal.comment_columns('casework.handover_unaddressed', 'casework.handover', 'care.person');
