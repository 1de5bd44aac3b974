"""The four dashboards: what is on them, row by row."""

from saydo.serve.superset.dashboards import readiness, revenue, say_do, service
from saydo.serve.superset.dashboards.dashboard import Dashboard

__all__ = ["Dashboard", "dashboards"]


def dashboards(currency: str) -> tuple[Dashboard, ...]:
    """Every dashboard, in the order to read them.

    Args:
        currency: ISO 4217 code of the reporting currency.
    """
    return (
        say_do.dashboard(),
        revenue.dashboard(currency),
        service.dashboard(currency),
        readiness.dashboard(),
    )
