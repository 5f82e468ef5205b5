# 011_subscriber: a subscriber of logical replication follows the publisher, derived columns and all,
# and refuses changes of its own as the publisher does.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my ($publisher, $subscriber) = map { PostgreSQL::Test::Cluster->new($_) } qw(publisher subscriber);
$publisher->init(allows_streaming => 'logical');
$subscriber->init;
for my $node ($publisher, $subscriber)
{
	$node->append_conf('postgresql.conf', "jit = off\nmax_sync_workers_per_subscription = 2");
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
}
$publisher->safe_psql('postgres', <<'SQL');
SELECT care.open_account('E08000035', 'LA-1', 'P-1', NULL, '2022', '2023-10-01');
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT care.record_interest_policy('E08000035', '2015-04-01', NULL, 'policy of the authority');
SELECT care.open_agreement('E08000035', 'DP-1', 'P-1', '2016-01-04', '2016-02-01');
SELECT care.record_valuation(1, '2016-01-01', 165000);
SQL

# Every table that did not come with rows.
my $tables = $publisher->safe_psql('postgres', q{SELECT string_agg(u.oid::regclass::text, ', ')
	FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition) JOIN pg_class AS c ON c.oid = u.oid
	WHERE e.extname = 'care_account' AND u.condition = '' AND c.relkind = 'r'});
$publisher->safe_psql('postgres', "CREATE PUBLICATION records FOR TABLE $tables");
my $connection = $publisher->connstr . ' dbname=postgres';
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION records CONNECTION '$connection' PUBLICATION records");
$subscriber->wait_for_subscription_sync($publisher, 'records');

sub same_on_both
{
	my ($when) = @_;
	$publisher->wait_for_catchup('records');
	for my $what (qw(care.account_position care.agreement_position care.account care.agreement))
	{
		my $said = $publisher->safe_psql('postgres', "SELECT v::text FROM $what AS v ORDER BY 1");
		isnt($said, '', "$when: there is something in $what");
		is($subscriber->safe_psql('postgres', "SELECT v::text FROM $what AS v ORDER BY 1"), $said, "$when: the same in $what");
	}
	is($subscriber->safe_psql('postgres', 'SELECT * FROM care.verify()'), '', "$when: all that is derived follows from the facts");
	return;
}

same_on_both('copied');
$publisher->safe_psql('postgres', <<'SQL');
SELECT care.record_budget(1, '2024-04-01', 'independent_personal_budget', 'care_home', 800);
SELECT care.record_person('E08000035', 'P-1', '1940-01-01');
SELECT care.issue_statement(1, '2024-06-30');
SELECT care.open_account('E08000035', 'LA-2', 'P-2', NULL, '2022', '2023-10-01');
SELECT care.defer(1, '2016-02-01', 'care_fees', 535);
SELECT care.stop_deferring(1, '2016-05-01', 'moved home');
SELECT care.record_judgment(1, '2017-02-03', 'C-9');
SQL
same_on_both('replicated');

for my $command ("UPDATE care.account SET cap = NULL", 'UPDATE care.agreement SET court_from = NULL', 'DELETE FROM care.budget')
{
	my (undef, undef, $error) = $subscriber->psql('postgres', "SET session_replication_role = replica; $command",
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  55000/, "refused on the subscriber: $command");
}

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION records');
$_->stop for $subscriber, $publisher;
done_testing();
