# Each target makes the environments that it needs on first use; only Python 3.11 or later and make have to be there.
PYTHON ?= python3
SITE_URL ?= http://127.0.0.1:8000/
override SITE_URL := $(patsubst %/,%,$(SITE_URL))/
export SITE_URL
export SITE_URL_JA = $(SITE_URL)ja/
export REPO_URL ?=
export NO_MKDOCS_2_WARNING = 1
export PYTHONDONTWRITEBYTECODE = 1

TOOLS = .venv/installed
ENVIRONMENTS = 2.0 2.0-without-greenlet 2.1 2.1-without-greenlet
SERIES = $(ENVIRONMENTS:%=.series/%/installed)
BIN = .venv/bin
# Japanese prose is checked where there is Node, and in CI always.
PROSE = $(if $(or $(shell command -v npm),$(CI)),node_modules/installed)

.PHONY: serve site lint test record newest bench
.DELETE_ON_ERROR:

serve: $(TOOLS)
	$(BIN)/python serve.py

site: $(TOOLS)
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.yml --site-dir site
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.ja.yml --site-dir site/ja

lint: $(TOOLS) $(PROSE)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(if $(PROSE),npx --no-install textlint --format unix "docs/ja/**/*.md" README.ja.md)

test: lint $(SERIES)
	$(BIN)/pytest --numprocesses 2

record: $(TOOLS) $(SERIES)
	$(BIN)/pytest --numprocesses 2 --record tests/test_snippets.py

# Records what the newest releases print, pre-releases included; the next target that needs them reinstalls the pinned ones.
newest: $(TOOLS) $(SERIES)
	rm $(SERIES)
	for environment in $(ENVIRONMENTS); do \
	  case $$environment in 2.0*) newest='sqlalchemy==2.0.*' ;; *) newest='sqlalchemy>=2.1' ;; esac; \
	  $(BIN)/pip --python .series/$$environment/bin/python install --quiet --no-deps --pre --upgrade "$$newest" || exit; \
	done
	$(BIN)/pytest --numprocesses 2 --record tests/test_snippets.py

bench: $(TOOLS) $(SERIES)
	$(BIN)/python benchmarks/snippets.py
	$(BIN)/python benchmarks/builds.py

$(TOOLS): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --requirement $<
	@touch $@

node_modules/installed: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.series/%-without-greenlet/installed: requirements-%.txt requirements-snippets.txt $(TOOLS)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps \
	  --constraint $< --constraint requirements-snippets.txt sqlalchemy aiosqlite typing_extensions
	@touch $@

.series/%/installed: requirements-%.txt requirements-snippets.txt $(TOOLS)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps --requirement $< --requirement requirements-snippets.txt
	@touch $@
