# Two commands for a newcomer: `make run` and `make test`. Both do all the set-up by themselves.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

# Comes from Debian's packages, where we may install them.
PGBOUNCER := PATH="$$PATH:/usr/sbin" command -v pgbouncer >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends pgbouncer; } \
	|| echo "No PgBouncer, and no right to install it: what needs it will say so." >&2

.PHONY: run setup test test-all test-pooler lint check demo bench prove-policies release
# `make run POOLER=1`: with PgBouncer between the service and its database, as in production.
run: $(STAMP)
	$(if $(POOLER),@$(PGBOUNCER))
	@$(BIN)/crossdock serve --demo $(if $(POOLER),--pooler)

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml tools/uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Crossdock needs Python 3.11: make PYTHON=python3.13 run")'
	@echo "Setting up .venv, once"
	$(PYTHON) -m venv .venv
	$(BIN)/python tools/install.py
	@touch $(STAMP)

# A test run starts a hundred processes. Where this variable is set, as in many images, each would compile all code anew,
# which is a quarter of the work.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest

# In three processes, so that two cores are busy while one waits: what a change must pass. The long fault runs under
# tests/faults are left to `make test-all`.
test: $(STAMP)
	$(PYTEST) --numprocesses 3 --dist worksteal --ignore tests/faults

# Everything: what CI runs. The tests of poolers need PgBouncer; where it is missing they fail and say so.
test-all: $(STAMP)
	@$(PGBOUNCER)
	$(PYTEST) --numprocesses 3 --dist worksteal

# The marketplace's own tests with PgBouncer between the service and its database: two sessions for each test process.
test-pooler: $(STAMP)
	@$(PGBOUNCER)
	CROSSDOCK_TEST_POOLER=2 $(PYTEST) --numprocesses 3 --dist worksteal tests/modules tests/web

lint: $(STAMP)
	$(BIN)/ruff format --check --quiet src tests tools examples benchmarks migrations_new
	$(BIN)/ruff check --quiet src tests tools examples benchmarks migrations_new
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(BIN)/crossdock migrate lint

check: lint test

demo: $(STAMP)
	@$(BIN)/python examples/first_shipment.py

# Beside its peers, in about 25 minutes, on a machine that does nothing else. `QUICK=1 make bench`: 4, and writes nothing.
bench: $(STAMP)
	@$(BIN)/python -m benchmarks $(if $(QUICK),--quick,--write)

# What pgrls finds in the policies: a linter and prover by others, in an environment of its own. No part of CI.
PGRLS := .crossdock/prove/venv
prove-policies: $(STAMP) $(PGRLS)/.installed
	@$(BIN)/python tools/prove_policies.py $(PGRLS)/bin/pgrls .crossdock/prove

$(PGRLS)/.installed: tools/pgrls.lock
	$(PYTHON) -m venv $(PGRLS)
	$(PGRLS)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement tools/pgrls.lock
	@touch $@

# Keeps what later revisions are held against: the code that will be deployed when they come, and the schema it uses.
release: $(STAMP)
	@test -n "$(VERSION)" || { echo "make release VERSION=0.2.0" >&2; exit 2; }
	@git diff --quiet HEAD || { echo "Commit first: a release is made of what is committed." >&2; exit 1; }
	$(BIN)/python -m crossdock.migrations.lint.release $(VERSION)
	git archive --format=tar.gz --output=releases/$(VERSION)/source.tar.gz HEAD \
		src migrations_legacy migrations_new tests pyproject.toml alembic.ini LICENSE
