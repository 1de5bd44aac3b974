"""The pointer has one winner, whoever else publishes and whatever becomes of an answer."""

from __future__ import annotations

import shutil

import pytest
from store_server import assert_whole, kept_in, refusal

from saydo.errors import ReleaseRefused
from saydo.release import release_dir, rollback
from saydo.release.store import release_ids
from saydo.serve.store import serve, serving


def other_home(settings, folder):
    """Another home with the same past, kept below the same address."""
    shutil.copytree(settings.home, folder / "other" / "home", symlinks=True)
    other = settings.model_copy(update={"home": folder / "other" / "home"})
    return kept_in(other, settings.publish.store.address)


def test_of_two_publishers_one_wins_and_the_other_is_told_who(
    settings, kept, tmp_path, monkeypatch
):
    older, _ = release_ids(settings)
    serve(settings)
    other = other_home(settings, tmp_path)
    rollback(settings)
    original = serving.upload

    def meanwhile(*args):
        monkeypatch.setattr(serving, "upload", original)
        rollback(other, older)
        serve(other)  # moves the pointer after the first has read it
        return original(*args)

    monkeypatch.setattr(serving, "upload", meanwhile)
    with pytest.raises(ReleaseRefused, match=f"faster than {older}: the store serves {older}"):
        serve(settings)
    assert kept.pointer()["release_id"] == older
    assert_whole(settings, kept, kept.pointer())


def test_of_two_first_publishers_one_wins(settings, kept, tmp_path, monkeypatch):
    other = other_home(settings, tmp_path)
    original = serving.upload

    def meanwhile(*args):
        monkeypatch.setattr(serving, "upload", original)
        serve(other)
        return original(*args)

    monkeypatch.setattr(serving, "upload", meanwhile)
    with pytest.raises(ReleaseRefused, match="another publisher was faster"):
        serve(settings)
    assert_whole(settings, kept, kept.pointer())


def test_what_looks_left_over_is_removed_only_by_who_then_has_the_pointer(
    settings, kept, tmp_path, monkeypatch
):
    """Else an upload of another, removed by us, would be pointed at by that other."""
    older, newer = release_ids(settings)
    other = other_home(settings, tmp_path)
    shutil.rmtree(release_dir(settings, older))
    serve(settings)
    rollback(other, older)
    original = serving.upload

    def meanwhile(*args):
        monkeypatch.setattr(serving, "upload", original)
        sent = original(*args)
        assert serve(settings)["dropped"] == [older]
        return sent

    monkeypatch.setattr(serving, "upload", meanwhile)
    with pytest.raises(ReleaseRefused, match=f"the store serves {newer}"):
        serve(other)
    assert kept.releases() == [newer] and kept.pointer()["release_id"] == newer


def test_a_put_of_the_pointer_whose_answer_is_lost_counts(settings, kept, store):
    lost = iter([True])

    def fault(request):
        if request.method == "PUT" and request.path.endswith("current.json") and next(lost, None):
            kept.put("current.json", request.get_data())
            return refusal(500, "InternalError")
        return None

    store.fault = fault
    assert serve(settings)["is_moved"]
    assert kept.pointer()["release_id"] == release_ids(settings)[-1]


def test_a_store_without_conditional_puts_is_served_and_told_of(
    settings, kept, monkeypatch, caplog
):
    monkeypatch.setenv("AWS_CONDITIONAL_PUT", "disabled")
    serve(settings)
    rollback(settings)
    serve(settings)
    assert kept.pointer()["release_id"] == release_ids(settings)[0]
    assert "only one may publish" in caplog.text
