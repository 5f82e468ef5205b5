--
-- load: rows that are loaded into the tables of persons and accounts keep what the functions ask for.
--
-- Who may insert into a table does so with COPY or INSERT, in bulk (the role care_loader), and is held to the
-- rules at the end of the statement: one query finds what breaks one, whatever the number of rows, and the
-- function that has the rule says so.  Rows that a function inserts for somebody who may not insert them were
-- looked at already.  Rows of a dump are known by their recorded_at, as in record/audit.sql, and are left alone.
-- What the tables' own constraints refuse is not asked again.
--
-- The triggers are named _rule: they come after what is derived is worked out, before the chain.  But that of
-- budgets is named _load, to come first: without a charge that counts nothing can be worked out.
--
-- Must not know: agreements, statements.
--

-- The first person, account or row that breaks a rule is enough.
CREATE FUNCTION care_internal.person_detail_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT p.person_id, p.reference, n.date_of_birth, d.died_on INTO wrong
    FROM new_rows AS n
        JOIN care.person AS p ON p.person_id = n.person_id
        JOIN care.death_known_at('infinity') AS d ON d.person_id = n.person_id
    WHERE care_internal.is_new(n.recorded_at) AND n.date_of_birth > d.died_on
    ORDER BY p.person_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'death_after_birth', TABLE = TG_TABLE_NAME,
            SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('person %s (%s) died on %s and cannot have been born on %s', wrong.person_id,
                             wrong.reference, care_internal.day_text(wrong.died_on),
                             care_internal.day_text(wrong.date_of_birth));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.person_detail_rule() IS
    'Trigger: refuses (22023) details with a birth after the death.';

CREATE FUNCTION care_internal.death_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT p.person_id, p.reference, d.date_of_birth, n.died_on INTO wrong
    FROM new_rows AS n
        JOIN care.person AS p ON p.person_id = n.person_id
        JOIN care.person_detail_known_at('infinity') AS d ON d.person_id = n.person_id
    WHERE care_internal.is_new(n.recorded_at) AND n.died_on < d.date_of_birth
    ORDER BY p.person_id LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'death_after_birth', TABLE = TG_TABLE_NAME,
            SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('person %s (%s) was born on %s and cannot have died on %s', wrong.person_id,
                             wrong.reference, care_internal.day_text(wrong.date_of_birth),
                             care_internal.day_text(wrong.died_on));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.death_rule() IS 'Trigger: refuses (22023) deaths before the birth.';

CREATE FUNCTION care_internal.channel_consent_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_day(format('person %s', n.person_id), 'from_day', n.from_day)
    FROM new_rows AS n
    WHERE care_internal.is_new(n.recorded_at) AND n.from_day NOT BETWEEN '0001-01-01' AND '9999-12-31';
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.channel_consent_rule() IS 'Trigger: refuses (22023) consents from what is no day.';

CREATE FUNCTION care_internal.account_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    FOR wrong IN
        SELECT n.account_id, n.authority, n.reference, n.scheme, n.counts_from, p.authority AS of_person,
               (SELECT d.date_of_birth FROM care_internal.person_detail_of(n.person_id, 'infinity') AS d)
                   AS date_of_birth
        FROM new_rows AS n
            JOIN care.person AS p ON p.person_id = n.person_id
            JOIN care.charging_scheme AS s ON s.scheme = n.scheme
            JOIN (SELECT x.authority, least(x.valid_to, min(y.valid_from) - 1) AS last_day
                  FROM care.local_authority AS x LEFT JOIN care.local_authority AS y ON y.predecessor = x.authority
                  GROUP BY x.authority, x.valid_to) AS o ON o.authority = n.authority
            LEFT JOIN care_internal.scheme_figures('infinity') AS f ON f.scheme = n.scheme
        WHERE care_internal.is_new(n.recorded_at)
          AND (p.authority <> n.authority OR s.personal_budget_counts IS NULL OR o.last_day < n.counts_from
               OR care.value_on(f.cap, greatest(n.counts_from, s.starts_on)) IS NULL
               OR (s.zero_cap_before_age IS NOT NULL
                   AND (SELECT d.date_of_birth FROM care_internal.person_detail_of(n.person_id, 'infinity') AS d)
                       IS NULL))
        ORDER BY n.account_id LOOP
        PERFORM care_internal.require_opening(wrong.authority, wrong.reference, wrong.scheme, wrong.counts_from,
                                              wrong.date_of_birth);
        IF wrong.of_person <> wrong.authority THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation', CONSTRAINT = 'account_of_authority', TABLE = TG_TABLE_NAME,
                SCHEMA = TG_TABLE_SCHEMA,
                MESSAGE = format('account %s (%s) of %s is of a person of %s', wrong.account_id, wrong.reference,
                                 wrong.authority, wrong.of_person),
                HINT = 'An account is of a person of its authority: record the person for it too.';
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.account_rule() IS
    'Trigger: refuses accounts that care.open_account() would refuse, and those of another authority''s person '
    '(23514).';

CREATE FUNCTION care_internal.budget_load() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    FOR wrong IN
        SELECT n.account_id, n.budget_id
        FROM new_rows AS n
            JOIN care.account AS a ON a.account_id = n.account_id
            JOIN care.charging_scheme AS s ON s.scheme = a.scheme
        WHERE care_internal.is_new(n.recorded_at)
          AND (n.valid_from < a.counting_from
               OR (n.weekly_charge IS NULL AND n.kind = 'personal_budget'
                   AND s.personal_budget_counts = 'weekly_charge'))
        ORDER BY n.account_id, n.valid_from LOOP
        PERFORM care_internal.require_budget((SELECT a FROM care.account AS a WHERE a.account_id = wrong.account_id),
                                             (SELECT b FROM care.budget AS b WHERE b.account_id = wrong.account_id
                                                AND b.budget_id = wrong.budget_id));
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.budget_load() IS
    'Trigger: refuses budgets that care.record_budget() would refuse. Two from one day are refused where they are '
    'worked out.';

-- An account that is being made what another's facts say: they were looked at when they were first recorded.
CREATE TABLE care_internal.adoption (
    account_id bigint NOT NULL
        CONSTRAINT adoption_pkey PRIMARY KEY
);
COMMENT ON TABLE care_internal.adoption IS
    'Accounts that are being made what a document says, within the transaction that does it: empty to all others.';
COMMENT ON COLUMN care_internal.adoption.account_id IS 'The account.';

CREATE FUNCTION care_internal.adjustment_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    FOR wrong IN
        SELECT a AS account, n.adjustment_id, n.effective_on, n.needs_approval
        FROM new_rows AS n
            JOIN care.account AS a ON a.account_id = n.account_id
            JOIN (SELECT x.authority, care.setting_on(x.authority, 'four_eyes', care.today()) = 'on' AS four_eyes
                  FROM care.local_authority AS x OFFSET 0) AS y ON y.authority = a.authority
        WHERE care_internal.is_new(n.recorded_at)
          AND (n.effective_on < a.counting_from OR (y.four_eyes AND NOT n.needs_approval))
        ORDER BY n.account_id, n.effective_on LOOP
        PERFORM care_internal.require_counting(wrong.account, wrong.effective_on);
        IF NOT wrong.needs_approval THEN
            RAISE EXCEPTION USING
                ERRCODE = 'check_violation', CONSTRAINT = 'adjustment_four_eyes', TABLE = TG_TABLE_NAME,
                SCHEMA = TG_TABLE_SCHEMA,
                MESSAGE = format('account %s (%s): the adjustment on %s needs approval', (wrong.account).account_id,
                                 (wrong.account).reference, care_internal.day_text(wrong.effective_on)),
                DETAIL = 'The authority''s setting four_eyes is on.',
                HINT = 'Load it with needs_approval, and have it approved with care.approve_adjustment().';
        END IF;
    END LOOP;
    PERFORM care_internal.require_above_nought(l.account_id, format('account %s (%s)', l.account_id, l.reference))
    FROM (SELECT DISTINCT a.account_id, a.reference
          FROM new_rows AS n JOIN care.account AS a ON a.account_id = n.account_id
          WHERE care_internal.is_new(n.recorded_at) AND (n.amount < 0 OR n.supersedes IS NOT NULL)
            AND n.account_id NOT IN (SELECT x.account_id FROM care_internal.adoption AS x)
          ORDER BY a.account_id) AS l;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.adjustment_rule() IS
    'Trigger: refuses adjustments that care.record_adjustment() would refuse, and such as should wait for approval '
    'and do not say so (23514).';

CREATE FUNCTION care_internal.statement_suspension_rule() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong record;
BEGIN
    SELECT a.account_id, a.reference, n.from_day, n.to_day, n.supersedes INTO wrong
    FROM new_rows AS n JOIN care.account AS a ON a.account_id = n.account_id
    WHERE care_internal.is_new(n.recorded_at)
      AND (n.from_day NOT BETWEEN '0001-01-01' AND '9999-12-31'
           OR (n.to_day < n.from_day AND n.supersedes IS NULL)
           OR n.to_day NOT BETWEEN '0001-01-01' AND '9999-12-31')
    ORDER BY a.account_id, n.from_day LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'statement_suspension_in_order', TABLE = TG_TABLE_NAME,
            SCHEMA = TG_TABLE_SCHEMA,
            MESSAGE = format('account %s (%s): a suspension cannot be from %s to %s', wrong.account_id, wrong.reference,
                             care_internal.day_text(wrong.from_day), care_internal.day_text(wrong.to_day)),
            HINT = 'One until further notice has no last day; one that supersedes another and ends before it begins '
                   'withdraws it.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.statement_suspension_rule() IS
    'Trigger: refuses (22023) suspensions that end before they begin, or begin or end on what is no day.';

-- A trigger for each table that has a rule.  The WHEN: not for what a function inserts for a login that may not
-- insert itself; for the owner, who is told from the functions only by the login, always.
CREATE FUNCTION care_internal.hold_to_rules() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    loaded record;
BEGIN
    FOR loaded IN SELECT substring(p.proname FROM '^(.*)_(rule|load)$') AS name, p.proname AS trigger
                  FROM pg_proc AS p
                  WHERE p.pronamespace = 'care_internal'::regnamespace AND p.prorettype = 'trigger'::regtype
                    AND p.proname ~ '_(rule|load)$'
                    AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgfoid = p.oid) ORDER BY p.proname LOOP
        EXECUTE format('CREATE TRIGGER %1$I AFTER INSERT ON care.%2$I REFERENCING NEW TABLE AS new_rows '
                       'FOR EACH STATEMENT WHEN (has_table_privilege(SESSION_USER, %3$L::regclass, ''INSERT'') OR NOT '
                       'has_table_privilege(CURRENT_USER, %3$L::regclass, ''INSERT WITH GRANT OPTION'')) '
                       'EXECUTE FUNCTION care_internal.%1$I()', loaded.trigger, loaded.name, 'care.' || loaded.name);
        EXECUTE format('COMMENT ON TRIGGER %I ON care.%I IS %L', loaded.trigger, loaded.name,
                       'Holds rows that are loaded to the rules of the functions that record.');
    END LOOP;
END
$$;
COMMENT ON FUNCTION care_internal.hold_to_rules() IS
    'Part of the installation: makes the triggers of the functions named TABLE_rule or TABLE_load that have none.';
SELECT FROM care_internal.hold_to_rules();
