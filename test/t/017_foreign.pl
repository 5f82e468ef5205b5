# 017_foreign: a national database over the databases of authorities, each on a server of its own, by the two scripts
# that are shipped for it.  Its figures are theirs to the penny, what is asked for is worked out there and no more, one
# server that is down takes nothing from the others, and who reads sees no person and can write nothing.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

my %authority = (kent => 'E10000016', staffs => 'E10000028');
my (%node, $n);
for my $name (sort(keys %authority), 'national')
{
	$node{$name} = PostgreSQL::Test::Cluster->new($name);
	$node{$name}->init;
	$node{$name}->append_conf('postgresql.conf', 'jit = off');
	$node{$name}->start;
}
for my $name (sort keys %authority)
{
	my $code = $authority{$name};
	$n++;
	$node{$name}->safe_psql('postgres', 'CREATE EXTENSION care_account');
	$node{$name}->safe_psql('postgres', qq{
		SELECT care.record_interest_policy('$code', '2015-04-01', NULL, 'policy');
		SELECT care.record_budget(care.open_account('$code', 'A' || i, 'P' || i, '1940-01-01', '2022', '2023-10-01'), '2023-10-01',
		                          'personal_budget', 'care_home', 600 + $n * i, 500 + i) FROM generate_series(1, 20) AS i;
		SELECT care.issue_statement(account_id, '2024-03-31') FROM care.account WHERE account_id <= 10;
		SELECT care.record_valuation(a, '2019-01-07', 200000 + i), care.defer(a, '2019-02-04', 'care_fees', 1000 * $n + i)
		FROM generate_series(1, 10) AS i, care.open_agreement('$code', 'D' || i, 'Q' || i, '2019-01-07', '2019-01-07') AS a});
	# again: it may be run at any time
	run_script($node{$name}, 'postgres', '../sql/national_reader.sql') for 1, 2;
	$node{$name}->safe_psql('postgres', 'CREATE ROLE national_login LOGIN IN ROLE care_national_reader');
}
my $national = $node{national};
run_script($national, 'postgres', '../sql/national.sql') for 1, 2;
for my $name (sort keys %authority)
{
	$national->safe_psql('postgres', sprintf q{CALL national.add_authority('%s', '%s', %d, 'postgres', 'national_login')}, $authority{$name}, $node{$name}->host, $node{$name}->port) for 1, 2;
}
$national->safe_psql('postgres', 'CREATE ROLE analyst LOGIN IN ROLE care_national_analyst');
sub ask
{
	my ($question) = @_;
	return $national->safe_psql('postgres', "SET enable_partitionwise_aggregate = on; SET ROLE analyst; $question");
}

# What a database says of itself, and what the national one says of it.
my %questions = (
	account => 'count(*), sum(accrued), sum(remaining), sum(weekly_rate), max(percent_of_cap), min(projected_cap_on)',
	agreement => 'count(*), sum(deferred), sum(interest), sum(balance), sum(equity_remaining), count(missing)');
for my $day ('2023-09-30', '2025-03-31', '2026-08-01')
{
	for my $what (sort keys %questions)
	{
		my %own = map { $_ => $node{$_}->safe_psql('postgres', "SELECT $questions{$what} FROM care.${what}_position('$day')") } keys %authority;
		is( ask("SELECT authority, $questions{$what} FROM national.${what}_position WHERE as_at = '$day' GROUP BY 1 ORDER BY 1"),
			join("\n", map { "$authority{$_}|$own{$_}" } sort keys %authority), "$what on $day: as each database has it");
	}
}
my $total = 0;
$total += $_ for map { $node{$_}->safe_psql('postgres', q{SELECT sum(accrued) FROM care.account_position('2025-03-31')}) } keys %authority;
cmp_ok(ask(q{SELECT sum(accrued) FROM national.account_position WHERE as_at = '2025-03-31'}), '==', $total, 'the national sum is the sum of the two');
is( ask(q{SELECT as_at, sum(balance) > 0 FROM national.agreement_position WHERE as_at IN ('2019-03-31', '2020-03-31') GROUP BY 1 ORDER BY 1}),
	"2019-03-31|t\n2020-03-31|t", 'several days at once');
is(ask('SELECT authority, count(*), count(DISTINCT account_id) FROM national.statement GROUP BY 1 ORDER BY 1'), "E10000016|10|10\nE10000028|10|10", 'statements issued');
is(ask(q{SELECT authority, class, count(*) FROM national.retention WHERE as_at = '2026-03-31' GROUP BY 1, 2 ORDER BY 1, 2}),
	join("\n", map { ("$_|account|20", "$_|agreement|10", "$_|person|30") } sort values %authority), 'and until when all is kept');

# Asked where the rows are.
my $plan = ask(q{EXPLAIN (VERBOSE, COSTS OFF) SELECT authority, sum(accrued) FROM national.account_position WHERE as_at = '2025-03-31' GROUP BY 1});
is(scalar(() = $plan =~ /Remote SQL: SELECT authority, sum\(accrued\) FROM export\.account_position WHERE \(\(as_at = '2025-03-31'(?:::date)?\)\) GROUP BY 1/g), 2,
	'sums are worked out by each server') or diag $plan;
$plan = ask(q{EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM national.account_position WHERE as_at = '2025-03-31' AND account_id = 5 AND authority = 'E10000016'});
like($plan, qr/Remote SQL: .* WHERE \(\(as_at = '2025-03-31'(?:::date)?\)\) AND \(\(account_id = 5\)\)/, 'one account is asked of one server') or diag $plan;
unlike($plan, qr/e10000028/, 'and of no other');
$plan = $node{kent}->safe_psql('postgres', q{SET ROLE national_login; SET enable_seqscan = off;
	EXPLAIN (COSTS OFF) SELECT * FROM export.account_position WHERE as_at = '2025-03-31' AND account_id = 5});
like($plan, qr/Index Cond: \(account_id = 5\)/, 'there it is one look-up of the account') or diag $plan;
like($plan, qr/Index Cond: \(day = '2025-03-31'::date\)/, 'and one of the day');
unlike($plan, qr/Function Scan/, 'through no function that the planner does not see through');

# No person, and nothing to write.
is($node{kent}->safe_psql('postgres', q{SELECT count(*) FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'export'::regnamespace)
	AND attname ~ 'person|reference|name|birth|text|note'}), 0, 'no column says who it is');
my $tables = $node{kent}->safe_psql('postgres', q{SELECT string_agg(c.oid::regclass::text, ',' ORDER BY 1) FROM pg_class AS c
	WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND relkind IN ('r', 'v', 'S')
	  AND (has_table_privilege('national_login', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER'))});
is($tables, '', 'of the tables and views of the product, the reader has none');
is($node{kent}->safe_psql('postgres', q{SELECT count(*) FROM pg_proc AS p WHERE pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
	AND (provolatile = 'v' OR prosecdef) AND has_function_privilege('national_login', p.oid, 'EXECUTE') AND proacl IS NOT NULL}), 0, 'nor a function that writes, or has rights of its own');
for my $attempt (q{INSERT INTO national.account_position (authority, account_id) VALUES ('E10000016', 1)}, q{DELETE FROM national.kept_account_position},
	q{CALL national.collect('2025-03-31')}, q{CREATE TABLE national.x ()})
{
	my (undef, undef, $error) = $national->psql('postgres', "SET ROLE analyst; $attempt", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  42501/, "an analyst may not: $attempt");
}
for my $attempt (q{SELECT care.record_death('P1', '2024-01-01', '2024-01-01')}, q{SELECT * FROM care.person}, q{DELETE FROM care.budget})
{
	my (undef, undef, $error) = $node{kent}->psql('postgres', "SET ROLE national_login; $attempt", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  42501/, "nor the login of the national database: $attempt");
}

# A copy of a day, with one server down: the others go on, and the copy made before stays.
sub kept { return ask(q{SELECT authority, as_at, count(*), sum(accrued) FROM national.kept_account_position GROUP BY 1, 2 ORDER BY 1, 2}) }
$national->safe_psql('postgres', q{CALL national.collect('2025-03-31')});
is(kept(), join("\n", map { "$authority{$_}|2025-03-31|" . $node{$_}->safe_psql('postgres', q{SELECT count(*), sum(accrued) FROM care.account_position('2025-03-31')}) } sort keys %authority),
	'a copy of a day');
$node{staffs}->stop('immediate');
$node{kent}->safe_psql('postgres', q{SELECT care.record_budget(1, '2024-04-01', 'personal_budget', 'care_home', 900, 800)});
$national->safe_psql('postgres', q{CALL national.collect('2025-03-31')});
my ($kent, $staffs) = split /\n/, kept();
is($kent, 'E10000016|2025-03-31|' . $node{kent}->safe_psql('postgres', q{SELECT count(*), sum(accrued) FROM care.account_position('2025-03-31')}), 'with one server down, the other is copied anew');
like($staffs, qr/^E10000028\|2025-03-31\|20\|/, 'and of the one that is down the last copy stays');
is(ask(q{SELECT authority, what, "rows", failure IS NULL, left(failure, 5) FROM national.collected WHERE collected_id > 4 ORDER BY 1, 2}),
	"E10000016|account_position|20|t|\nE10000016|agreement_position|10|t|\nE10000028|account_position||f|08001\nE10000028|agreement_position||f|08001", 'what went wrong is noted');
is(ask(q{SELECT count(*) FROM national.account_position WHERE as_at = '2025-03-31' AND authority = 'E10000016'}), 20, 'and one authority can be asked while another is down');
$node{staffs}->start;
$national->safe_psql('postgres', q{CALL national.collect('2025-03-31')});
is(ask(q{SELECT count(*) FROM national.collected WHERE collected_id > 8 AND failure IS NULL}), 4, 'when it is back, all are copied');

# The council's database is dumped and restored with what it shows.
$node{kent}->command_ok([ 'pg_dump', '-Fc', '-f', $node{kent}->basedir . '/kent.dump', '-d', $node{kent}->connstr('postgres') ], 'a dump of it');
$node{kent}->safe_psql('postgres', 'CREATE DATABASE restored');
$node{kent}->command_ok([ 'pg_restore', '-e', '-d', $node{kent}->connstr('restored'), $node{kent}->basedir . '/kent.dump' ], 'is restored');
is($node{kent}->safe_psql('restored', q{SET ROLE national_login; SELECT count(*), sum(balance) FROM export.agreement_position WHERE as_at = '2025-03-31'}),
	$node{kent}->safe_psql('postgres', q{SELECT count(*), sum(balance) FROM care.agreement_position('2025-03-31')}), 'with what it shows');

$_->stop for values %node;
done_testing();
