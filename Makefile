# Two commands for a newcomer: `make run` and `make test`. Both do all the set-up by themselves.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.PHONY: run setup test check demo
run: $(STAMP)
	@$(BIN)/crossdock serve --demo

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(STAMP)

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses 2
