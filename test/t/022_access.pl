# 022_access: online access, attacked: a citizen who may write any SQL at all meets no row, value, error, plan or count of
# anybody else's.
#
# Everything of every other person carries a mark; queries made up at random, over every view and function of care_api,
# run as a gateway would run them, and the mark must be in nothing that comes back.  Then each way that is known, by
# itself.  And what needs a commit between two calls.
#
# CARE_TEST_QUERIES is how many queries are made up, with a fifth as many of sqlsmith's; CARE_TEST_SEED repeats a run.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $wanted = $ENV{CARE_TEST_QUERIES} // 5_000;
my $seed = $ENV{CARE_TEST_SEED} // time;
diag "seed $seed (CARE_TEST_SEED=$seed repeats it), $wanted queries";
srand $seed;

my $node = PostgreSQL::Test::Cluster->new('online');
$node->init;
$node->append_conf('postgresql.conf', "jit = off\nrestart_after_crash = off");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
for my $roles (qw(roles api_roles))
{
	$node->command_ok([ 'psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "sql/$roles.sql" ], "$roles.sql");
}

#
# One person without a mark, P-A; and forty with it, in everything that can hold words, and in amounts and days.
#
# (a plan as the catalogue keeps it has ROWMARKCLAUSE in it)
my $mark = qr/(?<!ROW)MARK|MARK(?!CLAUSE)|6173[.]91|617391|1911-01-01|01[.]01[.]1911/;
$node->safe_psql('postgres', <<'SQL');
SELECT care.record_interest_policy(a, '2015-04-01', 0, 'MARK') FROM unnest(ARRAY['E06000001', 'E06000002']) AS a;
SELECT care.open_account('E06000001', 'ACC-A', 'P-A', '1950-02-03', '2022', '2023-10-01');
SELECT care.record_budget(1, '2023-10-01', 'personal_budget', 'community', 700, 700);
SELECT care.open_agreement('E06000001', 'DPA-A', 'P-A', '2024-01-01', '2024-01-01');
SELECT care.record_valuation(1, '2024-01-01', 165000), care.defer(1, '2024-02-01', 'care_fees', 500);
SELECT care.issue_statement(1, '2024-04-01'), care.issue_agreement_statement(1, '2024-06-01');
SELECT care.link_subject('P-A', 'subject-a', 'seen', '2024-01-01');
SELECT care.open_account(CASE WHEN n % 4 = 0 THEN 'E06000002' ELSE 'E06000001' END, 'MARK-ACC-' || n, 'MARK-P-' || n, '1911-01-01', '2022', '2023-10-01') FROM generate_series(1, 40) AS n;
SELECT care.record_budget(a.account_id, '2023-10-01', 'personal_budget', 'community', 6173.91, 6173.91) FROM care.account AS a WHERE a.reference ~ 'MARK';
SELECT care.open_agreement(p.authority, 'MARK-DPA-' || p.person_id, p.reference, '2024-01-01', '2024-01-01') FROM care.person AS p WHERE p.reference ~ 'MARK';
SELECT care.record_valuation(a.agreement_id, '2024-01-01', 617391), care.defer(a.agreement_id, '2024-02-01', 'care_fees', 6173.91) FROM care.agreement AS a WHERE a.reference ~ 'MARK';
SELECT care.issue_statement(a.account_id, '2024-04-01') FROM care.account AS a WHERE a.reference ~ 'MARK';
SELECT care.issue_agreement_statement(a.agreement_id, '2024-06-01') FROM care.agreement AS a WHERE a.reference ~ 'MARK';
SELECT care.link_subject(p.reference, 'MARK-subject-' || p.person_id, 'MARK', '2024-01-01', authority => p.authority) FROM care.person AS p WHERE p.reference ~ 'MARK';
SELECT care.record_delegation(p.reference, 'MARK-delegate', 'attorney', '{account,statements}', '2024-01-01', evidence => 'MARK', authority => p.authority) FROM care.person AS p WHERE p.reference ~ 'MARK';
SELECT care.log_read('person', p.person_id, 'MARK') FROM care.person AS p WHERE p.reference ~ 'MARK';
SELECT care.log_read('person', p.person_id, 'on the telephone', purpose => 'direct_care') FROM care.person AS p WHERE p.reference = 'P-A';
INSERT INTO care.submission (person_id, subject, capacity, kind, content)
SELECT p.person_id, 'MARK', 'self', 'means', '{"MARK": "MARK"}' FROM care.person AS p WHERE p.reference ~ 'MARK';
CREATE ROLE portal LOGIN NOINHERIT IN ROLE care_gateway;
ANALYZE;
SQL

# A request as a gateway makes it, and all that comes back.
sub request
{
	my ($subject, $queries, %more) = @_;
	my $role = $more{role} // 'care_citizen';
	my $claims = $more{claims} // qq({"role": "$role", "sub": "$subject"});
	my $begin = $more{read_only} ? 'BEGIN READ ONLY' : 'BEGIN';
	my ($out, $errors) = ('', '');
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=always', '-d', $node->connstr('postgres') . ' user=portal' ],
		'<', \join('', $more{once} ? "$more{once};\n" : '', map { "$begin;\nSET LOCAL ROLE $role;\nSELECT set_config('request.jwt.claims', '$claims', true) \\g /dev/null\n$_;\nROLLBACK;\n" } ref $queries ? @$queries : $queries),
		'>', \$out, '2>', \$errors);
	return wantarray ? ($out, $errors) : $out . $errors;
}
sub leaks { return join "\n", grep { /$mark/ } split /\n/, shift }

# What the mark would show, were it to come back: asked by whom it belongs to.
my ($marked) = $node->safe_psql('postgres', q{SELECT subject FROM care.online_subject WHERE subject ~ 'MARK' LIMIT 1});
my @views = split /\n/, $node->safe_psql('postgres', q{SELECT c.relname FROM pg_class AS c WHERE c.relnamespace = 'care_api'::regnamespace AND c.relkind = 'v' AND has_table_privilege('care_citizen', c.oid, 'SELECT') ORDER BY 1});
my %column;
push @{ $column{$_->[0]} }, $_->[1] for map { [ split /\|/ ] } split /\n/, $node->safe_psql('postgres', q{
	SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 WHERE c.relnamespace = 'care_api'::regnamespace AND c.relkind = 'v' ORDER BY 1, a.attnum});
my %counted = map { $_ => request('subject-a', "SELECT count(*) FROM care_api.$_") + 0 } @views;
is(scalar(grep { leaks(request($marked, "SELECT * FROM care_api.$_")) eq '' } grep { !/channel|progress|projection|lines/ } @views), 0, 'a mark that is shown is found: whose it is sees it in each view');
is(scalar(grep { $counted{$_} == 0 } grep { !/delegates|submissions/ } @views), 0, 'the person without a mark has rows');

#
# Queries made up.
#
sub one { return $_[ rand @_ ] }
my $leaking = 'CREATE FUNCTION pg_temp.tell(x text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$BEGIN RAISE NOTICE \'%\', x; RETURN true; END$$';
my @settings = map { my $s = $_; map { "SET LOCAL $s = $_" } qw(on off) } qw(enable_seqscan enable_indexscan enable_hashjoin enable_nestloop enable_material enable_sort debug_print_plan debug_print_parse debug_print_rewritten);
push @settings, map { "SET LOCAL client_min_messages = $_" } qw(debug5 log notice);
push @settings, "SET LOCAL plan_cache_mode = force_custom_plan", "SET LOCAL from_collapse_limit = 1", "SET LOCAL force_parallel_mode = on", "SET LOCAL search_path = pg_temp, care_api, care", "SET LOCAL row_security = off", "SET LOCAL DateStyle = 'German'", "SET LOCAL xmlbinary = hex", "SET LOCAL transform_null_equals = on";

sub literal { return one('NULL', '0', '1', '-1', "''", "'%'", "'subject-a'", "'self'", "'2024-04-01'", "'\\x'", 'now()', 'gen_random_uuid()', '1e300', "'{}'", 'true', "'00000000-0000-4000-8000-000000000000'") }
sub type { return one(qw(text integer numeric date uuid jsonb boolean bytea xml inet point interval regclass timestamptz text[])) }
sub value
{
	my ($view, $deep) = @_;
	my $c = 'v.' . one(@{ $column{$view} });
	return one($c, $c, "$c\::text", "$c\::text::" . type(), "upper($c\::text)", "length($c\::text)", "coalesce($c\::text, " . one("'x'", "'self'") . ')', "to_jsonb(v)", "v::text", "md5($c\::text)",
		"1 / (length($c\::text) - " . int(rand 40) . ')', "row_to_json(v)", "xmlelement(name a, $c)", "lag($c) OVER ()", "($deep)", "concat($c, v)", "format('%s', v)", "pg_column_size(v)", "ascii($c\::text)",
		"string_to_array($c\::text, '-')", literal());
}
sub condition
{
	my ($view, $deep) = @_;
	my $x = value($view, $deep);
	return one("$x IS NOT NULL", "$x\::text = " . literal() . '::text', "$x\::text ~ '^.*" . one('M.RK', '[0-9]', 'a', '(') . "'", "$x\::text > " . literal() . '::text', "pg_temp.tell($x\::text)", "pg_temp.tell(v::text)", "NOT pg_temp.tell($x\::text)",
		"($x)::text::integer > 0", "($x)::text::" . type() . ' IS NOT NULL', 'random() < 0.5', "EXISTS ($deep)", "$x\::text IN ($deep)", 'false', "pg_temp.tell($x\::text) OR v IS NULL", "v.* IS DISTINCT FROM NULL");
}
sub source
{
	return one(map({ my $v = $_; ("care_api.$v AS v", "care_api.$v AS v", "(SELECT * FROM care_api.$v OFFSET 0) AS v") } shift));
}
sub query
{
	my $view = one(@views);
	my $other = one(@views);
	my $deep = "SELECT w." . one(@{ $column{$other} }) . "::text FROM care_api.$other AS w LIMIT 1";
	my $from = source($view);
	$from .= one(" CROSS JOIN care_api.$other AS w", " LEFT JOIN care_api.$other AS w ON " . condition($view, $deep), " FULL JOIN care_api.$other AS w ON true", " LEFT JOIN LATERAL (SELECT pg_temp.tell(v::text) AS t FROM care_api.$other AS w) AS w ON true") if rand() < 0.3;
	my $where = rand() < 0.7 ? ' WHERE ' . join one(' AND ', ' OR '), map { condition($view, $deep) } 1 .. 1 + int rand 3 : '';
	my $select = 'SELECT ' . join(', ', map { value($view, $deep) } 1 .. 1 + int rand 3) . " FROM $from$where" . one('', '', ' ORDER BY 1', ' LIMIT 1', ' OFFSET 1', ' ORDER BY 1 FETCH FIRST 1 ROWS WITH TIES');
	my $aggregate = 'SELECT ' . one('count(*)', 'string_agg(v::text, chr(10))', 'jsonb_agg(v)', 'xmlagg(xmlelement(name x, v::text))', 'array_agg(v::text)', 'bool_or(pg_temp.tell(v::text))') . " FROM $from$where";
	my $function = 'SELECT care_api.' . one('my_letter(' . one(literal(), "($deep)") . '::text::uuid)', 'my_redemption(' . literal() . '::text::date)', 'claim(' . literal() . '::text)', "submit('means', " . literal() . '::text::jsonb, ' . literal() . '::text::uuid)',
		'withdraw(' . one(literal(), "($deep)") . '::text::uuid)', 'grant_delegate(' . literal() . "::text, 'carer', " . literal() . "::text::text[])", 'revoke_delegate(' . literal() . '::text::uuid)', 'agree_channel(' . literal() . '::text, ' . literal() . '::text::date)');
	my $asked = one($select, $select, $select, $aggregate, $aggregate, $function, "$select UNION ALL $select", "WITH q AS MATERIALIZED ($select) SELECT count(*) FROM q", "TABLE care_api.$view");
	return one($asked, $asked, $asked, $asked,
		'EXPLAIN (ANALYZE, VERBOSE, BUFFERS, SETTINGS, TIMING off) ' . $asked, 'EXPLAIN (VERBOSE, FORMAT json) ' . $asked, "DECLARE c SCROLL CURSOR FOR $asked;\nFETCH ALL c;\nFETCH BACKWARD 1 c", "DEALLOCATE ALL;\nPREPARE q AS $asked;\nEXECUTE q;\nEXPLAIN ANALYZE EXECUTE q;\nDEALLOCATE q",
		"CREATE TEMP TABLE t AS $asked;\nSELECT * FROM t;\nANALYZE t;\nSELECT most_common_vals, histogram_bounds FROM pg_stats WHERE schemaname ~ '^(pg_temp|care)'", "COPY ($asked) TO STDOUT",
		"SELECT query_to_xml(" . quoted($asked) . ", true, false, '')", "DO \$do\$BEGIN EXECUTE " . quoted($asked) . "; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END\$do\$");
}
sub quoted { my $text = shift; $text =~ s/'/''/g; return "'$text'" }

my ($made, $seen, $refused, @leaked) = (0, 0, 0);
while ($made < $wanted)
{
	my $batch = $wanted - $made < 500 ? $wanted - $made : 500;
	my @queries = map { join('', map { one(@settings) . ";\n" } 1 .. int rand 3) . query() } 1 .. $batch;
	my ($out, $errors) = request('subject-a', \@queries, once => $leaking);
	# no query says a mark itself
	push @leaked, split /\n/, leaks("$out\n$errors");
	$seen += () = $out =~ /\n/g;
	$refused += () = $errors =~ /ERROR:(?!  25P02)/g;
	$made += $batch;
}
is(join("\n", @leaked[0 .. ($#leaked > 4 ? 4 : $#leaked)]), '', "no mark in what $made queries showed");
cmp_ok($seen, '>', $made / 5, "they showed something: $seen lines");
cmp_ok($refused, '>', $made / 50, "and some were refused: $refused");
cmp_ok($refused, '<', $made * 0.8, 'but not most');
is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM care.verify()) + (SELECT count(*) FROM care.verify_chain())'), '0', 'nothing was changed');

#
# Each way that is known.  What is refused is named by its SQLSTATE; a number behind a name says how many rows there are.
#
sub states { return join ' ', $_[0] =~ /ERROR:  (\w{5})/g }
my $mine = join ' ', map { "$_ $counted{$_}" } @views;
my $count = join ";\n", map { "SELECT '$_ ' || count(*) FROM care_api.$_" } @views;
sub seen { my ($out) = request(@_); return join ' ', split /\n/, $out }
is(seen('subject-a', $count), $mine, 'what she sees');
is(seen('nobody', $count), join(' ', map { "$_ 0" } @views), 'nobody sees nothing');

# Plans: the rows of a function and nothing behind it; no estimate that a value changes.
for my $view (@views)
{
	my $plan = request('subject-a', "$leaking;\nEXPLAIN (ANALYZE, VERBOSE, BUFFERS off, TIMING off, SUMMARY off) SELECT v FROM care_api.$view AS v WHERE pg_temp.tell(v::text)");
	unlike($plan, qr/Seq Scan|Index|Join|care\.|InitPlan/, "$view: its plan shows a function");
	is(join(' ', $plan =~ /Function Scan on care_internal\.$view m .*actual rows=(\d+)/), $counted{$view}, "$view: and as many rows as it has");
	is(scalar(() = $plan =~ /NOTICE:/g), $counted{$view}, "$view: and a condition that tells meets those");
}
my ($real, $absent) = map { scalar request('subject-a', "EXPLAIN (VERBOSE) SELECT FROM care_api.my_account WHERE reference = '$_'") } 'MARK-ACC-1', 'XXXX-ACC-1';
s/(MARK|XXXX)-ACC-1/.../g for $real, $absent;
is($real, $absent, 'what is expected of a reference of somebody else and of none is the same');
my $secret = $node->safe_psql('postgres', q{SELECT string_agg(CASE WHEN get_byte(s.secret, n) > 127 THEN get_byte(s.secret, n) - 256 ELSE get_byte(s.secret, n) END::text, ' ' ORDER BY n) FROM care_internal.online_secret AS s, generate_series(0, 31) AS n});
my $printed = request('subject-a', "SET LOCAL client_min_messages = log;\nSET LOCAL debug_print_plan = on;\nSET LOCAL debug_print_rewritten = on;\nSET LOCAL plan_cache_mode = force_custom_plan;\n$count;\n"
	. 'SELECT care_api.my_letter(gen_random_uuid())');
like($printed, qr/PLANNEDSTMT/, 'plans can be printed');
# a printed plan is broken into lines anywhere, in a number too
my $without_blanks = sub { return shift =~ s/\s+//gr };
unlike($without_blanks->($printed), qr/\Q@{[ $without_blanks->($secret) ]}\E/, 'the secret of the keys is in none');
my $hex = $node->safe_psql('postgres', q{SELECT encode(secret, 'hex') FROM care_internal.online_secret});
my (undef, undef, $shown) = $node->psql('postgres', "SET client_min_messages = log; SET debug_print_plan = on; SELECT FROM care_internal.online_secret WHERE secret = '\\x$hex'");
like($without_blanks->($shown), qr/\Q@{[ $without_blanks->($secret) ]}\E/, 'where a plan holds it, it is seen');
is(leaks($printed), '', 'nor is a mark');

# Names of hers before ours, in every kind.
my $shadows = join ";\n", 'CREATE TEMP TABLE account (person_id bigint)', 'CREATE TEMP TABLE online_subject (person_id bigint, subject text)', 'CREATE TEMP TABLE online_secret (secret bytea)',
	(map { "CREATE FUNCTION pg_temp.$_ LANGUAGE plpgsql AS \$\$BEGIN RAISE EXCEPTION 'caught'; END\$\$" } 'subject() RETURNS text', 'today() RETURNS date', 'current_setting(text, boolean) RETURNS text', 'sha256(bytea) RETURNS bytea', 'nullif(text, text) RETURNS text',
		'uuid_eq(uuid, uuid) RETURNS boolean', 'texteq(text, text) RETURNS boolean'),
	'CREATE OPERATOR pg_temp.= (LEFTARG = uuid, RIGHTARG = uuid, FUNCTION = pg_temp.uuid_eq)', 'CREATE OPERATOR pg_temp.= (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_temp.texteq)', 'SET LOCAL search_path = pg_temp, care_api, pg_catalog';
is(seen('subject-a', "$shadows;\n$count"), $mine, 'names of hers come before none of ours');

# A plan that was kept, and a cursor, when the role or the claims are others.
my $kept = sub { my ($as, $role, $query) = @_; return "BEGIN;\nSET LOCAL ROLE $role;\nSELECT set_config('request.jwt.claims', '" . ($as ? qq({"sub": "$as"}) : '') . "', true) \\g /dev/null\n$query;\nCOMMIT;\n" };
my ($kept_out, $kept_errors) = ('', '');
IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres') . ' user=portal' ],
	'<', \join('', $kept->('subject-a', 'care_citizen', "PREPARE q AS SELECT reference FROM care_api.my_account;\n" . "EXECUTE q;\n" x 7 . "DECLARE c CURSOR FOR SELECT reference FROM care_api.my_account"),
		map({ $kept->($_, 'care_citizen', "SELECT 'as " . ($_ || 'nobody') . "';\nEXECUTE q") } '', $marked, 'subject-a', 'MARK-delegate'), $kept->('subject-a', 'care_citizen', 'FETCH ALL c'), map { $kept->('subject-a', $_, 'EXECUTE q') } qw(care_anonymous care_web_worker)),
	'>', \$kept_out, '2>', \$kept_errors);
like($kept_out, qr/^(ACC-A\n){7}as nobody\nas \Q$marked\E\nMARK-ACC-\d+\nas subject-a\nACC-A\nas MARK-delegate\n(MARK-ACC-\d+\n){40}$/, 'a plan that was kept shows what is theirs who run it');
is(states($kept_errors), '34000 42501 42501', 'a cursor goes with its transaction; another role may not run it');

# Statistics, other sessions, catalogues.
is(scalar request('subject-a', q{SELECT tablename, attname FROM pg_stats WHERE schemaname ~ '^care'; SELECT statistics_name FROM pg_stats_ext WHERE schemaname ~ '^care'; SELECT sequencename FROM pg_sequences WHERE schemaname ~ '^care' AND last_value IS NOT NULL}), '', 'statistics and sequences tell nothing');
is(states(scalar request('subject-a', [ 'SELECT FROM pg_statistic', 'SELECT FROM pg_stat_file(\'PG_VERSION\')', 'SELECT pg_read_file(\'PG_VERSION\')', 'SELECT FROM pg_authid', 'SELECT FROM pg_largeobject' ])), '42501 42501 42501 42501 42501', 'nor does what is a superuser\'s');
{
	my @talks = map { my $who = $_; IPC::Run::start([ 'psql', '-XAtq', '-d', $node->connstr('postgres') . $who, '-c', "SELECT 'MARK-ACC-1', pg_sleep(60)" ], '>', \my $o, '2>', \my $e) } '', ' user=portal';
	$node->poll_query_until('postgres', q{SELECT count(*) = 2 FROM pg_stat_activity WHERE query ~ '^SELECT .MARK-ACC-1' AND wait_event = 'PgSleep'}) or die 'nobody talks';
	is(leaks(scalar request('subject-a', q{SELECT * FROM pg_stat_activity; SELECT pg_stat_get_backend_activity(i) FROM pg_stat_get_backend_idset() AS i})), '', 'nor what other sessions do');
	$node->safe_psql('postgres', q{SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep'});
	$_->finish for @talks;
}

# Everything that is not hers by name, and ways round a name.
my @relations = split /\n/, $node->safe_psql('postgres', q{SELECT c.oid::regclass FROM pg_class AS c WHERE c.relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND c.relkind IN ('r', 'v')});
is(join(' ', sort keys %{ { map { $_ => 1 } split / /, states(scalar request('subject-a', [ map { ("SELECT FROM $_", "SELECT FROM $_ FOR UPDATE", "COPY $_ TO STDOUT", "TABLE $_") } @relations ])) } }), '42501', 'every table and view behind is refused, each way');
my @behind = split /\n/, $node->safe_psql('postgres', q{SELECT format('%s(%s)', p.oid::regproc, (SELECT string_agg('NULL::' || t::regtype, ', ') FROM unnest(p.proargtypes) AS t)) FROM pg_proc AS p WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND p.prokind = 'f'
	AND NOT EXISTS (SELECT FROM pg_type AS t WHERE t.oid = ANY (p.proargtypes) AND t.typtype = 'p')});
is(join(' ', sort keys %{ { map { $_ => 1 } split / /, states(scalar request('subject-a', [ map { "SELECT $_" } @behind ])) } }), '42501', 'and every function');
is(leaks(scalar request('subject-a', [ "SELECT table_to_xml('care.account', true, false, '')", "SELECT query_to_xml('SELECT * FROM care.account', true, false, '')", "SELECT schema_to_xml('care_api', true, false, '')", "SELECT schema_to_xml('care', true, false, '')",
	"SELECT database_to_xml(true, false, '')", "SELECT cursor_to_xml('c', 10, true, false, '')", "SELECT currtid2('care.account', '(0,1)')", "SELECT ts_stat('SELECT to_tsvector(reference) FROM care.account')", "SELECT lo_import('/etc/passwd')" ])), '', 'functions that run a query run it as her');
is(states(scalar request('subject-a', [ map({ my $v = $_; ("INSERT INTO care_api.$v DEFAULT VALUES", "DELETE FROM care_api.$v", "SELECT FROM care_api.$v FOR SHARE", "CREATE TRIGGER t INSTEAD OF INSERT ON care_api.$v EXECUTE FUNCTION suppress_redundant_updates_trigger()") } 'my_account'),
	'CREATE TABLE care_api.t ()', 'CREATE FUNCTION care_api.f() RETURNS int RETURN 1', 'SET ROLE postgres', 'SET SESSION AUTHORIZATION postgres', 'SET ROLE care_reader', 'ALTER VIEW care_api.my_account SET (security_barrier = false)', 'ALTER FUNCTION care_api.claim SECURITY DEFINER' ])),
	'55000 55000 42501 55000 55000 55000 42501 42501 42501 42501 55000', 'nothing is written past the functions, made, or taken over');
$node->command_fails_like([ 'pg_dump', '-d', $node->connstr('postgres') . ' user=portal', '--role', 'care_citizen', '-n', 'care' ], qr/permission denied|may lack SELECT privilege/, 'nor dumped');

# What is somebody else's and what is nobody's: one answer, and the same work, counted in rows that were looked at.
my ($theirs) = split /\n/, seen($marked, 'SELECT statement FROM care_api.my_statements');
my $work = sub { my ($key, $call) = @_; return $node->safe_psql('postgres', qq{
	BEGIN;
	SELECT set_config('request.jwt.claims', '{"sub": "subject-a"}', true) \\g /dev/null
	DO \$\$ BEGIN PERFORM $call; EXCEPTION WHEN no_data_found THEN RAISE NOTICE 'none'; END \$\$;
	SELECT pg_stat_clear_snapshot() \\g /dev/null
	SELECT string_agg(format('%s %s %s %s %s', t.relname, t.seq_scan, t.seq_tup_read, t.idx_scan, t.idx_tup_fetch), ', ' ORDER BY t.relname) FROM pg_stat_xact_all_tables AS t WHERE t.schemaname ~ '^care' AND coalesce(t.seq_scan, 0) + coalesce(t.idx_scan, 0) > 0;
	ROLLBACK}) };
for my $call ('care_api.my_letter(KEY)', 'care_api.withdraw(KEY)', 'care_api.revoke_delegate(KEY)', q{care_api.submit('means', '{}', KEY)})
{
	my @done = map { my $key = $_; (my $c = $call) =~ s/KEY/'$key'/; $work->($key, $c) } split(/ /, $theirs), '12345678-1234-4234-8234-123456789012';
	like($done[0], qr/online_subject/, "$call: something was looked at");
	is($done[0], $done[-1], "$call: the same for what is theirs and what is nobody's");
}

#
# Over more than one transaction.
#
# What a transaction leaves of the claims is empty, and shows nothing.
is(join(' ', split /\n/, do { my $o = ''; IPC::Run::run([ 'psql', '-XAtq', '-d', $node->connstr('postgres') . ' user=portal' ], '<', \($kept->('subject-a', 'care_citizen', 'SELECT count(*) FROM care_api.my_account') . "BEGIN;\nSET LOCAL ROLE care_citizen;\nSELECT current_setting('request.jwt.claims') = '', count(*) FROM care_api.my_account;\nCOMMIT;\n"), '>', \$o); $o }), '1 t|0', 'the next request on a connection starts with nobody');
sub committed
{
	my ($sub, $authority, $query) = @_;
	my ($out, $errors) = ('', '');
	IPC::Run::run([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres') . ' user=portal' ],
		'<', \qq{BEGIN;\nSET LOCAL ROLE care_web_worker;\nSELECT set_config('request.jwt.claims', '{"sub": "$sub", "authority": "$authority"}', true) \\g /dev/null\n$query;\nCOMMIT;\n}, '>', \$out, '2>', \$errors);
	chomp $out;
	return $out . states($errors);
}
my $opened = committed('staff-1', 'E06000001', q{SELECT care_api.open_record('P-A', 'direct_care', 'She asked for a review')});
like($opened, qr/^[0-9a-f-]{36}$/, 'a record is opened');
is(committed('staff-1', 'E06000001', "SELECT string_agg(DISTINCT record, ' ' ORDER BY record) FROM care_api.read_record('$opened')"), 'account agreement person', 'and read, every record of the person');
is(committed('staff-1', 'E06000001', "SELECT count(*) FROM care_api.read_record('$opened') WHERE fact::text ~ '_id\"|recorded_by|supersedes'"), '0', 'without a key that counts');
is(committed($_->[0], $_->[1], "SELECT count(*) FROM care_api.read_record('$_->[2]')"), '55000', $_->[3])
	for [ 'staff-2', 'E06000001', $opened, 'not by another' ], [ 'staff-1', 'E06000002', $opened, 'nor for another authority' ], [ 'staff-1', 'E06000001', '12345678-1234-4234-8234-123456789012', 'nor what was not opened' ];
is(committed('staff-1', 'E06000001', "SELECT care_api.open_record('P-A', 'direct_care', 'again') \\g /dev/null\nROLLBACK;\nBEGIN"), '', 'a call that is rolled back');
is(join(' ', split /\n/, scalar request('subject-a', 'SELECT role, purpose, reason FROM care_api.who_looked WHERE role IS NOT NULL')), 'care_web_worker|direct_care|She asked for a review', 'she sees who looked, and why');
is($node->safe_psql('postgres', 'SELECT count(*) FROM care.verify_access_log()'), '0', 'the log is whole');

# A dump brings all of it: the same keys, the same rows, the log that is whole.
$node->safe_psql('postgres', 'CREATE DATABASE restored');
my $dump = $node->basedir . '/dump';
$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('postgres'), '-f', $dump ], 'dumped');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-d', $node->connstr('restored'), $dump ], 'restored');
my $kept_keys = q{SELECT set_config('request.jwt.claims', '{"sub": "subject-a", "authority": "E06000001"}', false) \g /dev/null
	SELECT account FROM care_api.my_account UNION ALL SELECT statement FROM care_api.my_statements UNION ALL SELECT look FROM care_api.who_looked UNION ALL SELECT submission FROM care_api.worker_submission ORDER BY 1};
is($node->safe_psql('restored', $kept_keys), $node->safe_psql('postgres', $kept_keys), 'the keys are the same there');
is($node->safe_psql('restored', q{SELECT (SELECT count(*) FROM care.verify()) + (SELECT count(*) FROM care.verify_chain()) + (SELECT count(*) FROM care.verify_access_log()) + (SELECT count(*) FROM care.guard_state)}), '0', 'and all is well');

# Two who link one subject at the same time: one of them.
my @linking = map { my $p = $_; IPC::Run::start([ 'psql', '-XAtq', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-c', "BEGIN; SELECT care.link_subject('$p', 'subject-new', 'seen', authority => 'E06000001'); SELECT pg_sleep(1); COMMIT" ], '>', \my $o, '2>', \my $e) } 'MARK-P-1', 'MARK-P-2';
$_->finish for @linking;
is($node->safe_psql('postgres', q{SELECT count(*) FROM care.online_subject WHERE subject = 'subject-new'}), '1', 'of two who link one subject at a time, one does');

# Where sqlsmith is installed: its queries, as hers; whatever they meet is in the log.
SKIP:
{
	skip 'sqlsmith is not installed', 2 if system('command -v sqlsmith > /dev/null');
	# what it met, without what it said
	$node->safe_psql('postgres', 'ALTER ROLE portal SET log_statement = none; ALTER ROLE portal SET log_min_error_statement = panic');
	my $from = -s $node->logfile;
	my ($out, $errors) = ('', '');
	IPC::Run::run([ 'sqlsmith', '--target=' . $node->connstr('postgres') . " user=portal options='-c role=care_citizen -c jwt.claims.sub=subject-a'", '--exclude-catalog', '--max-queries=' . int($wanted / 5), "--seed=$seed" ], '>', \$out, '2>', \$errors);
	my $met = slurp_file($node->logfile, $from);
	cmp_ok(scalar(() = $met =~ /ERROR:/g), '>', 0, 'sqlsmith asked');
	is(leaks("$out$errors$met"), '', 'and no mark is in what it met');
}

$node->stop;
done_testing();
