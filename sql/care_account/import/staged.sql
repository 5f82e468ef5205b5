--
-- staged: the rows of a batch as what they say, each cell read; null where it is blank or cannot be read.
--
-- With the owner's rights, as nobody else reads what is staged; volatile, so that no role gets them with what reads.
--
-- Must not know: which of them are right.
--

CREATE FUNCTION care_internal.import_agreements(batch_id bigint, records text[] DEFAULT NULL)
    RETURNS TABLE (line bigint, agreement text, person text, date_of_birth date, applied_on date, signed_on date,
                   secured_on date, style text, term text, day_count text, capitalised text, charge_type text,
                   title_reference text, stated_balance numeric, stated_on date)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.line, r.record, r.v[2], r.says[3]::date, coalesce(r.says[4], r.says[5])::date, r.says[5]::date,
           r.says[6]::date, coalesce(r.says[7], 'traditional'), coalesce(r.says[8], 'lifetime'), r.says[9], r.says[10],
           coalesce(r.says[11], 'legal_charge'), r.v[12], r.says[13]::numeric, r.says[14]::date
    FROM care_internal.import_row AS r
    WHERE r.batch_id = import_agreements.batch_id AND r.sheet = 'agreements' AND r.fault IS NULL
      AND (records IS NULL OR r.record = ANY (records));
END;
COMMENT ON FUNCTION care_internal.import_agreements(bigint, text[]) IS
    'The agreements that are staged of a batch, or some of them, pounds; what is not said is as open_agreement() has '
    'it.';

-- What lowers a debt is read as below nought, however the sheet writes it: the sign says nothing that the kind does
-- not.
CREATE FUNCTION care_internal.import_entries(batch_id bigint, records text[] DEFAULT NULL)
    RETURNS TABLE (line bigint, agreement text, on_day date, kind text, amount numeric, written numeric, note text,
                   evidence text, tariff text, authorised_by text)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 10000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT e.line, e.record, e.on_day, e.kind,
           CASE WHEN e.kind IN ('payment', 'credit', 'waiver', 'write_off') THEN -abs(e.written) ELSE e.written END,
           e.written, e.v[5], e.v[6], e.v[7], e.v[8]
    FROM (SELECT r.line, r.record, r.v, r.says[2]::date AS on_day, r.says[3] AS kind,
                 r.says[4]::numeric AS written
          FROM care_internal.import_row AS r
          WHERE r.batch_id = import_entries.batch_id AND r.sheet = 'entries' AND r.fault IS NULL
            AND (records IS NULL OR r.record = ANY (records)) OFFSET 0) AS e;
END;
COMMENT ON FUNCTION care_internal.import_entries(bigint, text[]) IS
    'The entries that are staged of a batch, or those of some agreements, pounds: what raises a debt above nought, '
    'what lowers it below; written: as the sheet has it.';

CREATE FUNCTION care_internal.import_valuations(batch_id bigint, records text[] DEFAULT NULL)
    RETURNS TABLE (line bigint, agreement text, valued_on date, amount numeric, share numeric, prior_charges numeric,
                   kind text, valuer text)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.line, r.record, r.says[2]::date, r.says[3]::numeric,
           CASE WHEN r.v[4] IS NULL THEN 1 ELSE r.says[4]::numeric END,
           CASE WHEN r.v[5] IS NULL THEN 0 ELSE r.says[5]::numeric END,
           r.says[6], r.v[7]
    FROM care_internal.import_row AS r
    WHERE r.batch_id = import_valuations.batch_id AND r.sheet = 'valuations' AND r.fault IS NULL
      AND (records IS NULL OR r.record = ANY (records));
END;
COMMENT ON FUNCTION care_internal.import_valuations(bigint, text[]) IS
    'The valuations that are staged of a batch, or those of some agreements, pounds; no share is the whole.';

CREATE FUNCTION care_internal.import_accounts(batch_id bigint, records text[] DEFAULT NULL)
    RETURNS TABLE (line bigint, account text, person text, date_of_birth date, scheme text, counts_from date)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.line, r.record, r.v[2], r.says[3]::date, r.v[4],
           r.says[5]::date
    FROM care_internal.import_row AS r
    WHERE r.batch_id = import_accounts.batch_id AND r.sheet = 'accounts' AND r.fault IS NULL
      AND (records IS NULL OR r.record = ANY (records));
END;
COMMENT ON FUNCTION care_internal.import_accounts(bigint, text[]) IS
    'The accounts that are staged of a batch, or some of them.';

CREATE FUNCTION care_internal.import_budgets(batch_id bigint, records text[] DEFAULT NULL)
    RETURNS TABLE (line bigint, account text, valid_from date, kind text, setting text, weekly_cost numeric,
                   weekly_charge numeric, reason text)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.line, r.record, r.says[2]::date,
           r.says[3],
           r.says[4],
           r.says[5]::numeric, r.says[6]::numeric, r.v[7]
    FROM care_internal.import_row AS r
    WHERE r.batch_id = import_budgets.batch_id AND r.sheet = 'budgets' AND r.fault IS NULL
      AND (records IS NULL OR r.record = ANY (records));
END;
COMMENT ON FUNCTION care_internal.import_budgets(bigint, text[]) IS
    'The budgets that are staged of a batch, or those of some accounts, pounds a week.';

-- Who the persons of a batch are, with what is known of them that a loader may not read.
CREATE FUNCTION care_internal.import_persons(batch_id bigint, records text[] DEFAULT NULL)
    RETURNS TABLE (sheet text, line bigint, record text, reference text, date_of_birth date, person_id bigint,
                   birth_known boolean, birth_differs boolean)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 1000 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT x.sheet, x.line, x.record, x.person, x.date_of_birth, p.person_id, d.date_of_birth IS NOT NULL,
           coalesce(d.date_of_birth <> x.date_of_birth, false)
    FROM (SELECT 'agreements', a.line, a.agreement, a.person, a.date_of_birth
          FROM care_internal.import_agreements(batch_id, records) AS a
          UNION ALL
          SELECT 'accounts', a.line, a.account, a.person, a.date_of_birth
          FROM care_internal.import_accounts(batch_id, records) AS a)
            AS x (sheet, line, record, person, date_of_birth)
        JOIN care.import_batch AS b ON b.batch_id = import_persons.batch_id
        LEFT JOIN care.person AS p ON p.authority = b.authority AND p.reference = x.person
        LEFT JOIN care.person_detail_in_force AS d ON d.person_id = p.person_id;
END;
COMMENT ON FUNCTION care_internal.import_persons(bigint, text[]) IS
    'The persons of the accounts and agreements that are staged of a batch, with their keys where they are recorded, '
    'and whether another date of birth is: not which.';

CREATE FUNCTION care.import_about(authority text, person_reference text)
    RETURNS TABLE (batch_id bigint, sheet text, line bigint, fields jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_authority(authority, NULL),
            care_internal.require_text(authority, 'person_reference', person_reference);
    RETURN QUERY
    WITH own AS (
        SELECT r.batch_id, r.sheet, r.record
        FROM care_internal.import_row AS r JOIN care.import_batch AS b ON b.batch_id = r.batch_id
        WHERE b.authority = import_about.authority AND r.sheet IN ('agreements', 'accounts')
          AND r.v[2] = import_about.person_reference)
    SELECT r.batch_id, r.sheet, r.line,
           (SELECT jsonb_object_agg(f.field, r.v[f.n]) FILTER (WHERE r.v[f.n] IS NOT NULL)
            FROM care_internal.import_field(r.sheet) AS f)
    FROM care_internal.import_row AS r
    WHERE EXISTS (SELECT FROM own AS o
                  WHERE o.batch_id = r.batch_id AND o.record = r.record
                    AND (o.sheet = 'accounts') = (r.sheet IN ('accounts', 'budgets')))
    ORDER BY r.batch_id, r.sheet, r.line;
END
$$;
COMMENT ON FUNCTION care.import_about(text, text) IS
    'All rows that are staged about a person, as they are in the files: for the answer to what is held about them, '
    'while a batch waits.';
