"""A whole business in a temporary home: deliver, build, publish, and read what was published."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from saydo.build import LAYERS, build_layer, prepare, resolve_as_of
from saydo.gate import check_sources, gate_marts
from saydo.landing import hash_identifier, land_all, pseudonym_key
from saydo.release import publish
from saydo.report import write_report
from saydo.settings import PROJECT, Settings

HERE = Path(__file__).parent
THIRD_PARTY = PROJECT.parent / "shared" / "data"


def run_all(settings: Settings, run_date: date | None = None) -> dict[str, Any]:
    """Every step of the daily DAG, by the functions that its tasks call.

    Returns:
        what `publish` returned, and `landed`: the batch ids that were new.
    """
    landed = land_all(settings)
    check_sources(settings)
    as_of = resolve_as_of(settings, run_date)
    prepare(settings, as_of)
    for layer in LAYERS:
        build_layer(settings, layer, as_of)
    gate_marts(settings)
    release = publish(settings, as_of)
    write_report(settings, release["release_id"])
    return release | {"landed": [batch for feed in landed for batch in feed["landed"]]}


@dataclass
class Business:
    """A home and its last release. SQL sees schemas of `warehouse` and the tables of `release`."""

    settings: Settings
    release: dict[str, Any] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        """What BI reads."""
        return self.settings.published / "current"

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; unqualified names are published tables."""
        with duckdb.connect() as connection:
            connection.execute(f"attach '{self.settings.warehouse}' as warehouse (read_only)")
            connection.execute(f"attach '{self.folder / 'marts.duckdb'}' as release (read_only)")
            connection.execute("use release")
            return connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        """The only value of a query."""
        [[value]] = self.rows(sql, *values)
        return value


def third_party(name: str) -> Path:
    """The delivered files of a third party, or skip: they are not part of the project."""
    folder = THIRD_PARTY / name
    if not folder.is_dir():
        pytest.skip(f"needs the third-party files of {name!r} in shared/data beside the checkout")
    return folder


def account_keys(settings: Settings, ids: list[str]) -> dict[str, str]:
    """Each account id with its key. Thousands at once, as account ids are hashed as delivered."""
    key = pseudonym_key(settings)
    keys = {one: hmac.new(key, one.encode(), hashlib.sha256).hexdigest() for one in ids}
    assert keys[ids[0]] == hash_identifier(settings, "account_id", ids[0])
    return keys


def cents(text: str) -> Decimal:
    """An amount as people write it, with separators."""
    return Decimal(text.replace(",", ""))
