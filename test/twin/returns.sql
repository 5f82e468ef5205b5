--
-- returns.sql: random histories of persons, counted for Client Level Data and the tables made from it a second time: one
-- person after another, in loops and day by day, from the facts alone, and compared with care_casework in every cell.
--
--     psql -v seed=1 -v returns=1000 -f test/twin/returns.sql
--
-- Must not know: what casework.cld_unique(), salt_...() are made of.
--
\set QUIET 1
\set ON_ERROR_STOP 1
\if :{?seed} \else \set seed 1 \endif
\if :{?returns} \else \set returns 150 \endif
\pset format unaligned
\pset tuples_only on
SET datestyle = 'ISO, YMD';
SET jit = off;
BEGIN;
SELECT setseed(:seed / 1073741824.0) \g /dev/null
-- the year counted ends here
CREATE FUNCTION pg_temp.last() RETURNS date LANGUAGE sql IMMUTABLE RETURN '2026-03-31'::date;
CREATE FUNCTION pg_temp.first() RETURNS date LANGUAGE sql IMMUTABLE RETURN '2025-04-01'::date;

-- Histories: events close to each other, so that every gap of 0 to 5 and 26 to 31 days comes up; some corrected, void, open.
INSERT INTO care.person (authority, reference) SELECT 'E10000034', 'T' || n FROM generate_series(1, :returns) AS n;
INSERT INTO care.person_detail (person_id, date_of_birth)
SELECT person_id, CASE WHEN random() < 0.9 THEN '2010-03-31'::date - (random() * 30000)::integer END FROM care.person WHERE authority = 'E10000034' AND reference LIKE 'T%';
INSERT INTO care.death (person_id, died_on, known_on)
SELECT person_id, d, d FROM (SELECT person_id, '2025-01-01'::date + (random() * 500)::integer AS d FROM care.person WHERE authority = 'E10000034' AND reference LIKE 'T%') AS x WHERE random() < 0.1;
CREATE FUNCTION pg_temp.populate() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p bigint;
    day date;
    kind text;
    client text;
    ends date;
    added bigint;
BEGIN
    FOR p IN SELECT person_id FROM care.person WHERE authority = 'E10000034' AND reference LIKE 'T%' ORDER BY 1 LOOP
        day := '2024-01-01'::date + (random() * 700)::integer;
        FOR n IN 1 .. (random() * 9)::integer LOOP
            kind := ('{request,request,assessment,service,service,service,service,review}'::text[])[1 + floor(random() * 8)::integer];
            client := CASE WHEN random() < 0.93 THEN 'service_user' WHEN random() < 0.5 THEN 'unpaid_carer' ELSE 'unpaid_carer_assoc' END;
            ends := CASE WHEN kind = 'service' AND random() < 0.25 THEN NULL ELSE day + floor(random() * 20)::integer END;
            INSERT INTO casework.care_event (person_id, event_type, client_type, from_day, to_day, outcome, service_type, delivery_mechanism, unit_cost, support_reason, route_of_access, service_component, review_reason)
            VALUES (p, kind, client, day, ends,
                (ARRAY['reablement', 'assessment', 'planning', 'nfa_nhs', 'nfa_information', 'nfa_deceased', 'nfa_other', 'nfa_ended_other', 'nfa_declined', NULL])[1 + floor(random() * 10)::integer],
                CASE WHEN kind = 'service' AND client <> 'service_user' THEN ('{uc_direct,uc_direct,uc_person,lt_community}'::text[])[1 + floor(random() * 4)::integer] WHEN kind = 'service' THEN ('{st_max,st_max,lt_nursing,lt_residential,lt_community,lt_community,lt_prison,st_low,st_other}'::text[])[1 + floor(random() * 9)::integer] END,
                CASE WHEN kind = 'service' AND random() < 0.6 THEN CASE WHEN client = 'service_user' THEN ('{managed_pb,commissioned}'::text[])[1 + floor(random() * 2)::integer] ELSE ('{managed_pb,commissioned,direct_payment}'::text[])[1 + floor(random() * 3)::integer] END END,
                CASE WHEN kind = 'service' THEN floor(random() * 2) END,
                CASE WHEN random() < 0.5 THEN ('{memory,learning_disability,unknown}'::text[])[1 + floor(random() * 3)::integer] END,
                CASE WHEN kind = 'request' AND random() < 0.5 THEN 'community__other_route' END,
                CASE WHEN kind = 'service' AND client <> 'service_user' AND random() < 0.3 THEN 'unpaid_carer_universal_services' END,
                CASE WHEN kind = 'review' THEN ('{planned,planned,unplanned_hospital,unplanned_other,short_term}'::text[])[1 + floor(random() * 5)::integer] END)
            RETURNING event_id INTO added;
            IF random() < 0.1 THEN
                INSERT INTO casework.care_event (person_id, event_type, client_type, from_day, to_day, outcome, service_type, is_void, supersedes)
                SELECT person_id, event_type, client_type, from_day, to_day, 'planning', service_type, random() < 0.4, event_id FROM casework.care_event WHERE event_id = added;
            ELSIF random() < 0.1 THEN       -- the same once more, with another outcome
                INSERT INTO casework.care_event (person_id, event_type, client_type, from_day, to_day, outcome, service_type, delivery_mechanism, unit_cost, support_reason, route_of_access, service_component, review_reason)
                SELECT person_id, event_type, client_type, from_day, to_day, 'nfa_moved', service_type, delivery_mechanism, unit_cost, support_reason, route_of_access, service_component, review_reason FROM casework.care_event WHERE event_id = added;
            END IF;
            day := coalesce(ends, day) + CASE WHEN random() < 0.7 THEN floor(random() * 6)::integer ELSE 26 + floor(random() * 6)::integer END;
        END LOOP;
    END LOOP;
END
$$;
SELECT pg_temp.populate() \g /dev/null
INSERT INTO casework.client_detail (person_id, accommodation_status, employment_status)
SELECT person_id, ('{owner,refuge,shared_lives,NULL}'::text[])[1 + floor(random() * 4)::integer], CASE WHEN random() < 0.5 THEN 'paid_16_or_more_hours_a_week' END
FROM care.person WHERE authority = 'E10000034' AND reference LIKE 'T%' AND random() < 0.8;
-- what is not committed has no statistics of its own accord
ANALYZE;
SELECT casework.record_cld_submission('E10000034', pg_temp.last()) AS sent \gset

-- The events of the year, one after another.
CREATE TEMP TABLE slow_event AS SELECT e.*, NULL::date AS ends_on, NULL::integer AS age FROM casework.care_event AS e LIMIT 0;
CREATE FUNCTION pg_temp.gather() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    e casework.care_event;
    died date;
    ends date;
    born date;
BEGIN
    FOR e IN SELECT x.* FROM casework.care_event AS x JOIN care.person AS p ON p.person_id = x.person_id WHERE p.authority = 'E10000034' LOOP
        CONTINUE WHEN e.is_void;
        PERFORM FROM casework.care_event AS x WHERE x.supersedes = e.event_id;
        CONTINUE WHEN FOUND;
        SELECT d.died_on INTO died FROM care.death AS d WHERE d.person_id = e.person_id;
        SELECT d.date_of_birth INTO born FROM care.person_detail AS d WHERE d.person_id = e.person_id;
        ends := e.to_day;
        IF died IS NOT NULL AND ends IS NOT NULL AND died >= e.from_day AND died <= ends THEN ends := died; END IF;
        IF died IS NOT NULL AND ends IS NULL AND died > e.from_day THEN ends := died; END IF;
        CONTINUE WHEN e.from_day > pg_temp.last();
        IF e.event_type = 'service' THEN CONTINUE WHEN ends < pg_temp.first(); ELSE CONTINUE WHEN ends IS NULL OR ends < pg_temp.first() OR ends > pg_temp.last(); END IF;
        CONTINUE WHEN died < pg_temp.first() OR died < e.from_day;
        INSERT INTO slow_event SELECT e.*, ends, CASE WHEN born IS NOT NULL THEN date_part('year', age(pg_temp.last(), born))::integer END;
    END LOOP;
END
$$;
SELECT pg_temp.gather() \g /dev/null
-- of two rows of one event, the one that nothing is better than
CREATE FUNCTION pg_temp.rank(outcome text) RETURNS integer LANGUAGE sql STABLE RETURN coalesce((SELECT (details->>'rank')::integer FROM casework.code WHERE list = 'cld_event_outcome' AND code = outcome), 99);
CREATE INDEX ON slow_event (person_id);
DELETE FROM slow_event AS worse USING slow_event AS better
WHERE worse.person_id = better.person_id AND worse.event_id <> better.event_id AND worse.event_type = better.event_type AND worse.client_type = better.client_type AND worse.from_day = better.from_day
  AND coalesce(worse.route_of_access, '') = coalesce(better.route_of_access, '') AND coalesce(worse.review_reason, '') = coalesce(better.review_reason, '')
  AND CASE WHEN worse.event_type <> 'service' THEN worse.ends_on = better.ends_on
           ELSE coalesce(worse.service_type, '') = coalesce(better.service_type, '') AND coalesce(worse.service_component, '') = coalesce(better.service_component, '') AND coalesce(worse.delivery_mechanism, '') = coalesce(better.delivery_mechanism, '') AND coalesce(worse.unit_cost, -1) = coalesce(better.unit_cost, -1) END
  AND CASE WHEN coalesce(worse.ends_on, '9999-12-31') <> coalesce(better.ends_on, '9999-12-31') THEN coalesce(better.ends_on, '9999-12-31') > coalesce(worse.ends_on, '9999-12-31')
           WHEN pg_temp.rank(worse.outcome) <> pg_temp.rank(better.outcome) THEN pg_temp.rank(better.outcome) < pg_temp.rank(worse.outcome)
           ELSE better.event_id > worse.event_id END;

CREATE TEMP TABLE cell (of_table text, cell text, number bigint, counted text);
CREATE FUNCTION pg_temp.band(age integer) RETURNS text LANGUAGE sql IMMUTABLE RETURN CASE WHEN age IS NULL THEN 'unknown' WHEN age < 18 THEN '0-17' WHEN age < 65 THEN '18-64' ELSE '65+' END;
INSERT INTO cell SELECT 'unique', event_type || ' ' || coalesce(service_type, '') || ' ' || coalesce(outcome, ''), count(*), 'slowly' FROM slow_event GROUP BY 2;
INSERT INTO cell SELECT 'unique', event_type || ' ' || coalesce(service_type, '') || ' ' || coalesce(outcome, ''), count(*), 'by casework' FROM casework.cld_unique(ARRAY[:sent]) GROUP BY 2;

-- Long term support, person by person; for more than 12 months, day by day.
CREATE FUNCTION pg_temp.long_term() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p bigint;
    part text;
    place text;
    of_age integer;
    day date;
    covered boolean;
BEGIN
    FOR p IN SELECT DISTINCT person_id FROM slow_event WHERE service_type LIKE 'lt%' AND client_type = 'service_user' LOOP
        FOREACH part IN ARRAY '{a,b,c}'::text[] LOOP
            SELECT s.setting, s.age INTO place, of_age FROM (
                SELECT CASE service_type WHEN 'lt_nursing' THEN 'nursing' WHEN 'lt_residential' THEN 'residential'
                            WHEN 'lt_community' THEN 'community_' || CASE delivery_mechanism WHEN 'managed_pb' THEN 'mpb' WHEN 'commissioned' THEN 'com' ELSE 'unk' END
                            ELSE 'prison_' || CASE delivery_mechanism WHEN 'managed_pb' THEN 'mpb' WHEN 'commissioned' THEN 'com' ELSE 'unk' END END AS setting, age
                FROM slow_event WHERE person_id = p AND service_type LIKE 'lt%' AND client_type = 'service_user' AND from_day <= pg_temp.last() AND (part = 'a' OR ends_on IS NULL OR ends_on >= pg_temp.last())) AS s
            ORDER BY array_position('{nursing,residential,community_dp,community_mpb,community_com,community_unk,prison_mpb,prison_com,prison_unk}', s.setting) LIMIT 1;
            CONTINUE WHEN NOT FOUND;
            IF part = 'c' THEN
                covered := true;
                FOR n IN 0 .. 365 LOOP
                    day := pg_temp.last() - n;
                    PERFORM FROM slow_event WHERE person_id = p AND service_type LIKE 'lt%' AND client_type = 'service_user' AND from_day <= day AND (ends_on IS NULL OR ends_on >= day);
                    IF NOT FOUND THEN covered := false; EXIT; END IF;
                END LOOP;
                CONTINUE WHEN NOT covered;
            END IF;
            INSERT INTO cell VALUES ('LTS001' || part, pg_temp.band(of_age) || ' ' || place, 1, 'slowly');
        END LOOP;
    END LOOP;
END
$$;
SELECT pg_temp.long_term() \g /dev/null
INSERT INTO cell SELECT 'LTS001' || part, l.age_band || ' ' || l.setting, l.people, 'by casework' FROM unnest('{a,b,c}'::text[]) AS part, casework.salt_lts001(ARRAY[:sent], pg_temp.last(), part) AS l;
-- subset and rest make the whole
INSERT INTO cell SELECT 'prison and rest', part || l.age_band || l.setting, l.people, 'slowly' FROM unnest('{a,b,c}'::text[]) AS part, casework.salt_lts001(ARRAY[:sent], pg_temp.last(), part) AS l
UNION ALL SELECT 'prison and rest', part || l.age_band || l.setting, l.people, 'by casework' FROM unnest('{a,b,c}'::text[]) AS part, unnest('{t,f}'::boolean[]) AS prison, casework.salt_lts001(ARRAY[:sent], pg_temp.last(), part, prison) AS l
UNION ALL SELECT 'prison and rest', 'LTS002' || part || l.age_band || l.review || l.setting, l.number, 'slowly' FROM unnest('{a,b}'::text[]) AS part, casework.salt_lts002(ARRAY[:sent], pg_temp.last(), part) AS l
UNION ALL SELECT 'prison and rest', 'LTS002' || part || l.age_band || l.review || l.setting, l.number, 'by casework' FROM unnest('{a,b}'::text[]) AS part, unnest('{t,f}'::boolean[]) AS prison, casework.salt_lts002(ARRAY[:sent], pg_temp.last(), part, prison) AS l
UNION ALL SELECT 'prison and rest', 'STS001' || s.age_band || s.sequel, s.requests, 'slowly' FROM casework.salt_sts001(ARRAY[:sent], pg_temp.first(), pg_temp.last()) AS s
UNION ALL SELECT 'prison and rest', 'STS001' || s.age_band || s.sequel, s.requests, 'by casework' FROM unnest('{t,f}'::boolean[]) AS prison, casework.salt_sts001(ARRAY[:sent], pg_temp.first(), pg_temp.last(), prison) AS s;

-- Reviews of those with long term support; how those with a learning disability live and work.
CREATE FUNCTION pg_temp.reviews() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p record;
    r record;
    place text;
    part text;
    kinds text[];
    reasons text[];
    best record;
    lives record;
    covered boolean;
BEGIN
    FOR p IN SELECT DISTINCT person_id, age FROM slow_event WHERE service_type LIKE 'lt%' AND client_type = 'service_user' LOOP
        FOREACH part IN ARRAY '{a,b}'::text[] LOOP
            SELECT * INTO best FROM pg_temp.served(p.person_id, CASE part WHEN 'a' THEN pg_temp.first() ELSE pg_temp.last() END) LIMIT 1;
            CONTINUE WHEN NOT FOUND;
            kinds := '{}';
            FOR r IN SELECT * FROM slow_event WHERE person_id = p.person_id AND event_type = 'review' AND client_type = 'service_user' AND (review_reason IS NULL OR review_reason <> 'short_term') LOOP
                kinds := kinds || CASE WHEN r.review_reason LIKE 'unplanned%' THEN 'unplanned' ELSE 'planned' END;
                SELECT service_type INTO place FROM slow_event
                WHERE person_id = p.person_id AND client_type = 'service_user' AND service_type LIKE 'lt%' AND from_day >= r.ends_on AND from_day - r.ends_on <= 28 ORDER BY from_day, event_id LIMIT 1;
                IF part = 'a' AND (r.review_reason LIKE 'unplanned%' OR place IN ('lt_nursing', 'lt_residential')) THEN
                    INSERT INTO cell VALUES ('LTS002a', concat_ws(' ', pg_temp.band(p.age), kinds[cardinality(kinds)], coalesce(place, 'no change')), 1, 'slowly');
                END IF;
            END LOOP;
            IF part = 'b' THEN
                covered := true;
                FOR n IN 0 .. 365 LOOP
                    PERFORM FROM pg_temp.served(p.person_id, pg_temp.last() - n, pg_temp.last() - n);
                    IF NOT FOUND THEN covered := false; EXIT; END IF;
                END LOOP;
                IF covered THEN
                    INSERT INTO cell VALUES ('LTS002b', concat_ws(' ', pg_temp.band(p.age), CASE WHEN kinds @> '{planned,unplanned}' THEN 'planned and unplanned' ELSE coalesce(kinds[1], 'none') END, best.setting), 1, 'slowly');
                END IF;
            END IF;
        END LOOP;
        -- of several rows that nothing tells apart, the reason counts if it is one
        SELECT * INTO best FROM pg_temp.served(p.person_id, pg_temp.first()) LIMIT 1;
        SELECT array_agg(DISTINCT s.reason) INTO reasons FROM pg_temp.served(p.person_id, pg_temp.first()) AS s
        WHERE s.setting = best.setting AND (s.reason = 'unknown') = (best.reason = 'unknown') AND s.from_day = best.from_day;
        IF reasons = '{learning_disability}' AND p.age >= 18 AND p.age <= 64 AND best.setting NOT LIKE 'prison%' THEN
            SELECT d.accommodation_status, d.employment_status INTO lives FROM casework.client_detail AS d WHERE d.person_id = p.person_id;
            INSERT INTO cell VALUES ('LTS004', 'accommodation ' || coalesce(lives.accommodation_status, 'unknown'), 1, 'slowly'), ('LTS004', 'employment ' || coalesce(lives.employment_status, 'unknown'), 1, 'slowly');
        END IF;
    END LOOP;
END
$$;
-- Long term services of a person between two days, the best first.
CREATE FUNCTION pg_temp.served(person bigint, first_day date, last_day date DEFAULT pg_temp.last()) RETURNS TABLE (setting text, reason text, from_day date) LANGUAGE sql STABLE AS $$
    SELECT x.setting, x.reason, x.from_day
    FROM (SELECT replace(e.service_type, 'lt_', '')
                 || CASE WHEN e.service_type IN ('lt_community', 'lt_prison') THEN CASE e.delivery_mechanism WHEN 'managed_pb' THEN '_mpb' WHEN 'commissioned' THEN '_com' ELSE '_unk' END ELSE '' END AS setting,
                 coalesce(e.support_reason, 'unknown') AS reason, e.from_day
          FROM slow_event AS e WHERE e.person_id = person AND e.client_type = 'service_user' AND e.service_type LIKE 'lt%' AND e.from_day <= last_day AND (e.ends_on IS NULL OR e.ends_on >= first_day)) AS x
    ORDER BY array_position('{nursing,residential,community_dp,community_mpb,community_com,community_unk,prison_mpb,prison_com,prison_unk}', x.setting), x.reason = 'unknown', x.from_day DESC
$$;
SELECT pg_temp.reviews() \g /dev/null
INSERT INTO cell SELECT 'LTS002' || part, concat_ws(' ', l.age_band, l.review, l.setting), l.number, 'by casework' FROM unnest('{a,b}'::text[]) AS part, casework.salt_lts002(ARRAY[:sent], pg_temp.last(), part) AS l
UNION ALL SELECT 'LTS004', l.item || ' ' || l.status, l.people, 'by casework' FROM casework.salt_lts004(ARRAY[:sent], pg_temp.last()) AS l;

-- Carers, each by the best support they had.
CREATE FUNCTION pg_temp.carers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    p record;
    e record;
    best integer;
BEGIN
    FOR p IN SELECT DISTINCT person_id, age FROM slow_event WHERE client_type <> 'service_user' LOOP
        best := 6;
        FOR e IN SELECT * FROM slow_event WHERE person_id = p.person_id AND client_type <> 'service_user' LOOP
            IF e.service_type = 'uc_direct' AND e.service_component IS NULL THEN
                best := least(best, CASE e.delivery_mechanism WHEN 'direct_payment' THEN 1 WHEN 'managed_pb' THEN 2 WHEN 'commissioned' THEN 3 ELSE 4 END);
            ELSIF e.service_type = 'uc_direct' OR e.outcome = 'nfa_information' THEN
                best := least(best, 5);
            END IF;
        END LOOP;
        INSERT INTO cell VALUES ('LTS003', (ARRAY['0-17', '18-25', '26-64', '65-84', '85+', 'unknown'])[CASE WHEN p.age IS NULL THEN 6 ELSE 1 + (p.age >= 18)::integer + (p.age >= 26)::integer + (p.age >= 65)::integer + (p.age >= 85)::integer END]
            || ' ' || ('{dp,mpb,com,unk,info,none}'::text[])[best], 1, 'slowly');
    END LOOP;
END
$$;
SELECT pg_temp.carers() \g /dev/null
INSERT INTO cell SELECT 'LTS003', age_band || ' ' || support, carers, 'by casework' FROM casework.salt_lts003(ARRAY[:sent], pg_temp.last());

-- Spells of support to maximise independence, one service after another.
CREATE FUNCTION pg_temp.spells() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    e record;
    made integer := 0;
    last_person bigint;
    before_to date;
    s record;
    place text;
    existing boolean;
BEGIN
    CREATE TEMP TABLE spell (n integer, person_id bigint, began date, ended date, outcome text, is_open boolean);
    FOR e IN SELECT * FROM slow_event WHERE service_type = 'st_max' AND client_type = 'service_user' ORDER BY person_id, from_day, ends_on NULLS LAST, event_id LOOP
        IF e.person_id = last_person AND e.from_day - before_to <= 1 THEN
            UPDATE spell SET ended = greatest(ended, e.ends_on), outcome = e.outcome, is_open = is_open OR e.ends_on IS NULL WHERE n = made;
        ELSE
            made := made + 1;
            INSERT INTO spell VALUES (made, e.person_id, e.from_day, e.ends_on, e.outcome, e.ends_on IS NULL);
        END IF;
        last_person := e.person_id;
        before_to := e.ends_on;
    END LOOP;
    FOR s IN SELECT * FROM spell WHERE NOT is_open AND ended BETWEEN pg_temp.first() AND pg_temp.last() LOOP
        PERFORM FROM slow_event WHERE person_id = s.person_id AND client_type = 'service_user' AND service_type LIKE 'lt%' AND from_day <= s.began AND (ends_on IS NULL OR ends_on >= s.began);
        existing := FOUND;
        SELECT service_type INTO place FROM slow_event
        WHERE person_id = s.person_id AND client_type = 'service_user' AND service_type <> 'st_max' AND from_day >= s.ended AND from_day - s.ended <= 3 ORDER BY from_day, event_id LIMIT 1;
        INSERT INTO cell SELECT 'STS002' || CASE WHEN existing THEN 'b' ELSE 'a' END || t, CASE WHEN place LIKE 'lt%' THEN 'lt' WHEN place = 'st_low' THEN 'low_level' WHEN place = 'st_other' THEN 'st_other'
            WHEN s.outcome IN ('nfa_nhs', 'nfa_deceased') THEN 'early_nhs_eol_deceased' WHEN s.outcome = 'nfa_declined' THEN 'declined' WHEN s.outcome = 'nfa_information' THEN 'universal' ELSE 'none_other' END, 1, 'slowly'
        FROM unnest(ARRAY['', CASE WHEN place = 'lt_prison' THEN ' in prison' ELSE ' elsewhere' END]) AS t;
    END LOOP;
END
$$;
SELECT pg_temp.spells() \g /dev/null
INSERT INTO cell SELECT 'STS002' || CASE WHEN new_client THEN 'a' ELSE 'b' END || t.name, sequel, 1, 'by casework'
FROM (VALUES ('', NULL::boolean), (' in prison', true), (' elsewhere', false)) AS t (name, prison), casework.salt_st_max(ARRAY[:sent], pg_temp.first(), pg_temp.last(), t.prison);

-- Requests and what followed, walking from one event to the next.
CREATE FUNCTION pg_temp.requests() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r record;
    e record;
    outcome_now text;
    before_to date;
    last_person bigint;
    place integer;
    best integer;
    sequel text;
    nfas text[];
    born date;
    counted integer := 0;
BEGIN
    CREATE TEMP TABLE joined (person_id bigint, began date, ended date, outcome text, n integer);
    FOR r IN SELECT * FROM slow_event WHERE event_type = 'request' AND client_type = 'service_user' ORDER BY person_id, from_day, ends_on, event_id LOOP
        IF r.person_id = last_person AND r.from_day - before_to <= 4 THEN
            UPDATE joined AS j SET ended = greatest(j.ended, r.ends_on), outcome = r.outcome WHERE j.person_id = r.person_id AND j.n = counted;
        ELSE
            counted := counted + 1;
            INSERT INTO joined VALUES (r.person_id, r.from_day, r.ends_on, r.outcome, counted);
        END IF;
        last_person := r.person_id;
        before_to := r.ends_on;
    END LOOP;
    FOR r IN SELECT * FROM joined LOOP
        PERFORM FROM slow_event WHERE person_id = r.person_id AND client_type = 'service_user' AND service_type LIKE 'lt%' AND from_day <= r.began AND (ends_on IS NULL OR ends_on >= r.began);
        CONTINUE WHEN FOUND;
        before_to := r.ended;
        place := 0;
        best := NULL;
        nfas := '{}';
        FOR e IN SELECT s.* FROM slow_event AS s WHERE s.person_id = r.person_id AND s.client_type = 'service_user' AND s.from_day >= r.began
                 AND NOT (s.event_type = 'request' AND s.from_day <= r.ended) ORDER BY s.from_day, s.ends_on NULLS LAST, s.event_id LOOP
            place := place + 1;
            EXIT WHEN e.event_type = 'request';
            IF place = 1 THEN EXIT WHEN e.ends_on IS NOT NULL AND e.from_day > r.ended + 28; ELSE EXIT WHEN e.from_day > before_to + 3; END IF;
            IF e.event_type = 'service' THEN best := least(best, array_position('{st_max,lt_nursing,lt_residential,lt_community,lt_prison,st_low,st_other}', e.service_type)); END IF;
            IF e.outcome LIKE 'nfa%' THEN nfas := nfas || e.outcome; END IF;
            before_to := e.ends_on;
        END LOOP;
        IF best IS NOT NULL THEN
            sequel := ('{st_max,lt_nursing,lt_residential,lt_community,lt_prison,low_level,st_other}'::text[])[best];
        ELSE
            outcome_now := CASE cardinality(nfas) WHEN 0 THEN r.outcome WHEN 1 THEN nfas[1] ELSE 'nfa_other' END;
            sequel := CASE outcome_now WHEN 'nfa_nhs' THEN 'nhs' WHEN 'nfa_information' THEN 'universal' WHEN 'nfa_deceased' THEN 'none_deceased' WHEN 'nfa_other' THEN 'none_other' WHEN 'nfa_ended_other' THEN 'none_other' ELSE 'unmapped' END;
        END IF;
        SELECT d.date_of_birth INTO born FROM care.person_detail AS d WHERE d.person_id = r.person_id;
        INSERT INTO cell VALUES ('STS001', pg_temp.band(date_part('year', age(r.ended, born))::integer) || ' ' || sequel, 1, 'slowly');
    END LOOP;
END
$$;
SELECT pg_temp.requests() \g /dev/null
INSERT INTO cell SELECT 'STS001', age_band || ' ' || sequel, requests, 'by casework' FROM casework.salt_sts001(ARRAY[:sent], pg_temp.first(), pg_temp.last());

CREATE TEMP TABLE compared AS
SELECT of_table, cell, coalesce(sum(number) FILTER (WHERE counted = 'slowly'), 0) AS slowly, coalesce(sum(number) FILTER (WHERE counted = 'by casework'), 0) AS by_casework
FROM cell GROUP BY 1, 2;
SELECT format('differs: %s, %s: %s slowly, %s by casework', of_table, cell, slowly, by_casework) FROM compared WHERE slowly <> by_casework ORDER BY of_table, cell;
SELECT format('%s - %s: %s cells, %s in all (seed %s)', CASE WHEN bool_and(slowly = by_casework) THEN 'ok' ELSE 'not ok' END, of_table, count(*), sum(slowly), :seed)
FROM compared GROUP BY of_table ORDER BY of_table;
DO $$BEGIN IF EXISTS (SELECT FROM compared WHERE slowly <> by_casework) THEN RAISE EXCEPTION 'casework and the second count differ'; END IF; END$$;
ROLLBACK;
