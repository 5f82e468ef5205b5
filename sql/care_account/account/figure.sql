--
-- figure: how the accounts of a scheme follow its figures: at once, or batch by batch.
--
-- Whoever writes to an account brings it up first, so a statement shows the figures that were known.
--
-- Must not know: agreements, what a statement says.
--

-- Before the defaults of the new rows are worked out, recorded_at among them.
CREATE FUNCTION care_internal.await_statements() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.lock_schemes(), care_internal.forget_terms();
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.await_statements() IS
    'Trigger: locks the schemes before figures are recorded, so that none is recorded earlier than a statement without '
    'it.';
CREATE TRIGGER parameter_await_statements BEFORE INSERT ON care.parameter
    FOR EACH STATEMENT EXECUTE FUNCTION care_internal.await_statements();
COMMENT ON TRIGGER parameter_await_statements ON care.parameter IS 'Waits for statements in hand; later ones wait.';

CREATE FUNCTION care_internal.rebuild_accounts_of_schemes() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_read_committed('a figure of a scheme')
    FROM new_rows AS n WHERE care_internal.is_new(n.recorded_at) LIMIT 1;
    -- a new version of the row, nothing changed: one with an older view who opens an account gets 40001
    UPDATE care.charging_scheme AS s SET source = s.source WHERE s.scheme IN (SELECT n.scheme FROM new_rows AS n);
    IF current_setting('care.figures_in_batches', true) IS DISTINCT FROM 'on' THEN
        PERFORM care_internal.rebuild_accounts(ARRAY(SELECT a.account_id FROM care.account AS a
                                                     WHERE a.scheme IN (SELECT n.scheme FROM new_rows AS n
                                                                        WHERE n.name IN ('cap', 'daily_living_cost'))
                                                     ORDER BY a.account_id));
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.rebuild_accounts_of_schemes() IS
    'Trigger: works out the accounts of a scheme anew when its figures change, unless that is left to a run.';
CREATE TRIGGER parameter_rebuild AFTER INSERT ON care.parameter
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.rebuild_accounts_of_schemes();
COMMENT ON TRIGGER parameter_rebuild ON care.parameter IS 'Works out the accounts of the scheme anew.';

-- Which accounts do not follow the last figures of their scheme yet.
CREATE FUNCTION care_internal.figures_behind() RETURNS TABLE (account_id bigint, authority text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.account_id, a.authority
    FROM care.account AS a JOIN care_internal.scheme_figures('infinity') AS f ON f.scheme = a.scheme
    WHERE a.figures_at IS DISTINCT FROM f.figures_at;
END;
COMMENT ON FUNCTION care_internal.figures_behind() IS
    'Accounts that do not follow the last figures of their scheme yet: no run has come to them.';

-- By a plan that is made once, of index probes: see rebuild_accounts().
CREATE FUNCTION care_internal.follow_figures(account_ids bigint[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off
    SET enable_mergejoin = off AS $$
DECLARE
    behind int8[] := ARRAY(SELECT b.account_id FROM care_internal.figures_behind() AS b
                           WHERE b.account_id = ANY (account_ids) ORDER BY b.account_id);
BEGIN
    IF behind <> '{}' THEN
        PERFORM care_internal.rebuild_accounts(behind, locked => true);
    END IF;
    RETURN cardinality(behind);
END
$$;
COMMENT ON FUNCTION care_internal.follow_figures(bigint[]) IS
    'Works out anew those of some locked accounts that do not follow the last figures of their scheme, and counts them.';

SELECT care_internal.keep_task('figures of schemes', 'account',
    due => 'SELECT b.account_id, b.authority, NULL::date FROM care_internal.figures_behind() AS b',
    prepare => 'SELECT care_internal.share_schemes()',
    work => 'SELECT care_internal.follow_figures($1)');

CREATE FUNCTION care_internal.record_parameter_ahead(scheme text, name text, valid_from date, amount numeric,
                                                     source text, status text, scales_accrued boolean,
                                                     corrects boolean, batch_size integer)
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET care.figures_in_batches = 'on' AS $$
BEGIN
    PERFORM care_internal.require_general_run('figures of schemes', care.today(), NULL, batch_size),
            care.record_parameter(scheme, name, valid_from, amount, source, status, scales_accrued, corrects);
END
$$;
COMMENT ON FUNCTION care_internal.record_parameter_ahead(text, text, date, numeric, text, text, boolean, boolean,
                                                         integer) IS
    'Part of record_parameter_in_batches(): records the figure; no account follows it yet.';

CREATE PROCEDURE care.record_parameter_in_batches(scheme text, name text, valid_from date, amount numeric, source text,
                                                  status text DEFAULT 'enacted', scales_accrued boolean DEFAULT true,
                                                  corrects boolean DEFAULT false, batch_size integer DEFAULT 1000)
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM care_internal.record_parameter_ahead(scheme, name, valid_from, amount, source, status, scales_accrued,
                                                 corrects, batch_size);
    COMMIT;
    CALL care.run_task('figures of schemes', care.today(), NULL, batch_size);
END
$$;
COMMENT ON PROCEDURE care.record_parameter_in_batches(text, text, date, numeric, text, text, boolean, boolean,
                                                      integer) IS
    'Adds a dated figure of a scheme as record_parameter() does; but it is committed first, and then every account on '
    'the scheme follows it batch by batch, each committed, so that no transaction holds them all. Until its turn an '
    'account stands by the figures before. If it is stopped on the way, '
    'CALL care.run_task(''figures of schemes'', care.today()) goes on.';
