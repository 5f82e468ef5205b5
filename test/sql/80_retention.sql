--
-- 80_retention: until when each record is kept, and why (R99, R100).
--
SET datestyle = 'ISO, YMD';
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
BEGIN;

--
-- Periods.
--
SELECT from_day, care_internal.period_text(period), care_internal.period_end(from_day, period)
FROM (VALUES (1, date '2016-02-28', interval '99 years'), (2, '2016-02-29', '99 years'), (3, '2016-03-01', '99 years'),
             (4, '2015-03-01', '99 years'), (5, '2017-02-28', '99 years'), (6, '2017-03-01', '99 years'), (7, '2020-12-31', '99 years'),
             (8, '2024-01-01', '0'), (9, '2024-01-31', '1 month'), (10, '2024-01-31', '1 month 1 day'), (11, '2024-01-01', '18 months 2 days'))
     AS v (n, from_day, period) ORDER BY n;

--
-- Accounts, as loaded with the day each was last updated.
--
CREATE TEMP VIEW shown AS
    SELECT r.class, r.reference, r.last_updated, r.trigger_event, r.retain_until, r.reason FROM care.retention AS r;
CREATE FUNCTION pg_temp.loaded(reference text, updated timestamptz) RETURNS bigint LANGUAGE sql AS $$
    WITH person AS (INSERT INTO care.person (authority, reference, recorded_at)
                    VALUES ('E08000035', 'P-' || $1, '2015-06-01') RETURNING person_id),
         account AS (INSERT INTO care.account (person_id, counts_from, authority, reference, scheme, recorded_at)
                     SELECT person_id, date '2016-04-01', 'E08000035', $1, '2015', $2 FROM person RETURNING account_id)
    SELECT account_id FROM account $$;
CREATE FUNCTION pg_temp.no_longer(account_id bigint, recorded timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO care.account_event (account_id, on_day, kind, recorded_at) VALUES ($1, '2015-07-01', 'no_longer_required', $2) $$;
SELECT pg_temp.loaded('feb-28', '2016-02-28 12:00+00') AS a28 \gset
SELECT pg_temp.loaded('feb-29', '2016-02-29 12:00+00') AS a29 \gset
SELECT pg_temp.loaded('mar-01', '2016-03-01 12:00+00') AS a01 \gset
SELECT pg_temp.loaded('summer', '2016-06-30 23:30+00') AS summer \gset
SELECT pg_temp.loaded('required', '2016-02-29 12:00+00') AS required \gset
-- with their chains, as a dump has them
INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
SELECT 'account', account_id, 0, 1, recorded_at, ''::bytea FROM care.account UNION ALL
SELECT 'person', person_id, 0, 1, recorded_at, ''::bytea FROM care.person;
SELECT pg_temp.no_longer(a, '2015-07-01') FROM unnest(ARRAY[:a28, :a29, :a01, :summer]::bigint[]) AS a;
-- kept for 99 years beginning with the day it was last updated, a day of London, whatever the session's zone
SET LOCAL timezone = 'America/New_York';
SELECT reference, last_updated, retain_until, reason FROM shown WHERE class = 'account' ORDER BY reference;
SET LOCAL timezone = 'Asia/Tokyo';
SELECT reference, last_updated, retain_until FROM shown WHERE class = 'account' ORDER BY reference;
RESET timezone;
-- each fact moves the day, whatever it is of, and what is known of the person too
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, recorded_at)
VALUES (:a28, '2016-04-01', 'personal_budget', 'community', 100, '2017-02-01');
INSERT INTO care.person_detail (person_id, date_of_birth, recorded_at)
SELECT person_id, '1940-01-01', '2018-03-01' FROM care.account WHERE account_id = :a29;
INSERT INTO care_internal.chain (class, record_id, after, length, recorded_at, head)
SELECT 'account', :a28, 1, 2, timestamptz '2017-02-01', ''::bytea UNION ALL
SELECT 'person', person_id, 1, 2, '2018-03-01', '' FROM care.account WHERE account_id = :a29;
SELECT reference, last_updated, retain_until FROM shown WHERE class = 'account' AND reference LIKE 'feb%' ORDER BY reference;

-- still required, no longer, again: by the day it holds from
SELECT care.record_event(:required, '2016-04-01', 'no_longer_required', 'moved away') IS NOT NULL AS ended,
       care.record_event(:required, '2020-01-01', 'required_again', 'came back') IS NOT NULL AS again,
       care.record_event(:required, '2021-01-01', 'no_longer_required') IS NOT NULL AS ended;
SELECT d, trigger_event, retain_until IS NOT NULL AS running, reason ~ 'still required' AS required
FROM unnest('{2016-03-31, 2016-04-01, 2019-12-31, 2020-01-01, 2020-12-31, 2021-01-01}'::date[]) AS d, care.retention(d) AS r
WHERE class = 'account' AND record_id = :required ORDER BY d;
SELECT replace(care_test.refused(format('SELECT care.record_event(%s, ''2024-01-01'', ''forgotten'')', :required)), 'account ' || :required, 'account N');
SELECT care_test.refused('SELECT * FROM care.retention(NULL)');

--
-- Death: until the authority knew; a local period; undone.
--
SELECT care.record_death('P-required', '2023-12-30', '2024-02-29', 'E08000035');
SELECT d, trigger_event, nullif(retain_until, care_internal.period_end(last_updated, '99 years')) AS retain_until, reason ~ '^99 years' AS of_99_years
FROM unnest('{2024-02-28, 2024-02-29}'::date[]) AS d, care.retention(d) AS r
WHERE class = 'account' AND record_id = :required ORDER BY d;
SELECT care.record_retention_schedule('E08000035', 'account', '2025-01-01', 'death_known', '6 years', 'Cabinet, 2 December 2024');
SELECT d, retain_until, action, reason FROM unnest('{2024-12-31, 2025-01-01}'::date[]) AS d, care.retention(d) AS r
WHERE class = 'account' AND record_id = :required ORDER BY d;
-- of two for one day the last holds
SELECT care.record_retention_schedule('E08000035', 'account', '2025-01-01', 'death_known', '0', 'Cabinet, again', 'transfer');
SELECT retain_until, action, reason FROM care.retention WHERE class = 'account' AND record_id = :required;
-- the account is needed after all; and then the death is recorded once more
SELECT care.record_event(:required, '2024-03-01', 'required_again', 'an inquiry') IS NOT NULL AS again;
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'required';
SELECT care.record_death('P-required', '2023-12-30', '2024-03-05', 'E08000035');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'required';
-- recorded in error
SELECT care.record_death('P-required', NULL, '2024-03-06', 'E08000035');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'required';

--
-- Schedules: more than the law, never less; parts.
--
SELECT care.record_retention_schedule('E08000035', 'account', '2025-01-01', 'last_updated', '100 years', 'Cabinet');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'mar-01';
SELECT care.record_retention_schedule('E08000035', 'account', '2025-02-01', 'last_updated', '99 years', 'Cabinet');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'mar-01';
-- one put in by hand below the law does not shorten it
INSERT INTO care.retention_schedule (authority, class, valid_from, trigger_event, period, action, source)
VALUES ('E08000035', 'account', '2025-03-01', 'last_updated', '1 year', 'dispose', 'by hand');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'mar-01';
-- due only when its parts are
SELECT care.record_retention_schedule('E08000035', 'account_event', '2025-01-01', 'last_updated', '100 years', 'Archives');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'mar-01';
SELECT care.record_retention_schedule('E08000035', 'account_event', '2025-01-01', 'last_updated', '110 years', 'Archives', 'transfer');
SELECT retain_until, reason FROM shown WHERE class = 'account' AND reference = 'mar-01';
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_retention_schedule('E08000035', 'account', '2025-01-01', 'last_updated', '98 years 11 months 30 days', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'account', '2025-01-01', 'closed', '99 years', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'accounts', '2025-01-01', 'last_updated', '99 years', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement_event', '2025-01-01', 'closed', '6 years', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', '2025-01-01', 'closed', '-1 days', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', '2025-01-01', 'closed', '1 hour', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', '2025-01-01', 'closed', '1000 years 1 day', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', '2025-01-01', 'closed', NULL, 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', NULL, 'closed', '6 years', 'x')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', '2025-01-01', 'closed', '6 years', '')$$,
    $$SELECT care.record_retention_schedule('E08000035', 'agreement', '2025-01-01', 'closed', '6 years', 'x', 'burn')$$,
    $$SELECT care.record_retention_schedule('E09999999', 'agreement', '2025-01-01', 'closed', '6 years', 'x')$$,
    'UPDATE care.retention_schedule SET period = ''1 day''', 'DELETE FROM care.retention_schedule', 'TRUNCATE care.retention_schedule']) AS s;
-- the law's rows come with the product alone
SELECT left(care_test.refused($$INSERT INTO care.retention_schedule (class, valid_from, trigger_event, period, action, source)
    VALUES ('account', '2025-01-01', 'last_updated', '1 day', 'dispose', 'x')$$), 106);
SELECT care.record_retention_schedule('E08000035', 'agreement_statement', '2025-01-01', 'last_updated', '1000 years', 'the most there is');

--
-- Agreements: no rule of law; never while they are open.
--
SELECT care.record_interest_policy('E08000035', '2015-04-01', 0, 'test');
SELECT care.open_agreement('E08000035', 'D-1', 'P-D', '2016-01-01', '2016-01-01') AS d \gset
SELECT care.record_valuation(:d, '2016-01-01', 165000) AS v \gset
SELECT care.defer(:d, '2016-01-11', 'care_fees', 500) AS e \gset
SELECT trigger_event, retain_until, reason FROM shown WHERE class = 'agreement';
SELECT care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '6 years', 'Limitation Act');
SELECT trigger_event, retain_until, reason FROM shown WHERE class = 'agreement';
SELECT care.record_payment(:d, '2016-02-01', 500) AS p \gset
SELECT FROM care.release_charge(:d, '2016-02-29');
SELECT d, trigger_event, retain_until, reason FROM unnest('{2016-02-28, 2016-02-29}'::date[]) AS d, care.retention(d) AS r
WHERE class = 'agreement' ORDER BY d;
-- another event in its place
SELECT care.record_retention_schedule('E08000035', 'agreement', '2016-01-01', 'death_known', '6 years', 'another');
SELECT trigger_event, retain_until, reason FROM shown WHERE class = 'agreement';
SELECT care.record_death('P-D', '2016-02-10', '2016-03-10', 'E08000035');
SELECT trigger_event, retain_until, reason FROM shown WHERE class = 'agreement';
-- an application that was refused; then offered after all
SELECT care.apply_for_agreement('E08000035', 'D-2', 'P-E', '2016-01-01') AS d2 \gset
SELECT care.record_retention_schedule('E08000035', 'agreement', '2017-01-01', 'closed', '6 years', 'Limitation Act');
SELECT care.decide_application(:d2, '2016-02-01', 'refused', false, 'no property') IS NOT NULL AS refused;
SELECT retain_until, reason FROM shown WHERE class = 'agreement' AND reference = 'D-2';
SELECT care.decide_application(:d2, '2016-03-01', 'offered', false) IS NOT NULL AS offered;
SELECT retain_until, reason FROM shown WHERE class = 'agreement' AND reference = 'D-2';
-- written off
SELECT care.open_agreement('E08000035', 'D-3', 'P-F', '2016-01-01', '2016-01-01') AS d3 \gset
SELECT care.record_valuation(:d3, '2016-01-01', 165000) AS v \gset
SELECT care.defer(:d3, '2016-01-11', 'care_fees', 500) AS e \gset
SELECT care.write_off(:d3, '2016-05-01', 'attempted', 'nothing left', 'head of service');
SELECT retain_until, reason FROM shown WHERE class = 'agreement' AND reference = 'D-3';

--
-- Persons: as long as a record of theirs, else by a schedule of their own.
--
SELECT care.record_person('E08000035', 'P-alone', '1940-01-01') IS NOT NULL AS recorded;
SELECT retain_until, reason FROM shown WHERE class = 'person' AND reference IN ('P-alone', 'P-D') ORDER BY reference;
SELECT care.record_retention_schedule('E08000035', 'person', '2017-01-01', 'last_updated', '1 year', 'tidy');
SELECT retain_until - last_updated BETWEEN 364 AND 365 AS a_year, reason ~ '^1 year beginning with .* \(tidy\)$' AS reason
FROM shown WHERE class = 'person' AND reference = 'P-alone';

--
-- Holds: by record, by person, by what a query gave, by authority.
--
CREATE TEMP VIEW held AS
    SELECT r.class, string_agg(r.reference, ' ' ORDER BY r.reference) FROM care.retention AS r WHERE r.on_hold GROUP BY r.class;
SELECT care.place_hold('account', ARRAY[:a28, :a29, :a28], 'a complaint', 'Head of law') AS hold \gset
SELECT class, count(*), min(reason) AS reason, min(placed_by) AS placed_by FROM care.active_hold WHERE hold_id = :hold GROUP BY class;
SELECT * FROM held ORDER BY class;
SELECT care.release_hold(:hold, 'Head of law', 'settled', :a28);
SELECT * FROM held ORDER BY class;
SELECT care.release_hold(:hold, 'Head of law', 'settled');
SELECT * FROM held ORDER BY class;
-- of a person, everything
SELECT care.place_hold('person', ARRAY[care.person_id('P-D')], 'an inquiry', 'Head of law') AS hold \gset
SELECT * FROM held ORDER BY class;
SELECT care.place_hold('agreement', ARRAY(SELECT agreement_id FROM care.agreement WHERE reference > 'D-1'), 'audit', 'Auditor') AS audit \gset
SELECT * FROM held ORDER BY class;
SELECT care.release_hold(:hold, 'Head of law', 'closed'), care.release_hold(:audit, 'Auditor', 'done');
SELECT * FROM held ORDER BY class;
-- of an authority, what comes later too; and not of another
SELECT care.place_hold_on_authority('E08000035', 'Public inquiry', 'Chief executive') AS hold \gset
SELECT care.record_person('E08000035', 'P-later') IS NOT NULL AS later, care.record_person('E08000036', 'P-elsewhere') IS NOT NULL AS elsewhere;
SELECT reference, on_hold FROM care.retention WHERE class = 'person' AND reference IN ('P-later', 'P-elsewhere') ORDER BY 1;
SELECT count(*) FILTER (WHERE on_hold) = count(*) AS all_of_it FROM care.retention WHERE authority = 'E08000035';
SELECT care.release_hold(:hold, 'Chief executive', 'the inquiry reported');
SELECT * FROM held ORDER BY class;
SELECT class, reason, released_by FROM care.legal_hold_release ORDER BY hold_id, class, record_id;
SELECT care_test.refused(s) FROM unnest(ARRAY[
    'SELECT care.release_hold(999999, ''A'', ''again'')', 'SELECT care.release_hold(NULL, ''A'', ''none'')',
    'SELECT care.release_hold(999999, ''A'', ''again'', 1)', 'SELECT care.release_hold(999999, '''', ''x'')',
    $$SELECT care.place_hold('account', '{999999,0}', 'x', 'A')$$, $$SELECT care.place_hold('account', '{}', 'x', 'A')$$,
    $$SELECT care.place_hold('account', NULL, 'x', 'A')$$, $$SELECT care.place_hold('account', '{1,NULL}', 'x', 'A')$$,
    $$SELECT care.place_hold('authority', '{0}', 'x', 'A')$$, $$SELECT care.place_hold('account', '{1}', '', 'A')$$,
    $$SELECT care.place_hold('account', '{1}', 'x', NULL)$$, $$SELECT care.place_hold_on_authority('E09999999', 'x', 'A')$$,
    'UPDATE care.legal_hold SET reason = ''x''', 'UPDATE care.legal_hold_release SET reason = ''x''']) AS s;
-- one that is released already
SELECT care_test.refused(format('SELECT care.release_hold(%s, ''A'', ''again'')', :hold)) ~ '^P0002 no such hold: ' AS refused;

-- the tables of the list are all there are with the key of a record, and each is there
SELECT a.attrelid::regclass FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind = 'r' AND a.attname IN ('account_id', 'agreement_id', 'person_id', 'record_id')
  AND c.relname NOT IN ('disposal_permit', 'adoption', 'access_log', 'access_log_disposed') -- the log of reads has a chain and an end of its own
  AND NOT EXISTS (SELECT FROM care_internal.kept_table AS t WHERE t.relation = c.oid) ORDER BY 1;
-- one record is found by its keys, whatever the size of the tables
SET LOCAL enable_seqscan = off;
CREATE FUNCTION pg_temp.scans(question text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || question LOOP
        IF line ~ 'Seq Scan' AND line !~ 'retention_schedule|legal_hold' THEN
            RETURN NEXT trim(line);
        END IF;
    END LOOP;
END $$;
SELECT pg_temp.scans('SELECT * FROM care.retention WHERE class = ''account'' AND record_id = 1');
SELECT pg_temp.scans('SELECT * FROM care.retention WHERE class = ''agreement'' AND record_id = 1');
SELECT pg_temp.scans('SELECT * FROM care.retention WHERE class = ''person'' AND record_id = 1');
ROLLBACK;
