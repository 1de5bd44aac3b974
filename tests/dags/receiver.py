"""Somebody who is told: an HTTP server on this machine, and the configuration that names it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

KINDS = ("published", "delivery_refused", "release_refused", "late_source", "failed_run")


class Receiver:
    """Keeps the messages that reach `url`, unless it is told to refuse or to hang."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.tries = 0
        self.status = 200
        self.let_go = threading.Event()
        self.let_go.set()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.tries += 1
                message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.let_go.wait(30)
                if outer.status == 200:
                    outer.messages.append(message)
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def connection(self) -> str:
        """As AIRFLOW_CONN_… gives it."""
        path = f"json://user:hunter2@127.0.0.1:{self.server.server_port}/told"
        return json.dumps({"conn_type": "apprise", "extra": {"config": {"path": path}}})

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens while the block runs."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.let_go.set()
        receiver.server.shutdown()
        receiver.server.server_close()


def notices_file(folder: Path, *connections: str) -> Path:
    """A notices.yml that tells these connections everything."""
    file = folder / "notices.yml"
    file.write_text(json.dumps({kind: list(connections) for kind in KINDS}))
    return file
