"""What keeps Spark from building is told before it starts, with what to do; without Spark here."""

from __future__ import annotations

import importlib.util
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from saydo.airflow_home import airflow_environment
from saydo.build import check_configuration, inputs, spark_session, spark_workers
from saydo.build.dbt import NodeResult
from saydo.build.layers import _raise_on_failure
from saydo.build.spark_workers import Workers
from saydo.errors import ConfigError, SaydoError


@pytest.fixture
def settings(home):
    return home.settings().model_copy(update={"engine": "spark"})


def on(settings, content: str):
    """The same with that spark.yml."""
    file = settings.home / "spark.yml"
    file.write_text(content)
    return settings.model_copy(update={"spark_file": file})


@pytest.fixture
def installed(monkeypatch):
    """Says whether Spark is installed here, which it may or may not be."""
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: {"dbt.adapters.spark": 1}.get(name)
    )
    return lambda: monkeypatch.setattr(importlib.util, "find_spec", lambda _: True)


@pytest.fixture
def java(tmp_path, monkeypatch, installed):
    """Puts a `java` that says its version in JAVA_HOME, or on the PATH; nothing else is there."""

    def put(says: str | None, is_home: bool = True) -> None:
        folder = tmp_path / "jdk" / "bin"
        folder.mkdir(parents=True)
        installed()
        monkeypatch.setenv("PATH", str(tmp_path if is_home else folder))
        monkeypatch.delenv("JAVA_HOME", raising=False)
        if is_home:
            monkeypatch.setenv("JAVA_HOME", str(folder.parent))
        if says is not None:
            (folder / "java").write_text(f"#!/bin/sh\necho '{says}' >&2\n")
            (folder / "java").chmod(0o755)

    return put


def test_without_spark_the_command_that_sets_it_up_is_named(settings, installed):
    with pytest.raises(ConfigError, match="Spark is not installed here: run `make spark`"):
        check_configuration(settings)


@pytest.mark.parametrize("is_home", [True, False])
def test_without_java_its_package_is_named(java, settings, is_home):
    java(None, is_home)
    with pytest.raises(ConfigError, match=r"needs Java 17 or 21, and there is none.*jre-headless"):
        check_configuration(settings)


@pytest.mark.parametrize(
    ("says", "seen"),
    [
        ('openjdk version "11.0.22" 2024-01-16', "is Java 11"),
        ('java version "1.8.0_402"', "is Java 8"),
        ('openjdk version "25-ea" 2025-09-16', "is Java 25"),
        ("The operation couldn't be completed.", "is Java unknown"),
    ],
)
def test_the_wrong_java_is_told_with_the_right_one(java, says, seen):
    java(says.replace("'", ""))
    with pytest.raises(ConfigError, match=f"{seen}: `apt-get install openjdk-17-jre-headless`"):
        spark_session.check_installed()


@pytest.mark.parametrize("says", ['openjdk version "17.0.15"', 'openjdk version "21" 2023-09-19'])
def test_the_right_java_is_taken_from_the_path_too(java, says):
    java(says, is_home=False)
    spark_session.check_installed()


def test_a_master_that_nobody_listens_for_is_told_with_its_address():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        master = f"spark://127.0.0.1:{free.getsockname()[1]},127.0.0.1:99999"
    with pytest.raises(SaydoError, match=rf"{master}.*spark.yml.*last release keeps serving"):
        spark_session.check_master(master)


def test_of_several_masters_one_that_answers_is_enough():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        spark_session.check_master(f"spark://127.0.0.1:99999,127.0.0.1:{port}")
    spark_session.check_master("yarn")


def test_properties_of_the_user_go_before_ours_but_not_before_what_figures_depend_on(settings):
    settings = on(
        settings, "properties: {spark.sql.shuffle.partitions: 7, spark.eventLog.enabled: on}"
    )
    told = spark_session.properties(settings, "marts", Path("beside"))
    assert told["spark.sql.shuffle.partitions"] == "7"
    assert told["spark.eventLog.enabled"] == "true"
    assert told["spark.app.name"] == "saydo marts"
    assert told["spark.sql.ansi.enabled"] == "true"
    assert 'spark-log4j2.properties"' in told["spark.driver.defaultJavaOptions"]
    assert '-Djava.io.tmpdir="beside"' in told["spark.driver.defaultJavaOptions"]
    assert "spark.driver.extraJavaOptions" not in told


def test_the_log_names_the_application_and_where_it_is_seen(settings, monkeypatch, caplog):
    context = SimpleNamespace(
        applicationId="app-7", master="local[*]", uiWebUrl="http://here:4040", _gateway=None
    )
    session = SimpleNamespace(sparkContext=context, stop=lambda: None)
    monkeypatch.setattr(spark_session, "check_installed", lambda: None)
    monkeypatch.setattr(spark_session, "_open", lambda *_: session)
    monkeypatch.setattr(spark_session, "check_workers", lambda *_: None)
    caplog.set_level("INFO")
    with spark_session.spark_session(settings, "marts") as workers:
        assert workers.session is session
    assert "marts: Spark application app-7 on local[*], http://here:4040" in caplog.text


def a_session(executors: list[int], jobs: list[int], master="spark://m:7077") -> SimpleNamespace:
    status = SimpleNamespace(size=lambda: 1 + executors[0])
    return SimpleNamespace(
        sql=lambda text: text,
        sparkContext=SimpleNamespace(
            master=master,
            _gateway=SimpleNamespace(proc=SimpleNamespace(poll=lambda: None)),
            _jsc=SimpleNamespace(
                sc=lambda: SimpleNamespace(getExecutorMemoryStatus=lambda: status)
            ),
            statusTracker=lambda: SimpleNamespace(getActiveJobsIds=lambda: jobs),
            cancelAllJobs=jobs.clear,
        ),
    )


def test_work_without_workers_is_ended_and_told_and_what_is_asked_later_fails(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(spark_workers.time, "monotonic", lambda: clock[0])
    executors, jobs = [2], [1]
    workers = Workers(a_session(executors, jobs))
    for seconds, count in ((1, 2), (2, 0), (15, 1), (16, 0), (35, 0)):
        clock[0], executors[0] = float(seconds), count
        workers.look()
        assert not workers.lost  # another one came in time
    clock[0] = 36.0
    workers.look()
    assert "all workers are gone and none came back within 20 seconds" in workers.lost
    assert jobs == []
    with pytest.raises(SaydoError, match="all workers are gone"):
        workers.session.sql("select 1")
    jobs.append(2)  # asked meanwhile by another thread
    workers.look()
    assert jobs == []


def test_workers_are_not_missed_while_there_is_nothing_to_do(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(spark_workers.time, "monotonic", lambda: clock[0])
    workers = Workers(a_session([0], []))
    for clock[0] in range(0, 100, 10):
        workers.look()
    assert not workers.lost


def test_a_java_that_has_ended_is_told_with_its_memory():
    session = a_session([0], [], "local[*]")
    session.sparkContext._gateway.proc.poll = lambda: 137
    workers = Workers(session)
    workers.look()
    assert "Spark's own process has ended" in workers.lost
    assert "SAYDO_MEMORY_LIMIT" in workers.lost


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("An error occurred while calling o9.count.\n: java.io.IOException: gone\n\tat x", "gone"),
        ("[TABLE_NOT_FOUND] no such table\n'Project [*]", "no such table"),
        ("", "ValueError"),
    ],
)
def test_of_an_error_of_spark_the_line_that_says_something_is_told(text, told):
    line = spark_workers.first_line(ValueError(text))
    assert line.endswith(told) and "calling" not in line


def test_a_reason_that_many_models_share_is_told_once(settings):
    results = [
        NodeResult(name, "model", "error", 0.0, "all workers are gone", None, None)
        for name in ("first", "second")
    ]
    with pytest.raises(SaydoError) as told:
        _raise_on_failure(settings, "marts", results)
    assert str(told.value).count("all workers are gone") == 1
    assert "second: the same" in str(told.value)


def test_a_home_without_the_tables_of_its_engine_has_no_candidate(settings):
    settings.warehouse.touch()
    assert not inputs.has_candidate(settings)
    assert inputs.has_candidate(settings.model_copy(update={"engine": "duckdb"}))
    (settings.spark_tables / "catalog").mkdir(parents=True)
    assert inputs.has_candidate(settings)
    settings.warehouse.unlink()
    assert not inputs.has_candidate(settings)


def test_each_engine_builds_from_its_own_tables_and_a_switch_is_a_full_refresh(settings, day):
    by_spark = inputs.current_inputs(settings, day)
    by_duckdb = inputs.current_inputs(settings.model_copy(update={"engine": "duckdb"}), day)
    assert by_spark.rules != by_duckdb.rules


def test_engine_and_its_file_reach_the_tasks(settings, monkeypatch):
    monkeypatch.chdir(settings.home)
    settings = on(settings, "")
    relative = settings.model_copy(
        update={"spark_file": settings.spark_file.relative_to(settings.home)}
    )
    told = airflow_environment(relative, "run.db")
    assert told["SAYDO_ENGINE"] == "spark"
    assert told["SAYDO_SPARK_FILE"] == str(settings.spark_file.resolve())
