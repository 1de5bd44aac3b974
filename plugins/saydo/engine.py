"""The embedded engine: the one way to open DuckDB, within limits, with a place to spill.

Spill files bear the same names in every process: two that shared a folder read each other's blocks
without an error. So every connection has a folder of its own below the home's tmp/, which nobody
else may look into, since what spills may be clear personal data. It goes with the connection; what
a killed process left behind is removed by the next connection that is opened.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb

from saydo.errors import SaydoError

# Of the machine, or of its container: Python, the page cache and the system need the rest.
_LARGEST_SHARE = 0.8
_LEAST_BYTES = 64 << 20
_CONTAINER_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)


class HomeLimits(Protocol):
    """What the engine asks of Settings. It does not import them: configuration is read with it."""

    home: Path
    threads: int

    def memory_bytes(self, machine: int) -> float:
        """The home's memory limit, on a machine of so many bytes."""


def open_database(
    settings: HomeLimits,
    file: Path | None = None,
    *,
    read_only: bool = False,
    beside: int = 1,
    **options: Any,
) -> duckdb.DuckDBPyConnection:
    """Open a database file, or one in memory, within the home's limits.

    A process cannot open one file twice at a time: the two would differ in where they spill.

    Args:
        settings: threads, memory, and the home to spill in.
        file: the database; by default one in memory.
        read_only: share the file with other readers.
        beside: how many such connections run at one time; each gets its part of threads and memory.
        options: further options of the engine, by name.

    Raises:
        duckdb.IOException: another process holds the file.
    """
    folder, descriptor = _claim(settings.home / "tmp")
    try:
        connection = duckdb.connect(
            ":memory:" if file is None else str(file),
            read_only=read_only,
            config=limits(settings, folder, beside) | options,
        )
        # It would go to standard output, into whatever is written there.
        connection.execute("set enable_progress_bar = false")
    except BaseException:
        _release(folder, descriptor, os.getpid())
        raise
    # Connections are closed in many places, some by nobody: the folder goes with the object.
    weakref.finalize(connection, _release, folder, descriptor, os.getpid())
    return connection


def open_without_home(*, is_locked: bool = True) -> duckdb.DuckDBPyConnection:
    """A database in memory for the work of a moment that needs no home: a text to parse, a value to
    look up, rows to write that are held already. One thread, and nothing is spilled.

    Args:
        is_locked: it can open no file, load no extension and reach no network.
    """
    connection = duckdb.connect(":memory:", config={"threads": 1, "temp_directory": ""})
    if is_locked:
        connection.execute("set enable_external_access = false")
    return connection


def limits(settings: HomeLimits, spill: Path, beside: int = 1) -> dict[str, Any]:
    """The options that keep a connection within the home's threads and memory.

    Each thread needs room for the rows that it writes, so threads are shared as memory is.
    """
    return {
        "threads": max(1, settings.threads // beside),
        "memory_limit": memory_limit(settings, beside),
        "temp_directory": str(spill),
    }


@contextmanager
def spill_folder(settings: HomeLimits, name: str | None = None) -> Iterator[Path]:
    """A folder to spill in, for a library that opens DuckDB itself.

    Args:
        settings: the home.
        name: a fixed name, where the library must be told the same path each time.

    Raises:
        SaydoError: the name is in use by another process.
    """
    folder, descriptor = _claim(settings.home / "tmp", name)
    try:
        yield folder
    finally:
        _release(folder, descriptor, os.getpid())


def memory_limit(settings: HomeLimits, beside: int = 1) -> str:
    """What one of `beside` connections may use, in the engine's words."""
    return f"{memory_bytes(settings, beside) >> 10}KiB"


def memory_bytes(settings: HomeLimits, beside: int = 1) -> int:
    """What one of `beside` connections may use.

    SAYDO_MEMORY_LIMIT is for all of them together, and never more than 0.8 of the machine.
    """
    machine = _machine_bytes()
    wanted = settings.memory_bytes(machine)
    return max(int(min(wanted, _LARGEST_SHARE * machine) / beside), _LEAST_BYTES)


def _machine_bytes() -> int:
    """The memory of this machine, or of the container that it seems to be."""
    found = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for file in _CONTAINER_LIMITS:
        if file.is_file() and (text := file.read_text().strip()).isdigit():
            found.append(int(text))
    return min(found)


def sweep(settings: HomeLimits) -> int:
    """Remove what killed processes spilled, and count the folders. Those in use stay."""
    root = settings.home / "tmp"
    if not root.is_dir():
        return 0
    with _locked(root):
        return _sweep(root)


def _claim(root: Path, name: str | None = None) -> tuple[Path, int]:
    """Make a folder of this process; the lock on it says that it is alive."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _locked(root):
        _sweep(root)
        if name is None:
            folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root))
        else:
            folder = root / name
            try:
                folder.mkdir(mode=0o700)
            except FileExistsError:
                raise SaydoError(
                    f"{folder.relative_to(root.parent)} is in use by another process of this home; "
                    "run this again when it has ended"
                ) from None
        # The kernel ends the lock with the process, however it ends; a file with its number would
        # stay, and the number may be another process by then.
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    return folder, descriptor


def _release(folder: Path, descriptor: int, owner: int) -> None:
    if os.getpid() != owner:  # a forked child ends: the folder is its parent's
        return
    shutil.rmtree(folder, ignore_errors=True)
    os.close(descriptor)


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One process at a time makes or sweeps folders: a new one is never taken for a leftover."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sweep(root: Path) -> int:
    count = 0
    for path in root.iterdir():
        # Only folders are made here. What else lies here is removed as it is, a link never
        # followed.
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif _is_held(path):
            continue
        else:
            shutil.rmtree(path)
        count += 1
    return count


def _is_held(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
