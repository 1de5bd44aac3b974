"""The report as HTML: what page.html is filled with, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import vl_convert
from markupsafe import Markup

from saydo.pages import render
from saydo.release import HEADLINE_SQL, Headline
from saydo.report.drawing import LOOK
from saydo.report.section import Told
from saydo.report.tables import Table, table

PAGE = Path(__file__).with_name("page.html")
SCRIPT = Path(__file__).with_name("draw.js")


@dataclass(frozen=True)
class Content:
    """What a page is made of, read from one release. `has_docs`: its documentation is beside it."""

    manifest: dict[str, Any]
    headlines: Sequence[Headline]
    sections: Sequence[Told]
    readiness: Told
    has_docs: bool = False
    has_map: bool = False  # whether data_map.html stands beside the page


def render_report(content: Content) -> str:
    """The whole page."""
    manifest = content.manifest
    published = datetime.fromisoformat(manifest["published_at"])
    return render(
        PAGE,
        manifest=manifest,
        day=_day(date.fromisoformat(manifest["as_of_date"])),
        published=f"{_day(published)} at {published:%H:%M}",
        headlines=content.headlines,
        headline_sql=HEADLINE_SQL,
        sections=content.sections,
        tables=_tables(manifest),
        has_docs=content.has_docs,
        readiness=content.readiness,
        has_map=content.has_map,
        notices=_notices(manifest.get("notices", ())),
        look=LOOK,
        script=_script(),
    )


@cache
def _script() -> Markup:
    """draw.js and the libraries it draws with, as one script that loads nothing.

    It is the one text that goes into the page as it is: it is made of this project's file and of an
    installed package, of nothing that a release holds.
    """
    bundle = vl_convert.javascript_bundle(SCRIPT.read_text())
    return Markup(bundle.replace("</script", r"<\/script").replace("<!--", r"<\!--"))  # noqa: S704


def _tables(manifest: dict[str, Any]) -> Table:
    rows = [
        (
            name,
            _first_sentence(table["comment"]),
            manifest["row_counts"][name],
            len(table["columns"]),
        )
        for name, table in sorted(manifest["tables"].items())
    ]
    return table(("Table", "What one row is", "Rows", "Columns"), rows)


def _first_sentence(text: str | None) -> str | None:
    return text.split(". ")[0].strip().rstrip(".") if text else None


def _notices(notices: Sequence[dict[str, Any]]) -> Table:
    """What the run that made the release had to say: rows left out, numbers changed, doubts."""
    rows = [(item["where"], item["count"], item["what"], item["advice"]) for item in notices]
    return table(("Where", "How many", "What", "What to do"), rows)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
