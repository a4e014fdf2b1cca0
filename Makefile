# Two commands do everything, set-up included: `make demo` and `make test`. `make check` is what CI runs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

# Tests start many processes: each of them would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check lint pictures figures lock faults chaos bench bench-institute load audit fuzz coverage mutants browsers

demo: $(VENV)/run
	@$(BIN)/python -m lti_tool demo

# Browsers, databases and workers often wait, so more go at a time than there are processors. Of the fault tests the
# short ones on PostgreSQL; `make faults` runs all on both databases, `make chaos` at their full sizes.
LONG_FAULTS := f02 or f04 or f07 or f08 or f14 or f21 or f23
test: $(VENV)/dev
	@$(BIN)/python -m pytest -n 3 --dist worksteal --ignore=tests/chaos --ignore=tests/journeys --ignore=tests/browsers
	@$(BIN)/python -m pytest -n 3 --dist loadgroup tests/journeys
	@$(BIN)/python -m pytest -n 4 --dist loadgroup -k "not sqlite and not ($(LONG_FAULTS))" tests/chaos

check: lint test

faults: $(VENV)/dev
	@$(BIN)/python -m pytest -n 4 --dist loadgroup tests/chaos

# The fault tests at their full sizes and with the real waits: hours. CI runs them smaller, with shorter waits.
chaos: $(VENV)/dev
	@LTI_TOOL_CHAOS=full LTI_TOOL_TEST_ALL=1 $(BIN)/python -m pytest tests/chaos

# What the tool costs at 1,000 and at 100,000 people, beside PyLTI1p3's own launch: some ten minutes on an idle machine.
# `make bench BENCH=--quick` to try; `BENCH="--only launch --beside ../before"` compares with another checkout.
bench: $(VENV)/dev
	@$(BIN)/python -m tests.bench $(BENCH)

# An institute of 100,000 people on PostgreSQL, and what its pages cost beside those of a tenth: some minutes.
bench-institute: $(VENV)/dev
	@$(BIN)/python -m tests.bench.institute

# A burst of launches, a soak and a restart of the database: ten minutes; `make load LOAD="--soak 3600"` for an hour.
load: $(VENV)/dev
	@$(BIN)/python -m tests.bench.load $(LOAD)

# Anything in launches, answers of platforms, files, forms and calls. CI tries ten cases of each target; this tries
# FUZZ cases in all, of which each target has its share (slow ones a smaller one, none below one per cent), and prints what
# came of them. On one core that nobody else uses it takes about half an hour; FUZZ=5000 is a first look.
FUZZ ?= 100000
fuzz: $(VENV)/dev
	@LTI_TOOL_FUZZ=$(FUZZ) $(BIN)/python -m pytest -p no:randomly -n 2 --dist load tests/fuzz

# Which branches the tests take, by package, with what each package is held to. Journeys in browsers count not.
coverage: $(VENV)/dev
	@mkdir -p var
	@$(BIN)/python -m pytest -n 3 --dist worksteal --cov --cov-branch --cov-report=json:var/coverage.json tests/unit tests/integration
	@$(BIN)/python tests/coverage_table.py var/coverage.json

# What decides about levels, grades and launches, changed in one place at a time: do its own tests notice? In an
# environment of its own, for CI does not need it; a quarter of an hour on an idle machine, begun anew each time.
# `make mutants MUTANTS="lti_tool.grading.retry.*"` tries one module, and what it gave before counts for the others.
# `[tool.mutmut]` says what is changed and what is asked.
mutants: $(VENV)/dev
	@test -x var/mutmut/bin/mutmut || { $(PYTHON) -m venv var/mutmut && var/mutmut/bin/python -m pip install -q --disable-pip-version-check "mutmut==3.8.1"; }
	@test -n "$(MUTANTS)" || rm -rf mutants
	@PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 PYTHONPATH=$(CURDIR)/$$(echo $(VENV)/lib/python3*/site-packages) var/mutmut/bin/mutmut run --max-children 2 $(if $(MUTANTS),"$(MUTANTS)")
	@$(BIN)/python tests/mutants_table.py

# Launches and the pages that people use most in Firefox and WebKit (apt install firefox-esr webkit2gtk-driver xvfb), with
# cookies blocked as people and schools do it, and pictures. A browser that is missing is named at the end.
browsers: $(VENV)/dev
	@LTI_TOOL_SCREENSHOTS=$(CURDIR)/var/browsers $(BIN)/python -m pytest -n 2 -p no:randomly -rs tests/browsers

lint: $(VENV)/dev
	@$(BIN)/ruff format --check lti_tool tests
	@$(BIN)/ruff check lti_tool tests
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/djlint --check --lint --quiet lti_tool
	@$(BIN)/python tests/figures.py --check

# Every page as a browser shows it, in three languages on a phone and on a desktop, and what each weighs.
pictures: $(VENV)/dev
	@LTI_TOOL_SCREENSHOTS=$(CURDIR)/var/pictures $(BIN)/python -m pytest -n 3 --dist loadgroup tests/journeys

# The figures of the code: lengths, complexity, docstrings, suppressions, test lines.
figures: $(VENV)/dev
	@$(BIN)/python tests/figures.py

# Known weaknesses of what is pinned, by PyPI's advisories: needs them to be reachable, and fails where they are not.
audit: $(VENV)/dev
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements.lock
	@$(BIN)/pip-audit --strict --disable-pip --require-hashes --progress-spinner off -r requirements-dev.lock

# Pins everything anew, with hashes, after a change of pyproject.toml.
lock: $(VENV)/dev
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe --extra dev -o requirements-dev.lock pyproject.toml
	$(BIN)/pip-compile -q --generate-hashes --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --strip-extras --allow-unsafe -c requirements-dev.lock -o requirements.lock pyproject.toml

$(VENV)/python:
	@echo "Setting up $(VENV) (once) ..."
	@$(PYTHON) -m venv $(VENV)
	@: > $@

# The lock file is whole, so nothing is resolved anew: some pips prefer a release of today to a pinned one with extras.
$(VENV)/run: requirements.lock pyproject.toml $(VENV)/python
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@: > $@

$(VENV)/dev: requirements-dev.lock pyproject.toml $(VENV)/python
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@: > $@
	@: > $(VENV)/run
