# 016_contract: what a client reads.  No infinite day is handed out by any table, view or function that reads, and all
# of them can be read, whatever rate has not been entered.

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
$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
is(run_script($node, 'postgres', 'population.sql', 'accounts=200', 'agreements=64'), '', 'every kind and every state is there');

# With open ends of every kind.
$node->safe_psql('postgres', q{
	SELECT care.suspend_statements(min(account_id), '2020-01-01', NULL, 'for good') FROM care.account;
	SELECT care.open_agreement('E09000001', 'free', 'Q1', '2018-01-01', '2018-01-01', interest_from => 'infinity')});
my $readers = slurp_file(dirname(__FILE__) . '/../readers.sql');
my $list = q{SELECT object || ': ' || problem FROM pg_temp.infinite_days() ORDER BY 1};

# These two have a first day that is open and wait for their rooms.
my %awaited = map { ("care.$_: infinite" => 1) } qw(setting retention_schedule);
is(join("\n", grep { !$awaited{$_} } split /\n/, $node->safe_psql('postgres', "$readers $list")), '',
	'everything can be read, and hands out no infinite day');

# What hands one out is found, and so is what cannot be read.
is( join("\n", grep { !$awaited{$_} } split /\n/, $node->safe_psql('postgres', qq{
		BEGIN;
		ALTER EVENT TRIGGER care_account_guard DISABLE;
		ALTER TABLE care.authority DROP CONSTRAINT authority_finite_to;
		INSERT INTO care.authority (authority, name, valid_to, source) VALUES ('E06000999', 'Open', 'infinity', 'test');
		CREATE VIEW care.planted AS SELECT 1 / (a.account_id - a.account_id) AS never FROM care.account AS a;
		$readers $list;
		ROLLBACK})),
	"care.authority: infinite\ncare.planted: not read", 'what does is found');

$node->stop;
done_testing();
