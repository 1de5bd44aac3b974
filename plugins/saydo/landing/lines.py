"""Line numbers as an editor shows them: of rows, and of the lines the reader set aside.

Rows are numbered by their order in the file. That is their line unless lines are blank, set aside
or inside quotes; then the shifts are found by one scan over the file's lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from saydo.landing.reader import Relation, compression_of, open_plain

# A quote left open swallows the lines after it: each of them is a line of its own again.
_SET_ASIDE = """
create temp table set_aside as
with marks as (
    select chr(10) || chr(13) as ends
),
errors as (
    select
        line_byte_position as position,
        any_value(column_name order by byte_position, column_idx, error_type) as column_name,
        lower(any_value(error_type order by byte_position, column_idx, error_type)::varchar)
            as error,
        trim(any_value(csv_line), any_value(ends)) as text,
        any_value(length(csv_line) - length(ltrim(csv_line, ends))) as blank,
        min(line) as record
    from reject_errors, marks
    group by line_byte_position
)
select *, error = 'unquoted value' and contains(text, chr(10)) as is_open from errors
"""
_REJECTED = """
create temp table rejected_lines as
select
    cast(first_line + part - 1 as bigint) as line,
    column_name,
    error,
    case
        when is_open then trim(string_split(text, chr(10))[part], chr(13))
        else text
    end as raw_text
from (
    select
        *,
        unnest(generate_series(
            1, case when is_open then len(string_split(text, chr(10))) else 1 end
        )) as part
    from placed
)
where not is_open or trim(string_split(text, chr(10))[part], ' ' || chr(13)) <> ''
"""


def set_aside(connection: duckdb.DuckDBPyConnection, relation: Relation) -> None:
    """Fill `rejected_lines` with what could not be split into columns, numbered by record."""
    if relation.has_rejects and relation.line_column:
        return  # they were, when the lines were numbered
    if not relation.has_rejects:
        connection.execute(
            "create or replace temp table rejected_lines (line bigint, column_name varchar, "
            "error varchar, raw_text varchar)"
        )
        connection.execute(
            "create or replace temp table line_shifts (first_row bigint, shift bigint)"
        )
        return
    connection.execute(_SET_ASIDE)
    connection.execute("create temp table placed as select *, record as first_line from set_aside")
    connection.execute(_REJECTED)
    connection.execute(
        f"create temp table line_shifts as select greatest(line - k - {relation.first_line}, 0) "
        "as first_row, "
        "max(k + 1) as shift from (select line, row_number() over (order by line) - 1 as k "
        "from rejected_lines) group by all"
    )


def number_lines(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    file: Path,
    newlines: int,
    table: str = "staged",
) -> None:
    """Correct the numbers where records and lines differ.

    Args:
        connection: holds the table and, after `set_aside`, `rejected_lines` and `line_shifts`.
        relation: the CSV.
        file: its path.
        newlines: line feeds in its plain content.
        table: holds the file's records in order.
    """
    if relation.line_column:
        return
    (rows,) = connection.execute(f"select count(*) from {table}").fetchone()
    (lines,) = connection.execute("select count(*) from rejected_lines").fetchone()
    records = rows + lines + relation.first_line - 1
    if newlines - records in (0, -1) or newlines == 0 or relation.csv is None:
        return
    aside: list[tuple[int, int]] = []
    if relation.has_rejects:
        aside = connection.execute(
            "select position + blank, length(text) - length(replace(text, chr(10), '')) + 1 "
            "from set_aside order by position"
        ).fetchall()
    quote, escape = (relation.csv[1][key].strip("'") for key in ("quote", "escape"))
    placed: list[int] = []
    shifts: list[tuple[int, int]] = []
    row = shift = 0
    for line, is_aside in _record_lines(file, aside, quote.encode(), escape.encode()):
        if is_aside:
            placed.append(line)
        elif line >= relation.first_line:
            if line - relation.first_line - row != shift:
                shift = line - relation.first_line - row
                shifts.append((row, shift))
            row += 1
    connection.execute("delete from line_shifts")
    if shifts:
        connection.execute(
            "insert into line_shifts select unnest($rows), unnest($shifts)",
            {"rows": [s[0] for s in shifts], "shifts": [s[1] for s in shifts]},
        )
    if placed and len(placed) == len(aside):
        connection.execute("drop table rejected_lines")
        connection.execute("drop table placed")
        connection.execute(
            "create temp table placed as select numbered.*, lines.line as first_line from "
            "(select *, row_number() over (order by position) as number from set_aside) "
            "as numbered join (select unnest($lines) as line, "
            "generate_subscripts($lines, 1) as number) as lines using (number)",
            {"lines": placed},
        )
        connection.execute(_REJECTED)


def _record_lines(
    file: Path, aside: list[tuple[int, int]], quote: bytes, escape: bytes
) -> Iterator[tuple[int, bool]]:
    """(line, whether it was set aside) of every record's first line, the header's included."""
    waiting = iter(aside)
    position, length = next(waiting, (-1, 0))
    here, skip, is_open = 0, 0, False
    with open_plain(file, compression_of(file)) as stream:
        for number, line in enumerate(stream, 1):
            start, here = here, here + len(line)
            if skip:
                skip -= 1
                continue
            if position >= 0 and start <= position < here:
                yield number, True
                skip, is_open = length - 1, False
                position, length = next(waiting, (-1, 0))
                continue
            if not is_open:
                if not line.strip(b"\r\n"):
                    continue
                yield number, False
            if quote:
                marks = line.count(quote)
                if escape and escape != quote:
                    marks -= line.count(escape + quote)
                is_open ^= bool(marks % 2)
