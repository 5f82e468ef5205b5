--
-- market: what an authority sees of its market: spending, prices, concentration, self-funders, places, and signs of
-- demand without persons.
--
-- Figures that go to analysts hide what is of fewer than five; those of persons are for casework.
--
-- Signs of demand have no moment and no login, which would tell who looked: so they are in no chain, which is of
-- moments.
--
-- Must not know: how files are read.
--

CREATE TABLE casework.market_signal (
    signal_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT market_signal_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT market_signal_authority_fkey REFERENCES care.local_authority,
    term text NOT NULL
        CONSTRAINT market_signal_has_term CHECK (term <> ''),
    area text NOT NULL
        CONSTRAINT market_signal_area_is_coarse CHECK (area ~ '^(E05[0-9]{6}|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9])$'),
    on_day date NOT NULL
        CONSTRAINT market_signal_finite_day CHECK (on_day BETWEEN '0001-01-01' AND '9999-12-31'),
    kind text NOT NULL
        CONSTRAINT market_signal_known_kind CHECK (kind IN ('search', 'view', 'enquiry', 'purchase')),
    amount care.pounds
        CONSTRAINT market_signal_amount_not_negative CHECK (amount >= 0)
);
COMMENT ON TABLE casework.market_signal IS
    'What people who pay for themselves look for and buy: no person, address, full postcode, time of day or login.';
COMMENT ON COLUMN casework.market_signal.signal_id IS 'Key.';
COMMENT ON COLUMN casework.market_signal.authority IS 'The authority whose market place it is.';
COMMENT ON COLUMN casework.market_signal.term IS 'What was looked for, or its category.';
COMMENT ON COLUMN casework.market_signal.area IS 'A ward, by GSS code, or a postcode sector such as AB1 2.';
COMMENT ON COLUMN casework.market_signal.on_day IS 'The day.';
COMMENT ON COLUMN casework.market_signal.kind IS 'search, view, enquiry or purchase.';
COMMENT ON COLUMN casework.market_signal.amount IS 'Pounds paid.';
SELECT pg_extension_config_dump('casework.market_signal', '');
SELECT pg_extension_config_dump('casework.market_signal_signal_id_seq', '');
CREATE TRIGGER market_signal_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.market_signal
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_market_signal()');
COMMENT ON TRIGGER market_signal_refuse_change ON casework.market_signal IS 'Signals are added to, never changed.';

CREATE FUNCTION casework.record_market_signal(authority text, term text, area text, on_day date, kind text,
                                              amount numeric DEFAULT NULL)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_text('signal', 'term', term),
            care_internal.require_text('signal', 'area', area), care_internal.require_day('signal', 'on_day', on_day),
            care_internal.require_word('signal', 'kind', kind, '{search,view,enquiry,purchase}');
    IF amount IS NOT NULL THEN
        PERFORM care_internal.require_amount('signal', 'amount', amount);
    END IF;
    IF area !~ '^(E05[0-9]{6}|[A-Z]{1,2}[0-9][A-Z0-9]? [0-9])$' THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'market_signal_area_is_coarse', COLUMN = 'area',
            MESSAGE = 'signal: the area must be a ward or a postcode sector',
            HINT = 'A ward is named by its GSS code, a sector as AB1 2: a full postcode would be an address.';
    END IF;
    INSERT INTO casework.market_signal (authority, term, area, on_day, kind, amount)
    VALUES (record_market_signal.authority, record_market_signal.term, record_market_signal.area,
            record_market_signal.on_day, record_market_signal.kind, record_market_signal.amount);
END
$$;
COMMENT ON FUNCTION casework.record_market_signal(text, text, text, date, text, numeric) IS
    'Records that something was looked for or bought in an area on a day, by nobody. 22023 for an area as fine as a '
    'full postcode.';

CREATE TABLE casework.location_capacity (
    capacity_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT location_capacity_pkey PRIMARY KEY,
    authority text NOT NULL
        CONSTRAINT location_capacity_authority_fkey REFERENCES care.local_authority,
    cqc_location_id text NOT NULL,
    service_type text NOT NULL,
    places integer NOT NULL
        CONSTRAINT location_capacity_places CHECK (places BETWEEN 0 AND 99999),
    vacant integer NOT NULL,
    as_at date NOT NULL
        CONSTRAINT location_capacity_finite_day CHECK (as_at BETWEEN '0001-01-01' AND '9999-12-31'),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT location_capacity_within CHECK (vacant BETWEEN 0 AND places)
);
COMMENT ON TABLE casework.location_capacity IS 'Places and vacancies as locations tell them; the last of a day holds.';
COMMENT ON COLUMN casework.location_capacity.capacity_id IS 'Key.';
COMMENT ON COLUMN casework.location_capacity.authority IS 'The authority that asked.';
COMMENT ON COLUMN casework.location_capacity.cqc_location_id IS 'The location.';
COMMENT ON COLUMN casework.location_capacity.service_type IS 'A code of list cqc_service_type.';
COMMENT ON COLUMN casework.location_capacity.places IS 'Places.';
COMMENT ON COLUMN casework.location_capacity.vacant IS 'Of these, vacant.';
COMMENT ON COLUMN casework.location_capacity.as_at IS 'The day.';
COMMENT ON COLUMN casework.location_capacity.recorded_at IS 'When the row was recorded.';
COMMENT ON COLUMN casework.location_capacity.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep_reference('casework.location_capacity');
SELECT pg_extension_config_dump('casework.location_capacity_capacity_id_seq', '');
CREATE TRIGGER location_capacity_refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON casework.location_capacity
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.refuse_change('casework.record_capacity()');
COMMENT ON TRIGGER location_capacity_refuse_change ON casework.location_capacity IS 'Added to, never changed.';

CREATE FUNCTION casework.record_capacity(authority text, cqc_location_id text, service_type text, places integer,
                                         vacant integer, as_at date)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    label text := format('capacity of %s', coalesce(cqc_location_id, 'null'));
BEGIN
    PERFORM casework_internal.require_authority(authority, NULL), care_internal.require_actor(authority),
            casework_internal.require_code(label, 'service_type', 'cqc_service_type', service_type, NULL),
            care_internal.require_day(label, 'as_at', as_at);
    IF NOT EXISTS (SELECT FROM casework.location AS l WHERE l.cqc_location_id = record_capacity.cqc_location_id) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'no_data_found', CONSTRAINT = 'location_known', COLUMN = 'cqc_location_id',
            MESSAGE = format('%s: there is no such location', label), HINT = 'casework.location lists them.';
    ELSIF (places BETWEEN 0 AND 99999 AND vacant BETWEEN 0 AND places) IS NOT TRUE THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'location_capacity_within', COLUMN = 'vacant',
            MESSAGE = format('%s: %s of %s places cannot be vacant', label, coalesce(vacant::text, 'null'),
                             coalesce(places::text, 'null'));
    END IF;
    INSERT INTO casework.location_capacity (authority, cqc_location_id, service_type, places, vacant, as_at)
    VALUES (record_capacity.authority, record_capacity.cqc_location_id, record_capacity.service_type,
            record_capacity.places, record_capacity.vacant, record_capacity.as_at);
END
$$;
COMMENT ON FUNCTION casework.record_capacity(text, text, text, integer, integer, date) IS
    'Records how many places a location has for a service on a day, and how many are vacant.';
