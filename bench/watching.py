"""Runs one process to its end and watches it and all of its descendants: a JVM is one of them."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EVERY = 0.5  # seconds
_TICK, _PAGE = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Watched:
    """A finished process with its descendants.

    Wall and CPU in seconds; the peaks, in MB, of resident memory and of what lay in the folders
    where it spills. Memory is summed over the processes, so that pages they share count twice.
    """

    wall: float
    cpu: float
    peak_mb: float
    spilled_mb: float
    output: str


def watch(command: Sequence[str], env: Mapping[str, str], spill: Path) -> Watched:
    """Run a process to its end.

    Args:
        command: what to run.
        env: what to set in its environment beside this process's own.
        spill: the folder whose size is watched; it need not be there.

    Raises:
        RuntimeError: it failed; the end of what it printed is in the message.
    """
    spent: dict[tuple[int, int], float] = {}
    resident = spilled = 0.0
    begun = time.perf_counter()
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(
            command, env=os.environ | dict(env), stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            tree = _tree(process.pid)
            resident = max(resident, sum(pages for _, _, pages in tree))
            spent |= {(pid, born): cpu for (pid, born), cpu, _ in tree}
            spilled = max(spilled, size_mb(spill))
            time.sleep(EVERY)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended {process.returncode}:\n{text[-4000:]}")
    cpu = max(usage.ru_utime + usage.ru_stime, sum(spent.values()))
    peak = max(usage.ru_maxrss / 1024, resident * _PAGE / 2**20)
    return Watched(round(wall, 2), round(cpu, 2), round(peak), round(spilled), text)


def size_mb(*places: Path) -> float:
    """What files and folders take, links counted once; what vanishes meanwhile is left out."""
    seen: dict[tuple[int, int], int] = {}
    for place in places:
        # Not `rglob`, which fails on a folder that vanishes while it looks.
        inside = [
            Path(at, name) for at, *kinds in os.walk(place) for kind in kinds for name in kind
        ]
        for path in (place, *inside):
            with contextlib.suppress(FileNotFoundError):
                stat = path.lstat()
                seen[stat.st_dev, stat.st_ino] = stat.st_blocks * 512
    return round(sum(seen.values()) / 1e6, 1)


def _tree(root: int) -> list[tuple[tuple[int, int], float, int]]:
    """A process and its descendants: (pid, its start), CPU seconds, resident pages."""
    found, parents = {}, {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            text = (entry / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue
        # After the name, which may hold anything: state, parent, ...; as proc(5) numbers them.
        fields = text.rpartition(")")[2].split()
        pid = int(entry.name)
        parents[pid] = int(fields[1])
        cpu = (int(fields[11]) + int(fields[12])) / _TICK
        found[pid] = ((pid, int(fields[19])), cpu, int(fields[21]))
    within = {root} & found.keys()
    while more := {pid for pid, parent in parents.items() if parent in within} - within:
        within |= more
    return [found[pid] for pid in within]
