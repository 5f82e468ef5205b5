# 017_foreign: a national database over the databases of authorities, through foreign tables on the views of every
# day, as list partitions by authority: its figures are theirs, what is asked for is worked out there and no more, and
# who reads it sees no person.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

my $node = PostgreSQL::Test::Cluster->new('foreign');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;

my %authorities = (kent => 'E10000016', staffs => 'E10000028');
my ($key) = (0);
for my $database (sort keys %authorities)
{
	my $authority = $authorities{$database};
	$key++;
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION care_account');
	run_script($node, $database, '../sql/roles.sql');
	$node->safe_psql($database, qq{
		SELECT care.record_interest_policy('$authority', '2015-04-01', NULL, 'policy');
		SELECT care.record_budget(care.open_account('$authority', 'A' || n, 'P' || n, '1940-01-01', '2022', '2023-10-01'), '2023-10-01',
		                          'personal_budget', 'care_home', 600 + $key * n, 500 + n) FROM generate_series(1, 20) AS n;
		SELECT care.record_valuation(a, '2019-01-07', 200000 + n), care.defer(a, '2019-02-04', 'care_fees', 1000 * $key + n)
		FROM generate_series(1, 10) AS n, care.open_agreement('$authority', 'D' || n, 'Q' || n, '2019-01-07', '2019-01-07') AS a});
}
$node->safe_psql('postgres', 'CREATE ROLE national_reader LOGIN IN ROLE care_reader');
$node->safe_psql('postgres', 'CREATE DATABASE national');
my ($host, $port) = ($node->host, $node->port);
$node->safe_psql('national', qq{
	CREATE EXTENSION postgres_fdw;
	CREATE TABLE account (account_id bigint, authority text, reference text, scheme text, as_at date, cap numeric, weekly_rate numeric,
	                      accrued numeric, remaining numeric, percent_of_cap numeric, cap_reached_on date, projected_cap_on date) PARTITION BY LIST (authority);
	CREATE TABLE agreement (agreement_id bigint, authority text, reference text, as_at date, rate numeric, deferred numeric, interest numeric,
	                        balance numeric, equity_limit numeric, equity_remaining numeric, missing text) PARTITION BY LIST (authority)});
$node->safe_psql('national', qq{
	CREATE SERVER $_ FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '$host', port '$port', dbname '$_', updatable 'false');
	CREATE USER MAPPING FOR PUBLIC SERVER $_ OPTIONS (user 'national_reader');
	CREATE FOREIGN TABLE account_$_ PARTITION OF account FOR VALUES IN ('$authorities{$_}') SERVER $_ OPTIONS (schema_name 'care', table_name 'account_position_on');
	CREATE FOREIGN TABLE agreement_$_ PARTITION OF agreement FOR VALUES IN ('$authorities{$_}') SERVER $_ OPTIONS (schema_name 'care', table_name 'agreement_position_on')})
  for sort keys %authorities;

# What a database says of itself, and what the national one says of it.
my %questions = (
	account => 'count(*), sum(accrued), sum(remaining), sum(weekly_rate), max(percent_of_cap), min(projected_cap_on)',
	agreement => 'count(*), sum(deferred), sum(interest), sum(balance), sum(equity_remaining), count(missing)');
for my $day ('2023-09-30', '2025-03-31', '2026-08-01')
{
	for my $what (sort keys %questions)
	{
		my %own = map { $_ => $node->safe_psql($_, "SELECT $questions{$what} FROM care.${what}_position('$day')") } keys %authorities;
		is( $node->safe_psql('national', "SELECT authority, $questions{$what} FROM $what WHERE as_at = '$day' GROUP BY 1 ORDER BY 1"),
			join("\n", map { "$authorities{$_}|$own{$_}" } sort keys %authorities), "$what on $day: as each database has it");
	}
}
my $total = 0;
$total += $node->safe_psql($_, q{SELECT sum(accrued) FROM care.account_position('2025-03-31')}) for keys %authorities;
cmp_ok($node->safe_psql('national', q{SELECT sum(accrued) FROM account WHERE as_at = '2025-03-31'}), '==', $total, 'the national sum is the sum of the two');
is( $node->safe_psql('national', q{SELECT as_at, sum(balance) > 0 FROM agreement WHERE as_at IN ('2019-03-31', '2020-03-31') GROUP BY 1 ORDER BY 1}),
	"2019-03-31|t\n2020-03-31|t", 'several days at once');

# Asked where the rows are.
my $plan = $node->safe_psql('national', q{
	SET enable_partitionwise_aggregate = on;
	EXPLAIN (VERBOSE, COSTS OFF) SELECT authority, sum(accrued) FROM account WHERE as_at = '2025-03-31' GROUP BY 1});
is(scalar(() = $plan =~ /Remote SQL: SELECT authority, sum\(accrued\) FROM care\.account_position_on WHERE \(\(as_at = '2025-03-31'(?:::date)?\)\) GROUP BY 1/g), 2,
	'sums are worked out by each server') or diag $plan;
$plan = $node->safe_psql('national', q{EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM account WHERE as_at = '2025-03-31' AND account_id = 5 AND authority = 'E10000016'});
like($plan, qr/Remote SQL: .* WHERE \(\(as_at = '2025-03-31'(?:::date)?\)\) AND \(\(account_id = 5\)\)/, 'one account is asked of one server') or diag $plan;
unlike($plan, qr/account_staffs/, 'and of no other');
$plan = $node->safe_psql('kent', q{SET ROLE national_reader; SET enable_seqscan = off;
	EXPLAIN (COSTS OFF) SELECT * FROM care.account_position_on WHERE as_at = '2025-03-31' AND account_id = 5});
like($plan, qr/Index Cond: \(account_id = 5\)/, 'there it is one look-up of the account');
like($plan, qr/Index Cond: \(day = '2025-03-31'::date\)/, 'and one of the day');
unlike($plan, qr/Function Scan/, 'through no function that the planner does not see through');

# No person.
is($node->safe_psql('kent', q{SELECT count(*) FROM pg_attribute WHERE attrelid IN ('care.account_position_on'::regclass, 'care.agreement_position_on'::regclass) AND attname LIKE 'person%'}),
	0, 'no column says who it is');

$node->stop;
done_testing();
