"""How the full refresh grows: the same build of businesses of a few sizes."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path

from bench.build import full_refresh
from bench.harness import Comparison, apart, interleave
from bench.homes import land, share, size_of
from saydo.build import prepare, resolve_as_of
from saydo.build.dbt import invoke
from saydo.build.variables import dbt_variables
from saydo.settings import Settings

CUSTOMERS = (30_000, 100_000, 300_000)
LEAST, MOST = 2.7, 4.0  # times as long, for 3⅓ times the customers


def measure(
    scratch: Path, businesses: Path, runs: int, customers: Sequence[int], months: int
) -> tuple[list[Comparison], str]:
    """Time a full refresh of each size, in turn, and compare each with the size before it.

    Returns:
        a comparison per step of size, and nothing more to tell.
    """
    builds = {
        f"{count:,} customers": full_refresh(*_home(scratch, businesses, count, months))
        for count in customers
    }
    timed = interleave(builds, runs, warm_ups=0)
    return [
        Comparison(
            f"full refresh, {large} × {months} months", timed[large], timed[small], MOST,
            f"the full refresh of {small}", least=LEAST,
        )
        for small, large in pairwise(builds)
    ], ""  # fmt: skip


def _home(scratch: Path, businesses: Path, customers: int, months: int) -> tuple[Settings, date]:
    """A home to build in, which shares what is landed, and its last day; dbt has parsed there."""
    landed = apart(land, businesses, customers, months)
    settings = Settings(home=scratch / size_of(customers, months))
    shutil.rmtree(settings.home, ignore_errors=True)
    share(landed.raw, settings.raw)
    shutil.copytree(landed.state, settings.state)
    return settings, apart(parse, settings)


def parse(settings: Settings) -> date:
    """Have dbt parse the project, which it does from nothing in a new home only; the last day."""
    as_of = resolve_as_of(settings, None)
    prepare(settings, as_of)
    invoke(settings, ["list", "--select", "path:seeds"], dbt_variables(settings, as_of))
    return as_of
