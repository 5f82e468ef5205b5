# 016_contract: what a client reads.  No infinite day is handed out by any table, view or function that reads, and all
# of them can be read, whatever rate has not been entered; what holds now adds up; positions of many are worked out in
# parallel; and doc/reference names all of it and nothing else.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

my $node = PostgreSQL::Test::Cluster->new('contract');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION care_casework CASCADE');
is(run_script($node, 'postgres', 'population.sql', 'accounts=200', 'agreements=64'), '', 'every kind and every state is there');

# With open ends of every kind.
$node->safe_psql('postgres', q{
	SELECT care.suspend_statements(min(account_id), '2020-01-01', NULL, 'for good') FROM care.account;
	SELECT care.open_agreement('E09000001', 'free', 'Q1', '2018-01-01', '2018-01-01', interest_from => 'infinity')});
my $readers = slurp_file(dirname(__FILE__) . '/../readers.sql');
my $list = q{SELECT object || ': ' || problem FROM pg_temp.infinite_days() ORDER BY 1};

is($node->safe_psql('postgres', "$readers $list"), '', 'everything can be read, and hands out no infinite day');

# What hands one out is found, and so is what cannot be read.
is( $node->safe_psql('postgres', qq{
		BEGIN;
		ALTER EVENT TRIGGER care_account_guard DISABLE;
		ALTER TABLE care.local_authority DROP CONSTRAINT local_authority_finite_to;
		INSERT INTO care.local_authority (authority, name, valid_to, source) VALUES ('E06000999', 'Open', 'infinity', 'test');
		CREATE VIEW care.planted AS SELECT 1 / (a.account_id - a.account_id) AS never FROM care.account AS a;
		$readers $list;
		ROLLBACK}),
	"care.local_authority: infinite\ncare.planted: not read", 'what does is found');

#
# What holds now, to be added up: as the accounts and agreements have it that are worked out from it.
#
my %in_force = (
	'adjustments' => q{SELECT a.account_id FROM care.account AS a
		WHERE coalesce(care.value_on(a.adjusted, '9999-12-31'), 0)
		   <> coalesce((SELECT sum(j.amount) FROM care.adjustment_in_force AS j WHERE j.account_id = a.account_id), 0)},
	'budgets' => q{SELECT b.account_id FROM care.budget_in_force AS b JOIN care.account AS a ON a.account_id = b.account_id
		LEFT JOIN care.death_in_force AS d ON d.person_id = a.person_id
		WHERE b.weekly_cost <> care.value_on(a.weekly_cost, b.valid_from) AND (b.valid_from > d.died_on) IS NOT TRUE
		   OR b.valid_to < b.valid_from OR a.authority <> b.authority OR a.reference <> b.reference},
	'valuations' => q{SELECT v.agreement_id FROM care.valuation_in_force AS v
		WHERE care.equity_limit_on(v.agreement_id, coalesce(v.valid_to, '2099-12-31'))
		   <> care.equity_limit(v.amount, v.share, v.prior_charges, care.parameter_on('deferred_payment', 'lower_capital_limit', coalesce(v.valid_to, '2099-12-31')),
		                        care.parameter_on('deferred_payment', 'equity_margin_percent', coalesce(v.valid_to, '2099-12-31')))},
	'deferrals' => q{SELECT d.agreement_id FROM care.deferral_in_force AS d
		WHERE EXISTS (SELECT FROM care.deferral AS x WHERE x.agreement_id = d.agreement_id AND x.supersedes = d.deferral_id)});
is($node->safe_psql('postgres', $in_force{$_}), '', "$_ in force: as the figures have them") for sort keys %in_force;
for my $table (qw(adjustment budget valuation deferral person_detail death statement_suspension counting_correction account_event channel_consent))
{
	my ($all, $holds) = split /\|/, $node->safe_psql('postgres', "SELECT (SELECT count(*) FROM care.$table), (SELECT count(*) FROM care.${table}_in_force)");
	cmp_ok($holds, '>', 0, "${table}_in_force has rows");
	cmp_ok($holds, '<', $all, "${table}_in_force leaves out what no longer holds") unless $table eq 'valuation';
}

#
# Positions of many accounts are worked out by several processes, and are what one works out.
#
my $parallel = join '', map { "SET $_;" } 'parallel_setup_cost = 0', 'parallel_tuple_cost = 0', 'min_parallel_table_scan_size = 0', 'max_parallel_workers_per_gather = 2';
my $alone = 'SET max_parallel_workers_per_gather = 0;';
my $sums = q{SELECT count(*), sum(accrued), sum(remaining), sum(percent_of_cap), count(cap_reached_on), min(projected_cap_on) FROM care.account_position};
like($node->safe_psql('postgres', "$parallel EXPLAIN (COSTS OFF) SELECT sum(accrued) FROM care.account_position"), qr/Gather.*Partial Aggregate.*Parallel Seq Scan on account/s,
	'accounts are shared out');
is($node->safe_psql('postgres', "$parallel $sums"), $node->safe_psql('postgres', "$alone $sums"), 'the figures are the same');
unlike($node->safe_psql('postgres', "$alone EXPLAIN (COSTS OFF) $sums"), qr/Gather/, 'of which one process worked out the second');
$sums = q{SELECT count(*), sum(balance), sum(interest), count(missing), sum(equity_remaining) FROM care.agreement_position('2025-06-30')};
like($node->safe_psql('postgres', "$parallel EXPLAIN (COSTS OFF) $sums"), qr/Gather.*Parallel Seq Scan on agreement/s, 'agreements are looked for by several');
is($node->safe_psql('postgres', "$parallel $sums"), $node->safe_psql('postgres', "$alone $sums"), 'and their figures are the same');
# What is verified in parts, too; of one part nothing would show it.
my $verified = join ' UNION ALL ', map { "SELECT v.* FROM care_internal.$_ AS v" } "verify_links('account', NULL, NULL, 2)", "verify_links('account', NULL, 3, NULL)",
	"verify_derived('account', NULL, NULL, 2)", "verify_statements('account', NULL, 3, NULL)";
like($node->safe_psql('postgres', "SET parallel_setup_cost = 0; SET max_parallel_workers_per_gather = 2; EXPLAIN (COSTS OFF) $verified"), qr/Gather.*Parallel Append.*Function Scan on verify_links/s,
	'parts to verify are shared out');
is($node->safe_psql('postgres', "$parallel $verified"), '', 'and nothing differs');

#
# The contract is what the reference says: each name of the schemas care, care_api and casework, and no other.
#
my $reference = join '', map { slurp_file($_) } glob dirname(__FILE__) . '/../../doc/reference/*.md';
for my $schema (qw(care care_api casework))
{
	my %documented = map { $_ => 1 } $reference =~ /\b$schema\.(\w+)/g;
	delete @documented{qw(actor request md tags)};    # settings of the session; documents
	my %named = map { $_ => 1 } split /\n/, $node->safe_psql('postgres', qq{
		SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = '$schema'::regnamespace AND c.relkind IN ('r', 'v')
		UNION SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace = '$schema'::regnamespace
		UNION SELECT t.typname FROM pg_type AS t LEFT JOIN pg_class AS c ON c.oid = t.typrelid
		WHERE t.typnamespace = '$schema'::regnamespace AND t.typcategory <> 'A' AND (c.oid IS NULL OR c.relkind = 'c')});
	is(join(' ', grep { !$documented{$_} } sort keys %named), '', "doc/reference names all there is in $schema");
	is(join(' ', grep { !$named{$_} } sort keys %documented), '', 'and nothing that there is not');
}

# Every error of a rule has its name in the reference, but for the one that the import raises and catches itself.
my $names = slurp_file(dirname(__FILE__) . '/../../doc/reference/error_names.md');
my @raised = split /\n/, $node->safe_psql('postgres', q{
	SELECT DISTINCT r.name[1] FROM pg_proc AS p, regexp_matches(p.prosrc, 'CONSTRAINT = ''(\w+)''(?! \|\|)', 'g') AS r (name)
	WHERE p.pronamespace::regnamespace IN (SELECT g.schema FROM care_internal.guarded_schema() AS g) AND r.name[1] <> 'import_taken_back'
	ORDER BY 1});
is(join(' ', grep { $names !~ /^\| `$_` \|/m } @raised), '', 'and every name of an error');
# So has every error of the C code but those of the server's kind: a value that cannot be read or is damaged, a function
# called as what it is not, a server that is not as it was.
my $of_server = qr/TEXT_REPRESENTATION|BINARY_REPRESENTATION|DATA_CORRUPTED|PROTOCOL_VIOLATED|CONFIG_FILE_ERROR/;
my (@nameless, @unlisted);
for my $file (glob dirname(__FILE__) . '/../../src/pg/*.c')
{
	my $source = slurp_file($file);
	while ($source =~ /\bereport(\((?:[^()"]++|"(?:[^"\\]|\\.)*+"|(?1))*\))/g)
	{
		my $error = $1;
		next if $error !~ /^\(ERROR/ || $error =~ $of_server || $error =~ /how this server stores numeric/;
		push @nameless, basename($file) . ": $error" if $error !~ /\bcare_errconstraint\(/;
		push @unlisted, grep { $names !~ /^\| `$_` \|/m } $error =~ /\bcare_errconstraint\("(\w+)"/g;
	}
}
is(join("\n", @nameless), '', 'and every error of the C code has a name');
is(join(' ', @unlisted), '', 'which is in the reference');

# doc/traceability.md has every requirement once, built with a test that there is, or outside.
my (%where, @wrong);
my $tests = dirname(__FILE__) . '/..';
for my $row (grep { /^\| R\d/ } split /\n/, slurp_file("$tests/../doc/traceability.md"))
{
	my (undef, $numbers, undef, $state, $place, $tested) = map { s/^\s+|\s+$//gr } split /\|/, $row, -1;
	$where{$_}++ for map { my ($from, $to) = /(\d+)/g; $from .. $to // $from } split /,/, $numbers;
	push @wrong, $numbers if $state !~ /^(built|outside)$/ || $place eq '' || $state eq 'built' && $tested eq '' && $numbers ne 'R120';
	push @wrong, "$numbers: $_" for grep { !-e "$tests/sql/$_.sql" } $tested =~ /`(\d\d_\w+)`/g;
	push @wrong, "$numbers: $_" for grep { !-e "$tests/t/$_.pl" } $tested =~ /`t\/(\w+?)(?:\.pl)?`/g;
}
is(join(' ', @wrong, grep { ($where{$_} // 0) != 1 } 1 .. 125), '', 'every requirement is built, with a test that there is, or outside');

$node->stop;
done_testing();
