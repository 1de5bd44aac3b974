"""The page that shows a draft shows what is drafted."""

from __future__ import annotations

import re
from pathlib import Path

from drafts import draft_of

from saydo.draft import to_yaml

PAGE = Path(__file__).resolve().parents[3] / "docs" / "bring-your-own-data.md"


def test_the_page_shows_the_draft_of_its_files(tmp_path):
    text = PAGE.read_text()
    files = dict(re.findall(r"^`(\w+\.csv)`\n\n```csv\n(.*?)^```", text, re.M | re.S))
    assert len(files) == 2
    (shown,) = re.findall(r"^```text\n(business:.*?)^```", text, re.M | re.S)
    head, _, drafted = to_yaml(draft_of(tmp_path, files)).partition("business:")
    assert len(head.strip().splitlines()) == 3
    assert shown == "business:" + drafted
