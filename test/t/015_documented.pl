# 015_documented: the roles of doc/operations.md, and what the document has them do.  What is refused there is
# refused here in the same words, and nothing else is.  Figures are not compared: some are of today.

use strict;
use warnings;
use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @sections = slurp_file("$FindBin::RealBin/../../doc/operations.md") =~ /^(## .*?)(?=^## |\z)/gms;

# Each block of a section: what it is (sql or sh), its text, and what is shown of its output.
sub blocks
{
	my ($number) = @_;
	my ($section) = grep { /^## $number\. / } @sections or die "there is no section $number";
	my @blocks;
	while ($section =~ /^```(\w+)\n(.*?)^```/gms)
	{
		if ($1 eq 'text') { $blocks[-1]{shown} = $2; }
		else { push @blocks, { name => "section $number, block " . (@blocks + 1), kind => $1, text => $2, shown => '' }; }
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

my $node = follow('a_year', map { blocks($_) } 4 .. 9);
isnt($node->safe_psql('postgres', 'SELECT count(*) FROM care.issued_agreement_statement'), 0, 'statements were issued');
$node->stop;

my ($roles) = blocks(4);
my $logins = { name => 'logins', kind => 'sql', shown => '',
	text => join '', map { "CREATE ROLE $_->[0] LOGIN IN ROLE $_->[1];\n" } [ 'clerk', 'care_writer' ], [ 'steward', 'care_steward' ] };
my ($archivist, @work) = blocks(19);
$archivist->{text} .= 'CREATE ROLE archivist LOGIN IN ROLE care_archivist;';
$node = follow('disposal', $roles, $logins, $archivist, @work);
is($node->safe_psql('postgres', 'SELECT count(*) FROM care.disposal_certificate'), 2, 'records were disposed of');
$node->stop;
done_testing();
