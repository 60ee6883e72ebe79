# Each target makes the environments that it needs on first use; only Python 3.11 or later and make have to be there.
PYTHON ?= python3
export SITE_URL ?= http://127.0.0.1:8000/
export REPO_URL ?=
export SITE_URL_JA = $(patsubst %/,%,$(SITE_URL))/ja/
export NO_MKDOCS_2_WARNING = 1
export PYTHONDONTWRITEBYTECODE = 1

TOOLS = .venv/installed
SERIES = $(foreach series,2.0 2.1,.series/$(series)/installed .series/$(series)-without-greenlet/installed)
BIN = .venv/bin

.PHONY: serve site test record lint bench
.DELETE_ON_ERROR:

serve: $(TOOLS)
	$(BIN)/python serve.py

site: $(TOOLS)
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.yml --site-dir site
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.ja.yml --site-dir site/ja

test: $(TOOLS) $(SERIES)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/pytest --numprocesses 2 $(PYTEST)

record: $(TOOLS) $(SERIES)
	$(BIN)/pytest --numprocesses 2 --record tests/test_snippets.py

bench: $(TOOLS) $(SERIES)
	$(BIN)/python benchmarks/snippets.py
	$(BIN)/python benchmarks/builds.py

$(TOOLS): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --requirement $<
	@touch $@

.series/%-without-greenlet/installed: requirements-%.txt $(TOOLS)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps --constraint $< sqlalchemy aiosqlite typing_extensions
	@touch $@

.series/%/installed: requirements-%.txt $(TOOLS)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps --requirement $<
	@touch $@
