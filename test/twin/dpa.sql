--
-- dpa.sql: random histories of agreements, counted for the return on deferred payments a second time: one agreement after
-- another, from the facts alone, and compared with DPA001 to DPA005 in every cell.
--
--     psql -v seed=1 -v dpa=1000 -f test/twin/dpa.sql
--
-- The rate is nought, so that what is owed is the sum of the entries; interest is compared in agreements.sql.
--
-- For a database made for it: leaves what it recorded.
--
-- Must not know: what care.dpa_return(), care.dpa003() ... are made of.
--
\set QUIET 1
\set ON_ERROR_STOP 1
\pset format unaligned
\pset tuples_only on
\if :{?seed} \else \set seed 1 \endif
\if :{?dpa} \else \set dpa 150 \endif
SET datestyle = 'ISO, YMD';
SET jit = off;
SELECT setseed(:seed / 1073741824.0) \g /dev/null
-- the year counted
CREATE FUNCTION pg_temp.first() RETURNS date LANGUAGE sql IMMUTABLE RETURN '2019-04-01'::date;
CREATE FUNCTION pg_temp.last() RETURNS date LANGUAGE sql IMMUTABLE RETURN '2020-03-31'::date;
SELECT care.record_interest_policy(a, '2015-04-01', 0, 'none'), care.record_setting(a, 'small_rest', '5') FROM unnest('{E06000061,E06000062,E06000063}'::text[]) AS a \g /dev/null
SELECT care.record_setting('E06000061', 'dpa_refusal_reasons', 'insufficient equity,no security'), care.record_setting('E06000061', 'dpa_property_uses', 'let,occupied'),
       care.record_setting('E06000062', 'dpa_duration_years', '1,4') \g /dev/null
CREATE TEMP TABLE lists (authority text, reasons text[], uses text[], years integer[]);
INSERT INTO lists VALUES ('E06000061', '{insufficient equity,no security}', '{let,occupied}', '{1,2,3,5}'), ('E06000062', '{}', '{}', '{1,4}'), ('E06000063', '{}', '{}', '{1,2,3,5}');

-- Histories: near the ends of the year, the birthdays of 65 and the anniversaries; steps corrected and withdrawn, entries taken back.
CREATE TEMP TABLE refusal (what text, why text);
CREATE FUNCTION pg_temp.one_of(VARIADIC words text[]) RETURNS text LANGUAGE sql VOLATILE RETURN words[1 + floor(random() * cardinality(words))::integer];
-- What the rules refuse is not there; how often is told at the end.
CREATE FUNCTION pg_temp.tried(command text, id bigint, VARIADIC given text[]) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT FROM care.' || command, VARIADIC ARRAY[id::text] || given);
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    INSERT INTO refusal VALUES (split_part(command, '(', 1), SQLSTATE || ' ' || SQLERRM);
    RETURN false;
END
$$;
CREATE FUNCTION pg_temp.populate(first_n integer, last_n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    id bigint;
    day date;
    born date;
    person text;
    decision text;
    step bigint;
BEGIN
    FOR n IN first_n .. last_n LOOP
        person := 'W' || n - (random() < 0.1)::integer;
        day := (CASE floor(random() * 3)::integer WHEN 0 THEN '2019-04-01'::date - 3 + floor(random() * 6)::integer WHEN 1 THEN '2020-03-31'::date - 40 + floor(random() * 45)::integer
                     ELSE '2015-04-01'::date + floor(random() * 1850)::integer END);
        born := (SELECT d.date_of_birth FROM care.person_detail AS d JOIN care.person AS p ON p.person_id = d.person_id WHERE p.reference = person);
        id := care.apply_for_agreement(pg_temp.one_of('E06000061', 'E06000062', 'E06000063'), 'V' || n, person, day,
            CASE WHEN born IS NOT NULL THEN born WHEN random() < 0.9 THEN (day - CASE WHEN random() < 0.4 THEN interval '65 years' ELSE make_interval(days => 18000 + floor(random() * 16000)::integer) END)::date
                                                                          + floor(random() * 3)::integer END,
            pg_temp.one_of('traditional', 'loan'), pg_temp.one_of('until_sale', 'lifetime'), random() < 0.3, pg_temp.one_of('let', 'Occupied', 'museum', NULL));
        FOR m IN 1 .. floor(random() * 4)::integer LOOP
            decision := pg_temp.one_of('offered', 'offered', 'refused');
            step := care.decide_application(id, day, decision, decision = 'offered', CASE decision WHEN 'refused' THEN pg_temp.one_of('No security', 'insufficient equity', 'the moon') END);
            IF random() < 0.1 THEN PERFORM pg_temp.tried('withdraw_step(%s, %L, %L)', id, step::text, 'not so');
            ELSIF random() < 0.1 THEN PERFORM pg_temp.tried('correct_step(%s, %L, %L, %L)', id, step::text, (day + 1)::text, 'a day later'); END IF;
            day := day + floor(random() * 3)::integer;
        END LOOP;
        -- of the first decision another day, recorded after all
        IF random() < 0.1 THEN PERFORM pg_temp.tried('correct_step(%s, %L, %L, %L)', id, min(e.event_id)::text, min(e.on_day)::text, 'heard of late') FROM care.agreement_event AS e WHERE e.agreement_id = id; END IF;
        CONTINUE WHEN decision IS DISTINCT FROM 'offered' OR random() < 0.1;
        PERFORM care.notify_rate(id, day, 0);
        CONTINUE WHEN NOT pg_temp.tried('sign_agreement(%s, %L)', id, day::text) OR random() < 0.05;
        PERFORM pg_temp.tried('secure_agreement(%s, %L, %L, %s)', id, (day + floor(random() * 4)::integer)::text, pg_temp.one_of('legal_charge', 'legal_charge', 'other', 'undertaking'), pg_temp.one_of('1', '1', '2', '3', 'NULL')),
                pg_temp.tried('record_valuation(%s, %L, 900000)', id, day::text);
        SELECT e.event_id INTO step FROM care.agreement_event AS e WHERE e.agreement_id = id AND e.kind = 'secured' ORDER BY e.event_id DESC LIMIT 1;
        IF random() < 0.1 THEN
            PERFORM pg_temp.tried('withdraw_step(%s, %L, %L)', id, step::text, 'another charge'), pg_temp.tried('secure_agreement(%s, %L, %L, %s)', id, (day + 2)::text, pg_temp.one_of('legal_charge', 'other'), pg_temp.one_of('1', '2'));
        ELSIF random() < 0.1 THEN
            PERFORM pg_temp.tried('correct_step(%s, %L, %L, %L)', id, step::text, (day + 5)::text, 'registered later');
        END IF;
        day := day + 6;
        FOR m IN 1 .. floor(random() * 3)::integer LOOP
            PERFORM pg_temp.tried('record_deferral(%s, %L, %s, %s, NULL, %s, %s)', id, (day + floor(random() * 30)::integer)::text, pg_temp.one_of('299.99', '300', '400', '400.01', '500', '500.01', '900'),
                pg_temp.one_of('0', '0', '100', '180'), pg_temp.one_of('0', '0', '50'), pg_temp.one_of('0', '0', '25'));
        END LOOP;
        FOR m IN 1 .. floor(random() * 4)::integer LOOP
            PERFORM pg_temp.tried('defer(%s, %L, %L, %s)', id, (day + floor(random() * 60)::integer)::text, 'care_fees', (1 + floor(random() * 9)) * 100 || '.50');
            IF random() < 0.3 THEN PERFORM pg_temp.tried('record_payment(%s, %L, %s)', id, (day + floor(random() * 400)::integer)::text, pg_temp.one_of('50', '100.50', '300')); END IF;
        END LOOP;
        IF random() < 0.1 THEN PERFORM pg_temp.tried('reverse_entry(%s, %L, %L)', id, (SELECT max(e.entry_id) FROM care.agreement_entry AS e WHERE e.agreement_id = id AND e.reverses IS NULL)::text, 'not theirs'); END IF;
        IF random() < 0.2 THEN
            PERFORM care.record_death(person, d.died, d.died, a.authority) FROM (SELECT least(day + floor(random() * 900)::integer, '2026-01-01') AS died) AS d, care.agreement AS a
            WHERE a.agreement_id = id AND NOT EXISTS (SELECT FROM care.death AS x WHERE x.person_id = a.person_id);
        END IF;
        -- about an anniversary, or some day
        day := CASE WHEN random() < 0.5 THEN (day - 6 + make_interval(years => 1 + floor(random() * 5)::integer))::date - 2 + floor(random() * 6)::integer ELSE day + 60 + floor(random() * 900)::integer END;
        CASE floor(random() * 5)::integer
            WHEN 0, 1 THEN PERFORM pg_temp.tried('record_payment(%s, %L, care.redemption_figure(%1$s, %2$L))', id, day::text);
            WHEN 2 THEN PERFORM pg_temp.tried('write_off(%s, %L, %L, %L, %L)', id, day::text, pg_temp.one_of('attempted', 'not_attempted'), 'no estate', 'the director');
            WHEN 3 THEN PERFORM pg_temp.tried('record_payment(%s, %L, care.redemption_figure(%1$s, %2$L) - 3)', id, day::text), pg_temp.tried('write_off(%s, %L, %L, %L, %L)', id, day::text, 'attempted', 'a rest', 'the director');
            ELSE NULL; END CASE;
        IF random() < 0.2 THEN PERFORM pg_temp.tried('end_agreement(%s, %L, %L)', id, day::text, 'other'); END IF;
        IF random() < 0.1 THEN PERFORM pg_temp.tried('defer(%s, %L, %L, 75)', id, (day + 10)::text, 'care_fees'); END IF;
    END LOOP;
END
$$;
-- in small transactions, as each thing that is tried is one within
\o /dev/null
SELECT format('SELECT pg_temp.populate(%s, %s)', n, least(n + 9, :dpa)) FROM generate_series(1, :dpa, 10) AS n ORDER BY n \gexec
\o
ANALYZE;

-- A second count.
CREATE FUNCTION pg_temp.steps(agreement bigint, of_kinds text[]) RETURNS SETOF care.agreement_event LANGUAGE sql STABLE AS $$
    SELECT e.* FROM care.agreement_event AS e
    WHERE e.agreement_id = agreement AND e.kind = ANY (of_kinds) AND NOT EXISTS (SELECT FROM care.agreement_event AS x WHERE x.agreement_id = agreement AND x.supersedes = e.event_id)
    ORDER BY e.event_id
$$;
-- The day since which nothing is owed, looking back from a day, and by what.
CREATE FUNCTION pg_temp.closed(agreement bigint, at_day date, OUT since date, OUT how text) LANGUAGE plpgsql STABLE AS $$
DECLARE
    e record;
    owed numeric := 0;
    lost numeric := 0;
BEGIN
    FOR e IN SELECT x.on_day, sum(x.amount) AS amount, coalesce(-sum(x.amount) FILTER (WHERE x.kind = 'write_off'), 0) AS lost
             FROM care.agreement_entry AS x
             WHERE x.agreement_id = agreement AND x.on_day <= at_day
               -- what was taken back has never been
               AND x.reverses IS NULL AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = agreement AND r.reverses = x.entry_id) GROUP BY x.on_day ORDER BY x.on_day LOOP
        owed := owed + e.amount;
        lost := lost + e.lost;
        IF owed > 0 THEN since := NULL; ELSE since := coalesce(since, e.on_day); END IF;
    END LOOP;
    IF NOT FOUND THEN
        SELECT s.on_day INTO since FROM pg_temp.steps(agreement, '{ended}') AS s WHERE s.on_day <= at_day;
    END IF;
    how := CASE WHEN since IS NOT NULL THEN CASE WHEN lost > 5 THEN 'write_off' ELSE 'payment' END END;
END
$$;
CREATE TEMP TABLE cell (of_table text, authority text, cell text, number numeric, counted text);
CREATE FUNCTION pg_temp.band(born date, on_day date) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN born IS NULL THEN 'not known' WHEN date_part('year', age(on_day, born)) < 65 THEN '18-64' ELSE '65 and over' END;
CREATE FUNCTION pg_temp.listed(said text, words text[]) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN said IS NULL THEN 'not recorded' WHEN lower(said) = ANY (words) THEN lower(said) ELSE 'other' END;
CREATE FUNCTION pg_temp.put(of_table text, authority text, cell text, number numeric DEFAULT 1) RETURNS void LANGUAGE sql AS $$
    INSERT INTO cell VALUES (of_table, authority, cell, number, 'slowly')
$$;
CREATE FUNCTION pg_temp.count_all() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a care.agreement;
    l lists;
    d care.deferral;
    born date;
    died date;
    signed date;
    secured date;
    began date;
    decided record;
    before record;
    after record;
    is_new boolean;
    band text;
    years integer;
    part text;
    paid numeric;
    gross numeric;
    owed numeric;
    tried text;
BEGIN
    FOR a IN SELECT x.* FROM care.agreement AS x WHERE x.reference LIKE 'V%' ORDER BY x.agreement_id LOOP
        SELECT x.* INTO l FROM lists AS x WHERE x.authority = a.authority;
        SELECT x.date_of_birth INTO born FROM care.person_detail AS x WHERE x.person_id = a.person_id ORDER BY x.detail_id DESC LIMIT 1;
        SELECT x.died_on INTO died FROM care.death AS x WHERE x.person_id = a.person_id;
        SELECT s.kind, s.on_day, s.reason INTO decided FROM pg_temp.steps(a.agreement_id, '{offered,refused}') AS s WHERE s.on_day <= pg_temp.last() ORDER BY s.on_day DESC, s.event_id DESC LIMIT 1;
        IF decided.kind = 'refused' AND decided.on_day >= pg_temp.first() THEN
            PERFORM pg_temp.put('DPA003', a.authority, concat_ws(', ', '3a', 'not provided: ' || pg_temp.listed(decided.reason, l.reasons), pg_temp.band(born, decided.on_day)));
        END IF;
        SELECT s.on_day INTO signed FROM pg_temp.steps(a.agreement_id, '{signed}') AS s;
        SELECT s.on_day INTO secured FROM pg_temp.steps(a.agreement_id, '{secured}') AS s ORDER BY s.event_id LIMIT 1;
        CONTINUE WHEN signed IS NULL OR secured IS NULL OR greatest(signed, secured) > pg_temp.last();
        began := greatest(signed, secured);
        band := pg_temp.band(born, signed);
        before := pg_temp.closed(a.agreement_id, pg_temp.first() - 1);
        after := pg_temp.closed(a.agreement_id, pg_temp.last());
        is_new := began >= pg_temp.first() OR before.since IS NOT NULL AND (after.since IS NULL OR after.since >= pg_temp.first());
        SELECT coalesce(sum(e.amount), 0), coalesce(-sum(e.amount) FILTER (WHERE e.kind IN ('payment', 'refund') AND e.on_day >= pg_temp.first()), 0),
               coalesce(sum(e.amount) FILTER (WHERE e.kind NOT IN ('payment', 'refund', 'write_off')), 0)
        INTO owed, paid, gross FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id AND e.on_day <= pg_temp.last();
        IF began < pg_temp.first() AND before.since IS NULL THEN
            PERFORM pg_temp.put('DPA001', a.authority, 'outstanding at the start, ' || band);
        END IF;
        IF is_new THEN
            PERFORM pg_temp.put('DPA001', a.authority, 'new in the year, ' || band);
            IF a.style = 'loan' THEN PERFORM pg_temp.put('DPA001', a.authority, 'new in the year, loan style, ' || band); END IF;
            PERFORM pg_temp.put('DPA002', a.authority, 'new agreements, before payments', gross);
            PERFORM pg_temp.put('DPA003', a.authority, concat_ws(', ', '3a', 'provided', CASE WHEN a.with_top_up THEN 'with top-up' ELSE 'no top-up' END, band)),
                    pg_temp.put('DPA003', a.authority, concat_ws(', ', '3b', replace(a.term, '_', ' '), band)),
                    pg_temp.put('DPA003', a.authority, concat_ws(', ', '3c', pg_temp.listed(a.property_use, l.uses), band));
            SELECT CASE WHEN s.charge_type <> 'legal_charge' OR s.charge_priority > 2 THEN 'other security' WHEN s.charge_priority = 1 THEN 'first charge' WHEN s.charge_priority = 2 THEN 'second charge' END
            INTO part FROM pg_temp.steps(a.agreement_id, '{secured}') AS s;
            IF part IS NOT NULL THEN PERFORM pg_temp.put('DPA003', a.authority, concat_ws(', ', '3d', part, band)); END IF;
        END IF;
        IF after.since IS NULL THEN
            PERFORM pg_temp.put('DPA001', a.authority, 'outstanding at 31 March, ' || band), pg_temp.put('DPA002', a.authority, 'outstanding at 31 March', greatest(owed, 0)),
                    pg_temp.put('DPA002', a.authority, 'lump-sum payments against existing agreements', paid);
            d := NULL;
            FOR d IN SELECT x.* FROM care.deferral AS x WHERE x.agreement_id = a.agreement_id AND x.valid_from <= pg_temp.last()
                     AND x.deferral_id NOT IN (SELECT y.supersedes FROM care.deferral AS y WHERE y.agreement_id = a.agreement_id AND y.supersedes IS NOT NULL) ORDER BY x.valid_from LOOP
            END LOOP;
            IF d.weekly_cost > 0 THEN
                IF d.weekly_amount >= d.weekly_cost THEN PERFORM pg_temp.put('DPA004', a.authority, '4a, full cost deferred, ' || band); END IF;
                IF d.weekly_income + d.rent > d.allowance_kept THEN PERFORM pg_temp.put('DPA004', a.authority, '4a, contributing from income, ' || band); END IF;
                IF d.weekly_amount + d.third_party + d.rent + greatest(d.weekly_income - d.allowance_kept, 0) < d.weekly_cost THEN
                    PERFORM pg_temp.put('DPA004', a.authority, '4a, authority contributing, ' || band);
                END IF;
                PERFORM pg_temp.put('DPA004', a.authority, concat_ws(', ', '4b', (ARRAY['under 300 pounds', '300 to 400 pounds', '400 to 500 pounds', 'over 500 pounds'])
                    [1 + (d.weekly_amount >= 300)::integer + (d.weekly_amount > 400)::integer + (d.weekly_amount > 500)::integer], band));
            END IF;
        ELSIF after.since >= pg_temp.first() AND after.how = 'payment' THEN
            PERFORM pg_temp.put('DPA001', a.authority, 'recovered in full, ' || band);
            years := 0;
            WHILE (began + make_interval(years => years + 1))::date <= after.since LOOP years := years + 1; END LOOP;
            PERFORM pg_temp.put('DPA005', a.authority, concat_ws(', ', CASE WHEN died <= pg_temp.last() THEN 'by death' ELSE 'in life' END,
                (SELECT max(y) FILTER (WHERE y <= years) || coalesce(' to under ' || min(y) FILTER (WHERE y > years) || ' years', ' years and over') FROM unnest(0 || l.years) AS y), band));
        ELSIF after.since >= pg_temp.first() THEN
            SELECT s.recovery INTO tried FROM pg_temp.steps(a.agreement_id, '{written_off}') AS s WHERE s.on_day <= pg_temp.last() ORDER BY s.event_id DESC LIMIT 1;
            SELECT -sum(e.amount) INTO paid FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id AND e.kind IN ('payment', 'refund') AND e.on_day <= pg_temp.last()
                AND e.on_day >= least(after.since, died + 1, (SELECT s.on_day FROM pg_temp.steps(a.agreement_id, '{ended}') AS s));
            PERFORM pg_temp.put('DPA001', a.authority, 'written off: recovery ' || CASE WHEN tried = 'not_attempted' THEN 'not attempted' WHEN paid > 0 THEN 'attempted, part recovered' ELSE 'attempted, nothing recovered' END || ', ' || band);
        END IF;
    END LOOP;
END
$$;
SELECT pg_temp.count_all() \g /dev/null

-- The return's own; of each authority, and of all.
INSERT INTO cell
SELECT x.of_table, coalesce(u.authority, 'all'), x.cell, x.number, 'by care'
FROM unnest(ARRAY[NULL, 'E06000061', 'E06000062', 'E06000063']) AS u (authority), LATERAL (
    SELECT 'DPA001' AS of_table, concat_ws(', ', r.item, r.age_band) AS cell, r.number::numeric FROM care.dpa_return(u.authority, pg_temp.last()) AS r WHERE r.return_table = 'DPA001'
    UNION ALL SELECT 'DPA002', r.item, r.pounds FROM care.dpa_return(u.authority, pg_temp.last()) AS r
              WHERE r.return_table = 'DPA002' AND r.item IN ('outstanding at 31 March', 'new agreements, before payments', 'lump-sum payments against existing agreements')
    UNION ALL SELECT 'DPA003', concat_ws(', ', r.part, r.item, r.age_band), r.number FROM care.dpa003(u.authority, pg_temp.last()) AS r
    UNION ALL SELECT 'DPA004', concat_ws(', ', r.part, r.item, r.age_band), r.number FROM care.dpa004(u.authority, pg_temp.last()) AS r
    UNION ALL SELECT 'DPA005', concat_ws(', ', r.item, r.duration, r.age_band), r.number FROM care.dpa005(u.authority, pg_temp.last()) AS r) AS x;
INSERT INTO cell SELECT c.of_table, 'all', c.cell, c.number, c.counted FROM cell AS c WHERE c.counted = 'slowly';

CREATE TEMP TABLE compared AS
SELECT of_table, authority, cell, coalesce(sum(number) FILTER (WHERE counted = 'slowly'), 0) AS slowly, coalesce(sum(number) FILTER (WHERE counted = 'by care'), 0) AS by_care
FROM cell GROUP BY 1, 2, 3;
SELECT format('%s of what was tried refused: %s', what, count(*)) FROM refusal GROUP BY what ORDER BY what;
SELECT format('differs: %s of %s, %s: %s slowly, %s by care', of_table, authority, cell, slowly, by_care) FROM compared WHERE slowly <> by_care ORDER BY of_table, authority, cell;
SELECT format('%s - %s: %s cells, %s of them not nought, %s in all (seed %s)', CASE WHEN bool_and(slowly = by_care) THEN 'ok' ELSE 'not ok' END, of_table, count(*), count(*) FILTER (WHERE slowly <> 0), sum(slowly), :seed)
FROM compared GROUP BY of_table ORDER BY of_table;
DO $$BEGIN IF EXISTS (SELECT FROM compared WHERE slowly <> by_care) THEN RAISE EXCEPTION 'the return and the second count differ'; END IF; END$$;
