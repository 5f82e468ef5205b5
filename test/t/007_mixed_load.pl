# 007_mixed_load: eight sessions write whatever an authority writes, and the server is killed at a random
# moment, again and again.  Each client notes what it asks for and what it was told, outside the database.
# After each restart what is derived follows from the facts, what was told is there, and of what was asked
# for without an answer all is there or nothing.

use strict;
use warnings;
use FindBin;
use lib $FindBin::RealBin;
use Crash qw(kill_server is_verified);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Digest::MD5 qw(md5);
use IPC::Open2;
use List::Util qw(min shuffle);
use POSIX ();
use Time::HiRes qw(usleep);

my $rounds = $ENV{CARE_TEST_KILLS} // 20;
my $writers = 8;
my $most_calls = 300; # of each session and round: more than it gets to
my $seed = $ENV{CARE_TEST_SEED} // time;
diag "seed $seed (CARE_TEST_SEED=$seed repeats the calls, not the moments)";

my $node = PostgreSQL::Test::Cluster->new('mixed_load');
$node->init;
$node->append_conf('postgresql.conf', "fsync = on\nfull_page_writes = on\ncheckpoint_timeout = 30s\nrecovery_init_sync_method = syncfs");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION care_account');
$node->safe_psql('postgres', q{
	SELECT care.record_interest_policy(authority, '2015-04-01', 1.25, 'policy of the authority') FROM care.local_authority WHERE valid_from IS NULL;
	SELECT count(care.confirm_national_max_rate(r.valid_from, r.max_percent, 'planning')) FROM care.national_rate_to_confirm AS r});
my @authorities = split /\n/, $node->safe_psql('postgres', q{SELECT authority FROM care.local_authority WHERE valid_from IS NULL AND valid_to IS NULL});

#
# A client: psql, a file of notes, and what it has been told.
#

my ($to_psql, $from_psql, $notes, $in_transaction, @told);

sub connect_client
{
	my ($file, $isolation) = @_;
	local $ENV{PGOPTIONS} = "-c default_transaction_isolation=$isolation";
	open2($from_psql, $to_psql, "exec psql -XAtq -d '" . $node->connstr('postgres') . "' 2>$file.errors");
	open $notes, '>', $file or die "cannot write $file: $!";
	$notes->autoflush(1);
	$in_transaction = 0;
	return;
}

# The answer to one command.  Dies with "again" when another session was in the way, with "lost" when the
# server is gone.
sub query
{
	my ($command) = @_;
	print $to_psql "$command;\n\\echo state :SQLSTATE :LAST_ERROR_MESSAGE\n";
	my @answer;
	while (my $line = <$from_psql>)
	{
		chomp $line;
		if ($line =~ /^state (\w{5}) (.*)/)
		{
			return join "\n", @answer if $1 eq '00000';
			die "again\n" if $1 eq '40001' or $1 eq '40P01';
			die "refused: $command: $1 $2\n";
		}
		push @answer, $line;
	}
	die "lost\n";
}

# Facts to come of a command: what, of which account, agreement, person, scheme or task, from which day,
# and how much; its answer is the key of the first.
sub record
{
	my ($command, @facts) = @_;
	my @lines = map { join '|', @$_[ 0, 1 ], '', $_->[2], $_->[3] // '' } @facts;
	print $notes "? $_\n" for @lines;
	my $key = query($command);
	$lines[0] =~ s/\|\|/|$key|/;
	push @told, @lines;
	return $key;
}

# What is done in it is committed by its end, or done again if another session was in the way.
sub call
{
	my ($body) = @_;
	while (1)
	{
		@told = ();
		my $result = eval { $body->() };
		my $failure = $@;
		if ($failure eq '')
		{
			print $notes map({ "! $_\n" } @told), "-\n";
			return $result;
		}
		die $failure if $failure ne "again\n";
		query('ROLLBACK') if $in_transaction;
		$in_transaction = 0;
		print $notes "-\n";
	}
}

sub transaction
{
	my ($body) = @_;
	return call(sub {
		query('BEGIN');
		$in_transaction = 1;
		my $result = $body->();
		query('COMMIT');
		$in_transaction = 0;
		return $result;
	});
}

#
# What is written.  Sessions share the accounts and agreements of their round, which are those of one authority.
#

my $authority;
my (%account, %agreement, %weekly); # keys by reference

sub any { return $_[ int rand @_ ] }
sub pounds { return sprintf '%.2f', $_[0] + rand $_[1] }
sub day_after
{
	my ($first, $days) = @_;
	my ($y, $m, $d) = split /-/, $first;
	return POSIX::strftime('%Y-%m-%d', localtime(POSIX::mktime(0, 0, 12, $d, $m - 1, $y - 1900) + 86400 * $days));
}

sub open_account
{
	my ($reference, $person, $scheme) = @_;
	my $day = day_after('2001-01-01', int rand 365);
	$account{$reference} = transaction(sub {
		my $key = record("SELECT care.open_account('$authority', '$reference', '$person', NULL, '$scheme', '$day')", [ 'account', $reference, $day ]);
		record("SELECT care.record_budget($key, '$day', 'personal_budget', 'community', 100)", [ 'budget', $reference, $day, '100' ]);
		return $key;
	});
	return;
}

sub open_agreement
{
	my ($reference) = @_;
	my ($signed, $secured) = ('2016-01-04', '2016-02-01');
	return $agreement{$reference} = record("SELECT care.open_agreement('$authority', '$reference', 'of $reference', '$signed', '$secured')",
		[ 'agreement', $reference, $signed ], map({ [ $_, $reference, $signed ] } qw(offered rate_notified signed)), [ 'secured', $reference, $secured ]);
}

sub value
{
	my ($reference, $day) = @_;
	my $amount = pounds(800_000, 100_000);
	record("SELECT care.record_valuation($agreement{$reference}, '$day', $amount)", [ 'valuation', $reference, $day, $amount ]);
	return;
}

sub defer
{
	my ($reference, $day, $kind) = @_;
	my $amount = pounds(1, 100);
	return [ $reference, $day, $amount,
		record("SELECT care.defer($agreement{$reference}, '$day', '$kind', $amount)", [ 'entry', $reference, $day, $amount ]) ];
}

sub defer_weekly
{
	my ($reference, $day) = @_;
	my $amount = pounds(100, 100);
	record("SELECT care.record_deferral($agreement{$reference}, '$day', $amount, 0)", [ 'deferral', $reference, $day, $amount ]);
	return;
}

# The accounts and agreements of a round.
sub prepare
{
	my ($round) = @_;
	$authority = $authorities[ $round % @authorities ];
	(%account, %agreement, %weekly) = ();
	my $scheme = "scheme $round";
	query("SELECT care.record_scheme('$scheme', 'Since long ago', 'draft', '2001-01-01', 'weekly_cost', 'test')");
	call(sub { record("SELECT care.record_parameter('$scheme', 'cap', '2001-01-01', 60000, 'test')", [ 'cap', $scheme, '2001-01-01', '60000.00' ]) });
	open_account("account $round.$_", "person $round." . $_ % 2, $scheme) for 0 .. 3;
	for my $n (0 .. 3)
	{
		my $reference = "agreement $round.$n";
		transaction(sub {
			my $key = open_agreement($reference);
			value($reference, '2016-01-01');
			record("SELECT care.bring_in_debt($key, '2016-02-02', 50000, 'from before')", [ 'entry', $reference, '2016-02-02', '50000.00' ]);
			defer_weekly($reference, '2016-02-01') if $n < 2;
		});
		$weekly{$reference} = 1 if $n < 2;
	}
	return;
}

# What one session does until the server is gone.
sub write_on
{
	my ($round, $writer) = @_;
	my @persons = map { "person $round.$_" } 0, 1;
	my (@budgets, @adjustments, @entries);
	my $number; # of the call: one session's calls and days are not another's
	my $own = sub { return day_after($_[0], $number * $writers + $writer) };
	my $later = sub { return day_after($_[0], min($_[1], $number * $_[2] + int rand $_[2])) };

	my $budget = sub {
		my ($reference, $day, $corrects) = @_;
		my $amount = pounds(100, 900);
		my $setting = any(qw(care_home community));
		my $key = record("SELECT care.record_budget($account{$reference}, '$day', 'personal_budget', '$setting', $amount"
			. ($corrects ? ", supersedes => $corrects)" : ')'), [ 'budget', $reference, $day, $amount ]);
		return [ $reference, $day, $key ];
	};
	# by hand, from the day after the last on: the lock keeps others from issuing one in between
	my $statement = sub {
		my ($what, $reference, $key, $lock, $last, $issue) = @_;
		transaction(sub {
			query($_) for @$lock;
			my $day = day_after(query($last), 1 + int rand 30);
			record("SELECT $issue($key, '$day')", [ $what, $reference, $day ]);
		});
	};
	my $run = sub {
		my ($procedure, $task, $day) = @_;
		my $batch = 1 + int rand 5;
		call(sub { record("CALL care.$procedure('$day', '$authority', $batch)", [ 'run', $task, $day ]) });
	};

	my %calls = (
		'open account' => sub { open_account("account $round.$writer.$number", any(@persons, "person $round.$writer.$number"), "scheme $round") },
		'budget' => sub {
			my $reference = any(keys %account);
			push @budgets, call(sub { $budget->($reference, $own->('2001-12-31')) });
		},
		'corrected budget' => sub {
			my $old = splice @budgets, rand @budgets, 1 or return;
			push @budgets, call(sub { $budget->(@$old) });
		},
		'ended budget' => sub {
			my $reference = any(keys %account);
			my $day = $own->('2001-12-31');
			call(sub { record("SELECT care.end_budget($account{$reference}, '$day', 'test')", [ 'budget', $reference, $day, '0' ]) });
		},
		'adjustment' => sub {
			my ($reference, $day, $amount) = (any(keys %account), day_after('2002-01-01', int rand 7000), pounds(1, 500));
			my $key = call(sub {
				record("SELECT care.record_adjustment($account{$reference}, '$day', $amount, 'error_corrected', 'test')",
					[ 'adjustment', $reference, $day, $amount ]);
			});
			push @adjustments, [ $reference, $day, $key ];
		},
		'withdrawn adjustment' => sub {
			my $old = splice @adjustments, rand @adjustments, 1 or return;
			my ($reference, $day, $key) = @$old;
			call(sub {
				record("SELECT care.record_adjustment($account{$reference}, '$day', 0, 'withdrawn', 'test', supersedes => $key)",
					[ 'adjustment', $reference, $day, '0' ]);
			});
		},
		'death' => sub {
			my ($person, $day, $died) = (any(@persons), day_after('2003-01-01', int rand 7000), any(1, 1, 0));
			call(sub {
				record("SELECT care.record_death('$person', " . ($died ? "'$day'" : 'NULL') . ", '$day')", [ 'death', $person, $day, $died ]);
			});
		},
		'event' => sub {
			my ($reference, $day) = (any(keys %account), day_after('2002-01-01', int rand 7000));
			call(sub { record("SELECT care.record_event($account{$reference}, '$day', 'statement_requested')", [ 'event', $reference, $day ]) });
		},
		'statement' => sub {
			my $reference = any(keys %account);
			my $key = $account{$reference};
			$statement->('statement', $reference, $key, [ 'SELECT FROM care_internal.share_schemes()', "SELECT FROM care_internal.lock_account($key)" ],
				"SELECT coalesce(max(as_at), '2001-12-31') FROM care.issued_statement WHERE account_id = $key", 'care.issue_statement');
		},
		'statement run' => sub { $run->('issue_due_statements', 'account statements', $later->('2002-01-01', 8000, 40)) },
		'cap' => sub {
			my ($day, $amount) = (2002 + int(rand 20) . '-04-01', pounds(50_000, 30_000));
			call(sub {
				record("SELECT care.record_parameter('scheme $round', 'cap', '$day', $amount, 'test', scales_accrued => " . any(qw(true false))
					. ', corrects => true)', [ 'cap', "scheme $round", $day, $amount ]);
			});
		},
		'open agreement' => sub { call(sub { open_agreement("agreement $round.$writer.$number") }) },
		'valuation' => sub {
			my $reference = any(keys %agreement);
			call(sub { value($reference, $later->('2016-01-05', 3000, 10)) });
		},
		'fees' => sub {
			my $reference = "agreement $round." . int rand 4;
			push @entries, call(sub { defer($reference, $later->('2016-03-01', 3000, 10), 'care_fees') });
		},
		'charge' => sub {
			my $reference = "agreement $round." . int rand 4;
			push @entries, call(sub { defer($reference, $later->('2016-03-01', 3000, 10), 'administration_charge') });
		},
		'payment' => sub {
			my ($reference, $day, $amount) = ("agreement $round." . int(rand 4), $later->('2016-03-01', 3000, 10), pounds(1, 20));
			my $key = call(sub { record("SELECT care.record_payment($agreement{$reference}, '$day', $amount)", [ 'entry', $reference, $day, "-$amount" ]) });
			push @entries, [ $reference, $day, "-$amount", $key ];
		},
		'reversal' => sub {
			my $old = splice @entries, rand @entries, 1 or return;
			my ($reference, $day, $amount, $key) = @$old;
			call(sub {
				record("SELECT care.reverse_entry($agreement{$reference}, $key, 'test')",
					[ 'entry', $reference, $day, $amount =~ /^-(.*)/ ? $1 : "-$amount" ]);
			});
		},
		'weekly amount' => sub {
			my $reference = any(keys %weekly);
			call(sub { defer_weekly($reference, $own->('2016-03-01')) });
		},
		'weeks' => sub {
			my ($reference, $day) = (any(keys %weekly), $later->('2016-02-01', 3000, 10));
			call(sub { record("SELECT care.post_deferral($agreement{$reference}, '$day')", [ 'weeks', $reference, $day ]) });
		},
		'weekly run' => sub { $run->('post_due_deferrals', 'weekly deferrals', $later->('2016-02-01', 3000, 10)) },
		'agreement statement' => sub {
			my $reference = any(keys %agreement);
			my $key = $agreement{$reference};
			$statement->('agreement statement', $reference, $key, ["SELECT FROM care_internal.lock_agreement($key)"],
				"SELECT coalesce(max(as_at), '2016-02-28') FROM care.issued_agreement_statement WHERE agreement_id = $key",
				'care.issue_agreement_statement');
		},
		'agreement statement run' => sub {
			$run->('issue_due_agreement_statements', 'agreement statements', $later->('2016-06-01', 3000, 20));
		},
		'budget and charge' => sub {
			my $reference = any(keys %account);
			transaction(sub {
				$budget->($reference, $own->('2001-12-31'));
				defer("agreement $round." . int(rand 4), $later->('2016-03-01', 3000, 10), 'administration_charge');
			});
		},
		'agreement repaid' => sub {
			my $reference = "repaid $round.$writer.$number";
			transaction(sub {
				my $key = open_agreement($reference);
				value($reference, '2016-01-05');
				defer($reference, '2016-03-01', 'care_fees');
				my $figure = query("SELECT care.redemption_figure($key, '2016-09-01')");
				record("SELECT care.record_payment($key, '2016-09-01', $figure + 10, take_credit => true)",
					[ 'entry', $reference, '2016-09-01', sprintf('%.2f', -$figure - 10) ]);
				record("SELECT care.release_charge($key, '2016-09-10')", [ 'charge_released', $reference, '2016-09-10' ]);
			});
			delete $agreement{$reference};
		},
		'checkpoint' => sub { query('CHECKPOINT') });

	# The last session has an older view: figures of a scheme, persons and deaths are not recorded so, as none sees
	# an account that is being opened.
	delete @calls{ grep { /cap|death|open|repaid/ } keys %calls } if $writer == $writers - 1;
	my @deck;
	for ($number = 1; $number <= $most_calls; $number++)
	{
		# of each kind the same number, the budgets more
		@deck = shuffle((sort keys %calls), ('budget') x 5) if !@deck;
		$calls{ pop @deck }->();
	}
	query('SELECT pg_sleep(600)');
	return;
}

#
# What was noted, and what is there.
#

# What a client was told, and what it had asked for without an answer, both as rows to load.
sub read_notes
{
	my ($file, $client) = @_;
	my (@told, @asked);
	for my $line (split /\n/, slurp_file($file))
	{
		my ($sign, $fact) = $line =~ /^(.)(?: (.*))?$/;
		if ($sign eq '-') { @asked = (); }
		elsif ($sign eq '!') { push @told, "t|$client|$fact"; }
		else { push @asked, "f|$client|$fact"; }
	}
	return @told, @asked;
}

my $facts = q{
	CREATE TEMP TABLE noted (told bool, client text, what text, parent text, key int8, day date, amount numeric);
	CREATE TEMP VIEW fact AS
	SELECT 'account' AS what, reference AS parent, account_id AS key, counts_from AS day, NULL::numeric AS amount FROM care.account
	UNION ALL SELECT 'budget', reference, budget_id, valid_from, b.weekly_cost FROM care.budget AS b JOIN care.account USING (account_id)
	UNION ALL SELECT 'adjustment', reference, adjustment_id, effective_on, amount FROM care.adjustment JOIN care.account USING (account_id)
	UNION ALL SELECT 'event', reference, event_id, on_day, NULL FROM care.account_event JOIN care.account USING (account_id)
	UNION ALL SELECT 'statement', reference, statement_id, as_at, NULL FROM care.issued_statement JOIN care.account USING (account_id) WHERE due_on IS NULL
	UNION ALL SELECT 'death', reference, NULL, known_on, (died_on IS NOT NULL)::int FROM care.death JOIN care.person USING (person_id)
	UNION ALL SELECT name, scheme, NULL, valid_from, amount FROM care.parameter WHERE NOT shipped
	UNION ALL SELECT 'agreement', reference, agreement_id, applied_on, NULL FROM care.agreement
	UNION ALL SELECT kind, reference, NULL, on_day, NULL FROM care.agreement_event JOIN care.agreement USING (agreement_id)
	UNION ALL SELECT 'valuation', reference, valuation_id, valued_on, amount FROM care.valuation JOIN care.agreement USING (agreement_id)
	UNION ALL SELECT 'entry', reference, entry_id, on_day, amount FROM care.agreement_entry JOIN care.agreement USING (agreement_id) WHERE week_from IS NULL
	UNION ALL SELECT 'deferral', reference, deferral_id, valid_from, weekly_cost FROM care.deferral JOIN care.agreement USING (agreement_id)
	UNION ALL SELECT 'agreement statement', reference, statement_id, as_at, NULL
	          FROM care.issued_agreement_statement JOIN care.agreement USING (agreement_id) WHERE due_on IS NULL
	UNION ALL SELECT 'run', task, NULL, as_at, NULL FROM care_internal.batch_run WHERE finished_at IS NOT NULL;
};

my @noted; # by all clients of all rounds

sub look
{
	my ($how) = @_;
	my $load = "$facts COPY noted FROM stdin (DELIMITER '|', NULL '');\n" . join("\n", @noted) . "\n\\.\n";
	my $none = sub {
		my ($query, $name) = @_;
		is($node->safe_psql('postgres', "$load $query"), '', "$how: $name");
	};

	is_verified($node, $how);
	$none->(q{SELECT what, parent, key, day, amount FROM noted WHERE told AND what <> 'weeks' EXCEPT ALL SELECT * FROM fact},
		'what was told is there');
	$none->(q{
		SELECT w.what, w.parent, w.day, n.weeks FROM noted AS w
		    JOIN care.agreement AS a ON a.reference = w.parent
		    CROSS JOIN LATERAL (SELECT count(DISTINCT p.week_from) AS weeks FROM care.deferral_posting AS p
		                        WHERE p.agreement_id = a.agreement_id AND p.week_to <= w.day) AS n
		WHERE w.told AND w.what = 'weeks' AND n.weeks <> (w.day - DATE '2016-02-01' + 1) / 7},
		'every week is posted up to the day that was told');
	# Each fact that nobody was told of was asked for, and of what a session had asked for all or nothing is there.
	$none->(q{
		CREATE TEMP TABLE unseen AS SELECT * FROM fact EXCEPT ALL SELECT what, parent, key, day, amount FROM noted WHERE told;
		SELECT what, parent, day, amount FROM unseen EXCEPT ALL SELECT what, parent, day, amount FROM noted WHERE NOT told;
		SELECT n.client, count(u.what), count(*) FROM noted AS n
		    LEFT JOIN unseen AS u ON (u.what, u.parent, u.day) = (n.what, n.parent, n.day) AND u.amount IS NOT DISTINCT FROM n.amount
		WHERE NOT n.told AND n.what <> 'weeks' GROUP BY n.client HAVING count(u.what) NOT IN (0, count(*))},
		'what was asked for and not answered is there whole or not at all');
	$none->(q{
		SELECT r.task, r.as_at, sum(r.done), s.issued FROM care_internal.batch_run AS r
		    CROSS JOIN LATERAL (SELECT count(*) AS issued
		                        FROM (SELECT 'account statements' AS task, as_at, due_on FROM care.issued_statement
		                              UNION ALL SELECT 'agreement statements', as_at, due_on FROM care.issued_agreement_statement) AS i
		                        WHERE i.task = r.task AND i.as_at = r.as_at AND i.due_on IS NOT NULL) AS s
		WHERE r.task <> 'weekly deferrals' GROUP BY r.task, r.as_at, s.issued HAVING sum(r.done) <> s.issued},
		'each batch counted what it issued');
	$none->(q{
		SELECT p.agreement_id, p.week_from, e.agreement_id, e.week_from, p.deferred, e.amount
		FROM (SELECT * FROM care.deferral_posting WHERE deferred <> 0) AS p
		    FULL JOIN (SELECT * FROM care.agreement_entry WHERE week_from IS NOT NULL) AS e
		        ON (e.agreement_id, e.entry_id, e.week_from, e.amount) = (p.agreement_id, p.entry_id, p.week_from, p.deferred)
		WHERE p.agreement_id IS NULL OR e.agreement_id IS NULL},
		'each posted week has its entry');
	$none->(q{
		SELECT s.account_id, s.statement_id FROM care.issued_statement AS s
		    LEFT JOIN care.issued_statement AS p ON p.account_id = s.account_id AND p.statement_id = s.previous_statement_id
		WHERE s.accrued <> (SELECT coalesce(sum(l.amount), 0) FROM unnest(s.lines) AS l) OR p.accrued <> s.lines[1].amount OR p.as_at >= s.as_at;
		SELECT s.agreement_id, s.statement_id FROM care.issued_agreement_statement AS s
		    LEFT JOIN care.issued_agreement_statement AS p ON p.agreement_id = s.agreement_id AND p.statement_id = s.previous_statement_id
		WHERE s.balance - s.held <> (SELECT coalesce(sum(l.amount), 0) FROM unnest(s.lines) AS l) OR p.balance - p.held <> s.lines[1].amount OR p.as_at >= s.as_at},
		'each statement adds up, and follows from the last');
	$none->(q{
		SELECT p.reference FROM care.person AS p
		WHERE NOT EXISTS (SELECT FROM care.account AS a WHERE a.person_id = p.person_id)
		  AND NOT EXISTS (SELECT FROM care.agreement AS a WHERE a.person_id = p.person_id)},
		'nobody was recorded without an account or agreement');
	return;
}

my $folder = PostgreSQL::Test::Utils::tempdir;
srand $seed;
for my $round (1 .. $rounds)
{
	my @files = map { "$folder/$round.$_" } 0 .. $writers;
	connect_client($files[$writers], 'read\\ committed');
	prepare($round);
	close $to_psql;
	close $from_psql;

	my @sessions;
	for my $writer (0 .. $writers - 1)
	{
		my $pid = fork // die "cannot fork: $!";
		if ($pid == 0)
		{
			setpgrp;
			$SIG{PIPE} = $SIG{TERM} = sub { };
			srand unpack 'L', md5("$seed $round $writer");
			connect_client($files[$writer], $writer == $writers - 1 ? 'repeatable\\ read' : 'read\\ committed');
			eval { write_on($round, $writer) };
			append_to_file("$files[$writer].end", $@);
			POSIX::_exit(0);
		}
		push @sessions, $pid;
	}
	for (1 .. 1200)
	{
		last if !grep { !-s $_ } @files;
		usleep 50_000;
	}
	my $wait = int rand 3_000_000;
	usleep $wait;
	kill_server($node);
	kill 'TERM', -$_ for @sessions; # a psql that has not found out
	waitpid $_, 0 for @sessions;

	my $how = "kill $round";
	is(join('', map { slurp_file("$files[$_].end") } 0 .. $writers - 1), "lost\n" x $writers, "$how: every session was cut off, and none was refused");
	unlike(join('', map { slurp_file("$_.errors") } @files), qr/WARNING:  not posted/, "$how: every week could be posted");
	my @new = map { read_notes($files[$_], "$round.$_") } 0 .. $writers;
	note "$how: after $wait microseconds, with " . grep({ /^t/ } @new) . ' facts told and ' . grep({ /^f/ } @new) . ' asked for';
	push @noted, @new;
	look($how);
}

my %told;
$told{ (split /\|/)[2] }++ for grep { /^t/ } @noted;
note join ', ', map { "$_ $told{$_}" } sort keys %told;
# in fewer rounds one may not have had its turn
is(scalar(grep { $told{$_} } 'account', 'adjustment', 'agreement', 'agreement statement', 'budget', 'cap', 'charge_released', 'death',
		'deferral', 'entry', 'event', 'run', 'statement', 'valuation', 'weeks'),
	15, 'facts of every kind were told') if $rounds > 3;
$node->stop;
done_testing();
