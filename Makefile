# Two commands matter: `make run` and `make test`. Each sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup run test soak seeded check bench format schemas lock

setup: $(READY)

# Everything on this machine, with a sample organisation. Ctrl-C stops it cleanly; the data stays in .okr/.
run: setup
	@exec $(BIN)/okr up --sample

# All tests, two files at a time, each process with servers of its own: one alone leaves half of two cores idle. One test:
# .venv/bin/pytest tests/unit/rules -k weighted
test: setup
	@$(BIN)/pytest --numprocesses 2 --dist loadfile

# A thousand faults under load, then the history is judged; races in every order; then 10,000 random commands, and all
# that is said of them is recomputed. Another run: make soak SEED=7 FAULTS=100 COMMANDS=2000
soak: setup
	@$(BIN)/python -m tests.faults.soak $(if $(SEED),--seed $(SEED)) $(if $(FAULTS),--faults $(FAULTS))
	@TEST_EVERY_WAY=1 $(BIN)/pytest -q tests/integration/ledger/test_races.py
	@$(BIN)/python -m tests.model_based $(if $(SEED),--seed $(SEED)) $(if $(COMMANDS),--commands $(COMMANDS))

# Faults that are put in by hand, one after the other: a table says which test catches each.
seeded: setup
	@$(BIN)/python -m tests.faults.seeded

# The numbers that we publish, each against a floor of the same run. Some of them: make bench ROWS="append http"
bench: setup
	@$(BIN)/python -m tests.benchmarks $(ROWS)

# What a review should not have to look for. All of it runs, so that one run names everything that is wrong.
check: setup
	@failed=; \
	for step in \
	  "$(BIN)/ruff format --check" \
	  "$(BIN)/ruff check" \
	  "$(BIN)/basedpyright" \
	  "$(BIN)/lint-imports --no-logo" \
	  "$(BIN)/sqlfluff lint --processes 2 services projections" \
	  "env POSTGRES_PASSWORD=any $(BIN)/docker-compose config --quiet" \
	  "$(BIN)/hadolint deploy/Dockerfile" \
	  "$(BIN)/python -m services.cli.schemas --check" \
	  "$(BIN)/python -m services.cli.env_example --check" \
	  "$(BIN)/python -m services.cli.reference --check"; \
	do echo "== $$step"; $$step || failed="$$failed\n  $$step"; done; \
	if [ -n "$$failed" ]; then printf "\nFailed:$$failed\n"; exit 1; fi

format: setup
	@$(BIN)/ruff check --fix-only --quiet
	@$(BIN)/ruff format

# Writes anew what is derived from the code: contracts/schemas and docs/commands.md from commands and events, .env.example
# from settings.
schemas: setup
	@$(BIN)/python -m services.cli.schemas
	@$(BIN)/python -m services.cli.env_example
	@$(BIN)/python -m services.cli.reference

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
  --no-emit-package okr-contracts --no-emit-package okr-rules \
  pyproject.toml contracts/okr_contracts/pyproject.toml contracts/okr_rules/pyproject.toml

# Newest versions that pyproject.toml allows: `make lock UPGRADE=--upgrade`. The image gets the same versions, without servers and tests.
lock: setup
	@$(COMPILE) $(UPGRADE) --all-extras -o requirements.lock
	@$(COMPILE) --extra tracing -c requirements.lock -o deploy/requirements.lock

# Installs exactly what requirements.lock names, then this checkout on top, editable and without touching the network.
# All of it compiled: where nobody may write bytecode later, each start would compile everything again, for a second.
$(READY): requirements.lock pyproject.toml contracts/okr_contracts/pyproject.toml contracts/okr_rules/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
	  --editable contracts/okr_contracts --editable contracts/okr_rules --editable .
	@$(BIN)/python -m compileall -q contracts projections services
	@touch $(READY)
