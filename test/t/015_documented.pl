# 015_documented: what the documents show is so.  The examples of README.md, doc/tutorial, doc/calculations and
# doc/reference print what stands below them, but for worklists and reports of today.  What doc/operations,
# doc/security.md and doc/from_your_language.md do can be done, from the roles to a restore, one after another: what
# is refused there is refused here in the same words, and nothing else is; figures are not compared, as some are of
# today.  Every document with SQL is among them, and every link leads somewhere.

use strict;
use warnings;
use File::Basename;
use File::Spec;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{PGUSER} = 'postgres'; # as in the documents, whoever runs this

my $documents = "$FindBin::RealBin/../..";

# In the order in which their examples were run, each list in one database of its own.
my @year = ((map { "doc/operations/$_.md" } qw(roles everyday correcting)), 'doc/security.md', map { "doc/operations/$_.md" } qw(loading backup));
my @examples = (
	['README.md'],
	['doc/reference/letters.md'],
	['doc/reference/scheme_model.md'],
	(map { ["doc/tutorial/$_.md"] } qw(care_account deferred_payment analyst system spreadsheet safeguarding services transfer)),
	[ map { "doc/calculations/$_.md" } qw(days_and_schedules care_account account_statement retention interest agreement agreement_end
		  error_of_growth identifiers decisions) ],
	[ map { "doc/reference/$_.md" } qw(limits schedules accrual interest reference_data accounts account_statements reports agreements
		  ledger agreement_statements national_return runs_and_checks errors retention) ]);
# What waits for a while (as in the isolation specs), is of other data, needs a database without the extension, or
# more than psql (doc/tutorial/portal.md is followed by test/clients/tutorial).
my @not_run = map { "doc/$_.md" } qw(tutorial/portal operations/locks operations/many-databases operations/neighbours operations/sizes operations/install reference/views_of_your_own performance);

# Each block of a document: what it is (sql or sh), its text, and what is shown of its output.
sub blocks
{
	my ($document) = @_;
	my $text = slurp_file("$documents/$document");
	my @blocks;
	while ($text =~ /^```(\w+)\n(.*?)^```/gms)
	{
		if ($1 eq 'text') { $blocks[-1]{shown} = $2; }
		else { push @blocks, { name => "$document, block " . (@blocks + 1), kind => $1, text => $2, shown => '' }; }
	}
	return @blocks;
}

# What tells that something went wrong, or that it went well: errors, what was restored, what diff finds.
sub told
{
	return join "\n", $_[0] =~ /^(?:psql:\S+ )?((?:ERROR|WARNING|FATAL): .*|pg_restore: error: \S+|restored$|the same$|[<>] .*)/gm;
}

# A cluster with the database operations, on which the blocks of some documents are run in their order, in a folder
# of their own.
sub follow
{
	my ($name, @blocks) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	my $folder = PostgreSQL::Test::Utils::tempdir;
	$node->init(extra => [ '--username=postgres', '--encoding=UTF8', '--no-locale' ]);
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE operations');
	$node->safe_psql('operations', 'CREATE EXTENSION care_account');
	symlink "$documents/test", "$folder/test" or die "symlink: $!";
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'operations');
	for my $block (grep { $_->{kind} =~ /^(sql|sh)$/ } @blocks)
	{
		my $text = $block->{text} =~ s{/tmp/}{$folder/}gr =~ s{\$\(pg_config --docdir\)/extension/}{$documents/sql/}gr;
		my @command = $block->{kind} eq 'sql' ? ('psql', '-X', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never') : ('bash', '-c', $text);
		my $input = $block->{kind} eq 'sql' ? $text : '';
		my $output;
		IPC::Run::run(\@command, '<', \$input, '>&', \$output, init => sub { chdir $folder or die "chdir: $!" });
		is(told($output), told($block->{shown}), "$name: $block->{name}") or diag $output;
	}
	is($node->safe_psql('operations', 'SELECT * FROM care.verify()'), '', "$name: what is derived follows from the facts");
	is($node->safe_psql('operations', 'SELECT * FROM care.verify_chain()'), '', "$name: the chains hold");
	return $node;
}

my %a_block = (kind => 'sql', shown => '');
my $roles = { %a_block, name => 'roles', kind => 'sh', text => 'psql -Xq -f "$(pg_config --docdir)/extension/roles.sql"' };

my $node = follow('a_year', { %a_block, name => 'loader', text => 'CREATE ROLE loader LOGIN;' }, map { blocks($_) } @year);
isnt($node->safe_psql('operations', 'SELECT count(*) FROM care.issued_agreement_statement'), 0, 'statements were issued');
for my $copy (qw(copy copy3 copy4))
{
	is($node->safe_psql($copy, 'SELECT (SELECT count(*) FROM care.account), (SELECT count(*) FROM care.verify()), (SELECT count(*) FROM care.verify_chain())'),
		'1|0|0', "restored into $copy as documented");
}
$node->stop;

$node = follow('disposal', $roles, blocks('doc/operations/retention.md'));
is($node->safe_psql('operations', 'SELECT count(*) FROM care.disposal_certificate'), 2, 'records were disposed of');
$node->stop;

$node = follow('first_hour', blocks('doc/tutorial/dba.md'));
is($node->safe_psql($_, 'SELECT (SELECT count(*) FROM care.issued_agreement_statement), (SELECT count(*) FROM care.verify()), (SELECT count(*) FROM care.verify_chain())'),
	'1|0|0', "$_: used and saved as documented") for qw(care care_copy);
$node->stop;

$node = follow('language', $roles, blocks('doc/from_your_language.md'));

#
# Examples, each list of documents in one session on a new database.
#

# Lines as they are written in a document, without what is another each time.
sub lines
{
	my ($text) = @_;
	return join "\n", grep { /\S/ && !/^\(\d+ rows?\)$|^(?:LOCATION|SCHEMA NAME|TABLE NAME|COLUMN NAME|CONSTRAINT NAME): |^(?:recorded_at|chain_head) +\|/ }
	  map { s/^psql:\S+ //r =~ s/ +$//r } split /\n/, $text;
}

my $of_today = qr/\b(?:days_left|care\.today)\b/;

for my $list (@examples)
{
	my @blocks = grep { $_->{kind} eq 'sql' } map { blocks($_) } @$list;
	my $script = join "\n", q{\set VERBOSITY verbose}, q{\set SHOW_CONTEXT never}, q{\pset null '(null)'},
	  map { ";\n\\echo block $_\n$blocks[$_]{text}" } 0 .. $#blocks;
	$node->safe_psql('postgres', 'CREATE DATABASE examples');
	$node->safe_psql('examples', 'CREATE EXTENSION care_account');
	my $output;
	IPC::Run::run([ 'psql', '-Xq', '-d', $node->connstr('examples') ], '<', \$script, '>&', \$output);
	my (undef, @outputs) = split /^block \d+\n/m, $output, -1;
	is(scalar(@outputs), scalar(@blocks), "$list->[0] and its like: every example was run");
	is(lines($outputs[$_]), lines($blocks[$_]{shown}), $blocks[$_]{name}) for grep { $blocks[$_]{text} !~ $of_today } 0 .. $#blocks;
	$node->safe_psql('postgres', 'DROP DATABASE examples');
}

# The picture that README.md opens on is what is drawn of a letter's account, and its words say the same.
my $letters = PostgreSQL::Test::Utils::tempdir;
$node->safe_psql('postgres', 'CREATE DATABASE letters');
my $said;
IPC::Run::run([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('letters'), '-f', "$documents/tools/letters.sql" ], '>&', \$said, init => sub { chdir $letters or die "chdir: $!" })
	or diag $said;
my $picture = slurp_file("$documents/doc/progress.svg");
is($picture, slurp_file("$letters/account_chart.svg"), 'doc/progress.svg is what the product draws');
my ($description) = $picture =~ m{<desc[^>]*>(.*?)</desc>};
my ($shown, $words) = (slurp_file("$documents/README.md")) =~ /\A# \w+\n\n!\[(.*?)\]\((doc\/progress\.svg)\)/ ? ($2, $1) : ('', '');
is($shown, 'doc/progress.svg', 'README.md opens on it');
is(join(' ', grep { index($words, $_) < 0 } $description =~ /([\d,]+\.\d\d|\d+ \w+ \d{4})/g), '', 'whose words have its figures and days');
$node->stop;

#
# The documents themselves.
#
my @all = map { File::Spec->abs2rel($_, $documents) } glob("$documents/README.md $documents/doc/*.md $documents/doc/*/*.md");
my %known = map { $_ => 1 } @year, @not_run, 'doc/operations/retention.md', 'doc/from_your_language.md', 'doc/tutorial/dba.md', map { @$_ } @examples;
is(join(' ', grep { !$known{$_} && slurp_file("$documents/$_") =~ /^```(sql|sh)$/m } @all), '', 'every document with something to run is run');

# The headings of a document, as links name them.
sub anchors
{
	my ($document) = @_;
	my $text = slurp_file($document) =~ s/^```.*?^```//gmsr;
	return map { my $heading = lc; $heading =~ s/\[(.*?)\]\(.*?\)/$1/g; $heading =~ s/[^\w\- ]//g; $heading =~ s/ /-/g; $heading => 1 } $text =~ /^#+ (.*)$/gm;
}

for my $document (@all)
{
	my $text = slurp_file("$documents/$document") =~ s/^```.*?^```//gmsr;
	my @lost;
	for my $link ($text =~ /\]\(([^)\s]+)\)/g)
	{
		next if $link =~ /^https?:/;
		my ($file, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
		my $target = $file eq '' ? "$documents/$document" : dirname("$documents/$document") . "/$file";
		my %there = -f $target && defined $anchor ? anchors($target) : ();
		push @lost, $link unless -e $target && (!defined $anchor || $there{$anchor});
	}
	is(join(' ', @lost), '', "$document: every link leads somewhere");
}
done_testing();
