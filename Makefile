# Everything a newcomer or a developer does. `make help` lists it.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TORCH := .venv-torch
PIP := $(BIN)/pip --disable-pip-version-check

help: ## List what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

.PHONY: help setup demo run test test-torch check fix types browser docs wheel bench lock fast train contract-table bench-day

$(BIN)/kikite: locks/base.txt pyproject.toml
	@echo "Setting up $(VENV) ..."
	@test -d $(VENV) || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1; then VIRTUAL_ENV=$(VENV) uv pip install --require-hashes -r locks/base.txt; \
	  else $(PIP) install --progress-bar on --require-hashes -r locks/base.txt; fi
	@$(PIP) install --quiet --no-deps --editable .
	@touch $(BIN)/kikite

$(VENV)/.dev: $(BIN)/kikite locks/dev.txt
	@echo "Setting up the test tools ..."
	@$(PIP) install --progress-bar on --require-hashes -r locks/dev.txt
	@touch $(VENV)/.dev

setup: $(BIN)/kikite ## Make the environment

demo: setup ## Open a filled desk (SQLite, sandbox platform)
	@$(BIN)/kikite demo

run: setup ## Run the product from ./home (made on first use)
	@test -f home/kikite.toml || $(BIN)/kikite init --yes --demo --home home
	@$(BIN)/kikite run --home home

fast: $(VENV)/.dev ## Only the fast tests
	@$(BIN)/pytest -q -n2 -m "not partner and not browser and not kill and not outer and not torch and not model"

test: $(VENV)/.dev ## Set up and run every test tier
	@$(BIN)/python tests/tiers.py

$(TORCH)/.ready: locks/torch.txt pyproject.toml
	@echo "Setting up $(TORCH) with torch (about 2 GB) ..."
	@test -d $(TORCH) || $(PYTHON) -m venv $(TORCH)
	@$(TORCH)/bin/pip --disable-pip-version-check install --progress-bar on --require-hashes -r locks/torch.txt
	@$(TORCH)/bin/pip --disable-pip-version-check install --progress-bar on torch==2.13.0
	@$(TORCH)/bin/pip --disable-pip-version-check install --quiet --no-deps --editable .
	@touch $(TORCH)/.ready

test-torch: $(TORCH)/.ready ## Only the tests that need torch (training, hub models); sets up an environment of its own
	@$(TORCH)/bin/python tests/tiers.py torch

train: $(TORCH)/.ready ## Make the shipped model anew from the corpus (about an hour)
	@$(TORCH)/bin/kikite train --target build/model --work build/training --cold tests/classifier/cold

check: $(VENV)/.dev types ## Lint, types, layers, dependencies, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/deptry .
	@$(BIN)/djlint desk digest --lint --quiet

types: $(VENV)/.dev ## Type check
	@$(BIN)/mypy

fix: $(VENV)/.dev ## Format and mend what can be mended
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

lock: $(VENV)/.dev ## Renew the lock files
	@$(BIN)/uv pip compile pyproject.toml --extra app_store --extra bluesky --extra google_play --extra mastodon --extra postgres --extra reddit --extra x --extra youtube --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --quiet --output-file locks/base.txt
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --quiet --output-file locks/dev.txt
	@$(BIN)/uv pip compile pyproject.toml locks/torch.in --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade --constraint locks/dev.txt --quiet --output-file locks/torch.txt

browser: $(VENV)/.dev ## Only the browser tests; screenshots go to build/screenshots
	@mkdir -p build/screenshots
	@KIKITE_SCREENSHOTS=build/screenshots $(BIN)/python tests/tiers.py browser

docs: $(BIN)/kikite ## Write the generated reference pages
	@$(BIN)/python -c "from pathlib import Path; from config.reference import write_reference; write_reference(Path('docs/reference'))"
	@$(BIN)/python -c "from pathlib import Path; from listener.channels.webhook.reference import write_reference; write_reference(Path('docs/reference'))"
	@$(BIN)/python -c "from pathlib import Path; from responder.rules_page import write_rules_page; write_rules_page(Path('docs/reference'))"
	@$(BIN)/python -c "from pathlib import Path; from responder.checks.page import write_checks_page; write_checks_page(Path('docs/reference'))"

contract-table: $(VENV)/.dev ## Run every channel's contract tests and write docs/reference/channel-contract.md
	@$(BIN)/python -m tests.contract_table

wheel: $(VENV)/.dev ## Build the wheel into dist/
	@$(BIN)/hatchling build --target wheel

bench: $(VENV)/.dev ## Measure: import, start and memory, classifier, inbox
	@for bench in $(filter-out bench/day.py,$(wildcard bench/*.py)); do echo "== $$bench"; $(BIN)/python $$bench || exit 1; done

bench-day: $(VENV)/.dev ## Measure a simulated day of 200 accounts: lateness of polls, memory (up to a quarter of an hour)
	@$(BIN)/python bench/day.py
