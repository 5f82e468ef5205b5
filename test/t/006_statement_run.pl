# 006_statement_run: a run of statements is cut off at random moments, ten times, by kill -9 of its session
# or of the server.  After each it is run again: exactly one statement for each account due, all of them
# adding up, and the derived columns what the facts give anew.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Crash qw(await_recovery kill_server is_verified make_accounts);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use List::Util qw(shuffle);
use Time::HiRes qw(usleep);

my $accounts = 400;
my $batch = 3;
my $seed = $ENV{CARE_TEST_SEED} // time;
srand $seed;
diag "seed $seed (CARE_TEST_SEED=$seed repeats it)";

my $node = PostgreSQL::Test::Cluster->new('statement_run');
$node->init;
$node->append_conf('postgresql.conf', "fsync = on\nrestart_after_crash = on");
$node->start;
make_accounts($node, $accounts);

# One year's run, cut off after some of its batches: at which number of statements is a matter of chance.
sub cut_off
{
	my ($year, $how, $kill) = @_;
	my $day = "$year-01-01";
	is($node->safe_psql('postgres', "SELECT count(*) FROM care.statement_due('$day')"), $accounts, "$how: all are due on $day");
	# what has changed since the last one is a correction of it
	$node->safe_psql('postgres', qq{
		SELECT care.record_adjustment(account_id, '$day'::date - 400, 12.34, 'error_corrected', 'test') FROM care.account
		WHERE account_id % 10 = $year % 10 AND $year > 2011});

	# somebody holds the last account, so that the run does not end before it is cut off
	my ($held, $lost) = ('', '');
	my $holder = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' application_name=holder',
		'-c', "SELECT FROM care.account WHERE account_id = $accounts FOR UPDATE; SELECT pg_sleep(600)" ], '>', \$held, '2>', \$lost);
	$node->poll_query_until('postgres', "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep')")
	  or die 'the last account is not held';

	my ($printed, $complaint) = ('', '');
	my $run = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' application_name=run',
		'-c', "CALL care.issue_due_statements('$day', NULL, $batch)" ], '>', \$printed, '2>', \$complaint);
	my $enough = int rand($accounts * 0.4);
	my $done = 0;
	for (1 .. 3000)
	{
		$done = $node->safe_psql('postgres', "SELECT count(*) FROM care.issued_statement WHERE as_at = '$day'");
		last if $done > $enough;
		usleep 2_000;
	}
	usleep int rand 20_000;
	$kill->();
	eval { $run->finish };
	eval { $holder->finish };
	like($complaint, qr/server closed the connection|connection to server was lost|terminating connection/, "$how: the run was cut off");
	await_recovery($node);

	$done = $node->safe_psql('postgres', "SELECT count(*) FROM care.issued_statement WHERE as_at = '$day'");
	note "$how: $done of $accounts issued before it was cut off";
	cmp_ok($done, '>', $enough, "$how: what had been committed is there");
	cmp_ok($done, '<', $accounts, "$how: the run had not ended");
	is($node->safe_psql('postgres', "SELECT count(*) FROM care.statement_due('$day')"), $accounts - $done, "$how: the others are still due");
	is($node->safe_psql('postgres', "SELECT total, done, finished_at IS NULL FROM care.batch_progress ORDER BY run_id DESC LIMIT 1"),
		"$accounts|$done|t", "$how: its progress says as much");
	look("$how, before it is run again");

	$node->safe_psql('postgres', "CALL care.issue_due_statements('$day', NULL, $batch)");
	is($node->safe_psql('postgres', "SELECT count(*) FROM care.statement_due('$day')"), '0', "$how: run again, nobody is due");
	is($node->safe_psql('postgres', qq{
			SELECT count(*), count(DISTINCT account_id), bool_and(due_on = '$day') FROM care.issued_statement WHERE as_at = '$day'}),
		"$accounts|$accounts|t", "$how: exactly one for each");
	is($node->safe_psql('postgres', "SELECT total, done, finished_at IS NULL FROM care.batch_progress ORDER BY run_id DESC LIMIT 1"),
		($accounts - $done) . '|' . ($accounts - $done) . '|f', "$how: the second run did what the first had not");
	look($how);
	return;
}

# All that was ever issued is right.
sub look
{
	my ($how) = @_;
	is_verified($node, $how);
	is( $node->safe_psql('postgres', q{
			SELECT count(*) FROM care.issued_statement AS s
			    LEFT JOIN care.issued_statement AS p ON p.account_id = s.account_id AND p.statement_id = s.previous_statement_id
			WHERE s.accrued IS DISTINCT FROM (SELECT sum(l.amount) FROM unnest(s.lines) AS l)
			   OR p.accrued IS DISTINCT FROM (SELECT l.amount FROM unnest(s.lines) AS l WHERE l.what = 'on the last statement')
			   OR (p.statement_id IS NULL) <> (s.as_at = '2011-01-01')
			   OR s.digest IS DISTINCT FROM care_internal.statement_digest(s)}),
		'0', "$how: each statement adds up, and follows from the last");
	return;
}

my $year = 2011;
for my $whose (shuffle(('session') x 5, ('server') x 5))
{
	cut_off($year, "$whose killed in $year", sub {
		return kill_server($node) if $whose eq 'server';
		my $victim = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'run'});
		kill 'KILL', $victim or die "could not kill '$victim'";
	});
	$year++;
}

is($node->safe_psql('postgres', 'SELECT count(*), count(DISTINCT (account_id, due_on)) FROM care.issued_statement'),
	(10 * $accounts) . '|' . (10 * $accounts), 'ten years, each once');
is($node->safe_psql('postgres', "SELECT count(*) > 0 FROM care.statement_line WHERE what = 'correction of the last statement'"),
	't', 'corrections have lines of their own');
$node->stop;
done_testing();
