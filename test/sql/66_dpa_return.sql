--
-- 66_dpa_return: the national return: every group on both sides of the year, and its disclosure (R112).
--
-- The year is 1 April 2019 to 31 March 2020, and the authority charges no interest, so that every value
-- can be seen.  All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
-- keys that do not depend on what ran before
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
SELECT care.record_interest_policy('E06000061', '2015-04-01', 0, 'none'), care.record_interest_policy('E06000062', '2015-04-01', 0, 'none');
-- an agreement of somebody born on a day, drawn on the day it is secured; each value is of its own magnitude
CREATE FUNCTION pg_temp.open(name text, signed date, secured date, born date, drawn numeric, style text DEFAULT 'traditional', authority text DEFAULT 'E06000061')
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    id bigint := care.open_agreement(authority, name, 'person of ' || name, signed, secured, born, style);
BEGIN
    PERFORM care.record_valuation(id, signed, 5000000);
    IF drawn > 0 THEN
        PERFORM care.defer(id, greatest(signed, secured), 'care_fees', drawn);
    END IF;
    RETURN id;
END
$$;
CREATE FUNCTION pg_temp.repay(agreement bigint, day date) RETURNS numeric LANGUAGE plpgsql AS $$
DECLARE
    figure numeric := care.redemption_figure(agreement, day);
BEGIN
    PERFORM care.record_payment(agreement, day, figure);
    RETURN figure;
END
$$;

--
-- What counts: signed and secured; outstanding, opened and closed on the last and first days of the years.
--
SELECT pg_temp.open('31 March 2019', '2019-03-31', '2019-03-31', '1940-01-01', 1) AS a1,
       pg_temp.open('1 April 2019', '2019-04-01', '2019-04-01', '1940-01-01', 20) AS a2,
       pg_temp.open('secured in the year', '2019-03-01', '2019-04-01', '1940-01-01', 300) AS a3,
       pg_temp.open('signed in the year', '2019-04-01', '2019-03-01', '1940-01-01', 4000) AS a4,
       pg_temp.open('31 March 2020', '2020-03-31', '2020-03-31', '1940-01-01', 50000) AS a5,
       pg_temp.open('1 April 2020', '2020-04-01', '2020-04-01', '1940-01-01', 600000) AS a6,
       pg_temp.open('repaid before', '2018-05-01', '2018-05-01', '1940-01-01', 7) AS r1,
       pg_temp.open('repaid on the first day', '2018-05-01', '2018-05-01', '1940-01-01', 80) AS r2,
       pg_temp.open('repaid on the last day', '2018-05-01', '2018-05-01', '1940-01-01', 900) AS r3,
       pg_temp.open('repaid after', '2018-05-01', '2018-05-01', '1940-01-01', 1000) AS r4,
       pg_temp.open('opened and repaid', '2019-06-01', '2019-06-01', '1940-01-01', 11000, 'loan') AS r5 \gset
SELECT pg_temp.repay(:r1, '2019-03-31'), pg_temp.repay(:r2, '2019-04-01'), pg_temp.repay(:r3, '2020-03-31'), pg_temp.repay(:r4, '2020-04-01'), pg_temp.repay(:r5, '2019-12-01');
-- signed and not secured, secured and not signed, applied for
SELECT care.apply_for_agreement('E06000061', name, 'person of ' || name, '2019-05-01', '1940-01-01') AS id, name INTO TEMP waiting FROM unnest('{signed only, secured only, applied}'::text[]) AS name;
SELECT count(care.decide_application(id, '2019-05-02', 'offered', true)) AS offered, count(care.notify_rate(id, '2019-05-02', 0)) AS notified FROM waiting WHERE name <> 'applied';
SELECT count(care.sign_agreement(id, '2019-05-03')) AS signed FROM waiting WHERE name = 'signed only';
SELECT count(care.secure_agreement(id, '2019-05-03')) AS secured FROM waiting WHERE name = 'secured only';
CREATE FUNCTION pg_temp.part(year_ending date) RETURNS TABLE (reference text, age_band text, opening boolean, new boolean, closing boolean, closed_by text, recovery text)
LANGUAGE sql AS $$
    SELECT a.reference, x.age_band, x.opening, x.new, x.closing, x.closed_by, x.recovery
    FROM care.dpa_agreement('E06000061', (year_ending - interval '1 year')::date + 1, year_ending) AS x JOIN care.agreement AS a USING (agreement_id)
    ORDER BY a.agreement_id
$$;
SELECT * FROM pg_temp.part('2020-03-31');
CREATE FUNCTION pg_temp.activity(of_authority text, year_ending date) RETURNS TABLE (item text, under_65 bigint, from_65 bigint, pounds numeric) LANGUAGE sql AS $$
    SELECT r.item, max(r.number) FILTER (WHERE r.age_band = '18-64'), max(r.number) FILTER (WHERE r.age_band = '65 and over'), max(r.pounds)
    FROM care.dpa_return(of_authority, year_ending) WITH ORDINALITY AS r (return_table, item, age_band, number, pounds, missing, n)
    WHERE return_table IN ('DPA001', 'DPA002') GROUP BY r.return_table, r.item ORDER BY min(n)
$$;
SELECT * FROM pg_temp.activity('E06000061', '2020-03-31');
-- 300 + 4,000 + 20 + 50,000 + 11,000 were new; of those 11,000 on loan terms; 54,320 + 1 + 1,000 are outstanding
SELECT 300 + 4000 + 20 + 50000 + 11000 AS new, 300 + 4000 + 20 + 50000 + 1 + 1000 AS outstanding, 80 + 900 + 11000 AS recovered;

--
-- Age on the day of signing: the 65th birthday, the day before, and on 29 February.
--
SELECT pg_temp.open('65 that day', '2020-03-01', '2020-03-02', '1955-03-01', 0) AS g1, pg_temp.open('65 the day after', '2020-03-01', '2020-03-02', '1955-03-02', 0) AS g2,
       pg_temp.open('born on 29 February', '2021-02-27', '2021-02-27', '1956-02-29', 0) AS g3,
       pg_temp.open('born on 29 February too', '2021-02-28', '2021-02-28', '1956-02-29', 0) AS g4 \gset
SELECT reference, age_band FROM pg_temp.part('2021-03-31') WHERE reference LIKE '65%' OR reference LIKE 'born%';
SELECT care.open_agreement('E06000062', 'age not known', 'person of nowhere', '2019-06-01', '2019-06-01') > 0 AS opened;
SELECT return_table, item, age_band, number, missing FROM care.dpa_return('E06000062', '2020-03-31') WHERE age_band = 'not known';

--
-- Written off in three groups, what was recovered of them, and the lump sums; under and over 65.
--
-- under 65, and with agreements of its own so that the numbers stand apart
SELECT pg_temp.open('w none tried', '2018-05-01', '2018-05-01', '1960-01-01', 100000) AS w1, pg_temp.open('w tried, nothing', '2018-05-01', '2018-05-01', '1960-01-01', 200000) AS w2,
       pg_temp.open('w tried, part', '2018-05-01', '2018-05-01', '1960-01-01', 300000, 'loan') AS w3, pg_temp.open('w tried after death', '2018-05-01', '2018-05-01', '1960-01-01', 400000) AS w4,
       pg_temp.open('w before the year', '2018-05-01', '2018-05-01', '1960-01-01', 1) AS w5, pg_temp.open('w after the year', '2018-05-01', '2018-05-01', '1960-01-01', 2) AS w6,
       pg_temp.open('lump sum', '2018-05-01', '2018-05-01', '1960-01-01', 5000) AS l1, pg_temp.open('lump sum reversed', '2018-05-01', '2018-05-01', '1960-01-01', 6000) AS l2,
       pg_temp.open('lump sums around', '2018-05-01', '2018-05-01', '1960-01-01', 7000) AS l3 \gset
-- a payment in life, before recovery began, is no recovery
SELECT care.record_payment(:w2, '2019-05-01', 11) > 0 AND care.record_payment(:w4, '2019-05-01', 22) > 0 AS paid_in_life;
SELECT care.end_agreement(:w2, '2019-06-01', 'other'), care.end_agreement(:w3, '2019-06-01', 'sold'), care.record_death('person of w tried after death', '2019-06-01', '2019-06-02');
SELECT care.record_payment(:w3, '2019-07-01', 1234) > 0 AND care.record_payment(:w4, '2019-07-01', 4321) > 0 AS recovered_in_part;
SELECT care.write_off(:w1, '2019-09-01', 'not_attempted', 'too little', 'head of service') AS w1;
SELECT care.write_off(:w2, '2020-03-31', 'attempted', 'nothing left', 'head of service') AS w2;
SELECT care.write_off(:w3, '2019-09-01', 'attempted', 'rest lost', 'head of service') AS w3;
SELECT care.write_off(:w4, '2019-09-01', 'attempted', 'rest lost', 'head of service') AS w4;
SELECT care.write_off(:w5, '2019-03-31', 'attempted', 'before', 'head of service') AS w5, care.write_off(:w6, '2020-04-01', 'attempted', 'after', 'head of service') AS w6;
SELECT care.record_payment(:l1, '2020-03-31', 500) > 0 AND care.record_payment(:l3, '2019-03-31', 1) > 0 AND care.record_payment(:l3, '2020-04-01', 2) > 0 AS paid;
SELECT care.record_payment(:l2, '2019-07-01', 600) AS bounced \gset
SELECT care.reverse_entry(:l2, :bounced, 'returned') > 0 AS reversed;
SELECT * FROM pg_temp.part('2020-03-31') WHERE reference LIKE 'w %' OR reference LIKE 'lump%';
SELECT item, under_65, from_65, pounds FROM pg_temp.activity('E06000061', '2020-03-31');
SELECT 200000 - 11 AS nothing_recovered, 300000 - 1234 + 400000 - 22 - 4321 AS part_recovered, 1234 + 4321 AS of_which_recovered;

--
-- Opening + new - written off - recovered = closing, by age band, and each year opens as the last closed.
--
CREATE FUNCTION pg_temp.balanced(of_authority text) RETURNS TABLE (year_ending date, age_band text, opening bigint, new bigint, written_off bigint, recovered bigint, closing bigint,
                                                                   adds_up boolean, as_last_year boolean) LANGUAGE sql AS $$
    SELECT y.*, y.opening + y.new - y.written_off - y.recovered = y.closing,
           y.opening = lag(y.closing) OVER (PARTITION BY y.age_band ORDER BY y.year_ending)
    FROM (SELECT d, r.age_band,
                 coalesce(sum(r.number) FILTER (WHERE r.item = 'outstanding at the start'), 0)::bigint AS opening, coalesce(sum(r.number) FILTER (WHERE r.item = 'new in the year'), 0)::bigint AS new,
                 coalesce(sum(r.number) FILTER (WHERE r.item LIKE 'written off%'), 0)::bigint AS written_off, coalesce(sum(r.number) FILTER (WHERE r.item = 'recovered in full'), 0)::bigint AS recovered,
                 coalesce(sum(r.number) FILTER (WHERE r.item = 'outstanding at 31 March'), 0)::bigint AS closing
          FROM unnest('{2018-03-31, 2019-03-31, 2020-03-31, 2021-03-31, 2022-03-31}'::date[]) AS d, care.dpa_return(of_authority, d) AS r
          WHERE r.return_table = 'DPA001' GROUP BY d, r.age_band) AS y (year_ending, age_band, opening, new, written_off, recovered, closing)
    ORDER BY y.age_band, y.year_ending
$$;
SELECT * FROM pg_temp.balanced('E06000061');
-- also when a repayment is reversed later, or an ended one is opened again
SELECT care.reverse_entry(:r3, (SELECT max(entry_id) FROM care.agreement_entry WHERE agreement_id = :r3), 'returned') > 0 AS reversed,
       care.defer(:r2, '2020-06-01', 'care_fees', 5) > 0 AS opened_again;
SELECT * FROM pg_temp.balanced('E06000061') WHERE age_band = '65 and over';
SELECT bool_and(adds_up), bool_and(as_last_year) FROM pg_temp.balanced(NULL);
-- one that never had a debt is outstanding until it ends
SELECT pg_temp.open('never drawn', '2019-05-05', '2019-05-05', '1960-01-01', 0, 'traditional', 'E06000062') AS never \gset
SELECT care.end_agreement(:never, '2020-05-05', 'other');
SELECT d, closing, closed_by FROM unnest('{2020-03-31, 2021-03-31}'::date[]) AS d, care.dpa_agreement('E06000062', d - 365, d) WHERE agreement_id = :never;

--
-- What is certain of the other tables, and what is missing.
--
SELECT care.record_interest_policy('E06000063', '2015-04-01', 0, 'none');
SELECT count(care.apply_for_agreement('E06000063', r, 'person ' || r, applied, '1940-01-01', 'traditional', term, top_up, use)) AS applied
FROM (VALUES ('q1', '2019-04-01'::date, 'lifetime', false, NULL), ('q2', '2019-05-01', 'until_sale', true, 'let'), ('q3', '2019-05-01', 'lifetime', false, 'occupied'),
             ('q4', '2020-03-31', 'lifetime', false, 'let'), ('q5', '2020-04-01', 'lifetime', false, 'let'), ('q6', '2019-03-31', 'lifetime', false, 'let')) AS v (r, applied, term, top_up, use);
SELECT count(care.decide_application(agreement_id, applied_on, CASE reference WHEN 'q3' THEN 'refused' ELSE 'offered' END, false, 'test')) AS decided
FROM care.agreement WHERE authority = 'E06000063' AND reference <> 'q4';
SELECT count(care.notify_rate(agreement_id, applied_on, 0)) AS notified FROM care.agreement WHERE reference IN ('q1', 'q2');
SELECT count(care.sign_agreement(agreement_id, '2019-05-05')) AS signed FROM care.agreement WHERE reference IN ('q1', 'q2');
SELECT count(care.secure_agreement(agreement_id, '2019-05-05', charge_priority => CASE reference WHEN 'q1' THEN 1 ELSE 2 END)) AS secured FROM care.agreement WHERE reference IN ('q1', 'q2');
SELECT care.record_deferral(agreement_id, '2019-05-05', CASE reference WHEN 'q1' THEN 300 ELSE 700 END, CASE reference WHEN 'q1' THEN 100 ELSE 244 END) > 0 AS weekly FROM care.agreement WHERE reference IN ('q1', 'q2');
SELECT return_table, item, number, missing FROM care.dpa_return('E06000063', '2020-03-31') WHERE return_table > 'DPA002';
SELECT return_table, item, number, missing FROM care.dpa_return('E06000061', '2020-03-31') WHERE return_table = 'DPA005';
-- the bands of the weekly deferral
SELECT care.record_interest_policy('E08000004', '2015-04-01', 0, 'none');
SELECT count(care.record_deferral(pg_temp.open('weekly ' || w, '2019-06-01', '2019-06-01', '1940-01-01', 0, 'traditional', 'E08000004'), '2019-06-01', w, 0)) AS weekly
FROM unnest('{299.99, 300, 400, 400.01, 500, 500.01}'::numeric[]) AS w;
-- the last of the year counts, and an agreement that has ended does not
SELECT care.record_deferral(agreement_id, '2020-04-01', 1, 0) > 0 AS next_year FROM care.agreement WHERE authority = 'E08000004' AND reference = 'weekly 500.01';
SELECT care.end_agreement(agreement_id, '2020-03-01', 'other') FROM care.agreement WHERE authority = 'E08000004' AND reference = 'weekly 400';
SELECT item, number FROM care.dpa_return('E08000004', '2020-03-31') WHERE return_table = 'DPA004';

--
-- Disclosure control, a separate step: 4, 5, 7, 8; 9,999.99 and 10,000.00.
--
CREATE FUNCTION pg_temp.disclosed(of_authority text, agreements int, style text, owed numeric) RETURNS TABLE (item text, number bigint, pounds numeric, shown text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM care.record_interest_policy(of_authority, '2015-04-01', 0, 'none');
    PERFORM pg_temp.open('disclosed ' || n, '2019-06-01', '2019-06-01', '1940-01-01', CASE n WHEN 1 THEN owed ELSE 0 END, style, of_authority) FROM generate_series(1, agreements) AS n;
    RETURN QUERY SELECT r.item, r.number, r.pounds, d.shown FROM care.dpa_return(of_authority, '2020-03-31') AS r
        JOIN care.dpa_return_disclosed(of_authority, '2020-03-31') AS d ON d.return_table = r.return_table AND d.item = r.item AND d.age_band IS NOT DISTINCT FROM r.age_band
    WHERE r.item = 'new in the year' AND r.age_band = '65 and over' OR r.item = 'outstanding at 31 March' AND r.return_table = 'DPA002';
END
$$;
SELECT n, d.* FROM (VALUES (4, 'E06000064', 9999.99), (5, 'E06000065', 10000.00), (7, 'E06000066', 10000.01), (8, 'E08000001', 0), (12, 'E08000002', 123456.78),
                           (13, 'E08000003', 1)) AS v (n, authority, owed), pg_temp.disclosed(v.authority, v.n, 'traditional', v.owed) AS d ORDER BY n, d.number;
-- nothing of the return itself is changed by it, and nought is not shown either
SELECT DISTINCT shown FROM care.dpa_return_disclosed('E06000064', '2020-03-31');
-- the year, and the authority
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT * FROM care.dpa_return('E06000061', '2020-03-30')$$, $$SELECT * FROM care.dpa_return('E06000061', NULL)$$,
    $$SELECT * FROM care.dpa_return('E99999999', '2020-03-31')$$]) AS s;
-- all authorities are the sum of each
SELECT sum(number) FILTER (WHERE who IS NULL) = sum(number) FILTER (WHERE who IS NOT NULL) AS numbers, sum(pounds) FILTER (WHERE who IS NULL) = sum(pounds) FILTER (WHERE who IS NOT NULL) AS pounds
FROM (SELECT NULL AS who UNION ALL SELECT DISTINCT a.authority FROM care.agreement AS a) AS w, care.dpa_return(who, '2020-03-31') AS r WHERE r.return_table IN ('DPA001', 'DPA002');
ROLLBACK;
