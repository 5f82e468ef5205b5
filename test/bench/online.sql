--
-- online: what a citizen sees of their account, beside its position by key, many times over, in the same loop.
--
-- Both set the claims of a token before, as a gateway does for each request.
--
-- Must not know: how the accounts were loaded.
--

CREATE TABLE bench.citizen AS
    SELECT l.account_id, l.authority, l.person_reference,
           jsonb_build_object('role', 'care_citizen', 'sub', 'subject ' || l.n)::text AS claims
    FROM bench.lookup AS l WHERE l.n <= 1000;
SELECT count(care.link_subject(c.person_reference, c.claims::json->>'sub', 'benchmark', '2025-01-01',
                               authority => c.authority))
FROM bench.citizen AS c \g /dev/null
VACUUM (ANALYZE) bench.citizen, care.online_subject;
\set signed_in 'PERFORM set_config(''request.jwt.claims'', wanted.claims, true);'
CALL bench.define_lookup('see_account', 'a.* FROM care_api.my_account AS a', 'citizen', :'signed_in');
CALL bench.define_lookup('see_position', 'p.* FROM care.account_position AS p WHERE p.account_id = wanted.account_id',
                         'citizen', :'signed_in');
CALL bench.require_same_rows('SELECT bench.see_account()', 'SELECT count(*) FROM bench.citizen');
CALL bench.require_same_rows('SELECT bench.see_position()', 'SELECT count(*) FROM bench.citizen');
CALL bench.compare('limits', 'a citizen''s account / its position', 'SELECT bench.see_account()',
                   'SELECT bench.see_position()', at_most => 5, repetitions => 5);
