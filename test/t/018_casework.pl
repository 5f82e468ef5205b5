# 018_casework: what care_account promises of its own tables holds for those of care_casework; a name that a pseudonym
# hides is met nowhere; and what is secret is shown for a reason that stays logged.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Fingerprint;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('casework');
$node->init;
# what is logged is what the server logs by itself
$node->append_conf('postgresql.conf', qq{jit = off\nlog_statement = none});
$node->start;

sub ask { return $node->safe_psql($_[1] // 'live', $_[0]) }

# As a login: what is printed, and the SQLSTATE and constraint of the last error.
sub as
{
	my ($login, $command) = @_;
	my ($code, $out, $error) = $node->psql('live', $command, extra_params => [ '-U', $login, '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0' ]);
	my @errors = $error =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5})/g;
	my ($constraint) = $error =~ /CONSTRAINT NAME:  (\S+)/;
	return join "\n", grep { defined && $_ ne '' } $out, (@errors ? join ' ', $errors[-1], $constraint // () : ());
}
sub code { my (undef, undef, $error) = $node->psql('live', $_[0], extra_params => [ '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0' ]); return $error =~ /ERROR:  ([0-9A-Z]{5})/ ? $1 : 'not refused' }

#
# The core stands alone; the other is installed beside what is recorded.
#
$node->safe_psql('postgres', 'CREATE DATABASE live');
ask(q{CREATE EXTENSION care_account; SELECT care.open_account('E10000028', 'A-1', 'P-1', '1940-01-01', '2022', '2023-10-01')});
run_script($node, 'live', '../sql/roles.sql');
is(ask('SELECT count(*) FROM care.guard_state') . ask('SELECT count(*) FROM care.verify()'), '00', 'care_account alone is whole');
ask('CREATE EXTENSION care_casework');
is(ask('SELECT count(*) FROM care.guard_state'), '0', 'installed beside what is recorded, the guard knows it');
ask('DROP EXTENSION care_casework; CREATE EXTENSION care_casework');
is(ask('SELECT count(*) FROM care.guard_state') . ask(q{SELECT count(*) FROM care.access_log}), '00', 'dropped and made again while nothing of it is recorded');
run_script($node, 'live', '../sql/casework_roles.sql') for 1, 2;

my %logins = (wendy => 'care_worker', sam => 'care_sg_manager', petra => 'care_prison_worker', olga => 'care_prison_secure', anna => 'care_analyst', audrey => 'care_auditor',
	hugo => 'care_historian', mallory => 'pg_read_all_settings');
ask("CREATE ROLE $_ LOGIN; GRANT $logins{$_} TO $_") for sort keys %logins;

#
# Everybody does their part, and no more.
#
my $person = 'E06000001';
as('wendy', qq{SELECT casework.raise_concern('$person', 'Z-1', 'C-1', '2025-05-01', 'She is afraid', 'family')});
is(as('wendy', q{SELECT casework.open_enquiry('E-1', '{1}', '2025-05-02')}), '1', 'a worker records');
is(as('wendy', q{SELECT summary FROM casework.concern_detail}), '42501', 'reads no words in a table');
is(as('wendy', q{SELECT casework.conclude_enquiry(1, '2025-05-03', 'Done', 'none_no_action')}), '42501', 'and does not conclude');
is(as('wendy', q{UPDATE casework.concern SET raised_on = raised_on}), '42501', 'nor gets at a table past the functions');
is(as('sam', q{SELECT casework.conclude_enquiry(1, '2025-05-03', 'Done', 'none_no_action')}), '1', 'a manager does');
is(as('sam', q{SELECT number FROM casework.sac_return('E06000001', '2026-03-31') WHERE sac_table = 'SG1f' AND measure = 'concern'}), '1', 'and makes the return');
is(as('anna', q{SELECT published FROM casework.sac_published('E06000001', '2026-03-31') WHERE sac_table = 'SG1f' AND measure = 'concern'}), '[c]', 'an analyst sees what may be published');
is(as('anna', q{SELECT * FROM casework.concern}) . as('anna', q{SELECT number FROM casework.sac_return('E06000001', '2026-03-31')}), '4250142501', 'and no more');
is(as('anna', "SELECT count(*) FROM casework.$_"), $_ =~ /disclosed/ ? '1' : '0', "of the market they may read what is disclosed: $_")
	for q{market_spend_disclosed('2026-01-01', '2026-03-31')}, q{price_distribution('2026-01-01', '2026-03-31')}, q{market_concentration('2026-01-01', '2026-03-31')};
is(as('anna', q{SELECT * FROM casework.market_spend('2026-01-01', '2026-03-31')}), '42501', 'whose true figures are not for analysts');
is(as('mallory', $_), '42501', "nobody's login is refused: $_") for 'SELECT * FROM casework.concern', q{SELECT casework.sac_published(NULL, '2026-03-31')}, q{SELECT care.log_read('concern', 1, 'x')};

#
# One case, for a reason.
#
my $row = as('wendy', q{SELECT care.log_read('concern', 1, 'Her daughter rang')});
is(as('wendy', qq{SELECT fact->>'summary' FROM casework.case_file($row) WHERE recorded_in = 'concern_detail'}), 'She is afraid', 'a worker reads one case');
is(as('sam', "SELECT * FROM casework.case_file($row)"), '55000 read_is_logged', 'not by the row of somebody else');
is(as('wendy', q{BEGIN; SELECT care.log_read('concern', 1, 'At once') AS r \gset
	SELECT * FROM casework.case_file(:r); ROLLBACK}), '55000 read_is_logged', 'nor by one that is not committed');

#
# A pseudonym holds.
#
my ($name, $marked) = ('Zebedee Quillfeather', qr/zebedee|quillfeather/i);
as('wendy', qq{SELECT casework.record_name('$person', 'Z-1', '$name')});
is(as('wendy', q{SELECT name, is_alias FROM casework.person_shown WHERE reference = 'Z-1'}), "$name|f", 'the name is shown');
as('petra', qq{SELECT casework.record_detention('$person', 'Z-1', 'INST', '2025-06-01', 'ACI')});
is(as('petra', qq{SELECT casework.record_alias('$person', 'Z-1', 'John Smith', '2025-06-01', 'Governor', 'Known')}), '42501', 'a pseudonym is not given by everybody');
is(as('olga', qq{SELECT casework.record_alias('$person', 'Z-1', 'Zebedee Smith', '2025-06-01', 'Governor', 'Known')}), '22023 alias_hides', 'and is not like the name');
is(as('olga', qq{SELECT casework.record_alias('$person', 'Z-1', 'John Smith', '2025-06-01', 'Governor', 'Known')}), '1', 'it is given');
as('olga', qq{SELECT casework.record_secure_fact('$person', 'Z-1', 'offence', 'Piracy', '2025-06-01')});

is(as('wendy', q{SELECT name, is_alias FROM casework.person_shown WHERE reference = 'Z-1'}), 'John Smith|t', 'the pseudonym is shown');
is(as('wendy', q{SELECT count(*) FROM casework.person_shown WHERE name ~* 'q[u]illfeather'}), '0', 'the name is not found');
is(as('wendy', q{SELECT establishment, place FROM casework.detention_banner('2025-07-01')}), '|', 'nor where they are');
ask(q{CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$BEGIN RAISE NOTICE 'seen: %', $1; RETURN true; END$$; GRANT EXECUTE ON FUNCTION public.leak TO PUBLIC});
my (undef, undef, $notices) = $node->psql('live', 'SELECT * FROM casework.person_shown WHERE public.leak(name)', extra_params => [ '-U', 'wendy' ]);
like($notices, qr/seen: John Smith/, 'a function in a condition is handed the pseudonym');
unlike($notices, $marked, 'and not the name');

# everything that a login can read, and what it is told where it may not
my $search = q{
	SELECT format('SELECT %L, t::text FROM %s AS t WHERE t::text ~* ''z[e]bedee|q[u]illfeather''', c.oid::regclass, c.oid::regclass)
	FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
	WHERE (n.nspname ~ '^(care|casework)' OR c.relname IN ('pg_stats', 'pg_stat_activity')) AND c.relkind IN ('r', 'v') AND has_schema_privilege(n.oid, 'USAGE')
	ORDER BY c.oid::regclass::text \gexec
	SELECT * FROM care.audit_trail('person', (SELECT person_id FROM care.person WHERE reference = 'Z-1'));
	SELECT * FROM casework.case_file((SELECT care.log_read('concern', 1, 'To look')));
	SELECT casework.wanted_phrase(NULL, '2000-01-01', '2030-01-01', 1), * FROM casework.detention_banner('2025-07-01');
	SELECT casework.record_name('E06000001', 'Z-1', 'Else');
	SELECT * FROM care.retention};
ask('ANALYZE');
for my $login (qw(wendy sam petra anna hugo mallory))
{
	my (undef, $out, $error) = $node->psql('live', $search, extra_params => [ '-U', $login, '-v', 'ON_ERROR_STOP=0', '-v', 'VERBOSITY=verbose' ]);
	$error =~ s/^(STATEMENT|LINE).*$//mg;
	unlike("$out$error", $marked, "$login meets the name nowhere");
	my ($dump, $dump_error);
	IPC::Run::run([ 'pg_dump', '-U', $login, '-d', $node->connstr('live') ], '>', \$dump, '2>', \$dump_error);
	unlike("$dump$dump_error", $marked, "nor in a dump as $login");
}
for my $call (q{casework.record_wanted_outcome(1, 'To be called ' || words)}, q{casework.record_objection('E06000001', 'Z-1', 'Tell nobody that it is ' || words, '2025-06-01')})
{
	my ($out, $error) = ('', '');
	IPC::Run::run([ 'psql', '-X', '-U', 'wendy', '-d', $node->connstr('live'), '-v', 'VERBOSITY=verbose' ], '<',
		\"SELECT $call FROM (SELECT 'Z' || 'ebedee' || ' Q' || 'uillfeather') AS x (words) \\g\n", '>', \$out, '2>', \$error);
	like($error, qr/23514.*name_not_written/s, "the name is not written in words: $call");
	$error =~ s/^(LINE|STATEMENT).*$//mg;
	unlike($error, $marked, 'and the refusal does not repeat it');
}
# the statement that was refused for a word of it is in the log, as its login wrote it
is(join('', grep { $_ =~ $marked && $_ !~ /STATEMENT:  SELECT casework.record_alias/ } split /^/, slurp_file($node->logfile)), '', 'the server\'s log holds it nowhere');

#
# It is opened, for a reason, and the row stays.
#
is(as('olga', q{SELECT casework.ask_secret('Z-1', NULL)}), '22004 argument_not_null', 'not without a reason');
is(as('wendy', q{SELECT casework.ask_secret('Z-1', 'Curious')}), '42501', 'not by everybody');
is(as('wendy', q{SELECT count(*) FROM casework_secure.fact}) . as('wendy', 'SELECT count(*) FROM casework_secure.name'), '00', 'a worker selects no secret row');
is(as('olga', q{BEGIN; SELECT casework.ask_secret('Z-1', 'At once') AS r \gset
	SELECT name FROM casework.identity(:r); ROLLBACK}), '55000 read_is_logged', 'not in the transaction that asks');
$row = as('olga', q{SELECT casework.ask_secret('Z-1', 'Visit of his brother')});
is(as('olga', qq{BEGIN; SELECT name FROM casework.identity($row); SELECT kind, description FROM casework.secret_fact($row); ROLLBACK}), "$name\noffence|Piracy", 'then it is shown');
is(as('audrey', qq{SELECT reason, recorded_by, class FROM care.access_log WHERE log_id = $row}), 'Visit of his brother|olga|secret', 'and the row is there though the reader rolled back');
is(as('audrey', q{SELECT count(*) FROM care.verify_access_log() UNION SELECT count(*) FROM care.verify_access_log('E06000002')}) . as('audrey', 'SELECT * FROM casework.concern'), '042501', 'the auditor checks the log, and reads no casework');
is(as('audrey', q{INSERT INTO care.access_log DEFAULT VALUES}) . as('olga', 'DELETE FROM care.access_log'), '4250142501', 'nobody writes in it');

#
# A plan is given out for a reason that stays logged.
#
my ($person_id, $plan) = split /\|/, ask(q{SELECT person_id, casework.hand_over('Z-1', 'plan', '2025-07-01', '{"plan": "help with washing"}', 'ACI') FROM care.person WHERE reference = 'Z-1'});
is(as('petra', "SELECT casework.handover_document(999, $plan)"), '55000 read_is_logged', 'a plan is not given out without a row of the log');
$row = as('petra', qq{SELECT care.log_read('person', $person_id, 'Moved to another prison', 'disclosure', 'HMP Altcourse')});
is(as('petra', "SELECT document->'content', document->>'name' FROM casework.handover_document($row, $plan)"), '{"plan": "help with washing"}|John Smith', 'then it is, with the name that is shown');
is(as('petra', "SELECT casework.handover_document($row, $plan + 1)"), 'P0002 handover_exists', 'and no other');
is(as('wendy', "SELECT casework.handover_document($row, $plan)"), '42501', 'nor to everybody');
is(as('audrey', "SELECT operation, recipients FROM care.access_log WHERE log_id = $row"), 'disclosure|HMP Altcourse', 'and who was handed it is in the log');

#
# What the core promises.
#
is(ask('SELECT count(*) FROM care.verify()') . ask('SELECT count(*) FROM care.verify_chain()') . ask('SELECT count(*) FROM care.guard_state'), '000', 'all is well');
is($node->safe_psql('live', 'SELECT count(*) FROM care.verify(); SELECT count(*) FROM care.verify_chain()', extra_params => [ '-U', 'hugo' ]), "0\n0", 'also for the historian, without what is secret');
is(code($_), '55000', "refused: $_")
  for 'DROP EXTENSION care_casework', 'DROP EXTENSION care_casework CASCADE', 'DROP EXTENSION care_account CASCADE', 'DROP SCHEMA casework CASCADE', 'DROP SCHEMA casework_secure CASCADE',
  'ALTER TABLE casework.concern DISABLE TRIGGER ALL', 'ALTER TABLE casework_secure.name NO FORCE ROW LEVEL SECURITY', 'ALTER TABLE casework_secure.name DISABLE ROW LEVEL SECURITY',
  'CREATE POLICY mine ON casework_secure.name USING (true)', 'DELETE FROM casework.concern', 'TRUNCATE casework.enquiry CASCADE', 'CREATE TABLE casework.mine (i integer)',
  'SET session_replication_role = replica; UPDATE casework.wanted_outcome SET own_words = $$x$$', 'SET session_replication_role = replica; DELETE FROM casework.code';

my $folder = PostgreSQL::Test::Utils::tempdir;
for my $format (qw(plain custom))
{
	$node->command_ok([ 'pg_dump', '-F', $format, '-f', "$folder/$format", '-d', $node->connstr('live') ], "dumped, $format");
	$node->safe_psql('postgres', "CREATE DATABASE $format");
	$node->command_ok($format eq 'plain'
		? [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/$format", '-d', $node->connstr($format) ]
		: [ 'pg_restore', '-e', '-d', $node->connstr($format), "$folder/$format" ], "restored, $format");
	is(join(' ', map { ask("SELECT count(*) FROM care.$_", $format) } 'verify()', 'verify_chain()', 'guard_state', 'verify_access_log()'), '0 0 0 0', "$format: all is well");
	is(differences(fingerprint($node, 'live'), fingerprint($node, $format)), '', "$format: nothing differs");
}

# A person with casework is disposed of, whole; the log stays.
ask(q{SELECT care.record_retention_schedule('E06000001', c, '2020-01-01', 'closed', '1 day', 'us') FROM unnest('{concern,enquiry}'::text[]) AS c});
ask(q{SELECT care.record_retention_schedule('E06000001', c, '2020-01-01', 'last_updated', '0', 'us') FROM unnest('{secret,person}'::text[]) AS c});
like(code(q{SELECT care.review_disposal('person', (SELECT person_id FROM care.person WHERE reference = 'Z-1'), 'dispose', 'Records officer')}), qr/55000/, 'a person is kept while a record of theirs is');
ask(q{SELECT care.review_disposal(c, 1, 'dispose', 'Records officer'), care.dispose(c, 1) FROM unnest('{enquiry,concern}'::text[]) AS c});
ask(q{SELECT care.review_disposal('secret', secret_id, 'dispose', 'Records officer'), care.dispose('secret', secret_id) FROM casework_secure.secret});
is(ask(q{SELECT string_agg(class, ' ' ORDER BY certificate_id) FROM care.disposal_certificate}), 'enquiry concern secret person', 'certificates stay');
is(ask(q{SELECT count(*) FROM care.person WHERE reference = 'Z-1'}) . ask(q{SELECT count(*) FROM casework.alias}), '00', 'nothing else');
is(ask(q{SELECT count(*) > 0 FROM care.access_log WHERE class = 'secret'}) . ask('SELECT count(*) FROM care.verify_access_log()'), 't0', 'the access log stays');
is(ask('SELECT count(*) FROM care.verify()') . ask('SELECT count(*) FROM care.verify_chain()') . ask('SELECT count(*) FROM care.guard_state'), '000', 'all is well');

#
# A file takes the same memory whatever its size: ten times the lines may not take twice as much more.
#
sub taking    # how much the server's process grew in kB, at its most, while it took a file of some lines
{
	my ($what, $lines) = @_;
	my $peak = q{(SELECT substring(pg_read_file('/proc/self/status') FROM 'VmPeak:[^0-9]*([0-9]+)')::integer)};
	my $out = ask(sprintf(qq{SELECT $peak AS before \\gset\n%s\nSELECT $peak - :before}, $what->($lines)));
	like($out, qr/^$lines\n\d+\z/, "$lines lines are taken");
	return (split /\n/, $out)[1];
}
my $directory = sub { return sprintf(q{BEGIN;
	INSERT INTO casework.directory_line (line)
	SELECT 'Name,Also known as,Address,Postcode,Service types,Specialisms/services,Provider name,Local authority,Region,CQC Location ID (for office use only),CQC Provider ID (for office use only)'
	UNION ALL SELECT format('"Home ""%%1$s""",,"%%1$s Street, Town",AB1 2CD,Nursing homes,Dementia,Care Ltd,Somewhere,South,1-1%%2$s,1-2%%2$s', n, lpad(n::text, 8, '0')) FROM generate_series(1, %d) AS n;
	SELECT row_count FROM casework.import_directory('a file', '2026-07-01', 'large');
	ROLLBACK;}, $_[0]) };
my $ledger = sub { return sprintf(q{BEGIN;
	SELECT care.import_begin('E10000028', 'a ledger') AS batch \gset
	INSERT INTO care.import_line (line) SELECT 'Ref,Date,Kind,Amount,Note' UNION ALL SELECT format('D-%%s,%%s,care fees,100.00,"week %%s, paid"', n / 20, date '2020-01-01' + n %% 20 * 7, n %% 20) FROM generate_series(1, %d) AS n;
	SELECT care.import_sheet(:batch, 'entries', '{"agreement": "Ref", "on_day": "Date", "kind": "Kind", "amount": "Amount", "note": "Note"}');
	ROLLBACK;}, $_[0]) };
SKIP:
{
	skip 'the memory of a process is read from /proc', 6 if !-r '/proc/self/status';
	for my $file ([ 'providers', $directory ], [ 'a spreadsheet', $ledger ])
	{
		my ($name, $what) = @$file;
		my ($few, $many) = (taking($what, 30000), taking($what, 300000));
		cmp_ok($many, '<', 2 * $few, "a file of $name: ten times the lines in much the same memory");
		note("$name: $few kB for 30,000 lines, $many kB for 300,000");
	}
}

$node->stop;
done_testing();
