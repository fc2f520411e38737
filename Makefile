# Needs Python 3.11 or later with venv, and make; everything else is installed into .venv.

PYTHON ?= python3
PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check install --quiet --require-hashes
TESTS ?= tests
WORKERS ?= 2
REAL ?=
FIRST ?= 0
COUNT ?= 2000
SCHEMA := docs/reference/openapi.json

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: bench-notices bench-long bench-cost help up test check format-check lint types imports migrations schema bench seeds soak \
	conformance-orders conformance-timetable lock

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 25

up: .venv/runtime.stamp ## start everything on this machine; options in ARGS, for example ARGS=--demo
	@exec $(PY) manage.py up $(ARGS)

test: .venv/dev.stamp ## run all tests that this machine can run; TESTS names some, WORKERS=0 runs one by one
	$(PY) -m pytest $(TESTS) -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: format-check lint types imports migrations schema test seeds ## all that CI asks for: form, types, contracts, tests

format-check: .venv/dev.stamp
	.venv/bin/ruff format --check .

lint: .venv/dev.stamp
	.venv/bin/ruff check .

types: .venv/dev.stamp
	.venv/bin/mypy .

imports: .venv/dev.stamp
	.venv/bin/lint-imports

migrations: .venv/dev.stamp
	$(PY) manage.py makemigrations --check --dry-run

schema: .venv/dev.stamp
	$(PY) manage.py spectacular --validate --fail-on-warn --format openapi-json --file .venv/openapi.json
	diff -u $(SCHEMA) .venv/openapi.json

bench: .venv/dev.stamp ## measure; one JSON line a figure
	@$(PY) -m tests.bench $(ARGS)

bench-notices: .venv/dev.stamp ## measure one notice that releases 100,000 orders
	@$(PY) -m tests.bench_notices $(ARGS)

bench-long: .venv/dev.stamp ## measure a workflow of 5,000 instructions
	@$(PY) -m tests.bench_long $(ARGS)

bench-cost: .venv/dev.stamp ## count what a job costs in each part's own Python
	@$(PY) -m tests.bench_cost $(ARGS)

seeds: .venv/dev.stamp ## simulate COUNT nights of failures, beginning with seed FIRST
	@$(PY) -m tests.seeds --first $(FIRST) --count $(COUNT)

soak: .venv/dev.stamp ## simulate 100,000 nights, then run long under kills; options in ARGS
	@$(PY) -m tests.seeds --first 2000 --count 100000
	@$(PY) -m tests.notices_model
	@$(PY) -m tests.timetable_agreement
	@$(PY) -m tests.soak $(ARGS)

conformance-orders: .venv/dev.stamp ## run the order cases of DIR; REAL=1 on a started system
	@$(PY) -m tests.conformance orders $(if $(REAL),--real) "$(DIR)"

conformance-timetable: .venv/dev.stamp ## run the timetable cases of DIR
	@$(PY) -m tests.conformance timetable "$(DIR)"

lock: .venv/dev.stamp ## resolve the dependencies anew; needs uv
	uv pip compile pyproject.toml $(LOCK_OPTIONS) -o requirements.lock
	uv pip compile pyproject.toml --extra dev -c requirements.lock $(LOCK_OPTIONS) \
		-o requirements-dev.lock

LOCK_OPTIONS := --quiet --no-config --no-header --universal --python-version 3.11 --generate-hashes

# A stamp is as old as the lock it was made from, so nothing is installed twice.
.venv/runtime.stamp: requirements.lock | .venv/bin/python
	@echo "Installing what Stellwerk needs into .venv"
	@$(PIP) -r requirements.lock
	@touch $@

.venv/dev.stamp: requirements-dev.lock | .venv/bin/python
	@echo "Installing what Stellwerk's tests need into .venv"
	@$(PIP) -r requirements-dev.lock
	@touch $@ .venv/runtime.stamp

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or \
		sys.exit("Stellwerk needs Python 3.11 or later; name one with PYTHON=...")'
	@$(PYTHON) -m venv .venv
