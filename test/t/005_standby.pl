# 005_standby: a streaming standby answers every question about accounts and agreements as the primary
# does, refuses to write, and takes over.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $primary = PostgreSQL::Test::Cluster->new('primary');
$primary->init(allows_streaming => 1);
$primary->append_conf('postgresql.conf', 'jit = off'); # small queries on tables without statistics
$primary->start;
$primary->safe_psql('postgres', <<'SQL');
CREATE EXTENSION care_account;
SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'planning')) FROM care.national_rate_to_confirm AS r;
SELECT care.record_parameter('2022', 'cap', '2024-10-01', 88000, 'planning');
SELECT care.open_account('E08000035', 'LA-1', 'P-1', NULL, '2022', '2023-10-01');
SELECT care.open_account('E08000035', 'LA-2', 'P-2', '1995-02-03', '2015', '2016-04-01');
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT care.record_budget(2, '2016-04-01', 'personal_budget', 'community', 300.50);
SELECT care.record_interest_policy('E08000035', '2015-04-01', NULL, 'policy of the authority');
SELECT care.open_agreement('E08000035', 'DP-1', 'P-1', '2016-01-04', '2016-02-01');
SELECT care.record_valuation(1, '2016-01-01', 165000);
SELECT care.defer(1, d::date, 'care_fees', 535) FROM generate_series('2016-02-01'::timestamp, '2016-12-31', '7 days') AS d;
-- so that views have rows: statements, and an agreement with too little equity for its weeks
CALL care.issue_due_statements('2025-06-30');
SELECT care.issue_agreement_statement(1, '2016-12-31');
SELECT care.open_agreement('E08000035', 'DP-2', 'P-2', '2016-01-04', '2016-02-01');
SELECT care.record_valuation(2, '2016-01-01', 17000);
SELECT care.record_deferral(2, '2016-02-01', 800, 0);
CALL care.post_due_deferrals('2016-04-30');
SQL
$primary->backup('backup');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($primary, 'backup', has_streaming => 1);
$standby->start;

my %questions = (
	'accounts at a day' => q{SELECT * FROM care.account_position('2025-06-30') ORDER BY account_id},
	'accounts at a day as known at a moment' => q{SELECT * FROM care.account_position('2025-06-30', 'infinity') ORDER BY account_id},
	'accounts today' => q{SELECT account_id, reference, scheme FROM care.account_position ORDER BY account_id},
	'the working of an account' => q{SELECT * FROM care.account_explain(1, '2027-01-16')},
	'agreements at a day' => q{SELECT * FROM care.agreement_position('2025-06-30') ORDER BY agreement_id},
	'the working of interest' => q{SELECT * FROM care.interest_working(1, '2016-02-01', '2025-06-30')},
	'a redemption figure' => q{SELECT care.redemption_figure(1, '2025-06-30')},
	'a national rate' => q{SELECT care.national_max_rate('2015-06-01')},
	'the derived schedules' => q{SELECT account_id, weekly_rate, cap, cap_scales, weekly_cost, daily_living_cost FROM care.account ORDER BY account_id},
	'schedules worked out anew' => q{SELECT * FROM care_internal.derived_account('{1,2}', 'infinity') ORDER BY account_id},
	'what differs' => q{SELECT count(*) FROM care.verify()},
	'an agreement' => q{SELECT reference FROM care_internal.require_agreement(1)});

# And every view there is; some are empty.
my @views = split /\n/, $primary->safe_psql('postgres', q{SELECT viewname FROM pg_views WHERE schemaname = 'care' ORDER BY 1});

# Everything the primary has written has arrived, and both say the same.
sub same_on_both
{
	my ($when) = @_;
	$primary->wait_for_catchup($standby);
	for my $what (sort keys %questions)
	{
		my $said = $primary->safe_psql('postgres', $questions{$what});
		isnt($said, '', "$when: the primary answers: $what");
		is($standby->safe_psql('postgres', $questions{$what}), $said, "$when: the standby says the same");
	}
	my $empty = 0;
	for my $view (@views)
	{
		my $some = $view =~ /_position_on$/ ? q{WHERE v.as_at IN ('2016-04-30', '2025-06-30')} : ''; # these have a row for every day
		my $rows = "SELECT v::text FROM care.$view AS v $some ORDER BY 1";
		my $said = $primary->safe_psql('postgres', $rows);
		$empty++ if $said eq '';
		is($standby->safe_psql('postgres', $rows), $said, "$when: the standby has the same rows in the view $view");
	}
	cmp_ok($empty, '<', @views / 2, "$when: most views have rows");
	return;
}

same_on_both('from the backup');
like($standby->safe_psql('postgres', q{SELECT weekly_rate, cap_reached_on FROM care.account_position('2030-01-01') WHERE account_id = 1}),
	qr/^500\.00\|2027-\d\d-\d\d$/, 'the standby sees the cap being reached');

# What is written after the backup streams.
my $before = $standby->safe_psql('postgres', $questions{'the derived schedules'});
$primary->safe_psql('postgres', <<'SQL');
SELECT care.record_budget(1, '2024-07-01', 'independent_personal_budget', 'care_home', 800);
SELECT care.record_budget(2, '2016-04-01', 'personal_budget', 'community', 310.50, supersedes => 2);
SELECT care.record_payment(1, '2017-01-01', 1234.56, 'by cheque');
SELECT care.record_parameter('2015', 'cap', '2017-04-01', 74000, 'planning');
SQL
same_on_both('after more was written');
isnt($standby->safe_psql('postgres', $questions{'the derived schedules'}), $before, 'and it is not what it was');

# A standby does not write.
for my $write (
	q{SELECT care.record_budget(1, '2025-07-01', 'independent_personal_budget', 'care_home', 900)},
	q{SELECT care.open_account('E08000035', 'LA-3', 'P-3', NULL, '2022', '2023-10-01')},
	q{SELECT care.record_payment(1, '2017-02-01', 1)},
	q{SELECT care.record_parameter('2015', 'cap', '2018-04-01', 75000, 'planning')})
{
	my ($status, undef, $error) = $standby->psql('postgres', "\\set VERBOSITY sqlstate\n$write");
	like($error, qr/ERROR:  25006/, "refused on a standby: $write");
}

# Once promoted it does, with the next keys, and the schedules follow.
my $next = $primary->safe_psql('postgres', 'SELECT max(budget_id) FROM care.budget');
$primary->stop;
$standby->promote;
is( $standby->safe_psql('postgres', qq{
		SELECT care.record_budget(1, '2025-07-01', 'independent_personal_budget', 'care_home', 900) > $next;
		SELECT weekly_rate FROM care.account_position('2025-07-01') WHERE account_id = 1;
		SELECT care.redemption_figure(1, '2017-01-02') < care.redemption_figure(1, '2016-12-31')}),
	"t\n700.00\nt", 'promoted, it takes the next facts');
$standby->stop;
done_testing();
