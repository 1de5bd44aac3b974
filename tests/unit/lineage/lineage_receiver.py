"""A real HTTP receiver on loopback: it takes events, refuses them, or never answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came, and how it answers: a status, or None for no answer until `release` is set."""

    def __init__(self, status: int | None) -> None:
        self.status = status
        self.events: list[dict[str, Any]] = []
        self.request_count = 0
        self.release = threading.Event()
        self.url = ""


@contextmanager
def receiver(status: int | None = 201) -> Iterator[Receiver]:
    """Serve on a free port of loopback for as long as the block lasts."""
    taken = Receiver(status)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.request_count += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if taken.status is None:
                taken.release.wait(20)
                return
            if taken.status < 300:
                taken.events.append(json.loads(body))
            self.send_response(taken.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        taken.url = f"http://127.0.0.1:{server.server_port}"
        worker = threading.Thread(target=server.serve_forever, daemon=True)
        worker.start()
        try:
            yield taken
        finally:
            taken.release.set()
            server.shutdown()
            worker.join()
