# Clock: a server whose clock can be set, with libfaketime (Debian: libfaketime).

package Clock;

use strict;
use warnings;
use Exporter 'import';
use PostgreSQL::Test::Utils;

our @EXPORT_OK = qw(library start_with_clock set_clock);

# Where the library is; nothing if it is nowhere.
sub library
{
	my ($found) = glob '/usr/lib/*/faketime/libfaketime.so.1';
	return $found;
}

# Start a server that asks a file how far its clock is off, whenever it looks at the clock; what it waits for is
# measured by another clock, which goes on.
sub start_with_clock
{
	my ($node) = @_;
	set_clock($node, 0);
	local %ENV = (%ENV, LD_PRELOAD => library(), FAKETIME_TIMESTAMP_FILE => file($node), FAKETIME_NO_CACHE => 1, FAKETIME_DONT_FAKE_MONOTONIC => 1);
	$node->start;
	return;
}

sub file
{
	my ($node) = @_;
	return $node->basedir . '/clock';
}

# By how many seconds it is off; the file is replaced whole.
sub set_clock
{
	my ($node, $seconds) = @_;
	open my $file, '>', file($node) . '.new' or die $!;
	printf $file "%+d\n", $seconds;
	close $file or die $!;
	rename file($node) . '.new', file($node) or die $!;
	return;
}

1;
