# 023_casework_copies: what is recorded in care_casework follows to a subscriber of logical replication, and is refused
# there as here; and an update of care_casework, with rows there, leaves what a fresh installation makes.

use strict;
use warnings;
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use Fingerprint;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $records = slurp_file("$FindBin::RealBin/casework_records.sql");
my @told = ('care.person', 'casework.concern', 'casework.enquiry', 'casework.risk', 'casework.care_event_known_at(\'infinity\')', 'casework.location', 'casework.demand_signal',
	'casework.sac_return(\'E06000001\', \'2026-03-31\')', 'casework.cld_export(\'E06000001\', \'2026-03-31\')', 'casework.detention', 'casework.transition', 'casework_secure.secret',
	'casework.parameter_on(\'ready_by\', \'E06000001\', \'2026-01-01\')', 'casework.local_code_in_force', 'casework.cld_submission');

#
# A subscriber.
#
my ($publisher, $subscriber) = map { PostgreSQL::Test::Cluster->new($_) } qw(publisher subscriber);
$publisher->init(allows_streaming => 'logical');
$subscriber->init;
for my $node ($publisher, $subscriber)
{
	$node->append_conf('postgresql.conf', "jit = off\nmax_sync_workers_per_subscription = 2");
	$node->start;
	$node->safe_psql('postgres', $_) for 'CREATE EXTENSION care_account', 'CREATE EXTENSION care_casework';
}
# every table that a dump holds, without the rows that came with the product
my $tables = $publisher->safe_psql('postgres', <<'SQL');
SELECT string_agg(u.oid::regclass || CASE WHEN u.condition <> '' THEN ' WHERE (NOT shipped)' ELSE '' END, ', ')
FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition) JOIN pg_class AS c ON c.oid = u.oid
WHERE e.extname IN ('care_account', 'care_casework') AND c.relkind = 'r'
SQL
$publisher->safe_psql('postgres', "CREATE PUBLICATION records FOR TABLE $tables");
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION records CONNECTION '" . $publisher->connstr . " dbname=postgres' PUBLICATION records");
$subscriber->wait_for_subscription_sync($publisher, 'records');
$publisher->safe_psql('postgres', $records);
$publisher->wait_for_catchup('records');
for my $what (@told)
{
	my $said = $publisher->safe_psql('postgres', "SELECT v::text FROM $what AS v ORDER BY 1");
	isnt($said, '', "there is something in $what");
	is($subscriber->safe_psql('postgres', "SELECT v::text FROM $what AS v ORDER BY 1"), $said, "the same on the subscriber");
}
is($subscriber->safe_psql('postgres', "SELECT * FROM care.$_"), '', "on the subscriber all is well: $_") for 'verify()', 'verify_chain()';
for my $command ('UPDATE casework.concern SET raised_on = NULL', 'DELETE FROM casework.risk', 'UPDATE casework.parameter SET value = NULL', 'DELETE FROM casework.location_fact')
{
	my (undef, undef, $error) = $subscriber->psql('postgres', "SET session_replication_role = replica; $command", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  55000/, "refused on the subscriber: $command");
}
# a dump as commands, each a transaction of its own, has rows before those they supersede
my $dump = PostgreSQL::Test::Utils::tempdir . '/as_commands';
$publisher->command_ok([ 'pg_dump', '--rows-per-insert=1', '-f', $dump, '-d', $publisher->connstr('postgres') ], 'dumped as commands');
my $restored = slurp_file($dump);
$restored =~ s/^(INSERT INTO casework\.(?:care_event|risk) .*?;\n)(INSERT INTO casework\.(?:care_event|risk) .*?;\n)/$2$1/gm;
open my $turned, '>', "$dump.turned" or die; print $turned $restored; close $turned;
$publisher->safe_psql('postgres', 'CREATE DATABASE restored');
$publisher->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$dump.turned", '-d', $publisher->connstr('restored') ], 'restored, a correction before what it corrects');
is($publisher->safe_psql('restored', "SELECT * FROM care.$_"), '', "restored, all is well: $_") for 'verify()', 'verify_chain()';
$_->stop for $subscriber, $publisher;

#
# An update.  An installation of our own, so that versions can be put into it.
#
my $root = PostgreSQL::Test::Utils::tempdir;
my %folder = map { chomp(my $path = `pg_config --$_`); ($_ => $path) } qw(bindir pkglibdir sharedir);
for my $what (sort keys %folder)
{
	system_or_bail('mkdir', '-p', dirname("$root$folder{$what}"));
	system_or_bail('cp', $what eq 'bindir' ? '-a' : '-rs', $folder{$what}, "$root$folder{$what}");
}
my $scripts = "$root$folder{sharedir}/extension";
my ($current) = slurp_file("$scripts/care_casework.control") =~ /^default_version = '(.*)'/m;
my $node = PostgreSQL::Test::Cluster->new('upgrade', install_path => $root . dirname($folder{bindir}));
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
sub write_script { my ($name, $text) = @_; open my $script, '>', "$scripts/$name" or die "$name: $!"; print $script $text; close $script; return }
sub catalogue { return join "\n", grep { !/^(rows|sequence) / } split /\n/, fingerprint($node, $_[0]) }

my $change = <<'SQL';
ALTER TABLE casework.incident_detail ADD COLUMN seen_by text;
COMMENT ON COLUMN casework.incident_detail.seen_by IS 'Who saw it.';
CREATE TABLE casework.visit (visit_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT visit_pkey PRIMARY KEY, enquiry_id bigint NOT NULL CONSTRAINT visit_enquiry_fkey REFERENCES casework.enquiry, on_day date NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT care_internal.moment(), recorded_by text NOT NULL DEFAULT care_internal.recorder());
COMMENT ON TABLE casework.visit IS 'Visits.';
SELECT care_internal.keep('casework.visit', 'enquiry', 'nothing');
SQL
write_script('care_casework--next.sql', slurp_file("$scripts/care_casework--$current.sql") . $change);
my %differs = ('right' => $change);
($differs{'another name of a constraint'} = $change) =~ s/visit_pkey/visit_key/;
($differs{'a table that is not kept'} = $change) =~ s/^SELECT care_internal.keep.*$//m;
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', "CREATE EXTENSION care_casework VERSION 'next' CASCADE");
$node->safe_psql('postgres', 'CREATE DATABASE old');
$node->safe_psql('old', 'CREATE EXTENSION care_casework CASCADE');
$node->safe_psql('old', $records);
my $fresh = catalogue('fresh');
for my $what (sort keys %differs)
{
	write_script("care_casework--$current--next.sql", $differs{$what});
	$node->safe_psql('postgres', 'CREATE DATABASE updated TEMPLATE old');
	$node->safe_psql('updated', q{ALTER EXTENSION care_casework UPDATE TO 'next'});
	my $difference = differences($fresh, catalogue('updated'));
	if ($what ne 'right') { isnt($difference, '', "a wrong update is found: $what"); }
	else
	{
		is($difference, '', 'an update is what a fresh installation is');
		is($node->safe_psql('updated', "SELECT v::text FROM $_ AS v ORDER BY 1"), $node->safe_psql('old', "SELECT v::text FROM $_ AS v ORDER BY 1"), "the same after it: $_")
		  for @told;
		is($node->safe_psql('updated', "SELECT * FROM care.$_"), '', "all is well after it: $_") for 'verify()', 'verify_chain()';
	}
	$node->safe_psql('postgres', 'DROP DATABASE updated');
}
$node->stop;
done_testing();
