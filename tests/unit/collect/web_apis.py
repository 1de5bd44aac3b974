"""Local servers of APIs that are shaped like Stripe's, Zendesk's and Qualtrics', with faults."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "tok-only-of-this-test"


class Api:
    """What a server has, and how it misbehaves: `faults` by name, `calls` counted by path."""

    def __init__(self) -> None:
        self.charges: list[dict[str, Any]] = []
        self.tickets: list[dict[str, Any]] = []
        self.responses: list[dict[str, Any]] = []
        self.faults: dict[str, Any] = {}
        self.calls: Counter[str] = Counter()
        self.asked: list[dict[str, str]] = []
        self.tokens = [TOKEN]
        self.url = ""

    def fault(self, name: str) -> bool:
        """Whether to misbehave so now; a fault is used up as often as its number says."""
        left = self.faults.get(name, 0)
        self.faults[name] = left - 1
        return left > 0

    def answer(self, method: str, path: str, asked: dict[str, str], sent: Any) -> tuple[int, Any]:
        self.calls[path] += 1
        self.asked.append(asked)
        if path == "/token":
            self.tokens.append(f"tok-{len(self.tokens)}-of-this-test")
            return 200, {"access_token": self.tokens[-1], "expires_in": 3600}
        if self.fault("down"):
            return 503, {"error": "down"}
        if self.fault("too many"):
            return 429, {"error": "slow down"}
        if path == "/v1/charges":
            return self._charges(asked)
        if path == "/api/v2/tickets":
            return self._tickets(asked)
        if path.startswith("/v3/"):
            return self._export(method, path, sent)
        return 404, {"error": "no such path"}

    def _charges(self, asked: dict[str, str]) -> tuple[int, Any]:
        since = int(asked.get("created[gte]", 0))
        rows = sorted((c for c in self.charges if c["created"] >= since), key=lambda c: c["id"])
        after = asked.get("starting_after", "")
        left = [row for row in rows if row["id"] > after]
        size = int(asked.get("limit", 10))
        page = left[:size]
        if after and self.fault("repeat a page"):
            page = [row for row in rows if row["id"] <= after][-size:]
            return 200, {"data": page, "has_more": True, "total": len(rows)}
        if after and self.fault("skip a page"):
            page = left[size : 2 * size]
        return 200, {"data": page, "has_more": len(left) > size, "total": len(rows)}

    def _tickets(self, asked: dict[str, str]) -> tuple[int, Any]:
        begin = int(asked.get("page", 0))
        page = self.tickets[begin : begin + 2]
        following = begin if self.fault("circle") else begin + 2
        host = "http://127.0.0.1:9" if self.fault("elsewhere") else self.url
        return 200, {
            "tickets": page,
            "meta": {"has_more": begin + 2 < len(self.tickets)},
            "links": {"next": f"{host}/api/v2/tickets?page={following}"},
        }

    def _export(self, method: str, path: str, sent: Any) -> tuple[int, Any]:
        if method == "POST":
            self.asked.append(sent)
            return 200, {"result": {"progressId": "ES_1"}}
        if path.endswith("/file"):
            return 200, "\n".join(json.dumps(row) for row in self.responses)
        is_done = self.calls[path] > 1
        status = "failed" if self.fault("fail") else "complete" if is_done else "inProgress"
        return 200, {"result": {"status": status, "fileId": "F1" if is_done else None}}


@contextmanager
def serving(api: Api) -> Iterator[Api]:
    """Serve it until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self, method: str) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            sent = json.loads(body) if body.startswith(b"{") else None
            known = {f"Bearer {api.tokens[-1]}", api.tokens[-1]}
            given = self.headers.get("Authorization") or self.headers.get("X-API-TOKEN")
            is_late = "starting_after" in asked
            if parts.path != "/token" and (
                given not in known or (is_late and api.fault("token expires"))
            ):
                if given in known:
                    api.tokens.append("nobody has it yet")
                status, answer = 401, {"error": "token"}
            else:
                status, answer = api.answer(method, parts.path, asked, sent)
            data = (answer if isinstance(answer, str) else json.dumps(answer)).encode()
            if status == 200 and api.fault("cut off"):
                self.send_response(200)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[: len(data) // 2])
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    api.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield api
    finally:
        server.shutdown()
        server.server_close()
