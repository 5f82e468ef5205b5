# 022_access: online access, attacked: a citizen who may write any SQL at all meets no row, value, error, plan or count of
# anybody else's.
#
# Everything of every other person carries a mark; queries made up at random, over every view and function of care_api,
# run as a gateway would run them, and the mark must be in nothing that comes back.  Then each way that is known, by
# itself.  And what needs a commit between two calls.
#
# CARE_TEST_QUERIES is how many queries are made up; CARE_TEST_SEED repeats a run.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $wanted = $ENV{CARE_TEST_QUERIES} // 10_000;
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
my $mark = qr/MARK|6173|1911-0|1911, 0/;
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
		'<', \join('', map { "$begin;\nSET LOCAL ROLE $role;\nSELECT set_config('request.jwt.claims', '$claims', true) \\g /dev/null\n$_;\nROLLBACK;\n" } ref $queries ? @$queries : $queries),
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

sub literal { return one('NULL', '0', '1', '-1', "''", "'MARK'", "'%'", "'subject-a'", "'self'", "'2024-04-01'", "'\\x'", 'now()', 'gen_random_uuid()', "'MARK-P-3'", '1e300', "'{}'", 'true', "'00000000-0000-4000-8000-000000000000'") }
sub type { return one(qw(text integer numeric date uuid jsonb boolean bytea xml inet point interval regclass timestamptz text[])) }
sub value
{
	my ($view, $deep) = @_;
	my $c = 'v.' . one(@{ $column{$view} });
	return one($c, $c, "$c\::text", "$c\::text::" . type(), "upper($c\::text)", "length($c\::text)", "coalesce($c\::text, " . one("'x'", "'MARK'") . ')', "to_jsonb(v)", "v::text", "md5($c\::text)",
		"1 / (length($c\::text) - " . int(rand 40) . ')', "row_to_json(v)", "xmlelement(name a, $c)", "lag($c) OVER ()", "($deep)", "concat($c, v)", "format('%s', v)", "pg_column_size(v)", "ascii($c\::text)",
		"string_to_array($c\::text, '-')", literal());
}
sub condition
{
	my ($view, $deep) = @_;
	my $x = value($view, $deep);
	return one("$x IS NOT NULL", "$x\::text = " . literal() . '::text', "$x\::text ~ '^.*" . one('MARK', '[0-9]', 'a', '(') . "'", "$x\::text > " . literal() . '::text', "pg_temp.tell($x\::text)", "pg_temp.tell(v::text)", "NOT pg_temp.tell($x\::text)",
		"($x)::text::integer > 0", "($x)::text::" . type() . ' IS NOT NULL', 'random() < 0.5', "EXISTS ($deep)", "$x\::text IN ($deep)", 'false', "pg_temp.tell($x\::text) OR v IS NULL", "v.* IS DISTINCT FROM NULL");
}
sub source
{
	return one(map({ my $v = $_; ("care_api.$v AS v", "care_api.$v AS v", "(SELECT * FROM care_api.$v OFFSET 0) AS v", "care_api.$v AS v TABLESAMPLE SYSTEM (10)") } shift));
}
sub query
{
	my $view = one(@views);
	my $other = one(@views);
	my $deep = "SELECT w." . one(@{ $column{$other} }) . "::text FROM care_api.$other AS w LIMIT 1";
	my $from = source($view);
	$from .= one(" CROSS JOIN care_api.$other AS w", " LEFT JOIN care_api.$other AS w ON " . condition($view, $deep), " FULL JOIN care_api.$other AS w ON true", " LEFT JOIN LATERAL (SELECT pg_temp.tell(v::text) AS t FROM care_api.$other AS w) AS w ON true") if rand() < 0.3;
	my $where = rand() < 0.7 ? ' WHERE ' . join one(' AND ', ' OR '), map { condition($view, $deep) } 1 .. 1 + int rand 3 : '';
	my $select = 'SELECT ' . join(', ', map { value($view, $deep) } 1 .. 1 + int rand 3) . " FROM $from$where" . one('', '', ' ORDER BY 1', ' LIMIT 1', ' OFFSET 1', ' FETCH FIRST 1 ROWS WITH TIES');
	my $aggregate = 'SELECT ' . one('count(*)', 'string_agg(v::text, chr(10))', 'jsonb_agg(v)', 'xmlagg(xmlelement(name x, v::text))', 'array_agg(v::text)', 'bool_or(pg_temp.tell(v::text))') . " FROM $from$where";
	my $function = 'SELECT care_api.' . one('my_letter(' . one(literal(), "($deep)") . '::text::uuid)', 'my_redemption(' . literal() . '::text::date)', 'claim(' . literal() . '::text)', "submit('means', " . literal() . '::text::jsonb, ' . literal() . '::text::uuid)',
		'withdraw(' . one(literal(), "($deep)") . '::text::uuid)', 'grant_delegate(' . literal() . "::text, 'carer', " . literal() . "::text::text[])", 'revoke_delegate(' . literal() . '::text::uuid)', 'agree_channel(' . literal() . '::text, ' . literal() . '::text::date)');
	my $asked = one($select, $select, $select, $aggregate, $aggregate, $function, "$select UNION ALL $select", "WITH q AS MATERIALIZED ($select) SELECT count(*) FROM q", "TABLE care_api.$view");
	return one($asked, $asked, $asked, $asked,
		'EXPLAIN (ANALYZE, VERBOSE, BUFFERS, SETTINGS, TIMING off) ' . $asked, 'EXPLAIN (VERBOSE, FORMAT json) ' . $asked, "DECLARE c SCROLL CURSOR FOR $asked;\nFETCH ALL c;\nFETCH BACKWARD 1 c", "PREPARE q AS $asked;\nEXECUTE q;\nEXPLAIN ANALYZE EXECUTE q;\nDEALLOCATE q",
		"CREATE TEMP TABLE t AS $asked;\nSELECT * FROM t;\nANALYZE t;\nSELECT most_common_vals, histogram_bounds FROM pg_stats WHERE schemaname ~ '^(pg_temp|care)'", "COPY ($asked) TO STDOUT",
		"SELECT query_to_xml(" . quoted($asked) . ", true, false, '')", "DO \$do\$BEGIN EXECUTE " . quoted($asked) . "; EXCEPTION WHEN OTHERS THEN RAISE NOTICE '%', SQLERRM; END\$do\$");
}
sub quoted { my $text = shift; $text =~ s/'/''/g; return "'$text'" }

my ($made, $seen, $refused, @leaked) = (0, 0, 0);
while ($made < $wanted)
{
	my $batch = $wanted - $made < 500 ? $wanted - $made : 500;
	my @queries = map { "$leaking;\n" . join('', map { one(@settings) . ";\n" } 1 .. int rand 3) . query() } 1 .. $batch;
	my ($out, $errors) = request('subject-a', \@queries);
	# a query that says MARK itself is told so in what is shown of it
	my @shown = grep { !/^(LINE \d+:|QUERY:|STATEMENT:|LOG:  statement:|ERROR:  |CONTEXT:  |DETAIL:  )/ || !/'?MARK/ || /MARK-(ACC|DPA|subject|delegate)/ } split /\n/, "$out\n$errors";
	push @leaked, grep { /MARK-(ACC|DPA|subject|delegate)|"MARK"|6173|1911-0/ } @shown;
	$seen += () = $out =~ /\n/g;
	$refused += () = $errors =~ /ERROR:/g;
	$made += $batch;
}
is(join("\n", @leaked[0 .. ($#leaked > 4 ? 4 : $#leaked)]), '', "no mark in what $made queries showed");
cmp_ok($seen, '>', $made / 5, "they showed something: $seen lines");
cmp_ok($refused, '>', $made / 50, "and some were refused: $refused");
cmp_ok($refused, '<', $made * 0.8, 'but not most');
is($node->safe_psql('postgres', 'SELECT (SELECT count(*) FROM care.verify()) + (SELECT count(*) FROM care.verify_chain())'), '0', 'nothing was changed');
