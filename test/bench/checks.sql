--
-- checks: what it costs to verify, and to say until when every record is kept.
--
-- A link is a fact of a chain.  Verified is by one process, like everything here; more share the work where
-- the server lets a query have them.
--
-- Must not know: how the records were loaded.
--

SELECT sum(c.length - c.after) FILTER (WHERE c.class = 'account') AS account_links,
       count(DISTINCT c.record_id) FILTER (WHERE c.class = 'account') AS account_chains
FROM care_internal.chain AS c \gset
CALL bench.allow('verify_chain(''account'') / 12 us a link', 'SELECT count(*) FROM care.verify_chain(''account'')', :account_links, 12);
CALL bench.allow('verify(''account'') / 12 us a link', 'SELECT count(*) FROM care.verify(of_class => ''account'')', :account_links, 12);
CALL bench.compare('limits', 'verify_chain: all / a tenth, each one',
    'SELECT count(*) FROM care.verify_chain(''account'')',
    format('SELECT count(*) FROM care.verify_chain(''account'', from_key => 1, to_key => %s)', :account_chains / 10),
    at_most => 1.05, a_share => 10, repetitions => 3);

SELECT sum(n.records) AS records
FROM (VALUES ((SELECT count(*) FROM care.person)), ((SELECT count(*) FROM care.account)), ((SELECT count(*) FROM care.agreement))) AS n (records) \gset
CALL bench.allow('retention of all records / 6 us a record', 'SELECT count(r.reason), max(r.retain_until) FROM care.retention AS r', :records, 6);
