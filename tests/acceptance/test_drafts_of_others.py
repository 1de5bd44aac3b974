"""Files that were not made for the draft: at most two edits a file, and `feeds check` is content.

`EDITS` holds them all; a set or case that is not named needs none.
"""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pytest
from whole_business import THIRD_PARTY, third_party

from saydo.config import load_feeds
from saydo.draft import draft_feeds, to_yaml
from saydo.landing import check_feeds
from saydo.settings import Settings

CASES = THIRD_PARTY.parent / "cases"
MOST_EDITS = 2  # a file
DAY = "timestamp '2019-09-30 00:00:00'"

# Of each set or case: the file, what the draft says, and what it has to say.
EDITS: dict[str, list[tuple[str, str, str]]] = {
    "ibm_telco": [  # a quarter without a day: nothing in the files says which
        ("telco_services.csv", "started_at: cast(null as timestamp)", f"started_at: {DAY}"),
        ("telco_services.csv", "occurred_at: 'null'", f"occurred_at: {DAY}"),
        ("telco_status.csv", "responded_at: 'null'", f"responded_at: {DAY}"),
    ]
}
SETS = {
    "olist": ("olist", "*.csv"),
    "ibm_telco": ("ibm_telco", "*.csv"),
    "dataset3": ("febrl", "dataset3.csv"),
    "dataset_C": ("febrl", "dataset_C.csv"),
}
NAMES = sorted(file.parent.name for file in CASES.glob("*/landing"))


def edited(home: Path, name: str) -> Settings:
    """The draft of a home's landing folder, with its edits."""
    landing = home / "landing"
    files = sorted(file for file in landing.rglob("*") if file.is_file())
    draft = draft_feeds([(file, file.relative_to(landing).as_posix()) for file in files])
    assert draft.findings == []
    text = to_yaml(draft)
    for file, before, after in EDITS.get(name, []):
        assert (landing / file).is_file()
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (home / "feeds.yml").write_text(text)
    return Settings(home=home, feeds_file=home / "feeds.yml", memory_limit="2GB")


def test_no_file_needs_more_than_two_edits():
    counts = Counter((name, file) for name, edits in EDITS.items() for file, *_ in edits)
    assert max(counts.values()) <= MOST_EDITS
    assert set(EDITS) <= {*SETS, *NAMES} or not NAMES


@pytest.mark.parametrize("name", SETS)
def test_a_third_partys_files_pass_the_check_after_their_edits(tmp_path, name):
    folder, pattern = SETS[name]
    (tmp_path / "landing").mkdir()
    for file in third_party(folder).glob(pattern):
        shutil.copyfile(file, tmp_path / "landing" / file.name)
    settings = edited(tmp_path, name)
    assert check_feeds(settings) == []
    sources = Counter(feed.source for feed in settings.feeds.feeds)
    assert sources == {
        "olist": {
            "accounts": 1, "account_identifiers": 2, "transactions": 2, "survey_responses": 1,
        },
        "ibm_telco": {
            "accounts": 1, "subscriptions": 1, "transactions": 1, "survey_responses": 1,
        },
        "dataset3": {"accounts": 1},
        "dataset_C": {"accounts": 1, "account_identifiers": 1},
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", NAMES or ["absent"])
def test_a_case_passes_the_check_after_its_edits(tmp_path, name):
    if not NAMES:
        pytest.skip("needs the cases of shared/cases beside the checkout")
    shutil.copytree(CASES / name / "landing", tmp_path / "landing", copy_function=shutil.copyfile)
    tmp_path.joinpath("landing").chmod(0o755)
    assert check_feeds(edited(tmp_path, name)) == []


@pytest.mark.parametrize("name", ["wide_survey", "one_numbering", "not_a_key"])
def test_what_goes_wrong_by_itself_is_drafted_right(tmp_path, name):
    """Numbers of two systems, sessions as daily usage, a list and two header lines."""
    if name not in NAMES:
        pytest.skip("needs the cases of shared/cases beside the checkout")
    shutil.copytree(CASES / name / "landing", tmp_path / "landing", copy_function=shutil.copyfile)
    tmp_path.joinpath("landing").chmod(0o755)
    edited(tmp_path, name)
    feeds = {feed.name: feed for feed in load_feeds(tmp_path / "feeds.yml").feeds}
    if name == "wide_survey":
        assert feeds["export"].header_rows == 3
        assert feeds["export"].unpivot.columns == ["Q1", "Q2_1", "Q2_2"]
        assert feeds["export"].options == {"nullstr": ["", "-99"]}
        assert feeds["answers"].columns["score"] == "answer.v"
    elif name == "one_numbering":
        assert feeds["second"].columns["transaction_id"] == "'second:' || tid"
    else:
        assert feeds["u"].source == "network_sessions"
