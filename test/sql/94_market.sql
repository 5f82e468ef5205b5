--
-- 94_market: the index of providers from published files, contracted services and their cost, the market in figures.
--
-- The numbers are those of the examples in doc/reference/casework_market.md.
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
ALTER TABLE casework.directory_import ALTER COLUMN import_id RESTART WITH 1;

--
-- Cost, exact: 1 to 10, in the period 2026-01-01 to 2026-03-31.
--
SELECT n, casework.weekly_cost(cost, frequency, units) AS weekly, casework.period_cost(cost, frequency, units, began, ended, '2026-01-01', '2026-03-31') AS total
FROM (VALUES (1, 500, 'weekly', NULL, '2024-01-01'::date, NULL::date), (2, 1000, 'monthly', NULL, '2024-01-01', NULL), (3, 2000, '4_weekly', NULL, '2024-01-01', NULL),
             (4, 20, 'hourly', 10, '2026-01-15', '2026-01-28'), (5, 250, 'one_off', NULL, '2026-02-01', '2026-02-01'), (6, -500, 'weekly', NULL, '2024-01-01', NULL),
             (7, 20, 'hourly', NULL, '2024-01-01', NULL), (8, 500, 'weekly', NULL, '2024-01-01', '2025-12-31'), (8, 500, 'weekly', NULL, '2024-01-01', '2026-01-01'),
             (9, 500, 'weekly', NULL, '2026-03-31', NULL), (9, 500, 'weekly', NULL, '2026-04-01', NULL), (10, 500, 'weekly', 7, '2024-01-01', NULL), (0, 0, 'weekly', 1, '2024-01-01', NULL))
    AS v (n, cost, frequency, units, began, ended);

--
-- The weekly file: title lines, byte order mark, CRLF, quotes, a line within a field, headings in another case.
--
CREATE FUNCTION pg_temp.copied(VARIADIC lines text[]) RETURNS void LANGUAGE sql AS $$
    DELETE FROM casework.directory_line;
    INSERT INTO casework.directory_line (line) SELECT l FROM unnest(lines) WITH ORDINALITY AS u (l, n) ORDER BY n
$$;
CREATE FUNCTION pg_temp.taken(file text, day date DEFAULT NULL, why text DEFAULT NULL)
    RETURNS TABLE (as_at date, rows bigint, new bigint, changed bigint, gone bigint, back bigint) LANGUAGE sql AS $$
    SELECT i.as_at, i.row_count, i.new_count, i.changed_count, i.gone_count, i.back_count
    FROM casework.import_directory(file, day, why) AS i
$$;
\set heading 'Name,Also known as,Address,Postcode,Phone number,Service''s website (if available),Service types,Date of latest check,Specialisms/services,Provider name,Local Authority,REGION,Location URL,CQC Location ID (for office use only),CQC Provider ID (for office use only)'
SELECT pg_temp.copied(chr(65279) || E'CQC Locations data\r', E'\r', E'This data was produced on 24 July 2016\r', E'\r', :'heading' || E'\r',
    E'"Home, the ""good"" one",,"1 Street, Town",AB1 2CD,1,,Nursing homes|Residential homes,20/07/2016,Dementia,Care Ltd,Somewhere,South,u,1-100000001,1-200000001\r',
    E'"Two\r', E'lines",Other,2 Street,AB1 2CE,,,Homecare agencies,,,Mrs A Person,Somewhere,South,u,1-100000002,1-200000002\r',
    E'"",,"""",AB1 2CF,,,,,,"""Quoted"" Ltd",Elsewhere,South,u,1-100000003,1-200000003\r');
SELECT * FROM pg_temp.taken('weekly.csv');
SELECT cqc_location_id, name, also_known_as, address, service_types, provider_name, local_authority, is_open FROM casework.location ORDER BY 1;
-- 15, 16 and the rest of what is refused names line and column; nothing is taken
CREATE FUNCTION pg_temp.refused_file(VARIADIC lines text[]) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.copied(VARIADIC lines);
    SELECT care_test.refused('SELECT casework.import_directory(''f.csv'', ''2016-07-31'')')
$$;
SELECT pg_temp.refused_file(VARIADIC '{}'), pg_temp.refused_file('a,b', 'c,d');
SELECT pg_temp.refused_file(replace(:'heading', ',Postcode', '')) AS "15", pg_temp.refused_file(:'heading' || ',name') AS twice;
SELECT x.what, pg_temp.refused_file(:'heading', 'A,,,,,,,,,,,,,1-100000009,1-200000001', x.line) FROM (VALUES
    ('16', 'A,,,,,,,,,,,,,1-100000009,1-200000001'), ('fewer fields', 'B,,,,,,,,,,,,1-100000010,1-200000001'), ('no id', 'B,,,,,,,,,,,,,,1-200000001'),
    ('an id of another form', 'B,,,,,,,,,,,,,1-12345,1-200000001'), ('a quote that does not end', '"B,,,,,,,,,,,,,1-100000010,1-200000001')) AS x (what, line);
SELECT pg_temp.copied(:'heading', 'A,,,,,,,,,,,,,1-100000009,1-200000001');
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT casework.import_directory('', '2016-07-31')$$, $$SELECT casework.import_directory('f.csv')$$,
    $$SELECT casework.import_directory('f.csv', '2016-07-23')$$, $$SELECT casework.import_directory('f.csv', '9999-01-01')$$]) AS s;
SELECT count(*) AS imports, (SELECT count(*) FROM casework.location_fact) AS facts FROM casework.directory_import;

--
-- The monthly file, columns in another order: no person's name; 11 to 14, 18.
--
CREATE FUNCTION pg_temp.monthly(changed jsonb DEFAULT '{}', up_to int DEFAULT 100, VARIADIC more text[] DEFAULT '{}') RETURNS void LANGUAGE sql AS $$
    SELECT pg_temp.copied(VARIADIC ARRAY[(SELECT string_agg('"' || c.label || '"', ',' ORDER BY c.position DESC) FROM casework.code AS c WHERE c.list = 'cqc_active_location_column')]
        || ARRAY(SELECT (SELECT string_agg(coalesce(changed->n::text->>c.label, CASE c.label
                       WHEN 'Location ID' THEN '1-' || 300000000 + n WHEN 'Provider ID' THEN '1-' || 400000000 + n / 10 WHEN 'Location Name' THEN 'Place ' || n WHEN 'Care home?' THEN 'Y'
                       WHEN 'Care homes beds' THEN '40' WHEN 'Dormant (Y/N)' THEN 'N' WHEN 'Location HSCA start date' THEN '01/10/2010' WHEN 'Publication Date' THEN '2020-02-29'
                       WHEN 'Location Local Authority' THEN 'Area ' || n % 3 WHEN 'Registered manager' THEN 'A, Manager' WHEN 'Provider Nominated Individual Name' THEN 'Nominated' WHEN 'Provider Main Partner Name' THEN 'Partner'
                       WHEN 'Provider Name' THEN 'Provider ' || n / 10 WHEN 'Provider Ownership Type' THEN CASE WHEN n / 10 = 9 THEN 'Individual' ELSE 'Organisation' END WHEN 'Brand ID' THEN '-' WHEN 'Brand Name' THEN '-'
                       WHEN 'Service type - Care home service with nursing' THEN 'Y' WHEN 'Regulated activity - Personal care' THEN 'y' WHEN 'Service user band - Dementia' THEN 'Y' ELSE '' END)
                                            , ',' ORDER BY c.position DESC) FROM casework.code AS c WHERE c.list = 'cqc_active_location_column')
                 FROM generate_series(1, up_to) AS n) || more)
$$;
-- a comma in an unquoted field makes another width: the manager's name is quoted
CREATE FUNCTION pg_temp.quoted() RETURNS void LANGUAGE sql AS $$UPDATE casework.directory_line SET line = replace(line, 'A, Manager', '"A, Manager"')$$;
SELECT pg_temp.monthly(); SELECT care_test.refused($$SELECT casework.import_directory('monthly.csv', '2016-07-01')$$);
SELECT pg_temp.quoted(); SELECT * FROM pg_temp.taken('monthly.csv', '2016-07-01');
SELECT pg_temp.monthly(); SELECT pg_temp.quoted(); SELECT * FROM pg_temp.taken('the same.csv', '2016-07-01');
SELECT count(*) AS left_over FROM casework.directory_line;
SELECT to_jsonb(x) - '{recorded_at,recorded_by}'::text[] AS fact FROM casework.location_fact AS x WHERE cqc_location_id = '1-300000001';
SELECT count(*) AS persons_named FROM casework.location_fact AS f WHERE f::text ~ 'Manager|Nominated|Partner' OR provider_name IS NOT NULL AND ownership = 'Individual';
SELECT pg_temp.monthly('{"1": {"Care homes beds": "many"}}'); SELECT pg_temp.quoted();
SELECT care_test.refused($$SELECT casework.import_directory('f.csv', '2016-08-01')$$) AS beds;
SELECT pg_temp.monthly('{"7": {"Publication Date": "30/02/2020"}, "9": {"Publication Date": "31/04/2020"}}'); SELECT pg_temp.quoted(); SELECT care_test.refused($$SELECT casework.import_directory('f.csv', '2016-08-01')$$) AS february;
SELECT pg_temp.monthly('{"1": {"Care home?": "?"}}'); SELECT pg_temp.quoted(); SELECT care_test.refused($$SELECT casework.import_directory('f.csv', '2016-08-01')$$) AS flag;
-- 12: two are missing from the next file, one differs; 13: one is back
SELECT pg_temp.monthly('{"5": {"Care homes beds": "41.0"}}', 98); SELECT pg_temp.quoted(); SELECT * FROM pg_temp.taken('august.csv', '2016-08-01');
SELECT cqc_location_id, is_open, closed_on, beds FROM casework.location WHERE cqc_location_id IN ('1-300000005', '1-300000099') ORDER BY 1;
SELECT pg_temp.monthly('{"5": {"Care homes beds": "41"}}', 99); SELECT pg_temp.quoted(); SELECT * FROM pg_temp.taken('september.csv', '2016-09-01');
SELECT is_open, from_day, to_day FROM casework.location_history WHERE cqc_location_id = '1-300000099' ORDER BY from_day;
-- 14: 3 per cent fewer; 2 per cent are taken above
SELECT pg_temp.monthly('{}', 96); SELECT pg_temp.quoted(); SELECT care_test.refused($$SELECT casework.import_directory('f.csv', '2016-10-01')$$) AS "14";
-- and by number, where the parameter has it lower: 3 gone where 2 may be, and where 3 may
SAVEPOINT limits;
SELECT casework.record_parameter('directory_change_percent', '50', 'ours', 'us', '0001-01-01'), casework.record_parameter('directory_new_rows', '2', 'ours', 'us', '0001-01-01');
SELECT care_test.refused($$SELECT casework.import_directory('f.csv', '2016-10-01')$$) AS "more than 2";
SELECT casework.record_parameter('directory_new_rows', '3', 'ours', 'us', '0001-01-01'); SELECT * FROM pg_temp.taken('f.csv', '2016-10-01');
ROLLBACK TO limits;
SELECT count(*) AS imports FROM casework.directory_import; SELECT * FROM pg_temp.taken('f.csv', '2016-10-01', 'a provider left the register');
SELECT count(*) FILTER (WHERE is_open), count(*) FROM casework.location WHERE cqc_location_id LIKE '1-3%';
-- 18: one place, registered twice
SELECT pg_temp.monthly('{"1": {"Primary ID (Dual registration locations)": "1-300000001"}, "2": {"Primary ID (Dual registration locations)": "1-300000001"}}', 96); SELECT pg_temp.quoted(); SELECT * FROM pg_temp.taken('dual.csv', '2016-10-02');
SELECT cqc_provider_id, name, open_locations, beds FROM casework.provider WHERE cqc_provider_id IN ('1-400000000', '1-400000001', '1-400000009') ORDER BY 1;
SELECT cqc_location_id, is_open FROM casework.location WHERE cqc_location_id IN ('1-300000001', '1-300000002') ORDER BY 1;
SELECT file_name, override_reason FROM casework.directory_import ORDER BY import_id;
SELECT care_test.refused(s) FROM unnest(ARRAY['DELETE FROM casework.location_fact', 'UPDATE casework.directory_import SET row_count = 0']) AS s;
--
-- What a file is written in: bytes that are no text are refused with their line, another encoding is read by its name.
--
CREATE FUNCTION pg_temp.copy_bytes(bytes text, encoding text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    context text;
BEGIN
    EXECUTE format($c$COPY casework.directory_line (line) FROM PROGRAM %L WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02', ENCODING %L)$c$, 'printf ''' || bytes || '''', encoding);
    RETURN 'taken';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(' ', SQLSTATE, message, split_part(context, E'\n', 1));
END
$$;
DELETE FROM casework.directory_line; SELECT pg_temp.copy_bytes('first\nCaf\351\n', 'UTF8') AS no_text, count(*) AS lines FROM casework.directory_line;
SELECT pg_temp.copy_bytes(replace(:'heading', '''', '\047') || '\r\n"Caf\351, Town",,1 Street,AB1 2CD,,,Nursing homes,,,Care Ltd,Somewhere,South,,1-100000071,1-200000001\r\n', 'WIN1252') AS windows;
SELECT * FROM pg_temp.taken('windows.csv', '2016-10-03', 'a file of one'); SELECT name = E'Caf\u00e9, Town' AS read FROM casework.location WHERE cqc_location_id = '1-100000071';
-- headings in another order and case, after a byte order mark
SELECT pg_temp.copied(chr(65279) || 'SPECIALISMS/SERVICES,cqc provider id (for office use only),Region,local authority,Provider name,Service types,Postcode,Address,Also known as,NAME,CQC LOCATION ID (FOR OFFICE USE ONLY)', ',1-200000001,South,Somewhere,Care Ltd,Nursing homes,AB1 2CD,1 Street,,Turned round,1-100000072');
SELECT * FROM pg_temp.taken('turned.csv', '2016-10-04', 'a file of one'); SELECT name, postcode, cqc_provider_id FROM casework.location WHERE cqc_location_id = '1-100000072';

-- every heading that is read is one of those published
SELECT c.kind, h.heading FROM (VALUES ('directory', 'cqc_directory_column'), ('active_locations', 'cqc_active_location_column')) AS c (kind, list), LATERAL casework_internal.directory_column(c.kind) AS h
WHERE h.heading IS NOT NULL AND NOT EXISTS (SELECT FROM casework.code AS x WHERE x.list = c.list AND x.label = h.heading);

-- ids: a setting widens their form
SELECT id, id ~ casework_internal.parameter_value('cqc_id_pattern', NULL, current_date) AS taken FROM unnest('{1-123456,1-12345,2-123456}'::text[]) AS id;
SELECT casework.record_parameter('cqc_id_pattern', '^[12]-[0-9]{6,12}$', 'ours', 'us', '0001-01-01');
SELECT '2-123456' ~ casework_internal.parameter_value('cqc_id_pattern', NULL, current_date) AS taken;

--
-- Services, spending, prices, concentration.
--
CREATE FUNCTION pg_temp.service(person text, type text, cost numeric, location text, began date DEFAULT '2025-01-01', ended date DEFAULT NULL, authority text DEFAULT 'E10000028') RETURNS bigint LANGUAGE sql AS $$
    SELECT casework.record_care_event(authority, person, 'service', began, jsonb_strip_nulls(jsonb_build_object('service_type', type, 'unit_cost', cost, 'cost_frequency', 'weekly', 'cqc_location_id', location, 'to_day', ended)))
$$;
-- shares of 50, 30 and 20 per cent among three providers; a nursing market of one
SELECT count(pg_temp.service('M' || n, 'lt_residential', CASE WHEN n <= 5 THEN 500 WHEN n <= 10 THEN 300 ELSE 200 END,
    CASE WHEN n <= 5 THEN '1-300000010' WHEN n <= 10 THEN '1-300000020' ELSE '1-300000030' END)) FROM generate_series(1, 15) AS n;
SELECT count(pg_temp.service('M' || n, 'lt_nursing', 1000, '1-300000040')) FROM generate_series(1, 4) AS n;
SELECT * FROM casework.market_concentration('2026-01-01', '2026-03-31', 'E10000028');
SELECT * FROM casework.price_distribution('2026-01-01', '2026-03-31', 'E10000028');
SELECT service_type, area, cqc_provider_id, month, people, weekly_cost, total, is_total FROM casework.market_spend('2026-01-01', '2026-02-28', 'E10000028');
SELECT sum(total) FILTER (WHERE NOT is_total) = sum(total) FILTER (WHERE is_total) AS adds_up, sum(people) FILTER (WHERE NOT is_total) AS in_rows, max(people) FILTER (WHERE is_total) AS once
FROM casework.market_spend('2026-01-01', '2026-01-31', 'E10000028');
SELECT * FROM casework.market_spend_disclosed('2026-01-01', '2026-01-31', 'E10000028');
-- 100 years at most
SELECT count(*) FROM casework.market_spend('1926-03-01', '2026-02-28', 'E10000028');
SELECT * FROM casework.market_spend('1926-02-28', '2026-02-28', 'E10000028');
SELECT * FROM casework.market_spend_disclosed('-infinity', '2026-02-28', 'E10000028');
-- a provider fails: the last day still counts, death ends
SELECT pg_temp.service('F1', 'lt_residential', 500, '1-300000050', '2025-01-01', '2026-02-10') > 0 AS f1, pg_temp.service('F2', 'lt_residential', 500, '1-300000051') > 0 AS f2;
SELECT care.record_death('F2', '2026-02-10', '2026-02-11');
SELECT d, x.reference, x.location, x.to_day FROM unnest('{2026-02-10,2026-02-11}'::date[]) AS d, casework.people_at('1-400000005', d) AS x ORDER BY 1, 2;
SELECT count(*) AS at_location FROM casework.people_at('1-300000050', '2026-02-10');
-- 12: what points to a closed location goes on pointing to it
SELECT pg_temp.service('F3', 'lt_residential', 500, '1-300000099') > 0 AS f3; SELECT x.reference, x.location FROM casework.people_at('1-300000099', '2026-02-10') AS x;

-- self-funders: 30 of 120
SELECT count(care.record_budget(care.open_account('E10000029', 'S' || n, 'S' || n, NULL, '2022', '2023-10-01'), '2023-10-01', CASE WHEN n <= 30 THEN 'independent_personal_budget' ELSE 'personal_budget' END, 'community', 500, CASE WHEN n > 30 THEN 400 END))
FROM generate_series(1, 120) AS n;
SELECT * FROM casework.self_funder_share WHERE authority = 'E10000029';

--
-- Signs of demand: 17, and small numbers.
--
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT casework.record_market_signal('E10000028', 'day care', 'AB1 2CD', '2026-01-05', 'search')$$,
    $$SELECT casework.record_market_signal('E10000028', 'day care', 'AB1 2', '2026-01-05', 'wish')$$, $$SELECT casework.record_market_signal('E10000028', 'day care', 'AB1 2', '2026-01-05', 'purchase', 1.005)$$,
    $$SELECT casework.record_market_signal('E10000028', '', 'AB1 2', '2026-01-05', 'search')$$]) AS s;
SELECT count(casework.record_market_signal('E10000028', term, 'AB1 2', '2026-01-05', 'search')) FROM (VALUES ('day care', 5), ('meals', 4)) AS v (term, n), generate_series(1, v.n);
SELECT casework.record_market_signal('E10000028', 'day care', 'E05000001', '2026-02-01', 'purchase', 12.50);
SELECT term, area, month, kind, signals FROM casework.demand_signal ORDER BY 1, 2, 3;
SELECT string_agg(a.attname, ' ' ORDER BY a.attnum) AS no_person FROM pg_attribute AS a WHERE a.attrelid = 'casework.market_signal'::regclass AND a.attnum > 0;
-- places
SELECT casework.record_capacity('E10000028', '1-300000001', 'care_home_service_with_nursing', 40, 3, '2026-01-05'), casework.record_capacity('E10000028', '1-300000001', 'care_home_service_with_nursing', 40, 5, '2026-02-05');
SELECT name, beds, places, vacant, as_at FROM casework.place;
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT casework.record_capacity('E10000028', '1-300000001', 'care_home_service_with_nursing', 4, 5, '2026-01-05')$$,
    $$SELECT casework.record_capacity('E10000028', '1-999999999', 'care_home_service_with_nursing', 4, 1, '2026-01-05')$$, $$SELECT casework.record_capacity('E10000028', '1-300000001', 'inn', 4, 1, '2026-01-05')$$]) AS s;
-- what is no authority has no report of nothing
SELECT f, care_test.refused(format('SELECT * FROM casework.%s(%L, %L, authority => %L)', f, '2026-01-01', '2026-03-31', 'E06999999'))
FROM unnest('{contracted_service,market_spend,market_spend_disclosed,price_distribution,market_concentration,cld_event}'::text[]) AS f;
SELECT f, care_test.refused(format('SELECT * FROM casework.%s(%L, %L)', f, 'E06999999', '2026-03-31'))
FROM unnest('{sac_case,sac_return,sac_check,sac_published,sac_rate,sac_roll_up,wanted_outcome_kind,wanted_outcome_published}'::text[]) AS f;
SELECT care_test.refused($$SELECT * FROM casework.wanted_phrase('E06999999', '2026-01-01', '2026-03-31')$$), care_test.refused($$SELECT casework.raise_hospital_alerts(authority => 'E06999999')$$);
ROLLBACK;
