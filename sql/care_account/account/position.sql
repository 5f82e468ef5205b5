--
-- position: where each account stands, and its working.
--
-- Must not know: agreements, statements.
--

CREATE TYPE care.account_position_row AS (
    account_id bigint,
    authority text,
    reference text,
    scheme text,
    as_at date,
    cap numeric,
    weekly_cost numeric,
    weekly_counted numeric,
    daily_living_cost numeric,
    weekly_rate numeric,
    accrued numeric,
    remaining numeric,
    percent_of_cap numeric,
    cap_reached_on date,
    projected_cap_on date,
    person_reference text
);
COMMENT ON TYPE care.account_position_row IS 'A row of account_position; see the view.';
COMMENT ON COLUMN care.account_position_row.account_id IS 'The account.';
COMMENT ON COLUMN care.account_position_row.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.account_position_row.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN care.account_position_row.scheme IS 'The scheme whose rules it follows.';
COMMENT ON COLUMN care.account_position_row.as_at IS 'The day at whose close it stands so.';
COMMENT ON COLUMN care.account_position_row.cap IS 'The cap, pounds; null before the scheme has one.';
COMMENT ON COLUMN care.account_position_row.weekly_cost IS
    'Weekly cost to the authority of meeting the eligible needs, pounds.';
COMMENT ON COLUMN care.account_position_row.weekly_counted IS
    'What the scheme counts of it, before daily living costs, pounds a week.';
COMMENT ON COLUMN care.account_position_row.daily_living_cost IS
    'Daily living costs left out of the rate, pounds a week.';
COMMENT ON COLUMN care.account_position_row.weekly_rate IS 'Metered rate (rate of progress), pounds a week.';
COMMENT ON COLUMN care.account_position_row.accrued IS
    'Costs accrued to date, pounds; the cap itself once it is reached.';
COMMENT ON COLUMN care.account_position_row.remaining IS 'What is left to the cap, pounds.';
COMMENT ON COLUMN care.account_position_row.percent_of_cap IS 'Accrued costs in per cent of the cap.';
COMMENT ON COLUMN care.account_position_row.cap_reached_on IS 'The day the cap was reached; null if it has not been.';
COMMENT ON COLUMN care.account_position_row.projected_cap_on IS
    'The day the cap will be reached at the rates recorded; null if it has been, or never will be.';
COMMENT ON COLUMN care.account_position_row.person_reference IS
    'The case-management system''s reference of the person.';

-- In one place for the function and the view of every day: where an account stands at the close of a day.  As a table
-- it becomes part of the query that asks.  A cap once reached stays reached, unless an adjustment takes something away:
-- without adjustments cap_on says it all, and nothing is walked.
CREATE FUNCTION care_internal.account_stands(account care.account, as_at date)
    RETURNS SETOF care.account_position_row LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT (account).account_id, (account).authority, (account).reference, (account).scheme, as_at,
           care.value_on((account).cap, as_at),
           care.value_on((account).weekly_cost, as_at),
           care.value_on((account).weekly_counted, as_at),
           care.value_on((account).daily_living_cost, as_at),
           CASE WHEN as_at >= (account).counting_from THEN care.value_on((account).weekly_rate, as_at) ELSE 0.00 END,
           CASE WHEN as_at >= (account).counting_from
                THEN care.accrued(care.cap_progress((account).weekly_rate, (account).cap, (account).counting_from,
                                                    as_at, (account).adjusted, (account).cap_scales, (account).reach))
                ELSE 0.00 END,
           CASE WHEN as_at >= (account).counting_from
                THEN care.remaining(care.cap_progress((account).weekly_rate, (account).cap, (account).counting_from,
                                                      as_at, (account).adjusted, (account).cap_scales,
                                                      (account).reach))
                ELSE care.value_on((account).cap, (account).counting_from) END,
           CASE WHEN as_at >= (account).counting_from
                THEN care.percent(care.cap_progress((account).weekly_rate, (account).cap, (account).counting_from,
                                                    as_at, (account).adjusted, (account).cap_scales, (account).reach))
                ELSE 0.00 END,
           CASE WHEN (account).adjusted IS NULL THEN CASE WHEN (account).cap_on <= as_at THEN (account).cap_on END
                WHEN as_at >= (account).counting_from
                THEN care.cap_reached_on((account).weekly_rate, (account).cap, (account).counting_from,
                                         (account).adjusted, (account).cap_scales, (account).reach, as_at) END,
           CASE WHEN (account).adjusted IS NULL THEN CASE WHEN (account).cap_on > as_at THEN (account).cap_on END
                ELSE care.cap_projected_on((account).weekly_rate, (account).cap, (account).counting_from, as_at,
                                           (account).adjusted, (account).cap_scales, (account).reach) END,
           (account).person_reference;
END;
COMMENT ON FUNCTION care_internal.account_stands(care.account, date) IS
    'Where an account stands at the close of a day; one row.';

CREATE FUNCTION care.account_position(as_at date) RETURNS SETOF care.account_position_row
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.* FROM care.account AS a, care_internal.account_stands(a, as_at) AS p
    WHERE care_internal.required_day(as_at) IS NOT NULL;
END;
COMMENT ON FUNCTION care.account_position(date) IS 'Where every account stands at the close of a day.';

-- A function of its own: what it reads, not everybody may who asks for what is known now.
CREATE FUNCTION care.account_position(as_at date, known_at timestamptz) RETURNS SETOF care.account_position_row
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT p.*
    FROM care_internal.account_as_known(coalesce(known_at, 'infinity')) AS a,
        care_internal.account_stands(a, as_at) AS p
    WHERE care_internal.required_day(as_at) IS NOT NULL;
END;
COMMENT ON FUNCTION care.account_position(date, timestamptz) IS
    'Where every account stood at the close of a day by what was known at a moment; null: by all that is known.';

CREATE VIEW care.account_position AS
    SELECT p.* FROM care.account AS a, care_internal.account_stands(a, care.today()) AS p;
COMMENT ON VIEW care.account_position IS 'Where every account stands at the close of today.';
SELECT care_internal.comment_columns('care.account_position', 'care.account_position_row');

-- Over the table itself, so that whoever may read the view needs no more, one account is one look-up, and a foreign
-- server is asked for no more than what is wanted.  No person: what a national reader gets.
CREATE VIEW care.account_position_on AS
    SELECT p.account_id, p.authority, p.reference, p.scheme, p.as_at, p.cap, p.weekly_cost, p.weekly_counted,
           p.daily_living_cost, p.weekly_rate, p.accrued, p.remaining, p.percent_of_cap, p.cap_reached_on,
           p.projected_cap_on
    FROM care.account AS a, care.day AS d, care_internal.account_stands(a, d.day) AS p;
COMMENT ON VIEW care.account_position_on IS
    'Where every account stands at the close of each day of a century: always asked with WHERE as_at = ... or a few '
    'days, and meant for foreign tables. Without the person''s reference.';
SELECT care_internal.comment_columns('care.account_position_on', 'care.account_position_row');
CREATE TYPE care.account_explain_row AS (
    from_day date,
    to_day date,
    days integer,
    what text,
    weekly_cost numeric,
    daily_living_cost numeric,
    weekly_rate numeric,
    cap numeric,
    amount numeric,
    accrued numeric
);
COMMENT ON TYPE care.account_explain_row IS 'A line of account_explain: both days count; amounts add up to accrued.';
COMMENT ON COLUMN care.account_explain_row.from_day IS 'First day.';
COMMENT ON COLUMN care.account_explain_row.to_day IS 'Last day.';
COMMENT ON COLUMN care.account_explain_row.days IS 'Days counted.';
COMMENT ON COLUMN care.account_explain_row.what IS 'metered; uprating; adjustment; held at the cap.';
COMMENT ON COLUMN care.account_explain_row.weekly_cost IS
    'Weekly cost to the authority of meeting the eligible needs on the first day, pounds.';
COMMENT ON COLUMN care.account_explain_row.daily_living_cost IS
    'Daily living costs left out of the rate on the first day, pounds a week.';
COMMENT ON COLUMN care.account_explain_row.weekly_rate IS 'Metered rate, pounds a week.';
COMMENT ON COLUMN care.account_explain_row.cap IS 'The cap, pounds.';
COMMENT ON COLUMN care.account_explain_row.amount IS 'Pounds that the line adds.';
COMMENT ON COLUMN care.account_explain_row.accrued IS 'Costs accrued with it, pounds.';

CREATE FUNCTION care.account_explain(account_id bigint, as_at date)
    RETURNS SETOF care.account_explain_row LANGUAGE plpgsql VOLATILE PARALLEL SAFE ROWS 10 SET search_path = pg_catalog,
        pg_temp AS $$
DECLARE
    account care.account;
BEGIN
    SELECT a.* INTO account FROM care.account AS a WHERE a.account_id = account_explain.account_id;
    IF NOT FOUND THEN
        PERFORM care_internal.require_account(account_id);   -- to say so: calling it takes as long as the look-up
    END IF;
    IF care_internal.required_day(as_at) < account.counting_from THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value',
            CONSTRAINT = 'account_counting', SCHEMA = 'care', TABLE = 'account', COLUMN = 'counting_from',
            MESSAGE = format('account %s (%s) counts from %s: there is nothing to explain as at %s', account.account_id,
                             account.reference,
                             care_internal.day_text(account.counting_from), care_internal.day_text(as_at));
    END IF;
    RETURN QUERY
        SELECT w.from_day, w.to_day, w.days, w.what, care.value_on(account.weekly_cost, w.from_day),
               care.value_on(account.daily_living_cost, w.from_day), w.weekly_rate, w.cap, w.amount, w.accrued
        FROM care.cap_working(account.weekly_rate, account.cap, account.counting_from, as_at, account.adjusted,
                              account.cap_scales, account.reach,
                              care_internal.changes(account.weekly_cost, account.daily_living_cost)) AS w;
END
$$;
COMMENT ON FUNCTION care.account_explain(bigint, date) IS
    'The working of an account''s accrued figure, line by line, up to the close of a day; the amounts add up to it '
    'exactly. It sees what was recorded in the statement that asks.';
