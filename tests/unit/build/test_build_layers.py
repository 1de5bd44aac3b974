"""Layers are built by dbt in this process, resumed where they failed, and never mixed up."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from saydo.build import assert_candidate, build_layer, inputs
from saydo.build.layers import layer_report
from saydo.errors import ConfigError, ReleaseRefused, SaydoError
from saydo.estimate import running
from saydo.landing.ledger import read_entry, write_entry

TODAY = date(2025, 3, 30)
PROJECT = {
    "dbt_project.yml": "name: tiny\nprofile: saydo\nmodels: {+materialized: table}\n",
    "profiles.yml": (
        "saydo: {target: duckdb, outputs: {duckdb: {type: duckdb, threads: 1, "
        "path: \"{{ env_var('SAYDO_DBT_WAREHOUSE') }}\"}}}\n"
    ),
    "models/staging/stg_days.sql": (
        "select '{{ var(\"as_of_date\") }}' as day, '{{ invocation_id }}' as built_by"
    ),
    "models/staging/stg_files.sql": "select * from '{{ env_var(\"SAYDO_DBT_STATE\") }}/late.csv'",
    "models/staging/stg_from_files.sql": "select * from {{ ref('stg_files') }}",
    "models/intermediate/identity/int_people.sql": "select * from {{ ref('stg_days') }}",
    "models/intermediate/revenue/int_sums.sql": (
        "{{ config(materialized='incremental') }} select '{{ invocation_id }}' as built_by, day "
        "from {{ ref('int_people') }}"
    ),
    "models/marts/profiles.sql": "select * from {{ ref('int_sums') }}",
    "tests/profiles__has_no_row_too_many.sql": (
        "select 'imsi' as id_type, 'secret' as id_key, count(*) as row_count "
        "from {{ ref('profiles') }}, {{ ref('stg_files') }} where number > 1 having count(*) > 0"
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def turns(tmp_path_factory):
    """Homes take turns behind one link in here: dbt sees one path, so what it parsed is kept."""
    folder = tmp_path_factory.mktemp("turns")
    (folder / "parsed").mkdir()
    return folder


@pytest.fixture
def home(home, turns, tmp_path):
    current = turns / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(tmp_path)
    home.folder = current
    return home


@pytest.fixture
def settings(home, turns, monkeypatch):
    project = turns / "dbt"
    shutil.rmtree(project, ignore_errors=True)
    for name, text in PROJECT.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    monkeypatch.setattr(inputs, "DBT_PROJECT", project)
    monkeypatch.setattr(running, "ESTIMATORS", ())
    home.batch("usage", "network_usage_daily")
    settings = home.settings()
    settings.state.mkdir()
    (settings.state / "dbt").symlink_to(turns / "parsed")
    deliver(settings, 1)
    return settings


def deliver(settings, number: int) -> None:
    (settings.state / "late.csv").write_text(f"number\n{number}\n")


def build(settings, *layers: str, as_of: date = TODAY) -> dict:
    for layer in layers:
        summary = build_layer(settings, layer, as_of)
    return summary


def query(settings, sql: str) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


EVERY = ("staging", "identity", "intermediate", "estimates", "marts")


def test_the_candidate_is_documented_on_one_page_that_names_no_machine(settings):
    build(settings, "staging", "identity", "intermediate", "estimates")
    page = settings.state / "docs" / "index.html"
    assert not page.exists()
    build(settings, "marts")
    text = page.read_text()
    assert '"model.tiny.profiles"' in text and "INLINE DATA" not in text
    assert str(settings.home) not in text and str(inputs.DBT_PROJECT) not in text


def test_the_layers_in_order_make_a_candidate_of_that_day(settings):
    summary = build(settings, *EVERY)
    assert query(settings, "select day from profiles") == [("2025-03-30",)]
    assert (summary["model_count"], summary["test_count"], summary["row_count"]) == (1, 1, 1)
    assert_candidate(settings, TODAY)
    report = layer_report(settings, "staging")
    assert [node["rows"] for node in report["nodes"]] == [1, 1, 1]


def test_a_model_that_crashes_is_named_with_its_compiled_sql(settings):
    (settings.state / "late.csv").unlink()
    with pytest.raises(SaydoError, match=r"model stg_files: ") as crash:
        build(settings, "staging")
    assert crash.value.exit_code == 1
    (line,) = [part for part in str(crash.value).splitlines() if "compiled: " in part]
    assert Path(line.split("compiled: ")[1]).exists()


def test_a_retry_goes_on_at_the_model_that_failed(settings):
    (settings.state / "late.csv").unlink()
    with pytest.raises(SaydoError):
        build(settings, "staging")
    (first,) = query(settings, "select built_by from stg_days")
    deliver(settings, 1)
    summary = build(settings, "staging")
    assert summary["is_resumed"]
    assert query(settings, "select built_by from stg_days") == [first]
    assert query(settings, "select number from stg_from_files") == [(1,)]
    assert summary["model_count"] == 3
    assert not build(settings, "staging")["is_resumed"]


def test_a_failure_on_other_inputs_is_not_resumed(settings):
    (settings.state / "late.csv").unlink()
    with pytest.raises(SaydoError):
        build(settings, "staging")
    deliver(settings, 1)
    assert not build(settings, "staging", as_of=date(2025, 3, 31))["is_resumed"]


def test_a_failed_data_test_refuses_the_release_and_a_retry_tests_again(settings):
    deliver(settings, 2)
    build(settings, "staging", "identity", "intermediate")
    with pytest.raises(ReleaseRefused, match=r"profiles__has_no_row_too_many") as refused:
        build(settings, "marts")
    assert refused.value.exit_code == 3
    assert "found: id_type=imsi, row_count=1\n" in str(refused.value)
    assert "secret" not in str(refused.value)
    with pytest.raises(SaydoError, match="not finished"):
        assert_candidate(settings, TODAY)
    deliver(settings, 1)
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute("update stg_files set number = 1")
    assert build(settings, "marts")["is_resumed"]
    assert_candidate(settings, TODAY)


def test_a_build_is_full_once_and_then_incremental(settings):
    assert build(settings, *EVERY)["is_full_refresh"]
    assert not build(settings, *EVERY)["is_full_refresh"]
    assert len(query(settings, "select * from int_sums")) == 2
    build_layer(settings, "staging", TODAY, full_refresh=True)
    assert build(settings, *EVERY[1:])["is_full_refresh"]
    assert len(query(settings, "select * from int_sums")) == 1


def test_layers_that_another_day_has_overwritten_are_built_again_first(settings):
    build(settings, "staging", "identity")
    build(settings, "staging", as_of=date(2025, 4, 1))
    build(settings, "intermediate")
    assert query(settings, "select day from int_sums") == [("2025-03-30",)]


def test_a_batch_that_comes_while_a_build_is_under_way_waits_for_the_next(settings, home):
    build(settings, "staging", "identity")
    (before,) = query(settings, "select built_by from stg_days")
    home.batch("usage", "network_usage_daily")
    build(settings, "intermediate", "marts")
    assert query(settings, "select built_by from stg_days") == [before]
    assert_candidate(settings, TODAY)


@pytest.mark.parametrize("built", [EVERY[:1], EVERY[:2], EVERY[:3]])
def test_a_candidate_that_was_taken_away_is_built_again_from_the_first_layer(settings, built):
    build(settings, *built)
    settings.warehouse.unlink()
    build(settings, *EVERY[len(built) :])
    assert query(settings, "select day from profiles") == [("2025-03-30",)]
    assert_candidate(settings, TODAY)


def test_a_layer_that_failed_is_not_resumed_in_a_candidate_that_is_gone(settings):
    (settings.state / "late.csv").unlink()
    with pytest.raises(SaydoError):
        build(settings, "staging")
    settings.warehouse.unlink()
    deliver(settings, 1)
    assert not build(settings, *EVERY)["is_resumed"]
    assert_candidate(settings, TODAY)


def withdraw(settings, batch_id):
    entry = read_entry(settings, batch_id)
    write_entry(settings, entry.model_copy(update={"status": "withdrawn"}))


def test_a_batch_withdrawn_while_a_build_is_under_way_begins_it_again(settings, home):
    batch_id = home.batch("usage", "network_usage_daily")
    build(settings, "staging", "identity")
    (before,) = query(settings, "select built_by from stg_days")
    withdraw(settings, batch_id)
    assert build(settings, "intermediate", "marts")["is_full_refresh"]
    assert query(settings, "select built_by from stg_days") != [before]
    assert_candidate(settings, TODAY)


def test_a_candidate_that_holds_a_withdrawn_batch_is_not_published(settings, home):
    batch_id = home.batch("usage", "network_usage_daily")
    build(settings, *EVERY)
    assert_candidate(settings, TODAY)
    withdraw(settings, batch_id)
    with pytest.raises(SaydoError, match="a batch that was withdrawn"):
        assert_candidate(settings, TODAY)


def test_a_candidate_of_another_day_is_not_taken_for_this_one(settings):
    build(settings, *EVERY, as_of=date(2025, 4, 1))
    with pytest.raises(SaydoError, match=r"is of 2025-04-01, this run is for 2025-03-30"):
        assert_candidate(settings, TODAY)


def test_the_warehouse_is_free_for_others_afterwards(settings):
    build(settings, "staging")
    with duckdb.connect(str(settings.warehouse)) as connection:  # a writer: needs the lock
        connection.execute("create table mine (x integer)")


def test_a_project_that_does_not_parse_says_so(settings):
    (inputs.DBT_PROJECT / "models" / "staging" / "stg_bad.sql").write_text("{{ ref('nobody') }}")
    with pytest.raises(SaydoError, match=r"(?s)dbt could not run `parse.*nobody"):
        build(settings, "staging")


def test_a_layer_that_does_not_exist_is_a_usage_error(settings):
    with pytest.raises(ConfigError, match="valid: staging, identity, intermediate, est"):
        build(settings, "mart")
