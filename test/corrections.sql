--
-- corrections.sql: every kind of figure and decision corrected again and again, each in a transaction of its own; the
-- last correction holds, at once and at the end.
--
--     createdb corrections
--     psql -X -d corrections -c 'CREATE EXTENSION care_account'
--     psql -X -d corrections -f test/corrections.sql
--
-- It takes some seconds, for the clock to be set back meanwhile: tools/check runs it so.
--
-- For a database made for it: leaves what it recorded.
--
\set ON_ERROR_STOP 1
SET jit = off;
SELECT care.open_account('E08000035', 'LA-1', 'P-1', '1940-01-01', '2022', '2023-10-01');

-- How each is recorded, with a number, and what it says then.
CREATE TABLE public.correction (record text, says text);
INSERT INTO public.correction VALUES
    ($$care.record_national_max_rate('2031-01-01', %s, 'a report', '2030-31', 'x', corrects => true)$$, $$care.national_max_rate('2031-01-01') - 0.15$$),
    ($$care.record_parameter('2022', 'cap', '2030-10-01', %s, 'x', corrects => true)$$, $$care.parameter_on('2022', 'cap', '2030-10-01')$$),
    ($$care.record_interest_policy('E08000035', '2015-04-01', 0.01 * %s, 'x', corrects => true)$$, $$100 * (SELECT rate FROM care.interest_policy_in_force)$$),
    ($$care.record_setting('E08000035', 'charge_release_days', '%s')$$, $$care.setting_on('E08000035', 'charge_release_days', '2024-01-01')::int$$),
    ($$care.record_fee_tariff('E08000035', 'a visit', '2018-01-01', 'one_off', %s, 'x')$$, $$(SELECT amount FROM care.fee_tariff_on('E08000035', '2024-01-01'))$$),
    ($$care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '%s years', 'x')$$,
     $$(SELECT date_part('year', period) FROM care_internal.retention_rule('2024-01-01') WHERE class = 'agreement')$$),
    ($$care.record_budget(1, '2024-04-01', 'personal_budget', 'community', 500, %s,
        supersedes => (SELECT max(b.budget_id) FROM care.budget_in_force AS b))$$, $$(SELECT weekly_charge FROM care.budget_in_force)$$),
    ($$care.record_person('E08000035', 'P-1', date '1930-01-01' + %s)$$, $$(SELECT date_of_birth - date '1930-01-01' FROM care.person_detail_in_force)$$),
    ($$care.issue_statement(1, date '2024-04-01' + %s)$$, $$(SELECT max(as_at) - date '2024-04-01' FROM care.statement)$$);

CREATE PROCEDURE public.require_all(said int) LANGUAGE plpgsql AS $$
DECLARE
    c record;
    says numeric;
BEGIN
    FOR c IN SELECT * FROM public.correction LOOP
        EXECUTE 'SELECT ' || c.says INTO says;
        IF says IS DISTINCT FROM said THEN
            RAISE EXCEPTION '%: % was recorded, and % holds', c.record, said, says;
        END IF;
    END LOOP;
END
$$;
DO $$
DECLARE
    c record;
BEGIN
    FOR n IN 1 .. 40 LOOP
        FOR c IN SELECT * FROM public.correction LOOP
            EXECUTE 'SELECT ' || format(c.record, n);
            COMMIT;
        END LOOP;
        CALL public.require_all(n);
        COMMIT;
        PERFORM count(*) FROM generate_series(1, 500000);
    END LOOP;
END
$$;
CALL public.require_all(40);
