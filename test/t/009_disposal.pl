# 009_disposal: people with everything the product can record about them are disposed of, by two runs at
# once, one of which is cut off: afterwards a dump, the planner's statistics, the data files and the
# server's log hold no trace of them, and everything about everybody else is as it was (R99, R100).

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('disposal');
$node->init;
$node->append_conf('postgresql.conf', "log_statement = none\nlog_min_messages = notice\nautovacuum = off\njit = off");
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', <<'SQL');
CREATE EXTENSION care_account;
SELECT care.record_interest_policy('E08000035', '2015-04-01', 0, 'test');
SELECT care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '6 years', 'Limitation Act');
SELECT care.record_retention_schedule('E08000035', 'person', '2015-01-01', 'death_known', '0', 'tidy');

-- Everything there is to record, with the name in every text that takes one.
CREATE FUNCTION public.live(name text, born date, nhs text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    a bigint := care.open_account('E08000035', 'A-' || name, 'P-' || name, born, '2022', '2023-10-01');
    d bigint;
    twice bigint;
BEGIN
    PERFORM care.record_person('E08000035', 'P-' || name, nhs_number => nhs, nhs_number_status => '01');
    PERFORM care.record_budget(a, '2023-10-01', 'independent_personal_budget', 'care_home', 700, plan_reference => name);
    PERFORM care.record_budget(a, '2023-10-01', 'independent_personal_budget', 'care_home', 710, plan_reference => name,
                               supersedes => (SELECT max(b.budget_id) FROM care.budget AS b WHERE b.account_id = a));
    PERFORM care.end_budget(a, '2024-01-08', 'to ' || name);
    INSERT INTO care.adjustment (account_id, effective_on, amount, reason, authorised_by, evidence, needs_approval, recorded_by)
    VALUES (a, '2023-11-01', 10, 'error_corrected', 'head', name, true, 'another');
    INSERT INTO care.adjustment_approval (account_id, adjustment_id) SELECT j.account_id, j.adjustment_id FROM care.adjustment AS j WHERE j.account_id = a;
    PERFORM care.record_event(a, '2023-12-01', 'statement_requested', 'letter of ' || name);
    PERFORM care.record_consent('P-' || name, 'email', '2023-10-01', name || '@example', authority => 'E08000035');
    PERFORM care.suspend_statements(a, '2023-12-01', '2023-12-31', 'wish of ' || name);
    PERFORM care.issue_statement(a, '2023-12-31'), care.issue_statement(a, '2024-01-31');
    d := care.open_agreement('E08000035', 'D-' || name, 'P-' || name, '2016-01-01', '2016-01-01', property_use => 'let to ' || name,
                             title_reference => name, undertaking => name);
    PERFORM care.record_valuation(d, '2016-01-01', 165000, valuer => name, note => name), care.record_deferral(d, '2016-01-04', 571, 180);
    PERFORM care.post_deferral(d, '2016-01-31'), care.pay_charges_separately(d, '2016-02-01');
    PERFORM care.record_charge(d, '2016-02-01', NULL, cost => 50, evidence => name);
    PERFORM care.issue_agreement_statement(d, '2016-01-31');
    PERFORM care.stop_deferring(d, '2016-02-01', 'lives with ' || name), care.post_deferral(d, '2016-02-28');
    twice := care.record_payment(d, '2016-02-28', 1, name);
    PERFORM care.reverse_entry(d, twice, name);
    PERFORM care.record_payment(d, '2016-03-01', care.redemption_figure(d, '2016-03-01'));
    PERFORM care.record_payment(d, '2016-03-02', 5, name, true);
    PERFORM care.record_refund(d, '2016-03-03', 5), care.release_charge(d, '2016-03-31');
    PERFORM care.release_hold(care.place_hold('account', ARRAY[a], 'dispute of ' || name, 'Head of law'), 'Head of law', 'settled with ' || name);
    PERFORM care.release_hold(care.place_hold('person', ARRAY[care.person_id('P-' || name)], 'inquest of ' || name, 'Head of law'), 'Head of law', name);
END $$;
CREATE TABLE public.who (n int, name text, born date, nhs text, goes bool);
INSERT INTO public.who
SELECT n, 'N' || substr(md5('x' || n), 1, 9) || 'X', date '1905-02-03' + 3 * n, s.nhs, n <= 12
FROM generate_series(1, 20) AS n,
     LATERAL (SELECT min(t)::text AS nhs FROM generate_series(4101230000 + 1000 * n, 4101230999 + 1000 * n) AS t WHERE care.nhs_number_is_valid(t::text)) AS s;
SELECT public.live(name, born, nhs) FROM public.who ORDER BY n;
-- and one who has neither account nor agreement
INSERT INTO public.who VALUES (21, 'Nalonealone1X', '1904-05-06', '9434765919', true);
SELECT care.record_person('E08000035', 'P-' || name, born, nhs_number => nhs) FROM public.who WHERE n = 21;
SQL
# what to look for
my @who = map { [ split /\|/ ] } split /\n/, $node->safe_psql('source', 'SELECT name, born, nhs, goes FROM public.who ORDER BY n');
my @gone = grep { $_->[3] eq 't' } @who;
my @kept = grep { $_->[3] eq 'f' } @who;
$node->safe_psql('source', 'DROP TABLE public.who; DROP FUNCTION public.live; ANALYZE');
my $numbers = join '|', map { $_->[2] } @gone;
my $births = join '|', map { $_->[1] } @gone;
my $names = join '|', map { $_->[0] } @gone;
my $any = qr/$names|$numbers|$births/;
my $bytes = qr/$names|$numbers/;    # of a day, four bytes are stored, which say nothing by themselves

# Where traces of them are.
sub traces
{
	my ($database) = @_;
	my %found;
	my ($out, $err) = run_command([ 'pg_dump', '--no-sync', $node->connstr($database) ]);
	$found{'a dump'} = () = $out =~ /$any/g;
	# what a dump leaves out
	for my $table (qw(care_internal.disposal_permit care_internal.batch_run pg_statistic pg_statistic_ext_data pg_description pg_shdescription))
	{
		my $rows = $node->safe_psql($database, "SELECT t FROM $table AS t");
		$found{$table} = () = $rows =~ /$any/g;
	}
	my $folder = $node->data_dir . '/base/' . $node->safe_psql($database, 'SELECT oid FROM pg_database WHERE datname = current_database()');
	$found{'the data files'} = 0;
	for my $file (glob "$folder/*")
	{
		$found{'the data files'} += () = slurp_file($file) =~ /$bytes/g;
	}
	$found{'the log'} = () = slurp_file($node->logfile) =~ /$any/g;
	return \%found;
}

$node->safe_psql('source', 'CHECKPOINT');
my $before = traces('source');
cmp_ok($before->{$_}, '>', 0, "before: $_ tells of them") for ('a dump', 'pg_statistic', 'the data files');
is($before->{'the log'}, 0, 'before: the log does not');
my $of_others = q{SELECT 'a', to_jsonb(p) - 'as_at' FROM care.account_position AS p WHERE person_reference = ANY (%s)
	UNION ALL SELECT 'g', to_jsonb(p) - 'as_at' FROM care.agreement_position('2016-02-15') AS p WHERE reference = ANY (%s)
	UNION ALL SELECT 's', to_jsonb(s) FROM care.statement AS s WHERE account_id IN (SELECT account_id FROM care.account WHERE person_reference = ANY (%s)) ORDER BY 1, 2};
my $persons = "ARRAY['" . join("', '", map { "P-$_->[0]" } @kept) . "']";
my $agreements = "ARRAY['" . join("', '", map { "D-$_->[0]" } @kept) . "']";
$of_others = sprintf $of_others, $persons, $agreements, $persons;
my $others = $node->safe_psql('source', $of_others);
like($others, qr/$kept[0][0]/, 'before: there is something to say of the others');

#
# They died, all but the others; everybody's agreement is due.  A person decides, of all but two; of the
# others, that they are kept.
#
$node->safe_psql('source', join ';', map { "SELECT care.record_death('P-$_->[0]', '2024-01-01', '2024-01-02', 'E08000035')" } @gone);
$node->safe_psql('source', "SELECT care.review_disposal(d.class, d.record_id,
		CASE WHEN substr(d.reference, 3) IN ('" . join("', '", map { $_->[0] } @gone) . "') THEN 'dispose' ELSE 'keep' END, 'Records officer', 'as ' || d.reference)
	FROM care.disposal_due(care.today()) AS d");
is($node->safe_psql('source', 'SELECT class, decision, count(*) FROM care.disposal_due(care.today()) GROUP BY class, decision ORDER BY 1, 2'),
	"account|dispose|12\nagreement|dispose|12\nagreement|keep|8\nperson|dispose|1", 'due and decided');

# A hold that comes late, on one of them: everything else of theirs waits with it.
my $late = $node->safe_psql('source', "SELECT care.place_hold('person', ARRAY[care.person_id('P-$gone[0][0]')], 'late', 'Head of law')");

# A run that is cut off on the way, where it waits for a record that another session holds; and then two at once.
my ($out, $err) = ('', '');
my $held = $node->safe_psql('source', "SELECT care.person_id('P-$gone[5][0]')");
my $holding = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('source') . ' application_name=holding', '-c',
	"BEGIN; SELECT 1 FROM care.person WHERE person_id = $held FOR UPDATE; SELECT pg_sleep(600)" ], '>', \$out, '2>', \$err);
$node->poll_query_until('source', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'holding' AND wait_event = 'PgSleep'") or die 'nobody holds a record';
my $cut = IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('source') . ' application_name=cut', '-c', 'CALL care.dispose_due(care.today(), NULL, 1)' ], '>', \$out, '2>', \$err);
$node->poll_query_until('source', "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'cut' AND wait_event_type = 'Lock'") or die 'the run does not wait';
$node->safe_psql('source', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN ('cut', 'holding')");
eval { $_->finish } for $cut, $holding;
$node->poll_query_until('source', "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name IN ('cut', 'holding')") or die 'they go on';
my $done = $node->safe_psql('source', 'SELECT count(*) FROM care.disposal_certificate');
note "$done records were gone when the run was cut off";
is($node->safe_psql('source', 'SELECT count(*) FROM care_internal.disposal_permit'), 0, 'no permit outlives its transaction');
my @runs = map {
	my ($printed, $complaint) = ('', '');
	{ printed => \$printed, complaint => \$complaint,
	  run => IPC::Run::start([ 'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('source'), '-c', "CALL care.dispose_due(care.today(), 'E08000035', $_)" ],
		'>', \$printed, '2>', \$complaint) }
} (1, 3);
for my $run (@runs)
{
	ok($run->{run}->finish, 'a run ends well');
	is(${ $run->{complaint} }, '', 'and says nothing');
}
is($node->safe_psql('source', 'SELECT class, count(*) FROM care.disposal_certificate GROUP BY class ORDER BY class'),
	"account|11\nagreement|11\nperson|12", 'a certificate for each, once');
is($node->safe_psql('source', q{
		SELECT sum(done) = (SELECT count(*) FROM care.disposal_certificate WHERE reviewed_by = 'Records officer'),
		       count(*) FILTER (WHERE finished_at IS NULL AND done > 0 AND done < total) FROM care.batch_progress WHERE task = 'disposals'}),
	't|1', 'each run counted what it disposed of, and one was stopped');
is($node->safe_psql('source', "SELECT count(*) FROM care.account WHERE person_reference = 'P-$gone[0][0]'"), 1, 'the one on hold is kept');
$node->safe_psql('source', "SELECT care.release_hold($late, 'Head of law', 'over')");
$node->safe_psql('source', 'CALL care.dispose_due(care.today())');
is($node->safe_psql('source', 'SELECT class, count(*) FROM care.disposal_certificate GROUP BY class ORDER BY class'),
	"account|12\nagreement|12\nperson|13", 'until it is released');
is($node->safe_psql('source', 'SELECT count(*) FROM care.disposal_due(care.today()) WHERE decision IS DISTINCT FROM $$keep$$'), 0, 'nothing is left to do');

#
# No trace.
#
my $after = traces('source');
is($after->{$_}, 0, "after: nothing in $_") for grep { $_ ne 'the data files' } sort keys %$after;
# what was deleted stays in the files until they are written anew
$node->safe_psql('source', 'VACUUM FULL');
$node->safe_psql('source', 'CHECKPOINT');
is(traces('source')->{'the data files'}, 0, 'after VACUUM FULL: nothing in the data files');

# And everything of everybody else.
is($node->safe_psql('source', $of_others), $others, 'the others are as they were');
is($node->safe_psql('source', 'SELECT count(*) FROM care.account'), scalar @kept, 'all of them');
is($node->safe_psql('source', 'SELECT count(*) FROM care.verify()'), 0, 'and all that is derived is right');

#
# Schedules, holds, reviews and certificates come back from a dump, and go on from there.
#
$node->safe_psql('source', "SELECT care.place_hold('person', ARRAY[care.person_id('P-$kept[0][0]')], 'still', 'Head of law')");
my $folder = PostgreSQL::Test::Utils::tempdir;
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-f', "$folder/dump", $node->connstr('source') ], 'pg_dump');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('restored'), "$folder/dump" ], 'pg_restore');
for my $question (map({ "SELECT * FROM care.$_ ORDER BY $_" } qw(retention_schedule legal_hold legal_hold_release disposal_review disposal_certificate)),
	'SELECT * FROM care.retention ORDER BY class, record_id', 'SELECT last_value, is_called FROM care_internal.disposal_permit_certificate_id_seq',
	'SELECT last_value FROM care.legal_hold_hold_id_seq', 'SELECT last_value FROM care.disposal_review_review_id_seq')
{
	my $said = $node->safe_psql('source', $question);
	isnt($said, '', "there is something to compare: $question");
	is($node->safe_psql('restored', $question), $said, "restored: $question");
}
my (undef, undef, $refused) = $node->psql('restored', "\\set VERBOSITY sqlstate\nDELETE FROM care.budget");
like($refused, qr/ERROR:  55000/, 'restored: nothing is removed');
is($node->safe_psql('restored', q{SELECT count(*) FROM care.disposal_due(care.today()) WHERE decision = 'keep'}), scalar(@kept) - 1, 'restored: the hold holds');
isnt($node->safe_psql('restored', q{SELECT care.dispose(d.class, d.record_id) FROM (SELECT d.class, d.record_id, care.review_disposal(d.class, d.record_id, 'dispose', 'A')
	FROM care.disposal_due(care.today()) AS d LIMIT 1) AS d}), '', 'restored: the next is disposed of');

$node->stop;
done_testing();
