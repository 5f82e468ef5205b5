--
-- 81_disposal: what is due, reviewed and free of holds goes whole; nothing else is removed (R41, R99, R100).
--
SET datestyle = 'ISO, YMD';
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
CREATE FUNCTION care_test.rows_of(person_id bigint) RETURNS TABLE (name text, n bigint) LANGUAGE plpgsql AS $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT r.relation, c.relname AS table_name, r.class, r.key FROM care_internal.kept_table AS r JOIN pg_class AS c ON c.oid = r.relation
             WHERE r.class IS DISTINCT FROM 'document' /* about nobody */ ORDER BY r.n LOOP
        EXECUTE format('SELECT %L, count(*) FROM %s AS t WHERE %s', t.table_name, t.relation,
            CASE WHEN t.class = 'person' THEN format('t.person_id = %s', person_id)
                 WHEN t.class IS NULL THEN format('(t.class = ''person'' AND t.record_id = %1$s)
                     OR (t.class = ''account'' AND t.record_id IN (SELECT a.account_id FROM care.account AS a WHERE a.person_id = %1$s))
                     OR (t.class = ''agreement'' AND t.record_id IN (SELECT a.agreement_id FROM care.agreement AS a WHERE a.person_id = %1$s))', person_id)
                 ELSE format('t.%1$I IN (SELECT a.%1$I FROM care.%2$I AS a WHERE a.person_id = %3$s)', t.key, t.class, person_id) END) INTO name, n;
        RETURN NEXT;
    END LOOP;
END $$;
-- What a statement is refused with, without keys and the days of today.
CREATE FUNCTION care_test.masked(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(replace(regexp_replace(care_test.refused($1), '(account|agreement|person|hold|authority) \d+', '\1 N', 'g'),
                           care.today()::text, 'today'), (care.today() - 1)::text, 'yesterday') $$;
BEGIN;

--
-- Two people with everything that can be recorded.
--
SELECT care.record_interest_policy('E08000035', '2015-04-01', 0, 'test');
SELECT care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '6 years', 'Limitation Act');
CREATE FUNCTION pg_temp.with_everything(name text, OUT account bigint, OUT agreement bigint, OUT person bigint) LANGUAGE plpgsql AS $$
DECLARE
    twice bigint;
BEGIN
    account := care.open_account('E08000035', 'A-' || name, 'P-' || name, '1940-01-01', '2022', '2023-10-01');
    person := care.record_person('E08000035', 'P-' || name, nhs_number => '9434765919', nhs_number_status => '01');
    PERFORM care.record_budget(account, '2023-10-01', 'independent_personal_budget', 'care_home', 700, supersedes => NULL);
    PERFORM care.record_budget(account, '2023-10-01', 'independent_personal_budget', 'care_home', 710,
                               supersedes => (SELECT max(budget_id) FROM care.budget AS b WHERE b.account_id = account));
    INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, needs_approval, recorded_by)
    VALUES (account, '2023-11-01', 85000, 'error_corrected', name, true, 'another');
    INSERT INTO care.adjustment_approval (account_id, adjustment_id)
    SELECT j.account_id, j.adjustment_id FROM care.adjustment AS j WHERE j.account_id = account;
    PERFORM care.correct_counting(account, (SELECT a.counts_from FROM care.account AS a WHERE a.account_id = account), name);
    PERFORM care.record_event(account, '2023-12-01', 'statement_requested', name);
    PERFORM care.record_consent('P-' || name, 'email', '2023-10-01', name || '@home', authority => 'E08000035');
    PERFORM care.suspend_statements(account, '2023-12-01', '2023-12-31', name);
    PERFORM care.issue_statement(account, '2023-12-31');
    PERFORM care.issue_statement(account, '2024-01-31'), care.certify_cap(account, '2024-01-31');
    PERFORM care.record_sent(account, (SELECT max(s.statement_id) FROM care.issued_statement AS s WHERE s.account_id = account), 'post', care.today());
    agreement := care.open_agreement('E08000035', 'D-' || name, 'P-' || name, '2016-01-01', '2016-01-01');
    PERFORM care.record_valuation(agreement, '2016-01-01', 165000), care.record_deferral(agreement, '2016-01-04', 571, 180);
    PERFORM care.post_deferral(agreement, '2016-01-31'), care.pay_charges_separately(agreement, '2016-02-01');
    PERFORM care.record_charge(agreement, '2016-02-01', NULL, cost => 50, evidence => name);
    PERFORM care.record_agreement_sent(agreement, care.issue_agreement_statement(agreement, '2016-01-31'), 'post', care.today());
    PERFORM care.stop_deferring(agreement, '2016-02-01', name), care.post_deferral(agreement, '2016-02-28');
    twice := care.record_payment(agreement, '2016-02-28', 1, name);
    PERFORM care.reverse_entry(agreement, twice, name);
    PERFORM care.record_payment(agreement, '2016-03-01', care.redemption_figure(agreement, '2016-03-01'));
    PERFORM care.record_payment(agreement, '2016-03-02', 5, name, true);
    PERFORM care.record_refund(agreement, '2016-03-03', 5);
    PERFORM care.release_charge(agreement, '2016-03-31');
END $$;
SELECT * FROM pg_temp.with_everything('one') \gset one_
SELECT * FROM pg_temp.with_everything('two') \gset two_
SELECT care.record_death('P-one', '2024-02-01', care.today() - 1, 'E08000035');
-- a row and more in every table but those of holds and reviews, of moves, online access and disclosures, which have tests of their own
SELECT name FROM care_test.rows_of(:one_person) WHERE n = 0;

--
-- The worklist; both sides of the day.
--
SELECT retain_until = care.today() - 1 AS yesterday, on_hold FROM care.retention WHERE class = 'account' AND record_id = :one_account;
CREATE TEMP VIEW due AS
    SELECT d.class, d.reference, d.decision, d.reviewed_by FROM care.disposal_due(care.today()) AS d ORDER BY d.class, d.reference;
SELECT * FROM due;
SELECT count(*) FROM care.disposal_due(care.today() - 1) WHERE class = 'account';
SELECT care_test.masked(format('SELECT care.dispose(''account'', %s)', :one_account));
SELECT care_test.masked(format('SELECT care.dispose(''account'', %s)', :two_account));
SELECT care_test.masked(format('SELECT care.dispose(''person'', %s)', :one_person));
SELECT care_test.masked(format('SELECT care.review_disposal(''account'', %s, ''dispose'', ''A'')', :two_account));
SELECT care_test.refused(s) FROM unnest(ARRAY[
    'SELECT care.dispose(''account'', 999999)', 'SELECT care.dispose(''account'', NULL)', 'SELECT care.dispose(''budget'', 1)', 'SELECT care.dispose(NULL, 1)',
    'SELECT care.review_disposal(''account'', 999999, ''dispose'', ''A'')', 'SELECT care.review_disposal(''account'', 1, ''burn'', ''A'')',
    'SELECT care.review_disposal(''account'', 1, ''dispose'', '''')']) AS s;
-- known today: kept today
SELECT care.record_death('P-two', '2024-02-01', care.today(), 'E08000035');
SELECT care_test.masked(format('SELECT care.review_disposal(''account'', %s, ''dispose'', ''A'')', :two_account));
SELECT care.record_death('P-two', NULL, care.today(), 'E08000035');

--
-- Review: keep, dispose; what is recorded since asks for another; a hold between review and disposal.
--
SELECT care.review_disposal('account', :one_account, 'keep', 'Records officer', 'claim of the estate') IS NOT NULL AS reviewed;
SELECT * FROM due WHERE class = 'account';
SELECT care_test.masked(format('SELECT care.dispose(''account'', %s)', :one_account));
SELECT care.review_disposal('account', :one_account, 'dispose', 'Records officer') IS NOT NULL AS reviewed;
SELECT * FROM due WHERE class = 'account';
SELECT care.record_event(:one_account, '2024-03-01', 'cap_notice_given') IS NOT NULL AS something_new;
SELECT * FROM due WHERE class = 'account';
SELECT care_test.masked(format('SELECT care.dispose(''account'', %s)', :one_account));
SELECT care.review_disposal('account', :one_account, 'dispose', 'Records officer') IS NOT NULL AS reviewed;
SELECT care.place_hold('person', ARRAY[:one_person], 'inquest', 'Head of law') AS hold \gset
SELECT * FROM due WHERE class = 'account';
SELECT care_test.masked(format('SELECT care.dispose(''account'', %s)', :one_account));
SELECT care_test.masked(format('SELECT care.review_disposal(''account'', %s, ''dispose'', ''A'')', :one_account));
SELECT care.release_hold(:hold, 'Head of law', 'held');
SELECT care.place_hold_on_authority('E08000035', 'inquiry', 'Chief executive') AS hold \gset
SELECT care_test.masked(format('SELECT care.dispose(''account'', %s)', :one_account));
SELECT care.release_hold(:hold, 'Chief executive', 'over');
-- and a hold of the account itself, for what is left of it
SELECT care.place_hold('account', ARRAY[:one_account, :two_account], 'complaint', 'Head of law') AS hold \gset
SELECT care.release_hold(:hold, 'Head of law', 'settled', :one_account);
-- where the authority asks for it, another person disposes of it
SELECT care.record_setting('E08000035', 'four_eyes', 'on');
SELECT replace(care_test.masked(format('SELECT care.dispose(''account'', %s)', :one_account)), session_user, 'me');
SELECT care.record_setting('E08000035', 'four_eyes', 'off');
-- no transaction that could miss a hold
SELECT (SELECT n FROM care_test.rows_of(:one_person) WHERE name = 'legal_hold') AS holds,
       (SELECT n FROM care_test.rows_of(:one_person) WHERE name = 'disposal_review') AS reviews;

--
-- Nothing is removed in any other way: by DELETE, MERGE, a writable CTE, a cursor, TRUNCATE.
--
CREATE FUNCTION pg_temp.tried(statement text) RETURNS text LANGUAGE sql AS $$
    SELECT split_part(care_test.masked($1), ' [', 1) $$;
SET LOCAL client_min_messages = warning;
-- whichever row is the first, where there is one
SELECT regexp_replace(pg_temp.tried(format('DELETE FROM %s', t.relation)), '(account|agreement|person|care\.\w+) \w+ is kept.*', 'a record is kept') FROM care_internal.kept_table AS t
WHERE query_to_xml(format('SELECT 1 FROM %s LIMIT 1', t.relation), true, true, '')::text <> '' ORDER BY t.n;
SELECT pg_temp.tried(format('TRUNCATE %s CASCADE', t.relation)) FROM care_internal.kept_table AS t ORDER BY t.n;
SELECT care_test.refused('TRUNCATE care.budget') ~ 'care\.retention says until when each record is kept and why' AS hint;
SELECT care_test.refused('DELETE FROM care.budget') ~ 'removed, whole, by care\.dispose\(\)' AS hint;
SELECT pg_temp.tried(s) FROM unnest(ARRAY[
    format('MERGE INTO care.budget AS b USING (SELECT 1) AS s ON b.account_id = %s WHEN MATCHED THEN DELETE', :one_account),
    format('WITH gone AS (DELETE FROM care.budget WHERE account_id = %s RETURNING 1) SELECT count(*) FROM gone', :one_account),
    format('DELETE FROM care.account WHERE account_id = %s', :one_account), format('DELETE FROM care.person WHERE person_id = %s', :one_person),
    'DELETE FROM care.disposal_certificate', 'TRUNCATE care.disposal_certificate', 'TRUNCATE care.local_authority CASCADE']) AS s;
-- a permit by hand meets the checks of dispose()
SELECT pg_temp.tried(format('INSERT INTO care_internal.disposal_permit (class, record_id, person_id, xid) VALUES (''account'', %s, 1, ''1'')', :two_account));
SET LOCAL session_replication_role = replica;
SELECT pg_temp.tried(format('INSERT INTO care_internal.disposal_permit (class, record_id, person_id, xid) VALUES (''account'', %s, 1, ''1'')', :two_account));
SET LOCAL session_replication_role = origin;
-- where the checks are met, it must be the whole record, and a certificate
SAVEPOINT by_hand;
INSERT INTO care_internal.disposal_permit (class, record_id) VALUES ('account', :one_account);
DELETE FROM care.adjustment_approval WHERE account_id = :one_account;
SELECT pg_temp.tried(format('DELETE FROM care.budget WHERE account_id = %s', :two_account));
SELECT pg_temp.tried(format('UPDATE care_internal.disposal_permit SET record_id = %s', :two_account));
SELECT pg_temp.tried('SET CONSTRAINTS ALL IMMEDIATE');
ROLLBACK TO by_hand;
RESET client_min_messages;

--
-- Disposal: the account first, then with the last record the person.
--
CREATE TEMP TABLE before AS SELECT * FROM care_test.rows_of(:two_person);
SELECT care.dispose('account', :one_account) AS certificate \gset
SELECT class, authority, rule, removed, length(digest), decision, reviewed_by, recorded_by = session_user AS by_me
FROM care.disposal_certificate ORDER BY certificate_id;
SELECT name, n FROM care_test.rows_of(:one_person) WHERE n > 0 AND name NOT LIKE 'agreement%' AND name NOT LIKE 'deferral%' AND name NOT LIKE 'issued%';
SELECT * FROM due;
SELECT care_test.refused(format('SELECT care.dispose(''account'', %s)', :one_account)) ~ '^P0002 no such account' AS gone;
SELECT care.review_disposal('agreement', :one_agreement, 'transfer', 'Archivist', 'to the county record office') IS NOT NULL AS reviewed;
SELECT care.dispose('agreement', :one_agreement) > :certificate AS later;
SELECT class, authority, rule, removed, length(digest), decision, reviewed_by FROM care.disposal_certificate ORDER BY certificate_id OFFSET 1;
SELECT sum(n) FROM care_test.rows_of(:one_person);
SELECT count(*) FROM care_internal.disposal_permit;
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
-- nothing of anybody else
SELECT * FROM care_test.rows_of(:two_person) EXCEPT SELECT * FROM before;
SELECT count(*) FROM care.verify();
-- the other, whose account is on hold and required: its agreement alone
SELECT * FROM due;
SELECT care.review_disposal('agreement', :two_agreement, 'dispose', 'Archivist') IS NOT NULL AS reviewed;
SELECT care.dispose('agreement', :two_agreement) > 0 AS disposed_of;
SELECT name, n FROM care_test.rows_of(:two_person) WHERE n > 0 ORDER BY name;
SELECT class FROM care.disposal_certificate ORDER BY certificate_id;

-- an agreement whose write-off was reversed is owed again
SELECT care.open_agreement('E08000035', 'D-three', 'P-three', '2016-01-01', '2016-01-01') AS three \gset
SELECT care.record_valuation(:three, '2016-01-01', 165000) AS v \gset
SELECT care.defer(:three, '2016-01-11', 'care_fees', 500) AS e \gset
SELECT care.write_off(:three, '2016-05-01', 'attempted', 'nothing left', 'head of service');
SELECT reference FROM due;
SELECT care.reverse_entry(:three, (SELECT max(entry_id) FROM care.agreement_entry WHERE agreement_id = :three), 'found') IS NOT NULL AS reversed;
SELECT reference FROM due;
SELECT pg_temp.tried(format('SELECT care.review_disposal(''agreement'', %s, ''dispose'', ''A'')', :three));

-- a person without account or agreement
SELECT care.record_retention_schedule('E08000035', 'person', '2015-01-01', 'last_updated', '1 year', 'tidy');
INSERT INTO care.person (authority, reference, recorded_at) VALUES ('E08000035', 'P-alone', '2016-01-01');
SELECT * FROM due;
SELECT care.review_disposal('person', care.person_id('P-alone'), 'dispose', 'Archivist') IS NOT NULL AS reviewed;
-- the digest is of every value of every row
SELECT sha256('disposal_review'::bytea
              || (SELECT sha256(care_internal.canonical(v)) FROM care.disposal_review AS v WHERE v.class = 'person')
              || 'person'::bytea
              || (SELECT sha256(care_internal.canonical(p)) FROM care.person AS p WHERE p.reference = 'P-alone')) AS digest \gset
-- by batches: one that must be kept after all is passed over, with a warning, and the loop ends
SAVEPOINT by_batch;
INSERT INTO care.person (authority, reference, recorded_at) VALUES ('E08000035', 'P-lonely', '2016-01-01');
\set lonely 'care.person_id(''P-lonely'')'
SELECT care.review_disposal('person', :lonely, 'dispose', 'Archivist') IS NOT NULL AS reviewed;
CREATE TABLE public.pointing (person_id bigint REFERENCES care.person);
INSERT INTO public.pointing VALUES (care.person_id('P-alone'));
\set VERBOSITY sqlstate
SELECT care.dispose_due_batch(care.today(), batch_size => 1) AS "left";
SELECT care.dispose_due_batch(care.today(), batch_size => 1) AS "left";
\set VERBOSITY default
SELECT reference FROM care.person WHERE reference IN ('P-alone', 'P-lonely');
SELECT total, done, finished_at IS NOT NULL AS finished FROM care.batch_progress ORDER BY run_id DESC LIMIT 1;
ROLLBACK TO by_batch;
-- also where the caller has made every constraint immediate, and makes them so again
SET CONSTRAINTS ALL IMMEDIATE;
SELECT care.dispose('person', care.person_id('P-alone')) > 0 AS disposed_of;
SET CONSTRAINTS ALL IMMEDIATE;
SELECT rule, removed, digest = :'digest' AS digest FROM care.disposal_certificate ORDER BY certificate_id DESC LIMIT 1;
ROLLBACK;

-- Only where a hold placed meanwhile is seen.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT care_test.refused('SELECT care.dispose(''account'', 1)');
ROLLBACK;

--
-- Runs.
--
\set VERBOSITY sqlstate
CALL care.dispose_due(care.today() + 1);
CALL care.dispose_due(NULL);
CALL care.dispose_due(care.today(), batch_size => 0);
CALL care.dispose_due(care.today(), 'E06999999');
BEGIN;
CALL care.dispose_due(care.today());
ROLLBACK;
\set VERBOSITY default
DROP FUNCTION care_test.masked(text), care_test.rows_of(bigint);
