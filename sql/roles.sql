-- roles: who may do what, as eight roles to be granted to logins.
--
-- Run it with psql in each database that has the extension, as its owner with CREATEROLE or as a superuser,
-- after CREATE EXTENSION and after every update; it may be run again at any time.  It grants to these
-- roles only, and takes nothing from anybody else.
--
--   care_reader     positions, workings, statements, worklists, reports
--   care_historian  all that is recorded, as known at a moment too: audit trail, national return, verification, guard
--   care_writer     an existing system: persons, accounts, budgets, agreements, payments
--   care_approver   the second person for adjustments
--   care_runner     runs of statements and weekly deferrals
--   care_steward    authorities, schemes, national rates, policies, tariffs, settings, texts, retention schedules
--   care_archivist  holds, reviews and disposal
--   care_loader     loads rows in bulk with COPY, beside the functions, and brings in spreadsheets
--
-- Whoever writes does so by functions, which have the owner's rights: but for care_loader, nobody has a right
-- to change a table.  What reads has the caller's rights, so that row security of your own holds for it; the
-- parts of it in care_internal may be executed, and none of them writes.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
DO $do$
DECLARE
    wanted text;
    f regprocedure;
BEGIN
    FOREACH wanted IN ARRAY '{care_reader,care_historian,care_writer,care_approver,care_runner,care_steward,
                              care_archivist,care_loader}'::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
    -- of persons a reader sees no more than the reference and the death, which a redemption figure needs
    FOR wanted IN SELECT c.oid::regclass FROM pg_class AS c
                  WHERE c.relnamespace = 'care'::regnamespace
                    AND c.relkind = ANY ('{r,v}'::"char"[])
                    AND c.relname <> ALL ('{
                        transfer,received_document,import_line,person_detail,person_detail_in_force,
                        adjustment_approval,access_log,audit_trail,published_head,guard_state,retention,
                        legal_hold,
                        legal_hold_release,active_hold,disposal_review,disposal_certificate,
                        online_subject,delegation,submission,submission_decision,
                        access_log_disposed,objection,disclosure_request,disclosure_decision,disclosure,
                        disclosure_to_decide}'::name[]) LOOP
        EXECUTE format('GRANT SELECT ON %s TO care_reader', wanted);
    END LOOP;
    -- what reads, with the caller's rights
    FOR f IN SELECT p.oid FROM pg_proc AS p
             WHERE p.pronamespace = ANY ('{care,care_internal}'::regnamespace[]::oid[])
               AND p.provolatile <> 'v' AND NOT p.prosecdef LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO care_reader', f);
    END LOOP;
    -- nothing is assumed of what PUBLIC may do: a database may have it otherwise by ALTER DEFAULT PRIVILEGES
    FOR wanted IN SELECT t.oid::regtype FROM pg_type AS t
                      LEFT JOIN pg_class AS c ON c.oid = t.typrelid
                  WHERE t.typnamespace = ANY ('{care,care_internal}'::regnamespace[]::oid[])
                    AND t.typcategory <> 'A'
                    AND coalesce(c.relkind, 'c') = 'c' LOOP
        EXECUTE format('GRANT USAGE ON TYPE %s TO care_reader', wanted);
    END LOOP;
END
$do$;
-- figures of one record, volatile so that they see what the statement that asks has recorded
GRANT EXECUTE ON FUNCTION
    care.account_explain, care.cap_projection, care.redemption_figure, care.interest_working, care.equity_limit_on,
    care.equity_projection, care.equity_sensitivity, care.redemption_letter, care.rate_notice
TO care_reader;

GRANT USAGE ON SCHEMA care, care_internal TO care_reader;
GRANT care_reader TO care_historian, care_writer, care_approver, care_runner, care_steward, care_loader;
GRANT care_historian TO care_archivist;

GRANT SELECT ON care_internal.chain, care_internal.batch_run, care_internal.record_class, care_internal.kept_table,
    care_internal.reference_table, care_internal.own_reference,
    care_internal.known_task, care_internal.check_function, care_internal.known_setting TO care_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA care TO care_historian;
-- verify() looks at whatever refers to something
GRANT SELECT ON ALL TABLES IN SCHEMA care_internal TO care_historian;
-- but for what the keys outside are made with
REVOKE SELECT ON care_internal.online_secret FROM care_historian;
-- and whether keys lag
GRANT SELECT ON ALL SEQUENCES IN SCHEMA care, care_internal TO care_historian;

GRANT EXECUTE ON FUNCTION
    care.open_account, care.record_budget, care.end_budget, care.record_adjustment, care.record_event,
    care.correct_counting, care.withdraw_event, care.withdraw_consent, care.withdraw_details,
    care.record_person, care.record_death, care.record_consent, care.suspend_statements, care.issue_statement,
    care.apply_for_agreement, care.decide_application, care.notify_rate, care.sign_agreement, care.secure_agreement,
    care.change_security, care.begin_interest, care.open_agreement, care.record_valuation, care.bring_in_debt,
    care.defer, care.record_charge,
    care.record_payment, care.record_credit, care.record_refund, care.reverse_entry, care.reinstate_entry,
    care.reverse_invoice, care.correct_step, care.withdraw_step, care.record_deferral, care.post_deferral,
    care.stop_deferring, care.resume_deferring, care.end_agreement, care.release_charge, care.record_judgment,
    care.write_off, care.pay_interest_separately, care.pay_charges_separately, care.invoice_interest,
    care.record_agreement_event, care.issue_agreement_statement,
    care.certify_cap, care.record_sent, care.record_agreement_sent,
    care.record_move, care.record_move_step, care.record_move_difference, care.record_recovery_claim,
    care.transfer_draft, care.transfer_out, care.transfer_in, care.transfer_receive, care.transfer_acknowledgement,
    care.transfer_acknowledge, care.transfer_cancel,
    care.link_subject, care.record_delegation,
    care.record_objection, care.request_disclosure, care.decide_disclosure, care.record_disclosure
TO care_writer;

GRANT EXECUTE ON FUNCTION care.approve_adjustment TO care_approver;
-- which adjustments wait
GRANT SELECT ON care.adjustment_approval TO care_approver;

GRANT EXECUTE ON PROCEDURE care.issue_due_statements, care.issue_due_agreement_statements, care.post_due_deferrals,
    care.run_task
TO care_runner;
GRANT EXECUTE ON FUNCTION care_internal.begin_run, care_internal.due_batches, care_internal.run_batch,
    care.run_task_batch, care.issue_due_statements_batch, care.issue_due_agreement_statements_batch,
    care.post_due_deferrals_batch
TO care_runner;
GRANT EXECUTE ON FUNCTION care_internal.end_run TO care_runner, care_archivist;

GRANT EXECUTE ON FUNCTION
    care.record_scheme, care.record_parameter, care.record_national_max_rate,
    care.confirm_national_max_rate, care.record_interest_policy,
    care.record_fee_tariff, care.record_setting, care.record_retention_schedule, care.record_authority,
    care.record_statement_text, care.record_adjustment_reason, care.record_dpa_explanation,
    care.successor,
    care_internal.record_parameter_ahead, care_internal.begin_run, care_internal.due_batches, care_internal.run_batch,
    care_internal.end_run
TO care_steward;
GRANT EXECUTE ON PROCEDURE care.record_parameter_in_batches, care.run_task TO care_steward;

GRANT EXECUTE ON FUNCTION
    care.place_hold, care.place_hold_on_authority, care.release_hold, care.review_disposal, care.dispose,
    care.analyze_retained, care.subject_access, care.dispose_access_log, care_internal.begin_disposal,
    care_internal.dispose_batch
TO care_archivist;
GRANT EXECUTE ON PROCEDURE care.dispose_due TO care_archivist;

-- Loads bring keys if they like, but not when and by whom a row was recorded, nor what follows from the facts: so
-- nothing passes for a row of a dump, which is not held to the rules.
DO $do$
DECLARE
    loaded text;
    columns text;
BEGIN
    FOREACH loaded IN ARRAY '{person,person_detail,death,channel_consent,account,budget,adjustment,account_event,
                              statement_suspension,agreement,agreement_event,valuation,agreement_entry,
                              deferral,import_loaded}'::text[] LOOP
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO columns
        FROM pg_attribute AS a
        WHERE a.attrelid = ('care.' || loaded)::regclass
          AND a.attnum > 0 AND NOT a.attisdropped
          AND a.attname <> ALL ('{recorded_at,recorded_by}'::name[])
          AND coalesce(col_description(a.attrelid, a.attnum), '') NOT LIKE 'Derived:%';
        EXECUTE format('GRANT INSERT (%s) ON care.%I TO care_loader', columns, loaded);
    END LOOP;
END
$do$;
GRANT EXECUTE ON FUNCTION care.make_up_accounts TO care_loader;
-- a spreadsheet: its lines are written, and what is staged of them is read by these functions only
GRANT INSERT (line) ON care.import_line TO care_loader;
GRANT EXECUTE ON FUNCTION
    care.import_begin, care.import_sheet, care.import_check, care.import_compare, care.import_conventions,
    care.import_load, care.import_discard,
    care_internal.require_staged, care_internal.import_agreements, care_internal.import_entries,
    care_internal.import_valuations, care_internal.import_accounts, care_internal.import_budgets,
    care_internal.import_persons, care_internal.import_listed, care_internal.import_candidates,
    care_internal.import_parts, care_internal.import_trial, care_internal.import_try, care_internal.import_part,
    care_internal.import_lines, care_internal.import_put_persons, care_internal.import_put_accounts,
    care_internal.import_put_agreements, care_internal.import_took, care_internal.import_finish
TO care_loader;
GRANT EXECUTE ON FUNCTION care.import_waiting, care.import_about TO care_loader, care_archivist;
-- the default of recorded_at
GRANT EXECUTE ON FUNCTION care_internal.moment TO care_loader;
GRANT UPDATE ON
    care.person_person_id_seq, care.account_account_id_seq, care.budget_budget_id_seq,
    care.adjustment_adjustment_id_seq, care.agreement_agreement_id_seq, care.agreement_entry_entry_id_seq,
    care.deferral_deferral_id_seq
TO care_loader;
COMMIT;
