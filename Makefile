# habeas: `make run` runs the product, `make test` runs its tests, `make check` is the gate.
SHELL := /bin/bash
VENV := .venv/bin

.PHONY: help run test check lint format types imports schemas locks clean

help: ## Show what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 20

run: ## Run the product in one process, with everything it needs set up first
	@scripts/setup run
	@exec $(VENV)/habeas up $(ARGS)

test: ## Run every test, on real servers that the tests start and stop
	@scripts/setup dev
	@scripts/test $(ARGS)

check: export COVERAGE = 1
check: lint types imports schemas test ## The gate: format, lint, types, import rules, generated files, tests, coverage

lint: ## Format and lint
	@scripts/setup dev
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .

format: ## Rewrite to the house style
	@scripts/setup dev
	@$(VENV)/ruff format .
	@$(VENV)/ruff check --fix .

types: ## mypy, strict
	@scripts/setup dev
	@$(VENV)/mypy

imports: ## Imports point one way
	@scripts/setup dev
	@$(VENV)/lint-imports

schemas: ## The generated documents are current, valid, and a released schema only grew
	@scripts/setup dev
	@$(VENV)/python scripts/generate_schemas.py --check

locks: ## Work out the locked requirements anew (needs uv)
	@scripts/lock

clean: ## Remove what can be made again; a home folder is never touched
	@rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
