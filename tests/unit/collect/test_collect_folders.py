"""Files of elsewhere are copied as they are, whole ones only, and a changed one is a new one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import boto3
import openpyxl
import pytest
from stores_elsewhere import PASSWORD, s3, sftp

from saydo.collect import Access, check_pipeline, stores
from saydo.errors import ConfigError, SaydoError

SECRET = "s3cret-only-of-this-test"


@pytest.fixture(scope="module")
def gate():
    with s3() as served:
        yield served


@pytest.fixture
def bucket(home, gate, monkeypatch):
    """An empty bucket; the home has the pipeline `usage` on it, and little patience."""
    short = {"retry_timeout": timedelta(seconds=3), "backoff": {"max_backoff": timedelta(0.00001)}}
    monkeypatch.setattr(stores, "PATIENCE", stores.PATIENCE | short)
    gate.refuse = lambda method, path: None
    made = boto3.resource(
        "s3", endpoint_url=gate.url, region_name="us-east-1",
        aws_access_key_id="someone", aws_secret_access_key=SECRET,
    ).create_bucket(Bucket=f"usage-{time.monotonic_ns()}")  # fmt: skip
    extra = {"endpoint_url": gate.url, "region_name": "us-east-1"}
    home.connections["usage_store"] = Access(
        "usage_store", "aws", login="someone", password=SECRET, extra=extra
    )
    folder = {"url": f"s3://{made.name}/daily", "files": "**/*.csv"}
    home.configure({"name": "usage", "connection": "usage_store", "folder": folder})
    return made


def test_an_object_is_copied_once_and_a_changed_one_under_a_name_behind_it(home, bucket):
    bucket.put_object(Key="daily/2025/a.csv", Body=b"one")
    bucket.put_object(Key="daily/b.csv", Body=b"two")
    bucket.put_object(Key="daily/b.csv.tmp", Body=b"not yet")
    bucket.put_object(Key="weekly/c.csv", Body=b"of another folder")
    assert home.collect("usage")["file_count"] == 2
    assert home.collect("usage")["file_count"] == 0
    bucket.put_object(Key="daily/b.csv", Body=b"two, corrected")
    bucket.put_object(Key="daily/2025/a.csv", Body=b"one")  # the same once more
    (name,) = home.collect("usage")["files"]
    assert home.files() == ["usage/2025/a.csv", "usage/b.csv", name]
    assert name.startswith("usage/b~2")
    assert (home.settings.landing / "usage/b.csv").read_bytes() == b"two"
    assert (home.settings.landing / name).read_bytes() == b"two, corrected"


def test_a_bucket_without_permission_names_itself_and_the_right_that_is_missing(home, bucket, gate):
    bucket.put_object(Key="daily/a.csv", Body=b"one")
    gate.refuse = lambda method, path: 403
    with pytest.raises(ConfigError, match=rf"usage\.files: s3://{bucket.name}/daily") as told:
        home.collect("usage")
    assert "s3:ListBucket" in str(told.value) and SECRET not in str(told.value)
    gate.refuse = lambda method, path: 403 if path.endswith("a.csv") else None
    with pytest.raises(ConfigError, match="s3:GetObject"):
        home.collect("usage")
    assert home.files() == []


def test_a_store_that_answers_503_for_a_while_is_waited_for_and_one_that_goes_on_is_told(
    home, bucket, gate
):
    bucket.put_object(Key="daily/a.csv", Body=b"one")
    answers = [503] * 6
    gate.refuse = lambda method, path: answers.pop() if answers else None
    assert home.collect("usage")["file_count"] == 1
    gate.refuse = lambda method, path: 503
    with pytest.raises(SaydoError, match="does not answer") as told:
        home.collect("usage")
    assert not isinstance(told.value, ConfigError) and SECRET not in str(told.value)


def test_an_object_that_changes_while_it_is_read_is_left_for_the_next_run_and_told(
    home, bucket, gate
):
    bucket.put_object(Key="daily/a.csv", Body=b"half")
    bucket.put_object(Key="daily/b.csv", Body=b"good")

    def change(method, path):
        if method == "GET" and path.endswith("a.csv"):
            gate.refuse = lambda method, path: None
            bucket.put_object(Key="daily/a.csv", Body=b"half and half")

    gate.refuse = change
    assert home.collect("usage")["files"] == ["usage/b.csv"]
    assert "1 files may still be written and are left for the next run: a.csv" in home.notices()[0]
    assert home.collect("usage")["files"] == ["usage/a.csv"]
    assert (home.settings.landing / "usage/a.csv").read_bytes() == b"half and half"
    assert home.collect("usage")["file_count"] == 0


@pytest.fixture
def drop(home, tmp_path):
    """A folder of an SFTP server; the home has the pipeline `panel` on it."""
    folder = tmp_path / "drop"
    (folder / "outgoing").mkdir(parents=True)
    with sftp(folder) as (port, key):
        home.connections["panel_sftp"] = Access(
            "panel_sftp", "sftp", "127.0.0.1", port, "panel", PASSWORD, extra={"host_key": key}
        )
        url = "sftp://127.0.0.1/outgoing"
        pipeline = {"name": "panel", "connection": "panel_sftp"}
        home.configure(pipeline | {"folder": {"url": url, "files": "*.xlsx"}})
        yield folder / "outgoing"


def settled(file, seconds=120.0):
    os.utime(file, (time.time() - seconds,) * 2)


def test_a_workbook_is_fetched_from_an_sftp_server_when_nobody_writes_it_any_more(home, drop):
    book = openpyxl.Workbook()
    book.active.append(["respondent", "score"])
    book.save(drop / "wave.xlsx")
    assert home.collect("panel")["file_count"] == 0
    assert "left for the next run: wave.xlsx" in home.notices()[0]
    settled(drop / "wave.xlsx")
    assert home.collect("panel")["files"] == ["panel/wave.xlsx"]
    copy = home.settings.landing / "panel" / "wave.xlsx"
    assert copy.read_bytes() == (drop / "wave.xlsx").read_bytes()
    assert home.collect("panel")["file_count"] == 0


def test_a_server_whose_clock_is_ahead_keeps_no_file_back_for_ever(home, drop, monkeypatch):
    (drop / "wave.xlsx").write_bytes(b"x")
    settled(drop / "wave.xlsx", -86400)
    assert home.collect("panel")["file_count"] == 0
    monkeypatch.setattr(stores._Sftp, "settled_seconds", 0.01)
    time.sleep(0.02)
    assert home.collect("panel")["file_count"] == 1


def test_an_unknown_server_and_a_wrong_password_are_told_and_a_check_changes_nothing(home, drop):
    (drop / "wave.xlsx").write_bytes(b"x")
    (good,) = check_pipeline(home.settings, "panel", home.find)
    assert good.is_good and good.said.startswith("1 files")
    assert not home.settings.home.exists()
    right = home.connections["panel_sftp"]
    home.connections["panel_sftp"] = Access(**vars(right) | {"password": "not-this-one"})
    with pytest.raises(ConfigError, match="does not let panel in") as told:
        home.collect("panel")
    assert "not-this-one" not in str(told.value)
    home.connections["panel_sftp"] = Access(**vars(right) | {"extra": {}})
    with pytest.raises(ConfigError, match="a key that is not known"):
        home.collect("panel")


def test_a_process_killed_at_any_step_copies_every_file_and_none_twice(home, tmp_path):
    elsewhere = tmp_path / "mounted"
    elsewhere.mkdir()
    home.configure({"name": "usage", "folder": {"url": f"file://{elsewhere}"}})
    script = Path(__file__).with_name("killed_collect.py")
    done = subprocess.run(
        [sys.executable, script, home.settings.home, home.settings.collect_file, "usage"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 8
    assert home.files() == sorted(f"usage/{file.name}" for file in elsewhere.iterdir())


def test_a_mounted_folder_is_copied_like_any_other_and_hidden_names_stay_out(home, tmp_path):
    elsewhere = tmp_path / "mounted"
    elsewhere.mkdir()
    for name in ("survey.xlsx", "~$survey.xlsx", ".hidden.xlsx", "notes.txt"):
        (elsewhere / name).write_bytes(b"x")
        settled(elsewhere / name)
    folder = {"url": f"file://{elsewhere}", "files": "*.xlsx"}
    home.configure({"name": "survey", "folder": folder, "landing": "surveys/panel"})
    assert home.collect("survey")["files"] == ["surveys/panel/survey.xlsx"]
