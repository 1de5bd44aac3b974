"""Nothing in the tree belongs to one machine, one registry or an unfinished thought."""

from __future__ import annotations

import re

import pytest
from project_tree import ROOT, shown, tracked_files

# Written with character classes so that this file does not match itself.
LEAKS = {
    "a registry address": r"//[a-z.]*(py[p]i|pythonhoste[d]|npmj[s]|deb[.])[a-z.]*/",
    "a machine path": r"(?<![\w.])/(wor[k]|roo[t]|far[m])/|/hom[e]/[a-z]+/|bash_job[s]",
    "an unfinished thought": r"\bTO[D]O\b|\bFIXM[E]\b|raise NotImplemente[d]Error\b",
    "a switched-off test": r"pytest\.mark\.ski[p]\b|\bxfai[l]\b",
}
PRIVATE = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KE[Y]-----")
OWN_SECRETS = (".env", "pseudonym.key")


def leaks(text: str, allowed: tuple[str, ...] = ()) -> set[str]:
    found = {name for name, pattern in LEAKS.items() if re.search(pattern, text)}
    return (found | ({"a private key"} if PRIVATE.search(text) else set())) - set(allowed)


def text_of(file) -> str:
    content = file.read_bytes()
    return "" if b"\0" in content[:4096] else content.decode("utf-8", errors="replace")


def test_no_file_holds_what_belongs_to_a_machine():
    found = {}
    for file in tracked_files():
        if file.suffix != ".lock" and (names := leaks(text_of(file))):
            found[shown(file)] = names
    assert found == {}


def test_no_secret_or_data_of_a_home_is_tracked():
    names = [shown(f) for f in tracked_files() if f.name in OWN_SECRETS or f.suffix == ".duckdb"]
    assert names == []


def test_no_third_party_input_is_copied_into_the_tree():
    large = [shown(f) for f in tracked_files() if f.stat().st_size > 600_000]
    assert large == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("see https:" + "//py" + "pi.org/simple", "a registry address"),
        ("open('/wor" + "k/main/x')", "a machine path"),
        ("# TO" + "DO: later", "an unfinished thought"),
        ("@pytest.mark.ski" + "p", "a switched-off test"),
    ],
)
def test_the_checker_sees_a_leak(text, name):
    assert name in leaks(text)


def test_the_root_holds_what_a_newcomer_looks_for():
    wanted = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile", ".ci/run"]
    assert [name for name in wanted if not (ROOT / name).is_file()] == []
