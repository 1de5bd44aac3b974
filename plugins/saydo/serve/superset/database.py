"""Where Superset finds the marts: the file of the current release, or PostgreSQL."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from saydo.errors import ConfigError
from saydo.serve.superset.names import asset_id
from saydo.settings import Settings

ADDRESS = "SAYDO_BI_POSTGRES"
FILE = "databases/saydo.yaml"
_URI = re.compile(r"(?:postgresql|postgres)://([^:@/?#]+)(?::[^@]*)?@([^@/?#]+)/([^@/?#]+)")
# What Superset writes in place of a password, and asks for when it reads it.
_MASK = "XXXXXXXXXX"

# A person with a SQL box reads the release and nothing else of the machine, for as long as the
# connection lives; and no query takes the memory or the disk of the runs.
LOCKED_DOWN = {
    "read_only": True,
    "config": {
        "enable_external_access": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "memory_limit": "2GB",
        "temp_directory": "",
        "lock_configuration": True,
    },
}


class Place(NamedTuple):
    """A database of Superset's: its address, the schema of the marts, how to connect."""

    uri: str
    schema: str
    connect_args: dict[str, Any]


def duckdb_place(settings: Settings) -> Place:
    """The file of whichever release is current: Superset follows the pointer with each query."""
    path = settings.published.absolute() / "current" / "marts.duckdb"
    return Place(f"duckdb:///{path}", "main", LOCKED_DOWN)


def postgres_place(settings: Settings) -> Place:
    """PostgreSQL, at the address of the environment; its password stays out of the bundle.

    Raises:
        ConfigError: the environment gives no address, or none of the known form. The message does
            not hold it.
    """
    secret = settings.bi_postgres
    found = _URI.fullmatch(secret.get_secret_value().strip()) if secret else None
    if not found:
        what = "is not set" if secret is None else "cannot be read"
        raise ConfigError(
            f"{ADDRESS} {what}; set it to postgresql://role:password@host:port/database, the "
            "role one "
            "that may only read"
        )
    role, host, database = found.groups()
    return Place(f"postgresql://{role}:{_MASK}@{host}/{database}", "marts", {})


def database_file(place: Place) -> dict[str, Any]:
    """The content of the bundle's database: nobody writes, uploads or makes tables through it."""
    extra: dict[str, Any] = {"allows_virtual_table_explore": True, "metadata_params": {}}
    if place.connect_args:
        extra["engine_params"] = {"connect_args": place.connect_args}
    return {
        "database_name": "Saydo",
        "sqlalchemy_uri": place.uri,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "extra": extra,
        "uuid": str(asset_id("database", "Saydo")),
        "version": "1.0.0",
    }
