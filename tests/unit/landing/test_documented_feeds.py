"""Every YAML block of the documentation is valid, and every feed in one lands a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from landing_home import Home

from saydo.config import Feeds, NoticesTo, Policy
from saydo.config.bets import Bets
from saydo.config.collect import Collect
from saydo.config.publish import Publish
from saydo.config.segments import Segments
from saydo.landing import check_feeds, land_feed, prepare_raw

PROJECT = Path(__file__).resolve().parents[3]
PAGES = [PROJECT / "README.md", *sorted((PROJECT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    pytest.param(yaml.safe_load(block), id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(FENCE.findall(page.read_text()))
]
FILES_OF = {"bets": Bets, "segments": Segments}
# What a file that a documented feed reads looks like.
FILES = {
    "reviews/order_reviews_*.csv": (
        ("review_id", "order_id", "review_score", "review_answer_timestamp"),
        [("r1", "o1", "5", "2024-03-01 10:00:00"), ("r2", "o2", "3", "2024-03-02 11:30:00")],
    ),
    "crm/accounts_*.csv": (("account_no", "opened"), [("a1", "2020-01-31"), ("a2", "2021-02-28")]),
    "network/north/*.csv": (("imsi", "day", "sessions"), [("234150000000017", "2024-03-01", "4")]),
    "network/south/*.csv": (("imsi", "day", "sessions"), [("234150000000025", "2024-03-01", "5")]),
    "crm/relations*.csv": (
        ("account_no", "related_account_no", "relation", "since"),
        [("a1", "a2", "contact", "2024-03-01T10:00:00Z")],
    ),
    "crm/referrals*.csv": (
        ("referrer", "invited", "joined"),
        [("a1", "jo@example.com", "2024-03-01"), ("a1", "kim@example.com", "2024-03-02")],
    ),
    "cdr/*.csv": (
        ("record", "imsi", "began", "ended", "cell", "bytes", "abnormal"),
        [
            ("1", "234150000000017", "2024-03-01 23:40:00", "2024-03-02 00:20:00", "C", "4", "0"),
            ("2", "234150000000017", "2024-03-02 07:02:11", "2024-03-02 07:31:40", "C", "9", "1"),
        ],
    ),
}


@pytest.mark.parametrize("block", BLOCKS)
def test_a_documented_block_is_valid_and_its_feeds_land(home: Home, block: dict[str, Any]) -> None:
    for file in (NoticesTo, Collect, Publish):
        if set(block) <= set(file.model_fields):
            file(**block)
            return
    if not set(block) <= set(Feeds.model_fields):
        (name, *_), (value, *_) = block, block.values()
        # Lists of a file of their own; what is said of them in the policy is a mapping.
        (FILES_OF[name] if isinstance(value, list) else Policy)(**block)
        return
    types = {"order_id": {"is_personal": False, "max_customers": 1}}
    home.config = {"identifier_types": types} | block
    for feed in home.config.setdefault("feeds", []):
        names, rows = FILES[feed["path"]]
        delim = feed.get("options", {}).get("delim", ",")
        text = "\n".join(delim.join(row) for row in (names, *rows)) + "\n"
        home.deliver(text, feed["path"].replace("*", "2024-03-05"))
    assert [p for p in check_feeds(home.settings) if p.feed] == []
    prepare_raw(home.settings)
    for feed in home.config["feeds"]:
        _, rows = FILES[feed["path"]]
        assert land_feed(home.settings, feed["name"])["loaded_count"] == len(rows)
    assert home.settings.feeds is not None
