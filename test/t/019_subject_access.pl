# 019_subject_access: one document with every fact held about a person, across both extensions, logged before it is made.

use strict;
use warnings;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('access');
$node->init;
$node->append_conf('postgresql.conf', 'jit = off');
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE live');
sub ask { return $node->safe_psql('live', $_[0]) }
sub refused
{
	my (undef, undef, $error) = $node->psql('live', $_[0], extra_params => [ '-v', 'VERBOSITY=verbose', '-v', 'ON_ERROR_STOP=0' ]);
	return join ' ', ($error =~ /(?:ERROR|FATAL):  ([0-9A-Z]{5})/)[0] // 'not refused', ($error =~ /CONSTRAINT NAME:  (\S+)/)[0] // ();
}

ask(<<'SQL');
CREATE EXTENSION care_casework CASCADE;
SELECT care.open_account('E10000028', 'A-1', 'P-1', '1940-01-01', '2022', '2023-10-01');
SELECT care.record_budget(1, '2023-10-01', 'independent_personal_budget', 'care_home', 700);
SELECT care.open_account('E10000028', 'A-2', 'P-2', '1940-01-01', '2022', '2023-10-01');
SELECT casework.record_care_event('E10000028', 'P-1', 'service', '2025-05-01', '{"service_type": "lt_community"}');
SELECT casework.open_transition('E10000028', 'P-1', 'T-1', 'childs_needs', '2015-09-01');
SQL
my $key = ask(q{SELECT person_id FROM care.person WHERE reference = 'P-1'});
is(refused("SELECT care.subject_access(care.log_read('person', $key, 'asked', 'disclosure', 'P-1'))"), '55000 read_is_logged', 'not in the transaction that logs it');
is(refused('SELECT care.subject_access(' . ask("SELECT care.log_read('person', $key, 'to look')") . ')'), '42501 subject_access_disclosed', 'not for a read that is no disclosure');
is(refused('SELECT care.subject_access(0)'), '55000 read_is_logged', 'not without a log');
my $log = ask("SELECT care.log_read('person', $key, 'they asked on 2026-01-05', 'disclosure', 'the person')");
ask("CREATE TABLE public.shown AS SELECT care.subject_access($log) AS d");
is(ask(q{SELECT r->>'class', r->>'reference', jsonb_array_length(r->'facts') FROM public.shown, jsonb_array_elements(d->'records') AS r}),
	"person|P-1|3\naccount|A-1|2\ntransition|T-1|1", 'every record of theirs, of both extensions, and nobody else\'s');
# every fact in every table that is kept, counted another way
my $facts = ask(qq{SELECT count(*) FROM care.audit_trail AS t WHERE (t.class, t.record_id) IN (SELECT class, record_id FROM care.retention WHERE person_id = $key) OR t.class = 'person' AND t.record_id = $key});
is(ask(q{SELECT sum(jsonb_array_length(r->'facts')) FROM public.shown, jsonb_array_elements(d->'records') AS r}), $facts, 'every fact of the audit trail');
is(ask(q{SELECT count(*) FROM public.shown WHERE d::text ~ 'recorded_by|P-2|A-2'}), '0', 'without who recorded it, and without others');
is(ask(q{SELECT string_agg(l->>'operation', ' ') FROM public.shown, jsonb_array_elements(d->'looked_at') AS l}), 'consultation disclosure', 'and who looked');
is(ask(q{SELECT d->>'schema', d->>'version', d->>'digest' = encode(sha256(convert_to((d - 'digest')::text, 'UTF8')), 'hex') FROM public.shown}), 'care_account/subject_access|1.0|t', 'with schema, version and digest');
ask(q{SELECT care.record_setting('E10000028', 'subject_access_names_staff', 'on')});
$log = ask("SELECT care.log_read('person', $key, 'again', 'disclosure', 'the person')");
is(ask("SELECT care.subject_access($log)::text ~ 'recorded_by'"), 't', 'with names, where the authority says so');
$node->stop;
done_testing();
