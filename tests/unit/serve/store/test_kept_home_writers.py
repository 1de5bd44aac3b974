"""One home writes what is kept of it, whoever else tries and whatever becomes of an answer."""

from __future__ import annotations

import shutil

import pytest
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
from store_server import Kept, refusal

from saydo.errors import ReleaseRefused, SaydoError
from saydo.release import rollback
from saydo.release.store import release_ids
from saydo.serve.store import keeping as keeping_module
from saydo.serve.store import serve
from saydo.serve.store.bucket import Bucket
from saydo.serve.store.keeping import keep


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
