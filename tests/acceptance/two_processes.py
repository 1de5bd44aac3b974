"""A bench for tests that start two processes in one home on purpose."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

SAYDO = Path(sys.executable).with_name("saydo")
# One task of a scheduler's run, as its worker executes it: a process of its own, the run's id.
TASK = """
import sys
from types import SimpleNamespace
import saydo.operators as operators
from saydo.operators.home import FreeHomeOperator, HoldHomeSensor
kind, run_id, pause, named = sys.argv[1], sys.argv[2], float(sys.argv[3]), sys.argv[4:]
arguments = dict(word.split("=", 1) for word in named)
kinds = vars(operators) | {"HoldHome": HoldHomeSensor, "FreeHome": FreeHomeOperator}
operator = kinds[kind](task_id="task", **arguments)
context = {
    "ti": SimpleNamespace(dag_id="build_customer_warehouse", run_id=run_id),
    "params": {"as_of": None, "full_refresh": False},
}
if pause:
    import time
    call = type(operator).call
    type(operator).call = lambda *given: (print("at work", flush=True), time.sleep(pause),
                                          call(*given))[-1]
if kind == "HoldHome":
    sys.exit(0 if operator.poke(context) else 75)
print(operator.execute(context))
"""


class Process:
    """A command that runs beside this test; what it prints is kept as it comes."""

    def __init__(self, arguments: list[str], home: Path, **variables: str) -> None:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SAYDO_", "AIRFLOW"))}
        limits = {"SAYDO_MEMORY_LIMIT": "2GB", "SAYDO_HOME": str(home)}
        self._process = subprocess.Popen(
            arguments,
            env=kept | {"COLUMNS": "200", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"}
            | limits | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip
        self._lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        self._lines.extend(self._process.stdout or ())

    @property
    def said(self) -> str:
        """All that was printed until now."""
        return "".join(self._lines)

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def until(self, text: str, seconds: float = 120) -> None:
        """Wait until it has printed `text`."""
        end = time.monotonic() + seconds
        while text not in self.said:
            assert self.is_running and time.monotonic() < end, f"no {text!r} in:\n{self.said}"
            time.sleep(0.02)

    def code(self, seconds: float = 240) -> int:
        """Wait for its end; the exit code."""
        code = self._process.wait(timeout=seconds)
        self._reader.join(timeout=10)
        return code

    def kill(self) -> None:
        """-9."""
        self._process.kill()
        self._process.wait()


def saydo(home: Path, *arguments: str | Path, **variables: str) -> Process:
    """A command of the user's."""
    return Process([str(SAYDO), *map(str, arguments)], home, **variables)


def task(home: Path, kind: str, run_id: str, pause: float = 0, **arguments: str) -> Process:
    """A task of a scheduler's run; with `pause`, it says "at work" and rests before it works."""
    words = [f"{name}={value}" for name, value in arguments.items()]
    return Process([sys.executable, "-c", TASK, kind, run_id, str(pause), *words], home)


def python(home: Path, code: str, *arguments: str | Path, **variables: str) -> Process:
    """A few lines of Python."""
    return Process([sys.executable, "-c", code, *map(str, arguments)], home, **variables)
