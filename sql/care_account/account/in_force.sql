--
-- in_force: the facts of accounts that hold now, for whoever adds them up: not what was superseded, or waits.
--
-- Must not know: agreements.
--

CREATE VIEW care.budget_in_force AS
    SELECT b.account_id, a.authority, a.reference, b.budget_id, b.valid_from,
           lead(b.valid_from) OVER (PARTITION BY b.account_id ORDER BY b.valid_from) - 1 AS valid_to,
           b.kind, b.setting, b.weekly_cost, b.weekly_charge, b.plan_reference, b.reason, b.supersedes, b.recorded_at,
           b.recorded_by
    FROM care.budget_known_at('infinity'::timestamptz) AS b
        JOIN care.account AS a ON a.account_id = b.account_id;
COMMENT ON VIEW care.budget_in_force IS
    'The budgets that hold now, each with its last day; without those that were corrected.';
COMMENT ON COLUMN care.budget_in_force.valid_to IS 'Last day it holds; null: until further notice.';
SELECT care_internal.comment_columns('care.budget_in_force', 'care.budget', 'care.account');

CREATE VIEW care.adjustment_in_force AS
    SELECT j.account_id, a.authority, a.reference, j.adjustment_id, j.effective_on, j.amount, j.reason,
           j.authorised_by, j.evidence, j.needs_approval, j.supersedes, j.recorded_at, j.recorded_by
    FROM care.adjustment_known_at('infinity'::timestamptz) AS j
        JOIN care.account AS a ON a.account_id = j.account_id;
COMMENT ON VIEW care.adjustment_in_force IS
    'The adjustments that count now: approved where they need be, and not superseded by one that counts.';
SELECT care_internal.comment_columns('care.adjustment_in_force', 'care.adjustment', 'care.account');

CREATE VIEW care.counting_correction_in_force AS
    SELECT c.account_id, a.authority, a.reference, c.correction_id, c.counts_from, c.reason, c.supersedes,
           c.recorded_at, c.recorded_by
    FROM care.counting_correction_known_at('infinity'::timestamptz) AS c
        JOIN care.account AS a ON a.account_id = c.account_id;
COMMENT ON VIEW care.counting_correction_in_force IS
    'The day from which an account counts, where it was corrected, by the correction that holds now.';
SELECT care_internal.comment_columns('care.counting_correction_in_force', 'care.counting_correction', 'care.account');

CREATE VIEW care.account_event_in_force AS
    SELECT e.account_id, a.authority, a.reference, e.event_id, e.on_day, e.kind, e.note, e.supersedes, e.recorded_at,
           e.recorded_by
    FROM care.account_event_known_at('infinity'::timestamptz) AS e
        JOIN care.account AS a ON a.account_id = e.account_id;
COMMENT ON VIEW care.account_event_in_force IS 'The events that stand: neither corrected nor withdrawn.';
SELECT care_internal.comment_columns('care.account_event_in_force', 'care.account_event', 'care.account');
