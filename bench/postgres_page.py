"""The page bench/POSTGRES.md, from what `python -m bench.postgres` measured."""

from __future__ import annotations

import os
import statistics
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from bench.harness import verdict

_HEAD = """# Serving from PostgreSQL: figures

<!-- Made by `python -m bench.postgres --release DIR`. -->

Client and server share one machine: {machine}, PostgreSQL {version}. Load of the
machine at the end (all processes, also of others; 1, 5, 15 minutes): {load}. The release has
{tables} tables, {rows} rows, {customers} customers.
"""


def write_page(file: Path, results: dict[str, Any]) -> None:
    """Write the page."""
    rows = results["rows"]
    head = _HEAD.format(
        machine=results["machine"],
        version=results["version"],
        load=", ".join(f"{value:.1f}" for value in os.getloadavg()),
        tables=len(rows),
        rows=f"{sum(rows.values()):,}",
        customers=f"{rows['customer_profiles']:,}",
    )
    parts = [head, *_load(results["load"]), *_swap(results["swap"]), *_queries(results["queries"])]
    file.write_text("\n".join(parts) + "\n", encoding="utf-8")


def _load(seconds: dict[str, list[float]]) -> list[str]:
    ours = seconds["load"]
    lines = [
        "\n## Load\n",
        "A release with keys, indexes, descriptions, rights and statistics, from its DuckDB file,\n"
        "beside bare `COPY` of the same rows from ready files, into bare tables; in turn.\n",
        "| | seconds, turn by turn | ratio (median of the turns) |",
        "| --- | --- | --- |",
        f"| `saydo serve`'s load | {_list(ours)} | |",
    ]
    for name, words in (("csv", "bare COPY, CSV"), ("binary", "bare COPY, binary")):
        turns = [mine / theirs for mine, theirs in zip(ours, seconds[name], strict=True)]
        ratio = statistics.median(turns)
        told = f"{ratio:.2f} {verdict(ratio, 2.0)}" if name == "csv" else f"{ratio:.2f}"
        lines.append(f"| {words} | {_list(seconds[name])} | {told} |")
    return lines


def _swap(swap: dict[str, Any]) -> list[str]:
    moving, quiet = swap["moving"]["waits"], swap["quiet"]["waits"]
    wait = 1000 * _quantile(moving, 0.99)
    return [
        "\n## Readers while the views move\n",
        f"{swap['swaps']:,} moves of all views, one right after the other, under 8 readers that\n"
        "each ask one query over four views, over and over. A read is torn if its four answers\n"
        "are not of one release.\n",
        "| | |",
        "| --- | --- |",
        f"| torn reads | {swap['moving']['torn']} of {len(moving):,} |",
        f"| a reader's wait for an answer, p50 and p99, views moving | "
        f"{1000 * _quantile(moving, 0.5):.1f} ms, {wait:.1f} ms {verdict(wait, 50.0, ' ms')} |",
        f"| the same, views at rest | {1000 * _quantile(quiet, 0.5):.1f} ms, "
        f"{1000 * _quantile(quiet, 0.99):.1f} ms |",
        f"| one move, tries included: p50, p99 | {1000 * _quantile(swap['seconds'], 0.5):.0f} ms, "
        f"{1000 * _quantile(swap['seconds'], 0.99):.0f} ms |",
    ]


def _queries(queries: dict[str, dict[str, list[float]]]) -> list[str]:
    ours, files = queries["postgres"], queries["duckdb"]
    lines = [
        "\n## Twenty queries of dashboards\n",
        "[dashboards.sql](dashboards.sql): milliseconds until all rows are there, warm. The\n"
        "answers of both were compared.\n",
        "| query | DuckDB release, 1 client: p50, p95 | PostgreSQL, 8 clients: p50, p95 |",
        "| --- | --- | --- |",
    ]
    lines += [f"| {name} | {_middle(files[name])} | {_middle(ours[name])} |" for name in files]
    totals = [
        _quantile([t for times in all_.values() for t in times], 0.95) for all_ in (files, ours)
    ]
    lines.append(
        f"| **all, p95** | {totals[0]:.1f} {verdict(totals[0], 150.0, ' ms')} | "
        f"{totals[1]:.1f} {verdict(totals[1], 250.0, ' ms')} |"
    )
    return lines


def _middle(times: Sequence[float]) -> str:
    return f"{_quantile(times, 0.5):.1f}, {_quantile(times, 0.95):.1f}"


def _list(seconds: Iterable[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in seconds)


def _quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
