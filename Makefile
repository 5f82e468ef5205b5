# care_account: build, install and test with PGXS.
#
#   make                    build for the server of pg_config on the PATH (PG_CONFIG=... for another)
#   make install            install, usually as root
#   make installcheck       regression, isolation and TAP tests; the first two drop and make databases in
#                           the cluster that PGHOST and PGPORT name, which must be one to throw away
#   tools/check             all of that and more, on a cluster of its own

EXTENSION = care_account
MODULE_big = care_account
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" care_account.control)

# The rooms, in the order they are built: each uses only rooms before it.
ROOMS = schedule accrual interest reference reference_data chain person account statement report \
	agreement security ledger deferral recovery agreement_statement dpa_return audit batch retention guard
FULL_SCRIPT = sql/care_account--$(EXTVERSION).sql

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
DATA = $(wildcard sql/care_account--*--*.sql)
DATA_built = $(FULL_SCRIPT)
EXTRA_CLEAN = $(FULL_SCRIPT) build log tmp_check output_iso

PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-missing-field-initializers

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

$(FULL_SCRIPT): $(ROOMS:%=sql/%.sql) Makefile care_account.control
	{ printf '%s\n' '\echo Use "CREATE EXTENSION care_account" to load this file. \quit'; \
	  cat $(ROOMS:%=sql/%.sql); } > $@

$(OBJS): $(wildcard src/*.h)

ifeq ($(origin TAP_TESTS)$(TAP_TESTS),file)
installcheck: without_tap
without_tap:
	@echo "skipped: the TAP tests, which want IPC::Run (Debian: libipc-run-perl) and not to be run by root"
.PHONY: without_tap
endif
