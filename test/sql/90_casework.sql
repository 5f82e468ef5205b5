--
-- 90_casework: creates care_casework, and checks that it is as the core is.
--
-- The files numbered 91 and on need it and no other file: what they write, they roll back.
--
CREATE EXTENSION care_casework;
SELECT e.extnamespace::regnamespace, e.extrelocatable FROM pg_extension AS e WHERE e.extname = 'care_casework';
SELECT * FROM care.guard_state;
SELECT string_agg(class, ' ' ORDER BY n) FROM care_internal.record_class WHERE head::text LIKE 'casework%';
