# 001_hostile: objects of a stranger that look like PostgreSQL's own change nothing, neither while the
# extension is installed nor when it is used, and schema care is taken only when nobody else is in it.
#
# The stranger, `meddler`, may create objects in schema public and in one of its own.  For every
# function, operator and type of pg_catalog that it can, it makes one of the same name and arguments
# that warns "meddled" and gives a wrong answer, and more that fit a call better than PostgreSQL's own
# (a date where that takes a timestamp).  Then everything runs with those schemas first.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('hostile');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE meddler LOGIN');

# The statements that a query gives, carried out one by one, past those PostgreSQL will not have: a name
# already taken, arguments plpgsql does not know.
my $carry_out = <<'SQL';
DO $do$
DECLARE
    item text;
BEGIN
    FOR item IN SELECT s.statement FROM statements AS s LOOP
        BEGIN
            EXECUTE item;
        EXCEPTION WHEN duplicate_function OR invalid_function_definition THEN NULL;
        END;
    END LOOP;
END
$do$;
DROP TABLE statements;
SQL
my $quietly = "SET client_min_messages = error;\nSET check_function_bodies = off;\nSET search_path = pg_catalog;\n";

# A meddling twin of every function and operator of a schema, and of the types of pg_catalog.
my $twins = $quietly . <<'SQL' . $carry_out;
CREATE TEMPORARY TABLE statements AS
SELECT format('CREATE FUNCTION %s.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', :'target', p.proname,
              (SELECT string_agg(concat_ws(' ', CASE WHEN i.argument = p.provariadic THEN 'VARIADIC' END,
                                           CASE WHEN i.argument = '"any"'::regtype THEN 'anyelement' ELSE format_type(i.argument, NULL) END),
                                 ', ' ORDER BY i.place)
               FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS i (argument, place)),
              concat_ws(' ', CASE WHEN p.proretset THEN 'SETOF' END, format_type(p.prorettype, NULL)),
              format('BEGIN RAISE WARNING ''meddled: %%'', %L; RETURN %s; END', p.proname, CASE WHEN NOT p.proretset THEN 'NULL' END)) AS statement
FROM pg_proc AS p
WHERE p.pronamespace = :'model'::regnamespace AND p.prokind <> 'p'
  AND NOT EXISTS (SELECT FROM unnest(p.proargtypes::oid[] || p.prorettype) AS u (type) JOIN pg_type AS t ON t.oid = u.type
                  WHERE t.typtype = 'p' AND t.typname NOT IN ('anyelement', 'anyarray', 'anynonarray', 'any'))
UNION ALL
SELECT format('CREATE FUNCTION %s.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', :'target', 'operator_' || o.oid,
              concat_ws(', ', NULLIF(o.oprleft, 0)::regtype, o.oprright::regtype), o.oprresult::regtype,
              format('BEGIN RAISE WARNING ''meddled: operator %%'', %L; RETURN NULL; END', o.oprname))
       || format('; CREATE OPERATOR %s.%s (FUNCTION = %s.%I, %s RIGHTARG = %s)', :'target', o.oprname, :'target', 'operator_' || o.oid,
                 'LEFTARG = ' || NULLIF(o.oprleft, 0)::regtype || ',', o.oprright::regtype)
FROM pg_operator AS o LEFT JOIN pg_type AS l ON l.oid = o.oprleft JOIN pg_type AS r ON r.oid = o.oprright
WHERE o.oprnamespace = :'model'::regnamespace AND coalesce(l.typtype, 'b') <> 'p' AND r.typtype <> 'p'
UNION ALL
SELECT format('CREATE FUNCTION %s.trap(text) RETURNS bool LANGUAGE plpgsql AS %L', :'target',
              'BEGIN RAISE WARNING ''meddled: type %'', $1; RETURN true; END')
WHERE :'model' NOT LIKE 'care%'
UNION ALL
SELECT format('CREATE DOMAIN %s.%I AS text CHECK (%s.trap(%L))', :'target', t.typname, :'target', t.typname)
FROM pg_type AS t
WHERE :'model' NOT LIKE 'care%' AND t.typnamespace = 'pg_catalog'::regnamespace AND (t.typtype = 'b' AND t.typcategory <> 'A' OR t.typname = 'record');
SQL

# Functions and operators that fit a call better than PostgreSQL's own, for each of some types.
my $better = $quietly . <<'SQL' . $carry_out;
CREATE TEMPORARY TABLE statements AS
WITH types AS (SELECT t.type FROM unnest(:'types'::text[]) AS t (type)),
     calls AS (
         SELECT f.name, t.type AS arguments
         FROM types AS t, unnest('{sum,max,min,count,round,isfinite,min_scale,lead,lag}'::text[]) AS f (name)
         UNION ALL
         SELECT f.name, concat_ws(', ', t.type, u.type)
         FROM types AS t, types AS u, unnest('{to_char,round,lead,lag,date_part,format}'::text[]) AS f (name)
         UNION ALL
         SELECT 'format', concat_ws(', ', t.type, u.type, v.type) FROM types AS t, types AS u, types AS v)
SELECT format('CREATE FUNCTION %s.%I(%s) RETURNS text LANGUAGE plpgsql AS %L', :'target', c.name, c.arguments,
              format('BEGIN RAISE WARNING ''meddled: %%'', %L; RETURN NULL; END', c.name)) AS statement
FROM calls AS c
UNION ALL
SELECT format('CREATE FUNCTION %s.%I(%s, %s) RETURNS bool LANGUAGE plpgsql AS %L', :'target', 'operator_' || o.name, l.type, r.type,
              format('BEGIN RAISE WARNING ''meddled: operator %%'', %L; RETURN NULL; END', o.name))
       || format('; CREATE OPERATOR %s.%s (FUNCTION = %s.%I, LEFTARG = %s, RIGHTARG = %s)', :'target', o.name, :'target', 'operator_' || o.name,
                 l.type, r.type)
FROM types AS l, types AS r, unnest('{=,<>,<,<=,>,>=,+,-,*,/}'::text[]) AS o (name);
SQL

# Tables with the names that the extension uses, and the one its triggers read.
my $tables = join '', map { "CREATE TABLE :target.$_ (nothing pg_catalog.int4);\n" }
	qw(new_rows account budget person local_authority charging_scheme parameter agreement agreement_entry valuation
	interest_policy national_rate chain batch_run disposal_permit pg_depend pg_namespace);

# Everything a user does, right and wrong.  What is compared is what it prints, errors included; the
# statements themselves use no operator, function or type name that could be taken for another.
my $job = <<'SQL';
\set VERBOSITY verbose
\set SHOW_CONTEXT never
\pset format unaligned
SELECT care.national_max_rate('2015-06-01');
SELECT care.national_max_rate('2027-03-01');
SELECT care.record_national_max_rate('2027-01-01', 4.60, 'EFO November 2026', '2026-27', 'planning');
SELECT care.record_national_max_rate('2027-01-01', 4.60, 'EFO November 2026', '2026-27', 'planning');
SELECT care.record_scheme('own', 'A scheme of our own', 'draft', '2023-10-01', 'weekly_cost', 'planning');
SELECT care.record_parameter('own', 'cap', '2023-10-01', 50000, 'planning');
SELECT care.record_parameter('own', 'cap', '2024-10-01', 52000, 'planning');
SELECT care.record_parameter('own', 'cap', '2024-10-01', 53000, 'planning');
SELECT care.record_parameter('nobody', 'cap', '2024-10-01', 53000, 'planning');
SELECT care.record_parameter('own', 'daily_living_cost', '2023-10-01', 200, 'planning');
SELECT care.open_account('E08000035', 'LA-1', 'P-1', NULL, '2022', '2023-10-01');
SELECT care.open_account('E08000035', 'LA-2', 'P-2', NULL, 'own', '2023-10-01');
SELECT care.open_account('E08000035', 'LA-3', 'P-3', '1995-03-04', '2015', '2016-04-01');
SELECT care.open_account('E08000035', 'LA-3', 'P-3', '1995-03-04', '2015', '2016-04-01');
SELECT care.open_account('E08000035', 'LA-4', 'P-3', '1996-03-04', '2015', '2016-04-01');
SELECT care.open_account('E08000019', 'LA-5', 'P-5', NULL, '2022', '2025-05-01');
SELECT care.open_account('nowhere', 'LA-6', 'P-6', NULL, '2022', '2025-05-01');
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT care.record_budget(1, '2023-09-30', 'independent_personal_budget', 'care_home', 700);
SELECT care.record_budget(1, '2024-10-01', 'personal_budget', 'care_home', 700);
SELECT care.record_budget(1, '2024-10-01', 'personal_budget', 'care_home', 700, 800);
SELECT care.record_budget(2, '2023-10-01', 'personal_budget', 'care_home', 900, 100);
SELECT care.record_budget(2, '2024-03-01', 'personal_budget', 'community', 350.25, 100);
SELECT care.record_budget(2, '2024-03-01', 'personal_budget', 'community', 360.25, 100, supersedes => 3);
SELECT care.end_budget(2, '2025-03-01', 'moved away');
SELECT care.record_budget(3, '2016-04-01', 'personal_budget', 'community', 10, 10);
INSERT INTO care.budget (account_id, valid_from, kind, setting, weekly_cost)
    VALUES (3, '2017-04-01', 'independent_personal_budget', 'care_home', 640.10);
COPY care.budget (account_id, valid_from, kind, setting, weekly_cost) FROM stdin;
3	2018-04-01	independent_personal_budget	care_home	660.20
\.
UPDATE care.budget SET weekly_cost = 1;
DELETE FROM care.account;
SELECT * FROM care.account_position('2027-01-16') ORDER BY account_id;
SELECT * FROM care.account_position('2027-01-16', 'infinity') ORDER BY account_id;
SELECT account_id, authority, reference, scheme FROM care.account_position ORDER BY account_id;
SELECT * FROM care.account_explain(1, '2027-01-16');
SELECT * FROM care.account_explain(2, '2025-06-30');
SELECT care.record_interest_policy('E08000035', '2015-04-01', NULL, 'policy of the authority');
SELECT care.record_interest_policy('E08000035', '2020-01-01', 50, 'policy of the authority');
SELECT care.open_agreement('E08000035', 'DP-1', 'P-1', '2015-05-01', '2015-06-01');
SELECT care.open_agreement('E08000034', 'DP-2', 'P-2', '2015-05-01', '2015-06-01');
SELECT care.defer(1, '2015-06-01', 'care_fees', 535);
SELECT care.record_valuation(1, '2015-06-01', 165000);
SELECT care.defer(1, '2015-05-15', 'care_fees', 535);
SELECT care.defer(1, '2015-06-01', 'care_fees', 535);
SELECT care.defer(1, '2015-06-08', 'care_fees', 140000);
SELECT care.defer(1, '2015-06-08', 'administration_charge', 250);
SELECT care.record_payment(1, '2015-09-01', 10000);
SELECT care.record_payment(1, '2015-09-01', 100.50, 'by cheque');
SELECT care.redemption_figure(1, '2016-02-29');
SELECT care.redemption_figure(7, '2016-02-29');
SELECT * FROM care.agreement_position('2016-02-29') ORDER BY agreement_id;
SELECT * FROM care.interest_working(1, '2015-06-01', '2016-02-29');
SELECT * FROM care.national_rate_gap ORDER BY valid_from LIMIT 1;
SELECT * FROM care.effective_rate ORDER BY authority;
SELECT scheme, name, valid_from, valid_to, amount FROM care.parameter_in_force ORDER BY scheme, name, valid_from;
SELECT care.tariff_income(15000, 14250, 23250), care.weekly_deferral(535, 200, 144, 20), care.uprate(100, 86000, 88000);
SELECT care.steps('{"2024-01-01": 1, "2025-01-01": null}'), care.accrued('{"2024-01-01": 700}', '2024-01-01', '2024-01-10');
SELECT care.growth('{"2015-04-01": 2.65}', 'act/act', 'monthly', '2015-06-01', '2015-12-31');
SELECT care.record_retention_schedule('E08000036', 'account', '2024-01-01', 'death_known', '6 months', 'Cabinet');
SELECT care.open_account('E08000036', 'LA-5', 'P-5', NULL, '2022', '2023-10-01') IS NOT NULL;
SELECT care.record_death('P-5', '2024-01-01', '2024-01-02', 'E08000036');
SELECT class, reference, trigger_event, retain_until, reason, on_hold FROM care.retention ORDER BY class, record_id;
SELECT care.release_hold(care.place_hold('account', ARRAY[d.record_id], 'x', 'y'), 'y', 'z'),
       care.review_disposal(d.class, d.record_id, 'dispose', 'A') IS NOT NULL
FROM care.disposal_due('2024-12-31') AS d;
CALL care.dispose_due('2024-12-31', 'E08000036');
SELECT class, rule, removed FROM care.disposal_certificate ORDER BY certificate_id;
SQL
my $job_file = "$node->{_basedir}/job.sql";
append_to_file($job_file, $job);

# Run a script, given variables; what it printed, and its errors, warnings and notices.
sub run_sql
{
	my ($database, $script, @options) = @_;
	my ($out, $err) = ('', '');
	$node->psql(
		$database, $script,
		stdout => \$out,
		stderr => \$err,
		on_error_stop => 0,
		extra_params => \@options);
	return ($out, $err);
}

# The error without what differs from run to run: where in the script it was.
sub plain
{
	my ($text) = @_;
	$text =~ s/^psql:[^:]*:\d+: //mg;
	return $text;
}

#
# What the job says where nobody meddles.
#
$node->safe_psql('postgres', 'CREATE DATABASE clean');
$node->safe_psql('clean', 'CREATE EXTENSION care_account');
my ($clean_out, $clean_err) = run_sql('clean', "\\i $job_file");
$clean_err = plain($clean_err);
like($clean_out, qr/^1\|E08000035\|LA-1\|2022\|2027-01-16\|86000\.00\|.*\|86000\.00\|0\.00\|100\.00\|2027-01-16\|/m,
	'the cap is reached on the published day');
like($clean_out, qr/\|134250\.00\|/, 'the equity limit is the published one');
my @states = $clean_err =~ /ERROR:  (\w{5}):/g;
is(join(' ', @states),
	'55000 23505 23505 P0002 23505 22023 22023 P0002 23505 22023 22004 22023 55000 55000 23514 55000 55000 55000 23514 23514 P0002',
	'what is wrong in the job is refused, each with its SQLSTATE');

# A function is either bound to what it calls when it is made, or looks it up in pg_catalog alone.
is( $node->safe_psql('clean', q{
		SELECT string_agg(p.oid::regprocedure::text, ', ') FROM pg_proc AS p JOIN pg_language AS l ON l.oid = p.prolang
		WHERE p.pronamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND l.lanname NOT IN ('c', 'internal')
		  AND p.prokind <> 'p' -- a procedure that commits cannot
		  AND p.prosqlbody IS NULL AND NOT ('search_path=pg_catalog, pg_temp' = ANY (coalesce(p.proconfig, '{}')))}),
	'', 'every function is bound, or pins its search_path');

# Nothing but our two schemas and pg_catalog is needed.
$node->safe_psql('postgres', 'CREATE DATABASE bare');
my ($out, $err) = run_sql('bare', "SET search_path = '';\nCREATE EXTENSION care_account;\n\\i $job_file");
is($out, $clean_out, 'with an empty search_path the job says the same');
is(plain($err), $clean_err, 'and refuses the same');

#
# A stranger's objects in public, in a schema before it, and in pg_temp.
#
$node->safe_psql('postgres', 'CREATE DATABASE hostile');
$node->safe_psql('hostile', 'GRANT CREATE ON DATABASE hostile TO meddler; GRANT CREATE ON SCHEMA public TO meddler');
$node->safe_psql('hostile', 'CREATE SCHEMA meddling', extra_params => [ '-U', 'meddler' ]);
for my $target ('meddling', 'public')
{
	for my $script ($twins, $better, $tables)
	{
		$node->safe_psql('hostile', $script,
			extra_params => [ '-U', 'meddler', '-v', "target=$target", '-v', 'model=pg_catalog',
				'-v', 'types={date,text,numeric,int8,int4,bool,timestamptz}' ]);
	}
}
my $made = $node->safe_psql('hostile', q{
	SELECT count(*) FILTER (WHERE p.proname !~ '^operator_') > 1000 AND count(*) FILTER (WHERE p.proname ~ '^operator_') > 500
	FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace});
is($made, 't', 'the stranger has made its functions and operators');

my $path = 'SET search_path = pg_temp, meddling, public, pg_catalog;';
# Bare names of functions and operators are never looked for in pg_temp; tables and types are.  The model
# is a schema that has no functions.
my $temporary = "CREATE TEMPORARY TABLE first (nothing int4);\n\\set target pg_temp\n\\set model pg_toast\n"
	. "$twins$tables\nRESET client_min_messages;\nRESET check_function_bodies;\n$path\n";

# They are live: whoever writes carelessly gets them.
for my $careless (
	[ 'an operator', 'SELECT 2.00 = 3.00', 'operator =' ],
	[ 'a function', q{SELECT round(2.55, 1)}, 'round' ],
	[ 'an aggregate', q{SELECT sum(a) FROM pg_catalog.generate_series(1::pg_catalog.int8, 2::pg_catalog.int8) AS a}, 'sum' ],
	[ 'a better fit', q{SELECT to_char('2024-01-01'::pg_catalog.date, 'YYYY'::pg_catalog.text)}, 'to_char' ],
	[ 'a type', q{SELECT '2024-01-01'::date}, 'type date' ])
{
	my ($what, $query, $caught) = @$careless;
	(undef, $err) = run_sql('hostile', "$path $query");
	like($err, qr/WARNING:  meddled: \Q$caught\E/, "careless use of $what is caught");
}

($out, $err) = run_sql('hostile', "${temporary}CREATE EXTENSION care_account;");
is($err, '', 'CREATE EXTENSION with all of them first says nothing and calls none');

# The same for types and functions of the extension: a stranger that may use them makes look-alikes.
$node->safe_psql('hostile', 'GRANT USAGE ON SCHEMA care, care_internal TO meddler');
for my $target ('meddling', 'public')
{
	$node->safe_psql('hostile', $twins, extra_params => [ '-U', 'meddler', '-v', "target=$target", '-v', "model=$_" ])
	  for qw(care care_internal);
	$node->safe_psql('hostile', $better,
		extra_params => [ '-U', 'meddler', '-v', "target=$target", '-v',
			'types={care.pounds,care.percent,care.schedule,care.cap_progress,numeric,int4,text}' ]);
}
(undef, $err) = run_sql('hostile', "$path SELECT 1.00::care.pounds - 2.00::care.pounds");
like($err, qr/WARNING:  meddled: operator -/, 'careless use of the money type is caught');

$node->safe_psql('postgres', 'CREATE DATABASE public_only TEMPLATE hostile');
($out, $err) = run_sql('hostile', "$temporary\\i $job_file");
is($out, $clean_out, 'the job says what it says without them');
is(plain($err), $clean_err, 'refuses what it refuses without them, and calls none');

# PostgreSQL's own schema is searched first unless one says otherwise: then only a better fit could win.
($out, $err) = run_sql('public_only', "\\i $job_file");
is($out, $clean_out, 'nor with the search_path that everybody has');
is(plain($err), $clean_err, 'nor in what it refuses');

# What one schema stores is what the other does.
my $stored = q{SELECT account_id, counting_from, person_reference, reach, weekly_rate, cap, cap_scales, weekly_cost,
	weekly_counted, daily_living_cost FROM care.account ORDER BY account_id};
is($node->safe_psql('hostile', $stored), $node->safe_psql('clean', $stored), 'the stored schedules are the same');

# A cast belongs to its types, and a stranger owns neither of them.  Where something is recorded, the guard refuses it first.
my $cast = 'CREATE CAST (care.schedule AS text) WITH INOUT AS IMPLICIT';
$node->safe_psql('postgres', 'CREATE DATABASE unrecorded');
$node->safe_psql('unrecorded', 'CREATE EXTENSION care_account; GRANT USAGE ON SCHEMA care TO meddler');
for my $refusal ([ 'unrecorded', '42501: must be owner of type' ], [ 'hostile', '55000: ' ])
{
	my ($database, $expected) = @$refusal;
	(undef, $err) = run_sql($database, "\\set VERBOSITY verbose\n$cast", '-U', 'meddler');
	like($err, qr/ERROR:  $expected/, "$database: a stranger cannot add a cast of our types");
}

#
# Schemas care and care_internal belong to the extension.
#
$node->safe_psql('postgres', 'CREATE DATABASE taken');
$node->safe_psql('taken', 'GRANT CREATE ON DATABASE taken TO meddler');
for my $squatter (
	[ 'a table', 'CREATE TABLE care.account (nothing int4)' ],
	[ 'a function', 'CREATE FUNCTION care.accrued() RETURNS int4 LANGUAGE sql RETURN 1' ],
	[ 'an operator', 'CREATE OPERATOR care.= (FUNCTION = pg_catalog.int4eq, LEFTARG = int4, RIGHTARG = int4)' ],
	[ 'a domain', 'CREATE DOMAIN care.numeric AS text' ],
	[ 'a view', 'CREATE VIEW care.pg_class AS SELECT 1 AS one' ],
	[ 'a sequence', 'CREATE SEQUENCE care.ids' ],
	[ 'privileges to come', 'ALTER DEFAULT PRIVILEGES IN SCHEMA care GRANT ALL ON TABLES TO meddler' ])
{
	my ($what, $statement) = @$squatter;
	my $members = q{SELECT count(*) FROM pg_depend WHERE refclassid = 'pg_namespace'::regclass AND refobjid = 'care'::regnamespace};
	$node->safe_psql('taken', "CREATE SCHEMA care; $statement");
	my $before = $node->safe_psql('taken', $members);
	(undef, $err) = run_sql('taken', "\\set VERBOSITY verbose\nCREATE EXTENSION care_account");
	like($err, qr/ERROR:  42P06: schema care already holds objects.*^HINT:  .*rename the other one/ms,
		"a schema care with $what in it is refused, with a hint");
	is($node->safe_psql('taken', $members), $before, 'and holds what it held');
	is($node->safe_psql('taken', q{SELECT count(*) FROM pg_extension WHERE extname = 'care_account'}), '0', 'and no extension');
	$node->safe_psql('taken', 'DROP SCHEMA care CASCADE');
}

# Nobody has a care_internal before: not even an empty one, not even the installer.
for my $squatter (
	[ 'of the installer', 'CREATE SCHEMA care_internal' ],
	[ 'of a stranger', 'CREATE SCHEMA care_internal AUTHORIZATION meddler' ],
	[ 'with a table in it', 'CREATE SCHEMA care_internal CREATE TABLE chain (nothing int4)' ])
{
	my ($what, $statement) = @$squatter;
	$node->safe_psql('taken', $statement);
	(undef, $err) = run_sql('taken', "\\set VERBOSITY verbose\nCREATE EXTENSION care_account");
	like($err, qr/ERROR:  42P06: there is a schema care_internal already\nHINT:  .*rename the other one/,
		"a schema care_internal $what is refused, with a hint");
	is($node->safe_psql('taken', q{SELECT count(*) FROM pg_extension WHERE extname = 'care_account'}), '0', 'and no extension');
	$node->safe_psql('taken', 'DROP SCHEMA care_internal CASCADE');
}
$node->safe_psql('taken', 'CREATE SCHEMA care');
$node->safe_psql('taken', 'CREATE EXTENSION care_account');
($out, $err) = run_sql('taken', "\\i $job_file");
is($out, $clean_out, 'an empty schema care of the installer is taken, and all works in it');

# An empty schema care of somebody else, or open to somebody else: whoever can create in it could give
# our functions another to call, and its owner could drop everything.
for my $open (
	[ 'of a stranger', 'CREATE SCHEMA care AUTHORIZATION meddler' ],
	[ 'that a stranger may create in', 'CREATE SCHEMA care; GRANT USAGE, CREATE ON SCHEMA care TO meddler' ])
{
	my ($what, $statement) = @$open;
	my $extensions = q{SELECT count(*) FROM pg_extension WHERE extname = 'care_account'};
	$node->safe_psql('postgres', 'DROP DATABASE IF EXISTS open');
	$node->safe_psql('postgres', 'CREATE DATABASE open');
	$node->safe_psql('open', $statement);
	run_sql('open', 'CREATE EXTENSION care_account');
	my $installed = $node->safe_psql('open', $extensions);
	run_sql('open', "CREATE FUNCTION $_(text) RETURNS int4 LANGUAGE sql RETURN 1", '-U', 'meddler')
	  for qw(care.budget_known_at care_internal.recorder);
	my $inside = $node->safe_psql('open', q{SELECT count(*) FROM pg_proc
		WHERE oid IN (to_regprocedure('care.budget_known_at(text)'), to_regprocedure('care_internal.recorder(text)'))});
	run_sql('open', "DROP SCHEMA $_ CASCADE", '-U', 'meddler') for qw(care care_internal);
	my $remains = $node->safe_psql('open', $extensions);
	ok(!$installed || !$inside, "an empty schema care $what is refused, or the stranger can no longer create in it");
	is($remains, $installed, 'and the stranger cannot drop it');
}

$node->stop;
done_testing();
