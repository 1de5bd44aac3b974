"""A Spark session as the builds have it; without pyspark nothing here is collected."""

from __future__ import annotations

import pytest

pytest.importorskip("pyspark", reason="`make test-spark` runs these where Spark is installed")

from pyspark.sql import SparkSession

SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.sql.ansi.enabled": "true",
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
