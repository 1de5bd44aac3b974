"""The candidate warehouse, opened to be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from saydo.engine import open_database
from saydo.errors import ConfigError, SaydoError
from saydo.settings import Settings

_READ = {
    "int_accounts_described",
    "int_accounts_linked",
    "int_accounts_resolved",
    "int_customers_resolved",
    "int_identifiers_counted",
    "int_identifiers_resolved",
    "int_identity_changes_logged",
    "int_identity_registered",
    "int_placeholders_learnt",
}
_OF_LINKAGE = {"int_accounts_compared", "int_links_judged"}


class Warehouse:
    """Queries on the identity models of the candidate; those of linkage if `has_linkage`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, has_linkage: bool) -> None:
        self._connection = connection
        self.has_linkage = has_linkage

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of a query on `intermediate`, as dicts."""
        result = self._connection.execute(sql, list(values))
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


@contextmanager
def open_warehouse(settings: Settings) -> Iterator[Warehouse]:
    """Open the candidate read-only.

    Raises:
        ConfigError: nothing is built, or not as far as identity.
        SaydoError: a build holds it.
    """
    if not settings.warehouse.is_file():
        raise ConfigError(f"nothing is built below {settings.home.name}/ yet; run `saydo run`")
    try:
        connection = open_database(settings, settings.warehouse, read_only=True)
    except duckdb.IOException as error:
        raise SaydoError(
            f"{settings.warehouse.name} is being built; ask again when the build has ended"
        ) from error
    try:
        found = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'intermediate'"
        ).fetchall()
        tables = {name for (name,) in found}
        if _READ - tables:
            raise ConfigError(
                f"{settings.warehouse.name} is not built as far as identity; run `saydo run`"
            )
        connection.execute("set schema = 'intermediate'")
        # Switched off since, linkage leaves its tables of the last build behind.
        yield Warehouse(connection, settings.policy.linkage.is_on and tables >= _OF_LINKAGE)
    finally:
        connection.close()
