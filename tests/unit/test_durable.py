"""Files are put in place whole, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from saydo import durable


@pytest.fixture
def no_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_off(path: Path) -> None:
        raise OSError("no power")

    monkeypatch.setattr(durable, "sync_path", cut_off)


def test_what_is_not_flushed_is_not_renamed(tmp_path, no_flush):
    file = tmp_path / "kept.json"
    file.write_text("before")
    with pytest.raises(OSError, match="no power"):
        durable.replace_json(file, {"after": 1})
    assert file.read_text() == "before"


def test_of_two_that_create_a_file_the_first_wins_and_nothing_is_left(tmp_path):
    file = tmp_path / "made" / "key"
    durable.create_text(file, "first", 0o600)
    durable.create_text(file, "second", 0o600)
    assert file.read_text() == "first"
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_folder_takes_the_place_of_another_whole(tmp_path):
    for name, entry in (("old", "a"), ("new", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / entry).write_text("")
    durable.replace_folder(tmp_path / "new", tmp_path / "old")
    assert [path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")] == [
        "old",
        "old/b",
    ]
