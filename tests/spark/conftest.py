"""A Spark session as the builds have it; without pyspark nothing here is collected."""

from __future__ import annotations

import pytest

try:
    from pyspark.sql import SparkSession
except ImportError:
    collect_ignore_glob = ["test_*.py"]

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.ansi.enabled": "true",
    # Sums and products of decimals keep their scale, as on DuckDB, and refuse what is too large.
    "spark.sql.decimalOperations.allowPrecisionLoss": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "1",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
}


@pytest.fixture(scope="session")
def spark():
    builder = SparkSession.builder.master("local[1]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()
