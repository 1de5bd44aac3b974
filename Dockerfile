# The server image: Airflow, dbt, Great Expectations, DuckDB and Saydo, installed from the hashed locks.
# No secret is built in: each is mounted below /run/secrets when a container starts. It runs with its root
# file system read-only; data, logs and AIRFLOW_HOME are mounted (docker-compose.yml).
ARG BASE_IMAGE=python:3.12-slim-bookworm
FROM ${BASE_IMAGE}

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PATH=/opt/venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/saydo/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/saydo/plugins \
    AIRFLOW__CORE__LOAD_EXAMPLES=False \
    SAYDO_HOME=/var/lib/saydo \
    SAYDO_ENVIRONMENT=server

RUN groupadd --gid 50000 saydo \
    && useradd --uid 50000 --gid saydo --no-create-home --home-dir /opt/airflow --shell /usr/sbin/nologin saydo \
    && install -d -o saydo -g saydo /opt/airflow /opt/airflow/logs /var/lib/saydo

WORKDIR /opt/saydo

# The locks first: a change of the project's own code does not install them again.
COPY requirements-pip.lock requirements.lock requirements-server.lock ./
RUN python -m venv /opt/venv \
    && pip install --require-hashes -r requirements-pip.lock \
    && pip install --require-hashes -r requirements.lock \
    && pip install --require-hashes -r requirements-server.lock

COPY pyproject.toml README.md LICENSE ./
COPY plugins ./plugins
COPY expectations ./expectations
COPY dags ./dags
COPY dbt_project ./dbt_project
COPY config ./config
# In place, so that the package finds dbt_project/ and config/ beside it; readable whatever umask it was checked out
# with, and compiled here, since nobody can write beside it later.
RUN pip install --no-deps --no-build-isolation --editable . \
    && chmod -R a+rX /opt/saydo \
    && python -m compileall -q plugins expectations dags

USER saydo
VOLUME ["/var/lib/saydo", "/opt/airflow/logs"]
EXPOSE 8080
CMD ["airflow", "version"]
