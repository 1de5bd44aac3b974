"""JSON as a relation: one object a line, or an array of objects; its columns as text."""

from __future__ import annotations

from pathlib import Path

import duckdb

from saydo.config import Feed
from saydo.errors import ConfigError
from saydo.landing.json_lines import mend
from saydo.landing.relations import Relation, text_of, unreadable
from saydo.landing.unpacking import compression_of
from saydo.sql import literal

_LONGEST_OBJECT = 16 << 20


def json_relation(
    connection: duckdb.DuckDBPyConnection, feed: Feed, file: Path, file_name: str, start: bytes
) -> Relation:
    """Find the columns of JSON, and set aside the lines that are none. See `reader.relation`."""
    text = text_of(feed, file_name, start)
    layout = str(feed.options.get("format", "auto"))
    if layout not in ("auto", "array", "newline_delimited"):
        raise ConfigError(
            f"feeds.{feed.name}.options.format: must be auto, array or newline_delimited"
        )
    if layout == "auto":
        layout = "array" if text.lstrip().startswith("[") else "newline_delimited"
    longest = int(feed.options.get("maximum_object_size", _LONGEST_OBJECT))
    text_file = file if layout == "newline_delimited" else None
    set_aside: Path | None = None

    def read(file: Path) -> tuple[str, list[str]]:
        packed = compression_of(file).replace("none", "uncompressed")
        shared = (
            f"{literal(str(file))}, format = {literal(layout)}, compression = {literal(packed)}, "
            f"maximum_object_size = {longest}"
        )
        # The whole file is looked through: what only a late object names is a column, too.
        found = connection.execute(
            f"describe select * from read_json({shared}, records = true, sample_size = -1, "
            "maximum_depth = 1)"
        ).fetchall()
        return shared, [row[0] for row in found]

    try:
        shared, names = read(file)
    except (duckdb.InvalidInputException, duckdb.BinderException) as error:
        # One line that is no JSON stops the engine for all. Such lines are written aside, and what
        # is left is read.
        if "maximum_object_size" in str(error) or text_file is None:
            mended = None
        else:
            mended = mend(file, longest)
        if mended is None:
            raise unreadable(feed, file_name, error) from None
        file, set_aside = mended
        shared, names = read(file)
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return Relation(
        f"read_json({shared}, columns = {{{columns}}})",
        dict.fromkeys(names, "VARCHAR"),
        1,
        False,
        feed=feed.name,
        text_file=text_file,
        set_aside=set_aside,
    )
