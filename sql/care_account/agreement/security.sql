--
-- security: what secures an agreement, who shares it, and up to what balance care fees may be deferred.
--
-- Must not know: entries, balances.
--

CREATE TABLE care.valuation (
    agreement_id bigint NOT NULL
        CONSTRAINT valuation_agreement_fkey REFERENCES care.agreement,
    valuation_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    valued_on date NOT NULL
        CONSTRAINT valuation_finite_day CHECK (valued_on BETWEEN '0001-01-01' AND '9999-12-31'),
    amount care.pounds NOT NULL
        CONSTRAINT valuation_not_negative CHECK (amount >= 0),
    share numeric NOT NULL
        CONSTRAINT valuation_share_of_one CHECK (share > 0 AND share <= 1 AND min_scale(share) <= 8),
    prior_charges care.pounds NOT NULL
        CONSTRAINT valuation_charges_not_negative CHECK (prior_charges >= 0),
    kind text
        CONSTRAINT valuation_known_kind CHECK (kind IN ('professional', 'desktop', 'estimate', 'sale_price')),
    valuer text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT valuation_pkey PRIMARY KEY (valuation_id),
    CONSTRAINT valuation_key UNIQUE (agreement_id, valuation_id)
);
CREATE INDEX valuation_last_idx ON care.valuation (agreement_id, valued_on, valuation_id);
COMMENT ON INDEX care.valuation_last_idx IS 'Finds the valuation that holds on a day.';
COMMENT ON TABLE care.valuation IS 'Valuations of the security; the last one on or before a day holds on it.';
COMMENT ON COLUMN care.valuation.agreement_id IS 'The agreement.';
COMMENT ON COLUMN care.valuation.valuation_id IS 'Key within the agreement.';
COMMENT ON COLUMN care.valuation.valued_on IS 'The day of the valuation.';
COMMENT ON COLUMN care.valuation.amount IS 'Value of the whole property, pounds.';
COMMENT ON COLUMN care.valuation.share IS 'The person''s share of it, up to 1, at most 8 decimals.';
COMMENT ON COLUMN care.valuation.prior_charges IS
    'Charges that rank before this one: the part of them that the person''s share bears, pounds.';
COMMENT ON COLUMN care.valuation.kind IS 'professional, desktop, estimate or sale_price; null: not said.';
COMMENT ON COLUMN care.valuation.valuer IS 'Who valued it.';
COMMENT ON COLUMN care.valuation.note IS 'Evidence and more.';
COMMENT ON COLUMN care.valuation.recorded_at IS 'When the row was recorded; of two on one day, the last holds.';
COMMENT ON COLUMN care.valuation.recorded_by IS 'Who recorded the row.';
SELECT care_internal.keep('care.valuation', 'agreement', 'care.record_valuation()');

CREATE VIEW care.valuation_in_force AS
    SELECT v.agreement_id, a.authority, a.reference, v.valuation_id, v.valued_on,
           lead(v.valued_on) OVER (PARTITION BY v.agreement_id ORDER BY v.valued_on) - 1 AS valid_to,
           v.amount, v.share, v.prior_charges, v.kind, v.valuer, v.note, v.recorded_at, v.recorded_by
    FROM (SELECT DISTINCT ON (w.agreement_id, w.valued_on) w.* FROM care.valuation AS w
          ORDER BY w.agreement_id, w.valued_on, w.valuation_id DESC) AS v
        JOIN care.agreement AS a ON a.agreement_id = v.agreement_id;
COMMENT ON VIEW care.valuation_in_force IS
    'The valuations that hold, each with its last day: of two of one day, the one recorded last.';
COMMENT ON COLUMN care.valuation_in_force.valid_to IS 'Last day it holds; null: until the next one.';
SELECT care_internal.comment_columns('care.valuation_in_force', 'care.valuation', 'care.agreement');

-- doc/calculations section 4, "equity limit".
CREATE FUNCTION care_internal.security_on(agreement_id bigint, on_day date, known_at timestamptz DEFAULT NULL,
                                          OUT property_value numeric, OUT equity_limit numeric, OUT valued_on date)
    RETURNS SETOF record LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT round(v.amount * v.share, 2),
           CASE WHEN m.lower_capital_limit IS NOT NULL AND m.margin_percent IS NOT NULL
                THEN care.equity_limit(v.amount, v.share, v.prior_charges, m.lower_capital_limit, m.margin_percent) END,
           v.valued_on
    FROM care.valuation AS v
        CROSS JOIN (SELECT (SELECT p.amount
                            FROM care_internal.parameter_value('deferred_payment', 'lower_capital_limit', on_day,
                                                               known_at) AS p),
                           (SELECT p.amount
                            FROM care_internal.parameter_value('deferred_payment', 'equity_margin_percent', on_day,
                                                               known_at) AS p) OFFSET 0)
            AS m (lower_capital_limit, margin_percent)
    WHERE v.agreement_id = security_on.agreement_id AND v.valued_on <= on_day
      AND (known_at IS NULL OR v.recorded_at <= known_at)
    ORDER BY v.valued_on DESC, v.valuation_id DESC
    LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.security_on(bigint, date, timestamptz) IS
    'Value of the person''s share, equity limit (pounds; null before there was one) and day of the valuation that '
    'holds on a day, as they are known, or (known_at) were known at a moment; no row before the first.';

CREATE FUNCTION care.equity_limit_on(agreement_id bigint, on_day date)
    RETURNS numeric LANGUAGE sql VOLATILE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.equity_limit FROM care_internal.security_on(agreement_id, on_day) AS s;
END;
COMMENT ON FUNCTION care.equity_limit_on(bigint, date) IS
    'The equity limit of an agreement on a day, pounds; null before its first valuation, and before there was a limit. '
    'It sees what was recorded in the statement that asks.';

--
-- The security itself, which may change; and the agreements that one title secures, which share its value.
--

CREATE FUNCTION care_internal.security_held(agreement_id bigint, on_day date) RETURNS care.agreement_event_in_force
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT e FROM care.agreement_event_in_force AS e
    WHERE e.agreement_id = security_held.agreement_id AND e.kind IN ('secured', 'security_changed')
      AND e.on_day <= security_held.on_day
    ORDER BY e.on_day DESC, e.event_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION care_internal.security_held(bigint, date) IS
    'The security of an agreement on a day, an event; null: it is not secured yet.';

CREATE VIEW care.security_in_force AS
    SELECT s.agreement_id, a.authority, a.reference, s.on_day AS valid_from,
           lead(s.on_day) OVER (PARTITION BY s.agreement_id ORDER BY s.on_day) - 1 AS valid_to,
           s.charge_type, s.charge_priority, s.title_reference, s.reason, s.recorded_at, s.recorded_by
    FROM (SELECT DISTINCT ON (e.agreement_id, e.on_day) e.* FROM care.agreement_event_in_force AS e
          WHERE e.kind IN ('secured', 'security_changed')
          ORDER BY e.agreement_id, e.on_day, e.event_id DESC) AS s
        JOIN care.agreement AS a ON a.agreement_id = s.agreement_id;
COMMENT ON VIEW care.security_in_force IS
    'What secures each agreement, each with its last day: of two of one day, the one recorded last.';
COMMENT ON COLUMN care.security_in_force.valid_from IS 'First day it holds.';
COMMENT ON COLUMN care.security_in_force.valid_to IS 'Last day it holds; null: until the next one.';
SELECT care_internal.comment_columns('care.security_in_force', 'care.agreement_event', 'care.agreement');

CREATE FUNCTION care_internal.title_key(title_reference text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN upper(regexp_replace(title_reference, '[[:space:]]', '', 'g'));
COMMENT ON FUNCTION care_internal.title_key(text) IS
    'A title number as it is compared: in capitals, without blanks.';
CREATE INDEX agreement_event_title_idx ON care.agreement_event (care_internal.title_key(title_reference))
    WHERE title_reference IS NOT NULL;
COMMENT ON INDEX care.agreement_event_title_idx IS 'Finds the agreements that one title secures.';

-- Itself among them; no row where there is no title.
CREATE FUNCTION care_internal.title_sharers(agreement_id bigint, on_day date) RETURNS SETOF care.agreement
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT b.*
    FROM (SELECT a.authority,
                 care_internal.title_key((care_internal.security_held(a.agreement_id,
                                                                      title_sharers.on_day)).title_reference)
          FROM care.agreement AS a WHERE a.agreement_id = title_sharers.agreement_id OFFSET 0) AS t (authority, title)
        CROSS JOIN LATERAL (SELECT DISTINCT e.agreement_id FROM care.agreement_event_in_force AS e
                            WHERE care_internal.title_key(e.title_reference) = t.title
                              AND e.title_reference IS NOT NULL OFFSET 0) AS o
        CROSS JOIN LATERAL (SELECT x.* FROM care.agreement AS x
                            WHERE x.agreement_id = o.agreement_id OFFSET 0) AS b
    WHERE b.authority = t.authority AND (b.released_on > title_sharers.on_day OR b.released_on IS NULL)
      AND care_internal.title_key((care_internal.security_held(b.agreement_id,
                                                               title_sharers.on_day)).title_reference) = t.title;
END;
COMMENT ON FUNCTION care_internal.title_sharers(bigint, date) IS
    'The agreements of an authority that the title of one secures on a day, that one among them; no row where it has '
    'no title.';

-- Each sharer's part of the value: of a day, what its own last valuation says.
CREATE FUNCTION care_internal.title_shares(agreement_id bigint, on_day date)
    RETURNS TABLE (sharer care.agreement, valued care.valuation)
    LANGUAGE sql STABLE PARALLEL SAFE ROWS 1
BEGIN ATOMIC
    SELECT s, v.valued
    FROM care_internal.title_sharers(title_shares.agreement_id, title_shares.on_day) AS s
        CROSS JOIN LATERAL (SELECT w FROM care.valuation AS w
                            WHERE w.agreement_id = s.agreement_id AND w.valued_on <= title_shares.on_day
                            ORDER BY w.valued_on DESC, w.valuation_id DESC LIMIT 1) AS v (valued);
END;
COMMENT ON FUNCTION care_internal.title_shares(bigint, date) IS
    'The agreements that the title of one secures on a day, with the valuation of each that holds.';

CREATE FUNCTION care_internal.require_shares_of_one(agreement care.agreement, from_day date) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    title text := care_internal.title_key((care_internal.security_held(agreement.agreement_id, '9999-12-31'))
                                              .title_reference);
    wrong record;
BEGIN
    IF title IS NULL THEN
        RETURN;
    END IF;
    -- two writers of one title follow one another
    PERFORM pg_advisory_xact_lock(hashtextextended(agreement.authority || title, 0));
    SELECT d.on_day, sum((s.valued).share) AS shares,
           string_agg(care_internal.agreement_label(s.sharer), ', ' ORDER BY (s.sharer).agreement_id)
               FILTER (WHERE (s.sharer).agreement_id <> agreement.agreement_id) AS others INTO wrong
    FROM (SELECT require_shares_of_one.from_day
          UNION SELECT v.valued_on FROM care_internal.title_sharers(agreement.agreement_id, '9999-12-31') AS o
              JOIN care.valuation AS v ON v.agreement_id = o.agreement_id
          UNION SELECT e.on_day FROM care_internal.title_sharers(agreement.agreement_id, '9999-12-31') AS o
              JOIN care.agreement_event_in_force AS e ON e.agreement_id = o.agreement_id
                  AND e.kind IN ('secured', 'security_changed')) AS d (on_day)
        CROSS JOIN LATERAL care_internal.title_shares(agreement.agreement_id, d.on_day) AS s
    WHERE d.on_day >= require_shares_of_one.from_day
    GROUP BY d.on_day HAVING sum((s.valued).share) > 1
    ORDER BY d.on_day LIMIT 1;
    IF FOUND AND wrong.others IS NOT NULL THEN
        RAISE EXCEPTION USING
            ERRCODE = 'check_violation', CONSTRAINT = 'title_shares_of_one',
            SCHEMA = 'care', TABLE = 'valuation', COLUMN = 'share',
            MESSAGE = format('%s shares the title %s with %s: their shares come to %s on %s',
                             care_internal.agreement_label(agreement), title, wrong.others, wrong.shares,
                             care_internal.day_text(wrong.on_day)),
            HINT = 'Shares of one property add up to at most 1: correct them with care.record_valuation().';
    END IF;
END
$$;
COMMENT ON FUNCTION care_internal.require_shares_of_one(care.agreement, date) IS
    'Refuses (23514) valuations and titles by which the shares of the agreements on one title pass 1 from a day on, '
    'naming the others.';

CREATE FUNCTION care_internal.hold_shares_of_valuations() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_shares_of_one(a, n.from_day)
    FROM (SELECT x.agreement_id, min(x.valued_on) AS from_day FROM new_rows AS x
          WHERE care_internal.is_new(x.recorded_at) GROUP BY x.agreement_id) AS n
        JOIN care.agreement AS a ON a.agreement_id = n.agreement_id
    WHERE EXISTS (SELECT FROM care.agreement_event_in_force AS e
                  WHERE e.agreement_id = a.agreement_id AND e.title_reference IS NOT NULL);
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.hold_shares_of_valuations() IS
    'Trigger: refuses (23514) a valuation that makes the shares of the agreements on one title pass 1.';
CREATE TRIGGER valuation_share_rule AFTER INSERT ON care.valuation
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.hold_shares_of_valuations();
COMMENT ON TRIGGER valuation_share_rule ON care.valuation IS 'The shares of one title are at most 1.';

CREATE FUNCTION care_internal.hold_shares_of_events() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM care_internal.require_shares_of_one(a, n.from_day)
    FROM (SELECT x.agreement_id, min(x.on_day) AS from_day FROM new_rows AS x
          WHERE care_internal.is_new(x.recorded_at) AND x.title_reference IS NOT NULL GROUP BY x.agreement_id) AS n
        JOIN care.agreement AS a ON a.agreement_id = n.agreement_id;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION care_internal.hold_shares_of_events() IS
    'Trigger: refuses (23514) a charge on a title that makes the shares of the agreements on it pass 1.';
CREATE TRIGGER agreement_event_share_rule AFTER INSERT ON care.agreement_event
    REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION care_internal.hold_shares_of_events();
COMMENT ON TRIGGER agreement_event_share_rule ON care.agreement_event IS 'The shares of one title are at most 1.';
