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
