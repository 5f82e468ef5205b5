# Crash: what tests of crashes and recovery share.

package Crash;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

our @EXPORT_OK = qw(kill_server is_verified);

# Kill the postmaster and all its processes, so that none of them notices or finishes anything, and start it
# again once they are gone.
sub kill_server
{
	my ($node) = @_;
	my @processes = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
	my ($postmaster) = split /\n/, slurp_file($node->data_dir . '/postmaster.pid');
	kill 'STOP', $postmaster;
	kill 'KILL', @processes;
	$node->kill9;
	for (1 .. 1200)
	{
		usleep 50_000;
		next if grep { kill 0, $_ } $postmaster, @processes;
		return if $node->start(fail_ok => 1);
		$node->stop('fast', fail_ok => 1);
	}
	die 'the server did not start again';
}

# What is derived follows from the facts, and so do the chains where there are any.
sub is_verified
{
	my ($node, $how) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify()'), '', "$how: what is derived follows from the facts");
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify_chain()'), '', "$how: the chains hold")
	  if $node->safe_psql('postgres', "SELECT to_regproc('care.verify_chain')") ne '';
	return;
}

1;
