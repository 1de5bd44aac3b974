"""Where the charts of a dashboard stand, as Superset keeps it."""

from __future__ import annotations

from typing import Any

from saydo.serve.superset.dashboards import Dashboard
from saydo.serve.superset.names import asset_id

_ROOT, _GRID = "ROOT_ID", "GRID_ID"
# Whoever may edit a dashboard has the bar, though it be empty: no setting of Superset's hides it.
_NO_FILTER_BAR = '[data-test="filter-bar"] { display: none; }'


def dashboard_file(dashboard: Dashboard) -> dict[str, Any]:
    """The content of a dashboard."""
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.introduction.replace("**", ""),
        "css": "" if dashboard.has_months else _NO_FILTER_BAR,
        "slug": dashboard.slug,
        "uuid": str(asset_id("dashboard", dashboard.slug)),
        "position": _position(dashboard),
        "metadata": {
            "color_scheme": "supersetColors",
            # What a click filters by is told in the bar of filters.
            "cross_filters_enabled": dashboard.has_months,
            "filter_bar_orientation": "HORIZONTAL",
            "native_filter_configuration": [_months(dashboard)] if dashboard.has_months else [],
            "refresh_frequency": 0,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
        },
        "published": True,
        "version": "1.0.0",
    }


def _position(dashboard: Dashboard) -> dict[str, Any]:
    parts: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        _ROOT: {"type": "ROOT", "id": _ROOT, "children": [_GRID]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    text = {"code": dashboard.introduction, "width": 12, "height": 8}
    rows = [_row(parts, 0, [_part(parts, "MARKDOWN-0", "MARKDOWN", text, 0)])]
    for number, charts in enumerate(dashboard.rows, start=1):
        places = []
        for chart in charts:
            uuid = str(asset_id("chart", f"{dashboard.slug}/{chart.title}"))
            # Superset looks for the id of its own database, and finds the chart by its uuid.
            meta = {
                "chartId": 0,
                "uuid": uuid,
                "sliceName": chart.title,
                "width": chart.width,
                "height": chart.height,
            }
            places.append(_part(parts, f"CHART-{uuid[:8]}", "CHART", meta, number))
        rows.append(_row(parts, number, places))
    parts[_GRID] = {"type": "GRID", "id": _GRID, "children": rows, "parents": [_ROOT]}
    return parts


def _row(parts: dict[str, Any], number: int, children: list[str]) -> str:
    name = f"ROW-{number}"
    parts[name] = {
        "type": "ROW",
        "id": name,
        "children": children,
        "parents": [_ROOT, _GRID],
        "meta": {"background": "BACKGROUND_TRANSPARENT"},
    }
    return name


def _part(parts: dict[str, Any], name: str, kind: str, meta: dict[str, Any], row: int) -> str:
    parents = [_ROOT, _GRID, f"ROW-{row}"]
    parts[name] = {"type": kind, "id": name, "children": [], "parents": parents, "meta": meta}
    return name


def _months(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "id": f"NATIVE_FILTER-{asset_id('filter', dashboard.slug)}",
        "name": "Months",
        "description": "Which months the charts over months show.",
        "filterType": "filter_time",
        "type": "NATIVE_FILTER",
        "targets": [{}],
        "scope": {"rootPath": [_ROOT], "excluded": []},
        "cascadeParentIds": [],
        "controlValues": {"enableEmptyFilter": False},
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
    }
