"""Files that survive a power cut: everything is flushed before it is renamed into sight."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def sync_path(path: Path) -> None:
    """Flush one file or folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(root: Path) -> None:
    """Flush every file below `root`, then every folder, the root last."""
    for folder, _, names in os.walk(root, topdown=False):
        for name in names:
            sync_path(Path(folder) / name)
        sync_path(Path(folder))


def replace_text(path: Path, text: str) -> None:
    """Write a whole file beside `path`, flush it and rename it into place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = temporary(path)
    beside.write_text(text, encoding="utf-8")
    replace_with(beside, path)


def replace_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON with sorted keys, atomically."""
    replace_text(path, json.dumps(content, indent=2, sort_keys=True) + "\n")


def replace_table(path: Path, table: pa.Table, mode: int = 0o666) -> None:
    """Write a table as one Parquet file, atomically; nobody `mode` shuts out ever reads a part."""
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = temporary(path)
    beside.touch(mode=mode)
    pq.write_table(table, beside)
    replace_with(beside, path)


def replace_with(beside: Path, path: Path) -> None:
    """Flush the finished file `beside` and give it the name `path`."""
    sync_path(beside)
    beside.replace(path)
    sync_path(path.parent)


def replace_link(link: Path, target: Path) -> None:
    """Point the symlink `link` at `target` (relative) in one step; readers see old or new."""
    beside = temporary(link)
    beside.symlink_to(target)
    beside.replace(link)
    sync_path(link.parent)


def temporary(path: Path) -> Path:
    """A free name beside `path`; what begins with `.tmp-` is a leftover once its writer is gone."""
    return path.with_name(f".tmp-{path.name}-{uuid.uuid4().hex[:8]}")
