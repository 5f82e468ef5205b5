# 015_documented: what the documents show is so.  The examples of README.md, doc/calculations.md and
# doc/reference.md print what stands below them, but for worklists and reports of today.  The roles of doc/operations.md do what the document has them do: what is refused there is
# refused here in the same words, and nothing else is; its figures are not compared, as some are of today.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

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

sub complaints { return join "\n", $_[0] =~ /^(?:psql:\S+ )?((?:ERROR|WARNING|FATAL): .*)$/gm }

# A cluster on which some blocks are run in their order.
sub follow
{
	my ($name, @blocks) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init;
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
	local %ENV = (%ENV, PGHOST => $node->host, PGPORT => $node->port, PGDATABASE => 'postgres');
	for my $block (@blocks)
	{
		my @command = $block->{kind} eq 'sql' ? ('psql', '-X') : ('bash', '-c', $block->{text});
		my $input = $block->{kind} eq 'sql' ? $block->{text} : '';
		my $output;
		IPC::Run::run(\@command, '<', \$input, '>&', \$output);
		is(complaints($output), complaints($block->{shown}), "$name: $block->{name}") or diag $output;
	}
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify()'), '', "$name: what is derived follows from the facts");
	is($node->safe_psql('postgres', 'SELECT * FROM care.verify_chain()'), '', "$name: the chains hold");
	return $node;
}

my $node = follow('a_year', map { blocks('doc/operations.md', $_) } 4 .. 9);
isnt($node->safe_psql('postgres', 'SELECT count(*) FROM care.issued_agreement_statement'), 0, 'statements were issued');
$node->stop;

my ($roles) = blocks('doc/operations.md', 4);
my $logins = { name => 'logins', kind => 'sql', shown => '',
	text => join '', map { "CREATE ROLE $_->[0] LOGIN IN ROLE $_->[1];\n" } [ 'clerk', 'care_writer' ], [ 'steward', 'care_steward' ] };
my ($archivist, @work) = blocks('doc/operations.md', 19);
$archivist->{text} .= 'CREATE ROLE archivist LOGIN IN ROLE care_archivist;';
$node = follow('disposal', $roles, $logins, $archivist, @work);
is($node->safe_psql('postgres', 'SELECT count(*) FROM care.disposal_certificate'), 2, 'records were disposed of');

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
