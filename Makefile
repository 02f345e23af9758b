# Set-up and checks. Every target prepares what it needs; `make` alone lists them.
#
# Needs make and Python >= 3.11 with venv. Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
PIP_INSTALL := install --quiet --disable-pip-version-check
TRY := build/wheel
ENGINES := build/engines
ENGINES_READY := $(ENGINES)/ready
PEERS := build/peers
PEERS_READY := $(PEERS)/ready
API := build/api
API_READY := $(API)/ready
BROWSER := build/browser
BROWSER_READY := $(BROWSER)/ready
ADAPTERS := build/adapters
ADAPTERS_READY := $(ADAPTERS)/ready
FUNDUS := build/fundus
FUNDUS_READY := $(FUNDUS)/ready
ADAPTED := scrapy newspaper newsplease pandas polars datasets langchain llamaindex haystack
CHROMIUM ?= /usr/bin/chromium
DOCS := build/docs
DOCS_READY := $(DOCS)/ready

.PHONY: help demo test gate test-integrations test-wheel test-peers test-engines test-browser test-adapters test-api docs test-docs bench lint format clean
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

help:  ## list the targets
	@echo "make TARGET, where TARGET is one of:"
	@grep -hE '^[a-z-]+:.*  ## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*  ## (.*)/  \1|\2/' | \
		while IFS='|' read -r name about; do printf '%-20s %s\n' "$$name" "$$about"; done

demo: $(READY)  ## clean the five seeds and show what went and why
	@$(BIN)/python -m benchmarks.demo seeds

test: lint gate  ## style, types, figures above their floors, tests, and every rule against its own examples
	$(BIN)/python -m pytest -n 2 --dist worksteal

gate: $(READY)  ## figures on the seeds and the shipped set, against benchmarks/floors.json
	$(BIN)/cleaner bench benchmarks/plans/gate.toml --peer cleaner --no-memory --quiet --gate benchmarks/floors.json

lint: $(READY)  ## style and types only
	$(BIN)/ruff check .
	$(BIN)/mypy

test-integrations: test-wheel test-peers test-browser test-engines test-adapters test-api test-docs  ## the wheel alone, peers, reports in Chromium, datatrove, Spark, adapters, the HTTP API, documentation

test-wheel: $(READY)  ## build the wheel, install it into an empty environment, clean the seeds with it
	rm -rf $(TRY) && mkdir -p $(TRY)
	$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps --wheel-dir $(TRY) .
	@$(BIN)/python -m zipfile -l $(TRY)/*.whl > $(TRY)/files.txt
	@rules=$$(find rules -name '*.yaml' | wc -l); packed=$$(grep -c '^cleaner/shipped_rules/.*\.yaml ' $(TRY)/files.txt); \
		echo "$$packed of $$rules rule files are in the wheel"; test "$$packed" -eq "$$rules"
	$(PYTHON) -m venv --clear $(TRY)/venv
	$(TRY)/venv/bin/python -m pip $(PIP_INSTALL) $(TRY)/*.whl
	cd $(TRY) && venv/bin/cleaner clean ../../seeds -o from-wheel.jsonl
	cd $(TRY) && venv/bin/cleaner test
	cd $(TRY) && venv/bin/cleaner report --quiet from-wheel.jsonl -o report.html
	@$(BIN)/cleaner clean --quiet seeds -o $(TRY)/from-source.jsonl
	cmp $(TRY)/from-wheel.jsonl $(TRY)/from-source.jsonl
	WHEEL_PYTHON="$(CURDIR)/$(TRY)/venv/bin/python" $(BIN)/python -m pytest tests/integrations/test_pack.py
	@echo "the wheel cleans the seeds as the source tree does"

test-engines: $(ENGINES_READY)  ## clean with datatrove (local, Ray, Slurm), Spark and S3, in an environment of their own
	$(ENGINES)/bin/python -m pytest tests/integrations

test-peers: $(PEERS_READY)  ## every peer of the benchmark, in an environment of their own
	$(PEERS)/bin/python -m pytest tests/test_bench_peers.py tests/test_bench_sets.py
	$(PEERS)/bin/cleaner bench benchmarks/plans/gate.toml --sample 5 --quiet

test-browser: $(BROWSER_READY)  ## open the reports and the playground in headless Chromium: errors, requests, hostile text, contrast, keyboard
	@test -x "$(CHROMIUM)" || { \
		echo "no browser at $(CHROMIUM); on Debian: sudo apt-get install chromium; elsewhere: make $@ CHROMIUM=PATH" >&2; exit 1; }
	CHROMIUM="$(CHROMIUM)" $(BROWSER)/bin/python -m pytest tests/integrations/test_browser.py tests/integrations/test_report_page.py tests/integrations/test_playground.py



docs: $(DOCS_READY)  ## build the documentation site into build/site
	DISABLE_MKDOCS_2_WARNING=true NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/python -m mkdocs build --strict --quiet
	@echo "open build/site/index.html"

test-docs: $(DOCS_READY) $(BROWSER_READY)  ## build the documentation site; nothing is missing there, every block runs, nothing is fetched
	$(DOCS)/bin/python -m pytest tests/test_docs.py tests/test_manual.py tests/integrations/test_site.py
	CHROMIUM="$(CHROMIUM)" $(BROWSER)/bin/python -m pytest tests/integrations/test_site_browser.py

test-adapters: $(ADAPTERS_READY) $(FUNDUS_READY)  ## inside scrapers and frames, against the real libraries; fundus in an environment of its own
	$(ADAPTERS)/bin/python -m pytest $(wildcard $(ADAPTED:%=tests/integrations/test_%.py))
	$(ADAPTERS)/bin/python -m pytest tests/test_docs.py -k frames
	$(FUNDUS)/bin/python -m pip $(PIP_INSTALL) --force-reinstall --no-deps ./packaging/text
	$(FUNDUS)/bin/python -m pytest tests/integrations/test_fundus.py

test-api: $(API_READY)  ## hold a running HTTP API to its OpenAPI description, in an environment of its own
	$(API)/bin/python -m pytest tests/integrations/test_api.py

bench: $(READY)  ## measure the speed on this machine, in short; python -m benchmarks.speed measures in full
	$(BIN)/python -m benchmarks.speed --megabytes 4 --rounds 3 --sizes 50 500 10000 --gigabytes 0.2

format: $(READY)  ## lay the code out and repair what ruff can repair
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

$(ENGINES_READY): pyproject.toml
	@java -version 2>/dev/null || { \
		echo "Spark needs Java 17 or newer; on Debian and Ubuntu: sudo apt-get install default-jre-headless" >&2; exit 1; }
	@echo "creating $(ENGINES) (once, some minutes)" >&2
	@$(PYTHON) -m venv --clear $(ENGINES)
	@$(ENGINES)/bin/python -m pip $(PIP_INSTALL) -e '.[datatrove,s3,spark,testing]' 's3fs>=2026.2' 'moto[server]' pytest ray
	@touch $@

$(PEERS_READY): pyproject.toml
	@echo "creating $(PEERS) (once, about a minute)" >&2
	@$(PYTHON) -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip $(PIP_INSTALL) --upgrade pip
	@$(PEERS)/bin/python -m pip $(PIP_INSTALL) -e '.[bench,testing]' pytest
	@touch $@

$(ADAPTERS_READY): pyproject.toml
	@echo "creating $(ADAPTERS) (once, some minutes, 1.1 GB)" >&2
	@$(PYTHON) -m venv --clear $(ADAPTERS)
	@$(ADAPTERS)/bin/python -m pip $(PIP_INSTALL) --upgrade pip
	@$(ADAPTERS)/bin/python -m pip $(PIP_INSTALL) -e '.[scrapy,newspaper,news-please,pandas,polars,datasets,langchain,llama-index,haystack,testing]' pytest
	@touch $@

$(FUNDUS_READY): pyproject.toml packaging/text/pyproject.toml
	@echo "creating $(FUNDUS) (once, about a minute)" >&2
	@$(PYTHON) -m venv --clear $(FUNDUS)
	@$(FUNDUS)/bin/python -m pip $(PIP_INSTALL) --upgrade pip
	@$(FUNDUS)/bin/python -m pip $(PIP_INSTALL) './packaging/text[fundus,testing]' pytest


	@touch $@

$(API_READY): pyproject.toml
	@echo "creating $(API) (once, about a minute)" >&2
	@$(PYTHON) -m venv --clear $(API)
	@$(API)/bin/python -m pip $(PIP_INSTALL) --upgrade pip
	@$(API)/bin/python -m pip $(PIP_INSTALL) -e '.[serve,testing]' pytest 'schemathesis>=4'
	@touch $@

$(BROWSER_READY): pyproject.toml
	@echo "creating $(BROWSER) (once, about a minute)" >&2
	@$(PYTHON) -m venv --clear $(BROWSER)
	@$(BROWSER)/bin/python -m pip $(PIP_INSTALL) -e '.[testing,serve]' playwright pytest
	@touch $@

$(DOCS_READY): pyproject.toml
	@echo "creating $(DOCS) (once, about a minute)" >&2
	@$(PYTHON) -m venv --clear $(DOCS)
	@$(DOCS)/bin/python -m pip $(PIP_INSTALL) --upgrade pip
	@$(DOCS)/bin/python -m pip $(PIP_INSTALL) -e '.[docs,serve,testing]' httpx jsonschema pytest ruff
	@touch $@

clean:  ## remove the environment, builds and caches
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "cleaner needs Python 3.11 or newer as $(PYTHON); name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
		echo "$(PYTHON) comes without venv; on Debian and Ubuntu: sudo apt-get install python3-venv" >&2; exit 1; }
	@echo "creating $(VENV) (once, about a minute)" >&2
	@$(PYTHON) -m venv $(VENV)
	@echo "installing cleaner and what its tests need from the package index" >&2
	@$(BIN)/python -m pip $(PIP_INSTALL) -e '.[dev]'
	@touch $@
