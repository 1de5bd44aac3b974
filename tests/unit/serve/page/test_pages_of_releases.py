"""Of a kept release its pages are served, and no other file, whatever a path tries."""

from __future__ import annotations

import pytest

from saydo.errors import ConfigError
from saydo.serve.page.files import has_page, release_page
from saydo.serve.page.overview import read_overview
from saydo.settings import Settings

RELEASE = "r20250331040000-0123abcd"


@pytest.fixture
def home(tmp_path) -> Settings:
    """One release, current, with a report, documentation and what is no page."""
    release = tmp_path / "published" / "releases" / RELEASE
    for name in ("report/index.html", "docs/deep/page.html", "docs/style.css", "manifest.json",
                 "marts.duckdb", "report/.hidden.html", "report/rows.parquet", "gate/index.html",
                 "reports/index.html"):  # fmt: skip
        (release / name).parent.mkdir(parents=True, exist_ok=True)
        (release / name).write_text("{}")
    (tmp_path / "published" / "current").symlink_to(f"releases/{RELEASE}")
    (tmp_path / "secret.html").write_text("the key")
    (release / "report" / "way_out.html").symlink_to(tmp_path / "secret.html")
    (release / "docs" / "out").symlink_to(tmp_path)
    (release / "docs" / "circle").symlink_to("circle")
    return Settings(home=tmp_path)


@pytest.mark.parametrize("release_id", [RELEASE, "current"])
@pytest.mark.parametrize("path", ["report/index.html", "docs/deep/page.html", "docs/style.css"])
def test_pages_are_found(home, release_id, path):
    assert release_page(home, release_id, path).read_text() == "{}"


@pytest.mark.parametrize(
    "path",
    [
        "", "/", ".", "..", "report", "report/", "report//index.html", "/report/index.html",
        "report/../manifest.json", "report/./index.html", "report/../../../secret.html",
        "docs/deep/../../report/index.html", "manifest.json", "marts.duckdb", "gate/index.html",
        "reports/index.html", "report/.hidden.html", "report/rows.parquet", "report/way_out.html",
        "docs/out/secret.html", "docs/circle/a.html", "report\\index.html",
        "report/..\\..\\secret.html",
        "report/index.html\0", "report/\0", "report/\nindex.html", "Report/index.html",
        "/etc/passwd", "report/" + "a" * 5000 + ".html",
    ],
)  # fmt: skip
def test_nothing_else_is(home, path):
    with pytest.raises(ConfigError, match="has no page of that name"):
        release_page(home, RELEASE, path)
    assert not has_page(home, RELEASE, path)


@pytest.mark.parametrize(
    "release_id", ["", ".", "..", "../releases/" + RELEASE, "r20250331040000-ffffffff", "releases"]
)
def test_no_page_of_what_is_no_kept_release(home, release_id):
    with pytest.raises(ConfigError, match="there is no release"):
        release_page(home, release_id, "report/index.html")


def test_before_the_first_release_current_is_none(tmp_path):
    with pytest.raises(ConfigError, match="there is no release 'current'"):
        release_page(Settings(home=tmp_path), "current", "report/index.html")


def test_a_release_that_goes_while_the_page_is_made_is_left_out(home, monkeypatch):
    gone = "r20250330040000-0123abcd"
    monkeypatch.setattr("saydo.serve.page.overview.release_ids", lambda settings: [gone, RELEASE])
    shown = read_overview(home).releases
    assert [release.release_id for release in shown] == [RELEASE]
    assert "cannot be read" in shown[0].problem
