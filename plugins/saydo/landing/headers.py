"""Header rows of a delivered table: the first names the columns, the next hold their texts."""

from __future__ import annotations

from collections import Counter

from saydo.config import Feed
from saydo.landing.relations import refusal

_LONGEST_LABEL = 500
_IMPORT_ID = '{"ImportId"'  # a row of a survey tool's own ids, which say nothing to a reader


def check_names(feed: Feed, file_name: str, names: list[str]) -> list[str]:
    """The columns by the names that their header row gives: `column3` where it gives none.

    Raises:
        DeliveryRefused: two columns have one name.
    """
    names = [name or f"column{i}" for i, name in enumerate(names, 1)]
    times = Counter(name.lower() for name in names)
    if twice := sorted(name for name, count in times.items() if count > 1):
        raise refusal(
            feed,
            file_name,
            f"its header names a column twice: {', '.join(twice)}",
            "deliver it with each column named once",
        )
    return names


def check_head(feed: Feed, file_name: str, rows: list[list[str]]) -> None:
    """Refuse header rows that are fewer than the feed says, or of several widths.

    Raises:
        DeliveryRefused: names the row and both widths.
    """
    if feed.header_rows == 1 or not rows:
        return
    advice = f"deliver it again, or change feeds.{feed.name}.header_rows"
    if len(rows) < feed.header_rows:
        what = f"it has {len(rows)} of the {feed.header_rows} header rows that its feed gives"
        raise refusal(feed, file_name, what, advice)
    width = len(rows[0])
    for number, row in enumerate(rows[1:], 2):
        if len(row) != width:
            what = f"its header row {number} has {len(row)} columns and the first has {width}"
            raise refusal(feed, file_name, what, advice)


def labels_of(names: list[str], rows: list[list[str]]) -> dict[str, str]:
    """The text that the rows below the first give each column; rows of import ids have none.

    A text that several columns share, as `Response` is, and one below a heading of several columns
    say too little alone: the heading goes before it.
    """
    texts = [row for row in rows[1:] if not any(cell.startswith(_IMPORT_ID) for cell in row)]
    if not texts:
        return {}
    times = Counter(cell for cell in texts[0])
    labels, heading = {}, ""
    for number, (name, text) in enumerate(zip(names, texts[0], strict=False)):
        written = rows[0][number]
        heading = written or heading
        is_group = not written or (number + 1 < len(names) and not rows[0][number + 1])
        if text:
            is_part = heading and (is_group or times[text] > 1)
            label = " ".join((f"{heading} - {text}" if is_part else text).split())
            labels[name] = label[:_LONGEST_LABEL]
    return labels
