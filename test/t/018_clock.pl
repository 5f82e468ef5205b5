# 018_clock: the clock of the machine goes back, by an hour and by a day, between transactions and inside one.  Every
# correction holds, every fact is linked, what was known at a moment stays so, and nothing has to wait for the clock.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Clock qw(library start_with_clock set_clock);

plan skip_all => 'libfaketime is not installed' unless library();

my $node = PostgreSQL::Test::Cluster->new('clock');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
start_with_clock($node);
$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
sub is_well
{
	my ($when) = @_;
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify(); SELECT * FROM care.verify_chain()'), '', "$when: all is well");
	return;
}

# What is recorded, and what it should be then.
$node->safe_psql('postgres', q{SELECT care.open_account('E08000035', 'LA-1', 'P-1', '1940-01-01', '2022', '2023-10-01');
	SELECT care.record_budget(1, '2023-10-01', 'personal_budget', 'community', 500, 300);
	SELECT care.record_retention_schedule('E08000035', 'person', '2015-01-01', 'last_updated', '0', 'x');
	SELECT care.record_retention_schedule('E08000035', 'account', '2015-01-01', 'death_known', '0', 'x')});
my @corrected = (
	[ q{care.record_national_max_rate('2031-01-01', %s, 'a report', '2030-31', 'x', corrects => true)}, 4.60, 4.70, q{care.national_max_rate('2031-01-01') - 0.15} ],
	[ q{care.record_parameter('2022', 'cap', '2030-10-01', %s, 'x', corrects => true)}, 90000, 91000, q{care.parameter_on('2022', 'cap', '2030-10-01')} ],
	[ q{care.record_interest_policy('E08000035', '2015-04-01', %s, 'x', corrects => true)}, 2, 1, q{(SELECT rate FROM care.interest_policy_in_force)} ],
	[ q{care.record_setting('E08000035', 'charge_release_days', '%s')}, 14, 21, q{care.setting_on('E08000035', 'charge_release_days', '2024-01-01')} ],
	[ q{care.record_fee_tariff('E08000035', 'a visit', '2018-01-01', 'one_off', %s, 'x')}, 45, 46, q{(SELECT amount FROM care.fee_tariff_on('E08000035', '2024-01-01'))} ],
	[ q{care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '%s years', 'x')}, 7, 8, q{(SELECT extract(year FROM period) FROM care_internal.retention_rule('2024-01-01') WHERE class = 'agreement')} ],
	[ q{care.record_statement_text('E08000035', 'advice', '2018-01-01', 'always', 'Text %s.')}, 1, 2, q{(SELECT body FROM care.statement_text ORDER BY recorded_at DESC LIMIT 1)} ]);
my $moment = 'SELECT max(recorded_at) FROM care_internal.chain';
my $back = 0;
for my $value (1, 2, 1)
{
	for my $step (@corrected)
	{
		my ($record, $question) = @$step[0, 3];
		$node->safe_psql('postgres', 'SELECT ' . sprintf $record, $step->[$value]);
		my $said = $node->safe_psql('postgres', "SELECT $question");
		$said =~ s/^Text (\d)\.$/$1/;
		cmp_ok($said, '==', $step->[$value], "with the clock at $back seconds, what is recorded holds: $record");
		$back -= 3600;
		set_clock($node, $back);
	}
}
is_well('corrected');
set_clock($node, 0);
my $known = $node->safe_psql('postgres', $moment);
my $digest = $node->safe_psql('postgres', "SELECT * FROM care.chain_digest('$known')");
my $position = $node->safe_psql('postgres', "SELECT * FROM care.account_position('2024-12-31', '$known')");

# Inside a transaction, before a statement, before a fact about a person whose account has a statement.
my $session = $node->background_psql('postgres');
$session->query_safe('BEGIN');
$session->query_safe(q{SELECT care.record_budget(1, '2024-04-01', 'personal_budget', 'community', 600, 300)});
set_clock($node, -90_000);
$session->query_safe(q{SELECT care.open_account('E08000035', 'LA-2', 'P-2', '1940-01-01', '2022', '2023-10-01')});
$session->query_safe(q{SELECT care.record_budget(2, '2023-10-01', 'personal_budget', 'community', 500, 300)});
$session->query_safe('COMMIT');
$session->quit;
$node->safe_psql('postgres', q{SELECT care.record_budget(2, '2024-10-01', 'personal_budget', 'community', 600, 300)});
is_well('a step inside a transaction');
set_clock($node, -180_000);
$node->safe_psql('postgres', "SELECT care.issue_statement($_, '2025-03-31')") for 1, 2;
set_clock($node, -270_000);
$node->safe_psql('postgres', q{SELECT care.record_person('E08000035', 'P-1', '1941-01-01'); SELECT care.record_death('P-2', '2025-01-31', '2025-02-01'); SELECT care.record_death('P-1', '2025-01-31', '2025-02-01')});
is_well('a step before a statement, and before what is known of its person');
is($node->safe_psql('postgres', q{SELECT count(*) FILTER (WHERE p.accrued = s.accrued), count(*) FROM care.statement AS s,
	LATERAL (SELECT q.* FROM care.account_position(s.as_at, s.recorded_at) AS q WHERE q.account_id = s.account_id) AS p}), '2|2', 'a statement shows what was known at its moment');
is($node->safe_psql('postgres', "SELECT * FROM care.chain_digest('$known')"), $digest, 'a digest that was noted stays');
is($node->safe_psql('postgres', "SELECT * FROM care.account_position('2024-12-31', '$known')"), $position, 'and so does what was known at a moment');
is($node->safe_psql('postgres', q{SELECT count(*) FROM (SELECT recorded_at FROM care.audit_trail GROUP BY 1 HAVING count(*) > 1) AS x}), '0', 'no two facts have one moment');

# A review comes after what was recorded before it, and what is due goes.
set_clock($node, -360_000);
$node->safe_psql('postgres', q{SELECT care.review_disposal('account', 2, 'dispose', 'Records officer')});
set_clock($node, -450_000);
cmp_ok($node->safe_psql('postgres', q{SELECT care.dispose('account', 2)}), '>', 0, 'what was reviewed after a step back is disposed of');
is_well('disposed of');

$node->stop;
done_testing();
