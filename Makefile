# care_account: build, install and test with PGXS.
#
#   make                    build for the server of pg_config on the PATH (PG_CONFIG=... for another)
#   make install            install, usually as root
#   make installcheck       regression, isolation and TAP tests against a running throw-away cluster
#   tools/check             all of that and more, on a cluster of its own

EXTENSION = care_account
MODULE_big = care_account
EXTVERSION := $(shell sed -n "s/^default_version = '\(.*\)'/\1/p" care_account.control)

# The rooms of the install script, in the order they are built: each uses only rooms before it.
ROOMS = kernel/start kernel/schedule kernel/accrual kernel/interest kernel/given record/refuse \
	reference/day reference/authority reference/scheme reference/national_rate reference/setting reference/shipped record/chain \
	person/person \
	account/account account/derived account/in_force account/write account/position account/notice account/statement \
	account/statement_due account/report \
	agreement/policy agreement/agreement agreement/step agreement/security agreement/entry agreement/ledger \
	agreement/position agreement/rule agreement/write agreement/deferral agreement/recovery agreement/worklist \
	agreement/projection agreement/statement agreement/statement_due outward/dpa_return \
	record/audit record/run record/verify record/period record/hold record/retention record/disposal record/dispose \
	record/guard
FULL_SCRIPT = sql/care_account--$(EXTVERSION).sql

OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c)))
DATA = $(wildcard sql/care_account--*--*.sql)
DATA_built = $(FULL_SCRIPT)
DOCS = sql/roles.sql
EXTRA_CLEAN = $(FULL_SCRIPT) build log tmp_check output_iso

PG_CFLAGS = -Wextra -Wno-unused-parameter -Wno-missing-field-initializers

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=.
TAP_TESTS = $(if $(wildcard test/t/*.pl),1)
PROVE_TESTS = test/t/*.pl

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(FULL_SCRIPT): $(ROOMS:%=sql/care_account/%.sql) Makefile care_account.control
	{ printf '%s\n' '\echo Use "CREATE EXTENSION care_account" to load this file. \quit'; \
	  cat $(ROOMS:%=sql/care_account/%.sql); } > $@

$(OBJS): $(wildcard src/*.h)
