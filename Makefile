# make run    simulate a small business if no data is there, run the whole way, print what was published
# make up     start Airflow with the DAGs on; prints the address and the login
# make test   the linters and every test        make lint   the linters alone
# make bench  the benchmark suite               make docs   the documentation as a site, in site/
# make clean  remove what make made, never the data
# make secrets        the secrets of the server profile, those that are missing
# make test-executors a run on two of Celery's workers, one of which dies; Redis and PostgreSQL are the system's
# make test-server    the server profile on a container engine, for real; root, docker.io and debootstrap
# make spark  add the Spark engine (SAYDO_ENGINE=spark); Java 17 or 21 is the system's
# make test-spark     the same figures on Spark, on one machine and on a cluster of processes
# make test-duckdb-2  the core path on the next major version of the engine
# make bi     four dashboards in Superset, over what was published; prints the address and the login
# make test-bi        a real Superset with them
#
# Python 3.11-3.13 is all that must be there. HOME_DIR says where the data is, PYTHON which Python.

PYTHON ?= python3
HOME_DIR ?= home
CUSTOMERS ?= 10000
MONTHS ?= 12
PORT ?= 8080
BI_PORT ?= 8088

BIN := .venv/bin
INSTALLED := .venv/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: run up bi test test-spark test-duckdb-2 test-server test-executors test-bi spark secrets lint bench docs clean data
.DEFAULT_GOAL := run

run: data
	@$(BIN)/saydo run --home $(HOME_DIR)

up: data
	@$(BIN)/saydo up --home $(HOME_DIR) --port $(PORT)

# Simulated beside and renamed into place, so that an interrupted simulation is never taken for data.
data: $(INSTALLED)
	@if [ -z "$$(ls -A $(HOME_DIR)/landing 2>/dev/null)" ]; then \
		rm -rf $(HOME_DIR)/landing $(HOME_DIR)/.simulating && mkdir -p $(HOME_DIR) && \
		echo "no data in $(HOME_DIR)/landing: simulating $(CUSTOMERS) customers, $(MONTHS) months" && \
		$(BIN)/saydo simulate --out $(HOME_DIR)/.simulating/landing \
			--customers $(CUSTOMERS) --months $(MONTHS) --seed 1 && \
		mv $(HOME_DIR)/.simulating/landing $(HOME_DIR) && rmdir $(HOME_DIR)/.simulating; \
	fi

# Whole runs are begun first: else one worker is left with them at the end.
test: lint
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder tests/acceptance tests/dags tests \
		--ignore tests/spark --ignore tests/containers/booted --ignore tests/executors --ignore tests/superset

spark: .venv/.installed-spark

# Begun first, by a worker each: else one of them is left for the end. Whoever has a file of one test
# is given the next one with it: a short one, or the cluster would wait for ten days to be built.
FIRST := $(patsubst %,tests/spark/test_%.py,same_figures day_by_day functions_known cluster)

test-spark: spark
	@$(BIN)/pytest -q -n 2 --dist loadfile --no-loadscope-reorder $(FIRST) \
		$(filter-out $(FIRST),$(wildcard tests/spark/test_*.py))

test-duckdb-2: $(INSTALLED)
	@$(BIN)/pip install -q --require-hashes --no-deps --upgrade --target .venv/duckdb-2 -r requirements-duckdb-2.lock
	@for part in unit/landing unit/gate unit/release warehouse acceptance/test_simulated.py; do \
		PYTHONPATH=$(CURDIR)/.venv/duckdb-2 $(BIN)/pytest -q -n 2 --dist loadfile tests/$$part || exit 1; done

test-executors: .venv/.installed-server
	@$(BIN)/pytest -q -n 0 tests/executors

test-server: $(INSTALLED)
	@$(BIN)/pytest -q -n 0 -rP tests/containers/booted

# The containers' own user reads the files; the folder keeps everybody else out. None is ever replaced.
SAYDO_SECRETS ?= secrets
SECRETS := postgres_password airflow_jwt_secret airflow_api_secret_key airflow_admin_password saydo_pseudonym_key
secrets:
	@mkdir -p -m 700 $(SAYDO_SECRETS)
	@cd $(SAYDO_SECRETS) && for name in $(SECRETS); do [ -s $$name ] || openssl rand -hex 32 > $$name || exit 1; done
	@cd $(SAYDO_SECRETS) && { [ -s airflow_fernet_key ] || openssl rand -base64 32 | tr '+/' '-_' > airflow_fernet_key; }
	@cd $(SAYDO_SECRETS) && { [ -s saydo_publish_postgres ] || \
		echo "postgresql://saydo_loader:$$(openssl rand -hex 24)@postgres:5432/saydo" > saydo_publish_postgres; }
	@chmod 444 $(SAYDO_SECRETS)/*
	@echo "$(SAYDO_SECRETS)/ is complete; airflow_admin_password there is the first log-in's"

# Looked at first: nobody waits for an installation to hear that there is nothing to show.
bi: $(INSTALLED)
	@test -e $(HOME_DIR)/published/current/manifest.json || { \
		echo "nothing is published in $(HOME_DIR) yet: make run first, or name another home with HOME_DIR=…"; exit 2; }
	@$(MAKE) --no-print-directory .venv-superset/.installed
	@$(BIN)/saydo bi serve --home $(HOME_DIR) --port $(BI_PORT)

test-bi: .venv-superset/.installed
	@$(BIN)/pytest -q -n0 tests/superset

lint: $(INSTALLED)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "not formatted: run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/sqlfluff lint --disable-progress-bar dbt_project

bench: $(INSTALLED)
	@$(BIN)/python -m bench

docs: $(INSTALLED)
	@$(BIN)/mkdocs build --quiet --strict
	@echo "open site/index.html; its search needs a server: $(BIN)/python -m http.server -b 127.0.0.1 -d site"

$(INSTALLED): requirements-pip.lock requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null || { \
		echo "$(PYTHON) is missing or not Python 3.11-3.13; name one: make PYTHON=python3.12"; exit 1; }
	@echo "setting up .venv (a few minutes, once)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q --require-hashes -r requirements-pip.lock
	@$(BIN)/pip install -q --require-hashes -r requirements.lock
	@PYTHONWARNINGS=ignore $(BIN)/pip install -q --no-deps --no-build-isolation -e .
	@touch $@

.venv/.installed-server: $(INSTALLED) requirements-server.lock
	@$(BIN)/pip install -q --require-hashes -r requirements-server.lock
	@touch $@

.venv/.installed-spark: $(INSTALLED) requirements-spark.lock
	@$(BIN)/pip install -q --require-hashes -r requirements-spark.lock
	@$(BIN)/python -c 'from saydo.build.spark_session import check_installed; check_installed()'
	@touch $@

# An environment of its own: it and Airflow want other versions of the same packages.
.venv-superset/.installed: $(INSTALLED) requirements-superset.lock
	@echo "setting up .venv-superset with Superset (about 1 GB, a few minutes, once)"
	@rm -rf .venv-superset && $(PYTHON) -m venv .venv-superset
	@.venv-superset/bin/pip install -q --require-hashes -r requirements-pip.lock && \
		.venv-superset/bin/pip install -q --require-hashes -r requirements-superset.lock || { \
		echo "Superset could not be installed: the packages of requirements-superset.lock did not come."; \
		echo "Look at the network and at pip's index, then run make again; nothing else has changed."; exit 1; }
	@touch $@

clean:
	@rm -rf .venv .venv-superset .pytest_cache .ruff_cache .hypothesis site dbt_project/target dbt_project/logs
	@find . -name __pycache__ -type d -not -path './$(HOME_DIR)/*' -prune -exec rm -rf {} +
	@find . -maxdepth 2 -name '*.egg-info' -type d -exec rm -rf {} +
