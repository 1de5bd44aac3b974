"""A home with something of everything that can be kept, and what a store has of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import duckdb
import obstore
from store_server import Kept, kept_in

from saydo.release.store import read_manifest, releases_dir
from saydo.serve.store.home_files import kept_files
from saydo.settings import Settings

ALL = ", keep: [releases, raw, quarantine, restricted, landing]"
FOLDERS = ("landing", "quarantine", "raw", "restricted")
# By path below the home; what is kept of a home is told by names alone.
FILES = {
    "landing/shop/orders 1 #é.csv": "id\n1\n",
    "landing/shop/orders_2.csv": "id\n2\n",
    "quarantine/transactions/orders-000000000001.parquet": "rejected",
    "restricted/accounts/crm-000000000002.parquet": "clear",
    "raw/_batches/orders-000000000001.json": "{}",
    "state/collect/shop/files.json": "{}",
    "state/decisions/credit_decisions/r1.parquet": "decided",
    "state/erasures.parquet": "erased",
    "state/gate/history/orders.json": "[]",
    "state/linkage/decisions.json": "[]",
    "state/messages/m1.json": "{}",
    "published/retired/r20240101000000-00000000.json": "",
}
# Not yet in place, made again by the next run, or of this disk alone.
NEVER = {
    "landing/shop/.tmp-half~1": "half",
    "raw/_incoming/orders/data.parquet": "half",
    "raw/transactions/batch=orders-000000000001/month=2025-01/.tmp-data.parquet": "half",
    "state/pseudonym.key": "the-key-of-pseudonyms",
    "state/locks/home": "{}",
    "state/registry.parquet": "of the release",
    "state/build/staging.json": "{}",
    "state/dbt/target/manifest.json": "{}",
    "tmp/spilled": "spilled",
}


def fill(settings: Settings) -> None:
    """Put files of all kinds into a home that has releases, and raw that can be read."""
    for path, text in (FILES | NEVER).items():
        write(settings, path, text or json.dumps(read_manifest(settings) | {"release_id": "r0"}))
    land(settings, 1, 3)
    land(settings, 2, 5)


def write(settings: Settings, path: str, text: str) -> Path:
    """A file as Saydo puts it in place: another inode for another content."""
    file = settings.home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(".tmp-beside")
    beside.write_text(text)
    beside.replace(file)
    return file


def land(settings: Settings, number: int, rows: int) -> Path:
    """A batch of raw with so many rows."""
    path = f"raw/transactions/batch=orders-{number:012}/month=2025-01/data.parquet"
    file = settings.home / path
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(".tmp-beside")
    duckdb.execute(f"copy (select range as id from range({rows})) to '{beside}' (format parquet)")
    beside.replace(file)
    return file


def change(home: Settings) -> None:
    """What a run and an erasure do to files: one more, one rewritten, one less."""
    land(home, 3, 4)
    land(home, 1, 2)
    (home.quarantine / "transactions" / "orders-000000000001.parquet").unlink()


def keeping(settings: Settings, kept: Kept, more: str = ALL) -> Settings:
    """The same home, all of it kept."""
    return kept_in(settings, kept.address, more)


def head(kept: Kept) -> dict:
    return lines(kept)[0]


def named(kept: Kept) -> dict[str, dict]:
    """The files that the index names, by path."""
    return {line["path"]: line for line in lines(kept)[1:]}


def lines(kept: Kept) -> list[dict]:
    text = bytes(obstore.get(kept.store, "home.jsonl").bytes()).decode()
    return [json.loads(line) for line in text.splitlines()]


def home_objects(kept: Kept) -> set[str]:
    return {path for path in kept.objects() if path.startswith("home/")}


def contents(kept: Kept) -> dict[str, bytes]:
    """What who goes by the index reads, by path."""
    return {
        path: bytes(obstore.get(kept.store, line["object"]).bytes())
        for path, line in named(kept).items()
    }


def local(settings: Settings, folders: tuple[str, ...] = FOLDERS) -> dict[str, bytes]:
    """The same of the files."""
    return {path: file.read_bytes() for path, file in kept_files(settings, folders).items()}


def assert_kept(settings: Settings, kept: Kept) -> None:
    """The index is the home, each object is its file, and nothing else lies there."""
    assert contents(kept) == local(settings)
    assert_consistent(kept)
    assert home_objects(kept) == {line["object"] for line in named(kept).values()}


def assert_consistent(kept: Kept) -> None:
    """Whatever state the index tells, all of it is there."""
    for path, content in contents(kept).items():
        line = named(kept)[path]
        assert line["sha256"] == hashlib.sha256(content).hexdigest()
        assert line["size"] == len(content)


def tree(settings: Settings) -> dict[str, tuple]:
    """Everything that a restored home has in common with the one that was kept."""
    found = {
        path: (file.read_bytes(), file.stat().st_mtime_ns)
        for path, file in kept_files(settings, FOLDERS).items()
        if not path.startswith("published/")
    }
    for file in releases_dir(settings).rglob("*"):
        if file.is_file() and "report" not in file.parts:
            found[file.relative_to(settings.home).as_posix()] = (file.read_bytes(),)
    return found | {"current": str((settings.published / "current").readlink())}
