# Two commands for a fresh machine: `make demo` and `make test`. The first call installs into $(VENV); later ones need no
# network. Written for GNU make 3.81 and newer.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test test-long check clean

help:
	@echo "make demo        install Lamina into $(VENV) and compare a network with simple models on the Hitters data"
	@echo "make test        run the tests and every documented example"
	@echo "make test-long   run the long tests: scikit-learn's own, on our replacements, and quick runs of the experiments"
	@echo "make check       style and types: ruff, mypy --strict"
	@echo "make clean       remove $(VENV) and the caches"

demo: $(VENV)/.installed
	@$(BIN)/lamina compare hitters
	@echo
	@echo "Lamina is installed in $(VENV). To use it here:  . $(BIN)/activate"
	@echo "Then, with a table of your own:  lamina compare TABLE.csv --target COLUMN"

test: $(VENV)/.installed-test
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile

test-long: $(VENV)/.installed-test
	@$(BIN)/python -m pytest -m long --numprocesses auto --dist load tests

check: $(VENV)/.installed-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(VENV)/.made:
	@command -v "$(PYTHON)" >/dev/null 2>&1 || { \
	    echo "Lamina needs Python 3.11 or newer, and '$(PYTHON)' was not found. Install Python," >&2; \
	    echo "or name the one you have: make demo PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "Lamina needs Python 3.11 or newer, and '$(PYTHON)' is $$("$(PYTHON)" --version 2>&1)." >&2; \
	    echo "Name a newer one: make demo PYTHON=python3.12" >&2; exit 1; }
	@"$(PYTHON)" -m venv "$(VENV)" || { \
	    echo "'$(PYTHON) -m venv' failed (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@touch $@

$(VENV)/.installed: $(VENV)/.made pyproject.toml
	@echo "Installing Lamina into $(VENV) (the first time takes a minute or two) ..."
	@$(INSTALL) --editable .
	@touch $@

# What the tests need contains what the demo needs, so both stamps are set.
$(VENV)/.installed-test: $(VENV)/.made pyproject.toml
	@echo "Installing Lamina and its test tools into $(VENV) (the first time takes a minute or two) ..."
	@$(INSTALL) --editable '.[test]'
	@touch $(VENV)/.installed $@
