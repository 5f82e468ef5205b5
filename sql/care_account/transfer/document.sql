--
-- document: what goes with an account to another authority: its facts, so that the receiver can work every figure out
-- anew, and the lines and totals that follow from them, so that it can compare.
--
-- Amounts are strings with two decimals, days are written YYYY-MM-DD, arrays stand in the order of days.  What an
-- earlier document of the account said that is not known here is said again.
--
-- Must not know: who sends it, what is done with it.
--

-- An extension that knows pseudonyms says so, and then no name, date of birth or number leaves with a document.
CREATE TABLE care_internal.alias_source (
    function text NOT NULL
        CONSTRAINT alias_source_pkey PRIMARY KEY
);
COMMENT ON TABLE care_internal.alias_source IS 'Where pseudonyms are recorded, by the extensions that keep them.';
COMMENT ON COLUMN care_internal.alias_source.function IS
    'Function (person_id bigint, on_day date) with the pseudonym of a person that is in force; null: none.';

CREATE FUNCTION care_internal.keep_alias(function text) RETURNS void LANGUAGE sql STRICT
BEGIN ATOMIC
    INSERT INTO care_internal.alias_source (function) VALUES (keep_alias.function)
    ON CONFLICT ON CONSTRAINT alias_source_pkey DO NOTHING;    -- of an extension that was dropped and is made again
END;
COMMENT ON FUNCTION care_internal.keep_alias(text) IS
    'Declares where pseudonyms are found; see care_internal.alias_source. For the script of an extension.';

CREATE FUNCTION care_internal.alias_of(person_id bigint, on_day date) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    source text;
    alias text;
BEGIN
    FOR source IN SELECT s.function FROM care_internal.alias_source AS s
                  WHERE to_regprocedure(s.function || '(bigint, date)') IS NOT NULL ORDER BY s.function LOOP
        EXECUTE format('SELECT coalesce(%1$s($1, care.today()), %1$s($1, $2))', source)
        INTO alias USING person_id, on_day;
        IF alias IS NOT NULL THEN
            RETURN alias;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.alias_of(bigint, date) IS
    'The pseudonym of a person that is in force today or on a day, by whichever extension keeps such; null: none.';

CREATE FUNCTION care_internal.money_text(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN round(amount, 2)::text;
COMMENT ON FUNCTION care_internal.money_text(numeric) IS 'Pounds as documents write them: with two decimals.';

-- The facts in force; a budget may begin before the day from which the account counts, if that was corrected.
CREATE FUNCTION care_internal.facts_of(account care.account) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN jsonb_build_object(
        'counts_from', care_internal.day_text(coalesce(
            (SELECT c.counts_from FROM care.counting_correction_known_at('infinity'::timestamptz) AS c
             WHERE c.account_id = (account).account_id), (account).counts_from)),
        'budgets', coalesce((
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'from_day', care_internal.day_text(b.valid_from), 'kind', b.kind, 'setting', b.setting,
                       'weekly_cost', care_internal.money_text(b.weekly_cost),
                       'weekly_charge', care_internal.money_text(b.weekly_charge),
                       'plan_reference', b.plan_reference, 'reason', b.reason)) ORDER BY b.valid_from)
            FROM care.budget_known_at('infinity'::timestamptz) AS b
            WHERE b.account_id = (account).account_id), '[]'),
        'adjustments', coalesce((
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'on_day', care_internal.day_text(j.effective_on),
                       'amount', care_internal.money_text(j.amount), 'reason', j.reason,
                       'description', r.description, 'authorised_by', j.authorised_by, 'evidence', j.evidence))
                       ORDER BY j.effective_on, j.adjustment_id)
            FROM care.adjustment_known_at('infinity'::timestamptz) AS j
                JOIN care.adjustment_reason AS r ON r.reason = j.reason
            WHERE j.account_id = (account).account_id AND j.amount <> 0), '[]'),
        'events', coalesce((
            SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
                       'on_day', care_internal.day_text(e.on_day), 'kind', e.kind, 'note', e.note))
                       ORDER BY e.on_day, e.event_id)
            FROM care.account_event_known_at('infinity'::timestamptz) AS e
            WHERE e.account_id = (account).account_id), '[]'));
COMMENT ON FUNCTION care_internal.facts_of(care.account) IS
    'The facts of an account that hold: members counts_from, budgets, adjustments and events of a document.';

-- Which authorities have counted the account, and from when: each of those before, then this one.
CREATE FUNCTION care_internal.responsible_of(account care.account) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH came AS (
        SELECT t.document::jsonb -> 'responsible' AS before, t.moves_on
        FROM care_internal.standing_transfers((account).account_id) AS t WHERE t.direction = 'in' LIMIT 1
    ), every AS (
        SELECT u.part, u.place FROM came AS c, jsonb_array_elements(c.before) WITH ORDINALITY AS u (part, place)
        UNION ALL
        SELECT jsonb_build_object('authority', (account).authority, 'reference', (account).reference, 'from_day',
                                  care_internal.day_text((SELECT c.moves_on FROM came AS c))), 1000000
    )
    SELECT jsonb_agg(CASE WHEN e.place = (SELECT min(m.place) FROM every AS m)
                          THEN e.part || jsonb_build_object('from_day',
                                                            care_internal.day_text((account).counting_from))
                          ELSE e.part END ORDER BY e.place)
    FROM every AS e;
END;
COMMENT ON FUNCTION care_internal.responsible_of(care.account) IS
    'Member responsible of a document: each authority that has counted the account, with its reference and first day.';

-- The working, cut where another authority began to count.
CREATE FUNCTION care_internal.lines_of(account care.account, to_day date, responsible jsonb) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH part AS MATERIALIZED (
        SELECT (u.part ->> 'from_day')::date AS from_day, u.part ->> 'authority' AS authority, u.place
        FROM jsonb_array_elements(responsible) WITH ORDINALITY AS u (part, place)
    )
    SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
               'from_day', care_internal.day_text(w.from_day), 'to_day', care_internal.day_text(w.to_day),
               'days', w.days, 'what', w.what, 'weekly_rate', care_internal.money_text(w.weekly_rate),
               'cap', care_internal.money_text(w.cap), 'amount', care_internal.money_text(w.amount),
               'accrued', care_internal.money_text(w.accrued),
               'setting', (SELECT b.setting FROM care.budget_known_at('infinity'::timestamptz) AS b
                           WHERE b.account_id = (account).account_id AND b.valid_from <= w.from_day
                           ORDER BY b.valid_from DESC LIMIT 1),
               'authority', (SELECT p.authority FROM part AS p WHERE p.from_day <= w.from_day
                             ORDER BY p.from_day DESC, p.place DESC LIMIT 1))) ORDER BY w.place), '[]')
    FROM care.cap_working((account).weekly_rate, (account).cap, (account).counting_from, to_day,
                          -- what was withdrawn begins no line
                          (SELECT care.schedule_agg(j.effective_on, j.running)
                           FROM (SELECT k.effective_on, sum(sum(k.amount)) OVER (ORDER BY k.effective_on) AS running
                                 FROM care.adjustment_known_at('infinity'::timestamptz) AS k
                                 WHERE k.account_id = (account).account_id AND k.amount <> 0
                                 GROUP BY k.effective_on) AS j),
                          (account).cap_scales, (account).reach,
                          care_internal.changes((account).weekly_cost,
                                                (SELECT care.schedule_agg(d.from_day, d.place)
                                                 FROM (SELECT p.from_day, max(p.place) AS place FROM part AS p
                                                       GROUP BY p.from_day) AS d)))
        WITH ORDINALITY AS w (from_day, to_day, days, what, weekly_rate, cap, amount, accrued, place);
END;
COMMENT ON FUNCTION care_internal.lines_of(care.account, date, jsonb) IS
    'Member lines of a document: the working of an account to a day, in order, with the authority that counted.';

CREATE FUNCTION care_internal.totals_of(lines jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_build_object('lines', count(*),
               'amount', care_internal.money_text(coalesce(sum((l.line ->> 'amount')::numeric), 0)),
               'by_authority', (SELECT coalesce(jsonb_agg(jsonb_build_object('authority', a.authority, 'amount',
                                                                             care_internal.money_text(a.amount))
                                                          ORDER BY a.authority COLLATE "C"), '[]')
                                FROM (SELECT m.line ->> 'authority' AS authority,
                                             sum((m.line ->> 'amount')::numeric) AS amount
                                      FROM jsonb_array_elements(lines) AS m (line) GROUP BY 1) AS a))
    FROM jsonb_array_elements(lines) AS l (line);
END;
COMMENT ON FUNCTION care_internal.totals_of(jsonb) IS 'Member totals of a document, added up from its lines.';

-- Members that are not known here go on with the account: those of the whole, and those of account.
CREATE FUNCTION care_internal.unknown_members(document jsonb, known text[]) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(CASE WHEN jsonb_typeof(document) = 'object' THEN document - ARRAY(SELECT unnest(known)) END, '{}');
COMMENT ON FUNCTION care_internal.unknown_members(jsonb, text[]) IS 'Members of an object but for some; empty: none.';

-- What is known of the person here comes before what a document said, and under a pseudonym there is nothing else.
CREATE FUNCTION care_internal.person_of(account care.account, moves_on date, given jsonb, before jsonb) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE WHEN x.alias IS NOT NULL THEN jsonb_build_object('alias', x.alias)
        ELSE care_internal.unknown_members(before, '{alias,reference,date_of_birth,nhs_number,nhs_number_status,
                                                     nhs_number_traced_on}')
            || jsonb_build_object('reference', (account).person_reference)
            || coalesce((SELECT jsonb_strip_nulls(jsonb_build_object(
                                    'date_of_birth', CASE WHEN d.date_of_birth IS NOT NULL
                                                          THEN care_internal.day_text(d.date_of_birth) END,
                                    'nhs_number', d.nhs_number, 'nhs_number_status', d.nhs_number_status,
                                    'nhs_number_traced_on',
                                    CASE WHEN d.nhs_number_traced_on IS NOT NULL
                                         THEN care_internal.day_text(d.nhs_number_traced_on) END))
                         FROM care.person_detail_known_at('infinity'::timestamptz) AS d
                         WHERE d.person_id = (account).person_id), '{}')
            || coalesce(given, '{}') END
    FROM care_internal.alias_of((account).person_id, moves_on) AS x (alias);
END;
COMMENT ON FUNCTION care_internal.person_of(care.account, date, jsonb, jsonb) IS
    'Member person of a document: what is known here and what is given, over what the last document said; where a '
    'pseudonym is in force, only that.';

CREATE FUNCTION care_internal.account_of(account care.account, facts jsonb, counted_to date) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'reference', p.reference, 'opened_on', care_internal.day_text(care_internal.day_of((account).recorded_at)),
        'counts_from', facts ->> 'counts_from', 'counting_from', care_internal.day_text((account).counting_from),
        'counted_to', care_internal.day_text(counted_to),
        'needs_began_on', (SELECT care_internal.day_text(d.needs_began_on)
                           FROM care.person_detail_known_at('infinity'::timestamptz) AS d
                           WHERE d.person_id = (account).person_id AND d.needs_began_on IS NOT NULL),
        'reach', (account).reach, 'accrued', care_internal.money_text(p.accrued),
        'weekly_cost', care_internal.money_text(p.weekly_cost),
        'weekly_rate', care_internal.money_text(p.weekly_rate),
        'daily_living_cost', care_internal.money_text(p.daily_living_cost),
        'cap', care_internal.money_text(p.cap),
        'cap_reached_on', CASE WHEN p.cap_reached_on IS NOT NULL THEN care_internal.day_text(p.cap_reached_on) END,
        'last_statement', (SELECT jsonb_build_object('as_at', care_internal.day_text(s.as_at), 'accrued',
                                                     care_internal.money_text(s.accrued))
                           FROM care.issued_statement AS s WHERE s.account_id = (account).account_id
                           ORDER BY s.statement_id DESC LIMIT 1),
        'channel', (SELECT h.channel FROM care_internal.channel_on((account).person_id, counted_to) AS h)))
        || jsonb_build_object('agreements', (
            SELECT coalesce(jsonb_agg(jsonb_build_object('authority', g.authority, 'reference', g.reference)
                                      ORDER BY g.agreement_id), '[]')
            FROM care.agreement AS g WHERE g.person_id = (account).person_id))
    FROM care_internal.account_stands(account, counted_to) AS p;
END;
COMMENT ON FUNCTION care_internal.account_of(care.account, jsonb, date) IS
    'Member account of a document: where the account stands at the close of the last day that is counted here. '
    'Agreements for deferred payment stay: they are named.';

CREATE FUNCTION care_internal.retention_part(account care.account) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT jsonb_strip_nulls(jsonb_build_object(
        'last_updated', care_internal.day_text(r.last_updated), 'on_hold', r.on_hold, 'reason', r.reason,
        'retain_until', CASE WHEN r.retain_until IS NOT NULL THEN care_internal.day_text(r.retain_until) END,
        'died_on', (SELECT care_internal.day_text(d.died_on) FROM care.death_known_at('infinity'::timestamptz) AS d
                    WHERE d.person_id = (account).person_id),
        'death_known_on', (SELECT care_internal.day_text(d.known_on)
                           FROM care.death_known_at('infinity'::timestamptz) AS d
                           WHERE d.person_id = (account).person_id)))
    FROM care_internal.retention_of('account', (account).account_id) AS r;
END;
COMMENT ON FUNCTION care_internal.retention_part(care.account) IS
    'Member retention of a document: what the first authority keeps the account by; the second has its own clock.';

CREATE FUNCTION care_internal.transfer_document(account care.account, moves_on date, header jsonb, person jsonb,
                                                attachments jsonb) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    WITH made AS MATERIALIZED (
        SELECT care_internal.facts_of(account) AS facts, care_internal.responsible_of(account) AS responsible,
               (SELECT t.document::jsonb FROM care_internal.standing_transfers((account).account_id) AS t
                WHERE t.direction = 'in' LIMIT 1) AS before
    ), worked AS MATERIALIZED (
        SELECT m.*, care_internal.lines_of(account, moves_on - 1, m.responsible) AS lines,
               care_internal.account_of(account, m.facts, moves_on - 1) AS of_account
        FROM made AS m
    )
    SELECT care_internal.unknown_members(w.before, '{schema,version,transfer_id,sequence,supersedes,created_at,purpose,'
               'from,to,scheme,status,move,person,account,budgets,adjustments,events,responsible,lines,attachments,'
               'retention,totals,integrity}'::text[])
           || header
           || jsonb_build_object(
                  'schema', 'care-account-transfer', 'version', 1, 'scheme', (account).scheme,
                  'person', care_internal.person_of(account, moves_on, person, w.before -> 'person'),
                  'account', care_internal.unknown_members(w.before -> 'account', '{reference,opened_on,counts_from,'
                                 'counting_from,counted_to,needs_began_on,reach,accrued,weekly_cost,weekly_rate,'
                                 'daily_living_cost,cap,cap_reached_on,last_statement,channel,agreements}'::text[])
                             || w.of_account,
                  'budgets', w.facts -> 'budgets', 'adjustments', w.facts -> 'adjustments',
                  'events', w.facts -> 'events',
                  'responsible', w.responsible, 'lines', w.lines, 'totals', care_internal.totals_of(w.lines),
                  'attachments', coalesce(attachments, '[]'), 'retention', care_internal.retention_part(account))
    FROM worked AS w;
END;
COMMENT ON FUNCTION care_internal.transfer_document(care.account, date, jsonb, jsonb, jsonb) IS
    'The document of a transfer, without its digest; header has the members that say who sends it, to whom and why.';
