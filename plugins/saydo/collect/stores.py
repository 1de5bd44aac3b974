"""Where files lie: object stores, a mounted folder and web addresses (obstore), SFTP (asyncssh)."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

from saydo.collect.access import Access
from saydo.collect.extracting import needs
from saydo.errors import ConfigError, SaydoError

# A store that answers 5xx is asked again for so long, ever more slowly.
PATIENCE = {
    "max_retries": 100,
    "retry_timeout": timedelta(minutes=4),
    "backoff": {"init_backoff": timedelta(seconds=0.2), "max_backoff": timedelta(seconds=15)},
}
_STATUS = re.compile(r"status code: (\d{3})")
_KEPT = "what was delivered before stays, and the next run goes on"


class Changed(Exception):
    """A file is not the one that was listed: it is still being written, or was just replaced."""


@dataclass(frozen=True)
class Remote:
    """A file of a store; `mark` is another when its content is."""

    path: str
    size: int
    mark: str
    modified: datetime


class Store(Protocol):
    """A folder elsewhere. `settled_seconds`: how old a file must be to be whole."""

    settled_seconds: float

    def files(self) -> list[Remote]:
        """All files below it, in no order."""

    def fetch(self, file: Remote, into: Path) -> None:
        """Copy a file as it was listed. Raises Changed where it is another by now."""


@contextmanager
def open_store(where: str, url: str, access: Access) -> Iterator[Store]:
    """The store at an address.

    Raises:
        ConfigError: it does not let us in, there is none, or the extra is not installed.
        SaydoError: it does not answer.
    """
    if urlsplit(url).scheme == "sftp":
        with needs("asyncssh"):
            import asyncssh  # noqa: F401
        logging.getLogger("asyncssh").setLevel(logging.WARNING)  # it logs paths of this machine
        with _telling_sftp(where, url, access):
            store = _Sftp(url, access)
            try:
                yield store
            finally:
                store.close()
        return
    with needs("obstore"):
        import obstore  # noqa: F401
    with _telling(where, url, access):
        yield _Objects(url, access)


class _Objects:
    """An object store, by obstore."""

    def __init__(self, url: str, access: Access) -> None:
        from obstore.store import from_url

        parts = urlsplit(url)
        self.settled_seconds = 60.0 if parts.scheme == "file" else 0.0
        self._only = ""
        if parts.scheme in ("http", "https"):  # one file, for the web has no folders
            url, _, self._only = url.rpartition("/")
        more: dict[str, Any] = _settings(parts.scheme, access)
        plain = url.startswith("http:") or str(more.get("endpoint", "")).startswith("http:")
        if parts.scheme != "file":
            more |= {"retry_config": PATIENCE, "client_options": {"allow_http": plain}}
        self._store = from_url(url, **more)

    def files(self) -> list[Remote]:
        import obstore

        if self._only:
            return [self._remote(obstore.head(self._store, self._only))]
        found = [self._remote(each) for page in obstore.list(self._store) for each in page]
        return [file for file in found if not file.path.endswith("/")]

    def fetch(self, file: Remote, into: Path) -> None:
        import obstore
        from obstore.exceptions import NotFoundError, PreconditionError

        is_tag = not file.mark.startswith("at ")
        try:
            got = obstore.get(
                self._store, file.path, options={"if_match": file.mark} if is_tag else None
            )
            with into.open("wb") as copy:
                for chunk in got.stream():
                    copy.write(chunk)
            after = self._remote(obstore.head(self._store, file.path))
        except (PreconditionError, NotFoundError):
            raise Changed from None
        if after.mark != file.mark or into.stat().st_size != file.size:
            raise Changed

    @staticmethod
    def _remote(meta: Any) -> Remote:
        mark = meta["e_tag"] or f"at {meta['last_modified']:%Y%m%dT%H%M%S%f}, {meta['size']}"
        return Remote(meta["path"], meta["size"], mark, meta["last_modified"])


def _settings(scheme: str, access: Access) -> dict[str, Any]:
    """What obstore calls what Airflow's connection holds; what is not there, the machine knows."""
    extra = access.extra
    keyfile = extra.get("keyfile_dict")
    given = {
        "s3": {
            "access_key_id": access.login,
            "secret_access_key": access.password,
            "session_token": extra.get("aws_session_token"),
            "region": extra.get("region_name"),
            "endpoint": extra.get("endpoint_url"),
            "role_arn": extra.get("role_arn"),
            "skip_signature": extra.get("anonymous"),
        },
        "gs": {
            "service_account_key": json.dumps(keyfile) if isinstance(keyfile, dict) else keyfile,
            "service_account": extra.get("key_path"),
        },
        "az": {
            "account_name": access.login,
            "account_key": access.password,
            "sas_key": extra.get("sas_token"),
            "endpoint": extra.get("endpoint_url"),
        },
    }
    return {name: value for name, value in given.get(scheme, {}).items() if value}


@contextmanager
def _telling(where: str, url: str, access: Access) -> Iterator[None]:
    from obstore import exceptions

    place = url.split("?")[0]
    try:
        yield
    except (exceptions.BaseError, FileNotFoundError) as error:
        said = access.scrub(str(error)).splitlines()[0]
        status = _STATUS.search(said)  # of a listing, no other kind of error is given
        denied = (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)
        if isinstance(error, denied) or (status and status[1] in ("401", "403")):
            raise ConfigError(
                f"{where}: {place} does not let connection {access.name!r} in: it needs the rights "
                "to list the bucket and to read its objects (s3:ListBucket, s3:GetObject, or what "
                f"the store calls them); {_KEPT}"
            ) from None
        missing = (exceptions.NotFoundError, FileNotFoundError)
        if isinstance(error, missing) or (status and status[1] == "404"):
            raise ConfigError(f"{where}: there is no {place}: correct url in collect.yml") from None
        raise SaydoError(f"{where}: {place} does not answer: {said[:200]}; {_KEPT}") from None


class _Sftp:
    """A folder of an SFTP server, by asyncssh."""

    settled_seconds = 60.0

    def __init__(self, url: str, access: Access) -> None:
        parts = urlsplit(url)
        self._host = access.host or parts.hostname or ""
        self._port = access.port or parts.port or 22
        self._base = parts.path.rstrip("/") or "."
        self._loop = asyncio.new_event_loop()
        self._connection: Any = None
        try:
            self._do(self._open(access))
        except BaseException:
            self.close()
            raise

    def files(self) -> list[Remote]:
        return self._do(self._list(""))

    def fetch(self, file: Remote, into: Path) -> None:
        self._do(self._get(file, into))

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._do(self._connection.wait_closed())
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(work)

    async def _open(self, access: Access) -> None:
        import asyncssh

        extra = access.extra
        more: dict[str, Any] = {}
        if str(extra.get("no_host_key_check", "")).lower() == "true":
            more["known_hosts"] = None
        elif key := extra.get("host_key"):
            lines = f"{self._host} {key}\n[{self._host}]:{self._port} {key}\n"
            more["known_hosts"] = asyncssh.import_known_hosts(lines)
        keys = None
        if text := extra.get("private_key"):
            keys = [asyncssh.import_private_key(text, extra.get("private_key_passphrase"))]
        self._connection = await asyncssh.connect(
            self._host,
            self._port,
            username=access.login,
            password=access.password or None,
            client_keys=keys,
            agent_path=None,
            config=None,
            connect_timeout=30,
            **more,
        )
        self._client = await self._connection.start_sftp_client()

    async def _list(self, below: str) -> list[Remote]:
        found = []
        async for entry in self._client.scandir(f"{self._base}/{below}"):
            path = f"{below}{entry.filename}"
            if entry.filename in (".", ".."):
                continue
            if entry.attrs.type == 2:  # a folder; 1 is a file, and links lead elsewhere
                found += await self._list(f"{path}/")
            elif entry.attrs.type == 1:
                found.append(self._remote(path, entry.attrs))
        return found

    async def _get(self, file: Remote, into: Path) -> None:
        import asyncssh

        path = f"{self._base}/{file.path}"
        try:
            await self._client.get(path, into)
            after = self._remote(file.path, await self._client.stat(path))
        except asyncssh.SFTPNoSuchFile:
            raise Changed from None
        if after != file or into.stat().st_size != file.size:
            raise Changed

    @staticmethod
    def _remote(path: str, attrs: Any) -> Remote:
        mark = f"at {attrs.mtime}.{attrs.mtime_ns or 0}, {attrs.size}"
        return Remote(path, attrs.size, mark, datetime.fromtimestamp(attrs.mtime, UTC))


@contextmanager
def _telling_sftp(where: str, url: str, access: Access) -> Iterator[None]:
    import asyncssh

    try:
        yield
    except asyncssh.HostKeyNotVerifiable:
        raise ConfigError(
            f"{where}: {url} shows a key that is not known: put the server's key into the "
            f"connection {access.name!r} as host_key, as its owner gives it to you"
        ) from None
    except (asyncssh.PermissionDenied, asyncssh.SFTPPermissionDenied):
        raise ConfigError(
            f"{where}: {url} does not let {access.login or 'anybody'} in, or not read there: "
            f"correct connection {access.name!r}; {_KEPT}"
        ) from None
    except asyncssh.SFTPNoSuchFile:
        raise ConfigError(f"{where}: there is no {url}: correct url in collect.yml") from None
    except (asyncssh.Error, OSError) as error:
        said = access.scrub(f"{type(error).__name__}: {error}").splitlines()[0]
        raise SaydoError(f"{where}: {url} does not answer: {said}; {_KEPT}") from None
