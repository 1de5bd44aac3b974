"""Chromium as the reader of a dashboard: logs in, opens it, and keeps what was answered."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from websockets.sync.client import connect

BINARY = shutil.which("chromium") or shutil.which("chromium-browser")
WAIT_SECONDS = 240

# What a reader sees: charts that came, those still coming, and boxes that say what went wrong.
LOOK = """(() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  return {
    charts: all(".dashboard-component-chart-holder").length,
    drawn: all(".slice_container").filter(
      (place) => place.querySelector("canvas, table, .header-line, svg")).length,
    filterBars: all("[data-test='filter-bar']").filter((bar) => bar.offsetHeight).length,
    loading: all(".loading, [data-test='loading-indicator']").length,
    errors: all("[role='alert'], .ant-alert-error, .ant-alert-warning").map((box) => box.innerText)
      .concat(all(".ant-empty, .EmptyState").map((box) => "empty: " + box.innerText)),
  };
})()"""


BOTTOM = """Math.max(0, ...[...document.querySelectorAll(".dashboard-component-chart-holder")]
  .map((place) => place.getBoundingClientRect().bottom))"""


class Seen(NamedTuple):
    """What the page showed, the answers to its charts' queries, and the picture of it."""

    page: dict[str, Any]
    answers: list[dict[str, Any]]
    picture: bytes


class Chromium:
    """A headless browser, spoken to through its own debugging protocol."""

    def __init__(self, folder: Path, width: int = 1440, height: int = 2600) -> None:
        if BINARY is None:
            tell = pytest.fail if os.environ.get("CI") else pytest.skip
            tell("no chromium: install Debian's package of that name to see the dashboards drawn")
        self._log = folder / "chromium.log"
        command = [
            BINARY, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--user-data-dir={folder / 'profile'}", f"--window-size={width},{height}",
            "--remote-debugging-port=0",
            "--proxy-server=127.0.0.1:9", "--proxy-bypass-list=127.0.0.1",
            "--disable-dev-shm-usage", "--force-prefers-reduced-motion", "about:blank",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        self._socket = connect(self._address(), max_size=None)
        self._number = 0
        self._events: list[dict[str, Any]] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = None
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        self._call("Page.enable")
        self._call("Network.enable")
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip

    def _address(self) -> str:
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            if found := re.search(r"DevTools listening on (ws://\S+)", self._log.read_text()):
                return found[1]
            time.sleep(0.1)
        raise AssertionError(f"chromium did not start: {self._log.read_text()[-2000:]}")

    _session: str | None = None

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._socket.send(json.dumps(message))
        while True:
            answer = json.loads(self._socket.recv(timeout=WAIT_SECONDS))
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]
            self._events.append(answer)

    def value(self, script: str) -> Any:
        """What a script in the page comes to."""
        made = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in made, made
        return made["result"].get("value")

    def open(self, url: str) -> None:
        """Go to an address and wait until the document is there."""
        self._events.clear()
        self._call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete'")

    def wait(self, script: str, seconds: float = WAIT_SECONDS) -> None:
        """Wait until a script in the page comes to something true."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self.value(f"Boolean({script})"):
                return
            time.sleep(0.3)
        raise AssertionError(
            f"never came true in the page: {script}; it shows: {self.text()[-1500:]}"
        )

    def text(self) -> str:
        """The words of the page."""
        return self.value("document.body.innerText")

    def log_in(self, url: str, user: str, password: str) -> None:
        """Fill Superset's own form in and send it, as a person does."""
        self.open(f"{url}/login/")
        self.wait("document.querySelector('#password, [name=password]')")
        for name, typed in (("username", user), ("password", password)):
            self.value(f"document.querySelector('#{name}, [name={name}]').focus()")
            self._call("Input.insertText", text=typed)
        self.value(
            "document.querySelector('button[type=submit], [data-test=login-button]').click()"
        )
        self.wait("!location.pathname.startsWith('/login')")

    def look(self, url: str, charts: int) -> Seen:
        """Open a dashboard and wait until so many charts are drawn, or something went wrong."""
        self.open(url)
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until:
            page = self.value(LOOK)
            if page["errors"] or (page["drawn"] >= charts and not page["loading"]):
                break
            time.sleep(0.5)
        time.sleep(2)  # charts grow into their place
        height = self.value(BOTTOM)
        clip = {"x": 0, "y": 0, "width": 1440, "height": height + 16, "scale": 1}
        picture = self._call("Page.captureScreenshot", format="png", clip=clip)
        return Seen(self.value(LOOK), self._answers(), base64.b64decode(picture["data"]))

    def _answers(self) -> list[dict[str, Any]]:
        """Answers to the queries of charts, with the form that each was asked by."""
        found = []
        for event in self._events:
            if event.get("method") != "Network.responseReceived":
                continue
            if "/api/v1/chart/data" in event["params"]["response"]["url"]:
                body = self._call("Network.getResponseBody", requestId=event["params"]["requestId"])
                found.append(json.loads(body["body"]) | {"url": event["params"]["response"]["url"]})
        return found

    def close(self) -> None:
        """End the browser."""
        self._socket.close()
        self._process.terminate()
        self._process.wait(20)
