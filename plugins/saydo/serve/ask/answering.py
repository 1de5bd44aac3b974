"""The process that answers one query of a release; `saydo.serve.ask.reading` starts it, says why.

It reads one question from its standard input and writes messages to its standard output: the names
of the columns, the rows in batches, and whether rows were cut off; or why there is no answer.
"""

from __future__ import annotations

import pickle
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from saydo.engine import open_database
from saydo.errors import QueryRefused

_BATCH_ROWS = 1000
# Beside what the engine counts: the interpreter, the file as it is mapped, stacks of its threads.
_ROOM_BESIDE = 3 << 30
# In this order: once external access is off, nothing that touches files can be set.
_LOCKED = {
    "max_temp_directory_size": "'4GB'",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
    "enable_external_access": "false",
    "lock_configuration": "true",
}


@dataclass(frozen=True)
class _Home:
    """What the engine asks of settings, of which this process knows no more."""

    home: Path
    threads: int
    memory: int

    def memory_bytes(self, machine: int) -> float:
        """This query's part."""
        return min(self.memory, machine)


class _Clock:
    """The kernel ends this process when its seconds are over, whatever it is doing then."""

    def __init__(self, seconds: float):
        self._left = seconds

    def __enter__(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, self._left)

    def __exit__(self, *_: object) -> None:
        self._left = max(signal.setitimer(signal.ITIMER_REAL, 0)[0], 0.001)


def main() -> None:
    """Answer the question of standard input on standard output."""
    question = pickle.load(sys.stdin.buffer)  # noqa: S301 - of the process that started this one
    out = sys.stdout.buffer
    try:
        for message in _answers(question):
            pickle.dump(message, out)
            out.flush()  # a slow reader's time is not the query's: the clock stands still here
    except QueryRefused as error:
        message = {"refused": str(error)}
    except duckdb.PermissionException as error:
        message = {"refused": f"a query reads the release's tables and nothing else: {error}"}
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        first = str(error).partition("\n")[0]  # what else it says is for who sets the limit
        message = {"refused": f"the query asked for more memory than it may use: {first}"}
    except (duckdb.IOException, OSError) as error:
        message = {"broken": f"the release cannot be read: {error}"}
    except duckdb.Error as error:
        message = {"wrong": f"the query is wrong: {error}"}
    else:
        return
    pickle.dump(message, out)
    out.flush()


def _answers(question: dict[str, Any]) -> Iterator[dict[str, Any]]:
    home = _Home(question["home"], question["threads"], question["memory"])
    _, allowed = resource.getrlimit(resource.RLIMIT_AS)
    room = home.memory + _ROOM_BESIDE
    room = room if allowed == resource.RLIM_INFINITY else min(room, allowed)
    resource.setrlimit(resource.RLIMIT_AS, (room, room))
    clock, most, bytes_left = _Clock(question["seconds"]), question["rows"], question["bytes"]
    with open_database(home, question["file"], read_only=True) as connection:
        for name, value in _LOCKED.items():
            connection.execute(f"set {name} = {value}")
        with clock:
            _check(connection, question["sql"])
            connection.execute(question["sql"], question["parameters"])
        yield {"columns": [column[0] for column in connection.description or ()]}
        while True:
            with clock:
                size = _BATCH_ROWS if most is None else min(_BATCH_ROWS, most + 1)
                rows = connection.fetchmany(size)
            is_cut = most is not None and len(rows) > most
            if most is not None:
                rows = rows[:most]
                most -= len(rows)
            if bytes_left is not None:
                bytes_left -= len(pickle.dumps(rows))
                if bytes_left < 0:
                    raise QueryRefused("the answer is too large; ask for fewer columns or rows")
            if rows:
                yield {"rows": rows}
            if is_cut or len(rows) < _BATCH_ROWS:
                yield {"is_cut": is_cut}
                return


def _check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise QueryRefused(f"give one statement; there are {len(statements)}")
    if statements[0].type != duckdb.StatementType.SELECT:
        kind = str(statements[0].type).rpartition(".")[2].lower()
        raise QueryRefused(f"give a `select`; this is of the kind {kind}")


if __name__ == "__main__":
    main()
