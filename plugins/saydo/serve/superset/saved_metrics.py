"""The headline metrics of metrics.yml as SQL that one table answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import yaml

from saydo.errors import ConfigError
from saydo.metrics.definitions import DEFINITIONS

_FORMATS = {
    "customers": ",d",
    "money": ",.0f",
    "share": ",.1%",
    "ratio": ",.1%",
    "points": ",.1f",
    "score_0_10": ",.2f",
    "score_0_100": ",.1f",
}
_ONE_TIME_ONLY = (
    "What stands at a time is not added up over times: show it by {time}, or filter to one of "
    "them. "
    "Over several it is empty."
)


class SavedMetric(NamedTuple):
    """A metric of a dataset: what it is called, the SQL of it, its unit and how that is shown."""

    mart: str
    code: str
    label: str
    description: str
    unit: str
    expression: str
    d3_format: str
    warning: str | None


def saved_metrics(file: Path = DEFINITIONS) -> tuple[SavedMetric, ...]:
    """Every headline metric, on the table that its semantic model is over.

    A sum of what stands at a time (`non_additive_dimension`) is empty over several times: rather
    no figure than one that is several times too high.

    Args:
        file: metrics.yml.

    Raises:
        ConfigError: a metric is neither a sum nor a ratio of two, has a unit that nobody can show,
            or is of measures that no semantic model defines.
    """
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    models = {
        measure["name"]: (model, measure)
        for model in content["semantic_models"]
        for measure in model["measures"]
    }
    found = []
    for metric in content["metrics"]:
        parts = _parts(metric)
        if missing := [part for part in parts if part not in models]:
            raise ConfigError(f"metrics.yml: metric {metric['name']!r}: no measure {missing[0]!r}")
        unit = metric["config"]["meta"]["unit"]
        if unit not in _FORMATS:
            raise ConfigError(
                f"metrics.yml: metric {metric['name']!r}: unit {unit!r} is none of "
                + ", ".join(_FORMATS)
            )
        expressions = [_expression(*models[part]) for part in parts]
        model, _ = models[parts[0]]
        time = model["defaults"]["agg_time_dimension"]
        is_of_one_time = any("non_additive_dimension" in models[part][1] for part in parts)
        found.append(
            SavedMetric(
                mart=model["model"].split("'")[1],
                code=metric["name"],
                label=metric["label"],
                description=" ".join(metric["description"].split()),
                unit=unit,
                # 1.0: of two counts PostgreSQL would make a whole number
                expression="1.0 * {} / nullif({}, 0)".format(*expressions)
                if len(expressions) == 2
                else expressions[0],
                d3_format=_FORMATS[unit],
                warning=_ONE_TIME_ONLY.format(time=time) if is_of_one_time else None,
            )
        )
    return tuple(found)


def _parts(metric: dict[str, Any]) -> list[str]:
    """Names of the measures that a metric is made of: one, or a numerator and a denominator."""
    parameters = metric["type_params"]
    if metric["type"] == "simple":
        return [parameters["measure"]]
    if metric["type"] == "ratio":
        return [parameters["numerator"], parameters["denominator"]]
    raise ConfigError(
        f"metrics.yml: metric {metric['name']!r} is {metric['type']!r}; simple and ratio are known"
    )


def _expression(model: dict[str, Any], measure: dict[str, Any]) -> str:
    """SQL of a measure."""
    total = f"{measure['agg']}({measure.get('expr') or measure['name']})"
    if "non_additive_dimension" not in measure:
        return total
    time = measure["non_additive_dimension"]["name"]
    return f"case when min({time}) = max({time}) then {total} end"
