--
-- transfer_law.sql: random histories of accounts that move, each beside a twin that does not; for t/021_transfer.pl.
--
-- Schema law is the same in every database of the test: what an account's history is follows from the seed alone.  Each
-- step goes through the accounts, one transaction each, and may be killed and run again.
--
CREATE SCHEMA law;
CREATE TABLE law.told (n int, step text, account_id int8, document text, said text, PRIMARY KEY (n, step));
CREATE TABLE law.seed (seed text, accounts int);

SELECT care.record_scheme('law', 'Round figures', 'draft', '2016-01-01', 'weekly_charge', 'test'),
       care.record_parameter('law', 'cap', '2016-01-01', 30000, 'test'), care.record_parameter('law', 'cap', '2018-04-01', 33333.33, 'test'),
       care.record_parameter('law', 'cap', '2020-04-01', 32000, 'test', scales_accrued => false), care.record_parameter('law', 'daily_living_cost', '2016-01-01', 230, 'test'),
       care.record_parameter('law', 'daily_living_cost', '2019-04-01', 237.77, 'test');

-- A number from 0 to below a bound, by account and name.
CREATE FUNCTION law.random(n int, name text, bound int) RETURNS int LANGUAGE sql STABLE AS $$
    SELECT (('x' || substr(md5(s.seed || '/' || random.n || '/' || name), 1, 7))::bit(28)::int % bound) FROM law.seed AS s
$$;
CREATE FUNCTION law.day(n int, name text, from_day date, days int) RETURNS date LANGUAGE sql STABLE RETURN from_day + law.random(n, name, days);
-- Three moves, on three days, one after another.
CREATE FUNCTION law.moves_on(n int, move int) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT date '2016-12-01' + (move - 1) * 450 + law.random(n, 'move ' || move, 440)
$$;
CREATE FUNCTION law.who(move int) RETURNS text LANGUAGE sql IMMUTABLE RETURN (ARRAY['E06000001', 'E06000002', 'E06000003', 'E06000001'])[move + 1];

-- One fact of a phase, recorded of an account: refused or not, as it is refused or not of the twin.
CREATE FUNCTION law.record(n int, phase int, i int, account int8) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name text := phase || ' fact ' || i;
    on_day date := law.day(n, name || ' day', '2016-04-01', 1900);
    cost numeric := law.random(n, name || ' cost', 120000) / 100.0;
    held int8 := (SELECT b.budget_id FROM care.budget_in_force AS b WHERE b.account_id = account AND b.valid_from = on_day);
BEGIN
    CASE law.random(n, name || ' kind', 10)
    WHEN 0 THEN
        PERFORM care.end_budget(account, on_day, 'ended', supersedes => held);
    WHEN 1, 2 THEN
        PERFORM care.record_adjustment(account, on_day, cost / 2 - 250, 'error_corrected', 'Head', CASE WHEN i % 2 = 0 THEN 'file ' || i END);
    WHEN 3 THEN
        PERFORM care.record_adjustment(account, j.effective_on, CASE WHEN i % 2 = 0 THEN 0 ELSE cost / 10 END, 'error_corrected', 'Head', supersedes => j.adjustment_id)
        FROM care.adjustment_in_force AS j WHERE j.account_id = account AND j.amount <> 0 ORDER BY j.effective_on, j.amount, j.evidence LIMIT 1;
    WHEN 4 THEN
        PERFORM care.correct_counting(account, law.day(n, name || ' counts', '2016-04-01', 200), 'corrected',
            (SELECT c.correction_id FROM care.counting_correction_in_force AS c WHERE c.account_id = account));
    ELSE
        PERFORM care.record_budget(account, on_day, CASE WHEN law.random(n, name || ' own', 4) = 0 THEN 'independent_personal_budget' ELSE 'personal_budget' END,
            CASE WHEN law.random(n, name || ' home', 3) = 0 THEN 'care_home' ELSE 'community' END, cost, round(cost * law.random(n, name || ' part', 100) / 100, 2),
            'plan ' || name, supersedes => held);
    END CASE;
    RETURN 'recorded';
EXCEPTION WHEN check_violation OR invalid_parameter_value OR unique_violation THEN
    RETURN SQLSTATE;
END
$$;

CREATE FUNCTION law.told(n int, step text) RETURNS law.told LANGUAGE sql STABLE RETURN (SELECT t FROM law.told AS t WHERE t.n = told.n AND t.step = told.step);
-- said once, whatever is killed
CREATE PROCEDURE law.say(n int, step text, account_id int8 DEFAULT NULL, document text DEFAULT NULL, said text DEFAULT NULL) LANGUAGE sql AS $$
    INSERT INTO law.told VALUES (n, step, account_id, document, said) ON CONFLICT DO NOTHING
$$;

CREATE PROCEDURE law.open(name text) LANGUAGE plpgsql AS $$
DECLARE
    a int8;
BEGIN
    FOR n IN 1 .. (SELECT s.accounts FROM law.seed AS s) LOOP
        IF law.told(n, name) IS NULL THEN
            a := care.open_account('E06000001', name || n, 'P-' || name || n, NULL, 'law', law.day(n, 'counts', '2016-04-01', 100));
            PERFORM care.record_budget(a, (SELECT x.counting_from FROM care.account AS x WHERE x.account_id = a), 'personal_budget', 'community', 350, 340.01);
            CALL law.say(n, name, a);
        END IF;
        COMMIT;
    END LOOP;
END
$$;

-- The facts of a phase, of the account told of at a step.
CREATE PROCEDURE law.live(phase int, holder text) LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1 .. (SELECT s.accounts FROM law.seed AS s) LOOP
        FOR i IN 1 .. 2 + law.random(n, phase || ' facts', 5) LOOP
            IF law.told(n, holder || ' ' || phase || ' ' || i) IS NULL THEN
                CALL law.say(n, holder || ' ' || phase || ' ' || i, said => law.record(n, phase, i, (law.told(n, holder)).account_id));
            END IF;
        END LOOP;
        COMMIT;
    END LOOP;
END
$$;

-- Sent; in some cases cancelled and sent again, of the same day: then there are two documents, and the first is late.
CREATE PROCEDURE law.send(move int, holder text) LANGUAGE plpgsql AS $$
DECLARE
    a int8;
    sent text;
BEGIN
    FOR n IN 1 .. (SELECT s.accounts FROM law.seed AS s) LOOP
        a := (law.told(n, holder)).account_id;
        -- asked again after a crash, it answers as before
        IF law.told(n, 'out ' || move) IS NULL OR law.random(n, 'twice', 3) = 0 AND law.told(n, 'cancelled ' || move) IS NULL THEN
            sent := care.transfer_out(a, law.who(move), law.moves_on(n, move), '37(1)');
            CALL law.say(n, 'out ' || move, a, sent);
        END IF;
        COMMIT;
        IF law.random(n, 'again ' || move, 4) = 0 AND law.told(n, 'cancelled ' || move) IS NULL THEN
            PERFORM care.transfer_cancel(a, 'planned anew');
            CALL law.say(n, 'cancelled ' || move);
            COMMIT;
        END IF;
        IF (law.told(n, 'cancelled ' || move)).n IS NOT NULL THEN
            CALL law.say(n, 'second out ' || move, a, care.transfer_out(a, law.who(move), law.moves_on(n, move), '37(1)'));
            COMMIT;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION law.refusal(document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    PERFORM care.transfer_in(document);
    RETURN 'taken in';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS name = CONSTRAINT_NAME;
    RETURN name;
END
$$;

-- The last document is taken in, often twice; the first comes late and is refused.
CREATE PROCEDURE law.receive(move int) LANGUAGE plpgsql AS $$
DECLARE
    d text;
    a int8;
BEGIN
    FOR n IN 1 .. (SELECT s.accounts FROM law.seed AS s) LOOP
        d := coalesce((law.told(n, 'second out ' || move)).document, (law.told(n, 'out ' || move)).document);
        IF law.random(n, 'kept ' || move, 3) = 0 THEN
            PERFORM care.transfer_receive(d, law.who(move));
            COMMIT;
        END IF;
        a := care.transfer_in(d, person_reference => 'M-' || n, reference => 'M-' || n);
        CALL law.say(n, 'in ' || move, a);
        IF law.random(n, 'doubly ' || move, 2) = 0 AND care.transfer_in(jsonb_pretty(d::jsonb)) <> a THEN
            RAISE EXCEPTION 'the same document gave another account';
        END IF;
        COMMIT;
        IF (law.told(n, 'second out ' || move)).n IS NOT NULL THEN
            CALL law.say(n, 'late ' || move, said => law.refusal((law.told(n, 'out ' || move)).document));
        END IF;
        CALL law.say(n, 'acknowledgement ' || move, a, care.transfer_acknowledgement(a));
        COMMIT;
    END LOOP;
END
$$;

CREATE PROCEDURE law.acknowledge(move int) LANGUAGE plpgsql AS $$
BEGIN
    FOR n IN 1 .. (SELECT s.accounts FROM law.seed AS s) LOOP
        PERFORM care.transfer_acknowledge((law.told(n, 'acknowledgement ' || move)).document);
        COMMIT;
    END LOOP;
END
$$;

-- Every figure of an account on every day.
CREATE FUNCTION law.figures(account int8, to_day date) RETURNS TABLE (day date, figures text) LANGUAGE sql STABLE AS $$
    SELECT date '2016-03-25' + g, concat_ws('|', p.cap, p.weekly_cost, p.weekly_counted, p.daily_living_cost, p.weekly_rate, p.accrued, p.remaining, p.percent_of_cap,
                                            coalesce(p.cap_reached_on::text, '-'), coalesce(p.projected_cap_on::text, '-'))
    FROM care.account AS a, generate_series(0, to_day - date '2016-03-25') AS g, care_internal.account_stands(a, date '2016-03-25' + g) AS p
    WHERE a.account_id = account
$$;
-- and without what looks forward: an account that moves on has no budget from then
CREATE FUNCTION law.digest(account int8, to_day date, forward boolean DEFAULT true) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT md5(string_agg(CASE WHEN forward THEN f.figures ELSE regexp_replace(f.figures, '[|][^|]*$', '') END, E'\n' ORDER BY f.day)) FROM law.figures(account, to_day) AS f
$$;
