"""A delivered file as the engine can open it: a workbook's sheet as text, any other as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from saydo.config import Feed
from saydo.engine import spill_folder
from saydo.landing.encodings import readable
from saydo.landing.workbooks import write_text
from saydo.settings import Settings

_SAMPLE_BYTES = 100 << 20


@contextmanager
def readable_delivery(
    settings: Settings, feed: Feed, file: Path, file_name: str, sample_rows: int | None = None
) -> Iterator[tuple[Path, int | None]]:
    """The delivered file for the engine, in a private folder that goes with it.

    Args:
        settings: the home, in whose tmp/ it is.
        feed: its format and encoding.
        file: as delivered.
        file_name: its name below landing/.
        sample_rows: where it is copied, of a workbook no more than so many rows, of a text no more
            than 100 MB.

    Yields:
        The path, and the line feeds in it where the text was copied.

    Raises:
        ConfigError: there is no such encoding.
        DeliveryRefused: it is no workbook, or has not the sheet that the feed means.
        Damaged: the file cannot be unpacked.
    """
    if feed.format == "xlsx":
        with spill_folder(settings) as folder:
            target = folder / "delivered.data"
            write_text(feed, file, file_name, target, sample_rows)
            yield target, 0
    else:
        most = None if sample_rows is None else _SAMPLE_BYTES
        with readable(settings, feed, file, most) as found:
            yield found
