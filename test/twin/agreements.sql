--
-- agreements.sql: deferred payment agreements with random histories, against the facts and the twin
-- (twin.sql).
--
--     createdb histories
--     psql -X -d histories -c 'CREATE EXTENSION care_account'
--     psql -X -d histories -v seed=123 -v agreements=2000 -f test/twin/agreements.sql
--
-- Opens agreements under fourteen authorities, one for each capitalisation and day count, and lets
-- four rounds of facts pass over them: rates of the authorities and national maxima, new ones and
-- corrections; fees, charges, debt brought in, payments, reversals, weekly deferrals, stops, interest
-- and charges paid separately, valuations, deaths, judgments, repayment in full, write-offs; all of
-- them backdated or not.  Statements are issued in between, on request and by a run after each round,
-- and compared at once.  Then every agreement is looked at on some days, and a line is printed for
-- each thing that must hold:
--
--     ok - positions: 22000 positions of 2000 agreements are where the facts put them (seed 123)
--
-- Where something does not, the first cases are listed, and the script ends with an error.  All of
-- them stay in the table histories.failure.
--
-- An agreement's history is made from the seed and its number by md5, and those of the authorities
-- from the seed alone: -v first=9 -v agreements=1 makes that one again.  Further variable: shown
-- (failing cases listed of each thing, 10).
--
-- The twin's side is made from the rows of the facts (events, entries, policies, national rates,
-- parameters, valuations, deaths, settings): it calls nothing of the extension.
--
-- For a database made for it: leaves what it recorded, and replaces the schemas twin and histories.
--
\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\pset pager off
\if :{?seed} \else \set seed 1 \endif
\if :{?agreements} \else \set agreements 150 \endif
\if :{?first} \else \set first 1 \endif
\if :{?shown} \else \set shown 10 \endif
SET datestyle = 'ISO, YMD';
SET jit = off;

\ir twin.sql

SET client_min_messages = warning;
DROP SCHEMA IF EXISTS histories CASCADE;
RESET client_min_messages;
CREATE SCHEMA histories;

CREATE TABLE histories.setup AS
SELECT :'seed' AS seed, :first AS first_agreement, :first + :agreements - 1 AS last_agreement, date '2025-12-31' AS last_day;
CREATE TABLE histories.counted (what text);
CREATE TABLE histories.failure (what text, reference text, as_at date, extension text, expected text);
-- How many comparisons there were, and the statements already compared.
CREATE TABLE histories.compared (what text, agreement_id bigint);
CREATE TABLE histories.read (statement_id bigint PRIMARY KEY);
-- Moments at which everything known is asked for later.
CREATE TABLE histories.moment (at timestamptz, day date);

-- The twin ----------------------------------------------------------------------------------------

-- The rate of each authority on each day, by the policies and maxima recorded by a moment: the lesser of
-- the authority's own and the maximum; before April 2015, and for one that charges nothing, its own.
CREATE TABLE histories.rate (authority text, day date, rate numeric, PRIMARY KEY (authority, day));

CREATE PROCEDURE histories.take_rates(known_at timestamptz DEFAULT 'infinity')
    LANGUAGE sql
    BEGIN ATOMIC
        DELETE FROM histories.rate;
        INSERT INTO histories.rate
        WITH maximum AS MATERIALIZED (
            SELECT d::date AS day,
                   (SELECT n.max_percent FROM care.national_rate AS n
                    WHERE (n.shipped OR n.recorded_at <= known_at) AND n.valid_from <= d AND d < date_trunc('year', n.valid_from)
                                                    + CASE WHEN extract(month FROM n.valid_from) < 7 THEN interval '6 months' ELSE interval '1 year' END
                    ORDER BY n.shipped, n.recorded_at DESC LIMIT 1) AS max_rate
            -- what was dated late goes on into the next year
            FROM generate_series(timestamp '2014-01-01', (SELECT last_day + 730 FROM histories.setup), '1 day') AS d
        ), policy AS (
            SELECT p.*, lead(p.valid_from, 1, 'infinity') OVER (PARTITION BY p.authority ORDER BY p.valid_from) AS until
            FROM (SELECT DISTINCT ON (x.authority, x.valid_from) x.authority, x.valid_from, x.rate FROM care.interest_policy AS x
                  WHERE x.recorded_at <= known_at
                  ORDER BY x.authority, x.valid_from, x.recorded_at DESC) AS p
        )
        SELECT p.authority, m.day,
               CASE WHEN m.day < '2015-04-01' OR p.rate = 0 THEN p.rate
                    WHEN m.max_rate IS NOT NULL THEN least(p.rate, m.max_rate) END
        FROM maximum AS m JOIN policy AS p ON m.day >= p.valid_from AND m.day < p.until;
    END;

-- The steps that hold, as they were known at a moment: those that no other corrects or withdraws.
CREATE FUNCTION histories.steps(agreement bigint, known_at timestamptz DEFAULT 'infinity')
    RETURNS SETOF care.agreement_event
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT e.* FROM care.agreement_event AS e
    WHERE e.agreement_id = agreement AND e.recorded_at <= known_at AND e.kind <> 'withdrawn'
      AND e.event_id NOT IN (SELECT x.supersedes FROM care.agreement_event AS x
                             WHERE x.agreement_id = agreement AND x.supersedes IS NOT NULL AND x.recorded_at <= known_at);
END
$$;

-- What they say of an agreement: its terms and the judgment.
CREATE FUNCTION histories.terms(agreement bigint, known_at timestamptz DEFAULT 'infinity', OUT authority text, OUT person_id bigint,
                                OUT signed_on date, OUT day_count text, OUT capitalised text, OUT interest_from date,
                                OUT court_from date, OUT court_rate numeric)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT a.authority, a.person_id, s.on_day, s.day_count, s.capitalised,
           coalesce((SELECT e.on_day FROM histories.steps(agreement, known_at) AS e WHERE e.kind = 'bears_interest'
                     ORDER BY e.event_id DESC LIMIT 1), a.interest_from), j.on_day, j.rate
    INTO terms.authority, terms.person_id, terms.signed_on, terms.day_count, terms.capitalised, terms.interest_from, terms.court_from,
         terms.court_rate
    FROM care.agreement AS a
        LEFT JOIN histories.steps(agreement, known_at) AS s ON s.kind = 'signed'
        LEFT JOIN histories.steps(agreement, known_at) AS j ON j.kind = 'judgment'
    WHERE a.agreement_id = agreement;
END
$$;

-- Where the interest of each day goes.
CREATE FUNCTION histories.goes(agreement bigint, first_day date, last_day date, known_at timestamptz DEFAULT 'infinity',
                               free_from date DEFAULT NULL)
    RETURNS TABLE (day date, goes text)
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record;
BEGIN
    SELECT * INTO t FROM histories.terms(agreement, known_at);
    RETURN QUERY
    WITH switches AS MATERIALIZED (
        SELECT e.on_day, e.event_id, e.kind FROM histories.steps(agreement, known_at) AS e
        WHERE e.kind IN ('interest_separate', 'interest_deferred'))
    SELECT d::date,
           CASE WHEN d >= t.court_from THEN 'court'
                WHEN d < t.interest_from OR d >= free_from THEN 'nowhere'
                WHEN (SELECT s.kind FROM switches AS s WHERE s.on_day <= d ORDER BY s.on_day DESC, s.event_id DESC LIMIT 1)
                     = 'interest_separate' THEN 'separate'
                ELSE 'debt' END
    FROM generate_series(first_day::timestamp, last_day, '1 day') AS d;
END
$$;

-- The running account on some days: at the start of each, and at its close; without interest from a day on (mostly none).
CREATE FUNCTION histories.account(agreement bigint, wanted date[], known_at timestamptz DEFAULT 'infinity', free_from date DEFAULT NULL)
    RETURNS TABLE (day date, due numeric, due_held numeric, balance numeric, held numeric, separate numeric)
    LANGUAGE plpgsql STABLE AS $$
DECLARE
    t record;
    amounts numeric[];
    days date[];
    first_day date;
    last_day date := (SELECT max(x.day) FROM unnest(wanted) AS x (day));
BEGIN
    SELECT * INTO t FROM histories.terms(agreement, known_at);
    SELECT coalesce(array_agg(e.amount), '{}'), coalesce(array_agg(e.on_day), '{}'), min(e.on_day) INTO amounts, days, first_day
    FROM care.agreement_entry AS e WHERE e.agreement_id = agreement AND e.recorded_at <= known_at;
    RETURN QUERY
    SELECT w.day, coalesce(r.due, 0.00), coalesce(r.due_held, 0.00), coalesce(twin.rounded(r.owed), 0.00), coalesce(r.held, 0.00),
           coalesce(twin.rounded(r.separate), 0.00)
    FROM unnest(wanted) AS w (day)
        LEFT JOIN (SELECT array_agg(CASE g.goes WHEN 'court' THEN t.court_rate WHEN 'nowhere' THEN 0 ELSE k.rate END ORDER BY g.day) AS rates,
                          array_agg(g.goes ORDER BY g.day) AS goes
                   FROM histories.goes(agreement, first_day, last_day, known_at, free_from) AS g
                       LEFT JOIN histories.rate AS k ON k.authority = t.authority AND k.day = g.day) AS x ON true
        LEFT JOIN LATERAL twin.running_days(amounts, days, x.rates, x.goes, t.day_count, t.capitalised) AS r ON r.day = w.day
    WHERE first_day <= last_day
    UNION ALL
    SELECT w.day, 0.00, 0.00, 0.00, 0.00, 0.00 FROM unnest(wanted) AS w (day) WHERE (first_day <= last_day) IS NOT TRUE;
END
$$;

-- What is owed at the close of days, less what is held.
CREATE FUNCTION histories.balances(agreement bigint, days date[]) RETURNS TABLE (day date, balance numeric)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY SELECT a.day, a.balance - a.held FROM histories.account(agreement, days) AS a;
END
$$;

-- From the day after the death, for a debt repaid on a day: no interest, where the authority so decided.
CREATE FUNCTION histories.free_from(agreement bigint, pay_on date) RETURNS date
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT d.died_on + 1
    FROM histories.terms(agreement) AS t,
        LATERAL (SELECT x.died_on FROM care.death AS x WHERE x.person_id = t.person_id ORDER BY x.death_id DESC LIMIT 1) AS d
    WHERE t.court_from IS NULL
      AND pay_on BETWEEN d.died_on + 1
                     AND d.died_on + (SELECT p.amount::int FROM care.parameter AS p
                                      WHERE p.scheme = 'deferred_payment' AND p.name = 'repayment_days_after_death' AND p.valid_from <= d.died_on
                                      ORDER BY p.valid_from DESC, p.recorded_at DESC LIMIT 1)
      AND (SELECT s.value FROM care.setting AS s
           WHERE s.authority = t.authority AND s.name = 'interest_after_death' AND s.valid_from <= d.died_on
           ORDER BY s.valid_from DESC, s.recorded_at DESC LIMIT 1) = 'waived_if_repaid');
END
$$;

-- What repays it: what is due at the start of the day.
CREATE FUNCTION histories.redemptions(agreement bigint, days date[]) RETURNS TABLE (day date, figure numeric)
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT a.day, a.due
    FROM (SELECT f.free_from, array_agg(x.day) AS days
          FROM unnest(days) AS x (day), LATERAL (SELECT histories.free_from(agreement, x.day)) AS f (free_from)
          GROUP BY f.free_from) AS y,
        LATERAL histories.account(agreement, y.days, free_from => y.free_from) AS a;
END
$$;

CREATE FUNCTION histories.rate_on(agreement bigint, on_day date) RETURNS numeric
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT CASE g.goes WHEN 'court' THEN t.court_rate WHEN 'debt' THEN r.rate ELSE 0 END
    FROM histories.terms(agreement) AS t
        JOIN histories.rate AS r ON r.authority = t.authority AND r.day = on_day
        CROSS JOIN histories.goes(agreement, on_day, on_day) AS g);
END
$$;

-- A position in words, whoever worked it out.
CREATE FUNCTION histories.figures(rate numeric, deferred numeric, administration_charges numeric, interest numeric, payments numeric,
                                  credited numeric, refunded numeric, written_off numeric, balance numeric, held numeric,
                                  interest_separate numeric, property_value numeric,
                                  equity_limit numeric, equity_remaining numeric) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN 'rate ' || coalesce(round(rate, 4)::text, 'not known') || concat(', deferred ', round(deferred, 2), ', charges ',
           round(administration_charges, 2), ', interest ', round(interest, 2), ', payments ', round(payments, 2), ', written off ',
           round(written_off, 2), ', balance ', round(balance, 2), ', separate ', round(interest_separate, 2), ', value ',
           coalesce(round(property_value, 2)::text, 'none'), ', limit ', coalesce(round(equity_limit, 2)::text, 'none'), ', remaining ',
           coalesce(round(equity_remaining, 2)::text, 'none'));

-- The position by the facts, given where the account stands.
CREATE FUNCTION histories.position(agreement bigint, as_at date, balance numeric, held numeric, separate numeric) RETURNS text
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT histories.figures(histories.rate_on(agreement, as_at), e.deferred, e.charges,
                             balance - held - e.entered, e.payments, e.credited, e.refunded, e.written_off, balance, held,
                             separate, round(v.amount * v.share, 2), l.equity_limit, l.equity_limit - balance)
    FROM (SELECT coalesce(sum(x.amount) FILTER (WHERE x.kind IN ('care_fees', 'opening_balance')), 0) AS deferred,
                 coalesce(sum(x.amount) FILTER (WHERE x.kind = 'administration_charge'), 0) AS charges,
                 coalesce(-sum(x.amount) FILTER (WHERE x.kind = 'payment'), 0) AS payments,
                 coalesce(-sum(x.amount) FILTER (WHERE x.kind IN ('credit', 'waiver')), 0) AS credited,
                 coalesce(sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0) AS refunded,
                 coalesce(-sum(x.amount) FILTER (WHERE x.kind = 'write_off'), 0) AS written_off,
                 coalesce(sum(x.amount), 0) AS entered
          FROM care.agreement_entry AS x WHERE x.agreement_id = agreement AND x.on_day <= as_at) AS e
        LEFT JOIN LATERAL (SELECT x.amount, x.share, x.prior_charges FROM care.valuation AS x
                           WHERE x.agreement_id = agreement AND x.valued_on <= as_at
                           ORDER BY x.valued_on DESC, x.valuation_id DESC LIMIT 1) AS v ON true
        LEFT JOIN LATERAL (SELECT greatest(round(v.amount * v.share * (100 - m.amount) / 100, 2) - c.amount - v.prior_charges, 0)
                           FROM (SELECT p.amount FROM care.parameter AS p
                                 WHERE p.scheme = 'deferred_payment' AND p.name = 'equity_margin_percent' AND p.valid_from <= as_at
                                 ORDER BY p.valid_from DESC, p.recorded_at DESC LIMIT 1) AS m,
                                (SELECT p.amount FROM care.parameter AS p
                                 WHERE p.scheme = 'deferred_payment' AND p.name = 'lower_capital_limit' AND p.valid_from <= as_at
                                 ORDER BY p.valid_from DESC, p.recorded_at DESC LIMIT 1) AS c) AS l (equity_limit) ON true);
END
$$;

-- Comparing ---------------------------------------------------------------------------------------

-- Notes two texts that should be the same.
CREATE FUNCTION histories.compare(what text, agreement bigint, as_at date, extension text, expected text) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO histories.compared VALUES (what, agreement);
    IF extension IS DISTINCT FROM expected THEN
        INSERT INTO histories.failure
        SELECT compare.what, a.reference, compare.as_at, compare.extension, compare.expected FROM care.agreement AS a WHERE a.agreement_id = agreement;
    END IF;
END
$$;

-- The statements of an agreement not yet compared, or of all: what they say is where the facts put it at this moment.
CREATE PROCEDURE histories.read_statements(of_agreement bigint DEFAULT NULL)
    LANGUAGE plpgsql AS $$
DECLARE
    s care.issued_agreement_statement;
    last care.issued_agreement_statement;
    now record;
    last_owed numeric;
    backdated text;
    weeks numeric;
    entered text;
    fees numeric;
    correction numeric;
    said record;
BEGIN
    FOR s IN SELECT i.* FROM care.issued_agreement_statement AS i
             WHERE (of_agreement IS NULL OR i.agreement_id = of_agreement)
               AND NOT EXISTS (SELECT FROM histories.read AS r WHERE r.statement_id = i.statement_id)
             ORDER BY i.statement_id LOOP
        INSERT INTO histories.read VALUES (s.statement_id);
        last := NULL;
        SELECT i.* INTO last FROM care.issued_agreement_statement AS i
        WHERE i.agreement_id = s.agreement_id AND i.as_at < s.as_at ORDER BY i.as_at DESC LIMIT 1;
        SELECT a.* INTO now FROM histories.account(s.agreement_id, ARRAY[s.as_at]) AS a;
        last_owed := (SELECT b.balance FROM histories.balances(s.agreement_id, ARRAY[last.as_at]) AS b WHERE last.as_at IS NOT NULL);
        PERFORM histories.compare('statements', s.agreement_id, s.as_at,
                                  histories.figures(s.rate, s.deferred, s.administration_charges, s.interest, s.payments, s.credited,
                                                    s.refunded, s.written_off, s.balance, s.held, s.interest_separate, s.property_value, s.equity_limit, s.equity_remaining),
                                  histories.position(s.agreement_id, s.as_at, now.balance, now.held, now.separate));
        PERFORM histories.compare('statements', s.agreement_id, s.as_at, 'to repay ' || s.redemption_figure,
                                  'to repay ' || (SELECT r.figure FROM histories.redemptions(s.agreement_id, ARRAY[s.as_at + 1]) AS r));
        -- the lines
        SELECT string_agg(e.on_day || ' ' || e.amount, '; ' ORDER BY e.on_day, e.amount)
                   FILTER (WHERE e.on_day <= last.as_at AND e.recorded_at > last.recorded_at AND NOT e.weekly),
               sum(e.amount) FILTER (WHERE e.on_day <= last.as_at AND e.recorded_at > last.recorded_at AND e.weekly),
               string_agg(e.on_day || ' ' || e.amount, '; ' ORDER BY e.on_day, e.amount)
                   FILTER (WHERE (last.as_at IS NULL OR e.on_day > last.as_at) AND e.kind || (e.reverses IS NULL) <> 'care_feestrue'),
               sum(e.amount) FILTER (WHERE (last.as_at IS NULL OR e.on_day > last.as_at) AND e.kind = 'care_fees' AND e.reverses IS NULL),
               last_owed - last.balance + last.held - coalesce(sum(e.amount) FILTER (WHERE e.on_day <= last.as_at AND e.recorded_at > last.recorded_at), 0)
        INTO backdated, weeks, entered, fees, correction
        FROM (SELECT x.on_day, round(x.amount, 2) AS amount, x.kind, x.reverses, x.recorded_at,
                     x.week_from IS NOT NULL AND x.reverses IS NULL AS weekly
              FROM care.agreement_entry AS x WHERE x.agreement_id = s.agreement_id AND x.on_day <= s.as_at) AS e;
        SELECT coalesce(sum(l.amount), 0.00) AS total,
               max(l.amount) FILTER (WHERE l.n = 1 AND l.what = 'on the last statement') AS opening,
               string_agg(l.from_day || ' ' || l.amount, '; ' ORDER BY l.from_day, l.amount) FILTER (WHERE l.what LIKE 'backdated %') AS backdated,
               string_agg(l.from_day || ' ' || l.amount, '; ' ORDER BY l.from_day, l.amount)
                   FILTER (WHERE l.what NOT LIKE 'backdated %' AND l.what <> 'care fees' AND l.from_day IS NOT NULL AND l.to_day IS NULL) AS entered,
               sum(l.amount) FILTER (WHERE l.what LIKE 'care fees from %, corrected') AS weeks,
               count(*) FILTER (WHERE l.what LIKE 'care fees from %, corrected') AS weeks_lines,
               sum(l.amount) FILTER (WHERE l.what = 'care fees') AS fees,
               sum(l.amount) FILTER (WHERE l.what = 'correction of interest') AS correction,
               string_agg(l.from_day || ' to ' || l.to_day || ' at ' || round(l.rate, 4), '; ' ORDER BY l.n)
                   FILTER (WHERE l.what = 'interest' AND (round(l.rate, 4) IS DISTINCT FROM round(histories.rate_on(s.agreement_id, l.from_day), 4)
                                                          OR round(l.rate, 4) IS DISTINCT FROM round(histories.rate_on(s.agreement_id, l.to_day), 4)
                                                          OR l.days <> l.to_day - l.from_day + 1)) AS wrong_rates
        INTO said
        FROM unnest(s.lines) WITH ORDINALITY AS l (what, from_day, to_day, days, rate, amount, n);
        PERFORM histories.compare('lines', s.agreement_id, s.as_at,
                                  format('adds up to %s, opens with %s, fees %s, correction %s, backdated: %s, weeks %s, entered: %s, wrong rates: %s',
                                         said.total, said.opening, said.fees, said.correction, said.backdated, said.weeks, said.entered,
                                         said.wrong_rates),
                                  format('adds up to %s, opens with %s, fees %s, correction %s, backdated: %s, weeks %s, entered: %s, wrong rates: ',
                                         s.balance - s.held, last.balance - last.held, fees, nullif(correction, 0), backdated, weeks, entered));
        PERFORM histories.compare('lines', s.agreement_id, s.as_at, said.weeks_lines || ' lines of corrected weeks',
                                  (weeks IS NOT NULL)::int || ' lines of corrected weeks');
        INSERT INTO histories.counted
        SELECT w.what FROM (VALUES ('statement with backdated entries', backdated IS NOT NULL), ('statement with corrected weeks', weeks IS NOT NULL),
                                   ('statement with money held', s.held > 0), ('statement with a correction', correction <> 0),
                                   ('statement of a run', s.due_on IS NOT NULL)) AS w (what, is_so) WHERE w.is_so;
    END LOOP;
END
$$;

-- The facts ---------------------------------------------------------------------------------------

-- A whole number from 0 up to, and without, `below`: the same for the same key, always.
CREATE FUNCTION histories.draw(key text, below int) RETURNS int
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (('x' || left(md5((SELECT setup.seed FROM histories.setup) || '/' || key), 15))::bit(60)::bigint % below)::int;
END
$$;

-- An amount: mostly odd, sometimes round, sometimes a few pence.
CREATE FUNCTION histories.pounds(key text, below int) RETURNS numeric
    LANGUAGE sql STABLE
    RETURN CASE WHEN histories.draw(key || '/which', 8) = 0 THEN 0.01 * (1 + histories.draw(key, 100))
                WHEN histories.draw(key || '/which', 8) <= 2 THEN 50 * (1 + histories.draw(key, below / 50))
                ELSE 0.01 * (1 + histories.draw(key, 100 * below)) END;

-- An authority of each capitalisation and day count.
CREATE PROCEDURE histories.begin()
    LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    -- statements are issued on rates that are confirmed
    PERFORM care.confirm_national_max_rate(r.valid_from, r.max_percent, 'test') FROM care.national_rate_to_confirm AS r;
    FOR n IN 1 .. 14 LOOP
        name := 'E09' || to_char(n, 'FM000000');
        PERFORM care.record_interest_policy(name, '2014-01-01', 0.25 * histories.draw(name || '/before', 8), 'test',
                                            CASE WHEN n > 7 THEN 'act/365f' ELSE 'act/act' END,
                                            (ARRAY['daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none'])[1 + n % 7]);
        PERFORM care.record_interest_policy(name, '2015-04-01', CASE WHEN histories.draw(name, 3) > 0 THEN 0.05 * histories.draw(name || '/from', 53) END,
                                            'test', CASE WHEN n > 7 THEN 'act/365f' ELSE 'act/act' END,
                                            (ARRAY['daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none'])[1 + n % 7]);
        PERFORM care.record_fee_tariff(name, 'visit', '2014-01-01', 'per_event', 35.55, 'test');
        IF n % 2 = 0 THEN
            PERFORM care.record_setting(name, 'interest_after_death', 'waived_if_repaid');
        END IF;
    END LOOP;
END
$$;

-- A new rate of an authority, any day, or another in the place of one; none, the maximum, or its own.
CREATE PROCEDURE histories.change_rates(round int)
    LANGUAGE plpgsql AS $$
DECLARE
    name text;
    key text;
    day date;
    own numeric;
    correct boolean;
BEGIN
    FOR n IN 1 .. 14 LOOP
        FOR i IN 1 .. 2 LOOP
            name := 'E09' || to_char(n, 'FM000000');
            key := concat_ws('/', name, round, i);
            day := date '2015-04-01' + histories.draw(key || '/day', 3800);
            correct := histories.draw(key || '/correct', 3) = 0;
            IF correct THEN
                SELECT max(p.valid_from) INTO day FROM care.interest_policy AS p WHERE p.authority = name AND p.valid_from <= day;
            END IF;
            own := CASE histories.draw(key || '/kind', 5) WHEN 0 THEN NULL WHEN 1 THEN 0 ELSE 0.0001 * histories.draw(key, 50000) END;
            BEGIN
                -- the terms of agreements signed later stay those of the authority
                PERFORM care.record_interest_policy(name, day, own, 'test', p.day_count, p.capitalised, corrects => correct)
                FROM (SELECT x.day_count, x.capitalised FROM care.interest_policy AS x WHERE x.authority = name LIMIT 1) AS p;
                INSERT INTO histories.counted VALUES (CASE WHEN correct THEN 'rate corrected' ELSE 'rate' END);
            EXCEPTION WHEN check_violation OR unique_violation THEN
                INSERT INTO histories.counted VALUES ('rate refused');
            END;
        END LOOP;
    END LOOP;
    FOR i IN 1 .. 2 LOOP
        key := concat_ws('/', 'maximum', round, i);
        SELECT max(r.valid_from) INTO day FROM care.national_rate AS r
        WHERE r.valid_from <= date '2015-04-01' + histories.draw(key || '/day', 3900);
        PERFORM care.record_national_max_rate(day, 0.01 * histories.draw(key, 480), 'test', '2015-16', 'test', corrects => true);
        INSERT INTO histories.counted VALUES ('maximum corrected');
    END LOOP;
    CALL histories.take_rates();
END
$$;

-- Opens an agreement: one in eight before there was an Act, with its interest starting later or never; and one in
-- three so large that a penny shows what it would hide in others, such as interest capitalised on another day.
CREATE PROCEDURE histories.open(n int)
    LANGUAGE plpgsql AS $$
DECLARE
    key text := n::text;
    name text := 'E09' || to_char(1 + n % 14, 'FM000000');
    early boolean := histories.draw(n || '/early', 8) = 0;
    signed_on date := CASE WHEN early THEN date '2014-06-01' + histories.draw(key || '/signed', 250)
                           ELSE date '2015-04-01' + histories.draw(key || '/signed', 2600) END;
    large int := CASE WHEN histories.draw(key || '/large', 3) = 0 THEN 400 ELSE 1 END;
    agreement bigint;
BEGIN
    agreement := care.open_agreement(name, 'D' || n, 'person ' || n, signed_on, signed_on + histories.draw(key || '/secured', 40), '1935-05-05',
                                     interest_from => CASE WHEN NOT early THEN NULL
                                                           ELSE (ARRAY['infinity', '2015-04-01', '2016-10-01', '2018-02-11', NULL]::date[])
                                                                [1 + histories.draw(key || '/interest', 5)] END);
    -- no valuation before there was an equity limit
    PERFORM care.record_valuation(agreement, greatest(signed_on, '2015-04-01'), large * (20000 + histories.pounds(key || '/value', 300000)),
                                  1 - 0.125 * histories.draw(key || '/share', 5),
                                  CASE WHEN histories.draw(key || '/charged', 4) = 0 THEN histories.pounds(key || '/prior', 20000) ELSE 0 END);
    IF histories.draw(key || '/debt', 2) = 0 OR large > 1 THEN
        PERFORM care.bring_in_debt(agreement, signed_on + 40, large * (1000 + histories.pounds(key || '/debt', 20000)), 'test', 'test', 'test');
    END IF;
END
$$;

-- Repays it in full: then and after nothing is owed, if nothing is entered for later.
CREATE PROCEDURE histories.redeem(agreement bigint, day date, key text)
    LANGUAGE plpgsql AS $$
DECLARE
    figure numeric := care.redemption_figure(agreement, day);
BEGIN
    PERFORM histories.compare('redemption', agreement, day, 'to repay ' || figure,
                              'to repay ' || (SELECT r.figure FROM histories.redemptions(agreement, ARRAY[day]) AS r));
    IF figure <= 0 THEN
        INSERT INTO histories.counted VALUES ('nothing');
        RETURN;
    END IF;
    IF histories.draw(key || '/credit', 4) = 0 THEN
        PERFORM care.record_payment(agreement, day, figure + histories.pounds(key || '/credit', 100), take_credit => true);
        INSERT INTO histories.counted VALUES ('repaid with a credit');
    ELSE
        PERFORM care.record_payment(agreement, day, figure);
    END IF;
    IF NOT EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.agreement_id = agreement AND e.on_day > day) THEN
        PERFORM histories.compare('closes', agreement, day,
                                  (SELECT string_agg(d.day || ' ' || p.balance || ' ' || care.redemption_figure(agreement, d.day), ', ' ORDER BY d.day)
                                   FROM unnest(ARRAY[day, day + 1 + histories.draw(key, 90)]) AS d (day), LATERAL care.agreement_position(d.day) AS p
                                   WHERE p.agreement_id = agreement),
                                  format('%s 0.00 0.00, %s 0.00 0.00', day, day + 1 + histories.draw(key, 90)));
        INSERT INTO histories.counted
        SELECT 'closed ' || t.capitalised || ' ' || t.day_count || CASE WHEN t.court_from IS NOT NULL THEN ' after judgment' ELSE '' END
        FROM histories.terms(agreement) AS t;
    END IF;
    INSERT INTO histories.counted
    SELECT 'repaid without interest after death' WHERE histories.free_from(agreement, day) IS NOT NULL;
END
$$;

-- One thing that happens to an agreement, mostly between two days, else earlier.  Returns what it was.
CREATE FUNCTION histories.happen(agreement bigint, key text, from_day date, to_day date) RETURNS text
    LANGUAGE plpgsql AS $$
DECLARE
    action text := (ARRAY['fees', 'fees', 'fees', 'fees', 'fees', 'fees', 'charge', 'charge', 'debt', 'payment', 'payment', 'payment', 'payment',
                          'reversal', 'reversal', 'reversal', 'stop', 'resume', 'separate', 'separate', 'interest deferred', 'charges switched', 'invoice', 'invoice',
                          'valuation', 'valuation', 'weekly', 'weekly', 'weekly corrected', 'weekly posted', 'statement', 'statement', 'statement', 'statement',
                          'death', 'death undone', 'end', 'judgment', 'repaid', 'repaid', 'written off', 'credit', 'refund', 'refund',
                          'reinstated', 'step corrected', 'step withdrawn', 'step withdrawn', 'released'])[1 + histories.draw(key || '/action', 49)];
    t record;
    opened date;
    day date;
    died_on date;
    last_entry date;
    figure numeric;
    statement_on date;
    old record;
BEGIN
    SELECT x.* INTO t FROM histories.terms(agreement) AS x;
    opened := (SELECT max(e.on_day) FROM care.agreement_event AS e WHERE e.agreement_id = agreement AND e.kind IN ('signed', 'secured'));
    IF t.interest_from IS NULL THEN
        opened := greatest(opened, '2015-04-01');
    END IF;
    from_day := greatest(from_day, opened);
    to_day := greatest(to_day, from_day + 1);
    IF histories.draw(key || '/backdated', 3) = 0 THEN
        from_day := opened;
    END IF;
    day := from_day + histories.draw(key || '/day', to_day - from_day);
    SELECT max(e.on_day) INTO last_entry FROM care.agreement_entry AS e WHERE e.agreement_id = agreement;
    SELECT x.died_on INTO died_on FROM care.death AS x WHERE x.person_id = t.person_id ORDER BY x.death_id DESC LIMIT 1;
    CASE action
        WHEN 'fees' THEN
            FOR n IN 0 .. histories.draw(key || '/weeks', 4) LOOP
                PERFORM care.defer(agreement, day + 7 * n, 'care_fees', histories.pounds(key, 2500));
            END LOOP;
        WHEN 'charge' THEN
            IF histories.draw(key || '/tariff', 2) = 0 THEN
                PERFORM care.record_charge(agreement, day, 'visit', 1 + histories.draw(key, 3));
            ELSE
                PERFORM care.defer(agreement, day, 'administration_charge', histories.pounds(key, 600), evidence => 'test');
            END IF;
        WHEN 'debt' THEN
            PERFORM care.bring_in_debt(agreement, day, histories.pounds(key, 5000), 'test', 'test', 'test');
        WHEN 'payment' THEN
            figure := care.redemption_figure(agreement, day);
            -- sometimes more than is owed
            PERFORM care.record_payment(agreement, day, CASE WHEN histories.draw(key || '/above', 5) = 0 THEN figure + histories.pounds(key, 3000)
                                                             ELSE least(histories.pounds(key, 3000), greatest(round(figure / 2, 2), 0.01)) END,
                                        take_credit => histories.draw(key || '/credit', 4) > 0);
        WHEN 'credit' THEN
            PERFORM care.record_credit(agreement, day, histories.pounds(key, 1000), 'test', 'test', CASE WHEN histories.draw(key || '/waived', 2) = 0
                                                                                                    THEN 'waiver' ELSE 'credit' END);
        WHEN 'refund' THEN
            day := greatest(day, last_entry);
            SELECT a.due_held INTO figure FROM histories.account(agreement, ARRAY[day]) AS a;
            IF figure = 0 THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.record_refund(agreement, day, CASE WHEN histories.draw(key || '/part', 2) = 0 THEN figure
                                                            ELSE greatest(round(figure / 2, 2), 0.01) END);
        WHEN 'reinstated' THEN
            SELECT e.reverses AS entry_id INTO old FROM care.agreement_entry AS e
            WHERE e.agreement_id = agreement AND e.reverses IS NOT NULL ORDER BY histories.draw(key || e.on_day || e.amount, 1000), e.entry_id LIMIT 1;
            IF NOT FOUND THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.reinstate_entry(agreement, old.entry_id, 'test');
        WHEN 'step corrected', 'step withdrawn' THEN
            SELECT e.event_id INTO old FROM histories.steps(agreement) AS e
            WHERE e.kind IN ('ended', 'judgment', 'interest_separate', 'interest_deferred', 'deferring_stopped', 'deferring_resumed', 'charge_released')
            ORDER BY histories.draw(key || e.kind || e.on_day, 1000), e.event_id LIMIT 1;
            IF NOT FOUND THEN
                RETURN 'nothing';
            END IF;
            IF action = 'step corrected' THEN
                PERFORM care.correct_step(agreement, old.event_id, day, 'test');
            ELSE
                PERFORM care.withdraw_step(agreement, old.event_id, 'test');
            END IF;
        WHEN 'released' THEN
            PERFORM care.release_charge(agreement, day + histories.draw(key, 400));
        WHEN 'reversal' THEN
            SELECT e.entry_id, e.kind INTO old FROM care.agreement_entry AS e
            WHERE e.agreement_id = agreement AND e.reverses IS NULL AND (e.kind <> 'waiver' OR e.comes_with IS NULL)
              AND NOT EXISTS (SELECT FROM care.agreement_entry AS r WHERE r.agreement_id = agreement AND r.reverses = e.entry_id)
            ORDER BY (e.kind = 'payment' AND histories.draw(key || '/payment', 2) = 0) DESC,
                     histories.draw(key || '/' || e.on_day || '/' || e.amount, 1000), e.entry_id LIMIT 1;
            IF NOT FOUND THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.reverse_entry(agreement, old.entry_id, 'test');
            RETURN CASE WHEN old.kind = 'payment' THEN 'reversal of a payment' ELSE 'reversal' END;
        WHEN 'stop' THEN
            PERFORM care.stop_deferring(agreement, day, 'test');
        WHEN 'resume' THEN
            PERFORM care.resume_deferring(agreement, day);
        WHEN 'separate' THEN
            -- sometimes the very day of the last payment
            IF histories.draw(key || '/same', 4) = 0 THEN
                day := coalesce((SELECT max(e.on_day) FROM care.agreement_entry AS e WHERE e.agreement_id = agreement AND e.kind = 'payment'), day);
            END IF;
            PERFORM care.pay_interest_separately(agreement, day);
        WHEN 'interest deferred' THEN
            PERFORM care.pay_interest_separately(agreement, day, false);
        WHEN 'charges switched' THEN
            PERFORM care.pay_charges_separately(agreement, day, histories.draw(key, 3) > 0);
        WHEN 'invoice' THEN
            PERFORM care.invoice_interest(agreement, day);
            PERFORM histories.compare('separate', agreement, day,
                                      (SELECT 'invoiced ' || coalesce(sum(i.amount), 0.00) FROM care.agreement_invoice AS i
                                       WHERE i.agreement_id = agreement AND i.kind = 'interest'),
                                      'invoiced ' || (SELECT round(a.separate, 2) FROM histories.account(agreement, ARRAY[day]) AS a));
        WHEN 'valuation' THEN
            PERFORM care.record_valuation(agreement, greatest(day, '2015-04-01'), histories.pounds(key, 300000),
                                          0.00000001 * (1 + histories.draw(key || '/share', 100000000)),
                                          CASE WHEN histories.draw(key || '/prior', 3) = 0 THEN histories.pounds(key || '/prior', 40000) ELSE 0 END);
        WHEN 'weekly' THEN
            -- up to six weeks, and a part of one
            PERFORM care.record_deferral(agreement, day, 300 + histories.pounds(key, 1000), histories.pounds(key || '/income', 500));
            PERFORM care.record_deferral(agreement, day + 7 + histories.draw(key || '/days', 38), 0, 0);
            PERFORM care.post_deferral(agreement, day + 14);
        WHEN 'weekly corrected' THEN
            SELECT d.deferral_id, d.valid_from INTO old FROM care.deferral AS d
            WHERE d.agreement_id = agreement AND d.weekly_amount > 0
              AND NOT EXISTS (SELECT FROM care.deferral AS x WHERE x.agreement_id = agreement AND x.supersedes = d.deferral_id)
            ORDER BY d.deferral_id LIMIT 1;
            IF NOT FOUND THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.record_deferral(agreement, old.valid_from, histories.pounds(key, 1500), 0, supersedes => old.deferral_id);
            PERFORM care.post_deferral(agreement, to_day);
        WHEN 'weekly posted' THEN
            RETURN CASE WHEN care.post_deferral(agreement, to_day) > 0 THEN action ELSE 'nothing' END;
        WHEN 'statement' THEN
            statement_on := coalesce((SELECT max(s.as_at) FROM care.issued_agreement_statement AS s WHERE s.agreement_id = agreement), t.signed_on - 1)
                            + 1 + histories.draw(key || '/wait', 250);
            IF statement_on > to_day THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.issue_agreement_statement(agreement, statement_on);
            CALL histories.read_statements(agreement);
        WHEN 'death' THEN
            PERFORM care.record_death(p.reference, day, day + 10, p.authority) FROM care.person AS p WHERE p.person_id = t.person_id;
        WHEN 'death undone' THEN
            IF died_on IS NULL THEN
                RETURN 'nothing';
            END IF;
            PERFORM care.record_death(p.reference, NULL, day, p.authority) FROM care.person AS p WHERE p.person_id = t.person_id;
        WHEN 'end' THEN
            PERFORM care.end_agreement(agreement, day, 'other');
        WHEN 'judgment' THEN
            IF histories.draw(key || '/sue', 2) = 0 THEN
                RETURN 'nothing';
            END IF;
            -- sometimes the very day of the last entry, or of a switch
            day := CASE WHEN histories.draw(key || '/same', 3) = 0 AND last_entry IS NOT NULL THEN last_entry ELSE day END;
            -- a judgment posts the weeks before it
            PERFORM care.post_deferral(agreement, day - 1);
            figure := care.redemption_figure(agreement, day);
            PERFORM histories.compare('redemption', agreement, day, 'to repay ' || figure,
                                      'to repay ' || (SELECT r.figure FROM histories.redemptions(agreement, ARRAY[day]) AS r));
            -- what is owed then: a concession for repaying soon after a death is none for a debt that went to court
            figure := care.record_judgment(agreement, day, 'test');
            PERFORM histories.compare('redemption', agreement, day, 'judgment debt ' || figure,
                                      'judgment debt ' || (SELECT r.figure FROM histories.redemptions(agreement, ARRAY[day]) AS r));
        WHEN 'repaid' THEN
            IF histories.draw(key || '/earlier', 4) > 0 THEN
                day := greatest(last_entry, CASE WHEN t.court_from IS NULL THEN died_on + histories.draw(key || '/after', 120) END, day);
            END IF;
            CALL histories.redeem(agreement, day, key);
        WHEN 'written off' THEN
            day := greatest(day, last_entry);
            PERFORM histories.compare('redemption', agreement, day, 'written off ' || care.redemption_figure(agreement, day),
                                      'written off ' || (SELECT r.figure FROM histories.redemptions(agreement, ARRAY[day]) AS r));
            IF histories.draw(key || '/part', 2) = 0 THEN
                figure := care.redemption_figure(agreement, day);
                PERFORM care.write_off(agreement, day, 'attempted', 'test', 'test', greatest(round(figure / 3, 2), 0.01));
                RETURN 'written off in part';
            END IF;
            PERFORM care.write_off(agreement, day, 'attempted', 'test', 'test');
            PERFORM histories.compare('closes', agreement, day,
                                      (SELECT string_agg(p.as_at || ' ' || p.balance, ', ' ORDER BY p.as_at)
                                       FROM unnest(ARRAY[day, day + 40]) AS d (day), LATERAL care.agreement_position(d.day) AS p
                                       WHERE p.agreement_id = agreement),
                                      format('%s 0.00, %s 0.00', day, day + 40));
    END CASE;
    RETURN action;
EXCEPTION WHEN check_violation OR unique_violation OR object_not_in_prerequisite_state THEN
    RETURN action || ' refused';
END
$$;

-- One round: rates, then every agreement that is open by then, then a run of each kind.
CREATE PROCEDURE histories.pass(round int, from_day date, to_day date)
    LANGUAGE plpgsql AS $$
DECLARE
    agreement record;
BEGIN
    CALL histories.change_rates(round);
    FOR agreement IN SELECT a.agreement_id, a.reference FROM care.agreement AS a WHERE a.applied_on < to_day - 100 ORDER BY a.agreement_id LOOP
        FOR n IN 1 .. 7 LOOP
            INSERT INTO histories.counted
            VALUES (histories.happen(agreement.agreement_id, concat_ws('/', substr(agreement.reference, 2), round, n), from_day, to_day));
        END LOOP;
    END LOOP;
END
$$;

-- Posts the weekly deferrals of all, one by one: fees that were repaid since cannot be taken back.
CREATE PROCEDURE histories.post_deferrals(up_to date)
    LANGUAGE plpgsql AS $$
DECLARE
    agreement bigint;
BEGIN
    FOR agreement IN SELECT d.agreement_id FROM care.deferral_due(up_to) AS d ORDER BY d.agreement_id LOOP
        BEGIN
            PERFORM care.post_deferral(agreement, up_to);
            PERFORM histories.compare('weekly', agreement, up_to, care.post_deferral(agreement, up_to) || ' more weeks', '0 more weeks');
        EXCEPTION WHEN check_violation THEN
            INSERT INTO histories.counted VALUES ('weekly posted refused');
        END;
    END LOOP;
END
$$;

-- Four rounds -------------------------------------------------------------------------------------

CALL histories.begin();
CALL histories.take_rates();
SELECT format('CALL histories.open(%s)', n) FROM histories.setup, generate_series(first_agreement, last_agreement) AS n
\gexec
SELECT format('CALL histories.pass(%s, %L, %L)', r.round, r.from_day, r.to_day),
       format('CALL histories.post_deferrals(%L)', r.to_day),
       format('CALL care.issue_due_agreement_statements(%L, batch_size => 97)', r.to_day),
       'CALL histories.read_statements()',
       format('INSERT INTO histories.moment VALUES (clock_timestamp(), %L), (clock_timestamp(), %L)', r.to_day, r.from_day::date + 700),
       'ANALYZE care.agreement, care.agreement_entry, care.agreement_event, care.issued_agreement_statement'
FROM (VALUES (1, '2014-06-01', '2018-03-31'), (2, '2018-04-01', '2020-12-31'), (3, '2021-01-01', '2023-02-28'), (4, '2023-03-01', '2025-09-30'))
    AS r (round, from_day, to_day)
ORDER BY r.round
\gexec

-- Most are repaid in the end, some after a death; then the maximum changes once more, after the event.
DO $$
DECLARE
    agreement record;
    key text;
    day date;
BEGIN
    FOR agreement IN SELECT a.agreement_id, a.reference, a.authority, p.reference AS person_reference, max(e.on_day) AS last_entry
                     FROM care.agreement AS a
                         JOIN care.agreement_entry AS e ON e.agreement_id = a.agreement_id
                         JOIN care.person AS p ON p.person_id = a.person_id
                     GROUP BY a.agreement_id, p.person_id ORDER BY a.agreement_id LOOP
        key := agreement.reference || '/end';
        IF histories.draw(key || '/dies', 3) = 0 THEN
            day := agreement.last_entry - 40 + histories.draw(key || '/died', 60);
            PERFORM care.record_death(agreement.person_reference, day, day, agreement.authority);
        END IF;
        IF histories.draw(key || '/repaid', 6) > 0 THEN
            CALL histories.redeem(agreement.agreement_id, agreement.last_entry + histories.draw(key || '/day', 60), key);
        END IF;
    END LOOP;
END
$$;
CALL histories.change_rates(5);

-- What must hold ----------------------------------------------------------------------------------

-- The same days for all, and some of each agreement's own: of an entry or event, and the day before.
CREATE TABLE histories.looked AS
SELECT DISTINCT a.agreement_id, d.day
FROM care.agreement AS a, generate_series(1, 8) AS n,
    LATERAL (SELECT CASE WHEN n <= 6 THEN date '2014-07-01' + histories.draw('look/' || n, 4150)
                         ELSE (SELECT x.on_day - n % 2
                               FROM (SELECT e.on_day FROM care.agreement_entry AS e WHERE e.agreement_id = a.agreement_id
                                     UNION SELECT e.on_day FROM care.agreement_event AS e WHERE e.agreement_id = a.agreement_id) AS x
                               ORDER BY histories.draw(concat_ws('/', a.reference, n, x.on_day), 1000), x.on_day LIMIT 1) END) AS d (day);
ANALYZE histories.looked;

DO $$
DECLARE
    agreement record;
    asked date;
    period record;
    line record;
    opening numeric;
    next_day date;
    last_rate numeric;
    twins numeric[];
BEGIN
    CREATE TABLE histories.position_said (agreement_id bigint, day date, figures text, PRIMARY KEY (agreement_id, day));
    FOR asked IN SELECT DISTINCT l.day FROM histories.looked AS l LOOP
        INSERT INTO histories.position_said
        SELECT p.agreement_id, asked, histories.figures(p.rate, p.deferred, p.administration_charges, p.interest, p.payments, p.credited,
                                                        p.refunded, p.written_off, p.balance, p.held, p.interest_separate, p.property_value, p.equity_limit, p.equity_remaining)
        FROM care.agreement_position(asked) AS p
        WHERE p.agreement_id = ANY (ARRAY(SELECT l.agreement_id FROM histories.looked AS l WHERE l.day = asked));
    END LOOP;
    FOR agreement IN SELECT a.agreement_id, a.reference, a.signed_on, t.court_from
                     FROM care.agreement AS a, LATERAL histories.terms(a.agreement_id) AS t ORDER BY a.agreement_id LOOP
        -- positions and redemption figures
        FOR line IN
            SELECT l.day, b.balance, b.held, b.separate, r.figure,
                   (SELECT s.figures FROM histories.position_said AS s WHERE s.agreement_id = agreement.agreement_id AND s.day = l.day) AS said
            FROM histories.looked AS l
                JOIN histories.account(agreement.agreement_id, ARRAY(SELECT k.day FROM histories.looked AS k
                                                                     WHERE k.agreement_id = agreement.agreement_id)) AS b ON b.day = l.day
                JOIN histories.redemptions(agreement.agreement_id, ARRAY(SELECT k.day FROM histories.looked AS k
                                                                         WHERE k.agreement_id = agreement.agreement_id)) AS r ON r.day = l.day
            WHERE l.agreement_id = agreement.agreement_id LOOP
            PERFORM histories.compare('positions', agreement.agreement_id, line.day, line.said,
                                      CASE WHEN line.day >= agreement.signed_on THEN histories.position(agreement.agreement_id, line.day, line.balance, line.held, line.separate) END);
            PERFORM histories.compare('positions', agreement.agreement_id, line.day, 'owed and held: ' || (line.balance > 0 AND line.held > 0),
                                      'owed and held: false');
            PERFORM histories.compare('redemption', agreement.agreement_id, line.day,
                                      'to repay ' || care.redemption_figure(agreement.agreement_id, line.day), 'to repay ' || round(line.figure, 2));
        END LOOP;
        -- a working: its lines join and add up, and close where the twin does
        SELECT min(x.day) AS from_day, max(x.day) AS to_day INTO period
        FROM (SELECT agreement.signed_on + histories.draw(agreement.reference || '/period/' || n,
                                                          (SELECT last_day FROM histories.setup) - agreement.signed_on) AS day
              FROM generate_series(1, 2) AS n) AS x;
        opening := (SELECT b.balance FROM histories.balances(agreement.agreement_id, ARRAY[period.from_day - 1]) AS b);
        next_day := period.from_day;
        last_rate := NULL;
        FOR line IN
            SELECT w.*, b.balance, histories.rate_on(agreement.agreement_id, w.from_day) AS first_rate, r.other_rates,
                   (SELECT coalesce(sum(e.amount), 0) FROM care.agreement_entry AS e
                    WHERE e.agreement_id = agreement.agreement_id AND e.on_day BETWEEN w.from_day AND w.to_day) AS entered
            FROM (SELECT array_agg(x) AS lines, array_agg(x.to_day) AS days
                  FROM care.interest_working(agreement.agreement_id, period.from_day, period.to_day) AS x) AS y,
                LATERAL unnest(y.lines) AS w
                JOIN LATERAL histories.balances(agreement.agreement_id, y.days) AS b ON b.day = w.to_day
                CROSS JOIN LATERAL (SELECT count(DISTINCT histories.rate_on(agreement.agreement_id, d::date)) - 1 AS other_rates
                                    FROM (SELECT w.from_day AS d UNION SELECT w.to_day
                                          UNION SELECT w.from_day + histories.draw(agreement.reference || w.from_day, w.days)) AS d) AS r
            ORDER BY w.from_day LOOP
            PERFORM histories.compare('workings', agreement.agreement_id, line.to_day,
                                      format('%s to %s, %s days at %s and %s others: %s and %s makes %s with %s', line.from_day, line.to_day, line.days,
                                             round(line.rate, 4), line.other_rates, line.opening, line.entries, line.closing, line.interest),
                                      format('%s to %s, %s days at %s and 0 others: %s and %s makes %s with %s', next_day, line.to_day,
                                             line.to_day - next_day + 1,
                                             round(line.first_rate, 4), opening, round(line.entered, 2), line.balance,
                                             line.balance - opening - round(line.entered, 2)));
            IF last_rate = line.rate AND line.from_day IS DISTINCT FROM agreement.court_from THEN
                PERFORM histories.compare('workings', agreement.agreement_id, line.from_day, 'another line', 'the same line: the same rate');
            END IF;
            opening := line.balance;
            next_day := line.to_day + 1;
            last_rate := line.rate;
        END LOOP;
        PERFORM histories.compare('workings', agreement.agreement_id, period.to_day, 'up to ' || next_day - 1, 'up to ' || period.to_day);
    END LOOP;
END
$$;

-- As known at a moment, at the rates that were known then.
DO $$
DECLARE
    m record;
    stood record;
BEGIN
    FOR m IN SELECT x.at, x.day FROM histories.moment AS x LOOP
        CALL histories.take_rates(m.at);
        FOR stood IN SELECT a.agreement_id, p.balance AS said_balance, p.held AS said_held, p.interest_separate AS said_separate, x.*
                     FROM care.agreement AS a
                         JOIN LATERAL histories.account(a.agreement_id, ARRAY[m.day], m.at) AS x ON true
                         LEFT JOIN care.agreement_position(m.day, m.at) AS p ON p.agreement_id = a.agreement_id
                     WHERE (SELECT t.signed_on FROM histories.terms(a.agreement_id, m.at) AS t) <= m.day LOOP
            PERFORM histories.compare('known', stood.agreement_id, m.day, concat_ws(' ', stood.said_balance, stood.said_held, stood.said_separate),
                                      concat_ws(' ', round(stood.balance, 2), round(stood.held, 2), round(stood.separate, 2)));
        END LOOP;
    END LOOP;
    CALL histories.take_rates();
END
$$;

INSERT INTO histories.failure
SELECT 'verify', a.reference, NULL, v.difference, NULL FROM care.verify() AS v LEFT JOIN care.agreement AS a ON v.class = 'agreement' AND v.record_id = a.agreement_id;
INSERT INTO histories.failure
SELECT 'maximum', a.reference, v.from_day, 'at ' || v.rate, 'at most ' || v.max_rate
FROM care.rate_above_maximum AS v JOIN care.agreement AS a USING (agreement_id);

-- Histories in which some kind of thing never happened would show nothing; a few agreements cannot have all.
INSERT INTO histories.failure
SELECT 'histories', NULL, NULL, k.what || ': none', NULL
FROM (SELECT unnest('{fees,charge,debt,payment,reversal,"reversal of a payment",stop,resume,separate,"interest deferred","charges switched",invoice,
                      valuation,weekly,"weekly corrected",statement,death,"death undone",end,judgment,repaid,"written off","written off in part",credit,refund,reinstated,"step corrected","step withdrawn",released,"repaid with a credit",
                      rate,"rate corrected","rate refused","maximum corrected","repaid without interest after death",
                      "statement with backdated entries","statement with a correction","statement with corrected weeks","statement with money held","statement of a run",
                      "fees refused","payment refused"}'::text[])
      UNION ALL
      SELECT format('closed %s %s', c, d)
      FROM unnest('{daily,weekly,monthly,quarterly,half_yearly,yearly,none}'::text[]) AS c, unnest('{act/act,act/365f}'::text[]) AS d
      EXCEPT SELECT c.what FROM histories.counted AS c) AS k (what)
WHERE (SELECT last_agreement - first_agreement FROM histories.setup) >= 149;

SELECT format('%s - %s: %s (seed %s)', CASE WHEN f.failures = 0 THEN 'ok' ELSE 'not ok' END, c.what,
              CASE WHEN f.failures = 0 THEN t.claim ELSE f.failures || ' failures' END, :'seed')
FROM (SELECT count(*) AS all_agreements FROM care.agreement) AS a,
    (SELECT count(*) FILTER (WHERE what <> 'nothing' AND what NOT LIKE '% refused') AS facts,
            count(*) FILTER (WHERE what = 'statement with backdated entries') AS backdated,
            count(*) FILTER (WHERE what LIKE 'closed %') AS closed FROM histories.counted) AS k,
    LATERAL (VALUES
        (1, 'histories', format('%s things happened to %s agreements', k.facts, a.all_agreements)),
        (2, 'statements', '%s figures of %s agreements say where the facts known then put it'),
        (3, 'lines', '%s statements of %s agreements add up from the last to this one, ' || format('%s with backdated entries, each a line', k.backdated)),
        (4, 'separate', '%s invoices of %s agreements come to the interest of the days'),
        (5, 'redemption', '%s redemption figures of %s agreements are the twin''s'),
        (6, 'closes', '%s repayments and write-offs of %s agreements leave nothing, then and after'),
        (7, 'positions', '%s positions of %s agreements are where the facts put them'),
        (8, 'workings', '%s lines of %s agreements join and add up, and close where the twin does'),
        (9, 'known', '%s positions of %s agreements are what was known at a moment'),
        (10, 'weekly', '%s postings of %s agreements posted no week twice'),
        (11, 'maximum', 'nobody is charged above the national maximum, also after it changed'),
        (12, 'verify', 'derived columns follow from the events')) AS c (n, what, pattern),
    LATERAL (SELECT format(c.pattern, count(*), count(DISTINCT x.agreement_id)) FROM histories.compared AS x WHERE x.what = c.what) AS t (claim),
    LATERAL (SELECT count(*) AS failures FROM histories.failure WHERE failure.what = c.what) AS f
ORDER BY c.n;

SELECT format(E'\n%s: agreement %s as at %s (seed %s)\n    is:        %s\n    should be: %s', what, reference, as_at, :'seed', extension, expected)
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
