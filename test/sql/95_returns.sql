--
-- 95_returns: Client Level Data: events, rows, checks; the tables and measures made from them.
--
-- The numbers are those of the examples in doc/reference/casework_returns.md.  Period: 2025-04-01 to 2026-03-31.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care, casework;
SET jit = off;
SET client_min_messages = warning;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
CREATE EXTENSION IF NOT EXISTS care_casework CASCADE;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE casework.care_event ALTER COLUMN event_id RESTART WITH 1;

--
-- Which rows count: 1 to 7.
--
SELECT n, casework.derived_end(began, ended, died) AS derived_end, casework.is_in_period(type, began, casework.derived_end(began, ended, died), died, '2025-04-01', '2026-03-31') AS counts
FROM (VALUES (1, 'request', '2025-03-20'::date, '2025-04-01'::date, NULL::date), (1, 'request', '2025-03-20', '2025-03-31', NULL), (1, 'request', '2025-03-20', NULL, NULL),
             (2, 'request', '2026-04-01', '2026-04-02', NULL), (3, 'service', '2026-03-31', NULL, NULL), (4, 'service', '2024-01-01', '2025-03-31', NULL), (4, 'service', '2024-01-01', '2025-04-01', NULL),
             (5, 'service', '2024-01-01', NULL, '2025-06-10'), (6, 'service', '2025-06-10', NULL, '2025-06-10'), (7, 'service', '2024-01-01', NULL, '2025-03-31'), (7, 'service', '2024-01-01', NULL, '2025-04-01'),
             (0, 'service', NULL, NULL, NULL), (0, 'review', '2025-05-01', '2025-06-01', '2025-06-01'), (0, 'review', '2025-05-01', '2025-06-01', '2025-04-30')) AS v (n, type, began, ended, died);
-- ages: true ones, and those of published figures
SELECT casework.age_on('2008-04-01', '2026-04-01') AS true_age, casework.published_age_on('2008-04-01', '2026-04-01') AS published, casework.age_on('2008-02-29', '2026-02-28') AS before_birthday, casework.age_on('2008-02-29', '2026-03-01') AS after;
-- 8 to 10: the period from the data
CREATE FUNCTION pg_temp.file(january int, types int, rest int, of_types int DEFAULT 4) RETURNS text LANGUAGE sql AS $$
    SELECT format('%s to %s', p.period_from, p.period_to)
    FROM (SELECT array_agg(d ORDER BY n) AS ends, array_agg(t ORDER BY n) AS types
          FROM (SELECT n, '2026-01-15'::date AS d, ('{request,assessment,service,review}'::text[])[n % types + 1] AS t FROM generate_series(1, january) AS n
                UNION ALL SELECT 1000 + n, '2025-06-15', ('{request,assessment,service,review}'::text[])[n % of_types + 1] FROM generate_series(1, rest) AS n
                UNION ALL SELECT 9999, '2026-02-03', 'request') AS x) AS f,
        casework.cld_data_period(f.ends, f.types, '2026-02-20', '2025-01-01', '2025-12-31') AS p
$$;
SELECT pg_temp.file(20, 3, 979) AS "8: 2 per cent", pg_temp.file(19, 3, 980) AS "1.9", pg_temp.file(100, 2, 899) AS "9: 2 of 4", pg_temp.file(100, 2, 899, 2) AS "2 of 2",
       pg_temp.file(48, 3, 50) AS "10: 99", pg_temp.file(49, 3, 50) AS "100";

--
-- Checks: 13 to 19, the scale.
--
CREATE FUNCTION pg_temp.r(changed jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT '{"LA_Code": "E10000028", "Reporting_Period_Start_Date": "2025-04-01", "Reporting_Period_End_Date": "2026-03-31", "Client_Type": "Service user", "Date_of_Birth": "1960-01-01",
             "Event_Type": "Service", "Event_Start_Date": "2025-05-01"}'::jsonb || changed
$$;
SELECT n, field, casework.cld_result(field, pg_temp.r(changed)) FROM (VALUES
    (13, 'Employment_Status', '{"Primary_Support_Reason": "Learning disability support", "Date_of_Birth": "1961-04-01"}'::jsonb), (13, 'Employment_Status', '{"Primary_Support_Reason": "Learning disability support", "Date_of_Birth": "1961-03-31"}'),
    (14, 'Primary_Support_Reason', '{"Event_Type": "Request"}'), (14, 'Primary_Support_Reason', '{}'), (15, 'Event_End_Date', '{}'), (15, 'Event_End_Date', '{"Date_of_Death": "2025-06-01"}'), (15, 'Event_End_Date', '{"Event_Type": "Review"}'),
    (16, 'Event_Outcome', '{"Event_Type": "Assessment", "Assessment_Type": "Financial Assessment"}'), (16, 'Event_Outcome', '{"Event_Type": "Assessment", "Assessment_Type": "Long term assessment"}'),
    (17, 'Unit_Cost', '{"Service_Type": "Long term support: Community", "Delivery_Mechanism": "CASSR commissioned support"}'), (17, 'Unit_Cost', '{"Service_Type": "Long term support: Community", "Delivery_Mechanism": "CASSR Managed Personal Budget"}'),
    (18, 'Review_Outcomes_Achieved', '{"Event_Type": "Review", "Review_Reason": "Planned"}'), (18, 'Review_Outcomes_Achieved', '{"Event_Type": "Review", "Review_Reason": "Unplanned - Other Reason"}'),
    (19, 'Client_Funding_Status', '{"Event_Type": "Review"}'), (19, 'Client_Funding_Status', '{"Event_Type": "Request"}'), (19, 'Client_Funding_Status', '{"Event_Type": "Review", "Client_Type": "Unpaid carer"}'),
    (0, 'Service_Type', '{"Service_Type": "long TERM support: community"}'), (0, 'Service_Type', '{"Service_Type": "Long term help"}'), (0, 'Client_Type', '{"Client_Type": "Carer known by association"}'),
    (0, 'Event_Outcome', '{"Event_Outcome": "NFA- Other"}'), (0, 'Planned_units_per_week', '{}'), (0, 'Gender', '{"Gender": "anything"}'), (0, 'NHS_Number', '{}'), (0, 'Event_Type', '{"Client_Type": "Unpaid carer known by association", "Event_Type": null}'))
    AS v (n, field, changed);
SELECT condition, count(*), string_agg(field, ' ' ORDER BY n) AS fields FROM (SELECT c.code AS field, c.position AS n, casework.cld_condition(c.code, pg_temp.r('{}')) AS condition FROM casework.code AS c WHERE c.list = 'cld_field') AS x GROUP BY 1 ORDER BY 1 DESC;

--
-- Events: what is refused, corrected, ended; 20.
--
CREATE FUNCTION pg_temp.e(person text, type text, began date, items jsonb DEFAULT '{}', supersedes bigint DEFAULT NULL, authority text DEFAULT 'E10000028') RETURNS bigint LANGUAGE sql AS
    $$SELECT casework.record_care_event(authority, person, type, began, items, supersedes)$$;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"service_type": "lt_prison", "delivery_mechanism": "direct_payment"}')$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"service_type": "lt_prison", "service_component": "direct_payment"}')$$,
    $$SELECT pg_temp.e('X', 'visit', '2025-05-01')$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"service_type": "inn"}')$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"route_of_access": "prison"}')$$,
    $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"to_day": "2025-04-30"}')$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"to_day": "2026-02-30"}')$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"colour": "red"}')$$,
    $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"event_id": 7}')$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '[]')$$, $$SELECT pg_temp.e('X', 'service', NULL)$$, $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{}', 1)$$,
    $$SELECT pg_temp.e('X', 'service', '2025-05-01', '{"cqc_location_id": "2-1"}')$$, $$SELECT casework.record_client_detail('E10000028', 'X', '{"accommodation_status": "castle"}')$$,
    $$SELECT casework.record_client_detail('E10000028', 'X', '{"person_id": 1}')$$]) AS s;
SELECT pg_temp.e('P1', 'service', '2025-05-01', '{"service_type": "lt_community", "service_component": "home_support_or_domiciliary_care", "delivery_mechanism": "managed_pb", "unit_cost": 20.50, "cost_frequency": "hourly", "planned_units": 10, "support_reason": "physical_personal", "funding_status": "unknown", "outcome": "continuation"}') AS s1 \gset
SELECT casework.end_care_event('E10000028', 'P1', :s1, '2025-12-31', 'nfa_planned') AS s2 \gset
SELECT to_day, outcome, unit_cost, supersedes = :s1 AS supersedes FROM casework.care_event_known_at('infinity') WHERE event_id = :s2;
SELECT care_test.refused(format('SELECT casework.end_care_event(''E10000028'', ''P1'', %s, ''2026-01-31'')', :s1)), care_test.refused(format('SELECT pg_temp.e(''P1'', ''service'', ''2025-05-01'', ''{}'', %s)', :s1));
SELECT pg_temp.e('P1', 'request', '2025-04-20', '{"to_day": "2025-04-25"}') AS r1 \gset
SELECT pg_temp.e('P1', 'request', '2025-04-20', '{"is_void": true}', :r1) > 0 AS void, (SELECT count(*) FROM casework.care_event_known_at('infinity') WHERE event_type = 'request') AS before;
SELECT count(*) AS requests FROM casework.care_event_known_at('infinity') WHERE event_type = 'request';
-- loaded rows are held to the same
SELECT care_test.refused($$INSERT INTO casework.care_event (person_id, event_type, from_day, service_type) SELECT person_id, 'service', '2025-05-01', 'inn' FROM care.person LIMIT 1$$) ~ '^22023 event of person [0-9]+: service_type: .inn. is no code of list cld_service_type' AS refused;
SELECT left(care_test.refused($$INSERT INTO casework.care_event (person_id, event_type, from_day, review_reason) SELECT person_id, 'service', '2025-05-01', 'planned' FROM care.person LIMIT 1$$), 90) AS refused;

--
-- The export: 48 columns, dates, releases; a report that is empty when all is well.
--
SELECT care.record_person('E10000028', 'P1', '1940-05-06', nhs_number => '9434765919', nhs_number_status => '01') > 0 AS person;
SELECT casework.record_profile('E10000028', 'P1', 'female', 'white_irish', 'memory') > 0 AS profile;
SELECT casework.record_client_detail('E10000028', 'P1', '{"postcode": "AB1 2CD", "accommodation_status": "owner", "has_unpaid_carer": "No", "gp_practice_code": "A12345", "gp_practice_name": "Practice"}') > 0 AS detail;
SELECT jsonb_strip_nulls(to_jsonb(x)) FROM casework.cld_export('E10000028', '2026-03-31') AS x;
SELECT "GP_Practice_Name" FROM casework.cld_export('E10000028', '2026-03-31', 1);
SELECT count(*) AS columns, bool_and(a.name = c.code) AS in_order FROM casework.code AS c
    JOIN (SELECT p.proargnames[n] AS name, n - 4 AS n FROM pg_proc AS p, generate_subscripts(p.proargnames, 1) AS n WHERE p.oid = 'casework.cld_export'::regproc AND n > 4) AS a ON a.n = c.position WHERE c.list = 'cld_field';
SELECT casework.record_parameter('cld_iso_dates', 'f', 'the layout as published', 'Arden & GEM', '2023-04-01', NULL, 'E10000028');
SELECT "Event_Start_Date", "Event_End_Date", "Reporting_Period_End_Date" FROM casework.cld_export('E10000028', '2026-03-31');
SELECT casework.record_parameter('cld_iso_dates', 't', 'ours', 'us', '2023-04-01', NULL, 'E10000028');
SELECT * FROM casework.cld_report('E10000028', '2026-03-31');
SELECT pg_temp.e('P2', 'review', '2025-05-01', '{"to_day": "2025-05-02"}') > 0 AS bare;
SELECT field, result, rows, example FROM casework.cld_report('E10000028', '2026-03-31');
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT * FROM casework.cld_export('E10000028', '2026-03-30')$$, $$SELECT * FROM casework.cld_export('E10000028', 'infinity')$$,
    $$SELECT * FROM casework.cld_export('E10000028', '2023-03-31')$$,
    $$SELECT * FROM casework.cld_export('E10000028', '2026-03-31', 3)$$, $$SELECT * FROM casework.cld_export('E99999999', '2026-03-31')$$]) AS s;

--
-- Unique events: 11, 12; joined submissions.
--
SELECT pg_temp.e('U1', 'service', '2025-05-01', '{"service_type": "lt_community", "unit_cost": 10}', authority => 'E10000029') > 0 AS one, pg_temp.e('U1', 'service', '2025-05-01', '{"service_type": "lt_community", "unit_cost": 11}', authority => 'E10000029') > 0 AS other,
       pg_temp.e('U2', 'assessment', '2025-05-01', '{"to_day": "2025-05-09", "outcome": "nfa_planned"}', authority => 'E10000029') > 0 AS rank_14, pg_temp.e('U2', 'assessment', '2025-05-01', '{"to_day": "2025-05-09", "outcome": "assessment"}', authority => 'E10000029') > 0 AS rank_2,
       pg_temp.e('U3', 'service', '2025-05-01', '{"service_type": "lt_nursing"}', authority => 'E10000029') AS u3 \gset
SELECT casework.record_cld_submission('E10000029', '2025-12-31') AS q3 \gset
SELECT pg_temp.e('U3', 'service', '2025-05-01', '{"is_void": true}', :u3, 'E10000029') > 0 AS gone \gset
SELECT casework.record_cld_submission('E10000029', '2026-03-31') AS q4 \gset
SELECT period_from, period_to, row_count FROM casework.cld_submission ORDER BY submission_id;
SELECT 'alone' AS what, split_part(person, '/', 2) AS person, event_type, outcome, to_day FROM casework.cld_unique(ARRAY[:q3]) UNION ALL
SELECT 'joined', split_part(person, '/', 2), event_type, outcome, to_day FROM casework.cld_unique(ARRAY[:q3, :q4]) ORDER BY 1, 2, 3;
-- heads: an NHS number that came between two submissions, and one that never did
SELECT count(pg_temp.e(p, 'request', '2025-05-01', '{"to_day": "2025-05-09"}', authority => 'E10000025')) FROM unnest('{traced,untraced}'::text[]) AS p;
SELECT casework.record_cld_submission('E10000025', '2025-12-31') AS q3 \gset
SELECT care.record_person('E10000025', 'traced', NULL, nhs_number => '4010232137', nhs_number_status => '01') > 0 AS traced;
SELECT casework.record_cld_submission('E10000025', '2026-03-31') AS q4 \gset
SELECT 'before' AS what, person, joined FROM casework.salt_request(ARRAY[:q3], '2025-04-01', '2026-03-31') UNION ALL
SELECT 'joined', person, joined FROM casework.salt_request(ARRAY[:q3, :q4], '2025-04-01', '2026-03-31') ORDER BY 1, 2;

--
-- Requests and what followed: 21 to 26, 31.
--
CREATE FUNCTION pg_temp.s(person text, type text, began date, ended date DEFAULT NULL, outcome text DEFAULT NULL, service text DEFAULT NULL, mechanism text DEFAULT NULL) RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.e(person, type, began, jsonb_strip_nulls(jsonb_build_object('to_day', ended, 'outcome', outcome, 'service_type', service, 'delivery_mechanism', mechanism)), authority => 'E10000032')
$$;
SELECT count(pg_temp.s(p, t, b, e, o, s)) FROM (VALUES
    ('21a', 'request', '2025-04-25'::date, '2025-05-01'::date, 'nfa_information', NULL), ('21a', 'request', '2025-05-05', '2025-05-06', 'nfa_other', NULL),
    ('21b', 'request', '2025-04-25', '2025-05-01', 'nfa_information', NULL), ('21b', 'request', '2025-05-06', '2025-05-07', 'nfa_other', NULL),
    ('21, within', 'request', '2025-04-25', '2025-05-20', 'nfa_other', NULL), ('21, within', 'request', '2025-04-26', '2025-04-28', 'nfa_other', NULL), ('21, within', 'request', '2025-05-22', '2025-05-23', 'nfa_other', NULL),
    ('no longer', 'service', '2024-05-02', '2025-04-24', NULL, 'lt_community'), ('no longer', 'request', '2025-04-25', '2025-05-01', 'nfa_other', NULL),
    ('that day', 'service', '2024-05-02', '2025-04-25', NULL, 'lt_community'), ('that day', 'request', '2025-04-25', '2025-05-01', 'nfa_other', NULL),
    ('32', 'request', '2025-04-25', '2025-05-01', 'planning', NULL), ('32', 'service', '2025-05-02', '2025-05-10', NULL, 'lt_prison'), ('32', 'service', '2025-07-01', '2025-07-10', 'nfa_planned', 'st_max'), ('32', 'service', '2025-07-11', NULL, NULL, 'lt_prison'),
    ('32, long', 'service', '2024-01-01', NULL, NULL, 'lt_prison'), ('32, long', 'service', '2025-07-01', '2025-07-10', 'nfa_planned', 'st_max'),
    ('22a', 'request', '2025-04-25', '2025-05-01', 'planning', NULL), ('22a', 'service', '2025-05-29', '2025-06-30', NULL, 'lt_residential'),
    ('22b', 'request', '2025-04-25', '2025-05-01', 'nfa_information', NULL), ('22b', 'service', '2025-05-30', '2025-06-30', NULL, 'lt_residential'),
    ('23', 'request', '2025-04-25', '2025-05-01', 'nfa_information', NULL), ('23', 'service', '2025-05-30', NULL, NULL, 'lt_residential'),
    ('24a', 'request', '2025-04-25', '2025-05-01', 'assessment', NULL), ('24a', 'assessment', '2025-05-02', '2025-05-10', 'nfa_nhs', NULL), ('24a', 'service', '2025-05-13', '2025-06-30', NULL, 'lt_community'),
    ('24b', 'request', '2025-04-25', '2025-05-01', 'assessment', NULL), ('24b', 'assessment', '2025-05-02', '2025-05-10', 'nfa_nhs', NULL), ('24b', 'service', '2025-05-14', '2025-06-30', NULL, 'lt_community'),
    ('24c', 'request', '2025-04-25', '2025-05-01', 'nfa_other', NULL), ('24c', 'assessment', '2025-05-02', '2025-05-10', 'planning', NULL), ('24c', 'service', '2025-05-14', '2025-06-30', NULL, 'lt_community'),
    ('several NFA', 'request', '2025-04-25', '2025-05-01', 'assessment', NULL), ('several NFA', 'assessment', '2025-05-02', '2025-05-10', 'nfa_nhs', NULL), ('several NFA', 'assessment', '2025-05-11', '2025-05-12', 'nfa_information', NULL),
    ('ranked', 'request', '2025-04-25', '2025-05-01', 'planning', NULL), ('ranked', 'service', '2025-05-02', '2025-05-10', NULL, 'lt_community'), ('ranked', 'service', '2025-05-11', '2025-05-12', NULL, 'st_max'),
    ('known', 'service', '2024-05-02', NULL, NULL, 'lt_community'), ('known', 'request', '2025-04-25', '2025-05-01', 'planning', NULL),
    ('28', 'service', '2025-05-02', NULL, NULL, 'lt_community'), ('28', 'service', '2025-05-02', NULL, NULL, 'lt_prison'), ('27', 'service', '2025-05-02', NULL, NULL, 'lt_community'), ('27', 'service', '2025-05-02', NULL, NULL, 'lt_nursing'),
    ('prison', 'service', '2025-05-02', NULL, NULL, 'lt_prison'),
    ('25a', 'service', '2025-04-20', '2025-05-01', 'nfa_planned', 'st_max'), ('25a', 'service', '2025-05-02', '2025-05-20', 'nfa_declined', 'st_max'),
    ('25b', 'service', '2025-04-20', '2025-05-01', 'nfa_planned', 'st_max'), ('25b', 'service', '2025-05-03', '2025-05-20', 'nfa_declined', 'st_max'),
    ('26a', 'service', '2025-04-20', '2025-05-01', 'nfa_planned', 'st_max'), ('26a', 'service', '2025-05-04', NULL, NULL, 'lt_residential'),
    ('26b', 'service', '2025-04-20', '2025-05-01', 'nfa_planned', 'st_max'), ('26b', 'service', '2025-05-05', NULL, NULL, 'lt_residential')) AS v (p, t, b, e, o, s);
SELECT count(pg_temp.e(p, 'review', '2025-05-01', '{"to_day": "2025-05-10", "review_reason": "unplanned_other"}', authority => 'E10000032')) AS reviews FROM unnest('{32 long,known}'::text[]) AS r, replace(r, '32 ', '32, ') AS p;
SELECT casework.record_cld_submission('E10000032', '2026-03-31') AS y \gset
SELECT split_part(person, '/', 2) AS person, request_from, request_to, joined FROM casework.salt_request(ARRAY[:y], '2025-04-01', '2026-03-31') WHERE person LIKE '%/21%' ORDER BY 1, 2;
SELECT split_part(person, '/', 2) AS person, request_to, sequel FROM casework.salt_sequel(ARRAY[:y], '2025-04-01', '2026-03-31') ORDER BY 1, 2;
SELECT sum(requests) = (SELECT count(*) FROM casework.salt_request(ARRAY[:y], '2025-04-01', '2026-03-31')) AS "31" FROM casework.salt_sts001(ARRAY[:y], '2025-04-01', '2026-03-31');
SELECT split_part(person, '/', 2) AS person, spell_from, spell_to, new_client, sequel FROM casework.salt_st_max(ARRAY[:y], '2025-04-01', '2026-03-31') ORDER BY 1, 2;
-- 27, 28, 32
SELECT split_part(person, '/', 2) AS person, setting FROM casework.salt_long_term(ARRAY[:y], '2026-03-31', '2026-03-31') ORDER BY 1;
SELECT part, prison, sum(people) FROM unnest('{a,b,c}'::text[]) AS part, unnest('{t,f,NULL}'::boolean[]) AS prison, casework.salt_lts001(ARRAY[:y], '2026-03-31', part, prison) GROUP BY 1, 2 ORDER BY 1, 2;
SELECT prison AS "32: STS002", count(*) FILTER (WHERE new_client) AS a, count(*) FILTER (WHERE NOT new_client) AS b
FROM unnest('{t,f,NULL}'::boolean[]) AS prison, casework.salt_st_max(ARRAY[:y], '2025-04-01', '2026-03-31', prison) GROUP BY 1 ORDER BY 1;

--
-- More than 12 months: 29; carers: 30; accommodation and employment; measures.
--
CREATE FUNCTION pg_temp.t(person text, began date, ended date, born date DEFAULT NULL, client text DEFAULT 'service_user', service text DEFAULT 'lt_community') RETURNS bigint LANGUAGE sql AS $$
    SELECT care.record_person('E10000034', person, born);
    SELECT pg_temp.e(person, 'service', began, jsonb_strip_nulls(jsonb_build_object('to_day', ended, 'service_type', service, 'client_type', client)), authority => 'E10000034')
$$;
SELECT count(pg_temp.t(p, b, e)) FROM (VALUES ('29 gap 1', '2022-01-01'::date, '2023-06-30'::date), ('29 gap 1', '2023-07-01', NULL), ('29 gap 2', '2022-01-01', '2023-06-30'), ('29 gap 2', '2023-07-02', NULL),
    ('29 gap 2, long', '2022-01-01', '2023-03-29'), ('29 gap 2, long', '2023-03-31', NULL), ('ended on 31 March 2023', '2022-01-01', '2023-03-31'), ('ended on 1 April 2023', '2022-01-01', '2023-04-01'), ('ended on 30 March', '2022-01-01', '2024-03-30'), ('ended on 31 March', '2022-01-01', '2024-03-31')) AS v (p, b, e);
SELECT casework.record_cld_submission('E10000034', '2024-03-31') AS z \gset
SELECT split_part(person, '/', 2) AS person FROM casework.salt_over_a_year(ARRAY[:z], '2024-03-31') ORDER BY 1;
-- the last day before the year, and its first; on 31 March, and the day before
SELECT part, string_agg(split_part(l.person, '/', 2), ', ' ORDER BY l.person) AS people FROM (VALUES ('a', '2023-04-01'::date), ('b', '2024-03-31')) AS v (part, d), casework.salt_long_term(ARRAY[:z], d, '2024-03-31') AS l WHERE l.person LIKE '%ended%' GROUP BY 1 ORDER BY 1;
SELECT count(pg_temp.t('carer ' || a, '2025-05-01', NULL, ('2026-03-31'::date - make_interval(years => a))::date, 'unpaid_carer', 'uc_direct')) FROM unnest('{17,18,25,26,64,65,84,85}'::int[]) AS a;
SELECT pg_temp.t('LD', '2025-05-01', NULL, '1990-01-01') > 0 AND pg_temp.t('LD too', '2025-05-01', NULL, '1990-01-01') > 0 AND pg_temp.t('LD of 65', '2025-05-01', NULL, '1961-03-31') > 0 AS recorded;
SELECT count(pg_temp.t('LD of ' || a, '2025-05-01', NULL, born)) AS of_age FROM (VALUES (17, '2008-04-01'::date), (18, '2008-03-31'), (64, '1961-04-01')) AS v (a, born);
SELECT count(casework.record_profile('E10000034', p, NULL, NULL, 'learning_disability')) FROM unnest('{LD,LD too,LD of 65,LD of 17,LD of 18,LD of 64}'::text[]) AS p;
SELECT count(casework.record_client_detail('E10000034', 'LD of ' || a, '{"accommodation_status": "rough", "employment_status": "not_in_paid_employment_voluntary_work_only"}')) AS of_age FROM unnest('{17,18,64,65}'::int[]) AS a;
SELECT casework.record_client_detail('E10000034', 'LD', '{"accommodation_status": "shared_lives", "employment_status": "paid_16_or_more_hours_a_week"}') > 0 AS settled, casework.record_client_detail('E10000034', 'LD too', '{"accommodation_status": "refuge"}') > 0 AS not_settled;
SELECT casework.record_cld_submission('E10000034', '2026-03-31') AS z \gset
SELECT * FROM casework.salt_lts003(ARRAY[:z], '2026-03-31');
SELECT * FROM casework.salt_lts004(ARRAY[:z], '2026-03-31');
SELECT * FROM casework.ascof(ARRAY[:z], '2026-03-31');
SELECT * FROM casework.ascof(ARRAY[:y], '2026-03-31');
-- reviews: both sides of the 28 days, one kind, both, none; and what is not a review of long term support
CREATE FUNCTION pg_temp.h(person text, type text, began date, ended date DEFAULT NULL, items jsonb DEFAULT '{}') RETURNS bigint LANGUAGE sql AS $$
    SELECT pg_temp.e(person, type, began, jsonb_strip_nulls(jsonb_build_object('to_day', ended)) || items, authority => 'E10000030')
$$;
SELECT count(pg_temp.h(p, 'service', '2024-01-01', NULL, '{"service_type": "lt_community", "delivery_mechanism": "commissioned"}')) FROM unnest('{planned,unplanned,both,none,home at 28,home at 29,short}'::text[]) AS p;
SELECT count(pg_temp.h(p, 'review', '2025-05-01', '2025-05-10', jsonb_build_object('review_reason', why))) FROM (VALUES
    ('planned', 'planned'), ('unplanned', 'unplanned_other'), ('both', 'planned'), ('both', 'unplanned_hospital'), ('home at 28', 'planned'), ('home at 29', 'planned'), ('short', 'short_term')) AS v (p, why);
SELECT pg_temp.h('home at 28', 'service', '2025-06-07', NULL, '{"service_type": "lt_nursing"}') > 0 AND pg_temp.h('home at 29', 'service', '2025-06-08', NULL, '{"service_type": "lt_nursing"}') > 0 AS moved;
SELECT casework.record_cld_submission('E10000030', '2026-03-31') AS v \gset
SELECT part, l.* FROM unnest('{a,b}'::text[]) AS part, casework.salt_lts002(ARRAY[:v], '2026-03-31', part) AS l ORDER BY 1, 2, 3, 4;
SELECT (SELECT sum(number) FROM casework.salt_lts002(ARRAY[:v], '2026-03-31', 'b')) AS lts002b, (SELECT sum(people) FROM casework.salt_lts001(ARRAY[:v], '2026-03-31', 'c')) AS lts001c;

-- 32: those in prison and the rest are the whole, in every table
SAVEPOINT before;
SELECT count(pg_temp.h(p, 'service', '2024-01-01', NULL, '{"service_type": "lt_prison", "delivery_mechanism": "commissioned"}')) FROM unnest('{cell 1,cell 2}'::text[]) AS p;
SELECT pg_temp.h('cell 1', 'review', '2025-05-01', '2025-05-10', '{"review_reason": "unplanned_other"}') > 0 AS reviewed,
       pg_temp.h('cell 3', 'request', '2025-04-25', '2025-05-01', '{"outcome": "planning"}') > 0 AND pg_temp.h('cell 3', 'service', '2025-05-02', NULL, '{"service_type": "lt_prison"}') > 0
       AND pg_temp.h('other', 'request', '2025-04-25', '2025-05-01', '{"outcome": "nfa_nhs"}') > 0 AS asked;
SELECT casework.record_cld_submission('E10000030', '2026-03-31') AS u \gset
CREATE FUNCTION pg_temp.table_of(submission bigint, prison boolean) RETURNS TABLE (name text, cell text, number bigint) LANGUAGE sql AS $$
    SELECT 'STS001', concat_ws('/', s.age_band, s.sequel), s.requests FROM casework.salt_sts001(ARRAY[submission], '2025-04-01', '2026-03-31', prison) AS s
    UNION ALL SELECT 'LTS001' || part, concat_ws('/', l.age_band, l.setting, l.support_reason), l.people FROM unnest('{a,b,c}'::text[]) AS part, casework.salt_lts001(ARRAY[submission], '2026-03-31', part, prison) AS l
    UNION ALL SELECT 'LTS002' || part, concat_ws('/', l.age_band, l.review, l.setting), l.number FROM unnest('{a,b}'::text[]) AS part, casework.salt_lts002(ARRAY[submission], '2026-03-31', part, prison) AS l
$$;
SELECT name, sum(w.number) AS whole, sum(p.number) AS prison, sum(r.number) AS rest, count(*) FILTER (WHERE w.number IS DISTINCT FROM coalesce(p.number, 0) + coalesce(r.number, 0)) AS wrong
FROM pg_temp.table_of(:u, NULL) AS w FULL JOIN pg_temp.table_of(:u, true) AS p USING (name, cell) FULL JOIN pg_temp.table_of(:u, false) AS r USING (name, cell) GROUP BY 1 ORDER BY 1;
ROLLBACK TO before;

-- admitted to a home: of 64 and 65 on the day; in one the day before, or the day before that
SELECT count(care.record_person('E10000030', p, b)) FROM (VALUES ('of 64', '1960-06-02'::date), ('of 65', '1960-06-01'), ('moved', '1940-01-01'), ('back', '1940-01-01')) AS v (p, b);
SELECT count(pg_temp.h(p, 'service', b, e, '{"service_type": "lt_residential"}')) FROM (VALUES
    ('of 64', '2025-06-01'::date, NULL::date), ('of 65', '2025-06-01', NULL), ('moved', '2020-01-01', '2025-05-31'), ('moved', '2025-06-01', NULL), ('back', '2020-01-01', '2025-05-30'), ('back', '2025-06-01', NULL)) AS v (p, b, e);
-- 91 days after support began, 31 July: dead, in a home, or the day after; which support follows a hospital; of 64 and 65
SELECT count(care.record_person('E10000030', 'H ' || p, coalesce(b, '1940-01-01'))) FROM (VALUES ('well', NULL::date), ('dead on day 91', NULL), ('dead on day 92', NULL), ('home on day 91', NULL), ('home on day 92', NULL),
    ('28 days', NULL), ('29 days', NULL), ('from home', NULL), ('of 64', '1960-05-02'), ('of 65', '1960-05-01')) AS v (p, b);
SELECT count(pg_temp.h(p.reference, 'service', '2025-05-01', '2025-06-10', '{"service_type": "st_max"}')),
       count(pg_temp.h(p.reference, 'request', '2025-03-20', CASE p.reference WHEN 'H 28 days' THEN '2025-04-03' WHEN 'H 29 days' THEN '2025-04-02' ELSE '2025-04-25' END::date,
                       jsonb_build_object('route_of_access', CASE p.reference WHEN 'H from home' THEN 'community__other_route' ELSE 'discharge_from_hospital' END)))
FROM care.person AS p WHERE p.authority = 'E10000030' AND p.reference LIKE 'H %';
SELECT care.record_death('H dead on day 91', '2025-07-31', '2025-08-05', 'E10000030'), care.record_death('H dead on day 92', '2025-08-01', '2025-08-05', 'E10000030');
SELECT pg_temp.h('H home on day 91', 'service', '2025-07-31', NULL, '{"service_type": "lt_nursing"}') > 0 AND pg_temp.h('H home on day 92', 'service', '2025-08-01', NULL, '{"service_type": "lt_nursing"}') > 0 AS moved;
SELECT casework.record_cld_submission('E10000030', '2026-03-31') AS v \gset
SELECT split_part(person, '/', 2) AS person, admitted_on, age FROM casework.ascof_admission(ARRAY[:v], '2025-04-01', '2026-03-31') ORDER BY 1;
SELECT split_part(person, '/', 2) AS person, began_on, age, at_home FROM casework.ascof_at_home(ARRAY[:v], '2025-04-01', '2026-03-31') ORDER BY 1;
SELECT measure, numerator, denominator, rate, per FROM casework.ascof(ARRAY[:v], '2026-03-31', '{"18-64": 200000, "65+": 60000}') WHERE measure IN ('2B', '2C', '2D');
SELECT measure, numerator, denominator, rate, per FROM casework.ascof(ARRAY[:v], '2026-03-31') WHERE measure = '2C';
SELECT count(*) FROM care.verify_chain();
ROLLBACK;
