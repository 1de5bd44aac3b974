"""What is in a page of the report, as a browser takes it apart."""

from __future__ import annotations

import json
from html.parser import HTMLParser

VOID = {"meta"}


class Page(HTMLParser):
    """Collects tags, texts and charts, and fails on a tag that is not closed in order."""

    def __init__(self, text: str):
        super().__init__()
        self.open, self.tags, self.words, self.charts = [], [], [], {}
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        tag, attrs = self.open[-1] if self.open else ("", {})
        if tag != "script":
            self.words.append(data)
        elif attrs.get("type") == "application/json":
            self.charts[attrs["id"]] = json.loads(data)

    @property
    def text(self) -> str:
        """Everything that is written, blanks as one."""
        return " ".join(" ".join(self.words).split())

    def rows(self, code: str) -> list[dict]:
        """The rows behind a chart, of all its layers."""
        chart = self.charts[code]
        parts = [chart, *chart.get("layer", ())]
        found = [part["data"]["values"] for part in parts if "data" in part]
        return [row for values in found for row in values if row]
