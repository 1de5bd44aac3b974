"""Times commands in turn, as whole processes, and compares them turn by turn.

Machines are noisy: what is quoted is the median of the ratios of interleaved runs (A B A B ...),
with CPU seconds beside wall seconds. Memory is the peak resident size of the largest process.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Run:
    """One finished process: wall and CPU in seconds, peak resident memory in MB."""

    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Command:
    """What to time. Not timed: `reset` puts back what a run changed, `verify` judges its result."""

    arguments: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    reset: Callable[[], None] = lambda: None
    verify: Callable[[], None] = lambda: None


@dataclass(frozen=True)
class Comparison:
    """Runs of a subject and of its peer, turn by turn, and the ratio that was promised."""

    name: str
    subject: tuple[Run, ...]
    peer: tuple[Run, ...]
    promised: float
    note: str = ""
    task_count: int | None = None  # promised are seconds that the subject takes longer, a task
    least: float | None = None  # a ratio below it breaks the promise, too

    def figure(self, of: str) -> float:
        """What was promised, as measured: the median over the turns; `of` is 'wall' or 'cpu'."""
        turns = [
            (getattr(mine, of), getattr(theirs, of))
            for mine, theirs in zip(self.subject, self.peer, strict=True)
        ]
        if self.task_count is not None:
            return statistics.median((mine - theirs) / self.task_count for mine, theirs in turns)
        return statistics.median(mine / theirs for mine, theirs in turns)

    def row(self) -> str:
        """The comparison as a row of a Markdown table."""
        mine, theirs = self.subject, self.peer
        unit = "" if self.task_count is None else " s a task"
        cells = [
            self.name,
            str(len(mine)),
            f"{_median(mine, 'wall'):.2f} ({_median(mine, 'cpu'):.2f})",
            f"{_median(theirs, 'wall'):.2f} ({_median(theirs, 'cpu'):.2f})",
            f"{self.figure('wall'):.2f} ({self.figure('cpu'):.2f}){unit}",
            f"{'' if self.least is None else f'≥ {self.least:g}, '}≤ {self.promised:g}{unit}",
            "yes" if (self.least or 0) <= self.figure("wall") <= self.promised else "**no**",
            f"{max(run.peak_mb for run in mine):,.0f}",
            f"{max(run.peak_mb for run in theirs):,.0f}",
            self.note,
        ]
        return "| " + " | ".join(cells) + " |"


HEADER = (
    "| what | runs | Saydo: wall (CPU) s | peer: wall (CPU) s | ratio: wall (CPU) "
    "| promised | kept | peak MB | peer's peak MB | peer |\n" + "|---" * 10 + "|"
)


def _median(runs: Sequence[Run], figure: str) -> float:
    return statistics.median(getattr(run, figure) for run in runs)


def middle(runs: Sequence[Run]) -> str:
    """The medians of runs, in words: wall seconds, CPU seconds in brackets, peak memory."""
    wall, cpu = _median(runs, "wall"), _median(runs, "cpu")
    return f"{wall:.1f} s ({cpu:.1f}) and {max(run.peak_mb for run in runs):,.0f} MB"


def above(runs: Sequence[Run], base: Sequence[Run]) -> tuple[Run, ...]:
    """The runs without what the base took in the same turn."""
    return tuple(
        Run(run.wall - less.wall, run.cpu - less.cpu, run.peak_mb)
        for run, less in zip(runs, base, strict=True)
    )


def verdict(figure: float, promised: float, unit: str = "") -> str:
    """Whether a figure that is no ratio is as promised, in brackets."""
    return f"(promised ≤ {promised:g}{unit}: {'kept' if figure <= promised else '**not kept**'})"


def run_once(command: Command) -> Run:
    """Run one process to its end, between its `reset` and its `verify`.

    Raises:
        RuntimeError: it failed; the end of what it printed is in the message.
    """
    command.reset()
    start = time.perf_counter()
    with subprocess.Popen(
        command.arguments,
        env=os.environ | dict(command.env),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        output = process.stdout.read() if process.stdout else b""
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - start
    if process.returncode != 0:
        tail = output.decode(errors="replace")[-3000:]
        raise RuntimeError(f"{' '.join(command.arguments)} ended {process.returncode}:\n{tail}")
    command.verify()
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def interleave(
    commands: Mapping[str, Command], runs: int, warm_ups: int = 1
) -> dict[str, tuple[Run, ...]]:
    """Run every command once a turn, in order; the first `warm_ups` turns do not count."""
    done: dict[str, list[Run]] = {name: [] for name in commands}
    for turn in range(1 - warm_ups, runs + 1):
        for name, command in commands.items():
            run = run_once(command)
            if turn > 0:
                done[name].append(run)
            label = f"{turn}/{runs}" if turn > 0 else "warm-up"
            print(
                f"{label} {name}: {run.wall:.2f} s ({run.cpu:.2f}), {run.peak_mb:.0f} MB",
                flush=True,
            )
    return {name: tuple(found) for name, found in done.items()}


def apart(function: Callable[..., Result], *arguments: object) -> Result:
    """Call a function in a process of its own.

    A process is told as its peak memory what its parent had when it started, so whoever times must
    stay small.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


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
