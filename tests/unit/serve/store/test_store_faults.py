"""Whatever stops it, readers keep what they had, the files stay, and a retry converges."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from store_server import SECRET, assert_whole, kept_in, refusal

from saydo.config import load_publish
from saydo.errors import ConfigError, ReleaseRefused, SaydoError
from saydo.release import current_release_id, rollback
from saydo.release.store import release_ids
from saydo.serve.page.rolling_back import roll_back_from
from saydo.serve.store import pointing, serve, uploading

KILLED = """
import os, signal, sys
from pathlib import Path
from saydo.serve.store import bucket, keeping, serving, uploading
from saydo.settings import Settings

home, step, when, left = Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
places = (serving, uploading, keeping, bucket.Bucket)
place = next(one for one in places if hasattr(one, step))
original = getattr(place, step)

def die(*args, **kwargs):
    global left
    if left == 0 and when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    done = original(*args, **kwargs)
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return done

setattr(place, step, die)
serving.serve(Settings(home=home, memory_limit="500MB", threads=2,
                       publish_file=home.parent / "publish.yml"))
"""


@pytest.mark.parametrize(
    ("step", "when", "calls", "is_moved"),
    [
        ("upload", "before", 0, False),
        ("send", "after", 4, False),  # some files are there
        ("check_whole", "after", 0, False),  # all but the manifest
        ("upload", "after", 0, False),
        ("replace", "after", 0, True),
        ("drop", "before", 0, True),
        ("delete", "after", 0, True),
    ],
)
def test_killed_at_any_step_readers_see_one_release_whole_and_a_retry_converges(
    settings, kept, step, when, calls, is_moved
):
    older, newer = release_ids(settings)
    one = kept_in(settings, kept.address, ", keep_releases: 1")
    rollback(one, older)
    serve(one)
    rollback(one, newer)
    command = [sys.executable, "-c", KILLED, str(one.home), step, when, str(calls)]
    killed = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    pointer = kept.pointer()
    assert pointer["release_id"] == (newer if is_moved else older)
    assert_whole(one, kept, pointer)
    assert serve(one)["release_id"] == newer
    assert kept.releases() == [newer]
    assert_whole(one, kept, kept.pointer())


def test_what_an_upload_that_broke_off_had_sent_is_not_sent_again(settings, kept, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(uploading, "check_whole", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            serve(settings)
    count = len(kept.objects())
    assert count > 10
    assert serve(settings)["object_count"] == 1  # the manifest, which is last
    assert len(kept.objects()) == count + 2


def test_a_half_uploaded_object_is_told_and_sent_again(settings, kept, caplog):
    serve(settings)
    path = f"{kept.pointer()['path']}/customer_profiles.parquet"
    whole = kept.objects()[path]
    kept.put(path, b"PAR1 and no more")
    assert serve(settings)["object_count"] == 1
    assert kept.objects()[path] == whole
    assert "lacks customer_profiles.parquet" in caplog.text


def test_an_object_of_the_right_size_that_broke_in_an_upload_that_broke_off_is_sent_again(
    settings, kept, monkeypatch
):
    with monkeypatch.context() as patch:
        patch.setattr(uploading, "check_whole", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            serve(settings)
    path = next(path for path in kept.objects() if path.endswith("customer_months.parquet"))
    kept.put(path, bytes(kept.objects()[path]))
    assert serve(settings)["object_count"] == 2


def test_what_arrives_broken_is_never_pointed_at(settings, kept, store, monkeypatch):
    original = uploading.Bucket.send

    def cut(bucket, path, file, digest):
        original(bucket, path, file, digest)
        if path.endswith("customer_months.parquet"):
            kept.put(path, b"PAR1")

    monkeypatch.setattr(uploading.Bucket, "send", cut)
    with pytest.raises(SaydoError, match=r"not whole.*customer_months.parquet \(4 of \d+ bytes"):
        serve(settings)
    assert "current.json" not in kept.objects()


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'"r1"', b"\xff"])
def test_a_pointer_of_others_is_told_and_not_touched(settings, kept, text):
    kept.put("current.json", text)
    with pytest.raises(ReleaseRefused, match="not made by Saydo"):
        serve(settings)
    assert kept.objects() == {"current.json": len(text)}


@pytest.mark.parametrize(
    ("status", "code", "methods", "told"),
    [
        (403, "AccessDenied", "GET", "right to list, read, write and delete"),
        (403, "AccessDenied", "PUT", "right to list, read, write and delete"),
        (403, "SignatureDoesNotMatch", "GET", "correct the credentials"),
        (400, "ExpiredToken", "GET", "correct the credentials"),
        (403, "RequestTimeTooSkewed", "GET", "set the clock"),
        (503, "SlowDown", "PUT", "try again later"),
    ],
)
def test_what_the_store_refuses_is_told_with_what_to_do_and_no_secret(
    settings, kept, store, status, code, methods, told
):
    store.fault = lambda request: refusal(status, code) if request.method in methods else None
    with pytest.raises(SaydoError, match=f"{code}; .*{told}.*files of the release are pu") as found:
        serve(settings)
    assert SECRET not in str(found.value) and "a-key" not in str(found.value)
    assert found.value.__cause__ is None and found.value.__suppress_context__
    store.fault = lambda _: None
    assert "current.json" not in kept.objects()


def test_a_bucket_that_is_not_there_is_told(settings, kept):
    with pytest.raises(SaydoError, match="NoSuchBucket; make the bucket, or correct"):
        serve(kept_in(settings, "s3://nobodys-bucket/marts"))


def test_a_store_that_is_not_ready_for_a_while_is_waited_for(settings, kept, store):
    until = time.monotonic() + 1.0
    refused = []

    def fault(request):
        if time.monotonic() > until:
            return None
        refused.append(request.path)
        return refusal(503, "SlowDown")

    store.fault = fault
    assert serve(settings)["is_moved"] and len(refused) > 1


def test_no_store_at_the_address_is_told_and_the_files_stay_published(settings, store, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    current = current_release_id(settings)
    with pytest.raises(SaydoError, match=r"does not answer; look at the address.*AWS_ENDPOINT"):
        serve(settings)
    assert current_release_id(settings) == current


def test_an_environment_without_credentials_is_told_as_that(settings, store, monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    # Where a machine of a cloud would ask for those of its role.
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", f"{store.endpoint}/metadata")
    store.fault = lambda request: refusal(404, "NoSuchKey") if "metadata" in request.path else None
    with pytest.raises(SaydoError, match="no credentials were found; give them in the environ"):
        serve(settings)


def test_a_rollback_says_that_the_store_has_not_followed(settings, store, monkeypatch):
    older, newer = release_ids(settings)
    store.fault = lambda _: refusal(403, "AccessDenied")
    (told,) = roll_back_from(settings, older, newer)["served"]
    assert told.startswith("The object store has not followed: ")
    assert current_release_id(settings) == older


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_is_wrong_decides_nothing(settings, kept, publish_changed, monkeypatch, days):
    """Which release is newer, kept or served is told by the home; what time it is, by no one."""
    serve(settings)

    class Clock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days)

    monkeypatch.setattr(pointing, "datetime", Clock)
    release_id = publish_changed("update marts.data_readiness set loaded_count = 1")
    outcome = serve(settings)
    assert outcome["is_moved"] and kept.pointer()["release_id"] == release_id
    told = datetime.fromisoformat(kept.pointer()["pointed_at"])
    assert abs((told - datetime.now(UTC)).days) > 300
    assert kept.releases() == release_ids(settings)[-2:]


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:7secret@bucket/marts", "s3://bucket/marts?secret=7secret", "bucket/7secret",
        "file:///7secret", "https://bucket/7secret", "s3://", "s3:///7secret",
        "s3://bucket//7secret", "s3://bucket/../7secret", "s3://bucket/a b/7secret",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_told_without_a_part_of_it(tmp_path, address):
    file = tmp_path / "publish.yml"
    file.write_text(f"store: {{address: '{address}'}}")
    with pytest.raises(ConfigError, match=r"store\.address: give s3://bucket/prefix") as told:
        load_publish(file)
    assert "7secret" not in str(told.value)


@pytest.mark.parametrize("words", ["", "store: {address: }", "store: {address: ' '}"])
def test_without_an_address_nothing_is_asked_of_anybody(settings, store, words):
    settings.publish_file.write_text(words)
    vars(settings).pop("publish", None)
    assert serve(settings) is None and store.seen == []
