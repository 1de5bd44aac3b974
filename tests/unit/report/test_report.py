import re
from datetime import date
from html.parser import HTMLParser
from xml.etree import ElementTree

import duckdb
import pytest
from fake_candidate import AS_OF, audit

from saydo.errors import ConfigError
from saydo.notices import Notice, tell
from saydo.pages import render
from saydo.release import publish
from saydo.report import write_report
from saydo.report.chart import Series, panel
from saydo.report.page import PAGE

VOID = {"meta"}
MONTHS = [date(2025, month, 1) for month in range(1, 13)]


class Page(HTMLParser):
    """Collects tags and text, and fails on one that is not closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture
def report(candidate):
    return write_report(candidate, publish(candidate, AS_OF)["release_id"])


def test_the_page_is_well_formed_and_loads_nothing_from_elsewhere(candidate, report):
    assert report == candidate.published.resolve() / "releases" / report.parts[
        -3
    ] / report.relative_to(report.parents[1])
    page = Page(report.read_text())
    assert not {"script", "link", "img", "iframe"} & {tag for tag, _ in page.tags}
    links = [attrs["href"] for tag, attrs in page.tags if tag == "a"]
    assert links and all(not re.match(r"\w+:|/", link) for link in links)
    assert "url(" not in report.read_text() and str(candidate.home) not in report.read_text()


def test_the_page_is_named_in_a_language_and_its_charts_have_words(report):
    page = Page(report.read_text())
    assert ("html", {"lang": "en"}) in page.tags
    charts = [attrs for tag, attrs in page.tags if tag == "svg"]
    assert len(charts) == 3 and all(c["role"] == "img" and c["aria-label"] for c in charts)
    assert all(attrs.get("scope") for tag, attrs in page.tags if tag == "th")


def test_the_page_says_what_was_published_and_how_to_open_it(report):
    text = " ".join(Page(report.read_text()).words)
    for words in (
        "as of 31 March 2025",
        "Active customers",
        "1,025.00 GBP",
        "standard error 5.7, from 38 answers",
        "from metrics_daily",
        "Feb 2025",
        "One row per customer's profile",
        "No answer",
        "12 expectations were checked",
        "enable_external_access",
        "last event at",
        "it is late",
    ):
        assert words in text, words


def test_values_are_escaped(candidate):
    hostile = "<script>alert(1)</script>"
    with duckdb.connect(str(candidate.warehouse)) as connection:
        connection.execute("update marts.data_readiness set source = ?", [hostile])
        connection.execute("update marts.metrics_daily set unit = ?", [hostile])
        connection.execute(f"comment on table marts.customer_months is '{hostile}'")
    audit(candidate)
    tell(candidate, "gate_marts", [Notice(hostile, "marts.customer_months", 3, hostile)])
    text = write_report(candidate, publish(candidate, AS_OF)["release_id"]).read_text()
    assert "<script" not in text and text.count("&lt;script&gt;") >= 4


def test_a_report_is_written_again_to_the_same_bytes(candidate, report):
    before = report.read_bytes()
    assert write_report(candidate, report.parts[-3]).read_bytes() == before
    assert [path.name for path in report.parent.iterdir()] == ["index.html"]


def test_a_release_with_empty_tables_has_a_report(candidate):
    with duckdb.connect(str(candidate.warehouse)) as connection:
        for table in ("customer_profiles", "metrics_daily", "data_readiness"):
            connection.execute(f"delete from marts.{table}")
    audit(candidate)
    text = write_report(candidate, publish(candidate, AS_OF)["release_id"]).read_text()
    assert "nothing is known yet" in text and "Nothing yet." in text
    Page(text)


def test_a_report_of_an_unknown_release_is_refused(candidate):
    with pytest.raises(ConfigError, match="no release"):
        write_report(candidate, "r20200101000000-00000000")


def drawn(values):
    chart = panel(Series("A & B", "say", values, "{:.1f}".format), MONTHS, True)
    return ElementTree.fromstring(render(PAGE.with_name("chart.html"), chart=chart))


def heights(svg):
    path = next(e.get("d") for e in svg.iter("path"))
    return [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", path)]


def test_a_line_rises_with_its_values_between_its_grid_lines():
    svg = drawn([float(month) for month in range(12)])
    ys = heights(svg)
    assert ys == sorted(ys, reverse=True) and len(ys) == 12
    assert {ys[0], ys[-1]} == {float(line.get("y1")) for line in svg.iter("line")}
    assert svg.get("aria-label") == "A & B: from 0.0 to 11.0"


def test_a_month_without_a_value_is_a_gap_and_a_lonely_month_is_a_dot():
    svg = drawn([1.0, 2.0, None, 3.0, None, *[5.0] * 7])
    assert next(e.get("d") for e in svg.iter("path")).count("M") == 3
    assert len(list(svg.iter("circle"))) == 2


def test_a_constant_series_lies_in_the_middle():
    svg = drawn([4.0] * 12)
    top, bottom = (float(line.get("y1")) for line in svg.iter("line"))
    assert set(heights(svg)) == {(top + bottom) / 2}
