"""Set-up of the server profile: refuse weak secrets, migrate, create the pool and the first user.

With docker-compose.marts.yml, also the roles and the database that marts are served from.

Run once before the other services start: `python -m saydo.server`. It is safe to run again.
"""

from __future__ import annotations

import base64
import binascii
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg import conninfo, sql

from saydo.errors import ConfigError, SaydoError
from saydo.settings import Settings

log = logging.getLogger(__name__)

# Where the container engine mounts them, a file each.
FOLDER = Path("/run/secrets")
SECRETS = (
    "postgres_password",
    "airflow_fernet_key",
    "airflow_jwt_secret",
    "airflow_api_secret_key",
    "airflow_admin_password",
    "saydo_pseudonym_key",
)
WELL_KNOWN = (
    "admin",
    "airflow",
    "changeme",
    "default",
    "example",
    "letmein",
    "password",
    "postgres",
    "saydo",
    "secret",
)
# Given where marts are served from the same PostgreSQL.
SERVE = "saydo_publish_postgres"
SHORTEST = 16
POOL = ("warehouse_writer", "1", "Tasks that write the warehouse file, one at a time")


def read_secrets(folder: Path) -> dict[str, str]:
    """Name to value, without the blanks around it; nothing where there is no such file."""
    return {
        name: (folder / name).read_text(encoding="utf-8").strip()
        if (folder / name).is_file()
        else ""
        for name in (*SECRETS, SERVE)
    }


def secret_faults(secrets: Mapping[str, str]) -> list[str]:
    """What is wrong with the secrets, one line for each; never the value itself.

    A secret is missing, well known, shorter than 16 characters, made of fewer than 8 different
    characters, or the same as another one. The database's password becomes part of an address.
    """
    faults = []
    seen: dict[str, str] = {}
    for name in SECRETS:
        value = secrets.get(name, "")
        if not value:
            faults.append(f"{name} is missing or empty")
        elif any(word in value.lower().replace("-", "").replace("_", "") for word in WELL_KNOWN):
            faults.append(f"{name} contains a well-known default")
        elif len(value) < SHORTEST or len(set(value)) < SHORTEST // 2:
            faults.append(f"{name} is too easy to guess: give it {SHORTEST} random characters")
        elif value in seen:
            faults.append(f"{name} is the same as {seen[value]}")
        elif name == "postgres_password" and not value.isalnum():
            faults.append(f"{name} has other characters than letters and digits")
        seen.setdefault(value, name)
    if not faults and not _is_fernet(secrets["airflow_fernet_key"]):
        faults.append("airflow_fernet_key is not a Fernet key: 32 bytes in URL-safe base64")
    return faults


def _is_fernet(value: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(value)) == 32
    except (binascii.Error, ValueError):
        return False


def refuse_weak_secrets(secrets: Mapping[str, str]) -> None:
    """Stop before anything starts with a default secret.

    Raises:
        ConfigError: naming every secret and what to do.
    """
    if faults := secret_faults(secrets):
        raise ConfigError(
            "the server does not start with these secrets:\n"
            + "\n".join(f"  {fault}" for fault in faults)
            + "\nRemove their files from secrets/; `make secrets` makes what is missing."
        )


def _airflow(*arguments: str, answers: str = "") -> None:
    # Away from any terminal, so that what is asked for is read from here.
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "airflow", *arguments],
        input=answers,
        text=True,
        start_new_session=True,
        check=False,
    )
    if done.returncode:
        raise SaydoError(
            f"`airflow {arguments[0]} {arguments[1]}` failed; its own message is above. "
            "Is the metadata database reachable?"
        )


def make_marts(administrator: Mapping[str, Any], address: str, reader: str) -> None:
    """Make what `saydo serve init` names in the server's own PostgreSQL; what is there stays.

    Args:
        administrator: how to connect as one who may make roles and databases.
        address: what SAYDO_PUBLISH_POSTGRES is to be; the loader gets its password.
        reader: the role that may read.

    Raises:
        ConfigError: the address lacks a part, or is of another server.
        SaydoError: PostgreSQL refused.
    """
    try:
        parts = conninfo.conninfo_to_dict(address)
        loader, database, password = (str(parts[part]) for part in ("user", "dbname", "password"))
    except (psycopg.ProgrammingError, KeyError):
        raise ConfigError(
            f"{SERVE} is not of the form postgresql://role:password@postgres:5432/database"
        ) from None
    if parts.get("host") != administrator["host"]:
        raise ConfigError(
            f"{SERVE} names another server than {administrator['host']}: leave "
            "docker-compose.marts.yml out, and run what `saydo serve init` prints over there"
        )
    names = {
        "reader": sql.Identifier(reader),
        "loader": sql.Identifier(loader),
        "database": sql.Identifier(database),
        "password": sql.Literal(password),
    }
    missing = "select count(*) = 0 from {} where {} = %s"
    try:
        with psycopg.connect(**administrator, autocommit=True) as server:

            def run(statement: LiteralString) -> None:
                server.execute(sql.SQL(statement).format(**names))

            def lacks(catalog: str, column: str, name: str) -> bool:
                asked = sql.SQL(missing).format(sql.Identifier(catalog), sql.Identifier(column))
                return bool(server.execute(asked, [name]).fetchall()[0][0])

            if lacks("pg_roles", "rolname", reader):
                run("create role {reader} nologin")
            if lacks("pg_roles", "rolname", loader):
                run("create role {loader}")
            run("alter role {loader} login password {password}")
            if lacks("pg_database", "datname", database):
                run("create database {database} owner {loader}")
            run("revoke all on database {database} from public")
            run("grant connect on database {database} to {reader}")
            # Airflow's own: whoever reads marts has no business there.
            run("revoke connect on database airflow, postgres, template1 from public")
    except psycopg.Error as error:
        said = str(error).strip().replace(password, "…")
        raise SaydoError(f"the database of the marts could not be made: {said}") from None


def set_up(secrets: Mapping[str, str], environment: Mapping[str, str]) -> None:
    """Bring an empty or an older server to a state in which every service can start.

    Raises:
        ConfigError: a secret is missing or weak; nothing was changed.
        SaydoError: an Airflow command failed.
    """
    refuse_weak_secrets(secrets)
    _airflow("db", "migrate")
    _airflow("pools", "set", *POOL)
    # Asked for twice, and not among the arguments, which every process of the machine can read.
    password = f"{secrets['airflow_admin_password']}\n"
    _airflow(
        *("users", "create", "--role", "Admin"),
        *("--username", environment.get("AIRFLOW_ADMIN_USER", "admin")),
        *("--firstname", "Saydo", "--lastname", "Administrator"),
        *("--email", environment.get("AIRFLOW_ADMIN_EMAIL", "admin@localhost")),
        answers=password * 2,
    )
    if address := secrets.get(SERVE):
        administrator = {
            "host": "postgres",
            "dbname": "airflow",
            "user": "airflow",
            "password": secrets["postgres_password"],
        }
        make_marts(administrator, address, Settings().publish.postgres.reader_role)
        log.info("marts can be served from PostgreSQL")
    log.info("server is set up: database migrated, pool %s created, first user there", POOL[0])


def main() -> int:
    """Set up from the mounted secrets and the environment; the exit code is the error's."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        set_up(read_secrets(FOLDER), os.environ)
    except SaydoError as error:
        log.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
