--
-- 97_transfer_life: what becomes of a transfer: cancelled on either side, residence found unchanged, authorities merged
-- and recoded, a pseudonym in force, four eyes, retention by each authority's own clock.
--
-- All of it is in one transaction, rolled back at the end.
--
SET datestyle = 'ISO, YMD';
SET search_path = public, care;
SET jit = off;
\pset null '(null)'
\set ON_ERROR_ROLLBACK on
\set QUIET on
BEGIN;
ALTER TABLE care.person ALTER COLUMN person_id RESTART WITH 1;
ALTER TABLE care.account ALTER COLUMN account_id RESTART WITH 1;
ALTER TABLE care.move ALTER COLUMN move_id RESTART WITH 1;
CREATE FUNCTION pg_temp.accrued(of_account bigint, day date, known timestamptz DEFAULT 'infinity') RETURNS numeric LANGUAGE sql AS $$
    SELECT p.accrued FROM care.account_position(day, known) AS p WHERE p.account_id = of_account
$$;
CREATE FUNCTION pg_temp.changed(document text, path text[], value jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT care_internal.sealed_document(jsonb_set(document::jsonb, path, value))
$$;
SELECT care.record_scheme('even', 'Round figures', 'draft', '2016-01-01', 'weekly_cost', 'test');
SELECT care.record_parameter('even', 'cap', '2016-01-01', 20000, 'test');
CREATE FUNCTION pg_temp.account(authority text, reference text) RETURNS bigint LANGUAGE sql AS $$
    SELECT care.open_account(authority, reference, 'P-' || reference, NULL, 'even', '2016-04-01')
$$;

--
-- Example 19: residence never changed: what the second counted goes back, the first counts on, statements say so.
--
SELECT pg_temp.account('E06000001', 'A-1') AS a \gset
SELECT care.record_budget(:a, '2016-04-01', 'personal_budget', 'community', 350) > 0, care.record_budget(:a, '2016-11-01', 'personal_budget', 'community', 420) > 0,
       care.record_adjustment(:a, '2016-10-10', 10, 'error_corrected', 'Head') > 0, care.record_adjustment(:a, '2016-05-05', 5, 'error_corrected', 'Head') > 0;
SELECT care.transfer_out(:a, 'E06000002', '2016-09-15', '37(1)') AS document \gset
SELECT care.transfer_in(:'document', person_reference => 'B-P', reference => 'B-1') AS b \gset
SELECT care.record_move('E06000002', 'M-2', 'B-P', '37(1)', 'E06000001', 'E06000002', '2016-08-01', 'the person') AS move \gset
SELECT pg_temp.accrued(:a, '2016-12-31') AS first, pg_temp.accrued(:b, '2016-12-31') AS second;
SELECT care.issue_statement(:a, '2016-12-01') > 0, care.issue_statement(:b, '2016-12-01') > 0;
SELECT clock_timestamp() AS moved \gset
SELECT care.record_recovery_claim(:move, '2016-09-15', '2016-12-31', pg_temp.accrued(:b, '2016-12-31') - pg_temp.accrued(:b, '2016-09-14'), 'residence had not changed') AS claim \gset
SELECT care.record_recovery_claim(:move, '2016-09-15', '2016-12-31', 5900, 'residence had not changed', '2017-02-01', supersedes => :claim) > 0;
-- each claim as it was known when it was recorded
SELECT c.amount, c.supersedes IS NOT NULL AS corrects, (SELECT array_agg(k.amount) FROM care.recovery_claim_known_at(c.recorded_at) AS k WHERE k.move_id = c.move_id) AS known
FROM care.recovery_claim AS c WHERE c.move_id = :move ORDER BY c.claim_id;
SELECT from_day, to_day, amount, decided_on, supersedes IS NOT NULL AS corrects FROM care.recovery_claim ORDER BY claim_id;
SELECT care.transfer_cancel(:b, 'residence had not changed'), care.transfer_cancel(:a, 'residence had not changed');
SELECT pg_temp.accrued(:a, '2016-12-31') AS first, pg_temp.accrued(:b, '2016-12-31') AS second, care_internal.transfer_state(:a), care_internal.transfer_state(:b);
SELECT pg_temp.accrued(:a, '2016-12-31', :'moved') AS first_as_known, pg_temp.accrued(:b, '2016-12-31', :'moved') AS second_as_known;
SELECT care.issue_statement(:a, '2016-12-31') AS of_a, care.issue_statement(:b, '2016-12-31') AS of_b \gset
SELECT account_id, what, from_day, to_day, days, amount FROM care.statement_line WHERE statement_id IN (:of_a, :of_b) ORDER BY account_id, line;
-- what is undone is not counted here, cannot be sent on, and its move can be made again later
SELECT replace(care_test.refused(s), care.today()::text, 'TODAY') AS refused FROM unnest(ARRAY[format('SELECT care.transfer_cancel(%s, ''again'')', :b), format($$SELECT care.transfer_out(%s, 'E06000003', '2017-01-01', '37(1)')$$, :b),
    format('SELECT care.transfer_in(%L)', :'document'), format('SELECT care.transfer_cancel(%s, '''')', :a), 'SELECT care.transfer_cancel(0, ''x'')',
    format('SELECT care.transfer_acknowledgement(%s)', :b)]) AS s;
SELECT care.transfer_out(:a, 'E06000002', '2017-03-01', '37(1)') AS second_document \gset
SELECT :'second_document'::jsonb -> 'sequence' AS sequence, :'second_document'::jsonb -> 'supersedes' AS supersedes;
SELECT care.transfer_in(:'second_document') = :b AS same_account;
SELECT pg_temp.accrued(:b, '2017-03-01') - pg_temp.accrued(:b, '2017-02-28') AS of_the_day, from_day, to_day, weekly_cost FROM care.transfer_interim;
-- an acknowledgement that comes late, of what was cancelled meanwhile
SELECT care.transfer_acknowledgement(:b) AS acknowledgement \gset
SELECT care.transfer_cancel(:a, 'too early');
SELECT care_test.refused(format('SELECT care.transfer_acknowledge(%L)', :'acknowledgement')) ~ '^55000 document 2 of account A-1 of E06000001 was cancelled on' AS refused;

--
-- Examples 6 and 8: no account, no 37(2); a care home elsewhere is no move, and leaving it is.
--
SELECT care_test.refused(s) FROM unnest(ARRAY[
    $$SELECT care.record_move('E06000001', 'M-6', 'nobody', '37(2)', 'E06000001', 'E06000002', '2016-08-01', 'x')$$,
    $$SELECT care.record_move('E06000001', 'M-8', 'P-A-1', '37(1)', 'E06000001', 'E06000002', '2016-08-01', 'x', into_specified => true)$$,
    $$SELECT care.record_move('E06000003', 'M-8', 'P-A-1', '37(1)', 'E06000001', 'E06000002', '2016-08-01', 'x')$$,
    $$SELECT care.record_move('E06000001', 'M-8', 'P-A-1', '37(1)', 'E06000001', 'E06000001', '2016-08-01', 'x')$$,
    $$SELECT care.record_move('E06000001', 'M-8', 'P-A-1', '37(4)', 'E06000001', 'E06000002', '2016-08-01', 'x')$$,
    $$SELECT care.record_move('E06000001', 'M-8', 'P-A-1', '37(1)', 'E06000001', 'E06000002', '2016-08-01', '')$$,
    format($$SELECT care.record_move_step(%s, 'not_satisfied', '2016-08-01')$$, :move), format($$SELECT care.record_move_step(%s, 'flown', '2016-08-01')$$, :move),
    format($$SELECT care.record_move_step(%s, NULL, '2016-08-01', 'x', 0)$$, :move), $$SELECT care.record_move_step(0, 'moved', '2016-08-01')$$,
    format($$SELECT care.record_recovery_claim(%s, '2016-09-15', '2016-09-14', 1, 'x')$$, :move)]) AS s;
SELECT care.record_move('E06000001', 'M-8', 'P-A-1', '37(3)', 'E06000001', 'E06000002', '2016-08-01', 'advocate') AS leaving \gset
SELECT care.record_move_step(:leaving, 'satisfied_told', '2016-08-02') AS step \gset
SELECT care.record_move_step(:leaving, NULL, '2016-08-02', 'of another person', :step) > 0, (SELECT count(*) FROM care.move_document_due) AS due;
SELECT care.record_move_difference(:leaving, 'bathing', 'daily', 'weekly') AS difference \gset
SELECT care.record_move_difference(:leaving, 'bathing', 'daily', 'every other day', '2016-09-20', :difference) > 0;
SELECT care_test.refused(format($$SELECT care.record_move_difference(%s, 'bathing', 'daily', 'never', NULL, %s)$$, :leaving, :difference));

--
-- Example 5: with an independent personal budget only the account goes on.
--
SELECT pg_temp.account('E06000001', 'I-1') AS i \gset
SELECT care.record_budget(:i, '2016-04-01', 'independent_personal_budget', 'community', 140) > 0;
SELECT care.transfer_in(care.transfer_out(:i, 'E06000002', '2017-01-01', '37(2)'), person_reference => 'I-P') AS i_at_b \gset
SELECT kind, needs_met, from_day, to_day, weekly_cost FROM care.transfer_interim WHERE account_id = :i_at_b;
-- what the first planned is still the first's; a budget of the same amount by another plan is the second's own
SELECT care.record_budget(:i_at_b, '2017-02-01', 'independent_personal_budget', 'community', 140, plan_reference => 'ours') > 0;
SELECT to_day FROM care.transfer_interim WHERE account_id = :i_at_b;

--
-- An agreement for a deferred payment stays; the document names it.  A death: on the day of the move, and the day before.
--
SELECT care.record_interest_policy('E06000001', '2015-04-01', NULL, 'test');
SELECT care.open_agreement('E06000001', 'DPA-7', 'P-D-1', '2016-05-01', '2016-05-01') > 0;
SELECT pg_temp.account('E06000001', 'D-1') AS d \gset
SELECT care.record_budget(:d, '2016-04-01', 'personal_budget', 'community', 70) > 0, care.record_death('P-D-1', '2016-12-31', '2017-01-05', 'E06000001');
SELECT care_test.refused(format($$SELECT care.transfer_out(%s, 'E06000002', '2017-01-01', '37(1)')$$, :d));
SELECT care.transfer_draft(:d, 'E06000002', '2016-12-31', '37(1)') AS draft \gset
SELECT :'draft'::jsonb -> 'account' -> 'agreements' AS agreements, :'draft'::jsonb -> 'status' AS status, (:'draft'::jsonb -> 'retention') - 'last_updated'::text AS retention,
       (SELECT count(*) FROM care.transfer AS t WHERE t.account_id = :d) AS recorded;
SELECT care_test.refused(s) FROM unnest(ARRAY[format('SELECT care.transfer_in(%L)', :'draft'), format($$SELECT care.transfer_draft(%s, 'E06000001', '2016-12-31', '37(1)')$$, :d),
    format($$SELECT care.transfer_draft(%s, 'E06000002', '2016-12-31', '38')$$, :d), format($$SELECT care.transfer_draft(%s, 'E06000002', '2016-12-31', '37(1)', 'holiday')$$, :d),
    format($$SELECT care.transfer_draft(%s, 'E06000002', '2016-04-01', '37(1)')$$, :d), format($$SELECT care.transfer_draft(%s, 'E06000002', NULL, '37(1)')$$, :d),
    format($$SELECT care.transfer_draft(%s, 'E06000002', '2016-12-31', '37(1)', 'move', '[]')$$, :d), format($$SELECT care.transfer_draft(%s, 'E06000002', '2016-12-31', '37(1)', 'merger')$$, :d)]) AS s;

--
-- Four eyes: what the first authorised counts with the second at once; what waits holds the account back.
--
SELECT care.record_setting('E06000004', 'four_eyes', 'on', '2015-01-01'), care.record_setting('E06000005', 'four_eyes', 'on', '2015-01-01');
SELECT pg_temp.account('E06000004', 'F-1') AS f \gset
SELECT care.record_budget(:f, '2016-04-01', 'personal_budget', 'community', 70) > 0;
SET care.actor = 'one person';
SELECT care.record_adjustment(:f, '2016-05-01', 40, 'error_corrected', 'Head') AS waits \gset
RESET care.actor;
SELECT care_test.refused(format($$SELECT care.transfer_out(%s, 'E06000005', '2017-01-01', '37(1)')$$, :f)) = format('55000 account %s (F-1): adjustment %s waits for approval [Have it approved, or withdraw it, before the account leaves: nothing is lost on the way.]', :f, :waits) AS refused;
SET care.actor = 'a second person';
SELECT care.approve_adjustment(:f, :waits);
RESET care.actor;
SELECT care.transfer_in(care.transfer_out(:f, 'E06000005', '2017-01-01', '37(1)')) AS f_at_e \gset
SELECT pg_temp.accrued(:f_at_e, '2016-12-31'), pg_temp.accrued(:f, '2016-12-31') AS first, amount, needs_approval FROM care.adjustment_in_force WHERE account_id = :f_at_e;
-- a reason that only the first knows goes along; the day the account counts from was corrected
SELECT care.record_adjustment_reason('flood', 'The year of the flood');
SELECT pg_temp.account('E06000001', 'R-1') AS r \gset
SELECT care.record_budget(:r, '2016-04-01', 'personal_budget', 'community', 70) > 0, care.correct_counting(:r, '2016-05-01', 'later') > 0;
SELECT care.record_adjustment(:r, '2016-06-01', 3, 'flood', 'Head') > 0;
SELECT care.transfer_in(care_internal.sealed_document(replace(care.transfer_out(:r, 'E06000002', '2017-01-01', '37(1)'), '"flood"', '"storm"')::jsonb), person_reference => 'R-P') AS r_at_b \gset
SELECT reason, description FROM care.adjustment_reason WHERE reason IN ('storm');
SELECT counts_from, counting_from, pg_temp.accrued(:r_at_b, '2016-12-31') = pg_temp.accrued(:r, '2016-12-31') AS same FROM care.account WHERE account_id = :r_at_b;
-- the second corrects that day, and the account comes back with it
SELECT care.correct_counting(:r_at_b, '2016-04-11', 'earlier after all', (SELECT c.correction_id FROM care.counting_correction_in_force AS c WHERE c.account_id = :r_at_b)) > 0;
SELECT care.transfer_in(care.transfer_out(:r_at_b, 'E06000001', '2017-02-01', '37(1)')) = :r AS back;
SELECT counting_from, pg_temp.accrued(:r, '2017-03-31') FROM care.account WHERE account_id = :r;

--
-- Retention (example 22): the document says by what the first keeps the account; the second's clock is its own.
--
SELECT care.record_event(:r, '2017-04-01', 'no_longer_required') > 0;
SELECT (care.transfer_draft(:r, 'E06000003', '2017-06-01', '37(2)')::jsonb -> 'retention' ->> 'retain_until')::date = (care.today() + interval '99 years')::date - 1 AS ninety_nine_years;
SELECT care.transfer_in(pg_temp.changed(care.transfer_out(:r, 'E06000003', '2017-06-01', '37(2)'), '{retention,last_updated}', '"2016-02-29"'), person_reference => 'R-P') AS r_at_c \gset
SELECT care_internal.period_end('2016-02-29', '99 years') AS of_the_first;
SELECT k.authority, k.trigger_event, k.last_updated = care.today() AS updated_today, k.retain_until = care_internal.period_end(care.today(), '99 years') AS own_clock
FROM care.retention AS k WHERE k.class = 'account' AND k.record_id IN (:r, :r_at_c) ORDER BY 1;
-- with the first it need only be retained once the second has it, and is required again when it comes back, or never left
SELECT pg_temp.account('E06000006', 'K-1') AS k \gset
SELECT care.record_budget(:k, '2016-04-01', 'personal_budget', 'community', 70) > 0;
SELECT care.transfer_out(:k, 'E06000007', '2017-01-01', '37(1)') AS document \gset
CREATE FUNCTION pg_temp.clock(of_account bigint) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(r.trigger_event, 'required') FROM care.retention AS r WHERE r.class = 'account' AND r.record_id = of_account
$$;
SELECT pg_temp.clock(:k);
SELECT care.transfer_in(:'document') AS k_at_b \gset
SELECT care.transfer_acknowledge(care.transfer_acknowledgement(:k_at_b)) = :k;
SELECT pg_temp.clock(:k), pg_temp.clock(:k_at_b);
SELECT care.transfer_in(care.transfer_out(:k_at_b, 'E06000006', '2017-02-01', '37(1)')) = :k;
SELECT pg_temp.clock(:k), pg_temp.clock(:k_at_b);
SELECT care.transfer_cancel(:k, 'stayed after all'), care.transfer_cancel(:k_at_b, 'stayed after all');
SELECT pg_temp.clock(:k), pg_temp.clock(:k_at_b);
SELECT care.transfer_cancel(:k_at_b, 'never left'), care.transfer_cancel(:k, 'never left');
SELECT pg_temp.clock(:k), pg_temp.clock(:k_at_b);
-- what is received is a record of its own, with its own schedule
SELECT care.transfer_receive('no document', 'E06000003') AS kept \gset
SELECT reason FROM care.retention WHERE class = 'document' AND record_id = :kept;
SELECT care.record_retention_schedule('E06000003', 'document', '2015-01-01', 'closed', '6 years', 'our policy'), care.record_retention_schedule('E06000002', 'move', '2015-01-01', 'closed', '6 years', 'our policy');
SELECT retain_until = (care.today() + interval '6 years')::date AS six_years FROM care.retention WHERE class = 'document' AND record_id = :kept;
SELECT care.record_move_step(:move, 'moved', '2016-09-15') > 0;
SELECT retain_until, reason FROM care.retention WHERE class = 'move' AND record_id = :move;

--
-- Example 17: the sender was recoded since; who was merged, and one that ended and nobody followed.
--
SELECT pg_temp.account('E06000009', 'S-1') AS s, pg_temp.account('E06000009', 'S-2') AS s2, pg_temp.account('E06000009', 'S-3') AS s3, pg_temp.account('E06000009', 'S-4') AS s4, pg_temp.account('E06000010', 'S-2') AS other \gset
SELECT care.record_budget(i, '2016-04-01', 'personal_budget', 'community', 7 * i) > 0 FROM unnest(ARRAY[:s, :s2, :s3, :other]::bigint[]) AS i;
SELECT care.transfer_out(:s, 'E06000002', '2018-06-01', '37(1)') AS before_the_end \gset
SELECT care.record_death('P-S-3', '2018-01-01', '2018-01-02', 'E06000009');
SELECT care.record_authority('E06000970', 'Successor', 'test', '2019-04-01', predecessor => 'E06000009'), care.record_authority('E06000971', 'Also', 'test', '2019-04-01', predecessor => 'E06000010'),
       care.record_authority('E06000972', 'Gone', 'test', '2010-01-01', '2018-03-31');
SELECT successor FROM care.authority_successors('E06000009', '2019-03-31'), care.today();
SELECT successor FROM care.authority_successors('E06000009', '2019-04-01');
SELECT care.transfer_in(:'before_the_end', person_reference => 'S-P') > 0 AS accepted;
SELECT care_test.refused(format('SELECT care.transfer_in(%L)', pg_temp.changed(pg_temp.changed(:'before_the_end', '{from,authority}', '"E06000972"'), '{responsible,0,authority}', '"E06000972"')));
-- one for an authority that was recoded goes to its successor; one for one that was split, to whom it is said
SELECT care.transfer_in(pg_temp.changed(pg_temp.changed(:'before_the_end', '{to,authority}', '"E06000010"'), '{sequence}', '2')) AS to_successor \gset
SELECT authority FROM care.account WHERE account_id = :to_successor;
SELECT care.record_authority('E06000973', 'Half', 'test', '2019-04-01', predecessor => 'E06000010');
SELECT care_test.refused(format('SELECT care.transfer_in(%L%s)', pg_temp.changed(pg_temp.changed(:'before_the_end', '{to,authority}', '"E06000010"'), '{sequence}', '3'), a)) FROM unnest(ARRAY['', ', ''E06000003''']) AS a;
-- in one call what an authority counts goes to the one that follows it; who died and what was sent away stay
SELECT account_id = :s2 AS the_open_one, new_account_id IS NOT NULL FROM care.successor('E06000009', 'E06000970', '2019-04-01');
SELECT a.reference, a.authority, t.direction, t.purpose, t.trigger, t.status FROM care.transfer_status AS t JOIN care.account AS a ON a.account_id = t.account_id WHERE t.purpose = 'merger' ORDER BY t.transfer_id;
SELECT sum(pg_temp.accrued(a.account_id, '2019-12-31') - pg_temp.accrued(a.account_id, '2019-03-31')) AS counted_once FROM care.account AS a WHERE a.reference = 'S-2' AND a.authority IN ('E06000009', 'E06000970');
SELECT count(*) FROM care.successor('E06000009', 'E06000970', '2019-04-01');
SELECT care_test.refused(s) FROM unnest(ARRAY[$$SELECT care.successor('E06000009', 'E06000002', '2019-04-01')$$, $$SELECT care.successor('E06000009', 'E06000970', '2019-03-31')$$]) AS s;
-- an agreement stays, and who follows decides for it under the old code; not where nothing stays
SELECT care.record_interest_policy('E06000009', '2015-04-01', NULL, 'test') \g /dev/null
SELECT care.open_agreement('E06000009', 'S-D', 'P-S-2', '2018-01-01', '2018-01-01') AS stays \gset
SELECT care.record_valuation(:stays, '2018-01-01', 200000), care.defer(:stays, '2018-02-01', 'care_fees', 10000) \g /dev/null
SELECT care.record_interest_policy('E06000009', '2020-01-01', 0.5, 'decided by the successor') IS NOT NULL AS decided, care.record_setting('E06000009', 'billing_cycle', 'monthly', '2020-01-01');
SELECT p.as_at, p.authority, p.rate FROM unnest('{2019-12-31, 2020-01-01}'::date[]) AS d, care.agreement_position(d) AS p WHERE p.agreement_id = :stays ORDER BY 1;
SELECT care_test.refused($$SELECT care.record_interest_policy('E08000016', '2025-04-01', 0.5, 'nothing is kept there')$$);
-- another's reference there stays its own
SELECT pg_temp.account('E06000971', 'S-2') > 0;
SELECT new_account_id AS merged FROM care.successor('E06000010', 'E06000971', '2019-04-01') \gset
SELECT authority, reference, person_reference FROM care.account WHERE account_id = :merged;

-- A step recorded, put right and withdrawn, as known after each.
SELECT care.record_move_step(:move, 'contact', '2017-03-01') AS step \gset
SELECT care.record_move_step(:move, 'contact', '2017-03-02', supersedes => :step) AS corrected \gset
SELECT care.record_move_step(:move, NULL, '2017-03-02', 'of another move', supersedes => :corrected) > :corrected AS withdrawn;
SELECT s.on_day, s.kind, (SELECT array_agg(k.on_day) FROM care.move_step_known_at(s.recorded_at) AS k WHERE k.move_id = s.move_id AND k.step_id >= :step) AS known
FROM care.move_step AS s WHERE s.move_id = :move AND s.step_id >= :step ORDER BY s.step_id;

-- All of it verifies, chains and derived columns; and goes into the document of subject access by itself.
SELECT * FROM care.verify();
SELECT count(*) FROM care.verify_chain();
ROLLBACK;
