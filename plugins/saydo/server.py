"""Set-up of the server profile: refuse weak secrets, migrate, create the pool and the first user.

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

from saydo.errors import ConfigError, SaydoError

log = logging.getLogger(__name__)

SECRETS = (
    "POSTGRES_PASSWORD",
    "AIRFLOW_FERNET_KEY",
    "AIRFLOW_JWT_SECRET",
    "AIRFLOW_API_SECRET_KEY",
    "AIRFLOW_ADMIN_PASSWORD",
    "SAYDO_PSEUDONYM_KEY",
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
SHORTEST = 16
POOL = ("warehouse_writer", "1", "Tasks that write the warehouse file, one at a time")


def secret_faults(environment: Mapping[str, str]) -> list[str]:
    """What is wrong with the secrets, one line for each; never the value itself.

    A secret is unset, well known, shorter than 16 characters, made of fewer than 8 different
    characters, or the same as another one.
    """
    faults = []
    seen: dict[str, str] = {}
    for name in SECRETS:
        value = environment.get(name, "")
        if not value:
            faults.append(f"{name} is not set")
        elif any(word in value.lower().replace("-", "").replace("_", "") for word in WELL_KNOWN):
            faults.append(f"{name} contains a well-known default")
        elif len(value) < SHORTEST or len(set(value)) < SHORTEST // 2:
            faults.append(f"{name} is too easy to guess: give it {SHORTEST} random characters")
        elif value in seen:
            faults.append(f"{name} is the same as {seen[value]}")
        seen.setdefault(value, name)
    if not faults and not _is_fernet(environment["AIRFLOW_FERNET_KEY"]):
        faults.append("AIRFLOW_FERNET_KEY is not a Fernet key: 32 bytes in URL-safe base64")
    return faults


def _is_fernet(value: str) -> bool:
    try:
        return len(base64.urlsafe_b64decode(value)) == 32
    except (binascii.Error, ValueError):
        return False


def refuse_weak_secrets(environment: Mapping[str, str]) -> None:
    """Stop before anything starts with a default secret.

    Raises:
        ConfigError: naming every variable and what to do.
    """
    if faults := secret_faults(environment):
        raise ConfigError(
            "the server does not start with these secrets:\n"
            + "\n".join(f"  {fault}" for fault in faults)
            + "\nSet them in .env; .env.example has a command that makes each one."
        )


def _airflow(*arguments: str) -> None:
    done = subprocess.run([sys.executable, "-m", "airflow", *arguments], check=False)  # noqa: S603
    if done.returncode:
        raise SaydoError(
            f"`airflow {arguments[0]} {arguments[1]}` failed; its own message is above. "
            "Is the metadata database reachable?"
        )


def set_up(environment: Mapping[str, str]) -> None:
    """Bring an empty or an older server to a state in which every service can start.

    Raises:
        ConfigError: a secret is missing or weak; nothing was changed.
        SaydoError: an Airflow command failed.
    """
    refuse_weak_secrets(environment)
    _airflow("db", "migrate")
    _airflow("pools", "set", *POOL)
    _airflow(
        *("users", "create", "--role", "Admin"),
        *("--username", environment.get("AIRFLOW_ADMIN_USER", "admin")),
        *("--password", environment["AIRFLOW_ADMIN_PASSWORD"]),
        *("--firstname", "Saydo", "--lastname", "Administrator"),
        *("--email", environment.get("AIRFLOW_ADMIN_EMAIL", "admin@localhost")),
    )
    log.info("server is set up: database migrated, pool %s created, first user there", POOL[0])


def main() -> int:
    """Set up from the process environment; the exit code is the error's."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        set_up(os.environ)
    except SaydoError as error:
        log.error("%s", error)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
