"""Upkeep: forgetting, retention, compaction."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from saydo.operators.base import SaydoOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.settings import Settings


class MaintainOperator(SaydoOperator):
    """Run one job of `saydo.maintain`."""

    def __init__(
        self, *, job: Literal["erase", "apply_retention", "compact"], **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.job = job

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """What the job did, in counts."""
        return getattr(import_module("saydo.maintain"), self.job)(settings)
