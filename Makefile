# Each target makes the environments that it needs on first use; only Python 3.11 or later and make have to be there.
PYTHON ?= python3
SITE_URL ?= http://127.0.0.1:8000/
override SITE_URL := $(patsubst %/,%,$(SITE_URL))/
export SITE_URL
export SITE_URL_JA = $(SITE_URL)ja/
export REPO_URL ?=
export NO_MKDOCS_2_WARNING = 1
export PYTHONDONTWRITEBYTECODE = 1
# Two builds of one commit are the same to the byte; without Git, of any.
SOURCE_DATE_EPOCH ?= $(or $(shell git log -1 --format=%ct 2>/dev/null),0)
export SOURCE_DATE_EPOCH

TOOLS = .venv/installed
ENVIRONMENTS = 2.0 2.0-without-greenlet 2.1 2.1-without-greenlet
SERIES = $(ENVIRONMENTS:%=.series/%/installed)
MAINTENANCE = .maintenance/installed
COMPILE = .maintenance/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(UPGRADE) \
  --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'
BIN = .venv/bin
DRIVERS = aiomysql aiosqlite asyncmy asyncpg greenlet psycopg psycopg-binary PyMySQL
MATRIX = --mariadb --record tests/test_snippets.py tests/test_matrix.py
ONE_ENTRY = $(if $(slug),-k /$(slug)/)
# MariaDB is used by `make matrix`, and in CI always.
WITH_MARIADB = $(if $(CI),--mariadb)
# Japanese prose, and the types of the scripts, are checked where there is Node, and in CI always.
PROSE = $(if $(or $(shell command -v npm),$(CI)),node_modules/installed)

.PHONY: serve site lint test record matrix newest published rename bench new lock upgrade audit
.DELETE_ON_ERROR:

serve: $(TOOLS)
	$(BIN)/python serve.py

site: $(TOOLS)
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.yml --site-dir site
	$(BIN)/mkdocs build --quiet --strict --config-file mkdocs.ja.yml --site-dir site/ja
	$(BIN)/python finish.py site

lint: $(TOOLS) $(PROSE)
	$(BIN)/ruff check --quiet .
	$(BIN)/ruff format --quiet --check .
	$(if $(PROSE),npx --no-install textlint --format unix "docs/ja/**/*.md" README.ja.md)
	$(if $(PROSE),npx --no-install tsc --project tsconfig.json)

test: lint $(SERIES)
	$(BIN)/pytest --numprocesses 2 $(WITH_MARIADB)

# With `slug=…`, as in `make matrix`, only what belongs to one entry.
record: $(TOOLS) $(SERIES)
	$(BIN)/pytest --numprocesses 2 --record tests/test_snippets.py $(ONE_ENTRY)
	$(BIN)/pytest --record tests/test_evidence.py

# Records what every snippet does with every driver; where there is no MariaDB, its rows stay.
matrix: $(TOOLS) $(SERIES)
	$(BIN)/pytest --numprocesses 2 $(MATRIX) $(ONE_ENTRY)

# The same with the newest releases, pre-releases included; the next target that needs them reinstalls the pinned ones.
newest: $(TOOLS) $(SERIES)
	rm $(SERIES)
	for environment in $(ENVIRONMENTS); do \
	  case $$environment in 2.0*) newest='sqlalchemy==2.0.*' ;; *) newest='sqlalchemy>=2.1' ;; esac; \
	  case $$environment in *-without-greenlet) drivers=aiosqlite ;; *) drivers='$(DRIVERS)' ;; esac; \
	  $(BIN)/pip --python .series/$$environment/bin/python install --quiet --no-deps --pre --upgrade \
	    "$$newest" $$drivers || exit; \
	done
	$(BIN)/pytest --numprocesses 2 $(MATRIX)

# Lists each new page and heading as published: from then on it has to stay.
published: $(TOOLS)
	$(BIN)/pytest --record tests/test_published.py

# Gives an entry another slug, and leaves a redirect at the old one.
rename: export from ?=
rename: export to ?=
rename: $(TOOLS)
	@$(BIN)/python rename.py "$$from" "$$to"
	$(BIN)/pytest --quiet --record tests/test_evidence.py tests/test_published.py

# Begins an entry; what it prints says how to go on.
new: export slug ?=
new: export folder ?= causes
new: export fix ?= fix
new: $(TOOLS)
	@$(BIN)/python new.py "$$slug" "$$folder" "$$fix"

bench: $(TOOLS) $(SERIES)
	$(BIN)/python benchmarks/snippets.py
	$(BIN)/python benchmarks/matrix.py
	$(BIN)/python benchmarks/builds.py
	$(BIN)/python benchmarks/weight.py

# Each writes the requirements….txt from their .in, for every platform and Python: `lock` keeps the versions that are there,
# `upgrade` takes the newest.
upgrade: UPGRADE = --upgrade
lock upgrade: $(MAINTENANCE)
	for name in requirements requirements-snippets requirements-maintenance; do \
	  $(COMPILE) --no-emit-package sqlalchemy --output-file $$name.txt $$name.in || exit; \
	done
	for name in requirements-2.0 requirements-2.1 requirements-without-greenlet; do \
	  $(COMPILE) --no-deps --output-file $$name.txt $$name.in || exit; \
	done

# Fails if a known vulnerability is in what the locks install, or if that cannot be told.
audit: $(MAINTENANCE)
	for lock in requirements*.txt; do \
	  .maintenance/bin/pip-audit --strict --disable-pip --require-hashes --requirement $$lock || exit; \
	done

$(TOOLS): requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or later is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv --clear .venv
	$(BIN)/pip install --quiet --require-hashes --requirement $<
	@touch $@

$(MAINTENANCE): requirements-maintenance.txt
	$(PYTHON) -m venv --clear .maintenance
	.maintenance/bin/pip install --quiet --require-hashes --requirement $<
	@touch $@

node_modules/installed: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.series/%-without-greenlet/installed: requirements-%.txt requirements-without-greenlet.txt $(TOOLS)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps --require-hashes \
	  --requirement $< --requirement requirements-without-greenlet.txt
	@touch $@

.series/%/installed: requirements-%.txt requirements-snippets.txt $(TOOLS)
	$(PYTHON) -m venv --clear --without-pip $(@D)
	$(BIN)/pip --python $(@D)/bin/python install --quiet --no-deps --require-hashes \
	  --requirement $< --requirement requirements-snippets.txt
	@touch $@
