"""The report in a real browser: drawn, quiet, without a network, on a phone and in the dark."""

from __future__ import annotations

import pytest
from browser import look
from fake_candidate import AS_OF
from page_reader import Page

from saydo.release import publish
from saydo.report import write_report


@pytest.fixture(scope="module")
def seen(told, tmp_path_factory):
    return look(told, tmp_path_factory.mktemp("browser"))


def test_every_chart_is_drawn_and_the_console_is_silent(told, seen):
    expected = set(Page(told.read_text()).charts) - {"look"}
    assert set(seen.page["charts"]) == expected and len(expected) >= 12
    marks = {code: chart["marks"] for code, chart in seen.page["charts"].items()}
    assert all(marks.values()), marks
    assert seen.console == []


def test_nothing_is_loaded(seen):
    assert seen.page["loaded"] == []


def test_the_browser_draws_a_mark_for_each_row_and_writes_the_figures(told, seen):
    page, charts = Page(told.read_text()), seen.page["charts"]
    assert charts["cohorts-1"]["marks"] == len(page.rows("cohorts-1")) == 10
    assert charts["stake-1"]["marks"] == 2 * len(page.rows("stake-1"))  # bar and interval
    bridge = charts["bridge-1"]["texts"]
    assert {"925", "+200", "+40", "+10", "−30", "−120", "1,025"} <= set(bridge)
    tiles = charts["say-do-1"]["texts"]
    assert {row["count"] for row in page.rows("say-do-1")} <= set(tiles)


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_but_boxes_that_scroll_is_wider_than_the_screen(told, tmp_path, width):
    page = look(told, tmp_path, width).page
    assert page["width"] == width
    assert page["wide"] == [] and page["scroll_width"] <= width


def test_page_and_charts_are_dark_where_the_reader_wants_it(told, seen, tmp_path):
    dark = look(told, tmp_path, is_dark=True)
    assert dark.console == [] and (dark.page["is_dark"], seen.page["is_dark"]) == (True, False)
    assert dark.page["paper"] == "rgb(20, 24, 29)" and seen.page["paper"] == "rgb(255, 255, 255)"
    for code, chart in dark.page["charts"].items():
        light = seen.page["charts"][code]
        assert chart["marks"] == light["marks"] and chart["ink"] != light["ink"]


def test_a_release_of_an_earlier_version_is_drawn_as_well(candidate, tmp_path):
    report = write_report(candidate, publish(candidate, AS_OF)["release_id"])
    old = look(report, tmp_path, width=390)
    assert old.console == [] and old.page["wide"] == []
    assert {code: chart["marks"] > 0 for code, chart in old.page["charts"].items()} == {
        "months-1": True,
        "months-2": True,
        "months-3": True,
    }
