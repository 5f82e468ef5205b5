# 003_crash: the server is killed while several sessions write.  After it has recovered, every budget,
# entry and figure that was acknowledged is there, what was not is there whole or not at all, and the
# derived schedules are what the facts give anew.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Crash qw(await_recovery server_processes start_again);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $writers = 4;
my $accounts = 3;
my $folder = PostgreSQL::Test::Utils::tempdir;
my $statements = 3000; # for each writer and round: far more than it gets to

my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init;
$node->append_conf('postgresql.conf', "fsync = on\nrestart_after_crash = on\ncheckpoint_timeout = 30s");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
$node->safe_psql('postgres', qq{
	SELECT care.open_account('E08000035', 'LA-' || a, 'P-' || a, NULL, '2022', '2023-10-01') FROM generate_series(1, $accounts) AS a;
	SELECT care.record_interest_policy('E08000035', '2015-04-01', 0, 'no interest, so that any day will do');
	SELECT care.open_agreement('E08000035', 'DP-1', 'P-1', '2023-01-01', '2023-01-01');
	CREATE TABLE acknowledged (writer text, what text, parent int8, key int8, day date, amount numeric)});

# What one session does: it writes to all accounts and the agreement, each time for a day of its own, by
# function, by INSERT and in transactions of two facts; the first session also changes the cap.  What
# it prints is what it was told: a line for each fact, and `committed` after a transaction.
sub writer_script
{
	my ($round, $writer) = @_;
	my $script = '';
	for my $i (1 .. $statements)
	{
		my $account = 1 + $i % $accounts;
		my $number = ($round * $statements + $i) * $writers + $writer;
		my $day = "DATE '2023-10-01' + $number";
		my $amount = sprintf '%.2f', 300 + $number / 100;
		my $budget = sub {
			return "SELECT 'budget', $account, care.record_budget($account, $day, 'independent_personal_budget', 'community', "
			  . "$amount, plan_reference => $_[0]), $day, $amount;\n";
		};
		my $entry = sub {
			return "SELECT 'entry', 1, care.defer(1, $day, 'administration_charge', $amount, $_[0]), $day, $amount;\n";
		};
		if ($i % 7 == 0)
		{
			$script .= $entry->('NULL');
		}
		elsif ($i % 5 == 0)
		{
			$script .= "INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost) "
			  . "VALUES ($account, $day, 'independent_personal_budget', 'care_home', $amount) "
			  . "RETURNING 'budget', account_id, budget_id, valid_from, weekly_cost;\n";
		}
		elsif ($i % 3 == 0)
		{
			$script .= "BEGIN;\n\\echo begun\n" . $budget->("'pair $number'") . $entry->("'pair $number'") . "COMMIT;\n\\echo committed\n";
		}
		elsif ($writer == 0 && $i % 11 == 0)
		{
			$script .= "SELECT 'cap', 0, 0, $day, 80000 + $amount FROM care.record_parameter('2022', 'cap', $day, 80000 + $amount, 'planning');\n";
		}
		else
		{
			$script .= $budget->('NULL');
		}
	}
	return $script;
}

# The facts that a session was told of, from what it printed.
sub acknowledged
{
	my ($printed) = @_;
	my (@facts, @pending);
	my $in_transaction = 0;
	for my $line (split /\n/, $printed)
	{
		if ($line eq 'begun') { $in_transaction = 1; @pending = (); }
		elsif ($line eq 'committed') { push @facts, @pending; $in_transaction = 0; }
		elsif ($in_transaction) { push @pending, $line; }
		else { push @facts, $line; }
	}
	return @facts;
}

# Start the sessions, wait until each has written a while, kill with the given function, wait for the
# server to be back, and look.
sub crash
{
	my ($round, $how, $kill) = @_;
	my $before = $node->safe_psql('postgres', 'SELECT count(*) FROM care.budget');
	my (@harness, @printed, @complaints);
	for my $writer (0 .. $writers - 1)
	{
		my $script = "$folder/$round.$writer.sql";
		append_to_file($script, writer_script($round, $writer));
		$printed[$writer] = $complaints[$writer] = '';
		push @harness, IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres') . " application_name=writer_$writer", '-f', $script ],
			'>', \$printed[$writer], '2>', \$complaints[$writer]);
	}
	my $enough = $before + 40 * $writers;
	my $waited = 0;
	while ($node->safe_psql('postgres', 'SELECT count(*) FROM care.budget') < $enough && $waited++ < 1800)
	{
		for my $writer (0 .. $writers - 1)
		{
			$harness[$writer]->pumpable or die "writer $writer stopped: $complaints[$writer]";
			$harness[$writer]->pump_nb;
		}
		select(undef, undef, undef, 0.1);
	}
	$kill->();
	for my $writer (0 .. $writers - 1)
	{
		eval { $harness[$writer]->finish };
		like($complaints[$writer], qr/server closed the connection|connection to server was lost|terminating connection/,
			"$how: writer $writer was cut off");
	}
	await_recovery($node);

	my @rows;
	for my $writer (0 .. $writers - 1)
	{
		my @facts = acknowledged($printed[$writer]);
		cmp_ok(scalar(@facts), '>', 0, "$how: writer $writer had been told of facts");
		push @rows, map { "$round.$writer|$_" } @facts;
	}
	$node->safe_psql('postgres', "COPY acknowledged FROM stdin DELIMITER '|';\n" . join("\n", @rows) . "\n\\.\n");
	return;
}

# Everything acknowledged so far is there, and nothing is there by halves.
sub look
{
	my ($how) = @_;
	is( $node->safe_psql('postgres', q{
			SELECT count(*) FROM acknowledged AS k
			WHERE NOT CASE k.what
			    WHEN 'budget' THEN EXISTS (SELECT FROM care.budget AS b WHERE b.account_id = k.parent AND b.budget_id = k.key
			                               AND b.valid_from = k.day AND b.weekly_cost = k.amount)
			    WHEN 'entry' THEN EXISTS (SELECT FROM care.agreement_entry AS e WHERE e.agreement_id = k.parent AND e.entry_id = k.key
			                              AND e.on_day = k.day AND e.amount = k.amount)
			    WHEN 'cap' THEN EXISTS (SELECT FROM care.parameter AS p WHERE p.scheme = '2022' AND p.name = 'cap'
			                            AND p.valid_from = k.day AND p.amount = k.amount) END}),
		'0', "$how: every acknowledged fact is there");
	is( $node->safe_psql('postgres', q{
			SELECT count(*) FROM care.account AS a
			    LEFT JOIN care_internal.derived_account(ARRAY(SELECT account_id FROM care.account), 'infinity') AS d ON d.account_id = a.account_id
			WHERE ROW(a.counting_from, a.person_reference, a.reach, a.weekly_rate, a.cap, a.cap_scales, a.weekly_cost, a.weekly_counted, a.daily_living_cost)::text
			   IS DISTINCT FROM ROW(d.counting_from, d.person_reference, d.reach, d.weekly_rate, d.cap, d.cap_scales, d.weekly_cost, d.weekly_counted, d.daily_living_cost)::text}),
		'0', "$how: the derived schedules follow from the facts");
	is( $node->safe_psql('postgres', q{
			SELECT count(*) FROM care.account AS a
			WHERE (SELECT array_agg((s.valid_from, s.value) ORDER BY s.valid_from) FROM care.steps(a.weekly_cost) AS s WHERE isfinite(s.valid_from))::text
			   <> (SELECT array_agg((b.valid_from, b.weekly_cost) ORDER BY b.valid_from) FROM care.budget AS b WHERE b.account_id = a.account_id)::text}),
		'0', "$how: each weekly cost is a step of its account");

	# Of a transaction of two facts both are there or neither.  A session has one transaction under way
	# at most: no more than that was stored without being acknowledged.
	is( $node->safe_psql('postgres', q{
			SELECT count(*) > 0, count(*) FILTER (WHERE b.pair IS NULL OR e.pair IS NULL)
			FROM (SELECT plan_reference AS pair FROM care.budget WHERE plan_reference IS NOT NULL) AS b
			    FULL JOIN (SELECT note AS pair FROM care.agreement_entry WHERE note IS NOT NULL) AS e ON e.pair = b.pair}),
		't|0', "$how: no transaction is there by halves");
	is( $node->safe_psql('postgres', qq{
			SELECT (SELECT count(*) FROM care.budget) - count(*) FILTER (WHERE what = 'budget')
			       BETWEEN 0 AND (SELECT count(DISTINCT writer) FROM acknowledged)
			FROM acknowledged}),
		't', "$how: at most one transaction of each session was stored unseen");
	return;
}

crash(0, 'immediate stop', sub { $node->stop('immediate'); $node->start });
look('immediate stop');

# One session killed outright: the server takes down the others and recovers by itself.
crash(1, 'killed session', sub {
	my $victim = $node->safe_psql('postgres', q{SELECT pid FROM pg_stat_activity WHERE application_name = 'writer_2'});
	kill 'KILL', $victim;
});
look('killed session');

# The server's first process killed outright: the sessions find out, and it is started again.
crash(2, 'killed server', sub {
	my @processes = server_processes($node);
	$node->kill9;
	start_again($node, @processes);
});
look('killed server');

# It goes on from there.
is( $node->safe_psql('postgres', q{
		SELECT care.record_budget(1, (SELECT max(valid_from) + 1 FROM care.budget), 'independent_personal_budget', 'community', 1)
		       > (SELECT max(key) FROM acknowledged WHERE what = 'budget')}),
	't', 'the next key is a new one');
is( $node->safe_psql('postgres', 'SELECT weekly_cost FROM care.account_position((SELECT max(valid_from) FROM care.budget)) WHERE account_id = 1'),
	'1.00', 'and the next budget counts');

$node->stop;
done_testing();
