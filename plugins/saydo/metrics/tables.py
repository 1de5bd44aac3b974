"""The tables that headline metrics are defined on, and what each can be asked by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from saydo.metrics.definitions import TIME_GRAINS, read_definitions

_SEGMENT = ("segment_type", "segment_code")


class MetricTable(NamedTuple):
    """A published table that metrics are defined on, and its semantic model.

    Attributes:
        name: of the table.
        entity: what a row is, which MetricFlow's names of its dimensions begin with.
        metrics: codes of its headline metrics.
        dimensions: its columns that tell customers apart.
        is_segmented: a row is of one segment, and every type of segments holds everybody.
        grains: the spans of time that its rows can be taken together by.
    """

    name: str
    entity: str
    metrics: tuple[str, ...]
    dimensions: tuple[str, ...]
    is_segmented: bool
    grains: tuple[str, ...]

    def in_metricflow(self, dimension: str) -> str:
        """A dimension's name, as MetricFlow asks for it."""
        return f"{self.entity}__{dimension}"


def metric_tables() -> tuple[MetricTable, ...]:
    """Every table with headline metrics, in the order of the definitions."""
    content = read_definitions()
    tables = []
    for model in content["semantic_models"]:
        measures = {measure["name"] for measure in model["measures"]}
        named = [d["name"] for d in model["dimensions"] if d["type"] != "time"]
        tables.append(
            MetricTable(
                model["name"],
                _entity(model),
                tuple(m["name"] for m in content["metrics"] if _first_measure(m) in measures),
                tuple(name for name in named if name not in _SEGMENT),
                set(_SEGMENT) <= set(named),
                _grains(model),
            )
        )
    return tuple(tables)


def _first_measure(metric: Mapping[str, Any]) -> str:
    told = metric["type_params"]
    return told.get("measure") or told["numerator"]


def _entity(model: Mapping[str, Any]) -> str:
    primary = [e["name"] for e in model.get("entities", ()) if e["type"] == "primary"]
    return model.get("primary_entity") or primary[0]


def _grains(model: Mapping[str, Any]) -> tuple[str, ...]:
    finest = next(
        dimension["type_params"]["time_granularity"]
        for dimension in model["dimensions"]
        if dimension["name"] == model["defaults"]["agg_time_dimension"]
    )
    return TIME_GRAINS[TIME_GRAINS.index(finest) :]
