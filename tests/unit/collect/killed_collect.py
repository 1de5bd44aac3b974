"""Collects again and again, and each time is killed (-9) one step later, until no step is left.

python killed_collect.py HOME COLLECT_FILE PIPELINE; prints how many times it was killed.
Before each time, the database gets a row that shares the newest one's time, the folder two files.
"""

from __future__ import annotations

import os
import signal
import sys
import time
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


def grow_table(number: int) -> None:
    with psycopg.connect(
        host="127.0.0.1", port=port, user="collector", password=password, dbname="crm"
    ) as connection:
        connection.execute(
            "insert into accounts select %s, 'tied', max(updated_at) from accounts", [1000 + number]
        )


def grow_folder(number: int) -> None:
    folder = Path(settings.collect.pipeline(pipeline).folder.url.removeprefix("file://"))
    for name in (f"a{number}", f"b{number}"):
        (folder / name).write_text(name)
        os.utime(folder / name, (time.time() - 600,) * 2)


def collect(settings: Settings, access: Access, step: int = 0) -> bool:
    """Collect in a process of its own; whether it was killed."""
    child = os.fork()
    if not child:
        if step:
            arm(step)
        collect_pipeline(settings, pipeline, lambda name: access)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL), status
    return status == signal.SIGKILL


if __name__ == "__main__":
    home, file, pipeline = sys.argv[1:]
    settings = Settings(home=Path(home), collect_file=Path(file))
    password, port = os.environ.get("KILLED_PASSWORD", ""), int(os.environ.get("KILLED_PORT", 0))
    grow = grow_table if pipeline == "crm" else grow_folder
    access = Access("crm_db", "postgres", "127.0.0.1", port, "collector", password, "crm")
    kills = 0
    while True:
        grow(kills)
        if not collect(settings, access, kills + 1):
            break
        kills += 1
        if kills % 2:
            assert not collect(settings, access)
    assert not collect(settings, access)
    print(kills)
