# `make help` prints what there is. Everything runs in .venv, which is made when it is missing.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run test check format lint types templates contracts bench lock assets migration clean

help: ## print this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/run.stamp: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Beanft needs Python 3.11 or newer.")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@

run: .venv/run.stamp ## install, migrate, start site and worker, print the address
	@$(BIN)/python app.py $(ARGS)

# Bytecode is written even where that is switched off: the tests start hundreds of processes.
test: .venv/dev.stamp ## install what tests need, the browser too, and run them all
	@sh tests/install-browser
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

check: format lint types templates contracts test ## everything that must be green

format: .venv/dev.stamp ## formatting
	$(BIN)/ruff format --check .

lint: .venv/dev.stamp ## lint
	$(BIN)/ruff check .

types: .venv/dev.stamp ## types
	$(BIN)/mypy

templates: .venv/dev.stamp ## templates
	$(BIN)/djlint --lint --quiet site/beanft/templates

contracts: .venv/dev.stamp ## import contracts
	PYTHONPATH=site $(BIN)/lint-imports

bench: .venv/dev.stamp ## measure pages, or tables: make bench ARGS="tables --mb 200 2000"; see docs/benchmarks.md
	$(BIN)/python benchmarks/$(or $(firstword $(ARGS)),pages).py $(wordlist 2,99,$(ARGS))

lock: .venv/dev.stamp ## resolve the ranges of pyproject.toml again
	$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-emit-find-links --python-version 3.11 --generate-hashes --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --no-emit-index-url --no-emit-find-links --python-version 3.11 --generate-hashes --custom-compile-command "make lock" -c requirements.txt --group dev -o requirements-dev.txt

assets: .venv/run.stamp ## fetch the front-end libraries again and check their hashes
	$(BIN)/python tools/vendor.py

migration: .venv/run.stamp ## write a revision from the tables: make migration MESSAGE="what changed"
	$(BIN)/flask --app app db revision --autogenerate -m "$(MESSAGE)"

clean: ## remove what was built; the instance stays
	rm -rf .venv .mypy_cache .ruff_cache .import_linter_cache .pytest_cache
