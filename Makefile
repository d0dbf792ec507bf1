# Two commands do everything on a fresh machine with Python 3.11 to 3.13 (venv, pip), make and git:
#   make run     sets up .venv, stress-tests the country, writes a run folder
#   make test    sets up .venv, runs the tests
# Another Python: make PYTHON=python3.12 run. Another place for the environment: make VENV=/some/where run.

PYTHON ?= python3
VENV ?= .venv
ARGS ?=
RUN_FOLDER ?= runs/country

BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
SOURCES := src tests bench docs

.DEFAULT_GOAL := help
.PHONY: help setup run serve test slow lint types format floors check bench docs wheel ci clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY)-run  ## make .venv with the gaemi command in it

run: $(READY)-run  ## stress-test the country; ARGS="--scale 1/100" passes options on
	$(BIN)/gaemi country --out $(RUN_FOLDER) $(ARGS)

serve: $(READY)-run  ## the pages in your browser; ARGS="--book DIR" passes options on
	$(BIN)/gaemi serve $(ARGS)

test: $(READY)-test  ## run the tests; ARGS="-k ledger" passes options on
	$(BIN)/python -m pytest $(ARGS)

slow: $(READY)-test  ## run the heavy tests that make test leaves out
	$(BIN)/python -m pytest -m slow $(ARGS)

lint: $(READY)-lint  ## ruff: rules and format
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

format: $(READY)-lint  ## put the code into the house format
	$(BIN)/ruff check --fix $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

types: $(READY)-lint  ## mypy
	$(BIN)/mypy

floors: $(READY)-test  ## who may import whom
	$(BIN)/lint-imports

check: $(READY)-run  ## same bits on any number of threads, exact audit, known answers
	$(BIN)/gaemi check $(ARGS)

bench: $(READY)-bench  ## speed beside other ways of doing the same; ARGS=--quick for a short form
	$(BIN)/python bench/run.py $(ARGS)

docs: $(READY)-test  ## write docs/reference, the picture and the figures that the pages show anew
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/weather.py
	$(BIN)/python docs/examples.py --renew

wheel: $(READY)-run  ## build the wheel into dist/
	rm -rf build dist
	$(BIN)/python -m pip --disable-pip-version-check wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .
	rm -rf build

ci:  ## everything that the build server does
	bash .ci/run

clean:  ## remove the environment and whatever was built; runs/ stays
	rm -rf $(VENV) build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# A stamp a set of dependencies: older than pyproject.toml or constraints.txt means set up again.
$(READY)-run: pyproject.toml constraints.txt | $(BIN)/python
	@echo "setting up $(VENV)"
	@$(PIP) setuptools
	@$(PIP) --no-build-isolation --editable '.[models,import,calibrate,serve]'
	@touch $@

$(READY)-test $(READY)-lint $(READY)-bench: $(READY)-%: $(READY)-run
	@echo "adding what '$*' needs to $(VENV)"
	@$(PIP) --no-build-isolation --editable '.[$*]'
	@touch $@

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("gaemi needs Python 3.11 to 3.13, was %d.%d; try: make PYTHON=python3.12" % sys.version_info[:2] if not (3, 11) <= sys.version_info[:2] <= (3, 13) else 0)'
	@$(PYTHON) -m venv $(VENV)
