# Casebook from a fresh clone: `make demo` shows it, `make test` proves it, `make run` is it.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEMO := $(VENV)/.demo
BROWSER := $(VENV)/.browser
# What pip does is shown on a terminal; into a file or a pipe it says only what went wrong.
INSTALL := install $(if $(MAKE_TERMOUT),,--quiet) --disable-pip-version-check --constraint constraints.txt
PIP := $(BIN)/python -m pip $(INSTALL)

# Python keeps its bytecode, whatever the environment says: compiling the tests takes each process ten seconds.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: install demo test test-all faults soak fuzz browser-test pictures picture run coverage lint types bench deploy-check

install: $(STAMP)

# Made once; what is in it is the matter of the other stamps.
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit( \
	  "Casebook needs Python 3.11 or later, and $(PYTHON) is %d.%d; name another one: make PYTHON=python3.11" \
	  % sys.version_info[:2])'
	@echo "Making a virtual environment in $(VENV)."
	$(PYTHON) -m venv --without-pip $(VENV)
	@touch $@

$(VENV)/.pip: | $(VENV)/.made
	$(BIN)/python -m ensurepip --default-pip > /dev/null
	@touch $@

# Again only when what is to be installed has changed. It brings what the demo needs, too.
$(STAMP): pyproject.toml constraints.txt | $(VENV)/.pip
	@echo "Installing into $(VENV) what the tests need; the first time takes about a minute."
	$(PIP) --editable '.[dev]'
	@touch $(DEMO) $@

# The demo runs from this folder, so only the libraries it uses are installed: nothing is built, and nothing compiled
# that it does not import. The pip of $(PYTHON) does it, where there is one from 22.3 on: to install another takes 5 s.
$(DEMO): pyproject.toml constraints.txt | $(VENV)/.made
	@echo "Installing into $(VENV) what the demo needs; the first time takes about a quarter of a minute."
	@pip="$(PYTHON) -m pip --python $(BIN)/python"; \
	$$pip --version > /dev/null 2>&1 || { \
	  $(BIN)/python -m ensurepip --default-pip > /dev/null && pip="$(BIN)/python -m pip" || exit 1; }; \
	$$pip $(INSTALL) --no-compile $$($(BIN)/python -c 'import tomllib; \
	  project = tomllib.load(open("pyproject.toml", "rb"))["project"]; \
	  print(*project["dependencies"], *project["optional-dependencies"]["demo"])')
	@touch $@

demo: $(DEMO)
	$(BIN)/python -m fixtures.demo

# Some tests wait where others compute, so two cores have enough to do for three processes. Small chunks: the long tests,
# which come first, are shared among all.
test: lint types
	$(BIN)/python -m pytest -n 3 --maxschedchunk 4

# The suite on each supported Python that is installed, each with a virtual environment of its own.
test-all: lint types
	$(PYTHON) tests/pythons.py run

# Everything that can break is broken, on both databases; an hour, and a table at the end.
faults: install
	$(BIN)/python -m tests.faults

# An hour of steady work with two hundred reconnections: what grows.
soak: install
	$(BIN)/python -m tests.faults soak --database sqlite

# Small mails that are made to cost much, three minutes of them; how long each takes, and none over two seconds.
fuzz: install
	$(BIN)/python -m tests.mail_fuzz

# What only these two need; they also need a Chromium, such as Debian's.
$(BROWSER): $(STAMP)
	$(PIP) --editable '.[browser]'
	@touch $@

browser-test: install $(BROWSER)
	$(BIN)/python -m pytest -n 2 tests/browser

# The pictures of README.md and docs, of the demo as it is.
pictures: install $(BROWSER)
	TZ=UTC $(BIN)/python -m pytest tests/browser/test_pictures.py --pictures=docs/pictures

# The picture of the rooms in docs/architecture.md, of the imports as they are.
picture: install
	$(BIN)/python -m tests.papers.rooms

lint: install
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: install
	$(BIN)/mypy

run: install
	$(BIN)/python -m bot

coverage: install
	$(BIN)/python -m pytest -n 2 --cov --cov-report=
	$(BIN)/coverage report
	$(BIN)/coverage report --include='casebook/*' --fail-under=90

bench: install
	$(BIN)/python -m benchmarks

# What is needed to deploy, checked without a container engine: linted, held against its schema, and carried out.
deploy-check: install $(STAMP)-deploy
	@command -v systemd-analyze >/dev/null || \
	  { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends systemd; }
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec compose.yaml compose.prod.yaml
	$(BIN)/python -m pytest deploy/checks

$(STAMP)-deploy: $(STAMP)
	$(PIP) --editable '.[deploy]'
	@touch $@
