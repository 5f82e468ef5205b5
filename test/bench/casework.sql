--
-- casework: the yearly return of 200,000 concerns, a quarter of Client Level Data of 100,000 events, and a published file
-- of 56,000 locations.
--
-- The return against counting the same rows by what it counts them by; the export against copying the same rows from a
-- table that holds them; the file against ten seconds.
--
-- Needs the variable concerns.  Must not know: accounts, agreements.
--

SET client_min_messages = warning;
CREATE EXTENSION care_casework;

-- A code of a list, and a day of the year, by a number.
CREATE TABLE bench.codes AS
    SELECT c.list, array_agg(c.code ORDER BY c.code) AS codes FROM casework.code AS c
    WHERE c.code <> '*' AND c.valid_to IS NULL GROUP BY c.list;
CREATE FUNCTION bench.code(list text, n bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT c.codes[1 + n % cardinality(c.codes)] FROM bench.codes AS c WHERE c.list = code.list
$$;
CREATE FUNCTION bench.day(n bigint) RETURNS date LANGUAGE sql IMMUTABLE RETURN date '2025-04-01' + (n * 7919 % 365)::integer;

CALL bench.load('persons with casework', format($$
    INSERT INTO care.person (authority, reference) SELECT 'E10000016', 'W' || n FROM generate_series(1, %s) AS n
    $$, :concerns / 2));
CREATE TABLE bench.worked AS
    SELECT p.person_id, row_number() OVER (ORDER BY p.person_id) AS n FROM care.person AS p
    WHERE p.authority = 'E10000016' AND p.reference LIKE 'W%';
INSERT INTO care.person_detail (person_id, date_of_birth)
SELECT w.person_id, date '1925-01-01' + (w.n * 7919 % 28000)::integer FROM bench.worked AS w;
INSERT INTO casework.profile (person_id, gender, ethnicity, support_reason)
SELECT w.person_id, bench.code('sac_gender', w.n), bench.code('cld_ethnicity', w.n), bench.code('cld_primary_support_reason', w.n)
FROM bench.worked AS w WHERE w.n % 10 > 0;

-- Two concerns a person; a third of them an enquiry, concluded but for a tenth, of one risk or (a fifth) two.
CALL bench.load('concerns', $$
    INSERT INTO casework.concern (person_id, authority, reference)
    SELECT w.person_id, 'E10000016', 'C' || w.n || '/' || k FROM bench.worked AS w, generate_series(1, 2) AS k ORDER BY w.n, k
    $$);
INSERT INTO casework.concern_detail (concern_id, raised_on, location)
SELECT c.concern_id, bench.day(c.concern_id), bench.code('sac_location', c.concern_id) FROM casework.concern AS c ORDER BY 1;
CALL bench.load('enquiries', $$
    INSERT INTO casework.enquiry (person_id, authority, reference)
    SELECT c.person_id, c.authority, 'E' || c.concern_id FROM casework.concern AS c WHERE c.concern_id % 3 = 0 ORDER BY c.concern_id
    $$);
INSERT INTO casework.enquiry_detail (enquiry_id, type, started_on, asked, capacity, supported)
SELECT e.enquiry_id, bench.code('sg_enquiry_type', e.enquiry_id), bench.day(e.enquiry_id),
       bench.code('sac_outcomes_asked', e.enquiry_id), bench.code('sac_capacity', e.enquiry_id), e.enquiry_id % 2 = 0
FROM casework.enquiry AS e ORDER BY 1;
INSERT INTO casework.risk (enquiry_id, risk_type, source, location)
SELECT e.enquiry_id, bench.code('sac_risk_type', e.enquiry_id + k), bench.code('sac_source_of_risk', e.enquiry_id / 2),
       bench.code('sac_location', e.enquiry_id / 3)
FROM casework.enquiry AS e, generate_series(1, CASE WHEN e.enquiry_id % 5 = 0 THEN 2 ELSE 1 END) AS k ORDER BY e.enquiry_id, k;
INSERT INTO casework.conclusion (enquiry_id, concluded_on, action_taken, risk_assessment_outcome, risk_outcome, achieved)
SELECT e.enquiry_id, least(e.started_on + 30, '2026-03-31'), 'Done', o.outcome,
       CASE WHEN o.outcome LIKE 'identified%' THEN bench.code('sac_risk_outcome', e.enquiry_id) END,
       bench.code('sac_outcomes_achieved', e.enquiry_id)
FROM casework.enquiry AS e, LATERAL (SELECT bench.code('sac_risk_assessment_outcome', e.enquiry_id)) AS o (outcome)
WHERE e.enquiry_id % 10 > 0 ORDER BY 1;
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.person, care.person_detail, casework.profile, casework.concern, casework.enquiry, casework.risk,
    casework.conclusion, care_internal.chain;
CALL bench.compare('limits', 'safeguarding return / counting its rows',
    $$SELECT * FROM casework.sac_return('E10000016', '2026-03-31')$$, $$
    SELECT 'concerns', p.gender, p.ethnicity, p.support_reason, count(*), count(DISTINCT c.person_id)
    FROM casework.concern AS c LEFT JOIN casework.profile AS p ON p.person_id = c.person_id
        LEFT JOIN care.person_detail AS d ON d.person_id = c.person_id
    WHERE c.raised_on BETWEEN '2025-04-01' AND '2026-03-31' GROUP BY p.gender, p.ethnicity, p.support_reason
    UNION ALL
    SELECT 'enquiries', p.gender, p.ethnicity, p.support_reason, count(*), count(DISTINCT e.person_id)
    FROM casework.enquiry AS e LEFT JOIN casework.profile AS p ON p.person_id = e.person_id
        LEFT JOIN care.person_detail AS d ON d.person_id = e.person_id
    WHERE e.started_on BETWEEN '2025-04-01' AND '2026-03-31' GROUP BY p.gender, p.ethnicity, p.support_reason
    UNION ALL
    SELECT 'risks', r.risk_type, r.source, r.location, count(*), count(DISTINCT r.enquiry_id)
    FROM casework.enquiry AS e JOIN casework.risk AS r ON r.enquiry_id = e.enquiry_id
    WHERE e.concluded_on BETWEEN '2025-04-01' AND '2026-03-31' GROUP BY r.risk_type, r.source, r.location $$,
    at_most => 5, repetitions => 3);

-- Each person of the first fifth has an event of each kind and a service more.
INSERT INTO casework.client_detail (person_id, postcode, accommodation_status, gp_practice_code, dementia)
SELECT w.person_id, 'AB1 2CD', bench.code('cld_accommodation_status', w.n), 'A81001', 'no' FROM bench.worked AS w
WHERE w.n <= :concerns / 10;
CALL bench.load('events of care', format($$
    INSERT INTO casework.care_event (person_id, event_type, reference, from_day, to_day, route_of_access, assessment_type,
                                     service_type, unit_cost, cost_frequency, planned_units, review_reason)
    SELECT w.person_id, k.kind, 'V' || w.n || '/' || k.n, bench.day(w.n + k.n),
           CASE WHEN k.kind <> 'service' OR w.n %% 3 = 0 THEN least(bench.day(w.n + k.n) + 20, '2026-03-31') END,
           CASE k.kind WHEN 'request' THEN bench.code('cld_route_of_access', w.n) END,
           CASE k.kind WHEN 'assessment' THEN bench.code('cld_assessment_type', w.n) END,
           CASE k.kind WHEN 'service' THEN (ARRAY['lt_nursing', 'lt_residential', 'lt_community', 'st_max'])[1 + w.n %% 4] END,
           CASE k.kind WHEN 'service' THEN 400 + w.n %% 900 END, CASE k.kind WHEN 'service' THEN 'weekly' END,
           CASE k.kind WHEN 'service' THEN 1 END, CASE k.kind WHEN 'review' THEN bench.code('cld_review_reason', w.n) END
    FROM bench.worked AS w, unnest(ARRAY['request', 'assessment', 'service', 'review', 'service']) WITH ORDINALITY AS k (kind, n)
    WHERE w.n <= %s ORDER BY w.n, k.n
    $$, :concerns / 10));
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) casework.care_event, casework.client_detail, care_internal.chain;
CREATE TABLE bench.exported AS SELECT r.* FROM casework.cld_export('E10000016', '2026-03-31') AS r;
VACUUM (FREEZE, ANALYZE) bench.exported;
CREATE PROCEDURE bench.compare_export() LANGUAGE plpgsql AS $$
DECLARE
    number int;
    file text := format('%s/../exported', current_setting('data_directory'));
BEGIN
    INSERT INTO bench.comparison (section, what, at_most, a_share, b_share)
    VALUES ('limits', 'client level data / COPY of the same rows', 5, 1, 1) RETURNING comparison.number INTO number;
    FOR repetition IN 0 .. 5 LOOP
        CALL bench.measure(number, 'A', format($copy$COPY (SELECT r.* FROM casework.cld_export('E10000016', '2026-03-31') AS r) TO %L$copy$, file));
        CALL bench.measure(number, 'B', format('COPY bench.exported TO %L', file));
    END LOOP;
END
$$;
CALL bench.compare_export();

-- A published file, taken in, and once more without a change.
INSERT INTO casework.directory_line (line)
SELECT 'Name,Also known as,Address,Postcode,Service types,Specialisms/services,Provider name,Local authority,Region,CQC Location ID (for office use only),CQC Provider ID (for office use only)'
UNION ALL
SELECT format('Home %s,,"%s Street, Town",AB1 2CD,Residential homes|Nursing homes,Dementia|Caring for adults over 65 yrs,Care Ltd,Somewhere,South,1-1%s,1-2%s',
              n, n, lpad(n::text, 8, '0'), lpad((n / 3)::text, 8, '0'))
FROM generate_series(1, :concerns * 28 / 100) AS n;
CREATE TABLE bench.file AS SELECT l.line FROM casework.directory_line AS l ORDER BY l.n;
CALL bench.allow('a file of 56,000 locations / 10 s', $$SELECT FROM casework.import_directory('a.csv', '2026-07-01')$$, 1, 10000000);
INSERT INTO casework.directory_line (line) SELECT f.line FROM bench.file AS f;
CALL bench.allow('and again, without a change / 10 s', $$SELECT FROM casework.import_directory('b.csv', '2026-07-08')$$, 1, 10000000);
