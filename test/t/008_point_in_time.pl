# 008_point_in_time: a run issues statements while budgets are recorded, and the WAL is archived.  A second
# cluster, recovered from the backup to a moment in the middle of a batch, to the end of one, or to a time
# of the clock, has exactly what was committed by then, all of it right; and the run, done again there,
# leaves one statement for each account due.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Crash qw(is_verified make_accounts);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $accounts = 100;
my $batch = 5;
my $day = '2011-01-01';
my $seed = $ENV{CARE_TEST_SEED} // time;
srand $seed;
diag "seed $seed (CARE_TEST_SEED=$seed repeats it)";

my $node = PostgreSQL::Test::Cluster->new('original');
$node->init(allows_streaming => 1, has_archiving => 1);
$node->append_conf('postgresql.conf', "fsync = on\ntrack_commit_timestamp = on\nautovacuum = off");
$node->start;
make_accounts($node, $accounts);
$node->backup('backup');
my $begin = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');

# The run, and somebody who records budgets meanwhile.
my @sessions = map { IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-c', $_ ]) }
  "CALL care.issue_due_statements('$day', NULL, $batch)",
  "DO 'BEGIN FOR a IN 1 .. $accounts LOOP
       PERFORM care.record_budget(a, DATE ''2010-03-01'' + a, ''personal_budget'', ''community'', 200 + a); COMMIT; END LOOP; END'";
ok($_->finish, 'the session ended well') for @sessions;
is($node->safe_psql('postgres', "SELECT count(*) FROM care.issued_statement WHERE as_at = '$day'"), $accounts, 'the run has issued all statements');

# The moment when half of the batches had been committed.
my $moment = $node->safe_psql('postgres', q{
	SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY pg_xact_commit_timestamp(x)) FROM (SELECT DISTINCT xmin FROM care.issued_statement) AS w (x)});

# What was written and when it was committed, by the WAL: the transactions that issued statements in order,
# each with the places of its statements and of its end, and its subtransactions, which wrote for it.
my $end = $node->safe_psql('postgres', 'SELECT pg_current_wal_insert_lsn()');
my $last_file = $node->safe_psql('postgres', 'SELECT pg_walfile_name(pg_switch_wal())');
$node->poll_query_until('postgres', "SELECT last_archived_wal >= '$last_file' FROM pg_stat_archiver") or die 'the WAL was not archived';
my ($database, $table) = $node->safe_psql('postgres', "SELECT pg_relation_filepath('care.issued_statement')") =~ m{base/(\d+)/(\d+)};
my ($wal) = run_command([ 'pg_waldump', '--path', $node->archive_dir, '--start', $begin, '--end', $end ]);
my (%statements, @committed);
for my $line (split /\n/, $wal)
{
	my ($transaction, $place, $what) = $line =~ m{tx:\s*(\d+), lsn: (\S+), prev \S+, desc: (.*)} or next;
	push @{ $statements{$transaction} }, $place if $what =~ m{^INSERT.* rel 1663/$database/$table }; # the default tablespace
	push @committed, [ $transaction, $place, $what =~ /; subxacts: ([\d ]+)/ ? split / /, $1 : () ] if $what =~ /^COMMIT /;
}
for my $commit (@committed)
{
	my ($transaction, undef, @parts) = @$commit;
	push @{ $statements{$transaction} }, map { @$_ } grep { $_ } delete @statements{@parts};
	delete $statements{$transaction} if !@{ $statements{$transaction} };
}
my @batches = grep { $statements{ $_->[0] } } @committed;
cmp_ok(scalar @batches, '>=', $accounts / $batch, 'each batch was committed by itself');

# Rows with the transactions that wrote them.
my $rows = q{
	SELECT 'statement', s.xmin, s.account_id, s.statement_id, s.accrued, s.digest FROM care.issued_statement AS s
	UNION ALL SELECT 'budget', b.xmin, b.account_id, b.budget_id, b.weekly_cost, NULL FROM care.budget AS b
	ORDER BY 1, 3, 4};
my @written = split /\n/, $node->safe_psql('postgres', $rows);

# Recover to a target and compare with what was written but by the transactions that were committed later.
sub recover
{
	my ($name, $target, @later) = @_;
	my %later = map { $_ => 1 } @later;
	my $copy = PostgreSQL::Test::Cluster->new($name);
	$copy->init_from_backup($node, 'backup', has_restoring => 1, standby => 0);
	$copy->append_conf('postgresql.conf', "$target\nrecovery_target_action = promote\narchive_mode = off");
	$copy->start;
	$copy->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'recovery did not end';

	my @expected = grep { !$later{ (split /\|/)[1] } } @written;
	my $issued = grep { /^statement/ } @expected;
	note "$name: $target: $issued of $accounts statements, " . (@expected - $issued) . ' budgets';
	cmp_ok($issued, '>', 0, "$name: the run had issued statements");
	cmp_ok($issued, '<', $accounts, "$name: and not all");
	is($copy->safe_psql('postgres', $rows), join("\n", @expected), "$name: exactly what was committed by then is there");
	is($copy->safe_psql('postgres', 'SELECT total, done, finished_at IS NULL FROM care.batch_progress'), "$accounts|$issued|t",
		"$name: the progress of the run says as much");
	is_verified($copy, $name);
	is($copy->safe_psql('postgres', "SELECT count(*) FROM care.statement_due('$day')"), $accounts - $issued, "$name: the others are due");

	$copy->safe_psql('postgres', "CALL care.issue_due_statements('$day', NULL, $batch)");
	is($copy->safe_psql('postgres', "SELECT count(*) FROM care.statement_due('$day')"), '0', "$name: run again, nobody is due");
	is($copy->safe_psql('postgres', "SELECT count(*), count(DISTINCT account_id), bool_and(as_at = '$day' AND due_on = '$day') FROM care.issued_statement"),
		"$accounts|$accounts|t", "$name: exactly one for each");
	is_verified($copy, "$name, run again");
	$copy->stop;
	return;
}

sub committed_after
{
	my ($place) = @_;
	return map { my ($transaction, undef, @parts) = @$_; ($transaction, @parts) } grep { $_->[1] gt $place } @committed;
}

my @middle = grep { @{ $statements{ $_->[0] } } > 1 } @batches[ 1 .. $#batches - 1 ];
my ($transaction, $end_of_it) = @{ $middle[ rand @middle ] };
my @places = @{ $statements{$transaction} };
my $inside = $places[ @places / 2 - 1 ];
recover('inside_a_batch', "recovery_target_lsn = '$inside'", committed_after($inside));
recover('after_a_batch', "recovery_target_lsn = '$end_of_it'", committed_after($end_of_it));
recover('at_a_time', "recovery_target_time = '$moment'", split /\n/, $node->safe_psql('postgres', qq{
	SELECT x FROM (SELECT xmin FROM care.issued_statement UNION SELECT xmin FROM care.budget) AS w (x)
	WHERE pg_xact_commit_timestamp(x) > '$moment'}));
$node->stop;
done_testing();
