--
-- agreements: the deferred payment agreements that are measured, loaded through the real tables.
--
-- 20,000 agreements at the national maximum rate, spread over the authorities, begin on any day of
-- five and a half years; each has a weekly entry for 157 weeks.  The ledger lies in the order of its
-- days, as weekly posting leaves it.
--
-- Must not know: care accounts.
--

SELECT care.record_interest_policy(a.authority, '2015-04-01', NULL, 'benchmark')
FROM care.local_authority AS a WHERE a.valid_to IS NULL \g /dev/null

CALL bench.load('persons with an agreement', format($$
    INSERT INTO care.person (authority, reference)
    SELECT a.codes[1 + n %% cardinality(a.codes)], 'D' || n
    FROM generate_series(1, %s) AS n,
         (SELECT array_agg(a.authority ORDER BY a.authority) FROM care.local_authority AS a WHERE a.valid_to IS NULL) AS a (codes)
    $$, :agreements));
ANALYZE care.person;
CALL bench.load('agreements', $$
    INSERT INTO care.agreement (person_id, authority, reference, applied_on)
    SELECT p.person_id, p.authority, p.reference, date '2015-04-01' + (p.person_id * 7919 % 2000)::int
    FROM care.person AS p ORDER BY p.person_id
    $$);
ANALYZE care.agreement;
CALL bench.load('events of agreements', $$
    INSERT INTO care.agreement_event (agreement_id, on_day, kind, meets_criteria, day_count, capitalised)
    SELECT a.agreement_id, a.applied_on, e.kind, CASE WHEN e.kind = 'offered' THEN true END,
           CASE WHEN e.kind = 'signed' THEN 'act/act' END, CASE WHEN e.kind = 'signed' THEN 'daily' END
    FROM care.agreement AS a, unnest(ARRAY['offered', 'rate_notified', 'signed', 'secured']) AS e (kind)
    ORDER BY a.agreement_id
    $$);
CALL bench.load('valuations', $$
    INSERT INTO care.valuation (agreement_id, valued_on, amount, share, prior_charges)
    SELECT a.agreement_id, a.signed_on, 165000 + a.agreement_id * 37 % 400000, 1, 0
    FROM care.agreement AS a ORDER BY a.agreement_id
    $$);
ANALYZE care.agreement;
CALL bench.load('entries of agreements', $$
    INSERT INTO care.agreement_entry (agreement_id, on_day, kind, amount)
    SELECT a.agreement_id, a.signed_on + 7 * w, k.kind,
           CASE k.kind WHEN 'payment' THEN -1 ELSE 1 END
           * round((10000 + (a.agreement_id * 104729 + w * 7919) % 80000) / 100.0, 2)
    FROM care.agreement AS a, generate_series(0, 156) AS w,
         LATERAL (SELECT CASE w % 26 WHEN 0 THEN 'administration_charge' WHEN 25 THEN 'payment' ELSE 'care_fees' END) AS k (kind)
    ORDER BY a.signed_on + 7 * w, a.agreement_id
    $$);
CHECKPOINT;
VACUUM (FREEZE, ANALYZE) care.person, care.agreement, care.agreement_event, care.valuation, care.agreement_entry;
