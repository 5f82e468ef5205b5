--
-- casework.sql: random concerns, enquiries and reviews, counted for the Safeguarding Adults Collection a second time:
-- one case after another, in loops, from the facts alone, and compared with care_casework in every cell.
--
--     psql -v seed=1 -v casework=1000 -f test/twin/casework.sql
--
-- Must not know: what casework.sac_return() is made of.
--
\set QUIET 1
\pset format unaligned
\pset tuples_only on
SET datestyle = 'ISO, YMD';
SET jit = off;
SELECT setseed(:seed / 1073741824.0) \g /dev/null

CREATE FUNCTION pg_temp.one_of(list text) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT code FROM casework.code WHERE casework.code.list = one_of.list AND code NOT IN ('*', 'supported') ORDER BY random() LIMIT 1
$$;
CREATE FUNCTION pg_temp.chance(p float8) RETURNS boolean LANGUAGE sql VOLATILE RETURN random() < p;
CREATE FUNCTION pg_temp.day() RETURNS date LANGUAGE sql VOLATILE RETURN '2014-01-01'::date + (random() * 1100)::integer;

-- Random histories, by the functions only; what they refuse is left out.
CREATE FUNCTION pg_temp.populate(wanted integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    person text;
    authority text;
    raised date;
    started date;
    key bigint;
    concern bigint;
    expressed boolean;
BEGIN
    FOR n IN 1 .. wanted LOOP
        authority := CASE WHEN pg_temp.chance(0.8) THEN 'E06000001' ELSE 'E06000002' END;
        person := 'P-' || (random() * wanted / 2)::integer;
        raised := pg_temp.day();
        IF pg_temp.chance(0.6) THEN
            PERFORM care.record_person(authority, person, '1999-04-01'::date - (power(random(), 2) * 30000)::integer);
        END IF;
        IF pg_temp.chance(0.5) THEN
            PERFORM casework.record_profile(authority, person, CASE WHEN pg_temp.chance(0.8) THEN pg_temp.one_of('sac_gender') END,
                        CASE WHEN pg_temp.chance(0.8) THEN pg_temp.one_of('cld_ethnicity') END,
                        CASE WHEN pg_temp.chance(0.8) THEN pg_temp.one_of('cld_primary_support_reason') WHEN pg_temp.chance(0.5) THEN 'none' END,
                        CASE WHEN pg_temp.chance(0.5) THEN ARRAY[pg_temp.one_of('sac_health_condition'), pg_temp.one_of('sac_health_condition')] END);
        END IF;
        IF pg_temp.chance(0.1) THEN
            BEGIN
                started := pg_temp.day();
                PERFORM casework.record_detention(authority, person, 'INST', started, 'ACI', to_day => CASE WHEN pg_temp.chance(0.7) THEN started + (random() * 300)::integer END);
            EXCEPTION WHEN exclusion_violation THEN NULL;
            END;
        END IF;
        IF pg_temp.chance(0.05) THEN
            BEGIN
                PERFORM care.record_death(person, raised + (random() * 400)::integer, '2018-01-01', authority);
            EXCEPTION WHEN invalid_parameter_value OR no_data_found THEN NULL;
            END;
        END IF;
        concern := casework.raise_concern(authority, person, 'C-' || n, raised);
        IF pg_temp.chance(0.05) THEN PERFORM casework.correct_concern(concern, pg_temp.day()); END IF;
        IF pg_temp.chance(0.03) THEN PERFORM casework.withdraw_concern(concern); END IF;
        CONTINUE WHEN pg_temp.chance(0.4);
        started := raised + (random() * 60)::integer;
        key := casework.open_enquiry('E-' || n, ARRAY[concern], started, pg_temp.one_of('sg_enquiry_type'));
        FOR m IN 1 .. (random() * 3)::integer LOOP
            PERFORM casework.record_risk(key, pg_temp.one_of('sac_risk_type'), CASE WHEN pg_temp.chance(0.9) THEN pg_temp.one_of('sac_source_of_risk') END,
                                         CASE WHEN pg_temp.chance(0.9) THEN pg_temp.one_of('sac_location') END);
        END LOOP;
        IF pg_temp.chance(0.1) THEN
            PERFORM casework.record_risk(key, CASE WHEN pg_temp.chance(0.5) THEN pg_temp.one_of('sac_risk_type') END, pg_temp.one_of('sac_source_of_risk'),
                                         supersedes => (SELECT max(risk_id) FROM casework.risk WHERE enquiry_id = key))
            WHERE EXISTS (SELECT FROM casework.risk WHERE enquiry_id = key);
        END IF;
        expressed := pg_temp.chance(0.4);
        PERFORM casework.record_enquiry_detail(key, asked => CASE WHEN expressed THEN 'expressed' WHEN pg_temp.chance(0.7) THEN 'not_asked' END, capacity => 'had');
        IF pg_temp.chance(0.4) THEN PERFORM casework.record_enquiry_detail(key, capacity => 'lacked', supported => pg_temp.chance(0.5)); END IF;
        IF expressed THEN
            PERFORM casework.rate_outcome(key, casework.record_wanted_outcome(key, 'To be safe'), pg_temp.one_of('sac_outcomes_achieved'));
        END IF;
        IF pg_temp.chance(0.7) THEN
            DECLARE
                assessed text := pg_temp.one_of('sac_risk_assessment_outcome');
            BEGIN
                PERFORM casework.conclude_enquiry(key, started + (random() * 400)::integer, 'Done', assessed,
                            CASE WHEN assessed LIKE 'identified%' THEN pg_temp.one_of('sac_risk_outcome') END,
                            CASE WHEN expressed THEN pg_temp.one_of('sac_outcomes_achieved') END);
            END;
            IF pg_temp.chance(0.1) THEN PERFORM casework.reopen_enquiry(key); END IF;
        END IF;
        IF pg_temp.chance(0.03) THEN PERFORM casework.withdraw_enquiry(key); END IF;
        IF pg_temp.chance(0.03) THEN
            started := pg_temp.day();
            PERFORM casework.record_review_subject(casework.record_review(authority, 'S-' || n, started, CASE WHEN pg_temp.chance(0.8) THEN started + 90 END),
                                                   'P-' || (random() * wanted / 2)::integer, pg_temp.chance(0.7), pg_temp.chance(0.5))
            FROM generate_series(1, 1 + (random() * 2)::integer);
        END IF;
    END LOOP;
END
$$;
SELECT pg_temp.populate(:casework) \g /dev/null

-- The slow count.
CREATE TEMP TABLE slow (sac_table text, measure text, row_item text, column_item text, who text, in_prison boolean);

CREATE FUNCTION pg_temp.was_detained(person bigint, day date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    d casework.detention;
BEGIN
    FOR d IN SELECT * FROM casework.detention WHERE person_id = person LOOP
        CONTINUE WHEN EXISTS (SELECT FROM casework.detention WHERE person_id = person AND supersedes = d.detention_id);
        IF d.from_day <= day AND coalesce(d.to_day, day) >= day THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END
$$;

-- Years of age by counting birthdays; someone born on 29 February is older on 28 February.
CREATE FUNCTION pg_temp.years(born date, day date) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    years integer := 0;
BEGIN
    WHILE (born + make_interval(years => years + 1))::date <= day LOOP
        years := years + 1;
    END LOOP;
    RETURN years;
END
$$;

CREATE FUNCTION pg_temp.count_case(measure text, case_key bigint, person bigint, day date, year_ending date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    born date := (SELECT date_of_birth FROM care.person_detail WHERE person_id = person ORDER BY detail_id DESC LIMIT 1);
    died date := (SELECT died_on FROM care.death WHERE person_id = person ORDER BY death_id DESC LIMIT 1);
    p casework.profile;
    prison boolean := pg_temp.was_detained(person, day);
    age integer;
    condition text;
BEGIN
    IF born IS NOT NULL AND pg_temp.years(born, day) < 18 THEN
        RETURN false;
    END IF;
    IF measure LIKE 'concluded%' THEN
        RETURN true;
    END IF;
    SELECT * INTO p FROM casework.profile WHERE person_id = person ORDER BY profile_id DESC LIMIT 1;
    age := pg_temp.years(born, CASE WHEN died < year_ending THEN died ELSE year_ending END);
    INSERT INTO slow VALUES
        ('SG1a', measure, CASE WHEN born IS NULL THEN 'not_known' WHEN age >= 95 THEN '95+' WHEN age >= 85 THEN '85-94' WHEN age >= 75 THEN '75-84' WHEN age >= 65 THEN '65-74' ELSE '18-64' END,
         NULL, 'person ' || person, prison),
        ('SG1b', measure, coalesce(p.gender, 'not_known'), NULL, 'person ' || person, prison),
        ('SG1c', measure, coalesce((SELECT details->>'sac_ethnicity' FROM casework.code WHERE list = 'cld_ethnicity' AND code = p.ethnicity), 'not_known'), NULL, 'person ' || person, prison),
        ('SG1d', measure, CASE WHEN p.support_reason = 'none' THEN 'none' ELSE coalesce((SELECT details->>'sac_support_reason' FROM casework.code WHERE list = 'cld_primary_support_reason' AND code = p.support_reason), 'not_known') END, NULL,
         'case ' || case_key, prison),
        ('SG1f', measure, NULL, NULL, 'case ' || case_key, prison);
    FOREACH condition IN ARRAY coalesce(p.health_conditions, '{}') LOOP
        INSERT INTO slow VALUES ('SG1e', measure, condition, NULL, 'case ' || case_key, prison);
    END LOOP;
    RETURN true;
END
$$;

CREATE FUNCTION pg_temp.count_year(of_authority text, year_ending date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first_day date := year_ending - 365 + CASE WHEN date_part('day', (date_part('year', year_ending) || '-03-01')::date - 1) = 29 THEN 0 ELSE 1 END;
    h record;
    d record;
    c record;
    r record;
    prison boolean;
    a_death boolean;
    measure text;
BEGIN
    TRUNCATE slow;
    FOR h IN SELECT * FROM casework.concern WHERE authority = of_authority LOOP
        SELECT * INTO d FROM casework.concern_detail WHERE concern_id = h.concern_id ORDER BY detail_id DESC LIMIT 1;
        IF d.raised_on >= first_day AND d.raised_on <= year_ending THEN
            PERFORM pg_temp.count_case('concern', h.concern_id, h.person_id, d.raised_on, year_ending);
        END IF;
    END LOOP;
    FOR h IN SELECT * FROM casework.enquiry WHERE authority = of_authority LOOP
        SELECT * INTO d FROM casework.enquiry_detail WHERE enquiry_id = h.enquiry_id ORDER BY detail_id DESC LIMIT 1;
        CONTINUE WHEN d.started_on IS NULL;
        IF d.started_on >= first_day AND d.started_on <= year_ending THEN
            PERFORM pg_temp.count_case(d.type, h.enquiry_id, h.person_id, d.started_on, year_ending);
        END IF;
        SELECT * INTO c FROM casework.conclusion WHERE enquiry_id = h.enquiry_id ORDER BY conclusion_id DESC LIMIT 1;
        CONTINUE WHEN (c.concluded_on >= first_day AND c.concluded_on <= year_ending) IS NOT TRUE;
        measure := 'concluded_' || d.type;
        CONTINUE WHEN NOT pg_temp.count_case(measure, h.enquiry_id, h.person_id, d.started_on, year_ending);
        prison := pg_temp.was_detained(h.person_id, d.started_on);
        FOR r IN SELECT * FROM casework.risk WHERE enquiry_id = h.enquiry_id LOOP
            CONTINUE WHEN r.risk_type IS NULL OR EXISTS (SELECT FROM casework.risk WHERE enquiry_id = h.enquiry_id AND supersedes = r.risk_id);
            IF r.source IS NOT NULL THEN INSERT INTO slow VALUES ('SG2a', measure, r.risk_type, r.source, h.enquiry_id, prison); END IF;
            IF r.location IS NOT NULL THEN INSERT INTO slow VALUES ('SG2a_b1', measure, r.risk_type, r.location, h.enquiry_id, prison); END IF;
            IF r.location IS NOT NULL AND r.source IS NOT NULL THEN INSERT INTO slow VALUES ('SG2b', measure, r.location, r.source, h.enquiry_id, prison); END IF;
        END LOOP;
        INSERT INTO slow VALUES ('SG2c', measure, c.risk_assessment_outcome, NULL, h.enquiry_id, prison), ('SG3a', measure, coalesce(d.capacity, 'not_recorded'), NULL, h.enquiry_id, prison),
                                ('SG4a', measure, coalesce(d.asked, 'not_recorded'), NULL, h.enquiry_id, prison);
        IF c.risk_assessment_outcome IN ('identified_action', 'identified_no_action') THEN INSERT INTO slow VALUES ('SG2e', measure, c.risk_outcome, NULL, h.enquiry_id, prison); END IF;
        IF d.capacity = 'lacked' AND d.supported THEN INSERT INTO slow VALUES ('SG3a', measure, 'supported', NULL, h.enquiry_id, prison); END IF;
        IF d.asked = 'expressed' THEN INSERT INTO slow VALUES ('SG4a', measure, c.achieved, NULL, h.enquiry_id, prison); END IF;
    END LOOP;
    FOR h IN SELECT * FROM casework.review WHERE authority = of_authority LOOP
        SELECT * INTO d FROM casework.review_detail WHERE review_id = h.review_id ORDER BY detail_id DESC LIMIT 1;
        CONTINUE WHEN (d.concluded_on >= first_day AND d.concluded_on <= year_ending) IS NOT TRUE;
        a_death := false;
        prison := false;
        FOR r IN SELECT DISTINCT ON (person_id) * FROM casework.review_subject WHERE review_id = h.review_id ORDER BY person_id, subject_id DESC LOOP
            a_death := a_death OR r.died;
            prison := prison OR pg_temp.was_detained(r.person_id, d.started_on);
            IF r.serious_harm THEN
                INSERT INTO slow VALUES ('SG5b', 'review', CASE WHEN r.died THEN 'harm_died' ELSE 'harm_survived' END, NULL, r.person_id, pg_temp.was_detained(r.person_id, d.started_on));
            END IF;
        END LOOP;
        INSERT INTO slow VALUES ('SG5a', 'review', CASE WHEN a_death THEN 'died' ELSE 'none_died' END, NULL, h.review_id, prison);
    END LOOP;
    -- of a person in two reviews, one death is a death
    UPDATE slow AS s SET row_item = 'harm_died' WHERE s.sac_table = 'SG5b' AND EXISTS (SELECT FROM slow AS o WHERE o.sac_table = 'SG5b' AND o.who = s.who AND o.row_item = 'harm_died');
END
$$;

-- One of whom there are several rows counts once, and in prison if in any.
CREATE FUNCTION pg_temp.differing(of_authority text, year_ending date, prison_only boolean) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*)
    FROM casework.sac_return(of_authority, year_ending, prison_only) AS r
        FULL JOIN (SELECT w.sac_table, w.measure, w.row_item, w.column_item, count(*) AS number
                   FROM (SELECT sac_table, measure, row_item, column_item, who, bool_or(in_prison) AS in_prison FROM slow GROUP BY 1, 2, 3, 4, 5) AS w
                   WHERE prison_only IS NULL OR w.in_prison = prison_only GROUP BY 1, 2, 3, 4) AS s
            ON (s.sac_table, s.measure, coalesce(s.row_item, ''), coalesce(s.column_item, '')) = (r.sac_table, r.measure, coalesce(r.row_item, ''), coalesce(r.column_item, ''))
    WHERE r.number IS DISTINCT FROM coalesce(s.number, 0)
$$;

-- A line for each year and authority: the whole, those in prison, the others, and the checks of the return itself.
CREATE TEMP TABLE compared AS
SELECT y.year_ending, a.authority, 0::bigint AS counted, 0::bigint AS wrong
FROM generate_series(2014, 2018) AS n, LATERAL (SELECT make_date(n, 3, 31)) AS y (year_ending), unnest('{E06000001,E06000002}'::text[]) AS a (authority);
CREATE FUNCTION pg_temp.compare() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT * FROM compared LOOP
        PERFORM pg_temp.count_year(c.authority, c.year_ending);
        UPDATE compared AS k
        SET counted = (SELECT count(*) FROM slow),
            wrong = pg_temp.differing(c.authority, c.year_ending, NULL) + pg_temp.differing(c.authority, c.year_ending, true) + pg_temp.differing(c.authority, c.year_ending, false)
                    + (SELECT count(*) FROM casework.sac_check(c.authority, c.year_ending) WHERE severity = 'error')
        WHERE k.year_ending = c.year_ending AND k.authority = c.authority;
    END LOOP;
END
$$;
SELECT pg_temp.compare() \g /dev/null
SELECT CASE WHEN wrong = 0 THEN 'ok' ELSE 'not ok' END || format(' - the return of %s for %s: %s counts, %s cells differ (seed %s)', authority, year_ending, counted, wrong, :'seed')
FROM compared ORDER BY year_ending, authority;
SELECT CASE WHEN count(*) = 0 THEN 'ok' ELSE 'not ok' END || ' - all is well' FROM (SELECT FROM care.verify() UNION ALL SELECT FROM care.verify_chain()) AS v;
DO $$
BEGIN
    IF EXISTS (SELECT FROM compared WHERE wrong > 0) OR (SELECT sum(counted) FROM compared) = 0 THEN
        RAISE EXCEPTION 'the counts differ';
    END IF;
END
$$;
