--
-- check: what is wrong with what is staged, all of it at once, by row and column.
--
-- A problem that stops keeps its whole account or agreement from being loaded, as half of one would be a wrong figure.
-- What only the rules of the facts can say is found by loading all the others, and taking it back: room load.
--
-- Must not know: how a record is loaded.
--

-- One cell at a time: what is missing, and what cannot be read.
CREATE FUNCTION care_internal.import_wrong_cells(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, problem text, record text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.sheet, r.line, f.n, c.problem, r.record, true
    FROM care_internal.import_sheet AS s
        CROSS JOIN LATERAL care_internal.import_field(s.sheet) AS f
        JOIN care_internal.import_row AS r ON r.batch_id = s.batch_id AND r.sheet = s.sheet AND r.fault IS NULL
        CROSS JOIN LATERAL (SELECT CASE WHEN r.v[f.n] IS NULL THEN 'is blank'
                                        ELSE care_internal.import_cell_problem(r.v[f.n], f.reads, f.words, s.dates)
                                        END) AS c (problem)
    WHERE s.batch_id = import_wrong_cells.batch_id AND r.says[f.n] IS NULL
      AND (r.v[f.n] IS NOT NULL OR f.required)
    UNION ALL
    SELECT r.sheet, r.line, NULL,
           CASE r.fault WHEN 'total' THEN 'is a row of totals: it is left out'
                        ELSE 'has more fields than the heading: is there a comma too many?' END,
           CASE r.fault WHEN 'wide' THEN r.record END, r.fault = 'wide'
    FROM care_internal.import_row AS r WHERE r.batch_id = import_wrong_cells.batch_id AND r.fault IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.import_wrong_cells(bigint) IS
    'Part of import_check(): cells that are blank and must not be, or cannot be read, and rows that are left out.';

CREATE FUNCTION care_internal.import_wrong_entries(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, problem text, record text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH entry AS MATERIALIZED (
        SELECT e.*, e.kind IN ('payment', 'credit', 'waiver', 'write_off') AS lowers,
               min(e.line) OVER (PARTITION BY e.agreement, e.on_day, e.kind, e.written, e.note) AS first_line,
               count(*) FILTER (WHERE e.written > 0) OVER (PARTITION BY e.kind) AS above,
               count(*) FILTER (WHERE e.written < 0) OVER (PARTITION BY e.kind) AS below
        FROM care_internal.import_entries(batch_id) AS e
    ), agreement AS MATERIALIZED (
        SELECT a.agreement, min(a.signed_on) AS signed_on,
               min(CASE WHEN a.secured_on > a.signed_on
                             AND care.setting_on(b.authority, 'fees_before_securing', a.signed_on) = 'brought_in'
                        THEN a.signed_on ELSE greatest(a.signed_on, a.secured_on) END) AS drawn_from
        FROM care_internal.import_agreements(batch_id) AS a
            JOIN care.import_batch AS b ON b.batch_id = import_wrong_entries.batch_id
        GROUP BY a.agreement
    )
    SELECT 'entries', e.line, p.n, p.problem, e.agreement, true
    FROM entry AS e
        LEFT JOIN agreement AS a ON a.agreement = e.agreement
        CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN a.agreement IS NULL AND e.agreement IS NOT NULL
                     THEN 'is no agreement of the sheet of agreements' END),
            (2, CASE WHEN e.on_day > care.today() THEN 'is a day to come' END),
            (2, CASE WHEN NOT e.lowers AND e.kind <> 'refund' AND e.on_day < a.drawn_from
                     THEN format('is before anything could be deferred: the agreement is secured from %s',
                                 care_internal.day_text(a.drawn_from))
                     WHEN e.on_day < a.signed_on
                     THEN format('is before the agreement was signed on %s',
                                 care_internal.day_text(a.signed_on)) END),
            (3, CASE WHEN e.kind = 'write_off'
                     THEN 'is not loaded: record it afterwards with care.write_off()' END),
            (4, CASE WHEN e.written = 0 THEN 'is nought'
                     WHEN e.written < 0 AND NOT e.lowers
                     THEN format('is below nought: %s is not, and what corrects one is a payment, a credit or a waiver',
                                 e.kind)
                     WHEN e.lowers AND e.above > 0 AND e.below > 0
                          AND (e.written > 0) = (e.above <= e.below)
                     THEN format('has another sign than most of its kind, %s: is it one?', e.kind) END),
            (5, CASE WHEN e.kind IN ('credit', 'waiver') AND e.note IS NULL THEN 'is blank: a credit has a reason' END),
            (8, CASE WHEN e.kind IN ('credit', 'waiver') AND e.authorised_by IS NULL
                     THEN 'is blank: somebody answers for a credit' END),
            (NULL, CASE WHEN e.line > e.first_line AND e.on_day IS NOT NULL AND e.written IS NOT NULL
                        THEN format('is the same as line %s: if both are meant, tell them apart by a note',
                                    e.first_line) END)) AS p (n, problem)
    WHERE p.problem IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.import_wrong_entries(bigint) IS
    'Part of import_check(): what is wrong with the entries of a batch.';

CREATE FUNCTION care_internal.import_wrong_agreements(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, problem text, record text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH agreement AS MATERIALIZED (
        SELECT a.*, b.authority, min(a.line) OVER (PARTITION BY a.agreement) AS first_line
        FROM care_internal.import_agreements(batch_id) AS a
            JOIN care.import_batch AS b ON b.batch_id = import_wrong_agreements.batch_id
    ), valued AS MATERIALIZED (
        SELECT v.*, min(v.line) OVER (PARTITION BY v.agreement, v.valued_on) AS first_line
        FROM care_internal.import_valuations(batch_id) AS v
    ), first_valued AS (
        SELECT v.agreement, min(v.valued_on) AS first_day FROM valued AS v GROUP BY v.agreement
    ), fees AS (
        SELECT e.agreement, min(e.on_day) AS first_day FROM care_internal.import_entries(batch_id) AS e
        WHERE e.kind = 'care_fees' GROUP BY e.agreement
    )
    SELECT 'agreements', a.line, p.n, p.problem, a.agreement, true
    FROM agreement AS a
        LEFT JOIN care.agreement AS g ON g.authority = a.authority AND g.reference = a.agreement
        LEFT JOIN fees AS f ON f.agreement = a.agreement
        LEFT JOIN first_valued AS w ON w.agreement = a.agreement
        CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN a.line > a.first_line THEN format('is on line %s too', a.first_line) END),
            (1, CASE WHEN g.agreement_id IS NOT NULL THEN format('is recorded already, as agreement %s',
                                                                 g.agreement_id) END),
            (1, CASE WHEN f.first_day IS NOT NULL AND (w.first_day <= f.first_day) IS NOT TRUE
                     THEN format('has no valuation by its first care fees, of %s',
                                 care_internal.day_text(f.first_day)) END),
            (4, CASE WHEN a.applied_on > a.signed_on THEN 'is after the signing' END),
            (5, CASE WHEN a.signed_on > care.today() THEN 'is a day to come' END),
            (5, CASE WHEN NOT EXISTS (SELECT FROM care.interest_policy_in_force AS i
                                      WHERE i.authority = a.authority AND i.valid_from <= a.signed_on)
                          AND a.signed_on IS NOT NULL
                     THEN 'is a day on which the authority had no interest policy: record it first' END),
            (6, CASE WHEN a.secured_on > care.today() THEN 'is a day to come' END),
            (14, CASE WHEN a.stated_balance IS NOT NULL AND a.stated_on IS NULL
                      THEN 'is blank or no day: of which day is the balance?' END)) AS p (n, problem)
    WHERE p.problem IS NOT NULL
    UNION ALL
    SELECT 'valuations', v.line, p.n, p.problem, v.agreement, true
    FROM valued AS v
        LEFT JOIN (SELECT DISTINCT x.agreement FROM agreement AS x) AS a ON a.agreement = v.agreement
        CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN v.agreement IS NOT NULL AND a.agreement IS NULL
                     THEN 'is no agreement of the sheet of agreements' END),
            (2, CASE WHEN v.line > v.first_line THEN format('is that of line %s too', v.first_line) END),
            (3, CASE WHEN v.amount < 0 THEN 'is below nought' END),
            (5, CASE WHEN v.prior_charges < 0 THEN 'is below nought' END)) AS p (n, problem)
    WHERE p.problem IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.import_wrong_agreements(bigint) IS
    'Part of import_check(): what is wrong with the agreements and valuations of a batch.';

CREATE FUNCTION care_internal.import_wrong_accounts(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, problem text, record text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    WITH account AS MATERIALIZED (
        SELECT a.*, b.authority, s.starts_on, s.personal_budget_counts, s.zero_cap_before_age,
               min(a.line) OVER (PARTITION BY a.account) AS first_line
        FROM care_internal.import_accounts(batch_id) AS a
            JOIN care.import_batch AS b ON b.batch_id = import_wrong_accounts.batch_id
            LEFT JOIN care.charging_scheme AS s ON s.scheme = a.scheme
    ), budget AS MATERIALIZED (
        SELECT b.*, min(b.line) OVER (PARTITION BY b.account, b.valid_from) AS first_line
        FROM care_internal.import_budgets(batch_id) AS b
    )
    SELECT 'accounts', a.line, p.n, p.problem, a.account, true
    FROM account AS a
        LEFT JOIN care.account AS g ON g.authority = a.authority AND g.reference = a.account
        CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN a.line > a.first_line THEN format('is on line %s too', a.first_line) END),
            (1, CASE WHEN g.account_id IS NOT NULL THEN format('is recorded already, as account %s',
                                                               g.account_id) END),
            (3, CASE WHEN a.zero_cap_before_age IS NOT NULL AND a.date_of_birth IS NULL
                     THEN 'is blank or no day: under this scheme the cap depends on age' END),
            (4, CASE WHEN a.scheme IS NOT NULL AND a.personal_budget_counts IS NULL
                     THEN 'is no scheme with a cap: care.charging_scheme lists them' END)) AS p (n, problem)
    WHERE p.problem IS NOT NULL
    UNION ALL
    SELECT 'budgets', b.line, p.n, p.problem, b.account, true
    FROM budget AS b
        LEFT JOIN account AS a ON a.account = b.account AND a.line = a.first_line
        CROSS JOIN LATERAL (VALUES
            (1, CASE WHEN a.account IS NULL AND b.account IS NOT NULL
                     THEN 'is no account of the sheet of accounts' END),
            (2, CASE WHEN b.line > b.first_line THEN format('is that of line %s too', b.first_line) END),
            (2, CASE WHEN b.valid_from < greatest(a.counts_from, a.starts_on)
                     THEN format('is before the account counts, from %s',
                                 care_internal.day_text(greatest(a.counts_from, a.starts_on))) END),
            (4, CASE WHEN b.setting IS NULL AND b.kind <> 'ended' THEN 'is blank: care_home or community' END),
            (5, CASE WHEN b.weekly_cost < 0 THEN 'is below nought' END),
            (6, CASE WHEN b.weekly_charge < 0 THEN 'is below nought'
                     WHEN b.weekly_charge > b.weekly_cost THEN 'is above the weekly cost'
                     WHEN b.weekly_charge IS NULL AND b.kind = 'personal_budget'
                          AND a.personal_budget_counts = 'weekly_charge'
                     THEN 'is blank: the scheme counts what the person is charged' END)) AS p (n, problem)
    WHERE p.problem IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.import_wrong_accounts(bigint) IS
    'Part of import_check(): what is wrong with the accounts and budgets of a batch.';

CREATE FUNCTION care_internal.import_wrong_persons(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, problem text, record text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.sheet, p.line, 3, w.problem, p.record, true
    FROM (SELECT x.*, min(x.date_of_birth) OVER (PARTITION BY x.reference) AS earliest,
                 max(x.date_of_birth) OVER (PARTITION BY x.reference) AS latest
          FROM care_internal.import_persons(batch_id) AS x) AS p
        CROSS JOIN LATERAL (VALUES
            (CASE WHEN p.birth_differs THEN 'is not the date of birth that is recorded of this person' END),
            (CASE WHEN p.earliest < p.latest AND p.date_of_birth IS NOT NULL
                  THEN 'is another one on another line with this person' END),
            (CASE WHEN p.date_of_birth > care.today() THEN 'is a day to come' END)) AS w (problem)
    WHERE w.problem IS NOT NULL;
END;
COMMENT ON FUNCTION care_internal.import_wrong_persons(bigint) IS
    'Part of import_check(): persons of a batch with two dates of birth.';

CREATE FUNCTION care_internal.import_problems(batch_id bigint)
    RETURNS TABLE (sheet text, line bigint, n integer, problem text, record text, stops boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 500 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT p.* FROM care_internal.import_wrong_cells(batch_id) AS p
    UNION ALL SELECT p.* FROM care_internal.import_wrong_agreements(batch_id) AS p
    UNION ALL SELECT p.* FROM care_internal.import_wrong_entries(batch_id) AS p
    UNION ALL SELECT p.* FROM care_internal.import_wrong_accounts(batch_id) AS p
    UNION ALL SELECT p.* FROM care_internal.import_wrong_persons(batch_id) AS p;
END;
COMMENT ON FUNCTION care_internal.import_problems(bigint) IS
    'What is wrong with what is staged of a batch, but for what only the rules of the facts can say: sheet, line, '
    'number of the field (null: the row), the account or agreement (null: none), and whether it keeps that from being '
    'loaded.';
