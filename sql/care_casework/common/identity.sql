--
-- identity: who a person is, in a schema of its own, and the name that others see.
--
-- A name is hidden while a pseudonym of the person is in force: ordinary roles meet the pseudonym, and the name
-- neither in a view nor in a message.  It is opened with a reason, in two steps: care.log_read('secret', ...), commit,
-- casework.identity().
--
-- No message here holds a name.  A caller hands names over as parameters of a statement: what stands in its text may be
-- in the server's log and in pg_stat_activity.
--
-- Must not know: prisons.
--

CREATE SCHEMA casework_secure;
COMMENT ON SCHEMA casework_secure IS
    'Names, and facts about offences, victims and security: read by functions that ask for a logged reason.';

CREATE TABLE casework_secure.secret (
    secret_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT secret_pkey PRIMARY KEY,
    person_id bigint NOT NULL
        CONSTRAINT secret_person_fkey REFERENCES care.person
        CONSTRAINT secret_person_key UNIQUE,
    authority text NOT NULL
        CONSTRAINT secret_authority_fkey REFERENCES care.local_authority,
    reference text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder()
);
COMMENT ON TABLE casework_secure.secret IS 'That there is a name, or a secure fact, of a person; not which.';
COMMENT ON COLUMN casework_secure.secret.secret_id IS 'Key.';
COMMENT ON COLUMN casework_secure.secret.person_id IS 'The person.';
COMMENT ON COLUMN casework_secure.secret.authority IS 'The authority that keeps it.';
COMMENT ON COLUMN casework_secure.secret.reference IS 'The person''s reference.';
SELECT care_internal.keep_class('secret', 'casework_secure.secret', 'a function of casework',
    retained => 'casework_internal.secret_retained', events => '{last_updated,death_known}');

CREATE TABLE casework_secure.name (
    secret_id bigint NOT NULL
        CONSTRAINT name_secret_fkey REFERENCES casework_secure.secret,
    name_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    name text NOT NULL
        CONSTRAINT name_is_given CHECK (name <> ''),
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT name_pkey PRIMARY KEY (name_id),
    CONSTRAINT name_key UNIQUE (secret_id, name_id)
);
COMMENT ON TABLE casework_secure.name IS 'The name of each person; the last row holds.';
COMMENT ON COLUMN casework_secure.name.name_id IS 'Key within the person''s record.';
COMMENT ON COLUMN casework_secure.name.name IS 'The name.';
SELECT care_internal.keep('casework_secure.name', 'secret', 'casework.record_name()');

CREATE TABLE casework_secure.fact (
    secret_id bigint NOT NULL
        CONSTRAINT fact_secret_fkey REFERENCES casework_secure.secret,
    fact_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    description text NOT NULL
        CONSTRAINT fact_is_described CHECK (description <> ''),
    from_day date NOT NULL
        CONSTRAINT fact_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT fact_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT fact_pkey PRIMARY KEY (fact_id),
    CONSTRAINT fact_key UNIQUE (secret_id, fact_id)
);
COMMENT ON TABLE casework_secure.fact IS
    'Offences, victims and risks to security; rows that nothing corrects hold.';
COMMENT ON COLUMN casework_secure.fact.fact_id IS 'Key within the person''s record.';
COMMENT ON COLUMN casework_secure.fact.kind IS 'A code of list prison_secret_kind.';
COMMENT ON COLUMN casework_secure.fact.description IS 'What it is.';
COMMENT ON COLUMN casework_secure.fact.from_day IS 'First day.';
COMMENT ON COLUMN casework_secure.fact.to_day IS
    'Last day, counted; null: it goes on; before from_day: recorded in error.';
SELECT care_internal.keep('casework_secure.fact', 'secret', 'casework.record_secure_fact(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework_secure.fact', 'fact_id', 'secret_id', NULL);
-- no policy: whoever is granted SELECT still sees nothing; the functions have their owner's rights
ALTER TABLE casework_secure.name ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE casework_secure.fact ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

CREATE FUNCTION casework_internal.secret_retained(as_at date)
    RETURNS TABLE (record_id bigint, decided_by text, known_on date, closed_on date, kept_because text)
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT s.secret_id, NULL, d.known_on, NULL::date, NULL
    FROM casework_secure.secret AS s
        LEFT JOIN care.death_known_at('infinity'::timestamptz) AS d ON d.person_id = s.person_id
            AND d.known_on <= as_at;
END;
COMMENT ON FUNCTION casework_internal.secret_retained(date) IS
    'What the retention of names and secure facts rests on: the day the death was known; see keep_class().';

CREATE TABLE casework.alias (
    person_id bigint NOT NULL
        CONSTRAINT alias_person_fkey REFERENCES care.person,
    alias_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    alias text NOT NULL
        CONSTRAINT alias_is_given CHECK (alias <> ''),
    from_day date NOT NULL
        CONSTRAINT alias_finite_from CHECK (from_day BETWEEN '0001-01-01' AND '9999-12-31'),
    to_day date
        CONSTRAINT alias_finite_to CHECK (to_day BETWEEN '0001-01-01' AND '9999-12-31'),
    authorised_by text NOT NULL
        CONSTRAINT alias_by_somebody CHECK (authorised_by <> ''),
    reason text NOT NULL
        CONSTRAINT alias_has_reason CHECK (reason <> ''),
    supersedes bigint,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(),
    recorded_by text NOT NULL DEFAULT care_internal.recorder(),
    CONSTRAINT alias_pkey PRIMARY KEY (alias_id),
    CONSTRAINT alias_key UNIQUE (person_id, alias_id)
);
COMMENT ON TABLE casework.alias IS 'Pseudonyms; rows that nothing corrects hold.';
COMMENT ON COLUMN casework.alias.alias_id IS 'Key within the person.';
COMMENT ON COLUMN casework.alias.alias IS 'The name that is shown.';
COMMENT ON COLUMN casework.alias.from_day IS 'First day.';
COMMENT ON COLUMN casework.alias.to_day IS
    'Last day, counted; null: until further notice; before from_day: recorded in error.';
COMMENT ON COLUMN casework.alias.authorised_by IS 'Who decided it.';
COMMENT ON COLUMN casework.alias.reason IS 'Why.';
SELECT care_internal.keep('casework.alias', 'person', 'casework.record_alias(..., supersedes => ...)');
SELECT care_internal.correct_by_rows('casework.alias', 'alias_id', 'person_id',
                                     '(r.to_day >= r.from_day) IS NOT FALSE');

CREATE FUNCTION casework_internal.alias_on(person_id bigint, on_day date) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT a.alias FROM casework.alias AS a
    WHERE a.person_id = alias_on.person_id AND on_day >= a.from_day AND (a.to_day IS NULL OR on_day <= a.to_day)
      AND NOT EXISTS (SELECT FROM casework.alias AS c WHERE c.person_id = a.person_id AND c.supersedes = a.alias_id)
    ORDER BY a.from_day DESC, a.alias_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION casework_internal.alias_on(bigint, date) IS
    'The pseudonym of a person that is in force on a day; null: none.';
SELECT care_internal.keep_alias('casework_internal.alias_on');

CREATE FUNCTION casework_internal.name_of(person_id bigint) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT n.name FROM casework_secure.secret AS s JOIN casework_secure.name AS n ON n.secret_id = s.secret_id
    WHERE s.person_id = name_of.person_id ORDER BY n.name_id DESC LIMIT 1;
END;
COMMENT ON FUNCTION casework_internal.name_of(bigint) IS 'The real name of a person; null, too, to who may not see it.';

-- A barrier, or a function in a condition would be handed the names that are left out.
CREATE VIEW casework.person_shown WITH (security_barrier) AS
    SELECT p.person_id, p.authority, p.reference, coalesce(a.alias, n.name) AS name, a.alias IS NOT NULL AS is_alias
    FROM care.person AS p
        JOIN casework.authority_seen AS v ON v.authority = p.authority
        LEFT JOIN (SELECT DISTINCT ON (x.person_id) x.person_id, x.alias
                   FROM casework.alias AS x
                   WHERE care.today() >= x.from_day AND (x.to_day IS NULL OR care.today() <= x.to_day)
                     AND NOT EXISTS (SELECT FROM casework.alias AS c
                                     WHERE c.person_id = x.person_id AND c.supersedes = x.alias_id)
                   ORDER BY x.person_id, x.from_day DESC, x.alias_id DESC) AS a ON a.person_id = p.person_id
        LEFT JOIN (SELECT DISTINCT ON (s.secret_id) s.person_id, m.name
                   FROM casework_secure.secret AS s JOIN casework_secure.name AS m ON m.secret_id = s.secret_id
                   ORDER BY s.secret_id, m.name_id DESC) AS n ON n.person_id = p.person_id AND a.alias IS NULL;
COMMENT ON VIEW casework.person_shown IS
    'People by the name that is shown of them today: the pseudonym while one is in force.';
COMMENT ON COLUMN casework.person_shown.name IS 'The name, or the pseudonym; null: no name is recorded.';
COMMENT ON COLUMN casework.person_shown.is_alias IS 'Is it a pseudonym?';
SELECT care_internal.comment_columns('casework.person_shown', 'care.person');
