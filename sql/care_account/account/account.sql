--
-- account: care accounts, their budgets, adjustments and events.
--
-- The facts are rows that are only ever added to.  The account row carries the schedules that follow
-- from them, rebuilt whole by trigger whenever a fact is added, so that a position is worked out from
-- one row.
--
-- Must not know: agreements.
--

CREATE TABLE care.account (
    account_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT account_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT account_person_fkey REFERENCES care.person,
    counts_from date NOT NULL
        CONSTRAINT account_finite_day CHECK (counts_from BETWEEN '0001-01-01' AND '9999-12-31'),
    authority text NOT NULL
        CONSTRAINT account_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT account_has_reference CHECK (reference <> ''),
    scheme text NOT NULL
        CONSTRAINT account_scheme_fkey REFERENCES care.charging_scheme,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- what follows from the facts
    counting_from date,
    cap_on date,
    person_reference text,
    reach text,
    weekly_rate care.schedule,
    cap care.schedule,
    cap_scales care.schedule,
    adjusted care.schedule,
    weekly_cost care.schedule,
    weekly_counted care.schedule,
    daily_living_cost care.schedule,
    figures_at timestamptz,
    told_at timestamptz,
    CONSTRAINT account_reference_key UNIQUE (authority, reference)
)
-- Every fact writes the row anew.  With room for that in its page, and indexes on nothing but what never changes, no
-- index is written for it.
WITH (fillfactor = 50);
CREATE INDEX account_person_idx ON care.account (person_id);
CREATE INDEX account_person_reference_idx ON care.account (person_reference, authority);
COMMENT ON INDEX care.account_person_idx IS 'Finds the accounts of a person.';
COMMENT ON INDEX care.account_person_reference_idx IS 'Finds an account by the case-management system''s reference.';
COMMENT ON TABLE care.account IS
    'Care accounts: what was said when each was opened, and what follows from its facts (the derived columns, rebuilt '
    'whole by trigger, never patched).';
COMMENT ON COLUMN care.account.account_id IS 'Key.';
COMMENT ON COLUMN care.account.person_id IS 'The person.';
COMMENT ON COLUMN care.account.counts_from IS
    'The day from which this account counts, by its scheme''s rule, as it was said at the opening; see '
    'care.counting_correction.';
COMMENT ON COLUMN care.account.counting_from IS
    'Derived: the day counting really starts: counts_from, or what corrects it, but not before the scheme.';
COMMENT ON COLUMN care.account.cap_on IS
    'Derived: the day the cap was or will be reached by the facts recorded; null: never.';
COMMENT ON COLUMN care.account.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN care.account.reference IS 'The authority''s reference for the account.';
COMMENT ON COLUMN care.account.scheme IS 'The scheme whose rules it follows.';
COMMENT ON COLUMN care.account.person_reference IS 'Derived: the person''s reference, as in care.person.';
COMMENT ON COLUMN care.account.reach IS 'Derived: when the cap counts as reached; see care.charging_scheme.';
COMMENT ON COLUMN care.account.weekly_rate IS 'Derived: metered rate, pounds a week.';
COMMENT ON COLUMN care.account.cap IS 'Derived: the cap, pounds.';
COMMENT ON COLUMN care.account.cap_scales IS
    'Derived: nought on the day of a cap change that does not scale accrued costs.';
COMMENT ON COLUMN care.account.adjusted IS 'Derived: running total of the manual adjustments, pounds; null: none.';
COMMENT ON COLUMN care.account.weekly_cost IS 'Derived: weekly cost to the authority of the eligible needs, pounds.';
COMMENT ON COLUMN care.account.weekly_counted IS
    'Derived: what the scheme counts of it, before daily living costs, pounds a week.';
COMMENT ON COLUMN care.account.daily_living_cost IS
    'Derived: daily living costs left out, pounds a week; nought outside a care home.';
COMMENT ON COLUMN care.account.figures_at IS
    'Derived: when the last of the figures of the scheme that it follows was recorded; null: the scheme has none.';
COMMENT ON COLUMN care.account.told_at IS
    'Derived: when the last of the facts that it follows was recorded, figures, details and death of the person '
    'included: what is known of it now was known at any moment since.';
COMMENT ON COLUMN care.account.recorded_at IS 'When the account was opened.';
COMMENT ON COLUMN care.account.recorded_by IS 'Who opened it.';
SELECT care_internal.keep_class('account', 'care.account', 'a function of care',
    retained => 'care_internal.account_retained', events => '{last_updated,death_known}', decides => true,
    derived => 'care_internal.derived_account');

-- The derived columns are for the triggers; what was said at the opening stays.

CREATE TABLE care.counting_correction (
    account_id bigint NOT NULL
        CONSTRAINT counting_correction_account_fkey REFERENCES care.account,
    correction_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    counts_from date NOT NULL
        CONSTRAINT counting_correction_finite_day CHECK (counts_from BETWEEN '0001-01-01' AND '9999-12-31'),
    reason text NOT NULL
        CONSTRAINT counting_correction_has_reason CHECK (reason <> ''),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT counting_correction_pkey PRIMARY KEY (correction_id),
    CONSTRAINT counting_correction_key UNIQUE (account_id, correction_id)
);
CREATE UNIQUE INDEX counting_correction_one_after_another
    ON care.counting_correction (account_id, supersedes) NULLS NOT DISTINCT;
COMMENT ON INDEX care.counting_correction_one_after_another IS
    'What was said at the opening is corrected once, and so is each correction.';
COMMENT ON TABLE care.counting_correction IS
    'Corrections of the day from which an account counts; the first corrects what was said at the opening.';
COMMENT ON COLUMN care.counting_correction.account_id IS 'The account.';
COMMENT ON COLUMN care.counting_correction.correction_id IS 'Key within the account.';
COMMENT ON COLUMN care.counting_correction.counts_from IS 'The day from which the account counts.';
COMMENT ON COLUMN care.counting_correction.reason IS 'Why what was said before was wrong.';
COMMENT ON COLUMN care.counting_correction.supersedes IS
    'The correction_id of the correction this one corrects; null: it corrects what was said at the opening.';
COMMENT ON COLUMN care.counting_correction.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.counting_correction.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.counting_correction', 'account', 'care.correct_counting(..., supersedes => ...)');
SELECT care_internal.refer_within('care.counting_correction', 'supersedes', 'correction_id', 'account_id');
SELECT care_internal.ask_as_known('care.counting_correction', 'correction_id', 'account_id', 'true');

CREATE TABLE care.budget (
    account_id bigint NOT NULL
        CONSTRAINT budget_account_fkey REFERENCES care.account,
    budget_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    valid_from date NOT NULL
        CONSTRAINT budget_finite_day CHECK (valid_from BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT budget_known_kind
        CHECK (kind IN ('personal_budget', 'independent_personal_budget', 'ended', 'withdrawn')),
    setting text
        CONSTRAINT budget_known_setting CHECK (setting IN ('care_home', 'community')),
    weekly_cost care.pounds NOT NULL
        CONSTRAINT budget_cost_not_negative CHECK (weekly_cost >= 0),
    weekly_charge care.pounds
        CONSTRAINT budget_charge_within_cost CHECK (weekly_charge BETWEEN 0 AND weekly_cost),
    plan_reference text,
    reason text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT budget_pkey PRIMARY KEY (budget_id),
    CONSTRAINT budget_key UNIQUE (account_id, budget_id),
    CONSTRAINT budget_ended_is_bare CHECK ((kind IN ('ended', 'withdrawn')) = (setting IS NULL)
                                           AND (setting IS NOT NULL OR (weekly_cost = 0 AND weekly_charge IS NULL))),
    CONSTRAINT budget_withdraws_one CHECK (kind <> 'withdrawn' OR supersedes IS NOT NULL)
);
COMMENT ON TABLE care.budget IS
    'Budgets of each account: each holds from its day until the next one. A correction is a new row that supersedes '
    'the wrong one.';
COMMENT ON COLUMN care.budget.account_id IS 'The account.';
COMMENT ON COLUMN care.budget.budget_id IS 'Key within the account.';
COMMENT ON COLUMN care.budget.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.budget.kind IS
    'personal_budget, independent_personal_budget, or ended: no budget from this day; withdrawn: the row that it '
    'supersedes is as if it had not been.';
COMMENT ON COLUMN care.budget.setting IS 'care_home or community.';
COMMENT ON COLUMN care.budget.weekly_cost IS
    'Weekly cost to the authority of meeting the eligible needs (what it would cost, for an independent personal '
    'budget): the eligible, counted part, without top-ups; pounds.';
COMMENT ON COLUMN care.budget.weekly_charge IS
    'What the person is charged of it, pounds a week; needed where the scheme counts charges.';
COMMENT ON COLUMN care.budget.plan_reference IS 'The case-management system''s reference of the plan.';
COMMENT ON COLUMN care.budget.reason IS 'Why the budget ended, or the row was withdrawn.';
COMMENT ON COLUMN care.budget.supersedes IS 'The budget_id of the row this one corrects.';
COMMENT ON COLUMN care.budget.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.budget.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.budget', 'account', 'care.record_budget(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.budget', 'budget_id', 'account_id', 'r.kind <> ''withdrawn''');
SELECT care_internal.ask_as_known('care.budget', 'budget_id', 'account_id', 'true', 'care_internal.budget_told_at');

CREATE TABLE care.adjustment_reason (
    reason text NOT NULL
        CONSTRAINT adjustment_reason_pkey PRIMARY KEY,
    description text NOT NULL,
    shipped boolean NOT NULL DEFAULT false,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.adjustment_reason IS 'Why an adjustment may be made; record_adjustment_reason() adds to them.';
COMMENT ON COLUMN care.adjustment_reason.reason IS 'Short name.';
COMMENT ON COLUMN care.adjustment_reason.description IS 'What it means.';
COMMENT ON COLUMN care.adjustment_reason.shipped IS 'Came with the product; such rows are not dumped.';
COMMENT ON COLUMN care.adjustment_reason.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.adjustment_reason.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('care.adjustment_reason');
CREATE TRIGGER adjustment_reason_refuse_change BEFORE DELETE OR TRUNCATE ON care.adjustment_reason
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('care.record_adjustment_reason()');
COMMENT ON TRIGGER adjustment_reason_refuse_change ON care.adjustment_reason IS 'Reasons are added to, never removed.';
CREATE TRIGGER adjustment_reason_refuse_update BEFORE UPDATE ON care.adjustment_reason
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*)
        EXECUTE FUNCTION care_internal.refuse_change('care.record_adjustment_reason()');
COMMENT ON TRIGGER adjustment_reason_refuse_update ON care.adjustment_reason IS
    'A reason is never changed: a new one has a new name.';
INSERT INTO care.adjustment_reason (reason, description, shipped, recorded_at, recorded_by) VALUES
    ('brought_forward', 'Costs accrued with another authority or in an earlier record', true, '2026-11-21 00:00:00+00',
     'care_account'),
    ('error_corrected', 'An error in what was counted', true, '2026-11-21 00:00:00+00', 'care_account'),
    ('complaint_upheld', 'A complaint, or a finding of the Ombudsman', true, '2026-11-21 00:00:00+00', 'care_account'),
    ('court_order', 'An order of a court or tribunal', true, '2026-11-21 00:00:00+00', 'care_account'),
    ('withdrawn', 'An adjustment that should not have been made', true, '2026-11-21 00:00:00+00', 'care_account');

CREATE TABLE care.adjustment (
    account_id bigint NOT NULL
        CONSTRAINT adjustment_account_fkey REFERENCES care.account,
    adjustment_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    effective_on date NOT NULL
        CONSTRAINT adjustment_finite_day CHECK (effective_on BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL,
    reason text NOT NULL
        CONSTRAINT adjustment_reason_fkey REFERENCES care.adjustment_reason,
    authorised_by text NOT NULL
        CONSTRAINT adjustment_has_authority CHECK (authorised_by <> ''),
    evidence text,
    needs_approval boolean NOT NULL DEFAULT false,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT adjustment_pkey PRIMARY KEY (adjustment_id),
    CONSTRAINT adjustment_key UNIQUE (account_id, adjustment_id),
    CONSTRAINT adjustment_nought_withdraws CHECK (amount <> 0 OR supersedes IS NOT NULL)
);
COMMENT ON TABLE care.adjustment IS
    'Manual adjustments of accrued costs. A correction is a new row that supersedes the wrong one; its amount may be '
    'nought.';
COMMENT ON COLUMN care.adjustment.account_id IS 'The account.';
COMMENT ON COLUMN care.adjustment.adjustment_id IS 'Key within the account.';
COMMENT ON COLUMN care.adjustment.effective_on IS 'The day it takes effect.';
COMMENT ON COLUMN care.adjustment.amount IS 'Pounds added to accrued costs; negative: taken away.';
COMMENT ON COLUMN care.adjustment.reason IS 'Why; see care.adjustment_reason.';
COMMENT ON COLUMN care.adjustment.authorised_by IS 'Who authorised it.';
COMMENT ON COLUMN care.adjustment.evidence IS 'Reference of the evidence.';
COMMENT ON COLUMN care.adjustment.needs_approval IS
    'A second person must approve it before it counts: the authority''s setting when it was recorded.';
COMMENT ON COLUMN care.adjustment.supersedes IS 'The adjustment_id of the row this one corrects.';
COMMENT ON COLUMN care.adjustment.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.adjustment.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.adjustment', 'account', 'care.record_adjustment(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.adjustment', 'adjustment_id', 'account_id', NULL);
CREATE TRIGGER adjustment_note_login AFTER INSERT ON care.adjustment REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.note_login();
COMMENT ON TRIGGER adjustment_note_login ON care.adjustment IS 'Keeps the role with the name of the login.';

CREATE TABLE care.adjustment_approval (
    account_id bigint NOT NULL,
    adjustment_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT adjustment_approval_pkey PRIMARY KEY (adjustment_id),
    CONSTRAINT adjustment_approval_key UNIQUE (account_id, adjustment_id),
    CONSTRAINT adjustment_approval_adjustment_fkey FOREIGN KEY (account_id, adjustment_id)
        REFERENCES care.adjustment (account_id, adjustment_id)
);
COMMENT ON TABLE care.adjustment_approval IS 'The second person''s approval of an adjustment that needs one.';
COMMENT ON COLUMN care.adjustment_approval.account_id IS 'The account.';
COMMENT ON COLUMN care.adjustment_approval.adjustment_id IS 'The adjustment.';
COMMENT ON COLUMN care.adjustment_approval.recorded_at IS 'When it was approved.';
COMMENT ON COLUMN care.adjustment_approval.recorded_by IS 'Who approved it: not who recorded the adjustment.';
SELECT care_internal.keep('care.adjustment_approval', 'account', 'care.record_adjustment(..., supersedes => ...)');

CREATE TABLE care.account_event (
    account_id bigint NOT NULL
        CONSTRAINT account_event_account_fkey REFERENCES care.account,
    event_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT account_event_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text
        CONSTRAINT account_event_known_kind
            CHECK (kind IN ('cap_notice_given', 'authority_meets_needs', 'early_assessment', 'statement_requested',
                            'no_longer_required', 'required_again')),
    note text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT account_event_pkey PRIMARY KEY (event_id),
    CONSTRAINT account_event_key UNIQUE (account_id, event_id),
    CONSTRAINT account_event_withdraws_one
        CHECK (kind IS NOT NULL OR (supersedes IS NOT NULL AND coalesce(note, '') <> ''))
);
COMMENT ON TABLE care.account_event IS
    'What happened to an account that changes no figure. A correction is a new row that supersedes the wrong one.';
COMMENT ON COLUMN care.account_event.account_id IS 'The account.';
COMMENT ON COLUMN care.account_event.event_id IS 'Key within the account.';
COMMENT ON COLUMN care.account_event.on_day IS 'The day it happened.';
COMMENT ON COLUMN care.account_event.kind IS
    'cap_notice_given: the person was told that the cap is reached; authority_meets_needs: the authority took over; '
    'early_assessment: assessed before the scheme; statement_requested: the person asked for one; no_longer_required: '
    'from that day the account need only be retained; required_again: that was undone. Null: the event that the row '
    'supersedes was recorded in error.';
COMMENT ON COLUMN care.account_event.note IS 'More; why an event is withdrawn.';
COMMENT ON COLUMN care.account_event.supersedes IS 'The event_id of the row this one corrects or withdraws.';
COMMENT ON COLUMN care.account_event.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.account_event.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.account_event', 'account', 'care.record_event(..., supersedes => ...)',
    part => 'event');
SELECT care_internal.correct_by_rows('care.account_event', 'event_id', 'account_id', 'r.kind IS NOT NULL');
