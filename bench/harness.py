"""Times two commands in turn, as whole processes, and compares them pair by pair.

Machines are noisy: what is quoted is the median of the ratios of interleaved runs (A B A B ...),
with CPU seconds beside wall seconds. Memory is the peak resident size of the largest process.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """One finished process: wall and CPU in seconds, peak resident memory in MB."""

    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Comparison:
    """Runs of a subject and of its peer, pair by pair, and the ratio that was promised."""

    name: str
    subject: tuple[Run, ...]
    peer: tuple[Run, ...]
    promised: float
    note: str = ""

    def ratio(self, figure: str) -> float:
        """Median over the pairs of subject / peer; `figure` is 'wall' or 'cpu'."""
        pairs = zip(self.subject, self.peer, strict=True)
        return statistics.median(getattr(a, figure) / getattr(b, figure) for a, b in pairs)

    def row(self) -> str:
        """The comparison as a row of a Markdown table."""
        mine, theirs = self.subject, self.peer
        cells = [
            self.name,
            str(len(mine)),
            f"{_median(mine, 'wall'):.2f} ({_median(mine, 'cpu'):.2f})",
            f"{_median(theirs, 'wall'):.2f} ({_median(theirs, 'cpu'):.2f})",
            f"{self.ratio('wall'):.2f} ({self.ratio('cpu'):.2f})",
            f"≤ {self.promised:g}",
            f"{max(run.peak_mb for run in mine):.0f}",
            self.note,
        ]
        return "| " + " | ".join(cells) + " |"


HEADER = (
    "| what | runs | Saydo: wall (CPU) s | peer: wall (CPU) s | ratio wall (CPU) | promised "
    "| peak MB | peer |\n|---|---|---|---|---|---|---|---|"
)


def _median(runs: Sequence[Run], figure: str) -> float:
    return statistics.median(getattr(run, figure) for run in runs)


def run_once(command: Sequence[str], env: dict[str, str] | None = None) -> Run:
    """Run one process to its end.

    Raises:
        RuntimeError: it failed; the end of what it printed is in the message.
    """
    start = time.perf_counter()
    with subprocess.Popen(
        command, env=os.environ | (env or {}), stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        tail = output.decode(errors="replace")[-3000:]
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}:\n{tail}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def compare(
    name: str,
    subject: Sequence[str],
    peer: Sequence[str],
    promised: float,
    *,
    runs: int = 5,
    reset_subject: Callable[[], None] = lambda: None,
    reset_peer: Callable[[], None] = lambda: None,
    env: dict[str, str] | None = None,
    note: str = "",
) -> Comparison:
    """Interleave `runs` of both commands after one warm-up of each.

    `reset_*` puts back what a run changed and is not timed.
    """
    mine: list[Run] = []
    theirs: list[Run] = []
    for turn in range(runs + 1):
        reset_subject()
        ours = run_once(subject, env)
        reset_peer()
        other = run_once(peer, env)
        if turn:
            mine.append(ours)
            theirs.append(other)
            print(f"{name}: pair {turn}/{runs} {ours.wall:.2f} s / {other.wall:.2f} s", flush=True)
    return Comparison(name, tuple(mine), tuple(theirs), promised, note)


def machine() -> str:
    """One line about the machine: processor, cores, memory, system, Python."""
    model = platform.processor() or platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )
