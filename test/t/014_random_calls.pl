# 014_random_calls: every function and procedure called with arguments at random (test/fuzz/calls.sql):
# no crash, no internal error, no error that its caller could not understand, and everything derived still
# follows from the facts.
#
# CARE_TEST_CALLS is how often each is called.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $calls = $ENV{CARE_TEST_CALLS} // 10;
my $seed = $ENV{CARE_TEST_SEED} // time;
diag "seed $seed (CARE_TEST_SEED=$seed repeats it)";

my $node = PostgreSQL::Test::Cluster->new('random_calls');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]); # some arguments are Chinese
$node->append_conf('postgresql.conf', "log_line_prefix = '\%e|'\nlog_error_verbosity = verbose\nrestart_after_crash = off");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION care_account; CREATE EXTENSION care_casework');
$node->command_ok([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-f', 'test/fuzz/populate.sql' ], 'accounts and agreements');

# Found by random calls: errors that were of PostgreSQL, or of a table, where the argument is to blame.  Before them: they
# may ask for an actor.
for my $call ("care.record_valuation(5, '2020-01-01', 1000, 1e-30)", "care.issue_statement(1, '5874897-12-31')",
	"care.dpa_return('E06000001', '5874897-03-31')", "care.dpa_return('E06000001', '4713-03-31 BC')",
	map { "care_internal.running_totals('$_', NULL, NULL, NULL, NULL, 'act/act', 'none', '2020-03-31', true)" }
	'', '\\x00', '\\x' . '9054b4af51e3ecd2' x 3, '\\x00000000' . '00000000' . '07000000' . 'ff' x 7 . '7f', '\\x00000000' . '00000000' . '08000000' . '00' x 8)
{
	my ($status, $answer, $complaint) = $node->psql('postgres', "\\set VERBOSITY sqlstate\nSELECT $call");
	is($complaint, 'psql:<stdin>:2: ERROR:  22023', "refused: $call");
}

my ($printed, $complaints);
my $from = -s $node->logfile;
IPC::Run::run([ 'psql', '-XqAt', '-d', $node->connstr('postgres'), '-v', "seed=$seed", '-v', "calls=$calls", '-f', 'test/fuzz/calls.sql' ],
	'>', \$printed, '2>', \$complaints);
like($printed, qr/^[1-9]\d* calls of [1-9]\d* functions$/, 'calls were made up');
unlike($complaints, qr/connection to server was lost|server closed the connection/, 'the server stood');

# The errors of the log, each with the statement that met it.
my @errors;
for my $entry (split /^(?=\w{5}\|)/m, slurp_file($node->logfile, $from))
{
	push @errors, { state => $1, message => $2 } if $entry =~ /^(\w{5})\|(?:ERROR|FATAL|PANIC):  (.*)/;
	$errors[-1]{statement} //= $1 if @errors && $entry =~ /^\w{5}\|STATEMENT:  (.*)/;
}

# What the contract has, and two of PostgreSQL's own: a date past what it can calculate with, a type that has no
# canonical form.
my $contract = qr/^(22P0[23]|2200[348]|22023|54000|23\w{3}|42501|55000|P0002|40001|0A000)$/;
# Called by others, after their checks: the constraints of the tables are all that stands behind these, and behind what is
# internal to casework.
my $inner = qr/^(SELECT (count\(\*\) FROM )?|CALL )(casework_internal|care_internal\.(lock_person|agree_person|add_budget|add_entry|switch_agreement|begin_run|resume_run|note_batch|due_batches|run_batch|run_batches|require_word|in_parts|account_for|person_of|alias_\w+|adopt_\w+|note_required|transfer_\w+|import_\w+|accept_\w+|require_delegation|show_online))\b/;

# What takes long with values that its callers refuse is left (test/fuzz/calls.sql).
my $long = qr/^(SELECT (count\(\*\) FROM )?|CALL )\w+_internal\./;

sub said
{
	return join "\n", map { substr "$_->{state}: $_->{message} [" . ($_->{statement} // '') . ']', 0, 500 } @_;
}

cmp_ok(scalar(@errors), '>', 0, 'some calls were refused');
is(said(grep { $_->{state} =~ /^XX/ } @errors), '', 'no internal error');
is(said(grep { $_->{state} !~ $contract && $_->{state} !~ /^XX/ && ($_->{statement} // '') !~ ($_->{state} eq '57014' ? $long : $inner) } @errors), '', 'every error has a SQLSTATE of the contract');
is(said(grep { $_->{message} =~ /\bviolates\b/ && ($_->{statement} // '') !~ $inner } @errors), '', 'no error is a bare constraint');
is($node->safe_psql('postgres', 'SELECT count(*) FROM care.verify()'), '0', 'derived rows follow from the facts');

$node->stop;
done_testing();
