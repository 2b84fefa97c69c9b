# Two commands: `make demo` shows it working, `make test` proves it. Both install what they need.
VENV := .venv
BIN  := $(VENV)/bin
PIP  := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --quiet
# Root needs no sudo; anyone else who has it is asked once.
SUDO := $(shell [ "$$(id -u)" = 0 ] || command -v sudo)

.PHONY: demo test lint torture histories ablations mutants bench profile bench-full bench-killed lock audit-dependencies mariadb mariadb-dump browser clean
.DEFAULT_GOAL := demo

demo: $(VENV)/ready mariadb  ## a living shop, the real poller and a receiver, for half a minute
	@$(BIN)/poller demo

test: $(VENV)/ready mariadb mariadb-dump lint  ## everything that is proven, as CI runs it
	@$(BIN)/python -m pytest

lint: $(VENV)/ready  ## style, types, layers, dependencies, SQL
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/deptry .
	@$(BIN)/sqlfluff lint --disable-progress-bar sql/feeds sql/load sql/sweep sql/audit

torture: $(VENV)/ready mariadb  ## the real parts under random faults: make torture SEED=7 MINUTES=30
	@$(BIN)/python -m tests.torture $(if $(SEED),--seed $(SEED)) $(if $(MINUTES),--minutes $(MINUTES))

histories: $(VENV)/ready  ## the engine's state machine, longer: make histories HISTORIES=2000
	@HISTORIES=$(or $(HISTORIES),1000) $(BIN)/python -m pytest -q -p no:randomly tests/engine/test_poll_machine.py

ablations: $(VENV)/ready  ## each part of the algorithm taken out, against the state machines
	@ABLATION_HISTORIES=$(or $(HISTORIES),1500) $(BIN)/python -m pytest -q -p no:randomly tests/ablation

mutants: $(VENV)/ready  ## change one thing at a time, see the tests notice: make mutants [MODULES=...] [SAMPLE=300]
	@$(BIN)/python -m tests.mutation $(MODULES) $(if $(SAMPLE),--sample $(SAMPLE))

bench: $(VENV)/ready mariadb  ## the figures README and docs quote, measured on this machine
	@$(BIN)/python -m benchmarks

bench-full: $(VENV)/ready mariadb  ## a big shop, and the peers beside it; an hour: make bench-full ORDERS=5000000
	@$(BIN)/python -m benchmarks --orders $(or $(ORDERS),1000000) --walk
	@$(BIN)/python -m benchmarks.peers --orders $(or $(ORDERS),1000000) --told $(or $(TOLD),100000)

bench-killed: $(VENV)/ready mariadb  ## a backfill killed ten times beside an undisturbed one: make bench-killed ORDERS=20000
	@$(BIN)/python -m benchmarks.killed --orders $(or $(ORDERS),1000000)

profile: $(VENV)/ready mariadb  ## where a backfill's CPU goes, part by part
	@$(BIN)/python -m benchmarks.spent

$(VENV)/ready: requirements-dev.lock pyproject.toml
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: install it as python3."; exit 1; }
	@python3 -c 'import ensurepip, venv' 2>/dev/null || { \
	  command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; } && \
	    echo "Installing python3-venv ..." && $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null 2>&1; } || { \
	  echo "Python's venv module is missing: install it (Debian: python3-venv), then run make again."; exit 1; }
	@echo "Setting up $(VENV) from requirements-dev.lock ..."
	@python3 -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

mariadb:  ## the server program only: the core packages bring no service
	@command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] || { \
	  command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; } || { \
	    echo "No MariaDB server program is here: install it (Debian: mariadb-server-core and mariadb-client-core), then run make again."; exit 1; }; \
	  echo "Installing the MariaDB server program ..."; \
	  $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
	    mariadb-server-core mariadb-client-core >/dev/null 2>&1 || { \
	    echo "That did not work: install mariadb-server-core and mariadb-client-core yourself, then run make again."; exit 1; }; }

mariadb-dump:  ## which a test of restoring needs, and the core packages lack
	@command -v mariadb-dump >/dev/null || { \
	  command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$(SUDO)" ]; } && \
	    echo "Installing mariadb-dump ..." && $(SUDO) apt-get update -qq && \
	    $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mariadb-client >/dev/null 2>&1; } || { \
	  echo "No mariadb-dump is here: install it (Debian: mariadb-client), then run make again."; exit 1; }

browser:  ## Chromium, in which one test looks at the audit's page; without it that test is skipped
	@command -v chromium >/dev/null || { $(SUDO) apt-get update -qq && \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }

lock:  ## write the two locks anew from pyproject.toml: what runs, and what develops
	@$(PIP) install uv
	@$(BIN)/uv pip compile pyproject.toml $(LOCKED) --group dev --output-file requirements-dev.lock
	@$(BIN)/uv pip compile pyproject.toml $(LOCKED) --extra metrics --group build --constraint requirements-dev.lock \
	  --output-file requirements.lock

audit-dependencies:  ## known vulnerabilities of what is installed at a shop; wants the network, and an index of advisories
	@test -x .cache/pip-audit/bin/pip-audit || { python3 -m venv .cache/pip-audit && .cache/pip-audit/bin/python -m pip --disable-pip-version-check --quiet install pip-audit; }
	@.cache/pip-audit/bin/pip-audit --strict --require-hashes --disable-pip --progress-spinner off --requirement requirements.lock

clean:
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
