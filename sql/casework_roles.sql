-- casework_roles: who may do what with care_casework, as roles to be granted to logins, beside those of roles.sql.
--
-- Run it with psql after roles.sql in each database that has care_casework, as its owner with CREATEROLE or as a
-- superuser, after CREATE EXTENSION and after every update; it may be run again at any time.  It grants only, and
-- takes nothing from anybody.
--
--   care_worker         lists and banners; records concerns, enquiries, what adults want; reads one case for a reason
--   care_sg_manager     besides: decides, concludes and reopens; the return of a year
--   care_prison_worker  besides what care_worker may: detentions, moves, releases, restrictions, documents
--   care_prison_secure  pseudonyms, names behind them, offences, victims, security: read for a reason
--   care_analyst        what may be published: small numbers hidden, no person
--   care_auditor        the access log; no casework
--
-- Code lists are care_steward's.  care_historian reads every fact but names and secure facts; grant it to few.
-- What reads has the caller's rights, but for what is published or masked: that has its owner's.  Whose casework a
-- role sees, where several authorities share the database, says casework.record_role_authority().
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

BEGIN;
SET LOCAL search_path = pg_catalog, pg_temp;
DO $do$
DECLARE
    wanted text;
    f regprocedure;
BEGIN
    FOREACH wanted IN ARRAY '{care_worker,care_sg_manager,care_prison_worker,care_prison_secure,care_analyst,
                              care_auditor}'::text[] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            EXECUTE format('CREATE ROLE %I', wanted);
        END IF;
    END LOOP;
    -- what reads by the caller's rights may be executed by all: the rights to its tables decide
    FOR f IN SELECT p.oid FROM pg_proc AS p
             WHERE p.pronamespace = ANY ('{casework,casework_internal}'::regnamespace[]::oid[])
               AND p.provolatile <> 'v' AND NOT p.prosecdef LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO care_worker, care_steward, care_historian', f);
    END LOOP;
END
$do$;
GRANT USAGE ON SCHEMA casework TO care_worker, care_prison_secure, care_analyst, care_auditor, care_steward,
    care_historian;
GRANT USAGE ON SCHEMA casework_internal TO care_worker, care_steward, care_historian;
GRANT care_reader TO care_worker;
GRANT care_worker TO care_sg_manager, care_prison_worker;
GRANT care_prison_worker TO care_prison_secure;

GRANT SELECT ON casework.code, casework.local_code, casework.local_code_in_force, casework.return_spec,
    casework.authority_seen
TO care_worker, care_analyst, care_steward, care_historian;
GRANT SELECT ON casework.role_authority TO care_steward, care_auditor;
GRANT EXECUTE ON FUNCTION casework.record_code, casework.record_local_code, casework.record_establishment_authority,
    casework.record_role_authority
TO care_steward;

-- heads hold keys, codes and days
GRANT SELECT ON casework.incident, casework.concern, casework.enquiry, casework.enquiry_concern, casework.review,
    casework.caused_enquiry_status, casework.caused_enquiry_overridden, casework.cqc_id_to_find,
    casework.evidence_custody, casework.person_shown, casework.profile, casework.handover_unaddressed,
    casework.establishment_authority, casework.objection
TO care_worker;
-- not what they were asked, nor whom to reach: that is in the case file
GRANT SELECT (enquiry_id, caused_id, organisation, asked_on, due_on, supersedes, recorded_at, recorded_by)
ON casework.caused_enquiry TO care_worker;
GRANT EXECUTE ON FUNCTION
    casework.record_incident, casework.raise_concern, casework.correct_concern, casework.record_screening,
    casework.open_enquiry, casework.add_concern, casework.record_enquiry_detail, casework.record_wanted_outcome,
    casework.rate_outcome, casework.record_risk, casework.record_action, casework.cause_enquiry,
    casework.record_caused_status, casework.record_evidence, casework.hand_over_evidence, casework.record_profile,
    casework.record_objection, casework.record_name, casework.case_file, casework.detention_banner,
    casework.arrangement_to_end, casework.encrypted_message, care.log_read
TO care_worker;

-- what the return counts by; what was said and done is read one case at a time, for a reason
GRANT SELECT ON casework.risk, casework.review_subject, casework.detention, care.person_detail TO care_sg_manager;
GRANT SELECT (enquiry_id, conclusion_id, concluded_on, risk_assessment_outcome, local_outcome, risk_outcome, achieved,
              recorded_at, recorded_by)
ON casework.conclusion TO care_sg_manager;
GRANT EXECUTE ON FUNCTION casework.wanted_outcome_kind TO care_sg_manager, care_historian;
GRANT EXECUTE ON FUNCTION
    casework.withdraw_concern, casework.withdraw_enquiry, casework.conclude_enquiry, casework.reopen_enquiry,
    casework.record_review, casework.record_review_subject
TO care_sg_manager;

GRANT SELECT ON casework.restriction, casework.referral, casework.release, casework.arrangement TO care_prison_worker;
GRANT EXECUTE ON FUNCTION
    casework.record_detention, casework.move_detention, casework.record_release, casework.record_restriction,
    casework.record_referral, casework.record_arrangement, casework.hand_over, casework.handover_document
TO care_prison_worker;

GRANT SELECT ON casework.alias, casework.detention TO care_prison_secure;
GRANT EXECUTE ON FUNCTION
    casework.record_alias, casework.record_secure_fact, casework.ask_secret, casework.identity, casework.secret_fact,
    casework.name_written
TO care_prison_secure;
-- rows of these are nobody's to read: no policy shows one
GRANT USAGE ON SCHEMA casework_secure TO care_worker, care_historian;
GRANT SELECT ON casework_secure.name, casework_secure.fact TO care_worker;
GRANT SELECT ON casework_secure.secret TO care_historian;

GRANT SELECT ON casework.institutional_risk TO care_analyst, care_sg_manager;
GRANT EXECUTE ON FUNCTION
    casework.sac_published, casework.wanted_outcome_published, casework.wanted_phrase, casework.published_number
TO care_analyst, care_sg_manager;

GRANT SELECT ON ALL TABLES IN SCHEMA casework TO care_historian;
GRANT SELECT ON ALL SEQUENCES IN SCHEMA casework TO care_historian;

GRANT USAGE ON SCHEMA care, care_internal TO care_auditor;
GRANT SELECT ON care.access_log, care.access_log_disposed, care.local_authority TO care_auditor;
GRANT EXECUTE ON FUNCTION
    care.verify_access_log, care.access_log_digest, care_internal.access_log_link, care_internal.canonical,
    care_internal.chain_link
TO care_auditor;
GRANT EXECUTE ON FUNCTION care_internal.chained(bytea), care_internal.require_authority,
    care_internal.require_authority_or_all TO care_auditor;

-- hospital notices, events of care, the market, transition, the Independent Living Fund
GRANT SELECT ON casework.hospital_stay, casework.hospital_notice, casework.hospital_step, casework.hospital_alert,
    casework.hospital_outcome, casework.hospital_notice_state, casework.hospital_answer_due,
    casework.hospital_notice_due, casework.hospital_alert_open, casework.hospital_to_check, casework.parameter,
    casework.bank_holiday,
    casework.care_event, casework.client_detail, casework.cld_submission, casework.location, casework.location_fact,
    casework.location_history, casework.directory_import, casework.provider, casework.place, casework.location_capacity,
    casework.self_funder_share, casework.demand_signal, casework.market_signal, casework.transition,
    casework.transition_event, casework.transition_owed, casework.transition_still_child,
    casework.childhood_record_missing, casework.ilf_award, casework.ilf_event
TO care_worker;
GRANT EXECUTE ON FUNCTION
    casework.record_hospital_notice, casework.record_hospital_step, casework.record_hospital_outcome,
    casework.answer_notice, casework.raise_hospital_alerts, casework.record_care_event, casework.end_care_event,
    casework.record_client_detail, casework.record_market_signal, casework.record_capacity, casework.open_transition,
    casework.record_transition_event, casework.record_childhood_record, casework.record_onset,
    casework.record_ilf_award, casework.record_ilf_event
TO care_worker;
GRANT SELECT ON casework.parameter, casework.bank_holiday TO care_steward, care_analyst;
GRANT SELECT ON casework.demand_signal, casework.location, casework.provider TO care_analyst;
GRANT EXECUTE ON FUNCTION
    casework.market_spend_disclosed, casework.price_distribution, casework.market_concentration
TO care_analyst, care_worker, care_steward, care_historian;
GRANT INSERT (line) ON casework.directory_line TO care_steward;
GRANT EXECUTE ON FUNCTION
    casework.record_parameter, casework.record_bank_holiday, casework.import_directory, casework.record_cld_submission
TO care_steward;
COMMIT;
