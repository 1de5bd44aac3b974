"""Objects below the configured address, and the store's errors in words that hold no secret."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)
from obstore.store import from_url

from saydo.config import StoreTarget
from saydo.errors import ConfigError, SaydoError

log = logging.getLogger(__name__)

DIGEST = "sha256"  # what an object says of the file that it was made from
_CHUNK = 8 << 20  # of a file that is sent in parts; a store takes 10,000 of them
_PARTS_AT_ONCE = 4
_SERVE = (
    "then run `saydo serve` or clear the task; the files of the release are published, and readers "
    "of the store keep what they had"
)
_CODE = re.compile(r"<Code>(\w+)</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_BUSY = re.compile(r"status code: (429|5\d\d)")
# Who has no credentials asks the cloud's own machine for those of its role.
_METADATA = re.compile(r"://169\.254\.|/latest/(?:api/token|meta-data)|://metadata|/metadata/")
_NO_BUCKET = re.compile(r"NoSuchBucket|ContainerNotFound")
_CREDENTIALS = "correct the credentials in the environment"
_RIGHTS = "give these credentials the right to list, read, write and delete below store.address"
_BUCKET = "make the bucket, or correct store.address in publish.yml"
_LATER = "it was not ready for as long as store.wait_for_store_seconds allows: try again later"
_ADVICE = {
    "NoSuchBucket": _BUCKET,
    "ContainerNotFound": _BUCKET,
    "RequestTimeTooSkewed": "this machine's clock and the store's differ by more than it takes: "
    "set the clock",
    "AccessDenied": _RIGHTS,
    "InvalidAccessKeyId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredToken": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS,
    "400": _CREDENTIALS,
    "401": _CREDENTIALS,
    "403": _RIGHTS,
    "404": _BUCKET,
}
_UNREACHED = (
    "look at the address and at the credentials in the environment (AWS_ENDPOINT_URL, "
    "AWS_ACCESS_KEY_ID and the like)"
)


class Text(NamedTuple):
    """A small object: its text, and which version of it that is."""

    text: bytes
    version: dict[str, str]


class Fetched(NamedTuple):
    """What arrived of an object: its SHA-256, and what the object says of its file."""

    sha256: str
    told: str | None


class ChangedMeanwhile(Exception):
    """An object is not any more what it was when it was read."""


class Bucket:
    """What is below the address of a store. Each call raises SaydoError if the store cannot."""

    def __init__(self, target: StoreTarget, then: str = _SERVE) -> None:
        """Prepare; nothing is asked of the store yet.

        Args:
            target: where, and how long to go on with it.
            then: what to do once an error is mended, and what stays as it was, in words.

        Raises:
            ConfigError: what the environment says of the store cannot be used.
        """
        self._then = then
        # Many tries and a limit in time: a fixed number of them ends at a moment nobody knows.
        retry: Any = {
            "max_retries": 1000,
            "retry_timeout": timedelta(seconds=target.wait_for_store_seconds),
            "backoff": {"max_backoff": timedelta(seconds=5)},
        }
        try:
            self._store = from_url(str(target.address), retry_config=retry)
        except (BaseError, ValueError):
            # Its words may quote what the environment holds.
            raise ConfigError(
                "what the environment says of the object store cannot be used: look at its "
                "variables (AWS_…, AZURE_…, GOOGLE_…) and at store.address in publish.yml"
            ) from None

    def read(self, path: str) -> Text | None:
        """A small object, or None if there is none."""
        with self._telling(f"reading {path}"):
            try:
                got = obstore.get(self._store, path)
                text = bytes(got.bytes())
            except FileNotFoundError as error:
                if _NO_BUCKET.search(str(error)):
                    raise
                return None
            return Text(text, _version(got.meta))

    def replace(self, path: str, text: bytes, there: Text | None) -> None:
        """Write a small object if it still is what was read; readers see the old or the new.

        Raises:
            ChangedMeanwhile: somebody else has written it since.
        """
        # Nobody between the store and a reader may keep it.
        told = {"Content-Type": "application/json", "Cache-Control": "no-store"}
        mode: Any = there.version if there else "create"
        with self._telling(f"writing {path}"):
            try:
                obstore.put(self._store, path, text, mode=mode, attributes=told)
                return
            except (AlreadyExistsError, PreconditionError):
                pass
            except RuntimeError:  # the library's, where the environment says that it has none
                log.warning("the store has no conditional put: only one may publish to it")
                if self.read(path) == there:
                    obstore.put(self._store, path, text, attributes=told)
                    return
        now = self.read(path)
        # A put whose answer was lost is sent again, and meets its own first try.
        if now is None or now.text != text:
            raise ChangedMeanwhile(path)

    def send(self, path: str, file: Path, digest: str) -> None:
        """Upload a file; the object is there whole, or not at all."""
        with self._telling(f"uploading {path}"):
            obstore.put(
                self._store, path, file, attributes={DIGEST: digest},
                chunk_size=_CHUNK, max_concurrency=_PARTS_AT_ONCE,
            )  # fmt: skip

    def digest(self, path: str) -> str | None:
        """What an object says of the file that it was made from."""
        with self._telling(f"looking at {path}"):
            return _digest(obstore.get(self._store, path, options={"head": True}).attributes)

    def sizes(self, folder: str) -> dict[str, int]:
        """The objects below a folder, by path from there, and their sizes in bytes."""
        with self._telling(f"listing {folder}"):
            found = obstore.list(self._store, f"{folder}/").collect()
        return {one["path"].removeprefix(f"{folder}/"): one["size"] for one in found}

    def fetch(self, path: str, into: Path) -> Fetched | None:
        """Copy an object into a file of this name, or None if there is none."""
        hashed = hashlib.sha256()
        with self._telling(f"fetching {path}"):
            try:
                got = obstore.get(self._store, path)
                with into.open("wb") as copy:
                    for chunk in got.stream(min_chunk_size=_CHUNK):
                        copy.write(chunk)
                        hashed.update(chunk)
            except FileNotFoundError as error:
                if _NO_BUCKET.search(str(error)):
                    raise
                return None
            return Fetched(hashed.hexdigest(), _digest(got.attributes))

    def delete(self, paths: Iterable[str]) -> None:
        """Remove objects; one that has gone already is no error."""
        with self._telling("removing what is not kept"):
            for path in paths:
                try:
                    obstore.delete(self._store, path)
                except FileNotFoundError:
                    log.info("%s had gone already", path)

    @contextmanager
    def _telling(self, doing: str) -> Iterator[None]:
        """Tell the store's errors as ours.

        Raises:
            SaydoError: what was being done, what the store said, what to do.
        """
        try:
            yield
        except (BaseError, FileNotFoundError, ValueError) as error:
            raise SaydoError(f"{doing} in the object store: {_told(error)}, {self._then}") from None


def _version(meta: Any) -> dict[str, str]:
    return {name: meta[name] for name in ("e_tag", "version") if meta.get(name)}


def _digest(attributes: Mapping[Any, str]) -> str | None:
    return {str(name).lower(): value for name, value in attributes.items()}.get(DIGEST)


def _told(error: Exception) -> str:
    """What the store said, and what to do about it.

    Of its words the code alone is passed on: the rest may quote addresses and keys.
    """
    words = str(error)
    found = _CODE.search(words) or _STATUS.search(words)
    if _METADATA.search(words):
        return "no credentials were found; give them in the environment"
    if found:
        advice = _ADVICE.get(found[1], _LATER if _BUSY.search(words) else "look at the store")
        return f"the store says {found[1]}; {advice}"
    if isinstance(error, (PermissionDeniedError, UnauthenticatedError)):
        return f"the store says that this is not permitted; {_RIGHTS}"
    return f"the store does not answer; {_UNREACHED}"
