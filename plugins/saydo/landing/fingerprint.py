"""What a delivered file is: its content hash, and proof that it was whole and held still."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from saydo.config import Feed
from saydo.landing.relations import refusal, unreadable
from saydo.landing.unpacking import Damaged, check_unpacked, compression_of, open_plain

_LONGEST_LINE = 16 << 20  # half of the engine's buffer
_BEGINNING = 100 << 20
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
    or zstd stream without complaint, so the end of the stream is looked for here. So is a line that
    does not fit into the engine's buffer, with which it loses the lines around.

    Raises:
        DeliveryRefused: the compressed stream is cut off or damaged, or a line is far too long.
    """
    digest = hashlib.sha256()
    lines, packed, plain = _Lines(), 0, 0
    compression = compression_of(file)
    # 31: a gzip stream, whose own checksum and length are compared with what came out of it.
    gunzip = zlib.decompressobj(31) if compression == "gzip" else None
    try:
        with file.open("rb", buffering=0) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                packed += len(chunk)
                if compression == "none":
                    lines.add(chunk)
                # A small chunk may unpack to gigabytes: in pieces, that is found out in time.
                while gunzip and (chunk or not gunzip.eof):
                    text = gunzip.decompress(chunk, _CHUNK)
                    plain += len(text)
                    check_unpacked(packed, plain)
                    lines.add(text)
                    chunk = gunzip.unconsumed_tail
                    # A file may be several streams one after the other, as `cat a.gz b.gz` makes
                    # it.
                    if gunzip.eof and gunzip.unused_data:
                        chunk, gunzip = gunzip.unused_data, zlib.decompressobj(31)
                    elif not chunk and len(text) < _CHUNK:
                        break
        if gunzip and not gunzip.eof:
            raise Damaged
        # What unpacks zstd reads the file itself, so this is a second pass over it.
        if compression == "zstd":
            with open_plain(file) as plain_text:
                while text := plain_text.read(_CHUNK):
                    lines.add(text)
    except zlib.error:
        raise unreadable(feed, file_name, Damaged()) from None
    except Damaged as error:
        raise unreadable(feed, file_name, error) from None
    _check_lines(feed, file_name, lines)
    return digest.hexdigest(), lines.count


def check_beginning(feed: Feed, file: Path, file_name: str) -> None:
    """As `content_hash` of the first 100 MB, for who cannot stop reading or reads only a sample.

    Raises:
        DeliveryRefused: as it.
    """
    lines, left = _Lines(), _BEGINNING
    try:
        with open_plain(file) as stream:
            while left > 0 and (chunk := stream.read(_CHUNK)):
                left -= len(chunk)
                lines.add(chunk)
    except Damaged as error:
        raise unreadable(feed, file_name, error) from None
    _check_lines(feed, file_name, lines)


def _check_lines(feed: Feed, file_name: str, lines: _Lines) -> None:
    if feed.format == "csv" and lines.longest > _LONGEST_LINE:
        raise refusal(
            feed,
            file_name,
            f"a line of it is longer than {_LONGEST_LINE >> 20} MB",
            "correct its line ends, or whatever wrote them away",
        )


class _Lines:
    """Counts the line feeds of a text, and how far they are apart, to a chunk."""

    def __init__(self) -> None:
        self.count = self.longest = self._here = 0

    def add(self, content: bytes) -> None:
        found = int(np.count_nonzero(np.frombuffer(content, np.uint8) == ord("\n")))
        self.count += found
        # Where in its chunk a line ends does not matter: a line that is too long fills many chunks.
        self._here = 0 if found else self._here + len(content)
        self.longest = max(self.longest, self._here)
