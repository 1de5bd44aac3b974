"""Whatever a killed application or another engine left of a home, the next run writes the same."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
import tiny_home
from pyspark import SparkContext

from saydo.build import layers, spark_session
from saydo.build.inputs import has_candidate
from saydo.settings import PROJECT


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The tiny home's tables as DuckDB builds them."""
    settings = tiny_home.tiny_home(tmp_path_factory.mktemp("expected"), "duckdb")
    tiny_home.build(settings)
    return tiny_home.rows(settings)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """One home that meets one mishap after the other."""
    yield tmp_path_factory.mktemp("tiny")
    spark_session.end_java()


@pytest.fixture
def settings(folder):
    return tiny_home.tiny_home(folder)


@pytest.fixture
def built(settings):
    if not has_candidate(settings):
        tiny_home.build(settings)
    return settings


def test_a_build_killed_in_a_model_goes_on_as_if_it_had_failed_there(settings, folder, expected):
    tiny_home.be_slow(settings)
    build = subprocess.Popen(
        [sys.executable, tiny_home.__file__, str(folder), "staging", "identity"],
        env=os.environ | {"PYTHONPATH": f"{PROJECT / 'plugins'}{os.pathsep}{PROJECT}"},
        start_new_session=True,
    )
    try:
        until = time.monotonic() + 180
        while not (settings.state / "build" / "staging.json").exists():
            assert build.poll() is None and time.monotonic() < until
            time.sleep(0.2)
        while not (settings.spark_tables / "catalog" / "db.lck").exists():
            assert build.poll() is None and time.monotonic() < until
            time.sleep(0.2)
        time.sleep(10)
    finally:
        os.killpg(build.pid, signal.SIGKILL)  # its Java, too: nothing is tidied up
        build.wait()
    assert (settings.spark_tables / "catalog" / "db.lck").exists()
    half_written = settings.spark_tables / "intermediate" / "int_people"
    shutil.copytree(
        settings.spark_tables / "staging" / "stg_numbers", half_written, dirs_exist_ok=True
    )
    (half_written / "_SUCCESS").unlink()
    (half_written / "_temporary" / "0").mkdir(parents=True, exist_ok=True)

    tiny_home.be_quick(settings)
    tiny_home.build(settings, "identity", "intermediate", "marts")

    assert tiny_home.rows(settings) == expected


def test_a_month_that_was_being_written_is_written_again(built, expected):
    sums = built.spark_tables / "intermediate" / "int_sums"
    for file in (sums / "month=2025-03").glob("*.parquet"):
        file.unlink()
    beside = built.spark_tables / "managed" / "intermediate.db" / "int_sums__new"
    shutil.copytree(sums / "month=2025-02", beside)
    shutil.copytree(sums / "month=2025-02", sums / ".spark-staging-1" / "month=2025-03")
    tiny_home.deliver(built)
    summary = tiny_home.build(built)
    assert not summary["is_full_refresh"]
    assert tiny_home.rows(built) == expected


@pytest.mark.parametrize("layer", ["estimates", "marts"])
def test_java_is_gone_where_only_duckdb_goes_on(built, monkeypatch, layer):
    with spark_session.spark_session(built, "test"):
        java = SparkContext._gateway.proc
    monkeypatch.setattr(layers, "end_java", spark_session.end_java)
    (built.state / "build" / f"{layer}.json").unlink(missing_ok=True)
    tiny_home.build(built, layer)
    assert java.poll() is not None


def test_a_home_without_its_tables_of_spark_is_built_anew(built, expected):
    spark_session.end_java()  # it would still have the catalog open
    shutil.rmtree(built.spark_tables)
    tiny_home.build(built, "marts")  # a retry: what is below it is gone
    assert tiny_home.rows(built) == expected


def test_a_home_without_its_candidate_is_built_anew(built, expected):
    built.warehouse.unlink()
    assert tiny_home.build(built)["is_full_refresh"]
    assert tiny_home.rows(built) == expected


@pytest.mark.parametrize("engine", ["duckdb", "spark"])
def test_another_engine_builds_the_home_anew_with_the_same_rows(built, folder, expected, engine):
    settings = tiny_home.tiny_home(folder, engine)
    assert tiny_home.build(settings)["is_full_refresh"]
    assert tiny_home.rows(settings) == expected
