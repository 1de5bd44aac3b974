"""What serving from PostgreSQL costs: the load, readers while the views move, dashboards' queries.

`SAYDO_PUBLISH_POSTGRES=… python -m bench.postgres --release DIR` takes a release (a folder with
marts.duckdb and manifest.json) and an empty database that `saydo serve init` prepared, and writes
bench/POSTGRES.md. What it is measured against runs in turn with it, on the same server.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from bench.harness import machine
from bench.postgres_page import write_page
from saydo.config import PostgresTarget
from saydo.engine import open_database
from saydo.serve.postgres.connecting import address, connect
from saydo.serve.postgres.loading import load, open_release, schema_name
from saydo.serve.postgres.pointing import point, views
from saydo.serve.postgres.shape import Table
from saydo.settings import Settings
from saydo.sql import literal, quoted

HERE = Path(__file__).parent
READERS = 8
# Changed in one of two copies of the release: a query over all three sees one copy, or is torn.
_TOLD = {
    "data_readiness": "owner",
    "experience_effects": "method",
    "survey_questions": "question_role",
}
_READ = "select (select right(release_id, 1) from marts.served_release)" + "".join(
    f", (select right(min({column}), 1) from marts.{table})" for table, column in _TOLD.items()
)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True, help="a folder with marts.duckdb")
    parser.add_argument("--turns", type=int, default=3, help="of loading, and of bare COPY")
    parser.add_argument("--swaps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=10, help="of the twenty queries, per client")
    given = parser.parse_args()
    scratch = Path(tempfile.mkdtemp(prefix="saydo-bench-"))
    settings = Settings(home=scratch)
    if address(settings) is None:
        parser.error("set SAYDO_PUBLISH_POSTGRES")
    manifest = json.loads((given.release / "manifest.json").read_text(encoding="utf-8"))
    results: dict[str, Any] = {"rows": manifest["row_counts"], "machine": machine()}
    try:
        with open_database(settings) as engine, connect(address(settings) or {}) as server:
            tables = open_release(engine, given.release)
            results["version"] = server.info.server_version // 10_000
            results["load"] = compare_loads(server, engine, tables, manifest, scratch, given.turns)
            copies = load_copies(server, engine, tables, manifest)
            results["swap"] = swap_under_readers(settings, server, tables, copies, given.swaps)
            results["queries"] = ask(settings, given.release, given.rounds)
    finally:
        shutil.rmtree(scratch)
    write_page(HERE / "POSTGRES.md", results)


def compare_loads(
    server: psycopg.Connection[Any],
    engine: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    manifest: dict[str, Any],
    scratch: Path,
    turns: int,
) -> dict[str, list[float]]:
    """Seconds, turn by turn: of our load, and of bare COPY from files of the same rows."""
    formats = {"csv": "format csv", "binary": "format postgres_binary"}
    for name, how in formats.items():
        for table in tables:
            relation = quoted("release", table.name)
            file = scratch / f"{table.name}.{name}"
            engine.execute(
                f"copy (from {relation}) to {literal(file)} ({how}{_options(name, table)})"
            )
    seconds: dict[str, list[float]] = {"load": [], "csv": [], "binary": []}
    for _ in range(turns):
        for name in formats:
            _drop(server, "bare")
            seconds[name].append(_timed(lambda name=name: _bare(server, tables, scratch, name)))
        _drop(server, "bare")
        _drop(server, schema_name(manifest))
        seconds["load"].append(
            _timed(lambda: load(server, engine, list(tables), manifest, "saydo_reader"))
        )
    for file in scratch.glob("*.*"):
        file.unlink()
    return seconds


def _options(name: str, table: Table) -> str:
    texts = [quoted(column.name) for column in table.columns if column.type == "text"]
    return f", header false, force_quote ({', '.join(texts)})" if name == "csv" and texts else ""


def _bare(
    server: psycopg.Connection[Any], tables: Sequence[Table], scratch: Path, name: str
) -> None:
    server.execute("create schema bare")
    for table in tables:
        target = quoted("bare", table.name)
        columns = ", ".join(f"{quoted(column.name)} {column.sql_type}" for column in table.columns)
        server.execute(f"create table {target} ({columns})")
        with (
            server.cursor().copy(f"copy {target} from stdin (format {name})") as copy,
            (scratch / f"{table.name}.{name}").open("rb", buffering=0) as file,
        ):
            while chunk := file.read(1 << 18):
                copy.write(chunk)


def load_copies(
    server: psycopg.Connection[Any],
    engine: duckdb.DuckDBPyConnection,
    tables: Sequence[Table],
    manifest: dict[str, Any],
) -> list[str]:
    """The release twice, of which each tells the other apart in three tables and its id."""
    schemas = []
    for letter in "ab":
        changed = manifest | {"release_id": manifest["release_id"] + letter}
        schemas.append(schema_name(changed))
        load(server, engine, list(tables), changed, "saydo_reader")
        for table, column in _TOLD.items():
            server.execute(
                f"update {quoted(schemas[-1], table)} set {column} = {column} || '{letter}'"
            )
    return schemas


def swap_under_readers(
    settings: Settings,
    server: psycopg.Connection[Any],
    tables: Sequence[Table],
    schemas: Sequence[str],
    swaps: int,
) -> dict[str, Any]:
    """Move the views to and fro while readers read; their waits in seconds, and torn reads."""
    target = PostgresTarget()
    point(server, views(server), schemas[0], list(tables), target)
    quiet = _under_readers(settings, lambda: time.sleep(10))
    took: list[float] = []

    def swap() -> None:
        for number in range(swaps):
            there = views(server)
            schema = schemas[1 - number % 2]
            begun = time.perf_counter()
            point(server, there, schema, list(tables), target)
            took.append(time.perf_counter() - begun)

    moving = _under_readers(settings, swap)
    return {"swaps": swaps, "seconds": took, "quiet": quiet, "moving": moving}


def _under_readers(settings: Settings, work: Callable[[], None]) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    stop, found = context.Event(), context.Queue()
    readers = [
        context.Process(target=_read, args=(address(settings), stop, found)) for _ in range(READERS)
    ]
    for reader in readers:
        reader.start()
    for _ in readers:
        assert found.get() == "ready"
    work()
    stop.set()
    answers = [found.get() for _ in readers]
    for reader in readers:
        reader.join()
    waits = [wait for some, _ in answers for wait in some]
    return {"waits": waits, "torn": sum(torn for _, torn in answers)}


def _read(parts: dict[str, Any], stop: Any, found: Any) -> None:
    waits, torn = [], 0
    with psycopg.connect(**parts, autocommit=True) as connection:
        connection.execute(_READ)
        found.put("ready")
        while not stop.is_set():
            begun = time.perf_counter()
            (letters,) = connection.execute(_READ).fetchall()
            waits.append(time.perf_counter() - begun)
            torn += len(set(letters)) != 1
            time.sleep(0.005)  # a person, or a tool that draws what it got
    found.put((waits, torn))


def queries() -> dict[str, str]:
    """The dashboards' queries by name."""
    parts = (HERE / "dashboards.sql").read_text(encoding="utf-8").split("-- name: ")[1:]
    return {name: sql for name, _, sql in (part.partition("\n") for part in parts)}


def ask(settings: Settings, release: Path, rounds: int) -> dict[str, Any]:
    """Milliseconds of each query: one warm client of the files, eight of PostgreSQL.

    Raises:
        AssertionError: the two do not answer the same.
    """
    locked = {"enable_external_access": "false", "lock_configuration": "true"}
    file = str(release / "marts.duckdb")
    with duckdb.connect(file, read_only=True, config=locked) as files:
        asked = queries()
        with psycopg.connect(**_reading(settings)) as reader:
            for name, sql in asked.items():
                mine = _plain(reader.execute(sql).fetchall())
                assert mine == _plain(files.execute(sql).fetchall()), name
        alone = {
            name: [
                1000 * _timed(lambda sql=sql: files.execute(sql).fetchall()) for _ in range(rounds)
            ]
            for name, sql in asked.items()
        }
    context = multiprocessing.get_context("spawn")
    with context.Pool(READERS) as pool:
        answers = pool.starmap(
            _ask_server, [(_reading(settings), rounds, n) for n in range(READERS)]
        )
    together = {name: [t for answer in answers for t in answer[name]] for name in asked}
    return {"duckdb": alone, "postgres": together}


def _plain(rows: Sequence[tuple[Any, ...]]) -> list[list[str]]:
    """Rows that compare: a whole number is the same of whatever type."""
    return sorted(
        [
            f"{Decimal(value).normalize():f}" if type(value) in (int, Decimal) else str(value)
            for value in row
        ]
        for row in rows
    )


def _reading(settings: Settings) -> dict[str, Any]:
    return (address(settings) or {}) | {"options": "-c search_path=marts"}


def _ask_server(parts: dict[str, Any], rounds: int, seed: int) -> dict[str, list[float]]:
    order = random.Random(seed)
    asked = list(queries().items())
    times: dict[str, list[float]] = {name: [] for name, _ in asked}
    with psycopg.connect(**parts, autocommit=True) as reader:
        for number in range(rounds + 1):
            order.shuffle(asked)
            for name, sql in asked:
                seconds = _timed(lambda sql=sql: reader.execute(sql).fetchall())
                if number:  # the first round warms
                    times[name].append(1000 * seconds)
    return times


def _drop(server: psycopg.Connection[Any], schema: str) -> None:
    server.execute(f"drop schema if exists {quoted(schema)} cascade")


def _timed(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
