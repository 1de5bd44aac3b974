"""The canonical source contract: the tables every feed maps onto, and their landed types.

One place says it; landing, the dbt sources, the simulator and the gate suites read it from here.
The types are DuckDB's. What a value may be beyond its type stands with its column.
"""

from saydo.contract.grammar import (
    FIRST_DAY,
    MOST_YEARS_AHEAD,
    PLUMBING,
    SQL_TYPES,
    UNSCALED,
    Column,
    Source,
    Type,
    landed_columns,
)
from saydo.contract.sources import SOURCES

__all__ = [
    "FIRST_DAY",
    "MOST_YEARS_AHEAD",
    "PLUMBING",
    "SOURCES",
    "SQL_TYPES",
    "UNSCALED",
    "Column",
    "Source",
    "Type",
    "landed_columns",
]
