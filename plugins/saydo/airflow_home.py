"""Airflow's own folder inside a Saydo home: configured by environment variables alone."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from saydo.durable import create_text
from saydo.settings import PROJECT, Settings

# Feeds that are landed at one time share the memory: with more, each would spill.
_MOST_TASKS = 4


def airflow_home(settings: Settings) -> Path:
    """AIRFLOW_HOME of local runs."""
    return settings.home / "airflow"


def airflow_environment(
    settings: Settings, database: str, has_scheduler: bool = False
) -> dict[str, str]:
    """What Airflow must find in the environment before it is imported.

    `saydo run` and `saydo up` keep separate metadata databases: a scheduler that is up would take
    the tasks of an in-process run for its own.

    Args:
        settings: the home, and the files the tasks are to read.
        database: file name of the metadata database.
        has_scheduler: whether tasks run beside each other, and share the memory.
    """
    parallel_tasks = str(min(max(2, settings.threads), _MOST_TASKS))
    home = airflow_home(settings).resolve()
    return {
        "SAYDO_HOME": str(settings.home.resolve()),
        "SAYDO_FEEDS_FILE": str(settings.feeds_file.resolve()),
        "SAYDO_POLICY_FILE": str(settings.policy_file.resolve()),
        "SAYDO_BETS_FILE": str(settings.bets_file.resolve()),
        "SAYDO_SEGMENTS_FILE": str(settings.segments_file.resolve()),
        "SAYDO_COLLECT_FILE": str(settings.collect_file.resolve()),
        "SAYDO_NOTICES_FILE": str(settings.notices_file.resolve()),
        "SAYDO_SPARK_FILE": str(settings.spark_file.resolve()),
        "SAYDO_PUBLISH_FILE": str(settings.publish_file.resolve()),
        "SAYDO_ENGINE": settings.engine,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(PROJECT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": parallel_tasks,
        "SAYDO_PARALLEL_TASKS": parallel_tasks if has_scheduler else "1",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(password_file(settings)),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / database}",
        # A small machine answers late while it builds, and the first tasks may be ready before
        # the server that they report to: the defaults (5 s, 5 tries) would cost them an attempt.
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60",
        "AIRFLOW__WORKERS__EXECUTION_API_RETRIES": "8",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        **_lineage_environment(settings),
    }


def _lineage_environment(settings: Settings) -> dict[str, str]:
    """Airflow's own OpenLineage events go into the home's spool, as all others do.

    In a thread: the provider would fork the whole process for each event.
    """
    transport = {
        "type": "saydo.lineage.spool.SpoolTransport",
        "folder": str(settings.home.resolve() / "state" / "lineage" / "events"),
    }
    # What a task reads and writes, Saydo tells itself; of the code of a task nobody needs a copy.
    quiet = [
        {
            "controls": {"include_source_code": False, "extract_operator_metadata": False},
            "scope": {},
        }
    ]
    return {
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
        "AIRFLOW__OPENLINEAGE__NAMESPACE": os.environ.get("OPENLINEAGE_NAMESPACE") or "saydo",
        "AIRFLOW__OPENLINEAGE__EXECUTE_IN_THREAD": "True",
        "AIRFLOW__OPENLINEAGE__EMISSION_POLICY": json.dumps(quiet),
    }


def configure(settings: Settings, database: str, has_scheduler: bool = False) -> None:
    """Set the environment of this process; call it before anything imports Airflow."""
    airflow_home(settings).mkdir(parents=True, exist_ok=True)
    os.environ.update(airflow_environment(settings, database, has_scheduler))


def find_connections(settings: Settings) -> None:
    """Let a command find Airflow's connections, before Airflow is imported: those of `saydo up`,
    where that has run, and of a server those of its own Airflow.
    """
    kept_by_up = airflow_home(settings) / "airflow.db"
    if settings.environment == "development":  # a server's Airflow has its own environment
        configure(settings, "airflow.db" if kept_by_up.exists() else "run.db")
    if settings.environment == "server" or kept_by_up.exists():
        # As Airflow's own command for connections: they are in its database, too.
        os.environ["_AIRFLOW_PROCESS_CONTEXT"] = "server"


def password_file(settings: Settings) -> Path:
    """Where SimpleAuthManager keeps the login of the local web interface."""
    return airflow_home(settings).resolve() / "simple_auth_manager_passwords.json"


def local_login(settings: Settings) -> Mapping[str, str]:
    """User name to password of the local web interface; made once, readable by its owner only."""
    file = password_file(settings)
    if not file.exists():
        create_text(file, json.dumps({"admin": secrets.token_urlsafe(12)}), 0o600)
    return json.loads(file.read_text(encoding="utf-8"))
