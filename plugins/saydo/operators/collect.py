"""Collecting: one mapped task per pipeline of collect.yml, and none if there is none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from saydo.errors import ConfigError
from saydo.operators.base import SaydoOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.collect import Access
    from saydo.settings import Settings


class ListPipelinesOperator(SaydoOperator):
    """The pipeline names of collect.yml."""

    def call(self, settings: Settings, context: Context) -> list[str]:
        """Pipeline names, in the order of the file."""
        return [pipeline.name for pipeline in settings.collect.pipelines]


class CollectOperator(SaydoOperator):
    """Fetch what is new of one pipeline into landing/."""

    template_fields: Sequence[str] = ("pipeline",)

    def __init__(self, *, pipeline: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.pipeline = pipeline

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """Counts of files and rows; the files' names are in the log."""
        from saydo.collect import collect_pipeline

        done = collect_pipeline(settings, self.pipeline, find_access)
        return {name: done[name] for name in ("pipeline", "file_count", "row_count")}


def find_access(name: str) -> Access:
    """A connection of Airflow, wherever it keeps that: the environment, its database, a vault.

    Raises:
        ConfigError: there is none of that name.
    """
    from airflow.sdk import BaseHook
    from airflow.sdk.exceptions import AirflowNotFoundException

    from saydo.collect import Access

    try:
        found = BaseHook.get_connection(name)
    except (AirflowNotFoundException, ValueError):
        raise ConfigError(
            f"collect.yml: connection {name!r} is not known to Airflow or cannot be read: make it "
            f"under Admin, Connections, or give it as AIRFLOW_CONN_{name.upper()} "
            "(docs/collecting.md)"
        ) from None
    return Access(
        name,
        found.conn_type or "",
        found.host or "",
        found.port,
        found.login or "",
        found.password or "",
        found.schema or "",
        found.extra_dejson,
    )
