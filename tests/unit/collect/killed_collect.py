"""Collects again and again, and each time is killed (-9) one step later, until no step is left.

python killed_collect.py HOME COLLECT_FILE; prints how many times it was killed.
Before each time, the source gets a row that shares the newest one's time.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import psycopg

from saydo.collect import Access, collect_pipeline, delivering, tables
from saydo.settings import Settings

STEPS = ("sync_path", "replace_json", "replace_with")


def arm(step: int) -> None:
    """Die at the `step`-th call of what puts files and state in place."""
    calls = 0

    def armed(function):
        def call(*values, **named):
            nonlocal calls
            calls += 1
            if calls == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*values, **named)

        return call

    for name in STEPS:
        setattr(delivering, name, armed(getattr(delivering, name)))
    tables._of_window = armed(tables._of_window)


def collect(settings: Settings, access: Access, step: int = 0) -> bool:
    """Collect in a process of its own; whether it was killed."""
    child = os.fork()
    if not child:
        if step:
            arm(step)
        collect_pipeline(settings, "crm", lambda name: access)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


if __name__ == "__main__":
    home, file = sys.argv[1:]
    settings = Settings(home=Path(home), collect_file=Path(file))
    password, port = os.environ["KILLED_PASSWORD"], int(os.environ["KILLED_PORT"])
    access = Access("crm_db", "postgres", "127.0.0.1", port, "collector", password, "crm")
    kills = 0
    while True:
        with psycopg.connect(
            host="127.0.0.1", port=port, user="collector", password=password, dbname="crm"
        ) as connection:
            connection.execute(
                "insert into accounts select %s, 'tied', max(updated_at) from accounts",
                [1000 + kills],
            )
        if not collect(settings, access, kills + 1):
            break
        kills += 1
        if kills % 2:
            assert not collect(settings, access)
    assert not collect(settings, access)
    print(kills)
