--
-- 51_person: people: NHS numbers, what is recorded of a person, and the record of their death.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.budget ALTER COLUMN budget_id RESTART WITH 1;

--
-- NHS numbers: ten digits, weights 10 to 2, modulus 11; not ten equal digits.
--
SELECT n, care.nhs_number_is_valid(n)
FROM (VALUES ('9434765919'), ('9876543210'), ('9434765918'), ('9434765910'), ('943476591'), ('94347659190'),
      ('943476591X'), ('9434765919 '), ('1111111111'), ('0000000000'), ('9999999999'), (NULL)) AS v (n);
-- what is no number at all is not valid either
SELECT n, care_test.refused(format('SELECT care.record_person(%L, %L, nhs_number => %L)', 'E06000001', 'no number', n))
FROM unnest(ARRAY['', '94347', '943 476 5919', '9X34765919', '-434765919']) AS n;
SELECT n, care.nhs_number_is_valid(n) FROM (VALUES ('943 476 5919'), ('9X34765919'), ('')) AS v (n);
-- all ten digits after each of 2,000 beginnings, against the other way of saying it: with weight 1 for the
-- last digit, the sum is a multiple of 11. Some beginnings have no check digit at all (it would be ten).
WITH number AS (
    SELECT b, (100000000 + b * 449993)::text || c AS n, c
    FROM generate_series(1, 2000) AS b, generate_series(0, 9) AS c
), judged AS (
    SELECT b, care.nhs_number_is_valid(n) AS valid,
           (SELECT sum(substr(n, i, 1)::int * (11 - i)) % 11 = 0 FROM generate_series(1, 10) AS i)
           AND n <> repeat(left(n, 1), 10) AS should
    FROM number
), beginning AS (
    SELECT b, count(*) FILTER (WHERE valid) AS digits, bool_and(valid = should) AS agrees FROM judged GROUP BY b
)
SELECT bool_and(agrees) AS agrees, max(digits), count(*) FILTER (WHERE digits = 0) BETWEEN 100 AND 300 AS some_have_none
FROM beginning;
SELECT care_test.refused($$SELECT '9434765918'::care.nhs_number$$);

--
-- What is recorded of a person: whole rows, of which the last holds; what is not given stays as it was.
--
CREATE FUNCTION pg_temp.known(of_reference text) RETURNS TABLE (born date, needs date, nhs_number text, status text, rows bigint)
    LANGUAGE sql AS $$
    SELECT d.date_of_birth, d.needs_began_on, d.nhs_number, d.nhs_number_status,
           (SELECT count(*) FROM care.person_detail AS x WHERE x.person_id = p.person_id)
    FROM care.person AS p LEFT JOIN care.person_detail_known_at('infinity') AS d ON d.person_id = p.person_id
    WHERE p.reference = of_reference
$$;
SELECT care.record_person('E06000001', 'one') AS one \gset
SELECT * FROM pg_temp.known('one');
SELECT care.record_person('E06000001', 'one', '1940-05-01') = :one AS same_person;
SELECT care.record_person('E06000001', 'one', needs_began_on => '2020-01-01') = :one AS same_person;
SELECT clock_timestamp() AS before_number \gset
SELECT care.record_person('E06000001', 'one', NULL, NULL, '9434765919', '02') = :one AS same_person;
SELECT * FROM pg_temp.known('one');
-- the same again adds nothing
SELECT care.record_person('E06000001', 'one', '1940-05-01', '2020-01-01', '9434765919', '02') = :one AS same_person;
SELECT care.record_person('E06000001', 'one') = :one AS same_person;
SELECT * FROM pg_temp.known('one');
-- a correction of one thing keeps the rest, and what was known stays known
SELECT care.record_person('E06000001', 'one', nhs_number => '9876543210', nhs_number_status => '01') = :one AS same_person;
SELECT * FROM pg_temp.known('one');
SELECT date_of_birth, needs_began_on, nhs_number, nhs_number_status
FROM care.person_detail_known_at(:'before_number') WHERE person_id = :one;
-- the eight status codes, and no other; 01 and 02 say that there is a number
SELECT status, care_test.refused(format('SELECT care.record_person(%L, %L, nhs_number_status => %L)', 'E06000001', 'status ' || status, status))
FROM unnest('{00,01,02,03,04,05,06,07,08,09,1,""}'::text[]) AS status;
SELECT status, (care.record_person('E06000001', 'numbered ' || status, NULL, NULL, '9434765919', status) > 0) AS recorded
FROM unnest('{01,02,03,04,05,06,07,08}'::text[]) AS status;
-- the day of the trace: kept with the number and the status it ended in, corrected, and known at each moment
SELECT care.record_person('E06000001', 'traced', '1940-05-01', NULL, '9434765919', '01', '2020-03-02') AS traced \gset
SELECT clock_timestamp() AS first_trace \gset
SELECT care.record_person('E06000001', 'traced', nhs_number_traced_on => '2020-03-03') = :traced AS corrected;
SELECT care.record_person('E06000001', 'traced', '1940-05-02') = :traced AS another_birth;
SELECT nhs_number_status, nhs_number_traced_on FROM care.person_detail_in_force WHERE person_id = :traced;
SELECT nhs_number_status, nhs_number_traced_on FROM care.person_detail_known_at(:'first_trace') WHERE person_id = :traced;
-- what else is withdrawn leaves it
SELECT care.record_person('E06000001', 'traced', needs_began_on => '2020-01-01') = :traced AS needs;
SELECT care.withdraw_details('traced', '{needs_began_on}', 'not known');
SELECT needs_began_on, nhs_number_status, nhs_number_traced_on FROM care.person_detail_in_force WHERE person_id = :traced;
-- of another status or number no trace is known until it is given
SELECT care.record_person('E06000001', 'traced', nhs_number_status => '03') = :traced AS to_be_traced;
SELECT nhs_number_status, nhs_number_traced_on FROM care.person_detail_in_force WHERE person_id = :traced;
SELECT care.record_person('E06000001', 'traced', nhs_number_status => '05', nhs_number_traced_on => care.today()) = :traced AS today,
       care.record_person('E06000001', 'traced', nhs_number => '9876543210') = :traced AS another_number;
SELECT nhs_number, nhs_number_status, nhs_number_traced_on FROM care.person_detail WHERE person_id = :traced AND nhs_number_status = '05' ORDER BY detail_id DESC LIMIT 1;
SELECT care.record_person('E06000001', 'traced', nhs_number_status => '04', nhs_number_traced_on => '1940-05-02') = :traced AS day_of_birth;
SELECT s, care_test.refused(format('SELECT care.record_person(%L, %L, NULL, NULL, %L, %L, %L)', 'E06000001', 'traced', '9876543210', s, '2020-03-03')) FROM unnest('{01,02,03,04,05,06,07,08}'::text[]) AS s;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.record_person('E06000001', 'traced', nhs_number_status => '01', nhs_number_traced_on => '1940-05-01')$$,
    $$SELECT care.record_person('E06000001', 'traced', '2021-01-01')$$,
    $$SELECT care.record_person('E06000001', 'traced', nhs_number_status => '01', nhs_number_traced_on => '9999-12-31')$$,
    $$SELECT care.record_person('E06000001', 'traced', nhs_number_status => '01', nhs_number_traced_on => 'infinity')$$,
    $$SELECT care.record_person('E06000001', 'never traced', nhs_number_traced_on => '2020-01-01')$$]) AS c;
-- refused, and nothing changed
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.record_person('E06000001', 'one', nhs_number => '9434765918')$$,
    $$SELECT care.record_person('E06000001', 'one', nhs_number => '5555555555')$$,
    $$SELECT care.record_person('E06000001', 'one', '2020-01-02')$$,
    $$SELECT care.record_person('E06000001', 'one', needs_began_on => '1940-04-30')$$]) AS c;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.record_person('E06000001', '')$$,
    $$SELECT care.record_person('E06000001', NULL)$$,
    $$SELECT care.record_person('E06999999', 'one')$$,
    $$SELECT care.record_person('E06000001', 'one', 'infinity')$$,
    $$SELECT care.record_person('E06000001', 'one', needs_began_on => 'infinity')$$,
    $$SELECT care.record_person('E06000001', 'one', '-infinity', '-infinity')$$]) AS c;
SELECT * FROM pg_temp.known('one');
-- the day of birth itself is not too early
SELECT care.record_person('E06000001', 'newborn', '2018-06-01', '2018-06-01') > 0 AS recorded;

--
-- Found by reference: of one authority, where two use it.
--
SELECT care.record_person('E06000001', 'shared') AS here, care.record_person('E06000002', 'shared') AS there \gset
SELECT care.person_id('one') = :one AS one, care.person_id('shared', 'E06000001') = :here AS here,
       care.person_id('shared', 'E06000002') = :there AS there, :here <> :there AS two_people;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.person_id('shared')$$,
    $$SELECT care.person_id('nobody')$$,
    $$SELECT care.person_id(NULL)$$,
    $$SELECT care.person_id('one', 'E06000002')$$,
    $$SELECT care.record_death('shared', '2024-01-01', '2024-01-01')$$,
    $$SELECT care.record_death('nobody', '2024-01-01', '2024-01-01')$$]) AS c;

--
-- The cap of nought follows the date of birth as it is corrected: needs began on the 25th birthday, or the
-- day before.
--
SELECT care.open_account('E06000001', 'Z', 'young', '1990-01-02', '2015', '2016-04-01', '2015-01-01') AS z \gset
SELECT care.record_budget(:z, '2016-04-01', 'personal_budget', 'community', 700);
CREATE FUNCTION pg_temp.stand(account_reference text, day date, known timestamptz DEFAULT NULL)
    RETURNS TABLE (as_at date, cap numeric, cost numeric, rate numeric, accrued numeric, reached date) LANGUAGE sql AS $$
    SELECT p.as_at, p.cap, p.weekly_cost, p.weekly_rate, p.accrued, p.cap_reached_on
    FROM care.account_position(day, known) AS p WHERE p.reference = account_reference
$$;
SELECT * FROM pg_temp.stand('Z', '2016-04-07');
SELECT clock_timestamp() AS before_birthday \gset
SELECT care.record_person('E06000001', 'young', '1990-01-01') > 0 AS recorded;
SELECT * FROM pg_temp.stand('Z', '2016-04-07');
SELECT clock_timestamp() AS after_birthday \gset
SELECT care.record_person('E06000001', 'young', needs_began_on => '2014-12-31') > 0 AS recorded;
SELECT * FROM pg_temp.stand('Z', '2016-04-07');
SELECT 'before' AS known, s.* FROM pg_temp.stand('Z', '2016-04-07', :'before_birthday') AS s
UNION ALL SELECT 'after', s.* FROM pg_temp.stand('Z', '2016-04-07', :'after_birthday') AS s;
SELECT * FROM care.verify();
-- an account of theirs that says otherwise is refused, and changes nothing
SELECT care_test.refused($$SELECT care.open_account('E06000001', 'Z2', 'young', '1990-01-02', '2015', '2016-04-01')$$);
SELECT * FROM pg_temp.known('young');

--
-- Death: the day itself is the last that counts, in every account of the person.
--
SELECT care.open_account('E06000001', 'D', 'departed', '1940-05-01', '2015', '2016-04-01', '2016-03-01') AS d,
       care.open_account('E06000001', 'D2', 'departed', '1940-05-01', '2015', '2016-04-08', '2016-03-01') AS d2 \gset
SELECT care.record_budget(:d, '2016-04-01', 'personal_budget', 'community', 70),
       care.record_budget(:d, '2016-05-01', 'personal_budget', 'care_home', 370),
       care.record_budget(:d2, '2016-04-08', 'personal_budget', 'community', 700);
SELECT * FROM pg_temp.stand('D', '2016-05-31');
SELECT clock_timestamp() AS in_life \gset
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.record_death('departed', '1940-04-30', '2016-05-01')$$,
    $$SELECT care.record_death('departed', '2016-05-01', '2016-04-30')$$,
    $$SELECT care.record_death('departed', '2016-05-01', NULL)$$]) AS c;
SELECT care_test.refused(c) FROM unnest(ARRAY[
    $$SELECT care.record_death('departed', 'infinity', 'infinity')$$,
    $$SELECT care.record_death('departed', '2016-05-01', 'infinity')$$,
    $$SELECT care.record_death('departed', '-infinity', '2016-05-01')$$,
    $$SELECT care.record_death('departed', NULL, '-infinity')$$]) AS c;
SELECT * FROM pg_temp.stand('D', '2016-05-31');
-- 10 a day in April; then dead from the second week, before the care home
SELECT care.record_death('departed', '2016-04-10', '2016-04-20');
SELECT 'D' AS account, s.* FROM unnest('{2016-04-09,2016-04-10,2016-04-11,2016-05-31,2030-01-01}'::date[]) AS day, pg_temp.stand('D', day) AS s
UNION ALL SELECT 'D2', s.* FROM unnest('{2016-04-10,2016-04-11}'::date[]) AS day, pg_temp.stand('D2', day) AS s ORDER BY 1, 2;
SELECT * FROM care.verify();
-- another day in its place; then none, it was recorded in error; then the right one
SELECT clock_timestamp() AS first_death \gset
SELECT care.record_death('departed', '2016-04-12', '2016-04-21');
SELECT * FROM pg_temp.stand('D', '2016-05-31');
SELECT clock_timestamp() AS second_death \gset
SELECT care.record_death('departed', NULL, '2016-04-22');
SELECT * FROM pg_temp.stand('D', '2016-05-31');
SELECT * FROM care.verify();
SELECT care.record_death('departed', '2016-05-07', '2016-06-01');
SELECT * FROM pg_temp.stand('D', '2016-05-31');
SELECT 'in life' AS known, s.* FROM pg_temp.stand('D', '2016-05-31', :'in_life') AS s
UNION ALL SELECT 'first', s.* FROM pg_temp.stand('D', '2016-05-31', :'first_death') AS s
UNION ALL SELECT 'second', s.* FROM pg_temp.stand('D', '2016-05-31', :'second_death') AS s;
-- born after it: refused; on the day: not
SELECT care_test.refused($$SELECT care.record_person('E06000001', 'departed', '2016-05-08')$$);
SELECT care.record_death('shared', '2018-06-01', '2018-06-01', authority => 'E06000002');
SELECT care.record_person('E06000002', 'shared', '2018-06-01') = :there AS recorded;
SELECT person_id = :there AS there, died_on FROM care.death_known_at('infinity') WHERE person_id IN (:here, :there);
-- dead before the account begins to count: nothing ever counts
SELECT care.open_account('E06000001', 'N', 'never', '1940-05-01', '2015', '2016-04-01') AS n \gset
SELECT care.record_budget(:n, '2016-04-01', 'personal_budget', 'community', 700);
SELECT care.record_death('never', '2016-03-31', '2016-05-01');
SELECT * FROM pg_temp.stand('N', '2016-05-31');
SELECT * FROM care.verify();

--
-- Facts are never changed or removed.
--
SELECT care_test.refused(c) FROM unnest(ARRAY[
    'UPDATE care.person SET reference = reference', 'DELETE FROM care.person',
    'UPDATE care.person_detail SET nhs_number = NULL', 'DELETE FROM care.person_detail', 'TRUNCATE care.person_detail',
    'UPDATE care.death SET known_on = known_on', 'DELETE FROM care.death', 'TRUNCATE care.death']) AS c;
SELECT * FROM care_test.read_as_known();
ROLLBACK;

-- by a view that may be out of date nothing is recorded that accounts follow from
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_person('E06000001', 'RR')$$,
    $$SELECT care.open_account('E06000001', 'RR', 'RR', '1940-01-01', '2015', '2024-01-01')$$,
    $$WITH p AS (INSERT INTO care.person (authority, reference) VALUES ('E06000001', 'RR') RETURNING 1) SELECT care.record_death('RR', '2024-01-01', '2024-01-01') FROM p$$]) AS s;
ROLLBACK;
