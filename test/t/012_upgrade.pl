# 012_upgrade: ALTER EXTENSION UPDATE, with rows there, leaves the catalogue that a fresh installation
# makes, by the fingerprint: for every update script in sql/, from the script and population that were kept
# when its version was released (test/released/); for a version made up here, whose update script is
# right once and then wrong in one thing after another, each of which must show; and for scripts that
# tools/make_update.sql prints between versions made up here, which differ in every way it knows.

use strict;
use warnings;
use File::Basename;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use lib dirname(__FILE__);
use Fingerprint;

# An installation of our own, so that versions can be put into it: programs find their files by where they
# stand.
my $root = PostgreSQL::Test::Utils::tempdir;
my %folder = map { chomp(my $path = `pg_config --$_`); ($_ => $path) } qw(bindir pkglibdir sharedir);
for my $what (sort keys %folder)
{
	system_or_bail('mkdir', '-p', dirname("$root$folder{$what}"));
	system_or_bail('cp', $what eq 'bindir' ? '-a' : '-rs', $folder{$what}, "$root$folder{$what}");
}
my $scripts = "$root$folder{sharedir}/extension";
my ($current) = slurp_file("$scripts/care_account.control") =~ /^default_version = '(.*)'/m;

my $node = PostgreSQL::Test::Cluster->new('upgrade', install_path => $root . dirname($folder{bindir}));
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;

# A database at a version, with the rows of a population.
sub make_old
{
	my ($version, $population) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE old");
	$node->safe_psql('old', "CREATE EXTENSION care_account VERSION '$version'");
	is(run_script($node, 'old', $population, 'accounts=200', 'agreements=64'), '', "there are rows of version $version");
}

sub catalogue
{
	return join "\n", grep { !/^(rows|sequence) / } split /\n/, fingerprint($node, $_[0]);
}

sub fresh_catalogue
{
	my ($version) = @_;
	$node->safe_psql('postgres', 'CREATE DATABASE fresh');
	$node->safe_psql('fresh', "CREATE EXTENSION care_account VERSION '$version'");
	my $made = catalogue('fresh');
	$node->safe_psql('postgres', 'DROP DATABASE fresh');
	return $made;
}

sub row_counts
{
	my ($database, @tables) = @_;
	return $node->safe_psql($database, join ' UNION ALL ', map { "SELECT '$_', count(*) FROM $_" } @tables);
}

# Update a copy of the old database and say what is not as a fresh installation has it.
sub updated
{
	my ($version, $fresh, $check) = @_;
	$node->safe_psql('postgres', 'CREATE DATABASE updated TEMPLATE old');
	$node->safe_psql('updated', "ALTER EXTENSION care_account UPDATE TO '$version'");
	my $differences = differences($fresh, catalogue('updated'));
	$check->('updated') if $check;
	$node->safe_psql('postgres', 'DROP DATABASE updated');
	return $differences;
}

sub rows_stay
{
	my ($what) = @_;
	my @tables = split /\n/, $node->safe_psql('old', q{SELECT oid::regclass FROM pg_class WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND relkind = 'r' AND relname <> 'guard_installed' ORDER BY 1});
	my $before = row_counts('old', @tables);
	return sub {
		is(row_counts($_[0], @tables), $before, "$what: every row is there");
		is($node->safe_psql($_[0], 'SELECT * FROM care.verify()'), '', "$what: all that is derived follows from the facts");
	};
}

# The updates there are.
my $released = dirname(__FILE__) . '/../released';
for my $update (glob dirname(__FILE__) . '/../../sql/care_account--*--*.sql')
{
	my ($from, $to) = $update =~ /care_account--(.*)--(.*)\.sql$/;
	ok(-e "$scripts/" . basename($update), basename($update) . ' is installed');
	for my $version ($from, $to)
	{
		system_or_bail('cp', '--remove-destination', "$released/care_account--$version.sql", $scripts) unless $version eq $current;
	}
	make_old($from, "released/population--$from.sql");
	is(updated($to, fresh_catalogue($to), rows_stay("$from to $to")), '', "$from to $to is what a fresh installation is");
	$node->safe_psql('postgres', 'DROP DATABASE old');
}

# One that is made up.
my $change = <<'SQL';
ALTER TABLE care.valuation ADD COLUMN seen_by pg_catalog.text DEFAULT 'nobody';
COMMENT ON COLUMN care.valuation.seen_by IS 'Who saw it.';
CREATE TABLE care.visit (visit_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT visit_pkey PRIMARY KEY, on_day pg_catalog.date NOT NULL);
COMMENT ON TABLE care.visit IS 'Visits.';
SELECT pg_catalog.pg_extension_config_dump('care.visit', '');
CREATE INDEX visit_on_day_idx ON care.visit (on_day);
CREATE FUNCTION care.refuse_visit() RETURNS pg_catalog.trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER visit_refuse BEFORE DELETE ON care.visit FOR EACH STATEMENT EXECUTE FUNCTION care.refuse_visit();
REVOKE USAGE ON TYPE care.percent FROM PUBLIC;
SQL
my %wrong = (
	'a column of another type' => [ 'pg_catalog.text DEFAULT', 'pg_catalog.varchar DEFAULT' ],
	'another default' => [ q{'nobody'}, q{'somebody'} ],
	'columns in another order' => [ q{visit_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT visit_pkey PRIMARY KEY, on_day pg_catalog.date NOT NULL},
		q{on_day pg_catalog.date NOT NULL, visit_id pg_catalog.int8 NOT NULL GENERATED ALWAYS AS IDENTITY CONSTRAINT visit_pkey PRIMARY KEY} ],
	'a null allowed' => [ 'on_day pg_catalog.date NOT NULL', 'on_day pg_catalog.date' ],
	'another name of a constraint' => [ 'CONSTRAINT visit_pkey ', 'CONSTRAINT visit_key ' ],
	'no comment' => [ q{COMMENT ON TABLE care.visit IS 'Visits.';}, '' ],
	'not marked for a dump' => [ q{SELECT pg_catalog.pg_extension_config_dump('care.visit', '');}, '' ],
	'no index' => [ 'CREATE INDEX visit_on_day_idx ON care.visit (on_day);', '' ],
	'another body' => [ 'RETURN NULL', 'RETURN OLD' ],
	'another setting of a function' => [ ' SET search_path = pg_catalog, pg_temp', '' ],
	'a trigger that does not fire' => [ 'REVOKE', 'ALTER TABLE care.visit DISABLE TRIGGER visit_refuse; REVOKE' ],
	'a privilege not taken away' => [ 'REVOKE USAGE ON TYPE care.percent FROM PUBLIC;', '' ],
	'an object that is no member' => [ 'REVOKE', 'ALTER EXTENSION care_account DROP FUNCTION care.refuse_visit(); REVOKE' ]);

sub write_script
{
	my ($name, $text) = @_;
	unlink "$scripts/$name"; # it may be a link to what is installed
	open my $script, '>', "$scripts/$name" or die "$name: $!";
	print $script $text;
	close $script;
}

write_script('care_account--next.sql', slurp_file("$scripts/care_account--$current.sql") . $change);
write_script("care_account--$current--next.sql", $change);
make_old($current, 'population.sql');
my $fresh = fresh_catalogue('next');
is(updated('next', $fresh, rows_stay('a made-up update')), '', 'a made-up update is what a fresh installation is');
isnt(differences($fresh, fresh_catalogue($current)), '', 'and that is something else than it was');
for my $what (sort keys %wrong)
{
	my ($right, $wrong) = @{ $wrong{$what} };
	(my $script = $change) =~ s/\Q$right\E/$wrong/ or die "nothing to make wrong: $what";
	write_script("care_account--$current--next.sql", $script);
	isnt(updated('next', $fresh), '', "a wrong update is found: $what");
}


# What tools/make_update.sql prints, from one version to another.
sub make_update
{
	my ($from, $to) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE \"made_$_\"") for $from, $to;
	$node->safe_psql("made_$_", "CREATE EXTENSION care_account VERSION '$_'") for $from, $to;
	my $script = run_script($node, "made_$from", '../tools/make_update.sql', 'new=' . $node->connstr("made_$to"), 'extension=care_account');
	$node->safe_psql('postgres', "DROP DATABASE \"made_$_\"") for $from, $to;
	return $script;
}

sub by_hand
{
	return join "\n", map { /^-- by hand: (.*)/ } split /\n/, $_[0];
}

# The update above: what is no table's is printed, and what is stands as a list at the top.
my $printed = make_update($current, 'next');
is(by_hand($printed) =~ s/ (comes|was): .*//gmr, <<'TEXT' =~ s/\n$//r, 'what is to be written by hand is listed');
privilege type care.percent
column care.valuation.seen_by
column care.visit.on_day
column care.visit.visit_id
constraint care.visit visit_pkey
dumped care.visit
member table care.visit
index care.visit_on_day_idx
index care.visit_pkey
member sequence care.visit_visit_id_seq
sequence rules care.visit_visit_id_seq
TEXT
my $tables = join "\n", grep { !/^(COMMENT|CREATE FUNCTION|CREATE TRIGGER)/ } split /\n/, $change;
$printed =~ s/^-- Here by hand: what comes and what changes\.$/$tables/m or die 'no place for what is written by hand';
write_script("care_account--$current--next.sql", $printed);
is(updated('next', $fresh), '', 'with that written, the script leaves what a fresh installation is');

# Two versions that differ in no table.
my $before = <<'SQL';
CREATE FUNCTION care_internal.sample_body(n integer) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN n; END $$;
COMMENT ON FUNCTION care_internal.sample_body(integer) IS 'Another comment.';
CREATE FUNCTION care_internal.sample_typed(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n;
COMMENT ON FUNCTION care_internal.sample_typed(integer) IS 'The same comment.';
CREATE VIEW care.sample_hangs AS SELECT care_internal.sample_typed(1)::text AS one;
COMMENT ON VIEW care.sample_hangs IS 'The same comment.';
COMMENT ON COLUMN care.sample_hangs.one IS 'The same comment.';
CREATE FUNCTION care_internal.sample_rows() RETURNS SETOF care.sample_hangs LANGUAGE sql STABLE BEGIN ATOMIC SELECT h.one FROM care.sample_hangs AS h; END;
CREATE FUNCTION care_internal.sample_gone(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n;
CREATE FUNCTION care_internal.sample_uses(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN care_internal.sample_gone(n);
CREATE VIEW care.sample_stays AS SELECT care_internal.sample_uses(1) AS one;
CREATE FUNCTION care_internal.sample_named(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a - b;
CREATE FUNCTION care_internal.sample_default(a integer, b integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a - b;
CREATE FUNCTION care_internal.sample_more(a integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a;
CREATE FUNCTION care_internal.sample_calls() RETURNS integer LANGUAGE sql IMMUTABLE RETURN care_internal.sample_more(1);
CREATE FUNCTION care_internal.sample_table() RETURNS TABLE (a integer) LANGUAGE sql STABLE ROWS 5 BEGIN ATOMIC SELECT 1; END;
CREATE FUNCTION care_internal.sample_labels(n numeric) RETURNS numeric LANGUAGE plpgsql AS $$ BEGIN RETURN n; END $$;
CREATE FUNCTION care_internal.sample_kind() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1;
CREATE PROCEDURE care.sample_run(n integer) LANGUAGE plpgsql AS $$ BEGIN PERFORM n; END $$;
CREATE VIEW care.sample_wider AS SELECT 1 AS one;
CREATE VIEW care.sample_other AS SELECT 1 AS one, 2 AS two;
CREATE VIEW care.sample_of_other AS SELECT o.one FROM care.sample_other AS o;
CREATE VIEW care.sample_view_gone AS SELECT 1 AS one;
CREATE AGGREGATE care.sample_sum(integer) (SFUNC = int4_sum, STYPE = bigint);
CREATE AGGREGATE care.sample_typed_sum(n integer) (SFUNC = int4_sum, STYPE = bigint);
CREATE VIEW care.sample_summed AS SELECT care.sample_typed_sum(n) AS sum FROM generate_series(1, 3) AS n;
CREATE FUNCTION care_internal.sample_less(a care.schedule, b numeric) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN true; END $$;
CREATE OPERATOR care.<# (FUNCTION = care_internal.sample_less, LEFTARG = care.schedule, RIGHTARG = numeric);
CREATE VIEW care.sample_compared AS SELECT NULL::care.schedule OPERATOR(care.<#) 1 AS less;
CREATE FUNCTION care_internal.sample_json(s care.schedule) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN to_json(s::text); END $$;
CREATE CAST (care.schedule AS json) WITH FUNCTION care_internal.sample_json(care.schedule);
CREATE FUNCTION care_internal.sample_fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER sample_when BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
COMMENT ON TRIGGER sample_when ON care.valuation IS 'The same comment.';
CREATE TRIGGER sample_gone BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
CREATE TRIGGER sample_always BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
CREATE TRIGGER sample_origin BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
ALTER TABLE care.valuation ENABLE ALWAYS TRIGGER sample_origin;
CREATE CONSTRAINT TRIGGER sample_deferred AFTER INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
CREATE TRIGGER sample_instead INSTEAD OF INSERT ON care.sample_other FOR EACH ROW EXECUTE FUNCTION care_internal.sample_fires();
SQL
my $after = <<'SQL';
CREATE FUNCTION care_internal.sample_first(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN n;
CREATE FUNCTION care_internal.sample_body(n integer) RETURNS integer LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$ BEGIN RETURN n + 1; END $$;
COMMENT ON FUNCTION care_internal.sample_body(integer) IS 'A comment''s other words.';
CREATE FUNCTION care_internal.sample_typed(n integer) RETURNS bigint LANGUAGE sql IMMUTABLE RETURN n;
COMMENT ON FUNCTION care_internal.sample_typed(integer) IS 'The same comment.';
CREATE VIEW care.sample_hangs AS SELECT care_internal.sample_typed(1)::text AS one;
COMMENT ON VIEW care.sample_hangs IS 'The same comment.';
COMMENT ON COLUMN care.sample_hangs.one IS 'The same comment.';
CREATE FUNCTION care_internal.sample_rows() RETURNS SETOF care.sample_hangs LANGUAGE sql STABLE BEGIN ATOMIC SELECT h.one FROM care.sample_hangs AS h; END;
CREATE FUNCTION care_internal.sample_uses(n integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN care_internal.sample_first(n);
CREATE FUNCTION care_internal.sample_second(n integer) RETURNS integer LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT care_internal.sample_first(n); END;
CREATE VIEW care.sample_stays AS SELECT care_internal.sample_uses(1) AS one;
CREATE FUNCTION care_internal.sample_named(first integer, second integer DEFAULT 1) RETURNS integer LANGUAGE sql IMMUTABLE RETURN first - second;
CREATE FUNCTION care_internal.sample_default(a integer, b integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a - b;
CREATE FUNCTION care_internal.sample_more(a integer, b integer DEFAULT 2) RETURNS integer LANGUAGE sql IMMUTABLE RETURN a * b;
CREATE FUNCTION care_internal.sample_calls() RETURNS integer LANGUAGE sql IMMUTABLE RETURN care_internal.sample_more(1);
CREATE FUNCTION care_internal.sample_table() RETURNS TABLE (a integer, b text) LANGUAGE sql STABLE ROWS 5 BEGIN ATOMIC SELECT 1, 'x'; END;
CREATE FUNCTION care_internal.sample_labels(n numeric) RETURNS numeric LANGUAGE plpgsql STABLE STRICT SECURITY DEFINER PARALLEL SAFE COST 7
    SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD' AS $$ BEGIN RETURN n; END $$;
CREATE PROCEDURE care_internal.sample_kind() LANGUAGE plpgsql AS $$ BEGIN NULL; END $$;
CREATE PROCEDURE care.sample_run(n integer) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN PERFORM n; END $$;
-- the server prints it in another way once it has read what it prints
CREATE FUNCTION care_internal.sample_union(n integer) RETURNS TABLE (a text, b integer) LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT u.a, u.b FROM (SELECT 'x' AS a, 1 AS b UNION ALL SELECT NULL, n) AS u;
END;
CREATE VIEW care.sample_wider WITH (security_barrier = true) AS SELECT 1 AS one, 'more' AS two;
CREATE VIEW care.sample_other AS SELECT 2 AS two, 1 AS one;
CREATE VIEW care.sample_of_other AS SELECT o.one FROM care.sample_other AS o;
CREATE AGGREGATE care.sample_sum(integer) (SFUNC = int4_sum, STYPE = bigint, COMBINEFUNC = int8pl, INITCOND = '1', PARALLEL = SAFE);
CREATE AGGREGATE care.sample_typed_sum(m integer) (SFUNC = int4_sum, STYPE = bigint);
CREATE VIEW care.sample_summed AS SELECT care.sample_typed_sum(n) AS sum FROM generate_series(1, 3) AS n;
CREATE FUNCTION care_internal.sample_less(a care.schedule, b numeric) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION care_internal.sample_greater(a numeric, b care.schedule) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN true; END $$;
CREATE OPERATOR care.<# (FUNCTION = care_internal.sample_less, LEFTARG = care.schedule, RIGHTARG = numeric, COMMUTATOR = OPERATOR(care.#>), RESTRICT = scalarltsel);
CREATE OPERATOR care.#> (FUNCTION = care_internal.sample_greater, LEFTARG = numeric, RIGHTARG = care.schedule, COMMUTATOR = OPERATOR(care.<#));
CREATE VIEW care.sample_compared AS SELECT NULL::care.schedule OPERATOR(care.<#) 1 AS less;
CREATE FUNCTION care_internal.sample_json(s care.schedule) RETURNS json LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN to_json(s::text); END $$;
CREATE CAST (care.schedule AS json) WITH FUNCTION care_internal.sample_json(care.schedule) AS ASSIGNMENT;
CREATE FUNCTION care_internal.sample_fires() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER sample_when BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < -1) EXECUTE FUNCTION care_internal.sample_fires();
COMMENT ON TRIGGER sample_when ON care.valuation IS 'The same comment.';
CREATE TRIGGER sample_new BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires('x');
CREATE TRIGGER sample_always BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
CREATE TRIGGER sample_origin BEFORE INSERT ON care.valuation FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
ALTER TABLE care.valuation ENABLE ALWAYS TRIGGER sample_always;
CREATE CONSTRAINT TRIGGER sample_deferred AFTER INSERT ON care.valuation INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.valuation_id < 0) EXECUTE FUNCTION care_internal.sample_fires();
CREATE TRIGGER sample_instead INSTEAD OF INSERT ON care.sample_other FOR EACH ROW EXECUTE FUNCTION care_internal.sample_fires();
COMMENT ON COLUMN care.valuation.valued_on IS 'Other words.';
SQL

# In the install script before its last commands; and in the later one, arguments of functions that half of it hangs on
# have other names.
my $end = qr/^REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA .*/ms;
my $install = slurp_file("$scripts/care_account--$current.sql");
my ($last) = $install =~ /($end)/ or die 'no end of the install script';
write_script('care_account--before.sql', $install =~ s/$end/$before$last/r);
write_script("care_account--$current--before.sql", $before . $last);
$install =~ s/(CREATE AGGREGATE care\.schedule_agg\()valid_from /$1first_day / or die 'no aggregate to change';
write_script('care_account--after.sql', $install =~ s/$end/$after$last/r);
$printed = make_update('before', 'after');
is(by_hand($printed), '', 'nothing is left to write by hand where no table differs');
unlike($printed, qr/^DROP VIEW care\.sample_stays/m, 'what can be replaced is not dropped because something under it goes');
write_script('care_account--before--after.sql', $printed);
$node->safe_psql('old', "ALTER EXTENSION care_account UPDATE TO 'before'");
$fresh = fresh_catalogue('after');
is(updated('after', $fresh, rows_stay('a printed update')), '', 'a printed update is what a fresh installation is');
isnt(differences($fresh, fresh_catalogue('before')), '', 'and that is something else than it was');

# With rights granted before it and again after, as is told: a dump has all of them.
my @roles = ('-f', dirname(__FILE__) . '/../../sql/roles.sql');
my $dump = PostgreSQL::Test::Utils::tempdir . '/dump';
$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('old'), @roles ], 'roles are made');
$node->safe_psql('old', 'CREATE ROLE clerk; GRANT EXECUTE ON FUNCTION care_internal.sample_body TO clerk');
$node->safe_psql('old', "ALTER EXTENSION care_account UPDATE TO 'after'");
is($node->safe_psql('old', 'SELECT * FROM care.guard_state'), '', 'the guard finds all as it was installed');
$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('old'), @roles ], 'roles are granted what is new');
write_script('care_account.control', slurp_file("$scripts/care_account.control") =~ s/^default_version = .*/default_version = 'after'/mr);
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_dump', '-Fc', '-f', $dump, '-d', $node->connstr('old') ], 'it is dumped');
$node->command_ok([ 'pg_restore', '-e', '-d', $node->connstr('restored'), $dump ], 'and restored');
is(differences(fingerprint($node, 'old'), fingerprint($node, 'restored')), '', 'with every row, right and object');

$node->stop;
done_testing();
