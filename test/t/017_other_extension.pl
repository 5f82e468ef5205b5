# 017_other_extension: what care_account promises of its own tables holds for those of another extension, which are
# declared by one call each (test/probe).

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Fingerprint;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('probe');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
plan skip_all => 'care_probe is not installed (make -C test/probe install)'
  if $node->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'care_probe'}) eq '0';

# The SQLSTATE and constraint a command is refused with.
sub refused
{
	my ($database, $command) = @_;
	my (undef, undef, $error) = $node->psql($database, $command, extra_params => [ '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0' ]);
	my ($code) = $error =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5})/;
	my ($constraint) = $error =~ /CONSTRAINT NAME:  (\S+)/;
	return join ' ', $code // 'not refused', $constraint // ();
}
# The SQLSTATE alone.
sub code { return (split ' ', refused(@_))[0] }
sub ask { return $node->safe_psql($_[1] // 'live', $_[0]) }

# Into a database in use.
$node->safe_psql('postgres', 'CREATE DATABASE live');
ask(<<'SQL');
CREATE EXTENSION care_account;
SELECT care.open_account('E10000028', 'A-1', 'P-1', '1940-01-01', '2022', '2023-10-01');
CREATE EXTENSION care_probe;
SQL
is(ask('SELECT count(*) FROM care.guard_state'), '0', 'installed beside what is recorded, the guard knows it');
ask('DROP EXTENSION care_probe; CREATE EXTENSION care_probe');
is(ask('SELECT count(*) FROM care.guard_state'), '0', 'dropped and installed again while nothing of it is recorded');
is(ask(q{SELECT string_agg(relation::text, ' ' ORDER BY n) FROM care_internal.kept_table WHERE extension = 'care_probe'}),
	'probe.visit probe.visit_note probe.visit_event probe.person_language', 'its tables are registered once');

ask(<<'SQL');
SELECT probe.open_visit('E10000028', 'P-1', 'V-1', '2024-01-01'), probe.open_visit('E06000001', 'P-2', 'V-2', '2024-01-02');
SELECT probe.record_note(1, 'first'), probe.record_note(1, 'second');
SELECT probe.record_note(1, 'better', supersedes => 1);
SET care.actor = 'jane';
SELECT probe.record_event(1, '2024-02-01', 'ended');
SELECT probe.record_language('E06000001', 'P-2', 'Cornish');
SQL

# The audit trail, the chain, what is derived.
is(ask(q{SELECT recorded_in, recorded_by FROM care.audit_trail('visit', 1)}),
	"visit|" . $node->safe_psql('postgres', 'SELECT current_user') . join('', map { "\n$_|" . $node->safe_psql('postgres', 'SELECT current_user') } ('visit_note') x 3)
	  . "\nvisit_event|" . $node->safe_psql('postgres', 'SELECT current_user') . '/jane', 'the audit trail shows its facts, and who stood behind the login');
is(ask(q{SELECT count(*) FROM care.chain_links() WHERE class = 'visit'}), '6', 'its facts are links of chains');
is(ask(q{SELECT count(*) FROM care.verify_chain()}), '0', 'the chains hold');
is(ask('SELECT count(*) FROM care.verify()'), '0', 'what is derived follows from the facts');
is(ask('SELECT notes, ended_on FROM probe.visit WHERE visit_id = 1'), '2|2024-02-01', 'and is worked out');
is(ask(q{SELECT count(*) FROM care.verify(authority => 'E06000001')}) . ask(q{SELECT count(*) FROM care.verify_chain(authority => 'E06000001', from_key => 1, to_key => 2)}),
	'00', 'also of one authority, and a range of keys');

# Change and removal.
for my $role (qw(origin replica))
{
	my $as = "SET session_replication_role = $role; ";
	is(code('live', "$as$_"), '55000', "$role: refused: $_")
	  for 'UPDATE probe.visit SET notes = 7', q{UPDATE probe.visit_note SET note = 'x'}, 'DELETE FROM probe.visit_note', 'DELETE FROM probe.visit',
	  'TRUNCATE probe.visit_event', 'TRUNCATE probe.visit CASCADE', 'DELETE FROM probe.person_language';
}
is(code('live', $_), '55000', "refused: $_")
  for 'ALTER TABLE probe.visit_note DISABLE TRIGGER ALL', 'ALTER TABLE probe.visit DISABLE TRIGGER visit_refuse_update', 'DROP TRIGGER visit_note_seal ON probe.visit_note',
  'DROP EXTENSION care_probe', 'DROP EXTENSION care_probe CASCADE', 'DROP EXTENSION care_account CASCADE', 'DROP SCHEMA probe CASCADE', 'ALTER SCHEMA probe RENAME TO other',
  'CREATE TABLE probe.mine (i integer)', 'ALTER TABLE probe.visit ADD COLUMN more text', 'ALTER EXTENSION care_probe DROP TABLE probe.visit_note',
  q{INSERT INTO care_internal.kept_table (relation, key, linked, extension) VALUES ('probe.visit', 'x', 'n', 'x')}, 'DELETE FROM care_internal.kept_table',
  q{UPDATE care_internal.record_class SET obstacle = NULL}, 'TRUNCATE care_internal.guard_installed';
is(code('live', q{SELECT care_internal.keep('pg_class', 'visit', 'x')}), '55000', 'nothing is declared outside a script');

# Past the triggers, it is seen.
ask(q{ALTER EVENT TRIGGER care_account_guard DISABLE; ALTER TABLE probe.visit_note DISABLE TRIGGER ALL; UPDATE probe.visit_note SET note = 'forged' WHERE note_id = 2});
like(ask('SELECT difference FROM care.verify_chain()'), qr/do not lead to link/, 'a note that was changed by a superuser is found');
is(ask('SELECT count(*) > 0 FROM care.guard_state'), 't', 'and so are the triggers');
ask(q{UPDATE probe.visit_note SET note = 'second' WHERE note_id = 2; ALTER TABLE probe.visit_note ENABLE TRIGGER ALL;
      ALTER TABLE probe.visit_note ENABLE ALWAYS TRIGGER visit_note_refuse_change; ALTER TABLE probe.visit_note ENABLE ALWAYS TRIGGER visit_note_retained;
      ALTER TABLE probe.visit_note ENABLE ALWAYS TRIGGER visit_note_retained_whole; ALTER EVENT TRIGGER care_account_guard ENABLE ALWAYS});
is(ask('SELECT count(*) FROM care.verify_chain()') . ask('SELECT count(*) FROM care.guard_state'), '00', 'put right, all is well');

# A task, a setting, a check.
ask(q{CALL care.run_task('looks at visits', '2024-03-01')});
is(ask(q{SELECT string_agg(visit_id || ' ' || note, ', ') FROM probe.visit_note WHERE note LIKE 'looked%'}), '2 looked at on 2024-03-01', 'its task is run');
is(ask(q{SELECT task, total, done FROM care.batch_progress}), 'looks at visits|1|1', 'and watched');
is(refused('live', q{CALL care.run_task('looks away', '2024-03-01')}), 'P0002 task_known', 'a task that nobody declared');
is(refused('live', q{SELECT care.record_setting('E06000001', 'visit_colour', 'green')}), '22023 setting_known', 'its setting has values');
ask(q{SELECT care.record_setting('E06000001', 'visit_colour', 'blue')});
is(ask(q{SELECT care.setting_on('E06000001', 'visit_colour', '2024-01-01'), care.setting_on('E10000028', 'visit_colour', '2024-01-01')}), 'blue|red', 'and a default');
ask(q{SELECT probe.record_event(2, '2023-01-01', 'ended')});
is(ask('SELECT class, record_id, difference FROM care.verify()'), 'visit|2|it ended before it began', 'its check is called');
ask(q{SELECT probe.record_event(2, '2024-01-03', 'ended')});

# Dumps.
my $folder = PostgreSQL::Test::Utils::tempdir;
for my $format (qw(plain custom))
{
	$node->command_ok([ 'pg_dump', '-F', $format, '-f', "$folder/$format", '-d', $node->connstr('live') ], "dumped, $format");
	$node->safe_psql('postgres', "CREATE DATABASE $format");
	$node->command_ok($format eq 'plain'
		? [ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/$format", '-d', $node->connstr($format) ]
		: [ 'pg_restore', '-e', '-d', $node->connstr($format), "$folder/$format" ], "restored, $format");
	is(ask('SELECT count(*) FROM care.verify()', $format) . ask('SELECT count(*) FROM care.verify_chain()', $format) . ask('SELECT count(*) FROM care.guard_state', $format),
		'000', "$format: all is well");
	is(differences(fingerprint($node, 'live'), fingerprint($node, $format)), '', "$format: nothing differs");
}

# One more table of facts is one line (test/probe/care_probe--1.0--1.1.sql).
ask(q{ALTER EXTENSION care_probe UPDATE TO '1.1'; INSERT INTO probe.visit_place (visit_id, place) VALUES (2, 'home')});
is(ask('SELECT count(*) FROM care.verify_chain()') . ask('SELECT count(*) FROM care.guard_state'), '00', 'updated beside what is recorded');
is(ask(q{SELECT fact->>'place' FROM care.audit_trail('visit', 2) WHERE recorded_in = 'visit_place'}), 'home', 'the new table is kept');
is(code('live', 'UPDATE probe.visit_place SET place = place'), '55000', 'and not changed');

# Retention, holds, disposal.
is(ask('SELECT class, reason FROM care.retention WHERE reference IN (\'V-2\', \'P-2\')'),
	"person|a record of theirs is kept\nvisit|no schedule is recorded: care.record_retention_schedule() records one", 'a person is kept while a visit of theirs is');
is(code('live', q{SELECT care.record_retention_schedule('E06000001', 'visit', '2020-01-01', 'death_known', '1 year', 'us')}), '22023', 'an event that a visit does not know');
ask(q{SELECT care.record_retention_schedule('E06000001', 'visit', '2020-01-01', 'closed', '1 year', 'us'),
             care.record_retention_schedule('E06000001', 'person', '2020-01-01', 'last_updated', '0', 'us')});
is(ask(q{SELECT trigger_event, retain_until, reason FROM care.retention WHERE class = 'visit' AND record_id = 2}),
	'closed|2025-01-03|1 year from 2024-01-03, when it was closed (us)', 'its own schedule holds');
ask(q{SELECT care.place_hold('visit', '{2}', 'inquiry', 'Head of law')});
is(refused('live', q{SELECT care.review_disposal('visit', 2, 'dispose', 'Records officer')}), '55000 record_on_hold', 'held');
ask(q{SELECT care.release_hold(1, 'Head of law', 'over'); SELECT care.review_disposal('visit', 2, 'dispose', 'Records officer')});
ask('CREATE TABLE public.note (visit_id bigint REFERENCES probe.visit DEFERRABLE INITIALLY DEFERRED); INSERT INTO public.note VALUES (2)');
is(refused('live', q{SELECT care.dispose('visit', 2)}), '55000 disposal_not_referenced', 'a table of the council points at it');
my (undef, undef, $said) = $node->psql('live', 'CALL care.dispose_due(care.today())');
like($said, qr/WARNING:  not disposed of: visit 2 is kept: a row of table note still points at it/, 'a run says so, and goes on');
ask(q{DELETE FROM public.note; CALL care.dispose_due(care.today())});
is(ask('SELECT class, removed FROM care.disposal_certificate ORDER BY 1'),
	qq(person|{"chain": 2, "person": 1, "person_language": 1}\nvisit|{"chain": 5, "visit": 1, "legal_hold": 1, "visit_note": 1, "visit_event": 2, "visit_place": 1, "disposal_review": 1, "legal_hold_release": 1}),
	'it goes whole, with the person, and certificates stay');
ask(q{SELECT care.record_retention_schedule('E10000028', 'visit', '2020-01-01', 'closed', '1 year', 'us'); SELECT probe.record_note(1, 'keep')});
is(refused('live', q{SELECT care.review_disposal('visit', 1, 'dispose', 'Records officer')}), '55000 record_kept', 'what its class says holds it');
is(ask('SELECT count(*) FROM care.verify()') . ask('SELECT count(*) FROM care.verify_chain()') . ask('SELECT count(*) FROM care.guard_state'), '000', 'all is well');

$node->stop;
done_testing();
