"""What a dashboard is."""

from __future__ import annotations

from typing import NamedTuple

from saydo.serve.superset.charts import Chart


class Dashboard(NamedTuple):
    """A dashboard: its title and address, a line to begin with, its charts row by row.

    `has_months` gives it a filter of months, and a bar of filters at all.
    """

    title: str
    slug: str
    introduction: str
    rows: tuple[tuple[Chart, ...], ...]
    has_months: bool = True

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Its charts in the order to read them."""
        return tuple(chart for row in self.rows for chart in row)
