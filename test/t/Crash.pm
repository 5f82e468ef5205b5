# Crash: what tests of crashes share.

package Crash;

use strict;
use warnings;
use Exporter 'import';
use Time::HiRes qw(usleep);

our @EXPORT_OK = qw(kill_server);

# Kill the postmaster and all its processes, so that none of them finishes anything, and start it again
# once they are gone.
sub kill_server
{
	my ($node) = @_;
	my @processes = split /\n/, $node->safe_psql('postgres', 'SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
	kill 'KILL', @processes;
	$node->kill9;
	for (1 .. 600)
	{
		usleep 20_000;
		next if grep { kill 0, $_ } @processes;
		return if $node->start(fail_ok => 1);
		$node->stop('fast', fail_ok => 1);
	}
	die 'the server did not start again';
}

1;
