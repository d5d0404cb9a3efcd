# Everything a developer needs. `make run` and `make test` set up what they need by themselves.
#
#   make setup     install everything (Python, Node assets, the embedded AWS, Chromium); quick the second time
#   make run       the whole product on this machine; PORT=8000, DATA=folder, HEADLESS=1
#   make test      all that CI runs
#   make check     fast: lint, types, contracts between packages, unit tests
#   make explore   property tests with new random examples; CI repeats the known ones
#   make package   deployable template and zip under build/      STAGE=test | production | local
#   make deploy    packages and deploys it                       STAGE=local | test | production
#   make bench     measured ratios
#   make pictures  the pictures of the README, from the product that runs on PORT
#   make requirements   which requirement is covered by which tests, and what is not built

PYTHON ?= python3
PORT ?= 8000
STAGE ?= $(if $(filter deploy,$(MAKECMDGOALS)),local,test)
VENV := .venv
BIN := $(VENV)/bin
MINISTACK := .local/ministack
STAMPS := .local/stamps

.DEFAULT_GOAL := help
.PHONY: help setup run test check lint explore package deploy bench requirements test-dynamodb-local pictures clean

help:
	@sed -n 's/^#   //p' $(MAKEFILE_LIST)

setup: $(STAMPS)/python $(STAMPS)/ministack $(STAMPS)/assets $(STAMPS)/chromium
	@$(BIN)/python -m infra.translations
	@$(BIN)/python web-assets/build.py .local/static

$(STAMPS):
	@mkdir -p $@

$(STAMPS)/tools: | $(STAMPS)
	@sh web-assets/check_tools.sh "$(PYTHON)"
	@touch $@

$(STAMPS)/python: requirements-dev.lock pyproject.toml $(STAMPS)/tools
	@echo "setup 1/4: Python packages (about a minute the first time)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(STAMPS)/ministack: requirements-ministack.lock $(STAMPS)/tools
	@echo "setup 2/4: the embedded AWS, in an environment of its own"
	@test -x $(MINISTACK)/bin/python || $(PYTHON) -m venv $(MINISTACK)
	@$(MINISTACK)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-ministack.lock
	@touch $@

$(STAMPS)/assets: web-assets/package-lock.json $(STAMPS)/tools
	@echo "setup 3/4: Det Fælles Designsystem and axe, from npm"
	@cd web-assets && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(STAMPS)/chromium: $(STAMPS)/tools
	@echo "setup 4/4: Chromium for the browser tests"
	@sh web-assets/install_chromium.sh
	@touch $@

run: setup
	@PORT=$(PORT) exec $(BIN)/python -m local.run

lint: $(STAMPS)/python
	@$(BIN)/python -m infra.translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/python -m pytest -n auto --dist loadfile tests/unit

test: setup lint
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered --cov-fail-under=85

explore: setup
	$(BIN)/python -m pytest -n auto --dist loadfile -m hypothesis --hypothesis-profile explore

package: setup
	@$(BIN)/python -m infra.package --stage $(STAGE)

deploy: package
	@$(BIN)/python -m $(if $(filter local,$(STAGE)),local.deployed,infra.deploy --stage $(STAGE))

bench: setup
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python -m bench.$$(basename $$script .py) || exit 1; done

requirements: $(STAMPS)/python
	@$(BIN)/python -m tests.requirements_trace

test-dynamodb-local:
	@sh local/dynamodb_local.sh check
	@$(MAKE) --silent $(STAMPS)/python $(STAMPS)/ministack
	@sh local/dynamodb_local.sh

pictures: setup
	@$(BIN)/python -m tests.e2e.pictures http://127.0.0.1:$(PORT)

clean:
	rm -rf build .local .venv web-assets/node_modules
