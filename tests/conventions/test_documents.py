"""Documents point at things that exist, and decisions are numbered once."""

from __future__ import annotations

import re

import pytest
from project_tree import ROOT, files, shown

LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
PAGES = files(".md")


def dead_links(text: str, folder) -> list[str]:
    return [target for target in LINK.findall(text) if not (folder / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=shown)
def test_every_link_within_the_project_leads_somewhere(page):
    assert dead_links(page.read_text(), page.parent) == []


def test_decisions_are_numbered_once_and_without_gaps():
    decisions = sorted(f for f in PAGES if f.parent == ROOT / "docs" / "decisions")
    numbers = [f.name[:5] for f in decisions]
    assert numbers == [f"{n:04d}-" for n in range(1, len(decisions) + 1)]
    for file in decisions:
        text = file.read_text()
        assert text.startswith(f"# {file.name[:4]} "), file.name
        assert "**Decision.**" in text and "**Price.**" in text, file.name


def test_the_link_checker_sees_a_dead_one(tmp_path):
    (tmp_path / "here.md").touch()
    assert dead_links("[a](here.md) [b](gone.md) [c](https://x.y/z)", tmp_path) == ["gone.md"]
