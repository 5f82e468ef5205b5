--
-- disposal: what is due to go, and what a person decided of it.
--
-- A record goes whole, with all that is recorded about it, once its time is over, a named person has decided it and
-- no hold is on it; a certificate stays.
--
-- Must not know: what a figure is worth.
--

CREATE TABLE care.disposal_review (
    class text COLLATE "C" NOT NULL
        CONSTRAINT disposal_review_class_fkey REFERENCES care_internal.record_class,
    record_id bigint NOT NULL,
    review_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    decision text NOT NULL
        CONSTRAINT disposal_review_known_decision CHECK (decision IN ('dispose', 'transfer', 'keep')),
    reviewed_by text NOT NULL
        CONSTRAINT disposal_review_by_somebody CHECK (reviewed_by <> ''),
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT disposal_review_pkey PRIMARY KEY (review_id),
    CONSTRAINT disposal_review_key UNIQUE (class, record_id, review_id)
);
COMMENT ON TABLE care.disposal_review IS
    'What a person decided of a record whose time is over; the last row holds, until something new is recorded of the '
    'record.';
COMMENT ON COLUMN care.disposal_review.class IS 'The class of the record.';
COMMENT ON COLUMN care.disposal_review.record_id IS 'Key of the record.';
COMMENT ON COLUMN care.disposal_review.review_id IS 'Key within the record.';
COMMENT ON COLUMN care.disposal_review.decision IS 'dispose; transfer: it was handed to an archive and may go; keep.';
COMMENT ON COLUMN care.disposal_review.reviewed_by IS 'The person who decided.';
COMMENT ON COLUMN care.disposal_review.note IS 'More.';
COMMENT ON COLUMN care.disposal_review.recorded_at IS 'When it was recorded.';
COMMENT ON COLUMN care.disposal_review.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.disposal_review', NULL, 'care.review_disposal()');
CREATE TRIGGER disposal_review_note_login AFTER INSERT ON care.disposal_review REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.note_login();
COMMENT ON TRIGGER disposal_review_note_login ON care.disposal_review IS 'Keeps the role with the name of the login.';

CREATE TABLE care.disposal_certificate (
    certificate_id bigint NOT NULL
        CONSTRAINT disposal_certificate_pkey PRIMARY KEY,
    class text NOT NULL,
    authority text NOT NULL
        CONSTRAINT disposal_certificate_authority_fkey REFERENCES care.local_authority,
    rule text NOT NULL,
    removed jsonb NOT NULL,
    digest bytea NOT NULL,
    decision text NOT NULL,
    reviewed_by text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE care.disposal_certificate IS 'What stays of a record that was disposed of: nothing about the person.';
COMMENT ON COLUMN care.disposal_certificate.certificate_id IS 'Key.';
COMMENT ON COLUMN care.disposal_certificate.class IS 'What it was: account, agreement or person.';
COMMENT ON COLUMN care.disposal_certificate.authority IS 'The authority that kept it.';
COMMENT ON COLUMN care.disposal_certificate.rule IS 'The schedule whose time was over.';
COMMENT ON COLUMN care.disposal_certificate.removed IS 'How many rows of each table.';
COMMENT ON COLUMN care.disposal_certificate.digest IS
    'SHA-256 of the rows in canonical form, so that a copy found later can be known for the one that should be gone.';
COMMENT ON COLUMN care.disposal_certificate.decision IS 'dispose or transfer.';
COMMENT ON COLUMN care.disposal_certificate.reviewed_by IS 'The person who decided.';
COMMENT ON COLUMN care.disposal_certificate.recorded_at IS 'When it was disposed of.';
COMMENT ON COLUMN care.disposal_certificate.recorded_by IS 'Who disposed of it.';
SELECT pg_extension_config_dump('care.disposal_certificate', '');
CREATE TRIGGER disposal_certificate_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON care.disposal_certificate
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('nothing: a certificate stays');
COMMENT ON TRIGGER disposal_certificate_refuse_change ON care.disposal_certificate IS 'Certificates stay as they are.';

-- Good in its own transaction alone, so there is nothing in it to dump but the next key.
CREATE TABLE care_internal.disposal_permit (
    class text COLLATE "C" NOT NULL
        CONSTRAINT disposal_permit_class_fkey REFERENCES care_internal.record_class,
    record_id bigint NOT NULL,
    certificate_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    person_id bigint,
    xid xid8 NOT NULL,
    CONSTRAINT disposal_permit_pkey PRIMARY KEY (class, record_id)
);
COMMENT ON TABLE care_internal.disposal_permit IS
    'Leave to remove a record, granted by trigger to what is due, reviewed and free of holds, for one transaction.';
COMMENT ON COLUMN care_internal.disposal_permit.class IS 'The class of the record.';
COMMENT ON COLUMN care_internal.disposal_permit.record_id IS 'Key of the record.';
COMMENT ON COLUMN care_internal.disposal_permit.certificate_id IS 'Key of the certificate to come.';
COMMENT ON COLUMN care_internal.disposal_permit.person_id IS 'The person; null: it is about nobody.';
COMMENT ON COLUMN care_internal.disposal_permit.xid IS 'The transaction.';
SELECT pg_extension_config_dump('care_internal.disposal_permit_certificate_id_seq', '');

-- Why a record may not go though its time is over, as its class says.
CREATE FUNCTION care_internal.obstacle(class text, record_id bigint) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    asked text := (SELECT c.obstacle FROM care_internal.record_class AS c WHERE c.class = obstacle.class);
    found_one text;
BEGIN
    IF asked IS NOT NULL THEN
        EXECUTE format('SELECT %s($1)', asked) INTO found_one USING record_id;
    END IF;
    RETURN found_one;
END
$$;
COMMENT ON FUNCTION care_internal.obstacle(text, bigint) IS
    'Why a record may not go though its time is over; null: nothing holds it.';

CREATE FUNCTION care.disposal_due(as_at date)
    RETURNS TABLE (class text, record_id bigint, authority text, reference text,
                   person_id bigint, retain_until date, action text, reason text,
                   decision text, reviewed_by text, reviewed_at timestamptz)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT r.class, r.record_id, r.authority, r.reference, r.person_id, r.retain_until, r.action, r.reason,
           v.decision, v.reviewed_by, v.recorded_at
    FROM care.retention(as_at) AS r
        LEFT JOIN (SELECT DISTINCT ON (x.class, x.record_id) x.class, x.record_id, x.decision, x.reviewed_by,
                          x.recorded_at
                   FROM care.disposal_review AS x ORDER BY x.class, x.record_id, x.review_id DESC) AS v
            ON v.class = r.class AND v.record_id = r.record_id AND v.recorded_at > r.updated_at
    WHERE r.retain_until < as_at AND NOT r.on_hold
      AND CASE WHEN r.retain_until < as_at THEN care_internal.obstacle(r.class, r.record_id) IS NULL END;
END;
COMMENT ON FUNCTION care.disposal_due(date) IS
    'The records whose time is over on a day and on which there is no hold, with what was decided of each; no '
    'decision: to be reviewed.';

CREATE FUNCTION care_internal.require_due(class text, record_id bigint) RETURNS care.retention_row
    LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept care.retention_row := care_internal.retention_of(class, record_id);
    held care.active_hold;
    label text := format('%s %s', class, record_id);
    obstacle text;
BEGIN
    IF kept.record_id IS NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found',
            MESSAGE = format('no such %s: %s', class, coalesce(record_id::text, 'null')),
            HINT = 'It may have been disposed of already.',
            CONSTRAINT = 'record_exists';
    ELSIF kept.on_hold THEN
        SELECT h.* INTO STRICT held FROM care.active_hold AS h
        WHERE (h.class, h.record_id) IN ((kept.class, kept.record_id), ('person', kept.person_id))
           OR (h.class = 'authority' AND h.authority = kept.authority)
        ORDER BY h.hold_id LIMIT 1;
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is on hold %s, placed on its %s', label, held.hold_id, held.class),
            HINT = 'care.active_hold says why; once care.release_hold() has released it, try again.',
            CONSTRAINT = 'record_on_hold';
    ELSIF (kept.retain_until < care.today()) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept%s: %s', label, ' until ' || to_char(kept.retain_until, 'YYYY-MM-DD'),
                             kept.reason),
            HINT = 'care.disposal_due() lists what may go.',
            CONSTRAINT = 'record_kept';
    END IF;
    obstacle := care_internal.obstacle(class, record_id);
    IF obstacle IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state',
            MESSAGE = format('%s is kept: %s', label, obstacle),
            HINT = 'care.disposal_due() lists what may go.',
            CONSTRAINT = 'record_kept';
    END IF;
    RETURN kept;
END
$$;
COMMENT ON FUNCTION care_internal.require_due(text, bigint) IS
    'How long a record was kept, if its time is over and no hold is on it; else 55000, saying until when and why, or '
    'P0002.';

CREATE FUNCTION care.review_disposal(class text, record_id bigint, decision text,
                                     reviewed_by text, note text DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('disposal of %s %s', class, record_id);
    new_id int8;
BEGIN
    PERFORM care_internal.require_class('disposal', class),
            care_internal.require_word(label, 'decision', decision, '{dispose,transfer,keep}'),
            care_internal.require_text(label, 'reviewed_by', reviewed_by);
    PERFORM care_internal.share_records(class, ARRAY[record_id]);
    -- a statement of its own, which sees what the lock was waited for
    PERFORM care_internal.require_due(class, record_id);
    INSERT INTO care.disposal_review (class, record_id, decision, reviewed_by, note)
    VALUES (review_disposal.class, review_disposal.record_id, review_disposal.decision, review_disposal.reviewed_by,
            review_disposal.note)
    RETURNING review_id INTO new_id;
    RETURN new_id;
END
$$;
COMMENT ON FUNCTION care.review_disposal(text, bigint, text, text, text) IS
    'Records what a person decided of a record whose time is over: dispose, transfer (handed to an archive, may go) or '
    'keep. 55000 while it must be kept.';
