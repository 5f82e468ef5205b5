# 010_loss: every way to lose or change a record that doc/security.md lists, tried by a writer with
# the roles of sql/roles.sql, by the owner of the tables and by a superuser, with the outcome that
# is written there.  The table is read from the document.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $document = slurp_file("$FindBin::Bin/../../doc/security.md");
my ($table) = $document =~ /^## Ways that were tried\n(.*?)^##/ms;
my @ways;
for my $row (grep { /^\| `/ } split /\n/, $table)
{
	my ($tried, @outcomes) = $row =~ /^\| `(.*)` \| (.+) \| (.+) \| (.+) \|$/ or die "not a row: $row";
	push @ways, [ $tried, @outcomes ];
}

$ENV{PGUSER} = 'postgres'; # whoever runs this
my $node = PostgreSQL::Test::Cluster->new('loss');
$node->init(extra => [ '--username=postgres' ]);
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', "CREATE ROLE care_owner LOGIN SUPERUSER");
$node->safe_psql('postgres', 'CREATE EXTENSION care_account', extra_params => [ '-U', 'care_owner' ]);
$node->safe_psql('postgres', "ALTER EVENT TRIGGER care_account_guard OWNER TO postgres; ALTER ROLE care_owner NOSUPERUSER; GRANT CREATE ON SCHEMA public TO care_owner");
$node->safe_psql('postgres', "\\i $FindBin::RealBin/../../sql/roles.sql
	CREATE ROLE case_system LOGIN IN ROLE care_writer");

my @roles = qw(case_system care_owner postgres);

# While nothing is recorded, everything may be changed, and go.
for my $command ('ALTER TABLE care.budget ADD COLUMN extra text', 'DROP TRIGGER budget_refuse_change ON care.budget',
	'DROP INDEX care.budget_superseded_once', 'CREATE FUNCTION care.mine() RETURNS int RETURN 1', 'DROP EXTENSION care_account',
	'DROP SCHEMA care CASCADE', 'DROP OWNED BY care_owner CASCADE')
{
	my (undef, undef, $error) = $node->psql('postgres', "SET client_min_messages = warning; BEGIN; $command; ROLLBACK;");
	is($error, '', "with nothing recorded: $command");
}

# Records of every kind that the ways go for.
$node->safe_psql('postgres', <<'SQL');
SELECT care.record_interest_policy('E10000028', '2015-04-01', NULL, 'Cabinet');
SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'planning')) FROM care.national_rate_to_confirm AS r;
SELECT care.record_parameter('2022', 'cap', '2024-10-01', 88000, 'planning');
INSERT INTO care.local_authority (authority, name, source) VALUES ('E10999999', 'One of our own', 'us');
SELECT care.open_account('E10000028', 'CA-1', 'P-1', '1940-01-01', '2022', '2023-10-01');
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 7000);
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 7100, supersedes => 1);
SELECT care.record_adjustment(1, '2024-01-15', 100, 'error_corrected', 'Head of finance');
SELECT care.issue_statement(1, '2024-02-10');
SELECT care.open_agreement('E10000028', 'DPA-1', 'P-1', '2024-01-08', '2024-02-12');
SELECT care.record_valuation(1, '2024-02-12', 165000);
SELECT care.defer(1, '2024-02-12', 'care_fees', 1070);
SELECT care.record_payment(1, '2024-05-01', 100);
SELECT care.issue_agreement_statement(1, '2024-06-30');
CREATE FUNCTION public.fingerprint() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    relation regclass;
    one text;
    whole text := '';
BEGIN
    FOR relation IN SELECT c.oid::regclass FROM pg_class AS c
                    WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind = 'r' AND c.relname <> 'guard_installed' ORDER BY c.relname
    LOOP
        EXECUTE format('SELECT md5(string_agg(t::text, '','' ORDER BY t::text)) FROM %s AS t', relation) INTO one;
        whole := md5(whole || relation || coalesce(one, ''));
    END LOOP;
    RETURN whole;
END
$$;
SQL
my $before = $node->safe_psql('postgres', 'SELECT public.fingerprint()');
is($node->safe_psql('postgres', 'SELECT * FROM care.guard_state'), '', 'the guard is as it was installed');
is($node->safe_psql('postgres', 'SELECT * FROM care.verify()'), '', 'and all that is derived as it should be');

# What came of a command, for each role: the SQLSTATE it was refused with; who lists what it did;
# `nothing` if every record is as it was; `unnoticed` if not; or `gone`, the extension and all.
sub outcomes
{
	my ($tried) = @_;
	my $copied = $tried =~ /FROM STDIN$/ ? "1\t2024-01-01\tstatement_requested\tsomebody else\n\\.\n" : '';
	my $script = join '', map { <<"SQL" } @roles;
BEGIN;
SET SESSION AUTHORIZATION $_;
\\o /dev/null
$tried;
$copied\\o
RESET SESSION AUTHORIZATION;
SET session_replication_role = origin;
SELECT 'gone' WHERE to_regclass('care.guard_state') IS NULL;
SELECT 'did', CASE WHEN EXISTS (SELECT FROM care.guard_state) THEN 'guard_state' END,
       CASE WHEN EXISTS (SELECT FROM care.verify()) THEN 'verify' END,
       CASE WHEN EXISTS (SELECT FROM care.verify_chain()) THEN 'verify_chain' END,
       CASE WHEN public.fingerprint() <> '$before' THEN 'changed' END;
ROLLBACK;
\\echo $_
\\warn $_
SQL
	my ($status, $said, $error) = $node->psql('postgres', "SET client_min_messages = warning;\n$script",
		extra_params => [ '-v', 'VERBOSITY=sqlstate' ], on_error_stop => 0);
	my @outcomes;
	for my $role (@roles)
	{
		$said =~ s/\A(.*?)^$role\n?//ms;
		my $did = $1;
		$error =~ s/\A(.*?)^$role\n?//ms;
		my $refused = $1;
		if ($did =~ /^gone$/m)
		{
			push @outcomes, 'gone';
			next;
		}
		if ($refused =~ /ERROR:  (\w{5})/)
		{
			push @outcomes, $1;
			next;
		}
		my ($guard, $verify, $chain, $changed) = $did =~ /^did\|(.*)\|(.*)\|(.*)\|(.*)$/m;
		push @outcomes, join(', ', grep { $_ } $guard, $verify, $chain) || ($changed ? 'unnoticed' : 'nothing');
	}
	return @outcomes;
}

cmp_ok(scalar @ways, '>', 100, 'the document lists the ways');
for my $way (@ways)
{
	my ($tried, @expected) = @$way;
	is(join(' | ', outcomes($tried)), join(' | ', @expected), $tried);
}

# Every command that the server fires event triggers for was tried, by the server's own list; but for those of kinds of
# which the product has no object and which stand in no schema, and those that no command carries (LOGIN, of 17, is none).
my $major = int($node->safe_psql('postgres', 'SHOW server_version_num') / 10000);
my ($header) = grep { -r } map { "$_/tcop/cmdtaglist.h" } scalar $node->config_data('--includedir-server'), "/usr/include/postgresql/$major/server";
my @tags = slurp_file($header // die 'the headers of the server are not installed') =~ /^PG_CMDTAG\(\w+, "([^"]+)", true/mg;
cmp_ok(scalar @tags, '>', 100, 'the server lists its commands');
my $tried = join '; ', map { $_->[0] } @ways;
$tried =~ s/\b(?:OR REPLACE|TRUSTED|ONLY|TEMP) //g;
$tried =~ s/\bSELECT 1 AS i INTO\b/SELECT INTO/;
$tried =~ s/\bCREATE TABLE care\.other AS\b/CREATE TABLE AS/g;
my @without = ('access method', 'foreign-data wrapper', 'server', 'user mapping', 'large object', 'subscription', 'publication', 'collation', 'conversion',
	'foreign table', 'materialized view', 'statistics object', 'text search configuration', 'text search dictionary', 'text search parser',
	'text search template', 'transform', 'language');
my $kinds = join '|', map { uc s/foreign-data/foreign data/r =~ s/^statistics object$/statistics/r } @without;
is( join(', ', grep { !/^(?:ALTER|DROP|CREATE|REFRESH) (?:$kinds)$/ && !/^(?:ALTER CAST|(?:ALTER|CREATE|DROP) CONSTRAINT|CREATE ROUTINE|SECURITY LABEL|LOGIN)$/
			&& $tried !~ /(?:^|; |')$_\b/ } @tags), '', 'and every one was tried');
is( $node->safe_psql('postgres', q{SELECT string_agg(DISTINCT i.type, ', ') FROM pg_depend AS d, pg_identify_object(d.classid, d.objid, 0) AS i
		WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e' AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'care_account')
		  AND i.type IN (} . join(', ', map { "'$_'" } @without) . ')'), '', 'and of the kinds left out there is none');
# of these, none may be made in our schemas
like($tried, qr/CREATE $_ care\./, "a $_ in schema care was tried") for ('COLLATION', 'CONVERSION', 'FOREIGN TABLE', 'MATERIALIZED VIEW', 'TEXT SEARCH CONFIGURATION',
	'TEXT SEARCH DICTIONARY', 'TEXT SEARCH PARSER', 'TEXT SEARCH TEMPLATE');

# What a refusal says.
my (undef, undef, $error) = $node->psql('postgres', 'DROP EXTENSION care_account CASCADE');
like($error, qr/ERROR:  DROP EXTENSION of care_account is refused while care_account keeps records\nDETAIL:  .*\bbudget: 2, .*\nHINT:  /,
	'a refusal says how much is kept, why, and what to do');

# Nobody's trigger is left out: each refuses in the replica role too, or works out what is derived, or holds new and
# loaded rows to the rules, as foreign keys do, or links new rows, which verify_chain() misses then, or notes a login.
is( $node->safe_psql('postgres', q{SELECT DISTINCT p.proname FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid
		WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND t.tgenabled <> 'A' AND p.proname NOT LIKE '%\_seal'
		  AND NOT EXISTS (SELECT FROM care_internal.own_reference AS o WHERE p.proname = care_internal.own_reference_name(o)) ORDER BY 1}),
	join("\n", qw(account_rule adjustment_rule agreement_entry_rule agreement_event_rule agreement_rule await_statements budget_load
		channel_consent_rule death_rule deferral_rule derive_new_account derive_new_agreement hold_figures hold_shares_of_events hold_shares_of_valuations link_access link_reference note_login person_detail_rule
		queue_reference rebuild_accounts_of_persons rebuild_accounts_of_rows rebuild_accounts_of_schemes rebuild_agreements statement_suspension_rule)), 'the triggers that rest in the replica role');

is($node->safe_psql('postgres', 'SELECT public.fingerprint()'), $before, 'after all of it every record is as it was');
is($node->safe_psql('postgres', 'SELECT * FROM care.guard_state'), '', 'and so is the guard');
is($node->safe_psql('postgres', 'SELECT * FROM care.verify()'), '', 'and all that is derived');
is($node->safe_psql('postgres', 'SELECT * FROM care.verify_chain()'), '', 'and every chain');

$node->stop;
done_testing();
