# Each target sets up what it needs in .venv by itself, from locked requirements, and is quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

.DEFAULT_GOAL := help
.PHONY: help run try demo test check lint types soak bench pictures lock clean

help:
	@echo "make demo      the bot in a simulated Discord in the browser: no account, no key"
	@echo "make test      all tests"
	@echo "make run       the bot for real, with the settings of .env"
	@echo "make try       try the settings of .env, line by line; changes nothing"
	@echo "make check     lint, types, imports and tests: all that CI runs"
	@echo "make soak      hundreds of faults and dozens of kills, on both databases: some minutes"
	@echo "make bench     measure against the smallest bot that does the same"
	@echo "make pictures  make the README's pictures anew"
	@echo "make lock      resolve the dependencies anew"

# One stamp for each set of requirements; the later ones hold the earlier.
$(VENV)/.made:
	$(PYTHON) -c 'import sys; sys.exit("Fastwatch needs Python 3.11 or newer: make PYTHON=python3.11 ..." if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.run: requirements/run.txt | $(VENV)/.made
	$(INSTALL) -r $<
	@touch $@

$(VENV)/.demo: requirements/demo.txt | $(VENV)/.made
	$(INSTALL) -r $<
	@touch $@

$(VENV)/.dev: requirements/dev.txt | $(VENV)/.made
	$(INSTALL) -r $<
	@touch $@

run: $(VENV)/.run
	$(BIN)/python -m bot run

try: $(VENV)/.run
	$(BIN)/python -m bot check

demo: $(VENV)/.demo
	$(BIN)/python -m bot demo $(DEMO)

test: $(VENV)/.dev
	$(BIN)/python -m pytest --numprocesses auto $(TESTS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(VENV)/.dev
	$(BIN)/mypy

check: lint types test

# The same test as in "make test", which is shorter there. SEED chooses what is at random.
SEED ?= 1
soak: $(VENV)/.dev
	FASTWATCH_SOAK_SEED=$(SEED) FASTWATCH_SOAK_FAULTS=500 FASTWATCH_SOAK_KILLS=50 \
		$(BIN)/python -m pytest tests/soak -s --timeout 1200

# The two bots run on what users install, without the development tools.
bench: $(VENV)/.dev $(VENV)-run/.run
	$(BIN)/python -m benchmarks --python $(VENV)-run/bin/python
	$(BIN)/python -m benchmarks.alerts

$(VENV)-run/.run: requirements/run.txt
	$(PYTHON) -m venv $(VENV)-run
	$(VENV)-run/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

pictures: $(VENV)/.dev
	$(BIN)/python -m docs.pictures

# uv's own lock file names hosts, so only its export, which has hashes and no host, is kept.
lock: $(VENV)/.made
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv lock --quiet --upgrade
	$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --no-dev --extra postgres -o requirements/run.txt
	$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --no-dev --extra postgres --extra demo -o requirements/demo.txt
	$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --all-extras -o requirements/dev.txt
	@rm uv.lock

clean:
	rm -rf $(VENV) $(VENV)-run .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
