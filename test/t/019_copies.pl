# 019_copies: whatever way a copy is made, nothing is lost on it unseen.  Dumps as INSERT commands, of rows that stand
# before those they refer to; restored where the isolation is above READ COMMITTED; of a database whose extension a
# role owns that is no superuser.  A copy that lost rows of reference, or whose keys lag, is told by care.verify(), and
# care.fingerprint() tells a true copy.

use strict;
use warnings;
use File::Basename;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

my $folder = PostgreSQL::Test::Utils::tempdir;
my $node = PostgreSQL::Test::Cluster->new('copies');
$node->init(allows_streaming => 'logical');
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;

# The lines of care.fingerprint() that only one of two databases has.
sub lines
{
	my ($database) = @_;
	return $node->safe_psql($database, 'SELECT * FROM care.fingerprint()');
}

sub is_copy
{
	my ($database, $original, $how) = @_;
	is(differences($original, lines($database)), '', "$how: every line of the fingerprint is the same");
	is($node->safe_psql($database, 'SELECT * FROM care.verify(); SELECT * FROM care.verify_chain(); SELECT * FROM care.guard_state'), '', "$how: all is well");
	return;
}

$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', 'CREATE EXTENSION care_account');
is(run_script($node, 'source', 'population.sql', 'accounts=200', 'agreements=64'), '', 'every kind and every state is there');
$node->safe_psql('source', <<'SQL');
SELECT care.record_parameter('2022', 'cap', '2030-10-01', 90000, 'a decision');
SELECT care.record_national_max_rate('2031-01-01', 4.60, 'a report', '2030-31', 'where it was published');
SELECT care.record_scheme('another', 'A scheme of our own', 'draft', '2024-04-01', 'weekly_cost', 'planning');
SELECT care.record_setting('E08000035', 'four_eyes', 'on', '2030-01-01');
SELECT care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '6 years', 'a decision');
SELECT care.record_authority('E10000997', 'A county to come', 'planning', '2027-04-01');
SELECT care.record_authority('E10000998', 'And another', 'planning', '2028-04-01', predecessor => 'E10000997');
SELECT care.record_authority('E10000997', 'A county of another name', 'planning', '2027-04-01', corrects => true);
SELECT care.record_adjustment_reason('another', 'A reason of our own');
SELECT care.record_fee_tariff('E08000035', 'a visit', '2018-01-01', 'one_off', 45, 'a decision');
SELECT care.record_statement_text('E08000035', 'advice', '2018-01-01', 'always', 'Take advice.');
SELECT care.record_interest_policy('E08000036', '2015-04-01', 2, 'a decision');
SQL
my $expected = lines('source');
like($expected, qr/^rows\|care\.issued_agreement_statement\|[1-9]/m, 'the fingerprint has a line for each table');
like($expected, qr/^key\|care\.account_account_id_seq\|[1-9]/m, 'and one for each sequence of keys');
is($node->safe_psql('source', "SET datestyle = 'German'; SET timezone = 'Asia/Kolkata'; SET intervalstyle = 'iso_8601'; SELECT * FROM care.fingerprint()"),
	$expected, 'whatever the settings of the session');

#
# Rows in the order that is worst for them: each before the one it refers to.
#
my $referring = $node->safe_psql('source', 'SELECT relation, key FROM care_internal.own_reference ORDER BY 1');
for (split /\n/, $referring)
{
	my ($table, $key) = split /\|/;
	$node->safe_psql('source', "CREATE INDEX backwards ON $table ($key DESC); CLUSTER $table USING backwards; DROP INDEX care.backwards");
}
my $backwards = $node->safe_psql('source', q{SELECT count(*) FROM care.issued_agreement_statement AS s JOIN care.issued_agreement_statement AS p
	ON p.agreement_id = s.agreement_id AND p.statement_id = s.previous_statement_id WHERE s.ctid < p.ctid});
cmp_ok($backwards, '>', 0, 'statements stand before the ones they follow');
is(lines('source'), $expected, 'which is no difference');

for my $how ([ '--inserts' ], [ '--column-inserts' ], [ '--rows-per-insert=7' ], [ '-Fd', '-j2' ], [ '-Fc', '--inserts' ])
{
	my $file = "$folder/dump" . join '', @$how;
	$node->command_ok([ 'pg_dump', '--no-sync', @$how, '-f', $file, $node->connstr('source') ], "pg_dump @$how");
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->command_ok(
		(grep { /^-F/ } @$how)
		? [ 'pg_restore', '-e', '-d', $node->connstr('copy'), $file ]
		: [ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f', $file, $node->connstr('copy') ],
		'is restored');
	is_copy('copy', $expected, "@$how");
	$node->safe_psql('postgres', 'DROP DATABASE copy');
}

# A new row is held to what the foreign keys were for; one that comes from elsewhere is not, and shows.
for my $row ([ 'budget', "account_id, valid_from, kind, weekly_cost, supersedes) SELECT max(account_id), '2030-01-01', 'ended', 0, 0 FROM care.account" ],
	[ 'local_authority', "authority, name, source, predecessor) VALUES ('E10000996', 'x', 'y', 'E10000000')" ])
{
	my ($table, $values) = @$row;
	my (undef, undef, $error) = $node->psql('source', "INSERT INTO care.$table ($values", extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($error, qr/ERROR:  23503: a new row of care.$table refers in \w+ to a row that is not there.*CONSTRAINT NAME:  ${table}_(supersedes|predecessor)_fkey/s,
		"a new row of $table refers to what is there");
}
$expected = lines('source');    # what was refused took keys

#
# A database, or a role, with another isolation.
#
$node->command_ok([ 'pg_dump', '--no-sync', '-Fc', '-f', "$folder/custom", $node->connstr('source') ], 'pg_dump -Fc');
for my $isolation ('repeatable read', 'serializable')
{
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->safe_psql('postgres', "ALTER DATABASE copy SET default_transaction_isolation = '$isolation'");
	$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('copy'), "$folder/custom" ], "restored under $isolation");
	is_copy('copy', $expected, $isolation);
	my (undef, undef, $error) = $node->psql('copy', q{SELECT care.record_parameter('2022', 'cap', '2031-10-01', 90000, 'a decision')}, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  25001/, 'where a figure is not recorded');
	(undef, undef, $error) = $node->psql('copy', q{INSERT INTO care.parameter (scheme, name, valid_from, amount, scales_accrued, status, source) VALUES ('2022', 'cap', '2031-10-01', 90000, true, 'enacted', 'x')}, extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  25001/, 'nor by a bare row');
	$node->safe_psql('postgres', 'DROP DATABASE copy');
}

#
# A copy that lost the rows of one table: verify() says of which.
#
my @list = split /\n/, $node->safe_psql('source', q{SELECT class FROM care_internal.reference_table ORDER BY n});
cmp_ok(scalar @list, '>=', 10, 'there are tables of reference');
my ($toc) = run_command([ 'pg_restore', '-l', "$folder/custom" ]);
for my $lost (@list)
{
	my ($schema, $table) = split /\./, $lost;
	(my $rest = $toc) =~ s/^(.* TABLE DATA $schema $table )/;$1/m or die "no $lost in $toc";
	PostgreSQL::Test::Utils::append_to_file("$folder/$table.list", $rest);
	$node->safe_psql('postgres', 'CREATE DATABASE copy');
	$node->run_log([ 'pg_restore', '-L', "$folder/$table.list", '-d', $node->connstr('copy'), "$folder/custom" ]);
	like($node->safe_psql('copy', 'SELECT * FROM care.verify()'), qr/^\Q$lost\E\|\d+\|a chain of \d+, and 0 facts are recorded$/m, "verify() sees that $lost is missing");
	isnt(differences($expected, lines('copy')), '', 'and so does the fingerprint');
	$node->safe_psql('postgres', 'DROP DATABASE copy');
}

#
# The extension's owner is no superuser, as doc/security.md has it.
#
$node->safe_psql('postgres', $_) for 'CREATE ROLE care_owner LOGIN SUPERUSER', 'CREATE DATABASE owned';
$node->safe_psql('owned', 'CREATE EXTENSION care_account', extra_params => [ '-U', 'care_owner' ]);
$node->safe_psql('owned', "\\i $FindBin::RealBin/../../sql/roles.sql", extra_params => [ '-U', 'care_owner' ]);
my $superuser = $node->safe_psql('postgres', 'SELECT session_user');
$node->safe_psql('owned', "ALTER EVENT TRIGGER care_account_guard OWNER TO $superuser; ALTER EVENT TRIGGER care_account_forget OWNER TO $superuser");
$node->safe_psql('postgres', 'ALTER ROLE care_owner NOSUPERUSER CREATEROLE');
$node->safe_psql('owned', q{
	SELECT care.open_account('E08000035', 'LA-1', 'P-1', NULL, '2022', '2023-10-01');
	SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
	SELECT care.record_setting('E08000035', 'four_eyes', 'on')}, extra_params => [ '-U', 'care_owner' ]);
my $owned = lines('owned');
$node->safe_psql('postgres', 'CREATE DATABASE copy');
$node->command_ok([ 'pg_dump', '--no-sync', '-f', "$folder/owned.sql", $node->connstr('owned') ], 'pg_dump of a database whose extension is no superuser\'s');
$node->command_ok([ 'psql', '-X', '-q', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/owned.sql", $node->connstr('copy') ], 'is restored');
is_copy('copy', $owned, 'owned by no superuser');
my $grants = q{SELECT c.oid::regclass, g.grantee::regrole, g.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS g
	WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND g.grantee <> c.relowner ORDER BY 1, 2, 3};
is($node->safe_psql('copy', $grants), $node->safe_psql('owned', $grants), 'with every grant');
is($node->safe_psql('copy', q{SELECT DISTINCT o::regrole FROM (SELECT nspowner FROM pg_namespace WHERE nspname IN ('care', 'care_internal')
	UNION ALL SELECT relowner FROM pg_class WHERE relnamespace = 'care'::regnamespace) AS x (o)}), $superuser, 'and belongs to whoever restored it');
$node->safe_psql('postgres', $_) for 'DROP DATABASE copy', 'DROP DATABASE owned';

#
# A subscriber takes over.
#
$node->safe_psql('postgres', $_) for 'CREATE DATABASE publisher', 'CREATE DATABASE subscriber';
$node->safe_psql($_, 'CREATE EXTENSION care_account') for qw(publisher subscriber);
$node->safe_psql('publisher', q{
	SELECT care.open_account('E08000035', 'LA-1', 'P-1', NULL, '2022', '2023-10-01');
	SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
	SELECT care.issue_statement(1, '2024-06-30');
	SELECT care.record_setting('E08000035', 'four_eyes', 'on')});
my $tables = $node->safe_psql('publisher', q{SELECT string_agg(u.oid::regclass || CASE u.condition WHEN '' THEN '' ELSE ' WHERE (NOT shipped)' END, ', ')
	FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition) JOIN pg_class AS c ON c.oid = u.oid
	WHERE e.extname = 'care_account' AND c.relkind = 'r'});
# in one cluster the slot must be there before the subscription
$node->safe_psql('publisher', "CREATE PUBLICATION records FOR TABLE $tables; SELECT pg_create_logical_replication_slot('records', 'pgoutput')");
$node->safe_psql('subscriber', "CREATE SUBSCRIPTION records CONNECTION '@{[ $node->connstr ]} dbname=publisher' PUBLICATION records WITH (create_slot = false, slot_name = 'records')");
$node->wait_for_subscription_sync($node, 'records', 'subscriber');
$node->safe_psql('publisher', q{SELECT care.record_parameter('2022', 'cap', '2030-10-01', 90000, 'a decision'), care.record_authority('E10000997', 'A county', 'planning')});
$node->safe_psql('publisher', q{SELECT care.record_authority('E10000997', 'A county of another name', 'planning', corrects => true)});
$node->wait_for_catchup('records');
is($node->safe_psql('subscriber', 'SELECT * FROM care.verify(); SELECT * FROM care.verify_chain()'), '', 'a subscriber is well');
my $rows = join "\n", grep { /^rows/ } split /\n/, lines('publisher');
is(differences($rows, join "\n", grep { /^rows/ } split /\n/, lines('subscriber')), '', 'and has every row, those of reference too');
$node->safe_psql('subscriber', 'ALTER SUBSCRIPTION records DISABLE; ALTER SUBSCRIPTION records SET (slot_name = NONE); DROP SUBSCRIPTION records');
$node->safe_psql('publisher', q{SELECT pg_drop_replication_slot('records')});
like($node->safe_psql('subscriber', 'SELECT difference FROM care.verify()'), qr/^care\.budget_budget_id_seq stands at 0 and rows hold up to 1: care\.restart_keys\(\) moves it on$/m,
	'once it takes over, verify() says which keys lag');
my (undef, undef, $error) = $node->psql('subscriber', q{SELECT care.issue_statement(1, '2024-12-31')}, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($error, qr/ERROR:  55000: the keys of this database lag behind its rows\nDETAIL:  .*care\.budget_budget_id_seq.*\nHINT:  .*care\.restart_keys\(\)/, 'and so does what is refused');
like($node->safe_psql('subscriber', 'SELECT * FROM care.restart_keys()'), qr/^care\.account_account_id_seq\|0\|1$/m, 'they are moved on');
is($node->safe_psql('subscriber', 'SELECT * FROM care.verify()'), '', 'and lag no more');
(undef, undef, $error) = $node->psql('subscriber', 'SELECT * FROM care.restart_keys()', extra_params => [ '-v', 'VERBOSITY=verbose' ]);
like($error, qr/ERROR:  55000: no key lags behind the rows of this database/, 'which is refused when there is nothing to move');
is($node->safe_psql('subscriber', q{SELECT care.issue_statement(1, '2024-12-31') > 0, care.open_account('E08000035', 'LA-2', 'P-2', NULL, '2022', '2023-10-01'), care.record_setting('E08000035', 'four_eyes', 'off');
	SELECT care.setting_on('E08000035', 'four_eyes', '2024-01-01')}), "t|2|\noff", 'and everything can be recorded');
is($node->safe_psql('subscriber', 'SELECT * FROM care.verify(); SELECT * FROM care.verify_chain()'), '', 'all is well');

$node->stop;
done_testing();
