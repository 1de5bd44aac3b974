"""Faults of whole files: their bytes, their names, their columns."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from saydo.simulate.delivery import FILES
from saydo.simulate.faults import tables


def drop_column(path: Path, source: str, rng: np.random.Generator) -> None:
    """The amount is gone."""
    tables.write(tables.read(path, source).drop_columns(["pence"]), path, source)


def rename_column(path: Path, source: str, rng: np.random.Generator) -> None:
    """The amount has another name."""
    table = tables.read(path, source)
    names = ["amount_pence" if name == "pence" else name for name in table.column_names]
    tables.write(table.rename_columns(names), path, source)


def add_column(path: Path, source: str, rng: np.random.Generator) -> None:
    """A column nobody has announced."""
    table = tables.read(path, source)
    new = pa.array(np.full(table.num_rows, "web"))
    tables.write(table.append_column("sales_channel", new), path, source)


def flip_type(path: Path, source: str, rng: np.random.Generator) -> None:
    """A number is delivered as words."""
    table = tables.read(path, source)
    position = table.column_names.index("sessions")
    words = pc.binary_join_element_wise(
        pa.scalar("about "), tables.text(table.column("sessions")), pa.scalar("")
    )
    tables.write(table.set_column(position, "sessions", words), path, source)


def repeat_header(path: Path, source: str, rng: np.random.Generator) -> None:
    """The header is there again in the middle, as after joining two files."""
    lines = path.read_bytes().splitlines(keepends=True)
    lines.insert(len(lines) // 2, lines[0])
    path.write_bytes(b"".join(lines))


def truncate(path: Path, source: str, rng: np.random.Generator) -> None:
    """The transfer broke off at three fifths."""
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * 3 // 5])


def keep_header_only(path: Path, source: str, rng: np.random.Generator) -> None:
    """Not one row."""
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0])


def empty(path: Path, source: str, rng: np.random.Generator) -> None:
    """Not one byte."""
    path.write_bytes(b"")


def deliver_again(path: Path, source: str, rng: np.random.Generator) -> None:
    """The same file arrives once more: only its time has changed."""
    content, before = path.read_bytes(), path.stat().st_mtime_ns
    path.write_bytes(content)
    os.utime(path, ns=(before + 60 * 10**9, before + 60 * 10**9))


def deliver_renamed(path: Path, source: str, rng: np.random.Generator) -> None:
    """The same content under another name that the feed takes, too."""
    ending = FILES[source].ending
    shutil.copyfile(path, path.with_name(path.name.removesuffix(ending) + "_copy" + ending))


def change_delimiter(path: Path, source: str, rng: np.random.Generator) -> None:
    """Comma for semicolon."""
    path.write_bytes(path.read_bytes().replace(b";", b","))


def encode_latin(path: Path, source: str, rng: np.random.Generator) -> None:
    """Accented letters in an old encoding: not UTF-8 any more."""
    path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))


def add_byte_order_mark(path: Path, source: str, rng: np.random.Generator) -> None:
    """As a spreadsheet saves it."""
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
