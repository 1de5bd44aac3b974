"""What to say when memory or a disk runs out: no fault of the data, and worth another try."""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Literal, ParamSpec, TypeVar

import duckdb

from saydo.engine import memory_limit
from saydo.errors import OutOfRoom, SaydoError
from saydo.settings import Settings

Lack = Literal["memory", "disk"]
P = ParamSpec("P")
R = TypeVar("R")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# The engine spills up to what was free when it began; past that it speaks of this setting.
_FULL_TEXT = r"(?:max_temp_directory_size|No space left|Disk quota exceeded|File too large)"
_ANY_FULL = re.compile(_FULL_TEXT, re.IGNORECASE)
_DISK = re.compile(
    rf"(?:IO Error|Errno|OSError|IOException)[^\n]*{_FULL_TEXT}|"
    "max_temp_directory_size",
    re.IGNORECASE,
)
_MEMORY = re.compile(r"Out of Memory Error|\bMemoryError\b|\bArrowMemoryError\b|std::bad_alloc")


def lack_of(error: BaseException | str | None) -> Lack | None:
    """Whether memory or a disk ran out, by an error or by another tool's message about one."""
    if isinstance(error, str):
        return "disk" if _DISK.search(error) else "memory" if _MEMORY.search(error) else None
    if error is None or isinstance(error, SaydoError):
        return None
    if isinstance(error, OSError) and error.errno in _FULL:
        return "disk"
    if isinstance(error, MemoryError):
        return "memory"
    # Other errors may quote a row, whose words are no evidence.
    if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException, duckdb.FatalException)):
        if _ANY_FULL.search(str(error)):
            return "disk"
        if isinstance(error, duckdb.OutOfMemoryException):
            return "memory"
    return lack_of(getattr(error, "orig", None)) or lack_of(error.__cause__)


def out_of_room(settings: Settings, lack: Lack, doing: str, kept: str) -> OutOfRoom:
    """The error that says what ran out, how much there is, and what to do.

    Args:
        settings: the home and its limits.
        lack: what ran out.
        doing: the step, as the beginning of the message.
        kept: what was and was not done.
    """
    if lack == "memory" and settings.engine == "spark":
        return OutOfRoom(
            f"{doing}: it needs more memory than Spark's Java has; {kept}. Raise "
            f"SAYDO_MEMORY_LIMIT ({settings.memory_limit}) where Spark runs on this machine, on a "
            "cluster spark.executor.memory or spark.sql.shuffle.partitions (config/spark.yml: "
            "properties), and run the same again"
        )
    if lack == "memory":
        return OutOfRoom(
            f"{doing}: it needs more memory than the {memory_limit(settings)} that "
            f"SAYDO_MEMORY_LIMIT ({settings.memory_limit}) allows; {kept}. Raise "
            "SAYDO_MEMORY_LIMIT, or give it fewer SAYDO_THREADS, and run the same again"
        )
    there = settings.home.resolve()
    while not there.exists():
        there = there.parent
    usage = shutil.disk_usage(there)
    spilled = ", or where Spark spills: spark.local.dir" if settings.engine == "spark" else ""
    return OutOfRoom(
        f"{doing}: the disk is full ({_mount(there)}, where {settings.home.name}/ is: "
        f"{usage.free / 1e9:.2f} of {usage.total / 1e9:.0f} GB free now; else a quota{spilled}); "
        f"{kept}. "
        "Free space (`saydo maintain` removes what policy.yml's retention no longer keeps), and "
        "run the same again"
    )


@contextmanager
def explained(settings: Settings, doing: str, kept: str) -> Iterator[None]:
    """Tell a full disk or memory as what it is; every other error passes.

    Raises:
        OutOfRoom: memory or a disk ran out.
    """
    try:
        yield
    except Exception as error:
        if (lack := lack_of(error)) is None:
            raise
        raise out_of_room(settings, lack, doing, kept) from error


def explains(doing: str, kept: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """`explained` around every call of a function whose first argument is the settings."""

    def decorate(step: Callable[P, R]) -> Callable[P, R]:
        @wraps(step)
        def call(*given: P.args, **named: P.kwargs) -> R:
            with explained(given[0], doing.format(*given[1:]), kept):  # type: ignore[arg-type]
                return step(*given, **named)

        return call

    return decorate


def raise_lack(message: str) -> None:
    """Raise another tool's message about a lack of room as the error that it was.

    Raises:
        MemoryError, OSError: it is one.
    """
    lack = lack_of(message)
    if lack == "memory":
        raise MemoryError(message)
    if lack == "disk":
        raise OSError(errno.ENOSPC, message)


def _mount(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if os.path.ismount(place))
