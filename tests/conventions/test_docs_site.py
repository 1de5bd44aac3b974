"""The documentation builds as a site in which no link is dead and nothing comes from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config
from mkdocs.exceptions import Abort
from project_tree import ROOT, all_models

LOADED = re.compile(
    r"<(?:script|img|iframe)\b[^>]*\bsrc=[\"']?https?:|<link\b[^>]*rel=\"?(?:stylesheet|preconnect|"
    r"icon|preload)\b[^>]*https?:"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    config = load_config(str(ROOT / "mkdocs.yml"), site_dir=str(folder), strict=True)
    config.plugins.on_startup(command="build", dirty=False)
    build(config)
    return folder


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_every_page_of_docs_is_in_it(site):
    written = {p.stem for p in (ROOT / "docs").glob("*.md")}
    assert written <= {p.stem for p in site.glob("*.html")}
    decisions = text_of(site / "decisions" / "index.html")
    for page in (ROOT / "docs" / "decisions").glob("*.md"):
        assert f"{page.stem}.html" in decisions


def test_it_begins_with_the_readme_whose_links_lead_to_pages(site):
    start = text_of(site / "index.html")
    links = re.findall(r'href="([^"]*)"', start)
    assert "What comes out" in start and "bring-your-own-data.html" in links
    assert [link for link in links if link.startswith("docs/") or link.endswith(".md")] == []


def test_the_dictionary_has_every_published_column(site):
    page = text_of(site / "dictionary.html")
    marts = [model for model in all_models().values() if model.layer == "marts"]
    for model in marts:
        assert f'id="{model.name}"' in page
    columns = sum(len(model.columns) for model in marts)
    assert page.count("<tr>") == columns + len(marts)
    assert "doc(" not in page and "{%" not in page


def test_every_block_and_list_is_shown_as_one(site):
    for page in site.rglob("*.html"):
        paragraphs = re.findall(r"<p>(.*?)</p>", text_of(page), re.S)
        raw = [p for p in paragraphs if "```" in p or re.search(r"\n(- |\d+\. |\|)", p)]
        assert raw == [], page.name


def test_nothing_is_loaded_from_elsewhere(site):
    for page in site.rglob("*.html"):
        assert not LOADED.search(text_of(page)), page.name
    assert LOADED.search('<link rel="stylesheet" href="https://fonts.example/css">')


def test_a_dead_link_stops_the_build(tmp_path):
    (tmp_path / "docs").mkdir()
    for target, is_dead in (("there.md", False), ("gone.md", True), ("there.md#nowhere", True)):
        (tmp_path / "docs" / "index.md").write_text(f"# Here\n\n[a]({target})\n")
        (tmp_path / "docs" / "there.md").write_text("# There\n")
        config = load_config(
            str(ROOT / "mkdocs.yml"),
            docs_dir=str(tmp_path / "docs"),
            site_dir=str(tmp_path / "site"),
            nav=["index.md", "there.md"],
            hooks=[],
            strict=True,
        )
        config.plugins.on_startup(command="build", dirty=False)
        if is_dead:
            with pytest.raises(Abort, match=r"warnings? in strict"):
                build(config)
        else:
            build(config)
