--
-- made_up: a made-up population of accounts, for planners without data, and for trying things.
--
-- Must not know: agreements.
--

-- A number from 0 to under 1, of six decimals, that depends on its arguments alone.
CREATE FUNCTION care_internal.made_up_share(seed integer, n integer, what text) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN round(('x' || substr(md5(seed || '/' || n || '/' || what), 1, 7))::bit(28)::integer::numeric / 268435456
                 - 0.0000005, 6);
COMMENT ON FUNCTION care_internal.made_up_share(integer, integer, text) IS
    'A number from 0 to 1 that is drawn anew for each seed, number and purpose, and is the same each time.';

CREATE FUNCTION care.made_up_account(accounts integer, from_day date, to_day date, care_home_percent numeric DEFAULT 45,
                                     independent_percent numeric DEFAULT 30, care_home_cost numeric DEFAULT 900,
                                     home_cost numeric DEFAULT 350, charged_percent numeric DEFAULT 40,
                                     seed integer DEFAULT 1)
    RETURNS TABLE (number integer, counts_from date, date_of_birth date, kind text, setting text, weekly_cost numeric,
                   weekly_charge numeric)
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE ROWS 10000 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF accounts IS NULL OR accounts NOT BETWEEN 1 AND 10000000
       OR from_day IS NULL OR to_day IS NULL OR from_day > to_day OR from_day < '1900-01-01' OR to_day > '9999-12-31'
       OR (care_home_percent BETWEEN 0 AND 100 AND independent_percent BETWEEN 0 AND 100
           AND charged_percent BETWEEN 0 AND 100 AND care_home_cost BETWEEN 1 AND 100000
           AND home_cost BETWEEN 1 AND 100000 AND seed IS NOT NULL) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'made_up_parameters',
            MESSAGE = 'a made-up population is of 1 to 10000000 accounts that begin to count between two days',
            HINT = 'Percentages are from 0 to 100, weekly costs from 1 to 100000 pounds.';
    END IF;
    RETURN QUERY
    SELECT n, from_day + floor((to_day - from_day + 1) * d.begins)::integer,
           from_day - 24000 - floor(10000 * d.age)::integer,
           k.kind, h.setting, c.cost,
           CASE WHEN k.kind = 'personal_budget' THEN round(c.cost * least(1, charged_percent / 50 * d.charged), 2) END
    FROM generate_series(1, accounts) AS n
        CROSS JOIN LATERAL (SELECT care_internal.made_up_share(seed, n, 'begins'),
                                   care_internal.made_up_share(seed, n, 'age'),
                                   care_internal.made_up_share(seed, n, 'kind'),
                                   care_internal.made_up_share(seed, n, 'setting'),
                                   care_internal.made_up_share(seed, n, 'cost'),
                                   care_internal.made_up_share(seed, n, 'charged') OFFSET 0)
            AS d (begins, age, kind, setting, cost, charged)
        CROSS JOIN LATERAL (SELECT CASE WHEN 100 * d.kind < independent_percent THEN 'independent_personal_budget'
                                        ELSE 'personal_budget' END) AS k (kind)
        CROSS JOIN LATERAL (SELECT CASE WHEN 100 * d.setting < care_home_percent THEN 'care_home'
                                        ELSE 'community' END) AS h (setting)
        CROSS JOIN LATERAL (SELECT round(CASE h.setting WHEN 'care_home' THEN care_home_cost ELSE home_cost END
                                         * (0.5 + d.cost), 2)) AS c (cost);
END
$$;
COMMENT ON FUNCTION care.made_up_account(integer, date, date, numeric, numeric, numeric, numeric, numeric, integer) IS
    'A made-up population: so many accounts that begin to count between two days, with the percentage of them in care '
    'homes and with independent personal budgets; weekly costs evenly from half to one and a half times the average '
    'given; charges of personal budgets evenly from nought to twice the percentage, but not above the cost; ages '
    'evenly from 65 to 93. The same for the same seed. 22023 for parameters out of range.';

CREATE FUNCTION care.make_up_accounts(authority text, scheme text, accounts integer, from_day date, to_day date,
                                      care_home_percent numeric DEFAULT 45, independent_percent numeric DEFAULT 30,
                                      care_home_cost numeric DEFAULT 900, home_cost numeric DEFAULT 350,
                                      charged_percent numeric DEFAULT 40, seed integer DEFAULT 1)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    made int8;
BEGIN
    PERFORM care_internal.require_authority(authority, NULL),
            care_internal.model_scheme('scheme', scheme);
    IF EXISTS (SELECT FROM care.account AS a WHERE a.authority = make_up_accounts.authority) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'made_up_alone',
            SCHEMA = 'care', TABLE = 'account', COLUMN = 'authority',
            MESSAGE = format('%s keeps accounts already: none are made up beside them', authority),
            HINT = 'Use a database for planning, or an authority that keeps no accounts.';
    END IF;
    CREATE TEMP TABLE made_up ON COMMIT DROP AS
        SELECT m.*, 'MADE UP ' || m.number AS reference
        FROM care.made_up_account(accounts, from_day, to_day, care_home_percent, independent_percent, care_home_cost,
                                  home_cost, charged_percent, seed) AS m;
    ANALYZE pg_temp.made_up;
    INSERT INTO care.person (authority, reference)
    SELECT make_up_accounts.authority, m.reference FROM pg_temp.made_up AS m ORDER BY m.number;
    INSERT INTO care.person_detail (person_id, date_of_birth)
    SELECT p.person_id, m.date_of_birth
    FROM pg_temp.made_up AS m
        JOIN care.person AS p ON p.authority = make_up_accounts.authority AND p.reference = m.reference
    ORDER BY m.number;
    INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
    SELECT p.person_id, m.counts_from, p.authority, m.reference, make_up_accounts.scheme
    FROM pg_temp.made_up AS m
        JOIN care.person AS p ON p.authority = make_up_accounts.authority AND p.reference = m.reference
    ORDER BY m.number;
    INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge)
    SELECT a.account_id, a.counting_from, m.kind, m.setting, m.weekly_cost, m.weekly_charge
    FROM pg_temp.made_up AS m
        JOIN care.account AS a ON a.authority = make_up_accounts.authority AND a.reference = m.reference
    ORDER BY m.number;
    GET DIAGNOSTICS made = ROW_COUNT;
    DROP TABLE pg_temp.made_up;
    RETURN made;
END
$$;
COMMENT ON FUNCTION care.make_up_accounts(text, text, integer, date, date, numeric, numeric, numeric, numeric, numeric,
                                          integer) IS
    'Records the accounts of a made-up population (care.made_up_account) for an authority that keeps none, with '
    'references that begin with MADE UP, and says how many: for planning with care.scheme_model(), in a database that '
    'is for nothing else. P0002 for no such authority or scheme, 55000 beside other accounts.';
