--
-- accounts.sql: care accounts with random histories, against the facts and the twin (twin.sql).
--
--     createdb histories
--     psql -X -d histories -c 'CREATE EXTENSION care_account'
--     psql -X -d histories -v seed=123 -v accounts=2000 -f test/twin/accounts.sql
--
-- Opens accounts under both counting rules, with and without a cap of nought for the young, by
-- `reach` and by `exceed`, and lets six rounds of facts pass over them: budgets of both kinds and
-- settings, ends, corrections, all of them backdated or not; adjustments, their approval and
-- withdrawal; deaths and mistaken deaths; what is known of the person, and taken back; the day the
-- account counts from, corrected; events, consents and suspensions, corrected and withdrawn; figures
-- of the schemes, new ones and corrections, caps that scale and that do not.  Statements are issued in between, on
-- request and by a run after each round.  Then it prints a line for each thing that must hold:
--
--     ok - twin: 9187 statements of 2000 accounts say what the facts known then give (seed 123)
--
-- Where something does not, the first cases are listed, and the script ends with an error.  All of
-- them stay in the table histories.failure.
--
-- An account's history is made from the seed and its number by md5, and from nothing else, but that
-- the last two of every ten accounts are of one person: -v first=9 -v accounts=2 makes those two
-- again.  Further variable: shown (failing cases listed of each thing, 10).
--
-- The twin's side is made from the rows of the facts: it calls nothing of the extension.
--
-- For a database made for it: leaves what it recorded, and replaces the schemas twin and histories.
--
\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\pset pager off
\if :{?seed} \else \set seed 1 \endif
\if :{?accounts} \else \set accounts 200 \endif
\if :{?first} \else \set first 1 \endif
\if :{?shown} \else \set shown 10 \endif
SET datestyle = 'ISO, YMD';
SET jit = off;
SET plan_cache_mode = force_generic_plan;

\ir twin.sql

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS histories CASCADE;
RESET client_min_messages;
CREATE SCHEMA histories;

CREATE TABLE histories.setup AS SELECT :'seed' AS seed, :first AS first_account, :first + :accounts - 1 AS last_account;
CREATE TABLE histories.counted (what text);
CREATE TABLE histories.failure (what text, reference text, as_at date, extension text, expected text);
-- Positions as they stood: of one account when its statement was issued, of all after each round.
CREATE TABLE histories.said (statement_id bigint, position care.account_position_row);
CREATE TABLE histories.stood (moment timestamptz, position care.account_position_row);
-- Events, consents and suspensions that held after each round, as rows.
CREATE TABLE histories.held (moment timestamptz, what text, fact jsonb);

-- The facts ---------------------------------------------------------------------------------------

-- A whole number from 0 up to, and without, `below`: the same for the same key, always.
CREATE FUNCTION histories.draw(key text, below int) RETURNS int
    LANGUAGE sql STABLE
    RETURN (('x' || left(md5((SELECT setup.seed FROM histories.setup) || '/' || key), 15))::bit(60)::bigint % below)::int;

-- A weekly amount: mostly odd, often so round that a cap is met to the penny, sometimes nought.
CREATE FUNCTION histories.weekly(key text) RETURNS numeric
    LANGUAGE sql STABLE
    RETURN CASE WHEN histories.draw(key || '/which', 10) = 0 THEN 0
                WHEN histories.draw(key || '/which', 10) <= 3 THEN 70 * histories.draw(key, 40)
                WHEN histories.draw(key || '/which', 10) = 4 THEN 0.01 * histories.draw(key, 100)
                ELSE 0.01 * histories.draw(key, 250000) END;

-- Eight schemes, of every combination of rules.
CREATE PROCEDURE histories.open()
    LANGUAGE plpgsql AS $$
DECLARE
    key text;
    scheme text;
    account bigint;
    young boolean;
BEGIN
    FOR s IN 0 .. 7 LOOP
        scheme := 'S' || s;
        PERFORM care.record_scheme(scheme, 'Made up', 'draft', '2017-01-01',
                                   CASE WHEN s % 2 = 0 THEN 'weekly_cost' ELSE 'weekly_charge' END, 'test',
                                   zero_cap_before_age => CASE WHEN s / 4 = 1 THEN 25 END,
                                   reach => CASE WHEN s / 2 % 2 = 0 THEN 'reach' ELSE 'exceed' END);
        PERFORM care.record_parameter(scheme, 'cap', '2017-01-01', 20000 + 1000 * histories.draw(scheme, 30), 'test');
        IF s <> 3 THEN
            PERFORM care.record_parameter(scheme, 'daily_living_cost', '2017-01-01', 230, 'test');
        END IF;
    END LOOP;
    PERFORM care.record_setting('E06000003', 'four_eyes', 'on');
    FOR n IN (SELECT first_account FROM histories.setup) .. (SELECT last_account FROM histories.setup) LOOP
        key := n::text;
        young := histories.draw((n - (n % 10 = 0)::int) || '/young', 4) = 0;
        -- before the scheme starts, for some
        account := care.open_account('E0600000' || 1 + (n - 1) / 10 % 5, 'A' || n, 'person ' || n - (n % 10 = 0)::int,
                                     CASE WHEN young THEN '1993-01-01' ELSE '1940-01-01' END::date
                                         + histories.draw((n - (n % 10 = 0)::int) || '/born', 700),
                                     'S' || histories.draw(key || '/scheme', 8),
                                     date '2016-11-01' + histories.draw(key || '/from', 300), '2016-10-01');
        PERFORM care.record_budget(account, (SELECT a.counting_from FROM care.account AS a WHERE a.account_id = account),
                                   'personal_budget', (ARRAY['community', 'care_home'])[1 + histories.draw(key || '/setting', 2)],
                                   histories.weekly(key) + 300, 300);
        IF n % 100 = 0 THEN
            ANALYZE care.account, care.person, care.person_detail, care.budget;
        END IF;
    END LOOP;
END
$$;

-- One figure of a scheme: from a new day, or in the place of one that is there.
CREATE PROCEDURE histories.change_figure(scheme text, key text)
    LANGUAGE plpgsql AS $$
DECLARE
    figure text := CASE WHEN histories.draw(key || '/figure', 3) = 0 THEN 'daily_living_cost' ELSE 'cap' END;
    day date := date '2017-01-01' + histories.draw(key || '/day', 1500);
    correct boolean := histories.draw(key || '/correct', 3) = 0;
BEGIN
    IF correct THEN
        SELECT coalesce(max(p.valid_from), day) INTO day FROM care.parameter AS p
        WHERE p.scheme = change_figure.scheme AND p.name = figure AND p.valid_from <= day;
    END IF;
    PERFORM care.record_parameter(scheme, figure, day,
                                  CASE figure WHEN 'cap' THEN 20000 + 100 * histories.draw(key, 300) ELSE 0.5 * histories.draw(key, 600) END,
                                  'test', scales_accrued => histories.draw(key || '/scales', 3) > 0, corrects => true);
    INSERT INTO histories.counted VALUES (figure || CASE WHEN correct THEN ' corrected' ELSE '' END);
END
$$;

-- What was recorded of an account or its person, corrected or withdrawn.
CREATE FUNCTION histories.correct(account care.account, action int, key text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    day date := account.counting_from + histories.draw(key || '/day', 900);
    how int := histories.draw(key || '/how', 3);
    detail text := (ARRAY['date_of_birth', 'needs_began_on', 'needs_began_on'])[1 + how];
    old bigint;
BEGIN
    IF action <= 22 THEN
        -- to another day, or back to the one said at the opening
        PERFORM care.correct_counting(account.account_id, CASE how WHEN 0 THEN account.counts_from
                                                                   ELSE date '2016-11-01' + histories.draw(key || '/from', 500) END, 'test',
            (SELECT c.correction_id FROM care.counting_correction AS c WHERE c.account_id = account.account_id ORDER BY c.recorded_at DESC LIMIT 1));
        RETURN 'counting corrected';
    ELSIF action = 23 THEN
        PERFORM care.withdraw_details(account.person_reference, ARRAY[detail], 'test', account.authority);
        RETURN 'detail withdrawn';
    ELSIF action <= 25 THEN
        SELECT e.event_id INTO old FROM care.account_event_in_force AS e WHERE e.account_id = account.account_id ORDER BY e.event_id DESC LIMIT 1;
        IF old IS NOT NULL AND how = 0 THEN
            PERFORM care.withdraw_event(account.account_id, old, 'test');
            RETURN 'event withdrawn';
        END IF;
        PERFORM care.record_event(account.account_id, day, 'statement_requested', supersedes => CASE how WHEN 1 THEN old END);
        RETURN CASE WHEN old IS NOT NULL AND how = 1 THEN 'event corrected' ELSE 'event' END;
    ELSIF action <= 27 THEN
        SELECT c.consent_id INTO old FROM care.channel_consent_in_force AS c
        WHERE c.person_id = account.person_id ORDER BY c.consent_id DESC LIMIT 1;
        IF old IS NOT NULL AND how = 0 THEN
            PERFORM care.withdraw_consent(account.person_reference, old, 'test', account.authority);
            RETURN 'consent withdrawn';
        END IF;
        PERFORM care.record_consent(account.person_reference, (ARRAY['email', 'online', 'post'])[1 + histories.draw(key || '/channel', 3)],
                                    day, NULL, account.authority, supersedes => CASE how WHEN 1 THEN old END);
        RETURN CASE WHEN old IS NOT NULL AND how = 1 THEN 'consent corrected' ELSE 'consent' END;
    END IF;
    SELECT u.suspension_id INTO old FROM care.statement_suspension_in_force AS u
    WHERE u.account_id = account.account_id ORDER BY u.suspension_id DESC LIMIT 1;
    IF old IS NULL THEN
        RETURN 'nothing';
    END IF;
    PERFORM care.suspend_statements(account.account_id, day, CASE how WHEN 0 THEN day - 1 ELSE day + 100 END, 'test', supersedes => old);
    RETURN CASE how WHEN 0 THEN 'suspension withdrawn' ELSE 'suspension replaced' END;
EXCEPTION
    WHEN invalid_parameter_value THEN
        RETURN 'refused: adjusted before';
    WHEN null_value_not_allowed THEN
        RETURN 'refused: birth needed';
    WHEN no_data_found THEN
        RETURN 'nothing';
END
$$;

-- One thing that happens to an account.  Returns what it was.
CREATE FUNCTION histories.happen(account care.account, key text) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    action int := histories.draw(key || '/action', 30);
    day date := account.counting_from + histories.draw(key || '/day', 1300);
    weekly numeric := histories.weekly(key || '/weekly');
    charge numeric := round(weekly * histories.draw(key || '/charge', 101) / 100, 2);
    kind text := (ARRAY['personal_budget', 'independent_personal_budget'])[1 + histories.draw(key || '/kind', 2)];
    setting text := (ARRAY['community', 'care_home'])[1 + histories.draw(key || '/setting', 2)];
    amount numeric := 0.01 * histories.draw(key || '/amount', 400000) + 0.01;
    old record;
    statement bigint;
BEGIN
    CASE
        WHEN action <= 5 THEN
            -- a budget, a correction of one (where it is or on another day), or an end
            SELECT b.budget_id, b.valid_from INTO old FROM care.budget AS b
            WHERE b.account_id = account.account_id
              AND (b.valid_from = day OR action = 4 AND b.valid_from BETWEEN account.counting_from AND day)
              AND NOT EXISTS (SELECT FROM care.budget AS x WHERE x.account_id = b.account_id AND x.supersedes = b.budget_id)
            ORDER BY b.valid_from DESC LIMIT 1;
            IF old.budget_id IS NOT NULL AND histories.draw(key || '/stays', 2) = 0 THEN
                day := old.valid_from;
            END IF;
            IF action = 5 THEN
                PERFORM care.end_budget(account.account_id, day, 'test', supersedes => old.budget_id);
                RETURN 'end';
            ELSIF action = 3 AND old.budget_id IS NULL THEN
                INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge)
                VALUES (account.account_id, day, kind, setting, weekly, charge);
                RETURN 'budget, as a row';
            END IF;
            PERFORM care.record_budget(account.account_id, day, kind, setting, weekly, charge, supersedes => old.budget_id);
            RETURN CASE WHEN old.budget_id IS NULL THEN 'budget' ELSE 'budget corrected' END;
        WHEN action <= 7 THEN
            PERFORM care.record_adjustment(account.account_id, day, CASE action WHEN 6 THEN amount ELSE -round(amount / 8, 2) - 0.01 END,
                                           'error_corrected', 'x');
            RETURN 'adjustment';
        WHEN action <= 9 THEN
            -- withdrawn, or another one in its place
            SELECT j.adjustment_id INTO old FROM care.adjustment AS j
            WHERE j.account_id = account.account_id AND (j.amount <> 0)
              AND NOT EXISTS (SELECT FROM care.adjustment AS x WHERE x.account_id = j.account_id AND x.supersedes = j.adjustment_id)
            ORDER BY j.effective_on LIMIT 1;
            IF NOT FOUND THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.record_adjustment(account.account_id, day, CASE action WHEN 8 THEN 0 ELSE amount END, 'withdrawn', 'x',
                                           supersedes => old.adjustment_id);
            RETURN CASE action WHEN 8 THEN 'withdrawal' ELSE 'adjustment corrected' END;
        WHEN action = 10 THEN
            INSERT INTO care.adjustment_approval (account_id, adjustment_id)
            SELECT j.account_id, j.adjustment_id FROM care.adjustment AS j
            WHERE j.account_id = account.account_id AND j.needs_approval
              AND NOT EXISTS (SELECT FROM care.adjustment_approval AS p WHERE p.account_id = j.account_id AND p.adjustment_id = j.adjustment_id);
            RETURN CASE WHEN FOUND THEN 'approval' ELSE 'nothing' END;
        WHEN action = 11 THEN
            PERFORM care.record_death(account.person_reference, CASE WHEN weekly > 300 THEN day END, '2023-01-01', account.authority);
            RETURN CASE WHEN weekly > 300 THEN 'death' ELSE 'no death' END;
        WHEN action = 12 THEN
            PERFORM care.record_person(account.authority, account.person_reference,
                                       -- about the 25th birthday, for some
                                       CASE WHEN histories.draw(key || '/young', 2) = 0 THEN date '1991-09-30' + histories.draw(key || '/born', 4)
                                            ELSE date '1930-01-01' + histories.draw(key || '/born', 700) END, '2016-10-01');
            RETURN 'person';
        WHEN action = 13 THEN
            PERFORM care.suspend_statements(account.account_id, day, day + histories.draw(key || '/until', 600), 'test');
            RETURN 'suspension';
        WHEN action >= 20 THEN
            RETURN histories.correct(account, action, key);
        ELSE
            day := greatest((SELECT max(s.as_at) FROM care.issued_statement AS s WHERE s.account_id = account.account_id), account.counting_from - 1)
                   + 1 + histories.draw(key || '/wait', 250);
            statement := care.issue_statement(account.account_id, day);
            INSERT INTO histories.said
            SELECT statement, p FROM care.account_position(day) AS p WHERE p.account_id = account.account_id;
            RETURN 'statement';
    END CASE;
EXCEPTION WHEN check_violation THEN
    RETURN 'refused: below nought';
END
$$;

-- One round: figures, then every account.
CREATE PROCEDURE histories.pass(round int)
    LANGUAGE plpgsql AS $$
DECLARE
    account care.account;
BEGIN
    FOR s IN 0 .. 7 LOOP
        CALL histories.change_figure('S' || s, round || '/S' || s);
    END LOOP;
    FOR account IN SELECT a.* FROM care.account AS a ORDER BY a.account_id LOOP
        FOR n IN 1 .. 2 LOOP
            SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = account.account_id;
            INSERT INTO histories.counted
            VALUES (histories.happen(account, concat_ws('/', substr(account.reference, 2), round, n)));
        END LOOP;
    END LOOP;
END
$$;

-- The twin ----------------------------------------------------------------------------------------

-- What the facts say of an account, as they were known at a moment: rules, section 2.  Steps as JSON, for twin.sql.
CREATE FUNCTION histories.facts(account bigint, known timestamptz, OUT from_day date, OUT reach text,
                                OUT cap jsonb, OUT scales jsonb, OUT adjusted jsonb, OUT weekly jsonb,
                                OUT weekly_cost jsonb, OUT weekly_counted jsonb, OUT living_cost jsonb)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        WITH said AS (
            SELECT a.account_id, a.person_id, s.*,
                   coalesce((SELECT c.counts_from FROM care.counting_correction AS c
                             WHERE c.account_id = account AND c.recorded_at <= known ORDER BY c.recorded_at DESC LIMIT 1), a.counts_from) AS counts_from
            FROM care.account AS a JOIN care.charging_scheme AS s ON s.scheme = a.scheme
            WHERE a.account_id = account
        ), person AS ( -- the last row about them
            SELECT d.date_of_birth, d.needs_began_on FROM care.person_detail AS d
            WHERE d.person_id = (SELECT said.person_id FROM said) AND d.recorded_at <= known
            ORDER BY d.recorded_at DESC LIMIT 1
        ), death AS (
            SELECT x.died_on FROM care.death AS x
            WHERE x.person_id = (SELECT said.person_id FROM said) AND x.recorded_at <= known
            ORDER BY x.recorded_at DESC LIMIT 1
        ), figure AS ( -- for one day, the one recorded last
            SELECT DISTINCT ON (p.name, p.valid_from) p.name, p.valid_from, p.amount, p.scales_accrued
            FROM care.parameter AS p
            WHERE p.scheme = (SELECT said.scheme FROM said) AND p.recorded_at <= known
            ORDER BY p.name, p.valid_from, p.recorded_at DESC
        ), budget AS ( -- not corrected by then
            SELECT b.* FROM care.budget AS b
            WHERE b.account_id = account AND b.recorded_at <= known
              AND b.budget_id NOT IN (SELECT x.supersedes FROM care.budget AS x
                                      WHERE x.account_id = account AND x.recorded_at <= known AND x.supersedes IS NOT NULL)
        ), counting AS ( -- recorded, and approved if need be
            SELECT j.* FROM care.adjustment AS j
                LEFT JOIN care.adjustment_approval AS p ON p.account_id = j.account_id AND p.adjustment_id = j.adjustment_id
            WHERE j.account_id = account AND j.recorded_at <= known AND (p.recorded_at <= known OR NOT j.needs_approval)
        ), adjustment AS (
            SELECT j.effective_on, j.amount FROM counting AS j
            WHERE j.adjustment_id NOT IN (SELECT x.supersedes FROM counting AS x WHERE x.supersedes IS NOT NULL)
        ), held AS ( -- on every day on which something changes: the budget, none after death, and the living costs
            SELECT c.day, b.setting, coalesce(b.weekly_cost, 0) AS weekly_cost,
                   coalesce(CASE WHEN b.kind = 'personal_budget' AND said.personal_budget_counts = 'weekly_charge' THEN b.weekly_charge
                                 ELSE b.weekly_cost END, 0) AS weekly_counted,
                   CASE WHEN b.setting = 'care_home' THEN coalesce(l.amount, 0) ELSE 0 END AS living_cost
            FROM said
                CROSS JOIN (SELECT '-infinity'::date
                            UNION SELECT budget.valid_from FROM budget
                            UNION SELECT figure.valid_from FROM figure
                            UNION SELECT death.died_on + 1 FROM death WHERE death.died_on IS NOT NULL) AS c (day)
                LEFT JOIN LATERAL (SELECT budget.* FROM budget
                                   WHERE budget.valid_from <= c.day AND c.day <= coalesce((SELECT death.died_on FROM death), 'infinity')
                                   ORDER BY budget.valid_from DESC LIMIT 1) AS b ON true
                LEFT JOIN LATERAL (SELECT figure.amount FROM figure
                                   WHERE figure.name = 'daily_living_cost' AND figure.valid_from <= c.day
                                   ORDER BY figure.valid_from DESC LIMIT 1) AS l ON true
        )
        SELECT greatest(said.counts_from, said.starts_on), said.reach,
               CASE WHEN coalesce((SELECT person.needs_began_on FROM person), said.counts_from)
                         < (SELECT person.date_of_birth + make_interval(years => said.zero_cap_before_age) FROM person)
                    THEN '{"-infinity": 0}'
                    ELSE (SELECT jsonb_object_agg(figure.valid_from::text, figure.amount) FROM figure WHERE figure.name = 'cap') END,
               (SELECT jsonb_object_agg(figure.valid_from::text, figure.scales_accrued::int) FROM figure WHERE figure.name = 'cap'),
               (SELECT jsonb_object_agg(e.effective_on::text,
                                        (SELECT sum(adjustment.amount) FROM adjustment WHERE adjustment.effective_on <= e.effective_on))
                FROM adjustment AS e),
               (SELECT jsonb_object_agg(held.day::text, greatest(held.weekly_counted - held.living_cost, 0)) FROM held),
               (SELECT jsonb_object_agg(held.day::text, held.weekly_cost) FROM held),
               (SELECT jsonb_object_agg(held.day::text, held.weekly_counted) FROM held),
               (SELECT jsonb_object_agg(held.day::text, held.living_cost) FROM held)
        FROM said;
    END;

-- Where an account stands at the close of a day, by the facts as they were known at a moment; and what it had
-- accrued at the close of a day before it.
CREATE FUNCTION histories.stands(account bigint, as_at date, earlier date, known timestamptz,
                                 OUT accrued_earlier numeric, OUT figures text, OUT from_day date)
    LANGUAGE sql STABLE
    BEGIN ATOMIC
        SELECT max(twin.pounds_of_sevenths(d.sevenths)) FILTER (WHERE d.day = earlier),
               max(concat_ws(' ', twin.pounds_of_sevenths(d.sevenths), round(d.cap_today, 2), coalesce(d.reached_on::text, 'not reached'),
                             round((twin.daily(f.weekly, as_at, as_at))[1], 2),
                             round((twin.daily(f.weekly_cost, as_at, as_at))[1], 2),
                             round((twin.daily(f.weekly_counted, as_at, as_at))[1], 2),
                             round((twin.daily(f.living_cost, as_at, as_at))[1], 2))) FILTER (WHERE d.day = as_at),
               max(f.from_day)
        FROM histories.facts(account, known) AS f,
            LATERAL twin.cap_days(f.weekly, f.cap, f.from_day, as_at, f.adjusted, f.scales, f.reach) AS d
        WHERE d.day IN (earlier, as_at);
    END;

-- The same figures, as the extension gives them.
CREATE FUNCTION histories.figures(accrued numeric, cap numeric, cap_reached_on date, weekly_rate numeric,
                                  weekly_cost numeric, weekly_counted numeric, daily_living_cost numeric) RETURNS text
    LANGUAGE sql STABLE
    RETURN concat_ws(' ', round(accrued, 2), round(cap, 2), coalesce(cap_reached_on::text, 'not reached'), round(weekly_rate, 2),
                     round(weekly_cost, 2), round(weekly_counted, 2), round(daily_living_cost, 2));

-- The events, consents and suspensions that hold, by the rows alone: recorded, no withdrawal, and not superseded.
CREATE PROCEDURE histories.note_held()
    LANGUAGE sql AS $$
    INSERT INTO histories.held
    SELECT m.moment, r.what, r.fact
    FROM (SELECT care_internal.moment() AS moment OFFSET 0) AS m,
        (SELECT 'event', e.account_id, e.event_id, e.kind IS NOT NULL, to_jsonb(e) FROM care.account_event AS e
         UNION ALL SELECT 'consent', c.person_id, c.consent_id, c.channel IS NOT NULL, to_jsonb(c) FROM care.channel_consent AS c
         UNION ALL SELECT 'suspension', u.account_id, u.suspension_id, (u.to_day < u.from_day) IS NOT TRUE, to_jsonb(u) FROM care.statement_suspension AS u)
            AS r (what, record_id, key, says_something, fact)
    WHERE r.says_something
      AND (r.what, r.key) NOT IN (SELECT 'event', e.supersedes FROM care.account_event AS e WHERE e.supersedes IS NOT NULL
                                  UNION ALL SELECT 'consent', c.supersedes FROM care.channel_consent AS c WHERE c.supersedes IS NOT NULL
                                  UNION ALL SELECT 'suspension', u.supersedes FROM care.statement_suspension AS u WHERE u.supersedes IS NOT NULL)
$$;

-- The same account again, opened with what holds now as if nothing else had ever been said, its facts in another order.
CREATE PROCEDURE histories.open_again()
    LANGUAGE plpgsql AS $$
DECLARE
    account care.account;
    clean bigint;
    fact record;
BEGIN
    FOR account IN SELECT a.* FROM care.account AS a ORDER BY a.account_id LOOP
        BEGIN
            SELECT care.open_account(account.authority, 'clean ' || account.reference, 'clean ' || account.person_reference, d.date_of_birth, account.scheme,
                                     coalesce((SELECT c.counts_from FROM care.counting_correction_in_force AS c WHERE c.account_id = account.account_id), account.counts_from),
                                     d.needs_began_on) INTO clean
            FROM care.person_detail_in_force AS d WHERE d.person_id = account.person_id;
            PERFORM care.record_death('clean ' || account.person_reference, x.died_on, x.known_on, account.authority)
            FROM care.death_in_force AS x WHERE x.person_id = account.person_id;
            FOR fact IN
                SELECT f.*
                FROM (-- what holds on the first day, from the first day
                      SELECT NULL::numeric AS amount, greatest(b.valid_from, account.counting_from) AS day, b.kind, b.setting, b.weekly_cost, b.weekly_charge
                      FROM care.budget_in_force AS b WHERE b.account_id = account.account_id AND (b.valid_to < account.counting_from) IS NOT TRUE
                      UNION ALL
                      SELECT j.amount, j.effective_on, NULL, NULL, NULL, NULL FROM care.adjustment_in_force AS j
                      WHERE j.account_id = account.account_id AND j.amount <> 0) AS f
                ORDER BY coalesce(f.amount < 0, false), md5(f::text)
            LOOP
                IF fact.amount IS NOT NULL THEN
                    PERFORM care.record_adjustment(clean, fact.day, fact.amount, 'error_corrected', 'x');
                    INSERT INTO care.adjustment_approval (account_id, adjustment_id)
                    SELECT j.account_id, j.adjustment_id FROM care.adjustment AS j WHERE j.account_id = clean AND j.needs_approval
                    EXCEPT SELECT p.account_id, p.adjustment_id FROM care.adjustment_approval AS p WHERE p.account_id = clean;
                ELSIF fact.kind = 'ended' THEN
                    PERFORM care.end_budget(clean, fact.day, 'x');
                ELSE
                    PERFORM care.record_budget(clean, fact.day, fact.kind, fact.setting, fact.weekly_cost, fact.weekly_charge);
                END IF;
            END LOOP;
            INSERT INTO histories.counted VALUES ('opened again');
        EXCEPTION WHEN check_violation THEN
            -- a budget corrected later has left too little for an adjustment: nobody could record it so today
            INSERT INTO histories.counted VALUES ('not opened again');
        END;
    END LOOP;
END
$$;

-- Six rounds --------------------------------------------------------------------------------------

CALL histories.open();
SELECT format('CALL histories.pass(%s)', round),
       format('CALL care.issue_due_statements(%L, batch_size => 97)', day),
       'ANALYZE',
       'CALL histories.note_held()',
       format('INSERT INTO histories.stood SELECT m.moment, p FROM (SELECT care_internal.moment() AS moment OFFSET 0) AS m, care.account_position(%L) AS p',
              day)
FROM generate_series(1, 6) AS round, LATERAL (SELECT date '2018-03-01' + 190 * round) AS d (day)
ORDER BY round
\gexec

-- What must hold ----------------------------------------------------------------------------------

CREATE TABLE histories.statement AS
SELECT s.*, a.reference, lag(s.statement_id) OVER (PARTITION BY s.account_id ORDER BY s.as_at) AS one_before,
       s.as_at - greatest(p.as_at, t.from_day - 1) AS days, p.as_at AS previous_as_at, p.accrued AS previous_accrued,
       CASE WHEN p.as_at IS NOT NULL THEN coalesce(t.accrued_earlier, 0) END AS accrued_earlier, t.figures AS by_twin,
       histories.figures(s.accrued, s.cap, s.cap_reached_on, s.weekly_rate, s.weekly_cost, s.weekly_counted, s.daily_living_cost) AS figures
FROM care.issued_statement AS s
    JOIN care.account AS a ON a.account_id = s.account_id
    LEFT JOIN care.issued_statement AS p ON p.account_id = s.account_id AND p.statement_id = s.previous_statement_id,
    LATERAL histories.stands(s.account_id, s.as_at, p.as_at, s.recorded_at) AS t;

-- What each statement should say on its lines.
INSERT INTO histories.failure
SELECT 'statements', s.reference, s.as_at, c.is, c.should
FROM histories.statement AS s,
    LATERAL (SELECT sum(l.amount) AS total,
                    sum(l.amount) FILTER (WHERE l.what = 'on the last statement') AS opening,
                    sum(l.amount) FILTER (WHERE l.what = 'correction of the last statement') AS correction,
                    sum(l.days) AS days
             FROM unnest(s.lines) AS l) AS l,
    LATERAL (VALUES
        ('adds up to ' || coalesce(l.total, 0), 'adds up to ' || s.accrued),
        ('remaining ' || s.remaining, 'remaining ' || s.cap - s.accrued),
        ('opens with ' || coalesce(l.opening::text, 'nothing'), 'opens with ' || coalesce(s.previous_accrued::text, 'nothing')),
        ('correction ' || coalesce(l.correction::text, 'none'),
         'correction ' || coalesce(nullif(s.accrued_earlier - s.previous_accrued, 0)::text, 'none')),
        ('days ' || coalesce(l.days, 0), 'days ' || s.days),
        ('follows ' || coalesce(s.previous_statement_id::text, 'none'), 'follows ' || coalesce(s.one_before::text, 'none')),
        ('digest ' || s.digest::text, 'digest ' || care_internal.statement_digest((SELECT i FROM care.issued_statement AS i
                                                                    WHERE i.account_id = s.account_id AND i.statement_id = s.statement_id))::text))
        AS c ("is", should)
WHERE c.is IS DISTINCT FROM c.should;

-- Nobody whose statements were suspended that day, by what was known then, got one from a run.
INSERT INTO histories.failure
SELECT 'suspended', s.reference, s.as_at, 'issued', 'suspended ' || u.from_day || ' to ' || u.to_day
FROM histories.statement AS s JOIN care.statement_suspension AS u ON u.account_id = s.account_id
WHERE s.due_on IS NOT NULL AND s.as_at BETWEEN u.from_day AND coalesce(u.to_day, s.as_at) AND u.recorded_at <= s.recorded_at
  AND NOT EXISTS (SELECT FROM care.statement_suspension AS later
                  WHERE later.account_id = u.account_id AND later.supersedes = u.suspension_id AND later.recorded_at <= s.recorded_at);

-- Each was sent as the person had agreed, by what was known then.
INSERT INTO histories.failure
SELECT 'channel', s.reference, s.as_at, s.channel, w.channel
FROM histories.statement AS s JOIN care.account AS a ON a.account_id = s.account_id,
    LATERAL (SELECT coalesce((SELECT c.channel FROM care.channel_consent AS c
                              WHERE c.person_id = a.person_id AND c.from_day <= s.as_at AND c.recorded_at <= s.recorded_at AND c.channel IS NOT NULL
                                AND c.consent_id NOT IN (SELECT x.supersedes FROM care.channel_consent AS x
                                                         WHERE x.recorded_at <= s.recorded_at AND x.supersedes IS NOT NULL)
                              ORDER BY c.from_day DESC, c.consent_id DESC LIMIT 1), 'post')) AS w (channel)
WHERE s.channel <> w.channel;

-- Events, consents and suspensions asked for now as they were known are those that held then.
INSERT INTO histories.failure
SELECT 'held', coalesce(h.what, k.what), NULL, k.fact::text, h.fact::text
FROM (SELECT DISTINCT moment FROM histories.held) AS m
    CROSS JOIN LATERAL (SELECT 'event', to_jsonb(e) FROM care.account_event_known_at(m.moment) AS e
                        UNION ALL SELECT 'consent', to_jsonb(c) FROM care.channel_consent_known_at(m.moment) AS c
                        UNION ALL SELECT 'suspension', to_jsonb(u) FROM care.statement_suspension_known_at(m.moment) AS u) AS k (what, fact)
    FULL JOIN histories.held AS h ON h.moment = m.moment AND h.what = k.what AND h.fact = k.fact
WHERE h.what IS NULL OR k.what IS NULL;

-- What a statement said is where the account stood.
INSERT INTO histories.failure
SELECT 'shown', s.reference, s.as_at, s.figures,
       histories.figures((x.position).accrued, (x.position).cap, (x.position).cap_reached_on, (x.position).weekly_rate,
                         (x.position).weekly_cost, (x.position).weekly_counted, (x.position).daily_living_cost)
FROM histories.statement AS s
    JOIN (SELECT statement_id, position FROM histories.said
          UNION ALL
          SELECT i.statement_id, o.position
          FROM care.issued_statement AS i
              JOIN histories.stood AS o ON (o.position).account_id = i.account_id AND (o.position).as_at = i.as_at
          WHERE i.due_on IS NOT NULL) AS x ON x.statement_id = s.statement_id
WHERE ((x.position).accrued, (x.position).cap, (x.position).remaining, (x.position).cap_reached_on, (x.position).weekly_rate,
       (x.position).weekly_cost, (x.position).weekly_counted, (x.position).daily_living_cost)
      IS DISTINCT FROM (s.accrued, s.cap, s.remaining, s.cap_reached_on, s.weekly_rate, s.weekly_cost, s.weekly_counted, s.daily_living_cost);

-- Asked for now as it was known then, it still does: each statement from its account's derived columns; the view
-- itself at every 200th statement, and for all accounts at the end of each round.
INSERT INTO histories.failure
SELECT 'known', s.reference, s.as_at, s.accrued || ' ' || s.cap_used::text || ' ' || s.weekly_rate_used::text,
       k.accrued || ' ' || d.cap::text || ' ' || d.weekly_rate::text
FROM histories.statement AS s, LATERAL care_internal.derived_account(ARRAY[s.account_id], s.recorded_at) AS d,
    LATERAL (SELECT care.accrued(care.cap_progress(d.weekly_rate, d.cap, d.counting_from, s.as_at, d.adjusted, d.cap_scales, d.reach))) AS k (accrued)
WHERE (s.accrued, s.cap_used::text, s.weekly_rate_used::text) IS DISTINCT FROM (k.accrued, d.cap::text, d.weekly_rate::text);
INSERT INTO histories.failure
SELECT 'known', s.reference, s.as_at, s.figures,
       histories.figures(p.accrued, p.cap, p.cap_reached_on, p.weekly_rate, p.weekly_cost, p.weekly_counted, p.daily_living_cost)
FROM (SELECT x.*, row_number() OVER (ORDER BY x.statement_id) AS n FROM histories.statement AS x) AS s,
    LATERAL (SELECT * FROM care.account_position(s.as_at, s.recorded_at) AS o WHERE o.account_id = s.account_id) AS p
WHERE s.n % 200 = 0
  AND (p.accrued, p.cap, p.remaining, p.cap_reached_on, p.weekly_rate, p.weekly_cost, p.weekly_counted, p.daily_living_cost)
      IS DISTINCT FROM (s.accrued, s.cap, s.remaining, s.cap_reached_on, s.weekly_rate, s.weekly_cost, s.weekly_counted, s.daily_living_cost);
INSERT INTO histories.failure
SELECT 'known', (o.position).reference, (o.position).as_at, o.position::text, p::text
FROM (SELECT DISTINCT x.moment, (x.position).as_at FROM histories.stood AS x) AS m
    CROSS JOIN LATERAL care.account_position(m.as_at, m.moment) AS p
    JOIN histories.stood AS o ON o.moment = m.moment AND (o.position).account_id = p.account_id
WHERE o.position::text <> p::text;

-- And the twin says the same: at each statement, and of each account at the end.
INSERT INTO histories.failure
SELECT 'twin', s.reference, s.as_at, s.figures, s.by_twin FROM histories.statement AS s WHERE s.figures IS DISTINCT FROM s.by_twin;
INSERT INTO histories.failure
SELECT 'end', p.reference, p.as_at, e.figures, t.figures
FROM care.account_position('2022-06-30') AS p,
    LATERAL histories.figures(p.accrued, p.cap, p.cap_reached_on, p.weekly_rate, p.weekly_cost, p.weekly_counted, p.daily_living_cost) AS e (figures),
    LATERAL histories.stands(p.account_id, p.as_at, NULL, 'infinity') AS t
WHERE e.figures IS DISTINCT FROM t.figures;
-- A fact and its correction leave every figure as if neither had been, in whatever order the rest was recorded.
CALL histories.open_again();
INSERT INTO histories.failure
SELECT 'again', p.reference, p.as_at, p::text, q::text
FROM unnest('{2018-06-01,2019-03-01,2020-01-01,2021-06-30,2022-06-30}'::date[]) AS d (day)
    CROSS JOIN LATERAL care.account_position(d.day) AS p
    JOIN LATERAL care.account_position(d.day) AS q ON q.reference = 'clean ' || p.reference AND q.authority = p.authority
WHERE (p.accrued, p.cap, p.remaining, p.percent_of_cap, p.cap_reached_on, p.projected_cap_on, p.weekly_rate, p.weekly_cost, p.weekly_counted, p.daily_living_cost)
      IS DISTINCT FROM (q.accrued, q.cap, q.remaining, q.percent_of_cap, q.cap_reached_on, q.projected_cap_on, q.weekly_rate, q.weekly_cost, q.weekly_counted, q.daily_living_cost);

INSERT INTO histories.failure
SELECT 'verify', a.reference, NULL, v.difference, NULL FROM care.verify() AS v JOIN care.account AS a ON v.class = 'account' AND v.record_id = a.account_id;

-- Histories in which some kind of thing never happened would show nothing; a few accounts cannot have all.
INSERT INTO histories.failure
SELECT 'histories', NULL, NULL, k.what || ': none', NULL
FROM (SELECT unnest('{budget,"budget corrected","budget, as a row",end,adjustment,"adjustment corrected",withdrawal,approval,death,"no death",person,suspension,
                      "counting corrected","detail withdrawn",event,"event corrected","event withdrawn",consent,"consent corrected","consent withdrawn",
                      "suspension replaced","suspension withdrawn","refused: adjusted before","refused: birth needed","opened again",
                      statement,cap,"cap corrected",daily_living_cost,"daily_living_cost corrected","refused: below nought"}'::text[])
      EXCEPT SELECT c.what FROM histories.counted AS c
      UNION ALL
      SELECT k.what
      FROM (SELECT count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(s.lines) AS l WHERE l.what = 'correction of the last statement')) AS corrections,
                   count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(s.lines) AS l WHERE l.what = 'uprating')) AS upratings,
                   count(*) FILTER (WHERE s.cap_reached_on IS NOT NULL AND s.cap > 0) AS reached,
                   count(*) FILTER (WHERE s.cap = 0) AS noughts, count(s.due_on) AS by_run
            FROM histories.statement AS s) AS n,
          LATERAL (VALUES ('corrections on statements', n.corrections), ('upratings on statements', n.upratings),
                          ('statements at the cap', n.reached), ('caps of nought', n.noughts), ('statements of a run', n.by_run)) AS k (what, times)
      WHERE k.times = 0) AS k (what)
WHERE (SELECT last_account - first_account FROM histories.setup) >= 99;

SELECT format('%s - %s: %s (seed %s)', CASE WHEN f.failures = 0 THEN 'ok' ELSE 'not ok' END, c.what,
              CASE WHEN f.failures = 0 THEN c.claim ELSE f.failures || ' failures' END, :'seed')
FROM (SELECT count(*) AS statements, count(DISTINCT account_id) AS of_accounts,
             count(*) FILTER (WHERE accrued_earlier <> previous_accrued) AS corrected FROM histories.statement) AS s,
    (SELECT count(*) AS all_accounts FROM care.account AS x WHERE x.reference LIKE 'A%') AS a,
    (SELECT count(*) FILTER (WHERE what <> 'nothing') AS facts, count(*) FILTER (WHERE what = 'opened again') AS again
     FROM histories.counted) AS k,
    LATERAL (VALUES
        (1, 'histories', format('%s things happened to %s accounts', k.facts, a.all_accounts)),
        (2, 'statements', format('%s of %s accounts reconcile to the penny, %s with a correction on a line of its own', s.statements, s.of_accounts, s.corrected)),
        (3, 'suspended', 'nobody suspended got a statement from a run'),
        (4, 'shown', format('%s statements say where the account stood', s.statements)),
        (5, 'known', 'positions asked for as they were known are as they stood'),
        (6, 'twin', format('%s statements of %s accounts say what the facts known then give', s.statements, s.of_accounts)),
        (7, 'end', format('%s accounts stand where their facts put them', a.all_accounts)),
        (8, 'channel', format('%s statements were sent as agreed', s.statements)),
        (9, 'held', 'events, consents and suspensions asked for as they were known are as they held'),
        (10, 'again', format('%s accounts stand as the same ones, opened with what holds now', k.again)),
        (11, 'verify', 'derived columns follow from the facts')) AS c (n, what, claim),
    LATERAL (SELECT count(*) AS failures FROM histories.failure WHERE failure.what = c.what) AS f
ORDER BY c.n;

SELECT format(E'\n%s: account %s as at %s (seed %s)\n    is:        %s\n    should be: %s', what, reference, as_at, :'seed', extension, expected)
FROM (SELECT *, row_number() OVER (PARTITION BY what ORDER BY length(reference), reference, as_at) AS n FROM histories.failure) AS failure
WHERE n <= :shown
ORDER BY what, n;

DO $$
DECLARE
    failures bigint := (SELECT count(*) FROM histories.failure);
BEGIN
    IF failures > 0 THEN
        RAISE EXCEPTION '% failures', failures USING HINT = 'All of them are in histories.failure.';
    END IF;
END
$$;
