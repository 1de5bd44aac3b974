"""The one way to put a file in place: flushed first, then renamed into sight.

A rename is atomic and a write is not, so whoever reads sees the old content or the new, never a
part. Without the flush, a power cut could keep the rename and lose the content.
"""

from __future__ import annotations

import json
import os
import shutil
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


def replace_text(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a text, atomically; nobody `mode` shuts out ever reads a part."""
    replace_with(_written(path, text, mode), path)


def create_text(path: Path, text: str, mode: int = 0o666) -> None:
    """Write a text unless `path` is there already: of several that try at once, one wins."""
    beside = _written(path, text, mode)
    sync_path(beside)
    try:
        path.hardlink_to(beside)  # a rename would replace what another has just written
    except FileExistsError:
        return
    finally:
        beside.unlink()
    sync_path(path.parent)


def _written(path: Path, text: str, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = temporary(path)
    beside.touch(mode=mode)
    beside.write_text(text, encoding="utf-8")
    return beside


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


def replace_folder(beside: Path, path: Path) -> None:
    """Flush the finished folder `beside` and give it the name `path`.

    What bore the name is removed first, for no folder can be renamed onto one that holds files: a
    crash between leaves none.
    """
    sync_tree(beside)
    if path.exists():
        shutil.rmtree(path)
    replace_with(beside, path)


def replace_link(link: Path, target: Path) -> None:
    """Point the symlink `link` at `target` (relative) in one step; readers see old or new."""
    beside = temporary(link)
    beside.symlink_to(target)
    beside.replace(link)
    sync_path(link.parent)


def temporary(path: Path) -> Path:
    """A free name beside `path`; what begins with `.tmp-` is a leftover once its writer is gone."""
    return path.with_name(f".tmp-{path.name}-{uuid.uuid4().hex[:8]}")
