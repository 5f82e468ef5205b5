# Crash: what tests of crashes and recovery share.

package Crash;

use strict;
use warnings;
use Exporter 'import';
use IPC::Run ();
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT_OK = qw(kill_server server_processes start_again await_recovery is_verified make_accounts);

# Of every process its state and its parent.
sub processes
{
	my %processes;
	for my $file (glob '/proc/[0-9]*/stat')
	{
		open my $stat, '<', $file or next; # gone meanwhile
		my ($process, $state, $parent) = (<$stat> // '') =~ /^(\d+) \(.*\) (\S) (\d+) /s or next;
		$processes{$process} = { state => $state, parent => $parent };
	}
	return \%processes;
}

# The processes of a server: the postmaster, and those it has started.  pg_stat_activity would leave out those
# that begin and end.
sub server_processes
{
	my ($node) = @_;
	my ($postmaster) = split /\n/, slurp_file($node->data_dir . '/postmaster.pid');
	my $processes = processes();
	return $postmaster, grep { $processes->{$_}{parent} == $postmaster } keys %$processes;
}

# Start a server again that was killed, once its processes are gone.
sub start_again
{
	my ($node, @processes) = @_;
	for (1 .. 20 * $PostgreSQL::Test::Utils::timeout_default)
	{
		@processes = grep { kill 0, $_ } @processes or return $node->start;
		usleep 50_000;
	}
	die "killed, and still there: @processes";
}

# Kill the postmaster and all its processes, so that none of them notices or finishes anything, or waits for
# ever for a lock that another held; and start it again.
sub kill_server
{
	my ($node) = @_;
	my ($postmaster) = server_processes($node);
	kill 'STOP', $postmaster;
	usleep 1_000 until processes()->{$postmaster}{state} eq 'T';
	my @processes = server_processes($node);
	kill 'KILL', @processes;
	$node->kill9;
	start_again($node, @processes);
	return;
}

# Wait until a server whose sessions were all cut off takes sessions again.  The query is an argument: a psql that
# is refused does not read what is written to it, and the pipe breaks.
sub await_recovery
{
	my ($node) = @_;
	for (1 .. 20 * $PostgreSQL::Test::Utils::timeout_default)
	{
		my ($answer, $refusal);
		IPC::Run::run([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', 'SELECT pg_is_in_recovery()' ], '>', \$answer, '2>', \$refusal)
		  and $answer eq "f\n"
		  and return;
		usleep 50_000;
	}
	die 'the server did not come back';
}

# What is derived follows from the facts, and every chain leads to its end.
sub is_verified
{
	my ($node, $how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify()'), '', "$how: what is derived follows from the facts");
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify_chain()'), '', "$how: the chains hold");
	return;
}

# The extension, and accounts that are due a statement every year from 2011, each with a budget of its own.
sub make_accounts
{
	my ($node, $accounts) = @_;
	$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
	$node->safe_psql('postgres', qq{
		SELECT care.record_scheme('long', 'Since long ago', 'draft', '2010-01-01', 'weekly_cost', 'test'),
		       care.record_parameter('long', 'cap', '2010-01-01', 60000, 'test');
		INSERT INTO care.person (authority, reference) SELECT 'E08000035', 'P-' || a FROM generate_series(1, $accounts) AS a;
		INSERT INTO care.account (person_id, counts_from, authority, reference, scheme)
		SELECT person_id, DATE '2010-01-01', authority, 'LA-' || person_id, 'long' FROM care.person;
		INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost)
		SELECT account_id, '2010-01-01', 'personal_budget', 'community', 100 + account_id FROM care.account;
		VACUUM ANALYZE});
	return;
}

1;
