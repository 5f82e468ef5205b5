--
-- entry: the entries of an agreement, and invoices.
--
-- Must not know: care accounts, interest.
--

CREATE TABLE care.agreement_entry (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_entry_agreement_fkey REFERENCES care.agreement,
    entry_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_entry_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT agreement_entry_not_nought CHECK (amount <> 0),
    kind text NOT NULL
        CONSTRAINT agreement_entry_known_kind CHECK (kind IN (
            'care_fees', 'administration_charge', 'opening_balance', 'refund', 'payment', 'credit', 'waiver',
            'write_off')),
    reverses bigint,
    comes_with bigint,
    week_from date
        CONSTRAINT agreement_entry_finite_week CHECK (week_from BETWEEN '0001-01-01' AND '9999-12-31'),
    tariff text,
    evidence text,
    note text,
    override_reason text,
    authorised_by text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- with what a balance needs, known now or at a moment, so that it is worked out from the index alone
    CONSTRAINT agreement_entry_pkey PRIMARY KEY (entry_id),
    CONSTRAINT agreement_entry_key UNIQUE (agreement_id, entry_id) INCLUDE (on_day, amount, kind, recorded_at),
    CONSTRAINT agreement_entry_signed CHECK (reverses IS NOT NULL OR week_from IS NOT NULL
                                             OR (amount < 0) = (kind IN ('payment', 'credit', 'waiver', 'write_off'))),
    CONSTRAINT agreement_entry_authorised
        CHECK (kind NOT IN ('credit', 'waiver', 'write_off') OR reverses IS NOT NULL
               OR (coalesce(note, '') <> '' AND coalesce(authorised_by, '') <> ''))
);
CREATE UNIQUE INDEX agreement_entry_reversed_once ON care.agreement_entry (agreement_id, reverses)
    WHERE reverses IS NOT NULL;
COMMENT ON INDEX care.agreement_entry_reversed_once IS 'An entry is reversed once.';
COMMENT ON TABLE care.agreement_entry IS
    'The ledger of each agreement: what raises the debt and what lowers it. Interest is not an entry, nor is what was '
    'settled or is held: all of it follows.';
COMMENT ON COLUMN care.agreement_entry.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_entry.entry_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_entry.on_day IS 'The day at whose start it takes effect.';
COMMENT ON COLUMN care.agreement_entry.amount IS 'Pounds; what lowers the debt is negative.';
COMMENT ON COLUMN care.agreement_entry.kind IS
    'What raises the debt: care_fees, administration_charge, opening_balance (brought in), refund (of money held); '
    'what lowers it: payment, credit (such as a remedy), waiver (of what was charged), write_off.';
COMMENT ON COLUMN care.agreement_entry.reverses IS 'The entry_id of the entry it takes back.';
COMMENT ON COLUMN care.agreement_entry.comes_with IS
    'The entry_id of the payment that a waiver of interest came with; taken back together.';
COMMENT ON COLUMN care.agreement_entry.week_from IS 'For fees posted from the weekly deferral: first day of the week.';
COMMENT ON COLUMN care.agreement_entry.tariff IS 'For a charge: the line of the authority''s tariff.';
COMMENT ON COLUMN care.agreement_entry.evidence IS 'For a charge at cost: reference of the evidence.';
COMMENT ON COLUMN care.agreement_entry.note IS 'What it was for; of a credit, waiver or write-off, the reason.';
COMMENT ON COLUMN care.agreement_entry.override_reason IS
    'For debt brought in past the equity limit, after deferring stopped or not at the start: why all the same.';
COMMENT ON COLUMN care.agreement_entry.authorised_by IS
    'Who answers for it: for a credit, waiver or write-off, and debt brought in by an override.';
COMMENT ON COLUMN care.agreement_entry.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_entry.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_entry', 'agreement', 'care.reverse_entry()');
SELECT care_internal.refer_within('care.agreement_entry', 'reverses', 'entry_id', 'agreement_id');
SELECT care_internal.refer_within('care.agreement_entry', 'comes_with', 'entry_id', 'agreement_id');

CREATE TABLE care.agreement_invoice (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_invoice_agreement_fkey REFERENCES care.agreement,
    invoice_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_invoice_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT agreement_invoice_known_kind CHECK (kind IN ('interest', 'administration_charge')),
    amount care.pounds NOT NULL
        CONSTRAINT agreement_invoice_not_nought CHECK (amount <> 0),
    reverses bigint,
    tariff text,
    evidence text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT agreement_invoice_pkey PRIMARY KEY (invoice_id),
    CONSTRAINT agreement_invoice_key UNIQUE (agreement_id, invoice_id)
);
CREATE UNIQUE INDEX agreement_invoice_reversed_once ON care.agreement_invoice (agreement_id, reverses)
    WHERE reverses IS NOT NULL;
COMMENT ON INDEX care.agreement_invoice_reversed_once IS 'An invoice is taken back once.';
COMMENT ON TABLE care.agreement_invoice IS
    'Interest and charges that the person pays separately: invoiced, not deferred, and without interest.';
COMMENT ON COLUMN care.agreement_invoice.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_invoice.invoice_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_invoice.on_day IS 'The day of a charge; for interest, the last day it covers.';
COMMENT ON COLUMN care.agreement_invoice.kind IS 'interest or administration_charge.';
COMMENT ON COLUMN care.agreement_invoice.amount IS 'Pounds; negative: a correction of earlier ones.';
COMMENT ON COLUMN care.agreement_invoice.reverses IS 'The invoice_id of the invoice it takes back.';
COMMENT ON COLUMN care.agreement_invoice.tariff IS 'For a charge: the line of the authority''s tariff.';
COMMENT ON COLUMN care.agreement_invoice.evidence IS 'For a charge at cost: reference of the evidence.';
COMMENT ON COLUMN care.agreement_invoice.note IS 'More.';
COMMENT ON COLUMN care.agreement_invoice.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_invoice.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_invoice', 'agreement', 'care.reverse_invoice()');
SELECT care_internal.refer_within('care.agreement_invoice', 'reverses', 'invoice_id', 'agreement_id');
