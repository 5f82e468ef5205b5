# 012_upgrade: ALTER EXTENSION UPDATE, with rows there, leaves the catalogue that a fresh installation
# makes, by the fingerprint: for every update script in sql/, from the script and population that were kept
# when its version was released (test/released/); and for a version made up here, whose update script is
# right once and then wrong in one thing after another, each of which must show.

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
	my @tables = split /\n/, $node->safe_psql('old', q{SELECT oid::regclass FROM pg_class WHERE relnamespace IN ('care'::regnamespace, 'care_internal'::regnamespace) AND relkind = 'r' ORDER BY 1});
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

$node->stop;
done_testing();
