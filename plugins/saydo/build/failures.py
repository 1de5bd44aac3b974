"""What a failed data test found, in counts a person can act on."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb

from saydo.build.dbt import NodeResult
from saydo.engine import open_database
from saydo.settings import Settings

_SHOWN_ROWS = 5
# Names of kinds, counts, a first day, the first characters of a key: nothing that names a person.
_SHOWABLE = re.compile(r"id_type|key_prefix|source|currency|figure|first_date|\w+_count")
_RESOLVE = re.compile(r"-- (?:.*? )?Resolve: (.*(?:\n-- .*)*)")


def found_by(settings: Settings, result: NodeResult) -> str:
    """The first rows of a failed test, as `id_type=imsi, customer_count=2`; empty if none may show.

    Only kinds, counts, first days and shortened keys are shown, whatever else the test selects.
    """
    file = Path(result.compiled_path) if result.compiled_path else None
    if file is None or not file.is_file() or not settings.warehouse.exists():
        return ""
    try:
        with open_database(settings, settings.warehouse, read_only=True) as connection:
            rows = connection.execute(file.read_text(encoding="utf-8"))
            names = [column[0] for column in rows.description]
            found = rows.fetchmany(_SHOWN_ROWS)
    except duckdb.Error:  # the failure itself is told; its rows are an extra
        return ""
    shown = [index for index, name in enumerate(names) if _SHOWABLE.fullmatch(name)]
    lines = (", ".join(f"{names[index]}={row[index]}" for index in shown) for row in found)
    return "; ".join(line for line in lines if line)


def resolved_by(result: NodeResult) -> str:
    """What to do about a failed test: its comment after `Resolve:`, else its description."""
    file = Path(result.compiled_path) if result.compiled_path else None
    told = _RESOLVE.search(file.read_text(encoding="utf-8")) if file and file.is_file() else None
    return told[1].replace("\n-- ", " ") if told else result.description
