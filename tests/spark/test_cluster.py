"""On a cluster, workers may die: a build goes on, or says what is wrong and goes on later."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import tiny_home
from cluster import running_cluster
from engines import Engines
from pyspark import SparkContext

from saydo.build import LAYERS, spark_session
from saydo.build.layers import layer_report
from saydo.errors import SaydoError
from saydo.settings import Settings
from saydo.simulate import simulate

HIDES_HOMES = ["unshare", "--mount", "--propagation", "private"]


@pytest.fixture(scope="module", autouse=True)
def own_java():
    """What comes after has a Java of its own: memory is fixed when it starts."""
    yield
    spark_session.end_java()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The tiny home's tables as DuckDB builds them."""
    settings = tiny_home.tiny_home(tmp_path_factory.mktemp("expected"), "duckdb")
    tiny_home.build(settings)
    return tiny_home.rows(settings)


def at_work(settings: Settings, act, after: str = "staging") -> threading.Thread:
    """Do something as soon as a model after that layer is being built, by executors."""

    def wait() -> None:
        while layer_report(settings, after) is None:
            time.sleep(0.2)
        while not is_at_work() or (settings.spark_tables / "probe").exists():
            time.sleep(0.2)
        time.sleep(1)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def test_workers_lost_for_good_are_told_and_a_retry_goes_on_at_the_model(
    cluster, expected, tmp_path, caplog
):
    settings = tiny_home.tiny_home(tmp_path, "spark", cluster.spark_file())
    settings.published.mkdir()
    (settings.published / "current").write_text("the last release")
    caplog.set_level("INFO", "saydo")
    tiny_home.build(settings, "staging")
    assert "staging: Spark application app-" in caplog.text
    assert f" on {cluster.master}" in caplog.text
    tiny_home.be_slow(settings)
    killed = []

    def kill() -> None:
        cluster.kill_workers()
        killed.append(time.monotonic())

    thread = at_work(settings, kill)
    with pytest.raises(SaydoError, match=r"all workers are gone[^$]*start them") as told:
        tiny_home.build(settings, "identity")
    thread.join()
    assert time.monotonic() - killed[0] < 60
    assert "a retry goes on at the model that failed" in str(told.value)
    assert (settings.published / "current").read_text() == "the last release"
    report = layer_report(settings, "identity")
    assert [(node["name"], node["status"]) for node in report["nodes"]] == [("int_people", "error")]

    cluster.start_workers(2)
    tiny_home.be_quick(settings)
    assert tiny_home.build(settings, "identity")["is_resumed"]
    tiny_home.build(settings, "intermediate", "marts")
    assert tiny_home.rows(settings) == expected


def test_a_business_built_while_an_executor_is_killed_has_the_same_figures(
    cluster, tmp_path, monkeypatch
):
    for layer, selection in LAYERS.items():  # the rules hold elsewhere; here figures count
        if selection:
            monkeypatch.setitem(LAYERS, layer, [*selection, "--exclude-resource-type", "test"])
    common = {"threads": 2, "memory_limit": "2GB"}
    properties = {"spark.sql.shuffle.partitions": 2, "spark.default.parallelism": 2}
    both = Engines(
        Settings(home=tmp_path / "duckdb", **common),
        Settings(
            home=tmp_path / "spark",
            engine="spark",
            spark_file=cluster.spark_file(**properties),
            **common,
        ),
    )
    both.deliver(lambda landing: simulate(landing, customers=300, months=6, seed=2))
    killed = []
    thread = at_work(both.spark, lambda: killed.append(cluster.kill_executor()), "identity")

    both.build()

    thread.join()
    assert killed == [True]
    assert both.differences() == []


def is_at_work() -> bool:
    context = SparkContext._active_spark_context
    try:
        return bool(context and context.statusTracker().getActiveStageIds())
    except Exception:  # between two sessions
        return False


def test_no_worker_at_all_is_told_before_anything_is_built(tmp_path):
    (tmp_path / "cluster").mkdir()
    with running_cluster(tmp_path / "cluster", workers=0) as cluster:
        settings = tiny_home.tiny_home(tmp_path, "spark", cluster.spark_file())
        begun = time.monotonic()
        with pytest.raises(SaydoError, match="no worker came within 30 seconds; start them"):
            tiny_home.build(settings, "staging")
        assert time.monotonic() - begun < 60
    assert not settings.warehouse.exists()


@pytest.mark.skipif(
    subprocess.run([*HIDES_HOMES, "true"], capture_output=True).returncode != 0,
    reason="only root may hide a folder from a process",
)
@pytest.mark.parametrize(
    ("hidden", "told"), [("", "rows that they wrote, 0 are there"), ("raw", "data.parquet")]
)
def test_what_workers_do_not_see_is_found_before_anything_is_built(tmp_path, hidden, told):
    settings = tiny_home.tiny_home(tmp_path)
    landed = settings.raw / "accounts" / "batch=crm-1" / "month=all"
    landed.mkdir(parents=True)
    shutil.copy(settings.state / "rows.parquet", landed / "data.parquet")
    place = str(settings.home / hidden)
    hiding = [*HIDES_HOMES, "sh", "-c", 'mount -t tmpfs own "$0" && exec "$@"', place]
    (tmp_path / "cluster").mkdir()
    with running_cluster(tmp_path / "cluster", workers=0) as cluster:
        cluster.start_workers(1, through=hiding)
        settings = tiny_home.tiny_home(tmp_path, "spark", cluster.spark_file())
        with pytest.raises(SaydoError, match=rf"do not see .*{told}.*every worker mounts"):
            tiny_home.build(settings, "staging")
        assert not (settings.spark_tables / "probe").exists()
        assert not settings.warehouse.exists()


def test_what_is_no_master_is_told_within_a_minute(tmp_path, monkeypatch):
    monkeypatch.setitem(spark_session._SECONDS_TO_START, "spark", 20)  # 45, to be quick
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        file = tmp_path / "spark.yml"
        file.write_text(f"master: spark://127.0.0.1:{other.server_port}\n")
        with pytest.raises(SaydoError, match=r"did not take the application.*spark\.yml"):
            tiny_home.build(tiny_home.tiny_home(tmp_path, "spark", file), "staging")
        other.shutdown()
