"""A Spark session as the builds have it; without pyspark nothing here is collected."""

from __future__ import annotations

import importlib.util
from functools import partial

import pytest
from engines import PROPERTIES, two_homes

from saydo.build import LAYERS, layers
from saydo.build.spark_session import spark_session
from saydo.settings import Settings

if importlib.util.find_spec("pyspark") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="module")
def spark(tmp_path_factory, spark_file):
    # As a build opens it: the Java that is started here goes on for the tests that come after.
    settings = Settings(
        home=tmp_path_factory.mktemp("home"), engine="spark", spark_file=spark_file,
        memory_limit="3400MB", threads=2,
    )  # fmt: skip
    with spark_session(settings, "test") as workers:
        yield workers.session


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


@pytest.fixture(autouse=True)
def java_lives_on(monkeypatch):
    """Each build would start another; that it ends one is tested where Java is ended anyway."""
    monkeypatch.setattr(layers, "end_java", lambda: None)


@pytest.fixture
def without_data_tests(monkeypatch):
    """They have passed on both engines with `simulated`; here figures are what counts."""
    for layer, selection in LAYERS.items():
        if selection:
            monkeypatch.setitem(LAYERS, layer, [*selection, "--exclude-resource-type", "test"])
