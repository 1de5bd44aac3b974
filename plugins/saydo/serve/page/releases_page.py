"""The page inside Airflow as HTML: releases.html, filled."""

from __future__ import annotations

from pathlib import Path

from saydo.pages import render
from saydo.report.tables import cell
from saydo.serve.page.overview import Overview

_HERE = Path(__file__).parent
PAGE = _HERE / "releases.html"
MESSAGE = _HERE / "message.html"
# What the pages load: from the server that shows them, and from nowhere else.
ASSETS = {
    "report.css": _HERE.parents[1] / "report" / "style.css",
    "releases.css": _HERE / "releases.css",
    "releases.js": _HERE / "releases.js",
}


def render_releases(overview: Overview, may_roll_back: bool) -> str:
    """The page; who may not roll back is not offered it."""
    return render(PAGE, overview=overview, may_roll_back=may_roll_back, shown=cell)


def render_message(title: str, text: str, link: str = "", link_name: str = "") -> str:
    """A page that says one thing, and where to go from there."""
    return render(MESSAGE, title=title, text=text, link=link, link_name=link_name)
