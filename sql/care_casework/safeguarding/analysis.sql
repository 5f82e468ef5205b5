--
-- analysis: what adults want and how far it is reached, in which words, and risks in institutions.  No person is seen
-- in any of it, and no number under five.
--
-- What reads here has its owner's rights: who may see the figures need not be let near the records.
--
-- Must not know: how anything is recorded.
--

CREATE FUNCTION casework.wanted_outcome_kind(authority text, year_ending date)
    RETURNS TABLE (kind text, enquiries bigint, wanted bigint, fully bigint, partially bigint, not_achieved bigint)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT k.code, count(DISTINCT o.enquiry_id), count(o.outcome_id),
           count(*) FILTER (WHERE o.achieved = 'fully'), count(*) FILTER (WHERE o.achieved = 'partially'),
           count(*) FILTER (WHERE o.achieved = 'not')
    FROM casework.code AS k
        LEFT JOIN (SELECT r.* FROM casework.outcome_rating_known_at('infinity') AS r
                       JOIN casework_internal.sac_counted(authority, year_ending, true) AS c
                           ON c.case_id = r.enquiry_id
                   WHERE c.is_adult) AS o ON k.code = ANY (o.kinds)
    WHERE k.list = 'sg_wanted_outcome' GROUP BY k.code, k.position ORDER BY k.position;
END;
COMMENT ON FUNCTION casework.wanted_outcome_kind(text, date) IS
    'What adults wanted in enquiries concluded in a year, by kind, and how far it was achieved: true counts.';

CREATE FUNCTION casework.wanted_outcome_published(authority text, year_ending date)
    RETURNS TABLE (kind text, enquiries text, wanted text, fully text, partially text, not_achieved text)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT k.kind, casework.published_number(k.enquiries), casework.published_number(k.wanted),
           casework.published_number(k.fully), casework.published_number(k.partially),
           casework.published_number(k.not_achieved)
    FROM casework.wanted_outcome_kind(authority, year_ending) AS k;
END;
COMMENT ON FUNCTION casework.wanted_outcome_published(text, date) IS
    'What adults wanted in enquiries concluded in a year, by kind, and how far it was achieved, as it may be shown: '
    'small counts hidden, others to the nearest 5.';

-- The words of every name that is kept, as they are and by their stems.
CREATE FUNCTION casework_internal.name_words() RETURNS TABLE (word text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT DISTINCT v.lexeme
    FROM (SELECT n.name FROM casework_secure.name AS n
          UNION ALL SELECT a.alias FROM casework.alias AS a
          UNION ALL SELECT w.representative FROM casework.wanted_outcome AS w
          WHERE w.representative IS NOT NULL) AS x (name)
        CROSS JOIN LATERAL (SELECT t.lexeme FROM unnest(to_tsvector('simple', x.name)) AS t
                            UNION ALL SELECT t.lexeme FROM unnest(to_tsvector('english', x.name)) AS t) AS v;
END;
COMMENT ON FUNCTION casework_internal.name_words() IS 'The words of every name, pseudonym and representative.';

CREATE FUNCTION casework_internal.require_phrase(words integer, least_cases integer) RETURNS integer
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (words BETWEEN 1 AND 3 AND least_cases >= 5) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'phrase_hides_few',
            MESSAGE = 'phrases are of 1 to 3 words, and shown where they are in 5 cases or more',
            HINT = 'words is 1, 2 or 3, and least_cases 5 or more.';
    END IF;
    RETURN words;
END
$$;
COMMENT ON FUNCTION casework_internal.require_phrase(integer, integer) IS
    'Refuses (22023) phrases of other than 1 to 3 words, or in fewer than 5 cases; the number of words.';

CREATE FUNCTION casework.wanted_phrase(authority text, from_day date, to_day date, words integer DEFAULT 1,
                                       least_cases integer DEFAULT 5)
    RETURNS TABLE (phrase text, cases bigint)
    LANGUAGE sql STABLE PARALLEL SAFE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH asked AS (SELECT casework_internal.require_phrase(words, least_cases) AS words),
    said AS (
        SELECT w.enquiry_id, w.outcome_id, v.lexeme, u.position
        FROM asked AS a, casework.wanted_outcome_known_at('infinity') AS w
            JOIN casework.enquiry AS e ON e.enquiry_id = w.enquiry_id
            CROSS JOIN LATERAL unnest(to_tsvector(CASE WHEN a.words = 1 THEN 'english'::regconfig
                                                       ELSE 'simple'::regconfig END, w.own_words)) AS v
            CROSS JOIN LATERAL unnest(v.positions) AS u (position)
        WHERE casework_internal.require_authority_or_all(wanted_phrase.authority)
          AND (wanted_phrase.authority IS NULL OR e.authority = wanted_phrase.authority)
          AND e.started_on BETWEEN from_day AND to_day
    ), following AS (
        SELECT s.enquiry_id, s.lexeme, s.position,
               lead(s.lexeme) OVER said AS second, lead(s.position) OVER said AS second_at,
               lead(s.lexeme, 2) OVER said AS third, lead(s.position, 2) OVER said AS third_at
        FROM said AS s WINDOW said AS (PARTITION BY s.enquiry_id, s.outcome_id ORDER BY s.position)
    ), phrase AS (
        SELECT f.enquiry_id, CASE words WHEN 1 THEN ARRAY[f.lexeme] WHEN 2 THEN ARRAY[f.lexeme, f.second]
                                        ELSE ARRAY[f.lexeme, f.second, f.third] END AS phrase
        FROM following AS f
        WHERE (words < 2 OR f.second_at = f.position + 1) AND (words < 3 OR f.third_at = f.position + 2)
    )
    SELECT array_to_string(p.phrase, ' '), count(DISTINCT p.enquiry_id)
    FROM phrase AS p
    WHERE NOT p.phrase && ARRAY(SELECT n.word FROM casework_internal.name_words() AS n)
    GROUP BY p.phrase
    HAVING count(DISTINCT p.enquiry_id) >= least_cases
    ORDER BY count(DISTINCT p.enquiry_id) DESC, p.phrase;
END;
COMMENT ON FUNCTION casework.wanted_phrase(text, date, date, integer, integer) IS
    'Words (their stems) or phrases of two or three words in what adults wanted in enquiries started in a period, and '
    'in how many enquiries each is: 5 or more, and none with a word of a name that is kept. 22023 for fewer, '
    'P0002 for what is no authority.';

CREATE VIEW casework.institutional_risk WITH (security_barrier) AS
    SELECT x.authority, x.cqc_location_id, x.year_ending, x.risk_type,
           casework.published_number(count(DISTINCT x.enquiry_id)) AS enquiries
    FROM (SELECT e.authority, r.cqc_location_id, r.risk_type, e.enquiry_id,
                 (date_trunc('year', e.started_on - interval '3 months')
                  + interval '15 months - 1 day')::date AS year_ending
          FROM casework.risk AS r
              JOIN casework.enquiry AS e ON e.enquiry_id = r.enquiry_id
              JOIN casework.authority_seen AS a ON a.authority = e.authority
          WHERE r.risk_type IS NOT NULL
            AND NOT EXISTS (SELECT FROM casework.risk AS c
                            WHERE c.enquiry_id = r.enquiry_id AND c.supersedes = r.risk_id)
            AND r.cqc_location_id IS NOT NULL AND e.started_on IS NOT NULL) AS x
    GROUP BY x.authority, x.cqc_location_id, x.year_ending, x.risk_type;
COMMENT ON VIEW casework.institutional_risk IS
    'Risks at locations of regulated providers, by the year in which enquiries started and the type of risk: to be '
    'shared between authorities, without a person, small counts hidden.';
COMMENT ON COLUMN casework.institutional_risk.authority IS 'The authority whose enquiries they are.';
COMMENT ON COLUMN casework.institutional_risk.cqc_location_id IS 'The CQC location.';
COMMENT ON COLUMN casework.institutional_risk.year_ending IS 'The 31 March on which the year ends.';
COMMENT ON COLUMN casework.institutional_risk.risk_type IS 'A code of list sac_risk_type.';
COMMENT ON COLUMN casework.institutional_risk.enquiries IS 'How many enquiries, as published.';
