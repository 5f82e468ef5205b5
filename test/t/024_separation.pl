# 024_separation: where two authorities share a database, a login that was given one meets no row of the other's casework:
# in no table, view, function, message or plan, before a dump and after it; and records nothing of theirs.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Fingerprint;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('separation');
$node->init;
$node->append_conf('postgresql.conf', qq{jit = off});
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE live');

sub ask { return $node->safe_psql($_[1] // 'live', $_[0]) }

# As a login: all that it is told.
sub told
{
	my ($login, $command, $database) = @_;
	my ($code, $out, $error) = $node->psql($database // 'live', $command, extra_params => [ '-U', $login, '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0' ]);
	$error =~ s/^(LINE \d+|STATEMENT):.*\n.*\n//mg;
	return ($out // '', $error // '');
}

# What is printed, and the SQLSTATE and constraint of the last error.
sub as
{
	my ($out, $error) = told(@_);
	my @errors = $error =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5})/g;
	my ($constraint) = $error =~ /CONSTRAINT NAME:  (\S+)/;
	return join "\n", grep { defined && $_ ne '' } $out, (@errors ? join ' ', $errors[-1], $constraint // () : ());
}
sub code { my (undef, undef, $error) = $node->psql('live', $_[0], extra_params => [ '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0' ]); return $error =~ /ERROR:  ([0-9A-Z]{5})/ ? $1 : 'not refused' }

ask('CREATE EXTENSION care_casework CASCADE');
run_script($node, 'live', $_) for '../sql/roles.sql', '../sql/casework_roles.sql';
my @everything = qw(care_worker care_sg_manager care_prison_secure care_analyst care_auditor care_historian care_steward);
ask("CREATE ROLE $_ LOGIN") for qw(wendy mary anna ursula nick gate stella);
ask('GRANT ' . join(', ', @everything) . " TO $_") for qw(wendy ursula);
ask('GRANT care_sg_manager TO mary; GRANT care_analyst TO anna; GRANT care_steward TO stella');

#
# What each authority records: every function that writes, by {A} authority, {W} its word, {N} the key of its record, {O} the
# first of two.
#
my $notice = q{'{"schema": "care_casework/hospital_notice", "version": "1.0", "event": "975701000000106", "referral": "R1",
	"message_id": "00000000-0000-4000-8000-00000000000{N}", "issued_at": "2025-05-22T09:00:00Z", "family_name": "{W}", "given_name": "First",
	"birth_date": "1930-02-03", "gender": "female", "address": {"line_1": "1 Street", "postcode": "AB1 2CD"}, "hospital_site": "RXX01", "liaison_name": "Liaison",
	"liaison_contact": {"email": "l@example.org"}, "authority": "998", "team": "Hospital team", "preferred_language": "en", "interpreter_required": "N",
	"patient_consulted": "Y", "carer_consulted": "Y", "patient_consent": "Y", "chc_considered": "N", "proposed_discharge_date": "2025-05-23"}'};
my @writes = (
	q{record_incident('{A}', 'I-1', '{W}', '2025-05-01')},
	q{raise_concern('{A}', 'P-1', 'C-1', '2025-05-01', '{W}', 'family', 'own_home', 'I-1')},
	q{correct_concern({N}, summary => '{W} again')},
	q{record_screening({N}, '2025-05-02', true, true, true, true, 'section_42', '{W}')},
	q{open_enquiry('E-1', ARRAY[{N}]::bigint[], '2025-05-02', led_by => '{W}')},
	q{add_concern({N}, {N})},
	q{record_enquiry_detail({N}, asked => 'expressed', asked_on => '2025-05-03')},
	q{record_wanted_outcome({N}, 'A {W}', 'representative', '{W}')},
	q{rate_outcome({N}, {N}, 'partially')},
	q{record_risk({N}, 'physical', 'service_provider', 'own_home', '{W}', true)},
	q{record_risk({N}, 'neglect', 'service_provider', 'own_home', '{W}', true, '1-100000001')},
	q{record_action({N}, '2025-05-03', 'visit', '{W}')},
	q{cause_enquiry({N}, '{W}', '2025-05-10', '2025-06-10', '{W}?')},
	q{record_caused_status({N}, {N}, '2025-06-20', 'returned', '{W}')},
	q{record_evidence({N}, '{W}', 'x'::bytea, '{W}', '2025-05-08')},
	q{hand_over_evidence({N}, {O}, '{W}', '2025-05-20')},
	q{conclude_enquiry({N}, '2025-06-28', '{W}', 'none_no_action', achieved => 'partially', override_reason => '{W}')},
	q{reopen_enquiry({N})},
	q{conclude_enquiry({N}, '2025-06-30', '{W}', 'none_no_action', achieved => 'partially', override_reason => '{W}')},
	q{record_review('{A}', 'R-1', '2025-07-01', '2025-08-01')},
	q{record_review_subject({N}, 'P-1', true, false)},
	q{record_profile('{A}', 'P-1', 'female', 'white_irish', 'memory')},
	q{record_name('{A}', 'P-1', '{W}')},
	q{record_name('{A}', 'P-2', 'Zed {W}')},
	q{record_arrangement('{A}', 'P-2', 'direct_payment', '2025-01-01')},
	q{record_detention('{A}', 'P-2', 'INST', '2025-05-01', 'ACI')},
	q{record_detention('{A}', 'P-4', 'INST', '2025-05-01', place => '{W}')},
	q{move_detention('P-2', '2025-05-20', place => '{W}', authority => '{A}')},
	q{record_restriction('P-2', 'possessions', '{W}', '2025-05-02', authority => '{A}')},
	q{record_referral('{A}', 'P-2', 'prison_officer', '2025-05-02', note => '{W}')},
	q{hand_over('P-2', 'plan', '2025-06-01', '{"plan": "{W}"}', '{W}', authority => '{A}')},
	q{record_alias('{A}', 'P-1', 'Other', '2025-06-02', 'Governor', '{W} knows')},
	q{record_release('P-2', '2025-08-01', authority => '{A}')},
	q{record_secure_fact('{A}', 'P-2', 'offence', '{W}', '2025-06-01')},
	q{record_objection('{A}', 'P-3', '{W}', '2025-06-01')},
	"record_hospital_notice('{A}', $notice, 'P-3', '2025-05-22 10:00+01')",
	q{answer_notice({O}, true, '{W}')},
	q{record_hospital_step({O}, 'assessing', '{W}')},
	q{record_hospital_outcome({N}, NULL, NULL, 'none', '{W}')},
	q{record_care_event('{A}', 'P-1', 'service', '2025-05-01', '{"service_type": "lt_community", "unit_cost": 20, "cost_frequency": "weekly", "cqc_location_id": "1-100000001", "description": "{W}"}')},
	q{end_care_event('{A}', 'P-1', {O}, '2026-12-31')},
	q{record_client_detail('{A}', 'P-1', '{"gp_practice_name": "{W}"}')},
	q{record_cld_submission('{A}', '2026-03-31')},
	q{record_capacity('{A}', '1-100000001', 'care_home_service_with_nursing', 40, 3, '2026-01-05')},
	q{record_market_signal('{A}', '{W}', 'AB1 2', '2026-01-05', 'search')},
	q{open_transition('{A}', 'P-3', 'T-1', 'childs_needs', '2015-09-01')},
	q{record_transition_event({N}, 'request', '2015-09-02', 'parent', who => '{W}')},
	q{record_transition_event({N}, 'decision', '2015-09-03', 'not_yet', '{W}', look_again_on => '2015-10-01')},
	q{record_childhood_record({N}, 'identity', '{"name": "{W}"}', 'children', '2012-03-01')},
	q{record_onset({N}, '2012-01-01', '{W}')},
	q{record_ilf_award('{A}', 'P-1', 'L-1', 312.50, '2015-06-30', true, 1)},
	q{record_ilf_event({N}, 'maintained', '2015-07-01', 200, note => '{W}')},
	q{record_parameter('ready_by', '10:00', 'ours', '{W}', '2025-04-01', authority => '{A}')},
	q{record_local_code('{A}', 'sac_source_of_risk', 'neighbour', 'known', 'A neighbour')});
my @takes = (q{withdraw_enquiry({N})}, q{withdraw_concern({N})}, q{ask_secret('P-2', 'Why', '{A}')});
sub filled
{
	my ($call, $authority, $word, $n) = @_;
	my %value = (A => $authority, W => $word, N => $n, O => 2 * $n - 1);
	$call =~ s/\{([AWNO])\}/$value{$1}/g;
	return "SELECT casework.$call";
}
# none is forgotten; what is everybody's is named
my %of_all = map { $_ => 1 } qw(record_code record_bank_holiday record_establishment_authority import_directory raise_hospital_alerts record_role_authority);
my %called = map { /^(\w+)/ => 1 } @writes, @takes;
is(join(' ', grep { !$called{$_} && !$of_all{$_} } split /\n/, ask(q{SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'casework'::regnamespace AND prosecdef AND provolatile = 'v' ORDER BY 1})),
	'', 'every function that writes is called here');

my ($ours, $theirs, $word) = ('E06000001', 'E06000002', 'Quaggaroo');
my $marked = qr/quaggaroo|$theirs/i;
ask(q{INSERT INTO casework.directory_line (line) VALUES
	('Name,Also known as,Address,Postcode,Service types,Specialisms/services,Provider name,Local authority,Region,CQC Location ID (for office use only),CQC Provider ID (for office use only)'),
	('A,,1 Street,AB1 2CD,,,Care Ltd,Somewhere,South,1-100000001,1-200000001');
	SELECT FROM casework.import_directory('week.csv', '2026-07-01');
	SELECT care.record_budget(care.open_account(a, 'A-1', 'P-1', '1940-01-01', '2022', '2023-10-01'), '2023-10-01', 'personal_budget', 'community', 420, 300)
	FROM unnest('{E06000001,E06000002}'::text[]) AS a});
for my $by ([ $ours, 'Lemur', 1 ], [ $theirs, $word, 2 ])
{
	is(as('ursula', filled($_, @$by)) =~ /^([0-9A-Z]{5} .*)$/m ? "$1" : '', '', "recorded: $_") for map { my $c = $_; $c =~ s/\s+/ /g; $c } @writes;
}
# a stay with a discharge notice alone, and an alert raised before the next is due
for my $by ([ $ours, 'Lemur', 3 ], [ $theirs, $word, 4 ])
{
	my $call = filled("record_hospital_notice('{A}', $notice, 'P-4', '2025-05-22 10:00+01')", @$by);
	$call =~ s/975701000000106/975731000000100/; $call =~ s/"R1"/"R2"/;
	$call =~ s/"(preferred_language|interpreter_required|chc_considered|patient_consent)": "\w+",\s*//g;
	like(as('ursula', $call), qr/^\d+$/, 'and a discharge notice');
}
ask(q{SELECT casework.raise_hospital_alerts('2025-05-23 12:00+01'); ANALYZE});

# All of a kind with rows of the other authority, by the owner: else nothing would be shown by not meeting them.
my @open = qw(casework.bank_holiday casework.code casework.directory_import casework.directory_line casework.establishment_authority casework.local_code casework.location_fact casework.parameter casework_internal.directory_change casework_internal.directory_row);
is(ask(q{SELECT string_agg(oid::regclass::text, ' ' ORDER BY oid::regclass::text) FROM pg_class WHERE relnamespace::regnamespace::text ~ '^casework' AND relkind = 'r' AND NOT relrowsecurity}),
	join(' ', @open), 'every other table has row security');
my @tables = split /\n/, ask(q{SELECT oid::regclass FROM pg_class WHERE relnamespace::regnamespace::text ~ '^casework' AND relkind = 'r' AND relrowsecurity AND relname <> 'role_authority' ORDER BY 1});
is(join(' ', grep { ask("SELECT count(*) FROM $_") < 2 } @tables), '', 'each has rows');
my @views = split /\n/, ask(q{SELECT oid::regclass FROM pg_class WHERE relnamespace = 'casework'::regnamespace AND relkind = 'v' ORDER BY 1});
my @with_authority = grep { ask("SELECT count(*) FROM pg_attribute WHERE attrelid = '$_'::regclass AND attname = 'authority'") } @views;
is(join(' ', grep { ask("SELECT count(DISTINCT authority) FROM $_") < 2 } @with_authority), '', 'and each view');
my $whole = fingerprint($node, 'live');
my @figures = (q{SELECT * FROM casework.sac_return(NULL, '2026-03-31')}, q{SELECT * FROM casework.sac_published(NULL, '2026-03-31')}, q{SELECT * FROM casework.market_spend('2025-06-01', '2025-07-31')},
	q{SELECT * FROM casework.price_distribution('2025-06-01', '2025-07-31')});
my $figures = join "\n", map { ask($_) } @figures;

#
# Wendy, Mary and Anna are given one authority; the others none.
#
like(as('wendy', "SELECT count(DISTINCT authority) FROM casework.concern"), qr/^2$/, 'who was given nothing sees all');
ask(q{CREATE ROLE team_one; GRANT team_one TO anna});
is(as('stella', "SELECT casework.record_role_authority('$_', '$ours', '2025-01-01', 'Works for them')"), '', "a steward gives $_ an authority") for qw(wendy mary team_one);
is(as('wendy', q{SELECT casework.record_role_authority('wendy', NULL, '2025-01-01', 'I want to')}), '42501 authority_is_seen', 'who is cut does not let themselves further');
is(as('stella', q{SELECT casework.record_role_authority('nobody', NULL, '2025-01-01', 'x')}), 'P0002 role_exists', 'a role is one that is there');
is(as('mary', q{SELECT casework.record_role_authority('mary', NULL, '2025-01-01', 'x')}), '42501', 'a manager gives nothing');
is(as($_, 'SELECT authority FROM casework.authority_seen'), $ours, "$_ sees one") for qw(wendy anna);

# Everything that can be read.
my $readable = q{
	SELECT format('SELECT %L, t::text FROM %s AS t', c.oid::regclass, c.oid::regclass) FROM pg_class AS c
	WHERE c.relnamespace::regnamespace::text ~ '^casework(_secure)?$' AND c.relkind IN ('r', 'v') AND c.relname NOT IN ('local_code', 'local_code_in_force', 'parameter') ORDER BY c.oid::regclass::text \gexec
	SELECT format('EXPLAIN (ANALYZE, VERBOSE, COSTS off) SELECT * FROM %s', c.oid::regclass) FROM pg_class AS c
	WHERE c.relnamespace::regnamespace::text ~ '^casework(_secure)?$' AND c.relkind IN ('r', 'v') ORDER BY c.oid::regclass::text \gexec
	SELECT format('SELECT * FROM %s WHERE public.leak(%I::text)', a.attrelid::regclass, a.attname) FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
	WHERE c.relnamespace::regnamespace::text ~ '^casework(_secure)?$' AND c.relkind IN ('r', 'v') AND c.relname NOT IN ('local_code', 'local_code_in_force', 'parameter', 'authority_seen')
	ORDER BY c.oid::regclass::text \gexec
	SELECT format('SELECT %L, f::text FROM %s(%s) AS f', p.oid::regprocedure, p.oid::regproc, (SELECT string_agg(CASE t::regtype::text WHEN 'date' THEN '''2026-03-31''' WHEN 'timestamp with time zone' THEN '''infinity'''
		WHEN 'text' THEN 'NULL' WHEN 'bigint' THEN '2' WHEN 'bigint[]' THEN '''{1,2}''' ELSE 'NULL::' || t::regtype END, ', ') FROM unnest(p.proargtypes) AS t))
	FROM pg_proc AS p WHERE p.pronamespace = 'casework'::regnamespace AND p.provolatile = 's' AND p.prokind = 'f' AND p.proname !~ '^local_code' ORDER BY p.oid::regprocedure::text \gexec
	SELECT * FROM pg_stats WHERE schemaname ~ '^casework' AND tablename NOT IN ('local_code', 'parameter', 'code');
	SELECT * FROM care.audit_trail('concern', 2); SELECT * FROM care.audit_trail('enquiry', 2);};
ask(q{CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS $$BEGIN RAISE NOTICE 'seen: %', $1; RETURN true; END$$});
my ($all) = join '', told('ursula', $readable);
like($all, $marked, 'who is not cut meets the other authority');
for my $login (qw(wendy mary anna))
{
	my ($out, $error) = told($login, $readable);
	is(join("\n", grep { $_ =~ $marked } split /\n/, $out), '', "$login meets it in no row");
	is(join("\n", grep { $_ =~ $marked } split /\n/, $error), '', "nor in a message");
	unlike($out, qr/\A\Z/, 'there was something to read');
	next if $login eq 'anna';
	is(join("\n", grep { $_ =~ $marked } map { split /\n/ } told($login, "SET ROLE care_worker; $readable")), '', 'nor by setting a role');
}
# of the core, which is not cut, only what casework records there
my $core = q{SELECT format('SELECT %L WHERE EXISTS (SELECT FROM %s AS t WHERE t::text ~* ''quaggaroo'')', c.oid::regclass, c.oid::regclass) FROM pg_class AS c
	WHERE c.relnamespace::regnamespace::text ~ '^care(_internal)?$' AND c.relkind IN ('r', 'v') AND has_table_privilege(c.oid, 'SELECT') ORDER BY c.oid::regclass::text \gexec};
is((told('wendy', $core))[0], "care.audit_trail\ncare.objection", 'of the core only what is recorded there');
is(as('wendy', q{SELECT DISTINCT recorded_in FROM care.audit_trail WHERE fact::text ~* 'quaggaroo'}), 'objection', 'and no fact of casework in the audit trail');
# a table that a council grants to a role of its own
ask('CREATE ROLE bi LOGIN; GRANT USAGE ON SCHEMA casework TO bi; GRANT SELECT ON casework.concern, casework.risk TO bi');
is(as('bi', 'SELECT count(*) FROM casework.concern') . ' ' . as('bi', 'SELECT count(*) FROM casework.risk'), '2 42501', 'a table of records is read alone, one of facts with that of its records');
ask('GRANT SELECT ON casework.enquiry TO bi');
ask(qq{SELECT casework.record_role_authority('bi', '$ours', '2025-01-01', 'x')});
is(as('bi', 'SELECT count(*) FROM casework.concern') . ' ' . as('bi', 'SELECT count(*) FROM casework.risk'), '1 2', 'and cut');
is(as('wendy', 'SET row_security = off; SELECT count(*) FROM casework.concern'), '42501', 'nor by putting row security aside');
is(join(' ', map { as('wendy', "SELECT count(*) FROM $_") } qw(casework.concern casework.conclusion casework.enquiry_concern casework.person_shown casework.hospital_notice_state)), '1 3 1 4 2', 'their own they see');
is(as('wendy', "SELECT * FROM casework.sac_return(NULL, '2026-03-31')"), as('ursula', "SELECT * FROM casework.sac_return('$ours', '2026-03-31')"), 'all is what they see');
is(as('wendy', "SELECT casework.$_('$theirs', '2026-03-31')"), '42501 authority_is_seen', "not what is named: $_") for qw(sac_return sac_published wanted_outcome_published wanted_outcome_kind sac_rate cld_export);
for my $call ("sac_published(NULL, '2026-03-31')", "wanted_outcome_published(NULL, '2026-03-31')", "market_spend_disclosed('2025-06-01', '2025-07-31')", "price_distribution('2025-06-01', '2025-07-31')",
	"market_concentration('2025-06-01', '2025-07-31')", "wanted_phrase(NULL, '2025-01-01', '2026-01-01')")
{
	is(as('anna', "SELECT casework.$call"), '42501 authority_is_seen', "an analyst says whose: $call");
}
unlike(as('anna', "SELECT * FROM casework.sac_published('$ours', '2026-03-31')"), qr/42501/, 'and is shown it');
is(as('wendy', "SELECT care.log_read('concern', $_, 'Curious')"), 'P0002 record_exists', "a record that is not theirs is not there: $_") for 2, 999;
is(as('wendy', "SELECT casework.handover_document((SELECT person_id FROM care.person WHERE authority = '$theirs' AND reference = 'P-2'), (SELECT 3))"), 'P0002 handover_exists', 'nor is a document');
my $logged = as('ursula', q{SELECT care.log_read('concern', 2, 'Their own')});
like(as('ursula', "SELECT fact FROM casework.case_file($logged)"), $marked, 'who is not cut reads it');
$logged = ask(q{SET SESSION AUTHORIZATION nick; RESET SESSION AUTHORIZATION; SET SESSION AUTHORIZATION wendy; SELECT care.log_read('concern', 1, 'Ours')});
like(as('wendy', "SELECT fact FROM casework.case_file($logged)"), qr/Lemur/, 'and a worker their own');
# a row that was logged before the login was cut
ask(q{GRANT care_worker, care_prison_secure TO nick});
my ($before, $before_secret) = (as('nick', q{SELECT care.log_read('concern', 2, 'Before')}), as('nick', "SELECT casework.ask_secret('P-2', 'Before', '$theirs')"));
is(as('nick', "SELECT name FROM casework.identity($before_secret)"), "Zed $word", 'a name is opened');
is(as('stella', "SELECT casework.record_role_authority('nick', '$ours', '2025-01-01', 'Moved')"), '', 'then the login is cut');
is(as('nick', "SELECT * FROM casework.$_"), '55000 read_is_logged', "and what it asked for before is shown no more: $_") for "case_file($before)", "identity($before_secret)", "secret_fact($before_secret)";

# who sees what is asked once a query, and nothing more of who sees all
my $plan = 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off) SELECT * FROM casework.risk';
like(as('ursula', $plan), qr/Seq Scan on risk \(actual rows=4 loops=1\)\n  Filter: \(\S+ OR \(hashed SubPlan \d+\)\)\n  InitPlan 1.*\n    ->  Result \(actual rows=1 loops=1\)\n  SubPlan \d+\n.*never executed/,
	'who sees all has a constant before the OR') if ask('SHOW server_version_num') < 170000;
unlike(as('wendy', $plan), qr/loops=(?!1\))/, 'and who is cut has the keys of their records once');

#
# Nothing of the other is written.
#
my $kept = fingerprint($node, 'live');
for my $call (@writes, @takes)
{
	like(as('wendy', filled($call, $theirs, 'x', 2)), qr/^(P0002 \w+|42501 authority_is_seen)$/, 'refused: ' . ($call =~ /^(\w+)/)[0]);
}
is(as('wendy', "SELECT casework.add_concern(1, 2)"), 'P0002 record_exists', 'their concern joins no enquiry of ours');
is(as('wendy', "SELECT casework.raise_hospital_alerts('2027-01-01', '$theirs')"), '42501 authority_is_seen', 'nor are alerts raised');
is(as('wendy', "SELECT casework.record_hospital_notice('$ours', " . (filled($notice, $ours, $word, 2) =~ s/^SELECT casework\.//r) . ", 'P-3', '2025-05-22 10:00+01')"), '23505 hospital_notice_message_key', 'nor is their message ours');
is(differences($kept, fingerprint($node, 'live')), '', 'nothing was recorded');
# what is not there is answered alike
for my $call (grep { /^\w+\(\{[NO]\}/ } @writes, @takes)
{
	my @said = map { (told('wendy', filled($call, $theirs, 'x', $_)))[1] =~ s/\b(?:2|3|99999|199997)\b/N/gr } 2, 99999;
	is($said[0], $said[1], 'as what is not there: ' . ($call =~ /^(\w+)/)[0]);
}
is(as('wendy', q{SELECT casework.record_restriction('P-2', 'possessions', 'Theirs too', '2025-05-03')}) =~ /^\d+$/ ? 'ours' : '', 'ours', 'a reference of both is the one they see');
is(ask(q{SELECT DISTINCT p.authority FROM casework.restriction AS r JOIN care.person AS p USING (person_id) WHERE r.description = 'Theirs too'}), $ours, 'and it is recorded there');
is(as('ursula', q{SELECT casework.record_restriction('P-2', 'possessions', 'x', '2025-05-03')}), '22023 person_is_one', 'who sees both must say which');

like(as('wendy', q{SELECT casework.raise_hospital_alerts('2027-01-01')}), qr/^[1-9]\d*$/, 'alerts are raised');
is(ask(q{SELECT string_agg(DISTINCT s.authority, ' ') FROM casework.hospital_alert AS a JOIN casework.hospital_stay AS s USING (stay_id) WHERE a.recorded_by = 'wendy'}), $ours, 'of those they see');

#
# Through a gateway, by membership, renamed, ended, and closed.
#
ask(q{ALTER ROLE gate NOINHERIT; CREATE ROLE web_one; CREATE ROLE web_all; GRANT care_worker TO web_one, web_all; GRANT web_one, web_all TO gate});
my $seen = 'SELECT count(DISTINCT authority) FROM casework.concern';
is(as('gate', "SET ROLE web_one; $seen"), '2', 'a role that comes through a gateway sees all');
ask(qq{SELECT casework.record_role_authority('web_one', '$ours', '2025-01-01', 'x')});
is(as('gate', "SET ROLE web_one; $seen"), '1', 'until it is given one');
is(as('gate', "SET ROLE web_all; $seen"), '1', 'a login is cut by every role it is a member of');
ask(q{SELECT casework.record_role_authority('gate', NULL, '2025-01-01', 'it serves all')});
is(as('gate', "SET ROLE web_all; $seen"), '2', 'but where it is given all itself');
is(as('gate', "SET ROLE web_one; $seen"), '1', 'then the role that is set says what is seen');
is(as('gate', "BEGIN; SET LOCAL ROLE web_one; SELECT casework.raise_concern('$theirs', 'P-9', 'C-9', '2025-05-01'); COMMIT"), '42501 authority_is_seen', 'in what it writes too');
is(ask("SET ROLE web_one; $seen; RESET ROLE; $seen"), "1\n2", 'a superuser is cut by the role they set, and not by themselves');
my $forced = ask('SHOW server_version_num') < 160000 ? 'force_parallel_mode' : 'debug_parallel_query';
is(ask("SET $forced = on; SET SESSION AUTHORIZATION gate; SET ROLE web_one; $seen; SELECT count(*) FROM casework.hospital_stay"), "1\n2", 'parallel workers know it');
ask('ALTER ROLE mary RENAME TO maria');
is(as('maria', $seen), '1', 'a login that is renamed is the same');
ask('ALTER ROLE maria RENAME TO mary');
ask(qq{SELECT casework.record_role_authority('mary', '$ours', '2025-01-01', 'left', '2025-12-31')});
is(as('mary', $seen), '0', 'whoever has nothing left sees nothing');
ask(qq{SELECT casework.record_role_authority('mary', '$ours', '2025-01-01', 'never', '2024-12-31'); SELECT casework.record_role_authority('mary', '$theirs', '2999-01-01', 'later')});
is(as('mary', $seen), '2', 'what was recorded in error, or is of a day to come, cuts nobody');
ask(q{SELECT casework.record_role_authority('public', NULL, '2025-01-01', 'closed', '2025-01-01')});
is(join(' ', map { as($_, $seen) } qw(ursula mary wendy)), '0 0 1', 'public: who was given nothing sees nothing');
is(ask($seen), '2', 'but the owner');
ask(q{SELECT casework.record_role_authority('public', NULL, '2025-01-01', 'open again', '2024-01-01')});
is(as('ursula', $seen), '2', 'and all again, when it is taken back');

#
# It is kept.
#
is(code($_), '55000', "refused: $_")
  for 'DROP POLICY by_authority ON casework.concern', 'ALTER POLICY by_authority ON casework.risk USING (true)', 'CREATE POLICY mine ON casework.concern USING (true)', 'ALTER TABLE casework.concern DISABLE ROW LEVEL SECURITY',
  'DELETE FROM casework.role_authority', 'UPDATE casework.role_authority SET authority = NULL', 'TRUNCATE casework.role_authority';
sub well { return join ' ', map { ask("SELECT count(*) FROM care.$_", $_[0]) } 'verify()', 'verify_chain()', 'guard_state' }
is(well('live'), '0 0 0', 'all is well');
is(join("\n", map { ask($_) } @figures), $figures, 'the owner\'s figures are as they were');
my $folder = PostgreSQL::Test::Utils::tempdir;
$node->command_ok([ 'pg_dump', '-f', "$folder/dump", '-d', $node->connstr('live') ], 'dumped');
$node->safe_psql('postgres', 'CREATE DATABASE again');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', "$folder/dump", '-d', $node->connstr('again') ], 'restored');
is(differences(fingerprint($node, 'live'), fingerprint($node, 'again')), '', 'nothing differs');
is(well('again'), '0 0 0', 'all is well there');
my ($out, $error) = told('wendy', $readable, 'again');
is(join("\n", grep { $_ =~ $marked } split /\n/, $out . $error), '', 'and who was cut is cut there');
like($out, qr/Lemur/, 'and sees their own');
is(as('ursula', $seen, 'again'), '2', 'who was not sees all');

$node->stop;
done_testing();
