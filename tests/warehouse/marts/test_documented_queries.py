"""The queries that documents give to analysts run on what is published, and find something."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest

DOCS = Path(__file__).resolve().parents[3] / "docs"
# Page to the queries that may find nothing in a small business of five months without estimates.
PAGES = {
    "recurring-revenue.md": ("month_number = 12",),
    "effects.md": ("from experience_effects", "from segment_effects"),
    "journeys.md": ("from journey_paths",),
    "bets.md": ("from success_circles",),
    "segments.md": ("from segment_memberships",),
    "decision-log.md": ("from decision_log",),
    "next-services.md": ("from next_best_services", "from recommendation_readouts"),
    "influence.md": ("from customer_influence",),
    "flux.md": ("from customers_in_flux", "from flux_signals"),
}
QUERIES = [
    (page, sql)
    for page in PAGES
    for sql in re.findall(r"```sql\n(.*?)```", (DOCS / page).read_text(), re.S)
]


@pytest.mark.parametrize(("page", "sql"), QUERIES)
def test_a_documented_query_runs(daily_and_full, small_business_home, page, sql):
    warehouse = str(small_business_home.root / "warehouse.duckdb")
    with duckdb.connect(warehouse, read_only=True) as connection:
        connection.execute("set schema = 'marts'")
        found = connection.execute(sql).fetchall()
    assert found or any(part in sql for part in PAGES[page])


def test_every_page_has_queries():
    assert {page for page, _ in QUERIES} == PAGES.keys()
