"""What keeping releases in an object store costs, and whether a reader there ever sees two at once.

`python -m bench.store --home DIR` takes a home as `saydo run` left it, copies what it needs, and
writes bench/STORE.md; without a home it measures landing alone, and leaves the rest of the page.
The store is moto's server, in a process of its own on this machine.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb

from bench import store_landing
from bench.harness import HEADER, machine, verdict
from saydo.durable import replace_link
from saydo.release import publish
from saydo.serve.store import serve
from saydo.settings import Settings
from saydo.sql import literal

HERE = Path(__file__).parent
READERS = 4
_BUCKET = "bench"
_TABLES = ("customer_profiles", "data_readiness", "metrics_daily")
_PAGE = """# Keeping releases in an object store: figures

<!-- Made by `python -m bench.store --home DIR`. -->

Everything shares one machine: {machine}. The store is moto's server, written in Python: a real one
takes objects faster and is further away. Load of the machine at the end (all processes, also of
others; 1, 5, 15 minutes): {load}.

## Publishing

A release of {tables} tables, {rows} rows, {size:.0f} MB: published on disk, then brought to the
store, whole, under a name that is not there yet.

| | seconds, turn by turn |
| --- | --- |
| on disk | {disk} |
| and to the store | {store} |

Publishing to the store as well, beside publishing on disk alone: {ratio:.2f} {ratio_verdict}
(median of the turns).

## Readers while the pointer moves

{publishes} releases, one right after the other, each uploaded whole, pointed at, and the last two
kept, under {readers} readers with DuckDB's httpfs that read the pointer and then {tables_read}
tables of that release, over and over. A read is torn if they, and the pointer, are not all of one
release.

| | |
| --- | --- |
| torn reads | {torn} of {reads} {torn_verdict} |
| reads of a release that was let go of meanwhile, begun again from the pointer | {again} |

"""
_LANDING = """## Landing from a bucket

Whole processes, in turn, wall seconds with CPU seconds in brackets; a ratio is the median of the
turns' ratios. From the bucket is collecting, with `landing: .`, and then landing. Load of the
machine at the end: {load}.

{table}
"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, help="as `saydo run` left it; else landing alone")
    parser.add_argument("--turns", type=int, default=3, help="of publishing, and of landing")
    parser.add_argument("--publishes", type=int, default=200)
    parser.add_argument("--rows", type=int, default=500_000, help="to land")
    given = parser.parse_args()
    file = HERE / "STORE.md"
    # The part of an earlier time, unless it is measured anew.
    page = file.read_text(encoding="utf-8").partition("## Landing")[0] if file.is_file() else ""
    scratch = Path(tempfile.mkdtemp(prefix="saydo-bench-"))
    try:
        with store_server():
            if given.home:
                facts = time_publishing(given.home, scratch, given.turns)
                facts |= publish_under_readers(Settings(home=given.home), scratch, given.publishes)
                page = _PAGE.format(machine=machine(), load=_load(), readers=READERS, **facts)
            landed = store_landing.measure(scratch / "landing", _BUCKET, given.rows, given.turns)
    finally:
        shutil.rmtree(scratch)
    table = "\n".join((HEADER, landed.row()))
    page = page.rstrip() + "\n\n" + _LANDING.format(load=_load(), table=table)
    file.write_text(page, encoding="utf-8")


def _load() -> str:
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


@contextmanager
def store_server() -> Iterator[None]:
    """A store with an empty bucket, and its address and credentials in the environment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_REGION": "us-east-1",
    }  # fmt: skip
    try:
        made = urllib.request.Request(f"http://127.0.0.1:{port}/{_BUCKET}", method="PUT")
        for _ in range(120):
            try:
                urllib.request.urlopen(made).close()
                break
            except OSError:
                time.sleep(0.5)
        yield
    finally:
        server.terminate()
        server.wait()


def time_publishing(home: Path, scratch: Path, turns: int) -> dict[str, Any]:
    """Seconds of a publish on disk, and of bringing it to the store, turn by turn."""
    as_of = date.fromisoformat(_manifest(home)["as_of_date"])
    disk, store = [], []
    for turn in range(turns):
        copy = scratch / f"home{turn}"
        copy.mkdir()
        shutil.copyfile(home / "warehouse.duckdb", copy / "warehouse.duckdb")
        shutil.copytree(home / "state", copy / "state", ignore=shutil.ignore_patterns("locks"))
        settings = _kept_in(copy, f"turn{turn}")
        begun = time.perf_counter()
        published = publish(settings, as_of)
        disk.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        served = serve(settings) or {}
        store.append(time.perf_counter() - begun)
        folder = copy / "published" / "releases" / published["release_id"]
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        shutil.rmtree(copy)
    ratio = statistics.median((d + s) / d for d, s in zip(disk, store, strict=True))
    return {
        "tables": served["table_count"],
        "rows": f"{served['row_count']:,}",
        "size": size / 1e6,
        "disk": ", ".join(f"{value:.1f}" for value in disk),
        "store": ", ".join(f"{value:.1f}" for value in store),
        "ratio": ratio,
        "ratio_verdict": verdict(ratio, 2.0),
    }


def publish_under_readers(source: Settings, scratch: Path, publishes: int) -> dict[str, Any]:
    """Bring one small release after the other to the store while readers read: what they saw."""
    home = scratch / "readers"
    settings = _kept_in(home, "readers")
    _release(source, settings, 0)
    serve(settings)
    context = multiprocessing.get_context("spawn")
    stop, found = context.Event(), context.Queue()
    address = settings.publish.store.address
    readers = [context.Process(target=_read, args=(address, stop, found)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for _ in readers:
        assert found.get() == "ready"
    for number in range(1, publishes + 1):
        _release(source, settings, number)
        serve(settings)
    stop.set()
    answers = [found.get() for _ in readers]
    for reader in readers:
        reader.join()
    reads, torn, again = (sum(answer[i] for answer in answers) for i in range(3))
    return {
        "publishes": publishes,
        "tables_read": len(_TABLES),
        "reads": f"{reads:,}",
        "torn": torn,
        "torn_verdict": verdict(torn, 0),
        "again": f"{again:,}",
    }


def _kept_in(home: Path, prefix: str) -> Settings:
    home.mkdir(exist_ok=True)
    file = home / "publish.yml"
    file.write_text(f"store: {{address: 's3://{_BUCKET}/{prefix}'}}\n", encoding="utf-8")
    return Settings(home=home, publish_file=file)


def _manifest(home: Path) -> dict[str, Any]:
    return json.loads((home / "published" / "current" / "manifest.json").read_text())


def _release(source: Settings, settings: Settings, number: int) -> None:
    """Some tables of a release, each row of which says which release it is of; made current."""
    release_id = f"r{20300101000000 + number}-{number:08x}"
    folder = settings.published / "releases" / release_id
    folder.mkdir(parents=True)
    with duckdb.connect() as connection:
        for table in _TABLES:
            rows = literal(source.published / "current" / f"{table}.parquet")
            told = literal(release_id)
            connection.execute(
                f"copy (select *, {told} as told from read_parquet({rows}) limit 2000) "
                f"to {literal(folder / f'{table}.parquet')} (format parquet)"
            )
    manifest = _manifest(source.home) | {"release_id": release_id, "content_hash": uuid.uuid4().hex}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    replace_link(settings.published / "current", Path("releases") / release_id)
    for old in sorted(folder.parent.iterdir())[:-3]:
        shutil.rmtree(old)


def _read(address: str, stop: Any, found: Any) -> None:
    reads = torn = again = 0
    with duckdb.connect() as connection:
        _open_store(connection)
        for _ in _answers(connection, address, ["customer_profiles"]):
            break
        found.put("ready")
        while not stop.is_set():
            try:
                seen = set(_answers(connection, address, _TABLES))
            except duckdb.Error as error:
                if "404" not in str(error):
                    raise
                again += 1
                continue
            reads += 1
            torn += len(seen) != 1
            time.sleep(0.05)  # a person, or a tool that draws what it got
    found.put((reads, torn, again))


def _open_store(connection: duckdb.DuckDBPyConnection) -> None:
    folder = resources.files("duckdb_extension_httpfs") / "extensions" / f"v{duckdb.__version__}"
    connection.execute(f"load {literal(folder / 'httpfs.duckdb_extension')}")
    endpoint = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    connection.execute(
        f"create secret (type s3, key_id 'bench', secret 'bench', endpoint '{endpoint}', "
        "use_ssl false, url_style 'path')"
    )


def _answers(
    connection: duckdb.DuckDBPyConnection, address: str, tables: Sequence[str]
) -> Iterator[str]:
    """The release that the pointer names, and the ones that the rows of each table are of."""
    path, release_id = connection.execute(
        f"select path, release_id from read_json('{address}/current.json')"
    ).fetchall()[0]
    yield release_id
    for table in tables:
        file = f"{address}/{path}/{table}.parquet"
        for (told,) in connection.execute(
            f"select distinct told from read_parquet('{file}')"
        ).fetchall():
            yield told


if __name__ == "__main__":
    main()
