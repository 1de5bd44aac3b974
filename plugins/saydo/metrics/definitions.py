"""The definitions of dbt's semantic layer, as people are told of them."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import yaml

from saydo.settings import PROJECT

DEFINITIONS = PROJECT / "dbt_project" / "models" / "metrics.yml"


class Metric(NamedTuple):
    """A headline metric: its code in `metrics_daily`, its name, what it means and its unit.

    The unit is customers, money, share (0-1), ratio, points (-100 to 100), score_0_10 or
    score_0_100.
    """

    code: str
    label: str
    description: str
    unit: str


@cache
def definitions() -> tuple[Metric, ...]:
    """Every headline metric, in the order of the file."""
    content = yaml.safe_load(DEFINITIONS.read_text(encoding="utf-8"))
    return tuple(
        Metric(
            metric["name"],
            metric["label"],
            metric["description"].strip(),
            metric["config"]["meta"]["unit"],
        )
        for metric in content["metrics"]
    )
