--
-- interest: what a balance costs.
--
-- The rates are the national maximum ones, written into each statement, so that both sides of a
-- comparison have the same plan.  `carried` holds the last known rate for ever, to look 50 years on.
--
-- Must not know: care accounts.
--

SELECT care.national_max_rates() AS rates,
       care.schedule_agg(s.valid_from, s.value) FILTER (WHERE s.value IS NOT NULL) AS carried,
       min(s.valid_from) AS first_day, (max(s.valid_from) - 1) AS last_day
FROM care.steps(care.national_max_rates()) AS s \gset
SELECT format($$%L::care.schedule, 'act/act', 'daily', date %L$$, :'rates', :'last_day') AS terms \gset

-- The closed form, as well as plain SQL can: the rate and the length of the year hold over a span of
-- days, so growth is a power over the rest of the span times that of the spans after it.
CREATE TABLE bench.span AS
    WITH RECURSIVE day AS (
        SELECT s.valid_from AS first_day FROM care.steps(:'rates') AS s WHERE s.value IS NOT NULL
        UNION
        SELECT y::date FROM generate_series(timestamp '2016-01-01', :'last_day', '1 year') AS y
    ), span AS (
        SELECT row_number() OVER (ORDER BY d.first_day DESC) AS n, d.first_day,
               lead(d.first_day - 1, 1, :'last_day') OVER (ORDER BY d.first_day) AS last_day,
               1 + round(care.value_on(:'rates', d.first_day)
                         / (100 * (date_trunc('year', d.first_day + interval '1 year')::date - date_trunc('year', d.first_day)::date)),
                         20) AS factor
        FROM day AS d
    ), product AS (
        SELECT s.n, s.first_day, s.last_day, s.factor, 1::numeric AS after FROM span AS s WHERE s.n = 1
        UNION ALL
        SELECT s.n, s.first_day, s.last_day, s.factor,
               round(p.after * power(p.factor, p.last_day - p.first_day + 1), 20)
        FROM product AS p JOIN span AS s ON s.n = p.n + 1
    )
    SELECT p.first_day, p.last_day, p.factor, p.after FROM product AS p;

-- The growth of every day, made beforehand and not measured, with no more decimals than the pennies
-- need.  Balance works its own out in the statement.
CREATE TABLE bench.growth AS
    SELECT d::date AS on_day, s.factor, round(power(s.factor, s.last_day - d::date + 1) * s.after, 16) AS growth
    FROM bench.span AS s, generate_series(s.first_day::timestamp, s.last_day, '1 day') AS d;

-- A tenth of the agreements; and a few, with a row for each day.
CREATE TABLE bench.tenth AS
    SELECT e.* FROM care.agreement_entry AS e WHERE e.agreement_id % 10 = 0 ORDER BY e.entry_id;
CREATE TABLE bench.few_entry AS
    SELECT e.* FROM care.agreement_entry AS e WHERE e.agreement_id % (:agreements / 20) = 0 ORDER BY e.entry_id;
CREATE TABLE bench.few AS
    SELECT a.agreement_id, g.on_day, g.on_day = a.signed_on AS first, g.factor, coalesce(sum(e.amount), 0) AS amount
    FROM care.agreement AS a
        JOIN bench.growth AS g ON g.on_day >= a.signed_on
        LEFT JOIN bench.few_entry AS e ON e.agreement_id = a.agreement_id AND e.on_day = g.on_day
    WHERE a.agreement_id % (:agreements / 20) = 0
    GROUP BY a.agreement_id, a.signed_on, g.on_day, g.factor;
ALTER TABLE bench.few ADD PRIMARY KEY (agreement_id, on_day);
VACUUM (ANALYZE) bench.span, bench.growth, bench.tenth, bench.few_entry, bench.few;

-- The statements that are compared.
SELECT format('SELECT e.agreement_id, care.balance(e.amount, e.on_day, %s) FROM care.agreement_entry AS e GROUP BY e.agreement_id', :'terms') AS each,
       format('SELECT e.agreement_id, care.balance(e.amount, e.on_day, %s) FROM bench.tenth AS e GROUP BY e.agreement_id', :'terms') AS each_of_tenth,
       format('SELECT e.agreement_id, care.balance(e.amount, e.on_day, %s) FROM bench.few_entry AS e GROUP BY e.agreement_id', :'terms') AS each_of_few,
       $$SELECT e.agreement_id, round(sum(e.amount * g.growth), 2)
         FROM care.agreement_entry AS e JOIN bench.growth AS g ON g.on_day = e.on_day
         GROUP BY e.agreement_id$$ AS by_table,
       $$SELECT e.agreement_id, round(sum(e.amount * power(s.factor, s.last_day - e.on_day + 1) * s.after), 2)
         FROM bench.tenth AS e JOIN bench.span AS s ON e.on_day BETWEEN s.first_day AND s.last_day
         GROUP BY e.agreement_id$$ AS by_power,
       format($$WITH RECURSIVE day AS (
                    SELECT f.agreement_id, f.on_day, round(f.amount * f.factor, 16) AS balance
                    FROM bench.few AS f WHERE f.first
                    UNION ALL
                    SELECT f.agreement_id, f.on_day, round((d.balance + f.amount) * f.factor, 16)
                    FROM day AS d JOIN bench.few AS f ON f.agreement_id = d.agreement_id AND f.on_day = d.on_day + 1)
                SELECT d.agreement_id, round(d.balance, 2) FROM day AS d WHERE d.on_day = %L$$, :'last_day') AS by_day
\gset

CALL bench.require_same_rows(:'each', :'by_table');
CALL bench.require_same_rows(:'each_of_tenth', :'by_power');
CALL bench.require_same_rows(:'each_of_few', :'by_day');

CALL bench.compare('limits', 'all as one: balance / sum(amount)',
    format('SELECT care.balance(e.amount, e.on_day, %s) FROM care.agreement_entry AS e', :'terms'),
    'SELECT sum(e.amount) FROM care.agreement_entry AS e',
    same_plan => true, at_most => 1.25, repetitions => 15);
CALL bench.compare('limits', 'by agreement: balance / sum(amount)',
    :'each', 'SELECT e.agreement_id, sum(e.amount) FROM care.agreement_entry AS e GROUP BY e.agreement_id',
    same_plan => true, at_most => 1.25, repetitions => 11);
CALL bench.compare('limits', 'SQL, a power an entry [a] / balance',
    :'by_power', :'each_of_tenth', at_least => 8);
CALL bench.compare('limits', 'SQL, a table of growth [b] / balance',
    :'by_table', :'each');
CALL bench.compare('limits', 'one agreement: SQL day by day / balance',
    :'by_day', :'each', a_share => 20, b_share => :agreements);

-- The same entries after more days.
SELECT max(e.on_day) AS last_entry FROM care.agreement_entry AS e \gset
SELECT format($$SELECT e.agreement_id, care.balance(e.amount, e.on_day, %L::care.schedule, 'act/act', 'daily', date %L)
                FROM care.agreement_entry AS e GROUP BY e.agreement_id$$,
              :'carried', (date :'last_entry' + interval '5 years')::date) AS after_5_years,
       format($$SELECT e.agreement_id, care.balance(e.amount, e.on_day, %L::care.schedule, 'act/act', 'daily', date %L)
                FROM care.agreement_entry AS e GROUP BY e.agreement_id$$,
              :'carried', (date :'last_entry' + interval '50 years')::date) AS after_50_years
\gset
CALL bench.compare('limits', 'by agreement: 50 years on / 5 years on',
    :'after_50_years', :'after_5_years', same_plan => true, at_most => 1.15, repetitions => 11);

-- A growth, and twenty powers.  Arguments come from rows, so that nothing is worked out beforehand.
CREATE TABLE bench.period AS
    SELECT d::date AS from_day, (d + interval '10 years')::date - 1 AS to_day
    FROM generate_series(1, :growths) AS n,
         LATERAL (SELECT date :'first_day' + n % (date :'last_day' - (date :'first_day' + interval '10 years')::date)) AS d (d);
CREATE TABLE bench.power AS
    SELECT 1.0001::numeric AS base, 3650::numeric AS exponent FROM generate_series(1, 20 * :growths);
VACUUM (ANALYZE) bench.period, bench.power;
CALL bench.compare('limits', 'growth() over 10 years / 20 power()',
    format($$SELECT count(care.growth(%L, 'act/act', 'daily', p.from_day, p.to_day)) FROM bench.period AS p$$, :'rates'),
    'SELECT count(power(p.base, p.exponent)) FROM bench.power AS p',
    at_most => 1);
