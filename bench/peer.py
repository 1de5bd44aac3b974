"""Runs peer_build.sql in this process: `python -m bench.peer RAW AS_OF FILE`.

The same engine, with the same memory and threads as Saydo gives it.
"""

from __future__ import annotations

import sys
from pathlib import Path
from string import Template

import duckdb

from saydo.settings import Settings

SCRIPT = Path(__file__).with_name("peer_build.sql")

if __name__ == "__main__":
    raw, as_of, file = sys.argv[1:]
    settings = Settings()
    config = {
        "threads": settings.threads,
        "memory_limit": settings.memory_limit,
        "temp_directory": f"{file}.tmp",
        "preserve_insertion_order": False,
    }
    with duckdb.connect(file, config=config) as connection:
        connection.execute(Template(SCRIPT.read_text()).substitute(raw=raw, as_of=as_of))
