"""Chromium as the reader of a page: what it draws, how wide it gets, and what it complains of."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

BINARY = shutil.which("chromium") or shutil.which("chromium-browser")

# Written behind the page's own scripts: waits for the charts, then notes down what a reader sees.
PROBE = """
<script type="module">
const places = [...document.querySelectorAll(".chart")];
const note = () => {
  const box = (element) => element.getBoundingClientRect();
  const scrolls = (element) => element.closest(".wide, pre");
  const wide = [...document.body.querySelectorAll("*")].filter(
    (element) => !scrolls(element) && box(element).right > innerWidth + 0.5);
  const charts = Object.fromEntries(places.map((place) => [place.dataset.of, {
    marks: place.querySelectorAll("svg .role-mark > *").length,
    texts: [...place.querySelectorAll("svg text")].map((text) => text.textContent),
    ink: getComputedStyle(place.querySelector("svg text") ?? place).fill,
  }]));
  const root = getComputedStyle(document.documentElement);
  const seen = {
    width: innerWidth,
    scroll_width: document.documentElement.scrollWidth,
    wide: wide.map((element) => element.tagName + "." + element.getAttribute("class")),
    is_dark: matchMedia("(prefers-color-scheme: dark)").matches,
    paper: getComputedStyle(document.body).backgroundColor,
    loaded: performance.getEntriesByType("resource").map((entry) => entry.name),
    charts,
  };
  parent.postMessage(JSON.stringify(seen), "*");
};
let tries = 0;
const timer = setInterval(() => {
  if (places.every((place) => place.dataset.isDrawn) || ++tries > 100) {
    clearInterval(timer);
    note();
  }
}, 50);
</script>
"""
# A window is 500 pixels wide at least; a frame is as narrow as a phone.
FRAME = """<!doctype html>
<html><head><meta name="color-scheme" content="light dark"></head><body style="margin: 0">
<script>
addEventListener("message", ({ data }) => document.body.append(Object.assign(
  document.createElement("pre"), { id: "seen", textContent: data })));
</script>
<iframe src="page.html" style="width: %dpx; height: 900px; border: 0"></iframe>
</body></html>
"""


class Seen(NamedTuple):
    """What the browser notes of the page, and every message on its console."""

    page: dict[str, Any]
    console: list[str]


def look(report: Path, folder: Path, width: int = 1440, is_dark: bool = False) -> Seen:
    """Open a copy of the report in a browser that reaches no network.

    The test is skipped without a browser, but where CI is set: there it fails.
    """
    if BINARY is None:
        tell = pytest.fail if os.environ.get("CI") else pytest.skip
        tell("no chromium: install Debian's package of that name to see the report drawn")
    text, end = report.read_text().rsplit("</body>", 1)
    (folder / "page.html").write_text(f"{text}{PROBE}</body>{end}")
    frame = folder / "frame.html"
    frame.write_text(FRAME % width)
    command = [
        BINARY, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--user-data-dir={folder / 'profile'}", "--window-size=1600,1000",
        f"--blink-settings=preferredColorScheme={0 if is_dark else 1}",
        "--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND",
        "--enable-logging=stderr", "--v=0", "--virtual-time-budget=20000", "--dump-dom",
        frame.as_uri(),
    ]  # fmt: skip
    made = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r'<pre id="seen">(.*?)</pre>', made.stdout, re.S)
    assert found, f"the page never came to its end: {made.stderr[-2000:]}"
    console = [line for line in made.stderr.splitlines() if ":CONSOLE" in line]
    return Seen(json.loads(unescape(found[1])), console)
