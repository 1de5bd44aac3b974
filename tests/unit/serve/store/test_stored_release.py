"""What the store serves is what the files say: after a publish, a rollback, and retention."""

from __future__ import annotations

import hashlib
import random

import obstore
import pytest
from fake_candidate import AS_OF
from pydantic import SecretStr
from store_server import kept_in
from typer.testing import CliRunner

from saydo.cli import app
from saydo.errors import SaydoError
from saydo.maintain import apply_retention
from saydo.release import publish, read_manifest, release_dir, rollback
from saydo.release.store import release_ids
from saydo.serve import following
from saydo.serve.page.rolling_back import roll_back_from
from saydo.serve.store import serve
from saydo.settings import Settings


def test_every_file_of_the_release_is_there_byte_for_byte_and_its_report_is_not(settings, kept):
    folder = release_dir(settings, release_ids(settings)[-1])
    (folder / "report").mkdir()
    (folder / "report" / "index.html").write_text("later")
    serve(settings)
    place = kept.pointer()["path"]
    mine = {
        f"{place}/{file.relative_to(folder)}": file
        for file in folder.rglob("*")
        if file.is_file() and file.parent.name != "report"
    }
    assert kept.objects().keys() == mine.keys() | {"current.json"}
    for path, file in mine.items():
        assert bytes(obstore.get(kept.store, path).bytes()) == file.read_bytes(), path


def test_the_pointer_says_which_release_and_how_to_check_it(settings, kept):
    manifest = read_manifest(settings)
    serve(settings)
    pointer = kept.pointer()
    assert {name: pointer[name] for name in ("release_id", "as_of_date", "content_hash")} == {
        name: manifest[name] for name in ("release_id", "as_of_date", "content_hash")
    }
    there = bytes(obstore.get(kept.store, f"{pointer['path']}/manifest.json").bytes())
    assert hashlib.sha256(there).hexdigest() == pointer["manifest_sha256"]


def test_a_file_that_is_sent_in_parts_arrives_whole(settings, kept, store):
    file = release_dir(settings, release_ids(settings)[-1]) / "long.parquet"
    file.write_bytes(random.Random(7).randbytes(9 << 20))
    serve(settings)
    path = f"{kept.pointer()['path']}/long.parquet"
    assert bytes(obstore.get(kept.store, path).bytes()) == file.read_bytes()
    starts_and_ends = [seen for method, seen in store.seen if method == "POST"]
    assert len(starts_and_ends) == 2 and starts_and_ends[0].endswith(path)


def test_served_again_nothing_is_written(settings, store):
    first = serve(settings)
    store.seen.clear()
    second = serve(settings)
    assert (first["is_loaded"], first["is_moved"]) == (True, True)
    assert (second["is_loaded"], second["is_moved"]) == (False, False)
    assert {method for method, _ in store.seen} == {"GET"}


def test_a_rollback_moves_the_pointer_and_sends_nothing(settings, kept):
    older, newer = release_ids(settings)
    rollback(settings, older)
    serve(settings)
    rollback(settings, newer)
    serve(settings)
    done = roll_back_from(settings, older, newer)
    assert done["served"] == ["The object store serves it"]
    assert kept.pointer()["release_id"] == older
    assert serve(settings)["object_count"] == 0


def test_a_rollback_to_what_retention_took_from_the_store_sends_it_again(settings, kept):
    older, newer = release_ids(settings)
    one = kept_in(settings, kept.address, ", keep_releases: 1")
    rollback(one, older)
    serve(one)
    rollback(one, newer)
    assert serve(one)["dropped"] == [older] and kept.releases() == [newer]
    rollback(one, older)
    assert serve(one)["is_loaded"]
    assert kept.pointer()["release_id"] == older and kept.releases() == [older]


def test_the_last_releases_are_kept_and_never_without_the_one_that_is_served(
    settings, kept, publish_changed
):
    serve(settings)
    for count in (1, 2):
        publish_changed(f"update marts.data_readiness set loaded_count = {count}")
        serve(settings)
    assert kept.releases() == release_ids(settings)[-2:]
    oldest = release_ids(settings)[0]
    rollback(settings, oldest)
    serve(settings)
    assert kept.pointer()["release_id"] == oldest
    assert kept.releases() == [oldest, release_ids(settings)[-1]]


def test_what_retention_removes_from_the_home_goes_from_the_store(settings, kept):
    older, newer = release_ids(settings)
    rollback(settings, older)
    serve(settings)
    rollback(settings, newer)
    serve(settings)
    assert kept.releases() == [older, newer]
    settings.policy_file.write_text("retention: {keep_releases: 1, keep_release_days: 1}\n")
    later = Settings(**settings.model_dump())
    manifest = release_dir(later, older) / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"published_at": "20', '"published_at": "19'))
    assert apply_retention(later)["removed"] == [older]
    assert kept.releases() == [newer] and kept.pointer()["release_id"] == newer


def test_what_others_keep_beside_is_not_touched(settings, kept):
    for path in ("readme.txt", "releases/readme.txt", "releases/mine/manifest.json"):
        kept.put(path, b"ours")
    serve(settings)
    rollback(settings)
    serve(kept_in(settings, kept.address, ", keep_releases: 1"))
    assert {"readme.txt", "releases/readme.txt", "releases/mine/manifest.json"} <= set(
        kept.objects()
    )


def test_the_same_release_published_again_is_not_sent_again(settings, kept):
    serve(settings)
    assert not publish(settings, AS_OF)["is_new"]
    assert serve(settings)["object_count"] == 0


def test_the_command_says_what_is_served_and_a_rollback_follows(settings, kept, monkeypatch):
    monkeypatch.setenv("SAYDO_PUBLISH_FILE", str(settings.publish_file))
    monkeypatch.setenv("COLUMNS", "200")
    older, newer = release_ids(settings)
    home = str(settings.home)
    done = CliRunner().invoke(app, ["serve", "--home", home])
    assert f"The object store serves {newer}" in done.output, done.output
    done = CliRunner().invoke(app, ["rollback", "--home", home])
    assert f"The object store serves {older}" in done.output, done.output
    assert kept.pointer()["release_id"] == older


def test_a_place_that_is_down_is_told_and_holds_no_other_up(settings, kept):
    down = SecretStr("postgresql://saydo_loader:s3cret@127.0.0.1:1/saydo")
    both = settings.model_copy(update={"publish_postgres": down})
    with pytest.raises(SaydoError, match="PostgreSQL cannot be reached") as told:
        following.serve(both)
    assert "s3cret" not in str(told.value)
    assert kept.pointer()["release_id"] == release_ids(settings)[-1]
    assert following.serve(settings).keys() == {"object_store"}
