# care_account: build, install and test with PGXS.
#
#   make                    build for the server of pg_config on the PATH (PG_CONFIG=... for another)
#   make install            install, usually as root
#   make installcheck       regression, isolation and TAP tests against a running throw-away cluster
#   tools/check             all of that and more, on a cluster of its own

EXTENSION = care_account
MODULE_big = care_account
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" care_account.control)

# The rooms, in the order they are built: each uses only rooms before it.
ROOMS = schedule accrual interest reference reference_data chain person account statement report \
	agreement security ledger deferral recovery agreement_statement dpa_return audit batch retention guard
FULL_SCRIPT = sql/care_account--$(EXTVERSION).sql

# src/pure is the mathematics and knows no server; src/pg is what PostgreSQL calls.
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/pure/*.c) $(wildcard src/pg/*.c)))
DATA = $(wildcard sql/care_account--*--*.sql)
DATA_built = $(FULL_SCRIPT)
EXTRA_CLEAN = $(FULL_SCRIPT) $(CALLERS).o $(CALLERS)$(DLSUFFIX) build log tmp_check output_iso

PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-missing-field-initializers
# Symbols are hidden but for what src/pg/entry.h shows.
PG_CFLAGS += -fvisibility=hidden
# Assertions are for a server that was built with its own.
PG_CFLAGS += $(if $(findstring enable-cassert,$(shell $(PG_CONFIG) --configure)),-DCARE_CHECK_PROMISES)

# What the tests call the library with; never installed.
CALLERS = test/callers/callers

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=.
TAP_TESTS = $(if $(wildcard test/t/*.pl),1)
PROVE_TESTS = test/t/*.pl

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(FULL_SCRIPT): $(ROOMS:%=sql/%.sql) Makefile care_account.control
	{ printf '%s\n' '\echo Use "CREATE EXTENSION care_account" to load this file. \quit'; \
	  cat $(ROOMS:%=sql/%.sql); } > $@

$(OBJS): $(wildcard src/pure/*.h) $(wildcard src/pg/*.h)

installcheck: $(CALLERS)$(DLSUFFIX)

$(CALLERS).o: override CFLAGS += -fvisibility=default

$(CALLERS)$(DLSUFFIX): $(CALLERS).o
	$(CC) $(CFLAGS) $(CFLAGS_SL) -shared -o $@ $< $(LDFLAGS)
