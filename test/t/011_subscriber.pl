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

# Every table that a dump holds, without the rows that came with the product.  Of many authorities, only what is of one:
# a login is of a cluster, and databases of one cluster note the same.
my ($tables, $of_one) = map { $publisher->safe_psql('postgres', sprintf <<'SQL', @$_) }
SELECT string_agg(u.oid::regclass || CASE WHEN u.condition <> '' THEN ' WHERE (NOT shipped)' WHEN u.oid = 'care_internal.chain'::regclass THEN '%s' ELSE '' END, ', ')
FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition) JOIN pg_class AS c ON c.oid = u.oid
WHERE e.extname = 'care_account' AND c.relkind = 'r'
  AND (u.condition = '' OR EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = u.oid AND a.attname ~ '%s')) %s
SQL
  [ '', '', '' ], [ ' WHERE (record_id <> 0)', '^authority$', q{AND u.oid <> 'care_internal.login'::regclass} ];
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
SELECT care.record_parameter('2022', 'cap', '2030-10-01', 90000, 'a decision');
SQL
same_on_both('replicated');

for my $command ("UPDATE care.account SET cap = NULL", 'UPDATE care.agreement SET court_from = NULL', 'DELETE FROM care.budget')
{
	my (undef, undef, $error) = $subscriber->psql('postgres', "SET session_replication_role = replica; $command",
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  55000/, "refused on the subscriber: $command");
}

# Two authorities' databases into one: keys are set apart before the first record of each.  A record disposed of
# where it is kept goes on the subscriber too, with its certificate, whether its permit is
# published or not, and nothing after it is held up.
my $reporting = PostgreSQL::Test::Cluster->new('reporting');
$reporting->init;
$reporting->append_conf('postgresql.conf', "jit = off\nmax_sync_workers_per_subscription = 2\nmax_logical_replication_workers = 8");
$reporting->start;
$reporting->safe_psql('postgres', 'CREATE EXTENSION care_account');
my %authority = (1 => 'E10000016', 2 => 'E08000035');
for my $n (1, 2)
{
	$publisher->safe_psql('postgres', "CREATE DATABASE authority_$n");
	$publisher->safe_psql("authority_$n", <<"SQL");
CREATE EXTENSION care_account;
SELECT count(*) FROM (
    SELECT setval(pg_get_serial_sequence(c.oid::regclass::text, a.attname), $n * 1000000000000::bigint)
    FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attidentity <> ''
    WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind = 'r'
      AND c.oid NOT IN ('care_internal.record_class'::regclass, 'care_internal.kept_table'::regclass, 'care_internal.reference_table'::regclass, 'care_internal.check_function'::regclass)) AS s;
SELECT care.record_retention_schedule('$authority{$n}', 'person', '2015-01-01', 'last_updated', '0', 'us');
SELECT care.record_retention_schedule('$authority{$n}', 'account', '2015-01-01', 'death_known', '0', 'us');
SELECT care.open_account('$authority{$n}', 'A-' || i, 'P-' || i, '1940-01-01', '2022', '2023-10-01') FROM generate_series(1, 3) AS i;
SELECT care.record_budget(account_id, '2023-10-01', 'independent_personal_budget', 'care_home', 700) FROM care.account;
SQL
	$publisher->safe_psql("authority_$n", "CREATE PUBLICATION of_$n FOR TABLE $of_one" . ($n == 1 ? ', TABLE care_internal.disposal_permit' : ''));
	$reporting->safe_psql('postgres', "CREATE SUBSCRIPTION of_$n CONNECTION '@{[ $publisher->connstr ]} dbname=authority_$n' PUBLICATION of_$n");
	$reporting->wait_for_subscription_sync($publisher, "of_$n");
}
sub accounts_of_both
{
	$publisher->wait_for_catchup($_, 'replay', $publisher->lsn('write')) for qw(of_1 of_2);
	return $reporting->safe_psql('postgres', 'SELECT authority, count(*), sum(accrued) FROM care.account_position(\'2024-12-31\') GROUP BY 1 ORDER BY 1');
}
my $figure = $publisher->safe_psql('authority_1', q{SELECT sum(accrued) FROM care.account_position('2024-12-31')});
is(accounts_of_both(), "E08000035|3|$figure\nE10000016|3|$figure", 'two authorities in one reporting database');
$publisher->safe_psql("authority_$_", <<"SQL") for 1, 2;
SELECT care.record_death('P-2', '2024-02-01', care.today() - 2);
SELECT care.review_disposal('account', account_id, 'dispose', 'Records officer') FROM care.account WHERE reference = 'A-2';
CALL care.dispose_due(care.today());
SELECT care.open_account('$authority{$_}', 'A-4', 'P-4', '1940-01-01', '2022', '2023-10-01');
SQL
is(accounts_of_both() =~ s/\|[0-9.]+$//mgr, "E08000035|3\nE10000016|3", 'what was disposed of is gone there too, and what came after is there');
is($reporting->safe_psql('postgres', 'SELECT class, count(*) FROM care.disposal_certificate GROUP BY 1 ORDER BY 1'), "account|2\nperson|2", 'its certificates are there');
is($reporting->safe_psql('postgres', q{SELECT count(*) FROM care.person WHERE reference = 'P-2'} . '; SELECT count(*) FROM care_internal.disposal_permit'), "0\n0", 'nothing is left of it');
is($reporting->safe_psql('postgres', 'SELECT count(*) FROM care.verify(); SELECT count(*) FROM care.verify_chain()'), "0\n0", 'all is well there');
is($reporting->safe_psql('postgres', q{SELECT count(*) FROM pg_stat_subscription_stats WHERE apply_error_count > 0}), '0', 'and no change was refused');
$reporting->safe_psql('postgres', "DROP SUBSCRIPTION of_$_") for 1, 2;
$reporting->stop;

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION records');
$_->stop for $subscriber, $publisher;
done_testing();
