"""The bundle that Superset imports: a ZIP of YAML, the same bytes for the same definitions."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import yaml

from saydo.durable import replace_with, temporary
from saydo.errors import ConfigError
from saydo.marts import marts
from saydo.serve.superset.charts import Chart
from saydo.serve.superset.dashboards import Dashboard, dashboards
from saydo.serve.superset.database import FILE, database_file, duckdb_place, postgres_place
from saydo.serve.superset.datasets import dataset_file
from saydo.serve.superset.layout import dashboard_file
from saydo.serve.superset.names import asset_id, file_name
from saydo.serve.superset.saved_metrics import saved_metrics
from saydo.settings import Settings

ROOT = "saydo"
# Superset wants to know when a bundle was made; a bundle is the same whenever it is.
_MADE_AT = "2026-01-01T00:00:00+00:00"
_FILE_TIME = (2026, 1, 1, 0, 0, 0)


def bundle(settings: Settings, is_postgres: bool = False) -> Mapping[str, dict[str, Any]]:
    """What is in the bundle: the content of each file, by its path below the bundle's root.

    Args:
        settings: the home that is shown, and the reporting currency.
        is_postgres: whether Superset asks PostgreSQL rather than the released file.

    Raises:
        ConfigError: a mart or a column has no description, a metric cannot be told in SQL, a
            chart is of no mart, or the address of PostgreSQL is missing.
    """
    place = postgres_place(settings) if is_postgres else duckdb_place(settings)
    currency = settings.feeds.business.reporting_currency
    metrics = saved_metrics()
    tables = marts()
    found: dict[str, dict[str, Any]] = {
        "metadata.yaml": {"version": "1.0.0", "type": "assets", "timestamp": _MADE_AT},
        FILE: database_file(place),
    }
    for mart in tables.values():
        found[f"datasets/saydo/{mart.name}.yaml"] = dataset_file(mart, metrics, place, currency)
    for dashboard in dashboards(currency):
        for chart in dashboard.charts:
            if chart.mart not in tables:
                raise ConfigError(f"chart {chart.title!r} is of {chart.mart!r}, which is no mart")
            name = f"{file_name(dashboard.title)}__{file_name(chart.title)}"
            found[f"charts/{name}.yaml"] = _chart_file(dashboard, chart)
        found[f"dashboards/{file_name(dashboard.title)}.yaml"] = dashboard_file(dashboard)
    return found


def _chart_file(dashboard: Dashboard, chart: Chart) -> dict[str, Any]:
    return {
        "slice_name": chart.title,
        "description": chart.description,
        "certified_by": None,
        "certification_details": None,
        "viz_type": chart.settings["viz_type"],
        "params": chart.settings,
        "query_context": None,
        "cache_timeout": None,
        "uuid": str(asset_id("chart", f"{dashboard.slug}/{chart.title}")),
        "version": "1.0.0",
        "dataset_uuid": str(asset_id("dataset", chart.mart)),
    }


def bundle_bytes(content: Mapping[str, dict[str, Any]]) -> bytes:
    """The ZIP of a bundle: files in the order of their paths, all of one time."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for path in sorted(content):
            entry = ZipInfo(f"{ROOT}/{path}", _FILE_TIME)
            entry.compress_type = ZIP_DEFLATED
            text = yaml.safe_dump(content[path], sort_keys=False, allow_unicode=True, width=100)
            archive.writestr(entry, text)
    return packed.getvalue()


def write_bundle(settings: Settings, out: Path, is_postgres: bool = False) -> Mapping[str, int]:
    """Write the bundle to a file, whole or not at all.

    Returns:
        How many of each it holds: `datasets`, `metrics`, `charts`, `dashboards`.

    Raises:
        ConfigError: as `bundle`; or there is no folder to write to.
    """
    if not out.parent.is_dir():
        raise ConfigError(f"there is no folder {out.parent} to write {out.name} to; make it first")
    content = bundle(settings, is_postgres)
    beside = temporary(out)
    beside.write_bytes(bundle_bytes(content))
    replace_with(beside, out)
    kinds = ("datasets", "charts", "dashboards")
    counts = {kind: sum(path.startswith(f"{kind}/") for path in content) for kind in kinds}
    return counts | {"metrics": len(saved_metrics())}
