"""What dbt reads from state/ is there, typed, and complete before dbt starts."""

from __future__ import annotations

import json

import duckdb

from saydo.build import prepare
from saydo.build.prepare import ERASURES


def read(settings, name: str, columns: str = "*") -> list[tuple]:
    return duckdb.sql(f"select {columns} from '{settings.state / name}'").fetchall()


def test_the_ledger_becomes_a_table_in_load_order(home, day):
    first = home.batch("usage", "network_usage_daily", last=day, months=["2025-02", "2025-03"])
    second = home.batch("answers", "survey_responses", status="refused", refused_reason="no rows")
    settings = home.settings()
    assert prepare(settings, day)["batch_count"] == 2
    columns = "batch_id, status, refused_reason, last_event_date, months, landed_at::varchar"
    landed_at = "2025-04-01 01:00:00"  # UTC
    assert read(settings, "batches.parquet", columns) == [
        (first, "accepted", None, day, "2025-02,2025-03", landed_at),
        (second, "refused", "no rows", None, "", landed_at),
    ]


def test_a_first_build_finds_an_empty_registry_and_no_releases(home, day):
    settings = home.settings()
    assert prepare(settings, day)["is_first_release"]
    assert read(settings, "registry.parquet") == []
    assert read(settings, "releases.parquet") == []


def test_answers_to_erasure_requests_are_there_before_the_first_and_are_kept(home, day):
    settings = home.settings()
    prepare(settings, day)
    file = settings.state / "erasures.parquet"
    columns = duckdb.sql(f"select * from '{file}'").columns
    assert columns == ERASURES.names
    # An older file told less; its answers are kept all the same.
    duckdb.sql("select 'r1' as request_id, 'a' as account_key").write_parquet(str(file))
    prepare(settings, day)
    assert read(settings, "erasures.parquet") == [("r1", None, None, "a", None, None)]
    before = file.stat().st_ino
    prepare(settings, day)
    assert file.stat().st_ino == before


def test_the_registry_is_the_one_of_the_current_release(home, day):
    settings = home.settings()
    release = settings.published / "releases" / "r20250330020000-00000000"
    release.mkdir(parents=True)
    duckdb.sql("select 'k' as account_key").write_parquet(str(release / "registry.parquet"))
    manifest = {
        "release_id": "r20250330020000-00000000",
        "as_of_date": "2025-03-29",
        "published_at": "2025-03-30T02:00:00+00:00",
        "code_version": "0",
        "content_hash": "0",
        "gate": {"evaluated_count": 1, "warning_count": 0},
    }
    (release / "manifest.json").write_text(json.dumps(manifest))
    (settings.published / "current").symlink_to("releases/r20250330020000-00000000")
    assert not prepare(settings, day)["is_first_release"]
    assert read(settings, "registry.parquet") == [("k",)]


def test_the_dictionaries_hold_the_built_in_entries_and_the_users(home, day):
    settings = home.settings()
    prepare(settings, day)
    assert ("nps", "recommend") in read(settings, "dictionaries/questions.parquet")
    (account,) = [
        row
        for row in read(settings, "dictionaries/identifier_types.parquet")
        if row[0] == "account_id"
    ]
    assert account == ("account_id", True, False, True, "none", 1, 0)
