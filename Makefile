# Each target makes the environments that it needs on first use; you need only Python 3.11 or later and make.
PYTHON ?= python3
export SITE_URL ?= http://127.0.0.1:8000/
export REPO_URL ?=
export NO_MKDOCS_2_WARNING = 1
export PYTHONDONTWRITEBYTECODE = 1
# Two builds of one commit are the same to the byte; without Git, any two builds are.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),0)
export SOURCE_DATE_EPOCH

TOOLS = .venv/installed
SERIES_LOCKS = $(wildcard requirements/[0-9]*.txt)
ENVIRONMENTS = $(foreach series,$(SERIES_LOCKS:requirements/%.txt=%),$(series) $(series)-without-greenlet $(series)-without-drivers)
SERIES = $(ENVIRONMENTS:%=.series/%/installed)
MAINTENANCE = .maintenance/installed
COMPILE = .maintenance/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
BIN = .venv/bin
GUIDE = $(BIN)/python -m guide
PYTEST = $(BIN)/pytest --numprocesses 2
MATRIX = $(PYTEST) --mariadb --record tests/snippets
# `slug=…` reaches the commands only through the environment, so no shell interprets it.
export slug ?=
ONE_ENTRY = $(if $(value slug),--slug "$$slug")
# MariaDB is used by `make matrix`, for one entry, and in CI always.
WITH_MARIADB = $(if $(CI),--mariadb)
# Prose, and the types of the scripts, are checked where there is Node, and in CI always.
PROSE = $(if $(or $(shell command -v npm),$(CI)),node_modules/installed)

ENGINE = $(if $(PROSE),overrides/assets/minisearch.js)

.PHONY: serve site lint test record matrix newest theme published reproduce rename bench new lock upgrade audit
.DELETE_ON_ERROR:

serve: $(TOOLS)
	$(GUIDE) serve

site: $(TOOLS)
	$(GUIDE) build site

lint: $(TOOLS) $(PROSE)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(BIN)/mypy
	$(if $(PROSE),node textlint/lint.js textlint/en.json docs/en README.md)
	$(if $(PROSE),node textlint/lint.js textlint/ja.json docs/ja README.ja.md)
	$(if $(PROSE),npx --no-install tsc --project tsconfig.json)

# With `slug=…` only what belongs to one entry.
test: $(if $(value slug),,lint) $(TOOLS) $(SERIES)
	$(PYTEST) $(if $(value slug),--mariadb $(ONE_ENTRY) tests/snippets tests/pages tests/paste_box/test_entries.py,$(WITH_MARIADB))

# Runs every snippet with its own driver, and writes what it prints.
record: $(TOOLS) $(SERIES)
	$(PYTEST) --record $(ONE_ENTRY) tests/snippets/test_snippets.py tests/snippets/test_lanes.py

# Runs every snippet with every driver, and writes what it does; if there is no MariaDB, its outcomes stay.
matrix: $(TOOLS) $(SERIES)
	$(MATRIX) $(ONE_ENTRY)

# The same with the newest releases of each series, pre-releases included; the next target that needs them reinstalls the pinned ones.
newest: $(TOOLS) $(SERIES)
	rm $(SERIES)
	$(GUIDE) newest
	$(MATRIX)

# Makes the theme's script and styles again, with what the site needs of them.
theme: $(TOOLS) node_modules/installed
	$(BIN)/pytest --quiet --record tests/site/test_theme.py

# Lists each new page and heading as published: from then on it has to stay.
published: $(TOOLS)
	$(BIN)/pytest --record tests/site/test_published.py

# Gives an entry another slug, and leaves a redirect at its old address.
rename: export from ?=
rename: export to ?=
rename: $(TOOLS)
	@$(GUIDE) rename "$$from" "$$to"
	$(BIN)/pytest --quiet --record tests/site/test_published.py

# Begins an entry, and prints what to do next.
new: export folder ?= causes
new: export fix ?= fix
new: $(TOOLS)
	@$(GUIDE) new "$$slug" "$$folder" "$$fix"

bench: $(TOOLS) $(SERIES)
	$(BIN)/python -m benchmarks.snippets
	$(BIN)/python -m benchmarks.matrix
	$(BIN)/python -m benchmarks.serving
	$(BIN)/python -m benchmarks.builds
	$(BIN)/python -m benchmarks.weight
	$(if $(PROSE),$(BIN)/python -m benchmarks.lighthouse)

# Each writes the locks from their .in, for every platform and Python: `lock` keeps the versions that are there, `upgrade` takes
# the newest.
upgrade: UPGRADE = --upgrade
lock upgrade: $(MAINTENANCE) $(ENGINE)
	$(COMPILE) --output-file requirements.txt requirements.in
	for name in snippets maintenance; do \
	  $(COMPILE) --no-emit-package sqlalchemy --output-file requirements/$$name.txt requirements/$$name.in || exit; \
	done
	for lock in $(SERIES_LOCKS) requirements/without-greenlet.txt requirements/without-drivers.txt; do \
	  $(COMPILE) --no-deps --output-file $$lock $${lock%.txt}.in || exit; \
	done

# Runs some examples by their addresses at SITE_URL, as readers do; different ones each week.
reproduce: $(TOOLS) $(MAINTENANCE)
	PATH="$(CURDIR)/.maintenance/bin:$$PATH" $(GUIDE) reproduce

# Fails if the locks install a package with a known vulnerability, or if that can't be checked.
audit: $(MAINTENANCE)
	for lock in requirements.txt requirements/*.txt; do \
	  .maintenance/bin/pip-audit --strict --disable-pip --require-hashes --requirement $$lock || exit; \
	done

$(TOOLS): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --require-hashes --requirement $<
	@touch $@

$(MAINTENANCE): requirements/maintenance.txt
	$(PYTHON) -m venv --clear .maintenance
	.maintenance/bin/pip install --quiet --require-hashes --requirement $<
	@touch $@

# What the search ranks with, as published: committed, so that the site is built without Node.
overrides/assets/minisearch.js: node_modules/installed
	{ echo '// @ts-nocheck: minisearch as published, written by `make lock`.'; sed 's|^|// |; s| $$||' node_modules/minisearch/LICENSE.txt; \
	  sed '/^\/\/# sourceMappingURL=/d' node_modules/minisearch/dist/es/index.js; } > $@

node_modules/installed: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# An environment with SQLAlchemy from the first lock, and with all else from the second.
INSTALL = $(PYTHON) -m venv --clear --without-pip $(@D) && $(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps \
  --require-hashes --requirement $< --requirement $(word 2,$^) && touch $@

.series/%-without-greenlet/installed: requirements/%.txt requirements/without-greenlet.txt $(TOOLS)
	$(INSTALL)

.series/%-without-drivers/installed: requirements/%.txt requirements/without-drivers.txt $(TOOLS)
	$(INSTALL)

.series/%/installed: requirements/%.txt requirements/snippets.txt $(TOOLS)
	$(INSTALL)
