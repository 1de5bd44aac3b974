"""Whatever stops it, who goes by the index reads one whole state, and one home alone writes it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid

import pytest
from hypothesis import HealthCheck, given, strategies
from hypothesis import settings as hypothesis_settings
from kept_homes import (
    assert_consistent,
    assert_kept,
    change,
    contents,
    home_objects,
    keeping,
    local,
    named,
    write,
)
from store_server import BUCKET, SECRET, Kept, refusal
from test_store_faults import KILLED

from saydo.errors import SaydoError
from saydo.release import rollback
from saydo.release.store import current_release_id
from saydo.serve.store import bucket, serve, serving
from saydo.serve.store import keeping as keeping_module
from saydo.serve.store.bucket import Bucket
from saydo.serve.store.keeping import keep


@pytest.mark.parametrize(
    ("step", "when", "calls", "is_moved"),
    [
        ("keep", "before", 0, False),
        ("send", "after", 1, False),  # an object of two
        ("remember", "before", 0, False),
        ("replace", "before", 0, False),
        ("replace", "after", 0, True),
        ("remember", "after", 1, True),
        ("delete", "before", 0, True),
        ("delete", "after", 0, True),
        ("keep", "after", 0, True),
    ],
)
def test_killed_at_any_step_the_index_is_one_whole_state_and_a_retry_converges(
    home, kept, step, when, calls, is_moved
):
    serve(home)
    before = contents(kept)
    change(home)
    command = [sys.executable, "-c", KILLED, str(home.home), step, when, str(calls)]
    killed = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert contents(kept) == (local(home) if is_moved else before)
    assert_consistent(kept)
    serve(home)
    assert_kept(home, kept)


def test_killed_before_anything_is_kept_there_is_no_home_and_no_release(home, kept):
    command = [sys.executable, "-c", KILLED, str(home.home), "send", "after", "3"]
    killed = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not {"home.jsonl", "current.json"} & kept.objects().keys()
    assert serve(home)["home"]["sent_count"] < len(home_objects(kept))  # some are there
    assert_kept(home, kept)


@pytest.mark.parametrize("name", ["home.jsonl", "raw/transactions/batch"])
@pytest.mark.parametrize(
    ("status", "code", "methods", "told"),
    [
        (403, "AccessDenied", "GET", "right to list, read, write and delete"),
        (403, "AccessDenied", "PUT", "right to list, read, write and delete"),
        (503, "SlowDown", "PUT", "try again later"),
    ],
)
def test_what_the_store_refuses_is_told_and_the_index_stays(
    home, kept, store, status, code, methods, told, name
):
    serve(home)
    before, released = contents(kept), kept.pointer()
    change(home)
    rollback(home)
    store.fault = lambda request: (
        refusal(status, code) if request.method in methods and name in request.url else None
    )
    is_listed = methods == "GET" and name != "home.jsonl"  # objects are not read, but listed
    if is_listed:
        store.fault = lambda request: refusal(status, code) if "prefix" in request.url else None
    with pytest.raises(SaydoError, match=f"{code}; .*{told}") as found:
        serve(home)
    assert SECRET not in str(found.value) and "a-key" not in str(found.value)
    store.fault = lambda _: None
    assert contents(kept) == before and kept.pointer() == released
    serve(home)
    assert_kept(home, kept)
    assert kept.pointer()["release_id"] == current_release_id(home)


def test_a_store_that_is_not_ready_for_a_while_is_waited_for(home, kept, store):
    until = time.monotonic() + 1.0
    store.fault = lambda _: refusal(503, "SlowDown") if time.monotonic() < until else None
    serve(home)
    store.fault = lambda _: None
    assert_kept(home, kept)


def test_an_object_that_was_removed_or_cut_is_told_and_sent_again(home, kept, caplog):
    serve(home)
    gone, cut = [line["object"] for path, line in named(kept).items() if "/batch=" in path]
    kept.store.delete(gone)
    kept.put(cut, b"PAR1")
    assert serve(home)["home"]["sent_count"] == 2
    assert f"lacks {gone}" in caplog.text and f"lacks {cut}" in caplog.text
    assert_kept(home, kept)


def test_what_a_broken_off_upload_sent_stays_and_what_broke_in_it_does_not(home, kept, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(keeping_module, "check_whole", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            serve(home)
    broken = next(path for path in kept.objects() if "/batch=" in path)
    kept.put(broken, bytes(kept.objects()[broken]))
    assert serve(home)["home"]["sent_count"] == 1
    assert_kept(home, kept)


def test_what_arrives_broken_is_named_by_no_index(home, kept, monkeypatch):
    original = bucket.Bucket.send

    def cut(self, path, file, digest):
        original(self, path, file, digest)
        if "/batch=orders-000000000001/" in path:
            kept.put(path, b"PAR1")

    monkeypatch.setattr(bucket.Bucket, "send", cut)
    with pytest.raises(SaydoError, match=r"the home is not whole.*\(4 of \d+ bytes"):
        serve(home)
    assert not {"home.jsonl", "current.json"} & kept.objects().keys()


def test_no_release_is_served_whose_home_is_not_kept_yet(home, kept, monkeypatch):
    seen = []
    original = serving.upload
    monkeypatch.setattr(
        serving, "upload", lambda *args: (seen.append(contents(kept)), original(*args))[1]
    )
    serve(home)
    assert seen == [local(home)]


NAMES = strategies.sampled_from(
    ["landing/a.csv", "landing/b/c.csv", "raw/x/batch=1/month=all/data.parquet",
     "quarantine/x/1.parquet", "restricted/accounts/1.parquet", "state/messages/1.json",
     "raw/_incoming/x/1", "landing/.tmp-1"]
)  # fmt: skip
CHANGES = strategies.lists(
    strategies.one_of(
        strategies.tuples(strategies.just("write"), NAMES, strategies.sampled_from("abc")),
        strategies.tuples(strategies.just("remove"), NAMES, strategies.just("")),
        strategies.tuples(strategies.just("keep"), strategies.just(""), strategies.just("")),
        strategies.tuples(strategies.just("break off"), strategies.just(""), strategies.just("")),
    ),
    max_size=25,
)


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(changes=CHANGES)
def test_after_any_changes_the_index_is_the_files_and_before_it_was_some_earlier_state(
    changes, settings, tmp_path, store
):
    kept = Kept(f"s3://{BUCKET}/{uuid.uuid4().hex}")
    home = settings.model_copy(update={"home": tmp_path / uuid.uuid4().hex / "home"})
    home.home.mkdir(parents=True)
    home = keeping(home, kept)
    states = []
    for what, name, text in [*changes, ("keep", "", "")]:
        if what == "write":
            write(home, name, text)
        elif what == "remove":
            (home.home / name).unlink(missing_ok=True)
        else:
            _keep(home, is_broken_off=what == "break off")
            if what == "keep":
                states.append(local(home))
                assert_kept(home, kept)
        if states:
            assert contents(kept) == states[-1]


def _keep(home, is_broken_off):
    """All up to the index, or all of it."""
    with pytest.MonkeyPatch.context() as patch:
        if is_broken_off:
            patch.setattr(bucket.Bucket, "replace", lambda *_: 1 / 0)
        try:
            keep(home, Bucket(home.publish.store))
        except ZeroDivisionError:
            assert is_broken_off
