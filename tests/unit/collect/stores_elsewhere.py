"""A local S3 (moto) behind a gate that can refuse, and a local SFTP server (asyncssh)."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncssh
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

PASSWORD = "drop-only-of-this-test"


class Gate:
    """Stands before the store; `refuse` gives a status for a method and path, or nothing."""

    def __init__(self) -> None:
        self._inner = DomainDispatcherApplication(create_backend_app)
        self.refuse: Callable[[str, str], int | None] = lambda method, path: None
        self.url = ""

    def __call__(self, environ, start_response):
        status = self.refuse(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        if status:
            start_response(f"{status} refused", [("Content-Type", "application/xml")])
            return [b"<Error><Code>Refused</Code></Error>"]
        return self._inner(environ, start_response)


@contextmanager
def s3() -> Iterator[Gate]:
    gate = Gate()
    server = make_server("127.0.0.1", 0, gate, threaded=True)
    gate.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield gate
    finally:
        server.shutdown()


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("panel", PASSWORD)


@contextmanager
def sftp(folder: Path) -> Iterator[tuple[int, str]]:
    """Serve a folder; gives the port and the server's public key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()

    async def begin():
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_host_keys=[key],
            server_factory=_Door,
            sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=str(folder)),
        )

    acceptor = loop.run_until_complete(begin())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield acceptor.get_port(), key.export_public_key().decode().strip()
    finally:
        loop.call_soon_threadsafe(acceptor.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
