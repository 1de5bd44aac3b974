"""`saydo feeds draft`: a first feeds.yml, from the files themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from saydo.cli.app import Home, err, settings_of
from saydo.cli.data import feeds_app
from saydo.errors import ConfigError, DeliveryRefused


@feeds_app.command(
    epilog="Example: saydo feeds draft home/landing/*.csv --out config/feeds.yml --home home"
)
def draft(
    files: Annotated[list[Path], typer.Argument(help="Delivered files, best all of them at once.")],
    to: Annotated[
        Path | None, typer.Option("--out", help="Write it there. Default: print it.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace the file of --out.")] = False,
    home: Home = None,
) -> None:
    """Look at delivered files and draft a feeds.yml, with a comment on each guess."""
    from saydo.draft import doubts_of, draft_feeds, to_yaml
    from saydo.durable import replace_text

    if to is not None and to.exists() and not force:
        raise ConfigError(f"{to} exists; give another --out, or --force to replace it")
    landing = settings_of(home).landing.resolve()
    names = [(file, _name_of(file, landing)) for file in files]
    with err.status("reading") as status:
        made = draft_feeds(names, lambda name: status.update(f"reading {escape(name)}"))
    if made.feeds or made.left:
        text = to_yaml(made)
        if to is None:
            typer.echo(text, nl=False)
        else:
            replace_text(to, text)
    outside = [name for file, name in names if not file.resolve().is_relative_to(landing)]
    doubts = doubts_of(made)
    told = [
        f"{len(made.feeds)} feeds of {len(made.tables)} files or sheets; "
        f"{len(doubts['sure'])} expressions are sure."
    ]
    for mark, words in (("look", "To look at"), ("guess", "Guessed"), ("missing", "To be given")):
        if doubts[mark]:
            told.append(f"{words} ({len(doubts[mark])}): {', '.join(doubts[mark])}")
    told += [f"{table.path} fills no canonical table." for table in made.left]
    if outside:
        told.append(f"{len(outside)} files are not in landing/ yet; put the files there: {landing}")
    where = f" --home {home}" if home else ""
    if made.feeds:
        told.append(f"Read the comments, then: saydo feeds check --feeds {to or 'FILE'}{where}")
    for line in told:
        err.print(line, highlight=False, soft_wrap=True, markup=False)
    if made.findings:
        faults = "\n".join(f"  {name}: {what}" for name, what in made.findings)
        raise DeliveryRefused(f"{len(made.findings)} files could not be drafted:\n{faults}")


def _name_of(file: Path, landing: Path) -> str:
    """The file's name below landing/, or its own where it is not there yet."""
    found = file.resolve()
    return found.relative_to(landing).as_posix() if found.is_relative_to(landing) else file.name
