"""The gate's verdict on the candidate, without which nothing is published."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import duckdb

from saydo.errors import ReleaseRefused
from saydo.release.database import TableContent, content_hash, published_hashes, survey
from saydo.settings import Settings

_AGAIN = "run `gate_marts`, then publish again"


def identify(connection: duckdb.DuckDBPyConnection, catalog: str) -> dict[str, Any]:
    """What the candidate opened as `catalog` is: the facts that tie a verdict to it.

    Returns:
        content_hash, as a release of it would have, and table_hashes: table to a hash of every
        column, for all that would be published.

    Raises:
        ReleaseRefused: a column's type, or a table's name, cannot be published.
    """
    tables = survey(connection, catalog, "marts")
    return {
        "content_hash": content_hash(tables),
        "table_hashes": published_hashes(connection, catalog, tables),
    }


def check_audited(
    connection: duckdb.DuckDBPyConnection,
    catalog: str,
    tables: dict[str, TableContent],
    audited: Mapping[str, str],
) -> None:
    """Check that what is about to be published is what the gate looked at.

    Files say little of it: a committed write may lie in the log beside the file, whose time stands
    still, and a file may be newer and say the same.

    Args:
        connection: it has the candidate open as `catalog`.
        catalog: the candidate's name in it.
        tables: the survey of its schema `marts`.
        audited: table_hashes of the gate's summary.

    Raises:
        ReleaseRefused: the tables that differ are named.
    """
    found = published_hashes(connection, catalog, tables)
    changed = [name for name in sorted({*found, *audited}) if found.get(name) != audited.get(name)]
    if changed:
        raise ReleaseRefused(
            f"the candidate is not what was audited: {', '.join(changed)} changed since. The last "
            f"release keeps serving; {_AGAIN}"
        )


def read_audit(settings: Settings) -> dict[str, Any]:
    """The summary that `gate_marts` wrote.

    Returns:
        checked_at, evaluated_count, warning_count and warnings (text), for the manifest, and
        table_hashes for `check_audited`.

    Raises:
        ReleaseRefused: no summary, a failed one, one that checked nothing, or one that does not
            say which candidate it is about.
    """
    file = settings.state / "gate" / "marts" / "summary.json"
    if not settings.warehouse.is_file():
        raise ReleaseRefused(f"there is no {settings.warehouse.name}: run the build first")
    if not file.is_file():
        raise ReleaseRefused(f"the candidate has not been audited: {_AGAIN}")
    try:
        summary = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ReleaseRefused(f"gate/marts/summary.json is not readable: {_AGAIN}") from error
    if summary.get("success") is not True:
        raise ReleaseRefused(
            "the gate refused this candidate: correct what gate_marts reported, then run it again"
        )
    # A suite that lost its rules succeeds, too: nothing failed.
    if not summary.get("evaluated_count"):
        raise ReleaseRefused(f"the gate evaluated no expectation, so nothing was checked: {_AGAIN}")
    if "table_hashes" not in summary:
        raise ReleaseRefused(
            "the audit is of an earlier version of Saydo and does not say which candidate it is "
            f"about: {_AGAIN}"
        )
    return {
        "checked_at": summary["checked_at"],
        "evaluated_count": summary["evaluated_count"],
        "warning_count": summary["failed"]["warning"],
        "warnings": summary["warnings"],
        "table_hashes": summary["table_hashes"],
    }
