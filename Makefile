# Each target installs the libraries it needs in .venv by itself, from requirements/, and is quick the second time.
PYTHON ?= python3
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --numprocesses auto

.DEFAULT_GOAL := help
.PHONY: help run try demo test test-all check lint imports types deptry soak bench pictures image lock clean

help:
	@echo "make demo      the bot in a simulated Discord in the browser: no account, no key"
	@echo "make test      the quick tests, and one of each slow kind"
	@echo "make run       the bot for real, with the settings of .env"
	@echo "make try       try the settings of .env, line by line; changes nothing"
	@echo "make check     lint, types, imports, dependencies and all tests: all that CI runs"
	@echo "make soak      1,000 simulated days of faults, then hundreds of faults of real processes: hours"
	@echo "make bench     measure against the smallest bot that does the same, and against an earlier version"
	@echo "make pictures  make the README's pictures, the avatar and the banner again"
	@echo "make image     build the image of the container and try it; needs Docker on Linux"
	@echo "make lock      write the locks for pyproject.toml; UPGRADE=--upgrade takes newer versions"

# libraries-run, libraries-demo or libraries-dev: a set of requirements/, unless it is installed.
libraries-%:
	@$(PYTHON) requirements/install.py $*

run: libraries-run
	@$(BIN)/python -m bot run

try: libraries-run
	@$(BIN)/python -m bot check

demo: libraries-demo
	@$(BIN)/python -m bot demo $(DEMO)

# What is quick, and one of each kind that is not. TESTS names files, or passes any option of pytest.
test: libraries-dev
	$(PYTEST) -m "not slow or smoke" $(TESTS)

test-all: libraries-dev
	$(PYTEST) --hypothesis-profile ci --durations=20 $(TESTS)

lint: libraries-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

imports: libraries-dev
	$(BIN)/lint-imports

types: libraries-dev
	$(BIN)/mypy
	$(BIN)/mypy requirements/install.py

# The product alone, which may not import what only developers have; then everything, which may not leave
# anything declared unused.
deptry: libraries-dev
	$(BIN)/deptry .
	$(BIN)/deptry . --exclude '\.venv' --non-dev-dependency-groups dev

check: lint imports types deptry test-all

# Simulated days on virtual time, then real processes between stand-ins, then 10,000 accounts on both. SEED chooses what
# is at random. The first two are in "make test" too, where they are shorter.
DAYS ?= 1000
SEED ?= 1
soak: libraries-dev
	$(BIN)/python -m tests.simulation --days $(DAYS) --seed $(SEED)
	FASTWATCH_SOAK_SEED=$(SEED) FASTWATCH_SOAK_FAULTS=500 FASTWATCH_SOAK_KILLS=50 FASTWATCH_SOAK_LASTING=10 \
		$(BIN)/python -m pytest tests/soak -s --timeout 1200
	$(BIN)/python -m tests.simulation.many_accounts --poll-minutes 15 --changes 3000 --seed $(SEED)
	$(BIN)/python -m benchmarks.many_accounts

# The bots run on what users install, without the development tools. ROWS="--row start" prints only these rows of the
# second table.
bench: libraries-dev
	@$(PYTHON) requirements/install.py run --venv .venv-run
	$(BIN)/python -m benchmarks --python .venv-run/bin/python
	$(BIN)/python -m benchmarks.table --python .venv-run/bin/python $(ROWS)

pictures: libraries-dev
	$(BIN)/python -m docs.pictures
	$(BIN)/python -m docs.artwork

# BUILD passes options to the build, such as --build-arg PYTHON_DIGEST=@sha256:...; DOCKER names another engine.
IMAGE ?= fastwatch
export DOCKER ?= docker
image: libraries-dev
	$(DOCKER) build --tag $(IMAGE) --build-arg VERSION=$$($(BIN)/python -m bot --version) \
		--build-arg REVISION=$$(git rev-parse HEAD) $(BUILD) .
	$(BIN)/python -m tests.deploy.try_image $(IMAGE)

# The versions that are locked stay where pyproject.toml allows them. UPGRADE="--upgrade-package httpx" takes a new one.
COMPILE := .venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-annotate $(UPGRADE)
lock:
	$(PYTHON) -m venv .venv-lock
	.venv-lock/bin/python -m pip install --quiet --no-deps --require-hashes --requirement requirements/uv.txt
	$(COMPILE) --group setup -o requirements/uv.txt
	$(COMPILE) pyproject.toml --all-extras --group dev -o requirements/dev.txt
	$(COMPILE) pyproject.toml --extra postgres --extra sentry --extra demo -c requirements/dev.txt -o requirements/demo.txt
	$(COMPILE) pyproject.toml --extra postgres --extra sentry -c requirements/dev.txt -o requirements/run.txt
	rm -rf .venv-lock

clean:
	rm -rf .venv .venv-run .venv-lock .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
