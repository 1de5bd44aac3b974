"""An S3 server of the tests' own (moto's), which can be told to fail as stores do."""

from __future__ import annotations

import json
import logging
import threading
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import obstore
import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from obstore.store import from_url
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from saydo.release import release_dir
from saydo.serve.store import uploading
from saydo.settings import Settings

BUCKET = "releases"
# Of this server alone, which lets everybody in.
SECRET = "only-of-this-test"


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_: Any) -> None:
        pass


class Store:
    """A running server. `fault` sees each request first, and may answer it."""

    def __init__(self) -> None:
        self.fault: Callable[[Request], Response | None] = lambda _: None
        self.seen: list[tuple[str, str]] = []
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, True, request_handler=_Quiet)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"
        self.environment = {
            "AWS_ENDPOINT_URL": self.endpoint, "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "a-key", "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
        }  # fmt: skip
        made = urllib.request.Request(f"{self.endpoint}/{BUCKET}", method="PUT")
        urllib.request.urlopen(made).close()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        self.seen.append((request.method, request.path))
        answer = self.fault(request)
        return (answer or self._moto)(environ, start_response)

    def stop(self) -> None:
        self._server.shutdown()


class Kept:
    """What a test looks at: the objects below one address, read as any client reads them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.store = from_url(address)

    def objects(self) -> dict[str, int]:
        return {one["path"]: one["size"] for one in obstore.list(self.store).collect()}

    def releases(self) -> list[str]:
        paths = [path.split("/") for path in self.objects()]
        return sorted({parts[1] for parts in paths if parts[0] == "releases"})

    def pointer(self) -> dict[str, str]:
        return json.loads(bytes(obstore.get(self.store, "current.json").bytes()))

    def put(self, path: str, content: bytes) -> None:
        obstore.put(self.store, path, content)


def assert_whole(settings: Settings, kept: Kept, pointer: dict[str, str]) -> None:
    """Every file of the release that readers are sent to is there, and no more."""
    folder = release_dir(settings, pointer["release_id"])
    sizes = {path: file.stat().st_size for path, file in uploading.released_files(folder).items()}
    start = f"{pointer['path']}/"
    there = {p.removeprefix(start): n for p, n in kept.objects().items() if p.startswith(start)}
    assert there == sizes


def refusal(status: int, code: str) -> Response:
    """An answer of S3's that is an error; its message quotes what must not be passed on."""
    body = f"<Error><Code>{code}</Code><Message>key a-key of {SECRET}</Message></Error>"
    return Response(body, status, content_type="application/xml")


@pytest.fixture(scope="session")
def server() -> Iterator[Store]:
    """One server for all tests; each has a prefix of its own."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    found = Store()
    yield found
    found.stop()


@pytest.fixture
def store(server: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The server, in good order, with its credentials in the environment."""
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    server.seen.clear()
    yield server
    server.fault = lambda _: None


def kept_in(settings: Settings, address: str, more: str = "") -> Settings:
    """The same home, kept in a store by a publish.yml."""
    file = settings.home.parent / "publish.yml"
    file.write_text(f"store: {{address: '{address}', wait_for_store_seconds: 2{more}}}\n")
    changed = settings.model_copy(update={"publish_file": file})
    vars(changed).pop("publish", None)  # what was read of the other file
    return changed
