# 023_neighbours: programs that a database administrator runs beside the extension, each as Debian has it: pgBackRest
# with a recovery to the middle of a run, pgbouncer pooling transactions, pg_cron for the nightly run, pgaudit,
# pg_stat_statements and pg_repack.  What is not installed is skipped, by name.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Crash qw(is_verified make_accounts);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my $accounts = 60;
my ($library) = map { chomp; $_ } `pg_config --pkglibdir`;
my ($programs) = map { chomp; $_ } `pg_config --bindir`;
my %has = map { $_ => -e "$library/$_.so" } qw(pg_cron pgaudit pg_stat_statements);
$has{pg_repack} = -x "$programs/pg_repack";
($has{pgbackrest}) = grep { -x } '/usr/bin/pgbackrest';
($has{pgbouncer}) = grep { $_ && -x } $ENV{CARE_PGBOUNCER}, '/usr/sbin/pgbouncer';
my @preload = grep { $has{$_} } qw(pg_cron pgaudit pg_stat_statements);

my $node = PostgreSQL::Test::Cluster->new('neighbours');
$node->init(allows_streaming => 1);
my $folder = $node->basedir;
my $user = getpwuid $>;
$node->append_conf('postgresql.conf', join "\n", 'jit = off', 'fsync = on', "shared_preload_libraries = '" . join(',', @preload) . "'",
	"pgaudit.log = 'write'", "cron.database_name = 'postgres'", 'cron.use_background_workers = on', "cron.timezone = 'Europe/London'");
my $backrest = "pgbackrest --config=$folder/pgbackrest.conf --stanza=care";
if ($has{pgbackrest})
{
	mkdir "$folder/$_" for qw(repository said lock spool);
	append_to_file("$folder/pgbackrest.conf", join "\n", '[global]', "repo1-path=$folder/repository", 'repo1-retention-full=2', 'start-fast=y',
		"log-path=$folder/said", "lock-path=$folder/lock", "spool-path=$folder/spool", 'log-level-console=error', 'log-level-file=off',
		'[care]', 'pg1-path=' . $node->data_dir, 'pg1-port=' . $node->port, 'pg1-socket-path=' . $node->host, "pg1-user=$user", '');
	$node->append_conf('postgresql.conf', "archive_mode = on\narchive_command = '$backrest archive-push %p'");
}
$node->start;
make_accounts($node, $accounts);
sub done_on { return $_[0]->safe_psql('postgres', "SELECT count(*), count(DISTINCT account_id) FROM care.issued_statement WHERE as_at = '$_[1]'") }

SKIP:
{
	skip 'pgbackrest is not installed', 1 unless $has{pgbackrest};
	$node->command_ok([ split(/ /, $backrest), 'stanza-create' ], 'pgBackRest makes its stanza');
	$node->command_ok([ split(/ /, $backrest), '--type=full', 'backup' ], 'a full backup');
	$node->safe_psql('postgres', "CALL care.issue_due_statements('2011-01-01')");
	$node->command_ok([ split(/ /, $backrest), '--type=incr', 'backup' ], 'an incremental one, with a run between');

	# recovered to a moment when the next run was not done: it waits for an account that somebody holds, the others first
	my $holder = $node->background_psql('postgres');
	$holder->query_safe('BEGIN');
	$holder->query_safe("SELECT FROM care.account WHERE account_id = $accounts / 2 FOR UPDATE");
	my $run = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres'), '-c', "CALL care.issue_due_statements('2012-01-01', NULL, 2)" ]);
	$node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM pg_stat_activity WHERE query ~ '^CALL' AND wait_event_type = 'Lock')}) or die 'the run does not wait';
	my $moment = $node->safe_psql('postgres', 'SELECT clock_timestamp()');
	$holder->query_safe('COMMIT');
	$holder->quit;
	ok($run->finish, 'the run ends');
	is(done_on($node, '2012-01-01'), "$accounts|$accounts", 'with a statement for everybody');
	my $file = $node->safe_psql('postgres', 'SELECT pg_walfile_name(pg_switch_wal())');
	$node->poll_query_until('postgres', "SELECT last_archived_wal >= '$file' FROM pg_stat_archiver") or die 'the WAL was not archived';

	my $copy = PostgreSQL::Test::Cluster->new('recovered');
	mkdir $copy->data_dir or mkdir $copy->basedir and mkdir $copy->data_dir;
	chmod 0700, $copy->data_dir;
	$node->command_ok([ split(/ /, $backrest), '--pg1-path=' . $copy->data_dir, '--type=time', "--target=$moment", '--target-action=promote', 'restore' ],
		'a restore to a moment in the middle of a run');
	$copy->append_conf('postgresql.conf', 'port = ' . $copy->port . "\nunix_socket_directories = '" . $copy->host . "'\narchive_mode = off\nshared_preload_libraries = ''");
	$copy->start;
	$copy->poll_query_until('postgres', 'SELECT NOT pg_is_in_recovery()') or die 'recovery did not end';
	is(done_on($copy, '2011-01-01'), "$accounts|$accounts", 'the first run is there');
	my ($done) = split /\|/, done_on($copy, '2012-01-01');
	note "$done of $accounts had been issued";
	is($done, $accounts - 1, 'of the second, what had been committed by then');
	is_verified($copy, 'recovered');
	$copy->safe_psql('postgres', "CALL care.issue_due_statements('2012-01-01')");
	is(done_on($copy, '2012-01-01'), "$accounts|$accounts", 'run again, it does the rest');
	is($copy->safe_psql('postgres', 'SELECT account_id, accrued FROM care.statement ORDER BY account_id, as_at'),
		$node->safe_psql('postgres', 'SELECT account_id, accrued FROM care.statement ORDER BY account_id, as_at'), 'with the same figures');
	is_verified($copy, 'run again');
	$copy->stop;
}

SKIP:
{
	skip 'pgbouncer is not installed', 1 unless $has{pgbouncer};
	my ($port, $host) = (PostgreSQL::Test::Cluster::get_free_port(), $node->host);
	append_to_file("$folder/pgbouncer.ini", join "\n", '[databases]', "postgres = host=$host port=" . $node->port . ' dbname=postgres',
		'[pgbouncer]', "listen_addr =", "unix_socket_dir = $host", "listen_port = $port", 'auth_type = any', 'pool_mode = transaction', 'default_pool_size = 1',
		"pidfile = $folder/pgbouncer.pid", "logfile = $folder/pgbouncer.log", '');
	# auth_type any needs the user in the database's line
	my $ini = slurp_file("$folder/pgbouncer.ini") =~ s/dbname=postgres/dbname=postgres user=$user/r;
	unlink "$folder/pgbouncer.ini";
	append_to_file("$folder/pgbouncer.ini", $ini);
	system_or_bail($has{pgbouncer}, '-q', '-d', "$folder/pgbouncer.ini");
	my $pool = sub {
		my ($said, $error) = ('', '');
		IPC::Run::run([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-h', $host, '-p', $port, '-U', $user, '-d', 'postgres', map { ('-c', $_) } @_ ], '>', \$said, '2>', \$error);
		chomp $said;
		return $said . $error;
	};
	for (1 .. 200) { last if $pool->('SELECT 1') eq '1'; usleep 50_000 }
	is($pool->("BEGIN; SET LOCAL care.actor = 'worker-18'; SELECT FROM care.record_event(2, '2024-07-01', 'statement_requested'); COMMIT",
			q{SELECT recorded_by || ', then nobody' || current_setting('care.actor', true) FROM care.account_event WHERE account_id = 2}),
		"$user/worker-18, then nobody", 'pgbouncer: an actor of a transaction, and of no other');
	is($pool->("CALL care.issue_due_statements('2013-01-01', NULL, 7)"), '', 'a run by CALL goes through');
	is(done_on($node, '2013-01-01'), "$accounts|$accounts", 'and is whole');
	my ($left, $calls) = (1, 0);
	while ($left) { $left = $pool->("SELECT care.issue_due_statements_batch('2014-01-01', NULL, 7)"); $calls++; last if $left !~ /^\d+$/ }
	is("$left|" . done_on($node, '2014-01-01'), "0|$accounts|$accounts", 'and one batch by batch, each in a transaction of the pool');
	cmp_ok($calls, '>=', $accounts / 7, "in $calls calls");
	kill 'TERM', slurp_file("$folder/pgbouncer.pid") =~ /(\d+)/;
}

SKIP:
{
	skip 'pg_cron is not installed', 1 unless $has{pg_cron};
	$node->safe_psql('postgres', 'CREATE EXTENSION pg_cron');
	$node->safe_psql('postgres', q{SELECT cron.schedule('statements', '* * * * *', $$CALL care.issue_due_statements('2015-01-01', NULL, 9)$$)});
	$node->poll_query_until('postgres', q{SELECT EXISTS (SELECT FROM cron.job_run_details WHERE status IN ('succeeded', 'failed'))}) or die 'the job was not run';
	is($node->safe_psql('postgres', q{SELECT status, return_message FROM cron.job_run_details ORDER BY runid LIMIT 1}), 'succeeded|CALL', 'pg_cron: the nightly run, which commits each batch, ends well');
	is(done_on($node, '2015-01-01'), "$accounts|$accounts", 'and is whole');
	is($node->safe_psql('postgres', q{SELECT total, done, finished_at IS NOT NULL FROM care.batch_progress ORDER BY run_id DESC LIMIT 1}), "$accounts|$accounts|t", 'and its progress says so');
	$node->safe_psql('postgres', q{SELECT cron.unschedule('statements')});
}

SKIP:
{
	skip 'pgaudit is not installed', 1 unless $has{pgaudit};
	my $from = -s $node->logfile;
	$node->safe_psql('postgres', q{CREATE EXTENSION pgaudit; SELECT care.record_budget(3, '2014-01-01', 'personal_budget', 'community', 333.33)});
	my $said = slurp_file($node->logfile, $from);
	my @facts = grep { /AUDIT: SESSION,\d+,\d+,WRITE,INSERT,.*INSERT INTO care\.budget/ } split /\n/, $said;
	is(scalar @facts, 1, 'pgaudit: the fact that a call wrote is in its log');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM care.audit_trail('account', 3) WHERE recorded_in = 'budget' AND fact->>'weekly_cost' = '333.33'}), 1,
		'as in our own audit trail');
}

SKIP:
{
	skip 'pg_stat_statements is not installed', 1 unless $has{pg_stat_statements};
	$node->safe_psql('postgres', 'CREATE EXTENSION pg_stat_statements');
	$node->safe_psql('postgres', "SELECT accrued FROM care.account_position('20$_-12-31') WHERE account_id = $_") for 11 .. 14;
	is($node->safe_psql('postgres', q{SELECT calls, rows FROM pg_stat_statements WHERE query ~ '^SELECT accrued FROM care.account_position'}), '4|4',
		'pg_stat_statements: one line for a position, whatever the day and the account');
}

SKIP:
{
	skip 'pg_repack is not installed', 1 unless $has{pg_repack};
	$node->safe_psql('postgres', 'CREATE EXTENSION pg_repack');
	$node->command_ok([ 'pg_repack', '--no-superuser-check', '--only-indexes', '--table=care.budget', '-d', 'postgres', '-h', $node->host, '-p', $node->port ], 'pg_repack of indexes only');
	$node->command_fails_like([ 'pg_repack', '--no-superuser-check', '--table=care.budget', '-d', 'postgres', '-h', $node->host, '-p', $node->port ], qr/care_account|trigger|refused/i,
		'of a table it is refused');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_trigger WHERE tgname = 'repack_trigger'}), 0, 'and leaves no trigger behind');
}

is($node->safe_psql('postgres', q{SELECT state, type, identity FROM care.guard_state}), '', 'the guard lists nothing of theirs');
is_verified($node, 'after all of them');
$node->stop;
done_testing();
