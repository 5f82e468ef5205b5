--
-- finish: the last commands of the script, when every table is kept and every function made.
--
-- Must not know: any of them.
--

-- In the replica role rows come from elsewhere: what refuses holds there too.
DO $do$
DECLARE
    refusing record;
BEGIN
    FOR refusing IN
        SELECT t.tgrelid::regclass AS relation, t.tgname
        FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_class AS c ON c.oid = t.tgrelid
        WHERE c.relnamespace IN ('casework'::regnamespace, 'casework_internal'::regnamespace,
                                 'casework_secure'::regnamespace)
          AND p.proname ~ '^refuse_' AND t.tgenabled <> 'A'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', refusing.relation, refusing.tgname);
    END LOOP;
END
$do$;

-- Lists that an authority adds to, and where an establishment lies, are everybody's.
SELECT casework_internal.separate('casework.local_code', 'casework.parameter', 'casework.establishment_authority');

-- Nobody may call anything until the roles are made: sql/casework_roles.sql, which is installed with the documentation.
REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA casework, casework_internal, casework_secure FROM PUBLIC;
-- but what row security asks of whoever reads
GRANT EXECUTE ON FUNCTION casework_internal.seen, casework_internal.sees_all TO PUBLIC;

SELECT care_internal.note_installed('care_casework');
