# care_account and care_casework: build, install and test with PGXS.
#
#   make                    build for the server of pg_config on the PATH (PG_CONFIG=... for another)
#   make install            install, usually as root
#   make installcheck       regression, isolation and TAP tests; the first two drop and make databases in
#                           the cluster that PGHOST and PGPORT name, which must be one to throw away
#   make dist               the archive for PGXN, from what is committed: the same bytes each time
#   tools/check             all of that and more, on a cluster of its own

EXTENSION = care_account care_casework
MODULE_big = care_account
version_of = $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(1).control)

# The rooms of each install script, in the order they are built: each uses only rooms before it.
ROOMS = kernel/start kernel/schedule kernel/accrual kernel/interest kernel/given \
	record/moment record/refuse record/registry record/refers record/chain record/reference \
	record/keys \
	reference/day reference/authority reference/scheme reference/national_rate reference/setting reference/actor \
	reference/shipped record/run \
	person/person person/write person/retained \
	account/account account/derived account/figure account/in_force account/write account/correct account/adjustment account/position account/notice \
	account/load account/statement \
	account/statement_due account/projection account/retained \
	agreement/policy agreement/agreement agreement/step agreement/security agreement/change agreement/entry agreement/ledger \
	agreement/position agreement/rule agreement/limit agreement/confirmed agreement/write agreement/correct \
	agreement/deferral agreement/posting agreement/recovery agreement/load \
	agreement/load_entry agreement/worklist agreement/projection agreement/statement agreement/statement_due \
	agreement/retained outward/dpa_return outward/dpa_detail \
	record/parts record/audit record/verify record/fingerprint record/period record/hold record/access_log record/access_disposal \
	record/subject_access \
	record/retention record/disposal \
	record/dispose \
	outward/letter_page outward/chart outward/curve outward/letter_account outward/letter_cap outward/sent \
	outward/verify_letter outward/scheme_model outward/made_up \
	outward/analyst outward/analyst_book outward/letter_agreement outward/disclosure \
	import/batch import/read import/sheet import/staged import/check import/put import/load import/compare \
	transfer/canonical transfer/transfer transfer/move transfer/document transfer/read transfer/adopt \
	transfer/move_write transfer/write transfer/take_in \
	transfer/acknowledge transfer/successor \
	api/identity api/delegate api/submission api/citizen api/citizen_agreement api/staff api/staff_number record/guard
# care_casework is SQL only, and uses the core by what the core declares.
CASEWORK_LATER = common/parameter common/message hospital/code hospital/rule hospital/notice \
	hospital/message hospital/write hospital/answer hospital/worklist returns/code returns/table_code \
	returns/spec returns/event returns/event_write market/code market/index market/file market/import market/take_in \
	market/cost market/market market/report returns/cld returns/cld_export returns/check returns/unique \
	returns/salt returns/long_term returns/ascof transition/code transition/transition transition/write \
	transition/worklist ilf/code ilf/ilf
CASEWORK_ROOMS = common/start common/separation common/code common/list common/write common/profile common/identity common/identity_write \
	common/objection common/case_file \
	safeguarding/list safeguarding/concern safeguarding/enquiry safeguarding/caused safeguarding/review \
	safeguarding/enquiry_rule safeguarding/concern_write safeguarding/enquiry_write safeguarding/conclusion \
	safeguarding/worklist safeguarding/retained \
	prison/list prison/establishment prison/detention prison/prisoner prison/move prison/prisoner_write prison/report \
	safeguarding/sac safeguarding/sac_check safeguarding/analysis \
	$(CASEWORK_LATER) \
	common/finish
FULL_SCRIPT = sql/care_account--$(call version_of,care_account).sql
CASEWORK_SCRIPT = sql/care_casework--$(call version_of,care_casework).sql

# src/pure is the mathematics and knows no server; src/pg is what PostgreSQL calls.
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/pure/*.c) $(wildcard src/pg/*.c)))
DATA = $(wildcard sql/care_account--*--*.sql) $(wildcard sql/care_casework--*--*.sql)
DATA_built = $(FULL_SCRIPT) $(CASEWORK_SCRIPT)
DOCS = sql/roles.sql sql/casework_roles.sql sql/api_roles.sql sql/national_reader.sql sql/national.sql \
	doc/portal/care_api.tags.json5
EXTRA_CLEAN = $(FULL_SCRIPT) $(CASEWORK_SCRIPT) $(CALLERS).o $(CALLERS)$(DLSUFFIX) build log tmp_check output_iso

PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
# Symbols are hidden but for what src/pg/entry.h shows.
PG_CFLAGS += -fvisibility=hidden
# Assertions are for a server that was built with its own.
PG_CFLAGS += $(if $(findstring enable-cassert,$(shell $(PG_CONFIG) --configure)),-DCARE_CHECK_PROMISES)

# What the tests call the library with; never installed.
CALLERS = test/callers/callers

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --encoding=UTF8 --no-locale
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --encoding=UTF8 --no-locale
# They run servers of their own, which root may not.
ifneq ($(filter installcheck,$(MAKECMDGOALS)),)
TAP_TESTS := $(shell perl -e 'print 1 if $$> && eval { require IPC::Run }')
endif
PROVE_TESTS = test/t/*.pl

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(FULL_SCRIPT): $(ROOMS:%=sql/care_account/%.sql) Makefile care_account.control
	{ printf '%s\n' '\echo Use "CREATE EXTENSION care_account" to load this file. \quit'; \
	  cat $(ROOMS:%=sql/care_account/%.sql); } > $@

$(CASEWORK_SCRIPT): $(CASEWORK_ROOMS:%=sql/care_casework/%.sql) Makefile care_casework.control
	{ printf '%s\n' '\echo Use "CREATE EXTENSION care_casework" to load this file. \quit'; \
	  cat $(CASEWORK_ROOMS:%=sql/care_casework/%.sql); } > $@

$(OBJS): $(wildcard src/pure/*.h) $(wildcard src/pg/*.h)

installcheck: $(CALLERS)$(DLSUFFIX)

$(CALLERS).o: override CFLAGS += -fvisibility=default

$(CALLERS)$(DLSUFFIX): $(CALLERS).o
	$(CC) $(CFLAGS) $(CFLAGS_SL) -shared -o $@ $< $(LDFLAGS)

ifeq ($(origin TAP_TESTS)$(TAP_TESTS),file)
installcheck: without_tap
without_tap:
	@echo "skipped: the TAP tests, which want IPC::Run (Debian: libipc-run-perl) and not to be run by root"
.PHONY: without_tap
endif

DIST = care_account-$(shell sed -n 's/^    "version": "\(.*\)",/\1/p' META.json)
dist:
	git archive --format=zip --prefix=$(DIST)/ --output=$(DIST).zip HEAD
.PHONY: dist
