"""A draft as the text of a feeds.yml, each doubt as a comment beside what it is about."""

from __future__ import annotations

from typing import Any

import yaml

from saydo.draft.drafting import Draft
from saydo.draft.feeds import DraftFeed, reads
from saydo.draft.guesses import Guess
from saydo.draft.sample import MOST_BYTES, MOST_ROWS
from saydo.draft.table import Table

_WIDTH = 120
TO_DO = "TO" + "DO"  # the word that editors look for
_MARKS = {"look": "", "guess": "GUESS: ", "missing": f"{TO_DO}: "}
_HEAD = f"""\
# By `saydo feeds draft`, from the first {MOST_ROWS:,} rows ({MOST_BYTES >> 20} MB) of each file.
# What has no comment followed from names and values alike. GUESS is what nothing in the files says;
# {TO_DO} has to be given. Then: `saydo feeds check`.
"""


def to_yaml(draft: Draft) -> str:
    """The text of feeds.yml. The same draft gives the same text."""
    lines = [_HEAD, *_business(draft), ""]
    if draft.questions:
        lines.append("# What each question asks decides what its answers count for.")
        lines.append("questions:")
        lines += [
            _entry(2, name, guess, is_yaml=True) for name, guess in sorted(draft.questions.items())
        ]
        lines.append("")
    if draft.identifier_types:
        lines.append("identifier_types:")
        lines += [
            _entry(2, n, guess, is_yaml=True) for n, guess in sorted(draft.identifier_types.items())
        ]
        lines.append("")
    if draft.measures:
        lines.append("measures:")
        lines += [
            f"  - {guess.sql}  # {guess.doubt}" for _, guess in sorted(draft.measures.items())
        ]
        lines.append("")
    lines.append("feeds:" if draft.feeds else "feeds: []")
    for feed in draft.feeds:
        lines += [*_feed(feed, draft.feeds), ""]
    for table in draft.left:
        lines += [
            f"# {table.path}: fills no canonical table by its names and values.",
            *_unread(table, [], ""),
        ]
    return "\n".join(lines).rstrip() + "\n"


def doubts_of(draft: Draft) -> dict[str, list[str]]:
    """The places of the expressions that are sure (`sure`), and of those with each mark."""
    found: dict[str, list[str]] = {mark: [] for mark in ("sure", "look", "guess", "missing")}
    for feed in draft.feeds:
        for name, guess in (*feed.settings.items(), *feed.columns.items()):
            if isinstance(guess, Guess):
                found[guess.mark or "sure"].append(f"{feed.name}.{name}")
    return found


def _business(draft: Draft) -> list[str]:
    zone = "the files' times name no zone: where do they tick?" if draft.has_naive_times else ""
    lines = ["business:", _entry(2, "timezone", Guess("UTC", zone, "guess" if zone else ""))]
    currency = draft.currency or Guess("'EUR'")
    code = Guess(currency.sql.strip("'"), currency.doubt, currency.mark)
    lines.append(_entry(2, "reporting_currency", code))
    if draft.country and draft.country.sql:
        lines.append(_entry(2, "country", draft.country))
    elif draft.country:
        lines.append(
            "  # country: GB  # telephone numbers here name no country: say which they are of"
        )
    lines.append("  as_of: latest")
    return lines


def _feed(feed: DraftFeed, feeds: list[DraftFeed]) -> list[str]:
    sample = feed.table.first
    lines = [f"  # {remark}" for remark in feed.remarks]
    lines.append(f"  - name: {feed.name}")
    lines.append(f"    source: {feed.source}")
    lines.append(f"    path: {_scalar(feed.table.path)}")
    lines.append(f"    format: {sample.format}")
    settings = dict(feed.settings)
    more = settings.pop("options", None)
    options = sample.options | (more.sql if isinstance(more, Guess) else {})  # type: ignore[operator]
    if options:
        told = f"  # {more.doubt}" if isinstance(more, Guess) and more.doubt else ""
        lines.append(f"    options: {_flow(options)}{told}")
    if sample.header_rows > 1:
        lines.append(f"    header_rows: {sample.header_rows}")
    if feed.table.steps:
        steps = [{"column": step.column, "as": step.name} for step in feed.table.steps]
        lines.append(f"    unnest: {_flow(steps[0] if len(steps) == 1 else steps)}")
    for name, value in settings.items():
        lines.append(
            _entry(4, name, value) if isinstance(value, Guess) else f"    {name}: {_flow(value)}"
        )
    lines.append("    columns:")
    mine = [other for other in feeds if other.table is feed.table]
    lines += [
        _once(mine, feed, name, _entry(6, name, guess)) for name, guess in feed.columns.items()
    ]
    return lines + (_unread(feed.table, mine, "      ") if feed is mine[-1] else [])


def _once(mine: list[DraftFeed], feed: DraftFeed, name: str, line: str) -> str:
    """A day that several feeds of a file lack is given once: the others refer to it."""
    guess = feed.columns[name]
    lacking = [other for other in mine if guess in other.columns.values()]
    if guess.mark != "missing" or guess.sql != "null" or len(lacking) < 2:
        return line
    anchor = f"{lacking[0].name}_{name}"
    if feed is lacking[0]:
        return line.replace(": 'null'", f": &{anchor} 'null'", 1)
    first = next(n for n, other in lacking[0].columns.items() if other == guess)
    return f"      {name}: *{lacking[0].name}_{first}"


def _unread(table: Table, feeds: list[DraftFeed], indent: str) -> list[str]:
    """The file's columns that no feed reads, beside the last of its feeds."""
    names = [c.name for c in table.columns if not any(reads(feed, c) for feed in feeds)]
    if not names:
        return []
    lines, line = [], f"{indent}# Not read: "
    for place, name in enumerate(names):
        part = " ".join(name.split()) + (", " if place + 1 < len(names) else "")
        if len(line) + len(part) > 110 and not line.endswith("# "):
            lines.append(line.rstrip())
            line = f"{indent}#   "
        line += part
    return [*lines, line]


def _entry(indent: int, name: str, guess: Guess, *, is_yaml: bool = False) -> str:
    value = guess.sql if is_yaml else _scalar(guess.sql)
    comment = ""
    if guess.mark and guess.doubt:
        comment = f"  # {_MARKS[guess.mark]}{' '.join(guess.doubt.split())}"
    line = f"{' ' * indent}{_scalar(name)}: {value}"
    if comment and len(line) + len(comment) > _WIDTH:  # above, where it can be read
        return f"{' ' * indent}{comment.strip()}\n{line}"
    return line + comment


def _scalar(text: str) -> str:
    """A text as YAML writes it on one line; a number as a text."""
    if text.startswith("'") and not set('"\\') & set(text) and text.isprintable():
        return f'"{text}"'  # a constant of SQL, as people write it
    return yaml.safe_dump([text], width=float("inf"), allow_unicode=True)[2:].rstrip("\n")


def _flow(value: Any) -> str:
    flow = yaml.safe_dump(
        value, default_flow_style=True, width=float("inf"), allow_unicode=True, sort_keys=False
    )
    return flow.strip()
