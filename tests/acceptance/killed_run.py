"""Runs steps of the daily build and kills itself (-9) at a place inside one of them.

python killed_run.py HOME FEEDS MODULE:FUNCTION CALL DELAY STEP...
CALL is the number of the call that kills; DELAY, in seconds, lets that call work on before.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
import sys
import threading
from pathlib import Path

from saydo.build import LAYERS, build_layer, prepare, resolve_as_of
from saydo.gate import check_sources, gate_marts
from saydo.landing import land_all
from saydo.release import publish
from saydo.settings import Settings


def die() -> None:
    """What a power cut looks like to the files."""
    os.kill(os.getpid(), signal.SIGKILL)


def arm(place: str, call: int, delay: float) -> None:
    """Replace MODULE:FUNCTION by one that dies at its `call`-th call."""
    module_name, function_name = place.split(":")
    module = importlib.import_module(module_name)
    function = getattr(module, function_name)
    calls = 0

    @functools.wraps(function)
    def armed(*values, **named):
        nonlocal calls
        calls += 1
        if calls == call:
            if not delay:
                die()
            threading.Timer(delay, die).start()
        return function(*values, **named)

    setattr(module, function_name, armed)


def run(settings: Settings, steps: list[str]) -> None:
    """The named steps, in the order of the DAG."""
    if "land" in steps:
        land_all(settings)
        check_sources(settings)
    as_of = resolve_as_of(settings, None)
    if "build" in steps:
        prepare(settings, as_of)
        for layer in LAYERS:
            build_layer(settings, layer, as_of)
    if "gate" in steps:
        gate_marts(settings)
    if "publish" in steps:
        publish(settings, as_of)


if __name__ == "__main__":
    home, feeds, place, call, delay, *steps = sys.argv[1:]
    arm(place, int(call), float(delay))
    run(Settings(home=Path(home), feeds_file=Path(feeds), memory_limit="2GB"), steps)
