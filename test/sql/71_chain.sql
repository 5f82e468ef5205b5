--
-- 71_chain: every fact is a link of the chain of its person, account or agreement, and a fact that was
-- changed, removed, slipped in or put in another order is found.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET jit = off;
\pset null '(null)'
\pset format unaligned
\pset footer off
\set ON_ERROR_ROLLBACK on
BEGIN;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.channel_consent ALTER COLUMN consent_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.issued_statement ALTER COLUMN statement_id RESTART WITH 1;
ALTER TABLE care.agreement ALTER COLUMN agreement_id RESTART WITH 1;
ALTER TABLE care.issued_agreement_statement ALTER COLUMN statement_id RESTART WITH 1;
CREATE FUNCTION pg_temp.without_triggers() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    command text;
BEGIN
    FOR command IN SELECT format('ALTER EVENT TRIGGER %I DISABLE', e.evtname) FROM pg_event_trigger AS e
                   UNION ALL
                   SELECT format('ALTER TABLE %s DISABLE TRIGGER ALL', c.oid::regclass) FROM pg_class AS c
                   WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind = 'r' LOOP
        EXECUTE command;
    END LOOP;
END
$$;
-- What verify_chain() says once some statements were run with every trigger switched off; then all is undone.
CREATE FUNCTION pg_temp.tampered(VARIADIC commands text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    command text;
    found text[];
BEGIN
    BEGIN
        PERFORM pg_temp.without_triggers();
        FOREACH command IN ARRAY commands LOOP
            EXECUTE command;
        END LOOP;
        found := ARRAY(SELECT concat_ws(' ', v.class, v.record_id) || ': ' || regexp_replace(v.difference, ', of [-+:. 0-9]+$', '')
                       FROM care.verify_chain() AS v ORDER BY 1);
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        RETURN QUERY SELECT unnest(found);
    END;
END
$$;

-- An account's life and an agreement's; some of it in one statement, in one transaction.
SELECT care.open_account('E06000061', 'A', 'P', '1940-01-01', '2022', '2023-10-01') AS account \gset
SELECT count(care.record_parameter('2022', n.name, '2023-10-01', n.amount, 'proposed', 'a test')) FROM (VALUES ('cap', 86000), ('daily_living_cost', 200)) AS n (name, amount);
SELECT care.record_budget(:account, '2023-10-01', 'personal_budget', 'care_home', 900, 300) > 0 AS recorded;
SELECT care.issue_statement(:account, '2024-10-01') AS first_statement \gset
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge)
SELECT :account, date '2025-01-01' + n, 'personal_budget', 'community', 500 + n, 100 FROM generate_series(0, 2) AS n;
SELECT care.record_adjustment(:account, '2025-02-01', 100, 'error_corrected', 'a manager') > 0 AS recorded;
SELECT care.record_event(:account, '2025-02-02', 'statement_requested') > 0 AS recorded;
SELECT care.suspend_statements(:account, '2025-03-01', '2025-03-31', 'in hospital') > 0 AS recorded;
SELECT care.issue_statement(:account, '2025-10-01') AS second_statement \gset
SELECT care.record_consent('P', 'email', '2025-11-01', 'form 1');
SELECT care.record_death('P', '2025-11-02', '2025-11-03');
SELECT care.record_interest_policy('E06000061', '2015-04-01', 2.5, 'a test') IS NOT NULL AS recorded;
SELECT care_test.confirm_rates() \g /dev/null
SELECT care.open_agreement('E06000061', 'D', 'P', '2023-01-05', '2023-01-10') AS agreement \gset
SELECT care.record_valuation(:agreement, '2023-01-02', 200000) > 0 AS recorded;
SELECT care.defer(:agreement, '2023-02-01', 'care_fees', 1000, 'fees') > 0 AS recorded;
SELECT care.record_payment(:agreement, '2023-03-01', 200, 'paid') > 0 AS recorded;
SELECT care.issue_agreement_statement(:agreement, '2023-07-05') > 0 AS issued;

-- who recorded what, and the links
SELECT class, record_id, number, recorded_in, recorded_by = session_user AS by_me FROM care.chain_links() ORDER BY 1, 2, 3;
SELECT class, record_id, after, length FROM care_internal.chain ORDER BY 1, 2, 3;
SELECT recorded_in, fact->>'weekly_cost' AS weekly_cost FROM care.audit_trail WHERE class = 'account' AND record_id = :account AND recorded_in = 'budget' ORDER BY recorded_at;
-- no row: all is well
SELECT * FROM care.verify_chain();
SELECT * FROM care.verify_chain('account', :account);

-- each link is the SHA-256 of the one before it and of the fact: worked out here another way
WITH RECURSIVE fact AS (
    SELECT row_number() OVER (ORDER BY recorded_at, canonical) AS n, canonical FROM care.audit_trail WHERE class = 'account' AND record_id = :account
), link AS (
    SELECT n, sha256(canonical) AS link FROM fact WHERE n = 1
    UNION ALL SELECT f.n, sha256(l.link || f.canonical) FROM link AS l JOIN fact AS f ON f.n = l.n + 1
)
SELECT count(*) AS links, bool_and(l.link = k.link) AS same FROM link AS l JOIN care.chain_links('account', :account) AS k ON k.number = l.n;
-- the end of it, and what the statements show
SELECT e.length, e.head = (SELECT link FROM care.chain_links('account', :account) WHERE number = e.length) AS same FROM care_internal.chain_end('account', :account) AS e;
SELECT p.class, p.as_at, p.chain_length, p.chain_head = k.link AS same
FROM care.published_head AS p JOIN care.chain_links() AS k ON (k.class, k.record_id, k.number) = (p.class, p.record_id, p.chain_length) ORDER BY 1, 2;

-- what is not linked of accounts and agreements is what is derived; of statements, what their digest covers
SELECT t.tgrelid::regclass AS of_table, string_agg(c.attname, ' ' ORDER BY c.attnum) AS not_linked
FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_attribute AS c ON c.attrelid = t.tgrelid AND c.attnum > 0
WHERE t.tgname LIKE '%\_seal' AND p.prosrc NOT LIKE '%care_internal.canonical(n)%' AND p.prosrc !~ ('n\.' || c.attname || '\M')
GROUP BY t.tgrelid ORDER BY t.tgrelid::regclass::text COLLATE "C";
-- every table with a key of a person, account or agreement is linked, but for permits and the like, which hold no fact
SELECT c.attrelid::regclass AS not_linked FROM pg_attribute AS c JOIN pg_class AS r ON r.oid = c.attrelid
WHERE r.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND r.relkind = 'r' AND c.attname IN ('person_id', 'account_id', 'agreement_id')
  AND NOT EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.attrelid AND t.tgname LIKE '%\_seal') ORDER BY c.attrelid::regclass::text COLLATE "C";

-- a fact changed, however little
SELECT pg_temp.tampered(format('UPDATE care.budget SET weekly_cost = weekly_cost + 0.01 WHERE account_id = %s AND weekly_cost = 900', :account));
SELECT pg_temp.tampered(format('UPDATE care.budget SET weekly_cost = weekly_cost + 0.01 WHERE account_id = %s AND weekly_cost = 502', :account));
SELECT pg_temp.tampered('UPDATE care.adjustment SET evidence = ''''');
SELECT pg_temp.tampered('UPDATE care.account_event SET recorded_by = ''somebody else''');
SELECT pg_temp.tampered('UPDATE care.account SET counts_from = counts_from + 1');
SELECT pg_temp.tampered('UPDATE care.issued_statement SET digest = sha256(digest) WHERE as_at = ''2025-10-01''');
SELECT pg_temp.tampered('UPDATE care.death SET known_on = known_on + 1');
SELECT pg_temp.tampered('UPDATE care.agreement_entry SET amount = amount + 1 WHERE kind = ''payment''');
-- what is derived is not a fact
SELECT pg_temp.tampered('UPDATE care.account SET cap_on = NULL');
-- removed: in the middle, at the end, with its link, with the chain
SELECT pg_temp.tampered('DELETE FROM care.adjustment');
SELECT pg_temp.tampered('DELETE FROM care.issued_statement WHERE as_at = ''2025-10-01''');
SELECT pg_temp.tampered('DELETE FROM care.adjustment', format('DELETE FROM care_internal.chain WHERE class = ''account'' AND record_id = %s AND after = 6', :account));
SELECT pg_temp.tampered('DELETE FROM care.death', 'DELETE FROM care_internal.chain WHERE class = ''person'' AND after = (SELECT max(after) FROM care_internal.chain WHERE class = ''person'')');
SELECT pg_temp.tampered('DELETE FROM care_internal.chain WHERE class = ''agreement''');
SELECT pg_temp.tampered('DELETE FROM care.channel_consent', 'DELETE FROM care.death', 'DELETE FROM care.person_detail', 'DELETE FROM care.agreement_entry',
                        'DELETE FROM care.issued_agreement_statement', 'DELETE FROM care.valuation', 'DELETE FROM care.agreement_event', 'DELETE FROM care.agreement');
-- the tail cut off, facts and links: statements that were issued on it tell, or else a digest that was noted
SELECT pg_temp.tampered('DELETE FROM care.statement_suspension', format('DELETE FROM care_internal.chain WHERE class = ''account'' AND record_id = %s AND after >= 8', :account));
SELECT * FROM care.chain_digest(now() + interval '1 hour') \gset noted_
SELECT pg_temp.tampered('DELETE FROM care.death', 'DELETE FROM care_internal.chain WHERE class = ''person'' AND after = 3');
SAVEPOINT tampered;
SELECT count(pg_temp.without_triggers());
DELETE FROM care.death;
DELETE FROM care_internal.chain WHERE class = 'person' AND after = 3;
SELECT chains - :noted_chains AS chains, links - :noted_links AS links, digest = :'noted_digest' AS same FROM care.chain_digest(now() + interval '1 hour');
ROLLBACK TO tampered;
SELECT chains - :noted_chains AS chains, links - :noted_links AS links, digest = :'noted_digest' AS same FROM care.chain_digest(now() + interval '1 hour');
-- put in another order
SELECT pg_temp.tampered($$UPDATE care.budget AS b SET recorded_at = o.recorded_at FROM care.budget AS o
                          WHERE (b.weekly_cost, o.weekly_cost) IN ((500, 501), (501, 500))$$);
-- slipped in: as if long ago, and as if just now
SELECT pg_temp.tampered(format('INSERT INTO care.account_event (account_id, on_day, kind, recorded_at) VALUES (%s, ''2024-01-01'', ''statement_requested'', ''2024-01-01'')', :account));
SELECT pg_temp.tampered(format('INSERT INTO care.account_event (account_id, on_day, kind) VALUES (%s, ''2024-01-01'', ''statement_requested'')', :account));
-- a person, account or agreement without a chain
SELECT pg_temp.tampered('INSERT INTO care.person (authority, reference) VALUES (''E06000061'', ''slipped in'')');

-- facts that bring their moment along come from a dump, however late it is, and leave the chain as it is
INSERT INTO care.account_event (account_id, on_day, kind, recorded_at) VALUES
    (:account, '2024-01-01', 'statement_requested', '2024-01-01'), (:account, '2024-01-01', 'statement_requested', now() + interval '1 hour');
SELECT length FROM care_internal.chain_end('account', :account);
-- a fact that had to wait while a later one was linked is linked after it, and missed like any other
SELECT care.open_account('E06000061', 'B', 'P', '1940-01-01', '2022', '2023-10-01') AS account \gset
INSERT INTO care.account_event (account_id, on_day, kind, recorded_at)
SELECT :account, '2024-01-03', 'statement_requested', w.moment
FROM (SELECT care_internal.moment() AS moment, care.record_event(:account, '2024-01-02', 'statement_requested') AS meanwhile OFFSET 0) AS w WHERE w.meanwhile > 0;
INSERT INTO care.account_event (account_id, on_day, kind) VALUES (:account, '2024-01-04', 'statement_requested');
SELECT after, length, cardinality(late) AS late FROM care_internal.chain WHERE class = 'account' AND record_id = :account ORDER BY after;
SELECT n.number, e.on_day FROM care.chain_links('account', :account) AS n JOIN care.account_event AS e ON e.account_id = n.record_id AND e.recorded_at = n.recorded_at
WHERE n.recorded_in = 'account_event' ORDER BY n.number;
SELECT * FROM care.verify_chain('account', :account);
SELECT t FROM pg_temp.tampered('UPDATE care.account_event SET note = ''x'' WHERE on_day = ''2024-01-02''') AS t WHERE t LIKE format('account %s:%%', :account);
SELECT t FROM pg_temp.tampered('DELETE FROM care.account_event WHERE on_day = ''2024-01-04''') AS t WHERE t LIKE format('account %s:%%', :account);
-- what is loaded with other times of recording begins its chain when it is told to
INSERT INTO care.person (authority, reference, recorded_at) VALUES ('E06000061', 'Q', '2020-01-01');
INSERT INTO care.account (person_id, counts_from, authority, reference, scheme, recorded_at)
SELECT person_id, '2023-10-01', authority, 'C', '2022', '2020-01-02' FROM care.person WHERE reference = 'Q' RETURNING account_id AS account \gset
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, recorded_at) VALUES (:account, '2023-10-01', 'independent_personal_budget', 'community', 500, '2020-01-03');
SELECT regexp_replace(r, 'account \d+', 'account N') FROM care_test.refused(format('SELECT care.record_event(%s, ''2024-01-02'', ''statement_requested'')', :account)) AS r;
SELECT care.begin_chains();
SELECT care.record_event(:account, '2024-01-02', 'statement_requested') > 0 AS recorded, care.issue_statement(:account, '2024-10-01') > 0 AS issued, care.begin_chains() AS begun_again;
SELECT after, length FROM care_internal.chain WHERE class = 'account' AND record_id = :account ORDER BY after;
SELECT * FROM care.verify_chain('account', :account);
-- many records are verified part by part, 2,000 in each; together the parts have every key there may be
INSERT INTO care.person (authority, reference) SELECT 'E06000061', 'many ' || n FROM generate_series(1, 4000) AS n;
SELECT count(*) > 2 AS many, bool_and(w.persons = 2000 OR w.last_key IS NULL) AS of_2000, bool_and(CASE WHEN w.n = 1 THEN w.first_key IS NULL ELSE w.goes_on END) AS gapless
FROM (SELECT p.n, p.first_key, p.last_key, p.first_key = lag(p.last_key) OVER (ORDER BY p.n) + 1 AS goes_on,
             (SELECT count(*) FROM care.person AS x WHERE x.person_id BETWEEN coalesce(p.first_key, x.person_id) AND coalesce(p.last_key, x.person_id)) AS persons
      FROM care_internal.parts_of('person', NULL, NULL, NULL) AS p) AS w;
SELECT p.n, p.first_key, p.last_key FROM care_internal.parts_of('person', NULL, 7, 7) AS p;
SELECT count(*) FROM pg_temp.tampered('UPDATE care.person SET reference = reference || ''!'' WHERE reference IN (''many 1'', ''many 2001'', ''many 4000'')') AS t WHERE t LIKE 'person%do not lead to link 1%';
SELECT count(*) FROM pg_temp.tampered('DELETE FROM care.person WHERE reference = ''many 3000''') AS t WHERE t LIKE 'person%: a chain of 1, and 0 facts are recorded';
ROLLBACK;
