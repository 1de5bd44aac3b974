"""Line numbers as an editor shows them: of rows, and of the lines the reader set aside.

Rows are numbered by their order in the file. That is their line unless lines are blank, set aside
or inside quotes; then the shifts are found by one scan over the file's lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from saydo.landing.encodings import advice, file_looks_like
from saydo.landing.relations import Relation
from saydo.landing.unpacking import open_plain
from saydo.sql import literal

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
    if relation.line_column and (relation.has_rejects or relation.set_aside):
        return  # they were, when the lines were numbered
    if relation.has_rejects:
        connection.execute(_SET_ASIDE)
        _advise(connection, relation, "set_aside")
        connection.execute(
            f"create temp table placed as select *, record + {relation.line_shift} as first_line "
            "from set_aside"
        )
        connection.execute(_REJECTED)
    elif relation.set_aside:
        longest = min(max(16 << 20, relation.set_aside.stat().st_size), 100 << 20)
        connection.execute(
            "create temp table rejected_lines as select line, null::varchar as column_name, error, "
            f"raw_text from read_json({literal(str(relation.set_aside))}, "
            f"format = 'newline_delimited', maximum_object_size = {longest}, "
            "columns = {'line': 'BIGINT', 'error': 'VARCHAR', 'raw_text': 'VARCHAR'})"
        )
        _advise(connection, relation, "rejected_lines")
    else:
        connection.execute(
            "create or replace temp table rejected_lines (line bigint, column_name varchar, "
            "error varchar, raw_text varchar)"
        )
    connection.execute(
        "create or replace temp table line_shifts as "
        f"select greatest(line - k - {relation.first_line}, 0) "
        "as first_row, "
        "max(k + 1) as shift from (select line, row_number() over (order by line) - 1 as k "
        "from rejected_lines) group by all"
    )


def _advise(connection: duckdb.DuckDBPyConnection, relation: Relation, table: str) -> None:
    """Say of lines that are no UTF-8 what they look like; the file is looked at only then."""
    wrong = f"from {table} where error = 'invalid encoding' limit 1"
    if relation.text_file is None or not connection.execute(f"select 1 {wrong}").fetchone():
        return
    seen = file_looks_like(relation.text_file)
    told = f": {advice(relation.feed, seen)}" if seen else ""
    connection.execute(
        f"update {table} set error = error || {literal(told)} where error = 'invalid encoding'"
    )


def number_lines(
    connection: duckdb.DuckDBPyConnection,
    relation: Relation,
    file: Path,
    newlines: int,
    table: str = "staged",
) -> bool:
    """Correct the numbers where records and lines differ.

    Args:
        connection: holds the table and, after `set_aside`, `rejected_lines` and `line_shifts`.
        relation: the CSV.
        file: its path.
        newlines: line feeds in its plain content.
        table: holds the file's records in order.

    Returns:
        Whether every record of the file was read or set aside, as far as one can see.
    """
    if relation.line_column:
        return True
    (rows,) = connection.execute(f"select count(*) from {table}").fetchone()
    (lines,) = connection.execute("select count(*) from rejected_lines").fetchone()
    records = rows + lines + relation.first_line - 1
    # As many line feeds as records, but perhaps for the last one: every record is one line, and its
    # order is its number. Without any line feed there is nothing to count.
    if newlines - records in (0, -1) or newlines == 0:
        return True
    if relation.csv is None:
        if relation.text_file:
            _number_json(connection, relation, file)
        return True
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
            # Kept only where it changes: most files have few such places, and a table of every row
            # would cost more than the rows.
            if line - relation.first_line - row != shift:
                shift = line - relation.first_line - row
                shifts.append((row, shift))
            row += 1
    _shift(connection, shifts)
    # Rows read and lines counted must agree, or the reader lost some. Where lines set aside could
    # not be found again, or comments are no rows, there is nothing to compare.
    is_whole = row == rows or len(placed) != len(aside) or "comment" in relation.csv[1]
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
    return is_whole


def _number_json(connection: duckdb.DuckDBPyConnection, relation: Relation, file: Path) -> None:
    """One object a line: rows are the lines that are neither blank nor set aside."""
    lines = connection.execute("select line from rejected_lines").fetchall()
    aside = {line for (line,) in lines}
    shifts: list[tuple[int, int]] = []
    row = shift = 0
    with open_plain(file) as stream:
        for number, line in enumerate(stream, 1):
            if number in aside or not line.strip():
                continue
            if number - relation.first_line - row != shift:
                shift = number - relation.first_line - row
                shifts.append((row, shift))
            row += 1
    _shift(connection, shifts)


def _shift(connection: duckdb.DuckDBPyConnection, shifts: list[tuple[int, int]]) -> None:
    connection.execute("delete from line_shifts")
    if shifts:
        connection.execute(
            "insert into line_shifts select unnest($rows), unnest($shifts)",
            {"rows": [s[0] for s in shifts], "shifts": [s[1] for s in shifts]},
        )


def _record_lines(
    file: Path, aside: list[tuple[int, int]], quote: bytes, escape: bytes
) -> Iterator[tuple[int, bool]]:
    """(line, whether it was set aside) of every record's first line, the header's included."""
    waiting = iter(aside)
    position, length = next(waiting, (-1, 0))
    here, skip, is_open = 0, 0, False
    with open_plain(file) as stream:
        for number, line in enumerate(stream, 1):
            start, here = here, here + len(line)
            # The further lines of a record that was set aside begin no record.
            if skip:
                skip -= 1
                continue
            if position >= 0 and start <= position < here:
                yield number, True
                skip, is_open = length - 1, False
                position, length = next(waiting, (-1, 0))
                continue
            # Inside quotes a line goes on with the record before; a blank one elsewhere is no
            # record.
            if not is_open:
                if not line.strip(b"\r\n"):
                    continue
                yield number, False
            if quote:
                # An odd number of quotes opens a field or closes one. Doubled quotes are two, and
                # change nothing; one behind an escape sign is part of the text.
                marks = line.count(quote)
                if escape and escape != quote:
                    marks -= line.count(escape + quote)
                is_open ^= bool(marks % 2)
