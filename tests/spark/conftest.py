"""A Spark session as the builds have it; without pyspark nothing here is collected."""

from __future__ import annotations

from functools import partial

import pytest
from engines import PROPERTIES, two_homes

from saydo.build import LAYERS
from saydo.config.spark import REQUIRED

try:
    from pyspark.sql import SparkSession
except ImportError:
    collect_ignore_glob = ["test_*.py"]

SETTINGS = REQUIRED | {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1"}


@pytest.fixture(scope="module")
def spark():
    builder = SparkSession.builder.master("local[1]")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="session")
def spark_file(tmp_path_factory):
    """Spark on this machine, as small tables need it."""
    file = tmp_path_factory.mktemp("configuration") / "spark.yml"
    file.write_text(PROPERTIES, encoding="utf-8")
    return file


@pytest.fixture
def engines(tmp_path, spark_file):
    """Makes the two homes."""
    return partial(two_homes, tmp_path, spark_file)


@pytest.fixture
def without_data_tests(monkeypatch):
    """They have passed on both engines with `simulated`; here figures are what counts."""
    for layer, selection in LAYERS.items():
        if selection:
            monkeypatch.setitem(LAYERS, layer, [*selection, "--exclude-resource-type", "test"])
