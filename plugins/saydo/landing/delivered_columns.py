"""Whether a delivered file has the columns that its feed's mapping reads."""

from __future__ import annotations

import re
from difflib import get_close_matches

from saydo.config import Feed
from saydo.landing.expressions import Expression
from saydo.landing.mapping import PLACES
from saydo.landing.relations import Relation, refusal

_LIKE_A_VALUE = re.compile(r"[@\n\r]|[0-9]{5}")  # values may be personal: no message quotes them


def check_columns(
    feed: Feed, file_name: str, relation: Relation, parsed: dict[str, Expression]
) -> None:
    """Refuse a file that lacks a column which the mapping reads.

    Raises:
        DeliveryRefused: names the column, what needs it, and what the file has instead.
    """
    known = {name.lower() for name in relation.types} | {*PLACES}
    for canonical, expression in parsed.items():
        for name in expression.columns:
            if name.lower() in known:
                continue
            near = get_close_matches(name, relation.types, 1, cutoff=0.6)
            hint = f" (did it become {near[0]!r}?)" if near else ""
            if feed.unpivot and name.lower() in map(str.lower, relation.file_types):
                hint = f" as a column of its own: it is unpivoted, and read as {feed.unpivot.value}"
            raise refusal(
                feed,
                file_name,
                f"the column {name!r}, which {canonical} is made of, is not there{hint}; the file "
                f"has {len(relation.types)}: {_shortened(list(relation.types))}"
                f"{_delimiter(feed, relation)}",
                f"deliver it again, or change feeds.{feed.name}.columns.{canonical}",
            )


def _shortened(names: list[str], most: int = 30) -> str:
    if any(_LIKE_A_VALUE.search(name) for name in names):
        return "what looks like the values of a row (is the header line missing?)"
    shown = ", ".join(name[:60] for name in names[:most])
    return shown + (", …" if len(names) > most else "")


def _delimiter(feed: Feed, relation: Relation) -> str:
    """A hint when the one column found is a whole line in another delimiter."""
    if feed.format != "csv" or len(relation.types) > 1:
        return ""
    only = next(iter(relation.types))
    used = feed.options.get("delim", ",")
    other = [mark for mark in (";", "\t", "|", ",") if mark in only and mark != used]
    return (
        f" (wrong delimiter? The header looks as if {other[0]!r} parts it, not {used!r}; "
        f"see feeds.{feed.name}.options.delim)"
        if other
        else ""
    )
