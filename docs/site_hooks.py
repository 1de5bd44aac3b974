"""What the documentation site has beside docs/: pages made from the project, and what they link to.

MkDocs runs this (mkdocs.yml). The README is the first page; the data dictionary is made of the YAML
of the published tables; decisions are listed. A link out of docs/ leads to a copy below project/.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "dbt_project" / "models"
LINK = re.compile(r"(\]\(|src=\")(?!https?:|#|mailto:)([^)\s#\"]+)")
# A block's first line names its language and what else it is, as the tests read it: maybe a file.
FENCE = re.compile(r"^( *```\w+) +([^`\n]+)$", re.MULTILINE)
BLOCK = re.compile(r"{%\s*docs (\w+)\s*%}(.*?){%\s*enddocs\s*%}", re.DOTALL)
DOC = re.compile(r"{{\s*doc\('(\w+)'\)\s*}}")
# Pages of the project's root, and what the site calls them.
ROOT_PAGES = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made, and copies of what pages outside docs/ are linked to."""
    for source, target in ROOT_PAGES.items():
        files.append(File.generated(config, target, content=(ROOT / source).read_text("utf-8")))
    files.append(File.generated(config, "dictionary.md", content=dictionary()))
    files.append(File.generated(config, "decisions/index.md", content=decisions()))
    waiting = [file for file in files if file.is_documentation_page()]
    while waiting:
        page = waiting.pop()
        for linked in _outside(page.content_string, page.src_uri):
            name = f"project/{linked.relative_to(ROOT).as_posix()}"
            if name not in files.src_uris:
                added = File.generated(config, name, content=linked.read_bytes())
                files.append(added)
                if added.is_documentation_page():
                    waiting.append(added)
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point each link at the page's place in the site, and name the files that blocks show."""
    here = page.file.src_uri

    def moved(found: re.Match[str]) -> str:
        return found[1] + site_link(found[2], here)

    def headed(found: re.Match[str]) -> str:
        return found[1] + (f' title="{found[2]}"' if "/" in found[2] else "")

    return FENCE.sub(headed, LINK.sub(moved, markdown))


def site_link(target: str, here: str) -> str:
    """A link of the page `here` of the site, as the site has it; `target` is as it was written."""
    file = _file(target, here)
    if file == ROOT / "docs" / "decisions":
        wanted = "decisions/index.md"
    elif file.parent == ROOT and file.name in ROOT_PAGES:
        wanted = ROOT_PAGES[file.name]
    elif file.is_relative_to(ROOT / "docs"):
        wanted = file.relative_to(ROOT / "docs").as_posix()
    elif file.is_file():
        wanted = f"project/{file.relative_to(ROOT).as_posix()}"
    else:
        return target  # the strict build says that it is dead
    return os.path.relpath(wanted, PurePosixPath(here).parent)


def _outside(markdown: str, here: str) -> list[Path]:
    """The files out of docs/ that a page links to."""
    found = [_file(target, here) for _, target in LINK.findall(markdown)]
    return [
        file
        for file in found
        if file.is_file()
        and not file.is_relative_to(ROOT / "docs")
        and not (file.parent == ROOT and file.name in ROOT_PAGES)
    ]


def _file(target: str, here: str) -> Path:
    """The file of the project that a link is about, seen from where its page is written."""
    written = {site: ROOT / source for source, site in ROOT_PAGES.items()}.get(here)
    if written is None:
        inside = here.removeprefix("project/")
        written = ROOT / ("" if inside != here else "docs") / inside
    return Path(os.path.normpath(written.parent / target))


def dictionary() -> str:
    """The page with every column of every published table, from the YAML beside the models."""
    texts = {name: text.strip() for name, text in BLOCK.findall((MODELS / "docs.md").read_text())}
    lines = [
        "# Data dictionary",
        "",
        "Every published table and column, from the YAML beside the models. The same texts are the "
        "comments in `marts.duckdb`, the descriptions in the Parquet files and in `contracts/` of "
        "each release.",
    ]
    for folder in sorted(path for path in (MODELS / "marts").iterdir() if path.is_dir()):
        lines += ["", f"## {folder.name.capitalize()}"]
        for file in sorted(folder.glob("*.yml")):
            for model in yaml.safe_load(file.read_text("utf-8"))["models"]:
                lines += _table(model, texts)
    return "\n".join(lines) + "\n"


def _table(model: dict[str, Any], texts: dict[str, str]) -> list[str]:
    rows = [
        f"| `{column['name']}` | {column['data_type']} | {_cell(column['description'], texts)} |"
        for column in model["columns"]
    ]
    return [
        "",
        f"### `{model['name']}`",
        "",
        _said(model["description"], texts),
        "",
        "| column | type | what it is |",
        "| --- | --- | --- |",
        *rows,
    ]


def _said(description: str, texts: dict[str, str]) -> str:
    return " ".join(DOC.sub(lambda found: texts[found[1]], description).split())


def _cell(description: str, texts: dict[str, str]) -> str:
    """A description as the cell of a table; what looks like HTML or a column's end is text."""
    return _said(description, texts).replace("|", "\\|").replace("<", "&lt;")


def decisions() -> str:
    """The page that lists the decisions."""
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    rows = [
        f"- [{page.read_text('utf-8').splitlines()[0].removeprefix('# ')}]({page.name})"
        for page in pages
    ]
    return "\n".join(
        ["# Decisions", "", "What was decided, why, and at what price.", "", *rows, ""]
    )
