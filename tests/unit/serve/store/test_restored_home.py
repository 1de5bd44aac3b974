"""An empty home filled from the store is the one that was kept, whole, or stays empty."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import obstore
import pytest
from kept_homes import contents, keeping, land, local, named, tree, write
from store_server import SECRET, kept_in, refusal
from typer.testing import CliRunner

from saydo.cli import app
from saydo.errors import ConfigError, ReleaseRefused, SaydoError
from saydo.release import list_releases, releases_table, rollback
from saydo.release.store import current_release_id, release_ids, releases_dir
from saydo.serve.store import restore, restoring, serve
from saydo.settings import Settings

KEY = "the-key-of-pseudonyms"
KILLED = """
import os, signal, sys
from pathlib import Path
from saydo.serve.store import bucket, restoring
from saydo.settings import Settings

home, step, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
place = next(one for one in (restoring, restoring.shutil, bucket.Bucket) if hasattr(one, step))
original = getattr(place, step)

def die(*args, **kwargs):
    global left
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return original(*args, **kwargs)

setattr(place, step, die)
restoring.restore(Settings(home=home, publish_file=home.parent / "publish.yml"))
"""


@pytest.fixture
def home(home):
    """A home that is kept, of which both releases were served."""
    for release_id in release_ids(home):
        rollback(home, release_id)
        serve(home)
    return home


@pytest.fixture
def empty(home, kept, tmp_path):
    """A home on another machine, whose owner has brought the key."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    found = keeping(home.model_copy(update={"home": folder / "home"}), kept)
    write(found, "state/pseudonym.key", KEY)
    return found


def data(settings: Settings) -> set[str]:
    """What is in a home, hidden files left out."""
    files = {path.relative_to(settings.home).as_posix() for path in settings.home.rglob("*")
             if path.is_file() and ".tmp-" not in str(path.relative_to(settings.home))}  # fmt: skip
    return {file for file in files if not file.startswith("state/locks/")}


def test_a_restored_home_is_the_one_that_was_kept_and_goes_on_being_kept(home, empty, kept):
    done = restore(empty)
    assert tree(empty) == tree(home)
    assert releases_table(empty).equals(releases_table(home))
    assert list_releases(empty) == list_releases(home)
    assert done["release_id"] == current_release_id(home) == current_release_id(empty)
    released = [path for path in releases_dir(empty).rglob("*") if path.is_file()]
    assert done["file_count"] == len(named(kept)) + len(released)
    assert not list(empty.home.glob(".tmp-*"))
    land(empty, 7, 2)
    assert serve(empty)["home"]["sent_count"] == 1
    assert contents(kept) == local(empty)
    # What was kept first is behind from now on, and takes nothing back.
    with pytest.raises(ReleaseRefused, match="a later state of this one"):
        serve(home)


def test_a_rollback_is_restored_with_the_releases_that_the_store_has(home, empty):
    older, newer = release_ids(home)
    rollback(home, older)
    serve(home)
    assert restore(empty)["release_ids"] == [older, newer]
    assert current_release_id(empty) == older
    assert tree(empty) == tree(home)


def test_clear_text_is_its_owners_alone(home, empty):
    restore(empty)
    for name in ("landing", "quarantine", "restricted"):
        modes = [stat.S_IMODE(p.stat().st_mode) for p in (empty.home / name).rglob("*.*")]
        assert modes and set(modes) == {0o600}
    assert stat.S_IMODE(empty.restricted.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "path", ["landing/new.csv", "raw/x/data.parquet", "state/messages/m.json", "warehouse.duckdb"]
)
def test_a_home_that_holds_something_is_refused_by_its_name_and_not_touched(home, empty, path):
    write(empty, path, "mine")
    with pytest.raises(ConfigError, match=f"home/ is not empty: {path} is there"):
        restore(empty)
    assert data(empty) == {path, "state/pseudonym.key"}
    assert (empty.home / path).read_text() == "mine"


@pytest.mark.parametrize("start", ["home/raw/transactions", "home/landing"])
def test_an_object_that_is_missing_or_altered_is_named_and_the_home_stays_empty(
    home, empty, kept, start
):
    one, other = sorted(path for path in kept.objects() if path.startswith(start))[:2]
    kept.store.delete(one)
    kept.put(other, bytes(kept.objects()[other]))
    with pytest.raises(SaydoError, match="cannot be brought back as it was kept") as found:
        restore(empty)
    assert f"{one} is missing, {other} was altered in the object store" in str(found.value)
    assert "Nothing was put into the home" in str(found.value)
    assert data(empty) == {"state/pseudonym.key"}
    kept.store.delete(other)
    serve(home)  # which mends it, as the files are still there
    restore(empty)
    assert tree(empty) == tree(home)


def test_an_altered_object_of_a_release_is_named(home, empty, kept):
    path = f"{kept.pointer()['path']}/customer_months.parquet"
    kept.put(path, bytes(kept.objects()[path]))
    with pytest.raises(SaydoError, match=f"{path} was altered"):
        restore(empty)
    assert data(empty) == {"state/pseudonym.key"}


def test_a_table_that_its_release_lacks_is_told(home, empty, kept):
    place = kept.pointer()["path"]
    kept.store.delete(f"{place}/customer_months.parquet")
    with pytest.raises(SaydoError, match="is not whole in the object store") as found:
        restore(empty)
    assert current_release_id(home) in str(found.value)
    assert data(empty) == {"state/pseudonym.key"}


def test_what_arrived_is_not_fetched_again(home, empty, kept, store):
    gone = next(line["object"] for path, line in named(kept).items() if "/batch=" in path)
    kept.store.delete(gone)
    with pytest.raises(SaydoError, match="what arrived is not fetched again"):
        restore(empty)
    serve(home)
    store.seen.clear()
    # The index was written anew, of the same files: their names are the same.
    restore(empty)
    assert tree(empty) == tree(home)


@pytest.mark.parametrize("key", [None, "another"])
def test_another_key_of_pseudonyms_is_refused(home, empty, key):
    file = empty.state / "pseudonym.key"
    file.unlink() if key is None else file.write_text(key)
    with pytest.raises(ConfigError, match="the key of pseudonyms here is not the one"):
        restore(empty)
    assert data(empty) == ({"state/pseudonym.key"} if key else set())


def test_no_address_and_a_store_that_keeps_releases_alone_are_told(home, empty, kept):
    nowhere = empty.model_copy(update={"publish_file": home.policy_file})
    vars(nowhere).pop("publish", None)
    with pytest.raises(ConfigError, match="no object store is configured"):
        restore(nowhere)
    serve(keeping(home, kept, ""))
    with pytest.raises(ConfigError, match=r"the store keeps no home below store\.address"):
        restore(empty)
    with pytest.raises(ConfigError, match=r"the store keeps no home below store\.address"):
        restore(kept_in(empty, "s3://releases/nobodys"))


@pytest.mark.parametrize(
    ("step", "calls"),
    [("fetch", 0), ("fetch", 7), ("sync_tree", 0), ("replace_json", 0), ("_move", 0), ("move", 0),
     ("move", 3), ("remember", 0), ("rmtree", 0)],
)  # fmt: skip
def test_killed_at_any_step_a_retry_fills_the_home(home, empty, step, calls):
    command = [sys.executable, "-c", KILLED, str(empty.home), step, str(calls)]
    killed = subprocess.run(command, env=os.environ, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    is_begun = step in ("move", "remember", "rmtree") and (step, calls) != ("move", 0)
    assert (data(empty) == {"state/pseudonym.key"}) == (not is_begun)
    done = restore(empty)
    assert tree(empty) == tree(home)
    assert done["release_id"] == current_release_id(home)
    assert not list(empty.home.glob(".tmp-*"))
    assert serve(empty)["home"]["sent_count"] == 0


def test_a_home_that_goes_on_while_it_is_fetched_is_told(home, empty, monkeypatch):
    original = restoring._fetch

    def meanwhile(*args):
        shutil.rmtree(home.raw / "transactions")
        serve(home)
        return original(*args)

    monkeypatch.setattr(restoring, "_fetch", meanwhile)
    with pytest.raises(SaydoError, match="kept anew while it was fetched: somebody is at work"):
        restore(empty)
    monkeypatch.setattr(restoring, "_fetch", original)
    restore(empty)
    assert tree(empty) == tree(home)


@pytest.mark.parametrize(("status", "code"), [(403, "AccessDenied"), (503, "SlowDown")])
def test_what_the_store_refuses_is_told_with_what_to_do_and_no_secret(
    home, empty, store, status, code
):
    store.fault = lambda request: refusal(status, code) if "/raw/" in request.path else None
    with pytest.raises(SaydoError, match=f"{code}; .*then run `saydo restore` again") as found:
        restore(empty)
    assert SECRET not in str(found.value) and "a-key" not in str(found.value)
    assert data(empty) == {"state/pseudonym.key"}


@pytest.mark.parametrize("path", ["../out.csv", "raw/../../out", "/etc/x", "bin/x", "raw/.x"])
def test_an_index_that_leads_out_of_the_home_is_refused(home, empty, kept, path):
    text = bytes(obstore.get(kept.store, "home.jsonl").bytes()).decode()
    kept.put("home.jsonl", text.replace("landing/shop/orders_2.csv", path).encode())
    with pytest.raises(ReleaseRefused, match="was not made by Saydo"):
        restore(empty)
    assert not (Path(empty.home).parent / "out.csv").exists()


def test_the_command_says_what_is_back_and_what_was_not_kept(home, empty, kept, monkeypatch):
    serve(keeping(home, kept, ", keep: [releases, raw]"))
    monkeypatch.setenv("SAYDO_PUBLISH_FILE", str(home.publish_file))
    monkeypatch.setenv("COLUMNS", "200")
    done = CliRunner().invoke(app, ["restore", "--home", str(empty.home)])
    assert f"release {current_release_id(home)}" in done.output, done.output
    assert "Not kept there, and so not here: landing, quarantine, restricted" in done.output
    assert not list(empty.landing.iterdir())
