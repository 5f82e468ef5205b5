# 020_pglogical: a subscriber of pglogical, whose workers are not the server's own, follows the publisher: facts,
# what is derived of them, rows of reference, and what was disposed of.  By hand nothing changes there.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

chomp(my $library = `pg_config --pkglibdir`);
plan skip_all => 'pglogical is not installed' unless -e "$library/pglogical.so";

my $node = PostgreSQL::Test::Cluster->new('pglogical');
$node->init(allows_streaming => 'logical');
$node->append_conf('postgresql.conf', "jit = off\nshared_preload_libraries = 'pglogical'\nmax_worker_processes = 16");
$node->start;
# since a release of 2026 a server loads only those output plugins that are named
if ($node->safe_psql('postgres', q{SELECT count(*) FROM pg_settings WHERE name = 'output_plugin_libraries'}))
{
	$node->safe_psql('postgres', q{ALTER SYSTEM SET output_plugin_libraries = 'pgoutput', 'pglogical_output'});
	$node->reload;
}
for my $database (qw(provider subscriber))
{
	$node->safe_psql('postgres', "CREATE DATABASE $database");
	$node->safe_psql($database, 'CREATE EXTENSION pglogical');
	$node->safe_psql($database, 'CREATE EXTENSION care_account');
	$node->safe_psql($database, "SELECT pglogical.create_node('$database', '@{[ $node->connstr ]} dbname=$database')");
}
$node->safe_psql('provider', q{SELECT care.open_account('E08000035', 'LA-1', 'P-1', '1940-01-01', '2022', '2023-10-01');
	SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700)});
$node->safe_psql('provider', q{SELECT pglogical.replication_set_add_table(CASE WHEN EXISTS (SELECT FROM pg_index AS i WHERE i.indrelid = c.oid AND i.indisprimary)
	        THEN 'default' ELSE 'default_insert_only' END, u.oid::regclass, row_filter => CASE u.condition WHEN '' THEN NULL ELSE 'NOT shipped' END,
	    columns => ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = u.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''))
	FROM pg_extension AS e, unnest(e.extconfig, e.extcondition) AS u (oid, condition) JOIN pg_class AS c ON c.oid = u.oid
	WHERE e.extname = 'care_account' AND c.relkind = 'r'});
$node->safe_psql('subscriber', "SELECT pglogical.create_subscription('records', '@{[ $node->connstr ]} dbname=provider')");
$node->poll_query_until('subscriber', q{SELECT status = 'replicating' FROM pglogical.show_subscription_status('records')}) or die 'no subscription';
$node->safe_psql('subscriber', q{SELECT pglogical.wait_for_subscription_sync_complete('records')});

sub follows
{
	my ($when) = @_;
	$node->safe_psql('provider', 'SELECT pglogical.wait_slot_confirm_lsn(NULL, NULL)');
	my $rows = q{SELECT * FROM care.fingerprint() WHERE kind = 'rows'};
	is($node->safe_psql('subscriber', $rows), $node->safe_psql('provider', $rows), "$when: every row is there");
	is($node->safe_psql('subscriber', q{SELECT * FROM care.verify() WHERE difference !~ 'restart_keys'}), '', "$when: all that is derived follows from the facts");
	is($node->safe_psql('subscriber', q{SELECT status FROM pglogical.show_subscription_status('records')}), 'replicating', "$when: and it goes on");
	return;
}
follows('copied');
$node->safe_psql('provider', $_)
  for q{SELECT care.record_budget(1, '2024-04-01', 'independent_personal_budget', 'care_home', 800)},
  q{SELECT care.record_parameter('2022', 'cap', '2030-10-01', 90000, 'a decision'), care.record_setting('E08000035', 'four_eyes', 'off')},
  q{SELECT care.issue_statement(1, '2024-06-30')};
follows('replicated');
$node->safe_psql('provider', q{SELECT care.record_retention_schedule('E08000035', 'account', '2015-01-01', 'death_known', '0', 'x'), care.record_retention_schedule('E08000035', 'person', '2015-01-01', 'last_updated', '0', 'x')});
$node->safe_psql('provider', $_)
  for q{SELECT care.record_death('P-1', '2024-08-01', current_date - 2)}, q{SELECT care.review_disposal('account', 1, 'dispose', 'Records officer')}, q{SELECT care.dispose('account', 1)},
  q{SELECT care.open_account('E08000035', 'LA-2', 'P-2', '1940-01-01', '2022', '2023-10-01')};
follows('disposed of');
is($node->safe_psql('subscriber', 'SELECT reference FROM care.account'), 'LA-2', 'what was disposed of is gone, and what came after is there');

for my $command ('UPDATE care.account SET cap = NULL', 'DELETE FROM care.account')
{
	my (undef, undef, $error) = $node->psql('subscriber', "SET session_replication_role = replica; $command", extra_params => [ '-v', 'VERBOSITY=sqlstate' ]);
	like($error, qr/ERROR:  55000/, "refused by hand: $command");
}
# pglogical's own workers may keep a busy server from stopping within a minute, and nothing is left to see
$node->stop('immediate');
done_testing();
