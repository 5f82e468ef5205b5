# 021_transfer: accounts with random histories move from A to B to C and back to A, within one database and between two,
# and on every day every figure is that of a twin that never moved.  Documents come late, twice and out of order, and
# the server is killed in the middle of every step, which is then run again.
#
# CARE_TRANSFERS says how many accounts, CARE_SEED repeats a run.

use strict;
use warnings;
use File::Basename;
use FindBin;
use lib $FindBin::RealBin;
use Crash qw(kill_server);
use IPC::Run ();
use MIME::Base64 ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $accounts = $ENV{CARE_TRANSFERS} // 100;
my $seed = $ENV{CARE_SEED} // time;
srand($seed =~ /^\d+$/ ? $seed : 1);
diag("seed $seed, $accounts accounts");
my $last_day = '2021-12-31';

my $node = PostgreSQL::Test::Cluster->new('transfer');
$node->init;
$node->append_conf('postgresql.conf', "jit = off");
$node->start;

# What a step wrote of its progress.
sub told
{
	my ($database) = @_;
	return $node->safe_psql($database, 'SELECT (SELECT count(*) FROM law.told) + (SELECT count(*) FROM care.transfer) + (SELECT count(*) FROM care.transfer_step)');
}

# A step, killed when it is part of the way, and run again.
my $kills = 0;
sub step
{
	my ($database, $call, $killed) = @_;
	if ($killed)
	{
		my $before = told($database);
		my ($in, $out, $err) = ('', '', '');
		my $session = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr($database), '-c', $call ], '<', \$in, '>', \$out, '2>', \$err);
		my $enough = 1 + int rand $accounts;
		for (1 .. 400)
		{
			$session->pump_nb;
			last if !$session->pumpable || told($database) - $before >= $enough;
			usleep 1_000;
		}
		kill_server($node);
		$kills++;
		$session->kill_kill;
	}
	$node->safe_psql($database, $call);
	return;
}

# What was told at a step is carried to another database, byte for byte.
sub carry
{
	my ($from, $to, @steps) = @_;
	return if $from eq $to;
	for my $step (@steps)
	{
		my $rows = $node->safe_psql($from, "SELECT n, encode(convert_to(document, 'UTF8'), 'hex') FROM law.told WHERE step = '$step'");
		$node->safe_psql($to, join '', map { my ($n, $hex) = split /\|/;
			"INSERT INTO law.told (n, step, document) VALUES ($n, '$step', convert_from('\\x$hex', 'UTF8')) ON CONFLICT DO NOTHING;\n" } split /\n/, $rows);
	}
	return;
}

# Of each account its figures, as one digest.  The twin's are looked at more often than it changes.
my %of_twin;
sub figures
{
	my ($database, $holder, $to_day, $forward) = @_;
	return $of_twin{"$to_day $forward"} //= asked_figures(@_) if $holder eq 'T';
	return asked_figures(@_);
}

sub asked_figures
{
	my ($database, $holder, $to_day, $forward) = @_;
	return $node->safe_psql($database, "SELECT n, law.digest(account_id, $to_day, $forward) FROM law.told WHERE step = '$holder' ORDER BY n");
}

sub moved
{
	my ($kind, @of) = @_;                 # the database of A, B, C and A again
	my ($a, $b) = @of;
	my $all = "date '$last_day'";
	my @holder = ('A', 'in 1', 'in 2', 'in 3');
	my %made;
	for my $database (grep { !$made{$_}++ } @of)
	{
		$node->safe_psql('postgres', "CREATE DATABASE $database");
		$node->safe_psql($database, 'CREATE EXTENSION care_account');
		$node->safe_psql($database, slurp_file(dirname(__FILE__) . '/transfer_law.sql'));
		$node->safe_psql($database, "INSERT INTO law.seed VALUES ('$seed $kind', $accounts)");
	}
	step($a, "CALL law.open('$_')", 0) for qw(A T);
	step($a, "CALL law.live(0, '$_')", 0) for qw(A T);
	%of_twin = ();
	is(figures($a, 'A', $all, 'true'), figures($a, 'T', $all, 'true'), "$kind: alike before any move");
	for my $move (1 .. 3)
	{
		my ($first, $second) = @of[ $move - 1, $move ];
		step($first, "CALL law.send($move, '$holder[$move - 1]')", 1);
		is(figures($first, $holder[$move - 1], "law.moves_on(n, $move) - 1", 'false'), figures($a, 'T', "law.moves_on(n, $move) - 1", 'false'),
			"$kind: move $move: every figure of the first to the day before");
		is($node->safe_psql($first, "SELECT count(*) FROM law.told AS t JOIN care.account AS a ON a.account_id = t.account_id WHERE t.step = '$holder[$move - 1]'
			AND care.value_on(a.weekly_cost, law.moves_on(t.n, $move)) + care.value_on(a.weekly_cost, '$last_day') <> 0"), '0', "$kind: move $move: and nothing from that day");
		carry($first, $second, "out $move", "second out $move");
		step($second, "CALL law.receive($move)", 1);
		is(figures($second, $holder[$move], $all, 'true'), figures($a, 'T', $all, 'true'), "$kind: move $move: every figure on every day");
		step($second, "CALL law.live($move, '$holder[$move]')", 0);
		step($a, "CALL law.live($move, 'T')", 0);
		%of_twin = ();
		is(figures($second, $holder[$move], $all, 'true'), figures($a, 'T', $all, 'true'), "$kind: move $move: and with what the second recorded");
		# the first hears of it late: after the account has moved on, at times
		carry($second, $first, "acknowledgement $move");
		step($first, "CALL law.acknowledge($move)", 1) if $move != 2;
	}
	step($of[1], 'CALL law.acknowledge(2)', 1);
	is($node->safe_psql($of[3], q{SELECT count(*) FROM law.told AS t JOIN law.told AS o ON o.n = t.n AND o.step = 'A' WHERE t.step = 'in 3' AND t.account_id <> o.account_id}),
		'0', "$kind: the account that left opened again");
	for my $database (sort keys %made)
	{
		is($node->safe_psql($database, q{SELECT DISTINCT said FROM law.told WHERE step LIKE 'late %' AND said NOT IN ('transfer_in_sequence', 'transfer_cancelled')}), '',
			"$kind: documents out of order were refused");
		is($node->safe_psql($database, q{SELECT count(*) FROM care.transfer_status WHERE status = 'sent'}), '0', "$kind: every document was acknowledged, or cancelled");
		is($node->safe_psql($database, 'SELECT * FROM care.verify()'), '', "$kind: what is derived follows from the facts");
		is($node->safe_psql($database, 'SELECT * FROM care.verify_chain()'), '', "$kind: the chains hold");
		# each side has a clock of its own: it runs where the account left
		is($node->safe_psql($database, q{SELECT count(*) FROM care.retention AS r, care_internal.transfer_state(r.record_id) AS s
			WHERE r.class = 'account' AND (s = 'gone') <> (r.trigger_event IS NOT DISTINCT FROM 'last_updated')}), '0', "$kind: the clock runs where the account left");
	}
	# what each counted adds up to the whole, and each day is in one line
	is($node->safe_psql($of[3], qq{
		SELECT t.n FROM law.told AS t, LATERAL (SELECT care.transfer_draft(t.account_id, 'E06000009', '$last_day', '37(1)')::jsonb AS d) AS x
		WHERE t.step = 'in 3' AND ((SELECT sum((a ->> 'amount')::numeric) FROM jsonb_array_elements(x.d -> 'totals' -> 'by_authority') AS a) <> (x.d -> 'account' ->> 'accrued')::numeric
			OR (SELECT sum((l ->> 'days')::int) FROM jsonb_array_elements(x.d -> 'lines') AS l) <> date '$last_day' - (x.d -> 'account' ->> 'counting_from')::date
			OR jsonb_array_length(x.d -> 'responsible') <> 4)}), '', "$kind: what each counted adds up");
	return;
}

moved('one database', ('whole') x 4);
moved('two databases', 'first', 'second', 'first', 'first');
diag("$kills kills");
# A crash of the test's own making must not have been for nothing.
cmp_ok($kills, '>=', 12, 'killed in every step');

# Where a figure differs, the law finds it: a document that says one thing and is followed by another.
is( $node->safe_psql('whole', qq{
		BEGIN;
		SELECT care.record_adjustment(a.account_id, a.counting_from, 0.01, 'error_corrected', 'Head') > 0 FROM law.told AS t JOIN care.account AS a ON a.account_id = t.account_id WHERE t.step = 'in 3' AND t.n = 1;
		SELECT law.digest(a.account_id, '$last_day') = law.digest(t.account_id, '$last_day') FROM law.told AS a, law.told AS t WHERE a.step = 'in 3' AND t.step = 'T' AND a.n = 1 AND t.n = 1;
		ROLLBACK}),
	"t\nf", 'a penny is seen');
$node->stop;
done_testing();
