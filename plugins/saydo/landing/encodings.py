"""Text in another encoding than UTF-8: guessed for a message, and read where the feed declares it.

The engine reads UTF-8. A feed with another `options.encoding` is copied as UTF-8 into a private
folder, as a stream; a byte that the encoding does not know stays one that UTF-8 does not know
either, so that its line goes to quarantine as it would in a file of UTF-8.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saydo.config import Feed
from saydo.engine import spill_folder
from saydo.errors import ConfigError
from saydo.landing.unpacking import compression_of, open_plain
from saydo.settings import Settings

_CHUNK = 1 << 20
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",  # before that of UTF-16, which it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NOT_OF_FILES = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7"}


def _unknown_byte(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error("saydo_unknown_byte", _unknown_byte)


def codec_of(feed: Feed) -> str | None:
    """Python's name of the feed's encoding; None for UTF-8.

    Raises:
        ConfigError: there is no such encoding.
    """
    declared = feed.options.get("encoding", "utf-8")
    try:
        info = codecs.lookup(declared)
    except (LookupError, ValueError):
        info = None
    if info is None or not info._is_text_encoding or info.name in _NOT_OF_FILES:
        raise ConfigError(
            f"feeds.{feed.name}.options.encoding: unknown encoding {declared!r}; give one such as "
            "utf-8, utf-16, windows-1252, latin-1 or iso-8859-15"
        )
    return None if info.name in ("utf-8", "utf-8-sig", "ascii") else info.name


def looks_like(start: bytes) -> tuple[str, str] | None:
    """What `start`, which is no UTF-8, looks like: (in words, the option's value); None: UTF-8."""
    for mark, name in _MARKS.items():
        if start.startswith(mark):
            return f"{name.upper()} (its byte order mark says so)", name
    if wide := _by_nuls(start[:4096]):
        return f"{wide.upper()} (every other byte is NUL)", wide
    try:
        codecs.getincrementaldecoder("utf-8")().decode(start)
    except UnicodeDecodeError:
        read = start.decode("utf-8", "replace")
        wrong = read.count("\ufffd")
        if sum(c > "\x7f" for c in read) > 2 * wrong:
            return "UTF-8 with some bytes of another encoding", "utf-8"
        if any(0x80 <= byte <= 0x9F for byte in start):
            return "Windows-1252", "windows-1252"
        return "Latin-1 (ISO-8859-1) or Windows-1252", "windows-1252"
    return None


def _by_nuls(start: bytes) -> str | None:
    """UTF-16 of a text that is mostly Latin letters, digits and commas."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    most = max(even, odd)
    if most < 2 or most * 5 < len(start[::2]) or min(even, odd) * 10 > most:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def advice(feed_name: str, seen: tuple[str, str]) -> str:
    """What a file looks like, and what to do about it, for a message."""
    words, name = seen
    if name == "utf-8":
        return f"it looks like {words}: correct those"
    return f"it looks like {words}: set feeds.{feed_name}.options.encoding to {name}"


def file_looks_like(file: Path) -> tuple[str, str] | None:
    """As `looks_like`, of the first part of the file that is no UTF-8."""
    with open_plain(file) as stream:
        while chunk := stream.read(_CHUNK) + stream.readline(_CHUNK):
            if seen := looks_like(chunk):
                return seen
    return None


@contextmanager
def readable(
    settings: Settings, feed: Feed, file: Path, most: int | None = None
) -> Iterator[tuple[Path, int | None]]:
    """The delivered file for the engine, in a private folder that goes with it.

    It has a name of ours: a delivered name is data, and may be a glob or hold a quote.

    Args:
        settings: the home, in whose tmp/ it is.
        feed: its encoding.
        file: as delivered.
        most: stop at the end of the line after so many bytes, where the text is copied.

    Yields:
        The path, and the line feeds in it where the text was copied.

    Raises:
        ConfigError: there is no such encoding.
        Damaged: the file cannot be unpacked.
    """
    codec = codec_of(feed)
    with spill_folder(settings) as folder:
        if codec is None:
            suffix = file.suffix.lower() if compression_of(file) != "none" else ".data"
            link = folder / f"delivered{suffix}"
            link.symlink_to(file.resolve())
            yield link, None
        else:
            target = folder / "delivered.data"
            yield target, _transcode(file, target, codec, most)


def _transcode(file: Path, target: Path, codec: str, most: int | None) -> int:
    """Copy a text as UTF-8, readable by its owner only; returns its line feeds."""
    newlines = written = 0
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open_plain(file) as plain, open(descriptor, "wb") as copy:  # noqa: PTH123
        chunk = plain.read(_CHUNK)
        if codec == "utf-16" and not chunk.startswith(tuple(_MARKS)):
            codec = _by_nuls(chunk[:4096]) or codec
        decoder = codecs.getincrementaldecoder(codec)("saydo_unknown_byte")
        while True:
            text = decoder.decode(chunk, final=not chunk).encode("utf-8", "surrogatepass")
            is_last = most is not None and written + len(text) > most
            if is_last and b"\n" in text:
                text = text[: text.rindex(b"\n") + 1]
            copy.write(text)
            newlines += text.count(b"\n")
            written += len(text)
            if is_last or not chunk:
                return newlines
            chunk = plain.read(_CHUNK)
