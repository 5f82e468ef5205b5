# 002_dump: a dump in any format, restored into a fresh database, gives back every row, every derived
# schedule, every grant and every figure, as known now and as known earlier; rows that came with the
# product are not dumped, and what an authority added is.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('dump');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off'); # small queries on tables without statistics
$node->start;
my $connection = $node->connstr('source');
my $folder = PostgreSQL::Test::Utils::tempdir;

$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('postgres', 'CREATE ROLE analyst; CREATE ROLE clerk');
$node->safe_psql('source', 'CREATE EXTENSION care_account');
$node->safe_psql('source', <<'SQL', extra_params => [ '-v', "roles=$FindBin::RealBin/../../sql/roles.sql" ]);
-- What an authority adds to the reference data, and puts in the place of what came with the product.
INSERT INTO care.local_authority (authority, name, valid_from, predecessor, source)
    VALUES ('E10000999', 'A county to come', '2027-04-01', 'E10000034', 'planning');
INSERT INTO care.adjustment_reason (reason, description) VALUES ('own', 'A reason of our own');
SELECT care.record_scheme('own', 'A scheme of our own', 'draft', '2024-04-01', 'weekly_cost', 'planning');
SELECT care.record_parameter('own', 'cap', '2024-04-01', 40000, 'planning');
SELECT care.record_parameter('own', 'cap', '2025-04-01', 42000, 'planning');
SELECT care.record_parameter('own', 'cap', '2025-10-01', 41000, 'planning', scales_accrued => false);
SELECT care.record_parameter('own', 'daily_living_cost', '2024-04-01', 210, 'planning');
SELECT care.record_parameter('2022', 'cap', '2024-10-01', 88000, 'planning');
SELECT care.record_parameter('2022', 'daily_living_cost', '2023-10-01', 205, 'planning', corrects => true);
SELECT care.record_national_max_rate('2026-01-01', 4.60, 'EFO November 2025', '2025-26', 'planning', corrects => true);
SELECT care.record_national_max_rate('2025-07-01', 4.40, 'EFO March 2025', '2025-26', 'planning', corrects => true);

-- Accounts of every scheme, some budgets corrected, one ended.
SELECT care.open_account('E08000035', 'LA-1', 'P-1', NULL, '2022', '2023-10-01');
SELECT care.open_account('E08000035', 'LA-2', 'P-2', '1941-02-03', '2015', '2016-04-01');
SELECT care.open_account('E08000035', 'LA-3', 'P-3', '1995-02-03', '2015', '2016-04-01');
SELECT care.open_account('E08000034', 'LA-1', 'P-1', NULL, 'own', '2024-04-01');
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT care.record_budget(1, '2024-10-01', 'personal_budget', 'care_home', 800, 512.34);
SELECT care.record_budget(2, '2016-04-01', 'personal_budget', 'community', 300.50);
SELECT care.record_budget(3, '2016-04-01', 'personal_budget', 'care_home', 900);
SELECT care.record_budget(4, '2024-04-01', 'personal_budget', 'care_home', 1000);

-- A moment, before which less was known.
CREATE TABLE public.moment AS SELECT clock_timestamp() AS at;
SELECT care.record_budget(1, '2024-10-01', 'personal_budget', 'care_home', 820, 522.34, supersedes => 2);
SELECT care.record_budget(1, '2024-11-01', 'personal_budget', 'care_home', 830, 532.34, supersedes => 6);
SELECT care.end_budget(2, '2020-01-01', 'moved away');
SELECT care.record_budget(4, '2024-12-01', 'personal_budget', 'community', 400);

-- Agreements.
SELECT care.record_interest_policy('E08000035', '2015-04-01', NULL, 'policy of the authority');
SELECT care.record_interest_policy('E08000035', '2020-01-01', 1.00, 'policy of the authority');
SELECT care.record_interest_policy('E08000035', '2020-01-01', 0.90, 'policy of the authority', corrects => true);
SELECT care.record_interest_policy('E08000034', '2015-04-01', 2.00, 'policy of the authority', 'act/365f', 'monthly');
SELECT care.open_agreement('E08000035', 'DP-1', 'P-2', '2016-01-04', '2016-02-01');
SELECT care.open_agreement('E08000034', 'DP-1', 'P-4', '2018-01-04', '2018-02-01', '1938-09-10');
SELECT care.record_valuation(1, '2016-01-01', 165000);
SELECT care.record_valuation(1, '2022-01-01', 190000, 0.5, 10000, 'half of it');
SELECT care.record_valuation(2, '2018-01-01', 210000.50, 0.33333333);
SELECT care.defer(1, d::date, 'care_fees', 535) FROM generate_series('2016-02-01'::timestamp, '2016-12-31', '7 days') AS d;
SELECT care.defer(1, '2016-02-01', 'administration_charge', 250.25, 'set-up');
SELECT care.defer(2, '2018-02-01', 'care_fees', 10000);
SELECT care.record_payment(1, '2017-01-01', 1234.56, 'by cheque');
SELECT care.record_payment(2, '2019-01-01', care.redemption_figure(2, '2019-01-01'));
-- a key that was taken and given back
BEGIN; SELECT care.defer(1, '2017-02-01', 'administration_charge', 1); ROLLBACK;

-- An agreement in every state, with all that may belong to one.
SELECT care.record_fee_tariff('E08000034', 'setting up', '2018-01-01', 'one_off', 450, 'charges of the authority'),
       care.record_fee_tariff('E08000034', 'valuation', '2018-01-01', 'at_cost', NULL, 'charges of the authority');
SELECT care.record_setting('E08000034', 'charge_release_days', '14', '2018-01-01');
SELECT care.record_consent('P-4', 'email', '2018-06-01', 'form 1', 'E08000034');
INSERT INTO care.statement_text (authority, subject, name, valid_from, shown_when, body) VALUES ('E08000034', 'agreement', 'advice', '2018-01-01', 'always', 'Take advice.');
CREATE TABLE public.stage (n int PRIMARY KEY, id bigint);
INSERT INTO public.stage SELECT n, care.apply_for_agreement('E08000034', 'DP-1' || n, 'P-1' || n, '2018-01-02', '1940-01-01', CASE n WHEN 5 THEN 'loan' ELSE 'traditional' END)
    FROM generate_series(0, 12) AS n;
SELECT care.decide_application(id, '2018-01-03', CASE n WHEN 1 THEN 'refused' ELSE 'offered' END, false, 'because') FROM public.stage WHERE n > 0;
SELECT care.notify_rate(id, '2018-01-04', 1.45) FROM public.stage WHERE n > 2;
SELECT care.sign_agreement(id, '2018-01-05') FROM public.stage WHERE n > 2;
SELECT care.record_valuation(id, '2018-01-05', 100000, 0.5, 1000, 'half', 'professional', 'Valuers') FROM public.stage WHERE n > 2;
SELECT care.secure_agreement(id, '2018-01-06', 'undertaking', 2, 'T-' || n, 'by the solicitor') FROM public.stage WHERE n > 3;
SELECT care.record_charge(id, '2018-01-06', 'setting up') FROM public.stage WHERE n > 4;
-- 5: weekly, corrected, at the limit; 6: stopped; 7: interest and charges paid separately
SELECT care.record_deferral(id, '2018-01-08', 700, 144, 144, 10, 20) FROM public.stage WHERE n IN (5, 6);
SELECT care.post_deferral(id, '2019-06-30') FROM public.stage WHERE n IN (5, 6);
SELECT care.record_deferral(id, '2018-01-08', 690, 144, 144, supersedes => 1) FROM public.stage WHERE n = 5;
SELECT care.post_deferral(id, '2019-12-29') FROM public.stage WHERE n = 5;
SELECT care.stop_deferring(id, '2018-10-03', 'income is enough'), care.post_deferral(id, '2019-06-30') FROM public.stage WHERE n = 6;
SELECT care.bring_in_debt(id, '2018-01-06', 20000.01, 'before') FROM public.stage WHERE n > 6;
SELECT care.pay_interest_separately(id, '2018-07-02'), care.pay_charges_separately(id, '2018-07-02') FROM public.stage WHERE n = 7;
SELECT care.record_charge(id, '2018-07-03', 'valuation', cost => 85.50, evidence => 'invoice 7'), care.invoice_interest(id, '2018-12-31') FROM public.stage WHERE n = 7;
-- 8: reopened; 9: ended by death; 10: before the court; 11: written off; 12: repaid with too much, released
SELECT care.record_payment(id, '2018-08-01', care.redemption_figure(id, '2018-08-01')) FROM public.stage WHERE n IN (8, 12);
SELECT care.reverse_entry(id, (SELECT max(entry_id) FROM care.agreement_entry WHERE agreement_id = id), 'cheque returned') FROM public.stage WHERE n = 8;
SELECT care.record_death('P-19', '2018-09-09', '2018-09-10', 'E08000034');
SELECT care.end_agreement(id, '2018-09-10', 'died') FROM public.stage WHERE n > 8;
SELECT care.record_judgment(id, '2018-10-10', 'case 7') FROM public.stage WHERE n = 10;
SELECT care.write_off(id, '2018-11-11', 'attempted', 'nothing left', 'head of service') FROM public.stage WHERE n = 11;
SELECT care.record_payment(id, '2018-08-02', 12.34, 'too much', true), care.record_refund(id, '2018-08-03', 2.34), care.release_charge(id, '2018-09-20') FROM public.stage WHERE n = 12;
SELECT care.record_valuation(id, '2018-12-01', 30000), care.record_agreement_event(id, '2018-12-01', 'statement_requested') FROM public.stage WHERE n = 8;
CALL care.issue_due_agreement_statements('2018-12-31');
SELECT care.record_payment(id, '2018-12-01', 100, 'backdated') FROM public.stage WHERE n BETWEEN 5 AND 8;
SELECT care.issue_agreement_statement(id, '2019-03-01') FROM public.stage WHERE n BETWEEN 5 AND 8;
SELECT care.issue_statement(1, '2024-10-01');
SELECT care.record_retention_schedule('E08000035', 'agreement', '2015-01-01', 'closed', '6 years', 'Limitation Act');
SELECT care.release_hold(care.place_hold('account', '{1,2}', 'dispute', 'Head of law'), 'Head of law', 'settled', 1);

-- What a user builds on it.
CREATE VIEW public.approaching AS
    SELECT p.account_id, p.reference, p.accrued, p.remaining, p.projected_cap_on
    FROM care.account_position AS p
    WHERE p.percent_of_cap >= 80;
CREATE VIEW public.at_year_end AS SELECT * FROM care.account_position('2025-03-31', NULL);
CREATE MATERIALIZED VIEW public.owed_at_year_end AS SELECT * FROM care.agreement_position('2025-03-31');
CREATE TABLE public.plan (
    plan care.schedule NOT NULL CHECK (care.value_on(plan, '2024-06-01') >= 0),
    progress care.cap_progress PRIMARY KEY,
    budget care.pounds,
    rate care.percent,
    doubled care.schedule GENERATED ALWAYS AS (plan OPERATOR(care.*) 2) STORED);
CREATE INDEX plan_idx ON public.plan USING hash (plan);
INSERT INTO public.plan VALUES ('{"-infinity": 0, "2024-01-01": 2.6543, "2026-01-01": null}', '43120.50/86000.00', 12.34, 2.65);

-- Who may do what: our roles, and others.
\i :roles
GRANT USAGE ON SCHEMA care TO analyst, clerk;
GRANT SELECT ON care.account_position, care.agreement_position TO analyst;
GRANT SELECT (account_id, reference) ON care.account TO analyst;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA care TO clerk;
GRANT UPDATE ON care.account TO clerk WITH GRANT OPTION;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA care TO clerk;
GRANT EXECUTE ON FUNCTION care.record_payment TO clerk;
REVOKE USAGE ON TYPE care.cap_progress FROM PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA care GRANT SELECT ON TABLES TO analyst;
SQL

# Everything there is to compare, as text.
# The progress of runs is no fact, and a permit lasts one transaction: neither is dumped.
my @tables = split /\n/, $node->safe_psql('source',
	q{SELECT oid::regclass FROM pg_class WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND relkind = 'r'
		AND relname <> 'day'
		AND relname NOT IN ('adoption', 'alias_source', 'batch_run', 'disposal_permit', 'guard_installed', 'import_line', 'import_row', 'import_sheet', 'record_class', 'kept_table', 'reference_table', 'own_reference', 'known_task', 'check_function', 'known_setting', 'submission_schema') ORDER BY relname});
my @sequences = split /\n/, $node->safe_psql('source',
	q{SELECT oid::regclass FROM pg_class WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND relkind = 'S'
		AND relname NOT IN ('batch_run_run_id_seq', 'record_class_n_seq', 'kept_table_n_seq', 'reference_table_n_seq', 'check_function_n_seq') ORDER BY relname});
my %questions = (
	'the rows of all tables' => join(' UNION ALL ',
		map { "SELECT '$_', count(*), md5(string_agg(t::text, ',' ORDER BY t::text)) FROM $_ AS t" } @tables, 'public.plan', 'public.moment') . ' ORDER BY 1',
	'the next keys' => join(' UNION ALL ', map { "SELECT '$_', last_value, is_called FROM $_" } @sequences) . ' ORDER BY 1',
	'the derived schedules' => q{SELECT account_id, counting_from, person_reference, reach, weekly_rate, cap, cap_scales, weekly_cost,
		weekly_counted, daily_living_cost FROM care.account ORDER BY account_id},
	'the positions of accounts' => q{SELECT d, p.* FROM generate_series('2016-03-31'::timestamp, '2027-12-31', '3 months') AS d,
		care.account_position(d::date) AS p ORDER BY d, p.account_id},
	'their positions as known earlier' => q{SELECT p.* FROM public.moment AS m, care.account_position('2025-06-30', m.at) AS p ORDER BY p.account_id},
	'the working of accounts' => q{SELECT a.account_id, w.* FROM care.account AS a, care.account_explain(a.account_id, '2025-06-30') AS w ORDER BY 1, 2, 5},
	'the positions of agreements' => q{SELECT d, p.* FROM generate_series('2015-12-31'::timestamp, '2026-06-30', '3 months') AS d,
		care.agreement_position(d::date) AS p ORDER BY d, p.agreement_id},
	'the working of interest' => q{SELECT a.agreement_id, w.* FROM care.agreement AS a,
		care.interest_working(a.agreement_id, '2019-01-01', '2026-06-30') AS w ORDER BY 1, 2},
	'the states of agreements' => q{SELECT d, s.* FROM generate_series('2018-01-01'::timestamp, '2019-01-31', '1 week') AS d,
		care.agreement_state(d::date) AS s ORDER BY d, s.agreement_id},
	'the return of agreements' => q{SELECT d, r.* FROM unnest('{2018-03-31, 2019-03-31, 2020-03-31}'::date[]) AS d,
		care.dpa_return(NULL, d) AS r ORDER BY r::text, d},
	'the statements of agreements' => q{SELECT s::text, l::text FROM care.agreement_statement AS s JOIN care.agreement_statement_line AS l
		USING (agreement_id, statement_id) ORDER BY s.agreement_id, s.statement_id, l.line},
	'what could not be deferred' => q{SELECT s.* FROM care.deferral_shortfall AS s ORDER BY s.agreement_id, s.week_from},
	'what is to be done for agreements' => q{SELECT 1, x::text FROM care.charge_release_due('2018-12-31') AS x UNION ALL SELECT 2, x::text FROM care.repayment_due('2018-12-31') AS x
		UNION ALL SELECT 3, x::text FROM care.security_review('2018-12-31') AS x UNION ALL SELECT 4, x::text FROM care.agreement_statement_due('2019-12-31') AS x
		UNION ALL SELECT 5, x::text FROM care.statement_request_due('2019-12-31') AS x UNION ALL SELECT 6, x::text FROM care.deferral_due('2019-12-31') AS x ORDER BY 1, 2},
	'figures in force' => q{SELECT * FROM care.parameter_in_force ORDER BY scheme, name, valid_from},
	'national rates in force' => q{SELECT * FROM care.national_rate_in_force ORDER BY valid_from},
	'the grants' => q{SELECT o.what, a.grantor::regrole, a.grantee, a.privilege_type, a.is_grantable
		FROM (SELECT oid::regclass::text, coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, relowner))
		          FROM pg_class WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
		      UNION ALL SELECT oid::regprocedure::text, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc WHERE pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
		      UNION ALL SELECT oid::regtype::text, coalesce(typacl, acldefault('T', typowner)) FROM pg_type WHERE typnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace)
		      UNION ALL SELECT oid::regnamespace::text, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname IN ('care', 'care_internal')
		      UNION ALL SELECT format('%s.%s', attrelid::regclass, attname), attacl FROM pg_attribute WHERE attrelid IN
		          (SELECT oid FROM pg_class WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace))
		      UNION ALL SELECT format('to come: %s', defaclobjtype), defaclacl FROM pg_default_acl) AS o (what, acl),
		     aclexplode(o.acl) AS a ORDER BY 1, 2, 3, 4},
	'the definitions of views' => q{SELECT oid::regclass, pg_get_viewdef(oid) FROM pg_class
		WHERE relkind IN ('v', 'm') AND relnamespace IN ('public'::regnamespace, 'care'::regnamespace, 'care_internal'::regnamespace) ORDER BY relname},
	'what the views of a user say' => q{SELECT 'a', v.reference FROM public.approaching AS v UNION ALL SELECT 'y', v::text FROM public.at_year_end AS v
		UNION ALL SELECT 'o', v::text FROM public.owed_at_year_end AS v ORDER BY 1, 2});
my %expected = map { $_ => $node->safe_psql('source', $questions{$_}) } keys %questions;
isnt($expected{$_}, '', "there is something to compare: $_") for sort keys %expected;
is( $node->safe_psql('source', join ' UNION ALL ', map { "SELECT '$_' WHERE NOT EXISTS (SELECT FROM $_)" } @tables),
	join("\n", qw(care.access_log care.access_log_disposed care.account_event care.adjustment care.adjustment_approval care.agreement_statement_sent care.cap_certificate care.counting_correction care.delegation
			care.disclosure care.disclosure_decision care.disclosure_request care.disposal_certificate care.disposal_review care.dpa_explanation care.import_batch care.import_done care.import_loaded care_internal.login care.move care.move_difference
			care.move_step care.objection care_internal.online_secret care.online_subject care.received_document care.recovery_claim care.statement_sent care.statement_suspension care.submission
			care.submission_decision care.transfer care.transfer_step)),
	'and in every table but those that the population of 013 has');
is( $node->safe_psql('source', q{SELECT string_agg(DISTINCT state, ', ' ORDER BY state) FROM care.agreement_state('2020-01-01')}),
	'applied, charge released, deferring stopped, ended, in recovery by the court, offered, refused, repaid, secured, signed, written off',
	'and an agreement in every state');

# Rows of accounts whose stored schedules are not what the facts give anew.
my $differing = q{SELECT count(*) FROM care.account AS a LEFT JOIN
	care_internal.derived_account(ARRAY(SELECT account_id FROM care.account), 'infinity') AS d ON d.account_id = a.account_id
	WHERE ROW(a.counting_from, a.person_reference, a.reach, a.weekly_rate, a.cap, a.cap_scales, a.weekly_cost, a.weekly_counted, a.daily_living_cost)::text
	   IS DISTINCT FROM ROW(d.counting_from, d.person_reference, d.reach, d.weekly_rate, d.cap, d.cap_scales, d.weekly_cost, d.weekly_counted, d.daily_living_cost)::text};

# Compare a restored database with the source.
sub same_as_source
{
	my ($database, $how) = @_;
	is($node->safe_psql($database, $questions{$_}), $expected{$_}, "$how: $_") for sort keys %questions;
	is($node->safe_psql($database, $differing), '0', "$how: derived schedules follow from the facts");
	is($node->safe_psql($database, 'SELECT * FROM care.verify()'), '', "$how: and so does all else that is derived, and every digest");
	is($node->safe_psql($database, 'SELECT * FROM care.guard_state'), '', "$how: the guard is as it was installed");

	# It goes on from there: new facts get new keys, and are taken and refused as before.
	is( $node->safe_psql($database, q{
			BEGIN;
			SELECT care.open_account('E08000035', 'LA-9', 'P-9', NULL, 'own', '2024-04-01');
			SELECT care.record_budget(5, '2024-04-01', 'personal_budget', 'community', 400);
			SELECT care.defer(1, '2017-02-01', 'administration_charge', 1);
			SELECT accrued FROM care.account_position('2024-04-07') WHERE reference = 'LA-9';
			ROLLBACK}),
		"5\n10\n172\n400.00", "$how: new facts go on from there");
	my ($status, undef, $error) = $node->psql($database,
		q{\set VERBOSITY sqlstate
		UPDATE care.budget SET weekly_cost = 1});
	like($error, qr/ERROR:  55000/, "$how: facts are still guarded");
}

# pg_dump warns of every table with a foreign key on itself.  A full dump loads such a table in one
# statement, so the warning is empty; one that names another table would not be.
my $itself = join '', map {
	"pg_dump: warning: there are circular foreign-key constraints on this table:\npg_dump: detail: $_\n"
	  . "pg_dump: hint: You might not be able to restore the dump without using --disable-triggers or temporarily dropping the constraints.\n"
	  . "pg_dump: hint: Consider using a full dump instead of a --data-only dump to avoid this problem.\n" }
  split /\n/, $node->safe_psql('source', q{SELECT conrelid::regclass::text FROM pg_constraint
	WHERE contype = 'f' AND conrelid = confrelid AND connamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) ORDER BY 1});
$itself =~ s/detail: care\./detail: /g;

# Run a program that should succeed and say nothing, or nothing else.
sub quietly
{
	my ($what, $said, @command) = @_;
	my $error = '';
	my $done = IPC::Run::run(\@command, '>', \my $out, '2>', \$error);
	ok($done, "$what succeeds");
	is(join("\n", sort split /\n/, $error), join("\n", sort split /\n/, $said), "$what has nothing else to say");
}

#
# Plain SQL.
#
quietly('pg_dump', $itself, 'pg_dump', '--no-sync', '-f', "$folder/plain.sql", $connection);
my $dump = slurp_file("$folder/plain.sql");
my %copied;
while ($dump =~ /^COPY (care(?:_internal)?\.\w+) \(([^)]*)\) FROM stdin;\n(.*?)^\\\.$/msg)
{
	my ($table, $columns, $rows) = ($1, $2, $3);
	$copied{$table} = [ split /\n/, $rows ];
}
is(join(' ', sort keys %copied), join(' ', sort @tables), 'every table is in the dump');
for my $table (grep { $node->safe_psql('source',
	"SELECT count(*) FROM pg_attribute WHERE attrelid = '$_'::regclass AND attname = 'shipped'") } @tables)
{
	my ($shipped, $added) = split /\|/, $node->safe_psql('source',
		"SELECT count(*) FILTER (WHERE shipped), count(*) FILTER (WHERE NOT shipped) FROM $table");
	cmp_ok($shipped, '>', 0, "$table came with rows");
	cmp_ok($added, '>', 0, "$table has rows of the authority's own");
	is(scalar @{ $copied{$table} }, $added, "of $table the dump holds those alone");
}
$node->safe_psql('postgres', 'CREATE DATABASE plain');
quietly('restoring it', '', 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-o', '/dev/null', '-f', "$folder/plain.sql", $node->connstr('plain'));

# A dump of what was restored is the same dump, but for the order of rows and the key of the script.
quietly('pg_dump of what was restored', $itself, 'pg_dump', '--no-sync', '-f', "$folder/again.sql", $node->connstr('plain'));
is( join("\n", sort grep { !/^\\(un)?restrict / } split /\n/, slurp_file("$folder/again.sql")),
	join("\n", sort grep { !/^\\(un)?restrict / } split /\n/, $dump),
	'it holds what the first dump held');
same_as_source('plain', 'plain');

#
# Custom and directory format, as a whole, with two jobs, and section by section.
#
quietly('pg_dump -Fc', $itself, 'pg_dump', '--no-sync', '-Fc', '-f', "$folder/custom", $connection);
quietly('pg_dump -Fd -j2', $itself, 'pg_dump', '--no-sync', '-Fd', '-j2', '-f', "$folder/directory", $connection);
$node->safe_psql('postgres', "CREATE DATABASE $_") for qw(custom directory sections);
quietly('pg_restore', '', 'pg_restore', '-e', '-d', $node->connstr('custom'), "$folder/custom");
same_as_source('custom', 'custom');

# With several jobs, tables load in any order: PostgreSQL does not write down which extension table
# refers to which.  Foreign keys and triggers wait for it only in this mode, and nothing needs them: the
# rows are as they were.
{
	local $ENV{PGOPTIONS} = '-c session_replication_role=replica';
	quietly('pg_restore -j2', '', 'pg_restore', '-e', '-j2', '-d', $node->connstr('directory'), "$folder/directory");
}
same_as_source('directory', 'directory');
quietly("pg_restore --section=$_", '', 'pg_restore', '-e', "--section=$_", '-d', $node->connstr('sections'), "$folder/custom")
	for qw(pre-data data post-data);
same_as_source('sections', 'sections');

#
# What a careless DROP does: nothing, while anything is recorded.
#
for my $drop ('DROP EXTENSION care_account', 'DROP TABLE care.budget', 'DROP TABLE care.budget CASCADE', 'DROP SCHEMA care')
{
	my ($status, undef, $error) = $node->psql('plain', "\\set VERBOSITY sqlstate\n$drop");
	like($error, qr/ERROR:  (2BP01|55000)/, "$drop is refused");
}
is($node->safe_psql('plain', $questions{'the rows of all tables'}), $expected{'the rows of all tables'}, 'and every row is still there');

$node->stop;
done_testing();
