# 013_population: accounts and agreements in every state are dumped in every format, by a superuser and by
# somebody who may only read, and restored, also by somebody who may only write rows, and with several
# jobs the way doc/operations/backup.md says: the fingerprint of all rows and of the catalogue stays what it was.
#
# The small population is enough to have everything; CARE_POPULATION="10000 1000" asks for a larger one.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

my ($accounts, $agreements) = split ' ', $ENV{CARE_POPULATION} // '200 64';
my $folder = PostgreSQL::Test::Utils::tempdir;

my $node = PostgreSQL::Test::Cluster->new('population');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', $_)
  for 'CREATE DATABASE source', 'CREATE ROLE analyst', 'CREATE ROLE clerk', 'CREATE ROLE reader LOGIN IN ROLE pg_read_all_data', 'CREATE ROLE loader LOGIN';
$node->safe_psql('source', 'CREATE EXTENSION care_account');

is(run_script($node, 'source', 'population.sql', "accounts=$accounts", "agreements=$agreements"), '', 'every kind and every state is there');
$node->safe_psql('source', q{
	GRANT USAGE ON SCHEMA care TO analyst, clerk;
	GRANT SELECT ON care.account_position TO analyst;
	GRANT SELECT (account_id, reference) ON care.account TO analyst;
	GRANT UPDATE ON care.account TO clerk WITH GRANT OPTION;
	GRANT USAGE ON care.account_account_id_seq TO clerk;
	GRANT EXECUTE ON FUNCTION care.record_payment TO clerk;
	REVOKE USAGE ON TYPE care.cap_progress FROM PUBLIC;
	ALTER DEFAULT PRIVILEGES IN SCHEMA care GRANT SELECT ON TABLES TO analyst;
	CREATE TABLE public.own AS SELECT account_id, care.accrued(weekly_rate, counting_from, counting_from + 99) FROM care.account});
my $expected = fingerprint($node, 'source');
cmp_ok(scalar(split /\n/, $expected), '>', 1000, 'the fingerprint has a line for each thing');

# What differs shows in the fingerprint: this test would fail if it did not.
for my $change ("INSERT INTO care.setting (authority, name, value) VALUES ('E09000001', 'four_eyes', 'off')", "SELECT nextval('care.account_account_id_seq')",
	'GRANT SELECT (cap) ON care.account TO clerk', 'ALTER TABLE care.budget DISABLE TRIGGER budget_rebuild', 'ALTER TABLE care.budget ALTER weekly_cost SET DEFAULT 0',
	'COMMENT ON COLUMN care.budget.budget_id IS NULL', 'CREATE INDEX ON care.budget (valid_from)', 'ALTER TABLE care.death DROP CONSTRAINT death_person_fkey',
	'ALTER EXTENSION care_account DROP VIEW care.approaching_cap', 'ALTER FUNCTION care.accrued(care.schedule, date, date) COST 7')
{
	$node->safe_psql('postgres', 'CREATE DATABASE changed TEMPLATE source');
	$node->safe_psql('changed', "BEGIN; ALTER EVENT TRIGGER care_account_guard DISABLE; $change; ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS; COMMIT");
	isnt(fingerprint($node, 'changed'), $expected, "the fingerprint shows: $change");
	$node->safe_psql('postgres', 'DROP DATABASE changed');
}

sub restored
{
	my ($database, $how) = @_;
	is(differences($expected, fingerprint($node, $database)), '', "$how: every row, sequence, privilege and object is as it was");
	is($node->safe_psql($database, 'SELECT * FROM care.verify()'), '', "$how: all that is derived follows from the facts");
	is($node->safe_psql($database, 'SELECT * FROM care.verify_chain()'), '', "$how: and every chain leads to its end");
	is( $node->safe_psql($database, 'SELECT md5(string_agg(o::text, $$,$$ ORDER BY account_id)) FROM public.own AS o'),
		$node->safe_psql('source', 'SELECT md5(string_agg(o::text, $$,$$ ORDER BY account_id)) FROM public.own AS o'),
		"$how: so is a table outside");
	$node->safe_psql('postgres', "DROP DATABASE $database");
}

sub dump_as
{
	my ($user, $file, @options) = @_;
	command_ok([ 'pg_dump', '--no-sync', '-U', $user, @options, '-f', "$folder/$file", $node->connstr('source') ], "pg_dump @options as $user");
}

sub restore_as
{
	my ($user, $database, $file, @options) = @_;
	command_ok([ 'pg_restore', '-e', '-U', $user, @options, '-d', $node->connstr($database), "$folder/$file" ], "pg_restore @options as $user");
}
my $superuser = $node->safe_psql('postgres', 'SELECT session_user');

# The three formats, dumped by somebody who may read everything and no more.
dump_as('reader', 'plain.sql');
dump_as('reader', 'custom', '-Fc');
dump_as('reader', 'directory', '-Fd', '-j2');
$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(plain custom directory jobs rows_only);
command_ok([ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$folder/plain.sql", $node->connstr('plain') ], 'psql');
restored('plain', 'plain');
restore_as($superuser, 'custom', 'custom');
restored('custom', 'custom');
restore_as($superuser, 'directory', 'directory');
restored('directory', 'directory');

# Several jobs, for everything but our two schemas.
restore_as($superuser, 'jobs', 'directory', '--section=pre-data');
restore_as($superuser, 'jobs', 'directory', '--section=data', '-n', 'care', '-n', 'care_internal');
restore_as($superuser, 'jobs', 'directory', '--section=data', '-N', 'care', '-N', 'care_internal', '-j2');
restore_as($superuser, 'jobs', 'directory', '--section=post-data', '-j2');
restored('jobs', 'jobs');

# The rows by somebody who is no superuser: who is one makes the extension, before, and grants what it takes.
command_fails_like([ 'pg_restore', '-e', '-U', 'loader', '-d', $node->connstr('rows_only'), "$folder/custom" ], qr/permission denied/,
	'who is no superuser cannot restore all of it');
restore_as($superuser, 'rows_only', 'custom', '--section=pre-data');
$node->safe_psql('rows_only', q{
	GRANT USAGE ON SCHEMA care, care_internal TO loader;
	GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA care, care_internal TO loader;
	GRANT UPDATE ON ALL SEQUENCES IN SCHEMA care, care_internal TO loader;
	GRANT EXECUTE ON FUNCTION care.nhs_number_is_valid, care_internal.is_capitalisation, care_internal.title_key TO loader;      -- checks and an index ask them
	GRANT INSERT ON public.own TO loader});
restore_as('loader', 'rows_only', 'custom', '--section=data');
restore_as($superuser, 'rows_only', 'custom', '--section=post-data');
$node->safe_psql('rows_only', q{
	REVOKE ALL ON ALL TABLES IN SCHEMA care, care_internal FROM loader;
	REVOKE ALL ON ALL SEQUENCES IN SCHEMA care, care_internal FROM loader;
	REVOKE EXECUTE ON FUNCTION care.nhs_number_is_valid, care_internal.is_capitalisation, care_internal.title_key FROM loader;
	REVOKE ALL ON SCHEMA care, care_internal FROM loader;
	REVOKE ALL ON public.own FROM loader});
restored('rows_only', 'rows by somebody who is no superuser');

$node->stop;
done_testing();
