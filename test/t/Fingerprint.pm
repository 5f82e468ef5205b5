# Fingerprint: runs the scripts beside the tests in a database, and compares fingerprints.
package Fingerprint;

use strict;
use warnings;
use Exporter 'import';
use File::Basename;
use IPC::Run;

our @EXPORT = qw(run_script fingerprint differences);

# Run a script, named by its path from test/, and return what it printed.
sub run_script
{
	my ($node, $database, $script, @variables) = @_;
	my ($printed, $error) = ('', '');
	IPC::Run::run([ 'psql', '-X', '-q', '-d', $node->connstr($database), (map { ('-v', $_) } @variables), '-f', dirname(__FILE__) . "/../$script" ],
		'>', \$printed, '2>', \$error)
	  or die "$script in $database: $printed$error";
	return $printed;
}

# All of it but what is not dumped: runs that are under way are no facts.
sub fingerprint
{
	my ($node, $database) = @_;
	return join "\n", grep { !/^(rows|sequence) not dumped / } split /\n/, run_script($node, $database, 'fingerprint.sql');
}

# The lines that only one of two has.
sub differences
{
	my ($from, $to) = @_;
	my %from = map { $_ => 1 } split /\n/, $from;
	my %to = map { $_ => 1 } split /\n/, $to;
	return join "\n", (map { "- $_" } sort grep { !$to{$_} } keys %from), (map { "+ $_" } sort grep { !$from{$_} } keys %to);
}

1;
