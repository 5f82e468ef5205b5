# 020_settings: whatever a session, a database or its encoding is set to, the same is installed, written, read, dumped
# and restored: figures, digests, messages, what the guard lists.
#
# Reading and writing go through the settings one by one.  Installing, dumping and restoring take longer: there each
# database has a handful of the settings at once, none of which could hide what another does.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

# Each setting with a value that is not its default; settings that do one thing stand together.  An entry stands in the
# group of its place in the list, modulo the number of groups.  What may not be written under, by its own meaning, or is
# about reading alone, is read under only.
my $groups = 3;
my @settings = (
	{ DateStyle => 'German, DMY' },
	{ DateStyle => 'SQL, MDY' },
	{ DateStyle => 'Postgres, DMY' },
	{ IntervalStyle => 'sql_standard' },
	{ IntervalStyle => 'iso_8601' },
	{ IntervalStyle => 'postgres_verbose' },
	{ TimeZone => 'Asia/Kolkata', timezone_abbreviations => 'Australia' },
	{ TimeZone => 'America/St_Johns' },
	{ TimeZone => 'Pacific/Kiritimati' },
	{ bytea_output => 'escape' },
	{ extra_float_digits => '-15' },
	{ standard_conforming_strings => 'off', escape_string_warning => 'off' },
	{ backslash_quote => 'off' },
	{ array_nulls => 'off' },
	{ xmloption => 'document', xmlbinary => 'hex' },
	{ search_path => 'care_internal, care, public' },
	{ quote_all_identifiers => 'on' },
	{ transform_null_equals => 'on' },
	{ client_encoding => 'LATIN1' },
	{ lc_messages => 'C', lc_monetary => 'C', lc_numeric => 'C', lc_time => 'C' },
	{ check_function_bodies => 'off' },
	{ default_transaction_deferrable => 'on' },
	{ default_tablespace => 'elsewhere' },
	{ default_toast_compression => 'lz4' },
	{ default_statistics_target => '1', default_text_search_config => 'simple' },
	{ 'plpgsql.variable_conflict' => 'use_column' },
	{ 'plpgsql.extra_errors' => 'all' },
	{ plan_cache_mode => 'force_generic_plan' },
	{ row_security => 'off' },
	{ work_mem => '64kB', gin_fuzzy_search_limit => '1' },
	{ geqo_threshold => '2', join_collapse_limit => '1', from_collapse_limit => '1' },
	{ constraint_exclusion => 'on', statement_timeout => '0' },
	{ map { ($_ => 'off') } qw(enable_seqscan enable_hashjoin enable_hashagg enable_nestloop enable_memoize) },
	{ map { ($_ => 'off') } qw(enable_indexscan enable_bitmapscan enable_mergejoin enable_sort enable_material) });
my @read_only = ({ default_transaction_isolation => 'serializable' }, { default_transaction_read_only => 'on' }, { force_parallel_mode => 'on' });

my $node = PostgreSQL::Test::Cluster->new('settings');
$node->init(extra => [ '--encoding=UTF8', '--no-locale' ]);
$node->append_conf('postgresql.conf', "jit = off\nfsync = off\nallow_in_place_tablespaces = on\nclient_min_messages = warning");
$node->start;
$node->safe_psql('postgres', q{CREATE TABLESPACE elsewhere LOCATION ''});
my $major = $node->safe_psql('postgres', 'SHOW server_version_num') / 10000;

# debug_parallel_query is what it is called from 16 on.
$_->{force_parallel_mode} && $major >= 16 and $_->{debug_parallel_query} = delete $_->{force_parallel_mode} for @read_only;

sub name_of
{
	my ($setting) = @_;
	return join ', ', map { "$_ = $setting->{$_}" } sort keys %$setting;
}

# As libpq takes settings for a connection: a blank and a backslash have a backslash before them.
sub options
{
	my ($setting) = @_;
	return join ' ', map { "-c $_=" . $setting->{$_} =~ s/([\\ ])/\\$1/gr } sort keys %{ $setting // {} };
}

# What a script prints with settings for the session, its complaints with it.
sub printed
{
	my ($database, $script, $setting) = @_;
	local $ENV{PGOPTIONS} = options($setting);
	my $output = '';
	IPC::Run::run([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($database) ], '<', \$script, '>', \$output, '2>&1');
	# a parallel worker of the server says so of its own when a database sets what belongs to plpgsql
	return $output =~ s/^WARNING:  parameter "plpgsql\.\w+" cannot be set during a parallel operation\n//mgr;
}

# What is written: figures of every kind, days in their names, and what is refused.
my $write = <<'SQL';
SELECT FROM care.record_interest_policy('E08000035', '2015-04-01', NULL, 'policy of the authority', 'act/365f', 'monthly');
SELECT FROM care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '6 years 2 months 3 days', 'Limitation Act');
SELECT FROM care.record_retention_schedule('E08000035', 'account', '2015-01-01', 'last_updated', '100 years', 'policy');
SELECT FROM care.record_setting('E08000035', 'charge_release_days', '14', '2018-01-01');
SELECT FROM care.record_fee_tariff('E08000035', 'setting up', '2016-01-01', 'one_off', 450.55, 'charges of the authority');
SELECT FROM care.open_account('E08000035', 'LA-1', 'P-1', '1941-02-03', '2022', '2023-10-01');
SELECT FROM care.open_account('E08000035', 'LA-2', 'P-2', '1995-02-03', '2015', '2016-04-01');
SELECT FROM care.record_budget(1, '2023-10-02', 'independent_personal_budget', 'care_home', 700.45);
SELECT FROM care.record_budget(1, '2024-10-03', 'personal_budget', 'care_home', 800, 512.34);
SELECT FROM care.record_budget(2, '2016-04-04', 'personal_budget', 'community', 300.55);
SELECT FROM care.record_adjustment(1, '2024-02-03', 1234.56, 'error_corrected', 'manager');
SELECT FROM care.record_budget(1, '2024-10-03', 'personal_budget', 'care_home', 820, 522.34, supersedes => 2);
SELECT FROM care.issue_statement(1, '2024-10-05');
SELECT FROM care.open_agreement('E08000035', 'DP-1', 'P-2', '2016-01-04', '2016-02-01');
SELECT FROM care.record_valuation(1, '2016-01-01', 165000, 0.33333333, 1000, 'a third');
SELECT FROM care.record_charge(1, '2016-02-03', 'setting up');
SELECT FROM care.record_deferral(1, '2016-02-01', 700, 144, 144, 10, 20);
SELECT FROM care.post_deferral(1, '2016-08-07');
SELECT FROM care.record_payment(1, '2017-01-02', 1234.56, 'by cheque');
SELECT FROM care.record_death('P-2', '2019-02-03', '2019-02-04', 'E08000035');
SELECT FROM care.end_agreement(1, '2019-02-05', 'died');
SELECT FROM care.issue_agreement_statement(1, '2019-03-04');
SQL

# What is read: each answer as the digest of what does not depend on a setting, and the messages.
my $refused = <<'SQL';
CREATE FUNCTION public.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text;
    detail text;
    hint text;
BEGIN
    EXECUTE statement;
    RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' ', SQLSTATE, message, detail, hint);
END
$$;
SQL
my %questions = (
	'positions of accounts' => q{care.day AS d, care.account_position(d.day) AS q WHERE d.day BETWEEN '2024-10-01' AND '2024-10-09'},
	'working of an account' => q{care.account_explain(1, '2025-06-30') AS q},
	'statement' => q{care.statement_line AS q},
	'positions of agreements' => q{care.day AS d, care.agreement_position(d.day) AS q WHERE d.day BETWEEN '2016-02-01' AND '2016-02-09'},
	'working of interest' => q{care.interest_working(1, '2016-02-01', '2019-06-30') AS q},
	'statement of an agreement' => q{care.agreement_statement_line AS q},
	'the return' => q{care.dpa_return(NULL, '2019-03-31') AS q},
	'rates' => q{care.national_rate_in_force AS q},
	'parameters' => q{care.parameter_in_force AS q},
	'guard state' => q{care.guard_state AS q WHERE q.type <> 'setting'},
	'verification' => q{care.verify() AS q},
	'verification of chains' => q{care.verify_chain() AS q});
# Of one database alone: the moments in them.
my %questions_of_moments = (
	'trail' => q{care.audit_trail AS q},
	'links' => q{care.chain_links() AS q},
	'retention' => q{care.retention('2026-11-11') AS q},
	'statements' => q{care.agreement_statement AS q},
	'what was known' => q{care.account_position('2025-06-30', now()) AS q});
my @refused = (
	q{SELECT care.issue_statement(1, '4712-01-01 BC')},
	q{SELECT care.issue_statement(1, care.today() + 400000)},
	q{SELECT care.issue_agreement_statement(1, '2019-03-04')},
	q{SELECT care.record_budget(1, '2015-01-02', 'personal_budget', 'care_home', 1)},
	q{SELECT care.record_budget(1, '2024-10-03', 'personal_budget', 'care_home', 1.234)},
	q{SELECT care.record_budget(1, 'infinity', 'personal_budget', 'care_home', 1)},
	q{SELECT care.record_retention_schedule('E08000035', 'account', '2026-01-02', 'last_updated', '98 years', 'short')},
	q{SELECT care.record_retention_schedule('E08000035', 'account_event', '2026-01-02', 'closed', '98 years', 'short')},
	q{SELECT care.review_disposal('account', 1, 'dispose', 'somebody')},
	q{SELECT care.defer(1, '2019-12-31', 'care_fees', 12.34)},
	q{SELECT care.record_death('P-1', '1940-02-03', '2019-02-04', 'E08000035')},
	q{SELECT care.national_max_rate('2099-01-01')},
	q{DELETE FROM care.budget},
	q{SELECT '{"2020-01-01": 1, "2019-01-01": 2}'::care.schedule},
	q{SELECT care_internal.checked_actor(' blank')},
	q{SELECT care.record_person('E08000035', 'P-3', '1950-02-03', NULL, '1111111111')});

sub questions
{
	my (%asked) = @_;
	return join '', map { "SELECT '$_', count(*), encode(sha256(coalesce(string_agg(care_internal.canonical(q)::bytea, ''::bytea ORDER BY care_internal.canonical(q)), '')), 'hex') FROM $asked{$_};\n" }
	  sort keys %asked;
}
my $read = questions(%questions)
	. join('', map { s/'/''/gr =~ s/^(.*)$/SELECT public.refused('$1');\n/sr } @refused);
my $read_all = questions(%questions_of_moments) . $read;

# What does not go back with a transaction: the keys.
my $begin_again = q{SELECT FROM (SELECT setval(s.seqrelid, 1, false) FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid
	WHERE c.relnamespace = 'care'::regnamespace) AS again;};

$node->safe_psql('postgres', 'CREATE DATABASE plain');
is(printed('plain', "$refused CREATE EXTENSION care_account"), '', 'plain: it is installed');
$node->safe_psql('postgres', 'CREATE DATABASE blank TEMPLATE plain');
is(printed('plain', $write), '', 'and written to');
my $fresh = fingerprint($node, 'blank');
my $expected = printed('plain', $read);
my $expected_all = printed('plain', $read_all);
like($expected, qr/^guard state\|0\|/m, 'the guard lists nothing');
like($expected, qr/^verification\|0\|.*^verification of chains\|0\|/ms, 'all follows from the facts');
unlike($expected_all, qr/ERROR|not refused/, 'everything is answered');
unlike($expected_all, qr/^(?!guard|verif)[\w ]+\|0\|/m, 'by something');
like($expected_all, qr/0001-01-01 BC|4712-01-01 BC/, 'messages have days in them');

# Reading and writing: one by one.
for my $setting (@settings)
{
	is(printed('plain', $read_all, $setting), $expected_all, name_of($setting) . ': the same is read');
}
my $figures = questions(%questions_of_moments, %questions);
my $expected_figures = printed('plain', $figures);
for my $setting (@read_only)
{
	is(printed('plain', $figures, $setting), $expected_figures, name_of($setting) . ': the same is read');
}
for my $setting (@settings)
{
	is(printed('blank', "BEGIN;\n$begin_again$write$read ROLLBACK;", $setting), $expected, name_of($setting) . ': the same is written');
}

# A dump, made with settings for the session; two that are to be compared as text are made with the same.
sub dumped
{
	my ($database, $setting) = @_;
	my ($dump, $error) = ('', '');
	local $ENV{PGOPTIONS} = options($setting // { TimeZone => 'UTC', bytea_output => 'hex', client_encoding => 'UTF8', quote_all_identifiers => 'off',
		standard_conforming_strings => 'on', escape_string_warning => 'on' });
	IPC::Run::run([ 'pg_dump', '--no-sync', '-d', $node->connstr($database) ], '>', \$dump, '2>', \$error) or die $error;
	return $dump;
}

# But for the key that pg_dump makes up, where the tables of the user go, and the order of the rows of a table, which is
# nobody's to rely on.
sub without_key
{
	my ($dumped) = @_;
	$dumped =~ s/^(COPY [^\n]*;\n)(.*?)^(?=\\\.$)/$1 . join('', sort split m{^}m, $2)/gems;
	return join "\n", grep { !/^\\(un)?restrict |^SET default_/ } split /\n/, $dumped;
}
my $dump = dumped('plain');

# Installing, dumping, restoring: a handful at once, by the database.
for my $group (0 .. $groups - 1)
{
	my %together = map { %{ $settings[$_] } } grep { $_ % $groups == $group } 0 .. $#settings;
	my $names = name_of(\%together);
	for my $database ("installed$group", "restored$group")
	{
		$node->safe_psql('postgres', "CREATE DATABASE $database");
		# a name with a dot belongs to plpgsql, which has to be there
		$node->safe_psql($database, join '', "LOAD 'plpgsql';",
			map { "ALTER DATABASE $database SET $_ = " . ($_ eq 'search_path' ? $together{$_} : "'$together{$_}'") . ';' } sort keys %together);
	}
	is(printed("installed$group", "$refused CREATE EXTENSION care_account"), '', "installed under $names");
	is(differences(fingerprint($node, "installed$group"), $fresh), '', 'as elsewhere');
	is(printed("installed$group", $write), '', 'written');
	is(printed("installed$group", $read), $expected, 'and read');

	# The plain one, dumped under these settings and restored here; what is dumped of that is what is dumped of the plain.
	my ($out, $error) = ('', '');
	my $dumped_so = dumped('plain', \%together);
	IPC::Run::run([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-d', $node->connstr("restored$group") ], '<', \$dumped_so, '>', \$out, '2>', \$error);
	is($error, '', "restored under $names");
	is(printed("restored$group", $read_all), $expected_all, 'the same is read');
	is(without_key(dumped("restored$group")), without_key($dump), 'and dumped');
}

# Casework: installed, written and read under a handful; read under each.
my $casework_write = slurp_file(dirname(__FILE__) . '/casework_records.sql');
my %casework_questions = (
	'codes' => q{(SELECT l.list, l.code, l.label FROM casework_internal.sac_layout('2026-03-31') AS l) AS q},
	'safeguarding' => q{casework.sac_return('E06000001', '2026-03-31') AS q},
	'safeguarding, published' => q{casework.sac_published('E06000001', '2026-03-31') AS q},
	'client level data' => q{casework.cld_export('E06000001', '2026-03-31') AS q},
	'its checks' => q{casework.cld_report('E06000001', '2026-03-31') AS q},
	'conditions' => q{(SELECT f, casework.cld_condition(f, '{"Client_Type": "Service User", "Event_Type": "Review"}') AS said
		FROM unnest('{Event_Type,Adult_1_Linked_Person_ID,Review_Reason,Review_Outcomes_Achieved}'::text[]) AS f) AS q},
	'long-term support' => q{casework.salt_long_term('{1}', '2025-04-01', '2026-03-31') AS q},
	'short-term support' => q{casework.salt_st_max('{1}', '2025-04-01', '2026-03-31') AS q},
	'spend' => q{casework.market_spend('2025-04-01', '2026-03-31') AS q},
	'locations' => q{(SELECT l.cqc_location_id, l.name, l.address, l.service_types, l.specialisms FROM casework.location AS l) AS q},
	'banner' => q{casework.detention_banner('2025-06-03') AS q},
	'a document' => q{(SELECT d.document->'name' AS name, d.document->'content' AS content FROM casework.handover AS h, casework_internal.handover_shown(h.person_id, h.handover_id) AS d) AS q},
	'a notice' => q{(SELECT casework.hospital_message(n.notice_id) AS message FROM casework.hospital_notice AS n) AS q},
	'alerts' => q{(SELECT casework.next_alert(n.notice_id, '2025-05-22 12:00+01') AS alert FROM casework.hospital_notice AS n) AS q},
	'delay' => q{casework.hospital_delay('2025-06-30') AS q},
	'transition' => q{(SELECT t.reference, t.kind FROM casework.transition AS t) AS q},
	'verification of casework' => q{care.verify() AS q},
	'verification of its chains' => q{care.verify_chain() AS q});
my $casework_read = questions(%casework_questions) . join('', map { s/'/''/gr =~ s/^(.*)$/SELECT public.refused('$1');\n/sr } (
	q{SELECT casework.record_parameter('cqc_location_id_pattern', '1-[0-9]+', 'ours', 'us', '2025-04-01')},
	q{SELECT casework.record_parameter('ready_by', '24:00', 'ours', 'us', '2025-04-01')},
	q{SELECT casework.market_spend('2025-04-01', 'infinity')},
	q{SELECT casework.sac_return('E06000001', '2026-03-30')},
	q{SELECT casework.record_detention('E06000001', 'P-2', 'INST', '2025-05-09', 'ACI')}));
$node->safe_psql('postgres', 'CREATE DATABASE casework');
is(printed('casework', "$refused CREATE EXTENSION care_casework CASCADE"), '', 'casework: it is installed');
my $casework_fresh = fingerprint($node, 'casework');
my $casework_written = printed('casework', $casework_write);
my $casework_expected = printed('casework', $casework_read);
unlike("$casework_written$casework_expected", qr/ERROR|not refused/, 'casework: it is written and read');
like($casework_expected, qr/^verification of casework\|0\|.*^verification of its chains\|0\|/ms, 'all follows from the facts');
unlike($casework_expected, qr/^(?!verif|its checks)[\w ,-]+\|0\|/m, 'and something answers every question');
for my $setting (@settings)
{
	is(printed('casework', $casework_read, $setting), $casework_expected, name_of($setting) . ': the same is read of casework');
}
for my $group (0 .. $groups - 1)
{
	my %together = map { %{ $settings[$_] } } grep { $_ % $groups == $group } 0 .. $#settings;
	my $names = name_of(\%together);
	$node->safe_psql('postgres', "CREATE DATABASE casework$group");
	is(printed("casework$group", "$refused CREATE EXTENSION care_casework CASCADE", \%together), '', "casework: installed under $names");
	is(differences(fingerprint($node, "casework$group"), $casework_fresh), '', 'as elsewhere');
	is(printed("casework$group", $casework_write, \%together), $casework_written, 'written');
	is(printed("casework$group", $casework_read, \%together), $casework_expected, 'and read');
}

# Today is London's day.  Of the two zones at the ends of the world, one has another day at any moment.
my $days = q{SELECT count(*) FILTER (WHERE current_date <> care.today()) FROM (VALUES (1)) AS v};
my $others = 0;
for my $zone ('Pacific/Kiritimati', 'Etc/GMT+12', 'Asia/Kolkata', 'UTC')
{
	$others += printed('blank', $days, { TimeZone => $zone });
	is(printed('blank', q{SELECT care.today() = (now() AT TIME ZONE 'Europe/London')::date}, { TimeZone => $zone }), "t\n", "$zone: it is today in London");
	is( printed('blank', q{
			SELECT care_internal.day_of('2026-07-01 00:30:00+01'), care_internal.day_of('2026-07-01 23:30:00+00'), care_internal.day_of('2026-12-31 23:59:59+00')},
			{ TimeZone => $zone }), "2026-07-01|2026-07-02|2026-12-31\n", 'and at half past midnight in summer');
	is( printed('blank', "BEGIN; $begin_again $write" . q{
			SELECT FROM (SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'test')) FROM care.national_rate_to_confirm AS r) AS confirmed;
			SELECT count(care.issue_statement(1, care.today())), count(care.issue_agreement_statement(1, care.today()));
			SELECT left(public.refused('SELECT care.issue_statement(2, care.today() + 1)'), 5), left(public.refused('SELECT care.issue_agreement_statement(1, care.today() + 1)'), 5);
			SELECT left(public.refused($$SELECT care_internal.require_run('account statements', care.today() + 1, NULL, 1)$$), 5);
			SELECT count(DISTINCT as_at) = 1 AND min(as_at) = care.today() FROM care.account_position;
			ROLLBACK}, { TimeZone => $zone }), "1|1\n22023|22023\n22023\nt\n", 'which decides');
}
cmp_ok($others, '>', 0, 'where it is another day elsewhere');

# Privileges are granted, never assumed: where nothing is left to PUBLIC, the roles can do what they are for.
$node->safe_psql('postgres', 'CREATE DATABASE private');
$node->safe_psql('private', 'ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES REVOKE USAGE ON TYPES FROM PUBLIC');
is(printed('private', 'CREATE EXTENSION care_account'), '', 'nothing for PUBLIC: installed');
run_script($node, 'private', '../sql/roles.sql');
$node->safe_psql('private', 'CREATE ROLE clerk LOGIN IN ROLE care_writer, care_steward; CREATE ROLE historian LOGIN IN ROLE care_historian');
is(printed('private', "SET SESSION AUTHORIZATION clerk;\n$write"), '', 'a writer writes');
is(printed('private', 'SET SESSION AUTHORIZATION historian;' . questions(%questions)), printed('plain', questions(%questions)), 'a reader reads');
is(printed('private', 'SET SESSION AUTHORIZATION historian; CREATE TEMP TABLE mine (weekly care.schedule, budget care.pounds, progress care.cap_progress)'), '',
	'and uses our types');

# In its text a script goes by no encoding and by no reading of a backslash, and asks nobody else for the day.
for my $extension (qw(care_account care_casework))
{
	my $script = join '', map { slurp_file($_) } glob(dirname(__FILE__) . "/../../sql/$extension/*/*.sql");
	cmp_ok(length $script, '>', 100_000, "$extension: the script is there");
	unlike($script, qr/[^\x00-\x7F]/, 'its text is ASCII');
	unlike($script =~ s/\bE'(?:[^'\\]|\\.|'')*'//gr, qr/\\/, 'a backslash stands in an E string only');
	unlike($script, qr/\b(?:current_date|localtimestamp|current_time|localtime)\b|'(?:now|today|tomorrow|yesterday)'/i, 'nobody else is asked what day it is');
}

# Encodings: the same text, whatever the database is written in.
for my $encoding (qw(LATIN1 LATIN2 WIN1252 EUC_JP SQL_ASCII))
{
	my $database = 'in_' . lc $encoding;
	$node->safe_psql('postgres', "CREATE DATABASE $database TEMPLATE template0 ENCODING '$encoding' LOCALE 'C'");
	is(printed($database, "$refused CREATE EXTENSION care_account"), '', "$database: installed");
	is(printed($database, 'SELECT * FROM care.guard_state'), '', 'the guard lists nothing');
	is(differences(fingerprint($node, $database), $fresh), '', 'and the same is installed');
	if ($encoding =~ /LATIN1|EUC_JP|SQL_ASCII/)
	{
		is(printed($database, "$write$read"), $expected, 'written and read as elsewhere');
	}
	else
	{
		is(printed($database, 'CREATE EXTENSION care_casework'), '', 'casework too');
		is(differences(fingerprint($node, $database), $casework_fresh), '', 'the same as elsewhere');
	}
}

done_testing();
