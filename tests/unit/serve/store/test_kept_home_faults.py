"""Whatever stops it, who goes by the index reads one whole state, and one home alone writes it."""

from __future__ import annotations

import os
import shutil
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
    contents,
    fill,
    home_objects,
    keeping,
    land,
    local,
    named,
    write,
)
from store_server import BUCKET, SECRET, Kept, refusal
from test_store_faults import KILLED

from saydo.errors import ReleaseRefused, SaydoError
from saydo.release import rollback
from saydo.release.store import current_release_id, release_ids
from saydo.serve.store import bucket, serve, serving
from saydo.serve.store import keeping as keeping_module
from saydo.serve.store.bucket import Bucket
from saydo.serve.store.keeping import keep


@pytest.fixture
def home(settings, kept):
    fill(settings)
    return keeping(settings, kept)


def change(home) -> None:
    """What a run and an erasure do to files: one more, one rewritten, one less."""
    land(home, 3, 4)
    land(home, 1, 2)
    (home.quarantine / "transactions" / "orders-000000000001.parquet").unlink()


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


def other_home(home, folder):
    """A copy of the home on another machine."""
    shutil.copytree(home.home, folder / "other" / "home", symlinks=True)
    other = home.model_copy(update={"home": folder / "other" / "home"})
    return keeping(other, Kept(home.publish.store.address))


def test_of_two_that_keep_one_home_one_wins_and_the_other_is_told_of_whom(
    home, kept, tmp_path, monkeypatch
):
    serve(home)
    other = other_home(home, tmp_path)
    change(home)
    write(other, "landing/shop/orders_9.csv", "of the other")
    original = keeping_module._send

    def meanwhile(*args):
        monkeypatch.setattr(keeping_module, "_send", original)
        serve(other)  # after the first has read the index
        return original(*args)

    monkeypatch.setattr(keeping_module, "_send", meanwhile)
    with pytest.raises(ReleaseRefused, match="another home, or a later state of this one"):
        serve(home)
    assert "landing/shop/orders_9.csv" in named(kept)
    assert contents(kept) == local(other)
    assert_consistent(kept)
    # And goes on being refused: it would take away what the other has.
    with pytest.raises(ReleaseRefused, match="`saydo restore` fills an empty home"):
        serve(home)
    assert contents(kept) == local(other)


def test_of_two_that_begin_one_wins(home, kept, tmp_path, monkeypatch):
    other = other_home(home, tmp_path)
    original = keeping_module._send

    def meanwhile(*args):
        monkeypatch.setattr(keeping_module, "_send", original)
        keep(other, Bucket(other.publish.store))
        return original(*args)

    monkeypatch.setattr(keeping_module, "_send", meanwhile)
    with pytest.raises(ReleaseRefused, match="another home"):
        serve(home)
    assert contents(kept) == local(other)


def test_a_home_that_was_not_restored_takes_nothing_from_the_one_that_is_kept(
    home, kept, tmp_path, monkeypatch
):
    """A worker whose disk was empty would else remove raw for good, and send readers to what it
    made without it."""
    serve(home)
    served = kept.pointer()
    other = other_home(home, tmp_path)
    shutil.rmtree(other.raw)
    (other.state / "kept.json").unlink()
    rollback(other, release_ids(other)[0])
    with pytest.raises(ReleaseRefused, match="the release was not served there"):
        serve(other)
    assert_kept(home, kept)
    assert kept.pointer() == served
    # One that had more to keep than the index names has not even sent it.
    assert home_objects(kept) == {line["object"] for line in named(kept).values()}


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


def test_a_put_of_the_index_whose_answer_is_lost_counts_and_so_does_one_that_is_told_as_failed(
    home, kept, store
):
    lost = iter([True])

    def fault(request):
        if request.method == "PUT" and request.path.endswith("home.jsonl") and next(lost, None):
            kept.put("home.jsonl", request.get_data())
            return refusal(500, "InternalError")
        return None

    store.fault = fault
    serve(home)
    assert_kept(home, kept)
    change(home)

    def written_and_refused(request):
        if request.method == "PUT" and request.path.endswith("home.jsonl"):
            store.fault = lambda _: None
            kept.put("home.jsonl", request.get_data())
            return refusal(403, "AccessDenied")
        return None

    store.fault = written_and_refused
    with pytest.raises(SaydoError, match="AccessDenied"):
        serve(home)
    serve(home)  # it knows that it may have been its own
    assert_kept(home, kept)


@pytest.mark.parametrize(
    "text",
    [
        b"", b"[]\n", b"{}\n", b"\xff\n",
        b'{"token": "t", "kept_at": "", "release_id": "", "mark": null, "folders": []}\n'
        b'{"path": "raw/../../x", "object": "home/x", "size": 1, "sha256": "0", "modified_ns": 1}',
    ],
)  # fmt: skip
def test_an_index_of_others_is_told_and_not_touched(home, kept, text):
    kept.put("home.jsonl", text)
    with pytest.raises(ReleaseRefused, match=r"home\.jsonl .* was not made by Saydo"):
        serve(home)
    assert kept.objects() == {"home.jsonl": len(text)}


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
