--
-- move: that a person means to move to another authority's area, and the steps both authorities take: Care Act 2014
-- sections 37 and 38.  Each authority keeps its own record of the move.
--
-- Must not know: documents, accounts' figures.
--

CREATE TABLE care.move (
    move_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT move_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT move_person_fkey REFERENCES care.person,
    authority text NOT NULL
        CONSTRAINT move_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT move_has_reference CHECK (reference <> ''),
    trigger text NOT NULL
        CONSTRAINT move_known_trigger CHECK (trigger IN ('37(1)', '37(2)', '37(3)')),
    first_authority text NOT NULL
        CONSTRAINT move_first_fkey REFERENCES care.local_authority,
    second_authority text NOT NULL
        CONSTRAINT move_second_fkey REFERENCES care.local_authority,
    told_on date NOT NULL
        CONSTRAINT move_finite_told CHECK (told_on BETWEEN '0001-01-01' AND '9999-12-31'),
    told_by text NOT NULL
        CONSTRAINT move_told_by_somebody CHECK (told_by <> ''),
    planned_on date
        CONSTRAINT move_finite_plan CHECK (planned_on BETWEEN '0001-01-01' AND '9999-12-31'),
    carer_moves boolean NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT move_reference_key UNIQUE (authority, reference),
    CONSTRAINT move_between_two CHECK (first_authority <> second_authority),
    CONSTRAINT move_of_authority CHECK (authority IN (first_authority, second_authority))
);
CREATE INDEX move_person_idx ON care.move (person_id);
COMMENT ON INDEX care.move_person_idx IS 'Finds the moves of a person.';
COMMENT ON TABLE care.move IS
    'Moves that were announced, each as the first or the second authority recorded it.';
COMMENT ON COLUMN care.move.move_id IS 'Key.';
COMMENT ON COLUMN care.move.person_id IS 'The person.';
COMMENT ON COLUMN care.move.authority IS 'The authority that keeps this record: the first or the second.';
COMMENT ON COLUMN care.move.reference IS 'Its reference for the move.';
COMMENT ON COLUMN care.move.trigger IS
    '37(1): the first meets needs; 37(2): it keeps a care account and meets none; 37(3): it placed the person in '
    'accommodation in the second''s area, which they mean to leave for a home there.';
COMMENT ON COLUMN care.move.first_authority IS 'The authority they come from.';
COMMENT ON COLUMN care.move.second_authority IS 'The authority they go to.';
COMMENT ON COLUMN care.move.told_on IS 'The day the second was told of it.';
COMMENT ON COLUMN care.move.told_by IS 'Who told it.';
COMMENT ON COLUMN care.move.planned_on IS 'The day it is planned for; null: not known.';
COMMENT ON COLUMN care.move.carer_moves IS 'Does a carer mean to go on caring after it?';
SELECT care_internal.keep_class('move', 'care.move', 'care.record_move_step()',
    retained => 'care_internal.move_retained', events => '{last_updated,closed,death_known}');

CREATE TABLE care.move_step (
    move_id bigint NOT NULL
        CONSTRAINT move_step_move_fkey REFERENCES care.move,
    step_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text
        CONSTRAINT move_step_known_kind
            CHECK (kind IN ('informed', 'satisfied_told', 'not_satisfied', 'documents_sent', 'documents_received',
                            'contact', 'assessed', 'explained', 'moved', 'cancelled')),
    on_day date NOT NULL
        CONSTRAINT move_step_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    note text,
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT move_step_pkey PRIMARY KEY (step_id),
    CONSTRAINT move_step_key UNIQUE (move_id, step_id),
    CONSTRAINT move_step_says_why
        CHECK (coalesce(note, '') <> '' OR (kind IN ('not_satisfied', 'cancelled')) IS FALSE),
    CONSTRAINT move_step_withdraws_one CHECK (kind IS NOT NULL OR supersedes IS NOT NULL)
);
COMMENT ON TABLE care.move_step IS
    'The steps of a move. A correction is a new row that supersedes the wrong one.';
COMMENT ON COLUMN care.move_step.move_id IS 'The move.';
COMMENT ON COLUMN care.move_step.step_id IS 'Key within the move.';
COMMENT ON COLUMN care.move_step.kind IS
    'informed: the second gave the person, and a carer, information; satisfied_told: it told the first that it is '
    'satisfied of the intention; not_satisfied: it is not; documents_sent, documents_received; contact: the first kept '
    'in touch; assessed: by the second; explained: in writing, where needs come out differently; moved; cancelled. '
    'Null: the step that the row supersedes was recorded in error.';
COMMENT ON COLUMN care.move_step.on_day IS 'The day.';
COMMENT ON COLUMN care.move_step.note IS 'More; why the second is not satisfied, or the move was cancelled.';
COMMENT ON COLUMN care.move_step.supersedes IS 'The step_id of the row this one corrects or withdraws.';
SELECT care_internal.keep('care.move_step', 'move', 'care.record_move_step(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.move_step', 'step_id', 'move_id', 'r.kind IS NOT NULL');

CREATE TABLE care.move_difference (
    move_id bigint NOT NULL
        CONSTRAINT move_difference_move_fkey REFERENCES care.move,
    difference_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    need text NOT NULL
        CONSTRAINT move_difference_of_need CHECK (need <> ''),
    first_view text NOT NULL
        CONSTRAINT move_difference_has_first CHECK (first_view <> ''),
    second_view text NOT NULL
        CONSTRAINT move_difference_has_second CHECK (second_view <> ''),
    explained_on date
        CONSTRAINT move_difference_finite_day CHECK (explained_on BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT move_difference_pkey PRIMARY KEY (difference_id),
    CONSTRAINT move_difference_key UNIQUE (move_id, difference_id)
);
COMMENT ON TABLE care.move_difference IS
    'Needs that the second authority sees otherwise than the first, which it explains in writing. A correction is a '
    'new row that supersedes the wrong one.';
COMMENT ON COLUMN care.move_difference.move_id IS 'The move.';
COMMENT ON COLUMN care.move_difference.difference_id IS 'Key within the move.';
COMMENT ON COLUMN care.move_difference.need IS 'The need.';
COMMENT ON COLUMN care.move_difference.first_view IS 'How the first authority saw it.';
COMMENT ON COLUMN care.move_difference.second_view IS 'How the second sees it.';
COMMENT ON COLUMN care.move_difference.explained_on IS 'The day it was explained in writing; null: not yet.';
COMMENT ON COLUMN care.move_difference.supersedes IS 'The difference_id of the row this one corrects.';
SELECT care_internal.keep('care.move_difference', 'move', 'care.record_move_difference(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.move_difference', 'difference_id', 'move_id', 'true');

CREATE TABLE care.recovery_claim (
    move_id bigint NOT NULL
        CONSTRAINT recovery_claim_move_fkey REFERENCES care.move,
    claim_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    from_day date NOT NULL
        CONSTRAINT recovery_claim_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date NOT NULL
        CONSTRAINT recovery_claim_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT recovery_claim_not_negative CHECK (amount >= 0),
    reason text NOT NULL
        CONSTRAINT recovery_claim_has_reason CHECK (reason <> ''),
    decided_on date
        CONSTRAINT recovery_claim_finite_day CHECK (decided_on BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT recovery_claim_pkey PRIMARY KEY (claim_id),
    CONSTRAINT recovery_claim_key UNIQUE (move_id, claim_id),
    CONSTRAINT recovery_claim_in_order CHECK (to_day >= from_day)
);
COMMENT ON TABLE care.recovery_claim IS
    'What the second authority asks the first to pay back, where it turned out that residence never changed. A '
    'correction is a new row that supersedes the wrong one; an amount of nought withdraws it.';
COMMENT ON COLUMN care.recovery_claim.move_id IS 'The move.';
COMMENT ON COLUMN care.recovery_claim.claim_id IS 'Key within the move.';
COMMENT ON COLUMN care.recovery_claim.from_day IS 'First day.';
COMMENT ON COLUMN care.recovery_claim.to_day IS 'Last day, counted.';
COMMENT ON COLUMN care.recovery_claim.amount IS 'Pounds.';
COMMENT ON COLUMN care.recovery_claim.reason IS 'Why.';
COMMENT ON COLUMN care.recovery_claim.decided_on IS 'The day it was decided; null: not yet.';
COMMENT ON COLUMN care.recovery_claim.supersedes IS 'The claim_id of the row this one corrects.';
SELECT care_internal.keep('care.recovery_claim', 'move', 'care.record_recovery_claim(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('care.recovery_claim', 'claim_id', 'move_id', 'r.amount > 0');

CREATE VIEW care.move_step_in_force AS
    SELECT s.move_id, m.authority, m.reference, s.step_id, s.kind, s.on_day, s.note, s.supersedes, s.recorded_at,
           s.recorded_by
    FROM care.move_step_known_at('infinity'::timestamptz) AS s
        JOIN care.move AS m ON m.move_id = s.move_id;
COMMENT ON VIEW care.move_step_in_force IS 'The steps of moves that stand: neither corrected nor withdrawn.';
SELECT care_internal.comment_columns('care.move_step_in_force', 'care.move_step', 'care.move');

CREATE FUNCTION care_internal.move_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT m.move_id, NULL, d.known_on,
           (SELECT max(s.on_day) FROM care.move_step_in_force AS s
            WHERE s.move_id = m.move_id AND s.kind IN ('moved', 'cancelled') AND s.on_day <= as_at), NULL
    FROM care.move AS m
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = m.person_id
            AND d.known_on <= as_at;
END;
COMMENT ON FUNCTION care_internal.move_retained(date) IS
    'What the retention of each move rests on: the day it was over, and the day the death was known; see keep_class().';

-- What the first authority must send, once the second has told it that it is satisfied.
CREATE FUNCTION care_internal.satisfied(move_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.kind FROM care.move_step_in_force AS s
    WHERE s.move_id = satisfied.move_id AND s.kind IN ('satisfied_told', 'not_satisfied', 'cancelled')
    ORDER BY s.on_day DESC, s.step_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.satisfied(bigint) IS
    'satisfied_told, not_satisfied or cancelled: whichever was last; null: none of them yet.';

CREATE VIEW care.move_document_due AS
    SELECT m.move_id, m.authority, m.reference, d.document, d.because,
           (SELECT max(s.on_day) FROM care.move_step_in_force AS s
            WHERE s.move_id = m.move_id AND s.kind = 'documents_sent') AS sent_on
    FROM care.move AS m
        CROSS JOIN LATERAL (VALUES
            ('plan', 'needs are met', m.trigger <> '37(2)'),
            ('carer_support_plan', 'the carer goes on caring after the move', m.carer_moves),
            ('care_account', 'an account is kept',
             EXISTS (SELECT FROM care.account AS a WHERE a.person_id = m.person_id)),
            ('ipb', 'the adult arranges the care', m.trigger = '37(2)'),
            ('assessment', 'the adult arranges the care', m.trigger = '37(2)')) AS d (document, because, due)
    WHERE d.due AND m.authority = m.first_authority AND care_internal.satisfied(m.move_id) = 'satisfied_told';
COMMENT ON VIEW care.move_document_due IS
    'Worklist of the first authority: which documents of each move the second is owed, and when some were last sent.';
COMMENT ON COLUMN care.move_document_due.document IS
    'plan: care and support plan; carer_support_plan; care_account: care.transfer_out(); ipb: independent personal '
    'budget; assessment: the last needs assessment.';
COMMENT ON COLUMN care.move_document_due.because IS 'Why it is owed.';
COMMENT ON COLUMN care.move_document_due.sent_on IS 'The last day documents were sent; null: none yet.';
SELECT care_internal.comment_columns('care.move_document_due', 'care.move');
