"""The definitions of dbt's semantic layer, as people are told of them."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from saydo.errors import ConfigError
from saydo.settings import PROJECT

DEFINITIONS = PROJECT / "dbt_project" / "models" / "metrics.yml"
TIME_GRAINS = ("day", "month", "quarter", "year")


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
def definitions(file: Path = DEFINITIONS) -> tuple[Metric, ...]:
    """Every headline metric, in the order of the file.

    Raises:
        ConfigError: as `read_definitions`.
    """
    return tuple(
        Metric(
            metric["name"],
            metric["label"],
            metric["description"].strip(),
            metric["config"]["meta"]["unit"],
        )
        for metric in read_definitions(file)["metrics"]
    )


def read_definitions(file: Path = DEFINITIONS) -> dict[str, Any]:
    """The file's semantic models and metrics, as they are written in it.

    Raises:
        ConfigError: a name stands for two things, so that one figure could be taken for another.
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    uses = _uses(content)
    taken = [f"{name!r} ({', '.join(found)})" for name, found in uses.items() if len(found) > 1]
    if taken:
        raise ConfigError(
            f"{file.name}: a name may stand for one thing only, and these stand for several: "
            f"{'; '.join(taken)}; give all but one of each another name"
        )
    return content


def _uses(content: dict[str, Any]) -> dict[str, list[str]]:
    """What each name stands for. Dimensions of several tables are one, and share its name."""
    uses: dict[str, list[str]] = defaultdict(list)
    for grain in TIME_GRAINS:
        uses[grain].append("a span of time")
    for metric in content["metrics"]:
        uses[metric["name"]].append(f"the metric {metric.get('label', '')!r}")
    dimensions: set[str] = set()
    for model in content["semantic_models"]:
        dimensions |= {dimension["name"] for dimension in model["dimensions"]}
        for measure in model["measures"]:
            # Elsewhere MetricFlow and metrics_daily know it by its metric; two tables' are apart.
            what = "metric that is a measure" if measure.get("create_metric") else "measure"
            uses[measure["name"]].append(f"a {what} of {model['name']}")
    for name in sorted(dimensions):
        uses[name].append("what customers are told apart by")
    return uses
