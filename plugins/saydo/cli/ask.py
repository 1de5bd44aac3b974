"""Commands that ask the current release: saydo sql, and the tools of saydo mcp."""

from __future__ import annotations

import itertools
import sys
from pathlib import Path
from typing import Annotated

import typer

from saydo.cli.app import FeedsFile, Home, app, err, settings_of
from saydo.cli.printing import AsCsv, AsJson, print_csv, print_json, print_table
from saydo.errors import ConfigError

_SHOWN_ROWS = 1000


@app.command(
    epilog="Examples: saydo sql \"select * from metrics_daily where metric_code = 'mrr'\" · "
    "saydo sql --file question.sql --csv > answer.csv · saydo sql - < question.sql\n\n"
    "Exit codes: 0 answered, 2 the SQL is wrong, 3 it would do more than read, or takes too much."
)
def sql(
    query: Annotated[
        str | None, typer.Argument(help="One select; `-` reads it from standard input.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Read the select from this file.")] = None,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
    limit: Annotated[
        int | None, typer.Option(min=1, help="At most so many rows. Default: 1000 in a table.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Stop a query that takes longer.")] = 300,
    home: Home = None,
) -> None:
    """Ask the current release in SQL: read only, without files, network or extensions."""
    from saydo.serve.ask.reading import Limits, asked

    if as_json and as_csv:
        raise ConfigError("give --json or --csv, not both")
    is_table = not (as_json or as_csv)
    limits = Limits(limit or (_SHOWN_ROWS if is_table else None), seconds)
    with asked(settings_of(home), _text(query, file), limits=limits) as answer:
        if as_json:
            _check_names(answer.columns)
            print_json(dict(zip(answer.columns, row, strict=True)) for row in answer.rows())
        elif as_csv:
            print_csv(answer.columns, answer.rows())
        else:
            print_table(answer.columns, list(answer.rows()), is_wide=True)
    if answer.is_cut:
        err.print(f"only the first {limits.row_count:,} rows; --limit gives more", highlight=False)


def _text(query: str | None, file: Path | None) -> str:
    if (query is None) == (file is None):
        raise ConfigError("give one query: as an argument, with --file, or - for standard input")
    if file is None:
        return sys.stdin.read() if query == "-" else str(query)
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} cannot be read as text: {error}") from None


def _check_names(columns: tuple[str, ...]) -> None:
    """An object has a name once: of two columns that share one, the first would be lost."""
    twice = [name for name, same in itertools.groupby(sorted(columns)) if len(list(same)) > 1]
    if twice:
        raise ConfigError(f"several columns are called {', '.join(twice)}; name them with `as`")


@app.command(
    epilog="Example: saydo mcp --home home (an MCP client starts it; docs/ask.md shows how)"
)
def mcp(
    limit: Annotated[int, typer.Option(min=1, help="The most rows of an answer.")] = 1000,
    seconds: Annotated[float, typer.Option(min=0.1, help="Stop a query that takes longer.")] = 30,
    home: Home = None,
    feeds: FeedsFile = None,
) -> None:
    """Serve the current release to an MCP client, over standard input and output."""
    from saydo.serve.ask.tools import server

    server(settings_of(home, feeds), limit, seconds).run("stdio")
