# Each command does its own set-up on first use: it makes .venv and installs the pinned packages there.
# `make` alone lists the commands.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
# A test process holds a database server and a reader: more than two at once thrash a small machine.
TEST_PROCESSES := 2
# These wait for daemons most of their time: one more keeps two cores at work.
LONG_PROCESSES := 3
DATA ?= ../shared/data

# Whoever starts hundreds of processes wants compiled code kept, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-long forging test-pythons check torture gameday format lock audit bench bench-scale bench-openai bench-accuracy generate clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(READY) ## Watch the daemon file sample paper, offline, in a folder of its own
	@$(BIN)/python -m demo.run

test: $(READY) ## Run the tests (ARGS="-k name" narrows them)
	@$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup -m "not long" $(ARGS)

test-long: $(READY) ## Run the others: runbook, drills, fleet, kills, attacks
	@$(BIN)/python -m pytest -n $(LONG_PROCESSES) --dist loadgroup -m long $(ARGS)

test-pythons: ## Set-up, demo and the most telling tests under every Python here, and with the oldest SQLite
	@python=$$(scripts/find_python.sh) && "$$python" -m scripts.test_pythons $(ARGS)

check: $(READY) ## Format, lint, strict types, import contracts, generated files
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m scripts.config_docs --check
	@$(BIN)/python -m scripts.metrics_docs --check
	@$(BIN)/python -m scripts.words_compile --check
	@$(BIN)/python -m scripts.words_check

format: $(READY) ## Write the format and the lint fixes that are safe
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

generate: $(READY) ## Write .env.example, two pages of docs and the compiled words from their sources
	@$(BIN)/python -m scripts.config_docs
	@$(BIN)/python -m scripts.metrics_docs
	@$(BIN)/python -m scripts.words_compile

torture: $(READY) ## Pull the plug on a real daemon, again and again, and audit (ARGS="--seed 7 --database postgres")
	@$(BIN)/python -m tests.torture $(ARGS)

gameday: $(READY) ## Break a running system in ten ways and mend it by the runbook (ARGS="--only clock")
	@$(BIN)/python -m tests.gameday $(ARGS)

forging: $(READY) ## Print what becomes of forged and of honest answers, field by field
	@$(BIN)/python -m tests.forging

bench: $(READY) ## Measure speed and memory
	@$(BIN)/python -m bench.speed

bench-scale: $(READY) ## Measure 100,000 documents and a queue of 10,000 (ARGS="--rows 20000 --backlog 2000" is quicker)
	@$(BIN)/python -m bench.scale $(ARGS)

bench-openai: $(READY) ## Measure the paid engine against a stub's limits, and what each lane costs
	@$(BIN)/python -m bench.openai $(ARGS)

bench-accuracy: $(READY) ## Measure what is read correctly (DATA=folder of documents with their truth)
	@$(BIN)/python -m bench.accuracy $(DATA)

audit: $(READY) ## Look for known vulnerabilities in what is pinned, and for licences that bind (code 3: could not look)
	@$(BIN)/python -m scripts.audit

lock: ## Pin again from pyproject.toml (needs uv; ARGS=--upgrade takes newer versions)
	@scripts/lock.sh $(ARGS)

clean: ## Remove .venv, caches and what the demo left; documents, database and settings stay
	rm -rf $(VENV) build dist demo/out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find autod bench demo scripts src tests -name __pycache__ -type d -prune -exec rm -rf {} +

# Order matters on the first run: the stamp is written last, so that an interrupted set-up is begun again.
$(READY): requirements-dev.txt pyproject.toml scripts/set_up.py
	@python=$$(scripts/find_python.sh) && "$$python" scripts/set_up.py $(VENV) requirements-dev.txt
	@touch $@
