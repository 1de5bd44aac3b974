"""What a run has to say at its end: rows left out, numbers changed, doubts, and what to do.

A step says its notices once it has done its work; they are kept in `state/notices/<step>.json`
until the next run begins, are shown at the end of `saydo run`, and go into the release they are of.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from saydo.durable import replace_json
from saydo.settings import Settings

log = logging.getLogger(__name__)

LATE = "late deliveries"  # the step that tells them

_COUNTED = re.compile(r"(\d[\d,]*) (.*)", re.DOTALL)


@dataclass(frozen=True)
class Notice:
    """One thing that a person should know of. Nothing of it names a person.

    `where` is a feed and file, a table or a model. `count` stands before `what`, as in 12 and `rows
    repeat a key`, and is null where nothing is counted. `advice` is empty where nothing is to do.
    """

    what: str
    where: str
    count: int | None = None
    advice: str = ""

    @property
    def text(self) -> str:
        """The notice as one line of a log."""
        counted = "" if self.count is None else f"{self.count:,} "
        return f"{self.where}: {counted}{self.what}" + (f"; {self.advice}" if self.advice else "")


def from_sentence(where: str, sentence: str) -> Notice:
    """A notice from `<count> <what>; <advice>`. Count and advice may be missing, and what stands
    after a line feed is advice whole, whatever marks it holds.
    """
    what, has_lines, advice = sentence.partition("\n")
    if not has_lines:
        what, _, advice = sentence.rpartition("; ") if "; " in sentence else (sentence, "", "")
    counted = _COUNTED.fullmatch(what)
    if counted is None:
        return Notice(what, where, None, advice)
    return Notice(counted[2], where, int(counted[1].replace(",", "")), advice)


def forget(settings: Settings) -> None:
    """Begin a run: what the run before had to say is over."""
    for file in _folder(settings).glob("*.json"):
        file.unlink(missing_ok=True)


def tell(settings: Settings, step: str, notices: Iterable[Notice]) -> list[Notice]:
    """Keep what a step has to say in place of what it said before, and log it.

    Args:
        settings: where the state is.
        step: names the step among those of a run, such as `land billing_ledger`.
        notices: all that the step has to say.
    """
    said = list(notices)
    for notice in said:
        log.warning("%s", notice.text)
    replace_json(_folder(settings) / f"{step}.json", [asdict(notice) for notice in said])
    return said


def told(settings: Settings) -> list[Notice]:
    """What the steps of the last run had to say, in the order in which they were done."""
    files = sorted(_folder(settings).glob("*.json"), key=lambda f: (f.stat().st_mtime_ns, f.name))
    return [notice for file in files for notice in told_by(settings, file.stem)]


def told_by(settings: Settings, step: str) -> list[Notice]:
    """What one step of the last run had to say."""
    file = _folder(settings) / f"{step}.json"
    if not file.is_file():
        return []
    return [Notice(**item) for item in json.loads(file.read_text("utf-8"))]


def _folder(settings: Settings) -> Path:
    return settings.state / "notices"
