# Every command that a developer types. `make` alone lists them.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
INSTALLED = $(VENV)/.installed
PYTEST = $(BIN)/pytest
RATE ?= 2
TO ?= build/screenshots
WORKERS ?= auto --maxprocesses 4

.DEFAULT_GOAL := help
.PHONY: help install run test quick check lint types laws faults bench demo-traffic screenshots audit lock draw words clean

help: ## list these commands
	@echo "make COMMAND, where COMMAND is one of"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

install: $(INSTALLED) ## a virtual environment with the locked dependencies

$(INSTALLED): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 …"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

$(BIN)/pip-compile:
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet pip-tools

run: $(INSTALLED) ## the whole shop on http://127.0.0.1:8000 or the next free port; Ctrl-C stops it
	@exec $(BIN)/orderwright run

test: $(INSTALLED) ## all tests, on the embedded PostgreSQL or the one that DATABASE_URL names
	$(PYTEST) -n $(WORKERS) $(ARGS)

quick: $(INSTALLED) ## the tests that take under a minute
	$(PYTEST) -n $(WORKERS) -m "not faults and not browser and not slow" $(ARGS)

check: lint types test ## all that CI checks

lint: $(INSTALLED) ## ruff and the import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

types: $(INSTALLED) ## mypy
	$(BIN)/mypy

laws: $(INSTALLED) ## the laws, with many more examples
	HYPOTHESIS_PROFILE=laws $(PYTEST) -n $(WORKERS) tests/laws $(ARGS)

faults: $(INSTALLED) ## what kills processes, ten rounds instead of three
	ORDERWRIGHT_FAULT_ROUNDS=10 $(PYTEST) -n $(WORKERS) tests/faults $(ARGS)

bench: $(INSTALLED) ## measure the speed; prints a table and writes bench/latest.json
	$(BIN)/python -m bench $(ARGS)

demo-traffic: $(INSTALLED) ## live orders for the running shop, RATE a second; Ctrl-C stops them
	@exec $(BIN)/orderwright demo-traffic --rate $(RATE) $(ARGS)

screenshots: $(INSTALLED) ## pictures of every page of the running demo shop, into TO; ARGS="--language de" for German
	$(BIN)/orderwright screenshots --to $(TO) $(ARGS)

audit: $(INSTALLED) ## check the books of the running shop
	$(BIN)/orderwright audit

lock: $(BIN)/pip-compile ## look for newer dependencies and write requirements.lock
	$(BIN)/pip-compile --quiet --upgrade --extra dev --generate-hashes --allow-unsafe --strip-extras \
	  --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --no-emit-options --no-header \
	  --output-file requirements.lock pyproject.toml

draw: $(INSTALLED) ## draw the books into docs/books.md
	$(BIN)/orderwright draw

words: $(INSTALLED) ## bring the German catalog up to date, and say what it lacks
	$(BIN)/python tests/wording.py

clean: ## remove what tools leave behind; data and the virtual environment stay
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis htmlcov .coverage
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
