"""Why customers changed: codes in the log, words to a person."""

from __future__ import annotations

import pytest

from saydo.identity import in_words


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ("accounts:new", "accounts not seen before"),
        ("loyalty_id:linked", "loyalty_id links them"),
        (
            "email:linked, likeness:reviewed, inputs:code, inputs:delivered",
            "email links them, a person decided that they are one; since the release before: "
            "another version of Saydo, files of accounts delivered",
        ),
        (
            "links:none_left, inputs:withdrawn",
            "nothing links its accounts any more; since the release before: files of accounts "
            "withdrawn",
        ),
    ],
)
def test_codes_are_said_in_words(codes, words):
    assert in_words(codes) == words


@pytest.mark.parametrize(
    "reason", ["loyalty_id linked", "accounts not seen before", "email:linked, more", "email:more"]
)
def test_what_an_earlier_version_logged_is_told_as_it_is(reason):
    assert in_words(reason) == reason
