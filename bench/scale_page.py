"""bench/SCALE.md, written from the points that bench/scale.py measured."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from bench.cost_model import STEPS, Line, fit, of_one_day, sizes_of

Point = dict[str, Any]
KEY = ("engine", "customers", "months", "memory_limit")
USUAL_LIMIT = "8GB"

LABELS = {
    "land": "land",
    "check_sources": "source gate",
    "full": "full refresh",
    "gate_marts": "gate of marts",
    "publish": "publish",
    "report": "report",
    "day": "one day",
    "gate_marts, day": "its gate of marts",
    "publish, day": "its publish",
}
HELD_OUT = (300_000, 12)  # customers, months: no line is drawn through it
LEAST, MOST = 6.7, 14.2  # times the full refresh for ten times the customers: 2.7 to 4 for 3⅓
JUDGED_FROM = 30_000  # customers: below it the fixed part is most of a full refresh
SPARK_MOST, SPARK_MB = 6.0, 8_000  # times DuckDB's wall seconds, and memory, at 100,000 × 12
# What is asked of the model: customers, rows a day each, months kept.
ASKED = ((1_000_000, 10, 36), (10_000_000, 1.2, 36), (10_000_000, 100, 12), (30_000_000, 100, 36))


def page(points: Sequence[Point]) -> str:
    """The page, as Markdown. A point that was not measured to its end is shown as far as it is."""
    points = [point for point in points if point["rows"]]  # landed, at least
    usual = [point for point in points if point["memory_limit"] == USUAL_LIMIT]
    parts = [_head(points), _steps(points), _disk(points), _ratios(usual), _engines(usual)]
    parts += [_feeds(usual), _slowest(usual), _model(usual)]
    return "\n\n".join(part for part in parts if part) + "\n"


def is_finished(point: Point) -> bool:
    """Whether all steps were measured."""
    return LABELS.keys() <= point["steps"].keys()


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def _size(point: Point) -> str:
    limit = "" if point["memory_limit"] == USUAL_LIMIT else f", {point['memory_limit']}"
    return f"{point['engine']}, {point['customers']:,} × {point['months']}{limit}"


def _head(points: Sequence[Point]) -> str:
    machines = sorted({point["machine"] for point in points})
    return (
        "# How a run grows with the business\n\n"
        "Made by `python -m bench.scale` from bench/scale_points.json; one run each, no median. "
        "Each step is a process of its own: wall seconds, CPU seconds of it and of all its "
        "descendants, peak resident memory of them together. The business is the simulator's, 1.2 "
        "rows a customer and day. All but its last day is landed, built, audited and published, "
        "and then that day. A home's first build holds some 4 s in which dbt reads the project."
        "\n\n"
        "Other work shared the cores during these runs: CPU seconds are what counts, wall seconds "
        "are an upper bound.\n\n"
        f"Machine: {'; '.join(machines)}."
    )


def _steps(points: Sequence[Point]) -> str:
    rows = []
    for point in points:
        first = next(iter(point["steps"]))
        for name, label in LABELS.items():
            if step := point["steps"].get(name):
                is_first = name == first
                rows.append(
                    [
                        f"**{_size(point)}**" if is_first else "",
                        f"{sizes_of(point)['rows'] / 1e6:,.1f}" if is_first else "",
                        label,
                        f"{step['wall']:,.0f}",
                        f"{step['cpu']:,.0f}",
                        f"{step['peak_mb']:,.0f}",
                        f"{step['spilled_mb']:,.0f}",
                    ]
                )
    head = ["engine, customers × months", "million rows", "step", "wall s", "CPU s", "peak MB"]
    limits = ", ".join(sorted({f"{p['memory_limit']}, {p['threads']} threads" for p in points}))
    notes = [f"\n- {_size(point)}: {point['note']}" for point in points if "note" in point]
    return (
        f"## Steps\n\nLimits: {limits}.\n\n"
        + _table([*head, "spilled MB"], rows)
        + ("\n" if notes else "")
        + "".join(notes)
    )


def _disk(points: Sequence[Point]) -> str:
    columns = ("delivered", "raw", "warehouse before the day", "warehouse", "spark", "release")
    rows = [
        [_size(point), *(f"{point['disk_mb'].get(column, 0):,.0f}" for column in columns)]
        for point in points
        if "release" in point["disk_mb"]
    ]
    return "## Disk, MB\n\n" + _table(["engine, customers × months", *columns], rows)


def _ratios(points: Sequence[Point]) -> str:
    rows = []
    for engine in sorted({point["engine"] for point in points}):
        years = [p for p in points if p["engine"] == engine and p["months"] == 12]
        for small, large in pairwise(years):
            tenfold = {
                name: _tenfold(small, large, name)
                for name in STEPS
                if name in small["steps"] and name in large["steps"]
            }
            is_judged = small["customers"] >= JUDGED_FROM and "full" in tenfold
            kept = "yes" if LEAST <= tenfold.get("full", 0) <= MOST else "**no**"
            sizes = f"{engine}, {small['customers']:,} to {large['customers']:,}"
            cells = [f"{tenfold[name]:.1f}" if name in tenfold else "" for name in STEPS]
            rows.append([sizes, *cells, kept if is_judged else ""])
    head = ["engine, customers", *(LABELS[name] for name in STEPS), f"full: {LEAST} to {MOST}"]
    return (
        "## CPU seconds per tenfold of the business\n\n"
        "Of a step between two sizes, the power that leads from one to the other, for ten times "
        "the customers. Below 10 are steps with a fixed part, above it what grows faster than rows."
        "\n\n" + _table(head, rows)
    )


def _tenfold(small: Point, large: Point, step: str) -> float:
    ratio = large["steps"][step]["cpu"] / small["steps"][step]["cpu"]
    return 10 ** (math.log(ratio) / math.log(large["customers"] / small["customers"]))


def _engines(points: Sequence[Point]) -> str:
    peers = {(p["customers"], p["months"]): p for p in points if p["engine"] == "duckdb"}
    rows = []
    for point in points:
        peer = peers.get((point["customers"], point["months"]))
        if point["engine"] == "duckdb" or peer is None or not is_finished(point):
            continue
        cells = [
            f"{point['steps'][name][of] / peer['steps'][name][of]:.1f}"
            for name in ("full", "day")
            for of in ("wall", "cpu")
        ]
        peak = max(step["peak_mb"] for step in point["steps"].values())
        is_kept = float(cells[0]) <= SPARK_MOST and peak <= SPARK_MB
        verdict = ("yes" if is_kept else "**no**") if point["customers"] == 100_000 else ""
        rows.append([_size(point), *cells, f"{peak:,.0f}", verdict])
    if not rows:
        return ""
    head = ["engine, customers × months", "full refresh: wall", "CPU", "one day: wall", "CPU"]
    return "## Against DuckDB, times its seconds\n\n" + _table(
        [*head, "peak MB", f"full: wall ≤ {SPARK_MOST:g}, ≤ {SPARK_MB:,} MB"], rows
    )


def _largest(points: Sequence[Point], step: str) -> Point:
    """The largest business that DuckDB did a step of."""
    return max(
        (p for p in points if p["engine"] == "duckdb" and step in p["steps"]),
        key=lambda point: sizes_of(point)["rows"],
    )


def _feeds(points: Sequence[Point]) -> str:
    point = _largest(points, "check_sources")
    spent = point["steps"]["land"]["output"]
    rows = []
    for source, counts in sorted(point["rows"].items(), key=lambda item: -item[1]["loaded"]):
        wall, cpu = spent.get(counts["feed"], (0, 0))
        if counts["delivered"] < 100_000:
            continue
        rows.append(
            [
                f"`{source}`",
                counts["format"],
                f"{counts['delivered'] / 1e6:,.1f}",
                counts["columns"],
                f"{counts['bytes'] / 1e6:,.0f}",
                f"{wall:,.0f}",
                f"{cpu:,.0f}",
                f"{cpu / counts['delivered'] * 1e6:.1f}",
                f"{cpu / counts['delivered'] / counts['columns'] * 1e9:,.0f}",
            ]
        )
    head = ["source", "format", "million rows", "columns", "MB", "wall s", "CPU s", "µs a row"]
    return f"## Landing, by source: {_size(point)}\n\n" + _table(
        [*head, "ns a row and column"], rows
    )


def _slowest(points: Sequence[Point]) -> str:
    point = _largest(points, "day")
    parts = [f"## Where a build spends it: {_size(point)}"]
    for name in ("full", "day"):
        layers = point["steps"][name]["output"] or {}
        spent = ", ".join(f"{layer} {wall:,.0f} s" for layer, (wall, _) in layers.items())
        rows = [
            [f"`{node}`", kind, f"{seconds:,.0f}", "" if count is None else f"{count:,}"]
            for node, kind, seconds, count in point["slowest"][name]
        ]
        table = _table(["node", "kind", "wall s", "rows"], rows)
        parts.append(f"{LABELS[name].capitalize()}: {spent}. The slowest:\n\n{table}")
    return "\n\n".join(parts)


def _model(points: Sequence[Point]) -> str:
    parts = []
    for engine in sorted({point["engine"] for point in points}):
        mine = [point for point in points if point["engine"] == engine]
        drawn = [p for p in mine if (p["customers"], p["months"]) != HELD_OUT]
        lines = [line for step in STEPS if (line := fit(drawn, step))]
        if lines:
            parts += [_coefficients(engine, lines), _check(mine, lines), _asked(mine, lines)]
    return "\n\n".join(parts)


def _coefficients(engine: str, lines: Sequence[Line]) -> str:
    terms = ("customers", "customer-months", "rows")
    rows = [
        [
            LABELS[line.step],
            f"{line.fixed:.1f}",
            *(f"{line.by_term[t] * 1e6:,.2f}" if t in line.by_term else "" for t in terms),
        ]
        for line in lines
    ]
    return (
        f"## Cost model: {engine}\n\n"
        "CPU seconds = fixed + the sum of coefficient × term. Rows are what landing loaded, of the "
        "day's files for landing and the source gate, of all history for a full refresh; "
        "customer-months are customers × months of history. All points have one proportion of "
        "customers to rows a day, so that what goes with the rows of a day or of the running month "
        "is within the term of customers, and a row of a full refresh bears its customer-months "
        "too.\n\n"
        + _table(["step", "fixed s", *(f"µs × {term}" for term in terms)], rows)
    )  # fmt: skip


def _check(points: Sequence[Point], lines: Sequence[Line]) -> str:
    rows = []
    for point in points:
        held = " (held out)" if (point["customers"], point["months"]) == HELD_OUT else ""
        cells = []
        for line in lines:
            if line.step not in point["steps"]:
                cells.append("")
                continue
            measured = point["steps"][line.step]["cpu"]
            # + 0.0: machines differ in the last digit, and so in the sign of what is nothing.
            error = round(line.seconds(sizes_of(point)) / measured - 1, 2) + 0.0
            cells.append(f"{measured:,.0f}: {error:+.0%}")
        rows.append([f"{_size(point)}{held}", *cells])
    head = ["CPU s measured: the model's error", *(LABELS[line.step] for line in lines)]
    return _table(head, rows)


def _asked(points: Sequence[Point], lines: Sequence[Line]) -> str:
    """What the model says of larger businesses, in core-hours, and the disk that goes with them."""
    full = [point for point in points if "full" in point["steps"]]
    largest = max(full, key=lambda point: sizes_of(point)["rows"])
    sizes, disk = sizes_of(largest), largest["disk_mb"]
    usual = sizes["rows"] / sizes["customer-months"] * 12 / 365
    rows = []
    for customers, each, months in ASKED:
        spent = of_one_day(
            {line.step: line for line in lines}, customers, customers * each, months, usual
        )
        raw_gb = disk["raw"] / sizes["rows"] * customers * each / 1e3
        release_gb = disk.get("release", 0) / sizes["customer-months"] * customers * months / 1e3
        rows.append(
            [
                f"{customers / 1e6:,.0f} million × {each:g} × {months}",
                f"{customers * each / 1e6:,.0f}",
                *(f"{spent[line.step] / 3600:,.1f}" for line in lines),
                f"{raw_gb:,.1f}",
                f"{raw_gb * months * 365 / 12 / 1e3:,.1f}",
                f"{release_gb:,.0f}",
            ]
        )
    head = ["customers × rows a day each × months", "million rows a day"]
    head += [f"{LABELS[line.step]}, h" for line in lines]
    return (
        f"Extrapolated from {largest['engine']}, core-hours: a day's run, and a full refresh of "
        "all months.\n\n"
        + _table([*head, "raw GB a day", "raw TB in all", "release GB"], rows)
    )  # fmt: skip
