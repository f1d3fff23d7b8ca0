# Makefile for the workflow extension
#
#   make && sudo make install      build and install
#   make installcheck              all tests, on temporary servers (not as root)
#   make lint                      formatting, static analysis and the house rules
#   make start psql stop           a private server to try things on
#   test/run                       everything, from a fresh Debian machine

EXTENSION = workflow
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" workflow.control)

MODULE_big = workflow
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c src/*/*.c)))
SOURCES = $(wildcard src/*.[ch] src/*/*.[ch])

# The base script is joined from its parts; upgrade scripts stand beside it whole
BASE_SCRIPT = sql/workflow--$(EXTVERSION).sql
BASE_PARTS = $(sort $(wildcard sql/workflow/*.sql))
DATA = $(filter-out $(BASE_SCRIPT),$(wildcard sql/workflow--*.sql))
DATA_built = $(BASE_SCRIPT)

# The names of the server's SQLSTATEs, from its own list
CONDITION_NAMES = src/task/condition_names.h

# Export only what is marked PGDLLEXPORT, as PostgreSQL 16 and later do
PG_CPPFLAGS = -I$(srcdir)/src -DWORKFLOW_VERSION=\"$(EXTVERSION)\" \
	'-DPGDLLEXPORT=__attribute__((visibility("default")))'
PG_CFLAGS = -std=gnu11 -fvisibility=hidden -Wall -Wextra -Wno-unused-parameter \
	-Wno-sign-compare -Wno-missing-field-initializers
SHLIB_LINK = -lcjson -lpcre2-8 -lz -lm

# Tests, in this order.  The sub-folders of sql, expected and results have the
# same names.  Never one called "workflow": sql/workflow is not a test.
REGRESS = \
	install \
	jsonpath/path \
	jsonpath/filter \
	jsonpath/error \
	intrinsic/array \
	intrinsic/string \
	intrinsic/error \
	jsonata/path \
	jsonata/expression \
	jsonata/error \
	asl/syntax \
	asl/machine \
	asl/state \
	asl/choice \
	asl/handler \
	asl/template \
	asl/language \
	asl/jsonata \
	asl/resource \
	asl/map \
	asl/warning \
	engine/setup \
	engine/pass \
	engine/choice \
	engine/wait \
	engine/task \
	engine/timeout \
	engine/fail \
	engine/retry \
	engine/catch \
	engine/parallel \
	engine/variables \
	engine/context \
	engine/limits \
	engine/simulate \
	engine/map_failure \
	engine/map \
	engine/distributed \
	engine/jsonata \
	engine/jsonata_failure \
	engine/jsonata_limit \
	api/machine \
	api/constraint \
	api/version \
	api/execution \
	api/map_run \
	api/express \
	api/resource \
	api/history \
	api/instance \
	api/object \
	item/setup \
	item/csv \
	item/json \
	item/object \
	task/setup \
	task/activity \
	task/callback \
	task/heartbeat \
	task/statement \
	task/limits \
	task/nested \
	task/credentials \
	task/arguments \
	task/schedule \
	execution/sequence \
	execution/failure \
	execution/parallel \
	execution/time \
	execution/example \
	execution/chain \
	execution/map \
	execution/express \
	execution/express_map \
	execution/distributed_map \
	execution/map_items \
	execution/map_results \
	execution/jsonata \
	privileges
TEMP_CONFIG ?= test/postgresql.conf
# the same results whatever the locale of the machine
ENCODING = UTF8
NO_LOCALE = 1
REGRESS_PREP = results-folders

# test/isolation/specs/NAME.spec, one name a line
ISOLATION = \
	start-name \
	start-rollback \
	start-delete \
	skip-locked \
	stop-result \
	token-success-success \
	token-stop \
	token-timeout \
	token-parallel \
	token-timeout-commit \
	drop-extension
ISOLATION_OPTS = --inputdir=test/isolation

# Each suite starts a server of its own, unless RUNNING_SERVER=1 says to use the
# one that PGHOST and PGPORT name
ifndef RUNNING_SERVER
REGRESS_OPTS += --temp-instance=tmp_check_regress --temp-config=$(TEMP_CONFIG)
ISOLATION_OPTS += --temp-instance=tmp_check_iso --temp-config=$(TEMP_CONFIG)
endif

# (:= because PGXS asks with ifdef)
PROVE_TESTS := $(sort $(wildcard test/t/*.pl))
TAP_TESTS := $(if $(PROVE_TESTS),1)

EXTRA_CLEAN = log tmp_check_regress coverage.info coverage $(CONDITION_NAMES) \
	$(OBJS:.o=.gcno) $(OBJS:.o=.gcda) test/fuzz/*.o

# Build variants: make COVERAGE=1, make SANITIZE=address,undefined, make FUZZ=1
ifdef COVERAGE
PG_CFLAGS += -O0 --coverage
SHLIB_LINK += --coverage
endif
ifdef SANITIZE
PG_CFLAGS += -O1 -fno-omit-frame-pointer -fsanitize=$(SANITIZE) \
	-fno-sanitize-recover=undefined
SHLIB_LINK += -fsanitize=$(SANITIZE)
endif
ifdef FUZZ
override CC = clang
OBJS += $(patsubst %.c,%.o,$(wildcard test/fuzz/*.c))
PG_CFLAGS += -Wno-unknown-warning-option -Wno-ignored-optimization-argument \
	-Wno-ignored-attributes -fsanitize=fuzzer-no-link
FUZZER := $(shell clang -print-file-name=libclang_rt.fuzzer_no_main-$(shell uname -m).a)
# its symbols hidden, or libasan's empty ones of the same names win
SHLIB_LINK += $(FUZZER) -Wl,--exclude-libs,ALL -lstdc++
endif

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

PG_PROVE_FLAGS += -I test/perl

# The server may have been built without --enable-depend
$(OBJS) $(OBJS:.o=.bc): \
	$(filter-out $(CONDITION_NAMES),$(wildcard src/*.h src/*/*.h)) Makefile workflow.control

TASK_OBJS = $(filter src/task/%,$(OBJS))
$(TASK_OBJS) $(TASK_OBJS:.o=.bc): $(CONDITION_NAMES)

$(CONDITION_NAMES): src/task/make_condition_names.sh
	sh $< $(datadir)/errcodes.txt $(includedir_server)/utils/errcodes.h >$@.tmp
	mv $@.tmp $@

# the folder changes when a part is added or removed
$(BASE_SCRIPT): $(BASE_PARTS) sql/workflow
	cat $(BASE_PARTS) >$@

.PHONY: results-folders lint check-headers format coverage start stop psql demo bench conformance

results-folders:
	$(MKDIR_P) results $(sort $(dir $(addprefix results/,$(REGRESS))))

lint: all
	@REGRESS='$(REGRESS)' ISOLATION='$(ISOLATION)' MAKE='$(MAKE)' test/lint

# A header includes what it needs
check-headers:
	@for header in $(filter-out $(CONDITION_NAMES),$(wildcard src/*.h src/*/*.h)); do \
		printf '#include "postgres.h"\n#include "%s"\n' "$$header" | \
			$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-unused -I. -fsyntax-only -x c - || exit 1; \
	done

format:
	$(shell command -v clang-format-14 || echo clang-format) -i \
		$(filter-out $(CONDITION_NAMES),$(SOURCES))

coverage:
	lcov --quiet --capture --directory . --no-external --output-file coverage.info
	lcov --list coverage.info

# A private server with the installed extension, in /tmp/workflow-USER
start stop psql:
	@PG_CONFIG='$(PG_CONFIG)' test/cluster $@

demo:
	test/demo

bench conformance:
	PG_CONFIG='$(PG_CONFIG)' test/$@/run
