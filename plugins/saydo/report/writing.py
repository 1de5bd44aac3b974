"""Write the report page into a release."""

from __future__ import annotations

import logging
from pathlib import Path

from saydo.durable import replace_text
from saydo.engine import open_database
from saydo.release import headline, read_manifest, release_dir
from saydo.release.database import DATABASE
from saydo.report.circles import CIRCLES
from saydo.report.data_map import read_map, render_map
from saydo.report.page import Content, render_report
from saydo.report.section import tell
from saydo.report.sections import READINESS, SECTIONS
from saydo.report.stake import STAKE
from saydo.settings import Settings

log = logging.getLogger(__name__)


def write_report(settings: Settings, release_id: str) -> Path:
    """Make report/index.html of a release and, beside it, data_map.html: nothing is loaded by them.

    They depend on the release only; writing them again replaces each in one step.

    Raises:
        ConfigError: there is no such release.
    """
    folder = release_dir(settings, release_id)
    headlines = headline(settings, release_id)
    with open_database(settings, folder / DATABASE, read_only=True) as connection:
        told = [tell(connection, section) for section in SECTIONS]
        data_map = read_map(connection)
        content = Content(
            manifest=read_manifest(settings, release_id),
            headlines=headlines,
            sections=[section for section in told if section],
            readiness=tell(connection, READINESS),
            has_docs=(folder / "docs" / "index.html").is_file(),
            has_map=data_map is not None,
        )
    if data_map is not None:
        replace_text(folder / "report" / "data_map.html", render_map(content.manifest, data_map))
    target = folder / "report" / "index.html"
    replace_text(target, render_report(content))
    log.info("wrote the report of %s", release_id)
    return target


def best_bet(settings: Settings, release_id: str) -> str | None:
    """Which bet is proven by most, in words; None where nobody bets.

    Raises:
        ConfigError: there is no such release.
    """
    file = release_dir(settings, release_id) / DATABASE
    with open_database(settings, file, read_only=True) as connection:
        told = tell(connection, CIRCLES)
    return told.sentences[0] if told else None


def most_at_stake(settings: Settings, release_id: str) -> str:
    """What the report begins with: whose change moves the most money, or why that is not known.

    Raises:
        ConfigError: there is no such release.
    """
    file = release_dir(settings, release_id) / DATABASE
    with open_database(settings, file, read_only=True) as connection:
        return tell(connection, STAKE).sentences[0]
