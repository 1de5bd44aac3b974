"""Building: one task per layer, and the day they all speak of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from saydo.operators.base import SaydoOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.settings import Settings

AS_OF = "{{ ti.xcom_pull(task_ids='build_staging')['as_of_date'] }}"


class BuildStagingOperator(SaydoOperator):
    """Fix the run's as-of date, hand dbt its inputs, and build staging."""

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """The layer's summary; its `as_of_date` is what the later tasks build for."""
        from saydo.build import build_layer, prepare

        as_of = as_of_date(settings, context)
        prepare(settings, as_of)
        return build_layer(settings, "staging", as_of, bool(context["params"]["full_refresh"]))


class BuildLayerOperator(SaydoOperator):
    """Build and test one further layer."""

    template_fields: Sequence[str] = ("as_of",)

    def __init__(self, *, layer: str, as_of: str = AS_OF, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.layer = layer
        self.as_of = as_of

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """The layer's summary."""
        from saydo.build import build_layer

        return build_layer(settings, self.layer, date.fromisoformat(self.as_of))


class CandidateOperator(SaydoOperator):
    """Reads the finished candidate of this run's day."""

    template_fields: Sequence[str] = ("as_of",)

    def __init__(self, *, as_of: str = AS_OF, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.as_of = as_of

    def check_candidate(self, settings: Settings) -> date:
        """The as-of date, once it is sure that the warehouse holds it and not another run's day."""
        from saydo.build import assert_candidate

        as_of = date.fromisoformat(self.as_of)
        assert_candidate(settings, as_of)
        return as_of


def as_of_date(settings: Settings, context: Context) -> date:
    """The day of this run: the one asked for, a backfill's own, else what business.as_of says.

    The own day of a run is the business day on which its data interval starts: it is over when the
    run begins. A backfill builds that day whatever business.as_of says, since the days are what it
    was asked for.
    """
    from saydo.build import resolve_as_of

    asked = context["params"]["as_of"]
    if asked:
        return date.fromisoformat(asked)
    run = context["dag_run"]
    start: datetime = run.data_interval_start or run.run_after - timedelta(days=1)
    run_date = start.astimezone(settings.feeds.business.zone).date()
    return run_date if run.run_type == "backfill" else resolve_as_of(settings, run_date)
