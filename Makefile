# Padan. `make demo` and `make test` need nothing but Python 3.11+ and make: all else goes into .venv.
.DEFAULT_GOAL := help
.PHONY: help setup demo check test night bench benchmarks airflow lock sbom audit clean

# Compiled modules are kept: without them each process of a run or a test spends seconds on its imports.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
PEOPLE ?= 20000
PORT ?= 8080
PADAN_CONFIG ?= demo/padan.toml
PYTEST_ARGS ?=

# uv checks every download, of build tools too, against the hashes that the lock has for it.
INSTALL = $(BIN)/uv pip install --quiet --python $(BIN)/python \
	--constraint requirements.lock --build-constraint requirements.lock

help: ## what each target does
	@sed -n 's/^\([a-z]*\):[^#]*## /  make \1 — /p' Makefile

setup: .venv/.all ## .venv with Padan, Airflow and the tools of development

demo: .venv/.core ## a synthetic population of PEOPLE=20000 through the whole job, into demo/
	$(BIN)/padan demo --people $(PEOPLE) --dir demo

check: .venv/.all ## lint, format, types, and the rules between the rooms
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check ## every check, then every test; PYTEST_ARGS='-m "not slow"' for the quick ones
	$(BIN)/pytest --numprocesses auto --dist worksteal $(PYTEST_ARGS)

night: .venv/.all ## backfills and faults under a real Airflow, half an hour; before a release and when dags/ changes
	$(BIN)/pytest -m night tests/dags

bench: .venv/.all ## accuracy, time and memory, beside the peer's and idea by idea, in minutes; results in bench-out/
	$(BIN)/python -m bench.run_whole --people 60000
	$(BIN)/python -m bench.compare
	$(BIN)/python -m bench.ablation
	$(BIN)/python -m bench.reading
	$(BIN)/python -m bench.days
	$(BIN)/python -m bench.growth
	$(BIN)/python -m bench.engines --people 20000

benchmarks: .venv/.all ## the same at a district's size, kept in docs/benchmarks.md; takes a machine for an hour
	$(BIN)/python -m bench.run_whole --people 391000
	$(BIN)/python -m bench.compare --people 377000 --repeat 3 --keep
	$(BIN)/python -m bench.ablation --people 200000 --each-rule --keep
	$(BIN)/python -m bench.days --people 391000 --repeat 3 --keep
	$(BIN)/python -m bench.growth --people 50000 391000 1500000 5600000 --keep
	$(BIN)/python -m bench.engines --people 100000

airflow: .venv/.all $(PADAN_CONFIG) ## a real Airflow with the project's DAGs on 127.0.0.1:PORT, until Ctrl-C
	PADAN_CONFIG=$(abspath $(PADAN_CONFIG)) $(BIN)/python tools/local_airflow.py --home airflow-home --port $(PORT)

demo/padan.toml: | .venv/.core
	$(BIN)/padan demo --people $(PEOPLE) --dir demo

lock: .venv/.all ## requirements.lock again from pyproject.toml (UPGRADE=--upgrade for newer versions)
	$(BIN)/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-header \
		--no-emit-index-url --no-emit-find-links --quiet $(UPGRADE) --output-file requirements.lock

sbom: .venv/.all ## padan.cdx.json: every package of .venv with version and licence (CycloneDX), the same each time
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible -o padan.cdx.json $(BIN)/python

audit: .venv/.all ## known weaknesses of what is installed (asks a service, and says where it cannot), and licences
	$(BIN)/python tools/audit.py

clean: ## all that the targets above made
	rm -rf .venv demo airflow-home bench-out padan.cdx.json

# uv itself is the one package that pip brings; pip checks hashes only of requirements, not of constraints,
# so its lines are taken out of the lock.
.venv/.uv: requirements.lock
	@test -n "$(PYTHON)" || { echo "Padan needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=/path/to/python3"; exit 1; }
	@"$(PYTHON)" -m venv .venv || { echo "this Python cannot make a virtual environment; on Debian: apt install python3-venv"; exit 1; }
	@awk '/^[a-z]/ { mine = /^uv==/ } mine' requirements.lock > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@touch $@

.venv/.core: .venv/.uv pyproject.toml
	@$(INSTALL) --editable .
	@touch $@

.venv/.all: .venv/.uv pyproject.toml
	@$(INSTALL) --editable '.[dev,airflow,spark]'
	@touch $@ .venv/.core
