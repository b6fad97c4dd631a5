# Two commands: `make demo` and `make test`. Both are typed out without make in the README (Windows).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test check clean help

help:
	@echo "make demo   replay a school year against the sandbox   ARGS=\"--exit --json --folder DIR --keep\""
	@echo "make test   types, style and every test                ARGS=\"tests/rules -x\""
	@echo "make clean  remove the virtual environment and var/demo"

demo: $(VENV)/.ready
	@$(BIN)/python bot.py demo $(ARGS)

test: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

$(VENV)/bin/python:
	@$(PYTHON) -m venv $(VENV) >&2

$(VENV)/.ready: requirements.lock | $(VENV)/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock >&2
	@touch $@

$(VENV)/.ready-dev: requirements-dev.lock | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $(VENV)/.ready $@

clean:
	rm -rf $(VENV) var/demo
