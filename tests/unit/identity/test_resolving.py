"""Lists of clear ids become customer_ids, and back for those who may, and no value is logged."""

from __future__ import annotations

import csv
import json
import logging

import duckdb
import pytest

from saydo.errors import ConfigError, SaydoError
from saydo.identity import resolve
from saydo.landing.pseudonyms import hash_identifier
from saydo.settings import Settings


@pytest.fixture
def home(tmp_path):
    """AC-1 and AC-2 are customer c_1, AC-3 is c_3; AC-4 was, until it was given to nobody."""
    (tmp_path / "feeds.yml").write_text("feeds: []\n")
    settings = Settings(
        home=tmp_path / "home", feeds_file=tmp_path / "feeds.yml", memory_limit="500MB", threads=1,
        pseudonym_key="a key of the tests",
    )  # fmt: skip
    folder = settings.published / "releases" / "r20250310040000-00000001"
    folder.mkdir(parents=True)
    (settings.published / "current").symlink_to(folder)
    (folder / "manifest.json").write_text('{"release_id": "r20250310040000-00000001"}')
    keys = {n: hash_identifier(settings, "account_id", f"AC-{n}") for n in (1, 2, 3, 4)}
    rows = ", ".join(
        f"('account_id', '{keys[n]}', '{who}', {until})"
        for n, who, until in (
            (1, "c_1", "null"), (2, "c_1", "null"), (3, "c_3", "null"), (4, "c_3", "'2025-01-01'")
        )
    )  # fmt: skip
    duckdb.sql(
        "select id_type, id_key, customer_id, until::timestamp as valid_to_at "
        f"from (values {rows}) t(id_type, id_key, customer_id, until)"
    ).write_parquet(str(folder / "customer_identifiers.parquet"))
    store = settings.restricted / "accounts"
    store.mkdir(parents=True)
    clear = ", ".join(f"('{key}', 'AC-{n}')" for n, key in keys.items())
    duckdb.sql(f"from (values {clear}) t(account_key, account_id)").write_parquet(
        str(store / "crm-1.parquet")
    )
    return settings


def read(file) -> set[tuple[str, ...]]:
    with file.open() as text:
        return {tuple(row) for row in csv.reader(text)}


def test_clear_ids_become_customers_and_unknown_ones_stay_empty(home, tmp_path, caplog):
    (tmp_path / "in.csv").write_text("name,account_id\nx,AC-1\ny,AC-3\nz,AC-4\nq,AC-9\n,\n")
    target = tmp_path / "out.csv"
    with caplog.at_level(logging.DEBUG):
        found = resolve(home, tmp_path / "in.csv", target, "account_id")
    assert (found.asked_count, found.found_count) == (4, 2)
    assert read(target) == {
        ("account_id", "customer_id"), ("AC-1", "c_1"), ("AC-3", "c_3"), ("AC-4", ""), ("AC-9", ""),
    }  # fmt: skip
    assert target.stat().st_mode & 0o777 == 0o600
    assert "AC-" not in caplog.text


def test_customers_are_revealed_to_who_may_and_the_log_has_counts_alone(home, tmp_path):
    (tmp_path / "in.csv").write_text("customer_id\nc_1\nc_9\n")
    target = tmp_path / "out.csv"
    found = resolve(home, tmp_path / "in.csv", target, "account_id", is_reveal=True)
    assert (found.asked_count, found.found_count) == (2, 1)
    assert read(target) == {
        ("customer_id", "account_id"), ("c_1", "AC-1"), ("c_1", "AC-2"), ("c_9", ""),
    }  # fmt: skip
    log = (home.restricted / "revealed.jsonl").read_text()
    assert json.loads(log)["found_count"] == 1
    assert "AC-" not in log and "c_1" not in log


def test_what_cannot_be_resolved_says_why_and_leaves_nothing(home, tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("a,b\n1,2\n")
    for id_type, is_reveal, told in (
        ("account_id", False, "no column 'account_id'"),
        ("acount_id", False, "unknown id_type"),
        ("email", True, "only account_id is kept in clear"),
    ):
        with pytest.raises(ConfigError, match=told):
            resolve(home, source, target, id_type, is_reveal)
    source.write_bytes(b"account_id\n\xff\xfe secret\n")
    with pytest.raises(SaydoError) as told:
        resolve(home, source, target, "account_id")
    assert "secret" not in str(told.value)
    assert sorted(file.name for file in tmp_path.glob("*.csv")) == ["in.csv"]
    assert not list(tmp_path.glob(".tmp-*"))


def test_a_store_that_is_not_yours_reveals_nothing(home, tmp_path, monkeypatch):
    (tmp_path / "in.csv").write_text("customer_id\nc_1\n")
    monkeypatch.setattr("os.access", lambda *words: False)
    with pytest.raises(ConfigError, match="not there or not yours"):
        resolve(home, tmp_path / "in.csv", tmp_path / "out.csv", "account_id", is_reveal=True)
