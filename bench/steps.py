"""One step of a run in this process: `SAYDO_HOME=… python -m bench.steps STEP [AS_OF]`.

What was done is printed as JSON, in one line.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from typing import Any

from saydo.build import LAYERS, build_layer, prepare
from saydo.gate import check_sources, gate_marts
from saydo.landing import land_all
from saydo.release import current_release_id, publish
from saydo.report import write_report
from saydo.settings import Settings

Spent = dict[str, list[float]]  # wall and CPU seconds of this process, by part


def _land(settings: Settings, _: date | None) -> Spent:
    marks: list[tuple[str, float, float]] = []
    land_all(
        settings,
        lambda feed, *_: marks.append((feed, time.perf_counter(), time.process_time())),
    )
    return {feed: [after[1] - wall, after[2] - cpu] for (feed, wall, cpu), after in pairwise(marks)}


def _build(settings: Settings, as_of: date, is_full: bool) -> Spent:
    spent = {}
    for layer in ("prepare", *LAYERS):
        wall, cpu = time.perf_counter(), time.process_time()
        if layer == "prepare":
            prepare(settings, as_of)
        else:
            done = build_layer(settings, layer, as_of, full_refresh=is_full)
            if done["is_full_refresh"] != is_full:
                sys.exit(f"{layer} was built fully: this is not the build of one new day")
        spent[layer] = [time.perf_counter() - wall, time.process_time() - cpu]
    return spent


STEPS: dict[str, Callable[[Settings, Any], Any]] = {
    "land": _land,
    "check_sources": lambda settings, _: check_sources(settings)["batch_count"],
    "full": lambda settings, as_of: _build(settings, as_of, is_full=True),
    "day": lambda settings, as_of: _build(settings, as_of, is_full=False),
    "gate_marts": lambda settings, _: gate_marts(settings)["evaluated_count"],
    "publish": lambda settings, as_of: publish(settings, as_of)["row_counts"],
    "report": lambda settings, _: str(write_report(settings, current_release_id(settings) or "")),
}

if __name__ == "__main__":
    name, as_of = sys.argv[1], date.fromisoformat(sys.argv[2]) if sys.argv[2:] else None
    print(json.dumps(STEPS[name](Settings(), as_of)))
