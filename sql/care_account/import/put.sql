--
-- put: some accounts or agreements are recorded, through the rules that every fact is held to; each whole, or not at
-- all.
--
-- With the rights of who loads, as rows are held to the rules for those who may insert them, not for their owner.
-- Many are recorded at once; where a rule refuses one of them, each half is tried by itself, until it is found.
--
-- Must not know: how a cell is read.
--

-- The persons of some accounts or agreements, recorded now if new.
CREATE FUNCTION care_internal.import_put_persons(batch_id bigint, class text, records text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO care.person (authority, reference)
    SELECT DISTINCT b.authority, p.reference
    FROM care_internal.import_persons(batch_id, records) AS p
        JOIN care.import_batch AS b ON b.batch_id = import_put_persons.batch_id
    WHERE p.sheet = class || 's' AND p.person_id IS NULL
    ORDER BY 1, 2;
    INSERT INTO care.person_detail (person_id, date_of_birth)
    SELECT p.person_id, min(p.date_of_birth)
    FROM care_internal.import_persons(batch_id, records) AS p
    WHERE p.sheet = class || 's' AND p.date_of_birth IS NOT NULL AND NOT p.birth_known
    GROUP BY p.person_id ORDER BY p.person_id;
END
$$;
COMMENT ON FUNCTION care_internal.import_put_persons(bigint, text, text[]) IS
    'Part of a load: records the persons of some accounts or agreements who are new, and their dates of birth.';

CREATE FUNCTION care_internal.import_put_accounts(batch_id bigint, records text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_authority text := (SELECT b.authority FROM care.import_batch AS b
                          WHERE b.batch_id = import_put_accounts.batch_id);
BEGIN
    PERFORM care_internal.import_put_persons(batch_id, 'account', records);
    INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
    SELECT p.person_id, a.counts_from, of_authority, a.account, a.scheme
    FROM care_internal.import_accounts(batch_id, records) AS a
        JOIN care.person AS p ON p.authority = of_authority AND p.reference = a.person
    ORDER BY a.line;
    INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost, weekly_charge, reason)
    SELECT a.account_id, b.valid_from, b.kind, b.setting, b.weekly_cost, b.weekly_charge, b.reason
    FROM care_internal.import_budgets(batch_id, records) AS b
        JOIN care.account AS a ON a.authority = of_authority AND a.reference = b.account
    ORDER BY a.account_id, b.valid_from;
END
$$;
COMMENT ON FUNCTION care_internal.import_put_accounts(bigint, text[]) IS
    'Part of a load: records some accounts, with their persons and budgets.';

-- Each was applied for, offered and told its rate by the day it was signed, as open_agreement() has it.
CREATE FUNCTION care_internal.import_put_agreements(batch_id bigint, records text[]) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    of_authority text := (SELECT b.authority FROM care.import_batch AS b
                          WHERE b.batch_id = import_put_agreements.batch_id);
BEGIN
    PERFORM care_internal.import_put_persons(batch_id, 'agreement', records);
    INSERT INTO care.agreement (person_id, authority, reference, applied_on, style, term)
    SELECT p.person_id, of_authority, a.agreement, a.applied_on, a.style, a.term
    FROM care_internal.import_agreements(batch_id, records) AS a
        JOIN care.person AS p ON p.authority = of_authority AND p.reference = a.person
    ORDER BY a.line;
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, rate, day_count, capitalised,
                                      charge_type, charge_priority, title_reference)
    SELECT g.agreement_id, e.on_day, e.kind, e.meets_criteria, e.rate, e.day_count, e.capitalised, e.charge_type,
           e.charge_priority, e.title_reference
    FROM care_internal.import_agreements(batch_id, records) AS a
        JOIN care.agreement AS g ON g.authority = of_authority AND g.reference = a.agreement
        CROSS JOIN care_internal.authority_rates(of_authority) AS r (rates)
        LEFT JOIN LATERAL (SELECT i.day_count, i.capitalised FROM care.interest_policy_in_force AS i
                           WHERE i.authority = of_authority AND i.valid_from <= a.signed_on
                           ORDER BY i.valid_from DESC LIMIT 1) AS i ON true
        CROSS JOIN LATERAL (VALUES
            (1, a.signed_on, 'offered', true, NULL::numeric, NULL, NULL, NULL, NULL::integer, NULL),
            (2, a.signed_on, 'rate_notified', NULL, care.value_on(r.rates, a.signed_on), NULL, NULL, NULL, NULL, NULL),
            (3, a.signed_on, 'signed', NULL, NULL, coalesce(a.day_count, i.day_count),
             coalesce(a.capitalised, i.capitalised), NULL, NULL, NULL),
            (4, a.secured_on, 'secured', NULL, NULL, NULL, NULL, a.charge_type, 1, a.title_reference))
            AS e (place, on_day, kind, meets_criteria, rate, day_count, capitalised, charge_type, charge_priority,
                  title_reference)
    ORDER BY g.agreement_id, e.place;
    INSERT INTO care.valuation (agreement_id, valued_on, amount, share, prior_charges, kind, valuer)
    SELECT g.agreement_id, v.valued_on, v.amount, v.share, v.prior_charges, v.kind, v.valuer
    FROM care_internal.import_valuations(batch_id, records) AS v
        JOIN care.agreement AS g ON g.authority = of_authority AND g.reference = v.agreement
    ORDER BY g.agreement_id, v.valued_on;
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount, note, evidence, tariff, authorised_by)
    SELECT g.agreement_id, e.on_day, e.kind, e.amount, e.note, e.evidence, e.tariff, e.authorised_by
    FROM care_internal.import_entries(batch_id, records) AS e
        JOIN care.agreement AS g ON g.authority = of_authority AND g.reference = e.agreement
    ORDER BY e.on_day, g.agreement_id, e.line;
END
$$;
COMMENT ON FUNCTION care_internal.import_put_agreements(bigint, text[]) IS
    'Part of a load: records some agreements that are signed and secured, with their persons, valuations and entries.';

-- How many lines make up each record.
CREATE FUNCTION care_internal.import_lines(batch_id bigint, class text, records text[])
    RETURNS TABLE (record text, lines bigint)
    LANGUAGE sql VOLATILE SECURITY DEFINER ROWS 100 SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT r.record, count(*) FROM care_internal.import_row AS r
    WHERE r.batch_id = import_lines.batch_id AND r.record = ANY (records) AND r.fault IS NULL
      AND (r.sheet IN ('accounts', 'budgets')) = (import_lines.class = 'account')
    GROUP BY r.record;
END;
COMMENT ON FUNCTION care_internal.import_lines(bigint, text, text[]) IS
    'Part of a load: how many rows of the sheets make up each of some accounts or agreements.';

CREATE FUNCTION care_internal.import_head(batch_id bigint, class text, records text[])
    RETURNS TABLE (record text, record_id bigint)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 100
BEGIN ATOMIC
    SELECT a.reference, a.account_id
    FROM care.account AS a JOIN care.import_batch AS b ON b.batch_id = import_head.batch_id
    WHERE import_head.class = 'account' AND a.authority = b.authority AND a.reference = ANY (records)
    UNION ALL
    SELECT a.reference, a.agreement_id
    FROM care.agreement AS a JOIN care.import_batch AS b ON b.batch_id = import_head.batch_id
    WHERE import_head.class = 'agreement' AND a.authority = b.authority AND a.reference = ANY (records);
END;
COMMENT ON FUNCTION care_internal.import_head(bigint, text, text[]) IS
    'Part of a load: the keys of some accounts or agreements that are recorded.';

-- Some accounts or agreements, all of them or, where a rule refuses one, those that it does not.
CREATE FUNCTION care_internal.import_try(batch_id bigint, class text, records text[])
    RETURNS TABLE (record text, because text)
    LANGUAGE plpgsql ROWS 100 SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    half int4 := cardinality(records) / 2;
    state text;
    detail text;
    broken text;
BEGIN
    BEGIN
        IF class = 'account' THEN
            PERFORM care_internal.import_put_accounts(batch_id, records);
        ELSE
            PERFORM care_internal.import_put_agreements(batch_id, records);
        END IF;
        INSERT INTO care.import_loaded (class, record_id, batch_id, lines)
        SELECT import_try.class, h.record_id, import_try.batch_id, l.lines
        FROM care_internal.import_lines(batch_id, class, records) AS l
            JOIN care_internal.import_head(batch_id, class, records) AS h ON h.record = l.record
        ORDER BY h.record_id;
        RETURN QUERY SELECT u.record, NULL::text FROM unnest(records) AS u (record);
        RETURN;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, because = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
                                broken = CONSTRAINT_NAME;
        -- of what is recorded already, no row came so far
        IF state = '23505' AND broken ~ '^(person|account|agreement)_reference_key$' THEN
            RAISE EXCEPTION USING
                ERRCODE = 'serialization_failure', CONSTRAINT = 'import_meanwhile',
                MESSAGE = format('batch %s: what it has was recorded by somebody else meanwhile', batch_id),
                DETAIL = detail, HINT = 'Run it again.';
        END IF;
        -- what no record is to blame for
        IF state !~ '^(22|23|55000|P0002)' THEN
            RAISE;
        END IF;
        -- the key that it had for a moment is nobody's
        because := regexp_replace(because, E'^(account|agreement|person) [0-9]+ \\(', E'\\1 (')
                   || coalesce(': ' || nullif(detail, ''), '');
    END;
    IF half = 0 THEN
        record := records[1];
        RETURN NEXT;
        RETURN;
    END IF;
    RETURN QUERY SELECT t.* FROM care_internal.import_try(batch_id, class, records[:half]) AS t;
    RETURN QUERY SELECT t.* FROM care_internal.import_try(batch_id, class, records[half + 1:]) AS t;
END
$$;
COMMENT ON FUNCTION care_internal.import_try(bigint, text, text[]) IS
    'Part of a load: records some accounts or agreements and says of each why it was refused; null: it is recorded.';
