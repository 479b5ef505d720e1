# The site with one command: make run. PORT and VAR say where; nothing else is needed but Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help run code test check bench soak format lock clean

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

$(VENV)/.installed: requirements.txt requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: PYTHON=python3.11 make run")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what the site needs (once, about a minute) ..."
	@$(BIN)/python -m pip install --quiet -r requirements.txt -c requirements.lock
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt requirements-demo.txt
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt -c requirements.lock
	@touch $@

$(VENV)/.installed-demo: $(VENV)/.installed requirements-demo.txt
	@$(BIN)/python -m pip install --quiet -r requirements-demo.txt -c requirements.lock
	@touch $@

run: $(VENV)/.installed-demo ## Run the whole site, with a demo, on this computer
	@exec $(BIN)/python manage.py run

code: $(VENV)/.installed-demo ## Say the code of the demo support agent's second step
	@LIVECHAT_DEV=1 $(BIN)/python manage.py demo_code

test: $(VENV)/.installed-dev ## Run every test (DATABASE_URL and REDIS_URL choose the services)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || \
	  { echo "The browser tests need Chromium: sudo apt-get install chromium, or $(BIN)/playwright install chromium"; }
	@LIVECHAT_DEV=1 VAR=$(CURDIR)/build/var $(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.installed-dev ## Lint, types, floors, migrations and settings
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@LIVECHAT_DEV=1 $(BIN)/mypy .
	@PYTHONPATH=. LIVECHAT_DEV=1 $(BIN)/lint-imports
	@LIVECHAT_DEV=1 $(BIN)/python manage.py makemigrations --check --dry-run
	@LIVECHAT_DEV=1 $(BIN)/python manage.py check --fail-level WARNING

bench: $(VENV)/.installed-dev ## Measure the speed goals beside their floor
	@LIVECHAT_DEV=1 VAR=$(CURDIR)/build/var $(BIN)/python -m bench $(ARGS)

soak: $(VENV)/.installed-dev ## Ten minutes of load and faults: nothing lost, doubled or swapped (SECONDS=90, ARGS=--sqlite)
	@LIVECHAT_DEV=1 VAR=$(CURDIR)/build/var $(BIN)/python -m bench.soak --seconds $(or $(SECONDS),600) $(ARGS)

format: $(VENV)/.installed-dev ## Put the code into its one form
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: ## Write requirements.lock anew from the ranges
	@rm -rf build/lock && $(PYTHON) -m venv build/lock
	@build/lock/bin/pip install --quiet -r requirements-dev.txt
	@build/lock/bin/pip freeze --exclude-editable | grep -v '^pip==' > requirements.lock
	@rm -rf build/lock

clean: ## Remove what can be made again (not var/, which holds the site's data)
	@rm -rf build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
