"""A delivered file's plain bytes: its compression by extension, and no more of it than is sane."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import BinaryIO

_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
# Rows with keys of their own shrink to a tenth, seldom to a fiftieth: what gives a hundred times
# its size was made to fill a disk. Of a small file that is no harm.
MOST_TIMES = 100
_HARMLESS_BYTES = 64 << 20


class Damaged(Exception):
    """A compressed stream that is cut off, or none."""


class Overpacked(Damaged):
    """A compressed stream that would unpack to far more than a delivery can be."""


def compression_of(file: Path) -> str:
    """`gzip`, `zstd` or `none`, by extension."""
    return _COMPRESSIONS.get(file.suffix.lower(), "none")


def check_unpacked(packed: int, plain: int) -> None:
    """Stop at a stream that gave `plain` bytes for the `packed` ones read so far.

    Raises:
        Overpacked: that is out of proportion.
    """
    if plain > _HARMLESS_BYTES and plain > MOST_TIMES * packed:
        raise Overpacked


def open_plain(file: Path) -> BinaryIO:
    """The file's bytes without the compression.

    Reading raises Damaged where the stream is cut off, Overpacked where it gives far too much.
    """
    packed = file.open("rb")
    compression = compression_of(file)
    if compression == "none":
        return packed
    if compression == "gzip":
        plain: BinaryIO = gzip.GzipFile(fileobj=packed)  # type: ignore[assignment]
    else:
        import pyarrow  # slow to import, and few files need it

        plain = pyarrow.CompressedInputStream(pyarrow.PythonFile(packed), "zstd")
    return io.BufferedReader(_Watched(packed, plain), 1 << 20)


class _Watched(io.RawIOBase):
    def __init__(self, packed: BinaryIO, plain: BinaryIO) -> None:
        self._packed, self._plain, self._given = packed, plain, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            found = self._plain.read(len(buffer))
        except (OSError, EOFError, zlib.error) as error:
            if getattr(error, "errno", None):
                raise
            raise Damaged from None
        buffer[: len(found)] = found
        self._given += len(found)
        check_unpacked(self._packed.tell(), self._given)
        return len(found)

    def close(self) -> None:
        self._plain.close()
        self._packed.close()
        super().close()
