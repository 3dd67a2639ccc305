# Two commands matter: `make run` and `make test`. Each sets up what it needs first.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: setup run test check format lock

setup: $(READY)

# Installs exactly what requirements.lock names, then this checkout on top, editable and without touching the network.
$(READY): requirements.lock pyproject.toml contracts/okr_contracts/pyproject.toml contracts/okr_rules/pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
	  --editable contracts/okr_contracts --editable contracts/okr_rules --editable .
	@touch $(READY)
