"""The two gates: may a delivery go in, may the candidate go out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from saydo.operators.base import SaydoOperator
from saydo.operators.build import CandidateOperator

if TYPE_CHECKING:
    from airflow.sdk import Context

    from saydo.settings import Settings


class CheckSourcesOperator(SaydoOperator):
    """Audit each newly landed batch; refuse those that may not go in."""

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """The gate's summary."""
        from saydo.gate import check_sources

        return check_sources(settings)


class GateMartsOperator(CandidateOperator):
    """Audit the candidate, read-only."""

    def call(self, settings: Settings, context: Context) -> dict[str, Any]:
        """The gate's summary."""
        from saydo.gate import gate_marts

        self.check_candidate(settings)
        return gate_marts(settings)
