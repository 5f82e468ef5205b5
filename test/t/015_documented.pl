# 015_documented: what the documents show is so.  The examples of README.md, doc/calculations.md and
# doc/reference.md print what stands below them, but for worklists and reports of today.  What doc/operations.md
# does can be done, from the roles to a restore, one after another: what is refused there is refused here in the
# same words, and nothing else is; its figures are not compared, as some are of today.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

$ENV{PGUSER} = 'postgres'; # as in the documents, whoever runs this

my $documents = "$FindBin::RealBin/../..";

# Each block of a document or of a section of it: what it is (sql or sh), its text, and what is shown of its output.
sub blocks
{
	my ($document, $section) = @_;
	my $text = slurp_file("$documents/$document");
	my $name = $document;
	if (defined $section)
	{
		($text) = $text =~ /^(## $section\. .*?)(?=^## |\z)/ms or die "$document has no section $section";
		$name = "section $section";
	}
	my @blocks;
	while ($text =~ /^```(\w+)\n(.*?)^```/gms)
	{
		if ($1 eq 'text') { $blocks[-1]{shown} = $2; }
		else { push @blocks, { name => "$name, block " . (@blocks + 1), kind => $1, text => $2, shown => '' }; }
	}
	return @blocks;
}

# What tells that something went wrong, or that it went well: errors, what was restored, what diff finds.
sub told { return join "\n", $_[0] =~ /^(?:psql:\S+ )?((?:ERROR|WARNING|FATAL): .*|restored|the same|[<>] .*)$/gm }

# A cluster with the database operations, on which some blocks are run in their order, in a folder of their own.
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
	for my $block (@blocks)
	{
		my $text = $block->{text} =~ s{/tmp/}{$folder/}gr;
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

# Without what waits for a while (section 11, as in the isolation specs), section 14 (012_upgrade) and the sizes of
# section 16, measured on other data.
my $loader = { name => 'loader', kind => 'sql', shown => '', text => 'CREATE ROLE loader LOGIN;' };
my $node = follow('a_year', $loader, map { blocks('doc/operations.md', $_) } 4 .. 10, 12, 13, 15, 17);
isnt($node->safe_psql('operations', 'SELECT count(*) FROM care.issued_agreement_statement'), 0, 'statements were issued');
is($node->safe_psql($_, 'SELECT count(*) FROM care.verify()'), 0, "restored into $_ as documented") for qw(copy copy3 copy4);
$node->stop;

my ($roles) = blocks('doc/operations.md', 4);
my $logins = { name => 'logins', kind => 'sql', shown => '',
	text => join '', map { "CREATE ROLE $_->[0] LOGIN IN ROLE $_->[1];\n" } [ 'clerk', 'care_writer' ], [ 'steward', 'care_steward' ] };
my ($archivist, @work) = blocks('doc/operations.md', 19);
$archivist->{text} .= 'CREATE ROLE archivist LOGIN IN ROLE care_archivist;';
$node = follow('disposal', $roles, $logins, $archivist, @work);
is($node->safe_psql('operations', 'SELECT count(*) FROM care.disposal_certificate'), 2, 'records were disposed of');

#
# Examples, each document's in one session on a new database.
#

# Lines as they are written in a document, without what is another each time.
sub lines
{
	my ($text) = @_;
	return join "\n", grep { /\S/ && !/^\(\d+ rows?\)$|^LOCATION: |^(?:recorded_at|chain_head) +\|/ }
	  map { s/^psql:\S+ //r =~ s/ +$//r } split /\n/, $text;
}

my $of_today = qr/\b(?:days_left|current_date)\b/;

for my $document ('README.md', 'doc/calculations.md', 'doc/reference.md')
{
	my @blocks = grep { $_->{kind} eq 'sql' } blocks($document);
	my $script = join "\n", q{\set VERBOSITY verbose}, q{\set SHOW_CONTEXT never}, q{\pset null '(null)'},
	  map { ";\n\\echo block $_\n$blocks[$_]{text}" } 0 .. $#blocks;
	$node->safe_psql('postgres', 'CREATE DATABASE examples');
	$node->safe_psql('examples', 'CREATE EXTENSION care_account');
	my $output;
	IPC::Run::run([ 'psql', '-Xq', '-d', $node->connstr('examples') ], '<', \$script, '>&', \$output);
	my (undef, @outputs) = split /^block \d+\n/m, $output, -1;
	is(scalar(@outputs), scalar(@blocks), "$document: every example was run");
	is(lines($outputs[$_]), lines($blocks[$_]{shown}), $blocks[$_]{name}) for grep { $blocks[$_]{text} !~ $of_today } 0 .. $#blocks;
	$node->safe_psql('postgres', 'DROP DATABASE examples');
}
$node->stop;
done_testing();
