--
-- population.sql: accounts and agreements in every state there is, for whoever carries them about.
--
--     createdb population
--     psql -X -d population -c 'CREATE EXTENSION care_account'
--     psql -X -d population -v accounts=10000 -v agreements=1000 -v seed=1 -f test/population.sql
--
-- Most accounts come by the bulk path, one in ten through the functions, and so does all that happens
-- to them: the number of an account or agreement decides what does, the seed how much.  A check at the
-- end lists what is not there, of all that could be, and the script ends with an error.  It needs at
-- least 200 accounts and 64 agreements.  Leaves nothing but rows of the product.
--
-- Must not know: what becomes of it.
--
\set ON_ERROR_STOP 1
\set QUIET 1
\pset tuples_only on
\pset format unaligned
\pset pager off
\if :{?accounts} \else \set accounts 10000 \endif
\if :{?agreements} \else \set agreements 1000 \endif
\if :{?seed} \else \set seed 1 \endif
SET jit = off;
SELECT set_config('population.seed', :'seed', false) \g /dev/null
\o /dev/null

-- A whole number from 0 up to, and without, `below`: the same for the same key and seed, always.
CREATE FUNCTION pg_temp.draw(key text, below int) RETURNS int LANGUAGE sql IMMUTABLE
    RETURN (('x' || left(md5(current_setting('population.seed') || '/' || key), 15))::bit(60)::bigint % below)::int;

-- Reference data of our own -----------------------------------------------------------------------

INSERT INTO care.local_authority (authority, name, valid_from, predecessor, source)
VALUES ('E10000999', 'A county of our own', '2015-04-01', 'E10000034', 'planning');
INSERT INTO care.adjustment_reason (reason, description) VALUES ('own', 'A reason of our own');
SELECT care.record_scheme('own', 'A scheme of our own', 'draft', '2016-10-01', 'weekly_charge', 'planning', 18, 'exceed');
SELECT care.record_parameter('own', p.name, p.valid_from, p.amount, 'planning', scales_accrued => p.scales)
FROM (VALUES ('cap', date '2016-10-01', 40000, true), ('cap', '2018-04-01', 42000, true), ('cap', '2019-10-01', 41000, false),
             ('daily_living_cost', '2016-10-01', 210, NULL)) AS p (name, valid_from, amount, scales);
SELECT care.record_parameter('2022', 'cap', '2025-04-01', 88000, 'planning');
SELECT care.record_parameter('2022', 'daily_living_cost', '2023-10-01', 205, 'planning', corrects => true);
SELECT care.record_national_max_rate('2026-01-01', 4.60, 'EFO November 2025', '2025-26', 'planning', corrects => true);
SELECT care.record_national_max_rate('2025-07-01', 4.40, 'EFO March 2025', '2025-26', 'planning', corrects => true);
SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'planning')) FROM care.national_rate_to_confirm AS r;
-- an authority for each capitalisation and day count, some at the maximum
SELECT care.record_interest_policy('E09' || to_char(n, 'FM000000'), '2015-04-01', nullif(1.25 + 0.1 * (n % 5), 1.45), 'policy',
                                   CASE WHEN n > 7 THEN 'act/365f' ELSE 'act/act' END,
                                   (ARRAY['daily', 'weekly', 'monthly', 'quarterly', 'half_yearly', 'yearly', 'none'])[1 + n % 7])
FROM generate_series(1, 14) AS n;
SELECT care.record_fee_tariff('E09' || to_char(n, 'FM000000'), f.basis, '2015-04-01', f.basis, f.amount, 'charges')
FROM generate_series(1, 14) AS n,
     (VALUES ('one_off', 450), ('yearly', 60), ('weekly', 1.25), ('per_event', 35.55), ('at_cost', NULL)) AS f (basis, amount);
SELECT care.record_interest_policy('E09000001', '2019-01-01', 0.90, 'policy', 'act/act', 'weekly');
SELECT care.record_interest_policy('E09000001', '2019-01-01', 0.80, 'policy', 'act/act', 'weekly', corrects => true);
SELECT care.record_setting('E09000001', s.name, s.value, '2015-04-01')
FROM (VALUES ('statement_month', '4'), ('show_projection', 'always'), ('four_eyes', 'on'), ('trigger_base', 'equity_limit'),
             ('interest_after_death', 'waived_if_repaid'), ('charge_release_days', '14')) AS s (name, value);
INSERT INTO care.statement_text (authority, subject, name, valid_from, shown_when, body)
SELECT 'E09000001', s.subject, r.shown_when, '2015-04-01', r.shown_when, 'Take advice.'
FROM unnest(ARRAY['account', 'agreement']) AS s (subject),
     unnest(ARRAY['always', 'projection_shown', 'cap_reached', 'care_home', 'never']) AS r (shown_when);

-- Accounts ----------------------------------------------------------------------------------------

CREATE TEMP TABLE new_account AS
SELECT n, 'A' || n AS reference, 'P' || n AS person,
       CASE WHEN n % 10 = 9 THEN 'E10000999' ELSE 'E09' || to_char(1 + n % 14, 'FM000000') END AS authority,
       CASE WHEN n % 40 = 0 THEN date '1993-01-01' ELSE date '1925-01-01' END + pg_temp.draw(n || '/born', 2000) AS date_of_birth,
       s.scheme, s.starts_on + pg_temp.draw(n || '/from', 400) AS counts_from, n % 10 = 0 AS by_function
FROM generate_series(1, :accounts) AS n
    JOIN LATERAL (SELECT x.scheme, x.starts_on FROM care.charging_scheme AS x
                  WHERE x.scheme = (ARRAY['own', '2015', '2022'])[1 + n / 40 % 3]) AS s ON true;
ANALYZE new_account;
INSERT INTO care.person (authority, reference) SELECT x.authority, x.person FROM new_account AS x WHERE NOT x.by_function ORDER BY x.n;
ANALYZE care.person;
INSERT INTO care.person_detail (person_id, date_of_birth)
SELECT p.person_id, x.date_of_birth FROM new_account AS x JOIN care.person AS p ON p.reference = x.person WHERE NOT x.by_function ORDER BY 1;
ANALYZE care.person_detail;
INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
SELECT p.person_id, x.counts_from, x.authority, x.reference, x.scheme
FROM new_account AS x JOIN care.person AS p ON p.reference = x.person WHERE NOT x.by_function ORDER BY 1;
ANALYZE care.account;
SELECT care.open_account(x.authority, x.reference, x.person, x.date_of_birth, x.scheme, x.counts_from, x.counts_from - 30)
FROM new_account AS x WHERE x.by_function ORDER BY x.n;
ANALYZE care.person, care.person_detail, care.account;

CREATE TEMP TABLE numbered AS
SELECT x.n, x.person, a.account_id, a.authority, a.counting_from FROM new_account AS x JOIN care.account AS a ON a.reference = x.reference;
ALTER TABLE numbered ADD PRIMARY KEY (n);
ANALYZE numbered;

-- Up to three budgets of each; large ones reach the cap.
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge)
SELECT x.account_id, x.counting_from + 200 * b, k.kind, (ARRAY['community', 'care_home'])[1 + (x.n / 2 + b) % 2],
       w.cost, CASE WHEN k.kind = 'personal_budget' THEN round(w.cost * 0.8, 2) END
FROM numbered AS x, generate_series(0, 2) AS b,
     LATERAL (SELECT (ARRAY['personal_budget', 'independent_personal_budget'])[1 + (x.n + b) % 2] AS kind) AS k,
     LATERAL (SELECT CASE WHEN x.n % 40 = 21 THEN 2500 ELSE 100 END + 0.01 * pg_temp.draw(x.n || '/cost/' || b, 90000) AS cost) AS w
WHERE x.n % 10 <> 0 AND b <= x.n % 3
ORDER BY 1, 2;
SELECT care.record_budget(x.account_id, x.counting_from, 'personal_budget', 'care_home', 800.50, 640.25, 'plan ' || x.n)
FROM numbered AS x WHERE x.n % 10 = 0 ORDER BY x.n;
ANALYZE care.budget;

-- What happens to them.
SELECT care.record_budget(b.account_id, b.valid_from, 'independent_personal_budget', 'community', 333.33, supersedes => b.budget_id)
FROM numbered AS x JOIN care.budget AS b ON b.account_id = x.account_id AND b.valid_from = x.counting_from WHERE x.n % 40 = 1;
SELECT care.end_budget(x.account_id, x.counting_from + 700, 'moved away') FROM numbered AS x WHERE x.n % 40 = 2;
-- in an authority with four eyes some of these wait
SELECT care.record_adjustment(x.account_id, x.counting_from + 10, 100 + pg_temp.draw(x.n || '/adjusted', 9000), 'own', 'Head of finance', 'file ' || x.n)
FROM numbered AS x WHERE x.n % 8 = 3 OR x.authority = 'E09000001';
SELECT care.record_adjustment(j.account_id, j.effective_on, 0, 'withdrawn', 'Head of finance', supersedes => j.adjustment_id)
FROM care.adjustment AS j WHERE j.account_id % 3 = 0 AND NOT j.needs_approval;
INSERT INTO care.adjustment_approval (account_id, adjustment_id, recorded_by)
SELECT j.account_id, j.adjustment_id, 'somebody else' FROM care.adjustment AS j WHERE j.needs_approval AND j.adjustment_id % 2 = 0;
SELECT care.record_event(x.account_id, x.counting_from + 90, (ARRAY['cap_notice_given', 'authority_meets_needs', 'early_assessment', 'statement_requested'])[x.n % 40 - 3],
                         'event of ' || x.n)
FROM numbered AS x WHERE x.n % 40 BETWEEN 4 AND 7;
SELECT care.suspend_statements(x.account_id, x.counting_from + 300, x.counting_from + 500, 'in hospital') FROM numbered AS x WHERE x.n % 40 IN (8, 9);
SELECT care.suspend_statements(s.account_id, s.from_day, s.to_day - 100, 'home again', s.suspension_id)
FROM care.statement_suspension AS s JOIN numbered AS x ON x.account_id = s.account_id WHERE x.n % 40 = 9;
SELECT care.record_consent(x.person, (ARRAY['email', 'online', 'email'])[x.n % 40 - 10], x.counting_from, 'form ' || x.n, x.authority) FROM numbered AS x WHERE x.n % 40 BETWEEN 11 AND 13;
SELECT care.record_consent(x.person, 'post', x.counting_from + 60, NULL, x.authority) FROM numbered AS x WHERE x.n % 40 = 13;
SELECT care.record_death(x.person, x.counting_from + 650, x.counting_from + 660, x.authority) FROM numbered AS x WHERE x.n % 40 IN (14, 15, 17, 19);
SELECT care.record_death(x.person, NULL, x.counting_from + 661, x.authority) FROM numbered AS x WHERE x.n % 40 = 15;
SELECT care.record_person(x.authority, x.person, nhs_number => '9434765919', nhs_number_status => '01', nhs_number_traced_on => '2024-02-29') FROM numbered AS x WHERE x.n % 40 = 16;
-- and what was recorded of them in error
SELECT care.correct_counting(x.account_id, x.counting_from - 5, 'form ' || x.n) FROM numbered AS x WHERE x.n % 40 IN (18, 22);
SELECT care.correct_counting(c.account_id, c.counts_from + 1, 'read again', supersedes => c.correction_id)
FROM care.counting_correction AS c JOIN numbered AS x ON x.account_id = c.account_id WHERE x.n % 40 = 22;
SELECT care.withdraw_event(e.account_id, e.event_id, 'of another account')
FROM (SELECT x.account_id, care.record_event(x.account_id, x.counting_from + 30, 'statement_requested') AS event_id FROM numbered AS x WHERE x.n % 40 = 23 OFFSET 0) AS e;
SELECT care.withdraw_consent(c.person, c.consent_id, 'of another person', c.authority)
FROM (SELECT x.person, x.authority, care.record_consent(x.person, 'email', x.counting_from, NULL, x.authority) AS consent_id FROM numbered AS x WHERE x.n % 40 = 24 OFFSET 0) AS c;
SELECT care.withdraw_details(d.person, '{nhs_number}', 'of another person', d.authority)
FROM (SELECT x.person, x.authority, care.record_person(x.authority, x.person, nhs_number => '9876543210') FROM numbered AS x WHERE x.n % 40 = 25 OFFSET 0) AS d;
SELECT care.record_person(x.authority, x.person, '1931-05-05', x.counting_from - 60) FROM numbered AS x WHERE x.n % 40 = 17;

-- Statements: of a run, on request, and of a run with corrections of what the one before said.
CALL care.issue_due_statements('2024-12-31', batch_size => 500);
SELECT care.issue_statement(x.account_id, '2025-02-01') FROM numbered AS x WHERE x.n % 40 = 18;
SELECT care.record_adjustment(x.account_id, x.counting_from + 20, 12.34, 'error_corrected', 'Head of finance') FROM numbered AS x WHERE x.n % 40 = 19;
SELECT care.record_parameter('own', 'cap', '2019-10-01', 41500, 'planning', scales_accrued => false, corrects => true);
CALL care.issue_due_statements('2025-12-31', batch_size => 500);

-- Agreements --------------------------------------------------------------------------------------

CREATE TEMP TABLE stage AS
SELECT n, n % 16 AS kind, care.apply_for_agreement(
           'E09' || to_char(1 + n % 14, 'FM000000'), 'D' || n, 'Q' || n,
           date '2017-01-02' + pg_temp.draw(n || '/applied', 350), date '1930-01-01' + pg_temp.draw(n || '/owner', 18000),
           CASE n % 16 WHEN 15 THEN 'loan' ELSE 'traditional' END, CASE n % 4 WHEN 1 THEN 'until_sale' ELSE 'lifetime' END,
           n % 5 = 0, CASE n % 3 WHEN 0 THEN 'empty' END, CASE WHEN n % 32 = 6 THEN date '9999-12-31' END) AS id
FROM generate_series(1, :agreements) AS n;
ALTER TABLE stage ADD PRIMARY KEY (n);
ALTER TABLE stage ADD day date, ADD authority text;
UPDATE stage SET day = a.applied_on, authority = a.authority FROM care.agreement AS a WHERE a.agreement_id = stage.id;
ANALYZE stage, care.agreement, care.person;
SELECT care.decide_application(id, day + 1, CASE kind WHEN 1 THEN 'refused' ELSE 'offered' END, kind % 2 = 0, 'because') FROM stage WHERE kind > 0;
SELECT care.notify_rate(id, day + 2, 1.45) FROM stage WHERE kind > 2;
SELECT care.sign_agreement(id, day + 3) FROM stage WHERE kind > 2;
SELECT care.record_valuation(id, day + 3, 150000 + pg_temp.draw(n || '/value', 200000), 1 - 0.25 * (n / 16 % 3), 1000 * (n % 2), NULL,
                             (ARRAY['professional', 'desktop', 'estimate', 'sale_price'])[1 + n % 4], 'Valuers')
FROM stage WHERE kind > 2;
SELECT care.secure_agreement(id, day + 4, (ARRAY['legal_charge', 'undertaking', 'other'])[1 + n % 3], CASE WHEN n % 9 > 0 THEN 1 + n % 2 END, 'T' || n, CASE n % 3 WHEN 1 THEN 'by the solicitor' END)
FROM stage WHERE kind > 3;
SELECT care.record_charge(id, day + 4, 'one_off') FROM stage WHERE kind > 4;
-- fees by the week, and debt brought in
SELECT care.record_deferral(id, day + 7, 500 + pg_temp.draw(n || '/fees', 400), 144, 144, 10, 20) FROM stage WHERE kind IN (5, 6, 7);
SELECT care.bring_in_debt(id, day + 4, 1000 + pg_temp.draw(n || '/debt', 9000), 'before') FROM stage WHERE kind > 7;
SELECT care.bring_in_debt(id, day + 11, 40, 'found late', 'it was overlooked', 'head of service') FROM stage WHERE kind = 11;
SELECT care.defer(id, day + 7 * w, 'care_fees', 535) FROM stage, generate_series(2, 9) AS w WHERE kind > 7;
CALL care.post_due_deferrals('2018-03-31', batch_size => 100);
SELECT care.record_deferral(id, day + 7, 690, 144, 144, supersedes => (SELECT max(d.deferral_id) FROM care.deferral AS d WHERE d.agreement_id = id))
FROM stage WHERE kind = 5 AND n % 3 = 0;
SELECT care.record_valuation(id, '2018-05-01', 20000, 0.5, 0, 'fell into the sea') FROM stage WHERE kind = 5;
SELECT care.stop_deferring(id, '2018-05-07', 'income is enough') FROM stage WHERE kind IN (6, 7);
SELECT care.resume_deferring(id, '2018-06-04', 'income fell') FROM stage WHERE kind = 7;
-- interest that starts late, another security, and steps that were recorded in error
SELECT care.begin_interest(id, '2018-05-07', 'deferring stopped') FROM stage WHERE n % 32 = 6;
SELECT care.change_security(id, '2018-06-04', 'legal_charge', 1, NULL, 'registered') FROM stage WHERE kind = 7;
SELECT care.withdraw_step(e.id, e.event_id, 'of another agreement')
FROM (SELECT id, care.record_agreement_event(id, '2018-06-11', 'reviewed') AS event_id FROM stage WHERE kind = 7 OFFSET 0) AS e;
SELECT care.correct_step(e.id, e.event_id, '2018-06-12', 'read again')
FROM (SELECT id, care.record_agreement_event(id, '2018-06-21', 'reviewed') AS event_id FROM stage WHERE kind = 6 OFFSET 0) AS e;
CALL care.post_due_deferrals('2018-06-30', batch_size => 100);
SELECT care.record_agreement_event(id, '2019-05-02', (ARRAY['reviewed', 'statement_requested'])[1 + n / 16 % 2]) FROM stage WHERE kind = 5;
-- interest and charges paid separately, and deferred again
SELECT care.pay_interest_separately(id, '2019-07-01'), care.pay_charges_separately(id, '2019-07-01') FROM stage WHERE kind = 14;
SELECT care.record_charge(id, '2019-08-01', 'per_event'), care.invoice_interest(id, '2019-12-31') FROM stage WHERE kind = 14;
SELECT care.pay_interest_separately(id, '2020-01-01', false), care.pay_charges_separately(id, '2020-01-01', false) FROM stage WHERE kind = 14;
-- charges by the tariff; payments, one reversed, one too much and refunded
SELECT care.record_charge(id, day + 60, t.tariff, t.quantity, t.cost, 'invoice')
FROM stage, (VALUES ('yearly', 1, NULL), ('weekly', 3, NULL), ('per_event', 2, NULL), ('at_cost', 1, 85.50)) AS t (tariff, quantity, cost)
WHERE kind = 15;
SELECT care.record_payment(id, day + 100, 100 + pg_temp.draw(n || '/paid', 400), 'by cheque') FROM stage WHERE kind > 7;
SELECT care.reverse_entry(id, (SELECT max(e.entry_id) FROM care.agreement_entry AS e WHERE e.agreement_id = id), 'cheque returned') FROM stage WHERE kind = 15;
SELECT care.record_payment(id, '2019-09-02', care.redemption_figure(id, '2019-09-02') + 50, take_credit => true) FROM stage WHERE kind IN (11, 13);
SELECT care.record_refund(id, '2019-09-10', 20) FROM stage WHERE kind = 13;
-- a remedy, and a charge that is waived
SELECT care.record_credit(id, '2019-06-03', 25, 'remedy', 'head of service') FROM stage WHERE kind = 14;
SELECT care.record_credit(id, day + 90, 35.55, 'not our visit', 'head of service', 'waiver') FROM stage WHERE kind = 15;
-- the ends, one with the interest since the death waived
SELECT care.record_death('Q' || n, '2019-08-01', '2019-08-02', authority) FROM stage WHERE kind IN (9, 12);
SELECT care.record_payment(id, '2019-08-20', care.redemption_figure(id, '2019-08-20')) FROM stage WHERE kind = 12 AND authority = 'E09000001';
SELECT care.record_judgment(id, '2019-09-02', 'case ' || n) FROM stage WHERE kind = 8;
SELECT care.write_off(id, '2019-09-02', CASE kind WHEN 9 THEN 'not_attempted' ELSE 'attempted' END, 'nothing left', 'head of service') FROM stage WHERE kind IN (9, 10);
SELECT care.end_agreement(id, '2019-09-03', CASE kind WHEN 12 THEN 'died' ELSE 'repaid' END) FROM stage WHERE kind IN (12, 13);
SELECT care.release_charge(id, '2019-09-30') FROM stage WHERE kind = 13;
-- statements of a run, on request, and with entries backdated
CALL care.issue_due_agreement_statements('2019-12-31', batch_size => 100);
SELECT care.record_payment(id, '2019-10-01', 50, 'backdated') FROM stage WHERE kind = 5;
SELECT care.issue_agreement_statement(id, '2020-03-01') FROM stage WHERE kind IN (5, 14);
CALL care.issue_due_agreement_statements('2020-12-31', batch_size => 100);

-- why checks of the return are not met; most such reasons were recorded elsewhere, before
SELECT care.record_dpa_explanation(a.authority, '2018-03-31', k.rule, 'the registry is asked')
FROM (SELECT DISTINCT authority FROM stage) AS a, care.dpa_check(a.authority, '2018-03-31') AS k WHERE k.breach;
INSERT INTO care.dpa_explanation (authority, year_ending, rule, reason)
SELECT 'E09000001', '2017-03-31', r.rule, 'agreements are missing' FROM unnest('{3a,3b,3c,5}'::text[]) AS r (rule);

-- What was sent -----------------------------------------------------------------------------------

-- certificates of the cap, some replaced
SELECT care.certify_cap(a.account_id, '2025-12-31') FROM care.account AS a WHERE a.cap_on <= '2025-12-31';
SELECT care.record_adjustment(c.account_id, c.cap_reached_on, -c.cap / 10, 'error_corrected', 'Head of finance')
FROM care.cap_certificate AS c WHERE c.account_id % 4 = 1 AND c.cap > 0;
SELECT care.certify_cap(d.account_id, '2025-12-31') FROM care.cap_certificate_due AS d WHERE d.certified_on IS NOT NULL AND d.cap_reached_on IS NULL;
-- letters by every way, some of them not sent after all
SELECT care.record_consent('Q' || n, (ARRAY['email', 'online'])[1 + n / 16 % 2], day, 'form', authority) FROM stage WHERE kind = 5;
SELECT CASE s.class WHEN 'account' THEN care.record_sent(s.record_id, s.statement_id, s.channel, s.issued_on, sha256('letter'))
                    ELSE care.record_agreement_sent(s.record_id, s.statement_id, s.channel, s.issued_on) END
FROM care.statement_to_send AS s WHERE s.record_id % 2 = 0 OR s.channel <> 'post';
SELECT care.record_sent(x.account_id, x.statement_id, 'post', NULL, supersedes => x.sent_id) FROM care.statement_sent AS x WHERE x.account_id % 8 = 0;

-- Spreadsheets brought in ------------------------------------------------------------------------

-- one that was loaded, and one of every sheet that waits
CREATE FUNCTION pg_temp.bring_in(batch bigint, sheet text, columns jsonb, dates text, VARIADIC lines text[]) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO care.import_line (line) SELECT l.line FROM unnest(lines) WITH ORDINALITY AS l (line, n) ORDER BY l.n;
    RETURN care.import_sheet(batch, sheet, columns, dates);
END
$$;
SELECT care.import_begin('E09000001', 'accounts') AS loaded, care.import_begin('E09000001', 'ledger') AS waiting \gset
SELECT pg_temp.bring_in(b.batch, 'accounts', '{"account": "A", "person": "P", "scheme": "=2022", "counts_from": "=2023-10-01"}', b.dates, 'A,P', b.reference || ',' || b.reference)
FROM (VALUES (:loaded, NULL, 'imported'), (:waiting, 'dmy', 'waiting')) AS b (batch, dates, reference);
SELECT care.import_load(:loaded);
SELECT pg_temp.bring_in(:waiting, 'budgets', '{"account": "A", "valid_from": "D", "kind": "=ended", "weekly_cost": "=0"}', 'mdy', 'A,D', 'waiting,03/04/2024'),
       pg_temp.bring_in(:waiting, 'agreements', '{"agreement": "A", "person": "P", "signed_on": "=2024-01-01", "secured_on": "=2024-01-01"}', NULL, 'A,P', 'waiting,waiting', 'Total,'),
       pg_temp.bring_in(:waiting, 'entries', '{"agreement": "A", "on_day": "=2024-02-01", "kind": "=care_fees", "amount": "F"}', NULL, 'A,F', 'waiting,500', 'waiting,1,000'),
       pg_temp.bring_in(:waiting, 'valuations', '{"agreement": "A", "valued_on": "=2024-01-01", "amount": "V"}', NULL, 'A,V', 'waiting,165000');
INSERT INTO care.import_line (line) VALUES ('not taken');
-- Moves between authorities -----------------------------------------------------------------------

CREATE TEMP TABLE mover AS
SELECT x.account_id, x.authority, x.person, x.counting_from + 250 AS moves_on, row_number() OVER (ORDER BY x.n) AS n FROM numbered AS x WHERE x.n % 40 = 27 ORDER BY x.n LIMIT 5;
SELECT care.record_move(x.authority, 'M' || x.n, x.person, (ARRAY['37(1)', '37(2)', '37(3)'])[1 + x.n % 3], x.authority, 'E08000035', x.moves_on - 40, 'the person', x.moves_on, x.n % 2 = 0) FROM mover AS x;
SELECT care.record_move_step(m.move_id, k.kind, m.planned_on, 'noted')
FROM care.move AS m, unnest('{informed,not_satisfied,satisfied_told,documents_sent,documents_received,contact,assessed,explained,moved,cancelled}'::text[]) AS k (kind) WHERE m.reference = 'M1';
SELECT care.record_move_step(s.move_id, NULL, s.on_day, 'of another person', s.step_id) FROM care.move_step AS s WHERE s.kind = 'cancelled';
SELECT care.record_move_difference(m.move_id, 'bathing', 'daily', 'weekly', m.planned_on), care.record_recovery_claim(m.move_id, m.planned_on, m.planned_on + 6, 350, 'residence had not changed')
FROM care.move AS m WHERE m.reference IN ('M1', 'M2');
CREATE TEMP TABLE post AS
SELECT x.n, x.account_id, care.transfer_out(x.account_id, 'E08000035', x.moves_on, CASE WHEN x.n <> 4 THEN (ARRAY['37(1)', '37(2)', '37(3)'])[1 + x.n % 3] END,
                              (ARRAY['move', 'release', 'prison_move', 'merger', 'request'])[x.n]) AS document FROM mover AS x;
SELECT care.transfer_receive(p.document, 'E08000035') FROM post AS p WHERE p.n <> 1;
SELECT care.transfer_receive('not a document', 'E08000035');
SELECT care.transfer_acknowledge(care.transfer_acknowledgement(care.transfer_in(p.document))) FROM post AS p WHERE p.n <> 5;
SELECT care.transfer_cancel(p.account_id, 'they did not move') FROM post AS p WHERE p.n IN (2, 5);

-- How long it is kept -----------------------------------------------------------------------------

SELECT care.record_event(account_id, '2021-01-01', 'no_longer_required') FROM care.account WHERE account_id % 50 = 3;
SELECT care.record_event(account_id, '2022-01-01', 'required_again') FROM care.account WHERE account_id % 100 = 3;
SELECT care.record_person('E09000002', 'alone ' || n) FROM generate_series(1, 8) AS n;
SELECT care.record_retention_schedule('E09000002', c.class, '2016-01-01', c.event, c.period, 'policy', c.action)
FROM (VALUES ('account', 'death_known', interval '1 year', 'dispose'), ('account_statement', 'last_updated', '6 years', 'review'),
             ('account_event', 'last_updated', '6 years', 'review'), ('agreement_statement', 'last_updated', '6 years', 'review'),
             ('agreement_event', 'last_updated', '6 years', 'review'), ('person', 'last_updated', '0', 'transfer')) AS c (class, event, period, action);
SELECT care.record_retention_schedule(a.authority, 'agreement', '2016-01-01', 'closed', '6 years', 'policy')
FROM care.agreement AS a GROUP BY a.authority;
-- of each class one that is kept, some that go, some that wait, some that are held
CREATE TEMP TABLE due AS
SELECT d.class, d.record_id, row_number() OVER (PARTITION BY d.class ORDER BY d.record_id) AS n
FROM care.disposal_due(care.today()) AS d WHERE d.authority NOT IN ('E09000001', 'E10000999');
-- who looked, for every reason there is
SELECT care.log_read('person', (SELECT min(person_id) FROM care.person), 'the court asked', o.operation, 'the court')
FROM unnest('{collection,alteration,consultation,disclosure,combination,erasure}'::text[]) AS o (operation);

SELECT care.place_hold(class, array_agg(record_id), 'an inquiry', 'a solicitor') FROM due WHERE n IN (3, 6) GROUP BY class;
SELECT care.place_hold_on_authority('E10000999', 'an inquiry', 'a solicitor');
SELECT care.release_hold(h.hold_id, 'a solicitor', 'closed', h.record_id) FROM care.active_hold AS h JOIN due AS d USING (class, record_id) WHERE d.n = 6;
SELECT care.review_disposal(class, record_id, CASE n WHEN 1 THEN 'keep' ELSE 'dispose' END, 'an archivist') FROM due WHERE n IN (1, 2, 4);
CALL care.dispose_due(care.today());
SELECT care.review_disposal(class, record_id, CASE n WHEN 5 THEN 'transfer' ELSE 'dispose' END, 'an archivist') FROM due WHERE n IN (5, 6);

-- Online, of people who are alive and whose records are not due: who is who, who acts for whom, what was sent in and
-- decided; who asked for what is kept, and what was handed over; what was logged, and let go.
CREATE TEMP TABLE online AS
SELECT p.person_id, p.reference, p.authority, row_number() OVER (ORDER BY p.person_id DESC) AS n FROM care.person AS p
WHERE NOT EXISTS (SELECT FROM care.death AS d WHERE d.person_id = p.person_id) AND NOT EXISTS (SELECT FROM due AS d WHERE (d.class, d.record_id) = ('person', p.person_id))
ORDER BY p.person_id DESC LIMIT 7;
SELECT care.link_subject(o.reference, 'subject-' || o.n, 'passport seen', '2024-01-01', authority => o.authority) FROM online AS o;
SELECT care.record_delegation(o.reference, 'delegate', c.capacity, '{account,statements,agreement,submissions}', '2024-01-01', evidence => 'seen', authority => o.authority)
FROM online AS o JOIN unnest('{carer,advocate,attorney,deputy,appointee,executor}'::text[]) WITH ORDINALITY AS c (capacity, n) ON c.n = o.n;
SELECT care.record_objection(o.reference, 'direct_care', 'not my GP', '2024-01-01', authority => o.authority) FROM online AS o WHERE o.n = 7;
SELECT care.log_read('person', o.person_id, 'asked', purpose => u.purpose)
FROM online AS o, unnest('{direct_care,safeguarding,continuity,discharge,statutory_return,subject,legal,research}'::text[]) AS u (purpose) WHERE o.n = 1;
SELECT care.request_disclosure(o.reference, 'University', 'accounts', 'research', authority => o.authority) FROM online AS o WHERE o.n = 1;
SELECT care.decide_disclosure((care.request_disclosure(o.reference, 'GP', 'plan', 'direct_care', authority => o.authority)).request_id, 'PERMIT', 'in danger') FROM online AS o WHERE o.n = 7;
SELECT care.record_disclosure((care.request_disclosure(o.reference, 'GP', 'plan', 'safeguarding', authority => o.authority)).request_id, sha256('plan'), 'GP', 'secure mail', true, u.basis)
FROM online AS o, unnest('{consent,direct_care,legal_duty,public_interest,best_interests,anonymised}'::text[]) AS u (basis) WHERE o.n = 2;
SELECT set_config('request.jwt.claims', '{"sub": "subject-1"}', false);
CREATE TEMP TABLE sent AS
SELECT d.decision, care_api.submit('contact', jsonb_build_object('schema', 'care_account/contact', 'version', '1.0', 'note', d.decision)) AS submission
FROM unnest('{accepted,partly,refused,withdrawn}'::text[]) AS d (decision);
SELECT care_api.withdraw(s.submission) FROM sent AS s WHERE s.decision = 'withdrawn';
SELECT set_config('request.jwt.claims', jsonb_build_object('sub', 'staff', 'authority', o.authority)::text, false) FROM online AS o WHERE o.n = 1;
SELECT care_api.accept_submission(s.submission, s.decision, 'as it was') FROM sent AS s WHERE s.decision <> 'withdrawn';
SELECT set_config('request.jwt.claims', '', false);
INSERT INTO care.access_log (operation, class, record_id, person_id, authority, reason, refused, recorded_at)
SELECT 'consultation', 'person', o.person_id, o.person_id, o.authority, 'long ago', false, '2020-01-01' FROM online AS o WHERE o.n = 3;
SELECT care.dispose_access_log();

-- What there is -----------------------------------------------------------------------------------

ANALYZE;
CREATE TEMP TABLE missing (what text);

-- Every table has rows, and those that come with rows have some of our own.
DO $$
DECLARE
    a_table record;
    found boolean;
BEGIN
    FOR a_table IN SELECT c.oid::regclass AS name,
                          EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attname = 'shipped') AS ships
                   FROM pg_class AS c WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
                     AND c.relkind = 'r' AND c.relname NOT IN ('disposal_permit', 'check_function', 'adoption', 'alias_source') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s %s)', a_table.name, CASE WHEN a_table.ships THEN 'WHERE NOT shipped' END) INTO found;
        INSERT INTO missing SELECT a_table.name || ': no rows' WHERE NOT found;
    END LOOP;
END
$$;

-- Every word that a column may hold, as its constraint lists them.
DO $$
DECLARE
    word record;
    found boolean;
BEGIN
    FOR word IN
        SELECT c.conrelid::regclass AS name, a.attname, m.match[1] AS value
        FROM pg_constraint AS c
            JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1],
            LATERAL pg_get_constraintdef(c.oid) AS d (definition),
            LATERAL regexp_matches(d.definition, '''([^'']*)''::text', 'g') AS m (match)
        WHERE c.connamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.contype = 'c' AND cardinality(c.conkey) = 1
          AND a.attrelid <> 'care_internal.disposal_permit'::regclass
          AND d.definition ~ '^CHECK \(\(\w+ = ANY \(ARRAY\[' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I = %L)', word.name, word.attname, word.value) INTO found;
        INSERT INTO missing SELECT format('%s: no %s %L', word.name, word.attname, word.value) WHERE NOT found;
    END LOOP;
END
$$;

INSERT INTO missing
SELECT 'agreements: none ' || k.state
FROM (SELECT unnest('{applied,offered,refused,signed,secured,"deferring stopped",ended,"in recovery by the court",repaid,"written off","charge released"}'::text[])
      EXCEPT SELECT s.state FROM care.agreement_state('2026-01-01') AS s) AS k (state);
INSERT INTO missing
SELECT k.what || ': none'
FROM (VALUES
    ('accounts of every scheme', (SELECT count(DISTINCT a.scheme) FROM care.account AS a) = (SELECT count(*) FROM care.charging_scheme AS s WHERE s.scheme <> 'deferred_payment')),
    ('accounts with the cap reached', EXISTS (SELECT FROM care.account_position('2025-12-31') AS p WHERE p.cap_reached_on IS NOT NULL AND p.cap > 0)),
    ('accounts with a cap of nought', EXISTS (SELECT FROM care.account_position('2025-12-31') AS p WHERE p.cap = 0)),
    ('budgets corrected', EXISTS (SELECT FROM care.budget AS b WHERE b.supersedes IS NOT NULL)),
    ('adjustments withdrawn', EXISTS (SELECT FROM care.adjustment AS j WHERE j.supersedes IS NOT NULL AND j.amount = 0)),
    ('adjustments waiting', EXISTS (SELECT FROM care.adjustment AS j WHERE j.needs_approval AND NOT EXISTS (
                                        SELECT FROM care.adjustment_approval AS p WHERE p.account_id = j.account_id AND p.adjustment_id = j.adjustment_id))),
    ('first days corrected', EXISTS (SELECT FROM care.counting_correction AS c WHERE c.supersedes IS NOT NULL)),
    ('events withdrawn', EXISTS (SELECT FROM care.account_event AS e WHERE e.kind IS NULL)),
    ('consents withdrawn', EXISTS (SELECT FROM care.channel_consent AS c WHERE c.channel IS NULL)),
    ('details withdrawn', EXISTS (SELECT FROM care.person_detail AS d WHERE d.withdraws IS NOT NULL)),
    ('suspensions corrected', EXISTS (SELECT FROM care.statement_suspension AS s WHERE s.supersedes IS NOT NULL)),
    ('deaths undone', EXISTS (SELECT FROM care.death AS d WHERE d.died_on IS NULL)),
    ('statements on request', EXISTS (SELECT FROM care.issued_statement AS s WHERE s.due_on IS NULL)),
    ('statements of a run', EXISTS (SELECT FROM care.issued_statement AS s WHERE s.due_on IS NOT NULL)),
    ('statements with a correction', EXISTS (SELECT FROM care.statement_line AS l WHERE l.what = 'correction of the last statement')),
    ('weekly amounts corrected', EXISTS (SELECT FROM care.deferral AS d WHERE d.supersedes IS NOT NULL)),
    ('weeks that could not be deferred', EXISTS (SELECT FROM care.deferral_shortfall)),
    ('debt brought in by an override', EXISTS (SELECT FROM care.debt_override)),
    ('interest waived with a payment', EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.comes_with IS NOT NULL)),
    ('steps corrected', EXISTS (SELECT FROM care.agreement_event AS e WHERE e.supersedes IS NOT NULL AND e.kind <> 'withdrawn')),
    ('reversals', EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.reverses IS NOT NULL)),
    ('credits refunded', EXISTS (SELECT FROM care.agreement_entry AS c WHERE c.kind = 'refund')),
    ('agreement statements on request', EXISTS (SELECT FROM care.issued_agreement_statement AS s WHERE s.due_on IS NULL)),
    ('agreement statements with backdated entries', EXISTS (SELECT FROM care.agreement_statement_line AS l WHERE l.what LIKE 'backdated %')),
    ('returns with disclosure control', EXISTS (SELECT FROM care.dpa_return_disclosed(NULL, '2020-03-31')))) AS k (what, present)
WHERE NOT k.present;
INSERT INTO missing SELECT format('%s: no six that are due', k.class)
FROM unnest('{account,agreement,person}'::text[]) AS k (class) WHERE (SELECT count(*) FROM due AS d WHERE d.class = k.class) < 6;
INSERT INTO missing SELECT 'verify: ' || v.difference FROM care.verify() AS v;
INSERT INTO missing SELECT 'verify_chain: ' || v.difference FROM care.verify_chain() AS v;
INSERT INTO missing SELECT 'verify_access_log: ' || v.difference FROM care.verify_access_log() AS v;

\o
SELECT what FROM missing ORDER BY what;
DO $$
BEGIN
    IF EXISTS (SELECT FROM missing) THEN
        RAISE EXCEPTION 'not everything is there' USING HINT = 'The list above says what is missing.';
    END IF;
END
$$;
