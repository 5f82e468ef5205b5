--
-- review: safeguarding adults reviews, of one adult or several.
--
-- Must not know: concerns, enquiries.
--

CREATE TABLE casework.review (
    review_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT review_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT review_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL
        CONSTRAINT review_has_reference CHECK (reference <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    -- what follows from the facts
    started_on date,
    concluded_on date,
    CONSTRAINT review_reference_key UNIQUE (authority, reference)
);
COMMENT ON TABLE casework.review IS
    'Safeguarding adults reviews, with what follows from their facts (the derived columns, rebuilt whole by trigger).';
COMMENT ON COLUMN casework.review.review_id IS 'Key.';
COMMENT ON COLUMN casework.review.authority IS 'The authority whose board it is made for.';
COMMENT ON COLUMN casework.review.reference IS 'The authority''s reference for it.';
COMMENT ON COLUMN casework.review.started_on IS 'Derived: the day it started; null: it was recorded in error.';
COMMENT ON COLUMN casework.review.concluded_on IS 'Derived: the day it was concluded; null: it goes on.';
SELECT care_internal.keep_class('review', 'casework.review', 'casework.record_review()', person => NULL,
    retained => 'casework_internal.review_retained', events => '{last_updated,closed}',
    derived => 'casework_internal.derived_review');

CREATE TABLE casework.review_detail (
    review_id bigint NOT NULL
        CONSTRAINT review_detail_review_fkey REFERENCES casework.review,
    detail_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    started_on date
        CONSTRAINT review_detail_finite_started CHECK (started_on BETWEEN '0001-01-01' AND '9999-12-31'),
    concluded_on date
        CONSTRAINT review_detail_finite_concluded CHECK (concluded_on BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT review_detail_pkey PRIMARY KEY (detail_id),
    CONSTRAINT review_detail_key UNIQUE (review_id, detail_id),
    CONSTRAINT review_detail_in_order CHECK (started_on <= concluded_on)
);
COMMENT ON TABLE casework.review_detail IS 'How each review stands; the last row holds.';
COMMENT ON COLUMN casework.review_detail.detail_id IS 'Key within the review.';
COMMENT ON COLUMN casework.review_detail.started_on IS 'The day it started; null: it was recorded in error.';
COMMENT ON COLUMN casework.review_detail.concluded_on IS 'The day it was concluded; null: it goes on.';
SELECT care_internal.keep('casework.review_detail', 'review', 'casework.record_review()');

CREATE TABLE casework.review_subject (
    review_id bigint NOT NULL
        CONSTRAINT review_subject_review_fkey REFERENCES casework.review,
    subject_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    person_id bigint NOT NULL
        CONSTRAINT review_subject_person_fkey REFERENCES care.person,
    serious_harm boolean,
    died boolean,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT review_subject_pkey PRIMARY KEY (subject_id),
    CONSTRAINT review_subject_key UNIQUE (review_id, subject_id)
);
CREATE INDEX review_subject_person_idx ON casework.review_subject (person_id);
COMMENT ON INDEX casework.review_subject_person_idx IS 'Finds the reviews of a person.';
COMMENT ON TABLE casework.review_subject IS
    'The adults each review is about; of each, the last row holds. While it is kept, so are they.';
COMMENT ON COLUMN casework.review_subject.subject_id IS 'Key within the review.';
COMMENT ON COLUMN casework.review_subject.person_id IS 'The adult.';
COMMENT ON COLUMN casework.review_subject.serious_harm IS
    'Did they suffer serious harm? Null, with died: they are no subject of it.';
COMMENT ON COLUMN casework.review_subject.died IS 'Did they die?';
SELECT care_internal.keep('casework.review_subject', 'review', 'casework.record_review_subject()');

CREATE FUNCTION casework_internal.derived_review(review_ids bigint[], known_at timestamptz)
    RETURNS TABLE (review_id bigint, started_on date, concluded_on date) LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT u.review_id, d.started_on, d.concluded_on
    FROM unnest(review_ids) AS u (review_id)
        LEFT JOIN LATERAL (SELECT x.started_on, x.concluded_on FROM casework.review_detail AS x
                           WHERE x.review_id = u.review_id AND x.recorded_at <= known_at
                           ORDER BY x.detail_id DESC LIMIT 1) AS d ON true;
END;
COMMENT ON FUNCTION casework_internal.derived_review(bigint[], timestamptz) IS
    'The derived columns of some reviews, worked out from the facts as they were known at a moment.';
SELECT casework_internal.rebuild_on('review', 'casework.review', 'casework.review_detail');

CREATE FUNCTION casework.review_subject_known_at(known_at timestamptz) RETURNS SETOF casework.review_subject
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.* FROM casework.review_subject AS s
    WHERE s.recorded_at <= known_at AND (s.serious_harm IS NOT NULL OR s.died IS NOT NULL)
      AND NOT EXISTS (SELECT FROM casework.review_subject AS l
                      WHERE l.review_id = s.review_id AND l.person_id = s.person_id AND l.subject_id > s.subject_id
                        AND l.recorded_at <= known_at);
END;
COMMENT ON FUNCTION casework.review_subject_known_at(timestamptz) IS 'The adults of each review, as known at a moment.';

CREATE FUNCTION casework.record_review(authority text, reference text, started_on date, concluded_on date DEFAULT NULL)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('review %s of %s', reference, authority);
    key int8;
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority),
            care_internal.require_text(label, 'reference', reference),
            care_internal.require_day(label, 'started_on', started_on, nullable => true),
            care_internal.require_day(label, 'concluded_on', concluded_on, nullable => true);
    IF concluded_on < started_on THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'review_detail_in_order',
            MESSAGE = format('%s cannot be concluded on %s, before it started on %s', label,
                             care_internal.day_text(concluded_on), care_internal.day_text(started_on));
    END IF;
    INSERT INTO casework.review (authority, reference) VALUES (record_review.authority, record_review.reference)
    ON CONFLICT ON CONSTRAINT review_reference_key DO NOTHING;
    SELECT r.review_id INTO STRICT key FROM casework.review AS r
    WHERE r.authority = record_review.authority AND r.reference = record_review.reference FOR NO KEY UPDATE;
    INSERT INTO casework.review_detail (review_id, started_on, concluded_on)
    VALUES (key, record_review.started_on, record_review.concluded_on);
    RETURN key;
END
$$;
COMMENT ON FUNCTION casework.record_review(text, text, date, date) IS
    'Records how a safeguarding adults review stands, now if new, and returns the key; a null started_on says that it '
    'was recorded in error.';

CREATE FUNCTION casework.record_review_subject(review_id bigint, person_reference text, serious_harm boolean,
                                               died boolean)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    held record := casework_internal.lock_record('review', review_id);
BEGIN
    INSERT INTO casework.review_subject (review_id, person_id, serious_harm, died)
    VALUES (record_review_subject.review_id, casework_internal.record_person(held.authority, person_reference),
            record_review_subject.serious_harm, record_review_subject.died);
END
$$;
COMMENT ON FUNCTION casework.record_review_subject(bigint, text, boolean, boolean) IS
    'Records an adult whom a review is about, whether they suffered serious harm and whether they died; both null: '
    'they are no subject of it.';
