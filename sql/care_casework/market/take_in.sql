--
-- take_in: the one function that takes a file in.
--
-- Must not know: how a file is read.
--

CREATE FUNCTION casework_internal.require_moderate_change(counts casework.directory_import, before bigint,
                                                          override_reason text)
    RETURNS void LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    percent numeric := casework_internal.parameter_value('directory_change_percent', NULL, care.today())::numeric;
    most numeric := casework_internal.parameter_value('directory_new_rows', NULL, care.today())::numeric;
BEGIN
    IF before > 0 AND coalesce(override_reason, '') = ''
       AND (abs(counts.row_count - before) * 100 > percent * before OR counts.new_count + counts.back_count > most
            OR counts.gone_count > most) THEN
        RAISE EXCEPTION USING
            ERRCODE = 'object_not_in_prerequisite_state', CONSTRAINT = 'directory_change_moderate',
            MESSAGE = format('the file has %s locations, the one before it %s: %s new, %s back, %s gone',
                             counts.row_count, before, counts.new_count, counts.back_count, counts.gone_count),
            DETAIL = format('A change of more than %s per cent, or of more than %s locations, is not taken unasked.',
                            percent, most),
            HINT = 'If it is right, say why with override_reason => ....';
    END IF;
END
$$;
COMMENT ON FUNCTION casework_internal.require_moderate_change(casework.directory_import, bigint, text) IS
    'Refuses (55000) a file that changes more than the parameters allow, unless a reason is given.';

-- The title of the weekly file says of which day it is.
CREATE FUNCTION casework_internal.day_of_title() RETURNS date LANGUAGE sql
BEGIN ATOMIC
    SELECT casework_internal.file_day(format('%s/%s/%s', lpad(m[1], 2, '0'),
               lpad(array_position('{january,february,march,april,may,june,july,august,september,october,november,
                                     december}'::text[], lower(m[2]))::text, 2, '0'), m[3]))
    FROM (SELECT l.line FROM casework.directory_line AS l
          WHERE l.session = pg_backend_pid() ORDER BY l.n LIMIT 10) AS t,
        regexp_match(t.line, 'produced on ([0-9]{1,2}) ([A-Za-z]+) ([0-9]{4})') AS m
    WHERE m IS NOT NULL LIMIT 1;
END;
COMMENT ON FUNCTION casework_internal.day_of_title() IS 'The day that a title of the copied file names; null: none.';

-- The server holds in memory what is to be done after a statement for each of its rows: a large file is added in steps.
CREATE FUNCTION casework_internal.add_locations(import casework.directory_import) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    step_rows constant int8 := 10000;
    first_row int8;
BEGIN
    FOR first_row IN SELECT generate_series(min(c.n), max(c.n), step_rows)
                     FROM casework_internal.directory_change AS c WHERE c.session = pg_backend_pid() LOOP
        INSERT INTO casework.location_fact (kind, cqc_location_id, import_id, from_day, is_gone, cqc_provider_id, name,
            also_known_as, address, postcode, local_authority, region, uprn, ods_code, care_home, beds, dormant,
            overall_rating, rating_published_on, registered_from, dual_primary_id, provider_name, ownership, brand_id,
            brand_name, companies_house_number, service_types, regulated_activities, service_user_bands, specialisms)
        SELECT import.kind, (c.fact).cqc_location_id, import.import_id, import.as_at, c.change = 'gone',
            (c.fact).cqc_provider_id, (c.fact).name, (c.fact).also_known_as, (c.fact).address, (c.fact).postcode,
            (c.fact).local_authority, (c.fact).region, (c.fact).uprn, (c.fact).ods_code, (c.fact).care_home,
            (c.fact).beds, (c.fact).dormant, (c.fact).overall_rating, (c.fact).rating_published_on,
            (c.fact).registered_from, (c.fact).dual_primary_id, (c.fact).provider_name, (c.fact).ownership,
            (c.fact).brand_id, (c.fact).brand_name, (c.fact).companies_house_number, (c.fact).service_types,
            (c.fact).regulated_activities, (c.fact).service_user_bands, (c.fact).specialisms
        FROM casework_internal.directory_change AS c
        WHERE c.session = pg_backend_pid() AND c.n BETWEEN first_row AND first_row + step_rows - 1;
    END LOOP;
END
$$;
COMMENT ON FUNCTION casework_internal.add_locations(casework.directory_import) IS
    'Part of an import: adds what a file changes, in steps of 10,000 rows.';

CREATE FUNCTION casework.import_directory(file_name text, as_at date DEFAULT NULL, override_reason text DEFAULT NULL)
    RETURNS casework.directory_import
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    heading record;
    taken casework.directory_import;
    before bigint;
    last_day date;
    digest_now bytea;
BEGIN
    PERFORM care_internal.require_text('import', 'file_name', file_name);
    LOCK TABLE casework.directory_import IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM casework_internal.directory_row AS r WHERE r.session = pg_backend_pid();
    DELETE FROM casework_internal.directory_change AS c WHERE c.session = pg_backend_pid();
    digest_now := (SELECT care_internal.chained(convert_to(coalesce(l.line, ''), 'UTF8') ORDER BY l.n)
                   FROM casework.directory_line AS l WHERE l.session = pg_backend_pid());
    SELECT i.* INTO taken FROM casework.directory_import AS i WHERE i.digest = digest_now;
    IF FOUND THEN                                            -- nothing is new in it
        DELETE FROM casework.directory_line AS l WHERE l.session = pg_backend_pid();
        taken.new_count := 0; taken.changed_count := 0; taken.gone_count := 0; taken.back_count := 0;
        RETURN taken;
    END IF;
    SELECT h.* INTO heading FROM casework_internal.find_heading() AS h;
    as_at := coalesce(as_at, casework_internal.day_of_title());
    PERFORM care_internal.require_day('import', 'as_at', as_at);
    SELECT max(i.as_at) INTO last_day FROM casework.directory_import AS i WHERE i.kind = heading.kind;
    IF as_at < last_day OR as_at > care.today() THEN
        RAISE EXCEPTION USING
            ERRCODE = 'invalid_parameter_value', CONSTRAINT = 'directory_in_order', COLUMN = 'as_at',
            MESSAGE = format('a file of %s cannot be taken in', care_internal.day_text(as_at)),
            DETAIL = format('The last one is of %s.', care_internal.day_text(last_day)),
            HINT = 'Files are taken in the order of their days, none of a day to come.';
    END IF;
    PERFORM casework_internal.stage_directory(heading.kind, heading.line, heading.headings),
            casework_internal.require_directory_rows(heading.headings, heading.kind);
    taken.row_count := (SELECT count(*) FROM casework_internal.directory_row AS r
                        WHERE r.session = pg_backend_pid());
    before := (SELECT i.row_count FROM casework.directory_import AS i WHERE i.kind = heading.kind
               ORDER BY i.import_id DESC LIMIT 1);
    PERFORM casework_internal.stage_difference(heading.kind);
    SELECT count(*) FILTER (WHERE c.change = 'new'), count(*) FILTER (WHERE c.change = 'changed'),
           count(*) FILTER (WHERE c.change = 'gone'), count(*) FILTER (WHERE c.change = 'back')
    INTO taken.new_count, taken.changed_count, taken.gone_count, taken.back_count
    FROM casework_internal.directory_change AS c WHERE c.session = pg_backend_pid();
    PERFORM casework_internal.require_moderate_change(taken, before, override_reason);
    INSERT INTO casework.directory_import AS i (kind, file_name, as_at, row_count, new_count, changed_count, gone_count,
                                                back_count, override_reason, digest)
    VALUES (heading.kind, import_directory.file_name, import_directory.as_at, taken.row_count, taken.new_count,
            taken.changed_count, taken.gone_count, taken.back_count, nullif(import_directory.override_reason, ''),
            digest_now)
    RETURNING i.* INTO taken;
    PERFORM casework_internal.add_locations(taken);
    DELETE FROM casework_internal.directory_change AS c WHERE c.session = pg_backend_pid();
    DELETE FROM casework_internal.directory_row AS r WHERE r.session = pg_backend_pid();
    DELETE FROM casework.directory_line AS l WHERE l.session = pg_backend_pid();
    RETURN taken;
END
$$;
COMMENT ON FUNCTION casework.import_directory(text, date, text) IS
    'Takes in the file whose lines this session copied into casework.directory_line, of a day (null: the day its title '
    'names), and returns its row of casework.directory_import; the same file again changes nothing. 22023 naming line '
    'and column for what cannot be read, 55000 for a file that changes too much without override_reason.';
