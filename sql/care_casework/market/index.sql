--
-- index: registered providers and locations, as each published file had them.
--
-- A location has a row for each file that changed something about it: it was new, differed, was gone, or was back.
-- Nothing is overwritten, so what was known on any day is there, gaps too.  No person is named: not a manager, a
-- partner or a nominated individual, nor a provider who is one.
--
-- Must not know: how a file is read, who is where.
--

CREATE TABLE casework.directory_import (
    import_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT directory_import_pkey PRIMARY KEY,
    kind text NOT NULL
        CONSTRAINT directory_import_known_kind CHECK (kind IN ('directory', 'active_locations')),
    file_name text NOT NULL
        CONSTRAINT directory_import_has_file CHECK (file_name <> ''),
    as_at date NOT NULL
        CONSTRAINT directory_import_finite_day CHECK (as_at BETWEEN '0001-01-01' AND '9999-12-31'),
    row_count bigint NOT NULL,
    new_count bigint NOT NULL,
    changed_count bigint NOT NULL,
    gone_count bigint NOT NULL,
    back_count bigint NOT NULL,
    override_reason text,
    digest bytea NOT NULL
        CONSTRAINT directory_import_digest_key UNIQUE,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE casework.directory_import IS 'The files of providers and locations that were taken in.';
COMMENT ON COLUMN casework.directory_import.import_id IS 'Key.';
COMMENT ON COLUMN casework.directory_import.kind IS
    'directory (weekly, 15 columns) or active_locations (monthly, 122).';
COMMENT ON COLUMN casework.directory_import.file_name IS 'Its name.';
COMMENT ON COLUMN casework.directory_import.as_at IS 'The day it shows.';
COMMENT ON COLUMN casework.directory_import.row_count IS 'Locations in it.';
COMMENT ON COLUMN casework.directory_import.new_count IS 'Locations never seen before.';
COMMENT ON COLUMN casework.directory_import.changed_count IS 'Locations about which something differs.';
COMMENT ON COLUMN casework.directory_import.gone_count IS 'Locations that are in it no longer.';
COMMENT ON COLUMN casework.directory_import.back_count IS 'Locations that had gone and are in it again.';
COMMENT ON COLUMN casework.directory_import.override_reason IS 'Why it was taken though it changes too much.';
COMMENT ON COLUMN casework.directory_import.digest IS 'Last link of a chain of its lines: the same file is taken once.';
COMMENT ON COLUMN casework.directory_import.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.directory_import.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('casework.directory_import');
SELECT pg_extension_config_dump('casework.directory_import_import_id_seq', '');

CREATE TABLE casework.location_fact (
    kind text NOT NULL,
    cqc_location_id text NOT NULL,
    import_id bigint NOT NULL
        CONSTRAINT location_fact_import_fkey REFERENCES casework.directory_import,
    from_day date NOT NULL
        CONSTRAINT location_fact_finite_day CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    is_gone boolean NOT NULL,
    cqc_provider_id text NOT NULL,
    name text,
    also_known_as text,
    address text,
    postcode text,
    local_authority text,
    region text,
    uprn text,
    ods_code text,
    care_home boolean,
    beds integer
        CONSTRAINT location_fact_beds CHECK (beds BETWEEN 0 AND 99999),
    dormant boolean,
    overall_rating text,
    rating_published_on date
        CONSTRAINT location_fact_finite_rating CHECK (rating_published_on BETWEEN '0001-01-01' AND '9999-12-31'),
    registered_from date
        CONSTRAINT location_fact_finite_registration CHECK (registered_from BETWEEN '0001-01-01' AND '9999-12-31'),
    dual_primary_id text,
    provider_name text,
    ownership text,
    brand_id text,
    brand_name text,
    companies_house_number text,
    service_types text[],
    regulated_activities text[],
    service_user_bands text[],
    specialisms text[],
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT location_fact_pkey PRIMARY KEY (kind, cqc_location_id, import_id)
);
CREATE INDEX location_fact_provider_idx ON casework.location_fact (cqc_provider_id);
COMMENT ON INDEX casework.location_fact_provider_idx IS 'Finds the locations of a provider.';
COMMENT ON TABLE casework.location_fact IS
    'What each file said of each location that differs from what the file before it of its kind said.';
COMMENT ON COLUMN casework.location_fact.kind IS 'The kind of file.';
COMMENT ON COLUMN casework.location_fact.cqc_location_id IS 'The Care Quality Commission''s id of the location.';
COMMENT ON COLUMN casework.location_fact.import_id IS 'The file.';
COMMENT ON COLUMN casework.location_fact.from_day IS 'The day the file shows: from which this was seen.';
COMMENT ON COLUMN casework.location_fact.is_gone IS
    'The location is no longer in the file; the rest is what was last said.';
COMMENT ON COLUMN casework.location_fact.cqc_provider_id IS 'The id of its provider.';
COMMENT ON COLUMN casework.location_fact.name IS 'Name.';
COMMENT ON COLUMN casework.location_fact.also_known_as IS 'Other name.';
COMMENT ON COLUMN casework.location_fact.address IS 'Address, its parts joined by commas.';
COMMENT ON COLUMN casework.location_fact.postcode IS 'Postcode.';
COMMENT ON COLUMN casework.location_fact.local_authority IS 'Name of the local authority it is in.';
COMMENT ON COLUMN casework.location_fact.region IS 'Region.';
COMMENT ON COLUMN casework.location_fact.uprn IS 'Unique property reference number.';
COMMENT ON COLUMN casework.location_fact.ods_code IS 'ODS code.';
COMMENT ON COLUMN casework.location_fact.care_home IS 'Is it a care home?';
COMMENT ON COLUMN casework.location_fact.beds IS 'Beds of a care home.';
COMMENT ON COLUMN casework.location_fact.dormant IS 'Is it registered without providing care?';
COMMENT ON COLUMN casework.location_fact.overall_rating IS 'Latest overall rating.';
COMMENT ON COLUMN casework.location_fact.rating_published_on IS 'The day the rating was published.';
COMMENT ON COLUMN casework.location_fact.registered_from IS 'First day of its registration.';
COMMENT ON COLUMN casework.location_fact.dual_primary_id IS
    'Where two providers register one place: the id of the one that stands for both.';
COMMENT ON COLUMN casework.location_fact.provider_name IS 'Name of the provider; null where the provider is a person.';
COMMENT ON COLUMN casework.location_fact.ownership IS 'Kind of ownership of the provider.';
COMMENT ON COLUMN casework.location_fact.brand_id IS 'Brand the provider belongs to; null: none.';
COMMENT ON COLUMN casework.location_fact.brand_name IS 'Name of the brand.';
COMMENT ON COLUMN casework.location_fact.companies_house_number IS
    'Number of the provider in the register of companies.';
COMMENT ON COLUMN casework.location_fact.service_types IS
    'Codes of list cqc_service_type; from the weekly file the words it has.';
COMMENT ON COLUMN casework.location_fact.regulated_activities IS 'Codes of list cqc_regulated_activity.';
COMMENT ON COLUMN casework.location_fact.service_user_bands IS 'Codes of list cqc_service_user_band.';
COMMENT ON COLUMN casework.location_fact.specialisms IS 'Specialisms, in the words of the weekly file.';
COMMENT ON COLUMN casework.location_fact.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.location_fact.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('casework.location_fact');

-- Nothing of it is about a person: no record is disposed of, and nothing is changed.
CREATE TRIGGER directory_import_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.directory_import
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.import_directory()');
COMMENT ON TRIGGER directory_import_refuse_change ON casework.directory_import IS 'What was taken in stays.';
CREATE TRIGGER location_fact_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.location_fact
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.import_directory()');
COMMENT ON TRIGGER location_fact_refuse_change ON casework.location_fact IS 'What was taken in stays.';

-- What the last file of each kind that said something of a location said; the kind read last decides whether it is
-- open.
CREATE VIEW casework.location AS
    WITH latest AS (
        SELECT DISTINCT ON (f.kind, f.cqc_location_id) f.*
        FROM casework.location_fact AS f ORDER BY f.kind, f.cqc_location_id, f.import_id DESC
    ), deciding AS (
        SELECT i.kind FROM casework.directory_import AS i ORDER BY i.as_at DESC, i.import_id DESC LIMIT 1
    )
    SELECT coalesce(a.cqc_location_id, d.cqc_location_id) AS cqc_location_id,
           coalesce(a.cqc_provider_id, d.cqc_provider_id) AS cqc_provider_id, coalesce(a.name, d.name) AS name,
           d.also_known_as, coalesce(a.address, d.address) AS address, coalesce(a.postcode, d.postcode) AS postcode,
           coalesce(a.local_authority, d.local_authority) AS local_authority, coalesce(a.region, d.region) AS region,
           a.uprn, a.ods_code, a.care_home, a.beds, a.dormant, a.overall_rating, a.rating_published_on,
           a.registered_from, a.dual_primary_id, coalesce(a.provider_name, d.provider_name) AS provider_name,
           a.ownership, a.brand_id, a.brand_name, a.companies_house_number,
           coalesce(a.service_types, d.service_types) AS service_types, a.regulated_activities, a.service_user_bands,
           d.specialisms,
           coalesce(CASE WHEN x.kind = 'directory' THEN NOT d.is_gone ELSE NOT a.is_gone END, false) AS is_open,
           CASE WHEN x.kind = 'directory' THEN CASE WHEN d.is_gone THEN d.from_day END
                ELSE CASE WHEN a.is_gone THEN a.from_day END END AS closed_on
    FROM (SELECT l.* FROM latest AS l WHERE l.kind = 'active_locations') AS a
        FULL JOIN (SELECT l.* FROM latest AS l WHERE l.kind = 'directory') AS d
            ON d.cqc_location_id = a.cqc_location_id
        CROSS JOIN deciding AS x;
COMMENT ON VIEW casework.location IS
    'The locations of care providers as they are known now: one that left the files is closed, never gone.';
COMMENT ON COLUMN casework.location.is_open IS 'Is it in the file taken in last?';
COMMENT ON COLUMN casework.location.closed_on IS 'The day of the file it was missing from.';
SELECT care_internal.comment_columns('casework.location', 'casework.location_fact');

CREATE VIEW casework.location_history AS
    SELECT f.kind, f.cqc_location_id, f.name, f.cqc_provider_id, NOT f.is_gone AS is_open, f.from_day,
           lead(f.from_day) OVER (PARTITION BY f.kind, f.cqc_location_id ORDER BY f.import_id) - 1 AS to_day,
           f.service_types, f.overall_rating, f.beds
    FROM casework.location_fact AS f;
COMMENT ON VIEW casework.location_history IS
    'What each kind of file said of each location, and from which to which day; gaps are kept as rows that are not '
    'open.';
COMMENT ON COLUMN casework.location_history.is_open IS 'Was it in the files?';
COMMENT ON COLUMN casework.location_history.to_day IS 'Last day it was seen so; null: it goes on.';
SELECT care_internal.comment_columns('casework.location_history', 'casework.location_fact');

-- One place that two providers register has its beds once.
CREATE VIEW casework.provider AS
    SELECT l.cqc_provider_id, min(l.provider_name) AS name, min(l.ownership) AS ownership, min(l.brand_id) AS brand_id,
           min(l.companies_house_number) AS companies_house_number,
           count(*) FILTER (WHERE l.is_open) AS open_locations,
           coalesce((SELECT sum(b.beds) FROM (SELECT max(x.beds) AS beds FROM casework.location AS x
                                              WHERE x.cqc_provider_id = l.cqc_provider_id AND x.is_open
                                              GROUP BY coalesce(x.dual_primary_id, x.cqc_location_id)) AS b), 0)
               AS beds
    FROM casework.location AS l GROUP BY l.cqc_provider_id;
COMMENT ON VIEW casework.provider IS 'The providers of care, by the Care Quality Commission''s id.';
COMMENT ON COLUMN casework.provider.name IS 'Name; null where the provider is a person.';
COMMENT ON COLUMN casework.provider.open_locations IS 'Locations that are open.';
COMMENT ON COLUMN casework.provider.beds IS 'Beds of its open care homes; a place registered twice counts once.';
SELECT care_internal.comment_columns('casework.provider', 'casework.location_fact');
