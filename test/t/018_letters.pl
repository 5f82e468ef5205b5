# 018_letters: a letter has the same bytes after a dump and a restore, of every statement and certificate there is.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use File::Basename;
use lib dirname(__FILE__);
use Fingerprint;

my $node = PostgreSQL::Test::Cluster->new('letters');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
is(run_script($node, 'postgres', 'population.sql', 'accounts=200', 'agreements=64'), '', 'there are statements of every kind');

my $letters = q{
	SELECT 'statement', account_id, statement_id, sha256(convert_to(care.account_letter(account_id, statement_id), 'UTF8')) FROM care.issued_statement
	UNION ALL SELECT 'certificate', account_id, statement_id, sha256(convert_to(care.cap_notice(account_id, statement_id), 'UTF8')) FROM care.cap_certificate
	UNION ALL SELECT 'agreement', agreement_id, statement_id, sha256(convert_to(care.agreement_letter(agreement_id, statement_id), 'UTF8')) FROM care.issued_agreement_statement
	ORDER BY 1, 2, 3};
my $before = $node->safe_psql('postgres', $letters);
cmp_ok(scalar(() = $before =~ /^statement/mg), '>', 50, 'there are letters of statements');
cmp_ok(scalar(() = $before =~ /^agreement/mg), '>', 20, 'of statements of agreements');
cmp_ok(scalar(() = $before =~ /^certificate/mg), '>', 5, 'and of certificates');

my $dump = $node->basedir . '/letters.dump';
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('postgres') ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_restore', '-d', $node->connstr('restored'), $dump ], 'restored');
is($node->safe_psql('restored', $letters), $before, 'every letter has the same bytes');

# In another encoding of the client too, but for how it writes what is no ASCII.
my $one = 'SELECT care.account_letter(account_id, statement_id) FROM care.issued_statement ORDER BY 1 LIMIT 1';
is($node->safe_psql('restored', "SELECT md5(($one))"), $node->safe_psql('postgres', "SET client_encoding = LATIN1; SELECT md5(($one))"), 'whatever the client writes in');

# Every statement can be verified from what is printed on it, in the copy too.
is( $node->safe_psql('restored', q{
		SELECT v.answer, count(*)
		FROM (SELECT digest, chain_length, chain_head FROM care.issued_statement UNION ALL SELECT digest, chain_length, chain_head FROM care.issued_agreement_statement
		      UNION ALL SELECT digest, chain_length, chain_head FROM care.cap_certificate ORDER BY 1 LIMIT 40) AS s,
			care.verify_letter(encode(s.digest, 'hex'), s.chain_length, encode(s.chain_head, 'hex')) AS v GROUP BY 1}),
	'it was issued, and nothing recorded before it has been altered since|40', 'and verified');
$node->stop;
done_testing();
