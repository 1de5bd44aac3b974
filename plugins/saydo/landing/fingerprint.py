"""What a delivered file is: its content hash, and proof that it was whole and held still."""

from __future__ import annotations

import errno
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saydo.config import Feed
from saydo.landing.reader import compression_of, open_plain, refusal

_CHUNK = 1 << 20  # stays in the processor's cache while it is hashed and counted


@dataclass(frozen=True)
class Stamp:
    """What a stat says about a file's content."""

    size: int
    mtime_ns: int
    inode: int


def stamp(file: Path) -> Stamp:
    """The file's stamp now."""
    status = file.stat()
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ino)


def check_unchanged(feed: Feed, file: Path, file_name: str, before: Stamp) -> None:
    """Refuse a file that was written to since `before`.

    Raises:
        DeliveryRefused: it changed, or is gone.
    """
    try:
        is_same = stamp(file) == before
    except FileNotFoundError:
        is_same = False
    if not is_same:
        raise refusal(
            feed,
            file_name,
            "it changed while it was read",
            "run again when its writer is done (write beside, then rename into landing/)",
        )


def content_hash(feed: Feed, file: Path, file_name: str) -> tuple[str, int]:
    """SHA-256 of the file as delivered, in hex, and the line feeds of its plain content.

    A compressed file is proved whole on the way: the engine reads the front part of a cut-off gzip
    or zstd stream without complaint, so the end of the stream is looked for here.

    Raises:
        DeliveryRefused: the compressed stream is cut off or damaged.
    """
    digest = hashlib.sha256()
    newlines = 0
    gunzip = zlib.decompressobj(31) if compression_of(file) == "gzip" else None
    try:
        with file.open("rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                if compression_of(file) == "none":
                    newlines += _newlines(chunk)
                while gunzip and chunk:
                    newlines += _newlines(gunzip.decompress(chunk))
                    chunk = gunzip.unused_data
                    if gunzip.eof and chunk:
                        gunzip = zlib.decompressobj(31)
        if gunzip and not gunzip.eof:
            raise EOFError
        if compression_of(file) == "zstd":
            with open_plain(file, "zstd") as plain:
                while text := plain.read(_CHUNK):
                    newlines += _newlines(text)
    except (zlib.error, EOFError, OSError) as error:
        if getattr(error, "errno", None) in (errno.ENOENT, errno.EACCES, errno.EIO):
            raise
        raise refusal(
            feed, file_name, "its compressed stream is cut off or damaged", "deliver it again"
        ) from None
    return digest.hexdigest(), newlines


def _newlines(content: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(content, np.uint8) == ord("\n")))
