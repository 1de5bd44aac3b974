"""Great Expectations as the gates want it: quiet, in memory, and without Spark."""

from __future__ import annotations

import logging
import os
import sys
from functools import cache
from typing import Any

_SPARK_CONNECT = "pyspark.sql.connect"


@cache
def import_gx() -> Any:
    """Import Great Expectations quietly: no analytics, no hundreds of log lines."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    # GX looks for every part of pyspark; this one ends a process that has no main file, as a worker
    # of pytest-xdist has none (pyspark/sql/connect/utils.py: "We must be running doctests").
    is_hidden = sys.modules.setdefault(_SPARK_CONNECT, None) is None
    import great_expectations
    from great_expectations.execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.metrics import metric_provider, query_metrics

    if is_hidden:
        del sys.modules[_SPARK_CONNECT]

    class NoRows(query_metrics.UnexpectedRowsQueryTable):
        """In the place of GX's own: a query is run to count its rows, and not again to read them.

        Of a rule that failed, the rows that may be shown are read by `Engine`.
        """

        @metric_provider.metric_value(engine=SqlAlchemyExecutionEngine)
        def _sqlalchemy(cls, **_: Any) -> list[dict[str, Any]]:
            return []

    return great_expectations


def memory_context(gx: Any) -> Any:
    """A context in memory that draws no progress bars and leaves no folder behind."""
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    configuration = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=configuration)
