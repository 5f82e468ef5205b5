--
-- entry: the entries of an agreement, money held, and invoices.
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
            'care_fees', 'administration_charge', 'opening_balance', 'payment', 'write_off', 'carried')),
    settles boolean NOT NULL DEFAULT false
        CONSTRAINT agreement_entry_settles_kind CHECK (NOT settles OR kind IN ('payment', 'write_off', 'carried')),
    reverses bigint,
    week_from date
        CONSTRAINT agreement_entry_finite_week CHECK (week_from BETWEEN '0001-01-01' AND '9999-12-31'),
    tariff text,
    evidence text,
    note text,
    override_reason text,
    authorised_by text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- with what a balance needs, so that it is worked out from the index alone
    CONSTRAINT agreement_entry_pkey PRIMARY KEY (entry_id),
    CONSTRAINT agreement_entry_key UNIQUE (agreement_id, entry_id) INCLUDE (on_day, amount, kind),
    CONSTRAINT agreement_entry_signed CHECK (reverses IS NOT NULL OR week_from IS NOT NULL OR kind = 'carried'
                                             OR (amount < 0) = (kind IN ('payment', 'write_off')))
);
CREATE INDEX agreement_entry_settles_idx ON care.agreement_entry (agreement_id, entry_id) WHERE settles;
COMMENT ON INDEX care.agreement_entry_settles_idx IS 'Finds what settled an agreement.';
CREATE UNIQUE INDEX agreement_entry_reversed_once ON care.agreement_entry (agreement_id, reverses)
    WHERE reverses IS NOT NULL;
COMMENT ON INDEX care.agreement_entry_reversed_once IS 'An entry is reversed once.';
COMMENT ON TABLE care.agreement_entry IS
    'The ledger of each agreement: what was deferred and what was paid. Interest is not an entry: it follows from '
    'them.';
COMMENT ON COLUMN care.agreement_entry.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_entry.entry_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_entry.on_day IS 'The day at whose start it takes effect.';
COMMENT ON COLUMN care.agreement_entry.amount IS 'Pounds owed; a payment is negative.';
COMMENT ON COLUMN care.agreement_entry.kind IS
    'care_fees, administration_charge, opening_balance (brought in), payment, write_off, or carried: what was owed, '
    'settled and carried on as one amount.';
COMMENT ON COLUMN care.agreement_entry.settles IS
    'It and what was entered before it, for its day or earlier, are settled, to nought exactly.';
COMMENT ON COLUMN care.agreement_entry.reverses IS 'The entry_id of the entry it takes back.';
COMMENT ON COLUMN care.agreement_entry.week_from IS 'For fees posted from the weekly deferral: first day of the week.';
COMMENT ON COLUMN care.agreement_entry.tariff IS 'For a charge: the line of the authority''s tariff.';
COMMENT ON COLUMN care.agreement_entry.evidence IS 'For a charge at cost: reference of the evidence.';
COMMENT ON COLUMN care.agreement_entry.note IS 'What it was for.';
COMMENT ON COLUMN care.agreement_entry.override_reason IS
    'For debt brought in past the equity limit, after deferring stopped or not at the start: why all the same.';
COMMENT ON COLUMN care.agreement_entry.authorised_by IS 'Who answers for it.';
COMMENT ON COLUMN care.agreement_entry.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_entry.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_entry', 'agreement', 'care.reverse_entry()');
SELECT care_internal.refer_within('care.agreement_entry', 'reverses', 'entry_id', 'agreement_id');

CREATE TABLE care.agreement_credit (
    agreement_id bigint NOT NULL
        CONSTRAINT agreement_credit_agreement_fkey REFERENCES care.agreement,
    credit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    on_day date NOT NULL
        CONSTRAINT agreement_credit_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT agreement_credit_not_nought CHECK (amount <> 0),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT agreement_credit_pkey PRIMARY KEY (credit_id),
    CONSTRAINT agreement_credit_key UNIQUE (agreement_id, credit_id)
);
COMMENT ON TABLE care.agreement_credit IS
    'Money received above what was owed, held to be refunded: no part of the debt, without interest.';
COMMENT ON COLUMN care.agreement_credit.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_credit.credit_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_credit.on_day IS 'The day it was received or refunded.';
COMMENT ON COLUMN care.agreement_credit.amount IS 'Pounds received; negative: refunded.';
COMMENT ON COLUMN care.agreement_credit.note IS 'More.';
COMMENT ON COLUMN care.agreement_credit.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_credit.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_credit', 'agreement', 'care.refund_credit()');

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
    tariff text,
    evidence text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT agreement_invoice_pkey PRIMARY KEY (invoice_id),
    CONSTRAINT agreement_invoice_key UNIQUE (agreement_id, invoice_id)
);
COMMENT ON TABLE care.agreement_invoice IS
    'Interest and charges that the person pays separately: invoiced, not deferred, and without interest.';
COMMENT ON COLUMN care.agreement_invoice.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.agreement_invoice.invoice_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.agreement_invoice.on_day IS 'The day of a charge; for interest, the last day it covers.';
COMMENT ON COLUMN care.agreement_invoice.kind IS 'interest or administration_charge.';
COMMENT ON COLUMN care.agreement_invoice.amount IS 'Pounds; negative: a correction of earlier ones.';
COMMENT ON COLUMN care.agreement_invoice.tariff IS 'For a charge: the line of the authority''s tariff.';
COMMENT ON COLUMN care.agreement_invoice.evidence IS 'For a charge at cost: reference of the evidence.';
COMMENT ON COLUMN care.agreement_invoice.note IS 'More.';
COMMENT ON COLUMN care.agreement_invoice.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN care.agreement_invoice.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.agreement_invoice', 'agreement', 'care.invoice_interest() or care.record_charge()');
