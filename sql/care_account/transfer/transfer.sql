--
-- transfer: that an account was sent to another authority, taken in from one, acknowledged or cancelled; and documents
-- as they were received, whether they were accepted or not.
--
-- The day of the move belongs to the second authority.  From then on the first one's account has no budget and takes
-- no facts; the second one's has the facts of both, so that every figure is what it would have been without a move.
-- What an account has been through is a stack: the last transfer that was not cancelled says whether it is open here.
--
-- Must not know: what a document says.
--

CREATE TABLE care.transfer (
    account_id bigint NOT NULL
        CONSTRAINT transfer_account_fkey REFERENCES care.account,
    transfer_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    direction text NOT NULL
        CONSTRAINT transfer_known_direction CHECK (direction IN ('out', 'in')),
    document_id uuid NOT NULL,
    from_authority text NOT NULL
        CONSTRAINT transfer_from_fkey REFERENCES care.local_authority,
    from_reference text NOT NULL,
    to_authority text NOT NULL
        CONSTRAINT transfer_to_fkey REFERENCES care.local_authority,
    sequence integer NOT NULL
        CONSTRAINT transfer_sequence_counts CHECK (sequence > 0),
    trigger text
        CONSTRAINT transfer_known_trigger CHECK (trigger IN ('37(1)', '37(2)', '37(3)')),
    purpose text NOT NULL
        CONSTRAINT transfer_known_purpose CHECK (purpose IN ('move', 'release', 'prison_move', 'merger', 'request')),
    moves_on date NOT NULL
        CONSTRAINT transfer_finite_day CHECK (moves_on BETWEEN '0001-01-01' AND '9999-12-31'),
    document text NOT NULL,
    digest text NOT NULL
        CONSTRAINT transfer_digest_is_sha256 CHECK (digest ~ '^[0-9a-f]{64}$'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT transfer_pkey PRIMARY KEY (transfer_id),
    CONSTRAINT transfer_key UNIQUE (account_id, transfer_id),
    CONSTRAINT transfer_trigger_of_move CHECK ((trigger IS NULL) = (purpose = 'merger')),
    CONSTRAINT transfer_sequence_key UNIQUE (from_authority, from_reference, sequence, direction)
);
COMMENT ON TABLE care.transfer IS
    'Documents by which an account went to another authority or came from one, each as it was sent or received.';
COMMENT ON COLUMN care.transfer.account_id IS 'The account here.';
COMMENT ON COLUMN care.transfer.transfer_id IS 'Key within the account.';
COMMENT ON COLUMN care.transfer.direction IS 'out: to another authority; in: from one.';
COMMENT ON COLUMN care.transfer.document_id IS 'The document''s own identifier, one at both ends.';
COMMENT ON COLUMN care.transfer.from_authority IS 'The first authority, as the document names it.';
COMMENT ON COLUMN care.transfer.from_reference IS 'Its reference for the account.';
COMMENT ON COLUMN care.transfer.to_authority IS 'The second authority, as the document names it.';
COMMENT ON COLUMN care.transfer.sequence IS 'Which of the first authority''s documents of the account it is, from 1.';
COMMENT ON COLUMN care.transfer.trigger IS
    'Care Act 2014 section 37(1): needs are met; 37(2): an account is kept; 37(3): leaves accommodation in which the '
    'first placed them; null: nobody moved, authorities were merged.';
COMMENT ON COLUMN care.transfer.purpose IS 'move, release (from prison), prison_move, merger or request.';
COMMENT ON COLUMN care.transfer.moves_on IS 'The day of the move: the first that the second authority counts.';
COMMENT ON COLUMN care.transfer.document IS 'The document, as it was sent or received.';
COMMENT ON COLUMN care.transfer.digest IS 'Its digest: care.document_digest().';
SELECT care_internal.keep('care.transfer', 'account', 'care.transfer_cancel()');

CREATE TABLE care.transfer_step (
    account_id bigint NOT NULL,
    transfer_id bigint NOT NULL,
    step_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL
        CONSTRAINT transfer_step_known_kind CHECK (kind IN ('accepted', 'cancelled')),
    on_day date NOT NULL
        CONSTRAINT transfer_step_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT transfer_step_pkey PRIMARY KEY (step_id),
    CONSTRAINT transfer_step_key UNIQUE (account_id, step_id),
    CONSTRAINT transfer_step_once UNIQUE (transfer_id, kind),
    CONSTRAINT transfer_step_transfer_fkey FOREIGN KEY (account_id, transfer_id)
        REFERENCES care.transfer (account_id, transfer_id),
    CONSTRAINT transfer_step_cancelled_for_reason CHECK (kind <> 'cancelled' OR coalesce(note, '') <> '')
);
COMMENT ON TABLE care.transfer_step IS 'What became of a transfer: taken in by the second authority, or cancelled.';
COMMENT ON COLUMN care.transfer_step.account_id IS 'The account here.';
COMMENT ON COLUMN care.transfer_step.transfer_id IS 'The transfer.';
COMMENT ON COLUMN care.transfer_step.step_id IS 'Key within the account.';
COMMENT ON COLUMN care.transfer_step.kind IS
    'accepted: the second authority took it in (of one that came in: all its facts are here); cancelled: the move did '
    'not happen, and each side has what it had before.';
COMMENT ON COLUMN care.transfer_step.on_day IS 'The day.';
COMMENT ON COLUMN care.transfer_step.note IS 'Why it was cancelled; the acknowledgement of one that went out.';
SELECT care_internal.keep('care.transfer_step', 'account', 'care.transfer_cancel()');

-- What an account has been through: all that was not cancelled, the last first.
CREATE FUNCTION care_internal.standing_transfers(account_id bigint) RETURNS SETOF care.transfer
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 2
BEGIN ATOMIC
    SELECT t.* FROM care.transfer AS t
    WHERE t.account_id = standing_transfers.account_id
      AND NOT EXISTS (SELECT FROM care.transfer_step AS s
                      WHERE s.transfer_id = t.transfer_id AND s.kind = 'cancelled')
    ORDER BY t.transfer_id DESC;
END;
COMMENT ON FUNCTION care_internal.standing_transfers(bigint) IS
    'The transfers of an account that were not cancelled, the last first.';

CREATE FUNCTION care_internal.transfer_state(account_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN coalesce((SELECT CASE t.direction WHEN 'in' THEN 'open' ELSE 'gone' END
                     FROM care_internal.standing_transfers(account_id) AS t LIMIT 1),
                    CASE WHEN EXISTS (SELECT FROM care.transfer AS t
                                      WHERE t.account_id = transfer_state.account_id AND t.direction = 'in'
                                        AND NOT EXISTS (SELECT FROM care.transfer AS e
                                                        WHERE e.account_id = t.account_id
                                                          AND e.transfer_id < t.transfer_id AND e.direction = 'out'))
                         THEN 'undone' ELSE 'open' END);
COMMENT ON FUNCTION care_internal.transfer_state(bigint) IS
    'open: the account is counted here; gone: another authority counts it; undone: it came from another, and that was '
    'cancelled.';

-- An account that is gone is read only.
CREATE FUNCTION care_internal.refuse_when_gone() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off AS $$
DECLARE
    gone record;
BEGIN
    SELECT a.account_id, a.reference, t.to_authority, t.moves_on INTO gone
    FROM (SELECT n.account_id FROM new_rows AS n
          WHERE care_internal.is_new(n.recorded_at)
            -- most have never moved: the others cost more than one look-up
            AND EXISTS (SELECT FROM care.transfer AS o WHERE o.account_id = n.account_id OFFSET 0) OFFSET 0) AS n
        JOIN care.account AS a ON a.account_id = n.account_id
        CROSS JOIN LATERAL (SELECT s.* FROM care_internal.standing_transfers(n.account_id) AS s LIMIT 1) AS t
    WHERE t.direction = 'out'
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'transfer_account_open',
            MESSAGE = format('account %s (%s) was transferred to %s on %s: nothing that counts can be recorded of it',
                             gone.account_id, gone.reference, gone.to_authority, care_internal.day_text(gone.moves_on)),
            HINT = 'It is recorded by the second authority; if the move did not happen, care.transfer_cancel() opens '
                   'the account again.';
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.refuse_when_gone() IS
    'Trigger: refuses (55000) facts that count of an account that another authority counts.';

DO $do$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY '{budget,adjustment,adjustment_approval,counting_correction}'::text[] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_refuse_when_gone AFTER INSERT ON care.%1$s REFERENCING NEW TABLE AS '
                       'new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_when_gone()', name);
        EXECUTE format('COMMENT ON TRIGGER %1$s_refuse_when_gone ON care.%1$s IS ''An account that was transferred '
                       'is read only.''', name);
    END LOOP;
END
$do$;

-- What holds of each transfer, without what the document says.
CREATE VIEW care.transfer_status AS
    SELECT t.account_id, a.authority, a.reference, t.transfer_id, t.direction, t.document_id, t.from_authority,
           t.from_reference, t.to_authority, t.sequence, t.trigger, t.purpose, t.moves_on,
           CASE WHEN c.kind IS NOT NULL THEN 'cancelled' WHEN x.kind IS NOT NULL THEN 'accepted' ELSE 'sent' END
               AS status,
           coalesce(c.on_day, x.on_day, care_internal.day_of(t.recorded_at)) AS since, c.note AS reason, t.digest,
           t.recorded_at, t.recorded_by
    FROM care.transfer AS t
        JOIN care.account AS a ON a.account_id = t.account_id
        LEFT JOIN care.transfer_step AS x ON x.transfer_id = t.transfer_id AND x.kind = 'accepted'
        LEFT JOIN care.transfer_step AS c ON c.transfer_id = t.transfer_id AND c.kind = 'cancelled';
COMMENT ON VIEW care.transfer_status IS
    'Transfers of accounts and what became of each; those with status sent wait for an acknowledgement.';
COMMENT ON COLUMN care.transfer_status.authority IS 'The authority that keeps the account.';
COMMENT ON COLUMN care.transfer_status.reference IS 'Its reference for the account.';
COMMENT ON COLUMN care.transfer_status.status IS
    'sent: the second authority has not acknowledged it; accepted: it counts from the day of the move; cancelled: the '
    'move did not happen.';
COMMENT ON COLUMN care.transfer_status.since IS 'The day from which it has that status.';
COMMENT ON COLUMN care.transfer_status.reason IS 'Why it was cancelled.';
SELECT care_internal.comment_columns('care.transfer_status', 'care.transfer');

-- Who adds up the accounts of several authorities leaves these out: what they stood at is in another account now.
CREATE VIEW care.account_elsewhere AS
    SELECT l.account_id, a.authority, a.reference, l.to_authority, l.moves_on
    FROM (SELECT DISTINCT ON (t.account_id) t.account_id, t.direction, t.to_authority, t.moves_on
          FROM care.transfer AS t
          WHERE NOT EXISTS (SELECT FROM care.transfer_step AS c
                            WHERE c.transfer_id = t.transfer_id AND c.kind = 'cancelled')
          ORDER BY t.account_id, t.transfer_id DESC) AS l
        JOIN care.account AS a ON a.account_id = l.account_id
    WHERE l.direction = 'out';
COMMENT ON VIEW care.account_elsewhere IS
    'Accounts that another authority counts: here they stand as they did on the day before the move.';
COMMENT ON COLUMN care.account_elsewhere.authority IS 'The authority that sent it.';
COMMENT ON COLUMN care.account_elsewhere.reference IS 'Its reference for the account.';
COMMENT ON COLUMN care.account_elsewhere.moves_on IS 'The first day that it is counted there.';
SELECT care_internal.comment_columns('care.account_elsewhere', 'care.transfer');

-- A budget that the document does not have.
CREATE FUNCTION care_internal.own_budget_from(account_id bigint, moves_on date, document text) RETURNS date
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT min(b.valid_from) FROM care.budget_known_at('infinity'::timestamptz) AS b
    WHERE b.account_id = own_budget_from.account_id AND b.valid_from >= moves_on
      AND NOT EXISTS (SELECT FROM jsonb_array_elements(document::jsonb -> 'budgets') AS d (budget)
                      WHERE (d.budget ->> 'from_day')::date = b.valid_from AND d.budget ->> 'kind' = b.kind
                        AND (d.budget ->> 'weekly_cost')::numeric = b.weekly_cost
                        AND d.budget ->> 'setting' IS NOT DISTINCT FROM b.setting
                        AND (d.budget ->> 'weekly_charge')::numeric IS NOT DISTINCT FROM b.weekly_charge::numeric
                        AND d.budget ->> 'plan_reference' IS NOT DISTINCT FROM b.plan_reference);
END;
COMMENT ON FUNCTION care_internal.own_budget_from(bigint, date, text) IS
    'The first day of the first budget of its own that an authority recorded of an account which it took in.';

-- Who met the needs, and from when: a rate of the first authority goes on until the second has its own budget.
CREATE VIEW care.transfer_interim AS
    SELECT t.account_id, a.authority, a.reference, t.transfer_id, t.from_authority, t.moves_on AS from_day,
           least(o.own_from, g.moves_on) - 1 AS to_day, b.weekly_cost, care.value_on(a.weekly_rate, t.moves_on)
               AS weekly_rate,
           b.kind, b.kind = 'personal_budget' AS needs_met
    FROM care.transfer AS t
        JOIN care.account AS a ON a.account_id = t.account_id
        JOIN care.transfer_step AS x ON x.transfer_id = t.transfer_id AND x.kind = 'accepted'
        CROSS JOIN LATERAL (SELECT care_internal.own_budget_from(t.account_id, t.moves_on, t.document) AS own_from
                            OFFSET 0) AS o
        LEFT JOIN LATERAL (SELECT min(l.moves_on) AS moves_on FROM care.transfer AS l
                           WHERE l.account_id = t.account_id AND l.transfer_id > t.transfer_id AND l.direction = 'out'
                             AND NOT EXISTS (SELECT FROM care.transfer_step AS c
                                             WHERE c.transfer_id = l.transfer_id AND c.kind = 'cancelled')) AS g ON true
        JOIN LATERAL (SELECT k.kind, k.weekly_cost FROM care.budget_known_at('infinity'::timestamptz) AS k
                      WHERE k.account_id = t.account_id AND k.valid_from <= t.moves_on
                      ORDER BY k.valid_from DESC LIMIT 1) AS b ON b.kind <> 'ended'
    WHERE t.direction = 'in' AND (o.own_from > t.moves_on) IS NOT FALSE
      AND NOT EXISTS (SELECT FROM care.transfer_step AS c
                      WHERE c.transfer_id = t.transfer_id AND c.kind = 'cancelled');
COMMENT ON VIEW care.transfer_interim IS
    'For how long the second authority goes by the first one''s budget: from the day of the move to the day before its '
    'own. Care Act 2014 section 38.';
COMMENT ON COLUMN care.transfer_interim.authority IS 'The second authority.';
COMMENT ON COLUMN care.transfer_interim.reference IS 'Its reference for the account.';
COMMENT ON COLUMN care.transfer_interim.from_day IS 'First day: that of the move.';
COMMENT ON COLUMN care.transfer_interim.to_day IS 'Last day, counted; null: the second has no budget of its own yet.';
COMMENT ON COLUMN care.transfer_interim.needs_met IS
    'Must the second meet the needs meanwhile? Not where the first kept an independent personal budget: then the '
    'account only goes on.';
SELECT care_internal.comment_columns('care.transfer_interim', 'care.transfer', 'care.budget', 'care.account');

-- A document is kept as it came, whether it will be accepted or not.
CREATE TABLE care.received_document (
    document_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT received_document_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT received_document_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT received_document_reference_is_sha256 CHECK (reference ~ '^[0-9a-f]{64}$'),
    document text NOT NULL,
    digest text,
    checks jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT received_document_reference_key UNIQUE (authority, reference)
);
COMMENT ON TABLE care.received_document IS
    'Documents as they were received, before they were taken in: what was refused stays here, as it came.';
COMMENT ON COLUMN care.received_document.document_id IS 'Key.';
COMMENT ON COLUMN care.received_document.authority IS 'The authority that received it.';
COMMENT ON COLUMN care.received_document.reference IS 'SHA-256 of the text as it came, in hexadecimal.';
COMMENT ON COLUMN care.received_document.document IS 'The text, as it came.';
COMMENT ON COLUMN care.received_document.digest IS
    'The digest worked out of it: care.document_digest(); null: it cannot be read.';
COMMENT ON COLUMN care.received_document.checks IS
    'What was found: member accepted is true, or false with the SQLSTATE, the name and the words of the error.';

CREATE FUNCTION care_internal.document_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT d.document_id, NULL, NULL::date, care_internal.day_of(d.recorded_at), NULL FROM care.received_document AS d;
END;
COMMENT ON FUNCTION care_internal.document_retained(date) IS
    'What the retention of a received document rests on: the day it came; see keep_class().';
SELECT care_internal.keep_class('document', 'care.received_document', 'care.transfer_receive()',
    retained => 'care_internal.document_retained', events => '{last_updated,closed}', person => NULL);
